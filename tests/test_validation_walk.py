"""A direction that is unbiased given the iterate alone: Algorithm 1 makes the walk, M-DSGD's Theorem 5 falls, its correction does not."""

from collections import Counter, defaultdict
from fractions import Fraction as F
from itertools import pairwise, product

import numpy as np
import pytest

import validation.walk as walk
from reference.exact import rationals
from reference.mdsgd import State
from theory.papers import claims
from validation.attack import ARENAS, EFFORTS
from validation.walk import followed, huber, letters
from validation.walked import GAMMA, Run, bump, combined, gradients, moved, problem_of, ran, sample

CLAIM = next(claim for claim in claims() if claim.id == "mdsgd/theorem-5/given-iterate")
ARENA = ARENAS["walk"]
RUNS = (Run(6, 3, 1, 2, 3), Run(5, 4, 2, 3, 4), Run(5, 2, 3, 4, 5))


@pytest.mark.parametrize("run", RUNS)
def test_algorithm_1_makes_the_walk_over_all_outcomes(run: Run) -> None:
    assert ran(run, run.moves * run.stay) == followed(run, run.moves)


@pytest.mark.parametrize("run", RUNS)
def test_what_a_walk_measures_is_what_algorithm_1_shows(run: Run) -> None:
    measured = letters(run)
    slopes, squared = huber(measured["L"][0]), lambda v: sum(each**2 for each in v)
    shown = ran(run, run.moves * run.stay)
    for t, law in enumerate(shown):
        given_w = defaultdict(lambda: [F(0)] * 3)
        found = Counter[str]()
        for (w, z, d), chance in law.items():
            slope = slopes.gradient(np.array(w, dtype=object))
            found["gradient_sq"] += chance * squared(slope)
            found["transformed_lag_sq"] += chance * squared(a - b for a, b in zip(z, w, strict=True))
            found["batch_gradient_sq"] += chance * squared(d)
            given_w[w] = [a + b for a, b in zip(given_w[w], (chance, chance * d[0], chance * d[1]), strict=True)]
        assert sum(law.values()) == 1
        assert all(measured[name][0][t] == value for name, value in found.items())
        assert measured["lag_factor"][0] >= found["transformed_lag_sq"]
        assert all([mean / chance for mean in means] == list(slopes.gradient(np.array(w, dtype=object)))
                   for w, (chance, *means) in given_w.items())  # fmt: skip
    for law, following in pairwise(shown):  # (10) with gamma = 1
        assert {tuple(a - GAMMA * b for a, b in zip(z, d, strict=True)) for _, z, d in law} == {z for _, z, _ in following}


def test_every_move_of_the_walk_is_one_of_algorithm_1_whatever_those_that_never_send_hold() -> None:
    run = Run(5, 3, 2, 3, 4)
    problem = problem_of(run)
    for place, begun, drawn in product(range(1 - run.moves, run.moves), (0, run.stay), (1, -1)):
        at = place * problem.place, begun * problem.tick
        memory = [[0, 0], [F(7, 3), F(begun * problem.kappa, run.workers) - 5], [F(2), -5], [F(-1, 9), F(11)]]
        memory[2][0] = memory[1][0]
        state = State(rationals([at]), rationals([[[0, 0]] * run.workers]), rationals([memory]))
        own = gradients(run, at)[0]
        [first] = [g for g in own if g[0] == drawn * problem.a]
        toward, away = run.chances(abs(place))
        assert own[first] == (toward if drawn * place > 0 else away)
        for since in range(run.stay):
            assert list(combined(run, state, begun + since)[0]) == [at[0] - since * GAMMA * drawn * problem.D, 0]
            [only] = gradients(run, tuple(state.x[0]))[0] if since else [first]
            state = moved(run, state, [only], begun + since)
        assert list(state.x[0]) == [(place - drawn) * problem.place, (begun + run.stay) * problem.tick]
        assert not state.memory[0, 0].any()


@pytest.mark.parametrize("run", RUNS)
def test_samples_have_the_mean_of_F_and_second_moments_within_the_bound_everywhere(run: Run) -> None:
    problem, F_ = problem_of(run), huber(letters(run)["L"][0])
    drawn = np.random.default_rng(0).integers(-(10**6), 10**6, (60, 2))
    for far, tick in drawn:
        at = F(int(far), 10**6) * (run.moves + 2) * problem.place, F(int(tick), 10**5) * problem.tick
        kinds = gradients(run, at)
        parts = [(g, F(count, run.samples)) for of, times in zip(kinds, (1, 1, run.workers - 2), strict=True) for _ in range(times)
                 for g, count in of.items()]  # fmt: skip
        mean = [sum(g[i] * share for g, share in parts) / run.workers for i in (0, 1)]
        assert mean == list(F_.gradient(np.array(at, dtype=object)))
        assert sum((g[0] ** 2 + g[1] ** 2) * share for g, share in parts) / run.workers <= problem.second_moment


def test_samples_have_gradients() -> None:
    """H has the derivative h and s has s', which are linear between any two points of a piece."""
    run = Run(3, 4, 2, 2, 3)
    thirds = [F(i, 3) for i in range(-15, 16)]
    for a, b in pairwise(thirds):
        for drawn in range(run.samples):
            (h, H), (h_next, H_next) = sample(run, drawn, a), sample(run, drawn, b)
            assert H_next - H == (h + h_next) * (b - a) / 2
    assert all(sample(run, drawn, F(0))[1] == 0 for drawn in range(run.samples))
    for a, b in pairwise([F(i, 4) for i in range(-20, 21)]):
        (s, turn), (s_next, turn_next) = bump(a, run.stay), bump(b, run.stay)
        assert s_next - s == (turn + turn_next) * (b - a) / 2


@pytest.mark.parametrize("changed", ["laws", "GAMMA"])
def test_a_walk_of_another_law_is_refused(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = {"moves": 4, "stay": 3, "width": 2, "ratio": 2, "workers": 3}
    ARENA.replay(CLAIM.readings[0], instance)
    laws = walk.laws
    another = {
        "laws": lambda run: (([*law[:-1], law[-1] + 1], of_all + 1) for law, of_all in laws(run)),
        "GAMMA": GAMMA * 2,  # z would go twice as far
    }
    monkeypatch.setattr(walk, changed, another[changed])
    with pytest.raises(ValueError, match="makes another one"):
        ARENA.replay(CLAIM.readings[0], instance)


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
    replay = ARENA.replay(correction, {"moves": 64, "stay": 16, "width": 4, "ratio": 8, "workers": 4})
    assert replay.violated
    assert [name for name, (met, _) in replay.hypotheses.items() if not met] == ["unbiased_given_past"]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"ratio": 1}, "at least 2"), ({"workers": 2}, "at least 3"), ({"moves": 10**4}, "at most 10000"), ({"width": "x"}, "no walk")],
)
def test_what_is_no_walk_is_refused(change: dict[str, int | str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ARENA.replay(CLAIM.readings[0], {"moves": 4, "stay": 4, "width": 1, "ratio": 2, "workers": 3} | change)
