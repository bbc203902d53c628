"""What the phones of a town carry after a day without a server: the journals of its locks.

House rules: as `make`; a lock here writes, seals and signs as a real one does, and a phone
carries what it saw itself of the openings that it made. A request is the body of a sync as it
is sent, with the tokens that go with it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from bench.bigtown import brought
from bench.bigtown.brought import Request
from bench.bigtown.make import BASE, Size, build
from bench.bigtown.sql import MOMENT
from nyckelfri.door import delivery, journal, sealing, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import (
    Battery,
    Commissioned,
    Detail,
    Entry,
    Intent,
    MotorResult,
    Outcome,
)
from nyckelfri.door.keyset import Key, Root
from nyckelfri.door.sealing import Sealer, Wrapping
from nyckelfri.root import requests, signing
from nyckelfri.server.keys import actions_keyset, queries
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone, User
from nyckelfri.server.phoneapi.schemas import MAX_BATCHES, MAX_OPENINGS, encode
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.phones.queries import token_hash

OPENERS: Final = 24
"""Clients of the last area, whose locks have no backlog: there doors are opened meanwhile."""
_TWICE: Final = 4
"""Of so many locks, one's journal comes through two phones, signed for each."""
_COMMAND: Final = 2
"""Entries of a command: what was meant, and what came of it."""
_BEGAN: Final = MOMENT - timedelta(hours=10)


@dataclass
class Lock:
    """A lock in service, and what it has written since it last told anybody."""

    row: Installation
    grants: Sequence[Issued]
    to: Key
    heads: list[bytes] = field(default_factory=list)
    waiting: list[tuple[Wrapping, bytes]] = field(default_factory=list)
    time: int = int(_BEGAN.timestamp())

    def __post_init__(self) -> None:
        """Begin the journal, under one content key."""
        self.identifier = bytes(self.row.identifier)
        self.heads.append(journal.genesis(self.identifier))
        secret = hashlib.sha256(b"content" + self.identifier).digest()[:16]
        self._sealer = Sealer(secret, to=self.to, installation=self.identifier)
        self.write(Commissioned(1))

    def write(self, detail: Detail, after: int = 0) -> int:
        """Add an entry; its number."""
        number = len(self.heads)
        self.time += after
        body = journal.encode_entry(Entry(number, self.time, Mark.SET, detail))
        salt = hashlib.sha256(self.identifier + number.to_bytes(4)).digest()[:16]
        self.heads.append(journal.next_head(self.heads[-1], journal.leaf(salt, body)))
        self.waiting.append((self._sealer.wrapping, self._sealer.seal(number, salt, body)))
        return number

    def use(self, grant: Issued, command: Command) -> dict[str, Any]:
        """Do what the phone of this grant asks; what the phone notes of it."""
        subject = grant.employee.subject.identifier
        intent = self.write(Intent(grant.serial, subject, grant.thumbprint, command), 60)
        self.write(Outcome(intent, MotorResult.DONE), 2)
        head = self.heads[intent]
        return {
            "id": str(UUID(bytes=head[:16])),
            "installation": self.identifier.hex(),
            "serial": grant.serial.hex(),
            "command": int(command),
            "reason": 0,
            "number": intent,
            "head": head[:8].hex(),
            "phone_time": self.time,
        }

    def batches(self, times: int = 1) -> Iterator[bytes]:
        """All that waits in signed batches, each so many times, signed anew each time."""
        while self.waiting:
            segments = delivery.fit(self.waiting)
            first = len(self.heads) - len(self.waiting)
            for _ in range(times):
                yield delivery.sign_batch(
                    segments,
                    installation=self.identifier,
                    first=first,
                    previous=self.heads[first - 1],
                    key=_key(self.row.pk),
                )
            del self.waiting[: sum(len(segment.sealed) for segment in segments)]


def make(locks: int, entries: int, openings: int, into: Path) -> None:
    """Build a town of so many locks with as many entries each in its backlog.

    `backlog.jsonl` in the directory has the requests that bring them, `openings.jsonl` those of
    phones at other doors, of one opening each, one after the other.
    """
    build(Size(locks + OPENERS, 0))
    to = _keys()
    of_doors = _grants()
    phones = _phones()
    rows = list(Installation.objects.filter(door__kind="front_door").order_by("pk"))
    busy, quiet = rows[:locks], rows[locks:]
    carried: dict[int, Carried] = defaultdict(Carried)
    for at, row in enumerate(busy):
        lock = Lock(row, of_doors[row.pk], to)
        _work(lock, entries, carried)
        # Who was there last has all of it; who was there before has the beginning of it.
        last, before = lock.grants[at % len(lock.grants)], lock.grants[(at + 1) % len(lock.grants)]
        whole = list(lock.batches(2 if at % _TWICE == 0 else 1))
        if at % _TWICE == 0:
            carried[before.phone_id].batches.append(whole[0])
            whole = whole[1::2]
        carried[last.phone_id].batches += whole
    brought.write(into / "backlog.jsonl", _requests(carried, phones))
    brought.write(into / "openings.jsonl", _of_openers(quiet, of_doors, to, phones, openings))


@dataclass
class Carried:
    """What one phone carries."""

    batches: list[bytes] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)


def _work(lock: Lock, entries: int, carried: dict[int, Carried]) -> None:
    """Unlock and lock, by one after the other, until there are so many entries."""
    for turn in itertools.count():
        left = entries + 1 - len(lock.heads)
        if left < _COMMAND:
            break
        grant = lock.grants[turn // 2 % len(lock.grants)]
        seen = lock.use(grant, Command.LOCK if turn % 2 else Command.UNLOCK)
        carried[grant.phone_id].openings.append(seen)
        if turn % 50 == 49:
            lock.write(Battery(100 - turn // 50 * 5))
    for _ in range(left):
        lock.write(Battery(50))


def _requests(carried: dict[int, Carried], phones: dict[int, str]) -> Iterator[Request]:
    """Whoever comes first comes first: by what follows from the phone's number alone."""
    for phone in sorted(carried, key=lambda phone: hashlib.sha256(str(phone).encode()).digest()):
        batches, openings = carried[phone].batches, carried[phone].openings
        while batches or openings:
            yield _request(phones[phone], None, batches[:MAX_BATCHES], openings[:MAX_OPENINGS])
            del batches[:MAX_BATCHES], openings[:MAX_OPENINGS]


def _of_openers(
    rows: Sequence[Installation],
    of_doors: dict[int, list[Issued]],
    to: Key,
    phones: dict[int, str],
    openings: int,
) -> Iterator[Request]:
    locks = [Lock(row, of_doors[row.pk], to) for row in rows]
    sessions: dict[int, str] = {}
    for turn in range(openings):
        lock = locks[turn % len(locks)]
        grant = lock.grants[turn // len(locks) % len(lock.grants)]
        if grant.phone_id not in sessions:
            sessions[grant.phone_id] = _signed_in(grant)
        seen = lock.use(grant, Command.UNLOCK)
        session = sessions[grant.phone_id]
        yield _request(phones[grant.phone_id], session, list(lock.batches()), [seen])


def _request(
    token: str, session: str | None, batches: list[bytes], openings: list[dict[str, Any]]
) -> Request:
    entries = sum(batch.last - batch.first + 1 for batch in map(delivery.claimed, batches))
    body = {"batches": [encode(batch) for batch in batches], "openings": openings}
    return Request(token, session, json.dumps(body), entries)


def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


def _keys() -> Key:
    """A key set in force, and a signing key in each lock; the key that locks seal to."""
    holder = _key(1)
    root = Root(1, (signed.compressed(holder.public_key()),))
    actions_keyset.pin_root(root.encoded, actor="bench", now=MOMENT)
    asked = actions_keyset.request(new=actions_keyset.PURPOSES, actor="bench", now=MOMENT)
    data = signing.sign_whole(requests.read_request(asked.payload), root, [holder])
    actions_keyset.install(data, actor="bench", now=MOMENT)
    rows = list(Installation.objects.filter(pk__gte=BASE))
    for row in rows:
        row.signing_key = signed.compressed(_key(row.pk).public_key())
    Installation.objects.bulk_update(rows, ["signing_key"], batch_size=1000)
    return sealing.sealing_key(queries.key_set())


def _grants() -> dict[int, list[Issued]]:
    """What was issued for each door, for those at work now."""
    rows = Issued.objects.select_related("employee__subject").order_by("installation_id", "pk")
    return {door: list(some) for door, some in groupby(rows, key=lambda row: row.installation_id)}


def _phones() -> dict[int, str]:
    """Give each phone a token; it as it is sent, by phone."""
    rows = list(Phone.objects.filter(pk__gte=BASE))
    tokens = {row.pk: hashlib.sha256(f"token {row.pk}".encode()).digest() for row in rows}
    for row in rows:
        row.device_token_hash = token_hash(tokens[row.pk])
    Phone.objects.bulk_update(rows, ["device_token_hash"], batch_size=1000)
    return {phone: encode(token) for phone, token in tokens.items()}


def _signed_in(grant: Issued) -> str:
    employee, token = grant.employee, hashlib.sha256(f"session {grant.phone_id}".encode()).digest()
    employee.user = User.objects.create(username=employee.number)
    employee.save()
    PersonalSession.objects.create(
        token_hash=token_hash(token),
        phone_id=grant.phone_id,
        employee=employee,
        opened_at=_BEGAN,
        until=MOMENT + timedelta(hours=6),
    )
    return encode(token)
