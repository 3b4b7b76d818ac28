"""The fields that an instance may have, by arena.

A witness is input. What no replay reads would pass unseen, and a stated constant under the name of something measured would take its
place; so whatever an arena does not know is told, with what it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, TypeAlias, cast

from theory.asymptotics import Largest
from theory.claim import Reading
from theory.rules import plain
from validation.attack import ARENAS
from validation.hypotheses import FREE

Within: TypeAlias = "Mapping[str, Within | None] | Callable[[Mapping[str, Any]], Mapping[str, Within | None]]"
"""The names that an object may have, and what may stand within each: None for a value, the same again for an object or a list of them."""


def check(arena: str, reading: Reading, instance: Mapping[str, Any]) -> None:
    """Raises: ValueError that names a field which a replay in this arena does not read, and those that it may have."""
    _check("an instance", _allowed(arena, reading, instance), instance)


def _check(where: str, within: Within | None, value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            _check(where, within, each)
    if within is None or not isinstance(value, Mapping):
        return  # what should be an object and is none is told by the arena
    allowed = within(value) if callable(within) else within
    if unknown := [str(name) for name in value if name not in allowed]:
        known = f"it may have {', '.join(allowed)}" if allowed else "it has none"
        raise ValueError(f"{where} has the unknown field{'s' * (len(unknown) > 1)} {', '.join(unknown)}; {known}")
    for name, inner in allowed.items():
        if name in value:
            _check(f"{name} of {where}", inner, value[name])


def _names(*names: str) -> dict[str, Within | None]:
    return dict.fromkeys(names)


_FREE = {"free": _names(*FREE)}
_PIECES = _names("slope", "curvature", "knots", "bends")
_OF_OPERATORS: dict[str, tuple[str, ...]] = {
    "identity": (), "linear": ("residual",), "free": ("gamma",), "top_k": ("k",), "rand_k": ("k",), "sign_comp": ("k",), "scaled_sign": (),
    "blockwise": ("sizes",),
}  # fmt: skip
_OF_RULES: dict[str, tuple[str, ...]] = {
    "fixed": ("eta",), "horizon": ("C_hat",), "decaying": ("step_scale", "a"), "strongly convex": ("a",), "four over mu": ("a",),
}  # fmt: skip
_STRATEGY = ("beta", "step_numerator", "alpha", "first_eta")
_OF_MOMENTUM_RULES: dict[str, tuple[str, ...]] = {
    "fixed": ("eta", "beta"), "any": ("steps", "beta", "rho_start", "rho_end"), "any, beta 0": ("steps", "beta"), "strategy 2": _STRATEGY,
    "strategy 2 corrected": _STRATEGY, "suffix": ("beta", "first_eta"),
    **dict.fromkeys(("harmonic", "climbing", "alternating"), ("scale", "beta")),
}  # fmt: skip


def _by(key: str, table: Mapping[str, tuple[str, ...]]) -> Within:
    """What goes with the name under `key`; a name that is unknown is told by the arena."""
    return lambda described: _names(key, *table.get(str(described.get(key)), described))


_OPERATOR = {"operator": _by("name", _OF_OPERATORS)}
_STEP = {"step": _by("rule", _OF_RULES)}
_ON_FUNCTIONS = {"start": None, "directions": None, "functions": _PIECES, **_OPERATOR, **_FREE}
_SEQUENCE = _names("gamma", "gradients", "residuals", "G")
_SYNCHRONISED = {**_SEQUENCE, **_STEP, **_names("gap", "synchronise"), **_FREE}
_OF_ROUNDS = ("law", "rounds", "gap", "intervals", "d", "W", "step")
_OF_KINDS = {
    "ring": _OF_ROUNDS, "gossip": _OF_ROUNDS, "chain": ("intervals", "quantise", "bins"), "code": ("intervals",), "matrix": ("W",),
    "sequence": ("gap",),
}  # fmt: skip
_MDSGD = (
    "L",
    "mu",
    "weak_convexity",
    "G",
    "U",
    "distance_bound",
    "direction_bound",
    "error_bound",
    "lag_factor",
    "turn_factor",
    "largest_turn",
)
_ALIKE: dict[str, Mapping[str, Within | None]] = {
    "run": {
        **_names("horizon", "gap", "synchronise", "batch", "gamma"), **_STEP, **_ON_FUNCTIONS,
        "constants": _names("L", "mu", "G", "sigma_sq", "C"),
    },
    "mdsgd": {
        **_names("horizon", "batch", "gamma"), "step": _by("rule", _OF_MOMENTUM_RULES), **_ON_FUNCTIONS, "constants": _names(*_MDSGD),
    },
    "mdsgd_stages": {
        **_names("horizons", "batch"), **_ON_FUNCTIONS, "parameters": _names("weak_convexity", "slack", "beta"),
        "constants": _names("G", "U", "distance_bound", "J"),
    },
    "dist_ef": {
        **_names("algorithm", "workers", "gamma", "beta", "eta", "schedule", "step_scale"),
        **_ON_FUNCTIONS, "constants": _names("L", "G", "sigma"),
    },
    "mdsgd_memory": {**_SEQUENCE, **_names("k", "map", "beta", "U"), **_FREE},
    **dict.fromkeys(("memory", "deviation", "lag", "around"), _SYNCHRONISED),
    "one_shot": _names("horizon", "workers", "left", "right", "noise", "shift"),
    "walk": _names("moves", "stay", "width", "ratio", "workers"),
    "recursion": _names("rule", "horizon", "mu", "L", "drop", "a", "variance_term", "drift_term", "start_distance_sq", "shares"),
    "operator": _names("operator", "d", "k", "s", "m", "levels", "beta", "x"),
}  # fmt: skip
_DIST_EF_SEQUENCE = {**_SEQUENCE, **_names("beta", "eta", "server_residuals"), **_FREE}


def _allowed(arena: str, reading: Reading, instance: Mapping[str, Any]) -> Within | None:
    """What an instance of an arena may hold; None where all that it holds is compared with what the arena finds itself."""
    if arena == "resnet":
        return None
    if arena == "orders":
        return _names(*(symbol.name for symbol in reading.rate.free)) if isinstance(reading.rate, Largest) else None
    if arena == "scalars":
        return _names(*sorted(_letters(reading)))
    if arena in ("step", "function", "vectors"):
        drawn = cast(Any, ARENAS[arena]).drawn
        functions = {} if arena == "vectors" else {"functions": _PIECES}
        letters = ("L", "mu", "eta", "workers", "n", "batch", "sigma_sq_sum", "sigma_max", "shift", *sorted(_letters(reading)))
        return {"letters": _names(*letters), "points": _names(*(name for name in drawn if name not in _PIECES)), **functions}
    if arena == "qprsgd":
        kinds = import_module("validation.gossip").KINDS
        of = str(instance.get("of"))
        arrays = _names(*kinds[of].units) if of in kinds else None
        return {"of": None, **_names(*_OF_KINDS.get(of, instance)), "arrays": arrays, **_FREE}
    if arena == "dist_ef" and "gradients" in instance:
        return _DIST_EF_SEQUENCE
    name = arena.removesuffix(", long")
    if "law" not in instance:
        return _ALIKE[name]
    return {**_ALIKE[name], **_names("law", "horizon", *(["rule"] if name == "dist_ef" else []))}


def _letters(reading: Reading) -> set[str]:
    """The names of all letters of a reading, with those of quantities that stand for letters."""
    stated: Iterable[Any] = (*([reading.relation.boolean] if reading.relation is not None else ()), *reading.conditions)
    return {name for each in stated for symbol in plain(each).free_symbols for name in (symbol.name, str(symbol))}
