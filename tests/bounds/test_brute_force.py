"""The bounds against maxima that were searched for, with nothing but runs of the methods.

What is optimised comes from ``simulate`` on unit impulses and owes nothing to how a bound is derived.  Where an update
is a linear filter over the root of a sum of squares, its maximum is a concave problem, solved here from both sides: no
gradients do better than ``above``, and the ones that were found reach ``below``.  Elsewhere gradient ascent from many
starts gives what an upper bound must not undercut.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from adamtheory import bounds
from adamtheory.methods import METHODS, Method, simulate

F = Fraction
BITS = 256

# beta, gamma on both sides of gamma = beta and of gamma^2 = beta, and on them; several decades from 0 and 1
PLACES = [
    (F(999, 1000), F(9, 10)),  # torch's defaults
    (F(9, 10), F(9, 10)),  # gamma = beta
    (F(1, 2), F(3, 5)),  # gamma^2 < beta < gamma
    (F(1, 4), F(1, 2)),  # gamma^2 = beta
    (F(16, 25), F(4, 5)),  # gamma^2 = beta
    (F(1, 2), F(9, 10)),  # gamma^2 > beta
    (F(1, 50), F(99, 100)),
    (F(99, 100), F(1, 1000)),
    (F(7, 10), F(0)),  # no momentum
]


def build(name: str, **values: Any) -> Method:
    return METHODS[name](**values)


@dataclass(frozen=True)
class Maximum:
    """What was searched for lies in [below, above]; ``gradients`` reach ``below``."""

    below: float
    above: float
    gradients: np.ndarray


def impulses(method: Method, steps: int) -> Any:
    """The run, in balls, on the ``steps`` sequences that are 1 at one step and 0 elsewhere; one sequence a row."""
    return simulate(method, np.eye(steps, dtype=int), arithmetic="ball", zeros="zero-over-zero", bits=BITS)


def maximum_of_squares(method: Method, steps: int) -> arb:
    """The largest |u| after ``steps`` gradients, from the updates alone.

    With a_k, b_k the weights of gradient k above and below, the impulse at k gives a_k/sqrt(b_k); by Cauchy-Schwarz the
    largest (sum a_k g_k)^2/(sum b_k g_k^2) is the sum of a_k^2/b_k."""
    with ctx.workprec(BITS):
        return sum((u * u for u in impulses(method, steps).updates[:, -1]), arb(0)).sqrt()


def weights(method: Method, steps: int, square: str) -> tuple[np.ndarray, np.ndarray]:
    """(a, V) with u = (sum_k a_k g_k)/sqrt(sum_k V[-1, k] g_k^2) after the last step, V[i] the state ``square`` after
    step i; where the method divides by the largest state so far, by the largest of all rows instead."""
    run = impulses(method, steps)
    squares = run.states[square]  # (impulse, step)
    top = "vhat" in run.states or method.name == "amsgrad"
    with ctx.workprec(BITS):
        under = [max(row) if top else row[-1] for row in squares]
        above = [u * below.sqrt() for u, below in zip(run.updates[:, -1], under, strict=True)]
    rows = squares.T if top else squares.T[-1:]
    return np.array([float(x) for x in above]), np.array([[float(x) for x in row] for row in rows])


def constrained_maximum(above: np.ndarray, under: np.ndarray) -> Maximum:
    """The maximum of above . g subject to under g^2 <= 1 (elementwise), from both sides.

    In x = g^2 it is concave, with the dual: minimise sum_k above_k^2/(4 W_k) + sum_i l_i over l >= 0, W = l under.
    Newton's method on the dual with a logarithmic barrier; every l gives an upper bound, and x = above^2/(4 W^2),
    scaled to satisfy the constraints, a lower one.
    """
    squared = above**2
    multipliers = np.ones(len(under))

    def barrier(at: np.ndarray, strength: float) -> float:
        if at.min() <= 0:
            return float("inf")
        return float((squared / (4 * (at @ under))).sum() + at.sum() - strength * np.log(at).sum())

    strength = 1.0
    while strength > 1e-14:
        for _ in range(60):
            total = multipliers @ under
            slope = 1 - under @ (squared / (4 * total**2)) - strength / multipliers
            bend = (under * (squared / (2 * total**3))) @ under.T + np.diag(strength / multipliers**2)
            scaled = multipliers[:, None] * bend * multipliers  # in relative changes, or it is badly conditioned
            step = -multipliers * np.linalg.solve(scaled, multipliers * slope)
            gain = -slope @ step
            if gain < 1e-16 * multipliers.sum():
                break
            length, here = 1.0, barrier(multipliers, strength)
            while length > 1e-12 and barrier(multipliers + length * step, strength) > here - 1e-4 * length * gain:
                length /= 2
            if length <= 1e-12:
                break
            multipliers = multipliers + length * step
        strength /= 8
    total = multipliers @ under
    found = above / (2 * total)
    found = found / np.sqrt((under @ found**2).max())
    return Maximum(float(above @ found), float((squared / (4 * total)).sum() + multipliers.sum()), found)


def ascend(method: Method, steps: int, *, starts: int = 48, rounds: int = 250, seed: int = 0) -> float:
    """The largest |u| after ``steps`` gradients that Adam, climbing from ``starts`` places at once, finds.

    The gradients are sign * exp(size), so that a few hundred rounds can reach any scale."""
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(seed)
    sign = torch.where(torch.rand(starts, steps, generator=generator, dtype=torch.float64) < 0.25, -1.0, 1.0)
    sign[: starts // 2] = 1.0  # half of them one sign
    size = torch.randn(starts, steps, generator=generator, dtype=torch.float64)
    tilt = torch.linspace(-3, 3, starts, dtype=torch.float64)[torch.randperm(starts, generator=generator)]
    size = (size + tilt[:, None] * torch.arange(steps)).requires_grad_()
    climber = torch.optim.Adam([size], lr=0.1)
    best = 0.0
    for _ in range(rounds):
        climber.zero_grad()
        u = simulate(method, sign * size.exp(), arithmetic="torch").updates[:, -1].abs()
        best = max(best, float(u.detach().max()))
        (-u.sum()).backward()
        with torch.no_grad():
            size.grad.nan_to_num_()
        climber.step()
        with torch.no_grad():
            size.clamp_(-150, 150)  # squares stay normal doubles
    return best


def agrees(bound: Any, expected: arb, tolerance: float = 1e-8) -> None:
    """The enclosure overlaps the searched maximum, is narrow, and ``value`` lies in it."""
    low, high = bound.enclosure
    assert high - low <= tolerance * abs(high)
    with ctx.workprec(BITS):
        slack = arb(tolerance) ** 2 * expected
        assert not (exact(low) > expected + slack), f"{bound.value} is above {expected}"
        assert not (exact(high) < expected - slack), f"{bound.value} is below {expected}"
    assert abs(bound.value - float(expected)) <= tolerance * float(expected)


def exact(number: Any) -> arb:
    fraction = Fraction(number)
    return arb(fraction.numerator) / fraction.denominator


def one_layer(name: str, beta: Fraction, gamma: Fraction) -> Method:
    """Methods whose update is one linear filter over one root."""
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "adam": ("adam", {"beta": beta, "gamma": gamma}),
        "adamw": ("adamw", {"beta": beta, "gamma": gamma}),
        "kadam, k=1": ("kadam", {"k": 1, "betas": beta, "gammas": gamma}),
        "rmsprop": ("rmsprop", {"beta": beta}),
        "adagrad": ("adagrad", {}),
        "signsgd": ("signsgd", {}),
        "nadam": ("nadam", {"beta": beta, "gamma": gamma, "schedule": "torch", "momentum_decay": F(1, 10)}),
        "nadam, constant": ("nadam", {"beta": beta, "gamma": gamma, "schedule": "constant"}),
        "ademamix": ("ademamix", {"beta": beta, "gamma": gamma, "gamma_slow": (1 + gamma) / 2, "alpha": 5}),
        "ademamix, equal": ("ademamix", {"beta": beta, "gamma": gamma, "gamma_slow": gamma, "alpha": F(1, 3)}),
        "rmsprop, raw momentum": ("rmsprop_momentum", {"beta": beta, "gamma": gamma, "of": "raw"}),
    }
    key, values = made[name]
    return build(key, **values)


ONE_LAYER = [
    "adam",
    "adamw",
    "kadam, k=1",
    "rmsprop",
    "adagrad",
    "signsgd",
    "nadam",
    "nadam, constant",
    "ademamix",
    "ademamix, equal",
    "rmsprop, raw momentum",
]


@pytest.mark.parametrize("name", ONE_LAYER)
@pytest.mark.parametrize("steps", [1, 2, 16])
def test_one_layer_is_exact(name: str, steps: int) -> None:
    for beta, gamma in PLACES:
        method = one_layer(name, beta, gamma)
        bound = bounds.max_update(method, steps=steps)
        assert bound.kind == "exact"
        agrees(bound, maximum_of_squares(method, steps))


def random_places(count: int, seed: int) -> list[tuple[Fraction, Fraction]]:
    """Places in the open square, half of them uniform and half of them near its edges."""
    draw = random.Random(seed)

    def coordinate() -> Fraction:
        near = F(draw.randint(1, 999), 10 ** draw.randint(3, 7))
        return draw.choice([F(draw.randint(1, 999), 1000), near, 1 - near])

    return [(coordinate(), coordinate()) for _ in range(count)]


@pytest.mark.parametrize("name", [name for name in ONE_LAYER if name not in ("adagrad", "signsgd")])
def test_one_layer_is_exact_at_random_places(name: str) -> None:
    for steps, (beta, gamma) in zip([1, 2, 5, 9, 14, 24], random_places(6, seed=len(name)), strict=True):
        method = one_layer(name, beta, gamma)
        agrees(bounds.max_update(method, steps=steps), maximum_of_squares(method, steps))


@pytest.mark.parametrize(("name", "square"), [("adam", "v"), ("rmsprop", "v"), ("adagrad", "G")])
def test_maximum_of_squares_is_the_maximum(name: str, square: str) -> None:
    """The short cut by impulses against the optimisation, and against a run on the gradients that it found."""
    for steps in (1, 2, 12):
        for beta, gamma in PLACES[:6]:
            method = one_layer(name, beta, gamma)
            found = constrained_maximum(*weights(method, steps, square))
            assert found.above <= found.below * (1 + 1e-8)
            short = float(maximum_of_squares(method, steps))
            assert found.below * (1 - 1e-12) <= short <= found.above * (1 + 1e-12)
            run = simulate(method, found.gradients, zeros="zero-over-zero")
            assert abs(run.updates[-1]) == pytest.approx(found.below, rel=1e-9)


@pytest.mark.parametrize("correction", ["none", "after-maximum"])
@pytest.mark.parametrize("steps", [1, 2, 3, 6, 13, 25])
def test_amsgrad_is_exact(correction: str, steps: int) -> None:
    """Here every v_i so far is a constraint, and which of them bind depends on beta and gamma."""
    for beta, gamma in PLACES + random_places(6, seed=steps):
        method = build("amsgrad", beta=beta, gamma=gamma, correction=correction)
        found = constrained_maximum(*weights(method, steps, "v"))
        assert found.above <= found.below * (1 + 1e-7)
        bound = bounds.max_update(method, steps=steps)
        assert bound.kind == "exact"
        assert found.below * (1 - 1e-10) <= bound.value <= found.above * (1 + 1e-10)
        if steps > 1:  # smaller gradients by the same factor change nothing, other ones do
            run = simulate(method, found.gradients, zeros="zero-over-zero")
            assert abs(run.updates[-1]) == pytest.approx(bound.value, rel=1e-6)


@pytest.mark.slow
def test_random_places() -> None:
    """Thousands of them, zeros, edges and coincidences of the decays included: the bound at a step, its worst
    gradients, and the supremum over all steps, which no step may exceed."""
    draw = random.Random(7)
    for beta, gamma in random_places(1500, seed=8):
        beta, gamma = draw.choice(
            [(beta, gamma)] * 6 + [(gamma, gamma), (gamma**2, gamma), (beta, F(0)), (F(0), gamma)]
        )
        steps = draw.choice([1, 2, 3, 5, 11, 20]) if beta else 1
        if draw.random() < 0.5:
            method = one_layer(draw.choice(ONE_LAYER), beta, gamma)
            bound = bounds.max_update(method, steps=steps)
            agrees(bound, maximum_of_squares(method, steps))
        else:
            correction = draw.choice(["none", "after-maximum"])
            method = build("amsgrad", beta=beta, gamma=gamma, correction=correction)
            bound = bounds.max_update(method, steps=steps)
            found = constrained_maximum(*weights(method, steps, "v"))
            assert found.above <= found.below * (1 + 1e-6)
            assert found.below * (1 - 1e-9) <= bound.value <= found.above * (1 + 1e-9)
        if bound.attained:
            reached = simulate(method, bound.worst_gradients(), arithmetic="ball", bits=BITS).updates[-1]
            assert abs(float(reached)) == pytest.approx(bound.value, rel=1e-12)
        assert bounds.max_update(method).enclosure[1] >= bound.enclosure[0]


def test_the_solver_against_another() -> None:
    """The same problems in CVXPY, where it is installed."""
    cp = pytest.importorskip("cvxpy")
    for steps, beta, gamma in [(4, F(1, 2), F(3, 5)), (12, F(9, 10), F(19, 20)), (12, F(9, 10), F(1, 2))]:
        above, under = weights(build("amsgrad", beta=beta, gamma=gamma, correction="none"), steps, "v")
        g = cp.Variable(steps)
        problem = cp.Problem(cp.Maximize(above @ g), [under @ cp.square(g) <= 1])
        problem.solve(solver=cp.CLARABEL)
        found = constrained_maximum(above, under)
        assert problem.value == pytest.approx(found.below, rel=1e-6)


@pytest.mark.parametrize("slope", [0.99, 1.01])
def test_the_solver_sees_a_wrong_problem(slope: float) -> None:
    """One weight off by 1% moves the maximum out of the certified range: the comparison above can fail."""
    above, under = weights(build("adam", beta=F(1, 2), gamma=F(3, 5)), 5, "v")
    right = constrained_maximum(above, under)
    bent = constrained_maximum(above * np.array([1, 1, 1, 1, slope]), under)
    assert bent.above < right.below or right.above < bent.below


@pytest.mark.parametrize(("k", "strategy"), [(2, "inverse-exp"), (2, "naive"), (3, "naive")])
def test_no_ascent_passes_the_bound_of_kadam(k: int, strategy: str) -> None:
    for beta, gamma in [(F(1, 2), F(3, 5)), (F(1, 4), F(4, 5))]:
        method = build("kadam", k=k, betas=beta, gammas=gamma, strategy=strategy)
        bound = bounds.max_update(method, steps=6)
        assert bound.kind == "upper"
        found = ascend(method, 6, starts=16, rounds=60)
        assert 1 < found <= bound.enclosure[1] * (1 + 1e-12)
        if beta == F(1, 2):  # here it is nearly reached, so a bound 1% smaller would have been undercut
            assert found > 0.99 * bound.value
    assert bounds.max_update(method, steps=1).value == pytest.approx(1, rel=1e-12)


def normalised(name: str, beta: Fraction, gamma: Fraction) -> Method:
    if name == "laprop":
        return build("laprop", beta=beta, gamma=gamma)
    return build("rmsprop_momentum", beta=beta, gamma=gamma, of="normalised")


@pytest.mark.parametrize("name", ["laprop", "rmsprop_momentum"])
def test_momentum_of_normalised_gradients(name: str) -> None:
    """The supremum is neared by gradients that grow ever faster, and by ascent; nothing passes it."""
    for beta, gamma in [(F(9, 10), F(1, 2)), (F(1, 2), F(4, 5)), (F(1, 4), F(1, 2))]:
        method = normalised(name, beta, gamma)
        bound = bounds.max_update(method, steps=7)
        assert bound.kind == "exact"
        assert not bound.attained
        found = ascend(method, 7, starts=16, rounds=60)
        assert bound.value * 0.99 < found < bound.enclosure[1]
        gaps = []
        for growth in (10, 1000, 10**6):
            u = simulate(method, [growth**k for k in range(7)], arithmetic="ball", bits=BITS).updates[-1]
            gaps.append(float(exact(bound.enclosure[1]) - u))
        assert gaps[0] > gaps[1] > gaps[2] > -1e-15 * bound.value
        assert gaps[2] < 1e-10 * bound.value


@pytest.mark.parametrize("name", ONE_LAYER)
def test_supremum_over_all_steps(name: str) -> None:
    """No step is above it, and some step or the limit comes near; in NAdam the first step can be the largest."""
    for beta, gamma in [(F(9, 10), F(1, 2)), (F(774, 1000), F(82, 100)), (F(1, 2), F(3, 5)), (F(1, 2), F(1, 10))]:
        method = one_layer(name, beta, gamma)
        bound = bounds.max_update(method)
        if not bound.stable.holds:
            assert bound.value == float("inf")
            continue
        searched = [maximum_of_squares(method, steps) for steps in (1, 2, 3, 5, 8, 16)]
        assert max(float(x) for x in searched) <= bound.enclosure[1] * (1 + 1e-12)
        by_step = [bounds.max_update(method, steps=steps).value for steps in (*range(1, 65), 100_000)]
        assert max(by_step) == pytest.approx(bound.value, rel=1e-9)
