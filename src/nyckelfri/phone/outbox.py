"""What waits on the phone for the server: journal batches, opening records, new installations.

House rules: a row is on stable storage before anything else happens, and goes only when the
server has said what became of it. The server hears of a new installation only when it is known
that the unit became it. Nothing here names a person or a home.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nyckelfri.door.grants import Command
from nyckelfri.door.reasons import Reason
from nyckelfri.phone.store import Store
from nyckelfri.phone.values import OpeningRecord

MAX_BATCHES: Final = 2_000
"""Journal batches on one phone; beyond that it carries no more until it has synced."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something for the server under the row number by which it is ticked off."""

    row: int
    data: bytes
    lock: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """The signed record of a unit of which it is not known whether it became that lock.

    `lock` is the inventory number; the unit's clock, if it did, began at `since` (Unix seconds).
    """

    lock: str
    data: bytes
    since: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits; `unsure` records of installations until they are known to exist."""

    batches: int
    openings: int
    installations: int
    unsure: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.batches + self.openings + self.installations + self.unsure


class Outbox:
    """The waiting rows of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def waiting(self) -> Waiting:
        """How much waits."""
        counts = [
            self._store.rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - names stand here
            for table in ("batches", "openings", "installations", "unsure")
        ]
        return Waiting(*(count for count in counts if isinstance(count, int)))

    @property
    def full(self) -> bool:
        """Whether no more journal should be fetched before a sync."""
        return self.waiting().batches >= MAX_BATCHES

    def keep_batch(self, data: bytes) -> None:
        """A journal batch, once."""
        with self._store.transaction() as change:
            change.execute("INSERT OR IGNORE INTO batches (data) VALUES (?)", (data,))

    def keep_opening(self, record: OpeningRecord) -> None:
        """What a lock answered."""
        with self._store.transaction() as change:
            change.execute(
                "INSERT INTO openings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    record.id,
                    record.installation,
                    record.serial,
                    int(record.command),
                    int(record.reason),
                    record.number,
                    record.head,
                    record.phone_time,
                ),
            )

    def keep_unsure(self, unit: bytes, record: Unsure) -> None:
        """What the unit with this factory key will be once it is told to.

        Instead of an earlier record of the same unit: it has just shown that it is factory-new.
        """
        with self._store.transaction() as change:
            change.execute(
                "REPLACE INTO unsure VALUES (?, ?, ?, ?)",
                (unit, record.lock, record.data, record.since),
            )

    def unsure(self, unit: bytes) -> Unsure | None:
        """The record of the unit with this factory key, if it is not known what became of it."""
        found = self._store.rows("SELECT lock, data, since FROM unsure WHERE unit = ?", unit)
        return Unsure(*found[0]) if found else None  # type: ignore[arg-type]

    def unsure_locks(self) -> list[str]:
        """Inventory numbers of all units of which it is not known what became of them."""
        return [str(lock) for (lock,) in self._store.rows("SELECT lock FROM unsure ORDER BY lock")]

    def keep_installation(self, unit: bytes, lock: str) -> None:
        """The unit became what its record says, as inventory number `lock`: tell the server."""
        with self._store.transaction() as change:
            change.execute(
                "INSERT OR IGNORE INTO installations (lock, data)"
                " SELECT ?, data FROM unsure WHERE unit = ?",
                (lock, unit),
            )
            change.execute("DELETE FROM unsure WHERE unit = ?", (unit,))

    def batches(self, *, most: int, most_bytes: int) -> list[Parcel]:
        """The oldest batches, as many as one request holds."""
        found: list[Parcel] = []
        size = 0
        for row, data in self._store.rows("SELECT id, data FROM batches ORDER BY id LIMIT ?", most):
            if not isinstance(row, int) or not isinstance(data, bytes):
                continue
            size += len(data)
            if found and size > most_bytes:
                break
            found.append(Parcel(row, data))
        return found

    def openings(self, *, most: int) -> list[OpeningRecord]:
        """The oldest opening records."""
        return [
            OpeningRecord(*row[:3], Command(row[3]), Reason(row[4]), *row[5:])  # type: ignore[arg-type, call-arg]
            for row in self._store.rows("SELECT * FROM openings ORDER BY rowid LIMIT ?", most)
        ]

    def installations(self) -> list[Parcel]:
        """New installations that the server has not heard of."""
        found = self._store.rows("SELECT id, data, lock FROM installations ORDER BY id")
        return [Parcel(*row) for row in found]  # type: ignore[arg-type]

    def tick_off(
        self,
        *,
        batches: Iterable[int] = (),
        openings: Iterable[str] = (),
        installations: Iterable[int] = (),
    ) -> None:
        """The server has answered for these."""
        with self._store.transaction() as change:
            change.executemany("DELETE FROM batches WHERE id = ?", [(row,) for row in batches])
            change.executemany("DELETE FROM openings WHERE id = ?", [(id_,) for id_ in openings])
            change.executemany(
                "DELETE FROM installations WHERE id = ?", [(row,) for row in installations]
            )
