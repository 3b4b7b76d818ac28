"""tightrope: the front door. It only dispatches, and imports what a command needs when it is called."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="tightrope",
    help="Checks theorems about communication-efficient distributed SGD: states, proves, attacks, measures, and redraws their figures.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

BAD_INPUT, INTERRUPTED = 2, 130
THREADED = ("bench", "figures")
FIGURES = {"5.2": ("figures.qsparse_local_sgd", "run_5_2")}

Globs = Annotated[
    list[str] | None, typer.Argument(metavar="[ID-GLOB]...", help="Ids of claims, * and ? allowed; the paper may be left out.")
]
OneId = Annotated[str, typer.Argument(metavar="ID", help="Id of one claim, for example qsparse_local_sgd/lemma-5.")]
EffortName = Annotated[
    str, typer.Option("--effort", help="quick, normal or thorough: counts of instances and solver steps, never seconds.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of every random choice.")]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Remember verdicts until any source, library or option changes.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write the rows as JSON.")]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of data sets; default: the variable TIGHTROPE_DATA.")]


@app.callback()
def _threads(context: typer.Context) -> None:
    if context.invoked_subcommand not in THREADED:  # judging is many small operations: threads that wait for each other only cost
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@app.command()
def verify(
    globs: Globs = None,
    paper: Annotated[str | None, typer.Option("--paper", help="Only this paper, for example qsparse_local_sgd.")] = None,
    effort: EffortName = "quick",
    seed: Seed = 0,
    json_file: JsonFile = None,
    witnesses: Annotated[Path, typer.Option("--witnesses", metavar="DIR", help="Where counterexamples are saved.")] = Path("out/witnesses"),
    certificates: Annotated[Path, typer.Option("--certificates", metavar="DIR", help="Where certificates are saved.")] = Path(
        "out/certificates"
    ),
    cache: Cache = True,
) -> None:
    """Judge claims: derive, decide, certify and attack them, and print the verdicts."""
    if not globs or "*" in "".join(globs):  # many claims
        from validation.processes import prepare

        prepare()
    from validation import report

    report.verify(globs or [], paper, effort, seed, json_file, witnesses, certificates, _cache_dir() if cache else None)


@app.command()
def show(claim_id: OneId, effort: EffortName = "quick", seed: Seed = 0, cache: Cache = True) -> None:
    """Show one claim whole: statement, hypotheses, source, checks, correction, witness and how to replay it."""
    from validation import report

    report.show(claim_id, effort, seed, _cache_dir() if cache else None)


@app.command()
def bound(
    claim_id: OneId,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE...", help="Numbers for the letters, for example gamma=0.1.")
    ] = None,
) -> None:
    """Evaluate the printed and the corrected bound at numbers, naming each violated hypothesis."""
    from validation import report

    report.bound(claim_id, values or [])


@app.command()
def tightness(
    globs: Globs = None,
    effort: EffortName = "quick",
    seed: Seed = 0,
    rounds: Annotated[
        int, typer.Option("--rounds", min=0, help="Rounds of search beyond the attack of verify; those done before are not repeated.")
    ] = 0,
    json_file: JsonFile = None,
    figure: Annotated[Path | None, typer.Option("--figure", metavar="DIR", help="Also draw ratios against gamma, H and mu there.")] = None,
    instances: Annotated[
        Path, typer.Option("--instances", metavar="DIR", help="Where the instance nearest to each bound is saved.")
    ] = Path("out/nearest"),
    cache: Cache = True,
) -> None:
    """Measure how tight bounds are: what comes nearest, by what, over which horizon, and the exact worst case where known."""
    from figures import tightness as drawn
    from validation import tightness as tight

    if figure is not None:
        drawn.asked(globs or [], figure)  # before minutes of search
    tight.run(globs or [], effort, seed, rounds, json_file, instances, _cache_dir() if cache else None)
    if figure is not None:
        drawn.run(globs or [], figure, seed)


@app.command()
def improve(claim_id: OneId, effort: EffortName = "quick", seed: Seed = 0, cache: Cache = True) -> None:
    """Say what a better bound would be: the improvement with its proof, what it gains, and how far any constant could go."""
    from validation import improve as improvements

    improvements.run(claim_id, effort, seed, _cache_dir() if cache else None)


@app.command()
def replay(file: Annotated[Path, typer.Argument(metavar="FILE", help="A counterexample or a certificate saved by verify.")]) -> None:
    """Recompute both sides of a saved counterexample, or check a saved certificate again: exactly, without any search or solver."""
    from validation import report

    report.replay(file)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A ledger written by verify --json.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Another one.")],
) -> None:
    """List the verdicts that changed between two ledgers."""
    from validation import report

    report.diff(old, new)


@app.command()
def bench(names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None, json_file: JsonFile = None) -> None:
    """Print every ratio this project promises, each against its yardstick in the same run."""
    from validation import bench as benchmarks

    benchmarks.run(names or [], json_file)


@app.command()
def figures(
    figure: Annotated[str, typer.Argument(metavar="FIGURE", help="Which figure: 5.2 (Qsparse-local-SGD).")],
    data: Data = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where PNG, PDF and tables go.")] = Path("out/figures"),
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Number of seeds.")] = 5,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Passes over the data.")] = 20,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start anew instead of resuming from a checkpoint.")] = False,
    sweep: Annotated[bool, typer.Option("--sweep", help="Repeat the sweep over step sizes and record it.")] = False,
) -> None:
    """Train and redraw a figure of a paper, with the numbers beside the paper's claims."""
    if figure not in FIGURES:
        raise ValueError(f"figure must be one of {', '.join(FIGURES)}, got {figure!r}")
    from importlib import import_module

    module, function = FIGURES[figure]
    getattr(import_module(module), function)(data, out, seeds=seeds, epochs=epochs, resume=not fresh, sweep=sweep)


def _cache_dir() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tightrope" / "verdicts"


def main() -> None:
    """Entry point of the command line: one clear line for bad input, and the exit status says what happened."""
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except OSError as error:  # an unusable file
        status = _refused(f"{error.strerror}: {error.filename}" if error.filename else str(error))
    except ValueError as error:
        status = _refused(str(error))
    except typer.Abort:  # what older typers make of Ctrl-C
        status = INTERRUPTED
    except Exception as error:
        if not hasattr(error, "format_message"):  # only what the command line's own parser refuses has that
            raise  # an error of this program, with its traceback
        status = _refused(error.format_message())
    if status == INTERRUPTED:
        print("tightrope: interrupted; what was finished is kept", file=sys.stderr)
    gc.freeze()  # nothing is left to collect for: a last search of all expressions for cycles takes seconds
    raise SystemExit(status)


def _refused(why: str) -> int:
    print(f"tightrope: {why.splitlines()[0] if why else 'bad input'}", file=sys.stderr)
    return BAD_INPUT


if __name__ == "__main__":
    main()
