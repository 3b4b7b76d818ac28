r"""Qsparse-local-SGD, chapter 3 and Table 5.1: synchronous operation, in the paper's order.

The proofs stand in Appendix C (`convergence_proofs`); what is cited from there carries its equation number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import ORDER_VARIABLES, Largest, Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.notation import ORDER
from theory.qsparse_local_sgd.preliminaries import SAVED, SAVED_AS_PRINTED
from theory.rules import (
    Certified,
    Chained,
    Cite,
    Combined,
    Expected,
    GeometricLimit,
    Granted,
    Inducted,
    InLetters,
    Instance,
    Invariant,
    Isolated,
    Joined,
    Limit,
    MinimisedOver,
    Rooted,
    Rule,
    Telescoped,
    Using,
    Weakened,
    WeightedSum,
    scaled,
)
from theory.samples import drawn, variances_add
from theory.scenes import (
    above_paraboloid,
    apart,
    below_paraboloid,
    expected_next_f,
    f_hat,
    f_min,
    f_tilde,
    fact,
    g_hat,
    g_tilde,
    granted,
    lag,
    mean_g_hat,
    next_f,
    noise,
    p_bar,
    spread,
    u,
    u_i,
    v,
    x_hat,
    x_tilde,
)
from theory.symbols import (
    P_T,
    S_T,
    C,
    C_hat,
    G,
    H,
    J,
    L,
    R,
    T,
    a,
    b,
    compressor_input_sq,
    deviation_sq,
    drift_term,
    eta,
    eta_of,
    eta_t,
    f_star,
    function_gap,
    gamma,
    gradient_sq,
    i,
    initial_gap,
    kappa,
    lag_less_memory_sq,
    lag_sq,
    mean_memory_sq,
    memory_sq,
    mu,
    noise_sq,
    output_gap,
    output_gradient_sq,
    p,
    progress_sq,
    sigma_max,
    sigma_sq_sum,
    start_distance_sq,
    synced_memory_sq,
    t,
    t_i,
    t_next,
    tau,
    variance_term,
    virtual_distance_sq,
    virtual_loss,
    xi,
)
from theory.vectors import average_norm_sq, dot, norm_sq, vector, worker_vector, zero

# Sums and bounds that several displays share
VARIANCE = sigma_sq_sum / (b * R**2)
MEMORY_FIXED = 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2
MEMORY_DECAYING = 4 * eta_t**2 / gamma**2 * C * H**2 * G**2
KEEP = sp.sqrt(1 - gamma)  # of the norm that the compressor is given, at most this share stays in memory
FALL = (a + H) / a  # by which the decaying step falls over H iterations, at most
SINCE = (a + H - 1) / a  # by which it has fallen since the last synchronisation, at most
MEMORY_LIMIT = (1 - gamma) * (1 + KEEP) ** 2 / gamma**2 * eta**2 * H**2 * G**2
MEMORY_SYNCED = KEEP * (a + H) / (a - KEEP * (a + H))  # root of the memory at a synchronisation, over eta_t H G
MEMORY_DECAYING_LIMIT = (MEMORY_SYNCED * SINCE) ** 2 * eta_t**2 * H**2 * G**2
DEVIATION_FIXED_LIMIT = eta**2 * G**2 * (H - 1) ** 2
DEVIATION_DECAYING_LIMIT = SINCE**2 * eta_t**2 * G**2 * (H - 1) ** 2
GRADIENTS = sp.Sum(gradient_sq, (t, 0, T - 1)) / T
SQUARED_GAPS = sp.Sum((a + t) ** 2 * function_gap, (t, 0, T - 1))
NON_CONVEX = (initial_gap / C_hat + C_hat * L * VARIANCE) * 4 / sp.sqrt(T) + 8 * (
    4 * (1 - gamma**2) / gamma**2 + 1
) * C_hat**2 * L**2 * G**2 * H**2 / T
DRIFT = 4 * ((3 * mu / 2 + 3 * L) * C * G**2 * H**2 / gamma**2 + 3 * L**2 * G**2 * H**2)  # B as printed
DRIFT_CORRECTED = 4 * ((3 * mu / 2 + 3 * L) * C * G**2 * H**2 / gamma**2 + 3 * L * G**2 * H**2)
NEXT_DISTANCE = virtual_distance_sq.subs(t, t + 1)
SHRUNK = (1 - mu * eta_t / 2) * virtual_distance_sq - eta_t * mu / (2 * L) * function_gap
FROM_MEMORY = eta_t * (3 * mu / 2 + 3 * L) * C * 4 * eta_t**2 / gamma**2 * G**2 * H**2
STEPS = eta_t / 4 * gradient_sq
HALF_STEPS = eta_t / 2 * gradient_sq
DESCENT = virtual_loss - virtual_loss.subs(t, t + 1)


NON_CONVEX_LIMIT = (
    (initial_gap / C_hat + C_hat * L * VARIANCE / 2) * 2 / sp.sqrt(T)
    + 4 * (1 - gamma) * (1 + KEEP) ** 2 / gamma**2 * C_hat**2 * L**2 * G**2 * H**2 / T
    + 8 * C_hat**2 * L**2 * G**2 * (H - 1) ** 2 / T
)


def convex_bound(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """The right side of (3.5) for given A and B."""
    return L * a**3 / (4 * S_T) * start_distance_sq + 8 * L * T * (T + 2 * a) / (mu**2 * S_T) * first + 128 * L * T / (mu**3 * S_T) * second


def convex_limit(first: sp.Expr, *second: sp.Expr) -> sp.Expr:
    """The same without the factor kappa that (C.39) loses, and with its sums as they are; parts of B apart."""
    start = mu * a**2 * (a - 4) / (16 * S_T) * start_distance_sq
    return start + 2 * T * (T + 2 * a - 1) / (mu * S_T) * first + sp.Add(*[32 * T / (mu**2 * S_T) * part for part in second])


# Hypotheses in force
MEMORY_LEMMA = (given.contraction, given.second_moment, given.gap_from_zero)
DECAYING = (given.decaying_step, given.shift_above_memory, given.memory_constant)
SMOOTH_RUN = (given.smooth, given.second_moment, given.variance, given.batches, given.contraction, given.gap_from_zero)
CONVEX_RUN = (*SMOOTH_RUN, given.strongly_convex)
CONVEX_STEP = (
    given.strongly_convex_step,
    given.shift_above_one,
    given.shift_above_memory,
    given.shift_above_condition,
    given.shift_above_gap,
)
CONVEX = (*CONVEX_RUN, *CONVEX_STEP, given.memory_constant)

# Elementary steps, each granted by what it names
FIXED = {eta_of(t): eta, eta_of(t_i): eta}
HELD = Granted(at_most(memory_sq, synced_memory_sq), by="Algorithm 1, line 7: memory stays put between synchronisations")
NO_MEMORY_YET = Granted(equals(synced_memory_sq.subs(i, 0), 0), by="m_0 = 0 (Algorithm 1, line 1)")
EACH_WORKER = Granted(at_most(mean_memory_sq, memory_sq), by="a mean over the workers is at most the largest")
INDEPENDENT = variances_add(noise_sq, sigma_sq_sum / R, R, b)
LOWEST = {virtual_loss.subs(t, T): f_star}
STARTED = Granted(equals(virtual_loss.subs(t, 0), initial_gap + f_star), by="the virtual sequence starts at x_0, (3.7)")
OUTPUT = drawn(output_gradient_sq, gradient_sq, 1, T)  # and a worker's with chance 1/(RT)
STARTED_AT = Granted(equals(virtual_distance_sq.subs(t, 0), start_distance_sq), by="the virtual sequence starts at x_0, (3.7)")
OUTPUT_CONVEX = Granted(at_most(output_gap, SQUARED_GAPS / S_T), by="Jensen: f is convex, x_bar_T a mean with weights w_t / S_T")

# (1 + tau) mean + (1 + 1/tau) 0 for every tau: with Lemma 6 the lag is the norm of the mean memory, and the limit tau -> 0 loses nothing.
LAG_BELOW_MEMORY = Limit(
    Using(
        Expected(
            Certified(at_most(norm_sq(u_i.mean + v), (1 + tau) * average_norm_sq(u_i) + (1 + 1 / tau) * norm_sq(v))),
            {norm_sq(u_i.mean + v): lag_sq, average_norm_sq(u_i): mean_memory_sq, norm_sq(v): lag_less_memory_sq},
        ),
        (Cite("qsparse_local_sgd/lemma-6"),),
    ),
    tau,
    0,
)
# From the lag to a bound on one worker's memory
LAG = Chained(Cite("qsparse_local_sgd/sec-3.5.1/lag"), EACH_WORKER)
LAG_FIXED = Chained(LAG, Cite("qsparse_local_sgd/lemma-5"))
LAG_DECAYING = Chained(LAG, Cite("qsparse_local_sgd/lemma-4"))


LAG_FIXED_LIMIT = Chained(LAG, Cite("qsparse_local_sgd/lemma-5", improved=True))
LAG_DECAYING_LIMIT = Chained(LAG, Cite("qsparse_local_sgd/lemma-4", improved=True))


def weighted(recursion: Rule) -> Rule:
    """From a recursion like (3.19) to mu/(2 L S_T) sum of w_t e_t: steps 8 / (mu (a + t)), weights w_t over the step, over their sum."""
    stepped = Instance(recursion, {eta_t: 8 / (mu * (a + t))})
    total = WeightedSum(stepped, virtual_distance_sq, mu * (a + t) ** 3 / 8, t, T, (function_gap,))
    return scaled(Using(total, (STARTED_AT,)), 1 / S_T)


def mean_gap(recursion: Rule, price: sp.Expr = 2 * L / mu) -> Rule:
    """From the same recursion to the function gap of the weighted mean, of which the recursion drops eta_t / `price`."""
    return Isolated(Combined((OUTPUT_CONVEX, weighted(recursion)), (1, price)), output_gap)


def mean_gradient(step: Rule, price: int = 4) -> Rule:
    """From one step of descent, with the fixed step, to the mean squared gradient of a run; the step gives eta / `price` of each."""
    return scaled(Using(Telescoped(step, t, T, LOWEST), (STARTED,)), price / (eta * T))


def summed(step: Rule, price: int = 4) -> Rule:
    """The same to the gradient at z_T for the step C_hat / sqrt(T)."""
    return Isolated(Combined((OUTPUT, Instance(mean_gradient(step, price), {eta: C_hat / sp.sqrt(T)})), (1, 1)), output_gradient_sq)


def memory_decays(constant: sp.Expr) -> Rule:
    """Lemma 4 with a given constant: induction over synchronisations, four times as much in between, xi / (a + t) read as eta_t."""
    bound = constant * xi**2 * H**2 * G**2 / (gamma**2 * (a + t_i) ** 2)
    synced = Inducted(
        Instance(Cite("qsparse_local_sgd/eq-C.4"), {p: 2}),
        NO_MEMORY_YET,
        synced_memory_sq,
        i,
        bound,
        bound.subs(t_i, t_next),
        (given.next_synchronisation,),
    )
    between = at_most(memory_sq, 4 * constant * xi**2 * H**2 * G**2 / (gamma**2 * (a + t) ** 2))
    return Instance(Weakened(Chained(HELD, synced), between, (given.last_synchronisation,)), {xi: eta_t * (a + t)})


def kept(share: sp.Expr, added: sp.Expr, gamma: sp.Expr = gamma) -> Rule:
    """The recursion of the memory by Young's inequality as it is needed, (C.2): this share of it stays, that much progress is added."""
    young = at_most((1 - gamma) * norm_sq(u + v), share * norm_sq(u) + added * norm_sq(v))
    measured = {norm_sq(u + v): compressor_input_sq, norm_sq(u): synced_memory_sq, norm_sq(v): progress_sq}
    left = Chained(Cite("qsparse_local_sgd/eq-C.2"), Expected(Certified(young), measured))
    return Using(left, (Cite("qsparse_local_sgd/appendix-c.1/progress"),))


MEMORY_STAYS = Chained(
    HELD, GeometricLimit(Instance(kept(KEEP, (1 - gamma) * (1 + KEEP) / gamma), FIXED), NO_MEMORY_YET, synced_memory_sq, i)
)
keep = sp.Symbol("keep", nonnegative=True)  # KEEP, so that roots need not be written
_synced = keep * (a + H) / (a - keep * (a + H))
_synced_bound = (_synced * xi * H * G / (a + t_i)) ** 2
MEMORY_FALLS = InLetters(
    Instance(
        Weakened(
            Chained(
                HELD,
                Inducted(
                    Instance(kept(keep / FALL, keep**2 / (1 - keep * FALL), 1 - keep**2), {eta_of(t_i): xi / (a + t_i)}),
                    NO_MEMORY_YET,
                    synced_memory_sq,
                    i,
                    _synced_bound,
                    _synced_bound.subs(t_i, t_next),
                    (given.next_synchronisation,),
                ),
            ),
            at_most(memory_sq, (_synced * SINCE * xi * H * G / (a + t)) ** 2),
            (given.between_synchronisations,),
        ),
        {xi: eta_t * (a + t)},
    ),
    to={gamma: 1 - keep**2},
    back={keep: KEEP},
    where=(keep < 1,),
)
stored = sp.Symbol("stored", nonnegative=True)  # root of the memory over eta_t H G, in the decaying case
STORED = MEMORY_SYNCED * SINCE


def recursion(first: sp.Expr, second: sp.Expr) -> Relation:
    """(3.19) for given A and B."""
    return at_most(NEXT_DISTANCE, SHRUNK + eta_t**2 * first + eta_t**3 * second)


STEP_MEASURED = {
    average_norm_sq(mean_g_hat): gradient_sq, f_tilde: virtual_loss, expected_next_f: virtual_loss.subs(t, t + 1),
    norm_sq(noise): noise_sq, lag: lag_sq, spread: deviation_sq,
}  # fmt: skip
EXPECTED_STEP = Expected(
    Certified(
        at_most(
            eta / 4 * average_norm_sq(mean_g_hat),
            f_tilde - expected_next_f + eta**2 * L * norm_sq(noise) + 2 * eta * L**2 * (lag + spread),
        ),
        granted(mean_descent=1, local_lipschitz=eta / 2, mean_lipschitz=eta / 2),
        {eta: eta_t},
    ),
    STEP_MEASURED,
)
# All gradients are compared with that at the mean iterate, from which the workers' deviate by the spread and the virtual one's by the lag.
HALF_STEP_FACTS = {
    "mean_descent": 1, "mean_lipschitz_lag": 2 * eta, "mean_lipschitz_spread": 3 * eta, "local_lipschitz_spread": eta
}  # fmt: skip
HALF_STEP = at_most(
    eta / 2 * average_norm_sq(mean_g_hat),
    f_tilde - expected_next_f + eta**2 * L / 2 * norm_sq(noise) + eta * L**2 * (2 * lag + 4 * spread),
)
# Lag and deviation together, to which the virtual gradient and those at the workers' iterates are compared, with Young's parameter free:
# what is best depends on the gradient itself, so a run is solved for its root. `curved` is at least eta_t L.
curved = sp.Symbol("curved", positive=True)
PULL = 3 - 2 * curved
FREE_STEP = at_most(
    eta * (2 - curved - tau) * average_norm_sq(mean_g_hat),
    2 * f_tilde - 2 * expected_next_f + eta**2 * L * norm_sq(noise) + eta * L**2 * (PULL**2 / tau - 4 * (1 - curved)) * (lag + spread),
)
FREE_STEP_FACTS = {
    "mean_descent": 2, "local_lipschitz": eta * ((1 - curved) * PULL / tau + 2 * curved - 1),
    "mean_lipschitz": eta * (2 - curved - tau) * PULL / tau,
}  # fmt: skip
HORIZON = C_hat / sp.sqrt(T)
HORIZON_STEP = Hypothesis("horizon", "eta_t = C_hat / sqrt(T)", sp.Eq(eta_t, HORIZON))


def drift_price(most: sp.Expr) -> sp.Expr:
    """Of lag and deviation in the free step, where eta_t L is `most` at most."""
    return eta_t * L**2 * (PULL**2 / tau - 4 * (1 - curved)).subs(curved, most)


def free_step(most: sp.Expr) -> Rule:
    """One step of descent with Young's parameter free."""
    certified = Certified(FREE_STEP, granted(**FREE_STEP_FACTS), {curved: most, eta: eta_t})
    return Using(Expected(certified, STEP_MEASURED), (INDEPENDENT,))


def rooted(total: Rule, quantity: sp.Expr, most: sp.Expr, first: sp.Expr, drift: sp.Expr, step: Hypothesis) -> Rule:
    """A sum of gradients from that of free steps, where `first` is what none of them costs and `drift` the root of what all do."""
    spared = Hypothesis("spared", "Young's parameter is below 2 - eta_t L", sp.And(tau > 0, tau < 2 - most))
    root, rest = PULL.subs(curved, most) * drift, drift**2 + 2 * (2 - most) * first
    return Rooted(total, quantity, tau, root, rest, 2 - most, (step, spared))


def solved(total: Rule, output: Rule, most: sp.Expr, first: sp.Expr, drift: sp.Expr, step: Hypothesis) -> Rule:
    """The same for the gradient at z_T, which is their mean."""
    return rooted(Combined((output, total), (2 - most - tau, 1)), output_gradient_sq, most, first, drift, step)


def in_root(most: sp.Expr, first: sp.Expr, drift: sp.Expr) -> sp.Expr:
    """The bound that this gives."""
    return ((PULL.subs(curved, most) * drift + sp.sqrt(drift**2 + 2 * (2 - most) * first)) / (2 - most)) ** 2


def solved_horizon(step: Rule, drift: sp.Expr) -> Rule:
    """The same for the step C_hat / sqrt(T)."""
    total = Instance(mean_gradient(Instance(step, FIXED), 1), {eta: HORIZON})
    return solved(total, OUTPUT, HORIZON * L, HORIZON_FIRST, drift, HORIZON_STEP)


HORIZON_FIRST = (initial_gap / C_hat + C_hat * L * VARIANCE / 2) / sp.sqrt(T)
DRIFT_FIXED = sp.sqrt((1 - gamma) * (1 + KEEP) ** 2 / gamma**2 * H**2 + (H - 1) ** 2) * eta * L * G
FIRST_FIXED = initial_gap / (eta * T) + eta * L * VARIANCE / 2


def solved_fixed() -> Rule:
    """The mean squared gradient of a run with any fixed step, from free steps."""
    apart = Using(free_step(eta * L), (LAG_FIXED_LIMIT, Cite("qsparse_local_sgd/lemma-7", improved=True)))
    total = mean_gradient(Instance(apart, FIXED), 1)
    return Chained(
        Granted(equals(GRADIENTS, output_gradient_sq), by="z_T is each iterate with probability 1/(RT)"),
        solved(total, OUTPUT, eta * L, FIRST_FIXED, DRIFT_FIXED, Hypothesis("fixed", "eta_t = eta", sp.Eq(eta_t, eta))),
    )


def printed(relation: Relation, hypotheses: tuple[Hypothesis, ...] = (), **how: Any) -> tuple[Reading, ...]:
    """The only reading of a statement that can be read in one way."""
    return (Reading("as printed", relation, hypotheses, **how),)


# Relations that several displays repeat
p_t = p_bar + noise
FIXED_DESCENT = at_most(
    eta / 4 * gradient_sq,
    DESCENT + eta**2 * L * VARIANCE + 8 * eta**3 * (1 - gamma**2) / gamma**2 * L**2 * G**2 * H**2 + 2 * eta**3 * L**2 * G**2 * H**2,
)
FIXED_DESCENT_LIMIT = at_most(
    eta / 2 * gradient_sq,
    DESCENT + eta**2 * L / 2 * VARIANCE + 2 * eta * L**2 * MEMORY_LIMIT + 4 * eta * L**2 * DEVIATION_FIXED_LIMIT,
)
NOISY_DISTANCE = equals(
    norm_sq(x_tilde - eta * p_t),
    norm_sq(x_tilde - eta * p_bar) + eta**2 * norm_sq(noise) - 2 * eta * dot(x_tilde - eta * p_bar, noise),
)
CONVEX_STEP_BOUND = at_most(
    NEXT_DISTANCE, SHRUNK + eta_t * (3 * mu / 2 + 3 * L) * lag_sq + 3 * eta_t * L * deviation_sq + eta_t**2 * VARIANCE
)
LAG_PRICE = mu + 4 * L / 3  # of the lag, over eta_t, in the improved (C.39)
CONVEX_STEP_LIMIT = at_most(
    NEXT_DISTANCE,
    (1 - mu * eta_t / 2) * virtual_distance_sq
    - 2 * eta_t * function_gap
    + eta_t * LAG_PRICE * lag_sq
    + eta_t * (L - mu) * deviation_sq
    + eta_t**2 * VARIANCE,
)
LEMMA_8 = at_most(deviation_sq, 4 * eta_t**2 * G**2 * H**2)
BOUNDED_STEP = at_most(NEXT_DISTANCE, SHRUNK + FROM_MEMORY + 3 * eta_t * L * 4 * eta_t**2 * L * G**2 * H**2 + eta_t**2 * VARIANCE)
BOUNDED_STEP_CORRECTED = at_most(NEXT_DISTANCE, SHRUNK + FROM_MEMORY + 3 * eta_t * L * 4 * eta_t**2 * G**2 * H**2 + eta_t**2 * VARIANCE)
BOUNDED = Using(Cite("qsparse_local_sgd/eq-C.40"), (LAG_DECAYING, Cite("qsparse_local_sgd/lemma-8")))
WEIGHTED_SUM = at_most(
    mu / (2 * L * S_T) * SQUARED_GAPS,
    mu * a**3 / (8 * S_T) * start_distance_sq + 4 * T * (T + 2 * a) / (mu * S_T) * variance_term + 64 * T / (mu**2 * S_T) * drift_term,
)
WEIGHTED_MEAN = at_most(output_gap, convex_bound(variance_term, drift_term))
CONVEX_SETTING = {"problem": "quadratic", "step": "strongly convex", "gap": "from zero"}
THEOREM_2 = mean_gap(Cite("qsparse_local_sgd/eq-C.43"))
BOUNDED_LIMIT = Using(
    Cite("qsparse_local_sgd/eq-C.40", improved=True), (LAG_DECAYING_LIMIT, Cite("qsparse_local_sgd/lemma-8", improved=True))
)


def stored_out(relation: Relation) -> Relation:
    """A relation with the letter `stored` written out."""
    return relation.map(lambda side: side.xreplace({stored: STORED}))


def in_stored(of: Rule, to: Relation) -> Rule:
    """The derivation of a relation in the letter `stored`, which is written out at the end."""
    return InLetters(Weakened(of, to), to={STORED**2: stored**2}, back={stored: STORED})


STORED_DRIFT, MOVED_DRIFT = LAG_PRICE * stored**2 * G**2 * H**2, (L - mu) * SINCE**2 * G**2 * (H - 1) ** 2
THEOREM_2_LIMIT = at_most(output_gap, convex_limit(VARIANCE, STORED_DRIFT, MOVED_DRIFT))
BOUNDED_STEP_LIMIT = at_most(
    NEXT_DISTANCE,
    (1 - mu * eta_t / 2) * virtual_distance_sq - 2 * eta_t * function_gap + eta_t**2 * VARIANCE + eta_t**3 * (STORED_DRIFT + MOVED_DRIFT),
)
RECURSION_LIMIT = Reading(
    "improved: 2 eta_t for mu eta_t / (2 L) and a smaller B, by the improved (C.40) and Lemmas 4 and 8",
    stored_out(BOUNDED_STEP_LIMIT),
    (*CONVEX_RUN, *CONVEX_STEP),
    follows=in_stored(BOUNDED_LIMIT, BOUNDED_STEP_LIMIT),
    arena="run",
    setting=CONVEX_SETTING,
)
YOUNG_STEP = Using(
    Cite("qsparse_local_sgd/eq-C.2"),
    (
        Expected(
            Cite("qsparse_local_sgd/appendix-c.1/young"),
            {norm_sq(u + v): compressor_input_sq, norm_sq(u): synced_memory_sq, norm_sq(v): progress_sq},
        ),
    ),
)
SYNCED_BOUND = C * xi**2 * H**2 * G**2 / (gamma**2 * (a + t_i) ** 2)  # at synchronisation i, four times smaller than Lemma 4
SMALLEST_C = 4 * a * gamma * (1 - gamma**2) / (a * gamma - 4 * H)
_start_facts = (
    fact("second moment at most G^2, so ||grad f(x_0)||^2 too", G**2 - norm_sq(g_tilde.mean), 1 / mu**2),
    fact("f is mu-strongly convex: from x_0 to x*", above_paraboloid(f_min, f_tilde, g_tilde.mean, -x_tilde), 2 / mu),
    fact("f is mu-strongly convex: from x* to x_0", f_tilde - f_min - mu / 2 * norm_sq(x_tilde), 2 / mu),
)
START_DISTANCE = Expected(Certified(at_most(norm_sq(x_tilde), G**2 / mu**2), _start_facts), {norm_sq(x_tilde): start_distance_sq})

# Letters of displays that are summed, of those about one step (eta is then the step at t), and of (3.20), (3.21)
SUMMED = {r"\sum_{t=0}^{T-1} \sum_{r=1}^R \mathbb{E} \|\nabla f(\widehat{\mathbf{x}}_t^{(r)})\|_2^2": R * T * GRADIENTS}
RECURSION_LETTERS = {"A": variance_term, "B": drift_term, r"\sum_{t=0}^{T-1} w_t e_t": SQUARED_GAPS}
STEP_LETTERS = {
    r"\eta_t": eta,
    r"f(\widetilde{\mathbf{x}}_{t+1})": next_f,
    r"f(\widetilde{\mathbf{x}}_t)": f_tilde,
    r"f(\widehat{\mathbf{x}}_t)": f_hat,
    r"f^*": f_min,
    r"f(\mathbf{x}^*)": f_min,
    r"\langle \nabla f(\widetilde{\mathbf{x}}_t), \mathbf{p}_t \rangle": dot(g_tilde.mean, p_t),
    r"\|\mathbf{p}_t\|^2": norm_sq(p_t),
    r"\|\bar{\mathbf{p}}_t\|^2": norm_sq(p_bar),
    r"\|\mathbf{p}_t - \bar{\mathbf{p}}_t\|^2": norm_sq(noise),
    r"\mathbb{E}_{i_t} \|\mathbf{p}_t - \bar{\mathbf{p}}_t\|^2": norm_sq(noise),
    r"\|\widetilde{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2": norm_sq(x_tilde - eta * p_t),
    r"\mathbb{E}_{i_t} \|\widetilde{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2": norm_sq(x_tilde - eta * p_t),
    r"\|\widetilde{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{p}}_t\|^2": norm_sq(x_tilde - eta * p_bar),
    r"\langle \widetilde{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{p}}_t, \mathbf{p}_t - \bar{\mathbf{p}}_t \rangle": dot(
        x_tilde - eta * p_bar, noise
    ),
    r"\langle \widetilde{\mathbf{x}}_t - \mathbf{x}^*, \bar{\mathbf{p}}_t \rangle": dot(x_tilde, p_bar),
    r"\|\widetilde{\mathbf{x}}_t - \mathbf{x}^*\|^2": norm_sq(x_tilde),
    r"\|\widehat{\mathbf{x}}_t - \mathbf{x}^*\|^2": norm_sq(x_hat.mean),
    r"\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|^2": lag,
    r"\|\widetilde{\mathbf{x}}_t - \widehat{\mathbf{x}}_t\|^2": lag,
    r"\sum_{r=1}^R \|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|^2": R * spread,
    r"\sum_{r=1}^R \|\widetilde{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|^2": R * apart,
    r"\sum_{r=1}^R \|\widehat{\mathbf{x}}_t^{(r)} - \mathbf{x}^*\|^2": R * average_norm_sq(x_hat),
    r"\sum_{r=1}^R \|\nabla f(\widehat{\mathbf{x}}_t^{(r)})\|^2": R * average_norm_sq(mean_g_hat),
}

NON_CONVEX_RUN = {"problem": "quadratic", "step": "horizon", "gap": "from zero"}
FIXED_RUN = {"problem": "quadratic", "step": "fixed", "gap": "from zero"}
DECAYING_MEMORY = {"gap": "from zero", "step": "decaying"}
FIXED_MEMORY = {"gap": "from zero", "step": "fixed"}

LEMMA_4 = at_most(memory_sq, MEMORY_DECAYING)
LEMMA_5 = at_most(memory_sq, MEMORY_FIXED)
THEOREM_1 = at_most(output_gradient_sq, NON_CONVEX)
NON_CONVEX_ORDERS = (J * sigma_max / sp.sqrt(b * R * T), J**2 * b * R * G**2 * H**2 / (sigma_max**2 * gamma**2 * T))
CONVEX_ORDERS = (
    G**2 * H**3 / (mu**2 * gamma**3 * T**3),
    sigma_max**2 / (mu**2 * b * R * T),
    H * sigma_max**2 / (mu**2 * b * R * gamma * T**2),
    G**2 * H**2 / (mu**3 * gamma**2 * T**2),
)
# The first order that compression may not exceed, and the largest gap at which the error of compression meets it
NON_CONVEX_GAP = gamma * T ** sp.Rational(1, 4) / (b * R) ** sp.Rational(3, 4)
CONVEX_GAP = gamma * sp.sqrt(T / (b * R))
CONVEX_GAP_PRINTED = gamma * sp.sqrt(T) / (b * R)


def largest_gap(orders: tuple[sp.Expr, sp.Expr], gap: sp.Expr) -> dict[str, Any]:
    """Relation and derivation of H = O(gap): the larger error term against the rate without compression."""
    dominated, dominating = orders
    return {"relation": equals(H, ORDER * gap), "rate": Largest(H, dominated, dominating, gap, ORDER_VARIABLES)}


def smallest_horizon(orders: tuple[sp.Expr, sp.Expr], horizon: sp.Expr, free: tuple[sp.Symbol, ...] = ORDER_VARIABLES) -> dict[str, Any]:
    """Relation and derivation of T = Omega(horizon)."""
    dominated, dominating = orders
    return {"relation": equals(T, ORDER * horizon), "rate": Largest(T, dominated, dominating, horizon, free, smallest=True)}


COROLLARY_2 = Rate(
    "qsparse_local_sgd/theorem-1",
    NON_CONVEX_ORDERS,
    ORDER_VARIABLES,
    at={C_hat: sp.sqrt(b * R) * J / (sigma_max * sp.sqrt(L))},
    at_most={initial_gap: J**2, sigma_sq_sum: R * sigma_max**2},
)
# The same from the improved Theorem 1, with every letter: what is hidden is numbers, so that the units agree
LETTERS = (L, G, J, mu, sigma_max)
NON_CONVEX_LIMIT_ORDERS = (sp.sqrt(L) * NON_CONVEX_ORDERS[0], L * NON_CONVEX_ORDERS[1])
COROLLARY_2_LIMIT = replace(
    COROLLARY_2,
    of="qsparse_local_sgd/eq-C.22",
    terms=NON_CONVEX_LIMIT_ORDERS,
    free=(*ORDER_VARIABLES, *LETTERS),
    at_most={**COROLLARY_2.at_most, KEEP: sp.Integer(1)},
    improved=True,
)
COROLLARY_3 = Rate(
    "qsparse_local_sgd/theorem-2",
    CONVEX_ORDERS,
    ORDER_VARIABLES,
    at={a: (8 + 33 * kappa) * H / gamma, C: 8 * (1 - gamma**2)},
    at_most={start_distance_sq: 4 * G**2 / mu**2, sigma_sq_sum: R * sigma_max**2},
    floors={S_T: T**3 / 3},
)
# The same from the improved Theorem 2, by whose units no L is lost but in kappa
CONVEX_LIMIT_ORDERS = (
    G**2 * H**3 / (mu * gamma**3 * T**3),
    sigma_max**2 / (mu * b * R * T),
    H * sigma_max**2 / (mu * b * R * gamma * T**2),
    L * G**2 * H**2 / (mu**2 * gamma**2 * T**2),
)
COROLLARY_3_LIMIT = Rate(
    "qsparse_local_sgd/theorem-2",
    CONVEX_LIMIT_ORDERS,
    ORDER_VARIABLES,
    at={a: (8 + 33 * kappa) * H / gamma},
    at_most={start_distance_sq: G**2 / mu**2, sigma_sq_sum: R * sigma_max**2, KEEP: sp.Integer(1)},
    floors={S_T: T**3 / 3, a - KEEP * (a + H): a * gamma / 4},
    ceilings={a + H: 5 * a / 4, a + H - 1: 5 * a / 4},
    improved=True,
)
NON_CONVEX_RATE = printed(
    at_most(output_gradient_sq, ORDER / sp.sqrt(b * R * T)),
    (*SMOOTH_RUN, given.horizon_step, given.noisy),
    rate=replace(COROLLARY_2, terms=(1 / sp.sqrt(b * R * T),), at={**COROLLARY_2.at, H: NON_CONVEX_GAP}),
)
CONVEX_RATE = printed(
    at_most(output_gap, ORDER / (b * R * T)),
    (*CONVEX, given.condition_number, given.noisy),
    rate=replace(COROLLARY_3, terms=(1 / (b * R * T),), at={**COROLLARY_3.at, H: CONVEX_GAP, a: (8 + 33 * kappa) * CONVEX_GAP / gamma}),
)
NON_CONVEX_RATE_LIMIT = (sp.sqrt(L) * J * sigma_max / sp.sqrt(b * R * T), L * J**2 * G**2 / (sigma_max**2 * sp.sqrt(b * R * T)))
CONVEX_RATE_LIMIT = (sigma_max**2 / (mu * b * R * T), L * G**2 / (mu**2 * b * R * T))
NON_CONVEX_TERMS = (NON_CONVEX_ORDERS[1], 1 / sp.sqrt(b * R * T))
CONVEX_TERMS = (CONVEX_ORDERS[3], 1 / (b * R * T))

# The vectors of one iteration of Algorithm 1, for Lemma 6
_master, _message, _memory = vector("master"), worker_vector("message"), worker_vector("memory")
_half = x_hat - eta * g_hat

LEMMA_8_READINGS = (
    Reading(
        "where it is used, a >= H",
        LEMMA_8,
        (given.second_moment, given.gap_from_zero, given.decaying_step, given.shift_above_gap),
        follows=Cite("qsparse_local_sgd/eq-C.14"),
        arena="deviation",
        setting=DECAYING_MEMORY,
        says="Theorems 2 and 5, which use it, have a > max(4 H / gamma, H)",
    ),
    Reading(
        "on its own, no condition on a",
        LEMMA_8,
        (given.second_moment, given.gap_from_zero, given.decaying_step),
        arena="deviation",
        setting=DECAYING_MEMORY,
    ),
)

LEMMA_8_LIMIT = Reading(
    "improved: H - 1 for H, and the step falls by less than half, for every a",
    at_most(deviation_sq, DEVIATION_DECAYING_LIMIT),
    (given.second_moment, given.gap_from_zero, given.decaying_step),
    follows=Instance(
        Weakened(
            Instance(
                Chained(Cite("qsparse_local_sgd/eq-C.14/line-1"), Cite("qsparse_local_sgd/eq-C.14/line-2", improved=True)),
                {eta_of(t_i): xi / (a + t_i)},
            ),
            at_most(deviation_sq, (SINCE * xi * G * (H - 1) / (a + t)) ** 2),
            (given.between_synchronisations,),
        ),
        {xi: eta_t * (a + t)},
    ),
    arena="deviation",
    setting=DECAYING_MEMORY,
)
FIXED_LOWEST = at_most(
    GRADIENTS,
    sp.Min(
        2 * initial_gap / (eta * T) + eta * L * VARIANCE + 4 * L**2 * MEMORY_LIMIT + 8 * L**2 * DEVIATION_FIXED_LIMIT,
        in_root(eta * L, FIRST_FIXED, DRIFT_FIXED),
    ),
)
THEOREM_1_LOWEST = at_most(output_gradient_sq, FIXED_LOWEST.rhs.subs(eta, HORIZON))

CLAIMS = (
    # 1.2 announces the rates
    Claim(
        "qsparse_local_sgd/sec-1.2/non-convex-rate",
        "text",
        "section 1.2",
        "With a fixed step, smooth functions converge like one over the root of T.",
        latex=(r"\sim \frac{1}{\sqrt{T}}",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(output_gradient_sq, ORDER / sp.sqrt(T)),
            (*SMOOTH_RUN, given.horizon_step, given.noisy),
            rate=replace(COROLLARY_2, terms=(1 / sp.sqrt(T),), free=(T,)),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-1.2/strongly-convex-rate",
        "text",
        "section 1.2",
        "With a decaying step, strongly convex functions converge like one over T.",
        latex=(r"\sim \frac{1}{T}",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(output_gap, ORDER / T),
            (*CONVEX, given.condition_number, given.noisy),
            rate=replace(COROLLARY_3, terms=(1 / T,), free=(T,)),
        ),
    ),
    # 3.2
    Claim(
        "qsparse_local_sgd/assumption-1",
        "assumption",
        "section 3.2, 1",
        "The functions of the workers are L-smooth; displayed is the upper half of smoothness only.",
        latex=(
            r"f^{(r)}(\mathbf{y}) \leq f^{(r)}(\mathbf{x}) + \langle \nabla f^{(r)}(\mathbf{x}), \mathbf{y} - \mathbf{x} \rangle + "
            r"\frac{L}{2} \|\mathbf{y} - \mathbf{x}\|_2^2",
        ),
        unparsed="a hypothesis, judged by Theorem 1, whose relation is coded; read twice",
        readings=printed(
            THEOREM_1,
            (given.one_sided_smooth, *SMOOTH_RUN[1:], given.horizon_step),
            arena="run",
            setting={**NON_CONVEX_RUN, "problem": "one-sided"},
            says="Theorem 1 under the displayed inequality alone",
        ),
        correction=Reading(
            "corrected: Lipschitz gradients",
            THEOREM_1,
            (*SMOOTH_RUN, given.horizon_step),
            follows=Cite("qsparse_local_sgd/theorem-1"),
            arena="run",
            setting=NON_CONVEX_RUN,
            says="Definition 3: the gradient of f^(r) is L-Lipschitz, as Theorem 1 says and the proofs use",
        ),
        misprint="the lower half of smoothness, f(y) >= f(x) + <grad f(x), y - x> - (L/2) ||y - x||^2, is missing",
    ),
    Claim(
        "qsparse_local_sgd/assumption-2",
        "assumption",
        "section 3.2, 2",
        "Stochastic gradients have second moments of at most G^2 at every local iterate.",
        latex=(r"\mathbb{E}_{i \sim \mathcal{D}_r} [\|\nabla f_i(\widehat{\mathbf{x}}_t^{(r)})\|_2^2] \leq G^2",),
        unparsed="a hypothesis; read twice",
        readings=(
            Reading(
                "at the iterates", given=(given.second_moment,), unchecked="an assumption that no claim refutes; every attack meets it"
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/assumption-2/variance",
        "assumption",
        "section 3.2, 2",
        "A bounded second moment bounds the variance.",
        latex=(r"\sigma_r^2 \leq G^2",),
        letters={r"\sigma_r^2": average_norm_sq(g_hat.deviation)},
        readings=printed(
            at_most(average_norm_sq(g_hat.deviation), G**2),
            (given.second_moment,),
            facts=(fact("second moment at most G^2", G**2 - average_norm_sq(g_hat)),),
            says="g_hat stands for the values of the stochastic gradient, sigma_r^2 for their variance; not attacked: "
            "what a run states as sigma_r may be larger than its samples need",
        ),
    ),
    Claim(
        "qsparse_local_sgd/definition-8",
        "definition",
        "section 3.2",
        "The gap of a set of synchronisation indices is the longest stretch between neighbours in it.",
        latex=(r"\text{gap}(\mathcal{I}_T) := \max_{i \in [k]} \{t_i - t_{i-1}\}",),
        unparsed="a definition, judged by Lemma 5, whose relation is coded; read twice",
        readings=printed(
            LEMMA_5,
            (given.contraction, given.second_moment, given.gap_as_defined, given.fixed_step),
            arena="memory",
            setting={**FIXED_MEMORY, "gap": "as defined"},
            says="Lemma 5 where the stretch before the first index is not counted",
        ),
        correction=Reading(
            "corrected: the start counts as a synchronisation",
            LEMMA_5,
            (*MEMORY_LEMMA, given.fixed_step),
            follows=Cite("qsparse_local_sgd/lemma-5"),
            arena="memory",
            setting=FIXED_MEMORY,
            says="t_0 = 0, so that t_1 <= H",
        ),
        misprint="I_T lies in {1, ..., T}, so the first stretch is not bounded by the gap; every proof uses t_(1) <= H",
    ),
    Claim(
        "qsparse_local_sgd/lemma-4",
        "lemma",
        "section 3.3.1, (3.1); proof C.1",
        "With a decaying step the error memory decays like the square of the step.",
        latex=(r"\mathbb{E}\|m_t^{(r)}\|_2^2 \leq 4\frac{\eta_t^2}{\gamma^2}CH^2G^2",),
        readings=(
            Reading(
                "for every C of at least the stated size",
                LEMMA_4,
                (*MEMORY_LEMMA, *DECAYING),
                follows=memory_decays(C),
                arena="memory",
                setting=DECAYING_MEMORY,
            ),
            Reading(
                "for one such C",
                at_most(memory_sq, MEMORY_DECAYING.subs(C, SMALLEST_C)),
                (*MEMORY_LEMMA, given.decaying_step, given.shift_above_memory),
                follows=memory_decays(SMALLEST_C),
                arena="memory",
                setting=DECAYING_MEMORY,
                says="there exists a C: the smallest",
            ),
        ),
        improvement=Reading(
            "improved: no C, and at most a quarter of it for a large shift",
            at_most(memory_sq, MEMORY_DECAYING_LIMIT),
            (*MEMORY_LEMMA, given.decaying_step, given.shift_above_memory),
            follows=MEMORY_FALLS,
            arena="memory",
            setting=DECAYING_MEMORY,
            says="Young's parameter is chosen for the recursion as it stands; sharp as a grows",
        ),
        relies=("qsparse_local_sgd/definition-7", "qsparse_local_sgd/definition-8", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/lemma-5",
        "lemma",
        "section 3.3.2, (3.2); proof C.2",
        "With a fixed step the error memory stays bounded.",
        latex=(r"\mathbb{E}\|m_t^{(r)}\|_2^2 \leq 4 \frac{\eta^2(1-\gamma^2)}{\gamma^2} H^2 G^2",),
        readings=printed(
            LEMMA_5,
            (*MEMORY_LEMMA, given.fixed_step),
            follows=Chained(
                HELD,
                MinimisedOver(
                    GeometricLimit(Instance(Cite("qsparse_local_sgd/eq-C.3"), FIXED), NO_MEMORY_YET, synced_memory_sq, i),
                    p,
                    2,
                    (given.young_parameter,),
                ),
            ),
            arena="memory",
            setting=FIXED_MEMORY,
        ),
        improvement=Reading(
            "improved: the exact limit",
            at_most(memory_sq, MEMORY_LIMIT),
            (*MEMORY_LEMMA, given.fixed_step),
            follows=MEMORY_STAYS,
            arena="memory",
            setting=FIXED_MEMORY,
            says="Young's parameter is chosen for the recursion as it stands, not for its simplification; sharp as synchronisations go on",
        ),
        relies=("qsparse_local_sgd/definition-7", "qsparse_local_sgd/definition-8", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/theorem-1",
        "theorem",
        "section 3.4, (3.3); proof C.6",
        "Smooth functions, step C_hat / sqrt(T): the mean squared gradient falls like 1 / sqrt(T), compression entering at 1 / T.",
        latex=(
            r"\mathbb{E}\|\nabla f(\mathbf{z}_T)\|_2^2 \leq \left(\frac{\mathbb{E}[f(\mathbf{x}_0)] - f^*}{\hat{C}} + \hat{C}L "
            r"\left(\frac{\sum_{r=1}^R \sigma_r^2}{bR^2} \right) \right) \frac{4}{\sqrt{T}} + 8 \left(4 \frac{(1-\gamma^2)}{\gamma^2} + "
            r"1 \right) \frac{\hat{C}^2 L^2 G^2 H^2}{T}",
        ),
        readings=printed(
            THEOREM_1,
            (*SMOOTH_RUN, given.horizon_step),
            follows=Isolated(Combined((OUTPUT, Cite("qsparse_local_sgd/eq-C.22")), (1, 1)), output_gradient_sq),
            arena="run",
            setting=NON_CONVEX_RUN,
        ),
        improvement=Reading(
            "improved: by the improved (3.14)",
            THEOREM_1_LOWEST,
            (*SMOOTH_RUN, given.horizon_step),
            follows=Chained(OUTPUT, Instance(Cite("qsparse_local_sgd/eq-3.14", improved=True), {eta: HORIZON})),
            arena="run",
            setting=NON_CONVEX_RUN,
        ),
        relies=("qsparse_local_sgd/assumption-1", "qsparse_local_sgd/assumption-2", "qsparse_local_sgd/definition-8"),
    ),
    Claim(
        "qsparse_local_sgd/corollary-2",
        "corollary",
        "section 3.4, (3.4)",
        "Theorem 1 for a tuned step size, in orders; it needs T >= 4 L^2 C_hat^2.",
        latex=(
            r"\mathbb{E}\|\nabla f(\mathbf{z}_T)\|_2^2 \leq \mathcal{O}\left(\frac{J\sigma_{max}}{\sqrt{bRT}}\right) + "
            r"\mathcal{O}\left(\frac{J^2bRG^2H^2}{\sigma_{max}^2\gamma^2T}\right)",
        ),
        readings=printed(
            at_most(output_gradient_sq, ORDER * NON_CONVEX_ORDERS[0] + ORDER * NON_CONVEX_ORDERS[1]),
            (*SMOOTH_RUN, given.horizon_step, given.noisy),
            rate=COROLLARY_2,
        ),
        improvement=Reading(
            "improved: with L, so that the units agree and no letter is hidden, by the improved Theorem 1",
            at_most(output_gradient_sq, ORDER * NON_CONVEX_LIMIT_ORDERS[0] + ORDER * NON_CONVEX_LIMIT_ORDERS[1]),
            (*SMOOTH_RUN, given.horizon_step, given.noisy),
            rate=COROLLARY_2_LIMIT,
            says="what is hidden is numbers",
        ),
    ),
    Claim(
        "qsparse_local_sgd/corollary-2/rate",
        "corollary",
        "section 3.4, after (3.4)",
        "The rate at the largest gap, smooth functions.",
        latex=(r"\mathcal{O}\left(1/\sqrt{bRT}\right)",),
        unparsed="one side only; read twice",
        readings=NON_CONVEX_RATE,
        improvement=Reading(
            "improved: with every letter, by the improved corollary",
            at_most(output_gradient_sq, ORDER * sum(NON_CONVEX_RATE_LIMIT)),
            (*SMOOTH_RUN, given.horizon_step, given.noisy),
            rate=replace(COROLLARY_2_LIMIT, terms=NON_CONVEX_RATE_LIMIT, at={**COROLLARY_2.at, H: NON_CONVEX_GAP}, ceilings={H - 1: H}),
            says="what is hidden is numbers",
        ),
    ),
    Claim(
        "qsparse_local_sgd/corollary-2/gap",
        "corollary",
        "section 3.4, after (3.4)",
        "How rarely workers may synchronise before compression is felt, smooth functions.",
        latex=(r"H = \mathcal{O}\left(\gamma T^{1/4}/(bR)^{3/4}\right)",),
        readings=(Reading("as printed", **largest_gap(NON_CONVEX_TERMS, NON_CONVEX_GAP)),),
    ),
    Claim(
        "qsparse_local_sgd/sec-3.4/horizon",
        "text",
        "section 3.4, after Corollary 2",
        "For a constant gap, how many iterations it takes until compression is not felt.",
        latex=(r"T = \Omega((bR)^3/\gamma^4)",),
        readings=(
            Reading(
                "as printed", **smallest_horizon(NON_CONVEX_TERMS, (b * R) ** 3 / gamma**4, tuple(v for v in ORDER_VARIABLES if v != H))
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-3.4/log-rate",
        "text",
        "section 3.4, before Theorem 2",
        "With a decaying step, smooth functions converge like 1 / log T.",
        latex=(r"\mathcal{O}\left(\frac{1}{\log T}\right)",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(output_gradient_sq, ORDER / sp.log(T)),
            (*SMOOTH_RUN, *DECAYING, given.shift_above_step),
            rate=Rate(
                "qsparse_local_sgd/theorem-5",
                (1 / sp.log(T),),
                (sp.log(T),),
                floors={P_T: xi * sp.log(T) / 8},
            ),
            says="P_T >= (xi/4) ln((T+a-1)/a) >= (xi/8) ln T once T >= a^2",
        ),
        relies=("qsparse_local_sgd/theorem-5/sum-of-steps",),
    ),
    Claim(
        "qsparse_local_sgd/theorem-2",
        "theorem",
        "section 3.4, (3.5); proof C.7",
        "Smooth, strongly convex functions, step 8 / (mu (a + t)): rate 1 / T at a weighted mean, compression entering at 1 / T^2.",
        latex=(
            r"\mathbb{E}[f(\bar{\mathbf{x}}_T)] - f^* \leq \frac{La^3}{4S_T}\|\mathbf{x}_0 - \mathbf{x}^*\|_2^2 + "
            r"\frac{8LT(T+2a)}{\mu^2S_T}A + \frac{128LT}{\mu^3S_T}B",
        ),
        letters={"B": DRIFT},
        readings=printed(
            at_most(output_gap, convex_bound(VARIANCE, DRIFT)),
            CONVEX,
            follows=THEOREM_2,
            arena="run",
            setting=CONVEX_SETTING,
        ),
        correction=Reading(
            "corrected: 3 L for 3 L^2 in B",
            at_most(output_gap, convex_bound(VARIANCE, DRIFT_CORRECTED)),
            CONVEX,
            follows=THEOREM_2,
            arena="run",
            setting=CONVEX_SETTING,
        ),
        improvement=Reading(
            "improved: without the factor kappa, by the improved (C.40) and Lemmas 4 and 8",
            stored_out(THEOREM_2_LIMIT),
            (*CONVEX_RUN, *CONVEX_STEP),
            follows=in_stored(mean_gap(BOUNDED_LIMIT, sp.Rational(1, 2)), THEOREM_2_LIMIT),
            arena="run",
            setting=CONVEX_SETTING,
        ),
        misprint="B mixes units: 3 L^2 G^2 H^2 should be 3 L G^2 H^2",
        relies=("qsparse_local_sgd/assumption-1", "qsparse_local_sgd/assumption-2", "qsparse_local_sgd/definition-8"),
    ),
    Claim(
        "qsparse_local_sgd/theorem-2/weights",
        "theorem",
        "section 3.4, Theorem 2 (iii)",
        "The weights add up to at least T^3 / 3.",
        latex=(r"\sum_{t=0}^{T-1} w_t \geq \frac{T^3}{3}",),
        letters={r"\sum_{t=0}^{T-1} w_t": S_T},
        readings=printed(at_least(S_T.doit(), T**3 / 3), (given.shift_above_one,)),
        improvement=Reading(
            "improved: what they add up to, more than T^3 / 3 wherever a >= 1 / sqrt(3)",
            equals(S_T.doit(), T**3 / 3 + (a - sp.Rational(1, 2)) * T**2 + (a**2 - a + sp.Rational(1, 6)) * T),
        ),
    ),
    Claim(
        "qsparse_local_sgd/corollary-3",
        "corollary",
        "section 3.4, (3.6)",
        "Theorem 2 in orders, for a shift a of the order H / gamma.",
        latex=(
            r"\mathbb{E}[f(\bar{\mathbf{x}}_T)] - f^* \leq \mathcal{O}\left(\frac{G^2H^3}{\mu^2\gamma^3T^3}\right) + "
            r"\mathcal{O}\left(\frac{\sigma_{max}^2}{\mu^2bRT} + \frac{H\sigma_{max}^2}{\mu^2bR\gamma T^2}\right) + "
            r"\mathcal{O}\left(\frac{G^2H^2}{\mu^3\gamma^2T^2}\right)",
        ),
        readings=printed(
            at_most(output_gap, ORDER * sum(CONVEX_ORDERS)),
            (*CONVEX, given.condition_number, given.noisy),
            rate=COROLLARY_3,
            says="a = (8 + 33 kappa) H / gamma meets every condition, and C = 8 (1 - gamma^2) is then large enough; kappa is hidden",
        ),
        improvement=Reading(
            "improved: without the factor kappa, so that the units agree, by the improved Theorem 2",
            at_most(output_gap, ORDER * sum(CONVEX_LIMIT_ORDERS)),
            (*CONVEX_RUN, *CONVEX_STEP, given.condition_number, given.noisy),
            rate=COROLLARY_3_LIMIT,
            says="what is hidden is numbers and kappa, by a",
        ),
        relies=("qsparse_local_sgd/theorem-2/weights", "qsparse_local_sgd/corollary-3/start"),
    ),
    Claim(
        "qsparse_local_sgd/corollary-3/start",
        "corollary",
        "section 3.4, Corollary 3",
        "Strong convexity and bounded gradients bound the distance of the start from the minimiser.",
        latex=(r"\mathbb{E}\|\mathbf{x}_0 - \mathbf{x}^*\|_2^2 \leq \frac{4G^2}{\mu^2}",),
        letters={r"\mathbb{E}\|\mathbf{x}_0 - \mathbf{x}^*\|^2": start_distance_sq},
        readings=printed(
            at_most(start_distance_sq, 4 * G**2 / mu**2),
            (given.second_moment, given.strongly_convex, given.minimiser),
            follows=START_DISTANCE,
            arena="run",
            setting=CONVEX_SETTING,
        ),
        improvement=Reading(
            "improved: without the factor 4",
            at_most(start_distance_sq, G**2 / mu**2),
            (given.second_moment, given.strongly_convex, given.minimiser),
            follows=START_DISTANCE,
            arena="run",
            setting=CONVEX_SETTING,
        ),
    ),
    Claim(
        "qsparse_local_sgd/corollary-3/rate",
        "corollary",
        "section 3.4, after (3.6)",
        "The rate at the largest gap, strongly convex functions.",
        latex=(r"\mathcal{O}(1/(bRT))",),
        unparsed="one side only; read twice",
        readings=CONVEX_RATE,
        improvement=Reading(
            "improved: with every letter but kappa, and without the factor kappa, by the improved corollary",
            at_most(output_gap, ORDER * sum(CONVEX_RATE_LIMIT)),
            (*CONVEX_RUN, *CONVEX_STEP, given.condition_number, given.noisy),
            rate=replace(
                COROLLARY_3_LIMIT,
                terms=CONVEX_RATE_LIMIT,
                free=(*ORDER_VARIABLES, G, sigma_max),
                at={H: CONVEX_GAP, a: (8 + 33 * kappa) * CONVEX_GAP / gamma},
                ceilings={**COROLLARY_3_LIMIT.ceilings, H - 1: H},
            ),
            says="what is hidden is numbers and kappa, by a",
        ),
    ),
    Claim(
        "qsparse_local_sgd/corollary-3/gap",
        "corollary",
        "section 3.4, after (3.6)",
        "How rarely workers may synchronise before compression is felt, strongly convex functions.",
        latex=(r"H = \mathcal{O}\left(\gamma\sqrt{T}/(bR)\right)",),
        readings=(Reading("as printed", **largest_gap(CONVEX_TERMS, CONVEX_GAP_PRINTED)),),
        correction=Reading("corrected: the root takes b R in", **largest_gap(CONVEX_TERMS, CONVEX_GAP)),
        misprint="sqrt(T) / (b R) for sqrt(T / (b R)), which section 3.6 prints and the last column of Table 5.1 agrees with",
    ),
    Claim(
        "qsparse_local_sgd/eq-3.7",
        "definition",
        "section 3.5, (3.7)",
        "Each worker has a virtual sequence that takes all its steps and is never compressed.",
        latex=(
            r"\tilde{\mathbf{x}}_{t+1}^{(r)} := \tilde{\mathbf{x}}_t^{(r)} - \eta_t \nabla f_{i_t^{(r)}} \left(\hat{\mathbf{x}}_t^{(r)} "
            r"\right)",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", says="used by Lemma 6 and everything after it"),),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.8",
        "equation",
        "section 3.5.1, (3.8)",
        "The descent inequality along the virtual sequence.",
        latex=(
            r"f(\tilde{\mathbf{x}}_{t+1}) - f(\tilde{\mathbf{x}}_t) \leq -\eta_t \langle \nabla f(\tilde{\mathbf{x}}_t), \mathbf{p}_t "
            r"\rangle + \frac{\eta_t^2 L}{2} \|\mathbf{p}_t\|_2^2",
        ),
        letters=STEP_LETTERS,
        readings=printed(
            at_most(next_f - f_tilde, -eta * dot(g_tilde.mean, p_t) + eta**2 * L / 2 * norm_sq(p_t)),
            (given.smooth,),
            facts=(
                fact(
                    "f is L-smooth: at the virtual iterate and its successor", below_paraboloid(next_f, f_tilde, g_tilde.mean, -eta * p_t)
                ),
            ),
            arena="step",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.9",
        "equation",
        "section 3.5.1, (3.9); proof C.6",
        "One step of descent, in expectation: noise, lag of the memory and deviation of the workers are the price.",
        latex=(
            r"\frac{\eta_t}{4R} \sum_{r=1}^R \mathbb{E} \|\nabla f(\hat{\mathbf{x}}_t^{(r)})\|_2^2 &\leq "
            r"\mathbb{E}[f(\tilde{\mathbf{x}}_t)] - \mathbb{E}[f(\tilde{\mathbf{x}}_{t+1})] + \eta_t^2 L \mathbb{E} \|\mathbf{p}_t - "
            r"\bar{\mathbf{p}}_t\|_2^2 + 2\eta_t L^2 \mathbb{E} \|\tilde{\mathbf{x}}_t - \hat{\mathbf{x}}_t\|_2^2 \\ &\quad + 2\eta_t "
            r"L^2 \frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\hat{\mathbf{x}}_t - \hat{\mathbf{x}}_t^{(r)}\|_2^2",
        ),
        readings=printed(
            at_most(STEPS, DESCENT + eta_t**2 * L * noise_sq + 2 * eta_t * L**2 * lag_sq + 2 * eta_t * L**2 * deviation_sq),
            (given.smooth, given.batches, given.step_at_most_half),
            follows=EXPECTED_STEP,
            arena="run",
            setting=FIXED_RUN,
        ),
        improvement=Reading(
            "improved: twice the gradient, for half the noise, as much for the lag and twice as much for the deviation",
            at_most(HALF_STEPS, DESCENT + eta_t**2 * L / 2 * noise_sq + 2 * eta_t * L**2 * lag_sq + 4 * eta_t * L**2 * deviation_sq),
            (given.smooth, given.batches, given.step_at_most_half),
            follows=Expected(Certified(HALF_STEP, granted(**HALF_STEP_FACTS), {eta: eta_t}), STEP_MEASURED),
            arena="run",
            setting=FIXED_RUN,
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.10",
        "equation",
        "section 3.5.1, (3.10)",
        "The variance of the mean stochastic gradient.",
        latex=(r"\mathbb{E} \|\mathbf{p}_t - \bar{\mathbf{p}}_t\|_2^2 \leq \frac{\sum_{r=1}^R \sigma_r^2}{R^2}",),
        readings=printed(
            at_most(noise_sq, sigma_sq_sum / R**2), (given.variance, given.batches), follows=INDEPENDENT, arena="run", setting=FIXED_RUN
        ),
        improvement=Reading(
            "improved: as Appendix C.7 has it",
            at_most(noise_sq, VARIANCE),
            (given.variance, given.batches),
            follows=INDEPENDENT,
            arena="run",
            setting=FIXED_RUN,
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-6",
        "lemma",
        "section 3.5.1, (3.11); proof C.3",
        "The true and the virtual iterate differ by the mean of the memories.",
        latex=(r"\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t = \frac{1}{R} \sum_{r=1}^R m_t^{(r)}",),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(lag_less_memory_sq, 0),
            (given.any_map,),
            follows=Invariant(
                lag_less_memory_sq,
                start=zero,
                now=x_hat.mean - x_tilde - _memory.mean,
                following={
                    "no synchronisation (lines 6, 7)": _half.mean - (x_tilde - eta * g_hat.mean) - _memory.mean,
                    "synchronisation (lines 9 to 11, 18)": (_master - _message.mean)
                    - (x_tilde - eta * g_hat.mean)
                    - (_memory + _master - _half - _message).mean,
                },
            ),
            arena="run",
            setting=FIXED_RUN,
        ),
        relies=("qsparse_local_sgd/eq-3.7",),
    ),
    Claim(
        "qsparse_local_sgd/sec-3.5.1/lag",
        "equation",
        "section 3.5.1, after (3.11), first inequality",
        "The lag is at most the mean memory.",
        latex=(
            r"\mathbb{E} \|\widetilde{\mathbf{x}}_t - \widehat{\mathbf{x}}_t\|_2^2 \leq \frac{1}{R} \sum_{r=1}^R \mathbb{E} "
            r"\|m_t^{(r)}\|_2^2",
        ),
        readings=printed(at_most(lag_sq, mean_memory_sq), follows=LAG_BELOW_MEMORY, arena="run", setting=FIXED_RUN),
    ),
    Claim(
        "qsparse_local_sgd/sec-3.5.1/mean-memory",
        "equation",
        "section 3.5.1, after (3.11), second inequality",
        "The mean memory is bounded as in Lemma 5.",
        latex=(r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|m_t^{(r)}\|_2^2 \leq 4 \frac{\eta^2(1-\gamma^2)}{\gamma^2} H^2 G^2",),
        readings=printed(
            at_most(mean_memory_sq, MEMORY_FIXED),
            (*MEMORY_LEMMA, given.fixed_step),
            follows=Chained(EACH_WORKER, Cite("qsparse_local_sgd/lemma-5")),
            arena="run",
            setting=FIXED_RUN,
        ),
        improvement=Reading(
            "improved: by the improved Lemma 5",
            at_most(mean_memory_sq, MEMORY_LIMIT),
            (*MEMORY_LEMMA, given.fixed_step),
            follows=Chained(EACH_WORKER, Cite("qsparse_local_sgd/lemma-5", improved=True)),
            arena="memory",
            setting=FIXED_MEMORY,
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-7",
        "lemma",
        "section 3.5.1, (3.12); proof C.4",
        "With a fixed step the local iterates stay close to their mean.",
        latex=(r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|_2^2 \leq \eta^2 G^2 H^2",),
        readings=printed(
            at_most(deviation_sq, eta**2 * G**2 * H**2),
            (given.second_moment, given.gap_from_zero, given.fixed_step),
            follows=Instance(Chained(Cite("qsparse_local_sgd/eq-C.14/line-1"), Cite("qsparse_local_sgd/eq-C.14/line-2")), FIXED),
            arena="deviation",
            setting=FIXED_MEMORY,
        ),
        improvement=Reading(
            "improved: H - 1 for H, attained by two workers that go opposite ways",
            at_most(deviation_sq, DEVIATION_FIXED_LIMIT),
            (given.second_moment, given.gap_from_zero, given.fixed_step),
            follows=Instance(
                Chained(Cite("qsparse_local_sgd/eq-C.14/line-1"), Cite("qsparse_local_sgd/eq-C.14/line-2", improved=True)), FIXED
            ),
            arena="deviation",
            setting=FIXED_MEMORY,
        ),
        relies=("qsparse_local_sgd/definition-8", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.13",
        "equation",
        "section 3.5.1, (3.13)",
        "One step of descent with every price bounded, fixed step.",
        latex=(
            r"\frac{\eta}{4R} \sum_{r=1}^R \mathbb{E} \|\nabla f(\widehat{\mathbf{x}}_t^{(r)})\|_2^2 &\leq "
            r"\mathbb{E}[f(\widetilde{\mathbf{x}}_t)] - \mathbb{E}[f(\widetilde{\mathbf{x}}_{t+1})] + \frac{\eta^2 L}{bR^2} "
            r"\sum_{r=1}^R \sigma_r^2 + 8 \frac{\eta^3(1-\gamma^2)}{\gamma^2} L^2 G^2 H^2 \\ &\quad + 2\eta^3 L^2 G^2 H^2",
        ),
        readings=printed(
            FIXED_DESCENT,
            (*SMOOTH_RUN, given.fixed_step, given.fixed_step_at_most_half),
            follows=Using(Instance(Cite("qsparse_local_sgd/eq-3.9"), FIXED), (INDEPENDENT, LAG_FIXED, Cite("qsparse_local_sgd/lemma-7"))),
            arena="run",
            setting=FIXED_RUN,
        ),
        improvement=Reading(
            "improved: by the improved (3.9) and Lemmas 5 and 7",
            FIXED_DESCENT_LIMIT,
            (*SMOOTH_RUN, given.fixed_step, given.fixed_step_at_most_half),
            follows=Using(
                Instance(Cite("qsparse_local_sgd/eq-3.9", improved=True), FIXED),
                (INDEPENDENT, LAG_FIXED_LIMIT, Cite("qsparse_local_sgd/lemma-7", improved=True)),
            ),
            arena="run",
            setting=FIXED_RUN,
        ),
        loose="a step 1/(2L) without lag, deviation and noise gains 3/4 eta ||grad f||^2, of which 1/2 is kept so that the others cost 2 "
        "and 4: hence 2/3. What is best to keep depends on the gradient; over a run it can be solved for, which is the improved (3.14)",
    ),
    Claim(
        "qsparse_local_sgd/eq-3.14",
        "equation",
        "section 3.5.1, (3.14)",
        "The mean squared gradient over a run with a fixed step.",
        latex=(
            r"\frac{1}{RT} \sum_{t=0}^{T-1} \sum_{r=1}^R \mathbb{E} \|\nabla f(\widehat{\mathbf{x}}_t^{(r)})\|_2^2 &\leq "
            r"\frac{4(\mathbb{E}[f(\widetilde{\mathbf{x}}_0)] - f^*)}{\eta T} + \frac{4\eta L}{bR^2} \sum_{r=1}^R \sigma_r^2 + 32 "
            r"\frac{\eta^2(1-\gamma^2)}{\gamma^2} L^2 G^2 H^2 \\ &\quad + 8\eta^2 L^2 G^2 H^2",
        ),
        letters=SUMMED,
        readings=printed(
            at_most(
                GRADIENTS,
                4 * initial_gap / (eta * T)
                + 4 * eta * L * VARIANCE
                + 32 * eta**2 * (1 - gamma**2) / gamma**2 * L**2 * G**2 * H**2
                + 8 * eta**2 * L**2 * G**2 * H**2,
            ),
            (*SMOOTH_RUN, given.fixed_step, given.fixed_step_at_most_half),
            follows=mean_gradient(Cite("qsparse_local_sgd/eq-3.13")),
            arena="run",
            setting=FIXED_RUN,
        ),
        improvement=Reading(
            "improved: by the improved (3.13), or the root of all that is known of the gradient, whichever is smaller",
            FIXED_LOWEST,
            (*SMOOTH_RUN, given.fixed_step, given.fixed_step_at_most_half),
            follows=Joined((mean_gradient(Cite("qsparse_local_sgd/eq-3.13", improved=True), 2), solved_fixed())),
            arena="run",
            setting=FIXED_RUN,
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.15",
        "equation",
        "section 3.5.2, (3.15)",
        "The distance to the minimiser after a step, mean and noise apart.",
        latex=(
            r"\|\tilde{\mathbf{x}}_{t+1} - \mathbf{x}^*\|_2^2 = \|\tilde{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{p}}_t\|_2^2 "
            r"+ \eta_t^2 \|\mathbf{p}_t - \bar{\mathbf{p}}_t\|_2^2 - 2\eta_t \langle \tilde{\mathbf{x}}_t - \mathbf{x}^* - \eta_t "
            r"\bar{\mathbf{p}}_t, \mathbf{p}_t - \bar{\mathbf{p}}_t \rangle",
        ),
        letters=STEP_LETTERS,
        readings=printed(NOISY_DISTANCE, follows=Certified(NOISY_DISTANCE), arena="step"),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.16",
        "equation",
        "section 3.5.2, (3.16); proof C.7",
        "One step towards the minimiser, in expectation.",
        latex=(
            r"\mathbb{E}\|\tilde{\mathbf{x}}_{t+1} - \mathbf{x}^*\|_2^2 &\leq \left(1 - \frac{\mu\eta_t}{2}\right) "
            r"\mathbb{E}\|\tilde{\mathbf{x}}_t - \mathbf{x}^*\|_2^2 - \frac{\eta_t\mu}{2L}e_t + \eta_t \left(\frac{3\mu}{2} + 3L\right) "
            r"\mathbb{E}\|\hat{\mathbf{x}}_t - \tilde{\mathbf{x}}_t\|_2^2 \\ &\quad + \frac{3\eta_t L}{R} \sum_{r=1}^R "
            r"\mathbb{E}\|\hat{\mathbf{x}}_t - \hat{\mathbf{x}}_t^{(r)}\|_2^2 + \eta_t^2 \frac{\sum_{r=1}^R \sigma_r^2}{bR^2}",
        ),
        readings=printed(
            CONVEX_STEP_BOUND,
            (given.smooth, given.strongly_convex, given.variance, given.batches, given.step_at_most_quarter),
            follows=Cite("qsparse_local_sgd/eq-C.40"),
            arena="run",
            setting=CONVEX_SETTING,
        ),
        improvement=Reading(
            "improved: by the improved (C.40)",
            CONVEX_STEP_LIMIT,
            (given.smooth, given.strongly_convex, given.variance, given.batches, given.step_at_most_quarter),
            follows=Cite("qsparse_local_sgd/eq-C.40", improved=True),
            arena="run",
            setting=CONVEX_SETTING,
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-8",
        "lemma",
        "section 3.5.2, (3.17); proof C.5",
        "With a decaying step the local iterates come closer to their mean, like the square of the step.",
        latex=(r"\frac{1}{R} \sum_{r=1}^R \mathbb{E}\|\hat{\mathbf{x}}_t - \hat{\mathbf{x}}_t^{(r)}\|_2^2 \leq 4\eta_t^2 G^2 H^2",),
        readings=LEMMA_8_READINGS,
        improvement=LEMMA_8_LIMIT,
        relies=("qsparse_local_sgd/definition-8", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.18",
        "equation",
        "section 3.5.2, (3.18)",
        "One step towards the minimiser with every price bounded.",
        latex=(
            r"\mathbb{E}\|\tilde{\mathbf{x}}_{t+1} - \mathbf{x}^*\|_2^2 &\leq \left(1 - \frac{\mu\eta_t}{2}\right) "
            r"\mathbb{E}\|\tilde{\mathbf{x}}_t - \mathbf{x}^*\|_2^2 - \frac{\mu\eta_t}{2L}e_t + \eta_t \left(\frac{3\mu}{2} + 3L\right) "
            r"C \frac{4\eta_t^2}{\gamma^2} G^2 H^2 \\ &\quad + (3\eta_t L) 4\eta_t^2 L G^2 H^2 + \eta_t^2 \frac{\sum_{r=1}^R "
            r"\sigma_r^2}{bR^2}",
        ),
        readings=printed(BOUNDED_STEP, CONVEX, follows=BOUNDED, arena="run", setting=CONVEX_SETTING),
        correction=Reading("corrected: L once", BOUNDED_STEP_CORRECTED, CONVEX, follows=BOUNDED, arena="run", setting=CONVEX_SETTING),
        improvement=RECURSION_LIMIT,
        misprint="(3 eta_t L) 4 eta_t^2 L G^2 H^2 has one L too many",
    ),
    Claim(
        "qsparse_local_sgd/eq-3.19",
        "equation",
        "section 3.5.2, (3.19)",
        "The same as a recursion with constants A and B.",
        latex=(r"a_{t+1} \leq \left(1 - \frac{\mu\eta_t}{2}\right) a_t - \frac{\mu\eta_t}{2L}e_t + \eta_t^2 A + \eta_t^3 B",),
        letters={"B": DRIFT},
        readings=printed(recursion(VARIANCE, DRIFT), CONVEX, follows=BOUNDED, arena="run", setting=CONVEX_SETTING),
        correction=Reading(
            "corrected: 3 L for 3 L^2 in B",
            recursion(VARIANCE, DRIFT_CORRECTED),
            CONVEX,
            follows=BOUNDED,
            arena="run",
            setting=CONVEX_SETTING,
        ),
        improvement=RECURSION_LIMIT,
        misprint="B mixes units: 3 L^2 G^2 H^2 should be 3 L G^2 H^2",
    ),
    Claim(
        "qsparse_local_sgd/sec-3.5.2/weights",
        "text",
        "section 3.5.2, before (3.20)",
        "The weights add up to at least T^3 / 3.",
        latex=(r"S_T = \sum_{t=0}^{T-1} \geq \frac{T^3}{3}",),
        unparsed="what is summed is not printed; read twice",
        readings=printed(at_least(S_T.doit(), T**3 / 3), (given.shift_above_one,)),
        misprint="the summand w_t is missing",
        restates="qsparse_local_sgd/theorem-2/weights",
    ),
    Claim(
        "qsparse_local_sgd/eq-3.20",
        "equation",
        "section 3.5.2, (3.20)",
        "The weighted sum of the function gaps, for any A and B of such a recursion.",
        latex=(
            r"\frac{\mu}{2LS_T} \sum_{t=0}^{T-1} w_t e_t \leq \frac{\mu a^3}{8S_T} a_0 + \frac{4T(T+2a)}{\mu S_T} A + \frac{64T}{\mu^2 "
            r"S_T} B",
        ),
        letters=RECURSION_LETTERS,
        readings=printed(
            WEIGHTED_SUM,
            (given.strongly_convex_step, given.shift_above_one),
            follows=Cite("qsparse_local_sgd/eq-C.44"),
            arena="recursion",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-3.21",
        "equation",
        "section 3.5.2, (3.21)",
        "The function gap of the weighted mean, for any A and B of such a recursion.",
        latex=(r"\mathbb{E}f(\bar{\mathbf{x}}_T) - f^* \leq \frac{La^3}{4S_T}a_0 + \frac{8LT(T+2a)}{\mu^2S_T}A + \frac{128LT}{\mu^3S_T}B",),
        letters=RECURSION_LETTERS,
        readings=printed(
            WEIGHTED_MEAN,
            (given.strongly_convex_step, given.shift_above_one, given.convex),
            follows=Cite("qsparse_local_sgd/eq-C.45"),
            arena="recursion",
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-3.6/gap-non-convex",
        "text",
        "section 3.6",
        "How rarely workers may synchronise, smooth functions.",
        latex=(r"H = \mathcal{O}(\gamma T^{1/4}/(bR)^{3/4})",),
        readings=(Reading("as printed", **largest_gap(NON_CONVEX_TERMS, NON_CONVEX_GAP)),),
        restates="qsparse_local_sgd/corollary-2/gap",
    ),
    Claim(
        "qsparse_local_sgd/sec-3.6/gap",
        "text",
        "section 3.6",
        "How rarely workers may synchronise, strongly convex functions.",
        latex=(r"H = \mathcal{O}(\gamma\sqrt{T/(bR)})",),
        readings=(Reading("as printed", **largest_gap(CONVEX_TERMS, CONVEX_GAP)),),
    ),
    Claim(
        "qsparse_local_sgd/sec-3.6/savings",
        "text",
        "section 3.6",
        "Bits saved over the state of the art; sections 5.3.2 and 5.4.3 print other factors.",
        latex=(r"15-20 times",),
        unparsed="numbers in running text; read twice",
        readings=SAVED_AS_PRINTED,
        correction=SAVED,
        misprint="15-20, where chapter 5 has 16 on ImageNet and 10-15 on MNIST",
    ),
    # Table 5.1
    Claim(
        "qsparse_local_sgd/table-5.1",
        "table",
        "section 5.2, Table 5.1",
        "Rates, largest gaps and smallest horizons of synchronous operation; one cell contradicts the derivation.",
        latex=(r"\mathcal{O}(\gamma\sqrt{T}/(bR))",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(
            Reading("as printed", says="the strongly convex gap; the other cells stand", **largest_gap(CONVEX_TERMS, CONVEX_GAP_PRINTED)),
        ),
        correction=Reading("corrected: the root takes b R in", **largest_gap(CONVEX_TERMS, CONVEX_GAP)),
        misprint="sqrt(T) / (b R) for sqrt(T / (b R)); the table's own last column, T = Omega(H^2 b R / gamma^2), gives the latter",
        relies=(
            "qsparse_local_sgd/table-5.1/non-convex-gap",
            "qsparse_local_sgd/table-5.1/non-convex-horizon",
            "qsparse_local_sgd/table-5.1/strongly-convex-gap",
            "qsparse_local_sgd/table-5.1/strongly-convex-horizon",
        ),
    ),
    Claim(
        "qsparse_local_sgd/table-5.1/non-convex-rate",
        "table",
        "section 5.2, Table 5.1, first row, rate",
        "The rate at the largest gap, smooth functions.",
        latex=(r"\mathcal{O}(1/\sqrt{bRT})",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=NON_CONVEX_RATE,
        restates="qsparse_local_sgd/corollary-2/rate",
    ),
    Claim(
        "qsparse_local_sgd/table-5.1/non-convex-gap",
        "table",
        "section 5.2, Table 5.1, first row, H",
        "The largest gap, smooth functions.",
        latex=(r"\mathcal{O}(\gamma T^{1/4}/(bR)^{3/4})",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **largest_gap(NON_CONVEX_TERMS, NON_CONVEX_GAP)),),
        restates="qsparse_local_sgd/corollary-2/gap",
    ),
    Claim(
        "qsparse_local_sgd/table-5.1/non-convex-horizon",
        "table",
        "section 5.2, Table 5.1, first row, T",
        "The smallest horizon for a given gap, smooth functions.",
        latex=(r"\Omega(H^4(bR)^3/\gamma^4)",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **smallest_horizon(NON_CONVEX_TERMS, H**4 * (b * R) ** 3 / gamma**4)),),
    ),
    Claim(
        "qsparse_local_sgd/table-5.1/strongly-convex-rate",
        "table",
        "section 5.2, Table 5.1, second row, rate",
        "The rate at the largest gap, strongly convex functions.",
        latex=(r"\mathcal{O}(1/bRT)",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=CONVEX_RATE,
        restates="qsparse_local_sgd/corollary-3/rate",
    ),
    Claim(
        "qsparse_local_sgd/table-5.1/strongly-convex-gap",
        "table",
        "section 5.2, Table 5.1, second row, H",
        "The largest gap, strongly convex functions.",
        latex=(r"\mathcal{O}(\gamma\sqrt{T}/(bR))",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **largest_gap(CONVEX_TERMS, CONVEX_GAP_PRINTED)),),
        correction=Reading("corrected: the root takes b R in", **largest_gap(CONVEX_TERMS, CONVEX_GAP)),
        misprint="sqrt(T) / (b R) for sqrt(T / (b R))",
        restates="qsparse_local_sgd/corollary-3/gap",
    ),
    Claim(
        "qsparse_local_sgd/table-5.1/strongly-convex-horizon",
        "table",
        "section 5.2, Table 5.1, second row, T",
        "The smallest horizon for a given gap, strongly convex functions.",
        latex=(r"\Omega(H^2(bR)/\gamma^2)",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **smallest_horizon(CONVEX_TERMS, H**2 * b * R / gamma**2)),),
    ),
)
