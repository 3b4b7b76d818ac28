r"""Local SGD, Appendix A: the proofs of Lemmas 3.1 to 3.4, link by link, in the paper's order."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Reading, at_least, at_most, equals
from theory.local_sgd.common import (
    ALIKE,
    ANY_RECURSION,
    DEVIATION,
    FOUR,
    GAP,
    INDEPENDENT,
    LEMMA_3_1,
    LEMMA_3_2,
    LOCAL_GAP,
    MEAN,
    MOVED,
    ONE_STEP,
    PROBLEM,
    SETTING,
    SHARED,
    SQUARED_GAPS,
    STARTED_AT,
    STEP_I,
    STEPPED,
    granted,
    printed,
    vanishes,
)
from theory.rules import Certified, Cite, Combined, Expected, Granted, Instance, Isolated, Using, Weakened, WeightedSum
from theory.samples import uncorrelated
from theory.scenes import (
    above_paraboloid,
    below_paraboloid,
    f_shifted,
    f_x,
    f_y,
    fact,
    g_hat,
    g_star,
    g_x,
    noise,
    p_bar,
    spread,
    u,
    u_i,
    x,
    x_hat,
    y,
)
from theory.symbols import (
    S_T,
    G,
    H,
    L,
    R,
    T,
    a,
    deviation_sq,
    distance_weight,
    drift_term,
    drop,
    eta,
    eta_t,
    function_gap,
    local_progress_sq,
    loss_weight,
    mean_local_step_sq,
    mu,
    n,
    start_distance_sq,
    stretch_second_moment,
    t,
    t_i,
    variance_term,
    virtual_distance_sq,
)
from theory.vectors import average_dot, average_norm_sq, dot, norm_sq

WEIGHT = mu * (a + t) ** 3 / 4  # w_t / eta_t
SHIFTED_CUBE = (a + t - 4) * (a + t) ** 2
CROSS = -2 * eta * dot(MEAN, p_bar)
SPLIT = -2 * eta * average_dot(x_hat, g_hat) - 2 * eta * average_dot(MEAN - x_hat, g_hat)
SQUARED_GRADIENTS = average_norm_sq(g_hat)
STRONG = average_norm_sq(x_hat)
LAST = norm_sq(MEAN) - eta * mu * STRONG + 2 * eta * L * spread + 2 * eta * (eta * L - sp.Rational(1, 2)) * LOCAL_GAP
LATER = at_most(MOVED, (1 - mu * eta) * norm_sq(MEAN) - eta / 2 * GAP + 2 * eta * L * spread)
NOISY = equals(norm_sq(STEPPED), MOVED + eta**2 * norm_sq(noise) - 2 * eta * dot(MEAN - eta * p_bar, noise))
WEIGHTED_STEPS, WEIGHTED_SQUARES = 4 / mu * sp.Sum(a + t, (t, 0, T - 1)), 16 / mu**2 * sp.Sum(1, (t, 0, T - 1))
SUMS = {
    r"\frac{w_0}{\eta_0}": mu * a**3 / 4,
    r"\sum_{t=0}^{T-1} w_t \eta_t": WEIGHTED_STEPS,
    r"\sum_{t=0}^{T-1} w_t \eta_t^2": WEIGHTED_SQUARES,
}
SUMMED = WeightedSum(Instance(ANY_RECURSION, FOUR), virtual_distance_sq, WEIGHT, t, T, (function_gap,))
FROM_SYNCHRONISED = equals(average_norm_sq(u_i.mean - u_i), average_norm_sq((u_i - u) - (u_i.mean - u)))

PROGRESS = Using(
    Expected(
        Certified(at_most(n**2 * norm_sq(u_i.mean), n**2 * average_norm_sq(u_i))),
        {n**2 * norm_sq(u_i.mean): local_progress_sq, average_norm_sq(u_i): mean_local_step_sq},
    ),
    (
        Granted(
            at_most(mean_local_step_sq, STEP_I**2 * stretch_second_moment / n),
            by="n iterations since the last synchronisation, whose steps are at most the first",
        ),
    ),
)

STEP_LETTERS = {
    r"\eta_t": eta,
    r"\|\bar{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2": norm_sq(STEPPED),
    r"\|\bar{\mathbf{x}}_t - \eta_t \mathbf{g}_t - \mathbf{x}^*\|^2": norm_sq(STEPPED),
    r"\|\bar{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t\|^2": MOVED,
    r"\|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2": norm_sq(MEAN),
    r"\|\mathbf{g}_t - \bar{\mathbf{g}}_t\|^2": norm_sq(noise),
    r"\|\bar{\mathbf{g}}_t\|^2": norm_sq(p_bar),
    r"\langle \bar{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t, \bar{\mathbf{g}}_t - \mathbf{g}_t \rangle": -dot(
        MEAN - eta * p_bar, noise
    ),
    r"\langle \bar{\mathbf{x}}_t - \mathbf{x}^*, \bar{\mathbf{g}}_t \rangle": dot(MEAN, p_bar),
    r"\sum_{k=1}^K \langle \bar{\mathbf{x}}_t - \mathbf{x}^*, \nabla f(\mathbf{x}_t^k) \rangle": R * dot(MEAN, p_bar),
    r"\sum_{k=1}^K \|\nabla f(\mathbf{x}_t^k)\|^2": R * SQUARED_GRADIENTS,
    r"\sum_{k=1}^K \|\nabla f(\mathbf{x}_t^k) - \nabla f(\mathbf{x}^*)\|^2": R * SQUARED_GRADIENTS,
    r"\sum_{k=1}^K \langle \mathbf{x}_k^t - \mathbf{x}^*, \nabla f(\mathbf{x}_t^k) \rangle": R * average_dot(x_hat, g_hat),
    r"\sum_{k=1}^K \langle \bar{\mathbf{x}}_t - \mathbf{x}_k^t, \nabla f(\mathbf{x}_t^k) \rangle": R * average_dot(MEAN - x_hat, g_hat),
    r"\sum_{k=1}^K \|\bar{\mathbf{x}}_t - \mathbf{x}_k^t\|^2": R * spread,
    r"\sum_{k=1}^K \|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2": R * spread,
    r"(f(\bar{\mathbf{x}}_t) - f^*)": GAP,
    r"\sum_{k=1}^K \left( \left(\eta_t L - \frac{1}{2} \right) (f(\mathbf{x}_t^k) - f^*) - \frac{\mu}{2} \|\mathbf{x}_t^k - "
    r"\mathbf{x}^*\|^2 \right)": R * ((eta * L - sp.Rational(1, 2)) * LOCAL_GAP - mu / 2 * STRONG),
    r"\sum_{k=1}^K \left( a(f(\mathbf{x}_t^k) - f^*) + b \|\mathbf{x}_t^k - \mathbf{x}^*\|^2 \right)": R
    * (loss_weight * LOCAL_GAP + distance_weight * STRONG),
}
# One worker: x is its iterate; y is x*, and where displacements count, x_bar
WORKER = {
    r"\|\nabla f(\mathbf{x}_t^k) - \nabla f(\mathbf{x}^*)\|^2": norm_sq(g_x),
    r"\|\nabla f(\mathbf{x}_t^k)\|^2": norm_sq(g_x),
    r"f(\mathbf{x}_t^k)": f_x,
    r"f^*": f_y,
    r"\langle \mathbf{x}_t^k - \mathbf{x}^*, \nabla f(\mathbf{x}_t^k) \rangle": dot(x - y, g_x),
    r"\|\mathbf{x}_t^k - \mathbf{x}^*\|^2": norm_sq(x - y),
}
AT_MINIMISER = {"y": "x*"}
SMALL_GRADIENT = (
    fact("f is L-smooth: at x - grad f(x) / L", below_paraboloid(f_shifted, f_x, g_x, -1 / L * g_x), 2 * L),
    fact("f is smallest at x*", f_shifted - f_y, 2 * L),
)

CLAIMS = (
    # Lemma 3.1
    Claim(
        "local_sgd/eq-14",
        "step",
        "appendix A, (14)",
        "The mean iterate takes the mean step.",
        latex=(
            r"\|\bar{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2 = \|\bar{\mathbf{x}}_t - \eta_t \mathbf{g}_t - \mathbf{x}^*\|^2 = "
            r"\|\bar{\mathbf{x}}_t - \eta_t \mathbf{g}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t + \eta_t \bar{\mathbf{g}}_t\|^2",
        ),
        unparsed="an identity by definition, coded as a distance of zero; read twice",
        readings=printed(
            vanishes((x_hat - eta * g_hat).mean - (MEAN - eta * p_bar)),
            follows=Certified(vanishes((x_hat - eta * g_hat).mean - (MEAN - eta * p_bar))),
            says="the mean of the workers' steps is the step of their mean, for every draw of the samples",
        ),
    ),
    Claim(
        "local_sgd/eq-15",
        "step",
        "appendix A, (15)",
        "The distance to the minimiser after a step, mean and noise apart.",
        latex=(
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t\|^2 + \eta_t^2 \|\mathbf{g}_t - \bar{\mathbf{g}}_t\|^2 + "
            r"2\eta_t \langle \bar{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t, \bar{\mathbf{g}}_t - \mathbf{g}_t \rangle",
        ),
        letters=STEP_LETTERS,
        readings=printed(NOISY, follows=Certified(NOISY), arena="step", setting=ALIKE),
    ),
    Claim(
        "local_sgd/eq-16",
        "step",
        "appendix A, (16)",
        "The square of the mean step, multiplied out.",
        latex=(
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t\|^2 = \|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2 + \eta_t^2 "
            r"\|\bar{\mathbf{g}}_t\|^2 - 2\eta_t \langle \bar{\mathbf{x}}_t - \mathbf{x}^*, \bar{\mathbf{g}}_t \rangle",
        ),
        letters=STEP_LETTERS,
        readings=printed(
            equals(MOVED, norm_sq(MEAN) + eta**2 * norm_sq(p_bar) + CROSS),
            follows=Certified(equals(MOVED, norm_sq(MEAN) + eta**2 * norm_sq(p_bar) + CROSS)),
            arena="step",
            setting=ALIKE,
        ),
    ),
    Claim(
        "local_sgd/eq-17",
        "step",
        "appendix A, (17)",
        "The inner product worker by worker.",
        latex=(
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2 + \eta_t^2 \|\bar{\mathbf{g}}_t\|^2 - 2\eta_t \frac{1}{K} \sum_{k=1}^K \langle "
            r"\bar{\mathbf{x}}_t - \mathbf{x}^*, \nabla f(\mathbf{x}_t^k) \rangle",
        ),
        letters=STEP_LETTERS,
        readings=printed(
            equals(MOVED, norm_sq(MEAN) + eta**2 * norm_sq(p_bar) + CROSS),
            follows=Cite("local_sgd/eq-16"),
            arena="step",
            setting=ALIKE,
        ),
        restates="local_sgd/eq-16",
    ),
    Claim(
        "local_sgd/eq-19",
        "step",
        "appendix A, (18) and (19)",
        "The squared mean of the gradients is at most their mean square.",
        latex=(
            r"\leq \|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2 + \eta_t^2 \frac{1}{K} \sum_{k=1}^K \|\nabla f(\mathbf{x}_t^k)\|^2",
            r"- 2\eta_t \frac{1}{K} \sum_{k=1}^K \langle \bar{\mathbf{x}}_t - \mathbf{x}_k^t + \mathbf{x}_k^t - \mathbf{x}^*, \nabla "
            r"f(\mathbf{x}_t^k) \rangle",
        ),
        unparsed="two displays of one side; read twice",
        readings=printed(
            at_most(MOVED, norm_sq(MEAN) + eta**2 * SQUARED_GRADIENTS + CROSS),
            follows=Certified(at_most(MOVED, norm_sq(MEAN) + eta**2 * SQUARED_GRADIENTS + CROSS)),
            arena="step",
            setting=ALIKE,
        ),
    ),
    Claim(
        "local_sgd/appendix-a/display-1",
        "step",
        "appendix A, after (19)",
        "The gradient at x* is zero, and the inner product is split at the local iterate.",
        latex=(
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2 + \eta_t^2 \frac{1}{K} \sum_{k=1}^K \|\nabla f(\mathbf{x}_t^k) - \nabla "
            r"f(\mathbf{x}^*)\|^2 $$ $$ - 2\eta_t \frac{1}{K} \sum_{k=1}^K \langle \mathbf{x}_k^t - \mathbf{x}^*, \nabla f(\mathbf{x}_t^k) "
            r"\rangle - 2\eta_t \frac{1}{K} \sum_{k=1}^K \langle \bar{\mathbf{x}}_t - \mathbf{x}_k^t, \nabla f(\mathbf{x}_t^k) \rangle",
        ),
        unparsed="one side, over two displays; read twice",
        readings=printed(
            at_most(MOVED, norm_sq(MEAN) + eta**2 * SQUARED_GRADIENTS + SPLIT),
            (given.same_function, given.minimiser),
            follows=Certified(at_most(MOVED, norm_sq(MEAN) + eta**2 * SQUARED_GRADIENTS + SPLIT)),
            arena="step",
            setting=ALIKE,
        ),
    ),
    Claim(
        "local_sgd/appendix-a/norm-of-sum",
        "step",
        "appendix A, after (19)",
        "The squared norm of a sum of K vectors is at most K times the sum of their squared norms.",
        latex=(r"\|\sum_{i=1}^K \mathbf{a}_i\|^2 \leq K \sum_{i=1}^K \|\mathbf{a}_i\|^2",),
        letters={
            r"\|\sum_{i=1}^K \mathbf{a}_i\|^2": n**2 * norm_sq(u_i.mean),
            r"\sum_{i=1}^K \|\mathbf{a}_i\|^2": n * average_norm_sq(u_i),
            "K": n,
        },
        readings=printed(
            at_most(n**2 * norm_sq(u_i.mean), n * n * average_norm_sq(u_i)),
            follows=Certified(at_most(n**2 * norm_sq(u_i.mean), n * n * average_norm_sq(u_i))),
            arena="vectors",
        ),
    ),
    Claim(
        "local_sgd/eq-20",
        "step",
        "appendix A, (20)",
        "Of a smooth function, the squared gradient is at most 2 L times the gap to the minimum.",
        latex=(r"\|\nabla f(\mathbf{x}_t^k) - \nabla f(\mathbf{x}^*)\|^2 \leq 2L(f(\mathbf{x}_t^k) - f^*)",),
        letters=WORKER,
        readings=printed(
            at_most(norm_sq(g_x), 2 * L * (f_x - f_y)),
            (given.smooth, given.minimiser),
            facts=SMALL_GRADIENT,
            arena="function",
            setting=AT_MINIMISER,
        ),
    ),
    Claim(
        "local_sgd/eq-21",
        "step",
        "appendix A, (21)",
        "Strong convexity, from a local iterate to the minimiser.",
        latex=(
            r"-\langle \mathbf{x}_t^k - \mathbf{x}^*, \nabla f(\mathbf{x}_t^k) \rangle \leq -(f(\mathbf{x}_t^k) - f^*) - \frac{\mu}{2} "
            r"\|\mathbf{x}_t^k - \mathbf{x}^*\|^2",
        ),
        letters=WORKER,
        readings=printed(
            at_most(-dot(x - y, g_x), -(f_x - f_y) - mu / 2 * norm_sq(x - y)),
            (given.strongly_convex,),
            facts=(fact("f is mu-strongly convex: from the local iterate to x*", above_paraboloid(f_y, f_x, g_x, y - x)),),
            arena="function",
            setting=AT_MINIMISER,
        ),
    ),
    Claim(
        "local_sgd/eq-22",
        "step",
        "appendix A, (22)",
        "Young's inequality with gamma = 2 L.",
        latex=(
            r"-2 \langle \bar{\mathbf{x}}_t - \mathbf{x}_k^t, \nabla f(\mathbf{x}_t^k) \rangle \leq 2L \|\bar{\mathbf{x}}_t - "
            r"\mathbf{x}_k^t\|^2 + \frac{1}{2L} \|\nabla f(\mathbf{x}_t^k)\|^2",
        ),
        letters={
            r"\langle \bar{\mathbf{x}}_t - \mathbf{x}_k^t, \nabla f(\mathbf{x}_t^k) \rangle": average_dot(MEAN - x_hat, g_hat),
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}_k^t\|^2": spread,
            r"\|\nabla f(\mathbf{x}_t^k)\|^2": SQUARED_GRADIENTS,
        },
        readings=printed(
            at_most(-2 * average_dot(MEAN - x_hat, g_hat), 2 * L * spread + SQUARED_GRADIENTS / (2 * L)),
            (given.smooth,),
            follows=Certified(at_most(-2 * average_dot(MEAN - x_hat, g_hat), 2 * L * spread + SQUARED_GRADIENTS / (2 * L))),
            arena="step",
            setting=ALIKE,
            says="averaged over the workers, as it is used",
        ),
    ),
    Claim(
        "local_sgd/eq-23",
        "step",
        "appendix A, (23)",
        "The gradient at x* is zero, so it may be taken off.",
        latex=(r"2L \|\bar{\mathbf{x}}_t - \mathbf{x}_k^t\|^2 + \frac{1}{2L} \|\nabla f(\mathbf{x}_t^k) - \nabla f(\mathbf{x}^*)\|^2",),
        letters={
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}_k^t\|^2": spread,
            r"\|\nabla f(\mathbf{x}_t^k) - \nabla f(\mathbf{x}^*)\|^2": average_norm_sq(g_hat - g_star),
        },
        readings=printed(
            equals(2 * L * spread + SQUARED_GRADIENTS / (2 * L), 2 * L * spread + average_norm_sq(g_hat - g_star) / (2 * L)),
            (given.same_function, given.minimiser),
            facts=(
                fact("grad f(x*) = 0", average_dot(g_hat, g_star), -1 / L, True),
                fact("grad f(x*) = 0, squared", average_norm_sq(g_star), 1 / (2 * L), True),
            ),
            arena="step",
            setting=ALIKE,
            says="averaged over the workers, as it is used",
        ),
    ),
    Claim(
        "local_sgd/eq-24",
        "step",
        "appendix A, (24)",
        "The gradient bounded by the function gap.",
        latex=(r"2L \|\bar{\mathbf{x}}_t - \mathbf{x}_k^t\|^2 + (f(\mathbf{x}_t^k) - f^*)",),
        letters={r"\|\bar{\mathbf{x}}_t - \mathbf{x}_k^t\|^2": spread, r"(f(\mathbf{x}_t^k) - f^*)": LOCAL_GAP},
        readings=printed(
            at_most(-2 * average_dot(MEAN - x_hat, g_hat), 2 * L * spread + LOCAL_GAP),
            (given.smooth, given.same_function, given.minimiser),
            facts=granted(small_gradient=1 / (2 * L)),
            arena="step",
            setting=ALIKE,
            says="averaged over the workers, as it is used",
        ),
    ),
    Claim(
        "local_sgd/eq-25",
        "step",
        "appendix A, (25)",
        "The three estimates put together.",
        latex=(
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t\|^2 &\leq \|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2 + "
            r"2\eta_t L \frac{1}{K} \sum_{k=1}^K \|\bar{\mathbf{x}}_t - \mathbf{x}_k^t\|^2 \\ &\quad + 2\eta_t \frac{1}{K} \sum_{k=1}^K "
            r"\left( \left(\eta_t L - \frac{1}{2} \right) (f(\mathbf{x}_t^k) - f^*) - \frac{\mu}{2} \|\mathbf{x}_t^k - \mathbf{x}^*\|^2 "
            r"\right)",
        ),
        letters=STEP_LETTERS,
        readings=printed(
            at_most(MOVED, LAST),
            PROBLEM,
            facts=granted(small_gradient=eta**2 + eta / (2 * L), local_strong=2 * eta),
            arena="step",
            setting=ALIKE,
        ),
    ),
    Claim(
        "local_sgd/appendix-a/coefficient",
        "step",
        "appendix A, after (25)",
        "The coefficient of the function gap: true as printed, but it is eta L - 1/2 that (25) has and (27) needs.",
        latex=(r"(\eta_t L - 1) \leq -\frac{1}{4}",),
        letters={r"\eta_t": eta},
        readings=printed(at_most(eta * L - 1, -sp.Rational(1, 4)), (given.fixed_step_at_most_quarter,)),
        improvement=Reading(
            "improved: what is needed",
            at_most(eta * L - sp.Rational(1, 2), -sp.Rational(1, 4)),
            (given.fixed_step_at_most_quarter,),
        ),
        misprint="1 for 1/2",
    ),
    Claim(
        "local_sgd/eq-26",
        "step",
        "appendix A, (26)",
        "Convexity: the mean of the losses is at least the loss of the mean.",
        latex=(
            r"-\frac{1}{K} \sum_{k=1}^K \left( a(f(\mathbf{x}_t^k) - f^*) + b \|\mathbf{x}_t^k - \mathbf{x}^*\|^2 \right) \leq - \left( "
            r"a(f(\bar{\mathbf{x}}_t) - f^*) + b \|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2 \right)",
        ),
        letters=STEP_LETTERS | {"a": loss_weight, "b": distance_weight},
        readings=printed(
            at_most(-(loss_weight * LOCAL_GAP + distance_weight * STRONG), -(loss_weight * GAP + distance_weight * norm_sq(MEAN))),
            (given.strongly_convex, given.same_function),
            facts=granted(jensen=loss_weight),
            says="Jensen's inequality for the losses and for squares; attacked in (27), which it serves",
        ),
    ),
    Claim(
        "local_sgd/eq-27",
        "step",
        "appendix A, (27)",
        "The mean step comes closer to the minimiser.",
        latex=(
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}^* - \eta_t \bar{\mathbf{g}}_t\|^2 &\leq (1 - \mu \eta_t) \|\bar{\mathbf{x}}_t - "
            r"\mathbf{x}^*\|^2 - \frac{1}{2} \eta_t (f(\bar{\mathbf{x}}_t) - f^*) \\ &\quad + 2\eta_t L \frac{1}{K} \sum_{k=1}^K "
            r"\|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2",
        ),
        letters=STEP_LETTERS,
        readings=printed(
            LATER,
            ONE_STEP,
            follows=Isolated(
                Combined(
                    (
                        Cite("local_sgd/eq-25"),
                        Instance(Cite("local_sgd/eq-26"), {loss_weight: eta - 2 * eta**2 * L, distance_weight: mu * eta}),
                        Certified(at_most(0, GAP), granted(minimum=1)),
                    ),
                    (1, 1, eta / 2 - 2 * eta**2 * L),
                ),
                MOVED,
            ),
            arena="step",
            setting=ALIKE,
        ),
    ),
    Claim(
        "local_sgd/appendix-a/lemma-3.1",
        "step",
        "appendix A, end of the proof of Lemma 3.1",
        "Lemma 3.1 again.",
        latex=(
            r"\mathbb{E} \|\bar{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2 &\leq (1 - \mu \eta_t) \mathbb{E} \|\bar{\mathbf{x}}_t - "
            r"\mathbf{x}^*\|^2 + \eta_t^2 \mathbb{E} \|\mathbf{g}_t - \bar{\mathbf{g}}_t\|^2 \\ &\quad - \frac{1}{2} \eta_t \mathbb{E} "
            r"(f(\bar{\mathbf{x}}_t) - f^*) + 2\eta_t L \frac{1}{K} \sum_{k=1}^K \mathbb{E} \|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2",
        ),
        readings=printed(LEMMA_3_1, (*PROBLEM, given.step_at_most_quarter), follows=Cite("local_sgd/lemma-3.1"), arena="run"),
        restates="local_sgd/lemma-3.1",
    ),
    # Lemma 3.2
    Claim(
        "local_sgd/eq-28",
        "step",
        "appendix A, (28)",
        "The variances of the workers add up.",
        latex=(
            r"\mathbb{E} \left\| \frac{1}{K} \sum_{k=1}^K (\nabla f(\mathbf{x}_t^k) - \nabla f(\mathbf{x}_t^k)) \right\|^2 = "
            r"\frac{1}{K^2} \sum_{k=1}^K \mathbb{E} \|\nabla f(\mathbf{x}_t^k) - \nabla f(\mathbf{x}_t^k)\|^2 \leq \frac{\sigma^2}{K}",
        ),
        unparsed="the sample's index is not printed; read twice",
        damaged="the index i_t^k of the first gradient is missing, which leaves the difference zero; read with it",
        readings=printed(LEMMA_3_2, (given.same_function, given.variance), follows=INDEPENDENT, arena="run"),
        restates="local_sgd/lemma-3.2",
    ),
    Claim(
        "local_sgd/appendix-a/independent",
        "step",
        "appendix A, after (28); its second equality",
        "Of independent random variables the variances add up.",
        latex=(r"\text{Var}(\sum_{k=1}^K X_k) = \sum_{k=1}^K \text{Var}(X_k)",),
        letters={
            r"\text{Var}(\sum_{k=1}^K X_k)": n**2 * norm_sq(u_i.mean),
            r"\sum_{k=1}^K \text{Var}(X_k)": n * average_norm_sq(u_i),
        },
        readings=printed(
            equals(n**2 * norm_sq(u_i.mean), n * average_norm_sq(u_i)),
            facts=(uncorrelated(u_i, n, -n),),
            says="u_i is X_i less its expectation; in expectation",
        ),
    ),
    # Lemma 3.3
    Claim(
        "local_sgd/appendix-a/variance",
        "step",
        "appendix A, proof of Lemma 3.3",
        "Vectors are as close to their mean as the mean of the squares exceeds the square of the mean.",
        latex=(r"\mathbb{E} \|X - \mathbb{E} X\|^2 = \mathbb{E} \|X\|^2 - \|\mathbb{E} X\|^2",),
        letters={
            r"\mathbb{E} \|X - \mathbb{E} X\|^2": average_norm_sq(u_i.deviation),
            r"\mathbb{E} \|X\|^2": average_norm_sq(u_i),
            r"\|\mathbb{E} X\|^2": norm_sq(u_i.mean),
        },
        readings=printed(
            equals(average_norm_sq(u_i.deviation), average_norm_sq(u_i) - norm_sq(u_i.mean)),
            follows=Certified(equals(average_norm_sq(u_i.deviation), average_norm_sq(u_i) - norm_sq(u_i.mean))),
            arena="vectors",
        ),
    ),
    Claim(
        "local_sgd/eq-29",
        "step",
        "appendix A, (29)",
        "Deviation is seen from the point of the last synchronisation.",
        latex=(
            r"\frac{1}{K} \sum_{k=1}^K \mathbb{E} \|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2 = \frac{1}{K} \sum_{k=1}^K \mathbb{E} "
            r"\|\mathbf{x}_t^k - \mathbf{x}_{t_0} - (\bar{\mathbf{x}}_t - \mathbf{x}_{t_0})\|^2",
        ),
        letters={
            "K": n,
            r"\sum_{k=1}^K \mathbb{E} \|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2": n * average_norm_sq(u_i.mean - u_i),
            r"\sum_{k=1}^K \mathbb{E} \|\mathbf{x}_t^k - \mathbf{x}_{t_0} - (\bar{\mathbf{x}}_t - \mathbf{x}_{t_0})\|^2": n
            * average_norm_sq((u_i - u) - (u_i.mean - u)),
        },
        readings=printed(
            FROM_SYNCHRONISED,
            follows=Certified(FROM_SYNCHRONISED),
            says="u_i are the local iterates, u the point they started from together",
        ),
    ),
    Claim(
        "local_sgd/eq-30",
        "step",
        "appendix A, (30)",
        "Deviation and progress since the last synchronisation: at most, not equal.",
        latex=(r"\frac{1}{K} \sum_{k=1}^K \mathbb{E} \|\mathbf{x}_t^k - \mathbf{x}_{t_0}\|^2",),
        letters={r"\sum_{k=1}^K \mathbb{E} \|\mathbf{x}_t^k - \mathbf{x}_{t_0}\|^2": R * local_progress_sq},
        readings=printed(equals(deviation_sq, local_progress_sq), (given.same_function,), arena="run", setting={"step": "decaying"}),
        correction=Reading(
            "corrected: at most",
            at_most(deviation_sq, local_progress_sq),
            follows=Expected(
                Certified(at_most(average_norm_sq(u_i.deviation), average_norm_sq(u_i))),
                {average_norm_sq(u_i.deviation): deviation_sq, average_norm_sq(u_i): local_progress_sq},
            ),
            arena="run",
            setting={"step": "decaying"},
            says="u_k is the progress of worker k; all start from one point",
        ),
        improvement=Reading(
            "improved: of workers that are alike, 1 - 1/K of it",
            at_most(deviation_sq, SHARED * local_progress_sq),
            (given.same_function,),
            follows=Expected(
                Certified(
                    at_most(average_norm_sq(u_i.deviation), SHARED * average_norm_sq(u_i)),
                    (
                        fact(
                            "given the last synchronisation workers are independent and alike, so E <u_j, u_k> = ||E u||^2 is not negative",
                            norm_sq(u_i.mean) - average_norm_sq(u_i) / R,
                        ),
                    ),
                ),
                {average_norm_sq(u_i.deviation): deviation_sq, average_norm_sq(u_i): local_progress_sq},
            ),
            arena="run",
            setting={"step": "decaying"},
        ),
        misprint="= for <=: the square of the mean progress is dropped",
    ),
    Claim(
        "local_sgd/eq-31",
        "step",
        "appendix A, (31)",
        "Progress is bounded by the second moments of the gradients on the way.",
        latex=(r"\frac{1}{K} \sum_{k=1}^K H \eta_{t_0}^2 \sum_{h=t_0}^{t-1} \mathbb{E} \|\nabla f_{i_h^k}(x_h^k)\|^2",),
        letters={
            r"\sum_{k=1}^K H \eta_{t_0}^2 \sum_{h=t_0}^{t-1} \mathbb{E} \|\nabla f_{i_h^k}(x_h^k)\|^2": R
            * H
            * STEP_I**2
            * stretch_second_moment
        },
        readings=printed(
            at_most(local_progress_sq, H * STEP_I**2 * stretch_second_moment),
            (given.gap_from_zero, given.nonincreasing_step),
            follows=Weakened(
                PROGRESS,
                at_most(local_progress_sq, H * STEP_I**2 * stretch_second_moment),
                (given.stretch,),
            ),
            arena="run",
            setting={"step": "decaying"},
        ),
        improvement=Reading(
            "improved: at most H - 1 iterations since the last synchronisation",
            at_most(local_progress_sq, (H - 1) * STEP_I**2 * stretch_second_moment),
            (given.gap_from_zero, given.nonincreasing_step),
            follows=Weakened(
                PROGRESS,
                at_most(local_progress_sq, (H - 1) * STEP_I**2 * stretch_second_moment),
                (given.since_synchronisation,),
            ),
            arena="run",
            setting={"step": "decaying"},
        ),
    ),
    Claim(
        "local_sgd/eq-32",
        "step",
        "appendix A, (32)",
        "Second moments at most G^2, which is not printed.",
        latex=(r"\frac{1}{K} \sum_{k=1}^K H^2 \eta_{t_0}^2",),
        letters={r"\sum_{k=1}^K H^2 \eta_{t_0}^2": R * H**2 * STEP_I**2},
        readings=printed(
            at_most(local_progress_sq, H**2 * STEP_I**2),
            (given.same_function, *DEVIATION, given.nonincreasing_step, given.decaying_step),
            arena="run",
            setting={"step": "decaying"},
        ),
        correction=Reading(
            "corrected: with G^2",
            at_most(local_progress_sq, H**2 * STEP_I**2 * G**2),
            (*DEVIATION, given.nonincreasing_step),
            follows=Using(
                Cite("local_sgd/eq-31"),
                (
                    Granted(
                        at_most(stretch_second_moment, H * G**2),
                        by="at most H iterations since the last synchronisation, second moment at most G^2",
                    ),
                ),
            ),
            arena="run",
            setting={"step": "decaying"},
        ),
        improvement=Reading(
            "improved: at most H - 1 iterations since the last synchronisation",
            at_most(local_progress_sq, (H - 1) ** 2 * STEP_I**2 * G**2),
            (*DEVIATION, given.nonincreasing_step),
            follows=Using(
                Cite("local_sgd/eq-31", improved=True),
                (
                    Granted(
                        at_most(stretch_second_moment, (H - 1) * G**2),
                        by="at most H - 1 iterations since the last synchronisation, second moment at most G^2",
                    ),
                ),
            ),
            arena="run",
            setting={"step": "decaying"},
        ),
        misprint="the factor G^2 is missing",
    ),
    Claim(
        "local_sgd/appendix-a/halves-1",
        "step",
        "appendix A, end of the proof of Lemma 3.3, first inequality",
        "How far the step falls within a stretch.",
        latex=(r"\frac{\eta_{t_0}}{\eta_t} \leq \frac{a+H}{a}",),
        letters={r"\eta_{t_0}": 1 / (a + t_i), r"\eta_t": 1 / (a + t)},
        readings=printed(at_most((a + t) / (a + t_i), (a + H) / a), (given.decaying_step, given.last_synchronisation)),
    ),
    Claim(
        "local_sgd/appendix-a/halves-2",
        "step",
        "appendix A, end of the proof of Lemma 3.3, second inequality",
        "It at most halves.",
        latex=(r"\frac{a+H}{a} \leq 2",),
        readings=printed(at_most((a + H) / a, 2), (given.decaying_step, given.shift_above_gap)),
    ),
    # Lemma 3.4
    Claim(
        "local_sgd/eq-33",
        "step",
        "appendix A, (33), the inequality",
        "The weights over the steps make the recursion telescope.",
        latex=(r"\frac{\mu(a+t-4)(a+t)^2}{4} \leq \frac{\mu(a+t-1)^3}{4}",),
        readings=printed(at_most(mu * SHIFTED_CUBE / 4, mu * (a + t - 1) ** 3 / 4), (given.strongly_convex, given.shift_above_one)),
    ),
    Claim(
        "local_sgd/eq-33/factor",
        "step",
        "appendix A, (33), the equalities",
        "The contraction factor under those weights.",
        latex=(r"\left(\frac{a+t-4}{a+t} \right) \frac{\mu(a+t)^3}{4} = \frac{\mu(a+t-4)(a+t)^2}{4}",),
        readings=printed(equals((a + t - 4) / (a + t) * WEIGHT, mu * SHIFTED_CUBE / 4), (given.decaying_step,)),
    ),
    Claim(
        "local_sgd/eq-33/weights",
        "step",
        "appendix A, (33), ends of the chain",
        "What the factors are: step and weight put in.",
        latex=(r"(1 - \mu \eta_t) \frac{w_t}{\eta_t}", r"\frac{w_{t-1}}{\eta_{t-1}}"),
        unparsed="ends of a chain; read twice",
        readings=printed(
            equals((1 - mu * FOUR[eta_t]) * (a + t) ** 2 / FOUR[eta_t], (a + t - 4) / (a + t) * WEIGHT), (given.four_over_mu_step,)
        ),
    ),
    Claim(
        "local_sgd/eq-34",
        "step",
        "appendix A, (34), equality",
        "The difference of the cubes.",
        latex=(r"(a+t-4)(a+t)^2 = (a+t-1)^3 + \underbrace{1 - 3a - a^2 - 3t - 2at - t^2}_{\leq 0}",),
        unparsed="an underbrace; read twice",
        readings=printed(equals(SHIFTED_CUBE, (a + t - 1) ** 3 + 1 - 3 * a - a**2 - 3 * t - 2 * a * t - t**2)),
    ),
    Claim(
        "local_sgd/eq-34/sign",
        "step",
        "appendix A, (34), under the brace",
        "It is not positive.",
        latex=(r"1 - 3a - a^2 - 3t - 2at - t^2",),
        readings=printed(at_most(1 - 3 * a - a**2 - 3 * t - 2 * a * t - t**2, 0), (given.shift_at_least_one,)),
    ),
    Claim(
        "local_sgd/eq-34/bound",
        "step",
        "appendix A, (34), inequality",
        "So the shifted product is at most the cube before.",
        latex=(r"(a+t-1)^3 + \underbrace{1 - 3a - a^2 - 3t - 2at - t^2}_{\leq 0} \leq (a+t-1)^3",),
        unparsed="an underbrace; read twice",
        readings=printed(
            at_most((a + t - 1) ** 3 + 1 - 3 * a - a**2 - 3 * t - 2 * a * t - t**2, (a + t - 1) ** 3), (given.shift_at_least_one,)
        ),
    ),
    Claim(
        "local_sgd/eq-35",
        "step",
        "appendix A, (35)",
        "The recursion times the weight over the step.",
        latex=(
            r"a_{t+1} \frac{w_t}{\eta_t} \leq a_t \underbrace{(1 - \mu\eta_t) \frac{w_t}{\eta_t}}_{\leq \frac{w_{t-1}}{\eta_{t-1}}} - w_t "
            r"e_t A + w_t \eta_t B + w_t \eta_t^2 C",
        ),
        unparsed="an underbrace; read twice",
        readings=printed(
            at_most(
                virtual_distance_sq.subs(t, t + 1) * WEIGHT,
                virtual_distance_sq * (1 - mu * FOUR[eta_t]) * WEIGHT
                - (a + t) ** 2 * function_gap * drop
                + (a + t) ** 2 * FOUR[eta_t] * variance_term
                + (a + t) ** 2 * FOUR[eta_t] ** 2 * drift_term,
            ),
            (given.four_over_mu_step, given.shift_above_one),
            follows=Combined((Instance(ANY_RECURSION, FOUR),), (WEIGHT,)),
            arena="recursion",
            setting=SETTING,
        ),
    ),
    Claim(
        "local_sgd/eq-36",
        "step",
        "appendix A, (36)",
        "Summed over the run, the last distance kept.",
        latex=(
            r"a_T \frac{w_{T-1}}{\eta_{T-1}} \leq (1 - \mu\eta_0) \frac{w_0}{\eta_0} a_0 - \sum_{t=0}^{T-1} w_t e_t A + "
            r"\sum_{t=0}^{T-1} w_t \eta_t B + \sum_{t=0}^{T-1} w_t \eta_t^2 C",
        ),
        letters={
            "a_T": virtual_distance_sq.subs(t, T),
            r"\frac{w_{T-1}}{\eta_{T-1}}": WEIGHT.subs(t, T - 1),
            r"\eta_0": FOUR[eta_t].subs(t, 0),
            **SUMS,
        },
        readings=printed(
            at_most(
                virtual_distance_sq.subs(t, T) * WEIGHT.subs(t, T - 1),
                (1 - mu * FOUR[eta_t].subs(t, 0)) * mu * a**3 / 4 * start_distance_sq
                - drop * SQUARED_GAPS
                + variance_term * WEIGHTED_STEPS
                + drift_term * WEIGHTED_SQUARES,
            ),
            (given.four_over_mu_step, given.shift_above_one),
            follows=Using(replace(SUMMED, last=True), (STARTED_AT,)),
            arena="recursion",
            setting=SETTING,
        ),
    ),
    Claim(
        "local_sgd/eq-37",
        "step",
        "appendix A, (37)",
        "The last distance dropped, and what the first step takes off the start.",
        latex=(
            r"A \sum_{t=0}^{T-1} w_t e_t \leq \frac{w_0}{\eta_0} a_0 + B \sum_{t=0}^{T-1} w_t \eta_t + C \sum_{t=0}^{T-1} w_t \eta_t^2",
        ),
        letters=SUMS,
        readings=printed(
            at_most(
                drop * SQUARED_GAPS,
                mu * a**3 / 4 * start_distance_sq + variance_term * WEIGHTED_STEPS + drift_term * WEIGHTED_SQUARES,
            ),
            (given.four_over_mu_step, given.shift_above_one),
            follows=Using(SUMMED, (STARTED_AT,)),
            arena="recursion",
            setting=SETTING,
        ),
    ),
    Claim(
        "local_sgd/appendix-a/first-weight",
        "step",
        "appendix A, after (37)",
        "The first weight over the first step.",
        latex=(r"\frac{w_0}{\eta_0} = \frac{\mu a^3}{4}",),
        letters={"w_0": a**2, r"\eta_0": FOUR[eta_t].subs(t, 0)},
        readings=printed(equals(a**2 / FOUR[eta_t].subs(t, 0), mu * a**3 / 4), (given.four_over_mu_step,)),
    ),
    Claim(
        "local_sgd/eq-38",
        "step",
        "appendix A, (38), equality",
        "Weights times steps.",
        latex=(r"\sum_{t=0}^{T-1} \frac{4(a+t)}{\mu} = \frac{2T^2 + 4aT - 2T}{\mu}",),
        readings=printed(
            equals(sp.Sum(4 * (a + t) / mu, (t, 0, T - 1)).doit(), (2 * T**2 + 4 * a * T - 2 * T) / mu),
        ),
    ),
    Claim(
        "local_sgd/eq-38/bound",
        "step",
        "appendix A, (38), inequality",
        "And what they are at most.",
        latex=(r"\frac{2T^2 + 4aT - 2T}{\mu} \leq \frac{2T(T+2a)}{\mu}",),
        readings=printed(at_most((2 * T**2 + 4 * a * T - 2 * T) / mu, 2 * T * (T + 2 * a) / mu)),
    ),
    Claim(
        "local_sgd/eq-39",
        "step",
        "appendix A, (39)",
        "Weights times squared steps.",
        latex=(r"\sum_{t=0}^{T-1} \frac{16}{\mu^2} = \frac{16T}{\mu^2}",),
        readings=printed(
            equals(sp.Sum(16 / mu**2, (t, 0, T - 1)).doit(), 16 * T / mu**2),
        ),
    ),
    Claim(
        "local_sgd/appendix-a/weights",
        "step",
        "appendix A, before (40)",
        "The sum of the weights in closed form.",
        latex=(r"S_T := \sum_{t=0}^{T-1} w_t = \frac{T}{6} (2T^2 + 6aT - 3T + 6a^2 - 6a + 1)",),
        unparsed="a chain; read twice",
        readings=printed(equals(S_T.doit(), T / 6 * (2 * T**2 + 6 * a * T - 3 * T + 6 * a**2 - 6 * a + 1))),
        restates="local_sgd/lemma-3.4/weights",
    ),
    Claim(
        "local_sgd/eq-40",
        "step",
        "appendix A, (40), first inequality",
        "All but the last term of the closed form.",
        latex=(
            r"S_T \geq \frac{1}{3} T^3 + \underbrace{aT^2 - \frac{1}{2} T^2 + a^2 T - aT}_{= T^2(a - \frac{1}{2}) + T(a^2 - a) \geq 0}",
        ),
        unparsed="an underbrace; read twice",
        readings=printed(at_least(S_T.doit(), T**3 / 3 + a * T**2 - T**2 / 2 + a**2 * T - a * T)),
    ),
    Claim(
        "local_sgd/eq-40/brace",
        "step",
        "appendix A, (40), under the brace, equality",
        "Sorted by powers of T.",
        latex=(r"= T^2(a - \frac{1}{2}) + T(a^2 - a) \geq 0",),
        unparsed="an underbrace; read twice",
        readings=printed(equals(a * T**2 - T**2 / 2 + a**2 * T - a * T, T**2 * (a - sp.Rational(1, 2)) + T * (a**2 - a))),
    ),
    Claim(
        "local_sgd/eq-40/sign",
        "step",
        "appendix A, (40), under the brace, inequality",
        "Which is not negative.",
        latex=(r"T^2(a - \frac{1}{2}) + T(a^2 - a) \geq 0",),
        readings=printed(at_least(T**2 * (a - sp.Rational(1, 2)) + T * (a**2 - a), 0), (given.shift_at_least_one,)),
    ),
)
