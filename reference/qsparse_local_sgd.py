"""Qsparse-local-SGD: Algorithm 1 (synchronous), its virtual sequence (3.7), momentum on local steps (5.3.1) and on blocks (chapter 6),

and Algorithm 2, where every worker has its own set of synchronisation indices.

Arrays: master x [..., d]; x_hat, memory, gradients, messages [..., workers, d], all in X but the gradients, F/X. Leading axes are a batch.
Object arrays of Fractions are computed exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import count, mean_over_workers, of_shape, per_instance, vectors, whether

Compress = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


class State(NamedTuple):
    """Master x [..., d], local iterates x_hat [..., workers, d] and error memory [..., workers, d]."""

    x: np.ndarray
    x_hat: np.ndarray
    memory: np.ndarray


class Problem(Protocol):
    """What `run` needs: mini-batch gradients [..., workers, d] at x [..., workers, d] from sample indices [..., workers, b]."""

    @property
    def workers(self) -> int: ...

    def gradients(self, x: np.ndarray, samples: np.ndarray) -> np.ndarray: ...


class Trajectory(NamedTuple):
    """T iterations, time first: states at t = 0..T, and what happened in t = 0..T-1. `x_tilde`: each worker's virtual sequence (3.7)."""

    x: np.ndarray
    x_hat: np.ndarray
    memory: np.ndarray
    x_tilde: np.ndarray
    gradients: np.ndarray
    messages: np.ndarray
    eta: np.ndarray
    synchronise: np.ndarray


def init(x0: ArrayLike, workers: int) -> State:
    """All workers at x0 [..., d], with empty memory. (Line 1 starts at 0; any common start is allowed here.)"""
    workers = count("workers", workers)
    x = vectors("x0", x0)
    x_hat = np.repeat(x[..., None, :], workers, axis=-2)
    return State(x, x_hat, x_hat * 0)  # line 1


def step(
    state: State,
    gradients: ArrayLike,
    eta: Any,
    synchronise: Any,
    compress: Compress,
    uniforms: np.ndarray | None = None,
) -> tuple[State, np.ndarray]:
    """One iteration t of Algorithm 1: the state at t + 1 and the messages g [..., workers, d] (0 where there is no synchronisation).

    `gradients` are taken by the caller at state.x_hat. `eta` and `synchronise` (whether t + 1 is in the set) are scalars or one per
    instance of the leading axes. `compress(v, uniforms)` maps v [..., workers, d]: any Operator, or any other function.
    Raises: ValueError for a gradient that is NaN or infinite, or of another shape than x_hat.
    """
    gradients = of_shape("gradients", gradients, "x_hat", state.x_hat)
    eta, synchronise = per_instance("eta", eta, gradients), whether("synchronise", synchronise)[..., None, None]
    x, x_hat, memory = state

    x_half = x_hat - eta * gradients  # line 5
    if not synchronise.any():
        return State(x, x_half, memory), memory * 0  # lines 7, 16

    v = memory + x[..., None, :] - x_half
    g = compress(v, uniforms)  # line 9
    x_next = x - mean_over_workers(g)  # line 18
    synchronised = State(x_next, np.broadcast_to(x_next[..., None, :], x_hat.shape), v - g)  # lines 19, 11, 10
    return (
        State(
            np.where(synchronise[..., 0], synchronised.x, x),  # line 18, else lines 7, 16
            np.where(synchronise, synchronised.x_hat, x_half),  # line 11, else line 7
            np.where(synchronise, synchronised.memory, memory),  # line 10, else line 7
        ),
        np.where(synchronise, g, g * 0),
    )


class AsynchronousState(NamedTuple):
    """Algorithm 2: master [..., d]; what each worker last received, x, local iterates x_hat and error memory, [..., workers, d]."""

    master: np.ndarray
    x: np.ndarray
    x_hat: np.ndarray
    memory: np.ndarray


def asynchronous_init(x0: ArrayLike, workers: int) -> AsynchronousState:
    """Line 1 of Algorithm 2, at any common start x0 [..., d]."""
    x, x_hat, memory = init(x0, workers)
    return AsynchronousState(x, x_hat, x_hat, memory)


def asynchronous_step(
    state: AsynchronousState,
    gradients: ArrayLike,
    eta: Any,
    subset: Any,
    compress: Compress,
    uniforms: np.ndarray | None = None,
) -> tuple[AsynchronousState, np.ndarray]:
    """One iteration t of Algorithm 2: the state at t + 1 and the messages g [..., workers, d], 0 from workers outside the subset S.

    `subset` says of every worker whether t + 1 is in its own set, a bool or [..., workers]; all else as in `step`, which this is where
    always all workers or none synchronise.
    Raises: ValueError for a gradient that is NaN or infinite, or of another shape than x_hat, or a subset of another shape.
    """
    gradients = of_shape("gradients", gradients, "x_hat", state.x_hat)
    chosen = whether("subset", subset)
    if chosen.ndim and chosen.shape[-1] != gradients.shape[-2]:
        raise ValueError(f"subset must have one entry for each of {gradients.shape[-2]} workers, got shape {chosen.shape}")
    chosen = np.broadcast_to(chosen, gradients.shape[:-1])[..., None]
    master, x, x_hat, memory = state

    x_half = x_hat - per_instance("eta", eta, gradients) * gradients  # line 5
    if not chosen.any():
        return AsynchronousState(master, x, x_half, memory), memory * 0  # lines 7, 16

    v = memory + x - x_half
    g = compress(v, uniforms)  # line 9
    g = np.where(chosen, g, g * 0)  # line 18: nothing is received from the others
    master = master - mean_over_workers(g)  # line 19; the subset is empty in line 16
    received = np.broadcast_to(master[..., None, :], x.shape)
    return (
        AsynchronousState(
            master,
            np.where(chosen, received, x),  # line 11, else line 7
            np.where(chosen, received, x_half),
            np.where(chosen, v - g, memory),  # line 10, else line 7
        ),
        g,
    )


def run(
    problem: Problem,
    x0: ArrayLike,
    compress: Compress,
    eta: ArrayLike,
    synchronise: ArrayLike,
    samples: ArrayLike,
    uniforms: ArrayLike | None = None,
) -> Trajectory:
    """T iterations of Algorithm 1 from x0 [..., d], everything kept.

    `eta`, `synchronise` [T] or [T, ...]; `samples` [T, ..., workers, b]; `uniforms` [T, ..., workers, draws, d] for a random operator.
    Raises: ValueError unless all cover the same T >= 1, and as `step`.
    """
    eta, synchronise, samples = np.asarray(eta), np.asarray(synchronise, dtype=bool), np.asarray(samples)
    uniforms = None if uniforms is None else np.asarray(uniforms)
    lengths = [np.shape(given)[:1] for given in (eta, synchronise, samples, uniforms) if given is not None]
    if set(lengths) != {lengths[0]} or lengths[0] in ((), (0,)):
        raise ValueError(f"eta, synchronise, samples and uniforms must share a first axis T of at least 1, got lengths {lengths}")

    state = init(x0, problem.workers)
    x_tilde = state.x_hat
    states, virtual, steps = [state], [x_tilde], []
    for t in range(len(eta)):
        gradients = problem.gradients(state.x_hat, samples[t])
        x_tilde = x_tilde - per_instance("eta", eta[t], gradients) * gradients  # (3.7)
        state, messages = step(state, gradients, eta[t], synchronise[t], compress, None if uniforms is None else uniforms[t])
        states.append(state)
        virtual.append(x_tilde)
        steps.append((gradients, messages))
    x, x_hat, memory = (np.stack(field) for field in zip(*states, strict=True))
    all_gradients, all_messages = (np.stack(field) for field in zip(*steps, strict=True))
    return Trajectory(x, x_hat, memory, np.stack(virtual), all_gradients, all_messages, eta, synchronise)


def local_momentum(velocity: np.ndarray, gradients: np.ndarray, beta: Any) -> np.ndarray:
    """Heavy ball inside the local steps (5.3.1): the new velocity beta u + gradients, which `step` then takes as its gradients."""
    return beta * velocity + gradients


def block_momentum(
    state: State, velocity: np.ndarray, gradients: np.ndarray, eta: Any, synchronise: Any, beta: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Heavy ball on blocks of updates (chapter 6): (what `step` takes as its gradients, new velocity), both [..., workers, d].

    Where the iteration synchronises, the progress since the last synchronisation, x - x_half, becomes beta * velocity + (x - x_half), in X;
    elsewhere nothing changes. `eta` must not be 0 there.
    """
    eta, synchronise = per_instance("eta", eta, gradients), whether("synchronise", synchronise)[..., None, None]
    pushed = gradients + beta * velocity / eta
    progress = state.x[..., None, :] - (state.x_hat - eta * pushed)
    return np.where(synchronise, pushed, gradients), np.where(synchronise, progress, velocity)
