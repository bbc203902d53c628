"""kill -9 between any two steps of what the server does for a phone, on a real database.

Each process is a real one, and so is its end; after it another one is asked the same again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, signed
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.fields import ObjectError
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import actions_bulletin, actions_revoke, queries, watermark
from nyckelfri.server.keys.models import Issued, IssuedBulletin, Revocation
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.visits.models import OpeningRecord, PhoneEntry, StoredEntry
from outageworld import Ended, all_hangs_together, killed_at
from serverfixtures import SetClock
from serverworld import Api, Handset, Lock, b64, unb64

pytestmark = pytest.mark.threat(42)
LONG_ENOUGH = timedelta(minutes=2)
"""After so long a bulletin is signed anew, and the phone's sync is noted again."""


@dataclass
class Carer:
    """Alice's phone: what it has been given, and what waits in it until it is answered for."""

    api: Api
    lock: Lock
    now: datetime
    set_clock: SetClock
    held: set[bytes] = field(default_factory=set)
    body: dict[str, Any] = field(default_factory=dict)

    def work(self) -> None:
        """Another visit: the lock writes two entries, the phone one record and one entry.

        All grants of hers are taken back first, so that the next sync must issue new ones.
        """
        self.now += LONG_ENOUGH
        self.set_clock(self.now)
        for row in queries.live(self.now):
            actions_revoke.revoke(row.serial, reason="x", actor="test", now=self.now)
        grant = Issued.objects.filter(installation__identifier=self.lock.installation).latest("pk")
        before = len(self.lock.entries)
        number = self.lock.use(grant)
        seconds = int(self.now.timestamp())
        self.body = {
            "batches": [b64(self.lock.batch(before + 1))],
            "openings": [
                {
                    "id": str(uuid4()),
                    "installation": self.lock.installation.hex(),
                    "serial": grant.serial.hex(),
                    "command": 1,
                    "reason": 0,
                    "number": number,
                    "head": self.lock.head(number)[:8].hex(),
                    "phone_time": seconds,
                }
            ],
            "entries": [
                {
                    "id": str(uuid4()),
                    "kind": "visit_start",
                    "at": seconds,
                    "employee": "10001",
                    "client": "B0001",
                    "visit": "V000001",
                    "detail": {"how": "door"},
                }
            ],
            "day": "",
        }

    def sync(self) -> dict[str, Any]:
        """What a sync with all of it gives."""
        answer = self.api.post("sync", self.body)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    def take(self, answer: dict[str, Any]) -> None:
        """Believe an answer only as far as the database stands behind it."""
        grants = {unb64(each["grant"]) for each in answer["grants"]}
        assert grants
        rows = Issued.objects.filter(data__in=grants, revoked_at=None)
        assert {bytes(row.data) for row in rows} == grants
        self.held |= grants
        (receipt,) = self._receipts(answer)
        assert receipt.number == len(self.lock.entries)
        assert receipt.head == self.lock.head(receipt.number)
        stored = StoredEntry.objects.filter(
            installation__identifier=self.lock.installation, number=receipt.number
        )
        assert bytes(stored.get().head) == receipt.head
        said = _said(unb64(answer["bulletin"]))
        gone = {bytes(row.serial) for row in Issued.objects.exclude(revoked_at=None)}
        assert said.serials == gone

    def _receipts(self, answer: dict[str, Any]) -> Iterator[Receipt]:
        """Those for her client's lock; the entrance has its own."""
        for data in map(unb64, answer["receipts"]):
            with suppress(ObjectError):
                yield delivery.open_receipt(
                    data, queries.key_set(), installation=self.lock.installation
                )


@pytest.fixture
def carer(
    api: Api, keys: Any, locks: Any, alices_phone: Handset, moment: datetime, set_clock: SetClock
) -> Carer:
    """Alice has signed in, synced once and been in once."""
    assert api.sign_in("10001").status == 200
    found = Carer(api, locks.home, moment, set_clock, body={"batches": [b64(locks.home.batch())]})
    found.take(found.sync())
    return found


def _said(data: bytes) -> Any:
    return bulletins.from_payload(signed.unverified_payload(data))


def _killed_everywhere(prepare: Callable[[], None], call: Callable[[], Any]) -> list[Ended]:
    """Kill a call at each of its steps, each time prepared anew, until it lives to its end."""
    ends = []
    for step in itertools.count():
        prepare()
        ends.append(killed_at(step, call))
        if not ends[-1].killed:
            return ends
    raise AssertionError


def test_sync_that_is_killed_anywhere_loses_nothing_doubles_nothing_and_gives_nothing_unknown(
    carer: Carer,
) -> None:
    """The journal, what phone and staff noted, grants, bulletin and receipts, in one sync."""
    ends = []
    for step in itertools.count():
        carer.work()
        ends.append(killed_at(step, carer.sync))
        if not ends[-1].killed:
            carer.take(ends[-1].answer)
        again = carer.sync()
        carer.take(again)
        (batch,) = again["results"]["batches"]
        assert batch["status"] in {"stored", "known"}
        if not ends[-1].killed:
            break
        all_hangs_together()
    assert len(ends) > 20
    done = {each.step for each in ends}
    assert {"before _commit", "after _commit", "before write", "after write"} <= done
    rounds = len(ends)
    assert StoredEntry.objects.count() == 1 + 2 * rounds
    assert OpeningRecord.objects.count() == PhoneEntry.objects.count() == rounds
    serials = list(Issued.objects.values_list("serial", flat=True))
    assert len(serials) == len({bytes(serial) for serial in serials})
    named = AuditEvent.objects.filter(verb=Verb.GRANT_ISSUE).values_list("details", flat=True)
    assert sorted(serial for each in named for serial in each["serials"]) == sorted(
        bytes(serial).hex() for serial in serials
    )
    assert carer.held <= {bytes(row.data) for row in Issued.objects.all()}


def test_block_that_is_killed_anywhere_is_done_whole_or_not_at_all(
    carer: Carer, keys: Any, alices_phone: Handset
) -> None:
    """Never a phone that is blocked and still holds a session, or whose key no bulletin names."""
    row = alices_phone.row
    thumbprint = row.thumbprint

    def whole() -> bool:
        now = Phone.objects.get(pk=row.pk)
        named = Revocation.objects.filter(kind=Revocation.Kind.PHONE, value=thumbprint).exists()
        closed = not PersonalSession.objects.filter(phone=row, closed_at=None).exists()
        noted = AuditEvent.objects.filter(verb=Verb.PHONE_BLOCK).exists()
        (is_blocked,) = {now.state == PhoneState.BLOCKED, named, closed, noted}
        return is_blocked

    def block() -> str:
        return str(phones.block(row, reason="lost", actor="test", now=carer.now).state)

    for step in itertools.count():
        ended = killed_at(step, block)
        if whole() or not ended.killed:
            break
    assert step > 5
    assert block() == PhoneState.BLOCKED
    assert whole()
    assert AuditEvent.objects.filter(verb=Verb.PHONE_BLOCK).count() == 1
    all_hangs_together()
    assert thumbprint in _said(actions_bulletin.current(carer.now)).phones


def test_revocation_that_is_killed_anywhere_is_in_the_bulletin_or_the_grant_still_counts(
    carer: Carer, keys: Any
) -> None:
    """Whoever asked was not answered, and asks again: it is then done once."""

    def revoke() -> bool:
        actions_revoke.revoke(serial, reason="lost", actor="test", now=carer.now)
        return True

    serial = b""
    for step in itertools.count():
        carer.work()
        carer.take(carer.sync())
        grant = queries.live(carer.now).latest("pk")
        serial = bytes(grant.serial)
        ended = killed_at(step, revoke)
        grant.refresh_from_db()
        named = Revocation.objects.filter(kind=Revocation.Kind.GRANT, value=serial).exists()
        assert (grant.revoked_at is not None) is named
        revoke()
        about = AuditEvent.objects.filter(object_id=f"grant:{serial.hex()}")
        assert about.filter(verb=Verb.GRANT_REVOKE).count() == 1
        assert serial in _said(actions_bulletin.current(carer.now)).serials
        if not ended.killed:
            break
    assert step > 5
    all_hangs_together()


def test_bulletin_that_is_killed_anywhere_is_never_ahead_of_the_database(
    carer: Carer, keys: Any
) -> None:
    """Before it is shown it is noted, before it is noted it is committed; no number comes twice."""
    seen: dict[Any, bytes] = {}

    def ask() -> bool:
        return bool(actions_bulletin.current(carer.now))

    def change() -> None:
        carer.work()

    for ended in _killed_everywhere(change, ask):
        assert ended.killed or ended.answer
        all_hangs_together()
        data = actions_bulletin.current(carer.now)
        said = _said(data)
        assert seen.setdefault(said.number, data) == data
        assert watermark.read(queries.directory()) == said
        assert IssuedBulletin.objects.filter(epoch=said.epoch, issued=said.issued).count() == 1
