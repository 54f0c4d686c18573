"""What is true of single methods, and what construction and simulation refuse."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from adamtheory import notation
from adamtheory.lowering import evaluate, signed_root
from adamtheory.methods import METHODS, AdaGrad, Adam, AdamCoupled, AdamW, KAdam, Momentum, RMSProp, SignSGD, simulate
from adamtheory.testing.closeness import assert_encloses
from adamtheory.testing.strategies import hyperparameters

GRADIENTS = [
    [Fraction(numerator, 64) for numerator in row]
    for row in ([1, -2, 3, -5, 8, -13, 21, 34], [64, 0, 0, 16, -64, 3, 0, 1], [-7, -7, -7, -7, -7, -7, -7, -7])
]


def test_floats_are_their_shortest_decimal() -> None:
    assert Adam(beta=0.999, gamma=0.9) == Adam(beta="0.999", gamma=Fraction(9, 10)) == Adam()
    assert Adam(beta=np.float32(0.999)).beta == Fraction(999, 1000)
    assert hash(Adam(eps=1e-8)) == hash(Adam(eps="1e-8"))


def test_adam_is_exact_at_eps_zero() -> None:
    run = simulate(Adam(beta="3/4", gamma="1/2"), [1, 2], arithmetic="fraction")
    # m = 5/4, v = 19/16, P = sqrt(7/16)/(3/4)
    assert run.updates[1] == signed_root(1, Fraction(7, 16) / Fraction(9, 16) * Fraction(25, 16) / Fraction(19, 16))
    assert run.states["m"].tolist() == [Fraction(1, 2), Fraction(5, 4)]
    assert run.states["v"].tolist() == [Fraction(1, 4), Fraction(19, 16)]
    assert run.updates[0] == 1
    assert run.iterates is None
    assert run.iterates_reason == "lr was not given"


def test_special_cases_coincide() -> None:
    def updates(method: Any, **options: Any) -> list[Any]:
        return list(simulate(method, GRADIENTS, arithmetic="fraction", **options).updates.ravel())

    assert updates(KAdam(k=1)) == updates(Adam()) == updates(AdamW()) == updates(AdamCoupled())
    assert updates(Adam(eps_mode="paper")) == updates(Adam(eps_mode="torch"))
    assert updates(Adam(beta=0, gamma=0), zeros="zero-over-zero") == updates(SignSGD())
    # Adam at gamma = 0 is not RMSProp: it carries sqrt(1 - beta^N)
    adam, rmsprop = updates(Adam(beta="0.9", gamma=0)), updates(RMSProp(beta="0.9"))
    corrections = [signed_root(1, 1 - Fraction(9, 10) ** (step + 1)) for step in range(8)] * 3
    assert adam == [c * u for c, u in zip(corrections, rmsprop, strict=True)]
    assert adam != rmsprop
    # two levels with inner beta = gamma = 0: Adam on signs
    signs = np.sign(np.array(GRADIENTS, dtype=float))
    adam_on_signs = simulate(Adam(beta="0.9", gamma="0.5"), signs, arithmetic="fraction").updates.ravel()
    assert updates(KAdam(betas=[0, "0.9"], gammas=[0, "0.5"]), zeros="zero-over-zero") == list(adam_on_signs)


def test_the_two_places_of_eps() -> None:
    """Algorithm 1's eps is torch's times sqrt(1 - beta^N)."""
    steps = 5
    for count in range(1, steps + 1):
        root = sp.sqrt(1 - sp.Rational(9, 10) ** count)
        torch_run = simulate(Adam(beta="0.9", eps="0.01"), [3] * count, arithmetic="ball")
        paper = Adam(beta="0.9", eps=root / 100, eps_mode="paper")
        paper_run = simulate(paper, [3] * count, arithmetic="mpmath", digits=90)
        assert_encloses(torch_run.updates[-1], paper_run.updates[-1], relative=1e-30)
    same = [simulate(Adam(eps="0.01", eps_mode=mode), [3, 1]).updates[-1] for mode in ("torch", "paper")]
    assert abs(same[0] - same[1]) > 1e-4


def test_symbolic_rule_at_eps_zero_is_the_printed_one() -> None:
    beta, gamma, n = notation.beta, notation.gamma, notation.n
    for mode in ("torch", "paper"):
        rule = Adam(eps_mode=mode).rule.specialise({notation.eps: 0})
        m, v, u = rule.definitions()
        assert (m.head, m.body, m.initial) == (
            notation.m(n), gamma * notation.m(n - 1) + (1 - gamma) * notation.g(n), ((-1, 0),))  # fmt: skip
        assert v.body == beta * notation.v(n - 1) + (1 - beta) * notation.g(n) ** 2
        printed = sp.sqrt(1 - beta ** (n + 1)) / (1 - gamma ** (n + 1)) * notation.m(n) / sp.sqrt(notation.v(n))
        assert u.body == printed
        assert u.initial == ()
        assert rule.next_iterate() == notation.theta(n) - notation.lr * notation.u(n)


def test_kadam_strategies() -> None:
    assert KAdam(k=3, strategy="inverse-exp").betas == (Fraction(9, 10),) * 3
    assert KAdam(k=2, strategy="exp").gammas == (Fraction(81, 100),) * 2
    assert KAdam(k=2, strategy="scaled").gammas == (Fraction(9, 20),) * 2
    assert KAdam(k=2, strategy="naive") == KAdam(k=2)
    assert KAdam(k=2, strategy="root").gammas == (sp.sqrt(sp.Rational(9, 10)),) * 2
    inner = KAdam(k=2, strategy="inverse-exp").values
    level = evaluate(inner[sp.Symbol("gamma_1", real=True)], {}, "ball")
    assert_encloses((1 - level) ** 2, Fraction(1, 10), relative=1e-15)


def test_kadam_levels_are_successive_adams() -> None:
    run = simulate(KAdam(betas=["0.9", "0.99"], gammas=["0.5", "0.8"]), GRADIENTS, bits=128, arithmetic="ball")
    inner = simulate(Adam(beta="0.9", gamma="0.5"), GRADIENTS, arithmetic="ball")
    outer = simulate(Adam(beta="0.99", gamma="0.8"), run.states["u_1"], arithmetic="ball")
    for index in np.ndindex(3, 8):
        assert run.states["u_1"][index].overlaps(inner.updates[index])
        assert run.updates[index].overlaps(outer.updates[index])
    assert set(run.states) == {"m_1", "v_1", "u_1", "m_2", "v_2"}


def test_zero_conventions() -> None:
    late = [0, 0, 1, -1]
    for arithmetic in ("fraction", "ball", "mpmath", "numpy", "torch"):
        if arithmetic == "torch":
            pytest.importorskip("torch")
        for method in (Adam(), RMSProp(), AdaGrad(), KAdam(k=1)):
            with pytest.raises(ValueError, match="start non-zero under zeros='nonzero-start', got 0/0 at step 1;"):
                simulate(method, late, arithmetic=arithmetic)
            run = simulate(method, late, arithmetic=arithmetic, zeros="zero-over-zero")
            assert run.zeros == "zero-over-zero"
            assert float(run.updates[0]) == float(run.updates[1]) == 0
            assert float(run.updates[2]) > 0.04
        small = simulate(Adam(eps="1e-8"), late, arithmetic=arithmetic) if arithmetic != "fraction" else None
        assert small is None or (small.zeros == "eps" and float(small.updates[0]) == 0)
        # beta = 0 forgets v but not m: 1/0 is no 0/0
        with pytest.raises(ValueError, match="got a non-zero number over 0 at step 2"):
            simulate(Adam(beta=0, gamma="0.5"), [1, 0], arithmetic=arithmetic, zeros="zero-over-zero")
    mixed = simulate(Adam(), [[0, 1], [1, 1]], zeros="zero-over-zero")
    assert mixed.updates[0, 0] == 0
    assert mixed.updates[1, 0] == pytest.approx(1)
    with pytest.raises(ValueError, match="step 1"):
        simulate(Adam(), [[0, 1], [1, 1]])


def test_wide_balls_of_gradients_are_allowed() -> None:
    run = simulate(Adam(), np.array([arb(1, 0.001), arb(-2, 0.001)], dtype=object), arithmetic="ball")
    point = simulate(Adam(), ["1.0005", "-1.9995"], arithmetic="ball")
    assert all(wide.contains(narrow) for wide, narrow in zip(run.updates, point.updates, strict=True))


def test_gradients_may_be_a_callable() -> None:
    for arithmetic in ("ball", "mpmath", "numpy"):
        run = simulate(AdamW(lr="0.1"), lambda theta: 2 * theta, steps=3, theta0=1, arithmetic=arithmetic)
        again = simulate(AdamW(lr="0.1"), run.gradients, theta0=1, arithmetic=arithmetic)
        assert run.iterates is not None
        assert again.iterates is not None
        assert float(run.iterates[-1]) == pytest.approx(float(again.iterates[-1]))
    batch = simulate(Momentum(lr="0.1"), lambda theta: theta, steps=4, theta0=np.ones((2, 3)))
    assert batch.updates.shape == (2, 3, 4)


def test_float32_gradients_stay_float32_and_overflow_is_named() -> None:
    assert simulate(Adam(), np.ones(3, np.float32)).updates.dtype == np.float32
    with pytest.raises(ValueError, match="gradients in float32 must be finite, got inf at index 1"):
        simulate(Adam(), [1.0, 1e300], dtype="float32")


def test_underflow_of_squares_is_named() -> None:
    for zeros in ("nonzero-start", "zero-over-zero"):
        with pytest.raises(ValueError, match=r"squares must not underflow.* at step 1"):
            simulate(Adam(), [1e-200], zeros=zeros)
    assert simulate(Adam(), ["1e-200"], arithmetic="fraction").updates[0] == 1


@given(
    hyperparameters(),
    st.lists(st.fractions(-4, 4, max_denominator=9), min_size=1, max_size=6),
    st.integers(-40, 40),
    st.sampled_from(["torch", "paper"]),
)
@settings(max_examples=100)
def test_exact_updates_lie_in_the_balls_everywhere(
    pair: Any, gradients: list[Fraction], exponent: int, eps_mode: Any
) -> None:
    beta, gamma = pair
    method = Adam(beta=beta, gamma=gamma, lr=1, eps_mode=eps_mode)
    scaled = [entry * Fraction(10) ** exponent for entry in [Fraction(1), *gradients]]
    if beta == 0:  # v forgets all but the last gradient
        scaled = [entry or Fraction(1) for entry in scaled]
    exact = simulate(method, scaled, arithmetic="fraction")
    balls = simulate(method, scaled, arithmetic="ball", bits=192)
    for value, ball in zip(exact.updates, balls.updates, strict=True):
        assert_encloses(ball, value, relative=1e-40, absolute=1e-40)
    again = simulate(method, [-7 * entry for entry in scaled], arithmetic="fraction")
    assert again.updates.tolist() == [-value for value in exact.updates]  # odd and scale-invariant


def test_registry_finds_every_method() -> None:
    assert set(METHODS) >= {"momentum", "rmsprop", "signsgd", "adam", "adamw", "adam_coupled", "adagrad", "kadam"}
    assert all(cls.name == name for name, cls in METHODS.items())
    with pytest.raises(TypeError):
        METHODS["adam"] = Adam  # type: ignore[index]


def untyped(value: object) -> Any:
    """What a caller without a type checker may pass."""
    return value


BAD: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Adam(beta=1), ValueError, r"beta must be in \[0, 1\), got 1"),
    (lambda: Adam(gamma="-0.1"), ValueError, r"gamma must be in \[0, 1\), got '-0.1'"),
    (lambda: Adam(beta=float("nan")), ValueError, r"beta must be in \[0, 1\), got nan"),
    (lambda: Adam(beta="nan"), ValueError, "beta must be a finite number"),
    (lambda: Adam(beta=None), TypeError, "beta must be a finite number.*got None"),
    (lambda: Adam(beta=True), TypeError, "beta must be a finite number.*got True"),
    (lambda: Adam(beta=np.array([0.5, 1.0])), ValueError, r"beta must be in \[0, 1\) everywhere"),
    (lambda: Adam(beta=np.array([0.5, float("nan")])), ValueError, r"beta must be in \[0, 1\) everywhere"),
    (lambda: Adam(beta=np.array([])), ValueError, "beta must be a non-empty array"),
    (lambda: Adam(beta=sp.sqrt(2)), ValueError, r"beta must be in \[0, 1\), got sqrt\(2\)"),
    (lambda: Adam(beta=sp.Symbol("x")), ValueError, "beta must be a number"),
    (lambda: Adam(eps=-1e-8), ValueError, "eps must be finite and >= 0"),
    (lambda: Adam(eps=float("inf")), ValueError, "eps must be finite and >= 0"),
    (lambda: Adam(lr=-1), ValueError, "lr must be finite and >= 0"),
    (lambda: Adam(eps_mode=untyped("tensorflow")), ValueError, "eps_mode must be one of 'paper', 'torch'"),
    (lambda: AdamW(weight_decay=-1), ValueError, "weight_decay must be"),
    (lambda: Momentum(form=untyped("nesterov")), ValueError, "form must be one of"),
    (lambda: KAdam(k=0), ValueError, "k must be an integer >= 1, got 0"),
    (lambda: KAdam(k=untyped(1.5)), TypeError, "k must be an integer >= 1, got 1.5"),
    (lambda: KAdam(betas=["0.9"], gammas=["0.9", "0.8"], k=2), ValueError, "betas must be one value or k=2 values"),
    (lambda: KAdam(betas=["0.9", 1]), ValueError, r"betas\[1\] must be in \[0, 1\)"),
    (lambda: KAdam(strategy=untyped("best")), ValueError, "strategy must be one of"),
    (lambda: KAdam(strategy="exp", betas=["0.9", "0.9"]), ValueError, "betas must be one value where strategy='exp'"),
    (lambda: KAdam(coupled=untyped(1)), TypeError, "coupled must be True or False"),
    (lambda: simulate(untyped(Adam), [1.0]), TypeError, "method must be a Method"),
    (lambda: simulate(Adam(), []), ValueError, "gradients must be non-empty"),
    (lambda: simulate(Adam(), np.ones((3, 0))), ValueError, "gradients must be non-empty"),
    (lambda: simulate(Adam(), 1.0), ValueError, "gradients must be an array of shape"),
    (lambda: simulate(Adam(), [[1.0, 2.0], [1.0, float("nan")]]), ValueError, r"finite, got nan at index \(1, 1\)"),
    (lambda: simulate(Adam(), [1.0, -float("inf")]), ValueError, "gradients must be finite, got -inf at index 1"),
    (lambda: simulate(Adam(), [Fraction(1), float("nan")]), ValueError, "gradients must be finite, got nan at index 1"),
    (lambda: simulate(Adam(), ["one"]), ValueError, "gradients must be a finite number"),
    (lambda: simulate(Adam(), [1j]), TypeError, "gradients must be an array of real numbers"),
    (lambda: simulate(Adam(), [[1.0], [1.0, 2.0]]), ValueError, "gradients must be an array whose rows"),
    (lambda: simulate(Adam(beta=np.array([0, 0.9])), np.ones((3, 4))), ValueError, r"broadcast, got gradients \(3,\)"),
    (lambda: simulate(Adam(lr=1), np.ones((3, 4)), theta0=[1, 2]), ValueError, r"theta0 \(2,\)"),
    (lambda: simulate(Adam(lr=1), [1.0], theta0=float("nan")), ValueError, "theta0 must be finite"),
    (lambda: simulate(Adam(), [1.0], arithmetic="decimal"), ValueError, "arithmetic must be one of"),
    (lambda: simulate(Adam(), [1.0], device="cuda"), ValueError, "device must be left out for arithmetic='numpy'"),
    (lambda: simulate(Adam(), [1.0], dtype="int32"), TypeError, "dtype must be a NumPy floating dtype"),
    (lambda: simulate(Adam(), [1.0], bits=64), ValueError, "bits must be left out"),
    (lambda: simulate(Adam(), [1.0], steps=2), ValueError, "steps must be left out or 1"),
    (lambda: simulate(Adam(), [1.0], zeros="ignore"), ValueError, "zeros must be one of"),
    (lambda: simulate(Adam(), [1.0], zeros="eps"), ValueError, "eps must be > 0 everywhere"),
    (lambda: simulate(Adam(lr=1), lambda x: x), ValueError, "steps must be given"),
    (lambda: simulate(Adam(lr=1), lambda x: x, steps=0), ValueError, "steps must be an integer >= 1, got 0"),
    (lambda: simulate(Adam(lr=1), lambda x: x, steps=untyped(1.5)), TypeError, "steps must be an integer >= 1"),
    (lambda: simulate(Adam(), lambda x: x, steps=1), ValueError, "lr must be given"),
    (lambda: simulate(AdamCoupled(weight_decay=1), [1.0]), ValueError, "lr must be given"),
    (lambda: simulate(Adam(lr=1), lambda x: [1.0, 2.0], steps=1), ValueError, "gradients must be a callable returning"),
    (lambda: simulate(Adam(lr=1), lambda x: float("nan"), steps=1), ValueError, "gradients must be finite"),
]


@pytest.mark.parametrize(("act", "error", "message"), BAD, ids=[message[:40] for *_, message in BAD])
def test_bad_input_is_refused_in_one_line(act: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        act()
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 250


def test_cuda_asked_for_and_absent() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        assert simulate(Adam(), [1.0], arithmetic="torch", device="cuda").updates.is_cuda
        return
    with pytest.raises(ValueError, match="device must be 'cpu': torch sees no CUDA device here, got 'cuda'"):
        simulate(Adam(), [1.0], arithmetic="torch", device="cuda")
