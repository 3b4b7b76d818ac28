"""Messages decode to what the operator said, up to float32, in exactly the bits that section 5.1 of Qsparse-local-SGD counts."""

from math import ceil, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.operators import (
    OPERATORS,
    compose,
    identity,
    piecewise,
    qsgd,
    rand_k,
    scaled,
    scaled_sign,
    sign_comp,
    stochastic_levels,
    stochastic_rotated,
    top_k,
)
from reference.wire import CODECS, decode, encode, message_bits, on_wire

D, K = 16, 4
INDEX = ceil(log2(D))


def level_bits(s):
    return ceil(log2(s + 1))


# operator, bits on the wire: (index + level + sign) k + 32 scale, and so on
EXAMPLES = [
    (identity(), 32 * D),
    (top_k(K), (INDEX + 32) * K),
    (rand_k(K), 32 * K),
    (qsgd(5), (level_bits(5) + 1) * D + 32),
    (stochastic_levels(4), level_bits(4) * D + 64),
    (stochastic_rotated(3), level_bits(3) * D + 64),
    (scaled_sign(), D + 32),
    (sign_comp(identity(), 2), D + 32),
    (sign_comp(top_k(K), 1), (INDEX + 1) * K + 32),
    (sign_comp(rand_k(K), 3), K + 32),
    (compose(qsgd(5), top_k(K)), (INDEX + level_bits(5) + 1) * K + 32),
    (compose(qsgd(5), top_k(K), "whole"), (INDEX + level_bits(5) + 1) * K + 32),
    (compose(qsgd(1), rand_k(K)), (level_bits(1) + 1) * K + 32),
    (compose(stochastic_levels(7), top_k(K)), (INDEX + level_bits(7)) * K + 64),
    (compose(stochastic_levels(8), rand_k(K), "whole"), level_bits(8) * D + 64),
    (compose(stochastic_rotated(2), top_k(K)), (INDEX + level_bits(2)) * K + 64),
    (compose(stochastic_rotated(2), rand_k(K), "whole"), level_bits(2) * D + 64),
    (scaled(compose(qsgd(2), top_k(K)), 0.75), (INDEX + level_bits(2) + 1) * K + 32),
    (piecewise([sign_comp(top_k(1)), rand_k(2)], [5, 11]), (ceil(log2(5)) + 1) * 1 + 32 + 32 * 2),
]
OPERATORS_AND_SEEDS = [(operator, seed) for operator, _ in EXAMPLES for seed in range(3)]


def instance(operator, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=D), rng.random((operator.draws, D)) if operator.draws else None


def private_rows_lost(operator, u):
    """Uniforms as the receiver has them: only the support and the rotation are drawn from a shared seed."""
    shared = {"rand_k": [0], "stochastic_rotated": [0], "sign_comp": [0], "piecewise": [0]}.get(operator.name, [])
    if operator.name == "compose":
        sparsifier, quantiser = operator.parameters["sparsifier"], operator.parameters["quantiser"]
        shared = [*range(sparsifier.draws), *([sparsifier.draws] if quantiser.name == "stochastic_rotated" else [])]
    left = np.full_like(u, np.nan)
    left[shared] = u[shared]
    return left


def test_every_operator_has_a_codec_and_an_example():
    assert set(CODECS) == set(OPERATORS) == {operator.name for operator, _ in EXAMPLES}


@pytest.mark.parametrize(("operator", "bits"), EXAMPLES, ids=str)
def test_a_message_has_the_bits_of_the_formula_rounded_up_to_bytes(operator, bits):
    x, u = instance(operator, 0)
    assert message_bits(operator, D) == bits
    assert len(encode(operator, x, u)) == ceil(bits / 8)


@pytest.mark.parametrize(("operator", "seed"), OPERATORS_AND_SEEDS, ids=str)
def test_a_message_decodes_to_the_compressed_vector_in_float32(operator, seed):
    x, u = instance(operator, seed)
    received = decode(operator, encode(operator, x, u), D, None if u is None else private_rows_lost(operator, u))
    assert received.dtype == np.float32
    # A scale is off by half an ulp of float32, and so is the result; a rotation adds up d such errors of entries at most d max|x|, over d.
    exact = operator(x, u)
    assert np.abs(received - exact).max() <= 2 * D * 2.0**-24 * np.abs(x).sum()
    assert ((received != 0) <= (exact != 0)).all()


@pytest.mark.parametrize("operator", [identity(), top_k(K), rand_k(K)], ids=str)
def test_float32_vectors_cross_the_wire_unchanged(operator):
    x, u = instance(operator, 1)
    x = x.astype(np.float32)
    assert (decode(operator, encode(operator, x, u), D, u) == operator(x, u)).all()


@pytest.mark.parametrize(("operator", "_bits"), EXAMPLES, ids=str)
def test_the_zero_vector_and_negative_zeros_cross_the_wire(operator, _bits):
    _, u = instance(operator, 0)
    for x in (np.zeros(D), -np.zeros(D)):
        assert not decode(operator, encode(operator, x, u), D, u).any()


@pytest.mark.parametrize("d", [1, 2, 3, 31, 33])
def test_lengths_that_are_no_powers_of_two_cross_the_wire(d):
    x = np.arange(1, d + 1, dtype=float)
    for operator in (top_k(1), sign_comp(top_k(d), 1), identity()):
        assert decode(operator, encode(operator, x), d) == pytest.approx(operator(x), rel=2.0**-23)


@pytest.mark.parametrize(("operator", "_bits"), EXAMPLES, ids=str)
def test_truncated_and_overlong_messages_are_refused(operator, _bits):
    x, u = instance(operator, 0)
    payload = encode(operator, x, u)
    for wrong in (payload[:-1], payload + b"\0", b""):
        with pytest.raises(ValueError, match=f"must have {len(payload)} bytes, got {len(wrong)}"):
            decode(operator, wrong, D, u)


@given(st.sampled_from([operator for operator, _ in EXAMPLES]), st.data())
def test_a_flipped_bit_is_refused_or_yields_a_finite_vector(operator, data):
    x, u = instance(operator, 0)
    payload = bytearray(encode(operator, x, u))
    bit = data.draw(st.integers(0, 8 * len(payload) - 1))
    payload[bit // 8] ^= 128 >> bit % 8
    try:
        received = decode(operator, bytes(payload), D, u)
    except ValueError as error:
        assert str(error).startswith("payload")  # noqa: PT017, either outcome is right
    else:
        assert bit < message_bits(operator, D)
        assert np.isfinite(received).all()


def float32_bytes(*values):
    return np.array(values, dtype=">f4").tobytes()


@pytest.mark.parametrize(
    ("operator", "payload", "d", "message"),
    [
        (top_k(2), bytes([0b01_01_0000]) + bytes(8), 4, "increasing indices"),
        (top_k(2), bytes([0b10_01_0000]) + bytes(8), 4, "increasing indices"),
        (top_k(2), bytes([0b01_11_0000]) + bytes(8), 3, "indices below d = 3"),
        (top_k(2), bytes([0b00_01_0000]) + bytes(7) + b"\1", 4, "padded with zeros"),
        (identity(), float32_bytes(1, np.nan), 2, "finite numbers"),
        (scaled_sign(), float32_bytes(np.inf) + b"\0", 2, "finite numbers"),
        (scaled_sign(), float32_bytes(-1) + b"\0", 2, "scale of at least 0, got -1"),
        (qsgd(2), float32_bytes(1) + bytes([0b011_000_00]), 2, "levels of at most 2, got 3"),
        (qsgd(2), float32_bytes(-1) + b"\0", 2, "scale of at least 0"),
        (stochastic_levels(2), float32_bytes(0, 1) + bytes([0b11_00_0000]), 2, "levels of at most 2, got 3"),
        (stochastic_levels(2), float32_bytes(1, 0) + b"\0", 2, "minimum below its maximum"),
    ],
)
def test_corrupt_messages_are_refused(operator, payload, d, message):
    with pytest.raises(ValueError, match=message):
        decode(operator, payload, d)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: encode(top_k(12), np.ones(10)), "k must be between 1 and d = 10, got 12"),
        (lambda: message_bits(top_k(12), 10), "k must be between 1 and d = 10, got 12"),
        (lambda: encode(identity(), np.ones((2, 2))), "x must be one vector"),
        (lambda: encode(identity(), np.array([1e39])), "x must fit float32 on the wire, got magnitude 1e"),
        (lambda: encode(scaled_sign(), np.array([1e39])), "x must fit float32 on the wire"),
        (lambda: encode(qsgd(1 << 32), np.ones(2), np.zeros((1, 2))), "a code must fit 32 bits"),
        (lambda: decode(rand_k(1), bytes(4), 3), "the receiver shares the seed"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_on_wire_is_encode_then_decode_for_every_row():
    operator = compose(qsgd(3), rand_k(K))
    rng = np.random.default_rng(0)
    v, u = rng.normal(size=(2, 3, D)), rng.random((2, 3, operator.draws, D))
    found = on_wire(operator)(v, u)
    for row in np.ndindex(2, 3):
        assert (found[row] == decode(operator, encode(operator, v[row], u[row]), D, u[row])).all()
