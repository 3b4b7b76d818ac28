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
