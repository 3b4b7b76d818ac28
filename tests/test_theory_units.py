from fractions import Fraction

import pytest
from sympy import Function, IndexedBase, Max, Piecewise, Rational, Sum, Symbol, exp, log, oo, sqrt, symbols

from theory.claim import Relation
from theory.units import ANY, ONE, B, F, Inhomogeneous, X, homogeneous, rescale, unit, unit_of

eta, L, mu, G, C, gamma, H, a, T, S, dist, noise, C_hat, gap = symbols("eta L mu G C gamma H a T S dist noise C_hat gap", positive=True)
UNITS = {eta: X**2 / F, L: F / X**2, mu: F / X**2, G: F / X, dist: X**2, noise: F**2 / X**2, C_hat: X**2 / F, gap: F}
UNITS |= dict.fromkeys((C, gamma, H, a, T, S), ONE)


def theorem_2(second: object) -> Relation:
    """Qsparse-local-SGD, Theorem 2, with the second term of B as given."""
    b = 4 * ((3 * mu / 2 + 3 * L) * C * G**2 * H**2 / gamma**2 + second * G**2 * H**2)
    return Relation(gap, "<=", L * a**3 / (4 * S) * dist + 8 * L * T * (T + 2 * a) / (mu**2 * S) * noise + 128 * L * T / (mu**3 * S) * b)


@pytest.mark.parametrize("text", ["1", "X", "F/X^2", "F^2/X^2", "1/X^2", "F^(1/2)", "B", "F*X/(B^2*X^3)", "1/(F*X)"])
def test_a_unit_is_read_as_it_is_written(text):
    assert unit(str(unit(text))) == unit(text)


def test_the_unit_of_a_quotient_divides_by_all_that_follows_the_slash():
    assert unit("F^2/(B*X^3)") == F**2 / B / X**3
    assert unit("F^(1/2)") == F ** Fraction(1, 2)


@pytest.mark.parametrize("text", ["", "m/s", "X^", "F//X", "2*X"])
def test_a_text_that_is_no_unit_is_refused(text):
    with pytest.raises(ValueError, match="a unit is a product"):
        unit(text)


def test_lemma_5_is_homogeneous():
    bound = 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2
    assert unit_of(Relation(dist, "<=", bound), UNITS) == X**2
    assert not homogeneous(Relation(dist, "<=", bound * eta), UNITS).holds


def test_theorem_1_is_homogeneous():
    bound = (gap / C_hat + C_hat * L * noise) * 4 / sqrt(T) + 8 * (4 * (1 - gamma**2) / gamma**2 + 1) * C_hat**2 * L**2 * G**2 * H**2 / T
    assert unit_of(bound, UNITS) == F**2 / X**2
    assert not homogeneous(bound.subs(L**2, L), UNITS).holds


def test_theorem_2_as_printed_mixes_units_and_with_one_L_less_it_does_not():
    printed = homogeneous(theorem_2(3 * L**2), UNITS)
    assert not printed.holds
    assert "L**2 is F^4/X^6" in printed.evidence
    assert "F^3/X^4" in printed.evidence
    assert homogeneous(theorem_2(3 * L), UNITS) == (True, "every term is F")


def test_a_norm_that_lost_its_square_is_flagged():  # Qsparse-local-SGD, (C.29)
    norm = Symbol("norm", positive=True)
    units = UNITS | {norm: X}
    assert not homogeneous(2 * L**2 * norm + 2 * noise, units).holds
    assert homogeneous(2 * L**2 * norm**2 + 2 * noise, units).holds


def test_zero_and_infinity_agree_with_every_unit():
    assert unit_of(Relation(dist, ">=", 0 * G), UNITS) == X**2
    assert unit_of(Relation(G, "<", oo), UNITS) == F / X
    assert unit_of(0 * G, UNITS) is ANY


def test_a_number_is_dimensionless():
    assert unit_of(Rational(3, 2), UNITS) == ONE
    with pytest.raises(Inhomogeneous):
        unit_of(L + 1, UNITS)


@pytest.mark.parametrize(
    "expr", [log(L), exp(G), 2**eta, Max(L, G), Piecewise((L, H > 1), (G, True)), Piecewise((L, G > L), (mu, True)), L**H]
)
def test_functions_exponents_and_branches_must_agree(expr):
    with pytest.raises(Inhomogeneous):
        unit_of(expr, UNITS)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (log(L / mu), ONE),
        (2 ** (L * eta), ONE),
        (Max(L, 3 * mu, 0), F / X**2),
        (Piecewise((L, H > 1), (mu, True)), F / X**2),
        (sqrt(gap), F ** Fraction(1, 2)),
        (Sum(G**2 * (a + Symbol("t")) ** 2, (Symbol("t"), 0, T - 1)), F**2 / X**2),
    ],
)
def test_units_pass_through_functions_sums_and_branches(expr, expected):
    assert unit_of(expr, UNITS) == expected


def test_a_measured_quantity_has_its_unit_at_every_index():
    t, r = symbols("t r", integer=True)
    memory, sigma = Function("memory"), IndexedBase("sigma")
    units = {memory(t): X**2, sigma.label: F / X, t: ONE, r: ONE, T: ONE}
    assert unit_of(memory(t + 1), units) == X**2
    assert unit_of(Sum(sigma[r] ** 2, (r, 1, T)), units) == F**2 / X**2


def test_a_letter_without_a_unit_is_named():
    with pytest.raises(ValueError, match="zeta has no unit"):
        unit_of(Symbol("zeta") + 1, UNITS)


def test_rescaling_the_problem_multiplies_a_homogeneous_bound_by_its_unit():
    factors = rescale(UNITS, x=Rational(1, 3), f=7)
    bound = theorem_2(3 * L).rhs
    scaled = bound.subs({letter: letter * factor for letter, factor in factors.items()}, simultaneous=True)
    assert (scaled - 7 * bound).expand() == 0
    assert factors[L] == 7 * 9
    assert factors[H] == 1
