"""Second moments of linear recursions driven by noise, over any number of steps: what a long run on quadratics is measured by.

The state z_t [n] obeys z_(t+1) = A z_t + c + noise, where A may be drawn anew at every step (a random mask, say) and noise is independent
of all before. With y = (1, z), P_t = E y y' obeys a linear recursion of its own, so that a period of steps is one matrix on the upper
triangle of P, and N periods are its N-th power: by squaring, some 20 products for N = 10^6. Sums over all steps of quadratic forms E y' Q y
ride along as further rows.

Operators whose error has a covariance quadratic in what they compress fit in: random masks exactly, as one A for each outcome. QSGD does
not: of its error at v only 0 <= variance of a coordinate <= ||v||^2 / (4 s^2) is linear. Left out, and put in at its most, it gives bounds
from both sides, for the recursion never falls where P grows.

Arrays are [batch, ...]: floats, or exact (Fractions and enclosures), then enclosed by balls of whole numbers at a fixed scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from reference.exact import is_exact
from validation.quantities import Interval, bounds

BITS = 320  # after the point, of what is enclosed: far below any margin at which a relation is called broken
GROWTH = 2.0**64  # of moments over a run: what is enclosed keeps far more digits than that


class Spread(NamedTuple):
    """An error of mean 0 along `along` [batch, n], of variance `share` times E ||v||^2, v = `of` y with `of` [batch, rows, n + 1]."""

    along: np.ndarray
    of: np.ndarray
    share: Fraction


def triangle(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the upper triangle of P [n + 1, n + 1]."""
    return np.triu_indices(n + 1)


def start(z: np.ndarray) -> np.ndarray:
    """The triangle [batch, m] of P for a state z [batch, n] that is certain."""
    y = np.concatenate([z[:, :1] * 0 + 1, z], axis=1)
    I, J = triangle(z.shape[1])
    return y[:, I] * y[:, J]


def form(Q: np.ndarray) -> np.ndarray:
    """The row [batch, m] that gives E y' Q y for a symmetric Q [batch, n + 1, n + 1]."""
    I, J = triangle(Q.shape[-1] - 1)
    return Q[:, I, J] * np.where(I == J, 1, 2)


def square(v: np.ndarray) -> np.ndarray:
    """The form of the squared norm of v = V y, V [batch, rows, n + 1]."""
    return form((v[..., :, None] * v[..., None, :]).sum(1))


def step(branches: Sequence[tuple[Any, np.ndarray]], noise: np.ndarray | None = None, spreads: Sequence[Spread] = ()) -> np.ndarray:
    """One step as a matrix [batch, m, m] on the triangle of P.

    `branches`: chances and what they do, [batch, n + 1, n + 1] with (1, 0, ..., 0) as first row, so that the first column is c.
    `noise` [batch, n, n]: its covariance.
    """
    n = branches[0][1].shape[-1] - 1
    I, J = triangle(n)
    found: Any = 0
    for chance, A in branches:
        rows, others = A[:, I], A[:, J]
        swapped = np.where(I == J, 0, 1) * (rows[..., J] * others[..., I])
        found = found + chance * (rows[..., I] * others[..., J] + swapped)
    if noise is not None:
        inner = I > 0
        found[:, inner, 0] = found[:, inner, 0] + noise[:, I[inner] - 1, J[inner] - 1]
    for along, of, share in spreads:
        moved = np.concatenate([along[:, :1] * 0, along], axis=1)
        share_of = share if is_exact(along) else float(share)
        found = found + share_of * (moved[:, I] * moved[:, J])[..., None] * square(of)[:, None]
    return found


def watched(matrix: np.ndarray, forms: Sequence[np.ndarray], kept: Sequence[Any] = ()) -> np.ndarray:
    """The step with further rows that add up `forms`, each [batch, m], of the state before it; the same number of rows at every step.

    `kept` [batch]: what part of its sum each of the last rows keeps at a step; the others keep all.
    """
    m, k = matrix.shape[-1], len(forms)
    out = np.zeros((len(matrix), m + k, m + k), dtype=matrix.dtype)
    if matrix.dtype == object:
        out[:] = Fraction(0)
    out[:, :m, :m] = matrix
    for row, each in enumerate(forms, m):
        out[:, row, :m] = each
        out[:, row, row] = 1 if matrix.dtype != object else Fraction(1)
    for row, part in enumerate(kept, m + k - len(kept)):
        out[:, row, row] = part
    return out


def larger(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The larger of two, entry by entry; of enclosures an enclosure."""
    if one.dtype != object:
        return np.maximum(one, other)

    def of(x: Any, y: Any) -> Any:
        (x_low, x_high), (y_low, y_high) = bounds(x), bounds(y)
        return x if x_low >= y_high else y if y_low >= x_high else Interval(max(x_low, y_low), max(x_high, y_high))

    return np.asarray(np.frompyfunc(of, 2, 1)(one, other), dtype=object)


def sums(period: Sequence[np.ndarray], periods: int, P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The triangle of P after so many periods of watched steps, [batch, m], and the sums of what was watched, [batch, forms].

    Raises:
        ValueError: exact numbers that grow without bound over a long run.
    """
    k = period[0].shape[-1] - P.shape[-1]
    state = np.concatenate([P, np.repeat(P[:, :1] * 0, k, axis=1)], axis=1)[..., None]
    found = (_enclosed(period, periods, state, P.shape[-1]) if is_exact(P) else _powered(_product(period), periods, state))[..., 0]
    return found[:, : P.shape[-1]], found[:, P.shape[-1] :]


def _product(period: Sequence[Any]) -> Any:
    whole = period[0]
    for each in period[1:]:
        whole = each @ whole
    return whole


def _powered(matrix: Any, power: int, state: Any) -> Any:
    """matrix^power state."""
    while power:
        if power & 1:
            state = matrix @ state
        power >>= 1
        if power:
            matrix = matrix @ matrix
    return state


def _enclosed(period: Sequence[np.ndarray], periods: int, state: np.ndarray, m: int) -> np.ndarray:
    """The same by balls; the first m rows do not depend on the others, which are sums and may grow."""
    out = np.empty(state.shape, dtype=object)
    for row in range(len(state)):
        floats = _product([np.array([[float(sum(bounds(x)) / 2) for x in line] for line in each[row]]) for each in period])
        if periods > 1000 and np.abs(np.linalg.eigvals(floats[:m, :m])).max() > GROWTH ** (1 / periods):
            raise ValueError("moments that grow without bound cannot be enclosed over a long run")
        found = _powered(_product([Ball.of(each[row]) for each in period]), periods, Ball.of(state[row]))
        out[row] = found.intervals()
    return out


class Ball:
    """A matrix of real numbers, each within `radius` of `middle`, in units of 2^-BITS.

    The middle is of whole numbers, so that nothing is lost unseen; the radius of floats, rounded up.
    """

    def __init__(self, middle: np.ndarray, radius: np.ndarray) -> None:
        self.middle, self.radius = middle, radius

    @classmethod
    def of(cls, values: np.ndarray) -> Ball:
        def ends(x: Any) -> tuple[int, int]:
            if not x:
                return 0, 0
            below, above = bounds(x)
            return (below.numerator << BITS) // below.denominator, -((-above.numerator << BITS) // above.denominator)

        both = np.array([[ends(x) for x in line] for line in values], dtype=object)
        low, high = both[..., 0], both[..., 1]
        middle = (low + high) // 2
        return cls(middle, _up((high - middle).astype(float), 1))

    def __getitem__(self, at: Any) -> Ball:
        return Ball(self.middle[at], self.radius[at])

    def __add__(self, other: Ball) -> Ball:
        return Ball(self.middle + other.middle, _up(self.radius + other.radius, 1))

    @property
    def T(self) -> Ball:
        return Ball(self.middle.T, self.radius.T)

    def __matmul__(self, other: Ball) -> Ball:
        middle = self.middle.dot(other.middle)
        here, there = _sizes(self.middle), _sizes(other.middle)
        radius = here @ other.radius + self.radius @ (there + other.radius)
        return Ball(middle >> BITS, _scaled(radius, self.middle.shape[-1]))

    def squared_in(self, P: Ball) -> Ball:
        """v' P v for every row v."""
        one = self @ P
        middle = (one.middle * self.middle).sum(-1)
        radius = (_sizes(one.middle) * self.radius + one.radius * (_sizes(self.middle) + self.radius)).sum(-1)
        return Ball(middle >> BITS, _scaled(radius, self.middle.shape[-1]))

    def intervals(self) -> np.ndarray:
        scale = 1 << BITS

        if not np.isfinite(self.radius).all():
            raise ValueError("moments that grow without bound cannot be enclosed")

        def of(middle: int, radius: float) -> Interval:
            around = math.ceil(radius)
            return Interval(Fraction(middle - around, scale), Fraction(middle + around, scale))

        return np.frompyfunc(of, 2, 1)(self.middle, self.radius)


def _sizes(whole: np.ndarray) -> np.ndarray:
    """Magnitudes of whole numbers as floats, rounded up. Raises: ValueError if there is no float so large."""
    try:
        return _up(np.abs(whole).astype(float), 1)
    except OverflowError as why:
        raise ValueError("moments that grow without bound cannot be enclosed") from why


def _up(found: np.ndarray, operations: int) -> np.ndarray:
    """At least the true value of what so many operations on floats that are not negative, one after the other, came to."""
    return found * (1 + (operations + 1) * 2.0**-52)


def _scaled(radius: np.ndarray, terms: int) -> np.ndarray:
    """The radius of a product of balls, a sum of so many products, in units of 2^-BITS; 2 more for the middle, which is rounded down."""
    return _up(_up(radius, 2 * terms + 4) * 2.0**-BITS + 2, 1)
