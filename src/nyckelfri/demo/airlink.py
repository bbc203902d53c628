"""A page's link to a lock on the virtual air.

House rule: pieces pass unchanged, one by one; framing is the page's own.
"""

from __future__ import annotations

from collections.abc import Callable

from bumble.device import Connection

from nyckelfri.phone.radio import MTU, PhoneLink
from nyckelfri.radio.link import LinkClosed


class AirLink(PhoneLink):
    """A link to a lock that hands its pieces on as they come."""

    def __init__(
        self, connection: Connection, on_piece: Callable[[bytes], None], on_lost: Callable[[], None]
    ) -> None:
        self._on_piece = on_piece
        self._on_lost = on_lost
        super().__init__(connection)

    def push(self, piece: bytes) -> None:
        """Hand a piece on, while the link stands."""
        if not self.closed:
            self._on_piece(piece)

    def lost(self, why: str) -> None:
        """Mark the link as ended, and tell it once."""
        if not self.closed:
            self._on_lost()
        super().lost(why)

    async def subscribe(self) -> None:
        """Find the characteristics and listen. Raises `LinkClosed`."""
        await self.prepare(MTU)

    async def carry(self, piece: bytes) -> None:
        """Write a piece as it is; one that is longer than the MTU allows raises `LinkClosed`."""
        if len(piece) > self._piece_size():
            raise LinkClosed("a piece longer than the MTU carries")
        await self._send_piece(piece)
