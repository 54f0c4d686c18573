"""The generated methods against torch.optim over 1,000 steps in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from adamtheory.methods import (
    AdaGrad,
    Adam,
    AdamCoupled,
    AdamW,
    AMSGrad,
    KAdam,
    Method,
    Momentum,
    NAdam,
    RMSProp,
    RMSPropMomentum,
    simulate,
)

torch = pytest.importorskip("torch")

STEPS = 1000
START = [3.0, -2.0, 5.0, 1.5]
PAIRS: dict[str, tuple[Method, Callable[[Any], Any]]] = {
    "SGD": (
        Momentum(gamma="0.9", lr="0.001", form="heavy-ball"),
        lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9),
    ),
    "SGD as an average": (Momentum(gamma="0.9", lr="0.01"), lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9)),
    "RMSprop": (
        RMSProp(beta="0.99", eps="1e-8", lr="0.001"),
        lambda p: torch.optim.RMSprop(p, lr=0.001, alpha=0.99, eps=1e-8),
    ),
    "Adagrad": (AdaGrad(eps="1e-10", lr="0.01"), lambda p: torch.optim.Adagrad(p, lr=0.01, eps=1e-10)),
    "Adam": (Adam(eps="1e-8", lr="0.001"), lambda p: torch.optim.Adam(p, lr=0.001)),
    "Adam, large eps": (Adam(eps="0.1", lr="0.001"), lambda p: torch.optim.Adam(p, lr=0.001, eps=0.1)),
    "1-Adam": (KAdam(k=1, eps="1e-8", eps_mode="torch", lr="0.001"), lambda p: torch.optim.Adam(p, lr=0.001)),
    "AdamW": (
        AdamW(eps="1e-8", lr="0.001", weight_decay="0.05"),
        lambda p: torch.optim.AdamW(p, lr=0.001, weight_decay=0.05),
    ),
    "Adam with weight_decay": (
        AdamCoupled(eps="1e-8", lr="0.001", weight_decay="0.05"),
        lambda p: torch.optim.Adam(p, lr=0.001, weight_decay=0.05),
    ),
    "AMSGrad": (AMSGrad(eps="1e-8", lr="0.001"), lambda p: torch.optim.Adam(p, lr=0.001, amsgrad=True)),
    "AMSGrad, fast and large eps": (
        AMSGrad(beta="0.9", gamma="0.95", eps="0.1", lr="0.001"),
        lambda p: torch.optim.Adam(p, lr=0.001, betas=(0.95, 0.9), eps=0.1, amsgrad=True),
    ),
    "NAdam": (NAdam(eps="1e-8", lr="0.001"), lambda p: torch.optim.NAdam(p, lr=0.001)),
    "NAdam, fast schedule": (
        NAdam(eps="0.1", lr="0.001", gamma="0.95", beta="0.99", momentum_decay="0.7"),
        lambda p: torch.optim.NAdam(p, lr=0.001, betas=(0.95, 0.99), eps=0.1, momentum_decay=0.7),
    ),
    "RMSprop with momentum": (
        RMSPropMomentum(beta="0.99", gamma="0.9", eps="1e-8", lr="0.001"),
        lambda p: torch.optim.RMSprop(p, lr=0.001, alpha=0.99, eps=1e-8, momentum=0.9),
    ),
}
pairs = pytest.mark.parametrize(("method", "optimizer"), PAIRS.values(), ids=list(PAIRS))
devices = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])


@pytest.fixture(autouse=True)
def scalars_in_float64() -> Iterator[None]:
    """torch keeps NAdam's product of momentum factors in the default dtype, whatever the parameters'."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def trajectory(optimizer: Callable[[Any], Any], gradient: Callable[[int, Any], Any], device: str) -> Any:
    parameter = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64, device=device))
    stepping = optimizer([parameter])
    iterates = [parameter.detach().clone()]
    for step in range(STEPS):
        parameter.grad = gradient(step, parameter.detach())
        stepping.step()
        iterates.append(parameter.detach().clone())
    return torch.stack(iterates, dim=-1)


@devices
@pairs
def test_given_gradients(method: Method, optimizer: Callable[[Any], Any], device: str) -> None:
    noise = np.random.default_rng(5).normal(size=(len(START), STEPS)) * np.array([[1.0], [1e-3], [1e3], [1.0]])
    if method.name == "momentum":  # SGD has no scale of its own
        noise = noise * np.array([[1.0], [1e3], [1e-3], [1.0]])
    gradients = torch.tensor(noise, dtype=torch.float64, device=device)
    run = simulate(method, gradients, arithmetic="torch", theta0=np.array(START))
    assert run.updates.device.type == device
    theirs = trajectory(optimizer, lambda step, _: gradients[:, step].clone(), device)
    torch.testing.assert_close(run.iterates, theirs, rtol=1e-12, atol=0)
    assert float(abs(theirs[:, -1] - theirs[:, 0]).min()) > 1e-4  # it moved


@devices
@pairs
def test_gradients_of_a_loss(method: Method, optimizer: Callable[[Any], Any], device: str) -> None:
    def slope(theta: Any) -> Any:
        return torch.tanh(theta + 8) + theta / 4

    run = simulate(method, slope, steps=STEPS, arithmetic="torch", device=device, theta0=np.array(START))
    theirs = trajectory(optimizer, lambda _, theta: slope(theta), device)
    torch.testing.assert_close(run.iterates, theirs, rtol=1e-12, atol=1e-13)


def test_dampened_sgd_differs_in_its_first_buffer_alone() -> None:
    """SGD(dampening=gamma) starts its buffer at g_0; the average starts it at (1 - gamma) g_0."""
    gradients = np.random.default_rng(6).normal(size=(len(START), STEPS))
    run = simulate(Momentum(gamma="0.75", lr="0.01"), gradients, arithmetic="torch", theta0=np.array(START))
    first = np.where(np.arange(STEPS) == 0, 0.25, 1.0) * gradients  # exact: 1/4
    theirs = trajectory(
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.75, dampening=0.75),
        lambda step, _: torch.tensor(first[:, step]),
        "cpu",
    )
    torch.testing.assert_close(run.iterates, theirs, rtol=1e-12, atol=0)


@pytest.mark.gpu
def test_cuda_and_cpu_agree() -> None:
    gradients = torch.randn(100, 200, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for method in (Adam(eps="1e-8", lr="0.1"), KAdam(eps="1e-8", k=3), AdamW(lr="0.1")):
        here = simulate(method, gradients, arithmetic="torch")
        there = simulate(method, gradients, arithmetic="torch", device="cuda")
        assert there.updates.is_cuda
        torch.testing.assert_close(there.updates.cpu(), here.updates, rtol=1e-9, atol=1e-12)


def test_autograd_reaches_gradients_and_hyperparameters() -> None:
    gradients = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
    beta = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    method = Adam(beta=beta, gamma="0.5")
    simulate(method, gradients, arithmetic="torch").updates[-1].backward()
    step = 1e-6
    shifted = [
        simulate(replace(method, beta=0.9 + sign * step), [1.0, -2.0, 0.5]).updates[-1] for sign in (1, -1)
    ]  # fmt: skip
    assert float(beta.grad) == pytest.approx((shifted[0] - shifted[1]) / (2 * step), rel=1e-6)
    assert torch.isfinite(gradients.grad).all()
    # scaling all gradients changes nothing: Euler's identity
    assert float(gradients.grad @ gradients.detach()) == pytest.approx(0, abs=1e-12)
