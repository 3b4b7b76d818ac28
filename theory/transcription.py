"""Double entry of formulas: the printed LaTeX against the coded expression.

The printed formula is kept as a string. Here it is looked up in the stored text of the paper (`occurs`), read by sympy's strict parser
(`parse`) and compared with what was coded (`same`), so that a slip of the pen on either side shows.

sympy's parser reads many printed formulas wrongly without a word: T(T+2a) as a function call, d\\mu as a differential, \\sigma_{max} as
a product of letters, \\bar\\gamma as bar times gamma. So it never sees the paper's letters. Every letter, with its accents, subscripts and
norms, is first replaced by a plain placeholder, the longest first; what is then left over must be arithmetic, or it is `Unparsed`.
"""

import hashlib
import random
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache

from sympy import Abs, Expr, Indexed, Max, Min, Product, Rational, Sum, Symbol, default_sort_key, nan, oo, zoo
from sympy.core.basic import Basic
from sympy.core.function import AppliedUndef
from sympy.parsing.latex.errors import LaTeXParsingError

from theory.claim import Relation

Tokens = tuple[str, ...]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\S", re.DOTALL)
_SIZES = re.compile(r"\\(?:left|right|middle|[bB]igg?[lrm]?)(?![A-Za-z])\s*\.?|&")
_SPACES = {r"\,", r"\;", r"\:", r"\!", r"\ ", r"\quad", r"\qquad", r"\\", r"\displaystyle", r"\limits", r"\nonumber", r"\notag", "~"}
_PUNCTUATION = {".", ",", ";", r"\square", r"\qquad", r"\quad"} | _SPACES
_SYNONYMS = {
    r"\widehat": r"\hat", r"\widetilde": r"\tilde", r"\overline": r"\bar", r"\le": r"\leq", r"\ge": r"\geq", r"\lt": "<", r"\gt": ">",
    r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\times": r"\cdot", r"\lbrace": r"\{", r"\rbrace": r"\}", r"\Vert": r"\|",
    r"\mathrm": r"\text",
}  # fmt: skip
_ARGUMENTS = {"^": 1, "_": 1, r"\hat": 1, r"\tilde": 1, r"\bar": 1, r"\mathbf": 1, r"\mathbb": 1, r"\mathcal": 1, r"\sqrt": 1, r"\frac": 2,
              r"\binom": 2}  # fmt: skip
_OPEN, _CLOSE = {"{", "(", "[", r"\{"}, {"}", ")", "]", r"\}"}
_RELATIONS = {r"\leq": "<=", r"\geq": ">=", "<": "<", ">": ">", "=": "=="}
_SWAPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "==": "=="}
_EXTREMA = {r"\max": Max, r"\min": Min}
_CALLS = {r"\ln", r"\log", r"\exp"}
_GRAMMAR = _OPEN | _CLOSE | _CALLS | {"+", "-", "*", "/", "^", "_", r"\frac", r"\sqrt", r"\binom", r"\cdot", r"\infty", r"\sum", r"\prod"}
_GRAMMAR |= {r"\lceil", r"\rceil", r"\lfloor", r"\rfloor", "="}
_SUBSCRIPTED = {r"\log", r"\sum", r"\prod"}


class Unparsed(ValueError):
    """A printed formula that cannot be read by machine, and why; it has to be read twice by eye."""


def occurs(latex: str, text: str) -> int | None:
    r"""The line (from 1) of `text` where the formula begins, or None where it does not occur.

    Compared token by token, so `a` is not found inside `\gamma`. Ignored: white space, `\left`, `\right` and the other sizes of brackets,
    the alignment mark `&`, and punctuation at the end of the formula. Nothing else.

    Raises:
        ValueError: the formula is empty.
    """
    haystack, starts, lines = _index(text)
    position = haystack.find(_key(latex))
    return None if position < 0 else lines[bisect_right(starts, position) - 1]


def digest(latex: str) -> str:
    """A short hash of the formula, the same for all spellings that `occurs` takes as one."""
    return hashlib.sha256(_key(latex).encode()).hexdigest()[:12]


def parse(latex: str, letters: Mapping[str, Expr]) -> Expr | Relation:
    r"""The sympy form of one printed expression, or of one relation between two.

    Args:
        latex: the formula as printed. A chain of relations has to be split first.
        letters: what each LaTeX snippet stands for, a letter (`\eta_t`, `\bar\gamma`, `d`) or a whole quantity (`\mathbb{E}\|m_t\|^2`).
            A snippet is matched in any of its usual spellings: `\widehat` is `\hat`, `x_{t}` is `x_t`, `\|x\|_2` is `\|x\|`.

    An applied function is a product: T(T+2a) is T times (T+2a).

    Raises:
        Unparsed: a letter is unknown, something is left over, or the printed form can be read two ways.
    """
    tokens = _canonical(_trim(_tokens(latex)))
    table = {_canonical(_tokens(snippet)): meaning for snippet, meaning in letters.items()}
    depth, cuts = 0, []
    for i, token in enumerate(tokens):
        depth += (token in _OPEN) - (token in _CLOSE)
        if depth == 0 and token in _RELATIONS:
            cuts.append(i)
    if len(cuts) > 1:
        raise Unparsed(f"a chain of {len(cuts)} relations: give them one at a time")
    if not cuts:
        return _expression(tokens, table)
    (cut,) = cuts
    return Relation(_expression(tokens[:cut], table), _RELATIONS[tokens[cut]], _expression(tokens[cut + 1 :], table))


def same(parsed: Expr | Relation, coded: Expr | Relation, samples: int = 5) -> bool:
    """Whether two expressions agree at `samples` random rational points, or two relations agree side by side (a <= b is b >= a).

    The points depend on the names of the symbols only, half of them within (0, 1), integers from 1 to 9; sums are written out there.
    Points where either side is undefined are passed over.

    Raises:
        ValueError: two symbols of one name have different assumptions, or no point was found where both sides are defined.
    """
    if isinstance(parsed, Relation) or isinstance(coded, Relation):
        if not (isinstance(parsed, Relation) and isinstance(coded, Relation)):
            return False
        forms = [(coded.lhs, coded.op, coded.rhs), (coded.rhs, _SWAPPED[coded.op], coded.lhs)]
        return any(parsed.op == op and same(parsed.lhs, lhs, samples) and same(parsed.rhs, rhs, samples) for lhs, op, rhs in forms)
    if parsed == coded:
        return True
    names: dict[str, Basic] = {}
    for symbol in sorted(parsed.free_symbols | coded.free_symbols, key=default_sort_key):
        if isinstance(symbol, Symbol) and names.setdefault(symbol.name, symbol) != symbol:
            raise ValueError(f"two symbols are named {symbol.name} and have different assumptions")
    compared = 0
    for trial in range(8 * samples):
        left, right = _value(parsed, trial), _value(coded, trial)
        if left is None or right is None:
            continue
        if left != right:
            a, b = left.evalf(50), right.evalf(50)  # at once: sympy takes long over what an exact difference of roots is
            if Abs(a - b) > Rational(1, 10**30) * (Abs(a) + Abs(b)):
                return False
        compared += 1
        if compared == samples:
            return True
    raise ValueError(f"{parsed} and {coded} are both defined at {compared} of {8 * samples} random points, {samples} are needed")


# Tokens


def _tokens(latex: str) -> Tokens:
    return tuple(_TOKEN.findall(_SIZES.sub(" ", latex)))


def _trim(tokens: Tokens) -> Tokens:
    while tokens and tokens[-1] in _PUNCTUATION:
        tokens = tokens[:-1]
    return tokens


def _key(latex: str) -> str:
    tokens = _trim(_tokens(latex))
    if not tokens:
        raise ValueError(f"the formula is empty: {latex!r}")
    return " " + " ".join(tokens) + " "


@lru_cache(maxsize=8)
def _index(text: str) -> tuple[str, list[int], list[int]]:
    """The text as one string of tokens; for each line that has any, where they start in it and the line's number."""
    pieces, starts, lines, length = [" "], [], [], 1
    for number, line in enumerate(text.split("\n"), start=1):
        if tokens := _tokens(line):
            piece = " ".join(tokens) + " "
            starts.append(length - 1)
            lines.append(number)
            pieces.append(piece)
            length += len(piece)
    return "".join(pieces), starts, lines


def _canonical(tokens: Tokens) -> Tokens:
    """One spelling for all: synonyms merged, spacing, tags and marks over relations dropped, every argument in braces, ||x||_2 as ||x||."""
    out: list[str] = []
    stream = iter(_untagged(tuple(_SYNONYMS.get(token, token) for token in tokens if token not in _SPACES)))
    pending: list[int] = []  # for each open \frac, ^, ...: how many arguments it still takes
    for token in stream:
        takes = _ARGUMENTS.get(token, 0)
        if pending and token not in {"{", "["} and not takes:
            out += ["{", token, "}"]
            _count_down(pending)
        elif pending and token == "{":
            group = _group(stream)
            out += ["{", *_canonical(group), "}"]
            _count_down(pending)
        elif pending and token == "[":  # the degree of a root
            out += ["[", *_until("]", stream), "]"]
        else:
            out.append(token)
            if takes and pending:  # an argument that is a command with arguments of its own: \frac\eta\gamma^2 needs its braces
                raise Unparsed(f"braces are missing before {token}")
            if takes:
                pending.append(takes)
    text = " ".join(out).replace(r"\| _ { 2 }", r"\|")
    return tuple(text.split())


def _count_down(pending: list[int]) -> None:
    pending[-1] -= 1
    if not pending[-1]:
        pending.pop()


def _group(stream: Iterator[str]) -> Tokens:
    depth = 1
    group: list[str] = []
    for token in stream:
        depth += (token == "{") - (token == "}")
        if not depth:
            return tuple(group)
        group.append(token)
    raise Unparsed("a brace is not closed")


def _until(end: str, stream: Iterator[str]) -> Iterator[str]:
    for token in stream:
        if token == end:
            return
        yield token


def _untagged(tokens: Tokens) -> Iterator[str]:
    r"""Without \tag{..}; \stackrel{(a)}{\leq} is \leq."""
    stream = iter(tokens)
    for token in stream:
        if token in {r"\tag", r"\stackrel", r"\overset"}:
            if next(stream, None) == "*":
                next(stream, None)
            _group(stream)
            if token != r"\tag" and next(stream, None) == "{":
                yield from _group(stream)
        else:
            yield token


# Expressions


class _Placeholders:
    """Plain letters x_{0}, x_{1}, ... in order of appearance, so that formulas of one shape share one parse."""

    def __init__(self) -> None:
        self.meanings: list[Expr] = []

    def of(self, meaning: Expr) -> str:
        if meaning not in self.meanings:
            self.meanings.append(meaning)
        return f"x_{{{self.meanings.index(meaning)}}}"

    def restore(self, expr: Expr) -> Expr:
        return expr.xreplace({Symbol(f"x_{{{i}}}"): meaning for i, meaning in enumerate(self.meanings)})


def _expression(tokens: Tokens, table: Mapping[Tokens, Expr]) -> Expr:
    names = _Placeholders()
    plain, used = _replaced(tokens, table, names)
    return _arithmetic(_indexed(plain, used, names), names)


def _arithmetic(tokens: Tokens, names: _Placeholders) -> Expr:
    plain = " ".join(_guarded(_numbers(_extrema(tokens, names), names)))
    if not plain:
        raise Unparsed("nothing stands where an expression is expected")
    from theory import latex

    try:
        return names.restore(latex.expression(plain))
    except LaTeXParsingError as error:
        raise Unparsed(f"sympy cannot parse it: {plain}") from error


def _replaced(tokens: Tokens, table: Mapping[Tokens, Expr], names: _Placeholders) -> tuple[Tokens, dict[Tokens, Expr]]:
    """The tokens with placeholders for letters, and the letters that were met."""
    by_length = sorted(table, key=len, reverse=True)
    out: list[str] = []
    used: dict[Tokens, Expr] = {}
    i = 0
    while i < len(tokens):
        found = next((snippet for snippet in by_length if _stands_at(snippet, tokens, i)), None)
        if found:
            used[found] = table[found]
        out.append(names.of(table[found]) if found else tokens[i])
        i += len(found or tokens[i : i + 1])
    return tuple(out), used


def _stands_at(snippet: Tokens, tokens: Tokens, i: int) -> bool:
    end = i + len(snippet)
    if tokens[i:end] != snippet:
        return False
    inside_a_number = (snippet[0].isdigit() and i > 0 and tokens[i - 1].isdigit()) or (
        snippet[-1].isdigit() and end < len(tokens) and tokens[end].isdigit()
    )
    return not inside_a_number


def _indexed(tokens: Tokens, used: Mapping[Tokens, Expr], names: _Placeholders) -> Tokens:
    """The tokens with a placeholder for each index of a sum; a quantity may not hide an index that it depends on."""
    for i, token in enumerate(tokens):
        if token in {r"\sum", r"\prod"}:
            if tokens[i + 1 : i + 3] != ("_", "{") or tokens[i + 4 : i + 5] != ("=",):
                raise Unparsed(f"{token} without explicit bounds: give the whole sum as a letter")
            index = tokens[i + 3]
            known = {names.of(meaning): snippet for snippet, meaning in used.items() if len(snippet) == 1}
            letter, symbol = (known[index][0], used[known[index]]) if index in known else (index, Symbol(index, integer=True))
            for snippet, meaning in used.items():
                if letter in snippet and r"\sum" not in snippet and symbol not in meaning.free_symbols:
                    raise Unparsed(f"{' '.join(snippet)} depends on the index {letter} of a sum: give the whole sum as a letter")
            tokens = tuple(names.of(symbol) if other == index else other for other in tokens)
    return tokens


def _extrema(tokens: Tokens, names: _Placeholders) -> Tokens:
    r"""\max\{a, b\} and \min(a, b) replaced, since sympy's parser does not know them."""
    out: list[str] = []
    stream = iter(tokens)
    for token in stream:
        if token not in _EXTREMA:
            out.append(token)
            continue
        if next(stream, None) not in {"(", "[", r"\{"}:
            raise Unparsed(f"{token} without brackets: give the whole as a letter")
        arguments: list[list[str]] = [[]]
        depth = 1
        for inner in stream:
            depth += (inner in _OPEN) - (inner in _CLOSE)
            if not depth:
                break
            if depth == 1 and inner == ",":
                arguments.append([])
            else:
                arguments[-1].append(inner)
        out.append(names.of(_EXTREMA[token](*(_arithmetic(tuple(argument), names) for argument in arguments))))
    return tuple(out)


def _numbers(tokens: Tokens, names: _Placeholders) -> Tokens:
    """Digits joined to numbers; decimals are exact; a side that is one number may have commas (99,400)."""
    text = " ".join(tokens)
    if re.fullmatch(r"\d( \d){0,2}( , \d \d \d)+", text):
        text = text.replace(" ,", "")
    text = re.sub(r"(?<=\d) (?=\d)", "", text)
    return tuple(re.sub(r"(\d+) \. (\d+)", lambda m: names.of(Rational(f"{m[1]}.{m[2]}")), text).split())


def _guarded(tokens: Tokens) -> Tokens:
    """The tokens made safe for sympy's parser: only arithmetic is left, and a placeholder before a bracket is a factor."""
    out: list[str] = []
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else ""
        if not (token in _GRAMMAR or _is_letter(token) or token.isdigit()):
            raise Unparsed(f"no letter stands for {token}")
        if token == "_" and before not in _SUBSCRIPTED:
            raise Unparsed(f"a subscript is left on {before}: give the letter with its subscript")
        in_brackets = tokens[i : i + 2] == ("{", "(") and tokens[i + 3 : i + 5] == (")", "}")
        if (before == "^" and in_brackets) or (token == "*" and "^" in tokens[max(i - 2, 0) : i]):
            raise Unparsed("a superscript is an index, not a power: give the letter with its superscript")
        if token in _CALLS and not _has_brackets(tokens[i + 1 :]):
            raise Unparsed(f"{token} without brackets can be read two ways: give the whole as a letter")
        if token == "/":
            _refuse_two_readings(tokens[i + 1 :])
        if token in {"(", "[", r"\{", "{"} and _is_letter(before):
            out.append(r"\cdot")
        out.append(token)
    return tuple(out)


def _is_letter(token: str) -> bool:
    return token.startswith("x_{")


def _has_brackets(rest: Tokens) -> bool:
    if rest[:1] == ("_",):
        rest = rest[rest.index("}") + 1 :]
    return rest[:1] in {("(",), ("[",), (r"\{",)}


def _refuse_two_readings(rest: Tokens) -> None:
    """1/4L is 1/(4L) to some and L/4 to others (sympy)."""
    end = _factor_end(rest)
    while rest[end : end + 1] == ("^",):
        end += 1 + _factor_end(rest[end + 1 :])
    following = rest[end] if end < len(rest) else ""
    if _is_letter(following) or following.isdigit() or following in {"(", "[", r"\{", r"\frac", r"\sqrt", r"\binom"} | _CALLS:
        raise Unparsed("a product after a slash can be read two ways: give the quotient as a letter")


def _factor_end(tokens: Tokens) -> int:
    """Where the first factor ends: a letter, a number, or a command and its bracketed arguments."""
    end = 0
    for _ in range({r"\frac": 2, r"\binom": 2}.get(tokens[0], 1) if tokens else 0):
        end += tokens[end] in {r"\frac", r"\binom", r"\sqrt"}
        depth = 0
        while end < len(tokens):
            depth += (tokens[end] in _OPEN) - (tokens[end] in _CLOSE)
            end += 1
            if not depth:
                break
    return end


# Values


def _value(expr: Expr, trial: int) -> Expr | None:
    """The expression at random point number `trial`, or None where it is undefined."""
    try:
        labels = {indexed.base.label for indexed in expr.atoms(Indexed)}
        atoms = (expr.free_symbols & expr.atoms(Symbol)) - labels
        point = {symbol: _draw(symbol, trial) for symbol in atoms}
        # subs is slow, but xreplace would also replace a bound index that has the name of a free symbol
        value = expr.subs(point, simultaneous=True).doit() if expr.has(Sum, Product) else expr.xreplace(point)
        value = value.xreplace({atom: _draw(atom, trial) for atom in value.atoms(Indexed, AppliedUndef)})
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not (value.is_number and value.is_finite) or value.has(nan, zoo, oo):
        return None
    return value if value.is_real or value.evalf(50).is_real else None  # a root of a negative number is undefined


def _draw(atom: Basic, trial: int) -> Rational:
    source = random.Random(f"{atom} {trial}")
    if atom.is_integer:
        return Rational(source.randint(1, 9))
    below = source.randint(2, 97)
    return Rational(source.randint(1, below if trial % 2 else 4 * below), below + 1)
