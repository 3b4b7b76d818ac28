"""What M-DSGD (Zhao, Gao and Li 2019) claims, in the order of the paper. Its proofs are not part of the stored text: they are given here.

In one-step arguments x stands for z_t - w*, y for w_t - w*, g_d for the stochastic gradient or the direction d_t, g_u for summed memory.
In those of a stage x stands for w~_s and y for w~_{s+1}, both less the proximal point. Sums over workers are R times their mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

import theory.hypotheses as given
from theory import mean_iterate
from theory.asymptotics import Largest, Rate
from theory.claim import Claim, Fact, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.notation import ORDER
from theory.rules import (
    Cancels,
    Cases,
    Certified,
    Chained,
    Cite,
    Combined,
    Decided,
    EvenAndOdd,
    Expected,
    GeometricLimit,
    Granted,
    Inducted,
    Instance,
    Isolated,
    LogSum,
    Rule,
    Squared,
    SumAtMost,
    Telescoped,
    Using,
    Weakened,
    WeightedSum,
    instantiate,
    scaled,
)
from theory.scenes import (
    above_paraboloid,
    below_paraboloid,
    f_least,
    f_shifted,
    f_x,
    f_y,
    fact,
    g_x,
    g_y,
    lipschitz,
    u,
    u_i,
    v,
    x,
    y,
)
from theory.segment import below_tangent
from theory.symbols import (
    G,
    J,
    L,
    R,
    T,
    U,
    alpha,
    alpha_t,
    d,
    direction_bound,
    distance_bound,
    elimination_less_sq,
    envelope,
    envelope_gradient_sq,
    error_bound,
    error_sq,
    eta,
    eta_t,
    f_star,
    function_gap,
    gamma,
    gamma_t,
    gradient_sq,
    i,
    initial_gap,
    iterate_distance_sq,
    k,
    lag_factor,
    largest_turn,
    location_bits,
    masked_input_sq,
    masking_distance_sq,
    mem_sgd_less_sq,
    momentum,
    mu,
    output_distance_sq,
    output_gap,
    output_gradient_sq,
    recursion_less,
    rescaled_memory_less_sq,
    rescaled_total_memory_sq,
    rescaled_transformation_less_sq,
    rho_t,
    stage_bound,
    stage_constant,
    stage_eta,
    stage_gradient_sq,
    stage_horizon,
    stage_loss_gap,
    stage_potential,
    stages,
    start_distance_sq,
    step_numerator,
    t,
    tau,
    total_memory_sq,
    total_momentum_sq,
    transformation_less_sq,
    transformed_distance_sq,
    transformed_lag_sq,
    turn_factor,
    virtual_loss,
    weak_convexity,
    worker_memory_sq,
    worker_momentum_sq,
    x_sq,
)
from theory.vectors import Vector, average_dot, average_norm_sq, dot, norm_sq, vector, worker_vector, zero

beta = momentum
B = distance_bound
c = weak_convexity


def _letter(name: str, **assumptions: bool) -> sp.Symbol:
    """A letter of one argument, renamed or fixed before anything is compared with print."""
    return sp.Symbol(name, real=True, **assumptions)


def printed(relation: Relation, hypotheses: tuple[Hypothesis, ...] = (), **how: Any) -> tuple[Reading, ...]:
    """The only reading of a statement that can be read in one way."""
    return (Reading("as printed", relation, hypotheses, **how),)


def unchecked(reason: str) -> tuple[Reading, ...]:
    """The only reading of a statement that nothing here can check."""
    return (Reading("as printed", unchecked=reason),)


# ---- vectors of one iteration ----

w = vector("w")
momentum_before, gradient, memory, memory_after = (vector(f"g_{name}") for name in ("before", "drawn", "memory", "after"))
g_d, g_u = vector("g_d"), vector("g_u")
worker_momentum, worker_memory, message = (worker_vector(f"g_{name}_r") for name in ("momentum", "memory", "message"))
now, following, weight = _letter("eta", positive=True), _letter("eta_next", positive=True), _letter("rho")
step = _letter("step", positive=True)  # gamma_t of one iteration
push = _letter("push", nonnegative=True)  # alpha_t of one iteration
split = _letter("split", positive=True)  # of Young's inequality, where tau is another's or the fall of the step

totals = worker_momentum + worker_memory
ELIMINATED = w - eta * R * message.mean - eta * R * (totals - message).mean - (w - eta * R * totals.mean)

momentum_now = beta * momentum_before + gradient
w_after = w - now * (momentum_now + memory) + now * memory_after  # (12)
z_now = w + beta * (weight - now) * momentum_before - now * memory  # (13), with beta rho_t = beta eta_t + rho_{t-1}
z_after = w_after + weight * momentum_now - following * memory_after
TRANSFORMED = z_after - (z_now - (now - weight) * gradient + (now - following) * memory_after)
VANILLA = (w - now * (gradient + memory) + now * memory_after - following * memory_after) - (
    w - now * memory - now * gradient + (now - following) * memory_after
)
at_z = vector("g_at_z")
SPLIT = VANILLA + (now * gradient - now * at_z - now * (gradient - at_z))

# Section 3.1: memory that holds the step size, as MEM-SGD has it; a mask that depends on directions only sends eta times as much
RESCALED = (now * (worker_momentum + worker_memory) - now * message) / following - now / following * (totals - message)
SAME_AS_MEM_SGD = (eta * worker_momentum + eta * worker_memory - eta * message) - eta * (totals - message)
RESCALED_STEP = (w - now * R * message.mean - now * R * (totals - message).mean) - (
    w - now * R * worker_memory.mean - now * R * worker_momentum.mean
)

# ---- one-step arguments and what they add up to ----

MOMENTUM_BOUND = at_most(total_momentum_sq, G**2 / (1 - beta) ** 2)


def geometric_momentum(now_sq: sp.Expr, then_sq: sp.Expr, bound_sq: sp.Expr, quantity: sp.Expr, what: str) -> Rule:
    """||beta u + v||^2 <= beta ||u||^2 + ||v||^2 / (1 - beta), over and over."""
    step_up = Certified(
        at_most(then_sq, beta * now_sq + bound_sq / (1 - beta)),
        (fact(what, bound_sq - norm_sq(v), 1 / (1 - beta)),),
    )
    named = Expected(step_up, {then_sq: quantity.subs(t, t + 1), now_sq: quantity})
    return GeometricLimit(named, Granted(at_most(quantity.subs(t, 0), bound_sq), by=f"{what}; g_{{-1}} = 0"), quantity, t)


MOMENTUM = geometric_momentum(norm_sq(u), norm_sq(beta * u + v), G**2, total_momentum_sq, "second moment at most G^2")
WORKER_MOMENTUM = geometric_momentum(
    norm_sq(u), norm_sq(beta * u + v), G**2 / R, worker_momentum_sq, "p shares of 1/p of a gradient have squares of at most G^2 / p in sum"
)
RHO_BEFORE = rho_t.subs(t, t - 1)
MOMENTUM_BEFORE = Cases(  # Lemma 7 for the momentum of the iteration before, where there is one
    instantiate(MOMENTUM_BOUND, {t: t - 1}),
    (t >= 1, sp.Eq(t, 0)),
    (
        Cite("mdsgd/lemma-7/momentum", {t: t - 1}),
        Granted(equals(total_momentum_sq.subs(t, t - 1), 0), by="g_{-1} = 0 (Algorithm 1, line 2)"),
    ),
)
MEMORY_IN_BOUND = Granted(at_most(total_memory_sq, U**2), by="E ||u~_t||^2 <= U^2")
TWO_SQUARES = Certified(at_most(norm_sq(weight * u - now * v), 2 * weight**2 * norm_sq(u) + 2 * now**2 * norm_sq(v)))
LAG = Using(
    Expected(
        TWO_SQUARES,
        {
            norm_sq(weight * u - now * v): transformed_lag_sq,
            norm_sq(u): total_momentum_sq.subs(t, t - 1),
            norm_sq(v): total_memory_sq,
        },
        {weight: RHO_BEFORE, now: eta_t},
    ),
    (MOMENTUM_BEFORE, MEMORY_IN_BOUND),
)
LAG_BOUND = at_most(transformed_lag_sq, 2 * G**2 / (1 - beta) ** 2 * RHO_BEFORE**2 + 2 * U**2 * eta_t**2)
SHARP_LAG = at_most(transformed_lag_sq, (G * sp.Abs(RHO_BEFORE) / (1 - beta) + U * eta_t) ** 2)
_away, _back = G * push / (1 - beta), U * now
SHARPLY_NEAR = Expected(
    Certified(
        at_most(norm_sq(push * u - now * v), (_away + _back) ** 2),
        (
            fact("E ||g~||^2 <= G^2 / (1 - beta)^2", G**2 / (1 - beta) ** 2 - norm_sq(u), push**2 + push * now * U * (1 - beta) / G),
            fact("E ||u~||^2 <= U^2", U**2 - norm_sq(v), now**2 + push * now * G / ((1 - beta) * U)),
        ),
    ),
    {norm_sq(push * u - now * v): transformed_lag_sq},
    {push: sp.Abs(RHO_BEFORE), now: eta_t},
)  # u is the momentum times the sign of rho
LAG_FACTOR = 2 * G**2 * beta**2 / (1 - beta) ** 2 + 2 * U**2  # A of the theorems, E ||z_t - w_t||^2 <= A gamma_t^2
ENVELOPE_STEP = eta / (1 - beta)
FIXED_RHO = beta * eta / (beta - 1)
FIXED = {rho_t.func(t - 1): FIXED_RHO, rho_t: FIXED_RHO, eta_t: eta}

UNBIASED = "the draw is independent of the past: E <z_t, grad f> = <z_t, grad F(w_t)>"
UNBIASED_SLOPE = "the draw is independent of the past: E <grad F(z_t), d_t> = <grad F(z_t), grad F(w_t)>"
JENSEN = "||grad F(w_t)||^2 <= E ||grad f||^2 <= G^2"
nearer = _letter("E ||z_{t+1} - w*||^2")
AFTER = norm_sq(x - step * g_d + push * g_u)
AFTER_PLAIN = norm_sq(x - step * g_d)
APART = step * (tau * norm_sq(x - y) + G**2 / tau)  # 2 gamma ||x - y|| G, with a free parameter


def convex_facts(convexity: sp.Expr) -> tuple[Fact, ...]:
    said = "strongly convex" if convexity else "convex"
    return (
        fact(UNBIASED, dot(x, g_d - g_y), 2 * step, equality=True),
        fact(f"F is {said}: at w_t and w*", above_paraboloid(f_least, f_y, g_y, -1 * y, convexity), 2 * step),
        fact(JENSEN, G**2 - norm_sq(g_y), step / tau),
    )


CONVEX_FACTS = convex_facts(sp.S.Zero)
CONVEX_NAMES = {
    norm_sq(x): transformed_distance_sq,
    f_y - f_least: function_gap,
    norm_sq(x - y): transformed_lag_sq,
}


def convex_step(convexity: sp.Expr) -> Certified:
    """One iteration for a function that is convex with this modulus, without a turn of the step."""
    return Certified(
        at_most(AFTER_PLAIN, norm_sq(x) - 2 * step * (f_y - f_least + convexity / 2 * norm_sq(y)) + APART + step**2 * G**2),
        (*convex_facts(convexity), fact("second moment at most G^2", G**2 - norm_sq(g_d), step**2)),
    )


PUSHED_STEP = Certified(
    at_most(
        AFTER,
        norm_sq(x) - 2 * step * (f_y - f_least) + APART + 2 * push * U * B + 2 * step**2 * G**2 + 2 * push**2 * U**2,
    ),
    (
        *CONVEX_FACTS,
        fact("second moment at most G^2", G**2 - norm_sq(g_d), 2 * step**2),
        fact("E ||u~_{t+1}||^2 <= U^2", U**2 - norm_sq(g_u), 2 * push**2 + push * B / U),
        fact("E ||z_t - w*||^2 <= B^2", B**2 - norm_sq(x), push * U / B),
    ),
)
STARTED_NEAR = Granted(equals(transformed_distance_sq.subs(t, 0), start_distance_sq), by="z_0 = w_0, since g~_{-1} = u~_0 = 0")
STARTED_LOSS = Granted(equals(virtual_loss.subs(t, 0), initial_gap + f_star), by="z_0 = w_0, since g~_{-1} = u~_0 = 0")


def summed_gaps(one_step: Rule, lhs: sp.Expr) -> Rule:
    """The sum over t of a one-step bound on the function gap; distances telescope from ||w_0 - w*||^2 to no less than 0."""
    total = Telescoped(Isolated(one_step, lhs), t, T, {transformed_distance_sq.subs(t, T): sp.Integer(0)})
    return Using(total, (STARTED_NEAR,))


# Theorem 5: x is z_t, y is w_t, f_shifted is F(z_{t+1})
D, E = direction_bound, error_bound
SLOPE_FACTS = (
    fact("F is L-smooth: at z_t and z_{t+1}", below_paraboloid(f_shifted, f_x, g_x, -step * g_d + push * g_u)),
    fact(UNBIASED_SLOPE, dot(g_x, g_d - g_y), step, equality=True),
)
SLOPES_NEAR = fact("F has an L-Lipschitz gradient: at z_t and w_t", lipschitz(g_x - g_y, x - y), step * tau / 2)
SLOPE_AT_Z = fact("||grad F(z_t)||^2 <= G^2", G**2 - norm_sq(g_x), push * E / (2 * G))


def step_bound(at_z: sp.Expr, noise: sp.Expr) -> Relation:
    """What F falls by in one step of (10), by Young's inequality at the length `at_z` that meets grad F(z_t) - grad F(w_t); noise apart."""
    near = step * L**2 * tau / 2 * norm_sq(x - y) + step * at_z**2 / (2 * tau)
    return at_most(f_shifted, f_x - step * norm_sq(g_y) + near + push * G * E + noise)


TRANSFORMED_STEP = Certified(
    step_bound(G, L * (step**2 * D**2 + push**2 * E**2)),
    (
        *SLOPE_FACTS,
        SLOPES_NEAR,
        fact(JENSEN, G**2 - norm_sq(g_y), step / (2 * tau)),
        SLOPE_AT_Z,
        fact("E ||e_t||^2 <= E^2", E**2 - norm_sq(g_u), push * G / (2 * E) + L * push**2),
        fact("E ||d_t||^2 <= D^2", D**2 - norm_sq(g_d), L * step**2),
    ),
)
SHARP_TRANSFORMED_STEP = Certified(
    step_bound(G, L / 2 * (step * D + push * E) ** 2),
    (
        *SLOPE_FACTS,
        SLOPES_NEAR,
        fact(JENSEN, G**2 - norm_sq(g_y), step / (2 * tau)),
        SLOPE_AT_Z,
        fact("E ||e_t||^2 <= E^2", E**2 - norm_sq(g_u), push * G / (2 * E) + L / 2 * (push**2 + step * push * D / E)),
        fact("E ||d_t||^2 <= D^2", D**2 - norm_sq(g_d), L / 2 * (step**2 + step * push * E / D)),
    ),
)
# The same where d_t is unbiased given w_t alone: then <grad F(z_t) - grad F(w_t), d_t> is all that is known of what d_t does at z_t
STEP_GIVEN_ITERATE = Certified(
    step_bound(D, L * (step**2 * D**2 + push**2 * E**2)),
    (
        SLOPE_FACTS[0],
        fact("d_t is unbiased given w_t: E <grad F(w_t), d_t> = E ||grad F(w_t)||^2", dot(g_y, g_d - g_y), step, equality=True),
        SLOPES_NEAR,
        SLOPE_AT_Z,
        fact("E ||e_t||^2 <= E^2", E**2 - norm_sq(g_u), push * G / (2 * E) + L * push**2),
        fact("E ||d_t||^2 <= D^2", D**2 - norm_sq(g_d), L * step**2 + step / (2 * tau)),
    ),
)
SLOPE_NAMES = {f_shifted: virtual_loss.subs(t, t + 1), f_x: virtual_loss, norm_sq(g_y): gradient_sq, norm_sq(x - y): transformed_lag_sq}
ROOT_A = sp.sqrt(lag_factor)
AFTER_LAG_5 = G * E * turn_factor + L * (D**2 + E**2 * largest_turn * turn_factor)  # C but for what the lag costs
C_5, C_5_GIVEN_ITERATE = L * G * ROOT_A + AFTER_LAG_5, L * D * ROOT_A + AFTER_LAG_5


def theorem_5(constant: sp.Expr) -> Relation:
    return at_most(sp.Sum(gamma_t * gradient_sq, (t, 0, T - 1)), initial_gap + constant * sp.Sum(gamma_t**2, (t, 0, T - 1)))


THEOREM_5 = theorem_5(C_5)
CLOSE = Granted(at_most(transformed_lag_sq, lag_factor * gamma_t**2), by="(9)")
SHARP_5 = L * G * ROOT_A + G * E * turn_factor + L / 2 * (D + E * sp.sqrt(largest_turn * turn_factor)) ** 2


def sum_5(one_step: Rule, slope: sp.Expr, constant: sp.Expr) -> Rule:
    """Theorem 5 with this constant from one step, in which what the lag costs is least for the parameter with `slope` (G, say) in it."""
    named = Expected(one_step, SLOPE_NAMES, {step: gamma_t, push: alpha_t})
    descending = Using(Instance(named, {tau: slope / (L * ROOT_A * gamma_t)}), (CLOSE,))
    descent = at_most(virtual_loss.subs(t, t + 1), virtual_loss - gamma_t * gradient_sq + constant * gamma_t**2)
    total = Telescoped(Isolated(Weakened(descending, descent), gamma_t * gradient_sq), t, T, {virtual_loss.subs(t, T): f_star})
    return Using(total, (STARTED_LOSS,))


SUM_5, SHARP_SUM_5 = sum_5(TRANSFORMED_STEP, G, C_5), sum_5(SHARP_TRANSFORMED_STEP, G, SHARP_5)
SUM_5_GIVEN_ITERATE = sum_5(STEP_GIVEN_ITERATE, D, C_5_GIVEN_ITERATE)
# w_0 = w*, w_1 = w_2 = x and z_0 = z_1 = y, so that d_0 = 0 and z_2 = y - gamma grad F(x): (9) asks A gamma^2 to be the largest of
FARTHEST = sp.Max(norm_sq(y), norm_sq(y - x), norm_sq(y - eta * g_x - x))
THREE_STEPS = at_most(2 * eta * norm_sq(g_x), 3 * eta**2 * (L * sp.sqrt(norm_sq(g_x) * FARTHEST) / eta + L * norm_sq(g_x)))

# Theorem 10
REACH = eta * (beta * G / (1 - beta) ** 2 + U)
MINKOWSKI = Expected(
    Certified(
        at_most(norm_sq(FIXED_RHO * u - eta * v), REACH**2),
        (
            fact("E ||g~||^2 <= G^2 / (1 - beta)^2", G**2 / (1 - beta) ** 2 - norm_sq(u), beta * eta**2 * (beta / (1 - beta) ** 2 + U / G)),
            fact("E ||u~||^2 <= U^2", U**2 - norm_sq(v), eta**2 * (1 + beta * G / ((1 - beta) ** 2 * U))),
        ),
    ),
    {norm_sq(FIXED_RHO * u - eta * v): transformed_lag_sq},
)
PLAIN_DESCENT = Certified(
    at_most(
        f_shifted, f_x - step * norm_sq(g_y) + step * L**2 * tau / 2 * norm_sq(x - y) + step * G**2 / (2 * tau) + L / 2 * step**2 * G**2
    ),
    (
        fact("F is L-smooth: at z_t and z_{t+1}", below_paraboloid(f_shifted, f_x, g_x, -step * g_d)),
        fact(UNBIASED_SLOPE, dot(g_x, g_d - g_y), step, equality=True),
        SLOPES_NEAR,
        fact(JENSEN, G**2 - norm_sq(g_y), step / (2 * tau)),
        fact("second moment at most G^2", G**2 - norm_sq(g_d), L * step**2 / 2),
    ),
)
DESCENT_10 = Using(Expected(Instance(PLAIN_DESCENT, {tau: G / (L * REACH)}), SLOPE_NAMES, {step: ENVELOPE_STEP}), (MINKOWSKI,))
SUM_10 = Using(Telescoped(Isolated(DESCENT_10, ENVELOPE_STEP * gradient_sq), t, T, {virtual_loss.subs(t, T): f_star}), (STARTED_LOSS,))
C_10 = L * G**2 * beta / (1 - beta) ** 3 + L * G * U / (1 - beta) + L * G**2 / (2 * (1 - beta) ** 2)
SUM_OF_GRADIENTS = sp.Sum(gradient_sq, (t, 0, T - 1))
THEOREM_10 = at_most(SUM_OF_GRADIENTS / ((1 - beta) * T), initial_gap / (T * eta) + C_10 * eta)

# Lemma 11
FIXED_LAG_FACTOR = 2 * G**2 * beta**2 / (1 - beta) ** 4 + 2 * U**2


def lag_letter(value: sp.Expr) -> Hypothesis:
    """The letter A, short for the constant of the lag until it is put back."""
    return Hypothesis("lag_letter", "A of E ||z_t - w_t||^2 <= A gamma_t^2", sp.Eq(lag_factor, value))


FIXED_LAG = Weakened(Instance(LAG, FIXED), at_most(transformed_lag_sq, eta**2 * lag_factor), (lag_letter(FIXED_LAG_FACTOR),))
C_11 = G * sp.sqrt(FIXED_LAG_FACTOR) + G**2 / (2 - 2 * beta)
SHARP_11 = G * (beta * G / (1 - beta) ** 2 + U) + G**2 / (2 - 2 * beta)


def lemma_11(constant: sp.Expr, convexity: sp.Expr = sp.S.Zero) -> Relation:
    """For a function that is convex with this modulus: the mean iterate is that much nearer to its minimum."""
    bound = (1 - beta) / (2 * eta * T) * start_distance_sq + constant * eta
    return at_most(output_gap + convexity / 2 * output_distance_sq, bound)


def sum_11(young: sp.Expr, lag: Rule, convexity: sp.Expr = sp.S.Zero) -> Rule:
    """Lemma 11 from a bound on the lag, Young's parameter chosen for it."""
    names = {AFTER_PLAIN: transformed_distance_sq.subs(t, t + 1), **CONVEX_NAMES, norm_sq(y): iterate_distance_sq}
    one = Using(Expected(Instance(convex_step(convexity), {tau: young}), names, {step: ENVELOPE_STEP}), (lag,))
    total = summed_gaps(one, 2 * ENVELOPE_STEP * (function_gap + convexity / 2 * iterate_distance_sq))
    gaps, distances = (sp.Sum(each, (t, 0, T - 1)) / T for each in (function_gap, iterate_distance_sq))
    averaged = Granted(
        at_most(output_gap + convexity / 2 * output_distance_sq, gaps + convexity / 2 * distances),
        by="Jensen: phi at the mean iterate" + " and its squared distance from the minimiser" * bool(convexity),
    )
    return Chained(averaged, scaled(total, (1 - beta) / (2 * eta * T)))


LEMMA_11 = lemma_11(C_11)
SUM_11, STRONG_SUM_11 = (
    Instance(sum_11(G / (eta * ROOT_A), FIXED_LAG, convexity), {lag_factor: FIXED_LAG_FACTOR}) for convexity in (sp.S.Zero, mu)
)
SHARP_STRONG_SUM_11 = sum_11(G / REACH, MINKOWSKI, mu)

# Theorem 9
ROOT = 1 / sp.sqrt(t + 1)
ROOT_ETA = ROOT - beta / sp.sqrt(t + 2)
ROOT_STEPS = {rho_t.func(t - 1): -beta * ROOT, eta_t: ROOT_ETA}
ROOT_LAG = Weakened(Instance(LAG, ROOT_STEPS), at_most(transformed_lag_sq, lag_factor / (t + 1)), (lag_letter(LAG_FACTOR),))
C_9 = 2 * G * sp.sqrt(LAG_FACTOR) + 2 * U * B + 2 * G**2 + 2 * U**2
FAR_9, TURNED = beta * G / (1 - beta) + U, sp.Rational(1, 3)
SHARP_9 = 2 * G * FAR_9 + 2 * TURNED * U * B + (G + TURNED * U) ** 2


def theorem_9(constant: sp.Expr) -> Relation:
    return at_most(
        2 * sp.Sum(function_gap / sp.sqrt(t + 1), (t, 0, T - 1)), start_distance_sq + constant * sp.Sum(1 / (t + 1), (t, 0, T - 1))
    )


THEOREM_9 = theorem_9(C_9)
TURN_9 = ROOT_ETA - ROOT_ETA.subs(t, t + 1)

TURNS_9 = tuple(
    Chained(
        Granted(equals(alpha_t**power, sp.Abs(TURN_9) ** power), by="alpha_t = |eta_t - eta_{t+1}|, the sign goes into u~_{t+1}"),
        Decided(at_most(sp.Abs(TURN_9) ** power, 1 / (t + 1))),
    )
    for power in (2, 1)
)
GAP_9 = Using(
    Instance(
        Expected(PUSHED_STEP, {AFTER: transformed_distance_sq.subs(t, t + 1), **CONVEX_NAMES}, {step: ROOT, push: alpha_t}),
        {tau: G / (ROOT_A * ROOT)},
    ),
    (ROOT_LAG, *TURNS_9),
)
SHARP_PUSHED_STEP = Certified(
    at_most(AFTER, norm_sq(x) - 2 * step * (f_y - f_least) + APART + 2 * push * U * B + (step * G + push * U) ** 2),
    (
        *CONVEX_FACTS,
        fact("second moment at most G^2", G**2 - norm_sq(g_d), step**2 + step * push * U / G),
        fact("E ||u~_{t+1}||^2 <= U^2", U**2 - norm_sq(g_u), push**2 + step * push * G / U + push * B / U),
        fact("E ||z_t - w*||^2 <= B^2", B**2 - norm_sq(x), push * U / B),
    ),
)
SHARP_ROOT_LAG = Weakened(Instance(Cite("mdsgd/lemma-7", improved=True), ROOT_STEPS), at_most(transformed_lag_sq, FAR_9**2 / (t + 1)))
SHARP_TURN_9 = Chained(
    Granted(equals(alpha_t, sp.Abs(TURN_9)), by="alpha_t = |eta_t - eta_{t+1}|, the sign goes into u~_{t+1}"),
    Decided(at_most(sp.Abs(TURN_9), TURNED / (t + 1))),
)
SHARP_GAP_9 = Using(
    Instance(
        Expected(SHARP_PUSHED_STEP, {AFTER: transformed_distance_sq.subs(t, t + 1), **CONVEX_NAMES}, {step: ROOT, push: alpha_t}),
        {tau: G / (FAR_9 * ROOT)},
    ),
    (SHARP_ROOT_LAG, scaled(SHARP_TURN_9, alpha_t), SHARP_TURN_9),
)
SHARP_SUM_9 = Instance(
    summed_gaps(
        Weakened(
            SHARP_GAP_9,
            at_most(
                transformed_distance_sq.subs(t, t + 1),
                transformed_distance_sq - 2 / sp.sqrt(t + 1) * function_gap + lag_factor / (t + 1),
            ),
            (lag_letter(SHARP_9),),
        ),
        2 / sp.sqrt(t + 1) * function_gap,
    ),
    {lag_factor: SHARP_9},
)  # the letter is short for the constant
SUM_9 = Instance(summed_gaps(GAP_9, 2 / sp.sqrt(t + 1) * function_gap), {lag_factor: LAG_FACTOR})

# Lemma 13
SHARE = k / d
CONTRACTED = Cite("qsparse_local_sgd/sec-2.2/top-k", {error_sq: worker_memory_sq.subs(t, t + 1), x_sq: masked_input_sq})
SUMMED_SQ = R * average_norm_sq(worker_memory)
YOUNG = Expected(
    Certified(
        at_most(
            R * average_norm_sq(totals),
            (1 + tau) * R * average_norm_sq(worker_memory) + (1 + 1 / tau) * R * average_norm_sq(worker_momentum),
        )
    ),
    {
        R * average_norm_sq(totals): masked_input_sq,
        R * average_norm_sq(worker_memory): worker_memory_sq,
        R * average_norm_sq(worker_momentum): worker_momentum_sq,
    },
)
NO_MEMORY = Granted(at_most(worker_memory_sq.subs(t, 0), 0), by="u_{0,k} = 0 (Algorithm 1, line 2)")


def memory_limit(contracted: Rule, young: sp.Expr) -> Rule:
    """Where the memories of all workers settle, in sum, for a contraction and a value of Young's parameter."""
    grown = Using(contracted, (Using(Instance(YOUNG, {tau: young}), (WORKER_MOMENTUM,)),))
    return GeometricLimit(grown, NO_MEMORY, worker_memory_sq, t)


CAUCHY = Expected(
    Certified(at_most(R**2 * norm_sq(worker_memory.mean), R * SUMMED_SQ)),
    {R**2 * norm_sq(worker_memory.mean): total_memory_sq, SUMMED_SQ: worker_memory_sq},
)


def sharp_memory_limit(contracted: Rule, share: sp.Expr) -> Rule:
    """The same with Young's parameter chosen for the recursion as it stands; `contracted` by 1 - share."""
    root = sp.sqrt(1 - share)
    grown = Expected(
        Certified(
            at_most(
                (1 - share) * R * average_norm_sq(totals),
                root * R * average_norm_sq(worker_memory) + (1 - share) / (1 - root) * R * average_norm_sq(worker_momentum),
            )
        ),
        {
            R * average_norm_sq(totals): masked_input_sq,
            R * average_norm_sq(worker_memory): worker_memory_sq,
            R * average_norm_sq(worker_momentum): worker_momentum_sq,
        },
    )
    after = worker_memory_sq.subs(t, t + 1)
    one = Using(Isolated(Combined((contracted, grown), (1, 1)), after), (WORKER_MOMENTUM,))
    limit = (1 - share) / (1 - root) ** 2 * G**2 / (R * (1 - beta) ** 2)
    return Using(CAUCHY, (Inducted(one, NO_MEMORY, worker_memory_sq, t, limit, limit),))


def sharp_memory(share: sp.Expr) -> Relation:
    return at_most(total_memory_sq, (1 - share) / (1 - sp.sqrt(1 - share)) ** 2 * G**2 / (1 - beta) ** 2)


CONSTANT_STEP = Granted(at_most(rescaled_total_memory_sq, total_memory_sq), by="(3) is (6) where the step does not change")
SETTLED = Using(CAUCHY, (memory_limit(CONTRACTED, SHARE / 2),))
LEMMA_13 = at_most(total_memory_sq, 2 * (d - k) * (2 * d + k) * G**2 / ((1 - beta) ** 2 * k**2))


def without_U(root: sp.Expr, improved: bool = False) -> tuple[Relation, Rule]:
    """Theorem 10 with Lemma 13's bound on the memory in the place of U, and its derivation; `root` is that bound's, for q < d."""
    within = Weakened(Cite("mdsgd/lemma-13", improved=improved), at_most(total_memory_sq, root**2))  # has to hold, and adds nothing
    theorem = Weakened(scaled(SUM_10, 1 / (T * eta)), THEOREM_10, (Hypothesis("some_memory", "U > 0", U > 0),))
    return instantiate(THEOREM_10, {U: root}), Combined((Instance(theorem, {U: root}), within), (1, 0))


MEMORY_ROOT = G * sp.sqrt(2 * (d - k) * (2 * d + k)) / ((1 - beta) * k)
SHARP_MEMORY_ROOT = G * sp.sqrt(1 - SHARE) / ((1 - sp.sqrt(1 - SHARE)) * (1 - beta))
WITHOUT_U, SHARPLY_WITHOUT_U = without_U(MEMORY_ROOT), without_U(SHARP_MEMORY_ROOT, improved=True)
CONTRACTED_BY_GAMMA = Granted(at_most(worker_memory_sq.subs(t, t + 1), (1 - gamma) * masked_input_sq), by="the masks contract with gamma")
ANY_MASK_BOUND = at_most(total_memory_sq, 2 * (1 - gamma) * (2 + gamma) * G**2 / ((1 - beta) ** 2 * gamma**2))

# Theorem 12: x is w~_s and y is w~_{s+1}, less the minimiser of F_{s,gamma}; f_x, f_y and f_least are F at the three
FIRST, SECOND = norm_sq(x) / (2 * envelope), norm_sq(x - y) / (2 * envelope)
MISSED = f_y + SECOND - f_least - FIRST
MODULUS = 1 / (2 * envelope)  # of F_{s,gamma}: 1/gamma - c


def stage_progress(weight: sp.Expr) -> Rule:
    """What a stage gains for `weight` >= 1 times what Lemma 11 bounds: of F_{s,gamma}, and of the distance from its minimiser."""
    return Certified(
        at_most(
            f_y,
            f_x - (sp.Rational(3, 4) - 1 / (2 * weight + 1)) * norm_sq(x) / envelope + weight * (MISSED + MODULUS / 2 * norm_sq(y)),
        ),
        (
            fact("F_{s,gamma} is strongly convex: at w~_s", f_x - f_least - FIRST - MODULUS / 2 * norm_sq(x)),
            fact("F_{s,gamma} is strongly convex: at w~_{s+1}", MISSED - MODULUS / 2 * norm_sq(y), weight - 1),
        ),
    )


FOLLOWING_GAP = stage_loss_gap.subs(i, i + 1)
STAGE_NAMES = {
    f_y: FOLLOWING_GAP + f_star, f_x: stage_loss_gap + f_star, MISSED: output_gap, norm_sq(x): envelope**2 * envelope_gradient_sq,
    norm_sq(y): output_distance_sq,
}  # fmt: skip
FIRST_ETA = stage_eta.subs(i, 0)
IN_ONE_STAGE = {
    eta: stage_eta, T: stage_horizon, start_distance_sq: envelope**2 * envelope_gradient_sq, G: stage_bound, mu: MODULUS,
    L: MODULUS,  # Lemma 11 asks for no smoothness: no smaller L than mu is all that is said of it
}  # fmt: skip
STAGE_GRADIENTS = at_most(stage_gradient_sq, 2 * G**2 + 8 * B**2 / envelope**2)
PULLED = norm_sq(g_d + (u - v) / envelope)


def lemma_11_in_stage(gradients: Rule, bound: Hypothesis, factor: int = 1, sharp: bool = False) -> Rule:
    """Lemma 11 for the letters C^ and G^, gradients within a stage having `factor` times the square of G^, as `gradients` shows: which only
    has to hold, and adds nothing."""
    constants = given.sharp_stage_constants if sharp else given.stage_constants
    missed = at_most(
        output_gap + MODULUS / 2 * output_distance_sq,
        (1 - beta) / 24 * envelope * envelope_gradient_sq + factor * stage_constant * stage_eta,
    )
    in_stage = Cite("mdsgd/lemma-11/strongly-convex", IN_ONE_STAGE | {G: sp.sqrt(factor) * stage_bound}, improved=sharp)
    return Combined(
        (
            Weakened(in_stage, missed, (given.long_stages, constants)),
            Weakened(gradients, at_most(stage_gradient_sq, factor * stage_bound**2), (bound,)),
        ),
        (1, 0),
    )


def stage_sum(coefficient: sp.Expr, weight: sp.Expr, paid: sp.Expr, in_stage: Rule, constant: sp.Expr) -> Rule:
    """All stages: losses weighted by s + 1 leave S times the largest, and eta_s (s + 1) = eta_0. A stage pays `paid` times C^ eta_s."""
    drop = (i + 1) * coefficient * envelope * envelope_gradient_sq
    one = Weakened(
        Isolated(Combined((Expected(stage_progress(weight), STAGE_NAMES), in_stage), (1, weight)), FOLLOWING_GAP),
        at_most(FOLLOWING_GAP, stage_loss_gap - coefficient * envelope * envelope_gradient_sq + paid * stage_constant * stage_eta),
    )
    weighted = scaled(Instance(one, {stage_eta: FIRST_ETA / (i + 1)}), i + 1)
    by_parts = Using(
        Isolated(weighted, drop),
        (
            Granted(
                at_most(stage_loss_gap, (stage_potential + J**2) / (i + 1)),
                by="(s + 1) Q_s <= s Q_s + J^2, where Q_s = E F(w~_s) - F(w*) <= J^2",
            ),
            Granted(equals(FOLLOWING_GAP, stage_potential.subs(i, i + 1) / (i + 1)), by="the potential is s Q_s"),
        ),
    )
    plainly = Weakened(by_parts, at_most(drop, stage_potential - stage_potential.subs(i, i + 1) + J**2 + paid * stage_constant * FIRST_ETA))
    total = Telescoped(plainly, i, stages, {stage_potential.subs(i, stages): sp.Integer(0)})
    nothing = Granted(equals(stage_potential.subs(i, 0), 0), by="0 Q_0 = 0")
    return Instance(scaled(Using(total, (nothing,)), 1 / (stages * (stages + 1))), {stage_constant: constant})


# s + 1 as s and 1
WEIGHTED_ENVELOPES = sp.Sum(i * envelope_gradient_sq, (i, 0, stages - 1)) + sp.Sum(envelope_gradient_sq, (i, 0, stages - 1))


def theorem_12(coefficient: sp.Expr, paid: sp.Expr, constant: sp.Expr) -> Relation:
    bound = (J**2 + paid * constant * FIRST_ETA) / (stages + 1)
    return at_most(coefficient * envelope / (stages * (stages + 1)) * WEIGHTED_ENVELOPES, bound)


def kept_12(weight: sp.Expr) -> sp.Expr:
    """The coefficient that is left of what a stage gains when it has paid for its start."""
    return sp.Rational(3, 4) - 1 / (2 * weight + 1) - weight * (1 - beta) / 24


PRINTED_12, ONCE_AND_A_HALF = (1 + beta) / 4, sp.Rational(3, 2)
SHARP_12 = (7 + beta) / 16  # kept_12 of 3/2
C_12 = C_11.subs(G, sp.sqrt(2 * G**2 + 4 * B**2 / envelope**2))
STAGE_BOUND = G + 2 * B / envelope
SHARP_C_12 = SHARP_11.subs(G, STAGE_BOUND)
THEOREM_12, SHARP_THEOREM_12 = theorem_12(PRINTED_12, sp.Integer(3), C_12), theorem_12(SHARP_12, ONCE_AND_A_HALF, SHARP_C_12)
PULL_12, SHARP_PULL_12 = (Cite("mdsgd/theorem-12/gradients", improved=sharp) for sharp in (False, True))
# Gradients have up to twice the square of the printed G^, so a stage misses twice the printed C^; it pays 3/2 times, not three times
AS_PRINTED_12 = stage_sum(PRINTED_12, ONCE_AND_A_HALF, sp.Integer(3), lemma_11_in_stage(PULL_12, given.stage_bound_as_printed, 2), C_12)
SHARP_STAGE = lemma_11_in_stage(SHARP_PULL_12, given.sharp_stage_bound, sharp=True)
SHARPLY_12, ANY_WEIGHT_12 = (stage_sum(kept_12(weight), weight, weight, SHARP_STAGE, SHARP_C_12) for weight in (ONCE_AND_A_HALF, tau))

DRAWN = (given.momentum_range, given.second_moment)
BOUNDED = (*DRAWN, given.memory_at_most_U)
FIXED_RUN = (*BOUNDED, given.fixed_transformation)
NEAR = (*BOUNDED, given.distance_at_most_B)
MASKED_RUN = (
    *DRAWN, given.fixed_transformation, given.smooth, given.keeps_k, Hypothesis("something_is_kept_back", "q < d", k < d),
)  # fmt: skip
STRATEGY_1_RHO = beta * step_numerator / ((beta - 1) * sp.sqrt(T))
STRATEGY_1_ETA = step_numerator / sp.sqrt(T)
# 1/t^alpha and 1/(t+1)^alpha of strategy 2, whatever alpha
power, next_power = _letter("power", positive=True), _letter("next_power", positive=True)
POWERS = Hypothesis(
    "powers", "t^alpha >= 1 and t^alpha <= (t+1)^alpha <= t^alpha + 1 for t >= 1 and alpha in [0, 1]",
    sp.And(power >= 1, next_power >= power, next_power <= power + 1),
)  # fmt: skip
STRATEGY_2_ETA = step_numerator * (1 / power - beta / next_power)
AT_ALPHA_1 = {power: t, next_power: t + 1}
value_bits, buckets = sp.Symbol("value_bits", integer=True, positive=True), sp.Symbol("buckets", integer=True, positive=True)
LATER_HALF = sp.ceiling(T / 2)


LATER_GAP = sp.Sum(function_gap, (t, T - LATER_HALF, T - 1)) / LATER_HALF
C_8 = sp.Max(4 * G**2, 2 * L * B * sp.sqrt(LAG_FACTOR) + 2 * mu * U * B + 2 * G**2 + 2 * U**2)
THEOREM_8 = at_most(LATER_GAP, (3 * C_8 + 2 * G * sp.sqrt(LAG_FACTOR)) / (mu * T))
MOVED_SQ = (G + U / 2) ** 2  # of a step and its turn, over the square of the step
SHARP_C_8, SHARP_N_8 = 2 * L * B * FAR_9 + MOVED_SQ, 2 * (G + mu * B) * FAR_9 + MOVED_SQ
OF_GAPS_8, OF_TURNS_8 = sp.Rational(3, 4) + sp.Rational(9, 8) / (T + 1), sp.Rational(7, 4)
SHARP_THEOREM_8 = at_most(LATER_GAP, (SHARP_C_8 + OF_GAPS_8 * SHARP_N_8 + 2 * OF_TURNS_8 * mu * U * B) / (mu * T))
STRONGLY_CONVEX = (*NEAR, given.smooth, given.strongly_convex, given.suffix_step)

# Theorem 8: E ||z_t - w*||^2 <= C / (mu^2 t), so that what the later half adds up to telescopes with the weights t. While 1/t changes much
# (T <= 4), ||grad F||^2 >= 2 mu (F - F*) is enough. C and A are letters until the end; half is T/2, rounded down.
half = sp.Symbol("half", integer=True, nonnegative=True)
c_8 = _letter("C", positive=True)
FROM_ONE = Hypothesis("from_one", "t >= 1", t >= 1)
STEP_8 = 1 / (mu * t)
ETA_8 = (1 / t - beta / (t + 1)) / mu
DISTANCE = transformed_distance_sq


def within_8(lag: Rule, factor: sp.Expr) -> Rule:
    """A bound on the lag as one with this factor of the squared step."""
    scheduled = Instance(lag, {RHO_BEFORE: -beta * STEP_8, eta_t: ETA_8})
    return Weakened(scheduled, at_most(transformed_lag_sq, lag_factor * STEP_8**2), (lag_letter(factor), FROM_ONE))


def turn_8(power: int, bound: sp.Expr) -> Rule:
    """A bound on a power of how far the step turns."""
    turn = ETA_8 - ETA_8.subs(t, t + 1)
    named = Granted(equals(alpha_t**power, turn**power), by="alpha_t = eta_t - eta_{t+1} >= 0 from t = 1 on")
    return Weakened(named, at_most(alpha_t**power, bound), (FROM_ONE,))


KNOWN_8 = (within_8(LAG, LAG_FACTOR), turn_8(2, STEP_8**2), turn_8(1, mu * STEP_8**2))
CONSTANT_8 = Hypothesis(
    "constant_8",
    "C is the larger of 4 G^2 and the rest",
    sp.And(c_8 >= 4 * G**2, c_8 >= 2 * L * B * ROOT_A + 2 * mu * U * B + 2 * G**2 + 2 * U**2),
)
AT_W = (
    fact("F is strongly convex: at w_t and w*", above_paraboloid(f_least, f_y, g_y, -1 * y), 2 / mu),
    fact("F is strongly convex: at w* and w_t", above_paraboloid(f_y, f_least, zero, y), 2 / mu),
)


def nearing_8(moved_sq: sp.Expr, of_gradient: sp.Expr, of_memory: sp.Expr) -> Rule:
    """E ||z_{t+1} - w*||^2 from that of z_t, what is drawn and the turn moving by at most `moved_sq`, by their multipliers."""
    one = Certified(
        at_most(AFTER, (1 - 2 * mu * step) * norm_sq(x) + step * L * (tau * B**2 + norm_sq(x - y) / tau) + 2 * push * U * B + moved_sq),
        (
            fact(UNBIASED, dot(x, g_d - g_y), 2 * step, equality=True),
            fact("F is strongly convex: at z_t and w*", above_paraboloid(f_least, f_x, g_x, -1 * x), 2 * step),
            fact("F is strongly convex: at w* and z_t", above_paraboloid(f_x, f_least, zero, x), 2 * step),
            fact("F has an L-Lipschitz gradient: at z_t and w_t", lipschitz(g_x - g_y, x - y), step / (tau * L)),
            fact("second moment at most G^2", G**2 - norm_sq(g_d), of_gradient),
            fact("E ||u~_{t+1}||^2 <= U^2", U**2 - norm_sq(g_u), of_memory + push * B / U),
            fact("E ||z_t - w*||^2 <= B^2", B**2 - norm_sq(x), push * U / B + step * L * tau),
        ),
    )
    names = {AFTER: DISTANCE.subs(t, t + 1), norm_sq(x): DISTANCE, norm_sq(x - y): transformed_lag_sq}
    return Instance(Expected(one, names, {step: STEP_8, push: alpha_t}), {tau: ROOT_A * STEP_8 / B})


def distance_8() -> Rule:
    """E ||z_t - w*||^2 from t = 2 on, by induction."""
    nearing = Weakened(
        Using(nearing_8(2 * step**2 * G**2 + 2 * push**2 * U**2, 2 * step**2, 2 * push**2), KNOWN_8),
        at_most(DISTANCE.subs(t, t + 1), (1 - 2 / t) * DISTANCE + c_8 * STEP_8**2),
        (CONSTANT_8, FROM_ONE),
    )
    near_by = Weakened(
        Using(
            Instance(
                Expected(
                    Certified(
                        at_most(norm_sq(x), G**2 / mu**2 + tau * B**2 + norm_sq(x - y) / tau),
                        (
                            *AT_W,
                            fact(JENSEN, G**2 - norm_sq(g_y), 1 / mu**2),
                            fact("E ||z_t - w*||^2 <= B^2", B**2 - norm_sq(x), tau),
                        ),
                    ),
                    {norm_sq(x): DISTANCE, norm_sq(x - y): transformed_lag_sq},
                ),
                {tau: ROOT_A * STEP_8 / B},
            ),
            KNOWN_8[:1],
        ),
        at_most(DISTANCE, c_8 / (mu**2 * t)),
        (CONSTANT_8, Hypothesis("one_or_two", "t is 1 or 2", sp.And(t >= 1, t <= 2))),
    )
    return Inducted(
        Instance(nearing, {t: t + 2}),
        start=Instance(near_by, {t: 2}),
        quantity=DISTANCE.subs(t, t + 2),
        index=t,
        bound=c_8 / (mu**2 * (t + 2)),
        following=c_8 / (mu**2 * (t + 3)),
    )


def gap_8(one_step: Rule) -> Rule:
    """The function gap of one iteration, from a step with a turn."""
    names = {AFTER: DISTANCE.subs(t, t + 1), **CONVEX_NAMES}
    return Instance(Expected(one_step, names, {step: STEP_8, push: alpha_t}), {tau: G / (ROOT_A * STEP_8)})


AT = half + t  # the iterations of the later half, t = 0, 1, ...
GAP_AT = function_gap.subs(t, AT)
IN_LATER_HALF = Hypothesis("later_half", "t <= T/2, rounded down", t <= half)
STEEP_8 = Expected(
    Certified(
        at_most(f_y - f_least, G**2 / (2 * mu)),
        (
            fact("F is strongly convex: at w_t and w*", above_paraboloid(f_least, f_y, g_y, -1 * y)),
            fact(JENSEN, G**2 - norm_sq(g_y), 1 / (2 * mu)),
        ),
    ),
    {f_y - f_least: GAP_AT},
)


def later_half(count: sp.Expr, reached: Rule, recursion: Rule, bound: sp.Expr, constant: Hypothesis) -> Rule:
    """The mean gap of `count` iterations from `half` on: `bound` over their last, by gradients for half <= 1, by steps from 2 on.

    `reached` is how far z_t is at t + 2, `recursion` what gap and distance an iteration of the later half leaves.
    """
    summed = sp.Sum(function_gap, (t, half, half + count - 1)) / count
    named = Granted(equals(summed, sp.Sum(GAP_AT, (t, 0, count - 1)) / count), by="the same sum, counted from its first term")
    total = WeightedSum(recursion, DISTANCE.subs(t, AT), mu * AT / 2, t, count, (GAP_AT,))
    bounds = (Telescoped(STEEP_8, t, count), Using(total, (Instance(reached, {t: half - 2}),)))
    return Cases(
        at_most(summed, bound.subs(T, half + count) / (mu * (half + count))),
        (half <= 1, half >= 2),
        tuple(Chained(named, scaled(each, 1 / count)) for each in bounds),
        (constant,),
    )


def by_halves(reached: Rule, recursion: Rule, bound: sp.Expr, constant: Hypothesis, letters: Mapping[sp.Symbol, sp.Expr]) -> Rule:
    """Theorem 8 for every T, in letters that are put back at the end."""
    even, odd = (later_half(count, reached, recursion, bound, constant) for count in (half, half + 1))
    return Instance(EvenAndOdd(at_most(LATER_GAP, bound / (mu * T)), T, half, even, odd), letters)


DISTANCE_8 = distance_8()
GAP_STEP_8 = Weakened(
    Using(gap_8(PUSHED_STEP), KNOWN_8),
    at_most(DISTANCE.subs(t, t + 1), DISTANCE - 2 * STEP_8 * function_gap + (c_8 + 2 * G * ROOT_A) * STEP_8**2),
    (CONSTANT_8, FROM_ONE),
)
RECURSION_8 = Weakened(
    Isolated(
        Combined((Instance(GAP_STEP_8, {t: AT}), Instance(DISTANCE_8, {t: AT - 2})), (1, 1 / AT)),
        DISTANCE.subs(t, AT + 1),
    ),
    at_most(
        DISTANCE.subs(t, AT + 1),
        (1 - 1 / AT) * DISTANCE.subs(t, AT) - 2 / (mu * AT) * GAP_AT + (c_8 + G * ROOT_A) * (2 * half - t) / (half**2 * AT * mu**2),
    ),
    (IN_LATER_HALF,),
)
BY_HALVES = by_halves(DISTANCE_8, RECURSION_8, 3 * c_8 + 2 * G * ROOT_A, CONSTANT_8, {c_8: C_8, ROOT_A: sp.sqrt(LAG_FACTOR)})

# The same with less given away: E ||z_t - w*||^2 <= C / (mu^2 (t - 1)) + W / (mu t) from t = 2 on, since at t = 1 a step of 1 / mu
# leaves nothing of what was before; squares of sums are not doubled; 1 / t is below its chord; and the gap is taken for all that strong
# convexity makes of it, so that distances fall by 1 - 1 / t beside it and need no bound of their own in the later half.
n_8, w_8 = _letter("N", positive=True), _letter("W", positive=True)
TURNED_8 = 1 / (mu * t * (t + 1))
SHARP_CONSTANT_8 = Hypothesis(
    "sharp_constant_8",
    "C and N are at least G^2, and with W what an iteration adds to distance and gap",
    sp.And(c_8 >= G**2, n_8 >= G**2, w_8 >= 2 * U * B, c_8 >= 2 * L * B * ROOT_A + MOVED_SQ, n_8 >= 2 * (G + mu * B) * ROOT_A + MOVED_SQ),
)
SHARP_KNOWN_8 = (
    within_8(Cite("mdsgd/lemma-7", improved=True), FAR_9**2), turn_8(2, (STEP_8 / 2) ** 2), turn_8(1, TURNED_8),
)  # fmt: skip
SHARP_NEARING_8 = Weakened(
    Using(
        nearing_8((step * G + push * U) ** 2, step**2 + step * push * U / G, push**2 + step * push * G / U),
        SHARP_KNOWN_8,
    ),
    at_most(DISTANCE.subs(t, t + 1), (1 - 2 / t) * DISTANCE + c_8 * STEP_8**2 + w_8 * TURNED_8),
    (SHARP_CONSTANT_8, FROM_ONE),
)


def within_sharp_8(time: sp.Expr) -> sp.Expr:
    """What E ||z_t - w*||^2 is at most, from t = 2 on."""
    return c_8 / (mu**2 * (time - 1)) + w_8 / (mu * time)


STRONG_PUSHED_STEP = Certified(
    at_most(
        AFTER,
        (1 - mu * step) * norm_sq(x)
        - 2 * step * (f_y - f_least)
        + APART
        + mu * step * (split * B**2 + norm_sq(x - y) / split)
        + 2 * push * U * B
        + (step * G + push * U) ** 2,
    ),
    (
        *convex_facts(mu),
        fact("second moment at most G^2", G**2 - norm_sq(g_d), step**2 + step * push * U / G),
        fact("E ||u~_{t+1}||^2 <= U^2", U**2 - norm_sq(g_u), push**2 + step * push * G / U + push * B / U),
        fact("E ||z_t - w*||^2 <= B^2", B**2 - norm_sq(x), push * U / B + mu * step * split),
    ),
)
SHARP_DISTANCE_8 = Inducted(
    Instance(SHARP_NEARING_8, {t: t + 2}),
    start=Weakened(Instance(SHARP_NEARING_8, {t: 1}), at_most(DISTANCE.subs(t, 2), within_sharp_8(sp.Integer(2)))),
    quantity=DISTANCE.subs(t, t + 2),
    index=t,
    bound=within_sharp_8(t + 2),
    following=within_sharp_8(t + 3),
)
SHARP_GAP_STEP_8 = Weakened(
    Using(Instance(gap_8(STRONG_PUSHED_STEP), {split: ROOT_A * STEP_8 / B}), SHARP_KNOWN_8),
    at_most(DISTANCE.subs(t, t + 1), (1 - 1 / t) * DISTANCE - 2 * STEP_8 * function_gap + n_8 * STEP_8**2 + w_8 * TURNED_8),
    (SHARP_CONSTANT_8, FROM_ONE),
)
SHARP_RECURSION_8 = Weakened(
    Instance(SHARP_GAP_STEP_8, {t: AT}),
    at_most(
        DISTANCE.subs(t, AT + 1),
        (1 - 1 / AT) * DISTANCE.subs(t, AT)
        - 2 / (mu * AT) * GAP_AT
        + n_8 * (2 * half - t) / (2 * half**2 * AT * mu**2)
        + w_8 * (2 * half + 1 - t) / ((half + 1) * (2 * half + 1) * AT * mu),
    ),
    (Hypothesis("some_half", "T/2, rounded down, is at least 1", half >= 1), IN_LATER_HALF),
)
SHARPLY_BY_HALVES = by_halves(
    SHARP_DISTANCE_8,
    SHARP_RECURSION_8,
    c_8 + OF_GAPS_8 * n_8 + OF_TURNS_8 * mu * w_8,
    SHARP_CONSTANT_8,
    {c_8: SHARP_C_8, n_8: SHARP_N_8, w_8: 2 * U * B, ROOT_A: FAR_9},
)
SEC_2_LETTERS = {
    r"h(\mathbf{w})": f_x, r"h(\mathbf{w}')": f_y, r"\nabla h(\mathbf{w}')^T(\mathbf{w} - \mathbf{w}')": dot(g_y, x - y),
    r"\|\mathbf{w} - \mathbf{w}'\|^2": norm_sq(x - y), r"\|\mathbf{w} - \mathbf{w}'\|": sp.sqrt(norm_sq(x - y)),
    r"\|\nabla h(\mathbf{w}) - \nabla h(\mathbf{w}')\|": sp.sqrt(norm_sq(g_x - g_y)),
}  # fmt: skip
f_first, f_second = _letter("f at (x + y)/2 - (g_x - g_y)/(2 L)"), _letter("f at (x + y)/2 + (g_x - g_y)/(2 L)")
HALFWAY, TILT = (x + y) / 2, (g_x - g_y) / (2 * L)
NO_MOMENTUM = equals(norm_sq(momentum_now - gradient), beta**2 * norm_sq(momentum_before))
LAGS, DIRECTIONS = -1 * u_i.deviation, u_i  # outcomes: what z_t - w_t is, up to L, and d_t, alike likely
WEIGHTS = sp.Sum(gamma_t, (t, 0, T - 1))
RANDOM_ITERATE = Granted(
    equals(output_gradient_sq, sp.Sum(gamma_t * gradient_sq, (t, 0, T - 1)) / WEIGHTS),
    by="w is w_t with probability gamma_t over their sum",
)


def random_iterate(constant: sp.Expr) -> Relation:
    """What (11) sends to 0, for the constant of Theorem 5."""
    return at_most(output_gradient_sq, initial_gap / WEIGHTS + constant * sp.Sum(gamma_t**2, (t, 0, T - 1)) / WEIGHTS)


PRINTED_TIMES, MEANT_TIMES = (0, 2), (0, 1)  # of Algorithm 1, the first two
drawn_1, drawn_2 = _letter("drawn_1"), _letter("drawn_2")  # entries of g^
STEP_FALLS = Hypothesis("step_falls", "tau = eta_t / eta_{t+1} >= 1", tau >= 1)
PLAIN_POWERS, SQUARED_POWERS = (sp.Sum((t + 1) ** (-factor * alpha), (t, 0, T - 1)) for factor in (1, 2))
BOUNDED_EVERYWHERE = Hypothesis(given.bounded_everywhere.name, "E ||g||^2 <= G^2 at every w")  # its condition is for strong convexity
MEM_SGD_TRANSFORMED = (
    Hypothesis(
        "mem_sgd_transformed",
        "gamma_t = eta_t, d_t = grad f, alpha_t = 0, and the memory of (3) is within U",
        sp.And(sp.Eq(lag_factor, U**2), sp.Eq(turn_factor, 0), sp.Eq(direction_bound, G)),
    ),
)
SMALL_TURN = Hypothesis("small_turn", "|eta_t - eta_{t+1}| <= delta eta_t^2", sp.Abs(now - following) <= turn_factor * now**2)
SUMMABLE = Hypothesis("summable", "the steps gamma_t are positive, so their sum is", WEIGHTS > 0)
ROOTS = sp.Sum(1 / sp.sqrt(t + 1), (t, 0, T - 1))
WEIGHTED_GAP = sp.Sum(function_gap / sp.sqrt(t + 1), (t, 0, T - 1)) / ROOTS
ROOTS_ADD_UP = Telescoped(
    Weakened(
        Decided(at_most(1 / sp.sqrt(T), 1 / sp.sqrt(t + 1))),
        at_most(1 / sp.sqrt(T), 1 / sp.sqrt(t + 1)),
        (Hypothesis("within_the_run", "t < T", t + 1 <= T),),
    ),
    t,
    T,
)  # to at least T / sqrt(T)
HARMONIC = Granted(at_most(sp.Sum(1 / (t + 1), (t, 0, T - 1)), 1 + sp.log(T)), by="the harmonic number of T")


def rate_9(constant: sp.Expr) -> Relation:
    """The weighted mean gap, for the constant of Theorem 9."""
    return at_most(WEIGHTED_GAP, (start_distance_sq + constant * (1 + sp.log(T))) / (2 * sp.sqrt(T)))


def mean_gap_9(theorem: Rule) -> Rule:
    """The same from the theorem."""
    total = Combined((Using(theorem, (HARMONIC,)), ROOTS_ADD_UP), (1, 2 * WEIGHTED_GAP))
    return scaled(Isolated(total, 2 * sp.sqrt(T) * WEIGHTED_GAP), 1 / (2 * sp.sqrt(T)))


STAGES = (
    given.momentum_range, given.second_moment, given.weakly_convex, given.half_envelope, given.stage_steps, given.long_stages,
    given.stage_losses,
    given.iterates_within_B, given.memory_at_most_U,
)  # fmt: skip
samples = tuple(sp.Symbol(f"samples_{j}", integer=True, positive=True) for j in (1, 2))
slopes = tuple(sp.Symbol(f"slope_{j}", real=True) for j in (1, 2))
UNBIASED_PARTS = equals(sum(slopes) / 2, sum(m * s for m, s in zip(samples, slopes, strict=True)) / sum(samples))
TABLE_CELLS = {"Stich": (1, 0, 0), "Alistarh": (1, 0, 1)}  # strongly convex, convex, non-convex; 1 for a tick, as printed
# Memory after gradients (a, b) and (-a, 0), one entry being sent each time. At random, all four choices alike likely: sent first and first
# leaves (0, b); first and second (-a, 0); second and anything nothing, for the a that was kept cancels
first_entry, later_entry = _letter("a", positive=True), _letter("b", positive=True)
LEFT_BY_LARGEST, LEFT_AT_RANDOM = later_entry**2, (later_entry**2 + first_entry**2) / 4
length, drawn_entry = _letter("length", positive=True), _letter("entry", nonzero=True)
gap_asked = _letter("gap_asked", positive=True)
HE_2016 = {"cifar10": 64_000, "imagenet": 600_000}
"""Iterations of training a resnet: He, Zhang, Ren and Sun, Deep residual learning for image recognition, CVPR 2016, arXiv 1512.03385.

On CIFAR-10 (section 4.2) the step falls at 32k and 48k iterations and training ends at 64k, 128 of 45k images at a time: the second fall is
after 136 passes. On ImageNet (section 3.4) it falls where the error plateaus, and training takes up to 60 10^4 iterations of 256 images.
"""
WITH_FALLS_AT_32K_AND_48K = 64_000
WEAK = above_paraboloid(f_x, f_y, g_y, x - y, -c)  # Definition 4 at w = x and w' = y
anchor = vector("anchor")
REGULARISED = (
    (f_x + norm_sq(x - anchor) / (2 * envelope)) - (f_y + norm_sq(y - anchor) / (2 * envelope)) - dot(g_y + (y - anchor) / envelope, x - y)
)


def _pulled(value: sp.Expr, point: Vector, center: Vector) -> sp.Expr:
    """F at a point, and its squared distance from a center over 2 gamma."""
    return value + norm_sq(point - center) / (2 * envelope)


ENVELOPE_NOT_DRAWN = "no arena draws minimisers of an envelope; attacked in Theorem 12, which rests on it"
LEFT_OF_ENVELOPE = _pulled(f_y, v, y) - _pulled(f_x, u, x) - dot((x - u) / envelope, y - x)

CLAIMS = (
    # Section 1
    Claim(
        "mdsgd/eq-1",
        "definition",
        "section 1, (1)",
        "The problem: a mean of n losses.",
        latex=(r"\min_{\mathbf{w} \in \mathbb{R}^d} F(\mathbf{w}) := \frac{1}{n} \sum_{i=1}^n f(\mathbf{w}; \zeta_i)",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/eq-2",
        "definition",
        "section 1, (2)",
        "DSGD: everybody's update vectors added up; their sum is unbiased.",
        latex=(r"\mathbf{w}_{t+1} = \mathbf{w}_t - \eta_t \sum_{k=1}^p \mathbf{g}_{t,k}",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/sec-1/optimal-rate",
        "text",
        "section 1",
        "DSGD has the optimal rates 1/sqrt(T) (non-convex) and 1/T (strongly convex).",
        latex=(r"\mathcal{O}(1/\sqrt{T})", r"\mathcal{O}(1/T)"),
        unparsed="rates without a left side; read twice",
        readings=(
            Reading(
                "non-convex: DSGD has the rate",
                at_most(SUM_OF_GRADIENTS / T, ORDER / sp.sqrt(T)),
                (*FIXED_RUN, given.smooth, given.no_momentum),
                rate=Rate("mdsgd/sec-5/vanilla", (1 / sp.sqrt(T),), (T,), {eta: step_numerator / sp.sqrt(T)}),
                says="as M-DSGD that sends all",
            ),
            Reading(
                "non-convex: so it uses no more iterations, in order, than any method must",
                at_least(T, 1 / gap_asked**2),
                rate=Largest(T, 1 / sp.sqrt(T), gap_asked, 1 / gap_asked**2, (T, gap_asked), smallest=True),
                says="for a mean squared gradient of epsilon^2: a lower bound of epsilon^-4, granted, under noise of bounded "
                "variance (Arjevani et al., arXiv 1912.02365)",
            ),
            Reading(
                "strongly convex: a gap of the order 1/T uses no more either",
                at_least(T, 1 / gap_asked),
                rate=Largest(T, 1 / T, gap_asked, 1 / gap_asked, (T, gap_asked), smallest=True),
                says="a lower bound of 1 / gap, granted, under bounded gradients (Agarwal et al., IEEE Trans. Inf. Theory 58, 2012, "
                "arXiv 1009.0571)",
            ),
        ),
    ),
    Claim(
        "mdsgd/sec-1/compression-ratio",
        "text",
        "section 1",
        "Quantised to b bits, a vector keeps at least b/32 of its bits.",
        latex=(r"(bd + 32s)/32d \geq b/32",),
        letters={"b": value_bits, "s": buckets, "(bd + 32s)/32d": (value_bits * d + 32 * buckets) / (32 * d)},
        readings=printed(at_least((value_bits * d + 32 * buckets) / (32 * d), value_bits / 32)),
    ),
    Claim(
        "mdsgd/sec-1/at-least-3-percent",
        "text",
        "section 1",
        "So no quantisation saves more than a factor of 33: b is at least 1.",
        latex=(r"b/32 \geq 3\%",),
        unparsed="a per cent sign; read twice",
        readings=printed(
            at_least(value_bits / 32, sp.Rational(3, 100)), says="b >= 1 bit an entry; codes of variable length are not meant"
        ),
    ),
    Claim(
        "mdsgd/sec-1/below-1-percent",
        "text",
        "section 1",
        "0.001 d entries, each with its position, are less than 1% of d entries of 32 bits.",
        latex=("smaller than 1%",),
        unparsed="a number in running text; read twice",
        readings=printed(
            Relation(sp.Rational(1, 1000) * d * (32 + location_bits) / (32 * d), "<", sp.Rational(1, 100)),
            (Hypothesis("word_positions", "a position takes at most a word of 32 bits", location_bits <= 32),),
        ),
    ),
    Claim(
        "mdsgd/sec-1/far-better",
        "text",
        "section 1",
        "Less than 1% is far better than at least 3%.",
        latex=("This is far better than that of quantization",),
        unparsed="words; coded as a factor of three; read twice",
        readings=printed(at_most(3 * sp.Rational(1, 100), sp.Rational(1, 32))),
    ),
    Claim(
        "mdsgd/sec-1/sparse-unbiased",
        "text",
        "section 1",
        "Unbiased sparse vectors are quantised ones, mathematically: so are those that QSGD with one level and TernGrad send.",
        latex=("these methods are equivalent to quantization ones mathematically",),
        unparsed="words; coded for one entry of a vector: what is sent, and the entry over the chance that it is sent; read twice",
        readings=(
            Reading(
                "quantisers with one level are unbiased sparsifiers",
                equals(length * sp.sign(drawn_entry), drawn_entry / (sp.Abs(drawn_entry) / length)),
                says="sent with the chance |a_i| / length; the length is ||a|| in QSGD with one level, the largest |a_i| in TernGrad. "
                "Wang et al. (2018) call both special cases of sparsity; of sparsifiers with other chances nothing is said here",
            ),
        ),
    ),
    Claim(
        "mdsgd/sec-1/without-loss",
        "text",
        "section 1",
        "Top 0.1% with momentum loses no accuracy on cifar10 and imagenet.",
        latex=(r"approximately  $0.001d$  dimension vector",),
        unparsed="words; read twice",
        readings=unchecked("an experiment of Lin et al. (2018), without numbers here"),
    ),
    Claim(
        "mdsgd/sec-1/degenerates",
        "text",
        "section 1, second contribution",
        "Without momentum M-DSGD is the method of Aji and Heafield.",
        latex=("it degenerates to that of using vanilla SGD",),
        unparsed="words; read twice",
        restates="mdsgd/sec-3.1/aji-heafield",
        readings=printed(NO_MOMENTUM, (given.no_momentum,), follows=Cite("mdsgd/sec-3.1/aji-heafield")),
    ),
    Claim(
        "mdsgd/table-1",
        "table",
        "section 1, Table 1",
        "The table against the introduction: there Stich et al. treat non-convex problems and Alistarh et al. do not, here the other way.",
        latex=("(Stich et al., 2018) ✓ - - no",),
        unparsed="a row of a table; 1 stands for a tick; read twice",
        readings=printed(
            equals(TABLE_CELLS["Stich"][2], 1),
            says="the introduction: 'proposes the convergence for both convex and non-convex problems' said of Stich et al.",
        ),
        correction=Reading(
            "corrected: the two names of the introduction exchanged",
            equals(TABLE_CELLS["Alistarh"][2], 1),
            says="Sparsified SGD with memory (2018) treats strongly convex functions only, its non-convex twin is Alistarh et al. (2018)",
        ),
        misprint="the introduction exchanges Alistarh et al. and Stich et al.",
    ),
    Claim(
        "mdsgd/table-1/ours",
        "table",
        "section 1, Table 1, last row, convex",
        "This paper: convex functions, with momentum.",
        latex=("Ours",),
        unparsed="a row of a table; read twice",
        readings=printed(
            THEOREM_9, (*NEAR, given.convex, given.root_transformation), follows=Cite("mdsgd/theorem-9"), arena="mdsgd", says="by Theorem 9"
        ),
        improvement=Reading(
            "improved: the constant of the improved Theorem 9",
            theorem_9(SHARP_9),
            (*NEAR, given.convex, given.root_transformation),
            follows=Cite("mdsgd/theorem-9", improved=True),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/table-1/ours/strongly-convex",
        "table",
        "section 1, Table 1, last row, strongly convex",
        "This paper: strongly convex functions, with momentum.",
        latex=("Ours",),
        unparsed="a row of a table; read twice",
        readings=(
            Reading(
                "by Theorem 8, gradients bounded at the iterates",
                THEOREM_8,
                STRONGLY_CONVEX,
                follows=Cite("mdsgd/theorem-8"),
                arena="mdsgd",
            ),
            Reading(
                "by Theorem 8, gradients bounded everywhere (Definition 1)",
                THEOREM_8,
                (given.strongly_convex, given.bounded_everywhere),
                says="as Theorem 8: there is no such function",
            ),
        ),
        restates="mdsgd/theorem-8",
    ),
    Claim(
        "mdsgd/table-1/ours/non-convex",
        "table",
        "section 1, Table 1, last row, non-convex",
        "This paper: smooth functions that are not convex, with momentum.",
        latex=("Ours",),
        unparsed="a row of a table; read twice",
        readings=printed(THEOREM_10, (*FIXED_RUN, given.smooth), follows=Cite("mdsgd/theorem-10"), arena="mdsgd"),
    ),
    # Section 2
    Claim(
        "mdsgd/definition-1",
        "definition",
        "section 2, Definition 1",
        "A stochastic gradient is unbiased, with second moment at most G^2 everywhere: which no strongly convex function allows.",
        latex=(r"\mathbb{E}\|\mathbf{g}\|^2 \leq G^2, \forall \mathbf{w}",),
        unparsed="a quantifier; read twice",
        readings=(Reading("as printed", given=(BOUNDED_EVERYWHERE,)),),
        correction=Reading("corrected: at the iterates of the run", given=(given.second_moment,)),
        misprint="'for all w' leaves no strongly convex function, and Theorem 8 none to speak of; the proofs ask for the iterates alone",
    ),
    Claim(
        "mdsgd/definition-2",
        "definition",
        "section 2, Definition 2",
        "L-smooth: the gradient is L-Lipschitz.",
        latex=(r"\|\nabla h(\mathbf{w}) - \nabla h(\mathbf{w}')\| \leq L\|\mathbf{w} - \mathbf{w}'\|",),
        unparsed="a hypothesis; read twice",
        readings=(Reading("as printed", given=(given.smooth,)),),
    ),
    Claim(
        "mdsgd/definition-2/upper",
        "definition",
        "section 2, Definition 2",
        "A Lipschitz gradient bounds what is left of the tangent, above.",
        latex=(
            r"|h(\mathbf{w}) - h(\mathbf{w}') - \nabla h(\mathbf{w}')^T(\mathbf{w} - \mathbf{w}')| \leq "
            r"\frac{L}{2}\|\mathbf{w} - \mathbf{w}'\|^2",
        ),
        unparsed="an absolute value, of which this is one side; read twice",
        readings=printed(
            at_most(f_x - f_y - dot(g_y, x - y), L / 2 * norm_sq(x - y)),
            (given.smooth,),
            follows=below_tangent(f_x, f_y, g_y, x - y),
            arena="function",
        ),
    ),
    Claim(
        "mdsgd/definition-2/equivalent",
        "definition",
        "section 2, Definition 2",
        "Conversely, tangent paraboloids on both sides make the gradient Lipschitz, with the same constant.",
        latex=(r"\|\nabla h(\mathbf{w}) - \nabla h(\mathbf{w}')\| \leq L\|\mathbf{w} - \mathbf{w}'\|",),
        unparsed="squared here; read twice",
        readings=printed(
            at_most(norm_sq(g_x - g_y), L**2 * norm_sq(x - y)),
            facts=tuple(
                fact(f"{side}, from {name}, at the middle less or plus (g_x - g_y) / (2 L)", relation, 2 * L)
                for side, name, relation in (
                    ("below its paraboloid", "w", below_paraboloid(f_first, f_x, g_x, HALFWAY - TILT - x)),
                    ("above its paraboloid", "w'", above_paraboloid(f_first, f_y, g_y, HALFWAY - TILT - y, -L)),
                    ("below its paraboloid", "w'", below_paraboloid(f_second, f_y, g_y, HALFWAY + TILT - y)),
                    ("above its paraboloid", "w", above_paraboloid(f_second, f_x, g_x, HALFWAY + TILT - x, -L)),
                )
            ),
            says="not attacked: functions are drawn by their curvatures, which are what is to be shown",
        ),
    ),
    Claim(
        "mdsgd/definition-3",
        "definition",
        "section 2, Definition 3",
        "mu-strongly convex, mu = 0 allowed.",
        latex=(
            r"h(\mathbf{w}) \geq h(\mathbf{w}') + \nabla h(\mathbf{w}')^T(\mathbf{w} - \mathbf{w}') + "
            r"\frac{\mu}{2}\|\mathbf{w} - \mathbf{w}'\|^2",
        ),
        letters=SEC_2_LETTERS,
        readings=(Reading("as printed", given=(given.strongly_convex,)),),
    ),
    Claim(
        "mdsgd/definition-4",
        "definition",
        "section 2, Definition 4",
        "c-weakly convex. It speaks of gradients, section 6 of functions without one (ReLU): there a subgradient is meant.",
        latex=(
            r"h(\mathbf{w}) \geq h(\mathbf{w}') + \nabla h(\mathbf{w}')^T(\mathbf{w} - \mathbf{w}') - "
            r"\frac{c}{2}\|\mathbf{w} - \mathbf{w}'\|^2",
        ),
        letters=SEC_2_LETTERS,
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/sec-2/second-moment",
        "assumption",
        "section 2, after Algorithm 1",
        "Every sample's gradient has a second moment of at most G^2, everywhere.",
        latex=(r"\mathbb{E}_{\zeta_i} \|\nabla f(\mathbf{w}; \zeta_i)\|^2 \leq G^2, \forall \mathbf{w}",),
        unparsed="a quantifier; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/algorithm-1",
        "definition",
        "section 2, Algorithm 1",
        "M-DSGD with momentum.",
        latex=(
            r"\mathbf{g}_{t,k} = \beta \mathbf{g}_{t-1,k} + \frac{1}{pb} \sum_{\zeta_i \in \mathcal{I}_{t,k}} \nabla "
            r"f(\mathbf{w}; \zeta_i)",
            # sections 3.1 and 7 have it again
            r"\mathbf{g}_{t,k} &= \beta \mathbf{g}_{t-1,k} + \frac{1}{pb} \sum_{\zeta_i \in \mathcal{I}_{t,k}} \nabla "
            r"f(\mathbf{w}_t; \zeta_i)",
            r"\mathbf{u}_{t+1,k} &= (\mathbf{1} - \mathbf{m}_{t,k}) \odot (\mathbf{g}_{t,k} + \mathbf{u}_{t,k})",
            r"\mathbf{w}_{t+1} &= \mathbf{w}_t - \eta_t \sum_{k=1}^p \mathbf{m}_{t,k} \odot (\mathbf{g}_{t,k} + \mathbf{u}_{t,k})",
        ),
        unparsed="a listing; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/algorithm-1/line-3",
        "definition",
        "section 2, Algorithm 1, line 3",
        "The iterations follow each other, so that each finds the memory, momentum and iterate that the one before has left.",
        latex=(r"t = 0, 2, \dots, T - 1",),
        unparsed="a listing; coded is that the second printed index is the first one and 1; read twice",
        readings=printed(equals(PRINTED_TIMES[1], PRINTED_TIMES[0] + 1), says="iteration t leaves w_{t+1} and u_{t+1}, and reads g_{t-1}"),
        correction=Reading("corrected: t = 0, 1, ..., T - 1", equals(MEANT_TIMES[1], MEANT_TIMES[0] + 1)),
        misprint="2 for 1",
    ),
    Claim(
        "mdsgd/algorithm-1/line-7",
        "definition",
        "section 2, Algorithm 1, line 7",
        "What enters the momentum is the gradient of line 6, which is taken at w_t; line 7 takes it at a point w that nothing sets.",
        latex=(
            r"\mathbf{g}_{t,k} = \beta \mathbf{g}_{t-1,k} + \frac{1}{pb} \sum_{\zeta_i \in \mathcal{I}_{t,k}} \nabla "
            r"f(\mathbf{w}; \zeta_i)",
        ),
        unparsed="an assignment; coded is the difference of both gradients, x is w_t and y is w; read twice",
        readings=printed(equals(norm_sq(g_x - g_y), 0), (given.smooth,), arena="function"),
        correction=Reading(
            "corrected: w_t, as section 3.1 writes", equals(norm_sq(g_x - g_x), 0), follows=Certified(equals(norm_sq(g_x - g_x), 0))
        ),
        misprint="w for w_t, in the hypotheses of Theorems 9 and 10 too",
    ),
    Claim(
        "mdsgd/sec-2/smooth-is-weakly-convex",
        "text",
        "section 2",
        "An L-smooth function is L-weakly convex.",
        latex=("must be  $L$ -weak convex",),
        unparsed="words; read twice",
        relies=("mdsgd/definition-2", "mdsgd/definition-4"),
        readings=printed(
            at_least(f_x, f_y + dot(g_y, x - y) - L / 2 * norm_sq(x - y)),
            (given.smooth,),
            facts=(fact("h is L-smooth: at w' and w", above_paraboloid(f_x, f_y, g_y, x - y, -L)),),
            arena="function",
        ),
    ),
    Claim(
        "mdsgd/sec-2/regularised",
        "text",
        "section 2",
        "With c/2 ||w||^2 added, a c-weakly convex function is convex.",
        latex=(r"add one  $L_2$  regularization to make it convex",),
        unparsed="words; read twice",
        relies=("mdsgd/definition-4",),
        readings=printed(
            at_least(f_x + c / 2 * norm_sq(x), f_y + c / 2 * norm_sq(y) + dot(g_y + c * y, x - y)),
            (given.weakly_convex,),
            facts=(fact("h is c-weakly convex: at w' and w", WEAK),),
            says="Definition 4 in other words, the quadratic of which is exact: there is nothing to attack",
        ),
    ),
    # Section 3
    Claim(
        "mdsgd/sec-3.1/aji-heafield",
        "text",
        "section 3.1",
        "Without momentum Algorithm 1 is the method of Aji and Heafield.",
        latex=(r"a special case of M-DSGD by setting  $\beta = 0$",),
        unparsed="words; read twice",
        readings=printed(
            NO_MOMENTUM,
            (given.no_momentum,),
            follows=Certified(NO_MOMENTUM),
            says="what is added to the fresh gradient: nothing at beta = 0",
        ),
    ),
    Claim(
        "mdsgd/sec-3.1/mem-sgd",
        "definition",
        "section 3.1, third display",
        "Alistarh et al. and Stich et al.: the step size is in the memory.",
        latex=(
            r"\mathbf{u}_{t+1,k} &= (\mathbf{1} - \mathbf{m}_{t,k}) \odot (\eta_t \mathbf{g}_{t,k} + \mathbf{u}_{t,k})",
            r"\mathbf{g}_{t,k} &= \frac{1}{pb} \sum_{\zeta_i \in \mathcal{I}_{t,k}} \nabla f(\mathbf{w}_t; \zeta_i)",
            r"\mathbf{w}_{t+1} &= \mathbf{w}_t - \sum_{k=1}^p \mathbf{m}_{t,k} \odot (\eta_t \mathbf{g}_{t,k} + \mathbf{u}_{t,k})",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/eq-3",
        "equation",
        "section 3.1, (3)",
        "MEM-SGD's memory over the step size.",
        latex=(
            r"\mathbf{v}_{t+1,k} = \frac{\eta_t}{\eta_{t+1}} (\mathbf{1} - \mathbf{m}_{t,k}) \odot (\mathbf{g}_{t,k} + \mathbf{v}_{t,k})",
        ),
        unparsed="vectors; coded as the mean square of the difference of both sides; read twice",
        relies=("mdsgd/sec-3.1/mem-sgd",),
        readings=printed(
            equals(rescaled_memory_less_sq, 0),
            follows=Cancels(rescaled_memory_less_sq, RESCALED),
            arena="mdsgd",
            says="a mask sends eta_t times what it sends of v, if it depends on directions only",
        ),
    ),
    Claim(
        "mdsgd/eq-4",
        "definition",
        "section 3.1, (4)",
        "MEM-SGD's update in terms of that memory: that of M-DSGD.",
        latex=(r"\mathbf{w}_{t+1} = \mathbf{w}_t - \eta_t \sum_{k=1}^p \mathbf{m}_{t,k} \odot (\mathbf{g}_{t,k} + \mathbf{v}_{t,k})",),
        unparsed="vectors; the messages are eta_t times those of M-DSGD, as in (3); read twice",
        relies=("mdsgd/eq-3",),
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/sec-3.1/same",
        "text",
        "section 3.1",
        "With a constant step and without momentum, M-DSGD is MEM-SGD.",
        latex=("totally the same as M-DSGD",),
        unparsed="words; read twice",
        readings=printed(
            equals(mem_sgd_less_sq, 0),
            (given.fixed_step, given.no_momentum),
            follows=Cancels(mem_sgd_less_sq, SAME_AS_MEM_SGD),
            arena="mdsgd",
            says="by induction: if u^ = eta u now, then also next; both are 0 at the start",
        ),
    ),
    Claim(
        "mdsgd/sec-3.1/larger-memory",
        "text",
        "section 3.1",
        "A falling step makes the memory of (3) larger.",
        latex=(r"\|\mathbf{v}_{t+1,k}\| \geq \|(\mathbf{1} - \mathbf{m}_{t,k}) \odot (\mathbf{g}_{t,k} + \mathbf{v}_{t,k})\|",),
        unparsed="squared here; read twice",
        relies=("mdsgd/eq-3",),
        readings=printed(
            at_least((now / following) ** 2 * norm_sq(v), norm_sq(v)),
            (Hypothesis("falling", "eta_{t+1} <= eta_t", following <= now),),
            follows=Certified(at_least((now / following) ** 2 * norm_sq(v), norm_sq(v))),
            says="v times a number of at least 1; the memory of (3) along runs is attacked in sec-5/same-rate",
        ),
    ),
    Claim(
        "mdsgd/sec-3.1/factor-dropped",
        "text",
        "section 3.1",
        "The factor eta_t / eta_{t+1} is unnecessary and can be dropped.",
        latex=(r"the scalar  $\eta_t/\eta_{t+1}$  is unnecessary and can be dropped",),
        unparsed="words; read twice",
        readings=(
            Reading(
                "memory is no larger without it: one iteration",
                at_most(norm_sq(v), tau**2 * norm_sq(v)),
                (STEP_FALLS,),
                follows=Certified(at_most(norm_sq(v), tau**2 * norm_sq(v))),
                arena="vectors",
                says="tau is eta_t / eta_{t+1}, v what was not sent",
            ),
            Reading(
                "memory is no larger without it: two iterations",
                at_most(norm_sq(u + v), norm_sq(tau * u + v)),
                (STEP_FALLS,),
                arena="vectors",
                says="u and v are what was not sent in the two, the same with the factor and without; it falls where they point apart",
            ),
        ),
        correction=Reading(
            "corrected: what bounds the memory with the factor, by Young's inequality, bounds it without",
            at_most(norm_sq(u + v), (1 + split) * tau**2 * norm_sq(u) + (1 + 1 / split) * norm_sq(v)),
            (STEP_FALLS,),
            facts=(fact("a squared norm is nonnegative", norm_sq(u), (1 + split) * (tau**2 - 1)),),
            arena="vectors",
        ),
        misprint="the reason given is a smaller memory; what dropping it costs is the term (III) of (8), which sec-5/mem-sgd does not have",
    ),
    Claim(
        "mdsgd/sec-3.1/factor-masking",
        "definition",
        "section 3.1, last display",
        "Lin et al.: momentum is forgotten where something was sent.",
        latex=(
            r"\mathbf{g}_{t,k} &= (\mathbf{1} - \mathbf{m}_{t,k}) \odot \hat{\mathbf{g}}_{t,k}. \text{ (momentum factor masking)}",
            r"\hat{\mathbf{g}}_{t,k} &= \beta \mathbf{g}_{t-1,k} + \frac{1}{pb} \sum_{\zeta_i \in \mathcal{I}_{t,k}} \nabla "
            r"f(\mathbf{w}; \zeta_i)",
            r"\mathbf{u}_{t+1,k} &= (\mathbf{1} - \mathbf{m}_{t,k}) \odot (\hat{\mathbf{g}}_{t,k} + \mathbf{u}_{t,k})",
            r"\mathbf{w}_{t+1} &= \mathbf{w}_t - \eta_t \sum_{k=1}^p \mathbf{m}_{t,k} \odot (\hat{\mathbf{g}}_{t,k} + \mathbf{u}_{t,k})",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/sec-3.1/factor-masking/no-momentum",
        "text",
        "section 3.1, last display",
        "Without momentum there is nothing to mask: the method is M-DSGD.",
        unparsed="follows from the display; read twice",
        readings=printed(
            equals(masking_distance_sq, 0),
            (given.no_momentum, given.keeps_k),
            follows=Cancels(masking_distance_sq, (0 * momentum_before + gradient) - gradient),
            arena="mdsgd",
            setting={"step": "any, beta 0"},
            says="at beta = 0 the display adds nothing to the fresh gradient; all else is Algorithm 1",
        ),
        relies=("mdsgd/sec-3.1/factor-masking",),
    ),
    Claim(
        "mdsgd/sec-3.1/mask-of-momentum",
        "text",
        "section 3.1, after the last display",
        "The mask is made for g^ + u and has nothing to do with g^: but through the sum it has.",
        latex=(r"It has nothing to do with  $\hat{\mathbf{g}}_{t,k}$",),
        unparsed="words; coded for two entries, of which top-1 sends the first while it is at least as large; read twice",
        readings=(
            Reading("at u = (1, 0) it is the first that is sent, whatever g^", at_least(sp.Abs(drawn_1 + 1) - sp.Abs(drawn_2), 0)),
            Reading(
                "what moves from g^ to u changes nothing",
                equals(sp.Abs((drawn_1 - now) + (1 + now)) - sp.Abs(drawn_2), sp.Abs(drawn_1 + 1) - sp.Abs(drawn_2)),
            ),
        ),
        misprint="to do with g^ + u alone, in which g^ stands",
    ),
    Claim(
        "mdsgd/sec-3.1/masking-effect",
        "text",
        "section 3.1",
        "Momentum factor masking moves the accuracy of resnet110 by less than 1%.",
        latex=("is smaller than 1%",),
        unparsed="a number in running text; read twice",
        relies=("mdsgd/sec-3.1/factor-masking",),
        readings=unchecked("an experiment of Lin et al. (2018); what masking does to the iterates is measured as masking_distance_sq"),
    ),
    # Section 4
    Claim(
        "mdsgd/eq-5",
        "definition",
        "section 4, (5)",
        "The update with masks as diagonal matrices.",
        latex=(r"\mathbf{w}_{t+1} = \mathbf{w}_t - \eta_t \sum_{k=1}^p \mathbf{M}_{t,k} (\mathbf{g}_{t,k} + \mathbf{u}_{t,k})",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/eq-6",
        "definition",
        "section 4, (6)",
        "The memory with masks as diagonal matrices.",
        latex=(r"\mathbf{u}_{t+1,k} = (\mathbf{I} - \mathbf{M}_{t,k}) (\mathbf{g}_{t,k} + \mathbf{u}_{t,k})",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/eq-7",
        "equation",
        "section 4, (7)",
        "Iterate less step times memory moves by the whole momentum and memory, whatever the masks.",
        latex=(
            r"\mathbf{w}_{t+1} - \eta_t \sum_{k=1}^p \mathbf{u}_{t+1,k} = \mathbf{w}_t - \eta_t \sum_{k=1}^p "
            r"(\mathbf{g}_{t,k} + \mathbf{u}_{t,k})",
        ),
        unparsed="vectors; coded as the mean square of the difference of both sides; read twice",
        relies=(
            "mdsgd/algorithm-1",
            "mdsgd/eq-5",
            "mdsgd/eq-6",
        ),
        readings=printed(
            equals(elimination_less_sq, 0),
            (given.momentum_range, given.any_map),
            follows=Cancels(elimination_less_sq, ELIMINATED),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/sec-4/unbiased",
        "text",
        "section 4",
        "The mean of the workers' mini-batch gradients is unbiased.",
        latex=(r"\mathbb{E}[\nabla f(\mathbf{w}_t; \mathcal{I}_t)] = \nabla F(\mathbf{w}_t)",),
        unparsed="an expectation; two workers, their mean slopes and numbers of samples; read twice",
        relies=("mdsgd/eq-1",),
        readings=(
            Reading(
                "partitions of equal size",
                UNBIASED_PARTS,
                (Hypothesis("equal_parts", "each worker holds as many samples as any other, or draws from all", sp.Eq(*samples)),),
            ),
            Reading("partitions of any size", UNBIASED_PARTS, says="section 3 divides the data into p partitions without saying how"),
        ),
    ),
    Claim(
        "mdsgd/eq-8",
        "equation",
        "section 4, (8), line 1",
        "The transformation without momentum.",
        latex=(
            r"\mathbf{z}_{t+1} &= \mathbf{z}_t - \eta_t \nabla f(\mathbf{w}_t; \mathcal{I}_t) + (\eta_t - \eta_{t+1}) \sum_{k=1}^p "
            r"\mathbf{u}_{t+1,k}",
        ),
        unparsed="vectors; coded as the mean square of the difference of both sides; read twice",
        readings=printed(
            equals(transformation_less_sq, 0),
            (given.no_momentum, given.any_map),
            follows=Cancels(transformation_less_sq, VANILLA),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/eq-8/line-2",
        "equation",
        "section 4, (8), line 2",
        "The same as a step of DSGD at z_t and two small terms.",
        latex=(
            r"\underbrace{\mathbf{z}_t - \eta_t \nabla f(\mathbf{z}_t; \mathcal{I}_t)}_{(I)} + \underbrace{\eta_t (\nabla "
            r"f(\mathbf{z}_t; \mathcal{I}_t) - \nabla f(\mathbf{w}_t; \mathcal{I}_t))}_{(II)} + \underbrace{(\eta_t - \eta_{t+1}) "
            r"\sum_{k=1}^p \mathbf{u}_{t+1,k}}_{(III)}",
        ),
        unparsed="vectors with braces under them; read twice",
        relies=("mdsgd/eq-2",),
        readings=printed(
            equals(transformation_less_sq, 0),
            (given.no_momentum, given.any_map),
            follows=Cancels(transformation_less_sq, SPLIT),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/eq-8/term-2",
        "text",
        "section 4, term (II)",
        "The gradients at z_t and w_t differ by the order of the step times the memory.",
        latex=(
            r"\|\eta_t(\nabla f(\mathbf{z}_t; \mathcal{I}_t) - \nabla f(\mathbf{w}_t; \mathcal{I}_t))\| \leq \mathcal{O}(\eta_t^2 "
            r"\|\sum_{k=1}^p \mathbf{u}_{t,k}\|)",
        ),
        unparsed="squared, with the hidden factor L; read twice",
        readings=printed(
            at_most(eta**2 * norm_sq(g_x - g_y), L**2 * eta**2 * norm_sq(x - y)),
            (given.smooth,),
            facts=(fact("f is smooth: at z_t and w_t", lipschitz(g_x - g_y, x - y), eta**2),),
            arena="function",
            says="||z_t - w_t|| is eta_t times the norm of the memory",
        ),
    ),
    Claim(
        "mdsgd/eq-8/term-3",
        "text",
        "section 4, term (III)",
        "The turn of the step size is of second order.",
        latex=(
            r"\|(\eta_t - \eta_{t+1}) \sum_{k=1}^p \mathbf{u}_{t+1,k}\| \leq \mathcal{O}(\eta_t^2 \|\sum_{k=1}^p \mathbf{u}_{t+1,k}\|)",
        ),
        unparsed="coded with the factor delta that both orders share; read twice",
        readings=printed(
            at_most(sp.Abs(now - following) * U, turn_factor * now**2 * U),
            (SMALL_TURN,),
        ),
    ),
    Claim(
        "mdsgd/sec-4/scaled-noise",
        "text",
        "section 4, after the terms of (8)",
        "Together the terms (II) and (III) are noise scaled by eta_t^2.",
        latex=(r"adding one small noise scaled by  $\eta_t^2$  in each iteration",),
        unparsed="words; coded with the factors that both orders hide, U bounding the memory before and after; read twice",
        relies=("mdsgd/eq-8/term-2", "mdsgd/eq-8/term-3"),
        readings=printed(
            at_most(now * L * now * U + sp.Abs(now - following) * U, (L + turn_factor) * U * now**2),
            (SMALL_TURN,),
        ),
    ),
    Claim(
        "mdsgd/sec-4/most-steps",
        "text",
        "section 4",
        "For most DSGD's with a guarantee the step turns by the order of its square; so it does for 1/t^alpha, alpha in [0.5, 1].",
        latex=(r"|\eta_t - \eta_{t+1}| \leq \mathcal{O}(\eta_t^2)",),
        unparsed="coded for steps eta / t^alpha, with the hidden factor 1 / eta; read twice",
        readings=printed(
            at_most(sp.Abs(step_numerator / power - step_numerator / next_power), (step_numerator / power) ** 2 / step_numerator),
            (POWERS,),
            says="a constant step does not turn; no claim on what most methods do can be checked",
        ),
    ),
    Claim(
        "mdsgd/sec-4/close",
        "text",
        "section 4",
        "With a small step w_t is close to z_t.",
        latex=(r"when  $\eta_t$  is small,  $\mathbf{w}_t$  will get close to  $\mathbf{z}_t$",),
        unparsed="words; coded for a bounded memory, without momentum; read twice",
        readings=printed(
            at_most(transformed_lag_sq, U**2 * eta_t**2),
            (given.memory_at_most_U, given.no_momentum, given.fixed_transformation),
            follows=Using(
                Squared(transformed_lag_sq, (w - eta_t * memory) - w, -eta_t, memory, total_memory_sq),
                (MEMORY_IN_BOUND,),
            ),
            arena="mdsgd",
            says="z_t is w_t less eta_t times the summed memory: (13) at beta = 0, where rho_{t-1} = 0",
        ),
    ),
    Claim(
        "mdsgd/sec-4/optimum",
        "text",
        "section 4",
        "Both z_t and w_t converge to the optimal solution.",
        latex=("converge to the optimal solution",),
        unparsed="words; read twice",
        readings=(
            Reading(
                "smooth F: where its gradient vanishes, so that nothing moves, F is least",
                at_most(f_x - f_least, tau / L * norm_sq(g_x)),
                (given.smooth, given.minimiser),
                arena="function",
                says="no hypotheses are stated; M-DSGD stays where all gradients vanish, and that may be a local minimum or a saddle",
            ),
        ),
        correction=Reading(
            "corrected: for strongly convex F",
            at_most(norm_sq(x), norm_sq(g_x) / mu**2),
            (given.smooth, given.strongly_convex, given.minimiser),
            facts=(
                fact("F is strongly convex: at w and w*", above_paraboloid(f_least, f_x, g_x, -1 * x), 2 / mu),
                fact("F is strongly convex: at w* and w", above_paraboloid(f_x, f_least, zero, x), 2 / mu),
            ),
            arena="function",
            says="x is w - w*; Theorem 8 has a rate for it",
        ),
        misprint="convexity is missing, and a solution that is unique",
    ),
    Claim(
        "mdsgd/theorem-5",
        "theorem",
        "section 4, Theorem 5",
        "What follows from a transformation equation for smooth functions. It needs z_0 = w_0, and d_t unbiased given z_t too.",
        latex=(
            r"\sum_{t=0}^{T-1} \gamma_t \mathbb{E}\|\nabla F(\mathbf{w}_t)\|^2 | \mathbf{w}_t \leq F(\mathbf{w}_0) - F(\mathbf{w}^*) + C "
            r"\sum_{t=0}^{T-1} \gamma_t^2",
        ),
        unparsed="coded at T = 3, w_0 = w*, w_1 = w_2 = x, z_0 = z_1 = y: any linear combination may be z_0; read twice",
        relies=(
            "mdsgd/eq-9",
            "mdsgd/eq-10",
            "mdsgd/definition-1",
            "mdsgd/definition-2",
        ),
        readings=printed(
            THREE_STEPS,
            (given.smooth, given.convex, given.minimiser),
            arena="function",
            says="e_t = 0, d_t = grad F(w_t), G = D = ||grad F(x)||. w_0 may lie near w* instead, where a long first step "
            "leads to x, where masks of "
            "zeros keep w, and z_0 is a multiple of w_0",
        ),
        correction=Reading(
            "corrected: z_0 = w_0, and d_t unbiased given w_t and z_t",
            THEOREM_5,
            (given.smooth, given.second_moment, given.transformed, given.same_start, given.unbiased_given_past),
            follows=SUM_5,
            arena="mdsgd",
        ),
        improvement=Reading(
            "improved: L (D + E sqrt(Q delta))^2 / 2 for L (D^2 + E^2 Q delta)",
            theorem_5(SHARP_5),
            (given.smooth, given.second_moment, given.transformed, given.same_start, given.unbiased_given_past),
            follows=SHARP_SUM_5,
            arena="mdsgd",
        ),
        misprint="the start z_0 = w_0 is missing; the conditional expectation on the left is the whole one",
    ),
    Claim(
        "mdsgd/theorem-5/constant",
        "theorem",
        "section 4, Theorem 5",
        "The constant C.",
        latex=(r"C = LG\sqrt{A} + GE\delta + L(D^2 + E^2Q\delta)",),
        letters={"C": C_5},
        readings=printed(equals(C_5, L * G * ROOT_A + G * E * turn_factor + L * (D**2 + E**2 * largest_turn * turn_factor))),
    ),
    Claim(
        "mdsgd/theorem-5/conditioning",
        "step",
        "section 4, Theorem 5",
        "What d_t does at z_t: <grad F(z_t) - grad F(w_t), d_t> against ||z_t - w_t|| and the bound on the gradient, d_t "
        "unbiased given w_t alone.",
        latex=(r"\mathbb{E}[\mathbf{d}_t | \mathbf{w}_t] = \nabla F(\mathbf{w}_t)",),
        unparsed="a hypothesis; coded is what the first term of C needs of it, w_t fixed, F a paraboloid, averages for "
        "expectations; read twice",
        readings=printed(
            at_least(average_dot(LAGS, DIRECTIONS), -tau / 2 * average_norm_sq(LAGS) - norm_sq(DIRECTIONS.mean) / (2 * tau)),
            arena="vectors",
            says="d_t is what u_i is; z_t - w_t is the opposite of what it deviates by",
        ),
        correction=Reading(
            "corrected: the bound D on d_t for the bound G on its mean",
            at_least(average_dot(LAGS, DIRECTIONS), -tau / 2 * average_norm_sq(LAGS) - average_norm_sq(DIRECTIONS) / (2 * tau)),
            facts=(fact("a squared norm is nonnegative", average_norm_sq(tau * LAGS + DIRECTIONS), 1 / (2 * tau)),),
            arena="vectors",
        ),
        misprint="d_t may depend on z_t: E[d_t | w_t, z_t] = grad F(w_t) is what the constant L G sqrt(A) needs, else it is L D sqrt(A)",
    ),
    Claim(
        "mdsgd/theorem-5/given-iterate",
        "theorem",
        "section 4, Theorem 5, with its conditioning to the letter",
        "Theorem 5 from z_0 = w_0, d_t being unbiased given w_t alone: what it does at z_t may then hold z_t up, and w_t with it.",
        latex=(r"\mathbb{E}[\mathbf{d}_t | \mathbf{w}_t] = \nabla F(\mathbf{w}_t)",),
        unparsed="a hypothesis; the relation is that of Theorem 5; read twice",
        relies=("mdsgd/eq-9", "mdsgd/eq-10", "mdsgd/definition-1", "mdsgd/definition-2"),
        readings=printed(
            THEOREM_5,
            (given.smooth, given.second_moment, given.transformed, given.same_start, given.unbiased_given_iterate),
            arena="walk",
            says="Algorithm 1 walks: the reference runs its first iterations over all outcomes (validation/walked.py), and w_t, z_t, d_t "
            "have the law that is followed from there on, move by move, in whole numbers. It falls where D is larger than G, as the "
            "theorem allows; the d_t of Lemma 6 is a stochastic gradient, so that D = G",
        ),
        correction=Reading(
            "corrected: L D sqrt(A) for L G sqrt(A)",
            theorem_5(C_5_GIVEN_ITERATE),
            (given.smooth, given.second_moment, given.transformed, given.same_start, given.unbiased_given_iterate),
            follows=SUM_5_GIVEN_ITERATE,
            arena="mdsgd",
        ),
        misprint="given w_t for given w_t and z_t, or L G sqrt(A) for L D sqrt(A)",
    ),
    Claim(
        "mdsgd/eq-9",
        "definition",
        "section 4, (9)",
        "z_t is near w_t.",
        latex=(r"\mathbb{E}\|\mathbf{z}_t - \mathbf{w}_t\|^2 \leq A\gamma_t^2, \forall t \geq 0",),
        unparsed="a quantifier; read twice",
        readings=(Reading("as printed", given=(given.transformed,)),),
    ),
    Claim(
        "mdsgd/eq-10",
        "definition",
        "section 4, (10)",
        "The transformation equation.",
        latex=(r"\mathbf{z}_{t+1} = \mathbf{z}_t - \gamma_t \mathbf{d}_t + \alpha_t \mathbf{e}_t",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", given=(given.transformed,)),),
    ),
    Claim(
        "mdsgd/sec-4/small-noise",
        "text",
        "section 4, after Theorem 5",
        "alpha_t e_t is of the order of gamma_t^2, like the variance of gamma_t d_t.",
        latex=(r"\|\alpha_t \mathbf{e}_t\|",),
        unparsed="a norm and words; coded with the hidden factor delta E; read twice",
        readings=printed(
            at_most(push * E, turn_factor * E * step**2), (Hypothesis("turn", "alpha_t <= delta gamma_t^2", push <= turn_factor * step**2),)
        ),
    ),
    Claim(
        "mdsgd/eq-11",
        "equation",
        "section 4, (11)",
        "Under (11) a random iterate has a vanishing gradient.",
        latex=(
            r"\sum_{t=0}^{T-1} \gamma_t \rightarrow \infty, \sum_{t=0}^{T-1} \gamma_t^2 / \sum_{t=0}^{T-1} \gamma_t \rightarrow 0, \text{ "
            r"as } T \rightarrow \infty",
        ),
        unparsed="limits; coded is the bound whose two terms they send to 0; read twice",
        relies=("mdsgd/theorem-5",),
        readings=printed(
            random_iterate(C_5),
            (given.smooth, given.second_moment, given.transformed, given.same_start, given.unbiased_given_past, SUMMABLE),
            follows=Chained(RANDOM_ITERATE, scaled(Cite("mdsgd/theorem-5"), 1 / WEIGHTS)),
            arena="mdsgd",
        ),
        improvement=Reading(
            "improved: the constant of the improved Theorem 5",
            random_iterate(SHARP_5),
            (given.smooth, given.second_moment, given.transformed, given.same_start, given.unbiased_given_past, SUMMABLE),
            follows=Chained(RANDOM_ITERATE, scaled(Cite("mdsgd/theorem-5", improved=True), 1 / WEIGHTS)),
            arena="mdsgd",
        ),
    ),
    # Section 5
    Claim(
        "mdsgd/eq-12",
        "equation",
        "section 5, (12)",
        "(7) with sums over workers as letters.",
        latex=(
            r"\mathbf{w}_{t+1} - \eta_t \tilde{\mathbf{u}}_{t+1} = \mathbf{w}_t - \eta_t (\tilde{\mathbf{g}}_t + \tilde{\mathbf{u}}_t)",
        ),
        unparsed="vectors; coded as the mean square of the difference of both sides; read twice",
        restates="mdsgd/eq-7",
        readings=printed(equals(elimination_less_sq, 0), (given.momentum_range, given.any_map), follows=Cite("mdsgd/eq-7"), arena="mdsgd"),
    ),
    Claim(
        "mdsgd/eq-13",
        "definition",
        "section 5, (13)",
        "The transformed iterate.",
        latex=(r"\mathbf{z}_t = \mathbf{w}_t + \rho_{t-1} \tilde{\mathbf{g}}_{t-1} - \eta_t \tilde{\mathbf{u}}_t",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/lemma-6",
        "lemma",
        "section 5, Lemma 6, (14)",
        "The transformation equation of M-DSGD with momentum, for any map in the place of the masks.",
        latex=(
            r"\mathbf{z}_{t+1} = \mathbf{z}_t - (\eta_t - \rho_t) \nabla f(\mathbf{w}_t; \mathcal{I}_t) + (\eta_t - \eta_{t+1}) "
            r"\tilde{\mathbf{u}}_{t+1}",
        ),
        unparsed="vectors; coded as the mean square of the difference of both sides; read twice",
        relies=("mdsgd/eq-13",),
        readings=printed(
            equals(transformation_less_sq, 0),
            (given.momentum_range, given.any_map, given.weight_recursion),
            follows=Cancels(transformation_less_sq, TRANSFORMED),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/sec-5/rho-grows",
        "text",
        "section 5",
        "rho_t = eta_t + rho_{t-1} / beta easily runs away: once positive it grows like powers of 1/beta.",
        latex=(r"\rho_t = \eta_t + \frac{1}{\beta} \rho_{t-1}",),
        letters={r"\rho_t": now + weight / beta, r"\eta_t": now, r"\rho_{t-1}": weight},
        readings=printed(
            Relation(now + weight / beta, ">", weight / beta),
            (given.positive_momentum, Hypothesis("positive_rho", "rho_{t-1} > 0", weight > 0)),
            says="and 1/beta > 1",
        ),
    ),
    Claim(
        "mdsgd/strategy-1",
        "text",
        "section 5, first strategy",
        "A constant step: the rho_t that the recursion keeps.",
        latex=(r"\rho_t = \beta \eta / ((\beta - 1)\sqrt{T})",),
        letters={r"\rho_t": STRATEGY_1_RHO, r"\eta": step_numerator, r"\beta \eta / ((\beta - 1)\sqrt{T})": STRATEGY_1_RHO},
        unparsed="coded as the recursion of Lemma 6, beta rho_t = beta eta_t + rho_{t-1}; read twice",
        readings=printed(equals(beta * STRATEGY_1_RHO, beta * STRATEGY_1_ETA + STRATEGY_1_RHO), (given.momentum_range,)),
    ),
    Claim(
        "mdsgd/strategy-1/sign",
        "text",
        "section 5, first strategy",
        "Its rho_t is negative; but 0 without momentum.",
        latex=(r"\rho_t = \beta \eta / ((\beta - 1)\sqrt{T}) < 0",),
        unparsed="a chain of two relations; read twice",
        readings=printed(Relation(STRATEGY_1_RHO, "<", sp.Integer(0)), (given.momentum_range,)),
        correction=Reading("corrected: at most 0", at_most(STRATEGY_1_RHO, 0), (given.momentum_range,)),
    ),
    Claim(
        "mdsgd/strategy-1/step",
        "text",
        "section 5, first strategy",
        "The step of z_t.",
        latex=(r"\eta_t - \rho_t = \eta / ((1 - \beta)\sqrt{T})",),
        letters={
            r"\eta_t": STRATEGY_1_ETA,
            r"\rho_t": STRATEGY_1_RHO,
            r"\eta": step_numerator,
            r"\eta / ((1 - \beta)\sqrt{T})": step_numerator / ((1 - beta) * sp.sqrt(T)),
        },
        readings=printed(equals(STRATEGY_1_ETA - STRATEGY_1_RHO, step_numerator / ((1 - beta) * sp.sqrt(T))), (given.momentum_range,)),
    ),
    Claim(
        "mdsgd/strategy-2",
        "text",
        "section 5, second strategy",
        "A falling step: as printed its rho_t breaks the recursion of Lemma 6, a factor beta is missing.",
        latex=(r"\rho_t = -\eta/(t+1)^\alpha",),
        unparsed="coded as the recursion of Lemma 6, beta rho_t = beta eta_t + rho_{t-1}; read twice",
        readings=(
            Reading(
                "as printed, at alpha = 1",
                equals(-beta * step_numerator / (t + 1), beta * STRATEGY_2_ETA.subs(AT_ALPHA_1) - step_numerator / t),
                (given.positive_momentum, FROM_ONE),
                says="t is whole; at no alpha is it otherwise: what is missing is (1 - beta)(1/t^alpha - beta/(t+1)^alpha), above 0",
            ),
            Reading("in runs", equals(recursion_less, 0), (given.momentum_range,), arena="mdsgd", setting={"step": "strategy 2"}),
        ),
        correction=Reading(
            "corrected: rho_t = -beta eta / (t+1)^alpha",
            equals(-(beta**2) * step_numerator / next_power, beta * STRATEGY_2_ETA - beta * step_numerator / power),
            (given.momentum_range, POWERS),
            says="as Theorems 8 and 9 have it",
        ),
        misprint="rho_t lacks the factor beta",
    ),
    Claim(
        "mdsgd/strategy-2/sign",
        "text",
        "section 5, second strategy",
        "Its rho_t is negative.",
        latex=(r"\rho_t = -\eta/(t+1)^\alpha < 0",),
        unparsed="a chain of two relations; read twice",
        relies=("mdsgd/strategy-2",),
        readings=printed(
            Relation(-step_numerator / next_power, "<", sp.Integer(0)),
            (POWERS,),
            says="as printed; with the factor beta that it lacks it is 0 without momentum, like that of strategy 1",
        ),
    ),
    Claim(
        "mdsgd/strategy-2/at-0",
        "text",
        "section 5, second strategy",
        "Its step is a number in every iteration: not in iteration 0, with which Algorithm 1 starts, where it divides by 0.",
        latex=(r"\eta_t = \eta(1/t^\alpha - \beta/(t+1)^\alpha)",),
        unparsed="a definition; coded is that what it divides by is not 0, at alpha = 1; read twice",
        relies=("mdsgd/algorithm-1",),
        readings=printed(Relation(t, ">", sp.Integer(0)), says="t = 0, 1, ...; 0^alpha is 0 for every alpha > 0"),
        correction=Reading(
            "corrected: counted from t = 1, as in Theorem 8",
            Relation(t, ">", sp.Integer(0)),
            (FROM_ONE,),
            says="iteration 0 takes any step then; Theorem 9, for alpha = 1/2, has t + 1 for t instead",
        ),
        misprint="the range of t is missing",
    ),
    Claim(
        "mdsgd/strategy-2/identity",
        "text",
        "section 5, second strategy",
        "So with the printed rho_t (14) fails along a run.",
        latex=(r"\eta_t = \eta(1/t^\alpha - \beta/(t+1)^\alpha)",),
        unparsed="a definition; coded is (14) under it; read twice",
        readings=printed(equals(transformation_less_sq, 0), (given.momentum_range,), arena="mdsgd", setting={"step": "strategy 2"}),
        correction=Reading(
            "corrected: rho_t = -beta eta / (t+1)^alpha",
            equals(transformation_less_sq, 0),
            (given.momentum_range, given.strategy_2_weights),
            follows=Cite("mdsgd/lemma-6"),
            arena="mdsgd",
            setting={"step": "strategy 2 corrected"},
        ),
    ),
    Claim(
        "mdsgd/strategy-2/step",
        "text",
        "section 5, second strategy",
        "The step of z_t: a division by beta too many.",
        latex=(r"\eta_t - \rho_t = \eta/(\beta t^\alpha)",),
        unparsed="powers of a general exponent; read twice",
        relies=("mdsgd/strategy-2",),
        readings=(
            Reading(
                "as printed, at alpha = 1",
                equals(STRATEGY_2_ETA.subs(AT_ALPHA_1) + step_numerator / (t + 1), step_numerator / (beta * t)),
                (given.positive_momentum, FROM_ONE),
            ),
        ),
        correction=Reading(
            "corrected: eta / t^alpha, with rho_t = -beta eta / (t+1)^alpha",
            equals(STRATEGY_2_ETA + beta * step_numerator / next_power, step_numerator / power),
            (given.momentum_range, POWERS),
        ),
        misprint="the printed step and rho_t fit a step size of eta / beta instead of eta",
    ),
    Claim(
        "mdsgd/strategy-1/condition-9",
        "text",
        "section 5, after the strategies",
        "Strategy 1 satisfies (9).",
        latex=("satisfy (9)",),
        unparsed="words; coded with A = 2 beta^2 G^2 / (1-beta)^2 + 2 (1-beta)^2 U^2; read twice",
        readings=printed(
            at_most(transformed_lag_sq, (2 * beta**2 * G**2 / (1 - beta) ** 2 + 2 * (1 - beta) ** 2 * U**2) * (eta / (1 - beta)) ** 2),
            FIXED_RUN,
            follows=Instance(LAG, FIXED),
            arena="mdsgd",
        ),
        improvement=Reading(
            "improved: A = (beta G / (1-beta) + (1-beta) U)^2",
            at_most(transformed_lag_sq, (beta * G / (1 - beta) + (1 - beta) * U) ** 2 * (eta / (1 - beta)) ** 2),
            FIXED_RUN,
            follows=MINKOWSKI,
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/strategy-1/condition-11",
        "text",
        "section 5, after the strategies",
        "Strategy 1 satisfies (11): the ratio of the sums is one step.",
        latex=("the learning rate condition (11)",),
        unparsed="words; read twice",
        readings=(
            Reading(
                "the sum of steps grows like sqrt(T)",
                equals(T * step_numerator / ((1 - beta) * sp.sqrt(T)), sp.sqrt(T) * step_numerator / (1 - beta)),
                (given.momentum_range,),
            ),
            Reading(
                "the ratio falls like 1 / sqrt(T)",
                equals(
                    T * (step_numerator / ((1 - beta) * sp.sqrt(T))) ** 2 / (T * step_numerator / ((1 - beta) * sp.sqrt(T))),
                    step_numerator / ((1 - beta) * sp.sqrt(T)),
                ),
                (given.momentum_range,),
            ),
        ),
    ),
    Claim(
        "mdsgd/strategy-2/condition-9",
        "text",
        "section 5, after the strategies",
        "Strategy 2 satisfies (9), its rho_t corrected.",
        latex=("satisfy (9)",),
        unparsed="words; coded with gamma_t = eta / t^alpha; read twice",
        relies=("mdsgd/strategy-2",),
        readings=printed(
            at_most(
                2 * G**2 / (1 - beta) ** 2 * (beta * step_numerator / power) ** 2 + 2 * U**2 * STRATEGY_2_ETA**2,
                LAG_FACTOR * (step_numerator / power) ** 2,
            ),
            (given.momentum_range, POWERS),
            says="the bound of Lemma 7 against A gamma_t^2",
        ),
        improvement=Reading(
            "improved: A = (beta G / (1-beta) + U)^2",
            at_most((G * beta * step_numerator / power / (1 - beta) + U * STRATEGY_2_ETA) ** 2, (FAR_9 * step_numerator / power) ** 2),
            (given.momentum_range, POWERS),
            says="the bound of the improved Lemma 7 against it",
        ),
    ),
    Claim(
        "mdsgd/strategy-2/condition-11",
        "text",
        "section 5, after the strategies",
        "Strategy 2 satisfies (11).",
        latex=("the learning rate condition (11)",),
        unparsed="words; read twice",
        readings=(
            Reading(
                "alpha below 1: what the sum of gamma_t^2 is at most, for the sum of gamma_t",
                at_most(SQUARED_POWERS, (1 + sp.log(T)) / T ** (1 - alpha) * PLAIN_POWERS),
                (Hypothesis("half_or_more", "1/2 <= alpha < 1", sp.And(alpha >= sp.Rational(1, 2), alpha < 1)),),
                follows=Isolated(
                    Combined(
                        (
                            Granted(at_most(SQUARED_POWERS, HARMONIC.relation.lhs), by="2 alpha >= 1"),
                            HARMONIC,
                            Granted(at_most(1, PLAIN_POWERS / T ** (1 - alpha)), by="each of the T terms is at least the last, T^(-alpha)"),
                        ),
                        (1, 1, 1 + sp.log(T)),
                    ),
                    SQUARED_POWERS,
                ),
                says="gamma_t is eta over the alpha-th power of t; eta is on both sides. log(T) / T^(1 - alpha) tends to 0",
            ),
            Reading(
                "alpha = 1: the sum of squares stays bounded",
                at_most(sp.Sum(1 / (t + 1) ** 2, (t, 0, T - 1)), 2),
                follows=Weakened(SumAtMost(1 / (t + 1) ** 2, 2 / (t + 1), t, T), at_most(sp.Sum(1 / (t + 1) ** 2, (t, 0, T - 1)), 2)),
            ),
            Reading(
                "alpha = 1: the sum of steps does not",
                at_least(sp.Sum(1 / (t + 1), (t, 0, T - 1)), sp.log(1 + T)),
                follows=LogSum(1 / (t + 1), sp.Integer(1), sp.Integer(1), T, t, T),
            ),
        ),
    ),
    Claim(
        "mdsgd/lemma-7/momentum",
        "lemma",
        "section 5, Lemma 7",
        "Momentum is bounded.",
        latex=(r"\mathbb{E}\|\tilde{\mathbf{g}}_t\|^2 \leq \frac{G^2}{(1 - \beta)^2}",),
        readings=printed(MOMENTUM_BOUND, DRAWN, follows=MOMENTUM, arena="mdsgd"),
        relies=("mdsgd/definition-1", "mdsgd/sec-2/second-moment"),
    ),
    Claim(
        "mdsgd/lemma-7",
        "lemma",
        "section 5, Lemma 7",
        "z_t is near w_t.",
        latex=(
            r"\mathbb{E}\|\mathbf{z}_t - \mathbf{w}_t\|^2 \leq \frac{2G^2}{(1 - \beta)^2} \rho_{t-1}^2 + 2U^2 \eta_t^2 "
            r"\leq \mathcal{O}(\rho_{t-1}^2)",
        ),
        unparsed="a chain, of which this is the first link; read twice",
        readings=printed(LAG_BOUND, BOUNDED, follows=LAG, arena="mdsgd"),
        improvement=Reading(
            "improved: the square of the sum, where the sum of the squares is doubled",
            SHARP_LAG,
            BOUNDED,
            follows=SHARPLY_NEAR,
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/lemma-7/order",
        "lemma",
        "section 5, Lemma 7",
        "The bound is of the order of rho_{t-1}^2; not without momentum, where rho_{t-1} = 0.",
        latex=(r"\mathcal{O}(\rho_{t-1}^2)",),
        unparsed="one side of a chain; coded for strategy 1 at beta = 0 with any factor A; read twice",
        readings=printed(
            at_most(2 * U**2 * now**2, lag_factor * (beta * now / (beta - 1)) ** 2),
            (given.no_momentum, Hypothesis("some_factor", "A > 0", lag_factor > 0)),
            says="beta = 0 is allowed by the lemma, and used at the end of section 5",
        ),
        correction=Reading(
            "corrected: of the order of gamma_t^2, (eta_t - rho_t)^2",
            at_most(
                2 * G**2 / (1 - beta) ** 2 * (beta * now / (beta - 1)) ** 2 + 2 * U**2 * now**2,
                (2 * G**2 * beta**2 / (1 - beta) ** 2 + 2 * U**2) * (now - beta * now / (beta - 1)) ** 2,
            ),
            (given.momentum_range,),
        ),
        misprint="rho_{t-1}^2 for gamma_t^2",
    ),
    Claim(
        "mdsgd/theorem-8",
        "theorem",
        "section 5, Theorem 8",
        "Strongly convex: the mean gap of the later half of the iterates falls like 1/T.",
        latex=(
            r"\frac{1}{\lceil T/2 \rceil} \sum_{t=T-\lceil T/2 \rceil}^{T-1} \mathbb{E}(F(\mathbf{w}_t) - F(\mathbf{w}^*)) \leq \frac{3C + "
            r"2G\sqrt{\frac{2G^2\beta^2}{(1-\beta)^2} + 2U^2}}{\mu T}",
        ),
        unparsed="limits of a sum in whole parts; read twice",
        relies=("mdsgd/definition-1", "mdsgd/definition-2", "mdsgd/definition-3", "mdsgd/lemma-6"),
        readings=(
            Reading("gradients bounded at the iterates", THEOREM_8, STRONGLY_CONVEX, follows=BY_HALVES, arena="mdsgd"),
            Reading(
                "gradients bounded everywhere (Definition 1)",
                THEOREM_8,
                (given.strongly_convex, given.bounded_everywhere),
                says="||grad F(w)|| >= mu ||w - w*|| leaves no such function",
            ),
        ),
        improvement=Reading(
            "improved: 2 L B F + M + c (2 (G + mu B) F + M) + 7/2 mu U B; F = beta G / (1-beta) + U, M = (G + U/2)^2, c = 3/4 + 9/8/(T+1)",
            SHARP_THEOREM_8,
            STRONGLY_CONVEX,
            follows=SHARPLY_BY_HALVES,
            arena="mdsgd",
            says="in long runs 7/4 G^2 for 12 G^2 without momentum and memory, 1 + log 2 with 1/t below its chord: gaps are taken for all "
            "that strong convexity makes of them",
        ),
        loose="without momentum and memory 5/4 G^2 / (mu T) is reached at T = 4, and log 2 for 7/4 in long runs, where G is all noise. "
        "With them the bound takes lags, turns and distances that are largest at once",
    ),
    Claim(
        "mdsgd/theorem-8/rho",
        "theorem",
        "section 5, Theorem 8",
        "Its rho_t obeys the recursion of Lemma 6.",
        latex=(r"\rho_t = -\beta/(\mu(t+1))",),
        unparsed="coded as beta rho_t = beta eta_t + rho_{t-1} for t >= 1; read twice",
        readings=printed(
            equals(-(beta**2) / (mu * (t + 1)), beta * (1 - beta * t / (t + 1)) / (mu * t) - beta / (mu * t)),
            (Hypothesis("later", "t >= 1", t >= 1),),
        ),
    ),
    Claim(
        "mdsgd/theorem-8/constant",
        "theorem",
        "section 5, Theorem 8",
        "The constant C.",
        latex=(r"C = \max\{4G^2, 2LB\sqrt{2G^2\beta^2/(1-\beta)^2 + 2U^2} + 2\mu UB + 2G^2 + 2U^2\}",),
        letters={"C": C_8, r"2G^2\beta^2/(1-\beta)^2": 2 * G**2 * beta**2 / (1 - beta) ** 2},
        readings=printed(equals(C_8, sp.Max(4 * G**2, 2 * L * B * sp.sqrt(LAG_FACTOR) + 2 * mu * U * B + 2 * G**2 + 2 * U**2))),
    ),
    Claim(
        "mdsgd/theorem-9",
        "theorem",
        "section 5, Theorem 9",
        "Convex: weighted gaps, the step 1/sqrt(t+1) in its own units.",
        latex=(
            r"\sum_{t=0}^{T-1} \frac{2}{\sqrt{t+1}} \mathbb{E}(F(\mathbf{w}_t) - F(\mathbf{w}^*)) \leq \|\mathbf{w}_0 - \mathbf{w}^*\|^2 + "
            r"\sum_{t=0}^{T-1} \frac{C}{t+1}",
        ),
        letters={"C": C_9},
        relies=("mdsgd/definition-1", "mdsgd/lemma-6"),
        readings=printed(THEOREM_9, (*NEAR, given.convex, given.root_transformation), follows=SUM_9, arena="mdsgd"),
        improvement=Reading(
            "improved: C = 2 G (beta G / (1-beta) + U) + 2 U B / 3 + (G + U / 3)^2",
            theorem_9(SHARP_9),
            (*NEAR, given.convex, given.root_transformation),
            follows=SHARP_SUM_9,
            arena="mdsgd",
            says="the step turns by at most 1 / (3 (t + 1)), and squares of sums are not doubled",
        ),
    ),
    Claim(
        "mdsgd/theorem-9/rho",
        "theorem",
        "section 5, Theorem 9",
        "Its rho_t obeys the recursion of Lemma 6.",
        latex=(r"\rho_t = -\beta/\sqrt{t+2}",),
        unparsed="coded as beta rho_t = beta eta_t + rho_{t-1}; read twice",
        readings=printed(
            equals(
                -(beta**2) / sp.sqrt(t + 2), beta * (1 - beta * sp.sqrt(t + 1) / sp.sqrt(t + 2)) / sp.sqrt(t + 1) - beta / sp.sqrt(t + 1)
            )
        ),
    ),
    Claim(
        "mdsgd/theorem-9/rate",
        "theorem",
        "section 5, Theorem 9",
        "The rate log(T)/sqrt(T) of the weighted mean.",
        latex=(r"\mathcal{O}(\log(T)/\sqrt{T})",),
        unparsed="one side only; coded is the bound from which it is read, on the weighted mean gap; read twice",
        readings=printed(
            rate_9(C_9), (*NEAR, given.convex, given.root_transformation), follows=mean_gap_9(Cite("mdsgd/theorem-9")), arena="mdsgd"
        ),
        improvement=Reading(
            "improved: the constant of the improved Theorem 9",
            rate_9(SHARP_9),
            (*NEAR, given.convex, given.root_transformation),
            follows=mean_gap_9(Cite("mdsgd/theorem-9", improved=True)),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/theorem-10",
        "theorem",
        "section 5, Theorem 10",
        "Smooth: mean squared gradients.",
        latex=(
            r"\frac{1}{(1-\beta)T} \sum_{t=0}^{T-1} \|\nabla F(\mathbf{w}_t)\|^2 \leq \frac{F(\mathbf{w}_0) - "
            r"F(\mathbf{w}^*)}{T\eta} + C\eta",
        ),
        letters={"C": C_10},
        relies=("mdsgd/definition-1", "mdsgd/definition-2", "mdsgd/lemma-6"),
        misprint="the expectation on the left is missing",
        readings=printed(THEOREM_10, (*FIXED_RUN, given.smooth), follows=scaled(SUM_10, 1 / (T * eta)), arena="mdsgd"),
    ),
    Claim(
        "mdsgd/theorem-10/constant",
        "theorem",
        "section 5, Theorem 10",
        "The constant C.",
        latex=(r"C = LG^2\beta/(1-\beta)^3 + LGU/(1-\beta) + LG^2/(2(1-\beta)^2)",),
        letters={
            "C": C_10,
            r"LG^2\beta/(1-\beta)^3": L * G**2 * beta / (1 - beta) ** 3,
            r"LG^2/(2(1-\beta)^2)": L * G**2 / (2 * (1 - beta) ** 2),
        },
        readings=printed(equals(C_10, L * G**2 * beta / (1 - beta) ** 3 + L * G * U / (1 - beta) + L * G**2 / (2 * (1 - beta) ** 2))),
    ),
    Claim(
        "mdsgd/theorem-10/rate",
        "theorem",
        "section 5, Theorem 10",
        "The rate 1/sqrt(T) for a step of that order.",
        latex=(r"\mathcal{O}(1/\sqrt{T})",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(SUM_OF_GRADIENTS / ((1 - beta) * T), ORDER / sp.sqrt(T)),
            (*FIXED_RUN, given.smooth),
            rate=Rate("mdsgd/theorem-10", (1 / sp.sqrt(T),), (T,), {eta: step_numerator / sp.sqrt(T)}),
            says="1 / (1 - beta) is among the hidden factors",
        ),
    ),
    Claim(
        "mdsgd/sec-5/vanilla",
        "text",
        "section 5",
        "Without momentum a constant step of the order 1/sqrt(T) gives 1/sqrt(T) again.",
        latex=(r"\eta_t = \eta = \mathcal{O}(1/\sqrt{T})",),
        unparsed="words; coded is Theorem 10 at beta = 0; read twice",
        readings=printed(
            at_most(SUM_OF_GRADIENTS / T, initial_gap / (T * eta) + (L * G * U + L * G**2 / 2) * eta),
            (*FIXED_RUN, given.smooth, given.no_momentum),
            follows=Instance(Cite("mdsgd/theorem-10"), {beta: 0}),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/sec-5/vanilla-convex",
        "text",
        "section 5",
        "Without momentum the step 1/sqrt(t+1) gives Theorem 9 at beta = 0.",
        latex=(r"\eta_t = 1/\sqrt{t+1}",),
        unparsed="words; coded is Theorem 9 at beta = 0; read twice",
        readings=printed(
            instantiate(THEOREM_9, {beta: 0}),
            (*NEAR, given.convex, given.root_transformation, given.no_momentum),
            follows=Instance(Cite("mdsgd/theorem-9"), {beta: 0}),
            arena="mdsgd",
        ),
        improvement=Reading(
            "improved: the constant of the improved Theorem 9",
            instantiate(theorem_9(SHARP_9), {beta: 0}),
            (*NEAR, given.convex, given.root_transformation, given.no_momentum),
            follows=Instance(Cite("mdsgd/theorem-9", improved=True), {beta: 0}),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/sec-5/vanilla-strongly-convex",
        "text",
        "section 5",
        "Without momentum the step 1/(mu t) gives Theorem 8 at beta = 0.",
        latex=(r"\eta_t = 1/\mu t",),
        unparsed="words; coded is Theorem 8 at beta = 0; read twice",
        readings=(
            Reading(
                "gradients bounded at the iterates",
                instantiate(THEOREM_8, {beta: 0}),
                (*STRONGLY_CONVEX, given.no_momentum),
                follows=Instance(Cite("mdsgd/theorem-8"), {beta: 0}),
                arena="mdsgd",
            ),
            Reading(
                "gradients bounded everywhere (Definition 1)",
                instantiate(THEOREM_8, {beta: 0}),
                (given.strongly_convex, given.bounded_everywhere, given.no_momentum),
                says="as Theorem 8: there is no such function",
            ),
        ),
        improvement=Reading(
            "improved: U for sqrt(2) U, and U^2 / 2 for 2 U^2",
            instantiate(SHARP_THEOREM_8, {beta: 0}),
            (*STRONGLY_CONVEX, given.no_momentum),
            follows=Instance(Cite("mdsgd/theorem-8", improved=True), {beta: 0}),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/sec-5/mem-sgd",
        "text",
        "section 5",
        "MEM-SGD has the transformation equation z_{t+1} = z_t - eta_t grad f, for any step.",
        latex=(r"\mathbf{z}_{t+1} = \mathbf{z}_t - \eta_t \nabla f(\mathbf{w}_t; \mathcal{I}_t)",),
        unparsed="vectors; coded as the mean square of the difference of both sides; read twice",
        relies=("mdsgd/eq-3", "mdsgd/eq-4"),
        readings=printed(
            equals(rescaled_transformation_less_sq, 0), follows=Cancels(rescaled_transformation_less_sq, RESCALED_STEP), arena="mdsgd"
        ),
    ),
    Claim(
        "mdsgd/sec-5/same-rate",
        "text",
        "section 5",
        "So it has the same convergence rate.",
        latex=("So it has the same convergence rate",),
        unparsed="words; read twice",
        relies=("mdsgd/sec-5/mem-sgd",),
        readings=(
            Reading(
                "smooth F, given a bound U on the memory of (3)",
                at_most(
                    sp.Sum(gamma_t * gradient_sq, (t, 0, T - 1)), initial_gap + (L * G * U + L * G**2) * sp.Sum(gamma_t**2, (t, 0, T - 1))
                ),
                (given.smooth, given.second_moment, given.transformed, given.same_start, given.unbiased_given_past, *MEM_SGD_TRANSFORMED),
                follows=Instance(Cite("mdsgd/theorem-5"), {lag_factor: U**2, turn_factor: 0, direction_bound: G}),
                says="Theorem 5 with gamma_t = eta_t, d_t = grad f, e_t = 0; z_t - w_t is eta_t times the memory; attacked as Theorem 5",
            ),
            Reading(
                "the bound of Lemma 13 on that memory, for any positive steps",
                at_most(rescaled_total_memory_sq, LEMMA_13.rhs),
                (*DRAWN, given.no_momentum, given.keeps_k),
                arena="mdsgd",
                setting={"step": "any, beta 0"},
                says="the memory of (3) grows by eta_t / eta_{t+1} in every iteration",
            ),
        ),
        correction=Reading(
            "corrected: for a constant step",
            at_most(rescaled_total_memory_sq, LEMMA_13.rhs),
            (*DRAWN, given.no_momentum, given.keeps_k, given.fixed_transformation),
            follows=Using(CONSTANT_STEP, (Cite("mdsgd/lemma-13"),)),
            arena="mdsgd",
        ),
        improvement=Reading(
            "improved: the bound of the improved Lemma 13, for a constant step",
            at_most(rescaled_total_memory_sq, sharp_memory(SHARE).rhs),
            (*DRAWN, given.no_momentum, given.keeps_k, given.fixed_transformation),
            follows=Using(CONSTANT_STEP, (Cite("mdsgd/lemma-13", improved=True),)),
            arena="mdsgd",
        ),
        misprint="a bound on the memory of (3) is needed too, and Lemma 13 is not one where the step falls",
    ),
    # Section 6
    Claim(
        "mdsgd/sec-6/schedule",
        "text",
        "section 6",
        "Steps fall at 32k and 48k iterations when a resnet is trained on imagenet.",
        latex=("32k and 48k iterations",),
        unparsed="numbers in running text; coded is the length of the training that has this schedule; read twice",
        readings=printed(
            equals(WITH_FALLS_AT_32K_AND_48K, HE_2016["imagenet"]),
            says="the schedule of He et al. with falls at 32k and 48k ends at 64k iterations, their training on imagenet at 600k; 48k "
            "iterations of 256 images would be fewer than ten passes over imagenet",
        ),
        correction=Reading("corrected: cifar10", equals(WITH_FALLS_AT_32K_AND_48K, HE_2016["cifar10"])),
        misprint="imagenet for cifar10",
    ),
    Claim(
        "mdsgd/lemma-11",
        "lemma",
        "section 6, Lemma 11",
        "One stage: constant step, convex function.",
        latex=(
            r"\mathbb{E}\phi(\tilde{\mathbf{w}}^+) - \phi(\mathbf{w}_\phi^*) \leq \frac{1-\beta}{2\eta T} \|\mathbf{w} - "
            r"\mathbf{w}_\phi^*\|^2 + "
            r"C\eta",
        ),
        letters={
            r"\mathbb{E}\phi(\tilde{\mathbf{w}}^+) - \phi(\mathbf{w}_\phi^*)": output_gap,
            r"\|\mathbf{w} - \mathbf{w}_\phi^*\|^2": start_distance_sq,
            "C": C_11,
        },
        misprint="w on the right is the start, w~ = w_0",
        relies=("mdsgd/definition-1", "mdsgd/lemma-6"),
        readings=printed(LEMMA_11, (*FIXED_RUN, given.convex), follows=SUM_11, arena="mdsgd"),
        improvement=Reading(
            "improved: no memory at the start, momentum as it grows, and what is left of the distance",
            mean_iterate.RELATION,
            (*FIXED_RUN, given.convex),
            follows=mean_iterate.BOUND,
            arena="mdsgd",
            says="nothing is lost: attained from far away, and without momentum everywhere (theory/mean_iterate.py)",
        ),
    ),
    Claim(
        "mdsgd/lemma-11/strongly-convex",
        "lemma",
        "section 6, Lemma 11, for strongly convex functions, as those of a stage are",
        "The same bound covers mu/2 times the squared distance of the output from the minimiser too.",
        unparsed="stated in words; read twice",
        relies=("mdsgd/definition-1", "mdsgd/definition-3", "mdsgd/lemma-6"),
        readings=printed(
            lemma_11(C_11, mu),
            (*FIXED_RUN, given.strongly_convex),
            follows=STRONG_SUM_11,
            arena="mdsgd",
            says="'convex but not necessarily strong convex', says the paper; F_{s,gamma} is, with the modulus 1/(2 gamma), and Theorem 12 "
            "needs it",
        ),
        improvement=Reading(
            "improved: G (beta G / (1-beta)^2 + U) for the root of twice the sum of the squares",
            lemma_11(SHARP_11, mu),
            (*FIXED_RUN, given.strongly_convex),
            follows=SHARP_STRONG_SUM_11,
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/lemma-11/constant",
        "lemma",
        "section 6, Lemma 11",
        "The constant C.",
        latex=(r"C = G\sqrt{2G^2\beta^2/(1-\beta)^4 + 2U^2} + G^2/(2-2\beta)",),
        letters={"C": C_11, r"2G^2\beta^2/(1-\beta)^4": 2 * G**2 * beta**2 / (1 - beta) ** 4},
        readings=printed(equals(C_11, G * sp.sqrt(FIXED_LAG_FACTOR) + G**2 / (2 - 2 * beta))),
    ),
    Claim(
        "mdsgd/sec-6/stagewise-condition",
        "text",
        "section 6",
        "Lemma 11 is what stagewise learning asks of a method.",
        latex=("satisfies the condition of stagewise learning",),
        unparsed="words; read twice",
        readings=unchecked("refers to Theorem 1 of Chen et al. (2019), which is not at hand; Theorem 12 is derived here without it"),
    ),
    Claim(
        "mdsgd/eq-15",
        "definition",
        "section 6, (15)",
        "A stage starts at the mean of the iterates of the one before.",
        latex=(r"\tilde{\mathbf{w}}_{s+1} = \mathcal{A}(F_{s,\gamma}(\cdot), \tilde{\mathbf{w}}_s, \eta_s, \beta, T_s)",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/eq-16",
        "definition",
        "section 6, (16)",
        "The function of a stage.",
        latex=(r"F_{s,\gamma}(\mathbf{w}) = F(\mathbf{w}) + \frac{1}{2\gamma} \|\mathbf{w} - \tilde{\mathbf{w}}_s\|^2",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/sec-6/strongly-convex",
        "text",
        "section 6",
        "F_{s,gamma} is (1/gamma - c)-strongly convex for gamma < 1/c.",
        latex=(r"(\gamma^{-1} - c)",),
        unparsed="a constant; coded as Definition 3 for it; read twice",
        relies=("mdsgd/definition-3", "mdsgd/definition-4", "mdsgd/eq-16"),
        readings=printed(
            at_least(REGULARISED, (1 / envelope - c) / 2 * norm_sq(x - y)),
            (given.weakly_convex, given.small_envelope),
            facts=(fact("F is c-weakly convex: at y and x", WEAK),),
            says="Definition 4 in other words, the quadratic of which is exact: there is nothing to attack",
        ),
    ),
    Claim(
        "mdsgd/theorem-12/envelope",
        "definition",
        "section 6, Theorem 12",
        "The Moreau envelope.",
        latex=(r"F_\gamma(\mathbf{w}) = \min_{\mathbf{w}'} F(\mathbf{w}') + \frac{1}{2\gamma} \|\mathbf{w} - \mathbf{w}'\|^2",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed"),),
    ),
    Claim(
        "mdsgd/theorem-12/envelope-gradient",
        "step",
        "section 6, Theorem 12",
        "Its gradient at w is (w - p) / gamma, p being the point where the minimum is attained: Theorem 12 rests on it.",
        unparsed="follows from the definition; coded as a paraboloid above and one below that touch at w = x, u and v being p at x and "
        "at y, f_x and f_y the values of F there; read twice",
        relies=("mdsgd/definition-4", "mdsgd/sec-6/strongly-convex", "mdsgd/theorem-12/envelope"),
        readings=(
            Reading(
                "above",
                at_most(LEFT_OF_ENVELOPE, norm_sq(y - x) / (2 * envelope)),
                (given.weakly_convex, given.small_envelope),
                facts=(fact("v is the minimiser for y: against u", _pulled(f_x, u, y) - _pulled(f_y, v, y)),),
                says=ENVELOPE_NOT_DRAWN,
            ),
            Reading(
                "below",
                at_least(LEFT_OF_ENVELOPE, -c / (2 * (1 - c * envelope)) * norm_sq(y - x)),
                (given.weakly_convex, given.small_envelope),
                facts=(
                    fact(
                        "u is the minimiser for x, of a strongly convex function: against v",
                        _pulled(f_y, v, x) - _pulled(f_x, u, x) - (1 / envelope - c) / 2 * norm_sq(u - v),
                    ),
                ),
                says=ENVELOPE_NOT_DRAWN,
            ),
        ),
    ),
    Claim(
        "mdsgd/theorem-12",
        "theorem",
        "section 6, Theorem 12",
        "Stagewise M-DSGD for weakly convex functions: weighted gradients of the Moreau envelope.",
        latex=(
            r"\frac{(1+\beta)\gamma}{4S(S+1)} \sum_{s=0}^{S-1} (s+1) \mathbb{E}\|\nabla F_\gamma(\tilde{\mathbf{w}}_s)\|^2 \leq \frac{F - "
            r"F(\mathbf{w}^*) + 3\hat{C}\eta_0}{S+1}",
        ),
        letters={
            r"\sum_{s=0}^{S-1} (s+1) \mathbb{E}\|\nabla F_\gamma(\tilde{\mathbf{w}}_s)\|^2": WEIGHTED_ENVELOPES,
            r"\hat{C}": C_12,
            r"\eta_0": FIRST_ETA,
        },
        relies=("mdsgd/definition-4", "mdsgd/eq-15", "mdsgd/eq-16", "mdsgd/sec-6/strongly-convex", "mdsgd/theorem-12/envelope-gradient"),
        readings=printed(
            THEOREM_12,
            STAGES,
            follows=AS_PRINTED_12,
            arena="mdsgd_stages",
            says="G^ does not bound the gradients of F_{s,gamma} (theorem-12/gradients), sqrt(2) G^ does; the factor that this costs is "
            "won back where F_{s,gamma} is taken as strongly convex, not only convex, within a stage too (lemma-11/strongly-convex)",
        ),
        improvement=Reading(
            "improved: (7 + beta) / 16 for (1 + beta) / 4, 3/2 for 3, G + 2 B / gamma for G^, and the constant of lemma-11/strongly-convex",
            SHARP_THEOREM_12,
            STAGES,
            follows=SHARPLY_12,
            arena="mdsgd_stages",
        ),
        loose="an exact stage gains at least 3/4 gamma ||grad F_gamma||^2, and just that only down to a kink; (1 + beta) / 4 of it is"
        " kept: without momentum such a stage comes to 1/3 of the printed bound and 7/12 of the improved one, as eta_0 C^ falls with "
        "its length",
    ),
    Claim(
        "mdsgd/theorem-12/any-weight",
        "theorem",
        "section 6, Theorem 12, with a free parameter",
        "What a stage misses may be paid tau >= 1 times: once where steps are long, so that C^ counts once and not three times.",
        unparsed="stated in words; read twice",
        relies=("mdsgd/definition-4", "mdsgd/eq-15", "mdsgd/eq-16", "mdsgd/sec-6/strongly-convex", "mdsgd/theorem-12/envelope-gradient"),
        readings=printed(
            theorem_12(kept_12(tau), tau, SHARP_C_12),
            (*STAGES, Hypothesis("at_least_once", "tau >= 1", tau >= 1)),
            follows=ANY_WEIGHT_12,
            arena="mdsgd_stages",
            says="the coefficient is (9 + beta) / 24 at tau = 1 and (7 + beta) / 16 at tau = 3/2, the improvement of Theorem 12",
        ),
    ),
    Claim(
        "mdsgd/theorem-12/gradients",
        "step",
        "section 6, Theorem 12",
        "G^ bounds the stochastic gradients of F_{s,gamma}: w_{s,t} and w~_s are both within B of w*, so 2 B apart.",
        latex=(r"\hat{G} = \sqrt{2G^2 + 4B^2/\gamma^2}",),
        unparsed="squared; coded for one draw, u is w_{s,t} - w*, v is w~_s - w*, B^2 the larger of their squares; read twice",
        readings=(
            Reading(
                "as printed",
                at_most(
                    norm_sq((u_i.mean + u - v) / envelope),
                    2 * norm_sq(u_i.mean / envelope) + 4 * sp.Max(norm_sq(u), norm_sq(v)) / envelope**2,
                ),
                arena="vectors",
                says="gamma grad f is the mean of u_i, G its norm over gamma; it falls where all point one way, 2 B / gamma = G",
            ),
        ),
        correction=Reading(
            "corrected: 8 B^2 / gamma^2",
            STAGE_GRADIENTS,
            (given.second_moment, given.iterates_within_B),
            follows=Expected(
                Certified(
                    at_most(PULLED, STAGE_GRADIENTS.rhs),
                    (
                        fact("second moment at most G^2", G**2 - norm_sq(g_d), 2),
                        fact("w_{s,t} within B of w*", B**2 - norm_sq(u), 4 / envelope**2),
                        fact("w~_s within B of w*", B**2 - norm_sq(v), 4 / envelope**2),
                    ),
                ),
                {PULLED: stage_gradient_sq},
            ),
            arena="mdsgd_stages",
        ),
        improvement=Reading(
            "improved: (G + 2 B / gamma)^2",
            at_most(stage_gradient_sq, STAGE_BOUND**2),
            (given.second_moment, given.iterates_within_B),
            follows=Expected(
                Certified(
                    at_most(PULLED, STAGE_BOUND**2),
                    (
                        fact("second moment at most G^2", G**2 - norm_sq(g_d), STAGE_BOUND / G),
                        fact("w_{s,t} within B of w*", B**2 - norm_sq(u), STAGE_BOUND / (B * envelope)),
                        fact("w~_s within B of w*", B**2 - norm_sq(v), STAGE_BOUND / (B * envelope)),
                    ),
                ),
                {PULLED: stage_gradient_sq},
            ),
            arena="mdsgd_stages",
        ),
        misprint="4 B^2 for 8 B^2: the square of a sum of two counted once instead of twice",
    ),
    Claim(
        "mdsgd/sec-6/non-smooth",
        "text",
        "section 6",
        "Neither Lemma 11 nor Theorem 12 asks for smoothness, so stages solve non-smooth, non-convex problems.",
        latex=("non-smooth and non-convex problems",),
        unparsed="words; coded is Theorem 12, none of whose hypotheses is smoothness; read twice",
        relies=("mdsgd/definition-4",),
        readings=printed(
            THEOREM_12,
            STAGES,
            follows=Cite("mdsgd/theorem-12"),
            arena="mdsgd_stages",
            says="Definition 4 needs gradients, or subgradients; concave kinks (a negative multiple of ReLU) are not weakly "
            "convex for any c",
        ),
        improvement=Reading(
            "improved: the constants of the improved Theorem 12",
            SHARP_THEOREM_12,
            STAGES,
            follows=Cite("mdsgd/theorem-12", improved=True),
            arena="mdsgd_stages",
        ),
    ),
    # Section 7
    Claim(
        "mdsgd/sec-7/sum",
        "text",
        "section 7",
        "The summed memory is within p times the sum of squares.",
        latex=(r"p \sum_{k=1}^p \mathbb{E}\|\mathbf{u}_{t,k}\|^2",),
        letters={r"\sum_{k=1}^p \mathbb{E}\|\mathbf{u}_{t,k}\|^2": worker_memory_sq},
        readings=printed(at_most(total_memory_sq, R * worker_memory_sq), (given.momentum_range,), follows=CAUCHY, arena="mdsgd"),
    ),
    Claim(
        "mdsgd/sec-7/three-strategies",
        "text",
        "section 7",
        "Under all three strategies memory stays bounded: random, top-K and approximate top-K masks contract, with some gamma.",
        latex=(r"if  $\mathbf{g}_{t,k}$  is bounded,  $\mathbf{u}_{t,k}$  is bounded as well under the three strategies",),
        unparsed="words; coded for any masks that contract with gamma: q/d, or m/d for a mask with the m largest entries; read twice",
        readings=printed(
            ANY_MASK_BOUND,
            (*DRAWN, given.contraction),
            follows=Using(CAUCHY, (memory_limit(CONTRACTED_BY_GAMMA, gamma / 2),)),
            arena="mdsgd_memory",
            says="the paper does not define approximate top-K; a threshold that keeps at least one of the largest gives m >= 1",
        ),
        improvement=Reading(
            "improved: (1-gamma) / (1 - sqrt(1-gamma))^2 G^2 / (1-beta)^2, which is sharp",
            sharp_memory(gamma),
            (*DRAWN, given.contraction),
            follows=sharp_memory_limit(CONTRACTED_BY_GAMMA, gamma),
            arena="mdsgd_memory",
        ),
    ),
    Claim(
        "mdsgd/lemma-13",
        "lemma",
        "section 7, Lemma 13",
        "How large the summed memory gets under random and top-K masks.",
        latex=(r"\mathbb{E} \|\tilde{\mathbf{u}}_t\|^2 \leq \frac{2(d-q)(2d+q)G^2}{(1-\beta)^2 q^2}",),
        relies=("mdsgd/sec-2/second-moment",),
        readings=printed(LEMMA_13, (*DRAWN, given.keeps_k), follows=SETTLED, arena="mdsgd"),
        improvement=Reading(
            "improved: Young's parameter chosen for the recursion, gamma = q/d",
            sharp_memory(SHARE),
            (*DRAWN, given.keeps_k),
            follows=sharp_memory_limit(CONTRACTED, SHARE),
            arena="mdsgd",
            says="nothing smaller holds for all masks that contract with gamma (sec-7/three-strategies)",
        ),
    ),
    Claim(
        "mdsgd/lemma-13/in-theorem-10",
        "lemma",
        "section 7, Lemma 13 in Theorem 10",
        "What the bound is for: with it Theorem 10 speaks of masks with q of d entries, and of no U.",
        unparsed="stated in words; read twice",
        relies=("mdsgd/definition-1", "mdsgd/definition-2", "mdsgd/lemma-6"),
        readings=printed(WITHOUT_U[0], MASKED_RUN, follows=WITHOUT_U[1], arena="mdsgd"),
        improvement=Reading(
            "improved: by the improved Lemma 13", SHARPLY_WITHOUT_U[0], MASKED_RUN, follows=SHARPLY_WITHOUT_U[1], arena="mdsgd"
        ),
        loose="Theorem 10 is nearly attained for a given U, but random and top-q masks leave less than what masks that contract with "
        "q/d may leave (sec-7/three-strategies), for which alone the improved Lemma 13 is sharp",
    ),
    Claim(
        "mdsgd/sec-7/workers",
        "text",
        "section 7",
        "The bound has nothing to do with the number of workers.",
        latex=(r"nothing to do with the number of workers",),
        unparsed="words; the bound of Lemma 13, in which no p is left; read twice",
        readings=printed(
            LEMMA_13, (*DRAWN, given.keeps_k), follows=Cite("mdsgd/lemma-13"), arena="mdsgd", says="the memory itself does change with p"
        ),
        improvement=Reading(
            "improved: nor has that of the improved Lemma 13",
            sharp_memory(SHARE),
            (*DRAWN, given.keeps_k),
            follows=Cite("mdsgd/lemma-13", improved=True),
            arena="mdsgd",
        ),
    ),
    Claim(
        "mdsgd/sec-7/small-memory",
        "text",
        "section 7; section 3.1, after (4)",
        "Memory should be small: every bound grows with U.",
        latex=(
            r"we should make  $\|\tilde{\mathbf{u}}_t\|$  as small as possible",
            r"we should make the memory gradient norm  $\|\mathbf{v}_{t+1,k}\|$  as small as possible",
        ),
        unparsed="words; coded as the sign of a derivative of each constant in U; read twice",
        relies=("mdsgd/theorem-8/constant", "mdsgd/theorem-10/constant", "mdsgd/lemma-11/constant"),
        readings=tuple(
            Reading(
                of,
                at_least(sp.diff(constant, U), 0),
                (given.momentum_range,),
                says="it says nothing of what a small memory costs: with all of it sent at once, U = 0",
            )
            for of, constant in (
                ("C of Theorem 8, where it is not 4 G^2", C_8.args[1] if C_8.args[0] == 4 * G**2 else C_8.args[0]),
                ("C of Theorem 9", C_9),
                ("C of Theorem 10", C_10),
                ("C of Lemma 11", C_11),
            )
        ),
    ),
    Claim(
        "mdsgd/sec-7/top-k-best",
        "text",
        "section 7",
        "Usually top-K is the best.",
        latex=("usually the top-K strategy is the best one",),
        unparsed="words; read twice",
        readings=(
            Reading(
                "in one iteration: it leaves no more than random masks leave in the mean",
                at_most(error_sq, (1 - k / d) * x_sq),
                (given.keeps_k,),
                follows=Cite("qsparse_local_sgd/sec-2.2/top-k"),
                arena="operator",
                setting={"operator": ("top_k",)},
                says="random masks leave (1 - q/d) ||v||^2; 'usually', over whole runs, is an observation that is not checked",
            ),
            Reading(
                "over two iterations: nor than random masks leave in the mean",
                at_most(LEFT_BY_LARGEST, LEFT_AT_RANDOM),
                (Hypothesis("first_is_sent", "the first entry is the larger one", sp.And(later_entry > 0, first_entry > later_entry)),),
                says="d = 2, one entry is sent, beta = 0, gradients (a, b), then (-a, 0): top-1 sends a twice, and b waits; a random mask "
                "may send b, and what it kept of a cancels. It falls at a = 1, b = 9/10: 81/100 against 181/400",
            ),
        ),
    ),
    # Section 8
    Claim(
        "mdsgd/sec-8/small-noise",
        "text",
        "section 8",
        "M-DSGD is DSGD with small noise, which cannot affect the convergence.",
        latex=("which can not affect the convergence",),
        unparsed="words; read twice",
        readings=(
            Reading(
                "the order of the bound of Theorem 10",
                at_most(SUM_OF_GRADIENTS / ((1 - beta) * T), ORDER / sp.sqrt(T)),
                (*FIXED_RUN, given.smooth),
                rate=Rate("mdsgd/theorem-10", (1 / sp.sqrt(T),), (T,), {eta: step_numerator / sp.sqrt(T)}),
                says="that of SGD, whatever U",
            ),
            Reading("its constant", at_most(C_10, C_10.subs(U, 0)), (given.momentum_range,), says="against the one without memory, U = 0"),
        ),
    ),
)
