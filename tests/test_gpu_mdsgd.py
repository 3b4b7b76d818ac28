"""M-DSGD in torch: batched, differentiable, on any device; that it does what the reference does is the crosscheck's to say."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorDeviceMismatchError, FakeTensorMode

from gpu import operators as ops
from gpu.mdsgd import (
    State,
    aji_heafield,
    approximate_top_k,
    dgc,
    init,
    mem_sgd,
    next_stage,
    rescaled_mem_sgd,
    stage_init,
    stage_step,
    step,
    transformed,
)

RUNS, WORKERS, D = 4, 3, 8


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def some_state(seed: int = 0) -> State:
    return State(noise(RUNS, D, seed=seed), noise(RUNS, WORKERS, D, seed=seed + 1), noise(RUNS, WORKERS, D, seed=seed + 2))


def test_a_step_follows_lines_7_to_13():
    before, gradients = some_state(), noise(RUNS, WORKERS, D, seed=9)
    after, messages = step(before, gradients, 0.5, 0.9, ops.top_k(2))
    g = 0.9 * before.momentum + gradients / WORKERS
    torch.testing.assert_close(after.momentum, g)
    torch.testing.assert_close(messages, ops.top_k(2)(g + before.memory))
    torch.testing.assert_close(after.memory + messages, g + before.memory)
    torch.testing.assert_close(after.x, before.x - 0.5 * messages.sum(-2))


def test_each_run_of_a_batch_has_its_own_step_and_momentum():
    before, gradients = some_state(), noise(RUNS, WORKERS, D, seed=9)
    u = torch.rand(RUNS, WORKERS, 1, D, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    eta, beta = torch.tensor([0.1, 0.2, 0.3, 0.4]).double(), torch.tensor([0.0, 0.5, 0.9, 0.99]).double()
    for move in (step, dgc):
        after, messages = move(before, gradients, eta, beta, ops.rand_k(3), u)
        for i in range(RUNS):
            alone = State(*(part[i] for part in before))
            state, sent = move(alone, gradients[i], float(eta[i]), float(beta[i]), ops.rand_k(3), u[i])
            for one, other in zip((*after, messages), (*state, sent), strict=True):
                torch.testing.assert_close(one[i], other, rtol=1e-14, atol=1e-15)


def test_the_transformation_holds_to_round_off_for_an_arbitrary_map():
    def arbitrary(v: Tensor, uniforms: Tensor | None) -> Tensor:
        return 3 * v.flip(-1).sin() - 1

    eta, beta, rho, state = [0.5, 0.2, 0.3, 0.7, 0.1, 0.4], 0.8, 0.25, init(noise(RUNS, D), WORKERS)
    for t in range(5):
        gradients = noise(RUNS, WORKERS, D, seed=t)
        z, rho = transformed(state, eta[t], rho), eta[t] + rho / beta
        state, _ = step(state, gradients, eta[t], beta, arbitrary)
        turned = (eta[t] - eta[t + 1]) * state.memory.sum(-2)
        torch.testing.assert_close(
            transformed(state, eta[t + 1], rho), z - (eta[t] - rho) * gradients.mean(-2) + turned, rtol=0, atol=1e-12
        )


def test_a_step_is_differentiable_in_the_gradients_and_in_the_messages():
    before, gradients = some_state(), noise(RUNS, WORKERS, D, seed=9).requires_grad_()
    offered = noise(RUNS, WORKERS, D, seed=10).requires_grad_()

    def outcome(gradients: Tensor, offered: Tensor) -> tuple[Tensor, ...]:
        return tuple(step(before, gradients, 0.5, 0.9, lambda v, uniforms: 0.1 * v + offered)[0])

    assert torch.autograd.gradcheck(outcome, (gradients, offered))


def test_what_momentum_factor_masking_has_sent_is_forgotten_even_where_it_is_infinite():
    before = State(torch.zeros(2), torch.zeros(1, 2), torch.tensor([[float("inf"), 1.0]]))
    after, messages = dgc(before, torch.ones(1, 2), 0.1, 0.9, ops.top_k(1))
    assert messages.tolist() == [[float("inf"), 0.0]]
    assert after.memory.tolist() == [[0.0, 2.0]]
    assert after.momentum.tolist() == [[0.0, 1.0]]


def test_approximate_top_k_keeps_its_share_of_the_sample_and_more():
    x = torch.tensor([5.0, -1.0, 4.0, 2.0, -3.0, 0.0])
    u = torch.tensor([[9.0, 1.0, 9.0, 2.0, 3.0, 9.0]]) / 10  # the sample is -1, 2, -3
    assert approximate_top_k(2, 3)(x, u).tolist() == [5, 0, 4, 0, -3, 0]
    assert approximate_top_k(4, 3)(x, u).tolist() == [5, 0, 4, 2, -3, 0]


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: init(torch.ones(1), 0), "workers must be at least 1, got 0"),
        (lambda: dgc(some_state(), noise(RUNS, WORKERS, D), 0.1, 0.9, ops.scaled_sign()), "compress must select coordinates"),
        (lambda: approximate_top_k(0, 2), "k must be at least 1, got 0"),
        (lambda: approximate_top_k(1, 0), "sample must be at least 1, got 0"),
        (lambda: approximate_top_k(1, 3)(torch.ones(2), torch.zeros(1, 2)), "sample must be between 1 and d = 2, got 3"),
        (lambda: next_stage(stage_init(torch.ones(1), 1), 0), "horizon must be at least 1, got 0"),
    ],
)
def test_bad_input_gets_one_clear_error(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


def fake_steps(compress=None) -> None:
    with FakeTensorMode():
        state = init(torch.empty(RUNS, D, device="cuda"), WORKERS)
        gradients, eta = torch.empty(RUNS, WORKERS, D, device="cuda"), torch.empty(RUNS, device="cuda")
        u = torch.empty(RUNS, WORKERS, 1, D, device="cuda") if compress is None else None
        compress = compress or approximate_top_k(2, 4)
        state, messages = step(state, gradients, eta, eta, compress, u)
        state, _ = aji_heafield(state, gradients, eta, compress, u)
        state, _ = mem_sgd(state, gradients, eta, compress, u)
        state, _ = rescaled_mem_sgd(state, gradients, eta, eta, compress, u)
        state, _ = dgc(state, gradients, eta, eta, ops.top_k(2))
        stage, _ = stage_step(stage_init(state.x, WORKERS), gradients, eta, eta, eta, compress, u)
        parts = (*state, messages, *next_stage(stage, 1).state, transformed(state, eta, eta))
    assert {part.device.type for part in parts} == {"cuda"}


def test_a_step_on_a_gpu_makes_nothing_elsewhere_and_does_not_wait():
    fake_steps()


def test_a_planted_cpu_tensor_in_a_step_is_caught():
    with pytest.raises(FakeTensorDeviceMismatchError):
        fake_steps(lambda v, u: v * torch.ones(D))
