"""The one place where an instance is judged by what the letters of a statement are declared to be, and both sides of it are worked out.

Every letter is declared once, in `theory.symbols`, with what it may be: a count is a positive integer, G is positive. Derivations rest on
it, no hypothesis repeats it, and an instance states its letters itself, so that it is asked of every instance that is replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from theory.claim import Reading
from theory.symbols import QUANTITIES
from validation.attack import Replay
from validation.hypotheses import FREE, Judgement
from validation.quantities import Exact, Measured, bounds, sides, spoken


def misdeclared(reading: Reading, measured: Measured) -> dict[str, Judgement]:
    """The letters that a reading speaks of, and free ones, whose exact values are not what they are declared to be; quantities likewise."""
    found: dict[str, Judgement] = {}
    for name in sorted((spoken(reading) | FREE.keys()) & measured.keys() & QUANTITIES.keys()):
        allowed = declared(name)
        wrong = next((value for value in measured[name].flat if not _is(value, allowed)), None)
        if wrong is not None:
            found[f"{name} as declared"] = (False, f"{name} must be {allowed}, got {wrong}")
    return found


def declared(name: str) -> str:
    """What a letter may be, in words: "a positive integer", "nonnegative"; "real" where nothing more is declared."""
    symbol = QUANTITIES[name].symbol
    sign = "positive" if symbol.is_positive else "nonnegative" if symbol.is_nonnegative else ""
    return f"a {sign} integer".replace("  ", " ") if symbol.is_integer else sign or "real"


def _is(value: Exact, allowed: str) -> bool:
    low, high = bounds(value)
    whole = not allowed.endswith("integer") or (low == high and low.denominator == 1)
    return whole and (high > 0 or "positive" not in allowed) and (high >= 0 or "nonnegative" not in allowed)  # an enclosure may reach below


def replayed(reading: Reading, measured: Measured, judged: Mapping[str, Judgement], first: int = 0) -> Replay:
    """Both sides of a reading where they are worst, with the hypotheses `judged` and its letters. `first`: the time of the first column.

    Raises: NotMeasured if it speaks of what was not measured.
    """
    assert reading.relation is not None
    found = sides(reading.relation, measured)
    if found.index is not None:
        found = replace(found, index=(found.index[0], found.index[1] + first))
    small, large, violated, at = found.worst()
    return Replay(small, large, violated, {**judged, **misdeclared(reading, measured)}, at)
