"""Reasons for signs: found where there are some, shown without a solver, and not found for what is false."""

import pytest
import sympy as sp

from theory.signs import Factor, Reason, find, shows
from theory.symbols import G, H, L, R, T, U, a, d, gamma, k, momentum, mu, start_distance_sq, t

FOUND = [
    (1 - sp.sqrt(1 - k / d), "positive", (k <= d,)),  # k is d (1 - r^2), and r + 1 is positive
    (G**2 + sp.sqrt(2) * G * sp.sqrt(G**2 * momentum**2 / (momentum**2 - 2 * momentum + 1) + U**2), "nonnegative", (momentum < 1,)),
    (sp.expand(sp.Rational(9, 25) * (a + t) ** 2 - 2 * (a + t) + 1), "nonnegative", (a >= 16 * L / mu, mu <= L)),  # times mu or L
    (
        G**2 * L * H**2 * T * R - 4 * L * a**2 * mu**2 * start_distance_sq + a**3 * mu**3 * start_distance_sq,
        "nonnegative",
        (a > 4 * L / mu,),
    ),
    (6 - d, "nonnegative", (d < 7,)),  # whole numbers
    (H**2 / 2 - 3 * H / 2 + 1, "nonnegative", ()),
    (a - (a + H) * sp.sqrt(1 - gamma), "positive", (gamma <= 1, a * gamma > 4 * H)),  # times 1 + sqrt(1 - gamma)
    (2 * t + 1 - 2 * sp.sqrt(t) * sp.sqrt(t + 1), "nonnegative", ()),  # (sqrt(t + 1) - sqrt(t))^2
    (2 * t ** sp.Rational(3, 2) - 2 * t * sp.sqrt(t + 1) + sp.sqrt(t + 1), "nonnegative", ()),
]
FALSE = [
    (5 - d, "nonnegative", (d < 7,)),
    (H**2 / 2 - 3 * H / 2 + sp.Rational(9, 10), "nonnegative", ()),
    (a - (a + H) * sp.sqrt(1 - gamma), "positive", (gamma <= 1, a * gamma > H)),
    (1 - sp.sqrt(1 - k / d) - sp.Rational(1, 1000), "positive", (k <= d,)),
    (sp.expand(sp.Rational(9, 25) * (a + t) ** 2 - 2 * (a + t) + 1), "nonnegative", (a >= 2 * L / mu, mu <= L)),
    (a**3 * mu**3 - 4 * L * a**2 * mu**2, "nonnegative", (a > 3 * L / mu,)),
    (2 * t + 1 - 2 * sp.sqrt(t) * sp.sqrt(t + 1) - sp.Rational(1, 1000), "nonnegative", ()),
    (sp.sqrt(2) * G - 2 * G, "nonnegative", ()),
]


@pytest.mark.parametrize(("expression", "kind", "given"), FOUND)
def test_a_reason_is_found_and_shows_the_sign(expression, kind, given):
    reasons = find(expression, kind, given)
    assert reasons is not None
    assert shows(reasons, expression, kind, given)
    assert not shows(reasons, -expression, kind, given)


@pytest.mark.parametrize(("expression", "kind", "given"), FALSE)
def test_no_reason_is_found_for_what_is_false(expression, kind, given):
    assert find(expression, kind, given) is None


def test_a_reason_does_not_show_what_it_needs_another_condition_for():
    expression = a**3 * mu**3 - 4 * L * a**2 * mu**2
    reasons = find(expression, "nonnegative", (a > 4 * L / mu,))
    assert reasons is not None
    assert not shows(reasons, expression, "nonnegative", ())
    assert not shows(reasons, expression, "nonnegative", (a > 3 * L / mu,))


def test_a_multiplier_must_be_positive_itself():
    """(gamma - 1) is no factor to multiply with: dividing by it would turn the sign."""
    planted = Reason(sp.S.One, (Factor(a * (gamma - 1), 1, 1, ((sp.S.One, (a, gamma - 1)),)), Factor(gamma - 1, -1, 1, ())))
    assert not shows((planted,), -a, "nonnegative", (gamma >= 1,))
    assert not shows((planted,), a, "nonnegative", (gamma >= 1,))
