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


half = mpf(1) / 2
unary = {
    'exp': (mpmath.exp, between(-745, 709, 80) + spread(-60, 2, 40) + [709.782712893384, -745.1, -708.4]),
    'exp2': (lambda x: mpf(2) ** x, between(-1074, 1023, 60) + spread(-60, 2, 40) + [3.0, -1074.0]),
    'expm1': (mpmath.expm1, between(-40, 700, 60) + spread(-60, 1, 60) + between(-1, 1, 40)),
    'log': (mpmath.log, spread(-1074, 1023, 60, False) + between(0.5, 2, 60) + [1 + 2.0 ** -52, 1 - 2.0 ** -53, 5e-324]),
    'log2': (lambda x: mpmath.log(x) / mpmath.log(2), spread(-1074, 1023, 60, False) + between(0.5, 2, 60) + [8.0, 1 + 2.0 ** -52]),
    'log10': (mpmath.log10, spread(-1074, 1023, 60, False) + between(0.5, 2, 60) + [1000.0, 1 + 2.0 ** -52]),
    'log1p': (mpmath.log1p, spread(-60, 1023, 60, False) + between(-0.999, 1, 60) + spread(-60, -2, 40)),
    'sin': (mpmath.sin, spread(-20, 19, 60) + spread(20, 1023, 60) + between(-7, 7, 60) + [6381956970095103.0 * 2.0 ** 797, math.pi, 1e22]),
    'cos': (mpmath.cos, spread(-20, 19, 60) + spread(20, 1023, 60) + between(-7, 7, 60) + [6381956970095103.0 * 2.0 ** 797, math.pi / 2, 1e22]),
    'tan': (mpmath.tan, spread(-20, 19, 60) + spread(20, 1023, 60) + between(-7, 7, 60) + [math.pi / 2, 1e22]),
    'asin': (mpmath.asin, between(-1, 1, 120) + spread(-40, -1, 40) + [1.0, 1 - 2.0 ** -53, 0.5]),
    'acos': (mpmath.acos, between(-1, 1, 120) + spread(-40, -1, 40) + [1 - 2.0 ** -53, -1 + 2.0 ** -53, 0.5, -0.5, -1.0]),
    'atan': (mpmath.atan, spread(-40, 100, 60) + between(-3, 3, 100)),
    'sinh': (mpmath.sinh, between(-710, 710, 40) + between(-23, 23, 80) + spread(-40, 0, 40)),
    'cosh': (mpmath.cosh, between(-710, 710, 40) + between(-23, 23, 80) + spread(-40, 0, 40)),
    'tanh': (mpmath.tanh, between(-23, 23, 80) + spread(-40, 0, 60) + between(-2, 2, 60)),
    'asinh': (mpmath.asinh, spread(-40, 1000, 60) + between(-4, 4, 100)),
    'acosh': (mpmath.acosh, spread(0, 1000, 60, False) + between(1, 2, 100) + [1 + 2.0 ** -52]),
    'atanh': (mpmath.atanh, between(-1, 1, 120) + spread(-40, -1, 40) + [1 - 2.0 ** -53]),
    'cbrt': (lambda x: mpmath.cbrt(x) if x >= 0 else -mpmath.cbrt(-x), spread(-1074, 1023, 100) + [27.0, 5e-324]),
    'sigmoid': (lambda x: 1 / (1 + mpmath.exp(-x)), between(-740, 40, 60) + between(-8, 8, 80)),
    'erf': (mpmath.erf, between(-6, 6, 80) + between(-1.2, 1.2, 60) + spread(-40, 0, 40)),
    'gelu': (lambda x: x * mpmath.erfc(-x * mpmath.sqrt(half)) / 2, between(-37, 10, 80) + between(-4, 4, 80) + spread(-40, 0, 40)),
}
binary = {
    'power': (lambda a, b: mpmath.power(a, b), list(zip(spread(-300, 300, 100, False), between(-3, 3, 100))) + list(zip(between(0.5, 2, 80), between(-900, 900, 80))) + [(-3.0, 5.0), (10.0, 300.0), (1 + 2.0 ** -52, 1e17)]),
    'atan2': (mpmath.atan2, list(zip(spread(-300, 300, 60), spread(-300, 300, 60))) + list(zip(between(-2, 2, 100), between(-2, 2, 100)))),
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
