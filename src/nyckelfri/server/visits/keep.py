"""Keeping what could not be accepted, where an operator sees it.

House rules: the same thing is kept once; it is kept as it came, up to the size of
the largest thing that could have been accepted; the audit log says that it came.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from nyckelfri.door.delivery import MAX_BATCH
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits.models import Kept


@dataclass(frozen=True, slots=True)
class Rejected:
    """What came: `claimed` is the installation it names, `first` to `last` entries of it.

    `number` is the entry that it turns on. `identity` tells whether it came before; without
    one, the bytes do.
    """

    reason: Kept.Reason
    data: bytes
    claimed: bytes | None = None
    installation: Installation | None = None
    first: int | None = None
    number: int | None = None
    last: int | None = None
    identity: bytes | None = None


def keep(what: Rejected, *, phone: Phone, now: datetime) -> Kept:
    """Keep it; how it is kept."""
    where = what.claimed or b""
    digest = hashlib.sha256(where + (what.identity or what.data)).digest()
    # Without a savepoint of its own: who keeps something fails whole.
    with transaction.atomic(savepoint=False):
        row, created = Kept.objects.get_or_create(
            reason=what.reason,
            digest=digest,
            defaults={
                "phone": phone,
                "claimed": what.claimed,
                "installation": what.installation,
                "first": what.first,
                "last": what.last,
                "number": what.number,
                "data": what.data[:MAX_BATCH],
                "received_at": now,
            },
        )
        if not created and bytes(row.data) != what.data:
            # Signed anew: the lock was asked once more and said the same.
            row.times, row.data = row.times + 1, what.data[:MAX_BATCH]
            row.save(update_fields=["times", "data"])
        if created:
            deed = audit.Deed(
                Verb.JOURNAL_REJECT,
                f"kept:{row.pk}",
                what.reason.value,
                {"installation": where.hex(), "bytes": len(what.data)},
            )
            audit.record([deed], actor=f"phone:{phone.identifier.hex()}", now=now)
    return row
