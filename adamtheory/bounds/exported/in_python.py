"""Helpers of exports to plain Python: scalars, nothing but ``math``."""

from __future__ import annotations

from math import ceil, copysign, exp, expm1, frexp, inf, log, log1p, sqrt


def _exp(x: float) -> float:
    """exp(x), infinite where it overflows."""
    return exp(x) if x < 709.782712893384 else inf


def _log(x: float) -> float:
    """log(x), -inf at 0."""
    return log(x) if x > 0.0 else -inf


def _power(x: float, rate: float, count: float) -> float:
    """x^(rate count) for 0 <= x <= 1; 1 at rate = 0, although count may be infinite."""
    return 1.0 if rate == 0.0 or x == 1.0 else x ** (rate * count)


def _one_minus_power(x: float, count: float) -> float:
    """1 - x^count for 0 <= x < 1 and count > 0."""
    return -expm1(count * log(x)) if x > 0.0 else 1.0


def _log_ratio(x: float, y: float, decay: float) -> float:
    """log(x y/decay) for numbers >= 0, also where x y is decay but for rounding: the product has double length."""
    if x == 0.0 or y == 0.0:
        return -inf
    if decay == 0.0:
        return inf
    (x, i), (y, j), (decay, k) = frexp(x), frexp(y), frexp(decay)
    product, shift = x * y, i + j - k
    x_high, y_high = 134217729.0 * x, 134217729.0 * y
    x_high, y_high = x_high - (x_high - x), y_high - (y_high - y)
    x_low, y_low = x - x_high, y - y_high
    error = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
    if product < 0.35 * decay:
        product, error, shift = 4.0 * product, 4.0 * error, shift - 2
    elif product < 0.7 * decay:
        product, error, shift = 2.0 * product, 2.0 * error, shift - 1
    elif product > 1.4 * decay:
        product, error, shift = 0.5 * product, 0.5 * error, shift + 1
    return log1p(((product - decay) + error) / decay) + shift * 0.6931471805599453


def _powers(ratio: float, n: float) -> tuple[float, float]:
    """r + r^2 + ... + r^n with r = exp(ratio), as (mantissa, scale)."""
    if n <= 0.0:
        return 0.0, 0.0
    if ratio == 0.0:
        return (n, 0.0) if n < inf else (1.0, inf)
    size = abs(ratio)
    return expm1(-n * size) / expm1(-size), ratio if ratio < 0.0 else n * ratio


def _largest_of_one(n: float, weight: float, decay: float, amplitude: float, pole: float) -> float:
    """The largest |amplitude (x_n + pole x_(n-1) + ...)|/sqrt(weight (x_n^2 + decay x_(n-1)^2 + ...))."""
    mantissa, scale = _powers(_log_ratio(pole, pole, decay), n)
    if scale == inf or amplitude == 0.0:
        return inf if amplitude else 0.0
    top = max(scale, 0.0)
    grown = _exp(top / 4.0)
    return abs(amplitude) / sqrt(weight) * sqrt(exp(-top) + mantissa * exp(scale - top)) * grown * grown


def _largest(
    n: float, weight: float, decay: float, direct: float, amplitudes: tuple[float, ...], poles: tuple[float, ...]
) -> float:
    """The same with several poles, and ``direct`` times x_n added to the numerator."""
    size = max(abs(direct), *map(abs, amplitudes))
    if size == 0.0:
        return 0.0
    newest = direct / size + sum(amplitude / size for amplitude in amplitudes)
    parts = [(newest * newest, 0.0)]
    for i, one in enumerate(amplitudes):
        for k, other in enumerate(amplitudes[: i + 1]):
            mantissa, scale = _powers(_log_ratio(poles[i], poles[k], decay), n)
            if one != 0.0 and other != 0.0 and mantissa > 0.0:
                mantissa *= copysign(1.0 if i == k else 2.0, one) * copysign(1.0, other)
                parts.append((mantissa, scale + (log(abs(one)) - log(size)) + (log(abs(other)) - log(size))))
    top = max(scale for _, scale in parts)
    if top == inf:
        return inf
    total = sum(mantissa * exp(scale - top) for mantissa, scale in parts)
    grown = _exp(top / 4.0)
    return size / sqrt(weight) * sqrt(max(total, 0.0)) * grown * grown


def _total(n: float, direct: float, amplitude: float, pole: float) -> float:
    """|direct + amplitude| + |amplitude| (pole + pole^2 + ... + pole^n)."""
    mantissa, scale = _powers(_log(pole), n)
    return abs(direct + amplitude) + (abs(amplitude) * mantissa * _exp(scale) if amplitude else 0.0)


def _largest_below_maximum(n: float, decay: float, pole: float) -> float:
    """The largest |m_n|/sqrt(max(v_0, ..., v_n)) of moving averages with the factors pole (m) and decay (v).

    Up to the step ``settled`` it grows as without the maximum, afterwards it decays to 1.  A step too early or too late
    changes the value to second order only, so rounding in ``settled`` does no harm."""
    settled, ratio = n, _log_ratio(pole, pole, decay)
    if pole > decay:
        if decay == 0.0:
            count = 1.0
        elif ratio == 0.0:
            count = (decay / pole) * (decay / pole) / (1.0 - decay)
        else:
            excess = -expm1(-ratio) if abs(ratio) < 1.0 else (pole - decay / pole) / pole
            excess = decay * excess / (1.0 - decay)
            if excess > -0.5:
                count = log1p(excess) / ratio
            else:
                count = log((pole - decay) / pole * ((pole + decay) / pole) / (1.0 - decay)) / ratio
        settled = min(n, max(0.0, float(ceil(count - 1.0))))
    at_settled = _largest_of_one(settled, 1.0 - decay, decay, 1.0 - pole, pole)
    if settled == n:
        return at_settled
    return _one_minus_power(pole, n - settled) + pole ** (n - settled) * at_settled


def _log_product(factor: float, share: float, log_power: float, count: float) -> float:
    """log of the product of factor (1 - share exp(log_power t)) over t = 1, ..., count; log_power <= 0, share <= 1/2.

    The logarithms' power series, summed over t term by term: 55 geometric sums, for any count."""
    if factor == 0.0:
        return -inf if count > 0.0 else 0.0
    result, coefficient = count * log(factor), 1.0
    base, rest = exp(log_power), -expm1(log_power)
    whole, whole_rest = (exp(count * log_power), -expm1(count * log_power)) if log_power else (1.0, 0.0)
    x, y, power, power_rest = base, whole, rest, whole_rest  # base^i, whole^i, and 1 minus these
    for i in range(1, 56):
        coefficient *= share
        result -= coefficient / i * (x * power_rest / power if log_power else count)
        power, power_rest = power + x * rest, power_rest + y * whole_rest
        x, y = x * base, y * whole
    return result


def _log_kept(lr: float, weight_decay: float) -> float:
    """log |1 - lr weight_decay|; the product has double length, so it is right where that is near 0, 1 or -1."""
    product = lr * weight_decay
    one, other = 134217729.0 * lr, 134217729.0 * weight_decay
    one, other = one - (one - lr), other - (other - weight_decay)
    error = ((one * other - product) + one * (weight_decay - other) + (lr - one) * other) + (lr - one) * (
        weight_decay - other
    )
    if product <= 0.5:
        return log1p(-product) - error / (1.0 - product)
    if product >= 1.5:
        return log1p((product - 2.0) + error)
    return _log(abs((1.0 - product) - error))


def _geometric(log_ratio: float, n: float) -> float:
    """1 + r + ... + r^(n - 1) with r = exp(log_ratio), infinite where it overflows."""
    if n <= 0.0:
        return 0.0
    if log_ratio == 0.0:
        return n
    if log_ratio > 0.0 and n * log_ratio > 709.0:
        return inf
    return expm1(n * log_ratio) / expm1(log_ratio)


def _iterate(n: float, largest_update: float, lr: float, start: float, weight_decay: float) -> float:
    """r^N start + lr largest_update (1 + r + ... + r^(N - 1)), r = |1 - lr weight_decay|, N = n + 1 steps."""
    n += 1.0
    if n <= 0.0:
        return start
    kept = _log_kept(lr, weight_decay)
    moved = lr * largest_update
    held = start * _exp(n * kept if kept else 0.0) if start else 0.0
    return held + (moved * _geometric(kept, n) if moved else 0.0)


def _norm_growth(
    n: float, gamma: float, initial: float, lr: float, update_squared: float, weight_decay: float
) -> float:
    """d^(2N) initial + lr^2 update_squared sum over k < N of d^(2(N-1-k)) (1 + 2 x (1 + x + ... + x^(k-1))), with
    d = 1 - lr weight_decay, x = gamma d, N = n + 1.  The double sum is built up by doubling N: nothing cancels."""
    n += 1.0
    if n <= 0.0:
        return initial
    kept = _log_kept(lr, weight_decay)
    both = _log(gamma) + kept
    step = lr * lr * update_squared
    if n == inf:
        if kept == 0.0:
            return inf if step else initial
        return step * (1.0 + _exp(both)) / (expm1(both) * expm1(2.0 * kept))
    nested = crossed = 0.0  # sum of d^(2(m-1-k)) (1 + ... + x^(k-1)), and of d^(2(m-1-k)) x^k, over k < m
    held, m = _exp(2.0 * kept), 0.0
    for bit in range(frexp(n)[1] - 1, -1, -1):
        far, near = _exp(2.0 * kept * m) if m else 1.0, _exp(both * m) if m else 1.0
        nested, crossed = nested * (1.0 + far) + _geometric(both, m) * crossed, crossed * (far + near)
        m *= 2.0
        if n // 2.0**bit > m:
            nested, crossed = held * nested + _geometric(both, m), held * crossed + (_exp(both * m) if m else 1.0)
            m += 1.0
    return _exp(2.0 * kept * n) * initial + step * (_geometric(2.0 * kept, n) + 2.0 * _exp(both) * nested)
