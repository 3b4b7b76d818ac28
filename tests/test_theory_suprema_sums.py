"""Suprema of sums of squares in gossip: proved, found again as norms of matrices, and a planted error is noticed."""

import numpy as np
import pytest
import sympy as sp

from theory.suprema_sums import LOSS, SUMS, angle, cosine, flat_angle, last_angle, prove
from theory.symbols import H, eta, rho, rounds


def norm_of_chain(ratio, length):
    """The square of the norm of the matrix with ratio^(row - column) below the diagonal and on it."""
    left = np.subtract.outer(np.arange(length), np.arange(length))
    return np.linalg.norm(np.where(left >= 0, float(ratio) ** np.maximum(left, 0), 0.0), 2) ** 2


def test_the_chain_is_proved():
    assert prove() == ""


@pytest.mark.parametrize(("share", "says"), [("101/100", "a step is no square"), ("99/100", "the last potential")])
def test_a_constant_too_small_or_too_large_is_not(share, says):
    assert prove(LOSS * sp.Rational(share)).startswith(says)


def test_another_equation_for_the_angle_is_noticed():
    assert prove(LOSS.subs(cosine, 1)) != ""


@pytest.mark.parametrize("ratio", ["1/10", "1/2", "99/100"])
@pytest.mark.parametrize("length", [1, 2, 5, 40])
def test_consensus_is_the_norm_of_a_matrix(ratio, length):
    ratio = sp.Rational(ratio)
    found = SUMS["qprsgd/lemma-7"].at({rho: ratio, rounds: length + 1, eta: 3, H: 4})
    assert found == pytest.approx(9 * 4 * norm_of_chain(ratio, length), rel=1e-9)
    assert found < 9 * 4 / (1 - ratio) ** 2  # what the improved Lemma 7 says, whatever the number of rounds


@pytest.mark.parametrize("steps", [2, 3, 10, 100])
def test_drift_is_the_norm_of_a_matrix_below_what_cauchy_schwarz_says(steps):
    found = SUMS["qprsgd/lemma-10"].at({H: steps, eta: 1})
    assert found == pytest.approx(norm_of_chain(1, steps - 1), rel=1e-9)
    assert found <= steps * (steps - 1) / 2
    assert SUMS["qprsgd/lemma-10"].value == eta**2 / (2 - 2 * sp.cos(sp.pi / (2 * H - 1)))


def test_the_angle_of_a_chain_lies_between_that_which_keeps_all_and_that_which_keeps_nothing():
    m = sp.Integer(6)
    for ratio, at in ((1, flat_angle(m)), (0, last_angle(m))):
        assert sp.N(sp.sin((m + 1) * at) - ratio * sp.sin(m * at)) == pytest.approx(0, abs=1e-12)
    assert SUMS["qprsgd/lemma-7"].value.has(angle)
