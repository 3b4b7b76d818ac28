"""Local SGD (Stich), Algorithm 1 as update (4) defines it, its weighted mean of iterates (Theorem 2.2), and its extremes.

Arrays: x, gradients, messages [..., workers, d], in X but the gradients, F/X. Leading axes are a batch. Object arrays of Fractions are
computed exactly. All workers sample the same functions; nothing here relies on it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import count, mean_over_workers, of_shape, per_instance, rationals, vectors, whether
from reference.schedules import every


class State(NamedTuple):
    """Local iterates x [..., workers, d]; of all earlier ones the sum of w_t x_t over workers and time [..., d], and K S_t [...]."""

    x: np.ndarray
    weighted: np.ndarray
    weight: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """x_bar [..., d], the virtual sequence (8)."""
        return mean_over_workers(self.x)

    @property
    def output(self) -> np.ndarray:
        """x_hat [..., d], the weighted mean of all iterates before this one (Theorem 2.2); undefined at t = 0."""
        return self.weighted / self.weight[..., None]


class Problem(Protocol):
    """What `run` needs: mini-batch gradients [..., workers, d] at x [..., workers, d] from sample indices [..., workers, b]."""

    @property
    def workers(self) -> int: ...

    def gradients(self, x: np.ndarray, samples: np.ndarray) -> np.ndarray: ...


class Trajectory(NamedTuple):
    """T iterations, time first: x, weighted, weight at t = 0..T; gradients, eta, synchronise of t = 0..T-1."""

    x: np.ndarray
    weighted: np.ndarray
    weight: np.ndarray
    gradients: np.ndarray
    eta: np.ndarray
    synchronise: np.ndarray

    @property
    def output(self) -> np.ndarray:
        """x_hat_T [..., d] (Theorem 2.2)."""
        return self.weighted[-1] / np.asarray(self.weight[-1])[..., None]


class Scheme(NamedTuple):
    """A way to run Algorithm 1: where it synchronises, and how many samples each worker takes in an iteration."""

    synchronise: tuple[int, ...]
    batch: int


def schemes(horizon: int, gap: int, batch: int) -> dict[str, Scheme]:
    """The methods that section 2 compares, by name; each is the same `init` and `step`."""
    return {
        "local SGD": Scheme(every(gap, horizon), 1),
        "mini-batch local SGD": Scheme(every(gap, horizon), batch),  # Remark 2.4
        "parallel mini-batch SGD": Scheme(every(1, horizon), batch),
        "one-shot averaging": Scheme((horizon,), 1),
    }


def weights(a: Any, horizon: int) -> np.ndarray:
    """w_t = (a + t)^2 for t = 0..T-1, [T] (Theorem 2.2); a Fraction gives Fractions."""
    return (a + (rationals(range(horizon)) if isinstance(a, Fraction) else np.arange(horizon, dtype=float))) ** 2


def init(x0: ArrayLike, workers: int) -> State:
    """All workers at x0 [..., d]; nothing summed yet."""
    workers = count("workers", workers)
    start = vectors("x0", x0)
    x = np.repeat(start[..., None, :], workers, axis=-2)  # line 1
    return State(x, start * 0, np.asarray(start[..., 0] * 0))


def step(state: State, gradients: ArrayLike, eta: Any, synchronise: Any, weight: Any = 1) -> tuple[State, np.ndarray]:
    """One iteration t of Algorithm 1: the state at t + 1 and what is averaged [..., workers, d] (0 where there is no synchronisation).

    `gradients` are taken by the caller at state.x. `eta`, `synchronise` (whether t + 1 is in I_T) and `weight` (w_t) are scalars or one
    per instance of the leading axes.
    Raises: ValueError for a gradient that is NaN or infinite, or of another shape than x.
    """
    gradients = of_shape("gradients", gradients, "x", state.x)
    weight = per_instance("weight", weight, gradients, 0)
    synchronise = whether("synchronise", synchronise)[..., None, None]

    x_half = state.x - per_instance("eta", eta, gradients) * gradients  # line 5
    # Line 8 prints the mean of x_t, which would throw the step of line 5 away; (4) averages what line 5 made.
    together = np.broadcast_to(mean_over_workers(x_half)[..., None, :], x_half.shape)
    x = np.where(synchronise, together, x_half)  # lines 7 to 9
    weighted = state.weighted + weight[..., None] * state.x.sum(-2)
    total = np.asarray(state.weight + weight * state.x.shape[-2])
    return State(x, weighted, total), np.where(synchronise, x_half, x_half * 0)


def run(
    problem: Problem, x0: ArrayLike, eta: ArrayLike, synchronise: ArrayLike, samples: ArrayLike, weight: ArrayLike | None = None
) -> Trajectory:
    """T iterations of Algorithm 1 from x0 [..., d], everything kept.

    `eta`, `synchronise`, `weight` (1 if not given) [T] or [T, ...]; `samples` [T, ..., workers, b].
    Raises: ValueError unless all cover the same T >= 1, and as `step`.
    """
    eta, synchronise, samples = np.asarray(eta), np.asarray(synchronise, dtype=bool), np.asarray(samples)
    weight = np.ones(len(eta), dtype=int) if weight is None else np.asarray(weight)
    lengths = [np.shape(given)[:1] for given in (eta, synchronise, samples, weight)]
    if set(lengths) != {lengths[0]} or lengths[0] in ((), (0,)):
        raise ValueError(f"eta, synchronise, samples and weight must share a first axis T of at least 1, got lengths {lengths}")
    states, slopes = [init(x0, problem.workers)], []
    for t in range(len(eta)):
        slopes.append(problem.gradients(states[-1].x, samples[t]))
        states.append(step(states[-1], slopes[-1], eta[t], synchronise[t], weight[t])[0])
    x, weighted, total = (np.stack(np.broadcast_arrays(*field)) for field in zip(*states, strict=True))
    return Trajectory(x, weighted, total, np.stack(slopes), eta, synchronise)
