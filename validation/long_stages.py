"""Arena "mdsgd_stages, long": stagewise M-DSGD on quadratics whose moments close, so that its stages may add up to a million iterations.

Instances are those of the arena "mdsgd_stages", with {"law": "moments"}: quadratics as in `long_runs`, the same for all workers but for
noise. A stage is a power of one matrix on the moments of iterate, momenta, memories, anchor and mean iterate; the next one starts from the
moments of the mean iterate.

Of a stage, stochastic gradients are measured at its first and last iteration, no others: what bounds them must bound these. Iterates and
memories, which must be bounded at every time, are bounded by what no time exceeds: within a stage, M-DSGD runs around the proximal point of
the anchor on a quadratic that is 1 / gamma steeper; its way there keeps to the box of a run without noise (`linear.reach`), in proportion
to the anchor, and what noise adds from rest only grows. G must bound gradients on the box of runs with noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from sympy.core.function import AppliedUndef

from reference import mdsgd
from theory.claim import Hypothesis, Reading
from validation import linear, long_runs, moments, stages
from validation.attack import Effort, Instance, register
from validation.hypotheses import Case, Judgement, Pieces
from validation.linear import Form, Slots, alone, joined, together
from validation.long_runs import Kind, LongRuns, Seen, most, on_largest, roots
from validation.runs import above_0, coefficient, exactly
from validation.stages import Stages

BOUNDED = ("total_memory_sq", "iterate_distance_sq")
"""What must be bounded at every time of every stage."""


@dataclass(frozen=True)
class Stagewise(linear.Momentum):
    """A stage of M-DSGD: iterate, momenta, memories, anchor; `envelope` (gamma) [B]."""

    envelope: np.ndarray

    @property
    def size(self) -> int:
        return 2 * self.workers + 2

    def split(self, z: np.ndarray) -> mdsgd.State:
        return super().split(z[..., :-1, :])

    def act(self, z: np.ndarray, w: np.ndarray, slots: Slots, uniforms: np.ndarray | None) -> np.ndarray:
        state = self.split(z)
        stage = mdsgd.Stage(state, z[..., -1, :], state.x * 0)  # the mean iterate is added up beside the state
        g = self.gradients(np.repeat(state.x[..., None, :], self.workers, axis=-2), w)
        after, _ = mdsgd.stage_step(stage, g, slots.eta, self.beta, self.envelope, self.compressor(uniforms))
        return joined(*after.state, after.anchor)

    def begin(self) -> np.ndarray:
        stage = mdsgd.stage_init(self.start, self.workers)
        return joined(*stage.state, stage.anchor)

    def following(self, mean: np.ndarray) -> np.ndarray:
        """The state at the start of the stage after one of that mean iterate [..., 1, d]."""
        nothing = np.repeat(mean, self.workers, axis=-2) * 0
        stage = mdsgd.next_stage(mdsgd.Stage(mdsgd.State(mean[..., 0, :], nothing, nothing), mean[..., 0, :], mean[..., 0, :]), 1)
        return joined(*stage.state, stage.anchor)

    def coordinates(self, z: np.ndarray, slots: Slots) -> np.ndarray:
        return np.concatenate([super().coordinates(z, slots), z[..., -1:, :]], axis=-2)

    def forms(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        state = self.split(z)
        return {"iterate_distance_sq": Form(1, alone(state.x)), "total_memory_sq": Form(1, alone(state.memory.sum(-2)))}

    def during(self, z: np.ndarray, slots: Slots) -> dict[str, Form]:
        x, share = self.split(z).x, Fraction(1, self.workers) if self.exact else 1 / self.workers
        g = self.gradients(np.repeat(x[..., None, :], self.workers, axis=-2), self.noise * 0)
        pulled = self.noisy(g + ((x - z[..., -1, :]) / self.envelope[:, None])[..., None, :])
        return {"stage_gradient_sq": Form(share, together(pulled.reshape(*pulled.shape[:-3], -1, pulled.shape[-1])))}

    def around_proximal_point(self) -> linear.Momentum:
        """A stage seen from the proximal point of an anchor 1, [B, d]: M-DSGD on a quadratic that is 1 / gamma steeper."""
        pull = 1 / self.envelope[:, None]
        start = self.curvature / (self.curvature + pull)
        return linear.Momentum(self.curvature + pull, self.slope, self.noise, start, self.operator, self.beta)


class Stage(NamedTuple):
    """What a stage shows, [B, times] by name: at its first and last iteration and at its end, and after as many from rest at x*.

    `anchor_sq`: E w~^2 of the next anchor, [B, d].
    """

    columns: dict[str, np.ndarray]
    from_rest: dict[str, np.ndarray]
    anchor_sq: np.ndarray


def followed(model: Stagewise, horizons: tuple[int, ...], etas: list[np.ndarray]) -> Iterator[Stage]:
    """The stages of a run, one after the other. Raises: ValueError for exact numbers that grow without bound."""
    (B, d), ended = model.start.shape, None
    for horizon, eta in zip(horizons, etas, strict=True):
        share = Fraction(1, horizon) if model.exact else 1 / horizon
        slots = Slots(eta[None], np.array([[True]]), eta[None] * 0 + share)
        turn, back = linear.turned(model, slots)
        branches, noise, start = linear.motion(model, slots, (turn, back))
        step = moments.step([(chance, A[0]) for chance, A in branches], noise[0])
        rest = moments.start(start * 0)
        if ended is None:
            begun = moments.start(start)
        else:
            lift = linear.probe(model.following, 1, 1, B, d, model.exact)[0]
            square = branches[0][1][0] * 0
            square[:, 0, 0] = square[:, 0, 0] + 1
            square[:, 1:-1, -1] = (turn[0] @ lift[..., 1:])[..., 0]
            begun = (moments.step([(share**0, square)]) @ ended[..., None])[..., 0]
        last, last_from_rest = (moments.sums([step], horizon - 1, P)[0] for P in (begun, rest))
        ended, ended_from_rest = ((step @ P[..., None])[..., 0] for P in (last, last_from_rest))
        columns, from_rest = {}, {}
        during = model.during(model.zero(slots), slots)
        for name, form in linear.in_coordinates(linear.rows_of(model, slots), back, True).items():
            rows = form.on_moments()[0]

            def at(*seen: np.ndarray, rows: np.ndarray = rows, weight: np.ndarray = form.weight) -> np.ndarray:
                return linear.totalled(weight, np.stack([(rows * P[:, None]).sum(-1) for P in seen]))

            columns[name] = at(begun, last) if name in during else at(begun, last, ended)
            from_rest[name] = at(ended_from_rest)
        yield Stage(columns, from_rest, ended[:, -1].reshape(B, d))


def reached(model: linear.Momentum, eta: np.ndarray) -> np.ndarray:
    """What no path of a stage seen from its proximal point exceeds: iterate and sum of memories, [B, d, 2]."""
    (B, d), slots = model.start.shape, Slots(eta[None], np.array([[True]]))

    def asked(z: np.ndarray) -> np.ndarray:
        state = model.split(z)
        return np.stack([state.x, state.memory.sum(-2)], axis=-2)

    box = linear.reach(model, slots, None)
    return box.of(linear.probe(asked, model.size, 1, B, d, model.exact)).reshape(B, d, 2)


class InStages(Kind):
    """Theorem 12's stages."""

    name = "mdsgd_stages"

    def repeated(self, spec: Stages) -> bool:
        return False

    def far(self, spec: Stages) -> bool:
        return False

    def asked(self, reading: Reading, repeated: bool) -> Reading:
        """What must be bounded at every time of every stage, put as what no time exceeds; the rest is measured stage by stage."""
        return replace(reading, given=tuple(on_largest(h) if bounded(h) else h for h in reading.given))

    def model(self, spec: Stages) -> Stagewise:
        parts = self.parts(spec)
        if spec.batch != 1 or (parts["slope"] != 0).any():
            raise ValueError("a long run in stages takes one sample at a time, of functions that differ between workers by noise alone")
        return Stagewise(**parts, beta=spec.parameters["beta"], envelope=spec.envelope)

    def etas(self, spec: Stages) -> list[np.ndarray]:
        """Of every stage, [B]."""
        return [spec.first_eta / (s + 1) for s in range(len(spec.horizons))]

    def observe(self, spec: Stages, measuring: bool = True) -> Seen:
        model, etas = self.model(spec), self.etas(spec)
        found, start_sq, half = list(followed(model, spec.horizons, etas)), model.start**2, model.curvature / 2
        anchors = np.stack([start_sq, *(stage.anchor_sq for stage in found)], axis=-1)  # [B, d, S + 1]
        gap, slope = (half[..., None] * anchors).sum(1), model.curvature / (1 + model.curvature * model.envelope[:, None])
        measured = {
            "stage_loss_gap": gap,
            "stage_potential": gap * np.arange(gap.shape[1]),
            "stage_eta": np.stack(etas, axis=-1),
            "stage_horizon": gap[:, :1] * 0 + np.array(spec.horizons),
            "stage_gradient_sq": np.stack([moments.larger(*stage.columns["stage_gradient_sq"].T) for stage in found], axis=-1),
            "envelope_gradient_sq": (slope[..., None] ** 2 * anchors).sum(1),
            "f_star": gap[:, 0] * 0,
            "initial_gap": gap[:, 0],
            "start_distance_sq": start_sq.sum(-1),
        }
        variances = (model.noise**2).sum(-1)
        try:
            largest, farthest = largest_and_farthest(model, etas, found, anchors)
        except ValueError:
            return Seen(measured, {}, None, None, variances)
        second = (model.curvature**2 * farthest**2).sum(-1)  # [S, B]
        return Seen(measured, largest, second.T[..., None], None, variances)

    def stated(self, spec: Stages, seen: Seen) -> dict[str, np.ndarray]:
        found = {"J": roots(most(seen.measured["stage_loss_gap"]))}
        if seen.second is None:
            return found
        G = roots(second_moments(seen).max(-1))
        return found | {
            "G": G,
            "U": above_0(roots(seen.largest["total_memory_sq"]), G),
            "distance_bound": roots(seen.largest["iterate_distance_sq"]),
        }

    def letters(self, spec: Stages, seen: Seen, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return stages.letters(spec, constants)

    def exact(self, spec: Stages, row: int, position: Fraction, loss: Fraction) -> Stages:
        return exactly(spec, row, position, loss, stages.UNITS)  # type: ignore[no-any-return]

    def written(self, spec: Stages) -> Instance:
        return stages.written(spec) | {"horizon": spec.horizon}

    def read(self, instance: Instance) -> tuple[Stages, dict[str, np.ndarray]]:
        if sum(map(int, instance["horizons"])) != int(instance["horizon"]):
            raise ValueError(f"horizon must be the sum of horizons, got {instance['horizon']} and {instance['horizons']}")
        return stages.decode(instance)

    def case(self, spec: Stages, seen: Seen, measured: Mapping[str, np.ndarray], constants: Mapping[str, np.ndarray]) -> Case:
        return Case(
            measured=measured,
            synchronise=spec.synchronise,
            compressions=[],
            second_moments=set() if seen.second is None else set(second_moments(seen).ravel()),
            functions=Pieces(*(each[0][None] for each in spec.functions.mean().mean())),
        )

    def suits(self, reading: Reading, spec: Stages) -> dict[str, Judgement]:
        return {}

    def pools(self, reading: Reading) -> list[tuple[Any, ...]]:
        return [()]

    def draw(self, key: tuple[Any, ...], effort: Effort, rng: np.random.Generator) -> Iterator[Stages]:
        plain, *linear_ones = long_runs.SIMPLE
        structures = [(1, 2, plain), (1, 1, linear_ones[0])]
        if effort.name != "quick":
            structures.append((2, 1, linear_ones[1]))
        for (R, d, operator), horizons in product(structures, long_stages(effort)):
            count = long_runs.count_of(effort, sum(horizons))
            functions, start = long_runs.quadratics(count, R, d, False, rng)
            parameters = {
                "weak_convexity": 2.0 ** rng.integers(-5, 3, count),
                "slack": rng.choice([1.0, 1.0, 2.0], count),
                "beta": rng.choice([0.0, 0.5, 0.75, 15 / 16], count),
            }
            gamma = np.full(count, float(coefficient(operator, d)))
            yield Stages(sum(horizons), 1, (), 1, operator, functions, start, "stages", parameters, gamma, horizons=horizons)


def long_stages(effort: Effort) -> Iterator[tuple[int, ...]]:
    """Iterations of each stage, T_0 (s + 1): a million in all, or about as many."""
    more = () if effort.name == "quick" else ((100, 2), (10**4, 1), (333_333, 2), (18_181, 10))
    for first, count in ((10**6, 1), (10**5, 4), *more):
        yield tuple(first * (s + 1) for s in range(count))


def bounded(hypothesis: Hypothesis) -> bool:
    condition = hypothesis.condition
    return condition is not None and any(f.func.__name__ in BOUNDED for f in condition.atoms(AppliedUndef))


def largest_and_farthest(
    model: Stagewise, etas: list[np.ndarray], found: list[Stage], anchors: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What E ||.||^2 of iterates and memories exceed at no time, [B] by name, and iterates on no path, [S, B, d].

    Raises: ValueError for exact numbers if nothing was found.
    """
    ahead, far, of_stages, farthest = model.around_proximal_point(), np.abs(model.start), [], []
    quiet, at_rest, proximal = replace(ahead, noise=ahead.noise * 0), replace(ahead, start=ahead.start * 0), 1 - ahead.start
    for s, (eta, stage) in enumerate(zip(etas, found, strict=True)):
        way = reached(quiet, eta)
        way[..., 0] = way[..., 0] + proximal  # from x*, for an anchor 1
        far = way[..., 0] * far + reached(at_rest, eta)[..., 0]  # so is the mean iterate, the next anchor
        farthest.append(far)
        of_anchor = {"iterate_distance_sq": way[..., 0], "total_memory_sq": way[..., 1]}
        of_stages.append({
            name: (anchors[..., s] * of_anchor[name] ** 2).sum(-1) + stage.from_rest[name][:, 0] for name in BOUNDED
        })  # fmt: skip
    largest = {name: most(np.stack([each[name] for each in of_stages], axis=-1)) for name in BOUNDED}
    return largest, np.stack(farthest)


def second_moments(seen: Seen) -> np.ndarray:
    """E ||grad f||^2 where iterates of a stage may be, at most, [B, S]."""
    assert seen.second is not None
    return seen.second[..., 0] + (seen.variances.sum(-1) / seen.variances.shape[1])[:, None]


register(LongRuns(InStages()))
