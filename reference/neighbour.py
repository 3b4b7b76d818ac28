"""EF21 (Richtarik, Sokolov, Fatkhullin 2021) for one worker: the neighbour of EF-SGD, which is Algorithm 1 of `reference.dist_ef_sgd`.

Arrays [..., d]: x in X; the estimate and gradients in F/X. Leading axes are a batch. Object arrays of Fractions are computed exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import per_instance, vectors

Compress = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


class Estimated(NamedTuple):
    """x, and the estimate d of its gradient that every message corrects, [..., d] both."""

    x: np.ndarray
    estimate: np.ndarray


def init(x0: ArrayLike, estimate: ArrayLike) -> Estimated:
    """Any start x0 and estimate, often the compressed gradient there. Raises: ValueError unless both are finite and of one shape."""
    x, d = vectors("x0", x0), vectors("estimate", estimate)
    if d.shape != x.shape:
        raise ValueError(f"estimate must have the shape {x.shape} of x0, got {d.shape}")
    return Estimated(x, d)


def step(
    state: Estimated, gradient: Callable[[np.ndarray], np.ndarray], eta: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[Estimated, np.ndarray]:
    """x' = x - eta d, then d' = d + C(grad f(x') - d): the next state and the message [..., d] that moved the estimate."""
    x = state.x - per_instance("eta", eta, state.x, 1) * state.estimate
    message = compress(gradient(x) - state.estimate, uniforms)
    return Estimated(x, state.estimate + message), message
