"""sympy's LaTeX parser, apart from what asks it: importing it takes longer than most processes have use for."""

from contextlib import suppress
from functools import cache
from typing import Any
from unittest.mock import patch

from antlr4.atn.PredictionMode import PredictionMode
from sympy import Expr
from sympy.parsing.latex import _parse_latex_antlr, parse_latex
from sympy.parsing.latex._antlr.latexparser import LaTeXParser
from sympy.parsing.latex.errors import LaTeXParsingError


@cache
def expression(plain: str) -> Expr:
    """What a formula of plain letters says. Raises: LaTeXParsingError."""
    with suppress(LaTeXParsingError), patch.object(_parse_latex_antlr, "LaTeXParser", _one_lookahead_for_all_contexts):
        return parse_latex(plain, strict=True, backend="antlr")
    return parse_latex(plain, strict=True, backend="antlr")


def _one_lookahead_for_all_contexts(tokens: Any) -> Any:
    """sympy's parser, predicting as ANTLR's first stage does (SLL): half the time, and the same tree wherever it comes to one."""
    parser = LaTeXParser(tokens)
    parser._interp.predictionMode = PredictionMode.SLL
    return parser
