"""Certificates for one-step vector inequalities: conclusion = nonnegative combination of hypotheses + a sum of squares.

All expressions are affine in Gram symbols (`theory.vectors`); what is affine in function values rides along as a scalar. The
certificate is the multipliers, which come from the paper's proof, and the squares, which exact elimination finds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sympy

from theory.decide import decide
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
    remainder = _remainder(slack, hypotheses, multipliers)
    coefficients, constant = _affine(remainder)
    given = tuple(given)

    def certificate(outcome: Literal["proved", "not reached"], evidence: str, cases: tuple[Case, ...] = ()) -> Certificate:
        equal = frozenset(equalities)
        return Certificate(outcome, evidence, slack, hypotheses, multipliers, given, equal, remainder, constant, cases)

    try:
        _check_scalars(slack, hypotheses, multipliers, given, equalities, constant)
        cases = _eliminated(_matrix(coefficients), given)
    except _NotReached as reason:
        return certificate("not reached", str(reason))
    squares = " + ".join(f"({square.weight}) ||{_spelled(square.form)}||^2" for square in cases[0].squares) or "0"
    split = f" (first of {len(cases)} cases)" if len(cases) > 1 else ""
    return certificate("proved", f"remainder = {' + '.join(filter(None, [squares, str(constant) if constant != 0 else '']))}{split}", cases)


def recheck(certificate: Certificate) -> bool:
    """Whether a stored certificate still proves its slack: the identity by sympy alone, signs by declaration where that suffices.

    Shares no step with the elimination: it multiplies the squares out and compares.
    """
    if certificate.outcome != "proved":
        return False
    remainder = _remainder(certificate.slack, certificate.hypotheses, certificate.multipliers)
    given = certificate.given
    try:
        _check_scalars(
            certificate.slack, certificate.hypotheses, certificate.multipliers, given, certificate.equalities, certificate.constant
        )
        _demand(sympy.Or(*(sympy.And(*case.condition) for case in certificate.cases)), given, "the cases cover everything")
        for case in certificate.cases:
            here = (*given, *case.condition)
            squares = sympy.Add(*(square.weight * average_norm_sq(square.form) for square in case.squares))
            coefficients, rest = _affine(sympy.expand(remainder - certificate.constant - squares))
            for difference in (rest, *coefficients.values()):
                _demand(sympy.Eq(sympy.cancel(difference), 0), here, "the identity")
            for square in case.squares:
                _demand(square.weight >= 0, here, f"the weight {square.weight}")
    except _NotReached:
        return False
    return True


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


def _check_scalars(
    slack: sympy.Expr,
    hypotheses: Mapping[str, sympy.Expr],
    multipliers: Mapping[str, sympy.Expr],
    given: Sequence[Any],
    equalities: Collection[str],
    constant: sympy.Expr,
) -> None:
    # `decide` reads statements where they are defined, so a multiplier with a pole would silently shrink the region.
    used = [slack, *multipliers.values(), *(hypotheses[name] for name in multipliers)]
    for power in sorted({power for expression in used for power in expression.atoms(sympy.Pow)}, key=sympy.default_sort_key):
        if power.exp.is_negative:
            _demand(sympy.Ne(power.base, 0), given, f"{power} is defined")
        if not power.exp.is_integer:
            _demand(power.base >= 0, given, f"{power} is defined")
    for name, multiplier in multipliers.items():
        if name not in equalities:
            _demand(multiplier >= 0, given, f"the multiplier of {name}, {multiplier}, is nonnegative")
    _demand(constant >= 0, given, f"the part without vectors, {constant}, is nonnegative")


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
    vanishes = sympy.Eq(pivot, 0)
    for other, entry in matrix[base].items():
        where = f"with the pivot {pivot} of {base.name!r} ({base.kind}) the entry {entry} beside {other.name!r} vanishes"
        _demand(sympy.Eq(entry, 0), (*given, vanishes), where)
    rest = {row: {column: entry for column, entry in entries.items() if column != base} for row, entries in matrix.items() if row != base}
    rest = {row: entries for row, entries in rest.items() if entries}
    if pivot == 0:
        return _eliminated(rest, given)
    zero = [Case((vanishes, *case.condition), case.squares) for case in _eliminated(rest, (*given, vanishes))]
    positive = [Case((pivot > 0, *case.condition), case.squares) for case in _split_off(matrix, base, (*given, pivot > 0))]
    return (*positive, *zero)


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
