"""Helpers of exports to NumPy: arrays of doubles that broadcast."""

from __future__ import annotations

import numpy as np


def _power(x: np.ndarray, rate: np.ndarray, count: np.ndarray) -> np.ndarray:
    """x^(rate count) for 0 <= x <= 1; 1 at rate = 0, although count may be infinite."""
    return np.where((rate == 0.0) | (x == 1.0), 1.0, x ** (rate * count))


def _one_minus_power(x: np.ndarray, count: np.ndarray) -> np.ndarray:
    """1 - x^count for 0 <= x < 1 and count > 0."""
    return -np.expm1(count * np.log(x))


def _log_ratio(x: np.ndarray, y: np.ndarray, decay: np.ndarray) -> np.ndarray:
    """log(x y/decay) for numbers >= 0, also where x y is decay but for rounding: the product has double length."""
    square = x is y
    ordinary = np.all((x > 1e-130) & (y > 1e-130) & (decay > 1e-250))
    shift = np.array(0)
    if not ordinary:  # no product below may overflow or underflow
        (x, i), (y, j), (decay, k) = np.frexp(x), np.frexp(y), np.frexp(decay)
        shift = i + j - k
    product = x * y
    x_high = 134217729.0 * x
    x_high = x_high - (x_high - x)
    x_low = x - x_high
    if square:
        error = ((x_high * x_high - product) + 2.0 * x_high * x_low) + x_low * x_low
    else:
        y_high = 134217729.0 * y
        y_high = y_high - (y_high - y)
        y_low = y - y_high
        error = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
    if ordinary:
        return np.log1p(((product - decay) + error) / decay)
    near = product / decay
    step = (near < 0.7).astype(np.int32) + (near < 0.35) - (near > 1.4)
    product, error = np.ldexp(product, step), np.ldexp(error, step)
    result = np.log1p(((product - decay) + error) / decay) + (shift - step) * 0.6931471805599453
    return np.where(product == 0.0, -np.inf, result)


def _powers(ratio: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """r + r^2 + ... + r^n with r = exp(ratio), as (mantissa, scale)."""
    size, none, even = np.abs(ratio), n <= 0.0, ratio == 0.0
    mantissa = np.expm1(-n * size) / np.expm1(-size)
    scale = np.where(ratio < 0.0, ratio, n * ratio) if np.any(ratio > 0.0) else ratio
    if np.any(even):
        mantissa, scale = np.where(even, n, mantissa), np.where(even, np.where(n < np.inf, 0.0, np.inf), scale)
    if np.any(none):
        mantissa, scale = np.where(none, 0.0, mantissa), np.where(none, 0.0, scale)
    return mantissa, scale


def _largest_of_one(
    n: np.ndarray, weight: np.ndarray, decay: np.ndarray, amplitude: np.ndarray, pole: np.ndarray
) -> np.ndarray:
    """The largest |amplitude (x_n + pole x_(n-1) + ...)|/sqrt(weight (x_n^2 + decay x_(n-1)^2 + ...))."""
    mantissa, scale = _powers(_log_ratio(pole, pole, decay), n)
    if np.any(scale > 0.0):
        top = np.clip(scale, 0.0, 1e300)
        grown = np.exp(top / 4.0)
        total = (1.0 / grown / grown) ** 2 + mantissa * np.exp(np.minimum(scale, 0.0))
        value = np.sqrt(total) * np.abs(amplitude) / np.sqrt(weight) * grown * grown
    else:
        value = np.sqrt(1.0 + mantissa * np.exp(scale)) * np.abs(amplitude) / np.sqrt(weight)
    return np.where(amplitude == 0.0, 0.0, value) if np.any(amplitude == 0.0) else value


def _largest(
    n: np.ndarray,
    weight: np.ndarray,
    decay: np.ndarray,
    direct: np.ndarray,
    amplitudes: tuple[np.ndarray, ...],
    poles: tuple[np.ndarray, ...],
) -> np.ndarray:
    """The same with several poles, and ``direct`` times x_n added to the numerator."""
    size = np.abs(direct)
    for amplitude in amplitudes:
        size = np.maximum(size, np.abs(amplitude))
    newest = direct / size
    for amplitude in amplitudes:
        newest = newest + amplitude / size
    parts = [(newest * newest, np.zeros_like(newest))]
    logs = [np.log(np.abs(amplitude)) - np.log(size) for amplitude in amplitudes]
    for i, one in enumerate(amplitudes):
        for k, other in enumerate(amplitudes[: i + 1]):
            mantissa, scale = _powers(_log_ratio(poles[i], poles[k], decay), n)
            present = (one != 0.0) & (other != 0.0) & (mantissa > 0.0)
            signed = (1.0 if i == k else 2.0) * np.sign(one) * np.sign(other) * mantissa
            scale = np.minimum(scale + logs[i] + logs[k], 1e300)
            parts.append((np.where(present, signed, 0.0), np.where(present, scale, 0.0)))
    top = np.maximum.reduce(np.broadcast_arrays(*(scale for _, scale in parts)))
    total = sum(mantissa * np.exp(scale - top) for mantissa, scale in parts)
    grown = np.exp(top / 4.0)
    return np.where(size == 0.0, 0.0, size / np.sqrt(weight) * np.sqrt(np.maximum(total, 0.0)) * grown * grown)


def _total(n: np.ndarray, direct: np.ndarray, amplitude: np.ndarray, pole: np.ndarray) -> np.ndarray:
    """|direct + amplitude| + |amplitude| (pole + pole^2 + ... + pole^n)."""
    mantissa, scale = _powers(np.log(pole), n)
    older = np.abs(amplitude) * mantissa * np.exp(scale)
    return np.abs(direct + amplitude) + np.where(amplitude == 0.0, 0.0, older)


def _largest_below_maximum(n: np.ndarray, decay: np.ndarray, pole: np.ndarray) -> np.ndarray:
    """The largest |m_n|/sqrt(max(v_0, ..., v_n)) of moving averages with the factors pole (m) and decay (v).

    Up to the step ``settled`` it grows as without the maximum, afterwards it decays to 1.  A step too early or too late
    changes the value to second order only, so rounding in ``settled`` does no harm."""
    ratio = _log_ratio(pole, pole, decay)
    excess = np.where(np.abs(ratio) < 1.0, -np.expm1(-ratio), (pole - decay / pole) / pole)
    excess = decay * excess / (1.0 - decay)
    rest = (pole - decay) / pole * ((pole + decay) / pole) / (1.0 - decay)
    count = np.where(excess > -0.5, np.log1p(excess), np.log(rest)) / ratio
    count = np.where(ratio == 0.0, (decay / pole) * (decay / pole) / (1.0 - decay), count)
    count = np.where(decay == 0.0, 1.0, count)
    settled = np.where(pole > decay, np.minimum(n, np.maximum(0.0, np.ceil(count - 1.0))), n)
    at_settled = _largest_of_one(settled, 1.0 - decay, decay, 1.0 - pole, pole)
    later = np.where(settled == n, 0.0, n - settled)
    return np.where(later == 0.0, at_settled, _one_minus_power(pole, later) + pole**later * at_settled)


def _log_product(factor: np.ndarray, share: float, log_power: np.ndarray, count: np.ndarray) -> np.ndarray:
    """log of the product of factor (1 - share exp(log_power t)) over t = 1, ..., count; log_power <= 0, share <= 1/2.

    The logarithms' power series, summed over t term by term: 55 geometric sums, for any count."""
    result, coefficient = np.where(count > 0.0, count * np.log(factor), 0.0), 1.0
    base, rest = np.exp(log_power), -np.expm1(log_power)
    whole, whole_rest = np.exp(count * log_power), -np.expm1(count * log_power)
    x, y, power, power_rest = base, whole, rest, whole_rest  # base^i, whole^i, and 1 minus these
    for i in range(1, 56):
        coefficient *= share
        result = result - coefficient / i * np.where(rest == 0.0, count, x * power_rest / power)
        power, power_rest = power + x * rest, power_rest + y * whole_rest
        x, y = x * base, y * whole
    return result


def _log_kept(lr: np.ndarray, weight_decay: np.ndarray) -> np.ndarray:
    """log |1 - lr weight_decay|; the product has double length, so it is right where that is near 0, 1 or -1."""
    product = lr * weight_decay
    one, other = 134217729.0 * lr, 134217729.0 * weight_decay
    one, other = one - (one - lr), other - (other - weight_decay)
    rest, left = lr - one, weight_decay - other
    error = ((one * other - product) + one * left + rest * other) + rest * left
    near = np.log1p(-product) - error / (1.0 - product)
    beyond = np.log1p((product - 2.0) + error)
    between = np.log(np.abs((1.0 - product) - error))
    return np.where(product <= 0.5, near, np.where(product >= 1.5, beyond, between))


def _geometric(log_ratio: np.ndarray, n: np.ndarray) -> np.ndarray:
    """1 + r + ... + r^(n - 1) with r = exp(log_ratio)."""
    total = np.where(log_ratio == 0.0, n, np.expm1(n * log_ratio) / np.expm1(log_ratio))
    return np.where(n <= 0.0, 0.0, total)


def _iterate(
    n: np.ndarray, largest_update: np.ndarray, lr: np.ndarray, start: np.ndarray, weight_decay: np.ndarray
) -> np.ndarray:
    """r^N start + lr largest_update (1 + r + ... + r^(N - 1)), r = |1 - lr weight_decay|, N = n + 1 steps."""
    n = n + 1.0
    kept, moved = _log_kept(lr, weight_decay), lr * largest_update
    held = np.where(start == 0.0, 0.0, start * np.exp(np.where(kept == 0.0, 0.0, n * kept)))
    return np.where(n <= 0.0, start, held + np.where(moved == 0.0, 0.0, moved * _geometric(kept, n)))


def _norm_growth(
    n: np.ndarray,
    gamma: np.ndarray,
    initial: np.ndarray,
    lr: np.ndarray,
    update_squared: np.ndarray,
    weight_decay: np.ndarray,
) -> np.ndarray:
    """d^(2N) initial + lr^2 update_squared sum over k < N of d^(2(N-1-k)) (1 + 2 x (1 + x + ... + x^(k-1))), with
    d = 1 - lr weight_decay, x = gamma d, N = n + 1.  The double sum is built up by doubling N: nothing cancels."""
    n = n + 1.0
    kept = _log_kept(lr, weight_decay)
    both, step, held = np.log(gamma) + kept, lr * lr * update_squared, np.exp(2.0 * kept)
    settled = np.where(kept == 0.0, np.where(step > 0.0, np.inf, initial), 0.0)
    rest = step * (1.0 + np.exp(both)) / (np.expm1(both) * np.expm1(2.0 * kept))
    count = np.where(np.isinf(n), 0.0, n)
    shape = np.broadcast(count, both, held).shape
    nested, crossed, m = np.zeros(shape), np.zeros(shape), np.zeros(np.shape(count))
    for bit in range(int(np.frexp(np.max(count, initial=0.0))[1]) - 1, -1, -1):
        far, near = np.where(m > 0.0, np.exp(2.0 * kept * m), 1.0), np.where(m > 0.0, np.exp(both * m), 1.0)
        nested, crossed = nested * (1.0 + far) + _geometric(both, m) * crossed, crossed * (far + near)
        m = 2.0 * m
        odd = np.floor(np.ldexp(count, -bit)) > m
        nested = np.where(odd, held * nested + _geometric(both, m), nested)
        crossed = np.where(odd, held * crossed + np.where(m > 0.0, np.exp(both * m), 1.0), crossed)
        m = np.where(odd, m + 1.0, m)
    kept_of_start = np.where(kept == 0.0, 1.0, np.exp(2.0 * kept * count)) * initial
    grown = kept_of_start + step * (_geometric(2.0 * kept, count) + 2.0 * np.exp(both) * nested)
    return np.where(np.isinf(n), np.where(kept == 0.0, settled, rest), grown)
