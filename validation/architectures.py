"""The arena of statements about networks that others define: their parameters are counted, on models that hold no numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from reference.exact import rationals
from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, register
from validation.letters import replayed
from validation.quantities import Measured, sides

KEPT = 1000
"""Of each tensor at most so many coordinates are kept (Qsparse-local-SGD, section 5.3.1)."""


@cache
def tensor_sizes(architecture: str, classes: int = 1000) -> tuple[int, ...]:
    """The number of entries of each parameter tensor of a torchvision model, built on torch's meta device: shapes without storage."""
    import torch
    from torchvision import models

    build: Callable[..., Any] = getattr(models, architecture)
    with torch.device("meta"):
        return tuple(parameter.numel() for parameter in build(num_classes=classes).parameters())


def measured() -> Measured:
    """The counts, by their names in `theory.symbols`."""
    sizes_50, sizes_152 = tensor_sizes("resnet50"), tensor_sizes("resnet152")
    counts = {
        "resnet34_parameters": sum(tensor_sizes("resnet34", 10)),
        "resnet50_parameters": sum(sizes_50),
        "resnet50_kept": sum(min(size, KEPT) for size in sizes_50),
        "resnet152_parameters": sum(sizes_152),
    }
    return {name: rationals(np.array([count])) for name, count in counts.items()}


class Networks:
    """Closed statements about ResNet-34, ResNet-50 and ResNet-152: there is one instance, which is counted."""

    name = "resnet"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Evaluates the statement; where it is false, the counts are the witness."""
        assert reading.relation is not None
        counts = measured()
        found = self.replay(reading, {})
        said = ", ".join(f"{symbol.name} = {counts[symbol.name][0]}" for symbol in sorted(reading.relation.symbols, key=str))
        ratio = float(sides(reading.relation, counts).ratios[0, 0])
        if not found.broken:
            return Attack("not broken", min(ratio, 1.0), 1, said)
        return Attack("broken", ratio, 1, said, {name: str(count[0]) for name, count in counts.items()})

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Both sides, counted anew. Raises: ValueError if the instance gives other counts."""
        assert reading.relation is not None
        counts = measured()
        for name, count in instance.items():
            if name not in counts or str(counts[name][0]) != count:
                raise ValueError(f"{name} = {count} is not what torchvision's models have")
        return replayed(reading, counts, {})


register(Networks())
