"""The arena of operators: its closed forms are the reference's moments, it breaks what is false and leaves standing what is true."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import validation.operators as arena
from gpu import operators as gpu_operators
from reference import operators as reference_operators
from reference.expectation import moments
from theory import hypotheses as given
from theory.claim import Reading, Relation, at_least, at_most, equals
from theory.symbols import beta, bias_sq, d, error_budget, error_sq, k, kept_l1_sq, kept_lm_sq, kept_sq, m, s, x_l1_sq, x_sq
from validation.attack import ARENAS, EFFORTS
from validation.operators import Case, Sizes, build, first_two, measure, structure, vectors
from validation.quantities import bounds

QUICK = EFFORTS["quick"]
OPERATORS = ARENAS["operator"]
ALL = ("qsgd", "stochastic_levels", "stochastic_rotated")
BOTH = ("top_k", "rand_k")
COMPOSED = ("compose", "qsgd", "top_k", "kept")
STRUCTURES = [
    structure(each)
    for each in (
        "identity", "top_k", "rand_k", *ALL, "scaled_sign", ("sign_comp", "rand_k"), ("sign_comp", "top_k"), COMPOSED,
        ("compose", "stochastic_levels", "rand_k", "whole"), ("compose", "stochastic_rotated", "top_k", "kept"), ("scaled", COMPOSED),
        ("piecewise", "qsgd", "rand_k"),
    )
]  # fmt: skip
SIZES = (Sizes(4, 2, 2, 1), Sizes(4, 2, 3, 2, levels=True), Sizes(4, 4, 1, 3))

EXCESS = at_most(error_sq, beta * x_sq)
LEMMA_1 = at_most(error_sq, (1 - (1 - beta) * k / d) * x_sq)
LEMMA_2 = at_most(error_sq, (1 - k / (d * (1 + beta))) * x_sq)
QUANTISER = (given.unbiased, given.excess, given.keeps_k)
BELOW_ONE = (*QUANTISER, given.excess_below_one)
KEPT = {"operator": COMPOSED, "quantisers": ALL, "sparsifiers": BOTH}
SIGNS = {"operator": (("sign_comp", "top_k"), ("sign_comp", "rand_k"))}


def reading(relation: Relation, hypotheses: tuple = (), **setting: object) -> Reading:
    return Reading("as printed", relation, hypotheses, arena="operator", setting=setting)


FALSE = {
    "QSGD with s levels": reading(EXCESS, operator="qsgd", levels=True),
    "QSGD with 2 levels at d = 16": reading(EXCESS, operator="qsgd", levels=True, d=16, s=2),
    "stochastic levels, 2 of them, at d = 4": reading(EXCESS, operator="stochastic_levels", levels=True, d=4, s=2),
    "rotated, 2 levels, at d = 16": reading(EXCESS, operator="stochastic_rotated", levels=True, d=16, s=2),
    "Lemma 1 with levels on R^d": reading(LEMMA_1, BELOW_ONE, operator=COMPOSED, quantisers=("stochastic_levels",), acts_on="whole"),
    "Lemma 2 with levels on R^d": reading(LEMMA_2, QUANTISER, operator=("scaled", ("compose", "stochastic_levels", "rand_k", "whole"))),
    "a gain at beta = 1": reading(Relation(error_sq, "<", x_sq), (given.excess_at_most_one,), operator="qsgd", beta="tight"),
    "Lemma 3, its budget, for Rand_k": reading(at_most(error_sq, error_budget), (given.keeps_k,), operator=("sign_comp", "rand_k"), m=1),
    "Lemma 13, what suffices, at m = 1": reading(at_least(kept_l1_sq, k / d * x_l1_sq), (given.keeps_k,), operator="rand_k"),
    "a planted error: Top_k with twice its share": reading(at_most(error_sq, (1 - 2 * k / d) * x_sq), (given.keeps_k,), operator="top_k"),
}  # fmt: skip
TRUE = {
    "QSGD with s intervals": reading(EXCESS, operator="qsgd"),
    "stochastic levels with s intervals": reading(EXCESS, operator="stochastic_levels"),
    "rotated with s intervals": reading(EXCESS, operator="stochastic_rotated"),
    "QSGD, a quarter of the printed": reading(at_most(error_sq, d / (4 * s**2) * x_sq), operator="qsgd"),
    "Lemma 1 on the kept entries": reading(LEMMA_1, BELOW_ONE, **KEPT),
    "Lemma 1 on the kept entries, levels": reading(LEMMA_1, BELOW_ONE, **KEPT, levels=True),
    "Lemma 2 on the kept entries": reading(LEMMA_2, QUANTISER, **KEPT | {"operator": ("scaled", COMPOSED)}),
    "a gain below beta = 1": reading(Relation(error_sq, "<", x_sq), (given.excess_below_one,), operator="qsgd", beta="tight"),
    "Lemma 3, its budget, for Top_k": reading(at_most(error_sq, error_budget), (given.keeps_k,), operator=("sign_comp", "top_k"), m=1),
    "Lemma 3, the constant 1/d": reading(at_most(error_sq, (1 - 1 / d) * x_sq), (given.keeps_k,), **SIGNS, m=1),
    "Lemma 3, m at least 2": reading(at_most(error_sq, (1 - k ** (2 / m - 1) / d) * x_sq), (given.keeps_k,), **SIGNS, m=(2, 3, 5)),
    "(B.5)": reading(at_least(kept_l1_sq, sp.Max(k / d * x_sq, k**2 / d**2 * x_l1_sq)), (given.keeps_k,)),
    "(B.6)": reading(at_least(kept_sq, k / d * x_sq), (given.keeps_k,)),
    "(B.7)": reading(at_most(error_sq, x_sq - kept_lm_sq / k), (given.keeps_k,), **SIGNS),
    "QSGD is unbiased": reading(equals(bias_sq, 0), operator="qsgd"),
}


@pytest.mark.parametrize("parts", STRUCTURES, ids=str)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_closed_forms_are_the_moments_of_the_reference(parts, sizes):
    x = vectors(Case(parts, sizes), np.random.default_rng(0), 4)
    mean, second = first_two(parts, sizes, x)
    for row, y in enumerate(x):
        deed = moments(build(reference_operators.OPERATORS, parts, sizes), y)
        # Sums over at most 16 sign patterns and 6 selections of terms of the size of ||x||^2 <= 4 and up to (1 + beta) times it.
        np.testing.assert_allclose(mean[row], deed.mean, atol=1e-13)
        np.testing.assert_allclose(second[row], deed.second_moment, atol=1e-13)


@pytest.mark.parametrize("parts", STRUCTURES, ids=str)
def test_exact_moments_enclose_the_floats(parts):
    sizes = Sizes(4, 2, 3, 2)
    x = np.round(np.random.default_rng(1).standard_normal((5, 4)), 2)
    exact = np.array([[Fraction(str(entry)) for entry in row] for row in x], dtype=object)
    for name, values in measure(Case(parts, sizes), exact).items():
        for value, near in zip(values, measure(Case(parts, sizes), x)[name], strict=True):
            low, high = bounds(value)
            assert float(low) - 1e-12 <= near <= float(high) + 1e-12, name


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_broken_by_an_exact_witness(name):
    found = OPERATORS.attack(FALSE[name], QUICK, 0)
    assert found.outcome == "broken", found.evidence
    replay = OPERATORS.replay(FALSE[name], json.loads(json.dumps(found.witness)))
    assert replay.broken
    assert replay.valid


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_not_broken(name):
    found = OPERATORS.attack(TRUE[name], QUICK, 0)
    assert found.outcome == "not broken", found.evidence
    assert found.ratio is not None
    assert 0 < found.ratio <= 1


def test_the_search_attains_the_tight_constant_of_stochastic_levels():
    claimed = at_most(error_sq, sp.Max(d - 2, 0) / (2 * s**2) * x_sq)
    found = OPERATORS.attack(reading(claimed, operator="stochastic_levels"), QUICK, 3)
    assert found.ratio == pytest.approx(1, abs=1e-6)


def test_the_same_seed_finds_the_same_witness():
    stated = FALSE["Lemma 1 with levels on R^d"]
    assert OPERATORS.attack(stated, QUICK, 5) == OPERATORS.attack(stated, QUICK, 5)


def test_a_quantiser_beyond_its_granted_excess_is_no_counterexample():
    stated = reading(LEMMA_1, QUANTISER, operator=COMPOSED, levels=True)
    instance = {"operator": ["compose", ["qsgd"], ["top_k"], "kept"], "d": 16, "k": 16, "s": 2, "m": 1, "levels": True, "x": ["1"] * 16}
    beyond = OPERATORS.replay(stated, instance)  # excess sqrt(16) - 1 = 3, granted min(16/4, 4/2) = 2
    assert beyond.violated
    assert beyond.hypotheses["unbiased"][0]
    assert not beyond.hypotheses["excess"][0]
    assert not beyond.broken


def test_a_hypothesis_that_cannot_be_judged_counts_as_not_met():
    stated = reading(EXCESS, (given.smooth,), operator="qsgd", levels=True)
    assert OPERATORS.attack(stated, QUICK, 0).outcome == "not broken"


def test_a_wrong_closed_form_is_caught_by_the_reference(monkeypatch):
    monkeypatch.setattr(arena, "rounding_variance", lambda quantiser, intervals, y: (y**2).sum(-1))
    instance = {"operator": ["stochastic_levels"], "d": 2, "k": 2, "s": 1, "m": 1, "levels": False, "x": ["1", "1/2"]}
    with pytest.raises(ArithmeticError, match="the reference gives"):
        OPERATORS.replay(reading(EXCESS, operator="stochastic_levels"), instance)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": ["1"]}, "x must have d = 2 entries, got 1"),
        ({"operator": ["top_q"]}, "an operator must be one of .*, got 'top_q'"),
        ({"d": None}, "needs operator, d, k, s, m, levels and x"),
    ],
)
def test_what_is_no_instance_is_refused(change, message):
    instance = {"operator": ["qsgd"], "d": 2, "k": 2, "s": 1, "m": 1, "levels": False, "x": ["1", "1/2"], **change}
    with pytest.raises(ValueError, match=message):
        OPERATORS.replay(reading(EXCESS, operator="qsgd"), {name: value for name, value in instance.items() if value is not None})


def test_every_operator_of_both_registries_has_a_structure():
    assert set(arena.PARTS) == set(reference_operators.OPERATORS) == set(gpu_operators.OPERATORS)
    for parts in STRUCTURES:
        for room in (reference_operators.OPERATORS, gpu_operators.OPERATORS):
            assert build(room, parts, Sizes(4, 2, 2, 2)).name == parts[0]


def test_the_edges_are_among_the_vectors():
    x = vectors(Case(("stochastic_levels",), Sizes(4, s=1)), np.random.default_rng(0), 0).tolist()
    for edge in ([1, 0, 0, 0], [1, 1, 1, 1], [1, -1, 0, 0], [1, 0, 0.5, 0.5]):
        assert edge in x
