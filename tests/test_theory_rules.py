"""Each inference rule gives what it should, and refuses when a side condition fails."""

from dataclasses import replace

import pytest
import sympy as sp

from theory import rules
from theory.asymptotics import Largest, Rate
from theory.claim import Hypothesis, Relation, at_least, at_most, equals
from theory.decide import decide
from theory.rules import (
    CROWD,
    SOLVER,
    Abbreviated,
    Absorbed,
    Cases,
    Certified,
    Chained,
    Cite,
    Combined,
    Context,
    Continued,
    Decided,
    EvenAndOdd,
    Exchanged,
    Expected,
    GeometricLimit,
    Granted,
    Inducted,
    InLetters,
    Instance,
    Integrated,
    Invariant,
    Isolated,
    Limit,
    LogSum,
    MinimisedOver,
    Minkowski,
    NotReached,
    Parted,
    Raised,
    Rooted,
    ShiftedSum,
    Solved,
    Squared,
    SumAtMost,
    Summed,
    Telescoped,
    Using,
    Weakened,
    WeightedSum,
    boundaries,
    compare,
    derive,
)
from theory.scenes import f_tilde, fact, u, v
from theory.symbols import G, H, L, R, T, a, b, eta, gamma, gradient_sq, i, memory_sq, mu, p, synced_memory_sq, t, virtual_loss, xi
from theory.vectors import dot, norm_sq, vector, worker_vector, zero

NEXT_MEMORY = synced_memory_sq.subs(i, i + 1)
START = Granted(equals(synced_memory_sq.subs(i, 0), 0), by="test")
RECURSION = Granted(at_most(NEXT_MEMORY, (1 - gamma) * synced_memory_sq + G), by="test")
CONTRACTING = (gamma > 0, gamma <= 1)
x, y, c = sp.symbols("x y c", real=True)


def nothing_known(cited: str) -> Relation:
    raise NotReached(f"{cited} is not known")


def context(*given: object) -> Context:
    return Context(nothing_known, given)


def granted(relation: Relation) -> Granted:
    return Granted(relation, by="test")


def test_a_citation_is_instantiated_and_an_unknown_one_refused() -> None:
    known = {"paper/lemma": at_most(memory_sq, eta * G)}
    cited = Cite("paper/lemma", {eta: 2 * eta})
    assert cited.derive(Context(known.__getitem__)) == at_most(memory_sq, 2 * eta * G)
    assert cited.cites() == ("paper/lemma",)
    with pytest.raises(NotReached):
        cited.derive(context())


def test_an_instance_replaces_all_at_once() -> None:
    swapped = Instance(granted(at_most(memory_sq, eta * G + xi)), {eta: xi, xi: eta})
    assert swapped.derive(context()) == at_most(memory_sq, xi * G + eta)


def test_a_quantity_is_replaced_by_its_bound_where_its_coefficient_is_nonnegative() -> None:
    used = Using(granted(at_most(gradient_sq, L * memory_sq + G)), (granted(at_most(memory_sq, eta)),))
    assert used.derive(context()) == at_most(gradient_sq, L * eta + G)
    with pytest.raises(NotReached, match="no sign"):
        Using(granted(at_most(gradient_sq, G - memory_sq)), (granted(at_most(memory_sq, eta)),)).derive(context())
    with pytest.raises(NotReached, match="linearly"):
        Using(granted(at_most(gradient_sq, memory_sq**2)), (granted(at_most(memory_sq, eta)),)).derive(context())


def test_inequalities_combine_with_nonnegative_factors_only() -> None:
    one, two = granted(at_most(x, y)), granted(at_least(G, c))
    assert Combined((one, two), (2, 3)).derive(context()) == at_most(2 * x + 3 * c, 2 * y + 3 * G)
    assert Combined((granted(equals(x, y)),), (-1,)).derive(context()) == equals(-x, -y)
    with pytest.raises(NotReached, match="multiplier"):
        Combined((one,), (-1,)).derive(context())


def test_terms_move_across() -> None:
    assert Isolated(granted(at_most(x + y, c)), x).derive(context()) == at_most(x, c - y)


def test_a_chain_needs_links_that_meet() -> None:
    assert Chained(granted(at_most(x, y)), granted(at_most(y, c))).derive(context()) == at_most(x, c)
    assert Chained(granted(at_most(x, y)), granted(at_most(2 * y, c))).derive(context(y >= 0)) == at_most(x, c)
    with pytest.raises(NotReached, match="meet"):
        Chained(granted(at_most(x, 2 * y)), granted(at_most(y, c))).derive(context(y >= 0))


def test_differences_telescope_and_the_end_is_bounded_below() -> None:
    descent = granted(at_most(gradient_sq, virtual_loss - virtual_loss.subs(t, t + 1) + eta))
    summed = Telescoped(descent, t, T, {virtual_loss.subs(t, T): 0}).derive(context())
    assert summed == at_most(sp.Sum(gradient_sq, (t, 0, T - 1)), virtual_loss.subs(t, 0) + eta * T)
    ascent = granted(at_most(gradient_sq, virtual_loss.subs(t, t + 1) - virtual_loss))
    with pytest.raises(NotReached, match="bounded below"):
        Telescoped(ascent, t, T, {virtual_loss.subs(t, T): 0}).derive(context())
    with pytest.raises(NotReached, match="telescope"):
        Telescoped(granted(at_most(gradient_sq, 2 * virtual_loss - virtual_loss.subs(t, t + 1))), t, T).derive(context())


def test_equalities_add_up_to_an_equality_from_any_first_term_on() -> None:
    named = granted(equals(gradient_sq, virtual_loss - virtual_loss.subs(t, t + 1) + eta))
    whole = sp.Sum(gradient_sq, (t, 1, T - 1))
    ends = virtual_loss.subs(t, 1) - virtual_loss.subs(t, T)
    assert Telescoped(named, t, T, first=1).derive(context()) == equals(whole, sp.expand(ends + eta * (T - 1)))
    floored = Telescoped(named, t, T, {virtual_loss.subs(t, T): 0}, first=1).derive(context())
    assert floored == at_most(whole, sp.expand(virtual_loss.subs(t, 1) + eta * (T - 1)))  # what is bounded below is no longer equal


def test_sums_are_taken_apart_and_stay_what_they_are() -> None:
    whole = sp.Sum(eta * (3 - 2 * t) * (a + t) / mu, (t, 0, T - 1))
    parted = Parted(granted(equals(memory_sq, 5 * whole))).derive(context())
    assert (parted.lhs, parted.op) == (memory_sq, "==")
    assert {total.function for total in parted.rhs.atoms(sp.Sum)} == {sp.Integer(1), t, t**2}
    for horizon in (1, 2, 4):
        assert sp.expand((parted.rhs - 5 * whole).subs(T, horizon).doit()) == 0


def test_a_telescoped_sum_agrees_with_the_sum_written_out() -> None:
    bound = SumAtMost(1 / (a + t) ** 2, 1 / (a + t - 1), t, T).derive(context(a > 1))
    for horizon in (1, 2, 5):
        exact = [side.subs({a: sp.Rational(3, 2), T: horizon}).doit() for side in (bound.lhs, bound.rhs)]
        assert exact[0] <= exact[1]
    with pytest.raises(NotReached, match="cover"):
        SumAtMost(1 / (a + t) ** 2, 1 / (a + t), t, T).derive(context(a > 1))  # that potential bounds the sum from below


def test_the_harmonic_sum_is_at_least_a_logarithm() -> None:
    bound = LogSum(xi / (a + t), xi, a, T - 1, t, T).derive(context(a > 1))
    assert bound.op == ">="
    for horizon in (1, 2, 30):
        assert sum(1 / (2 + s) for s in range(horizon)) >= bound.rhs.subs({a: 2, xi: 1, T: horizon}).evalf()
    with pytest.raises(NotReached, match="beyond"):
        LogSum(xi / (a + t), xi, a, T + 1, t, T).derive(context(a > 1))
    with pytest.raises(NotReached, match="is not"):
        LogSum(xi / (a + t) ** 2, xi, a, T, t, T).derive(context(a > 1))


def test_a_contracting_recursion_has_its_geometric_limit() -> None:
    assert GeometricLimit(RECURSION, START, synced_memory_sq, i).derive(context(*CONTRACTING)) == at_most(synced_memory_sq, G / gamma)
    with pytest.raises(NotReached, match="ratio"):
        GeometricLimit(RECURSION, START, synced_memory_sq, i).derive(context())  # gamma may be 3
    growing = granted(at_most(NEXT_MEMORY, synced_memory_sq / 2 + i))
    with pytest.raises(NotReached, match="moves"):
        GeometricLimit(growing, START, synced_memory_sq, i).derive(context())


def test_the_geometric_limit_is_never_exceeded_and_nearly_reached() -> None:
    limit = GeometricLimit(RECURSION, START, synced_memory_sq, i).derive(context(*CONTRACTING)).rhs.subs({gamma: sp.Rational(1, 2), G: 1})
    value = sp.Integer(0)
    for _ in range(30):
        assert value <= limit
        value = value / 2 + 1
    assert limit - value < sp.Rational(1, 10**8)


def test_induction_closes_only_when_the_step_does() -> None:
    under = (Hypothesis("later", "", t < T),)
    rule = Inducted(RECURSION, START, synced_memory_sq, i, G / gamma, G / gamma, under)
    assert rule.derive(context(*CONTRACTING)) == at_most(synced_memory_sq, G / gamma)
    with pytest.raises(NotReached, match="close"):
        Inducted(RECURSION, START, synced_memory_sq, i, G / (2 * gamma), G / (2 * gamma)).derive(context(*CONTRACTING))
    late = granted(at_most(synced_memory_sq.subs(i, 0), 2 * G / gamma))
    with pytest.raises(NotReached, match="base case is beyond"):
        Inducted(RECURSION, late, synced_memory_sq, i, G / gamma, G / gamma, under).derive(context(*CONTRACTING))
    with pytest.raises(NotReached, match="base case bounds"):
        GeometricLimit(RECURSION, granted(equals(memory_sq, 0)), synced_memory_sq, i).derive(context(*CONTRACTING))


def test_a_recursion_is_solved_only_by_the_closed_form_that_starts_and_goes_on_as_it_does() -> None:
    halving = granted(at_most(NEXT_MEMORY, synced_memory_sq / 2 + G))
    form = 2 * G * (1 - 2**-i)
    assert Solved(halving, START, synced_memory_sq, i, form).derive(context()) == at_most(synced_memory_sq, form)
    exact, zero = granted(equals(halving.relation.lhs, halving.relation.rhs)), granted(equals(synced_memory_sq.subs(i, 0), 0))
    assert Solved(exact, zero, synced_memory_sq, i, form).derive(context()) == equals(synced_memory_sq, form)
    for step, first in ((halving, zero), (exact, granted(at_most(synced_memory_sq.subs(i, 0), 0)))):
        assert Solved(step, first, synced_memory_sq, i, form).derive(context()) == at_most(synced_memory_sq, form)
    with pytest.raises(NotReached, match="does not solve"):
        Solved(halving, START, synced_memory_sq, i, form * 2).derive(context())
    with pytest.raises(NotReached, match="does not start"):
        Solved(halving, START, synced_memory_sq, i, 2 * G).derive(context())
    with pytest.raises(NotReached, match="no sign"):
        Solved(granted(at_most(NEXT_MEMORY, x * synced_memory_sq)), START, synced_memory_sq, i, sp.Integer(0)).derive(context())


def test_a_letter_that_counts_stands_for_nothing_less_than_it_counts_from() -> None:
    before, fewer = memory_sq.subs(t, t - 1), at_most(T * memory_sq, G)
    late, short = Cite("paper/lemma", {t: t - 1}), Instance(granted(fewer), {T: T - 1})
    known = {"paper/lemma": at_most(memory_sq, G)}
    assert late.derive(Context(known.__getitem__, (t >= 1,))) == at_most(before, G)
    assert short.derive(context(T >= 2)) == at_most((T - 1) * memory_sq, G)
    for rule, given in ((late, ()), (short, ()), (short, (T >= 1,))):
        with pytest.raises(NotReached, match="may be no"):
            rule.derive(Context(known.__getitem__, given))


def test_a_double_sum_in_the_other_order_counts_each_term_as_often() -> None:
    discounted, ratio = sp.Function("discounted", real=True)(t), sp.Symbol("ratio", positive=True)
    step, none = granted(equals(discounted.subs(t, t + 1), ratio * discounted + gradient_sq)), granted(equals(discounted.subs(t, 0), 0))
    weight = (1 - ratio ** (T - 1 - t)) / (1 - ratio)
    found = Exchanged(step, none, discounted, weight, t, T).derive(context())
    assert found == equals(sp.Sum(discounted, (t, 0, T - 1)), sp.Sum(weight * gradient_sq, (t, 0, T - 2)))
    for horizon in (1, 2, 5):  # both sides for gradients 1, 4, 9, ..., written out
        values, total = [sp.Integer(0)], {time: (time + 1) ** 2 for time in range(horizon)}
        for time in range(horizon - 1):
            values.append(ratio * values[-1] + total[time])
        counted = sum((weight.subs({T: horizon, t: time}) * total[time] for time in range(horizon - 1)), sp.Integer(0))
        assert sp.simplify(sum(values) - counted) == 0
    for wrong in (weight * 2, (1 - ratio ** (T - t)) / (1 - ratio)):
        with pytest.raises(NotReached, match="how often"):
            Exchanged(step, none, discounted, wrong, t, T).derive(context())
    bounded = granted(at_most(step.relation.lhs, step.relation.rhs))
    for recursion, first in ((bounded, none), (step, granted(equals(discounted.subs(t, 0), 1)))):
        with pytest.raises(NotReached, match="start at 0"):
            Exchanged(recursion, first, discounted, weight, t, T).derive(context())


def test_induction_starts_from_the_bound_of_the_first_step() -> None:
    shrinking = granted(at_most(NEXT_MEMORY, (i + 1) / (i + 2) * synced_memory_sq))
    begun = [granted(at_most(synced_memory_sq.subs(i, 0), value)) for value in (G**2, 2 * G**2)]
    bounds = {"quantity": synced_memory_sq, "index": i, "bound": G**2 / (i + 1), "following": G**2 / (i + 2)}
    assert Inducted(shrinking, begun[0], **bounds).derive(context()) == at_most(synced_memory_sq, G**2 / (i + 1))
    with pytest.raises(NotReached, match="base case"):
        Inducted(shrinking, begun[1], **bounds).derive(context())


def test_cases_must_cover_everything_and_each_be_proved() -> None:
    claim = at_most(memory_sq, xi)
    small, large = (granted(at_most(memory_sq, bound)) for bound in (1, xi))
    below, above = sp.Le(xi, 1), sp.Ge(xi, 1)
    assert Cases(claim, (below, above), (large, small)).derive(context()) == claim
    with pytest.raises(NotReached, match="a case is missing"):
        Cases(claim, (sp.Lt(xi, 1), sp.Gt(xi, 1)), (large, small)).derive(context())
    with pytest.raises(NotReached, match="where"):
        Cases(claim, (below, above), (small, small)).derive(context())


def test_even_and_odd_numbers_are_all_and_each_parity_is_proved() -> None:
    n = sp.Symbol("n_half", integer=True, nonnegative=True)
    claim = at_most(memory_sq, sp.ceiling(T / 2))
    even, odd = (granted(at_most(memory_sq, bound)) for bound in (n, n + 1))
    assert EvenAndOdd(claim, T, n, even, odd).derive(context()) == claim
    with pytest.raises(NotReached, match="at horizon = 2"):
        EvenAndOdd(claim, T, n, odd, odd).derive(context())
    with pytest.raises(NotReached, match="not declared whole"):
        EvenAndOdd(claim, T, sp.Symbol("x", positive=True), even, odd).derive(context())


def test_a_minimum_over_a_parameter_is_stationary_convex_and_allowed() -> None:
    above_one = (Hypothesis("above_one", "", p > 1),)
    rule = MinimisedOver(granted(at_most(x, p**2 / (p - 1))), p, 2, above_one)
    assert rule.derive(context()) == at_most(x, 4)
    with pytest.raises(NotReached, match="stationary"):
        MinimisedOver(granted(at_most(x, p**2 / (p - 1))), p, 3, above_one).derive(context())
    with pytest.raises(NotReached, match="convex"):
        MinimisedOver(granted(at_most(x, 4 - (p - 2) ** 2)), p, 2, above_one).derive(context())
    with pytest.raises(NotReached, match="not allowed"):
        MinimisedOver(granted(at_most(x, (p - 1) ** 2)), p, 1, above_one).derive(context())


def test_a_free_parameter_that_is_best_at_the_quantity_itself_leaves_a_root() -> None:
    """From (1 - p) x <= 4 / p + 5: at p = 2 / sqrt(x) it is x <= 5 + 4 sqrt(x), so that sqrt(x) <= 5."""
    spared = (Hypothesis("spared", "0 < p < 1", sp.And(p > 0, p < 1)),)
    rooted = Rooted(granted(at_most((1 - p) * x, 4 / p + 5)), x, p, sp.Integer(2), sp.Integer(9), sp.Integer(1), spared)
    assert rooted.derive(context()) == at_most(x, 25)
    for wrong in (replace(rooted, root=sp.Integer(1)), replace(rooted, rest=sp.Integer(8)), replace(rooted, q=sp.Integer(2))):
        with pytest.raises(NotReached):
            wrong.derive(context())
    with pytest.raises(NotReached, match="every value"):
        replace(rooted, within=(Hypothesis("half", "0 < p < 1/2", sp.And(p > 0, p < sp.Rational(1, 2))),)).derive(context())
    with pytest.raises(NotReached, match="not of the form"):
        replace(rooted, of=granted(at_most((1 - p**2) * x, 4 / p + 5))).derive(context())


def test_a_root_of_the_quantity_itself_is_absorbed() -> None:
    """From x <= (3 + sqrt(x) / 2)^2 follows sqrt(x) <= 6."""
    square = (3 + sp.sqrt(memory_sq) / 2) ** 2
    assert Absorbed(granted(at_most(memory_sq, square))).derive(context()) == at_most(memory_sq, 36)
    with pytest.raises(NotReached, match="not below 1"):
        Absorbed(granted(at_most(memory_sq, (3 + sp.sqrt(memory_sq)) ** 2))).derive(context())
    with pytest.raises(NotReached, match="not the square"):
        Absorbed(granted(at_most(memory_sq, square + 1))).derive(context())
    with pytest.raises(NotReached, match="no sign"):
        Absorbed(granted(at_most(memory_sq, (sp.sqrt(memory_sq) / 2 - 3) ** 2))).derive(context())


def test_a_limit_is_taken_where_it_is_finite() -> None:
    assert Limit(granted(at_most(x, (1 + c) * y)), c, 0).derive(context()) == at_most(x, y)
    with pytest.raises(NotReached, match="finite"):
        Limit(granted(at_most(x, y / c)), c, 0).derive(context())


def test_a_weighted_sum_needs_weights_that_telescope() -> None:
    step = granted(at_most(memory_sq.subs(t, t + 1), (1 - 2 / (t + 2)) * memory_sq - gradient_sq + G))
    # v(t) (1 - 2/(t+2)) = t <= v(t-1) = t + 1
    summed = WeightedSum(step, memory_sq, t + 2, t, T, (gradient_sq,)).derive(context())
    assert summed.lhs == sp.Sum((t + 2) * gradient_sq, (t, 0, T - 1))
    assert sp.expand(summed.rhs - G * (T * (T - 1) / 2 + 2 * T)) == 0
    kept = WeightedSum(step, memory_sq, t + 2, t, T, (gradient_sq,), last=True).derive(context())
    assert kept == at_most(summed.lhs + (T + 1) * memory_sq.subs(t, T), summed.rhs)
    with pytest.raises(NotReached, match="telescope"):
        WeightedSum(step, memory_sq, (t + 2) ** 3, t, T, (gradient_sq,)).derive(context())
    signed = granted(at_most(virtual_loss.subs(t, t + 1), virtual_loss / 2 - gradient_sq + G))
    with pytest.raises(NotReached, match="negative"):
        WeightedSum(signed, virtual_loss, sp.Integer(1), t, T, (gradient_sq,)).derive(context())


def test_a_certificate_proves_young_and_not_its_half() -> None:
    young = at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))
    assert Certified(young).derive(context()) == young
    with pytest.raises(NotReached, match="certificate"):
        Certified(at_most(norm_sq(u + v), norm_sq(u) + norm_sq(v))).derive(context())


def test_an_equality_is_certified_in_both_directions() -> None:
    orthogonal = (fact("orthogonal", dot(u, v), -2, equality=True),)
    pythagoras = equals(norm_sq(u + v), norm_sq(u) + norm_sq(v))
    assert Certified(pythagoras, orthogonal).derive(context()) == pythagoras
    one_way = (fact("obtuse", -dot(u, v), 2),)
    with pytest.raises(NotReached, match="certificate"):
        Certified(pythagoras, one_way).derive(context())


def test_an_expectation_uses_up_every_inner_product() -> None:
    step = Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v)))
    named = {norm_sq(u + v): memory_sq, norm_sq(u): gradient_sq, norm_sq(v): G}
    assert Expected(step, named).derive(context()) == at_most(memory_sq, 2 * gradient_sq + 2 * G)
    with pytest.raises(NotReached, match="named"):
        Expected(step, {norm_sq(u + v): memory_sq, norm_sq(u): gradient_sq}).derive(context())


def test_an_expectation_names_values_too() -> None:
    relation = Granted(at_most(f_tilde, norm_sq(u)), by="test")
    with pytest.raises(NotReached, match="named"):
        Expected(relation, {norm_sq(u): memory_sq}).derive(context())
    assert Expected(relation, {norm_sq(u): memory_sq, f_tilde: virtual_loss}).derive(context()) == at_most(virtual_loss, memory_sq)


def test_an_invariant_must_start_at_zero_and_survive_every_branch() -> None:
    position, step = vector("position"), worker_vector("step")
    kept = {"both move": position - step.mean - (position - step.mean)}
    assert Invariant(memory_sq, zero, zero, kept).derive(context()) == equals(memory_sq, 0)
    with pytest.raises(NotReached, match="start"):
        Invariant(memory_sq, position, position, kept).derive(context())
    with pytest.raises(NotReached, match="one stays: the vector changes"):
        Invariant(memory_sq, zero, zero, {"one stays": position - (position - step.mean)}).derive(context())


def test_a_multiple_of_a_vector_has_the_square_of_the_factor_times_its_mean_square() -> None:
    position, step = vector("position"), worker_vector("step")
    moved = (position - eta * step.mean) - position
    assert Squared(memory_sq, moved, -eta, step.mean, gradient_sq).derive(context()) == equals(memory_sq, eta**2 * gradient_sq)
    for factor, other in ((eta, step.mean), (-eta, step), (-eta, position)):
        with pytest.raises(NotReached, match="left over"):
            Squared(memory_sq, moved, factor, other, gradient_sq).derive(context())


def test_a_weaker_relation_is_decided_under_what_defines_its_letters() -> None:
    rule = granted(at_most(x, G / (a + t)))
    later = (Hypothesis("later", "", i <= t),)
    assert Weakened(rule, at_most(x, G / (a + i)), later).derive(context()) == at_most(x, G / (a + i))
    with pytest.raises(NotReached):
        Weakened(rule, at_most(x, G / (a + i))).derive(context())


def test_an_integral_over_the_segment() -> None:
    assert Integrated(granted(at_most(x, 2 * c * G)), c).derive(context()) == at_most(x, G)


UNDER_ONE = sp.Symbol("under_one", nonnegative=True)
ROOT = {UNDER_ONE: sp.sqrt(1 - gamma)}


def test_a_derivation_in_other_letters_writes_them_out_again() -> None:
    rule = InLetters(granted(at_most(x, UNDER_ONE * G)), {gamma: 1 - UNDER_ONE**2}, ROOT, (UNDER_ONE <= 1,))
    assert rule.derive(context(*CONTRACTING)) == at_most(x, sp.sqrt(1 - gamma) * G)
    known = Context(lambda _: at_most(x, (1 - gamma) * G), CONTRACTING)
    cited = InLetters(Weakened(Cite("p/lemma"), at_most(x, UNDER_ONE**2 * G)), {gamma: 1 - UNDER_ONE**2}, ROOT)
    assert cited.derive(known) == at_most(x, (1 - gamma) * G)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (InLetters(granted(at_most(x, G)), {gamma: 1 - UNDER_ONE}, ROOT), "written out"),
        (InLetters(granted(at_most(x, G)), {gamma: 1 - UNDER_ONE**2}, ROOT, (sp.Rational(1, 2) > UNDER_ONE,)), "do not meet"),
        (InLetters(granted(at_most(x, G)), {}, {UNDER_ONE: gamma - 1}), "nonnegative"),
        (InLetters(granted(at_most(x, G)), {}, {gamma: gamma}), "declared"),
        (InLetters(Cite("p/lemma"), {}, ROOT), "in use"),
    ],
)
def test_other_letters_must_mean_what_they_stand_for(rule: InLetters, why: str) -> None:
    taken = Context(lambda _: at_most(x, UNDER_ONE), (gamma <= 1,))
    with pytest.raises(NotReached, match=why):
        rule.derive(taken)


FIRST_SQ, SECOND_SQ, BOTH_SQ = (sp.Symbol(name, nonnegative=True) for name in ("first_sq", "second_sq", "both_sq"))
MEASURED = {norm_sq(u): FIRST_SQ, norm_sq(v): SECOND_SQ, norm_sq(u + v): BOTH_SQ}


def minkowski(first: sp.Expr, second: sp.Expr, root: sp.Expr) -> Minkowski:
    bounds = (granted(at_most(FIRST_SQ, first)), granted(at_most(SECOND_SQ, second)))
    return Minkowski((u, v), bounds, (root, H * G), MEASURED)


def test_roots_of_mean_squares_add_up() -> None:
    assert minkowski(G**2, H**2 * G**2, G).derive(context()) == at_most(BOTH_SQ, (G + H * G) ** 2)


@pytest.mark.parametrize("root", [G / 2, -G])
def test_a_root_that_is_too_small_or_negative_is_refused(root: sp.Expr) -> None:
    with pytest.raises(NotReached, match="root"):
        minkowski(G**2, H**2 * G**2, root).derive(context())


def test_minkowski_needs_a_bound_on_each_part_and_a_name_for_the_sum() -> None:
    swapped = Minkowski((v, u), minkowski(G**2, G**2, G).bounds, (G, G), MEASURED)
    with pytest.raises(NotReached, match="is bounded, not"):
        swapped.derive(context())
    nameless = Minkowski((u, v), minkowski(G**2, G**2, G).bounds, (G, G), dict(list(MEASURED.items())[:2]))
    with pytest.raises(NotReached, match="named"):
        nameless.derive(context())


def test_a_sum_needs_each_summand_and_letters_that_it_holds_for() -> None:
    z = sp.Symbol("z", nonnegative=True)
    each, total = Decided(at_most(c * z, z)), at_most(x, c * G)
    assert Summed(each, total, "test", {c: sp.Integer(1)}, c <= 1).derive(context()) == at_most(x, G)
    with pytest.raises(NotReached, match="chosen"):
        Summed(each, total, "test", {c: sp.Integer(2)}, c <= 1).derive(context())
    with pytest.raises(NotReached, match="decided"):
        Summed(Decided(at_most(z, z**2)), total, "test").derive(context())


def test_a_scalar_step_is_decided_or_refused() -> None:
    assert Decided(at_most(gamma**2, gamma)).derive(context(*CONTRACTING)) == at_most(gamma**2, gamma)
    with pytest.raises(NotReached):
        Decided(at_most(gamma, gamma**2)).derive(context(*CONTRACTING))


def test_names_and_citations_are_listed_once_in_order() -> None:
    rule = Combined((Cite("p/b"), Using(Cite("p/a"), (Cite("p/b"),))), (1, 1))
    assert rule.cites() == ("p/b", "p/a")
    assert rule.names() == ("Cite", "Using", "Combined")


def test_comparison_tells_equal_dominated_and_not_reached() -> None:
    derived = at_most(memory_sq, eta**2 * G)
    assert compare(derived, derived, context()).outcome == "equal"
    weaker = compare(derived, at_most(memory_sq, 4 * eta**2 * G), context())
    assert (weaker.outcome, weaker.factor) == ("dominated", 4)
    stronger = compare(derived, at_most(memory_sq, eta**2 * G / 2), context())
    assert (stronger.outcome, stronger.factor) == ("not reached", sp.Rational(1, 2))
    assert compare(derived, at_most(memory_sq, eta * G), context()).outcome == "not reached"  # a missing square
    assert compare(derived, at_most(gradient_sq, eta**2 * G), context()).outcome == "not reached"


def test_comparison_asks_for_the_printed_strength() -> None:
    weak = at_most(x, G)
    assert compare(weak, Relation(x, "<", G), context()).outcome == "not reached"
    assert compare(weak, equals(x, G), context()).outcome == "not reached"
    assert compare(equals(x, G), weak, context()).outcome == "equal"
    assert compare(at_least(G, x), weak, context()).outcome == "equal"


def test_a_derivation_that_fails_says_why() -> None:
    found = derive(GeometricLimit(RECURSION, START, synced_memory_sq, i), at_most(synced_memory_sq, G / gamma), context())
    assert found.outcome == "not reached"
    assert "ratio" in found.evidence


# Rates


def bound_of(rhs: sp.Expr) -> Context:
    return Context(lambda _: at_most(x, rhs))


ORDERS = (1 / sp.sqrt(b * R * T), H**2 / (gamma**2 * T))
FREE = (T, R, b, H, gamma)


def test_a_rate_hides_constants_and_names_them() -> None:
    found = Rate("p/theorem", ORDERS, FREE).check(bound_of(7 * L / sp.sqrt(b * R * T) + (1 - gamma**2) * H**2 / (gamma**2 * T)))
    assert found.outcome == "equal"
    assert "7*L" in found.evidence


def test_a_rate_that_loses_a_power_of_a_free_variable_is_not_reached() -> None:
    assert Rate("p/theorem", ORDERS, FREE).check(bound_of(H**3 / (gamma**2 * T))).outcome == "not reached"
    assert Rate("p/theorem", ORDERS, FREE).check(bound_of(H**2 / (gamma**3 * T))).outcome == "not reached"
    assert Rate("p/theorem", ORDERS, FREE).check(bound_of(1 / sp.sqrt(b * T))).outcome == "not reached"


def test_a_rate_bounds_quantities_only_in_the_direction_that_keeps_a_bound() -> None:
    assert Rate("p/theorem", (1 / T,), FREE, at_most={memory_sq: G}).check(bound_of(memory_sq / T)).outcome == "equal"
    with pytest.raises(NotReached, match="grow"):
        Rate("p/theorem", (1 / T,), FREE, at_most={memory_sq: G}).check(bound_of(1 / (memory_sq * T)))
    assert Rate("p/theorem", (1 / T,), FREE, floors={memory_sq: G}).check(bound_of(1 / (memory_sq * T))).outcome == "equal"
    with pytest.raises(NotReached, match="grow"):
        Rate("p/theorem", (1 / T,), FREE, floors={memory_sq: G}).check(bound_of(memory_sq / T))


def test_ceilings_and_floors_of_scalars_are_decided() -> None:
    rate = Rate("p/theorem", (H / T,), FREE, ceilings={a + H: 2 * H}, floors={a - gamma: a / 2})
    bound = Context(lambda _: at_most(x, (a + H) / (T * (a - gamma))), (a <= H, a >= 2 * gamma, gamma <= 1))
    assert rate.check(bound).outcome == "equal"
    for lost in range(2):
        with pytest.raises(NotReached, match="not bounded"):
            rate.check(Context(bound.known, tuple(g for n, g in enumerate(bound.given) if n != lost)))


def test_the_largest_gap_is_where_two_terms_meet() -> None:
    dominated, dominating = H**2 / (gamma**2 * T**2), 1 / (b * R * T)
    assert Largest(H, dominated, dominating, gamma * sp.sqrt(T / (b * R)), FREE).check(context()).outcome == "equal"
    printed = Largest(H, dominated, dominating, gamma * sp.sqrt(T) / (b * R), FREE).check(context())
    assert printed.outcome == "contradicted"
    assert printed.factor == 1 / sp.sqrt(b * R)
    assert Largest(T, dominated, dominating, H**2 * b * R / gamma**2, FREE, smallest=True).check(context()).outcome == "equal"


def test_the_largest_value_of_a_variable_that_cancels_is_refused() -> None:
    with pytest.raises(NotReached, match="same power"):
        Largest(mu, H / T, 1 / T, H, (*FREE, mu)).check(context())


def test_an_equality_is_the_same_from_right_to_left():
    given = Granted(equals(memory_sq, 2 * eta), by="given")
    assert derive(given, equals(2 * eta, memory_sq), context()).outcome == "equal"
    assert derive(given, equals(-2 * eta, memory_sq), context()).outcome == "not reached"
    assert derive(given, at_most(2 * eta, memory_sq), context()).outcome == "not reached"


def test_continuity_reaches_a_boundary_where_a_multiplier_has_a_pole():
    young = Certified(at_most(norm_sq(u + v), (2 - gamma) / (2 * (1 - gamma)) * norm_sq(u) + (2 - gamma) / gamma * norm_sq(v)))
    cleared = Combined((young,), (1 - gamma,))
    with pytest.raises(NotReached, match="is defined"):
        cleared.derive(context(*CONTRACTING))
    continued = Continued(cleared, gamma, 1, by="test")
    reached = continued.derive(context(*CONTRACTING))
    at_one = reached.slack.subs(gamma, 1)
    assert sp.expand(at_one) == norm_sq(u) / 2
    with pytest.raises(NotReached, match="no finite value"):
        Continued(young, gamma, 1, by="test").derive(context(*CONTRACTING))
    assert list(boundaries(Weakened(continued, at_most(0, 1)))) == ["gamma = 1 by continuity: test"]


# ---- sums of two times a delay apart ----

LATER, DELAY = sp.Symbol("later"), sp.Symbol("delay", integer=True, positive=True)


def shifted(rhs: sp.Expr) -> ShiftedSum:
    """The rule on memory(t) memory(t - delay) <= rhs, in which LATER stands for memory(t - delay)."""
    before = memory_sq.subs(t, t - DELAY)
    return ShiftedSum(granted(at_most(memory_sq * before, rhs.subs(LATER, before))), memory_sq, t, DELAY, T)


def test_a_sum_of_two_times_is_bounded_by_both_shares_of_one() -> None:
    derived = shifted(memory_sq / 3 + 2 * LATER / 3).derive(context())
    assert derived.rhs == sp.Sum(memory_sq, (t, 0, T - 1))


@pytest.mark.parametrize(("rhs", "why"), [(memory_sq + LATER + 1, "no part"), (t * memory_sq, "moves"), (memory_sq - LATER, "no sign")])
def test_a_sum_of_two_times_refuses_what_it_cannot_shift(rhs: sp.Expr, why: str) -> None:
    with pytest.raises(NotReached, match=why):
        shifted(rhs).derive(context())


def test_a_letter_whose_sign_is_false_is_refused_and_a_smaller_bound_not_reached() -> None:
    room = sp.Symbol("room", real=True)
    known = {"paper/lemma": at_most(x, (1 - c) * L)}
    rule = Abbreviated(Cite("paper/lemma"), at_most(x, L), {room: 1 - c}, (room <= 1,))
    in_force = Context(known.__getitem__, (c >= 0, c <= 1))
    assert rule.derive(in_force) == at_most(x, L)
    assert rule.cites() == ("paper/lemma",)
    with pytest.raises(NotReached, match="not known of the letters"):
        Abbreviated(Cite("paper/lemma"), at_most(x, L), {room: 1 - c}, (room <= 0,)).derive(in_force)
    with pytest.raises(NotReached):
        Abbreviated(Cite("paper/lemma"), at_most(x, L / 2), {room: 1 - c}, (room <= 1,)).derive(in_force)


def test_a_bound_is_raised_where_it_grows_and_refused_where_it_may_fall() -> None:
    larger = granted(at_most(memory_sq, G**2))
    grows = granted(at_most(y, sp.log(memory_sq / L**2)))
    assert Raised(grows, larger).derive(context()) == at_most(y, sp.log(G**2 / L**2))
    with pytest.raises(NotReached, match="may fall"):
        Raised(granted(at_most(y, 1 / memory_sq)), larger).derive(context())


@pytest.mark.parametrize(("bound", "shown_by"), [(mu <= sp.Rational(1, 2), [1]), (mu <= L, [1, CROWD + 2])])
def test_among_many_conditions_those_that_speak_of_nothing_else_are_asked_first(bound, shown_by, monkeypatch):
    others = (sp.Le(L, sp.Rational(1, 2)), *(sp.Ge(letter, L) for letter in sp.symbols(f"x:{CROWD}", real=True)))
    asked = []

    def watched(condition, given):
        asked.append(len(given))
        return decide(condition, given)

    monkeypatch.setattr(rules, "decide", watched)
    assert SOLVER.lacks(1 - mu**3 >= 0, (bound, *others) if bound.free_symbols == {mu} else (mu <= 2, bound, *others[:-1])) == ""
    assert asked == shown_by
    assert SOLVER.lacks(mu >= 1, (mu >= 1, *others[:3])) == ""
    assert asked[-1] == 4
