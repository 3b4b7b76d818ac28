"""Arenas "memory", "deviation", "lag" and "around": Algorithm 1 or 2 fed with the worst gradients of norm G, and the worst contraction map.

The adversary chooses every gradient in a ball and, at every synchronisation, the residual v - C(v) anywhere in the ball that contraction
allows. What it maximises is convex in each of its inputs, so it replaces every input by its normalised gradient (conditional gradient),
from many starts at once, through the torch twin; what it finds is written in rationals and replayed by the reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch

from gpu.qsparse_local_sgd import asynchronous_init, asynchronous_step, init, step
from theory.claim import Reading
from validation import ascent
from validation.ascent import unit
from validation.attack import Attack, Effort, Instance, Replay, generator, pooled, register, remembered
from validation.hypotheses import Case, Compression, free_of, judge, smallest_shift, synchronisations, with_free
from validation.letters import replayed
from validation.nearby import factors, indices_near, lasting, longest_stretch
from validation.onward import beginnings
from validation.runs import (
    AsynchronousTrace,
    Group,
    Trace,
    along_any,
    asynchronous_trace,
    is_asynchronous,
    least_C,
    reach,
    read_synchronisations,
    search,
    trace,
    union,
)


@dataclass(frozen=True)
class Setting:
    """Everything but the adversary's choices, with G = 1. `step`: {"rule": "fixed", "eta"} or {"rule": "decaying", "step_scale", "a"}."""

    workers: int
    gap: int
    synchronise: tuple[int, ...]
    gamma: Fraction
    step: tuple[tuple[str, str], ...]
    own: tuple[tuple[int, ...], ...] | None = None
    """Of Algorithm 2: where each worker synchronises; `synchronise` is then their union."""

    @property
    def horizon(self) -> int:
        return self.synchronise[-1]

    @property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """Where each worker synchronises."""
        return self.own or (self.synchronise,) * self.workers

    def eta(self) -> list[Fraction]:
        """eta_t for t = 0..T."""
        return _eta(dict(self.step), self.horizon)


def _eta(step: dict[str, str], horizon: int) -> list[Fraction]:
    if step["rule"] == "fixed":
        return [Fraction(step["eta"])] * (horizon + 1)
    if step["rule"] == "decaying":
        return [Fraction(step["step_scale"]) / (Fraction(step["a"]) + t) for t in range(horizon + 1)]
    raise ValueError(f"step rule must be fixed or decaying, got {step['rule']!r}")


@dataclass(frozen=True)
class Found:
    """What an ascent reached, per start: gradients [T, starts, R, d], residual directions [syncs, starts, R, d], and the trace."""

    setting: Setting
    gradients: np.ndarray
    directions: np.ndarray
    run: Trace | AsynchronousTrace

    @cached_property
    def measured(self) -> dict[str, np.ndarray]:
        """Quantities and letters, a row for each start."""
        return measure(self.run) | _letters(self.setting, self.run.eta.shape[1])


def measure(run: Trace | AsynchronousTrace) -> dict[str, np.ndarray]:
    return along_any(run, reach(run))


Objective = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""What is to be large, [starts]."""


def ascend(
    setting: Setting,
    objective: Objective,
    starts: int,
    iterations: int,
    rng: np.random.Generator,
    polished: bool = False,
    d: int = ascent.DIMENSION,
    kept: int | None = None,
) -> Found:
    """The adversary's ascent from random starts on `objective(x_hat, memory, x_tilde)` of [T + 1, starts, R, d]; `polished`, the best.

    Of the starts `kept` are told, all if it is None.
    """
    times = (setting.horizon, len(setting.synchronise))
    g, q = (unit(torch.from_numpy(rng.standard_normal((n, starts, setting.workers, d)))) for n in times)
    return next(ascend_together([setting], objective, g, q, iterations, polished, kept))


def ascend_together(
    settings: Sequence[Setting],
    objective: Objective,
    g: torch.Tensor,
    q: torch.Tensor,
    iterations: int,
    polished: bool = False,
    kept: int | None = None,
) -> Iterator[Found]:
    """The ascent of settings that share horizon, workers and algorithm, equally many starts of each, one setting after the other.

    From gradients g [T, starts, R, d] and residual directions q, one wherever any of the settings synchronises. Of a single setting `kept`
    starts are told, all if it is None.
    """
    T, R, own = settings[0].horizon, settings[0].workers, settings[0].own
    anywhere, each = union([setting.synchronise for setting in settings]), g.shape[1] // len(settings)

    def by_run(values: list[Any]) -> torch.Tensor:  # of a single setting the same for any number of starts
        found = torch.tensor(values, dtype=torch.bool if isinstance(values[0][0], list) else g.dtype)
        return found.repeat_interleave(each if len(settings) > 1 else 1, dim=0).transpose(0, 1)

    eta = by_run([[float(e) for e in setting.eta()] for setting in settings])  # [T + 1, starts]
    keep = by_run([[math.sqrt(1 - setting.gamma)] for setting in settings])[0][:, None, None]
    sends = by_run([[[t + 1 in own for own in setting.sets] for t in range(T)] for setting in settings])  # [T, starts, R]

    def run(g: torch.Tensor, q: torch.Tensor) -> tuple[list[Any], list[torch.Tensor], list[torch.Tensor]]:
        start = g.new_zeros(g.shape[1], g.shape[-1])
        states: list[Any] = [init(start, R) if own is None else asynchronous_init(start, R)]
        inputs, messages = list[torch.Tensor](), list[torch.Tensor]()
        for t in range(T):

            def compress(v: torch.Tensor, uniforms: torch.Tensor | None) -> torch.Tensor:
                inputs.append(v)
                return v - keep * torch.linalg.vector_norm(v, dim=-1, keepdim=True) * q[len(inputs) - 1]

            state: Any
            if own is None:
                synchronise = t + 1 in anywhere and (len(settings) == 1 or sends[t, :, 0])
                state, sent = step(states[-1], g[t], eta[t], synchronise, compress)
            else:
                state, sent = asynchronous_step(states[-1], g[t], eta[t], sends[t], compress if t + 1 in anywhere else _silence)
            states.append(state)
            messages.append(sent)
        return states, inputs, messages

    def value(g: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
        states, moved = run(g, q)[0], torch.cumsum(eta[:-1, :, None, None] * g, 0)
        x_tilde = -torch.cat([torch.zeros_like(moved[:1]), moved])
        return objective(torch.stack([s.x_hat for s in states]), torch.stack([s.memory for s in states]), x_tilde)

    reached, (g, q) = (ascent.ascend if polished else ascent.climb)(value, (g, q), iterations)
    if kept is not None and len(settings) == 1:
        g, q = ascent.chosen(reached, (g, q), kept)
        each = g.shape[1]
    with torch.no_grad():
        states, inputs, messages = run(g, q)
    for place, setting in enumerate(settings):
        rows, at = slice(place * each, (place + 1) * each), [anywhere.index(i) for i in setting.synchronise]
        of_setting = [type(state)(*(field[rows] for field in state)) for state in states]
        traced = _traced(setting, of_setting, g[:, rows], [inputs[i][rows] for i in at], [sent[rows] for sent in messages])
        yield Found(setting, g[:, rows].detach().numpy(), q[at][:, rows].detach().numpy(), traced)


def _silence(v: torch.Tensor, uniforms: torch.Tensor | None) -> torch.Tensor:
    return torch.zeros_like(v)


def _traced(
    setting: Setting, states: list[Any], g: torch.Tensor, inputs: list[torch.Tensor], messages: list[torch.Tensor]
) -> Trace | AsynchronousTrace:
    """What was found as a trace with a single path."""
    own, T = setting.own, setting.horizon

    def one_path(each: Any) -> np.ndarray:
        return torch.stack(list(each)).detach().numpy()[:, :, None]

    eta = np.repeat(np.array([float(e) for e in setting.eta()])[:, None], g.shape[1], axis=1)
    x_hat, memory, slopes = one_path(s.x_hat for s in states), one_path(s.memory for s in states), one_path(g)
    moved = np.cumsum(eta[:-1, :, None, None, None] * slopes, axis=0)
    virtual, certain = np.concatenate([np.zeros_like(moved[:1]), -moved]), np.ones(1)
    if own is None:
        sent = one_path(messages[i - 1] for i in setting.synchronise)
        return Trace(x_hat, memory, virtual, slopes, one_path(inputs), sent, eta, setting.synchronise, certain)
    compressed = np.zeros_like(slopes)
    compressed[[i - 1 for i in setting.synchronise]] = one_path(inputs)
    compressed *= np.array([[t + 1 in each for each in own] for t in range(T)])[:, None, None, :, None]
    x, master = one_path(s.x for s in states), one_path(s.master for s in states)
    return AsynchronousTrace(
        x_hat, memory, virtual, slopes, compressed, one_path(messages), eta, setting.synchronise, certain, own, x, master
    )


def last_memory(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """||m_T||^2, summed over workers."""
    return (memory[-1] ** 2).sum((-2, -1))


def all_deviations(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """sum_r ||x_hat_t - x_hat_t^r||^2, summed over time."""
    return ((x_hat - x_hat.mean(-2, keepdim=True)) ** 2).sum((0, -2, -1))


def largest_lag(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """The largest ||x_hat_t - x_tilde_t||^2 over time."""
    return ((x_hat - x_tilde).mean(-2) ** 2).sum(-1).amax(0)


def largest_distance(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """The largest sum_r ||x_hat_t^r - x_tilde_t||^2 over time, x_tilde_t the mean: lag and deviation together."""
    return ((x_hat - x_tilde.mean(-2, keepdim=True)) ** 2).sum((-1, -2)).amax(0)


# ---- settings, edges first ----


def step_rules(names: frozenset[str], H: int, gamma: Fraction) -> Iterator[tuple[tuple[str, str], ...]]:
    """The step sizes that the hypotheses name, or both kinds; a at the edge of what they allow, and far inside."""
    if "decaying_step" not in names:
        yield (("rule", "fixed"), ("eta", "1"))
    if "fixed_step" not in names:
        edge = smallest_shift(names, H, gamma)
        for factor in (1, 2, 64):
            yield (("rule", "decaying"), ("step_scale", "1"), ("a", str(edge * factor)))


def memory_settings(names: frozenset[str], literal: bool, effort: Effort, rng: np.random.Generator) -> Iterator[Setting]:
    """One worker; enough synchronisations to come near the limit of the recursion."""
    smallest = max(Fraction(6, effort.instances), Fraction(1, 40))  # as many synchronisations as instances
    for gamma in (Fraction(1), Fraction(9, 10), Fraction(1, 2), Fraction(1, 4), smallest):
        for H in (1, 3) if gamma > smallest else (1,):
            stretches = math.ceil(6 / gamma)
            for indices in synchronisations(H, stretches, literal, rng)[:: 1 if literal or H > 1 else 2]:
                for rule in step_rules(names, H, gamma):
                    yield Setting(1, H, indices, gamma, rule)


def deviation_settings(names: frozenset[str], literal: bool, effort: Effort, rng: np.random.Generator) -> Iterator[Setting]:
    """No compression; two, three and four workers (an odd one cannot be opposed), one stretch and more."""
    for workers in (1, 2, 3, 4):
        for H in (1, 2, 10, 40) if workers == 2 else (1, 2, 10):
            sets = ((H,), (H, 2 * H)) if not literal else ((H,), (5 * H, 6 * H))
            for indices in sets:
                for rule in step_rules(names, H, Fraction(1)):
                    yield Setting(workers, H, indices, Fraction(1), rule)


def asynchronous_settings(names: frozenset[str], literal: bool, effort: Effort, rng: np.random.Generator) -> Iterator[Setting]:
    """Two and three workers that synchronise in turn; and one that synchronises rarely among others that always do."""
    structures = ((1, 2, 2), (2, 1, 1), (2, 1, 2), (2, 2, 1), (2, 5, 1), (3, 4, 1), (2, 2, 2), (2, 4, 4), (3, 3, 2), (2, 2, 9))
    for workers, H, gamma in structures:
        if literal and (H > 1 or workers == 1):  # the first stretch is long enough as it is
            continue
        for last in (2 * H + 1, 6 * H) if gamma == 1 else (min(2 * gamma, 8) * H,):
            for sets in _own_sets(workers, H, last, literal):
                for rule in islice(step_rules(names, H, Fraction(1, gamma)), 0, None, 2):  # the edge, and far inside
                    yield Setting(workers, H, union(sets), Fraction(1, gamma), rule, sets)


def beside_an_eager_worker(names: frozenset[str], literal: bool, effort: Effort, rng: np.random.Generator) -> Iterator[Setting]:
    """The settings of one worker by Algorithm 2, with another that always synchronises."""
    for setting in memory_settings(names, literal, effort, rng):
        always = tuple(range(1, setting.horizon + 1))
        yield replace(setting, workers=2, synchronise=always, own=(setting.synchronise, always))


def _own_sets(workers: int, H: int, last: int, literal: bool) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Stretches of at most H; read literally, but for the first, and then each worker begins on its own."""
    T = last + 40 * H * literal
    first = [T - last + 1 + r if literal else max(H - r, 1) for r in range(workers)]
    yield tuple((*range(start, T, H), T) for start in first)
    if workers > 1 and H > 1:
        yield ((*range(T - last + H, T, H), T), *[tuple(range(T - last + 1, T + 1))] * (workers - 1))


# ---- settings beside the best ----


class Variant(NamedTuple):
    """A setting, with gradients and residual directions to start from, [times, starts, R, d]."""

    setting: Setting
    gradients: np.ndarray
    directions: np.ndarray


@dataclass(frozen=True)
class SettingsNearby:
    """Neighbourhoods of what an ascent reached: the settings beside its own, all of one length climbed in one batch.

    Each starts from the inputs of the parent, on all coordinates and on fewer, and from some at random.
    """

    objective: Objective
    literal: bool
    iterations: int

    def neighbours(self, origin: tuple[Found, int], size: float) -> Iterator[Variant]:
        found, row = origin
        g, q = found.gradients[:, row], found.directions[:, row]
        for setting in (found.setting, *_settings_near(found.setting, size, self.literal)):
            rng = generator(0, "beside", setting)
            of_syncs = np.searchsorted(found.setting.synchronise, setting.synchronise).clip(max=len(q) - 1)
            of_workers = np.arange(setting.workers) % found.setting.workers
            times = np.arange(setting.horizon).clip(max=len(g) - 1)
            yield Variant(setting, *ascent.supported(g[times][:, of_workers], q[of_syncs][:, of_workers], STARTS_BESIDE, rng))

    def measured(self, variants: Sequence[Variant]) -> Iterator[tuple[dict[str, np.ndarray], list[Any], list[int]]]:
        alike: dict[tuple[int, int, bool], list[int]] = {}
        for place, (setting, *_) in enumerate(variants):
            alike.setdefault((setting.horizon, setting.workers, setting.own is None), []).append(place)
        for places in alike.values():
            settings = [variants[place].setting for place in places]
            anywhere = union([setting.synchronise for setting in settings])
            g = np.concatenate([variants[place].gradients for place in places], axis=1)
            q = np.concatenate([_where_any(variants[place], anywhere) for place in places], axis=1)
            reached = ascend_together(settings, self.objective, torch.from_numpy(g), torch.from_numpy(q), self.iterations)
            for place, found in zip(places, reached, strict=True):
                rows = range(found.gradients.shape[1])
                yield found.measured, [(found, row) for row in rows], [place for _ in rows]


STARTS_BESIDE = 6
"""Starts of each setting beside the best."""


def _where_any(variant: Variant, anywhere: Sequence[int]) -> np.ndarray:
    """Residual directions wherever any setting synchronises, from those of the variant's own; [times, starts, R, d]."""
    return variant.directions[np.searchsorted(variant.setting.synchronise, anywhere).clip(max=len(variant.directions) - 1)]


def _settings_near(setting: Setting, size: float, literal: bool) -> Iterator[Setting]:
    """Synchronisations moved by one, dropped and added, a longer or shorter run, more or fewer workers; then another coefficient or shift.

    The gap is as small as the synchronisations allow; whether a step still meets its conditions is judged on what is measured.
    """
    step, gamma = dict(setting.step), setting.gamma
    for factor in map(Fraction, factors(size)):
        for other in {gamma * factor, 1 - (1 - gamma) * factor} if gamma < 1 else ():
            if LEAST_COEFFICIENT <= other < 1:
                yield replace(setting, gamma=other)
        if "a" in step:
            yield replace(setting, step=tuple((step | {"a": str(Fraction(step["a"]) * factor)}).items()))
    if size < 1:
        return
    T, R = setting.horizon, setting.workers
    others = [horizon for horizon in (T - 1, T + 1) if horizon]
    if setting.own is None:
        near = [*indices_near(setting.synchronise), *(lasting(setting.synchronise, other) for other in others)]
        for indices in near:
            if len(indices) > 1 or not literal:
                yield replace(setting, synchronise=indices, gap=longest_stretch([indices], literal))
        yield from (replace(setting, workers=workers) for workers in (R - 1, R + 1) if workers)
        return
    of_sets = [(*setting.own[:r], own, *setting.own[r + 1 :]) for r in range(R) for own in indices_near(setting.own[r])]
    of_sets += [tuple(lasting(own, other) for own in setting.own) for other in others]
    for sets in of_sets:
        if min(map(len, sets)) > 1 or not literal:
            yield replace(setting, synchronise=union(sets), own=sets, gap=longest_stretch(sets, literal))


LEAST_COEFFICIENT = Fraction(1, 100)


# ---- the arenas ----


Sampler = Callable[[frozenset[str], bool, Effort, np.random.Generator], Iterator[Setting]]


@dataclass(frozen=True)
class AdversaryArena:
    """Statements about memory or deviation alone, which see nothing of the functions but G."""

    name: str
    settings: Sampler
    objective: Objective
    asynchronous: Sampler = asynchronous_settings
    """The settings of Algorithm 2."""

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        assert reading.relation is not None
        names = frozenset(hypothesis.name for hypothesis in reading.given)
        if "step" in reading.setting:
            names |= {f"{reading.setting['step']}_step"}
        reached = _reached(self, names & _STRUCTURAL, _literal(reading), is_asynchronous(reading), effort, seed)
        groups = ((found.measured, [(found, row) for row in range(found.gradients.shape[1])]) for found in reached)
        return self._searched(reading, groups, self._beside(reading, effort), effort)

    def _beside(self, reading: Reading, effort: Effort) -> SettingsNearby:
        return SettingsNearby(self.objective, _literal(reading), effort.iterations)

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none."""
        rng, beside = generator(seed, "onward"), self._beside(reading, effort)
        g, q = (ascent.directions(np.array(instance[name], dtype=object)) for name in ("gradients", "residuals"))
        indices, own = read_synchronisations(instance["synchronise"], len(g), g.shape[1])
        step = {name: value if name in ("rule", "a") else "1" for name, value in instance["step"].items()}  # the unit of the settings
        setting = Setting(g.shape[1], int(instance["gap"]), indices, Fraction(instance["gamma"]), tuple(step.items()), own)
        begun = beginnings(beside, Variant(setting, *ascent.supported(g, q, STARTS_BESIDE, rng)), rng)
        return self._searched(reading, begun, beside, effort)

    def _searched(self, reading: Reading, groups: Iterable[Group], beside: SettingsNearby, effort: Effort) -> Attack:
        def written(origin: tuple[Found, int], scale: tuple[Fraction, Fraction]) -> Instance:
            return to_instance(*origin, *scale)

        def size(origin: tuple[Found, int]) -> int:
            return origin[0].setting.horizon * origin[0].setting.workers

        return search(self, reading, groups, written, size, beside, effort.moves, "ascents")

    def at(self, reading: Reading, letters: Mapping[str, Fraction], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """What the adversary reaches at given letters, long enough to come near its limit: everything measured, a row for each start."""
        names = frozenset(hypothesis.name for hypothesis in reading.given)
        gamma, H = letters.get("gamma", Fraction(1)), int(letters.get("gap", 1))
        drifts, asynchronous = self.objective is all_deviations, is_asynchronous(reading)
        R = int(letters.get("workers", 2 if drifts or asynchronous else 1))
        stretches = 2 if gamma == 1 else math.ceil(8 / gamma)
        sets = next(_own_sets(R, H, H * stretches, literal=False)) if asynchronous else None
        indices = tuple(range(H, H * stretches + 1, H)) if sets is None else union(sets)
        settings = [Setting(R, H, indices, gamma, rule, sets) for rule in step_rules(names, H, gamma)]
        reached = [ascend(setting, self.objective, starts=8, iterations=6, rng=rng).measured for setting in settings]
        return {name: np.concatenate([each[name] for each in reached]) for name in reached[0] if all(name in each for each in reached)}

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        case = case_of(instance)
        if bool(case.sets) != is_asynchronous(reading):
            raise ValueError("synchronise must be one list for Algorithm 1, and one for each worker for Algorithm 2; the other was given")
        return replayed(reading, case.measured, judge(reading.given, case))

    def cost(self, instance: Instance) -> int:
        """Iterations of one worker."""
        return len(instance["gradients"]) * len(instance["gradients"][0])

    def refit(self, instance: Instance) -> Instance:
        """The instance itself: nothing in it is derived."""
        return instance

    def simpler(self, instance: Instance) -> Iterator[Instance]:
        """The same along one line, all gradients at full length, residuals in simple proportion; then fewer or shorter stretches."""
        if isinstance(instance["synchronise"][0], list):
            for places in (10, 100):
                yield with_free(_aligned(instance, instance["synchronise"], places), instance.get("free"))
            return
        indices = [int(i) for i in instance["synchronise"]]
        shorter = [indices] if len(instance["gradients"][0][0]) > 1 else []
        shorter += [[i - by for i in indices[1:]] for by in {indices[0], 1} if len(indices) > 1]
        shorter += [[i - 1 for i in indices]] if indices[0] > 1 else []
        for variant in shorter:
            for places in (10, 100):
                if all(i > 0 for i in variant):
                    yield with_free(_aligned(instance, variant, places), instance.get("free"))


def _literal(reading: Reading) -> bool:
    """Whether the gap is read as the paper defines it."""
    return any(hypothesis.name == "gap_as_defined" for hypothesis in reading.given) or reading.setting.get("gap") == "as defined"


_STRUCTURAL = frozenset({"fixed_step", "decaying_step", "shift_above_memory", "shift_above_gap", "shift_above_one"})


@pooled
def _reached(arena: AdversaryArena, names: frozenset[str], literal: bool, asynchronous: bool, effort: Effort, seed: int) -> Iterator[Found]:
    """The ascents of every setting, done once for all claims that speak of the same settings."""
    rng = generator(seed, arena.name, sorted(names), literal, *(("asynchronous",) if asynchronous else ()))
    sampler = arena.asynchronous if asynchronous else arena.settings

    def reached(setting: Setting) -> Found:
        starts = effort.batch(setting.horizon * setting.workers * ascent.DIMENSION)
        return ascend(setting, arena.objective, starts, effort.iterations, rng, effort.polished, kept=effort.kept)

    return map(reached, tuple(sampler(names, literal, effort, rng)))


def _letters(setting: Setting, rows: int) -> dict[str, np.ndarray]:
    return {name: np.full(rows, float(value)) for name, value in _stated(setting.workers, setting.gap, setting.horizon, setting.gamma,
                                                                         Fraction(1), dict(setting.step)).items()}  # fmt: skip


def _stated(workers: int, gap: int, horizon: int, gamma: Fraction, G: Fraction, step: dict[str, str]) -> dict[str, Fraction]:
    """All letters of a case; C at the lower edge of Lemma 4 where that exists."""
    out = {"workers": Fraction(workers), "gap": Fraction(gap), "horizon": Fraction(horizon), "gamma": gamma, "G": G}
    out |= {name: Fraction(value) for name, value in step.items() if name != "rule"}
    if "a" in out and out["a"] * gamma > 4 * gap:
        out["C"] = least_C(out["a"], gamma, gap)
    return out


def case_of(instance: Instance) -> Case:
    """An instance run by the reference, exactly. Raises: ValueError if it is none of these arenas."""
    try:
        gradients, residuals = (
            np.array([[[Fraction(x) for x in v] for v in workers] for workers in instance[name]], dtype=object)
            for name in ("gradients", "residuals")
        )
        T, (R, d) = len(gradients), gradients.shape[1:]
        indices, sets = read_synchronisations(instance["synchronise"], T, R)
        eta = np.array(_eta(instance["step"], T), dtype=object)[:, None]
        stated = _stated(R, int(instance["gap"]), T, Fraction(instance["gamma"]), Fraction(instance["G"]), instance["step"])
        if residuals.shape != (len(indices), R, d):
            raise ValueError(f"residuals must have shape {(len(indices), R, d)}, got {residuals.shape}")
    except (KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError) as why:
        raise ValueError(f"this is no sequence of gradients: {type(why).__name__} {why}") from why
    zero = np.full((1, 1, d), Fraction(0), dtype=object)
    certain = np.array([Fraction(1)], dtype=object)

    def given(t: int, x_hat: np.ndarray) -> np.ndarray:
        return gradients[t][None, None]

    def compress(i: int, v: np.ndarray) -> np.ndarray:
        return v - residuals[i]

    run: Trace | AsynchronousTrace
    if sets is None:
        run = trace(zero, R, given, eta, indices, compress, certain)
    else:
        run = asynchronous_trace(zero, given, eta, sets, compress, certain)
    used = zip(run.inputs.reshape(-1, d), run.messages.reshape(-1, d), strict=True)
    return Case(
        measured=measure(run) | {name: np.array([value], dtype=object) for name, value in stated.items()} | free_of(instance),
        synchronise=indices,
        compressions=[Compression(tuple(v), tuple(sent), ((v - sent) ** 2).sum()) for v, sent in used],
        second_moments=set((gradients**2).sum(-1).ravel()),
        sets=sets or (),
    )


def to_instance(reached: Found, row: int, position: Fraction, loss: Fraction) -> Instance:
    """One start in rationals: a little inside each ball, and rescaled by x -> position x, f -> loss f."""
    setting = reached.setting
    gradients = [ascent.inside(v) for v in reached.gradients[:, row]]
    directions = [ascent.inside(v) for v in reached.directions[:, row]]
    keep = ascent.below(math.sqrt(1 - setting.gamma))

    def left(i: int, v: np.ndarray) -> np.ndarray:
        lengths = [ascent.below(math.sqrt(sum(x**2 for x in worker))) for worker in v]
        return np.array([keep * length * q for length, q in zip(lengths, directions[i], strict=True)], dtype=object)

    residuals = _residuals(setting.sets, setting.eta(), gradients, left)
    step_unit = position**2 / loss
    step = {name: value if name in ("rule", "a") else str(Fraction(value) * step_unit) for name, value in setting.step}
    return _written(setting.gap, setting.own or setting.synchronise, setting.gamma, loss / position, step,
                    [g * loss / position for g in gradients], [r * position for r in residuals])  # fmt: skip


def _residuals(
    sets: Sequence[Sequence[int]], eta: list[Fraction], gradients: list[np.ndarray], left: Callable[[int, np.ndarray], np.ndarray]
) -> list[np.ndarray]:
    """What the compressor leaves of each worker's input, `left(i, v)`, where any worker synchronises; 0 for those that do not."""
    memory, since, residuals = np.zeros_like(gradients[0]), [0] * len(sets), []
    for i, end in enumerate(union(sets)):
        senders = np.array([[end in own] for own in sets])
        progress = [sum((eta[t] * gradients[t][r] for t in range(first, end)), memory[r] * 0) for r, first in enumerate(since)]
        after = left(i, memory + np.array(progress, dtype=object))
        residuals.append(np.where(senders, after, memory * 0))
        memory = np.where(senders, after, memory)
        since = [end if end in own else first for own, first in zip(sets, since, strict=True)]
    return residuals


def _aligned(instance: Instance, written: list[Any], places: int) -> Instance:
    """Gradients +G and -G in turn over the workers; residuals along v, as long as contraction allows, down to a grid of `places`; d = 1."""
    R, G, gamma = len(instance["gradients"][0]), Fraction(instance["G"]), Fraction(instance["gamma"])
    sets = written if isinstance(written[0], list) else [written] * R
    T, keep = sets[0][-1], Fraction(math.isqrt(int((1 - gamma) * places**2)), places)
    gradient = np.array([[G * (-1) ** r] for r in range(R)], dtype=object)
    eta = _eta(instance["step"], T)
    grid = eta[0] * G / places

    def left(i: int, v: np.ndarray) -> np.ndarray:
        return np.array([[grid * (keep * abs(x) // grid) * (1 if x > 0 else -1) for x in worker] for worker in v], dtype=object)

    residuals = _residuals(sets, eta, [gradient] * T, left)
    return _written(int(instance["gap"]), written, gamma, G, instance["step"], [gradient] * T, residuals)


def _written(gap: int, indices: Any, gamma: Fraction, G: Fraction, step: dict[str, str], gradients: Any, residuals: Any) -> Instance:
    def text(table: Any) -> list[list[list[str]]]:
        return [[[str(x) for x in v] for v in workers] for workers in table]

    return {
        "gap": gap,
        "synchronise": [list(own) if isinstance(own, tuple | list) else own for own in indices],
        "gamma": str(gamma),
        "G": str(G),
        "step": step,
        "gradients": text(gradients),
        "residuals": text(residuals),
    }


register(AdversaryArena("memory", memory_settings, last_memory, beside_an_eager_worker))
register(AdversaryArena("deviation", deviation_settings, all_deviations))
register(AdversaryArena("lag", memory_settings, largest_lag))
register(AdversaryArena("around", memory_settings, largest_distance))
