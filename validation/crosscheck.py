"""The twins side by side: each operator, and each step of an algorithm *from the reference's state*, with the same randomness.

Two correct rooms differ by round-off alone, or where a uniform lies within round-off of the boundary between two levels. The first is
bounded by a derived number of ulps; the second is counted, and accepted only where moving the uniform by that round-off makes the
reference itself give the twin's value. Anything else is a disagreement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch

from gpu import operators as gpu_operators
from gpu import qsparse_local_sgd as gpu_sgd
from reference import operators as reference_operators
from reference import qsparse_local_sgd as reference_sgd
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
    """The torch room: a registry of operators, and the functions of Algorithm 1."""

    operators: Mapping[str, Callable[..., Any]] = gpu_operators.OPERATORS
    step: Callable[..., Any] = gpu_sgd.step
    local_momentum: Callable[..., Any] = gpu_sgd.local_momentum
    block_momentum: Callable[..., Any] = gpu_sgd.block_momentum


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
    """Compares the twins, all or by name: the operators of the registries, "algorithm_1", "local_momentum", "block_momentum".

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


ALGORITHMS = ("algorithm_1", "local_momentum", "block_momentum")
BETA = 0.9
COMPRESSORS = tuple(map(structure, ("identity", "top_k", "rand_k", ("sign_comp", "top_k"), QUANTISED)))


def _algorithm(name: str, dtype: np.dtype, seed: int, effort: Effort, twins: Twins) -> Crosscheck:
    return _judged(name, dtype, _algorithm_cases(name, dtype, seed, effort, twins))


def _algorithm_cases(name: str, dtype: np.dtype, seed: int, effort: Effort, twins: Twins) -> Iterator[Comparison]:
    """Several runs at once, each with its own steps and synchronisations, on gradients drawn at random; no step builds on the twin's."""
    rng = generator(seed, "crosscheck", name, dtype.name)
    sizes = Sizes(16, 4, 2, 1)
    shape = (RUNS, WORKERS, sizes.d)
    for parts in COMPRESSORS:
        reference, twin = (build(room, parts, sizes) for room in (reference_operators.OPERATORS, twins.operators))
        state = reference_sgd.init(rng.standard_normal((RUNS, sizes.d)).astype(dtype), WORKERS)
        velocity = np.zeros(shape, dtype=dtype)
        for t in range(effort.instances // 4):
            gradients = (rng.standard_normal(shape) * 10.0 ** rng.integers(-2, 3, shape)).astype(dtype)
            eta = rng.choice([0.5, 0.1, 0.013], RUNS).astype(dtype)
            synchronise = rng.random(RUNS) < (0.5 if t % 4 else 1.0)
            u = _uniforms(rng, (RUNS, WORKERS, reference.draws, sizes.d), dtype) if reference.draws else None

            def expected(
                u: np.ndarray | None, state: Any = state, velocity: np.ndarray = velocity, g: np.ndarray = gradients,
                eta: np.ndarray = eta, synchronise: np.ndarray = synchronise, reference: Any = reference,
            ) -> tuple[np.ndarray, ...]:  # fmt: skip
                if name == "local_momentum":
                    velocity = g = reference_sgd.local_momentum(velocity, g, dtype.type(BETA))
                elif name == "block_momentum":
                    g, velocity = reference_sgd.block_momentum(state, velocity, g, eta, synchronise, dtype.type(BETA))
                after, messages = reference_sgd.step(state, g, eta, synchronise, reference, u)
                return (*after, messages, velocity)

            got = _twin_step(name, twins, twin, (state, velocity, gradients, eta, synchronise, u))
            parts_of_update = (state.x[:, None], state.x_hat, state.memory, eta[:, None, None] * gradients, velocity)
            size = sum((_size(each) for each in parts_of_update), start=np.zeros((RUNS, WORKERS, 1)))
            scale = [size.max(1), size, size, size, size / (eta[:, None, None] if name == "local_momentum" else 1)]
            allowed = allowed_ulps(parts, sizes.d) + WORKERS + 8  # the sums of lines 5, 9, 10 and 18, and momentum
            boundary = (sizes.d + 8) * sizes.s * float(np.finfo(dtype).eps)
            yield Comparison(got, expected, u, scale, allowed, boundary)
            *fields, _, velocity = expected(u)
            state = reference_sgd.State(*fields)


def _twin_step(name: str, twins: Twins, twin: Any, given: tuple[Any, ...]) -> list[np.ndarray]:
    reference_state, *arrays = given
    state = gpu_sgd.State(*(torch.from_numpy(np.array(field)) for field in reference_state))
    velocity, gradients, eta, synchronise, u = (_tensor(each) for each in arrays)
    if name == "local_momentum":
        velocity = gradients = twins.local_momentum(velocity, gradients, BETA)
    elif name == "block_momentum":
        gradients, velocity = twins.block_momentum(state, velocity, gradients, eta, synchronise, BETA)
    after, messages = twins.step(state, gradients, eta, synchronise, twin, u)
    return [each.numpy() for each in (*after, messages, velocity)]
