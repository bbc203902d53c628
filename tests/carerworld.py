"""Carers whose phones bring what they have until it is answered for, and believe what they get.

House rules: a phone is asked over the API; what it was answered is held against the database
as it is then. Nothing that is done at a door needs the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, signed
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.fields import ObjectError
from nyckelfri.server.keys import actions_revoke, queries
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits.models import OpeningRecord, PhoneEntry, StoredEntry
from serverworld import Answer, Api, Lock, b64, unb64

LONG_ENOUGH = timedelta(minutes=2)
"""After so long a bulletin is signed anew, and the phone's sync is noted again."""


def said(data: bytes) -> Bulletin:
    """What a bulletin says."""
    return bulletins.from_payload(signed.unverified_payload(data))


@dataclass
class Carer:
    """One carer, their phone, and the lock of a client of theirs."""

    api: Api
    phone: Phone
    lock: Lock
    client: str
    now: datetime
    set_clock: Callable[[datetime], None]
    held: set[bytes] = field(default_factory=set)
    """Every grant that the phone was ever given."""
    body: dict[str, Any] = field(default_factory=dict)
    rounds: int = 0

    @classmethod
    def begin(cls, api: Api, **who: Any) -> Carer:
        """Somebody who has signed in, and synced once."""
        carer = cls(api, **who)
        carer.body = {"batches": [b64(carer.lock.batch())]}
        carer.take(carer.sync())
        return carer

    def work(self) -> None:
        """Some time later, another visit; until then their access was taken from them anew.

        So the next sync brings a journal, a record and an entry, and must issue new grants.
        """
        self.now += LONG_ENOUGH
        self.set_clock(self.now)
        self.lose_access()
        self.visit()

    def lose_access(self) -> None:
        """Somebody takes back every grant of theirs."""
        for row in queries.live(self.now).filter(phone=self.phone):
            actions_revoke.revoke(row.serial, reason="x", actor="test", now=self.now)

    def visit(self) -> None:
        """Open the door; the lock and the phone note it, and so does the carer."""
        grants = Issued.objects.filter(phone=self.phone).select_related("employee__subject")
        grant = grants.filter(installation__identifier=self.lock.installation).latest("pk")
        before = len(self.lock.entries)
        number = self.lock.use(grant)
        seconds = int(self.now.timestamp())
        self.rounds += 1
        opening = {
            "id": str(uuid4()),
            "installation": self.lock.installation.hex(),
            "serial": grant.serial.hex(),
            "command": 1,
            "reason": 0,
            "number": number,
            "head": self.lock.head(number)[:8].hex(),
            "phone_time": seconds,
        }
        entry = {
            "id": str(uuid4()),
            "kind": "note",
            "at": seconds,
            "employee": grant.employee.number,
            "client": self.client,
            "detail": {"text": "\u00c5t en god frukost"},
        }
        self.body = {
            "batches": [b64(self.lock.batch(before + 1))],
            "openings": [opening],
            "entries": [entry],
            "day": "",
        }

    def everything(self) -> list[str]:
        """The whole journal of the lock, as another phone would bring it."""
        last = len(self.lock.entries)
        return [
            b64(self.lock.batch(first, min(first + 99, last))) for first in range(1, last + 1, 100)
        ]

    def ask(self) -> Answer:
        """Sync with all of it."""
        return self.api.post("sync", self.body)

    def sync(self) -> dict[str, Any]:
        """What a sync with all of it gives."""
        answer = self.ask()
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    def take(self, answer: dict[str, Any]) -> None:
        """Keep what came; the database must stand behind all of it."""
        for batch in answer["results"]["batches"]:
            assert batch["status"] in {"stored", "known"}
        grants = {unb64(each["grant"]) for each in answer["grants"]}
        assert grants
        self.held |= grants
        known = {bytes(data) for data in Issued.objects.values_list("data", flat=True)}
        assert self.held <= known
        (receipt,) = self.receipts(answer)
        assert receipt.number == len(self.lock.entries)
        stored = StoredEntry.objects.filter(
            installation__identifier=self.lock.installation, number=receipt.number
        )
        assert bytes(stored.get().head) == receipt.head == self.lock.head(receipt.number)
        gone = Issued.objects.filter(phone=self.phone).exclude(revoked_at=None)
        assert {bytes(row.serial) for row in gone} <= said(unb64(answer["bulletin"])).serials

    def is_home_once(self) -> None:
        """Each entry of the lock, each record and each note is stored, once."""
        stored = StoredEntry.objects.filter(installation__identifier=self.lock.installation)
        numbers = list(stored.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(self.lock.entries) + 1))
        assert OpeningRecord.objects.filter(phone=self.phone).count() == self.rounds
        assert PhoneEntry.objects.filter(phone=self.phone).count() == self.rounds

    def receipts(self, answer: dict[str, Any]) -> Iterator[Receipt]:
        """Those for this client's lock; the entrance has its own."""
        for data in map(unb64, answer["receipts"]):
            with suppress(ObjectError):
                yield delivery.open_receipt(
                    data, queries.key_set(), installation=self.lock.installation
                )
