"""A visit label gets its chip: which one it is, and the keys that are written to it.

House rules: check → change → audit row, in one transaction. The keys are for whoever
writes the chip, and stand in no table, no log and no audit row.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import taps
from nyckelfri.server.keys.taps import LabelKeys
from nyckelfri.server.locks.models import NfcLabel


class LabelError(Exception):
    """Nothing was changed; the text says why."""


def assign_chip(label: str, uid: bytes, *, actor: str, now: datetime) -> LabelKeys:
    """Make the chip with this number the label's own, and give the keys to write to it.

    The same again gives the same keys. Another chip takes the place of the one before, whose
    readings are worth nothing from then on. Raises LabelError or NotReadyError.
    """
    if len(uid) != taps.UID:
        raise LabelError(f"The number of a chip has {taps.UID} bytes: read it from the chip")
    with transaction.atomic():
        row = NfcLabel.objects.select_for_update(no_key=True).filter(external_id=label).first()
        if row is None:
            raise LabelError(f"There is no label {label}: import it first, with its client")
        if row.kind != NfcLabel.Kind.COUNTING:
            raise LabelError(f"{label} is registered as a simple label, which signs nothing")
        other = NfcLabel.objects.filter(uid=uid).exclude(pk=row.pk).first()
        if other is not None:
            raise LabelError(f"That chip is label {other.external_id}: take another one")
        first = not NfcLabel.objects.filter(uid__isnull=False).exists()
        keys = taps.keys_for(uid, first=first)
        if row.uid != uid:
            row.uid, row.counter = uid, None
            row.save(update_fields=["uid", "counter"])
        deed = audit.Deed(Verb.LABEL_WRITE, f"nfclabel:{label}", details={"chip": uid.hex()})
        audit.record([deed], actor=actor, now=now)
    return keys
