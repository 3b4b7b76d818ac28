"""How the free adversary climbs: conditional gradient on thousands of starts at once, then discrete moves from the best of them.

What it maximises is convex in each of its inputs (a gradient in a ball, the direction of a residual), so replacing every input by its
normalised derivative never loses in any one of them. It needs room to turn: on a line each input is stuck with its sign, hence
`DIMENSION`. Where the steepest instance is on a line all the same, signs that agree only in stretches take long to sort out by
derivatives; turning a whole stretch over does it in one move.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

DIMENSION = 3
"""The least dimension to search in: a line would trap the ascent, and a plane its residuals."""
GROWTH = 1e-9
"""Relative growth below which an ascent has stopped; far above the round-off of one run."""
MOST_TURNS, WORTH = 48, 1e-4
"""Discrete moves in a row, at most, and the relative growth for which one is made."""
BETWEEN = 8
"""Steps of conditional gradient between discrete moves, at most: what needs more of them is not near a better peak."""
MOST_TIMES = 64
"""Times at which a discrete move may begin."""

Value: TypeAlias = Callable[..., Tensor]
"""What is maximised, [starts], of inputs [times, starts, ..., d] of unit length along the last axis."""


def unit(v: Tensor, otherwise: Tensor | None = None) -> Tensor:
    """v over its length along the last axis; where that is 0, v itself, or `otherwise`."""
    norm = torch.linalg.vector_norm(v, dim=-1, keepdim=True)
    direction = v / torch.where(norm > 0, norm, 1)
    return direction if otherwise is None else torch.where(norm > 0, direction, otherwise)


def ascend(value: Value, inputs: Sequence[Tensor], iterations: int) -> tuple[Tensor, list[Tensor]]:
    """The best inputs met from each start, in at most `iterations` steps, the best of all of them polished; with their values [starts]."""
    reached, best = climb(value, inputs, iterations)
    top = int(reached.argmax())
    peak, polished = polish(value, [each[:, top : top + 1] for each in best], iterations)
    for each, better in zip(best, polished, strict=True):
        each[:, top] = better[:, 0]
    reached[top] = peak
    return reached, best


def climb(value: Value, inputs: Sequence[Tensor], iterations: int) -> tuple[Tensor, list[Tensor]]:
    """Conditional gradient: every input replaced by its normalised derivative, until no start grows; values [starts], and inputs."""
    now = list(inputs)
    reached, best = torch.full((inputs[0].shape[1],), -torch.inf, dtype=inputs[0].dtype), [each.clone() for each in inputs]
    for left in range(iterations, -1, -1):
        now = [each.detach().requires_grad_(left > 0) for each in now]
        values = value(*now)
        grown = values.detach() > reached + GROWTH * reached.abs().nan_to_num(posinf=0)
        reached = torch.where(grown, values.detach(), reached)
        best = [torch.where(_over(grown, each), each.detach(), kept) for each, kept in zip(now, best, strict=True)]
        if not left or not grown.any():
            break
        slopes = torch.autograd.grad(values.sum(), now, allow_unused=True, materialize_grads=True)
        now = [unit(slope, each.detach()) for slope, each in zip(slopes, now, strict=True)]
    return reached, best


def _over(starts: Tensor, inputs: Tensor) -> Tensor:
    """A mask over starts, shaped to meet inputs [times, starts, ...]."""
    return starts.reshape(1, -1, *(1,) * (inputs.ndim - 2))


def polish(value: Value, start: Sequence[Tensor], iterations: int) -> tuple[Tensor, list[Tensor]]:
    """A single start [times, 1, ...] improved by discrete moves, laid onto its principal line or, where that loses, as it is.

    Returns its value [] and its inputs.
    """
    with torch.no_grad():
        before = value(*start)[0]
    on_a_line = _turn(value, _on_a_line(start), iterations)
    return on_a_line if on_a_line[0] >= before else _turn(value, start, iterations)


def _turn(value: Value, start: Sequence[Tensor], iterations: int) -> tuple[Tensor, list[Tensor]]:
    """Any inputs turned over up to any time, alone or together, as long as that helps; then conditional gradient, and so on."""
    with torch.no_grad():
        reached, best = value(*start)[0], list(start)
    for _ in range(MOST_TURNS):
        with torch.no_grad():
            moves = _turned(best)
            values = value(*moves)
        top = int(values.argmax())
        peak, moved = values[top], [each[:, top : top + 1] for each in moves]
        if not peak > reached + WORTH * reached.abs():
            climbed, moved = climb(value, best, min(iterations, BETWEEN))
            peak = climbed[0]
        if not peak > reached + WORTH * reached.abs():
            break
        reached, best = peak, moved
    return reached, best


def _on_a_line(inputs: Sequence[Tensor]) -> list[Tensor]:
    """Each input of a single start replaced by the direction, or its opposite, in which all of them are longest."""
    together = torch.cat([each.reshape(-1, each.shape[-1]) for each in inputs])
    line = torch.linalg.eigh(together.T @ together)[1][:, -1]
    return [torch.where(each @ line >= 0, 1.0, -1.0).unsqueeze(-1).to(each.dtype) * line for each in inputs]


def _turned(inputs: Sequence[Tensor]) -> list[Tensor]:
    """Variants of a single start [times, 1, ...], [times, variants, ...]: some of its inputs turned over before some time."""
    shares = torch.linspace(0, 1, min(max(map(len, inputs)), MOST_TIMES) + 1, dtype=torch.float64)
    soon = range(len(inputs))  # what answers another input turns a step or more sooner: the residual that the next gradient is to meet
    ways = [way for way in product((None, *soon), repeat=len(inputs)) if 0 in way]
    out = []
    for i, each in enumerate(inputs):
        times, variants = len(each), []
        for way in ways:
            until = torch.zeros_like(shares) if way[i] is None else torch.round(shares * times) - way[i]
            sign = torch.where(torch.arange(times)[:, None] < until, -1, 1)
            variants.append(each * sign.reshape(times, len(shares), *(1,) * (each.ndim - 2)))
        out.append(torch.cat(variants, 1))
    return out


GRID = 10**8
"""One over the grid on which what was found is written in rationals. What is lost of a residual comes back 2 / gamma times, squared."""


def inside(v: np.ndarray) -> np.ndarray:
    """Vectors [..., d] of the unit ball in rationals, still in it: rounding moves each by less than sqrt(d) / (2 GRID), d at most 64."""
    return np.frompyfunc(lambda x: Fraction(round(x * (GRID - 4)), GRID), 1, 1)(v).astype(object)


def below(x: float) -> Fraction:
    """A rational on the grid that is not above a nonnegative x but by its round-off, for which `inside` leaves room."""
    return Fraction(math.floor(x * GRID), GRID)


def directions(written: np.ndarray) -> np.ndarray:
    """The directions of vectors in rationals, or in writing, [..., d]; the first axis where one is 0."""
    exact = np.frompyfunc(Fraction, 1, 1)(written)
    largest = np.maximum.reduce(np.abs(exact), axis=None, initial=Fraction(0))
    return _unit_or_first((exact / (largest or 1)).astype(float))


def supported(gradients: np.ndarray, directions: np.ndarray, starts: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Starts [times, starts, ..., d] beside inputs [times, ..., d]: these, on their principal line, and in their principal plane.

    The rest are at random. An ascent stays within the coordinates in which it starts.
    """
    together = np.concatenate([each.reshape(-1, each.shape[-1]) for each in (gradients, directions)])
    axes = np.linalg.eigh(together.T @ together)[1][:, ::-1]  # the principal one first
    out = []
    for each in (gradients, directions):
        along = each @ axes
        line, plane = (_unit_or_first(np.where(np.arange(along.shape[-1]) < kept, along, 0)) @ axes.T for kept in (1, 2))
        rest = rng.standard_normal((len(each), starts - 3, *each.shape[1:]))
        rest /= np.linalg.norm(rest, axis=-1, keepdims=True)
        out.append(np.concatenate([np.stack([each, line, plane], axis=1), rest], axis=1))
    return out[0], out[1]


def _unit_or_first(v: np.ndarray) -> np.ndarray:
    """v over its length along the last axis, or the first axis where that is 0."""
    norm = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.where(norm > 0, v / np.where(norm > 0, norm, 1), np.eye(v.shape[-1])[0])
