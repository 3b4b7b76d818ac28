"""Why an expression is nonnegative, positive or not zero, in a form that multiplying out alone can check.

The expression is a number times powers of factors, and each factor is, up to its sign, a sum of positive numbers times products of
`generators`: letters that are nonnegative by declaration, and conditions cleared of denominators. A maximum, a minimum or an absolute value
makes `cases`, each with a reason of its own, and a root is a letter whose power is known. A linear programme over the rationals (z3) finds
the sums; `shows` needs no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement, islice
from typing import Any, Literal

import sympy
import z3
from sympy.core.relational import Relational
from sympy.polys.rings import PolyRing

from theory.cancelling import cancel
from theory.decide import about, answered

Kind = Literal["nonnegative", "positive", "nonzero"]
RLIMIT = 2_000_000
MOST_PRODUCTS = 1_500
LONGEST = 100
"""Operations in an expression beyond which no reason is searched for: a failing search takes minutes then."""
SHORT = 28
"""The same where seconds count."""


@dataclass(frozen=True)
class Generator:
    """An expression that is nonnegative, or positive where `strict`."""

    of: sympy.Expr
    strict: bool


@dataclass(frozen=True)
class Factor:
    """of^power; sign * of is the sum of number * product of generators (none where an even power needs no reason)."""

    of: sympy.Expr
    power: int
    sign: int
    terms: tuple[tuple[sympy.Rational, tuple[sympy.Expr, ...]], ...]


@dataclass(frozen=True)
class Reason:
    """The expression is number times the factors' powers."""

    number: sympy.Rational
    factors: tuple[Factor, ...]

    def map(self, change: Callable[[Any], Any]) -> Reason:
        """The reason with `change` applied to every expression in it; products that it makes 0 are left out."""

        def changed(terms: tuple[tuple[sympy.Rational, tuple[sympy.Expr, ...]], ...]) -> Iterator[Any]:
            for number, product in terms:
                parts = tuple(sympy.expand(change(each)) for each in product)
                if sympy.S.Zero not in parts:
                    yield number, parts

        factors = (Factor(change(each.of), each.power, each.sign, tuple(changed(each.terms))) for each in self.factors)
        return Reason(self.number, tuple(factors))


def generators(symbols: Iterable[sympy.Basic], given: Sequence[Any]) -> tuple[Generator, ...]:
    """What is nonnegative by declaration of the letters, then by the conditions; conditions of another form are left out."""
    found = []
    for symbol in sorted(symbols, key=str):
        if symbol.is_nonnegative:
            found.append(Generator(symbol, bool(symbol.is_positive)))
        if symbol.is_integer and symbol.is_positive:
            found.append(Generator(symbol - 1, False))
            found.append(Generator(sympy.expand((symbol - 1) * (symbol - 2)), False))
    for condition in given:
        for part in condition.args if isinstance(condition, sympy.And) else (condition,):
            found += _cleared(part)
    return tuple(dict.fromkeys(found))


def _slack(condition: Relational) -> sympy.Expr:
    return condition.lhs - condition.rhs if isinstance(condition, (sympy.Ge, sympy.Gt, sympy.Eq)) else condition.rhs - condition.lhs


@cache
def _cleared(condition: Any) -> tuple[Generator, ...]:
    """The difference of the sides of a condition, without a denominator and factors that are positive by declaration."""
    if not isinstance(condition, Relational) or isinstance(condition, sympy.Ne):
        return ()
    numerator, denominator = sympy.fraction(cancel(sympy.together(_slack(condition))))
    if denominator.could_extract_minus_sign():
        numerator, denominator = -numerator, -denominator
    if numerator == 0 or not sympy.factor(denominator).is_positive:
        return ()
    constant, factors = sympy.factor_list(numerator)
    positive = sympy.Mul(abs(constant), *(factor**power for factor, power in factors if factor.is_positive))
    numerator = cancel(numerator / positive)
    one_way = Generator(sympy.expand(numerator), isinstance(condition, (sympy.Gt, sympy.Lt)))
    if one_way.strict and one_way.of.is_integer:  # above 0, so at least 1
        return one_way, Generator(one_way.of - 1, False)
    return (one_way, Generator(sympy.expand(-numerator), False)) if isinstance(condition, sympy.Eq) else (one_way,)


@cache
def _plainly(condition: Any) -> tuple[Any, ...]:
    """The parts of a condition, inequalities cleared of denominators while these have the signs that were declared."""
    if isinstance(condition, sympy.And):
        return tuple(part for each in condition.args for part in _plainly(each))
    if isinstance(condition, sympy.Eq) or not (cleared := _cleared(condition)):
        return (condition,)
    found = ((sympy.Gt if each.strict else sympy.Ge)(each.of, 0) for each in cleared)
    return tuple(each for each in found if each != sympy.true)


@cache
def find(expression: sympy.Expr, kind: Kind, given: tuple[Any, ...] = (), longest: int = LONGEST) -> tuple[Reason, ...] | None:
    """Reasons for the sign of an expression under conditions, one for each of its cases; None where none of a low degree was found,

    or the expression has more than `longest` operations.
    """
    if expression.count_ops() > longest:
        return None
    found = []
    for part, where in cases(expression, given):
        rooted = _Rooted((part, *where))
        reason = _found(rooted.plain(part), kind, (*map(rooted.plain, where), *rooted.said))
        if reason is None:
            return None
        found.append(reason.map(rooted.spelled))
    return tuple(found) if shows(tuple(found), expression, kind, given) else None


def shows(reasons: Sequence[Reason], expression: sympy.Expr, kind: Kind, given: tuple[Any, ...] = ()) -> bool:
    """Whether reasons prove the sign of an expression: every product is multiplied out and compared, nothing is searched."""
    parts = tuple(cases(expression, given))
    if len(parts) != len(reasons):
        return False
    for reason, (part, where) in zip(reasons, parts, strict=True):
        rooted = _Rooted((part, *where))
        if not _shows(reason.map(rooted.plain), rooted.plain(part), kind, (*map(rooted.plain, where), *rooted.said)):
            return False
    return True


# ---- what is no polynomial ----


def cases(expression: sympy.Expr, given: tuple[Any, ...]) -> Iterator[tuple[sympy.Expr, tuple[Any, ...]]]:
    """The expression without maxima, minima and absolute values, and the conditions, in cases that leave nothing out."""
    apt = about(expression.free_symbols, given)
    choice = min((a for each in (expression, *apt) for a in each.atoms(sympy.Max, sympy.Min, sympy.Abs)), key=_innermost, default=None)
    if choice is None:
        yield expression, tuple(part for condition in given for part in _plainly(condition))
        return
    options = (choice.args[0], -choice.args[0]) if isinstance(choice, sympy.Abs) else choice.args
    least = isinstance(choice, sympy.Min)
    for option in options:
        chosen = tuple(sympy.Le(option, other) if least else sympy.Ge(option, other) for other in options if other != option)
        picked = [each.subs(choice, option) for each in given]
        yield from cases(expression.subs(choice, option), (*(each for each in (*picked, *chosen) if each != sympy.true),))


def _innermost(expression: sympy.Expr) -> tuple[int, Any]:
    return sympy.count_ops(expression), sympy.default_sort_key(expression)


class _Rooted:
    """Letters in the place of roots: `plain` puts them in, `spelled` writes them out again, and `said` is what is known of them.

    A letter that the root determines is expressed by it: gamma = 1 - r^2 where r = sqrt(1 - gamma).
    """

    def __init__(self, expressions: Sequence[Any]) -> None:
        self.said: tuple[Any, ...] = ()
        self._steps: list[tuple[sympy.Expr, int, sympy.Symbol, dict[sympy.Basic, sympy.Expr]]] = []
        while (defined := next(filter(_is_definition, expressions), None)) is not None:
            expressions = self._add(expressions, (sympy.S.One, 1, sympy.S.One, {defined.lhs: defined.rhs}), [])
        while powers := {power for each in expressions for power in each.atoms(sympy.Pow) if _is_root(power)}:
            base = min((power.base for power in powers), key=_innermost)
            degree = int(sympy.ilcm(1, *(power.exp.q for power in powers if power.base == base)))
            positive = base.is_positive or Generator(sympy.expand(base), True) in generators((), expressions)
            root = sympy.Symbol(f"({base})^(1/{degree})", real=True, **{"positive" if positive else "nonnegative": True})
            others = (sympy.S.One, *(step[2] for step in self._steps if step[2] != 1))
            squares = [sympy.expand((root - other) ** 2) for other in others]
            solved = dict[sympy.Basic, sympy.Expr]()
            letter = next((s for s in sorted(base.free_symbols, key=str) if _is_linear(base, s)), None)
            if letter is None:
                known = [sympy.Eq(root**degree, base), *(each.xreplace({root**degree: base}) >= 0 for each in squares)]
            else:
                known = [sympy.Ge(each, 0) for each in squares]
                solved[letter] = sympy.expand(letter - (base - root**degree) / sympy.diff(base, letter))
            expressions = self._add(expressions, (base, degree, root, solved), known)

    def _add(
        self, expressions: Sequence[Any], step: tuple[sympy.Expr, int, sympy.Symbol, dict[sympy.Basic, sympy.Expr]], known: list[Any]
    ) -> list[Any]:
        """The expressions after one more step, whose letters have the signs that were declared."""
        declared = generators(step[-1], ())
        known += [(sympy.Gt if each.strict else sympy.Ge)(each.of.subs(step[-1]), 0) for each in declared]
        self._steps.append(step)
        self.said = (*(self._step(each, *step) for each in self.said), *(each for each in known if each != sympy.true))
        return [self._step(each, *step) for each in expressions]

    @staticmethod
    def _step(expression: Any, base: sympy.Expr, degree: int, root: sympy.Symbol, solved: dict[sympy.Basic, sympy.Expr]) -> Any:
        put = expression.replace(lambda e: _is_root(e) and e.base == base, lambda e: root ** (e.exp * degree))
        return put.subs(solved) if solved else put

    def plain(self, expression: Any) -> Any:
        for step in self._steps:
            expression = self._step(expression, *step)
        return expression

    def spelled(self, expression: Any) -> Any:
        for base, degree, root, _ in reversed(self._steps):
            expression = expression.subs(root, base ** sympy.Rational(1, degree))
        return expression


def _is_definition(condition: Any) -> bool:
    return isinstance(condition, sympy.Eq) and condition.lhs.is_Symbol and not condition.rhs.has(condition.lhs)


def _is_linear(base: sympy.Expr, letter: sympy.Basic) -> bool:
    """Whether an expression determines the letter, which it has once, times what is not 0 by declaration."""
    slope = sympy.diff(base, letter)
    return bool(slope.is_nonzero) and not slope.has(letter)


def _is_root(power: Any) -> bool:
    return isinstance(power, sympy.Pow) and power.exp.is_Rational and not power.exp.is_Integer


# ---- polynomials ----


def _found(expression: sympy.Expr, kind: Kind, given: tuple[Any, ...]) -> Reason | None:
    top, bottom = sympy.fraction(sympy.together(expression))
    if sympy.expand(top) == 0:
        return Reason(sympy.S.Zero, ())
    number, factors = sympy.S.One, list[Factor]()
    for part, way in ((top, 1), (bottom, -1)):
        constant, powers = sympy.factor_list(part)
        if not constant.is_Rational:
            return None
        number *= constant**way
        strict = way < 0 or kind != "nonnegative"
        found = _signed(powers, way, strict, given)
        if found is None and len(powers) > 1:  # (n - 1) (n - 2) has a sign where n is a whole number, n - 2 has none
            found = _signed([(sympy.expand(sympy.Mul(*(base**power for base, power in powers))), 1)], way, strict, given)
        if found is None:
            return None
        factors += found
    return Reason(number, tuple(factors))


def _signed(powers: Sequence[tuple[sympy.Expr, int]], way: int, strict: bool, given: tuple[Any, ...]) -> list[Factor] | None:
    """What shows the signs of factors, each in a power; None where one has no reason."""
    factors = list[Factor]()
    for base, power in powers:
        if power % 2 == 0 and not strict:
            factors.append(Factor(base, way * int(power), 1, ()))
            continue
        for times, why in ((sympy.S.One, ()), *_positive(base, given)):
            signed = (Factor(times * base, way * int(power), s, t) for s in (1, -1) if (t := _sum(s * times * base, strict, given)))
            if (found := next(signed, None)) is not None:
                factors += [found, Factor(times, -found.power, 1, why)] if why else [found]
                break
        else:
            return None
    return factors


def _positive(
    factor: sympy.Expr, given: tuple[Any, ...]
) -> Iterator[tuple[sympy.Expr, tuple[tuple[sympy.Rational, tuple[sympy.Expr, ...]], ...]]]:
    """What is positive, so that the factor has its sign times it, with the sum that says so.

    Letters that conditions on it have and it does not: from a >= L / mu and L >= mu follows mu (a - 1) >= 0. And 1 + r for a letter r
    below 1: from a (1 - r^2) >= H follows (1 + r) (a (1 - r) - H / 2) >= 0.
    """
    near = about(factor.free_symbols, given)
    beside = {letter for condition in near for letter in condition.free_symbols} - factor.free_symbols
    for letter in sorted((letter for letter in beside if letter.is_positive), key=str):
        yield letter, ((sympy.S.One, (letter,)),)
    below = {generator.of for generator in generators((), near)}
    for letter in sorted(factor.free_symbols, key=str):
        if letter.is_nonnegative and 1 - letter in below:
            yield 1 + letter, ((sympy.S.One, ()), (sympy.S.One, (letter,)))


def _shows(reason: Reason, expression: sympy.Expr, kind: Kind, given: tuple[Any, ...]) -> bool:
    product = reason.number * sympy.Mul(*(factor.of**factor.power for factor in reason.factors))
    difference = sympy.fraction(sympy.together(expression - product))[0]
    if sympy.expand(difference) != 0 or not reason.number.is_Rational:
        return False
    if reason.number == 0:
        return kind == "nonnegative"
    sign = sympy.sign(reason.number)
    for factor in reason.factors:
        strict = factor.power < 0 or kind != "nonnegative"
        if factor.power % 2 == 0 and not strict:
            continue
        if factor.sign not in (1, -1) or not _adds_up(factor, strict, given):
            return False
        sign *= factor.sign**factor.power
    return kind == "nonzero" or sign > 0


def _adds_up(factor: Factor, strict: bool, given: tuple[Any, ...]) -> bool:
    symbols = factor.of.free_symbols.union(*(condition.free_symbols for condition in given))
    known = {generator.of: generator.strict for generator in generators(symbols, given)}
    if any(not (number.is_Rational and number > 0) or any(each not in known for each in product) for number, product in factor.terms):
        return False
    if strict and not any(all(known[each] for each in product) for _, product in factor.terms):
        return False
    total = sympy.Add(*(number * sympy.Mul(*product) for number, product in factor.terms))
    difference = sympy.expand(factor.sign * factor.of - total)
    for condition in given:  # what the power of a root is
        if isinstance(condition, sympy.Eq) and condition.lhs.is_Pow and condition.lhs.base.is_Symbol and difference != 0:
            difference = sympy.rem(difference, condition.lhs - condition.rhs, condition.lhs.base)
    return bool(difference == 0)


# ---- the search for a sum ----


def _sum(factor: sympy.Expr, strict: bool, given: tuple[Any, ...]) -> tuple[tuple[sympy.Rational, tuple[sympy.Expr, ...]], ...] | None:
    near = about(factor.free_symbols, given)
    symbols = factor.free_symbols.union(*(condition.free_symbols for condition in near))
    if any(not symbol.is_real for symbol in symbols) or not _is_rational_polynomial(factor, symbols):
        return None
    known = [each for each in generators(symbols, near) if _is_rational_polynomial(each.of, symbols)]
    for each in known:
        if each.of == factor and each.strict >= strict:
            return ((sympy.S.One, (factor,)),)
    degree = sympy.Poly(factor, *symbols).total_degree()
    degrees = {each.of: sympy.Poly(each.of, *symbols).total_degree() for each in known}
    if (sparse := _sparse(factor, known, ordered := sorted(symbols, key=str))) and (found := _combination(factor, sparse, strict, ordered)):
        return found
    for most, conditions in ((degree, 1), (degree, 2), (degree + 1, 2)):  # plain sums first
        products = list(islice(_products(known, degrees, most, conditions), MOST_PRODUCTS + 1))
        if len(products) > MOST_PRODUCTS:
            return None
        if found := _combination(factor, products, strict, ordered):
            return found
    return None


def _products(known: Sequence[Generator], degrees: Mapping[sympy.Expr, int], most: int, conditions: int) -> Iterator[tuple[Generator, ...]]:
    """Products of a degree of at most `most`, of letters and at most so many conditions."""
    letters, others = ([each for each in known if each.of.is_Symbol is alone] for alone in (True, False))
    for number in range(conditions + 1):
        for chosen in combinations_with_replacement(others, number):
            left = most - sum(degrees[each.of] for each in chosen)
            for count in range(left + 1):
                yield from ((*more, *chosen) for more in combinations_with_replacement(letters, count))


def _sparse(factor: sympy.Expr, known: Sequence[Generator], symbols: Sequence[sympy.Basic]) -> list[tuple[Generator, ...]]:
    """Products of letters with at most one condition that share a term with the factor, or with such a product: few at any degree."""
    ring = PolyRing(symbols, sympy.QQ)
    plain = {each: ring.from_expr(each.of) for each in known}
    terms = {each: polynomial.monoms() for each, polynomial in plain.items()}
    letters = {monoms[0].index(1): each for each, monoms in terms.items() if each.of.is_Symbol}
    support, found = set(ring.from_expr(factor).monoms()), dict[tuple[Generator, ...], None]()
    for _ in range(2):
        for wanted in sorted(support):
            for one, monoms in ((), [(0,) * len(symbols)]), *(((each,), monoms) for each, monoms in terms.items() if not each.of.is_Symbol):
                for monom in monoms:
                    rest = [(n, w - m) for n, (w, m) in enumerate(zip(wanted, monom, strict=True)) if w != m]
                    if all(power > 0 and n in letters for n, power in rest):
                        found[(*(letters[n] for n, power in rest for _ in range(power)), *one)] = None
            if len(found) > MOST_PRODUCTS:
                return []
        support = {m for product in found for m in ring.mul(*(plain[each] for each in product)).monoms()}
    return list(found)


def _is_rational_polynomial(expression: sympy.Expr, symbols: Iterable[sympy.Basic]) -> bool:
    return bool(expression.is_polynomial(*symbols)) and all(number.is_Rational for number in sympy.Poly(expression, *symbols).coeffs())


def _combination(
    factor: sympy.Expr, products: Sequence[tuple[Generator, ...]], strict: bool, symbols: Sequence[sympy.Basic]
) -> tuple[tuple[sympy.Rational, tuple[sympy.Expr, ...]], ...] | None:
    ring = PolyRing(symbols, sympy.QQ)  # multiplies faster than expressions do
    plain = {each: ring.from_expr(each.of) for each in {each: None for product in products for each in product}}
    context = z3.Context()
    solver = z3.Solver(ctx=context)
    solver.set("random_seed", 0)
    solver.set("rlimit", RLIMIT)
    weights = [z3.Real(f"w{i}", ctx=context) for i in range(len(products))]
    equations: dict[Any, list[Any]] = {}
    for weight, product in zip(weights, products, strict=True):
        solver.add(weight >= 0)
        for monomial, coefficient in ring.mul(*(plain[each] for each in product)).terms():
            equations.setdefault(monomial, []).append(weight * z3.RealVal(str(coefficient), ctx=context))
    target = dict(ring.from_expr(factor).terms())
    for monomial in {*equations, *target}:
        left = z3.Sum(equations[monomial]) if monomial in equations else z3.RealVal(0, ctx=context)
        solver.add(left == z3.RealVal(str(target.get(monomial, 0)), ctx=context))
    if strict:
        definite = [weight for weight, product in zip(weights, products, strict=True) if all(each.strict for each in product)]
        solver.add(z3.Sum(definite) > 0)
    if answered(solver) != z3.sat:
        return None
    values = [solver.model().eval(weight, model_completion=True).as_fraction() for weight in weights]
    pairs = zip(values, products, strict=True)
    return tuple((sympy.Rational(v.numerator, v.denominator), tuple(each.of for each in product)) for v, product in pairs if v)
