"""Decides scalar statements: sympy relations in, a proof, an exact counterexample or an honest "undecided" out.

z3 does the search; nothing it finds counts before it was re-evaluated here in exact arithmetic, hypotheses included.
Budgets are z3 resource counts, so the same question has the same answer on every machine; seconds end only what z3 does not count.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, Literal

import sympy
import z3
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from theory.cancelling import cancel

Outcome = Literal["proved", "refuted", "undecided"]
Model = dict[sympy.Symbol, Any]

_SIGNS = {"positive": lambda x: x > 0, "nonnegative": lambda x: x >= 0, "negative": lambda x: x < 0,
          "nonpositive": lambda x: x <= 0, "nonzero": lambda x: x != 0}  # fmt: skip
_PATIENCE = 60_000  # milliseconds: over integers z3 may go on for an hour between two looks at its count
_DIGITS = (1, 4, 9)  # how finely an irrational coordinate of a model is rounded, coarsest first


@dataclass(frozen=True)
class Decision:
    """What was decided, with a model where there is one.

    `model` maps every symbol to a Fraction (to an exact sympy algebraic number only where no rational point was found).
    """

    outcome: Outcome
    model: Model | None
    evidence: str


class _Undecidable(Exception):
    """The statement leaves what can be handled exactly; the message says where."""


class _Undefined(Exception):
    """An expression has no real value at this point."""


def decide(conclusion: Any, given: Sequence[Any] = (), rlimit: int = 1_000_000) -> Decision:
    """Whether `conclusion` follows from `given` and from the assumptions on the symbols.

    Both are sympy relations or And, Or, Not, Implies of them. Symbols are real, and integer, positive, ... as declared.
    Statements are read where they are defined: denominators nonzero, radicands nonnegative. `rlimit` bounds each z3 search.

    Raises:
        TypeError: an argument is not a sympy statement.
        ValueError: `rlimit` is below 1, or two symbols share a name and differ in their assumptions.
    """
    (goal,), hypotheses, symbols = _checked([conclusion], given, rlimit)
    if _is_identity(goal):
        return Decision("proved", None, "identity, by simplification")
    found, model, evidence = _search((*hypotheses, sympy.Not(goal)), symbols, rlimit)
    if found == "none":
        return Decision("proved", None, f"no counterexample; {evidence}")
    if found == "model":
        return Decision("refuted", model, f"counterexample: {_spelled(model)}")
    return Decision("undecided", None, evidence)


def satisfiable(given: Sequence[Any], rlimit: int = 1_000_000) -> Decision:
    """Whether the hypotheses can hold together: `proved` with a point where they do, or `refuted`.

    Raises:
        TypeError, ValueError: as `decide`.
    """
    _, hypotheses, symbols = _checked([], given, rlimit)
    if len(symbols) > _MANY and (guess := _guessed(hypotheses, symbols)) is not None:
        return Decision("proved", guess, f"satisfied at {_spelled(guess)}")
    found, model, evidence = _search(hypotheses, symbols, rlimit)
    if found == "model":
        return Decision("proved", model, f"satisfied at {_spelled(model)}")
    return Decision("refuted" if found == "none" else "undecided", None, evidence)


def holds_at(statement: Any, model: Model) -> bool | None:
    """Whether a statement holds at exact numbers; None where it is undefined there or its sign could not be settled."""
    try:
        return _truth(sympy.sympify(statement), {symbol: sympy.sympify(value) for symbol, value in model.items()})
    except (_Undefined, _Undecidable):
        return None


def about(symbols: Set[sympy.Basic], given: Sequence[Any]) -> tuple[Any, ...]:
    """The conditions that speak of the symbols, or of what those speak of: the others only cost time."""
    for condition in given:
        if condition.free_symbols & symbols and not condition.free_symbols <= symbols:
            return about(symbols | condition.free_symbols, given)
    return tuple(condition for condition in given if condition.free_symbols & symbols)


def _checked(
    goal: Sequence[Any], given: Sequence[Any], rlimit: int
) -> tuple[tuple[Boolean, ...], tuple[Boolean, ...], tuple[sympy.Symbol, ...]]:
    if rlimit < 1:
        raise ValueError(f"rlimit must be at least 1, got {rlimit}")
    if isinstance(given, (Boolean, bool)):
        raise TypeError(f"given must be a sequence of sympy statements, got the single statement {given}")
    statements = tuple(sympy.sympify(statement) for statement in (*goal, *given))
    for statement in statements:
        if not isinstance(statement, Boolean) or isinstance(statement, sympy.Symbol):
            raise TypeError(f"a statement must be a sympy relation or And, Or, Not, Implies of relations, got {statement!r}")
    symbols = tuple(sorted(set().union(*(statement.free_symbols for statement in statements)), key=lambda symbol: symbol.name))
    for one, other in pairwise(symbols):
        if one.name == other.name:
            raise ValueError(f"two different symbols are named {one.name!r}; declare it once, with one set of assumptions")
    return statements[: len(goal)], statements[len(goal) :], symbols


@cache  # here and below: derivations that share their parts ask the same again and again
def _is_identity(statement: Boolean) -> bool:
    if isinstance(statement, (sympy.Eq, sympy.Ge, sympy.Le)) and isinstance(statement.lhs, sympy.Expr):
        difference = statement.lhs - statement.rhs
        if difference.is_rational_function(*difference.free_symbols):
            return cancel(difference) == 0
        return isinstance(statement, sympy.Eq) and sympy.simplify(difference) == 0  # simplify is slow: only where z3 has little to offer
    return statement is sympy.true


_MANY = 7  # letters beyond which z3 may not come back from rational functions, whatever its budget
_ROUND_OFF = 1e-9
_PLAIN = tuple(map(Fraction, ("1", "1/2", "1/10", "1/100", "1/10000", "0", "2", "10", "1000", "1000000")))


@cache
def _guessed(hypotheses: tuple[Boolean, ...], symbols: tuple[sympy.Symbol, ...], draws: int = 3000) -> Model | None:
    """A point of plain numbers where the hypotheses hold, letters defined by an equation computed from the others."""
    defined = {h.lhs: h.rhs for h in hypotheses if isinstance(h, sympy.Eq) and h.lhs.is_Symbol and not h.rhs.has(h.lhs)}
    source = random.Random(0)
    allowed = {symbol: {value for value in _PLAIN if _fits(symbol, value)} for symbol in symbols}
    if not all(allowed.values()):
        return None
    doubted = [_in_floats(h, symbols) for h in hypotheses if not h.free_symbols & defined.keys()]
    for _ in range(draws):
        model: Model = {}
        for symbol in symbols:
            model[symbol] = next(value for value in iter(lambda: source.choice(_PLAIN), None) if value in allowed[symbol])
        values = list(map(float, model.values()))
        if any(fails(values) for fails in doubted):
            continue
        try:
            model |= {symbol: _value(rhs, {key: sympy.sympify(value) for key, value in model.items()}) for symbol, rhs in defined.items()}
        except (_Undefined, _Undecidable):
            continue
        if all(_fits(symbol, model[symbol]) for symbol in defined) and all(holds_at(h, model) is True for h in hypotheses):
            return model
    return None


def _in_floats(statement: Boolean, symbols: tuple[sympy.Symbol, ...]) -> Callable[[list[float]], bool]:
    """Whether a relation fails by more than round-off at numbers, in the order of the symbols: to doubt a guess, never to judge one."""
    if not isinstance(statement, Relational) or not isinstance(statement.lhs, sympy.Expr):
        return lambda values: False
    too_large, too_small = statement.rel_op in ("<=", "<", "=="), statement.rel_op in (">=", ">", "==")

    @cache
    def sides() -> Callable[..., tuple[float, float]]:  # takes long, and not every statement is asked
        return sympy.lambdify(symbols, (statement.lhs, statement.rhs), "math")  # type: ignore[no-any-return]

    def fails(values: list[float]) -> bool:
        try:
            left, right = sides()(*values)
            more, slack = left - right, _ROUND_OFF * (abs(left) + abs(right))
            return (too_large and more > slack) or (too_small and more < -slack)
        except (ArithmeticError, ValueError, TypeError, NameError):  # no number, or none that is real
            return False

    return fails


# ---- search: z3 proposes ----


@cache
def _search(statements: tuple[Boolean, ...], symbols: tuple[sympy.Symbol, ...], rlimit: int) -> tuple[str, Model, str]:
    """("none" | "model" | "unknown", model, evidence). Integers are first relaxed to reals: what has no real model has no integer one."""
    integral = any(symbol.is_integer for symbol in symbols)
    evidence = ""
    for integers in (False, True) if integral else (False,):
        if integers and (guess := _guessed(statements, symbols)) is not None:
            return "model", guess, ""
        try:
            encoding = _Encoding(symbols, integers)
            solver = z3.Solver(ctx=encoding.context)
            solver.set("random_seed", 0)
            solver.set("rlimit", rlimit)
            solver.set("timeout", _PATIENCE)
            solver.add(*encoding.truths(statements[:-1]), *[encoding.truth(last) for last in statements[-1:]], *encoding.side)
            answer = answered(solver)
        except _Undecidable as reason:
            return "unknown", {}, str(reason)
        if answer == z3.unsat:
            return "none", {}, f"z3: no {'integer' if integers else 'real'} point meets all conditions"
        if answer == z3.unknown:
            evidence = f"z3 stopped within rlimit {rlimit}: {solver.reason_unknown()}"
            continue
        model = _rational_model(solver, encoding.variables)
        verdicts = [holds_at(statement, model) for statement in statements]
        if all(verdict is True for verdict in verdicts) and all(_fits(symbol, value) for symbol, value in model.items()):
            return "model", model, ""
        evidence = f"z3's model {_spelled(model)} did not survive exact re-evaluation"
    return "unknown", {}, evidence


def answered(solver: z3.Solver) -> z3.CheckSatResult:
    """What z3 says. Raises: KeyboardInterrupt where it was interrupted, which z3 takes for itself and calls an unknown answer."""
    answer = solver.check()
    if answer == z3.unknown and solver.reason_unknown() == "interrupted from keyboard":
        raise KeyboardInterrupt
    return answer


def _rational_model(solver: z3.Solver, variables: dict[sympy.Symbol, z3.ArithRef]) -> Model:
    """A model with as many rational values as rounding gives: values are fixed one at a time and the rest is solved again."""
    model: Model = {}
    current = solver.model()
    for symbol, variable in variables.items():
        value = current.eval(variable, model_completion=True)
        if not z3.is_algebraic_value(value):
            model[symbol] = value.as_fraction() if z3.is_rational_value(value) else Fraction(value.as_long())
            solver.add(variable == value)
            continue
        model[symbol] = sympy.CRootOf(sympy.Poly([int(str(c)) for c in reversed(value.poly())], sympy.Symbol("z")), value.index() - 1)
        for digits in _DIGITS:
            rounded = round(value.approx(digits + 1).as_fraction(), digits)
            solver.push()
            solver.add(variable == z3.RealVal(str(rounded), ctx=solver.ctx))
            if answered(solver) == z3.sat:
                current, model[symbol] = solver.model(), rounded
                break
            solver.pop()
    return model


class _Encoding:
    """Sympy statements as z3 terms over fresh variables, in a context of their own: no history, so the same search every time."""

    def __init__(self, symbols: Iterable[sympy.Symbol], integers: bool):
        self.context = z3.Context()
        self.variables: dict[sympy.Symbol, z3.ArithRef] = {}
        self.side: list[z3.BoolRef] = []  # what holds wherever the statements are defined
        self.guards: list[z3.BoolRef] = []  # the branch of a Piecewise that is being encoded
        self.roots: dict[tuple[sympy.Expr, int], z3.ArithRef] = {}
        for symbol in symbols:
            if symbol.is_real is False:
                raise _Undecidable(f"{symbol} is not real")
            kind = z3.Int if integers and symbol.is_integer else z3.Real
            variable = self.variables[symbol] = kind(symbol.name, ctx=self.context)
            self.side += [sign(variable) for name, sign in _SIGNS.items() if getattr(symbol, f"is_{name}")]
            if symbol.is_integer and symbol.is_positive:
                self.side.append(variable >= 1)  # says more than > 0 where integers are relaxed to reals

    def require(self, condition: z3.BoolRef) -> None:
        self.side.append(z3.Implies(z3.And(*self.guards, z3.BoolVal(True, ctx=self.context)), condition))

    def number(self, expression: sympy.Expr) -> z3.ArithRef:
        if expression.is_Rational:
            return z3.RealVal(str(expression), ctx=self.context)
        if expression.is_Symbol:
            variable = self.variables[expression]
            return z3.ToReal(variable) if variable.is_int() else variable
        if isinstance(expression, sympy.Pow) and expression.exp.is_Rational:
            return self.power(expression.base, expression.exp)
        if isinstance(expression, sympy.Piecewise):
            return self.piecewise(expression.args)
        if not isinstance(expression, (sympy.Add, sympy.Mul, sympy.Max, sympy.Min, sympy.Abs, sympy.floor, sympy.ceiling)):
            raise _Undecidable(f"{expression} is outside what z3 decides (rational functions, roots, max, min, abs, floor, cases)")
        first, *rest = [self.number(argument) for argument in expression.args]
        if isinstance(expression, sympy.floor):
            return z3.ToReal(z3.ToInt(first))
        if isinstance(expression, sympy.ceiling):
            return -z3.ToReal(z3.ToInt(-first))
        if isinstance(expression, sympy.Abs):
            return z3.If(first >= 0, first, -first)
        for other in rest:
            if isinstance(expression, sympy.Add):
                first = first + other
            elif isinstance(expression, sympy.Mul):
                first = first * other
            else:
                first = z3.If(first >= other if isinstance(expression, sympy.Max) else first <= other, first, other)
        return first

    def power(self, base: sympy.Expr, exponent: sympy.Rational) -> z3.ArithRef:
        order = int(exponent.q)
        if order > 1 and (base, order) not in self.roots:
            root = self.roots[base, order] = z3.Real(f"root {len(self.roots)}", ctx=self.context)
            self.require(z3.And(root >= 0, _product([root] * order) == self.number(base)))
        value = self.roots[base, order] if order > 1 else self.number(base)
        if exponent > 0:
            return _product([value] * int(exponent.p))
        self.require(value != 0)
        return 1 / _product([value] * -int(exponent.p))

    def truths(self, hypotheses: Iterable[Boolean]) -> list[z3.BoolRef]:
        """Hypotheses as terms, less those beyond z3: what follows without them follows with them, and models are judged on all."""
        found = []
        for hypothesis in hypotheses:
            try:
                found.append(self.truth(hypothesis))
            except _Undecidable:
                continue
        return found

    def piecewise(self, branches: Sequence[Any]) -> z3.ArithRef:
        if not branches:
            self.require(z3.BoolVal(False, ctx=self.context))
            return z3.RealVal(0, ctx=self.context)
        (expression, condition), *rest = branches
        condition = self.truth(condition)
        self.guards.append(condition)
        value = self.number(expression)
        self.guards[-1] = z3.Not(condition)
        otherwise = self.piecewise(rest)
        self.guards.pop()
        return z3.If(condition, value, otherwise)

    def truth(self, statement: Boolean) -> z3.BoolRef:
        if statement in (sympy.true, sympy.false):
            return z3.BoolVal(bool(statement), ctx=self.context)
        if isinstance(statement, Relational) and isinstance(statement.lhs, sympy.Expr):
            self.number(statement.lhs), self.number(statement.rhs)  # for their side conditions: clearing denominators forgets them
            numerator, denominator = _over_one_line(statement.lhs - statement.rhs)
            left = self.number(numerator if denominator.is_positive else numerator * denominator)
            return {"==": left == 0, "!=": left != 0, "<": left < 0, "<=": left <= 0, ">": left > 0, ">=": left >= 0}[statement.rel_op]
        connective = {sympy.And: z3.And, sympy.Or: z3.Or, sympy.Not: z3.Not, sympy.Implies: z3.Implies}.get(statement.func)
        if connective is None:
            raise _Undecidable(f"{statement} is not built from relations by And, Or, Not, Implies")
        return connective(*[self.truth(argument) for argument in statement.args])


@cache
def _over_one_line(expression: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    return sympy.fraction(sympy.together(expression))  # type: ignore[no-any-return]


def _product(factors: Sequence[z3.ArithRef]) -> z3.ArithRef:
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


# ---- exact re-evaluation: the judge ----


def _value(expression: sympy.Expr, model: Model) -> sympy.Expr:
    if expression.is_Symbol:
        return model[expression]
    if isinstance(expression, sympy.Piecewise):
        for branch, condition in expression.args:
            if _truth(condition, model):
                return _value(branch, model)
        raise _Undefined
    if not expression.args:
        return expression
    values = [_value(argument, model) for argument in expression.args]
    if isinstance(expression, sympy.Pow):
        sign = _sign(values[0])
        if (sign == 0 and values[1].is_negative) or (sign < 0 and not values[1].is_integer):
            raise _Undefined
    if isinstance(expression, sympy.log) and _sign(values[0]) <= 0:
        raise _Undefined
    return expression.func(*values)


def _truth(statement: Boolean, model: Model) -> bool:
    if statement in (sympy.true, sympy.false):
        return bool(statement)
    if isinstance(statement, Relational) and isinstance(statement.lhs, sympy.Expr):
        sign = _sign(_value(statement.lhs, model) - _value(statement.rhs, model))
        return {"==": sign == 0, "!=": sign != 0, "<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[statement.rel_op]
    values = [_truth(argument, model) for argument in statement.args]
    return bool(statement.func(*values))


def _sign(number: sympy.Expr) -> int:
    """The sign of an exact number, only if certain."""
    if number.is_zero is None and number.is_algebraic and number.is_number:
        number = sympy.radsimp(sympy.expand(number))
    for sign, known in ((0, number.is_zero), (1, number.is_positive), (-1, number.is_negative)):
        if known:
            return sign
    raise _Undecidable(f"the sign of {number} is not certain")


def _fits(symbol: sympy.Symbol, value: Any) -> bool:
    """Whether a value meets every assumption its symbol was declared with (even, prime, ... included)."""
    number = sympy.sympify(value)
    return all(getattr(number, f"is_{name}") is required for name, required in symbol.assumptions0.items())


def _spelled(model: Model) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in model.items()) or "no symbols"
