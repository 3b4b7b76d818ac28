"""The arena of QPRSGD: its three ways to take expectations against each other and against enumeration, and the witnesses it must find."""

from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest
import sympy as sp

from reference.exact import rationals
from reference.expectation import moments
from reference.operators import qsgd
from reference.qprsgd import init, init_gossip, step, step_gossip
from theory import hypotheses as given
from theory import symbols as v
from theory.claim import Reading, Relation, at_most
from theory.papers import claims
from validation.attack import EFFORTS
from validation.chains import LONG_CHAINS, Chain, Code, Matrix, chained, mixings, read_mixing, rounding, spectrum
from validation.gossip import ARENA, KINDS, written
from validation.long_chains import error_ceiling, error_floor
from validation.quantities import bounds

M, K, N, d, s, eta = v.R, v.H, v.rounds, v.d, v.s, v.eta
RUNS = (given.smooth, given.worker_variance, given.heterogeneity, given.fixed_step)
GOSSIP = (*RUNS, given.spectral_gap, given.common_start, given.fine_levels)
NOISE = (d * (1 - v.rho) ** 2 + 2 * d * v.spread**2) / (2 * (s**2 * (1 - v.rho) ** 2 - d * v.spread**2))
LEMMA_2 = eta**2 * K * NOISE


def attack(relation: Relation, of: str, hypotheses: tuple = (), **setting: str):
    reading = Reading("as stated", relation, hypotheses, arena="qprsgd", setting={"of": of, **setting})
    return reading, ARENA.attack(reading, EFFORTS["quick"], 0)


def case(of: str, law: str, **more) -> tuple[dict, dict[str, np.ndarray]]:
    """Two workers of one coordinate with noise, in exact numbers, one instance."""
    structure = {"of": of, "law": law, "rounds": 2, "gap": 2, "intervals": 8, "d": 1, "W": mixings(2)[1], **more}
    numbers = {
        "slope": ["1/3"], "curvature": ["3/4"], "tilts": [["1"], ["-2"]], "noise": [["1/2"], ["2"]], "start": ["5/3"], "eta": "1/5",
        "knots": [[]], "bends": [[]],
    }  # fmt: skip
    return structure, {name: np.frompyfunc(F, 1, 1)(np.array([value], dtype=object)).astype(object) for name, value in numbers.items()}


# ---- expectations ----


@pytest.mark.parametrize("of", ["ring", "gossip"])
def test_moments_of_the_noise_are_what_all_sample_paths_add_up_to(of):
    structure, arrays = case(of, "paths")
    by_paths = KINDS[of].measure(structure, arrays)
    by_moments = KINDS[of].measure(structure | {"law": "moments"}, arrays)
    assert set(by_paths) == set(by_moments)
    for name, values in by_paths.items():
        assert (values == by_moments[name]).all() or name in ("ring_constant", "exponential"), name


@pytest.mark.parametrize("of", ["ring", "gossip"])
@pytest.mark.parametrize("rounds", [1, 5, 40])
def test_closed_sums_are_those_of_the_recursion(of, rounds):
    structure, arrays = case(of, "moments", rounds=rounds)
    walked = KINDS[of].measure(structure, {name: values.astype(float) for name, values in arrays.items()})
    summed = KINDS[of].measure(structure | {"law": "closed"}, arrays)
    for name in ("average_gradient_sq", "average_start_mean_gradient_sq", "average_local_gradient_sq", "average_mean_gradient_sq"):
        low, high = bounds(summed[name][0])
        assert float(high - low) < 1e-30
        assert float(low) == pytest.approx(walked[name][0], rel=1e-11)


def test_a_million_rounds_are_summed_to_many_digits():
    structure, arrays = case("gossip", "closed", rounds=10**6)
    low, high = bounds(KINDS["gossip"].measure(structure, arrays)["average_gradient_sq"][0])
    assert 0 < high - low < F(1, 10**30)


def test_quantised_gossip_is_measured_over_every_outcome_of_every_quantiser():
    """Two rounds of two workers in the plane, by hand: all pairs of outcomes of the first round, then the variance of the second."""
    W, tilts, rate = mixings(2)[0], rationals([[6, 8], [4, 3]]), F(1, 2)
    zero = rationals([[0, 0]])
    structure = {"of": "gossip", "law": "paths", "rounds": 2, "gap": 1, "intervals": 3, "d": 2, "W": W}
    arrays = {
        "slope": zero, "curvature": zero + 1, "knots": np.zeros((1, 2, 0), dtype=object), "bends": np.zeros((1, 2, 0), dtype=object),
        "tilts": tilts[None], "noise": tilts[None] * 0, "start": zero, "eta": rationals([rate]),
    }  # fmt: skip
    found = KINDS["gossip"].measure(structure, arrays)
    mixing, operator = read_mixing(W, exact=True), qsgd(3)
    first = init_gossip(zero[0], mixing)
    events = [list(operator.events(-rate * tilts[m])) for m in range(2)]
    noise, consensus = F(0), F(0)
    for (p, u), (q, w) in product(*events):
        state, _ = step_gossip(first, first.local - tilts, rate, True, mixing, operator, np.stack([u, w]))
        consensus += p * q * ((state.x - state.x.sum(0) / F(2)) ** 2).sum()
        sent = state.x - mixing.dot(state.x) + rate * (state.x - tilts)
        noise += p * q * sum((rounding(row[None], 3).variance(3)[0] for row in sent), start=F(0))
    assert found["consensus_sq"][0, 1] == consensus
    low, high = bounds(found["quantisation_noise_sq"][0, 1] - noise)
    assert low <= 0 <= high
    assert high - low < F(1, 10**30)
    assert found["quantisation_noise_sq"][0, 0] == sum(moments(operator, -rate * row).error for row in tilts)


def test_noise_of_the_ring_is_what_its_outcomes_add_up_to():
    """Two workers, four coordinates, segments of two: every outcome of the reference's own round."""
    tilts = np.array([[3.0, 4.0, 1.0, 2.0], [5.0, 1.0, -2.0, 0.5]])
    zero, none = np.zeros((1, 4)), np.zeros((1, 4, 0))
    arrays = {
        "slope": zero, "curvature": zero + 1, "knots": none, "bends": none, "tilts": tilts[None], "noise": 0 * tilts[None], "start": zero,
        "eta": np.array([0.5]),
    }  # fmt: skip
    found = KINDS["ring"].measure({"of": "ring", "law": "paths", "rounds": 2, "gap": 1, "intervals": 2, "d": 4}, arrays)
    rng = np.random.default_rng(0)
    draws = rng.random((200_000, 2, 1, 4))
    many = init(np.zeros((len(draws), 4)), 2)
    after, delta = step(many, np.broadcast_to(-tilts, (len(draws), 2, 4)), 0.5, True, qsgd(2), draws)
    errors = ((delta + 0.5 * tilts.mean(0)) ** 2).sum(-1)
    losses = (after.x**2).sum(-1) / 2 - after.x @ tilts.mean(0)
    for sample, measured in ((errors, found["ring_noise_sq"][0, 0]), (losses, found["start_loss"][0, 1])):
        assert abs(sample.mean() - measured) < 6 * sample.std() / np.sqrt(len(sample))


def test_a_chain_of_one_and_of_two_quantisers_is_their_own_moments():
    w, operator = rationals([[3, 4], [1, 2]]), qsgd(2)
    alone = chained(w[None, :1], 2)
    assert alone["chain_error_sq"][0] == moments(operator, w[0]).error
    assert alone["chain_second_sq"][0] == moments(operator, w[0]).second_moment
    both = chained(w[None].astype(float), 2)
    error = sum(
        float(p) * (moments(operator, operator(w[0].astype(float), u) + w[1].astype(float)).error
                    + ((operator(w[0].astype(float), u) - w[0].astype(float)) ** 2).sum())
        for p, u in operator.events(w[0].astype(float))
    )  # fmt: skip
    assert both["chain_error_sq"][0] == pytest.approx(error, rel=1e-12)
    low, high = bounds(chained(w[None], 2)["chain_error_sq"][0])
    assert float(low) <= error * (1 + 1e-12)
    assert float(high) >= error * (1 - 1e-12)


@pytest.mark.parametrize(("vectors", "s"), [([[4, 3], [4, 3], [1, 5], [2, 0], [0, 3]], 3), ([[3, 1], [2, 2], [0, 0], [5, 1]], 2)])
def test_the_floor_of_a_long_chain_is_below_its_error_and_close_to_it_where_bins_are_many(vectors: list[list[int]], s: int):
    w = rationals(vectors)
    error = float(chained(w[None].astype(float), s)["chain_error_sq"][0])
    few, many = (error_floor(w.astype(float), s, bins) for bins in (300, 10_000))
    assert 0.5 * error < few < many < error
    assert many > 0.98 * error
    assert float(error_ceiling(w, s)) > error


def test_the_floor_of_a_long_chain_is_below_what_sampling_says():
    w, rng = np.arange(32.0, 0, -1)[:, None] * [4, 3], np.random.default_rng(0)
    operator, state = qsgd(4), np.zeros((20_000, 2))
    for each in w:
        state = operator(state + each, rng.random((20_000, 1, 2)))
    errors = ((state - w.sum(0)) ** 2).sum(-1)
    mean, doubt = errors.mean(), 6 * errors.std() / np.sqrt(len(errors))
    assert 0.8 * mean < error_floor(w, 4, 300) < mean + doubt
    assert error_floor(w, 4, 1200) > 0.9 * mean


def test_chains_of_more_workers_break_8_as_7_as_printed_allows_them():
    claim, excess = next(claim for claim in claims() if claim.id == "qprsgd/eq-8"), []
    for workers, s, bins, _ in LONG_CHAINS[:3]:
        w = np.arange(workers, 0, -1.0)[:, None] * [4, 3]
        case = written("chain", (({"quantise": "segment", "intervals": s, "bins": bins}, {"w": w[None]}), 0), (F(1), F(1)))
        found = ARENA.replay(claim.readings[0], case)
        assert found.broken
        mean_sq = F(int((w.sum(0) ** 2).sum()), workers**2)  # on both sides
        excess.append((bounds(found.lhs)[0] - mean_sq) / (bounds(found.rhs)[1] - mean_sq))
    assert not ARENA.replay(claim.improvement, case).violated
    assert F(4, 3) < excess[0] < excess[1] < excess[2]


def test_a_long_chain_refuses_what_it_cannot_enclose():
    with pytest.raises(ValueError, match="none negative"):
        error_floor(np.array([[1.0, -1.0]]), 2, 10)
    with pytest.raises(ValueError, match="bins must be at least 1"):
        error_floor(np.ones((3, 2)), 2, 0)
    with pytest.raises(ValueError, match="more"):
        error_floor(np.ones((30, 2)), 20, 2)


def test_bits_of_a_vector_with_one_entry_are_counted_by_hand():
    v_ = rationals([[1, 0, 0, 0]])
    found = Code().measure({"intervals": 3}, {"v": v_})
    assert found["code_bits"][0] == 32 + 4 + 3 * 1 + 5  # gamma codes: "1" for level 0, 5 bits for level 3, which is sent as 4
    assert found["code_bits_as_described"][0] == 32 + 4 + 3 * 2 + 6
    assert found["nonzeros"][0] == 1


def test_mixing_matrices_have_the_eigenvalues_they_are_said_to_have():
    for workers in (2, 3, 4):
        for W in mixings(workers):
            values = np.linalg.eigvalsh(read_mixing(W, exact=False))[:-1]
            rho, spread = spectrum(W)
            assert float(rho) == pytest.approx(np.abs(values).max(), abs=1e-12)
            assert float(spread) == pytest.approx(np.abs(values - 1).max(), abs=1e-12)
    assert spectrum([["1"]]) == (0, 0)


# ---- what must fall, and what must not ----


def test_lemma_2_falls_in_a_round_without_gradients_and_stands_summed():
    reading, found = attack(at_most(v.quantisation_noise_sq, LEMMA_2 * v.round_stochastic_sq), "gossip", GOSSIP)
    assert found.outcome == "broken"
    assert ARENA.replay(reading, found.witness).broken
    summed = [sp.Sum(each, (v.t, 0, N - 1)) for each in (v.quantisation_noise_sq, v.round_stochastic_sq)]
    assert attack(at_most(summed[0], LEMMA_2 * summed[1]), "gossip", GOSSIP)[1].outcome == "not broken"


def test_the_bound_on_bits_falls_and_stands_with_d_for_1():
    def bound(ones):
        return v.header_bits + 2 * d + d * sp.log((s**2 + 2 * s * sp.sqrt(d) + ones + d / 4) / d) / sp.log(2)

    reading, found = attack(at_most(v.code_bits, bound(1)), "code")
    assert found.outcome == "broken"
    assert ARENA.replay(reading, found.witness).broken
    assert attack(at_most(v.code_bits, bound(d)), "code")[1].outcome == "not broken"


def test_lemma_1_stands_for_segments_and_falls_for_whole_vectors():
    lemma = at_most(v.chain_error_sq / M**2, 2 * v.ring_constant / M * v.chain_inputs_sq)
    assert attack(lemma, "chain", quantise="segment")[1].outcome == "not broken"
    reading, found = attack(lemma, "chain", quantise="whole")
    assert ARENA.replay(reading, found.witness).broken


def test_noise_of_earlier_local_steps_is_correlated_with_later_gradients():
    printed = at_most(v.worker_progress_sq, K * v.sigma**2 + K * v.worker_gradient_sq)
    reading, found = attack(printed, "ring", RUNS, quantise="exactly")
    assert ARENA.replay(reading, found.witness).broken
    assert attack(at_most(v.worker_progress_sq, 2 * printed.rhs), "ring", RUNS, quantise="exactly")[1].outcome == "not broken"


def test_a_factor_that_is_tight_is_caught_a_hundredth_too_small():
    """||X (W - I)||^2 <= mu^2 ||X||^2 is attained, and Lemma 8 at t = 0 where the workers' sum is 0."""
    for share, outcome in ((1, "not broken"), (sp.Rational(99, 100), "broken")):
        assert attack(at_most(v.moved_sq, share * v.spread**2 * v.matrix_sq), "matrix")[1].outcome == outcome
        assert attack(at_most(v.mixed_deviation_sq, share * v.rho ** (2 * v.t) * v.matrix_sq), "matrix")[1].outcome == outcome


def test_an_equality_that_is_a_bound_falls_on_a_sequence():
    printed = Relation(v.discounted_sq_sum, "==", v.sequence_sq_sum / (1 - v.rho) ** 2)
    reading, found = attack(printed, "sequence", (given.spectral_gap,))
    assert ARENA.replay(reading, found.witness).broken


def test_a_segment_longer_than_its_share_breaks_what_counts_on_even_ones():
    claim = next(claim for claim in claims() if claim.id == "qprsgd/eq-10/noise")
    rows = [["161/16", "19/4", "0"], ["87/16", "17/16", "0"]]  # segments of 2 and 1 coordinates, and all is in the longer one
    arrays = {"tilts": rows, "noise": [["0"] * 3] * 2, "eta": "1/2", "knots": [[]] * 3, "bends": [[]] * 3, "curvature": ["1"] * 3}
    arrays |= {"slope": ["0"] * 3, "start": ["0"] * 3}
    uneven = {"of": "ring", "law": "paths", "rounds": 2, "gap": 1, "intervals": 6, "d": 3, "arrays": arrays}
    found = ARENA.replay(claim.improvement, uneven)
    assert found.violated
    assert [name for name, (met, _) in found.hypotheses.items() if not met] == ["even_segments"]


def test_an_instance_that_is_none_and_a_violated_hypothesis_are_told():
    reading, found = attack(at_most(v.quantisation_noise_sq, LEMMA_2 * v.round_stochastic_sq), "gossip", GOSSIP)
    moved = {**found.witness, "arrays": {**found.witness["arrays"], "start": [str(F(1))] * found.witness["d"]}}
    assert not ARENA.replay(reading, moved).hypotheses["common_start"][0]
    coarse = {**found.witness, "intervals": 1}
    assert not ARENA.replay(reading, coarse).hypotheses["fine_levels"][0]
    with pytest.raises(ValueError, match="no case of QPRSGD: KeyError 'arrays'"):
        ARENA.replay(reading, {"of": "gossip"})
    with pytest.raises(ValueError, match="of must be one of ring, gossip"):
        ARENA.replay(reading, {"of": "nothing"})
    with pytest.raises(ValueError, match='quantise must be "segment" or "whole"'):
        Chain().measure({"intervals": 1, "quantise": "no"}, {"w": np.ones((1, 2, 2))})
    for W in ([["1/2", "1/2"], ["1/4", "3/4"]], [["1/2", "1/4"], ["1/4", "1/2"]]):
        with pytest.raises(ValueError, match="W must be symmetric and have the eigenvalue 1"):
            Matrix().measure({"W": W}, {"X": np.ones((1, 2, 2))})
