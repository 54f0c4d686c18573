"""The benchmark problems: derivatives against differences, minimisers, mini-batches, seeds."""

import importlib.util
import sys

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose

from adamtheory.flows.problems import PROBLEMS, problem

NETWORKS = ("digits-mlp", "char-transformer", "mlp-large")
CLOSED = ("quadratic", "double-well", "rosenbrock-like", "rosenbrock")
WITH_ROWS = ("least-squares", "logistic", *NETWORKS)
SMALL = {"char-transformer": {"rows": 4, "width": 8}, "mlp-large": {"rows": 2}}


@pytest.fixture(autouse=True)
def one_thread():
    if importlib.util.find_spec("torch") is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def made(name, **parameters):
    if name in NETWORKS:
        pytest.importorskip("torch", reason="the problem is a network")
    if name == "digits-mlp":
        pytest.importorskip("sklearn", reason="the digits are scikit-learn's")
    return problem(name, **{**SMALL.get(name, {}), **parameters})


@pytest.mark.parametrize("name", PROBLEMS)
def test_derivatives(name):
    """Near the start, along random directions, by central differences; and the Hessian is symmetric."""
    posed = made(name)
    loss, rng = posed.loss, np.random.default_rng(5)
    theta = posed.theta0 + 0.01 * rng.normal(size=loss.size)
    x, y = rng.normal(size=(2, loss.size))
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    h = 1e-5
    g = loss.gradient(theta)
    assert g.shape == theta.shape == (loss.size,)
    slope = (loss.value(theta + h * x) - loss.value(theta - h * x)) / (2 * h)
    assert g @ x == pytest.approx(slope, rel=1e-7, abs=1e-9)
    bend = (loss.gradient(theta + h * x) - loss.gradient(theta - h * x)) / (2 * h)
    assert_allclose(loss.hessian_vector(theta, x), bend, rtol=1e-6, atol=1e-8 * max(1, np.abs(bend).max()))
    assert y @ loss.hessian_vector(theta, x) == pytest.approx(x @ loss.hessian_vector(theta, y), rel=1e-9, abs=1e-14)
    assert np.abs(g).max() > 0


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_says_what_it_is(name):
    posed = made(name)
    assert posed.name == posed.loss.name == name
    assert posed.description
    assert posed.source
    assert posed.theta0.shape == (posed.loss.size,)
    assert posed.t_span[0] == 0 < posed.t_span[1]
    if posed.minimiser is not None:
        assert posed.loss.gradient(posed.minimiser) == pytest.approx(np.zeros(posed.loss.size), abs=1e-12)
        assert posed.loss.value(posed.minimiser) < posed.loss.value(posed.theta0)


@pytest.mark.parametrize("name", CLOSED)
def test_the_loss_is_its_expression(name):
    posed = made(name)
    point = posed.theta0 + 0.3
    symbols = [sp.Symbol(f"theta_{i}", real=True) for i in range(posed.loss.size)]
    assert posed.expression.free_symbols == set(symbols)
    values = dict(zip(symbols, map(sp.Float, point), strict=True))
    assert posed.loss.value(point) == pytest.approx(float(posed.expression.subs(values)), rel=1e-14)
    slopes = [float(sp.diff(posed.expression, s).subs(values)) for s in symbols]
    assert posed.loss.gradient(point) == pytest.approx(slopes, rel=1e-13)


def test_the_sources_problems():
    """Heredia 2024's, by hand."""
    assert made("quadratic").loss.gradient(np.array([1.0])) == pytest.approx([-6.0])
    assert made("double-well", start=-0.1).loss.value(np.array([-0.1])) == pytest.approx(0.99**2 / 4)
    assert made("double-well", start=-0.1).minimiser[0] == -1
    assert made("double-well", start=0).minimiser is None
    assert made("rosenbrock-like", c=4).loss.value(np.array([-1.5])) == pytest.approx(6.25 + 4 * 1.25**2)
    assert made("rosenbrock-like", c=0.1).expression.subs({"theta_0": 0}).is_Float is False
    line = made("least-squares")
    assert line.rows == 1000
    assert line.minimiser[0] == pytest.approx(2, abs=0.05)
    assert line.loss.value(line.minimiser) == pytest.approx(0.01, rel=0.2)  # the variance of the noise


def test_sizes():
    assert made("digits-mlp").loss.size == 64 * 32 + 32 + 32 * 10 + 10
    assert made("mlp-large").loss.size > 10**6
    assert made("logistic").loss.size == 20


def test_logistic_is_strictly_convex():
    posed = made("logistic", d=6, rows=30)
    rng = np.random.default_rng(1)
    for theta in rng.normal(size=(5, 6)) * 3:
        hessian = np.stack([posed.loss.hessian_vector(theta, unit) for unit in np.eye(6)])
        assert np.linalg.eigvalsh(hessian).min() >= 1e-3 * (1 - 1e-9)


def test_condition_number():
    posed = made("ill-conditioned", d=5, condition=1e6)
    hessian = np.stack([posed.loss.hessian_vector(posed.theta0, unit) for unit in np.eye(5)])
    assert np.linalg.cond(hessian) == pytest.approx(1e6, rel=1e-6)


@pytest.mark.parametrize("name", WITH_ROWS)
def test_mini_batches(name):
    posed = made(name)
    theta, size = posed.theta0, min(3, posed.rows - 1)
    at = posed.minibatch(size, seed=4)
    seventh = at(7).gradient(theta)
    at(0)
    assert_allclose(at(7).gradient(theta), seventh, rtol=1e-12)  # whatever was drawn between
    for other in (posed.minibatch(size, seed=5)(7), at(8)):
        assert np.abs(other.gradient(theta) - seventh).max() > 1e-3 * np.abs(seventh).max()
    everything = posed.minibatch(posed.rows, seed=0)(0)
    assert_allclose(everything.gradient(theta), posed.loss.gradient(theta), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["least-squares", "logistic", "char-transformer"])
def test_batches_average_to_the_loss(name):
    """The mean over all rows, one by one, is the full loss."""
    posed = made(name, rows=12)
    rows = [posed.on_rows(np.array([i])).gradient(posed.theta0) for i in range(posed.rows)]
    assert np.mean(rows, axis=0) == pytest.approx(posed.loss.gradient(posed.theta0), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ["least-squares", "logistic", "ill-conditioned", *NETWORKS])
def test_the_seed_decides(name):
    first, again, other = made(name), made(name, seed=0), made(name, seed=1)
    theta = first.theta0
    assert_allclose(first.loss.gradient(theta), again.loss.gradient(theta), rtol=1e-12)
    assert list(first.theta0[:5]) == list(again.theta0[:5])
    point = np.full_like(theta, 0.1)
    assert (other.loss.value(point), *other.theta0[:5]) != (first.loss.value(point), *first.theta0[:5])


def test_torch_generators_are_left_alone():
    torch = pytest.importorskip("torch", reason="its generator is looked at")
    before = torch.get_rng_state()
    made("mlp-large")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("cubic", {}, "problem must be one of 'quadratic', .*, got 'cubic'"),
        ("quadratic", {"c": 1}, "parameter of 'quadratic' must be one of 'start', got 'c'"),
        ("quadratic", {"start": float("nan")}, "start must be a finite number, got nan"),
        ("quadratic", {"start": "__import__('os')"}, "start must be a finite number"),
        ("rosenbrock-like", {"c": -1}, "c must be >= 0"),
        ("rosenbrock", {"b": 0}, "b must be > 0"),
        ("rosenbrock", {"start": 3}, "start must be two numbers, got 3"),
        ("logistic", {"ridge": 0.0}, "ridge must be > 0"),
        ("ill-conditioned", {"condition": 0.5}, "condition must be >= 1"),
        ("least-squares", {"rows": 0}, "rows must be an integer >= 1"),
    ],
)
def test_bad_input_is_refused(name, parameters, message):
    with pytest.raises(ValueError, match=message):
        problem(name, **parameters)


def test_bad_batches_are_refused():
    with pytest.raises(ValueError, match="asked of a problem that averages over data, got 'quadratic'"):
        problem("quadratic").minibatch(1, 0)
    posed = problem("least-squares", rows=5)
    with pytest.raises(ValueError, match="batch_size must be an integer >= 1 and <= 5, got 6"):
        posed.minibatch(6, 0)
    with pytest.raises(ValueError, match="step must be an integer >= 0"):
        posed.minibatch(2, 0)(-1)


@pytest.mark.parametrize(
    ("package", "name", "message"),
    [
        ("sklearn.datasets", "digits-mlp", "'digits-mlp' needs scikit-learn: pip install scikit-learn"),
        ("torch", "mlp-large", r"'mlp-large' needs torch: pip install 'adamtheory\[torch\]'"),
    ],
)
def test_a_missing_package_is_named(monkeypatch, package, name, message):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=message):
        problem(name)
