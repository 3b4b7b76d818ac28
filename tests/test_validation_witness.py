"""Witnesses: written whole, read with one clear error, replayed exactly, and shrunk without losing what they show."""

import json
from fractions import Fraction

import pytest

from theory import hypotheses as h
from theory.claim import Claim, Reading, at_most
from theory.symbols import G, H, deviation_sq, eta, gamma, gradient_sq, memory_sq
from validation.attack import ARENAS, EFFORTS, attack
from validation.witness import Witness, load, rank, replay, save, shrink

GIVEN = (h.gap_from_zero, h.contraction, h.second_moment, h.fixed_step)
PLANTED = Reading("as printed", at_most(memory_sq, eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2 / 2), GIVEN, arena="memory")
TRUE = Reading("corrected", at_most(memory_sq, 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2), GIVEN, arena="memory")
CLAIM = Claim("planted/lemma-5", "lemma", "nowhere", "Eight times too small.", readings=(PLANTED,), correction=TRUE)


def two_steps(**changes: object) -> dict[str, object]:
    """gamma = 3/4, two synchronised steps of size 1: v = 1, residual 1/2; v = 3/2, residual 3/4; ||m||^2 = 9/16 at t = 2."""
    return {
        "gap": 1,
        "synchronise": [1, 2],
        "gamma": "3/4",
        "G": "1",
        "step": {"rule": "fixed", "eta": "1"},
        "gradients": [[["-1"]], [["-1"]]],
        "residuals": [[["-1/2"]], [["-3/4"]]],
        **changes,
    }


WITNESS = Witness(CLAIM.id, "as printed", "memory", two_steps(), "tightrope verify")


def test_a_witness_reads_back_as_it_was_written(tmp_path):
    save(WITNESS, tmp_path / "w.json")
    assert load(tmp_path / "w.json") == WITNESS
    assert [file.name for file in tmp_path.iterdir()] == ["w.json"]


def test_a_replay_computes_both_sides_by_hand(tmp_path):
    save(WITNESS, tmp_path / "w.json")
    found = replay(tmp_path / "w.json", [CLAIM])
    assert found.lhs == Fraction(9, 16)
    assert found.rhs == Fraction(7, 18)  # (1 - 9/16) / (9/16) / 2
    assert found.broken
    assert found.at == "t = 2"
    assert set(found.hypotheses) == {hypothesis.name for hypothesis in GIVEN}


def test_the_true_statement_survives_the_same_instance(tmp_path):
    save(Witness(CLAIM.id, "corrected", "memory", two_steps(), "test"), tmp_path / "w.json")
    found = replay(tmp_path / "w.json", [CLAIM])
    assert found.valid
    assert not found.violated


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"gamma": "4/5"}, "contraction"),
        ({"G": "9/10"}, "second_moment"),
        ({"gap": 0}, "gap_from_zero"),
        ({"gradients": [[["-2"]], [["-1"]]]}, "second_moment"),
        ({"step": {"rule": "decaying", "step_scale": "1", "a": "1"}}, "fixed_step"),
    ],
)
def test_a_doctored_witness_is_told_which_hypothesis_it_misses(tmp_path, changes, missed):
    save(Witness(CLAIM.id, "corrected", "memory", two_steps(**changes), "test"), tmp_path / "w.json")
    without_eta = Reading("corrected", at_most(memory_sq, G**2), GIVEN)
    claim = Claim(CLAIM.id, "lemma", "nowhere", "Without the letter eta.", readings=(without_eta,))
    found = replay(tmp_path / "w.json", [claim])
    assert not found.hypotheses[missed][0]
    assert not found.broken


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[]", "must hold exactly claim, reading, arena, instance, made_by"),
        ('{"claim": "x"}', "must hold exactly"),
        (json.dumps({"claim": 1, "reading": "", "arena": "", "instance": {}, "made_by": ""}), "claim must be a string"),
        (json.dumps({"claim": "", "reading": "", "arena": "", "instance": [], "made_by": ""}), "instance must be an object"),
    ],
)
def test_a_corrupt_file_gives_one_clear_error(tmp_path, text, complaint):
    path = tmp_path / "w.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=complaint) as caught:
        replay(path, [CLAIM])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"gradients": "abc"}, "cannot be replayed"),
        ({"gradients": [[["x"]]]}, "cannot be replayed"),
        ({"gradients": [[["1/0"]], [["1"]]]}, "cannot be replayed"),
        ({"residuals": []}, "residuals must have shape"),
        ({"synchronise": [1, 3]}, "synchronise must increase within 1..T = 2 and end with T"),
        ({"synchronise": [2, 2]}, "synchronise must increase"),
        ({"step": {"rule": "random"}}, "step rule must be fixed or decaying, got 'random'"),
    ],
)
def test_an_instance_that_is_none_gives_one_clear_error(tmp_path, changes, complaint):
    save(Witness(CLAIM.id, "as printed", "memory", two_steps(**changes), "test"), tmp_path / "w.json")
    with pytest.raises(ValueError, match=complaint):
        replay(tmp_path / "w.json", [CLAIM])


def altered(value, bad):
    """Every copy of nested data with one part of it replaced."""
    yield bad
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        for part in altered(value[key], bad):
            yield {**value, key: part} if isinstance(value, dict) else [*value[:key], part, *value[key + 1 :]]


@pytest.mark.parametrize("bad", [None, 0, -1, 1.5, True, "x", "", "1/0", "nan", [], {}, [["1"]], "9" * 50], ids=repr)
def test_whatever_stands_in_an_instance_gives_an_answer_or_one_clear_error(tmp_path, bad):
    for instance in altered(two_steps(), bad):
        if isinstance(instance, dict):
            save(Witness(CLAIM.id, "as printed", "memory", instance, "test"), tmp_path / "w.json")
            try:
                replay(tmp_path / "w.json", [CLAIM])
            except ValueError as error:
                assert "w.json" in str(error)  # noqa: PT017, either outcome is right


QUADRATIC = {"slope": "1", "curvature": "1", "knots": [], "bends": []}
RUN = {
    "horizon": 2, "gap": 1, "synchronise": [1, 2], "batch": 1, "operator": {"name": "identity"}, "gamma": "1", "start": ["0"],
    "step": {"rule": "fixed", "eta": "1/4"}, "functions": [[[QUADRATIC]]], "constants": {"L": "1", "G": "1", "sigma_sq": ["0"]},
}  # fmt: skip


def test_a_run_replays_by_hand():
    reading = Reading("planted", at_most(gradient_sq, G**2 / 2), GIVEN, arena="run")
    found = ARENAS["run"].replay(reading, RUN)
    assert found.broken
    assert (found.lhs, found.rhs, found.at) == (1, Fraction(1, 2), "t = 0")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"functions": []}, "this is no run|equally many samples"),
        ({"functions": [[[QUADRATIC]], [[QUADRATIC, QUADRATIC]]]}, "equally many samples of dimension 1"),
        ({"functions": [[[{"slope": "1"}]]]}, "this is no run"),
        ({"synchronise": [1]}, "synchronise must increase within 1..T = 2 and end with T"),
        ({"operator": {"name": "magic"}}, "operator must be one of identity, linear, free, top_k, rand_k, sign_comp, got 'magic'"),
        ({"step": {"rule": "random"}}, "step rule must be one of fixed, horizon, decaying, strongly convex, four over mu, got 'random'"),
        ({"functions": [[[QUADRATIC]] * 100] * 3}, "at most 4096 sample paths"),
    ],
)
def test_a_run_that_is_none_gives_one_clear_error(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        ARENAS["run"].replay(PLANTED, RUN | changes)


@pytest.mark.parametrize(
    ("claim", "reading", "complaint"), [("no/such", "as printed", "does not exist"), (CLAIM.id, "other", "'as printed', 'corrected'")]
)
def test_unknown_names_are_told(tmp_path, claim, reading, complaint):
    save(Witness(claim, reading, "memory", two_steps(), "test"), tmp_path / "w.json")
    with pytest.raises(ValueError, match=complaint):
        replay(tmp_path / "w.json", [CLAIM])


def test_nothing_is_left_behind_where_writing_fails(tmp_path):
    with pytest.raises(TypeError):
        save(Witness("a/b", "r", "memory", {"x": object()}, "test"), tmp_path / "w.json")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(OSError):  # noqa: PT011
        save(WITNESS, tmp_path / "file" / "w.json")


def test_shrinking_keeps_an_exact_counterexample_and_drops_what_is_not_needed():
    long = two_steps(
        synchronise=list(range(1, 9)),
        gradients=[[["-1", "0", "0"]]] * 8,
        residuals=[[[str(Fraction(-1, 2) * sum(Fraction(1, 2) ** j for j in range(i + 1))), "0", "0"]] for i in range(8)],
    )
    arena = ARENAS["memory"]
    assert arena.replay(PLANTED, long).broken
    small = shrink(arena, PLANTED, long)
    assert arena.replay(PLANTED, small).broken
    assert len(small["gradients"]) < 8
    assert len(small["gradients"][0][0]) == 1


def test_shrinking_stops_at_its_budget():
    counted = []

    class Counting:
        def cost(self, instance):
            return 10

        def simpler(self, instance):
            while True:
                yield instance

        def refit(self, instance):
            return instance

        def replay(self, reading, instance):
            counted.append(instance)
            return ARENAS["memory"].replay(reading, instance)

    assert shrink(Counting(), PLANTED, two_steps(), steps=100) == two_steps()
    assert len(counted) == 10


def test_every_witness_of_an_attack_replays_from_its_file(tmp_path):
    given = (h.fixed_step, h.gap_from_zero, h.second_moment)
    reading = Reading("planted", at_most(deviation_sq, eta**2 * G**2 * H), given, arena="deviation")
    found = attack(reading, EFFORTS["quick"], 0)
    assert found.witness is not None
    save(Witness("planted/lemma-7", "planted", "deviation", found.witness, "test"), tmp_path / "w.json")
    again = replay(tmp_path / "w.json", [Claim("planted/lemma-7", "lemma", "nowhere", "H for H^2.", readings=(reading,))])
    assert again.broken
    assert float(again.lhs) / float(again.rhs) == found.ratio


def test_clear_violations_are_tried_before_what_looks_like_round_off():
    assert rank(1.5) < rank(float("inf")) == rank(1 + 1e-7) < rank(1.0)
