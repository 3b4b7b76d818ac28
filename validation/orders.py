"""The arena of orders: where a printed order of growth and the derived one are so far apart that no moderate constant makes up for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product

import sympy as sp

from theory.asymptotics import Largest, exponents
from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, register

HIDDEN = 1000
"""A factor that no O(.) of these papers hides."""
FAR = 10**12
"""Its twelfth root is an integer, so that powers with halves, thirds, quarters are rational."""
PLACES = (Fraction(1), Fraction(2), *(Fraction(FAR) ** power for power in (1, 2, 4)))
"""Where the letters in which nothing is wrong are put, the plainest first: a printed range may leave nothing nearer."""


def _others(rate: Largest) -> tuple[sp.Symbol, ...]:
    return tuple(letter for letter in rate.free if letter != rate.variable)


def _excesses(rate: Largest) -> dict[sp.Symbol, sp.Expr]:
    """By letter that the printed order has wrong: by which power of it, far out, the order says too much (below 0: too little).

    It says too much where it allows more of the variable than the derived order, or asks for less.
    """
    powers, _ = exponents(rate.printed / rate.solved(), _others(rate))
    way = -1 if rate.smallest else 1
    return {letter: way * power * (-1 if letter in rate.shrinking else 1) for letter, power in powers.items() if power != 0}


def _says_too_much(rate: Largest) -> bool:
    """Whether it can; if not, it is wrong for saying too little everywhere."""
    return any(excess > 0 for excess in _excesses(rate).values())


def apart(rate: Largest) -> Instance:
    """A point where the printed order says `HIDDEN` times too much: one letter far out, the others such that it speaks of the point.

    Where it can only say too little, a point where it does. Raises: ValueError if it speaks of none of the places tried.
    """
    excesses, others = _excesses(rate), _others(rate)
    wrong = next((letter for letter, excess in excesses.items() if excess > 0), next(iter(excesses)))
    for point in _points(rate, others, wrong):
        if _speaks_of(rate, point):
            return {letter.name: str(point[letter]) for letter in others}
    raise ValueError(f"no point near by is within what is printed of {rate.variable}")


def _points(rate: Largest, others: tuple[sp.Symbol, ...], wrong: sp.Symbol) -> Iterator[dict[sp.Symbol, Fraction]]:
    rest = [letter for letter in others if letter != wrong]
    for places in sorted(product(range(len(PLACES)), repeat=len(rest)), key=lambda each: (sum(each), each)):
        chosen = {wrong: Fraction(FAR)} | {letter: PLACES[place] for letter, place in zip(rest, places, strict=True)}
        yield {letter: 1 / chosen[letter] if letter in rate.shrinking else chosen[letter] for letter in others}


def _speaks_of(rate: Largest, point: Mapping[sp.Symbol, Fraction]) -> bool:
    """Whether the printed order, and what is printed beside it, leave room at a point: for the variable there, at least 1 if it counts."""
    at = {letter: sp.Rational(value.numerator, value.denominator) for letter, value in point.items()}
    printed = sp.sympify(rate.printed).subs(at)
    room = bool(rate.smallest or not rate.variable.is_integer or printed >= 1)
    return room and all(condition.subs(at | {rate.variable: printed}) == sp.true for condition in rate.within)


class Orders:
    """Points of the free letters of an order; an instance maps each to a rational "p/q"."""

    name = "orders"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Orders are derived, not searched."""
        return Attack("no instance", None, 0, "orders are compared by the rate check")

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """How many times too much the printed order says (too little, where it cannot say too much), against `HIDDEN`.

        Raises: ValueError if the reading states no such order, or a letter has no rational value at which both are rational.
        """
        rate = reading.rate
        if not isinstance(rate, Largest):
            raise ValueError(f"reading {reading.name!r} states no order of a variable")
        try:
            point = {letter: Fraction(instance[letter.name]) for letter in _others(rate)}
            printed, derived = (Fraction(str(sp.sympify(order).subs(point))) for order in (rate.printed, rate.solved()))
            ratio = derived / printed if rate.smallest == _says_too_much(rate) else printed / derived
            spoken_of = _speaks_of(rate, point)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as why:
            raise ValueError(f"a point must give rationals 'p/q' at which both orders are rational, got {instance}: {why}") from why
        within = all(0 < value <= 1 if letter in rate.shrinking else value >= 1 for letter, value in point.items())
        judged = {
            "free letters": (within, "each is at least 1, one that may shrink in (0, 1]"),
            "printed ranges": (spoken_of, f"they leave room for {rate.variable}"),
        }
        return Replay(ratio, Fraction(HIDDEN), ratio > HIDDEN, judged, ", ".join(f"{name} = {value}" for name, value in instance.items()))


register(Orders())
