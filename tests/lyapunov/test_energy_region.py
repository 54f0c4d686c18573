"""Where the energy of Adam's flow decreases: enclosures and boxes against the formula itself, in another arithmetic."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import pytest

from adamtheory.lyapunov.energy_boxes import Box, area, cells, simplest, slower
from adamtheory.lyapunov.energy_coefficient import smallest_coefficient
from adamtheory.lyapunov.energy_growth import largest_share
from adamtheory.lyapunov.energy_region import EnergyRegion, energy_region, rates_decide, safe_gamma, side_of
from adamtheory.notation import DecayRate

FORWARD = DecayRate.forward_euler
MP = mpmath.mp.clone()
MP.dps = 40


def number(value: Fraction) -> mpmath.mpf:
    return MP.mpf(value.numerator) / value.denominator


def sampled(beta: Fraction, gamma: Fraction, convention: DecayRate, shift: int = 0) -> mpmath.mpf:
    """The smallest of c on a fine grid of times, by the definition: the derivative of ln(eta) and all."""
    b, g = number(beta), number(gamma)
    rate = {
        DecayRate.exact: lambda a: -MP.log(a),
        DecayRate.first_order: lambda a: (1 - a) / a,
        FORWARD: lambda a: 1 - a,
    }[convention]
    first, second = -MP.log(g), -MP.log(b)

    def c(s: mpmath.mpf) -> mpmath.mpf:
        # d/ds of ln sqrt(1 - beta^s) - ln(1 - gamma^s)
        grows = second * b**s / (2 * (1 - b**s)) - first * g**s / (1 - g**s)
        return 1 - (grows + rate(b) / 2) / (2 * rate(g))

    times = [MP.mpf(10) ** (MP.mpf(k) / 12) / max(first, second) for k in range(-24, 73)]
    times += [MP.mpf(10) ** (MP.mpf(k) / 12) / min(first, second) for k in range(-24, 37)]
    return min(c(s + shift) for s in times)


def points(seed: int, count: int) -> list[tuple[Fraction, Fraction]]:
    """At all distances from the edges."""
    draw = random.Random(seed)

    def one() -> Fraction:
        size = Fraction(draw.randint(1, 999), 10 ** draw.randint(3, 11))
        return size if draw.random() < 0.5 else 1 - size

    return [(one(), one()) for _ in range(count)]


@pytest.mark.parametrize("convention", DecayRate)
@pytest.mark.parametrize("shift", [0, 1])
def test_enclosures_against_samples(convention: DecayRate, shift: int) -> None:
    for beta, gamma in points(1, 25):
        found = smallest_coefficient(beta, gamma, convention=convention, shift=shift)
        least = sampled(beta, gamma, convention, shift)
        scale = 1 + abs(number(found.lower))
        assert found.lower <= found.upper
        assert found.upper - found.lower <= Fraction(1, 10**6)
        assert number(found.lower) <= least + scale * MP.mpf(10) ** -30
        # 12 times a decade: the grid passes near the minimum
        assert number(found.upper) >= least - scale * MP.mpf("0.01")
        assert found.sign == (1 if found.lower > 0 else -1)


@pytest.mark.parametrize("convention", DecayRate)
def test_the_place_is_one_where_c_is_that_small(convention: DecayRate) -> None:
    for beta, gamma in points(2, 15):
        found = smallest_coefficient(beta, gamma, convention=convention)
        assert (found.steps is None) == (beta <= gamma)
        if found.steps is None:
            continue
        near = [at_time(beta, gamma, convention, found.steps * k / 1000) for k in (900, 999, 1000, 1001, 1100)]
        assert abs(near[2] - number(found.upper)) < MP.mpf(10) ** -15 * (1 + abs(near[2]))
        assert near[0] > near[1] > near[2] < near[3] < near[4]


def at_time(beta: Fraction, gamma: Fraction, convention: DecayRate, steps: Fraction) -> mpmath.mpf:
    """c by differentiating ln(eta) numerically."""
    b, g, s = number(beta), number(gamma), number(steps)
    low, high = (DecayRate(convention)(sympy_rational(x)) for x in (gamma, beta))
    grows = MP.diff(lambda s: MP.log(MP.sqrt(1 - b**s) / (1 - g**s)), s, h=s * MP.mpf(10) ** -13)
    return 1 - (grows + MP.mpf(str(high.evalf(40))) / 2) / (2 * MP.mpf(str(low.evalf(40))))


def sympy_rational(value: Fraction):
    import sympy as sp

    return sp.Rational(value.numerator, value.denominator)


def test_exact_rates_decrease_below_four_times() -> None:
    for numerator in range(1, 12):
        # beta = gamma^r with r = numerator/2
        beta, gamma = Fraction(1, 9) ** numerator, Fraction(1, 81)
        found = smallest_coefficient(beta, gamma, convention="exact")
        assert found.sign == (numerator < 8) - (numerator > 8)
        assert found.decreases == (numerator <= 8)
        assert (found.rises_at is not None) == (numerator > 8)
    just = smallest_coefficient("0.6561", "0.9", convention="exact")
    assert (just.sign, just.decreases, just.steps) == (0, True, None)
    assert just.lower <= 0 <= just.upper


@pytest.mark.parametrize(("beta", "gamma"), [("0.999", "1e-8"), ("1/2", "4e-8"), ("2/3", Fraction(1, 67108865))])
def test_forward_euler_without_momentum_grows_early(beta: str, gamma: object) -> None:
    found = smallest_coefficient(beta, gamma, convention=FORWARD)
    assert (found.sign, found.decreases) == (-1, False)
    assert found.rises_at is not None
    assert at_time(found.beta, found.gamma, FORWARD, found.rises_at) < 0
    assert slower(found.beta, found.gamma, 2, FORWARD) == 1  # C > 0
    assert smallest_coefficient(beta, gamma, convention=FORWARD, shift=1).sign == 1
    for other in (DecayRate.exact, DecayRate.first_order):
        assert smallest_coefficient(beta, gamma, convention=other).sign == 1


def test_what_rises_in_the_end_rises_at_the_time_that_is_named() -> None:
    for convention in DecayRate:
        found = smallest_coefficient("0.3", "0.9", convention=convention)
        assert found.rises_at is not None
        assert at_time(found.beta, found.gamma, convention, found.rises_at) < 0


def test_extreme_factors() -> None:
    nearly = Fraction(1, 2) + Fraction(1, 10**60)
    for beta, gamma in ((nearly, "0.5"), (1 - Fraction(1, 10**3000), 1 - Fraction(1, 10**2999)), ("1e-300", "1e-299")):
        for convention in DecayRate:
            found = smallest_coefficient(beta, gamma, convention=convention)
            assert found.upper - found.lower <= Fraction(1, 10**6) * (1 + abs(found.lower))
            assert found.sign is not None


def test_largest_share_is_the_limit_of_no_second_decay() -> None:
    grid = [MP.mpf(k) / 100 for k in range(1, 1000)]
    best = max(1 / (2 * x) - 1 / MP.expm1(x) for x in grid)
    share = MP.mpf(str(largest_share().mid()).strip("[]").split(" ")[0])
    assert 0 <= share - best < MP.mpf(10) ** -5


# -- boxes -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[(c, s) for c in DecayRate for s in (0, 1)], ids=str)
def region(request) -> EnergyRegion:
    convention, shift = request.param
    return energy_region(convention, depth=2, shift=shift)


def inside(box: Box, draw: random.Random) -> tuple[Fraction, Fraction]:
    def between(low: Fraction, high: Fraction) -> Fraction:
        # also the corners, where they are in the open square
        share = Fraction(draw.choice([0, 1000, *[draw.randint(1, 999)] * 3]), 1000)
        at = low + share * (high - low)
        return at if 0 < at < 1 else (low + high) / 2

    return between(box.beta_low, box.beta_high), between(box.gamma_low, box.gamma_high)


def test_boxes_cover_the_square_once(region: EnergyRegion) -> None:
    boxes = region.inner + region.outer + region.undecided
    assert area(boxes) == 1
    assert region.inner_area + region.outer_area + area(region.undecided) == 1
    assert area(region.undecided) == region.undecided_area
    assert len(set(boxes)) == len(boxes)


def test_boxes_against_samples(region: EnergyRegion) -> None:
    draw = random.Random(3)
    shift = int(region.shift)
    for boxes, sign in ((region.inner, 1), (region.outer, -1), (region.early, -1)):
        for box in draw.sample(boxes, min(20, len(boxes))):
            beta, gamma = inside(box, draw)
            found = smallest_coefficient(beta, gamma, convention=region.convention, shift=shift)
            assert found.sign == sign
            if sign > 0:
                assert sampled(beta, gamma, region.convention, shift) > 0
            else:
                assert found.rises_at is not None
                assert at_time(beta, gamma, region.convention, found.rises_at + shift) < 0


def test_finer_boxes_decide_more(region: EnergyRegion) -> None:
    coarse = energy_region(region.convention, depth=1, shift=region.shift)
    assert coarse.inner_area <= region.inner_area
    assert coarse.outer_area <= region.outer_area
    assert region.undecided_area < coarse.undecided_area


def test_the_areas_of_the_curves(region: EnergyRegion) -> None:
    # of lambda2 < 4 lambda1, by integrals: the early part of forward Euler's rates is below 1e-7
    whole = {
        DecayRate.exact: MP.mpf(4) / 5,
        FORWARD: MP.mpf(7) / 8,
        DecayRate.first_order: MP.mpf(4) / 3 * (1 - MP.log(4) / 3),
    }[region.convention]
    assert number(region.inner_area) < whole < 1 - number(region.outer_area) + MP.mpf("1e-7")


def test_how_it_relates_to_the_stability_exponent(region: EnergyRegion) -> None:
    without_shift = region.convention is FORWARD and not region.shift
    assert region.stability_suffices is (not without_shift)
    assert bool(region.stable_but_early) is without_shift
    assert bool(region.early) is without_shift
    assert region.decreasing_not_stable
    assert rates_decide(region.convention, region.shift) is (not without_shift)
    if without_shift:
        assert region.stable_example is not None
        beta, gamma = region.stable_example
        assert smallest_coefficient(beta, gamma, convention=FORWARD).sign == -1
        assert 2 * (1 - gamma) - (1 - beta) > 0
        assert Fraction(4, 10**8) < region.early_below < Fraction(1, 10**7)
    else:
        assert region.early_below == 0


def test_a_box_across_the_boundary_is_not_certified() -> None:
    draw = random.Random(4)
    for convention in DecayRate:
        found = energy_region(convention, depth=1)
        inner = draw.sample(found.inner, 40)
        for box in inner:
            # as far up in gamma as the square goes: across lambda2 = 4 lambda1
            assert side_of(Box(box.beta_low, box.beta_high, box.gamma_low, Fraction(1)), convention=convention) == 0
        for box in (box for box in draw.sample(found.outer, 40) if box not in found.early):
            # as far to the right in beta
            enlarged = Box(box.beta_low, Fraction(1), box.gamma_low, box.gamma_high)
            assert side_of(enlarged, convention=convention) == 0


def test_a_box_across_the_early_boundary_is_not_certified() -> None:
    beta = Fraction(9, 10), Fraction(91, 100)
    for low, high, side in (("1e-8", "2e-8", -1), ("4e-8", "1e-7", 1), ("2e-8", "4e-8", 0), ("1e-8", "1e-7", 0)):
        box = Box(*beta, Fraction(low), Fraction(high))
        assert side_of(box, convention=FORWARD) == side
        assert side_of(box, convention=FORWARD, shift=1) == 1


def test_a_shift_that_is_shorter_than_the_early_time_changes_nothing() -> None:
    # c is smallest at s = 0.16 there
    box = Box(Fraction(9, 10), Fraction(91, 100), Fraction("1e-8"), Fraction("2e-8"))
    assert [side_of(box, convention=FORWARD, shift=shift) for shift in (0, "0.1", "0.5", 1)] == [-1, -1, 1, 1]


def test_a_shift_to_the_very_time() -> None:
    found = smallest_coefficient("0.999", "0.9", convention="exact")
    assert found.steps is not None
    for k in range(-20, 21):
        shifted = smallest_coefficient("0.999", "0.9", convention="exact", shift=found.steps + Fraction(k, 2**50))
        assert shifted.steps is not None
        assert 0 <= shifted.steps < Fraction(1, 2**40)
        assert found.lower <= shifted.upper
        assert shifted.lower <= found.upper + Fraction(1, 2**60)


def test_from_the_safe_gamma_on_the_rates_decide() -> None:
    safe = safe_gamma(FORWARD)
    assert Fraction(1, 10**6) < safe < Fraction(3, 10**6)
    for beta in ("0.001", "0.3", "0.5", "0.9", "0.999", 1 - Fraction(1, 10**12)):
        assert smallest_coefficient(beta, safe, convention=FORWARD).sign == 1
    assert safe_gamma(DecayRate.exact) == safe_gamma(DecayRate.first_order) == 0


def test_cells_cover_the_square() -> None:
    assert area(cells()) == 1


def test_simplest_fractions() -> None:
    draw = random.Random(5)
    for _ in range(100):
        low, high = sorted(Fraction(draw.randint(0, 60), draw.randint(60, 90)) for _ in range(2))
        if low == high:
            continue
        found = simplest(low, high)
        assert low < found < high
        assert not any(low < Fraction(p, q) < high for q in range(1, found.denominator) for p in range(q + 1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"beta": 1, "gamma": "0.9"}, r"beta must be inside \(0, 1\), got 1"),
        ({"beta": "0.9", "gamma": 0}, r"gamma must be inside \(0, 1\), got 0"),
        ({"beta": "0.9", "gamma": "0.9", "convention": "euler"}, "convention must be one of 'first_order'"),
        ({"beta": "0.9", "gamma": "0.9", "shift": -1}, "shift must be at least 0 steps, got -1"),
    ],
)
def test_refusals(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        smallest_coefficient(**{"convention": "exact"} | arguments)


def test_refusals_of_the_region() -> None:
    with pytest.raises(ValueError, match="depth must be an integer >= 0 and <= 12, got 13"):
        energy_region("exact", depth=13)
    with pytest.raises(ValueError, match="gamma_low must be at least 0 and below its upper end"):
        Box(Fraction(0), Fraction(1), Fraction(1, 2), Fraction(1, 2))
