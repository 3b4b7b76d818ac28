"""What dist-EF-SGD (Zheng, Huang, Kwok 2019) claims, in the order of the paper."""

from theory.claim import Claim
from theory.dist_ef_sgd import convergence, experiments, momentum

CLAIMS: tuple[Claim, ...] = (
    *convergence.INTRODUCTION,
    *momentum.INTRODUCTION,
    *convergence.STATEMENTS,
    *experiments.BLOCKS,
    *momentum.STATEMENTS,
    *experiments.EXPERIMENTS,
    *convergence.PROOFS,
    *experiments.PROOFS,
    *momentum.PROOFS,
)
