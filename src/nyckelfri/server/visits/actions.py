"""Taking in a lock's journal, whoever carried it.

House rules: a batch is verified before the database is asked to wait, and judged and
stored in one transaction; each entry is stored exactly once. Nothing that came is
dropped: what does not fit is kept, and fits perhaps when the missing part has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from nyckelfri.door import delivery
from nyckelfri.door.delivery import Batch, Relation
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.journal import Entry
from nyckelfri.door.signed import SignatureError
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits import actions_openings, events, queries
from nyckelfri.server.visits.keep import Rejected, keep
from nyckelfri.server.visits.models import Kept, StoredEntry


class Status(StrEnum):
    """What became of something that a phone delivered."""

    STORED = "stored"
    KNOWN = "known"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Ingested:
    """Status, the entry it turns on (0: none), and the lock, where it is known."""

    status: Status
    number: int
    installation: Installation | None


def ingest(data: bytes, *, phone: Phone, now: datetime) -> Ingested:
    """Store what is new in a signed batch, or keep it with the reason why not."""
    try:
        claimed = delivery.claimed_installation(data)
    except (SignatureError, ObjectError):
        return _kept(Rejected(Kept.Reason.MALFORMED, data), phone, now)
    installation = Installation.objects.filter(identifier=claimed).first()
    if installation is None:
        return _kept(Rejected(Kept.Reason.UNKNOWN_LOCK, data, claimed), phone, now)
    try:
        batch = _open(data, installation)
    except SignatureError:
        rejected = Rejected(Kept.Reason.BAD_SIGNATURE, data, claimed, installation)
        return _kept(rejected, phone, now)
    except ObjectError:
        return _kept(Rejected(Kept.Reason.MALFORMED, data, claimed, installation), phone, now)
    with transaction.atomic():
        installation = Installation.objects.select_for_update().get(pk=installation.pk)
        ingested = _place(batch, data, installation, phone, now)
        if ingested.status is Status.STORED:
            _fill_in(installation, phone, now)
            actions_openings.judge_waiting(installation, now=now)
    return ingested


def _open(data: bytes, installation: Installation) -> Batch:
    return delivery.open_batch(
        data, key=installation.signing_key, installation=installation.identifier
    )


def _place(
    batch: Batch, data: bytes, installation: Installation, phone: Phone, now: datetime
) -> Ingested:
    number, _ = queries.position(installation)
    found = delivery.connect(
        batch, number=number, head_at=lambda at: queries.head_at(installation, at)
    )
    match found.relation:
        case Relation.CONTINUES:
            not_ours = _store(batch, number, installation, phone, now)
            if not_ours:
                flagged = Rejected(
                    Kept.Reason.UNKNOWN_GRANT,
                    data,
                    installation.identifier,
                    installation,
                    batch.first,
                    not_ours[0].number,
                    _identity(batch),
                )
                keep(flagged, phone=phone, now=now)
            return Ingested(Status.STORED, batch.last, installation)
        case Relation.KNOWN:
            return Ingested(Status.KNOWN, batch.last, installation)
        case Relation.GAP:
            reason = Kept.Reason.GAP
        case Relation.FORK:
            reason = Kept.Reason.FORK
    rejected = Rejected(
        reason,
        data,
        installation.identifier,
        installation,
        batch.first,
        found.number,
        _identity(batch),
    )
    return _kept(rejected, phone, now)


def _identity(batch: Batch) -> bytes:
    """What a batch says; the lock signs it anew for each phone, so its bytes differ."""
    return batch.first.to_bytes(8, "big") + batch.previous + batch.heads[-1]


def _store(
    batch: Batch, number: int, installation: Installation, phone: Phone, now: datetime
) -> list[Entry]:
    """Store what is newer than `number`; the entries whose grant is not ours are given back."""
    new = batch.after(number)
    StoredEntry.objects.bulk_create(
        [
            StoredEntry(
                installation=installation,
                number=entry.number,
                salt=record.salt,
                body=record.body,
                leaf=record.leaf,
                head=head,
                received_at=now,
                received_from=phone,
            )
            for entry, record, head in new
        ],
        batch_size=100,
    )
    return events.store(
        [entry for entry, _, _ in new], installation=installation, phone=phone, now=now
    )


def _fill_in(installation: Installation, phone: Phone, now: datetime) -> None:
    """Place the batches that were kept because something before them was missing."""
    while waiting := _next_waiting(installation):
        batch = _open(bytes(waiting.data), installation)
        carrier = waiting.phone or phone
        _place(batch, bytes(waiting.data), installation, carrier, now)
        waiting.resolved_at = now
        waiting.save(update_fields=["resolved_at"])


def _next_waiting(installation: Installation) -> Kept | None:
    number, _ = queries.position(installation)
    return (
        Kept.objects.filter(
            installation=installation,
            reason=Kept.Reason.GAP,
            resolved_at=None,
            first__lte=number + 1,
        )
        .order_by("first", "pk")
        .first()
    )


def _kept(what: Rejected, phone: Phone, now: datetime) -> Ingested:
    keep(what, phone=phone, now=now)
    return Ingested(Status.KEPT, what.number or 0, what.installation)


def ingest_all(batches: Sequence[bytes], *, phone: Phone, now: datetime) -> list[Ingested]:
    """Take in each batch in a transaction of its own: a bad one does not hinder the others."""
    return [ingest(data, phone=phone, now=now) for data in batches]
