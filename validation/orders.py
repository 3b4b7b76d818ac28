"""The arena of orders: where a printed order of growth and the derived one are so far apart that no moderate constant makes up for it."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.asymptotics import SHRINKING, Largest, exponents
from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, register

HIDDEN = 1000
"""A factor that no O(.) of these papers hides."""
FAR = 10**12
"""Its twelfth root is an integer, so that powers with halves, thirds, quarters are rational."""


def apart(rate: Largest) -> Instance:
    """A point where the printed order is more than `HIDDEN` times the derived one, or less than a `HIDDEN`th: one letter far out."""
    others = tuple(letter for letter in rate.free if letter != rate.variable)
    powers, _ = exponents(rate.printed / rate.solved(), others)
    wrong = next(letter for letter, power in powers.items() if power != 0)
    return {letter.name: str(Fraction(1, FAR) if letter in SHRINKING else FAR) if letter == wrong else "1" for letter in others}


class Orders:
    """Points of the free letters of an order; an instance maps each to a rational "p/q"."""

    name = "orders"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Orders are derived, not searched."""
        return Attack("no instance", None, 0, "orders are compared by the rate check")

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """How many times the larger of the two orders is the smaller one, against `HIDDEN`.

        Raises: ValueError if the reading states no such order, or a letter has no rational value at which both are rational.
        """
        rate = reading.rate
        if not isinstance(rate, Largest):
            raise ValueError(f"reading {reading.name!r} states no order of a variable")
        try:
            point = {letter: sp.Rational(instance[letter.name]) for letter in rate.free if letter != rate.variable}
            printed, derived = (Fraction(str(sp.sympify(order).subs(point))) for order in (rate.printed, rate.solved()))
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as why:
            raise ValueError(f"a point must give rationals 'p/q' at which both orders are rational, got {instance}: {why}") from why
        within = all(0 < value <= 1 if letter in SHRINKING else value >= 1 for letter, value in point.items())
        ratio = max(printed / derived, derived / printed)
        judged = {"free letters": (within, "each is at least 1, one that may shrink in (0, 1]")}
        return Replay(ratio, Fraction(HIDDEN), ratio > HIDDEN, judged, ", ".join(f"{name} = {value}" for name, value in instance.items()))


register(Orders())
