"""The arena of scalar statements: the decision procedure finds the point, this evaluates both sides there."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, register
from validation.letters import replayed
from validation.quantities import NotMeasured, holds


class Scalars:
    """Points of the letters of a relation; an instance maps each letter to a rational "p/q"."""

    name = "scalars"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Scalar statements are decided, not searched."""
        return Attack("no instance", None, 0, "scalar statements are decided by the decision check")

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Both sides at the point. Raises: ValueError if a letter has no rational value."""
        if reading.relation is None:
            raise ValueError(f"reading {reading.name!r} states no relation")
        try:
            point = {name: np.array([Fraction(value)], dtype=object) for name, value in instance.items()}
        except (ValueError, TypeError, ZeroDivisionError) as why:
            raise ValueError(f"a point must give rationals 'p/q', got {instance}") from why
        if not point:  # a closed statement: one rational that it does not mention tells the evaluator to be exact
            point = {"n": np.array([Fraction(1)], dtype=object)}
        judged = {}
        for hypothesis in reading.given:
            if hypothesis.condition is None:
                continue
            try:
                judged[hypothesis.name] = (holds(hypothesis.condition, point), hypothesis.says)
            except NotMeasured as why:
                judged[hypothesis.name] = (False, str(why))
        return replayed(reading, point, judged)


register(Scalars())
