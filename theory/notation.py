"""Which letter each paper uses for what: the paper's LaTeX beside the one vocabulary of `theory.symbols`.

A table holds the letters of a paper and, as letters too, the norms and expectations it writes out, so that `transcription.parse` can read
the paper's formulas. A claim adds its own letters, and may override one (A and B change their meaning from proof to proof).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Sum, Symbol

from theory import symbols as v
from theory.units import ONE, Unit, unit, unit_of

UNITS = {symbol: unit(text) for symbol, text in v.UNITS.items()}
"""The unit of every letter and quantity of the vocabulary."""

ORDER = Symbol("O", positive=True)
"""O(.) read as an unspecified constant factor, so that bounds in O(.) can be transcribed and their units compared."""
UNITS[ORDER] = ONE


@dataclass(frozen=True)
class Letter:
    """One printed letter: what it stands for, its unit, one line on it, and its name in the vocabulary ("" for an abbreviation)."""

    latex: str
    symbol: Expr
    unit: Unit | None
    says: str
    name: str


def _table(named: Mapping[str, str], short: Mapping[str, tuple[Expr, str]]) -> tuple[Letter, ...]:
    """Letters with a name in the vocabulary, and abbreviations spelled out in it."""
    known = {name: v.QUANTITIES[name] for name in named.values()}
    return tuple(Letter(tex, known[n].symbol, UNITS[known[n].symbol], known[n].says, n) for tex, n in named.items()) + tuple(
        Letter(tex, meaning, unit_of(meaning, UNITS), says, "") for tex, (meaning, says) in short.items()
    )


def letters(paper: str, own: Mapping[str, Expr] | None = None) -> dict[str, Expr]:
    """What each LaTeX snippet of a paper stands for; a claim's `own` letters come first.

    Raises:
        ValueError: the paper has no table.
    """
    if paper not in PAPERS:
        raise ValueError(f"paper must be one of {', '.join(PAPERS)}, got {paper!r}")
    return {letter.latex: letter.symbol for letter in PAPERS[paper]} | dict(own or {})


_NEXT = {v.t: v.t + 1}
_START = {v.t: 0}

QSPARSE_LOCAL_SGD = _table(
    {
        "R": "workers", "T": "horizon", "H": "gap", "b": "batch", "d": "d", "k": "k", "s": "intervals", "m": "m", "n": "n", "t": "t",
        "i": "i", "L": "L", r"\mu": "mu", r"\kappa": "kappa", "G": "G", r"\sum_{r=1}^R \sigma_r^2": "sigma_sq_sum",
        r"\sigma_{max}": "sigma_max", "J": "J", r"\eta": "eta", r"\eta_t": "eta_t",
        r"\xi": "step_scale", "a": "a", r"\widehat{C}": "C_hat", r"\gamma": "gamma", "C": "C",
        "p": "p", r"\tau": "young", r"\beta_{k,s}": "beta_q", r"\beta_{d,s}": "beta_q", "f^*": "f_star", r"f(\mathbf{x}^*)": "f_star",
        r"\mathbb{E}[f(\mathbf{x}_0)] - f^*": "initial_gap", r"\mathbb{E}f(\mathbf{x}_0) - f^*": "initial_gap",
        r"\mathbb{E}[f(\widetilde{\mathbf{x}}_0)] - f^*": "initial_gap", r"\|\mathbf{x}_0 - \mathbf{x}^*\|^2": "start_distance_sq",
        r"\mathbb{E}\|m_t^{(r)}\|^2": "memory_sq", r"\mathbb{E}\|m_{t_{(i)}}^{(r)}\|^2": "synced_memory_sq",
        r"\mathbb{E}\|m_{t(i)}^{(r)}\|^2": "synced_memory_sq",
        r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|^2": "lag_sq",
        r"\mathbb{E}\|\widetilde{\mathbf{x}}_t - \widehat{\mathbf{x}}_t\|^2": "lag_sq",
        r"\mathbb{E}\|\mathbf{p}_t - \bar{\mathbf{p}}_t\|^2": "noise_sq",
        r"\mathbb{E}_{i_t}\|\mathbf{p}_t - \bar{\mathbf{p}}_t\|^2": "noise_sq",
        r"\mathbb{E}[f(\widetilde{\mathbf{x}}_t)]": "virtual_loss",
        r"\mathbb{E}\|\widetilde{\mathbf{x}}_t - \mathbf{x}^*\|^2": "virtual_distance_sq", "a_t": "virtual_distance_sq",
        "e_t": "function_gap", r"\mathbb{E}[f(\widehat{\mathbf{x}}_t)] - f^*": "function_gap",
        r"\mathbb{E}\|\nabla f(\mathbf{z}_T)\|^2": "output_gradient_sq", r"\mathbb{E}[f(\bar{\mathbf{x}}_T)] - f^*": "output_gap",
        r"\mathbb{E}f(\bar{\mathbf{x}}_T) - f^*": "output_gap", r"\|\mathbf{x}\|^2": "x_sq", r"\|\mathbf{x}\|_1^2": "x_l1_sq",
        r"\mathbb{E}_C[\|\text{Comp}_k(\mathbf{x})\|^2]": "kept_sq", r"\mathbb{E}[\|Comp_k(\mathbf{x})\|^2]": "kept_sq",
        r"\mathbb{E}_C[\|Comp_k(\mathbf{x})\|^2]": "kept_sq", r"\mathbb{E}[\|Comp_k(\mathbf{x})\|_1^2]": "kept_l1_sq",
        r"\mathbb{E}_C \|Comp_k(\mathbf{x})\|_1^2": "kept_l1_sq", r"\mathbb{E}_C \|Comp_k(\mathbf{x})\|_m^2": "kept_lm_sq",
        r"\mathbb{E}_{C,Q}[\|Q_s \text{Comp}_k(\mathbf{x})\|^2]": "image_sq",
        r"\mathbb{E}_{C,Q}[\|\mathbf{x} - Q_s Comp_k(\mathbf{x})\|^2]": "error_sq",
        r"\mathbb{E}_{C,Q}[\|\mathbf{x} - Q_s \text{Comp}_k(\mathbf{x})\|^2]": "error_sq",
        r"\mathbb{E}_{C,Q}[\|\mathbf{x} - \frac{Q_s \text{Comp}_k(\mathbf{x})}{1 + \beta_{k,s}}\|^2]": "error_sq",
        r"\mathbb{E}_{C,Q}[\|\mathbf{x} - \frac{Q_s \text{Comp}_k(\mathbf{x})}{(1 + \beta_{k,s})}\|^2]": "error_sq",
        r"\mathbb{E}_{C,Q} [\| \mathbf{x} - \frac{Q_s Comp_k(\mathbf{x})}{1 + \beta_{k,s}} \|^2 ]": "error_sq",
        r"\mathbb{E}_C \| \frac{\|Comp_k(\mathbf{x})\|_1 SignComp_k(\mathbf{x})}{k} - \mathbf{x} \|^2": "error_sq",
        r"\mathbb{E}_C \| \frac{\|Comp_k(\mathbf{x})\|_m SignComp_k(\mathbf{x})}{k} - \mathbf{x} \|^2": "error_sq",
        r"\mathbb{E}_C \| \frac{\|Comp_k(\mathbf{x})\|_m \text{Sign}Comp_k(\mathbf{x})}{k} - \mathbf{x} \|^2": "error_sq",
    },
    {
        "S_T": (v.S_T, "sum of the weights w_t"),
        "w_t": ((v.a + v.t) ** 2, "weight of iterate t in Theorem 2"),
        "A": (v.sigma_sq_sum / (v.b * v.R**2), "variance of the mean stochastic gradient, the A of Theorem 2"),
        "a_0": (v.start_distance_sq, "squared distance of the start from the minimiser"),
        "a_{t+1}": (v.QUANTITIES["virtual_distance_sq"].symbol.subs(_NEXT), "squared distance of the next virtual iterate"),
        r"\mathbb{E}\|\widetilde{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2": (v.virtual_distance_sq.subs(_NEXT), "the same, written out"),
        r"\mathbb{E}[f(\widetilde{\mathbf{x}}_{t+1})]": (v.virtual_loss.subs(_NEXT), "loss at the next virtual iterate"),
        r"\tilde{\eta}_t": (1 / (v.a + v.t), "step size over its numerator"),
        r"\tilde{\eta}_0": (1 / v.a, "first step size over its numerator"),
        r"\eta_0": (v.eta_t.subs(_START), "first step size"),
        r"\mathbb{E}\|m_{t_{(i+1)}}^{(r)}\|^2": (v.synced_memory_sq.subs(v.i, v.i + 1), "memory after the next synchronisation"),
        r"\mathbb{E}\|m_{t(i+1)}^{(r)}\|^2": (v.synced_memory_sq.subs(v.i, v.i + 1), "memory after the next synchronisation"),
        r"\sum_{r=1}^R \mathbb{E}\|m_t^{(r)}\|^2": (v.R * v.mean_memory_sq, "memory norms summed over workers"),
        r"\sum_{r=1}^R \mathbb{E}\|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|^2": (
            v.R * v.deviation_sq,
            "deviations of local iterates from their mean, summed over workers",
        ),
        r"\sum_{r=1}^R \mathbb{E}\|\nabla f(\widehat{\mathbf{x}}_t^{(r)})\|^2": (v.R * v.gradient_sq, "gradients summed over workers"),
        r"1/4L": (1 / (4 * v.L), "meant as one quotient, as the condition a > 32 kappa shows"),
        r"1/2L": (1 / (2 * v.L), "meant as one quotient, as the proof of Theorem 1 shows"),
        r"8/\mu(a+t)": (8 / (v.mu * (v.a + v.t)), "meant as one quotient, as Appendix C.7 prints it"),
        r"1/bRT": (1 / (v.b * v.R * v.T), "meant as one quotient, as the text prints it"),
        r"\mathcal{O}": (ORDER, "an unspecified constant"),
        r"\Omega": (ORDER, "an unspecified constant"),
    },
)  # fmt: skip

MDSGD = _table(
    {
        "p": "workers", "T": "horizon", "q": "k", "d": "d", r"\mu": "mu", "L": "L", "G": "G", "b": "batch", "t": "t", "n": "n",
        r"\beta": "beta", "U": "U", "B": "distance_bound", r"\eta": "eta", r"\eta_t": "eta_t", r"\gamma_t": "gamma_t", r"\rho_t": "rho_t",
        r"\alpha_t": "alpha_t", r"\gamma": "envelope", "c": "weak_convexity", "S": "stages", "A": "lag_factor", r"\delta": "turn_factor",
        "Q": "largest_turn", "D": "direction_bound", "E": "error_bound", r"F(\mathbf{w}_0) - F(\mathbf{w}^*)": "initial_gap",
        r"\mathbb{E}\|\tilde{\mathbf{u}}_t\|^2": "total_memory_sq", r"\mathbb{E}\|\tilde{\mathbf{g}}_t\|^2": "total_momentum_sq",
        r"\mathbb{E}\|\mathbf{z}_t - \mathbf{w}_t\|^2": "transformed_lag_sq", r"\|\mathbf{w}_0 - \mathbf{w}^*\|^2": "start_distance_sq",
        r"\mathbb{E}(F(\mathbf{w}_t) - F(\mathbf{w}^*))": "function_gap", r"\|\nabla F(\mathbf{w}_t)\|^2": "gradient_sq",
        r"\mathbb{E}\|\nabla F(\mathbf{w}_t)\|^2 | \mathbf{w}_t": "gradient_sq",
    },
    {
        r"\eta_{t+1}": (v.eta_t.subs(_NEXT), "next step size"),
        r"\rho_{t-1}": (v.rho_t.subs(v.t, v.t - 1), "weight of the momentum at t"),
        "F - F(\\mathbf{w}^*)": (v.J**2, "bound on the losses that stages start from, less the least one"),
        r"\sum_{k=1}^p \mathbb{E}\|\mathbf{u}_{t,k}\|^2": (v.worker_memory_sq, "squared memories of all workers"),
        r"\mathcal{O}": (ORDER, "an unspecified constant"),
    },
)  # fmt: skip

_TWO_WAY = r"\tilde{e}_t + \frac{1}{M} \sum_{i=1}^M e_{t,i}"
_NEXT_TWO_WAY = r"\tilde{e}_{t+1} + \frac{1}{M} \sum_{i=1}^M e_{t+1,i}"
DIST_EF_SGD = _table(
    {
        "M": "workers", "T": "horizon", "d": "d", "t": "t", "k": "k", "B": "blocks", "L": "L", "G": "G", r"\sigma": "sigma",
        r"\omega": "omega",
        r"\delta": "gamma", r"\eta": "eta", r"\eta_t": "eta_t", r"\gamma": "step_scale", r"\mu": "beta", r"\rho": "young",
        r"\alpha": "block_ratio", r"\epsilon": "accuracy", r"\phi(v)": "block_coefficient", "F_*": "f_star", "F(x_0) - F_*": "initial_gap",
        r"\mathbb{E}[\|\nabla F(x_0)\|_2^2]": "output_gradient_sq", r"\mathbb{E}[\|\nabla F(x_o)\|_2^2]": "output_gradient_sq",
        r"\mathbb{E}[\|\nabla F(x_t)\|_2^2]": "gradient_sq", r"\|\nabla F(x_t)\|_2^2": "gradient_sq",
        rf"\mathbb{{E}}[\|{_TWO_WAY}\|_2^2]": "two_way_error_sq", rf"\|{_TWO_WAY}\|_2^2": "two_way_error_sq",
        r"\frac{1}{M} \sum_{i=1}^M \mathbb{E}[\|e_{t,i}\|_2^2]": "worker_error_sq", r"\mathbb{E}[\|\tilde{e}_t\|_2^2]": "server_error_sq",
        r"\frac{1}{M} \sum_{i=1}^M \mathbb{E}[\|p_{t,i}\|_2^2]": "worker_input_sq", r"\mathbb{E}[\|\tilde{p}_t\|_2^2]": "server_input_sq",
        r"\mathbb{E}[\|\frac{1}{M} \sum_{i=1}^M \Delta_{t,i}\|_2^2]": "mean_message_sq",
        r"\mathbb{E}[\|\frac{1}{M} \sum_{i=1}^M p_{t,i}\|_2^2]": "mean_input_sq",
        r"\mathbb{E}[\|\mu m_{t,i} + g_{t,i}\|_2^2]": "drive_sq",
        r"\frac{1}{M} \sum_{i=1}^M \mathbb{E}[\|\mu m_{t,i} + g_{t,i}\|_2^2]": "mean_drive_sq",
        r"\mathbb{E}_t[\|\frac{1}{M} \sum_{i=1}^M g_{t,i} - \nabla F(x_t)\|_2^2]": "noise_sq",
        r"\mathbb{E}_t[\|\frac{1}{M} \sum_{i=1}^M g_{t,i}\|_2^2]": "batch_gradient_sq",
        r"\mathbb{E}_t[F(\tilde{x}_t)]": "virtual_loss", r"\mathbb{E}[F(\tilde{x}_t)]": "virtual_loss", r"F(\tilde{x}_t)": "virtual_loss",
        r"F(z_t)": "averaged_loss", r"\mathbb{E}_t[F(x_t)]": "iterate_loss", "F(x_t)": "iterate_loss",
        r"\langle \nabla F(\tilde{x}_t), \nabla F(x_t) \rangle": "virtual_inner",
        r"\langle \nabla F(z_t), \nabla F(x_t) \rangle": "averaged_inner",
        r"\|\nabla F(x_t) - \nabla F(\tilde{x}_t)\|_2^2": "virtual_gradient_lag_sq",
        r"\|\nabla F(x_t) - \nabla F(z_t)\|_2^2": "averaged_gradient_lag_sq",
        r"\|x_t - \tilde{x}_t\|_2^2": "lag_sq", r"\|x_t - z_t\|_2^2": "averaged_lag_sq",
        r"\|\tilde{x}_t - z_t\|_2^2": "averaged_virtual_sq",
        r"\|\frac{1}{M} \sum_{i=1}^M m_{t-1,i}\|_2^2": "momentum_sq",
    },
    {
        r"\eta_{t-1}": (v.eta_of(v.t - 1), "step before; eta_{-1} = 0"),
        rf"\mathbb{{E}}[\|{_NEXT_TWO_WAY}\|_2^2]": (v.two_way_error_sq.subs(_NEXT), "both errors after iteration t"),
        rf"\|{_NEXT_TWO_WAY}\|_2^2": (v.two_way_error_sq.subs(_NEXT), "both errors after iteration t, for one draw"),
        r"\frac{1}{M} \sum_{i=1}^M \mathbb{E}[\|e_{t+1,i}\|_2^2]": (v.worker_error_sq.subs(_NEXT), "errors of the workers after it"),
        r"\mathbb{E}[\|\tilde{e}_{t+1}\|_2^2]": (v.server_error_sq.subs(_NEXT), "error of the server after iteration t"),
        r"\|\tilde{e}_{t+1}\|_2^2": (v.server_error_sq.subs(_NEXT), "the same, for one draw"),
        r"\|\frac{1}{M} \sum_{i=1}^M e_{t+1,i}\|_2^2": (v.mean_error_sq.subs(_NEXT), "mean error of the workers after iteration t"),
        r"\mathbb{E}_t[F(\tilde{x}_{t+1})]": (v.virtual_loss.subs(_NEXT), "loss at the next virtual iterate"),
        r"\mathbb{E}_t[F(z_{t+1})]": (v.averaged_loss.subs(_NEXT), "loss at the next averaged iterate"),
        r"\mathbb{E}_t[F(x_{t+1})]": (v.iterate_loss.subs(_NEXT), "loss at the next iterate"),
        r"\mathbb{E}_t[\|\tilde{x}_{t+1} - \tilde{x}_t\|_2^2]": (v.virtual_move_sq, "squared step of the virtual iterate"),
        r"\mathbb{E}_t[\|z_{t+1} - z_t\|_2^2]": (v.averaged_move_sq, "squared step of the averaged iterate"),
        r"3/(2L)": (3 / (2 * v.L), "one quotient, as brackets say"),
    },
)  # fmt: skip

LOCAL_SGD = _table(
    {
        "K": "workers", "H": "gap", "T": "horizon", "b": "batch", "d": "d", "n": "n", "t": "t", "L": "L", r"\mu": "mu", r"\kappa": "kappa",
        "G": "G", r"\sigma": "sigma_max", r"\eta": "eta", r"\eta_t": "eta_t", "a": "a", "f^*": "f_star",
        r"\|\mathbf{x}_0 - \mathbf{x}^*\|^2": "start_distance_sq", r"\mathbb{E} f(\hat{\mathbf{x}}_T) - f^*": "output_gap",
        r"\mathbb{E} \|\bar{\mathbf{x}}_t - \mathbf{x}^*\|^2": "virtual_distance_sq", "a_t": "virtual_distance_sq",
        "e_t": "function_gap", r"\mathbb{E} (f(\bar{\mathbf{x}}_t) - f^*)": "function_gap",
        r"\mathbb{E} \|\mathbf{g}_t - \bar{\mathbf{g}}_t\|^2": "noise_sq", "A": "drop", "B": "variance_term", "C": "drift_term",
    },
    {
        "S_T": (v.S_T, "sum of the weights w_t"),
        "w_t": ((v.a + v.t) ** 2, "weight of iterate t"),
        "a_0": (v.start_distance_sq, "squared distance of the start from the minimiser"),
        "a_{t+1}": (v.virtual_distance_sq.subs(_NEXT), "squared distance of the next mean iterate from the minimiser"),
        r"\mathbb{E} \|\bar{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2": (v.virtual_distance_sq.subs(_NEXT), "the same, written out"),
        r"\sum_{k=1}^K \mathbb{E} \|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2": (
            v.R * v.deviation_sq,
            "deviations of local iterates from their mean, summed over workers",
        ),
        r"\eta_{t_0}": (v.eta_of(v.t_i), "step size at the last synchronisation"),
        r"\sum_{t=0}^{T-1} w_t e_t": (
            Sum((v.a + v.t) ** 2 * v.function_gap, (v.t, 0, v.T - 1)),
            "weighted sum of the function gaps",
        ),
        "O": (ORDER, "an unspecified constant"),
        r"\mathcal{O}": (ORDER, "an unspecified constant"),
    },
)  # fmt: skip

PAPERS: dict[str, tuple[Letter, ...]] = {
    "local_sgd": LOCAL_SGD,
    "mdsgd": MDSGD,
    "dist_ef_sgd": DIST_EF_SGD,
    "qsparse_local_sgd": QSPARSE_LOCAL_SGD,
    "qprsgd": _table(
        {"M": "workers", "K": "gap", "N": "rounds", r"\bar{\gamma}": "eta", r"\gamma_n": "eta", "L": "L", "s": "intervals", "d": "d",
         r"\sigma": "sigma", r"\kappa": "zeta", r"\rho": "rho", r"\mu": "spread", r"\epsilon": "descent_share", r"\delta": "drift_share",
         "C_1": "ring_constant"}, {},
    ),
    "neighbour": (),  # stated in the vocabulary itself
}  # fmt: skip
"""The letters of each paper."""
