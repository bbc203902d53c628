"""Taking in what staff entered on phones.

House rules: stored once, by phone, number and content, and never changed. Nothing that
came is dropped: what cannot be read, or cannot be true, is stored with its flaw for
somebody in the office to see, and hinders nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from nyckelfri.server.homes.models import Client
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.visits import registered, taps, touched
from nyckelfri.server.visits.actions import Status
from nyckelfri.server.visits.models import PhoneEntry
from nyckelfri.server.visits.registered import Named, Registered

AHEAD: Final = timedelta(minutes=10)
"""How far before us a phone's corrected clock may be."""
MAX_RAW: Final = 16 * 1024
"""Bytes kept of an entry with a flaw; none that our app writes is as long."""
_Flaw = PhoneEntry.Flaw
_Kind = PhoneEntry.Kind


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says: `at` in Unix seconds, the others by their ids, `detail` by its kind."""

    kind: PhoneEntry.Kind
    at: int
    employee: str | None
    client: str | None
    visit: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """An entry as it came: `raw` the same for the same content, nothing `said` if unreadable."""

    raw: bytes
    uuid: UUID | None
    said: Said | None = None

    @property
    def digest(self) -> bytes:
        """What tells this content from another."""
        return hashlib.sha256(self.raw).digest()[:16]

    @property
    def key(self) -> UUID:
        """Its own number, or one made of its content where it has none."""
        return self.uuid or UUID(bytes=self.digest)


def store(entries: Sequence[Sent], *, phone: Phone, now: datetime) -> list[Status]:
    """Store what is new: `kept` where somebody must look, `known` where it has come before."""
    if not entries:
        return []
    with transaction.atomic():
        # Two syncs of one phone bring the same entries: one after the other.
        Phone.objects.select_for_update(no_key=True).get(pk=phone.pk)
        come = _come(entries, phone)
        fresh: list[tuple[Sent, PhoneEntry]] = []
        statuses = []
        for entry in entries:
            before = come.setdefault(entry.key, set())
            if entry.digest in before:
                statuses.append(Status.KNOWN)
                continue
            row = PhoneEntry(phone=phone, uuid=entry.key, digest=entry.digest, received_at=now)
            row.flaw = _Flaw.CHANGED if before else ""
            before.add(entry.digest)
            fresh.append((entry, row))
            statuses.append(Status.STORED)
        _judge(fresh, phone, now)
        PhoneEntry.objects.bulk_create((row for _, row in fresh), batch_size=100)
        touched.note(row.at for _, row in fresh if row.at is not None)
    flawed = iter(bool(row.flaw) for _, row in fresh)
    return [
        Status.KEPT if status is Status.STORED and next(flawed) else status for status in statuses
    ]


def _come(entries: Sequence[Sent], phone: Phone) -> dict[UUID, set[bytes]]:
    """By number: the contents that have come under it."""
    found: dict[UUID, set[bytes]] = {}
    rows = PhoneEntry.objects.filter(phone=phone, uuid__in={entry.key for entry in entries})
    for uuid, digest in rows.order_by().values_list("uuid", "digest"):
        found.setdefault(uuid, set()).add(bytes(digest))
    return found


def _judge(fresh: Sequence[tuple[Sent, PhoneEntry]], phone: Phone, now: datetime) -> None:
    """Fill in the rows: whom and what they are about, and what is wrong."""
    said = [(entry.said, row) for entry, row in fresh if entry.said is not None]
    found = registered.look_up(phone, _named(one for one, _ in said))
    for one, row in said:
        _fill_in(one, row, found, now)
    registered.find_theirs(
        found,
        (
            (row.employee, row.client, row.at)
            for _, row in said
            if row.employee is not None and row.client is not None and row.at is not None
        ),
    )
    for _, row in said:
        if not row.flaw and not _is_theirs(row, found):
            row.flaw = _Flaw.OTHERS_CLIENT
    taps.judge([row for _, row in said if row.kind == _Kind.TAP])
    for entry, row in fresh:
        if entry.said is None:
            row.flaw = row.flaw or _Flaw.UNREADABLE
        if row.flaw:
            row.raw = entry.raw[:MAX_RAW]


def _named(said: Iterable[Said]) -> Named:
    entries = list(said)
    return Named(
        moments=frozenset(registered.moment(one.at) for one in entries),
        staff=frozenset(one.employee for one in entries if one.employee),
        clients=frozenset(one.client for one in entries if one.client),
        visits=frozenset(one.visit for one in entries if one.visit),
        locks=frozenset(
            bytes.fromhex(one.detail["installation"])
            for one in entries
            if "installation" in one.detail
        ),
        labels=frozenset(one.detail["label"] for one in entries if one.kind == _Kind.TAP),
    )


def _fill_in(said: Said, row: PhoneEntry, found: Registered, now: datetime) -> None:
    row.kind, row.at, row.detail = said.kind, registered.moment(said.at), said.detail
    flaws = [row.flaw, _author(said, row, found)]
    if row.at > now + AHEAD:
        flaws.append(_Flaw.FUTURE)
    if said.client is not None:
        row.client = found.clients.get(said.client)
        flaws.append("" if row.client else _Flaw.UNKNOWN_CLIENT)
    if said.visit is not None:
        row.visit = found.visits.get(said.visit)
        flaws.append("" if row.visit else _Flaw.UNKNOWN_VISIT)
        if row.visit and row.client and row.visit.client_id != row.client.pk:
            flaws.append(_Flaw.OTHER_VISIT)
    if "installation" in said.detail:
        row.installation = found.locks.get(bytes.fromhex(said.detail["installation"]))
        flaws.append("" if row.installation else _Flaw.UNKNOWN_LOCK)
    if said.kind == _Kind.TAP:
        row.label = found.labels.get(said.detail["label"])
        flaws.append("" if row.label else _Flaw.UNKNOWN_LABEL)
    row.flaw = next((flaw for flaw in flaws if flaw), "")


def _author(said: Said, row: PhoneEntry, found: Registered) -> str:
    """Who entered it: whom the phone names, where our record of who was signed in agrees."""
    likely = found.authors(registered.moment(said.at))
    if said.employee is None:
        row.employee = likely[0] if likely else None
    else:
        row.employee = found.employee(said.employee)
    if row.employee is None:
        return _Flaw.UNKNOWN_AUTHOR
    return "" if row.employee in likely else _Flaw.UNPROVEN_AUTHOR


def _is_theirs(row: PhoneEntry, found: Registered) -> bool:
    employee: Employee | None = row.employee
    client: Client | None = row.client
    if employee is None or client is None or row.at is None:
        return True
    return found.is_theirs(employee, client, row.at)
