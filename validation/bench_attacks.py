"""What attacks evaluate, in torch, in NumPy at once, and in NumPy one by one, in the same run: the promise of `tightrope bench attack`.

Three kinds of scene. The free adversary of error feedback. For each arena of runs on problems, what it draws, stepped and measured with all
constants, as its attack does: torch and NumPy go through the same code, each on its own floor (`validation.floors`). And the bare steps of
each algorithm that has two rooms (`validation.crosscheck`), with each of its compressors.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gpu import qprsgd as gpu_qprsgd
from reference import qprsgd as reference_qprsgd
from validation import error_feedback, gossip, momentum, runs, stages
from validation.attack import EFFORTS, generator
from validation.crosscheck import ALGORITHMS, MIXING, OPERATORS, Algorithm, Draw, arguments, leaves, shape_of_uniforms, with_qsgd
from validation.floors import Floor, floor, total
from validation.nearby import changed, chosen_rows
from validation.operators import Sizes

Numbers = dict[str, np.ndarray]
"""What was measured, instances first."""
ROUND_OFF, TIPPED = 1e-9, 1 / 20
"""Relative, between two rooms; and of all instances those that may differ by more, where round-off tips a compressor at a boundary."""


class Scene(NamedTuple):
    """Instances in batches, each of one structure; of each batch, a loop over single instances takes the first `looped`.

    `evaluate(batch, on)`: what a batch shows on a floor, in NumPy; `rows(batch, slice)`: some of its instances.
    """

    name: str
    of: str
    instances: int
    batches: Sequence[Any]
    evaluate: Callable[[Any, Floor], Numbers]
    rows: Callable[[Any, Any], Any] = chosen_rows
    looped: int = 2
    branches: bool = False
    """Whether an instance is a batch in itself, of all its sample paths: a loop over instances is no yardstick then."""

    def at_once(self, on: Floor) -> list[Numbers]:
        return [self.evaluate(batch, on) for batch in self.batches]

    def one_by_one(self) -> list[Numbers]:
        alone = (self.rows(batch, slice(i, i + 1)) for batch in self.batches for i in range(self.looped))
        found = [self.evaluate(instance, floor("reference")) for instance in alone]
        return [runs.joined(found[i : i + self.looped]) for i in range(0, len(found), self.looped)]


class Timed(NamedTuple):
    """Seconds of the loop scaled up to all instances, of NumPy at once and of torch, and the work of all threads of the latter two."""

    loop: float
    at_once: float
    torch: float
    at_once_work: float
    torch_work: float


def timed(scene: Scene, repeats: int) -> Timed:
    """The three rooms in turns, each represented by the fastest of its turns.

    Raises: AssertionError where their results differ by more than round-off and boundaries explain.
    """
    rooms: dict[str, Callable[[], list[Numbers]]] = {
        "torch": lambda: scene.at_once(floor("gpu")),
        "at once": lambda: scene.at_once(floor("reference")),
        "one by one": scene.one_by_one,
    }
    wall, work = (dict.fromkeys(rooms, float("inf")) for _ in range(2))
    found = {}
    for _ in range(repeats):
        for room, run in rooms.items():
            began, worked = time.perf_counter(), time.process_time()
            found[room] = run()
            wall[room] = min(wall[room], time.perf_counter() - began)
            work[room] = min(work[room], time.process_time() - worked)
    for room in ("at once", "one by one"):
        tipped = apart(found["torch"], found[room])
        assert tipped <= TIPPED, f"{scene.name}: {tipped:.1%} of the instances differ between torch and NumPy {room}"
    return Timed(wall["one by one"] * scene.instances / scene.looped, wall["at once"], wall["torch"], work["at once"], work["torch"])


def apart(ours: Sequence[Numbers], theirs: Sequence[Numbers]) -> float:
    """Which part of the instances that both have, the first of each batch, differ by more than round-off."""
    differ = []
    for one, other in zip(ours, theirs, strict=True):
        count = len(next(iter(other.values())))
        rows = np.zeros(count, dtype=bool)
        for name in one.keys() & other.keys():
            a, b = (np.nan_to_num(each[:count]).reshape(count, -1) for each in (one[name], other[name]))
            rows |= (np.abs(a - b) > ROUND_OFF * np.abs(b).max(-1, keepdims=True, initial=1e-3)).any(-1)
        differ.append(rows)
    return float(np.concatenate(differ).mean())


# ---- the free adversary ----


def adversary(instances: int = 16_000, horizon: int = 24, workers: int = 2, d: int = 3) -> Scene:
    """Two-way error feedback under free gradients and residuals, through `horizon` iterations."""
    random = generator(0, "bench", "attack")
    g, q = (random.standard_normal((horizon, instances, workers, d)) for _ in range(2))
    s, eta = random.standard_normal((horizon, instances, d)), random.uniform(0.1, 1, (horizon, instances))

    def evaluate(inputs: tuple[np.ndarray, ...], on: Floor) -> Numbers:
        g, q, s, eta = map(on.take, inputs)
        state = on.dist_ef_sgd.init(0 * s[0], workers)
        for t in range(horizon):

            def own(v: Any, uniforms: Any, t: int = t) -> Any:
                return v - 0.6 * total(v * v, -1)[..., None] ** 0.5 * q[t]

            def server(v: Any, uniforms: Any, t: int = t) -> Any:
                return v - 0.6 * total(v * v, -1)[..., None] ** 0.5 * s[t]

            state, _ = on.dist_ef_sgd.step(state, g[t], eta[t], own, None, server, None)
        return {"two_way_error_sq": np.asarray(total((state.server_memory + runs.mean_over(state.memory, -2)) ** 2, -1))}

    def rows(inputs: tuple[np.ndarray, ...], chosen: slice) -> tuple[np.ndarray, ...]:
        return tuple(each[:, chosen] for each in inputs)

    return Scene("attack", f"{horizon} iterations", instances, [(g, q, s, eta)], evaluate, rows, 50)


# ---- arenas: runs on problems ----


def arenas(instances: int = 48_000, every: int = 4) -> Iterator[Scene]:
    """What the arenas draw: of their structures whose runs have one path every fourth; and, of those with noise, all paths of a few.

    Compressors come in threes and fives, so every fourth meets them all. The instances are enough for two threads: torch gives work to a
    second one from 32,768 numbers on, and a run of one worker on a line has one number at a time.
    """

    def drawn(specs: Any, of: Callable[[Any], Any] = lambda spec: spec.operator["name"] != "rand_k") -> list[Any]:
        return [spec for spec in specs if len(spec.start) == instances and of(spec)][::every]

    def random(name: str) -> np.random.Generator:
        return generator(0, "bench", name)

    sync = drawn(runs.draw("strongly convex", "strongly convex", False, instances, random("theorem 2")))
    yield Scene("run", "Algorithm 1 of Qsparse, Theorem 2", instances, sync, _by_parts(_run))
    smooth = drawn(runs.draw("smooth", "fixed", False, instances, random("asynchronous")))
    own = [each for spec in smooth for each in runs.own_synchronisations(spec, False, random("sets"))]
    yield Scene("asynchronous run", "Algorithm 2 of Qsparse", instances, own, _by_parts(_run))
    few = max(min(instances // 16, 1_000), 12)  # of a structure: each instance has up to a thousand paths
    noisy = [spec for spec in runs.draw("strongly convex", "four over mu", False, 3 * few, random("local"), True) if len(spec.start) == few]
    yield Scene("local SGD run", "local SGD with noise, all sample paths of each", few, noisy, _by_parts(_run), branches=True)
    mdsgd = drawn(momentum.draw("smooth", "any", instances, random("mdsgd")))
    yield Scene("M-DSGD run", "M-DSGD", instances, mdsgd, _by_parts(_momentum))
    staged = drawn(stages.draw(instances, random("stages")))
    yield Scene("stages", "stagewise M-DSGD", instances, staged, _by_parts(_stages))
    ef = drawn(error_feedback.draw("4", "decreasing", instances, random("dist_ef")))
    yield Scene("dist-EF run", "Algorithm 4 of dist-EF", instances, ef, _by_parts(_error_feedback, _parts_of_error_feedback))
    for kind in ("ring", "gossip"):
        effort = replace(EFFORTS["quick"], instances=3 * few)
        cases = [each for each in gossip.Runs(kind).draw({}, effort, random(kind)) if each[0]["law"] in ("paths", "moments")][::every]
        yield Scene(f"{kind} run", f"QPRSGD by {kind}, all outcomes of each", few, cases, _gossip, branches=True)


def _by_parts(
    evaluate: Callable[[Any, Floor], Numbers], parts: Callable[[Any], Iterable[Any]] = runs.parts
) -> Callable[[Any, Floor], Numbers]:
    """A batch in parts that the cache holds, each of which is new, so that what was asked of its functions before is asked again."""
    return lambda spec, on: runs.joined([evaluate(part, on) for part in parts(replace(spec))])


def _parts_of_error_feedback(spec: error_feedback.Spec) -> Iterator[Any]:
    B, T, R, _, d = spec.shape
    return runs.cut(spec, B, T * len(error_feedback.paths(spec).probability) * R * d)


def _run(spec: runs.Spec, on: Floor) -> Numbers:
    flattest, _ = spec.curvatures
    seen = runs.observe(spec, flattest if (flattest > 0).all() else None, on)
    return seen.measured | runs.letters(spec, runs.tight(spec, seen, False))


def _momentum(spec: runs.Spec, on: Floor) -> Numbers:
    seen = momentum.observe(spec, momentum.strong_convexity(spec), True, on)
    return seen.measured | momentum.letters(spec, momentum.tight(spec, seen))


def _stages(spec: stages.Stages, on: Floor) -> Numbers:
    seen = stages.observe(spec, on)
    return seen.measured | stages.letters(spec, stages.tight(seen))


def _error_feedback(spec: error_feedback.Spec, on: Floor) -> Numbers:
    seen = error_feedback.observe(spec, on)
    return seen.measured | error_feedback.letters(spec, seen.measured["gradient_sq"], error_feedback.tight(spec, seen, False))


def _gossip(case: tuple[Any, Any], on: Floor) -> Numbers:
    structure, arrays = case
    letters = gossip.KINDS[structure["of"]].letters(structure, arrays)  # type: ignore[attr-defined]
    return letters | gossip.observe(structure, arrays, letters["eta"], on)


# ---- bare steps ----

WITH_COPIES = Algorithm(reference_qprsgd.init_gossip, reference_qprsgd.step_gossip, gpu_qprsgd.step_gossip, with_qsgd, {"W": MIXING})
"""Gossip, whose reference keeps copies of its neighbours from step to step."""
STEPPED = {**ALGORITHMS, "g_qprsgd": WITH_COPIES}


class Steps(NamedTuple):
    """Runs of an algorithm with one of its compressors: the state they start from, and the arguments of each iteration, instances first."""

    compressor: int
    state: Any
    inputs: tuple[dict[str, Any], ...]


SIZES = Sizes(6, 1, 2, 1)
"""Of bare steps: d (so that segments of the ring are even), k, intervals of a quantiser, m of a norm; small, as attacks have them."""


def steps(name: str, instances: int = 16_000, horizon: int = 8) -> Scene:
    """The bare steps of an algorithm, with each of its compressors, on gradients drawn at random."""
    algorithm, draw = STEPPED[name], Draw(generator(0, "bench", name), np.dtype(float), 0, instances, SIZES.d)
    wanted = [each for each in OPERATORS if each in inspect.signature(algorithm.step).parameters]
    pairs = algorithm.compressors(SIZES) if wanted else [(None, None)]

    def drawn(compressor: int) -> Steps:
        inputs = []
        for t in range(horizon):
            found = arguments(algorithm.step, algorithm.given, draw._replace(t=t), first=1)  # after the state
            for each in wanted:
                shape = shape_of_uniforms(each, pairs[compressor][0], draw)
                found[OPERATORS[each]] = draw.rng.random(shape) if shape else None
            inputs.append({key: value for key, value in found.items() if key not in algorithm.given})
        return Steps(compressor, algorithm.init(**arguments(algorithm.init, algorithm.given, draw)), tuple(inputs))

    def evaluate(batch: Steps, on: Floor) -> Numbers:
        room = int(on is floor("gpu"))
        step, compress = (algorithm.step, algorithm.twin)[room], pairs[batch.compressor][room]
        (_, state, inputs), given = changed(on.take, batch), changed(on.take, dict(algorithm.given))
        operators = {"compress": compress} if compress else {}
        for each in inputs:
            state, _ = step(state, **each, **given, **operators)
        return {str(i): np.asarray(leaf) for i, leaf in enumerate(leaves(state))}

    batches = [drawn(compressor) for compressor in range(len(pairs))]
    return Scene(f"{name} steps", f"{horizon} steps with each of {len(pairs)} compressor(s)", instances, batches, evaluate)


def scenes() -> Iterator[Scene]:
    """All of them."""
    yield adversary()
    yield from arenas()
    yield from map(steps, STEPPED)
