"""What every step of the reference refuses before it computes: no numbers, gradients of another shape, choices that are none."""

from functools import partial

import numpy as np
import pytest

from reference import dist_ef_sgd, local_sgd, mdsgd, qprsgd, qsparse_local_sgd
from reference.operators import identity
from reference.topology import metropolis, ring

M, D = 3, 4
X = np.zeros(D)
STEPS = {
    "qsparse_local_sgd": partial(qsparse_local_sgd.step, qsparse_local_sgd.init(X, M), synchronise=True, compress=identity()),
    "asynchronous": partial(
        qsparse_local_sgd.asynchronous_step, qsparse_local_sgd.asynchronous_init(X, M), subset=True, compress=identity()
    ),
    "local_sgd": partial(local_sgd.step, local_sgd.init(X, M), synchronise=True),
    "mdsgd": partial(mdsgd.step, mdsgd.init(X, M), beta=0.5, compress=identity()),
    "mem_sgd": partial(mdsgd.mem_sgd, mdsgd.init(X, M), compress=identity()),
    "dist_ef_sgd": partial(dist_ef_sgd.step, dist_ef_sgd.init(X, M), beta=0.5, compress=identity()),
    "signum": partial(dist_ef_sgd.step_vote, dist_ef_sgd.init_vote(X, M), beta=0.5),
    "ar_qprsgd": partial(qprsgd.step, qprsgd.init(X, M), synchronise=True, compress=identity()),
    "g_qprsgd": partial(
        qprsgd.step_gossip, qprsgd.init_gossip(X, metropolis(ring(M))), synchronise=True, W=metropolis(ring(M)), compress=identity()
    ),
}
TRUE_OR_FALSE = ("synchronise", "subset")


@pytest.mark.parametrize("name", STEPS)
def test_every_step_refuses_what_is_no_number(name):
    step, g = STEPS[name], np.ones((M, D))
    step(gradients=g, eta=0.1)
    for eta, said in ((np.nan, "eta must be finite, got nan"), (np.inf, "eta must be finite, got inf"), ("0.1", "eta must hold numbers")):
        with pytest.raises(ValueError, match=said):
            step(gradients=g, eta=eta)
    with pytest.raises(ValueError, match=r"gradients must be finite, got nan at index \(0, 0\)"):
        step(gradients=g * np.nan, eta=0.1)
    with pytest.raises(ValueError, match=r"gradients must have the shape \(3, 4\)"):
        step(gradients=g[:1], eta=0.1)
    if "beta" in step.keywords:
        with pytest.raises(ValueError, match="beta must be finite, got nan"):
            step(gradients=g, eta=0.1, beta=np.nan)
    for choice in step.keywords.keys() & set(TRUE_OR_FALSE):
        for none in ("no", np.nan, None, 1):
            with pytest.raises(ValueError, match=f"{choice} must be true or false"):
                step(gradients=g, eta=0.1, **{choice: none})


def test_blocks_that_are_not_of_the_vector_are_refused():
    for partition in ([[1, 0], [2]], [[0, 1], [2]]):
        with pytest.raises(ValueError, match=r"must hold each of 0\.\.4 exactly once|dims must sum to d = 5"):
            dist_ef_sgd.blockwise(partition)(np.arange(1.0, 6.0))
