"""Arena "run": Algorithms 1 and 2 on problems with exactly known constants, every quantity measured, every expectation by enumeration.

One code path for both kinds of numbers: thousands of runs at once in float64 for the search, stepped by the torch twin, and one run in
Fractions for the verdict, stepped by the reference. Problems are one- or few-dimensional, with piecewise linear derivatives (quadratics,
Huber's function, concave kinks), so L, mu, f* and x* are exact, and G and sigma_r are suprema over the iterates that are visited. What was
drawn once serves every claim, along the whole orbit of rescalings x -> c x, f -> s f.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property, lru_cache, reduce
from itertools import islice, pairwise, product
from typing import Any, NamedTuple

import numpy as np

from reference.exact import is_exact
from reference.expectation import minibatch_events, moments
from reference.operators import Operator
from theory.claim import Reading
from validation import free_maps
from validation.adversary import DIMENSION, FREE_MAP, LEAST_CURVATURE, Adversary, Inputs, Steering, directions, paced
from validation.attack import (
    ARENAS,
    Arena,
    Attack,
    CutShort,
    Effort,
    Instance,
    Replay,
    generator,
    measured_once,
    pooled,
    register,
    remembered,
    with_long,
)
from validation.floors import FEW, Array, Floor, floor, floor_for, floor_of, laid, magnitude, mean_by, plain, root, stacked, total
from validation.hypotheses import (
    Case,
    Compression,
    Pieces,
    free_letters,
    free_of,
    judge,
    smallest_shift,
    synchronisations,
    with_free,
)  # fmt: skip
from validation.letters import replayed
from validation.nearby import (
    MOST_WORK,
    Nearby,
    Numbers,
    Runs,
    Scored,
    chosen_rows,
    climb,
    horizons_near,
    indices_near,
    lasting,
    longest_stretch,
    numbers_near,
    numbers_of,
    operators_near,
    scaled,
    spread,
)
from validation.onward import beginnings, begun
from validation.quantities import NotMeasured, along_orbit, plausible_along, root_above, spoken
from validation.steepest import ascend
from validation.witness import confirm, confirm_nearby, rank

# ---- one run, measured ----


class Trace(NamedTuple):
    """T iterations of a batch of runs, each along every sample path; time first, then [batch, paths, workers, d]."""

    x_hat: Array  # t = 0..T, like memory and x_tilde
    memory: Array
    x_tilde: Array
    gradients: Array  # t = 0..T-1
    inputs: Array  # what each synchronisation compresses
    messages: Array
    eta: Array  # [T + 1, batch]
    synchronise: tuple[int, ...]
    probability: Array  # [paths]


class AsynchronousTrace(NamedTuple):
    """The same of Algorithm 2, where worker r synchronises at `sets[r]`; inputs and messages at t = 0..T-1, 0 where nothing is sent."""

    x_hat: Array
    memory: Array
    x_tilde: Array
    gradients: Array
    inputs: Array
    messages: Array
    eta: Array
    synchronise: tuple[int, ...]  # where any worker does
    probability: Array
    sets: tuple[tuple[int, ...], ...]
    x: Array  # t = 0..T: what each worker last received
    master: Array  # t = 0..T, [batch, paths, d]


def trace(
    x0: Array,
    workers: int,
    gradients: Callable[[int, Array], Array],
    eta: Array,
    synchronise: tuple[int, ...],
    compress: Callable[[int, Array], Array],
    probability: Array,
) -> Trace:
    """Algorithm 1 from x0 [batch, paths, d] on its floor, with `gradients(t, x_hat)` and, at synchronisation i, `compress(i, v)`."""
    room = floor_of(x0).qsparse_local_sgd
    state = room.init(x0, workers)
    states, virtual = [state], [state.x_hat]
    slopes: list[Array] = []
    inputs: list[Array] = []
    messages: list[Array] = []
    for t in range(len(eta) - 1):
        g = gradients(t, state.x_hat)
        eta_t = eta[t][:, None]

        def send(v: Array, uniforms: object) -> Array:
            inputs.append(v)
            messages.append(compress(len(messages), v))
            return messages[-1]

        state, _ = room.step(state, g, eta_t, t + 1 in synchronise, send)
        states.append(state)
        slopes.append(g)
        virtual.append(virtual[-1] - eta_t[..., None, None] * g)  # (3.7)
    x_hat, memory = stacked([s.x_hat for s in states]), stacked([s.memory for s in states])
    lists = (stacked(virtual), stacked(slopes), stacked(inputs), stacked(messages))
    return Trace(x_hat, memory, *lists, eta, synchronise, probability)


def asynchronous_trace(
    x0: Array,
    gradients: Callable[[int, Array], Array],
    eta: Array,
    sets: tuple[tuple[int, ...], ...],
    compress: Callable[[int, Array], Array],
    probability: Array,
) -> AsynchronousTrace:
    """Algorithm 2 on the floor of x0, as `trace`; `compress(i, v)` at the i-th iteration at which any worker synchronises."""
    xp, room = floor_of(x0).xp, floor_of(x0).qsparse_local_sgd
    state = room.asynchronous_init(x0, len(sets))
    synchronise = union(sets)
    states, virtual, slopes, inputs, messages = [state], [state.x_hat], list[Array](), list[Array](), list[Array]()
    for t in range(len(eta) - 1):
        g, eta_t, subset = gradients(t, state.x_hat), eta[t][:, None], xp.asarray([t + 1 in each for each in sets])
        before = state

        def send(v: Array, uniforms: object, t: int = t) -> Array:
            return compress(synchronise.index(t + 1), v) if t + 1 in synchronise else v * 0  # nobody sends: the twin asks all the same

        state, sent = room.asynchronous_step(state, g, eta_t, subset, send)
        states.append(state)
        slopes.append(g)
        inputs.append((before.memory + before.x - (before.x_hat - eta_t[..., None, None] * g)) * subset[:, None])
        messages.append(sent)
        virtual.append(virtual[-1] - eta_t[..., None, None] * g)
    master, x, x_hat, memory = map(stacked, zip(*states, strict=True))
    lists = (stacked(virtual), stacked(slopes), stacked(inputs), stacked(messages))
    return AsynchronousTrace(x_hat, memory, *lists, eta, synchronise, probability, sets, x, master)


def union(sets: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Where any worker synchronises, in order."""
    return tuple(sorted({index for each in sets for index in each}))


def fractions(nested: list[Any]) -> np.ndarray:
    return np.array(nested, dtype=object)


def squared(v: Array) -> Array:
    return total(v * v, -1)


def round_off_is_0(values: Array, beside: Array) -> Array:
    """Squares with 0 for those that are only round-off beside others: some bounds are 0 too. Exact values stay."""
    return values if is_exact(values) else floor_of(values).xp.where(values > 1e-28 * beside, values, 0)


def mean_over(v: Array, axis: int) -> Array:
    return total(v, axis) / v.shape[axis] if v.shape[axis] > 1 else total(v, axis)


def above_least(loss: Array, least: Array, noise: Callable[[], Array]) -> Array:
    """How far a loss [batch, ...] is above the least one [batch]; 0 where that is but round-off, `noise` [batch]. Exact values stay."""
    xp, to_all = floor_of(loss).xp, (-1, *(1,) * (loss.ndim - 1))
    gap = loss - least.reshape(to_all)
    return gap if is_exact(gap) else xp.where(gap > noise().reshape(to_all), gap, 0)


def evaluated(
    quantities: Mapping[str, Callable[[], Array]], wanted: Container[str] | None, always: Container[str] = ()
) -> dict[str, Array]:
    """The quantities that are `wanted`, or all, and those that are `always`: in rationals each takes long."""
    return {name: value() for name, value in quantities.items() if wanted is None or name in wanted or name in always}


def timewise(values: Array) -> Array:
    return floor_of(values).xp.moveaxis(values, 0, -1)


def reach(run: Trace | AsynchronousTrace) -> Array:
    """The largest coordinate of anything in a run, [batch]: round-off is measured against it."""
    xp = floor_of(run.x_hat).xp
    return xp.amax(xp.stack([magnitude(each) for each in (run.x_hat, run.memory, run.x_tilde)]), 0)


def expectation(run: Trace | AsynchronousTrace, largest: Array) -> Callable[[Array], Array]:
    """The mean over the paths of a run, [time, batch, paths, ...] to [time, batch, ...], with 0 for what is round-off beside its reach."""
    largest_sq = largest**2

    def expected(values: Array) -> Array:
        mean = mean_by(run.probability, values, 2)
        return round_off_is_0(mean, largest_sq.reshape(-1, *(1,) * (mean.ndim - 2)))

    return expected


def along(run: Trace, largest: Array, wanted: Container[str] | None = None) -> dict[str, Array]:
    """The quantities that need no function: memory, deviation, lag, progress, step sizes; [batch, times]. `largest`: its reach.

    All of them, or those `wanted` and the indices.
    """
    xp, expected = floor_of(run.x_hat).xp, expectation(run, largest)
    x_hat, memory = run.x_hat, cache(lambda: expected(squared(run.memory)))
    mean = mean_over(x_hat, -2)
    lag = mean - mean_over(run.x_tilde, -2)
    moved = cache(lambda: run.eta[:-1, :, None, None, None] * run.gradients)
    steps, second = cache(lambda: expected(squared(moved()))), cache(lambda: expected(squared(run.gradients)))  # [T, batch, R]
    bounds = (0, *run.synchronise)
    stretches = list(pairwise(bounds))
    last = [max(start for start in bounds if start <= time) for time in range(len(x_hat))]

    def whole(values: Sequence[int]) -> Array:
        return xp.stack([lag[0, :, 0, 0] * 0 + value for value in values], 0)  # of the kind of all others

    def since_last(of_stretch: Callable[[Array], Array], values: Array) -> Array:
        nothing = values[0, :, 0] * 0
        return xp.stack([mean_over(of_stretch(values[start:time]), -1) if time > start else nothing for time, start in enumerate(last)])

    quantities: dict[str, Callable[[], Array]] = {
        "memory_sq": lambda: xp.amax(memory(), -1),
        "mean_memory_sq": lambda: mean_over(memory(), -1),
        "synced_memory_sq": lambda: xp.amax(memory(), -1)[list(bounds)],
        "deviation_sq": lambda: expected(mean_over(squared(x_hat - mean[..., None, :]), -1)),
        "lag_sq": lambda: expected(squared(lag)),
        "lag_less_memory_sq": lambda: expected(squared(lag - mean_over(run.memory, -2))),
        "progress_sq": lambda: xp.amax(expected(squared(xp.stack([total(moved()[start:stop], 0) for start, stop in stretches]))), -1),
        "compressor_input_sq": lambda: xp.amax(expected(squared(run.inputs)), -1),
        "mean_step_sq": lambda: xp.amax(xp.stack([mean_over(steps()[start:stop], 0) for start, stop in stretches]), -1),
        "mean_second_moment": lambda: xp.amax(xp.stack([mean_over(second()[start:stop], 0) for start, stop in stretches]), -1),
        "local_progress_sq": lambda: expected(mean_over(squared(x_hat - x_hat[last]), -1)),
        "mean_local_step_sq": lambda: since_last(lambda values: mean_over(values, 0), steps()),
        "stretch_second_moment": lambda: since_last(lambda values: total(values, 0), second()),
        "t_i": lambda: whole(bounds),
        "t_next": lambda: whole(run.synchronise),
        "t_i at t": lambda: whole(last),
        "eta_t": lambda: run.eta,
    }
    return _along(quantities, wanted)


_ALWAYS = ("eta_t", "t_i", "t_next", "t_i at t")
"""What is measured along every run, whatever is asked for."""


def _along(quantities: Mapping[str, Callable[[], Array]], wanted: Container[str] | None) -> dict[str, Array]:
    return {name: timewise(values) for name, values in evaluated(quantities, wanted, _ALWAYS).items()}


def asynchronous_along(run: AsynchronousTrace, largest: Array, wanted: Container[str] | None = None) -> dict[str, Array]:
    """The quantities of Algorithm 2 that need no function, [batch, times], as `along`; t_i is the earliest of all last synchronisations.

    All of them, or those `wanted` and the indices: most speak of single messages and take far longer than the rest.
    """
    xp, expected, T = floor_of(run.x_hat).xp, expectation(run, largest), len(run.eta) - 1
    times, workers = np.arange(T + 1), np.arange(len(run.sets))
    last = np.array([[max([0, *(i for i in own if i <= time)]) for own in run.sets] for time in times])  # t_r
    oldest, latest = last.min(-1), last.max(-1)  # t'_0, and t_r of the worker that synchronised latest
    seen = last[last]  # [times, r, s]: the last synchronisation of s up to t_r
    own, now, start = last[:, :, None], times[:, None, None], oldest[:, None, None]
    met = np.minimum(own, last[:, None])  # t_r where s synchronised since, else its last synchronisation
    j = oldest + np.arange((times - oldest).max() + 1)[:, None]  # [window, times]: from t'_0 on, equally many for every t
    sends = np.array([[t + 1 in each for each in run.sets] for t in range(T)])

    def of_worker(values: Array, when: np.ndarray) -> Array:
        """Of each worker s at its own times [..., s], from [times, batch, paths, R, d]: [..., s, batch, paths, d]."""
        return xp.moveaxis(values, -2, 1)[when, workers]

    def at_last(values: Array) -> Array:  # each worker at its own t_r
        return xp.moveaxis(of_worker(values, last), 1, -2)

    def steps(first: np.ndarray, until: np.ndarray) -> Array:  # of s, by [times, r, s]; the mean over s, [times, batch, paths, r, d]
        return xp.moveaxis(mean_over(of_worker(run.x_tilde, first) - of_worker(run.x_tilde, until), 2), 1, -2)

    def in_front(mask: np.ndarray, values: Array) -> Array:  # the axes of the mask are the first ones
        return xp.asarray(mask).reshape(*mask.shape, *(1,) * (values.ndim - mask.ndim))

    def window(values: Array, within: np.ndarray) -> Array:  # [T, ...] at j, 0 where it is not `within`: [window, times, ...]
        inside = values[j.clip(max=T - 1)]
        return inside * in_front(within & (j < T), inside)

    def so_far(values: Array, until: np.ndarray) -> Array:  # (until - t'_0) times the sum over j = t'_0, ..., until: [times, ...]
        since = until - oldest
        return total(window(values, j <= until), 0) * in_front(since.astype(object) if is_exact(values) else since, values)

    def of_window(difference: Array) -> Array:  # E ||.||^2 of [window, times, batch, paths, R, d]
        flat = expected(squared(difference.reshape(-1, *difference.shape[2:])))
        return flat.reshape(*difference.shape[:2], *flat.shape[1:])

    x_hat, x_tilde, master, messages = run.x_hat, run.x_tilde, run.master, run.messages
    mean, mean_memory = mean_over(x_hat, -2), mean_over(run.memory, -2)
    lag = mean - mean_over(x_tilde, -2)
    before = j < times
    anchor = cache(lambda: master[oldest])
    synced, virtual_synced = cache(lambda: at_last(x_hat)), cache(lambda: at_last(x_tilde))
    virtual = cache(lambda: mean_over(virtual_synced(), -2))
    apart = cache(lambda: expected(squared(synced() - anchor()[..., None, :])))  # [times, batch, R]
    memory, sent = cache(lambda: expected(squared(run.memory))), cache(lambda: expected(squared(messages)))
    earlier = cache(lambda: xp.stack([mean_memory[last[:, r]] for r in workers], -2))  # at each worker's t_r

    @cache
    def progress() -> Array:
        half = x_hat[:-1] - run.eta[:-1, :, None, None, None] * run.gradients
        return expected(squared((run.x[:-1] - half) * xp.asarray(sends)[:, None, None, :, None]))

    def stale() -> Array:
        return of_window(run.x[j.clip(max=T)] - x_hat[oldest]) * xp.asarray(j[..., None] < last)[:, :, None]

    def misjudged() -> Array:
        stretch = of_window(x_tilde[oldest] - x_tilde[(j + 1).clip(max=T)]) * xp.asarray(sends[j.clip(max=T - 1)])[:, :, None]
        return xp.abs(window(progress(), before) - stretch * in_front(before, stretch))

    def unsent_before() -> Array:
        return steps(np.minimum(seen, start), start)

    def since_oldest() -> Array:
        return steps(np.maximum(seen, start), now) - (virtual_synced() - x_tilde)

    def mean_sq(of_workers: Array) -> Array:
        return mean_over(expected(squared(of_workers)), -1)

    indices = xp.stack([lag[0, :, 0, 0] * 0 + int(time) for time in oldest], 0)
    quantities: dict[str, Callable[[], Array]] = {
        "memory_sq": lambda: xp.amax(memory(), -1),
        "mean_memory_sq": lambda: mean_over(memory(), -1),
        "deviation_sq": lambda: expected(mean_over(squared(x_hat - mean[..., None, :]), -1)),
        "lag_sq": lambda: expected(squared(lag)),
        "lag_less_memory_sq": lambda: expected(squared(lag - mean_memory)),
        "local_progress_sq": lambda: expected(mean_over(squared(x_hat - synced()), -1)),
        "from_oldest_sq": lambda: expected(mean_over(squared(x_hat - anchor()[..., None, :]), -1)),
        "synced_apart_sq": lambda: xp.amax(apart(), -1),
        "mean_synced_apart_sq": lambda: mean_over(apart(), -1),
        "master_moved_sq": lambda: expected(squared(master - anchor())),
        "others_apart_sq": lambda: expected(squared(mean_over(synced(), -2) - anchor() - (master - anchor()) / len(workers))),
        "master_lag_sq": lambda: expected(squared(master - virtual())),
        "master_less_memory_sq": lambda: expected(squared(master - virtual() - mean_memory)),
        "master_less_messages_sq": lambda: expected(squared(master - anchor() + mean_over(total(window(messages, before), 0), -2))),
        "sent_sq": lambda: xp.amax(sent(), -1),
        "sent_input_sq": lambda: xp.amax(expected(squared(run.inputs)), -1),
        "sent_progress_sq": lambda: xp.amax(progress(), -1),
        "recent_sent_sq": lambda: xp.amax(window(sent(), j <= times), (0, -1)),
        "recent_progress_sq": lambda: xp.amax(window(progress(), j <= times), (0, -1)),
        "message_total_sq": lambda: mean_over(so_far(sent(), latest), -1),
        "own_total_sq": lambda: sum(so_far(sent()[..., r], last[:, r]) for r in workers) / len(workers),
        "stale_anchor_sq": lambda: xp.amax(stale(), (0, -1)),
        "own_anchor_sq": lambda: xp.amax(expected(squared(run.x - synced())), -1),
        "stale_progress": lambda: xp.amax(misjudged(), (0, -1)),
        "earlier_memory_sq": lambda: mean_over(expected(squared(earlier())), -1),
        "mean_earlier_memory_sq": lambda: expected(squared(mean_over(earlier(), -2))),
        "unsent_before_sq": lambda: mean_sq(unsent_before()),
        "since_oldest_sq": lambda: mean_sq(since_oldest()),
        "unsent_since": lambda: (mean_sq(unsent_before() + since_oldest()) - mean_sq(unsent_before()) - mean_sq(since_oldest())) / 2,
        "awaited_sq": lambda: expected(squared(mean_over(steps(seen, met), -2))),
        "overtaken_sq": lambda: expected(squared(mean_over(steps(met, last[:, None]), -2))),
        "largest_progress_sq": lambda: xp.amax(expected(squared(x_hat - synced())), -1),
        "eta_t": lambda: run.eta,
        "t_i": lambda: indices,
        "t_i at t": lambda: indices,
    }
    return _along(quantities, wanted)


def along_any(run: Trace | AsynchronousTrace, largest: Array, wanted: Container[str] | None = None) -> dict[str, Array]:
    """The quantities of a run of Algorithm 1 or 2, all of them or those `wanted`."""
    return asynchronous_along(run, largest, wanted) if isinstance(run, AsynchronousTrace) else along(run, largest, wanted)


# ---- problems and how they are run ----

NUMERATORS = {"strongly convex": 8, "four over mu": 4}
"""Step rules c / (mu (a + t)), and their c."""
RULES = ("fixed", "horizon", "decaying", *NUMERATORS)


@dataclass(frozen=True)
class Spec:
    """A batch of runs that differ in numbers only. `functions`: the samples of every worker, [batch, R, n, d]; `start` [batch, d].

    `parameters`: of the step rule, [batch] each: eta, or C_hat, or step_scale and a, or a. `gamma` [batch] is stated, and judged elsewhere.
    """

    horizon: int
    gap: int
    synchronise: tuple[int, ...]
    batch: int
    operator: Mapping[str, Any]
    functions: Pieces
    start: np.ndarray
    rule: str
    parameters: Mapping[str, np.ndarray]
    gamma: np.ndarray
    sets: tuple[tuple[int, ...], ...] | None = None
    """Of Algorithm 2: where each worker synchronises; `synchronise` is then their union."""
    directions: np.ndarray | None = None
    """Of a free map, what it leaves wherever any worker synchronises: [batch, synchronisations, R, d], as `free_maps.left` has it."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Batch, workers R, samples n of each, dimension d."""
        b, R, n, d = self.functions.slope.shape
        return b, R, n, d

    @property
    def exact(self) -> bool:
        return is_exact(self.start)

    @cached_property
    def curvatures(self) -> tuple[np.ndarray, np.ndarray]:
        """As `curvatures` of the functions: asked for to draw steps, to observe and to state constants."""
        return curvatures(self.functions)


def operator_of(description: Mapping[str, Any], on: Floor | None = None) -> Operator:
    """The compressor that a description names, of the reference or `on` a floor: {"name": "top_k", "k": 1}, or {"name": "linear",

    "residual": "4/5"}, v -> v - 4/5 v. Raises: ValueError for another name.
    """
    room, name = (on or floor("reference")).operators, description.get("name")
    if name == "linear":
        residual = Fraction(description["residual"])
        apply = lambda x, u: x - (residual if is_exact(x) else float(residual)) * x  # noqa: E731
        return replace(room.identity(), name="linear", apply=apply, support=None)
    if name == free_maps.NAME:  # what it does is told by the directions of the run
        return replace(room.identity(), name=free_maps.NAME, support=None)
    if name == "sign_comp":
        return room.sign_comp(room.top_k(int(description["k"])), 1)
    if name == "identity":
        return room.identity()
    if name not in ("top_k", "rand_k"):
        raise ValueError(f"operator must be one of identity, linear, free, top_k, rand_k, sign_comp, got {name!r}")
    return (room.top_k if name == "top_k" else room.rand_k)(int(description["k"]))


def coefficient(description: Mapping[str, Any], d: int) -> Fraction:
    """The contraction coefficient that the paper gives the operator."""
    if description["name"] == "linear":
        return 1 - Fraction(description["residual"]) ** 2
    if description["name"] == free_maps.NAME:
        return Fraction(description["gamma"])
    return {"identity": Fraction(1), "sign_comp": Fraction(1, d)}.get(description["name"]) or Fraction(description["k"], d)


class Paths(NamedTuple):
    """Every outcome of all sampling and compression: probabilities [P]; what part of a mini-batch each sample is [T, P, R, n, 1]; uniforms

    [S, P, nodes, draws, d] of the S compressions, or None.
    """

    probability: Array
    share: Array
    uniforms: Array | None

    def on(self, floor: Floor) -> Paths:
        """The same in the arrays of a floor."""
        return Paths(*map(floor.take, self))


MOST_PATHS = 1 << 12


def paths(spec: Spec) -> Paths:
    """All sample paths. Their randomness does not depend on the iterates (mini-batches, Rand_k), so they can be listed beforehand.

    Raises: ValueError for more than `MOST_PATHS` of them.
    """
    return _paths(tuple(spec.operator.items()), spec.shape[1:], spec.batch, spec.horizon, len(spec.synchronise), spec.exact)


@lru_cache(maxsize=64)  # those of one structure, of which parts, rows and replays follow one another
def _paths(
    description: tuple[tuple[str, Any], ...], shape: tuple[int, int, int], batch: int, horizon: int, syncs: int, exact: bool
) -> Paths:
    (R, n, d), operator = shape, operator_of(dict(description))
    draws = list(minibatch_events(n, batch, True, True))
    ones = fractions([Fraction(1)] * d)
    events = list(operator.events(ones)) if operator.draws else [(Fraction(1), None)]
    counts = [len(draws)] * (horizon * R) + [len(events)] * (syncs * R)
    if math.prod(counts) > MOST_PATHS:
        raise ValueError(f"a run must have at most {MOST_PATHS} sample paths to be enumerated, got {math.prod(counts)}")
    chosen = np.array(list(product(*map(range, counts))), dtype=int)
    of_draws = chosen[:, : horizon * R].reshape(-1, horizon, R)
    of_events = chosen[:, horizon * R :].reshape(-1, syncs, R)
    chances = [[p for p, _ in outcomes] for outcomes in (*[draws] * (horizon * R), *[events] * (syncs * R)) if len(outcomes) > 1]
    weight = reduce(np.multiply.outer, map(fractions, chances), fractions([Fraction(1)])).reshape(-1)  # in the order of the product
    uniforms = None
    if operator.draws:
        uniforms = np.moveaxis(np.array([u for _, u in events], dtype=object)[of_events], 0, 1)
        uniforms = uniforms if exact else uniforms.astype(float)
    samples = np.moveaxis(np.array([i for _, i in draws])[of_draws], 0, 1)
    return Paths(weight if exact else weight.astype(float), shares(samples, n, exact), uniforms)


AT_ONCE = 1 << 20
"""Numbers in what is stepped of all runs that are measured at a time, at most: more leave the cache."""


def parts(spec: Spec) -> Iterator[Any]:
    """A batch of runs in batches that are measured faster than it is as a whole, in order: by their iterates, at all times."""
    B, R, _, d = spec.shape
    stale = 1 if spec.sets is None else spec.gap + 1  # Algorithm 2 is measured at all times since the oldest synchronisation
    return cut(spec, B, spec.horizon * len(paths(spec).probability) * R * d * stale)


def cut(batch: Any, count: int, of_each: int) -> Iterator[Any]:
    """The same of a batch of any kind of `count` runs, with `of_each` numbers to be held of a run."""
    pieces = -(-count * of_each // AT_ONCE)
    rows = -(-count // max(pieces, 1))
    yield from (chosen_rows(batch, slice(i, i + rows)) for i in range(0, count, rows)) if pieces > 1 else (batch,)


def shares(samples: np.ndarray, n: int, exact: bool) -> np.ndarray:
    """What part of a mini-batch [..., b] each of n samples is, [..., n, 1]: that, not an index, makes its gradient from theirs."""
    often, b = (samples[..., None] == np.arange(n)).sum(-2)[..., None], samples.shape[-1]
    return often * Fraction(1, b) if exact else often / b


def lifted(functions: Pieces, *axes: int) -> Pieces:
    """The functions with axes of length 1 inserted, in increasing order, to be broadcast against points."""
    for axis in axes:
        functions = Pieces(*(each[(slice(None),) * axis + (None,)] for each in functions))
    return functions


def step_sizes(spec: Spec, mu: np.ndarray | None, times: np.ndarray | None = None) -> np.ndarray:
    """eta_t at `times`, [times, batch], or for t = 0..T."""
    p, T = spec.parameters, spec.horizon
    t = (np.arange(T + 1) if times is None else times).astype(object if spec.exact else float)[:, None]
    if spec.rule in ("fixed", "horizon"):
        eta = p["eta"] if spec.rule == "fixed" else p["C_hat"] / _whole_root(T)
        return np.repeat(eta[None], len(t), axis=0)
    if spec.rule == "decaying":
        return p["step_scale"] / (p["a"] + t)
    if mu is None:
        raise ValueError(f"the step {NUMERATORS[spec.rule]} / (mu (a + t)) needs functions that are strongly convex")
    return NUMERATORS[spec.rule] / mu / (p["a"] + t)


def in_floats(spec: Spec) -> Spec:
    """The same start and steps in floats."""
    parameters = {name: values.astype(float) for name, values in spec.parameters.items()}
    return replace(spec, start=spec.start.astype(float), parameters=parameters)


def _whole_root(T: int) -> int:
    if math.isqrt(T) ** 2 != T:
        raise ValueError(f"horizon must be a square for the step C_hat / sqrt(T), got {T}")
    return math.isqrt(T)


class Observed(NamedTuple):
    """What one batch of runs shows: the trace, what was measured, and what bounds must hold against."""

    run: Trace | AsynchronousTrace
    measured: dict[str, np.ndarray]
    second_moments: np.ndarray  # [T, batch, paths, R]
    variances: np.ndarray  # [T, batch, paths, R]


def curvatures(functions: Pieces) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest curvature of any f^(r), [batch] each; `functions` are the samples."""
    flat = functions.mean().pieces()[1].reshape(len(functions.slope), -1).T
    if isinstance(flat, np.ndarray):
        flat = np.ascontiguousarray(flat)  # a long axis last, which is fast
    return floor_of(flat).xp.amin(flat, 0), floor_of(flat).xp.amax(flat, 0)


@measured_once
def observe(spec: Spec, mu: np.ndarray | None, on: Floor | None = None, wanted: Container[str] | None = None) -> Observed:
    """Runs a batch along all its sample paths and measures everything that is not a stated constant: `on` a floor, or that for its numbers.

    All comes back in NumPy, but for tensors along which derivatives are to be taken (of the steps none are). If `wanted` is given, those
    quantities alone are measured.
    """
    on = on or floor_for(spec.start)
    xp, (B, R, *_), operator = on.xp, spec.shape, operator_of(spec.operator, on)
    probability, share, uniforms = paths(spec).on(on)
    functions, start = spec.functions.on(on), on.take(spec.start)
    f = functions.mean().mean()  # [batch, d]
    if len(probability) <= FEW:  # of many paths there are long axes enough
        functions, f, start = functions.laid(), f.laid(), laid(start)
    best = f.least()  # [batch, d]
    f_star = f.value(best)

    F, of_samples, seen = lifted(f, 1), lifted(functions, 1), list[Array]()

    def gradients(t: int, x_hat: Array) -> Array:
        seen.append(of_samples.gradient(x_hat[..., None, :]))  # [batch, paths, R, n, d]
        return total(share[t] * seen[-1], -2)

    freed, gamma = on.take(spec.directions), on.take(spec.gamma)

    def compress(i: int, v: Array) -> Array:
        if freed is not None:
            return v - free_maps.left(v, freed[:, i], gamma)
        return operator(v, None if uniforms is None else xp.broadcast_to(uniforms[i], (B, *uniforms[i].shape)))

    eta_of_t = on.take(step_sizes(spec, None if mu is None else plain(mu)))
    starts = xp.broadcast_to(start[:, None], (B, len(probability), start.shape[-1]))
    run: Trace | AsynchronousTrace
    if spec.sets is None:
        run = trace(starts, R, gradients, eta_of_t, spec.synchronise, compress, probability)
    else:
        run = asynchronous_trace(starts, gradients, eta_of_t, spec.sets, compress, probability)
    largest = reach(run)
    paths_along = along_any(run, largest, wanted)

    x_tilde, x_bar = cache(lambda: mean_over(run.x_tilde, -2)), cache(lambda: mean_over(run.x_hat, -2))  # [T + 1, batch, paths, d]

    def expected(values: Array) -> Array:
        return timewise(mean_by(probability, values, -1))

    losses = cache(lambda: expected(F.value(x_tilde())))

    @cache
    def noise() -> Array:
        flattest, steepest = map(on.take, spec.curvatures)
        return 1e-14 * (xp.amax(xp.abs(losses()), -1) + xp.abs(f_star)) + 1e-28 * xp.maximum(steepest, -flattest) * largest**2

    def distance_sq() -> Array:
        beside = ((largest + xp.amax(xp.abs(best), -1)) ** 2)[:, None]
        return expected(round_off_is_0(squared(x_tilde() - best[:, None]), beside))

    eta = paths_along["eta_t"][:, :-1]

    def averaged(values: Array) -> Array:  # by step sizes
        return (eta * values[:, :-1]).sum(-1) / eta.sum(-1)

    def output_gap() -> Array:
        weights = (spec.parameters["a"][:, None] + np.arange(spec.horizon)) ** 2  # [batch, T]
        parts = on.take((weights / weights.sum(-1, keepdims=True)).T)
        return above_least(mean_by(probability, F.value(total(parts[..., None, None] * x_bar()[:-1], 0)), -1), f_star, noise)

    at_worker = cache(lambda: expected(mean_over(squared(lifted(f, 1, 2).gradient(run.x_hat)), -1)))
    each = stacked(seen)  # [T, batch, paths, R, n, d]
    full = mean_over(each, -2)
    quantities: dict[str, Callable[[], Array]] = {
        "gradient_sq": at_worker,
        "virtual_loss": losses,
        "virtual_distance_sq": distance_sq,
        "function_gap": lambda: above_least(expected(F.value(x_bar())), f_star, noise),
        "noise_sq": lambda: expected(squared(mean_over(run.gradients - full, -2))),
        "f_star": lambda: f_star,
        "initial_gap": lambda: above_least(f.value(start), f_star, noise),
        "start_distance_sq": lambda: squared(start - best),
        "output_gradient_sq": lambda: averaged(at_worker()),
        "output_norm_sq": lambda: averaged(expected(mean_over(squared(run.x_hat), -1))),
        **({"output_gap": output_gap} if "a" in spec.parameters else {}),
    }
    measured = paths_along | evaluated(quantities, wanted)
    second_moments, variances = (on.give(mean_over(squared(v), -1)) for v in (each, each - full[..., None, :]))
    return Observed(run, {name: on.give(values) for name, values in measured.items()}, second_moments, variances)


def letters(spec: Spec, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The letters of a batch, [batch] each: counts, parameters of the step, and the stated constants L, mu, G, sigma_sq [batch, R], C."""
    B, R, _, d = spec.shape

    def full(value: int) -> np.ndarray:
        return np.full(B, Fraction(value) if spec.exact else float(value), dtype=object if spec.exact else float)

    out = {"workers": full(R), "horizon": full(spec.horizon), "gap": full(spec.gap), "batch": full(spec.batch), "d": full(d)}
    out |= {"gamma": spec.gamma, **spec.parameters}
    sigma_sq = constants["sigma_sq"]
    out |= {name: values for name, values in constants.items() if name != "sigma_sq"}
    xp = floor_of(sigma_sq).xp
    out |= {"sigma_sq_sum": sigma_sq.sum(-1), "sigma_max": roots_above(xp.amax(sigma_sq, -1))}
    if "G" in out:  # sigma is positive, so that runs without noise state a small one, where something is known to be small against
        out["sigma_max"] = xp.where((out["sigma_max"] == 0) & (out["G"] < np.inf), out["G"] / (1 << 30), out["sigma_max"])
    if "mu" in out:
        out["kappa"] = out["L"] / out["mu"]
        if spec.rule in NUMERATORS:
            out["step_scale"] = NUMERATORS[spec.rule] / out["mu"]
    if spec.rule == "horizon":
        out["eta"] = spec.parameters["C_hat"] / _whole_root(spec.horizon)
    if "a" in out and (out["a"] * spec.gamma > 4 * spec.gap).all():
        out["C"] = constants.get("C", least_C(out["a"], spec.gamma, spec.gap))
    return out


def least_C(a: Any, gamma: Any, H: int) -> Any:
    """The smallest constant that Lemma 4 allows."""
    return 4 * a * gamma * (1 - gamma**2) / (a * gamma - 4 * H)


def roots_above(values: Array) -> Array:
    return np.frompyfunc(root_above, 1, 1)(values) if is_exact(values) else root(values)


def above_0(bound: Array, unit: Array) -> Array:
    """A bound that must be positive, though what it bounds may be 0: then a billionth of its unit, which no ratio shows."""
    return floor_of(bound).xp.where(bound > 0, bound, unit / 2**30)


def tight(spec: Spec, seen: Observed, one_sided: bool) -> dict[str, np.ndarray]:
    """The smallest constants that this batch allows: L, mu (if all are strongly convex), G, sigma_sq [batch, R]."""
    (flattest, steepest), xp = spec.curvatures, floor_of(seen.second_moments).xp
    out = {"L": steepest if one_sided else floor_of(steepest).xp.maximum(steepest, -flattest)}
    if (flattest > 0).all():
        out["mu"] = flattest
    second, variances = (xp.amax(each, 0) for each in (seen.second_moments, seen.variances))  # time first, which is fast: [batch, paths, R]
    out["G"] = roots_above(xp.amax(second, (1, 2)))
    out["sigma_sq"] = xp.amax(variances, 1)
    return out


# ---- instances as plain data ----


_UNITS = {"eta": 1, "C_hat": 1, "step_scale": 1, "a": 0}
"""Parameters of a rule and their powers of X^2/F."""


def to_instance(spec: Spec, row: int, position: Fraction, loss: Fraction, one_sided: bool) -> Instance:
    """One run of a float batch in rationals, rescaled by x -> position x, f -> loss f, with its constants taken tight."""
    return encode(free_maps.exactly(exactly(spec, row, position, loss), spec, row), one_sided)


def exactly(spec: Any, row: int, position: Fraction, loss: Fraction, units: Mapping[str, int] = _UNITS) -> Any:
    """One run of a float batch of any kind in rationals, rescaled; `units`: of its parameters, in powers of X^2/F."""
    return replace(
        spec,
        functions=exact_functions(spec.functions, row, position, loss),
        start=exact_row(spec.start, row, position),
        parameters={name: exact_row(values, row, (position**2 / loss) ** units[name]) for name, values in spec.parameters.items()},
        gamma=exact_row(spec.gamma, row),
    )


def exact_row(values: np.ndarray, row: int, factor: Fraction = Fraction(1)) -> np.ndarray:
    """One row of a float batch, [1, ...], in rationals of moderate size, times a factor."""
    return np.frompyfunc(lambda x: Fraction(x).limit_denominator(10**6) * factor, 1, 1)(values[row : row + 1]).astype(object)


def exact_functions(functions: Pieces, row: int, position: Fraction, loss: Fraction) -> Pieces:
    """One row of a float batch of functions in rationals, after x -> position x, f -> loss f."""
    factors = (loss / position, loss / position**2, position, loss / position**2)
    return Pieces(*(exact_row(values, row, factor) for values, factor in zip(functions, factors, strict=True)))


def encode(spec: Spec, one_sided: bool) -> Instance:
    """An exact run as plain data, its constants L, mu, G, sigma_r taken as small as the run allows."""
    flattest, _ = spec.curvatures
    constants = tight(spec, observe(spec, flattest if (flattest > 0).all() else None, wanted=()), one_sided)
    text = {name: [str(x) for x in values[0]] if values.ndim > 1 else str(values[0]) for name, values in constants.items()}
    return written(spec) | {"constants": text}


def written(spec: Spec) -> Instance:
    """An exact run as plain data, but for its constants."""
    return {
        "horizon": spec.horizon,
        "gap": spec.gap,
        "synchronise": list(spec.synchronise) if spec.sets is None else [list(own) for own in spec.sets],
        "batch": spec.batch,
        "operator": dict(spec.operator),
        "gamma": str(spec.gamma[0]),
        "step": {"rule": spec.rule} | {name: str(values[0]) for name, values in spec.parameters.items()},
        "start": [str(x) for x in spec.start[0]],
        "functions": write_functions(spec.functions),
        **free_maps.written(spec.directions),
    }


def write_functions(functions: Pieces) -> list[list[list[dict[str, Any]]]]:
    """Exact functions [1, R, n, d] as plain data: worker, sample, coordinate."""
    slope, curvature, knots, bends = (each[0] for each in functions)
    R, n, d = slope.shape

    def coordinate(at: tuple[int, int, int]) -> dict[str, Any]:
        bent = [j for j in range(bends.shape[-1]) if bends[at][j] != 0]
        return {
            "slope": str(slope[at]),
            "curvature": str(curvature[at]),
            "knots": [str(knots[at][j]) for j in bent],
            "bends": [str(bends[at][j]) for j in bent],
        }

    return [[[coordinate((r, i, j)) for j in range(d)] for i in range(n)] for r in range(R)]


def read_functions(workers: list[list[list[dict[str, Any]]]], d: int) -> Pieces:
    """The functions [1, R, n, d] that were written. Raises: ValueError if workers differ in samples, or a sample's dimension is not d."""
    shape = {(len(worker), len(sample)) for worker in workers for sample in worker}
    if len(shape) != 1 or any(own != d for _, own in shape):
        raise ValueError(f"all workers need equally many samples of dimension {d}, got (samples, d) in {shape}")
    K = max(len(coordinate["knots"]) for worker in workers for sample in worker for coordinate in sample)

    def table(name: str) -> np.ndarray:
        return fractions([[[[Fraction(c[name]) for c in sample] for sample in worker] for worker in workers]])

    def ragged(name: str) -> np.ndarray:
        rows = [[[[Fraction(v) for v in c[name]] + [Fraction(0)] * (K - len(c[name])) for c in s] for s in w] for w in workers]
        return fractions([rows]) if K else np.zeros((1, len(rows), len(rows[0]), len(rows[0][0]), 0), dtype=object)

    return Pieces(table("slope"), table("curvature"), ragged("knots"), ragged("bends"))


def decode(instance: Instance) -> tuple[Spec, dict[str, np.ndarray]]:
    """The run and its stated constants, exactly. Raises: ValueError if this is no instance of the arena."""
    try:
        T, functions = int(instance["horizon"]), read_functions(instance["functions"], len(instance["start"]))
        indices, sets = read_synchronisations(instance["synchronise"], T, functions.slope.shape[1])
        rule, parameters = instance["step"]["rule"], {k: v for k, v in instance["step"].items() if k != "rule"}
        if rule not in RULES:
            raise ValueError(f"step rule must be one of {', '.join(RULES)}, got {rule!r}")
        spec = Spec(
            horizon=T,
            gap=int(instance["gap"]),
            synchronise=indices,
            batch=int(instance["batch"]),
            operator=instance["operator"],
            functions=functions,
            start=fractions([[Fraction(x) for x in instance["start"]]]),
            rule=rule,
            parameters={name: fractions([Fraction(value)]) for name, value in parameters.items()},
            gamma=fractions([Fraction(instance["gamma"])]),
            sets=sets,
            directions=free_maps.read(instance, (len(indices), functions.slope.shape[1], len(instance["start"]))),
        )
        for name, value in {**spec.parameters, "gamma": spec.gamma}.items():
            if value[0] <= 0:
                raise ValueError(f"{name} must be positive, got {value[0]}")
        constants = {
            name: fractions([[Fraction(x) for x in value]] if isinstance(value, list) else [Fraction(value)])
            for name, value in instance["constants"].items()
        }
    except (KeyError, TypeError, AttributeError, ZeroDivisionError, IndexError) as why:
        raise ValueError(f"this is no run: {type(why).__name__} {why}") from why
    return spec, constants


def read_synchronisations(written: Sequence[Any], T: int, workers: int) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...] | None]:
    """The iterations at which any worker synchronises, and, where a list of each worker is written, each worker's.

    Raises: ValueError unless each list increases within 1..T and ends with T, and there is one for every worker.
    """
    each = isinstance(written[0], list) if written else False
    sets = tuple(tuple(map(int, own)) for own in (written if each else [written]))
    for own in sets:
        if not own or own[0] < 1 or own[-1] != T or any(later <= sooner for sooner, later in pairwise(own)):
            raise ValueError(f"synchronise must increase within 1..T = {T} and end with T, got {list(own)}")
    if each and len(sets) != workers:
        raise ValueError(f"synchronise must have a list for each of {workers} workers, got {len(sets)}")
    return union(sets), sets if each else None


def moved(instance: Instance, position: Fraction, loss: Fraction) -> Instance:
    """The same run after x -> position x, f -> loss f; its stated constants are left to `refit`."""
    step_unit = position**2 / loss
    step = {name: value if name in ("rule", "a") else times(step_unit, value) for name, value in instance["step"].items()}
    return instance | {
        "functions": moved_functions(instance["functions"], position, loss), "step": step, "start": times(position, instance["start"])
    }  # fmt: skip


def moved_functions(functions: Any, position: Fraction, loss: Fraction) -> Any:
    """Written functions after x -> position x, f -> loss f."""
    powers = {"slope": loss / position, "curvature": loss / position**2, "knots": position, "bends": loss / position**2}
    return [[[{name: times(powers[name], c[name]) for name in c} for c in s] for s in w] for w in functions]


def times(factor: Fraction, value: Any) -> Any:
    """A written rational, or nested lists of them, times a factor."""
    return [times(factor, each) for each in value] if isinstance(value, list) else str(Fraction(value) * factor)


def compressions(operator: Operator, inputs: np.ndarray, messages: np.ndarray) -> list[Compression]:
    """Every different use of the compressor: its input [..., d], its output, if that is certain, and its expected error."""
    found = {}
    d = inputs.shape[-1]
    for v, message in zip(inputs.reshape(-1, d), messages.reshape(-1, d), strict=True):
        certain = tuple(message) if operator.draws == 0 else None  # a free map that has two for one input is none
        if (tuple(v), certain) not in found:
            error = Fraction(((v - message) ** 2).sum() if certain else moments(operator, v).error)
            found[tuple(v), certain] = Compression(tuple(v), certain, error)
    return list(found.values())


def speaks_of_maps(reading: Reading) -> bool:
    """Whether hypotheses are judged by what the compressor made of its inputs."""
    return any(hypothesis.name in ("contraction", "repeatable") for hypothesis in reading.given)


def case_of(spec: Spec, constants: Mapping[str, np.ndarray], seen: Observed, compressed: bool = True) -> Case:
    """All that the validators look at. Compressions, which take long, only if `compressed`."""
    operator, local = operator_of(spec.operator), spec.functions.mean()
    _, R, _, _ = spec.shape
    return Case(
        measured=seen.measured | letters(spec, constants),
        synchronise=spec.synchronise,
        sets=spec.sets or (spec.synchronise,),
        compressions=compressions(operator, seen.run.inputs, seen.run.messages) if compressed else [],
        second_moments=set(seen.second_moments.ravel()),
        variances=[set(seen.variances[..., r].ravel()) for r in range(R)],
        sigma_sq=list(constants["sigma_sq"][0]),
        functions=Pieces(*(each[0] for each in local)),
    )


# ---- drawing ----


Group = tuple[dict[str, np.ndarray], list[Any]]
"""What was measured, and the origin of each row."""


_LINEAR = ({"name": "linear", "residual": "4/5"}, {"name": "linear", "residual": "-3/5"})
_SQUARES = ((1, 1), (4, 4), (4, 2), (9, 9), (9, 3))
_ANY = ((1, 1), (3, 3), (4, 2), (9, 9), (9, 1))


_NOISY = ((1, 1, 1, 1), (2, 2, 3, 1), (4, 4, 2, 1), (4, 2, 2, 1), (4, 1, 2, 1), (4, 4, 1, 2), (3, 3, 3, 1), (5, 1, 2, 1))


def structures(rule: str, same: bool = False) -> Iterator[dict[str, Any]]:
    """Horizon, gap, workers, samples, batch, dimension, operator of every batch; edges first (H = T, R = 1, gamma = 1, sigma = 0).

    With `same` all workers have one function and nothing is compressed: without noise they are one worker.
    """
    plain = {"name": "identity"}
    if same:
        for (T, H), d in product(_ANY, (1, 2)):
            yield {"T": T, "H": H, "R": 1, "n": 1, "b": 1, "d": d, "operator": plain}
        for T, H, R, b in _NOISY:
            yield {"T": T, "H": H, "R": R, "n": 2, "b": b, "d": 1, "operator": plain}
        return
    for (T, H), R in product(_SQUARES if rule == "horizon" else _ANY, (1, 2, 3)):
        for operator, d in ((plain, 1), (_LINEAR[0], 1), (_LINEAR[1], 1), ({"name": "top_k", "k": 1}, 2)):
            yield {"T": T, "H": H, "R": R, "n": 1, "b": 1, "d": d, "operator": operator}
    for (T, H), (R, b) in product(((1, 1), (4, 4), (4, 2)), ((1, 1), (2, 1), (1, 2))):
        for operator in (plain, _LINEAR[0]):
            yield {"T": T, "H": H, "R": R, "n": 2, "b": b, "d": 1, "operator": operator}
    for H, R, operator in product((1, 2), (1, 2), ({"name": "rand_k", "k": 1}, {"name": "sign_comp", "k": 2})):
        yield {"T": 4, "H": H, "R": R, "n": 1, "b": 1, "d": 2, "operator": operator}


def draw_functions(convexity: str, shape: tuple[int, int, int, int], rng: np.random.Generator) -> Pieces:
    """Random functions, [batch, R, n, d], on a grid of eighths; every third instance has identical workers, the first ones are edges."""
    B = shape[0]

    def grid(low: int, high: int, per: int, *more: int) -> np.ndarray:
        return rng.integers(low, high + 1, (*shape, *more)) / per

    if convexity == "strongly convex":
        slope, left, right, knots = grid(-8, 8, 4), grid(1, 8, 8), grid(1, 8, 8), grid(-4, 4, 4, 1)
        left[:: max(B // 8, 1)] = right[:: max(B // 8, 1)] = 1  # mu = L
        right[1::2] = left[1::2]  # quadratics
        out = Pieces(slope, left, knots, (right - left)[..., None])
    else:
        centre, half = grid(-8, 8, 4), grid(1, 4, 4)
        middle = grid(-8, 8, 8)
        ends = grid(1, 8, 8)
        huber = np.arange(B) % 2 == 0
        middle[huber], ends[huber] = 1, 0
        slope = np.where(huber[:, None, None, None], -half, -half * middle - ends * (centre - half))  # f'(centre) = 0
        knots = np.stack([centre - half, centre + half], axis=-1)
        out = Pieces(slope, ends, knots, np.stack([middle - ends, ends - middle], axis=-1))
    for each in out:
        each[::3] = each[::3, :1]
    if shape[1] == 2:  # opposed workers, mirrored about 0
        for own, sign in zip(out[:3], (-1, 1, -1), strict=True):
            own[1::4, 1] = sign * own[1::4, 0]
        if convexity == "strongly convex":
            out.bends[1::4] = 0
        else:
            out.slope[1::4, 1] = out.slope[1::4, 0]  # the outermost piece is the mirror of the other end, which has the same curvature
            out.knots[1::4, 1] = -out.knots[1::4, 0, ..., ::-1]
    return out


def kinks(rule: str, horizon: int, gap: int, ratio: Fraction) -> Spec:
    """Two workers whose functions bend down steeply beside the start: smooth from one side only, so local steps part them.

    f1' is +1 left of 0 and -1 from there on (mirrored for f2) until far out both turn back with curvature L = 1; eta = ratio / (2 L).
    """
    eta = ratio / 2
    near, far = eta / 4, gap * eta
    knots = [-far - 2, -far, -2 * near, -near, far, far + 2]
    bends = [1, -1, -2 / near, 2 / near, 1, -1]
    mirrored = [-k for k in reversed(knots)]
    turned = [1, -1, -2 / near, 2 / near, 1, -1]
    functions = Pieces(
        -np.ones((1, 2, 1, 1)),
        np.zeros((1, 2, 1, 1)),
        np.array([[[[knots]], [[mirrored]]]], dtype=float),
        np.array([[[[bends]], [[turned]]]], dtype=float),
    )
    parameters = {"C_hat": np.array([float(eta) * _whole_root(horizon)])} if rule == "horizon" else {"eta": np.array([float(eta)])}
    indices = (*range(gap, horizon, gap), horizon)
    return Spec(horizon, gap, indices, 1, {"name": "identity"}, functions, np.zeros((1, 1)), rule, parameters, np.ones(1))


def ramp(horizon: int, gap: int, kappa: int) -> Spec:
    """Two workers with one function that rises at a nearly constant slope on both sides of 0, L = 1 between -1 and 1 and mu beyond.

    The step is 8 / (mu (a + t)) with the least a, and they start where they come down to 0 at the end: the gap is lost as slowly as it may.
    """
    mu = 1 / kappa
    one = np.ones((1, 2, 1, 1))
    functions = Pieces((mu - 1) * one, mu * one, one[..., None] * [-1.0, 1.0], one[..., None] * [1 - mu, mu - 1])
    a = float(smallest_shift({"shift_above_memory", "shift_above_condition"}, gap, Fraction(1), kappa))
    start = np.full((1, 1), np.round((8 / (mu * (a + np.arange(horizon)))).sum() * 64) / 64)
    indices = (*range(gap, horizon, gap), horizon)
    parameters = {"a": np.array([math.ceil(a * 64) / 64])}
    return Spec(horizon, gap, indices, 1, {"name": "identity"}, functions, start, "strongly convex", parameters, np.ones(1))


def draw(convexity: str, rule: str, literal: bool, instances: int, rng: np.random.Generator, same: bool = False) -> Iterator[Spec]:
    """Batches of runs: every structure, `instances` of each (fewer with noise), the step at its edge and inside."""
    for s in structures(rule, same):
        d = s["d"]
        count = instances if s["n"] == 1 else max(instances // 3, 8)  # every sample path of these is run
        functions = draw_functions(convexity, (count, s["R"], s["n"], d), rng)
        if same:
            functions = Pieces(*(np.repeat(each[:, :1], s["R"], axis=1) for each in functions))
            if s["n"] == 2:  # opposed samples of a nearly flat function: next to nothing but noise
                functions.slope[1::4, :, 0], functions.slope[1::4, :, 1] = 1, -1
                functions.curvature[1::4], functions.bends[1::4] = 1 / 8, 0
        yield from runs_on(functions, s, rule, literal, rng, same)


def runs_on(functions: Pieces, s: Mapping[str, Any], rule: str, literal: bool, rng: np.random.Generator, same: bool) -> Iterator[Spec]:
    """A batch of runs on functions [batch, R, n, d] for every set of synchronisations of a structure."""
    (count, R, n, d), T, H = functions.slope.shape, s["T"], s["H"]
    flattest, steepest = curvatures(functions)
    L = np.maximum(steepest, -flattest)
    gamma = coefficient(s["operator"], d)
    inside = rng.choice([1.0, 1.0, 0.5, 0.125, 1 / 64], count)
    if rule in ("fixed", "horizon"):
        eta = inside / (2 * L)
        parameters = {"eta": eta} if rule == "fixed" else {"C_hat": eta * math.sqrt(T)}
    else:
        names = {"shift_above_gap", "shift_above_one"} | (set() if same else {"shift_above_memory"})
        of_condition = {"shift_above_four_condition"} if rule == "four over mu" else {*names, "shift_above_condition"}
        scale = inside * rng.choice([1.0, 8.0], count) / L
        if same:
            scale[::2] = 1  # a step 1 / (a + t), without a unit
        edge = (
            smallest_shift(names, H, gamma, 0) if rule == "decaying" else
            [smallest_shift(of_condition, H, gamma, k) for k in steepest / flattest]
        )  # fmt: skip
        a = np.ones(count) * np.asarray(edge, dtype=float) * rng.choice([1.0, 1.0, 2.0, 16.0], count)
        a = np.maximum(a, 2.03125 * scale * L) if rule == "decaying" and not same else a  # eta_t <= 1 / (2 L)
        parameters = {"a": np.ceil(a * 64) / 64} | ({"step_scale": scale} if rule == "decaying" else {})
    start = rng.integers(-8, 9, (count, d)) / 2
    if R > 1 or n > 1:
        start[1::4] = functions.mean().mean().least()[1::4]  # no initial gap: only noise, memory and deviation remain
    for indices in _sets(T, H, literal, rng):
        yield Spec(T, H, indices, s["b"], s["operator"], functions, start, rule, parameters, np.full(count, float(gamma)))


def _sets(T: int, H: int, literal: bool, rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    yield (*range(H, T, H), T)
    if literal and T > 1:
        yield (T - 1, T)
    elif 1 < H < T:
        yield next(reversed([(*(i for i in s if i < T), T) for s in synchronisations(H, T, False, rng)]))


def own_synchronisations(spec: Spec, literal: bool, rng: np.random.Generator) -> Iterator[Spec]:
    """The runs by Algorithm 2, with one set for each worker, stretches of at most H that end with T: in turn; one at every iteration; at

    random. Read literally, the first stretch may be longer. Nothing where Algorithm 2 is Algorithm 1.
    """
    T, H, workers = spec.horizon, spec.gap, spec.shape[1]
    if workers == 1 or H == 1 or spec.synchronise != (*range(H, T, H), T):
        return
    first = max(T - 2 * H, 0) if literal else 0
    sets = [tuple((*range(first + max(H - r, 1), T, H), T) for r in range(workers))]
    sets.append(((*range(first + H, T, H), T), *[tuple(range(first + 1, T + 1))] * (workers - 1)))
    if H < T:
        lengths = rng.integers(1, H + 1, (workers, T))
        sets.append(tuple((*(int(i) for i in first + np.cumsum(own) if i < T), T) for own in lengths))
    for each in sets:
        yield replace(spec, synchronise=union(each), sets=each)


MOST_INSTANCES = 1000  # of a structure: pools stay in memory


@pooled
def pool(convexity: str, rule: str, literal: bool, same: bool, effort: Effort, seed: int, asynchronous: bool) -> Iterator[Group]:
    """Runs drawn once for every claim that speaks of this class of functions, step rule, reading of the gap and algorithm.

    Grouped by horizon and number of synchronisations.
    """
    rng = generator(seed, "run", convexity, rule, literal, *(["same"] if same else []))
    one_sided = convexity == "one-sided"
    specs = list(draw("smooth" if one_sided else convexity, rule, literal, min(effort.instances, MOST_INSTANCES), rng, same))
    if one_sided and rule in ("fixed", "horizon"):
        specs = [kinks(rule, 121, 2, Fraction(1, n)) for n in (8, 7, 6)] + [kinks(rule, 144, 3, Fraction(1, 10))] + specs[:6]
    if (convexity, rule, same) == ("strongly convex", "strongly convex", False):
        specs += [ramp(T, 2, 32 * T) for T in (16, 64)]
    if asynchronous:
        specs = [own for spec in specs for own in own_synchronisations(spec, literal, rng)]
    in_parts = (part for spec in specs for part in parts(spec))
    return grouped(((part.horizon, len(part.synchronise)), shown(part, one_sided), rows_of(part)) for part in in_parts)


_AGAINST_FREE_MAPS = ((4, 2, 2, 1), (9, 9, 1, 1), (9, 1, 1, 1), (4, 2, 1, 2))
"""Horizon, gap, workers and samples of the runs against free maps that an adversary starts from."""


def adversarial(convexity: str, rule: str, literal: bool, count: int, seed: int, asynchronous: bool = False) -> Iterator[Spec]:
    """Batches of `count` runs against free maps for the adversary of a class to start from."""
    for T, H, R, n in _AGAINST_FREE_MAPS:
        rng = generator(seed, "adversary", convexity, rule, literal, T, H, R, n)
        functions = draw_functions("smooth" if convexity == "one-sided" else convexity, (count, R, n, DIMENSION), rng)
        s = {"T": T, "H": H, "b": 1, "operator": FREE_MAP}
        specs = list(runs_on(functions, s, rule, literal, rng, False))
        if asynchronous:
            specs = [own for each in specs for own in own_synchronisations(each, literal, rng)]
        for spec in specs:
            yield replace(spec, directions=directions((count, len(spec.synchronise), R, DIMENSION), rng))


def shown(spec: Spec, one_sided: bool, wanted: Container[str] | None = None) -> dict[str, np.ndarray]:
    """What a float batch shows, and its letters with the constants taken tight."""
    flattest, _ = spec.curvatures
    seen = observe(spec, flattest if (flattest > 0).all() else None, wanted=wanted)
    return seen.measured | letters(spec, tight(spec, seen, one_sided))


def joined(rows: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """One batch of several: a letter that some do not have is left out."""
    if len(rows) == 1:
        return rows[0]
    common = set.intersection(*map(set, rows))
    return {name: np.concatenate([each[name] for each in rows]) for name in rows[0] if name in common}


def rows_of(spec: Any) -> list[tuple[Any, int]]:
    """The origins of a batch."""
    return [(spec, row) for row in range(len(spec.start))]


def grouped(batches: Iterable[tuple[Any, dict[str, np.ndarray], list[Any]]]) -> Iterator[Group]:
    """Batches with what they have in common, what was measured and their origins: those that have the same in common in one group.

    All are awaited first; where that is cut short, those that came are told before the interruption is.
    """
    found: dict[Any, tuple[list[dict[str, np.ndarray]], list[Any]]] = {}
    cut = None
    try:
        for common, measured, origins in batches:
            rows, of_rows = found.setdefault(common, ([], []))
            rows.append(measured)
            of_rows.extend(origins)
    except KeyboardInterrupt as stop:
        cut = stop
    yield from ((joined(rows), origins) for rows, origins in found.values())
    if cut is not None:
        raise cut


# ---- the arena ----

_FAR = (Fraction(1, 10**9), Fraction(10**9))
_NEAR = (Fraction(1, 1000), Fraction(1000))
_ONE = Fraction(1)
ORBIT = ((_ONE, _ONE), *product((_ONE,), _NEAR), *product(_NEAR, (_ONE,)), *product((_ONE,), _FAR), *product(_FAR, (_ONE, *_FAR)))
"""Rescalings (position, loss) along which every instance is tried, the mildest first."""
WITHOUT_UNITS = ("root_transformation",)
"""Hypotheses that give the steps as numbers, which a rescaled run does not meet, and no replay could tell, as they are irrational."""

_AT_REST = 1e-9  # problems are drawn on a grid of eighths: where G is below this, all workers stand still and only round-off moves
_KEPT = 8  # of every group and scale, the runs that may become witnesses


def search(
    arena: Arena,
    reading: Reading,
    groups: Iterable[Group],
    written: Callable[[Any, tuple[Fraction, Fraction]], Instance],
    size: Callable[[Any], int],
    nearby: Nearby | None = None,
    steps: int = 0,
    what: str = "runs",
    adversary: Steering | None = None,
) -> Attack:
    """Every run of every group (what was measured, and the origin of each row), along the orbit, for all values of the free letters.

    `written(origin, scale)` is a run as an instance; among equally promising ones, those of small `size` become witnesses. Where none of
    them breaks the relation, the `adversary` goes on by derivatives, and the search beside the best of all, `steps` rounds of moves; what
    comes of that counts once replayed.

    Raises: CutShort with what came of all that was drawn, where it is interrupted: in the draw, or later.
    """
    assert reading.relation is not None
    relation, missing = reading.relation, [""]
    orbit = ORBIT[:1] if any(hypothesis.name in WITHOUT_UNITS for hypothesis in reading.given) else ORBIT

    def rate(drawn: dict[str, np.ndarray], rows: int, free: Mapping[str, Fraction]) -> np.ndarray:
        measured = drawn | {name: np.full(rows, float(value)) for name, value in free.items()}
        try:
            met = plausible_along(reading.conditions, measured, orbit) & (drawn["G"] > _AT_REST)
            return np.where(met, along_orbit(relation, measured, orbit), -1)
        except NotMeasured as why:
            missing.append(str(why))
            return np.full((1, rows), -1.0)

    found: list[Scored] = []
    tried, cut = 0, None
    try:
        for drawn, origins in groups:
            for free in free_letters(reading):
                rated = rate(drawn, len(origins), free)
                tried += int((rated[0] >= 0).sum())
                for scale, of_scale in enumerate(rated):
                    best = np.argsort(-of_scale, kind="stable")[:_KEPT]
                    found.extend(Scored(float(of_scale[row]), scale, origins[row], free) for row in best if of_scale[row] >= 0)
    except KeyboardInterrupt as stop:
        cut = stop
    if cut is not None and not found:
        raise cut
    if not tried:
        return Attack("no instance", None, 0, missing[-1] or "no drawn run meets the hypotheses")

    def candidates(scored: list[Scored]) -> Iterator[tuple[float, Callable[[], Instance]]]:
        for ratio, scale, origin, free in sorted(scored, key=lambda s: (rank(s.ratio), s.scale, size(s.origin), -s.ratio)):
            yield ratio, lambda origin=origin, scale=scale, free=free: with_free(written(origin, orbit[scale]), free)  # type: ignore[misc]

    said = f"{tried} {what}, {len(orbit)} scale{'s' * (len(orbit) > 1)} each"
    drawn_alone = confirm(arena, reading, candidates(found), tried, said)
    if cut is not None:
        raise CutShort(reading, drawn_alone) from cut
    if drawn_alone.outcome == "broken" or nearby is None or not steps or relation.op == "==":
        return drawn_alone
    near: list[Scored] = []
    more = 0

    def beside(starts: list[Scored]) -> None:
        nonlocal more
        reached, met = climb(starts, nearby, rate, steps, lambda here: ascend(here, nearby, rate, 1))
        near.extend(reached)
        more += met
        for start in spread([*starts, *reached])[:1]:
            further, met = ascend(start, nearby, rate, 2 * steps)
            near.extend(further)
            more += met

    try:
        beside(spread(found))
        before = max((each.ratio for each in (*found, *near) if each.ratio <= 1 + 1e-9), default=0.0)
        steered: list[Scored] = []
        drawn_batches = [each.origin[0] for each in spread(found)]
        free = free_letters(reading)[0]
        for reached, met in () if adversary is None else adversary.search(drawn_batches, relation, rate, free, before):
            steered, near, more = [*steered, *reached], [*near, *reached], more + met
        for start in spread(steered)[:1]:
            if start.ratio > before:  # else what is beside it was searched, or is beside what is worse
                beside([start])
    except KeyboardInterrupt as stop:
        only = islice(candidates(near), 1)  # a replay may take long, and somebody waits
        raise CutShort(reading, confirm_nearby(arena, reading, drawn_alone, only, tried + more, "cut short")) from stop
    return confirm_nearby(arena, reading, drawn_alone, candidates(near), tried + more, f"{more} beside the best")


_STEPS = {"eta": scaled, "C_hat": scaled, "step_scale": scaled, "a": scaled}
"""How the parameters of a step rule are moved; what the hypotheses ask of them is judged on the run."""


def near(convexity: str, literal: bool, same: bool, wanted: Container[str] | None = None) -> Runs:
    """The neighbourhoods of runs of a class of functions, a reading of the gap, and workers of one function or not; what is measured."""

    def moves(spec: Spec, size: float) -> Iterator[Spec]:
        yield from numbers_near(spec, size, _STEPS, convexity, same)
        yield from _structures_near(spec, literal, same) if size == 1 else ()

    def numbers(spec: Spec) -> Numbers:
        return numbers_of(spec, _STEPS, convexity, same)

    return Runs(moves, lambda spec: shown(spec, convexity == "one-sided", wanted), work, numbers)


def _structures_near(spec: Spec, literal: bool, same: bool) -> Iterator[Spec]:
    """Other compressors, synchronisations, horizons and numbers of workers; the gap as small as these allow."""
    T, R, d = spec.horizon, spec.shape[1], spec.shape[3]
    for operator in operators_near(spec.operator, d) if not same else ():
        yield replace(spec, operator=operator, gamma=np.full_like(spec.gamma, float(coefficient(operator, d))))
    if spec.directions is not None:
        return  # there is one for every use
    side_of = math.isqrt(T)
    others = [side**2 for side in (side_of - 1, side_of + 1) if side] if spec.rule == "horizon" else horizons_near(T)
    if spec.sets is None:
        chosen = [*indices_near(spec.synchronise), *(lasting(spec.synchronise, other) for other in others)]
        for indices in chosen:
            if len(indices) > 1 or not literal:
                yield replace(spec, horizon=indices[-1], synchronise=indices, gap=longest_stretch([indices], literal))
    else:
        of_sets = [(*spec.sets[:r], own, *spec.sets[r + 1 :]) for r in range(R) for own in indices_near(spec.sets[r])]
        of_sets += [tuple(lasting(own, other) for own in spec.sets) for other in others]
        for sets in of_sets:
            if min(map(len, sets)) > 1 or not literal:
                yield replace(spec, horizon=sets[0][-1], synchronise=union(sets), sets=sets, gap=longest_stretch(sets, literal))
    for workers in ([*range(R), R - 1], range(R - 1)):
        if workers:
            functions = Pieces(*(each[:, list(workers)] for each in spec.functions))
            yield replace(spec, functions=functions, sets=None if spec.sets is None else tuple(spec.sets[r] for r in workers))


MOST_NEARBY_PATHS = 1 << 8


def work(spec: Spec) -> int:
    """Numbers in one quantity of one run; beyond all bounds where there are too many sample paths to try neighbours."""
    _, R, n, d = spec.shape
    draws = math.comb(d, int(spec.operator["k"])) if spec.operator["name"] == "rand_k" else 1
    paths_of = n ** (spec.batch * spec.horizon * R) * draws ** (len(spec.synchronise) * R)
    return _size(spec) * paths_of if paths_of <= MOST_NEARBY_PATHS else MOST_WORK + 1


class RunArena:
    """Theorems and their steps, on runs of Algorithm 1 or, as the setting says, Algorithm 2."""

    name = "run"

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        assert reading.relation is not None
        convexity, rules, literal, same = kind_of(reading)
        groups = (group for rule in rules for group in pool(convexity, rule, literal, same, effort, seed, is_asynchronous(reading)))
        beside = near(convexity, literal, same, spoken(reading))

        def batches() -> Iterator[Spec]:
            for rule in rules if not same else ():
                yield from adversarial(convexity, rule, literal, effort.steered, seed, is_asynchronous(reading))

        short = self._searched(reading, groups, beside, effort, batches)
        return with_long(self, reading, effort, seed, short)

    def _searched(
        self, reading: Reading, groups: Iterable[Group], beside: Runs, effort: Effort, batches: Callable[[], Iterable[Spec]]
    ) -> Attack:
        convexity, _, _, same = kind_of(reading)
        one_sided = convexity == "one-sided"
        least = LEAST_CURVATURE if convexity == "strongly convex" else -1.0
        adversary = Adversary(
            batches,
            lambda spec: True,
            beside.measure,
            work,
            lambda spec, by, before: paced(spec, by, _STEPS),
            Inputs(convexity, least, same),
            effort.steered,
            effort.moves,
        )

        def written(origin: tuple[Spec, int], scale: tuple[Fraction, Fraction]) -> Instance:
            return to_instance(*origin, *scale, one_sided)

        return search(self, reading, groups, written, lambda origin: _size(origin[0]), beside, effort.moves, adversary=adversary)

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none of a few steps."""
        convexity, _, literal, same = kind_of(reading)
        beside, run = near(convexity, literal, same, spoken(reading)), begun(instance, moved, decode)
        return self._searched(reading, beginnings(beside, run, generator(seed, "onward")), beside, effort, lambda: [run])

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        if "law" in instance:
            return ARENAS[f"{self.name}, long"].replay(reading, instance)
        spec, constants = decode(instance)
        check_algorithm(reading, spec)
        seen = observe(spec, constants.get("mu"), wanted=spoken(reading))
        case = case_of(spec, constants | free_of(instance), seen, speaks_of_maps(reading))
        judged = judge(reading.given, case)
        judged["bounded_below"] = (bool(spec.functions.mean().mean().bounded_below().all()), "f* is finite")
        return replayed(reading, case.measured, judged)

    def cost(self, instance: Instance) -> int:
        """Iterations of one worker along one sample path."""
        functions = instance["functions"]
        noise = len(functions[0]) ** (int(instance["batch"]) * int(instance["horizon"]) * len(functions))
        return int(instance["horizon"]) * len(functions) * noise

    def simpler(self, instance: Instance) -> Iterator[Instance]:
        """Variants with fewer iterations, workers, samples or knots, constants taken tight again."""
        T, H = int(instance["horizon"]), int(instance["gap"])
        functions = instance["functions"]
        if T > 1:
            indices = _each(instance["synchronise"], lambda own: [*(i for i in own if i < T - 1), T - 1])
            yield instance | {"horizon": T - 1, "synchronise": indices, "gap": min(H, T - 1)}
        if len(functions) > 1:
            for r in range(len(functions)):
                yield instance | {"functions": functions[:r] + functions[r + 1 :], "synchronise": _without(instance["synchronise"], r)}
        if len(functions[0]) > 1:
            yield instance | {"functions": [worker[:1] for worker in functions]}
        if any(c["knots"] for w in functions for s in w for c in s):
            yield instance | {"functions": [[[c | {"knots": [], "bends": []} for c in s] for s in w] for w in functions]}

        for position, loss in product((Fraction(1), Fraction(10), Fraction(1, 10), Fraction(1000), Fraction(1, 1000)), repeat=2):
            if (position, loss) != (1, 1):
                yield moved(instance, position, loss)

    def refit(self, instance: Instance) -> Instance:
        """The same run with its constants taken as small as it allows. Raises: ValueError if there is no such run."""
        spec, constants = decode(instance)
        gamma = fractions([coefficient(spec.operator, spec.shape[3])])
        one_sided = bool((constants["L"] < -spec.curvatures[0]).all())
        return with_free(encode(replace(spec, gamma=gamma), one_sided), instance.get("free"))


def _each(synchronise: list[Any], change: Callable[[list[int]], list[int]]) -> list[Any]:
    """The change made to the one list of indices, or to each worker's."""
    return [change(own) for own in synchronise] if isinstance(synchronise[0], list) else change(synchronise)


def _without(synchronise: list[Any], worker: int) -> list[Any]:
    return synchronise[:worker] + synchronise[worker + 1 :] if isinstance(synchronise[0], list) else synchronise


def _size(spec: Spec) -> int:
    """Iterations of one worker along one path."""
    _, R, n, d = spec.shape
    return spec.horizon * R * n * d


def is_asynchronous(reading: Reading) -> bool:
    """Whether a reading speaks of Algorithm 2."""
    return bool(reading.setting.get("asynchronous", False))


def check_algorithm(reading: Reading, spec: Spec) -> None:
    """Raises: ValueError for a run of the other algorithm."""
    if (spec.sets is None) == is_asynchronous(reading):
        raise ValueError("synchronise must be one list for Algorithm 1, and one for each worker for Algorithm 2; the other was given")


def kind_of(reading: Reading) -> tuple[str, tuple[str, ...], bool, bool]:
    """What the hypotheses and the setting of a reading ask for: the class of functions, the step rules, whether the gap is read literally,

    and whether all workers have the same function.
    """
    names = {hypothesis.name for hypothesis in reading.given}
    convexity = "strongly convex" if names & {"strongly_convex", "convex"} else "one-sided" if "one_sided_smooth" in names else "smooth"
    by_name = {"fixed_step": "fixed", "horizon_step": "horizon", "decaying_step": "decaying", "strongly_convex_step": "strongly convex"}
    wanted = tuple(rule for name, rule in by_name.items() if name in names)
    if "step" in reading.setting:
        wanted = (reading.setting["step"],)
    if "strongly convex" in wanted:
        wanted = ("strongly convex",)
    literal = "gap_as_defined" in names or reading.setting.get("gap") == "as defined"
    rules = wanted or (("fixed", "strongly convex") if convexity == "strongly convex" else ("fixed", "decaying"))
    return convexity, rules, literal, "same_function" in names


ARENA = RunArena()
register(ARENA)
