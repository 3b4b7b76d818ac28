"""Chains of QSGD too long to list their outcomes: what quantisation adds to the sum, from below and from above, without any chance.

On two coordinates, and vectors that are nowhere negative, a chain after a hop stands at (r / s) (l_1, l_2), r the norm of what was rounded,
l the levels. The noise still to come is bounded below for every pair of levels and every r of a bin, from the last hop to the first: over a
bin all that is rounded lies on a segment, along which norm and direction are monotone, and the mean over the outcomes is bilinear in
the position between the levels, so least at corners. Norms out of all bins count as if nothing were added any more.

Floats, rounded outwards: every number here is nonnegative, so that the errors of a hop, some twenty roundings, are far below `SLACK` of it.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

SLACK = 2.0**-40
"""By what part ends are moved outwards: 8,000 times the error of one rounding."""
_LOWEST = 0.5  # the lowest bin begins at this part of the first vector, and the highest ends at _HIGHEST times the sum
_HIGHEST = 2.0


def error_floor(w: np.ndarray, intervals: int, bins: int) -> float:
    """Below E ||Q(...Q(Q(w^1) + w^2)... + w^M) - (w^1 + ... + w^M)||^2 for w [M, 2], known to one rounding; in X^2.

    Raises: ValueError for other vectors, or where a bin holds more than one change of level.
    """
    if w.ndim != 2 or w.shape[1] != 2 or (w < 0).any() or not w[0].any():
        raise ValueError("a long chain needs vectors of two coordinates, none negative and the first not 0")
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    edges = np.geomspace(_LOWEST * np.linalg.norm(w[0]), _HIGHEST * np.linalg.norm(w.sum(0)), bins + 1)
    levels = np.indices((intervals + 2, intervals + 2))
    reached = np.abs(np.hypot(*levels) - intervals) < 1.5  # levels next to a point of the circle of radius s
    pairs = levels[:, reached][..., None]
    to_come = np.zeros((intervals + 2, intervals + 2, bins + 2))  # the first bin is below all others, the last one above
    for own in w[:0:-1, :, None, None]:
        found = np.zeros_like(to_come)
        found[reached, 1:-1] = _before(edges[:-1] / intervals * pairs + own, edges[1:] / intervals * pairs + own, to_come, edges, intervals)
        to_come = found
    first = w[0][:, None, None]
    return float(_before(first, first, to_come, edges, intervals)[0, 0])


def _before(start: np.ndarray, end: np.ndarray, to_come: np.ndarray, edges: np.ndarray, s: int) -> np.ndarray:
    """The least of all noise from a hop on, where what is rounded lies between `start` and `end` [2, ...]."""
    low = np.sqrt((start * start).sum(0)) * (1 - SLACK)
    high = np.sqrt((end * end).sum(0)) * (1 + SLACK)
    within = np.searchsorted(edges, low, side="right")
    least = to_come
    for _ in range((np.searchsorted(edges, high, side="right") - within).max()):  # norms reach into the next bin
        least = np.minimum(least, np.concatenate([least[..., 1:], least[..., :1] * 0], axis=-1))
    noise, corners = np.zeros_like(low), []
    for v, u in zip(start, end, strict=True):
        ends = np.sort([s * v / low, s * u / high], axis=0)  # each off by a little more than s SLACK at most
        below, above = np.clip([ends[0] - 4 * s * SLACK, ends[1] + 4 * s * SLACK], 0, s)
        if (above - below >= 1).any():
            raise ValueError("a bin holds more than one change of level: take more of them")
        level = np.ceil(below)
        inside = np.where(level <= above, level, below)
        noise += np.where(level <= above, 0, np.minimum(_chances(below), _chances(above)))
        corners.append((below, inside, above))
    mean = np.full_like(low, np.inf)
    for x in corners[0]:
        for y in corners[1]:
            i, j = (np.floor(each).astype(int) for each in (x, y))
            p, q = x - i, y - j
            lower = (1 - q) * least[i, j, within] + q * least[i, j + 1, within]
            upper = (1 - q) * least[i + 1, j, within] + q * least[i + 1, j + 1, within]
            mean = np.minimum(mean, (1 - p) * lower + p * upper)
    return (low * low / s**2 * noise + mean) * (1 - SLACK)


def _chances(position: np.ndarray) -> np.ndarray:
    """p (1 - p)."""
    p = position - np.floor(position)
    return p * (1 - p)


def error_ceiling(w: np.ndarray, intervals: int) -> Fraction:
    """Above the same, for exact w [M, n] of any sign: every hop adds at most n / (4 s^2) of what it rounds (Lemma 5)."""
    share = Fraction(w.shape[1], 4 * intervals**2)
    found = Fraction(0)
    for total in np.cumsum(w, axis=0):
        found += share * (found + (total * total).sum())
    return found
