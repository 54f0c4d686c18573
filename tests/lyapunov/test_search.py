"""The search for energies: known rates come back, what is false is refuted, and certificates stand on their own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from adamtheory.flows import flow_of, heredia_flow, solve
from adamtheory.lyapunov import (
    Certificate,
    LossClass,
    MethodProblem,
    Preconditioned,
    gradient_flow,
    heavy_ball_flow,
    load_certificate,
    random_quadratics,
    search,
)
from adamtheory.lyapunov.exact_forms import positive_semidefinite
from adamtheory.lyapunov.flow_problems import FlowProblem
from adamtheory.methods import AdaGrad, Adam, RMSProp
from adamtheory.proof.verdict import Verdict

STRONG = LossClass(10, 1)


def proved(*arguments, **options):
    found = search(*arguments, **options)
    assert found.verdict is Verdict.PROVED, str(found)
    assert found.check()
    return float(found.rate)


@pytest.mark.parametrize(
    ("template", "losses"), [("gap", STRONG), ("distance", STRONG), ("gap", LossClass(10, None, 1))]
)
def test_gradient_flow(template, losses):
    assert proved(gradient_flow(), template, losses) == pytest.approx(2, rel=1e-4)


def test_heavy_ball_flow_needs_no_smoothness():
    """With friction 2 sqrt(mu) the known energy f - f* + |x' + sqrt(mu) x|^2/2 decays at sqrt(mu); there are better."""
    found = proved(heavy_ball_flow(2), "gap,distance,cross,momentum", LossClass(None, 1))
    assert 1 <= found < 1.4
    problem = FlowProblem(heavy_ball_flow(2), ("gap", "distance", "cross", "momentum"), LossClass(None, 1))
    known = dict.fromkeys(problem.unknowns, F(0))
    # x' = -m/2: |x' + x|^2/2 = |x|^2/2 - <x, m>/2 + |m|^2/8, and the rate is 1 by convexity at theta
    known |= {"distance": F(1), "cross": F(-1, 2), "momentum": F(1, 4), "falls by convexity from theta": F(1)}
    assert Certificate(problem, F(1), known).check()
    assert not Certificate(problem, F(101, 100), known).check()


def test_convex_losses_do_not_grow():
    assert proved(heavy_ball_flow(1), "gap,momentum", LossClass(None, 0), rate=0) == 0


@pytest.mark.parametrize("momentum", [F(1), F(100)])
def test_the_condition_of_adams_energy_is_found(momentum):
    """f - f* + p sum A m^2 does not grow if and only if A' <= 2 lambda1 A: lambda2 < 4 lambda1 where A' <= lambda2 A/2.

    p = 1/(2 lambda1) is found with it; just above the limit, states refute the template."""
    below = Preconditioned(F(1, 2), None, momentum, 2 * momentum * F(999_999, 1_000_000))
    found = search(below, "gap,kinetic", LossClass(10), rate=0)
    assert found.verdict is Verdict.PROVED
    assert found.coefficients["kinetic"] / 2 == 1 / (2 * momentum)
    above = replace(below, growth=2 * momentum * F(1_000_001, 1_000_000))
    found = search(above, "gap,kinetic", LossClass(10), rate=0)
    assert found.verdict is not Verdict.PROVED
    found = search(replace(below, growth=3 * momentum), "gap,kinetic", LossClass(10), rate=0)
    assert found.verdict is Verdict.REFUTED
    assert found.check()
    assert len(found.refutation.states) >= 2


@pytest.mark.parametrize(("least", "growth"), [(F(1, 5), F(1, 2)), (F(1, 50), F(1, 2)), (F(2), F(20))])
def test_no_worse_than_the_proved_rate_of_adam(least, growth):
    momentum, mu = F(100), F(1)
    found = proved(Preconditioned(least, None, momentum, growth), "gap,kinetic,cross", LossClass(10, mu))
    c = 1 - growth / (2 * momentum)
    closed = 2 * c * mu * least / (1 + 3 * mu * least / momentum)
    assert found >= float(closed) * (1 - 1e-5)
    assert found <= 1.2 * float(closed)  # and there is little left in this template


def test_memory_equations():
    adam = heredia_flow(Adam(lr="0.001", eps="1e-8"))
    found = proved(adam, "gap,distance,cross,momentum,kinetic", STRONG, initial_gap=1)
    assert 0.4169 < found < 0.45
    root = np.sqrt(20)
    rmsprop = heredia_flow(RMSProp(lr="0.001", beta="0.999", eps="1e-8"))
    assert proved(rmsprop, "gap", LossClass(10, None, 1), initial_gap=1) == pytest.approx(2 / root, rel=1e-4)
    adagrad = heredia_flow(AdaGrad(lr="0.1", eps="1e-8"))
    assert proved(adagrad, "gap", STRONG, initial_gap=1) == pytest.approx(0.4, rel=1e-4)


def test_a_found_energy_decays_along_a_flow():
    flow = heredia_flow(Adam(lr="0.01", gamma="0.9", beta="0.99", eps="0.1"))
    found = search(flow, ["gap", "kinetic", "cross"], STRONG, initial_gap=1)
    losses = random_quadratics(30, 3, 10.0, seed=4)
    times = np.geomspace(1e-3, 2, 60)
    solved = solve(flow, losses.loss, losses.starts.reshape(-1), (0, 2), save_at=times, rtol=1e-9, atol=1e-11)
    scale = flow.gain(times)[:, None] / (np.sqrt(solved.v) + flow.floor(times)[:, None])
    shape = (len(times), 30, 3)
    kinetic = (scale * solved.m**2).reshape(shape).sum(axis=2) / 2
    cross = (solved.theta * solved.m).reshape(shape).sum(axis=2)
    weights = {name: float(value) for name, value in found.coefficients.items()}
    energy = losses.gaps(solved.theta) + weights["kinetic"] * kinetic + weights["cross"] * cross
    falls = np.log(energy[1:] / energy[:-1]) / np.diff(times)[:, None]
    assert (falls <= -float(found.rate) + 1e-6).all()


@pytest.mark.parametrize(
    ("dynamics", "losses"),
    [
        (Preconditioned(F(1, 2), F(3)), STRONG),
        (Preconditioned(F(1, 2), None), LossClass(10, F(1, 10))),
        (Preconditioned(F(1, 2), None, F(5), F(1)), LossClass(10, F(1, 10))),
    ],
)
def test_distance_is_refuted_by_a_witness(dynamics, losses):
    found = search(dynamics, "distance", losses)
    assert found.verdict is Verdict.REFUTED
    (state,) = found.refutation.states
    assert state.change("distance", dynamics) > 0
    # what is no refutation is refused
    assert not replace(found.refutation, states=(replace(state, x=(F(0), F(0))),)).check()
    assert not replace(found.refutation, multipliers=(F(-1),)).check()
    outside = replace(state, scale=(dynamics.least / 2, state.scale[1]))
    assert not replace(found.refutation, states=(outside,)).check()
    assert "it grows at Hessian" in str(found)


def test_too_rich_a_class_is_undecided():
    found = search(gradient_flow(), "gap", LossClass(10), rate=F(1, 10))
    assert found.verdict is Verdict.UNDECIDED
    assert "no coefficients were found at the rate 1/10" in str(found)
    assert not found.check()


@pytest.mark.parametrize("step", [F(1, 20), F(1, 10), F(2, 11), F(19, 100)])
def test_gradient_descent(step):
    """max(|1 - step mu|, |1 - step L|)^2 a step, the exact rate of the class."""
    found = proved(MethodProblem(step, STRONG), None, STRONG)
    assert found == pytest.approx(float(max(abs(1 - step), abs(1 - 10 * step)) ** 2), rel=1e-4)


def test_heavy_ball_method_against_pepit():
    """The rate found is a proof; PEPit's worst case over a few steps cannot be above what it allows."""
    pepit = pytest.importorskip("PEPit", reason="held against PEPit where that is installed")
    from PEPit.functions import SmoothStronglyConvexFunction

    problem = MethodProblem(F(1, 10), STRONG, F(1, 4), ("gap", "distance", "before", "between"))
    found = search(problem, None, STRONG)
    assert found.check()
    coefficients = {name: float(value) for name, value in found.coefficients.items()}

    def energy(gap, new, old):
        quadratic = coefficients["distance"] * new**2 + coefficients["before"] * old**2
        return coefficients["gap"] * gap + quadratic + coefficients["between"] * new * old

    posed = pepit.PEP()
    f = posed.declare_function(SmoothStronglyConvexFunction, mu=1, L=10)
    minimum = f.stationary_point()
    old, new = posed.set_initial_point(), posed.set_initial_point()
    lowest = f(minimum)
    posed.set_initial_condition(energy(f(new) - lowest, new - minimum, old - minimum) <= 1)
    following = new - 0.1 * f.gradient(new) + 0.25 * (new - old)
    posed.set_performance_metric(energy(f(following) - lowest, following - minimum, new - minimum))
    worst = posed.solve(verbose=0)
    assert worst <= float(found.rate) * (1 + 1e-3)
    assert worst >= float(found.rate) * (1 - 1e-2)  # and one step of it is as bad as that


def test_gradient_descent_against_pepit():
    pepit = pytest.importorskip("PEPit", reason="held against PEPit where that is installed")
    from PEPit.functions import SmoothStronglyConvexFunction

    step = F(3, 20)
    posed = pepit.PEP()
    f = posed.declare_function(SmoothStronglyConvexFunction, mu=1, L=10)
    minimum, start = f.stationary_point(), posed.set_initial_point()
    posed.set_initial_condition((start - minimum) ** 2 <= 1)
    posed.set_performance_metric((start - float(step) * f.gradient(start) - minimum) ** 2)
    worst = posed.solve(verbose=0)
    own = proved(MethodProblem(step, STRONG, template=("distance",)), None, STRONG)
    assert own == pytest.approx(worst, rel=1e-3)


def test_certificates_stand_on_their_own(tmp_path):
    found = search(gradient_flow(), "gap,distance", STRONG)
    file = tmp_path / "certificate.json"
    file.write_text(found.certificate.to_json(), encoding="utf-8")
    loaded = load_certificate(file)
    assert loaded == found.certificate
    assert loaded.check()
    data = json.loads(file.read_text(encoding="utf-8"))
    faster = dict(data, rate=str(F(data["rate"]) * F(105, 100)))
    for wrong in (
        faster,
        dict(data, unknowns=data["unknowns"] | {"distance": "-1000"}),
        dict(data, unknowns={name: value for name, value in data["unknowns"].items() if name != "distance"}),
        dict(data, unknowns=data["unknowns"] | {"falls by convexity from theta": "-1"}),
    ):
        file.write_text(json.dumps(wrong), encoding="utf-8")
        assert not load_certificate(file).check()
    for broken in ("{", "[]", '{"format": "other"}', '{"format": "adamtheory energy certificate 1"}'):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(ValueError, match=r"certificate|format"):
            load_certificate(file)


def test_the_checker_imports_no_solver():
    code = (
        "import sys, adamtheory.lyapunov.certificates as c;"
        "print([m for m in ('cvxpy', 'clarabel', 'scipy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_positive_semidefinite_against_eigenvalues():
    random = np.random.default_rng(0)
    for _ in range(300):
        size = int(random.integers(1, 5))
        root = random.integers(-3, 4, (size, int(random.integers(1, size + 1))))
        form = root @ root.T - int(random.integers(0, 2)) * np.diag(random.integers(0, 2, size))
        exact = [[F(int(value)) for value in row] for row in form]
        least = np.linalg.eigvalsh(form.astype(float))[0]
        if abs(least) > 1e-9:
            assert positive_semidefinite(exact) == (least > 0)
        else:
            assert positive_semidefinite(exact) == (least > -1e-9)


BAD = [
    (lambda: LossClass(1, 2), "at most smoothness"),
    (lambda: LossClass(1, 0.1, 0.1), "left out where strong_convexity is given"),
    (lambda: LossClass(-1), "smoothness must be > 0"),
    (lambda: heavy_ball_flow(0), "friction must be > 0"),
    (lambda: Preconditioned(F(2), F(1)), "largest must be at least"),
    (lambda: search(gradient_flow(), "cross", STRONG), "gap or distance for a flow without momentum"),
    (lambda: search(gradient_flow(), "gap,gap", STRONG), "different terms"),
    (lambda: search(heavy_ball_flow(1), "energy", STRONG), "made of gap"),
    (lambda: search(heavy_ball_flow(1), "gap,gradient-momentum", LossClass(None, 1)), "no bound"),
    (lambda: search(heredia_flow(Adam(lr="0.1", eps="1e-8")), "gap", STRONG), "initial_gap must be given"),
    (lambda: search(heredia_flow(Adam(lr="0.1")), "gap", STRONG, initial_gap=1), "eps must be > 0"),
    (lambda: search(flow_of(Adam(lr="0.1", eps="1e-8")), "gap", STRONG, initial_gap=1), "without inertia"),
    # a coefficient of either sign must not be the fixed one: -<x, m> could be what decreases
    (lambda: search(heavy_ball_flow(1), "cross,momentum", STRONG), "one with gap or distance"),
    # where the energy can grow, the gap at the start bounds no memory
    (
        lambda: search(heredia_flow(Adam(lr="0.1", gamma="0.9", beta="0.2", eps="1e-8")), "gap", STRONG, initial_gap=1),
        "energy decreases at all times",
    ),
    (lambda: search(gradient_flow(), "gap", STRONG, rate=-1), "rate must be >= 0"),
    (lambda: MethodProblem(F(0), STRONG), "step must be > 0"),
    (lambda: MethodProblem(F(1), LossClass(10, None, 1)), "convex"),
]


@pytest.mark.parametrize(("make", "message"), BAD)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_the_order_of_the_template_does_not_matter():
    one = search(heavy_ball_flow(2), "momentum,cross,distance,gap", LossClass(None, 1), rate=1)
    other = search(heavy_ball_flow(2), "gap,distance,cross,momentum", LossClass(None, 1), rate=1)
    assert one.verdict is other.verdict is Verdict.PROVED
    assert one.check()


def test_units_do_not_matter():
    """Time and loss in other units: the same energy, its rate in the new unit of time."""
    plain = proved(Preconditioned(F(1, 5), None, F(100), F(1, 2)), "gap,kinetic,cross", LossClass(10, 1))
    for scale in (F(1, 10**4), F(10**4)):
        flow = Preconditioned(F(1, 5) * scale, None, F(100) * scale, F(1, 2) * scale)
        assert proved(flow, "gap,kinetic,cross", LossClass(10, 1)) == pytest.approx(plain * float(scale), rel=1e-3)


def test_another_type_of_flow():
    with pytest.raises(TypeError, match="flow must be"):
        search("adam", "gap", STRONG)
