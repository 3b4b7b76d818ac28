"""Exact rational arithmetic on object arrays of `fractions.Fraction`: counterexamples are replayed in it, without a rounding anywhere."""

from __future__ import annotations

from fractions import Fraction
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def _as_fraction(value: Any) -> Fraction:
    return value if type(value) is Fraction else Fraction(value)  # most are: making one anew takes ten times as long


_to_fraction = np.frompyfunc(_as_fraction, 1, 1)


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


def of_shape(name: str, values: ArrayLike, other: str, wanted: np.ndarray) -> np.ndarray:
    """`vectors` of the shape of `wanted`, which is called `other`. Raises: ValueError also for another shape."""
    found = vectors(name, values)
    if found.shape != wanted.shape:
        raise ValueError(f"{name} must have the shape {wanted.shape} of {other}, got {found.shape}")
    return found


def per_instance(name: str, value: ArrayLike, beside: np.ndarray, axes: int = 2) -> np.ndarray:
    """A number, or one per instance [...], shaped to meet as many further axes; rational beside rationals, else of the same floats.

    Raises: ValueError naming the argument, if it holds NaN, infinity or no numbers.
    """
    given = np.asarray(value)
    if given.dtype.kind not in "iufO":
        raise ValueError(f"{name} must hold numbers, got dtype {given.dtype}")
    numbers = rationals(given) if is_exact(beside) else given.astype(beside.dtype)
    if not is_exact(beside) and not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be finite, got {numbers[~np.isfinite(numbers)].flat[0]}")
    return numbers.reshape((*numbers.shape, *(1,) * axes))


def whether(name: str, value: ArrayLike) -> np.ndarray:
    """One truth value, or one per instance. Raises: ValueError naming the argument, if it holds anything else."""
    given = np.asarray(value)
    if given.dtype != bool:
        raise ValueError(f"{name} must be true or false, got dtype {given.dtype}")
    return given


def mean_over_workers(v: np.ndarray) -> np.ndarray:
    """The mean of v [..., workers, d] over its workers, [..., d]."""
    return v.sum(axis=-2) / (Fraction(v.shape[-2]) if is_exact(v) else v.shape[-2])


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
