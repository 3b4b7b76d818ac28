"""tightrope: the front door. It only dispatches, and imports what a command needs when it is called."""

from __future__ import annotations


def main() -> None:
    """Entry point of the command line."""
    raise SystemExit("not built yet")
