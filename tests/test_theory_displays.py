"""Nothing displayed in the proofs of Qsparse-local-SGD is passed over: each line of a display is printed with a claim."""

import os
import re
from pathlib import Path

import pytest

from theory.papers import claims

SECTIONS = (("APPENDIX A\n", "APPENDIX D\n"), ("E.1 Synchronous\n", "E.2 Asynchronous\n"), ("E.3 Proof of Theorem 5\n", "REFERENCES\n"))
PASSED_OVER = {  # lines without a claim of their own, and why
    r"SignComp_k(\mathbf{x})}{k}-\mathbf{x}\|_2^2": "the left side of the chain that ends in (B.7)",
    r"(\mathbf{x}_{t_r}-\frac{1}{R}\sum_{r=1}^Rg_{t_r}^{(r)}-(\widetilde{\mathbf{x}}_{t'_r+1}^{(r)}-(": "(C.8), with x_(t'_r + 1) put in",
    r"m_{t_{(i+1)}-1}^{(r)}+\mathbf{x}_{t_{(i+1)}-1}-\widehat{\mathbf{x}}_{t_{(i+1)}-\frac{1}{2}}^{(r)}-g": "line 10 of Algorithm 1",
    r"\mathbf{x}_{t_{(1)}-1}-\widehat{\mathbf{x}}_{t_{(1)}-\frac{1}{2}}-g": "line 10 of Algorithm 1",
}
_LAYOUT = re.compile(
    r"\s|\\left(?![a-z])|\\right(?![a-z])|\\(?:begin|end)\{aligned\}|&|\\quad|\\qquad|\\square|\\tag\{[^}]*\}"
    r"|\(\\text\{(?:Using|By)[^}]*\}[^)]*(?:\(\\mathbf\{x\}\))?\)"  # a reason beside the line
)
_NUMBER = re.compile(r"\((?:\\text\{)?[A-E]\.\d+\}?\)")
_SIGN = re.compile(r"\\stackrel\{(?:\\text\{)?\(.\)\}*\{(?:\\leq|\\geq|=)\}|\\leq|\\geq|=|>|<")


@pytest.fixture(scope="module")
def paper():
    path = Path(os.environ.get("TIGHTROPE_PAPERS", "")) / "qsparse_local_sgd.txt"
    if not path.is_file():
        pytest.skip("the papers are not at hand: set TIGHTROPE_PAPERS to the folder that holds qsparse_local_sgd.txt")
    return path.read_text(encoding="utf-8")


def plain(latex):
    """Without white space, sizes of brackets, alignment, numbers and closing punctuation."""
    return _NUMBER.sub("", _LAYOUT.sub("", latex)).replace(r"\\", "").rstrip(".,;")


def lines(paper):
    """Every line of every display of the sections."""
    for first, last in SECTIONS:
        start = paper.rindex(first)
        for display in re.findall(r"\$\$(.*?)\$\$", paper[start : paper.index(last, start)], re.DOTALL):
            if "cases" not in display:  # gamma_m of Lemma 3 again, whose cases are claims of section 2.3
                yield from filter(None, map(plain, re.split(r"\\\\", display)))


def links(line):
    """What stands right of each sign of relation that is in no braces: the links of a chain; all of it where there is none."""
    cuts, depth, at = [], 0, 0
    while at < len(line):
        sign = _SIGN.match(line, at) if depth == 0 else None
        if sign:
            cuts.append(sign.span())
        depth += (line[at] == "{") - (line[at] == "}") if not sign else 0
        at = sign.end() if sign else at + 1
    ends = [start for start, _ in cuts[1:]] + [len(line)]
    return [line[start:end] for (_, start), end in zip(cuts, ends, strict=True)] if cuts else [line]


def unprinted(paper, printed):
    """Links of displays that no printed formula of a claim holds."""
    whole = [plain(latex) for claim in printed for latex in claim.latex]
    found = [link for line in lines(paper) for link in links(line) if not any(link in formula for formula in whole)]
    return [link for link in found if not any(part in link for part in PASSED_OVER)]


def test_every_line_of_a_display_is_printed_with_a_claim(paper):
    assert unprinted(paper, claims("qsparse_local_sgd")) == []


def test_every_line_passed_over_is_in_the_paper(paper):
    text = plain(paper)
    assert [part for part in PASSED_OVER if part not in text] == []


@pytest.mark.parametrize("lost", ["eq-C.3/line-2", "eq-B.7", "appendix-b.3/case-1", "eq-A.2/link-3", "eq-C.36", "eq-C.21"])
def test_a_display_that_is_forgotten_is_told(paper, lost):
    left = [claim for claim in claims("qsparse_local_sgd") if claim.id != f"qsparse_local_sgd/{lost}"]
    assert unprinted(paper, left)
