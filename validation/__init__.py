"""Where the floors meet: what is measured, attacked and judged, and the verdicts."""
