"""Nothing that the papers display is passed over: each line of a display is printed with a claim."""

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
    "qprsgd": (("III. PRELIMINARY\n", "V. EXPERIMENTS\n"), ("APPENDIX\n", "REFERENCES\n")),
}  # fmt: skip
PASSED_OVER = {  # lines without a claim of their own, and why
    "qsparse_local_sgd": {
        r"(\mathbf{x}_{t_r}-\frac{1}{R}\sum_{r=1}^Rg_{t_r}^{(r)}-(\widetilde{\mathbf{x}}_{t'_r+1}^{(r)}-(": "(C.8), put in",
        r"m_{t_{(i+1)}-1}^{(r)}+\mathbf{x}_{t_{(i+1)}-1}-\widehat{\mathbf{x}}_{t_{(i+1)}-\frac{1}{2}}^{(r)}-g": "line 10 of Algorithm 1",
        r"\mathbf{x}_{t_{(1)}-1}-\widehat{\mathbf{x}}_{t_{(1)}-\frac{1}{2}}-g": "line 10 of Algorithm 1",
        r"\frac{\|\text{Comp}_k(\mathbf{x})\|_m\text{SignComp}_k(\mathbf{x})}{k}": "what Lemma 3 speaks of; its error is the claim",
        r"\tilde{\mathbf{x}}_{t+1}^{(r)}:": "where the virtual sequence starts; (C.23) is its step",
        r"\frac{1}{R}\sum_{r=1}^R\mathbb{E}\|\widehat{\mathbf{x}}_t^{(r)}-\bar{\mathbf{x}}_{t'_0}-(": "(D.2), one point taken off both",
        r"\mathbb{E}\|\sum_{j=t_r}^{t-1}\eta_j": "the left side of (D.3)",
    },
    "dist_ef_sgd": {
        r"\mathbb{E}[\|\sum_{k=1}^t\mu^{t-k+1}g_{k,i}+g_{t,i}\|_2^2]": "the sum is the claim lemma-5/expansion",
        r"+\frac{4(1-\delta)^{1/3}[\frac{(1-\mu)}{\gamma}": "the last line of Appendix H, which the claim has with the line before",
    },
    "local_sgd": {},
    "mdsgd": {},
    "qprsgd": {
        r"\frac{1}{M}\mathcal{Q}_s(\dots\mathcal{Q}_s(\mathcal{Q}_s(\boldsymbol{w}": "what Lemma 1 and Remark 1 bound the error of",
        r"-\frac{1}{M}\sum_{m=1}^M\boldsymbol{w}^{(m)}": "what Remark 1 bounds",
        r"0and1-12": "the conditions of Lemma 3",
        r"0,D_6'": "the conditions of Theorem 2",
        r"\frac{C_{n}\cdot1_{M}}{M}\rangle": "(11), averaged: the columns of W add up to 1",
        r",\frac{\bar{\gamma}}{M}\sum_{k=0}^{K-1}\sum_{m=1}^{M}\nablaf_{m}": "(11), averaged",
        r"\|-\frac{\bar{\gamma}}{M}\sum_{k=0}^{K-1}\sum_{m=1}^{M}": "(11), averaged",
        r"\|\sum_{j=0}^{K-1}\nablaf_m(x_{n;j}^{(m)},\xi_j^{(m)})\|_2^2": "what T_1 is",
        r"-\mathbb{E}(\nablaF(\bar{x}_{n;k},": "what T_2 is",
        r"\nablaf_{m}(x_{n:j}^{(m)},\xi_{j}^{(m)})-\gamma_{n}\sum_{j=0}^{t-1}\nablaf_{m}": "line 5 of Algorithm 1, put in",
        r"+\frac{\gamma_{n}}{M}\sum_{m=1}^{M}\sum_{j=0}^{t-1}\nablaF_{m}": "mean gradients taken off and added",
        r"\mathbb{E}\|X_{n}(W-I)e^{(m)}-\gamma_{n}": "(11), put in",
        r"\mathbb{E}\|X_n(W-I)\|_F^2": "the columns of a matrix",
        r"\mathbb{E}\|-\sum_{\varepsilon=1}^{n-1}": "the recurrence of Appendix D, put in",
        r"+\sum_{\varepsilon=1}^{n-1}C_{\varepsilon}W^{n-\varepsilon-1}e^{(m)}\|_{2}^{2}": "the recurrence of Appendix D, put in",
        r"+4ML^{2}\bar{\gamma}^{2}\|\frac{1}{M}": "line 5 of Algorithm 2, averaged and added up",
        r"\|\tilde{x}_{n}^{(m)}-\bar{\gamma}\sum_{j=0}^{k-1}": "line 5 of Algorithm 2, put in",
        r"+\frac{\bar{\gamma}}{M}\sum_{j=0}^{k-1}\sum_{i=1}^{M}": "line 5 of Algorithm 2, averaged and put in",
        r"\sum_{n=1}^N\sum_{k=0}^{K-1}\sum_{m=1}^M\|x_{n;k}^{(m)}-\frac{X_{n;k}\cdot1_M}{M}\|_2^2": "what T_4 is",
        r"(1-8L^{2}\bar{\gamma}^{2}KD_{1}'D_{3}')\sum": "the left side of a chain",
        r"\cdot\frac{1_M}{M}+\sum_{\varepsilon=1}^{n-1}C": "the recurrence of Appendix D, averaged: W 1 = 1",
        r"-\sum_{\varepsilon=1}^{n-1}\bar{\gamma}\sum_{k=0}^{K-1}G(X_{\varepsilon;k},\xi_{k})W": "the recurrence, for one worker",
        r"\mathbb{E}\|(\sum_{\varepsilon=1}^{n-1}C_{\varepsilon}\cdot": "both recurrences, put in",
        r".-\bar{\gamma}\sum_{\varepsilon=1}^{n-1}": "both recurrences, put in",
        r"\sum_{\eta=1}^{\varepsilon}\rho^{\varepsilon-\eta}b_{\eta}": "what Lemma 9 speaks of",
        r"-\frac{\tilde{\gamma}\sum": "(11), averaged; then the display breaks and repeats itself",
        r"-\frac{\tilde{\gamma}K}{2}": "a display that breaks and repeats itself; what it should say follows it",
        r"(\frac{\tilde{\gamma}}{2}-\tilde{\gamma}^{2}": "a display that breaks and repeats itself; what it should say follows it",
        r"+\bar{\gamma}^2KL(\frac{\bar{\gamma}L}{2}[": "the last display of Appendix F, its brackets broken",
        r"\frac{4L^2\sigma^2\bar{\gamma}^2}{(K-1)}": "the last display of Appendix F, its factors broken",
        r"-\tilde{x}_n^{(m)}+\bar{\gamma}": "line 5 of Algorithm 2, put in",
        r"+\frac{1}{M}\sum_{m=1}^{M}\sum_{k=0}^{K-1}\nablaF_m": "mean gradients taken off and added",
        r"\frac{2}{3},D'_{": "one of six in a display, each a claim of Appendix F.3",
        r"\frac{1}{16},1-8": "one of six in a display, each a claim of Appendix F.3",
        r"F+\sum_{i=1}^{d}(1+|Elias": "what the code is",
    },
}
_LAYOUT = re.compile(
    r"\s|\\left(?![a-z])|\\right(?![a-z])|\\(?:begin|end)\{(?:aligned|split)\}|&|\\quad|\\qquad|\\square|\\tag\{[^}]*\}"
    r"|\(\\text\{(?:Using|By)[^}]*\}[^)]*(?:\(\\mathbf\{x\}\))?\)"  # a reason beside the line
    r"|\\text\{Apply[^\n]*|,\s*\\quad\s*\\forall\s*t\s*\\geq\s*0"  # so is this; for which t
)
_NUMBER = re.compile(r"\((?:\\text\{)?[A-E]\.\d+\}?\)|\((?:\d\.)?\d+\)$")
_SIGN = re.compile(r"\\stackrel\{(?:\\text\{)?\(.\)\}*\{(?:\\leq|\\geq|=)\}|\\leq|\\geq|\\[lg]e(?!ft|ts)|=|>|<")


def text_of(paper):
    path = Path(os.environ.get("TIGHTROPE_PAPERS", "")) / f"{paper}.txt"
    if not path.is_file():
        pytest.skip(f"the papers are not at hand: set TIGHTROPE_PAPERS to the folder that holds {path.name}")
    return path.read_text(encoding="utf-8")


def plain(latex):
    """Without white space, sizes of brackets, alignment, numbers and closing punctuation."""
    return _NUMBER.sub("", _LAYOUT.sub("", latex)).replace(r"\\", "").rstrip(".,;")


def lines(paper):
    """Every line of every display of the sections, but for one that begins a display and is the left side of the lines after it."""
    for line, begins, following in around(list(displayed(paper))):
        if not (begins and links(line) == [line] and line[0] not in "+-" and _SIGN.match(following)):
            yield line


def around(found):
    """Each line, whether it begins a display, and the line after it."""
    after = [line for line, _ in found[1:]] + [""]
    return [(line, begins, following) for (line, begins), following in zip(found, after, strict=True)]


def displayed(paper):
    """Every line of every display of the sections, and whether it is the first."""
    text = text_of(paper)
    for first, last in SECTIONS[paper]:
        start = text.rindex(first)
        for display in re.findall(r"\$\$(.*?)\$\$", text[start : text.index(last, start) if last else None], re.DOTALL):
            if "cases" not in display:  # gamma_m of Lemma 3 again, whose cases are claims of section 2.3
                each = list(filter(None, map(plain, re.split(r"\\\\", display))))
                yield from ((line, at == 0) for at, line in enumerate(each))


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


def without_a_claim(paper, printed):
    """Links of displays that no printed formula of a claim holds."""
    whole = [plain(latex) for claim in printed for latex in claim.latex]
    return [link for line in lines(paper) for link in links(line) if not any(link in formula for formula in whole)]


def unprinted(paper, printed):
    """The same but for those that are passed over."""
    return [link for link in without_a_claim(paper, printed) if not any(part in link for part in PASSED_OVER[paper])]


@pytest.mark.parametrize("paper", SECTIONS)
def test_every_line_of_a_display_is_printed_with_a_claim(paper):
    assert unprinted(paper, claims(paper)) == []


@pytest.mark.parametrize("paper", SECTIONS)
def test_every_line_passed_over_is_displayed_and_has_no_claim(paper):
    found = without_a_claim(paper, claims(paper))
    assert [part for part in PASSED_OVER[paper] if not any(part in link for link in found)] == []


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
    "qprsgd": (
        "appendix-e/later-steps",
        "appendix-d/both-sides",
        "appendix-c/round",
        "eq-14",
        "lemma-10",
        "theorem-3",
        "appendix-b/limit",
        "appendix-c/t-1/noise-apart",
        "appendix-e/four-parts",
        "appendix-f/noise-put-in",
    ),
}


@pytest.mark.parametrize("lost", [f"{paper}/{label}" for paper, labels in LOST.items() for label in labels])
def test_a_display_that_is_forgotten_is_told(lost):
    paper = lost.split("/")[0]
    assert unprinted(paper, [claim for claim in claims(paper) if claim.id != lost])
