"""The adversary of runs on functions: conditional gradient through the torch twin, on hundreds of runs in one batch.

It sets every curvature within the class, every slope (and so what the samples of a worker differ in), every knot, the start, and, against
a free contraction map, what is left of every input. The ratio of a claim is taken in tensors, constants and all: its derivatives say where
each input is to go. A curvature goes to the end of its range, a direction to its normalised derivative, as the adversary of the memory
lemmas has them (`validation.ascent`); slopes, knots and starts, which have no range, by shares of their own size along theirs. Not all of
the ratio is convex, so that several lengths are tried and the best is taken, as the arena itself measures and judges it: a derivative
decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any, Protocol

import numpy as np

from theory.claim import Relation
from validation.attack import MOST_NUMBERS
from validation.floors import plain
from validation.free_maps import NAME
from validation.hypotheses import Pieces
from validation.nearby import GRID, Rate, Scored, changed, chosen_rows, keeps
from validation.quantities import NotMeasured, evaluate, free_index

DIMENSION = 3
"""Of the runs that are searched: on a line, or in a plane, residuals are trapped."""
SHARES = (1.0, 1 / 4, 1 / 16)
"""How far every input goes, in turn: of the way, or of its own size."""
WAYS = tuple((share, bends, turn) for share in SHARES for bends, turn in ((True, 0), (True, -1), (True, 1), (False, 0)))
"""And whether curvatures go along, and all steps down or up with them: conditions tie the two to each other."""
FINE = 1 << 12
"""Factors are rounded to a grid of one over this, so that a fraction stays one."""
WORTH = 1e-4
"""Relative growth of a ratio for which a run is moved."""
LEAST_CURVATURE = 1 / 64
"""Of convex functions, over the largest."""
GO_ON = 64
"""Runs of a batch that go on whatever they come to; of more the better half after every step."""
KEPT = 8
"""Of every batch, the runs that are told."""
COEFFICIENT = "1/4"
"""Of the free maps that are searched first; the local search moves it."""


@dataclass(frozen=True)
class Inputs:
    """What the adversary may set: curvatures from `least` times the largest on, workers all `alike` (along the first axis after the batch)

    or not.
    """

    convexity: str = ""
    least: float = LEAST_CURVATURE
    alike: bool = False


class Steering(Protocol):
    """A search by derivatives."""

    def search(
        self, drawn: Iterable[Any], relation: Relation, rate: Rate, free: Mapping[str, Fraction], reached: float
    ) -> Iterator[tuple[list[Scored], int]]:
        """Of one batch after the other: the best of its runs after all steps, and how many runs met the conditions on the way.

        `reached`: the best ratio so far; where that is 1, nothing climbs.
        """
        ...


@dataclass(frozen=True)
class Adversary:
    """What an arena puts to the test for a reading: batches of runs to start from, besides those that were drawn, and which of these its

    inputs may be set of; how a batch is measured, and what a row of it takes; a batch that was moved with all its steps times a factor, as
    the batch before it had them; how many starts of each batch climb, and how many times they are moved; derivatives by name of a batch, a
    relation and free letters, where they are not those of tensors; how many batches climb at least (more where starts are many).
    """

    batches: Callable[[], Iterable[Any]]
    suits: Callable[[Any], bool]
    measure: Callable[[Any], dict[str, Any]]
    work: Callable[[Any], int]
    paced: Callable[[Any, float, Any], Any]
    inputs: Inputs
    starts: int
    steps: int
    derive: Callable[[Any, Relation, Mapping[str, Fraction]], dict[str, np.ndarray]] | None = None
    fewest: int = 4

    def search(
        self, drawn: Iterable[Any], relation: Relation, rate: Rate, free: Mapping[str, Fraction], reached: float
    ) -> Iterator[tuple[list[Scored], int]]:
        """Of one batch after the other: the best of its runs after all steps, and how many runs met the conditions on the way.

        All are rated first, so that those climb that begin nearest to the bound: none where that was `reached`.
        """
        if not self.steps or not self.starts:
            return
        begun = []
        for batch in chain(filter(self.suits, drawn), self.batches()):
            above: list[Scored] = []
            ratios, tried = self._rated(batch, rate, dict(free), above)
            yield above, tried
            begun.append((float(ratios.max(initial=0)), batch, ratios))
        begun.sort(key=lambda each: -each[0])
        if begun and max(reached, begun[0][0]) < 1 - WORTH:
            for _, batch, ratios in begun[: max(self.starts // 32, self.fewest)]:
                yield self._ascend(batch, ratios, relation, rate, dict(free))

    def _rated(self, batch: Any, rate: Rate, free: dict[str, Fraction], above: list[Scored]) -> tuple[np.ndarray, int]:
        """The best ratio of each run that does not break the bound, [rows], and how many met the conditions.

        -1 for others: of those that break it the worst goes to `above`.
        """
        ratios = rate(self.measure(batch), len(batch.start), free)
        if (breaks := ratios > 1 + 1e-9).any():
            scale, row = np.unravel_index(int(np.where(breaks & np.isfinite(ratios), ratios, -1).argmax()), ratios.shape)
            above.append(Scored(float(ratios[scale, row]), int(scale), (batch, int(row)), free))
        return np.where(breaks.any(0), -1, ratios.max(0)), int((ratios >= 0).any(0).sum())

    def _ascend(self, run: Any, ratios: np.ndarray, relation: Relation, rate: Rate, free: dict[str, Fraction]) -> tuple[list[Scored], int]:
        above: list[Scored] = []
        tried = 0
        most = min(self.starts, MOST_NUMBERS // (len(WAYS) * max(self.work(run), 1)), int((ratios > 0).sum()))
        best_first = np.argsort(-ratios, kind="stable")[:most]
        run, ratios = chosen_rows(run, best_first), ratios[best_first]
        for _ in range(self.steps if len(ratios) else 0):
            try:
                slopes = self.derive(run, relation, free) if self.derive else derivatives(run, relation, self.measure, free)
            except NotMeasured:  # nothing that the adversary sets is spoken of
                break
            ways = [
                self.paced(_moved(run, slopes, share, bends, self.inputs), round(math.exp(turn * share) * FINE) / FINE, run)
                for share, bends, turn in WAYS
            ]
            batch = changed(lambda *values: np.concatenate(values), *ways)
            before = Pieces(*(np.concatenate([each] * len(ways)) for each in run.functions))
            rows = np.flatnonzero(keeps(before, batch.functions, self.inputs.convexity))
            rated_ways = np.full(len(batch.start), -1.0)
            if len(rows):
                rated_ways[rows], met = self._rated(chosen_rows(batch, rows), rate, free, above)
                tried += met
            others = rated_ways.reshape(len(ways), -1)
            better = others.max(0) > (1 + WORTH) * ratios
            if not better.any():
                break
            taken = chosen_rows(batch, others.argmax(0) * len(ratios) + np.arange(len(ratios)))
            run = changed(partial(_where_rows, better), taken, run)
            ratios = np.where(better, others.max(0), ratios)
            if len(ratios) > GO_ON:
                better_half = np.argsort(-ratios, kind="stable")[: max(len(ratios) // 2, GO_ON)]
                run, ratios = chosen_rows(run, better_half), ratios[better_half]
        top = np.argsort(-ratios, kind="stable")[:KEPT]
        if not len(top):
            return above, tried
        kept = chosen_rows(run, top)
        at_scales = rate(self.measure(kept), len(top), free)
        told = [Scored(float(at_scales[:, row].max()), int(at_scales[:, row].argmax()), (kept, row), free) for row in range(len(top))]
        return [*told, *above], tried


def paced(run: Any, factor: float, names: Container[str]) -> Any:
    """A batch with these of its parameters times a factor."""
    return replace(run, parameters={name: values * factor if name in names else values for name, values in run.parameters.items()})


def _where_rows(rows: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The rows of one, else those of the other."""
    return np.where(rows.reshape(-1, *(1,) * (other.ndim - 1)), one, other)


def directions(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Random ones to start from, [batch, uses, R, d], 1 long; of every third run one for all workers, which may have one function."""
    drawn = rng.standard_normal(shape)
    drawn[::3] = drawn[::3, :, :1]
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)  # type: ignore[no-any-return]


FREE_MAP = {"name": NAME, "gamma": COEFFICIENT}
"""As the operator of a run."""


def derivatives(
    run: Any, relation: Relation, measure: Callable[[Any], dict[str, Any]], free: Mapping[str, Fraction]
) -> dict[str, np.ndarray]:
    """Of the ratio of each run, along everything that the adversary may set, by name; of the shape of each. Raises: NotMeasured."""
    import torch

    inputs = {**run.functions._asdict(), "start": run.start, **({} if run.directions is None else {"directions": run.directions})}
    inputs = {name: torch.tensor(values, requires_grad=True) for name, values in inputs.items()}
    functions, others = (
        {name: each for name, each in inputs.items() if (name in Pieces._fields) == of_functions} for of_functions in (True, False)
    )
    measured = measure(replace(run, functions=Pieces(**functions), **others))
    measured |= {name: np.full(len(run.start), float(value)) for name, value in free.items()}
    ratios = ratio_of(relation, measured)
    found = torch.autograd.grad(ratios[torch.isfinite(ratios)].sum(), list(inputs.values()), allow_unused=True, materialize_grads=True)
    return {name: np.nan_to_num(plain(each)) for name, each in zip(inputs, found, strict=True)}


def ratio_of(relation: Relation, measured: Mapping[str, Any]) -> Any:
    """Small over large side of a relation where it is largest over time, [batch], in tensors; 0 where the large one is not positive."""
    import torch

    small, large = (relation.rhs, relation.lhs) if relation.op in (">=", ">") else (relation.lhs, relation.rhs)
    index = free_index((small, large), measured)
    small, large = torch.broadcast_tensors(*(torch.as_tensor(evaluate(side, measured, index)) for side in (small, large)))
    if not small.requires_grad and not large.requires_grad:
        raise NotMeasured(f"{relation} is the same whatever the adversary does")
    return torch.where(large > 0, small / torch.where(large > 0, large, 1), 0).amax(-1)


def _moved(run: Any, slopes: Mapping[str, np.ndarray], share: float, bends: bool, inputs: Inputs) -> Any:
    """Every input of every run moved by a share of the way that its derivative points; curvatures too, if it `bends`."""
    functions = run.functions
    along = Pieces(*(slopes[name].mean(1, keepdims=True) if inputs.alike else slopes[name] for name in Pieces._fields))
    curvature = np.concatenate([functions.curvature[..., None], functions.bends], -1).cumsum(-1)
    bent = _bent(curvature, along, share, inputs.least) if bends else curvature
    knots = np.sort(_by_size(functions.knots, along.knots, share), axis=-1)
    moved = Pieces(_by_size(functions.slope, along.slope, share), bent[..., 0], knots, np.diff(bent, axis=-1))
    changes: dict[str, Any] = {"functions": moved, "start": _by_size(run.start, slopes["start"], share)}
    others = {name: _by_size(run.others[name], slope, share) for name, slope in slopes.items() if name in _others(run)}
    if others:
        changes["others"] = {**run.others, **others}
    if run.directions is not None:
        aim = _unit(slopes["directions"], run.directions)
        changes["directions"] = _unit((1 - share) * run.directions + share * aim, aim)
    return replace(run, **changes)


def _others(run: Any) -> Mapping[str, np.ndarray]:
    """What may be set of a batch besides functions, start and directions."""
    return getattr(run, "others", {})


def _bent(curvature: np.ndarray, along: Pieces, share: float, least: float) -> np.ndarray:
    """The curvatures of all pieces [batch, ..., d, K + 1] a share of the way to an end of their range; straight ends stay straight."""
    of_bends = np.concatenate([along.curvature[..., None], along.bends], -1)
    slope = of_bends - np.concatenate([along.bends, 0 * along.curvature[..., None]], -1)  # a piece ends where the next bend begins
    largest = np.abs(curvature).reshape(len(curvature), -1).max(1).reshape(-1, *(1,) * (curvature.ndim - 1))
    end = np.where(slope > 0, 1, least) * np.where(largest > 0, largest, 1)
    moved = _on_grid(curvature + share * np.where(slope != 0, end - curvature, 0))
    for piece in (0, -1) if curvature.shape[-1] > 1 else ():
        moved[..., piece] = np.where(curvature[..., piece] == 0, 0, moved[..., piece])
    return moved


def _by_size(values: np.ndarray, slope: np.ndarray, share: float) -> np.ndarray:
    """Moved along the slope by a share of their own size, row by row; rows of zeros as if they were of size 1."""
    rows = (len(values), -1)
    size, steep = (np.linalg.norm(np.broadcast_to(each, values.shape).reshape(rows), axis=1) for each in (values, slope))
    by = share * np.where(size > 0, size, 1) / np.where(steep > 0, steep, 1)
    return _on_grid(values + by.reshape(-1, *(1,) * (values.ndim - 1)) * slope)


def _unit(v: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.where(norm > 0, v / np.where(norm > 0, norm, 1), otherwise)


def _on_grid(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.round(values * GRID) / GRID)
