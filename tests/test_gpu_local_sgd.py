"""The torch room of local SGD: what a twin from step to step cannot show (whole runs, tensors of choices, gradients through a run)."""

import numpy as np
import pytest
import torch

from gpu.local_sgd import init, step
from reference import local_sgd as reference
from validation.crosscheck import crosscheck

T, K, D, RUNS = 8, 3, 4, 5


def inputs(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    gradients = rng.normal(size=(T, RUNS, K, D))
    return rng.normal(size=(RUNS, D)), gradients, rng.uniform(0.01, 1, (T, RUNS)), rng.random((T, RUNS)) < 0.4


def test_the_twins_agree_step_by_step():
    assert all(each.agrees for each in crosscheck(["local_sgd"]))


def test_a_whole_run_agrees_with_the_reference_to_round_off():
    x0, gradients, eta, synchronise = inputs(0)
    w = (3.0 + np.arange(T)) ** 2
    there, here = reference.init(x0, K), init(torch.from_numpy(x0), K)
    for t in range(T):
        there, sent = reference.step(there, gradients[t], eta[t], synchronise[t], w[t])
        here, messages = step(here, torch.from_numpy(gradients[t]), torch.from_numpy(eta[t]), torch.from_numpy(synchronise[t]), w[t])
        np.testing.assert_allclose(messages.numpy(), sent, rtol=0, atol=1e-12)
    reach = 1 + np.abs(x0).max() + (eta[..., None, None] * np.abs(gradients)).sum(0).max()
    bound = 4 * T * (K + 4) * np.finfo(float).eps * reach  # roundings of T steps, each of sums over K workers
    np.testing.assert_allclose(here.x.numpy(), there.x, rtol=0, atol=bound)
    np.testing.assert_allclose(here.output.numpy(), there.output, rtol=0, atol=bound)


@pytest.mark.parametrize("synchronise", [True, False])
def test_one_choice_for_all_runs_is_the_same_as_a_tensor_of_choices(synchronise):
    x0, gradients, eta, _ = (torch.from_numpy(each) for each in inputs(1))
    alike = step(init(x0, K), gradients[0], eta[0], synchronise)
    apart = step(init(x0, K), gradients[0], eta[0], torch.full((RUNS,), synchronise))
    for one, other in zip((*alike[0], alike[1]), (*apart[0], apart[1]), strict=True):
        assert torch.equal(one, other)


def test_a_run_can_be_differentiated_in_its_gradients():
    x0, gradients, _, _ = (torch.from_numpy(each) for each in inputs(2))
    first = gradients[0].clone().requires_grad_()
    state, _ = step(init(x0, K), first, 0.5, True)
    (slope,) = torch.autograd.grad(state.x.sum(), first)
    assert torch.allclose(slope, torch.full_like(slope, -0.5))  # each of K workers moves by -eta / K of every gradient


def test_workers_must_be_at_least_one():
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        init(torch.zeros(D), 0)
