"""Step sizes and synchronisation sets, with Definition 8 read literally and as the proofs use it."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.schedules import (
    check_synchronisation,
    decaying,
    every,
    fixed,
    gap,
    gap_from_zero,
    horizon_scaled,
    irregular,
    synchronises,
    warm_up_then_decay,
)


@given(H=st.integers(1, 9), T=st.integers(1, 40), seed=st.integers(0, 99))
def test_every_set_is_valid_contains_the_horizon_and_has_no_longer_stretch_than_its_gap(H, T, seed):
    for indices in (every(H, T), irregular(H, T, np.random.default_rng(seed).random(T))):
        assert check_synchronisation(indices, T, H) == indices
        assert indices[-1] == T
        assert gap(indices) <= gap_from_zero(indices) <= H
        assert np.flatnonzero(synchronises(indices, T)).tolist() == [t - 1 for t in indices]


def test_irregular_stretches_reach_both_ends_of_their_range():
    assert irregular(4, 10, np.zeros(10)) == tuple(range(1, 11))
    assert irregular(4, 10, np.full(10, 0.999)) == (4, 8, 10)


def test_the_literal_gap_does_not_see_the_first_stretch():
    assert (gap({10}), gap_from_zero({10})) == (0, 10)
    assert (gap({7, 8, 10}), gap_from_zero({7, 8, 10})) == (2, 7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_synchronisation([], 5), "must contain T = 5, got an empty set"),
        (lambda: check_synchronisation([2, 4], 5), "must contain T = 5, got 4 as its last index"),
        (lambda: check_synchronisation([0, 5], 5), "must lie in 1..T = 5, got 0"),
        (lambda: check_synchronisation([5, 6], 5), "must lie in 1..T = 5, got 6"),
        (lambda: check_synchronisation([5], 5, 4), "stretches of at most H = 4, got 5"),
        (lambda: check_synchronisation([5], 5, 0), "H must be an integer of at least 1, got 0"),
        (lambda: every(0, 5), "H must be an integer of at least 1, got 0"),
        (lambda: every(1, 0), "T must be an integer of at least 1, got 0"),
        (lambda: irregular(2, 5, np.zeros(4)), r"uniforms must have shape \(5,\)"),
        (lambda: fixed(0), "eta must be positive and finite, got 0"),
        (lambda: decaying(1, float("inf")), "a must be positive and finite, got inf"),
        (lambda: horizon_scaled(F(1), 8), "rational root of degree 2, got 8"),
        (lambda: warm_up_then_decay(0.1, 5, [3], 0.1), "milestones must increase from warm_up"),
    ],
)
def test_bad_input_is_refused_in_one_clear_line(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_step_sizes_are_their_formulas_exactly_in_fractions():
    t = np.arange(4)
    assert fixed(F(1, 3))(t).tolist() == [F(1, 3)] * 4
    assert decaying(F(8, 3), F(7, 2))(t).tolist() == [F(8, 3) / (F(7, 2) + i) for i in range(4)]
    assert horizon_scaled(F(5), 16)(t).tolist() == [F(5, 4)] * 4
    assert all(isinstance(eta, F) for eta in decaying(F(8), 7)(t))


def test_step_sizes_of_floats_are_floats_of_the_shape_of_t():
    t = np.arange(6).reshape(2, 3)
    for step_size in (fixed(0.5), decaying(8, 2), horizon_scaled(1.0, 7), warm_up_then_decay(0.1, 2, [4], 0.1)):
        assert step_size(t).shape == (2, 3)
        assert step_size(t).dtype == float
    assert horizon_scaled(1.0, 7)(0) == 1 / np.sqrt(7)


def test_warm_up_is_linear_up_to_eta_and_each_milestone_divides():
    schedule = warm_up_then_decay(F(1, 2), 4, [6, 8], F(1, 10))
    ramp = [F(1, 8), F(1, 4), F(3, 8), F(1, 2)]
    assert schedule(np.arange(10)).tolist() == [*ramp, F(1, 2), F(1, 2), F(1, 20), F(1, 20), F(1, 200), F(1, 200)]
