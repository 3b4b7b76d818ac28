"""Arenas "memory", "deviation", "lag" and "around": Algorithm 1 or 2 fed with the worst gradients of norm G, and the worst contraction map.

The adversary chooses every gradient in a ball and, at every synchronisation, the residual v - C(v) anywhere in the ball that contraction
allows. What it maximises is convex in each of its inputs, so it replaces every input by its normalised gradient (conditional gradient),
from many starts at once, through the torch twin; what it finds is written in rationals and replayed by the reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import islice, product
from typing import Any

import numpy as np
import torch

from gpu.qsparse_local_sgd import asynchronous_init, asynchronous_step, init, step
from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, generator, register, remembered
from validation.hypotheses import Case, Compression, free_letters, free_of, judge, smallest_shift, synchronisations, with_free
from validation.quantities import NotMeasured, along_orbit, plausible, sides
from validation.runs import (
    ORBIT,
    AsynchronousTrace,
    Trace,
    along,
    asynchronous_along,
    asynchronous_trace,
    is_asynchronous,
    least_C,
    read_synchronisations,
    trace,
    union,
)
from validation.witness import confirm, rank

DIMENSION = 3  # a line would trap the ascent, and a plane its residuals


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
    return asynchronous_along(run) if isinstance(run, AsynchronousTrace) else along(run)


Objective = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def ascend(setting: Setting, objective: Objective, starts: int, iterations: int, rng: np.random.Generator) -> Found:
    """Conditional gradient from random starts on `objective(x_hat, memory, x_tilde)`, [T + 1, starts, R, d], until it stops growing."""
    T, syncs, R = setting.horizon, len(setting.synchronise), setting.workers
    g, q = (_unit(torch.from_numpy(rng.standard_normal((n, starts, R, DIMENSION)))) for n in (T, syncs))
    eta, keep = [float(e) for e in setting.eta()], math.sqrt(1 - setting.gamma)
    subsets = torch.tensor([[t + 1 in own for own in setting.sets] for t in range(T)])
    start = torch.zeros(starts, DIMENSION, dtype=g.dtype)

    def run(g: torch.Tensor, q: torch.Tensor) -> tuple[list[Any], list[torch.Tensor], list[torch.Tensor]]:
        states: list[Any] = [init(start, R) if setting.own is None else asynchronous_init(start, R)]
        inputs, messages = list[torch.Tensor](), list[torch.Tensor]()
        for t in range(T):

            def compress(v: torch.Tensor, uniforms: torch.Tensor | None) -> torch.Tensor:
                inputs.append(v)
                return v - keep * torch.linalg.vector_norm(v, dim=-1, keepdim=True) * q[len(inputs) - 1]

            state: Any
            if setting.own is None:
                state, sent = step(states[-1], g[t], eta[t], t + 1 in setting.synchronise, compress)
            else:
                state, sent = asynchronous_step(states[-1], g[t], eta[t], subsets[t], compress if subsets[t].any() else _silence)
            states.append(state)
            messages.append(sent)
        return states, inputs, messages

    def value_of(g: torch.Tensor, states: list[Any]) -> torch.Tensor:
        moved = torch.cumsum(torch.tensor(eta[:-1], dtype=g.dtype)[:, None, None, None] * g, 0)
        x_tilde = -torch.cat([torch.zeros_like(moved[:1]), moved])
        return objective(torch.stack([s.x_hat for s in states]), torch.stack([s.memory for s in states]), x_tilde)

    reached = -math.inf
    for _ in range(iterations):
        g, q = g.requires_grad_(), q.requires_grad_()
        value = value_of(g, run(g, q)[0])
        if value.item() <= reached * (1 + 1e-9):
            break
        reached = value.item()
        slopes = torch.autograd.grad(value, (g, q), allow_unused=True, materialize_grads=True)
        g, q = (_unit(slope, like.detach()) for slope, like in zip(slopes, (g, q), strict=True))
    with torch.no_grad():
        states, inputs, messages = run(g, q)
    return Found(setting, g.detach().numpy(), q.detach().numpy(), _traced(setting, states, g, inputs, messages))


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
        return Trace(x_hat, memory, virtual, slopes, one_path(inputs), one_path(inputs), eta, setting.synchronise, certain)
    compressed = np.zeros_like(slopes)
    compressed[[i - 1 for i in setting.synchronise]] = one_path(inputs)
    compressed *= np.array([[t + 1 in each for each in own] for t in range(T)])[:, None, None, :, None]
    x, master = one_path(s.x for s in states), one_path(s.master for s in states)
    return AsynchronousTrace(
        x_hat, memory, virtual, slopes, compressed, one_path(messages), eta, setting.synchronise, certain, own, x, master
    )


def _unit(v: torch.Tensor, otherwise: torch.Tensor | None = None) -> torch.Tensor:
    norm = torch.linalg.vector_norm(v, dim=-1, keepdim=True)
    unit = v / torch.where(norm > 0, norm, 1)
    return unit if otherwise is None else torch.where(norm > 0, unit, otherwise)


def last_memory(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """||m_T||^2, summed over starts and workers."""
    return (memory[-1] ** 2).sum()


def all_deviations(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """sum_r ||x_hat_t - x_hat_t^r||^2, summed over time and starts."""
    return ((x_hat - x_hat.mean(-2, keepdim=True)) ** 2).sum()


def largest_lag(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """The largest ||x_hat_t - x_tilde_t||^2 over time, summed over starts."""
    return ((x_hat - x_tilde).mean(-2) ** 2).sum(-1).amax(0).sum()


def largest_distance(x_hat: torch.Tensor, memory: torch.Tensor, x_tilde: torch.Tensor) -> torch.Tensor:
    """The largest sum_r ||x_hat_t^r - x_tilde_t||^2 over time, x_tilde_t the mean, summed over starts: lag and deviation together."""
    return ((x_hat - x_tilde.mean(-2, keepdim=True)) ** 2).sum((-1, -2)).amax(0).sum()


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
                for rule in islice(step_rules(names, H, Fraction(1, gamma)), 2):
                    yield Setting(workers, H, union(sets), Fraction(1, gamma), rule, sets)


def _own_sets(workers: int, H: int, last: int, literal: bool) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Stretches of at most H; read literally, but for the first, and then each worker begins on its own."""
    T = last + 40 * H * literal
    first = [T - last + 1 + r if literal else max(H - r, 1) for r in range(workers)]
    yield tuple((*range(start, T, H), T) for start in first)
    if workers > 1 and H > 1:
        yield ((*range(T - last + H, T, H), T), *[tuple(range(T - last + 1, T + 1))] * (workers - 1))


# ---- the arenas ----


@dataclass(frozen=True)
class AdversaryArena:
    """Statements about memory or deviation alone, which see nothing of the functions but G."""

    name: str
    settings: Callable[[frozenset[str], bool, Effort, np.random.Generator], Iterator[Setting]]
    objective: Objective

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        assert reading.relation is not None
        names = frozenset(hypothesis.name for hypothesis in reading.given)
        literal = "gap_as_defined" in names or reading.setting.get("gap") == "as defined"
        if "step" in reading.setting:
            names |= {f"{reading.setting['step']}_step"}
        found: list[tuple[float, int, Found, int, dict[str, Fraction]]] = []  # ratio, index of the scale, origin, free letters
        tried, missing = 0, ""
        reached_so_far = _reached(self, names & _STRUCTURAL, literal, is_asynchronous(reading), effort, seed)
        for reached, free in product(reached_so_far, free_letters(reading)):
            measured = reached.measured | {name: np.full(reached.run.eta.shape[1], float(value)) for name, value in free.items()}
            try:
                met = plausible(reading.conditions, measured)
                ratios = along_orbit(reading.relation, measured, ORBIT)
            except NotMeasured as why:
                missing = str(why)
                continue
            tried += int(met.sum())
            for scale, of_scale in enumerate(np.where(met, ratios, -1)):
                best = int(of_scale.argmax())
                if met[best]:
                    found.append((float(of_scale[best]), scale, reached, best, free))
        if not tried:
            return Attack("no instance", None, 0, missing or "no setting meets the hypotheses")
        found.sort(key=lambda each: (rank(each[0]), each[1], each[2].setting.horizon * each[2].setting.workers, -each[0]))
        candidates = ((ratio, _lazily(reached, row, ORBIT[scale], free)) for ratio, scale, reached, row, free in found)
        return confirm(self, reading, candidates, tried, f"{tried} ascents, {len(ORBIT)} scales each")

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        case = case_of(instance)
        if bool(case.sets) != is_asynchronous(reading):
            raise ValueError("synchronise must be one list for Algorithm 1, and one for each worker for Algorithm 2; the other was given")
        small, large, violated, at = sides(reading.relation, case.measured).worst()
        return Replay(small, large, violated, judge(reading.given, case), at)

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


_STRUCTURAL = frozenset({"fixed_step", "decaying_step", "shift_above_memory", "shift_above_gap", "shift_above_one"})


@cache
def _reached(
    arena: AdversaryArena, names: frozenset[str], literal: bool, asynchronous: bool, effort: Effort, seed: int
) -> tuple[Found, ...]:
    """The ascents of every setting, done once for all claims that speak of the same settings."""
    rng = generator(seed, arena.name, sorted(names), literal, *(("asynchronous",) if asynchronous else ()))
    sampler = asynchronous_settings if asynchronous else arena.settings
    settings = tuple(sampler(names, literal, effort, rng))
    return tuple(ascend(setting, arena.objective, max(effort.starts // 16, 8), effort.iterations, rng) for setting in settings)


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


def _lazily(reached: Found, row: int, scale: tuple[Fraction, Fraction], free: dict[str, Fraction]) -> Callable[[], Instance]:
    return lambda: with_free(to_instance(reached, row, *scale), free)


def to_instance(reached: Found, row: int, position: Fraction, loss: Fraction) -> Instance:
    """One start in rationals: a little inside each ball, and rescaled by x -> position x, f -> loss f."""
    setting, grid = reached.setting, 10**4

    def inside(v: np.ndarray) -> np.ndarray:  # of the unit ball: rounding moves it by less than sqrt(d) / (2 grid)
        return np.array([[Fraction(round(x * (grid - 2)), grid) for x in worker] for worker in v], dtype=object)

    gradients = [inside(v) for v in reached.gradients[:, row]]
    directions = [inside(v) for v in reached.directions[:, row]]
    keep = Fraction(math.floor(math.sqrt(1 - setting.gamma) * grid), grid)

    def left(i: int, v: np.ndarray) -> np.ndarray:
        lengths = [Fraction(math.floor(math.sqrt(sum(x**2 for x in worker)) * grid), grid) for worker in v]
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


register(AdversaryArena("memory", memory_settings, last_memory))
register(AdversaryArena("deviation", deviation_settings, all_deviations))
register(AdversaryArena("lag", memory_settings, largest_lag))
register(AdversaryArena("around", memory_settings, largest_distance))
