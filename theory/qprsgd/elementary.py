r"""QPRSGD, what its proofs say in passing: elementary facts they name, and lines that are told by themselves.

One of the facts, ||a + b||^2 <= 2 ||a||^2, is false as it is printed: the line that rests on it has both terms (`appendix-d/split`).
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reading, Relation, at_most, equals
from theory.qprsgd.experiments import POSITION
from theory.qprsgd.gossip import D_2
from theory.qprsgd.terms import ARENA, K, printed
from theory.rules import Certified, Cite, Decided, Summed, Using
from theory.scenes import u, u_i, v
from theory.symbols import L, d, large_entries, nonzeros, small_level_sum
from theory.vectors import average_norm_sq, dot, norm_sq, vector

IN_WORDS = "in a sentence, double bars; read twice"
IN_TWO = at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))


def fact(label: str, where: str, says: str, latex: str, relation: Relation) -> Claim:
    """An inequality, or identity, between inner products of any vectors."""
    readings = printed(relation, follows=Certified(relation), arena="vectors")
    return Claim(f"qprsgd/{label}", "step", where, says, (latex,), readings, unparsed=IN_WORDS)


# Line 10 of Algorithm 2 against (11): X, X W, the progress and the quantised difference
_x, _mixed, _progress, _quantised = vector("X"), vector("X W"), vector("progress"), vector("quantised")
_difference = _mixed - _progress - _x
NEXT = equals(norm_sq(_x + _quantised - (_mixed - _progress + (_quantised - _difference))), 0)

CLAIMS = (
    Claim(
        "qprsgd/sec-4/difference",
        "definition",
        "section IV.B.2, after (11)",
        "What is quantised, and the noise of it: with both, (11) is the sum of X and what line 8 quantises, Q being odd.",
        latex=(
            r"\Delta X_n = X_n W \gamma_n \sum_{k=0}^{K-1} G(X_{n;k}, \xi_k) X_n",
            r"C_n = Q_s(\Delta X_n) \Delta X_n",
        ),
        unparsed="matrices, coded as a distance of zero; read twice",
        damaged="signs of differences are lost",
        readings=printed(NEXT, follows=Certified(NEXT)),
    ),
    fact(
        "sec-4/inner-product",
        "section IV.B.2, (13), (b)",
        "An inner product by three squares.",
        r"\langle \mathbf{a}, \mathbf{b} \rangle = (\|\mathbf{a}\|_2^2 + \|\mathbf{b}\|_2^2 - \|\mathbf{a} - \mathbf{b}\|_2^2)/2",
        equals(dot(u, v), (norm_sq(u) + norm_sq(v) - norm_sq(u - v)) / 2),
    ),
    fact(
        "appendix-b/inner-product",
        "Appendix B, (a)",
        "An inner product is at most the mean of two squares.",
        r"\langle a, b \rangle \leq (||a||^2 + ||b||^2)/2",
        at_most(dot(u, v), (norm_sq(u) + norm_sq(v)) / 2),
    ),
    fact(
        "appendix-c/variance-equation",
        "Appendix C, (15), (b)",
        "The variance is the second moment less the square of the mean: over draws, each as likely as the others.",
        r"\mathbb{E}[(x - \mathbb{E}(x))^2] = \mathbb{E}(x^2) - [\mathbb{E}(x)]^2",
        equals(average_norm_sq(u_i - u_i.mean), average_norm_sq(u_i) - norm_sq(u_i.mean)),
    ),
    Claim(
        "qprsgd/appendix-d/one-alone",
        "step",
        "Appendix D, (a)",
        "The square of a sum of two, against one of them alone.",
        latex=(r"||a + b||_2^2 \le 2||a||_2^2",),
        unparsed=IN_WORDS,
        misprint="2 ||b||^2 is missing",
        readings=(Reading("as printed", at_most(norm_sq(u + v), 2 * norm_sq(u)), arena="vectors"),),
        correction=Reading("corrected: against both", IN_TWO, follows=Certified(IN_TWO), arena="vectors"),
    ),
    Claim(
        "qprsgd/appendix-f.3/step",
        "step",
        "Appendix F.3, the step",
        "The step of (14), whose second term is 3 K L times a cube root of D_2'.",
        latex=(r"\bar{\gamma} = \left(\sigma\sqrt{N/M} + 3KL^3\sqrt{D_2} + 16KLD'_3 + 6KL\right)^{-1}",),
        unparsed="a power -1 of a sum with roots; read twice",
        misprint="a cube where a cube root is meant, D_2 for D_2'",
        readings=(Reading("as printed: its second term is that of (14)", equals(3 * K * L**3 * sp.sqrt(D_2), 3 * K * L * sp.cbrt(D_2))),),
        correction=Reading("corrected: a cube root, of D_2' alone", equals(sp.cbrt((3 * K * L) ** 3 * D_2), 3 * K * L * sp.cbrt(D_2))),
    ),
    Claim(
        "qprsgd/appendix-g/entries",
        "step",
        "Appendix G, proof of Lemma 12, last display",
        "No more entries survive than there are: each large one, and of the small ones each with a chance of at most 1.",
        latex=(r"E[\|Q_s(v)\|_0] \le d",),
        letters={r"E[\|Q_s(v)\|_0]": nonzeros},
        readings=printed(
            at_most(nonzeros, d),
            follows=Using(
                Cite("qprsgd/appendix-g/survivors"),
                (
                    Summed(
                        Decided(at_most(POSITION, 1)),
                        at_most(small_level_sum, d - large_entries),
                        by="over the d - |large| small entries, y = s |u_i| < 1",
                        at={POSITION: 0},
                        where=POSITION < 1,
                    ),
                ),
            ),
            arena=ARENA,
            setting={"of": "code"},
        ),
    ),
)
