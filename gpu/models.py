"""Softmax regression as in section 5.4.1 of Qsparse-local-SGD: loss, gradient and test error, batched over any number of models.

A parameter x [..., d], d = classes * (features + 1), holds the rows [x_j, z_j] of each class: its weights, then its bias. Inputs carry a
last feature that is 1, so that one product gives all logits. The regulariser lambda / 2 ||x||^2 takes the weights, not the biases.
"""

from __future__ import annotations

import torch
from torch import Tensor

CLASSES = 10


def with_bias_feature(images: Tensor) -> Tensor:
    """`images` [n, features] with a last feature of ones, [n, features + 1]."""
    return torch.nn.functional.pad(images, (0, 1), value=1.0)


def dimension(inputs: Tensor, classes: int = CLASSES) -> int:
    """d for inputs [..., features + 1]."""
    return classes * inputs.shape[-1]


def _rows(x: Tensor, width: int) -> Tensor:
    return x.unflatten(-1, (-1, width))


def _logits(rows: Tensor, inputs: Tensor) -> Tensor:
    """[n, ..., classes] for all models' rows [..., classes, features + 1] at once, in one product."""
    return torch.nn.functional.linear(inputs, rows.reshape(-1, rows.shape[-1])).unflatten(-1, rows.shape[:-1])


def gradient(x: Tensor, inputs: Tensor, labels: Tensor, regulariser: float) -> Tensor:
    """Each model's own mean gradient [..., d] in F/X: at `x` [..., d], over its inputs [..., b, features + 1] and labels [..., b].

    It is (softmax - onehot)^T inputs / b + lambda x.
    """
    rows = _rows(x, inputs.shape[-1])
    onehot = labels.unsqueeze(-1) == torch.arange(rows.shape[-2], device=labels.device)
    residual = (torch.softmax(inputs @ rows.mT, dim=-1) - onehot.to(x.dtype)) / inputs.shape[-2]
    slope = residual.mT @ inputs
    slope[..., :-1].add_(rows[..., :-1], alpha=regulariser)  # not of the biases
    return slope.flatten(-2)


def loss(x: Tensor, inputs: Tensor, labels: Tensor, regulariser: float, chunk: int = 10_000) -> Tensor:
    """Regularised mean cross-entropy [...] of each model `x` [..., d] over all of inputs [n, features + 1], labels [n], in F."""
    rows = _rows(x, inputs.shape[-1])
    total = torch.zeros_like(x[..., 0])
    for some, truth in zip(inputs.split(chunk), labels.split(chunk), strict=True):
        logits = _logits(rows, some)
        at_truth = truth.reshape(-1, *(1,) * (logits.ndim - 1)).expand(*logits.shape[:-1], 1)
        total = total + (logits.logsumexp(-1) - logits.gather(-1, at_truth).squeeze(-1)).sum(0)
    return total / len(labels) + regulariser / 2 * rows[..., :-1].square().sum((-2, -1))


def error(x: Tensor, inputs: Tensor, labels: Tensor) -> Tensor:
    """Share [...] of the inputs [n, features + 1] that each model `x` [..., d] puts into a wrong class."""
    chosen = _logits(_rows(x, inputs.shape[-1]), inputs).argmax(-1)
    return chosen.ne(labels.reshape(-1, *(1,) * (chosen.ndim - 1))).to(x.dtype).mean(0)
