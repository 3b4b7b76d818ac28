"""Step sizes as functions of the iteration, and synchronisation sets (Qsparse-local-SGD, sections 3.1, 3.4, 5.3.1; Definition 8).

A step size maps an array of iterations t = 0, 1, ... to an array of eta, in X^2/F. Given Fractions it answers in Fractions.
A synchronisation set is an increasing tuple of indices in 1..T: the worker synchronises in iteration t where t + 1 is in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import count, exact_root, rationals

StepSize = Callable[[ArrayLike], np.ndarray]
Number = Any  # a float, or a Fraction


def fixed(eta: Number) -> StepSize:
    """eta, always."""
    _check_positive("eta", eta)
    return lambda t: np.full(np.shape(t), eta)


def decaying(step_scale: Number, a: Number) -> StepSize:
    """xi / (a + t)."""
    _check_positive("step_scale", step_scale)
    _check_positive("a", a)
    return lambda t: step_scale / (a + _times(t, step_scale))


def horizon_scaled(c: Number, T: int) -> StepSize:
    """c / sqrt(T), the same for all t.

    Raises: ValueError if c is a Fraction and sqrt(T) is irrational.
    """
    _check_positive("c", c)
    count("T", T)
    return fixed(c / exact_root(T, 2) if isinstance(c, Fraction) else c / math.sqrt(T))


def warm_up_then_decay(eta: Number, warm_up: int, milestones: Sequence[int], factor: Number) -> StepSize:
    """Linear from eta / warm_up up to eta in the first `warm_up` iterations, then eta times `factor` for each milestone passed.

    Section 5.3.1 warms up for 5 epochs and takes factor 0.1 at epochs 30, 60 and 80; here all are counted in iterations.
    """
    _check_positive("eta", eta)
    _check_positive("factor", factor)
    if warm_up < 0 or any(b <= a for a, b in pairwise([warm_up, *milestones])):
        raise ValueError(f"milestones must increase from warm_up >= 0, got warm_up {warm_up} and milestones {list(milestones)}")

    def step_size(t: ArrayLike) -> np.ndarray:
        t = _times(t, eta)
        passed = np.searchsorted(np.asarray(milestones, dtype=float), t.astype(float), side="right")
        return eta * np.where(t < warm_up, (t + 1) / max(warm_up, 1), np.asarray(factor) ** passed)

    return step_size


def every(H: int, T: int) -> tuple[int, ...]:
    """H, 2H, ... and T."""
    count("H", H)
    count("T", T)
    return (*range(H, T, H), T)


def irregular(H: int, T: int, uniforms: ArrayLike) -> tuple[int, ...]:
    """A set that contains T, with each stretch, the first from 0, uniform on 1..H; `uniforms` [T] in [0, 1), one a stretch."""
    count("H", H)
    count("T", T)
    u = np.asarray(uniforms)
    if u.shape != (T,) or not ((u >= 0) & (u < 1)).all():
        raise ValueError(f"uniforms must have shape ({T},) and lie in [0, 1), got shape {u.shape}")
    indices = np.cumsum(1 + np.floor(u * H).astype(int))
    return (*indices[indices < T].tolist(), T)


def gap(indices: Iterable[int]) -> int:
    """Largest difference of consecutive indices, as Definition 8 has it: the stretch from 0 to the first does not count (0 for one)."""
    return max((b - a for a, b in pairwise(sorted(indices))), default=0)


def gap_from_zero(indices: Iterable[int]) -> int:
    """Largest number of iterations without synchronisation, the first stretch included: what the proofs use as H."""
    return gap([0, *indices])


def check_synchronisation(indices: Iterable[int], T: int, H: int | None = None) -> tuple[int, ...]:
    """The indices in increasing order.

    Raises: ValueError if there are none, T is not among them, one lies outside 1..T, or (H given) H < 1 or a stretch is longer than H.
    """
    count("T", T)
    ordered = tuple(sorted(set(indices)))
    if not ordered:
        raise ValueError(f"synchronisation set must contain T = {T}, got an empty set")
    outside = [i for i in ordered if not 1 <= i <= T]
    if outside:
        raise ValueError(f"synchronisation set must lie in 1..T = {T}, got {outside[0]}")
    if ordered[-1] != T:
        raise ValueError(f"synchronisation set must contain T = {T}, got {ordered[-1]} as its last index")
    if H is not None:
        count("H", H)
        if gap_from_zero(ordered) > H:
            raise ValueError(f"synchronisation set must have stretches of at most H = {H}, got {gap_from_zero(ordered)}")
    return ordered


def synchronises(indices: Iterable[int], T: int) -> np.ndarray:
    """Mask [T]: whether iteration t = 0..T-1 ends with a synchronisation, that is, whether t + 1 is in the (checked) set."""
    return np.isin(np.arange(1, T + 1), check_synchronisation(indices, T))


def _times(t: ArrayLike, like: Any) -> np.ndarray:
    """t as Fractions beside a Fraction, else as floats."""
    return rationals(t) if isinstance(like, Fraction) else np.asarray(t, dtype=float)


def _check_positive(name: str, value: Number) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be positive and finite, got {value}")
