"""The claims of dist-EF-SGD come out as derivation, decision and orders say; the sum that saves Theorem 1 is checked by numbers."""

import os
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

import pytest
import sympy as sp

from theory import local_sgd, qsparse_local_sgd
from theory.certificate import certify
from theory.claim import IMPROVED, Claim, Reading, Relation, at_least, at_most, equals
from theory.decide import decide
from theory.dist_ef_sgd import CLAIMS
from theory.dist_ef_sgd.momentum import spread_out, theorem_2
from theory.dist_ef_sgd.terms import (
    ERROR,
    LAGGED,
    LIMITS,
    SCALED_ERRORS,
    SHARP_ERROR,
    driven_sum,
    theorem_1,
)
from theory.rules import Context, Granted, NotReached, Squared, derive
from theory.symbols import (
    G,
    L,
    R,
    T,
    block_coefficient,
    error_sq,
    eta_t,
    gamma,
    initial_gap,
    momentum,
    sigma,
    t,
    two_way_error_sq,
    x_sq,
    xi,
)
from theory.symbols import eta as constant_step
from theory.transcription import occurs
from theory.vectors import norm_sq, vector
from validation.attack import EFFORTS, attack, generator
from validation.error_feedback import ascend, measure

BY_ID = {claim.id.removeprefix("dist_ef_sgd/"): claim for claim in CLAIMS}
OTHERS = {claim.id for paper in (local_sgd, qsparse_local_sgd) for claim in paper.CLAIMS}
SHOWN = {"equal", "dominated"}


@cache
def known(claim_id: str) -> Relation:
    """What stands for a cited claim: its correction, if it has one that something shows, else what is printed."""
    claim = BY_ID[claim_id.removeprefix("dist_ef_sgd/").removesuffix(IMPROVED)]
    standing = claim.improvement if claim_id.endswith(IMPROVED) else claim.correction or claim.readings[0]
    assert standing is not None
    assert standing.relation is not None
    return standing.relation


def derived(reading: Reading) -> str:
    assert reading.follows is not None
    assert reading.relation is not None
    return derive(reading.follows, reading.relation, Context(known, reading.conditions)).outcome


def falls(claim: Claim) -> str:
    """How a scalar claim fails, or not."""
    relation = claim.readings[0].relation
    assert relation is not None
    return decide(relation.boolean, list(claim.readings[0].conditions)).outcome


def test_every_id_is_there_once_and_belongs_to_the_paper() -> None:
    assert len(BY_ID) == len(CLAIMS)
    assert all(claim.id.startswith("dist_ef_sgd/") for claim in CLAIMS)


def test_the_ids_that_others_look_for_exist() -> None:
    wanted = {"lemma-2/constant-step", "lemma-2/any-step", "theorem-1/monotone", "theorem-1/hybrid", "sec-3.1/horizon",
              "sec-3.1/reduces-to-ef-sgd", "sec-3.2/overhead"}  # fmt: skip
    assert wanted <= set(BY_ID)


@pytest.mark.skipif("TIGHTROPE_PAPERS" not in os.environ, reason="the paper's text is not at hand")
def test_every_formula_stands_in_the_paper() -> None:
    text = (Path(os.environ["TIGHTROPE_PAPERS"]) / "dist_ef_sgd.txt").read_text(encoding="utf-8")
    assert [(claim.id, tex) for claim in CLAIMS for tex in claim.latex if occurs(tex, text) is None] == []


def test_whatever_is_cited_or_relied_on_is_a_claim() -> None:
    for claim in CLAIMS:
        cited = {c for reading in claim.stated for rule in (reading.follows, reading.rate) if rule is not None for c in rule.cites()}
        named = {each.removeprefix("dist_ef_sgd/").removesuffix(IMPROVED) for each in (*cited, *claim.relies)}
        assert named <= {*BY_ID, *OTHERS}, claim.id


@pytest.mark.parametrize("label", ["lemma-2/constant-step", "lemma-2/nondecreasing-step", "lemma-6"])
def test_both_errors_stay_bounded_for_steps_that_never_fall(label: str) -> None:
    assert derived(BY_ID[label].readings[0]) in SHOWN


@pytest.mark.parametrize(
    "label", ["lemma-2", "theorem-1", "theorem-1/alternating", "appendix-c/lemma-6-without-momentum", "lemma-5", "lemma-5/line-4"]
)
def test_what_falls_has_a_correction_that_follows(label: str) -> None:
    claim = BY_ID[label]
    assert claim.readings[0].follows is None
    assert claim.correction is not None
    assert derived(claim.correction) in SHOWN


def test_a_bound_half_as_large_does_not_follow() -> None:
    claim = BY_ID["lemma-2/constant-step"]
    planted = replace(claim.readings[0], relation=at_most(two_way_error_sq, ERROR / 4))
    assert derived(planted) == "not reached"


FOLLOW = ("lemma-2/nondecreasing-step", "theorem-1", "eq-3", "corollary-1", "eq-13", "theorem-2", "corollary-3", "appendix-e/falling-bound")


@pytest.mark.parametrize("label", FOLLOW)
def test_the_improvement_follows(label: str) -> None:
    improvement = BY_ID[label].improvement
    assert improvement is not None
    assert derived(improvement) in SHOWN


def test_the_sharp_bound_a_little_smaller_does_not_follow() -> None:
    improvement = BY_ID["lemma-2/nondecreasing-step"].improvement
    assert improvement is not None
    assert derived(replace(improvement, relation=at_most(two_way_error_sq, SHARP_ERROR * sp.Rational(99, 100)))) == "not reached"


def test_alternating_gradients_come_as_near_to_the_sharp_bound_as_one_likes() -> None:
    """C(v) = (1 + q) v at workers and server, gradients 1, -1, 1, ...; q = 1/2, in rationals."""
    q, worker, server = Fraction(1, 2), Fraction(0), Fraction(0)
    for step in range(24):
        p = worker + (-1) ** step
        sent = (1 + q) * p
        both = server + sent
        worker, server = p - sent, both - (1 + q) * both
    limit = Fraction(str(SHARP_ERROR.subs({gamma: 1 - sp.Rational(1, 4), G: 1})))
    assert limit * Fraction(999, 1000) < (worker + server) ** 2 < limit


TOO_MUCH = {"lemma-2/constant-step": 98, "sec-3.3/bounded-error": 98, "eq-6": 98, "eq-8": 98, "theorem-1": 70, "theorem-1/monotone": 70}
"""Percentages of improved bounds that the attack breaks: all that its own resolution allows."""
SMALL = replace(EFFORTS["quick"], name="test", instances=24, starts=64, iterations=3)


@pytest.mark.parametrize("label", TOO_MUCH)
def test_the_attack_catches_an_improvement_that_claims_too_much(label: str) -> None:
    improvement = BY_ID[label].improvement
    assert improvement is not None
    assert improvement.relation is not None
    relation = at_most(improvement.relation.lhs, improvement.relation.rhs * sp.Rational(TOO_MUCH[label], 100))
    assert attack(replace(improvement, relation=relation), SMALL, 0).outcome == "broken"


def test_the_sharp_constant_saves_alternating_steps_only_with_the_sum_of_cubes() -> None:
    improvement = BY_ID["theorem-1/alternating"].improvement
    assert improvement is not None
    assert attack(replace(improvement, relation=theorem_1(LAGGED, SHARP_ERROR), follows=None), SMALL, 0).outcome == "broken"


def test_with_momentum_the_search_that_reaches_the_bound_without_it_stays_below_nine_tenths() -> None:
    def reached(momentum: Fraction) -> float:
        found = ascend("constant", 24, 1, [momentum], 60, 8, generator(0, "test", momentum))
        errors = measure(found)["two_way_error_sq"][:, -1]
        bounds = [float(SHARP_ERROR.subs({gamma: sp.Rational(str(own)), G: 1}) / (1 - momentum) ** 2) for own in found.gamma]
        return max(error / bound for error, bound in zip(errors, bounds, strict=True) if bound)

    assert reached(Fraction(0)) > 0.97
    assert reached(Fraction(1, 2)) < 0.9


def test_the_weighted_coefficient_of_blocks_is_decided_and_a_larger_one_falls() -> None:
    improvement = BY_ID["proposition-1/zero-block"].improvement
    assert improvement is not None
    assert improvement.relation is not None
    assert decide(improvement.relation.boolean, list(improvement.conditions)).outcome == "proved"
    lhs, rhs = improvement.relation.lhs, improvement.relation.rhs
    stronger = at_most(lhs, rhs * sp.Rational(99, 100)) if improvement.relation.op == "<=" else at_least(lhs, rhs * sp.Rational(101, 100))
    assert decide(stronger.boolean, list(improvement.conditions)).outcome == "refuted"


@pytest.mark.parametrize("label", ["proposition-1", "proposition-1/pieces", "sec-3.2/tighter"])
def test_any_number_of_blocks_is_split_off_at_once_and_a_larger_coefficient_is_not_reached(label: str) -> None:
    claim = BY_ID[label]
    reading = claim.correction or claim.improvement
    assert reading is not None
    assert reading.relation is not None
    assert derived(reading) in SHOWN
    assert derived(replace(reading, relation=replace(reading.relation, rhs=reading.relation.rhs * sp.Rational(99, 100)))) == "not reached"


def test_the_least_coefficient_of_a_block_can_be_less_than_that_of_the_whole_vector_and_the_weighted_mean_is_not() -> None:
    blocks = ((1, 0, 0, 0), (10, 10, 10, 10))
    sums, energies, whole = [sum(b) for b in blocks], [sum(x * x for x in b) for b in blocks], [x for b in blocks for x in b]
    flat = Fraction(sum(whole) ** 2, len(whole) * sum(energies))
    assert min(Fraction(s * s, 4 * e) for s, e in zip(sums, energies, strict=True)) < flat
    assert flat <= sum(Fraction(s * s, 4) for s in sums) / sum(energies)
    assert falls(BY_ID["sec-3.2/tighter"]) == "refuted"


def test_the_attack_catches_a_blockwise_sign_that_gains_too_much() -> None:
    correction = BY_ID["sec-3.2/tighter"].correction
    assert correction is not None
    assert correction.relation is not None
    planted = replace(correction, relation=replace(correction.relation, rhs=correction.relation.rhs * sp.Rational(99, 100)), follows=None)
    assert attack(planted, SMALL, 0).outcome == "broken"


def test_the_attack_catches_another_coefficient_of_blocks_than_the_weighted_one() -> None:
    improvement = BY_ID["proposition-1/pieces"].improvement
    assert improvement is not None
    assert improvement.relation is not None
    assert attack(improvement, SMALL, 0).outcome == "not broken"
    planted = replace(improvement, relation=equals(improvement.relation.lhs, improvement.relation.rhs * sp.Rational(99, 100)), follows=None)
    assert attack(planted, SMALL, 0).outcome == "broken"


def test_the_sum_of_cubes_bounds_the_lags_of_any_steps() -> None:
    source = Random(2)
    for _ in range(300):
        eta = [Fraction(source.randint(1, 50), source.choice([1, 10, 1000])) for _ in range(source.randint(2, 10))]
        assert all(delayed(eta, n) <= sum(each**3 for each in eta) for n in range(1, len(eta)))


@pytest.mark.parametrize("label", ["appendix-d/sgd-line-2", "appendix-d/sgd-line-3", "appendix-e/climbing-lags", "eq-8/line-6"])
def test_misprints_are_refuted_by_decision(label: str) -> None:
    assert falls(BY_ID[label]) == "refuted"


def test_falling_steps_break_the_bound_with_momentum_and_close_gradients_and_constant_ones_do_not() -> None:
    for label in ("sec-3.3/bounded-error", "sec-3.1/close-gradients"):
        constant, falling = BY_ID[label].readings
        assert derived(constant) in SHOWN
        assert attack(falling, SMALL, 0).outcome == "broken"


def test_the_horizon_of_the_rate_with_momentum_grows_with_the_sixth_power_of_what_momentum_leaves() -> None:
    """At T = M / (1 - mu)^4 the term in 1/T is beyond the variance term by any factor as mu approaches 1, at M / (1 - mu)^6 never."""
    claim = BY_ID["sec-3.3/rate"]
    assert claim.correction is not None
    rates = (claim.readings[-1].rate, claim.correction.rate)
    assert [rate.check(Context(known)).outcome for rate in rates if rate is not None] == ["contradicted", "equal"]
    for left in (Fraction(1, 10), Fraction(1, 100)):  # 1 - mu, M = 1
        third, variance = (lambda T, left=left: 1 / (left**4 * T)), (lambda root, left=left: 1 / (left * root))
        assert third(1 / left**4) / variance(1 / left**2) == 1 / left
        assert third(1 / left**6) / variance(1 / left**3) == 1


def test_the_lemma_on_momentum_falls_at_its_first_iteration() -> None:
    mu, G = Fraction(1, 2), Fraction(1)
    m = G  # m_0 = mu 0 + g_0
    assert (mu * m + G) ** 2 > G**2 / (1 - mu)
    assert (mu * m + G) ** 2 <= G**2 / (1 - mu) ** 2


def test_the_horizon_is_that_of_the_two_terms_and_not_the_printed_one() -> None:
    claim = BY_ID["sec-3.1/horizon"]
    assert claim.readings[0].rate is not None
    assert claim.correction is not None
    assert claim.correction.rate is not None
    context = Context(known)
    assert claim.readings[0].rate.check(context).outcome == "contradicted"
    assert claim.correction.rate.check(context).outcome == "equal"


def test_a_fall_of_the_step_breaks_lemma_2_in_three_iterations() -> None:
    """C(v) = v / 2, one worker, F(x) = x, so every gradient is 1; steps 1, 1/1000, 1/1000."""
    step, half, delta = [Fraction(1), Fraction(1, 1000), Fraction(1, 1000)], Fraction(1, 2), Fraction(3, 4)
    bound = 8 * (1 - delta) / delta**2 * (1 + 16 / delta**2)
    worker, server, before, worst = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    for eta in step:
        p = 1 + before / eta * worker
        sent = half * p
        both = sent + before / eta * server
        worker, server, before = p - sent, both - half * both, eta
        worst = max(worst, (server + worker) ** 2)
    assert worst > bound


def steps_with_one_peak(source: Random, n: int) -> list[Fraction]:
    peak = source.randint(0, n)
    up, down = (sorted(Fraction(source.randint(1, 50), 10) for _ in range(count)) for count in (peak, n - peak))
    return [*up, *reversed(down)]


def delayed(eta: list[Fraction], n: int) -> Fraction:
    return sum((eta[s] * eta[s - n] ** 2 for s in range(n, len(eta))), Fraction(0))


def test_with_one_peak_no_delay_adds_up_to_more_than_that_of_one_iteration() -> None:
    source = Random(0)
    for _ in range(500):
        eta = steps_with_one_peak(source, source.randint(2, 12))
        assert all(delayed(eta, n) <= delayed(eta, 1) for n in range(1, len(eta)))


def test_alternating_steps_add_up_to_more_after_two_iterations_than_after_one() -> None:
    eta = [Fraction(1), Fraction(1, 1000)] * 4
    assert delayed(eta, 2) > 100 * delayed(eta, 1)


def test_the_driven_sum_bounds_what_its_recursions_add_up_to() -> None:
    """The recursions run as equalities, with G = 1, at delta = 3/5 on steps with one peak."""
    delta, source = Fraction(3, 5), Random(1)
    keep, admit = 1 - delta / 2, (1 - delta) * (2 - delta) / delta
    limits = [_at(limit) for limit in LIMITS]
    for _ in range(50):
        eta = steps_with_one_peak(source, 10)
        worker, server, sums = Fraction(0), Fraction(0), [Fraction(0), Fraction(0)]
        for step in eta:
            sums = [sums[0] + step * worker, sums[1] + step * server]
            inputs = keep * worker + admit * step**2
            worker, server = inputs, keep * server + 2 * (2 - delta) ** 2 / delta * inputs
        assert all(total <= limit * delayed(eta, 1) for total, limit in zip(sums, limits, strict=True))


def test_a_drive_of_full_length_cannot_turn_over_in_one_step() -> None:
    """Why the improved Lemma 6 is not sharp with momentum. For d_t = mu m_t + g_t, m_t = mu m_{t-1} + g_t,

    d_{t+1} - d_t = (1 + mu) g_{t+1} - mu g_t - (1 - mu) d_t, where ||g|| <= G and ||d|| <= G / (1 - mu).
    """
    m, g, following = (vector(name) for name in ("m", "g", "following"))
    mu = momentum
    drive = mu * (mu * m + g) + g
    moved = mu * (mu * (mu * m + g) + following) + following - drive
    left = moved - ((1 + mu) * following - mu * g - (1 - mu) * drive)
    assert sp.expand(norm_sq(left)) == 0
    found = certify(
        4 * (1 + mu) ** 2 * G**2 - norm_sq(moved),
        {"g": G**2 - norm_sq(g), "following": G**2 - norm_sq(following), "d": G**2 / (1 - mu) ** 2 - norm_sq(drive)},
        {"g": 2 * (1 + mu) * mu, "following": 2 * (1 + mu) ** 2, "d": 2 * (1 + mu) * (1 - mu) ** 2},
        (mu < 1,),
    )
    assert found.outcome == "proved", found.evidence
    assert decide(2 * (1 + mu) * G < 2 * G / (1 - mu), (mu > 0, mu < 1, G > 0)).outcome == "proved"


def _at(limit: sp.Expr) -> Fraction:
    value = limit.subs({symbol: (sp.Rational(3, 5) if symbol == gamma else 1) for symbol in limit.free_symbols})
    return Fraction(int(value.p), int(value.q))


def test_the_driven_sum_refuses_errors_that_do_not_start_at_zero() -> None:
    off = Granted(equals(SCALED_ERRORS[0].subs(t, 0), 1), by="a planted error")
    with pytest.raises(NotReached, match="base case"):
        replace(driven_sum(1), starts=(off,)).derive(Context(known, (gamma <= 1,)))


def test_the_driven_sum_refuses_a_factor_that_moves() -> None:
    moving = Granted(at_most(SCALED_ERRORS[0].subs(t, t + 1), t * SCALED_ERRORS[0] + eta_t**2), by="a planted error")
    with pytest.raises(NotReached, match="moves"):
        replace(driven_sum(1), of=(moving,)).derive(Context(known, (gamma <= 1,)))


def test_the_driven_sum_refuses_another_sum_in_the_place_of_the_delayed_one() -> None:
    wrong = Granted(at_most(sp.Sum(eta_t**2, (t, 0, T - 1)), LAGGED), by="a planted error")
    with pytest.raises(NotReached, match="is not the sum"):
        replace(driven_sum(1), delayed=wrong).derive(Context(known, (gamma <= 1,)))


def test_nothing_is_granted_as_a_whole() -> None:
    assert {label for label, claim in BY_ID.items() for reading in claim.stated if isinstance(reading.follows, Granted)} == set()


SMALLER_FACTS = (
    "theorem-1/output", "sec-3.1/identity", "sec-3.1/last-term", "appendix-c/move", "appendix-c/lag", "appendix-c/output",
    "appendix-e/falling-steps/line-1", "appendix-e/falling-lags/link-1", "appendix-e/climbing-steps/line-1",
    "appendix-e/climbing-lags/link-1", "appendix-f/line-1", "eq-5/contraction", "eq-7/line-1", "appendix-g/averaged-move",
    "appendix-g/output",
)  # fmt: skip


@pytest.mark.parametrize("label", SMALLER_FACTS)
def test_what_a_definition_says_follows_from_smaller_facts(label: str) -> None:
    claim = BY_ID[label]
    (reading,) = claim.readings if claim.correction is None else (claim.correction,)
    assert derived(reading) == "equal"
    assert reading.relation is not None
    assert derived(replace(reading, relation=replace(reading.relation, rhs=reading.relation.rhs * 2 + 1, op="=="))) == "not reached"


def test_the_mean_of_a_walk_back_is_not_the_move_of_the_iterate() -> None:
    rule = BY_ID["appendix-c/move"].readings[0].follows
    assert isinstance(rule, Squared)
    with pytest.raises(NotReached, match="left over"):
        replace(rule, factor=-rule.factor).derive(Context(known))
    with pytest.raises(NotReached, match="left over"):
        replace(rule, vector=rule.vector + vector("error_of_the_server")).derive(Context(known))


def test_momentum_pays_without_noise_exactly_where_the_first_term_outweighs_the_last() -> None:
    claim = BY_ID["sec-4.1/momentum-then"]
    assert falls(claim) == "refuted"
    assert claim.correction is not None
    outweighs = claim.correction.given[-1]
    assert outweighs.condition is not None
    relation = claim.correction.relation
    assert relation is not None
    assert decide(relation.boolean, claim.correction.conditions).outcome == "proved"
    slack = sp.cancel(sp.together((outweighs.condition.gts - outweighs.condition.lts) * momentum / (1 - momentum) ** 2 - relation.slack))
    assert slack == 0  # the condition is the relation itself, times what is positive


def at_random(source: Random) -> dict[sp.Symbol, float]:
    """Letters of Theorem 2 and Corollary 3 whose steps are as short as Theorem 2 asks."""
    beta, delta, L_, R_, T_ = source.choice((0.0, source.random())), source.uniform(0.01, 1), 10 ** source.uniform(-2, 2), 4, 1000
    spread = {name: 10 ** source.uniform(-3, 3) for name in (initial_gap, sigma, G)}
    return {
        **spread,
        momentum: beta,
        gamma: delta,
        L: L_,
        R: R_,
        T: T_,
        constant_step: source.random() * (1 - beta) ** 2 / (2 * L_),
        xi: source.random(),
    }


def test_roots_add_up_to_no_more_than_the_sums_of_squares_with_the_sharp_constant() -> None:
    improved, of_corollary = (BY_ID[name].improvement for name in ("theorem-2", "corollary-3"))
    assert improved is not None
    assert of_corollary is not None
    before = theorem_2(SHARP_ERROR).rhs, spread_out(4).rhs
    source = Random(0)
    for _ in range(200):
        point = at_random(source)
        for better, former in zip((improved, of_corollary), before, strict=True):
            assert better.relation is not None
            assert float(better.relation.rhs.subs(point)) <= float(former.subs(point)) * (1 + 1e-9)


@pytest.mark.parametrize("label", ["theorem-2", "corollary-3", "theorem-2/free", "theorem-2/halved", "eq-8/line-2", "eq-8/line-3"])
def test_a_root_form_a_little_smaller_does_not_follow(label: str) -> None:
    reading = BY_ID[label].improvement or BY_ID[label].readings[0]
    assert reading.relation is not None
    assert derived(reading) in SHOWN
    assert (
        derived(replace(reading, relation=Relation(reading.relation.lhs, "<=", reading.relation.rhs * sp.Rational(99, 100))))
        == "not reached"
    )


def test_the_attack_catches_a_least_coefficient_of_blocks_that_is_too_large() -> None:
    reading = BY_ID["proposition-1"].readings[0]
    too_much = replace(reading, relation=at_most(error_sq, (1 - 2 * block_coefficient) * x_sq))
    found = attack(too_much, EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert found.witness is not None
    assert attack(reading, EFFORTS["quick"], 0).outcome == "not broken"
