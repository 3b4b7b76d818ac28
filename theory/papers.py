"""The papers whose claims are stated, the nearest neighbour beside them, and how to get at them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module

from theory import PAPERS
from theory.claim import Claim
from theory.rules import Cite


@cache
def claims(paper: str | None = None) -> tuple[Claim, ...]:
    """Every claim of a paper, or of all, in paper order. What repeats a claim that is improved is improved with it.

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
    by_id = dict(zip(ids, found, strict=True))
    return tuple(_improved_with(claim, by_id[claim.restates]) if claim.restates in by_id else claim for claim in found)


def _improved_with(claim: Claim, original: Claim) -> Claim:
    better, own, first = original.improvement, *({reading.relation for reading in each.readings} for each in (claim, original))
    if better is None or claim.improvement is not None or not own & first:
        return claim
    return replace(claim, improvement=replace(better, follows=Cite(original.id, improved=True), facts=(), rate=None))
