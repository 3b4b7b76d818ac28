"""Improve: what is gained, what rests on it, and how far a constant could go."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from theory.claim import Hypothesis, Reading, at_least, at_most
from theory.papers import claims
from theory.symbols import G, H, R, eta, gamma
from validation import improve
from validation.attack import EFFORTS
from validation.factors import of_supremum

QUICK = EFFORTS["quick"]


def test_the_gain_is_printed_over_improved_and_its_range_keeps_to_the_hypotheses():
    printed, improved = at_most(R, 4 * (1 - gamma**2) / gamma**2), at_most(R, (1 - gamma) * (1 + sp.sqrt(1 - gamma)) ** 2 / gamma**2)
    found = improve.gain(printed, improved, [gamma <= sp.Rational(1, 2)])
    assert found is not None
    at_half = 4 * 1.5 / (1 + 0.5**0.5) ** 2
    assert found.most == pytest.approx(at_half)
    assert 1 < found.least < found.most


def test_there_is_no_gain_between_bounds_on_different_things():
    assert improve.gain(at_most(R, 2), at_most(H, 1), []) is None
    assert improve.gain(at_most(R, 2), at_least(R, 1), []) is None


def test_a_lower_bound_gains_by_being_larger():
    found = improve.gain(at_least(R, G), at_least(R, 3 * G), [])
    assert found is not None
    assert found.formula == 3


def test_the_least_decided_multiple_is_found_by_bisection():
    small = Reading("small", at_most(eta, 8 * G), given=(Hypothesis("eta", "eta <= 3 G", eta <= 3 * G),))
    assert improve.least_decided(small, QUICK) == Fraction(3, 8)
    false = Reading("false", at_most(eta, 2 * G), given=small.given)
    assert improve.least_decided(false, QUICK) is None
    lower = Reading("lower", at_least(8 * G, eta), given=small.given)
    assert improve.least_decided(lower, QUICK) is None


def test_what_rests_on_an_improvement_is_found_among_all_claims():
    by_id = {claim.id: claim for claim in claims()}
    lemma = by_id["qsparse_local_sgd/lemma-5"]
    assert "qsparse_local_sgd/definition-8" in improve.users(lemma, improved=False)
    for user in improve.users(lemma, improved=True):
        assert by_id[user].improvement is not None


def test_a_stated_improvement_is_another_statement_than_the_printed_one():
    for claim in claims():
        better, printed = claim.improvement, claim.readings[:1]
        if better is not None and printed and better.relation == printed[0].relation:
            one, other = (({h.name for h in reading.given}, reading.setting, reading.rate) for reading in (better, printed[0]))
            assert one != other, claim.id  # another range of the letters, where the bound is the same


def test_a_claim_without_a_bound_is_named(tmp_path):
    bare = next(claim for claim in claims() if all(reading.relation is None for reading in claim.readings) and claim.correction is None)
    with pytest.raises(ValueError, match="states no bound"):
        improve.run(bare.id, "quick", 0, None)


def test_a_supremum_in_closed_form_is_told_with_its_share_of_the_bound():
    by_id = {claim.id: claim for claim in claims()}
    lemma = by_id["qsparse_local_sgd/lemma-5"]
    _, share = of_supremum(lemma.id, lemma.readings[0])
    assert float(share.formula.subs(gamma, sp.Rational(1, 2))) == pytest.approx((1 + 0.5**0.5) ** 2 / (4 * 1.5))  # by hand
    assert 0 < share.least < share.most < 1
    of_improved = of_supremum(lemma.id, lemma.improvement)
    assert of_improved is not None
    assert of_improved[1].most == pytest.approx(1)  # the sharp constant
    assert of_supremum("qsparse_local_sgd/lemma-7", by_id["qsparse_local_sgd/lemma-7"].readings[0]) is None
    (value, limit) = improve._supremum(lemma, lemma.readings[0])
    assert value.startswith("supremum  of memory after i synchronisations")
    assert "over the bound" in limit


def test_why_no_arena_could_break_a_bound_is_told(capsys):
    improve.run("qprsgd/sec-4/telescoped", "quick", 0, None)
    assert "whatever the rounds do: there is nothing to attack" in capsys.readouterr().out
