"""Sequences that obey a recursion: they do, every term of what is said of them is needed, and none of it can be halved."""

from dataclasses import replace
from fractions import Fraction as F

import pytest
import sympy as sp

from theory.claim import Relation
from theory.papers import claims
from validation.attack import ARENAS, EFFORTS
from validation.recursions import measure, pool, read

ARENA = ARENAS["recursion"]
CLAIMS = {claim.id: claim.readings[0] for claim in claims() if any(reading.arena == "recursion" for reading in claim.readings)}
SEQUENCE = {
    "rule": "four over mu", "horizon": 2, "mu": "2", "L": "3", "drop": "1/2", "a": "5", "variance_term": "1", "drift_term": "1/3",
    "start_distance_sq": "7", "shares": ["1/4", "1"],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "numerator"), [("four over mu", 4), ("strongly convex", 8)])
def test_a_sequence_obeys_its_recursion_with_equality(rule, numerator):
    measured = measure(rule, read(SEQUENCE | {"rule": rule})[1])
    mu, L, B, C = F(2), F(3), F(1), F(1, 3)
    price, shrink = (F(1, 2), mu) if numerator == 4 else (mu / (2 * L), mu / 2)
    distances, gaps = measured["virtual_distance_sq"][0], measured["function_gap"][0]
    assert distances[0] == 7
    assert distances[2] == 0 < gaps.min()
    for t in range(2):
        eta = F(numerator) / (mu * (5 + t))
        assert measured["eta_t"][0][t] == eta
        assert distances[t + 1] == (1 - shrink * eta) * distances[t] - eta * gaps[t] * price + eta**2 * B + eta**3 * C
    assert measured["output_gap"][0] == (25 * gaps[0] + 36 * gaps[1]) / 61


def test_sequences_are_drawn_with_all_lengths_and_none_is_negative():
    for group, origins in pool("strongly convex", EFFORTS["quick"], 1):
        assert len(origins) == len(group["mu"]) > 20
        assert group["virtual_distance_sq"].min() >= 0 <= group["function_gap"].min()


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_half_of_what_is_said_of_sequences_stands(claim):
    reading = CLAIMS[claim]
    whole = ARENA.attack(reading, EFFORTS["quick"], 0)
    assert whole.outcome == "not broken"
    assert whole.ratio > 0.99
    assert ARENA.replay(reading, whole.nearest).valid
    halved = replace(reading, relation=Relation(reading.relation.lhs, "<=", reading.relation.rhs / 2))
    found = ARENA.attack(halved, EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert ARENA.replay(halved, found.witness).broken


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_term_that_is_added_is_needed(claim):
    reading = CLAIMS[claim]
    lhs, rhs = reading.relation.lhs, sp.expand(reading.relation.rhs)
    needed = 0
    for letter in ("start_distance_sq", "virtual_distance_sq", "variance_term", "drift_term"):
        without = sp.Add(*(term for term in sp.Add.make_args(rhs) if letter not in str(term)))
        if without != rhs:
            needed += 1
            assert ARENA.attack(replace(reading, relation=Relation(lhs, "<=", without)), EFFORTS["quick"], 0).outcome == "broken", letter
    assert needed == 3


@pytest.mark.parametrize("shares", [["5/4", "0"], ["-1/4", "0"]])
def test_no_gap_may_be_negative_nor_take_more_than_there_is(shares):
    assert ARENA.replay(CLAIMS["local_sgd/lemma-3.4"], SEQUENCE).valid
    assert not ARENA.replay(CLAIMS["local_sgd/lemma-3.4"], SEQUENCE | {"shares": shares}).valid


def test_a_step_of_the_other_paper_is_told():
    assert not ARENA.replay(CLAIMS["qsparse_local_sgd/eq-C.44"], SEQUENCE).hypotheses["strongly_convex_step"][0]


@pytest.mark.parametrize("change", [{"horizon": 3}, {"rule": "fixed"}, {"mu": "0"}, {"a": "x"}, {"shares": "1/2"}, {"drop": None}])
def test_what_is_no_sequence_is_told(change):
    with pytest.raises(ValueError, match=r"sequence|shares|positive"):
        ARENA.replay(CLAIMS["local_sgd/lemma-3.4"], SEQUENCE | change)
