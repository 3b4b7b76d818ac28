"""dist-EF-SGD in torch: each line of the listings, batched, differentiable, on any device."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorDeviceMismatchError, FakeTensorMode

from gpu import operators as ops
from gpu.dist_ef_sgd import State, blockwise, init, init_single, init_vote, step, step_single, step_vote

RUNS, M, D = 4, 3, 8
BLOCKS = [[0, 5], [1, 2, 7], [3, 4, 6]]


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def some_state(seed: int = 0) -> State:
    shapes = ((RUNS, D), (RUNS, M, D), (RUNS, D), (RUNS, M, D), (RUNS, D))
    return State(*(noise(*shape, seed=seed + i) for i, shape in enumerate(shapes)), noise(RUNS, seed=seed + 9).abs())


def test_everybody_starts_at_x0_with_empty_memories_and_no_step_before():
    x0 = noise(RUNS, D)
    state = init(x0, M)
    assert torch.equal(state.x, x0)
    assert state.memory.shape == state.velocity.shape == (RUNS, M, D)
    assert not any(part.any() for part in state[1:])
    assert state.eta.shape == (RUNS,)
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        init(x0, 0)


def test_an_iteration_follows_lines_5_to_13_of_each_run():
    before, gradients, compress = some_state(), noise(RUNS, M, D, seed=20), blockwise(BLOCKS)
    eta, beta, decay = noise(RUNS, seed=21).abs(), 0.5, 0.25
    after, messages = step(before, gradients, eta, compress, beta=beta, weight_decay=decay)
    for i in range(RUNS):
        ratio, total = before.eta[i] / eta[i], torch.zeros(D, dtype=torch.float64)
        for r in range(M):
            m = beta * before.velocity[i, r] + gradients[i, r]
            p = beta * m + gradients[i, r] + ratio * before.memory[i, r]
            torch.testing.assert_close(after.velocity[i, r], m)
            torch.testing.assert_close(messages.up[i, r], compress(p))
            torch.testing.assert_close(after.memory[i, r], p - compress(p))
            total += compress(p)
        server_p = total / M + ratio * before.server_memory[i]
        m = beta * before.decay_velocity[i] + decay * before.x[i]
        torch.testing.assert_close(messages.down[i], compress(server_p))
        torch.testing.assert_close(after.server_memory[i], server_p - compress(server_p))
        torch.testing.assert_close(after.x[i], before.x[i] - eta[i] * (compress(server_p) + beta * m + decay * before.x[i]))
    assert torch.equal(after.eta, eta)


def test_the_corrected_iterate_follows_sgd_for_a_nonsensical_map():
    state = init(noise(RUNS, D), M)
    for t in range(5):
        g, eta = noise(RUNS, M, D, seed=30 + t), 0.1 + noise(RUNS, seed=40 + t).abs()
        corrected = state.x - state.eta[:, None] * (state.server_memory + state.memory.mean(1))
        state, _ = step(state, g, eta, lambda v, uniforms: 2 * v.flip(-1).sin() + 1)
        expected = corrected - eta[:, None] * g.mean(1)
        torch.testing.assert_close(state.x - eta[:, None] * (state.server_memory + state.memory.mean(1)), expected, rtol=1e-12, atol=1e-12)


def test_with_momentum_and_a_constant_step_both_virtual_iterates_follow_theirs_for_a_nonsensical_map():
    state, eta, beta = init(noise(RUNS, D), M), 0.3, 0.8

    def virtual(state):
        return state.x - eta * (state.server_memory + state.memory.mean(1))

    def averaged(state):
        return virtual(state) - eta * beta**2 / (1 - beta) * state.velocity.mean(1)

    for t in range(5):
        g, before = noise(RUNS, M, D, seed=50 + t), state
        state, _ = step(state, g, eta, lambda v, uniforms: 2 * v.flip(-1).sin() + 1, beta=beta)
        moved = virtual(before) - eta * (beta * state.velocity + g).mean(1)  # Lemma 3
        torch.testing.assert_close(virtual(state), moved, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(averaged(state), averaged(before) - eta / (1 - beta) * g.mean(1), rtol=1e-12, atol=1e-12)  # z_t


def test_runs_of_a_batch_keep_to_themselves():
    before, gradients, eta = some_state(), noise(RUNS, M, D, seed=9), torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    generator = torch.Generator().manual_seed(5)
    u, down_u = (torch.rand(*shape, D, generator=generator, dtype=torch.float64) for shape in ((RUNS, M, 1), (RUNS, 1)))
    beta = torch.tensor([0.0, 0.5, 0.9, 0.1], dtype=torch.float64)
    after, messages = step(before, gradients, eta, ops.rand_k(3), u, ops.qsgd(2), down_u, beta, 0.1)
    for i in range(RUNS):
        alone = State(*(part[i] for part in before))
        state, sent = step(alone, gradients[i], float(eta[i]), ops.rand_k(3), u[i], ops.qsgd(2), down_u[i], float(beta[i]), 0.1)
        for one, other in zip((*after, *messages), (*state, *sent), strict=True):
            torch.testing.assert_close(one[i], other, rtol=1e-14, atol=1e-14)


def test_a_step_is_differentiable_in_the_gradients_and_in_the_messages():
    before, gradients = some_state(), noise(RUNS, M, D, seed=9).requires_grad_()
    offered, down = noise(RUNS, M, D, seed=10).requires_grad_(), noise(RUNS, D, seed=11).requires_grad_()

    def outcome(gradients: Tensor, offered: Tensor, down: Tensor) -> tuple[Tensor, ...]:
        after, _ = step(before, gradients, 0.5, lambda v, u: 0.1 * v + offered, None, lambda v, u: 0.2 * v + down, beta=0.5)
        return after[:3]

    assert torch.autograd.gradcheck(outcome, (gradients, offered, down))


def test_ef_sgd_compresses_the_step_and_the_memory_together():
    state, eta, compress = init_single(noise(RUNS, D)), torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64), ops.top_k(2)
    x, e = state.x, torch.zeros(RUNS, D, dtype=torch.float64)
    for t in range(4):
        g = noise(RUNS, D, seed=50 + t)
        state, delta = step_single(state, g, eta, compress)
        p = eta[:, None] * g + e
        x, e = x - compress(p), p - compress(p)
        for found, wanted in zip((*state, delta), (x, e, compress(p)), strict=True):
            torch.testing.assert_close(found, wanted)


def test_each_block_is_its_scaled_sign_wherever_its_coordinates_stand():
    v = noise(RUNS, M, D)
    found = blockwise(BLOCKS)(v)
    for block in BLOCKS:
        assert torch.equal(found[..., block], ops.scaled_sign()(v[..., block]))
    assert torch.equal(blockwise([range(D)])(v), ops.scaled_sign()(v))
    with pytest.raises(ValueError, match=r"partition must hold each of 0\.\.2 exactly once"):
        blockwise([[0, 1], [1]])


def test_a_block_of_zeros_stays_zero_and_a_zero_beside_others_becomes_the_mean_magnitude():
    assert blockwise([[0, 1], [2, 3]])(torch.tensor([0.0, 0.0, 0.0, 3.0])).tolist() == [0, 0, 1.5, 1.5]


def test_a_vote_goes_with_the_majority_and_a_tie_moves_nothing():
    state = init_vote(torch.zeros(3), 2)
    after, messages = step_vote(state, torch.tensor([[5.0, -1, 2], [1, 9, -1]]), 0.1)
    assert messages.up.tolist() == [[1, -1, 1], [1, 1, -1]]
    assert messages.down.tolist() == [1, 0, 0]
    torch.testing.assert_close(after.x, torch.tensor([-0.1, 0, 0]))


def fake_steps(compress=None) -> None:
    with FakeTensorMode():
        x0 = torch.empty(RUNS, D, device="cuda")
        gradients, eta = torch.empty(RUNS, M, D, device="cuda"), torch.empty(RUNS, device="cuda")
        u, down_u = torch.empty(RUNS, M, 1, D, device="cuda"), torch.empty(RUNS, 1, D, device="cuda")
        found = [
            step(init(x0, M), gradients, eta, ops.rand_k(2), u, ops.qsgd(2), down_u, eta, 0.1),
            step(init(x0, M), gradients, 0.1, compress or blockwise(BLOCKS), beta=0.9),
            step_single(init_single(x0), gradients[:, 0], eta, compress or blockwise(BLOCKS)),
            step_vote(init_vote(x0, M), gradients, eta, 0.9, 0.1),
        ]
    parts = [part for state, messages in found for part in (*state, *(messages if isinstance(messages, tuple) else (messages,)))]
    assert {part.device.type for part in parts} == {"cuda"}


def test_a_step_on_a_gpu_makes_nothing_elsewhere_and_does_not_wait():
    fake_steps()


def test_a_planted_cpu_tensor_in_a_step_is_caught():
    with pytest.raises(FakeTensorDeviceMismatchError):
        fake_steps(compress=lambda v, uniforms: v * torch.ones(D))
