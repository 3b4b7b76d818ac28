"""Softmax regression, the engines and the training loop."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from gpu import models, operators, train
from gpu.data import Data
from gpu.qsparse_local_sgd import init
from gpu.workers import Move, advance, advance_one_by_one

FEATURES, CLASSES = 6, 10


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def labels(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(0, CLASSES, shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def small() -> Data:
    images, truth = noise(70, FEATURES, dtype=torch.float32), labels(70)
    return Data(images[:50], truth[:50], images[50:], truth[50:], "noise", "noise")


def schemes(d: int, scales: tuple[float, ...] = (0.2, 0.4)) -> list[train.Scheme]:
    return [
        train.Scheme("SGD", operators.identity(), 1, d / 4, 32 * d, scales),
        train.Scheme("SignTopK", operators.sign_comp(operators.top_k(4)), 3, 3 * d / 4, 100, scales),
        train.Scheme("QRandK", operators.compose(operators.qsgd(2), operators.rand_k(4)), 2, 2 * d / 4, 50, scales),
    ]


SETTINGS = train.Settings(workers=3, batch=2, epochs=2, seeds=(0, 7))
D = CLASSES * (FEATURES + 1)


# ---- the model ----


def printed_cost(x: torch.Tensor, images: torch.Tensor, truth: torch.Tensor, regulariser: float) -> torch.Tensor:
    """The cost of section 5.4.1, term by term, for one model [d]."""
    weights, biases = x.view(CLASSES, -1)[:, :-1], x.view(CLASSES, -1)[:, -1]
    total = torch.zeros((), dtype=x.dtype)
    for a, b in zip(images, truth, strict=True):
        scores = torch.stack([torch.exp(weights[j] @ a + biases[j]) for j in range(CLASSES)])
        total = total - torch.log(scores[b] / scores.sum())
    return total / len(images) + regulariser / 2 * (weights**2).sum()


def test_the_loss_is_the_printed_cost():
    x, images, truth = noise(2, 3, D), noise(11, FEATURES, seed=1), labels(11)
    got = models.loss(x, models.with_bias_feature(images), truth, 0.3, chunk=4)
    expected = torch.stack([torch.stack([printed_cost(x[i, j], images, truth, 0.3) for j in range(3)]) for i in range(2)])
    torch.testing.assert_close(got, expected)


def test_the_gradient_is_that_of_the_printed_cost_by_autograd():
    x, images, truth = noise(2, 3, D).requires_grad_(), noise(2, 3, 5, FEATURES, seed=1), labels(2, 3, 5)
    total = sum(printed_cost(x[i, j], images[i, j], truth[i, j], 0.3) for i in range(2) for j in range(3))
    total.backward()
    torch.testing.assert_close(models.gradient(x.detach(), models.with_bias_feature(images), truth, 0.3), x.grad)


def test_the_error_is_the_share_of_wrong_classes():
    x = torch.zeros(1, D, dtype=torch.float64)
    x.view(CLASSES, -1)[3, -1] = 1.0  # a bias that makes everything a 3
    truth = torch.tensor([3, 3, 1, 2])
    assert models.error(x, models.with_bias_feature(noise(4, FEATURES)), truth).tolist() == [0.5]


def test_on_a_gpu_the_model_and_the_engine_make_nothing_elsewhere_and_do_not_wait():
    with FakeTensorMode():
        inputs = torch.empty(2, 3, 4, FEATURES + 1, device="cuda")
        truth = torch.empty(2, 3, 4, device="cuda", dtype=torch.int64)
        states = [init(torch.empty(5, 2, D, device="cuda"), 3)]
        moves = [Move(operators.sign_comp(operators.top_k(4)), torch.empty(5, 1, device="cuda"), True)]
        states = advance(states, moves, partial(models.gradient, regulariser=0.1), inputs, truth)
        measured = (models.loss(states[0].x, inputs[0, 0], truth[0, 0], 0.1), models.error(states[0].x, inputs[0, 0], truth[0, 0]))
    assert {part.device.type for part in (*states[0], *measured)} == {"cuda"}


# ---- the engines ----


def test_the_batch_is_the_loop_over_workers_to_round_off():
    scales, seeds, workers = 2, 3, 4
    gradient = partial(models.gradient, regulariser=0.1)
    compress = [operators.identity(), operators.sign_comp(operators.top_k(5)), operators.compose(operators.qsgd(3), operators.rand_k(6))]
    batched = looped = [init(0.1 * noise(scales, seeds, D), workers) for _ in compress]
    for t in range(12):
        inputs, truth = models.with_bias_feature(noise(seeds, workers, 2, FEATURES, seed=t)), labels(seeds, workers, 2, seed=t)
        u = torch.rand(scales, seeds, workers, 2, D, generator=torch.Generator().manual_seed(t), dtype=torch.float64)
        eta = torch.tensor([[0.1], [0.2]], dtype=torch.float64) / (1 + t)
        moves = [Move(op, eta, (t + 1) % (i + 1) == 0, u if op.draws else None) for i, op in enumerate(compress)]
        batched, looped = (
            engine(states, moves, gradient, inputs, truth) for engine, states in ((advance, batched), (advance_one_by_one, looped))
        )
    for one, other in zip(batched, looped, strict=True):
        # Twelve steps of sums of a few terms of order one, in another order: far below 1e-12; a slip in the algorithm is far above.
        for a, b in zip(one, other, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


# ---- randomness ----


def test_workers_share_out_the_data_and_draw_from_their_own_share():
    shards = train.divide(50, 7, seed=3)
    assert sorted(np.concatenate(shards).tolist()) == list(range(50))
    assert {len(shard) for shard in shards} == {7, 8}
    for t in range(20):
        for shard, row in zip(shards, train.sample(shards, 4, seed=3, iteration=t), strict=True):
            assert set(row.tolist()) <= set(shard.tolist())


def test_samples_are_uniform_and_differ_by_seed_and_iteration():
    shards = train.divide(10, 1, seed=0)
    drawn = np.concatenate([train.sample(shards, 100, seed=0, iteration=t)[0] for t in range(100)])
    # 10,000 draws of 10 values: a count has standard deviation 30; 6 of them are exceeded with probability 2e-8.
    assert abs(np.bincount(drawn, minlength=10) - 1000).max() < 180
    rows = {train.sample(shards, 100, seed=s, iteration=t).tobytes() for s in range(5) for t in range(5)}
    assert len(rows) == 25


def test_uniforms_lie_in_the_unit_interval_and_differ_by_scheme():
    like = torch.zeros(D)
    u = [train.uniforms(scheme, operators.rand_k(2), (0, 1), 3, 2, like) for scheme in (0, 1)]
    assert u[0].shape == (2, 2, 1, D)
    assert not torch.equal(u[0], u[1])
    assert min(part.min() for part in u) >= 0
    assert max(part.max() for part in u) < 1
    assert train.uniforms(0, operators.top_k(2), (0,), 3, 2, like) is None


# ---- training ----


def test_the_schedule_the_gap_and_the_bits_are_as_stated(small, monkeypatch):
    seen = []

    def spy(states, moves, *rest):
        seen.append(moves)
        return advance(states, moves, *rest)

    monkeypatch.setattr(train, "advance", spy)
    curves = train.train(small, schemes(D), SETTINGS, points=range(17))
    assert len(seen) == 16  # 2 epochs of 50 // (3 * 2) iterations
    for t, moves in enumerate(seen):
        for move, scheme in zip(moves, schemes(D), strict=True):
            # eta = c / (lambda (a + t)) with lambda = 1 / 50, rounded to float32
            np.testing.assert_allclose(move.eta[:, 0], [50 * c / (scheme.shift + t) for c in scheme.step_scales], rtol=2**-23)
            assert move.synchronise == ((t + 1) % scheme.gap == 0 or t == 15)
    sent = np.cumsum([[move.synchronise for move in moves] for moves in seen], axis=0).T
    assert (curves.bits[:, 0] == 0).all()
    assert (curves.bits[:, 1:] == 3 * np.array([[32 * D], [100], [50]]) * sent).all()


def test_a_scale_or_a_seed_alone_gives_its_part_of_the_batch(small):
    both = train.train(small, schemes(D), SETTINGS)
    for i, c in enumerate((0.2, 0.4)):
        for j, seed in enumerate(SETTINGS.seeds):
            alone = train.train(small, schemes(D, (c,)), replace(SETTINGS, seeds=(seed,)))
            # float32 sums in another order, 16 steps; another sample would be off by percents
            np.testing.assert_allclose(alone.loss[:, 0, 0], both.loss[:, i, j], rtol=1e-4)


def test_training_lowers_the_loss_of_every_scheme(small):
    curves = train.train(small, schemes(D), replace(SETTINGS, epochs=20))
    assert curves.loss[..., 0] == pytest.approx(np.log(10), rel=1e-6)  # all classes alike at x = 0
    assert (curves.loss[..., -1] < np.log(10) - 0.1).all()


def test_the_average_weighs_the_iterates_by_the_square_of_a_plus_t(small, monkeypatch):
    seen = []

    def spy(states, *rest):
        seen.append([state.x_hat.mean(-2) for state in states])
        return advance(states, *rest)

    monkeypatch.setattr(train, "advance", spy)
    trainer = train._Trainer(small, schemes(D), replace(SETTINGS, averaged=True), None, "cpu")
    run = trainer.start()
    for _ in range(10):
        run = trainer.advance(run)
    for i, scheme in enumerate(schemes(D)):
        weights = (scheme.shift + np.arange(10)) ** 2
        expected = sum(w * x[i].double() for w, x in zip(weights, seen, strict=True)) / weights.sum()
        torch.testing.assert_close(run.averages[i].double(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.parametrize("killed_at", [1, 8, 13])
def test_a_killed_and_resumed_run_is_bit_identical_and_loses_at_most_one_interval(small, tmp_path, monkeypatch, averaged, killed_at):
    settings, path = replace(SETTINGS, averaged=averaged), tmp_path / "checkpoint"
    whole = train.train(small, schemes(D), settings)
    calls = 0

    def dies(*arguments):
        nonlocal calls
        calls += 1
        if calls > killed_at:
            raise MemoryError("killed")
        return advance(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(train, "advance", dies)
        with pytest.raises(MemoryError):
            train.train(small, schemes(D), settings, checkpoint=path, interval=3)
    resumed = train.train(small, schemes(D), settings, checkpoint=path, resume=True, interval=3)
    assert resumed.resumed_at == killed_at - killed_at % 3
    for field in ("iterations", "loss", "error", "bits"):
        np.testing.assert_array_equal(getattr(resumed, field), getattr(whole, field))
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint"]


def test_ctrl_c_saves_where_it_stands(small, tmp_path, monkeypatch):
    calls = 0

    def interrupted(*arguments):
        nonlocal calls
        calls += 1
        if calls == 5:
            raise KeyboardInterrupt
        return advance(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(train, "advance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train.train(small, schemes(D), SETTINGS, checkpoint=tmp_path / "checkpoint")
    resumed = train.train(small, schemes(D), SETTINGS, checkpoint=tmp_path / "checkpoint", resume=True)
    assert resumed.resumed_at == 4
    np.testing.assert_array_equal(resumed.loss, train.train(small, schemes(D), SETTINGS).loss)


def test_a_checkpoint_of_other_settings_or_a_damaged_one_is_refused(small, tmp_path):
    path = tmp_path / "checkpoint"
    train.train(small, schemes(D), SETTINGS, checkpoint=path)
    with pytest.raises(ValueError, match="other settings"):
        train.train(small, schemes(D, (0.2, 0.5)), SETTINGS, checkpoint=path, resume=True)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="damaged"):
        train.train(small, schemes(D), SETTINGS, checkpoint=path, resume=True)


def test_a_loss_that_is_not_finite_stops_the_run_and_names_the_scheme(small):
    wild = [*schemes(D)[:1], replace(schemes(D)[1], step_scales=(1e6, 1e6))]
    with pytest.raises(FloatingPointError, match="the loss of SignTopK is not finite after"):
        train.train(small, wild, SETTINGS)
    losses = train.sweep(small, wild, SETTINGS)
    assert np.isfinite(losses[0]).all()
    assert np.isinf(losses[1]).all()


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_stops_the_run_even_where_the_master_stays_finite(small, monkeypatch, bad):
    monkeypatch.setattr("gpu.operators._SPARE_BITS", ())  # selects by comparing with an edge, as in float64: nothing is above a NaN
    real, selecting = train.models.gradient, [scheme for scheme in schemes(D) if scheme.name == "SignTopK"]
    monkeypatch.setattr(train.models, "gradient", lambda *given, **named: real(*given, **named) * bad)
    with pytest.raises(FloatingPointError, match="the loss of SignTopK is not finite after"):
        train.train(small, selecting, SETTINGS)
    assert np.isinf(train.sweep(small, selecting, SETTINGS)).all()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: replace(SETTINGS, workers=0), "workers must be at least 1, got 0"),
        (lambda: replace(SETTINGS, batch=0), "batch must be at least 1, got 0"),
        (lambda: replace(SETTINGS, epochs=0), "epochs must be at least 1, got 0"),
        (lambda: replace(SETTINGS, seeds=()), "seeds must be different"),
        (lambda: replace(SETTINGS, seeds=(1, 1)), "seeds must be different"),
        (lambda: replace(schemes(D)[0], gap=0), "gap of SGD must be a whole number of at least 1, got 0"),
        (lambda: replace(schemes(D)[0], step_scales=(0.1, float("nan"))), "step_scales of SGD must be positive and finite"),
        (lambda: train.divide(5, 6, 0), "workers must be at most the 5 training samples, got 6"),
    ],
)
def test_bad_input_is_named(make, says):
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize(("horizon", "per_epoch"), [(10_000, 500), (500, 500), (660, 33), (3, 1), (16, 8)])
def test_evaluation_points_start_at_0_end_at_the_horizon_and_ascend(horizon, per_epoch):
    points = train.evaluation_points(horizon, per_epoch)
    assert (points[0], points[-1]) == (0, horizon)
    assert points == sorted(set(points))
    assert set(range(per_epoch, horizon, per_epoch)) <= set(points) or per_epoch % 2
