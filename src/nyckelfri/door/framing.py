"""How messages travel on the radio: names, sizes, and framing for any MTU (protocol.md section 11).

House rules: pure; bytes in, bytes out. Each direction of a link is a byte stream of
uint16 big-endian length, then the message; it is cut wherever the sender pleases. Length 0 and a
length over the limit of the moment are refused as soon as the length is read, before any of the
message is kept. After a `FramingError` a stream has no meaning any more: close the link.
"""

from __future__ import annotations

SERVICE_UUID = "4f1b7a60-52c5-4d0e-9a3c-7be2d8f6c101"
TO_LOCK_UUID = "4f1b7a60-52c5-4d0e-9a3c-7be2d8f6c102"
TO_PHONE_UUID = "4f1b7a60-52c5-4d0e-9a3c-7be2d8f6c103"

MAX_MESSAGE = 65_535
HEADER = 2
# An attribute value has at most 512 bytes (Core specification, volume 3, part F, 3.2.9).
MAX_PIECE = 512
# Opcode and attribute handle before the value of a write command or notification.
ATT_OVERHEAD = 3


class FramingError(ValueError):
    """This stream breaks the framing, or this message cannot be framed: close the link."""


def piece_size(mtu: int) -> int:
    """Bytes of one write or notification at this ATT MTU (23 or more)."""
    return min(mtu - ATT_OVERHEAD, MAX_PIECE)


def cut(message: bytes, size: int) -> list[bytes]:
    """Frame one message of 1 to 65 535 bytes and cut it into pieces of at most `size` bytes.

    Raises `FramingError` for another length, ValueError for a size below 1.
    """
    if not 1 <= len(message) <= MAX_MESSAGE:
        raise FramingError(f"a message has 1 to {MAX_MESSAGE} bytes, not {len(message)}")
    if size < 1:
        raise ValueError("a piece has at least one byte: give the MTU minus 3")
    stream = len(message).to_bytes(HEADER) + message
    return [stream[start : start + size] for start in range(0, len(stream), size)]


class Assembler:
    """Puts messages together again from pieces of any size.

    `limit` is the longest message, in bytes, that may come next; it may be set anew between
    messages. `len()` is the number of bytes that wait for the rest of their message.
    """

    def __init__(self, limit: int = MAX_MESSAGE) -> None:
        self.limit = limit
        self._buffer = bytearray()
        self._broken = False

    def __len__(self) -> int:
        return len(self._buffer)

    def __repr__(self) -> str:
        return f"<Assembler limit={self.limit} waiting={len(self._buffer)}>"

    def feed(self, piece: bytes) -> list[bytes]:
        """Take a piece, return every message it completes. Raises `FramingError`."""
        self.push(piece)
        messages = []
        while (message := self.take()) is not None:
            messages.append(message)
        return messages

    def push(self, piece: bytes) -> None:
        """Keep a piece without judging it: for a reader that learns the limit later."""
        if not self._broken:
            self._buffer += piece

    def take(self) -> bytes | None:
        """Return the next whole message under the limit of now, None while bytes are missing.

        Raises `FramingError` for a forbidden length, and from then on for ever.
        """
        if self._broken:
            raise FramingError("this stream is broken already: close the link")
        if len(self._buffer) < HEADER:
            return None
        length = int.from_bytes(self._buffer[:HEADER])
        if not 1 <= length <= self.limit:
            self._broken = True
            self._buffer.clear()
            raise FramingError(f"a message of {length} bytes, where 1 to {self.limit} are allowed")
        end = HEADER + length
        if len(self._buffer) < end:
            return None
        message = bytes(self._buffer[HEADER:end])
        del self._buffer[:end]
        return message
