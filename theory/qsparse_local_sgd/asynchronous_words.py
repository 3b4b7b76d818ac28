r"""Qsparse-local-SGD, Appendix D: what stands in a list or within a sentence and is no line of a proof."""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Hypothesis, at_most
from theory.qsparse_local_sgd.asynchronous import vanishes
from theory.qsparse_local_sgd.synchronous import printed
from theory.rules import Certified
from theory.scenes import u
from theory.symbols import eta_t
from theory.vectors import norm_sq, worker_vector

_virtual, _gradient = worker_vector("x_tilde"), worker_vector("stochastic gradient")
MEAN_STEP = vanishes((_virtual - eta_t * _gradient).mean - (_virtual.mean - eta_t * _gradient.mean))

SENT = sp.Symbol("sent", real=True, nonnegative=True)
ONE_OR_NOTHING = Hypothesis("one_or_nothing", "an indicator is 0 or 1", sp.Or(sp.Eq(SENT, 0), sp.Eq(SENT, 1)))

CLAIMS = (
    Claim(
        "qsparse_local_sgd/appendix-d/virtual-mean",
        "definition",
        "appendix D, 1",
        "The mean of the virtual iterates takes the mean of their steps.",
        latex=(
            r"\tilde{\mathbf{x}}_{t+1} := \frac{1}{R} \sum_{r=1}^R \tilde{\mathbf{x}}_{t+1}^{(r)} = \tilde{\mathbf{x}}_t - "
            r"\frac{\eta_t}{R} \sum_{r=1}^R \nabla f_{i_t^{(r)}} \left(\hat{\mathbf{x}}_t^{(r)} \right)",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(MEAN_STEP, follows=Certified(MEAN_STEP)),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/indicator",
        "step",
        "appendix D.1, before (D.5); again in D.3",
        "What may not be sent is no longer than what may be.",
        latex=(
            r"\|\mathbb{1}\{j+1 \in \mathcal{I}_T^{(s)}\} g_j^{(s)}\|^2 \leq \|g_j^{(s)}\|^2",
            r"\|\mathbb{1}\{j+1 \in \mathcal{I}_T^{(r)}\} g_j^{(r)}\|^2 \leq \|g_j^{(r)}\|^2",
        ),
        unparsed="an indicator; read twice",
        readings=printed(
            at_most(norm_sq(SENT * u), norm_sq(u)),
            (ONE_OR_NOTHING,),
            follows=Certified(at_most(norm_sq(SENT * u), norm_sq(u))),
            arena="vectors",
        ),
    ),
)
