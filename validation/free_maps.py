"""A free contraction map in a run on functions: whatever it leaves of each input, as long as contraction allows.

It is told by directions, one for each use, at most 1 long: of v is left sqrt(1 - gamma) ||v|| times the direction. Any sequence of uses of
any contraction map is one of these, and none of them is more, so that the worst of them is the worst that contraction allows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from reference.exact import is_exact, rationals
from validation.floors import Array, root, total
from validation.quantities import root_below

NAME = "free"
"""Of the operator {"name": "free", "gamma": "1/4"}, which goes with the directions of a run."""


def left(v: Array, directions: Array, gamma: Array) -> Array:
    """What is left of v [batch, paths, ..., d]: along `directions` [batch, ..., d], by `gamma` [batch]; in X or F/X, as v.

    Of rationals by lengths that are rounded down, so that it is a contraction exactly.
    """
    keep = _lengths(1 - gamma).reshape(-1, *(1,) * (v.ndim - 1))
    return keep * _lengths(total(v * v, -1))[..., None] * directions[:, None]


def _lengths(squares: Array) -> Array:
    return np.asarray(np.frompyfunc(root_below, 1, 1)(squares), dtype=object) if is_exact(squares) else root(squares)


def exactly(exact: Any, batch: Any, row: int) -> Any:
    """A run in rationals with the directions of this row of the batch, if it has any, in rationals too, still at most 1 long."""
    if batch.directions is None:
        return exact
    from validation.ascent import inside  # which takes torch along: what only replays needs none

    return replace(exact, directions=inside(batch.directions[row : row + 1]))


def written(directions: np.ndarray | None) -> dict[str, Any]:
    """Exact directions [1, ..., d] as a field of an instance; nothing without a free map."""
    return {} if directions is None else {"directions": _text(directions[0].tolist())}


def _text(value: Any) -> Any:
    return [_text(each) for each in value] if isinstance(value, list) else str(value)


def read(instance: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray | None:
    """The directions [1, *shape] of an instance, exactly; None without a free map.

    Raises: ValueError for a free map without directions, directions without a free map, or of another shape.
    """
    if (instance["operator"].get("name") == NAME) != ("directions" in instance):
        raise ValueError("a free map is known by its directions, and by nothing else: one was given without the other")
    if "directions" not in instance:
        return None
    nested = np.array(instance["directions"], dtype=object)
    if nested.shape != shape:
        raise ValueError(f"directions must have shape {shape}, got {nested.shape}")
    return rationals(nested)[None]
