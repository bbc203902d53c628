"""A unit becomes a lock of the municipality, and stops being one.

House rules: check → change → audit row, in one transaction. What an installer
brings is the unit's own signed record; an installation never comes back.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nyckelfri.door.commissioning import InstallationRecord, Kind
from nyckelfri.server import turns
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Entrance
from nyckelfri.server.keys import actions_revoke, queries
from nyckelfri.server.locks.models import Installation, LockOrder, LockUnit
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.turns import Turn

_KINDS = {
    Kind.THUMB_TURN: LockUnit.Kind.THUMB_TURN,
    Kind.ENTRANCE_UNIT: LockUnit.Kind.ENTRANCE_UNIT,
}
INSTALLERS = {
    LockUnit.Kind.THUMB_TURN: Role.DOOR_INSTALLER,
    LockUnit.Kind.ENTRANCE_UNIT: Role.ENTRANCE_INSTALLER,
}
"""Who may take a unit of which kind into service, and out of it."""


class CommissionError(Exception):
    """The unit was not taken into service; the text says what to do."""


class NotInstallerError(CommissionError):
    """Whoever asks is not trained and appointed for this kind of unit."""


class ForeignRecordError(CommissionError):
    """The record is not of this municipality, or no record."""


def commission(
    lock: str, data: bytes, *, installer: Employee | None, actor: str, now: datetime
) -> Installation:
    """Take the unit on `lock` (its external id) into service, by its signed record.

    `installer` is who brings it; None for the municipality's own command line. The same
    record again changes nothing. Raises CommissionError, SignatureError or ObjectError.
    """
    record = InstallationRecord.read(data)
    if record.municipality != queries.root().municipality:
        raise ForeignRecordError("The unit was commissioned for another municipality: reset it")
    with transaction.atomic():
        # Two doors may be told of one unit at once.
        turns.alone(Turn.UNITS)
        unit = LockUnit.objects.select_for_update(no_key=True).filter(external_id=lock).first()
        if unit is None:
            raise CommissionError(f"No lock has the id {lock}: check the work order")
        if installer is not None and not is_installer(installer, unit):
            raise NotInstallerError(
                f"Only an appointed installer may take a {unit.kind.replace('_', ' ')} into service"
            )
        known = Installation.objects.filter(identifier=record.installation).first()
        if known is not None:
            if known.lock_unit_id == unit.pk and known.signing_key == record.signing_key:
                return known
            raise CommissionError("This installation is known on another lock: reset the unit")
        _check(unit, record)
        installation = Installation.objects.create(
            identifier=record.installation,
            lock_unit=unit,
            door=unit.door,
            lock_key_x=record.lock_key,
            signing_key=record.signing_key,
            radio_key=record.radio_key,
            release_nonce=record.release_nonce,
            commissioned_at=now,
        )
        if unit.status == LockUnit.Status.PLANNED:
            unit.status = LockUnit.Status.MOUNTED
            unit.save(update_fields=["status"])
        # What it was released with has served: the unit's secret is void now.
        LockOrder.objects.filter(installation__lock_unit=unit).update(new_label=None)
        _record(Verb.LOCK_COMMISSION, installation, actor, "", now)
    return installation


def retire(lock: str, *, reason: str, actor: str, now: datetime) -> Installation:
    """End the current installation on `lock`: stolen, moved or taken down."""
    with transaction.atomic():
        turns.alone(Turn.GRANTS)
        current = Installation.objects.select_for_update(no_key=True).filter(
            lock_unit__external_id=lock, retired_at=None
        )
        installation = current.first()
        if installation is None:
            raise CommissionError(f"No unit is in service on lock {lock}")
        end(installation, reason=reason, actor=actor, now=now)
    return installation


def end(installation: Installation, *, reason: str, actor: str, now: datetime) -> None:
    """Retire an installation: its grants are revoked, its orders closed, nothing is issued for it.

    Called inside the transaction of the deed that it belongs to, which has taken the turn
    alone, so that no phone is given a grant for it meanwhile.
    """
    installation.retired_at = now
    installation.save(update_fields=["retired_at"])
    live = queries.live(now).filter(installation=installation)
    actions_revoke.revoke_all(list(live), reason=reason, actor=actor, now=now)
    LockOrder.objects.filter(installation=installation, done_at=None).update(done_at=now)
    _record(Verb.LOCK_RETIRE, installation, actor, reason, now)


def is_installer(employee: Employee, unit: LockUnit) -> bool:
    """Tell whether this employee is appointed for units of this kind."""
    return employee.role == INSTALLERS[LockUnit.Kind(unit.kind)]


def _check(unit: LockUnit, record: InstallationRecord) -> None:
    if unit.kind != _KINDS[record.kind]:
        raise CommissionError("The unit is of another kind than this door needs: check the code")
    if unit.status not in {LockUnit.Status.PLANNED, LockUnit.Status.MOUNTED}:
        raise CommissionError(
            "The lock was declined or does not fit: have the planner change that first"
        )
    entrance = unit.door.entrance
    if entrance is not None and entrance.consent != Entrance.Consent.YES:
        raise CommissionError("The property owner has not consented: record the consent first")
    if Installation.objects.filter(lock_unit=unit, retired_at=None).exists():
        raise CommissionError("A unit is in service on this lock: retire it first")


def _record(verb: Verb, installation: Installation, actor: str, reason: str, now: datetime) -> None:
    deed = audit.Deed(
        verb,
        f"lock:{installation.lock_unit.external_id}",
        reason,
        {"installation": installation.identifier.hex()},
    )
    audit.record([deed], actor=actor, now=now)
