"""What a search finds depends on neither units nor the order of terms, and means what it says, by other arithmetic."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from adamtheory.flows import heredia_flow
from adamtheory.lyapunov import (
    Certificate,
    LossClass,
    MethodProblem,
    Preconditioned,
    gradient_flow,
    heavy_ball_flow,
    search,
)
from adamtheory.lyapunov.flow_problems import FlowProblem
from adamtheory.lyapunov.search_growth import growth_limit
from adamtheory.methods import Adam
from adamtheory.proof.verdict import Verdict

STRONG = LossClass(10, 1)


def proved(*arguments, **options):
    found = search(*arguments, **options)
    assert found.verdict is Verdict.PROVED, str(found)
    assert found.check()
    return found


@pytest.mark.parametrize(("time", "curvature"), [(F(1, 10**8), F(1000)), (F(10**6), F(1, 10**5))])
def test_units_do_not_matter(time, curvature):
    """theta' = -A y in another unit of time, of a loss in another unit: the rate changes like 1/time, and no more."""
    losses = LossClass(10 * curvature, curvature)
    least = 1 / (time * curvature)
    found = proved(Preconditioned(least, 1000 * least), "gap", LossClass(None, None, curvature))
    assert float(found.rate * time) == pytest.approx(2, rel=1e-5)
    flow = Preconditioned(least / 5, None, 100 / time, 1 / (2 * time))
    found = proved(flow, "gap,kinetic,cross", losses)
    assert float(found.rate * time) == pytest.approx(0.39976, rel=1e-4)
    heavy = Preconditioned(F(1, 2) / (time * curvature), F(1, 2) / (time * curvature), 2 / time)
    found = proved(heavy, "gap,distance,cross,momentum", LossClass(None, curvature))
    assert float(found.rate * time) == pytest.approx(4 / 3, rel=1e-4)


def test_units_of_a_method_do_not_matter():
    unit, template = F(1, 10**6), ("gap", "distance", "before", "between")
    found = proved(MethodProblem(F(1, 10) / unit, LossClass(10 * unit, unit), F(1, 4), template))
    assert float(found.rate) == pytest.approx(0.7378, abs=1e-4)


@pytest.mark.parametrize("template", ["cross,distance,momentum", "momentum,cross,distance", "distance,momentum,cross"])
def test_the_order_of_terms_does_not_matter(template):
    """With a fixed coefficient on a term of free sign, this template would be refuted, wrongly."""
    found = proved(heavy_ball_flow(2), template, LossClass(F(6, 5), 1))
    assert float(found.rate) == pytest.approx(1.68376, rel=1e-4)
    assert found.coefficients["distance"] == 1
    assert found.coefficients["cross"] < 0


SEARCHES = [
    (gradient_flow(), "gap,distance", STRONG),
    (Preconditioned(F(1, 2), F(3)), "gap", STRONG),
    (heavy_ball_flow(3), "gap,momentum,gradient-momentum", STRONG),
    (heavy_ball_flow(3), "gap,distance,cross,momentum", LossClass(None, 1)),
    (heavy_ball_flow(2), "momentum,gradient-momentum,distance", LossClass(F(6, 5), 1)),
    (Preconditioned(F(1, 5), F(1), F(100), F(1, 2)), "gap,kinetic,gradient-momentum", STRONG),
    (Preconditioned(F(1, 5), F(1), F(1), F(1, 10)), "gap,kinetic,gradient-momentum,cross", STRONG),
    (Preconditioned(F(1, 5), None, F(100), F(150)), "gap,kinetic,cross,momentum,distance", LossClass(None, 1)),
    (Preconditioned(F(1, 5), F(5), F(2), F(1)), "kinetic,momentum,cross,distance,gap", STRONG),
]


@pytest.mark.parametrize(("flow", "template", "losses"), SEARCHES)
def test_an_energy_decays_at_random_states(flow, template, losses):
    """W' + rate W <= 0 and W > 0 by floats and matrices, from the flow's equations, knowing nothing of forms."""
    found = proved(flow, template, losses)
    assert found.rate > 0
    random = np.random.default_rng(3)
    weights = {name: float(value) for name, value in found.coefficients.items()}
    assert set(weights) == set(template.split(","))
    low, high = 1.0, float(losses.smoothness or 50)
    least, largest = float(flow.least), float(flow.largest or 100 * flow.least)
    tightest = -np.inf
    for _ in range(4000):
        turn = np.linalg.qr(random.normal(size=(2, 2)))[0]
        bent = random.choice([low, high, random.uniform(low, high)], size=2)
        hessian = turn @ np.diag(bent) @ turn.T
        x, m = random.normal(size=2), random.normal(size=2) * random.choice([0.1, 1, 10])
        scale = random.choice([least, largest, random.uniform(least, largest)], size=2)
        g = hessian @ x
        rate = 0.0 if flow.momentum is None else float(flow.momentum)
        step = -scale * (g if flow.momentum is None else m)
        pull = rate * (g - m)
        growing = float(flow.growth) * scale if largest > least else 0 * scale
        terms = {
            "gap": (x @ g / 2, g @ step),
            "distance": (x @ x / 2, x @ step),
            "cross": (x @ m, step @ m + x @ pull),
            "momentum": (m @ m / 2, m @ pull),
            "kinetic": ((scale * m) @ m / 2, growing @ m**2 / 2 + (scale * m) @ pull),
            "gradient-momentum": (g @ m, (hessian @ step) @ m + g @ pull),
        }
        value = sum(weight * terms[name][0] for name, weight in weights.items())
        change = sum(weight * terms[name][1] for name, weight in weights.items())
        size = sum(abs(weight * part) for name, weight in weights.items() for part in terms[name])
        assert value > 0
        assert change + float(found.rate) * value <= 1e-12 * size
        tightest = max(tightest, (change + float(found.rate) * value) / size)
    assert tightest > -0.2  # the states come near to what the energy allows


@pytest.mark.parametrize("smoothness", [None, 1, 1000])
@pytest.mark.parametrize(("least", "momentum", "growth"), [(F(3), F(1), F(1)), (F(1, 10**4), F(100), F(150))])
def test_the_closed_form_for_adam_holds_at_any_smoothness(smoothness, least, momentum, growth):
    """rho = 2 c mu a/(1 + 3 mu a/lambda), c = 1 - growth/(2 lambda), is certified, and the search finds no less."""
    mu = F(1)
    c = 1 - growth / (2 * momentum)
    closed = 2 * c * mu * least / (1 + 3 * mu * least / momentum)
    flow, losses = Preconditioned(least, None, momentum, growth), LossClass(smoothness, mu)
    assert float(proved(flow, "gap,kinetic,cross", losses).rate) >= float(closed) * (1 - 1e-5)
    assert proved(flow, "gap,kinetic,cross", losses, rate=closed * F(999, 1000)).rate == closed * F(999, 1000)


@pytest.mark.parametrize("momentum", [F(1), F(1, 300), F(10**5)])
def test_the_limit_of_growth_of_adams_energy(momentum):
    """A' <= 2 lambda1 A, that is lambda2 < 4 lambda1: proved up to it and refuted above it, within a millionth."""
    limit = growth_limit(Preconditioned(F(1, 2), None, momentum), "gap,kinetic", LossClass(10))
    assert limit.sharp
    assert limit.check()
    assert limit.upper is not None
    assert limit.lower <= 2 * momentum < limit.upper
    assert limit.upper - limit.lower <= 2 * limit.upper / 10**6
    assert "refuted at" in str(limit)
    assert not replace(limit, below=replace(limit.below, rate=F(1))).check()


def test_where_nothing_limits_the_growth():
    limit = growth_limit(heavy_ball_flow(3), "gap,momentum", LossClass(10))
    assert limit.upper is None
    assert limit.check()
    assert "no limit" in str(limit)
    with pytest.raises(ValueError, match="rate must be one that an energy of the template has"):
        growth_limit(heavy_ball_flow(3), "gap,momentum", LossClass(10), rate=1)


def test_a_result_tells_everything():
    found = proved(heavy_ball_flow(3), "momentum,gradient-momentum,gap", STRONG)
    at = found.certificate.unknowns
    assert found.coefficients["gap"] == 1
    assert found.coefficients["gradient-momentum"] == at["gradient-momentum+"] - at["gradient-momentum-"]
    assert set(found.multipliers) == {name for name in at if " by " in name}
    data = json.loads(found.to_json())
    assert F(data["rate"]) == found.rate
    assert data["certificate"] == json.loads(found.certificate.to_json())
    assert set(data["provenance"]) == {"adamtheory", "cvxpy", "clarabel"}
    refuted = search(Preconditioned(F(1, 2), F(3)), "distance", STRONG)
    (state,) = json.loads(refuted.to_json())["witness"]
    (a, b), (_, c) = [[F(value) for value in row] for row in state["hessian"]]
    x, y = map(F, state["x"])
    first, second = map(F, state["scale"])
    assert first * x * (a * x + b * y) + second * y * (b * x + c * y) < 0  # it moves away, by hand
    assert "for all preconditioners within the bounds" in str(refuted)


def test_evidence_of_something_else_is_no_evidence():
    found = proved(gradient_flow(), "gap", STRONG)
    other = search(gradient_flow(), "gap", LossClass(20, 2))
    assert not replace(found, certificate=other.certificate).check()
    assert not replace(found, rate=found.rate * 2).check()
    assert not replace(found, verdict=Verdict.REFUTED).check()


@pytest.mark.parametrize("name", ["cross", "kinetic", "falls by convexity from theta"])
def test_a_changed_number_is_refused(name):
    found = proved(Preconditioned(F(1, 5), None, F(100), F(1, 2)), "gap,kinetic,cross", STRONG)
    certificate = found.certificate
    for factor in (F(9, 10), F(11, 10)):
        changed = dict(certificate.unknowns) | {name: certificate.unknowns[name] * factor}
        assert not Certificate(certificate.problem, certificate.rate, changed).check()
    assert not replace(certificate, rate=certificate.rate * F(105, 100)).check()


@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        (LossClass(10), "stationary above their minimum"),
        (LossClass(10, 0), "as flat as you like"),
        (LossClass(), "stationary above their minimum"),
    ],
)
def test_what_a_class_does_not_know_is_said(losses, reason):
    found = search(gradient_flow(), "gap", losses, rate=F(1, 10))
    assert found.verdict is Verdict.UNDECIDED
    assert reason in str(found)
    assert proved(gradient_flow(), "gap", losses).rate == 0


BAD = [
    (lambda: search(heavy_ball_flow(1), "cross,momentum", STRONG), "with gap or distance"),
    (lambda: search(FlowProblem(heavy_ball_flow(1), ("momentum",), STRONG)), "with gap or distance"),
    (lambda: search(gradient_flow(), "gap", STRONG, rate=-1), "rate must be >= 0"),
    (lambda: search(gradient_flow(), None, STRONG), "template must be names"),
    (lambda: search(MethodProblem(F(1, 10), STRONG), None, LossClass(1000, 1)), "losses must be left out"),
    (lambda: search(MethodProblem(F(1, 10), STRONG), "gap"), "template must be left out"),
    (
        lambda: search(heredia_flow(Adam(lr="0.1", beta="0.1", eps="1e-8")), "gap,kinetic", STRONG, initial_gap=1),
        "whose energy decreases at all times",
    ),
    (lambda: growth_limit(gradient_flow(), "gap", STRONG), "flow must be one with momentum"),
    (lambda: growth_limit(heavy_ball_flow(1), "gap,momentum", STRONG, tolerance=2), r"tolerance must be inside"),
]


@pytest.mark.parametrize(("make", "message"), BAD)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("arguments", [(gradient_flow(), "gap", None), (gradient_flow(), 3, STRONG)])
def test_other_types(arguments):
    with pytest.raises(TypeError, match=r"(losses|template) must be"):
        search(*arguments)
