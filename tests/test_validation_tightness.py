"""Tightness: the table, its rows as JSON, what is kept between rounds, and the sweeps."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from fractions import Fraction
from importlib import import_module

import pytest

from theory.claim import Reading
from theory.papers import claims
from validation import ahead, ledger, runs, tightness, verdict
from validation.attack import ARENAS, EFFORTS, Attack, Effort, attack, forget_pools, generator, pooled
from validation.stages import crossing
from validation.tightness import Kept, Nearest, better
from validation.witness import load
from validation.witness import replay as replay_witness

BY_ID = {claim.id: claim for claim in claims()}
SMALL = Effort("small", instances=6, starts=32, iterations=2, rlimit=1000)
LEMMAS = ["qsparse_local_sgd/lemma-7", "qsparse_local_sgd/lemma-13"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tightness")
    rows = tightness.run(LEMMAS, "quick", 0, 1, folder / "rows.json", folder / "nearest", folder / "cache")
    return folder, rows


def test_rows_are_those_of_verify_with_the_tightness_beside(searched):
    folder, rows = searched
    data = json.loads((folder / "rows.json").read_text())
    assert [row["id"] for row in data["claims"]] == LEMMAS
    verdicts, _ = ledger.judge_all(ledger.choose(LEMMAS), EFFORTS["quick"], 0, folder / "cache")
    plain = ledger.as_json(verdicts, EFFORTS["quick"], 0, {}, {})["claims"]
    assert [{name: value for name, value in row.items() if name != "tightness"} for row in data["claims"]] == plain
    for row, found in zip(data["claims"], rows, strict=True):
        said = row["tightness"]
        assert said["bound"] == str(found.judged.reading.relation)
        assert said["replayed"]
        assert 0 < said["ratio"] <= 1


def test_the_nearest_instance_replays_to_the_ratio_that_is_told(searched):
    folder, rows = searched
    for row in rows:
        of_improved = [(row.improved, row.claim.improvement, ".improved")] if row.improved is not None else []
        for nearest, reading, mark in ((row.nearest, row.judged.reading, ""), *of_improved):
            path = folder / "nearest" / f"{row.claim.id}{mark}.json"
            again = replay_witness(path, claims())
            assert again.valid
            assert not again.broken
            assert float(again.lhs) / float(again.rhs) == pytest.approx(nearest.ratio) or reading.relation.op == ">="
            assert (load(path).made_by, load(path).reading) == (f"tightrope tightness {row.claim.id}", reading.name)
    assert any(row.improved is not None for row in rows)


def test_deviation_comes_near_over_a_stretch_of_the_bound_and_says_by_what(searched):
    nearest = searched[1][0].nearest
    assert nearest.ratio > 0.9
    assert nearest.horizon in (40, 80)  # one stretch of the longest gap that is tried, or two
    assert nearest.attained_by.endswith("2 workers")


def test_a_round_that_was_kept_is_not_run_again_and_goes_into_the_next(searched, monkeypatch):
    folder, rows = searched

    def never(*_: object) -> Attack:
        raise AssertionError("searched again")

    kept = Kept(folder / "cache" / ledger.blunt_key(EFFORTS["quick"], 0) / "search")
    claim, judged = rows[0].claim, rows[0].judged
    assert kept.load(claim, judged.reading)[0] == 1
    monkeypatch.setattr(tightness, "one_round", never)
    (only,) = tightness.searched(judged, claim, kept, 1, EFFORTS["quick"], 0)
    assert only == rows[0].nearest
    with pytest.raises(AssertionError, match="searched again"):
        list(tightness.searched(judged, claim, kept, 2, EFFORTS["quick"], 0))


def opposed(H: int) -> Nearest:
    """Two workers with opposite gradients over a stretch of H: just before its end each is H - 1 steps away, Lemma 7 allows H."""
    instance = {
        "gap": H, "synchronise": [H], "gamma": "1", "G": "1", "step": {"rule": "fixed", "eta": "1"}, "gradients": [[["1"], ["-1"]]] * H,
        "residuals": [[["0"], ["0"]]],
    }  # fmt: skip
    return Nearest((H - 1) ** 2 / H**2, "deviation", instance, True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, (1, (3 / 4) ** 2)),
        ({"ratio": 7.5}, (1, (3 / 4) ** 2)),
        ({"instance": opposed(4).instance | {"G": "1/2"}}, (0, None)),
        ({"instance": opposed(4).instance | {"G": "-1"}}, (0, None)),
        ({"instance": opposed(4).instance | {"gap": "x"}}, (0, None)),
        ({"instance": opposed(4).instance | {"measured": "9"}}, (0, None)),
        ({"arena": "memory"}, (0, None)),
    ],
    ids=str,
)
def test_what_was_kept_is_not_believed_but_replayed(tmp_path, changes, told):
    claim = BY_ID["qsparse_local_sgd/lemma-7"]
    reading, kept = claim.readings[0], Kept(tmp_path)
    kept.save(claim, reading, 1, opposed(4))
    (path,) = tmp_path.iterdir()
    content = json.loads(path.read_text())
    content["nearest"] |= changes
    path.write_text(json.dumps(content))
    rounds, nearest = kept.load(claim, reading)
    assert (rounds, nearest and nearest.ratio) == told


def test_an_interrupted_search_keeps_its_best_tells_it_and_says_so(tmp_path, monkeypatch, capsys):
    best = opposed(2000)
    rounds = iter([best])

    def interrupted(*_: object) -> Nearest:
        try:
            return next(rounds)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(tightness, "one_round", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tightness.run(LEMMAS[:1], "quick", 0, 3, tmp_path / "rows.json", tmp_path / "nearest", tmp_path / "cache")
    assert "0.999" in capsys.readouterr().out
    assert json.loads((tmp_path / "rows.json").read_text())["claims"][0]["tightness"]["ratio"] == pytest.approx(best.ratio)
    kept = Kept(tmp_path / "cache" / ledger.blunt_key(EFFORTS["quick"], 0) / "search")
    claim = BY_ID[LEMMAS[0]]
    assert kept.load(claim, claim.readings[0]) == (1, best)


def test_an_interruption_while_claims_are_judged_tells_and_keeps_those_that_were(tmp_path, monkeypatch, capsys):
    first, second = LEMMAS
    judge = verdict.judge

    def interrupted(claim, *rest):
        if claim.id == second:
            raise KeyboardInterrupt
        return judge(claim, *rest)

    monkeypatch.setattr(verdict, "judge", interrupted)
    monkeypatch.setattr(ahead, "FEW", 1000)  # nothing is rehearsed
    with pytest.raises(KeyboardInterrupt):
        tightness.run(LEMMAS, "quick", 0, 3, tmp_path / "rows.json", tmp_path / "nearest", tmp_path / "cache")
    assert first in capsys.readouterr().out
    (row,) = json.loads((tmp_path / "rows.json").read_text())["claims"]
    assert row["id"] == first
    assert row["tightness"]["ratio"] > 0.9
    assert replay_witness(tmp_path / "nearest" / f"{first}.json", claims()).valid
    assert ledger.Store(tmp_path / "cache" / ledger.blunt_key(EFFORTS["quick"], 0)).has(first)


def test_an_interruption_of_an_attack_tells_what_it_had_come_to(tmp_path, monkeypatch, capsys):
    claim_id = "qsparse_local_sgd/eq-C.2"  # it cites nothing that is attacked before it

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(EFFORTS, "small", replace(SMALL, moves=1))
    monkeypatch.setattr(runs, "climb", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tightness.run([claim_id], "small", 0, 3, tmp_path / "rows.json", tmp_path / "nearest", tmp_path / "cache")
    assert claim_id in capsys.readouterr().out
    (row,) = json.loads((tmp_path / "rows.json").read_text())["claims"]
    assert (row["verdict"], row["why"]) == ("unchecked", "interrupted before it was judged")
    assert row["tightness"]["ratio"] > 0.5
    again = replay_witness(tmp_path / "nearest" / f"{claim_id}.json", claims())
    assert again.valid
    assert float(again.lhs / again.rhs) == pytest.approx(row["tightness"]["ratio"])


@pytest.mark.parametrize(
    ("claim_id", "told", "settings", "which"),
    [
        ("qsparse_local_sgd/eq-C.2", "qsparse_local_sgd/eq-C.2", "validation.memory.ascend", 4),
        ("qsparse_local_sgd/lemma-5", "qsparse_local_sgd/eq-C.2", "validation.memory.ascend", 4),
        ("mdsgd/sec-7/three-strategies", "mdsgd/sec-7/three-strategies", "validation.momentum.ascend", 3),
    ],
    ids=["its own", "that of a claim that is cited", "its own, with momentum"],
)
def test_an_interruption_while_ascents_are_drawn_tells_and_keeps_the_best_of_those_that_were(
    claim_id, told, settings, which, tmp_path, monkeypatch, capsys, request
):
    request.addfinalizer(forget_pools)
    forget_pools()
    module, name = settings.rsplit(".", 1)
    ascend, left = getattr(import_module(module), name), iter(range(which))

    def interrupted(*given, **more):
        if next(left, None) is None:
            signal.raise_signal(signal.SIGINT)
        return ascend(*given, **more)

    monkeypatch.setitem(EFFORTS, "small", replace(SMALL, moves=1))
    monkeypatch.setattr(settings, interrupted)
    asked = ([claim_id], "small", 0, 2, tmp_path / "rows.json", tmp_path / "nearest", tmp_path / "cache")
    with pytest.raises(KeyboardInterrupt):
        tightness.run(*asked)
    assert told in capsys.readouterr().out
    (row,) = json.loads((tmp_path / "rows.json").read_text())["claims"]
    assert (row["id"], row["verdict"], row["tightness"]["replayed"]) == (told, "unchecked", True)
    best = row["tightness"]["ratio"]
    assert best > 0.05
    again = replay_witness(tmp_path / "nearest" / f"{told}.json", claims())
    assert again.valid
    assert float(again.lhs / again.rhs) == pytest.approx(best)
    kept = Kept(tmp_path / "cache" / ledger.blunt_key(EFFORTS["small"], 0) / "search")
    rounds, nearest = kept.load(BY_ID[told], BY_ID[told].readings[0])
    assert (rounds, nearest.ratio) == (0, pytest.approx(best))


def test_what_was_drawn_before_an_interruption_is_told_and_the_next_draw_is_whole():
    stops = [True, False]

    def draw(number):
        for piece in range(number):
            if piece == 2 and stops.pop(0):
                raise KeyboardInterrupt
            yield piece

    drawn, told = pooled(draw), []
    with pytest.raises(KeyboardInterrupt):
        told.extend(drawn(4))
    assert told == [0, 1]
    assert [*drawn(4)] == [*drawn(4)] == [0, 1, 2, 3]
    assert not stops


@pytest.mark.parametrize("claim_id", ["local_sgd/theorem-2.2", "qprsgd/lemma-1", "qsparse_local_sgd/lemma-12"])
def test_a_later_round_goes_on_from_what_was_kept_and_comes_nearer_than_it_and_than_a_fresh_one(claim_id):
    reading = BY_ID[claim_id].readings[0]
    kept = tightness.one_round(reading, SMALL, 0, 1, None)
    fresh, later = (tightness.one_round(reading, SMALL, 0, 2, start) for start in (None, kept))
    assert later.exact
    assert later.ratio > max(kept.ratio, fresh.ratio)
    forget_pools()
    assert tightness.one_round(reading, SMALL, 0, 2, kept) == later


BARE = Effort("bare", instances=12, starts=8, iterations=1, rlimit=1000)


@pytest.mark.parametrize(
    "claim_id",
    ["mdsgd/theorem-12", "mdsgd/lemma-11", "dist_ef_sgd/lemma-6", "qsparse_local_sgd/lemma-5", "mdsgd/sec-7/three-strategies"],
)
def test_every_kind_of_arena_begins_with_the_instance_itself_and_finds_better_ones_beside_it(claim_id, monkeypatch, request):
    monkeypatch.setattr("validation.stages.with_long", lambda *given: given[-1])  # what comes nearest there is long, and not moved
    monkeypatch.setattr("validation.stages.to_a_kink", lambda first: crossing())  # nor is there anything nearer beside this one
    forget_pools()
    request.addfinalizer(forget_pools)
    reading = BY_ID[claim_id].readings[0]
    arena = ARENAS[reading.arena]
    kept = tightness.nearest_of(reading, attack(reading, BARE, 0))
    begun = arena.onward(reading, kept.instance, BARE, 5)
    assert begun.ratio >= kept.ratio * (1 - 1e-3)  # a free adversary's is written on a grid
    moved = arena.onward(reading, kept.instance, replace(BARE, moves=2), 5)
    assert tightness.nearest_of(reading, moved).ratio > 1.001 * kept.ratio


def test_what_was_kept_in_other_units_is_taken_back_to_its_own():
    reading = BY_ID["local_sgd/theorem-2.2"].readings[0]
    kept = tightness.one_round(reading, SMALL, 0, 1, None)
    arena = ARENAS["run"]
    far = arena.refit(runs.moved(kept.instance, Fraction(1, 10**9), Fraction(10**9)))
    effort = replace(SMALL, moves=2)
    assert arena.onward(reading, far, effort, 3).ratio == pytest.approx(arena.onward(reading, kept.instance, effort, 3).ratio, rel=1e-6)


def test_a_long_run_that_was_kept_is_kept_and_not_moved():
    reading = BY_ID["qsparse_local_sgd/theorem-1"].readings[0]
    long = {"law": "moments", "start": ["1"], "functions": [], "horizon": 10**6}
    with pytest.raises(ValueError, match="a long run is not moved"):
        ARENAS["run"].onward(reading, long, SMALL, 0)
    fresh = tightness.one_round(reading, SMALL, 0, 2, None)
    assert tightness.one_round(reading, SMALL, 0, 2, Nearest(0.5, "run", long, True)) == fresh


def test_an_ascent_on_lag_and_deviation_together_is_polished_start_by_start():
    reading = BY_ID["qsparse_local_sgd/lemma-10"].improvement
    assert reading.arena == "around"
    assert attack(reading, replace(SMALL, polished=True), 0).ratio > 0.5


def test_an_exact_replay_goes_before_a_larger_float():
    exact, floating = Nearest(0.5, "memory", {}, True), Nearest(0.9, "memory", {}, False)
    assert better(floating, exact) == exact
    assert better(None, floating) == floating
    assert better(None, None) is None


def test_every_sweep_names_a_claim_that_is_measured_and_letters_its_arena_takes():
    for sweep in tightness.SWEEPS:
        reading = BY_ID[sweep.claim].readings[0]
        assert tightness.measurable(reading)
        assert {sweep.letter, sweep.other, *sweep.fixed} <= {"gamma", "gap", "workers", "beta"}


def test_a_sweep_of_lemma_7_is_its_closed_form():
    sweep = tightness.Sweep("qsparse_local_sgd/lemma-7", "gap", ("2", "4", "8"), "workers", ("2",))
    printed = [row["ratio"] for row in tightness.swept(sweep, BY_ID[sweep.claim], 0) if row["form"] == "printed"]
    assert printed == pytest.approx([((H - 1) / H) ** 2 for H in (2, 4, 8)], rel=1e-6)


def test_each_form_of_a_bound_is_asked_of_the_adversary_of_its_own_arena():
    claim = BY_ID["qsparse_local_sgd/lemma-10"]
    sweep = tightness.Sweep(claim.id, "gap", ("2",), "gamma", ("1/2",))
    ratios = {row["form"]: row["ratio"] for row in tightness.swept(sweep, claim, 0)}
    letters = {"gap": Fraction(2), "gamma": Fraction(1, 2)}
    own, others = (
        tightness._largest(claim.improvement, ARENAS[arena].at(claim.improvement, letters, generator(0, "test")))
        for arena in ("around", "deviation")
    )
    assert ratios["improved"] == pytest.approx(own, rel=0.05)  # other starts
    assert ratios["improved"] > 1.3 * others


def test_what_bounds_nothing_that_is_measured_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"sec-5\.3\.1/d bounds a quantity"):
        tightness.run(["qsparse_local_sgd/sec-5.3.1/d"], "quick", 0, 0, None, tmp_path, None)
    assert not tightness.measurable(Reading("nothing"))


@pytest.mark.parametrize(
    "claim_id",
    [
        *(f"qsparse_local_sgd/{label}" for label in ("lemma-13", "lemma-14", "remark-2", "eq-D.5")),
        "dist_ef_sgd/lemma-5/proof",
        "mdsgd/lemma-11",
    ],
)
def test_what_came_nearest_is_within_rounding_of_what_the_search_says(claim_id):
    reading = BY_ID[claim_id].readings[0]
    found = attack(reading, SMALL, 0)
    nearest = tightness.nearest_of(reading, found)
    assert found.outcome == "not broken"
    assert nearest is not None
    assert nearest.ratio == pytest.approx(found.ratio, rel=1e-3)


@pytest.mark.parametrize("claim_id", ["qsparse_local_sgd/lemma-5", "mdsgd/sec-7/three-strategies"])
def test_an_adversary_written_in_rationals_loses_nothing_to_speak_of(claim_id):
    """A residual is 2 / gamma <= 32 times as large as what is lost of each, 1e-7 at most, and squared."""
    reading = BY_ID[claim_id].readings[0]
    found = attack(reading, replace(SMALL, instances=60), 0)
    nearest = tightness.nearest_of(reading, found)
    assert nearest.exact
    assert nearest.ratio == pytest.approx(found.ratio, rel=2 * 32 * 1e-7)
