"""Proving the log beside the pages, and what came of it.

House rules: a proof changes nothing of the log but for the row that says who asked for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django_tasks import task

from nyckelfri import clock
from nyckelfri.server import beside
from nyckelfri.server.audit import actions, verify, witness
from nyckelfri.server.audit.models import AuditProof
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.audit.verify import Proof

SYSTEM: Final = "system:audit"
NOTE: Final = "note"
"""In `wrong`: the note beside the database cannot be read."""
_GIVEN_UP: Final = timedelta(hours=2)
_EVERY: Final = 1000
_State = AuditProof.State


def begin(*, actor: str, now: datetime) -> AuditProof:
    """Have the log proven; if that is going on already, give that proof instead."""
    with transaction.atomic():
        since = now - _GIVEN_UP
        going_on = AuditProof.objects.filter(state=_State.WALKING, asked_at__gt=since).first()
        if going_on is not None:
            return going_on
        row = AuditProof.objects.create(asked_at=now, asked_by=actor, state=_State.WALKING)
        deed = actions.Deed(Verb.AUDIT_VERIFY, "audit", details={"proof": row.pk})
        actions.record([deed], actor=actor, now=now)
        transaction.on_commit(lambda: prove.enqueue(row.pk))
    return row


def begin_by_itself(now: datetime) -> None:
    """Have the log proven because it is time; a round calls it."""
    begin(actor=SYSTEM, now=now)


def note(proof: Proof, *, actor: str, now: datetime) -> AuditProof:
    """Keep what came of a proof that was made elsewhere, as at a terminal."""
    return _end(AuditProof(asked_at=now, asked_by=actor), proof, now)


def last() -> AuditProof | None:
    """Give the newest proof that has ended."""
    return AuditProof.objects.exclude(state=_State.WALKING).first()


@task()
def prove(pk: int) -> None:
    """Walk the log for the proof that was asked for."""
    row = AuditProof.objects.filter(pk=pk, state=_State.WALKING).first()
    if row is None:
        return
    try:
        held = witness.read()
        most = verify.expected_rows()
        proof = verify.prove(
            [] if held is None else [held], on_row=lambda done: _tell(row, done, most)
        )
    except witness.WitnessError:
        _fail(row, NOTE)
    except Exception:
        _fail(row, "")
        raise
    else:
        _end(row, proof, clock.now())
    finally:
        beside.forget(row)


def _end(row: AuditProof, proof: Proof, now: datetime) -> AuditProof:
    if proof.fault is None:
        witness.note(now)
    row.state = _State.WHOLE if proof.fault is None else _State.BROKEN
    row.ended_at = now
    row.rows = max(0, proof.last - proof.first + 1)
    row.number, row.head, row.noted = proof.last, proof.head, len(proof.held)
    if proof.fault is not None:
        row.wrong, row.fault = proof.fault.wrong.value, proof.fault.number
    row.save()
    return row


def _fail(row: AuditProof, wrong: str) -> None:
    row.state, row.wrong, row.ended_at = _State.FAILED, wrong, clock.now()
    row.save()


def _tell(row: AuditProof, done: int, most: int) -> None:
    if done % _EVERY == 0:
        beside.tell(row, done, most)
