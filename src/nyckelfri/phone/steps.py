"""What a visit to a door tells while it goes on, and what it cost on the radio.

House rules: a step names no key, no person and no address; whoever shows it adds the words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from nyckelfri.radio.link import FramedLink


class Stage(Enum):
    """Where a visit is; the values are what `--json` prints."""

    SEARCHING = "searching"
    FOUND = "found"
    CONNECTED = "connected"
    LOCK_PROVEN = "lock_proven"
    DECIDED = "decided"
    RETRYING = "retrying"
    STATUS = "status"
    DELIVERED = "delivered"
    MOVED = "moved"
    FETCHED = "fetched"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Messages and their bytes on a link, framing not counted."""

    sent: int = 0
    received: int = 0
    messages_sent: int = 0
    messages_received: int = 0

    @property
    def total(self) -> int:
        """Bytes both ways."""
        return self.sent + self.received


@dataclass(frozen=True, slots=True)
class Step:
    """One step: milliseconds since the command began, traffic on this link so far, details."""

    stage: Stage
    milliseconds: float
    traffic: Traffic
    details: dict[str, str | int | None] = field(default_factory=dict)


Report = Callable[[Step], None]


class Progress:
    """Stamps steps with the time since it was made; `ticks` is a clock in seconds."""

    def __init__(self, report: Report, ticks: Callable[[], float]) -> None:
        self._report = report
        self._ticks = ticks
        self._start = ticks()
        self._link: MeteredLink | None = None

    @property
    def milliseconds(self) -> float:
        """Since the beginning."""
        return (self._ticks() - self._start) * 1000

    def meter(self, link: FramedLink) -> MeteredLink:
        """The same link, counted; later steps tell its traffic."""
        self._link = MeteredLink(link)
        return self._link

    def tell(self, stage: Stage, **details: str | int | None) -> None:
        """Report one step."""
        traffic = self._link.traffic if self._link is not None else Traffic()
        self._report(Step(stage, round(self.milliseconds, 2), traffic, details))


class MeteredLink:
    """A link that counts."""

    def __init__(self, link: FramedLink) -> None:
        self._link = link
        self.traffic = Traffic()

    async def send(self, message: bytes) -> None:
        """Send one message. Raises LinkClosed."""
        await self._link.send(message)
        before = self.traffic
        self.traffic = Traffic(
            before.sent + len(message),
            before.received,
            before.messages_sent + 1,
            before.messages_received,
        )

    async def receive(self, timeout: float, limit: int) -> bytes:  # noqa: ASYNC109 - the link's contract
        """The next message of at most `limit` bytes, within `timeout` seconds."""
        message = await self._link.receive(timeout, limit)
        before = self.traffic
        self.traffic = Traffic(
            before.sent,
            before.received + len(message),
            before.messages_sent,
            before.messages_received + 1,
        )
        return message

    async def close(self) -> None:
        """End the link; never raises."""
        await self._link.close()
