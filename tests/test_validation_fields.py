"""A witness holds what a replay reads and nothing else: an unknown field is told, with those that are known."""

from dataclasses import replace

import pytest

from theory.papers import claims
from validation.attack import ARENAS, EFFORTS
from validation.fields import check
from validation.witness import Witness, save
from validation.witness import replay as replay_file

SMALL = replace(EFFORTS["quick"], name="test", instances=12, starts=16, iterations=1)
SEARCHED = {  # by arena, claims that it attacks
    "memory": "qsparse_local_sgd/lemma-5", "run": "local_sgd/theorem-2.2", "run, long": "local_sgd/theorem-2.2",
    "dist_ef": "dist_ef_sgd/eq-5", "dist_ef, long": "dist_ef_sgd/theorem-2", "mdsgd": "mdsgd/lemma-7",
    "mdsgd, long": "mdsgd/lemma-7", "mdsgd_memory": "mdsgd/sec-7/three-strategies", "mdsgd_stages": "mdsgd/theorem-12",
    "mdsgd_stages, long": "mdsgd/theorem-12", "deviation": "local_sgd/lemma-3.3", "step": "local_sgd/eq-19",
    "vectors": "local_sgd/appendix-a/norm-of-sum",
    "operator": "dist_ef_sgd/eq-1", "qprsgd": "qprsgd/lemma-1", "function": "dist_ef_sgd/appendix-c/young", "recursion": "local_sgd/eq-35",
}  # fmt: skip
RUN = {
    "algorithm": "2", "workers": 1, "operator": {"name": "scaled_sign"}, "gamma": "1/2", "beta": "0", "eta": ["1/4"], "start": ["1", "1"],
    "functions": [[[{"slope": "0", "curvature": "1", "knots": [], "bends": []}] * 2]],
    "constants": {"L": "1", "sigma": "0", "G": "2"},
}  # fmt: skip


def reading_of(claim_id, arena):
    claim = next(claim for claim in claims() if claim.id == claim_id)
    return next(reading for reading in claim.stated if reading.arena == arena.removesuffix(", long"))


@pytest.mark.parametrize("arena", SEARCHED)
def test_what_an_arena_writes_is_known_and_a_field_more_is_told(arena):
    reading = reading_of(SEARCHED[arena], arena)
    found = ARENAS[arena].attack(reading, SMALL, 0)
    instance = found.witness or found.nearest
    assert instance is not None
    check(arena, reading, instance)
    with pytest.raises(ValueError, match="unknown field unread; it may have") as told:
        check(arena, reading, instance | {"unread": "1"})
    assert all(name in str(told.value) for name in instance)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"operator": {"name": "scaled_sign", "k": 1}}, "operator of an instance has the unknown field k; it may have name"),
        ({"constants": RUN["constants"] | {"gamma": "1"}}, "constants of an instance has the unknown field gamma; it may have L, G, sigma"),
        ({"free": {"G": "0"}}, "free of an instance has the unknown field G; it may have p, young"),
        ({"functions": [[[{"slope": "0", "curvature": "1", "knots": [], "bends": [], "kink": "1"}] * 2]]}, "unknown field kink"),
        ({"horizon": 1}, "unknown field horizon"),
    ],
)
def test_replay_rejects_what_it_does_not_read(tmp_path, changes, told):
    save(Witness("dist_ef_sgd/sec-3.2/applies", "delta is the least phi of all vectors that are compressed, or min 1/d_b", "dist_ef",
                 RUN | changes, "test"), tmp_path / "w.json")  # fmt: skip
    with pytest.raises(ValueError, match=told):
        replay_file(tmp_path / "w.json", claims())


@pytest.mark.parametrize(
    ("operator", "met"),
    [({"name": "blockwise", "sizes": [2]}, True), ({"name": "scaled_sign"}, False), ({"name": "linear", "residual": "1/2"}, False)],
)
def test_the_compressor_that_a_reading_asks_for_is_judged(operator, met):
    judged = ARENAS["dist_ef"].replay(reading_of("dist_ef_sgd/sec-3.2/applies", "dist_ef"), RUN | {"operator": operator}).hypotheses
    assert judged["operator"][0] == met
    assert all(ok for name, (ok, _) in judged.items() if name != "operator"), judged


def test_a_reading_of_any_compressor_asks_for_none():
    judged = ARENAS["dist_ef"].replay(reading_of("dist_ef_sgd/theorem-1", "dist_ef"), RUN).hypotheses
    assert "operator" not in judged
