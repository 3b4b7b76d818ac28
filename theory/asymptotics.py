"""Rates are derived: substitute the schedule into a bound, expand, and compare orders, with every hidden factor named.

O(.) is uniform in its *free* variables: counts (at least 1, may grow), T (grows), gamma and 1 - beta (in (0, 1], may shrink). Everything
else is a constant it may hide, and is listed. Orders are compared as monomials, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from theory.claim import IMPROVED, Relation
from theory.rules import Cited, Context, Derived, NotReached, Rule
from theory.symbols import G, H, J, L, R, T, a, b, d, gamma, k, momentum_room, sigma_max, t

SHRINKING = (gamma, momentum_room)
"""Free variables with values in (0, 1]; all others are at least 1 or grow."""


def exponents(monomial: sp.Expr, free: tuple[sp.Symbol, ...]) -> tuple[dict[sp.Symbol, sp.Expr], sp.Expr]:
    """The exponent of each free variable in a monomial, and the factor that is left.

    Raises:
        NotReached: a free variable does not stand as a power.
    """
    powers = sp.powsimp(sp.expand_power_base(sp.powdenest(sp.factor(monomial), force=True), force=True)).as_powers_dict()
    found: dict[sp.Symbol, sp.Expr] = dict.fromkeys(free, sp.Integer(0))
    rest = sp.Integer(1)
    for base, power in powers.items():
        if base in found:
            found[base] += power
        elif base.free_symbols & set(free) or power.free_symbols & set(free):
            raise NotReached(f"{base**power} is no power of a free variable")
        else:
            rest *= base**power
    return found, rest


def bounded(ratio: sp.Expr, free: tuple[sp.Symbol, ...]) -> sp.Expr | None:
    """The hidden factor, when the ratio stays bounded over the free variables; None when it does not."""
    powers, rest = exponents(ratio, free)
    for symbol, power in powers.items():
        sign = power if symbol in SHRINKING else -power
        if not sign.is_nonnegative:
            return None
    return rest


@cache
def in_the_end(condition: Boolean, growing: sp.Expr) -> Boolean:
    """What makes an inequality hold once a letter is large enough: the sign of the leading term of its slack. False where none is seen."""
    if not isinstance(condition, (sp.Ge, sp.Gt, sp.Le, sp.Lt)) or growing not in condition.free_symbols:
        return sp.false
    slack, small = condition.gts - condition.lts, sp.Dummy("small", positive=True)
    roots = sp.ilcm(1, 1, *(power.exp.q for power in slack.atoms(sp.Pow) if power.base == growing and power.exp.is_Rational))
    ends = []
    for side in sp.fraction(sp.together(slack.subs(growing, small**-roots))):
        if not side.is_polynomial(small):
            return sp.false
        ends.append(sp.Poly(side, small).EC())  # the coefficient of the lowest power
    return sp.Gt(sp.Mul(*ends), 0)


def _terms(bound: sp.Expr) -> list[sp.Expr]:
    """Additive terms of a bound, those that only help dropped."""
    return [term for term in sp.Add.make_args(sp.expand(bound)) if not term.could_extract_minus_sign()]


@dataclass(frozen=True)
class Rate:
    """The bound of claim `of` (its improvement, where `improved`), or what a rule derives, is at most a constant times the sum of `terms`.

    First each quantity in `floors` is bounded below, wherever it divides, and each in `ceilings` above, wherever it multiplies; then `at`
    is substituted; then each quantity in `at_most` is bounded above, wherever it multiplies. Ceilings and floors of scalars are decided;
    the other bounds used stand in claims of their own. The first free letter is what grows: conditions of what is cited need to be met
    from some value of it on.
    """

    of: str | Rule
    terms: tuple[sp.Expr, ...]
    free: tuple[sp.Expr, ...]
    at: Mapping[Any, Any] = field(default_factory=dict)
    at_most: Mapping[Any, Any] = field(default_factory=dict)
    floors: Mapping[Any, Any] = field(default_factory=dict)
    ceilings: Mapping[Any, Any] = field(default_factory=dict)
    improved: bool = False

    def cites(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cited for cited, _ in self.uses()))

    def uses(self) -> Iterator[Cited]:
        """What is cited, and what is substituted into it before `at` is."""
        yield from ((self.of + IMPROVED * self.improved, ()),) if isinstance(self.of, str) else self.of.uses()

    def check(self, context: Context) -> Derived:
        try:
            relation = context.known(*self.cites()) if isinstance(self.of, str) else self.of.derive(context)
        except NotReached as why:
            return Derived("not reached", str(why))
        for quantity, ceiling in self.ceilings.items():
            self._require(context, quantity <= ceiling, f"{quantity} is not bounded above so")
        for quantity, floor in self.floors.items():
            if not quantity.has(sp.Sum, AppliedUndef):
                self._require(context, quantity >= floor, f"{quantity} is not bounded below so")
        terms = [self._replaced(term, self.floors, -1) for term in sp.Add.make_args(relation.rhs)]
        bound = sp.Add(*[self._replaced(term, self.ceilings, 1) for term in terms])
        said = []
        for term in _terms(bound.subs(self.at, simultaneous=True)):
            term = self._replaced(term, self.at_most, 1)
            hidden = [(bounded(term / printed, self.free), printed) for printed in self.terms]
            match = next(((factor, printed) for factor, printed in hidden if factor is not None), None)
            if match is None:
                return Derived("not reached", f"the term {term} is not within a constant of any printed term")
            said.append(f"{match[1]} hides {match[0]}")
        return Derived("equal", "; ".join(dict.fromkeys(said)) + f"; free: {', '.join(map(str, self.free))}", relation=relation)

    def _require(self, context: Context, condition: Boolean, why: str) -> None:
        """Raises NotReached unless a condition follows at what is chosen, or does in the end."""
        chosen = condition.subs(self.at, simultaneous=True)
        try:
            context.require(chosen if chosen == condition else in_the_end(chosen, self.free[0]), why)
        except NotReached:
            context.require(chosen, why)

    @staticmethod
    def _replaced(term: sp.Expr, bounds: Mapping[Any, Any], sign: int) -> sp.Expr:
        """A nonnegative term with quantities replaced by bounds, where their powers have the sign that keeps it a bound."""
        for quantity, bound in bounds.items():
            mark = sp.Dummy(positive=True)
            marked = sp.powsimp(sp.expand_power_base(term.xreplace({quantity: mark}), force=True), force=True)
            power = marked.as_powers_dict().get(mark, sp.S.Zero)
            if marked.has(mark) and not ((marked / mark**power).has(mark) is False and (sign * power).is_nonnegative):
                raise NotReached(f"{term} does not grow with a bound on {quantity}")
            term = term.xreplace({quantity: bound})  # not `marked`, where roots of numbers may have joined roots of other quantities
        return term


@dataclass(frozen=True)
class Largest:
    """The order of `variable` at which the `dominated` term meets the `dominating` one is `printed`.

    Equal orders prove it; a printed order that differs contradicts the derivation, which stands (a closed statement that is false).
    """

    variable: sp.Symbol
    dominated: sp.Expr
    dominating: sp.Expr
    printed: sp.Expr
    free: tuple[sp.Symbol, ...]
    smallest: bool = False
    """The smallest admissible value is asked for (T = Omega(.)) instead of the largest."""
    within: tuple[Boolean, ...] = ()
    """What is printed beside of the letters, the variable at its printed order."""
    shrinking: tuple[sp.Symbol, ...] = SHRINKING
    """The free letters with values in (0, 1]."""

    def cites(self) -> tuple[str, ...]:
        return ()

    def uses(self) -> Iterator[Cited]:
        yield from ()

    def solved(self) -> sp.Expr:
        """The order of the variable, constants dropped."""
        powers, _ = exponents(self.dominated / self.dominating, self.free)
        own = powers.pop(self.variable)
        if own == 0:
            raise NotReached(f"both terms have the same power of {self.variable}")
        return sp.prod([symbol ** (-power / own) for symbol, power in powers.items()])

    def check(self, context: Context) -> Derived:
        order = self.solved()
        others = tuple(f for f in self.free if f != self.variable)
        powers, _ = exponents(self.printed / order, others)
        wrong = {symbol: power for symbol, power in powers.items() if power != 0}
        relation = Relation(self.variable, ">=" if self.smallest else "<=", order)
        if not wrong:
            return Derived("equal", f"{self.variable} of order {order}", relation=relation)
        factor = sp.prod([symbol**power for symbol, power in wrong.items()])
        return Derived("contradicted", f"the two terms meet at order {order}; printed is {factor} times that", factor, relation)


ORDER_VARIABLES = (T, R, b, H, gamma)
"""What O(.) must be uniform in, in the corollaries and tables of Qsparse-local-SGD."""

CONSTANTS = (L, G, J, sigma_max, a, d, k, t)
