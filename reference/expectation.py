"""Exact means and second moments of finite randomness: rational for Fractions, to round-off for floats; nothing is sampled."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, islice, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import is_exact, vectors
from reference.operators import Branch, Operator

LIMIT = 1 << 18  # outcomes enumerated before giving up


class Moments(NamedTuple):
    """Of a random vector Y near a target y: E Y [d] in X, E||Y||^2 and E||Y - y||^2 in X^2."""

    mean: np.ndarray
    second_moment: Any
    error: Any


def moments(operator: Operator, x: ArrayLike, limit: int = LIMIT) -> Moments:
    """E C(x), E||C(x)||^2 and E||x - C(x)||^2 of one vector x [d].

    Where rounding is independent over coordinates, it is summed coordinate by coordinate, and only shared randomness (which k entries) is
    enumerated; otherwise every outcome is.
    Raises: ValueError for more than `limit` outcomes.
    """
    x = vectors("x", x)
    outcomes = (_of_branch(operator, x, branch) for branch in operator.branches(x)) if operator.separable else _of_events(operator, x)
    return _total(outcomes, limit, f"{operator} at d = {x.size}")


def minibatch_events(n: int, batch: int, replacement: bool, exact: bool = False) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """All mini-batches of `batch` out of n samples as (probability, indices): ordered with replacement, sets without."""
    if n < 1 or batch < 1 or (not replacement and batch > n):
        raise ValueError(f"batch must be between 1 and n = {n} (without replacement), got {batch}")
    count = n**batch if replacement else math.comb(n, batch)
    probability = Fraction(1, count) if exact else 1 / count
    draws = product(range(n), repeat=batch) if replacement else combinations(range(n), batch)
    return ((probability, indices) for indices in draws)


def minibatch_moments(gradients: ArrayLike, batch: int, replacement: bool, limit: int = LIMIT) -> Moments:
    """Moments of the mean of a mini-batch of rows of gradients [n, d]; `error` is its variance, E||mean - full mean||^2.

    Raises: ValueError for more than `limit` mini-batches.
    """
    g = vectors("gradients", gradients)
    full = g.sum(axis=0) / len(g)
    outcomes = (
        _weighted(probability, g[list(indices)].sum(axis=0) / batch, full)
        for probability, indices in minibatch_events(len(g), batch, replacement, is_exact(g))
    )
    return _total(outcomes, limit, f"batch = {batch} of n = {len(g)}")


def _weighted(probability: Any, y: np.ndarray, target: np.ndarray) -> Moments:
    return Moments(probability * y, probability * (y**2).sum(), probability * ((y - target) ** 2).sum())


def _of_events(operator: Operator, x: np.ndarray) -> Iterator[Moments]:
    return (_weighted(p, operator(x, u if operator.draws else None), x) for p, u in operator.events(x))


def _of_branch(operator: Operator, x: np.ndarray, branch: Branch) -> Moments:
    """The share of a branch whose coordinates are independent two-point variables."""
    down, up = (operator(x, u if operator.draws else None) for u in (branch.down, branch.up))
    p, chance = branch.probability, branch.chance
    return Moments(
        p * ((1 - chance) * down + chance * up),
        p * ((1 - chance) * down**2 + chance * up**2).sum(),
        p * ((1 - chance) * (x - down) ** 2 + chance * (x - up) ** 2).sum(),
    )


def _total(outcomes: Iterator[Moments], limit: int, what: str) -> Moments:
    parts = list(islice(outcomes, limit + 1))
    if len(parts) > limit:
        raise ValueError(f"{what} must have at most {limit} outcomes to be enumerated, got more")
    return Moments(*(sum(values[1:], start=values[0]) for values in zip(*parts, strict=True)))
