"""Local search: what the engine adopts, that neighbours stay in the class of their parent, and that it finds what a draw misses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from theory.claim import Relation
from theory.papers import claims
from validation import gossip, ledger, memory, momentum, nearby, runs, stages, steepest, tightness
from validation.attack import ARENAS, Effort, attack, forget_pools
from validation.hypotheses import Pieces
from validation.nearby import Numbers, Runs, Scored, alone, climb, spread
from validation.tightness import Kept, nearest_of

BY_ID = {claim.id: claim for claim in claims()}
SMALL = Effort("small", instances=12, starts=64, iterations=2, rlimit=1000)

# ---- the engine ----


class Hill:
    """Whole numbers; the ratio of n is `heights[n]`, and neighbours are `size` times 64 away."""

    def __init__(self, heights: dict[int, float]) -> None:
        self.heights = heights

    def neighbours(self, origin: Any, size: float) -> Iterator[int]:
        return iter([origin[0] - int(64 * size), origin[0] + int(64 * size)])

    def measured(self, variants: Sequence[int]) -> Iterator[tuple[dict[str, np.ndarray], list[Any], list[int]]]:
        for place, n in enumerate(variants):
            yield {"height": np.array([self.heights.get(n, -1.0)])}, [(n, 0)], [place]


def climbed(heights: dict[int, float], start: int, steps: int) -> tuple[list[tuple[int, float]], int]:
    def rate(measured: dict[str, np.ndarray], rows: int, free: dict[str, Fraction]) -> np.ndarray:
        return np.stack([measured["height"] / 2, measured["height"]])

    found, tried = climb([Scored(heights[start], 1, (start, 0), {})], Hill(heights), rate, steps)
    assert all(each.scale == 1 for each in found)
    return [(each.origin[0], each.ratio) for each in found], tried


def test_the_best_neighbour_is_adopted_and_smaller_moves_follow_where_large_ones_no_longer_help():
    found, tried = climbed({0: 0.1, 64: 0.2, 128: 0.15, 48: 0.3, 80: 0.25}, 0, 10)
    assert found == [(48, 0.3), (64, 0.2)]
    assert tried == 6  # 64; 0 and 128; 48 and 80; 64 once more, and nothing that is allowed nearer to 48


def test_growth_of_less_than_a_thousandth_is_not_adopted():
    assert climbed({0: 0.5, 64: 0.5004}, 0, 10)[0] == []
    assert climbed({0: 0.5, 64: 0.5006}, 0, 10)[0] == [(64, 0.5006)]


def test_what_is_above_1_is_told_and_never_climbed_from():
    found, _ = climbed({0: 0.1, 64: 1.5, 128: 1.9, -64: 0.2, -128: 0.4}, 0, 2)
    assert found == [(64, 1.5), (-128, 0.4), (-64, 0.2)]


def test_no_more_rounds_than_asked_for():
    heights = {64 * n: (n + 1) / 10 for n in range(9)}
    assert climbed(heights, 0, 3)[0] == [(192, 0.4), (128, 0.3), (64, 0.2)]
    assert climbed(heights, 0, 0) == ([], 0)


def test_starts_are_the_best_of_different_batches_below_the_bound():
    batches = [object() for _ in range(9)]
    rows = [Scored(ratio, 0, (batch, 0), {}) for batch, ratio in zip(batches, (0.1, 1.2, 0.9, 0, 0.3, 0.5, 0.4, 0.6, 0.7), strict=True)]
    rows += [Scored(0.95, 0, (batches[0], 1), {}), Scored(0.8, 0, (batches[2], 1), {})]
    assert [each.ratio for each in spread(rows)] == [0.95, 0.9, 0.7, 0.6][: nearby.PARENTS]


# ---- moves ----


@pytest.fixture
def bent() -> Pieces:
    return runs.draw_functions("smooth", (1, 2, 2, 2), np.random.default_rng(5))


def test_a_mirrored_function_falls_where_it_rose(bent):
    x = np.linspace(-5, 5, 41)[:, None, None, None] * np.ones((2, 2, 2))
    np.testing.assert_allclose(nearby.mirrored(bent).gradient(x), -bent.gradient(-x), atol=1e-12)


def test_functions_stay_convex_and_flat_where_they_were_and_keep_a_minimum():
    rng = np.random.default_rng(1)
    for kind in ("convex", "strongly convex"):
        parent = momentum.draw_functions(kind, (1, 2, 1, 1), rng)
        others = [other for size in nearby.SIZES for other in nearby.functions_near(parent, size, kind)]
        assert len(others) > 50
        for other in others:
            assert (other.pieces()[1] >= 0).all()
            assert other.mean().mean().bounded_below().all()
            if kind == "convex":  # flat on both sides
                assert not other.pieces()[1][..., [0, -1]].any()
            else:
                assert (other.pieces()[1] > 0).all()


def test_workers_of_one_function_keep_one_function(bent):
    same = Pieces(*(np.repeat(each[:, :1], 2, axis=1) for each in bent))
    others = [other for size in nearby.SIZES for other in nearby.functions_near(same, size, same=True)]
    assert len(others) > 20
    assert all((each[:, 0] == each[:, 1]).all() for other in others for each in other)


def test_synchronisations_move_by_one_drop_out_and_come_in():
    assert set(nearby.indices_near((2, 6))) == {(6,), (1, 6), (3, 6), (1, 2, 6), (2, 4, 6)}
    assert nearby.lasting((2, 6), 5) == (2, 5)
    assert nearby.lasting((2, 6), 12) == (2, 6, 10, 12)
    assert nearby.longest_stretch([(2, 6), (5, 6)], literal=False) == 5
    assert nearby.longest_stretch([(2, 6), (5, 6)], literal=True) == 4


def test_settings_climbed_together_come_to_what_each_comes_to_alone():
    step = (("rule", "fixed"), ("eta", "1"))
    settings = [memory.Setting(2, 3, indices, Fraction(1, 3), step) for indices in ((3, 6), (1, 4, 6))]
    rng = np.random.default_rng(0)
    inputs = [[torch.from_numpy(rng.standard_normal((n, 4, 2, 3))) for n in (6, 4)] for _ in settings]  # wherever: 1, 3, 4, 6
    together = memory.ascend_together(settings, memory.last_memory, *(torch.cat(each, 1) for each in zip(*inputs, strict=True)), 3)
    for found, setting, (g, q) in zip(together, settings, inputs, strict=True):
        at = [(1, 3, 4, 6).index(i) for i in setting.synchronise]
        (alone,) = memory.ascend_together([setting], memory.last_memory, g, q[at], 3)
        assert found.setting == setting
        for name, values in alone.measured.items():
            np.testing.assert_allclose(found.measured[name], values, rtol=1e-9, atol=1e-12, err_msg=name)


def test_what_something_else_makes_of_a_start_or_of_what_was_adopted_is_adopted_in_its_place():
    found, tried = climb(
        [Scored(0.1, 0, (0, 0), {})],
        Hill({64: 0.2, 71: 0.3}),
        lambda measured, rows, free: measured["height"][None],
        1,
        lambda here: ([Scored(here.ratio + 0.05, 0, (here.origin[0] + 7, 0), {}), Scored(1.5, 0, (0, 0), {})], 3),
    )
    # from 0 on to 7, whose neighbour 71 is adopted, and from there to 78; what is above 1 is told, and not gone on from
    assert [(each.origin[0], round(each.ratio, 9)) for each in found] == [(0, 1.5), (0, 1.5), (78, 0.35), (71, 0.3), (7, 0.15)]
    assert tried == 7


# ---- along the slope ----


def flat(*shape: int) -> Pieces:
    return Pieces(np.zeros(shape), np.ones(shape), np.zeros((*shape, 0)), np.zeros((*shape, 0)))


def test_steps_along_the_slope_reach_the_top_of_a_ridge_that_no_single_number_climbs():
    top = np.array([1.25, -0.75])

    def numbers(run: dict[str, np.ndarray]) -> Numbers:
        return Numbers(flat(1, 1), run, {"start": nearby.shifted}, lambda functions, others: others, level=True)

    def measured(run: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        off = run["start"] - top
        return {"height": 1 / (1 + 400 * (off[:, 0] - off[:, 1]) ** 2 + off.sum(-1) ** 2)}

    ridge = Runs(lambda run, size: iter(()), measured, lambda run: 1, numbers)
    start = Scored(0.0, 0, ({"start": np.array([[0.25, -1.75]])}, 0), {})
    start = start._replace(ratio=float(measured(start.origin[0])["height"][0]))
    found, tried = steepest.ascend(start, ridge, lambda seen, rows, free: seen["height"][None], 200)
    assert start.ratio < 0.21
    assert found[0].ratio > 0.99
    assert tried > 0
    for move in np.eye(2):  # one number at a time, on either side and by any length of a local search
        for by in (*nearby.SIZES, *(-size for size in nearby.SIZES)):
            assert measured({"start": start.origin[0]["start"] + by * move})["height"] < start.ratio


def test_growth_is_0_at_a_peak_and_one_sided_where_the_other_side_leaves_the_class():
    growth = steepest._growth(0.5, np.array([0.4, 0.6, -1, 0.6]), np.array([0.3, 0.4, 0.6, -1]))
    np.testing.assert_allclose(growth, [0, 0.2, -0.1, 0.1])


@pytest.mark.parametrize("convexity", ["", "convex", "strongly convex"])
def test_functions_moved_all_at_once_stay_of_their_class(convexity):
    rng = np.random.default_rng(2)
    parent = momentum.draw_functions(convexity or "smooth", (1, 2, 2, 1), rng)
    space = steepest._Space(Numbers(parent, {}, {}, lambda functions, others: functions, convexity=convexity))
    still, rows = space.moved(np.zeros((1, space.size)))
    x = np.linspace(-5, 5, 41)[:, None, None, None] * np.ones((2, 2, 1))
    assert len(rows) == 1
    np.testing.assert_allclose(still.gradient(x), parent.gradient(x), atol=1e-4)  # up to the grid
    moved, rows = space.moved(rng.normal(size=(200, space.size)) / 4)
    assert len(rows) > 5
    for row in rows:
        other = Pieces(*(each[row] for each in moved))
        curvature = other.pieces()[1]
        assert np.abs(other.gradient(x) - parent.gradient(x)).max() > 0.01
        if convexity:
            assert (curvature > 0).all() if convexity == "strongly convex" else (curvature >= 0).all()
        if convexity != "strongly convex":  # flat on both sides
            assert not curvature[..., [0, -1]].any()
        assert Pieces(*(each.reshape(1, 4, *each.shape[2:]) for each in other)).mean().bounded_below().all()


def test_what_is_alike_stays_alike_and_what_is_level_stays_level(bent):
    same = Pieces(*(np.repeat(each[:, :1], 2, axis=1) for each in bent))
    numbers = Numbers(
        same, {"noise": np.ones((1, 2, 1))}, {"noise": nearby.scaled}, lambda *moved: moved, alike=("functions", "noise"), level=True
    )
    space = steepest._Space(numbers)
    (functions, others), _ = space.moved(np.random.default_rng(0).normal(size=(5, space.size)))
    assert all((each[:, 0] == each[:, 1]).all() for each in (*functions, others["noise"]))
    assert not functions.slope.any()
    assert np.ptp(functions.bends, axis=0).max() > 0
    assert np.ptp(others["noise"], axis=0).max() > 0


# ---- neighbours of drawn instances, judged by the exact validators ----

READINGS = (
    "qsparse_local_sgd/theorem-1", "qsparse_local_sgd/theorem-2", "qsparse_local_sgd/theorem-3", "qsparse_local_sgd/lemma-5",
    "qsparse_local_sgd/lemma-7", "qsparse_local_sgd/lemma-12", "local_sgd/theorem-2.2", "mdsgd/theorem-8",
    "mdsgd/theorem-10", "mdsgd/theorem-12", "mdsgd/lemma-11", "dist_ef_sgd/theorem-1", "dist_ef_sgd/lemma-2/nondecreasing-step",
    "qprsgd/theorem-1", "qprsgd/lemma-7", "qprsgd/lemma-1",
)  # fmt: skip


class Asked(Exception):
    """What an arena hands to the search."""


def asked(claim_id: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    def spy(*arguments: Any, **_: Any) -> None:
        raise Asked(*arguments)

    for module in (runs, momentum, stages, gossip, memory):
        monkeypatch.setattr(module, "search", spy)
    with pytest.raises(Asked) as caught:
        attack(next(r for r in BY_ID[claim_id].readings if r.arena), SMALL, 0)
    return caught.value.args


@pytest.mark.parametrize("claim_id", READINGS)
def test_neighbours_meet_the_hypotheses_that_their_parent_met(claim_id, monkeypatch):
    arena, reading, groups, written, length, beside, *_ = asked(claim_id, monkeypatch)
    groups = sorted(groups, key=lambda group: length(group[1][0]))
    one = (Fraction(1), Fraction(1))
    scalar = {hypothesis.name for hypothesis in reading.given if hypothesis.condition is not None}
    judged = parents = along = 0
    for measured, origins in groups[len(groups) // 8 :: len(groups) // 5 + 1]:
        if parents == 2:
            break
        row = int(np.argmax(measured["G"] > 0))
        try:
            parent = arena.replay(reading, written(origins[row], one))
        except ValueError:  # drawn for floats alone
            continue
        parents += 1
        met = {name for name, (is_met, _) in parent.hypotheses.items() if is_met and name not in scalar}
        for size in (1.0, 1 / 16):
            found = [
                (origin, which)
                for _, others, of_variant in beside.measured(list(beside.neighbours(origins[row], size)))
                for origin, which in zip(others, of_variant, strict=True)
            ]
            assert found
            for origin, _ in found[:: len(found) // 5 + 1]:
                try:
                    again = arena.replay(reading, written(origin, one))
                except ValueError:  # an enclosure that leaves a sign or a level open
                    continue
                lost = {name: why for name, (is_met, why) in again.hypotheses.items() if name in met and not is_met}
                assert not lost
                judged += 1
        numbers = beside.numbers(alone(origins[row])) if isinstance(beside, Runs) else None
        if numbers is not None:
            space = steepest._Space(numbers)
            batch, moved = space.moved(np.random.default_rng(3).normal(size=(40, space.size)) / 32)
            for place in moved[:3]:
                again = arena.replay(reading, written((batch, int(place)), one))
                assert not {name: why for name, (is_met, why) in again.hypotheses.items() if name in met and not is_met}
                along += 1
    assert judged > 5
    assert along > 2 or numbers is None  # chains of quantisers, and settings, are moved number by number


# ---- the search as a whole ----


def planted(claim_id: str, times_too_small: sp.Rational | int) -> Any:
    """A reading whose bound is that many times smaller than the one that stands."""
    reading = next(r for r in BY_ID[claim_id].readings if r.arena)
    return replace(reading, relation=Relation(reading.relation.lhs * times_too_small, "<=", reading.relation.rhs))


@pytest.mark.parametrize(
    ("claim_id", "factor"), [("qprsgd/theorem-1", sp.Rational(101, 100)), ("qsparse_local_sgd/sec-3.5.1/mean-memory", 2)]
)
def test_a_constant_that_is_too_small_is_missed_by_the_draw_and_found_beside_its_best(claim_id, factor):
    reading = planted(claim_id, factor)
    drawn, near = (attack(reading, replace(SMALL, moves=moves), 0) for moves in (0, 6))
    assert drawn.outcome == "not broken"
    assert near.outcome == "broken"
    again = ARENAS[reading.arena].replay(reading, near.witness)
    assert again.broken


def test_steps_along_the_slope_come_nearer_than_moves_alone(monkeypatch):
    reading = next(each for each in BY_ID["local_sgd/sec-3/proof"].readings if each.arena)
    effort = replace(SMALL, moves=4)
    both = attack(reading, effort, 0)
    forget_pools()
    monkeypatch.setattr(runs, "ascend", lambda *_: ([], 0))
    moves_alone = attack(reading, effort, 0)
    assert both.ratio > 1.1 * moves_alone.ratio
    assert nearest_of(reading, both).ratio == pytest.approx(both.ratio, rel=1e-12)


@pytest.mark.parametrize("claim_id", ["qprsgd/theorem-1", "qsparse_local_sgd/lemma-12"])
def test_the_same_seed_gives_the_same_answer_which_an_exact_replay_upholds(claim_id):
    reading, effort = BY_ID[claim_id].readings[0], replace(SMALL, moves=3)
    drawn, once = attack(reading, SMALL, 0), attack(reading, effort, 0)
    forget_pools()
    assert attack(reading, effort, 0) == once
    assert once.ratio > drawn.ratio
    nearest = nearest_of(reading, once)
    assert nearest.exact
    assert nearest.ratio == pytest.approx(once.ratio, rel=1e-12)
    assert f"{once.ratio:.4g}" in once.evidence


def test_an_interruption_beside_the_best_keeps_what_the_round_before_found(tmp_path, monkeypatch):
    claim = BY_ID["qprsgd/theorem-1"]
    judged = tightness.standing(ledger.judge_all([claim], SMALL, 0)[0][0])
    kept, rounds = Kept(tmp_path), []

    def interrupted(*arguments: Any) -> Any:
        rounds.append(arguments)
        if len(rounds) == 3:  # the first round searches beside what it drew, and beside what the attack had kept
            raise KeyboardInterrupt
        return climb(*arguments)

    monkeypatch.setattr(runs, "climb", interrupted)
    found = []
    with pytest.raises(KeyboardInterrupt):
        found.extend(tightness.searched(judged, claim, kept, 3, SMALL, 0))
    done, best = kept.load(claim, judged.reading)
    assert done == 1
    assert best.exact
    assert best.ratio > attack(judged.reading, SMALL, 0).ratio  # beside the best of the first round
    monkeypatch.undo()
    *_, last = tightness.searched(judged, claim, kept, 2, SMALL, 0)  # goes on from there
    assert last.ratio >= best.ratio
    assert kept.load(claim, judged.reading)[0] == 2
