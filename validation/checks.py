"""The checks: what each one asks of a reading of a claim, and what it answered.

Every check is a function from (claim, reading, bench) to a `Check`, or None where it does not apply. It never judges:
`validation.verdict` does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import sympy as sp
from sympy.core.function import AppliedUndef

from theory.asymptotics import Largest
from theory.certificate import certify
from theory.claim import Claim, Hypothesis, Reading, Relation
from theory.decide import decide, satisfiable
from theory.force import unmet
from theory.notation import UNITS, letters
from theory.rules import Certified, Context, Continued, Granted, NotReached, Rule, Summed, asked, derive, is_scalar, plain
from theory.scenes import unit_of_gram, unit_of_value
from theory.transcription import Unparsed, digest, occurs, parse, same
from theory.units import Unit, homogeneous
from theory.vectors import gram_bases
from validation.attack import Attack, Effort
from validation.attack import attack as attack_in_arena
from validation.orders import apart

CLOSED = ("resnet",)
"""Arenas with a single instance: there is nothing to search, the statement is evaluated."""
TWINNED: dict[str | None, tuple[str, ...]] = {
    "run": ("algorithm_1",),
    "mdsgd": ("mdsgd",),
    "mdsgd_memory": ("mdsgd",),
    "mdsgd_stages": ("mdsgd_stage",),
    "memory": ("algorithm_1",),
    "deviation": ("algorithm_1",),
    "lag": ("algorithm_1",),
    "around": ("algorithm_1",),
    "dist_ef": ("dist_ef_sgd", "ef_sgd"),
    "operator": (),
    "qprsgd": ("ar_qprsgd", "g_qprsgd"),
}
"""By arena, the twins an attack there leans on; for operators, those its setting names."""
PAPERS_VARIABLE = "TIGHTROPE_PAPERS"


@dataclass(frozen=True)
class Check:
    """One check's answer. `ratio` is the largest measured / bound found, `witness` an exact counterexample, `nearest` the closest to one.

    Both are {"arena": where it is replayed, "instance": plain data}.
    """

    name: str
    outcome: str
    evidence: str
    ratio: float | None = None
    witness: dict[str, Any] | None = None
    nearest: dict[str, Any] | None = None

    def row(self) -> dict[str, str]:
        return {"name": self.name, "outcome": self.outcome, "evidence": self.evidence}


PROVES = {
    "decision": {"proved"},
    "certificate": {"proved"},
    "derivation": {"equal", "dominated", "granted"},
    "rate": {"equal", "dominated"},
    "evaluation": {"true"},
}
"""The outcomes that prove a reading. `granted`: a definition, a hypothesis or a named elementary fact says it outright."""
BREAKS = {"decision": {"refuted"}, "rate": {"contradicted"}, "attack": {"broken"}, "evaluation": {"false"}}
"""The outcomes that refute it. A derivation or a certificate that is not reached refutes nothing."""


class Answers(Protocol):
    """Where the answers of checks that need no other claim may come from, if not from here."""

    def transcription(self, claim: Claim) -> list[Check]: ...

    def attack(self, claim: Claim, reading: Reading) -> Attack: ...

    def twins(self, claim: Claim, reading: Reading) -> Check | None: ...


@dataclass(frozen=True)
class Bench:
    """What the checks share: the budget, the seed, and what is known of other claims.

    `standing(id)` gives the relation that stands for a claim (raises NotReached where none does); `proved(id)` whether it is proved,
    `assumed(id)` under which hypotheses; `ahead` answers what other processes work out meanwhile. `done`: what `run` has worked out.
    """

    effort: Effort
    seed: int
    standing: Callable[[str], Relation]
    proved: Callable[[str], bool]
    assumed: Callable[[str], tuple[Hypothesis, ...]] = lambda _: ()
    ahead: Answers | None = None
    done: dict[Any, tuple[Reading, Check | None]] = field(default_factory=dict)


def transcription(claim: Claim) -> Iterator[Check]:
    """Double entry: the printed LaTeX stands in the paper's text, and parses to the coded relation."""
    for printed in claim.latex:
        text = paper_text(claim.paper)
        if text is not None:
            line = occurs(printed, text)
            if line is None and not claim.damaged:
                yield Check("transcription", "missing", f"not in the paper's text: {printed}")
            elif line is not None:
                yield Check("transcription", "occurs", f"line {line} of the stored text, digest {digest(printed)}")
    if not claim.latex:
        return
    if claim.unparsed:
        yield Check("transcription", "read twice", claim.unparsed)
        return
    coded = [reading.relation for reading in claim.readings if reading.relation is not None]
    if not coded:
        return
    table = letters(claim.paper, claim.letters)
    reasons = []
    for printed in claim.latex:
        try:
            parsed = parse(printed, table)
        except (Unparsed, ValueError) as why:
            reasons.append(str(why))
            continue
        if any(_agrees(parsed, other) for other in coded):
            yield Check("transcription", "agrees", f"parsed and coded agree at random rational points: {printed}")
            return
        reasons.append(f"parsed to {parsed}, coded is another")
    yield Check("transcription", "unparsed", reasons[0])


def _agrees(parsed: Any, coded: Relation) -> bool:
    """Whether a printed formula is the coded relation, one side of it, or the definition of a letter that the table spells out."""
    try:
        if not isinstance(parsed, Relation):
            return any(same(parsed, side) for side in (coded.lhs, coded.rhs))
        return same(parsed, coded) or (parsed.op == "==" and same(parsed.lhs, parsed.rhs) and _agrees(parsed.rhs, coded))
    except ValueError:
        return False


@cache
def paper_text(paper: str) -> str | None:
    """The stored text of a paper, from the folder that TIGHTROPE_PAPERS names, or None where it is not at hand."""
    folder = os.environ.get(PAPERS_VARIABLE, "")
    path = Path(folder) / f"{paper}.txt" if folder else None
    return path.read_text(encoding="utf-8") if path is not None and path.is_file() else None


def units(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """Dimensional homogeneity; a formula that mixes units is flagged, not refuted."""
    relation = reading.relation
    if relation is None:
        return None
    table: dict[Any, Unit] = dict(UNITS)
    for atom in _atoms(relation):
        if atom in table:
            continue
        bases = gram_bases(atom) if isinstance(atom, sp.Symbol) else None
        unit = unit_of_gram(*bases) if bases else unit_of_value(atom)
        if isinstance(atom, AppliedUndef):
            unit = next((u for known, u in UNITS.items() if isinstance(known, AppliedUndef) and known.func == atom.func), None)
        if unit is None:
            return Check("units", "no unit", f"{atom} has no unit")
        table[atom] = unit
    try:
        found = homogeneous(relation, table)
    except ValueError as why:
        return Check("units", "no unit", str(why))
    return Check("units", "homogeneous" if found.holds else "inhomogeneous", found.evidence)


def _atoms(relation: Relation) -> list[Any]:
    found: set[Any] = set()
    for side in (sp.sympify(relation.lhs), sp.sympify(relation.rhs)):
        applied = side.atoms(AppliedUndef)
        found |= applied | {s for s in side.free_symbols if isinstance(s, sp.Symbol)}
    return sorted(found, key=str)


def hypotheses(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """The scalar hypotheses have a common point, or the reading says nothing."""
    if not reading.conditions:
        return None
    found = satisfiable([plain(condition) for condition in reading.conditions], rlimit=bench.effort.rlimit)
    if found.model is not None:
        point = ", ".join(f"{symbol} = {value}" for symbol, value in sorted(found.model.items(), key=lambda item: str(item[0])))
        return Check("hypotheses", "satisfiable", f"for example {point}" if point else "they restrict no letter")
    return Check("hypotheses", "unsatisfiable" if found.outcome == "refuted" else "undecided", found.evidence)


def decision(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """Scalar statements, decided."""
    if reading.relation is None or not is_scalar(reading):
        return None
    found = decide(reading.relation.boolean, list(reading.conditions), rlimit=bench.effort.rlimit)
    witness = None
    if found.outcome == "refuted" and not reading.relation.symbols:
        return Check("decision", "refuted", f"{reading.relation} is false", witness={"arena": "scalars", "instance": {}})
    if found.outcome == "refuted" and found.model is not None:
        witness = {"arena": "scalars", "instance": {str(symbol): str(value) for symbol, value in found.model.items()}}
    return Check("decision", found.outcome, found.evidence, witness=witness)


def certificate(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """One-step vector inequalities: a nonnegative combination of what the hypotheses grant, plus squares."""
    if not reading.facts or reading.relation is None:
        return None
    found = [certify(*question) for question in asked(reading)]
    worst = next((each for each in found if each.outcome != "proved"), found[0])
    return Check("certificate", worst.outcome, worst.evidence)


def derivation(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """Composition of what the claim cites by named rules, compared with what is printed."""
    if reading.follows is None or reading.relation is None:
        return None
    unproved = [cited for cited in reading.follows.cites() if not bench.proved(cited)]
    found = derive(reading.follows, reading.relation, Context(bench.standing, reading.conditions))
    taken = "; ".join(dict.fromkeys(takes(reading.follows)))
    by = f"by {', '.join(reading.follows.names())}" + (f", taking: {taken}" if taken else "")
    outcome, evidence = found.outcome, f"{by}: {found.evidence}"
    if outcome == "equal" and isinstance(reading.follows, Granted):
        outcome, evidence = "granted", taken
    missing = unmet(reading.follows, bench.assumed, reading.given)
    if (unproved or missing) and outcome != "not reached":
        outcome, evidence = "conditional", f"{evidence}; {_resting(unproved, missing)}"
    return Check("derivation", outcome, evidence)


def _resting(unproved: list[str], missing: list[str]) -> str:
    rests = [f"rests on {', '.join(unproved)}, not proved here"] if unproved else []
    return "; ".join(rests + missing)


def takes(rule: Rule) -> Iterator[str]:
    """What a derivation takes from hypotheses, definitions and elementary facts, in its order."""
    if isinstance(rule, Granted | Summed | Continued):
        yield rule.by
    if isinstance(rule, Certified):
        yield from (fact.label for fact in rule.facts if fact.multiplier != 0)
    for part in rule.parts():
        yield from takes(part)


def rate(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """Orders of growth, derived."""
    if reading.rate is None:
        return None
    try:
        found = reading.rate.check(Context(bench.standing, reading.conditions))
    except NotReached as why:
        return Check("rate", "not reached", str(why))
    outcome = found.outcome
    unproved = [cited for cited in reading.rate.cites() if not bench.proved(cited)]
    missing = unmet(reading.rate, bench.assumed, reading.given)
    if (unproved or missing) and outcome in PROVES["rate"]:
        return Check("rate", "conditional", f"{found.evidence}; {_resting(unproved, missing)}")
    if outcome == "contradicted" and isinstance(reading.rate, Largest):
        return Check("rate", outcome, found.evidence, witness={"arena": "orders", "instance": apart(reading.rate)})
    return Check("rate", outcome, found.evidence)


def attack(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """A search for an instance that breaks the reading; only an exact witness counts."""
    if reading.arena is None or reading.relation is None:
        return None
    found = bench.ahead.attack(claim, reading) if bench.ahead else attack_in_arena(reading, bench.effort, bench.seed)
    witness, nearest = ({"arena": reading.arena, "instance": i} if i is not None else None for i in (found.witness, found.nearest))
    if reading.arena in CLOSED:
        return Check("evaluation", "false" if found.outcome == "broken" else "true", found.evidence, witness=witness)
    return Check("attack", found.outcome, found.evidence, found.ratio, witness, nearest)


def twins(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """The torch twins of what a reading speaks of give what the reference gives, step by step from the reference's state."""
    if not has_twins(reading):
        return None
    return bench.ahead.twins(claim, reading) if bench.ahead else compared_twins(reading, bench.seed)


def has_twins(reading: Reading) -> bool:
    """Whether an attack on a reading leans on twins."""
    return reading.arena in TWINNED and reading.relation is not None


def compared_twins(reading: Reading, seed: int) -> Check | None:
    """The twins that a reading leans on, compared; None where its setting names none."""
    from validation.crosscheck import CATALOGUE  # torch, which the process that judges has no other use for

    named = TWINNED[reading.arena] or tuple(name for name in CATALOGUE if name in repr(sorted(reading.setting.items())))
    if reading.setting.get("asynchronous"):
        named = ("algorithm_2",)
    differing = [str(each) for name in named for each in _compared(name, seed) if not each.agrees]
    if differing:
        return Check("cross-check", "disagrees", "; ".join(differing))
    return Check("cross-check", "agrees", f"twins of {', '.join(named)}, in float64 and float32, to round-off") if named else None


@cache
def _compared(name: str, seed: int) -> list[Any]:
    from validation.crosscheck import crosscheck

    return crosscheck([name], seed)


CHECKS: tuple[Callable[[Claim, Reading, Bench], Check | None], ...] = (
    units,
    hypotheses,
    decision,
    certificate,
    derivation,
    rate,
    attack,
    twins,
)
"""Every check that looks at a reading, in the order they are reported."""


def run(check: Callable[[Claim, Reading, Bench], Check | None], claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """A check of a reading; none is done twice on the same grounds, which are what stands of the claims that the reading cites."""
    if check in (attack, twins):
        return check(claim, reading, bench)
    grounds = tuple((each, bench.proved(each), bench.assumed(each), _stands(each, bench)) for each in reading.cites())
    key = check, claim.id, id(reading), grounds
    if key not in bench.done:
        bench.done[key] = reading, check(claim, reading, bench)  # with the reading, so that none after it gets its number
    return bench.done[key][1]


def _stands(cited: str, bench: Bench) -> Relation | None:
    try:
        return bench.standing(cited)
    except NotReached:
        return None


def restatement(claim: Claim, original: Claim) -> Check:
    """A display that repeats another statement says the same thing."""
    mine, theirs = (next((r.relation for r in each.readings if r.relation is not None), None) for each in (claim, original))
    if mine is None or theirs is None:
        return Check("consistency", "no relation", f"restates {original.id}, and one of them has no relation to compare")
    if mine == theirs or _agrees(mine, theirs):
        return Check("consistency", "agrees", f"says the same as {original.id}")
    return Check("consistency", "differs", f"differs from {original.id}: {mine} against {theirs}")
