"""Chapter 1 and Appendix A of Qsparse-local-SGD: definitions of smoothness and convexity, vector inequalities, and what section 1 says.

Settings of the arena "function": `shift` is the coefficient c of f_shifted = f(x + c (grad f(x) - grad f(y))), and `y` = "x*" places y at
the minimiser, where grad f(y) = 0. In the arena "resnet" the parameter counts are those of the reference implementations.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.hypotheses import convex, convex_weights, minimiser, smooth, strongly_convex
from theory.rules import Combined, Granted, Isolated, Limit
from theory.scenes import above_paraboloid, below_paraboloid, f_least, f_mixed, f_shifted, f_x, f_y, fact, g_x, g_y, u, u_i, v, x, y
from theory.segment import below_tangent
from theory.symbols import L, mixing, mu, n, resnet50_kept, resnet50_parameters, resnet152_parameters, tau
from theory.vectors import average_norm_sq, dot, norm_sq, vector

g_mixed = vector("g_mixed")  # grad f at lambda x + (1 - lambda) y

difference = g_x - g_y  # the gradient of g(x) = f(x) - <x, grad f(y)>, the function of the proof of Remark 2
convex_g_x, convex_g_y = f_x - dot(x, g_y), f_y - dot(y, g_y)
convex_g_shifted = f_shifted - dot(x - difference / L, g_y)
concave_g_shifted = dot(x + difference / mu, g_y) - f_shifted  # of the proof of Remark 3: g(x) = <x, grad f(y)> - f(x)

FUNCTION = {r"f(\mathbf{x})": f_x, r"f(\mathbf{y})": f_y, r"f(\mathbf{x}^*)": f_least, r"\|\nabla f(\mathbf{x})\|_2^2": norm_sq(g_x)}
DIFFERENCE = {r"\|\nabla f(\mathbf{x}) - \nabla f(\mathbf{x}^*)\|_2^2": norm_sq(g_x)}
TANGENT = {
    r"\langle \nabla f(\mathbf{x}), \mathbf{y} - \mathbf{x} \rangle": dot(g_x, y - x),
    r"\|\mathbf{y} - \mathbf{x}\|_2^2": norm_sq(y - x),
}
SHIFTED_BY_L = {
    r"g(\mathbf{x})": convex_g_x,
    r"g(\mathbf{y})": convex_g_y,
    r"g\left(\mathbf{x} - \frac{1}{L} \nabla g(\mathbf{x})\right)": convex_g_shifted,
    r"\|\nabla g(\mathbf{x})\|_2^2": norm_sq(difference),
    r"\left\| \frac{1}{L} \nabla g(\mathbf{x}) \right\|_2^2": norm_sq(difference) / L**2,
}
SHIFTED_BY_MU = {
    r"g(\mathbf{x})": -convex_g_x,
    r"g(\mathbf{y})": -convex_g_y,
    r"g\left(\mathbf{x} - \frac{1}{\mu} \nabla g(\mathbf{x})\right)": concave_g_shifted,
    r"\|\nabla g(\mathbf{x})\|_2^2": norm_sq(difference),
    r"\left\| \frac{1}{\mu} \nabla g(\mathbf{x}) \right\|_2^2": norm_sq(difference) / mu**2,
}
VECTORS = {
    r"\left\| \sum_{i=1}^n \mathbf{u}_i \right\|_2^2": n**2 * norm_sq(u_i.mean),
    r"\left\| \frac{1}{n} \sum_{i=1}^n \mathbf{u}_i \right\|_2^2": norm_sq(u_i.mean),
    r"\sum_{i=1}^n \|\mathbf{u}_i\|_2^2": n * average_norm_sq(u_i),
    r"\sum_{i=1}^n \|\mathbf{u}_i - \bar{\mathbf{u}}\|_2^2": n * average_norm_sq(u_i - u_i.mean),
    r"\|\bar{\mathbf{u}}\|_2^2": norm_sq(u_i.mean),
    r"\mathbb{E}\|\mathbf{X} - \mathbb{E}[\mathbf{X}]\|_2^2": average_norm_sq(u_i - u_i.mean),
    r"\mathbb{E}\|\mathbf{X}\|_2^2": average_norm_sq(u_i),
}
PAIR = {
    r"2\langle \mathbf{u}, \mathbf{v} \rangle": 2 * dot(u, v),
    r"\|\mathbf{u}\|_2^2": norm_sq(u),
    r"\|\mathbf{v}\|_2^2": norm_sq(v),
    r"\|\mathbf{u} + \mathbf{v}\|_2^2": norm_sq(u + v),
    r"\|\gamma^{\frac{1}{2}}\mathbf{u} - \gamma^{-\frac{1}{2}}\mathbf{v}\|_2^2": tau * norm_sq(u - v / tau),
    r"\gamma^{-1}": 1 / tau,
    r"\gamma": tau,
}

convex_at_y = fact("f is convex: at y and the shifted point", above_paraboloid(f_shifted, f_y, g_y, x - difference / L - y, sp.Integer(0)))
smooth_step = fact("f is L-smooth: at x and the shifted point", below_paraboloid(f_shifted, f_x, g_x, -1 * difference / L))
squared_deviation = "a mean of squared norms of deviations is nonnegative"

remark_2 = Reading(
    "as printed",
    at_most(norm_sq(g_x), 2 * L * (f_x - f_least)),
    given=(smooth, convex, minimiser),
    facts=(
        fact("f is L-smooth: at x and x - grad f(x) / L", below_paraboloid(f_shifted, f_x, g_x, -1 * g_x / L), 2 * L),
        fact("x* minimises f", f_shifted - f_least, 2 * L),
    ),
    arena="function",
    setting={"y": "x*", "shift": -1 / L},
)
remark_3 = Reading(
    "as printed",
    at_least(norm_sq(g_x), 2 * mu * (f_x - f_least)),
    given=(strongly_convex, minimiser),
    facts=(fact("f is mu-strongly convex: at x and x*", above_paraboloid(f_least, f_x, g_x, -1 * x), 2 * mu),),
    arena="function",
    setting={"y": "x*"},
)
a_1 = Reading(
    "as printed",
    at_most(convex_g_y, convex_g_x - norm_sq(difference) / (2 * L)),
    given=(smooth, convex),
    facts=(convex_at_y, smooth_step),
    arena="function",
    setting={"shift": -1 / L},
)
a_2_end = Reading(
    "as printed",
    at_least(-convex_g_y, -convex_g_x - norm_sq(difference) / (2 * mu)),
    given=(strongly_convex,),
    facts=(fact("f is mu-strongly convex: at y and x", above_paraboloid(f_x, f_y, g_y, x - y)),),
    arena="function",
)
remark_4 = Reading(
    "as printed",
    at_most(n**2 * norm_sq(u_i.mean), n**2 * average_norm_sq(u_i)),
    facts=(fact(squared_deviation, average_norm_sq(u_i.deviation), n**2),),
    arena="vectors",
)
remark_5 = Reading(
    "as printed",
    at_most(average_norm_sq(u_i - u_i.mean), average_norm_sq(u_i)),
    facts=(fact("a squared norm is nonnegative", norm_sq(u_i.mean)),),
    arena="vectors",
)
remark_6 = Reading(
    "as printed",
    at_most(2 * dot(u, v), tau * norm_sq(u) + norm_sq(v) / tau),
    facts=(fact("a squared norm is nonnegative", norm_sq(u - v / tau), tau),),
    arena="vectors",
)

IMAGENET = Hypothesis(
    "imagenet",
    "ImageNet holds n = 14,197,122 images: what its web site said in 2013 and in 2020, as History of Information quotes it",
    sp.Eq(n, 14_197_122),
)

LEAST_SAVED = sp.Min(16, 10)
"""Times fewer bits than TopK-SGD: about 16 on ImageNet (section 5.3.2), 10 to 15 on MNIST (section 5.4.3)."""
SAVED_AS_PRINTED = (Reading("as printed, against the least that chapter 5 prints, on MNIST", at_least(LEAST_SAVED, 15)),)
SAVED = Reading("corrected: at least 10 times", at_least(LEAST_SAVED, 10))

_share, _rest = sp.symbols("share rest", real=True, positive=True)  # s of x + s (y - x), written f(mixed); what its slope may lack
TANGENT_BELOW = Limit(
    Isolated(
        Combined(
            (
                Granted(at_most(f_mixed, (1 - _share) * f_x + _share * f_y), by="Definition 2 at x + s (y - x), s in (0, 1]"),
                Granted(
                    at_most(f_x + _share * (dot(g_x, y - x) - _rest), f_mixed),
                    by="f is differentiable: f(x + s (y - x)) - f(x) >= s (<grad f(x), y - x> - r) for every r > 0, once s is small enough",
                ),
            ),
            (1 / _share, 1 / _share),
        ),
        f_x + dot(g_x, y - x),
    ),
    _rest,
    0,
)

STATEMENTS = (
    Claim(
        "qsparse_local_sgd/sec-1/resnet-152",
        "text",
        "section 1",
        "ResNet-152 has about 60 million parameters.",
        latex=("60 million",),
        unparsed="a number in running text; read as: within half a ten million; read twice",
        readings=(Reading("as printed", at_most(sp.Abs(resnet152_parameters - 60_000_000), 5_000_000), arena="resnet"),),
    ),
    Claim(
        "qsparse_local_sgd/sec-1/exchange",
        "text",
        "section 1",
        "A full-precision exchange of ResNet-152 is around 0.24 GB: four bytes a parameter, to two digits.",
        latex=("0.24 GB",),
        unparsed="a number with its unit in running text; read twice",
        readings=(
            Reading(
                "as printed",
                at_most(sp.Abs(4 * resnet152_parameters / sp.Integer(10) ** 9 - sp.Rational(24, 100)), sp.Rational(5, 1000)),
                arena="resnet",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-1/imagenet",
        "text",
        "section 1",
        "ImageNet contains 14 million images.",
        latex=("14 million images",),
        unparsed="a number in running text; read as: within half a million; read twice",
        readings=(
            Reading(
                "as printed",
                at_most(sp.Abs(n - 14_000_000), 500_000),
                given=(IMAGENET,),
                says="granted, not counted here: no computation depends on the size of the data set",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-1/savings",
        "text",
        "section 1",
        "On ResNet-50 and on MNIST target accuracies are reached with 15 to 20 times fewer bits than the state of the art.",
        latex=("factor of 15-20 savings",),
        unparsed="numbers in running text; read twice",
        readings=SAVED_AS_PRINTED,
        correction=SAVED,
        misprint="15-20, where chapter 5 has 16 on ImageNet and 10-15 on MNIST",
    ),
    Claim(
        "qsparse_local_sgd/sec-1.1/kept",
        "text",
        "section 1.1",
        "Aggressive sparsification keeps less than 1% of the coordinates; section 5.3.1 keeps k of d on ResNet-50.",
        latex=(r"k < 1\%",),
        unparsed="a percentage of d, which is not printed with it; read twice",
        readings=(Reading("k of section 5.3.1", Relation(resnet50_kept / resnet50_parameters, "<", sp.Rational(1, 100)), arena="resnet"),),
    ),
    Claim(
        "qsparse_local_sgd/definition-1",
        "definition",
        "section 1.4, Definition 1",
        "A continuously differentiable function has a gradient everywhere.",
        latex=(r"\nabla f(\mathbf{x})",),
        unparsed="no relation; read twice",
        readings=(
            Reading(
                "as printed",
                says="The gradient exists everywhere. That alone is differentiability (x^2 sin(1/x) has no continuous derivative); "
                "where the paper needs continuity, L-smoothness gives it.",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/definition-2",
        "definition",
        "section 1.4.1, Definition 2",
        "f is convex if it satisfies Jensen's inequality between any two points.",
        latex=(r"f(\lambda \mathbf{x} + (1 - \lambda)\mathbf{y}) \leq \lambda f(\mathbf{x}) + (1 - \lambda)f(\mathbf{y})",),
        readings=(Reading("as printed", says="f(lambda x + (1 - lambda) y) <= lambda f(x) + (1 - lambda) f(y) for all lambda in [0, 1]."),),
    ),
    Claim(
        "qsparse_local_sgd/remark-1",
        "remark",
        "section 1.4.1, Remark 1",
        "A differentiable function is convex exactly if it lies above its tangents.",
        latex=(r"f(\mathbf{y}) \geq f(\mathbf{x}) + \langle \nabla f(\mathbf{x}), \mathbf{y} - \mathbf{x} \rangle",),
        letters=FUNCTION | TANGENT,
        relies=("qsparse_local_sgd/definition-1", "qsparse_local_sgd/definition-2"),
        readings=(
            Reading(
                "a convex function satisfies it",
                at_least(f_y, f_x + dot(g_x, y - x)),
                given=(convex,),
                follows=TANGENT_BELOW,
                arena="function",
            ),
            Reading(
                "a function that satisfies it is convex",
                at_most(f_mixed, mixing * f_x + (1 - mixing) * f_y),
                given=(convex_weights,),
                facts=(
                    fact(
                        "tangent at the mixed point, seen at x",
                        above_paraboloid(f_x, f_mixed, g_mixed, (1 - mixing) * (x - y), sp.S.Zero),
                        mixing,
                    ),
                    fact(
                        "tangent at the mixed point, seen at y",
                        above_paraboloid(f_y, f_mixed, g_mixed, mixing * (y - x), sp.S.Zero),
                        1 - mixing,
                    ),
                ),
                says="not attacked: functions are drawn by their curvatures, which are what is to be shown",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/definition-3",
        "definition",
        "section 1.4.1, Definition 3",
        "f is L-smooth if its gradient is L-Lipschitz.",
        latex=(r"\|\nabla f(\mathbf{x}) - \nabla f(\mathbf{y})\|_2 \leq L\|\mathbf{x} - \mathbf{y}\|_2",),
        readings=(Reading("as printed", says="||grad f(x) - grad f(y)|| <= L ||x - y|| for all x, y."),),
    ),
    Claim(
        "qsparse_local_sgd/definition-3/descent",
        "equation",
        "section 1.4.1, after Definition 3",
        "An L-smooth function lies below its tangent paraboloids of curvature L.",
        latex=(
            r"f(\mathbf{y}) \leq f(\mathbf{x}) + \langle \nabla f(\mathbf{x}), \mathbf{y} - \mathbf{x} \rangle "
            r"+ \frac{L}{2}\|\mathbf{y} - \mathbf{x}\|_2^2",
        ),
        letters=FUNCTION | TANGENT,
        relies=("qsparse_local_sgd/definition-3",),
        readings=(
            Reading(
                "as printed",
                at_most(f_y, f_x + dot(g_x, y - x) + L / 2 * norm_sq(y - x)),
                given=(smooth,),
                follows=below_tangent(f_y, f_x, g_x, y - x),
                arena="function",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-2",
        "remark",
        "section 1.4.1, Remark 2",
        "Of a smooth convex function, the squared gradient is at most 2 L times the gap to the minimum.",
        latex=(r"\|\nabla f(\mathbf{x}) - \nabla f(\mathbf{x}^*)\|_2^2 \leq 2L(f(\mathbf{x}) - f(\mathbf{x}^*))",),
        letters=FUNCTION | DIFFERENCE,
        relies=("qsparse_local_sgd/definition-2", "qsparse_local_sgd/definition-3"),
        readings=(remark_2,),
    ),
    Claim(
        "qsparse_local_sgd/definition-4",
        "definition",
        "section 1.4.1, Definition 4",
        "f is mu-strongly convex if it lies above its tangent paraboloids of curvature mu.",
        latex=(
            r"f(\mathbf{y}) \geq f(\mathbf{x}) + \langle \nabla f(\mathbf{x}), \mathbf{y} - \mathbf{x} \rangle "
            r"+ \frac{\mu}{2} \|\mathbf{y} - \mathbf{x}\|_2^2",
        ),
        readings=(Reading("as printed", says="f(y) >= f(x) + <grad f(x), y - x> + (mu/2) ||y - x||^2 for all x, y."),),
    ),
    Claim(
        "qsparse_local_sgd/remark-3",
        "remark",
        "section 1.4.1, Remark 3",
        "Of a strongly convex function, the squared gradient is at least 2 mu times the gap to the minimum.",
        latex=(r"\|\nabla f(\mathbf{x}) - \nabla f(\mathbf{x}^*)\|_2^2 \geq 2\mu(f(\mathbf{x}) - f(\mathbf{x}^*))",),
        letters=FUNCTION | DIFFERENCE,
        relies=("qsparse_local_sgd/definition-4",),
        readings=(remark_3,),
    ),
    Claim(
        "qsparse_local_sgd/remark-4",
        "remark",
        "section 1.4.2, Remark 4",
        "The squared norm of a sum of n vectors is at most n times the sum of their squared norms.",
        latex=(r"\left\| \sum_{i=1}^n \mathbf{u}_i \right\|_2^2 \leq n \sum_{i=1}^n \|\mathbf{u}_i\|_2^2",),
        letters=VECTORS,
        readings=(remark_4,),
    ),
    Claim(
        "qsparse_local_sgd/remark-5",
        "remark",
        "section 1.4.2, Remark 5",
        "Deviations from the mean have a mean squared norm of at most that of the vectors.",
        latex=(
            r"\frac{1}{n} \sum_{i=1}^n \|\mathbf{u}_i\|_2^2 - \|\bar{\mathbf{u}}\|_2^2 \leq \frac{1}{n} \sum_{i=1}^n \|\mathbf{u}_i\|_2^2",
        ),
        letters=VECTORS,
        readings=(
            Reading(
                "as printed",
                at_most(average_norm_sq(u_i) - norm_sq(u_i.mean), average_norm_sq(u_i)),
                facts=remark_5.facts,
                arena="vectors",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-5/equality",
        "equation",
        "section 1.4.2, Remark 5",
        "The mean squared deviation is the mean square less the square of the mean.",
        latex=(
            r"\frac{1}{n} \sum_{i=1}^n \|\mathbf{u}_i - \bar{\mathbf{u}}\|_2^2 "
            r"= \frac{1}{n} \sum_{i=1}^n \|\mathbf{u}_i\|_2^2 - \|\bar{\mathbf{u}}\|_2^2",
        ),
        letters=VECTORS,
        readings=(
            Reading(
                "as printed",
                equals(average_norm_sq(u_i - u_i.mean), average_norm_sq(u_i) - norm_sq(u_i.mean)),
                facts=(fact("deviations average to zero", sp.S.Zero, equality=True),),
                arena="vectors",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/remark-6",
        "remark",
        "section 1.4.2, Remark 6",
        "Young's inequality for an inner product.",
        latex=(r"2\langle \mathbf{u}, \mathbf{v} \rangle \leq \gamma \|\mathbf{u}\|_2^2 + \gamma^{-1} \|\mathbf{v}\|_2^2",),
        letters=PAIR,
        readings=(remark_6,),
    ),
    Claim(
        "qsparse_local_sgd/remark-6/sum",
        "equation",
        "section 1.4.2, after Remark 6",
        "Young's inequality for the square of a sum.",
        latex=(r"\|\mathbf{u} + \mathbf{v}\|_2^2 \leq (1 + \gamma)\|\mathbf{u}\|_2^2 + (1 + \gamma^{-1})\|\mathbf{v}\|_2^2",),
        letters=PAIR,
        readings=(
            Reading(
                "as printed",
                at_most(norm_sq(u + v), (1 + tau) * norm_sq(u) + (1 + 1 / tau) * norm_sq(v)),
                facts=remark_6.facts,
                arena="vectors",
            ),
        ),
    ),
)
"""Chapter 1."""

PROOFS = (
    Claim(
        "qsparse_local_sgd/eq-A.1/link-1",
        "step",
        "Appendix A, proof of Remark 2, (A.1), first line",
        "g, convex and smallest at y, is at y at most what it is after a gradient step from x.",
        latex=(r"g(\mathbf{y}) &\leq g\left(\mathbf{x} - \frac{1}{L} \nabla g(\mathbf{x})\right)",),
        letters=SHIFTED_BY_L,
        relies=("qsparse_local_sgd/definition-2",),
        readings=(
            Reading(
                "as printed",
                at_most(convex_g_y, convex_g_shifted),
                given=(smooth, convex),
                facts=(convex_at_y,),
                arena="function",
                setting={"shift": -1 / L},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.1/link-2",
        "step",
        "Appendix A, proof of Remark 2, (A.1), second line",
        "The gradient step lowers g by smoothness.",
        latex=(
            r"g\left(\mathbf{x} - \frac{1}{L} \nabla g(\mathbf{x})\right) \\ &\leq g(\mathbf{x}) "
            r"- \frac{1}{L} \|\nabla g(\mathbf{x})\|_2^2 + \frac{L}{2} \left\| \frac{1}{L} \nabla g(\mathbf{x}) \right\|_2^2",
        ),
        letters=SHIFTED_BY_L,
        relies=("qsparse_local_sgd/definition-3",),
        readings=(
            Reading(
                "as printed",
                at_most(convex_g_shifted, convex_g_x - norm_sq(difference) / L + L / 2 * (norm_sq(difference) / L**2)),
                given=(smooth,),
                facts=(smooth_step,),
                arena="function",
                setting={"shift": -1 / L},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.1",
        "equation",
        "Appendix A, proof of Remark 2, (A.1)",
        "g at its smallest is below g(x) by the squared gradient over 2 L.",
        latex=(r"g(\mathbf{x}) - \frac{1}{2L} \|\nabla g(\mathbf{x})\|_2^2",),
        letters=SHIFTED_BY_L,
        readings=(a_1,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-a/remark-2/display-2",
        "step",
        "Appendix A, proof of Remark 2",
        "(A.1) with g written out.",
        latex=(
            r"f(\mathbf{y}) - \mathbf{y}^T \nabla f(\mathbf{y}) \leq f(\mathbf{x}) - \mathbf{x}^T \nabla f(\mathbf{y}) "
            r"- \frac{1}{2L} \|\nabla f(\mathbf{x}) - \nabla f(\mathbf{y})\|_2^2",
        ),
        letters=FUNCTION
        | {
            r"\mathbf{y}^T \nabla f(\mathbf{y})": dot(y, g_y),
            r"\mathbf{x}^T \nabla f(\mathbf{y})": dot(x, g_y),
            r"\|\nabla f(\mathbf{x}) - \nabla f(\mathbf{y})\|_2^2": norm_sq(difference),
        },
        restates="qsparse_local_sgd/eq-A.1",
        readings=(a_1,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-a/remark-2/display-3",
        "step",
        "Appendix A, proof of Remark 2",
        "Remark 2.",
        latex=(r"\|\nabla f(\mathbf{x})\|_2^2 \leq 2L(f(\mathbf{x}) - f(\mathbf{x}^*))",),
        letters=FUNCTION,
        restates="qsparse_local_sgd/remark-2",
        readings=(remark_2,),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.2/link-1",
        "step",
        "Appendix A, proof of Remark 3, (A.2), first line",
        "g, concave and largest at y, is at y at least what it is at any other point.",
        latex=(r"g(\mathbf{y}) &\geq g\left(\mathbf{x} - \frac{1}{\mu} \nabla g(\mathbf{x})\right)",),
        letters=SHIFTED_BY_MU,
        relies=("qsparse_local_sgd/definition-4",),
        readings=(
            Reading(
                "as printed",
                at_least(-convex_g_y, concave_g_shifted),
                given=(strongly_convex,),
                facts=(
                    fact(
                        "f is mu-strongly convex: at y and the shifted point",
                        above_paraboloid(f_shifted, f_y, g_y, x + difference / mu - y),
                    ),
                ),
                arena="function",
                setting={"shift": 1 / mu},
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.2",
        "equation",
        "Appendix A, proof of Remark 3, (A.2)",
        "The chain bounds the concave g at the shifted point from below; strong convexity bounds it from above only.",
        latex=(
            r"g\left(\mathbf{x} - \frac{1}{\mu} \nabla g(\mathbf{x})\right) \\ &\geq g(\mathbf{x}) "
            r"- \frac{1}{\mu} \|\nabla g(\mathbf{x})\|_2^2 + \frac{\mu}{2} \left\| \frac{1}{\mu} \nabla g(\mathbf{x}) \right\|_2^2",
        ),
        letters=SHIFTED_BY_MU,
        relies=("qsparse_local_sgd/definition-4",),
        misprint="signs: a strongly concave function lies below its paraboloids, so its largest value is bounded from above",
        readings=(
            Reading(
                "as printed",
                at_least(concave_g_shifted, -convex_g_x - norm_sq(difference) / mu + mu / 2 * (norm_sq(difference) / mu**2)),
                given=(strongly_convex,),
                facts=(
                    fact("f is mu-strongly convex: at x and the shifted point", above_paraboloid(f_shifted, f_x, g_x, difference / mu)),
                ),
                arena="function",
                setting={"shift": 1 / mu},
            ),
        ),
        correction=Reading(
            "corrected: g(y) <= g(x) + ||grad g(x)||^2 / (2 mu), which gives Remark 3",
            at_most(-convex_g_y, -convex_g_x + norm_sq(difference) / (2 * mu)),
            given=(strongly_convex,),
            facts=(fact("f is mu-strongly convex: at x and y", above_paraboloid(f_y, f_x, g_x, y - x)),),
            arena="function",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.2/link-3",
        "step",
        "Appendix A, proof of Remark 3, (A.2)",
        "What the chain ends in: g at its largest is at least g(x) less the squared gradient over 2 mu. True, as it is at least g(x).",
        latex=(r"g(\mathbf{x}) - \frac{1}{2\mu} \|\nabla g(\mathbf{x})\|_2^2",),
        letters=SHIFTED_BY_MU,
        readings=(a_2_end,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-a/remark-3/display-2",
        "step",
        "Appendix A, proof of Remark 3",
        "(A.2) with g written out: true, and too weak to give Remark 3 at y = x*.",
        latex=(
            r"\mathbf{y}^T \nabla f(\mathbf{y}) - f(\mathbf{y}) \geq \mathbf{x}^T \nabla f(\mathbf{y}) - f(\mathbf{x}) "
            r"- \frac{1}{2\mu} \|\nabla f(\mathbf{x}) - \nabla f(\mathbf{y})\|_2^2",
        ),
        letters=FUNCTION
        | {
            r"\mathbf{y}^T \nabla f(\mathbf{y})": dot(y, g_y),
            r"\mathbf{x}^T \nabla f(\mathbf{y})": dot(x, g_y),
            r"\|\nabla f(\mathbf{x}) - \nabla f(\mathbf{y})\|_2^2": norm_sq(difference),
        },
        restates="qsparse_local_sgd/eq-A.2/link-3",
        readings=(a_2_end,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-a/remark-3/display-3",
        "step",
        "Appendix A, proof of Remark 3",
        "Remark 3; it does not follow from the display before, but from the corrected (A.2).",
        latex=(r"\|\nabla f(\mathbf{x})\|_2^2 \geq 2\mu(f(\mathbf{x}) - f(\mathbf{x}^*))",),
        letters=FUNCTION,
        restates="qsparse_local_sgd/remark-3",
        readings=(remark_3,),
    ),
    Claim(
        "qsparse_local_sgd/appendix-a/remark-4/display-1",
        "step",
        "Appendix A, proof of Remark 4",
        "The squared norm of a mean is at most the mean squared norm.",
        latex=(r"\left\| \frac{1}{n} \sum_{i=1}^n \mathbf{u}_i \right\|_2^2 \leq \frac{1}{n} \sum_{i=1}^n \|\mathbf{u}_i\|_2^2",),
        letters=VECTORS,
        readings=(
            Reading(
                "as printed",
                at_most(norm_sq(u_i.mean), average_norm_sq(u_i)),
                facts=(fact(squared_deviation, average_norm_sq(u_i.deviation)),),
                arena="vectors",
            ),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.3",
        "equation",
        "Appendix A, proof of Remark 4, (A.3)",
        "Remark 4.",
        latex=(r"\left\| \sum_{i=1}^n \mathbf{u}_i \right\|_2^2 \leq n \sum_{i=1}^n \|\mathbf{u}_i\|_2^2",),
        letters=VECTORS,
        restates="qsparse_local_sgd/remark-4",
        readings=(remark_4,),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.4",
        "equation",
        "Appendix A, proof of Remark 5, (A.4)",
        "A variance is at most the second moment; X is one of the u_i, each with probability 1/n.",
        latex=(r"\mathbb{E}\|\mathbf{X} - \mathbb{E}[\mathbf{X}]\|_2^2 \leq \mathbb{E}\|\mathbf{X}\|_2^2",),
        letters=VECTORS,
        readings=(remark_5,),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.5",
        "equation",
        "Appendix A, proof of Remark 5, (A.5)",
        "Remark 5 without its middle.",
        latex=(r"\frac{1}{n} \sum_{i=1}^n \|\mathbf{u}_i - \bar{\mathbf{u}}\|_2^2 \leq \frac{1}{n} \sum_{i=1}^n \|\mathbf{u}_i\|_2^2",),
        letters=VECTORS,
        readings=(remark_5,),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.6/link-1",
        "step",
        "Appendix A, proof of Remark 6, (A.6), first line",
        "The square whose nonnegativity is Young's inequality.",
        latex=(r"\|\gamma^{\frac{1}{2}}\mathbf{u} - \gamma^{-\frac{1}{2}}\mathbf{v}\|_2^2 &\geq 0",),
        letters=PAIR,
        readings=(Reading("as printed", at_least(tau * norm_sq(u - v / tau), 0), facts=remark_6.facts, arena="vectors"),),
    ),
    Claim(
        "qsparse_local_sgd/eq-A.6",
        "equation",
        "Appendix A, proof of Remark 6, (A.6)",
        "Remark 6.",
        latex=(r"\gamma\|\mathbf{u}\|_2^2 + \gamma^{-1}\|\mathbf{v}\|_2^2 &\geq 2\langle \mathbf{u}, \mathbf{v} \rangle",),
        letters=PAIR,
        restates="qsparse_local_sgd/remark-6",
        readings=(remark_6,),
    ),
)
"""Appendix A."""
