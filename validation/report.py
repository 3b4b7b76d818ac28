"""What the reader sees: tables, one claim whole, bounds at numbers, replays and differences. Computes nothing itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import sympy as sp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from sympy.core.function import AppliedUndef

from theory import symbols
from theory.claim import Claim, Reading, Relation
from theory.decide import holds_at
from theory.notation import letters
from theory.papers import claims
from theory.transcription import digest, occurs
from validation import ledger
from validation.attack import EFFORTS, Effort
from validation.certificates import are_certificates, at_boundaries
from validation.certificates import replay as recheck_certificates
from validation.certificates import save as save_certificates
from validation.chains import CONSTANTS
from validation.checks import BREAKS, PAPERS_VARIABLE, PROVES, Check, paper_text, takes
from validation.files import require_file, require_folder, write_json
from validation.verdict import Judged, Verdict
from validation.witness import Witness
from validation.witness import load as load_witness
from validation.witness import replay as replay_witness
from validation.witness import save as save_witness

COLOURS = {
    "proved": "green", "holds": "cyan", "amended": "yellow", "refuted": "red", "ambiguous": "magenta", "vacuous": "red", "unchecked": "dim",
}  # fmt: skip
WIDTH = 200
"""Columns of a table that goes to a file or a pipe."""


class InternalError(RuntimeError):
    """Something of this program's own went wrong while judging; exits as such, whatever the verdicts."""


def verify(
    globs: Sequence[str],
    paper: str | None,
    effort_name: str,
    seed: int,
    json_file: Path | None,
    witnesses: Path,
    certificates: Path,
    cache_dir: Path | None,
) -> None:
    """Judges the chosen claims, prints the table, saves witnesses, certificates and the JSON form.

    Raises:
        ValueError: unknown effort, paper or id.
        OSError: a file cannot be written; nothing was judged then.
        InternalError: a check failed by itself, or a statement came out both proved and broken.
    """
    effort = effort_of(effort_name)
    chosen = ledger.choose(globs, paper)
    if json_file is not None:
        require_file(json_file)
    require_folder(witnesses)
    require_folder(certificates)
    saved: dict[str, str] = {}
    certified: list[Path] = []

    def keep(verdict: Verdict) -> None:  # while attacks go on in other processes, and whatever interrupts the next one
        if (path := _save_witness(verdict, witnesses)) is not None:
            saved[verdict.claim.id] = str(path)
        if save_certificates(verdict, path := certificates / f"{verdict.claim.id}.json", steps=effort.name != "quick"):
            certified.append(path)

    verdicts, seconds = judge_chosen(chosen, effort, seed, cache_dir, keep)
    if json_file is not None:
        write_json(json_file, ledger.as_json(verdicts, effort, seed, seconds, saved))
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(_table(verdicts))
    for line in _summary(verdicts, effort, seed, sum(seconds.values()), saved):
        console.print(line, highlight=False, soft_wrap=True)
    if certified:
        line = f"certificates of {len(certified)} claims saved; check one again with: tightrope replay {certified[0]}"
        console.print(line, highlight=False, soft_wrap=True)


def judge_chosen(
    chosen: Sequence[Claim],
    effort: Effort,
    seed: int,
    cache_dir: Path | None,
    found: Callable[[Verdict], None] = lambda _: None,
    attacks_too: bool = False,
) -> tuple[list[Verdict], dict[str, float]]:
    """The verdicts on the chosen claims and the seconds each took, with a bar while it runs; `found` and `attacks_too` as `judge_all`.

    Raises:
        OSError: the cache cannot be written.
        InternalError: as `verify`.
    """
    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[now]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("judging", total=len(chosen), now="")
        done = -1

        def tell(claim_id: str) -> None:
            nonlocal done
            done += 1
            bar.update(task, completed=done, now=claim_id)

        try:
            return ledger.judge_all(chosen, effort, seed, cache_dir, tell, found, attacks_too)
        except OSError:
            raise
        except Exception as error:
            raise InternalError(f"while judging: {error}") from error


def effort_of(name: str) -> Effort:
    """The budget of that name.

    Raises:
        ValueError: no such effort.
    """
    if name not in EFFORTS:
        raise ValueError(f"effort must be one of {', '.join(EFFORTS)}, got {name!r}")
    return EFFORTS[name]


def _witness(verdict: Verdict) -> tuple[Judged, dict[str, Any]] | None:
    """The first exact counterexample among the readings of a claim."""
    for judged in verdict.readings:
        broken = judged.broken_by
        if broken is not None and broken.witness is not None:
            return judged, broken.witness
    return None


def _save_witness(verdict: Verdict, folder: Path) -> Path | None:
    found = _witness(verdict)
    if found is None:
        return None
    judged, witness = found
    path = folder / f"{verdict.claim.id}.json"
    made_by = f"tightrope verify {verdict.claim.id}"
    save_witness(Witness(verdict.claim.id, judged.reading.name, witness["arena"], witness["instance"], made_by), path)
    return path


def _table(verdicts: Sequence[Verdict]) -> Table:
    rows = [_table_row(verdict) for verdict in verdicts]
    table = Table(box=None, pad_edge=False, header_style="bold", caption=MARKS_SAID, caption_justify="left", expand=True)
    for column, name in enumerate(("id", "verdict", "worst", "checks")):
        widest = max(len(name), *(len(row[column]) for row in rows))
        table.add_column(name, no_wrap=True, min_width=widest, justify="right" if name == "worst" else "left")
    table.add_column("why", no_wrap=True, overflow="ellipsis", ratio=1)
    for verdict, row in zip(verdicts, rows, strict=True):
        name, label, *rest = row
        table.add_row(Text(name), Text(label, style=COLOURS[verdict.verdict]), *map(Text, rest))
    return table


def _table_row(verdict: Verdict) -> tuple[str, ...]:
    checks = [check for judged in verdict.readings for check in judged.checks if check.name in LETTERS]
    marks = " ".join(dict.fromkeys(f"{LETTERS[check.name]}{_mark(check)}" for check in checks))
    ratio = "" if verdict.ratio is None else f"{verdict.ratio:.3g}"
    return verdict.claim.id.split("/", 1)[1], verdict.verdict, ratio, marks, verdict.why


LETTERS = {
    "units": "U", "decision": "D", "certificate": "C", "derivation": "V", "rate": "R", "attack": "A", "evaluation": "E", "tightness": "T",
}  # fmt: skip
MARKS_SAID = (
    f"checks: {', '.join(f'{letter} {name}' for name, letter in LETTERS.items())}; + speaks for it, - against it, ~ neither, "
    "= granted as one elementary fact. "
    "worst: largest measured / bound, above 1 where broken"
)


def _mark(check: Check) -> str:
    if check.outcome == "granted":
        return "="
    if check.outcome in PROVES.get(check.name, ("homogeneous", "exact")):
        return "+"
    return "-" if check.outcome in BREAKS.get(check.name, ("inhomogeneous",)) else "~"


def _only_granted(verdict: Verdict) -> bool:
    """Whether a proof is one elementary fact that a reader is asked to grant."""
    proofs = [check.outcome for judged in verdict.readings for check in judged.checks if check.outcome in PROVES.get(check.name, ())]
    return verdict.verdict == "proved" and set(proofs) == {"granted"}


def _summary(verdicts: Sequence[Verdict], effort: Effort, seed: int, seconds: float, saved: dict[str, str]) -> list[str]:
    lines = []
    for paper in dict.fromkeys(verdict.claim.paper for verdict in verdicts):
        counts = Counter(verdict.verdict for verdict in verdicts if verdict.claim.paper == paper)
        granted = sum(_only_granted(verdict) for verdict in verdicts if verdict.claim.paper == paper)
        of_these = {"proved": f" ({granted} by a granted fact alone)" if granted else ""}
        said = ", ".join(f"{counts[name]} {name}{of_these.get(name, '')}" for name in COLOURS if counts[name])
        lines.append(f"{paper}: {sum(counts.values())} claims: {said}")
    lines.append(f"effort {effort.name}, seed {seed}, {seconds:.1f} s")
    if saved:
        lines.append(f"{len(saved)} counterexamples saved; replay one with: tightrope replay {next(iter(saved.values()))}")
    if not any(paper_text(verdict.claim.paper) for verdict in verdicts):
        lines.append(f"the papers' texts are not at hand, so printed formulas were not looked up: set {PAPERS_VARIABLE} to their folder")
    return lines


def show(claim_id: str, effort_name: str, seed: int, cache_dir: Path | None) -> None:
    """Prints everything about one claim.

    Raises:
        ValueError: unknown id or effort.
        InternalError: as `verify`.
    """
    claim = one_claim(claim_id)
    verdicts, _ = judge_chosen([claim], effort_of(effort_name), seed, cache_dir)
    console = Console(highlight=False, soft_wrap=True)
    for line in _whole(verdicts[0]):
        console.print(Text(line))


def one_claim(claim_id: str) -> Claim:
    """The claim of that id.

    Raises:
        ValueError: none, or several match.
    """
    found = ledger.choose([claim_id])
    if len(found) > 1:
        more = ", ..." if len(found) > 5 else ""
        raise ValueError(f"{claim_id!r} matches {len(found)} claims, give one: {', '.join(claim.id for claim in found[:5])}{more}")
    return found[0]


def _whole(verdict: Verdict) -> list[str]:
    claim = verdict.claim
    text = paper_text(claim.paper)
    lines = [
        f"{claim.id}  ({claim.kind})",
        f"  {claim.says}",
        "",
        f"verdict   {verdict.verdict}: {verdict.why}",
        f"where     {claim.where}",
    ]
    for printed in claim.latex:
        line = occurs(printed, text) if text is not None else None
        lines.append(f"printed   {printed}")
        lines.append(f"          digest {digest(printed)}" + (f", line {line} of the stored text" if line else ""))
    lines += [f"flag      {flag}" for flag in verdict.flags]
    lines += [f"check     {check.name}: {check.outcome}: {check.evidence}" for check in verdict.checks]
    for judged in verdict.readings:
        lines += _part(claim, "reading", judged)
    for label, each in (("corrected", verdict.correction), ("improved", verdict.improvement)):
        if each is not None:
            lines += _part(claim, label, each)
    lines += _letters(claim)
    found = _witness(verdict)
    if found is not None:
        judged, witness = found
        lines += ["", f"witness   of reading {judged.reading.name!r}: {json.dumps(witness, ensure_ascii=False)}"]
        lines += [f"replay    tightrope verify {claim.id}  saves it, then: tightrope replay out/witnesses/{claim.id}.json"]
    if claim.relies:
        lines += ["", f"relies on {', '.join(claim.relies)}"]
    return lines


def _part(claim: Claim, label: str, judged: Judged) -> list[str]:
    reading = judged.reading
    lines = ["", f"{label}   {reading.name}: {judged.verdict}"]
    if reading.says:
        lines.append(f"  {reading.says}")
    if reading.relation is not None:
        pretty = sp.pretty(reading.relation.boolean, use_unicode=True, wrap_line=False) if not _trivial(reading.relation) else ""
        lines += [f"    {row}" for row in (pretty or str(reading.relation)).splitlines()]
        lines.append(f"  LaTeX  {_in_latex(claim, reading.relation)}")
    lines += [f"  given  {hypothesis.says}" for hypothesis in reading.given]
    if reading.follows is not None:
        lines.append(f"  from   {', '.join(reading.follows.cites()) or 'its hypotheses'}, by {', '.join(reading.follows.names())}")
    lines += [f"  check  {check.name}: {check.outcome}: {check.evidence}" for check in judged.checks]
    if judged.ratio is not None:
        lines.append(f"  worst ratio {judged.ratio:.6g}")
    if reading.unchecked:
        lines.append(f"  unchecked: {reading.unchecked}")
    return lines


def _in_latex(claim: Claim, relation: Relation) -> str:
    """A relation in the paper's letters; what has none there keeps its name."""
    printed = {meaning: _factor(letter) for letter, meaning in letters(claim.paper, claim.letters).items()}
    names = {}

    def named(symbol: sp.Symbol) -> str:
        own = r"\ ".join(symbol.name.split("_"))
        return printed.get(symbol, rf"\mathrm{{{own}}}" if "_" in symbol.name else sp.latex(symbol))

    def side(expression: sp.Expr) -> str:
        whole = {}
        for quantity in expression.atoms(AppliedUndef):
            of = ", ".join(sp.latex(each) for each in quantity.args)
            whole[quantity] = stands = sp.Symbol(str(quantity))
            names[stands] = printed.get(quantity, rf"{named(sp.Symbol(quantity.func.__name__))}({of})")
        names.update({symbol: named(symbol) for symbol in expression.free_symbols})
        return sp.latex(expression.xreplace(whole), symbol_names=names)

    sign = {"<=": r"\leq", ">=": r"\geq", "==": "="}.get(relation.op, relation.op)
    return f"{side(relation.lhs)} {sign} {side(relation.rhs)}"


def _factor(letter: str) -> str:
    """A printed letter so that it can be multiplied and raised to a power."""
    bare, inner = re.sub(r"\\\|.*?\\\|", "", letter), re.compile(r"\([^()]*\)|\[[^][]*\]|\{[^{}]*\}")
    while inner.search(bare):
        bare = inner.sub("", bare)
    if " - " in bare or " + " in bare:
        return rf"\left( {letter} \right)"
    return f"{{{letter}}}" if "^" in bare else letter


def _trivial(relation: Relation) -> bool:
    return relation.boolean in (sp.true, sp.false)


def _letters(claim: Claim) -> list[str]:
    """The paper's letters in this claim beside the one vocabulary."""
    used = {symbol for reading in claim.readings if reading.relation is not None for symbol in reading.relation.symbols}
    names = {quantity.symbol: quantity.says for quantity in symbols.QUANTITIES.values()}
    rows = [
        f"  {latex}  =  {symbol}: {names[symbol]}"
        for latex, symbol in letters(claim.paper, claim.letters).items()
        if symbol in used and symbol in names
    ]
    return ["", "letters (as printed = name here)", *rows] if rows else []


def bound(claim_id: str, values: Sequence[str]) -> None:
    """Prints the printed and the corrected bound at numbers, and each hypothesis they violate.

    Raises:
        ValueError: unknown id or letter, a value that is no number, a letter without value, or a claim without a bound.
    """
    claim = one_claim(claim_id)
    readings = [reading for reading in claim.stated if reading.relation is not None]
    if not readings:
        raise ValueError(f"{claim.id} states no bound")
    asked = {str(letter): letter for reading in readings for letter in _inputs(_bound_of(reading))}
    given: dict[sp.Symbol, sp.Expr] = {}
    for text in values:
        symbol, value = _assignment(text, asked)
        if symbol in given:
            raise ValueError(f"{symbol} is given twice, {given[symbol]} and {value}")
        given[symbol] = value
    numbers = {str(symbol): value for symbol, value in given.items()}
    for name in asked.keys() & CONSTANTS.keys() - numbers.keys():
        if {str(letter) for letter in CONSTANTS[name].free_symbols} <= numbers.keys():
            given[asked[name]] = CONSTANTS[name].subs(numbers)
    missing = sorted(asked.keys() - set(map(str, given)))
    if missing:
        said = ", ".join(f"{name} ({_told(name)})" if name in symbols.QUANTITIES else name for name in missing)
        raise ValueError(f"{claim.id} needs a value for {said}; give NAME=VALUE")
    console = Console(highlight=False, soft_wrap=True)
    for reading in readings:
        assert reading.relation is not None
        console.print(Text(f"{reading.name}: {reading.relation.lhs} {reading.relation.op} {_number_at(_bound_of(reading), given)}"))
        for hypothesis in reading.given:
            state = _state(hypothesis.condition, given)
            if state:
                console.print(Text(f"  {state}: {hypothesis.says}"))


def _told(name: str) -> str:
    """What a letter means, and what else would tell it."""
    others = sorted(map(str, CONSTANTS[name].free_symbols)) if name in CONSTANTS else []
    return symbols.QUANTITIES[name].says + (f"; or give {', '.join(others)}" if others else "")


def _bound_of(reading: Reading) -> sp.Expr:
    assert reading.relation is not None
    return sp.sympify(reading.relation.rhs)


def _inputs(expression: sp.Expr) -> set[sp.Symbol]:
    """The letters and quantities a bound needs a number for; t only where it is not merely the index of a quantity or of a sum."""
    return {s for s in _constant_in_time(expression).free_symbols if isinstance(s, sp.Symbol)}


def _constant_in_time(expression: Any) -> Any:
    """An expression or a condition with one letter, of the same name, for each of its quantities."""
    return expression.xreplace({each: sp.Symbol(each.func.__name__) for each in expression.atoms(AppliedUndef)})


_SHORT = {name: getattr(symbols, name) for name in dir(symbols) if isinstance(getattr(symbols, name), sp.Symbol)}
"""The papers' short letters for the vocabulary: R for workers, H for gap, ..."""


def _assignment(text: str, asked: Mapping[str, sp.Symbol]) -> tuple[sp.Symbol, sp.Expr]:
    """A letter and its number; `asked` has the letters of the bound by name, which come first where a name has two meanings."""
    name, separator, number = text.partition("=")
    if not separator:
        raise ValueError(f"values are given as NAME=VALUE, got {text!r}")
    symbol = asked.get(name)
    if symbol is None and name in symbols.QUANTITIES:
        known = symbols.QUANTITIES[name].symbol
        symbol = known if isinstance(known, sp.Symbol) else sp.Symbol(name)
    if symbol is None:
        symbol = _SHORT.get(name)
    if symbol is None:
        raise ValueError(f"no letter is named {name!r}; names are those of 'tightrope show ID', for example gamma, H, eta")
    try:
        value = sp.Rational(str(Fraction(number)))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{name} must be a finite number such as 0.25, 1e-3 or 1/3, got {number!r}") from None
    for sign, wrong in (("is_positive", value <= 0), ("is_nonnegative", value < 0), ("is_integer", value.q != 1)):
        if getattr(symbol, sign) and wrong:
            raise ValueError(f"{name} must be {sign[3:]}, got {number}")
    return symbol, value


def _at(expression: sp.Expr, given: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    return _constant_in_time(expression).subs(given).doit()


def _number_at(expression: sp.Expr, given: dict[sp.Symbol, sp.Expr]) -> str:
    try:
        return str(sp.N(_at(expression, given), 10))
    except ValueError:  # a least or largest of what is divided by 0
        return "nan"


def _state(condition: Any, given: dict[sp.Symbol, sp.Expr]) -> str:
    """Whether a hypothesis holds at the numbers: a word for violated or unknown, nothing where it holds or says nothing of scalars."""
    if condition is None:
        return ""
    plain = _constant_in_time(condition).doit()  # sums over time are of constants then
    if plain.free_symbols - set(given):
        return "not tested, a letter has no value"
    truth = holds_at(plain, given)
    return "" if truth else "violated" if truth is False else "undefined here"


def replay(path: Path) -> None:
    """Recomputes a witness, or checks certificates again, and prints what comes out.

    Raises:
        ValueError: neither a witness nor certificates, of a claim that is not there, or certificates that prove nothing.
        OSError: no such file.
    """
    if are_certificates(path):
        _replay_certificates(path)
        return
    found = replay_witness(path, claims())
    witness = load_witness(path)
    claim = one_claim(witness.claim)
    reading = next(each for each in claim.stated if each.name == witness.reading)
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(f"{claim.id}, {reading.name}: {reading.relation!s}"))
    for name, (holds, evidence) in found.hypotheses.items():
        console.print(Text(f"  {'holds' if holds else 'VIOLATED'}  {name}: {evidence}"))
    console.print(Text(f"  small side {found.lhs}  (about {float(found.lhs):.6g})"))
    console.print(Text(f"  large side {found.rhs}  (about {float(found.rhs):.6g})" + (f", at {found.at}" if found.at else "")))
    told = "the statement is violated by this instance" if found.violated else "the statement is NOT violated by this instance"
    console.print(Text(told if found.valid else f"{told}, which is none that it speaks of: a hypothesis is not met"))


def _replay_certificates(path: Path) -> None:
    claim, found = recheck_certificates(path, claims())
    console = Console(highlight=False, soft_wrap=True)
    for each in found:
        console.print(Text(f"{claim.id}, {each.reading.name}: {each.reading.relation!s}"))
        rule = each.reading.follows
        of = ", of the vector steps of its derivation" if rule is not None and each.signs is None else ""
        if each.certificates:
            console.print(Text(f"  {each.certificates} certificates{of}: identities hold, multipliers and pivots have the signs they need"))
        if each.signs is not None:
            again = f"derived again by {', '.join(rule.names())}; " if rule is not None else ""
            signs = f"{each.signs} scalar conditions, each with a reason that shows it" if each.signs else "algebra is all that it takes"
            console.print(Text(f"  {again}{signs}"))
            for what in dict.fromkeys(takes(rule) if rule is not None else ()):
                console.print(Text(f"  taking {what}"))
        for claim_id, taken in each.cited.items():
            console.print(Text(f"  resting on {claim_id}, {taken.name}"))
        for boundary in at_boundaries(each.reading):
            console.print(Text(f"  {boundary}"))
        for what in each.undecided:
            console.print(Text(f"  NOT CHECKED AGAIN, decided by z3: {what}"))


def diff(old: Path, new: Path) -> None:
    """Prints the verdicts that changed between two ledgers.

    Raises:
        ValueError: not a ledger.
        OSError: no such file.
    """
    changes = ledger.difference(*(read_ledger(path) for path in (old, new)))
    console = Console(highlight=False, soft_wrap=True)
    for claim_id, before, after in changes:
        console.print(Text(f"{claim_id}: {before or 'absent'} -> {after or 'absent'}"))
    console.print(f"{len(changes)} verdicts changed")


def read_ledger(path: Path) -> dict[str, Any]:
    """The JSON form from a file.

    Raises:
        ValueError: not JSON.
        OSError: no such file.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as why:
        raise ValueError(f"{path} is not a ledger of 'tightrope verify --json': {why}") from None
    return data
