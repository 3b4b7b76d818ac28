"""How checks become verdicts."""

import json
from dataclasses import replace

import pytest
import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_most, equals
from theory.force import BEYOND_SCALARS, in_force
from theory.hypotheses import HYPOTHESES
from theory.rules import Cite, GeometricLimit, Granted, Instance, NotReached, Telescoped, scaled
from theory.symbols import G, H, L, T, eta, eta_t, gamma, i, mu, synced_memory_sq
from validation import attack, ledger
from validation.attack import ARENAS, EFFORTS
from validation.checks import Bench, Check, transcription
from validation.hypotheses import VALIDATORS
from validation.verdict import Contradiction, Judged, Ledger, judge_reading

QUICK = EFFORTS["quick"]
n = sp.Symbol("n", integer=True, positive=True)


def nothing(cited):
    raise NotReached(f"nothing is known of {cited}")


BENCH = Bench(QUICK, 0, standing=nothing, proved=lambda _: False)


def claim(label="claim", *readings, **rest):
    return Claim(f"paper/{label}", "equation", "nowhere", "a made-up statement", readings=readings, **rest)


def reading(relation, name="as printed", **rest):
    return Reading(name, relation, **rest)


def verdict(*claims):
    found = Ledger(claims, QUICK, 0)
    return found[claims[0].id]


def outcome(stated, check):
    return judge_reading(claim(), stated, BENCH).outcome(check)


PROVED = reading(at_most(n, n**2))
REFUTED = reading(at_most(n**2, n))
LARGE = Hypothesis("large", "n >= 2", n >= 2)


def test_a_decided_statement_is_proved():
    assert verdict(claim("a", PROVED)).verdict == "proved"


def test_a_decided_counterexample_refutes_and_is_a_witness():
    found = verdict(claim("a", REFUTED))
    assert found.verdict == "refuted"
    assert found.readings[0].broken_by.witness["instance"]["n"] != "1"


def test_a_refuted_statement_with_a_proved_correction_is_amended():
    found = verdict(claim("a", REFUTED, correction=replace(PROVED, name="corrected")))
    assert found.verdict == "amended"
    assert found.standing == PROVED.relation


def test_a_refuted_statement_whose_correction_falls_too_stays_refuted():
    assert verdict(claim("a", REFUTED, correction=reading(at_most(n**3, n), "corrected"))).verdict == "refuted"


def test_readings_with_different_verdicts_are_ambiguous_and_the_proved_one_stands():
    found = verdict(claim("a", REFUTED, replace(PROVED, name="other")))
    assert found.verdict == "ambiguous"
    assert found.standing == PROVED.relation


def test_what_falls_in_one_reading_and_is_unchecked_in_another_is_not_refuted():
    found = verdict(claim("a", REFUTED, Reading("other", unchecked="needs a data set that is not here")))
    assert found.verdict == "unchecked"
    assert "refuted" in found.why


def test_unsatisfiable_hypotheses_make_a_statement_vacuous():
    impossible = Hypothesis("impossible", "n < 1", n < 1)
    vacuous = reading(at_most(n**2, n), given=(impossible,))
    assert verdict(claim("a", vacuous)).verdict == "vacuous"
    assert verdict(claim("a", vacuous, replace(PROVED, name="other"))).verdict == "ambiguous"


def test_a_statement_that_no_check_touches_is_unchecked_with_its_reason():
    found = verdict(claim("a", Reading("as printed", unchecked="needs a data set that is not here")))
    assert (found.verdict, found.why) == ("unchecked", "needs a data set that is not here")


def test_proved_and_broken_at_once_is_an_error_of_this_program(monkeypatch):
    broken = Check("attack", "broken", "planted")
    monkeypatch.setattr("validation.verdict.CHECKS", (lambda *_: Check("decision", "proved", "planted"), lambda *_: broken))
    with pytest.raises(Contradiction, match="planted"):
        judge_reading(claim(), PROVED, BENCH)


def test_corrections_propagate_to_what_cites_them():
    low = claim("low", reading(at_most(n**2, n)), correction=reading(at_most(n, n**2), "corrected"))
    high = claim("high", reading(at_most(3 * n, 3 * n**2), follows=scaled(Cite("paper/low"), 3)))
    assert verdict(high, low).verdict == "proved"


def test_an_improvement_propagates_only_to_what_cites_it_as_one():
    low = claim("low", reading(at_most(n, n**2 + 1)), improvement=reading(at_most(n, n**2), "improved"))
    sharp = reading(at_most(3 * n, 3 * n**2), follows=scaled(Cite("paper/low", improved=True), 3))
    assert verdict(claim("high", sharp), low).verdict == "proved"
    as_printed = replace(sharp, follows=scaled(Cite("paper/low"), 3))
    assert verdict(claim("high", as_printed), low).readings[0].outcome("derivation") == "not reached"


def test_an_improvement_that_is_false_missing_or_needs_more_proves_nothing():
    sharp = claim("high", reading(at_most(3 * n, 3 * n**2), follows=scaled(Cite("paper/low", improved=True), 3)))
    printed = reading(at_most(n, n**2 + 1))
    for improvement in (None, reading(at_most(n**2, n), "improved"), reading(at_most(n, n**2), "improved", given=(LARGE,))):
        found = verdict(sharp, claim("low", printed, improvement=improvement)).readings[0]
        assert found.verdict != "proved"
    needing = replace(sharp, readings=(replace(sharp.readings[0], given=(LARGE,)),))
    assert verdict(needing, claim("low", printed, improvement=reading(at_most(n, n**2), "improved", given=(LARGE,)))).verdict == "proved"


def test_a_rate_follows_from_an_improved_bound_alone_where_it_says_so():
    T_ = sp.Symbol("T", integer=True, positive=True)
    low = claim("low", reading(at_most(n, n**2 * T_)), improvement=reading(at_most(n, n**2), "improved"))
    assert Rate("paper/low", (n**2,), (T_,), improved=True).cites() == ("paper/low#improved",)
    for improved in (True, False):
        rate = Rate("paper/low", (n**2,), (T_,), improved=improved)
        found = verdict(claim("order", reading(at_most(n, n**2), rate=rate, arena=None)), low)
        assert (found.readings[0].outcome("rate") == "equal") == improved


def test_what_rests_on_something_unproved_is_not_proved():
    x = sp.Symbol("x", real=True)
    low = claim("low", reading(at_most(sp.sin(x), x**2 + 2)))  # true, and out of reach of the decision procedure
    high = claim("high", reading(at_most(2 * sp.sin(x), 2 * x**2 + 4), follows=scaled(Cite("paper/low"), 2)))
    found = verdict(high, low)
    assert found.verdict == "unchecked"
    assert found.readings[0].outcome("derivation") == "not reached"


def test_claims_that_cite_each_other_in_a_circle_prove_nothing():
    one = claim("one", reading(at_most(n, 2 * n**3 - n), follows=Cite("paper/two")))
    two = claim("two", reading(at_most(n, 2 * n**3 - n), follows=Cite("paper/one")))
    assert verdict(one, two).verdict != "proved"


def test_verdicts_survive_being_stored(tmp_path):
    kept = claim("a", REFUTED, replace(PROVED, name="other"), correction=replace(PROVED, name="corrected"))
    found = verdict(kept)
    store = ledger.Store(tmp_path)
    store.keep(found)
    again = ledger.Store(tmp_path).recall(kept)
    rows = [json.dumps(ledger.as_json([each], QUICK, 0, {}, {}), sort_keys=True) for each in (found, again)]
    assert rows[0] == rows[1]


def test_a_torn_store_is_forgotten_not_believed(tmp_path):
    kept = claim("a", PROVED)
    store = ledger.Store(tmp_path)
    store.keep(verdict(kept))
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text()[:-20])
    assert ledger.Store(tmp_path).recall(kept) is None


# What a derivation of Lemma 5 gives, and what follows for verdicts; errors planted for each check are in test_planted_errors.py.

recursion = at_most(synced_memory_sq.subs(i, i + 1), (1 - gamma / 2) * synced_memory_sq + 2 * (1 - gamma**2) / gamma * eta**2 * H**2 * G**2)
at_rest = Granted(equals(synced_memory_sq.subs(i, 0), 0), "m_0 = 0")
limit = GeometricLimit(Cite("paper/recursion"), at_rest, synced_memory_sq, i)
KNOWN = Bench(QUICK, 0, standing=lambda _: recursion, proved=lambda _: True)
LEMMA_5 = 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2


def test_a_misprint_needs_two_independent_signs_to_amend_without_a_witness():
    wrong = reading(at_most(synced_memory_sq, LEMMA_5 / G), given=(given.contraction,), follows=limit)
    right = reading(at_most(synced_memory_sq, LEMMA_5), "corrected", given=(given.contraction,), follows=limit)
    printed = reading(recursion, follows=Telescoped(Cite("paper/none"), i, T))
    both = Ledger([claim("a", wrong, correction=right), claim("recursion", PROVED)], QUICK, 0)
    both.verdicts["paper/recursion"] = replace(verdict(claim("recursion", PROVED)), readings=(Judged(reading(recursion), (), "proved"),))
    assert both["paper/a"].verdict == "amended"
    assert outcome(printed, "derivation") == "not reached"  # one sign alone: the statement is left unchecked
    assert verdict(claim("b", printed, correction=PROVED)).verdict == "unchecked"


def test_the_transcription_check_catches_a_formula_coded_otherwise(monkeypatch, tmp_path):
    (tmp_path / "qsparse_local_sgd.txt").write_text(r"Then \eta_t \leq \frac{1}{2L} holds.")
    monkeypatch.setattr("validation.checks.paper_text", lambda paper: (tmp_path / f"{paper}.txt").read_text())

    def said(latex, relation):
        stated = Claim("qsparse_local_sgd/x", "equation", "", "", (latex,), (reading(relation),))
        return [check.outcome for check in transcription(stated)]

    assert said(r"\eta_t \leq \frac{1}{2L}", at_most(eta_t, 1 / (2 * L))) == ["occurs", "agrees"]
    assert said(r"\eta_t \leq \frac{1}{2L}", at_most(eta_t, 1 / (4 * L))) == ["occurs", "unparsed"]
    assert said(r"\eta_t \leq \frac{1}{4L}", at_most(eta_t, 1 / (4 * L))) == ["missing", "agrees"]


def test_a_relation_must_use_a_known_sign():
    with pytest.raises(ValueError, match="op must be one of"):
        Relation(mu, "~", L)


def test_an_equality_is_decided_both_ways():
    assert outcome(reading(equals((n + 1) ** 2, n**2 + 2 * n + 1)), "decision") == "proved"
    assert outcome(reading(equals((n + 1) ** 2, n**2 + 1)), "decision") == "refuted"


def test_instances_of_a_cited_bound_follow():
    stated = reading(
        at_most(synced_memory_sq, 4 * eta**2 * H**2 * G**2 * 3),
        given=(given.contraction,),
        follows=Instance(limit, {gamma: sp.Rational(1, 2)}),
    )
    assert judge_reading(claim(), stated, KNOWN).outcome("derivation") == "equal"


def test_letters_in_range_put_no_hypothesis_in_force_that_asks_more():
    for arena in attack._MODULES:
        ARENAS[arena]  # its module adds the validators of its hypotheses
    judged = {each.name for each in HYPOTHESES.values() if each.condition is not None and each.name in VALIDATORS}
    assert judged <= BEYOND_SCALARS <= set(HYPOTHESES)
    for name in BEYOND_SCALARS:
        assert not in_force(HYPOTHESES[name], ()), name


# What is judged by its use: a definition, and the claims that rely on it.

EVERYWHERE, ALONG = Hypothesis("everywhere", "at every point"), Hypothesis("along", "at the iterates")


def used(user, stated=(EVERYWHERE,), correction=None):
    """The verdict on a definition with one user."""
    definition = Claim("paper/definition", "definition", "", "", readings=(Reading("as printed", given=stated),), correction=correction)
    found = Ledger((definition, replace(user, relies=("paper/definition",))), QUICK, 0)
    return found.by_use(definition)


CORRECTED = Reading("corrected: at the iterates", given=(ALONG,))


def test_a_definition_whose_users_stand_holds_and_says_so():
    found = used(claim("a", PROVED))
    assert (found.verdict, found.why) == ("holds", "judged by its use: 1 claims rely on it, none falls as printed")


def test_a_definition_under_which_a_claim_falls_and_stands_under_its_correction_is_amended():
    falls = replace(REFUTED, given=(EVERYWHERE,))
    stands = replace(PROVED, name="other", given=(ALONG,))
    for user in (claim("a", falls, stands), claim("a", falls, correction=stands)):
        found = used(user, correction=CORRECTED)
        assert (found.verdict, found.correction.verdict) == ("amended", "holds")
        assert "a (a" in found.why
        assert used(user).verdict == "holds"  # no corrected form is stated
        assert "tells nothing of it" in used(user).why


def test_a_definition_is_not_amended_for_what_its_users_misprint_themselves():
    falls, stands = (replace(each, name=name, given=(EVERYWHERE,)) for each, name in ((REFUTED, "as printed"), (PROVED, "corrected")))
    found = used(claim("a", falls, correction=stands), correction=CORRECTED)
    assert found.verdict == "holds"
    assert "stand otherwise under it as well: a (amended)" in found.why


def test_a_definition_fails_where_a_user_falls_and_nothing_of_it_stands():
    assert used(claim("a", REFUTED)).verdict == "unchecked"
    impossible = Hypothesis("impossible", "n < 1", n < 1)
    assert used(claim("a", replace(REFUTED, given=(impossible,)))).verdict == "unchecked"
    assert "fails in use: a (vacuous)" in used(claim("a", replace(REFUTED, given=(impossible,)))).why
