"""Exact rational arithmetic on object arrays of `fractions.Fraction`: counterexamples are replayed in it, without a rounding anywhere."""

from __future__ import annotations

from fractions import Fraction
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

_to_fraction = np.frompyfunc(Fraction, 1, 1)


def is_exact(x: np.ndarray) -> bool:
    """Whether `x` holds rationals (dtype object) rather than floats."""
    return x.dtype == object


def rationals(values: ArrayLike) -> np.ndarray:
    """Object array of Fractions, equal to `values` (floats are taken at their exact binary value)."""
    return np.asarray(_to_fraction(np.asarray(values)), dtype=object)


def vectors(name: str, values: ArrayLike) -> np.ndarray:
    """`values` as a finite array [..., d] of floats, or of Fractions where it holds Python numbers as objects.

    Raises: ValueError naming the argument, if it has no axis, is neither float nor rational, or holds NaN or infinity.
    """
    x = np.asarray(values)
    if x.ndim == 0 or x.shape[-1] == 0:
        raise ValueError(f"{name} must have shape [..., d] with d at least 1, got shape {x.shape}")
    if is_exact(x):
        return rationals(x)
    if x.dtype.kind != "f":
        raise ValueError(f"{name} must hold floats or Fractions, got dtype {x.dtype}")
    if not np.isfinite(x).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise ValueError(f"{name} must be finite, got {x[where]} at index {where}")
    return x


def count(name: str, value: Any) -> int:
    """`value` as an int. Raises: ValueError naming the argument, if it is no integer or below 1."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")
    return int(value)


def exact_root(value: Fraction | int, degree: int) -> Fraction:
    """The rational y >= 0 with y**degree == value.

    Raises: ValueError if `value` is negative or its root is irrational.
    """
    value = Fraction(value)
    if value >= 0:
        root = Fraction(_integer_root(value.numerator, degree), _integer_root(value.denominator, degree))
        if root**degree == value:
            return root
    raise ValueError(f"value must have a rational root of degree {degree}, got {value}")


def _integer_root(n: int, degree: int) -> int:
    """Largest integer r with r**degree <= n, by bisection."""
    low, high = 0, 1 << (n.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= n else (low, middle - 1)
    return low
