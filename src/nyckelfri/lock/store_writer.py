"""How entries become rows: numbered, chained, sealed; and which are given up when there are many.

House rules: the content key lives here, in memory, and nowhere else; a new one is made at start,
each day of the lock's clock, with each key set, and after anything that failed, so that no number
is ever sealed twice under one key (docs/protocol.md, 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from nyckelfri.door import journal, keyset, sealing
from nyckelfri.door.clock import Reading
from nyckelfri.door.journal import Detail, Entry, Lost
from nyckelfri.door.sealing import Sealer, Wrapping
from nyckelfri.lock.store_rows import Row
from nyckelfri.lock.store_state import Tip

FOLD: Final = 256
"""Entries that are given up at once, so that one entry in so many says that there are lost ones."""
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows to store, and the content key they are sealed under: its number, and wrapped."""

    rows: tuple[Row, ...] = ()
    key: tuple[int, Wrapping] | None = None


class Writer:
    """Seals entries; `newest` tells the highest number of a content key in the store."""

    def __init__(self, random: Callable[[int], bytes], newest: Callable[[], int]) -> None:
        self._random = random
        self._newest = newest
        self._sealer: Sealer | None = None
        self._number = 0
        self._serves: tuple[bytes, bytes, int] | None = None

    def __repr__(self) -> str:
        return f"Writer({self._sealer!r})"

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around writing what was sealed: if it fails, the next entry gets a fresh content key.

        What failed may be on the disk in part, under numbers that will be given again.
        """
        try:
            yield
        except BaseException:
            self._sealer = None
            raise

    def lines(
        self,
        details: Sequence[Detail],
        *,
        tip: Tip,
        now: Reading,
        installation: bytes,
        key_set: bytes,
    ) -> Lines:
        """The rows of these entries behind `tip`; `key_set` is the payload of the one in force."""
        if not details:
            return Lines()
        sealer = self._take(installation, key_set, now.time // _DAY)
        rows = []
        head = tip.head
        for number, detail in enumerate(details, tip.number + 1):
            body = journal.encode_entry(Entry(number, now.time, now.mark, detail))
            salt = self._random(journal.SALT_BYTES)
            sealed = sealer.seal(number, salt, body)
            rows.append(Row.make(number, head, journal.leaf(salt, body), self._number, sealed))
            head = rows[-1].head
        return Lines(tuple(rows), (self._number, sealer.wrapping))

    def _take(self, installation: bytes, key_set: bytes, day: int) -> Sealer:
        serves = (installation, key_set, day)
        if self._sealer is None or serves != self._serves:
            self._sealer = Sealer(
                self._random(sealing.CONTENT_KEY_BYTES),
                to=sealing.sealing_key(keyset.from_payload(key_set)),
                installation=installation,
            )
            self._number = self._newest() + 1
            self._serves = serves
        return self._sealer


def give_up(tip: Tip) -> Lost | None:
    """What to say of the oldest entries that no receipt covers when they must go; None without."""
    last = min(tip.settled + FOLD, tip.number)
    return Lost(tip.acknowledged + 1, last) if last > tip.settled else None


def overfull(tip: Tip, coming: int, most: int) -> Lost | None:
    """The same, if with `coming` more entries over `most` would wait for a receipt."""
    return give_up(tip) if tip.number + coming - tip.settled > most else None
