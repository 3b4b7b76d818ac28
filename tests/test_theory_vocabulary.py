"""One name for one thing: nothing in the shared vocabulary is defined twice, nor under another name."""

import ast
import inspect
from collections import Counter

import pytest
import sympy as sp
from sympy.core.function import AppliedUndef

from theory import hypotheses, scenes, symbols
from theory.claim import Hypothesis, Relation
from theory.papers import claims
from theory.vectors import gram_bases


@pytest.mark.parametrize("module", [symbols, hypotheses, scenes], ids=lambda module: module.__name__)
def test_no_name_is_given_twice(module):
    statements = ast.parse(inspect.getsource(module)).body
    targets = [t.id for s in statements if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)]
    assert [name for name, times in Counter(targets).items() if times > 1] == []


def test_hypotheses_are_called_what_they_are_named():
    named = {name: value.name for name, value in vars(hypotheses).items() if isinstance(value, Hypothesis)}
    assert {name: called for name, called in named.items() if name != called} == {}


def test_symbols_of_one_name_are_one_symbol():
    names = Counter(str(quantity.symbol) for quantity in symbols.QUANTITIES.values())
    assert [name for name, times in names.items() if times > 1] == []


NAMED = {
    "local_sgd": ("sec-2.2/horizon", "sec-2.2/gap", "sec-2.2/rounds"),
    "mdsgd": ("strategy-1", "strategy-2"),
    "dist_ef_sgd": (
        "lemma-2/constant-step", "lemma-2/any-step", "theorem-1/monotone", "theorem-1/hybrid", "sec-3.1/horizon",
        "sec-3.1/reduces-to-ef-sgd", "sec-3.2/overhead",
    ),
    "qprsgd": (
        "eq-7", "eq-8", "lemma-2/per-round", "lemma-2/summed", "theorem-2/eq-12", "table-1/ring", "table-1/gossip",
        "sec-4/linear-speedup", "sec-4/quantisation-helps", "sec-4/effect-of-k", "sec-5/low-bandwidth-speedup",
    ),
}  # fmt: skip
"""Labels of parts and of running text by which others refer to a claim."""


@pytest.mark.parametrize("paper", NAMED)
def test_a_claim_is_called_what_others_call_it(paper):
    assert {f"{paper}/{label}" for label in NAMED[paper]} <= {claim.id for claim in claims(paper)}


@pytest.mark.parametrize("form", ["correction", "improvement"])
def test_whatever_replaces_an_attacked_bound_is_attacked_too(form):
    replaced = [(claim.id, getattr(claim, form)) for claim in claims() if any(reading.arena for reading in claim.readings)]
    bounds = [(name, reading) for name, reading in replaced if reading is not None and reading.relation and reading.relation.op != "=="]
    assert bounds
    assert [name for name, reading in bounds if reading.arena is None] == []


STEPS = {"eta_t", "gamma_t", "rho_t", "alpha_t"}


def of_runs_or_vectors(relation: Relation) -> bool:
    """Whether a relation speaks of anything that a run or vectors show, steps aside."""
    sides = [sp.sympify(side) for side in (relation.lhs, relation.rhs)]
    shown = {f.func.__name__ for side in sides for f in side.atoms(AppliedUndef)} - STEPS
    return bool(shown) or any(gram_bases(symbol) for side in sides for symbol in side.free_symbols)


def test_a_bound_on_what_runs_or_vectors_show_is_attacked_or_says_why_not():
    stated = [(claim.id, reading) for claim in claims() for reading in claim.stated if claim.paper != "neighbour" and not reading.rate]
    bounds = [(name, reading) for name, reading in stated if reading.relation and reading.relation.op != "=="]
    shown = [(name, reading) for name, reading in bounds if of_runs_or_vectors(reading.relation)]
    assert len(shown) > 500
    assert [(name, reading.name) for name, reading in shown if not reading.arena and not reading.says] == []
