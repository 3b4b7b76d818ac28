"""Algorithm 2 in torch: Algorithm 1 where all workers agree, and nothing made elsewhere than on its device."""

from __future__ import annotations

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorDeviceMismatchError, FakeTensorMode

from gpu import operators as ops
from gpu.qsparse_local_sgd import asynchronous_init, asynchronous_step, init, step

RUNS, WORKERS, D = 4, 3, 8


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_algorithm_1_is_the_case_where_all_workers_or_none_synchronise():
    state, both = init(noise(RUNS, D), WORKERS), asynchronous_init(noise(RUNS, D), WORKERS)
    for t in range(6):
        together = torch.tensor([t % 2 == 0, t % 3 == 0, True, False])
        gradients = noise(RUNS, WORKERS, D, seed=t + 1)
        state, sent = step(state, gradients, 0.3, together, ops.top_k(2))
        both, messages = asynchronous_step(both, gradients, 0.3, together[:, None].expand(RUNS, WORKERS), ops.top_k(2))
        for one, other in zip((*state, sent), (both.master, both.x_hat, both.memory, messages), strict=True):
            torch.testing.assert_close(one, other)


def test_only_the_subset_sends_and_receives():
    state, gradients = asynchronous_init(noise(RUNS, D), WORKERS), noise(RUNS, WORKERS, D, seed=1)
    after, messages = asynchronous_step(state, gradients, 0.5, torch.tensor([True, False, False]), ops.top_k(2))
    assert messages[:, 0].any()
    assert not messages[:, 1:].any()
    assert torch.equal(after.x_hat[:, 1:], state.x_hat[:, 1:] - 0.5 * gradients[:, 1:])
    assert torch.equal(after.x_hat[:, 0], after.master)
    torch.testing.assert_close(after.master, state.master - messages[:, 0] / WORKERS)


def test_a_step_is_differentiable_in_the_gradients_and_in_the_messages():
    state = asynchronous_init(noise(RUNS, D), WORKERS)
    chosen = torch.tensor([True, False, True])
    gradients, offered = (noise(RUNS, WORKERS, D, seed=seed).requires_grad_() for seed in (1, 2))

    def outcome(gradients: torch.Tensor, offered: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(asynchronous_step(state, gradients, 0.5, chosen, lambda update, uniforms: 0.1 * update + offered)[0])

    assert torch.autograd.gradcheck(outcome, (gradients, offered))


def fake_step(compress=None) -> None:
    with FakeTensorMode():
        state = asynchronous_init(torch.empty(RUNS, D, device="cuda"), WORKERS)
        gradients = torch.empty(RUNS, WORKERS, D, device="cuda")
        chosen = torch.empty(RUNS, WORKERS, device="cuda", dtype=torch.bool)
        uniforms = torch.empty(RUNS, WORKERS, 1, D, device="cuda")
        eta = torch.empty(RUNS, device="cuda")
        after, messages = asynchronous_step(state, gradients, eta, chosen, compress or ops.rand_k(2), uniforms)
    assert {part.device.type for part in (*after, messages)} == {"cuda"}


def test_a_step_on_a_gpu_makes_nothing_elsewhere_and_does_not_wait():
    fake_step()


def test_a_planted_cpu_tensor_in_a_step_is_caught():
    with pytest.raises(FakeTensorDeviceMismatchError):
        fake_step(compress=lambda update, uniforms: update * torch.ones(D))
