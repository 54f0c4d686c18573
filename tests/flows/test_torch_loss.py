"""Losses from torch: values, gradients and Hessian-vector products against closed forms and differences."""

import sys

import numpy as np
import pytest

from adamtheory.flows.torch_loss import torch_loss, torch_module_loss

torch = pytest.importorskip("torch", reason="these losses are torch's")

POINT = np.array([1.0, 2.0])


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def loss_of(function, size=None, **more):
    return torch_loss(function, size, **more)


def module_loss(module, batch_function):
    return torch_module_loss(module, batch_function)


def test_against_closed_forms():
    loss = loss_of(lambda x: (x**4).sum() + x[0] * x[1], 2)
    assert loss.value(POINT) == 19.0
    assert loss.gradient(POINT) == pytest.approx([6.0, 33.0])
    assert loss.hessian_vector(POINT, np.array([1.0, 0.0])) == pytest.approx([12.0, 1.0])
    assert loss.gradient(POINT).dtype == np.float64


def test_a_read_only_theta_is_neither_changed_nor_complained_about():
    def function(x):
        with torch.no_grad():
            x.mul_(2)  # bad manners
        return (x**2).sum()

    point = POINT.copy()
    point.flags.writeable = False
    loss_of(function, 2).value(point)
    assert list(point) == [1.0, 2.0]


@pytest.mark.parametrize("function", [lambda x: x.sum(), lambda x: x @ torch.ones(2, dtype=torch.float64)])
def test_gradients_are_arrays_of_their_own(function):
    loss = loss_of(function, example=POINT)
    first = loss.gradient(POINT)
    first[0] = 7.0
    second = loss.gradient(POINT)
    assert list(first) == [7.0, 1.0]
    assert list(second) == [1.0, 1.0]
    assert not np.shares_memory(first, second)
    assert list(loss.hessian_vector(POINT, POINT)) == [0.0, 0.0]


def test_a_constant_loss_has_gradient_0():
    loss = loss_of(lambda x: torch.tensor(2.0), 2)
    assert list(loss.gradient(POINT)) == [0.0, 0.0]
    assert list(loss.hessian_vector(POINT, POINT)) == [0.0, 0.0]


def test_single_precision_is_computed_in_and_returned_in_double():
    seen = []

    def function(x):
        seen.append(x.dtype)
        return (x**2).sum()

    loss = loss_of(function, 2, dtype="float32")
    assert loss.gradient(POINT).dtype == np.float64
    assert seen == [torch.float32]


def network():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        layers = torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 2)
        return torch.nn.Sequential(*layers).double(), torch.randn(7, 4).double(), torch.randint(2, (7,))


def test_a_module_as_a_flat_loss():
    module, inputs, targets = network()
    before = {name: p.detach().clone() for name, p in module.named_parameters()}
    cross_entropy = torch.nn.functional.cross_entropy
    loss, theta0 = module_loss(module, lambda model: cross_entropy(model(inputs), targets))
    assert loss.size == theta0.size == 5 * 4 + 5 + 5 + 5 + 2 * 5 + 2
    assert loss.name == "Sequential"
    assert loss.value(theta0) == pytest.approx(float(cross_entropy(module(inputs), targets).detach()), rel=1e-14)
    direct = torch.autograd.grad(cross_entropy(module(inputs), targets), list(module.parameters()))
    assert loss.gradient(theta0) == pytest.approx(torch.cat([g.flatten() for g in direct]).numpy(), rel=1e-13)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, loss.size))
    along = (loss.gradient(theta0 + 1e-6 * x) - loss.gradient(theta0 - 1e-6 * x)) / 2e-6
    assert loss.hessian_vector(theta0, x) == pytest.approx(along, abs=1e-7)
    assert y @ loss.hessian_vector(theta0, x) == pytest.approx(x @ loss.hessian_vector(theta0, y), rel=1e-10)
    theta0 += 1.0
    loss.gradient(theta0)
    assert all(torch.equal(p, before[name]) for name, p in module.named_parameters())


def test_frozen_parameters_stay():
    module, inputs, _ = network()
    module[0].requires_grad_(False)
    loss, theta0 = module_loss(module, lambda model: (model(inputs) ** 2).mean())
    assert theta0.size == 5 + 5 + 2 * 5 + 2
    module[0].weight.data.zero_()
    module[0].bias.data.zero_()
    assert loss.value(theta0) != pytest.approx(loss.value(np.zeros_like(theta0)))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"the value of odd must be a tensor with one number, got \(2,\)"):
        loss_of(lambda x: x, 2, name="odd").gradient(POINT)
    with pytest.raises(ValueError, match="must be a tensor with one number, got 'float'"):
        loss_of(lambda x: 1.0, 2).value(POINT)
    for more in ({}, {"size": 2, "example": POINT}):
        with pytest.raises(ValueError, match="size must be given, or else an example theta"):
            loss_of(lambda x: x.sum(), **more)
    with pytest.raises(TypeError, match="dtype must be a torch floating dtype"):
        loss_of(lambda x: x.sum(), 2, dtype="int64")
    with pytest.raises(ValueError, match="of one dtype on one device, at least one, got 'none'"):
        module_loss(torch.nn.Tanh(), lambda model: model(1))
    mixed = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1).double())
    with pytest.raises(ValueError, match=r"float32 on cpu, torch\.float64 on cpu"):
        module_loss(mixed, lambda model: model(1))


def test_without_torch_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs torch: pip install 'adamtheory\[torch\]'"):
        loss_of(lambda x: x, 2)
