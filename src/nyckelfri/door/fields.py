"""Reading the decoded CBOR of signed objects: one check a field, one error for all.

House rule: an object is read whole or not at all, with exactly the keys it should have.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from nyckelfri import cbor

ID_BYTES: Final = 8
MAX_TIME: Final = 0xFFFFFFFF
"""Times are 4-byte unsigned integers: the year 2106 ends the format, not 2038."""


class ObjectError(ValueError):
    """A signed object decodes, but does not say what an object of its kind must say."""


def record(payload: bytes, keys: tuple[int, ...]) -> dict[int, cbor.Value]:
    """The map in `payload`, which has exactly `keys`."""
    try:
        value = cbor.decode(payload)
    except cbor.CborError as error:
        raise ObjectError(str(error)) from None
    if not isinstance(value, dict) or tuple(value) != keys:
        raise ObjectError(f"must be a map with the keys {keys}")
    return {key: item for key, item in value.items() if isinstance(key, int)}


def byte_string(value: cbor.Value, size: int, what: str) -> bytes:
    """`value` as a byte string of exactly `size` bytes."""
    if not isinstance(value, bytes) or len(value) != size:
        raise ObjectError(f"{what} must be {size} bytes")
    return value


def identifier(value: cbor.Value, what: str) -> bytes:
    """`value` as an 8-byte identifier."""
    return byte_string(value, ID_BYTES, what)


def integer(value: cbor.Value, what: str, *, least: int = 0, most: int = MAX_TIME) -> int:
    """`value` as an integer from `least` to `most`, both included."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ObjectError(f"{what} must be a number from {least} to {most}")
    return value


def items(value: cbor.Value, what: str, *, most: int, least: int = 0) -> list[cbor.Value]:
    """`value` as an array of `least` to `most` items."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise ObjectError(f"{what} must be a list of {least} to {most}")
    return value


def rising_identifiers(value: cbor.Value, what: str, *, most: int) -> tuple[bytes, ...]:
    """`value` as strictly rising 8-byte identifiers."""
    found = tuple(identifier(item, what) for item in items(value, what, most=most))
    if any(first >= second for first, second in pairwise(found)):
        raise ObjectError(f"{what} must rise, each once")
    return found
