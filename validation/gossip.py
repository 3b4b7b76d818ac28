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

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
from validation.by_differences import MOST_STARTS, Steered
from validation.chains import (
    Arrays,
    Chain,
    Code,
    Discounted,
    Kind,
    Matrix,
    Structure,
    chain_error,
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
from validation.floors import Array, Floor, expected_inners, floor_for, floor_of, mixed, product_of, repeated, tiled, total
from validation.hypotheses import VALIDATORS, Case, Judgement, Pieces, free_of, judge
from validation.letters import replayed
from validation.onward import beginnings, in_floats, scale_of
from validation.quantities import Interval, bounds, evaluate, holds, root
from validation.runs import Group, cut, exact_row, fractions, grouped, joined, lifted, mean_over, roots_above, search

# ---- what a run shows ----


class Law:
    """The axis of paths of a batch of runs, [batch, paths]: it grows with every draw, or holds coefficients of the noise ("moments")."""

    def __init__(self, like: Array, draws: int) -> None:
        """`like` [batch, d] of any floor; `draws`: numbers of noises of an affine run, 0 where every outcome is a path."""
        self.draws, self.used = draws, 0
        self.weight = repeated(like[:, :1] * 0 + 1, draws + 1, 1)
        self.carried: dict[str, Any] = {}

    def constant(self, values: Array) -> Array:
        """Something certain, [batch, ...], on every path: the mean, and nothing of the noise."""
        spread = repeated(values[:, None], self.weight.shape[1], 1)
        if self.draws:
            spread[:, 1:] = spread[:, 1:] * 0
        return spread

    def branch(self, count: int) -> None:
        """Every path becomes `count` paths, one after the other."""
        self.weight = repeated(self.weight, count, 1)
        self.carried = {name: _repeated(part, count) for name, part in self.carried.items()}

    def noise(self, size: Array) -> Array:
        """Independent draws +- size [batch, workers, d], on every path [batch, paths, workers, d]."""
        workers = size.shape[1]
        if self.draws:
            own = np.zeros((workers, self.draws + 1), dtype=object if is_exact(size) else float)
            own[range(workers), range(self.used + 1, self.used + 1 + workers)] = 1
            self.used += workers
            return size[:, None] * floor_of(size).take(own).T[..., None]
        if not size.any():
            return self.constant(size)
        signs = floor_of(size).take((1 - 2 * rises(workers)).astype(object if is_exact(size) else float))
        self.branch(len(signs))
        self.weight = self.weight / (Fraction(len(signs)) if is_exact(size) else len(signs))
        return size[:, None] * tiled(signs, self.weight.shape[1] // len(signs))[..., None]

    def inners(self, **pairs: tuple[Array, Array] | Array) -> dict[str, np.ndarray]:
        """E <u, v> over the last axis of each pair, and E ||u||^2 of each that is alone, [batch, ...]."""
        return expected_inners(self.weight, {name: each if isinstance(each, tuple) else (each, each) for name, each in pairs.items()})

    def mean(self, values: Array) -> np.ndarray:
        """E of a number on every path, [batch]; of outcomes only."""
        return np.asarray((values * self.weight).sum(1))


def _repeated(part: Any, count: int) -> Any:
    return type(part)(*(repeated(each, count, 1) for each in part)) if isinstance(part, tuple) else repeated(part, count, 1)


def _exactly(v: Array, up: Array | None) -> Array:
    """QSGD of a vector with one coordinate that is not 0."""
    return v


class Rounded:
    """QSGD at work: the uniforms say which coordinates are rounded up (1) or down (0), and the law learns how likely that was."""

    def __init__(self, law: Law, intervals: int) -> None:
        self.law, self.intervals = law, intervals

    def __call__(self, v: Array, up: Array | None) -> Array:
        assert up is not None
        which, found = up[..., 0, :], rounding(v, self.intervals)
        chance = floor_of(v).xp.where(which > 0, found.chance, 1 - found.chance)
        while chance.ndim > 2:
            chance = product_of(chance)
        self.law.weight = self.law.weight * chance
        return found.outcome(which, self.intervals)


def function(arrays: Mapping[str, Array]) -> Pieces:
    """phi, [batch, d]."""
    return Pieces(*(arrays[name] for name in Pieces._fields))


def joint(arrays: Mapping[str, Array]) -> Pieces:
    """F = phi less the mean tilt, [batch, d]."""
    phi, tilts = function(arrays), arrays["tilts"]
    return phi._replace(slope=phi.slope - tilts.sum(1) / tilts.shape[1])


@measured_once
def observe(structure: Structure, arrays: Arrays, eta: np.ndarray, on: Floor | None = None) -> dict[str, np.ndarray]:
    """Everything that is measured along the rounds of a batch of runs, by enumeration or by moments, `on` a floor or that for its numbers.

    All comes back in NumPy. A batch is cut by the iterates of one time: those of others are not held beside them.
    """
    (B, M, d), on = arrays["tilts"].shape, on or floor_for(eta)
    taken = (nearby.changed(on.take, part) for part in cut((arrays, eta), B, _paths(structure, arrays) * M * d))
    return joined([_observed(structure, values, steps, on) for values, steps in taken])


def _observed(structure: Structure, arrays: Mapping[str, Array], eta: Array, on: Floor) -> dict[str, np.ndarray]:
    """What `observe` is asked for, of the arrays of a floor."""
    N, K, s = (int(structure[name]) for name in ("rounds", "gap", "intervals"))
    ring, affine = structure["of"] == "ring", structure["law"] == "moments"
    phi, F, tilts, size, start = function(arrays), joint(arrays), arrays["tilts"], arrays["noise"], arrays["start"]
    B, M, d = tilts.shape
    number = Fraction if is_exact(tilts) else float
    law = Law(start, N * K * M if affine else 0)
    compress = Rounded(law, s)
    certain = law.constant(start[:, :1] * 0 + 1)  # 1, and nothing of the noise
    of_first, of_all, tilt = lifted(phi, 1), lifted(F, 1), tilts[:, None]
    if affine:  # what does not go with x goes with the mean
        of_first, of_all = (f._replace(slope=certain * f.slope) for f in (of_first, of_all))
        tilt = certain[..., None] * tilt
    of_each = lifted(of_first, 2)

    def local_gradients(x: Array) -> Array:
        return of_each.gradient(x) - tilt

    def loss(x: Array) -> np.ndarray:
        if not affine:
            return law.mean(of_all.value(x))
        return np.asarray((F.curvature / 2 * (x * x).sum(1) + F.slope * x[:, 0]).sum(-1))

    def mean(v: Array) -> Array:
        return mean_over(v, -2)

    def around(v: Array) -> Array:
        """What each worker has more than the mean of all."""
        return v - mean(v)[..., None, :]

    W, rate = None if ring else on.take(read_mixing(structure["W"], is_exact(tilts))), eta[:, None]
    at_start = law.constant(start)
    law.carried = {"state": on.qprsgd.init(at_start, M) if W is None else on.qprsgd.init_gossip(at_start, W)}

    def moved(g: Array, meet: bool, quantise: Any, up: Array | None) -> Any:
        """One local iteration of every path."""
        state = law.carried["state"]
        if W is None:
            return on.qprsgd.step(state, g, rate, meet, quantise, up)[0]
        return on.qprsgd.step_gossip(state, g, rate, meet, W, quantise, up)[0]

    rows: dict[str, list[np.ndarray]] = {}
    of_step: dict[str, list[np.ndarray]] = {}

    def note(where: dict[str, list[np.ndarray]], **found: np.ndarray) -> None:
        for name, values in found.items():
            where.setdefault(name, []).append(values)

    for t in range(N):
        x0 = law.carried["state"].local
        law.carried |= {"x0": x0, "sum": x0 * 0, "exact": x0 * 0}
        x_bar = mean(x0)
        at_start_of_round = law.inners(
            every=x0,
            consensus=x0 - x_bar[..., None, :],
            start_gradient_sq=of_all.gradient(x_bar),
            start_mean_gradient_sq=mean(local_gradients(x0)),
        )
        every, consensus = (at_start_of_round.pop(name) for name in ("every", "consensus"))
        gradients_so_far = deviations_so_far = drifts_so_far = every[:, 0] * 0
        note(rows, start_loss=loss(x_bar), consensus_sq=consensus.sum(-1), **at_start_of_round)
        note(rows, iterates_sq=every.sum(-1), later_iterates_sq=every[:, 1:].sum(-1))
        sums: dict[str, np.ndarray] = {}
        for k in range(K):
            n = law.noise(size)
            x, x0, summed, exact_sum = law.carried["state"].local, *(law.carried[name] for name in ("x0", "sum", "exact"))
            exact_g = local_gradients(x)
            g = exact_g - n
            x_bar, mean_g, at_round = mean(x), mean(exact_g), mean(x0)
            at_mean = of_all.gradient(x_bar)
            each = law.inners(  # of every worker
                deviation=x - x_bar[..., None, :],
                local=exact_g,
                noises=n,
                stochastic=g,
                drift=x - at_round[..., None, :],
                apart=exact_g - mean_g[..., None, :],
                noise_apart=around(summed - exact_sum),
                gradients_apart=around(exact_sum),
                gradient_at_mean_sq=at_mean,
                mean_local_gradient_sq=mean_g,
                gradients_aligned=(at_mean, mean_g),
                summed_stochastic_sq=total(g, -2),
                worker_gradient_at_mean_sq=of_first.gradient(x_bar) - tilt[..., 0, :],
                round_way_sq=x_bar - at_round,
            )
            deviation, local, noises, stochastic, drift, apart, noise_apart, gradients_apart = (
                each.pop(name)
                for name in ("deviation", "local", "noises", "stochastic", "drift", "apart", "noise_apart", "gradients_apart")
            )
            here = each | {
                "iterate_deviation_sq": deviation.sum(-1) / number(M),
                "stochastic_sq": stochastic.sum(-1),
                "local_gradients_sq": local.sum(-1),
                "noises_sq": noises.sum(-1),
                "worker_noises_sq": noises[:, 0],
                "worker_gradient_sq": local[:, 0],
                "worker_deviation_sq": deviation[:, 0],
                "round_drift_sq": drift.sum(-1),
                "noise_apart_sq": noise_apart.sum(-1) / number(M),
                "gradients_apart_sq": gradients_apart.sum(-1) / number(M),
                "weighted_apart_sq": k * gradients_so_far,
                "weighted_deviation_sq": k * deviations_so_far,
                "weighted_drift_sq": k * drifts_so_far,
            }
            gradients_so_far = gradients_so_far + apart.sum(-1) / number(M)
            deviations_so_far = deviations_so_far + here["iterate_deviation_sq"]
            drifts_so_far = drifts_so_far + here["round_drift_sq"] / number(M)
            sums = {name: sums[name] + values if name in sums else values for name, values in here.items()}
            note(of_step, **{name: here[name] for name in _OF_STEP})
            law.carried |= {"sum": summed + g, "exact": exact_sum + exact_g}
            if k + 1 < K:
                law.carried["state"] = moved(g, False, None, None)
        note(rows, **{of_round: sums[name] for name, of_round in OF_ROUND.items()})
        progress, exact_progress, x0 = (law.carried[name] for name in ("sum", "exact", "x0"))
        noise_progress, updates = progress - exact_progress, rate[..., None, None] * progress
        of_mixing = {}
        if W is not None:
            mixing = mixed(x0, W) - x0
            of_mixing = {"mixing": mixing, "difference": mixing - updates}
        found = law.inners(
            each=progress,
            updates=updates,
            worker_exact_progress_sq=exact_progress[..., 0, :],
            worker_noise_progress_sq=noise_progress[..., 0, :],
            mean_progress_sq=mean(progress),
            mean_exact_progress_sq=mean(exact_progress),
            mean_noise_progress_sq=mean(noise_progress),
            **of_mixing,
        )
        every_progress, inputs = (found.pop(name) for name in ("each", "updates"))
        of_quantisers = every[:, 0] * 0
        if W is None:
            if not affine:
                of_quantisers = _ring_noise(updates, law.weight, s)
            note(rows, ring_input_sq=inputs.sum(-1) / number(M), ring_noise_sq=of_quantisers)
        else:
            if not affine:
                of_quantisers = law.mean(total(rounding(of_mixing["difference"], s).variance(s), -1))
            note(rows, mixing_move_sq=found.pop("mixing").sum(-1), difference_sq=found.pop("difference").sum(-1))
            note(rows, quantisation_noise_sq=of_quantisers, mean_quantisation_noise_sq=of_quantisers / number(M * M))
        note(rows, round_progress_sq=every_progress.sum(-1), worker_progress_sq=every_progress[:, 0], **found)
        if t + 1 == N:
            break
        up = None
        if not affine:
            free = _rounded_coordinates(structure, M, d)
            ways = rises(free.sum())
            law.branch(len(ways))
            which = np.zeros((len(ways), M, d), dtype=int)
            which[:, free] = ways
            P = law.weight.shape[1]
            up = on.xp.broadcast_to(tiled(on.take(which), P // len(ways))[:, :, None], (B, P, M, 1, d))
            g = repeated(g, len(ways), 1)
        law.carried["state"] = moved(g, True, _exactly if affine else compress, up)
    measured = {name: np.stack(values, axis=-1) for name, values in (rows | of_step).items()}
    return measured | averages(measured)


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


def _ring_noise(updates: Array, weight: Array, intervals: int) -> np.ndarray:
    """E ||mean as the ring quantises it - mean||^2 of updates [batch, paths, workers, d] by weight [batch, paths], [batch]."""
    M, d = updates.shape[2:]
    noise = weight[:, 0] * 0
    for j, columns in enumerate(segments(d, M)):
        if columns.stop - columns.start > 1:  # one coordinate is its own norm
            order = [(j + i) % M for i in range(M)]
            noise = noise + chain_error(updates[:, :, order, columns], weight, intervals)
    return np.asarray(noise / (Fraction(M * M) if is_exact(updates) else M * M))


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
def pool(kind: str, setting: tuple[tuple[str, Any], ...], effort: Effort, seed: int) -> Iterator[Group]:
    """Cases drawn and measured once for every claim that asks for the same; those of one shape in one batch."""

    def batches() -> Iterator[tuple[Any, dict[str, np.ndarray], list[Any]]]:
        for structure, arrays in KINDS[kind].draw(dict(setting), effort, generator(seed, "qprsgd", kind, setting)):
            measured = shown(kind, structure, arrays)
            shape = tuple(sorted((name, *values.shape[1:]) for name, values in measured.items()))
            origins = [((structure, arrays), row) for row in range(len(measured["G"]))]
            yield (shape, structure.get("rounds"), structure.get("gap")), measured, origins

    return grouped(batches())


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
        return N * K * M * _paths(structure, arrays) * d if N * K * M <= 48 else nearby.MOST_WORK + 1
    found = _paths(structure, arrays)
    return N * K * M * d * found if found <= 1 << 10 else nearby.MOST_WORK + 1


def _paths(structure: Structure, arrays: Arrays) -> int:
    """How long the axis of paths of a run becomes."""
    N, K, (_, M, d) = int(structure["rounds"]), int(structure["gap"]), arrays["tilts"].shape
    if structure["law"] == "moments":
        return N * K * M + 1
    return int(1 << (M * N * K * bool(arrays["noise"].any()) + (N - 1) * int(_rounded_coordinates(structure, M, d).sum())))


class QprsgdArena:
    """What QPRSGD states, on cases of the kind that the setting names: {"of": "gossip"}, {"of": "chain", "quantise": "whole"}, ..."""

    name = "qprsgd"

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        kind = _kind(reading.setting)
        asked = tuple((name, reading.setting[name]) for name in ("quantise",) if name in reading.setting)
        drawn = partial(_to_start_from, kind, asked, effort, seed)
        found = self._searched(reading, pool(kind, asked, effort, seed), effort, drawn)
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
        return self._searched(reading, begun, effort, lambda: [(structure, arrays)])

    def _searched(
        self, reading: Reading, groups: Iterable[Group], effort: Effort, drawn: Callable[[], Iterable[tuple[Structure, Arrays]]]
    ) -> Attack:
        kind = _kind(reading.setting)
        beside, adversary = near(kind) if kind in _MOVED else None, None
        if kind in ("ring", "gossip"):
            starts = min(effort.steered, MOST_STARTS)
            adversary = Steered(lambda run: shown(kind, *run), lambda run: _work(*run), drawn, starts, effort.moves)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # bounds beyond their own hypotheses
            return search(
                self, reading, groups, partial(written, kind), lambda origin: size_of(origin[0][0]), beside, effort.moves,
                adversary=adversary,
            )  # fmt: skip

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


def _to_start_from(kind: str, setting: tuple[tuple[str, Any], ...], effort: Effort, seed: int) -> Iterator[tuple[Structure, Arrays]]:
    """Batches of runs for an adversary, as many in each as are to climb."""
    as_many = replace(effort, instances=3 * min(effort.steered, MOST_STARTS))
    return KINDS[kind].draw(dict(setting), as_many, generator(seed, "qprsgd", "adversary", kind, setting))


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
