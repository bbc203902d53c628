"""What a target is, and what all targets share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


class InvariantError(AssertionError):
    """Something that must always hold does not, for this input."""


Seeds = Iterable[tuple[str, bytes]]
"""Name of each seed, and its bytes."""


@dataclass(frozen=True, slots=True)
class Target:
    """One decoder, or one machine, under fuzzing.

    `run` returns whatever the bytes are, or raises what is to be found. `longest` is in bytes,
    `share` the part of the time it gets beside the others, `tries` the random inputs it is given
    in the tests, `slow` the seconds that one input may never take.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Seeds]
    longest: int = 2048
    share: float = 1.0
    tries: int = 300
    slow: int = 10


def hold(condition: object, what: str) -> None:
    """Raise InvariantError with `what` unless the condition is true."""
    if not condition:
        raise InvariantError(what)


def slug(name: str) -> str:
    """A file name for a seed."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "empty"
