"""Formal vectors for inner-product arguments, with any number of workers.

A worker vector u^r is its mean over the workers plus a deviation, and deviations average to zero. So an average of inner
products over the workers needs two Gram matrices, one of means (and shared vectors) and one of deviations, and never R.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from numbers import Integral
from typing import Any, Literal, NamedTuple

import sympy

Kind = Literal["shared", "deviation"]

_MEAN = "mean "  # the base "mean g" is the average over the workers of the worker vector "g"
_BRACKETS: dict[Kind, tuple[str, str]] = {"shared": ("<", ">"), "deviation": ("<<", ">>")}


class Base(NamedTuple):
    """One formal direction: shared by all workers (a shared vector, or the mean of one per worker), or a deviation from the mean."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Vector:
    """A linear combination of bases, `{base: coefficient}`; coefficients are sympy expressions in scalars."""

    terms: Mapping[Base, sympy.Expr]

    def __add__(self, other: Vector) -> Vector:
        return _combined(self.terms, other.terms)

    def __sub__(self, other: Vector) -> Vector:
        return self + -other

    def __neg__(self) -> Vector:
        return -1 * self

    def __mul__(self, scalar: sympy.Expr | int | Fraction) -> Vector:
        factor = sympy.sympify(scalar)
        return _combined({base: factor * coefficient for base, coefficient in self.terms.items()})

    __rmul__ = __mul__

    def __truediv__(self, scalar: sympy.Expr | int | Fraction) -> Vector:
        return self * (1 / sympy.sympify(scalar))

    @property
    def mean(self) -> Vector:
        """The average over the workers, a shared vector."""
        return Vector({base: c for base, c in self.terms.items() if base.kind == "shared"})

    @property
    def deviation(self) -> Vector:
        """The vector minus its mean; one per worker, averaging to zero."""
        return Vector({base: c for base, c in self.terms.items() if base.kind == "deviation"})


zero = Vector({})


def vector(name: str) -> Vector:
    """A vector that all workers share.

    Raises:
        ValueError: the name is empty or uses the characters of Gram symbols.
    """
    return Vector({Base("shared", _checked(name)): sympy.S.One})


def worker_vector(name: str) -> Vector:
    """One vector per worker: a mean and a deviation.

    Raises:
        ValueError: as `vector`.
    """
    return Vector({Base("shared", _MEAN + _checked(name)): sympy.S.One, Base("deviation", name): sympy.S.One})


def dot(u: Vector, v: Vector) -> sympy.Expr:
    """<u, v> of shared vectors (or means), linear in Gram symbols.

    Raises:
        ValueError: a vector differs between workers, so that there is no single inner product.
    """
    for argument in (u, v):
        if argument.deviation.terms:
            raise ValueError(f"dot needs vectors that all workers share, got a deviation in {argument}; use .mean or average_dot")
    return average_dot(u, v)


def average_dot(u: Vector, v: Vector) -> sympy.Expr:
    """(1/R) sum_r <u^r, v^r>, linear in Gram symbols: the means' inner product plus that of the deviations."""
    pairs = product(u.terms.items(), v.terms.items())
    return sympy.expand(sympy.Add(*[c * e * gram(base, other) for (base, c), (other, e) in pairs if base.kind == other.kind]))


def norm_sq(u: Vector) -> sympy.Expr:
    """||u||^2 of a shared vector (or a mean).

    Raises:
        ValueError: as `dot`.
    """
    return dot(u, u)


def average_norm_sq(u: Vector) -> sympy.Expr:
    """(1/R) sum_r ||u^r||^2."""
    return average_dot(u, u)


def gram(base: Base, other: Base) -> sympy.Symbol:
    """The symbol of one Gram entry: `<x,y>` of shared vectors, `<<x,y>>` averaged over the workers of deviations."""
    opening, closing = _BRACKETS[base.kind]
    first, second = sorted((base.name, other.name))
    return sympy.Symbol(f"{opening}{first},{second}{closing}", real=True)


def gram_bases(symbol: sympy.Symbol) -> tuple[Base, Base] | None:
    """The two bases of a Gram symbol, None for any other symbol."""
    kind: Kind = "deviation" if symbol.name.startswith("<<") else "shared"
    opening, closing = _BRACKETS[kind]
    if not (symbol.name.startswith(opening) and symbol.name.endswith(closing)):
        return None
    first, second = symbol.name[len(opening) : -len(closing)].split(",")
    return Base(kind, first), Base(kind, second)


def evaluate(expression: sympy.Expr, arrays: Mapping[str, Sequence[Any]], scalars: Mapping[sympy.Symbol, Any]) -> sympy.Expr:
    """The value of an expression in Gram symbols at concrete vectors, exact for integers, Fractions and sympy numbers.

    `arrays` maps the names of shared vectors to [d] and of worker vectors to [workers, d]; `scalars` the other symbols to numbers.

    Raises:
        ValueError: a symbol has no value, or vectors disagree in length or number of workers.
    """
    values = {}
    for symbol in sympy.sympify(expression).free_symbols:
        bases = gram_bases(symbol)
        if bases is None:
            if symbol not in scalars:
                raise ValueError(f"scalars gives no value for {symbol}")
            values[symbol] = _exact(scalars[symbol])
            continue
        left, right = (_rows(base, arrays) for base in bases)
        if len(left) != len(right) or len(left[0]) != len(right[0]):
            shapes = " and ".join(str([len(rows), len(rows[0])]) for rows in (left, right))
            raise ValueError(f"the vectors of {symbol} must agree in shape, got [workers, d] of {shapes}")
        total = sum((x * y for one, other in zip(left, right, strict=True) for x, y in zip(one, other, strict=True)), sympy.S.Zero)
        values[symbol] = total / len(left)
    return sympy.sympify(expression).xreplace(values)


def _rows(base: Base, arrays: Mapping[str, Sequence[Any]]) -> list[list[sympy.Expr]]:
    """[1, d] for a shared base, [workers, d] for deviations."""
    averaged = base.kind == "shared" and base.name.startswith(_MEAN)
    name = base.name.removeprefix(_MEAN)
    if name not in arrays:
        raise ValueError(f"arrays gives no value for the vector {name!r}")
    if base.kind == "shared" and not averaged:
        return [[_exact(entry) for entry in arrays[name]]]
    rows = [[_exact(entry) for entry in row] for row in arrays[name]]
    mean = [sympy.Add(*column) / len(rows) for column in zip(*rows, strict=True)]
    return [mean] if averaged else [[entry - centre for entry, centre in zip(row, mean, strict=True)] for row in rows]


def _exact(number: Any) -> sympy.Expr:
    return sympy.Integer(int(number)) if isinstance(number, Integral) else sympy.sympify(number)


def _combined(*parts: Mapping[Base, sympy.Expr]) -> Vector:
    sums: dict[Base, sympy.Expr] = {}
    for part in parts:
        for base, coefficient in part.items():
            sums[base] = sums.get(base, sympy.S.Zero) + coefficient
    return Vector({base: coefficient for base, coefficient in sums.items() if coefficient != 0})


def _checked(name: str) -> str:
    if not name or set(name) & set("<>,") or name.startswith(_MEAN):
        raise ValueError(f"a vector's name must be non-empty, free of '<', '>' and ',', and not start with {_MEAN!r}, got {name!r}")
    return name
