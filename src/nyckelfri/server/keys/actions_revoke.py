"""Taking grants back.

House rules: check → change → audit row, in one transaction; what is revoked stands in
the bulletin until every grant it touches has expired, and never longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from nyckelfri.server import turns
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.turns import Turn


def revoke(serial: bytes, *, reason: str, actor: str, now: datetime) -> Issued:
    """Take one grant back; KeysError if there is none, or it has expired anyway."""
    with transaction.atomic():
        turns.together(Turn.GRANTS)
        grant = Issued.objects.select_for_update(no_key=True).filter(serial=serial).first()
        if grant is None:
            raise KeysError(f"No grant has the serial {serial.hex()}: check the number")
        if grant.not_after <= now:
            raise KeysError("The grant has expired: there is nothing to revoke")
        revoke_all([grant], reason=reason, actor=actor, now=now)
    return grant


def revoke_all(grants: Sequence[Issued], *, reason: str, actor: str, now: datetime) -> None:
    """Take these grants back."""
    fresh = [grant for grant in grants if grant.revoked_at is None]
    if not fresh:
        return
    with transaction.atomic():
        for grant in fresh:
            grant.revoked_at = now
            _name(Revocation.Kind.GRANT, grant.serial, grant.not_after, reason, now)
        Issued.objects.bulk_update(fresh, ["revoked_at"], batch_size=200)
        deeds = [
            audit.Deed(Verb.GRANT_REVOKE, f"grant:{grant.serial.hex()}", reason) for grant in fresh
        ]
        audit.record(deeds, actor=actor, now=now)


def revoke_key(thumbprint: bytes, *, reason: str, now: datetime) -> None:
    """Take every grant of a phone key back, by one line in the bulletin.

    Called inside the transaction that blocks the phone, which also writes the audit row.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Revoke a key inside the transaction that blocks its phone")
    live = Issued.objects.filter(thumbprint=thumbprint, not_after__gt=now)
    until = live.aggregate(until=Max("not_after"))["until"]
    if until is None:
        return
    _name(Revocation.Kind.PHONE, thumbprint, until, reason, now)
    live.filter(revoked_at=None).update(revoked_at=now)


def _name(kind: str, value: bytes, until: datetime, reason: str, now: datetime) -> None:
    row, created = Revocation.objects.get_or_create(
        kind=kind,
        value=value,
        defaults={"until": until, "revoked_at": now, "reason": reason[:200]},
    )
    if not created and row.until < until:
        row.until = until
        row.save(update_fields=["until"])
