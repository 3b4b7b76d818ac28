"""The shared hypotheses, as printed. `validation.hypotheses` judges instances by the same names.

Scalar conditions are exact; a hypothesis about functions, gradients, maps or synchronisation sets carries none here.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Hypothesis
from theory.symbols import (
    C,
    C_hat,
    G,
    H,
    J,
    L,
    R,
    T,
    U,
    a,
    alpha_t,
    b,
    beta,
    block_coefficient,
    block_ratio,
    block_size,
    blocks,
    d,
    descent_share,
    distance_bound,
    drift_share,
    entry_bits,
    envelope,
    eta,
    eta_of,
    eta_t,
    gamma,
    gamma_t,
    i,
    initial_gap,
    iterate_distance_sq,
    k,
    kappa,
    kept_l1,
    kept_l1_sq,
    kept_sq,
    lag_factor,
    largest_turn,
    least_kept,
    m,
    mixing,
    momentum,
    mu,
    n,
    p,
    paired,
    peak_eta,
    piece_error_sq,
    piece_gammas,
    piece_k,
    piece_sq,
    rand_sq,
    ratio,
    rho,
    ring_constant,
    rounds,
    s,
    sigma,
    sigma_max,
    spread,
    stage_bound,
    stage_constant,
    stage_eta,
    stage_horizon,
    stage_loss_gap,
    t,
    t_i,
    t_j,
    t_next,
    tau,
    total_memory_sq,
    transformed_distance_sq,
    turn_factor,
    weak_convexity,
    x_l1,
    x_l1_sq,
    x_sq,
    xi,
    zeta,
)

smooth = Hypothesis("smooth", "every f^(r) has an L-Lipschitz gradient (Definition 3)")
one_sided_smooth = Hypothesis("one_sided_smooth", "every f^(r) lies below its tangent paraboloid of curvature L (Assumption 1)")
strongly_convex = Hypothesis("strongly_convex", "every f^(r) is mu-strongly convex (Definition 4)", sp.And(mu > 0, mu <= L))
convex = Hypothesis("convex", "every f^(r) is convex (Definition 2)")
second_moment = Hypothesis("second_moment", "E ||grad f_i||^2 <= G^2 at every local iterate (Assumption 2)", G > 0)
variance = Hypothesis("variance", "E ||grad f_i - grad f^(r)||^2 <= sigma_r^2 at every local iterate, workers sample independently")
contraction = Hypothesis("contraction", "E ||x - C(x)||^2 <= (1 - gamma) ||x||^2 for every x (Definition 7)", sp.And(gamma > 0, gamma <= 1))
gap_from_zero = Hypothesis("gap_from_zero", "consecutive synchronisations, the start counted as one, are at most H apart", H >= 1)
gap_as_defined = Hypothesis("gap_as_defined", "consecutive elements of I_T are at most H apart (Definition 8, literally)", H >= 1)
fixed_step = Hypothesis("fixed_step", "eta_t = eta for every t", eta > 0)
decaying_step = Hypothesis("decaying_step", "eta_t = xi / (a + t)", sp.And(xi > 0, a > 0))
strongly_convex_step = Hypothesis("strongly_convex_step", "eta_t = 8 / (mu (a + t))", sp.And(mu > 0, a > 0))
horizon_step = Hypothesis("horizon_step", "eta = C_hat / sqrt(T), at most 1 / (2 L)", C_hat / sp.sqrt(T) <= 1 / (2 * L))
shift_above_memory = Hypothesis("shift_above_memory", "a > 4 H / gamma", a > 4 * H / gamma)
shift_above_gap = Hypothesis("shift_above_gap", "a >= H", a >= H)
shift_above_one = Hypothesis("shift_above_one", "a > 1", a > 1)
shift_above_half = Hypothesis("shift_above_half", "a > 1 / 2", a > sp.Rational(1, 2))
shift_above_condition = Hypothesis("shift_above_condition", "a > 32 kappa", a > 32 * L / mu)
shift_above_step = Hypothesis("shift_above_step", "a > 2 xi L, so that eta_t <= 1 / (2 L)", a > 2 * xi * L)
memory_constant = Hypothesis(
    "memory_constant", "C >= 4 a gamma (1 - gamma^2) / (a gamma - 4 H)", 4 * a * gamma * (1 - gamma**2) / (a * gamma - 4 * H) <= C
)
step_at_most_half = Hypothesis("step_at_most_half", "eta_t <= 1 / (2 L)", eta_t <= 1 / (2 * L))
step_at_most_quarter = Hypothesis("step_at_most_quarter", "eta_t <= 1 / (4 L)", eta_t <= 1 / (4 * L))
minimiser = Hypothesis("minimiser", "x* minimises f, so grad f(x*) = 0")
fixed_step_at_most_half = Hypothesis("fixed_step_at_most_half", "eta <= 1 / (2 L)", eta <= 1 / (2 * L))
fixed_step_at_most_quarter = Hypothesis("fixed_step_at_most_quarter", "eta <= 1 / (4 L)", eta <= 1 / (4 * L))
later_synchronisation = Hypothesis("later_synchronisation", "t_i < t_(i+1)", t_next > t_i)
next_synchronisation = Hypothesis("next_synchronisation", "t_i < t_(i+1) <= t_i + H", sp.And(t_next > t_i, t_next <= t_i + H))
last_synchronisation = Hypothesis("last_synchronisation", "t_i <= t <= t_i + H", sp.And(t >= t_i, t <= t_i + H))
between_synchronisations = Hypothesis(
    "between_synchronisations", "t_i <= t < t_(i+1) <= t_i + H, so that t <= t_i + H - 1", sp.And(t >= t_i, t <= t_i + H - 1)
)
recent_synchronisation = Hypothesis(
    "recent_synchronisation", "t'_0 <= t_r = j <= t <= t'_0 + H - 1", sp.And(t_j >= t_i, t >= t_j, t <= t_i + H - 1)
)
synchronised_before = Hypothesis("synchronised_before", "t_i <= j <= t_i + H - 1", sp.And(t_j >= t_i, t_j <= t_i + H - 1))
recent_message = Hypothesis("recent_message", "t'_0 <= j <= t <= t'_0 + H", sp.And(t_j >= t_i, t >= t_j, t <= t_i + H))
first_synchronisation = Hypothesis("first_synchronisation", "t_(1) <= H", t_next <= H)
positive_constant = Hypothesis("positive_constant", "C > 0, since the proof divides by it", C > 0)
claim_1 = Hypothesis(
    "claim_1",
    "(gamma / p) (1 - p^2 (1 - gamma^2) / ((p - 1) C)) >= 2 H / a",
    gamma / p * (1 - p**2 * (1 - gamma**2) / ((p - 1) * C)) >= 2 * H / a,
)
ratio_above_gap = Hypothesis("ratio_above_gap", "beta >= 2 H", ratio >= 2 * H)
free_memory_constant = Hypothesis(
    "free_memory_constant",
    "C >= gamma a p^2 (1 - gamma^2) / ((p - 1) (a gamma - 2 p H))",
    gamma * a * p**2 * (1 - gamma**2) / ((p - 1) * (a * gamma - 2 * p * H)) <= C,
)
shift_above_free_memory = Hypothesis("shift_above_free_memory", "a > 2 p H / gamma", a > 2 * p * H / gamma)
stretch = Hypothesis("stretch", "n iterations, at most H", n <= H)
since_synchronisation = Hypothesis(
    "since_synchronisation", "n iterations since the last synchronisation: none, so that nothing moved, or at most H - 1", n <= H - 1
)
iterations_paired = Hypothesis(
    "iterations_paired",
    "n pairs of iterations, one since t'_0 and one of at most H - 1 before that is unsent then: none, or as many as these allow",
    sp.And(n <= (H - 1) * paired, paired <= H - 1),
)
pair_of_iterations = Hypothesis(
    "pair_of_iterations",
    "t_j < t'_0 = t_i < t_j + H, t'_0 <= t < t'_0 + H",
    sp.And(t >= t_i, t <= t_i + H - 1, t_i >= t_j, t_i <= t_j + H - 1, paired <= H - 1),
)
nonincreasing_step = Hypothesis("nonincreasing_step", "eta_j <= eta_(t_i) for j >= t_i")
proper_contraction = Hypothesis("proper_contraction", "gamma < 1", gamma < 1)
young_parameter = Hypothesis("young_parameter", "p > 1", p > 1)
unbiased = Hypothesis("unbiased", "E Q(x) = x (Definition 5 (i))")
excess = Hypothesis("excess", "E ||Q(x)||^2 <= (1 + beta) ||x||^2 (Definition 5 (ii))", beta > 0)
excess_below_one = Hypothesis("excess_below_one", "beta_{k,s} < 1", beta < 1)
keeps_k = Hypothesis("keeps_k", "Comp_k is Top_k or Rand_k", sp.And(k >= 1, k <= d))
any_map = Hypothesis("any_map", "any map in the place of the compressor")
batches = Hypothesis("batches", "mini-batches of b samples, drawn uniformly", b >= 1)
noisy = Hypothesis("noisy", "sigma_max > 0", sigma_max > 0)
condition_number = Hypothesis("condition_number", "kappa = L / mu", sp.Eq(kappa, L / mu))
convex_weights = Hypothesis("convex_weights", "lambda in [0, 1]", mixing <= 1)
largest_kept = Hypothesis(
    "largest_kept",
    "Top_k: no dropped entry exceeds a kept one",
    sp.And(kept_sq >= k * least_kept**2, x_sq - kept_sq <= (d - k) * least_kept**2),
)
even_chances = Hypothesis("even_chances", "Rand_k keeps each entry with probability k / d", sp.Eq(rand_sq, k / d * x_sq))
power_of_two = Hypothesis("power_of_two", "the Walsh-Hadamard rotation needs a power of two of coordinates, at least 1", d >= 1)
regime_qsgd = Hypothesis("regime_qsgd", "k < s^2", k < s**2)
regime_qsgd_improved = Hypothesis("regime_qsgd_improved", "k < 4 s^2", k < 4 * s**2)
regime_levels = Hypothesis("regime_levels", "k < 2 s^2", k < 2 * s**2)
regime_rotated = Hypothesis("regime_rotated", "k < 2^(s^2/2 - 1)")
excess_at_most_one = Hypothesis("excess_at_most_one", "beta_{d,s} <= 1", beta <= 1)
part_of_k = Hypothesis("part_of_k", "k_i <= k = k_1 + ... + k_L", piece_k <= k)
first_order = Hypothesis("first_order", "m = 1", sp.Eq(m, 1))
higher_order = Hypothesis("higher_order", "m >= 2", m >= 2)
two_pieces = Hypothesis(
    "two_pieces",
    "two contractions on two pieces; more pieces are split off one by one",
    sp.And(*[sp.And(g <= 1, e <= (1 - g) * x) for g, e, x in zip(piece_gammas, piece_error_sq, piece_sq, strict=True)]),
)
nonzero_pieces = Hypothesis("nonzero_pieces", "the pieces are not all zero", sum(piece_sq) > 0)
flat_pieces = Hypothesis(
    "flat_pieces",
    "a coefficient is at least 1 / d_b of the largest block, unless the piece is zero",
    sp.And(*[sp.Or(g >= 1 / block_size, sp.Eq(x, 0)) for g, x in zip(piece_gammas, piece_sq, strict=True)]),
)
k_sparse_output = Hypothesis(
    "k_sparse_output", "at equal entries no operator that keeps k of d contracts by more than k / d", gamma <= k / d
)
sign_top_k = Hypothesis("sign_top_k", "gamma >= 1 / d, which Lemma 3 grants SignTop_k", gamma >= 1 / d)
qsgd_below_one = Hypothesis("qsgd_below_one", "beta_{k,s} of QSGD is below 1", sp.Min(k / s**2, sp.sqrt(k) / s) < 1)
levels_below_one = Hypothesis("levels_below_one", "beta_{k,s} of stochastic s-level quantisation is below 1", k / (2 * s**2) < 1)
rotated_below_one = Hypothesis("rotated_below_one", "beta_{k,s} of stochastic rotated quantisation is below 1")
one_kept = Hypothesis(
    "one_kept", "k = 1, so that both norms of what is kept are equal", sp.And(sp.Eq(k, 1), sp.Eq(kept_l1_sq, kept_sq), kept_sq > 0)
)
several_kept = Hypothesis("several_kept", "k >= 2", k >= 2)
all_equal = Hypothesis(
    "all_equal", "k = d > 1 and entries of one magnitude", sp.And(sp.Eq(k, d), d >= 2, sp.Eq(kept_l1_sq, d * kept_sq), kept_sq > 0)
)
at_least_one_bit = Hypothesis("at_least_one_bit", "a value that can differ needs a bit", entry_bits >= 1)
largest_kept_flatness = Hypothesis(
    "largest_kept_flatness",
    "Top_k of x != 0: no dropped entry exceeds a kept one, in magnitudes and in squares",
    sp.And(
        sp.Eq(x_l1_sq, x_l1**2),
        sp.Eq(kept_l1_sq, kept_l1**2),
        x_l1 >= kept_l1,
        kept_sq >= least_kept * kept_l1,
        x_sq - kept_sq <= least_kept * (x_l1 - kept_l1),
        x_sq >= kept_sq,
        kept_sq > 0,
    ),
)

largest_kept_sum = Hypothesis(
    "largest_kept_sum",
    "Top_k: kept entries are at least the least of them, dropped ones at most; squares of what exceeds it add up to at most its square",
    sp.And(
        sp.Eq(kept_l1_sq, kept_l1**2),
        kept_l1 >= k * least_kept,
        kept_sq <= k * least_kept**2 + 2 * least_kept * (kept_l1 - k * least_kept) + (kept_l1 - k * least_kept) ** 2,
        x_sq - kept_sq <= (d - k) * least_kept**2,
    ),
)
several_coordinates = Hypothesis("several_coordinates", "d >= 2", d >= 2)

# dist-EF-SGD: one function F for all workers, any positive steps, two-way error feedback
common_variance = Hypothesis("common_variance", "E_t ||g_t^r - grad F(x_t)||^2 <= sigma^2, workers sample independently (Assumption 2)")
bounded_gradient = Hypothesis("bounded_gradient", "||grad F(x_t)||^2 <= omega^2, G^2 = sigma^2 + omega^2 (Assumption 3)")
positive_step = Hypothesis("positive_step", "eta_t > 0 for every t")
nondecreasing_step = Hypothesis("nondecreasing_step", "the step never falls")
monotone_step = Hypothesis("monotone_step", "the step never rises, or it never falls")
warm_up_then_decay_step = Hypothesis("warm_up_then_decay_step", "the step never falls up to some t, and never rises from there on")
alternating_step = Hypothesis("alternating_step", "eta_t alternates between two values")
step_below_three_halves = Hypothesis("step_below_three_halves", "0 < eta_t < 3 / (2 L) for every t", eta_t < 3 / (2 * L))
momentum_range = Hypothesis("momentum_range", "0 <= beta < 1, the momentum coefficient", momentum < 1)
momentum_step = Hypothesis("momentum_step", "eta <= (1 - beta)^2 / (2 L)", eta <= (1 - momentum) ** 2 / (2 * L))
one_worker = Hypothesis("one_worker", "a single worker, M = 1", sp.Eq(R, 1))
repeatable = Hypothesis("repeatable", "C(c v) = c C(v) for every c > 0, and C(C(v)) = C(v), as for top-k and scaled signs without zeros")
identity_map = Hypothesis("identity_map", "C(v) = v, which is delta = 1", sp.Eq(gamma, 1))
positive_weights = Hypothesis(
    "positive_weights",
    "the sum of eta_t (3 - 2 L eta_t) is positive, as 0 < eta_t < 3 / (2 L) makes it",
    sp.Sum(eta_t * (3 - 2 * L * eta_t), (t, 0, T - 1)) > 0,
)
rising_step = Hypothesis("rising_step", "eta_(t-1) <= eta_t", eta_of(t - 1) <= eta_t)
peak_so_far = Hypothesis(
    "peak_so_far",
    "peak_t is the largest step up to t",
    sp.And(eta_t <= peak_eta, peak_eta.subs(t, t - 1) <= peak_eta),
)

# M-DSGD: momentum and memory without the step size, the transformed iterate z_t, stages
positive_momentum = Hypothesis("positive_momentum", "0 < beta < 1", sp.And(momentum > 0, momentum < 1))
no_momentum = Hypothesis("no_momentum", "beta = 0, vanilla SGD", sp.Eq(momentum, 0))
memory_at_most_U = Hypothesis("memory_at_most_U", "E ||u~_t||^2 <= U^2 for every t, U > 0", sp.And(U > 0, total_memory_sq <= U**2))
distance_at_most_B = Hypothesis(
    "distance_at_most_B",
    "E ||z_t - w*||^2 <= B^2 for every t, B > 0",
    sp.And(distance_bound > 0, transformed_distance_sq <= distance_bound**2),
)
fixed_transformation = Hypothesis("fixed_transformation", "eta_t = eta and rho_t = beta eta / (beta - 1) for every t", eta > 0)
suffix_step = Hypothesis("suffix_step", "eta_t = (1/t - beta/(t+1)) / mu and rho_t = -beta / (mu (t+1)), from t = 1 (Theorem 8)", mu > 0)
root_transformation = Hypothesis("root_transformation", "eta_t = 1/sqrt(t+1) - beta/sqrt(t+2) and rho_t = -beta/sqrt(t+2) (Theorem 9)")
weight_recursion = Hypothesis("weight_recursion", "beta rho_t = beta eta_t + rho_{t-1} for every t >= 1 (Lemma 6)")
strategy_2_weights = Hypothesis(
    "strategy_2_weights", "eta_t = eta (1/t^alpha - beta/(t+1)^alpha) and rho_t = -beta eta/(t+1)^alpha, from t = 1 (section 5, corrected)"
)
bounded_everywhere = Hypothesis(
    "bounded_everywhere",
    "||grad F(w)|| <= G for every w, at distance 2 G / mu of w* too, where strong convexity gives 2 G",
    sp.Le(2 * G, G),
)
same_start = Hypothesis("same_start", "z_0 = w_0")
unbiased_given_past = Hypothesis("unbiased_given_past", "E[d_t | w_t, z_t] = grad F(w_t)")
unbiased_given_iterate = Hypothesis("unbiased_given_iterate", "E[d_t | w_t] = grad F(w_t), as printed")
transformed = Hypothesis(
    "transformed",
    "(9) and (10): 0 <= alpha_t <= delta gamma_t^2 <= Q (the sign of alpha_t goes into e_t), A > 0",
    sp.And(lag_factor > 0, gamma_t > 0, alpha_t <= turn_factor * gamma_t**2, turn_factor * gamma_t**2 <= largest_turn),
)
weakly_convex = Hypothesis("weakly_convex", "f is c-weakly convex (Definition 4)")
small_envelope = Hypothesis("small_envelope", "0 < gamma < 1/c", weak_convexity * envelope < 1)
half_envelope = Hypothesis("half_envelope", "gamma = 1/(2 c)", sp.Eq(2 * weak_convexity * envelope, 1))
stage_steps = Hypothesis("stage_steps", "eta_s = eta_0 / (s + 1)", sp.Eq(stage_eta * (i + 1), stage_eta.subs(i, 0)))
long_stages = Hypothesis("long_stages", "eta_s T_s >= 12 gamma", sp.And(stage_eta > 0, stage_eta * stage_horizon >= 12 * envelope))
stage_losses = Hypothesis("stage_losses", "E F(w~_s) <= F for every s; J^2 = F - F(w*)", stage_loss_gap <= J**2)
iterates_within_B = Hypothesis(
    "iterates_within_B",
    "E ||w_{s,t} - w*||^2 <= B^2 for every s and t, B > 0",
    sp.And(distance_bound > 0, iterate_distance_sq <= distance_bound**2),
)
stage_constants = Hypothesis(
    "stage_constants",
    "C^ = G^ sqrt(2 G^^2 beta^2 / (1 - beta)^4 + 2 U^2) + G^^2 / (2 - 2 beta)",
    sp.Eq(
        stage_constant,
        stage_bound * sp.sqrt(2 * stage_bound**2 * momentum**2 / (1 - momentum) ** 4 + 2 * U**2) + stage_bound**2 / (2 - 2 * momentum),
    ),
)
sharp_stage_constants = Hypothesis(
    "sharp_stage_constants",
    "C^ = G^ (beta G^ / (1 - beta)^2 + U) + G^^2 / (2 - 2 beta)",
    sp.Eq(stage_constant, stage_bound * (stage_bound * momentum / (1 - momentum) ** 2 + U) + stage_bound**2 / (2 - 2 * momentum)),
)
sharp_stage_bound = Hypothesis("sharp_stage_bound", "G^ = G + 2 B / gamma", sp.Eq(stage_bound, G + 2 * distance_bound / envelope))
stage_bound_as_printed = Hypothesis(
    "stage_bound_as_printed", "G^ = sqrt(2 G^2 + 4 B^2 / gamma^2)", sp.Eq(stage_bound**2, 2 * G**2 + 4 * distance_bound**2 / envelope**2)
)

# Local SGD: one f for all workers, step 4 / (mu (a + t))
same_function = Hypothesis("same_function", "all workers have the same f, and sample it independently (2)")
four_over_mu_step = Hypothesis("four_over_mu_step", "eta_t = 4 / (mu (a + t))", sp.And(mu > 0, a > 0))
shift_at_least_four_condition = Hypothesis("shift_at_least_four_condition", "a >= 4 kappa", a >= 4 * L / mu)
shift_at_least_eight = Hypothesis("shift_at_least_eight", "a >= 8", a >= 8)
n_since_synchronisation = Hypothesis("n_since_synchronisation", "t = t_i + n", sp.Eq(t, t_i + n))
unit_numerator = Hypothesis("unit_numerator", "eta_t = 1 / (a + t), without a unit", sp.Eq(xi, 1))
shift_above_four_condition = Hypothesis("shift_above_four_condition", "a > 4 kappa", a > 4 * L / mu)
shift_above_gap_over_mu = Hypothesis("shift_above_gap_over_mu", "a > H / mu", a > H / mu)
shift_above_sixteen_condition = Hypothesis("shift_above_sixteen_condition", "a >= 16 kappa, so that eta_t <= 1 / (4 L)", a >= 16 * L / mu)
step_at_most_inverse = Hypothesis("step_at_most_inverse", "eta_t <= 1 / L", eta_t <= 1 / L)
shift_at_least_one = Hypothesis("shift_at_least_one", "a >= 1", a >= 1)
shift_strictly_above_gap = Hypothesis("shift_strictly_above_gap", "a > H", a > H)
shift_within_horizon = Hypothesis("shift_within_horizon", "T >= a", a <= T)
late = Hypothesis("late", "t >= 16 kappa", t >= 16 * L / mu)
condition_at_least_two = Hypothesis("condition_at_least_two", "kappa >= 2", 2 * mu <= L)
gap_within_noise = Hypothesis("gap_within_noise", "H <= sigma sqrt(T / K) / G", sigma_max * sp.sqrt(T / R) / G >= H)
one_shot = Hypothesis("one_shot", "I_T = {T}, so that H = T, and a > T / mu", sp.And(sp.Eq(H, T), a > T / mu))
once_at_the_end = Hypothesis("once_at_the_end", "I_T = {T}, so that H = T", sp.Eq(H, T))
every_iteration = Hypothesis("every_iteration", "I_T = [T], so that H = 1", sp.Eq(H, 1))
capped_step = Hypothesis(
    "capped_step", "eta_t = eta, the smaller of 1 / (2 L) and gamma / (sqrt(T) / sqrt(M) + cost T^(1/3)) (dist-EF-SGD, Corollary 1)"
)
horizon_cost_step = Hypothesis(
    "horizon_cost_step",
    "eta_t = eta = gamma / (sqrt(T) / sqrt(M) + cost T^(1/3)), with T >= 4 gamma^2 L^2 M / (1 - mu)^4 (dist-EF-SGD, Corollary 3)",
)
falling_schedule = Hypothesis(
    "falling_schedule",
    "eta_t = gamma / (((t + 1) T)^(1/4) / sqrt(M) + cost T^(1/3)), with T >= 16 L^4 gamma^4 M^2 (dist-EF-SGD, Corollary 2)",
)
climbing_schedule = Hypothesis(
    "climbing_schedule",
    "eta_t = gamma sqrt(t + 1) / (T / sqrt(M) + cost T^(5/6)), with T >= 4 L^2 gamma^2 M (dist-EF-SGD, Corollary 2)",
)
root_step = Hypothesis(
    "root_step",
    "eta is the smaller of 1 / (2 L) and gamma sqrt(M / T)",
    sp.Eq(eta, sp.Min(1 / (2 * L), xi * sp.sqrt(R) / sp.sqrt(T))),
)
falling_horizon = Hypothesis("falling_horizon", "T >= 16 L^4 gamma^4 M^2", 16 * L**4 * xi**4 * R**2 <= T)
climbing_horizon = Hypothesis("climbing_horizon", "T >= 4 L^2 gamma^2 M", 4 * L**2 * xi**2 * R <= T)
fixed_step_below_three_halves = Hypothesis("fixed_step_below_three_halves", "eta < 3 / (2 L)", eta < 3 / (2 * L))

# QPRSGD: assumptions of section IV, and the conditions on step, workers and rounds
_quantiser_share = d / (4 * s**2)  # excess of QSGD on a whole vector
_noise_factor = (d * (1 - rho) ** 2 + 2 * d * spread**2) / (2 * (s**2 * (1 - rho) ** 2 - d * spread**2))  # D_2'
_gossip_factor = _noise_factor / (1 - rho**2) + 1 / (1 - rho) ** 2  # D_3'
_drift = 1 - 12 * eta**2 * L**2 * (H + 1) * (H - 2)
_feedback = 1 - 8 * L**2 * eta**2 * H * (2 * H + 24 * eta**2 * L**2 - 1) / _drift * _gossip_factor
_gossip_step = 2 * eta * L * H * _gossip_factor + eta * L * (H - 1) / 2 + _noise_factor / (2 * R)  # D_4'
_gossip_price = 2 * H * L * eta * _gossip_step / _feedback  # D_5'
worker_variance = Hypothesis(
    "worker_variance", "E ||grad f_m(x, xi) - grad F_m(x)||^2 <= sigma^2 for every m and x, samples are independent (QPRSGD, Assumption 1)"
)
heterogeneity = Hypothesis("heterogeneity", "(1/M) sum_m ||grad F(x) - grad F_m(x)||^2 <= zeta^2 for every x (QPRSGD, Assumption 1)")
even_segments = Hypothesis(
    "even_segments",
    "all M segments have d/M coordinates (QPRSGD, Lemma 1; Appendix B: equally split), or none more than one, which QSGD leaves as it is",
)
spectral_gap = Hypothesis("spectral_gap", "W is symmetric and doubly stochastic, and rho < 1 (QPRSGD, Assumption 2)", rho < 1)
common_start = Hypothesis("common_start", "all workers start at x_1 = 0 (QPRSGD, Theorem 2)")
fine_levels = Hypothesis("fine_levels", "1 - d mu^2 / (s^2 (1 - rho)^2) > 0, mu the spread of W", d * spread**2 < s**2 * (1 - rho) ** 2)
drift_condition = Hypothesis("drift_condition", "1 - 2 (K + 1)(K - 2) L^2 eta^2 > 0", 1 - 2 * (H + 1) * (H - 2) * L**2 * eta**2 > 0)
ring_drift_share = Hypothesis(
    "ring_drift_share",
    "2 (K + 1)(K - 2) L^2 eta^2 <= 1 - delta, delta in (0, 1)",
    sp.And(2 * (H + 1) * (H - 2) * L**2 * eta**2 <= 1 - drift_share, drift_share < 1),
)
ring_descent_share = Hypothesis(
    "ring_descent_share",
    "(8 C_1 L^2 eta^2 + (K - 1) L eta + 2 C_1) K L eta / (1 - 2 (K + 1)(K - 2) L^2 eta^2) <= (1 - epsilon) / 2, epsilon in (0, 1)",
    sp.And(
        (8 * ring_constant * L**2 * eta**2 + (H - 1) * L * eta + 2 * ring_constant)
        * H
        * L
        * eta
        / (1 - 2 * (H + 1) * (H - 2) * L**2 * eta**2)
        <= (1 - descent_share) / 2,
        descent_share < 1,
    ),
)
ring_third_condition = Hypothesis(
    "ring_third_condition",
    "1 - L eta - (4 K L eta C_1 + 1)(K - 1) K L^2 eta^2 / (1 - 2 (K + 1)(K - 2) L^2 eta^2) > 0",
    1 - L * eta - (4 * H * L * eta * ring_constant + 1) * (H - 1) * H * L**2 * eta**2 / (1 - 2 * (H + 1) * (H - 2) * L**2 * eta**2) > 0,
)
gossip_drift_condition = Hypothesis("gossip_drift_condition", "1 - 12 eta^2 L^2 (K + 1)(K - 2) > 0", _drift > 0)
gossip_feedback_condition = Hypothesis("gossip_feedback_condition", "1 - 8 L^2 eta^2 K D_1' D_3' > 0", _feedback > 0)
gossip_descent_condition = Hypothesis(
    "gossip_descent_condition", "D_6' > 0", 1 - 4 * H * (H - 1) * L**2 * eta**2 * _gossip_price - 2 * eta * H * L > 0
)
few_workers = Hypothesis(
    "few_workers",
    "M <= d (1 + d / (4 s^2)) / (exp(d / (4 s^2)) - d / (4 s^2) - 1) (QPRSGD, (7))",
    d * (1 + _quantiser_share) / (sp.exp(_quantiser_share) - _quantiser_share - 1) >= R,
)
fewer_workers = Hypothesis(
    "fewer_workers",
    "M <= a (1 + a) / (exp(a) - a - 1), a = d / (4 s^2)",
    _quantiser_share * (1 + _quantiser_share) / (sp.exp(_quantiser_share) - _quantiser_share - 1) >= R,
)
gossip_step = Hypothesis(
    "gossip_step",
    "eta = 1 / (sigma sqrt(N / M) + 3 K L D_2'^(1/3) + 16 K L D_3' + 6 K L) (QPRSGD, (14))",
    sp.Eq(eta, 1 / (sigma * sp.sqrt(rounds / R) + 3 * H * L * sp.cbrt(_noise_factor) + 16 * H * L * _gossip_factor + 6 * H * L)),
)
enough_rounds = Hypothesis(
    "enough_rounds",
    "N >= (L^2 M / sigma^2) max(K^2 M^2 (4 D_3' + 1)^2 / D_2'^2, 6 (K - 1)(2 K - 1)) (QPRSGD, Corollary 2.1)",
    rounds >= L**2 * R / sigma**2 * sp.Max(H**2 * R**2 * (4 * _gossip_factor + 1) ** 2 / _noise_factor**2, 6 * (H - 1) * (2 * H - 1)),
)
few_local_steps = Hypothesis(
    "few_local_steps",
    "K <= sqrt((F(x_1) - F*) sigma^2 / (L D_2' (sigma^2 + 4 kappa^2))) (QPRSGD, Corollary 2.1)",
    sp.sqrt(initial_gap * sigma**2 / (L * _noise_factor * (sigma**2 + 4 * zeta**2))) >= H,
)
small_gossip_step = Hypothesis(
    "small_gossip_step",
    "6 K L eta <= 1 and 16 K L D_3' eta <= 1, as (14) of QPRSGD gives",
    sp.And(6 * H * L * eta <= 1, 16 * H * L * eta * _gossip_factor <= 1),
)
some_noise = Hypothesis("some_noise", "sigma > 0", sigma > 0)
several_workers = Hypothesis("several_workers", "M >= 2, so that W has a second eigenvalue", R >= 2)
small_momentum_step = Hypothesis(
    "small_momentum_step", "eta <= (2 - rho) (1 - mu)^2 / (2 L)", sp.And(tau < 2, eta <= (2 - tau) * (1 - momentum) ** 2 / (2 * L))
)
heavy_young = Hypothesis("heavy_young", "rho >= (2 - rho) mu^3", tau >= (2 - tau) * momentum**3)
shrinking_young = Hypothesis("shrinking_young", "(1 - delta) (1 + beta) < 1", (1 - gamma) * (1 + tau) < 1)
momentum_horizon = Hypothesis("momentum_horizon", "T >= 4 gamma^2 L^2 M / (1 - mu)^4", 4 * xi**2 * L**2 * R / (1 - momentum) ** 4 <= T)
block_coefficients = Hypothesis("block_coefficients", "phi d_b ||v_b||_2^2 <= ||v_b||_1^2 in every block b")
nonzero_vector = Hypothesis("nonzero_vector", "v is not zero", x_sq > 0)
sparse_vector = Hypothesis("sparse_vector", "k entries of v are not zero, so that Top_k keeps all", sp.Eq(kept_sq, x_sq))
least_flatness = Hypothesis(
    "least_flatness", "phi is ||v_b||_1^2 / (d_b ||v_b||_2^2) of the largest block", sp.Eq(block_coefficient, x_l1_sq / (block_size * x_sq))
)
no_zero_block = Hypothesis("no_zero_block", "no block is zero, so ||v_b||_1^2 >= ||v_b||_2^2 > 0", sp.And(x_sq > 0, x_l1_sq >= x_sq))
zero_block = Hypothesis("zero_block", "a block is zero and counts as 0/0 = 0, so phi = 0", sp.Eq(block_coefficient, 0))
block_ratio_below_one = Hypothesis("block_ratio_below_one", "alpha < 1", block_ratio < 1)
small_overhead = Hypothesis("small_overhead", "64 M B / (2 M d) < 1/1000", 32 * blocks / d < sp.Rational(1, 1000))

HYPOTHESES = {h.name: h for h in list(globals().values()) if isinstance(h, Hypothesis)}
