r"""Chapter 2 and Appendix B of Qsparse-local-SGD: quantisers, sparsifiers, their compositions, and how much these contract.

Settings of the arena "operator", where every quantity is an exact moment of one operator C at one vector x:

- `operator`: the structure of C as nested names of the registry, or several structures, each of which is tried. `("compose", ("qsgd",),
  ("top_k",), "kept")` is Q(Comp_k(x)) with Q acting on the k kept entries, "whole" with Q acting on all of R^d; `("scaled", C)` is
  C(x) / (1 + beta); `("sign_comp", ("top_k",))` is ||Comp_k(x)||_m SignComp_k(x) / k.
- `quantisers`, `sparsifiers`: names that are each tried in the place of the one in the structure.
- `levels`: s counts levels, so that a quantiser has s - 1 intervals; else s counts intervals.
- `d`, `k`, `s`, `m`: a value or values to keep to.

beta_q is the constant that section 2.1 prints for the quantiser, at (k, s) behind a sparsifier and at (d, s) without one. In a scaled
structure `image_sq` is that of C, so that (B.3)'s E ||Q(Comp_k(x))||^2 is (1 + beta)^2 times it.
"""

from __future__ import annotations

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Reading, Relation, at_least, at_most, equals
from theory.rules import (
    Cases,
    Certified,
    Chained,
    Cite,
    Combined,
    Decided,
    Expected,
    Granted,
    Inducted,
    Instance,
    Isolated,
    Joined,
    Raised,
    Rule,
    Summed,
    Using,
    Weakened,
)
from theory.samples import jensen
from theory.scenes import fact, u, v
from theory.symbols import (
    beta,
    d,
    error_budget,
    error_sq,
    i,
    image_sq,
    inner,
    k,
    kept_l1_lm,
    kept_l1_sq,
    kept_lm_sq,
    kept_sq,
    least_kept,
    m,
    n,
    piece_error_sq,
    piece_gammas,
    piece_k,
    piece_sq,
    rand_l1,
    rand_l1_sq,
    rand_sq,
    s,
    width_sq,
    x_l1_sq,
    x_sq,
)
from theory.vectors import dot, norm_sq, vector

SPARSIFIERS = ("top_k", "rand_k")
QUANTISERS = ("qsgd", "stochastic_levels", "stochastic_rotated")
COMPOSED = {"operator": ("compose", ("qsgd",), ("top_k",), "kept"), "quantisers": QUANTISERS, "sparsifiers": SPARSIFIERS}
SCALED = COMPOSED | {"operator": ("scaled", ("compose", ("qsgd",), ("top_k",), "kept"))}
NOISY_ZEROS = ("compose", ("stochastic_levels",), ("top_k",), "whole")  # with an odd s, zeros between 1 and -1 are half-way between levels
WHOLE = {"operator": NOISY_ZEROS, "d": (8, 24), "k": 2, "s": 3}
SCALED_WHOLE = WHOLE | {"operator": ("scaled", NOISY_ZEROS)}
SIGNS = {"operator": (("sign_comp", ("top_k",)), ("sign_comp", ("rand_k",)))}

excess_qsgd = sp.Min(d / s**2, sp.sqrt(d) / s)
excess_levels = d / (2 * s**2)
excess_rotated = 2 * sp.log(2 * d, 2) / s**2
at_k = {d: k}
log_2k = sp.log(2 * k, 2)

QUANTISER = (given.unbiased, given.excess, given.keeps_k)
BELOW_ONE = (*QUANTISER, given.excess_below_one)

MOMENTS = {
    r"\mathbb{E}_Q[\|Q_s(\mathbf{x})\|^2]": image_sq,
    r"\mathbb{E}_{C,Q}[\|Q_s Comp_k(\mathbf{x})\|_2^2]": image_sq,
    r"\mathbb{E}_C[\langle \mathbf{x}, Comp_k(\mathbf{x}) \rangle]": inner,
    r"\mathbb{E}_C[\langle \mathbf{x}, \mathbb{E}_Q[Q_s Comp_k(\mathbf{x})] \rangle]": inner,
    r"\mathbb{E}_{C,Q}[\|\mathbf{x}\|_2^2]": x_sq,
    r"\mathbb{E}_{C,Q} \left[ \left\| \mathbf{x} - \frac{Q_s Comp_k(\mathbf{x})}{1 + \beta_{k,s}} \right\|_2^2 \right]": error_sq,
}
SCALED_MOMENTS = {
    r"\mathbb{E}_C [ \langle \mathbf{x}, \mathbb{E}_Q [ \frac{Q_s \text{Comp}_k(\mathbf{x})}{(1 + \beta_{k,s})} ] \rangle ]": inner,
    r"\mathbb{E}_{C,Q} [ \frac{\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2}{(1 + \beta_{k,s})^2} ]": image_sq,
    r"\mathbb{E}_C [\langle \mathbf{x}, \text{Comp}_k(\mathbf{x}) \rangle]": (1 + beta) * inner,
    r"\mathbb{E}_{C,Q} [\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2]": (1 + beta) ** 2 * image_sq,
    r"\mathbb{E}_C [\|\text{Comp}_k(\mathbf{x})\|_2^2]": kept_sq,
}
MEMBERSHIP = {
    r"\sum_{\omega \in \Omega_k} \frac{1}{|\Omega_k|} (\sum_{i=1}^d |x_i|^m \cdot \mathbb{1}\{i \in \omega\} )^{2/m}": rand_sq,
    r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2]": rand_sq,  # at m = 2
    r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_1^2]": rand_l1_sq,
    r"\sum_{\omega \in \Omega_k} \frac{1}{|\Omega_k|} \sum_{i=1}^d |x_i| \cdot \mathbb{1}\{i \in \omega\}": k / d * sp.sqrt(x_l1_sq),
    r"\frac{1}{|\Omega_k|} \sum_{\omega \in \Omega_k} \mathbb{1}\{i \in \omega\}": k / d,
    r"|\Omega_k|": sp.binomial(d, k),
    r"\sum_{i=1}^d x_i^2": x_sq,
    r"\sum_{i=1}^d |x_i|": sp.sqrt(x_l1_sq),
}
"""Sums over the subsets of size k."""
SIGN_MOMENTS = {
    r"\mathbb{E}_C": sp.Integer(1),  # linear, and its argument is written in expectations already
    r"\|Comp_k(\mathbf{x})\|_m^2": kept_lm_sq,
    r"\langle \frac{\|Comp_k(\mathbf{x})\|_m SignComp_k(\mathbf{x})}{k}, \mathbf{x} \rangle": kept_l1_lm / k,
    r"\|Comp_k(\mathbf{x})\|_m \|Comp_k(\mathbf{x})\|_1": kept_l1_lm,
    r"\mathbb{E}_C [\|Comp_k(\mathbf{x})\|_2^2]": kept_sq,
}

# Rounding z steps of the grid, down or up, has the variance (z - floor z) (ceil z - z): at most z - z^2 up to one step, 1/4 beyond. A curve
# A + B z^2 above it, summed over entries with sum z^2 = s^2, is d A + B s^2; y is where it touches.
y, z = sp.Symbol("y", positive=True), sp.Symbol("z", nonnegative=True)
TOUCHING = sp.And(y > 0, y <= sp.Rational(1, 2))
TANGENT = at_most(sp.Piecewise((z - z**2, z <= 1), (sp.Rational(1, 4), True)), y / 2 + (1 / (2 * y) - 1) * z**2)
excess_rounding = sp.Min(d / (4 * s**2), sp.Max(sp.sqrt(d) / s - 1, 1))
unbiased = Granted(equals(image_sq, x_sq + error_sq), by="Q is unbiased")
by_rounding = Using(
    unbiased,
    (
        Summed(
            Decided(TANGENT),
            at_most(error_sq, (d * y / (2 * s**2) + 1 / (2 * y) - 1) * x_sq),
            by="the variance of each entry is at most that tangent, in squared steps ||x||^2 / s^2",
            at={y: sp.Min(sp.Rational(1, 2), s / sp.sqrt(d))},
            where=TOUCHING,
        ),
    ),
)
by_width = Granted(
    at_most(error_sq, sp.Max(d - 2, 0) / (4 * s**2) * width_sq),
    by="all but the largest and the least entry are rounded on a grid of step (max - min)/s, "
    "with variance at most a quarter of the squared step",
)
between_extremes = Using(unbiased, (by_width, Granted(at_most(width_sq, 2 * x_sq), by="(max - min)^2 <= 2 max^2 + 2 min^2")))
# The same for the rotated vector z, whose norm is that of x: z_i is the sum of all +-x_j / sqrt(d), with random signs
hoeffding = Granted(
    at_most(width_sq, 8 * (sp.log(2 * d) + 1) / d * x_sq),
    by="(max - min)^2 <= 4 max z_i^2; z_i^2 exceeds u with chance at most 2 exp(-d u / (2 ||x||^2)) (Hoeffding), so one of d does with "
    "at most 2 d times that, or 1: integrated, E max z_i^2 <= 2 (ln(2 d) + 1) ||x||^2 / d",
)
rotated = at_most(image_sq, (1 + excess_rotated) * x_sq)
by_rotation = Cases(
    rotated,
    (d <= 6, d >= 7),
    (
        Combined((between_extremes, Granted(at_most(1, sp.log(2 * d, 2)), by="2 d >= 2, and log_2 grows")), (1, 2 * x_sq / s**2)),
        Combined(
            (
                Using(unbiased, (Weakened(by_width, at_most(error_sq, d / (4 * s**2) * width_sq)), hoeffding)),
                Granted(at_most(sp.log(2 * d) + 1, sp.log(2 * d, 2)), by="ln 14 > 2.6 and 1 / ln 2 - 1 > 0.44, whose product exceeds 1"),
            ),
            (1, 2 * x_sq / s**2),
        ),
    ),
)
LEAST_OF_PIECES = at_most(sum(piece_error_sq), (1 - sp.Min(*piece_gammas)) * sum(piece_sq))
dropped = Combined(
    (
        Granted(equals(error_sq, x_sq - kept_sq), by="kept entries are kept exactly, the others set to zero"),
        Cite("qsparse_local_sgd/eq-B.6"),
    ),
    (1, 1),
)

lemma_1 = Reading(
    "Q acts on the k kept entries",
    at_most(error_sq, (1 - (1 - beta) * k / d) * x_sq),
    given=BELOW_ONE,
    follows=Combined((Cite("qsparse_local_sgd/eq-B.2"), Cite("qsparse_local_sgd/eq-B.6")), (1, 1 - beta)),
    arena="operator",
    setting=COMPOSED,
)
lemma_2 = Reading(
    "Q acts on the k kept entries",
    at_most(error_sq, (1 - k / (d * (1 + beta))) * x_sq),
    given=QUANTISER,
    follows=Combined((Cite("qsparse_local_sgd/eq-B.4"), Cite("qsparse_local_sgd/eq-B.6")), (1, 1 / (1 + beta))),
    arena="operator",
    setting=SCALED,
)
lemma_3_constant = Reading(
    "m = 1, the constant: the smallest value that the printed coefficient takes, 1/d",
    at_most(error_sq, (1 - 1 / d) * x_sq),
    given=(given.keeps_k, given.first_order),
    follows=Cite("qsparse_local_sgd/appendix-b.3/case-1/line-1"),
    arena="operator",
    setting=SIGNS | {"m": 1},
)
lemma_3_drawn = Reading(
    "m = 1, the printed coefficient, which depends on what is kept, in expectation",
    at_most(error_sq, error_budget),
    given=(given.keeps_k, given.first_order),
    arena="operator",
    setting=SIGNS | {"m": 1},
)
lemma_3_higher = Reading(
    "as printed",
    at_most(error_sq, (1 - k ** (2 / m - 1) / d) * x_sq),
    given=(given.keeps_k, given.higher_order),
    follows=Combined((Cite("qsparse_local_sgd/appendix-b.3/case-2/line-1"), Cite("qsparse_local_sgd/eq-B.6")), (1, k ** (2 / m - 1) / k)),
    arena="operator",
    setting=SIGNS | {"m": (2, 3, 5)},
)
flatness = k * kept_l1_sq * x_sq / (d**2 * kept_sq)  # the second term of Lemma 3's maximum, times ||x||^2
kept_sum_sq = k / d * ((d - k) / (d - 1) * x_sq + (k - 1) / (d - 1) * x_l1_sq)  # E ||Rand_k(x)||_1^2
case_1_top_k = Chained(
    Joined(
        (
            Weakened(Cite("qsparse_local_sgd/appendix-b.3/case-1/line-1"), at_most(error_sq, x_sq - x_sq / d)),
            Weakened(
                Cite("qsparse_local_sgd/appendix-b.3/case-1/line-1"), at_most(error_sq, x_sq - flatness), (given.largest_kept_flatness,)
            ),
        )
    ),
    Granted(equals(sp.Min(x_sq - x_sq / d, x_sq - flatness), error_budget), by="for Top_k the printed coefficient is not random"),
)
# One draw of Rand_k: of its k entries Top_k keeps all but n, and n others for them
_entry, _both, _drawn_alone, _kept_alone, _drawn_sq = sp.symbols("entry both drawn_alone kept_alone drawn_sq", real=True, nonnegative=True)
_drawn_below_kept = Isolated(
    Combined(
        (
            Summed(
                Decided(at_most(_entry, least_kept)),
                at_most(_drawn_alone, n * least_kept),
                by="over the n entries that are drawn and that Top_k drops, none above the least that it keeps",
                at={_entry: 0},
                where=_entry <= least_kept,
            ),
            Summed(
                Decided(at_most(least_kept, _entry)),
                at_most(n * least_kept, _kept_alone),
                by="over the n entries that Top_k keeps and that are not drawn",
                at={_entry: least_kept},
                where=_entry >= least_kept,
            ),
        ),
        (1, 1),
    ),
    _drawn_alone,
)
TOP_AGAINST_RAND = Summed(
    Raised(Granted(equals(_drawn_sq, (_both + _drawn_alone) ** 2), by="the sum of the magnitudes that are drawn"), _drawn_below_kept),
    at_least(kept_l1_sq, rand_l1_sq),
    by="the mean over draws; with the n others the sum of magnitudes is that of Top_k",
)
# Powers of an entry y in units of a norm, and of w = |u_i| sqrt(k) / ||u||_2, by induction
_power, _negative_power = (sp.Function(name, real=True)(i) for name in ("power", "negative_power"))
_tangent = 1 + (i + 2) / 2 * (_entry**2 - 1)  # of w^(i + 2), as a function of w^2, at 1
AT_MOST_ITSELF = Inducted(
    Granted(equals(_power.subs(i, i + 1), _entry * _power), by="the next power"),
    Granted(equals(_power.subs(i, 0), _entry), by="the first power"),
    _power, i, _entry, _entry,
)  # fmt: skip
ABOVE_TANGENT = Inducted(
    Granted(equals(_negative_power.subs(i, i + 1), _entry * _negative_power), by="the next power"),
    Granted(equals(_negative_power.subs(i, 0), -(_entry**2)), by="the second power"),
    _negative_power, i, -_tangent, -_tangent.subs(i, i + 1),
)  # fmt: skip
second_moment = Reading(
    "as printed",
    at_most(image_sq, (1 + beta) * kept_sq),
    given=QUANTISER,
    follows=Granted(at_most(image_sq, (1 + beta) * kept_sq), by="Definition 5 (ii) at the k kept entries, averaged over what is kept"),
    arena="operator",
    setting=COMPOSED,
)

STATEMENTS = (
    Claim(
        "qsparse_local_sgd/definition-5",
        "definition",
        "section 2.1, Definition 5",
        "A randomised quantiser with s levels is unbiased, with a second moment of at most 1 + beta times the squared norm.",
        latex=(r"\mathbb{E}_Q[\|Q_s(\mathbf{x})\|^2] \leq (1 + \beta_{d,s})\|\mathbf{x}\|^2",),
        readings=(
            Reading("as printed", says="E Q_s(x) = x and E ||Q_s(x)||^2 <= (1 + beta_{d,s}) ||x||^2 for every x, with beta_{d,s} > 0."),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.1/qsgd",
        "text",
        "section 2.1, 1.",
        "The constant of QSGD.",
        latex=(
            r"\beta_{d,s} = \min(\frac{d}{s^2}, \frac{\sqrt{d}}{s})",
            r"\mathbb{E}_Q[\|Q_s(\mathbf{x})\|^2] \leq (1 + \beta_{d,s})\|\mathbf{x}\|^2",
        ),
        letters=MOMENTS | {r"\beta_{d,s}": excess_qsgd},
        relies=("qsparse_local_sgd/definition-5",),
        readings=(
            Reading(
                "s intervals",
                at_most(image_sq, (1 + excess_qsgd) * x_sq),
                follows=by_rounding,
                arena="operator",
                setting={"operator": ("qsgd",)},
            ),
            Reading(
                "s levels, so s - 1 intervals",
                at_most(image_sq, (1 + excess_qsgd) * x_sq),
                arena="operator",
                setting={"operator": ("qsgd",), "levels": True},
            ),
        ),
        improvement=Reading(
            "improved: d / (4 s^2) up to d = 4 s^2, then sqrt(d) / s - 1, which equal entries attain",
            at_most(image_sq, (1 + excess_rounding) * x_sq),
            follows=by_rounding,
            arena="operator",
            setting={"operator": ("qsgd",)},
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.1/stochastic-levels",
        "text",
        "section 2.1, 2.",
        "The constant of stochastic s-level quantisation.",
        latex=(
            r"\beta_{d,s} = \frac{d}{2s^2}",
            r"\mathbb{E}_Q[\|Q_s(\mathbf{x})\|^2] \leq (1 + \beta_{d,s})\|\mathbf{x}\|^2",
        ),
        letters=MOMENTS | {r"\beta_{d,s}": excess_levels},
        relies=("qsparse_local_sgd/definition-5",),
        readings=(
            Reading(
                "s intervals",
                at_most(image_sq, (1 + excess_levels) * x_sq),
                follows=between_extremes,
                arena="operator",
                setting={"operator": ("stochastic_levels",)},
            ),
            Reading(
                "s levels, so s - 1 intervals",
                at_most(image_sq, (1 + excess_levels) * x_sq),
                arena="operator",
                setting={"operator": ("stochastic_levels",), "levels": True},
            ),
        ),
        improvement=Reading(
            "improved: d - 2 in place of d, attained by (1, -1, 0, ..., 0) with odd s",
            at_most(image_sq, (1 + sp.Max(d - 2, 0) / (2 * s**2)) * x_sq),
            follows=between_extremes,
            arena="operator",
            setting={"operator": ("stochastic_levels",)},
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.1/stochastic-rotated",
        "text",
        "section 2.1, 3.",
        "The constant of stochastic rotated quantisation.",
        latex=(
            r"\beta_{d,s} = \frac{2 \log_2(2d)}{s^2}",
            r"\mathbb{E}_Q[\|Q_s(\mathbf{x})\|^2] \leq (1 + \beta_{d,s})\|\mathbf{x}\|^2",
        ),
        letters=MOMENTS | {r"\beta_{d,s}": excess_rotated},
        relies=("qsparse_local_sgd/definition-5",),
        readings=(
            Reading(
                "s intervals",
                rotated,
                given=(given.power_of_two,),
                follows=by_rotation,
                arena="operator",
                setting={"operator": ("stochastic_rotated",)},
            ),
            Reading(
                "s levels, so s - 1 intervals",
                rotated,
                given=(given.power_of_two,),
                arena="operator",
                setting={"operator": ("stochastic_rotated",), "levels": True},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/definition-6",
        "definition",
        "section 2.1, Definition 6",
        "Sign maps each entry to +1 or -1, and 0 to +1.",
        latex=(r"\mathbb{1}\{x_i \geq 0\} - \mathbb{1}\{x_i < 0\}",),
        unparsed="indicators; read twice",
        readings=(
            Reading("as printed", says="Sign(x)_i is 1 where x_i >= 0, else -1. Alone it is no contraction: it does not scale with x."),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.2/top-k",
        "text",
        "section 2.2",
        "Top_k contracts with k/d.",
        latex=(r"\gamma = k/d",),
        unparsed="defines gamma of Definition 7, which is coded as its inequality; read twice",
        relies=("qsparse_local_sgd/definition-7",),
        readings=(
            Reading(
                "as printed",
                at_most(error_sq, (1 - k / d) * x_sq),
                given=(given.keeps_k,),
                follows=dropped,
                arena="operator",
                setting={"operator": ("top_k",)},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.2/rand-k",
        "text",
        "section 2.2",
        "Rand_k contracts with k/d.",
        latex=(r"\gamma = k/d",),
        unparsed="defines gamma of Definition 7, which is coded as its inequality; read twice",
        relies=("qsparse_local_sgd/definition-7",),
        readings=(
            Reading(
                "as printed",
                at_most(error_sq, (1 - k / d) * x_sq),
                given=(given.keeps_k,),
                follows=dropped,
                arena="operator",
                setting={"operator": ("rand_k",)},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/definition-7",
        "definition",
        "section 2.2, Definition 7",
        "A contraction with coefficient gamma in (0, 1] loses at most the share 1 - gamma of the squared norm.",
        latex=(r"\mathbb{E}_C[\|\mathbf{x} - \text{Comp}_k(\mathbf{x})\|_2^2] \leq (1 - \gamma)\|\mathbf{x}\|_2^2",),
        readings=(Reading("as printed", says="E ||x - Comp_k(x)||^2 <= (1 - gamma) ||x||^2 for every x, gamma in (0, 1]."),),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.2/quantiser",
        "text",
        "section 2.2, after Definition 7",
        "A stochastic quantiser with beta at most 1 is a contraction. Its coefficient is 1 - beta, which must not be zero.",
        latex=(r"\beta_{d,s} \leq 1",),
        unparsed="the condition of the statement, coded as its hypothesis; read twice",
        relies=("qsparse_local_sgd/definition-5", "qsparse_local_sgd/definition-7"),
        readings=(
            Reading(
                "as printed",
                Relation(1 - beta, ">", sp.S.Zero),
                given=(given.excess_at_most_one,),
                says="gamma = 1 - beta lies in (0, 1]. At beta = 1 none does: QSGD with s = 1 gives four equal entries an expected "
                "error of exactly ||x||^2.",
            ),
        ),
        correction=Reading(
            "corrected: beta below 1 gives gamma = 1 - beta",
            at_most(error_sq, (1 - (1 - beta)) * x_sq),
            given=(given.unbiased, given.excess, given.excess_below_one),
            follows=Combined(
                (
                    Granted(equals(error_sq, image_sq - x_sq), by="Q is unbiased"),
                    Granted(at_most(image_sq, (1 + beta) * x_sq), by="Definition 5 (ii)"),
                ),
                (1, 1),
            ),
            arena="operator",
            setting={"operator": ("qsgd",), "quantisers": QUANTISERS},
        ),
    ),
    Claim(
        "qsparse_local_sgd/corollary-1",
        "corollary",
        "section 2.2, Corollary 1",
        "Contractions on the pieces of a vector make a contraction with the smallest of their coefficients.",
        latex=(
            r"\mathbb{E}_C \|\mathbf{x} - C(\mathbf{x})\|_2^2 &= \sum_{i=1}^L \mathbb{E}_{C_i} \|\mathbf{x}_i - C_i(\mathbf{x}_i)\|_2^2",
            r"(1 - \gamma_{\min}) \|\mathbf{x}\|_2^2",
            r"\sum_{i=1}^L (1 - \gamma_i) \|\mathbf{x}_i\|_2^2",
        ),
        unparsed="a chain over L pieces, coded for two, the others being split off one by one; read twice",
        relies=("qsparse_local_sgd/definition-7",),
        readings=(
            Reading(
                "as printed",
                LEAST_OF_PIECES,
                given=(given.two_pieces,),
                follows=Decided(LEAST_OF_PIECES),
                arena="operator",
                setting={"operator": ("piecewise", ("top_k",), ("scaled_sign",)), "d": (2, 4, 6, 8)},
                says="attacked with the largest coefficients that both operators have at the vector",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-1",
        "lemma",
        "section 2.3, Lemma 1",
        "A quantiser with beta below 1 behind a sparsifier contracts with (1 - beta) k/d.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - Q_s \text{Comp}_k(\mathbf{x})\|_2^2] "
            r"\leq \left[1 - (1 - \beta_{k,s}) \frac{k}{d}\right] \|\mathbf{x}\|_2^2",
        ),
        relies=("qsparse_local_sgd/definition-5", "qsparse_local_sgd/definition-7", "qsparse_local_sgd/lemma-13"),
        readings=(
            lemma_1,
            Reading("Q acts on R^d", lemma_1.relation, given=BELOW_ONE, arena="operator", setting=WHOLE),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.3/qsgd",
        "text",
        "section 2.3, 1.",
        "The coefficient of QSGD behind a sparsifier, in its operating regime.",
        latex=(r"\gamma = \left(1 - \frac{k}{s^2}\right) \frac{k}{d}",),
        letters={r"\gamma": (1 - excess_qsgd.subs(at_k)) * k / d},
        relies=("qsparse_local_sgd/lemma-1",),
        readings=(
            Reading(
                "as printed", equals((1 - excess_qsgd.subs(at_k)) * k / d, (1 - k / s**2) * k / d), given=(given.keeps_k, given.regime_qsgd)
            ),
        ),
        improvement=Reading(
            "improved: k / (4 s^2), for k < 4 s^2, by the improved constant of QSGD",
            at_most(error_sq, (1 - (1 - k / (4 * s**2)) * k / d) * x_sq),
            given=(given.unbiased, given.keeps_k, given.regime_qsgd_improved),
            follows=Combined(
                (
                    Using(
                        Cite("qsparse_local_sgd/eq-B.1"),
                        (Instance(Cite("qsparse_local_sgd/sec-2.1/qsgd", improved=True), {d: k, x_sq: kept_sq}),),
                    ),
                    Cite("qsparse_local_sgd/eq-B.6"),
                ),
                (1, 1 - k / (4 * s**2)),
            ),
            arena="operator",
            setting=COMPOSED | {"quantisers": ("qsgd",)},
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.3/qsgd/regime",
        "text",
        "section 2.3, 1.",
        "When beta of QSGD is below 1.",
        latex=(r"k < s^2",),
        readings=(
            Reading("only then", Relation(k, "<", s**2), given=(given.qsgd_below_one,)),
            Reading("then", Relation(excess_qsgd.subs(at_k), "<", sp.S.One), given=(given.regime_qsgd,)),
        ),
        improvement=Reading(
            "improved: the constant that is sharp is below 1 for k < 4 s^2 already",
            Relation(excess_rounding.subs(at_k), "<", sp.S.One),
            given=(given.regime_qsgd_improved,),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.3/stochastic-levels",
        "text",
        "section 2.3, 2.",
        "The coefficient of stochastic s-level (printed: k-level) quantisation behind a sparsifier, in its operating regime.",
        latex=(r"\gamma = \left(1 - \frac{k}{2s^2}\right) \frac{k}{d}",),
        letters={r"\gamma": (1 - excess_levels.subs(at_k)) * k / d},
        relies=("qsparse_local_sgd/lemma-1",),
        readings=(
            Reading(
                "as printed",
                equals((1 - excess_levels.subs(at_k)) * k / d, (1 - k / (2 * s**2)) * k / d),
                given=(given.keeps_k, given.regime_levels),
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.3/stochastic-levels/regime",
        "text",
        "section 2.3, 2.",
        "When beta of stochastic s-level quantisation is below 1.",
        latex=(r"k < 2s^2",),
        readings=(
            Reading("only then", Relation(k, "<", 2 * s**2), given=(given.levels_below_one,)),
            Reading("then", Relation(excess_levels.subs(at_k), "<", sp.S.One), given=(given.regime_levels,)),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.3/stochastic-rotated",
        "text",
        "section 2.3, 3.",
        "The coefficient of stochastic rotated quantisation behind a sparsifier, in its operating regime.",
        latex=(r"\gamma = \left(1 - \frac{2 \log_2(2k)}{s^2}\right) \frac{k}{d}",),
        letters={r"\gamma": (1 - excess_rotated.subs(at_k)) * k / d},
        relies=("qsparse_local_sgd/lemma-1",),
        readings=(
            Reading(
                "as printed",
                equals((1 - excess_rotated.subs(at_k)) * k / d, (1 - 2 * log_2k / s**2) * k / d),
                given=(given.keeps_k, given.regime_rotated),
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.3/stochastic-rotated/regime",
        "text",
        "section 2.3, 3.",
        "When beta of stochastic rotated quantisation is below 1.",
        latex=(r"k < 2^{s^2/2-1}",),
        unparsed="the exponent is read as (s^2 / 2) - 1; read twice",
        readings=(
            Reading(
                "only then",
                Relation(k, "<", 2 ** (s**2 / 2 - 1)),
                given=(given.rotated_below_one,),
                follows=Granted(
                    Relation(k, "<", 2 ** (s**2 / 2 - 1)), by="2 log_2(2k) < s^2, halved, as a power of 2, which increases, halved"
                ),
            ),
            Reading(
                "then",
                Relation(excess_rotated.subs(at_k), "<", sp.S.One),
                given=(given.regime_rotated,),
                follows=Granted(
                    Relation(excess_rotated.subs(at_k), "<", sp.S.One),
                    by="k < 2^(s^2/2 - 1), doubled, its logarithm, which increases, times 2/s^2",
                ),
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-7",
        "remark",
        "section 2.3, Remark 7",
        "A quantiser that may be used on the whole vector may be used on each piece, and on a piece a coarser one may do.",
        latex=(r"k_i < s_i^2",),
        letters={"k_i": piece_k, "s_i": s},
        relies=("qsparse_local_sgd/corollary-1", "qsparse_local_sgd/lemma-1"),
        readings=(Reading("as printed", Relation(piece_k, "<", s**2), given=(given.regime_qsgd, given.part_of_k)),),
    ),
    Claim(
        "qsparse_local_sgd/remark-7/whole",
        "remark",
        "section 2.3, Remark 7",
        "What the quantiser must meet when it is applied to the whole vector at once.",
        latex=(r"\beta_{k,s} = \frac{k}{s^2} < 1",),
        unparsed="a chain whose first link defines beta; read twice",
        readings=(Reading("as printed", Relation(k / s**2, "<", sp.S.One), given=(given.qsgd_below_one,)),),
    ),
    Claim(
        "qsparse_local_sgd/lemma-2",
        "lemma",
        "section 2.3, Lemma 2",
        "Any quantiser behind a sparsifier, divided by 1 + beta, contracts with k / (d (1 + beta)).",
        latex=(
            r"\mathbb{E}_{C,Q} \left[ \left\| \mathbf{x} - \frac{Q_s Comp_k(\mathbf{x})}{1 + \beta_{k,s}} \right\|_2^2 \right] "
            r"\leq \left[ 1 - \frac{k}{d(1 + \beta_{k,s})} \right] \|\mathbf{x}\|_2^2",
        ),
        letters=MOMENTS,
        relies=("qsparse_local_sgd/definition-5", "qsparse_local_sgd/definition-7", "qsparse_local_sgd/lemma-13"),
        readings=(
            lemma_2,
            Reading("Q acts on R^d", lemma_2.relation, given=QUANTISER, arena="operator", setting=SCALED_WHOLE),
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-8",
        "remark",
        "section 2.3, Remark 8",
        "Where Lemma 1 applies, Lemma 2 grants a larger coefficient.",
        latex=(r"(1 - \beta_{k,s})\frac{k}{d} < \frac{k}{d(1+\beta_{k,s})}",),
        relies=("qsparse_local_sgd/lemma-1", "qsparse_local_sgd/lemma-2"),
        readings=(
            Reading(
                "as printed",
                Relation((1 - beta) * k / d, "<", k / (d * (1 + beta))),
                given=(given.excess, given.excess_below_one),
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-8/always",
        "remark",
        "section 2.3, Remark 8",
        "The scaled operator contracts for all beta > 0: its coefficient, positive as all its factors are, is at most 1.",
        latex=(r"\beta_{k,s} > 0",),
        unparsed="the condition of the statement, coded as its hypothesis; read twice",
        relies=("qsparse_local_sgd/lemma-2",),
        readings=(Reading("as printed", at_most(k / (d * (1 + beta)), 1), given=(given.excess, given.keeps_k)),),
    ),
    Claim(
        "qsparse_local_sgd/sec-2.3/scaling",
        "text",
        "section 2.3, end of Remark 8",
        "Scaling a composed operator properly is always the better choice.",
        relies=("qsparse_local_sgd/lemma-1", "qsparse_local_sgd/lemma-2"),
        readings=(
            Reading(
                "of the coefficients that Lemmas 1 and 2 grant",
                at_most((1 - beta) * k / d, k / (d * (1 + beta))),
                given=(given.excess, given.excess_below_one),
            ),
            Reading(
                "of what an operator does: QSGD at k = 1, scaled by the printed beta",
                at_most(1 / d, (1 - (beta / (1 + beta)) ** 2) / d),
                given=(given.excess, given.excess_below_one),
                says="QSGD returns a single kept entry exactly, so it contracts with 1/d; divided by 1 + beta, with less.",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-3",
        "lemma",
        "section 2.3, Lemma 3, m = 1",
        "The m-norm of what is kept, over k, times its signs contracts; for m = 1 the coefficient is printed in terms of what is kept.",
        latex=(
            r"\max \left\{ \frac{1}{d}, \frac{k}{d} "
            r"\left( \frac{\|\text{Comp}_k(\mathbf{x})\|_1}{\sqrt{d}\|\text{Comp}_k(\mathbf{x})\|_2} \right)^2 \right\}",
        ),
        unparsed="a coefficient that is random under Rand_k, and 0/0 where only zeros are kept, so that it has two readings; read twice",
        relies=("qsparse_local_sgd/definition-6", "qsparse_local_sgd/definition-7", "qsparse_local_sgd/lemma-13"),
        readings=(lemma_3_constant, lemma_3_drawn),
        improvement=Reading(
            "improved: Top_k contracts with min(1/k, k/d), attained by one large entry and by equal ones",
            at_most(error_sq, (1 - sp.Min(1 / k, k / d)) * x_sq),
            given=(given.keeps_k, given.first_order),
            follows=Weakened(
                Instance(Cite("qsparse_local_sgd/eq-B.7"), {kept_lm_sq: kept_l1_sq}),
                at_most(error_sq, (1 - sp.Min(1 / k, k / d)) * x_sq),
                (given.largest_kept_sum,),
            ),
            arena="operator",
            setting={"operator": ("sign_comp", ("top_k",)), "m": 1},
            says="for every x; Rand_k has no better coefficient than 1/d, which one entry attains. The coefficient that depends on what is "
            "kept, with sqrt(k) for sqrt(d), stands in appendix-b.3/case-1",
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-3/higher-norms",
        "lemma",
        "section 2.3, Lemma 3, m >= 2",
        "The same for m >= 2.",
        latex=(r"\frac{k^{\frac{2}{m}-1}}{d} & \text{if } m \geq 2",),
        unparsed="a case of a coefficient; as a relation it is (B.8), parsed there; read twice",
        relies=("qsparse_local_sgd/definition-6", "qsparse_local_sgd/definition-7", "qsparse_local_sgd/lemma-13"),
        readings=(lemma_3_higher,),
        improvement=Reading(
            "improved: 1/d for every m, attained by Rand_k and one entry",
            at_most(error_sq, (1 - 1 / d) * x_sq),
            given=(given.keeps_k,),
            follows=Combined(
                (
                    Cite("qsparse_local_sgd/appendix-b.3/display-3"),
                    Cite("qsparse_local_sgd/appendix-b.3/norm-order"),
                    Granted(
                        at_most(kept_sq, kept_l1_lm),
                        by="||u||_2^2 <= ||u||_1 ||u||_inf (Hoelder), and the largest entry is at most the m-norm",
                    ),
                    Cite("qsparse_local_sgd/eq-B.6"),
                ),
                (1, 1 / k, 1 / k, 1 / k),
            ),
            arena="operator",
            setting=SIGNS | {"m": (1, 2, 3, 5)},
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-9",
        "remark",
        "section 2.3, Remark 9",
        "For k = 1 the second term of Lemma 3's maximum is 1/d^2.",
        latex=(r"1/d^2",),
        unparsed="one side of an equality whose other side is Lemma 3's second term; read twice",
        relies=("qsparse_local_sgd/lemma-3",),
        readings=(
            Reading(
                "as printed",
                equals(k / d * (kept_l1_sq / (d * kept_sq)), 1 / d**2),
                given=(given.one_kept,),
                says="algebra: of a single entry both norms are its magnitude",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-9/smaller",
        "remark",
        "section 2.3, Remark 9",
        "That is smaller than the first term.",
        relies=("qsparse_local_sgd/lemma-3",),
        readings=(Reading("as printed, up to d = 1, where they are equal", at_most(1 / d**2, 1 / d)),),
    ),
    Claim(
        "qsparse_local_sgd/remark-9/dense",
        "remark",
        "section 2.3, Remark 9",
        "For k = d and a dense vector the second term may be the larger one: with equal entries it is 1.",
        latex=(r"k = d",),
        unparsed="the condition of the statement, coded as its hypothesis; read twice",
        relies=("qsparse_local_sgd/lemma-3",),
        readings=(
            Reading(
                "as printed",
                Relation(k / d * (kept_l1_sq / (d * kept_sq)), ">", 1 / d),
                given=(given.all_equal,),
                says="algebra: where all entries have one magnitude the left side is 1",
            ),
        ),
    ),
)
"""Chapter 2."""

expanded = equals(error_sq, x_sq + image_sq - 2 * inner)


def expansion(image: sp.Expr, product: sp.Expr) -> Rule:
    """A squared error multiplied out, u what an operator makes of v: by E ||u||^2 and E <u, v>."""
    left = vector("left")
    square = equals(norm_sq(left), norm_sq(u) - 2 * dot(u, v) + norm_sq(v))
    difference = fact("what is left is the difference of u and v", norm_sq(left) - norm_sq(u - v), -1, True)
    return Expected(Certified(square, (difference,)), {norm_sq(left): error_sq, norm_sq(u): image, dot(u, v): product, norm_sq(v): x_sq})


FEW_SUBSETS = {"operator": ("rand_k",), "d": (1, 2, 3, 4, 5, 8)}  # all of them are listed

PROOFS = (
    Claim(
        "qsparse_local_sgd/appendix-b.1/lemma-1",
        "step",
        "Appendix B.1",
        "Lemma 1 again.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - Q_s Comp_k(\mathbf{x})\|_2^2] "
            r"\leq \left[1 - (1 - \beta_{k,s})\frac{k}{d}\right] \|\mathbf{x}\|_2^2",
        ),
        restates="qsparse_local_sgd/lemma-1",
        readings=(lemma_1,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.1/display-1",
        "step",
        "Appendix B.1, first display",
        "The error of an operator, expanded.",
        latex=(
            r"\|\mathbf{x}\|_2^2 + \mathbb{E}_{C,Q}[\|Q_s Comp_k(\mathbf{x})\|_2^2] "
            r"- 2\mathbb{E}_C[\langle \mathbf{x}, Comp_k(\mathbf{x}) \rangle]",
            r"\mathbb{E}_{C,Q}[\|\mathbf{x}\|_2^2] + \mathbb{E}_{C,Q}[\|Q_s Comp_k(\mathbf{x})\|_2^2] \\ & \quad - 2\mathbb{E}_C[\langle "
            r"\mathbf{x}, \mathbb{E}_Q[Q_s Comp_k(\mathbf{x})] \rangle]",
        ),
        letters=MOMENTS,
        relies=("qsparse_local_sgd/definition-5",),
        readings=(
            Reading(
                "as printed",
                expanded,
                given=(given.unbiased,),
                follows=expansion(image_sq, inner),
                arena="operator",
                setting=COMPOSED,
                says="given what is kept, E_Q Q(Comp_k(x)) = Comp_k(x)",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.1",
        "equation",
        "Appendix B.1, (B.1)",
        "The same with <x, Comp_k(x)> = ||Comp_k(x)||^2.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - Q_s \text{Comp}_k(\mathbf{x})\|_2^2] &= \|\mathbf{x}\|_2^2 "
            r"- 2\mathbb{E}_C[\|\text{Comp}_k(\mathbf{x})\|_2^2] \\ &\quad + \mathbb{E}_{C,Q}[\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2]",
        ),
        readings=(
            Reading(
                "as printed",
                equals(error_sq, x_sq - 2 * kept_sq + image_sq),
                given=(given.unbiased, given.keeps_k),
                follows=Instance(Cite("qsparse_local_sgd/appendix-b.1/display-1"), {inner: kept_sq}),
                arena="operator",
                setting=COMPOSED,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.1/second-moment",
        "step",
        "Appendix B.1, after (B.1)",
        "The second moment of a quantiser that acts on the kept entries.",
        latex=(r"\mathbb{E}_Q[\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2] \leq (1 + \beta_{k,s})\|\text{Comp}_k(\mathbf{x})\|_2^2",),
        letters={r"\mathbb{E}_Q[\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2]": image_sq, r"\|\text{Comp}_k(\mathbf{x})\|_2^2": kept_sq},
        relies=("qsparse_local_sgd/definition-5",),
        readings=(second_moment,),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.2",
        "equation",
        "Appendix B.1, (B.2)",
        "(B.1) with that bound. (The paper refers to (B.3) for (B.1), and below to (B.4) for (B.2).)",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - Q_s \text{Comp}_k(\mathbf{x})\|_2^2] &\leq \|\mathbf{x}\|_2^2 "
            r"- \mathbb{E}_C[\|\text{Comp}_k(\mathbf{x})\|_2^2] + \beta_{k,s}\mathbb{E}_C[\|\text{Comp}_k(\mathbf{x})\|_2^2]",
            r"\|\mathbf{x}\|_2^2 - (1 - \beta_{k,s})\mathbb{E}_C[\|\text{Comp}_k(\mathbf{x})\|_2^2]",
        ),
        readings=(
            Reading(
                "as printed",
                at_most(error_sq, x_sq - (1 - beta) * kept_sq),
                given=QUANTISER,
                follows=Using(Cite("qsparse_local_sgd/eq-B.1"), (Cite("qsparse_local_sgd/appendix-b.1/second-moment"),)),
                arena="operator",
                setting=COMPOSED,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.1/display-4",
        "step",
        "Appendix B.1, last display",
        "(B.2) with Lemma 13: Lemma 1.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - Q_s \text{Comp}_k(\mathbf{x})\|_2^2] &\leq \|\mathbf{x}\|_2^2 "
            r"- (1 - \beta_{k,s})\frac{k}{d}\|\mathbf{x}\|_2^2",
            r"\left[1 - (1 - \beta_{k,s})\frac{k}{d}\right]\|\mathbf{x}\|_2^2",
        ),
        restates="qsparse_local_sgd/lemma-1",
        readings=(lemma_1,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.2/lemma-2",
        "step",
        "Appendix B.2",
        "Lemma 2 again.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - \frac{Q_s \text{Comp}_k(\mathbf{x})}{1 + \beta_{k,s}}\|_2^2] "
            r"\leq \left[1 - \frac{k}{d(1 + \beta_{k,s})}\right]\|\mathbf{x}\|_2^2",
        ),
        restates="qsparse_local_sgd/lemma-2",
        readings=(lemma_2,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.2/display-1",
        "step",
        "Appendix B.2, first display",
        "The error of the scaled operator, expanded.",
        latex=(
            r"\|\mathbf{x}\|_2^2 - \frac{2}{(1 + \beta_{k,s})} \mathbb{E}_C [\langle \mathbf{x}, \text{Comp}_k(\mathbf{x}) \rangle] \\ "
            r"&\quad + \frac{1}{(1 + \beta_{k,s})^2} \mathbb{E}_{C,Q} [\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2]",
            r"\|\mathbf{x}\|_2^2 - 2\mathbb{E}_C \left[\left\langle \mathbf{x}, \mathbb{E}_Q \left[\frac{Q_s \text{Comp}_k(\mathbf{x})}{(1 "
            r"+ \beta_{k,s})} \right] \right\rangle \right] + \mathbb{E}_{C,Q} \left[\frac{\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2}{(1 + "
            r"\beta_{k,s})^2} \right]",
        ),
        letters=SCALED_MOMENTS,
        relies=("qsparse_local_sgd/definition-5",),
        readings=(
            Reading(
                "as printed",
                expanded,
                given=(given.unbiased,),
                follows=expansion(image_sq, inner),
                arena="operator",
                setting=SCALED,
                says="given what is kept, E_Q Q(Comp_k(x)) = Comp_k(x)",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.3",
        "equation",
        "Appendix B.2, (B.3)",
        "The same with <x, Comp_k(x)> = ||Comp_k(x)||^2.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - \frac{Q_s \text{Comp}_k(\mathbf{x})}{(1 + \beta_{k,s})}\|_2^2] &= \|\mathbf{x}\|_2^2 "
            r"- \frac{2}{(1 + \beta_{k,s})} \mathbb{E}_C [\|\text{Comp}_k(\mathbf{x})\|_2^2] \\ "
            r"&\quad + \frac{1}{(1 + \beta_{k,s})^2} \mathbb{E}_{C,Q} [\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2]",
        ),
        letters=SCALED_MOMENTS,
        readings=(
            Reading(
                "as printed",
                equals(error_sq, x_sq - 2 / (1 + beta) * kept_sq + image_sq),
                given=(given.unbiased, given.keeps_k),
                follows=Instance(Cite("qsparse_local_sgd/appendix-b.2/display-1"), {inner: kept_sq / (1 + beta)}),
                arena="operator",
                setting=SCALED,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.2/second-moment",
        "step",
        "Appendix B.2, after (B.3)",
        "The second moment of a quantiser that acts on the kept entries, again.",
        latex=(r"\mathbb{E}_Q[\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2] \leq (1 + \beta_{k,s})\|\text{Comp}_k(\mathbf{x})\|_2^2",),
        letters={r"\mathbb{E}_Q[\|Q_s \text{Comp}_k(\mathbf{x})\|_2^2]": image_sq, r"\|\text{Comp}_k(\mathbf{x})\|_2^2": kept_sq},
        restates="qsparse_local_sgd/appendix-b.1/second-moment",
        readings=(second_moment,),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.4",
        "equation",
        "Appendix B.2, (B.4)",
        "(B.3) with that bound.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - \frac{Q_s \text{Comp}_k(\mathbf{x})}{(1 + \beta_{k,s})}\|_2^2] &\leq \|\mathbf{x}\|_2^2 "
            r"- \frac{2}{1 + \beta_{k,s}} \mathbb{E}_C [\|\text{Comp}_k(\mathbf{x})\|_2^2] \\ "
            r"&\quad + \frac{1}{(1 + \beta_{k,s})} \mathbb{E}_C [\|\text{Comp}_k(\mathbf{x})\|_2^2]",
            r"\|\mathbf{x}\|_2^2 - \frac{1}{(1 + \beta_{k,s})} \mathbb{E}_C [\|\text{Comp}_k(\mathbf{x})\|_2^2]",
        ),
        letters=SCALED_MOMENTS,
        readings=(
            Reading(
                "as printed",
                at_most(error_sq, x_sq - kept_sq / (1 + beta)),
                given=QUANTISER,
                follows=Using(
                    Cite("qsparse_local_sgd/eq-B.3"),
                    (
                        Granted(
                            at_most(image_sq, kept_sq / (1 + beta)),
                            by="appendix-b.2/second-moment over (1 + beta)^2: C is the scaled operator here",
                        ),
                    ),
                ),
                arena="operator",
                setting=SCALED,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.2/display-4",
        "step",
        "Appendix B.2, last display",
        "(B.4) with Lemma 13: Lemma 2.",
        latex=(
            r"\mathbb{E}_{C,Q}[\|\mathbf{x} - \frac{Q_s \text{Comp}_k(\mathbf{x})}{(1 + \beta_{k,s})}\|_2^2] &\leq \|\mathbf{x}\|_2^2 "
            r"- \frac{(k/d)\|\mathbf{x}\|_2^2}{(1 + \beta_{k,s})}",
            r"\left[1 - \frac{k}{d(1 + \beta_{k,s})} \right] \|\mathbf{x}\|_2^2",
        ),
        restates="qsparse_local_sgd/lemma-2",
        readings=(lemma_2,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/lemma-3",
        "step",
        "Appendix B.3",
        "Lemma 3 again.",
        latex=(
            r"\max \left\{ \frac{1}{d}, \frac{k}{d} "
            r"\left( \frac{\|Comp_k(\mathbf{x})\|_1}{\sqrt{d}\|Comp_k(\mathbf{x})\|_2} \right)^2 \right\}",
        ),
        unparsed="a coefficient that is random under Rand_k, and 0/0 where only zeros are kept, so that it has two readings; read twice",
        restates="qsparse_local_sgd/lemma-3",
        readings=(lemma_3_constant, lemma_3_drawn),
    ),
    Claim(
        "qsparse_local_sgd/lemma-13",
        "lemma",
        "Appendix B.3, Lemma 13",
        "What Top_k and Rand_k keep of a vector: (B.5) and (B.6).",
        latex=(r"\mathbb{E}[\|Comp_k(\mathbf{x})\|_2^2] \geq \frac{k}{d} \|\mathbf{x}\|_2^2",),
        restates="qsparse_local_sgd/eq-B.6",
        readings=(
            Reading(
                "(B.6)",
                at_least(kept_sq, k / d * x_sq),
                given=(given.keeps_k,),
                follows=Cite("qsparse_local_sgd/eq-B.6"),
                arena="operator",
                setting={"sparsifiers": SPARSIFIERS},
            ),
            Reading(
                "(B.5)",
                at_least(kept_l1_sq, sp.Max(k / d * x_sq, k**2 / d**2 * x_l1_sq)),
                given=(given.keeps_k,),
                follows=Cite("qsparse_local_sgd/eq-B.5"),
                arena="operator",
                setting={"sparsifiers": SPARSIFIERS},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.5",
        "equation",
        "Appendix B.3, Lemma 13, (B.5)",
        "The squared 1-norm of what is kept.",
        latex=(
            r"\mathbb{E}[\|Comp_k(\mathbf{x})\|_1^2] "
            r"\geq \max \left\{ \frac{k}{d} \|\mathbf{x}\|_2^2, \frac{k^2}{d^2} \|\mathbf{x}\|_1^2 \right\}",
        ),
        readings=(
            Reading(
                "as printed",
                at_least(kept_l1_sq, sp.Max(k / d * x_sq, k**2 / d**2 * x_l1_sq)),
                given=(given.keeps_k,),
                follows=Joined(
                    (
                        Chained(
                            Cite("qsparse_local_sgd/eq-B.6"), Granted(at_most(kept_sq, kept_l1_sq), by="a 2-norm is at most the 1-norm")
                        ),
                        Chained(
                            Cite("qsparse_local_sgd/appendix-b.3/display-2"), Cite("qsparse_local_sgd/appendix-b.3/top-against-rand/m-1")
                        ),
                    )
                ),
                arena="operator",
                setting={"sparsifiers": SPARSIFIERS},
            ),
        ),
        improvement=Reading(
            "improved: a mean of both, exact for Rand_k",
            at_least(kept_l1_sq, kept_sum_sq),
            given=(given.keeps_k, given.several_coordinates),
            follows=Chained(
                Granted(
                    equals(kept_sum_sq, rand_l1_sq),
                    by="an entry is kept in the share k/d of the draws, a pair in k (k-1) / (d (d-1)); |x_i| |x_j| add up to "
                    "||x||_1^2 - ||x||_2^2",
                ),
                Cite("qsparse_local_sgd/appendix-b.3/top-against-rand/m-1"),
            ),
            arena="operator",
            setting={"sparsifiers": SPARSIFIERS},
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.6",
        "equation",
        "Appendix B.3, Lemma 13, (B.6)",
        "The squared norm of what is kept.",
        latex=(r"\mathbb{E}[\|Comp_k(\mathbf{x})\|_2^2] \geq \frac{k}{d} \|\mathbf{x}\|_2^2",),
        readings=(
            Reading(
                "as printed",
                at_least(kept_sq, k / d * x_sq),
                given=(given.keeps_k,),
                follows=Chained(
                    Cite("qsparse_local_sgd/appendix-b.3/display-1"), Cite("qsparse_local_sgd/appendix-b.3/top-against-rand/m-2")
                ),
                arena="operator",
                setting={"sparsifiers": SPARSIFIERS},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/top-against-rand/m-1",
        "step",
        "Appendix B.3, proof of Lemma 13, m = 1",
        "Top_k keeps at least what Rand_k keeps in expectation.",
        latex=(r"\|\text{Top}_k(\mathbf{x})\|_m^2 \geq \mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2]",),
        letters={r"\|\text{Top}_k(\mathbf{x})\|_m^2": kept_l1_sq, r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2]": rand_l1_sq},
        readings=(
            Reading(
                "m = 1",
                at_least(kept_l1_sq, rand_l1_sq),
                given=(given.keeps_k,),
                follows=TOP_AGAINST_RAND,
                arena="operator",
                setting=FEW_SUBSETS | {"operator": ("top_k",)},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/top-against-rand/m-2",
        "step",
        "Appendix B.3, proof of Lemma 13, m = 2",
        "Top_k keeps at least what Rand_k keeps in expectation.",
        latex=(r"\|\text{Top}_k(\mathbf{x})\|_m^2 \geq \mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2]",),
        letters={r"\|\text{Top}_k(\mathbf{x})\|_m^2": kept_sq, r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2]": rand_sq},
        readings=(
            Reading(
                "m = 2",
                at_least(kept_sq, rand_sq),
                given=(given.keeps_k, given.largest_kept, given.even_chances),
                follows=Decided(at_least(kept_sq, rand_sq)),
                arena="operator",
                setting=FEW_SUBSETS | {"operator": ("top_k",)},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/suffices",
        "step",
        "Appendix B.3, proof of Lemma 13",
        "What the proof says it suffices to show; at m = 1 it has the 1-norm of x where Lemma 13 has the 2-norm.",
        latex=(r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2] \geq \frac{k}{d} \|\mathbf{x}\|_m^2",),
        letters={r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2]": kept_l1_sq, r"\|\mathbf{x}\|_m^2": x_l1_sq},
        misprint="||x||_m^2 for ||x||_2^2",
        readings=(
            Reading(
                "as printed, at m = 1",
                at_least(kept_l1_sq, k / d * x_l1_sq),
                given=(given.keeps_k,),
                arena="operator",
                setting={"operator": ("rand_k",)},
            ),
        ),
        correction=Reading(
            "corrected: the 2-norm of x, at m = 1",
            at_least(kept_l1_sq, k / d * x_sq),
            given=(given.keeps_k,),
            follows=Cite("qsparse_local_sgd/eq-B.5"),
            arena="operator",
            setting={"operator": ("rand_k",)},
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/display-1/link-a",
        "step",
        "Appendix B.3, proof of Lemma 13, first display, (a)",
        "For m = 1 and 2, an m-norm is at least the 2-norm.",
        latex=(
            r"\stackrel{(a)}{\geq} \sum_{\omega \in \Omega_k} \frac{1}{|\Omega_k|} \sum_{i=1}^d |x_i|^2 \cdot \mathbb{1}\{i \in \omega\}",
        ),
        unparsed="sums over subsets; read twice",
        readings=(
            Reading(
                "as printed",
                at_least(kept_lm_sq, kept_sq),
                follows=Summed(
                    Decided(at_most(_entry**2, _entry)),
                    at_least(kept_lm_sq, kept_sq),
                    by="m = 1: over the entries in units of ||x||_1, at most 1 each and 1 in all; m = 2: both are the same",
                    at={_entry: 0},
                    where=_entry <= 1,
                ),
                arena="operator",
                setting={"operator": ("rand_k",), "m": (1, 2)},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/display-1/chance",
        "step",
        "Appendix B.3, proof of Lemma 13, first display, last line",
        "An index lies in the share k/d of the subsets of size k.",
        latex=(r"\sum_{i=1}^d x_i^2 \cdot \frac{1}{|\Omega_k|} \binom{d-1}{k-1} \\ &= \frac{k}{d} \|\mathbf{x}\|_2^2",),
        letters={r"\sum_{i=1}^d x_i^2": x_sq, r"|\Omega_k|": sp.binomial(d, k)},
        readings=(
            Reading("as printed", equals(x_sq * sp.binomial(d - 1, k - 1) / sp.binomial(d, k), k / d * x_sq), given=(given.keeps_k,)),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/display-1",
        "step",
        "Appendix B.3, proof of Lemma 13, first display",
        "What Rand_k keeps of the squared norm; the m-norm, for m = 1 and 2, is at least that.",
        latex=(
            r"\frac{k}{d} \|\mathbf{x}\|_2^2",
            r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_m^2] &= \sum_{\omega \in \Omega_k} \frac{1}{|\Omega_k|} \left(\sum_{i=1}^d |x_i|^m "
            r"\cdot \mathbb{1}\{i \in \omega\} \right)^{2/m}",
            r"\sum_{i=1}^d x_i^2 \cdot \frac{1}{|\Omega_k|} \sum_{\omega \in \Omega_k} \mathbb{1}\{i \in \omega\}",
        ),
        letters=MEMBERSHIP,
        readings=(
            Reading(
                "as printed",
                at_least(rand_sq, k / d * x_sq),
                given=(given.keeps_k,),
                follows=Combined(
                    (
                        Granted(
                            equals(rand_sq, x_sq * sp.binomial(d - 1, k - 1) / sp.binomial(d, k)),
                            by="binom(d-1, k-1) of the binom(d, k) subsets hold an index",
                        ),
                        Cite("qsparse_local_sgd/appendix-b.3/display-1/chance"),
                    ),
                    (-1, -1),
                ),
                arena="operator",
                setting=FEW_SUBSETS,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/display-2/jensen",
        "step",
        "Appendix B.3, proof of Lemma 13, second display, first line",
        "A mean square is at least the square of the mean.",
        latex=(r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_1^2] \geq (\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_1])^2",),
        letters={r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_1^2]": rand_l1_sq, r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_1]": rand_l1},
        readings=(
            Reading(
                "as printed",
                at_least(rand_l1_sq, rand_l1**2),
                follows=jensen(rand_l1**2, rand_l1_sq),
                says="every subset of k entries is as likely as any other",
                arena="operator",
                setting=FEW_SUBSETS,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/display-2",
        "step",
        "Appendix B.3, proof of Lemma 13, second display",
        "What Rand_k keeps of the squared 1-norm.",
        latex=(
            r"\mathbb{E}[\|\text{Rand}_k(\mathbf{x})\|_1^2] \geq \frac{k^2}{d^2} \|\mathbf{x}\|_1^2",
            r"\left(\sum_{\omega \in \Omega_k} \frac{1}{|\Omega_k|} \sum_{i=1}^d |x_i| \cdot \mathbb{1}\{i \in \omega\} \right)^2",
            r"\left(\sum_{i=1}^d |x_i| \cdot \frac{1}{|\Omega_k|} \sum_{\omega \in \Omega_k} \mathbb{1}\{i \in \omega\} \right)^2",
            r"\left(\sum_{i=1}^d |x_i| \cdot \frac{1}{|\Omega_k|} \binom{d-1}{k-1} \right)^2",
            r"\frac{k^2}{d^2} \|\mathbf{x}\|_1^2",
        ),
        letters=MEMBERSHIP,
        readings=(
            Reading(
                "as printed",
                at_least(rand_l1_sq, k**2 / d**2 * x_l1_sq),
                given=(given.keeps_k,),
                follows=Combined(
                    (
                        Cite("qsparse_local_sgd/appendix-b.3/display-2/jensen"),
                        Granted(equals(rand_l1**2, k**2 / d**2 * x_l1_sq), by="each magnitude is kept with chance k/d"),
                    ),
                    (1, -1),
                ),
                arena="operator",
                setting=FEW_SUBSETS,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/display-3",
        "step",
        "Appendix B.3, proof of Lemma 3, first display",
        "The error of the signed operator, expanded; k signs have the squared norm k, and <Sign Comp_k(x), x> = ||Comp_k(x)||_1.",
        latex=(
            r"\mathbb{E}_C \left[\frac{\|Comp_k(\mathbf{x})\|_m^2}{k} "
            r"- 2 \frac{\|Comp_k(\mathbf{x})\|_m \|Comp_k(\mathbf{x})\|_1}{k} + \|\mathbf{x}\|_2^2 \right]",
            r"\mathbb{E}_C \left[\frac{\|Comp_k(\mathbf{x})\|_m^2}{k} - 2 \left\langle \frac{\|Comp_k(\mathbf{x})\|_m "
            r"SignComp_k(\mathbf{x})}{k}, \mathbf{x} \right\rangle + \|\mathbf{x}\|_2^2 \right]",
        ),
        letters=SIGN_MOMENTS,
        relies=("qsparse_local_sgd/definition-6",),
        readings=(
            Reading(
                "as printed",
                equals(error_sq, kept_lm_sq / k - 2 * kept_l1_lm / k + x_sq),
                given=(given.keeps_k,),
                follows=expansion(kept_lm_sq / k, kept_l1_lm / k),
                arena="operator",
                setting=SIGNS,
                says="k signs have the squared norm k, and <Sign(y), y> = ||y||_1",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/norm-order",
        "step",
        "Appendix B.3, proof of Lemma 3, after (B.7)",
        "A 1-norm is at least the m-norm.",
        latex=(r"\|\cdot\|_1 \geq \|\cdot\|_m",),
        unparsed="norms without an argument; read twice",
        readings=(
            Reading(
                "as printed, times the m-norm",
                at_least(kept_l1_lm, kept_lm_sq),
                follows=Summed(
                    AT_MOST_ITSELF,
                    at_least(kept_l1_lm, kept_lm_sq),
                    by="over the entries in units of ||u||_1, at most 1 each and 1 in all: so are their m-th powers; times ||u||_m",
                    at={_entry: 0},
                    where=_entry <= 1,
                ),
                arena="operator",
                setting={"sparsifiers": SPARSIFIERS},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.7",
        "equation",
        "Appendix B.3, proof of Lemma 3, (B.7)",
        "The error of the signed operator in the m-norm of what is kept.",
        latex=(r"\|\mathbf{x}\|_2^2 - \frac{\mathbb{E}_C \|Comp_k(\mathbf{x})\|_m^2}{k}",),
        readings=(
            Reading(
                "as printed",
                at_most(error_sq, x_sq - kept_lm_sq / k),
                given=(given.keeps_k,),
                follows=Combined(
                    (Cite("qsparse_local_sgd/appendix-b.3/display-3"), Cite("qsparse_local_sgd/appendix-b.3/norm-order")), (1, 2 / k)
                ),
                arena="operator",
                setting=SIGNS,
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/case-1/line-1",
        "step",
        "Appendix B.3, proof of Lemma 3, case 1, first line",
        "(B.7) with (B.5).",
        latex=(
            r"\mathbb{E}_C \left\| \frac{\|Comp_k(\mathbf{x})\|_1 SignComp_k(\mathbf{x})}{k} - \mathbf{x} \right\|_2^2 "
            r"&\leq \|\mathbf{x}\|_2^2 "
            r"- \frac{1}{k} \max \left\{ \frac{k}{d} \|\mathbf{x}\|_2^2, \frac{k^2}{d^2} \|\mathbf{x}\|_1^2 \right\}",
        ),
        readings=(
            Reading(
                "as printed",
                at_most(error_sq, x_sq - sp.Max(k / d * x_sq, k**2 / d**2 * x_l1_sq) / k),
                given=(given.keeps_k, given.first_order),
                follows=Combined(
                    (Instance(Cite("qsparse_local_sgd/eq-B.7"), {kept_lm_sq: kept_l1_sq}), Cite("qsparse_local_sgd/eq-B.5")), (1, 1 / k)
                ),
                arena="operator",
                setting=SIGNS | {"m": 1},
            ),
        ),
        improvement=Reading(
            "improved: by the improved (B.5)",
            at_most(error_sq, x_sq - kept_sum_sq / k),
            given=(given.keeps_k, given.first_order, given.several_coordinates),
            follows=Combined(
                (
                    Instance(Cite("qsparse_local_sgd/eq-B.7"), {kept_lm_sq: kept_l1_sq}),
                    Cite("qsparse_local_sgd/eq-B.5", improved=True),
                ),
                (1, 1 / k),
            ),
            arena="operator",
            setting=SIGNS | {"m": 1},
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/case-1",
        "step",
        "Appendix B.3, proof of Lemma 3, case 1, second line",
        "The step from the norms of x to those of what is kept: entries that Rand_k drops may make x flatter or less flat.",
        latex=(
            r"\left[1 - \max \left\{ \frac{1}{d}, \frac{k}{d} \left(\frac{\|Comp_k(\mathbf{x})\|_1}{\sqrt{d} \|Comp_k(\mathbf{x})\|_2} "
            r"\right)^2 \right\} \right] \|\mathbf{x}\|_2^2",
        ),
        unparsed="random under Rand_k, and 0/0 where nothing but zeros is kept; coded as its expectation; read twice",
        readings=(
            Reading(
                "as printed, the right side in expectation",
                at_most(error_sq, error_budget),
                given=(given.keeps_k, given.first_order),
                arena="operator",
                setting=SIGNS | {"m": 1},
            ),
        ),
        correction=Reading(
            "corrected: for Top_k alone",
            at_most(error_sq, error_budget),
            given=(given.keeps_k, given.first_order),
            follows=case_1_top_k,
            arena="operator",
            setting={"operator": ("sign_comp", ("top_k",)), "m": 1},
        ),
        improvement=Reading(
            "improved: for Top_k alone, sqrt(k) in place of sqrt(d); times ||Comp_k(x)||^2",
            at_most(error_sq * kept_sq, (kept_sq - kept_l1_sq / d) * x_sq),
            given=(given.keeps_k, given.first_order),
            follows=Combined(
                (Instance(Cite("qsparse_local_sgd/eq-B.7"), {kept_lm_sq: kept_l1_sq}), Cite("qsparse_local_sgd/eq-B.6")),
                (kept_sq, kept_l1_sq / k),
            ),
            arena="operator",
            setting={"operator": ("sign_comp", ("top_k",)), "m": 1},
            says="at least the maximum that is printed, since ||Comp_k(x)||_1 is at least the 2-norm, and k at most d",
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/case-2/norms",
        "step",
        "Appendix B.3, proof of Lemma 3, case 2",
        "Norms of k entries against one another, at p = 2 and q = m, squared.",
        latex=(r"\|\mathbf{u}\|_p \leq k^{\frac{1}{p} - \frac{1}{q}} \|\mathbf{u}\|_q",),
        unparsed="for all orders p <= q, coded at p = 2, q = m as it is used; read twice",
        readings=(
            Reading(
                "p = 2, q = m, as used",
                at_least(kept_lm_sq, k ** (2 / m - 1) * kept_sq),
                given=(given.keeps_k, given.higher_order),
                follows=Summed(
                    ABOVE_TANGENT,
                    at_least(kept_lm_sq, k ** (2 / m - 1) * kept_sq),
                    by="over k entries w = |u_i| sqrt(k) / ||u||_2: the squares add up to k, so the m-th powers to k at least",
                ),
                arena="operator",
                setting={"sparsifiers": SPARSIFIERS, "m": (2, 3, 5)},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-b.3/case-2/line-1",
        "step",
        "Appendix B.3, proof of Lemma 3, case 2, first line",
        "(B.7) in the 2-norm of what is kept.",
        latex=(
            r"\mathbb{E}_C \left\| \frac{\|Comp_k(\mathbf{x})\|_m \text{Sign}Comp_k(\mathbf{x})}{k} - \mathbf{x} \right\|_2^2 & \\ "
            r"&\leq \|\mathbf{x}\|_2^2 - \frac{1}{k} k^{\frac{2}{m}-1} \mathbb{E}_C [\|Comp_k(\mathbf{x})\|_2^2]",
        ),
        readings=(
            Reading(
                "as printed",
                at_most(error_sq, x_sq - k ** (2 / m - 1) / k * kept_sq),
                given=(given.keeps_k, given.higher_order),
                follows=Combined((Cite("qsparse_local_sgd/eq-B.7"), Cite("qsparse_local_sgd/appendix-b.3/case-2/norms")), (1, 1 / k)),
                arena="operator",
                setting=SIGNS | {"m": (2, 3, 5)},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-B.8",
        "equation",
        "Appendix B.3, proof of Lemma 3, (B.8)",
        "The same with Lemma 13: Lemma 3 for m >= 2.",
        latex=(
            r"\|\mathbf{x}\|_2^2 - \frac{1}{k} k^{\frac{2}{m}-1} (k/d) \|\mathbf{x}\|_2^2",
            r"\left[ 1 - \frac{k^{\frac{2}{m}-1}}{d} \right] \|\mathbf{x}\|_2^2",
        ),
        restates="qsparse_local_sgd/lemma-3/higher-norms",
        readings=(lemma_3_higher,),
    ),
)
"""Appendix B."""
