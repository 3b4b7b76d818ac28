"""Suprema after finitely many steps, in closed form: nothing that the hypotheses allow exceeds them, and an instance reaches them.

The upper half is a derivation by named rules, in L2 norms sqrt(E ||.||^2), where a contraction map and Minkowski's inequality give a linear
recursion. The lower half is a run in one dimension, in symbols: gradients of full size, maps C(v) = (1 - r) v with |r| = s, and closed
forms of every state, which obey the listing's updates identically. Both halves are checked by `prove`. The limits are improvements of the
claims themselves; programmes of `validation.worst_cases_*` find the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from theory.cancelling import cancel
from theory.claim import Hypothesis, Relation, at_most
from theory.rules import Context, Granted, NotReached, Rule, Solved, Using
from theory.symbols import (
    G,
    H,
    drive_sq,
    eta,
    gamma,
    i,
    lag_sq,
    momentum,
    residual,
    synced_memory_sq,
    t,
    total_memory_sq,
    total_momentum_sq,
    two_way_error_sq,
    worker_error_sq,
)

s = residual
CONTRACTS = Hypothesis("proper_residual", "s = sqrt(1 - gamma), 0 < s < 1", s < 1)
stored_ratio = sp.Symbol("stored_ratio", real=True, positive=True)  # r = s / step_growth: what compression leaves of a stored error
step_growth = sp.Symbol("step_growth", real=True, positive=True)  # eta_(t + 1) / eta_t; a stored error is divided by it
SHRINKS = Hypothesis("stored_errors_shrink", "r = s / step_growth < 1", stored_ratio < 1)
FADES = Hypothesis("momentum_fades", "beta < 1", momentum < 1)
APART = Hypothesis("momentum_apart", "beta < 1, beta != s", sp.And(momentum < 1, sp.Ne(momentum, s)))


@dataclass(frozen=True)
class Run:
    """A run in one dimension: closed forms of its states at `index`, and what one step makes of them, by the listing's lines."""

    says: str
    index: sp.Symbol
    states: Mapping[sp.Symbol, sp.Expr]
    step: Mapping[sp.Symbol, sp.Expr]
    reaches: sp.Expr
    first: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)
    """What a state starts at, if not at 0."""

    def check(self) -> str:
        """What does not fit: a state that starts elsewhere, or a closed form that the step does not continue; empty if all does."""
        for state, form in self.states.items():
            first = self.first.get(state, 0)
            if sp.simplify(form.subs(self.index, 0) - first) != 0:
                return f"{state} does not start at {first} but at {form.subs(self.index, 0)}"
            following = self.step[state].subs(self.states, simultaneous=True)
            if cancel(sp.expand(form.subs(self.index, self.index + 1) - following)) != 0:
                return f"{form} is not what the step makes of {state}"
        return ""


@dataclass(frozen=True)
class Supremum:
    """The largest value of `quantity` (a square) after `index` steps or synchronisations is the square of `norm`."""

    claim: str
    says: str
    quantity: sp.Expr
    index: sp.Symbol
    norm: sp.Expr
    given: tuple[Hypothesis, ...]
    upper: Rule
    run: Run

    @property
    def value(self) -> sp.Expr:
        """In the letters of the claim, gamma for 1 - s^2, and the index."""
        return self._spelled(self.norm**2)

    @staticmethod
    def _spelled(value: sp.Expr) -> sp.Expr:
        return value.subs(stored_ratio, s / step_growth).subs(s, sp.sqrt(1 - gamma))

    @property
    def limit(self) -> sp.Expr:
        """As the index grows, powers of numbers below 1 vanish, also when multiplied by the index."""
        powers = {power.base**self.index for power in self.norm.atoms(sp.Pow) if power.exp.has(self.index)}
        return self._spelled(sp.expand(self.norm).subs(dict.fromkeys(powers, 0)) ** 2)

    def prove(self) -> str:
        """Why it is not shown to be the supremum; empty where it is."""
        context = Context(_nothing_cited, tuple(h.condition for h in self.given if h.condition is not None))
        try:
            derived = self.upper.derive(context)
        except NotReached as why:
            return f"from above: {why}"
        if cancel(sp.expand(derived.rhs - self.norm)) != 0:
            return f"from above only {derived.lhs} <= {derived.rhs}"
        if broken := self.run.check():
            return f"from below: {broken}"
        reached = self.run.reaches.subs(self.run.states, simultaneous=True)
        if cancel(sp.expand(reached**2 - self.norm**2)) != 0:
            return f"from below only {reached}"
        return ""


def _nothing_cited(claim_id: str) -> Relation:
    raise NotReached(f"a supremum cites nothing, got {claim_id}")


def _norm(name: str, index: sp.Symbol) -> sp.Expr:
    return sp.Function(name, real=True, nonnegative=True)(index)


def _contracts(kept: sp.Expr, given: sp.Expr, index: sp.Symbol) -> Rule:
    return Granted(at_most(kept.subs(index, index + 1), s * given), by="a contraction leaves at most s of an L2 norm")


def _minkowski(whole: sp.Expr, parts: sp.Expr, why: str) -> Rule:
    return Granted(at_most(whole, parts), by=f"Minkowski's inequality: {why}")


def _starts(norm: sp.Expr, index: sp.Symbol) -> Rule:
    return Granted(at_most(norm.subs(index, 0), 0), by="nothing is left at the start")


# ---- Qsparse, Lemma 5: fixed step, synchronisations H apart ----

_memory, _compressed = _norm("memory_norm", i), _norm("compressed_norm", i)
_STRETCH = eta * H * G
MEMORY = s * _STRETCH * (1 - s**i) / (1 - s)
MEMORY_RISES = Using(
    _contracts(_memory, _compressed, i),
    (_minkowski(_compressed, _memory + _STRETCH, "the memory, and at most H steps of norm at most eta G"),),
)
_m = sp.Symbol("m_i", real=True)

# ---- Qsparse, Lemma 12: two workers in turn, one at H, 2 H, ..., i H and the other at H - 1, 2 H - 1, ..., (i + 1) H - 1 = t ----

_lag, _earlier, _turned = (_norm(name, i) for name in ("lag_norm", "earlier_memory_norm", "turned_norm"))
TURNED = _STRETCH * (1 - s**i) / (1 - s) + s**i * (H - 1) * eta * G
IN_TURN = (2 * MEMORY + (1 + s) * TURNED) / 4
EARLIER_RISES = _contracts(_earlier, _earlier + _STRETCH, i)
TURNED_RISES = _minkowski(_turned.subs(i, i + 1), s * _turned + _STRETCH, "what was kept of the last, and H steps of norm at most eta G")
LATEST_ALONE = Granted(
    at_most(_turned.subs(i, 0), (H - 1) * eta * G), by="H - 1 steps of norm at most eta G come before the first synchronisation"
)
_earlier_m, _turned_v = sp.symbols("m_i v_i", real=True)

# ---- dist-EF-SGD, Lemma 6 without momentum (Lemma 2), with a step that is multiplied by s / r each time: constant where r = s ----

_error, _input, _sent, _server, _server_input, _both = (
    _norm(name, t) for name in ("error_norm", "input_norm", "message_norm", "server_norm", "server_input_norm", "two_way_norm")
)
_e, _server_e = sp.symbols("e_t server_e_t", real=True)
_sign = (-1) ** t


def _both_ways(claim: str, says: str, r: sp.Expr, given: tuple[Hypothesis, ...]) -> Supremum:
    """The supremum of both errors where compression leaves r of a stored error, s of all else."""
    worker = s * G * (1 - r**t) / (1 - r)
    server = (1 + s) * s * G / (1 - r) * ((1 - r**t) / (1 - r) - t * r**t)
    gathered = _minkowski(_input, r / s * _error + G, "the stored error, and a gradient of norm at most G")
    worker_bound = Solved(Using(_contracts(_error, _input, t), (gathered,)), _starts(_error, t), _error, t, worker)
    sent = Using(
        _minkowski(_sent, _input + _error.subs(t, t + 1), "what is sent is what goes in less what is left"),
        (_contracts(_error, _input, t),),
    )
    server_rises = Using(
        _contracts(_server, _server_input, t),
        (
            _minkowski(_server_input, r / s * _server + _sent, "the server's stored error, and the mean of the messages"),
            sent,
            Using(gathered, (worker_bound,)),
        ),
    )
    server_bound = Solved(server_rises, _starts(_server, t), _server, t, server)
    p = _sign * G + r / s * _e
    return Supremum(
        claim,
        says,
        two_way_error_sq,
        t,
        worker + server,
        given,
        Using(_minkowski(_both, _server + _error, "the server's error, and the mean of the workers'"), (server_bound, worker_bound)),
        Run(
            "the gradient is G and -G in turn, every map leaves -s v",
            t,
            {_e: _sign * worker, _server_e: _sign * server},
            {_e: -s * p, _server_e: -s * (r / s * _server_e + (1 + s) * p)},
            _e + _server_e,
        ),
    )


# ---- momentum m_t = beta m_(t - 1) + g_t, after t iterations: alone, in M-DSGD's memory, in the drive beta m_t + g_t of dist-EF-SGD ----
# Norms are those of one worker's, or summed over the workers of M-DSGD, whose gradients are divided by their number.

pace, _left, _masked, _drive = (_norm(name, t) for name in ("momentum_norm", "left_norm", "masked_norm", "drive_norm"))
PACE = G * (1 - momentum**t) / (1 - momentum)
NEXT_PACE = momentum * pace + G
PACE_BOUND = Solved(_minkowski(pace.subs(t, t + 1), NEXT_PACE, "beta times the momentum, and a gradient"), _starts(pace, t), pace, t, PACE)
_g, _u = sp.symbols("g_t u_t", real=True)


def _with_momentum(claim: str, says: str, quantity: sp.Expr, left: sp.Expr, compressed: sp.Expr) -> Supremum:
    """The supremum of what is left of `left` plus `compressed`, which is made of momentum and gradient, one iteration after the other."""
    gathered = _minkowski(_masked, _left + compressed, "what was left, and what is added")
    rises = Using(_contracts(_left, _masked, t), (gathered, PACE_BOUND))
    return Supremum(
        claim,
        says,
        quantity,
        t,
        left,
        (CONTRACTS, APART),
        Solved(rises, _starts(_left, t), _left, t, left),
        Run(
            "every gradient is G, every map leaves s v; g_t is the momentum before iteration t",
            t,
            {_g: PACE, _u: left},
            {_g: momentum * _g + G, _u: s * (_u + compressed.subs(pace, _g))},
            _u,
        ),
    )


def _left_of(power: int) -> sp.Expr:
    """What is left where G (1 - beta^(t + power)) / (1 - beta) is added in iteration t."""
    return s * G / (1 - momentum) * ((1 - s**t) / (1 - s) - momentum**power * (s**t - momentum**t) / (s - momentum))


SUPREMA: Mapping[str, Supremum] = {
    each.claim: each
    for each in (
        Supremum(
            "qsparse_local_sgd/lemma-5",
            "memory after i synchronisations, H apart, with a fixed step, for any number of workers",
            synced_memory_sq,
            i,
            MEMORY,
            (CONTRACTS,),
            Solved(MEMORY_RISES, _starts(_memory, i), _memory, i, MEMORY),
            Run("every gradient is G, every map leaves s v", i, {_m: MEMORY}, {_m: s * (_m + _STRETCH)}, _m),
        ),
        Supremum(
            "qsparse_local_sgd/lemma-12",
            "lag of two workers that synchronise in turn, after i times of one and i + 1 of the other; for H = 2 its limit bounds all",
            lag_sq,
            i,
            IN_TURN,
            (CONTRACTS,),
            Using(
                _minkowski(
                    _lag,
                    (2 * _earlier + (1 + s) * _turned) / 4,
                    "the memory of the earlier worker counts for both, what the later one compressed and what it kept of it for one each",
                ),
                (
                    Solved(EARLIER_RISES, _starts(_earlier, i), _earlier, i, MEMORY),
                    Solved(TURNED_RISES, LATEST_ALONE, _turned, i, TURNED),
                ),
            ),
            Run(
                "every gradient is G, every map leaves s v; v_i is what the later worker compresses",
                i,
                {_earlier_m: MEMORY, _turned_v: TURNED},
                {_earlier_m: s * (_earlier_m + _STRETCH), _turned_v: s * _turned_v + _STRETCH},
                (2 * _earlier_m + (1 + s) * _turned_v) / 4,
                {_turned_v: (H - 1) * eta * G},
            ),
        ),
        _both_ways(
            "dist_ef_sgd/lemma-2/constant-step",
            "errors of workers and server together after t iterations with a constant step, for any number of workers",
            s,
            (CONTRACTS,),
        ),
        _both_ways(
            "dist_ef_sgd/lemma-2/nondecreasing-step",
            "the same with a step that grows by a factor; that falls too, as long as it falls slower than compression shrinks errors",
            stored_ratio,
            (CONTRACTS, SHRINKS),
        ),
        Supremum(
            "mdsgd/lemma-7/momentum",
            "momentum after t iterations, summed over any number of workers",
            total_momentum_sq,
            t,
            PACE,
            (FADES,),
            PACE_BOUND,
            Run("every gradient is G", t, {_g: PACE}, {_g: momentum * _g + G}, _g),
        ),
        _with_momentum(
            "mdsgd/sec-7/three-strategies",
            "memory after t iterations, summed over any number of workers",
            total_memory_sq,
            _left_of(1),
            NEXT_PACE,
        ),
        Supremum(
            "dist_ef_sgd/lemma-5",
            "drive of the t-th iteration, for any number of workers",
            drive_sq,
            t,
            G * (1 - momentum ** (t + 1)) / (1 - momentum),
            (FADES,),
            Using(_minkowski(_drive, NEXT_PACE, "beta times the momentum, which the gradient is part of, and the gradient"), (PACE_BOUND,)),
            Run("every gradient is G", t, {_g: PACE}, {_g: momentum * _g + G}, momentum * _g + G),
        ),
        _with_momentum(
            "dist_ef_sgd/eq-6",
            "errors of the workers after t iterations with a constant step, for any number of workers",
            worker_error_sq,
            _left_of(2),
            momentum * NEXT_PACE + G,
        ),
    )
}
"""By claim, at the claim's own hypotheses."""
