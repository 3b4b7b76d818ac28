"""What an arena measures is the same on both floors: runs stepped by the torch twin, and by the reference, on the same numbers.

Two correct floors differ by round-off, or where a compressor stands at a boundary (two magnitudes that tie, a sign of what is 0 but for
round-off) and round-off tips it; then the run that follows is another one. Such runs are counted, and each must be explained.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from gpu import qsparse_local_sgd as twin
from theory.symbols import QUANTITIES
from validation import error_feedback, gossip, momentum, runs, stages
from validation.attack import EFFORTS, generator
from validation.floors import (
    Floor,
    below,
    expected_inners,
    floor,
    floor_for,
    floor_of,
    if_below,
    in_order,
    laid,
    magnitude,
    mixed,
    ratio,
    repeated,
    stacked,
    tiled,
    total,
)
from validation.hypotheses import Pieces

ROUND_OFF = 1e-12  # some thousand roundings, relative to the largest thing of its unit in a run
AT_BOUNDARY = 1e-12  # of a compressor's input, relative to the largest magnitude it meets in a run
INSTANCES = 12


@dataclass
class Shown:
    """What a batch of runs shows on one floor: quantities [batch, ...] with their units, and what its compressor met, [any, batch, d].

    `magnified` [batch]: the largest factor that a step puts before what the memory holds, its round-off included.
    """

    measured: dict[str, np.ndarray]
    operator: dict[str, Any]
    inputs: np.ndarray | None
    magnified: Any = 1.0


def by_rows(values: Any, batch_axis: int) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    return np.moveaxis(values, batch_axis, 0).reshape(values.shape[batch_axis], -1)


def of_runs(convexity: str, rule: str, same: bool = False, asynchronous: bool = False) -> Iterator[Any]:
    for drawn in runs.draw(convexity, rule, False, INSTANCES, generator(1, "floors"), same):
        for spec in runs.own_synchronisations(drawn, False, generator(2, "floors")) if asynchronous else [drawn]:

            def show(on: Floor, spec: runs.Spec = spec) -> Shown:
                flattest, _ = runs.curvatures(spec.functions)
                seen = runs.observe(spec, flattest if (flattest > 0).all() else None, on)
                bounds = {"second": by_rows(seen.second_moments, 1), "variance": by_rows(seen.variances, 1)}
                return Shown(seen.measured | bounds, dict(spec.operator), np.asarray(seen.run.inputs))

            yield show


def of_momentum(convexity: str, rule: str) -> Iterator[Any]:
    for spec in momentum.draw(convexity, rule, INSTANCES, generator(1, "floors")):

        def show(on: Floor, spec: runs.Spec = spec) -> Shown:
            seen = momentum.observe(spec, momentum.strong_convexity(spec), True, on)
            return Shown(seen.measured | {"second": by_rows(seen.second_moments, 1)}, dict(spec.operator), seen.inputs)

        yield show


def of_error_feedback(algorithm: str, family: str) -> Iterator[Any]:
    for spec in error_feedback.draw(algorithm, family, INSTANCES, generator(1, "floors")):

        def show(on: Floor, spec: error_feedback.Spec = spec) -> Shown:
            seen = error_feedback.observe(spec, on)
            bounds = {"second": by_rows(seen.second_moments, 1), "variance": by_rows(seen.variances, 1)}
            d, batch = spec.shape[-1], spec.shape[0]
            met = [np.moveaxis(np.asarray(v), 1, 0).reshape(batch, -1, d) for v, _ in seen.run.used]
            shrinking = (spec.eta[:, :-1] / spec.eta[:, 1:]).max(-1, initial=1)
            return Shown(seen.measured | bounds, dict(spec.operator), np.moveaxis(np.concatenate(met, axis=1), 1, 0), shrinking)

        yield show


def of_stages() -> Iterator[Any]:
    for spec in stages.draw(INSTANCES, generator(1, "floors")):

        def show(on: Floor, spec: stages.Stages = spec) -> Shown:
            seen = stages.observe(spec, on)
            return Shown(seen.measured | {"second": by_rows(seen.second_moments, 1)}, dict(spec.operator), None)

        yield show


def of_gossip(kind: str) -> Iterator[Any]:
    drawn = gossip.Runs(kind).draw({}, EFFORTS["quick"], generator(1, "floors"))
    for structure, arrays in [each for each in drawn if each[0]["law"] in ("paths", "moments")][::4]:

        def show(on: Floor, structure: Any = structure, arrays: Any = arrays) -> Shown:
            return Shown(gossip.observe(structure, arrays, arrays["eta"], on), {"name": "qsgd"}, None)

        yield show


ARENAS = {
    "run, strongly convex": lambda: of_runs("strongly convex", "strongly convex"),
    "run, smooth": lambda: of_runs("smooth", "decaying"),
    "run, one function": lambda: of_runs("strongly convex", "four over mu", same=True),
    "run, asynchronous": lambda: of_runs("smooth", "fixed", asynchronous=True),
    "mdsgd, fixed": lambda: of_momentum("smooth", "fixed"),
    "mdsgd, any": lambda: of_momentum("convex", "any"),
    "mdsgd, suffix": lambda: of_momentum("strongly convex", "suffix"),
    "dist_ef, 1": lambda: of_error_feedback("1", "constant"),
    "dist_ef, 2": lambda: of_error_feedback("2", "decreasing"),
    "dist_ef, 4": lambda: of_error_feedback("4", "constant"),
    "dist_ef, alternating": lambda: of_error_feedback("4", "alternating"),
    "dist_ef, capped": lambda: of_error_feedback("2", "capped_step"),
    "mdsgd_stages": of_stages,
    "qprsgd, ring": lambda: of_gossip("ring"),
    "qprsgd, gossip": lambda: of_gossip("gossip"),
}


def units(name: str) -> str:
    """Of a quantity; a number of iterations has none."""
    return QUANTITIES[name].unit if name in QUANTITIES else {"second": "F^2/X^2", "variance": "F^2/X^2"}.get(name, "1")


def apart(one: Shown, other: Shown) -> np.ndarray:
    """Which runs, [batch], differ by more than round-off beside the largest thing of the same unit that they show."""
    assert one.measured.keys() == other.measured.keys()
    largest: dict[str, Any] = defaultdict(float)
    rows = {name: tuple(by_rows(each.measured[name], 0) for each in (one, other)) for name in one.measured}
    for name, (here, _) in rows.items():
        largest[units(name)] = np.maximum(largest[units(name)], np.abs(here).max(-1))
    allowed = ROUND_OFF * one.magnified
    return np.any([np.abs(a - b).max(-1) > allowed * largest[units(name)] for name, (a, b) in rows.items()], axis=0)


def at_boundary(shown: Shown) -> np.ndarray:
    """Which runs, [batch], have a compressor that stood, but for round-off, where its output jumps."""
    name = shown.operator["name"]
    if shown.inputs is None or name not in ("top_k", "sign_comp", "scaled_sign", "blockwise"):
        return np.zeros(len(next(iter(shown.measured.values()))), dtype=bool)
    size = np.abs(np.moveaxis(shown.inputs, 1, 0).reshape(shown.inputs.shape[1], -1, shown.inputs.shape[-1]))  # [batch, any, d]
    near = AT_BOUNDARY * size.max((1, 2))
    ties = np.zeros(len(size), dtype=bool)
    if name != "top_k":  # a sign of next to nothing, where it is not exactly 0 on both floors
        ties |= size.min((1, 2)) <= near
    if name in ("top_k", "sign_comp") and size.shape[-1] > shown.operator["k"]:
        descending = -np.sort(-size, axis=-1)
        k = shown.operator["k"]
        ties |= ((descending[..., k - 1] - descending[..., k]).min(-1)) <= near
    return ties


def compared(arena: str, other: Floor) -> tuple[int, int, int]:
    """Runs, those that differ, and those among them that no boundary explains."""
    total_runs = differ = unexplained = 0
    for show in ARENAS[arena]():
        one, two = show(floor("reference")), show(other)
        different = apart(one, two)
        total_runs += len(different)
        differ += int(different.sum())
        unexplained += int((different & ~at_boundary(one)).sum())
    return total_runs, differ, unexplained


@pytest.mark.parametrize("arena", ARENAS)
def test_both_floors_measure_the_same_of_every_drawn_run(arena):
    found, differ, unexplained = compared(arena, floor("gpu"))
    assert found > 100
    assert not unexplained
    assert differ <= found // 20  # boundaries are the exception


def test_some_runs_are_tipped_at_a_boundary_and_explained():
    _, differ, unexplained = compared("dist_ef, 1", floor("gpu"))
    assert differ > 0
    assert not unexplained


def planted(**changed: Any) -> Floor:
    return floor("gpu")._replace(qsparse_local_sgd=SimpleNamespace(**{**vars(twin), **changed}))


def test_an_error_in_a_twin_is_found_in_what_is_measured(monkeypatch):
    def forgetful(state, gradients, eta, synchronise, compress, uniforms=None):
        after, messages = twin.step(state, gradients, eta, synchronise, compress, uniforms)
        return after._replace(memory=after.memory * (1 - 1e-9)), messages

    wrong = planted(step=forgetful)
    monkeypatch.setattr(runs, "floor_of", lambda x: wrong if isinstance(x, torch.Tensor) else floor_of(x))
    assert compared("run, strongly convex", wrong)[2] > 0


def test_rationals_go_to_the_reference_and_floats_to_the_twin():
    assert floor_for(np.array([Fraction(1)], dtype=object)) is floor("reference") is floor_of(np.ones(1))
    assert floor_for(np.ones(1)) is floor("gpu") is floor_of(torch.ones(1))


def test_a_replay_needs_no_torch():
    program = """
import sys
from fractions import Fraction
from validation import runs
from validation.attack import generator
spec = next(runs.draw("strongly convex", "strongly convex", False, 8, generator(0, "no torch")))
runs.to_instance(spec, 1, Fraction(1), Fraction(1), False)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("shape", [(3, 2, 5), (2, 9, 3), (4, 1, 1)])
def test_sums_and_magnitudes_are_those_of_numpy_on_both_floors(shape):
    v = generator(0, "total", shape).standard_normal(shape)
    for kind in (v, torch.from_numpy(v)):
        for axis in (0, 1, -1):
            np.testing.assert_allclose(total(kind, axis), v.sum(axis), rtol=1e-13, atol=1e-15)
        np.testing.assert_array_equal(magnitude(kind), np.abs(v).max((0, 2)))


def test_a_run_of_the_twin_can_be_differentiated():
    start, functions = torch.ones((3, 1, 1), dtype=torch.float64, requires_grad=True), torch.tensor([0.5, 1.0], dtype=torch.float64)
    run = runs.trace(
        start, 2, lambda t, x: functions[:, None] * x, torch.full((3, 3), 0.25, dtype=torch.float64), (2,),
        lambda i, v: 0.5 * v, torch.ones(1, dtype=torch.float64),
    )  # fmt: skip
    memory = runs.along(run, runs.reach(run))["memory_sq"]
    (slope,) = torch.autograd.grad(memory[:, -1].sum(), start)
    # the slower of two linear workers: m = (1 - (1 - eta a)^2) x / 2, its square is quadratic in x
    np.testing.assert_allclose(slope.ravel(), 2 * np.asarray(memory[:, -1].detach()), rtol=1e-12)


def on_both(*arrays: np.ndarray) -> list[tuple[Any, ...]]:
    """The same arrays of NumPy and of torch."""
    return [arrays, tuple(map(torch.from_numpy, arrays))]


def test_paths_branch_alike_on_both_floors():
    v = np.arange(12.0).reshape(2, 3, 2)
    for (kind,) in on_both(v):
        np.testing.assert_array_equal(repeated(kind, 2, 1), np.repeat(v, 2, axis=1))
        np.testing.assert_array_equal(tiled(kind, 3), np.concatenate([v, v, v]))


def test_expected_products_and_mixing_are_those_that_are_written_out():
    random = generator(0, "inners")
    weight, u, v, alone = (random.standard_normal(shape) for shape in ((4, 5), (4, 5, 3, 2), (4, 5, 3, 2), (4, 5, 2)))
    W = random.standard_normal((3, 3))
    W = W + W.T
    for weights, a, b, c, mixes in on_both(weight, u, v, alone, W):
        found = expected_inners(weights, {"squares": (a, a), "products": (a, b), "alone": (c, c)})
        np.testing.assert_allclose(found["squares"], np.einsum("bp,bpmd,bpmd->bm", weight, u, u), rtol=1e-12)
        np.testing.assert_allclose(found["products"], np.einsum("bp,bpmd,bpmd->bm", weight, u, v), rtol=1e-12)
        np.testing.assert_allclose(found["alone"], np.einsum("bp,bpd,bpd->b", weight, alone, alone), rtol=1e-12)
        np.testing.assert_allclose(mixed(a, mixes), np.einsum("mn,bpnd->bpmd", W, u), rtol=1e-12)


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5])
def test_keys_are_put_in_order_and_equal_ones_stay_in_theirs(count):
    keys = generator(0, "order", count).integers(0, 3, (200, count)).astype(float)
    values = np.tile(np.arange(float(count)), (200, 1))
    order = np.argsort(keys, axis=-1, kind="stable")
    for kinds in on_both(keys, values):
        for found, given in zip(in_order(*kinds), (keys, values), strict=True):
            assert len(found) == count
            for i, each in enumerate(found):
                np.testing.assert_array_equal(each, np.take_along_axis(given, order, -1)[:, i])


def test_what_is_below_is_told_and_chosen_exactly_and_nothing_is_divided_by_0():
    u, v, w = (generator(0, "below").integers(-2, 3, (3, 400)) * np.array([1 / 3, 1e-30, 7e40])[:, None]).repeat(2, 1).reshape(3, 2, 400)
    for a, b, c in on_both(u, v, w):
        np.testing.assert_array_equal(below(a, b) * c, np.where(u < v, w, 0))
        np.testing.assert_array_equal(if_below(a, b, c, a), np.where(u < v, w, u))
        np.testing.assert_array_equal(ratio(c, a), np.divide(w, u, out=0 * w, where=u != 0))


def test_derivatives_are_taken_along_what_is_chosen():
    a, b, c = (torch.tensor(values, requires_grad=True) for values in ([1.0, 3.0], [2.0, 2.0], [4.0, 0.0]))
    (if_below(a, b, a * a, b) + ratio(a, c) + below(a, b) * c).sum().backward()
    assert [each.grad.tolist() for each in (a, b, c)] == [[2 + 1 / 4, 0], [0, 1], [1 - 1 / 16, 0]]


def test_the_first_axis_is_laid_last_in_memory():
    v = np.arange(24.0).reshape(4, 3, 2)
    for (kind,) in on_both(v):
        np.testing.assert_array_equal(laid(kind), v)
        assert np.moveaxis(np.asarray(laid(kind)), 0, -1).flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_is_stacked_and_summed_does_not_depend_on_the_order_in_memory(order):
    v = generator(0, "layout").standard_normal((11, 12, 13))
    for (kind,) in on_both(v.transpose(np.argsort(order)).copy()):
        moved = kind.transpose(order) if isinstance(kind, np.ndarray) else kind.permute(order)
        np.testing.assert_array_equal(stacked([moved, moved + 1]), [v, v + 1])
        for axis in (0, 1, 2, -1):
            np.testing.assert_allclose(total(moved, axis), v.sum(axis), rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(magnitude(moved), np.abs(v).max((0, 2)))


def test_a_batch_that_is_laid_last_stays_there_when_it_is_stacked():
    for (kind,) in on_both(np.arange(24.0).reshape(4, 3, 2)):
        beside = np.asarray(stacked([kind, laid(kind)]))
        assert np.moveaxis(beside, 1, -1).flags["C_CONTIGUOUS"]
        assert np.asarray(stacked([kind, kind])).flags["C_CONTIGUOUS"]


def test_no_point_of_a_grid_is_lower_than_the_least_point():
    random = generator(0, "least")
    slope, curvature = random.integers(-3, 1, (200, 1)) / 4, 0.25 * random.integers(0, 2, (200, 1))
    knots, bends = random.integers(-8, 9, (200, 1, 3)) / 4, random.integers(-4, 5, (200, 1, 3)) / 4
    f = Pieces(slope, curvature, knots, bends)
    f = Pieces(*(each[f.bounded_below()] for each in f))
    grid = np.linspace(-20, 20, 1601)  # the knots among them
    lowest = Pieces(*(each[:, None] for each in f)).value(grid[:, None]).min(-1)
    assert len(lowest) > 50
    for kind in (f, f.on(floor("gpu"))):
        assert (np.asarray(kind.value(kind.least())) <= lowest + ROUND_OFF).all()


def test_the_proximal_point_is_the_least_of_all_points_of_a_grid():
    random = generator(0, "proximal")
    f = Pieces(*(random.integers(-8, 9, shape) / 8 for shape in ((40, 1), (40, 1), (40, 1, 3), (40, 1, 3))))
    steepest = np.abs(f.pieces()[1]).max((-1, -2))
    anchor, envelope = random.integers(-8, 9, (40, 1)) / 4, 1 / (2 * steepest + 0.25)[:, None]
    grid = np.linspace(-20, 20, 8001)
    losses = Pieces(*(each[:, None] for each in f)).value(grid[:, None]) + (grid - anchor) ** 2 / (2 * envelope)
    for kind, at, width in [(f, anchor, envelope), (f.on(floor("gpu")), torch.from_numpy(anchor), torch.from_numpy(envelope))]:
        assert np.abs(np.asarray(kind.proximal(at, width))[:, 0] - grid[losses.argmin(-1)]).max() < 0.01
