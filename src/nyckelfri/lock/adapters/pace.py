"""How often a lock advertises, by what came of its links (docs/protocol.md, section 11).

House rules: pure, the time is a parameter. A lock under attack becomes slower, never silent: a
carer's phone hears an advertisement a second within any second or two of looking.
"""

from __future__ import annotations

from nyckelfri.radio.link import Worth


class Pace:
    """The advertising interval in milliseconds; times in seconds of any clock that only rises."""

    def __init__(self, usual: int, slowest: int, quiet: float) -> None:
        """Begin at the usual interval; after `quiet` seconds without trouble go back to it."""
        self._usual = usual
        self._slowest = max(usual, slowest)
        self._quiet = quiet
        self._interval = usual
        self._until = 0.0

    def interval(self, now: float) -> int:
        """Milliseconds from one advertisement to the next."""
        return self._interval if now < self._until else self._usual

    def delay(self, now: float) -> float:
        """Seconds from a connection to the next advertisement: none, or an interval if slowed."""
        interval = self.interval(now)
        return interval / 1000 if interval > self._usual else 0.0

    def ended(self, worth: Worth, now: float) -> None:
        """Learn that a link has ended: double after nothing, back to usual after a grant."""
        if worth is Worth.GRANTED:
            self._interval = self._usual
        elif worth is Worth.NOTHING:
            self._interval = min(2 * self.interval(now), self._slowest)
            self._until = now + self._quiet

    def changes_in(self, now: float) -> float | None:
        """Seconds until the interval changes by itself, None if it will not."""
        if self.interval(now) == self._usual:
            return None
        return self._until - now
