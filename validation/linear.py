"""Algorithms as linear systems: on quadratics their own steps, asked at unit vectors, say how a state moves over any number of steps.

Every worker's function is curvature_i / 2 x_i^2 + slope_(r, i) x_i, summed over coordinates, with slopes that cancel over the workers: so
x* = 0 and f* = 0. A sample adds a slope +- noise_(r, i), each with probability 1/2. A step of the reference is then affine in state and
noise, for a given outcome of the compressor, if that is the identity, a multiple of it, or a mask drawn at random; and no coordinate sees
another. So `probe` finds its matrix from the reference itself, and `validation.moments` does the rest.

Shapes: a batch of B runs on d coordinates is b = B d systems of one coordinate each, states z [..., n, d]; S slots are the steps that
differ: those of a period, or all of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from reference import dist_ef_sgd, mdsgd, qsparse_local_sgd
from reference.exact import is_exact, rationals
from reference.operators import Operator
from validation import moments
from validation.moments import Ball


class Slots(NamedTuple):
    """Steps [S, B]; who synchronises after each, [S, 1] or [S, 1, R]; weights of the iterates in an average [S, B], if there is one.

    `earlier` [S, B]: what a state or its measures take from the step before where steps differ: eta_(t-1) of dist-EF-SGD, rho_(t-1) of
    M-DSGD. Without it coordinates and forms do not depend on the step.
    """

    eta: np.ndarray
    sends: np.ndarray
    weight: np.ndarray | None = None
    earlier: np.ndarray | None = None

    def first(self) -> Slots:
        weight, earlier = (None if each is None else each[:1] for each in (self.weight, self.earlier))
        return Slots(self.eta[:1], self.sends[:1], weight, earlier)

    def followed(self, last: Slots) -> Slots:
        """With one slot more, for what is measured after the last step; weights left out."""
        earlier = None if self.earlier is None or last.earlier is None else np.concatenate([self.earlier, last.earlier])
        return Slots(np.concatenate([self.eta, last.eta]), np.concatenate([self.sends, last.sends]), None, earlier)


class Form(NamedTuple):
    """A quantity: the largest over groups of E weight ||v||^2; v [..., groups, rows, d] affine in the state; weight [B, d] or a number."""

    weight: Any
    v: np.ndarray


def probe(function: Callable[[np.ndarray], np.ndarray], inputs: int, slots: int, batch: int, d: int, exact: bool) -> np.ndarray:
    """The matrix [S, b, *rows, 1 + inputs] of an affine function of [..., slots, batch, inputs, d], constants first, by unit vectors.

    The function gives [..., *rows, d]. Raises: ValueError if it is not affine.
    """
    z = np.zeros((inputs + 2, slots, batch, inputs, d), dtype=object if exact else float) + (Fraction(0) if exact else 0.0)
    order = np.arange(1, inputs + 1)[:, None]
    check = (-1) ** order * order * np.arange(1, d + 1)  # not alike in any coordinate
    z[-1] = rationals(check) if exact else check
    for j in range(inputs):
        z[1 + j, :, :, j] = Fraction(1) if exact else 1.0
    found = function(z)
    found = np.broadcast_to(found, (inputs + 2, slots, batch, *found.shape[3:]))
    parts = found[1:-1] - found[0]
    again = found[0] + sum(part * z[-1][0, 0, j] for j, part in enumerate(parts))
    if (np.abs(again - found[-1]) > (0 if exact else 1e-9 * (1 + np.abs(found[-1]).max()))).any():
        raise ValueError("this step is not linear in its state and noise")
    rows = np.moveaxis(np.stack([found[0], *parts], axis=-1), -2, 2)  # [S, B, d, *rows, 1 + inputs]
    return rows.reshape(slots, batch * d, *rows.shape[3:])


# ---- the algorithms ----


@dataclass(frozen=True)
class Model:
    """A batch of problems, and how an algorithm runs on them: curvature and start [B, d], slope and noise [B, R, d]."""

    curvature: np.ndarray
    slope: np.ndarray
    noise: np.ndarray
    start: np.ndarray
    operator: Operator

    @property
    def workers(self) -> int:
        return int(self.slope.shape[1])

    @property
    def exact(self) -> bool:
        return is_exact(self.start)

    @property
    def nodes(self) -> int:
        """How many of them compress."""
        return self.workers

    @property
    def size(self) -> int:
        """Numbers of a state, for each coordinate."""
        raise NotImplementedError

    def gradients(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """What the workers sample at x [..., R, d] with noise w."""
        return self.curvature[:, None] * x + self.slope + w

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        """One step of the reference, with noise w [..., R, d] and the uniforms [nodes, draws, d] of the compressor."""
        raise NotImplementedError

    def begin(self) -> np.ndarray:
        """The state [B, n, d] at the start: the iterates of everybody, and 0."""
        raise NotImplementedError

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        """n combinations of the state in which a step moves what is large by little, however small eta: bounds are taken in them."""
        raise NotImplementedError

    def forms(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        """What is measured of a state, by name."""
        raise NotImplementedError

    def during(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        """What is measured of the step from a state: there is none after the last."""
        return {}

    def discounted(self) -> dict[str, tuple[str, np.ndarray]]:
        """Sums over all times before of a quantity times a power of a number [B], by their names: the quantity, the number."""
        return {}

    def visited(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        """Where gradients must be bounded, [..., any, d]."""
        raise NotImplementedError

    def noisy(self, v: np.ndarray, factor: Any = 1) -> np.ndarray:
        """v [..., R, d], to which each worker adds `factor` times its noise, in groups of two rows: what is expected, and the noise."""
        return np.stack([v, v * 0 + factor * self.noise], axis=-2)

    def zero(self, slots: Slots) -> np.ndarray:
        """A state of nothing, for all slots."""
        return np.zeros((1, *slots.eta.shape, self.size, self.start.shape[-1]), dtype=self.start.dtype) + self.start.flat[0] * 0

    def mean_iterate(self, z: np.ndarray) -> np.ndarray:
        """What an average of iterates averages, [..., d]."""
        return z[..., 0, :]

    def compressor(self, uniforms: np.ndarray | None) -> Callable[[np.ndarray, Any], np.ndarray]:
        """The operator under one outcome, for arrays [..., nodes, d]."""
        return lambda v, _: self.operator(v, None if uniforms is None else np.broadcast_to(uniforms, (*v.shape[:-1], *uniforms.shape[-2:])))


def joined(*parts: np.ndarray) -> np.ndarray:
    """Parts of a state, [..., d] or [..., any, d], as one array [..., n, d]."""
    most = max(part.ndim for part in parts)
    return np.concatenate([part[..., None, :] if part.ndim < most else part for part in parts], axis=-2)


def mean(v: np.ndarray) -> np.ndarray:
    return v.sum(-2) / (Fraction(v.shape[-2]) if is_exact(v) else v.shape[-2])


def alone(v: np.ndarray) -> np.ndarray:
    """One vector as one group of one row."""
    return v[..., None, None, :]


def each(v: np.ndarray) -> np.ndarray:
    """Every row a group of its own."""
    return v[..., :, None, :]


def together(v: np.ndarray) -> np.ndarray:
    """All rows as one group."""
    return v[..., None, :, :]


class Qsparse(Model):
    """Algorithm 1 of Qsparse-local-SGD: master, local iterates, memories. The virtual mean is theirs: x_hat - memory, as long as all

    compress at once.
    """

    @property
    def size(self) -> int:
        return 2 * self.workers + 1

    def split(self, z: np.ndarray) -> qsparse_local_sgd.State:
        R = self.workers
        return qsparse_local_sgd.State(z[..., 0, :], z[..., 1 : R + 1, :], z[..., R + 1 :, :])

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        state = self.split(z)
        g = self.gradients(state.x_hat, w)
        return joined(*qsparse_local_sgd.step(state, g, slots.eta, slots.sends, self.compressor(uniforms))[0])

    def begin(self) -> np.ndarray:
        return joined(*qsparse_local_sgd.init(self.start, self.workers))

    def received(self, z: np.ndarray) -> np.ndarray:
        """What each worker received last, [..., R, d]."""
        return self.split(z).x[..., None, :]

    def virtual(self, z: np.ndarray) -> np.ndarray:
        state = self.split(z)
        return mean(state.x_hat) - mean(state.memory)

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        state = self.split(z)
        return joined(self.virtual(z), self.received(z) - state.x_hat, state.memory)

    def mean_iterate(self, z: np.ndarray) -> np.ndarray:
        return mean(self.split(z).x_hat)

    def visited(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return self.split(z).x_hat

    def forms(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        state, share, half = self.split(z), Fraction(1, self.workers), self.curvature / 2
        share = share if self.exact else float(share)  # type: ignore[assignment]
        x_bar, virtual = mean(state.x_hat), self.virtual(z)
        return {
            "gradient_sq": Form(share * self.curvature**2, together(state.x_hat)),
            "virtual_loss": Form(half, alone(virtual)),
            "virtual_distance_sq": Form(1, alone(virtual)),
            "function_gap": Form(half, alone(x_bar)),
            "deviation_sq": Form(share, together(state.x_hat - x_bar[..., None, :])),
            "lag_sq": Form(1, alone(x_bar - virtual)),
            "memory_sq": Form(1, each(state.memory)),
            "mean_memory_sq": Form(share, together(state.memory)),
            "local_progress_sq": Form(share, together(state.x_hat - self.received(z))),
        }


class Asynchronous(Qsparse):
    """Algorithm 2: master, what each worker received last, local iterates, memories."""

    @property
    def size(self) -> int:
        return 3 * self.workers + 1

    def split(self, z: np.ndarray) -> Any:
        R = self.workers
        return qsparse_local_sgd.AsynchronousState(z[..., 0, :], z[..., 1 : R + 1, :], z[..., R + 1 : 2 * R + 1, :], z[..., 2 * R + 1 :, :])

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        state = self.split(z)
        g = self.gradients(state.x_hat, w)
        return joined(*qsparse_local_sgd.asynchronous_step(state, g, slots.eta, slots.sends, self.compressor(uniforms))[0])

    def begin(self) -> np.ndarray:
        return joined(*qsparse_local_sgd.asynchronous_init(self.start, self.workers))

    def received(self, z: np.ndarray) -> np.ndarray:
        return self.split(z).x  # type: ignore[no-any-return]

    def virtual(self, z: np.ndarray) -> np.ndarray:
        state = self.split(z)  # what the master lacks is kept, or not sent yet
        return state.master - mean(state.memory) - mean(state.x - state.x_hat)  # type: ignore[no-any-return]

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        state = self.split(z)
        return joined(self.virtual(z), state.x - state.master[..., None, :], state.x - state.x_hat, state.memory)


@dataclass(frozen=True)
class Momentum(Model):
    """M-DSGD: iterate, momenta, memories; `beta` [B]. A constant step has the weights rho_t of the first strategy."""

    beta: np.ndarray

    @property
    def size(self) -> int:
        return 2 * self.workers + 1

    def split(self, z: np.ndarray) -> mdsgd.State:
        R = self.workers
        return mdsgd.State(z[..., 0, :], z[..., 1 : R + 1, :], z[..., R + 1 :, :])

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        state = self.split(z)
        g = self.gradients(np.repeat(state.x[..., None, :], self.workers, axis=-2), w)
        return joined(*mdsgd.step(state, g, slots.eta, self.beta, self.compressor(uniforms))[0])

    def begin(self) -> np.ndarray:
        return joined(*mdsgd.init(self.start, self.workers))

    def virtual(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        rho = self.beta * slots.eta / (self.beta - 1) if slots.earlier is None else slots.earlier
        return mdsgd.transformed(self.split(z), slots.eta, rho)

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        state = self.split(z)
        return joined(self.virtual(z, slots), state.momentum, state.memory)

    def visited(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return joined(z[..., :1, :], self.virtual(z, slots))

    def forms(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        state, half, virtual = self.split(z), self.curvature / 2, self.virtual(z, slots)
        return {
            "gradient_sq": Form(self.curvature**2, alone(state.x)),
            "function_gap": Form(half, alone(state.x)),
            "iterate_loss": Form(half, alone(state.x)),
            "virtual_loss": Form(half, alone(virtual)),
            "iterate_distance_sq": Form(1, alone(state.x)),
            "transformed_distance_sq": Form(1, alone(virtual)),
            "transformed_lag_sq": Form(1, alone(virtual - state.x)),
            "total_memory_sq": Form(1, alone(state.memory.sum(-2))),
            "worker_memory_sq": Form(1, together(state.memory)),
        }

    def during(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        state, share = self.split(z), self.workers * self.start.flat[0] ** 0
        g = self.gradients(np.repeat(state.x[..., None, :], self.workers, axis=-2), self.noise * 0) / share
        own = self.noisy(self.beta[:, None, None] * state.momentum + g, 1 / share)  # [..., R, 2, d]
        noise = own[..., 1, :]
        return {
            "worker_momentum_sq": Form(1, together(own.reshape(*own.shape[:-3], -1, own.shape[-1]))),
            "total_momentum_sq": Form(1, together(joined(own[..., 0, :].sum(-2), noise))),
            "batch_gradient_sq": Form(1, together(joined(g.sum(-2), noise))),
        }


class Rescaled(Momentum):
    """MEM-SGD rescaled, (3) and (4) of M-DSGD: iterate and memories. `earlier` is eta_{t-1}: where (3) rescales a memory by

    eta_{t-1} / eta_t, the state has it as it was before, and this comes first in the next step.
    """

    @property
    def size(self) -> int:
        return self.workers + 1

    def split_at(self, z: np.ndarray, slots: Slots) -> mdsgd.State:
        memory = z[..., 1:, :]
        scaled = memory if slots.earlier is None else (slots.earlier / slots.eta)[..., None, None] * memory
        return mdsgd.State(z[..., 0, :], memory * 0, scaled)

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        g = self.gradients(np.repeat(z[..., :1, :], self.workers, axis=-2), w)
        state = self.split_at(z, slots)
        after, _ = mdsgd.rescaled_mem_sgd(state, g, slots.eta, slots.eta, self.compressor(uniforms))
        return joined(after.x, after.memory)

    def begin(self) -> np.ndarray:
        state = mdsgd.init(self.start, self.workers)
        return joined(state.x, state.memory)

    def virtual(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return mdsgd.transformed(self.split_at(z, slots), slots.eta, slots.eta * 0)

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return joined(self.virtual(z, slots), z[..., 1:, :])

    def forms(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        state = self.split_at(z, slots)
        return {
            "gradient_sq": Form(self.curvature**2, alone(state.x)),
            "rescaled_total_memory_sq": Form(1, alone(state.memory.sum(-2))),
        }

    def during(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        return {}


class ErrorFeedback(Momentum):
    """Algorithms 2 and 4 of dist-EF-SGD: iterate, memories of workers and server, momenta."""

    @property
    def nodes(self) -> int:
        return self.workers + 1

    @property
    def size(self) -> int:
        return 2 * self.workers + 2

    def split_at(self, z: np.ndarray, slots: Slots) -> dist_ef_sgd.State:
        R, x = self.workers, z[..., 0, :]
        steps = np.broadcast_to(slots.eta if slots.earlier is None else slots.earlier, x.shape[:-1])
        return dist_ef_sgd.State(x, z[..., 1 : R + 1, :], z[..., R + 1, :], z[..., R + 2 :, :], x * 0, steps)

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        state = self.split_at(z, slots)
        g = self.gradients(np.repeat(state.x[..., None, :], self.workers, axis=-2), w)
        own, server = (None, None) if uniforms is None else (uniforms[:-1], uniforms[-1])
        after, _ = dist_ef_sgd.step(
            state, g, slots.eta, self.compressor(own), None, self.compressor(server), None, self.beta
        )  # fmt: skip
        return joined(after.x[..., None, :], after.memory, after.server_memory[..., None, :], after.velocity)

    def begin(self) -> np.ndarray:
        x, memory, server_memory, velocity, *_ = dist_ef_sgd.init(self.start, self.workers)
        return joined(x[..., None, :], memory, server_memory[..., None, :], velocity)

    def discounted(self) -> dict[str, tuple[str, np.ndarray]]:
        names = {"gradient_sq": "gradient_sq", "batch_gradient_sq": "batch_gradient_sq", "batch_noise_sq": "noise_sq"}
        return {f"discounted_{name}": (of, self.beta) for name, of in names.items()}

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        averaged = dist_ef_sgd.averaged(self.split_at(z, slots), slots.eta, self.beta)
        return joined(averaged[..., None, :], z[..., 1:, :])

    def visited(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return z[..., :1, :]

    def forms(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        state, half, a_sq = self.split_at(z, slots), self.curvature / 2, self.curvature**2
        share = Fraction(1, self.workers) if self.exact else 1 / self.workers
        virtual, averaged = dist_ef_sgd.corrected(state), dist_ef_sgd.averaged(state, slots.eta, self.beta)
        found = {
            "gradient_sq": Form(a_sq, alone(state.x)),
            "iterate_loss": Form(half, alone(state.x)),
            "function_gap": Form(half, alone(state.x)),
            "virtual_loss": Form(half, alone(virtual)),
            "averaged_loss": Form(half, alone(averaged)),
            "lag_sq": Form(1, alone(state.x - virtual)),
            "averaged_lag_sq": Form(1, alone(state.x - averaged)),
            "averaged_virtual_sq": Form(1, alone(virtual - averaged)),
            "virtual_gradient_lag_sq": Form(a_sq, alone(state.x - virtual)),
            "averaged_gradient_lag_sq": Form(a_sq, alone(state.x - averaged)),
            "virtual_gradient_sq": Form(a_sq, alone(virtual)),
            "averaged_gradient_sq": Form(a_sq, alone(averaged)),
            "worker_error_sq": Form(share, together(state.memory)),
            "mean_error_sq": Form(1, alone(mean(state.memory))),
            "server_error_sq": Form(1, alone(state.server_memory)),
            "two_way_error_sq": Form(1, alone(state.server_memory + mean(state.memory))),
            "momentum_sq": Form(1, alone(mean(state.velocity))),
        }
        steady = slots.earlier is None  # z_t is defined for constant steps
        return {name: form for name, form in found.items() if steady or not name.startswith("averaged")}

    def during(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        state, R, one = self.split_at(z, slots), self.workers, self.start.flat[0] ** 0
        beta, eta = self.beta[:, None, None], slots.eta[..., None]
        g = self.gradients(np.repeat(state.x[..., None, :], R, axis=-2), self.noise * 0)
        kept = (state.eta / slots.eta)[..., None, None] * state.memory
        own = beta * (beta * state.velocity + g) + g  # what drives a worker, but for its noise
        drive, put_in, plain = (self.noisy(v, 1 + beta) for v in (own, own + kept, own + state.memory))
        moved = joined(mean(own), drive[..., 1, :] / (R * one))

        def all_of(v: np.ndarray) -> np.ndarray:
            return together(v.reshape(*v.shape[:-3], -1, v.shape[-1]))

        return {
            "drive_sq": Form(1, drive),
            "mean_drive_sq": Form(one / R, all_of(drive)),
            "worker_input_sq": Form(one / R, all_of(put_in)),
            "mean_input_sq": Form(1, together(joined(mean(own + kept), put_in[..., 1, :] / (R * one)))),
            "batch_gradient_sq": Form(1, together(joined(mean(g), self.noise / (R * one) + g * 0))),
            "noise_sq": Form(1, together(self.noise / (R * one) + g * 0)),
            "virtual_move_sq": Form(1, together(eta[..., None, :] * moved)),
            "plain_input_sq": Form(one / R, all_of(plain)),
        } | ({} if self.operator.draws else self.messages(state, put_in, (state.eta / slots.eta)[..., None] * state.server_memory))

    def messages(self, state: dist_ef_sgd.State, put_in: np.ndarray, server_memory: np.ndarray) -> dict[str, Form]:
        """What the server hears of `put_in` [..., R, 2, d], mean and noise of what workers compress; for an operator that is certain."""
        sent = self.operator(put_in, None) / (self.workers * self.start.flat[0] ** 0)
        heard, noise = sent[..., 0, :].sum(-2), sent[..., 1, :]
        return {
            name: Form(1, together(joined(heard + beside, noise)))
            for name, beside in (("mean_message_sq", 0), ("server_input_sq", server_memory), ("plain_server_input_sq", state.server_memory))
        }


class Single(Model):
    """Algorithm 1 of dist-EF-SGD, on one machine: iterate and memory."""

    @property
    def size(self) -> int:
        return 2

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        state = dist_ef_sgd.Single(z[..., 0, :], z[..., 1, :])
        g = self.gradients(z[..., :1, :], w)[..., 0, :]
        return joined(*(part[..., None, :] for part in dist_ef_sgd.step_single(state, g, slots.eta, self.compressor(
            None if uniforms is None else uniforms[0]))[0]))  # fmt: skip

    def begin(self) -> np.ndarray:
        return joined(*(part[..., None, :] for part in dist_ef_sgd.init_single(self.start)))

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return joined(z[..., :1, :] - z[..., 1:, :], z[..., 1:, :])

    def visited(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return z[..., :1, :]

    def forms(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        x, memory, half = z[..., 0, :], z[..., 1, :], self.curvature / 2
        return {
            "gradient_sq": Form(self.curvature**2, alone(x)),
            "iterate_loss": Form(half, alone(x)),
            "function_gap": Form(half, alone(x)),
            "virtual_loss": Form(half, alone(x - memory)),
            **{name: Form(1, alone(memory)) for name in ("memory_sq", "mean_memory_sq", "lag_sq")},
        }


# ---- how it moves ----


class System(NamedTuple):
    """Every outcome of a step: chance, matrix [S, b, n, 1 + n], and what the noise does, [S, b, n, R]."""

    branches: list[tuple[Any, np.ndarray, np.ndarray]]

    def covariance(self, noise: np.ndarray) -> np.ndarray:
        """Of noises [b, R] of a step, [S, b, n, n]."""
        found: Any = 0
        for chance, _, push in self.branches:
            scaled = push * noise[:, None, :]
            found = found + chance * (scaled @ np.swapaxes(scaled, -1, -2))
        return found  # type: ignore[no-any-return]


def outcomes(model: Model) -> Iterator[tuple[Any, np.ndarray | None]]:
    """Every outcome of all compressors of a step, with its chance."""
    if not model.operator.draws:
        yield Fraction(1) if model.exact else 1.0, None
        return
    d = model.start.shape[-1]
    for chosen in product(list(model.operator.events(np.array([Fraction(1)] * d, dtype=object))), repeat=model.nodes):
        chance, uniforms = Fraction(1), np.stack([u for _, u in chosen])
        for p, _ in chosen:
            chance *= p
        yield (chance, uniforms) if model.exact else (float(chance), uniforms.astype(float))


def system(model: Model, slots: Slots) -> System:
    """The matrices of every step, asked of the reference."""
    n, (S, B), found = model.size, slots.eta.shape, []
    for chance, uniforms in outcomes(model):
        whole = probe(
            lambda y, u=uniforms: model.act(y[..., :n, :], y[..., n:, :], slots, u),  # type: ignore[misc]
            n + model.workers, S, B, model.start.shape[-1], model.exact,
        )  # fmt: skip
        found.append((chance, whole[..., : n + 1], whole[..., n + 1 :]))
    return System(found)


def by_coordinate(values: np.ndarray) -> np.ndarray:
    """[B, any, d] as [b, any]."""
    return np.moveaxis(values, -1, 1).reshape(-1, values.shape[1])


class Measured(NamedTuple):
    """`columns`: quantities [B, times]. `sums`: over all times but the last, of those of one group, [B]. `average_sq`: E x^2 of the average

    of iterates, [B, d], None without.
    """

    columns: dict[str, np.ndarray]
    sums: dict[str, np.ndarray]
    average_sq: np.ndarray | None


class Rows(NamedTuple):
    """A quantity: weight [B, d], and v as rows [S, b, groups, rows, 1 + n] on the state, constants first."""

    weight: np.ndarray
    v: np.ndarray

    def on_moments(self) -> np.ndarray:
        """Rows [S, b, groups, m] on the triangle of second moments."""
        return moments.square(self.v.reshape(-1, *self.v.shape[-2:])).reshape(*self.v.shape[:3], -1)


def turned(model: Model, slots: Slots) -> tuple[np.ndarray, np.ndarray]:
    """The model's coordinates as matrices [S, b, n, n] on the state, [1, b, n, n] where all are one, and their inverses."""
    if slots.earlier is None:
        slots = slots.first()
    (S, B), d = slots.eta.shape, model.start.shape[-1]
    turn = probe(lambda z: model.coordinates(z, slots), model.size, S, B, d, model.exact)[..., 1:]
    return turn, inverse(turn)


def measures(model: Model, z: np.ndarray, slots: Slots) -> dict[str, Form]:
    return model.forms(z, slots) | model.during(z, slots)


def rows_of(model: Model, slots: Slots) -> dict[str, Rows]:
    """Every form of the model on its state, asked for all at once."""
    (S, B), (_, d), at = slots.eta.shape, model.start.shape, 0

    def all_rows(z: np.ndarray) -> np.ndarray:
        return np.concatenate([form.v.reshape(*z.shape[:-2], -1, d) for form in measures(model, z, slots).values()], axis=-2)

    whole, found = probe(all_rows, model.size, S, B, d, model.exact), {}
    for name, form in measures(model, model.zero(slots), slots).items():
        groups, rows = form.v.shape[-3:-1]
        v = whole[:, :, at : at + groups * rows].reshape(S, B * d, groups, rows, -1)
        found[name] = Rows(np.broadcast_to(np.asarray(form.weight), (B, d)), v)
        at += groups * rows
    return found


def in_coordinates(forms: dict[str, Rows], back: np.ndarray | None, extra: bool) -> dict[str, Rows]:
    """The same on the coordinates, if any, from which `back` leads to the state; `extra` if there is an average besides."""
    found = {}
    for name, (weight, v) in forms.items():
        if back is not None:
            v = np.concatenate([v[..., :1], v[..., 1:] @ back[:, :, None]], axis=-1)
        found[name] = Rows(weight, np.concatenate([v, v[..., :1] * 0], axis=-1) if extra else v)
    return found


def extended(A: np.ndarray, average: np.ndarray | None) -> np.ndarray:
    """[S, b, n, 1 + n] as a square matrix on (1, z), and on the average of iterates too, to which `average` [S, b, 1 + n] is added."""
    one = A[..., :1, :1] * 0 + 1
    square = np.concatenate([np.concatenate([one, A[..., :1, 1:] * 0], axis=-1), A], axis=-2)
    if average is None:
        return square
    last = np.concatenate([average[..., None, :], one], axis=-1)
    return np.concatenate([np.concatenate([square, square[..., :1] * 0], axis=-1), last], axis=-2)


class Motion(NamedTuple):
    """A run in coordinates in which floats lose little to cancellation: branches [S, b, n + 1, n + 1], covariances of the noise

    [S, b, n, n], start [b, n]; with the average of iterates as one number more, if there is one.
    """

    branches: list[tuple[Any, np.ndarray]]
    noise: np.ndarray
    start: np.ndarray


def motion(model: Model, slots: Slots, coordinates: tuple[np.ndarray, np.ndarray] | None, found: System | None = None) -> Motion:
    """From the coordinates of each slot, and their inverses, to those of the next: one slot more than steps, or one for all.

    Without coordinates in the numbers of the state itself. `found`: the system of these slots, if it is known.
    """
    (B, d), average = model.start.shape, None
    found = system(model, slots) if found is None else found
    start, noise = by_coordinate(model.begin()), found.covariance(by_coordinate(model.noise))
    moves = [(chance, A) for chance, A, _ in found.branches]
    row = probe(lambda z: model.mean_iterate(z)[..., None, :], model.size, 1, B, d, model.exact)[:, :, 0]
    if coordinates is not None:
        turn, back = coordinates
        start = (turn[0] @ start[..., None])[..., 0]
        if len(turn) > 1:
            turn, back = turn[1:], back[:-1]
        noise = turn @ noise @ np.swapaxes(turn, -1, -2)
        moves = [(chance, np.concatenate([turn @ A[..., :1], turn @ A[..., 1:] @ back], axis=-1)) for chance, A in moves]
        onwards = (row[..., None, 1:] @ back)[..., 0, :]
        row = np.concatenate([np.broadcast_to(row[..., :1], (*onwards.shape[:-1], 1)), onwards], axis=-1)
    if slots.weight is not None:
        average = np.repeat(slots.weight, d, axis=1)[..., None] * row
        wider = np.zeros((*noise.shape[:-2], model.size + 1, model.size + 1), dtype=noise.dtype) + noise.flat[0] * 0
        wider[..., :-1, :-1] = noise
        noise, start = wider, np.concatenate([start, start[:, :1] * 0], axis=1)
    return Motion([(chance, extended(A, average)) for chance, A in moves], noise, start)


def totalled(weight: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values [times, b, groups] times weights [B, d], summed over coordinates; the largest over groups, [B, times]."""
    B, d = weight.shape
    summed = (values.reshape(len(values), B, d, -1) * weight[..., None]).sum(2)  # [times, B, groups]
    largest = summed[..., 0]
    for g in range(1, summed.shape[-1]):
        largest = moments.larger(largest, summed[..., g])
    return largest.T


def periodic(model: Model, slots: Slots, last: Slots, horizon: int, found: System | None = None) -> Measured:
    """A run whose steps repeat every S slots, the last S of them being `last`: columns hold the last S + 1 times. `found` as for `motion`.

    Raises: ValueError for exact numbers that grow without bound.
    """
    S = len(slots.eta)
    turn, back = turned(model, slots)
    whole = motion(model, slots, (turn, back), found)
    branches, noise, start = whole
    forms = in_coordinates(rows_of(model, slots), back, slots.weight is not None)
    rows = {name: form.on_moments() for name, form in forms.items()}
    single = [name for name in rows if rows[name].shape[2] == 1]
    steps = [moments.step([(chance, A[s]) for chance, A in branches], noise[s]) for s in range(S)]
    fading, d = model.discounted(), model.start.shape[-1]
    summed, kept = [*single, *(of for of, _ in fading.values())], [np.repeat(part, d) for _, part in fading.values()]
    watched = [moments.watched(each, [rows[name][s, :, 0] for name in summed], kept) for s, each in enumerate(steps)]
    P, totals = moments.sums(watched, horizon // S - 1, moments.start(start))
    ending, noise, _ = whole if last is slots else motion(model, last, (turn, back))
    seen = [P]
    for s in range(S):
        matrix = moments.step([(chance, A[s]) for chance, A in ending], noise[s])
        seen.append((matrix @ seen[-1][..., None])[..., 0])
    columns, sums = {}, {}
    for name, form in forms.items():
        values = np.stack([(rows[name][s % S] * P[:, None]).sum(-1) for s, P in enumerate(seen)])
        columns[name] = totalled(form.weight, values)
        if name in single:
            before = totalled(form.weight, totals[None, :, single.index(name), None])[:, 0]
            sums[name] = before + columns[name][:, :-1].sum(-1)
    for row, (name, (of, part)) in enumerate(fading.items(), len(single)):
        before = totalled(forms[of].weight, totals[None, :, row, None])[:, 0]
        columns[name] = _faded(part, columns[of][:, :-1], before)
        sums[name] = (sums[of] - columns[name][:, -1]) / (1 - part)
    return Measured(_in_time(model, slots, _with_inner(columns)), _with_inner(sums), _average_sq(seen[-1], slots, model.start.shape))


def _faded(part: np.ndarray, values: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Sums that keep `part` [B] of themselves from time to time, [B, times + 1], from `before` [B]."""
    sums = [before]
    for value in values.T:
        sums.append(part * sums[-1] + value)
    return np.stack(sums, axis=-1)


def _with_inner(squares: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """With the inner products of the gradient at the iterate and at other points, 2 <a, b> = |a|^2 + |b|^2 - |a - b|^2."""
    found = {}
    for point in ("virtual", "averaged"):
        own, lag = f"{point}_gradient_sq", f"{point}_gradient_lag_sq"
        if own in squares:
            found[f"{point}_inner"] = (squares["gradient_sq"] + squares[own] - squares[lag]) / 2
    return squares | found


def _in_time(model: Model, slots: Slots, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Columns without what would happen after the end."""
    first = slots.first()
    steps = model.during(model.zero(first), first)
    return {name: values[:, :-1] if name in steps else values for name, values in columns.items()}


def _average_sq(P: np.ndarray, slots: Slots, shape: tuple[int, ...]) -> np.ndarray | None:
    return None if slots.weight is None else P[:, -1].reshape(shape)  # the last of the triangle is the square of the last


def walked(model: Model, slots: Slots, last: Slots, found: System | None = None) -> Measured:
    """A run of S steps, all different, one after the other: columns hold all S + 1 times, after the last step those of `last`.

    `found` as for `motion`.
    """
    every = slots.followed(last)
    coordinates = None if model.exact else turned(model, every)  # balls lose nothing to cancellation
    branches, noise, start = motion(model, slots, coordinates, found)
    back = None if coordinates is None else coordinates[1]
    forms = in_coordinates(rows_of(model, every.first() if slots.earlier is None else every), back, slots.weight is not None)
    values, P = (_walk_exactly if model.exact else _walk)(branches, noise, start, list(forms.values()))
    columns = {name: totalled(form.weight, each) for (name, form), each in zip(forms.items(), values, strict=True)}
    for name, (of, part) in model.discounted().items():
        columns[name] = _faded(part, columns[of][:, :-1], columns[of][:, 0] * 0)
    return Measured(_in_time(model, slots, _with_inner(columns)), {}, _average_sq(P, slots, model.start.shape))


def _walk(
    branches: list[tuple[Any, np.ndarray]], noise: np.ndarray, start: np.ndarray, forms: list[Rows]
) -> tuple[list[np.ndarray], np.ndarray]:
    """The forms at every time, [S + 1, b, groups] each, and the last triangle."""
    y = np.concatenate([start[:, :1] * 0 + 1, start], axis=1)
    seen = [y[:, :, None] * y[:, None, :]]
    for t in range(len(noise)):
        P = sum(chance * (A[t] @ seen[-1] @ np.swapaxes(A[t], -1, -2)) for chance, A in branches)
        P[:, 1:, 1:] += noise[t]
        seen.append(P)
    P, (I, J) = np.stack(seen)[:, :, None], moments.triangle(start.shape[1])
    return [((form.v @ P) * form.v).sum((-2, -1)) for form in forms], seen[-1][:, I, J]


def _walk_exactly(
    branches: list[tuple[Any, np.ndarray]], noise: np.ndarray, start: np.ndarray, forms: list[Rows]
) -> tuple[list[np.ndarray], np.ndarray]:
    """The same, enclosed by balls."""
    T, b, n, _ = noise.shape
    I, J = moments.triangle(n)
    sizes = [form.v.shape[2:4] for form in forms]
    group = np.concatenate([np.repeat(np.arange(groups), rows) for groups, rows in sizes])
    of_form = np.repeat(np.arange(len(forms)), [groups * rows for groups, rows in sizes])
    v = np.concatenate([form.v.reshape(*form.v.shape[:2], -1, n + 1) for form in forms], axis=2)
    values, ends = [np.empty((T + 1, b, groups), dtype=object) for groups, _ in sizes], np.empty((b, len(I)), dtype=object)
    padded = np.zeros((T, b, n + 1, n + 1), dtype=object)
    padded[..., 1:, 1:] = noise
    for row in range(b):
        lefts = [Ball.of((chance * A[:, row]).reshape(-1, n + 1)) for chance, A in branches]
        rights = [Ball.of(A[:, row].reshape(-1, n + 1)) for _, A in branches]
        pushes = Ball.of(padded[:, row].reshape(-1, n + 1))
        rows = [Ball.of(each) for each in v[:, row]]
        y = np.concatenate([[Fraction(1)], start[row]])
        P = Ball.of(y[:, None] * y[None, :])
        for t in range(T + 1):
            each = rows[t % len(rows)]
            squares = each.squared_in(P).intervals()
            for k, value in enumerate(values):
                for g in range(value.shape[2]):
                    value[t, row, g] = squares[(of_form == k) & (group == g)].sum()
            at = slice(t * (n + 1), (t + 1) * (n + 1))
            if t < T:
                moved = [left[at] @ P @ right[at].T for left, right in zip(lefts, rights, strict=True)]
                P = sum(moved, pushes[at])
        ends[row] = P[I, J][:, None].intervals()[:, 0]
    return values, ends


# ---- what it can reach ----


class Box(NamedTuple):
    """What a run can reach on any sample path: bounds [S, b, n] of the model's coordinates at every slot, infinite where none was found,

    and the inverses [S, b, n, n] of those coordinates, or one for all.
    """

    bounds: np.ndarray
    inverse: np.ndarray

    def of(self, rows: np.ndarray) -> np.ndarray:
        """The largest absolute value of affine functions [S, b, any, 1 + n] of the state, at every slot, [S, b, any]."""
        linear = np.abs(rows[..., 1:] @ self.inverse)
        with np.errstate(invalid="ignore"):
            found = (linear @ self.bounds[: len(linear), ..., None])[..., 0] + np.abs(rows[..., 0])
        return found if is_exact(found) else np.where(np.isnan(found), np.inf, found)


def reach(model: Model, slots: Slots, last: Slots | None, found: System | None = None, periods: int = 0) -> Box:
    """Bounds that every path keeps: of a run whose slots are repeated without end, or taken once, up to `last`.

    In the model's coordinates z' is at most |A| |z| + |c| + |B| noise, entry by entry, for every outcome of the compressor; what this map
    takes into itself is never left. Floats solve for it, exact numbers check it. Where there is no such bound (random masks), one for the
    first `periods`, if these are given. The slack is what |A| loses against A: the better the coordinates, the less.

    `found` as for `motion`.

    Raises: ValueError for exact numbers if nothing was found.
    """
    S, repeated, noise = len(slots.eta), last is None, by_coordinate(model.noise)
    turn, back = turned(model, slots if last is None else slots.followed(last))
    ahead, here = (turn, back) if len(turn) == 1 else (turn[1:], back[:-1])
    majorants, pushes = [], []
    for _, A, push in (system(model, slots) if found is None else found).branches:
        majorants.append(np.abs(ahead @ A[..., 1:] @ here))
        pushes.append(np.abs((ahead @ A[..., :1])[..., 0]) + (np.abs(ahead @ push) * noise[:, None, :]).sum(-1))
    A, c = np.maximum.reduce(majorants), np.maximum.reduce(pushes)  # [S, b, n, n], [S, b, n]
    start = np.abs((turn[0] @ by_coordinate(model.begin())[..., None])[..., 0])

    def onward(s: int, u: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):  # where no bound was found
            return (A[s] @ u[..., None])[..., 0] + c[s]  # type: ignore[no-any-return]

    A_near, c_near, start_near = (each.astype(float) for each in (A, c, start))
    u = _held(A_near, c_near, start_near) if repeated else start
    kept = np.isfinite(u).all(-1) if repeated else np.zeros(len(u), dtype=bool)  # without end
    if repeated and periods and not kept.all():
        u = np.where(kept[:, None], u, _until(A_near, c_near, start_near, periods))
        largest = np.maximum(start_near.max(-1), c_near.max((0, -1))).clip(min=1)[:, None]
        u = np.where((u < _FARTHEST * largest).all(-1, keepdims=True), u, np.inf)
    if model.exact and repeated:
        if not np.isfinite(u).all():
            raise ValueError("no bound was found for what the run can reach")
        u = np.frompyfunc(lambda x: _above(Fraction(x)), 1, 1)(u)
        if not kept.all():
            u[~kept] = _until(A[:, ~kept], c[:, ~kept], start[~kept], periods)
    bounds = [u]
    for s in range(S):
        following = onward(s, bounds[-1])
        bounds.append(np.frompyfunc(_above, 1, 1)(following) if model.exact else following)
    if model.exact and not (np.all(bounds[-1][kept] <= u[kept]) and np.all(start[kept] <= u[kept])):
        raise ValueError("the bound that was found for what the run can reach does not hold exactly")
    return Box(np.stack(bounds), back)


def inverse(turn: np.ndarray) -> np.ndarray:
    """Of matrices [..., n, n]; exact ones by elimination, all at once."""
    if not is_exact(turn):
        return np.linalg.inv(turn)
    n = turn.shape[-1]
    whole = np.concatenate([turn, turn * 0 + rationals(np.eye(n, dtype=int))], axis=-1).reshape(-1, n, 2 * n)
    which = np.arange(len(whole))
    for j in range(n):
        pivot = j + (whole[:, j:, j] != 0).argmax(1)
        chosen = whole[which, pivot]
        whole[which, pivot] = whole[:, j]
        whole[:, j] = chosen / chosen[:, j, None]
        others = whole[:, :, j].copy()
        others[:, j] = Fraction(0)
        whole = whole - others[..., None] * whole[:, None, j]
    return whole[..., n:].reshape(turn.shape)


_FARTHEST = 2.0**64
"""A bound until the end that is this many times beyond 1, and what a run begins with and is pushed by, is none: it is of no use."""


def _period(A: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A period of steps u' = A u + c as one."""
    whole, total = A[0], c[0]
    for each_A, each_c in zip(A[1:], c[1:], strict=True):
        whole, total = each_A @ whole, (each_A @ total[..., None])[..., 0] + each_c
    return whole, total


def _until(A: np.ndarray, c: np.ndarray, start: np.ndarray, periods: int) -> np.ndarray:
    """A bound [b, n] at the start of any of the first `periods` periods, and the one after; exact ones are rounded upwards.

    Pushed by c, and by as much as keeps the start, the bound never falls: so the last one holds for all.
    """
    whole, total = _period(A, c)
    lost = start - (whole @ start[..., None])[..., 0]
    total, exact = total + np.where(lost > 0, lost, 0 * lost), is_exact(start)
    one = np.concatenate([start[:, :1] * 0 + 1, start * 0], axis=-1)[:, None]
    matrix = np.concatenate([one, np.concatenate([total[..., None], whole], axis=-1)], axis=1)
    u = np.concatenate([one[..., 0], start], axis=-1)[..., None]
    upwards = np.frompyfunc(_above, 1, 1) if exact else lambda x: x * (1 + 1e-12)
    with np.errstate(over="ignore", invalid="ignore"):
        while periods:
            if periods & 1:
                u = upwards(matrix @ u)
            periods >>= 1
            if periods:
                matrix = upwards(matrix @ matrix)
    found = u[:, 1:, 0]
    return found if exact else np.where(np.isnan(found), np.inf, found)


def _held(A: np.ndarray, c: np.ndarray, start: np.ndarray) -> np.ndarray:
    """A bound [b, n] that a period of such steps takes into itself, with the start inside; infinite where there is none."""
    n = c.shape[-1]
    whole, total = _period(A, c)
    total = total + 1e-12 * start  # a direction to grow in where nothing else pushes
    try:
        u = np.linalg.solve(np.eye(n) - whole, total[..., None])[..., 0]
        u = u + np.linalg.solve(np.eye(n) - whole, 1e-7 * u[..., None])[..., 0]  # so that rounding cannot spoil it
    except np.linalg.LinAlgError:
        return np.full(total.shape, np.inf)
    held = np.all(u >= 0, axis=-1) & np.all((whole @ u[..., None])[..., 0] + total <= u, axis=-1)
    larger = np.where(u > 0, start / np.where(u > 0, u, 1), 0).max(-1, keepdims=True)
    return np.where(held[:, None], u * np.maximum(larger, 1) * (1 + 1e-9), np.inf)


def _above(x: Fraction) -> Fraction:
    """A rational of few digits, at least as large."""
    if x == 0:
        return x
    shift = 64 - x.numerator.bit_length() + x.denominator.bit_length()
    scaled = x * (Fraction(2) ** shift)
    return Fraction(-(-scaled.numerator // scaled.denominator)) / Fraction(2) ** shift
