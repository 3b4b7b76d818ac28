"""What a worker sends, bit by bit: a codec for every operator, packed, and decoded to exactly what the receiver uses.

Real numbers cross the wire as float32: that rounding is part of the algorithm, so a sender must book `decode(encode(x))`, not C(x), into
its memory (`on_wire`). Support indices take ceil(log2 d) bits; a random support and random signs are not sent, as the receiver has the
seed: here, the same rows of uniforms (Qsparse-local-SGD, section 5.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import vectors
from reference.operators import Operator, Uniforms, hadamard, identity, norm, random_signs, sign_comp

_FLOAT = 32  # bits of a real number on the wire


class Codec(NamedTuple):
    """`bits` without padding; `write(x, uniforms)` yields them, one an entry, and `read(bits, uniforms)` the received float32 vector."""

    bits: int
    write: Callable[[np.ndarray, Uniforms], np.ndarray]
    read: Callable[[np.ndarray, Uniforms], np.ndarray]


def encode(operator: Operator, x: ArrayLike, uniforms: ArrayLike | None = None) -> bytes:
    """The message that carries C(x) of one vector x [d], padded with zeros to whole bytes.

    Raises: ValueError as the operator does, for more than one vector, or for a value beyond float32.
    """
    vector = vectors("x", x).astype(float)
    if vector.ndim != 1:
        raise ValueError(f"x must be one vector [d], got shape {vector.shape}")
    operator(vector, uniforms)  # raises what there is to raise
    return np.packbits(codec(operator, vector.size).write(vector, None if uniforms is None else np.asarray(uniforms))).tobytes()


def decode(operator: Operator, payload: bytes, d: int, uniforms: ArrayLike | None = None) -> np.ndarray:
    """The float32 vector [d] that a receiver makes of a message; of `uniforms` [draws, d] it reads the shared rows only.

    Raises: ValueError if the payload is truncated, too long or corrupt.
    """
    layout = codec(operator, d)
    size = -(-layout.bits // 8)
    if len(payload) != size:
        raise ValueError(f"payload of {operator} at d = {d} must have {size} bytes, got {len(payload)}")
    bits = np.unpackbits(np.frombuffer(payload, dtype=np.uint8))
    if bits[layout.bits :].any():
        raise ValueError(f"payload of {operator} must be padded with zeros, got a one in the last byte")
    return layout.read(bits[: layout.bits], None if uniforms is None else np.asarray(uniforms))


def message_bits(operator: Operator, d: int) -> int:
    """Bits of a message without the padding to bytes."""
    return codec(operator, d).bits


def on_wire(operator: Operator) -> Callable[[np.ndarray, Uniforms], np.ndarray]:
    """The operator followed by its wire, row by row, in float64: what `step` takes as `compress` when bits are real."""

    def compress(v: np.ndarray, uniforms: Uniforms) -> np.ndarray:
        received = np.empty(v.shape)
        for row in np.ndindex(v.shape[:-1]):
            u = None if uniforms is None else uniforms[row]
            received[row] = decode(operator, encode(operator, v[row], u), v.shape[-1], u)
        return received

    return compress


def codec(operator: Operator, d: int) -> Codec:
    """The codec of an operator on vectors of length d, by the operator's name."""
    return CODECS[operator.name](operator, d)


# ---- dense vectors: a few scales, then one code an entry ----


def _dense(operator: Operator, d: int) -> Codec:
    """float32 entries."""
    return _coded(d, 0, _FLOAT, lambda x, u: ([], _from_float(x)), lambda scales, codes, u: _to_float(codes))


def _signs(operator: Operator, d: int) -> Codec:
    """One float32 scale and a sign bit an entry."""

    def to_codes(x: np.ndarray, u: Uniforms) -> tuple[list[float], np.ndarray]:
        y = operator.apply(x, u)
        return [np.abs(y[0])], x < 0

    return _coded(d, 1, 1, to_codes, lambda scales, codes, u: np.where(codes == 0, _magnitude(scales[0]), -scales[0]))


def _qsgd(operator: Operator, d: int) -> Codec:
    """The float32 norm; a sign bit and a level an entry."""
    intervals = operator.parameters["intervals"]
    width = intervals.bit_length()  # = ceil(log2(intervals + 1))

    def to_codes(x: np.ndarray, u: Uniforms) -> tuple[list[float], np.ndarray]:
        y, length = operator.apply(x, u), norm(x, 2)[0]
        level = np.rint(np.abs(y) / (length or 1) * intervals).astype(np.uint64)
        return [length], level | (np.uint64(1 << width) * (y < 0))

    def from_codes(scales: np.ndarray, codes: np.ndarray, u: Uniforms) -> np.ndarray:
        level, negative = codes & np.uint64((1 << width) - 1), codes >> np.uint64(width)
        return np.where(negative, -1, 1) * _magnitude(scales[0]) * _levels(level, intervals) / intervals

    return _coded(d, 1, width + 1, to_codes, from_codes)


def _stochastic_levels(operator: Operator, d: int) -> Codec:
    """The float32 minimum and maximum, and a level an entry. (Section 5.1 counts 32 bits for the two.)"""
    return _grid(operator, d, lambda x, u: x, lambda y, u: y)


def _stochastic_rotated(operator: Operator, d: int) -> Codec:
    """As `_stochastic_levels`, of the rotated vector; the random signs (uniforms row 0) are shared."""

    def rotate(x: np.ndarray, u: Uniforms) -> np.ndarray:
        return hadamard(_shared_signs(u) * x)

    def rotate_back(y: np.ndarray, u: Uniforms) -> np.ndarray:
        return _shared_signs(u) * hadamard(y) / d

    return _grid(operator, d, rotate, rotate_back)


def _grid(operator: Operator, d: int, forth: Callable, back: Callable) -> Codec:
    intervals = operator.parameters["intervals"]

    def to_codes(x: np.ndarray, u: Uniforms) -> tuple[list[float], np.ndarray]:
        seen, y = forth(x, u), forth(operator.apply(x, u), u)
        low, high = seen.min(), seen.max()
        return [low, high], np.rint((y - low) / ((high - low) or 1) * intervals)

    def from_codes(scales: np.ndarray, codes: np.ndarray, u: Uniforms) -> np.ndarray:
        low, high = scales
        if low > high:
            raise ValueError(f"payload must hold a minimum below its maximum, got {low} and {high}")
        return back(low + (high - low) * _levels(codes, intervals) / intervals, u)

    return _coded(d, 2, intervals.bit_length(), to_codes, from_codes)


def _coded(d: int, scales: int, width: int, to_codes: Callable, from_codes: Callable) -> Codec:
    """`scales` float32 numbers, then d codes of `width` bits. `to_codes(x, u)` and `from_codes(scales, codes, u)` are inverse on C(x)."""
    if width > _FLOAT:
        raise ValueError(f"a code must fit {_FLOAT} bits, got {width}: take fewer intervals")

    def write(x: np.ndarray, u: Uniforms) -> np.ndarray:
        numbers, codes = to_codes(x, u)
        return np.concatenate([_to_bits(_from_float(np.array(numbers)), _FLOAT), _to_bits(codes, width)])

    def read(bits: np.ndarray, u: Uniforms) -> np.ndarray:
        head, tail = np.split(bits, [scales * _FLOAT])
        numbers = _to_float(_from_bits(head, _FLOAT, scales)).astype(float)
        return np.asarray(from_codes(numbers, _from_bits(tail, width, d), u)).astype(np.float32)

    return Codec(scales * _FLOAT + d * width, write, read)


# ---- built from others ----


def _sparse(sparsifier: Operator, inner: Operator, d: int) -> Codec:
    """The positions of the kept entries, unless the receiver knows them, then the kept vector as `inner` has it."""
    rows, k = sparsifier.draws, sparsifier.parameters.get("k", d)
    if k > d:
        raise ValueError(f"k must be between 1 and d = {d}, got {k}")
    width = (d - 1).bit_length() if sparsifier.name == "top_k" else 0  # = ceil(log2 d); a random support comes from the seed
    values = codec(inner, k)
    assert sparsifier.support is not None

    def own(u: Uniforms, mask: np.ndarray) -> Uniforms:
        return None if u is None or inner.draws == 0 else u[rows:, mask]

    def write(x: np.ndarray, u: Uniforms) -> np.ndarray:
        mask = sparsifier.support(x, None if u is None else u[:rows])  # type: ignore[misc]
        positions = _to_bits(np.flatnonzero(mask), width) if width else np.zeros(0, dtype=np.uint8)
        return np.concatenate([positions, values.write(x[mask], own(u, mask))])

    def read(bits: np.ndarray, u: Uniforms) -> np.ndarray:
        head, tail = np.split(bits, [k * width])
        if width:
            positions = _from_bits(head, width, k).astype(np.int64)
            if (np.diff(positions) <= 0).any() or positions[-1] >= d:
                raise ValueError(f"payload must hold increasing indices below d = {d}, got {positions[:8].tolist()}...")
            mask = np.isin(np.arange(d), positions)
        else:
            mask = sparsifier.support(np.zeros(d), _shared(u, rows))  # type: ignore[misc]
        y = np.zeros(d, dtype=np.float32)
        y[mask] = values.read(tail, own(u, mask))
        return y

    return Codec(k * width + values.bits, write, read)


def _compose(operator: Operator, d: int) -> Codec:
    quantiser, sparsifier, acts_on = (operator.parameters[name] for name in ("quantiser", "sparsifier", "acts_on"))
    if acts_on == "kept" or quantiser.name in ("identity", "qsgd"):  # these leave the zeros of the whole vector alone
        return _sparse(sparsifier, quantiser, d)
    dense, rows = codec(quantiser, d), sparsifier.draws

    def rest(u: Uniforms) -> Uniforms:
        return None if u is None or quantiser.draws == 0 else u[rows:]

    return Codec(
        dense.bits,
        lambda x, u: dense.write(sparsifier.apply(x, None if u is None else u[:rows]), rest(u)),
        lambda bits, u: dense.read(bits, rest(u)),
    )


def _scaled(operator: Operator, d: int) -> Codec:
    """The message of the unscaled operator: the receiver knows the factor."""
    inner, factor = codec(operator.parameters["operator"], d), np.float64(operator.parameters["factor"])
    return Codec(inner.bits, inner.write, lambda bits, u: (inner.read(bits, u) * factor).astype(np.float32))


def _piecewise(operator: Operator, d: int) -> Codec:
    """The messages of the pieces, one after the other, padded once."""
    operators, dims = operator.parameters["operators"], operator.parameters["dims"]
    codecs = [codec(part, n) for part, n in zip(operators, dims, strict=True)]
    ends = np.cumsum(dims)
    columns = [slice(end - n, end) for end, n in zip(ends, dims, strict=True)]
    cuts = np.cumsum([part.bits for part in codecs])[:-1]

    def own(u: Uniforms, part: Operator, piece: slice) -> Uniforms:
        return None if u is None or part.draws == 0 else u[: part.draws, piece]

    def write(x: np.ndarray, u: Uniforms) -> np.ndarray:
        return np.concatenate([c.write(x[p], own(u, o, p)) for c, o, p in zip(codecs, operators, columns, strict=True)])

    def read(bits: np.ndarray, u: Uniforms) -> np.ndarray:
        parts = zip(codecs, operators, columns, np.split(bits, cuts), strict=True)
        return np.concatenate([c.read(piece_bits, own(u, o, p)) for c, o, p, piece_bits in parts])

    return Codec(sum(part.bits for part in codecs), write, read)


def _sign_comp(operator: Operator, d: int) -> Codec:
    comp, m = operator.parameters["comp"], operator.parameters["m"]
    return _signs(operator, d) if comp.name == "identity" else _sparse(comp, sign_comp(identity(), m), d)


CODECS: dict[str, Callable[[Operator, int], Codec]] = {
    "identity": _dense,
    "top_k": lambda operator, d: _sparse(operator, identity(), d),
    "rand_k": lambda operator, d: _sparse(operator, identity(), d),
    "qsgd": _qsgd,
    "stochastic_levels": _stochastic_levels,
    "stochastic_rotated": _stochastic_rotated,
    "sign_comp": _sign_comp,
    "scaled_sign": _signs,
    "compose": _compose,
    "scaled": _scaled,
    "piecewise": _piecewise,
}


# ---- numbers and bits ----


def _to_bits(codes: np.ndarray, width: int) -> np.ndarray:
    """The last `width` bits of each code, most significant first, flat."""
    return np.unpackbits(codes.astype(">u4").view(np.uint8)).reshape(-1, 32)[:, 32 - width :].ravel()


def _from_bits(bits: np.ndarray, width: int, count: int) -> np.ndarray:
    full = np.zeros((count, 32), dtype=np.uint8)
    full[:, 32 - width :] = bits.reshape(count, width)
    return np.packbits(full).view(">u4").astype(np.uint64)


def _from_float(values: np.ndarray) -> np.ndarray:
    """The bit patterns of the nearest float32."""
    if (np.abs(values) > np.finfo(np.float32).max).any():
        raise ValueError(f"x must fit float32 on the wire, got magnitude {np.abs(values).max()}")
    return values.astype(np.float32).view(np.uint32)


def _to_float(codes: np.ndarray) -> np.ndarray:
    values = codes.astype(np.uint32).view(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("payload must hold finite numbers, got NaN or infinity")
    return values


def _magnitude(value: float) -> float:
    if value < 0:
        raise ValueError(f"payload must hold a scale of at least 0, got {value}")
    return value


def _levels(levels: np.ndarray, intervals: int) -> np.ndarray:
    if (levels > intervals).any():
        raise ValueError(f"payload must hold levels of at most {intervals}, got {levels.max()}")
    return levels.astype(float)


def _shared(u: Uniforms, rows: int) -> Uniforms:
    """The rows that both sides draw from a common seed."""
    if rows and u is None:
        raise ValueError("uniforms must be given to decode a random support or rotation: the receiver shares the seed")
    return None if u is None else u[:rows]


def _shared_signs(u: Uniforms) -> Any:
    shared = _shared(u, 1)
    assert shared is not None
    return random_signs(shared[0], float)
