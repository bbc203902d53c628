"""Decisions taken from a fuzzer's bytes, one after the other.

House rule: whatever the bytes are, every question has an answer; behind the last byte all
answers are zero, so that a shorter input is a simpler story.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Choices:
    """A reader of decisions."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Whether any byte is left."""
        return self._at < len(self._data)

    def byte(self) -> int:
        """The next byte, 0 behind the last."""
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, from one byte."""
        return self.byte() % limit

    def one_of(self, options: Sequence[_T]) -> _T:
        """One of them, the first behind the last byte."""
        return options[self.below(len(options))]

    def number(self, size: int) -> int:
        """An unsigned integer of `size` bytes."""
        return int.from_bytes(bytes(self.byte() for _ in range(size)), "big")

    def chunk(self) -> bytes:
        """Up to 255 bytes behind a byte of length; fewer at the end."""
        size = self.byte()
        taken = self._data[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def rest(self) -> bytes:
        """Everything that is left."""
        taken = self._data[self._at :]
        self._at = len(self._data)
        return taken
