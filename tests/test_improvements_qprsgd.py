"""Improvements of QPRSGD beside those in `test_theory_claims_qprsgd`: stronger than printed, and how far any of that form could go."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from theory.claim import at_most
from theory.qprsgd import CLAIMS
from theory.qprsgd.terms import K, total
from theory.symbols import consensus_sq, discounted_noise_sq, discounted_norms_sq, eta
from validation.attack import EFFORTS, attack

STRAYED = next(claim for claim in CLAIMS if claim.id == "qprsgd/appendix-e/before-lemma-9")


def test_the_square_of_the_sum_of_roots_is_below_twice_the_squares_but_where_both_are_alike():
    printed, improved = STRAYED.readings[0].relation.rhs, STRAYED.improvement.relation.rhs
    gap = K * (sp.sqrt(discounted_noise_sq) - eta * sp.sqrt(discounted_norms_sq)) ** 2
    assert sp.expand(printed - improved - gap) == 0


def test_gradients_alone_meet_the_roots_and_less_falls():
    improvement = STRAYED.improvement
    assert attack(improvement, EFFORTS["quick"], 0).outcome == "not broken"
    sharper = at_most(improvement.relation.lhs, improvement.relation.rhs * sp.Rational(99, 100))
    assert attack(replace(improvement, relation=sharper, follows=None), EFFORTS["quick"], 0).outcome == "broken"


@pytest.mark.parametrize("slow", [Fraction(1, 10), Fraction(1, 1000)])
def test_the_factor_of_the_squares_is_no_less_than_four_thirds_where_gradients_keep_what_noise_did(slow):
    """x' = rho x + away x + noise at rest, away half of 1 - rho: E x^2 = 1, so noise^2 = 1 - (rho + away)^2.

    The discounted noise is noise^2 / (1 - rho^2); the square of the discounted norms is at most (away / (1 - rho))^2 in expectation, by
    Jensen. Both are of the order of E x^2, which is why 1 for the printed 2 is not enough, as it is where either is alone.
    """
    rho, away = 1 - slow, slow / 2
    noise = (1 - (rho + away) ** 2) / (1 - rho**2)
    at = {total(consensus_sq): 1, discounted_noise_sq: noise, discounted_norms_sq: (away / slow) ** 2, K: 1, eta: 1}
    spent, printed = (side.subs(at) for side in (STRAYED.readings[0].relation.lhs, STRAYED.readings[0].relation.rhs))
    improved = STRAYED.improvement.relation.rhs.subs(at)
    assert spent < improved < printed
    assert spent > sp.Rational(64, 100) * printed
