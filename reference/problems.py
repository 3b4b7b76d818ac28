"""Distributed finite sums f(x) = mean over workers r of f_r(x), f_r = mean over its n samples of f_{r,i}, with constants known or enclosed.

Every f_r is L-smooth, and mu-strongly convex where mu > 0. Iterates are [..., d] in X, one a worker [..., workers, d]; values are in F,
gradients in F/X, L and mu in F/X^2, variances in F^2/X^2. Object arrays of Fractions are computed exactly where the functions are rational.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import is_exact, rationals, vectors


class FiniteSum(ABC):
    """What the algorithms and the checks ask of a problem; a subclass says `sample_gradients`, `worker_losses` and the constants."""

    @property
    @abstractmethod
    def workers(self) -> int: ...

    @property
    @abstractmethod
    def n(self) -> int: ...

    @property
    @abstractmethod
    def d(self) -> int: ...

    @property
    @abstractmethod
    def L(self) -> Any: ...

    @property
    @abstractmethod
    def mu(self) -> Any: ...

    @property
    @abstractmethod
    def variance(self) -> np.ndarray:
        """[workers]: bounds E_i||grad f_{r,i}(x) - grad f_r(x)||^2 at every x, that is, sigma_r^2."""

    @property
    @abstractmethod
    def x_star(self) -> np.ndarray | None:
        """A minimiser [d] (within sqrt(2 f_star_gap / mu) of one), None if there is none."""

    @property
    @abstractmethod
    def f_star(self) -> Any:
        """The value at x_star, -inf if there is none."""

    @property
    @abstractmethod
    def f_star_gap(self) -> Any:
        """min f lies in [f_star - f_star_gap, f_star]; 0 where f_star is exact."""

    @abstractmethod
    def sample_gradients(self, x: np.ndarray, samples: np.ndarray) -> np.ndarray:
        """grad f_{r,i} [..., workers, b, d] at x [..., workers, d] for the samples [..., workers, b]."""

    @abstractmethod
    def worker_losses(self, x: np.ndarray) -> np.ndarray:
        """f_r [..., workers] at x [..., workers, d]."""

    @property
    def sigma(self) -> np.ndarray:
        """[workers], in F/X: the root of `variance`."""
        return np.sqrt(self.variance.astype(float))

    def gradients(self, x: np.ndarray, samples: np.ndarray) -> np.ndarray:
        """Mini-batch gradients [..., workers, d] at x [..., workers, d] for the samples [..., workers, b]."""
        samples = np.asarray(samples)
        if samples.shape[-2] != self.workers or samples.min() < 0 or samples.max() >= self.n:
            raise ValueError(f"samples must be [..., {self.workers}, b] within 0..{self.n - 1}, got shape {samples.shape}")
        return _mean(self.sample_gradients(np.asarray(x), samples), axis=-2)

    def gradient(self, r: int, x: np.ndarray, sample: int) -> np.ndarray:
        """grad f_{r,sample} [d] at x [d]."""
        return self.gradients(self._everywhere(x), np.full((self.workers, 1), sample))[r]

    def full_gradients(self, x: np.ndarray) -> np.ndarray:
        """grad f_r [..., workers, d] at x [..., workers, d]."""
        return _mean(self._all_gradients(x), axis=-2)

    def loss(self, x: np.ndarray) -> np.ndarray:
        """f [...] at x [..., d]."""
        return _mean(self.worker_losses(self._everywhere(x)), axis=-1)

    def variances(self, x: np.ndarray) -> np.ndarray:
        """E_i||grad f_{r,i} - grad f_r||^2 [..., workers] at x [..., workers, d]; `variance` bounds it."""
        gradients = self._all_gradients(x)
        return _mean(((gradients - _mean(gradients, axis=-2)[..., None, :]) ** 2).sum(-1), axis=-1)

    def second_moment(self, x: np.ndarray) -> Any:
        """The largest E_i||grad f_{r,i}||^2 over all given iterates [..., workers, d]: G^2 for them."""
        return _mean((self._all_gradients(x) ** 2).sum(-1), axis=-1).max()

    def _all_gradients(self, x: np.ndarray) -> np.ndarray:
        x = np.asarray(x)
        return self.sample_gradients(x, np.broadcast_to(np.arange(self.n), (*x.shape[:-1], self.n)))

    def _everywhere(self, x: np.ndarray) -> np.ndarray:
        x = np.asarray(x)
        return np.broadcast_to(x[..., None, :], (*x.shape[:-1], self.workers, self.d))


# ---- piecewise quadratics, rational throughout ----


@dataclass(frozen=True)
class PiecewiseQuadratic(FiniteSum):
    """f_{r,i}(x) = sum_j phi_{r,j}(x_j) + <tilt_{r,i}, x>, each phi_{r,j} with a continuous, piecewise linear derivative.

    `knots` [workers, d, K] increasing; `curvatures` [workers, d, K + 1] of the stretches between them; `slopes` [workers, d] the derivative
    at the first knot, where phi = 0; `tilts` [workers, n, d]: what the samples differ by, so the variance is the same everywhere.
    Without a lower bound f_star is -inf and x_star None. Raises: ValueError for other shapes or decreasing knots.
    """

    knots: np.ndarray
    curvatures: np.ndarray
    slopes: np.ndarray
    tilts: np.ndarray

    def __post_init__(self) -> None:
        fields = {name: np.asarray(getattr(self, name)) for name in ("knots", "curvatures", "slopes", "tilts")}
        exact = any(is_exact(value) for value in fields.values())
        for name, value in fields.items():
            object.__setattr__(self, name, vectors(name, rationals(value) if exact else value.astype(float)))
        if self.knots.ndim != 3 or self.tilts.ndim != 3:
            raise ValueError(f"knots must be [workers, d, K] and tilts [workers, n, d], got shapes {self.knots.shape}, {self.tilts.shape}")
        workers, d, count = self.knots.shape
        expected = {"curvatures": (workers, d, count + 1), "slopes": (workers, d), "tilts": (workers, self.tilts.shape[1], d)}
        for name, shape in expected.items():
            if (got := np.shape(getattr(self, name))) != shape:
                raise ValueError(f"{name} must have shape {shape} for knots of shape {self.knots.shape}, got {got}")
        if not (np.diff(self.knots, axis=-1) > 0).all():
            raise ValueError("knots must increase along the last axis")

    @property
    def workers(self) -> int:
        return self.tilts.shape[0]

    @property
    def n(self) -> int:
        return self.tilts.shape[1]

    @property
    def d(self) -> int:
        return self.tilts.shape[2]

    @property
    def L(self) -> Any:
        return np.abs(self.curvatures).max()

    @property
    def mu(self) -> Any:
        return max(self.curvatures.min(), 0)

    @property
    def variance(self) -> np.ndarray:
        return _mean(((self.tilts - _mean(self.tilts, axis=1)[:, None]) ** 2).sum(-1), axis=-1)

    @property
    def f_star_gap(self) -> int:
        return 0

    @property
    def x_star(self) -> np.ndarray | None:
        return self._minimum[0]

    @property
    def f_star(self) -> Any:
        return self._minimum[1]

    def sample_gradients(self, x: np.ndarray, samples: np.ndarray) -> np.ndarray:
        tilts = self.tilts[np.arange(self.workers)[:, None], samples]
        return self._phi(x)[1][..., None, :] + tilts

    def worker_losses(self, x: np.ndarray) -> np.ndarray:
        return (self._phi(x)[0] + x * _mean(self.tilts, axis=1)).sum(-1)

    def _phi(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """phi_{r,j}(x_j) and its derivative, [..., workers, d]: both walk from the first knot, stretch by stretch."""
        walked = np.minimum(x - self.knots[..., 0], 0)
        value = self.slopes * walked + self.curvatures[..., 0] * walked**2 / 2
        derivative = self.slopes + self.curvatures[..., 0] * walked
        slope = self.slopes
        for i in range(1, self.curvatures.shape[-1]):
            walked = np.maximum(x - self.knots[..., i - 1], 0)
            if i < self.knots.shape[-1]:
                length = self.knots[..., i] - self.knots[..., i - 1]
                walked = np.minimum(walked, length)
            value = value + slope * walked + self.curvatures[..., i] * walked**2 / 2
            derivative = derivative + self.curvatures[..., i] * walked
            if i < self.knots.shape[-1]:
                slope = slope + self.curvatures[..., i] * length
        return value, derivative

    @cached_property
    def _minimum(self) -> tuple[np.ndarray | None, Any]:
        """Coordinates are separate; the minimum of each is at a knot of some worker or where the derivative crosses zero between knots."""
        left, right = (_mean(self.curvatures[..., end], axis=0) for end in (0, -1))
        knots = np.sort(np.moveaxis(self.knots, 0, 1).reshape(self.d, -1), axis=-1).T  # [workers * K, d]
        derivatives = _mean(self.full_gradients(self._everywhere(knots)), axis=-2)
        crossings = [_root(knots[0], derivatives[0], -left, -1), _root(knots[-1], derivatives[-1], right, 1)]
        for i in range(len(knots) - 1):
            crossings.append(_between(knots[i], knots[i + 1], derivatives[i], derivatives[i + 1]))
        falls_left = (left < 0) | ((left == 0) & (derivatives[0] > 0))
        falls_right = (right < 0) | ((right == 0) & (derivatives[-1] < 0))
        if (falls_left | falls_right).any():
            return None, -math.inf
        candidates = np.concatenate([knots, np.stack(crossings)])
        values = _mean(self._phi(self._everywhere(candidates))[0] + self._everywhere(candidates) * _mean(self.tilts, axis=1), axis=-2)
        best = values.argmin(axis=0)
        columns = np.arange(self.d)
        return candidates[best, columns], values[best, columns].sum()


def quadratic(curvature: ArrayLike, centres: ArrayLike) -> PiecewiseQuadratic:
    """f_{r,i}(x) = <h_r, (x - c_{r,i})^2> / 2 less its value at 0, for curvature h [workers, d] and centres c [workers, n, d]."""
    h, c = np.asarray(curvature), np.asarray(centres)
    if h.ndim != 2 or c.ndim != 3 or h.shape != (c.shape[0], c.shape[2]):
        raise ValueError(f"curvature must be [workers, d] and centres [workers, n, d], got shapes {h.shape} and {c.shape}")
    return PiecewiseQuadratic(h[..., None] * 0, np.stack([h, h], axis=-1), h * 0, -h[:, None] * c)


def kinked(inner: ArrayLike, outer: ArrayLike, width: ArrayLike, tilts: ArrayLike, centre: ArrayLike = 0) -> PiecewiseQuadratic:
    """Curvature `inner` within `width` of `centre`, `outer` beyond it, all [workers, d] or one for all; tilts [workers, n, d].

    Huber's function for outer = 0, a bowl with a smoothed kink for inner > outer > 0, two wells for inner < 0 < outer.
    """
    inner, outer, width, centre = _for_each(tilts, inner, outer, width, centre)
    knots = np.stack([centre - width, centre + width], axis=-1)
    return PiecewiseQuadratic(knots, np.stack([outer, inner, outer], axis=-1), -inner * width, np.asarray(tilts))


def one_sided(left: ArrayLike, right: ArrayLike, tilts: ArrayLike, centre: ArrayLike = 0) -> PiecewiseQuadratic:
    """Curvature `left` below `centre` and `right` above it, all [workers, d] or one for all; tilts [workers, n, d]."""
    left, right, centre = _for_each(tilts, left, right, centre)
    return PiecewiseQuadratic(centre[..., None], np.stack([left, right], axis=-1), left * 0, np.asarray(tilts))


def linear(tilts: ArrayLike) -> PiecewiseQuadratic:
    """f_{r,i}(x) = <tilt_{r,i}, x>, tilts [workers, n, d]: L = 0, and no minimum unless the tilts cancel."""
    tilts = np.asarray(tilts)
    zero = tilts[:, 0] * 0
    return PiecewiseQuadratic(zero[..., None], np.stack([zero, zero], axis=-1), zero, tilts)


def gradient_sequence(gradients: ArrayLike) -> PiecewiseQuadratic:
    """A given sequence of gradients [T, workers, d], whatever the iterates: linear functions of which sample t is that of iteration t."""
    return linear(np.moveaxis(np.asarray(gradients), 0, 1))


# ---- regression with a ridge ----


class Link(NamedTuple):
    """A loss of logits [..., outputs] and a label: value, gradient in the logits, and bounds on its Hessian and squared gradient."""

    outputs: int
    loss: Callable[[np.ndarray, np.ndarray], np.ndarray]
    residual: Callable[[np.ndarray, np.ndarray], np.ndarray]
    curvature: float
    residual_squared: float


@dataclass(frozen=True)
class Regression(FiniteSum):
    """f_{r,i}(x) = link loss of (X a_{r,i}, label) + ridge ||x||^2 / 2, where X [outputs, p] is x [outputs * p] by rows.

    `features` a [workers, n, p], `labels` [workers, n]. mu = ridge; L and `variance` are upper bounds; f* is enclosed by
    0 <= f(x) - f* <= ||grad f(x)||^2 / (2 mu), up to the round-off in f. The ridge must cover biases (append a feature 1) too: adding one
    number to all biases of a softmax changes no probability, so without it f is not strongly convex.
    """

    features: np.ndarray
    labels: np.ndarray
    ridge: float
    link: Link

    def __post_init__(self) -> None:
        if self.features.ndim != 3 or self.labels.shape != self.features.shape[:2]:
            raise ValueError(
                f"features must be [workers, n, p] and labels [workers, n], got shapes {self.features.shape} and {self.labels.shape}"
            )
        if not (math.isfinite(self.ridge) and self.ridge > 0):
            raise ValueError(f"ridge must be positive and finite, got {self.ridge}")
        if not np.isfinite(self.features).all():
            raise ValueError("features must be finite")

    @property
    def workers(self) -> int:
        return self.features.shape[0]

    @property
    def n(self) -> int:
        return self.features.shape[1]

    @property
    def d(self) -> int:
        return self.link.outputs * self.features.shape[2]

    @property
    def mu(self) -> float:
        return self.ridge

    @cached_property
    def L(self) -> float:
        largest = np.linalg.norm(self.features, ord=2, axis=(1, 2)).max() ** 2 / self.n
        return self.ridge + self.link.curvature * float(largest) * (1 + 1e-12)  # outward: a singular value is right to some ulps

    @property
    def variance(self) -> np.ndarray:
        return self.link.residual_squared * (self.features**2).sum(-1).mean(-1)

    @property
    def x_star(self) -> np.ndarray:
        return self._minimum[0]

    @property
    def f_star(self) -> float:
        return float(self.loss(self.x_star))

    @property
    def f_star_gap(self) -> float:
        return self._minimum[1]

    def sample_gradients(self, x: np.ndarray, samples: np.ndarray) -> np.ndarray:
        workers = np.arange(self.workers)[:, None]
        a, labels = self.features[workers, samples], self.labels[workers, samples]
        residual = self.link.residual(self._logits(x, a), labels)
        outer = residual[..., :, None] * a[..., None, :]
        return outer.reshape(*outer.shape[:-2], self.d) + self.ridge * x[..., None, :]

    def worker_losses(self, x: np.ndarray) -> np.ndarray:
        return self.link.loss(self._logits(x, self.features), self.labels).mean(-1) + self.ridge / 2 * (x**2).sum(-1)

    def _logits(self, x: np.ndarray, a: np.ndarray) -> np.ndarray:
        matrix = x.reshape(*x.shape[:-1], self.link.outputs, -1)
        return np.einsum("...op,...np->...no", matrix, a)

    @cached_property
    def _minimum(self) -> tuple[np.ndarray, float]:
        """Nesterov's method for strongly convex functions: (x, certified gap). The gap is computed, so the step count needs no trust."""
        root = math.sqrt(self.L / self.mu)
        x = y = np.zeros(self.d)
        for _ in range(math.ceil(80 * root)):
            x, last = y - self._gradient(y) / self.L, x
            y = x + (root - 1) / (root + 1) * (x - last)
        return x, float((self._gradient(x) ** 2).sum() / (2 * self.mu))

    def _gradient(self, x: np.ndarray) -> np.ndarray:
        return self.full_gradients(self._everywhere(x)).mean(axis=0)


def logistic(features: ArrayLike, labels: ArrayLike, ridge: float) -> Regression:
    """log(1 + exp(-label <a, x>)) + ridge ||x||^2 / 2, labels -1 or +1 [workers, n]."""
    labels = np.asarray(labels)
    if not np.isin(labels, (-1, 1)).all():
        raise ValueError("labels must be -1 or +1")

    def residual(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return (-labels * np.exp(-np.logaddexp(0, labels * logits[..., 0])))[..., None]

    link = Link(1, lambda logits, labels: np.logaddexp(0, -labels * logits[..., 0]), residual, 1 / 4, 1)
    return Regression(np.asarray(features, dtype=float), labels, ridge, link)


def softmax(features: ArrayLike, labels: ArrayLike, classes: int, ridge: float) -> Regression:
    """Softmax regression of section 5.4.1 with x as rows, one a class; labels 0..classes-1 [workers, n]."""
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be integers within 0..{classes - 1}")

    def log_probabilities(logits: np.ndarray) -> np.ndarray:
        shifted = logits - logits.max(-1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))

    def loss(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return -(log_probabilities(logits) * np.eye(classes)[labels]).sum(-1)

    def residual(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return np.exp(log_probabilities(logits)) - np.eye(classes)[labels]

    return Regression(np.asarray(features, dtype=float), labels, ridge, Link(classes, loss, residual, 1 / 2, 2))


# ---- shared ----


def _for_each(tilts: ArrayLike, *values: ArrayLike) -> list[np.ndarray]:
    """Each value as [workers, d]."""
    shape = np.shape(tilts)
    if len(shape) != 3:
        raise ValueError(f"tilts must be [workers, n, d], got shape {shape}")
    return [np.broadcast_to(value, (shape[0], shape[2])) for value in values]


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean along an axis, rational for rationals."""
    count = values.shape[axis]
    return values.sum(axis) / (Fraction(count) if is_exact(values) else count)


def _root(knot: np.ndarray, derivative: np.ndarray, curvature: np.ndarray, direction: int) -> np.ndarray:
    """Where the derivative, walking from `knot` outwards, reaches zero; `knot` itself where it does not."""
    steep = np.where(curvature == 0, 1, curvature)
    distance = -derivative / steep
    return np.where((curvature != 0) & (distance > 0), knot + direction * distance, knot)


def _between(a: np.ndarray, b: np.ndarray, at_a: np.ndarray, at_b: np.ndarray) -> np.ndarray:
    """Where a derivative that is linear from a to b crosses zero upwards; `a` where it does not."""
    crosses = (at_a < 0) & (at_b > 0)
    rise = np.where(crosses, at_b - at_a, 1)
    return np.where(crosses, a - at_a * (b - a) / rise, a)
