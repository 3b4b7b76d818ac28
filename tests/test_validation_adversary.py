"""The adversary of runs on functions: its derivatives, its ascent, and the free maps that it plays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from theory.papers import claims
from validation import adversary, by_differences, error_feedback, free_maps, gossip, momentum, runs, stages
from validation.adversary import Adversary, Inputs
from validation.attack import ARENAS, EFFORTS, generator
from validation.hypotheses import Pieces, free_letters
from validation.quantities import along_orbit, plausible
from validation.witness import exact_ratio

BY_ID = {claim.id: claim for claim in claims()}
OF_ARENAS = {
    "qsparse_local_sgd/theorem-1": lambda reading: (
        lambda spec: runs.shown(spec, False),
        runs.adversarial("smooth", "horizon", False, 24, 0),
    ),
    "qsparse_local_sgd/theorem-6": lambda reading: (
        lambda spec: runs.shown(spec, False),
        runs.adversarial("smooth", "decaying", False, 24, 0, True),
    ),
    "dist_ef_sgd/theorem-1": lambda reading: (
        lambda spec: error_feedback.shown(spec, False),
        error_feedback.adversarial("2", "constant", 24, 0),
    ),
    "dist_ef_sgd/corollary-1": lambda reading: (
        lambda spec: error_feedback.shown(spec, False),
        error_feedback.adversarial("2", "capped_step", 24, 0),
    ),
    "mdsgd/theorem-10": lambda reading: (lambda spec: momentum.shown(spec, False), momentum.adversarial("smooth", "fixed", 24, 0)),
    "mdsgd/theorem-12/gradients": lambda reading: (stages.shown, stages.adversarial(24, 0)),
}
"""How runs are measured, and where the adversary starts, for a claim of each arena."""


WRITERS = {"run": runs, "dist_ef": error_feedback, "mdsgd": momentum, "mdsgd_stages": stages}


@pytest.fixture(params=OF_ARENAS)
def asked(request):
    """A reading, how its runs are measured, and batches under a free map over some iterations."""
    claim = BY_ID[request.param]
    reading = next(each for each in claim.stated if each.arena in WRITERS)
    measure, batches = OF_ARENAS[request.param](reading)
    return reading, measure, [batch for batch in batches if batch.directions is not None and batch.directions.shape[1] > 1]


def reading_convexity(reading) -> str:
    return "strongly convex" if any(hypothesis.name == "strongly_convex" for hypothesis in reading.given) else ""


def rate(reading, measured, rows, free=None):
    known = measured | {name: np.full(rows, float(value)) for name, value in (free or free_letters(reading)[0]).items()}
    return np.where(plausible(reading.conditions, known), along_orbit(reading.relation, known, runs.ORBIT[:1]), -1)


def test_the_ratio_in_tensors_is_the_ratio_that_decides(asked):
    import torch

    reading, measure, batches = asked
    for batch in batches:
        functions = Pieces(*(torch.tensor(each, requires_grad=True) for each in batch.functions))
        found = adversary.ratio_of(reading.relation, measure(replace(batch, functions=functions)))
        wanted = along_orbit(reading.relation, measure(batch), runs.ORBIT[:1])[0]
        np.testing.assert_allclose(found.detach().numpy(), wanted, rtol=1e-9)


def test_what_is_asked_for_at_the_last_synchronisation_has_derivatives():
    reading = BY_ID["local_sgd/eq-31"].readings[0]
    (batch, *_) = runs.adversarial("strongly convex", "strongly convex", False, 24, 0)
    slopes = adversary.derivatives(batch, reading.relation, lambda spec: runs.shown(spec, False), free_letters(reading)[0])
    assert all(np.isfinite(each).all() for each in slopes.values())


def test_derivatives_are_what_the_ratio_changes_by(asked):
    reading, measure, batches = asked
    free, by = free_letters(reading)[0], 1e-6
    parts = batches[0].functions
    batch = replace(batches[0], functions=parts._replace(curvature=0 * parts.curvature + 1 / 2, bends=0 * parts.bends))  # no kinks
    slopes = adversary.derivatives(batch, reading.relation, measure, free)
    drawn = generator(0, "test")
    along = {name: drawn.standard_normal(values.shape) for name, values in slopes.items() if name in ("start", "directions")}

    def ratio(sign: int) -> np.ndarray:
        moved = replace(batch, **{name: getattr(batch, name) + sign * by * way for name, way in along.items()})
        return along_orbit(reading.relation, measure(moved), runs.ORBIT[:1])[0]

    wanted = (ratio(1) - ratio(-1)) / (2 * by)
    found = sum((slopes[name] * way).reshape(len(wanted), -1).sum(-1) for name, way in along.items())
    inside = np.arange(len(wanted)) % 4 != 1  # of the others some start at rest, where lengths have no derivative
    np.testing.assert_allclose(found[inside], wanted[inside], rtol=1e-3, atol=1e-7)
    assert (np.abs(wanted) > 1e-6).any()


def test_the_ascent_comes_nearer_than_all_of_its_starts_and_says_what_is_measured(asked):
    reading, measure, batches = asked
    batch = batches[-1]
    before = rate(reading, measure(batch), 24).max()
    play = Adversary(
        lambda: [batch], lambda run: True, measure, lambda run: 1, lambda run, by, before: run, Inputs(reading_convexity(reading)), 24, 6
    )
    _, (found, tried) = play.search([], reading.relation, partial(rate, reading), free_letters(reading)[0], 0.0)
    assert found[0].ratio > 1.05 * before
    assert tried > 24
    of_batch, row = found[0].origin
    assert rate(reading, measure(of_batch), len(of_batch.start))[0, row] == pytest.approx(found[0].ratio)
    lengths = np.linalg.norm(of_batch.directions, axis=-1)
    assert lengths == pytest.approx(np.ones_like(lengths))


def test_a_run_against_a_free_map_replays_exactly_with_every_hypothesis_met(asked):
    reading, measure, batches = asked
    arena, batch = ARENAS[reading.arena], batches[0]
    ratios = rate(reading, measure(batch), 24)[0]
    row = int(ratios.argmax())
    write = WRITERS[reading.arena].to_instance
    last = (False,) if reading.arena in ("run", "dist_ef") else ()
    instance = write(batch, row, Fraction(1), Fraction(1), *last)
    again = arena.replay(reading, instance)
    assert again.valid, again.hypotheses
    assert exact_ratio(again) == pytest.approx(ratios[row], rel=1e-5)
    refitted = arena.refit(instance)
    assert exact_ratio(arena.replay(reading, refitted)) == pytest.approx(exact_ratio(again))
    with pytest.raises(ValueError, match="one was given without the other"):
        arena.replay(reading, {name: value for name, value in instance.items() if name != "directions"})
    with pytest.raises(ValueError, match="one was given without the other"):
        arena.replay(reading, instance | {"operator": {"name": "identity"}})
    with pytest.raises(ValueError, match="directions must have shape"):
        arena.replay(reading, instance | {"directions": instance["directions"][:-1]})


def contraction_of(instance) -> tuple[bool, str]:
    reading = BY_ID["dist_ef_sgd/theorem-1"].readings[0]
    return ARENAS["dist_ef"].replay(reading, instance).hypotheses["contraction"]


def two_steps(directions) -> dict:
    level = {"slope": "0", "curvature": "0", "knots": [], "bends": []}
    return {
        "algorithm": "2", "workers": 1, "operator": {"name": "free", "gamma": "1/4"}, "gamma": "1/4", "beta": "0", "eta": ["1", "1"],
        "start": ["0", "0"], "functions": [[[level | {"slope": "1"}, level]]], "constants": {"L": "1", "G": "1", "sigma": "0"},
        "directions": directions,
    }  # fmt: skip


def test_a_free_map_that_leaves_too_much_or_has_two_outputs_for_one_input_is_no_contraction():
    assert contraction_of(two_steps([[["1", "0"], ["0", "1"]], [["0", "-1"], ["3/5", "4/5"]]]))[0]
    met, why = contraction_of(two_steps([[["1", "1/1000"], ["0", "1"]], [["0", "-1"], ["3/5", "4/5"]]]))
    assert not met
    assert "exceeds" in why
    met, why = contraction_of(two_steps([[["0", "0"], ["1", "0"]], [["0", "-1"], ["3/5", "4/5"]]]))  # worker and server are given (1, 0)
    assert not met
    assert "two outputs" in why


def test_what_is_left_is_exact_never_more_than_allowed_and_the_same_in_floats():
    v, q = np.array([[[Fraction(3), Fraction(1)]]], dtype=object), np.array([[Fraction(3, 5), Fraction(4, 5)]], dtype=object)
    gamma = np.array([Fraction(1, 3)], dtype=object)
    left = free_maps.left(v, q, gamma)
    allowed = (1 - gamma[0]) * 10
    assert allowed * (1 - Fraction(1, 10**7)) < (left**2).sum() <= allowed
    floats = free_maps.left(*(each.astype(float) for each in (v, q, gamma)))
    np.testing.assert_allclose(floats, left.astype(float), rtol=1e-8)


def test_fitted_steps_are_fitted_again_to_functions_that_were_moved():
    (batch, *_) = error_feedback.adversarial("2", "capped_step", 24, 0)
    steeper = replace(batch, functions=batch.functions._replace(curvature=2 * batch.functions.curvature, bends=2 * batch.functions.bends))
    again = error_feedback._paced(steeper, 1.0, batch)
    np.testing.assert_allclose(again.eta, batch.eta / 2)  # as L is twice as large
    np.testing.assert_allclose(again.step_scale, batch.step_scale / 2)
    np.testing.assert_allclose(error_feedback._paced(batch, 1 / 4, batch).step_scale, batch.step_scale / 4)


@pytest.mark.parametrize("which", [0, 1], ids=["as printed", "improved"])
def test_differences_are_what_the_ratio_changes_by_and_lead_nearer_to_the_bound(which):
    reading = BY_ID["qprsgd/lemma-10"].stated[which]
    kind, free = reading.setting["of"], free_letters(reading)[0]
    measure = partial(_shown, kind)
    effort = replace(EFFORTS["normal"], instances=60)
    drawn = [each for each in gossip.KINDS[kind].draw({}, effort, generator(0, "test")) if each[0]["law"] in by_differences.SHORT]
    work = partial(_work, kind)
    batches = sorted((each for each in drawn if int(each[0]["rounds"]) > 1), key=work)[:5]
    before = max(rate(reading, measure(each), 20).max() for each in batches)
    play = by_differences.Steered(measure, work, list, 8, 4)
    told = [each for found, _ in play.search(batches, reading.relation, partial(rate, reading), free, 0.0) for each in found]
    best = max((each for each in told if each.ratio <= 1 + 1e-9), key=lambda each: each.ratio)
    assert best.ratio > 1.001 * before
    parts, row = best.origin
    assert rate(reading, measure(parts), len(parts[1]["eta"]))[0, row] == pytest.approx(best.ratio)
    again = ARENAS["qprsgd"].replay(reading, gossip.written(kind, best.origin, runs.ORBIT[0]))
    assert again.valid
    assert exact_ratio(again) == pytest.approx(best.ratio, rel=1e-5)

    case = by_differences.case_of(batches[0])
    slopes = by_differences.differences(case, reading.relation, free, lambda of: measure(of.parts), lambda of: work(of.parts))
    by, along = 1e-5, {name: generator(1, name).standard_normal(values.shape) for name, values in slopes.items() if name == "tilts"}

    def ratio(sign):
        arrays = {**case.parts[1], **{name: case.parts[1][name] + sign * by * way for name, way in along.items()}}
        return along_orbit(reading.relation, measure((case.structure, arrays)), runs.ORBIT[:1])[0]

    wanted = (ratio(1) - ratio(-1)) / (2 * by)
    found = sum((slopes[name] * way).reshape(len(wanted), -1).sum(-1) for name, way in along.items())
    assert np.median(np.abs(found - wanted)) <= 0.02 * np.median(np.abs(wanted))  # differences of 1/512, and kinks
    assert (np.abs(wanted) > 1e-3).any()


def _shown(kind, parts):
    with np.errstate(all="ignore"):
        return gossip.shown(kind, *parts)


def _work(kind, parts):
    return gossip._work(*parts)


def test_normal_and_thorough_efforts_have_an_adversary_and_quick_ones_none():
    assert not EFFORTS["quick"].moves
    play = Adversary(lambda: [None], bool, dict, len, min, Inputs(), 1, EFFORTS["quick"].moves)
    assert list(play.search([None], None, None, {}, 0.0)) == []
    for effort in (EFFORTS["normal"], EFFORTS["thorough"]):
        assert effort.moves
        assert effort.steered
    assert EFFORTS["thorough"].steered >= 1000
