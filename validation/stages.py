"""Arena "mdsgd_stages": stagewise M-DSGD on weakly convex problems, with the gradient of the Moreau envelope by its proximal point.

As in the arena "mdsgd", whose functions these are. Stage s makes T_s iterations at eta_0 / (s + 1) on F + ||w - w~_s||^2 / (2 gamma);
gamma = 1 / (2 c), and eta_0 is `slack` times the least that Theorem 12 allows for T_s = T_0 (s + 1), 12 gamma / T_0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from theory.claim import Reading
from validation import free_maps
from validation.adversary import DIMENSION, FREE_MAP, Adversary, Inputs, directions, paced
from validation.attack import ARENAS, Attack, Effort, Instance, Replay, generator, measured_once, pooled, register, remembered, with_long
from validation.floors import Array, Floor, below, floor_for, floor_of, laid, mean_by, stacked, total
from validation.hypotheses import Case, Pieces, free_of, judge, with_free
from validation.letters import replayed
from validation.momentum import draw_functions, second_moments
from validation.nearby import Numbers, Runs, numbers_near, numbers_of, operators_near, scaled, shares_near
from validation.onward import beginnings, begun
from validation.runs import (
    Group,
    Spec,
    above_0,
    coefficient,
    exactly,
    fractions,
    grouped,
    lifted,
    mean_over,
    moved_functions,
    operator_of,
    paths,
    read_functions,
    roots_above,
    rows_of,
    search,
    squared,
    times,
    timewise,
    work,
    write_functions,
)

UNITS = {"weak_convexity": -1, "slack": 0, "beta": 0}
"""Parameters and their powers of X^2/F."""


@dataclass(frozen=True)
class Stages(Spec):
    """A batch of runs in stages; `parameters`: weak_convexity (c), slack and beta, [batch] each."""

    horizons: tuple[int, ...] = ()

    @property
    def envelope(self) -> np.ndarray:
        """gamma, [batch] in X^2/F."""
        return 1 / (2 * self.parameters["weak_convexity"])

    @property
    def first_eta(self) -> np.ndarray:
        """eta_0, [batch] in X^2/F."""
        return self.parameters["slack"] * 12 * self.envelope / self.horizons[0]


class Observed(NamedTuple):
    """What a batch of runs shows: what was measured, and E ||grad f||^2 wherever G must bound it [any, batch]."""

    measured: dict[str, np.ndarray]
    second_moments: np.ndarray


@measured_once
def observe(spec: Stages, on: Floor | None = None) -> Observed:
    """Runs a batch along all its sample paths, `on` a floor or that for its numbers, and measures all that is not a stated constant.

    All comes back in NumPy, but for tensors along which derivatives are to be taken (of the steps none are).
    """
    on = on or floor_for(spec.start)
    xp, room, (B, R, *_), operator = on.xp, on.mdsgd, spec.shape, operator_of(spec.operator, on)
    probability, share, uniforms = paths(spec).on(on)
    functions, start = spec.functions.on(on).laid(), laid(on.take(spec.start))
    f = functions.mean().mean()  # [batch, d]
    best = f.least()
    F_star = f.value(best)
    F, of_samples = lifted(f, 1), lifted(functions, 1)
    envelope, beta = (on.take(each[:, None]) for each in (spec.envelope, spec.parameters["beta"]))
    freed, gamma = on.take(spec.directions), on.take(spec.gamma)

    def compress_at(t: int) -> Any:
        return operator if freed is None else lambda v, u: v - free_maps.left(v, freed[:, t], gamma)

    stage = room.stage_init(xp.broadcast_to(start[:, None], (B, len(probability), start.shape[-1])), R)
    anchors, iterates, memories, steepest, etas = [stage.anchor], [], [], [], []
    t = 0
    for s, horizon in enumerate(spec.horizons):
        etas.append(spec.first_eta / (s + 1))
        largest, eta = [], on.take(etas[-1][:, None])
        for _ in range(horizon):
            x = stage.state.x
            each = of_samples.gradient(x[..., None, None, :])  # [batch, paths, R, n, d]
            pulled = each + ((x - stage.anchor) / envelope[..., None])[..., None, None, :]
            largest.append(mean_by(probability, mean_over(mean_over(squared(pulled), -1), -1), -1))
            iterates.append(x)
            memories.append(total(stage.state.memory, -2))
            u = None if uniforms is None else xp.broadcast_to(uniforms[t], (B, *uniforms[t].shape))
            stage, _ = room.stage_step(stage, total(share[t] * each, -2), eta, beta, envelope, compress_at(t), u)
            t += 1
        iterates.append(stage.state.x)  # B and U bound the last ones too
        memories.append(total(stage.state.memory, -2))
        steepest.append(xp.amax(xp.stack(largest), 0))
        stage = room.next_stage(stage, horizon)
        anchors.append(stage.anchor)

    def expected(values: Array) -> Array:
        return timewise(mean_by(probability, values, -1))

    w = stacked(anchors)  # [S + 1, batch, paths, d]
    losses = expected(F.value(w))
    gap = losses - F_star[:, None]
    if not spec.exact:
        gap = gap * below(1e-14 * (xp.abs(losses) + xp.abs(F_star)[:, None]), gap)
    x, u = stacked(iterates), stacked(memories)
    number = gap[:, :1] * 0
    slopes = (w - F.proximal(w, envelope[..., None])) / envelope[..., None]
    measured = {
        "stage_loss_gap": gap,
        "stage_potential": gap * on.take(np.arange(len(w))),
        "stage_eta": timewise(np.stack(etas)),
        "stage_horizon": number + on.take(np.array(spec.horizons)),
        "stage_gradient_sq": timewise(xp.stack(steepest)),
        "envelope_gradient_sq": expected(squared(slopes)),
        "iterate_distance_sq": expected(squared(x - best[:, None])),
        "total_memory_sq": expected(squared(u)),
        "f_star": F_star,
        "initial_gap": gap[:, 0],
        "start_distance_sq": squared(start - best),
    }
    return Observed({name: on.give(values) for name, values in measured.items()}, on.give(second_moments(functions, x)))


def tight(seen: Observed) -> dict[str, np.ndarray]:
    """The smallest constants that this batch allows; J^2 bounds E F(w~_s) - F*, and B the iterates."""
    m, xp = seen.measured, floor_of(seen.second_moments).xp
    G = roots_above(xp.amax(seen.second_moments, 0))
    return {
        "G": G,
        "U": above_0(roots_above(floor_of(m["total_memory_sq"]).xp.amax(m["total_memory_sq"], -1)), G),
        "distance_bound": roots_above(floor_of(m["iterate_distance_sq"]).xp.amax(m["iterate_distance_sq"], -1)),
        "J": roots_above(floor_of(m["stage_loss_gap"]).xp.amax(m["stage_loss_gap"], -1)),
    }


def letters(spec: Stages, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The letters of a batch, [batch] each."""
    B, R, _, d = spec.shape
    kind: Any = Fraction if spec.exact else float
    counts = {"workers": R, "horizon": spec.horizon, "batch": spec.batch, "d": d, "stages": len(spec.horizons)}
    out = {name: np.full(B, kind(value), dtype=object if spec.exact else float) for name, value in counts.items()}
    stated = {name: spec.parameters[name] for name in ("weak_convexity", "beta")}
    return out | stated | {"envelope": spec.envelope, "gamma": spec.gamma} | dict(constants)


# ---- instances as plain data ----


def to_instance(spec: Stages, row: int, position: Fraction, loss: Fraction) -> Instance:
    """One run of a float batch in rationals, rescaled by x -> position x, f -> loss f, with its constants taken tight."""
    return encode(free_maps.exactly(exactly(spec, row, position, loss, UNITS), spec, row))


def encode(spec: Stages) -> Instance:
    """An exact run as plain data, its constants taken as small as the run allows."""
    return written(spec) | {"constants": {name: str(values[0]) for name, values in tight(observe(spec)).items()}}


def written(spec: Stages) -> Instance:
    """An exact run as plain data, but for its constants."""
    return {
        "horizons": list(spec.horizons),
        "batch": spec.batch,
        "operator": dict(spec.operator),
        "parameters": {name: str(values[0]) for name, values in spec.parameters.items()},
        "start": [str(x) for x in spec.start[0]],
        "functions": write_functions(spec.functions),
        **free_maps.written(spec.directions),
    }


def decode(instance: Instance) -> tuple[Stages, dict[str, np.ndarray]]:
    """The run and its stated constants, exactly. Raises: ValueError if this is no instance of the arena."""
    try:
        horizons = tuple(map(int, instance["horizons"]))
        if not horizons or min(horizons) < 1:
            raise ValueError(f"horizons must be at least 1, one for each stage, got {horizons}")
        parameters = {name: fractions([Fraction(instance["parameters"][name])]) for name in UNITS}
        for name in ("weak_convexity", "slack"):
            if parameters[name][0] <= 0:
                raise ValueError(f"{name} must be positive, got {parameters[name][0]}")
        if not 0 <= parameters["beta"][0] < 1:
            raise ValueError(f"beta must be at least 0 and below 1, got {parameters['beta'][0]}")
        d = len(instance["start"])
        spec = Stages(
            horizon=sum(horizons),
            gap=1,
            synchronise=tuple(range(1, sum(horizons) + 1)),
            batch=int(instance["batch"]),
            operator=instance["operator"],
            functions=read_functions(instance["functions"], d),
            start=fractions([[Fraction(x) for x in instance["start"]]]),
            rule="stages",
            parameters=parameters,
            gamma=fractions([coefficient(instance["operator"], d)]),
            horizons=horizons,
        )
        spec = replace(spec, directions=free_maps.read(instance, (spec.horizon, spec.shape[1], d)))
        constants = {name: fractions([Fraction(value)]) for name, value in instance["constants"].items()}
    except (KeyError, TypeError, AttributeError, ZeroDivisionError, IndexError) as why:
        raise ValueError(f"this is no run in stages: {type(why).__name__} {why}") from why
    return spec, constants


# ---- drawing ----


def structures() -> Iterator[tuple[tuple[int, ...], int, int, int, dict[str, Any]]]:
    """Iterations of each stage, workers, samples, dimension, operator; edges first (one stage of one iteration)."""
    plain: dict[str, Any] = {"name": "identity"}
    compressed: tuple[tuple[dict[str, Any], int], ...] = (
        (plain, 1),
        ({"name": "linear", "residual": "4/5"}, 1),
        ({"name": "top_k", "k": 1}, 2),
    )
    for first, count in ((1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (4, 2)):
        for workers, (operator, d) in product((1, 2), compressed):
            yield tuple(first * (s + 1) for s in range(count)), workers, 1, d, operator
    for horizons in ((1,), (1, 2), (2, 4)):
        yield horizons, 1, 2, 1, plain


def crossing() -> Stages:
    """|x| (rounded off near 0), from one side to the other in the first step, so that its slope and the proximal pull add up.

    The step sends 1/5 of 12 gamma / 2, from -3 gamma / 5 to 3 gamma / 5; memory and momentum then hold the iterate there.
    """
    one = np.ones((1, 1, 1, 1))
    functions = Pieces(-one, 0 * one, np.array([-1.0, 1.0]) / 64 * one[..., None], np.array([64.0, -64.0]) * one[..., None])
    parameters = {"weak_convexity": np.array([0.5]), "slack": np.ones(1), "beta": np.array([15 / 16])}
    operator = {"name": "linear", "residual": "4/5"}
    gamma = np.array([float(coefficient(operator, 1))])
    return Stages(2, 1, (1, 2), 1, operator, functions, np.array([[-0.6]]), "stages", parameters, gamma, horizons=(2,))


def to_a_kink(first: int) -> Stages:
    """One stage of `first` iterations from 1 down to a kink at 0, the proximal point of the start: what a stage gains is least there.

    F' is 1 at 0 and falls to 1/2 at the start, as fast as weak convexity lets it: F_{s,gamma} is the flattest there may be, w^2 / 4.
    """
    one, width = np.ones((1, 1, 1, 1)), 2.0**-9
    knots, bends = np.array([-width, 0, 1]), np.array([2 / width, -2 / width - 1 / 2, 1 / 2])
    functions = Pieces(-one, 0 * one, knots * one[..., None], bends * one[..., None])
    parameters = {"weak_convexity": np.array([0.5]), "slack": np.ones(1), "beta": np.zeros(1)}
    times = tuple(range(1, first + 1))
    return Stages(first, 1, times, 1, {"name": "identity"}, functions, np.ones((1, 1)), "stages", parameters, np.ones(1), horizons=(first,))


def draw(instances: int, rng: np.random.Generator) -> Iterator[Stages]:
    """Batches of runs, half of them on convex functions with any c."""
    yield crossing()
    yield to_a_kink(384)
    for horizons, workers, samples, d, operator in structures():
        yield _drawn(horizons, workers, samples, d, operator, instances if samples == 1 else max(instances // 3, 8), rng)


def _drawn(
    horizons: tuple[int, ...], workers: int, samples: int, d: int, operator: dict[str, Any], count: int, rng: np.random.Generator
) -> Stages:
    """A batch of runs of one structure."""
    kinds = (draw_functions(kind, (count // 2, workers, samples, d), rng) for kind in ("smooth", "convex"))
    functions = Pieces(*(np.concatenate(each) for each in zip(*kinds, strict=True)))
    rows = len(functions.slope)
    flattest = functions.mean().mean().pieces()[1].reshape(rows, -1).min(-1)
    parameters = {
        "weak_convexity": np.maximum(-flattest, 2.0 ** rng.integers(-6, 3, rows)),
        "slack": rng.choice([1.0, 1.0, 2.0, 1 / 16, 1 / 64], rows),
        "beta": rng.choice([0.0, 0.5, 0.75, 15 / 16], rows),
    }
    start, T = rng.integers(-8, 9, (rows, d)) / 2, sum(horizons)
    gamma = np.full(rows, float(coefficient(operator, d)))
    return Stages(T, 1, tuple(range(1, T + 1)), 1, operator, functions, start, "stages", parameters, gamma, horizons=horizons)


_AGAINST_FREE_MAPS = (((1, 2), 1, 1), ((2, 4), 1, 1), ((3,), 2, 1), ((1, 2), 1, 2))
"""Iterations of each stage, workers and samples of the runs against free maps that an adversary starts from."""


def adversarial(count: int, seed: int) -> Iterator[Stages]:
    """Batches of `count` runs against free maps for the adversary to start from."""
    for horizons, workers, samples in _AGAINST_FREE_MAPS:
        rng = generator(seed, "adversary", "stages", horizons, workers, samples)
        spec = _drawn(horizons, workers, samples, DIMENSION, FREE_MAP, count, rng)
        yield replace(spec, directions=directions((count, sum(horizons), workers, DIMENSION), rng))


MOST_INSTANCES = 400  # of a structure: pools stay in memory


@pooled
def pool(effort: Effort, seed: int) -> Iterator[Group]:
    """Runs drawn once for every claim, grouped by their stages."""
    drawn = draw(min(effort.instances, MOST_INSTANCES), generator(seed, "mdsgd_stages"))
    return grouped((spec.horizons, shown(spec), rows_of(spec)) for spec in drawn)


def shown(spec: Stages) -> dict[str, np.ndarray]:
    """What a float batch shows, and its letters with the constants taken tight."""
    seen = observe(spec)
    return seen.measured | letters(spec, tight(seen))


_PARAMETERS = {"weak_convexity": scaled, "slack": scaled, "beta": shares_near}


def _of_c(spec: Stages) -> Stages:
    """The same with c as large as its functions need."""
    flattest = spec.functions.mean().mean().pieces()[1].reshape(len(spec.start), -1).min(-1)
    return replace(spec, parameters={**spec.parameters, "weak_convexity": np.maximum(spec.parameters["weak_convexity"], -flattest)})


def _numbers(spec: Stages) -> Numbers:
    found = numbers_of(spec, _PARAMETERS)
    return replace(found, put=lambda *moved: _of_c(found.put(*moved)))


def _moves(spec: Stages, size: float) -> Iterator[Stages]:
    """A run's neighbours; its functions stay those of c, which is no parameter of theirs where they are convex."""
    yield from map(_of_c, numbers_near(spec, size, _PARAMETERS))
    if size < 1:
        return
    d, first, count = spec.shape[3], spec.horizons[0], len(spec.horizons)
    for operator in operators_near(spec.operator, d):
        yield replace(spec, operator=operator, gamma=np.full_like(spec.gamma, float(coefficient(operator, d))))
    if spec.directions is not None:
        return  # there is one for every use
    for begin, many in ((first + 1, count), (first - 1, count), (first, count + 1), (first, count - 1)):
        if begin and many:
            horizons = tuple(begin * (s + 1) for s in range(many))
            yield replace(spec, horizon=sum(horizons), synchronise=tuple(range(1, sum(horizons) + 1)), horizons=horizons)


_BESIDE = Runs(_moves, shown, work, _numbers)

# ---- the arena ----


class StageArena:
    """Theorem 12 and its steps."""

    name = "mdsgd_stages"

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        short = self._searched(reading, pool(effort, seed), effort, lambda: adversarial(effort.steered, seed))
        return with_long(self, reading, effort, seed, short)

    def _searched(self, reading: Reading, groups: Iterable[Group], effort: Effort, batches: Callable[[], Iterable[Stages]]) -> Attack:
        adversary = Adversary(
            batches,
            lambda spec: True,
            shown,
            work,
            lambda spec, by, before: _of_c(paced(spec, by, ("slack",))),
            Inputs(least=-1.0),
            effort.steered,
            effort.moves,
        )
        return search(self, reading, groups, _written, lambda origin: work(origin[0]), _BESIDE, effort.moves, adversary=adversary)

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none."""
        run = begun(instance, _moved, decode)
        return self._searched(reading, beginnings(_BESIDE, run, generator(seed, "onward")), effort, lambda: [run])

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        if "law" in instance:
            return ARENAS[f"{self.name}, long"].replay(reading, instance)
        spec, constants = decode(instance)
        seen = observe(spec)
        F = spec.functions.mean().mean()
        case = Case(
            measured=seen.measured | letters(spec, constants) | free_of(instance),
            synchronise=spec.synchronise,
            compressions=[],
            second_moments=set(seen.second_moments.ravel()),
            functions=Pieces(*(each[0][None] for each in F)),
        )
        judged = judge(reading.given, case)
        judged["bounded_below"] = (bool(F.bounded_below().all()), "F* is finite")
        return replayed(reading, case.measured, judged)

    def cost(self, instance: Instance) -> int:
        """Iterations of one worker along one sample path."""
        workers, samples, T = len(instance["functions"]), len(instance["functions"][0]), sum(instance["horizons"])
        return T * workers * samples ** (T * workers * int(instance["batch"]))

    def simpler(self, instance: Instance) -> Iterator[Instance]:
        """Variants with fewer stages, workers, samples or knots, or in other units."""
        functions, horizons = instance["functions"], instance["horizons"]
        if len(horizons) > 1:
            yield instance | {"horizons": horizons[:-1]}
        if len(functions) > 1:
            for r in range(len(functions)):
                yield instance | {"functions": functions[:r] + functions[r + 1 :]}
        if len(functions[0]) > 1:
            yield instance | {"functions": [worker[:1] for worker in functions]}
        if instance["operator"]["name"] != "identity":
            yield instance | {"operator": {"name": "identity"}}
        for position, loss in product((Fraction(1), Fraction(10), Fraction(1, 10), Fraction(1000), Fraction(1, 1000)), repeat=2):
            if (position, loss) != (1, 1):
                yield _moved(instance, position, loss)

    def refit(self, instance: Instance) -> Instance:
        """The same run with its constants taken as small as it allows. Raises: ValueError if there is no such run."""
        return with_free(encode(decode(instance)[0]), instance.get("free"))


def _moved(instance: Instance, position: Fraction, loss: Fraction) -> Instance:
    """The same run after x -> position x, f -> loss f; its stated constants are left to `refit`."""
    unit = position**2 / loss
    return instance | {
        "functions": moved_functions(instance["functions"], position, loss),
        "start": times(position, instance["start"]),
        "parameters": {name: times(unit ** UNITS[name], value) for name, value in instance["parameters"].items()},
    }


def _written(origin: tuple[Stages, int], scale: tuple[Fraction, Fraction]) -> Instance:
    return to_instance(*origin, *scale)


ARENA = StageArena()
register(ARENA)
