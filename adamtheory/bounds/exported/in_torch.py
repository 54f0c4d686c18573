"""Helpers of exports to PyTorch: tensors of doubles that broadcast, and that gradients pass through.

Where a branch of ``torch.where`` is not taken its arguments are replaced by harmless ones: its gradient would be
0 times infinity otherwise.  1e300 stands for infinity in exponents.
"""

from __future__ import annotations

import torch


def _finite(count: torch.Tensor) -> torch.Tensor:
    """A number of steps that is not infinite, but as good as."""
    return count.clamp(max=1e300)


def _log(x: torch.Tensor) -> torch.Tensor:
    """log(x), -1e300 at 0."""
    return torch.where(x > 0.0, torch.log(torch.where(x > 0.0, x, 1.0)), -1e300)


def _power(x: torch.Tensor, rate: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    """x^(rate count) for 0 < x <= 1."""
    return torch.exp(rate * (_finite(count) * torch.log(torch.as_tensor(x, dtype=torch.float64))))


def _one_minus_power(x: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    """1 - x^count for 0 <= x < 1 and count > 0."""
    return torch.where(x > 0.0, -torch.expm1(_finite(count) * torch.log(torch.where(x > 0.0, x, 0.5))), 1.0)


def _log_ratio(x: torch.Tensor, y: torch.Tensor, decay: torch.Tensor) -> torch.Tensor:
    """log(x y/decay) for numbers >= 0, also where x y is decay but for rounding: the product has double length."""
    empty = (x == 0.0) | (y == 0.0)
    edge = empty | (decay == 0.0)
    (x, i), (y, j), (decay, k) = (torch.frexp(torch.where(edge, 0.5, z)) for z in (x, y, decay))
    product = x * y
    x_high, y_high = 134217729.0 * x, 134217729.0 * y
    x_high, y_high = x_high - (x_high - x), y_high - (y_high - y)
    x_low, y_low = x - x_high, y - y_high
    error = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
    near = (product / decay).detach()
    step = (near < 0.7).int() + (near < 0.35).int() - (near > 1.4).int()
    factor = torch.where(step > 0, 2.0 * step, torch.where(step < 0, 0.5, 1.0))  # 2^step; ldexp has no right gradient
    product, error = factor * product, factor * error
    result = (
        torch.log1p(((product - decay) + error) / decay) + (i + j - k - step).to(torch.float64) * 0.6931471805599453
    )
    return torch.where(empty, -1e300, torch.where(edge, 1e300, result))


def _powers(ratio: torch.Tensor, n: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """r + r^2 + ... + r^n with r = exp(ratio), as (mantissa, scale)."""
    ratio, n = torch.broadcast_tensors(ratio, n)
    endless, n = torch.isinf(n), n.clamp(max=1e300)
    flat = (n * ratio).abs() < 0.02
    small = torch.where(flat & (n > 0.0), ratio, 0.0)
    top, bottom = (n * small / 2.0) ** 2, (small / 2.0) ** 2  # sinh(z)/z = 1 + z^2/6 (1 + z^2/20 (1 + z^2/42))
    top = 1.0 + top / 6.0 * (1.0 + top / 20.0 * (1.0 + top / 42.0))
    bottom = 1.0 + bottom / 6.0 * (1.0 + bottom / 20.0 * (1.0 + bottom / 42.0))
    large = torch.where(flat, 1.0, ratio)
    size = large.abs()
    mantissa = torch.where(flat, n * top / bottom, torch.expm1(-n * size) / torch.expm1(-size))
    grown = torch.where(large < 0.0, large, (n * large).clamp(max=1e300))
    scale = torch.where(flat, (n + 1.0) * small / 2.0, grown)
    return mantissa, torch.where(endless & (ratio == 0.0), 1e300, scale)


def _largest_of_one(
    n: torch.Tensor, weight: torch.Tensor, decay: torch.Tensor, amplitude: torch.Tensor, pole: torch.Tensor
) -> torch.Tensor:
    """The largest |amplitude (x_n + pole x_(n-1) + ...)|/sqrt(weight (x_n^2 + decay x_(n-1)^2 + ...))."""
    mantissa, scale = _powers(_log_ratio(pole, pole, decay), n)
    top = scale.clamp(min=0.0)
    grown = torch.exp(top / 4.0)
    total = torch.exp(-top) + mantissa * torch.exp(scale - top)
    value = torch.abs(amplitude) / torch.sqrt(weight) * torch.sqrt(total) * grown * grown
    return torch.where(amplitude == 0.0, 0.0, value)


def _largest(
    n: torch.Tensor,
    weight: torch.Tensor,
    decay: torch.Tensor,
    direct: torch.Tensor,
    amplitudes: tuple[torch.Tensor, ...],
    poles: tuple[torch.Tensor, ...],
) -> torch.Tensor:
    """The same with several poles, and ``direct`` times x_n added to the numerator."""
    size = torch.abs(direct)
    for amplitude in amplitudes:
        size = torch.maximum(size, torch.abs(amplitude))
    size = torch.where(size == 0.0, 1.0, size).detach()
    newest = direct / size
    for amplitude in amplitudes:
        newest = newest + amplitude / size
    parts = [(newest * newest, torch.zeros_like(newest))]
    logs = [_log(torch.abs(amplitude)) - torch.log(size) for amplitude in amplitudes]
    for i, one in enumerate(amplitudes):
        for k, other in enumerate(amplitudes[: i + 1]):
            mantissa, scale = _powers(_log_ratio(poles[i], poles[k], decay), n)
            present = (one != 0.0) & (other != 0.0) & (mantissa > 0.0)
            signed = (1.0 if i == k else 2.0) * torch.sign(one) * torch.sign(other) * mantissa
            scale = (scale + logs[i] + logs[k]).clamp(max=1e300)
            parts.append((torch.where(present, signed, 0.0), torch.where(present, scale, 0.0)))
    top = torch.zeros_like(newest)
    for _, scale in parts:
        top = torch.maximum(top, scale.detach())
    total = torch.zeros_like(newest)
    for mantissa, scale in parts:
        total = total + mantissa * torch.exp(scale - top)
    grown = torch.exp(top / 4.0)
    return size / torch.sqrt(weight) * torch.sqrt(total.clamp(min=0.0)) * grown * grown


def _total(n: torch.Tensor, direct: torch.Tensor, amplitude: torch.Tensor, pole: torch.Tensor) -> torch.Tensor:
    """|direct + amplitude| + |amplitude| (pole + pole^2 + ... + pole^n)."""
    mantissa, scale = _powers(_log(pole), n)
    older = torch.abs(amplitude) * mantissa * torch.exp(scale)
    return torch.abs(direct + amplitude) + torch.where(amplitude == 0.0, 0.0, older)


def _largest_below_maximum(n: torch.Tensor, decay: torch.Tensor, pole: torch.Tensor) -> torch.Tensor:
    """The largest |m_n|/sqrt(max(v_0, ..., v_n)) of moving averages with the factors pole (m) and decay (v).

    Up to the step ``settled`` it grows as without the maximum, afterwards it decays to 1.  A step too early or too late
    changes the value to second order only, so rounding in ``settled`` does no harm."""
    with torch.no_grad():  # a whole number: it has no gradient
        ratio = _log_ratio(pole, pole, decay)
        excess = torch.where(ratio.abs() < 1.0, -torch.expm1(-ratio), (pole - decay / pole) / pole)
        excess = decay * excess / (1.0 - decay)
        rest = (pole - decay) / pole * ((pole + decay) / pole) / (1.0 - decay)
        count = torch.where(excess > -0.5, torch.log1p(excess), torch.log(rest)) / ratio
        count = torch.where(ratio == 0.0, (decay / pole) * (decay / pole) / (1.0 - decay), count)
        count = torch.where(decay == 0.0, 1.0, count)
        settled = torch.where(pole > decay, torch.minimum(n, torch.ceil(count - 1.0).clamp(min=0.0)), n)
        later = torch.where(settled == n, 0.0, _finite(n) - settled)
    at_settled = _largest_of_one(settled, 1.0 - decay, decay, 1.0 - pole, pole)
    kept = torch.where(later == 0.0, 1.0, torch.where(pole > 0.0, pole, 0.5) ** later)
    # 1 + kept (at_settled - 1), but without cancelling where kept is nearly 1
    below = torch.where(later == 0.0, 0.0, _one_minus_power(pole, torch.where(later == 0.0, 1.0, later)))
    return below + kept * at_settled


def _log_product(factor: torch.Tensor, share: float, log_power: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    """log of the product of factor (1 - share exp(log_power t)) over t = 1, ..., count; log_power <= 0, share <= 1/2.

    The logarithms' power series, summed over t term by term: 55 geometric sums, for any count."""
    count = _finite(count)
    result, coefficient = torch.where(count > 0.0, count * _log(factor).clamp(min=-1e5), 0.0), 1.0
    for i in range(1, 56):
        coefficient *= share
        mantissa, scale = _powers(i * log_power, count)
        result = result - coefficient / i * mantissa * torch.exp(scale)
    return result


def _log_kept(lr: torch.Tensor, weight_decay: torch.Tensor) -> torch.Tensor:
    """log |1 - lr weight_decay|, -1e300 at 0; the product has double length, so it is right near 0, 1 and -1."""
    product = lr * weight_decay
    one, other = 134217729.0 * lr, 134217729.0 * weight_decay
    one, other = one - (one - lr), other - (other - weight_decay)
    rest, left = lr - one, weight_decay - other
    error = (((one * other - product) + one * left + rest * other) + rest * left).detach()
    low, high = product <= 0.5, product >= 1.5
    small = torch.where(low, product, 0.0)
    near = torch.log1p(-small) - error / (1.0 - small)
    beyond = torch.log1p((torch.where(high, product, 2.0) - 2.0) + torch.where(high, error, 0.0))
    between = _log(torch.abs((1.0 - torch.where(low | high, 0.5, product)) - error))
    return torch.where(low, near, torch.where(high, beyond, between))


def _geometric(log_ratio: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    """1 + r + ... + r^(n - 1) with r = exp(log_ratio)."""
    mantissa, scale = _powers(log_ratio, torch.where(n > 0.0, n, 1.0))
    return torch.where(n > 0.0, mantissa * torch.exp((scale - log_ratio).clamp(max=1e300)), 0.0)


def _iterate(
    n: torch.Tensor, largest_update: torch.Tensor, lr: torch.Tensor, start: torch.Tensor, weight_decay: torch.Tensor
) -> torch.Tensor:
    """r^N start + lr largest_update (1 + r + ... + r^(N - 1)), r = |1 - lr weight_decay|, N = n + 1 steps."""
    n = n + 1.0
    kept, moved = _log_kept(lr, weight_decay), lr * largest_update
    held = torch.where(start == 0.0, 0.0, start * torch.exp((_finite(n) * kept).clamp(max=1e300)))
    return torch.where(n <= 0.0, start, held + torch.where(moved == 0.0, 0.0, moved * _geometric(kept, n)))


def _norm_growth(
    n: torch.Tensor,
    gamma: torch.Tensor,
    initial: torch.Tensor,
    lr: torch.Tensor,
    update_squared: torch.Tensor,
    weight_decay: torch.Tensor,
) -> torch.Tensor:
    """d^(2N) initial + lr^2 update_squared sum over k < N of d^(2(N-1-k)) (1 + 2 x (1 + x + ... + x^(k-1))), with
    d = 1 - lr weight_decay, x = gamma d, N = n + 1.  The double sum is built up by doubling N: nothing cancels."""
    n = n + 1.0
    kept = _log_kept(lr, weight_decay)
    both, step, held = _log(gamma) + kept, lr * lr * update_squared, torch.exp(2.0 * kept)
    still, endless = kept == 0.0, torch.isinf(n)
    decaying = torch.where(still, -1.0, kept)
    rest = step * (1.0 + torch.exp(both)) / (torch.expm1(both) * torch.expm1(2.0 * decaying))
    settled = torch.where(still, torch.where(step > 0.0, torch.inf, initial), rest)
    count = torch.where(endless, 0.0, n).detach()
    nested = crossed = torch.zeros_like(both + count)
    m = torch.zeros_like(count)
    for bit in range(int(torch.frexp(count.max())[1]) - 1, -1, -1):
        far, near = torch.exp(2.0 * kept * m), torch.exp((both * m).clamp(min=-1e300))
        nested, crossed = nested * (1.0 + far) + _geometric(both, m) * crossed, crossed * (far + near)
        m = 2.0 * m
        odd = torch.floor(torch.ldexp(count, torch.tensor(-bit))) > m
        nested = torch.where(odd, held * nested + _geometric(both, m), nested)
        crossed = torch.where(odd, held * crossed + torch.exp((both * m).clamp(min=-1e300)), crossed)
        m = torch.where(odd, m + 1.0, m)
    grown = torch.exp(2.0 * kept * count) * initial
    grown = grown + step * (_geometric(2.0 * kept, count) + 2.0 * torch.exp(both) * nested)
    return torch.where(endless, settled, grown)
