"""A server with keys, locks in service and phones, for the tests that need one.

Locks here write real journals with real keys; nothing is mocked. Keys come from small
numbers, so that a failure repeats.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client as Browser
from doorworld import identifier, private_key

from nyckelfri.door import delivery, journal, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import InstallationRecord, Kind
from nyckelfri.door.delivery import Record
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Commissioned, Detail, Entry, Intent, MotorResult, Outcome
from nyckelfri.door.keyset import Key, KeySet, Root
from nyckelfri.door.sealing import sealing_key
from nyckelfri.root import requests, signing
from nyckelfri.server.keys import actions_keyset, queries
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.visits import actions as visits
from nyckelfri.server.visits.actions_openings import Opening
from sealworld import sealed

PASSWORD = "correct horse battery staple"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def record_opening(opening: Opening, *, phone: Phone, now: datetime) -> str:
    """What becomes of an opening record that comes alone."""
    (status,) = visits.take_in([], [opening], phone=phone, now=now).openings
    return status


@dataclass(frozen=True)
class Holders:
    """Who holds the root: 2 of 3."""

    keys: tuple[ec.EllipticCurvePrivateKey, ...]
    root: Root

    @classmethod
    def make(cls, seed: int = 700) -> Holders:
        keys = tuple(private_key(seed + i) for i in range(3))
        points = sorted(signed.compressed(key.public_key()) for key in keys)
        return cls(keys, Root(2, tuple(points)))

    def sign(self, request: KeySet) -> bytes:
        return signing.sign_whole(requests.read_request(request.payload), self.root, self.keys[:2])

    def install_first(self, now: datetime) -> KeySet:
        """Pin the root and put the first key set in force, as `server init` does."""
        actions_keyset.pin_root(self.root.encoded, actor="test", now=now)
        request = actions_keyset.request(new=actions_keyset.PURPOSES, actor="test", now=now)
        return actions_keyset.install(self.sign(request), actor="test", now=now)


@dataclass
class Lock:
    """A lock in service with its journal, all entries kept."""

    key: ec.EllipticCurvePrivateKey
    signing_key: ec.EllipticCurvePrivateKey
    record: InstallationRecord
    clock: int
    bodies: list[Record] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    seals_to: Key | None = None
    """The sealing key it believes in; None: that of the key set in force here."""

    @classmethod
    def make(cls, name: str, root: Root, clock: int, kind: Kind = Kind.THUMB_TURN) -> Lock:
        seed = 1_000_000 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
        key, signing_key = private_key(seed), private_key(seed + 1)
        record = InstallationRecord(
            municipality=root.municipality,
            installation=identifier(name),
            kind=kind,
            lock_key=signed.coordinate(key.public_key()),
            signing_key=signed.compressed(signing_key.public_key()),
            radio_key=hashlib.sha256(b"radio" + name.encode()).digest()[:16],
            release_nonce=hashlib.sha256(b"release" + name.encode()).digest()[:16],
        )
        lock = cls(key, signing_key, record, clock)
        lock.write(Commissioned(1))
        return lock

    @property
    def installation(self) -> bytes:
        return self.record.installation

    @property
    def signed_record(self) -> bytes:
        return self.record.sign(self.signing_key)

    def write(self, detail: Detail, *, after: int = 0, mark: Mark = Mark.SET) -> int:
        """Append an entry, `after` seconds on; its number."""
        self.clock += after
        number = len(self.entries) + 1
        entry = Entry(number, self.clock, mark, detail)
        salt = hashlib.sha256(self.installation + number.to_bytes(4, "big")).digest()[:16]
        self.entries.append(entry)
        self.bodies.append(Record(salt, journal.encode_entry(entry)))
        return number

    def use(
        self,
        grant: Issued,
        command: Command = Command.UNLOCK,
        *,
        after: int = 60,
        result: MotorResult | None = MotorResult.DONE,
    ) -> int:
        """Do what this grant's phone asks, as the lock would; the number of the intent."""
        intent = self.write(
            Intent(grant.serial, grant.employee.subject.identifier, grant.thumbprint, command),
            after=after,
        )
        if result is not None:
            self.write(Outcome(intent, result), after=1)
        return intent

    def head(self, number: int) -> bytes:
        head = journal.genesis(self.installation)
        for body in self.bodies[:number]:
            head = journal.next_head(head, body.leaf)
        return head

    def batch(self, first: int = 1, last: int | None = None) -> bytes:
        """Sign the sealed entries from `first` to `last` (the newest)."""
        to = self.seals_to or sealing_key(queries.key_set())
        part = self.bodies[first - 1 : last]
        segment = sealed(part, installation=self.installation, first=first, to=to)
        return delivery.sign_batch(
            [segment],
            installation=self.installation,
            first=first,
            previous=self.head(first - 1),
            key=self.signing_key,
        )

    def put_in_service(self, unit: LockUnit, now: datetime) -> Installation:
        return actions_commission.commission(
            unit.external_id, self.signed_record, installer=None, actor="test", now=now
        )


@dataclass(frozen=True)
class Handset:
    """An enrolled phone: its row at the server, its key and its token."""

    row: Phone
    key: ec.EllipticCurvePrivateKey
    token: bytes

    @classmethod
    def enrol(cls, label: str, holder: Employee, seed: int, now: datetime) -> Handset:
        key = private_key(seed)
        row = phones.register(label=label, holder=holder, actor="test", now=now)
        code = phones.invite(row, actor="test", now=now)
        x = signed.coordinate(key.public_key())
        done = phones.enrol(code, public_key=x, model="Test", now=now)
        return cls(done.phone, key, done.token)

    @property
    def public_key(self) -> bytes:
        return signed.coordinate(self.key.public_key())


@dataclass
class Api:
    """The phone API through Django's own request handling."""

    token: bytes | None = None
    session: str | None = None
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=True))

    def post(self, call: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        headers = {}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {b64(self.token)}"
        if self.session is not None:
            headers["Nyckelfri-Session"] = self.session
        data = raw if raw is not None else json.dumps({} if body is None else body).encode()
        response = self.browser.post(
            f"/api/phone/v1/{call}", data, content_type="application/json", headers=headers
        )
        return Answer(response.status_code, response.json(), dict(response.headers))

    def sign_in(self, username: str, password: str = PASSWORD) -> Answer:
        answer = self.post("sign-in", {"username": username, "password": password})
        if answer.status == 200:
            self.session = answer.body["session"]
        return answer


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))
