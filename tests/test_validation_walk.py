"""A direction that is unbiased given the iterate alone: the walk is what it says, and M-DSGD's Theorem 5 falls, its correction not."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction as F
from itertools import pairwise

import pytest

from theory.papers import claims
from validation.attack import ARENAS, EFFORTS
from validation.walk import Run, huber, letters

CLAIM = next(claim for claim in claims() if claim.id == "mdsgd/theorem-5/given-iterate")
ARENA = ARENAS["walk"]


def ways(run: Run) -> Iterator[tuple[F, list[tuple[F, F, F]]]]:
    """Every way the walk can take: its chance, and w, z and d of each iteration, gamma = G = 1."""
    unit = F(run.stay * run.ratio)

    def on(moved: int, chance: F, w: F, seen: list[tuple[F, F, F]]) -> Iterator[tuple[F, list[tuple[F, F, F]]]]:
        if moved == run.moves:
            yield chance, seen
            return
        slope = max(F(-1), min(w / (run.width * unit), F(1)))
        for way in (1, -1):
            d = -way * unit / run.stay
            then = chance * (1 - way * slope / run.ratio) / 2
            if then:
                yield from on(moved + 1, then, w + way * unit, [*seen, *((w, w - since * d, d) for since in range(run.stay))])

    yield from on(0, F(1), F(0), [])


@pytest.mark.parametrize("run", [Run(6, 3, 1, 2), Run(7, 4, 2, 3), Run(5, 2, 3, 8)])
def test_what_a_walk_measures_is_what_all_its_ways_give(run: Run) -> None:
    measured, T = letters(run), run.moves * run.stay
    slopes = huber(run, measured["L"][0])
    squares, lags, directions = ([F(0)] * T for _ in range(3))
    given_w: list[defaultdict[F, list[F]]] = [defaultdict(lambda: [F(0), F(0)]) for _ in range(T)]
    total = F(0)
    for chance, seen in ways(run):
        total += chance
        for (_, z, d), (_, following, _) in pairwise(seen):
            assert following == z - d  # (10) with gamma = 1, across moves too: z is at w when w has moved
        for t, (w, z, d) in enumerate(seen):
            squares[t] += chance * F(slopes.gradient([w])[0]) ** 2
            lags[t] += chance * (z - w) ** 2
            directions[t] += chance * d**2
            given_w[t][w][0] += chance
            given_w[t][w][1] += chance * d
    assert total == 1
    assert squares == list(measured["gradient_sq"][0])
    assert lags == list(measured["transformed_lag_sq"][0])
    assert directions == list(measured["batch_gradient_sq"][0])
    assert max(lags) == measured["lag_factor"][0]
    for outcomes in given_w:
        assert all(mean / chance == F(slopes.gradient([w])[0]) for w, (chance, mean) in outcomes.items())


def test_theorem_5_falls_with_its_conditioning_to_the_letter_and_its_correction_does_not() -> None:
    found = ARENA.attack(CLAIM.readings[0], EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert found.witness is not None
    again = ARENA.replay(CLAIM.readings[0], found.witness)
    assert again.broken
    assert len(again.hypotheses) == len(CLAIM.readings[0].given)
    assert CLAIM.correction is not None
    corrected = ARENA.replay(CLAIM.correction, found.witness)
    assert corrected.valid
    assert not corrected.violated
    assert not ARENA.replay(CLAIM.readings[0], found.witness | {"moves": 4}).violated  # it takes a while until the walk is as far off


def test_given_z_too_the_direction_is_not_unbiased() -> None:
    by_id = {claim.id: claim for claim in claims()}
    correction = by_id["mdsgd/theorem-5"].correction
    assert correction is not None
    replay = ARENA.replay(correction, {"moves": 64, "stay": 32, "width": 2, "ratio": 8})
    assert replay.violated
    assert [name for name, (met, _) in replay.hypotheses.items() if not met] == ["unbiased_given_past"]


@pytest.mark.parametrize(
    ("change", "said"), [({"ratio": 1}, "at least 2"), ({"moves": 10**4}, "at most 10000"), ({"width": "x"}, "no walk")]
)
def test_what_is_no_walk_is_refused(change: dict[str, int | str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ARENA.replay(CLAIM.readings[0], {"moves": 4, "stay": 4, "width": 1, "ratio": 2} | change)
