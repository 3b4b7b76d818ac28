"""Every claim of QPRSGD: the ring, gossip, displays without a number, their lines, elementary facts, running text, experiments and bits."""

from __future__ import annotations

from theory.qprsgd.display_lines import CLAIMS as LINE_CLAIMS
from theory.qprsgd.displays import CLAIMS as DISPLAY_CLAIMS
from theory.qprsgd.elementary import CLAIMS as ELEMENTARY_CLAIMS
from theory.qprsgd.experiments import CLAIMS as EXPERIMENT_CLAIMS
from theory.qprsgd.gossip import CLAIMS as GOSSIP_CLAIMS
from theory.qprsgd.in_text import CLAIMS as TEXT_CLAIMS
from theory.qprsgd.ring import CLAIMS as RING_CLAIMS

CLAIMS = (*RING_CLAIMS, *GOSSIP_CLAIMS, *DISPLAY_CLAIMS, *LINE_CLAIMS, *ELEMENTARY_CLAIMS, *TEXT_CLAIMS, *EXPERIMENT_CLAIMS)
