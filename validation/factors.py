"""How many times one bound is another, or a supremum a bound: as a formula, and as a range over values that the hypotheses allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import sympy as sp

from theory.claim import Reading
from theory.rules import plain
from theory.suprema import SUPREMA, Supremum, step_growth
from theory.symbols import C, G, H, L, R, T, a, beta, d, eta, gamma, k, kappa, momentum, mu, sigma

SHOWN_VALUES = {
    gamma: (Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)),
    beta: (Fraction(0), Fraction(1, 2), Fraction(9, 10)),
    momentum: (Fraction(0), Fraction(1, 2), Fraction(9, 10)),
    step_growth: (Fraction(1), Fraction(5, 4)),
    H: (Fraction(1), Fraction(2), Fraction(8), Fraction(32)),
    R: (Fraction(1), Fraction(2), Fraction(16)),
    d: (Fraction(10), Fraction(1000)),
    k: (Fraction(1), Fraction(10)),
    kappa: (Fraction(1), Fraction(100)),
    a: (Fraction(1000), Fraction(100_000)),
    T: (Fraction(100), Fraction(10**6)),
    C: (Fraction(4), Fraction(100)),
    **dict.fromkeys((G, L, eta, sigma), (Fraction(1),)),
    mu: (Fraction(1), Fraction(1, 100)),
}
"""Where a factor is evaluated, as far as the hypotheses allow."""
MOST_POINTS = 5_000


@dataclass(frozen=True)
class Factor:
    """How many times larger one is than the other: a formula where it is short, and its range over points that the hypotheses allow."""

    formula: sp.Expr
    least: float | None
    most: float | None

    def __str__(self) -> str:
        said = str(self.formula) if sp.count_ops(self.formula) < 40 else "a long formula"
        if self.least is None or self.most is None:
            return said
        span = f"{self.least:.3g}" if self.least == self.most else f"{self.least:.3g} to {self.most:.3g}"
        return span if said == span or self.formula.is_number else f"{said}, {span} at the values tried"


def factor(large: sp.Expr, small: sp.Expr, given: Sequence[sp.Basic]) -> Factor:
    """One over the other, in plain letters."""
    formula = sp.factor(sp.simplify(plain(sp.sympify(large)) / plain(sp.sympify(small))))
    values = list(_values(formula, [plain(condition) for condition in given]))
    return Factor(formula, min(values, default=None), max(values, default=None))


def _values(formula: sp.Expr, conditions: Sequence[sp.Basic]) -> Iterator[float]:
    """The factor wherever the shown values meet the conditions that speak of its letters alone."""
    letters = sorted(formula.free_symbols, key=str)
    if any(letter not in SHOWN_VALUES for letter in letters):
        return
    about = [condition for condition in conditions if condition.free_symbols <= set(letters)]
    for number, point in enumerate(product(*(SHOWN_VALUES[letter] for letter in letters))):
        if number == MOST_POINTS:
            return
        at = {letter: sp.Rational(value.numerator, value.denominator) for letter, value in zip(letters, point, strict=True)}
        if all(condition.subs(at) == sp.true for condition in about):
            value = formula.subs(at)
            if value.is_finite and value.is_real:
                yield float(value)


def of_supremum(claim_id: str, reading: Reading) -> tuple[Supremum, Factor] | None:
    """The supremum that a bound's quantity is known to have, and the limit of it over the bound; None where none is known.

    Over all horizons and whatever else the claim leaves open, at the values tried.
    """
    supremum, relation = SUPREMA.get(claim_id), reading.relation
    if supremum is None or relation is None or relation.op not in ("<=", "<"):
        return None
    return supremum, factor(supremum.limit, relation.rhs, reading.conditions)
