"""A statement is computed from what it speaks of, and could fail: none compares a thing with itself, or typed numbers alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import sympy as sp

import theory
from theory.papers import claims

SOURCES = sorted(path for path in Path(theory.__file__).parent.rglob("*.py"))
STATING = {"equals": (0, 1), "at_most": (0, 1), "at_least": (0, 1), "Relation": (0, 2)}
"""What states a relation, and which arguments are its sides."""
PRINTED_NUMBERS = {
    "sp.Integer(10) * (28 * 28 + 1) == 7850": "pixels and a bias, for each of ten digits",
    "sp.Integer(1) == 1 / (1 - sp.Rational(1, 2)) ** 2": "a sequence of one term: false",
    "sp.log(1, 2) == sp.log(4, 2)": "an instance: false",
}
"""Equalities between numbers alone that the paper gives one by one, and what they count."""


def stated(source: str) -> Iterator[tuple[ast.Call, ast.expr, ast.expr, str]]:
    """The relations that a file states: the call, both sides, and the text of the call around it."""
    tree = ast.parse(source)
    around = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STATING:
            left, right = STATING[node.func.id]
            if len(node.args) > right and not any(isinstance(each, ast.Starred) for each in node.args):
                yield node, node.args[left], node.args[right], ast.unparse(around[node])


def of_numbers_alone(side: ast.expr) -> bool:
    return all(node.id == "sp" for node in ast.walk(side) if isinstance(node, ast.Name))


def compared_with_itself(source: str) -> list[str]:
    """The relations of a file whose sides are one text, other than in steps that take a quantity for itself."""
    found = [(call, left, within) for call, left, right, within in stated(source) if ast.unparse(left) == ast.unparse(right)]
    return [ast.unparse(call) for call, _, within in found if not within.startswith("Granted(")]


def typed(source: str) -> list[str]:
    """The equalities of a file between numbers alone, which read nothing."""
    found = [(call, left, right) for call, left, right, _ in stated(source) if of_numbers_alone(left) and of_numbers_alone(right)]
    return [f"{ast.unparse(left)} == {ast.unparse(right)}" for call, left, right in found if call.func.id == "equals"]  # type: ignore[attr-defined]


def test_no_bound_in_letters_is_the_quantity_that_it_bounds() -> None:
    """Of numbers a bound may be met exactly, where they are computed."""
    bounds = [
        (claim.id, each.name, each.relation) for claim in claims() for each in claim.stated if each.relation and each.relation.symbols
    ]
    assert bounds
    assert [(of, name) for of, name, each in bounds if each.op != "==" and sp.sympify(each.lhs) == sp.sympify(each.rhs)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_relation_is_written_with_one_text_on_both_sides(path: Path) -> None:
    assert compared_with_itself(path.read_text(encoding="utf-8")) == []


def test_equalities_of_numbers_alone_are_those_that_a_paper_gives() -> None:
    assert {each for path in SOURCES for each in typed(path.read_text(encoding="utf-8"))} == set(PRINTED_NUMBERS)


def test_what_cannot_fail_is_found() -> None:
    assert compared_with_itself("at_most(a + b, a + b)") == ["at_most(a + b, a + b)"]
    assert compared_with_itself("Relation(a, '==', a)") == ["Relation(a, '==', a)"]
    assert compared_with_itself("Granted(equals(a, a), by='itself')") == []
    assert typed("equals(sp.Integer(4), 4 * sp.Integer(1))") == ["sp.Integer(4) == 4 * sp.Integer(1)"]
    assert typed("equals(hours('4'), sp.Integer(4))") == []
