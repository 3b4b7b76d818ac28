"""What Local SGD (Stich 2018) claims, in the order of the paper."""

from theory.claim import Claim
from theory.local_sgd import proofs, statements

CLAIMS: tuple[Claim, ...] = (*statements.CLAIMS, *proofs.CLAIMS)
