"""The free adversary's ascent: what it must reach, told nothing of the extremal instance."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from theory.suprema import SUPREMA
from validation import ascent, error_feedback, memory, momentum
from validation.attack import ARENAS, EFFORTS, generator
from validation.memory import Setting


def _starts(seed: int, *shapes: tuple[int, ...]) -> list[torch.Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    return [ascent.unit(torch.randn(*shape, generator=drawn, dtype=torch.float64)) for shape in shapes]


def _supremum(claim: str, letters: dict[str, object], n: int) -> float:
    found = SUPREMA[claim]
    at = {symbol: letters[symbol.name] for symbol in found.value.free_symbols if symbol.name in letters}
    return float(found.value.subs(at).subs(found.index, n))


def test_the_memory_of_lemma_5_is_found_to_99_percent():
    setting = Setting(1, 1, tuple(range(1, 41)), Fraction(1, 10), (("rule", "fixed"), ("eta", "1")))
    found = memory.ascend(setting, memory.last_memory, 8, 4, generator(0, "lemma 5"), d=8).measured["memory_sq"][:, -1].max()
    supremum = _supremum("qsparse_local_sgd/lemma-5", {"gamma": Fraction(1, 10), "eta": 1, "gap": 1, "G": 1}, 40)
    assert 0.99 * supremum <= found <= supremum * (1 + 1e-12)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_two_way_error_is_found_to_99_percent_by_discrete_moves_and_not_without(seed):
    delta, n = Fraction(3, 10), 30
    supremum = _supremum("dist_ef_sgd/lemma-2/constant-step", {"gamma": delta, "G": 1}, n)
    found = error_feedback.ascend("constant", n, 1, [Fraction(0)], 16, 6, generator(seed, "lemma 6"), [delta], d=8)
    reached = error_feedback.measure(found)["two_way_error_sq"].max(-1)
    assert 0.99 * supremum <= reached.max() <= supremum * (1 + 1e-12)
    assert np.sort(reached)[-2] < 0.9 * supremum  # the best start alone is polished


def test_conditional_gradient_keeps_the_best_it_met_and_never_loses():
    def last(g: torch.Tensor) -> torch.Tensor:
        return (g.sum(0) ** 2).sum(-1)

    start = _starts(3, (5, 4, 3))
    before = last(*start)
    reached, best = ascent.climb(last, start, 4)
    assert (reached >= before).all()
    torch.testing.assert_close(reached, torch.full((4,), 25.0, dtype=torch.float64))  # five unit vectors in a row
    torch.testing.assert_close(last(*best), reached)


def test_a_start_that_only_falls_is_kept_as_it_was():
    def trap(g: torch.Tensor) -> torch.Tensor:  # the derivative points away from where it is largest
        return -((g[0] - g[0].detach()) ** 2).sum(-1) + torch.where((g[0] == start[0][0]).all(-1), 1.0, 0.0) + 0 * g.sum((0, 2))

    start = _starts(1, (1, 3, 3))
    reached, best = ascent.climb(trap, start, 3)
    assert (reached == 1).all()
    assert torch.equal(best[0], start[0])


def test_walls_between_stretches_of_signs_are_removed_where_derivatives_cannot_move():
    def chain(g: torch.Tensor) -> torch.Tensor:  # neighbours want to be opposite; the derivative of each is decided by its neighbours
        return -(g[1:] * g[:-1]).sum((0, 2))

    signs = torch.tensor([1.0, -1, 1, -1, -1, 1, -1, 1, 1, -1], dtype=torch.float64)
    start = [signs[:, None, None] * torch.tensor([1.0, 0, 0], dtype=torch.float64)]
    assert float(ascent.climb(chain, start, 20)[0]) < 9
    reached, best = ascent.polish(chain, start, 2)
    assert float(reached) == pytest.approx(9)
    assert best[0].shape == start[0].shape


def test_a_worker_and_its_server_turn_a_step_apart():
    (turned_g, turned_q) = ascent._turned(_starts(0, (3, 1, 2), (3, 1, 2)))
    g, q = _starts(0, (3, 1, 2), (3, 1, 2))
    together = [
        (torch.sign((turned_g[:, v] / g[:, 0])[:, 0]).tolist(), torch.sign((turned_q[:, v] / q[:, 0])[:, 0]).tolist())
        for v in range(turned_g.shape[1])
    ]
    assert ([-1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]) in together
    assert ([-1.0, -1.0, 1.0], [1.0, 1.0, 1.0]) in together


def test_a_direction_of_length_zero_stays_or_is_what_it_was():
    zero, e1 = torch.zeros(3), torch.tensor([1.0, 0.0, 0.0])
    assert torch.equal(ascent.unit(zero), zero)
    assert torch.equal(ascent.unit(zero, e1), e1)
    assert math.isclose(float(torch.linalg.vector_norm(ascent.unit(torch.tensor([3.0, 4.0, 0.0])))), 1)


def test_of_many_starts_the_best_are_kept_and_others_as_they_come():
    values = torch.tensor([3.0, 1.0, 9.0, 2.0, 8.0, 0.0])
    (kept,) = ascent.chosen(values, [values[None, :, None]], 4)
    assert kept[0, :, 0].tolist() == [9, 8, 3, 1]
    (every,) = ascent.chosen(values, [values[None, :, None]], 6)
    assert every[0, :, 0].tolist() == values.tolist()


def test_where_there_is_time_thousands_of_starts_are_climbed_in_one_batch(monkeypatch):
    sizes = []
    climb = ascent.climb

    def counted(value, inputs, iterations):
        sizes.append(inputs[0].shape[1])
        return climb(value, inputs, 0)

    monkeypatch.setattr(ascent, "climb", counted)
    monkeypatch.setattr(momentum, "memory_settings", lambda *_: [momentum.Setting(1, 2, 3, 1, Fraction(0), "free")])
    short = Setting(2, 2, (2,), Fraction(1), (("rule", "fixed"), ("eta", "1")))
    arena = replace(ARENAS["deviation"], settings=lambda *_: [short])
    for effort in (EFFORTS["normal"], EFFORTS["quick"]):
        found = [*memory._reached(arena, frozenset({"fixed_step"}), False, False, effort, 0)]
        found += momentum._reached(frozenset({"test"}), False, effort, 0)
        assert [each.gradients.shape[1] for each in found] == [effort.kept] * 2
    assert sizes == [2048, 2048, 16, 16]
    assert EFFORTS["thorough"].batch(10**5) == EFFORTS["thorough"].kept


def test_no_setting_of_an_adversary_lies_in_a_plane():
    settings = list(momentum.memory_settings(frozenset(), beta_zero=False))
    assert settings
    assert all(setting.d >= ascent.DIMENSION for setting in settings)
