"""From what the checks said to a verdict, which is computed, never typed in.

A claim is judged once everything it cites has been judged, so that corrections propagate: what rests on an amended lemma is
derived from the corrected one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from theory.claim import IMPROVED, Claim, Hypothesis, Reading, Relation
from theory.rules import NotReached
from validation.attack import Attack, Effort
from validation.checks import BREAKS, CHECKS, PROVES, Answers, Bench, Check, restatement, run, transcription
from validation.worst_case import tightness

STANDS, FALLS = ("proved", "holds"), ("refuted", "vacuous")
SOLVER_SLACK = 1 + 1e-4
"""How far a semidefinite solver may overshoot a sharp bound; far above its accuracy, far below any misprint."""
USELESS_RESOLUTION = 1_000
"""A constant this many times too small would go unnoticed: the attack carries no information."""


class Contradiction(Exception):
    """A statement both proved and broken, or twins that disagree: an error of this program, never a finding."""


@dataclass(frozen=True)
class Judged:
    """A reading with its checks and its own verdict: proved, holds, refuted, vacuous or unchecked."""

    reading: Reading
    checks: tuple[Check, ...]
    verdict: str

    @property
    def ratio(self) -> float | None:
        """The largest measured / bound that any check found."""
        return max((check.ratio for check in self.checks if check.ratio is not None), default=None)

    @property
    def broken_by(self) -> Check | None:
        return next((check for check in self.checks if check.outcome in BREAKS.get(check.name, ())), None)

    def outcome(self, name: str) -> str | None:
        return next((check.outcome for check in self.checks if check.name == name), None)


@dataclass(frozen=True)
class Verdict:
    """A claim, judged: its verdict, why in one line, and everything that was said on the way."""

    claim: Claim
    verdict: str
    why: str
    readings: tuple[Judged, ...]
    correction: Judged | None
    improvement: Judged | None
    checks: tuple[Check, ...]
    flags: tuple[str, ...]
    cited: Mapping[str, str] = field(default_factory=dict)
    """By id of what its derivations cite: the name of the reading that stood."""

    @property
    def stated(self) -> tuple[Judged, ...]:
        """Everything that was judged, in the order of the claim's `stated`."""
        return (*self.readings, *(each for each in (self.correction, self.improvement) if each is not None))

    @property
    def ratio(self) -> float | None:
        return max((judged.ratio for judged in self.readings if judged.ratio is not None), default=None)

    @property
    def resolution(self) -> float | None:
        """1 / worst ratio: a constant this many times too small would have been caught."""
        return 1 / self.ratio if self.ratio else None

    @property
    def proved(self) -> bool:
        """Whether what stands for the claim is proved."""
        standing = self._standing()
        return standing is not None and standing.verdict == "proved"

    @property
    def standing(self) -> Relation:
        """The relation that others may cite: as printed where that stands, else the correction.

        Raises:
            NotReached: nothing of the claim stands.
        """
        standing = self._standing()
        if standing is None or standing.reading.relation is None:
            raise NotReached(f"{self.claim.id} is {self.verdict}, nothing of it can be cited")
        return standing.reading.relation

    @property
    def assumes(self) -> tuple[Hypothesis, ...]:
        """The hypotheses under which it stands."""
        standing = self._standing()
        return standing.reading.given if standing is not None else ()

    @property
    def improved(self) -> Verdict:
        """The verdict on the improvement alone, as if that was what is printed.

        Raises:
            NotReached: no improvement is stated.
        """
        if self.improvement is None:
            raise NotReached(f"{self.claim.id} has no improvement")
        return replace(self, verdict=self.improvement.verdict, readings=(self.improvement,), correction=None)

    def _standing(self) -> Judged | None:
        candidates = [j for j in (*self.readings, self.correction) if j is not None and j.verdict in STANDS]
        if self.verdict == "amended":
            return self.correction
        return next((j for j in candidates if j.verdict == "proved"), candidates[0] if candidates else None)


def judge_reading(claim: Claim, reading: Reading, bench: Bench) -> Judged:
    """Runs every check that applies to a reading, and concludes.

    Raises:
        Contradiction: proved and broken at once, or the reference and its twin disagree.
    """
    checks = tuple(check for each in (*CHECKS, tightness) if (check := run(each, claim, reading, bench)) is not None)
    proving = [check for check in checks if check.outcome in PROVES.get(check.name, ())]
    breaking = [check for check in checks if check.outcome in BREAKS.get(check.name, ())]
    exceeded = next((check for check in checks if check.name == "tightness" and (check.ratio or 0) > SOLVER_SLACK), None)
    if proving and exceeded is not None:
        raise Contradiction(f"{claim.id} ({reading.name}): {proving[0].name} proves it, its worst case exceeds it: {exceeded.evidence}")
    differing = next((check for check in checks if check.name == "cross-check" and check.outcome == "disagrees"), None)
    if differing is not None:
        raise Contradiction(f"{claim.id} ({reading.name}): reference and torch disagree: {differing.evidence}")
    if proving and breaking:
        raise Contradiction(
            f"{claim.id} ({reading.name}): {proving[0].name} proves it, {breaking[0].name} breaks it: {breaking[0].evidence}"
        )
    if any(check.outcome == "unsatisfiable" for check in checks):
        verdict = "vacuous"
    elif breaking:
        verdict = "refuted"
    elif proving:
        verdict = "proved"
    elif exceeded is None and any(check.name == "attack" and check.outcome == "not broken" for check in checks):
        verdict = "holds"
    else:
        verdict = "unchecked"
    return Judged(reading, checks, verdict)


def judge(claim: Claim, bench: Bench, all_claims: Mapping[str, Claim]) -> Verdict:
    """The verdict on a claim, from the verdicts on its readings, its correction and its improvement."""
    own = bench.ahead.transcription(claim) if bench.ahead else list(transcription(claim))
    if claim.restates:
        own.append(restatement(claim, all_claims[claim.restates]))
    readings = tuple(judge_reading(claim, reading, bench) for reading in claim.readings)
    correction = judge_reading(claim, claim.correction, bench) if claim.correction is not None else None
    improvement = judge_reading(claim, claim.improvement, bench) if claim.improvement is not None else None
    verdict, why = _conclude(claim, readings, correction)
    flags = [f"misprint: {claim.misprint}"] if claim.misprint else []
    flags += [f"damaged by extraction: {claim.damaged}"] if claim.damaged else []
    flags += [f"units ({j.reading.name}): {c.evidence}" for j in readings for c in j.checks if c.outcome == "inhomogeneous"]
    flags += [f"transcription: {c.evidence}" for c in own if c.outcome == "missing"]
    flags += [f"consistency: {c.evidence}" for c in own if c.outcome == "differs"]
    return Verdict(claim, verdict, why, readings, correction, improvement, tuple(own), tuple(flags), _cited(claim, bench, all_claims))


def _cited(claim: Claim, bench: Bench, all_claims: Mapping[str, Claim]) -> dict[str, str]:
    names: dict[str, str] = {}
    for cited in dict.fromkeys(each for reading in claim.stated if reading.follows for each in reading.follows.cites()):
        try:
            relation = bench.standing(cited)
        except NotReached:
            continue
        stated, assumed = all_claims[cited.removesuffix(IMPROVED)].stated, bench.assumed(cited)
        for reading in stated:
            if reading.relation is relation and reading.given == assumed:
                names.setdefault(cited, reading.name)
    return names


def _conclude(claim: Claim, readings: tuple[Judged, ...], correction: Judged | None) -> tuple[str, str]:
    if not readings:
        return "unchecked", "no reading is stated"
    verdicts = {judged.verdict for judged in readings}
    first = readings[0]
    if verdicts & set(STANDS) and verdicts & set(FALLS):
        return "ambiguous", "; ".join(f"{judged.reading.name}: {judged.verdict}" for judged in readings)
    stands = correction is not None and correction.verdict in STANDS
    broken = next((judged for judged in readings if judged.broken_by), None)
    if broken is not None and broken.broken_by is not None:
        said = f"{broken.broken_by.name}: {broken.broken_by.evidence}"
        if stands and correction is not None:
            return "amended", f"{said}. Corrected form {correction.verdict}"
        if "unchecked" in verdicts:
            return "unchecked", "; ".join(f"{judged.reading.name}: {judged.verdict}" for judged in readings)
        return "refuted", said
    signs = _misprint_signs(first, correction)
    if first.verdict != "proved" and stands and correction is not None and len(signs) >= 2:
        return "amended", f"misprint shown by {' and '.join(signs)}. Corrected form {correction.verdict}"
    if first.verdict == "unchecked":
        return "unchecked", first.reading.unchecked or _last_word(first)
    if first.verdict == "holds":
        return "holds", _resolution(first)
    decisive = next((c for c in first.checks if c.outcome in PROVES.get(c.name, ())), None)
    return first.verdict, f"{decisive.name}: {decisive.evidence}" if decisive else _last_word(first)


def _misprint_signs(printed: Judged, correction: Judged | None) -> list[str]:
    """The independent checks that show a misprint without a witness."""
    signs = []
    if printed.outcome("units") == "inhomogeneous" and correction is not None and correction.outcome("units") == "homogeneous":
        signs.append("units")
    for name in ("derivation", "certificate"):
        if printed.outcome(name) == "not reached" and correction is not None and correction.outcome(name) in PROVES[name]:
            signs.append(name)
    return signs


def _resolution(judged: Judged) -> str:
    if not judged.ratio:
        return "attacked, not broken; every instance gave 0"
    resolution = 1 / judged.ratio
    if resolution > USELESS_RESOLUTION:
        return f"attacked, not broken; worst ratio {judged.ratio:.3g}: the attack carries no information"
    return f"attacked, not broken; would have caught a constant {resolution:.3g} times too small"


def _last_word(judged: Judged) -> str:
    return f"{judged.checks[-1].name}: {judged.checks[-1].evidence}" if judged.checks else "no check applies"


def needed(chosen: Iterable[Claim], claims: Mapping[str, Claim], known: Callable[[str], bool]) -> list[Claim]:
    """The chosen claims and all that is judged on the way to them and not `known`, in the order in which a `Ledger` comes to them."""
    found: dict[str, Claim] = {}
    opened: set[str] = set()

    def add(claim_id: str) -> None:
        claim = claims.get(claim_id)
        if claim is None or claim_id in opened or known(claim_id):
            return
        opened.add(claim_id)
        for cited in (each for reading in claim.stated for each in reading.cites()):
            add(cited.removesuffix(IMPROVED))
        found[claim_id] = claim

    for claim in chosen:
        add(claim.id)
        if judged_by_use(claim):
            for user in relying(claim, claims.values()):
                add(user.id)
    return list(found.values())


def judged_by_use(claim: Claim) -> bool:
    """Whether a claim is a definition or an assumption without a relation of its own."""
    return claim.kind in ("definition", "assumption") and all(reading.relation is None for reading in claim.readings)


def relying(on: Claim, claims: Iterable[Claim]) -> list[Claim]:
    """The claims that rely on a claim, by which a definition is judged."""
    return [claim for claim in claims if on.id in claim.relies]


class _Presumed:
    """Answers of checks that were not done: nothing breaks, and nothing is read."""

    def transcription(self, claim: Claim) -> list[Check]:
        return []

    def attack(self, claim: Claim, reading: Reading) -> Attack:
        return Attack("not broken", None, 0, "presumed")

    def twins(self, claim: Claim, reading: Reading) -> Check | None:
        return None


class Ledger:
    """Judges claims in the order they need one another, each once."""

    def __init__(
        self,
        claims: Iterable[Claim],
        effort: Effort,
        seed: int,
        recall: Callable[[str], Verdict | None] = lambda _: None,
        ahead: Answers | None = None,
    ) -> None:
        self.claims = {claim.id: claim for claim in claims}
        self.verdicts: dict[str, Verdict] = {}
        self._open: list[str] = []
        self._recall = recall
        self._bench = Bench(effort, seed, lambda cited: self.cited(cited).standing, self._proved, self._assumed, ahead)

    def __getitem__(self, claim_id: str) -> Verdict:
        """The verdict on a claim, judged now if it was not before.

        Raises:
            NotReached: no such claim, or claims that cite each other in a circle.
        """
        if claim_id in self.verdicts:
            return self.verdicts[claim_id]
        if claim_id not in self.claims:
            raise NotReached(f"no claim has the id {claim_id}")
        if claim_id in self._open:
            raise NotReached(f"claims cite each other in a circle: {' -> '.join([*self._open, claim_id])}")
        self._open.append(claim_id)
        try:
            known = self._recall(claim_id)
            verdict = known if known is not None else judge(self.claims[claim_id], self._bench, self.claims)
        finally:
            self._open.pop()
        self.verdicts[claim_id] = verdict
        return verdict

    def rehearsal(self, chosen: Iterable[Claim]) -> Callable[[], bool]:
        """What judges the next of the claims as if every attack came to nothing, and says whether there was one left.

        What it finds is forgotten, but for checks that stand on the same grounds when these claims are judged in earnest (`checks.run`).
        """
        bench, claims = self._bench, self.claims.values()
        other = Ledger(claims, bench.effort, bench.seed, lambda known: self.verdicts.get(known) or self._recall(known), _Presumed())
        other._bench = replace(other._bench, done=bench.done)
        left = (claim for claim in chosen if claim.id not in self.verdicts)

        def one() -> bool:
            claim = next(left, None)
            if claim is not None:
                with suppress(Contradiction):  # of what is only presumed
                    other[claim.id]
            return claim is not None

        return one

    def cited(self, cited: str) -> Verdict:
        """The verdict on what a derivation cites: on a claim, or on its improvement alone. Raises: NotReached as by id, or if none."""
        verdict = self[cited.removesuffix(IMPROVED)]
        return verdict.improved if cited.endswith(IMPROVED) else verdict

    def _proved(self, cited: str) -> bool:
        try:
            return self.cited(cited).proved
        except NotReached:
            return False

    def _assumed(self, cited: str) -> tuple[Hypothesis, ...]:
        try:
            return self.cited(cited).assumes
        except NotReached:
            return ()

    def by_use(self, claim: Claim) -> Verdict:
        """Definitions and assumptions without a relation of their own are judged by the claims that rely on them."""
        verdict = self[claim.id]
        if not judged_by_use(claim):
            return verdict
        users = [self[user.id] for user in relying(claim, self.claims.values())]
        fallen = [user for user in users if user.verdict == "amended" or any(judged.verdict in FALLS for judged in user.readings)]
        by_it = [user for user in fallen if _repaired(user, claim)]
        lost = [user for user in fallen if not any(judged.verdict in STANDS for judged in (*user.readings, user.correction) if judged)]
        if not users or lost:
            why = f"fails in use: {_labels(lost)}" if lost else "no claim of this paper relies on it"
            return replace(verdict, verdict="unchecked", why=why)
        if by_it and verdict.correction is not None:
            why = f"judged by its use: {_labels(by_it)} falls under the printed form and stands under the corrected one"
            return replace(verdict, verdict="amended", why=why, correction=replace(verdict.correction, verdict="holds"))
        under = [user for user in fallen if _stands_under(user, claim.readings)]
        apart = [user for user in fallen if user not in under]
        said = f"; fall as printed, and stand otherwise under it as well: {_labels(under)}" if under else ""
        said += f"; fall in one form and stand in another, which tells nothing of it: {_labels(apart)}" if apart else ""
        return replace(
            verdict, verdict="holds", why=f"judged by its use: {len(users)} claims rely on it{said or ', none falls as printed'}"
        )


def _labels(verdicts: Iterable[Verdict]) -> str:
    return ", ".join(f"{each.claim.id.split('/', 1)[1]} ({each.verdict})" for each in verdicts)


def _names(readings: Iterable[Reading]) -> set[str]:
    return {hypothesis.name for reading in readings for hypothesis in reading.given}


def _stands_under(user: Verdict, forms: Iterable[Reading]) -> bool:
    """Whether a form of a claim stands whose hypotheses are among others those that a definition states."""
    stated = _names(forms)
    standing = [judged.reading for judged in (*user.readings, user.correction) if judged is not None and judged.verdict in STANDS]
    return bool(stated) and any(stated <= _names([reading]) for reading in standing)


def _repaired(user: Verdict, claim: Claim) -> bool:
    """Whether a claim falls under the printed form of a definition and stands under the corrected one alone."""
    printed = _names(claim.readings)
    falls = any(printed <= _names([judged.reading]) for judged in user.readings if judged.verdict in FALLS)
    repaired = claim.correction is not None and _stands_under(user, [claim.correction])
    return bool(printed) and falls and repaired and not _stands_under(user, claim.readings)
