"""The exact worst cases of the five papers, against what is found by hand."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy as sp

from reference import dist_ef_sgd, mdsgd, qsparse_local_sgd
from reference.local_sgd import weights
from theory.papers import claims
from theory.suprema import SUPREMA
from theory.symbols import G, gamma, i
from validation import performance, worst_case, worst_cases_dist_ef_sgd, worst_cases_ef_sgd, worst_cases_mdsgd
from validation.attack import EFFORTS
from validation.checks import Bench
from validation.performance import TOLERANCE, found, leaving, solve, within
from validation.worst_case import CASES, exact, tightness

BENCH = Bench(EFFORTS["quick"], 0, standing=lambda _: pytest.fail("nothing is cited"), proved=lambda _: False)
NEW = [claim_id for claim_id in CASES if not claim_id.startswith("qsparse_local_sgd/")]
RECORDS = {claim.id: claim for claim in claims()}


# ---- values ----


def two_way_by_hand(gamma, n):
    """One number, the gradient's sign and every residual's alternating: each triangle inequality is an equality."""
    s, worker, server = math.sqrt(1 - gamma), 0.0, 0.0
    for t in range(n):
        compressed = worker + (-1) ** t
        worker = -s * compressed
        server = -s * (server + compressed - worker)
    return (worker + server) ** 2


@pytest.mark.parametrize(("gamma", "n", "workers"), [(0.05, 5, 1), (0.3, 3, 2), (0.3, 5, 2), (0.5, 1, 3), (0.9, 4, 1), (0.99, 2, 2)])
def test_the_two_way_error_without_momentum_is_that_of_alternating_signs(gamma, n, workers):
    worst = exact("dist_ef_sgd/lemma-2/constant-step", gamma=gamma, iterations=n, workers=workers, G=1.7, eta=0.3)
    assert worst.value == pytest.approx(1.7**2 * two_way_by_hand(gamma, n), rel=TOLERANCE)
    assert worst.exact


@pytest.mark.parametrize(("step_growth", "n"), [(0.5, 5), (1.25, 4), (3.0, 2)])
def test_a_step_that_changes_divides_the_stored_errors_and_the_signs_still_alternate(step_growth, n):
    s, worker, server = math.sqrt(0.7), 0.0, 0.0
    for t in range(n):
        compressed = worker / step_growth + (-1) ** t
        worker = -s * compressed
        server = -s * (server / step_growth + compressed - worker)
    errors = exact("dist_ef_sgd/lemma-2/nondecreasing-step", step_growth=step_growth, iterations=n)
    lag = exact("dist_ef_sgd/lemma-2", step_growth=step_growth, iterations=n, eta=0.3, G=2.0)
    assert errors.value == pytest.approx((worker + server) ** 2, rel=TOLERANCE)
    assert lag.value == pytest.approx((0.3 * step_growth ** (n - 1) * 2.0) ** 2 * (worker + server) ** 2, rel=TOLERANCE)
    assert errors.exact
    assert lag.exact


def test_a_step_that_falls_by_half_breaks_the_printed_lemma_2_and_not_its_correction():
    errors, claim = exact("dist_ef_sgd/lemma-2/nondecreasing-step", step_growth=0.5), RECORDS["dist_ef_sgd/lemma-2"]
    assert errors.value > claim.readings[0].relation.rhs.subs({G: 1, gamma: 0.3})
    assert tightness(claim, claim.correction, BENCH).ratio <= 1


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("workers", [1, 2])
def test_the_drive_is_the_sum_of_the_weights_of_the_gradients(beta, workers):
    worst = exact("dist_ef_sgd/lemma-5", beta=beta, workers=workers, iterations=4, G=2.0)
    assert worst.value == pytest.approx(4 * (1 + sum(beta**k for k in range(1, 5))) ** 2, rel=TOLERANCE)
    assert worst.exact


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_error_of_the_workers_is_largest_where_all_gradients_point_one_way(beta):
    s, drives = math.sqrt(0.7), [1 + sum(beta**k for k in range(1, t + 2)) for t in range(5)]
    by_hand = sum(s ** (5 - t) * drive for t, drive in enumerate(drives)) ** 2
    assert exact("dist_ef_sgd/eq-6", beta=beta).value == pytest.approx(by_hand, rel=TOLERANCE)


@pytest.mark.parametrize("beta", [0.3, 0.5, 0.9])
def test_with_momentum_the_two_way_error_stays_below_the_largest_drive_put_into_the_formula_without(beta):
    worst = exact("dist_ef_sgd/lemma-6", beta=beta)
    assert worst.exact
    assert exact("dist_ef_sgd/lemma-6", beta=0.0).value < worst.value < 0.9 * two_way_by_hand(0.3, 5) / (1 - beta) ** 2


@pytest.mark.parametrize(("gap", "workers", "steps"), [(2, 2, [1.0]), (5, 4, [1.0, 0.5, 1 / 3, 1 / 4])])
def test_the_drift_of_local_sgd_is_the_longest_walk(gap, workers, steps):
    worst = exact("local_sgd/lemma-3.3", gap=gap, workers=workers, a=1.0, G=3.0)
    assert worst.value == pytest.approx(9 * (sum(steps[: gap - 1]) ** 2), rel=TOLERANCE)
    assert worst.exact


def test_the_drift_of_local_sgd_does_not_know_earlier_stretches_but_by_its_steps():
    late = exact("local_sgd/lemma-3.3/any-numerator", synchronisations=1, gap=3, a=2.0, step_scale=1.0)
    assert late.value == pytest.approx((1 / 5 + 1 / 6) ** 2, rel=TOLERANCE)
    assert late.exact


@pytest.mark.parametrize(("synchronisations", "gap"), [(0, 5), (1, 3)])
def test_the_progress_of_local_sgd_is_h_less_one_steps_which_the_improved_32_says(synchronisations, gap):
    worst = exact("local_sgd/eq-32", synchronisations=synchronisations, gap=gap, eta=0.5, G=3.0)
    assert worst.value == pytest.approx((0.5 * 3.0 * (gap - 1)) ** 2, rel=TOLERANCE)
    assert worst.exact


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_memory_and_the_momentum_of_mdsgd_are_sums_of_powers_for_any_number_of_workers(workers, beta):
    s, powers = math.sqrt(0.7), [sum(beta**k for k in range(t + 1)) for t in range(4)]
    memory = exact("mdsgd/sec-7/three-strategies", workers=workers, beta=beta, iterations=4, G=0.5)
    momentum = exact("mdsgd/lemma-7/momentum", workers=workers, beta=beta, iterations=4, G=0.5)
    assert memory.value == pytest.approx(0.25 * sum(s ** (4 - t) * power for t, power in enumerate(powers)) ** 2, rel=TOLERANCE)
    assert momentum.value == pytest.approx(0.25 * powers[-1] ** 2, rel=TOLERANCE)
    assert memory.exact
    assert momentum.exact


# ---- error feedback on one smooth function ----


def run_on_a_parabola(curvature, start, eta, shares, server_shares):
    """Squared gradients and values along Algorithm 2 with one worker, its maps C(v) = (1 - r) v for each r in turn, on c x^2 / 2."""
    state, gradients, values = dist_ef_sgd.init([start], 1), [], [curvature * start**2 / 2]
    for share, server_share in zip(shares, server_shares, strict=True):
        gradient = curvature * state.x
        gradients.append(float(gradient[0]) ** 2)
        state, _ = dist_ef_sgd.step(
            state, gradient[None], eta, lambda v, _, r=share: (1 - r) * v, server_compress=lambda v, _, r=server_share: (1 - r) * v
        )
        values.append(curvature * float(state.x[0]) ** 2 / 2)
    return gradients, values


@pytest.mark.parametrize("convex", [False, True])
def test_one_gradient_is_bounded_by_the_gap_or_by_its_own_bound(convex):
    loose = exact("dist_ef_sgd/eq-3", iterations=1, convex=convex, L=3.0, start=0.5, G=10.0)
    tight = exact("dist_ef_sgd/eq-3", iterations=1, convex=convex, L=3.0, start=0.5, G=1.0)
    assert loose.value == pytest.approx(2 * 3.0 * 0.5, rel=TOLERANCE)
    assert tight.value == pytest.approx(1, rel=TOLERANCE)
    assert loose.exact
    assert tight.exact


@pytest.mark.parametrize("two_way", [False, True])
def test_no_run_on_a_parabola_exceeds_the_worst_case(two_way):
    draws, s = np.random.default_rng(0), math.sqrt(0.5)
    gradients = exact("dist_ef_sgd/eq-3", iterations=3, two_way=two_way)
    gap = exact("dist_ef_sgd/eq-3", iterations=3, two_way=two_way, quantity="function_gap", convex=True)
    for _ in range(200):
        curvature, share = draws.uniform(0.05, 1), draws.uniform(0, 1)
        shares, server_shares = draws.choice([-s, s], (2, 3)) * (1, 1, share) * [[1], [two_way]]
        squares, _ = run_on_a_parabola(curvature, math.sqrt(2 / curvature), 0.3, shares, server_shares)
        assert np.mean(np.minimum(squares, 4)) <= gradients.value * (1 + TOLERANCE) or max(squares) > 4
        squares, values = run_on_a_parabola(curvature, 1.0, 0.3, shares, server_shares)
        assert values[-1] <= gap.value * (1 + TOLERANCE) or max(squares) > 4


def test_with_a_map_that_hardly_compresses_the_gap_is_that_of_gradient_descent():
    worst = exact("dist_ef_sgd/eq-3", iterations=3, two_way=False, convex=True, quantity="function_gap", gamma=1 - 1e-6, L=2.0, eta=0.4)
    assert worst.value == pytest.approx(2.0 / 2 / (2 * 3 * 0.4 * 2.0 + 1), rel=2e-2)  # L D^2 / (4 T eta L + 2), Drori and Teboulle 2014


def test_convexity_does_not_make_the_gradients_of_ef_sgd_smaller():
    smooth, convex = (exact("dist_ef_sgd/eq-3", iterations=3, two_way=False, convex=each) for each in (False, True))
    assert smooth.value == pytest.approx(convex.value, rel=TOLERANCE)
    assert smooth.exact
    assert convex.exact


def test_the_units_of_gradients_and_gaps_scale():
    one = exact("dist_ef_sgd/eq-3", iterations=3)
    scaled = exact("dist_ef_sgd/eq-3", iterations=3, L=1e4, eta=0.3e-4, start=1e-3, G=2 * math.sqrt(10))
    assert scaled.value == pytest.approx(10 * one.value, rel=TOLERANCE)
    gap = exact("dist_ef_sgd/eq-3", iterations=2, quantity="function_gap", convex=True)
    far = exact("dist_ef_sgd/eq-3", iterations=2, quantity="function_gap", convex=True, L=4.0, eta=0.075, start=25.0, G=40.0)
    assert far.value == pytest.approx(100 * gap.value, rel=TOLERANCE)
    assert far.exact


def test_gradients_that_no_function_has_are_not_an_instance(monkeypatch):
    monkeypatch.setattr(worst_cases_ef_sgd, "found", lambda points: found(points) * np.array(1.01))
    assert not exact("dist_ef_sgd/eq-3", iterations=3).exact


# ---- M-DSGD on one convex function ----


def test_one_subgradient_moves_nothing_yet_and_the_gap_is_its_norm_times_the_distance():
    worst = exact("mdsgd/lemma-11", iterations=1, G=3.0, start_distance_sq=0.25)
    assert worst.value == pytest.approx(1.5, rel=TOLERANCE)
    assert worst.exact


def test_no_run_on_an_absolute_value_exceeds_the_gap_of_the_mean_iterate():
    worst, draws = exact("mdsgd/lemma-11", iterations=4, eta=0.2, beta=0.5, U=0.7), np.random.default_rng(1)
    assert worst.exact
    for _ in range(200):
        slope, state, x = draws.uniform(0.3, 1), mdsgd.init([1.0], 1), []
        for left in draws.choice([-0.7, 0.7, 0.0], 4):
            x.append(float(state.x[0]))
            state, _ = mdsgd.step(state, slope * np.sign(state.x)[None], 0.2, 0.5, lambda v, _, u=left: v - u)
        assert slope * abs(np.mean(x)) <= worst.value * (1 + TOLERANCE)


@pytest.mark.parametrize(("G", "largest"), [(3.0, 1.0), (0.5, 0.25)])
def test_one_gradient_is_as_large_as_the_gap_and_G_allow(G, largest):
    worst = exact("mdsgd/theorem-10", iterations=1, L=2.0, G=G, initial_gap=0.25)
    assert worst.value == pytest.approx(largest, rel=TOLERANCE)  # 2 L (f - f*) or G^2
    assert worst.exact


def test_no_run_on_a_parabola_exceeds_the_mean_gradient():
    worst, draws = exact("mdsgd/theorem-10", iterations=4, L=1.0, eta=0.1, beta=0.5, U=0.7, initial_gap=0.1), np.random.default_rng(1)
    assert worst.exact
    for _ in range(200):
        curvature = draws.uniform(0.1, 1)
        state, squares = mdsgd.init([np.sqrt(2 * 0.1 / curvature)], 1), []
        for left in draws.choice([-0.7, 0.7, 0.0], 4):
            g = curvature * state.x
            squares.append(float(g[0]) ** 2)
            state, _ = mdsgd.step(state, g[None], 0.1, 0.5, lambda v, _, u=left: v - u)
        assert max(squares) <= 1
        assert np.mean(squares) <= worst.value * (1 + TOLERANCE)


@pytest.mark.parametrize("claim_id", NEW)
def test_the_reference_attains_every_case_after_the_horizon_it_says_and_the_multipliers_are_a_proof(claim_id):
    worst = exact(claim_id)
    assert worst.status == "optimal"
    assert worst.exact
    assert f" n = {worst.horizon} " in worst.setting
    assert worst.multipliers
    assert min(worst.multipliers) >= -TOLERANCE * max(worst.multipliers)


# ---- one function, Qsparse and local SGD ----


@pytest.mark.parametrize("claim_id", ["qsparse_local_sgd/theorem-1", "qsparse_local_sgd/theorem-5"])
@pytest.mark.parametrize(("G", "largest"), [(3.0, 2.0), (0.5, 0.25)])
def test_one_iteration_has_the_gradient_that_the_gap_and_G_allow(claim_id, G, largest):
    worst = exact(claim_id, horizon=1, L=2.0, G=G, initial_gap=0.5)
    assert worst.value == pytest.approx(largest, rel=TOLERANCE)  # 2 L (f - f*) or G^2
    assert worst.exact


@pytest.mark.parametrize("claim_id", ["qsparse_local_sgd/theorem-2", "local_sgd/theorem-2.2"])
def test_one_iterate_has_the_gap_of_the_steepest_parabola(claim_id):
    worst = exact(claim_id, horizon=1, L=2.0, G=10.0, start_distance_sq=0.25)
    assert worst.value == pytest.approx(2.0 / 2 * 0.25, rel=TOLERANCE)
    assert worst.exact


def runs_of_one_worker(etas, gap, shares, slope, start):
    """Iterates of Algorithm 1 of Qsparse-local-SGD with the maps C(v) = (1 - r) v for each r in turn."""
    state, x, maps = qsparse_local_sgd.init([start], 1), [], iter(shares)
    for t, eta in enumerate(etas, 1):
        x.append(float(state.x_hat[0, 0]))
        state, _ = qsparse_local_sgd.step(state, slope * state.x_hat, eta, t % gap == 0, lambda v, _: (1 - next(maps)) * v)
    return np.array(x)


def test_no_run_on_a_parabola_exceeds_the_worst_cases_of_the_theorems():
    draws, s = np.random.default_rng(2), math.sqrt(0.5)
    gradients, gap, local = (
        exact(each) for each in ("qsparse_local_sgd/theorem-1", "qsparse_local_sgd/theorem-2", "local_sgd/theorem-2.2")
    )
    for _ in range(200):
        slope, shares = draws.uniform(0.25, 1), draws.choice([-s, s], 4)
        x = runs_of_one_worker([0.25] * 4, 2, shares, slope, math.sqrt(2 / slope))
        assert np.mean((slope * x) ** 2) <= gradients.value * (1 + TOLERANCE)
        for worst, (numerator, a), maps in ((gap, (8, 129), shares), (local, (4, 16.5), [0.0] * 4)):
            x = runs_of_one_worker([numerator / (0.25 * (a + t)) for t in range(3)], 2, maps, slope, 1.0)
            assert slope / 2 * (x @ weights(a, 3) / weights(a, 3).sum()) ** 2 <= worst.value * (1 + TOLERANCE)


def test_the_units_of_a_run_on_one_function_scale():
    one, gap = exact("qsparse_local_sgd/theorem-1"), exact("qsparse_local_sgd/theorem-2")
    scaled = exact("qsparse_local_sgd/theorem-1", L=1e4, C_hat=0.5e-4, initial_gap=1e-3, G=2 * math.sqrt(10))
    assert scaled.value == pytest.approx(10 * one.value, rel=TOLERANCE)
    far = exact("qsparse_local_sgd/theorem-2", L=4.0, mu=1.0, start_distance_sq=25.0, G=20.0)
    assert far.value == pytest.approx(100 * gap.value, rel=TOLERANCE)
    assert far.exact


# ---- gossip without quantisers ----


@pytest.mark.parametrize(("share", "rounds", "gap", "workers"), [(0.25, 5, 2, 2), (0.1, 4, 1, 3), (0.4, 5, 3, 2), (0.5, 3, 2, 2)])
def test_the_consensus_of_gossip_is_the_norm_of_a_convolution_with_powers_of_its_eigenvalue(share, rounds, gap, workers):
    worst = exact("qprsgd/lemma-7", share=share, rounds=rounds, gap=gap, workers=workers, eta=0.5)
    left = np.arange(rounds)[:, None] - 1 - np.arange(rounds)
    powers = np.where(left >= 0, (1 - workers * share) ** np.maximum(left, 0.0), 0.0)
    assert worst.value == pytest.approx(0.25 * gap * np.linalg.norm(powers, 2) ** 2, rel=TOLERANCE)
    assert worst.exact


def test_no_constant_below_that_of_the_improved_lemma_7_holds_for_all_numbers_of_rounds_without_quantisers():
    printed, improved = (reading.relation for reading in RECORDS["qprsgd/lemma-7"].stated)
    at = {symbol: 0.5 for symbol in printed.symbols if symbol.name == "rho"}
    squares = next(total for total in improved.rhs.atoms(sp.Sum) if "stochastic" in str(total))
    unit = {symbol: 1 for symbol in (improved.rhs.free_symbols | squares.free_symbols) if symbol.name in ("eta", "gap")}
    noise = {total: 0 for total in improved.rhs.atoms(sp.Sum) if total != squares}
    limits = [float(side.subs({squares: 1, **noise}).subs({**at, **unit})) for side in (printed.rhs, improved.rhs)]
    left = np.arange(300)[:, None] - 1 - np.arange(300)
    norm = np.linalg.norm(np.where(left >= 0, 0.5 ** np.maximum(left, 0.0), 0.0), 2)
    assert limits == pytest.approx([8, 4])
    assert norm**2 == pytest.approx(limits[1], rel=1e-3)


def test_the_drift_of_one_round_of_gossip_is_the_norm_of_the_sums_of_its_steps():
    worst = exact("qprsgd/lemma-10", rounds=1, gap=4, eta=3.0)
    assert worst.value == pytest.approx(9 * np.linalg.norm(np.tril(np.ones((4, 4)), -1), 2) ** 2, rel=TOLERANCE)
    assert worst.exact


# ---- what the check says ----


@pytest.mark.parametrize("claim_id", NEW)
def test_every_case_is_compared_with_a_reading_of_its_claim(claim_id):
    claim = RECORDS[claim_id]
    assert any(found is not None and found.outcome == "exact" for found in (tightness(claim, each, BENCH) for each in claim.stated))


def test_the_printed_lemma_5_of_dist_ef_sgd_is_exceeded_and_its_correction_is_not():
    claim = RECORDS["dist_ef_sgd/lemma-5"]
    assert tightness(claim, claim.readings[0], BENCH).ratio > 1.9
    assert tightness(claim, claim.correction, BENCH).ratio <= 1


# ---- instances ----


def test_an_instance_is_made_feasible():
    vectors = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    assert np.linalg.norm(within(vectors, 1.0), axis=-1) == pytest.approx([1, 0.5, 0])
    compress = leaving([vectors], 0.75)
    v = np.array([[2.0, 0.0], [0.0, 8.0], [1.0, 1.0]])
    assert np.linalg.norm(v - compress(v, None), axis=-1) == pytest.approx([1, 0.5, 0])


def test_a_run_that_asks_more_often_than_the_instance_has_residuals_is_an_error():
    compress = leaving([np.zeros(2)], 0.5)
    compress(np.ones(2), None)
    with pytest.raises(StopIteration):
        compress(np.ones(2), None)


def test_an_instance_that_is_not_extremal_is_noticed(monkeypatch):
    monkeypatch.setattr(worst_cases_dist_ef_sgd, "found", lambda points: -abs(found(points)))
    monkeypatch.setattr(worst_cases_mdsgd, "found", lambda points: found(points) * 0.999)
    assert not exact("dist_ef_sgd/lemma-6").exact
    assert not exact("mdsgd/sec-7/three-strategies").exact


@pytest.mark.parametrize(
    "claim_id",
    [
        "dist_ef_sgd/eq-6",
        "dist_ef_sgd/eq-3",
        "local_sgd/lemma-3.3",
        "local_sgd/theorem-2.2",
        "mdsgd/sec-7/three-strategies",
        "mdsgd/lemma-11",
        "mdsgd/theorem-10",
        "qprsgd/lemma-7",
    ],
)
def test_a_solver_that_gives_up_gives_no_value_and_no_gap(claim_id, monkeypatch):
    monkeypatch.setattr(performance, "solve", partial(solve, max_iter=1))
    monkeypatch.setattr(worst_case, "_registered", worst_case._registered.__wrapped__)  # what was solved before is remembered
    failed = exact(claim_id)
    assert failed.value is None
    assert failed.gap == math.inf
    assert tightness(RECORDS[claim_id], RECORDS[claim_id].readings[0], BENCH).outcome == "solver failed"


@pytest.mark.parametrize(
    ("claim_id", "parameters", "says"),
    [
        ("dist_ef_sgd/lemma-6", {"quantity": "bits"}, "quantity must be one of two_way_error_sq, .*got 'bits'"),
        ("dist_ef_sgd/lemma-6", {"beta": 1.0}, "beta must be at least 0 and below 1, got 1.0"),
        ("dist_ef_sgd/lemma-6", {"gamma": 0.0}, "gamma must lie strictly between 0 and 1, got 0.0"),
        ("dist_ef_sgd/lemma-6", {"iterations": 0}, "iterations must be an integer of at least 1, got 0"),
        ("dist_ef_sgd/lemma-6", {"G": -1.0}, "G must be positive and finite, got -1.0"),
        ("dist_ef_sgd/eq-3", {"quantity": "bits"}, "quantity must be one of output_gradient_sq, function_gap, got 'bits'"),
        ("dist_ef_sgd/eq-3", {"quantity": "function_gap"}, "function_gap needs convex=True"),
        ("dist_ef_sgd/eq-3", {"beta": 0.5, "two_way": False}, "beta must be .* 0 without two_way, got 0.5"),
        ("dist_ef_sgd/eq-3", {"start": 0.0}, "start must be positive and finite, got 0.0"),
        ("dist_ef_sgd/lemma-2", {"step_growth": 0.0}, "step_growth must be positive and finite, got 0.0"),
        ("local_sgd/theorem-2.2", {"mu": 1.0}, "mu must lie strictly between 0 and 1, got 1.0"),
        ("qsparse_local_sgd/theorem-1", {"gap": 0}, "gap must be an integer of at least 1, got 0"),
        ("qprsgd/lemma-7", {"rounds": 1}, "rounds must be an integer of at least 2 for consensus_sq, got 1"),
        ("qprsgd/lemma-7", {"share": 1.0}, "share must lie strictly between 0 and 1, got 1.0"),
        ("local_sgd/lemma-3.3", {"gap": 1}, "gap must be an integer of at least 2, got 1"),
        ("local_sgd/lemma-3.3", {"workers": 1}, "workers must be an integer of at least 2, got 1"),
        ("local_sgd/lemma-3.3", {"eta": 1.0}, "give either eta, or step_scale and a"),
        ("mdsgd/lemma-11", {"U": 0.0}, "U must be positive and finite, got 0.0"),
        ("mdsgd/lemma-11", {"beta": 1.0}, "beta must be at least 0 and below 1, got 1.0"),
        ("mdsgd/lemma-7/momentum", {"workers": 0}, "workers must be an integer of at least 1, got 0"),
        ("mdsgd/lemma-7/momentum", {"beta": -0.1}, "beta must be at least 0 and below 1, got -0.1"),
    ],
)
def test_bad_input_is_refused_by_name(claim_id, parameters, says):
    with pytest.raises(ValueError, match=says):
        exact(claim_id, **parameters)


# ---- the closed forms of theory.suprema ----


def letters(worst):
    return {name: values[0] for name, values in worst.measured.items() if values.ndim == 1}


@pytest.mark.parametrize("claim_id", SUPREMA)
@pytest.mark.parametrize(("gamma", "horizon"), [(0.1, 4), (0.3, 5), (0.7, 1), (0.9, 3)])
def test_the_programme_finds_the_closed_form(claim_id, gamma, horizon):
    supremum = SUPREMA[claim_id]
    name = "synchronisations" if supremum.index == i else "iterations"
    worst = exact(claim_id, gamma=gamma, **{name: horizon})
    values = {symbol: letters(worst)[symbol.name] for symbol in supremum.value.free_symbols - {supremum.index}}
    closed_form = supremum.value.subs({supremum.index: horizon, **{symbol: float(number) for symbol, number in values.items()}})
    assert worst.horizon == horizon
    assert worst.value == pytest.approx(float(closed_form), rel=TOLERANCE)


def test_the_two_way_run_of_the_theory_is_one_of_the_reference_in_rationals():
    supremum = SUPREMA["dist_ef_sgd/lemma-2/constant-step"]
    half = Fraction(1, 2)  # of a norm is left where gamma = 3/4
    state = dist_ef_sgd.init([Fraction(0)], 2)
    for n in range(1, 7):
        gradients = np.full((2, 1), Fraction((-1) ** (n - 1)), dtype=object)
        state, _ = dist_ef_sgd.step(state, gradients, Fraction(1, 3), lambda v, _: (1 + half) * v)
        value = supremum.value.subs({supremum.index: n, gamma: sp.Rational(3, 4), G: 1})
        reached = (state.server_memory + state.memory.sum(0) / 2)[0] ** 2
        assert value == sp.Rational(reached.numerator, reached.denominator)
