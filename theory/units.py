"""Units of formulas, in X (parameter), F (loss) and B (bit).

A claim about all problems must survive the rescaling x to c*x, f to s*f, so a sum or a relation that mixes units is suspect: either a
misprint, or a constant of the formula hides a unit. Such a formula is flagged here, not refuted; `rescale` tells an attack where to push.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from sympy import Abs, Add, Expr, Indexed, Max, Min, Mul, Number, NumberSymbol, Piecewise, Pow, Rational, Sum, sympify
from sympy.core.basic import Basic
from sympy.core.function import AppliedUndef, Function
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from theory.claim import Relation


class Unit(NamedTuple):
    """A product of powers of parameter, loss and bit; the exponents are rational (a constant J with f <= J^2 has F^(1/2))."""

    x: Fraction = Fraction(0)
    f: Fraction = Fraction(0)
    b: Fraction = Fraction(0)

    def __mul__(self, other: "Unit") -> "Unit":  # type: ignore[override]
        return Unit(*(p + q for p, q in zip(self, other, strict=True)))

    def __truediv__(self, other: "Unit") -> "Unit":
        return Unit(*(p - q for p, q in zip(self, other, strict=True)))

    def __pow__(self, exponent: int | Fraction) -> "Unit":
        return Unit(*(p * Fraction(exponent) for p in self))

    def __str__(self) -> str:
        def powers(sign: int) -> str:
            parts = [(letter, sign * p) for letter, p in zip("FXB", (self.f, self.x, self.b), strict=True) if sign * p > 0]
            return "*".join(letter if p == 1 else f"{letter}^{p}" if p.denominator == 1 else f"{letter}^({p})" for letter, p in parts)

        above, below = powers(1) or "1", powers(-1)
        return f"{above}/({below})" if "*" in below else f"{above}/{below}" if below else above


ONE = Unit()
X, F, B = Unit(x=Fraction(1)), Unit(f=Fraction(1)), Unit(b=Fraction(1))

ANY = None
"""The unit of 0 and of infinity, which agree with every unit."""

Units: TypeAlias = Mapping[Basic, Unit]
"""The unit of each symbol, and of each quantity that a claim treats as one."""


def unit(text: str) -> Unit:
    """The unit written as "F^2/X^2", "F^(1/2)", "X*F/B^2" or "1"; all that follows the slash divides.

    Raises:
        ValueError: the text is not of this form.
    """
    above, slash, below = text.replace("^(1/2)", "^0.5").partition("/")
    product = ONE
    for sign, part in (1, above), (-1, below if slash else "1"):
        for factor in part.strip("()").split("*"):
            match = re.fullmatch(r"1|([XFB])(?:\^(\d+(?:\.5)?))?", factor.strip())
            if match is None:
                raise ValueError(f'a unit is a product of powers of X, F and B like "F^2/X^2", got {text!r}')
            if match[1]:
                product *= {"X": X, "F": F, "B": B}[match[1]] ** (sign * Fraction(match[2] or 1))
    return product


class Inhomogeneous(ValueError):
    """Two terms that are added, compared or fed to a function have different units."""

    def __init__(self, term_a: Basic, unit_a: Unit, term_b: Basic | str, unit_b: Unit) -> None:
        super().__init__(f"{term_a} is {unit_a}, {term_b} is {unit_b}")
        self.term_a, self.unit_a, self.term_b, self.unit_b = term_a, unit_a, term_b, unit_b


class Homogeneity(NamedTuple):
    """What the units check found, and in one line why."""

    holds: bool
    evidence: str


def unit_of(expr: Basic | Relation, units: Units) -> Unit | None:
    """The unit of an expression, of both sides of a relation, or `ANY` for 0 and infinity.

    Numbers are dimensionless; terms of sums, `Max`, `Min`, `Piecewise` and relations must agree; exponents, limits of sums and arguments of
    every other function must be dimensionless. Whatever stands in `units` as a whole is not looked into; the unit of a measured quantity
    m(t+1) is that of m(t), of an indexed letter sigma[r] that of sigma.

    Raises:
        Inhomogeneous: naming the two terms and their units.
        ValueError: a symbol has no unit.
    """
    if isinstance(expr, Relation):
        return _agree((expr.lhs, expr.rhs), units)
    if expr in units:
        return units[expr]
    if isinstance(expr, AppliedUndef):
        for letter, known in units.items():
            if isinstance(letter, AppliedUndef) and letter.func == expr.func:
                return known
        raise ValueError(f"{expr} has no unit: give one for it in units")
    if isinstance(expr, Number | NumberSymbol):
        return ANY if expr.is_zero or expr.is_infinite else ONE
    if isinstance(expr, BooleanAtom):
        return ONE
    if isinstance(expr, Indexed) and expr.base.label in units:
        return units[expr.base.label]
    if isinstance(expr, Add | Max | Min | Relational):
        return _agree(expr.args, units)
    if isinstance(expr, Piecewise):
        for _, condition in expr.args:
            unit_of(condition, units)
        return _agree([value for value, _ in expr.args], units)
    if isinstance(expr, Mul):
        factors = [unit_of(factor, units) for factor in expr.args]
        product = ONE
        for factor in factors:
            if factor is ANY:
                return ANY
            product *= factor
        return product
    if isinstance(expr, Pow):
        return _power(expr, units)
    if isinstance(expr, Abs):
        return unit_of(expr.args[0], units)
    if isinstance(expr, Sum):
        units = {**units, **{index: ONE for index, *_ in expr.limits}}
        for _, *bounds in expr.limits:
            for bound in bounds:
                _dimensionless(bound, "a limit of a sum", units)
        return unit_of(expr.function, units)
    if isinstance(expr, Function):
        for argument in expr.args:
            _dimensionless(argument, f"an argument of {expr.func.__name__}", units)
        return ONE
    if isinstance(expr, BooleanFunction):
        for argument in expr.args:
            unit_of(argument, units)
        return ONE
    raise ValueError(f"{expr} has no unit: give one for it in units")


def homogeneous(statement: Basic | Relation, units: Units) -> Homogeneity:
    """Whether all terms of a formula have the same unit; the evidence is the unit, or the two terms that disagree.

    Raises:
        ValueError: a symbol has no unit.
    """
    try:
        unit = unit_of(statement, units)
    except Inhomogeneous as clash:
        return Homogeneity(False, str(clash))
    return Homogeneity(True, "every term is 0" if unit is ANY else f"every term is {unit}")


def rescale(units: Units, x: object = 1, f: object = 1) -> dict[Basic, Expr]:
    """The factor by which each letter grows when parameters grow by x and losses by f: c^X * s^F, exact for exact input."""
    c, s = sympify(x), sympify(f)
    return {letter: c ** Rational(unit.x) * s ** Rational(unit.f) for letter, unit in units.items()}


def _agree(terms: "tuple[Basic, ...] | list[Basic]", units: Units) -> Unit | None:
    first: tuple[Basic, Unit] | None = None
    for term in terms:
        unit = unit_of(term, units)
        if unit is ANY:
            continue
        if first is None:
            first = term, unit
        elif unit != first[1]:
            raise Inhomogeneous(*first, term, unit)
    return ANY if first is None else first[1]


def _dimensionless(expr: Basic, role: str, units: Units) -> None:
    unit = unit_of(expr, units)
    if unit not in (ANY, ONE):
        raise Inhomogeneous(expr, unit, role, ONE)


def _power(power: Pow, units: Units) -> Unit | None:
    base, exponent = unit_of(power.base, units), power.exp
    _dimensionless(exponent, "an exponent", units)
    if base is ANY or base == ONE:
        return base
    if not exponent.is_Rational:
        raise Inhomogeneous(power.base, base, f"the base of the symbolic power {power}", ONE)
    return base ** Fraction(int(exponent.p), int(exponent.q))
