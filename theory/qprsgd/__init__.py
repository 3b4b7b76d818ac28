"""Every claim of QPRSGD, in the order of the sections whose proofs follow them."""

from __future__ import annotations

from theory.qprsgd.gossip import CLAIMS as GOSSIP_CLAIMS
from theory.qprsgd.ring import CLAIMS as RING_CLAIMS

CLAIMS = (*RING_CLAIMS, *GOSSIP_CLAIMS)
