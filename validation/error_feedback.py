"""Arena "dist_ef": two-way error feedback with arbitrary steps, on runs with exactly known constants and against a free adversary.

Runs are Algorithms 1 to 4 of dist-EF-SGD on one function F for all workers, every expectation by enumeration: thousands at once in floats
for the search, stepped by the torch twin, one in Fractions for the verdict, stepped by the reference. The adversary chooses every gradient
in a ball and every residual, of workers and server, in the ball that contraction allows; what it maximises is convex in each of its inputs,
so it replaces every input by its normalised gradient (conditional gradient), from thousands of starts in one torch batch. A schedule is the
list of its steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, partial
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np
import torch

from gpu import dist_ef_sgd as gpu_ef
from reference import dist_ef_sgd as ef
from reference.exact import is_exact
from reference.operators import Operator
from theory.claim import Reading
from validation import ascent, free_maps, runs
from validation.adversary import FREE_MAP, Adversary, Inputs, directions
from validation.ascent import DIMENSION, unit
from validation.attack import ARENAS, Attack, Effort, Instance, Replay, generator, measured_once, pooled, register, remembered, with_long
from validation.floors import Array, Floor, floor, floor_for, floor_of, laid, magnitude, mean_by, stacked, total
from validation.hypotheses import VALIDATORS, Case, Compression, Judgement, Pieces, free_of, judge, with_free
from validation.letters import replayed
from validation.nearby import (
    MOST_WORK,
    Kinds,
    Move,
    Numbers,
    Runs,
    factors,
    functions_near,
    operators_near,
    repeated,
    scaled,
    shares_near,
    shifted,
    starts_near,
)
from validation.onward import beginnings, begun
from validation.quantities import Exact, Interval, NotMeasured, bounds, root, spoken
from validation.runs import (
    Group,
    Paths,
    above_least,
    curvatures,
    evaluated,
    exact_functions,
    exact_row,
    fractions,
    lifted,
    mean_over,
    round_off_is_0,
    speaks_of_maps,
    squared,
)

# ---- step sizes ----

FAMILIES = ("constant", "decreasing", "increasing", "warm-up", "alternating")
_ALLOWED = {
    "fixed_step": {"constant"},
    "nonincreasing_step": {"constant", "decreasing"},
    "nondecreasing_step": {"constant", "increasing"},
    "monotone_step": {"constant", "decreasing", "increasing"},
    "warm_up_then_decay_step": {"constant", "decreasing", "increasing", "warm-up"},
    "alternating_step": {"constant", "alternating"},
}
"""By hypothesis, the families of schedules that meet it."""

_SMALL = (Fraction(1, 10**6), Fraction(1, 1000), Fraction(1, 16), Fraction(1, 2))


def schedules(family: str, T: int) -> list[list[Fraction]]:
    """Schedules of T steps with largest step 1, the sharpest first; those of Corollary 2 without compression among them."""
    one, last = Fraction(1), T - 1
    if family == "constant":
        return [[one] * T]
    if family == "decreasing":
        slow = [Fraction((t + 1) ** -0.25).limit_denominator(1000) for t in range(T)]
        return [[one] + [low] * last for low in _SMALL] + [[one / (t + 1) for t in range(T)], [one / 2**t for t in range(T)], slow]
    if family == "increasing":
        slow = [Fraction(math.sqrt((t + 1) / T)).limit_denominator(1000) for t in range(T)]
        return [[low] * last + [one] for low in _SMALL] + [[Fraction(t + 1, T) for t in range(T)], slow]
    if family == "warm-up":
        peak = T // 2
        sharp = [[low] * peak + [one] + [low] * (T - peak - 1) for low in _SMALL]
        return [*sharp, [Fraction(min(t + 1, T - t), (T + 1) // 2) for t in range(T)]]
    return [[one if t % 2 == first else low for t in range(T)] for low in (Fraction(1, 10**10), *_SMALL) for first in (0, 1)]


def families_of(names: Collection[str]) -> set[str]:
    """The families of schedules that meet all the hypotheses named."""
    return set(FAMILIES).intersection(*(allowed for name, allowed in _ALLOWED.items() if name in names))


def step_families(reading: Reading) -> list[str]:
    """The families of schedules that a reading speaks of: those fitted to the horizon that it names, or all that meet its hypotheses."""
    names = {hypothesis.name for hypothesis in reading.given}
    wanted = families_of(names) & {reading.setting.get("steps", family) for family in FAMILIES}
    return [family for family in FITTED if family in names] or [family for family in FAMILIES if family in wanted]


class Fitted(NamedTuple):
    """Steps fitted to the horizon, [batch, T], and the numerator gamma of the corollaries [batch].

    A rational numerator has irrational steps. But a constant step, or a single one, may be the rational one: its numerator is known by an
    enclosure then, and the run is exact. Schedules that change with a root of t have no such run of two steps.
    """

    eta: np.ndarray
    step_scale: np.ndarray


FITTED = ("capped_step", "root_step", "horizon_cost_step", "falling_schedule", "climbing_schedule")
"""Hypotheses that are schedules of the corollaries, each a family of its own."""


def fitted(
    schedule: str,
    T: int,
    workers: int,
    delta: np.ndarray,
    L: np.ndarray,
    beta: np.ndarray,
    share: np.ndarray,
    times: np.ndarray | None = None,
) -> Fitted:
    """The steps of a corollary, the numerator being `share` of the largest that its horizon allows (or that its cap leaves unchanged).

    Of those that change, at `times` alone, if these are given.
    """
    if schedule not in ("falling_schedule", "climbing_schedule"):
        eta, step_scale = fitted_constant(schedule, T, workers, delta, L, beta, share)
        return Fitted(np.repeat(eta, T, axis=1), step_scale)
    t, root, price = (np.arange(T) if times is None else times) + 1.0, math.sqrt(workers), _price(delta)[:, None]
    if schedule == "falling_schedule":
        step_scale = np.minimum(share, 1) * T**0.25 / (2 * L * root)
        return Fitted(step_scale[:, None] / ((t * T) ** 0.25 / root + price * T ** (1 / 3)), step_scale)
    step_scale = np.minimum(share, 1) * math.sqrt(T) / (2 * L * root)
    return Fitted(step_scale[:, None] * np.sqrt(t) / (T / root + price * T ** (5 / 6)), step_scale)


def fitted_constant(schedule: str, T: int, workers: int, delta: np.ndarray, L: np.ndarray, beta: np.ndarray, share: np.ndarray) -> Fitted:
    """The same for the schedules that are constant, each step once, [batch, 1]: a horizon may be long."""
    root = math.sqrt(workers)
    of_horizon = math.sqrt(T) / root + _price(delta) * (schedule != "root_step") * T ** (1 / 3)
    if schedule == "horizon_cost_step":
        step_scale = np.minimum(share, 1) * math.sqrt(T) * (1 - beta) ** 2 / (2 * L * root)
        return Fitted((step_scale / of_horizon)[:, None], step_scale)
    step_scale = share * of_horizon / (2 * L)
    return Fitted(np.minimum(1 / (2 * L), step_scale / of_horizon)[:, None], step_scale)


def numerator(schedule: str, eta: Fraction, T: int, workers: int, delta: Fraction) -> Exact:
    """The gamma of a corollary whose step, constant or single, is `eta` below its cap: eta (sqrt(T / M) + cost T^(1/3))."""
    price = 0 if schedule == "root_step" else root(T * (1 - delta) / delta**2 * (1 + 16 / delta**2), 3)
    return eta * (root(Fraction(T, workers), 2) + price)  # type: ignore[no-any-return]


def _price(delta: np.ndarray) -> np.ndarray:
    return np.cbrt((1 - delta) / delta**2 * (1 + 16 / delta**2))


# ---- one run, measured ----


class Trace(NamedTuple):
    """T iterations of a batch of runs, each along every sample path; time first, then [batch, paths, ...].

    `virtual` x~_t and `averaged` z_t (which is of use for constant steps) as the lemmas define them; `drive` what moves x~, the mean over
    workers; `used`: every (input, output) of the compressor.
    """

    x: Array  # t = 0..T, like virtual and averaged
    virtual: Array
    averaged: Array
    gradients: Array  # [T, ..., R, d]
    drive: Array
    eta: Array  # [batch, T]
    beta: Array  # [batch]
    used: tuple[tuple[Array, Array], ...]
    quantities: Mapping[str, Callable[[], Array]]  # what is measured of it, when it is asked for, [batch, times]
    probability: Array  # [paths]


Compress = Callable[[int, Array], Array]
"""What the compressor makes of [..., R, d], or of [..., d] at the server, in iteration t."""


def _expected(run_probability: Array, values: Array) -> Array:
    """[time, batch, paths, ...] to [batch, time, ...] with paths averaged."""
    xp = floor_of(values).xp
    return xp.moveaxis(mean_by(run_probability, values, 2), 0, 1)


def discounted(beta: Array, values: Array) -> Array:
    """Sums over k < t of beta^(t-1-k) values_k at t = 0..T: beta [batch], values [batch, T, ...] to [batch, T + 1, ...]."""
    sums, by_row = [values[:, 0] * 0], beta.reshape(-1, *(1,) * (values.ndim - 2))
    for t in range(values.shape[1]):
        sums.append(by_row * sums[-1] + values[:, t])
    return floor_of(values).xp.stack(sums, 1)


def trace(
    x0: Array,
    workers: int,
    gradients: Callable[[int, Array], Array],
    eta: Array,
    beta: Array,
    compress: Compress,
    server_compress: Compress,
    probability: Array,
) -> Trace:
    """Algorithms 2 to 4 from x0 [batch, paths, d] on its floor, with `gradients(t, x)` [batch, paths, R, d]."""
    xp, room = floor_of(x0).xp, floor_of(x0).dist_ef_sgd
    T, by_path = eta.shape[1], (slice(None), None)
    states, slopes, sent = [room.init(x0, workers)], [], []
    for t in range(T):
        g = gradients(t, states[-1].x)

        def own(v: Array, uniforms: object, t: int = t) -> Array:
            return compress(t, v)

        def server(v: Array, uniforms: object, t: int = t) -> Array:
            return server_compress(t, v)

        state, messages = room.step(states[-1], g, eta[:, t][by_path], own, None, server, None, beta[by_path])
        states.append(state)
        slopes.append(g)
        sent.append(messages)
    x, memory, server_memory, velocity, _, before = map(stacked, zip(*states, strict=True))
    g, (up, down) = stacked(slopes), map(stacked, zip(*sent, strict=True))
    own_drive = beta[:, None, None, None] * velocity[1:] + g
    own_input, server_input = up + memory[1:], down + server_memory[1:]
    drive = mean_over(own_drive, -2)
    lag = before[..., None] * (server_memory + mean_over(memory, -2))  # x - x~, without cancellation
    virtual = x - lag
    averaged = virtual - (eta[:, 0] * beta**2 / (1 - beta))[:, None, None] * mean_over(velocity, -2)

    def mean_sq(values: Array) -> Array:
        return _expected(probability, squared(values))

    drives, errors, slope_sq = cache(lambda: mean_sq(own_drive)), cache(lambda: mean_sq(memory)), cache(lambda: mean_sq(g))  # [batch, T, R]
    mean_memory, mean_up = cache(lambda: mean_over(memory, -2)), cache(lambda: mean_over(up, -2))

    def with_earlier(late: bool) -> Array:
        values = slope_sq()
        earlier = xp.concatenate([values[:, :1] * 0, values[:, 1:]], 1) if late else values
        return xp.amax(values + beta[:, None, None] * discounted(beta, earlier)[:, 1:], -1)

    quantities: dict[str, Callable[[], Array]] = {
        "worker_error_sq": lambda: mean_over(errors(), -1),
        "mean_error_sq": lambda: mean_sq(mean_memory()),
        "server_error_sq": lambda: mean_sq(server_memory),
        "two_way_error_sq": lambda: mean_sq(server_memory + mean_memory()),
        "drive_sq": lambda: xp.amax(drives(), -1),
        "mean_drive_sq": lambda: mean_over(drives(), -1),
        "worker_input_sq": lambda: mean_over(mean_sq(own_input), -1),
        "mean_input_sq": lambda: mean_sq(mean_over(own_input, -2)),
        "mean_message_sq": lambda: mean_sq(mean_up()),
        "server_input_sq": lambda: mean_sq(server_input),
        "momentum_sq": lambda: mean_sq(mean_over(velocity, -2)),
        "lag_sq": lambda: mean_sq(lag),
        "plain_input_sq": lambda: mean_over(mean_sq(memory[:-1] + own_drive), -1),
        "plain_server_input_sq": lambda: mean_sq(server_memory[:-1] + mean_up()),
        "discounted_own_sq": lambda: with_earlier(False),
        "discounted_late_sq": lambda: with_earlier(True),
    }
    used = ((own_input, up), (server_input, down))
    return Trace(x, virtual, averaged, g, drive, eta, beta, used, quantities, probability)


def trace_single(x0: Array, gradients: Callable[[int, Array], Array], eta: Array, compress: Compress, probability: Array) -> Trace:
    """Algorithm 1 on the floor of x0, as `trace` with one worker."""
    room = floor_of(x0).dist_ef_sgd
    states, slopes, used = [room.init_single(x0)], [], []
    for t in range(eta.shape[1]):
        g = gradients(t, states[-1].x)

        def send(v: Array, uniforms: object, t: int = t) -> Array:
            return compress(t, v[..., None, :])[..., 0, :]

        state, delta = room.step_single(states[-1], g[..., 0, :], eta[:, t][:, None], send)
        used.append((delta + state.memory, delta))
        states.append(state)
        slopes.append(g)
    (x, memory), g = map(stacked, zip(*states, strict=True)), stacked(slopes)
    errors = cache(lambda: _expected(probability, squared(memory)))
    quantities = dict.fromkeys(("memory_sq", "mean_memory_sq", "lag_sq"), errors)
    pairs = tuple(map(stacked, zip(*used, strict=True)))
    return Trace(x, x - memory, x - memory, g, g[..., 0, :], eta, eta[:, 0] * 0, (pairs,), quantities, probability)  # type: ignore[arg-type]


def reach(run: Trace) -> Array:
    """The largest coordinate of anything in X in a run, [batch]: round-off is measured against it."""
    xp = floor_of(run.x).xp
    return xp.amax(xp.stack([magnitude(each) for each in (run.x, run.virtual, run.averaged)]), 0)


def along(run: Trace, beside: Mapping[str, Array], wanted: Container[str] | None = None) -> dict[str, Array]:
    """The quantities that need no function, [batch, times], all of them or those `wanted` and the steps: in rationals each takes long.

    `beside`: iterates [T + 1, batch, paths, d] of other methods, by quantity.
    """
    xp, largest_sq = floor_of(run.x).xp, cache(lambda: (reach(run) ** 2)[:, None])
    eta, eta_t = xp.moveaxis(run.eta, 1, 0)[..., None, None], np.asarray(run.eta)
    straight = cache(lambda: xp.concatenate([run.x[:1], run.x[:1] - xp.cumsum(eta * run.drive, 0)]))

    def distance_sq(values: Array) -> Array:
        return round_off_is_0(_expected(run.probability, squared(values)), largest_sq())

    def moved(of: Array) -> Array:
        return of[1:] - of[:-1]

    mean_gradient = cache(lambda: mean_over(run.gradients, -2))
    batch_gradient_sq = cache(lambda: _expected(run.probability, squared(mean_gradient())))
    quantities: dict[str, Callable[[], Array]] = {
        **run.quantities,
        "eta_t": lambda: eta_t,
        "peak_eta": lambda: np.maximum.accumulate(eta_t, axis=1),
        "batch_gradient_sq": batch_gradient_sq,
        "discounted_batch_gradient_sq": lambda: discounted(run.beta, batch_gradient_sq()),
        "averaged_lag_sq": lambda: distance_sq(run.x - run.averaged),
        "averaged_virtual_sq": lambda: distance_sq(run.virtual - run.averaged),
        "virtual_move_sq": lambda: distance_sq(moved(run.virtual)),
        "averaged_move_sq": lambda: distance_sq(moved(run.averaged)),
        "virtual_step_less_sq": lambda: distance_sq(moved(run.virtual) + eta * run.drive),
        "averaged_step_less_sq": lambda: distance_sq(moved(run.averaged) + eta / (1 - run.beta)[:, None, None] * mean_gradient()),
        "virtual_less_sq": lambda: distance_sq(run.virtual - straight()),
        "sgd_distance_sq": lambda: distance_sq(run.x - straight()),
        **{name: partial(lambda other: distance_sq(run.x - other), other) for name, other in beside.items()},
    }
    return {name: floor_of(run.x).give(values) for name, values in evaluated(quantities, wanted, ("eta_t",)).items()}


# ---- runs on problems ----


@dataclass(frozen=True)
class Spec:
    """A batch of runs that differ in numbers only. `functions`: the samples of F, [batch, n, d]; `start` [batch, d]; `eta` [batch, T];

    `beta`, `gamma` [batch]. `algorithm`: "1", or "2" for all others, which are 2 with momentum or with blocks. `step_scale` [batch] where
    the steps are fitted to the horizon, by that `schedule`.
    """

    algorithm: str
    workers: int
    operator: Mapping[str, Any]
    functions: Pieces
    start: np.ndarray
    eta: np.ndarray
    beta: np.ndarray
    gamma: np.ndarray
    step_scale: np.ndarray | None = None
    schedule: str = ""
    directions: np.ndarray | None = field(default=None, kw_only=True)
    """Of a free map, what it leaves of the input of any worker, and of the server's: [batch, T, 2, d], as `free_maps.left` has it."""

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """Batch, horizon T, workers R, samples n, dimension d."""
        B, n, d = self.functions.slope.shape
        return B, self.eta.shape[1], self.workers, n, d

    @property
    def exact(self) -> bool:
        return is_exact(self.start)


def operator_of(description: Mapping[str, Any], on: Floor | None = None) -> Operator:
    """The compressor that a description names: as `runs.operator_of`, {"name": "scaled_sign"}, {"name": "blockwise", "sizes": [1, 2]}."""
    room = on or floor("reference")
    if description.get("name") == "scaled_sign":
        return room.operators.scaled_sign()
    if description.get("name") == "blockwise":
        return room.dist_ef_sgd.blockwise(ef.per_tensor(map(int, description["sizes"])))
    return runs.operator_of(description, on)


def coefficient(description: Mapping[str, Any], d: int) -> Fraction:
    """What it contracts by: 1 / d_b of the largest block (Proposition 1)."""
    if description["name"] == "scaled_sign":
        return Fraction(1, d)
    if description["name"] == "blockwise":
        return Fraction(1, max(map(int, description["sizes"])))
    return runs.coefficient(description, d)


def paths(spec: Spec) -> Paths:
    """All sample paths, which do not depend on the iterates; the last node is the server. Raises: ValueError for more than `MOST_PATHS`."""
    _, T, R, n, d = spec.shape
    operator = operator_of(spec.operator)
    events = list(operator.events(fractions([Fraction(1)] * d))) if operator.draws else [(Fraction(1), None)]
    counts = [n] * (T * R) + [len(events)] * (T * (R + 1))
    if math.prod(counts) > runs.MOST_PATHS:
        raise ValueError(f"a run must have at most {runs.MOST_PATHS} sample paths to be enumerated, got {math.prod(counts)}")
    chosen = np.array(list(product(*map(range, counts))), dtype=int)
    samples, of_events = chosen[:, : T * R].reshape(-1, T, R), chosen[:, T * R :].reshape(-1, T, R + 1)
    weight = fractions([p for p, _ in events])[of_events].prod((1, 2)) * Fraction(1, n ** (T * R))
    uniforms = None
    if operator.draws:
        drawn = np.moveaxis(np.array([u for _, u in events], dtype=object)[of_events], 0, 1)
        uniforms = drawn if spec.exact else drawn.astype(float)
    share = runs.shares(np.moveaxis(samples, 0, 1)[..., None], n, spec.exact)
    return Paths(weight if spec.exact else weight.astype(float), share, uniforms)


class Observed(NamedTuple):
    """What one batch of runs shows, and what stated constants are judged by, [T, batch, paths] each."""

    run: Trace
    measured: dict[str, np.ndarray]
    second_moments: np.ndarray
    variances: np.ndarray
    gradient_norms: np.ndarray


@measured_once
def observe(spec: Spec, on: Floor | None = None, wanted: Container[str] | None = None) -> Observed:
    """Runs a batch along all its sample paths and measures everything that is not a stated constant, or what of it is `wanted`.

    `on` a floor, or that for its numbers. All comes back in NumPy, but for the run, and for tensors along which derivatives are to be
    taken; of the steps none are.
    """
    on = on or floor_for(spec.start)
    xp, (B, _, R, *_), operator = on.xp, spec.shape, operator_of(spec.operator, on)
    probability, share, uniforms = paths(spec).on(on)
    functions = spec.functions.on(on).laid()
    f = functions.mean().laid()
    f_star = f.value(f.least())
    F, of_samples, seen = lifted(f, 1), lifted(functions, 1), list[Array]()
    freed, gamma = on.take(spec.directions), on.take(spec.gamma)

    def gradients(t: int, x: Array) -> Array:
        seen.append(of_samples.gradient(x[..., None, :]))  # [batch, paths, n, d]
        return total(share[t] * seen[-1][..., None, :, :], -2)  # [batch, paths, R, d]

    def own(t: int, v: Array) -> Array:
        if freed is not None:
            return v - free_maps.left(v, freed[:, t, :1], gamma)
        u = None if uniforms is None else xp.broadcast_to(uniforms[t][:, :-1], (B, len(probability), R, *uniforms.shape[-2:]))
        return operator(v, u)

    def server(t: int, v: Array) -> Array:
        if freed is not None:
            return v - free_maps.left(v, freed[:, t, 1], gamma)
        u = None if uniforms is None else xp.broadcast_to(uniforms[t][:, -1], (B, len(probability), *uniforms.shape[-2:]))
        return operator(v, u)

    x0, eta, beta = (laid(on.take(each)) for each in (spec.start, spec.eta, spec.beta))
    start, beside = xp.broadcast_to(x0[:, None], (B, len(probability), x0.shape[-1])), {}
    if spec.algorithm == "1":
        run = trace_single(start, gradients, eta, own, probability)
    else:
        run = trace(start, R, gradients, eta, beta, own, server, probability)
        if uniforms is None and freed is None and (wanted is None or "ef_distance_sq" in wanted):
            single = trace_single(start, lambda t, x: mean_over(run.gradients[t], -2)[..., None, :], eta, own, probability)
            beside = {"ef_distance_sq": single.x}

    def expected(values: Array) -> Array:
        return _expected(probability, values)

    points = {"x": run.x, "virtual": run.virtual, "averaged": run.averaged}
    slopes = cache(lambda name: F.gradient(points[name]))
    losses = cache(lambda name: expected(F.value(points[name])))
    norms = squared(slopes("x"))
    each, largest_sq = stacked(seen), cache(lambda: reach(run) ** 2)  # [T, batch, paths, n, d]

    @cache
    def noise() -> Array:
        flattest, steepest = map(on.take, curvatures(spec.functions))
        size = xp.amax(xp.abs(xp.stack([*map(losses, points)])), (0, 2)) + xp.abs(f_star)
        return 1e-14 * size + 1e-28 * xp.maximum(steepest, -flattest) * largest_sq()

    def between(other: str) -> Array:  # of points so close that their difference is round-off, so are their slopes
        lag = expected(squared(slopes("x") - slopes(other)))
        if spec.exact:
            return lag
        return xp.where(expected(squared(run.x - points[other])) > 1e-12 * largest_sq()[:, None], lag, 0)

    gradient_sq = cache(lambda: expected(norms))
    noise_sq = cache(lambda: expected(squared(mean_over(run.gradients, -2) - slopes("x")[:-1])))
    quantities: dict[str, Callable[[], Array]] = {
        "gradient_sq": gradient_sq,
        "noise_sq": noise_sq,
        "discounted_gradient_sq": lambda: discounted(beta, gradient_sq()[:, :-1]),
        "discounted_batch_noise_sq": lambda: discounted(beta, noise_sq()),
        "iterate_loss": lambda: losses("x"),
        "virtual_loss": lambda: losses("virtual"),
        "averaged_loss": lambda: losses("averaged"),
        "function_gap": lambda: above_least(losses("x"), f_star, noise),
        "virtual_gradient_lag_sq": lambda: between("virtual"),
        "averaged_gradient_lag_sq": lambda: between("averaged"),
        "virtual_inner": lambda: expected(total(slopes("x") * slopes("virtual"), -1)),
        "averaged_inner": lambda: expected(total(slopes("x") * slopes("averaged"), -1)),
        "f_star": lambda: f_star,
        "initial_gap": lambda: above_least(f.value(x0), f_star, noise),
    }
    measured = along(run, beside, wanted) | {name: on.give(values) for name, values in evaluated(quantities, wanted).items()}
    second_moments, variances = (mean_over(squared(v), -1) for v in (each, each - slopes("x")[:-1][..., None, :]))
    return Observed(run, measured, *map(on.give, (second_moments, variances, norms[:-1])))


def tight(spec: Spec, seen: Observed, one_sided: bool) -> dict[str, np.ndarray]:
    """The smallest constants that a batch allows: L of F, sigma, and G with G^2 = sigma^2 + omega^2 (or above, where roots are rounded)."""
    flattest, steepest = curvatures(lifted(spec.functions, 1))
    sigma = runs.roots_above(_largest(seen.variances))
    G = runs.roots_above(sigma**2 + _largest(seen.gradient_norms))
    return {"L": steepest if one_sided else floor_of(steepest).xp.maximum(steepest, -flattest), "sigma": sigma, "G": G}


def _largest(values: Array) -> Array:
    """Over time and paths, of [T, batch, paths]."""
    return floor_of(values).xp.amax(values, (0, 2))


def letters(spec: Spec, gradient_sq: np.ndarray | None, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Letters of a batch, [batch] each, and what depends on stated constants: the mean squared gradient, weighted as Theorem 1 draws o.

    Without that where `gradient_sq` was not measured.
    """
    B, T, R, _, d = spec.shape
    eta, whole = spec.eta, np.full(B, Fraction(1) if spec.exact else 1.0, dtype=object if spec.exact else float)
    out = {"workers": whole * R, "horizon": whole * T, "d": whole * d, "gamma": spec.gamma, "beta": spec.beta, **constants}
    if spec.step_scale is not None:
        out["step_scale"] = spec.step_scale
    constant = (eta == eta[:, :1]).all()
    if constant:
        out["eta"] = eta[:, 0]
    if gradient_sq is None:
        return out
    on = floor_of(gradient_sq)
    eta = on.take(eta)
    weights = eta if constant else eta * (3 - 2 * constants["L"][:, None] * eta)
    total = weights.sum(-1)
    mean = (weights * gradient_sq[:, :-1]).sum(-1) / on.xp.where(total == 0, 1, total)
    return out | {"output_gradient_sq": mean}


# ---- instances as plain data ----


def to_instance(spec: Spec, row: int, position: Fraction, loss: Fraction, one_sided: bool) -> Instance:
    """One run of a float batch in rationals, rescaled by x -> position x, f -> loss f, with its constants taken tight.

    Raises: ValueError as `exactly`.
    """
    return encode(free_maps.exactly(exactly(spec, row, position, loss), spec, row), one_sided)


def exactly(spec: Any, row: int, position: Fraction, loss: Fraction) -> Any:
    """One run of a float batch in rationals, rescaled. Raises: ValueError for steps fitted to the horizon of which two differ."""
    exact = replace(
        spec,
        functions=exact_functions(spec.functions, row, position, loss),
        start=exact_row(spec.start, row, position),
        eta=fractions([[exact_step(eta) * position**2 / loss for eta in spec.eta[row]]]),
        beta=exact_row(spec.beta, row),
        gamma=exact_row(spec.gamma, row),
    )
    return exact if spec.step_scale is None else _fitted_exactly(exact, exact_step(spec.step_scale[row]) * position**2 / loss)


def _fitted_exactly(spec: Any, step_scale: Fraction) -> Any:
    """The same with the step at its cap 1 / (2 L) where this numerator says so; else the step is kept, and is that of another numerator."""
    eta, (flattest, steepest) = spec.eta[0, 0], curvatures(lifted(spec.functions, 1))
    if (spec.eta != eta).any():
        raise ValueError("steps fitted to the horizon must be rational to be written down, which two different ones are not")
    cap, least = 1 / (2 * max(steepest[0], -flattest[0])), numerator(spec.schedule, eta, horizon_of(spec), spec.workers, spec.gamma[0])
    if spec.schedule == "capped_step" and bounds(least)[1] < step_scale * (1 - _BESIDE) and eta >= cap * (1 - _BESIDE):
        return replace(spec, eta=spec.eta * 0 + cap, step_scale=fractions([step_scale]))
    return replace(spec, eta=spec.eta * (1 - _BESIDE), step_scale=None)  # within what the horizon allows, which it was rounded beside


_BESIDE = Fraction(1, 10**6)
"""By how much a step is rounded, relative to it, at most."""


def horizon_of(spec: Any) -> int:
    """Iterations of a run; one with a constant step may have it once only."""
    return int(getattr(spec, "horizon", spec.eta.shape[1]))


def exact_step(eta: float) -> Fraction:
    """A rational beside a step, to six digits however small it is; the same for the same float."""
    scale = Fraction(10) ** (6 - math.floor(math.log10(eta)))
    return round(Fraction(eta) * scale) / scale


def encode(spec: Spec, one_sided: bool) -> Instance:
    """An exact run as plain data, its constants L, G, sigma as small as the run allows."""
    constants = tight(spec, observe(spec, wanted=()), one_sided)
    return written(spec) | {"constants": {name: str(values[0]) for name, values in constants.items()}}


def written(spec: Spec) -> Instance:
    """An exact run as plain data, but for its constants."""
    return {
        "algorithm": spec.algorithm,
        "workers": spec.workers,
        "operator": dict(spec.operator),
        "gamma": str(spec.gamma[0]),
        "beta": str(spec.beta[0]),
        "eta": [str(eta) for eta in spec.eta[0]],
        "start": [str(x) for x in spec.start[0]],
        "functions": runs.write_functions(Pieces(*(each[:, None] for each in spec.functions))),
        **free_maps.written(spec.directions),
        **({"schedule": spec.schedule} if spec.schedule else {}),
        **({"step_scale": str(spec.step_scale[0])} if spec.step_scale is not None and not isinstance(spec.step_scale[0], Interval) else {}),
    }


def decode(instance: Instance) -> tuple[Spec, dict[str, np.ndarray]]:
    """The run and its stated constants, exactly. Raises: ValueError if this is no instance of the arena."""
    try:
        if instance["algorithm"] not in ("1", "2"):
            raise ValueError(f'algorithm must be "1" or "2", got {instance["algorithm"]!r}')
        functions = runs.read_functions(instance["functions"], len(instance["start"]))
        spec = Spec(
            algorithm=instance["algorithm"],
            workers=int(instance["workers"]),
            operator=instance["operator"],
            functions=Pieces(*(each[:, 0] for each in functions)),
            start=fractions([[Fraction(x) for x in instance["start"]]]),
            eta=fractions([[Fraction(eta) for eta in instance["eta"]]]),
            beta=fractions([Fraction(instance["beta"])]),
            gamma=fractions([Fraction(instance["gamma"])]),
        )
        _, T, *_, d = spec.shape
        spec = replace(spec, directions=free_maps.read(instance, (T, 2, d)))
        _check(list(spec.eta[0]), spec.beta[0], spec.gamma[0])
        if "schedule" in instance:
            spec = _with_numerator(spec, instance)
        constants = {name: fractions([Fraction(value)]) for name, value in instance["constants"].items()}
    except (KeyError, TypeError, AttributeError, ZeroDivisionError, IndexError) as why:
        raise ValueError(f"this is no run: {type(why).__name__} {why}") from why
    return spec, constants


def _with_numerator(spec: Spec, instance: Instance) -> Spec:
    """The run with the numerator of its steps: as stated, or what makes the step that it is."""
    schedule, T = instance["schedule"], int(instance["horizon"]) if "horizon" in instance else spec.eta.shape[1]
    if schedule not in FITTED:
        raise ValueError(f"schedule must be one of {', '.join(FITTED)}, got {schedule!r}")
    if (spec.eta != spec.eta[0, 0]).any() or (T > 1 and schedule in ("falling_schedule", "climbing_schedule")):
        raise ValueError(f"steps of {schedule} must be one constant, or one alone, to be rational, got {T} steps")
    stated = instance.get("step_scale")
    scale = numerator(schedule, spec.eta[0, 0], T, spec.workers, spec.gamma[0]) if stated is None else Fraction(stated)
    return replace(spec, step_scale=np.array([scale], dtype=object), schedule=schedule)


def _check(eta: list[Fraction], beta: Fraction, gamma: Fraction) -> None:
    if not eta or min(eta) <= 0:
        raise ValueError(f"eta must hold positive steps, got {eta}")
    if not (0 <= beta < 1 and 0 < gamma <= 1):
        raise ValueError(f"beta must lie in [0, 1) and gamma in (0, 1], got {beta} and {gamma}")


@dataclass(frozen=True)
class EFCase(Case):
    """Besides: ||grad F||^2 at each iterate, the compressor, where it is known beyond its uses, and the schedule, if one is fitted."""

    gradient_norms: Collection[Fraction] = ()
    operator: Operator | None = None
    schedule: str = ""


def common_variance(case: EFCase) -> Judgement:
    if not case.variances:
        raise NotMeasured("there are no functions, only gradients")
    sigma, largest = case.letter("sigma"), max(max(values) for values in case.variances)
    return largest <= sigma**2, f"the largest variance is {largest}, sigma^2 = {sigma**2}"


def bounded_gradient(case: EFCase) -> Judgement:
    if not case.gradient_norms:
        raise NotMeasured("there are no functions, only gradients")
    omega_sq, largest = case.letter("G") ** 2 - case.letter("sigma") ** 2, max(case.gradient_norms)
    return largest <= omega_sq, f"the largest ||grad F||^2 is {largest}, G^2 - sigma^2 = {omega_sq}"


def repeatable(case: EFCase) -> Judgement:
    if case.operator is None:
        raise NotMeasured("the map is known only where it was used")
    for v, message, _ in case.compressions:
        at, sent = (None if each is None else np.array(each, dtype=object) for each in (v, message))
        if at is None or sent is None or (case.operator(2 * at) != 2 * sent).any() or (case.operator(sent) != sent).any():
            return False, f"C(2 v) is not 2 C(v), or C(C(v)) is not C(v), at v = ({', '.join(map(str, v))})"
    return True, f"C(2 v) = 2 C(v) and C(C(v)) = C(v) at all {len(case.compressions)} inputs"


def _fitted_step(name: str, most: Callable[[Fraction, Fraction, Fraction, Fraction], Fraction] | None) -> Callable[[EFCase], Judgement]:
    """Judges the steps of a corollary; `most` (of gamma, L, M, 1 - mu) is what T must reach, None for steps with the cap 1 / (2 L)."""

    def judged(case: EFCase) -> Judgement:
        if case.schedule != name:
            return False, f"the steps are {f'those of {case.schedule}' if case.schedule else 'not fitted to the horizon'}"
        eta, scale, T, R, L = (case.letter(each) for each in ("eta", "step_scale", "horizon", "workers", "L"))
        least, (low, high) = numerator(name, eta, int(T), int(R), case.letter("gamma")), bounds(scale)
        if most is not None:
            needed = most(high, L, R, 1 - case.letter("beta"))
            return (
                scale == least and needed <= T,
                f"eta = {eta} is that of gamma = {float(scale):.6g}; T = {T} must be at least {float(needed):.6g}",
            )
        capped = 2 * L * eta == 1 and low >= bounds(least)[1]
        return capped or (scale == least and 2 * L * eta <= 1), f"eta = {eta}, gamma = {float(scale):.6g}, 1 / (2 L) = {1 / (2 * L)}"

    judged.__name__ = name
    return judged


VALIDATORS.update(
    {
        validator.__name__: validator
        for validator in (
            common_variance, bounded_gradient, repeatable, _fitted_step("capped_step", None),
            _fitted_step("horizon_cost_step", lambda scale, L, R, room: 4 * scale**2 * L**2 * R / room**4),
            _fitted_step("falling_schedule", lambda scale, L, R, room: 16 * L**4 * scale**4 * R**2),
            _fitted_step("climbing_schedule", lambda scale, L, R, room: 4 * L**2 * scale**2 * R),
        )
    }
)  # fmt: skip


def case_of(instance: Instance, reading: Reading | None = None) -> EFCase:
    """An instance run by the reference, exactly; all is measured, or what a reading speaks of. Raises: ValueError if it is none."""
    wanted = None if reading is None else spoken(reading)
    if "gradients" in instance:
        return _case_of_sequence(instance, wanted)
    spec, constants = decode(instance)
    if wanted is not None and "output_gradient_sq" in wanted:
        wanted.add("gradient_sq")
    seen, operator, d = observe(spec, wanted=wanted), operator_of(spec.operator), spec.shape[-1]
    compressions = []
    if reading is None or speaks_of_maps(reading):
        inputs, outputs = (np.concatenate([each.reshape(-1, d) for each in side]) for side in zip(*seen.run.used, strict=True))
        compressions = runs.compressions(operator, inputs, outputs)
    return EFCase(
        measured=seen.measured | letters(spec, seen.measured.get("gradient_sq"), constants) | free_of(instance),
        synchronise=(),
        compressions=compressions,
        second_moments=set(seen.second_moments.ravel()),
        variances=[set(seen.variances.ravel())],
        functions=Pieces(*(each[0][None] for each in spec.functions.mean())),
        gradient_norms=set(seen.gradient_norms.ravel()),
        operator=operator,
        schedule=spec.schedule,
    )


# ---- drawing runs ----

_LINEAR: tuple[dict[str, Any], ...] = tuple({"name": "linear", "residual": residual} for residual in ("4/5", "-3/5", "-4/5", "24/25"))
_PLAIN: dict[str, Any] = {"name": "identity"}
_TOP: dict[str, Any] = {"name": "top_k", "k": 1}
_RAND: dict[str, Any] = {"name": "rand_k", "k": 1}
_SIGN: dict[str, Any] = {"name": "scaled_sign"}
_BLOCKS: dict[str, Any] = {"name": "blockwise", "sizes": [1, 2]}
BETAS = (0.0, 0.5, 0.9)


def structures() -> Iterator[tuple[int, int, int, int, Mapping[str, Any]]]:
    """Horizon, workers, samples, dimension, operator of every batch; edges first (T = 1, R = 1, gamma = 1, sigma = 0)."""
    for T in (1, 2, 3, 6, 24):
        for operator, d in ((_PLAIN, 1), *((each, 1) for each in _LINEAR), (_TOP, 2), (_SIGN, 2), (_BLOCKS, 3)):
            yield T, 1, 1, d, operator
    yield 24, 1, 1, 6, _TOP  # a coordinate waits long for its turn
    yield 3, 2, 1, 1, _LINEAR[0]
    for T, R in ((4, 1), (2, 2), (1, 3)):
        for operator, d in ((_PLAIN, 1), (_LINEAR[0], 1), (_TOP, 2)):
            yield T, R, 2, d, operator
    for T, R in ((3, 1), (2, 2)):
        yield T, R, 1, 2, _RAND


def draw_functions(shape: tuple[int, int, int], rng: np.random.Generator) -> Pieces:
    """Random samples of F, [batch, n, d]: half of them strongly convex, among them quadratics."""
    B, n, d = shape
    halves = [runs.draw_functions(kind, (size, 1, n, d), rng) for kind, size in (("smooth", B - B // 2), ("strongly convex", B // 2))]
    K = max(each.knots.shape[-1] for each in halves)
    padded = [each._replace(**{name: _pad(getattr(each, name), K) for name in ("knots", "bends")}) for each in halves]
    return Pieces(*(np.concatenate(both)[:, 0] for both in zip(*padded, strict=True)))


def _pad(values: np.ndarray, K: int) -> np.ndarray:
    return np.concatenate([values, np.zeros((*values.shape[:-1], K - values.shape[-1]))], axis=-1)


def draw(algorithm: str, family: str, count: int, rng: np.random.Generator) -> Iterator[Spec]:
    """Batches of runs with the steps of one family, largest at the edge of what the theorems allow and inside."""
    for T, R, n, d, operator in structures():
        if (T == 1 and family != "constant" and family not in FITTED) or (algorithm == "1" and (R > 1 or operator is _RAND)):
            continue
        functions = draw_functions((count, n, d), rng)
        yield runs_on(functions, algorithm, family, T, R, operator, rng)


def runs_on(functions: Pieces, algorithm: str, family: str, T: int, R: int, operator: Mapping[str, Any], rng: np.random.Generator) -> Spec:
    """A batch of runs on functions [batch, n, d] with steps of one family, largest at the edge of what the theorems allow and inside."""
    count, _, d = functions.slope.shape
    choices = [] if family in FITTED else schedules(family, T)
    flattest, steepest = curvatures(lifted(functions, 1))
    L = np.maximum(steepest, -flattest)
    L = np.where(L > 0, L, 1)
    beta = rng.choice(BETAS if algorithm == "4" else [0.0], count)
    most = np.where(rng.random(count) < 0.5, (1 - beta) ** 2 / 2, 1.49) if algorithm == "4" else np.full(count, 1.49)
    share = rng.choice([1.0, 1.0, 0.67, 1 / 3, 1 / 12, 1 / 96], count)
    gamma = np.full(count, float(coefficient(operator, d)))
    if family in FITTED:
        eta, step_scale = fitted(family, T, R, gamma, L, beta, share * rng.choice([1.0, 1.0, 4.0], count))
    else:
        shape = np.array(choices, dtype=float)[rng.integers(0, len(choices), count)]
        eta, step_scale = (most * share / L)[:, None] * shape, None
    start = rng.integers(-8, 9, (count, d)) / 2
    schedule = family if family in FITTED else ""
    return Spec("1" if algorithm == "1" else "2", R, operator, functions, start, eta, beta, gamma, step_scale, schedule)


_AGAINST_FREE_MAPS = ((3, 1, 1), (9, 1, 1), (2, 2, 2))
"""Horizon, workers and samples of the runs against free maps that an adversary starts from: without noise, all workers are one."""


def adversarial(algorithm: str, family: str, count: int, seed: int) -> Iterator[Spec]:
    """Batches of `count` runs against free maps for the adversary to start from."""
    alone = family in ("falling_schedule", "climbing_schedule")  # of which single steps are rational
    for T, R, n in ((1, 1, 1), (1, 2, 2)) if alone else _AGAINST_FREE_MAPS:
        if algorithm == "1" and R > 1:
            continue
        rng = generator(seed, "adversary", algorithm, family, T, R, n)
        spec = runs_on(draw_functions((count, n, DIMENSION), rng), algorithm, family, T, R, FREE_MAP, rng)
        yield replace(spec, directions=directions((count, T, 2, DIMENSION), rng))


def _paced(run: Spec, by: float, before: Spec) -> Spec:
    """A batch that was moved with steps times a factor; those that are fitted are fitted again, to `by` times the share they were of."""
    if run.step_scale is None:
        return replace(run, eta=run.eta * by)
    (_, T, R, *_), step_scale = run.shape, before.step_scale
    assert step_scale is not None

    def of(spec: Spec, share: np.ndarray) -> Fitted:
        flattest, steepest = curvatures(lifted(spec.functions, 1))
        L = np.maximum(steepest, -flattest)
        return fitted(spec.schedule, T, R, spec.gamma, np.where(L > 0, L, 1), spec.beta, share)

    share = step_scale / of(before, np.ones_like(step_scale)).step_scale
    return replace(run, **of(run, by * share)._asdict())


def _measure(reading: Reading) -> Callable[[Spec], dict[str, np.ndarray]]:
    """How a float batch is measured by what a reading speaks of."""
    one_sided, wanted = any(hypothesis.name == "one_sided_smooth" for hypothesis in reading.given), spoken(reading)
    return lambda spec: shown(spec, one_sided, wanted)


MOST_RUNS = 400  # of a structure and a family: pools stay in memory


@pooled
def pool(algorithm: str, family: str, one_sided: bool, effort: Effort, seed: int) -> Iterator[Group]:
    """Runs drawn once for every claim on this algorithm and these steps: measured, and where rows came from.

    Grouped by horizon and by whether the compressor is random, for then there is no one run of EF-SGD to compare with.
    """
    rng = generator(seed, "dist_ef", algorithm, family, one_sided)
    drawn = draw(algorithm, family, min(max(effort.instances // 3, 16), MOST_RUNS), rng)
    kinds = ((spec, (spec.shape[1], operator_of(spec.operator).draws > 0)) for spec in drawn)
    return runs.grouped((kind, shown(spec, one_sided), runs.rows_of(spec)) for spec, kind in kinds)


def shown(spec: Spec, one_sided: bool, wanted: Set[str] | None = None) -> dict[str, np.ndarray]:
    """What a float batch shows, all of it or what is `wanted`, and its letters with the constants taken tight."""
    seen = observe(spec, wanted=wanted if wanted is None or "output_gradient_sq" not in wanted else {*wanted, "gradient_sq"})
    return seen.measured | letters(spec, seen.measured.get("gradient_sq"), tight(spec, seen, one_sided))


def near(
    algorithm: str, allowed: Callable[[np.ndarray], bool], suits: Callable[[Spec], bool], measure: Callable[[Spec], dict[str, np.ndarray]]
) -> Runs:
    """The neighbourhoods of runs of an algorithm with `allowed` steps [T] and a compressor that suits."""

    def moves(spec: Spec, size: float) -> Iterator[Spec]:
        if spec.schedule:
            return  # what is moved is no longer fitted
        for functions in functions_near(spec.functions, size):
            yield replace(spec, functions=functions)
        for start in starts_near(spec.start, spec.functions.mean().least(), size):
            yield replace(spec, start=start)
        for eta in steps_near(spec.eta, size):
            if allowed(eta[0]):
                yield replace(spec, eta=eta)
        for beta in shares_near(spec.beta, size) if algorithm == "4" else ():
            yield replace(spec, beta=beta)
        if size < 1:
            return
        d = spec.shape[-1]
        for operator in operators_near(spec.operator, d):
            other = replace(spec, operator=operator, gamma=np.full_like(spec.gamma, float(coefficient(operator, d))))
            if suits(other):
                yield other
        if spec.directions is not None:
            return  # there is one for every use
        for eta in lengths_near(spec.eta):
            if allowed(eta[0]):
                yield replace(spec, eta=eta)
        for workers in (spec.workers + 1, spec.workers - 1) if spec.algorithm != "1" else ():
            if workers:
                yield replace(spec, workers=workers)

    def numbers(spec: Spec) -> Numbers | None:
        if spec.schedule:
            return None  # what is moved is no longer fitted

        def put(functions: Pieces, others: dict[str, np.ndarray]) -> Spec:
            return replace(repeated(spec, len(functions.slope)), functions=functions, **others)

        others = {"start": spec.start, "eta": spec.eta} | ({"beta": spec.beta} if algorithm == "4" else {})
        moved: dict[str, Move] = {"start": shifted, "eta": scaled, "beta": shares_near}
        return Numbers(spec.functions, others, moved, put, lambda batch: np.array([allowed(eta) for eta in batch.eta], dtype=bool))

    return Runs(moves, measure, _work, numbers)


def steps_near(eta: np.ndarray, size: float) -> Iterator[np.ndarray]:
    """Steps [1, T] of which some are larger or smaller: all, each alone, those up to some time, every other one."""
    yield from scaled(eta, size)
    t = np.arange(eta.shape[1])
    for factor, chosen in product(factors(size), (*(t < until for until in t[2:]), t % 2 == 0)):
        yield np.where(chosen, factor * eta, eta)


def lengths_near(eta: np.ndarray) -> Iterator[np.ndarray]:
    """Steps [1, T] without the first or the last, or with it twice."""
    if eta.shape[1] > 1:
        yield from (eta[:, 1:], eta[:, :-1])
    yield from (np.pad(eta, ((0, 0), ends), mode="edge") for ends in ((1, 0), (0, 1)))


def allowed_steps(reading: Reading, families: Collection[str]) -> Callable[[np.ndarray], bool]:
    """Whether steps [T] are of one of the families; of any kind where the reading names none."""
    if "steps" not in reading.setting and not any(hypothesis.name in _ALLOWED for hypothesis in reading.given):
        return lambda eta: True

    def met(eta: np.ndarray) -> bool:
        change, peak = np.diff(eta), int(eta.argmax())
        belongs = {
            "constant": not change.any(), "decreasing": (change <= 0).all(), "increasing": (change >= 0).all(),
            "warm-up": (change[:peak] >= 0).all() and (change[peak:] <= 0).all(), "alternating": (eta[2:] == eta[:-2]).all(),
        }  # fmt: skip
        return any(belongs.get(family, False) for family in families)

    return met


def _work(spec: Spec) -> int:
    """Numbers in one quantity of one run; beyond all bounds where there are too many sample paths to try neighbours."""
    _, T, R, n, d = spec.shape
    draws = math.comb(d, int(spec.operator["k"])) if spec.operator["name"] == "rand_k" else 1
    paths_of = n ** (T * R) * draws ** (T * (R + 1))
    return _size(spec) * paths_of if paths_of <= runs.MOST_NEARBY_PATHS else MOST_WORK + 1


# ---- the free adversary ----

COEFFICIENTS = tuple(map(Fraction, ("1", "9/10", "1/2", "1/4", "1/10")))


@dataclass(frozen=True)
class Found:
    """What an ascent reached, per start, with G = 1: gradients and residual directions [T, starts, R, d], those of the server

    [T, starts, d]; its steps, momenta and coefficients in rationals, a list each.
    """

    family: str
    eta: list[list[Fraction]]
    beta: list[Fraction]
    gamma: list[Fraction]
    gradients: np.ndarray
    directions: np.ndarray
    server_directions: np.ndarray

    @property
    def workers(self) -> int:
        return int(self.gradients.shape[2])


def ascend(
    family: str,
    T: int,
    workers: int,
    betas: Sequence[Fraction],
    starts: int,
    iterations: int,
    rng: np.random.Generator,
    coefficients: Sequence[Fraction] = COEFFICIENTS,
    d: int = DIMENSION,
) -> Found:
    """The adversary's ascent on ||e~_T + mean e_T||^2 from random starts, each with steps of the family, a momentum and a coefficient.

    Where there is one choice of these alone, the best start is polished as well.
    """
    grid = list(product(schedules(family, T), betas, coefficients))
    count = max(starts, len(grid))
    shapes = ((T, count, workers, d), (T, count, workers, d), (T, count, d))
    chosen = [unit(torch.from_numpy(rng.standard_normal(shape))) for shape in shapes]
    of_start = [grid[i % len(grid)] for i in range(count)]
    value = _last_error(*zip(*(grid if len(grid) == 1 else of_start), strict=True))
    _, best = (ascent.ascend if len(grid) == 1 else ascent.climb)(value, chosen, iterations)
    return Found(family, *map(list, zip(*of_start, strict=True)), *(each.numpy() for each in best))  # type: ignore[arg-type]


def _last_error(eta: Sequence[Sequence[Fraction]], beta: Sequence[Fraction], gamma: Sequence[Fraction]) -> ascent.Value:
    """||e~_T + mean e_T||^2 [starts] of gradients and residual directions [T, starts, R, d] and those of the server [T, starts, d].

    Steps [n, T], momentum and coefficient [n] of every start, or n = 1 for all alike.
    """
    etas, betas, keep = (torch.tensor(np.array(each, dtype=float)) for each in (eta, beta, [math.sqrt(1 - g) for g in gamma]))

    def value(g: torch.Tensor, q: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        state = gpu_ef.init(g.new_zeros(g.shape[1], g.shape[-1]), g.shape[2])
        for t in range(len(g)):

            def own(v: torch.Tensor, uniforms: Any, t: int = t) -> torch.Tensor:
                return v - keep[:, None, None] * torch.linalg.vector_norm(v, dim=-1, keepdim=True) * q[t]

            def server(v: torch.Tensor, uniforms: Any, t: int = t) -> torch.Tensor:
                return v - keep[:, None] * torch.linalg.vector_norm(v, dim=-1, keepdim=True) * s[t]

            state, _ = gpu_ef.step(state, g[t], etas[:, t], own, None, server, None, betas)
        return ((state.server_memory + state.memory.mean(-2)) ** 2).sum(-1)

    return value


def measure(found: Found) -> dict[str, np.ndarray]:
    """Quantities and letters of what an ascent reached, by the reference, a row for each start."""
    T, count, R, d = found.gradients.shape
    keep = np.sqrt(1 - np.array(found.gamma, dtype=float))[:, None]

    def residual(v: np.ndarray, direction: np.ndarray) -> np.ndarray:
        length = np.linalg.norm(v, axis=-1) * (keep[..., None] if v.ndim == 4 else keep)
        return length[..., None] * direction[:, None]

    run = trace(
        np.zeros((count, 1, d)), R, lambda t, x: found.gradients[t][:, None],
        np.array(found.eta, dtype=float), np.array(found.beta, dtype=float),
        lambda t, v: v - residual(v, found.directions[t]), lambda t, v: v - residual(v, found.server_directions[t]), np.ones(1),
    )  # fmt: skip
    out = {"workers": R, "horizon": T, "G": 1}
    named = {"gamma": found.gamma, "beta": found.beta} | ({"eta": [each[0] for each in found.eta]} if found.family == "constant" else {})
    return along(run, {}) | {name: np.full(count, float(value)) for name, value in out.items()} | {
        name: np.array(values, dtype=float) for name, values in named.items()
    }  # fmt: skip


@pooled
def ascents(momentum: bool, family: str, effort: Effort, seed: int) -> Iterator[Group]:
    """What the adversary reached with these steps, done once for all claims: measured, and where rows came from."""
    rng = generator(seed, "dist_ef", "adversary", momentum, family)
    betas = tuple(Fraction(beta).limit_denominator(10) for beta in (BETAS if momentum else BETAS[:1]))
    horizons = (1, 2, 6, 24) if family == "constant" else (2, 6, 12)
    found = (ascend(family, T, R, betas, effort.starts, effort.iterations, rng) for T, R in product(horizons, (1, 2)))
    alone = product(betas, COEFFICIENTS) if effort.polished and family == "constant" else ()
    polished = (ascend(family, horizons[-1], 1, [b], effort.kept, effort.iterations, rng, [c]) for b, c in alone)
    return ((measure(each), [(each, row) for row in range(len(each.eta))]) for each in chain(found, polished))


class Variant(NamedTuple):
    """Steps, momentum and coefficient in rationals, with inputs to start from: gradients and directions [T, starts, R, d], the server's."""

    family: str
    eta: list[Fraction]
    beta: Fraction
    gamma: Fraction
    inputs: tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class SequencesNearby:
    """Neighbourhoods of what the adversary reached: other steps that are `allowed`, momenta and coefficients, all of one length at once."""

    momentum: bool
    allowed: Callable[[np.ndarray], bool]
    iterations: int

    def neighbours(self, origin: tuple[Found, int], size: float) -> Iterator[Variant]:
        found, row = origin
        eta, beta, gamma = found.eta[row], found.beta[row], found.gamma[row]
        parts = [part[:, row] for part in (found.gradients, found.directions, found.server_directions)]
        settings = [(eta, beta, gamma)]
        steps = np.array([eta], dtype=float)
        for other in (*steps_near(steps, size), *(lengths_near(steps) if size == 1 else ())):
            exact = [exact_step(each) for each in other[0]]
            if self.allowed(np.array(exact, dtype=float)) and len(set(exact)) > (found.family != "constant"):
                settings.append((exact, beta, gamma))
        for factor in map(Fraction, factors(size)):
            settings += [(eta, beta, other) for other in {gamma * factor, 1 - (1 - gamma) * factor} if LEAST_COEFFICIENT <= other < 1]
            settings += [(eta, other, gamma) for other in {beta * factor, 1 - (1 - beta) * factor} if self.momentum and 0 <= other < 1]
        for setting in settings:
            times = np.arange(len(setting[0])).clip(max=len(eta) - 1)
            rng = generator(0, "beside", *setting)
            g, both = parts[0][times], np.concatenate([parts[1], parts[2][:, None]], axis=1)[times]
            g, q = ascent.supported(g, both, STARTS_BESIDE, rng)
            yield Variant(found.family, *setting, (g, q[:, :, :-1], q[:, :, -1]))

    def measured(self, variants: Sequence[Variant]) -> Iterator[tuple[dict[str, np.ndarray], list[Any], list[int]]]:
        alike: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        for place, variant in enumerate(variants):
            alike.setdefault((variant.family, variant.inputs[0].shape), []).append(place)
        for (family, _), places in alike.items():
            settings = [variants[place][1:4] for place in places for _ in range(STARTS_BESIDE)]
            inputs = (np.concatenate(parts, axis=1) for parts in zip(*(variants[place].inputs for place in places), strict=True))
            by_setting: Any = list(map(list, zip(*settings, strict=True)))
            _, best = ascent.climb(_last_error(*by_setting), [torch.from_numpy(each) for each in inputs], self.iterations)
            found = Found(family, *by_setting, *(each.numpy() for each in best))
            yield measure(found), [(found, row) for row in range(len(settings))], [place for place in places for _ in range(STARTS_BESIDE)]


STARTS_BESIDE = 4
LEAST_COEFFICIENT = Fraction(1, 100)


def sequence_of(found: Found, row: int, position: Fraction, loss: Fraction) -> Instance:
    """One start in rationals: a little inside each ball, and rescaled by x -> position x, f -> loss f."""
    G, own, server = loss / position, ascent.inside(found.directions[:, row]), ascent.inside(found.server_directions[:, row])
    keep = ascent.below(math.sqrt(1 - found.gamma[row]))

    def residual(t: int, v: np.ndarray) -> np.ndarray:
        direction = own[t] if v.ndim == 2 else server[t]
        length = np.frompyfunc(lambda x: ascent.below(math.sqrt(x)), 1, 1)(squared(v / G))
        return keep * G * (np.asarray(length, dtype=object)[..., None] * direction)

    eta = [each * position**2 / loss for each in found.eta[row]]
    return _sequence(eta, found.beta[row], found.gamma[row], G, G * ascent.inside(found.gradients[:, row]), residual)


def _sequence(
    eta: list[Fraction],
    beta: Fraction,
    gamma: Fraction,
    G: Fraction,
    gradients: np.ndarray,
    residual: Callable[[int, np.ndarray], np.ndarray],
) -> Instance:
    """Gradients [T, R, d] fed to the algorithm, with `residual(t, v)` of the compressor at [R, d] and at [d], all written down."""
    state, kept, server_kept = ef.init(gradients[0, 0] * 0, gradients.shape[1]), [], []
    for t, step in enumerate(eta):

        def compress(v: np.ndarray, uniforms: object, t: int = t) -> np.ndarray:
            return v - residual(t, v)

        state, _ = ef.step(state, gradients[t], step, compress, beta=beta)
        kept.append(state.memory)
        server_kept.append(state.server_memory)

    def text(value: Any) -> Any:
        return [text(each) for each in value] if isinstance(value, (list, np.ndarray)) else str(value)

    return {
        "gamma": str(gamma), "beta": str(beta), "G": str(G), "eta": text(eta), "gradients": text(gradients), "residuals": text(kept),
        "server_residuals": text(server_kept),
    }  # fmt: skip


def _case_of_sequence(instance: Instance, wanted: Container[str] | None) -> EFCase:
    try:
        gradients, residuals, server_residuals = (
            np.array(_rational(instance[name]), dtype=object) for name in ("gradients", "residuals", "server_residuals")
        )
        (T, R, d), eta = gradients.shape, [Fraction(each) for each in instance["eta"]]
        stated = {name: Fraction(instance[name]) for name in ("gamma", "beta", "G")}
        if residuals.shape != gradients.shape or server_residuals.shape != (T, d) or len(eta) != T:
            raise ValueError(f"residuals, server_residuals and eta must fit gradients {gradients.shape}, got {residuals.shape}, "
                             f"{server_residuals.shape} and {len(eta)}")  # fmt: skip
        _check(eta, stated["beta"], stated["gamma"])
    except (KeyError, TypeError, AttributeError, ZeroDivisionError, IndexError) as why:
        raise ValueError(f"this is no sequence of gradients: {type(why).__name__} {why}") from why
    run = trace(
        np.full((1, 1, d), Fraction(0), dtype=object), R, lambda t, x: gradients[t][None, None], fractions([eta]),
        fractions([stated["beta"]]), lambda t, v: v - residuals[t], lambda t, v: v - server_residuals[t], fractions([Fraction(1)]),
    )  # fmt: skip
    stated |= {"workers": Fraction(R), "horizon": Fraction(T)} | ({"eta": eta[0]} if len(set(eta)) == 1 else {})
    return EFCase(
        measured=along(run, {}, wanted) | {name: fractions([value]) for name, value in stated.items()} | free_of(instance),
        synchronise=(),
        compressions=[
            Compression(tuple(v), tuple(sent), ((v - sent) ** 2).sum())
            for inputs, outputs in run.used
            for v, sent in zip(inputs.reshape(-1, d), outputs.reshape(-1, d), strict=True)
        ],
        second_moments=set(squared(gradients).ravel()),
    )


def _rational(value: Any) -> Any:
    return [_rational(each) for each in value] if isinstance(value, list) else Fraction(value)


# ---- the arena ----


class ErrorFeedbackArena:
    """Statements about error feedback: those that see no function are put to the adversary as well."""

    name = "dist_ef"

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        names = {hypothesis.name for hypothesis in reading.given}
        algorithm, asked, one_sided = algorithm_of(reading), asked_operator(reading), "one_sided_smooth" in names
        families = step_families(reading)
        fitting = [family for family in families if family in FITTED]
        free = not fitting and algorithm != "1" and asked is None
        groups = chain(
            (group for family in families for group in pool(_drawn(algorithm), family, one_sided, effort, seed)),
            (group for family in families if free for group in ascents(algorithm == "4", family, effort, seed)),
        )
        suitable = (_only(group, lambda origin: _suits(origin, asked, names)) for group in groups)

        def batches() -> Iterator[Spec]:
            for family in families if asked is None else ():
                for spec in adversarial(_drawn(algorithm), family, effort.steered, seed):
                    if _suits((spec, 0), asked, names):
                        yield spec

        short = self._searched(reading, (each for each in suitable if each[1]), effort, batches)
        return with_long(self, reading, effort, seed, short)

    def _beside(self, reading: Reading, effort: Effort) -> Kinds:
        names = {hypothesis.name for hypothesis in reading.given}
        algorithm, steps = algorithm_of(reading), allowed_steps(reading, step_families(reading))
        asked = asked_operator(reading)
        on_functions = near(_drawn(algorithm), steps, lambda spec: _suits((spec, 0), asked, names), _measure(reading))
        return Kinds({Spec: on_functions, Found: SequencesNearby(algorithm == "4", steps, effort.iterations)})

    def _searched(self, reading: Reading, groups: Iterable[Group], effort: Effort, batches: Callable[[], Iterable[Spec]]) -> Attack:
        one_sided = any(hypothesis.name == "one_sided_smooth" for hypothesis in reading.given)
        adversary = Adversary(
            batches, lambda run: isinstance(run, Spec), _measure(reading), _work, _paced, Inputs(least=-1.0),
            effort.steered, effort.moves,
        )  # fmt: skip

        def written(origin: tuple[Any, int], scale: tuple[Fraction, Fraction]) -> Instance:
            found, row = origin
            return to_instance(found, row, *scale, one_sided) if isinstance(found, Spec) else sequence_of(found, row, *scale)

        beside = self._beside(reading, effort)
        return runs.search(self, reading, groups, written, lambda origin: _size(origin[0]), beside, effort.moves, adversary=adversary)

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none of a few steps, or fitted to its horizon."""
        if "schedule" in instance:
            raise ValueError("a run with steps that are fitted to its horizon is not moved")
        rng = generator(seed, "onward")
        of_sequence = "gradients" in instance
        variant = (Found, _begun(instance, rng)) if of_sequence else (Spec, begun(instance, moved, decode))
        begin = beginnings(self._beside(reading, effort), variant, rng)
        return self._searched(reading, begin, effort, lambda: [] if of_sequence else [variant[1]])  # type: ignore[list-item]

    def at(self, reading: Reading, letters: Mapping[str, Fraction], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """What the adversary reaches with constant steps at given letters, long enough to come near its limit, a row for each start."""
        beta, gamma = letters.get("beta", Fraction(0)), letters["gamma"]
        T = math.ceil(6 / (1 - math.sqrt(1 - gamma)) + 3 / (1 - beta))
        return measure(ascend("constant", T, int(letters.get("workers", 1)), [beta], 8, 64, rng, [gamma]))

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        if "law" in instance:
            return ARENAS[f"{self.name}, long"].replay(reading, instance)
        case = case_of(instance, reading)
        judged = judge(reading.given, case)
        judged["algorithm"] = of_algorithm(reading, instance.get("algorithm", "2"), case.letter("beta"))
        judged |= of_operator(reading, instance.get("operator", {}).get("name"))
        if case.functions is not None:
            judged["bounded_below"] = (bool(case.functions.mean().bounded_below().all()), "F_* is finite")
        return replayed(reading, case.measured, judged)

    def cost(self, instance: Instance) -> int:
        """Iterations of one worker along one sample path."""
        T = len(instance["eta"])
        if "gradients" in instance:
            return T * (len(instance["gradients"][0]) + 1)
        R, random = int(instance["workers"]), operator_of(instance["operator"]).draws
        outcomes = len(instance["functions"][0]) ** R * (len(instance["start"]) ** (R + 1) if random else 1)
        return T * R * int(outcomes) ** T

    def simpler(self, instance: Instance) -> Iterator[Instance]:
        """Variants with fewer iterations, workers, samples or knots; an adversary's on a line."""
        T = len(instance["eta"])
        if "gradients" in instance:
            for last, R, opposed in product({T, T - 1, 2, 1}, {len(instance["gradients"][0]), 1}, (1, -1)):
                if 0 < last <= T and (last, R, 1) < (T, len(instance["gradients"][0]), len(instance["gradients"][0][0])):
                    for places in (10, 100):
                        yield with_free(_on_a_line(instance, last, R, opposed, places), instance.get("free"))
            return
        if T > 1:
            yield instance | {"eta": instance["eta"][:-1]}
            yield instance | {"eta": instance["eta"][1:]}
        yield instance | {"eta": [_round(eta) for eta in instance["eta"]]}
        if int(instance["workers"]) > 1:
            yield instance | {"workers": int(instance["workers"]) - 1}
        functions = instance["functions"]
        if len(functions[0]) > 1:
            yield instance | {"functions": [functions[0][:1]]}
        if any(c["knots"] for s in functions[0] for c in s):
            yield instance | {"functions": [[[c | {"knots": [], "bends": []} for c in s] for s in functions[0]]]}
        for position, loss in product((Fraction(1), Fraction(10), Fraction(1, 10), Fraction(1000), Fraction(1, 1000)), repeat=2):
            if (position, loss) != (1, 1):
                yield moved(instance, position, loss)

    def refit(self, instance: Instance) -> Instance:
        """The same with its constants as small as it allows. Raises: ValueError if there is no such run."""
        if "gradients" in instance:
            return instance
        spec, constants = decode(instance)
        gamma = fractions([coefficient(spec.operator, spec.shape[-1])])
        one_sided = bool((constants["L"] < -curvatures(lifted(spec.functions, 1))[0]).all())
        return with_free(encode(replace(spec, gamma=gamma), one_sided), instance.get("free"))


def _begun(instance: Instance, rng: np.random.Generator) -> Variant:
    """A written sequence with G = 1 and the largest step 1, to start from."""
    g, q, s = (ascent.directions(np.array(instance[name], dtype=object)) for name in ("gradients", "residuals", "server_residuals"))
    eta = [Fraction(each) for each in instance["eta"]]
    family = "constant" if len(set(eta)) == 1 else "any"
    g, q = ascent.supported(g, np.concatenate([q, s[:, None]], axis=1), STARTS_BESIDE, rng)
    inputs = (g, q[:, :, :-1], q[:, :, -1])
    return Variant(family, [each / max(eta) for each in eta], Fraction(instance["beta"]), Fraction(instance["gamma"]), inputs)


def _round(eta: str) -> str:
    """A written step, to one digit."""
    scale = Fraction(10) ** -math.floor(math.log10(Fraction(eta)))
    return str(round(Fraction(eta) * scale) / scale)


def moved(instance: Instance, position: Fraction, loss: Fraction) -> Instance:
    """The same run after x -> position x, f -> loss f; its stated constants are left to `refit`."""
    step_unit = position**2 / loss
    return instance | {
        "functions": runs.moved_functions(instance["functions"], position, loss),
        "start": runs.times(position, instance["start"]),
        "eta": runs.times(step_unit, instance["eta"]),
        **({"step_scale": runs.times(step_unit, instance["step_scale"])} if "step_scale" in instance else {}),
    }


def _on_a_line(instance: Instance, T: int, workers: int, opposed: int, places: int) -> Instance:
    """All gradients G, d = 1, residuals along the input as long as contraction allows on a grid; a worker's against it if opposed = -1."""
    G, gamma = Fraction(instance["G"]), Fraction(instance["gamma"])
    keep = Fraction(math.isqrt(int((1 - gamma) * places**2)), places)

    def residual(t: int, v: np.ndarray) -> np.ndarray:
        return keep * v * (opposed if v.ndim == 2 else 1)

    eta = [Fraction(each) for each in instance["eta"][:T]]
    return _sequence(eta, Fraction(instance["beta"]), gamma, G, np.full((T, workers, 1), G, dtype=object), residual)


def algorithm_of(reading: Reading) -> str:
    """The algorithm that a reading speaks of: as its setting says, else 4 where there is momentum, else 2."""
    symbols = {s.name for c in reading.conditions for s in c.free_symbols} | {
        s.name for s in (reading.relation.symbols if reading.relation else ())
    }  # fmt: skip
    algorithm = str(reading.setting.get("algorithm", "4" if "beta" in symbols else "2"))
    if algorithm not in ("1", "2", "3", "4"):
        raise ValueError(f"algorithm must be one of 1, 2, 3, 4, got {algorithm!r}")
    return algorithm


def of_algorithm(reading: Reading, algorithm: str, beta: Fraction) -> Judgement:
    """Whether an instance, of Algorithm "1" or of "2" and others, is one of the algorithm that a reading speaks of."""
    wanted = algorithm_of(reading)
    met = (algorithm == "1") == (wanted == "1") and (beta == 0 or wanted == "4")
    return met, f"Algorithm {'1' if algorithm == '1' else '2'} with momentum {beta}, for Algorithm {wanted}"


def asked_operator(reading: Reading) -> str | None:
    """The name of the compressor that a reading speaks of; None for any."""
    return reading.setting.get("operator", "blockwise" if algorithm_of(reading) == "3" else None)


def of_operator(reading: Reading, name: str | None) -> dict[str, Judgement]:
    """Whether the compressor of an instance, None where it is known by its residuals alone, is the one that a reading asks for, if any."""
    asked = asked_operator(reading)
    return {} if asked is None else {"operator": (name == asked, f"the compressor is {name or 'given by its residuals'}, for {asked}")}


def _drawn(algorithm: str) -> str:
    return "2" if algorithm == "3" else algorithm


def _suits(origin: tuple[Any, int], asked: str | None, names: Collection[str]) -> bool:
    found = origin[0]
    name = found.operator["name"] if isinstance(found, Spec) else ""
    return asked in (None, name) and not ("repeatable" in names and name in ("", "linear", "rand_k", free_maps.NAME))


def _only(group: Group, suits: Callable[[Any], bool]) -> Group:
    """The rows whose origin suits."""
    measured, origins = group
    rows = [row for row, origin in enumerate(origins) if suits(origin)]
    if len(rows) == len(origins):
        return group
    return {name: values[rows] for name, values in measured.items()}, [origins[row] for row in rows]


def _size(found: Any) -> int:
    """Iterations of one worker along one path; a run on a function is a better witness than raw gradients."""
    if isinstance(found, Spec):
        _, T, R, n, d = found.shape
        return T * R * n * d
    return 10**6 + len(found.eta[0]) * found.workers


ARENA = ErrorFeedbackArena()
register(ARENA)
