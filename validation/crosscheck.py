"""The twins side by side: each operator, and each step of an algorithm *from the reference's state*, with the same randomness.

Two correct rooms differ by round-off alone, or where a uniform lies within round-off of the boundary between two levels. The first is
bounded by a derived number of ulps; the second is counted, and accepted only where moving the uniform by that round-off makes the
reference itself give the twin's value. Anything else is a disagreement.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch

from gpu import dist_ef_sgd as gpu_ef
from gpu import local_sgd as gpu_local_sgd
from gpu import mdsgd as gpu_mdsgd
from gpu import operators as gpu_operators
from gpu import qprsgd as gpu_qprsgd
from gpu import qsparse_local_sgd as gpu_sgd
from reference import dist_ef_sgd as reference_ef
from reference import local_sgd as reference_local_sgd
from reference import mdsgd as reference_mdsgd
from reference import operators as reference_operators
from reference import qprsgd as reference_qprsgd
from reference import qsparse_local_sgd as reference_sgd
from reference.topology import chain, metropolis
from validation.attack import EFFORTS, Effort, generator
from validation.operators import SPARSIFIERS, Case, Sizes, Structure, build, names_in, structure, vectors

QUANTISED = ("compose", "qsgd", "top_k", "kept")
CATALOGUE: dict[str, tuple[Structure, ...]] = {
    name: tuple(map(structure, members))
    for name, members in {
        "identity": ("identity",),
        "top_k": ("top_k",),
        "rand_k": ("rand_k",),
        "qsgd": ("qsgd",),
        "stochastic_levels": ("stochastic_levels",),
        "stochastic_rotated": ("stochastic_rotated",),
        "sign_comp": (("sign_comp", "top_k"), ("sign_comp", "rand_k"), ("sign_comp", "identity")),
        "scaled_sign": ("scaled_sign",),
        "compose": (
            QUANTISED,
            ("compose", "qsgd", "rand_k", "whole"),
            ("compose", "stochastic_levels", "rand_k", "kept"),
            ("compose", "stochastic_levels", "top_k", "whole"),
            ("compose", "stochastic_rotated", "rand_k", "kept"),
        ),
        "scaled": (("scaled", QUANTISED),),
        "piecewise": (("piecewise", "top_k", QUANTISED, ("sign_comp", "rand_k")),),
    }.items()
}
"""What is compared for each operator of the registries: itself, with each kind of part."""

SIZES = (Sizes(8, 4, 1, 1), Sizes(16, 2, 3, 2), Sizes(64, 8, 4, 3), Sizes(4, 4, 2, 1))
DTYPES = (np.float64, np.float32)
WORKERS, RUNS = 3, 4


class Twins(NamedTuple):
    """The torch room: a registry of operators, and the steps of algorithms that are to take the place of those in `ALGORITHMS`."""

    operators: Mapping[str, Callable[..., Any]] = gpu_operators.OPERATORS
    steps: Mapping[str, Callable[..., Any]] = {}


TWINS = Twins()


@dataclass(frozen=True)
class Crosscheck:
    """What a comparison came to. `ulps`: the largest difference, in units of round-off of the input's 2-norm, of at most `allowed`;
    `boundaries`: entries that differ by a level, each explained by its uniform; `unexplained`: entries that nothing explains."""

    name: str
    dtype: str
    entries: int
    ulps: float
    allowed: float
    boundaries: int
    unexplained: int

    @property
    def agrees(self) -> bool:
        return self.unexplained == 0

    def __str__(self) -> str:
        verdict = "agrees" if self.agrees else f"DISAGREES in {self.unexplained} of {self.entries} entries"
        return f"{self.name} {self.dtype}: {verdict}, {self.ulps:.3g} of {self.allowed:.3g} ulps, {self.boundaries} rounding boundaries"


def allowed_ulps(parts: Structure, d: int) -> float:
    """Selection copies entries: 0. Else a norm sums d terms, d + 8 roundings with what surrounds it, of values no larger than the result
    (k-th of a 1-norm included); the two rooms halve an ulp each. Entries of a rotation are up to sqrt(d) times as large as its input."""
    if set(names_in(parts)) <= {*SPARSIFIERS, "piecewise"}:
        return 0.0
    return (d + 8) * (math.sqrt(d) if "stochastic_rotated" in names_in(parts) else 1)


def crosscheck(
    names: Collection[str] | None = None, seed: int = 0, effort: Effort = EFFORTS["quick"], twins: Twins = TWINS
) -> list[Crosscheck]:
    """Compares the twins, all or by name: the operators of the registries, and the algorithms of `ALGORITHMS`.

    Raises:
        ValueError: no twins have that name.
    """
    known = (*CATALOGUE, *ALGORITHMS)
    for name in names or ():
        if name not in known:
            raise ValueError(f"names must be among {', '.join(known)}, got {name!r}")
    found = []
    for name in known if names is None else names:
        compare = _algorithm if name in ALGORITHMS else _operator
        found += [compare(name, np.dtype(dtype), seed, effort, twins) for dtype in DTYPES]
    return found


# ---- comparing ----


class Comparison(NamedTuple):
    """The twin's arrays, the reference's as a function of the uniforms, and per array what one ulp is: [..., 1]-shaped scales times eps."""

    got: Sequence[np.ndarray]
    expected: Callable[[np.ndarray | None], Sequence[np.ndarray]]
    uniforms: np.ndarray | None
    scale: Sequence[np.ndarray]
    allowed: float
    boundary: float  # how far from a boundary a uniform may lie for round-off to carry it across


def _judged(name: str, dtype: np.dtype, comparisons: Iterator[Comparison]) -> Crosscheck:
    eps = float(np.finfo(dtype).eps)
    entries, boundaries, unexplained, largest, allowed = 0, 0, 0, 0.0, 0.0
    for case in comparisons:
        uniforms = [case.uniforms]
        if case.uniforms is not None:
            uniforms += [(case.uniforms + side * case.boundary).astype(dtype) for side in (-1, 1)]
        answers = [case.expected(each) for each in uniforms]
        for i, (got, scale) in enumerate(zip(case.got, case.scale, strict=True)):
            ulps = [np.abs(got.astype(float) - answer[i].astype(float)) / (eps * scale) for answer in answers]
            near = ulps[0] <= case.allowed
            elsewhere = np.any([each <= case.allowed for each in ulps[1:]], axis=0) if ulps[1:] else np.zeros_like(near)
            entries += near.size
            boundaries += int((~near & elsewhere).sum())
            unexplained += int((~near & ~elsewhere).sum())
            largest = max(largest, float(np.where(near, ulps[0], 0).max(initial=0)))
        allowed = max(allowed, case.allowed)
    return Crosscheck(name, dtype.name, entries, largest, allowed, boundaries, unexplained)


def _tensor(values: np.ndarray | None) -> torch.Tensor | None:
    return None if values is None else torch.from_numpy(np.ascontiguousarray(values))


def _uniforms(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Uniforms, half of the vectors with multiples of 1/8: ties between coordinates, and the boundaries of rounding."""
    fine = rng.random(shape, dtype=dtype.type)
    return np.where(rng.random((*shape[:-2], 1, 1)) < 0.5, fine, np.floor(8 * fine) / 8)


def _size(x: np.ndarray) -> np.ndarray:
    """||x||_2 of each row, [..., 1]; the least positive number for the zero vector, where nothing may differ."""
    return np.maximum(np.linalg.norm(x.astype(float), axis=-1, keepdims=True), np.finfo(float).tiny)


# ---- operators ----


def _operator(name: str, dtype: np.dtype, seed: int, effort: Effort, twins: Twins) -> Crosscheck:
    return _judged(name, dtype, _operator_cases(name, dtype, seed, effort, twins))


def _operator_cases(name: str, dtype: np.dtype, seed: int, effort: Effort, twins: Twins) -> Iterator[Comparison]:
    rng = generator(seed, "crosscheck", name, dtype.name)
    for parts in CATALOGUE[name]:
        for sizes in SIZES:
            reference, twin = (build(room, parts, sizes) for room in (reference_operators.OPERATORS, twins.operators))
            x = _inputs(Case(parts, sizes), rng, effort.instances, dtype)
            u = _uniforms(rng, (len(x), reference.draws, sizes.d), dtype) if reference.draws else None
            if u is not None and parts[0] in ("qsgd", "stochastic_levels"):
                for row in range(0, len(x), 4):  # exactly on the boundary, as the reference computes it
                    u[row, 0] = next(iter(reference.branches(x[row]))).chance
            got = twin(_tensor(x), _tensor(u)).numpy()
            allowed = allowed_ulps(parts, sizes.d)
            boundary = (sizes.d + 8) * sizes.s * float(np.finfo(dtype).eps)
            yield Comparison([got], partial(_applied, reference, x), u, [_size(x)], allowed, boundary)


def _applied(operator: Any, x: np.ndarray, u: np.ndarray | None) -> list[np.ndarray]:
    return [operator(x, u)]


def _inputs(case: Case, rng: np.random.Generator, count: int, dtype: np.dtype) -> np.ndarray:
    """Edges and random vectors, at sizes over twenty decades, with ties, and the zero vector: [N, d]."""
    x = vectors(case, rng, count)
    tied = np.round(x, 1)
    scaled = x * 10.0 ** rng.integers(-10, 11, (len(x), 1))
    return np.concatenate([x, tied, scaled, 0 * x[:1]]).astype(dtype)


# ---- algorithms ----

Pair = tuple[Any, Any]
"""One operator: of the reference, and its twin."""


RUN = Sizes(16, 4, 2, 1)
"""Of the runs of algorithms that are compared."""


def standard_compressors(sizes: Sizes) -> list[Pair]:
    """Deterministic and random, biased and unbiased."""
    return _both(sizes, "identity", "top_k", "rand_k", ("sign_comp", "top_k"), QUANTISED)


def with_qsgd(sizes: Sizes) -> list[Pair]:
    """The standard ones, and QSGD by itself, as QPRSGD and its baselines have it."""
    return [*standard_compressors(sizes), *_both(sizes, "qsgd")]


def _both(sizes: Sizes, *named: Any) -> list[Pair]:
    """Operators in both rooms."""
    found = map(structure, named)
    return [(build(reference_operators.OPERATORS, parts, sizes), build(gpu_operators.OPERATORS, parts, sizes)) for parts in found]


def masks(sizes: Sizes) -> list[Pair]:
    """The three kinds of M-DSGD, and no mask."""
    rooms, k, half = ((reference_operators, reference_mdsgd), (gpu_operators, gpu_mdsgd)), sizes.k, sizes.d // 2
    return list(zip(*((o.identity(), o.top_k(k), o.rand_k(k), m.approximate_top_k(k, half)) for o, m in rooms), strict=True))


def with_blocks(sizes: Sizes) -> list[Pair]:
    """The standard ones, and the blockwise scaled sign on blocks that are not consecutive."""
    partition = [range(0, sizes.d, 2), range(1, sizes.d, 2)]
    return [*standard_compressors(sizes), (reference_ef.blockwise(partition), gpu_ef.blockwise(partition))]


def deterministic_compressors(sizes: Sizes) -> list[Pair]:
    """For one machine, whose uniforms would have no axis of workers."""
    return [pair for pair in with_blocks(sizes) if not pair[0].draws]


@dataclass(frozen=True)
class Algorithm:
    """An algorithm in both rooms: `init` of the reference, its `step`, and the `twin` of that, which takes the same arguments.

    `init(...)` gives a state, `step(state, ...)` and `twin(state, ...)` give (state, messages): arrays [RUNS, d] or [RUNS, WORKERS, d] in
    (named) tuples. Arguments are drawn by their names (`DRAWN`, `OPERATORS`), so that one line enrols an algorithm; `given` says what the
    others are, and replaces what would be drawn. `compressors` take turns in the place of `compress`; with each of them `server_compress`
    is the next one, the same, and not given.
    """

    init: Callable[..., Any]
    step: Callable[..., tuple[Any, Any]]
    twin: Callable[..., tuple[Any, Any]]
    compressors: Callable[[Sizes], Sequence[Pair]] = standard_compressors
    given: Mapping[str, Any] = field(default_factory=dict)


class Velocity(NamedTuple):
    """The state of Algorithm 1 of Qsparse-local-SGD, and the velocity [..., workers, d] of momentum around it."""

    state: Any
    velocity: Any


def with_velocity(x0: np.ndarray, workers: int) -> Velocity:
    state = reference_sgd.init(x0, workers)
    return Velocity(state, np.zeros_like(state.memory))


def with_local_momentum(room: Any) -> Callable[..., tuple[Velocity, Any]]:
    """A step of `room` on the velocity of its `local_momentum`."""

    def step(state: Velocity, gradients: Any, eta: Any, synchronise: Any, beta: Any, compress: Any, uniforms: Any) -> tuple[Velocity, Any]:
        velocity = room.local_momentum(state.velocity, gradients, beta)
        after, messages = room.step(state.state, velocity, eta, synchronise, compress, uniforms)
        return Velocity(after, velocity), messages

    return step


def with_block_momentum(room: Any) -> Callable[..., tuple[Velocity, Any]]:
    """A step of `room` on what its `block_momentum` makes of the gradients."""

    def step(state: Velocity, gradients: Any, eta: Any, synchronise: Any, beta: Any, compress: Any, uniforms: Any) -> tuple[Velocity, Any]:
        pushed, velocity = room.block_momentum(state.state, state.velocity, gradients, eta, synchronise, beta)
        after, messages = room.step(state.state, pushed, eta, synchronise, compress, uniforms)
        return Velocity(after, velocity), messages

    return step


def into_the_next_stage(room: Any) -> Callable[..., tuple[Any, Any]]:
    """A step of a stage of `room`, after which the next one begins: at half of what was added up."""

    def step(state: Any, gradients: Any, eta: Any, beta: Any, envelope: Any, compress: Any, uniforms: Any) -> tuple[Any, Any]:
        after, messages = room.stage_step(state, gradients, eta, beta, envelope, compress, uniforms)
        return room.next_stage(after, 2), messages

    return step


MIXING = metropolis(chain(WORKERS))


class OwnIterates(NamedTuple):
    """The state of gossip without what each worker keeps of its neighbours, which the twin does not store."""

    x: Any
    local: Any


def start_without_copies(x0: np.ndarray, W: np.ndarray) -> OwnIterates:
    return OwnIterates(*reference_qprsgd.init_gossip(x0, W)[:2])


def without_copies(state: Any, gradients: Any, eta: Any, synchronise: Any, W: Any, compress: Any, uniforms: Any) -> tuple[Any, Any]:
    """A step of gossip in the reference, whose copies are made afresh."""
    whole = reference_qprsgd.Gossip(state.x, state.local, reference_qprsgd.heard(state.x, W))
    after, messages = reference_qprsgd.step_gossip(whole, gradients, eta, synchronise, W, compress, uniforms)
    return OwnIterates(*after[:2]), messages


ALGORITHMS: dict[str, Algorithm] = {
    "algorithm_1": Algorithm(reference_sgd.init, reference_sgd.step, gpu_sgd.step),
    "algorithm_2": Algorithm(reference_sgd.asynchronous_init, reference_sgd.asynchronous_step, gpu_sgd.asynchronous_step),
    "local_momentum": Algorithm(with_velocity, with_local_momentum(reference_sgd), with_local_momentum(gpu_sgd)),
    "block_momentum": Algorithm(with_velocity, with_block_momentum(reference_sgd), with_block_momentum(gpu_sgd)),
    "local_sgd": Algorithm(reference_local_sgd.init, reference_local_sgd.step, gpu_local_sgd.step),
    "mdsgd": Algorithm(reference_mdsgd.init, reference_mdsgd.step, gpu_mdsgd.step, masks),
    "mdsgd_aji_heafield": Algorithm(reference_mdsgd.init, reference_mdsgd.aji_heafield, gpu_mdsgd.aji_heafield, masks),
    "mdsgd_mem_sgd": Algorithm(reference_mdsgd.init, reference_mdsgd.mem_sgd, gpu_mdsgd.mem_sgd),
    "mdsgd_rescaled_mem_sgd": Algorithm(reference_mdsgd.init, reference_mdsgd.rescaled_mem_sgd, gpu_mdsgd.rescaled_mem_sgd, masks),
    "mdsgd_dgc": Algorithm(reference_mdsgd.init, reference_mdsgd.dgc, gpu_mdsgd.dgc, masks),
    "mdsgd_stage": Algorithm(reference_mdsgd.stage_init, reference_mdsgd.stage_step, gpu_mdsgd.stage_step),
    "mdsgd_next_stage": Algorithm(reference_mdsgd.stage_init, into_the_next_stage(reference_mdsgd), into_the_next_stage(gpu_mdsgd)),
    "dist_ef_sgd": Algorithm(reference_ef.init, reference_ef.step, gpu_ef.step, with_blocks, {"weight_decay": 0.01}),
    "dist_ef_block_sgd": Algorithm(reference_ef.init, reference_ef.step, gpu_ef.step, with_blocks, {"beta": 0.0, "weight_decay": 0.0}),
    "ef_sgd": Algorithm(reference_ef.init_single, reference_ef.step_single, gpu_ef.step_single, deterministic_compressors),
    "ar_qprsgd": Algorithm(reference_qprsgd.init, reference_qprsgd.step, gpu_qprsgd.step, with_qsgd),
    "qsgd_at_server": Algorithm(reference_qprsgd.init, reference_qprsgd.step_server, gpu_qprsgd.step_server, with_qsgd),
    "g_qprsgd": Algorithm(start_without_copies, without_copies, gpu_qprsgd.step_gossip, with_qsgd, {"W": MIXING}),
    "signum": Algorithm(reference_ef.init_vote, reference_ef.step_vote, gpu_ef.step_vote, given={"weight_decay": 0.01}),
    "sign_sgd": Algorithm(reference_ef.init_vote, reference_ef.step_vote, gpu_ef.step_vote, given={"beta": 0.0, "weight_decay": 0.0}),
}
"""Every algorithm with two rooms. One line enrols another."""


class Draw(NamedTuple):
    """What an argument may be drawn from: the generator, the kind of its floats, the iteration t it is for, and how large runs are."""

    rng: np.random.Generator
    dtype: np.dtype
    t: int
    runs: int = RUNS
    d: int = RUN.d

    def vectors(self) -> np.ndarray:
        """At all workers, [runs, WORKERS, d], over five decades."""
        shape = (self.runs, WORKERS, self.d)
        return (self.rng.standard_normal(shape) * 10.0 ** self.rng.integers(-2, 3, shape)).astype(self.dtype)

    def among(self, *values: float) -> np.ndarray:
        """One of the values for each run."""
        return self.rng.choice(values, self.runs).astype(self.dtype)

    def often(self, *shape: int) -> np.ndarray:
        """Whether, half of the time; in every fourth iteration everywhere."""
        return self.rng.random((self.runs, *shape)) < (0.5 if self.t % 4 else 1.0)


DRAWN: dict[str, Callable[[Draw], Any]] = {
    "x0": lambda draw: draw.rng.standard_normal((draw.runs, draw.d)).astype(draw.dtype),
    "workers": lambda draw: WORKERS,
    "gradients": lambda draw: draw.vectors(),
    "gradient": lambda draw: draw.vectors()[:, 0],
    "eta": lambda draw: draw.among(0.5, 0.1, 0.013),
    "synchronise": lambda draw: draw.often(),
    "subset": lambda draw: draw.often(WORKERS),
    "eta_next": lambda draw: draw.among(0.5, 0.1, 0.013),
    "beta": lambda draw: 0.9,
    "weight": lambda draw: draw.among(0.5, 1.0, 2.0),
    "envelope": lambda draw: draw.among(0.5, 1.0, 2.0),
}
"""How an argument of an algorithm is drawn, by its name."""

OPERATORS = {"compress": "uniforms", "server_compress": "server_uniforms"}
"""Arguments that are operators, and the uniforms each of them takes: [runs, WORKERS, draws, d]; a server's without WORKERS."""
SERVERS = (1, 0, None)
"""How many places after that of the workers the compressor of the server stands; None: it is not given, and is that of the workers."""


def arguments(function: Callable[..., Any], given: Mapping[str, Any], draw: Draw, first: int = 0) -> dict[str, Any]:
    """The arguments from the `first` on, but for operators and their uniforms. Raises: ValueError for a name not known."""
    names = [name for name in list(inspect.signature(function).parameters)[first:] if name not in (*OPERATORS, *OPERATORS.values())]
    for name in names:
        if name not in (*given, *DRAWN):
            raise ValueError(f"arguments must be given or among {', '.join((*DRAWN, *OPERATORS, *OPERATORS.values()))}, got {name!r}")
    return {name: given[name] if name in given else DRAWN[name](draw) for name in names}


def _algorithm(name: str, dtype: np.dtype, seed: int, effort: Effort, twins: Twins) -> Crosscheck:
    algorithm = ALGORITHMS[name]
    twin = twins.steps.get(name, algorithm.twin)
    return _judged(name, dtype, _algorithm_cases(algorithm, twin, effort, Draw(generator(seed, "crosscheck", name, dtype.name), dtype, 0)))


def _algorithm_cases(algorithm: Algorithm, twin: Callable[..., Any], effort: Effort, draw: Draw) -> Iterator[Comparison]:
    """Several runs at once, each with its own steps, on gradients drawn at random; no step builds on the twin's."""
    wanted = [name for name in OPERATORS if name in inspect.signature(algorithm.step).parameters]
    pairs = algorithm.compressors(RUN) if wanted else [(None, None)]
    eps = float(np.finfo(draw.dtype).eps)
    for turn, server in product(range(len(pairs)), SERVERS if "server_compress" in wanted else (0,)):
        chosen = {"compress": pairs[turn], "server_compress": pairs[(turn + (server or 0)) % len(pairs)]}
        shapes = {OPERATORS[name]: shape_of_uniforms(name, chosen[name][0], draw) for name in wanted}
        given = [name for name in wanted if name == "compress" or server is not None]
        rooms = [{name: chosen[name][room] for name in given} for room in (0, 1)]
        state = algorithm.init(**arguments(algorithm.init, algorithm.given, draw))
        for t in range(effort.instances // 4):
            inputs = arguments(algorithm.step, algorithm.given, draw._replace(t=t), first=1)  # after the state
            drawn = [_uniforms(draw.rng, shape, draw.dtype).ravel() for shape in shapes.values() if shape]
            u = np.concatenate(drawn) if drawn else None

            def expected(u: np.ndarray | None, state: Any = state, inputs: Any = inputs, ops: Any = rooms[0], shapes: Any = shapes) -> Any:
                return leaves(algorithm.step(state, **inputs, **ops, **_shared_out(u, shapes)))

            there = _in_torch((state, inputs | _shared_out(u, shapes)))
            got = [each.numpy() for each in leaves(twin(there[0], **there[1], **rooms[1]))]
            size = _reach([*leaves(state), *inputs.values()], inputs.get("eta"))
            scale = [size.reshape(-1, *(1,) * (each.ndim - 1)) for each in got]
            allowed = allowed_ulps(QUANTISED, RUN.d) + WORKERS + 8  # the operators, sums over workers, momentum and the rest of a step
            yield Comparison(got, expected, u, scale, allowed, (RUN.d + 8) * RUN.s * eps)
            state = algorithm.step(state, **inputs, **rooms[0], **_shared_out(u, shapes))[0]


def shape_of_uniforms(name: str, operator: Any, draw: Draw) -> tuple[int, ...] | None:
    """Of what the argument `name`, an operator, draws; None if it draws nothing."""
    leading = (draw.runs,) if name == "server_compress" else (draw.runs, WORKERS)
    return (*leading, operator.draws, draw.d) if operator.draws else None


def _shared_out(u: np.ndarray | None, shapes: Mapping[str, tuple[int, ...] | None]) -> dict[str, np.ndarray | None]:
    """One row of uniforms cut into the arguments it was joined from, None for an operator that is not random."""
    shared: dict[str, np.ndarray | None] = {}
    start = 0
    for name, shape in shapes.items():
        stop = start + (math.prod(shape) if shape else 0)
        shared[name] = None if u is None or shape is None else u[start:stop].reshape(shape)
        start = stop
    return shared


def leaves(nested: Any) -> list[Any]:
    """The arrays (or tensors) in nested tuples, in order."""
    return [leaf for part in nested for leaf in leaves(part)] if isinstance(nested, tuple) else [nested]


def _in_torch(nested: Any) -> Any:
    """The same tuples and dictionaries with tensors in the place of arrays; named tuples stay what they are, and a twin reads its own."""
    if isinstance(nested, dict):
        return {name: _in_torch(each) for name, each in nested.items()}
    if isinstance(nested, tuple):
        parts = map(_in_torch, nested)
        return type(nested)(*parts) if hasattr(nested, "_fields") else tuple(parts)
    return torch.from_numpy(np.array(nested)) if isinstance(nested, np.ndarray) else nested


def _reach(given: Sequence[Any], eta: np.ndarray | None) -> np.ndarray:
    """What round-off of a run is measured against, [RUNS]: the longest rows of all it is made from, whether eta multiplies or divides."""
    arrays = [each for each in given if isinstance(each, np.ndarray) and each.shape[-1:] == (RUN.d,)]
    size = sum((_size(each).reshape(RUNS, -1).max(-1) for each in arrays), start=np.zeros(RUNS))
    return size if eta is None else size * np.maximum(1, np.maximum(eta, 1 / eta))
