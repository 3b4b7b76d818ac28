"""The arena of recursions: what the lemmas say of any nonnegative a_t and e_t that obey a recursion, whatever they come from.

With the step eta_t = 4 / (mu (a + t)) that is (12) of local SGD, a' <= (1 - mu eta) a - eta e A + eta^2 B + eta^3 C; with 8 / (mu (a + t))
it is (C.43) of Qsparse-local-SGD, with mu eta / 2 for mu eta, mu / (2 L) for A, and A and B for B and C. Larger a_t only help, so all obey
it with equality: what is left of the right side once e_t has taken its share of it. The e_t are gaps of a convex f that is linear where
the iterates are, so that the gap of a mean iterate is the mean of the gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial

import numpy as np

from reference.exact import is_exact
from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, generator, pooled, register
from validation.hypotheses import Case, Judgement, judge
from validation.letters import replayed
from validation.runs import NUMERATORS, Group, exact_row, fractions, kind_of, search

HORIZONS = (1, 2, 5, 20, 80)
UNITS = {
    "mu": (-2, 1), "L": (-2, 1), "drop": (0, 0), "a": (0, 0), "variance_term": (-2, 2), "drift_term": (-4, 3), "start_distance_sq": (2, 0),
    "shares": (0, 0),
}  # fmt: skip
"""What a sequence is made of, with its powers of X and F."""
Parts = Mapping[str, np.ndarray]
"""Numbers of a batch of sequences, [batch], and of the shares, [batch, T]."""


def draw(rule: str, horizon: int, count: int, rng: np.random.Generator) -> Parts:
    """Sequences whose right sides are nowhere negative; gaps take all at once, all at the end, or a part now and then."""
    B, C, start = (rng.choice([0.0, 0.125, 1.0], count) for _ in range(3))
    start[2::3] *= 64
    shift = rng.choice([65 / 64, 2.0, 4.0, 5.0, 33.0, 1000.0], count)
    start[shift < 4] = 0
    mu = rng.choice([1.0, 0.125], count)
    shares = rng.integers(0, 2, (count, horizon)) * rng.choice([1.0, 0.5], (count, 1))
    shares[::4], shares[1::4] = 1, np.arange(horizon) == horizon - 1
    found = {
        "mu": mu, "L": mu * rng.choice([1.0, 8.0], count), "drop": rng.choice([0.5, 1.0, 0.125], count), "a": shift, "variance_term": B,
        "drift_term": C, "start_distance_sq": start, "shares": shares,
    }  # fmt: skip
    measured = measure(rule, found)
    met = (np.concatenate([measured[name] for name in ("virtual_distance_sq", "function_gap")], axis=-1) >= 0).all(-1)
    return {name: values[met] for name, values in found.items()}


def measure(rule: str, parts: Parts) -> dict[str, np.ndarray]:
    """The sequences of a batch: a_t [batch, T + 1], e_t [batch, T], steps [batch, T + 1], and letters [batch]."""
    shares, exact = parts["shares"], is_exact(parts["shares"])
    horizon = shares.shape[1]
    mu, shift, B, C = (parts[name] for name in ("mu", "a", "variance_term", "drift_term"))
    number = Fraction if exact else float
    price = parts["drop"] if rule == "four over mu" else mu / (2 * parts["L"])
    distances, gaps, steps = [parts["start_distance_sq"]], list[np.ndarray](), list[np.ndarray]()
    weights = total = mu * 0
    for t in range(horizon + 1):
        eta = NUMERATORS[rule] / mu / (shift + t)
        steps.append(eta)
        if t == horizon:
            break
        right = (1 - 4 / (shift + t)) * distances[-1] + eta**2 * B + eta**3 * C
        gaps.append(shares[:, t] * right / (eta * price))
        distances.append((1 - shares[:, t]) * right)
        weights, total = weights + (shift + t) ** 2, total + (shift + t) ** 2 * gaps[-1]

    whole = np.full(len(mu), number(horizon), dtype=object if exact else float)
    letters = {name: values for name, values in parts.items() if name != "shares"}
    columns = {"virtual_distance_sq": distances, "function_gap": gaps, "eta_t": steps}
    return (
        letters
        | {"horizon": whole, "output_gap": total / weights, "G": whole}
        | {name: np.stack(each, -1) for name, each in columns.items()}
    )


@pooled
def pool(rule: str, effort: Effort, seed: int) -> list[Group]:
    """Sequences drawn once for every claim with this step, grouped by length."""
    found = []
    for horizon in HORIZONS:
        parts = draw(rule, horizon, effort.instances, generator(seed, "recursion", rule, horizon))
        found.append((measure(rule, parts), [(parts, row) for row in range(len(parts["mu"]))]))
    return found


def written(rule: str, origin: tuple[Parts, int], scale: tuple[Fraction, Fraction]) -> Instance:
    """A sequence of a batch of floats as an instance, rescaled."""
    parts, row = origin
    exact = {name: exact_row(values, row, scale[0] ** UNITS[name][0] * scale[1] ** UNITS[name][1])[0] for name, values in parts.items()}
    text = {name: [str(x) for x in value] if isinstance(value, np.ndarray) else str(value) for name, value in exact.items()}
    return {"rule": rule, "horizon": parts["shares"].shape[1], **text}


def read(instance: Instance) -> tuple[str, Parts]:
    """The step rule and a batch of one. Raises: ValueError if this is no sequence."""
    try:
        rule, T = instance["rule"], int(instance["horizon"])
        parts = {
            name: fractions([[*map(Fraction, instance[name])]]) if name == "shares" else fractions([Fraction(instance[name])])
            for name in UNITS
        }
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as why:
        raise ValueError(f"this is no sequence: {type(why).__name__} {why}") from why
    if rule not in NUMERATORS or not parts["shares"].shape[1] == T >= 1:
        raise ValueError(f"rule must be one of {', '.join(NUMERATORS)} and horizon the number of shares, got {rule!r} and {T}")
    if min(parts[name][0] for name in ("mu", "L", "drop", "a")) <= 0:
        raise ValueError("mu, L, drop and a must be positive")
    return rule, parts


def obeyed(parts: Parts, measured: Mapping[str, np.ndarray]) -> Judgement:
    """The recursion, with equality, by numbers that are not negative."""
    shares = parts["shares"][0]
    least = min(*measured["virtual_distance_sq"][0], *measured["function_gap"][0], *parts["variance_term"], *parts["drift_term"])
    met = min(least, min(shares), 1 - max(shares)) >= 0
    return met, f"the least of a_t, e_t and the constants is {least}; e_t takes {min(shares)} to {max(shares)} of what it may"


class Recursions:
    """Sequences as plain data: "rule", "horizon", and what `UNITS` names."""

    name = "recursion"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        _, (rule, *_), _, _ = kind_of(reading)
        return search(
            self, reading, pool(rule, effort, seed), partial(written, rule), lambda origin: origin[0]["shares"].shape[1], what="sequences"
        )

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Raises: ValueError if this is no sequence."""
        rule, parts = read(instance)
        measured = measure(rule, parts)
        judged = judge(reading.given, Case(measured, (), (), ()))
        judged["recursion"] = obeyed(parts, measured)
        if "convex" in judged:
            judged["convex"] = True, "f(x) = max(x, 0), iterates at x = e_t"
        return replayed(reading, measured, judged)


register(Recursions())
