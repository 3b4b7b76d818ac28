"""The torch operators do what chapter 2 says, on any device, and wait for nobody."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorDeviceMismatchError, FakeTensorMode

from gpu import operators as ops

D = 16
EXAMPLES = {
    "identity": [ops.identity()],
    "top_k": [ops.top_k(3), ops.top_k(D)],
    "rand_k": [ops.rand_k(3), ops.rand_k(D)],
    "qsgd": [ops.qsgd(1), ops.qsgd(4)],
    "stochastic_levels": [ops.stochastic_levels(1), ops.stochastic_levels(4)],
    "stochastic_rotated": [ops.stochastic_rotated(4)],
    "scaled_sign": [ops.scaled_sign()],
    "sign_comp": [ops.sign_comp(ops.top_k(3), 2), ops.sign_comp(ops.rand_k(3)), ops.sign_comp(ops.identity(), 3)],
    "compose": [
        ops.compose(ops.qsgd(2), ops.rand_k(3)),
        ops.compose(ops.qsgd(2), ops.top_k(3), "whole"),
        ops.compose(ops.stochastic_rotated(2), ops.rand_k(4)),
    ],
    "scaled": [ops.scaled(ops.qsgd(2), 0.5)],
    "piecewise": [ops.piecewise([ops.top_k(2), ops.compose(ops.qsgd(2), ops.rand_k(2))], [6, 10])],
}
ALL = [operator for operators in EXAMPLES.values() for operator in operators]
RANDOM_QUANTISERS = [ops.qsgd(1), ops.qsgd(4), ops.stochastic_levels(1), ops.stochastic_levels(4)]
each_operator = pytest.mark.parametrize("operator", ALL, ids=lambda operator: f"{operator.name}-{dict(operator.parameters)}"[:60])


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def uniform(*shape: int, seed: int = 1, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def uniforms_for(operator: ops.Operator, *leading: int, dtype: torch.dtype = torch.float64) -> Tensor | None:
    return uniform(*leading, operator.draws, D, dtype=dtype) if operator.draws else None


def test_every_operator_has_an_example_here():
    assert set(EXAMPLES) == set(ops.OPERATORS)
    assert all(operator.name == name for name, operators in EXAMPLES.items() for operator in operators)


@each_operator
def test_a_batch_is_the_operator_on_each_row(operator):
    x, u = noise(2, 3, D), uniforms_for(operator, 2, 3)
    y = operator(x, u)
    for at in itertools.product(range(2), range(3)):
        # A row alone and in a batch may be summed in another order: some additions of 16 terms, an ulp each.
        torch.testing.assert_close(y[at], operator(x[at], None if u is None else u[at]), rtol=1e-14, atol=1e-14)


@each_operator
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_on_a_gpu_no_tensor_is_made_elsewhere_and_nothing_waits_for_the_host(operator, dtype):
    assert_at_home(operator, dtype)


@each_operator
def test_so_it_is_on_the_path_for_millions_of_entries(operator, monkeypatch):
    monkeypatch.setattr(ops, "_BISECT_ABOVE", 1)
    monkeypatch.setattr(ops, "_BLOCK", 5)
    assert_at_home(operator, torch.float32)


def assert_at_home(operator: ops.Operator, dtype: torch.dtype) -> None:
    with FakeTensorMode():
        x = torch.empty(2, 3, D, device="cuda", dtype=dtype)
        u = torch.empty(2, 3, operator.draws, D, device="cuda", dtype=dtype) if operator.draws else None
        y = operator(x, u)
    assert (y.shape, y.dtype, y.device.type) == (x.shape, dtype, "cuda")


@pytest.mark.parametrize(
    ("planted", "caught"),
    [
        (lambda x, u: x + torch.ones(D), FakeTensorDeviceMismatchError),
        (lambda x, u: x * x.sum().item(), DataDependentOutputException),
        (lambda x, u: x if x.sum() > 0 else -x, DataDependentOutputException),
        (lambda x, u: x.double(), AssertionError),
    ],
)
def test_a_planted_stray_tensor_or_wait_or_dtype_is_caught(planted, caught):
    with pytest.raises(caught):
        assert_at_home(ops.Operator("planted", 0, planted), torch.float32)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_top_k_keeps_exactly_the_k_largest_and_of_equals_the_first(k, large, monkeypatch):
    monkeypatch.setattr(ops, "_BISECT_ABOVE", 1 if large else 100)
    monkeypatch.setattr(ops, "_BLOCK", 3)
    x = torch.tensor(list(itertools.product([0.0, -1.0, 1.0], repeat=8)), dtype=torch.float32)
    for row, kept in zip(x.tolist(), ops.top_k(k).support(x, None).tolist(), strict=True):
        first = sorted(range(8), key=lambda i, row=row: (-abs(row[i]), i))[:k]
        assert sorted(first) == [i for i in range(8) if kept[i]]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("d", "k"), [(d, k) for d in range(1, 7) for k in range(1, d + 1)])
def test_a_few_entries_are_selected_like_many_with_every_tie(d, k, dtype):
    keys = torch.tensor(list(itertools.product([0.0, 1.0, 2.0], repeat=d)), dtype=dtype)
    for largest in (True, False):
        for row, kept in zip(keys.tolist(), ops._select(keys, k, largest).tolist(), strict=True):
            first = sorted(range(d), key=lambda i, row=row: (-row[i] if largest else row[i], i))[:k]
            assert sorted(first) == [i for i in range(d) if kept[i]]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("k", [1, 7, 500, 999, 1000])
def test_rand_k_keeps_the_k_smallest_uniforms_and_of_equals_the_first(k, dtype, large, monkeypatch):
    monkeypatch.setattr(ops, "_BISECT_ABOVE", 1 if large else 10_000)
    u = uniform(4, 1, 1000, dtype=torch.float32).to(dtype).clamp(max=0.99)  # many equal ones in bfloat16
    kept = ops.rand_k(k)(torch.ones(4, 1000, dtype=dtype), u)
    order = u[:, 0].argsort(dim=-1, stable=True)
    assert torch.equal(kept, torch.zeros_like(kept).scatter(-1, order[:, :k], 1))


@pytest.mark.parametrize("operator", RANDOM_QUANTISERS, ids=lambda operator: f"{operator.name}{operator.parameters['intervals']}")
def test_quantisers_are_unbiased_and_land_on_neighbouring_levels(operator):
    n, x = 1000, noise(D)
    grid = ((torch.arange(n) + 0.5) / n).to(x.dtype)
    y = operator(x.expand(n, D), grid[:, None, None].expand(n, 1, D))
    width = (x.norm() if operator.name == "qsgd" else x.max() - x.min()) / operator.parameters["intervals"]
    # The share of n equidistant uniforms below a fraction is off by at most 1 / n.
    assert ((y.mean(0) - x).abs() <= width / n).all()
    assert ((y - x).abs() < width).all()
    assert (
        len({round(value, 9) for value in y.flatten().tolist()})
        <= (2 if operator.name == "qsgd" else 1) * operator.parameters["intervals"] + 1
    )


def test_quantisers_round_up_exactly_where_the_uniform_is_below_the_fraction():
    x = torch.tensor([3.0, 4.0, 0.0], dtype=torch.float64)  # norm 5; with 2 intervals at levels 1.2, 1.6, 0
    at = torch.tensor([[[0.19, 0.59, 0.0]], [[0.21, 0.61, 0.0]]], dtype=torch.float64)
    assert torch.equal(ops.qsgd(2)(x.expand(2, 3), at), torch.tensor([[5.0, 5.0, 0.0], [2.5, 2.5, 0.0]], dtype=torch.float64))
    y = ops.stochastic_levels(2)(
        torch.tensor([0.0, 4.0, 1.0], dtype=torch.float64).expand(2, 3), torch.tensor([[[0.4] * 3], [[0.5] * 3]]).double()
    )
    assert torch.equal(y, torch.tensor([[0.0, 4.0, 2.0], [0.0, 4.0, 0.0]], dtype=torch.float64))


def test_a_level_that_is_met_is_kept_whatever_the_uniform():
    x = torch.tensor([0.0, 1.0, 2.0, 3.0], dtype=torch.float64)
    assert torch.equal(ops.stochastic_levels(3)(x.expand(9, 4), uniform(9, 1, 4)), x.expand(9, 4))


@pytest.mark.parametrize("operator", [operator for operator in ALL if operator.name not in ("rand_k", "compose", "piecewise")])
def test_zero_and_extreme_scales_do_no_harm(operator):
    x, u = noise(D), uniforms_for(operator)
    assert torch.equal(operator(torch.zeros(D, dtype=x.dtype), u), torch.zeros(D, dtype=x.dtype))
    for scale in (2.0**-900, 2.0**900):  # powers of two scale without rounding, and squares of these leave the range
        torch.testing.assert_close(operator(x * scale, u) / scale, operator(x, u), rtol=1e-14, atol=1e-14)


def test_the_rotation_is_undone():
    x, s = noise(D), 10_000
    y = ops.stochastic_rotated(s)(x, uniform(2, D))
    # Each rotated entry is off by at most a width; rotating back keeps the norm of the error; rotated entries span at most 2 ||x||.
    assert (y - x).norm() <= D**0.5 * 2 * x.norm() / s


@pytest.mark.parametrize("m", [1, 2, 5])
def test_sign_comp_is_the_norm_times_the_signs_over_k_and_a_kept_zero_counts_as_plus(m):
    x = torch.tensor([-3.0, 0.0, 4.0, 0.0, 0.0], dtype=torch.float64)
    size = (3.0**m + 4.0**m) ** (1 / m) / 4
    expected = torch.tensor([-size, size, size, size, 0.0], dtype=torch.float64)
    torch.testing.assert_close(ops.sign_comp(ops.top_k(4), m)(x), expected, rtol=1e-14, atol=0)


def test_scaled_sign_is_the_mean_magnitude_with_signs():
    assert torch.equal(ops.scaled_sign()(torch.tensor([1.0, -2.0, 0.0, 5.0])), torch.tensor([2.0, -2.0, 2.0, 2.0]))


def test_norms_of_millions_of_float32_are_as_good_as_float32():
    x = noise(3_000_000, dtype=torch.float32)
    for m in (1, 2):
        exact = torch.linalg.vector_norm(x.double(), m)
        # A root, a division and a pairwise sum of 2^22 terms: some 30 roundings of 2^-24 at worst, in random directions.
        assert abs(ops._norm(x, m).double() / exact - 1) < 30 * 2**-24


def test_compose_hands_the_kept_entries_with_their_uniforms_to_the_quantiser():
    seen = []
    quantiser = ops.Operator("spy", 2, lambda x, u: (seen.append((x, u)), x)[1])
    x, u = torch.tensor([[1.0, 5.0, 3.0, 4.0]]), torch.arange(12.0).view(1, 3, 4)
    u[0, 0] = torch.tensor([0.9, 0.1, 0.8, 0.2])
    y = ops.compose(quantiser, ops.rand_k(2))(x, u)
    assert torch.equal(y, torch.tensor([[0.0, 5.0, 0.0, 4.0]]))
    assert torch.equal(seen[0][0], torch.tensor([[5.0, 4.0]]))
    assert torch.equal(seen[0][1], torch.tensor([[[5.0, 7.0], [9.0, 11.0]]]))


def test_gradients_pass_to_the_kept_entries_and_through_the_norm():
    x = noise(D).requires_grad_()
    ops.top_k(4)(x).sum().backward()
    assert torch.equal(x.grad, ops.top_k(4).support(x, None).to(x.dtype))
    x = noise(D).requires_grad_()
    ops.scaled_sign()(x).abs().sum().backward()  # it is ||x||_1
    torch.testing.assert_close(x.grad, x.detach().sign())
    x = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    ops.qsgd(1)(x, torch.zeros(1, 2, dtype=torch.float64)).sum().backward()  # both round up to the norm: 2 ||x||
    torch.testing.assert_close(x.grad, torch.tensor([1.2, 1.6], dtype=torch.float64))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ops.top_k(0), "k must be a whole number of at least 1, got 0"),
        (lambda: ops.top_k(2.5), "k must be a whole number of at least 1, got 2.5"),
        (lambda: ops.top_k(D + 1)(noise(D)), "k must be between 1 and d = 16, got 17"),
        (lambda: ops.qsgd(0), "intervals must be a whole number of at least 1, got 0"),
        (lambda: ops.stochastic_rotated(2)(noise(12), uniform(2, 12)), "power of two for the rotation, got 12"),
        (lambda: ops.rand_k(2)(noise(D)), r"uniforms of rand_k must have the shape \(1, 16\), got None"),
        (lambda: ops.top_k(2)(noise(D), uniform(1, D)), r"uniforms of top_k must have the shape None, got \(1, 16\)"),
        (lambda: ops.sign_comp(ops.qsgd(2)), "comp must select entries"),
        (lambda: ops.sign_comp(ops.top_k(2), 0), "m must be a whole number of at least 1, got 0"),
        (lambda: ops.compose(ops.qsgd(2), ops.scaled_sign()), "sparsifier must select entries"),
        (lambda: ops.compose(ops.qsgd(2), ops.top_k(2), "all"), 'acts_on must be "kept" or "whole", got "all"'),
        (lambda: ops.scaled(ops.top_k(2), 0), "factor must be positive and finite, got 0"),
        (lambda: ops.piecewise([ops.top_k(2)], [2, 3]), "equally many and at least one, got 1 and 2"),
        (lambda: ops.piecewise([ops.top_k(2)], [3])(noise(D)), "dims must sum to d = 16, got 3"),
    ],
)
def test_bad_input_is_named(make, says):
    with pytest.raises(ValueError, match=says):
        make()
