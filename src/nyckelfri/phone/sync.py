"""One sync: what waits goes up, everything the phone should hold comes down.

House rules: a row of the outbox goes only when the server has answered for it, and only after
what came down is stored: a sync that is cut short is repeated, and does no harm. A blocked phone
destroys what it holds, at once. Without a session the journal still goes home.
"""

from __future__ import annotations

import http
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from nyckelfri.door import signed
from nyckelfri.phone import wire
from nyckelfri.phone.book import Book
from nyckelfri.phone.client import BlockedError, Client, RefusedError
from nyckelfri.phone.labels import Labels
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.release import upload
from nyckelfri.phone.store import Store, put
from nyckelfri.phone.vault import Secrets

MAX_BATCHES: Final = 64
MAX_OPENINGS: Final = 1_500
MAX_BATCH_BYTES: Final = 1024 * 1024
"""Bytes of batches in one request, so that with base64 it stays under the server's 3 MiB."""
SMALL_BATCHES: Final = 4
SMALL_OPENINGS: Final = 20
"""What a busy server takes in all the same."""
_MAX_ROUNDS: Final = 64
_NOT_TAKEN: Final = frozenset(
    {
        http.HTTPStatus.BAD_REQUEST,
        http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        http.HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


@dataclass(slots=True)
class Report:
    """What a sync did."""

    sent_batches: int = 0
    sent_openings: int = 0
    sent_installations: int = 0
    kept: int = 0
    doors: int = 0
    grants: int = 0
    receipts: int = 0
    refused: int = 0
    offset: int = 0
    signed_in: bool = False
    later: int = 0
    """Seconds until the rest of what waits is sent: the server is busy."""
    unsure: list[str] = field(default_factory=list)
    """Inventory numbers of units that may have become locks, and of which nobody knows it."""
    notes: list[str] = field(default_factory=list)


class Sync:
    """Syncs one phone; `clock` gives this phone's own Unix seconds."""

    def __init__(
        self,
        store: Store,
        secrets: Secrets,
        client: Client,
        *,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._book = Book(store, secrets.data_key)
        self._outbox = Outbox(store)
        self._kept_labels = Labels(store, secrets.data_key)
        self._phone_x = signed.coordinate(secrets.key.public_key())
        self._clock = clock
        session = self._book.session()
        token = session.token if session is not None else None
        self._client = replace(client, token=secrets.token, session=token)

    def run(self) -> Report:
        """Until nothing waits; raises a ServerError, having destroyed everything if blocked."""
        report = Report()
        try:
            self._installations(report)
            self._labels(report)
            for _ in range(_MAX_ROUNDS):
                before = self._waiting()
                self._round(report)
                if report.later or not 0 < self._waiting() < before:
                    break
        except BlockedError:
            self._store.destroy(outbox=False)
            raise
        return report

    def _waiting(self) -> int:
        waiting = self._outbox.waiting()
        return waiting.batches + waiting.openings

    def _installations(self, report: Report) -> None:
        for parcel in self._outbox.installations():
            body = {"lock": parcel.lock, "record": wire.encode(parcel.data)}
            try:
                self._client.call("installations", body)
            except BlockedError:
                raise
            except RefusedError as error:
                report.notes.append(f"{parcel.lock}: {error}")
                continue
            self._outbox.tick_off(installations=[parcel.row])
            report.sent_installations += 1
        report.unsure = self._outbox.unsure_locks()

    def _labels(self, report: Report) -> None:
        """Labels of released units: their locks' journals go home with or without them."""
        if self._client.session is not None:
            report.notes += upload(self._kept_labels, self._client)

    def _round(self, report: Report) -> None:
        before = self._clock()
        report.later = self._patience(before)
        most = (SMALL_BATCHES, SMALL_OPENINGS) if report.later else (MAX_BATCHES, MAX_OPENINGS)
        batches = self._outbox.batches(most=most[0], most_bytes=MAX_BATCH_BYTES)
        openings = self._outbox.openings(most=most[1])
        try:
            raw = self._call(wire.sync_request([parcel.data for parcel in batches], openings))
        except RefusedError as error:
            if error.status not in _NOT_TAKEN or not (batches or openings):
                raise
            # What the server cannot read must not keep new keys from the phone; it stays here.
            batches, openings = [], []
            raw = self._call(wire.sync_request([], []))
            report.notes.append(f"the server does not take what this phone carries: {error}")
        answer = wire.read_sync(raw, self._store.trusted(), self._phone_x)
        if len(answer.batches) != len(batches):
            if answer.batches or not answer.later:
                raise wire.AnswerError("the server did not answer for every batch: try again later")
            batches = []
        if answer.later:
            # Not at the same moment as all the others.
            report.later = answer.later + secrets.randbelow(max(1, answer.later // 4) + 1)
        again = before + report.later
        self._keep(answer, offset=answer.server_time - (before + self._clock()) // 2, again=again)
        answered = {record.id for record in openings} & set(answer.openings)
        self._outbox.tick_off(batches=[parcel.row for parcel in batches], openings=answered)
        report.sent_batches += len(batches)
        report.sent_openings += len(answered)
        report.kept += answer.batches.count("kept")
        report.refused += answer.refused
        report.offset = self._store.offset
        report.receipts += len(answer.receipts)
        report.signed_in = self._client.session is not None
        report.doors, report.grants = len(self._book.doors()), len(self._book.grants())

    def _call(self, body: dict[str, Any]) -> dict[str, Any]:
        """Sync; when the session has run out, once more without it."""
        try:
            return self._client.call("sync", body)
        except RefusedError as error:
            if error.status != http.HTTPStatus.UNAUTHORIZED or self._client.session is None:
                raise
        without = replace(self._client, session=None)
        answer = without.call("sync", body)
        self._client = without
        self._book.session_is_over()
        return answer

    def _patience(self, now: int) -> int:
        """Seconds for which the server has asked not to be sent much."""
        again = self._store.get("again")
        # A phone's clock may be set back: no wait is longer than the longest.
        left = again - now if isinstance(again, int) else 0
        return left if 0 < left <= 2 * wire.MAX_LATER else 0

    def _keep(self, answer: wire.Answer, *, offset: int, again: int) -> None:
        trusted = answer.trusted
        with self._store.transaction() as change:
            put(change, "again", again)
            put(change, "offset", offset)
            put(change, "synced", answer.server_time)
            if trusted.signed_key_set is not None:
                put(change, "key_set", trusted.signed_key_set)
            if trusted.signed_bulletin is not None:
                put(change, "bulletin", trusted.signed_bulletin)
            else:
                change.execute("DELETE FROM meta WHERE name = 'bulletin'")
            for receipt in answer.receipts:
                change.execute(
                    "INSERT INTO receipts VALUES (?, ?, ?) ON CONFLICT (installation) DO UPDATE"
                    " SET number = excluded.number, data = excluded.data"
                    " WHERE excluded.number > number",
                    (receipt.installation, receipt.number, receipt.data),
                )
            change.execute("DELETE FROM wanted")
            change.executemany("REPLACE INTO wanted VALUES (?, ?)", answer.wanted)
            if self._client.session is not None:
                change.execute("DELETE FROM orders")
                change.executemany("REPLACE INTO orders VALUES (?, ?)", answer.orders)
        if self._client.session is not None:
            self._book.replace_access(answer.doors, answer.grants, now=answer.server_time)
