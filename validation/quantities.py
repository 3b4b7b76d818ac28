"""Relations evaluated on what was measured: batches of floats for the search, exact rationals for the verdict.

`Measured` maps the names of `theory.symbols` to arrays: [batch] for a letter, [batch, times] for a quantity along a run (a function of t
or i) and for the letters t_i, t_next, which go with the index ("t_i at t" holds the last synchronisation up to each t). Arrays are float64,
or hold Fractions (dtype object), in which case every operation is exact and roots and logarithms become enclosures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, reduce
from itertools import chain
from math import isqrt
from operator import add, mul
from typing import Any, TypeAlias

import mpmath
import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, BooleanFalse, BooleanTrue, Not, Or

from theory import notation
from theory.claim import Reading, Relation
from theory.symbols import UNITS, i, t, t_i, t_next
from theory.units import homogeneous, unit
from validation.floors import floor_of, plain

ROUND_OFF = 1e-12  # of a float relation, relative to the terms it adds up: some thousand roundings
_AT_ONCE = 1 << 14  # terms of a sum; of a longer one the first, which a long run does not measure, says so
DIGITS = 60  # of an enclosure: far more than any margin at which a relation is called broken

Measured: TypeAlias = Mapping[str, np.ndarray]


class NotMeasured(ValueError):
    """A relation speaks of something that this arena does not measure."""


@dataclass(frozen=True)
class Interval:
    """All that is known of an irrational number: low <= it <= high, both rational."""

    low: Fraction
    high: Fraction

    def __add__(self, other: Any) -> Interval:
        low, high = bounds(other)
        return Interval(self.low + low, self.high + high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Any) -> Interval:
        return self + -other

    def __rsub__(self, other: Any) -> Interval:
        return -self + other

    def __mul__(self, other: Any) -> Interval:
        corners = [x * y for x in (self.low, self.high) for y in bounds(other)]
        return Interval(min(corners), max(corners))

    def __truediv__(self, other: Any) -> Interval:
        return self * (Fraction(1) / other)  # an int must not turn the quotient into a float

    def __rtruediv__(self, other: Any) -> Interval:
        if self.low <= 0 <= self.high:
            raise ZeroDivisionError(f"{self} may be 0")
        return Interval(1 / self.high, 1 / self.low) * other

    def __pow__(self, exponent: int) -> Interval:
        if exponent < 0:
            return 1 / self**-exponent
        if exponent == 0:
            return Interval(Fraction(1), Fraction(1))
        ends = sorted((self.low**exponent, self.high**exponent))
        crosses_zero = exponent % 2 == 0 and self.low < 0 < self.high
        return Interval(Fraction(0) if crosses_zero else ends[0], ends[1])

    __radd__, __rmul__ = __add__, __mul__

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"[{float(self.low):.15g}, {float(self.high):.15g}]"

    def __float__(self) -> float:
        return float((self.low + self.high) / 2)


Exact: TypeAlias = Fraction | Interval


def bounds(value: Any) -> tuple[Fraction, Fraction]:
    """Smallest and largest value of a rational or an enclosure. Raises: TypeError for a float: nothing exact may rest on one."""
    if isinstance(value, float):
        raise TypeError(f"an exact value must be rational or enclosed, got the float {value}")
    return (value.low, value.high) if isinstance(value, Interval) else (Fraction(value), Fraction(value))


def root(value: Any, degree: int) -> Exact:
    """The nonnegative root: a Fraction where it is rational, else an enclosure. Raises: ValueError for a negative value."""
    low, high = bounds(value)
    if low < 0:
        raise ValueError(f"a root needs a nonnegative value, got {value}")
    below, above = _root_bounds(low, degree)[0], _root_bounds(high, degree)[1]
    return below if below == above else Interval(below, above)


def root_above(value: Fraction, digits: int = 12) -> Fraction:
    """The square root of a rational, exactly or rounded up to a rational of about that many digits."""
    low, high = _root_bounds(Fraction(value), 2)
    if low == high:
        return high
    scale = Fraction(10) ** (digits - _magnitude(high))
    return Fraction(-((-high * scale) // 1)) / scale


def root_below(value: Fraction, digits: int = 9) -> Fraction:
    """The square root of a rational, rounded down to a rational of about that many digits."""
    low = _root_bounds(Fraction(value), 2)[0]
    scale = Fraction(10) ** (digits - _magnitude(low))
    return Fraction((low * scale) // 1) / scale


def _magnitude(x: Fraction) -> int:
    """About log10 of a positive rational, at any size."""
    return len(str(x.numerator)) - len(str(x.denominator))


def _root_bounds(x: Fraction, degree: int) -> tuple[Fraction, Fraction]:
    scale = 10 ** (DIGITS + max(0, -_magnitude(x) // degree + 1) if x else 0)
    whole = int(x.numerator) * int(x.denominator) ** (degree - 1) * scale**degree
    n = _integer_root(whole, degree)
    divisor = x.denominator * scale
    return Fraction(n, divisor), Fraction(n if n**degree == whole else n + 1, divisor)


def _integer_root(n: int, degree: int) -> int:
    if degree == 2:
        return isqrt(n)
    low, high = 0, 1 << (n.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= n else (low, middle - 1)
    return low


def _transcendental(name: str) -> Callable[[Any], Interval]:
    """A monotone function enclosed: interval arithmetic of mpmath, rounded outwards."""

    def of(value: Any) -> Interval:
        iv = mpmath.iv
        kept, iv.dps = iv.dps, DIGITS
        try:
            ends = [getattr(iv, name)(iv.mpf(end.numerator) / iv.mpf(end.denominator)) for end in bounds(value)]
            low, high = ends[0].a, ends[1].b
            return Interval(*(Fraction(*mpmath.libmp.to_rational(end._mpi_[0])) for end in (low, high)))
        finally:
            iv.dps = kept

    return of


_EXACT_FUNCTIONS: dict[Any, Callable[[Any], Any]] = {
    sp.log: _transcendental("log"),
    sp.exp: _transcendental("exp"),
    sp.floor: lambda x: Fraction(_same_floor(x)),
    sp.ceiling: lambda x: Fraction(-_same_floor(-x)),
    sp.Abs: lambda x: abs(x) if not isinstance(x, Interval) else root(x**2, 2),
}
_FLOAT_FUNCTIONS: dict[Any, str] = {
    sp.log: "log", sp.exp: "exp", sp.floor: "floor", sp.ceiling: "ceil", sp.Abs: "abs",
}  # fmt: skip


def _rational_power(x: Any, y: Any) -> Exact:
    y = Fraction(y)
    return x**y.numerator if y.denominator == 1 else root(x, y.denominator) ** y.numerator


def _same_floor(value: Any) -> int:
    low, high = (end // 1 for end in bounds(value))
    if low != high:
        raise ValueError(f"the whole part of {value} is not certain")
    return low


# ---- evaluation ----


def evaluate(expression: Any, measured: Measured, index: Mapping[sp.Symbol, int | np.ndarray] | None = None) -> np.ndarray:
    """The value of an expression, [batch, times]: a last axis of length 1 unless an index in it is bound to an array of times.

    Raises: NotMeasured for a letter or quantity that is not in `measured`, or a time outside the run.
    """
    return _Evaluator(measured, dict(index or {})).value(sp.sympify(expression))


def holds(condition: Boolean, measured: Measured) -> bool:
    """Whether a scalar condition is certainly met, exactly, for all of the batch and all times of a free index.

    One that divides by 0 says nothing, and is not met.
    """
    index = free_index(condition, measured)

    def check(c: Any) -> bool:
        if isinstance(c, (bool, BooleanTrue, BooleanFalse)):
            return bool(c)
        if isinstance(c, And):
            return all(map(check, c.args))
        if isinstance(c, Or):
            return any(map(check, c.args))
        if isinstance(c, Not):
            return check(c.args[0].negated)
        if not isinstance(c, Relational):
            raise NotMeasured(f"cannot evaluate the condition {c}")
        low, high = evaluate(c.lhs, measured, index), evaluate(c.rhs, measured, index)
        return bool(np.all(np.frompyfunc(lambda x, y: _certain(x, c.rel_op, y), 2, 1)(low, high)))

    try:
        return check(condition)
    except ZeroDivisionError:
        return False


def _certain(x: Any, op: str, y: Any) -> bool:
    (x_low, x_high), (y_low, y_high) = bounds(x), bounds(y)
    answers = {
        "<=": x_high <= y_low, "<": x_high < y_low, ">=": x_low >= y_high, ">": x_low > y_high,
        "==": x_low == x_high == y_low == y_high, "!=": x_high < y_low or y_high < x_low,
    }  # fmt: skip
    return answers[op]


def free_index(expression: Any, measured: Measured) -> dict[sp.Symbol, np.ndarray]:
    """The index of time (t or i) that is free in an expression, bound to every value at which all its quantities were measured."""
    found: dict[sp.Symbol, tuple[int, int]] = {}
    letters, quantities = _of_time(tuple(map(sp.sympify, expression if isinstance(expression, tuple) else (expression,))))
    for symbol, by_time in letters:
        found[t if by_time else i] = (0, _column(measured, _at_index(symbol, by_time)).shape[-1] - 1)
    for symbol, f in quantities:
        if symbol.name in measured:
            continue
        shift = _beyond(f.args[0], symbol)
        if not shift.is_Integer:
            raise NotMeasured(f"the time {f.args[0]} is not {symbol} plus a whole number")
        times = _column(measured, f.func.__name__).shape[-1]
        first, last = found.get(symbol, (0, times))
        found[symbol] = (max(first, -int(shift)), min(last, times - 1 - int(shift)))
    if len(found) > 1:
        raise NotMeasured(f"more than one free index: {', '.join(map(str, found))}")
    return {symbol: np.arange(first, last + 1) for symbol, (first, last) in found.items()}


@cache
def _of_time(expressions: tuple[Any, ...]) -> tuple[list[tuple[sp.Symbol, bool]], list[tuple[sp.Symbol, AppliedUndef]]]:
    """The letters that go with an index of time, and whether that is t; quantities, each with a letter that is free in its time.

    Asked anew for every batch on which a relation is evaluated, and slow to find.
    """
    together = sp.Tuple(*expressions)
    by_time = any(f.has(t) for f in together.atoms(AppliedUndef)) or t in together.free_symbols
    letters = [(symbol, by_time) for symbol in together.free_symbols & {t_i, t_next}]
    timed = [(side.free_symbols, f) for side in expressions for f in side.atoms(AppliedUndef)]
    return letters, [(symbol, f) for free, f in timed for symbol in f.args[0].free_symbols & free]


@cache
def _beyond(time: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    return sp.simplify(time - symbol)


def _at_index(letter: sp.Symbol, by_time: bool) -> str:
    return f"{letter.name} at t" if by_time else letter.name


def _column(measured: Measured, name: str) -> np.ndarray:
    if name not in measured:
        raise NotMeasured(f"{name} is not measured here")
    return measured[name]


class _Evaluator:
    def __init__(self, measured: Measured, index: dict[sp.Symbol, Any]) -> None:
        self.measured, self.index = measured, index
        self.exact = any(values.dtype == object for values in measured.values())
        self.floor = floor_of(next((values for values in measured.values() if not isinstance(values, np.ndarray)), np.zeros(0)))

    def number(self, value: sp.Expr) -> np.ndarray:
        constant: Any = Fraction(int(value.p), int(value.q)) if self.exact else float(value)
        return self.floor.take(np.array([[constant]], dtype=object if self.exact else float))  # type: ignore[no-any-return]

    def value(self, e: sp.Expr) -> np.ndarray:
        if e.is_Rational:
            return self.number(e)
        if isinstance(e, sp.Symbol):
            return self.letter(e)
        if isinstance(e, sp.Add):
            return reduce(add, map(self.value, e.args))
        if isinstance(e, sp.Mul):
            with np.errstate(invalid="ignore"):  # 0 over 0, where a condition that excludes it is judged later
                return reduce(mul, map(self.value, e.args))
        if isinstance(e, sp.Pow):
            return self.power(e)
        if isinstance(e, AppliedUndef):
            return self.quantity(e)
        if isinstance(e, sp.Sum):
            return self.sum(e)
        if isinstance(e, (sp.Max, sp.Min)):
            xp = self.floor.xp
            return reduce(np.frompyfunc(self.pick(isinstance(e, sp.Max)), 2, 1) if self.exact else
                          (xp.maximum if isinstance(e, sp.Max) else xp.minimum), map(self.value, e.args))  # fmt: skip
        if e is sp.E or e.func in _FLOAT_FUNCTIONS:
            function, argument = (sp.exp, sp.Integer(1)) if e is sp.E else (e.func, e.args[0])
            inside = self.value(argument)
            return np.frompyfunc(_EXACT_FUNCTIONS[function], 1, 1)(inside) if self.exact else self.float_function(function)(inside)
        raise NotMeasured(f"cannot evaluate {e}")

    def float_function(self, function: Any) -> Callable[[Any], Any]:
        return getattr(self.floor.xp, _FLOAT_FUNCTIONS[function])  # type: ignore[no-any-return]

    @staticmethod
    def pick(largest: bool) -> Callable[[Any, Any], Exact]:
        chosen = max if largest else min

        def of(x: Any, y: Any) -> Exact:
            low, high = (chosen(*ends) for ends in zip(bounds(x), bounds(y), strict=True))
            return low if low == high else Interval(low, high)

        return of

    def letter(self, symbol: sp.Symbol) -> np.ndarray:
        if symbol in self.index:
            times = np.atleast_1d(self.index[symbol])
            return self.floor.take(times.astype(object if self.exact else float)[None, :])  # type: ignore[no-any-return]
        if symbol in (t_i, t_next):
            return self.column(_at_index(symbol, t in self.index))[:, self.index[t if t in self.index else i]]
        return self.column(symbol.name)[:, None]

    def column(self, name: str) -> np.ndarray:
        return self.floor.take(_column(self.measured, name))  # type: ignore[no-any-return]

    def times(self, e: sp.Expr) -> np.ndarray:
        """A time such as t + 1, 0 or T as whole numbers; T must be the same for the whole batch."""
        value = self.value(e)
        if (value != value[:1]).any():
            raise NotMeasured(f"{e} differs within one batch")
        return plain(value[0]).astype(int)

    def quantity(self, e: AppliedUndef) -> np.ndarray:
        values, times = self.column(e.func.__name__), self.times(e.args[0])
        if not times.size:
            raise NotMeasured(f"the run is too short for {e}")
        if times.min() < 0 or times.max() >= values.shape[-1]:
            raise NotMeasured(f"{e} is not measured at time {times.max() if times.max() >= values.shape[-1] else times.min()}")
        return values[:, times]

    def power(self, e: sp.Pow) -> np.ndarray:
        base, exponent = self.value(e.base), e.exp
        if not exponent.is_Rational:
            values = self.value(exponent)
            if not self.exact:
                return base**values
            if any(isinstance(value, Interval) for value in values.flat):
                raise NotMeasured(f"cannot evaluate {e} exactly")
            return np.frompyfunc(_rational_power, 2, 1)(base, values)
        if not self.exact:
            with np.errstate(divide="ignore"):  # infinite where it is 0, as where a condition that excludes it is judged later
                return base ** float(exponent)
        if exponent.q == 1:  # an integer to a negative power would be a float
            return base ** int(exponent) if exponent.is_nonnegative else self.number(sp.Integer(1)) / base ** -int(exponent)
        return np.frompyfunc(lambda x: root(x, int(exponent.q)), 1, 1)(base) ** int(exponent.p)

    def sum(self, e: sp.Sum) -> np.ndarray:
        (symbol, first, last), *more = e.limits
        if more:
            raise NotMeasured(f"cannot evaluate the nested sum {e}")
        start, stop = int(self.times(first)[0]), int(self.times(last)[0])
        one_index = all(np.ndim(bound) == 0 for bound in self.index.values())
        if start <= stop < start + _AT_ONCE and one_index:
            terms = _Evaluator(self.measured, {**self.index, symbol: np.arange(start, stop + 1)}).value(e.function)
            whole = self.floor.xp.broadcast_to(terms, (len(terms), stop + 1 - start))
            return whole.sum(-1, keepdims=True)  # type: ignore[no-any-return]
        each = (_Evaluator(self.measured, {**self.index, symbol: time}).value(e.function) for time in range(start, stop + 1))
        return reduce(add, each, self.number(sp.Integer(0)))


# ---- the two sides of a relation ----


@dataclass(frozen=True)
class Sides:
    """Both sides of a relation, [batch, times], the small one first, and the free index with its values, if there is one.

    `terms`: sum of the magnitudes of all that is added up, which says how much of a float difference is round-off; 0 for exact sides.
    """

    small: np.ndarray
    large: np.ndarray
    op: str  # "<=", "<" or "=="
    index: tuple[str, np.ndarray] | None
    terms: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """How close to broken, [batch, times]: small / large where both are positive, above 1 exactly where the relation fails.

        Infinite where the bound is 0 and what it bounds is positive; 0 where a negative value is bounded by a nonnegative one, and where
        both sides vanish beside the terms that they are made of.
        """
        small, large = (np.asarray(side, dtype=float) for side in (self.small, self.large))
        small, large = np.broadcast_arrays(small, large)
        even = np.abs(small - large) <= ROUND_OFF * self.terms
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.op == "==":
                apart = np.abs(small - large) / np.maximum(np.abs(small), np.abs(large))
                return np.where(even, 1, np.where(np.isnan(apart), 0, 1 + apart))
            ratio = np.where(large > 0, small / large, np.where(small < 0, large / small, np.where(small > 0, np.inf, 0)))
            ratio = np.where(np.isnan(ratio), 0, np.maximum(ratio, 0))
            ratio = np.where(even, np.where(np.abs(large) <= ROUND_OFF * self.terms, 0, np.minimum(ratio, 1)), ratio)
            return np.where(small == large, np.inf, ratio) if self.op == "<" else ratio  # a strict relation fails where both are equal

    @property
    def violated(self) -> np.ndarray:
        """Where the relation certainly fails; exact sides only."""
        fails = {"<=": ">", "<": ">=", "==": "!="}[self.op]
        return np.frompyfunc(lambda x, y: _certain(x, fails, y), 2, 1)(self.small, self.large).astype(bool)

    def worst(self) -> tuple[Exact, Exact, bool, str]:
        """Of one exact instance: both sides where they are worst, whether they fail there, and the value of the free index."""
        broken, ratios = np.broadcast_arrays(self.violated[0], self.ratios[0])
        at = int(np.argmax(np.where(broken, np.inf, ratios) if not broken.any() else np.where(broken, ratios, -1)))
        small, large = np.broadcast_arrays(self.small[0], self.large[0])
        return small[at], large[at], bool(broken[at]), f"{self.index[0]} = {self.index[1][at]}" if self.index else ""


def sides(relation: Relation, measured: Measured) -> Sides:
    """Both sides of a relation on everything measured; a free t or i means "at every time".

    Raises: NotMeasured if it speaks of what was not measured.
    """
    small, large = (relation.rhs, relation.lhs) if relation.op in (">=", ">") else (relation.lhs, relation.rhs)
    index = free_index((small, large), measured)
    named = next(((symbol.name, times) for symbol, times in index.items()), None)
    op = {">=": "<=", ">": "<"}.get(relation.op, relation.op)
    summands = [[evaluate(term, measured, index) for term in sp.Add.make_args(side)] for side in (small, large)]
    values = [reduce(add, each) for each in summands]
    exact = values[0].dtype == object or values[1].dtype == object
    terms = np.zeros((1, 1)) if exact else reduce(add, map(np.abs, chain.from_iterable(summands)), np.zeros((1, 1)))
    return Sides(values[0], values[1], op, named, terms)


def plausible(conditions: Iterable[Boolean], measured: Measured) -> np.ndarray:
    """Which rows of a float batch meet scalar conditions up to round-off, strict ones by more than that, [batch]. Raises: NotMeasured."""
    met = np.ones(len(next(iter(measured.values()))), dtype=bool)
    for part in _parts(conditions):
        if isinstance(part, Relational):
            both = sides(Relation(part.lhs, part.rel_op, part.rhs), measured)
            met &= (_within(both.ratios, both.op) & ((both.op != "<") | (both.small < both.large))).all(-1)
        elif not part:
            met[:] = False
    return met


def _parts(conditions: Iterable[Boolean]) -> Iterator[Boolean]:
    for condition in conditions:
        yield from condition.args if isinstance(condition, And) else (condition,)


def _within(ratios: np.ndarray, op: str) -> np.ndarray:
    return ratios < 1 - 1e-12 if op in ("<", ">") else ratios <= 1 + 1e-9


# ---- the rescaling orbit ----


def along_orbit(relation: Relation, measured: Measured, orbit: Sequence[tuple[Fraction, Fraction]]) -> np.ndarray:
    """The worst ratio over time of each row of a float batch after each rescaling (position, loss), [orbit, batch].

    An instance of a problem stays one under x -> position * x, f -> loss * f, and each quantity changes by its unit, so a claim about all
    problems must survive it; nothing needs to be run again. Raises: NotMeasured.
    """
    named = {name: measured[name] for name in {"horizon", *_names(relation)} & set(measured)}
    powers = {name: _powers(name) for name in named}
    position, loss = (np.array([[float(scale[axis])] for scale in orbit]) for axis in (0, 1))  # [orbit, 1]

    def block(start: int) -> np.ndarray:
        part = {name: values[start : start + _BLOCK] for name, values in named.items()}
        rows, moved = len(part["horizon"]), {}
        for name, values in part.items():
            x, f = powers[name]
            factor = (position**x * loss**f).reshape(-1, *(1,) * values.ndim)
            moved[name] = (factor * values).reshape(-1, *values.shape[1:])
        return np.broadcast_to(sides(relation, moved).ratios.max(-1), len(orbit) * rows).reshape(len(orbit), rows)

    return np.concatenate([block(start) for start in range(0, len(named["horizon"]), _BLOCK)], axis=1)


def plausible_along(conditions: Sequence[Boolean], measured: Measured, orbit: Sequence[tuple[Fraction, Fraction]]) -> np.ndarray:
    """Which rows meet scalar conditions after each rescaling, [orbit, batch], or after any, [1, batch], where no condition mixes units.

    Raises: NotMeasured.
    """
    met = plausible(conditions, measured)[None]
    for part in _parts(conditions):
        if isinstance(part, Relational) and _mixed(part):
            met = met & _within(along_orbit(Relation(part.lhs, part.rel_op, part.rhs), measured, orbit), part.rel_op)
    return met


@cache
def _mixed(condition: Relational) -> bool:
    """Whether it may be met at one scale and not at another, as "a > H / mu" is."""
    try:
        return not homogeneous(condition, notation.UNITS).holds
    except ValueError:  # a letter of its own, a number: it has no unit
        return False


_BLOCK = 4096  # rows rescaled at a time, so that memory stays small


_UNIT_OF = {symbol.func.__name__ if isinstance(symbol, AppliedUndef) else symbol.name: text for symbol, text in UNITS.items()}


def _powers(name: str) -> tuple[float, float]:
    """The powers of X and F in a letter or quantity, or in what was made of some over a long run."""
    first, *words = name.removesuffix(" at t").removeprefix("mean ").split()
    spoken_of = [word.rstrip("'") for word in words if word not in ("mean", "of", "square", "root")] if words else [first]
    units = [unit(_UNIT_OF[word]) for word in spoken_of]
    return sum(float(each.x) for each in units), sum(float(each.f) for each in units)


def _names(relation: Relation) -> set[str]:
    """The names of everything that a relation speaks of."""
    return _named(relation.lhs, relation.rhs)


def spoken(reading: Reading) -> set[str]:
    """The names of everything that a reading speaks of, in its relation and its conditions."""
    assert reading.relation is not None
    return _named(reading.relation.lhs, reading.relation.rhs, *reading.conditions)


def _named(*expressions: Any) -> set[str]:
    letters = {symbol.name for each in expressions for symbol in sp.sympify(each).free_symbols}
    quantities = {f.func.__name__ for each in expressions for f in sp.sympify(each).atoms(AppliedUndef)}
    return letters | quantities | {f"{name} at t" for name in letters}
