"""The worst envelope gradients under M-DSGD in stages (its section 6) on one weakly convex function, gradients and memories being free."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from reference.mdsgd import next_stage, stage_init, stage_step
from validation import performance
from validation.performance import (
    TOLERANCE,
    WorstCase,
    check_count,
    check_momentum,
    check_positive,
    column,
    found,
    listed,
    mean,
    square,
    times,
    within,
)

KEPT = 1 - TOLERANCE / 10
"""Of the squares of U, B and J: the solver exceeds them by less than the rest, and the run stays within what is stated."""


class _Bounds(NamedTuple):
    """What a run keeps to, in units of eta_0 and G: c, and the squares of U, B and J."""

    weak_convexity: float
    memory: float
    distance: float
    loss: float


class _Instance(NamedTuple):
    """Of the iterates, then of the proximal points of the stages: where, subgradients [points, d] and values [points] above F*.

    The minimiser of F [d] and the memories [iterations, d].
    """

    x: np.ndarray
    gradients: np.ndarray
    values: np.ndarray
    minimiser: np.ndarray
    left: np.ndarray


def in_stages(
    *,
    stages: int = 2,
    first: int = 2,
    beta: float = 0.5,
    weak_convexity: float = 0.5,
    G: float = 1.0,
    U: float = 1.0,
    B: float = 2.0,
    J: float = 2.0,
) -> WorstCase:
    """Largest sum over s of (s + 1) ||grad F_gamma(w~_s)||^2 (F^2/X^2), of S = stages, the first of `first` iterations.

    Stage s makes first (s + 1) iterations of one worker at 12 gamma / (first (s + 1)), gamma = 1 / (2 c): the least that Theorem 12 allows.
    Over c-weakly convex F with a minimum, subgradients of norm at most G (F/X) along the run, iterates at most B (X) from the minimiser and
    losses at most J^2 (F) above the minimum, and maps that keep the memory within U (F/X). The largest of the tangent parabolas that the
    programme found and of F* is such an F.
    Raises: ValueError for a number out of range.
    """
    check_count("stages", stages, 1)
    check_count("first", first, 1)
    check_momentum(beta)
    check_positive(weak_convexity=weak_convexity, G=G, U=U, B=B, J=J)
    envelope = 1 / (2 * Fraction(weak_convexity))
    etas = [12 * envelope / (first * (s + 1)) for s in range(stages)]
    eta = float(etas[0])
    unit = eta * G**2  # of a loss; solved with eta_0 = G = 1
    lengths = [first * (s + 1) for s in range(stages)]
    bounds = _Bounds(weak_convexity * eta, KEPT * (U / G) ** 2, KEPT * (B / (eta * G)) ** 2, KEPT * J**2 / unit)
    solution, instance = _programme(lengths, beta, bounds)
    along, attained = ({}, math.nan) if instance is None else _reference(instance, lengths, beta, bounds)
    scales = {"envelope_gradient_sq": G**2, "stage_loss_gap": unit, "iterate_distance_sq": (eta * G) ** 2, "total_memory_sq": G**2}
    letters: dict[str, float] = {
        "beta": beta,
        "weak_convexity": weak_convexity,
        "G": G,
        "U": U,
        "distance_bound": B,
        "J": J,
        "stages": stages,
    }
    value = times(solution.value, G**2)
    return WorstCase(
        f"of the weighted sum of envelope_gradient_sq over n = {stages} stages of {lengths} iterations, {listed(letters)}",
        value,
        times(solution.primal, G**2),
        solution.multipliers,
        solution.status,
        attained * G**2,
        {name: column(number) for name, number in letters.items()}
        | {"envelope": column(envelope), "workers": column(1)}
        | {name: column(*(scales[name] * each for each in values))[None] for name, values in along.items()}
        | {"stage_eta": column(*etas)[None], "stage_horizon": column(*lengths)[None]},
        stages,
    )


def _programme(lengths: list[int], beta: float, bounds: _Bounds) -> tuple[performance.Solution, _Instance | None]:
    """The run on free memories and a convex h = F + c/2 ||w - w*||^2, with eta_0 = 1, and the instance that solves it."""
    from PEPit import PEP, Expression, Point
    from PEPit.functions import ConvexFunction
    from PEPit.point import null_point

    c = bounds.weak_convexity
    envelope = 1 / (2 * c)
    programme = PEP()
    h = programme.declare_function(ConvexFunction)
    minimiser = h.stationary_point()
    least = h(minimiser)
    x, visited, gradients, losses, left, nearest, constraints, measured = programme.set_initial_point(), [], [], [], [], [], [], []
    for s, length in enumerate(lengths):
        anchor, momentum, memory, iterates = x, null_point, null_point, []
        p, at_p = Point(), Expression()
        slope = (anchor - p) / envelope  # the gradient of the envelope, and one of F at the proximal point
        h.add_point((p, slope + c * (p - minimiser), at_p))
        nearest.append((p, slope, at_p - c / 2 * (p - minimiser) ** 2 - least))
        measured.append((s + 1) * slope**2)
        for t in range(length):
            iterates.append(x)
            of_h, value = h.oracle(x)
            g, loss = of_h - c * (x - minimiser), value - c / 2 * (x - minimiser) ** 2 - least
            visited.append(x)
            gradients.append(g)
            losses.append(loss)
            constraints += [g**2 <= 1, (x - minimiser) ** 2 <= bounds.distance, loss >= 0]
            if t == 0:
                constraints.append(loss <= bounds.loss)
            momentum = beta * momentum + g + (x - anchor) / envelope
            compressed, memory = momentum + memory, Point()
            constraints.append(memory**2 <= bounds.memory)
            left.append(memory)
            x = x - (compressed - memory) / (s + 1)
        constraints += [(x - minimiser) ** 2 <= bounds.distance, nearest[-1][2] >= 0]
        x = mean(iterates)
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(sum(measured))
    solution = performance.solve(programme, constraints, [h])
    if solution.value is None:
        return solution, None
    points, slopes, values = zip(*nearest, strict=True)
    above = np.array([float(value.eval()) for value in (*losses, *values)])
    return solution, _Instance(found([*visited, *points]), found([*gradients, *slopes]), above, minimiser.eval(), found(left))


def _reference(instance: _Instance, lengths: list[int], beta: float, bounds: _Bounds) -> tuple[dict[str, list[float]], float]:
    """What the reference measures on the programme's own instance, made feasible, and the sum, NaN if no such F has its gradients."""
    envelope, count = 1 / (2 * bounds.weak_convexity), sum(lengths)
    gradients = within(instance.gradients[:count], 1.0)
    rows, remaining = iter(gradients), iter(within(instance.left, math.sqrt(bounds.memory)))
    stage = stage_init(instance.x[0], 1)
    visited, anchors, memories, ends = [], [], [], []
    for s, length in enumerate(lengths):
        anchors.append(stage.anchor)
        for _ in range(length):
            visited.append(stage.state.x)
            stage, _ = stage_step(stage, next(rows)[None], 1 / (s + 1), beta, envelope, lambda v, _: v - next(remaining))
            memories.append(float(square(stage.state.memory[0])))
        ends.append(stage.state.x)
        stage = next_stage(stage, length)
    nearest = instance.x[count:]
    slopes = (np.array(anchors) - nearest) / envelope
    x, g = np.vstack([visited, nearest]), np.vstack([gradients, slopes])
    squares = [float(square(slope)) for slope in slopes]
    starts = np.cumsum([0, *lengths[:-1]])
    along = {
        "envelope_gradient_sq": squares,
        "stage_loss_gap": list(instance.values[starts]),
        "iterate_distance_sq": [float(square(each - instance.minimiser)) for each in (*visited, *ends)],
        "total_memory_sq": memories,
    }
    exists = _exists(x, g, instance.values, instance.minimiser, bounds.weak_convexity)
    return along, sum((s + 1) * each for s, each in enumerate(squares)) if exists else math.nan


def _exists(x: np.ndarray, g: np.ndarray, f: np.ndarray, minimiser: np.ndarray, c: float) -> bool:
    """Whether a c-weakly convex function with this minimiser has these values above its minimum and subgradients, to TOLERANCE.

    x, g [points, d], f [points]. It is the largest of the parabolas f_i + <g_i, w - x_i> - c/2 ||w - x_i||^2 and of the minimum.
    """
    at = np.vstack([x, minimiser])
    apart = at[:, None] - x
    below = f + (g * apart).sum(-1) - c / 2 * (apart**2).sum(-1)
    slack = np.append(np.append(f, 0)[:, None] - below, f)
    return bool((slack >= -TOLERANCE * max(1, np.abs(f).max())).all())
