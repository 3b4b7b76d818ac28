"""M-DSGD, Algorithm 1 (memory and momentum), the methods of its section 3.1, its transformed iterate (Lemma 6), and stages (section 6).

Arrays: x [..., d] in X; gradients, momentum, memory, messages [..., workers, d] in F/X, for here the memory holds no step size (but in
`mem_sgd`, where it is in X). Leading axes are a batch. Object arrays of Fractions are computed exactly. All randomness is an argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import count, is_exact, of_shape, per_instance, rationals, vectors
from reference.operators import Operator, rand_k

Compress = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


class State(NamedTuple):
    """x (w_t) [..., d], momentum (g_{t-1,k}) and memory (u_{t,k}) [..., workers, d]."""

    x: np.ndarray
    momentum: np.ndarray
    memory: np.ndarray


def init(x0: ArrayLike, workers: int) -> State:
    """Everybody at x0 [..., d], without momentum and memory. Raises: ValueError for no worker."""
    workers = count("workers", workers)
    x = vectors("x0", x0)
    nothing = np.repeat(x[..., None, :], workers, axis=-2) * 0
    return State(x, nothing, nothing)  # lines 1, 2


def step(
    state: State, gradients: ArrayLike, eta: Any, beta: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[State, np.ndarray]:
    """One iteration t of Algorithm 1: the state at t + 1, and what each worker sends, [..., workers, d].

    `gradients`: each worker's mini-batch mean at state.x. `eta` and `beta` are scalars or one per instance of the leading axes.
    `compress(v, uniforms)` is the mask at work, v -> m * v: `top_k`, `rand_k`, `approximate_top_k`, or any other map at all.
    Raises: ValueError for a gradient that is NaN or infinite, or of another shape than the memory.
    """
    g = per_instance("beta", beta, state.memory) * state.momentum + _share(state, gradients)  # line 7
    v = g + state.memory
    messages = compress(v, uniforms)  # lines 8, 9
    x = state.x - per_instance("eta", eta, state.x, 1) * messages.sum(axis=-2)  # lines 12, 13
    return State(x, g, v - messages), messages  # line 10


def aji_heafield(
    state: State, gradients: ArrayLike, eta: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[State, np.ndarray]:
    """Aji & Heafield as section 3.1 tells it: Algorithm 1 with beta = 0."""
    return step(state, gradients, eta, 0, compress, uniforms)


def mem_sgd(
    state: State, gradients: ArrayLike, eta: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[State, np.ndarray]:
    """Alistarh et al. and Stich et al. as section 3.1 writes them: the step size is inside the memory, which is in X like the messages."""
    g = _share(state, gradients)
    v = per_instance("eta", eta, g) * g + state.memory
    messages = compress(v, uniforms)
    return State(state.x - messages.sum(axis=-2), g, v - messages), messages


def rescaled_mem_sgd(
    state: State, gradients: ArrayLike, eta: Any, eta_next: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[State, np.ndarray]:
    """(3) and (4): `mem_sgd` on the memory over the step size. The same x for a compressor that commutes with positive factors."""
    g = _share(state, gradients)
    v = g + state.memory
    messages = compress(v, uniforms)
    memory = per_instance("eta", eta, g) / per_instance("eta_next", eta_next, g) * (v - messages)  # (3)
    return State(state.x - per_instance("eta", eta, state.x, 1) * messages.sum(axis=-2), g, memory), messages  # (4)


def dgc(
    state: State, gradients: ArrayLike, eta: Any, beta: Any, compress: Operator, uniforms: np.ndarray | None = None
) -> tuple[State, np.ndarray]:
    """Lin et al. as section 3.1 writes it: momentum factor masking forgets the momentum of what was sent.

    Raises: ValueError for an operator that does not select coordinates, and as `step`.
    """
    if compress.support is None:
        raise ValueError(f"compress must select coordinates for momentum factor masking, got {compress}")
    g_hat = per_instance("beta", beta, state.memory) * state.momentum + _share(state, gradients)
    v = g_hat + state.memory
    kept = compress.support(v, uniforms)
    nothing = v * 0
    messages = np.where(kept, v, nothing)
    x = state.x - per_instance("eta", eta, state.x, 1) * messages.sum(axis=-2)
    return State(x, np.where(kept, nothing, g_hat), np.where(kept, nothing, v)), messages


# ---- masks (section 7); the random one is `rand_k`, the top-K one `top_k`, both of reference.operators ----


def approximate_top_k(k: int, sample: int) -> Operator:
    """Every entry of at least a threshold in magnitude, the threshold a quantile of a random sample of the coordinates.

    The paper does not say what approximate top-K is; this is how Lin et al. thin their search. Row 0 of `uniforms` draws the sample: the
    coordinates of its `sample` smallest entries, among equals the lower index first, so that all sets are equally likely. The threshold
    is the ceil(k sample / d)-th largest magnitude in the sample. At least that many entries are kept, ties included; how many more varies
    with the draw. With sample = d it keeps what `top_k(k)` keeps, and what ties with the last of these.
    Raises: ValueError for k or sample below 1 (and, when called, above d).
    """
    for name, value in (("k", k), ("sample", sample)):
        count(name, value)
    drawn = rand_k(sample)

    def support(x: np.ndarray, u: np.ndarray | None) -> np.ndarray:
        d = x.shape[-1]
        for name, value in (("k", k), ("sample", sample)):
            if value > d:
                raise ValueError(f"{name} must be between 1 and d = {d}, got {value}")
        assert drawn.support is not None
        magnitudes = np.sort(np.where(drawn.support(x, u), np.abs(x), -1), axis=-1)  # those not in the sample come first
        return np.abs(x) >= magnitudes[..., d - math.ceil(Fraction(k * sample, d)), None]

    def apply(x: np.ndarray, u: np.ndarray | None) -> np.ndarray:
        return np.where(support(x, u), x, x * 0)

    return Operator("approximate_top_k", 1, apply, drawn.branches, {"k": k, "sample": sample}, support)


# ---- the transformation (section 4) ----


def transformed(state: State, eta: Any, rho_before: Any) -> np.ndarray:
    """z_t of (13), [..., d] in X, from the step eta_t to come and the weight rho_{t-1}."""
    momentum, memory = state.momentum.sum(axis=-2), state.memory.sum(axis=-2)
    return state.x + per_instance("rho_before", rho_before, momentum, 1) * momentum - per_instance("eta", eta, memory, 1) * memory


def recursion(eta: ArrayLike, beta: Any, rho_start: Any) -> np.ndarray:
    """rho_t of Lemma 6 for t = 0, ..., T - 1, beta rho_t = beta eta_t + rho_{t-1}, from any rho_{-1}; [T, ...] like eta.

    Raises: ValueError for beta = 0, where the recursion says nothing of rho_t and needs rho_{t-1} = 0.
    """
    if (np.asarray(beta) == 0).any():
        raise ValueError("beta must not be 0 to solve beta rho_t = beta eta_t + rho_{t-1} for rho_t, got 0")
    found = []
    for eta_t in np.asarray(eta):
        rho_start = eta_t + rho_start / beta
        found.append(rho_start)
    return np.stack(found)


def recursion_back(eta: ArrayLike, beta: Any, rho_end: Any) -> np.ndarray:
    """The same from the last of them, rho_{T-1} = `rho_end`, to the first: on this way nothing grows, and beta may be 0."""
    found = [rho_end]
    for eta_t in np.asarray(eta)[:0:-1]:
        found.append(beta * (found[-1] - eta_t))
    return np.stack(found[::-1])


class Steps(NamedTuple):
    """eta_t and rho_t, [times, ...] in X^2/F."""

    eta: np.ndarray
    rho: np.ndarray


def strategy_1(eta: Any, beta: Any, count: int) -> Steps:
    """The first strategy of section 5, `count` times the fixed step `eta` (printed as eta / sqrt(T)): rho_t = beta eta / (beta - 1)."""
    steps = np.repeat(np.asarray(eta)[None], count, axis=0)
    return Steps(steps, steps * beta / (beta - 1))


def strategy_2(eta: Any, beta: Any, alpha: Any, times: ArrayLike, printed: bool = True) -> Steps:
    """The second strategy of section 5 at iterations t: eta_t = eta (1/t^alpha - beta/(t+1)^alpha), rho_t = -eta/(t+1)^alpha.

    The printed rho does not obey the recursion of Lemma 6; beta times it (`printed=False`) does. `times` [n]; exact for Fractions where all
    powers are whole (alpha = 1).
    Raises: ValueError for t = 0, where the step is not defined.
    """
    t = np.asarray(times)
    if (t < 1).any():
        raise ValueError(f"times must be at least 1, as eta_0 of strategy 2 divides by 0, got {t.min()}")
    eta, beta = np.asarray(eta), np.asarray(beta)
    exponent = int(alpha) if alpha == int(alpha) else float(alpha)
    t = rationals(t) if is_exact(eta) else t.astype(eta.dtype)
    start, later = ((t + shift).reshape(-1, *(1,) * eta.ndim) ** exponent for shift in (0, 1))
    return Steps(eta * (1 / start - beta / later), -eta / later * (1 if printed else beta))


# ---- stages (section 6) ----


class Stage(NamedTuple):
    """A stage under way: the state of Algorithm 1, the anchor (w~_s) [..., d] it started from, the sum of its iterates so far [..., d]."""

    state: State
    anchor: np.ndarray
    total: np.ndarray


def stage_init(x0: ArrayLike, workers: int) -> Stage:
    """The first stage, at x0 [..., d]. Raises: ValueError as `init`."""
    state = init(x0, workers)
    return Stage(state, state.x, state.x * 0)


def stage_step(
    stage: Stage, gradients: ArrayLike, eta: Any, beta: Any, envelope: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[Stage, np.ndarray]:
    """One iteration of A(F_{s,gamma}, ...) (15), (16): Algorithm 1 where every gradient of F gains (w - w~_s) / gamma.

    `gradients` are those of F at stage.state.x; `envelope` is gamma, in X^2/F, a scalar or one per instance.
    """
    x = stage.state.x
    pull = (x - stage.anchor)[..., None, :] / per_instance("envelope", envelope, x)
    after, messages = step(stage.state, vectors("gradients", gradients) + pull, eta, beta, compress, uniforms)
    return Stage(after, stage.anchor, stage.total + x), messages


def next_stage(stage: Stage, horizon: int) -> Stage:
    """The start of the stage after one of `horizon` iterations: at the mean of its iterates (Lemma 11), memory and momentum forgotten.

    Raises: ValueError for a horizon below 1.
    """
    count("horizon", horizon)
    return stage_init(stage.total / (Fraction(horizon) if is_exact(stage.total) else horizon), stage.state.memory.shape[-2])


# ---- shapes ----


def _share(state: State, gradients: ArrayLike) -> np.ndarray:
    """Each worker's part of the mean gradient: its own over the number of workers, the 1/(p b) of line 7."""
    g = of_shape("gradients", gradients, "the memory", state.memory)
    workers = g.shape[-2]
    return g / (Fraction(workers) if is_exact(g) else workers)
