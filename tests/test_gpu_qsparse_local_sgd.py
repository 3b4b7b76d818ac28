"""Algorithm 1 in torch: each line of the listing, batched, differentiable, on any device."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorDeviceMismatchError, FakeTensorMode

from gpu import operators as ops
from gpu.qsparse_local_sgd import State, block_momentum, init, local_momentum, step

RUNS, WORKERS, D = 4, 3, 8


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def some_state(seed: int = 0) -> State:
    return State(noise(RUNS, D, seed=seed), noise(RUNS, WORKERS, D, seed=seed + 1), noise(RUNS, WORKERS, D, seed=seed + 2))


def test_everybody_starts_at_x0_with_an_empty_memory():
    x0 = noise(RUNS, D)
    state = init(x0, WORKERS)
    assert all(torch.equal(state.x_hat[:, r], x0) for r in range(WORKERS))
    assert torch.equal(state.memory, torch.zeros(RUNS, WORKERS, D, dtype=x0.dtype))
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        init(x0, 0)


def test_without_synchronisation_only_the_workers_move():
    before, gradients = some_state(), noise(RUNS, WORKERS, D, seed=9)
    after, messages = step(before, gradients, 0.5, False, ops.top_k(2))
    assert torch.equal(after.x, before.x)
    assert torch.equal(after.memory, before.memory)
    assert torch.equal(after.x_hat, before.x_hat - 0.5 * gradients)
    assert not messages.any()
    assert messages.shape == gradients.shape


def test_a_synchronisation_follows_lines_5_to_19():
    before, gradients, compress = some_state(), noise(RUNS, WORKERS, D, seed=9), ops.sign_comp(ops.top_k(2))
    after, messages = step(before, gradients, 0.5, True, compress)
    for i in range(RUNS):
        total = torch.zeros(D, dtype=torch.float64)
        for r in range(WORKERS):
            update = before.memory[i, r] + before.x[i] - (before.x_hat[i, r] - 0.5 * gradients[i, r])
            sent = compress(update)
            torch.testing.assert_close(messages[i, r], sent)
            torch.testing.assert_close(after.memory[i, r], update - sent)
            total += sent
        torch.testing.assert_close(after.x[i], before.x[i] - total / WORKERS)
    assert torch.equal(after.x_hat, after.x[:, None].expand(RUNS, WORKERS, D))


def test_each_run_of_a_batch_synchronises_and_steps_on_its_own():
    before, gradients = some_state(), noise(RUNS, WORKERS, D, seed=9)
    u = torch.rand(RUNS, WORKERS, 1, D, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    eta, synchronise = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64), torch.tensor([True, False, False, True])
    after, messages = step(before, gradients, eta, synchronise, ops.rand_k(3), u)
    for i in range(RUNS):
        alone = State(*(part[i] for part in before))
        state, sent = step(alone, gradients[i], float(eta[i]), bool(synchronise[i]), ops.rand_k(3), u[i])
        for one, other in zip((*after, messages), (*state, sent), strict=True):
            torch.testing.assert_close(one[i], other, rtol=1e-14, atol=1e-15)


def test_a_step_is_differentiable_in_the_gradients_and_in_the_messages():
    before, gradients = some_state(), noise(RUNS, WORKERS, D, seed=9).requires_grad_()
    offered = noise(RUNS, WORKERS, D, seed=10).requires_grad_()
    synchronise = torch.tensor([True, False, True, True])

    def outcome(gradients: Tensor, offered: Tensor) -> tuple[Tensor, ...]:
        return tuple(step(before, gradients, 0.5, synchronise, lambda update, uniforms: 0.1 * update + offered)[0])

    assert torch.autograd.gradcheck(outcome, (gradients, offered))


def test_momentum_on_the_local_steps_is_heavy_ball_when_nothing_is_compressed():
    state, velocity, beta, eta = init(noise(D), WORKERS), torch.zeros(WORKERS, D, dtype=torch.float64), 0.9, 0.1
    x, u = state.x.clone(), torch.zeros(D, dtype=torch.float64)
    for t in range(5):
        gradient = noise(D, seed=20 + t)
        velocity = local_momentum(velocity, gradient.expand(WORKERS, D), beta)
        state, _ = step(state, velocity, eta, t % 2 == 1, ops.identity())
        u = beta * u + gradient
        x = x - eta * u
        torch.testing.assert_close(state.x_hat, x.expand(WORKERS, D))


@pytest.mark.parametrize("as_tensor", [False, True])
def test_momentum_on_blocks_is_heavy_ball_on_the_progress_between_synchronisations(as_tensor):
    state, velocity, beta, eta = init(noise(D), WORKERS), torch.zeros(WORKERS, D, dtype=torch.float64), 0.9, 0.1
    x, v, progress = state.x.clone(), torch.zeros(D, dtype=torch.float64), torch.zeros(D, dtype=torch.float64)
    for t in range(6):
        gradient, send = noise(D, seed=20 + t), t % 2 == 1
        progress = progress + eta * gradient
        if send:
            v = beta * v + progress
            x, progress = x - v, torch.zeros_like(v)
        flag = torch.tensor(send) if as_tensor else send
        pushed, velocity = block_momentum(state, velocity, gradient.expand(WORKERS, D), eta, flag, beta)
        state, _ = step(state, pushed, eta, flag, ops.identity())
        torch.testing.assert_close(state.x, x)
        torch.testing.assert_close(velocity, v.expand(WORKERS, D))


def fake_step(compress=None, synchronise=None) -> None:
    with FakeTensorMode():
        state = init(torch.empty(RUNS, D, device="cuda"), WORKERS)
        gradients = torch.empty(RUNS, WORKERS, D, device="cuda")
        eta = torch.empty(RUNS, device="cuda")
        flags = torch.empty(RUNS, device="cuda", dtype=torch.bool) if synchronise is None else synchronise
        pushed, velocity = block_momentum(state, gradients, local_momentum(gradients, gradients, 0.9), eta, flags, 0.9)
        uniforms = torch.empty(RUNS, WORKERS, 1, D, device="cuda") if compress is None else None
        after, messages = step(state, pushed, eta, flags, compress or ops.rand_k(2), uniforms)
    assert {part.device.type for part in (*after, messages, velocity)} == {"cuda"}


@pytest.mark.parametrize("synchronise", [None, True, False])
def test_a_step_on_a_gpu_makes_nothing_elsewhere_and_does_not_wait(synchronise):
    fake_step(synchronise=synchronise)


def test_a_planted_cpu_tensor_in_a_step_is_caught():
    with pytest.raises(FakeTensorDeviceMismatchError):
        fake_step(compress=lambda update, uniforms: update * torch.ones(D))
