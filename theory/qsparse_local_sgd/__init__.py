"""What Qsparse-local-SGD (Basu 2019) claims, in the order of the paper."""

from theory.claim import Claim
from theory.qsparse_local_sgd import (
    asynchronous,
    asynchronous_proofs,
    asynchronous_words,
    communication,
    convergence_proofs,
    operators,
    preliminaries,
    synchronous,
)

CLAIMS: tuple[Claim, ...] = (
    *preliminaries.STATEMENTS,
    *operators.STATEMENTS,
    *synchronous.CLAIMS,
    *asynchronous.CLAIMS,
    *communication.CLAIMS,
    *preliminaries.PROOFS,
    *operators.PROOFS,
    *convergence_proofs.APPENDIX_C,
    *asynchronous_proofs.CLAIMS,
    *asynchronous_words.CLAIMS,
    *convergence_proofs.APPENDIX_E_1,
    *asynchronous_proofs.THEOREM,
    *convergence_proofs.APPENDIX_E_3,
)
