"""Mini-batches of finite sums: the moments by enumeration are those that sampling theory gives in closed form."""

from fractions import Fraction as F

import numpy as np
import pytest

from reference.exact import rationals
from reference.expectation import minibatch_events, minibatch_moments, moments
from reference.operators import rand_k

GRADIENTS = rationals([[1, 2], [3, -1], [0, 5], [2, 2]])


def population_variance(g):
    return ((g - g.sum(0) / F(len(g))) ** 2).sum() / F(len(g))


@pytest.mark.parametrize("batch", [1, 2, 3, 4])
@pytest.mark.parametrize("replacement", [True, False])
def test_the_variance_of_a_mini_batch_falls_as_sampling_theory_says(batch, replacement):
    n = len(GRADIENTS)
    found = minibatch_moments(GRADIENTS, batch, replacement)
    assert (found.mean == GRADIENTS.sum(0) / F(n)).all()
    assert found.error == population_variance(GRADIENTS) / batch * (1 if replacement else F(n - batch, n - 1))
    assert found.second_moment == found.error + (found.mean**2).sum()


def test_all_mini_batches_are_listed_with_their_probabilities():
    assert [indices for _, indices in minibatch_events(3, 2, replacement=False)] == [(0, 1), (0, 2), (1, 2)]
    assert sum(p for p, _ in minibatch_events(3, 4, replacement=True, exact=True)) == 1


def test_floats_have_the_moments_of_the_rationals_up_to_round_off():
    exact, floats = (minibatch_moments(g, 2, True) for g in (GRADIENTS, GRADIENTS.astype(float)))
    assert floats.mean.dtype == float
    assert floats.error == pytest.approx(float(exact.error), rel=1e-14)  # 16 terms of one sign: at most 20 ulps


def test_too_much_randomness_is_refused_before_it_is_all_enumerated():
    with pytest.raises(ValueError, match=r"batch = 9 of n = 40 must have at most 1000 outcomes"):
        minibatch_moments(np.ones((40, 1)), 9, True, limit=1000)
    with pytest.raises(ValueError, match=r"rand_k\(25\) at d = 50 must have at most 100 outcomes"):
        moments(rand_k(25), np.ones(50), limit=100)


def test_impossible_mini_batches_are_refused():
    with pytest.raises(ValueError, match="batch must be between 1 and n = 3"):
        minibatch_events(3, 4, replacement=False)
