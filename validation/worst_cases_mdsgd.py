"""The worst memory, momentum, function gap and gradients under Algorithm 1 of M-DSGD, gradients and maps being free."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from reference.mdsgd import init, step
from validation import performance
from validation.performance import (
    TOLERANCE,
    WorstCase,
    at_last,
    check_choice,
    check_count,
    check_momentum,
    check_open,
    check_positive,
    column,
    found,
    leaving,
    listed,
    mean,
    square,
    times,
    within,
)
from validation.worst_cases_ef_sgd import interpolated

QUANTITIES = ("total_memory_sq", "total_momentum_sq")


def algorithm_1(*, quantity: str, iterations: int, workers: int = 1, gamma: float = 0.3, G: float = 1.0, beta: float = 0.0) -> WorstCase:
    """Largest `quantity` (F^2/X^2) after n = iterations: of the memory at t = n, of the momentum at t = n - 1.

    Over gradients of norm at most G (F/X) and maps that leave at most 1 - gamma of what they are given, in the place of the masks.
    Expectations add nothing, by the triangle inequality in L2.
    Raises: ValueError for an unknown quantity or a number out of range.
    """
    check_choice("quantity", quantity, QUANTITIES)
    check_count("iterations", iterations, 1)
    check_count("workers", workers, 1)
    check_open("gamma", gamma)
    check_positive(G=G)
    check_momentum(beta)
    letters = {"G": G, "gamma": gamma, "workers": workers, "beta": beta}
    solution, instance = _programme(quantity, iterations, workers, gamma, beta)
    value = times(solution.value, G**2)
    time = iterations - (quantity == "total_momentum_sq")
    return WorstCase(
        f"of {quantity} after n = {iterations} iterations, {listed(letters)}",
        value,
        times(solution.primal, G**2),
        solution.multipliers,
        solution.status,
        math.nan if instance is None else _reference(quantity, *instance, gamma, G, beta),
        {name: column(number) for name, number in letters.items()} | {quantity: at_last(time, value)},
        iterations,
    )


def _programme(
    quantity: str, iterations: int, workers: int, gamma: float, beta: float
) -> tuple[performance.Solution, tuple[np.ndarray, np.ndarray] | None]:
    """Algorithm 1 on free points, and the gradients and what the maps leave, [iterations, workers, d], of the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme = PEP()
    constraints, gradients, left = [], [], []
    momentum, memory = [null_point] * workers, [null_point] * workers
    for _ in range(iterations):
        gradients.append([Point() for _ in range(workers)])
        constraints += [g**2 <= 1 for g in gradients[-1]]
        momentum = [beta * m + g / workers for m, g in zip(momentum, gradients[-1], strict=True)]
        compressed = [m + u for m, u in zip(momentum, memory, strict=True)]
        memory = [Point() for _ in range(workers)]
        constraints += [u**2 <= (1 - gamma) * v**2 for u, v in zip(memory, compressed, strict=True)]
        left.append(memory)
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(_measure(quantity, memory, momentum))
    solution = performance.solve(programme, constraints)
    return solution, None if solution.value is None else (found(gradients), found(left))


def _reference(quantity: str, gradients: np.ndarray, left: np.ndarray, gamma: float, G: float, beta: float) -> float:
    """What the reference reaches on the programme's own instance, made feasible."""
    gradients, compress = G * within(gradients, 1.0), leaving(G * left, gamma)
    state = init(gradients[0, 0] * 0, gradients.shape[1])
    for g in gradients:
        state, _ = step(state, g, 1, beta, compress)
    return float(_measure(quantity, state.memory, state.momentum))


def _measure(quantity: str, memory: Any, momentum: Any) -> Any:
    """The quantity, a sum over the workers, from free points or arrays."""
    return square(sum(memory[1:], memory[0]) if quantity == "total_memory_sq" else sum(momentum[1:], momentum[0]))


# ---- one convex function, a memory of bounded size ----


class _Convex(NamedTuple):
    """Iterates and, last, their mean: x and a subgradient there [iterations + 1, d], values [iterations + 1] above that at `minimiser` [d];

    memories [iterations, d].
    """

    x: np.ndarray
    gradients: np.ndarray
    values: np.ndarray
    minimiser: np.ndarray
    left: np.ndarray


def averaged_gap(
    *, iterations: int, eta: float = 0.2, beta: float = 0.5, G: float = 1.0, U: float = 1.0, start_distance_sq: float = 1.0
) -> WorstCase:
    """Largest f(mean of the iterates w_0, ..., w_{T-1}) - f* (F) after T = n = iterations with a constant step and one worker.

    Over convex f with subgradients of norm at most G (F/X) along the run, and maps that keep the memory within U (F/X). The reference's
    f is the largest of the tangents that the programme found, so that its gap is that of a function.
    Raises: ValueError for a number out of range.
    """
    check_count("iterations", iterations, 1)
    check_positive(eta=eta, G=G, U=U, start_distance_sq=start_distance_sq)
    check_momentum(beta)
    letters = {"eta": eta, "beta": beta, "G": G, "U": U, "start_distance_sq": start_distance_sq}
    unit = eta * G**2  # solved with eta = G = 1
    bound = U / G * (1 - 1e-12)  # so that no memory of the instance exceeds U by rounding
    solution, instance = _averaged(iterations, beta, bound, start_distance_sq / (eta * G) ** 2)
    value = times(solution.value, unit)
    attained, memories = (math.nan, [0.0]) if instance is None else _averaged_reference(instance, beta, bound)
    return WorstCase(
        f"of output_gap after n = {iterations} iterations on convex f, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        attained * unit,
        {name: column(number) for name, number in {**letters, "horizon": iterations, "workers": 1, "output_gap": value}.items()}
        | {"total_memory_sq": column(*(G**2 * memory for memory in memories))[None]},
        iterations,
    )


def _run(programme: Any, f: Any, iterations: int, beta: float, U: float) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Iterates, gradients, memories and constraints of one worker with free memories and gradients of norm at most 1, with eta = 1."""
    from PEPit import Point
    from PEPit.point import null_point

    visited, momentum, memory, gradients, left, constraints = [programme.set_initial_point()], null_point, null_point, [], [], []
    for _ in range(iterations):
        gradients.append(g := f.gradient(visited[-1]))  # asked again, it would be another subgradient
        momentum = beta * momentum + g
        compressed, memory = momentum + memory, Point()
        constraints += [g**2 <= 1, memory**2 <= U**2]
        left.append(memory)
        visited.append(visited[-1] - (compressed - memory))
    return visited, gradients, left, constraints


def _averaged(iterations: int, beta: float, U: float, start_distance_sq: float) -> tuple[performance.Solution, _Convex | None]:
    """The run on free memories and subgradients of norm at most 1, with eta = 1, and the instance that solves it."""
    from PEPit import PEP
    from PEPit.functions import ConvexFunction

    programme = PEP()
    f = programme.declare_function(ConvexFunction)
    minimiser = f.stationary_point()
    visited, gradients, left, constraints = _run(programme, f, iterations, beta, U)
    constraints = [(visited[0] - minimiser) ** 2 <= start_distance_sq, *constraints]
    for constraint in constraints:
        programme.add_constraint(constraint)
    points = [*visited[:-1], mean(visited[:-1])]
    at_mean = f.oracle(points[-1])
    gradients.append(at_mean[0])
    programme.set_performance_metric(at_mean[1] - f(minimiser))
    solution = performance.solve(programme, constraints, [f])
    if solution.value is None:
        return solution, None
    values = np.array([float((f(point) - f(minimiser)).eval()) for point in points])
    return solution, _Convex(found(points), found(gradients), values, minimiser.eval(), found(left))


def _averaged_reference(instance: _Convex, beta: float, U: float) -> tuple[float, list[float]]:
    """What the reference reaches on the programme's own instance, NaN if its tangents are none of a convex function; and the memories."""
    gradients, remaining = np.vstack([within(instance.gradients[:-1], 1.0), instance.gradients[-1:]]), iter(within(instance.left, U))
    states = [init(instance.x[0], 1)]
    for g in gradients[:-1]:
        states.append(step(states[-1], g[None], 1, beta, lambda v, _: v - next(remaining))[0])
    x, values = np.array([state.x for state in states[:-1]]), instance.values
    x = np.vstack([x, mean(x)])

    def largest_tangent(at: np.ndarray) -> float:
        return float(max(0.0, (values + ((at - x) * gradients).sum(-1)).max()))

    apart = [largest_tangent(at) - value for at, value in zip([*x, instance.minimiser], [*values, 0.0], strict=True)]
    memories = [float(square(state.memory[0])) for state in states]
    return (largest_tangent(x[-1]) if max(apart) <= TOLERANCE else math.nan), memories


# ---- one smooth function, a memory of bounded size ----


def mean_gradient(
    *, iterations: int, L: float = 1.0, eta: float = 0.1, beta: float = 0.5, G: float = 1.0, U: float = 1.0, initial_gap: float = 0.1
) -> WorstCase:
    """Largest mean of ||grad f(w_t)||^2 (F^2/X^2) over t < T = n = iterations with a constant step and one worker.

    Over L-smooth f, bounded below, with f(w_0) - f* at most `initial_gap` (F) and gradients of norm at most G (F/X) along the run, and maps
    that keep the memory within U (F/X). That f exists is checked by the interpolation inequalities where the reference's run goes.
    Raises: ValueError for a number out of range.
    """
    check_count("iterations", iterations, 1)
    check_positive(L=L, eta=eta, G=G, U=U, initial_gap=initial_gap)
    check_momentum(beta)
    letters = {"L": L, "eta": eta, "beta": beta, "G": G, "U": U, "initial_gap": initial_gap}
    bound = U / G * (1 - 1e-12)  # solved with eta = G = 1; no memory of the instance exceeds U by rounding
    solution, instance = _descending(iterations, L * eta, beta, bound, initial_gap / (eta * G**2))
    value = times(solution.value, G**2)
    norms, memories = ([math.nan] * iterations, [0.0]) if instance is None else _descending_reference(instance, L * eta, beta, bound)
    along = {} if math.isnan(sum(norms)) else {"gradient_sq": column(*(G**2 * norm for norm in norms))[None]}
    return WorstCase(
        f"of the mean of gradient_sq over n = {iterations} iterations on smooth f, {listed(letters)}",
        value,
        times(solution.primal, G**2),
        solution.multipliers,
        solution.status,
        float(mean(norms)) * G**2,
        {name: column(number) for name, number in {**letters, "horizon": iterations, "workers": 1}.items()}
        | along
        | {"total_memory_sq": column(*(G**2 * memory for memory in memories))[None]},
        iterations,
    )


class _Smooth(NamedTuple):
    """Iterates and gradients there [iterations, d], values [iterations] above f*, memories [iterations, d]."""

    x: np.ndarray
    gradients: np.ndarray
    values: np.ndarray
    left: np.ndarray


def _descending(iterations: int, L: float, beta: float, U: float, initial_gap: float) -> tuple[performance.Solution, _Smooth | None]:
    """The run on free memories and gradients of norm at most 1, with eta = 1 and f* = 0, and the instance that solves it."""
    from PEPit import PEP
    from PEPit.functions import SmoothFunction

    programme = PEP()
    f = programme.declare_function(SmoothFunction, L=L)
    visited, gradients, left, constraints = _run(programme, f, iterations, beta, U)
    values = [f(point) for point in visited[:-1]]
    # an interpolating function has its lowest value where a step of 1/L leads from some point
    constraints += [values[0] <= initial_gap, *(value - g**2 / (2 * L) >= 0 for value, g in zip(values, gradients, strict=True))]
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(mean([g**2 for g in gradients]))
    solution = performance.solve(programme, constraints, [f])
    if solution.value is None:
        return solution, None
    return solution, _Smooth(found(visited[:-1]), found(gradients), np.array([float(value.eval()) for value in values]), found(left))


def _descending_reference(instance: _Smooth, L: float, beta: float, U: float) -> tuple[list[float], list[float]]:
    """||grad f||^2 along the reference's run on the programme's own instance, NaN if no smooth function has them; and the memories."""
    gradients, remaining = within(instance.gradients, 1.0), iter(within(instance.left, U))
    states = [init(instance.x[0], 1)]
    for g in gradients:
        states.append(step(states[-1], g[None], 1, beta, lambda v, _: v - next(remaining))[0])
    x = np.array([state.x for state in states[:-1]])
    memories = [float(square(state.memory[0])) for state in states]
    exists = interpolated(x, gradients, instance.values, L, None)
    return [float(square(g)) if exists else math.nan for g in gradients], memories
