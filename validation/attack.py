"""What an attack is: the arenas where claims are put to the test, and what came of it.

An arena searches in floats, but counts nothing as broken on their word: the instance is written in rationals, run again through the
reference in exact arithmetic, and every hypothesis of the reading is judged on it, before a bound counts as broken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, wraps
from importlib import import_module
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, cast

import numpy as np

from theory.claim import Reading
from validation.quantities import Exact

Drawn = TypeVar("Drawn")
Instance: TypeAlias = dict[str, Any]
"""A concrete case, ready for JSON: strings, integers, lists and dictionaries; a rational is the string "p/q"."""


@dataclass(frozen=True)
class Effort:
    """How hard to try, in counts, so that the same seed gives the same answer on every machine."""

    name: str
    instances: int  # cases drawn for each structure
    starts: int  # starting points of an ascent
    iterations: int  # steps of an ascent
    rlimit: int  # budget of the decision procedure
    polished: bool = False  # whether the best of an ascent goes on by discrete moves
    moves: int = 0  # rounds of moves of the local search beside the best instances
    steered: int = 0  # of a batch of runs on functions, how many an adversary climbs from while the local search moves others

    @property
    def kept(self) -> int:
        """Of the starts of a setting, how many are kept once they have been climbed: every claim is measured on each of them."""
        return max(self.starts // 16, 8)

    def batch(self, numbers: int) -> int:
        """Starts of a setting that are climbed in one batch, each of so many numbers: thousands, but where the search is to be quick."""
        return max(min(self.starts, MOST_NUMBERS // numbers), self.kept) if self.moves else self.kept


MOST_NUMBERS = 1 << 20
"""Of a batch that is climbed: some twenty times as many are held at once, for derivatives along the whole run."""

EFFORTS = {
    effort.name: effort
    for effort in (
        Effort("quick", instances=60, starts=256, iterations=4, rlimit=4_000_000),
        Effort("normal", instances=400, starts=2048, iterations=8, rlimit=20_000_000, moves=8),
        Effort("thorough", instances=2000, starts=8192, iterations=16, rlimit=100_000_000, moves=24, steered=128),
    )
}


@dataclass(frozen=True)
class Attack:
    """What an attack on one reading came to.

    `ratio`: largest measured side over the bound, among valid instances; above 1 (or infinite, where the bound is 0) means broken.
    `witness`: the exact instance, replayed before it counted; None unless broken. `nearest`: where nothing broke it, the instance that came
    nearest to it, in rationals, which a replay puts within rounding of `ratio`.
    """

    outcome: Literal["broken", "not broken", "no instance"]
    ratio: float | None
    instances: int
    evidence: str
    witness: Instance | None = None
    nearest: Instance | None = None


class CutShort(KeyboardInterrupt):
    """An interruption of an attack on a reading, with what it had come to by then."""

    def __init__(self, reading: Reading, found: Attack) -> None:
        super().__init__()
        self.reading, self.found = reading, found


@dataclass(frozen=True)
class Replay:
    """One instance evaluated exactly, without any search.

    `lhs`, `rhs`: both sides where they are worst (a free index is fixed there, see `at`); Fractions, or enclosures of irrational values.
    `violated` only if the two enclosures say so for certain. `hypotheses`: by name, whether it is met and why.
    """

    lhs: Exact
    rhs: Exact
    violated: bool
    hypotheses: Mapping[str, tuple[bool, str]] = field(default_factory=dict)
    at: str = ""

    @property
    def valid(self) -> bool:
        return all(met for met, _ in self.hypotheses.values())

    @property
    def broken(self) -> bool:
        """A counterexample: every hypothesis is met, and the relation fails."""
        return self.valid and self.violated


class Arena(Protocol):
    """A family of instances on which relations are measured."""

    @property
    def name(self) -> str: ...

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Searches for an instance that meets `reading.given` and fails `reading.relation`."""
        ...

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Both sides on one instance, exactly. Raises: ValueError if it is no instance of this arena."""
        ...


_MODULES = {
    "scalars": "validation.scalars",
    "orders": "validation.orders",
    "memory": "validation.memory",
    "deviation": "validation.memory",
    "lag": "validation.memory",
    "around": "validation.memory",
    "run": "validation.runs",
    "run, long": "validation.long_runs",
    "one_shot": "validation.one_shot",
    "walk": "validation.walk",
    "recursion": "validation.recursions",
    "dist_ef": "validation.error_feedback",
    "dist_ef, long": "validation.long_runs",
    "mdsgd": "validation.momentum",
    "mdsgd, long": "validation.long_runs",
    "mdsgd_memory": "validation.momentum",
    "mdsgd_stages": "validation.stages",
    "mdsgd_stages, long": "validation.long_stages",
    "operator": "validation.operators",
    "qprsgd": "validation.gossip",
    "qprsgd, long": "validation.alike",
    "step": "validation.scenes",
    "function": "validation.scenes",
    "vectors": "validation.scenes",
    "resnet": "validation.architectures",
}


class _Arenas(dict[str, Arena]):
    """The arenas by name; the module of one is imported when it is first asked for (some take torch along)."""

    def __missing__(self, name: str) -> Arena:
        if name not in _MODULES:
            raise ValueError(f"arena must be one of {', '.join(_MODULES)}, got {name!r}")
        import_module(_MODULES[name])
        return self[name]


ARENAS: dict[str, Arena] = _Arenas()


def register(arena: Arena) -> Arena:
    """Enrols an arena; a module calls it once for each of its own."""
    ARENAS[arena.name] = arena
    return arena


def attack(reading: Reading, effort: Effort, seed: int) -> Attack:
    """Attacks a reading in the arena it names. Raises: ValueError if it names none."""
    if reading.arena is None or reading.relation is None:
        raise ValueError(f"reading {reading.name!r} must name an arena and state a relation to be attacked")
    return ARENAS[reading.arena].attack(reading, effort, seed)


def with_long(arena: Arena, reading: Reading, effort: Effort, seed: int, short: Attack) -> Attack:
    """What an attack on runs of a few steps came to, or that on long ones, if nothing broke in the short and the long come nearer.

    Raises: CutShort with what the short ones came to.
    """
    if short.outcome == "broken":
        return short
    arena_of_long: Any = ARENAS[f"{arena.name}, long"]
    try:
        long: Attack = arena_of_long.searched(reading, effort, seed)
    except KeyboardInterrupt as stop:
        raise CutShort(reading, short) from stop
    if long.ratio is None:
        return short
    tried = short.instances + long.instances
    if long.outcome == "broken" or short.ratio is None or long.ratio > short.ratio:
        nearer = replace(long, instances=tried, evidence=f"long runs: {long.evidence}; short ones: {short.evidence}")
        return cast(Attack, arena_of_long.written(nearer))
    return replace(short, instances=tried, evidence=f"{short.evidence}; long ones: {long.evidence}")


_FORGET: list[Callable[[], None]] = []


def pooled(draw: Callable[..., Drawn]) -> Callable[..., Drawn]:
    """Instances drawn once for all claims that speak of them, until `forget_pools`."""
    kept = cache(draw)
    _FORGET.append(kept.cache_clear)
    return kept


def forget_pools() -> None:
    """Lets go of every instance drawn, so that a search with other randomness does not hold all of them."""
    for forget in _FORGET:
        forget()


def remembered(search: Callable[[Any, Reading, Effort, int], Attack]) -> Callable[[Any, Reading, Effort, int], Attack]:
    """The search, done once for all readings that state the same: papers repeat their displays. Only for a search blind to names."""
    done: dict[Any, Attack] = {}
    _FORGET.append(done.clear)

    @wraps(search)
    def attack(arena: Any, reading: Reading, effort: Effort, seed: int) -> Attack:
        statement = (arena.name, reading.relation, reading.given, repr(sorted(reading.setting.items())), effort, seed)
        if statement not in done:
            done[statement] = search(arena, reading, effort, seed)
        return done[statement]

    return attack


def measured_once(observe: Callable[..., Drawn]) -> Callable[..., Drawn]:
    """What is measured of an exact run, once: a run is replayed right after it was written, and its constants were fitted to it."""
    kept: dict[str, Drawn] = {}

    @wraps(observe)
    def measured(*of: Any, **more: Any) -> Drawn:
        if not _has_exact(of):
            return observe(*of, **more)
        key = _spelled((of, more))
        if key not in kept:
            if len(kept) == KEPT_RUNS:
                kept.pop(next(iter(kept)))
            kept[key] = observe(*of, **more)
        return kept[key]

    _FORGET.append(kept.clear)
    return measured


KEPT_RUNS = 8


def _parts(value: Any) -> list[Any] | None:
    """What a record is made of, by the names of its fields; None for anything else."""
    if isinstance(value, Mapping):
        return sorted(value.items())
    if isinstance(value, tuple | list):
        return list(value)
    return [(each.name, getattr(value, each.name)) for each in fields(value)] if is_dataclass(value) else None


def _has_exact(value: Any) -> bool:
    parts = _parts(value)
    return value.dtype == object if isinstance(value, np.ndarray) else parts is not None and any(map(_has_exact, parts))


def _spelled(value: Any) -> str:
    """A text that says all that a run consists of."""
    if isinstance(value, np.ndarray):
        return repr((value.shape, value.dtype.str, value.tolist()))
    parts = _parts(value)
    return repr(value) if parts is None else f"{type(value).__name__}({','.join(map(_spelled, parts))})"


def generator(seed: int, *labels: object) -> np.random.Generator:
    """A generator for one purpose: the same seed and labels give the same stream, different labels independent ones."""
    digest = hashlib.sha256(repr((seed, *map(str, labels))).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "little"))
