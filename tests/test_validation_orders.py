"""Orders that a paper prints wrongly have a witness: a point where no moderate constant makes up for the difference."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from theory.asymptotics import Largest
from theory.claim import Reading, equals
from theory.notation import ORDER
from theory.papers import claims
from theory.symbols import R, T, gamma
from validation.attack import ARENAS
from validation.orders import HIDDEN, apart

PRICE, RATE = gamma ** sp.Rational(-4, 3) / T ** sp.Rational(2, 3), 1 / sp.sqrt(R * T)
HORIZON = Largest(T, PRICE, RATE, gamma**-2, (T, R, gamma), smallest=True)  # dist-EF-SGD, section 3.1, as printed
READING = Reading("as printed", equals(T, ORDER / gamma**2), rate=HORIZON)
ARENA = ARENAS["orders"]
CONTRADICTED = {
    claim.id: reading.rate
    for claim in claims()
    for reading in claim.readings
    if isinstance(reading.rate, Largest) and reading.rate.check(None).outcome == "contradicted"
}


def test_the_point_shows_by_how_much_the_orders_differ() -> None:
    found = ARENA.replay(READING, {"workers": "1", "gamma": "1/1000"})
    assert found.broken
    assert (found.lhs, found.rhs) == (Fraction(1000) ** 6, HIDDEN)  # 1/delta^8 for 1/delta^2


@pytest.mark.parametrize("name", sorted(CONTRADICTED))
def test_every_contradicted_order_has_a_point_that_replays(name: str) -> None:
    rate = CONTRADICTED[name]
    assert ARENA.replay(Reading("as printed", READING.relation, rate=rate), apart(rate)).broken


@pytest.mark.parametrize("name", sorted(CONTRADICTED))
def test_a_point_lies_where_the_printed_order_says_too_much_if_there_is_one(name: str) -> None:
    """Only the printed gaps of Corollary 3 are too small everywhere: b and R at least 1 stand in their denominator."""
    rate = CONTRADICTED[name]
    found = ARENA.replay(Reading("as printed", READING.relation, rate=rate), apart(rate))
    assert all(met for met, _ in found.hypotheses.values())
    point = {letter: sp.Rational(apart(rate)[letter.name]) for letter in rate.free if letter != rate.variable}
    allows_more = bool(rate.printed.subs(point) > rate.solved().subs(point)) != rate.smallest
    assert allows_more == (name not in ("qsparse_local_sgd/corollary-3/gap", "qsparse_local_sgd/table-5.1",
                                        "qsparse_local_sgd/table-5.1/strongly-convex-gap"))  # fmt: skip


def test_the_rate_of_gossip_is_broken_where_its_ranges_leave_room_and_not_where_they_leave_none() -> None:
    rate = CONTRADICTED["qprsgd/table-1/gossip"]
    reading = Reading("as printed", READING.relation, rate=rate)
    inside = apart(rate)
    assert Fraction(inside["noise_factor"]) < 1 <= int(inside["workers"]) - 1
    assert not ARENA.replay(reading, inside | {"noise_factor": str(10**12)}).broken  # K <= 1 / sqrt(D_2') leaves no K
    assert not ARENA.replay(reading, inside | {"rounds": "1"}).broken
    assert not ARENA.replay(reading, inside | {"workers": "1"}).broken


def test_the_right_order_is_broken_nowhere() -> None:
    right = replace(HORIZON, printed=R**3 / gamma**8)
    for instance in ({"workers": "1", "gamma": "1/1000"}, {"workers": "1000000000000", "gamma": "1"}):
        assert not ARENA.replay(replace(READING, rate=right), instance).violated


@pytest.mark.parametrize("instance", [{"workers": "1"}, {"workers": "1", "gamma": "0"}, {"workers": "1", "gamma": "x"}])
def test_a_point_that_is_none_gives_one_clear_error(instance: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a point must give rationals"):
        ARENA.replay(READING, instance)


def test_letters_out_of_their_range_do_not_count() -> None:
    assert not ARENA.replay(READING, {"workers": "1", "gamma": "1000"}).valid
    with pytest.raises(ValueError, match="states no order"):
        ARENA.replay(Reading("as printed", READING.relation), {})
