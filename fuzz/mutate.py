"""Plain random changes, for the short run in the tests; `make fuzz` leaves that to libFuzzer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

_NOTABLE: Final = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\x18", b"\x1a\xff\xff\xff\xff", b"\xf6")


def inputs(seeds: Sequence[bytes], *, count: int, longest: int, seed: int) -> Iterator[bytes]:
    """`count` changed seeds, the same ones for the same `seed`."""
    random = Random(seed)  # noqa: S311 -- repeatable, and nothing is secret
    pool = list(seeds) or [b""]
    for _ in range(count):
        data = bytearray(random.choice(pool))
        for _ in range(random.choice((1, 1, 2, 4, 8))):
            _change(data, random, pool)
        yield bytes(data[:longest])


def _change(data: bytearray, random: Random, pool: Sequence[bytes]) -> None:
    at = random.randint(0, len(data))
    end = min(len(data), at + random.choice((1, 1, 2, 4, 16)))
    match random.randrange(6):
        case 0 if at < len(data):
            data[at] ^= 1 << random.randrange(8)
        case 1:
            del data[at:end]
        case 2:
            data[at:at] = random.randbytes(random.choice((1, 1, 2, 8)))
        case 3:
            data[at:end] = random.choice(_NOTABLE)
        case 4:
            data[at:at] = data[at:end]
        case _:
            other = random.choice(pool)
            cut = random.randint(0, len(other))
            data[at:] = other[cut:]
