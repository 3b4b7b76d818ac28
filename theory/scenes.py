"""The vectors and values that one-step arguments speak of, and what each hypothesis grants about them.

Positions are relative to x* (so `x_tilde` stands for x~_t - x*). A worker vector has one value per worker; its mean carries the name with
`.mean`. `validation` builds concrete scenes with arrays under exactly these names; certificates combine the facts below.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Fact
from theory.symbols import L, R, b, eta, mu, sigma_sq_sum
from theory.units import Unit, unit
from theory.vectors import Base, Vector, average_dot, average_norm_sq, dot, norm_sq, vector, worker_vector


def _value(name: str) -> sp.Symbol:
    return sp.Symbol(name, real=True)


# The "step" scene: one iteration of Algorithm 1 seen through the virtual sequence, workers with functions f^(r), f their mean.
x_tilde = vector("x_tilde")  # x~_t - x*
x_hat = worker_vector("x_hat")  # x^_t^(r) - x*
g_hat = worker_vector("g_hat")  # grad f^(r)(x^_t^(r)); its mean is p_bar
g_tilde = worker_vector("g_tilde")  # grad f^(r)(x~_t); its mean is grad f(x~_t)
g_star = worker_vector("g_star")  # grad f^(r)(x*); its mean is zero
mean_g_hat = worker_vector("mean_g_hat")  # grad f(x^_t^(r)), the gradient of the mean function at each worker's iterate
g_at_mean = worker_vector("g_at_mean")  # grad f^(r)(x^_t), at the mean iterate
g_mean = g_at_mean.mean  # grad f(x^_t)
noise = vector("noise")  # p_t - p_bar_t for one draw of the samples
p_bar = g_hat.mean

f_tilde = _value("f(x_tilde)")  # f(x~_t)
f_hat = _value("f(x_hat)")  # f at the mean iterate x^_t
f_min = _value("f(x_star)")  # f*
local_f_hat = _value("mean f_r(x_hat_r)")  # (1/R) sum_r f^(r)(x^_t^(r))
next_f = _value("f(x_tilde - eta p)")  # f(x~_{t+1}) for this draw
expected_next_f = _value("E f(x_tilde - eta p)")  # its expectation over the sampling at t
next_f_hat = _value("E f(x_hat - eta p)")  # the expectation of f at the mean iterate after a step that is not compressed
STEP_VALUES = (f_tilde, f_hat, f_min, local_f_hat, next_f, expected_next_f, next_f_hat)

# The "function" scene: one function, two points. Gradients under the points' names.
x = vector("x")
y = vector("y")
g_x = vector("g_x")  # grad f(x)
g_y = vector("g_y")  # grad f(y)
f_x, f_y = _value("f(x)"), _value("f(y)")
f_least, f_mixed = _value("f(x*)"), _value("f(mixed)")  # f(x*) and f(lambda x + (1 - lambda) y)
f_shifted = _value("f(x - g/c)")  # f at x minus (grad f(x) - grad f(y)) / L, or / mu, as the claim says
FUNCTION_VALUES = (f_x, f_y, f_least, f_mixed, f_shifted)

# The "vectors" scene: arbitrary vectors.
u = vector("u")
v = vector("v")
u_i = worker_vector("u_i")  # n arbitrary vectors u_1, ..., u_n


def below_paraboloid(f_to: sp.Expr, f_from: sp.Expr, g_from: Vector, step: Vector, smoothness: sp.Expr = L) -> sp.Expr:
    """Smoothness as an upper bound, >= 0: f(from) + <g, step> + (L/2) ||step||^2 - f(to)."""
    return f_from + average_dot(g_from, step) + smoothness / 2 * average_norm_sq(step) - f_to


def above_paraboloid(f_to: sp.Expr, f_from: sp.Expr, g_from: Vector, step: Vector, convexity: sp.Expr = mu) -> sp.Expr:
    """Strong convexity, >= 0: f(to) - f(from) - <g, step> - (mu/2) ||step||^2; plain convexity with 0."""
    return f_to - f_from - average_dot(g_from, step) - convexity / 2 * average_norm_sq(step)


def lipschitz(g_difference: Vector, step: Vector, smoothness: sp.Expr = L) -> sp.Expr:
    """Lipschitz gradient, >= 0, averaged over workers: L^2 ||step||^2 - ||difference of gradients||^2."""
    return smoothness**2 * average_norm_sq(step) - average_norm_sq(g_difference)


def fact(label: str, expression: sp.Expr, multiplier: object = 1, equality: bool = False) -> Fact:
    return Fact(label, sp.sympify(expression), sp.sympify(multiplier), equality)


# What is granted in the step scene. In expectation `noise` is orthogonal to all that was fixed before, its mean being zero.
apart = average_norm_sq(x_hat - x_tilde)  # (1/R) sum_r ||x^_t^(r) - x~_t||^2
lag = norm_sq(x_hat.mean - x_tilde)  # ||x^_t - x~_t||^2
spread = average_norm_sq(x_hat.deviation)  # (1/R) sum_r ||x^_t - x^_t^(r)||^2
mean_variance = sigma_sq_sum / (b * R**2)
GRANTED = {
    "mean_descent": (
        "f is L-smooth, in expectation over the noise: at the virtual iterate and its successor",
        f_tilde - eta * dot(g_tilde.mean, p_bar) + L * eta**2 / 2 * (norm_sq(p_bar) + norm_sq(noise)) - expected_next_f,
    ),
    "local_lipschitz": (
        "each f^(r) has an L-Lipschitz gradient: at its local iterate and the virtual one",
        lipschitz(g_hat - g_tilde, x_hat - x_tilde),
    ),
    "mean_lipschitz": (
        "f has an L-Lipschitz gradient: at each local iterate and the virtual one",
        lipschitz(mean_g_hat - g_tilde.mean, x_hat - x_tilde),
    ),
    "mean_lipschitz_lag": (
        "f has an L-Lipschitz gradient: at the mean iterate and the virtual one",
        lipschitz(g_mean - g_tilde.mean, x_hat.mean - x_tilde),
    ),
    "mean_lipschitz_spread": (
        "f has an L-Lipschitz gradient: at each local iterate and their mean",
        lipschitz(mean_g_hat - g_mean, x_hat.deviation),
    ),
    "local_lipschitz_spread": (
        "each f^(r) has an L-Lipschitz gradient: at its local iterate and the mean one",
        lipschitz(g_hat - g_at_mean, x_hat.deviation),
    ),
    "variance": (
        "variance of the mean stochastic gradient",
        mean_variance - norm_sq(noise),
    ),
    "unbiased": (
        "the noise has mean zero",
        dot(x_tilde - eta * p_bar, noise),
    ),
    "small_gradient": (
        "f is L-smooth and smallest at x*: ||grad f||^2 <= 2 L (f - f*) at the virtual iterate",
        2 * L * (f_tilde - f_min) - norm_sq(g_tilde.mean),
    ),
    "local_strong": (
        "each f^(r) is mu-strongly convex: at its local iterate and x*",
        f_min - local_f_hat + average_dot(g_hat, x_hat) - mu / 2 * average_norm_sq(x_hat),
    ),
    "local_descent": (
        "each f^(r) is L-smooth: at its local iterate and the virtual one",
        below_paraboloid(f_tilde, local_f_hat, g_hat, x_tilde - x_hat),
    ),
    "local_cocoercive": (
        "each f^(r) is convex and L-smooth: at x* and its local iterate",
        f_min - local_f_hat + average_dot(g_hat, x_hat) - average_norm_sq(g_hat - g_star.deviation) / (2 * L),
    ),
    "virtual_cocoercive": (
        "each f^(r) is convex and L-smooth: at its local iterate and the virtual one",
        local_f_hat - f_tilde - average_dot(g_tilde, x_hat - x_tilde) - average_norm_sq(g_hat - g_tilde) / (2 * L),
    ),
    "local_interpolated": (
        "each f^(r) less mu / 2 ||x||^2 is convex and (L - mu)-smooth, mu < L: at x* and its local iterate",
        f_min
        - local_f_hat
        + average_dot(g_hat, x_hat)
        - mu / 2 * average_norm_sq(x_hat)
        - average_norm_sq(g_hat - g_star.deviation - mu * x_hat) / (2 * (L - mu)),
    ),
    "spread_cocoercive": (
        "each f^(r) is convex and L-smooth: at its local iterate and the mean one",
        local_f_hat - f_hat - average_dot(g_at_mean, x_hat.deviation) - average_norm_sq(g_hat - g_at_mean) / (2 * L),
    ),
    "minimum": ("f is smallest at x*", f_tilde - f_min),
    "mean_ascent": (
        "f is L-smooth: at the virtual and the mean iterate",
        below_paraboloid(f_hat, f_tilde, g_tilde.mean, x_hat.mean - x_tilde),
    ),
    "mean_strong": (
        "f is mu-strongly convex: at x* and the virtual iterate",
        f_tilde - f_min - mu / 2 * norm_sq(x_tilde),
    ),
    "hat_strong": (
        "f is mu-strongly convex: at x* and the mean iterate",
        f_hat - f_min - mu / 2 * norm_sq(x_hat.mean),
    ),
    "mean_smooth": (
        "f is L-smooth: at x* and the mean iterate",
        f_min + L / 2 * norm_sq(x_hat.mean) - f_hat,
    ),
}
"""What hypotheses grant, in words and as an expression that is nonnegative (`unbiased`: zero)."""


def granted(**multipliers: object) -> tuple[Fact, ...]:
    """Facts of the step scene with their multipliers in a certificate."""
    return tuple(fact(*GRANTED[name], factor, name == "unbiased") for name, factor in multipliers.items())


def unit_of_gram(one: Base, other: Base) -> Unit:
    """The unit of an inner product: positions are X, gradients (names that begin with g, or noise) F/X."""
    first, second = (_base_unit(base.name.removeprefix("mean ")) for base in (one, other))
    return first * second


def _base_unit(name: str) -> Unit:
    return unit("F/X") if name.startswith(("g_", "mean_g", "noise")) else unit("X")


def unit_of_value(symbol: sp.Symbol) -> Unit | None:
    """The unit of a function value (F), None for any other symbol."""
    return unit("F") if symbol in (*STEP_VALUES, *FUNCTION_VALUES) else None
