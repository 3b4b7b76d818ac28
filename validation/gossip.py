"""Arena "qprsgd": Algorithms 1 and 2 of QPRSGD, and what the paper says of vectors alone; floats for the search, exact for the verdict.

Runs have a common function phi, piecewise quadratic and separable, and a linear tilt for each worker: F_m(x) = phi(x) - <b_m, x>. So L,
kappa (= `zeta`), F* are exact. Stochastic gradients add +- n_m, each with probability 1/2, independent over workers and iterations.
Expectations are taken in one of four ways, exactly but for the last, which encloses them:

"paths": every outcome of all noise and of every quantiser is a path of its own, and all are stepped: floats by the torch twin, rationals by
    the reference.
"moments": phi is quadratic and moves one coordinate, where QSGD rounds nothing. Each iterate is then affine in the noise, and the axis of
    paths holds its mean and its coefficient of every noise; products summed over that axis are the second moments.
"closed": the same, for any number of rounds, by the recursion of the moments of the mean of the workers (`validation.moments`).
"bounded": gossip on a quadratic of two coordinates, where QSGD rounds, for any number of rounds: moments from both sides.

Where all coordinates are alike (`validation.alike`, the law "alike"), what QSGD adds over any number of rounds is bounded from below too.

The letter d may be larger than the number of coordinates of a case: the others take no part, and stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import chain, product
from typing import Any, ClassVar

import numpy as np

from reference.exact import is_exact
from reference.qprsgd import segments
from theory.claim import Reading
from theory.hypotheses import fine_levels, gossip_step
from theory.symbols import QUANTITIES
from validation import moments, nearby
from validation.attack import ARENAS, Attack, Effort, Instance, Replay, generator, measured_once, pooled, register, remembered, with_long
from validation.chains import (
    Arrays,
    Chain,
    Code,
    Discounted,
    Kind,
    Matrix,
    Structure,
    chained,
    discounted_before,
    full,
    mixings,
    networks,
    read_mixing,
    ring_letters,
    rises,
    rounding,
    spectrum,
)  # fmt: skip
from validation.floors import Array, Floor, floor_for, floor_of
from validation.hypotheses import VALIDATORS, Case, Judgement, Pieces, free_of, judge
from validation.letters import replayed
from validation.onward import beginnings, in_floats, scale_of
from validation.quantities import Interval, bounds, evaluate, holds, root
from validation.runs import Group, exact_row, fractions, joined, lifted, roots_above, search

# ---- what a run shows ----


class Law:
    """The axis of paths of a batch of runs, [batch, paths]: it grows with every draw, or holds coefficients of the noise ("moments")."""

    def __init__(self, like: np.ndarray, draws: int) -> None:
        """`like` [batch, d]; `draws`: numbers of noises of an affine run, 0 where every outcome is a path."""
        self.draws, self.used = draws, 0
        one = like[:, :1] * 0 + 1
        self.weight = np.repeat(one, draws + 1, axis=1)
        self.carried: dict[str, Any] = {}

    def constant(self, values: np.ndarray) -> np.ndarray:
        """Something certain, [batch, ...], on every path: the mean, and nothing of the noise."""
        spread = np.repeat(values[:, None], self.weight.shape[1], axis=1)
        if self.draws:
            spread[:, 1:] = spread[:, 1:] * 0
        return spread

    def branch(self, count: int) -> None:
        """Every path becomes `count` paths, one after the other."""
        self.weight = np.repeat(self.weight, count, axis=1)
        self.carried = {name: _repeated(part, count) for name, part in self.carried.items()}

    def noise(self, size: np.ndarray) -> np.ndarray:
        """Independent draws +- size [batch, workers, d], on every path [batch, paths, workers, d]."""
        workers = size.shape[1]
        if self.draws:
            found = self.constant(size) * 0
            for m in range(workers):
                self.used += 1
                found[:, self.used, m] = size[:, m]
            return found
        if not size.any():
            return self.constant(size)
        signs = 1 - 2 * rises(workers)
        self.branch(len(signs))
        self.weight = self.weight / (Fraction(len(signs)) if is_exact(size) else len(signs))
        which = np.tile(signs, (self.weight.shape[1] // len(signs), 1))
        return size[:, None] * which[..., None]

    def inner(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """E <u, v> over the last axis, [batch, ...]."""
        values = (u * v).sum(-1)
        return (values * self.weight.reshape(*self.weight.shape, *(1,) * (values.ndim - 2))).sum(1)

    def square(self, u: np.ndarray) -> np.ndarray:
        return self.inner(u, u)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """E of a number on every path, [batch]; of outcomes only."""
        return (values * self.weight).sum(1)


def _repeated(part: Any, count: int) -> Any:
    if isinstance(part, tuple):
        return type(part)(*(np.repeat(each, count, axis=1) for each in part))
    return [np.repeat(each, count, axis=1) for each in part] if isinstance(part, list) else np.repeat(part, count, axis=1)


def _exactly(v: Array, up: Array | None) -> Array:
    """QSGD of a vector with one coordinate that is not 0."""
    return v


class Rounded:
    """QSGD at work: the uniforms say which coordinates are rounded up (1) or down (0), and the law learns how likely that was."""

    def __init__(self, law: Law, intervals: int) -> None:
        self.law, self.intervals = law, intervals

    def __call__(self, v: Array, up: Array | None) -> Array:
        assert up is not None
        which = np.asarray(up)[..., 0, :]
        found = rounding(np.asarray(v), self.intervals)
        chance = np.where(which, found.chance, 1 - found.chance)
        self.law.weight = self.law.weight * chance.reshape(*chance.shape[:2], -1).prod(-1)
        return floor_of(v).take(found.outcome(which, self.intervals))


def function(arrays: Arrays) -> Pieces:
    """phi, [batch, d]."""
    return Pieces(*(arrays[name] for name in Pieces._fields))


def joint(arrays: Arrays) -> Pieces:
    """F = phi less the mean tilt, [batch, d]."""
    phi, tilts = function(arrays), arrays["tilts"]
    return phi._replace(slope=phi.slope - tilts.sum(1) / tilts.shape[1])


@measured_once
def observe(structure: Structure, arrays: Arrays, eta: np.ndarray, on: Floor | None = None) -> dict[str, np.ndarray]:
    """Everything that is measured along the rounds of a batch of runs, by enumeration or by moments, stepped `on` a floor or that for its

    numbers.
    """
    N, K, s = (int(structure[name]) for name in ("rounds", "gap", "intervals"))
    ring, affine = structure["of"] == "ring", structure["law"] == "moments"
    phi, tilts, size = function(arrays), arrays["tilts"], arrays["noise"]
    B, M, d = tilts.shape
    number, on = Fraction if is_exact(tilts) else float, on or floor_for(tilts)
    F = joint(arrays)
    law = Law(arrays["start"], N * K * M if affine else 0)
    compress = Rounded(law, s)
    certain = law.constant(arrays["start"][:, :1] * 0 + 1)[..., 0]  # 1, and nothing of the noise

    def gradient_of(f: Pieces, x: np.ndarray) -> np.ndarray:
        """grad f at x [batch, paths, ..., d]; of an affine x the slope goes with the mean."""
        f = lifted(f, *range(1, x.ndim - 1))
        if not affine:
            return f.gradient(x)
        return f.curvature * x + f.slope * certain.reshape(*certain.shape, *(1,) * (x.ndim - 2))

    def local_gradients(x: np.ndarray) -> np.ndarray:
        return gradient_of(phi, x) - (certain[..., None, None] * tilts[:, None] if affine else tilts[:, None])

    def loss(x: np.ndarray) -> np.ndarray:
        if not affine:
            return law.mean(lifted(F, 1).value(x))
        return (F.curvature / 2 * (x * x).sum(1) + F.slope * x[:, 0]).sum(-1)

    def mean(v: np.ndarray) -> np.ndarray:
        return v.sum(-2) / number(M)

    def around(v: np.ndarray) -> np.ndarray:
        """What each worker has more than the mean of all."""
        return v - mean(v)[..., None, :]

    W = None if ring else read_mixing(structure["W"], is_exact(tilts))
    start = on.take(law.constant(arrays["start"]))
    at_start = on.qprsgd.init(start, M) if W is None else on.qprsgd.init_gossip(start, on.take(W))
    law.carried = {"state": _in_numpy(at_start), "noises": [], "moves": []}
    rows: dict[str, list[np.ndarray]] = {}
    of_step: dict[str, list[np.ndarray]] = {}

    def note(name: str, values: np.ndarray, where: dict[str, list[np.ndarray]] = rows) -> None:
        where.setdefault(name, []).append(values)

    for t in range(N):
        state = law.carried["state"]
        x0 = np.repeat(state.x[..., None, :], M, axis=-2) if ring else state.x
        law.carried |= {"x0": x0, "sum": x0 * 0, "exact": x0 * 0}
        x_bar, every = mean(x0), law.square(x0)
        gradients_so_far = deviations_so_far = drifts_so_far = every[:, 0] * 0
        note("start_loss", loss(x_bar))
        note("start_gradient_sq", law.square(gradient_of(F, x_bar)))
        note("start_mean_gradient_sq", law.square(mean(local_gradients(x0))))
        note("consensus_sq", law.square(x0 - x_bar[..., None, :]).sum(-1))
        note("iterates_sq", every.sum(-1))
        note("later_iterates_sq", every[:, 1:].sum(-1))
        sums: dict[str, np.ndarray] = {}
        for k in range(K):
            n = law.noise(size)
            x = law.carried["state"].local
            exact_g = local_gradients(x)
            g = exact_g - n
            x_bar = mean(x)
            at_mean = gradient_of(F, x_bar)
            deviation, local, noises = law.square(around(x)), law.square(exact_g), law.square(n)
            summed, exact_sum = law.carried["sum"], law.carried["exact"]
            here = {
                "gradient_at_mean_sq": law.square(at_mean),
                "mean_local_gradient_sq": law.square(mean(exact_g)),
                "gradients_aligned": law.inner(at_mean, mean(exact_g)),
                "iterate_deviation_sq": deviation.sum(-1) / number(M),
                "summed_stochastic_sq": law.square(g.sum(-2)),
                "stochastic_sq": law.square(g).sum(-1),
                "local_gradients_sq": local.sum(-1),
                "noises_sq": noises.sum(-1),
                "worker_noises_sq": noises[:, 0],
                "worker_gradient_sq": local[:, 0],
                "worker_gradient_at_mean_sq": law.square(local_gradients(x_bar[..., None, :])[..., 0, :]),
                "worker_deviation_sq": deviation[:, 0],
                "round_drift_sq": law.square(x - mean(law.carried["x0"])[..., None, :]).sum(-1),
                "round_way_sq": law.square(x_bar - mean(law.carried["x0"])),
                "noise_apart_sq": law.square(around(summed - exact_sum)).sum(-1) / number(M),
                "gradients_apart_sq": law.square(around(exact_sum)).sum(-1) / number(M),
                "weighted_apart_sq": k * gradients_so_far,
                "weighted_deviation_sq": k * deviations_so_far,
                "weighted_drift_sq": k * drifts_so_far,
            }
            gradients_so_far = gradients_so_far + law.square(around(exact_g)).sum(-1) / number(M)
            deviations_so_far = deviations_so_far + here["iterate_deviation_sq"]
            drifts_so_far = drifts_so_far + here["round_drift_sq"] / number(M)
            for name, values in here.items():
                sums[name] = sums[name] + values if name in sums else values
                if name in _OF_STEP:
                    note(name, values, of_step)
            law.carried |= {"sum": summed + g, "exact": exact_sum + exact_g}
            if k + 1 < K:
                law.carried["state"] = _moved(on, law.carried["state"], g, eta, False, W, None, None)
        for name, of_round in OF_ROUND.items():
            note(of_round, sums[name])
        total = law.carried["sum"]
        each = law.square(total)
        note("round_progress_sq", each.sum(-1))
        note("worker_progress_sq", each[:, 0])
        note("worker_exact_progress_sq", law.square(law.carried["exact"][..., 0, :]))
        note("worker_noise_progress_sq", law.square((total - law.carried["exact"])[..., 0, :]))
        note("mean_progress_sq", law.square(mean(total)))
        note("mean_exact_progress_sq", law.square(mean(law.carried["exact"])))
        note("mean_noise_progress_sq", law.square(mean(total - law.carried["exact"])))
        updates = eta[:, None, None, None] * total
        if W is None:
            note("ring_input_sq", law.square(updates).sum(-1) / number(M))
            noise = None if affine else _ring_noise(updates, s)
            note("ring_noise_sq", every[:, 0] * 0 if noise is None else law.mean(noise))
        else:
            x0 = law.carried["x0"]
            mixed = np.moveaxis(np.moveaxis(x0, -2, -1).dot(W), -1, -2) - x0
            difference = mixed - updates
            note("mixing_move_sq", law.square(mixed).sum(-1))
            note("difference_sq", law.square(difference).sum(-1))
            noise = None if affine else rounding(difference, s).variance(s).sum(-1)
            of_quantisers = every[:, 0] * 0 if noise is None else law.mean(noise)
            note("quantisation_noise_sq", of_quantisers)
            note("mean_quantisation_noise_sq", of_quantisers / number(M * M))
        if t + 1 == N:
            break
        up = None
        if not affine:
            free = _rounded_coordinates(structure, M, d)
            up = rises(free.sum())
            law.branch(len(up))
            g = np.repeat(g, len(up), axis=1)
            which = np.zeros((len(up), M, d), dtype=int)
            which[:, free] = up
            P = law.weight.shape[1]
            tiled = on.take(np.tile(which, (P // len(which), 1, 1))[None, :, :, None])
            up = on.xp.broadcast_to(tiled, (B, P, M, 1, d))
        law.carried["state"] = _moved(on, law.carried["state"], g, eta, True, W, _exactly if affine else compress, up)
    found = {name: np.stack(values, axis=-1) for name, values in (rows | of_step).items()}
    return found | averages(found)


_OF_STEP = {
    "gradient_at_mean_sq", "mean_local_gradient_sq", "gradients_aligned", "iterate_deviation_sq", "summed_stochastic_sq", "stochastic_sq",
    "local_gradients_sq", "noises_sq",
}  # fmt: skip
OF_ROUND = {
    "gradient_at_mean_sq": "round_gradient_sq",
    "mean_local_gradient_sq": "round_mean_gradient_sq",
    "iterate_deviation_sq": "round_deviation_sq",
    "stochastic_sq": "round_stochastic_sq",
    "local_gradients_sq": "round_local_gradient_sq",
    "noises_sq": "round_noises_sq",
    "gradients_aligned": "round_aligned",
    "summed_stochastic_sq": "round_summed_stochastic_sq",
}
OF_ROUND |= {
    name: name
    for name in (
        "worker_gradient_sq", "worker_gradient_at_mean_sq", "worker_deviation_sq", "round_drift_sq", "round_way_sq", "noise_apart_sq",
        "gradients_apart_sq", "weighted_apart_sq", "weighted_deviation_sq", "weighted_drift_sq", "worker_noises_sq",
    )
}  # fmt: skip
"""Sums over the local steps of a round, by the name of what is summed."""


def _moved(on: Floor, state: Any, g: np.ndarray, eta: np.ndarray, meet: bool, W: np.ndarray | None, compress: Any, up: Array | None) -> Any:
    """One local iteration on a floor; the state, which branches, is kept in NumPy."""
    here, moves = type(state)(*map(on.take, state)), (on.take(g), on.take(eta[:, None]), meet)
    if W is None:
        return _in_numpy(on.qprsgd.step(here, *moves, compress, up)[0])
    return _in_numpy(on.qprsgd.step_gossip(here, *moves, on.take(W), compress, up)[0])


def _in_numpy(state: Any) -> Any:
    return type(state)(*map(np.asarray, state))


def _ring_noise(updates: np.ndarray, intervals: int) -> np.ndarray:
    """E ||mean as the ring quantises it - mean||^2 of updates [batch, paths, workers, d], [batch, paths]."""
    B, P, M, d = updates.shape
    total = updates[:, :, 0, 0] * 0
    for j, columns in enumerate(segments(d, M)):
        if columns.stop - columns.start > 1:  # one coordinate is its own norm
            order = [(j + i) % M for i in range(M)]
            w = updates[:, :, order, columns].reshape(B * P, M, -1)
            total = total + chained(w, intervals)["chain_error_sq"].reshape(B, P)
    return total / (Fraction(M * M) if updates.dtype == object else M * M)


def _rounded_coordinates(structure: Structure, M: int, d: int) -> np.ndarray:
    """Where QSGD has something to round, [workers, d]: not where a vector has one coordinate."""
    pieces = [slice(0, d)] if structure["of"] == "gossip" else segments(d, M)
    lengths = np.concatenate([np.full(piece.stop - piece.start, piece.stop - piece.start) for piece in pieces])
    return np.repeat(lengths[None] > 1, M, axis=0)


def averages(found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Means over all rounds, or all local iterations."""
    names = {
        "average_gradient_sq": "start_gradient_sq",
        "average_start_mean_gradient_sq": "start_mean_gradient_sq",
        "average_local_gradient_sq": "gradient_at_mean_sq",
        "average_mean_gradient_sq": "mean_local_gradient_sq",
    }
    return {name: found[of].sum(-1) / found[of].shape[-1] for name, of in names.items()}


def discounted(structure: Structure, found: Mapping[str, np.ndarray], rho: np.ndarray, certain: bool) -> dict[str, np.ndarray]:
    """Noise and norms of stochastic gradients of the rounds before each round, discounted by rho and added up over all rounds.

    Of norms that are drawn nothing but their squares is known: with Minkowski's inequality that bounds the squared sums from above, and
    as norms are not negative from below. Exact values are then enclosed, floats the upper ends.
    """
    N, K = int(structure["rounds"]), int(structure["gap"])
    noise, squares = found["quantisation_noise_sq"], found["stochastic_sq"]
    exact = is_exact(squares)
    norms = np.frompyfunc(lambda x: root(x, 2), 1, 1)(squares) if exact else np.sqrt(np.maximum(squares, 0))
    of_round, of_squares = (each.reshape(len(rho), N, K).sum(-1) for each in (norms, squares))
    most = (discounted_before(of_round, rho) ** 2).sum(-1)
    if exact and not (certain and not noise.any()):
        least = discounted_before(of_squares, rho**2).sum(-1)
        most = np.array([Interval(bounds(low)[0], bounds(high)[1]) for low, high in zip(least, most, strict=True)], dtype=object)
    return {"discounted_noise_sq": discounted_before(noise, rho**2).sum(-1), "discounted_norms_sq": most}


# ---- any number of rounds ----


def closed(structure: Structure, arrays: Arrays, eta: np.ndarray) -> dict[str, np.ndarray]:
    """The averages of an affine run of one coordinate over any number of rounds, by the moments of the mean iterate.

    Workers share the curvature and only the mean is asked for, so that W and the quantisers, exact on one coordinate, take no part.
    Raises: ValueError where the mean grows without bound over a long run.
    """
    N, K = int(structure["rounds"]), int(structure["gap"])
    size, M = arrays["noise"], arrays["noise"].shape[1]
    exact = is_exact(size)
    number = Fraction if exact else float
    a, slope = arrays["curvature"][:, 0], joint(arrays).slope[:, 0]
    move = np.zeros((len(a), 2, 2), dtype=object if exact else float) + number(0)
    move[:, 0, 0], move[:, 1, 0], move[:, 1, 1] = number(1), -eta * slope, 1 - eta * a
    variance = (eta * eta * (size[..., 0] ** 2).sum(-1) / number(M * M))[:, None, None]
    gradient = moments.square(np.stack([slope, a], axis=-1)[:, None])
    each = moments.step([(number(1), move)], variance)
    first = moments.watched(each, [gradient, gradient])
    later = moments.watched(each, [gradient * 0, gradient])
    _, sums = moments.sums([first] + [later] * (K - 1), N, moments.start(arrays["start"][:, :1]))
    starts, every = sums[:, 0] / number(N), sums[:, 1] / number(N * K)
    return {
        "average_gradient_sq": starts,
        "average_start_mean_gradient_sq": starts,
        "average_local_gradient_sq": every,
        "average_mean_gradient_sq": every,
    }


def bounded(structure: Structure, arrays: Arrays, eta: np.ndarray) -> dict[str, np.ndarray]:
    """The averages of gossip on a quadratic of several coordinates, where QSGD is at work: enclosures, of which floats are the lower ends.

    The state is x~ of every worker, then their local iterates, coordinate by coordinate. Raises: ValueError as `closed`.
    """
    N, K, s = (int(structure[name]) for name in ("rounds", "gap", "intervals"))
    tilts, size = arrays["tilts"], arrays["noise"]
    B, M, d = tilts.shape
    exact = is_exact(tilts)
    number = Fraction if exact else float
    F = joint(arrays)

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros((B, *shape), dtype=object if exact else float) + number(0)

    n, mine = 2 * M * d, np.arange(M * d).reshape(M, d)  # where x~ stands; local iterates stand M d further on
    own = mine + M * d
    local, meet, noise = zeros(n + 1, n + 1), zeros(n + 1, n + 1), zeros(n, n)
    local[:, 0, 0] = meet[:, 0, 0] = number(1)
    spreads, rate = [], eta[:, None]
    mixing = read_mixing(structure["W"], exact)
    for m in range(M):
        local[:, 1 + mine[m], 1 + mine[m]] = number(1)
        local[:, 1 + own[m], 1 + own[m]] = 1 - rate * arrays["curvature"]
        local[:, 1 + own[m], 0] = rate * (tilts[:, m] - arrays["slope"])
        noise[:, own[m], own[m]] = rate * rate * size[:, m] ** 2
        sent = zeros(d, n + 1)  # x~ less W x~ - x~ + local
        for j in range(M):
            meet[:, 1 + mine[m], 1 + mine[j]] = mixing[m, j] - number(int(m == j))
        meet[:, 1 + mine[m], 1 + own[m]] = number(1)
        meet[:, 1 + own[m]] = meet[:, 1 + mine[m]]
        sent -= meet[:, 1 + mine[m]]
        sent[:, np.arange(d), 1 + mine[m]] += number(1)
        for i in range(d):
            along = zeros(n)
            along[:, [mine[m, i], own[m, i]]] = number(1)
            spreads.append(moments.Spread(along, sent, Fraction(1, 4 * s * s)))
    gradient = zeros(d, n + 1)
    for m in range(M):
        gradient[:, np.arange(d), 1 + own[m]] = F.curvature / number(M)
    gradient[:, :, 0] = F.slope
    asked = moments.square(gradient)
    ends = []
    for errors in ([], spreads) if exact else ([],):
        each = moments.step([(number(1), local)], noise)
        last = moments.watched(moments.step([(number(1), meet)], spreads=errors), [asked * 0, asked * 0])
        first, later = moments.watched(each, [asked, asked]), moments.watched(each, [asked * 0, asked])
        start = np.concatenate([arrays["start"]] * (2 * M), axis=1)
        ends.append(moments.sums([first] + [later] * (K - 1) + [last], N, moments.start(start))[1])
    starts, every = (_between(ends, which) / number(N * steps) for which, steps in ((0, 1), (1, K)))
    return {
        "average_gradient_sq": starts,
        "average_start_mean_gradient_sq": starts,
        "average_local_gradient_sq": every,
        "average_mean_gradient_sq": every,
    }


def _between(ends: list[np.ndarray], which: int) -> np.ndarray:
    """From the lowest of the first to the highest of the last, [batch]."""
    if len(ends) == 1:
        return ends[0][:, which]
    pairs = zip(*(each[:, which] for each in ends), strict=True)
    return np.array([Interval(bounds(low)[0], bounds(high)[1]) for low, high in pairs], dtype=object)


# ---- runs as a kind of case ----

_SHARES_BELOW_1 = Fraction(1, 1 << 20)
"""epsilon and delta of Theorem 1 lie in (0, 1): where they might be larger, this much below 1; never within it of what is allowed."""


@dataclass(frozen=True)
class Runs:
    """Runs of Algorithm 1 ("ring") or 2 ("gossip")."""

    of: str
    units: ClassVar[Mapping[str, tuple[int, int]]] = {
        "slope": (-1, 1), "curvature": (-2, 1), "knots": (1, 0), "bends": (-2, 1), "tilts": (-1, 1), "noise": (-1, 1), "start": (1, 0),
        "eta": (2, -1),
    }  # fmt: skip

    def structures(self, setting: Mapping[str, Any]) -> Iterator[tuple[Structure, int, int, bool]]:
        """What is fixed in each batch, with the number of coordinates of a path, knots, and whether there is noise."""
        workers = (1, 2, 3) if self.of == "ring" else (2, 3, 4)
        grounds = [(M, W) for M in workers for W in (mixings(M) if self.of == "gossip" else [None])]

        def at(law: str, rounds: int, gap: int, s: int, d: int, W: Any) -> Structure:
            return {"of": self.of, "law": law, "rounds": rounds, "gap": gap, "intervals": s, "d": d} | ({"W": W} if W else {})

        for (M, W), (N, K), s in product(grounds, ((1, 1), (1, 3), (4, 1), (3, 4), (12, 2)), (2, 64)):
            if N * K * M <= 36:
                yield at("moments", N, K, s, (8 if s > 2 else 1) * M, W), M, 0, True
        for (M, W), (N, K) in product(grounds, ((1, 2), (2, 1), (1, 3), (2, 2))):
            if (M, N * K) in ((1, 4), (1, 3), (2, 3), (3, 2), (2, 2), (2, 4), (1, 2), (4, 2)):
                yield at("paths", N, K, 8, 1, W), M, 2, True
        if setting.get("quantise") != "exactly":
            d, sizes = (4, (1, 2, 4)) if self.of == "ring" else (2, (2, 3, 8))
            for (M, W), (N, K), s in product([each for each in grounds if each[0] == 2], ((1, 1), (2, 1), (2, 2), (3, 1)), sizes):
                if N < 3 or self.of == "gossip":
                    yield at("paths", N, K, s, d, W), M, 0, False
            for (M, W), s in product([each for each in grounds if each[0] == 2], sizes[:2]):
                yield at("paths", 2, 1, s, d, W), M, 0, True
        for (M, W), K, N, (s, d) in product(grounds[:2], (1, 2), (1, 1000, 2 * 650**2, 2 * 11000**2), ((97, 97), (769, 769), (1000, 1))):
            for rule in ("drawn", "printed") if self.of == "gossip" else ("drawn",):
                yield at("closed", N, K, s, d, W) | {"step": rule}, M, 0, True
                if (M, N > 1, s > 700, self.of) == (2, True, True, "gossip"):
                    yield at("bounded", N, K, s, d, W) | {"step": rule}, M, 0, True

    def on_networks(self, setting: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple[Structure, int, int, bool]]:
        """The same on larger graphs, where workers hear of each other by and by: from a second round on."""
        for W in networks(rng):
            M, at = len(W), {"of": self.of, "W": W}
            for N, K, s in ((4, 1, 2), (2, 3, 64)):
                yield at | {"law": "moments", "rounds": N, "gap": K, "intervals": s, "d": M}, M, 0, True
            yield at | {"law": "paths", "rounds": 4, "gap": 2, "intervals": 8, "d": 1}, M, 2, False
            if M < 5 and setting.get("quantise") != "exactly":  # 2^(2 M) outcomes of the quantisers of a round; more in `validation.alike`
                yield at | {"law": "paths", "rounds": 2, "gap": 1, "intervals": 8, "d": 2}, M, 0, False

    def draw(self, setting: Mapping[str, Any], effort: Effort, rng: np.random.Generator) -> Iterator[tuple[Structure, Arrays]]:
        large = self.of == "gossip" and effort.moves
        for structure, M, knots, noisy in chain(self.structures(setting), self.on_networks(setting, rng) if large else ()):
            law = structure["law"]
            count = max(effort.instances // 3, 12)
            d = structure["d"] if law == "paths" else 1 + (law == "bounded")
            long = law in ("closed", "bounded")

            def grid(low: int, high: int, per: int, *shape: int, count: int = count) -> np.ndarray:
                return rng.integers(low, high + 1, (count, *shape)) / per

            curvature = grid(1, 8, 8, d)
            curvature[::4] = 1
            if not long:
                curvature[3::8] *= -1  # no F* there
            bends = grid(-12, 12, 8, d, knots) if knots else np.zeros((count, d, 0))
            bends[..., -1:] -= bends.sum(-1, keepdims=True) * (rng.random((count, 1, 1)) < 0.5)
            tilts = grid(-8, 8, 4, M, d)
            tilts[::3] = tilts[::3, :1]
            if law == "paths" and not knots:  # axes, and sides of right triangles: norms of both rounds are rational
                sizes = np.array([3.0, 4.0]) if M == 2 else np.arange(1.0, M + 1)
                tilts[1::4] = 0
                for m in range(M):
                    tilts[1::4, m, m % d] = 2 * sizes[m]
            if long:
                tilts = tilts / rng.choice([1.0, 8.0, 64.0], (count, 1, 1))
                tilts[:, 1:] = tilts[:, :1]
            noise = grid(0, 4, 4, M, d) * noisy
            noise[::5] = noise[::5, :1]
            noise[2::7] = 0
            if long:
                noise[:] = rng.choice([0.25, 1.0, 4.0], (count, 1, 1))
            start = grid(-8, 8, 2, d) * (self.of == "ring")
            phi = Pieces(grid(-4, 4, 4, d), curvature, grid(-8, 8, 4, d, knots), bends)
            if self.of == "gossip" or long:
                phi.slope[:] = 0
            if self.of == "ring":  # some at the minimiser, where the loss can only rise
                F = joint(phi._asdict() | {"tilts": tilts})
                start[5::6] = np.where(F.bounded_below()[:, None], F.least(), start)[5::6]
            steepest = np.abs(phi.pieces()[1]).reshape(count, -1).max(-1)
            shares = [1, 1, 0.5, 0.125, 1 / 64] if not long else [1, 63 / 64, 1 / 2, 1 / 9, 1 / 64, 1 / 4096]
            eta = rng.choice(shares, count) / steepest
            eta[::2] = eta[::2] / (1 if law == "paths" else structure["gap"])
            eta[1::4] = (1 if law == "paths" else 0.25) / steepest[1::4]
            yield structure, {**phi._asdict(), "tilts": tilts, "noise": noise, "start": start, "eta": eta}

    def measure(self, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
        letters = self.letters(structure, arrays)
        walk = {"closed": closed, "bounded": bounded}.get(structure["law"], observe)
        found = walk(structure, arrays, letters["eta"])
        if self.of == "gossip" and walk is observe:
            found = found | discounted(structure, found, letters["rho"], certain=not arrays["noise"].any())
        return _tidied(letters | found)

    def letters(self, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
        """Counts, the smallest constants that the batch allows, and the largest epsilon and delta that Theorem 1 allows."""
        phi, tilts, eta = function(arrays), arrays["tilts"], arrays["eta"]
        M, K, N = tilts.shape[1], int(structure["gap"]), int(structure["rounds"])
        F = joint(arrays)
        steepest = np.abs(phi.pieces()[1]).reshape(len(eta), -1).max(-1)
        apart = tilts - tilts.sum(1, keepdims=True) / (Fraction(M) if is_exact(tilts) else M)
        out = ring_letters(M, int(structure["d"]), int(structure["intervals"]), eta) | {
            "rounds": full(N, eta),
            "gap": full(K, eta),
            "L": steepest,
            "sigma": roots_above((arrays["noise"] ** 2).sum(-1).max(-1)),
            "zeta": roots_above((apart**2).sum((1, 2)) / (Fraction(M) if is_exact(tilts) else M)),
            "eta": eta,
            "G": sum(_largest(each) for each in (tilts, arrays["noise"], phi.slope)) + steepest * _largest(arrays["start"]),
        }
        if "W" in structure:
            rho, spread = spectrum(structure["W"])
            out |= {"rho": full(rho, eta), "spread": full(spread, eta)}
        bounded, best = F.bounded_below(), F.least()
        if bounded.any():
            f_star = np.where(bounded, F.value(best), -np.inf)
            out |= {"f_star": f_star, "initial_gap": F.value(arrays["start"]) - f_star}
        if structure.get("step") == "printed":
            out["eta"] = _printed_step(out)
            if not is_exact(eta):
                out["G"] = np.where(np.isnan(out["eta"]), np.nan, out["G"])  # so that nobody counts it as an instance
        return out | _shares(out)


def _printed_step(letters: Mapping[str, np.ndarray]) -> np.ndarray:
    """(14), which names no step unless levels are fine: there NaN in floats, where a division by 0 would make it 0.

    Raises: ValueError for exact letters without a step.
    """
    fine, step = fine_levels.condition, gossip_step.condition
    assert fine is not None
    assert step is not None
    if letters["rho"].dtype == object:
        if not holds(fine, letters):
            raise ValueError(f"(14) names no step where {fine} is false")
        return evaluate(step.rhs, letters)[:, 0]
    share = evaluate(fine.lhs / fine.rhs, letters)[:, 0]
    return np.where(share < 1 - 1e-9, evaluate(step.rhs, letters)[:, 0], np.nan)  # what is 1 but for round-off is 1


def _largest(values: np.ndarray) -> np.ndarray:
    return np.abs(values).reshape(len(values), -1).max(-1)


def _shares(letters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """epsilon and delta: what the conditions of Theorem 1 leave, less a margin; 1/2 where they leave nothing (and are not met)."""
    K, L, eta, C_1 = (np.array([float(value) for value in letters[name]]) for name in ("gap", "L", "eta", "ring_constant"))
    drift = 1 - 2 * (K + 1) * (K - 2) * L**2 * eta**2
    with np.errstate(divide="ignore", invalid="ignore"):
        spent = (8 * C_1 * L**2 * eta**2 + (K - 1) * L * eta + 2 * C_1) * K * L * eta / drift
    found = {"drift_share": drift, "descent_share": 1 - 2 * spent}
    margin = float(_SHARES_BELOW_1)
    out = {name: np.where(share > 2 * margin, np.minimum(share, 1) - margin, 0.5) for name, share in found.items()}
    if letters["eta"].dtype != object:
        return out
    return {name: fractions([Fraction(value).limit_denominator(1 << 24) for value in values]) for name, values in out.items()}


def _tidied(measured: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Squares that are only round-off are 0: some bounds are 0 too."""
    if measured["eta"].dtype == object:
        return measured
    seen = [measured[name].max(-1) for name in ("iterates_sq", "round_drift_sq") if name in measured]
    positions = np.sqrt(np.max(seen, axis=0, initial=0))
    slopes = measured["G"] + measured["L"] * positions
    reach = {"X^2": np.maximum(positions, measured["eta"] * slopes) ** 2, "F^2/X^2": slopes**2}
    out = dict(measured)
    for name, values in measured.items():
        beside = reach.get(QUANTITIES[name].unit) if name in QUANTITIES else None
        if beside is not None and values.ndim > 1:
            out[name] = np.where(np.abs(values) > 1e-26 * beside[:, None], values, 0)
    return out


# ---- hypotheses ----


@dataclass(frozen=True)
class GossipCase(Case):
    """A run of QPRSGD: `functions` holds phi, [1, d]; arrays are those of the instance."""

    arrays: Mapping[str, np.ndarray] | None = None
    mixing: tuple[tuple[str, ...], ...] = ()

    def array(self, name: str) -> np.ndarray:
        if self.arrays is None:
            raise ValueError("this is no run")
        return self.arrays[name][0]


def worker_variance(case: GossipCase) -> Judgement:
    largest, sigma = (case.array("noise") ** 2).sum(-1).max(), case.letter("sigma")
    return largest <= sigma**2, f"the largest variance is {largest}, sigma^2 = {sigma**2}"


def heterogeneity(case: GossipCase) -> Judgement:
    tilts, zeta = case.array("tilts"), case.letter("zeta")
    apart = ((tilts - tilts.sum(0) / Fraction(len(tilts))) ** 2).sum() / Fraction(len(tilts))
    return apart <= zeta**2, f"(1/M) sum ||grad F - grad F_m||^2 is {apart} everywhere, kappa^2 = {zeta**2}"


def even_segments(case: GossipCase) -> Judgement:
    workers, d = case.array("tilts").shape
    lengths = sorted({piece.stop - piece.start for piece in segments(d, workers)})
    return len(lengths) == 1 or lengths[-1] == 1, f"{d} coordinates in {workers} segments of {' or '.join(map(str, lengths))}"


def spectral_gap(case: GossipCase) -> Judgement:
    if not case.mixing:
        return case.letter("rho") < 1, f"only rho = {case.letter('rho')} matters, and some W has it"
    W = np.array([[Fraction(x) for x in row] for row in case.mixing], dtype=object)
    if (W != W.T).any() or (W.sum(0) != 1).any() or (W < 0).any():
        return False, "W is not symmetric and doubly stochastic"
    found = spectrum([list(row) for row in case.mixing])
    met = found == (case.letter("rho"), case.letter("spread")) and bounds(found[0])[1] < 1
    return met, f"rho = {found[0]}, mu = {found[1]}"


def common_start(case: GossipCase) -> Judgement:
    start = case.array("start")
    return not start.any(), f"all start at {', '.join(map(str, start))}"


VALIDATORS.update({each.__name__: each for each in (worker_variance, heterogeneity, even_segments, spectral_gap, common_start)})


# ---- the arena ----

KINDS: dict[str, Kind] = {
    "ring": Runs("ring"), "gossip": Runs("gossip"), "chain": Chain(), "code": Code(), "matrix": Matrix(), "sequence": Discounted(),
}  # fmt: skip


@pooled
def pool(kind: str, setting: tuple[tuple[str, Any], ...], effort: Effort, seed: int) -> list[tuple[dict[str, np.ndarray], list[Any]]]:
    """Cases drawn and measured once for every claim that asks for the same; those of one shape in one batch."""
    found: dict[Any, tuple[list[dict[str, np.ndarray]], list[Any]]] = {}
    for structure, arrays in KINDS[kind].draw(dict(setting), effort, generator(seed, "qprsgd", kind, setting)):
        measured = shown(kind, structure, arrays)
        rows = len(measured["G"])
        shape = tuple(sorted((name, *values.shape[1:]) for name, values in measured.items()))
        alike = found.setdefault((shape, structure.get("rounds"), structure.get("gap")), ([], []))
        alike[0].append(measured)
        alike[1].extend(((structure, arrays), row) for row in range(rows))
    return [(joined(batches), origins) for batches, origins in found.values()]


def shown(kind: str, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
    """What a float batch shows."""
    measured = KINDS[kind].measure(structure, arrays)
    return measured | {"horizon": np.ones(len(measured["G"]))}


_MOVED = ("ring", "gossip", "chain")
"""Kinds whose cases have neighbours."""


def near(kind: str) -> nearby.Runs:
    """The neighbourhoods of cases of a kind."""
    moves, numbers = (_chains_near, lambda *run: None) if kind == "chain" else (runs_near, numbers_of)
    return nearby.Runs(
        lambda run, size: moves(run[0], run[1], size), lambda run: shown(kind, *run), lambda run: _work(*run), lambda run: numbers(*run)
    )


def _chains_near(structure: Structure, arrays: Arrays, size: float) -> Iterator[tuple[Structure, Arrays]]:
    for w in nearby.shifted(arrays["w"], size):
        yield structure, {"w": w}
    for s in _intervals_near(structure) if size == 1 else ():
        yield structure | {"intervals": s}, arrays


def _intervals_near(structure: Structure) -> list[int]:
    s = int(structure["intervals"])
    return sorted({s + 1, s - 1, 2 * s, s // 2} - {0, s})


def _long(structure: Structure) -> bool:
    return structure["law"] in ("closed", "bounded", "alike")


def _same_workers(structure: Structure, arrays: Arrays) -> bool:
    """Whether it is a long run whose workers are alike, and stay so."""
    return _long(structure) and all((arrays[name] == arrays[name][:, :1]).all() for name in ("tilts", "noise"))


def _level(structure: Structure) -> bool:
    """Whether phi has the slope 0 at 0."""
    return _long(structure) or structure["of"] == "gossip"


_MOVES = {"tilts": nearby.shifted, "noise": nearby.scaled, "eta": nearby.scaled, "start": nearby.shifted}


def numbers_of(structure: Structure, arrays: Arrays) -> nearby.Numbers:
    """Those of a run that may be moved together; what stays as it is is as in `runs_near`."""
    others = {name: arrays[name] for name in _MOVES if name != "start" or structure["of"] == "ring"}

    def put(phi: Pieces, moved: dict[str, np.ndarray]) -> tuple[Structure, Arrays]:
        return structure, {**nearby.repeated(arrays, len(phi.slope)), **phi._asdict(), **moved}

    def fits(run: tuple[Structure, Arrays]) -> np.ndarray:
        return joint(run[1]).bounded_below() | ~joint(arrays).bounded_below()

    alike = ("tilts", "noise") if _same_workers(structure, arrays) else ()
    return nearby.Numbers(function(arrays), others, _MOVES, put, fits, alike=alike, level=_level(structure))


def runs_near(structure: Structure, arrays: Arrays, size: float) -> Iterator[tuple[Structure, Arrays]]:
    """Other functions, tilts, noise, starts, steps and counts. What is 0 for every drawn case of its kind (the start of gossip, the slope

    of phi there and in long runs) stays 0, and workers that only differ by their noise (long runs) stay alike.
    """
    same, level = _same_workers(structure, arrays), _level(structure)
    for phi in nearby.functions_near(function(arrays), size):
        moved = {**arrays, **phi._asdict()}
        if not (level and phi.slope.any()) and (joint(moved).bounded_below() | ~joint(arrays).bounded_below()).all():
            yield structure, moved
    for name, move in _MOVES.items():
        for values in move(arrays[name], size) if name != "start" or structure["of"] == "ring" else ():
            if not (same and name in ("tilts", "noise") and (values != values[:, :1]).any()):
                yield structure, {**arrays, name: values}
    if size < 1:
        return
    yield from ((structure | {"intervals": s}, arrays) for s in _intervals_near(structure))
    N, K = int(structure["rounds"]), int(structure["gap"])
    for rounds, gap in ((N + 1, K), (N - 1, K), (2 * N, K), (N // 2, K), (N, K + 1), (N, K - 1)):
        if rounds and gap:
            yield structure | {"rounds": rounds, "gap": gap}, arrays
    for W in mixings(arrays["tilts"].shape[1]) if "W" in structure else ():
        yield structure | {"W": W}, arrays


def _work(structure: Structure, arrays: Arrays) -> int:
    """Numbers in one quantity of one case; beyond all bounds where there are too many outcomes to try neighbours."""
    if "w" in arrays:
        _, workers, n = arrays["w"].shape
        return int(1 << (n * (workers - 1))) * n
    N, K, (_, M, d) = int(structure["rounds"]), int(structure["gap"]), arrays["tilts"].shape
    if structure["law"] in ("closed", "bounded"):
        return 1000
    if structure["law"] == "moments":
        return N * K * M * (N * K * M + 1) * d if N * K * M <= 48 else nearby.MOST_WORK + 1
    outcomes = M * N * K * bool(arrays["noise"].any()) + (N - 1) * int(_rounded_coordinates(structure, M, d).sum())
    return N * K * M * d << outcomes if outcomes <= 10 else nearby.MOST_WORK + 1


class QprsgdArena:
    """What QPRSGD states, on cases of the kind that the setting names: {"of": "gossip"}, {"of": "chain", "quantise": "whole"}, ..."""

    name = "qprsgd"

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        kind = _kind(reading.setting)
        asked = tuple((name, reading.setting[name]) for name in ("quantise",) if name in reading.setting)
        found = self._searched(reading, pool(kind, asked, effort, seed), effort)
        return with_long(self, reading, effort, seed, found) if kind in ("ring", "gossip") else found

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none, or of a kind that is not moved."""
        kind = _kind(instance)
        if kind not in _MOVED:
            raise ValueError(f"a case of {kind} is not moved")
        if instance.get("law") == "alike":
            raise ValueError("a long run is not moved")
        units = KINDS[kind].units
        structure, exact = parts_of(instance)
        position, loss = scale_of(
            *([x for name, unit in units.items() if unit == of for x in exact[name].flat] for of in ((1, 0), (-1, 1)))
        )
        arrays = {name: in_floats(values / (position ** units[name][0] * loss ** units[name][1])) for name, values in exact.items()}
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            begun = beginnings(near(kind), (structure, arrays), generator(seed, "onward"))
        return self._searched(reading, begun, effort)

    def _searched(self, reading: Reading, groups: Sequence[Group], effort: Effort) -> Attack:
        kind = _kind(reading.setting)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # bounds beyond their own hypotheses
            beside = near(kind) if kind in _MOVED else None
            return search(self, reading, groups, partial(written, kind), lambda origin: size_of(origin[0][0]), beside, effort.moves)

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        if instance.get("law") == "alike":
            return ARENAS[f"{self.name}, long"].replay(reading, instance)
        try:
            kind = KINDS[_kind(instance)]
            structure, arrays = parts_of(instance)
            measured = kind.measure(structure, arrays) | free_of(instance)
        except (KeyError, TypeError, IndexError, AttributeError, ZeroDivisionError) as why:
            raise ValueError(f"this is no case of QPRSGD: {type(why).__name__} {why}") from why
        measured["horizon"] = fractions([Fraction(1)])
        return replayed(reading, measured, judged(reading, structure, arrays, measured))


def written(kind: str, origin: tuple[tuple[Structure, Arrays], int], scale: tuple[Fraction, Fraction]) -> Instance:
    """A case of a batch of floats as an instance, rescaled."""
    (structure, arrays), row = origin
    units = KINDS[kind].units
    factors = {name: scale[0] ** units[name][0] * scale[1] ** units[name][1] for name in arrays}
    moved = {name: _nested(exact_row(values, row, factors[name])[0]) for name, values in arrays.items()}
    return {"of": kind} | structure | {"arrays": moved}


def parts_of(instance: Instance) -> tuple[Structure, Arrays]:
    """An instance read: what does not vary in a batch, and a batch of one."""
    structure = {name: value for name, value in instance.items() if name not in ("arrays", "free")}
    return structure, {name: _read(instance["arrays"][name]) for name in KINDS[_kind(instance)].units}


def judged(reading: Reading, structure: Structure, arrays: Arrays, measured: Mapping[str, np.ndarray]) -> dict[str, Judgement]:
    """Every hypothesis of a reading on one exact case."""
    functions, steps = None, {}
    if isinstance(KINDS[_kind(structure)], Runs):
        functions = Pieces(*(each[0] for each in function(arrays)))
        steps = {"eta_t": fractions([[measured["eta"][0]]])}
    mixing = tuple(map(tuple, structure.get("W", ())))
    found = judge(reading.given, GossipCase({**measured, **steps}, (), [], (), functions=functions, arrays=arrays, mixing=mixing))
    if "gossip_step" in found:  # roots may be irrational: the step is what (14) gives, known by an enclosure
        found["gossip_step"] = (structure.get("step") == "printed", f"eta = {float(measured['eta'][0]):.6g}, by (14)")
    return found


def _kind(setting: Mapping[str, Any]) -> str:
    kind = setting.get("of")
    if kind not in KINDS:
        raise ValueError(f"of must be one of {', '.join(KINDS)}, got {kind!r}")
    return kind


def size_of(structure: Structure) -> int:
    return int(structure.get("rounds", 1)) * int(structure.get("gap", 1))


def _nested(values: np.ndarray) -> Any:
    return [_nested(each) for each in values] if isinstance(values, np.ndarray) and values.ndim else str(values)


def _read(nested: Any) -> np.ndarray:
    """Nested lists of "p/q" as an exact array with a batch axis of 1."""
    return np.frompyfunc(Fraction, 1, 1)(np.array([nested], dtype=object)).astype(object)


ARENA = QprsgdArena()
register(ARENA)
