"""Expressions and conditions as text, and back, without evaluating the text as code.

Inner products are spelled `dot('x', 'g_x')`, and of deviations, averaged over the workers, `spread('x', 'g_x')`; other letters whose names
are no identifiers `value('f(x)')`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from theory.vectors import Base, Kind, gram, gram_bases

ASSUMPTIONS = ("integer", "positive", "nonnegative")
_GRAM: dict[Kind, str] = {"shared": "dot", "deviation": "spread"}
_KINDS = {name: kind for kind, name in _GRAM.items()}
_FUNCTIONS = {"sqrt": sympy.sqrt, "Max": sympy.Max, "Min": sympy.Min, "Abs": sympy.Abs}
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
_RELATIONS: dict[type, Any] = {
    ast.LtE: sympy.Le, ast.Lt: sympy.Lt, ast.GtE: sympy.Ge, ast.Gt: sympy.Gt, ast.Eq: sympy.Eq, ast.NotEq: sympy.Ne,
}  # fmt: skip


class _Printer(StrPrinter):
    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        if (bases := gram_bases(expr)) is not None:
            one, other = bases
            return f"{_GRAM[one.kind]}({one.name!r}, {other.name!r})"
        return expr.name if expr.name.isidentifier() else f"value({expr.name!r})"


def spell(expression: Any) -> str:
    """The text of an expression or of one relation."""
    expression = sympy.sympify(expression)
    if isinstance(expression, sympy.core.relational.Relational):
        return f"{spell(expression.lhs)} {expression.rel_op} {spell(expression.rhs)}"
    return str(_Printer().doprint(expression))


def declared(symbol: sympy.Symbol) -> str:
    """What is assumed of a letter, in words that `letter` understands."""
    words = [name for name in ASSUMPTIONS if getattr(symbol, f"is_{name}")]
    return " ".join(["real", *(word for word in words if word != "nonnegative" or "positive" not in words)])


def letter(name: str, assumptions: str) -> sympy.Symbol:
    """The letter so declared.

    Raises:
        ValueError: another word than those of `declared`.
    """
    words = assumptions.split()
    if words[:1] != ["real"] or set(words[1:]) - set(ASSUMPTIONS):
        raise ValueError(f"{name} must be real and at most {', '.join(ASSUMPTIONS)}, got {assumptions!r}")
    return sympy.Symbol(name, real=True, **dict.fromkeys(words[1:], True))


def read(text: str, letters: Mapping[str, sympy.Symbol]) -> Any:
    """The expression or relation of a text.

    Raises:
        ValueError: not an expression of numbers, known letters, + - * / **, sqrt, Max, Min, Abs, and at most one relation.
    """
    try:
        return _read(ast.parse(text, mode="eval").body, letters)
    except (SyntaxError, RecursionError, TypeError, KeyError) as why:
        raise ValueError(f"cannot read {text[:80]!r}: {why}") from None


def _read(node: ast.expr, letters: Mapping[str, sympy.Symbol]) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return sympy.Integer(node.value)
    if isinstance(node, ast.Name):
        return letters[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_read(node.operand, letters)
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_read(node.left, letters), _read(node.right, letters))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _RELATIONS[type(node.ops[0])](_read(node.left, letters), _read(node.comparators[0], letters))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        names = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if node.func.id in _KINDS and len(names) == len(node.args) == 2:
            kind = _KINDS[node.func.id]
            return gram(Base(kind, names[0]), Base(kind, names[1]))
        if node.func.id == "value" and len(names) == len(node.args) == 1:
            return letters[names[0]]
        return _FUNCTIONS[node.func.id](*(_read(each, letters) for each in node.args))
    raise ValueError(f"{ast.unparse(node)[:80]!r} is not allowed here")


def number(text: str) -> sympy.Rational:
    """A rational number written p or p/q. Raises: ValueError for anything else."""
    try:
        value = Fraction(text)
    except (ValueError, TypeError, ZeroDivisionError):
        raise ValueError(f"a number must be written p or p/q, got {text!r}") from None
    return sympy.Rational(value.numerator, value.denominator)
