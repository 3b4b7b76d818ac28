"""Every letter and every quantity the claims speak of, once: symbol, assumptions, unit, meaning.

Units are exponents of X (parameter), F (loss) and B (bit), written "F/X^2". One name for one thing on every floor; which letter a
paper uses for it stands in `theory.notation`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Quantity:
    """A named thing with a unit. `symbol` is a sympy Symbol (parameters) or an applied function of t or i (measured along a run)."""

    symbol: sp.Expr
    unit: str
    says: str


QUANTITIES: dict[str, Quantity] = {}


def _keep(name: str, symbol: sp.Expr, unit: str, says: str) -> sp.Expr:
    if name in QUANTITIES:
        raise ValueError(f"{name} is defined twice")
    QUANTITIES[name] = Quantity(symbol, unit, says)
    return symbol


def _parameter(name: str, unit: str, says: str, **assumptions: bool) -> sp.Symbol:
    return _keep(name, sp.Symbol(name, real=True, **assumptions), unit, says)


def _count(name: str, says: str) -> sp.Symbol:
    return _parameter(name, "1", says, integer=True, positive=True)


def _measured(name: str, index: sp.Symbol, unit: str, says: str, nonnegative: bool = True) -> sp.Expr:
    """A quantity measured along a run, a function of its index; nonnegative unless said otherwise."""
    function = sp.Function(name, real=True, nonnegative=True) if nonnegative else sp.Function(name, real=True)
    return _keep(name, function(index), unit, says)


def _measured_once(name: str, unit: str, says: str, nonnegative: bool = True) -> sp.Symbol:
    return _parameter(name, unit, says, nonnegative=True) if nonnegative else _parameter(name, unit, says)


# Counts
R = _count("workers", "number of workers")
T = _count("horizon", "number of iterations")
H = _count("gap", "longest stretch between synchronisations")
b = _count("batch", "mini-batch size of a worker")
d = _count("d", "dimension")
k = _count("k", "kept coordinates")
s = _count("intervals", "quantiser intervals (levels - 1)")
m = _count("m", "order of the norm in norm_m * SignComp_k / k")
n = _count("n", "number of terms or of samples")
t = _parameter("t", "1", "iteration, from 0", integer=True, nonnegative=True)
t_i = _parameter("t_i", "1", "iteration of synchronisation i; where t is given, of the last one up to t", integer=True, nonnegative=True)
t_next = _parameter("t_next", "1", "iteration of the synchronisation after t_i", integer=True, positive=True)
paired = _parameter("paired", "1", "iterations since t'_0, or 0 where no step before it is unsent then", integer=True, nonnegative=True)
i = _parameter("i", "1", "index of a synchronisation, 0 is the start", integer=True, nonnegative=True)

# Problem
L = _parameter("L", "F/X^2", "smoothness", positive=True)
mu = _parameter("mu", "F/X^2", "strong convexity", positive=True)
kappa = _parameter("kappa", "1", "condition number L / mu", positive=True)
G = _parameter("G", "F/X", "bound on the second moment of stochastic gradients, square root", positive=True)
sigma_sq_sum = _parameter("sigma_sq_sum", "F^2/X^2", "sum over workers of the variances sigma_r^2", nonnegative=True)
sigma_max = _parameter("sigma_max", "F/X", "largest sigma_r", positive=True)
J = _parameter("J", "F^(1/2)", "bound on the square root of the initial function gap", positive=True)
initial_gap = _parameter("initial_gap", "F", "E f(x_0) - f*", nonnegative=True)
start_distance_sq = _parameter("start_distance_sq", "X^2", "||x_0 - x*||^2", nonnegative=True)

# Algorithm
eta = _parameter("eta", "X^2/F", "step size, fixed", positive=True)
xi = _parameter("step_scale", "X^2/F", "numerator of the decaying step size xi / (a + t)", positive=True)
a = _parameter("a", "1", "shift of the decaying step size xi / (a + t)", positive=True)
C_hat = _parameter("C_hat", "X^2/F", "numerator of the step size C_hat / sqrt(T)", positive=True)
gamma = _parameter("gamma", "1", "contraction coefficient", positive=True)
C = _parameter("C", "1", "constant of Lemma 4, at least 4 a gamma (1 - gamma^2) / (a gamma - 4 H)", nonnegative=True)
beta = _parameter("beta_q", "1", "excess second moment of an unbiased quantiser", nonnegative=True)
p = _parameter("p", "1", "free parameter of a proof, larger than 1", positive=True)
ratio = _parameter("ratio", "1", "beta of Claim 1: a gamma / p (1 - p^2 (1 - gamma^2) / ((p - 1) C))")
tau = _parameter("young", "1", "free parameter of Young's inequality", positive=True)

eta_of = sp.Function("eta_t", real=True, positive=True)
eta_t = _keep("eta_t", eta_of(t), "X^2/F", "step size at iteration t")

# Quantities of a run of Algorithm 1, expectations over its randomness, largest over workers where one worker is meant
memory_sq = _measured("memory_sq", t, "X^2", "E ||m_t^r||^2, the largest over workers")
synced_memory_sq = _measured("synced_memory_sq", i, "X^2", "E ||m^r||^2 right after the i-th synchronisation, the largest over workers")
mean_memory_sq = _measured("mean_memory_sq", t, "X^2", "(1/R) sum_r E ||m_t^r||^2")
deviation_sq = _measured("deviation_sq", t, "X^2", "(1/R) sum_r E ||x_hat_t - x_hat_t^r||^2")
lag_sq = _measured("lag_sq", t, "X^2", "E ||x_hat_t - x_tilde_t||^2, distance of true and virtual iterate")
noise_sq = _measured("noise_sq", t, "F^2/X^2", "E ||p_t - p_bar_t||^2, variance of the mean stochastic gradient")
gradient_sq = _measured("gradient_sq", t, "F^2/X^2", "(1/R) sum_r E ||grad f(x_hat_t^r)||^2")
virtual_loss = _measured("virtual_loss", t, "F", "E f(x_tilde_t)", nonnegative=False)
virtual_distance_sq = _measured("virtual_distance_sq", t, "X^2", "E ||x_tilde_t - x*||^2")
function_gap = _measured("function_gap", t, "F", "e_t = E f(x_hat_t) - f*")
progress_sq = _measured("progress_sq", i, "X^2", "E ||sum of eta_j grad f_j over one stretch between synchronisations i and i+1||^2")
compressor_input_sq = _measured("compressor_input_sq", i, "X^2", "E ||m^r + progress||^2 compressed at synchronisation i+1, the largest")
mean_step_sq = _measured("mean_step_sq", i, "X^2", "mean over the stretch from i to i+1 of E ||eta_j grad f_j||^2, the largest")
mean_second_moment = _measured("mean_second_moment", i, "F^2/X^2", "mean over the stretch from i to i+1 of E ||grad f_j||^2, the largest")
local_progress_sq = _measured("local_progress_sq", t, "X^2", "(1/R) sum_r E ||x_hat_t^r - x_hat_{t_r}||^2, t_r the last synchronisation")
mean_local_step_sq = _measured("mean_local_step_sq", t, "X^2", "mean over r and j from t_r to t of E ||eta_j grad f_j||^2")
lag_less_memory_sq = _measured("lag_less_memory_sq", t, "X^2", "E ||x_hat_t - x_tilde_t - (1/R) sum_r m_t^r||^2")
f_star = _parameter("f_star", "F", "smallest value of f")
output_chance = _measured("output_chance", t, "1", "P(o = t), o the iteration that is drawn for the output")
output_gradient_sq = _measured_once("output_gradient_sq", "F^2/X^2", "E ||grad f(z_T)||^2, z_T drawn as the theorem says")
output_norm_sq = _measured_once("output_norm_sq", "X^2", "E ||z_T||^2, printed for E ||grad f(z_T)||^2")
output_gap = _measured_once("output_gap", "F", "E f(x_bar_T) - f*, x_bar_T the weighted mean of the iterates")
output_distance_sq = _measured_once("output_distance_sq", "X^2", "E ||x_bar_T - x*||^2 of the same mean iterate")

variance_term = _parameter(
    "variance_term", "F^2/X^2", "A of a recursion a' <= (1 - mu eta / 2) a - (mu eta / 2 L) e + eta^2 A + eta^3 B", nonnegative=True
)
drift_term = _parameter("drift_term", "F^3/X^4", "B of such a recursion", nonnegative=True)

# Quantities of an operator at a vector
x_sq = _measured_once("x_sq", "X^2", "||x||^2")
error_sq = _measured_once("error_sq", "X^2", "E ||x - C(x)||^2")
image_sq = _measured_once("image_sq", "X^2", "E ||C(x)||^2")
kept_sq = _measured_once("kept_sq", "X^2", "E ||Comp_k(x)||_2^2")
kept_l1_sq = _measured_once("kept_l1_sq", "X^2", "E ||Comp_k(x)||_1^2")
kept_lm_sq = _measured_once("kept_lm_sq", "X^2", "E ||Comp_k(x)||_m^2")
kept_l1_lm = _measured_once("kept_l1_lm", "X^2", "E ||Comp_k(x)||_1 ||Comp_k(x)||_m")
x_l1_sq = _measured_once("x_l1_sq", "X^2", "||x||_1^2")
error_budget = _measured_once("error_budget", "X^2", "E (1 - gamma(C(x))) ||x||^2, for a coefficient that depends on the draw")
bias_sq = _measured_once("bias_sq", "X^2", "||E C(x) - x||^2")

# Bits
bits = _parameter("bits", "B", "bits a worker sends in one round", nonnegative=True)

# Parts of proofs and counts that section 1, 2 and 5 speak of
mixing = _parameter("mixing", "1", "lambda of Jensen's inequality, in [0, 1]", nonnegative=True)
inner = _measured_once("inner", "X^2", "E <x, C(x)>", nonnegative=False)
rand_sq = _measured_once("rand_sq", "X^2", "E ||Rand_k(x)||_2^2")
rand_l1 = _measured_once("rand_l1", "X", "E ||Rand_k(x)||_1")
rand_l1_sq = _measured_once("rand_l1_sq", "X^2", "E ||Rand_k(x)||_1^2")
x_l1 = _measured_once("x_l1", "X", "||x||_1")
kept_l1 = _measured_once("kept_l1", "X", "||Top_k(x)||_1")
least_kept = _measured_once("least_kept", "X", "magnitude of the smallest entry that Top_k keeps")
width_sq = _measured_once("width_sq", "X^2", "(max_i x_i - min_i x_i)^2")
piece_gammas = tuple(_parameter(f"gamma_{j}", "1", f"contraction coefficient on piece {j}", positive=True) for j in (1, 2))
piece_sq = tuple(_measured_once(f"piece_{j}_sq", "X^2", f"||x_{j}||^2 of piece {j}") for j in (1, 2))
piece_error_sq = tuple(_measured_once(f"piece_{j}_error_sq", "X^2", f"E ||x_{j} - C_{j}(x_{j})||^2") for j in (1, 2))
piece_k = _count("piece_k", "kept coordinates of one piece")
message_bits = _count("message_bits", "bits of one message, the number that section 5.1 counts")
location_bits = _parameter("location_bits", "1", "bits to say where a kept entry stands", integer=True, nonnegative=True)
entry_bits = _parameter("entry_bits", "1", "bits of the value of a kept entry", integer=True, nonnegative=True)
header_bits = _parameter("header_bits", "1", "bits of what is sent once a message", integer=True, nonnegative=True)
class_weights = tuple(_parameter(f"class_{j}", "1", f"exp(<x_{j}, a>) of class {j}", positive=True) for j in (1, 2))
class_biases = tuple(_parameter(f"bias_{j}", "1", f"exp(z^({j})) of class {j}", positive=True) for j in (1, 2))
resnet34_parameters = _count("resnet34_parameters", "number of parameters of ResNet-34 for 10 classes")
resnet50_parameters = _count("resnet50_parameters", "number of parameters of ResNet-50")
resnet50_kept = _count("resnet50_kept", "sum over the tensors of ResNet-50 of min(d_t, 1000)")
resnet152_parameters = _count("resnet152_parameters", "number of parameters of ResNet-152")

# Algorithm 2 of Qsparse-local-SGD: t_r is the last synchronisation of worker r up to t, t'_0 the earliest of them (t_i here)
t_j = _parameter("t_j", "1", "an iteration j from t'_0 to t", integer=True, nonnegative=True)
from_oldest_sq = _measured("from_oldest_sq", t, "X^2", "(1/R) sum_r E ||x_hat_t^r - master_{t'_0}||^2")
synced_apart_sq = _measured("synced_apart_sq", t, "X^2", "E ||x_hat_{t_r}^r - master_{t'_0}||^2, the largest over workers")
mean_synced_apart_sq = _measured("mean_synced_apart_sq", t, "X^2", "(1/R) sum_r E ||x_hat_{t_r}^r - master_{t'_0}||^2")
master_moved_sq = _measured("master_moved_sq", t, "X^2", "E ||master_t - master_{t'_0}||^2")
others_apart_sq = _measured(
    "others_apart_sq", t, "X^2", "E ||(1/R) sum of x_hat_{t_r}^r - master_{t'_0} over all workers but the latest to synchronise||^2"
)
master_apart_sq = _measured("master_apart_sq", t, "X^2", "E ||master_i - master_{t'_0}||^2, the largest over i = t'_0, ..., t")
senders_memory_sq = _measured("senders_memory_sq", t, "X^2", "E ||(1/R) sum of m_{t'_0}^s over those that sent from t'_0 to that i||^2")
senders_left_sq = _measured("senders_left_sq", t, "X^2", "E ||(1/R) sum of m_i^s over the same||^2")
senders_before_sq = _measured(
    "senders_before_sq", t, "X^2", "E ||(1/R) sum of eta_j grad f_j^s over the same and j < t'_0 from the last synchronisation of s||^2"
)
senders_since_sq = _measured(
    "senders_since_sq", t, "X^2", "E ||(1/R) sum of eta_j grad f_j^s over the same from j = t'_0 to their last synchronisation by i||^2"
)
mean_senders_step_sq = _measured("mean_senders_step_sq", t, "X^2", "senders_since_sq of one iteration, the mean over j = t'_0, ..., t-1")
master_lag_sq = _measured("master_lag_sq", t, "X^2", "E ||master_t - (1/R) sum_r x_tilde_{t_r}^r||^2")
master_less_memory_sq = _measured("master_less_memory_sq", t, "X^2", "E ||master_t - (1/R) sum_r x_tilde_{t_r}^r - (1/R) sum_r m_t^r||^2")
master_less_messages_sq = _measured(
    "master_less_messages_sq", t, "X^2", "E ||master_t - master_{t'_0} + (1/R) sum of the messages from t'_0 to t-1||^2"
)
sent_sq = _measured("sent_sq", t, "X^2", "E ||g_t^r||^2 of a message, 0 where nothing is sent, the largest over workers")
sent_input_sq = _measured("sent_input_sq", t, "X^2", "E ||m_t^r + x_t^r - x_hat_{t+1/2}^r||^2 of a sender, the largest over workers")
sent_left_sq = _measured("sent_left_sq", t, "X^2", "E ||what is left of the input of such a message||^2, the largest over the workers")
sent_progress_sq = _measured("sent_progress_sq", t, "X^2", "E ||x_t^r - x_hat_{t+1/2}^r||^2 of a sender, the largest over workers")
recent_sent_sq = _measured("recent_sent_sq", t, "X^2", "the largest sent_sq from t'_0 to t")
recent_progress_sq = _measured("recent_progress_sq", t, "X^2", "the largest sent_progress_sq from t'_0 to t")
message_total_sq = _measured(
    "message_total_sq",
    t,
    "X^2",
    "(t_r - t'_0) / R times the sum over workers s and j = t'_0, ..., t_r of E ||g_j^s||^2, the largest over r",
)
own_total_sq = _measured("own_total_sq", t, "X^2", "(1/R) sum_r (t_r - t'_0) times the sum over j = t'_0, ..., t_r of E ||g_j^r||^2")
stale_anchor_sq = _measured("stale_anchor_sq", t, "X^2", "E ||x_j^r - x_hat_{t'_0}^r||^2, the largest over j = t'_0, ..., t_r - 1 and r")
own_anchor_sq = _measured("own_anchor_sq", t, "X^2", "E ||x_t^r - x_hat^r at its own last synchronisation up to t||^2, the largest over r")
stale_progress = _measured(
    "stale_progress", t, "X^2", "largest difference of E ||x_j^r - x_hat_{j+1/2}^r||^2 and E ||sum of its steps from t'_0 to j||^2, j < t"
)
earlier_memory_sq = _measured("earlier_memory_sq", t, "X^2", "(1/R) sum_r E ||(1/R) sum_s m_{t_r}^s||^2")
mean_earlier_memory_sq = _measured("mean_earlier_memory_sq", t, "X^2", "E ||(1/R^2) sum_{r, s} m_{t_r}^s||^2")
unsent_before_sq = _measured(
    "unsent_before_sq",
    t,
    "X^2",
    "(1/R) sum_r E ||(1/R) sum_s sum of eta_j grad f_j^s over j < t'_0 from the last synchronisation of s up to t_r||^2",
)
since_oldest_sq = _measured(
    "since_oldest_sq",
    t,
    "X^2",
    "(1/R) sum_r E ||(1/R) sum_s sum of eta_j grad f_j^s over j = t'_0, ..., t-1 from the last synchronisation of s up to t_r, "
    "less that of eta_j grad f_j^r over j = t_r, ..., t-1||^2",
)
mean_oldest_step_sq = _measured("mean_oldest_step_sq", t, "X^2", "since_oldest_sq of one iteration, the mean over j = t'_0, ..., t-1")
unsent_since = _measured(
    "unsent_since",
    t,
    "X^2",
    "(1/R) sum_r E <., .> of the two vectors of worker r in unsent_before_sq and since_oldest_sq",
    nonnegative=False,
)
mean_unsent_since = _measured(
    "mean_unsent_since",
    t,
    "X^2",
    "unsent_since of two iterations, one before t'_0 and one since, the mean over all pairs of which it is the sum",
    nonnegative=False,
)
awaited_sq = _measured(
    "awaited_sq", t, "X^2", "E ||(1/R^2) sum over t_r < t_s of eta_j grad f_j^s from the last synchronisation of s up to t_r, to t_r||^2"
)
overtaken_sq = _measured("overtaken_sq", t, "X^2", "E ||(1/R^2) sum over t_r < t_s of eta_j grad f_j^s over j = t_r, ..., t_s - 1||^2")
mean_overtaken_step_sq = _measured("mean_overtaken_step_sq", t, "X^2", "overtaken_sq of one iteration, the mean over j = t'_0, ..., t-1")
largest_progress_sq = _measured("largest_progress_sq", t, "X^2", "E ||x_hat_t^r - x_hat_{t_r}||^2, the largest over the workers r")
mean_largest_step_sq = _measured("mean_largest_step_sq", t, "X^2", "mean over j = t_r, ..., t-1 of E ||eta_j grad f_j^r||^2 of that worker")

# dist-EF-SGD: error feedback at the workers and at the server. Its errors e, e~ and inputs p are gradients in kind, F/X.
momentum = _parameter("beta", "1", "momentum coefficient", nonnegative=True)
momentum_room = _parameter("momentum_room", "1", "1 - beta, in (0, 1]", positive=True)
sigma = _parameter("sigma", "F/X", "bound on the deviation of any stochastic gradient, square root of its second moment", nonnegative=True)
omega = _parameter("omega", "F/X", "bound on the norm of grad F", nonnegative=True)
blocks = _count("blocks", "number of blocks")
block_size = _count("block_size", "coordinates of the largest block")
block_coefficient = _parameter("block_coefficient", "1", "phi(v): the least ||v_b||_1^2 / (d_b ||v_b||_2^2) over blocks", nonnegative=True)
peak_eta = _measured("peak_eta", t, "X^2/F", "largest step size up to iteration t")
worker_error_sq = _measured("worker_error_sq", t, "F^2/X^2", "(1/R) sum_r E ||e_t^r||^2")
mean_error_sq = _measured("mean_error_sq", t, "F^2/X^2", "E ||(1/R) sum_r e_t^r||^2")
server_error_sq = _measured("server_error_sq", t, "F^2/X^2", "E ||e~_t||^2")
two_way_error_sq = _measured("two_way_error_sq", t, "F^2/X^2", "E ||e~_t + (1/R) sum_r e_t^r||^2")
drive_sq = _measured("drive_sq", t, "F^2/X^2", "E ||beta m_t^r + g_t^r||^2, the largest over workers")
mean_drive_sq = _measured("mean_drive_sq", t, "F^2/X^2", "(1/R) sum_r E ||beta m_t^r + g_t^r||^2")
worker_input_sq = _measured("worker_input_sq", t, "F^2/X^2", "(1/R) sum_r E ||p_t^r||^2, p what a worker compresses")
mean_input_sq = _measured("mean_input_sq", t, "F^2/X^2", "E ||(1/R) sum_r p_t^r||^2")
mean_message_sq = _measured("mean_message_sq", t, "F^2/X^2", "E ||(1/R) sum_r Delta_t^r||^2, Delta what a worker sends")
server_input_sq = _measured("server_input_sq", t, "F^2/X^2", "E ||p~_t||^2, what the server compresses")
momentum_sq = _measured("momentum_sq", t, "F^2/X^2", "E ||(1/R) sum_r m_{t-1}^r||^2")
batch_gradient_sq = _measured("batch_gradient_sq", t, "F^2/X^2", "E ||(1/R) sum_r g_t^r||^2")
virtual_step_less_sq = _measured("virtual_step_less_sq", t, "X^2", "E ||x~_{t+1} - (x~_t - eta_t (1/R) sum_r (beta m_t^r + g_t^r))||^2")
averaged_step_less_sq = _measured("averaged_step_less_sq", t, "X^2", "E ||z_{t+1} - (z_t - eta / (1 - beta) (1/R) sum_r g_t^r)||^2")
virtual_move_sq = _measured("virtual_move_sq", t, "X^2", "E ||x~_{t+1} - x~_t||^2")
averaged_move_sq = _measured("averaged_move_sq", t, "X^2", "E ||z_{t+1} - z_t||^2")
averaged_lag_sq = _measured("averaged_lag_sq", t, "X^2", "E ||x_t - z_t||^2, z = x~ - eta beta^2 / (1 - beta) (1/R) sum_r m_{t-1}^r")
averaged_virtual_sq = _measured("averaged_virtual_sq", t, "X^2", "E ||x~_t - z_t||^2")
averaged_loss = _measured("averaged_loss", t, "F", "E F(z_t)", nonnegative=False)
iterate_loss = _measured("iterate_loss", t, "F", "E F(x_t)", nonnegative=False)
virtual_gradient_lag_sq = _measured("virtual_gradient_lag_sq", t, "F^2/X^2", "E ||grad F(x_t) - grad F(x~_t)||^2")
averaged_gradient_lag_sq = _measured("averaged_gradient_lag_sq", t, "F^2/X^2", "E ||grad F(x_t) - grad F(z_t)||^2")
ef_distance_sq = _measured("ef_distance_sq", t, "X^2", "E ||x_t - x_t of EF-SGD||^2 on the same gradients, steps and compressor")
sgd_distance_sq = _measured("sgd_distance_sq", t, "X^2", "E ||x_t - x_t of full-precision SGD||^2 on the same gradients and steps")
decay_less_sq = _measured(
    "decay_less_sq", t, "F^2/X^2", "E ||m_t of g + lambda x less m_t of g less m~_t||^2, m~ the momentum of weight decay"
)
virtual_less_sq = _measured("virtual_less_sq", t, "X^2", "E ||x~_t - (x_0 - sum over s < t of eta_s (1/R) sum_r (beta m_s^r + g_s^r))||^2")
accuracy = _parameter("accuracy", "F/X", "bound asked for on the root of the mean squared gradient", positive=True)
block_ratio = _parameter("block_ratio", "1", "magnitude of a block over that of the next", positive=True)
discounted_batch_gradient_sq = _measured(
    "discounted_batch_gradient_sq", t, "F^2/X^2", "sum over k < t of beta^(t-1-k) E ||(1/M) sum_i g_{k,i}||^2"
)
discounted_gradient_sq = _measured("discounted_gradient_sq", t, "F^2/X^2", "sum over k < t of beta^(t-1-k) E ||grad F(x_k)||^2")
discounted_batch_noise_sq = _measured(
    "discounted_batch_noise_sq", t, "F^2/X^2", "sum over k < t of beta^(t-1-k) E ||(1/M) sum_i g_{k,i} - grad F(x_k)||^2"
)
discounted_own_sq = _measured(
    "discounted_own_sq", t, "F^2/X^2", "E ||g_t^r||^2 + sum over k <= t of beta^(t-k+1) E ||g_k^r||^2, the largest over workers"
)
discounted_late_sq = _measured(
    "discounted_late_sq", t, "F^2/X^2", "E ||g_t^r||^2 + sum over 1 <= k <= t of beta^(t-k+1) E ||g_k^r||^2, the largest over workers"
)
plain_input_sq = _measured("plain_input_sq", t, "F^2/X^2", "(1/R) sum_r E ||e_t^r + beta m_t^r + g_t^r||^2, whatever the steps")
plain_server_input_sq = _measured("plain_server_input_sq", t, "F^2/X^2", "E ||(1/R) sum_r Delta_t^r + e~_t||^2, whatever the steps")
zero_chance = _measured_once("zero_chance", "1", "chance that an entry of a stochastic gradient is zero")
virtual_inner = _measured("virtual_inner", t, "F^2/X^2", "E <grad F(x~_t), grad F(x_t)>", nonnegative=False)
averaged_inner = _measured("averaged_inner", t, "F^2/X^2", "E <grad F(z_t), grad F(x_t)>", nonnegative=False)

# M-DSGD: momentum g~ and memory u~ are sums over workers of gradients in kind, F/X; z is the transformed iterate (13)
U = _parameter("U", "F/X", "bound on the summed memory u~_t, square root of its second moment", nonnegative=True)
distance_bound = _parameter(
    "distance_bound", "X", "bound on z_t - x* (of a stage: on w_t - x*), square root of its second moment", nonnegative=True
)
alpha = _parameter("alpha", "1", "exponent of a decaying step size", positive=True)
step_numerator = _parameter("step_numerator", "X^2/F", "numerator of the step sizes of strategies 1 and 2", positive=True)
weak_convexity = _parameter("weak_convexity", "F/X^2", "c: f + c/2 ||x||^2 is convex", nonnegative=True)
envelope = _parameter("envelope", "X^2/F", "parameter of the Moreau envelope and of F_{s, gamma}", positive=True)
stages = _count("stages", "number of stages")
lag_factor = _parameter("lag_factor", "F^2/X^2", "least A with E ||z_t - w_t||^2 <= A gamma_t^2 for every t", nonnegative=True)
turn_factor = _parameter("turn_factor", "F/X^2", "least delta with |eta_t - eta_{t+1}| <= delta gamma_t^2 for every t", nonnegative=True)
largest_turn = _parameter("largest_turn", "X^2/F", "Q: the largest delta gamma_t^2", nonnegative=True)
rho_t = _keep(
    "rho_t", sp.Function("rho_t", real=True)(t), "X^2/F", "weight of g~_t in z_{t+1}, from the recursion of Lemma 6 or a strategy"
)
gamma_t = _keep("gamma_t", sp.Function("gamma_t", real=True)(t), "X^2/F", "step of the transformed iterate, eta_t - rho_t")
total_memory_sq = _measured("total_memory_sq", t, "F^2/X^2", "E ||u~_t||^2, u~ the sum over workers")
worker_memory_sq = _measured("worker_memory_sq", t, "F^2/X^2", "sum_k E ||u_{t,k}||^2")
total_momentum_sq = _measured("total_momentum_sq", t, "F^2/X^2", "E ||g~_t||^2, g~ the sum over workers")
transformed_lag_sq = _measured("transformed_lag_sq", t, "X^2", "E ||z_t - w_t||^2")
transformed_distance_sq = _measured("transformed_distance_sq", t, "X^2", "E ||z_t - x*||^2")
transformation_less_sq = _measured(
    "transformation_less_sq", t, "X^2", "E ||z_{t+1} - (z_t - (eta_t - rho_t) grad f + (eta_t - eta_{t+1}) u~_{t+1})||^2"
)
elimination_less_sq = _measured("elimination_less_sq", t, "X^2", "E ||w_{t+1} - eta_t u~_{t+1} - (w_t - eta_t (g~_t + u~_t))||^2")
recursion_less = _measured("recursion_less", t, "X^2/F", "beta rho_t - beta eta_t - rho_{t-1}; free at t = 0", nonnegative=False)
iterate_distance_sq = _measured("iterate_distance_sq", t, "X^2", "E ||w_t - x*||^2")
stage_loss_gap = _measured("stage_loss_gap", i, "F", "E F(w~_i) - F*, at the start of stage i")
stage_gradient_sq = _measured("stage_gradient_sq", i, "F^2/X^2", "largest E ||stochastic gradient of F_{i, gamma}||^2 within stage i")
stage_eta = _measured("stage_eta", i, "X^2/F", "step size of stage i")
stage_horizon = _measured("stage_horizon", i, "1", "iterations of stage i")
envelope_gradient_sq = _measured("envelope_gradient_sq", i, "F^2/X^2", "E ||grad F_gamma(w~_i)||^2 of the Moreau envelope")
alpha_t = _keep("alpha_t", sp.Function("alpha_t", real=True, nonnegative=True)(t), "X^2/F", "weight of the error e_t in (10)")
direction_bound = _parameter("direction_bound", "F/X", "D: bound on d_t of (10), square root of its second moment", positive=True)
error_bound = _parameter("error_bound", "F/X", "E: bound on e_t of (10), square root of its second moment", positive=True)
worker_momentum_sq = _measured("worker_momentum_sq", t, "F^2/X^2", "sum_k E ||g_{t,k}||^2")
masked_input_sq = _measured("masked_input_sq", t, "F^2/X^2", "sum_k E ||g_{t,k} + u_{t,k}||^2, what the masks are applied to")
stage_potential = _measured("stage_potential", i, "F", "i times (E F(w~_i) - F*)")
stage_bound = _parameter("stage_bound", "F/X", "G^ of Theorem 12: bound on stochastic gradients of F_{s, gamma}", positive=True)
stage_constant = _parameter("stage_constant", "F^2/X^2", "C^ of Theorem 12, the constant of Lemma 11 for G^", positive=True)
rescaled_memory_less_sq = _measured("rescaled_memory_less_sq", t, "F^2/X^2", "sum_k E ||v_{t,k} - u_{t,k} / eta_t||^2 of (3)")
mem_sgd_less_sq = _measured(
    "mem_sgd_less_sq", t, "X^2", "sum_k E ||u^_{t,k} - eta u_{t,k}||^2, u^ the memory that holds the step size (beta = 0)"
)
rescaled_total_memory_sq = _measured("rescaled_total_memory_sq", t, "F^2/X^2", "E ||sum_k v_{t,k}||^2 of (3)")
masking_distance_sq = _measured("masking_distance_sq", t, "X^2", "E ||w_t - w_t under momentum factor masking||^2 on the same draws")
rescaled_transformation_less_sq = _measured(
    "rescaled_transformation_less_sq", t, "X^2", "E ||z_{t+1} - (z_t - eta_t grad f)||^2 with z_t = w_t - eta_t sum_k v_{t,k}"
)

# Local SGD: one f for all workers, nothing is compressed, so that x_hat and x_tilde are the mean of the local iterates
stretch_second_moment = _measured(
    "stretch_second_moment", t, "F^2/X^2", "(1/R) sum over r and over h from t_r to t - 1 of E ||grad f_{i_h}(x_h^r)||^2"
)
factor = _parameter("factor", "1", "a factor that grows without bound, as slowly as one likes", positive=True)
drop = _parameter("drop", "1", "A of a recursion a' <= (1 - mu eta) a - eta e A + eta^2 B + eta^3 C", positive=True)
loss_weight = _parameter("loss_weight", "1", "a of a (f(x) - f*) + b ||x - x*||^2", nonnegative=True)
distance_weight = _parameter("distance_weight", "F/X^2", "b of a (f(x) - f*) + b ||x - x*||^2", nonnegative=True)

# QPRSGD: N = `rounds` rounds of K = `gap` local steps. t counts rounds from 0 (the paper's n is t + 1), i all N K local iterations from 0.
# X_t holds the iterates x~_t^m of M = `workers` workers at the start of round t, x_bar their mean; on the ring they are all the same.
rho = _parameter("rho", "1", "largest |lambda_i(W)|, i >= 2", nonnegative=True)
spread = _parameter("spread", "1", "largest |lambda_i(W) - 1|, i >= 2", nonnegative=True)
zeta = _parameter("zeta", "F/X", "heterogeneity: bound on the root of (1/M) sum_m ||grad F(x) - grad F_m(x)||^2", nonnegative=True)
rounds = _count("rounds", "number of rounds")
ring_constant = _parameter(
    "ring_constant",
    "1",
    "C_1 of Lemma 1 of QPRSGD, irrational: (1/M) e^a + ((1 + a/M)^(M-1) - 1) / a - 1, a = d / (4 s^2); qprsgd/lemma-1/c-1 has its sign",
    nonnegative=True,
)
chain_constant = _parameter(
    "chain_constant",
    "1",
    "in the place of C_1 by the improved Lemma 1 of QPRSGD: (((1 + a/M)^(M+1) - 1) M / a - 1 - M) / (2 M), a = d / (4 s^2)",
    nonnegative=True,
)
descent_share = _parameter("descent_share", "1", "epsilon of Theorem 1 of QPRSGD, in (0, 1)", positive=True)
drift_share = _parameter("drift_share", "1", "delta of Theorem 1 of QPRSGD, in (0, 1)", positive=True)
average_gradient_sq = _measured_once("average_gradient_sq", "F^2/X^2", "(1/N) sum_t E ||grad F(x_bar_t)||^2 at the starts of rounds")
average_local_gradient_sq = _measured_once("average_local_gradient_sq", "F^2/X^2", "(1/(N K)) sum_i E ||grad F(x_bar_i)||^2")
average_start_mean_gradient_sq = _measured_once(
    "average_start_mean_gradient_sq", "F^2/X^2", "(1/N) sum_t E ||(1/M) sum_m grad F_m(x~_t^m)||^2 at the starts of rounds"
)
average_mean_gradient_sq = _measured_once("average_mean_gradient_sq", "F^2/X^2", "(1/(N K)) sum_i E ||(1/M) sum_m grad F_m(x_i^m)||^2")
# One round: sums over its K local steps k
start_loss = _measured("start_loss", t, "F", "E F(x_bar_t)", nonnegative=False)
start_gradient_sq = _measured("start_gradient_sq", t, "F^2/X^2", "E ||grad F(x_bar_t)||^2")
start_mean_gradient_sq = _measured("start_mean_gradient_sq", t, "F^2/X^2", "E ||(1/M) sum_m grad F_m(x~_t^m)||^2")
round_gradient_sq = _measured("round_gradient_sq", t, "F^2/X^2", "sum_k E ||grad F(x_bar_{t;k})||^2")
round_mean_gradient_sq = _measured("round_mean_gradient_sq", t, "F^2/X^2", "sum_k E ||(1/M) sum_m grad F_m(x_{t;k}^m)||^2")
round_stochastic_sq = _measured("round_stochastic_sq", t, "F^2/X^2", "sum_k E ||G(X_{t;k}, xi_k)||_F^2, summed over workers")
round_local_gradient_sq = _measured("round_local_gradient_sq", t, "F^2/X^2", "sum_k sum_m E ||grad F_m(x_{t;k}^m)||^2")
round_deviation_sq = _measured("round_deviation_sq", t, "X^2", "sum_k (1/M) sum_m E ||x_{t;k}^m - x_bar_{t;k}||^2")
round_drift_sq = _measured("round_drift_sq", t, "X^2", "sum_k sum_m E ||x_bar_t - x_{t;k}^m||^2")
round_aligned = _measured(
    "round_aligned", t, "F^2/X^2", "sum_k E <grad F(x_bar_{t;k}), (1/M) sum_m grad F_m(x_{t;k}^m)>", nonnegative=False
)
round_summed_stochastic_sq = _measured("round_summed_stochastic_sq", t, "F^2/X^2", "sum_k E ||sum_m grad f_m(x_{t;k}^m, xi_k^m)||^2")
round_way_sq = _measured("round_way_sq", t, "X^2", "sum_k E ||x_bar_{t;k} - x_bar_t||^2")
mean_exact_progress_sq = _measured("mean_exact_progress_sq", t, "F^2/X^2", "E ||(1/M) sum_m sum_k grad F_m(x_{t;k}^m)||^2")
mean_noise_progress_sq = _measured(
    "mean_noise_progress_sq", t, "F^2/X^2", "E ||(1/M) sum_m sum_k (grad f_m - grad F_m)(x_{t;k}^m, xi_k^m)||^2"
)
round_noises_sq = _measured("round_noises_sq", t, "F^2/X^2", "sum_k sum_m E ||(grad f_m - grad F_m)(x_{t;k}^m, xi_k^m)||^2")
noise_apart_sq = _measured("noise_apart_sq", t, "F^2/X^2", "sum_k (1/M) sum_m E ||sum over j < k of noise_j^m less its mean||^2")
gradients_apart_sq = _measured(
    "gradients_apart_sq", t, "F^2/X^2", "sum_k (1/M) sum_m E ||sum over j < k of grad F_m(x_{t;j}^m) less its mean||^2"
)
weighted_apart_sq = _measured(
    "weighted_apart_sq", t, "F^2/X^2", "sum_k k times the sum over j < k of (1/M) sum_m E ||grad F_m(x_{t;j}^m) less its mean||^2"
)
weighted_deviation_sq = _measured(
    "weighted_deviation_sq", t, "X^2", "sum_k k times the sum over j < k of (1/M) sum_m E ||x_{t;j}^m - x_bar_{t;j}||^2"
)
weighted_drift_sq = _measured("weighted_drift_sq", t, "X^2", "sum_k k times the sum over j < k of (1/M) sum_m E ||x_{t;j}^m - x_bar_t||^2")
round_progress_sq = _measured("round_progress_sq", t, "F^2/X^2", "sum_m E ||sum_k grad f_m(x_{t;k}^m, xi_k^m)||^2")
mean_progress_sq = _measured("mean_progress_sq", t, "F^2/X^2", "E ||(1/M) sum_m sum_k grad f_m(x_{t;k}^m, xi_k^m)||^2")
consensus_sq = _measured("consensus_sq", t, "X^2", "sum_m E ||x_bar_t - x~_t^m||^2")
iterates_sq = _measured("iterates_sq", t, "X^2", "sum_m E ||x~_t^m||^2")
later_iterates_sq = _measured("later_iterates_sq", t, "X^2", "sum over m >= 2 of E ||x~_t^m||^2")
mixing_move_sq = _measured("mixing_move_sq", t, "X^2", "E ||X_t (W - I)||_F^2")
difference_sq = _measured("difference_sq", t, "X^2", "E ||Delta X_t||_F^2, what the workers quantise in gossip")
quantisation_noise_sq = _measured("quantisation_noise_sq", t, "X^2", "E ||C_t||_F^2, the noise of all workers' quantisers in gossip")
mean_quantisation_noise_sq = _measured("mean_quantisation_noise_sq", t, "X^2", "E ||(1/M) sum_m C_t^m||^2 in gossip")
ring_noise_sq = _measured("ring_noise_sq", t, "X^2", "E ||mean of updates as the ring quantises it - the mean itself||^2")
ring_input_sq = _measured("ring_input_sq", t, "X^2", "(1/M) sum_m E ||g_t^m||^2, the updates of the workers")
# One round of the first worker; workers are drawn alike, so a bound for each worker is one for the first
worker_progress_sq = _measured("worker_progress_sq", t, "F^2/X^2", "E ||sum_k grad f_1(x_{t;k}^1, xi_k^1)||^2")
worker_noise_progress_sq = _measured("worker_noise_progress_sq", t, "F^2/X^2", "E ||sum_k (grad f_1 - grad F_1)(x_{t;k}^1, xi_k^1)||^2")
worker_exact_progress_sq = _measured("worker_exact_progress_sq", t, "F^2/X^2", "E ||sum_k grad F_1(x_{t;k}^1)||^2")
worker_noises_sq = _measured("worker_noises_sq", t, "F^2/X^2", "sum_k E ||(grad f_1 - grad F_1)(x_{t;k}^1, xi_k^1)||^2")
worker_gradient_sq = _measured("worker_gradient_sq", t, "F^2/X^2", "sum_k E ||grad F_1(x_{t;k}^1)||^2")
worker_gradient_at_mean_sq = _measured("worker_gradient_at_mean_sq", t, "F^2/X^2", "sum_k E ||grad F_1(x_bar_{t;k})||^2")
worker_deviation_sq = _measured("worker_deviation_sq", t, "X^2", "sum_k E ||x_{t;k}^1 - x_bar_{t;k}||^2")
# One local iteration
gradient_at_mean_sq = _measured("gradient_at_mean_sq", i, "F^2/X^2", "E ||grad F(x_bar_i)||^2")
mean_local_gradient_sq = _measured("mean_local_gradient_sq", i, "F^2/X^2", "E ||(1/M) sum_m grad F_m(x_i^m)||^2")
gradients_aligned = _measured("gradients_aligned", i, "F^2/X^2", "E <grad F(x_bar_i), (1/M) sum_m grad F_m(x_i^m)>", nonnegative=False)
iterate_deviation_sq = _measured("iterate_deviation_sq", i, "X^2", "(1/M) sum_m E ||x_bar_i - x_i^m||^2")
summed_stochastic_sq = _measured("summed_stochastic_sq", i, "F^2/X^2", "E ||sum_m grad f_m(x_i^m, xi_i^m)||^2")
stochastic_sq = _measured("stochastic_sq", i, "F^2/X^2", "E ||G(X_i, xi_i)||_F^2, summed over workers")
local_gradients_sq = _measured("local_gradients_sq", i, "F^2/X^2", "sum_m E ||grad F_m(x_i^m)||^2")
noises_sq = _measured("noises_sq", i, "F^2/X^2", "sum_m E ||(grad f_m - grad F_m)(x_i^m, xi_i^m)||^2")
# Recursive quantisation of w^1, ..., w^M: Q(...Q(Q(w^1) + w^2)... + w^M), without the factor 1/M
chain_error_sq = _measured_once("chain_error_sq", "X^2", "E ||Q(...Q(Q(w^1) + w^2)... + w^M) - sum_m w^m||^2")
chain_second_sq = _measured_once("chain_second_sq", "X^2", "E ||Q(...Q(Q(w^1) + w^2)... + w^M)||^2")
chain_before_sq = _measured_once("chain_before_sq", "X^2", "the same without w^M: E ||Q(...Q(w^1)... + w^(M-1))||^2")
chain_before_sum_sq = _measured_once("chain_before_sum_sq", "X^2", "||w^1 + ... + w^(M-1)||^2")
chain_sum_sq = _measured_once("chain_sum_sq", "X^2", "||w^1 + ... + w^M||^2")
chain_inputs_sq = _measured_once("chain_inputs_sq", "X^2", "sum_m ||w^m||^2")
chain_first_sq = _measured_once("chain_first_sq", "X^2", "||w^1||^2")
chain_last_sq = _measured_once("chain_last_sq", "X^2", "||w^M||^2")
chain_partial_error_sq = _measured("chain_partial_error_sq", i, "X^2", "E ||S_i - (w^1 + ... + w^i)||^2, S_i = Q(S_(i-1) + w^i), S_0 = 0")
chain_partial_sum_sq = _measured("chain_partial_sum_sq", i, "X^2", "||w^1 + ... + w^i||^2")
chain_step_noise_sq = _measured("chain_step_noise_sq", i, "X^2", "E ||S_i - (S_(i-1) + w^i)||^2, what quantiser i adds")
growth = _parameter("growth", "1", "(1 + d / (4 s^2 M))^j, j as the proof says", positive=True)
exponential = _parameter("exponential", "1", "exp(d / (4 s^2))", positive=True)
discounted_noise_sq = _measured_once("discounted_noise_sq", "X^2", "sum over t < N of sum over h < t of rho^(2(t-h-1)) E ||C_h||_F^2")
discounted_squared_progress = _measured_once(
    "discounted_squared_progress", "F^2/X^2", "E sum over t < N of (sum over h < t of rho^(t-h-1) ||sum_k G_{h;k}||_F)^2"
)
discounted_norms_sq = _measured_once(
    "discounted_norms_sq", "F^2/X^2", "E sum over t < N of (sum over h < t and k of rho^(t-h-1) ||G_{h;k}||_F)^2"
)
round_norms_sq = _measured("round_norms_sq", t, "F^2/X^2", "E (sum_k ||G(X_{t;k}, xi_k)||_F)^2")
# Quantised vectors on the wire: zeta_i are the levels, header_bits those of the norm
nonzeros = _measured_once("nonzeros", "1", "E ||Q(v)||_0")
level_sum = _measured_once("level_sum", "1", "E sum_i zeta_i")
large_entries = _measured_once("large_entries", "1", "how many entries have |v_i| >= ||v|| / s")
small_level_sum = _measured_once("small_level_sum", "1", "the sum of s |v_i| / ||v|| over the other entries")
level_sq_sum = _measured_once("level_sq_sum", "1", "E sum_i zeta_i^2")
next_level_sq_sum = _measured_once("next_level_sq_sum", "1", "E sum_i (zeta_i + 1)^2")
code_bits = _measured_once(
    "code_bits", "1", "expected bits of Q(v): header, signs, Elias gamma codes of zeta_i + 1, 2 floor(log2) + 1 each"
)
code_bits_as_described = _measured_once("code_bits_as_described", "1", "the same with as many zeros before a code as it has digits")
code_bits_smooth = _measured_once("code_bits_smooth", "1", "the same with 2 log2(k) + 1 for the bits of the code of k")
bound = _parameter("bound", "1", "B of Lemma 13: at most what the powers of all numbers add up to", positive=True)
# Any X and W, and sequences a_e = sum_h rho^(e - h) b_h
matrix_sq = _measured_once("matrix_sq", "X^2", "||X||_F^2")
later_columns_sq = _measured_once("later_columns_sq", "X^2", "||X||_F^2 without the first column")
moved_sq = _measured_once("moved_sq", "X^2", "||X (W - I)||_F^2")
mixed_deviation_sq = _measured("mixed_deviation_sq", t, "X^2", "sum_m ||X W^t e_m - X 1/M||^2")
discounted_sum = _measured_once("discounted_sum", "1", "sum of a_e up to k")
discounted_sq_sum = _measured_once("discounted_sq_sum", "1", "sum of a_e^2 up to k")
sequence_sum = _measured_once("sequence_sum", "1", "sum of b_e up to k")
sequence_sq_sum = _measured_once("sequence_sq_sum", "1", "sum of b_e^2 up to k")

# The nearest neighbour: EF and EF21 of one worker, compression that leaves at most s = residual of a norm
residual = _parameter("residual", "1", "s = sqrt(1 - delta): what compression leaves of a norm, at most", positive=True)
root = _parameter("root", "1", "q: positive root of q^2 = t q + s, what a step multiplies a norm by", positive=True)
lower_root = _parameter("lower_root", "1", "the same for a smaller t", positive=True)
turn = _parameter("turn", "1", "t: largest |1 - s - (1 + s) eta c| over curvatures c in {mu, L}", nonnegative=True)
eigenvalue = _parameter("eigenvalue", "1", "q or -q")

S_T = sp.Sum((a + t) ** 2, (t, 0, T - 1))
"""Sum of the weights w_t = (a + t)^2 over t = 0, ..., T - 1 (Theorem 2)."""

P_T = sp.Sum(eta_t / 4, (t, 0, T - 1))
"""Sum over t and r of delta_t = eta_t / (4 R) (Theorem 5)."""

UNITS = {quantity.symbol: quantity.unit for quantity in QUANTITIES.values()}
