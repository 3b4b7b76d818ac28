"""What is cited is applied under its own hypotheses, with everything that is substituted into it."""

import json
from pathlib import Path

import pytest
import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Rate, in_the_end
from theory.claim import IMPROVED, Hypothesis, Reading, at_most
from theory.decide import holds_at, satisfiable
from theory.force import WHOLE, unmet
from theory.papers import claims
from theory.rules import Cite, Context, Expected, InLetters, Instance, Limit, MinimisedOver, NotReached, plain
from theory.symbols import H, L, R, T, U, a, eta, eta_t, gamma, kappa, momentum, mu, p, sigma_max, t, total_memory_sq, xi

CLAIMS = {claim.id: claim for claim in claims()}
VERDICTS = {row["id"]: row["verdict"] for row in json.loads((Path(__file__).parent / "expected_verdicts.json").read_text())["claims"]}
USES = [(claim, reading, by) for claim in CLAIMS.values() for reading in claim.stated for by in (reading.follows, reading.rate) if by]
FAR = sp.Integer(10) ** 60


def standing(cited: str) -> Reading | None:
    """The reading that others cite, from the verdict that is expected."""
    claim = CLAIMS[cited.removesuffix(IMPROVED)]
    if cited.endswith(IMPROVED):
        return claim.improvement
    return claim.correction if VERDICTS[claim.id] == "amended" else next(iter(claim.readings), None)


def assumed(cited: str) -> tuple[Hypothesis, ...]:
    found = standing(cited)
    return found.given if found is not None else ()


def needing(*hypotheses: Hypothesis):
    return lambda _: hypotheses


def test_no_claim_applies_another_outside_its_hypotheses():
    assert {f"{c.id} ({r.name})": missing for c, r, by in USES if (missing := unmet(by, assumed, r.given))} == {}


@pytest.mark.parametrize(
    ("claim", "by", "missing"),
    [
        ("mdsgd/theorem-10", Instance(Cite("mdsgd/theorem-10"), {momentum: 2}), "momentum_range"),
        ("mdsgd/theorem-10", Cite("mdsgd/theorem-10", {momentum: 2}), "momentum_range"),
        ("local_sgd/theorem-2.2", Instance(Cite("local_sgd/theorem-2.2"), {a: sp.Rational(1, 1000)}), "shift_above_four_condition"),
        (
            "local_sgd/sec-2.2/saving/rate",
            Rate("local_sgd/remark-2.4", (1 / T,), (T, R), at={a: sp.Rational(1, 1000)}, improved=True),
            "shift_at_least_four_condition",
        ),
        (  # as T grows, H = T / R outgrows every fixed shift
            "local_sgd/theorem-2.2",
            Rate("local_sgd/theorem-2.2", (1 / T,), (T, R), at={a: 5 * L / mu, H: T / R}),
            "shift_above_gap_over_mu",
        ),
    ],
)
def test_a_theorem_is_not_instantiated_outside_its_hypotheses(claim, by, missing):
    found = unmet(by, assumed, CLAIMS[claim].readings[0].given)
    assert any(f"needs {missing}" in each for each in found), found


@pytest.mark.parametrize(("claim", "reading", "by"), [(c.id, r, by) for c, r, by in USES if isinstance(by, Rate) and by.at])
def test_what_a_rate_cites_holds_far_out(claim, reading, by):
    """One exact point, found without the rules, far out along what grows where the hypotheses allow it: those of the cited claims hold."""
    hypotheses = [plain(each) for each in reading.conditions]
    near = satisfiable(hypotheses).model
    assert near is not None
    model = near | {by.free[0]: FAR}
    if not all(holds_at(each, model) for each in hypotheses):
        model = near
    judged = []
    for cited, changes in by.uses():
        for condition in (h.condition for h in assumed(cited) if h.condition is not None):
            for change in (*changes, by.at):
                condition = condition.subs(change, simultaneous=True)
            judged.append(holds_at(plain(condition), {symbol: model.get(symbol, 1) for symbol in plain(condition).free_symbols}))
    assert False not in judged
    assert True in judged


def test_what_is_substituted_is_collected_in_order():
    rule = InLetters(Instance(Cite("p/a", {eta: 1}), {L: 2}), {gamma: 1 - p**2}, {p: sp.sqrt(1 - gamma)})
    assert list(rule.uses()) == [("p/a", ({gamma: 1 - p**2}, {eta: 1}, {L: 2}, {p: sp.sqrt(1 - gamma)}))]
    assert list(MinimisedOver(Cite("p/a"), p, 2).uses()) == [("p/a", ({}, {p: 2}))]
    assert list(Expected(Cite("p/a"), {}, {eta: eta_t}).uses()) == [("p/a", ({}, {eta: eta_t}))]
    assert list(Limit(Cite("p/a"), p, 1).uses()) == [("p/a", ({},))]  # what holds near a point says nothing of the point
    assert list(Rate(rule, (), (T,), at={T: 1}).uses()) == list(rule.uses())


def test_what_is_not_touched_is_in_force_by_its_name():
    by = Instance(Cite("p/a"), {L: 2 * mu})
    assert unmet(by, needing(given.contraction, given.variance), (given.contraction, given.variance)) == []
    assert unmet(by, needing(given.contraction), ()) == ["p/a needs contraction"]


def test_what_is_touched_is_judged_after_the_substitution():
    ranged = Instance(Cite("p/a"), {gamma: sp.Rational(1, 2)})
    assert unmet(ranged, needing(given.contraction), (given.contraction,)) == []
    assert unmet(ranged, needing(given.contraction), ()) == ["p/a needs contraction"]  # of maps too, so its name must be given
    beyond = Instance(Cite("p/a"), {gamma: 2})
    assert unmet(beyond, needing(given.contraction), (given.contraction,)) == ["p/a needs contraction"]
    assert unmet(Instance(Cite("p/a"), {a: H + 1}), needing(given.shift_above_gap), ()) == []  # although a >= H is not given
    assert unmet(Instance(Cite("p/a"), {a: H - 1}), needing(given.shift_above_gap), (given.shift_above_gap,)) != []


def test_a_schedule_that_is_written_into_a_bound_is_the_one_that_is_given():
    written = Instance(Cite("p/a"), {xi: eta_t * (a + t)})
    assert unmet(written, needing(given.decaying_step), (given.decaying_step,)) == []


def test_what_is_so_at_every_index_is_so_at_a_chosen_one():
    later = Instance(Cite("p/a"), {t: t + 5})
    assert unmet(later, needing(given.memory_at_most_U), (given.memory_at_most_U,)) == []
    larger = Instance(Cite("p/a"), {U: U / 2})
    assert unmet(larger, needing(given.memory_at_most_U), (given.memory_at_most_U,)) != []


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (1 / sp.sqrt(T) <= 1 / (2 * L), True),
        (sp.sqrt(T) <= L, False),
        (L / T ** sp.Rational(1, 4) - mu / sp.sqrt(T) > 0, True),
        (mu / T ** sp.Rational(1, 4) - L / sp.sqrt(T) < 0, False),
        (kappa * T / (T + L) >= 1, None),  # as kappa >= 1 or not
    ],
)
def test_in_the_end_the_leading_term_decides(condition, holds):
    asked = in_the_end(condition, T)
    assert [sp.simplify(asked.subs(kappa, value)) == sp.true for value in (sp.Rational(1, 2), 2)] == [holds is True, holds is not False]


def test_a_ceiling_of_a_rate_must_hold_where_the_rate_is_taken():
    context = Context(lambda _: at_most(sigma_max, (a + H) / T), (a >= 4 * H,))
    rate = Rate("p/theorem", (H / T,), (T, H), ceilings={a + H: 5 * a / 4}, at={a: 4 * H})
    assert rate.check(context).outcome == "equal"
    with pytest.raises(NotReached, match="not bounded above"):
        Rate("p/theorem", (H / T,), (T, H), ceilings={a + H: 5 * a / 4}, at={a: H}).check(context)


def test_a_quantity_may_be_renamed_with_its_condition():
    measured = Hypothesis("measured", "the memory is at most U^2", total_memory_sq <= U**2)
    assert unmet(Cite("p/a", {U: 2 * U}), needing(measured), (measured,)) == []


def test_what_is_put_in_the_place_of_a_count_is_whole():
    for value, whole in (
        (T + 2 * H, True),
        (sp.Integer(3), True),
        (T / H, False),
        (sp.sqrt(T), False),
        (sp.Rational(7, 2), False),
        (U, False),
    ):
        for by in (Instance(Cite("p/a"), {T: value}), Cite("p/a", {T: value}), InLetters(Cite("p/a"), {T: value}, {})):
            assert unmet(by, needing(), ()) == ([] if whole else [f"p/a needs a whole horizon, not {value}"])
    assert unmet(Cite("p/a", {eta: sp.sqrt(eta)}), needing(), ()) == []  # a step is no count
    assert unmet(Rate("p/a", (1 / T,), (T,), at={H: sp.sqrt(T)}), needing(), ()) == []  # an order, up to rounding


@pytest.mark.parametrize("count", WHOLE)
def test_what_is_said_to_be_whole_is_put_in_the_place_of_a_count_somewhere(count):
    changes = (change for _, _, by in USES for _, several in by.uses() for change in several)
    assert any(value == count and letter.is_integer for change in changes for letter, value in change.items())
