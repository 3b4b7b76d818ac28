"""What the statements and the proofs of local SGD share: bounds, hypotheses in force, letters, and the derivation of Theorem 2.2.

All workers have the same f. Nothing is compressed, so the mean of the local iterates is both `x_hat.mean` and the virtual iterate.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.claim import Fact, Hypothesis, Reading, Relation, at_most, equals
from theory.rules import (
    Cases,
    Certified,
    Chained,
    Cite,
    Combined,
    Expected,
    Granted,
    Inducted,
    Instance,
    Isolated,
    Joined,
    Reindexed,
    Rule,
    Using,
    Weakened,
    WeightedSum,
    instantiate,
    scaled,
)
from theory.samples import uncorrelated, variances_add
from theory.scenes import (
    above_paraboloid,
    below_paraboloid,
    f_hat,
    f_min,
    fact,
    g_hat,
    g_mean,
    lipschitz,
    local_f_hat,
    next_f_hat,
    noise,
    p_bar,
    spread,
    x_hat,
)
from theory.symbols import (
    S_T,
    G,
    H,
    L,
    R,
    T,
    a,
    b,
    deviation_sq,
    drift_term,
    drop,
    eta,
    eta_of,
    eta_t,
    function_gap,
    mu,
    n,
    noise_sq,
    output_gap,
    sigma_max,
    start_distance_sq,
    t,
    t_i,
    variance_term,
    virtual_distance_sq,
)
from theory.vectors import Vector, average_dot, average_norm_sq, dot, norm_sq, worker_vector

MEAN = x_hat.mean  # x_bar_t - x*
STEPPED = MEAN - eta * (p_bar + noise)  # x_bar_{t+1} - x*
MOVED = norm_sq(MEAN - eta * p_bar)
GAP, LOCAL_GAP = f_hat - f_min, local_f_hat - f_min
NEXT_DISTANCE, NEXT_GAP = virtual_distance_sq.subs(t, t + 1), function_gap.subs(t, t + 1)
STEP_I = eta_of(t_i)  # the step at the last synchronisation
FOUR = {eta_t: 4 / (mu * (a + t))}
SQUARED_GAPS = sp.Sum((a + t) ** 2 * function_gap, (t, 0, T - 1))
VARIANCE = sigma_max**2 / R

# Hypotheses in force
PROBLEM = (given.smooth, given.strongly_convex, given.same_function)
RUN = (*PROBLEM, given.variance, given.second_moment, given.gap_from_zero, given.four_over_mu_step)
THEOREM = (*RUN, given.shift_above_four_condition, given.shift_above_gap_over_mu)
EVERY_GAP = (*RUN, given.shift_at_least_four_condition)  # what the theorem needs
VARIANCE_ALONE = tuple(each for each in EVERY_GAP if each is not given.second_moment)  # what its improvement needs
PROOF = (*RUN, given.shift_above_sixteen_condition, given.shift_above_gap)  # what the four lemmas need
ONE_STEP = (given.smooth, given.strongly_convex, given.same_function, given.fixed_step_at_most_quarter)
DEVIATION = (given.second_moment, given.gap_from_zero)

SETTING = {"step": "four over mu"}
ALIKE = {"identical": True}


def printed(relation: Relation, hypotheses: tuple[Hypothesis, ...] = (), **how: Any) -> tuple[Reading, ...]:
    """The only reading of a statement that can be read in one way."""
    return (Reading("as printed", relation, hypotheses, **how),)


def vanishes(difference: Vector) -> Relation:
    """An identity of vectors (one a worker) as a mean squared distance of zero."""
    return equals(average_norm_sq(difference), 0)


# What the hypotheses grant in one step
GRANTED = {
    "small_gradient": ("f is L-smooth and smallest at x*: at the local iterates", 2 * L * LOCAL_GAP - average_norm_sq(g_hat)),
    "local_strong": (
        "f is mu-strongly convex: at the local iterates and x*",
        average_dot(g_hat, x_hat) - LOCAL_GAP - mu / 2 * average_norm_sq(x_hat),
    ),
    "jensen": ("f is convex: at the mean iterate", local_f_hat - f_hat),
    "minimum": ("f is smallest at x*", GAP),
    "unbiased": ("the noise has mean zero", dot(MEAN - eta * p_bar, noise)),
    "to_the_mean": ("f is L-smooth: from the local iterates to their mean", below_paraboloid(f_hat, local_f_hat, g_hat, MEAN - x_hat)),
    "descent": (
        "f is L-smooth, in expectation over the noise: along the step of the mean",
        f_hat - eta * dot(g_mean, p_bar) + L * eta**2 / 2 * (norm_sq(p_bar) + norm_sq(noise)) - next_f_hat,
    ),
    "lipschitz": ("f has an L-Lipschitz gradient: at the local iterates and their mean", lipschitz(g_hat - g_mean, x_hat - MEAN)),
    "small_mean_gradient": ("f is L-smooth and smallest at x*: at the mean iterate", 2 * L * GAP - norm_sq(g_mean)),
    "interpolated": (
        "f is mu-strongly convex and L-smooth: f - (mu / 2) ||.||^2 is convex and (L - mu)-smooth, at the local iterates and x*",
        average_dot(g_hat, x_hat) - (1 - mu / L) * LOCAL_GAP - mu / 2 * average_norm_sq(x_hat) - average_norm_sq(g_hat) / (2 * L),
    ),
    "from_the_mean": ("f is L-smooth: from the mean to the local iterates", GAP + L / 2 * spread - LOCAL_GAP),
    "alike": (
        "given the last synchronisation workers are independent and alike, so E <x_j, x_k> = ||E x||^2 is not negative",
        norm_sq(MEAN) - average_norm_sq(x_hat) / R,
    ),
    "second_moment": ("second moment at most G^2, so the squared gradient too", G**2 - average_norm_sq(g_hat)),
    "steep": ("f is mu-strongly convex: local iterates and x*", average_dot(g_hat, x_hat) - mu * average_norm_sq(x_hat)),
    "from_the_minimiser": ("f is L-smooth: from x* to the mean iterate", L / 2 * norm_sq(MEAN) - GAP),
    "tangent": (
        "f lies above its tangent at the mean iterate",
        above_paraboloid(local_f_hat, f_hat, g_mean, x_hat - MEAN, sp.Integer(0)),
    ),
}


def granted(**multipliers: object) -> tuple[Any, ...]:
    """Facts with their multipliers in a certificate."""
    return tuple(fact(*GRANTED[name], factor, name == "unbiased") for name, factor in multipliers.items())


# Lemma 3.1
LEMMA_3_1_STEP = at_most(norm_sq(STEPPED), (1 - mu * eta) * norm_sq(MEAN) + eta**2 * norm_sq(noise) - eta / 2 * GAP + 2 * eta * L * spread)
LEMMA_3_1_FACTS = {
    "small_gradient": eta**2 + eta / (2 * L),
    "local_strong": 2 * eta,
    "jensen": eta - 2 * eta**2 * L,
    "minimum": eta / 2 - 2 * eta**2 * L,
    "unbiased": 2 * eta,
}


def expected(relation: Relation, step: sp.Expr, **multipliers: object) -> Rule:
    """What a relation about one step of the mean, certified, says of a run with the given step at t."""
    measured = {
        norm_sq(STEPPED): NEXT_DISTANCE, norm_sq(MEAN): virtual_distance_sq, norm_sq(noise): noise_sq, GAP: function_gap,
        next_f_hat - f_min: NEXT_GAP, spread: deviation_sq,
    }  # fmt: skip
    at = {eta: step}
    return Expected(Certified(relation, granted(**multipliers), at), {key.subs(at): quantity for key, quantity in measured.items()})


LEMMA_3_1 = at_most(
    NEXT_DISTANCE,
    (1 - mu * eta_t) * virtual_distance_sq + eta_t**2 * noise_sq - eta_t / 2 * function_gap + 2 * eta_t * L * deviation_sq,
)
SHARP_3_1_STEP = at_most(
    norm_sq(STEPPED),
    (1 - mu * eta) * norm_sq(MEAN) + eta**2 * norm_sq(noise) - 2 * eta * (1 - mu * eta) * GAP + eta * L * (1 + mu * eta) * spread,
)
SHARP_3_1_FACTS = {
    "interpolated": 2 * eta**2 * L,
    "local_strong": 2 * eta * (1 - eta * L),
    "to_the_mean": 2 * eta,
    "from_the_mean": 2 * eta**2 * mu,
    "unbiased": 2 * eta,
}
SHARP_3_1 = at_most(
    NEXT_DISTANCE,
    (1 - mu * eta_t) * virtual_distance_sq
    + eta_t**2 * noise_sq
    - 2 * eta_t * (1 - mu * eta_t) * function_gap
    + eta_t * L * (1 + mu * eta_t) * deviation_sq,
)
LEMMA_3_2 = at_most(noise_sq, VARIANCE)
LEMMA_3_3 = at_most(deviation_sq, 4 * eta_t**2 * G**2 * H**2)
SHARP_3_3 = at_most(deviation_sq, sp.Rational(9, 4) * eta_t**2 * G**2 * (H - 1) ** 2)
SHARED = 1 - 1 / R  # what independent workers that are alike deviate by, of their mean square
INDEPENDENT = variances_add(noise_sq, sigma_max**2, R)
BATCHED = variances_add(noise_sq, sigma_max**2, R, b)


# From a recursion like (12) to a weighted sum
def recursion(share: sp.Expr, first: sp.Expr, second: sp.Expr) -> Relation:
    """(12) for given A, B, C."""
    return at_most(
        NEXT_DISTANCE, (1 - mu * eta_t) * virtual_distance_sq - eta_t * share * function_gap + eta_t**2 * first + eta_t**3 * second
    )


def sum_bound(share: sp.Expr, first: sp.Expr, second: sp.Expr) -> Relation:
    """(13) for given A, B, C."""
    return at_most(
        share / S_T * SQUARED_GAPS,
        mu * a**3 / (4 * S_T) * start_distance_sq + 2 * T * (T + 2 * a) / (mu * S_T) * first + 16 * T / (mu**2 * S_T) * second,
    )


STARTED_AT = Granted(equals(virtual_distance_sq.subs(t, 0), start_distance_sq), by="all workers start at x_0")
OUTPUT = Granted(at_most(output_gap, SQUARED_GAPS / S_T), by="Jensen: f is convex, x_hat_T a mean with weights w_t / S_T")
ANY_RECURSION = Granted(recursion(drop, variance_term, drift_term), by="(12), whatever A, B and C")


def weighted(of: Rule) -> Rule:
    """(13) from a recursion like (12): weights w_t over the step, over their sum."""
    total = WeightedSum(Instance(of, FOUR), virtual_distance_sq, mu * (a + t) ** 3 / 4, t, T, (function_gap,))
    return scaled(Using(total, (STARTED_AT,)), 1 / S_T)


# Theorem 2.2
def theorem(variance: sp.Expr) -> Relation:
    """(6) for a given sigma^2 / K."""
    return at_most(
        output_gap,
        mu * a**3 / (2 * S_T) * start_distance_sq + 4 * T * (T + 2 * a) / (mu * S_T) * variance + 256 * T / (mu**2 * S_T) * G**2 * H**2 * L,
    )


THEOREM_2_2 = theorem(VARIANCE)
DRIFTED = SHARED * (H - 1) ** 2 * G**2 * L
STRAYED = SHARED * (H - 1) * sigma_max**2  # what noise alone drives workers apart by, over the squared step


def halved_theorem(drift: sp.Expr) -> Relation:
    """(6) with half of its first two terms and a given third."""
    return at_most(
        output_gap,
        mu * a**3 / (4 * S_T) * start_distance_sq + 2 * T * (T + 2 * a) / (mu * S_T) * VARIANCE + T / (mu**2 * S_T) * drift,
    )


def sharp_theorem(batch: sp.Expr = sp.S.One) -> Relation:
    """(6) with a quarter of its first two terms, the second nearly so, and (1 - 1/K) (H - 1) sigma^2 for G^2 H^2 in the third."""
    return at_most(
        output_gap,
        mu * a**3 / (8 * S_T) * start_distance_sq
        + T * (T + 2 * a + 15) / (mu * S_T) * VARIANCE / batch
        + (8 + 168 / a) * T / (mu**2 * S_T) * STRAYED * L / batch,
    )


RECURSION = Using(Cite("local_sgd/lemma-3.1"), (Cite("local_sgd/lemma-3.2"), Cite("local_sgd/lemma-3.3/any-numerator")))
BY_THE_LEMMAS = Isolated(Combined((OUTPUT, weighted(RECURSION)), (1, 2)), output_gap)

# Its proof for every a >= 4 kappa, whatever H. While a + t is small beside H, strong convexity bounds the deviation; later the step
# changes by little between synchronisations. Steps up to 1 / L need the function gap after the step beside the one before it.
FAR = Expected(Certified(at_most(spread, G**2 / mu**2), granted(second_moment=1 / mu**2, steep=2 / mu)), {spread: deviation_sq})
STRETCH = Chained(Cite("local_sgd/eq-30"), Cite("local_sgd/eq-32"))


def near(constant: Any) -> Rule:
    """Deviation at most constant times eta_t^2 G^2 H^2, for steps 4 / (mu (a + t)) and any a, from 25/16 on."""
    either = Joined((FAR, Instance(STRETCH, {STEP_I: 4 / (mu * (a + t_i))})))
    return Weakened(either, at_most(deviation_sq, constant * 16 * G**2 * H**2 / (mu**2 * (a + t) ** 2)), (given.last_synchronisation,))


# Its proof for every a > 1: steps longer than 1 / (4 L) are bounded by gradients and strong convexity, so 1 <= 4 L eta pays for them
REMAINDER = 56 * L**3 / mu**2 * eta**3 * G**2
ANY_STEP = at_most(norm_sq(STEPPED), LEMMA_3_1_STEP.rhs + REMAINDER)
LONGER_FACTS = {
    "second_moment": eta**2 + 3 * eta / mu + eta * L / (4 * mu**2),
    "steep": 4 * eta + eta * L / (2 * mu),
    "from_the_minimiser": eta / 2,
    "unbiased": 2 * eta,
}
ANY_STEP_RECURSION = Using(
    Cases(
        instantiate(at_most(NEXT_DISTANCE, LEMMA_3_1.rhs + REMAINDER.subs(eta, eta_t)), FOUR),
        (a + t >= 16 * L / mu, a + t <= 16 * L / mu),
        (expected(LEMMA_3_1_STEP, FOUR[eta_t], **LEMMA_3_1_FACTS), expected(ANY_STEP, FOUR[eta_t], **LONGER_FACTS)),
    ),
    (Cite("local_sgd/lemma-3.2"), near(4)),
)
REVOKED = at_most(
    output_gap,
    mu * a**3 / (2 * S_T) * start_distance_sq
    + 4 * T * (T + 2 * a) / (mu * S_T) * VARIANCE
    + 256 * T / (mu**2 * S_T) * G**2 * (H**2 + 7 * L**2 / mu**2) * L,
)

# The same with what workers that are alike share, and without the iteration that synchronises
SHARP_FAR = Expected(
    Certified(at_most(spread, SHARED * G**2 / mu**2), granted(second_moment=SHARED / mu**2, steep=2 * SHARED / mu, alike=1)),
    {spread: deviation_sq},
)
SHARP_STRETCH = Isolated(
    Combined((Cite("local_sgd/eq-30", improved=True), Cite("local_sgd/eq-32", improved=True)), (1, SHARED)), deviation_sq
)
SHARP_NEAR = Weakened(
    Joined((SHARP_FAR, Instance(SHARP_STRETCH, {STEP_I: 4 / (mu * (a + t_i))}))),
    at_most(deviation_sq, 25 * SHARED * G**2 * (H - 1) ** 2 / (mu**2 * (a + t) ** 2)),
    (given.between_synchronisations,),
)  # whatever a
SHARP_12 = instantiate(recursion(sp.Integer(1), VARIANCE, 2 * STRAYED * L), FOUR)
LONG_STEP = at_most(
    norm_sq(STEPPED) + 2 * eta * (next_f_hat - f_min),
    (1 - mu * eta) * norm_sq(MEAN) + sp.Rational(7, 25) * eta * GAP + sp.Rational(71, 7) * eta * L * spread + 2 * eta**2 * norm_sq(noise),
)
LONG_STEP_FACTS = {
    "local_strong": 2 * eta,
    "to_the_mean": 2 * eta,
    "descent": 2 * eta,
    "lipschitz": sp.Rational(64, 7) * eta**2,
    "small_mean_gradient": sp.Rational(7, 50) * eta**2,
    "minimum": sp.Rational(7, 25) * eta * (1 - eta * L),
    "unbiased": 2 * eta,
}
START_GAP = Expected(
    Certified(at_most(GAP, L / 2 * norm_sq(MEAN)), granted(from_the_minimiser=1)),
    {GAP: function_gap.subs(t, 0), norm_sq(MEAN): start_distance_sq},
)


def by_long_steps(noise_bound: Rule, variance: sp.Expr) -> Rule:
    """Theorem 2.2 for a given bound on the variance of the mean stochastic gradient."""
    one_step = Isolated(expected(LONG_STEP, FOUR[eta_t], **LONG_STEP_FACTS), NEXT_DISTANCE)
    bounded = Using(one_step, (noise_bound, near(sp.Rational(25, 16))))
    total = WeightedSum(bounded, virtual_distance_sq, mu * (a + t) ** 3 / 4, t, T, (NEXT_GAP, function_gap))
    own = Using(Reindexed(total, function_gap, (a + t) ** 2, t, T), (STARTED_AT, START_GAP))
    goal = at_most(
        SQUARED_GAPS,
        mu * a**3 / 2 * start_distance_sq + 4 * T * (T + 2 * a) / mu * variance + 256 * T / mu**2 * G**2 * H**2 * L,
    )
    return Isolated(Combined((OUTPUT, scaled(Weakened(own, goal), 1 / S_T)), (1, 1)), output_gap)


# Workers with one convex f are driven apart by their noise alone: a step of at most 1 / L brings any two of them closer
_own_noise = worker_vector("noise_of_each")
_own_noise_sq = sp.Symbol("own_noise_sq", real=True, nonnegative=True)


def stray_step(step: sp.Expr) -> tuple[Relation, tuple[Fact, ...]]:
    """What one step, with the noise of each worker, makes of their deviation, and the facts that certify it."""
    slopes, moved = average_dot(g_hat.deviation, x_hat.deviation), x_hat - step * (g_hat + _own_noise)
    price = SHARED * step**2
    relation = at_most(average_norm_sq(moved.deviation), (1 - mu * step) * spread + price * _own_noise_sq)
    facts = (
        fact("f is mu-strongly convex: at the iterates of every two workers", slopes - mu * spread, step * (2 - step * L)),
        fact("f is convex and L-smooth: at the iterates of every two workers", L * slopes - average_norm_sq(g_hat.deviation), step**2),
        fact("variance of a worker's gradient", _own_noise_sq - average_norm_sq(_own_noise), price),
        fact(
            "the noise of each worker has mean zero, whatever was before",
            average_dot((x_hat - step * g_hat).deviation, _own_noise.deviation),
            2 * step,
            True,
        ),
        uncorrelated(_own_noise, R, step**2 / R),
    )
    return relation, facts


LATEST = sp.Max(a, a + t - 1)  # 4 / mu over the step before the last


def strays(batch: sp.Expr = sp.S.One) -> Rule:
    """Deviation at most (1 - 1/K) (H - 1) sigma^2 / b times the squared step before, 16 / (mu (a + t - 1))^2, for every a >= 4 kappa.

    Induction over the n iterations since the last synchronisation; at t = 0 there is none before, and no deviation.
    """
    step, facts = stray_step(FOUR[eta_t])
    stepped = Expected(Certified(step, facts), {step.lhs: deviation_sq.subs(t, t + 1), spread: deviation_sq})
    sampled = variances_add(_own_noise_sq, sigma_max**2, sp.S.One, batch)
    since = Instance(Using(stepped, (sampled,)), {t: t_i + n})
    together = Granted(equals(deviation_sq.subs(t, t_i), 0), by="workers hold one iterate where they synchronise, and at the start")
    bound = 16 * n * SHARED * sigma_max**2 / (batch * mu**2 * (a + t_i + n - 1) ** 2)
    grown = Inducted(since, together, deviation_sq.subs(t, t_i + n), n, bound, bound.subs(n, n + 1))
    return Weakened(
        Instance(grown, {t_i: t - n}),
        at_most(deviation_sq, 16 * STRAYED / (batch * mu**2 * LATEST**2)),
        (given.n_since_synchronisation, given.since_synchronisation),
    )


SHARPLY_STRAYED = Cite("local_sgd/sec-3/deviation", improved=True)
SHARP_RECURSION = Weakened(
    Instance(Using(Cite("local_sgd/lemma-3.1", improved=True), (Cite("local_sgd/lemma-3.2"), SHARPLY_STRAYED)), FOUR), SHARP_12
)

# Sharply for every a >= 4 kappa: the weights are those over the share of the squared distance that a step keeps, so nothing of Lemma 3.1 is
# lost. Before a + t = 8 that share may be nothing; the gap is at most L / 2 times the squared distance, and half of both is kept instead.
KEPT_SHARE = sp.Max(1 - 4 / (a + t), sp.S.Half)
EARLY_STEP = at_most(
    norm_sq(STEPPED),
    (1 - mu * eta + eta * L * (2 * mu * eta - 1) / 2) * norm_sq(MEAN)
    + eta**2 * norm_sq(noise)
    - eta * GAP
    + eta * L * (1 + mu * eta) * spread,
)
EARLY_FACTS = SHARP_3_1_FACTS | {"from_the_minimiser": eta * (2 * mu * eta - 1)}


def by_sharp_steps(noise_bound: Rule, strayed: Rule = SHARPLY_STRAYED) -> Rule:
    """The improved Theorem 2.2 for given bounds on the variance of the mean stochastic gradient and on the deviation."""
    to = at_most(
        NEXT_DISTANCE,
        KEPT_SHARE
        * (
            virtual_distance_sq
            - 2 * FOUR[eta_t] * function_gap
            + (1 + 8 / (a + t)) * FOUR[eta_t] ** 2 * noise_sq
            + (1 + 21 / a) * FOUR[eta_t] * L * (LATEST / (a + t)) ** 2 * deviation_sq
        ),
    )
    late, early = Instance(Cite("local_sgd/lemma-3.1", improved=True), FOUR), expected(EARLY_STEP, FOUR[eta_t], **EARLY_FACTS)
    every = Cases(to, (a + t >= 8, a + t <= 8), (late, early))
    weight = mu * (a + t) ** 3 / (8 * KEPT_SHARE)
    total = WeightedSum(Using(every, (noise_bound, strayed)), virtual_distance_sq, weight, t, T, (function_gap,))
    return Isolated(Combined((OUTPUT, scaled(Using(total, (STARTED_AT,)), 1 / S_T)), (1, 1)), output_gap)


# And for every a > 1, where steps longer than 1 / (2 L) are paid for by gradients and strong convexity
SHARP_REMAINDER = 16 * L**3 / mu**2 * eta**3 * G**2
SHARP_ANY_STEP = at_most(
    norm_sq(STEPPED),
    (1 - mu * eta) * norm_sq(MEAN) + eta**2 * norm_sq(noise) - eta * GAP + SHARP_REMAINDER,
)
SHARP_LONGER_FACTS = {
    "second_moment": eta**2 + 3 * eta / mu + eta * L / (2 * mu**2),
    "steep": 4 * eta + eta * L / mu,
    "from_the_minimiser": eta,
    "unbiased": 2 * eta,
}
ANY_SHIFT_STEP = Cases(
    at_most(
        NEXT_DISTANCE,
        (1 - mu * FOUR[eta_t]) * virtual_distance_sq
        - FOUR[eta_t] * function_gap
        + FOUR[eta_t] ** 2 * noise_sq
        + sp.Rational(3, 2) * FOUR[eta_t] * L * deviation_sq
        + SHARP_REMAINDER.subs(eta, FOUR[eta_t]),
    ),
    (a + t >= 8 * L / mu, a + t <= 8 * L / mu),
    (
        expected(SHARP_3_1_STEP, FOUR[eta_t], **SHARP_3_1_FACTS),
        expected(SHARP_ANY_STEP, FOUR[eta_t], **SHARP_LONGER_FACTS),
    ),
)
SHARP_ANY_RECURSION = Using(ANY_SHIFT_STEP, (Cite("local_sgd/lemma-3.2"), SHARP_NEAR))
SHARPLY_REVOKED = halved_theorem(sp.Rational(75, 2) * DRIFTED + 256 * G**2 * L**3 / mu**2)
