#!/usr/bin/env python3
"""Prints the polynomials and constants of native/kernels/math/single-*-inl.h. A polynomial is fitted to values of 40 digits (mpmath) at
Chebyshev nodes by least squares of its weighted error; its coefficients are rounded to f32 (or f64) one after the other, the lowest
first, and the others fitted anew each time. Usage: python3 test/goldens/fit-single-math.py"""
import mpmath as mp
import numpy as np

mp.mp.dps = 40


def single(value):
    return mp.mpf(float(np.float32(float(value))))


def solve(f, weight, xs, powers):
    rows = mp.matrix(len(xs), len(powers))
    right = mp.matrix(len(xs), 1)
    for i, x in enumerate(xs):
        w = weight(x)
        for j, power in enumerate(powers):
            rows[i, j] = w * x ** power
        right[i] = w * f(x)
    return mp.lu_solve(rows.T * rows, rows.T * right)


def double(value):
    return mp.mpf(float(value))


def fit(name, f, low, high, degree, weight, rounded=single):
    """c[0] + c[1] x + … ≈ f; the error times `weight` is what counts."""
    low, high = mp.mpf(low), mp.mpf(high)
    count = 8 * (degree + 1)
    xs = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    values = {x: f(x) for x in xs}
    coefficients = []
    for first in range(degree + 1):
        rest = solve(lambda x: values[x] - sum(c * x ** i for i, c in enumerate(coefficients)), weight, xs, range(first, degree + 1))
        coefficients.append(rounded(rest[0]))
    error = max(abs(weight(x) * (sum(c * x ** i for i, c in enumerate(coefficients)) - values[x])) for x in xs)
    print(f'// weighted error below 2^{mp.nstr(mp.log(error, 2), 4)}')
    kind, suffix = ('float', 'f') if rounded is single else ('double', '')
    print(f'constexpr {kind} {name}[] = {{' + ', '.join(hexadecimal(c, suffix) for c in coefficients) + '};')


def hexadecimal(value, suffix='f'):
    digits, exponent = float(value).hex().split('p')
    return digits.rstrip('0').rstrip('.') + 'p' + exponent + suffix


def parts(name, value, count):
    rest, out = value, []
    for _ in range(count):
        part = single(rest)
        out.append(hexadecimal(part))
        rest -= part
    print(f'// {name} = ' + ' + '.join(out))


def root(f):
    """A function of √t, told by its value there."""
    return lambda t: f(mp.sqrt(t))


half = mp.log(2) / 2 * mp.mpf('1.005')
fit('expTail', lambda r: (mp.expm1(r) - r) / r ** 2, -half, half, 4, lambda r: r ** 2 / mp.exp(r))
fit('exp2Tail', lambda f: (mp.mpf(2) ** f - 1 - f * mp.log(2)) / f ** 2, -0.5, 0.5, 4, lambda f: f ** 2 / mp.mpf(2) ** f)
fit('expm1Tail', lambda r: (mp.expm1(r) - r - r ** 2 / 2) / r ** 3, -half, half, 4, lambda r: r ** 3 / mp.expm1(r))
fit('logTail', lambda f: (mp.log1p(f) - f + f ** 2 / 2) / f ** 3, mp.sqrt(0.5) - 1, mp.sqrt(2) - 1, 8, lambda f: f ** 3 / mp.log1p(f))
fit('tanhTail', root(lambda x: (mp.tanh(x) / x - 1) / x ** 2), mp.mpf(10) ** -8, mp.mpf(0.625) ** 2, 5, root(lambda x: x ** 3 / mp.tanh(x)))
fit('sinhTail', root(lambda x: (mp.sinh(x) / x - 1) / x ** 2), mp.mpf(10) ** -8, 1, 3, root(lambda x: x ** 3 / mp.sinh(x)))
quarter = (mp.pi / 4 * mp.mpf('1.005')) ** 2
fit('sinTail', root(lambda x: (mp.sin(x) / x - 1) / x ** 2), mp.mpf(10) ** -8, quarter, 3, root(lambda x: x ** 3 / mp.sin(x)))
fit('cosTail', root(lambda x: (mp.cos(x) - 1 + x ** 2 / 2) / x ** 4), mp.mpf(10) ** -4, quarter, 3, root(lambda x: x ** 4 / mp.cos(x)))
s = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf('1.005')
fit('logWide', root(lambda x: (mp.log((1 + x) / (1 - x)) / x - 2) / x ** 2), mp.mpf(10) ** -8, s, 4, root(lambda x: x ** 2), double)
fit('expWide', lambda r: (mp.expm1(r) - r) / r ** 2, -half, half, 5, lambda r: r ** 2 / mp.exp(r), double)
fit('asinWide', root(lambda x: (mp.asin(x) / x - 1) / x ** 2), mp.mpf(10) ** -8, 0.25, 6, root(lambda x: x ** 2), double)
tangent = (mp.sqrt(2) - 1) ** 2 * mp.mpf('1.005')
fit('atanWide', root(lambda x: (mp.atan(x) / x - 1) / x ** 2), mp.mpf(10) ** -8, tangent, 5, root(lambda x: x ** 2), double)
fit('erfWide', root(lambda x: mp.erf(x) / x), mp.mpf(10) ** -8, 1, 7, root(lambda x: x / mp.erf(x)), double)


def scaledComplement(t):
    """(1 + 2z) exp(z²) erfc z, where t = (z - 4) / (z + 4)."""
    z = 4 * (1 + t) / (1 - t)
    return (1 + 2 * z) * mp.exp(z * z) * mp.erfc(z) if z < 200 else (1 + 2 * z) / (z * mp.sqrt(mp.pi)) * (1 - 1 / (2 * z * z))


fit('erfcWide', scaledComplement, -1, mp.mpf('0.6'), 13, lambda t: 1, double)
parts('ln 2', mp.log(2), 3)
parts('1 / ln 2', 1 / mp.log(2), 3)
parts('log10 2', mp.log10(2), 3)
parts('1 / ln 10', 1 / mp.log(10), 3)
parts('π / 2', mp.pi / 2, 4)
parts('2 / π', 2 / mp.pi, 2)
