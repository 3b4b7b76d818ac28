"""The contraction calculus against the lemmas it composes, and against exact moments computed here from the definitions."""

from fractions import Fraction
from itertools import combinations, product

import pytest
import sympy as sp

from theory.calculus import (
    OPERATORS,
    bits,
    build,
    coefficient,
    compose,
    identity,
    piecewise,
    qsgd,
    rand_k,
    scaled,
    scaled_sign,
    sign,
    sign_comp,
    stochastic_levels,
    stochastic_rotated,
    top_k,
)
from theory.decide import decide
from theory.symbols import d, k, m, s

QSGD_AT_K = sp.Min(k / s**2, sp.sqrt(k) / s)
QUANTISERS = {
    "qsgd": (qsgd, QSGD_AT_K),
    "stochastic_levels": (stochastic_levels, k / (2 * s**2)),
    "stochastic_rotated": (stochastic_rotated, 2 * sp.log(2 * k, 2) / s**2),
}


def same(one, other):
    return sp.simplify(one - other) == 0


@pytest.mark.parametrize("sparsifier", [top_k, rand_k])
def test_a_sparsifier_contracts_with_the_share_it_keeps(sparsifier):
    found = coefficient(sparsifier())
    assert same(found.gamma, k / d)
    assert found.conditions == ()


@pytest.mark.parametrize("sparsifier", [top_k, rand_k])
@pytest.mark.parametrize("quantiser", QUANTISERS)
def test_a_quantiser_behind_a_sparsifier_gives_lemma_1(quantiser, sparsifier):
    make, beta = QUANTISERS[quantiser]
    found = coefficient(compose(make(), sparsifier()))
    assert same(found.gamma, (1 - beta) * k / d)
    assert found.conditions == (beta < 1,)
    assert found.why.endswith("/lemma-1")


@pytest.mark.parametrize("quantiser", QUANTISERS)
def test_a_scaled_quantiser_behind_a_sparsifier_gives_lemma_2_in_every_regime(quantiser):
    make, beta = QUANTISERS[quantiser]
    found = coefficient(scaled(compose(make(), top_k())))
    assert same(found.gamma, k / (d * (1 + beta)))
    assert found.conditions == ()
    assert found.why.endswith("/lemma-2")


def test_a_quantiser_alone_contracts_with_one_minus_beta_only_below_one():
    found = coefficient(stochastic_levels())
    assert same(found.gamma, 1 - d / (2 * s**2))
    assert found.conditions == (d / (2 * s**2) < 1,)
    assert same(coefficient(scaled(stochastic_levels())).gamma, 1 / (1 + d / (2 * s**2)))


def test_a_composition_of_unbiased_maps_multiplies_second_moments():
    one, other = d / (2 * s**2), sp.Min(d / s**2, sp.sqrt(d) / s)
    found = coefficient(compose(stochastic_levels(), qsgd()))
    assert same(found.gamma, 2 - (1 + one) * (1 + other))


@pytest.mark.parametrize("order", [1, 2, 3, 4, 7])
def test_signs_follow_lemma_3_for_every_order_of_the_norm(order):
    expected = 1 / d if order == 1 else k ** (sp.Rational(2, order) - 1) / d
    assert same(coefficient(sign_comp(top_k(), order)).gamma, expected)
    assert same(coefficient(sign_comp(rand_k())).gamma.subs(m, order), expected)


def test_pieces_have_the_smallest_coefficient_and_the_sum_of_the_bits():
    whole = piecewise([top_k(2), scaled_sign(), compose(qsgd(4), rand_k(3))], [4, 5, 7])
    found = coefficient(whole, 16)
    assert found.gamma == min(Fraction(2, 4), Fraction(1, 5), (1 - Fraction(3, 16)) * Fraction(3, 7))
    assert bits(whole, 16) == 2 * (2 + 32) + (5 + 32) + (3 * (3 + 1) + 32)


@pytest.mark.parametrize(
    "operator",
    [
        sign(),
        compose(sign(), top_k()),
        compose(stochastic_levels(), top_k(), "whole"),
        compose(stochastic_rotated(), rand_k(), "whole"),
        compose(top_k(), qsgd()),
        compose(scaled(rand_k(), d / k), qsgd()),
        scaled(sign_comp(top_k()), 2),
        scaled(top_k(), 2),
    ],
    ids=str,
)
def test_what_no_rule_covers_is_unknown_and_says_why(operator):
    found = coefficient(operator)
    assert not found.known
    assert found.why


def test_an_unknown_piece_makes_the_whole_unknown():
    assert not coefficient(piecewise([top_k(1), sign()], [2, 2]), 4).known


def test_a_quantiser_that_keeps_zeros_may_act_on_the_whole_vector():
    assert coefficient(compose(qsgd(), top_k(), "whole")) == coefficient(compose(qsgd(), top_k(), "kept"))


def test_every_known_coefficient_lies_in_the_unit_interval():
    letters = [k <= d]
    for operator in (
        top_k(),
        compose(stochastic_levels(), rand_k()),
        scaled(compose(qsgd(), top_k())),
        sign_comp(top_k(), 2),
        scaled_sign(),
    ):
        found = coefficient(operator)
        here = [*letters, *found.conditions]
        assert decide(found.gamma > 0, here).outcome == "proved", operator
        assert decide(found.gamma <= 1, here).outcome == "proved", operator


def test_the_rule_for_scales_is_exact_where_the_excess_is_attained():
    # One interval between -1 and 1: a zero becomes either end, so that the excess of (1, -1, 0, 0) is 2 / 2 = d / (2 s^2) - 2 / (2 s^2).
    # For the unbiased map with that excess e the error of c Q(x) is ||x||^2 (1 - 2 c + c^2 (1 + e)), here by enumeration.
    x = [Fraction(1), Fraction(-1), Fraction(0), Fraction(0)]
    c = Fraction(1, 3)
    errors = []
    for ends in product((-1, 1), repeat=2):
        image = [x[0], x[1], *map(Fraction, ends)]
        errors.append(sum((p - c * q) ** 2 for p, q in zip(x, image, strict=True)))
    size, excess = sum(p * p for p in x), Fraction(1)
    assert sum(errors) / len(errors) == size * (1 - 2 * c + c**2 * (1 + excess))
    rule = coefficient(scaled(stochastic_levels(1), sp.Rational(1, 3)), 4)
    printed = sp.Rational(4, 2)
    assert rule.gamma == sp.Rational(2, 3) - sp.Rational(1, 9) * (1 + printed)


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_the_share_of_rand_k_is_attained_by_enumeration(kept):
    x = [Fraction(3), Fraction(-1), Fraction(2)]
    size = sum(p * p for p in x)
    outcomes = list(combinations(range(3), kept))
    error = sum(sum(x[i] ** 2 for i in range(3) if i not in chosen) for chosen in outcomes) / Fraction(len(outcomes))
    assert error == (1 - Fraction(str(coefficient(rand_k(kept), 3).gamma))) * size


@pytest.mark.parametrize(
    ("operator", "n", "needed", "printed"),
    [
        (identity(), 10, 320, 320),
        (top_k(40), 7850, (13 + 32) * 40, (13 + 32) * 40),
        (sign_comp(top_k(40), 1), 7850, (13 + 1) * 40 + 32, (13 + 1) * 40 + 32),
        (sign_comp(rand_k(40), 1), 7850, 40 + 32, 40 + 32),
        (scaled_sign(), 7850, 7850 + 32, 7850 + 32),
        (compose(qsgd(7), top_k(9)), 16, (4 + 3 + 1) * 9 + 32, (4 + 3 + 1) * 9 + 32),
        (compose(stochastic_levels(7), top_k(9)), 16, (4 + 3) * 9 + 64, (4 + 3) * 9 + 32),
        (compose(stochastic_rotated(7), top_k(8)), 16, (4 + 3) * 8 + 64, (4 + 3) * 8 + 32),
    ],
    ids=str,
)
def test_bits_are_counted_as_section_5_1_does_but_for_a_second_scalar(operator, n, needed, printed):
    assert bits(operator, n) == needed
    assert bits(operator, n, as_printed=True) == printed


def test_a_structure_builds_the_operator_it_names():
    named = build(("scaled", ("compose", ("qsgd",), ("rand_k",), "kept")))
    assert coefficient(named) == coefficient(scaled(compose(qsgd(), rand_k())))
    assert set(OPERATORS) >= {"identity", "top_k", "rand_k", "qsgd", "sign_comp", "compose", "scaled", "piecewise"}


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (lambda: coefficient(top_k(5), 4), "k must be between 1 and n = 4, got 5"),
        (lambda: coefficient(rand_k(0), 4), "k must be between 1 and n = 4, got 0"),
        (lambda: compose(qsgd(), top_k(), "part"), "acts_on must be"),
        (lambda: piecewise([top_k()], [2, 3]), "operators and dims must be equally many"),
        (lambda: coefficient(piecewise([top_k(1)], [2]), 3), "dims must sum to n = 3, got 2"),
        (lambda: coefficient(sign_comp(qsgd(), 1)), "comp must select coordinates"),
        (lambda: build(("round",)), "operator must be one of"),
    ],
)
def test_bad_input_is_named(attempt, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        attempt()
