"""Nothing that the papers display is passed over: each line of a display is printed with a claim.

Of QPRSGD each display, where the extraction broke lines, lost terms and repeats itself: part of it is printed with a claim.
"""

import os
import re
from pathlib import Path

import pytest

from theory.papers import claims

SECTIONS = {
    "qsparse_local_sgd": (
        ("CHAPTER 2\n", "CHAPTER 5\n"), ("APPENDIX A\n", "REFERENCES\n"),
    ),
    "dist_ef_sgd": (("3.1 Distributed SGD with Error-Feedback\n", "4 Experiments\n"), ("A Experimental Setup\n", None)),
    "local_sgd": (("1 Introduction\n", "References\n"), ("A Proofs\n", None)),
    "mdsgd": (("## 1. Introduction\n", None),),
}  # fmt: skip
PASSED_OVER = {  # lines without a claim of their own, and why
    "qsparse_local_sgd": {
        r"SignComp_k(\mathbf{x})}{k}-\mathbf{x}\|_2^2": "the left side of the chain that ends in (B.7)",
        r"(\mathbf{x}_{t_r}-\frac{1}{R}\sum_{r=1}^Rg_{t_r}^{(r)}-(\widetilde{\mathbf{x}}_{t'_r+1}^{(r)}-(": "(C.8), put in",
        r"m_{t_{(i+1)}-1}^{(r)}+\mathbf{x}_{t_{(i+1)}-1}-\widehat{\mathbf{x}}_{t_{(i+1)}-\frac{1}{2}}^{(r)}-g": "line 10 of Algorithm 1",
        r"\mathbf{x}_{t_{(1)}-1}-\widehat{\mathbf{x}}_{t_{(1)}-\frac{1}{2}}-g": "line 10 of Algorithm 1",
        r"\frac{\|\text{Comp}_k(\mathbf{x})\|_m\text{SignComp}_k(\mathbf{x})}{k}": "what Lemma 3 speaks of; its error is the claim",
        r"\tilde{\mathbf{x}}_{t+1}^{(r)}:": "where the virtual sequence starts; (C.23) is its step",
        r"\frac{1}{R}\sum_{r=1}^R\mathbb{E}\|\widehat{\mathbf{x}}_t^{(r)}-\bar{\mathbf{x}}_{t'_0}-(": "(D.2), one point taken off both",
        r"\mathbb{E}\|\sum_{j=t_r}^{t-1}\eta_j": "the left side of (D.3)",
    },
    "dist_ef_sgd": {
        r"\|v\|_1/d\cdot\text{sign}(v)": "the definition of the scaled sign, whose error is the claim of (1)",
        r"\mathbb{E}_t[F(\tilde{x}_{t+1})]": "the left side of a chain",
        r"\mathbb{E}_t[F(x_{t+1})]": "the left side of a chain",
        r"\mathbb{E}_t[F(z_{t+1})]": "the left side of a chain",
        r"\mathbb{E}[\|\tilde{e}_{t+1}\|_2^2]": "the left side of a chain",
        r"\frac{L\eta^2}{2(1-\mu)^2})\sum_{t=0}^{T-1}\mathbb{E}[\|\nablaF(x_t)\|_2^2]": "the left side of a chain",
        r"\frac{L^2\eta^3\mu^4}{\rho(1-\mu)^5})\mathbb{E}[\|\nablaF(x_t)\|_2^2]": "the left side of (13)",
        r"\mathbb{E}[\|\sum_{k=1}^t\mu^{t-k+1}g_{k,i}+g_{t,i}\|_2^2]": "the sum is the claim lemma-5/expansion",
        r"+\frac{4(1-\delta)^{1/3}[\frac{(1-\mu)}{\gamma}": "the last line of Appendix H, which the claim has with the line before",
    },
    "local_sgd": {},
    "mdsgd": {},
}
DISPLAYS_PASSED_OVER = {  # of QPRSGD; none begins like another
    r"X=\frac{1}{M}\mathcal{Q}_s": "what Lemma 1 bounds the error of",
    r"\DeltaX=\frac{1}{M}\mathcal{Q}_s": "what Remark 1 bounds",
    r"F_*-F(\tilde{x}_1)\le\mathbb{E}[F(\tilde{x}_{N+1})": "losses telescope: appendix-c/all-rounds",
    r"F_*-F(\tilde{x}_1)\leq\mathbb{E}[F(\tilde{x}_{N+1})": "appendix-c/all-rounds, in the sketch",
    r"X_{n;t}=X_{n;t-1}": "line 5 of Algorithm 2",
    r"1-8L^{2}\bar{\gamma}^{2}KD_{1}'D_{3}'>0and": "the condition of Lemma 3",
    r"1-12\bar{\gamma}^2L^2(K+1)(K-2)>0,1-8L^2": "the condition of Theorem 2",
    r"\mathbb{E}_{C_n}(\frac{C_n": "unbiased: Lemma 4",
    r"\mathbb{E}\|\frac{1}{M}\sum_{m=1}^{M}\sum_{k=0}^{K-1}\nablaf_m(x_{n;k}^{(m)},\xi_k^{(m)})\|_2^2\leq\frac{2K\sigma^2}{M}+2K\sum_{k=0}^{K-1}"
    r"\mathbb{E}\|\frac{\partialF(X_{n;k})\cdot1_M}{M}\|_2^2": "Lemma 11, in the sketch",
    r"\mathbb{E}(v_i')=": "a level times norm and sign: Lemma 4",
    r"\mathbb{E}[\|Q_s(v)\|_2^2]=\sum_{i=1}^d": "the left side of a chain",
    r"\mathbb{E}\|Q_{s}(Q_{s}(X)+x_{i})-(\mathbb{E}(X)+x_{i})": "appendix-b/one-more, less the norm of the mean",
    r"\sum_{m=1}^{M}\mathbb{E}\|X_n(W-I)e^{(m)}\|": "columns of a matrix; what follows is appendix-d/mixing",
    r"\sum_{m=2}^{M}\mathbb{E}\|\tilde{x}_n^{(m)}\|_2^2=\sum": "the recurrence in two parts, which Lemma 7 bounds",
    r"\sum_{m=1}^{M}\|\tilde{x}_{n}^{(m)}-\frac{X_{n}": "appendix-e/later-steps before it is collected",
    r"D'_{1}:=\frac{(2K": "D_1' and D_2' again",
    r"\frac{X_n\cdot1_M}{M}=-\sum": "appendix-d/recurrence, averaged and for one worker",
    r"\sum_{m=1}^{M}\mathbb{E}\|\frac{X_n\cdot1_M}{M}-\tilde{x}_n^{(m)}\|_2^2=\sum": "for one n: Lemma 7 has the sum",
    r"\sum_{n=1}^{N}\sum_{k=0}^{K-1}\sum_{m=1}^{M}\mathbb{E}\|\frac{X_n\cdot1_M}{M}-\tilde{X}_n": "Lemma 7, of whose proof it is the end",
    r"a_{\varepsilon}=\sum": "what Lemma 9 speaks of",
    r"\mathbb{E}[F(\frac{X_{n+1}\cdot1_{M}}{M})]-\mathbb{E}[F(\frac{X_{n}\cdot1_{M}}{M})]\leq\mathbb{E}\{": "broken; (13) is the same",
    r"\sum_{m=1}^{M}\mathbb{E}\|\frac{X_n\cdot1_M}{M}-x_{n;k}^{(m)}\|_2^2=\sum": "for one k: appendix-f.1/two-parts has the sum",
    r"\bar{\gamma}=(\sigma\sqrt{N/M}": "(14) again, its roots and primes broken",
    r"(d-|I(u)|)/s^2": "entries of at least 1 / s, whose squares add up to at most 1: at most s^2 of them, in appendix-g/surviving",
    r"E[\|Q_s(v)\|_0]\led": "a vector of d entries has no more",
    r"\mathbb{E}[|Code(Q_s(v))|]=F": "Theorem 3, which it ends in",
}
_LAYOUT = re.compile(
    r"\s|\\left(?![a-z])|\\right(?![a-z])|\\(?:begin|end)\{aligned\}|&|\\quad|\\qquad|\\square|\\tag\{[^}]*\}"
    r"|\(\\text\{(?:Using|By)[^}]*\}[^)]*(?:\(\\mathbf\{x\}\))?\)"  # a reason beside the line
    r"|\\text\{Apply[^\n]*|,\s*\\quad\s*\\forall\s*t\s*\\geq\s*0"  # so is this; for which t
)
_NUMBER = re.compile(r"\((?:\\text\{)?[A-E]\.\d+\}?\)|\((?:\d\.)?\d+\)$")
_SIGN = re.compile(r"\\stackrel\{(?:\\text\{)?\(.\)\}*\{(?:\\leq|\\geq|=)\}|\\leq|\\geq|=|>|<")


def text_of(paper):
    path = Path(os.environ.get("TIGHTROPE_PAPERS", "")) / f"{paper}.txt"
    if not path.is_file():
        pytest.skip(f"the papers are not at hand: set TIGHTROPE_PAPERS to the folder that holds {path.name}")
    return path.read_text(encoding="utf-8")


def plain(latex):
    """Without white space, sizes of brackets, alignment, numbers and closing punctuation."""
    return _NUMBER.sub("", _LAYOUT.sub("", latex)).replace(r"\\", "").rstrip(".,;")


def lines(paper):
    """Every line of every display of the sections."""
    text = text_of(paper)
    for first, last in SECTIONS[paper]:
        start = text.rindex(first)
        for display in re.findall(r"\$\$(.*?)\$\$", text[start : text.index(last, start) if last else None], re.DOTALL):
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
    return [link for link in found if not any(part in link for part in PASSED_OVER[paper])]


@pytest.mark.parametrize("paper", SECTIONS)
def test_every_line_of_a_display_is_printed_with_a_claim(paper):
    assert unprinted(paper, claims(paper)) == []


@pytest.mark.parametrize("paper", SECTIONS)
def test_every_line_passed_over_is_in_the_paper(paper):
    text = plain(text_of(paper))
    assert [part for part in PASSED_OVER[paper] if part not in text] == []


def displays(text):
    """Every display of QPRSGD; what the extraction cut, with nothing or a plus in between, is one."""
    joined = re.sub(r"\$\$\s*\+?\s*\$\$", " ", text)
    return [re.sub(r"\\(?:begin|end)\{split\}", "", plain(each)) for each in re.findall(r"\$\$(.*?)\$\$", joined, re.DOTALL)]


def undisplayed(printed):
    """Displays of QPRSGD of which no formula of a claim is part, nor the other way round."""
    formulas = [re.sub(r"\\(?:begin|end)\{split\}", "", plain(latex)).lstrip("+=") for claim in printed for latex in claim.latex]
    told = [each for each in formulas if len(each) >= SHORTEST]
    return [each for each in displays(text_of("qprsgd")) if not any(part in each or each in part for part in told)]


SHORTEST = 8
"""Characters from which a formula names its display; L > 0 stands in many."""


def test_every_display_of_qprsgd_is_printed_with_a_claim_or_passed_over():
    missing = undisplayed(claims("qprsgd"))
    assert [each for each in missing if not any(each.startswith(part) for part in DISPLAYS_PASSED_OVER)] == []
    assert [part for part in DISPLAYS_PASSED_OVER if sum(each.startswith(part) for each in missing) != 1] == []


LOST = {
    "qsparse_local_sgd": (
        "eq-C.3/line-2",
        "eq-B.7",
        "appendix-b.3/case-1",
        "eq-A.2/link-3",
        "eq-C.36",
        "eq-C.21",
        "eq-4.6",
        "lemma-9",
        "eq-D.6",
        "eq-D.16",
        "theorem-6",
    ),
    "dist_ef_sgd": ("lemma-5/line-3", "appendix-c/line-3", "appendix-e/climbing-steps/line-3", "appendix-f/line-1", "eq-12/line-2"),
    "local_sgd": ("eq-25", "eq-31", "eq-38/bound", "lemma-3.4", "definition-2.1"),
    "mdsgd": ("eq-8", "sec-3.1/factor-masking", "theorem-9", "lemma-13", "eq-16"),
}
LOST_DISPLAYS = (
    "appendix-e/later-steps",
    "appendix-d/both-sides",
    "appendix-c/round",
    "eq-14",
    "lemma-10",
    "theorem-3",
    "appendix-b/limit",
)


@pytest.mark.parametrize("lost", [f"{paper}/{label}" for paper, labels in LOST.items() for label in labels])
def test_a_display_that_is_forgotten_is_told(lost):
    paper = lost.split("/")[0]
    assert unprinted(paper, [claim for claim in claims(paper) if claim.id != lost])


@pytest.mark.parametrize("lost", LOST_DISPLAYS)
def test_a_display_of_qprsgd_that_is_forgotten_is_told(lost):
    missing = undisplayed([claim for claim in claims("qprsgd") if claim.id != f"qprsgd/{lost}"])
    assert [each for each in missing if not any(each.startswith(part) for part in DISPLAYS_PASSED_OVER)]
