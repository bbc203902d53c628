"""Taking in a lock's journal, whoever carried it.

House rules: a batch is verified and opened before the database is asked to wait, and
judged and stored in one transaction; each entry is stored exactly once. Nothing that
came is dropped: what does not fit is kept, and fits perhaps when the missing part has
come, or when the lock has said that it never will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from nyckelfri.door import delivery
from nyckelfri.door.delivery import Batch, Record, Relation
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.journal import Entry
from nyckelfri.door.sealing import SealError
from nyckelfri.door.signed import SignatureError
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits import actions_openings, events, lost, queries
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
    except SealError:
        return _kept(_unopened(data, installation), phone, now)
    except ObjectError:
        return _kept(Rejected(Kept.Reason.MALFORMED, data, claimed, installation), phone, now)
    with transaction.atomic():
        installation = Installation.objects.select_for_update(no_key=True).get(pk=installation.pk)
        before = queries.position(installation)
        ingested = _place(batch, data, installation, phone, now)
        _fill_in(installation, phone, now)
        if ingested.status is Status.STORED or queries.position(installation) != before:
            actions_openings.judge_waiting(installation, now=now)
            _settle_unopened(installation, now)
    return ingested


def _open(data: bytes, installation: Installation) -> Batch:
    verified = delivery.verify_batch(
        data, key=installation.signing_key, installation=installation.identifier
    )
    return delivery.open_batch(verified, keys.our_signer().unwrap)


def _unopened(data: bytes, installation: Installation) -> Rejected:
    """What a lock has signed and none of our keys opens."""
    batch = delivery.claimed(data)
    return Rejected(
        Kept.Reason.UNOPENED,
        data,
        installation.identifier,
        installation,
        batch.first,
        batch.first,
        batch.last,
    )


def _place(
    batch: Batch, data: bytes, installation: Installation, phone: Phone, now: datetime
) -> Ingested:
    number, _ = queries.position(installation)
    found = delivery.connect(
        batch, number=number, head_at=lambda at: queries.head_at(installation, at)
    )
    if found.relation is not Relation.FORK:
        lost.note(batch, installation)
    match found.relation:
        case Relation.CONTINUES | Relation.KNOWN:
            again = lost.found_again(batch, installation)
            new = [
                row for row in batch.after(0) if row[0].number > number or row[0].number in again
            ]
            not_ours = _store(new, installation, phone, now)
            if not_ours:
                flagged = Rejected(
                    Kept.Reason.UNKNOWN_GRANT,
                    data,
                    installation.identifier,
                    installation,
                    batch.first,
                    not_ours[0].number,
                    batch.last,
                    _identity(batch),
                )
                keep(flagged, phone=phone, now=now)
            lost.shrink(batch, again, installation, phone=phone, now=now)
            status = Status.STORED if new else Status.KNOWN
            return Ingested(status, batch.last, installation)
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
        batch.last,
        _identity(batch),
    )
    return _kept(rejected, phone, now)


def _identity(batch: Batch) -> bytes:
    """What a batch says; the lock signs it anew for each phone, so its bytes differ."""
    return batch.first.to_bytes(8, "big") + batch.previous + batch.heads[-1]


def _store(
    new: Sequence[tuple[Entry, Record, bytes]],
    installation: Installation,
    phone: Phone,
    now: datetime,
) -> list[Entry]:
    """Store these entries; those whose grant is not ours are given back."""
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
    """Place the batches that were kept because something before them was missing, or is lost."""
    tried: set[int] = set()
    while True:
        waiting = _next_waiting(installation, tried)
        if waiting is None:
            if not lost.go_on(installation, phone=phone, now=now):
                return
            continue
        tried.add(waiting.pk)
        data = bytes(waiting.data)
        try:
            batch = _open(data, installation)
        except SealError:
            # It opened when it came: its key's file is gone, and may come back.
            continue
        _place(batch, data, installation, waiting.phone or phone, now)
        if not lost.is_adrift(batch, installation):
            waiting.resolved_at = now
            waiting.save(update_fields=["resolved_at"])


def _next_waiting(installation: Installation, tried: set[int]) -> Kept | None:
    number, _ = queries.position(installation)
    return (
        Kept.objects.filter(
            installation=installation,
            reason=Kept.Reason.GAP,
            resolved_at=None,
            first__lte=number + 1,
        )
        .exclude(pk__in=tried)
        .order_by("first", "pk")
        .first()
    )


def _settle_unopened(installation: Installation, now: datetime) -> None:
    """What did not open has come again and did, or is known to be lost."""
    number, _ = queries.position(installation)
    Kept.objects.filter(
        installation=installation, reason=Kept.Reason.UNOPENED, resolved_at=None, last__lte=number
    ).update(resolved_at=now)


def _kept(what: Rejected, phone: Phone, now: datetime) -> Ingested:
    keep(what, phone=phone, now=now)
    return Ingested(Status.KEPT, what.number or 0, what.installation)


def ingest_all(batches: Sequence[bytes], *, phone: Phone, now: datetime) -> list[Ingested]:
    """Take in each batch in a transaction of its own: a bad one does not hinder the others."""
    return [ingest(data, phone=phone, now=now) for data in batches]
