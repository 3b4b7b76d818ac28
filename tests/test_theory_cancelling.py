"""The fast way to lowest terms gives what sympy gives."""

import pytest
import sympy as sp

from theory.cancelling import cancel

x, y = sp.symbols("x y", positive=True)
z, H = sp.Symbol("z", real=True), sp.Symbol("H", integer=True)


@pytest.mark.parametrize(
    "expression",
    [
        (x**2 - y**2) / (x - y) - x - y,
        (x / y + y / x) / (1 + z) ** 2 - 1 / (x * y),
        sp.Rational(2, 3) * x / (x + sp.Rational(1, 2)) + sp.Rational(5, 7) / z,
        (H - 1) * (x + z) ** 3 / (x**2 * H - x**2) + x**-3,
        (sp.Rational(3, 4) * x**2 - sp.Rational(3, 4)) / (x + 1),
        sp.sqrt(x) * (x - y) / (x**2 - y**2),
        (x * z + x) ** 2 / sp.sqrt(x * z + x),
        2**H * x / (2**H * y),
        sp.Integer(6) / 4,
        sp.Integer(0),
        sp.Max(x * (1 + z), y) / (x**2 + x),
        0.5 * x / (x + x * y),
        (sp.sqrt(2) * x * y + x**2) / (x * z),
        sp.pi * (x**2 - 1) / (x + 1),
    ],
)
def test_the_same_lowest_terms_as_sympy(expression: sp.Expr) -> None:
    assert cancel(expression) == sp.cancel(expression)


def test_letters_of_one_name_stay_apart() -> None:
    one, other = sp.Dummy("extremum", real=True), sp.Dummy("extremum", real=True)
    assert cancel((one**2 - other**2) / (one + other)) == one - other
