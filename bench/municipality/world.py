"""An imported municipality with every lock in service, for the server's measurements.

Loaded only where Django is set up already.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.test import Client as Browser

from nyckelfri import clock
from nyckelfri.door import delivery, grants, journal, sealing, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import InstallationRecord, Kind
from nyckelfri.door.delivery import Record
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.journal import Commissioned, Entry, Intent, MotorResult, Outcome
from nyckelfri.door.keyset import Root
from nyckelfri.door.sealing import Sealer, Wrapping
from nyckelfri.root import requests, signing
from nyckelfri.server.access import rights
from nyckelfri.server.importer import cli as importer
from nyckelfri.server.keys import actions_issue, actions_keyset, queries
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.locks.models import Door, Installation, LockUnit
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.phones.queries import token_hash
from nyckelfri.server.visits import actions as visits
from nyckelfri.server.visits.models import StoredEntry


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def put_keys_in_force(now: datetime) -> Root:
    """Make a root of one holder, and the server's keys."""
    holder = _key()
    root = Root(1, (signed.compressed(holder.public_key()),))
    actions_keyset.pin_root(root.encoded, actor="bench", now=now)
    asked = actions_keyset.request(new=actions_keyset.PURPOSES, actor="bench", now=now)
    data = signing.sign_whole(requests.read_request(asked.payload), root, [holder])
    actions_keyset.install(data, actor="bench", now=now)
    return root


@dataclass
class Journal:
    """One lock that has been used until a batch is full."""

    installation: bytes
    last: int


@dataclass
class World:
    """The municipality, and what is done to it; `now` moves when it is told to."""

    root: Root
    now: datetime
    signing_keys: dict[bytes, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    tokens: dict[int, bytes] = field(default_factory=dict)
    browser: Browser = field(default_factory=Browser)

    @classmethod
    def make(cls, files: Path) -> World:
        """Import, make the keys, put every mounted lock into service."""
        import contextlib  # noqa: PLC0415 -- the importer's report is not part of ours
        import io  # noqa: PLC0415 -- the same

        with contextlib.redirect_stdout(io.StringIO()):
            importer.main([str(files)])
        now = clock.now()
        world = cls(put_keys_in_force(now), now)
        with transaction.atomic():
            for unit in LockUnit.objects.filter(status=LockUnit.Status.MOUNTED):
                world.put_in_service(unit)
        return world

    def put_in_service(self, unit: LockUnit) -> bytes:
        """Commission a unit; its installation id."""
        key = _key()
        kind = Kind.THUMB_TURN if unit.kind == LockUnit.Kind.THUMB_TURN else Kind.ENTRANCE_UNIT
        record = InstallationRecord(
            municipality=self.root.municipality,
            installation=secrets.token_bytes(8),
            kind=kind,
            lock_key=signed.coordinate(_key().public_key()),
            signing_key=signed.compressed(key.public_key()),
            radio_key=secrets.token_bytes(16),
            release_nonce=secrets.token_bytes(16),
        )
        actions_commission.commission(
            unit.external_id, record.sign(key), installer=None, actor="bench", now=self.now
        )
        self.signing_keys[record.installation] = key
        return record.installation

    def employee_with_about(self, doors: int) -> tuple[str, int]:
        """Give the number of an employee with nearest to so many doors, and how many."""
        found = Counter(
            employee
            for employee, _ in {
                (right.employee_id, right.lock_id) for right in rights.of_all(self.now)
            }
        )
        return min(found.items(), key=lambda pair: (abs(pair[1] - doors), pair[0]))

    def new_phone(self, number: str) -> Phone:
        """Enrol one more phone for an employee."""
        holder = Employee.objects.get(number=number)
        row = phones.register(label="bench", holder=holder, actor="bench", now=self.now)
        code = phones.invite(row, actor="bench", now=self.now)
        key = signed.coordinate(_key().public_key())
        done = phones.enrol(code, public_key=key, model="bench", now=self.now)
        self.tokens[done.phone.pk] = done.token
        return done.phone

    def sign_in(self, number: str, phone: Phone) -> bytes:
        """Open a session without a password: Argon2 is slow on purpose, and not what is asked."""
        employee = Employee.objects.get(number=number)
        if employee.user is None:
            from nyckelfri.server.people.models import User  # noqa: PLC0415 -- used only here

            employee.user = User.objects.create(username=number)
            employee.save()
        PersonalSession.objects.filter(employee=employee, closed_at=None).update(closed_at=self.now)
        token = secrets.token_bytes(32)
        PersonalSession.objects.create(
            token_hash=token_hash(token),
            phone=phone,
            employee=employee,
            opened_at=self.now,
            until=datetime.max.replace(tzinfo=self.now.tzinfo, year=2100),
        )
        return token

    def issue(self, number: str, phone: Phone) -> list[Issued]:
        """Derive, mint and store."""
        employee = Employee.objects.select_related("care_team").get(number=number)
        return actions_issue.issue_for(employee, phone, now=self.now)

    def claims(self, rows: list[Issued]) -> list[Grant]:
        """Give the claims of issued grants."""
        return [grants.verify(bytes(row.data), queries.key_set()) for row in rows]

    def mint_again(self, claims: list[Grant]) -> None:
        """Sign the same grants once more, storing nothing."""
        queries.our_signer().mint(claims, queries.key_set())

    def sync(self, phone: Phone, session: bytes | None) -> None:
        """One sync that brings nothing, through all of Django's request handling.

        Somebody's phone asks for the whole day.
        """
        headers = {"Authorization": f"Bearer {_b64(self.tokens[phone.pk])}"}
        if session is not None:
            headers["Nyckelfri-Session"] = _b64(session)
        answer = self.browser.post(
            "/api/phone/v1/sync",
            {} if session is None else {"day": ""},
            content_type="application/json",
            headers=headers,
        )
        if answer.status_code != 200 or (session and not json.loads(answer.content)["doors"]):
            raise RuntimeError(f"sync failed: {answer.status_code}")

    def full_batch(self) -> tuple[Journal, bytes]:
        """Use a fresh lock until one batch is full."""
        number = LockUnit.objects.count() + 1
        door = Door.objects.create(kind=Door.Kind.FRONT_DOOR, address=f"Bench {number}")
        unit = LockUnit.objects.create(
            external_id=f"BENCH{number}",
            kind=LockUnit.Kind.THUMB_TURN,
            serial=f"BENCH{number}",
            status=LockUnit.Status.MOUNTED,
            door=door,
        )
        installation = self.put_in_service(unit)
        segments = delivery.fit(self._sealed(installation))
        batch = delivery.sign_batch(
            segments,
            installation=installation,
            first=1,
            previous=journal.genesis(installation),
            key=self.signing_keys[installation],
        )
        return Journal(installation, sum(len(segment.sealed) for segment in segments)), batch

    def _intent(self, installation: bytes) -> Intent:
        """Give what a lock writes for a grant that was issued for it."""
        pattern = Issued.objects.select_related("employee__subject")[0]
        subject = pattern.employee.subject.identifier
        pattern.pk, pattern.serial = None, secrets.token_bytes(8)
        pattern.installation = Installation.objects.get(identifier=installation)
        pattern.save(force_insert=True)
        return Intent(pattern.serial, subject, pattern.thumbprint, Command.UNLOCK)

    def _records(self, installation: bytes) -> list[Record]:
        intent = self._intent(installation)
        at = int(self.now.timestamp())
        entries = [Entry(1, at, Mark.SET, Commissioned(1))]
        while len(entries) < delivery.MAX_BATCH_ENTRIES:
            number = len(entries) + 1
            entries.append(Entry(number, at, Mark.SET, intent))
            entries.append(Entry(number + 1, at, Mark.SET, Outcome(number, MotorResult.DONE)))
        return [Record(secrets.token_bytes(16), journal.encode_entry(entry)) for entry in entries]

    def _sealed(self, installation: bytes) -> list[tuple[Wrapping, bytes]]:
        """The same, sealed as the lock would."""
        to = sealing.sealing_key(queries.key_set())
        sealer = Sealer(secrets.token_bytes(16), to=to, installation=installation)
        return [
            (sealer.wrapping, sealer.seal(number, record.salt, record.body))
            for number, record in enumerate(self._records(installation), 1)
        ]

    def ingest(self, batch: bytes) -> None:
        """Take in a batch."""
        phone = Phone.objects.all()[0]
        done = visits.ingest(batch, phone=phone, now=self.now)
        if done.status is not visits.Status.STORED:
            raise RuntimeError(f"ingest: {done.status}")

    def stored_rows(self, lock: Journal) -> list[tuple[Any, ...]]:
        """The rows that a batch became, as plain values."""
        return list(
            StoredEntry.objects.filter(installation__identifier=lock.installation).values_list(
                "installation_id",
                "number",
                "salt",
                "body",
                "leaf",
                "head",
                "received_at__year",
                "received_from_id",
            )
        )
