"""One value, one encoding: our vectors, and cbor2 as a second opinion."""

import enum
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri import cbor

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "cbor.json").read_text("utf-8"))
REASONS = {
    "truncated": "ends in the middle",
    "trailing": "after the CBOR item",
    "not shortest": "shortest form",
    "indefinite": "indefinite",
    "reserved": "reserved",
    "tag": "tags",
    "simple value": "floats and simple values",
    "key order": "out of order",
    "key type": "map key",
    "UTF-8": "UTF-8",
    "depth": "nested too deep",
    "size": "bytes of CBOR",
}


def cbor_vector_bytes(notation: str | list[Any]) -> bytes:
    if isinstance(notation, str):
        return bytes.fromhex(notation)
    counted = b"".join(cbor2.dumps(key) + b"\x00" for key in range(300))
    return b"".join(
        counted[: _entries_length(times)] if part == "+" else bytes.fromhex(part) * times
        for part, times in notation
    )


def _entries_length(entries: int) -> int:
    return sum(len(cbor2.dumps(key)) + 1 for key in range(entries))


def cbor_vector_value(notation: Any) -> Any:
    if notation is None or isinstance(notation, bool):
        return notation
    ((kind, content),) = notation.items()
    return NOTATION[kind](content)


def _array(items: list[Any]) -> list[Any]:
    return [cbor_vector_value(item) for item in items]


NOTATION: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "bytes": bytes.fromhex,
    "text": str,
    "array": _array,
    "map": lambda pairs: dict(map(_array, pairs)),
    "bytes_repeated": lambda content: bytes.fromhex(content[0]) * content[1],
    "text_repeated": lambda content: content[0] * content[1],
    "array_repeated": lambda content: [cbor_vector_value(content[0])] * content[1],
    "map_counted": lambda entries: dict.fromkeys(range(entries), 0),
}


def _named(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", VECTORS["accepted"], ids=_named)
def test_accepted_vector_decodes_to_its_value_and_encodes_back(vector: dict[str, Any]) -> None:
    encoded, value = cbor_vector_bytes(vector["hex"]), cbor_vector_value(vector["value"])
    decoded = cbor.decode(encoded, max_size=vector.get("max_size", cbor.MAX_SIZE))
    assert decoded == value
    assert type(decoded) is type(value)
    assert cbor.encode(value) == encoded


@pytest.mark.threat(13)
@pytest.mark.threat(14)
@pytest.mark.parametrize("vector", VECTORS["refused"], ids=_named)
def test_refused_vector_is_refused_for_its_reason(vector: dict[str, Any]) -> None:
    encoded = cbor_vector_bytes(vector["hex"])
    with pytest.raises(cbor.CborError, match=REASONS[vector["reason"]]):
        cbor.decode(encoded, max_size=vector.get("max_size", cbor.MAX_SIZE))


# A busy machine is no failure.
STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEYS = st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=40) | st.text(max_size=20)
VALUES = st.recursive(
    KEYS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(KEYS, inner, max_size=30),
    max_leaves=40,
)


def _same(left: Any, right: Any) -> bool:
    """Compare with types: true is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)


def _cbor2_in_bytewise_order(value: Any) -> Any:
    """Order maps as RFC 8949 does, since canonical cbor2 5.9 orders as RFC 7049 did."""
    if isinstance(value, list):
        return [_cbor2_in_bytewise_order(item) for item in value]
    if isinstance(value, dict):
        keys = sorted(value, key=cbor2.dumps)
        return {key: _cbor2_in_bytewise_order(value[key]) for key in keys}
    return value


@STEADY
@given(VALUES)
def test_every_value_survives_and_cbor2_writes_the_same_bytes(value: Any) -> None:
    try:
        encoded = cbor.encode(value, max_depth=20)
    except cbor.CborError as error:  # only depth may stop a generated value
        assert "deep" in str(error)  # noqa: PT017 - most values do not raise
        return
    assert encoded == cbor2.dumps(_cbor2_in_bytewise_order(value))
    assert _same(cbor.decode(encoded, max_depth=20), value)
    assert _same(cbor2.loads(encoded), value)


@STEADY
@given(st.binary(max_size=200) | VALUES.map(cbor2.dumps))
def test_bytes_either_are_the_one_encoding_or_are_refused(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except cbor.CborError:
        return
    assert cbor.encode(value) == data
    assert _same(cbor2.loads(data), value)


@STEADY
@given(VALUES, st.data())
def test_a_flipped_bit_never_decodes_to_the_same_value(value: Any, data: st.DataObject) -> None:
    encoded = bytearray(cbor.encode(value, max_depth=20))
    at = data.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[at // 8] ^= 1 << at % 8
    try:
        changed = cbor.decode(bytes(encoded), max_depth=20)
    except cbor.CborError:
        return
    assert not _same(changed, value)


@STEADY
@given(st.lists(VALUES, max_size=5))
def test_a_sequence_splits_into_the_encodings_of_its_items(values: list[Any]) -> None:
    encodings = [cbor.encode(value, max_depth=20) for value in values]
    assert cbor.split_sequence(b"".join(encodings), max_depth=20) == encodings
    assert _same(cbor.decode_sequence(b"".join(encodings), max_depth=20), values)


@pytest.mark.threat(13)
@pytest.mark.parametrize("read", [cbor.split_sequence, cbor.decode_sequence])
def test_a_sequence_with_one_bad_item_is_refused_whole(read: Any) -> None:
    with pytest.raises(cbor.CborError, match="ends in the middle"):
        read(b"\x01\x02\x41")
    with pytest.raises(cbor.CborError, match="bytes of CBOR"):
        read(bytes(10), max_size=9)


def test_decode_from_tells_where_the_item_ends() -> None:
    data = cbor.encode("first") + cbor.encode([2])
    value, end = cbor.decode_from(data, 0)
    assert (value, data[:end]) == ("first", cbor.encode("first"))
    assert cbor.decode_from(data, end) == ([2], len(data))
    with pytest.raises(cbor.CborError, match="ends in the middle"):
        cbor.decode_from(data, len(data))


class Colour(enum.IntEnum):
    RED = 3


class Name(enum.StrEnum):
    DOOR = "door"


class Pair(NamedTuple):
    left: int
    right: int


def test_enums_and_tuples_are_written_as_what_they_are() -> None:
    assert cbor.encode({Colour.RED: (Name.DOOR, Pair(1, 2))}) == cbor.encode({3: ["door", [1, 2]]})


@pytest.mark.parametrize(
    "value",
    [1.5, {1, 2}, bytearray(b"x"), memoryview(b"x"), object(), 2**64, -(2**64) - 1, "\ud800"],
    ids=lambda value: type(value).__name__,
)
def test_a_value_without_an_encoding_is_refused(value: Any) -> None:
    with pytest.raises(cbor.CborError):
        cbor.encode(value)
    with pytest.raises(cbor.CborError):
        cbor.encode({1: [value]})


@pytest.mark.parametrize("key", [True, None, 1.0, (1,)], ids=repr)
def test_a_map_key_that_is_no_integer_bytes_or_text_is_refused(key: Any) -> None:
    with pytest.raises(cbor.CborError, match="map key"):
        cbor.encode({key: 0})


def test_what_encode_allows_by_default_decode_reads_by_default() -> None:
    value: Any = 0
    for _ in range(cbor.MAX_DEPTH):
        value = {1: value}
    assert cbor.decode(cbor.encode(value)) == value
    with pytest.raises(cbor.CborError, match="nested too deep"):
        cbor.encode([value])
    with pytest.raises(cbor.CborError, match="nested too deep"):
        cbor.encode({1: value})


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(cbor.CborError, match="nested too deep"):
        cbor.encode(value)


@pytest.mark.threat(13)
def test_depth_counts_arrays_and_maps_alike_and_scalars_need_none() -> None:
    assert cbor.decode(b"\x01", max_depth=0) == 1
    assert cbor.decode(b"\x81\xa1\x01\x02", max_depth=2) == [{1: 2}]
    with pytest.raises(cbor.CborError, match="nested too deep"):
        cbor.decode(b"\x81\xa1\x01\x80", max_depth=2)


@pytest.mark.threat(13)
def test_error_texts_repeat_nothing_of_the_input() -> None:
    for vector in VECTORS["refused"]:
        data = cbor_vector_bytes(vector["hex"])
        with pytest.raises(cbor.CborError) as caught:
            cbor.decode(data, max_size=vector.get("max_size", cbor.MAX_SIZE))
        assert caught.value.__cause__ is None
        assert len(str(caught.value)) < 100
