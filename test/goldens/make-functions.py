#!/usr/bin/env python3
"""Makes functions.json: arguments and values of the transcendental functions, computed with mpmath (Debian's
python3-mpmath) at 700 digits where arguments are large. Each value is two doubles, the second the error of the
first. Usage: python3 test/goldens/make-functions.py > test/goldens/functions.json"""
import base64
import json
import math
import random
import struct
from mpmath import mp, mpf
import mpmath

mp.prec = 1400
random.seed(20240229)


def spread(low, high, n, negative=True):
    """Random numbers whose exponents are evenly spread."""
    values = []
    for _ in range(n):
        x = random.uniform(1, 2) * 2.0 ** random.uniform(low, high)
        values.append(-x if negative and random.random() < 0.5 else x)
    return values


def between(low, high, n):
    return [random.uniform(low, high) for _ in range(n)]


def around(*points):
    """Numbers at which another way begins, and their neighbours."""
    return [x for point in points for x in (math.nextafter(point, -math.inf), point, math.nextafter(point, math.inf))]


half = mpf(1) / 2
ln2 = math.log(2)
turns = [k * math.pi / 2 for k in (1, 2, 3, 4, 5, 1000, 683565275)]
logarithmic = around(2.0 ** -1022, math.sqrt(0.5), math.sqrt(2), 2 * math.sqrt(2), 1.0, 5e-324, 2.0 ** 1000) + [1.7976931348623157e308]
unary = {
    'exp': (mpmath.exp, between(-745, 709, 80) + spread(-60, 2, 40) + [709.782712893384, -745.1, -708.4] + around(708.0, -708.0, -744.5, *((k + 0.5) * ln2 for k in (-1000, -2, -1, 0, 1, 2, 1000)))),
    'exp2': (lambda x: mpf(2) ** x, between(-1074, 1023, 60) + spread(-60, 2, 40) + [3.0, -1074.0] + around(1021.0, -1021.0, -1074.5, 0.5, -0.5, 1.5, 1022.5)),
    'expm1': (mpmath.expm1, between(-40, 700, 60) + spread(-60, 1, 60) + between(-1, 1, 40) + around(-37.5, 0.5 * ln2, -0.5 * ln2, 1.5 * ln2, -1.5 * ln2, 708.0)),
    'log': (mpmath.log, spread(-1074, 1023, 60, False) + between(0.5, 2, 60) + [1 + 2.0 ** -52, 1 - 2.0 ** -53, 5e-324] + logarithmic),
    'log2': (lambda x: mpmath.log(x) / mpmath.log(2), spread(-1074, 1023, 60, False) + between(0.5, 2, 60) + [8.0, 1 + 2.0 ** -52] + logarithmic),
    'log10': (mpmath.log10, spread(-1074, 1023, 60, False) + between(0.5, 2, 60) + [1000.0, 1 + 2.0 ** -52] + logarithmic),
    'log1p': (mpmath.log1p, spread(-60, 1023, 60, False) + between(-0.999, 1, 60) + spread(-60, -2, 40) + around(-0.5, math.sqrt(2) - 1, math.sqrt(0.5) - 1, 2.0 ** -53, 2.0 ** 1000, 1e308)),
    'sin': (mpmath.sin, spread(-20, 19, 60) + spread(20, 1023, 60) + between(-7, 7, 60) + [6381956970095103.0 * 2.0 ** 797, math.pi, 1e22] + around(2.0 ** 30, -(2.0 ** 30), math.pi / 4, 3 * math.pi / 4, *turns)),
    'cos': (mpmath.cos, spread(-20, 19, 60) + spread(20, 1023, 60) + between(-7, 7, 60) + [6381956970095103.0 * 2.0 ** 797, math.pi / 2, 1e22] + around(2.0 ** 30, -(2.0 ** 30), math.pi / 4, 3 * math.pi / 4, *turns)),
    'tan': (mpmath.tan, spread(-20, 19, 60) + spread(20, 1023, 60) + between(-7, 7, 60) + [math.pi / 2, 1e22] + around(2.0 ** 30, -(2.0 ** 30), math.pi / 4, 3 * math.pi / 4, *turns)),
    'asin': (mpmath.asin, between(-1, 1, 120) + spread(-40, -1, 40) + [1.0, 1 - 2.0 ** -53, 0.5] + around(0.5, -0.5)),
    'acos': (mpmath.acos, between(-1, 1, 120) + spread(-40, -1, 40) + [1 - 2.0 ** -53, -1 + 2.0 ** -53, 0.5, -0.5, -1.0] + around(0.5, -0.5)),
    'atan': (mpmath.atan, spread(-40, 100, 60) + between(-3, 3, 100) + around(math.sqrt(2) - 1, math.sqrt(2) + 1, 1.0, 2.0 ** 60)),
    'sinh': (mpmath.sinh, between(-710, 710, 40) + between(-23, 23, 80) + spread(-40, 0, 40) + around(22.0, 710.4, 0.5 * ln2, 1.5 * ln2, 2.0 ** -28)),
    'cosh': (mpmath.cosh, between(-710, 710, 40) + between(-23, 23, 80) + spread(-40, 0, 40) + around(22.0, 710.4, 0.5 * ln2, 1.5 * ln2, 2.0 ** -28)),
    'tanh': (mpmath.tanh, between(-23, 23, 80) + spread(-40, 0, 60) + between(-2, 2, 60) + around(22.0, 0.25 * ln2, 0.75 * ln2, 2.0 ** -28)),
    'asinh': (mpmath.asinh, spread(-40, 1000, 60) + between(-4, 4, 100) + around(2.0 ** 28, math.sqrt(2) - 1, 1.0)),
    'acosh': (mpmath.acosh, spread(0, 1000, 60, False) + between(1, 2, 100) + [1 + 2.0 ** -52] + around(2.0 ** 28, math.sqrt(2))),
    'atanh': (mpmath.atanh, between(-1, 1, 120) + spread(-40, -1, 40) + [1 - 2.0 ** -53] + around(0.5, 2.0 ** -28, math.tanh(0.25 * ln2))),
    'cbrt': (lambda x: mpmath.cbrt(x) if x >= 0 else -mpmath.cbrt(-x), spread(-1074, 1023, 100) + [27.0, 5e-324]),
    'sigmoid': (lambda x: 1 / (1 + mpmath.exp(-x)), between(-740, 40, 60) + between(-8, 8, 80) + around(-708.0, 36.0, -744.5)),
    'erf': (mpmath.erf, between(-6, 6, 80) + between(-1.2, 1.2, 60) + spread(-40, 0, 40) + around(1.0, -1.0, 5.9)),
    'gelu': (lambda x: x * mpmath.erfc(-x * mpmath.sqrt(half)) / 2, between(-37, 10, 80) + between(-4, 4, 80) + spread(-40, 0, 40) + around(0.7, -0.7, -37.0, 38.0)),
}
binary = {
    'power': (lambda a, b: mpmath.power(a, b), list(zip(spread(-300, 300, 100, False), between(-3, 3, 100))) + list(zip(between(0.5, 2, 80), between(-900, 900, 80))) + [(-3.0, 5.0), (10.0, 300.0), (1 + 2.0 ** -52, 1e17)] + [(x, y) for x in around(2.0 ** -1022, math.sqrt(0.5), math.sqrt(2), 1.0, 5e-324, 1.7e308) for y in (1.0, -0.9, 0.25)] + [(math.e, y) for y in around(708.0, -708.0, -744.5)] + [(10.0, -308.0), (10.0, -320.0), (2.0, -1074.0), (2.0, 1023.0)]),
    'atan2': (mpmath.atan2, list(zip(spread(-300, 300, 60), spread(-300, 300, 60))) + list(zip(between(-2, 2, 100), between(-2, 2, 100))) + [(y, x) for y in around(2.0 ** 500, 2.0 ** -500, 5e-324) for x in (1.0, -1.0, 2.0 ** 500, 2.0 ** -500, -5e-324, 1e308)]),
    'hypot': (mpmath.hypot, list(zip(spread(-1000, 1000, 60), spread(-1000, 1000, 60))) + list(zip(between(-2, 2, 100), between(-2, 2, 100)))),
}


def packed(rows):
    return base64.b64encode(b''.join(struct.pack('<%dd' % len(row), *row) for row in rows)).decode()


def value(exact):
    high = float(exact)
    return [high, float(exact - mpf(high)) if math.isfinite(high) else 0.0]


made = {name: packed([x] + value(f(mpf(x))) for x in xs) for name, (f, xs) in unary.items()}
made.update({name: packed([a, b] + value(f(mpf(a), mpf(b))) for a, b in pairs) for name, (f, pairs) in binary.items()})
print(json.dumps(made, indent=1))
