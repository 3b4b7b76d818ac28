"""The torch room of QPRSGD: the twins, whole runs, one worker at a time, gradients through a step, and no waiting for the host."""

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from gpu.bench import benchmark_gossip
from gpu.operators import identity, qsgd
from gpu.qprsgd import init, init_gossip, neighbours, ring_mean, step, step_gossip, step_gossip_one_by_one, step_server
from reference import operators as reference_operators
from reference import qprsgd as reference
from reference.topology import metropolis, ring
from validation.crosscheck import ALGORITHMS, RUN, crosscheck

M, D, T, RUNS = 4, 10, 6, 3
W = metropolis(ring(M))


def inputs(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(RUNS, D)), rng.normal(size=(T, RUNS, M, D)), rng.uniform(0.01, 1, (T, RUNS)), rng.random((T, RUNS, M, 1, D))


@pytest.mark.parametrize("name", ["ar_qprsgd", "qsgd_at_server", "g_qprsgd"])
def test_the_twins_agree_step_by_step(name):
    assert all(each.agrees for each in crosscheck([name]))


@pytest.mark.parametrize(("scheme", "of"), reference.schemes(4, 2).items())
def test_every_baseline_is_enrolled_with_its_twin_and_its_operator(scheme, of):
    """PSGD, QSGD, PR-SGD by a server, AR-QPRSGD on the ring, D-PSGD, DCD-PSGD and G-QPRSGD by gossip."""
    enrolled = {
        reference.step_server: ("qsgd_at_server", step_server),
        reference.step: ("ar_qprsgd", step),
        reference.step_gossip: ("g_qprsgd", step_gossip),
    }
    name, twin = enrolled[of.step]
    assert ALGORITHMS[name].twin is twin
    assert of.operator.name in {one.name for one, _ in ALGORITHMS[name].compressors(RUN)}


@pytest.mark.parametrize("d", [1, 3, 4, 10, 12])
def test_segments_of_any_length_meet_the_workers_in_the_order_of_the_reference(d):
    rng = np.random.default_rng(d)
    updates, uniforms = rng.normal(size=(2, M, d)), rng.random((2, M, 1, d))
    found = ring_mean(torch.from_numpy(updates), qsgd(2), torch.from_numpy(uniforms)).numpy()
    wanted = reference.ring_mean(updates, reference_operators.qsgd(2), uniforms)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", ["ring", "server", "gossip"])
def test_a_whole_run_agrees_with_the_reference_to_round_off(method):
    x0, g, eta, u = inputs(0)
    w, there, here = torch.from_numpy(W), reference_operators.qsgd(3), qsgd(3)
    if method == "gossip":
        a, b = reference.init_gossip(x0, W), init_gossip(torch.from_numpy(x0), w)
    else:
        a, b = reference.init(x0, M), init(torch.from_numpy(x0), M)
    for t in range(T):
        numbers = [torch.from_numpy(each[t]) for each in (g, eta, u)]
        meets = t % 2 == 1
        if method == "gossip":
            a, _ = reference.step_gossip(a, g[t], eta[t], meets, W, there, u[t])
            b, _ = step_gossip(b, numbers[0], numbers[1], meets, w, here, numbers[2])
        else:
            steps = (reference.step, step) if method == "ring" else (reference.step_server, step_server)
            a, _ = steps[0](a, g[t], eta[t], meets, there, u[t])
            b, _ = steps[1](b, numbers[0], numbers[1], meets, here, numbers[2])
    reach = np.abs(x0).max() + (eta[..., None, None] * np.abs(g)).sum()
    np.testing.assert_allclose(b.x.numpy(), a.x, rtol=0, atol=64 * T * M * np.finfo(float).eps * reach)
    np.testing.assert_allclose(b.local.numpy(), a.local, rtol=0, atol=64 * T * M * np.finfo(float).eps * reach)


@pytest.mark.parametrize("meets", [True, False])
def test_one_choice_for_all_runs_is_the_same_as_a_tensor_of_choices(meets):
    x0, g, eta, u = (torch.from_numpy(each) for each in inputs(1))
    every = torch.full((RUNS,), meets)
    for move in (step, step_server):
        alike, apart = (move(init(x0, M), g[0], eta[0], choice, qsgd(2), u[0]) for choice in (meets, every))
        assert all(torch.equal(one, other) for one, other in zip((*alike[0], alike[1]), (*apart[0], apart[1]), strict=True))
    w = torch.from_numpy(W)
    alike, apart = (step_gossip(init_gossip(x0, w), g[0], eta[0], choice, w, qsgd(2), u[0]) for choice in (meets, every))
    assert all(torch.equal(one, other) for one, other in zip((*alike[0], alike[1]), (*apart[0], apart[1]), strict=True))


def test_the_loop_over_workers_computes_the_same_round():
    x0, g, _, u = (torch.from_numpy(each[0]) for each in inputs(2))
    w = torch.from_numpy(W)
    start = init_gossip(x0, w)
    together, _ = step_gossip(start, g[0], 0.1, True, w, qsgd(2), u[0])
    alone = step_gossip_one_by_one(start, g[0], 0.1, neighbours(w), qsgd(2), u[0])
    torch.testing.assert_close(alone.x, together.x, rtol=0, atol=1e-13)


def test_the_benchmark_of_gossip_reports_how_much_the_batch_gains():
    found = benchmark_gossip(workers=3, d=5, rounds=7, looped=2)
    assert found["ratio"] == found["loop_seconds"] / found["batch_seconds"]
    assert found["rounds"] == 7
    assert found["seconds"] >= found["batch_seconds"] > 0  # the rounds timed beside the loop are among them


def test_a_run_can_be_differentiated_in_its_gradients():
    x0, g, _, _ = (torch.from_numpy(each) for each in inputs(4))
    first = g[0].clone().requires_grad_()
    state, _ = step(init(x0, M), first, 0.5, True, identity())
    (slope,) = torch.autograd.grad(state.x.sum(), first)
    torch.testing.assert_close(slope, torch.full_like(slope, -0.5 / M))


@pytest.mark.parametrize("meets", [True, "tensor"])
def test_no_step_waits_for_the_host(meets):
    with FakeTensorMode():
        x0, g, u, w = torch.zeros(RUNS, D), torch.zeros(RUNS, M, D), torch.zeros(RUNS, M, 1, D), torch.zeros(M, M)
        choice = torch.ones(RUNS, dtype=torch.bool) if meets == "tensor" else meets
        for move in (step, step_server):
            assert move(init(x0, M), g, 0.1, choice, qsgd(2), u)[0].local.shape == (RUNS, M, D)
        assert step_gossip(init_gossip(x0, w), g, 0.1, choice, w, qsgd(2), u)[0].x.shape == (RUNS, M, D)


def test_workers_must_be_at_least_one():
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        init(torch.zeros(D), 0)


@pytest.mark.parametrize("shape", [(D,), (1, D), (M + 1, D), (M, 1)])
def test_gradients_that_torch_would_broadcast_are_refused(shape):
    with pytest.raises(ValueError, match="gradients must end in the shape"):
        step(init(torch.zeros(D), M), torch.zeros(shape), 0.1, True, qsgd(2))


@pytest.mark.parametrize("shape", [(), (M,), (1, M), (M, 1), (M + 1, M), (M + 1, M + 1), (1, 1)])
def test_a_w_that_torch_would_broadcast_is_refused(shape):
    w = torch.full(shape, 0.25)
    with pytest.raises(ValueError, match=r"W must have shape \(4, 4\), got"):
        step_gossip(init_gossip(torch.zeros(D), torch.from_numpy(W)), torch.zeros(M, D), 0.1, True, w, qsgd(2))
    if len(shape) < 2 or shape[0] != shape[1]:
        with pytest.raises(ValueError, match="W must have shape"):
            init_gossip(torch.zeros(D), w)


def test_a_quantiser_without_intervals_is_refused():
    for none in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="intervals must be a whole number of at least 1, got"):
            qsgd(none)


@pytest.mark.parametrize("d", [1, 3])
def test_a_ring_of_more_workers_than_coordinates_takes_its_steps(d):
    g = np.random.default_rng(d).normal(size=(M, d))
    found = step(init(torch.zeros(d, dtype=torch.float64), M), torch.from_numpy(g), 0.5, True, qsgd(1), torch.full((M, 1, d), 0.5))[0].x
    wanted = reference.step(reference.init(np.zeros(d), M), g, 0.5, True, reference_operators.qsgd(1), np.full((M, 1, d), 0.5))[0].x
    np.testing.assert_allclose(found.numpy(), wanted, rtol=0, atol=1e-14)
