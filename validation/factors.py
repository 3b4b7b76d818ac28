"""How many times one bound is another, or a supremum a bound: as a formula, and as a range over values that the hypotheses allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import sympy as sp

from theory import mean_iterate
from theory.claim import Reading, Relation
from theory.rules import plain
from theory.suprema import SUPREMA, step_growth
from theory.suprema_sums import SUMS, SumOfSquares, angle, flat_angle, last_angle
from theory.symbols import (
    C,
    G,
    H,
    L,
    R,
    T,
    U,
    a,
    beta,
    d,
    eta,
    gamma,
    k,
    kappa,
    momentum,
    mu,
    quantisation_noise_sq,
    rho,
    round_stochastic_sq,
    rounds,
    sigma,
    start_distance_sq,
)

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
    rho: (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)),
    U: (Fraction(0), Fraction(1), Fraction(100)),
    start_distance_sq: (Fraction(1), Fraction(10**4), Fraction(10**8), Fraction(10**14)),
}
"""Where a factor is evaluated, as far as the hypotheses allow."""
MOST_POINTS = 5_000
DIGITS = 60
"""Of a factor at a point: far more than are told, so that what is 1 is told as 1."""


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
    formula = plain(sp.sympify(large)) / plain(sp.sympify(small))
    if not formula.has(sp.Max):  # of which sympy compares all with all
        formula = sp.factor(sp.simplify(formula))
    values = list(_values(formula, [plain(condition) for condition in given]))
    return Factor(formula, min(values, default=None), max(values, default=None))


def _values(formula: sp.Expr, conditions: Sequence[sp.Basic]) -> Iterator[float]:
    """The factor wherever the shown values meet the conditions that speak of its letters alone."""
    letters = sorted(formula.free_symbols, key=str)
    if any(letter not in SHOWN_VALUES for letter in letters):
        return
    about = [condition for condition in conditions if condition.free_symbols <= set(letters)]
    number_at = sp.lambdify(letters, formula, "mpmath")  # exact powers of rationals have as many digits as there are iterations
    for number, point in enumerate(product(*(SHOWN_VALUES[letter] for letter in letters))):
        if number == MOST_POINTS:
            return
        at = {letter: sp.Rational(value.numerator, value.denominator) for letter, value in zip(letters, point, strict=True)}
        if all(condition.subs(at) == sp.true for condition in about):
            try:
                with mpmath.workdps(DIGITS):
                    value = mpmath.mpmathify(number_at(*(mpmath.mpf(n.numerator) / n.denominator for n in point)))
            except ZeroDivisionError:
                continue
            if isinstance(value, mpmath.mpf) and mpmath.isfinite(value):
                yield float(value)


@dataclass(frozen=True)
class Known:
    """The largest value of what a bound is about, in closed form, and its `limit` as `index` grows, if it has one; and what share of the

    bound the limit is, else the value, over whatever the claim leaves open, at the values tried.
    """

    says: str
    value: sp.Expr
    share: Factor
    index: sp.Symbol | None = None
    limit: sp.Expr | None = None


def of_supremum(claim_id: str, reading: Reading) -> Known | None:
    """The supremum that a bound's quantity is known to have; None where none is known."""
    relation = reading.relation
    if relation is None or relation.op not in ("<=", "<"):
        return None
    if claim_id in SUPREMA:
        known = SUPREMA[claim_id]
        return Known(known.says, known.value, factor(known.limit, relation.rhs, reading.conditions), known.index, known.limit)
    if claim_id in SUMS:
        return _of_sum(SUMS[claim_id], relation, reading.conditions)
    if claim_id == mean_iterate.CLAIM:
        share = factor(mean_iterate.LARGEST, relation.rhs, (*reading.conditions, mean_iterate.ATTAINED))
        return Known(mean_iterate.SAYS, mean_iterate.LARGEST, share)
    return None


_OF_SUMS = {round_stochastic_sq.func: 1, quantisation_noise_sq.func: 0}
"""What a closed form of a sum of squares takes other sums to be."""


def _of_sum(known: SumOfSquares, relation: Relation, given: Sequence[sp.Basic]) -> Known:
    def read(side: sp.Expr, of_sums: Mapping[Any, int]) -> sp.Expr:
        return side.xreplace({each: sp.Integer(of_sums[each.function.func]) for each in side.atoms(sp.Sum)})

    (quantity,) = relation.lhs.atoms(sp.Sum)
    multiple, bound = read(relation.lhs, {quantity.function.func: 1}), read(relation.rhs, _OF_SUMS)
    reached, m = known.value if known.limit is None else known.limit, known.length
    says = f"{known.says}, where squared gradients add up to 1 and nothing is quantised"
    if known.value.has(angle):
        says += f"; sin({(m + 1) * angle}) = {known.ratio}*sin({m * angle}), {flat_angle(m)} < angle < {last_angle(m)}"
    share = factor(multiple * reached, bound, (*given, m >= 1))
    return Known(says, known.value, share, None if known.limit is None else rounds, known.limit)
