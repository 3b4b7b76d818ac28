"""Certificates for one-step vector inequalities: conclusion = nonnegative combination of hypotheses + a sum of squares.

All expressions are affine in Gram symbols (`theory.vectors`); what is affine in function values rides along as a scalar. The
certificate is the multipliers, which come from the paper's proof, and the squares, which exact elimination finds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import sympy

from theory.cancelling import cancel
from theory.decide import about, decide
from theory.signs import Kind
from theory.vectors import Base, Vector, average_norm_sq, gram, gram_bases


@dataclass(frozen=True)
class Square:
    """weight * ||form||^2, averaged over the workers where the form is a deviation."""

    weight: sympy.Expr
    form: Vector


@dataclass(frozen=True)
class Case:
    """The squares that make up the remainder where `condition` holds (pivots that can vanish split the region in two)."""

    condition: tuple[Any, ...]
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Certificate:
    """slack = sum of multiplier * hypothesis + constant + squares, or why that was not reached.

    `remainder` is slack minus the combination of hypotheses; `constant` its part without Gram symbols.
    """

    outcome: Literal["proved", "not reached"]
    evidence: str
    slack: sympy.Expr
    hypotheses: Mapping[str, sympy.Expr]
    multipliers: Mapping[str, sympy.Expr]
    given: tuple[Any, ...]
    equalities: frozenset[str]
    remainder: sympy.Expr
    constant: sympy.Expr
    cases: tuple[Case, ...] = field(default=())

    @property
    def pivots(self) -> tuple[sympy.Expr, ...]:
        """The weights of the squares, in the order of elimination, each once."""
        return tuple(dict.fromkeys(square.weight for case in self.cases for square in case.squares))


class _NotReached(Exception):
    pass


def certify(
    slack: Any,
    hypotheses: Mapping[str, Any],
    multipliers: Mapping[str, Any],
    given: Sequence[Any] = (),
    equalities: Collection[str] = (),
) -> Certificate:
    """Certifies slack >= 0 from hypotheses that are each >= 0 (those in `equalities`: = 0), for scalars that satisfy `given`.

    A hypothesis without a multiplier is not used. The multiplier of an equality may have any sign.

    Raises:
        ValueError: a multiplier or an equality names no hypothesis, or an expression is not affine in the Gram symbols.
    """
    slack = sympy.sympify(slack)
    hypotheses = {name: sympy.sympify(hypothesis) for name, hypothesis in hypotheses.items()}
    multipliers = {name: sympy.sympify(multiplier) for name, multiplier in multipliers.items()}
    for argument, names in (("multipliers", multipliers), ("equalities", equalities)):
        if unknown := sorted(set(names) - set(hypotheses)):
            raise ValueError(f"{argument} must name hypotheses ({', '.join(hypotheses)}), got {', '.join(unknown)}")
    used = set().union(*(expression.free_symbols for expression in (slack, *hypotheses.values(), *multipliers.values())))
    named = frozenset(equalities)
    return _certified(slack, tuple(hypotheses.items()), tuple(multipliers.items()), about(used, [*map(sympy.sympify, given)]), named)


@cache
def _certified(
    slack: sympy.Expr,
    granted: tuple[tuple[str, sympy.Expr], ...],
    factors: tuple[tuple[str, sympy.Expr], ...],
    given: tuple[Any, ...],
    equalities: frozenset[str],
) -> Certificate:
    hypotheses, multipliers = dict(granted), dict(factors)
    remainder = _remainder(slack, hypotheses, multipliers)
    coefficients, constant = _affine(remainder)

    def certificate(outcome: Literal["proved", "not reached"], evidence: str, cases: tuple[Case, ...] = ()) -> Certificate:
        return Certificate(outcome, evidence, slack, hypotheses, multipliers, given, equalities, remainder, constant, cases)

    try:
        for each in _scalar_demands(slack, hypotheses, multipliers, given, equalities, constant):
            _demand(_SIGNS[each.kind](each.expression, 0), each.given, each.what)
        cases = _eliminated(_matrix(coefficients), given)
    except _NotReached as reason:
        return certificate("not reached", str(reason))
    squares = " + ".join(f"({square.weight}) ||{_spelled(square.form)}||^2" for square in cases[0].squares) or "0"
    split = f" (first of {len(cases)} cases)" if len(cases) > 1 else ""
    return certificate("proved", f"remainder = {' + '.join(filter(None, [squares, str(constant) if constant != 0 else '']))}{split}", cases)


@dataclass(frozen=True)
class Demand:
    """A sign that a certificate rests on: of `expression`, where `given` holds."""

    what: str
    expression: sympy.Expr
    kind: Kind
    given: tuple[Any, ...]


def demands(certificate: Certificate) -> Iterator[Demand]:
    """Every sign that a proved certificate rests on, in a fixed order; its identities are checked by `identities_hold`."""
    slack, hypotheses, multipliers = certificate.slack, certificate.hypotheses, certificate.multipliers
    yield from _scalar_demands(slack, hypotheses, multipliers, certificate.given, certificate.equalities, certificate.constant)
    yield from _coverage([case.condition for case in certificate.cases], certificate.given)
    for case in certificate.cases:
        for square in case.squares:
            here = (*certificate.given, *case.condition)
            yield Demand(f"the pivot {square.weight} is positive", square.weight, "positive", here)


def identities_hold(certificate: Certificate) -> bool:
    """Whether slack = multipliers * hypotheses + constant + squares in every case, and the cases cover all: by algebra alone.

    Shares no step with the elimination: it multiplies the squares out and compares.
    """
    remainder = _remainder(certificate.slack, certificate.hypotheses, certificate.multipliers)
    equalities = [each for each in certificate.given if isinstance(each, sympy.Eq)]
    defined = {each.lhs: each.rhs for each in equalities if each.lhs.is_Symbol and not each.rhs.has(each.lhs)}
    for case in certificate.cases:
        squares = sympy.Add(*(square.weight * average_norm_sq(square.form) for square in case.squares))
        coefficients, rest = _affine(sympy.expand(remainder - certificate.constant - squares))
        equations = [condition.lhs - condition.rhs for condition in case.condition if isinstance(condition, sympy.Eq)]
        for difference in (rest, *coefficients.values()):
            if not (_vanishes(difference, equations) or _vanishes(difference.subs(defined), equations)):
                return False
    return _whole([case.condition for case in certificate.cases])


def _vanishes(difference: sympy.Expr, equations: Sequence[sympy.Expr]) -> bool:
    """Whether an expression is zero where the equations hold and no letter is 0 that is declared positive."""
    (difference, *equations), roots = _polynomials([difference, *equations])
    numerator = sympy.fraction(cancel(sympy.together(difference)))[0]
    known = [*equations, *roots]
    if numerator == 0 or not known:
        return bool(numerator == 0)
    letters = sorted(numerator.free_symbols.union(*(equation.free_symbols for equation in known)), key=str)
    positive = [letter for letter in letters if letter.is_positive]
    if positive:
        letters.append(inverse := sympy.Dummy("inverse"))
        known.append(inverse * sympy.Mul(*positive) - 1)
    return bool(sympy.groebner(known, *letters, domain="QQ").contains(numerator))


def _polynomials(expressions: Sequence[sympy.Expr]) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    """The expressions with a letter in the place of each root, and what vanishes by the definition of these letters."""
    degrees: dict[sympy.Expr, int] = {}
    for power in {power for each in expressions for power in each.atoms(sympy.Pow) if power.exp.is_Rational and not power.exp.is_Integer}:
        degrees[power.base] = sympy.ilcm(degrees.get(power.base, 1), power.exp.q)
    roots = {base: sympy.Dummy("root") for base in degrees}

    def plain(expression: sympy.Expr) -> sympy.Expr:
        return expression.replace(
            lambda e: isinstance(e, sympy.Pow) and e.base in degrees and not e.exp.is_Integer,
            lambda e: roots[e.base] ** (e.exp * degrees[e.base]),
        )

    return [plain(each) for each in expressions], [roots[base] ** degree - base for base, degree in degrees.items()]


def _split(conditions: Sequence[tuple[Any, ...]]) -> tuple[Any, Any] | None:
    """The pair x > 0, x = 0 that the cases begin with, None where they begin otherwise."""
    first = list(dict.fromkeys(condition[0] if condition else None for condition in conditions))
    pair = len(first) == 2 and isinstance(first[0], sympy.Gt) and first[0].rhs == 0 and first[1] == sympy.Eq(first[0].lhs, 0)
    return (first[0], first[1]) if pair else None


def _after(conditions: Sequence[tuple[Any, ...]], way: Any) -> list[tuple[Any, ...]]:
    return [condition[1:] for condition in conditions if condition and condition[0] == way]


def _whole(conditions: Sequence[tuple[Any, ...]]) -> bool:
    """Whether cases are one without a condition, or split in two by x > 0 and x = 0, each of them whole."""
    if len(conditions) == 1 and conditions[0] == ():
        return True
    split = _split(conditions)
    return split is not None and all(_whole(_after(conditions, way)) for way in split)


def _coverage(conditions: Sequence[tuple[Any, ...]], given: tuple[Any, ...]) -> Iterator[Demand]:
    """What makes x > 0 and x = 0 cover everything: x >= 0."""
    split = _split(conditions)
    if split is not None:
        yield Demand(f"{split[0].lhs} is nonnegative", split[0].lhs, "nonnegative", given)
        for way in split:
            yield from _coverage(_after(conditions, way), (*given, way))


def _remainder(slack: sympy.Expr, hypotheses: Mapping[str, sympy.Expr], multipliers: Mapping[str, sympy.Expr]) -> sympy.Expr:
    return sympy.expand(slack - sum(multiplier * hypotheses[name] for name, multiplier in multipliers.items()))


def _affine(expression: sympy.Expr) -> tuple[dict[sympy.Symbol, sympy.Expr], sympy.Expr]:
    """The coefficient of each Gram symbol, and what is left without them."""
    symbols = sorted((symbol for symbol in expression.free_symbols if gram_bases(symbol)), key=lambda symbol: symbol.name)
    coefficients = {symbol: sympy.factor(sympy.diff(expression, symbol)) for symbol in symbols}
    for symbol, coefficient in coefficients.items():
        if any(gram_bases(other) for other in coefficient.free_symbols):
            raise ValueError(f"an expression must be affine in the Gram symbols, got the coefficient {coefficient} of {symbol}")
    return coefficients, sympy.factor(expression.xreplace(dict.fromkeys(symbols, sympy.S.Zero)))


def _scalar_demands(
    slack: sympy.Expr,
    hypotheses: Mapping[str, sympy.Expr],
    multipliers: Mapping[str, sympy.Expr],
    given: tuple[Any, ...],
    equalities: Collection[str],
    constant: sympy.Expr,
) -> Iterator[Demand]:
    # `decide` reads statements where they are defined, so a multiplier with a pole would silently shrink the region.
    used = [slack, *multipliers.values(), *(hypotheses[name] for name in multipliers)]
    for power in sorted({power for expression in used for power in expression.atoms(sympy.Pow)}, key=sympy.default_sort_key):
        if power.exp.is_negative:
            yield Demand(f"{power} is defined", power.base, "nonzero", given)
        if not power.exp.is_integer:
            yield Demand(f"{power} is defined", power.base, "nonnegative", given)
    for name, multiplier in multipliers.items():
        if name not in equalities:
            yield Demand(f"the multiplier of {name}, {multiplier}, is nonnegative", multiplier, "nonnegative", given)
    yield Demand(f"the part without vectors, {constant}, is nonnegative", constant, "nonnegative", given)


_SIGNS = {"nonzero": sympy.Ne, "nonnegative": sympy.Ge, "positive": sympy.Gt}


def _demand(statement: Any, given: Sequence[Any], what: str) -> None:
    if statement != sympy.true:
        decision = decide(statement, given)
        if decision.outcome != "proved":
            raise _NotReached(f"not shown that {what}: {decision.evidence}")


# ---- exact elimination ----

_Matrix = dict[Base, dict[Base, sympy.Expr]]


def _matrix(coefficients: Mapping[sympy.Symbol, sympy.Expr]) -> _Matrix:
    """The symmetric matrix of the form, both Gram matrices in one; rows that vanish are left out."""
    matrix: _Matrix = {}
    for symbol, coefficient in coefficients.items():
        bases = gram_bases(symbol)
        if bases is None or coefficient == 0:
            continue
        one, other = bases
        entry = coefficient if one == other else coefficient / 2
        matrix.setdefault(one, {})[other] = entry
        matrix.setdefault(other, {})[one] = entry
    return matrix


def _eliminated(matrix: _Matrix, given: Sequence[Any]) -> tuple[Case, ...]:
    """The form as squares. A pivot known positive goes first; one that can vanish opens two cases, in one of which its row must vanish."""
    if not matrix:
        return (Case((), ()),)
    pivots = {base: matrix[base].get(base, sympy.S.Zero) for base in sorted(matrix, key=lambda base: (_size(matrix, base), base))}
    for base, pivot in pivots.items():
        if pivot.is_positive or decide(pivot > 0, given).outcome == "proved":
            return _split_off(matrix, base, given)
    for base, pivot in pivots.items():
        _demand(pivot >= 0, given, f"the pivot of {base.name!r} ({base.kind}), {pivot}, is nonnegative")
    base, pivot = next(iter(pivots.items()))
    root = _root(pivot, given)
    vanishes = sympy.Eq(root, 0)
    for other, entry in matrix[base].items():
        where = f"with the pivot {pivot} of {base.name!r} ({base.kind}) the entry {entry} beside {other.name!r} vanishes"
        _demand(sympy.Eq(entry, 0), (*given, vanishes), where)
    rest = {row: {column: entry for column, entry in entries.items() if column != base} for row, entries in matrix.items() if row != base}
    rest = {row: entries for row, entries in rest.items() if entries}
    if pivot == 0 or decide(sympy.Eq(pivot, 0), given).outcome == "proved":
        return _eliminated(rest, given)
    zero = [Case((vanishes, *case.condition), case.squares) for case in _eliminated(rest, (*given, vanishes))]
    positive = [Case((root > 0, *case.condition), case.squares) for case in _split_off(matrix, base, (*given, root > 0))]
    return (*positive, *zero)


def _root(pivot: sympy.Expr, given: Sequence[Any]) -> sympy.Expr:
    """What is nonnegative and vanishes just where a nonnegative pivot does: the factors of it that can vanish, once each."""
    _, factors = sympy.factor_list(sympy.fraction(sympy.together(pivot))[0])
    kept = [factor for factor, _ in factors if not factor.is_nonzero and decide(sympy.Ne(factor, 0), given).outcome != "proved"]
    if not kept:
        return pivot
    product = sympy.Mul(*kept)
    return next((root for root in (product, sympy.expand(-product)) if decide(root >= 0, given).outcome == "proved"), pivot)


def _split_off(matrix: _Matrix, base: Base, given: Sequence[Any]) -> tuple[Case, ...]:
    pivot, row = matrix[base][base], matrix[base]
    square = Square(pivot, Vector({other: sympy.factor(entry / pivot) for other, entry in row.items()}))
    rest: dict[sympy.Symbol, sympy.Expr] = {}
    others = sorted(set(matrix) - {base})
    for index, one in enumerate(others):
        for other in others[index:]:
            entry = matrix[one].get(other, sympy.S.Zero) - row.get(one, sympy.S.Zero) * row.get(other, sympy.S.Zero) / pivot
            if entry != 0:
                rest[gram(one, other)] = sympy.factor(entry if one == other else 2 * entry)
    return tuple(Case(case.condition, (square, *case.squares)) for case in _eliminated(_matrix(rest), given))


def _size(matrix: _Matrix, base: Base) -> int:
    """How much is written in a row: short rows first keeps what elimination makes of the others short."""
    return int(sum(1 + sympy.count_ops(entry) for entry in matrix[base].values()))


def _spelled(form: Vector) -> str:
    return " + ".join(
        f"({coefficient}) {base.name}" + ("'" if base.kind == "deviation" else "") for base, coefficient in form.terms.items()
    )
