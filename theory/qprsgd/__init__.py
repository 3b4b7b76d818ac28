"""Every claim of QPRSGD, in the order of the sections whose proofs follow them."""

from __future__ import annotations

from theory.qprsgd.ring import CLAIMS as RING_CLAIMS

CLAIMS = RING_CLAIMS
