"""The papers whose claims are stated, the nearest neighbour beside them, and how to get at them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from theory.claim import Claim

PAPERS = ("local_sgd", "mdsgd", "dist_ef_sgd", "qsparse_local_sgd", "qprsgd", "neighbour")
"""Module names under `theory`, in the order of the design."""


@cache
def claims(paper: str | None = None) -> tuple[Claim, ...]:
    """Every claim of a paper, or of all, in paper order.

    Raises:
        ValueError: no such paper, or two claims share an id.
    """
    if paper is not None and paper not in PAPERS:
        raise ValueError(f"paper must be one of {', '.join(PAPERS)}, got {paper!r}")
    found = tuple(claim for name in PAPERS if paper in (None, name) for claim in import_module(f"theory.{name}").CLAIMS)
    ids = [claim.id for claim in found]
    twice = {each for each in ids if ids.count(each) > 1}
    if twice:
        raise ValueError(f"claims share an id: {', '.join(sorted(twice))}")
    return found
