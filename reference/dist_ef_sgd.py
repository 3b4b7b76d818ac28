"""Communication-efficient distributed blockwise momentum SGD with error feedback (Zheng, Huang, Kwok 2019): Algorithms 1 to 4, baselines.

Arrays: master x, server_memory [..., d]; memory, velocity, gradients [..., workers, d]. x is in X and eta in X^2/F; the memories of
Algorithms 2 to 4, like gradients and messages, are in F/X, since the step multiplies after compression. Leading axes are a batch. Object
arrays of Fractions are computed exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import count, mean_over_workers, of_shape, per_instance, vectors
from reference.operators import Operator, piecewise, scaled_sign
from reference.wire import message_bits

Compress = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


# ---- Algorithm 1: EF-SGD, one machine ----


class Single(NamedTuple):
    """x and the error memory e, [..., d] both, in X."""

    x: np.ndarray
    memory: np.ndarray


def init_single(x0: ArrayLike) -> Single:
    """Line 2: x0 [..., d] and an empty memory."""
    x = vectors("x0", x0)
    return Single(x, x * 0)


def step_single(
    state: Single, gradient: ArrayLike, eta: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[Single, np.ndarray]:
    """One iteration of Algorithm 1: the state at t + 1 and what moved x, Delta [..., d] in X.

    Raises: ValueError for a gradient that is not finite or of another shape than x, or a step that is not positive.
    """
    gradient = of_shape("gradient", gradient, "x", state.x)
    p = _step(eta, gradient) * gradient + state.memory  # line 4
    delta = compress(p, uniforms)  # line 5
    return Single(state.x - delta, p - delta), delta  # lines 6, 7


# ---- Algorithms 2 to 4: dist-EF-SGD, blockwise, with momentum ----


class State(NamedTuple):
    """At iteration t: x, e~ (server_memory) and the momentum m~ of weight decay [..., d]; e and m_{t-1} of the workers [..., workers, d];
    eta_{t-1} [...], 0 before the first step."""

    x: np.ndarray
    memory: np.ndarray
    server_memory: np.ndarray
    velocity: np.ndarray
    decay_velocity: np.ndarray
    eta: np.ndarray


class Messages(NamedTuple):
    """What a round sends: Delta_t^r up [..., workers, d], Delta~_t down [..., d], in F/X."""

    up: np.ndarray
    down: np.ndarray


def init(x0: ArrayLike, workers: int) -> State:
    """Line 2: everyone at x0 [..., d], memories and momenta empty, eta_{-1} = 0."""
    workers = count("workers", workers)
    x = vectors("x0", x0)
    nothing = np.repeat(x[..., None, :], workers, axis=-2) * 0
    return State(x, nothing, x * 0, nothing, x * 0, np.asarray(x[..., 0] * 0))


def step(
    state: State,
    gradients: ArrayLike,
    eta: Any,
    compress: Compress,
    uniforms: np.ndarray | None = None,
    server_compress: Compress | None = None,
    server_uniforms: np.ndarray | None = None,
    beta: Any = 0,
    weight_decay: Any = 0,
) -> tuple[State, Messages]:
    """One iteration of Algorithm 4; of Algorithm 2 where beta = 0, of Algorithm 3 where, besides, `compress` is `blockwise`.

    `gradients` are taken by the caller at state.x. `compress` maps [..., workers, d], `server_compress` (else the same) [..., d];
    both may be any function. `eta`, `beta`, `weight_decay`: scalars, or one per instance of the leading axes.
    Raises: ValueError for gradients that are not finite or of another shape than the memory, or a step that is not positive.
    """
    gradients = of_shape("gradients", gradients, "memory", state.memory)
    eta, beta = _step(eta, gradients), per_instance("beta", beta, gradients, 1)
    weight_decay = per_instance("weight_decay", weight_decay, gradients, 1)
    shrink = state.eta[..., None] / eta

    # The numbers are those of Algorithm 4; without momentum they are one smaller from line 6 on.
    velocity = beta[..., None] * state.velocity + gradients  # line 5
    p = beta[..., None] * velocity + gradients + shrink[..., None] * state.memory  # line 6
    up = compress(p, uniforms)  # line 7
    server_p = mean_over_workers(up) + shrink * state.server_memory  # line 11
    down = (server_compress or compress)(server_p, server_uniforms)  # line 12
    decay = weight_decay * state.x
    decay_velocity = beta * state.decay_velocity + decay  # Appendix A
    x = state.x - eta * (down + beta * decay_velocity + decay)  # line 8, with Appendix A
    after = State(x, p - up, server_p - down, velocity, decay_velocity, np.broadcast_to(eta[..., 0], x.shape[:-1]))  # lines 9, 13
    return after, Messages(up, down)


def corrected(state: State) -> np.ndarray:
    """The error-corrected iterate x~_t = x_t - eta_{t-1} (e~_t + mean e_t) of Lemmas 1 and 3, [..., d]."""
    return state.x - state.eta[..., None] * (state.server_memory + mean_over_workers(state.memory))


def averaged(state: State, eta: Any, beta: Any) -> np.ndarray:
    """z_t = x~_t - eta beta^2 / (1 - beta) mean m_{t-1} of Appendix G, [..., d], for the constant step eta and 0 <= beta < 1."""
    eta, beta = _step(eta, state.x), per_instance("beta", beta, state.x, 1)
    return corrected(state) - eta * beta**2 / (1 - beta) * mean_over_workers(state.velocity)


# ---- blocks ----


def blockwise(partition: Sequence[Sequence[int]]) -> Operator:
    """The compressor of section 3.2: each block of coordinates becomes ||v_b||_1 / d_b sign(v_b), with sign(0) = +1, as it takes one bit.

    Raises: ValueError unless the blocks hold each of 0..d-1 exactly once.
    """
    order = np.array(list(chain.from_iterable(partition)), dtype=int)
    if not len(order) or sorted(order) != list(range(len(order))):
        raise ValueError(f"partition must hold each of 0..{len(order) - 1} exactly once, got {[list(block) for block in partition]}")
    pieces = piecewise([scaled_sign()] * len(partition), [len(block) for block in partition])
    if (np.diff(order) == 1).all():
        return pieces

    def apply(x: np.ndarray, u: np.ndarray | None) -> np.ndarray:
        if x.shape[-1] != len(order):
            raise ValueError(f"partition must hold each of 0..{x.shape[-1] - 1} exactly once, got {[list(block) for block in partition]}")
        y = np.empty_like(x)
        y[..., order] = pieces.apply(x[..., order], u)
        return y

    return replace(pieces, name="blockwise", apply=apply, parameters={"pieces": pieces, "order": tuple(order.tolist())})


def whole(d: int) -> list[range]:
    """One block of all d coordinates."""
    return [range(d)]


def per_tensor(sizes: Iterable[int]) -> list[range]:
    """One block for each tensor, of the given numbers of entries, in order."""
    return [range(start, stop) for start, stop in pairwise(accumulate(sizes, initial=0))]


# ---- baselines: signSGD and signum with majority vote ----


class Voters(NamedTuple):
    """x [..., d] and the momenta of the workers [..., workers, d]."""

    x: np.ndarray
    velocity: np.ndarray


def init_vote(x0: ArrayLike, workers: int) -> Voters:
    """Everyone at x0 [..., d] without momentum."""
    state = init(x0, workers)
    return Voters(state.x, state.velocity)


def step_vote(state: Voters, gradients: ArrayLike, eta: Any, beta: Any = 0, weight_decay: Any = 0) -> tuple[Voters, Messages]:
    """One iteration of signum with majority vote (Bernstein et al. 2019); of signSGD where beta = 0. `eta` is in X: signs have no unit.

    A worker's sign(0) is +1, as it takes one bit; the vote is 0 at a tie, which an odd number of workers cannot produce.
    Raises: as `step`.
    """
    gradients = of_shape("gradients", gradients, "velocity", state.velocity)
    eta, beta = _step(eta, gradients), per_instance("beta", beta, gradients, 1)
    weight_decay = per_instance("weight_decay", weight_decay, gradients, 1)
    velocity = beta[..., None] * state.velocity + (1 - beta[..., None]) * gradients
    one = gradients.flat[0] * 0 + 1
    up = np.where(velocity >= 0, one, -one)
    down = np.sign(up.sum(axis=-2)) * one
    return Voters(state.x - eta * (down + weight_decay * state.x), velocity), Messages(up, down)


# ---- bits of a round, both ways, over all workers ----


def round_bits(operator: Operator, d: int, workers: int, server: Operator | None = None) -> int:
    """Bits that `workers` workers send up and receive in one iteration: 64 M d for the identity, 2 M d + 64 M B with B blocks (Table 1)."""
    up, down = (message_bits(each.parameters.get("pieces", each), d) for each in (operator, server or operator))
    return workers * (up + down)


def vote_bits(d: int, workers: int) -> int:
    """Bits of an iteration with majority vote, for an odd number of workers: 2 M d.

    Raises: ValueError for an even number, where a vote has three outcomes and no bit for the third.
    """
    if count("workers", workers) % 2 == 0:
        raise ValueError(f"workers must be odd for a vote of one bit an entry, got {workers}")
    return workers * 2 * count("d", d)


def pack_signs(signs: ArrayLike) -> bytes:
    """The message of d signs +-1, padded with zeros to whole bytes."""
    return np.packbits(np.asarray(signs) < 0).tobytes()


def unpack_signs(payload: bytes, d: int) -> np.ndarray:
    """The signs [d] of a message. Raises: ValueError if the payload is truncated or too long."""
    if len(payload) != -(-d // 8):
        raise ValueError(f"payload of {d} signs must have {-(-d // 8)} bytes, got {len(payload)}")
    return 1.0 - 2.0 * np.unpackbits(np.frombuffer(payload, dtype=np.uint8))[:d]


# ---- shared ----


def _step(eta: Any, beside: np.ndarray) -> np.ndarray:
    """eta [..., 1], to meet [..., d]: in the memories eta_{t-1} is divided by eta_t."""
    eta = per_instance("eta", eta, beside, 1)
    if not (eta > 0).all():
        raise ValueError(f"eta must be positive, got {eta.min()}")
    return eta
