"""The whole ledger at quick effort: nothing changed unnoticed, every counterexample replays, no proof proves too much."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from theory.claim import IMPROVED, Relation
from theory.papers import claims
from validation.attack import ARENAS, EFFORTS
from validation.checks import BREAKS, PROVES, Bench, certificate, decision, derivation
from validation.ledger import as_json, difference, judge_all

EXPECTED = Path(__file__).parent / "expected_verdicts.json"
QUICK = EFFORTS["quick"]
TOO_MUCH = 1000
"""A bound this many times smaller than printed is false, or the printed one is looser than any in these papers."""


@pytest.fixture(scope="module")
def verdicts():
    found, _ = judge_all(claims(), QUICK, 0)
    return {verdict.claim.id: verdict for verdict in found}


def test_verdicts_are_the_expected_ones(verdicts):
    """`make ledger` writes the expected verdicts anew; what changed belongs into the commit message."""
    found = as_json(list(verdicts.values()), QUICK, 0, {}, {})
    assert difference(json.loads(EXPECTED.read_text()), found) == []


def test_every_counterexample_replays_exactly(verdicts):
    replayed = 0
    for verdict in verdicts.values():
        for judged in verdict.stated:
            broken = judged.broken_by
            if broken is None:
                continue
            assert broken.witness is not None, f"{verdict.claim.id} ({judged.reading.name}) is refuted without a witness"
            witness = json.loads(json.dumps(broken.witness))
            found = ARENAS[witness["arena"]].replay(judged.reading, witness["instance"])
            assert found.violated, f"{verdict.claim.id} ({judged.reading.name})"
            assert found.valid, f"{verdict.claim.id} ({judged.reading.name}): {found.hypotheses}"
            replayed += 1
    assert replayed > 0


def test_every_attack_finds_instances_that_show_what_the_statement_speaks_of(verdicts):
    """A quantity that an arena stops to measure takes the attack away without a trace where a proof stands."""
    assert [
        f"{verdict.claim.id} ({judged.reading.name}): {check.evidence}"
        for verdict in verdicts.values()
        for judged in verdict.stated
        for check in judged.checks
        if check.name == "attack" and check.outcome == "no instance"
    ] == []


def test_corrections_of_amended_claims_stand(verdicts):
    amended = [verdict for verdict in verdicts.values() if verdict.verdict == "amended"]
    assert amended
    assert {verdict.correction.verdict for verdict in amended} <= {"proved", "holds"}


def test_improvements_that_are_stated_stand(verdicts):
    assert {
        v.claim.id: v.improvement.verdict for v in verdicts.values() if v.improvement and v.improvement.verdict not in ("proved", "holds")
    } == {}


def test_every_citation_leads_to_a_claim(verdicts):
    for verdict in verdicts.values():
        for judged in verdict.stated:
            for rule in (judged.reading.follows, judged.reading.rate):
                for cited in rule.cites() if rule is not None else ():
                    improved, claim_id = cited.endswith(IMPROVED), cited.removesuffix(IMPROVED)
                    assert claim_id in verdicts, f"{verdict.claim.id} cites {cited}"
                    assert not improved or verdicts[claim_id].improvement, f"{verdict.claim.id} cites {cited}"
        for each in (*verdict.claim.relies, *filter(None, [verdict.claim.restates])):
            assert each in verdicts, f"{verdict.claim.id} relies on {each}"


def test_restatements_say_the_same_or_are_flagged(verdicts):
    for verdict in verdicts.values():
        if any(check.outcome == "differs" for check in verdict.checks):
            assert verdict.flags


def test_what_is_unchecked_says_why(verdicts):
    assert [v.claim.id for v in verdicts.values() if v.verdict == "unchecked" and not v.why] == []


def test_no_claim_is_refuted_by_units_alone(verdicts):
    for verdict in verdicts.values():
        if verdict.verdict in ("refuted", "amended"):
            broken = any(judged.broken_by for judged in verdict.readings)
            assert broken or "and" in verdict.why, f"{verdict.claim.id}: {verdict.why}"


@pytest.mark.parametrize(
    ("label", "verdict", "check"),
    [
        ("theorem-2", "amended", "attack"),
        ("sec-5.3.1/d", "amended", "evaluation"),
        ("sec-5.3.1/k", "proved", "evaluation"),
        ("eq-C.29", "amended", "units"),
        ("corollary-3/gap", "amended", "rate"),
        ("sec-3.6/gap", "proved", "rate"),
        ("lemma-14", "proved", "certificate"),
        ("lemma-5", "proved", "derivation"),
        ("definition-8", "amended", "attack"),
    ],
)
def test_known_findings_are_found_by_the_check_that_should(verdicts, label, verdict, check):
    found = verdicts[f"qsparse_local_sgd/{label}"]
    assert found.verdict == verdict
    telling = PROVES | BREAKS | {"units": {"inhomogeneous"}}
    if verdict == "proved":
        telling = PROVES
    elif check != "units":
        telling = BREAKS
    assert any(c.name == check and c.outcome in telling[check] for judged in found.readings for c in judged.checks)


def test_no_proof_survives_a_bound_a_thousand_times_too_small(verdicts):
    """The planted factor: whatever proves a printed inequality must not prove a much smaller bound too."""

    def cited(name):
        verdict = verdicts[name.removesuffix(IMPROVED)]
        return verdict.improved if name.endswith(IMPROVED) else verdict

    bench = Bench(QUICK, 0, standing=lambda name: cited(name).standing, proved=lambda name: cited(name).proved)
    planted = [
        (verdict, replace(judged.reading, relation=smaller))
        for verdict in verdicts.values()
        for judged in verdict.readings
        if judged.verdict == "proved" and (smaller := too_small(judged.reading.relation)) is not None
    ]
    survived = [
        f"{verdict.claim.id} ({reading.name}): {found.evidence}"
        for verdict, reading in planted
        for check in (decision, certificate, derivation)
        if (found := check(verdict.claim, reading, bench)) is not None and found.outcome in PROVES[found.name]
    ]
    assert len(planted) > 150
    assert survived == []


def too_small(relation):
    """The relation with its large side divided, None where that is not known to be nonnegative."""
    if relation is None or relation.op not in ("<=", ">=") or not relation.symbols:
        return None  # numbers alone may differ by as much
    large = sp.sympify(relation.rhs if relation.op == "<=" else relation.lhs)
    if not large.is_nonnegative or large == 0:
        return None
    return Relation(relation.lhs, "<=", large / TOO_MUCH) if relation.op == "<=" else Relation(large / TOO_MUCH, ">=", relation.rhs)
