"""What Qsparse-local-SGD (Basu 2019) claims, in the order of the paper."""

from theory.claim import Claim
from theory.qsparse_local_sgd import communication, convergence_proofs, operators, preliminaries, synchronous

CLAIMS: tuple[Claim, ...] = (
    *preliminaries.STATEMENTS,
    *operators.STATEMENTS,
    *synchronous.CLAIMS,
    *communication.CLAIMS,
    *preliminaries.PROOFS,
    *operators.PROOFS,
    *convergence_proofs.CLAIMS,
)
