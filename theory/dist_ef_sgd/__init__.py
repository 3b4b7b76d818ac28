"""What dist-EF-SGD (Zheng, Huang, Kwok 2019) claims, in the order of the paper."""

from theory.claim import Claim
from theory.dist_ef_sgd import convergence

CLAIMS: tuple[Claim, ...] = (
    *convergence.INTRODUCTION,
    *convergence.STATEMENTS,
    *convergence.PROOFS,
)
