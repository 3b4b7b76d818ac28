"""The schemes that Qsparse-local-SGD compares (sections 5.3, 5.4), as data: each is Algorithm 1 with an operator and a gap.

With the identity the memory stays empty, so SGD and local SGD are special cases; TopK-SGD and EF-SIGNSGD are Algorithm 1 at gap 1.
"""

from __future__ import annotations

from typing import NamedTuple

from reference.operators import Operator, identity, scaled_sign, sign_comp, top_k

GAPS = (1, 4, 8, 16)
"""The synchronisation periods H of Figure 5.2."""


class Scheme(NamedTuple):
    """What compresses an update, and the longest stretch of iterations between synchronisations."""

    operator: Operator
    gap: int


def schemes(k: int, gaps: tuple[int, ...] = GAPS) -> dict[str, Scheme]:
    """The schemes by name, with k kept entries; local SGD and SignTopK once for each gap."""
    sign_top_k = sign_comp(top_k(k), 1)
    return {
        "SGD": Scheme(identity(), 1),
        **{f"local SGD, H = {gap}": Scheme(identity(), gap) for gap in gaps if gap > 1},
        "EF-SIGNSGD": Scheme(scaled_sign(), 1),
        "TopK-SGD": Scheme(top_k(k), 1),
        **{f"SignTopK, H = {gap}": Scheme(sign_top_k, gap) for gap in gaps},
    }
