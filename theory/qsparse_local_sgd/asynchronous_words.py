r"""Qsparse-local-SGD, Appendix D: what stands in a list or within a sentence and is no line of a proof."""

from __future__ import annotations

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Hypothesis, at_most, equals
from theory.qsparse_local_sgd.asynchronous import vanishes
from theory.qsparse_local_sgd.synchronous import printed
from theory.rules import Certified, Cite
from theory.scenes import u, u_i
from theory.symbols import eta_t, own_anchor_sq
from theory.vectors import average_norm_sq, norm_sq, worker_vector

_virtual, _gradient = worker_vector("x_tilde"), worker_vector("stochastic gradient")
_true = worker_vector("x_hat")
MEAN_LAG = vanishes((_true - _virtual).mean - (_true.mean - _virtual.mean))
MEAN_OF_MEMORIES = at_most(norm_sq(u_i.mean), average_norm_sq(u_i))
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
        "qsparse_local_sgd/appendix-d.3/by-definition",
        "step",
        "section 4.3 and appendix D.3, before (4.6) and (D.16)",
        "Both sequences are means over the workers; so is their difference.",
        latex=(
            r"\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t = \frac{1}{R} \sum_{r=1}^R \left( \widehat{\mathbf{x}}_t^{(r)} - "
            r"\widetilde{\mathbf{x}}_t^{(r)} \right)",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(MEAN_LAG, follows=Certified(MEAN_LAG)),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.3/unmoved",
        "step",
        "appendix D.3, before (D.24)",
        "Between its synchronisations a worker's x^(r) stays what it received, which is where its iterates went on from.",
        latex=(
            r"\mathbf{x}_{t_r^{(2)}-1}^{(r)} = \mathbf{x}_{t_r^{(1)}}^{(r)} = \hat{\mathbf{x}}_{t_r^{(1)}}^{(r)}",
            r"\mathbf{x}_{t_r^{(1)}}^{(r)} = \hat{\mathbf{x}}_{t_r^{(1)}}^{(r)}",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(own_anchor_sq, 0),
            (given.any_map,),
            follows=Cite("qsparse_local_sgd/appendix-d.1/anchor"),
            says="attacked as appendix-d.1/anchor",
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.3/mean-of-memories",
        "step",
        "appendix D.3, before (D.26)",
        "The square of a mean is at most the mean of the squares.",
        latex=(
            r"\mathbb{E} \left\| \frac{1}{R} \sum_{r=1}^R m_t^{(r)} \right\|^2 \leq \frac{1}{R} \sum_{r=1}^R \mathbb{E} "
            r"\|m_t^{(r)}\|^2",
        ),
        unparsed="a mean of vectors; read twice",
        readings=printed(MEAN_OF_MEMORIES, follows=Certified(MEAN_OF_MEMORIES), says="of any vectors; attacked in expectation, as (D.26)"),
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
