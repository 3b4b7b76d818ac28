r"""Chapter 5 of Qsparse-local-SGD, Table 5.1 apart: bits of a message, and what sections 5.3 and 5.4 say of the experiments.

A message is k entries, each with its location and its value, behind a header of float32 scalars. How many bits it needs is derived from
what a decoder must be told; a formula with too few is refuted by counting messages that must differ.
"""

from __future__ import annotations

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Reading, Relation, at_least, at_most, equals
from theory.rules import Granted, Instance, Rule
from theory.symbols import (
    H,
    class_biases,
    class_weights,
    d,
    entry_bits,
    gamma,
    header_bits,
    k,
    location_bits,
    message_bits,
    resnet50_kept,
    resnet50_parameters,
    s,
)

FLOAT = sp.Integer(32)
location = sp.ceiling(sp.log(d, 2))
level = sp.ceiling(sp.log(s + 1, 2))
log_2k = sp.log(2 * k, 2)


def message(locations: sp.Expr, values: sp.Expr, header: sp.Expr) -> Rule:
    """The bits of a message, from the bits of each of its parts."""
    return Instance(
        Granted(
            equals(message_bits, k * (location_bits + entry_bits) + header_bits), by="k entries, each with location and value, one header"
        ),
        {location_bits: locations, entry_bits: values, header_bits: header},
    )


def lowest(least_s: sp.Expr, sign: int, header: sp.Expr) -> sp.Expr:
    """Bits of a message at the smallest admissible s: that of the printed formula where `least_s` is put for s."""
    return (location + sp.ceiling(sp.log(least_s + 1, 2)) + sign) * k + header


QSGD_AT_9 = {d: sp.Integer(16), k: sp.Integer(9)}
LEVELS_AT_18 = {d: sp.Integer(32), k: sp.Integer(18)}
PAIR = {d: sp.Integer(2), k: sp.Integer(2), s: sp.Integer(1)}
"""With s = 1 and two entries, one is the least and the other the largest: quantising returns both exactly."""
PAIRS = sp.Integer(62)  # there are more than 2^62 pairs of finite float32 numbers, and no two may share a message
levels_bits = (location + level) * k + FLOAT
FEWER_THAN_TOP_K = Relation((location_bits + 1) * k + FLOAT, "<", (location_bits + FLOAT) * k)
as_letters = {"d": d, "k": k, "s": s}


def at_point(point: dict[sp.Symbol, sp.Integer]) -> dict[str, sp.Expr]:
    """The letters d, k, s of a formula that is judged at one point."""
    return {letter: symbol.subs(point) for letter, symbol in as_letters.items()}


softmax_scores = [weight * bias for weight, bias in zip(class_weights, class_biases, strict=True)]
softmax_total = sp.Add(*softmax_scores)

decodable = Reading("as printed, at d = k = 2, s = 1, where all pairs must be told apart", at_least(levels_bits.subs(PAIR), PAIRS))
two_scalars = Reading(
    "corrected: two float32 scalars, the least and the largest entry",
    equals(message_bits, (location + level) * k + 2 * FLOAT),
    follows=message(location, level, 2 * FLOAT),
)

CLAIMS = (
    Claim(
        "qsparse_local_sgd/sec-5.1/overhead",
        "text",
        "section 5.1",
        "Beside locations and levels a quantiser needs one scalar of 32 bits. QSGD does, and the signs of Lemma 3; a grid between the "
        "least and the largest entry needs both of them.",
        latex=("32 bit scalar overhead",),
        unparsed="a number in running text; read twice",
        readings=(
            Reading(
                "as printed, of stochastic levels at d = k = 2, s = 1, where all pairs must be told apart",
                at_least(FLOAT + ((location + level) * k).subs(PAIR), PAIRS),
            ),
        ),
        correction=Reading(
            "corrected: two scalars there",
            at_least(2 * FLOAT + ((location + level) * k).subs(PAIR), PAIRS),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/qsgd",
        "text",
        "section 5.1, 1.",
        "Bits of a message of QSGD behind Top_k: location, level (0 to s) and sign of each entry, and the norm. s counts intervals here.",
        latex=(r"(\lceil \log_2(d) \rceil + \lceil \log_2(s+1) \rceil + 1) \cdot k + 32",),
        readings=(
            Reading("as printed", equals(message_bits, (location + level + 1) * k + FLOAT), follows=message(location, level + 1, FLOAT)),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/qsgd/as-low-as",
        "text",
        "section 5.1, 1.",
        "The least number of bits in the operating regime, in which s exceeds sqrt(k) strictly: a square k needs the next s.",
        latex=(r"(\lceil \log_2(d) \rceil + \lceil \log_2(\sqrt{k} + 1) \rceil + 1) \cdot k + 32",),
        letters=at_point(QSGD_AT_9),
        relies=("qsparse_local_sgd/lemma-1",),
        readings=(
            Reading(
                "as printed, at d = 16, k = 9, where the smallest s is 4",
                at_least(lowest(sp.sqrt(k), 1, FLOAT).subs(QSGD_AT_9), lowest(sp.Integer(4), 1, FLOAT).subs(QSGD_AT_9)),
            ),
        ),
        correction=Reading(
            "corrected: the smallest s is floor(sqrt(k)) + 1",
            at_least(s, sp.floor(sp.sqrt(k)) + 1),
            given=(given.regime_qsgd,),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/stochastic-levels",
        "text",
        "section 5.1, 2.",
        "Bits of a message of stochastic s-level (printed: k-level) quantisation behind Top_k.",
        latex=(r"(\lceil \log_2(d) \rceil + \lceil \log_2(s+1) \rceil) \cdot k + 32",),
        letters=at_point(PAIR),
        readings=(decodable,),
        correction=two_scalars,
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/stochastic-levels/as-low-as",
        "text",
        "section 5.1, 2.",
        "The least number of bits in the operating regime, in which s exceeds sqrt(k/2) strictly.",
        latex=(r"(\lceil \log_2(d) \rceil + \lceil \log_2(\sqrt{\frac{k}{2}} + 1) \rceil) \cdot k + 32",),
        letters=at_point(LEVELS_AT_18),
        relies=("qsparse_local_sgd/lemma-1",),
        readings=(
            Reading(
                "as printed, one scalar granted, at d = 32, k = 18, where the smallest s is 4",
                at_least(lowest(sp.sqrt(k / 2), 0, FLOAT).subs(LEVELS_AT_18), lowest(sp.Integer(4), 0, FLOAT).subs(LEVELS_AT_18)),
            ),
        ),
        correction=Reading(
            "corrected: the smallest s is floor(sqrt(k/2)) + 1, and there are two scalars",
            at_least(s, sp.floor(sp.sqrt(k / 2)) + 1),
            given=(given.regime_levels,),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/stochastic-rotated",
        "text",
        "section 5.1, 3.",
        "Bits of a message of stochastic rotated quantisation behind Top_k; two entries rotated are two, so the same pairs must differ.",
        latex=(r"(\lceil \log_2(d) \rceil + \lceil \log_2(s+1) \rceil) \cdot k + 32",),
        letters=at_point(PAIR),
        readings=(decodable,),
        correction=two_scalars,
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/stochastic-rotated/as-low-as",
        "text",
        "section 5.1, 3.",
        "The least number of bits in the operating regime. That s must exceed sqrt(2 log_2(2k)) strictly costs nothing here: it would "
        "where the root is 2^j - 1, but then its square is odd, and no 2k is 2 to half an odd power.",
        latex=(r"(\lceil \log_2(d) \rceil + \lceil \log_2(\sqrt{2 \log_2(2k)} + 1) \rceil) \cdot k + 32",),
        letters=at_point(PAIR),
        relies=("qsparse_local_sgd/lemma-1",),
        readings=(
            Reading(
                "as printed, at d = k = 2, where all pairs must be told apart whatever s is",
                at_least(lowest(sp.sqrt(2 * log_2k), 0, FLOAT).subs(PAIR), PAIRS),
            ),
        ),
        correction=Reading(
            "corrected: two scalars",
            equals(message_bits, lowest(sp.sqrt(2 * log_2k), 0, 2 * FLOAT)),
            follows=message(location, sp.ceiling(sp.log(sp.sqrt(2 * log_2k) + 1, 2)), 2 * FLOAT),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/no-quantiser",
        "text",
        "section 5.1, 4.",
        "Bits of a message of Top_k alone: location and float32 value of each entry.",
        latex=(r"(\lceil \log_2(d) \rceil + 32) \cdot k",),
        readings=(Reading("as printed", equals(message_bits, (location + FLOAT) * k), follows=message(location, FLOAT, sp.S.Zero)),),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/sign-top-k",
        "text",
        "section 5.1",
        "Bits of a message of SignTop_k: location and sign of each entry, and the scale.",
        latex=(r"(\lceil \log_2(d) \rceil + 1) \cdot k + 32",),
        relies=("qsparse_local_sgd/lemma-3",),
        readings=(Reading("as printed", equals(message_bits, (location + 1) * k + FLOAT), follows=message(location, sp.S.One, FLOAT)),),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/sign-saves-most",
        "text",
        "section 5.1",
        "Of the composed operators the signed one sends the fewest bits: a value needs at least one.",
        relies=("qsparse_local_sgd/sec-5.1/sign-top-k",),
        readings=(
            Reading(
                "as printed",
                at_most((location_bits + 1) * k + FLOAT, (location_bits + entry_bits) * k + FLOAT),
                given=(given.at_least_one_bit,),
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/less-than-top-k",
        "text",
        "section 5.1",
        "The composed operators send fewer bits than Top_k alone; said without a condition, and the scale costs as much as one value.",
        relies=("qsparse_local_sgd/sec-5.1/sign-top-k", "qsparse_local_sgd/sec-5.1/no-quantiser"),
        misprint="not at k = 1, where SignTop_k sends a bit more than Top_k",
        readings=(Reading("SignTop_k, at every k", FEWER_THAN_TOP_K),),
        correction=Reading("corrected: from k = 2 on", FEWER_THAN_TOP_K, given=(given.several_kept,)),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.1/sign-rand-k",
        "text",
        "section 5.1",
        "Bits of a message of SignRand_k, whose locations both sides draw from a shared seed.",
        latex=("$k + 32$ bits",),
        unparsed="a formula with its unit in running text; read twice",
        relies=("qsparse_local_sgd/lemma-3",),
        readings=(Reading("as printed", equals(message_bits, k + FLOAT), follows=message(sp.S.Zero, sp.S.One, FLOAT)),),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.3.1/d",
        "text",
        "section 5.3.1",
        "The number of parameters of ResNet-50.",
        latex=("d = 25,610,216",),
        letters={"d": resnet50_parameters},
        readings=(Reading("as printed", equals(resnet50_parameters, 25_610_216), arena="resnet"),),
        correction=Reading(
            "corrected: ResNet-50 with 1000 classes",
            equals(resnet50_parameters, 25_557_032),
            arena="resnet",
            says="The printed number is larger by 53,120, the number of running statistics of the batch normalisations, which no "
            "gradient reaches, and by 64, the number of biases that the first convolution would have if it had any.",
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.3.1/k",
        "text",
        "section 5.3.1",
        "How many entries of ResNet-50 are sent, at most 1000 of each tensor.",
        latex=("k = 99,400",),
        letters={"k": resnet50_kept},
        readings=(Reading("as printed", equals(resnet50_kept, 99_400), arena="resnet"),),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.3.2/savings",
        "text",
        "section 5.3.2",
        "On ImageNet, about a sixteenth of the bits of TopK-SGD and a thousandth of those of SGD for the same accuracy.",
        latex=(r"1000\times",),
        unparsed="numbers in running text; read twice",
        readings=(
            Reading(
                "as printed",
                unchecked="ResNet-50 on ImageNet is not trained here. Per synchronisation SignTop_k sends about 2.2 times fewer bits than "
                "Top_k and 316 times fewer than SGD, so that the rest must come from local steps",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.4.1/softmax",
        "equation",
        "section 5.4.1",
        "The softmax model. Its bias has the index i of the data point, where the class j is meant.",
        latex=(
            r"h_{\mathbf{x},z}(a^{(i)}) = \frac{\exp(\mathbf{x}_j^T a^{(i)} + z^{(i)})}"
            r"{\sum_{l=1}^L \exp(\mathbf{x}_l^T a^{(i)} + z^{(l)})}",
        ),
        unparsed="a definition; judged by what makes it a softmax, that it sums to 1 over the classes; read twice",
        misprint="z^(i) for z^(j), and h without its class j",
        readings=(
            Reading(
                "as printed, two classes, i = 1: the sum over the classes", equals(class_biases[0] * sum(class_weights) / softmax_total, 1)
            ),
        ),
        correction=Reading("corrected: z^(j)", equals(sum(score / softmax_total for score in softmax_scores), 1)),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.4.2/d",
        "text",
        "section 5.4.2",
        "The size of the gradient on MNIST: ten classes, each with a weight for every one of 28 x 28 pixels and a bias.",
        latex=("7850",),
        readings=(Reading("as printed", equals(sp.Integer(10) * (28 * 28 + 1), 7850)),),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.4.2/a",
        "text",
        "section 5.4.2",
        "The shift a = dH/k of the step size, said to be as in Theorem 2, which needs a > 4H/gamma.",
        latex=(r"\frac{dH}{k}",),
        relies=("qsparse_local_sgd/theorem-2",),
        readings=(
            Reading(
                "as printed, against Theorem 2",
                Relation(d * H / k, ">", 4 * H / gamma),
                given=(given.contraction, given.k_sparse_output),
                says="Whatever keeps k of d coordinates has gamma <= k/d, and dH/k <= H/gamma: the condition is never met.",
            ),
        ),
        correction=Reading(
            "corrected: any a above 4 d H will do for SignTop_k, such as 5 d H",
            Relation(5 * d * H, ">", 4 * H / gamma),
            given=(given.contraction, given.sign_top_k),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-5.4.3/savings",
        "text",
        "section 5.4.3",
        "On MNIST at test error 0.1, 10 to 15 times fewer bits than TopK-SGD and 1000 times fewer than SGD.",
        latex=("factor of 10-15 times",),
        unparsed="numbers in running text; read twice",
        readings=(
            Reading(
                "as printed",
                unchecked="measured by Figure 5.2, not decided here. Per synchronisation SGD sends 251200 bits, TopK-SGD 1800, SignTop_k "
                "592: 3 times fewer than TopK-SGD and 424 times fewer than SGD, so that the rest must come from local steps",
            ),
        ),
    ),
)
"""Chapter 5, in paper order; Table 5.1 stands with chapter 3."""
