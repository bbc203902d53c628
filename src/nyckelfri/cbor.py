"""Deterministic CBOR: one value has one encoding, and only that one is read.

House rules: RFC 8949 section 4.2.1 (shortest arguments, definite lengths, map keys in bytewise
order of their encodings, no key twice) is enforced in both directions. The subset is what the door
protocol needs: integers of 64 bits, byte and text strings, arrays, maps, booleans and null. No
tags, no floats, no other simple values: bytes from a radio must never choose code to run. A bool is
not an int. Every failure is a `CborError`, whatever the bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Key: TypeAlias = int | bytes | str
Value: TypeAlias = "int | bytes | str | bool | list[Value] | dict[Key, Value] | None"
# Wider than Value, because dict and list are invariant: a dict[int, bytes] must be welcome.
Encodable: TypeAlias = (
    "int | bytes | str | bool | Sequence[Encodable] | Mapping[Any, Encodable] | None"
)

MAX_SIZE = 65_535
MAX_DEPTH = 8

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP = (major << 5 for major in range(6))
_FALSE, _TRUE, _NULL = b"\xf4", b"\xf5", b"\xf6"
_ONE_BYTE = tuple(bytes((value,)) for value in range(256))
# Additional information -> (bytes of argument, smallest value that needs that many).
_LONG = {24: (1, 24), 25: (2, 1 << 8), 26: (4, 1 << 16), 27: (8, 1 << 32)}


class CborError(ValueError):
    """These bytes are not deterministic CBOR of our subset, or this value has no such encoding."""


def encode(value: Encodable, *, max_depth: int = MAX_DEPTH) -> bytes:
    """Encode one value as deterministic CBOR (RFC 8949 section 4.2.1).

    Tuples are written as arrays. Raises `CborError` for an unsupported type, an integer outside
    64 bits, text with lone surrogates, or nesting deeper than `max_depth` arrays and maps.
    """
    return _encode(value, max_depth)


def decode(data: bytes, *, max_size: int = MAX_SIZE, max_depth: int = MAX_DEPTH) -> Value:
    """Decode exactly one item and nothing after it.

    `max_size` is in bytes, `max_depth` counts nested arrays and maps. Raises `CborError`.
    """
    value, end = decode_from(data, 0, max_size=max_size, max_depth=max_depth)
    if end != len(data):
        raise CborError("bytes after the CBOR item: send one item only")
    return value


def decode_from(
    data: bytes, start: int, *, max_size: int = MAX_SIZE, max_depth: int = MAX_DEPTH
) -> tuple[Value, int]:
    """Decode the item that begins at `start`; return it and the offset just after it.

    `data[start:end]` are the item's own bytes, for callers that sign or hash them.
    Raises `CborError`, also when there is no item left.
    """
    if len(data) > max_size:
        raise CborError(f"more than {max_size} bytes of CBOR: send less")
    try:
        return _decode(data, start, max_depth)
    except IndexError:
        raise _truncated() from None


def decode_sequence(
    data: bytes, *, max_size: int = MAX_SIZE, max_depth: int = MAX_DEPTH
) -> list[Value]:
    """Decode a CBOR sequence (RFC 8742), which may be empty. Raises `CborError`."""
    values = []
    at = 0
    while at < len(data):
        value, at = decode_from(data, at, max_size=max_size, max_depth=max_depth)
        values.append(value)
    return values


def split_sequence(
    data: bytes, *, max_size: int = MAX_SIZE, max_depth: int = MAX_DEPTH
) -> list[bytes]:
    """Cut a CBOR sequence into the encodings of its items, each checked. Raises `CborError`."""
    items = []
    at = 0
    while at < len(data):
        _, end = decode_from(data, at, max_size=max_size, max_depth=max_depth)
        items.append(data[at:end])
        at = end
    return items


def _truncated() -> CborError:
    return CborError("the CBOR ends in the middle of an item")


# Encoding


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return _ONE_BYTE[major | argument]
    if argument < 1 << 8:
        return bytes((major | 24, argument))
    if argument < 1 << 16:
        return bytes((major | 25, argument >> 8, argument & 255))
    if argument < 1 << 32:
        return _ONE_BYTE[major | 26] + argument.to_bytes(4, "big")
    if argument < 1 << 64:
        return _ONE_BYTE[major | 27] + argument.to_bytes(8, "big")
    raise CborError("integer outside 64 bits: CBOR heads hold no more")


def _encode(value: Encodable, depth: int) -> bytes:
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        encoder = _encoder_of_subclass(value)
    return encoder(value, depth)


def _encode_int(value: int, _depth: int) -> bytes:
    if 0 <= value < 24:
        return _ONE_BYTE[value]
    return _head(_UINT, value) if value >= 0 else _head(_NINT, ~value)


def _encode_bytes(value: bytes, _depth: int) -> bytes:
    return _head(_BYTES, len(value)) + value


def _encode_text(value: str, _depth: int) -> bytes:
    try:
        raw = value.encode()
    except UnicodeEncodeError:
        raise CborError("text with a lone surrogate has no UTF-8 form") from None
    return _head(_TEXT, len(raw)) + raw


def _encode_bool(value: bool, _depth: int) -> bytes:  # noqa: FBT001 - the value, not a switch
    return _TRUE if value else _FALSE


def _encode_null(_value: None, _depth: int) -> bytes:
    return _NULL


def _encode_array(values: Sequence[Encodable], depth: int) -> bytes:
    if not depth:
        raise _too_deep()
    depth -= 1
    return _head(_ARRAY, len(values)) + b"".join([_encode(value, depth) for value in values])


def _encode_map(pairs: Mapping[Any, Encodable], depth: int) -> bytes:
    if not depth:
        raise _too_deep()
    depth -= 1
    # Encodings of different keys never begin alike, so sorting the joined pairs sorts the keys.
    entries = [_encode_key(key) + _encode(value, depth) for key, value in pairs.items()]
    entries.sort()
    return _head(_MAP, len(entries)) + b"".join(entries)


def _encode_key(key: object) -> bytes:
    if isinstance(key, bool) or not isinstance(key, int | bytes | str):
        raise CborError(f"a map key may be an integer, bytes or text, not {type(key).__name__}")
    return _encode(key, 0)


def _too_deep() -> CborError:
    return CborError("arrays and maps nested too deep")


_ENCODERS: dict[type, Callable[[Any, int], bytes]] = {
    int: _encode_int,
    bytes: _encode_bytes,
    str: _encode_text,
    bool: _encode_bool,
    type(None): _encode_null,
    list: _encode_array,
    tuple: _encode_array,
    dict: _encode_map,
}


def _encoder_of_subclass(value: object) -> Callable[[Any, int], bytes]:
    """Find the encoder for an IntEnum, a StrEnum, a NamedTuple and the like."""
    for base in type(value).__mro__:
        if base in _ENCODERS:
            return _ENCODERS[base]
    raise CborError(f"no CBOR encoding for {type(value).__name__}")


# Decoding. The offset is passed along and returned; reading past the end is an IndexError, which
# the public functions turn into a CborError.


def _decode(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    initial = data[at]
    at += 1
    if initial < 24:
        return initial, at
    argument = initial & 31
    if argument > 23:
        argument, at = _long_argument(data, at, initial)
    return _DECODERS[initial >> 5](data, at, argument, depth)


def _long_argument(data: bytes, at: int, initial: int) -> tuple[int, int]:
    if initial >> 5 == 7:
        raise _not_simple()
    if initial & 31 == 31:
        raise CborError("indefinite length: write the length first")
    if initial & 31 not in _LONG:
        raise CborError("reserved CBOR head")
    size, least = _LONG[initial & 31]
    end = at + size
    if end > len(data):
        raise _truncated()
    argument = int.from_bytes(data[at:end], "big")
    if argument < least:
        raise CborError("longer head than needed: use the shortest form")
    return argument, end


def _decode_uint(_data: bytes, at: int, argument: int, _depth: int) -> tuple[Value, int]:
    return argument, at


def _decode_nint(_data: bytes, at: int, argument: int, _depth: int) -> tuple[Value, int]:
    return ~argument, at


def _decode_bytes(data: bytes, at: int, argument: int, _depth: int) -> tuple[Value, int]:
    end = at + argument
    if end > len(data):
        raise _truncated()
    return data[at:end], end


def _decode_text(data: bytes, at: int, argument: int, _depth: int) -> tuple[Value, int]:
    end = at + argument
    if end > len(data):
        raise _truncated()
    try:
        return data[at:end].decode(), end
    except UnicodeDecodeError:
        raise CborError("text that is not UTF-8") from None


def _decode_array(data: bytes, at: int, argument: int, depth: int) -> tuple[Value, int]:
    if not depth:
        raise _too_deep()
    depth -= 1
    values: list[Value] = []
    for _ in range(argument):
        value, at = _decode(data, at, depth)
        values.append(value)
    return values, at


def _decode_map(data: bytes, at: int, argument: int, depth: int) -> tuple[Value, int]:
    if not depth:
        raise _too_deep()
    depth -= 1
    pairs: dict[Key, Value] = {}
    last = b""
    for _ in range(argument):
        start = at
        key, at = _decode(data, at, depth)
        raw = data[start:at]
        if raw <= last:
            raise CborError("map keys out of order, or one key twice")
        last = raw
        if type(key) not in _KEY_TYPES:
            raise CborError("a map key must be an integer, bytes or text")
        pairs[key], at = _decode(data, at, depth)  # type: ignore[index] # types just checked
    return pairs, at


def _decode_tag(_data: bytes, _at: int, _argument: int, _depth: int) -> tuple[Value, int]:
    raise CborError("tags are not used here: send the bare item")


def _decode_simple(_data: bytes, at: int, argument: int, _depth: int) -> tuple[Value, int]:
    if argument not in _SIMPLE:
        raise _not_simple()
    return _SIMPLE[argument], at


def _not_simple() -> CborError:
    return CborError("floats and simple values other than true, false and null are not used here")


_KEY_TYPES = frozenset({int, bytes, str})
_SIMPLE: dict[int, bool | None] = {20: False, 21: True, 22: None}
_DECODERS = (
    _decode_uint,
    _decode_nint,
    _decode_bytes,
    _decode_text,
    _decode_array,
    _decode_map,
    _decode_tag,
    _decode_simple,
)
