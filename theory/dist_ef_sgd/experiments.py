r"""dist-EF-SGD, section 3.2, section 4, Appendices A and F: blocks, bits, and what the experiments were run with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.dist_ef_sgd.convergence import CAPPED_STEP, RATE, corollary_1
from theory.dist_ef_sgd.momentum import RATE_WITH_MOMENTUM, theorem_2
from theory.dist_ef_sgd.terms import ANY_STEP, ARENA, CUBES, DELTA, ERROR, SHARP_ERROR, claim, printed, theorem_1
from theory.notation import ORDER
from theory.rules import Cancels, Certified, Cite, Combined, Decided, Expected, Granted, Isolated, Limit, Rule, scaled
from theory.scenes import fact, u, v
from theory.symbols import (
    G,
    L,
    R,
    T,
    b,
    block_coefficient,
    block_ratio,
    block_size,
    blocks,
    d,
    decay_less_sq,
    error_sq,
    eta,
    i,
    image_sq,
    initial_gap,
    k,
    momentum,
    noise_sq,
    omega,
    output_gradient_sq,
    piece_error_sq,
    piece_gammas,
    piece_sq,
    sigma,
    sigma_max,
    virtual_less_sq,
    x_l1,
    x_l1_sq,
    x_sq,
    zero_chance,
)
from theory.vectors import average_dot, average_norm_sq, dot, norm_sq, vector, worker_vector

# ResNet-20 of section 4.1: tensors as (entries, how many of them); option A shortcuts have none, batch normalisation has two vectors
CONVOLUTIONS = ((3, 16, 1), (16, 16, 6), (16, 32, 1), (32, 32, 5), (32, 64, 1), (64, 64, 5))  # channels in, out, how many
RESNET_20 = (
    *((9 * inside * outside, count) for inside, outside, count in CONVOLUTIONS),
    *((channels, 2 * count) for channels, count in ((16, 7), (32, 6), (64, 6))),
    (64 * 100, 1),
    (100, 1),
)
RESNET_20_D = sp.Integer(sum(size * count for size, count in RESNET_20))
RESNET_20_B = sp.Integer(sum(count for _, count in RESNET_20))
OVERHEAD = 64 * R * blocks / (2 * R * d)
RESNET_50 = {d: sp.Integer(25_557_032), blocks: sp.Integer(161)}  # as torchvision builds it

WEIGHTED = sum(gamma * x for gamma, x in zip(piece_gammas, piece_sq, strict=True)) / sum(piece_sq)
# The scaled sign is ||v||_1 / d times a vector s of signs
_v, _signs = vector("v"), vector("signs")
_mean_size = sp.sqrt(x_l1_sq) / d
SIGN_ERROR = Expected(
    Certified(
        equals(norm_sq(_v - _mean_size * _signs), norm_sq(_v) - x_l1_sq / d),
        (
            fact("<v, s> = ||v||_1", dot(_v, _signs) - sp.sqrt(x_l1_sq), 2 * _mean_size, equality=True),
            fact("||s||^2 = d", d - norm_sq(_signs), _mean_size**2, equality=True),
        ),
    ),
    {norm_sq(_v - _mean_size * _signs): error_sq, norm_sq(_v): x_sq},
)
HALF_D = sp.ceiling(d / 2)
_one, _other = vector("one_block"), vector("other_block")


def squares_add_up(whole: sp.Expr, pieces: Sequence[sp.Expr]) -> Rule:
    """The square of a vector, or of its error, from those of its two blocks."""
    apart = fact("blocks have no coordinate in common", dot(_one, _other), -2, equality=True)
    return Expected(
        Certified(equals(norm_sq(_one + _other), norm_sq(_one) + norm_sq(_other)), (apart,)),
        {norm_sq(_one + _other): whole, norm_sq(_one): pieces[0], norm_sq(_other): pieces[1]},
    )


BLOCKS_ADD_UP = squares_add_up(error_sq, piece_error_sq)
BY_BLOCKS = Isolated(
    Combined(
        (
            BLOCKS_ADD_UP,
            *(
                Cite("dist_ef_sgd/sec-2/scaled-sign", {error_sq: error, x_sq: whole, d: HALF_D})
                for error, whole in zip(piece_error_sq, piece_sq, strict=True)
            ),
            squares_add_up(x_sq, piece_sq),
        ),
        (1, 1, 1, 1 / HALF_D - 1),
    ),
    error_sq,
)
# Any number of blocks, in the place of workers: v_b, C(v_b), and signs of v_b, which may be any where it is zero
_block, _image, _block_signs = worker_vector("block"), worker_vector("image"), worker_vector("block_signs")
_of_a_block = {
    average_norm_sq(_block - _image): error_sq / blocks, average_norm_sq(_block): x_sq / blocks, average_norm_sq(_image): image_sq / blocks,
}  # fmt: skip
_own = fact(
    "in every block <v_b, C(v_b)> = ||v_b||_1^2 / d_b = ||C(v_b)||^2, also where v_b = 0",
    average_dot(_block, _image) - average_norm_sq(_image),
    2,
    equality=True,
)
BLOCK_ERROR = scaled(
    Expected(Certified(equals(average_norm_sq(_block - _image), average_norm_sq(_block) - average_norm_sq(_image)), (_own,)), _of_a_block),
    blocks,
)
BLOCKWISE = at_most(error_sq, (1 - block_coefficient) * x_sq)
WEIGHTED_BLOCKWISE = at_most(error_sq, (1 - image_sq / x_sq) * x_sq)
TWO_BLOCKS = {"operator": ("piecewise", ("scaled_sign",), ("scaled_sign",)), "d": (2, 4, 6, 8)}
LEAST_BOUNDS_ALL = scaled(
    Expected(
        Certified(
            at_most(average_norm_sq(_block - _image), (1 - block_coefficient) * average_norm_sq(_block)),
            (
                _own,
                fact(
                    "phi ||v_b||^2 <= ||v_b||_1^2 / d_b = ||C(v_b)||^2 in every block",
                    average_norm_sq(_image) - block_coefficient * average_norm_sq(_block),
                ),
            ),
        ),
        _of_a_block,
    ),
    blocks,
)
TWO_ATTACKED = "two are attacked"
LEAST_OF_BLOCKS = Reading(
    "any number of blocks", BLOCKWISE, (given.block_coefficients,), follows=LEAST_BOUNDS_ALL, arena="operator", setting=TWO_BLOCKS
)
SIZES_ADD_UP = scaled(
    Expected(
        Certified(
            at_most(x_l1_sq / (d * blocks), average_norm_sq(_image)),
            (
                fact(
                    "<C(v_b), s_b> = ||v_b||_1, and these add up to ||v||_1",
                    average_dot(_image, _block_signs) - sp.sqrt(x_l1_sq) / blocks,
                    2 * _mean_size,
                    equality=True,
                ),
                fact("||s_b||^2 = d_b, and these add up to d", d / blocks - average_norm_sq(_block_signs), _mean_size**2, equality=True),
            ),
        ),
        {average_norm_sq(_image): image_sq / blocks},
    ),
    blocks,
)
_support = vector("support")  # signs where v is not zero
SPARSE = Expected(
    Certified(
        at_most(x_l1_sq / k, norm_sq(_v)),
        (
            fact("<v, s> = ||v||_1", dot(_v, _support) - sp.sqrt(x_l1_sq), 2 * sp.sqrt(x_l1_sq) / k, equality=True),
            fact("||s||^2 = k", k - norm_sq(_support), x_l1_sq / k**2, equality=True),
        ),
    ),
    {norm_sq(_v): x_sq},
)
UNEVEN = ((1, 0, 0, 0), (10, 10, 10, 10))  # blocks of a vector of which the least flat one holds hardly anything


def flatness(v: Sequence[int]) -> sp.Rational:
    """||v||_1^2 / (d ||v||_2^2)."""
    return sp.Rational(sum(map(abs, v)) ** 2, len(v) * sum(x * x for x in v))


APPROXIMATION = (1 + block_ratio) / (blocks * (1 - block_ratio))
TAIL = sp.Symbol("q", positive=True)  # alpha^B
WHOLE_SIGN = (1 + block_ratio) * (1 - block_ratio**blocks) / (blocks * (1 - block_ratio) * (1 + block_ratio**blocks))
NORM_1 = (1 - block_ratio**blocks) / (1 - block_ratio)  # over the largest magnitude and the size of a block
NORM_2_SQ = (1 - block_ratio ** (2 * blocks)) / (1 - block_ratio**2)


def chosen(step: str, *allowed: str) -> sp.Expr:
    """Zero where the step is one of those allowed."""
    return sp.prod([(sp.Rational(step) - sp.Rational(other)) ** 2 for other in allowed])


def tuned(label: str, says: str, steps: tuple[str, str, str], grid: tuple[str, ...]) -> Claim:
    """A row of Table 2 against the rule of A.1: the middle from the grid, half or all of it for 8, all or twice for 32."""
    small, middle, large = steps
    half, double = (str(sp.Rational(middle) * factor) for factor in (sp.Rational(1, 2), 2))
    return claim(
        f"table-2/{label}",
        "table",
        f"appendix A.1, Table 2, row {says}",
        f"The steps of {says} follow the rule of the text.",
        " ".join(steps),
        printed(equals(chosen(middle, *grid) + chosen(small, middle, half) + chosen(large, middle, double), 0)),
        unparsed="a row of a table, coded as differences from what the rule allows; read twice",
    )


_whole, _plain, _decay = vector("whole"), vector("plain"), vector("decay")  # momenta of g + lambda x, of g, and m~
_gradient, _decayed = vector("gradient"), vector("decayed")  # g and lambda x
REUSED = (("0.25", "0.25"), ("0.5", "0.5"), ("1", "1"), ("0.05", "0.05"), ("0.05", "0.05"), ("0.1", "0.1"))  # ours, theirs
SGD_GRID = ("0.05", "0.1", "0.5", "1")
SIGN_GRID = ("0.0005", "0.001", "0.005", "0.01")
ACCURACY, ACCURACY_OF_SGDM = sp.Rational("76.77"), sp.Rational("76.27")
RELU_SLOPES = tuple(sign if sign > 0 else 0 for sign in (1, -1))  # of max(0, sign x) at x = 1
_radius, _density = sp.symbols("radius density", positive=True)
MEASURED = "measured on hardware and data of its own"
# (2) with what it is made of: G^2 = sigma^2 + omega^2. Its first term has the initial gap, its last what compression costs
BOUND_2 = theorem_2(ERROR).rhs.subs(G, sp.sqrt(sigma**2 + omega**2))
FIRST_OF_2 = 4 * (1 - momentum) / (eta * T) * initial_gap
WITHOUT_NOISE = BOUND_2.subs(sigma, 0)
MOMENTUM_PAYS = at_most(WITHOUT_NOISE, WITHOUT_NOISE.subs(momentum, 0))
LAST_WITHOUT_BOTH = 4 * L**2 * eta**2 * ERROR.subs(G, omega)  # neither noise nor momentum

BLOCKS: tuple[Claim, ...] = (
    claim(
        "eq-1",
        "equation",
        "section 3.2, (1)",
        "The error of the scaled sign at a vector.",
        r"\|v\|_1^2/(d\|v\|_2^2)",
        (
            Reading(
                "delta of the scaled sign, as the text gives it",
                equals(error_sq, x_sq - x_l1_sq / d),
                follows=SIGN_ERROR,
                arena="operator",
                setting={"operator": ("scaled_sign",)},
            ),
        ),
        unparsed="a coefficient in running text; read twice",
    ),
    claim(
        "proposition-1",
        "lemma",
        "section 3.2, Proposition 1; proof F",
        "The blockwise sign is phi(v)-approximate at v, where no block is zero.",
        r"\phi(v) = \min_{b \in [B]} \frac{\|v_{\mathcal{G}_b}\|_1^2}{d_b \|v_{\mathcal{G}_b}\|_2^2} \geq \min_{b \in [B]} \frac{1}{d_b}",
        (
            replace(
                LEAST_OF_BLOCKS, says=f"phi is the largest number with phi d_b ||v_b||_2^2 <= ||v_b||_1^2 in every block; {TWO_ATTACKED}"
            ),
        ),
        improvement=Reading(
            "improved: the mean of the blocks' coefficients, weighted by their squared norms, in the place of the least",
            WEIGHTED_BLOCKWISE,
            (given.nonzero_vector,),
            follows=Cite("dist_ef_sgd/proposition-1/pieces", improved=True),
            arena="operator",
            setting=TWO_BLOCKS,
            says="the mean is ||C(v)||^2 / ||v||^2; a block of zeros weighs nothing, whatever its coefficient is taken to be",
        ),
        unparsed="minima over blocks; coded by what makes a number their minimum; read twice",
        relies=("dist_ef_sgd/definition-1",),
    ),
    claim(
        "proposition-1/pieces",
        "lemma",
        "section 3.2, Proposition 1, with its lower bound",
        "The blockwise sign contracts with one over the largest block.",
        r"\min_{b \in [B]} \frac{1}{d_b}",
        (
            Reading(
                "blocks of equal sizes",
                at_most(error_sq, (1 - 1 / sp.ceiling(d / 2)) * x_sq),
                follows=BY_BLOCKS,
                arena="operator",
                setting=TWO_BLOCKS,
                says="two blocks",
            ),
        ),
        improvement=Reading(
            "improved: exactly the weighted mean, which is ||C(v)||^2 / ||v||^2, blocks of zeros included",
            equals(error_sq, x_sq - image_sq),
            follows=BLOCK_ERROR,
            arena="operator",
            setting=TWO_BLOCKS,
            says="any number of blocks; two are attacked",
        ),
        unparsed="a minimum over blocks; coded for two equal ones; read twice",
    ),
    claim(
        "proposition-1/zero-block",
        "lemma",
        "section 3.2, Proposition 1, lower bound",
        "phi(v) divides by the norm of each block, and blocks can be zero.",
        r"\geq \min_{b \in [B]} \frac{1}{d_b}",
        (
            Reading(
                "no block is zero",
                at_least(block_coefficient, 1 / block_size),
                (given.least_flatness, given.no_zero_block),
                follows=Decided(at_least(block_coefficient, 1 / block_size)),
                arena="operator",
                setting={"operator": ("piecewise", ("scaled_sign",)), "d": (1, 2, 4, 8)},
                says="attacked on a single block",
            ),
            Reading("a zero block counts as 0/0 = 0", at_least(block_coefficient, 1 / block_size), (given.zero_block,)),
        ),
        improvement=Reading(
            "improved: the weighted mean is at least 1 / d_b of the largest block, blocks of zeros or not",
            at_least(WEIGHTED, 1 / block_size),
            (given.flat_pieces, given.nonzero_pieces),
            follows=Decided(at_least(WEIGHTED, 1 / block_size)),
            arena="operator",
            setting=TWO_BLOCKS,
            says="two blocks",
        ),
        unparsed="minima over blocks; read twice",
        misprint="the minimum is over blocks that are not zero",
    ),
    claim(
        "sec-3.2/applies",
        "text",
        "section 3.2, after Proposition 1",
        "The convergence results apply with phi(v) in the place of delta.",
        "the convergence results of dist-EF-SGD in Section 3.1 can be directly applied",
        (
            Reading(
                "delta is the least phi of all vectors that are compressed, or min 1/d_b",
                theorem_1(),
                (*ANY_STEP, given.warm_up_then_decay_step),
                follows=Cite("dist_ef_sgd/theorem-1"),
                arena=ARENA,
                setting={"algorithm": "3"},
                says="delta is one number, phi(v) one for each vector; the proofs use Definition 1 at these vectors only",
            ),
        ),
        improvement=Reading(
            "improved: any steps, with the sum of eta_t^3 and the sharp constant",
            theorem_1(CUBES, SHARP_ERROR),
            ANY_STEP,
            follows=Cite("dist_ef_sgd/theorem-1", improved=True),
            arena=ARENA,
            setting={"algorithm": "3"},
        ),
        loose="delta is one over the largest block, which is all that a sign keeps of blocks with a single entry that is not zero; "
        "few runs keep all that is compressed so, while other maps (theorem-1) come nearer",
        unparsed="running text; coded is Theorem 1; read twice",
        relies=("dist_ef_sgd/algorithm-3",),
    ),
    claim(
        "algorithm-3",
        "definition",
        "section 3.2, Algorithm 3",
        "dist-EF-blockSGD: Algorithm 2 with the blockwise sign on both ways.",
        r"\frac{\|\tilde{p}_{t,\mathcal{G}_1}\|_1}{d_1} \text{sign}(\tilde{p}_{t,\mathcal{G}_1})",
        (Reading("as printed"),),
        unparsed="a listing; read twice",
    ),
    claim(
        "sec-3.2/special-case",
        "text",
        "section 3.2, after Proposition 1",
        "Algorithm 3 is Algorithm 2 for one compressor, so what holds for any map holds for it.",
        "this is a special case of Algorithm 2",
        printed(
            equals(virtual_less_sq, 0), (given.positive_step,), follows=Cite("dist_ef_sgd/lemma-1"), arena=ARENA, setting={"algorithm": "3"}
        ),
        unparsed="running text; coded is Lemma 1 for Algorithm 3; read twice",
        relies=("dist_ef_sgd/algorithm-2", "dist_ef_sgd/algorithm-3"),
    ),
    claim(
        "sec-3.2/magnitude",
        "text",
        "section 3.2, after (1)",
        "The factor of the scaled sign keeps the l1-norm of what is compressed, which signs alone do not: theirs is d.",
        "can preserve the gradient's magnitude",
        printed(
            equals(sp.Sum(x_l1 / d, (i, 1, d)).doit(), x_l1),
            says="d entries of ||v||_1 / d, sign(0) being 1 or -1; its l2-norm falls unless all entries are alike (sec-2/scaled-sign)",
        ),
        unparsed="running text; coded as the sum of the magnitudes of (1); read twice",
        relies=("dist_ef_sgd/eq-1",),
    ),
    claim(
        "sec-3.2/sparse",
        "text",
        "section 3.2, after (1)",
        "delta of the scaled sign is small at sparse vectors: at most k/d where k of d entries are not zero.",
        "and can be particularly small when v is sparse",
        (
            Reading(
                "delta ||v||_2^2, k entries of v not being zero",
                at_most(x_l1_sq / d, k / d * x_sq),
                (given.sparse_vector,),
                follows=scaled(SPARSE, k / d),
                arena="operator",
                setting={"operator": ("top_k",)},
            ),
        ),
        unparsed="running text; read twice",
        relies=("dist_ef_sgd/definition-1",),
    ),
    claim(
        "sec-3.2/closer-to-one",
        "text",
        "section 3.2, after (1)",
        "The bound of Corollary 1 falls as delta grows.",
        "is closer to 1, the bound in Corollary 1 becomes smaller",
        printed(
            at_most(sp.diff(corollary_1(8).rhs, DELTA), 0),
            (given.proper_contraction,),
            says="below delta = 1, where the bound is continuous and its slope is not finite",
        ),
        unparsed="running text; coded as the sign of a derivative; read twice",
    ),
    claim(
        "sec-3.2/tighter",
        "text",
        "section 3.2, before the example",
        "Scaling blocks makes delta larger, if that of the blocks is the weighted mean of Proposition 1's coefficients, not the least.",
        "the corresponding scaling factors can thus be tighter than the scaling factor obtained on the whole parameter",
        (
            Reading(
                "phi, the least coefficient of a block, against delta of the whole: blocks (1, 0, 0, 0) and (10, 10, 10, 10)",
                at_least(min(map(flatness, UNEVEN)), flatness([x for block in UNEVEN for x in block])),
                says="no block is zero; what makes phi small holds a share of 1/401 of ||v||^2",
            ),
        ),
        correction=Reading(
            "corrected: the blockwise sign leaves no more of a vector than the scaled sign, for any blocks",
            at_most(error_sq, x_sq - x_l1_sq / d),
            follows=Isolated(Combined((BLOCK_ERROR, SIZES_ADD_UP), (1, 1)), error_sq),
            arena="operator",
            setting=TWO_BLOCKS,
            says="by Cauchy and Schwarz the sum of ||v_b||_1^2 / d_b is at least ||v||_1^2 / d; what the scaled sign leaves stands in (1)",
        ),
        unparsed="running text; read twice",
        misprint="delta of the blockwise sign at v is the mean of the blocks' coefficients, weighted by ||v_b||^2; their minimum can be "
        "less than delta of the whole vector",
    ),
    claim(
        "sec-3.2/equal-blocks",
        "text",
        "section 3.2, example",
        "Blocks of one size, each of one magnitude, the magnitudes in geometric progression: delta of the scaled sign.",
        r"\frac{\|v\|_1^2}{d\|v\|_2^2} = \frac{(1+\alpha)(1-\alpha^B)}{B(1-\alpha)(1+\alpha^B)}",
        (
            Reading(
                "as printed, B blocks",
                equals(NORM_1**2 / (blocks * NORM_2_SQ), WHOLE_SIGN),
                says="||v||_1^2 / (d ||v||_2^2) from two geometric sums",
            ),
        ),
        unparsed="norms of a vector that the text describes; read twice",
    ),
    claim(
        "sec-3.2/large-b",
        "text",
        "section 3.2, example",
        "For many blocks delta is about (1 + alpha) / (B (1 - alpha)), which it never exceeds.",
        r"\approx \frac{(1+\alpha)}{B(1-\alpha)}",
        (
            Reading(
                "never above it, for any number of blocks: q = alpha^B",
                at_most((1 + block_ratio) * (1 - TAIL) / (blocks * (1 - block_ratio) * (1 + TAIL)), APPROXIMATION),
                (given.block_ratio_below_one,),
            ),
            Reading(
                "a share of at most 2 alpha^B below it",
                at_least((1 + block_ratio) * (1 - TAIL) / (blocks * (1 - block_ratio) * (1 + TAIL)), (1 - 2 * TAIL) * APPROXIMATION),
                (given.block_ratio_below_one,),
            ),
        ),
        unparsed="an approximation; coded as the bound that it is; read twice",
    ),
    claim(
        "sec-3.2/blockwise-example",
        "text",
        "section 3.2, example",
        "The blockwise sign is exact there.",
        r"\phi(v) = 1 \gg \frac{(1+\alpha)}{B(1-\alpha)}",
        (
            Reading(
                "a block of equal magnitudes c: ||v_b||_1^2 = d_b^2 c^2 and d_b ||v_b||_2^2 = d_b d_b c^2",
                equals(block_size**2 * block_ratio**2 / (block_size * block_size * block_ratio**2), 1),
            ),
        ),
        unparsed="an equality and a comparison of orders in one chain; read twice",
    ),
    claim(
        "sec-3.2/much-larger",
        "text",
        "section 3.2, example",
        "That is much more than the scaled sign keeps, once there are many blocks beside (1 + alpha) / (1 - alpha).",
        r"\phi(v) = 1 \gg \frac{(1+\alpha)}{B(1-\alpha)}",
        (
            Reading(
                "ten times as much, with ten times as many blocks",
                at_least(1, 10 * APPROXIMATION),
                (
                    given.block_ratio_below_one,
                    Hypothesis("many_blocks", "B >= 10 (1 + alpha) / (1 - alpha)", blocks * (1 - block_ratio) >= 10 * (1 + block_ratio)),
                ),
            ),
            Reading("ten times as much, with any number of blocks", at_least(1, 10 * APPROXIMATION), (given.block_ratio_below_one,)),
        ),
        unparsed="a comparison of orders; coded for a factor of ten; read twice",
    ),
    claim(
        "sec-3.2/figure-1",
        "text",
        "section 3.2, Figure 1",
        "Measured: phi(v) is much larger than delta of the whole gradient; sec-3.2/tighter says that it can be smaller.",
        r"\phi(v) \gg \|v\|_1^2/(d\|v\|_2^2)",
        (Reading("as printed", unchecked=f"{MEASURED}; only the weighted mean of the blocks' coefficients is never below delta"),),
        unparsed="a comparison of measurements; read twice",
    ),
    claim(
        "sec-3.2/extra-bits",
        "text",
        "section 3.2",
        "Extra bits of the scaling factors: B float32 numbers, M workers, both ways.",
        r"dist-EF-blockSGD requires an extra 64MB bits",
        printed(equals(2 * 32 * R * blocks, 64 * R * blocks)),
        unparsed="a count in running text; read twice",
    ),
    claim(
        "sec-3.2/overhead",
        "text",
        "section 3.2",
        "The overhead of the scaling factors is small for most problems; for the paper's own ResNet-20 it is not that small.",
        r"64MB/(2Md) < 10^{-3}",
        (
            Reading(
                "ResNet-50 of section 4.2, every tensor a block",
                Relation(OVERHEAD.subs(RESNET_50), "<", sp.Rational(1, 1000)),
            ),
            Reading(
                "ResNet-20 of section 4.1, every tensor a block",
                Relation(OVERHEAD.subs({blocks: RESNET_20_B, d: RESNET_20_D}), "<", sp.Rational(1, 1000)),
            ),
        ),
        unparsed="said of most problems; coded for the two of the paper; read twice",
    ),
    claim(
        "sec-3.2/hundreds",
        "text",
        "section 3.2",
        "With every tensor a block there are hundreds of blocks; fewer in the paper's own ResNet-20.",
        "B is typically in the order of hundreds",
        (
            Reading("ResNet-50 of section 4.2", at_least(RESNET_50[blocks], 100)),
            Reading("ResNet-20 of section 4.1", at_least(RESNET_20_B, 100)),
        ),
        unparsed="an order of magnitude; coded as a hundred or more; read twice",
    ),
    claim(
        "sec-3.2/nearly-32",
        "text",
        "section 3.2",
        "The reduction is nearly 32 times wherever the overhead is below a thousandth.",
        r"nearly 32x",
        (
            Reading(
                "between 31.9 and 32",
                at_least(64 * R * d / (2 * R * d + 64 * R * blocks), sp.Rational(319, 10)),
                (given.small_overhead,),
            ),
            Reading("at most 32", at_most(64 * R * d / (2 * R * d + 64 * R * blocks), 32)),
        ),
        unparsed="a number in running text; read twice",
    ),
    claim(
        "table-1",
        "table",
        "section 3.2, Table 1",
        "Bits of one iteration of dist-EF-blockSGD: signs both ways, and the scaling factors.",
        r"$2Md + 64MB$",
        printed(equals(2 * R * (d + 32 * blocks), 2 * R * d + 64 * R * blocks)),
        unparsed="a cell of a table; read twice",
        relies=("dist_ef_sgd/table-1/sgd", "dist_ef_sgd/table-1/majority-vote"),
    ),
    claim(
        "table-1/sgd",
        "table",
        "section 3.2, Table 1, row 1",
        "Bits of one iteration of SGD.",
        r"$64Md$",
        printed(equals(2 * 32 * R * d, 64 * R * d)),
        unparsed="a cell of a table; read twice",
    ),
    claim(
        "table-1/majority-vote",
        "table",
        "section 3.2, Table 1, row 2",
        "Bits of one iteration of signSGD with majority vote.",
        r"$2Md$",
        printed(equals(R * d + R * d, 2 * R * d)),
        unparsed="a cell of a table; read twice",
    ),
)

EXPERIMENTS: tuple[Claim, ...] = (
    claim(
        "sec-4.1/no-momentum",
        "text",
        "section 4.1",
        "dist-EF-blockSGD is Algorithm 4 with mu = 0: nothing is added to the fresh gradient.",
        r"dist-EF-blockSGD ($\mu = 0$ in Algorithm 4)",
        printed(
            equals(norm_sq(momentum * (momentum * u + v)), momentum**2 * norm_sq(momentum * u + v)),
            (given.no_momentum,),
            follows=Certified(equals(norm_sq(momentum * (momentum * u + v)), momentum**2 * norm_sq(momentum * u + v))),
            says="mu m_t, and 0 at mu = 0; u is m_{t-1}, v the gradient",
        ),
        unparsed="words; read twice",
        relies=("dist_ef_sgd/algorithm-4",),
    ),
    claim(
        "sec-4.1/larger-batch",
        "text",
        "section 4.1, of Figure 2",
        "A larger mini-batch has a smaller variance: with b samples a b-th.",
        "a larger mini-batch means smaller variance",
        printed(
            at_most(noise_sq, sigma_max**2 / (R * b)),
            (given.same_function, given.variance, given.batches),
            follows=Cite("local_sgd/remark-2.4/variance"),
            arena="run",
        ),
        unparsed="running text; read twice",
    ),
    claim(
        "sec-4.1/more-dominant",
        "text",
        "section 4.1, of Figure 2",
        "As the variance falls the initial gap has a larger share of (2).",
        r"so the initial optimality gap $F(x_0) - F_*$ in (2) is more dominant",
        printed(
            at_most(
                BOUND_2 * sp.diff(FIRST_OF_2, sigma), FIRST_OF_2 * sp.diff(BOUND_2, sigma)
            ),  # the share's derivative, times (2) squared
            (given.momentum_range, given.contraction),
            says="the variance stands in the last term of (2) too, within G^2",
        ),
        unparsed="running text; coded as the sign of a derivative; read twice",
    ),
    claim(
        "sec-4.1/momentum-then",
        "text",
        "section 4.1, of Figure 2",
        "Where the variance is small momentum makes (2) smaller: not by itself, for what compression costs grows with momentum as well.",
        r"Use of momentum ($\mu > 0$) is then beneficial",
        printed(
            MOMENTUM_PAYS,
            (given.momentum_range, given.momentum_step, given.contraction, Hypothesis("some_gap", "F(x_0) > F_*", initial_gap > 0)),
            says="without noise, as with a mini-batch of all samples: G^2 = omega^2 is left in the last term",
        ),
        correction=Reading(
            "corrected: the first term outweighs the last too",
            MOMENTUM_PAYS,
            (
                given.momentum_range,
                given.momentum_step,
                given.contraction,
                Hypothesis(
                    "gap_outweighs_compression",
                    "(1 - mu)^2 4 (F(x_0) - F_*) / (eta T) is at least 2 - mu times the last term of (2) at mu = 0",
                    (1 - momentum) ** 2 * FIRST_OF_2.subs(momentum, 0) >= (2 - momentum) * LAST_WITHOUT_BOTH,
                ),
            ),
            says="as it does without compression, delta = 1, so for SGD",
        ),
        unparsed="running text; coded as (2) with momentum against (2) without it; read twice",
        misprint="a small variance leaves the last term of (2), which momentum makes larger by 1 / (1 - mu)^2",
    ),
    claim(
        "sec-4.2/speedup",
        "text",
        "section 4.2",
        "46% less time to SGDM's best accuracy: 13 hours for 24.",
        "leading to a 46% speedup",
        (
            Reading(
                "less time, to the nearest percent",
                at_most(sp.Abs(1 - sp.Rational(13, 24) - sp.Rational(46, 100)), sp.Rational(1, 200)),
                says="the hours are the paper's measurements",
            ),
            Reading(
                "more speed, to the nearest percent",
                at_most(sp.Abs(sp.Rational(24, 13) - 1 - sp.Rational(46, 100)), sp.Rational(1, 200)),
                says="24 hours for 13 is 85% more speed; the abstract says less wall clock time",
            ),
        ),
        unparsed="a number in running text; read twice",
    ),
    claim(
        "sec-4.2/accuracy",
        "text",
        "section 4.2",
        "dist-EF-blockSGDM is more accurate than SGDM with 7 workers.",
        "76.77% vs 76.27%",
        printed(Relation(ACCURACY, ">", ACCURACY_OF_SGDM), says="the accuracies are the paper's measurements"),
        unparsed="measurements; read twice",
    ),
    claim(
        "abstract/same-accuracy",
        "text",
        "abstract",
        "Compressed training is as accurate as SGDM with 7 workers on ImageNet; by the numbers of section 4.2 it is half a point better.",
        "achieves the same testing accuracy as momentum SGD using full-precision gradients",
        (
            Reading("at least as accurate", at_least(ACCURACY, ACCURACY_OF_SGDM), says="by the numbers of section 4.2"),
            Reading("equally accurate", equals(ACCURACY, ACCURACY_OF_SGDM), says="by the numbers of section 4.2"),
        ),
        unparsed="measurements; read twice",
    ),
    claim(
        "sec-4.2/signum",
        "text",
        "section 4.2",
        "signum is about 4% worse.",
        "the test accuracies are about 4% worse",
        (Reading("as printed", unchecked=MEASURED),),
        unparsed="measurements; read twice",
    ),
    claim(
        "sec-4.2/majority",
        "text",
        "section 4.2",
        "With an odd number of workers, 7 or 15, a majority vote is never a tie.",
        "With an odd number of workers, a majority vote will not produce zero",
        (
            Reading(
                "votes of 2k + 1 workers with signs +-1 add up to an odd number: 2 (votes for) - (2 k + 1)",
                at_least(sp.Abs(2 * R - (2 * blocks - 1)), 1),
                says="R votes for, of 2 blocks - 1 workers: any odd number",
            ),
        ),
        unparsed="running text; read twice",
    ),
    claim(
        "sec-4.2/comparable",
        "text",
        "section 4.2",
        "signum and dist-EF-blockSGDM communicate about as much with 7 workers: ResNet-50, every tensor a block, within a thousandth.",
        "The communication costs for signum and dist-EF-blockSGDM are comparable for 7 workers",
        printed(
            at_most((2 * R * d + 64 * R * blocks).subs(RESNET_50) / (2 * R * d).subs(RESNET_50), sp.Rational(1001, 1000)),
            says="in bits, by Table 1, and with any number of workers; that 15 take longer is measured, and the text guesses why",
        ),
        unparsed="running text; read twice",
        relies=("dist_ef_sgd/table-1", "dist_ef_sgd/table-1/majority-vote"),
    ),
    claim(
        "sec-5/same-rates",
        "text",
        "section 5",
        "The rates are those of SGD without and with momentum, whose first order is 1 / sqrt(M T).",
        "have the same convergence rates as full-precision distributed SGD/SGDM for nonconvex objectives",
        (
            Reading(
                "without momentum, as T grows",
                at_most(output_gradient_sq, ORDER * RATE),
                CAPPED_STEP,
                rate=Rate("dist_ef_sgd/corollary-1", (RATE,), (T,)),
                says="from T of order M^3 / delta^8 on whatever M and delta (sec-3.1/horizon)",
            ),
            replace(RATE_WITH_MOMENTUM, name="with momentum, as T grows"),
        ),
        unparsed="running text; read twice",
        relies=("dist_ef_sgd/sec-3.1/sgd",),
    ),
    claim(
        "abstract/less-time",
        "text",
        "abstract",
        "The same accuracy in 46% less time.",
        "with 46% less wall clock time",
        printed(at_most(sp.Abs(1 - sp.Rational(13, 24) - sp.Rational(46, 100)), sp.Rational(1, 200))),
        unparsed="a number in running text; read twice",
        restates="dist_ef_sgd/sec-4.2/speedup",
    ),
    claim(
        "appendix-a/weight-decay",
        "equation",
        "appendix A, display",
        "Momentum is additive: that of gradients with decay is that of gradients and m~ of the decay alone.",
        r"\tilde{m}_t &= \mu\tilde{m}_{t-1} + \lambda x_t, \\ x_{t+1} &= x_t - \eta_t(\tilde{\Delta}_t + \mu\tilde{m}_t + \lambda x_t)",
        printed(
            equals(decay_less_sq, 0),
            (given.momentum_range,),
            follows=Cancels(
                decay_less_sq,
                (momentum * _whole + _gradient + _decayed)
                - (momentum * _plain + _gradient)
                - (momentum * _decay + _decayed)
                - momentum * (_whole - _plain - _decay),
            ),
            says="by induction: the difference is zero at the start, and mu times itself after every iteration",
        ),
        unparsed="vectors; coded as the mean square of the difference of both sides; read twice",
    ),
    claim(
        "appendix-a/sign-of-zero",
        "text",
        "appendix A",
        "The sign of a gradient is zero with probability zero, so one bit an entry is enough; so it is where gradients have a density.",
        "the gradient sign has zero probability of being zero",
        (
            Reading(
                "an entry of the gradient has a bounded density",
                at_most(zero_chance, 0),
                follows=Limit(
                    Granted(
                        at_most(zero_chance, 2 * _radius * _density), by="within r of zero with a chance of at most 2 r times the density"
                    ),
                    _radius,
                    0,
                ),
                says="a density has no atoms, and what is drawn in rationals has nothing else: there is nothing to attack",
            ),
            Reading(
                "any gradient: that of f(x, xi) = max(0, xi x), xi = 1 or -1, at x = 1",
                equals(sp.Rational(sum(slope == 0 for slope in RELU_SLOPES), len(RELU_SLOPES)), 0),
                says="a dead ReLU gives exact zeros; here sign(0) is +1, which one bit can say",
            ),
        ),
        unparsed="running text; read twice",
    ),
    claim(
        "table-2",
        "table",
        "appendix A.1, Table 2",
        "dist-EF-blockSGD takes the steps of SGD, dist-EF-blockSGDM those of SGDM.",
        "dist-EF-blockSGD\t0.25\t0.5\t1",
        printed(equals(sum((sp.Rational(ours) - sp.Rational(theirs)) ** 2 for ours, theirs in REUSED), 0)),
        unparsed="rows of a table; read twice",
        relies=tuple(f"dist_ef_sgd/table-2/{row}" for row in ("sgd", "sgdm", "sign-sgd", "signum")),
    ),
    tuned("sgd", "SGD", ("0.25", "0.5", "1"), SGD_GRID),
    tuned("sgdm", "SGDM", ("0.05", "0.05", "0.1"), SGD_GRID),
    tuned("sign-sgd", "signSGD", ("0.001", "0.001", "0.002"), SIGN_GRID),
    tuned("signum", "signum", ("0.0005", "0.0005", "0.0005"), SIGN_GRID),
)

PROOFS: tuple[Claim, ...] = (
    claim(
        "appendix-f/line-1",
        "step",
        "appendix F, line 1",
        "The error is that of the blocks, added up.",
        r"\sum_{b=1}^B \left\| \frac{\|v_{\mathcal{G}_b}\|_1}{d_b} \text{sign}(v_{\mathcal{G}_b}) - v_{\mathcal{G}_b} \right\|_2^2",
        (
            Reading(
                "two blocks",
                equals(error_sq, sum(piece_error_sq)),
                follows=BLOCKS_ADD_UP,
                arena="operator",
                setting=TWO_BLOCKS,
            ),
        ),
        unparsed="a sum over blocks; coded for two; read twice",
    ),
    claim(
        "appendix-f/line-2",
        "step",
        "appendix F, line 2",
        "The error of one block.",
        r"\sum_{b=1}^B \left[ \frac{\|v_{\mathcal{G}_b}\|_1^2}{d_b} - 2 \frac{\|v_{\mathcal{G}_b}\|_1^2}{d_b} + "
        r"\|v_{\mathcal{G}_b}\|_2^2 \right]",
        (
            Reading(
                "one block",
                equals(error_sq, x_l1_sq / d - 2 * x_l1_sq / d + x_sq),
                follows=SIGN_ERROR,
                arena="operator",
                setting={"operator": ("scaled_sign",)},
            ),
        ),
        unparsed="a sum over blocks; coded for one block; read twice",
    ),
    claim(
        "appendix-f/line-3",
        "step",
        "appendix F, line 3",
        "The same with the coefficient of each block put outside; a block of zeros counts as zero.",
        r"\sum_{b=1}^B \left(1 - \frac{\|v_{\mathcal{G}_b}\|_1^2}{d_b \|v_{\mathcal{G}_b}\|_2^2} \right) "
        r"\|v_{\mathcal{G}_b}\|_2^2",
        (
            Reading(
                "any number of blocks, of which ||v_b||_1^2 / d_b add up to ||C(v)||^2",
                equals(error_sq, x_sq - image_sq),
                follows=BLOCK_ERROR,
                arena="operator",
                setting=TWO_BLOCKS,
                says="two are attacked",
            ),
        ),
        unparsed="a sum over blocks; coded by the quantities that it adds up to; read twice",
    ),
    claim(
        "appendix-f/last-line",
        "step",
        "appendix F, last line",
        "The least coefficient bounds all.",
        r"\left(1 - \min_{b \in [B]} \frac{\|v_{\mathcal{G}_b}\|_1^2}{d_b \|v_{\mathcal{G}_b}\|_2^2} \right) \|v\|_2^2",
        (replace(LEAST_OF_BLOCKS, says=TWO_ATTACKED),),
        improvement=Reading(
            "improved: the weighted mean of the blocks' coefficients in the place of the least",
            WEIGHTED_BLOCKWISE,
            (given.nonzero_vector,),
            follows=Cite("dist_ef_sgd/proposition-1", improved=True),
            arena="operator",
            setting=TWO_BLOCKS,
        ),
        unparsed="a minimum over blocks; coded by what makes a number their minimum; read twice",
        restates="dist_ef_sgd/proposition-1",
    ),
)
