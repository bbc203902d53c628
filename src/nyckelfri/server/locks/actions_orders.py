"""A unit is let go: the root's order, the installer's errand, the unit's new label.

House rules: check → change → audit row, in one transaction. Without the root's signature there
is no order; without an order nobody gets a service grant. The new label is shown to staff who ask
for it, never to a log, and is forgotten when the unit is commissioned again.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nyckelfri.door.fields import ObjectError
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.signed import SignatureError
from nyckelfri.server import turns
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import labels
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.locks.actions_commission import (
    CommissionError,
    ForeignRecordError,
    NotInstallerError,
)
from nyckelfri.server.locks.models import Installation, LockOrder
from nyckelfri.server.people.models import Employee
from nyckelfri.server.turns import Turn

_MOVED = "released: the unit is factory-new"


def request(lock: str, *, actor: str, now: datetime) -> Release:
    """What the holders of the root sign, so that the unit on `lock` may be let go."""
    with transaction.atomic():
        installation = _in_service(lock)
        if installation.release_nonce is None:
            raise CommissionError(
                f"The unit on {lock} was commissioned before there were releases: replace it"
            )
        release = Release(
            keys.root().municipality, installation.identifier, installation.release_nonce
        )
        _record(Verb.RELEASE_REQUEST, installation, actor, now)
    return release


def install(data: bytes, *, actor: str, now: datetime) -> LockOrder:
    """Make the root-signed release an order for installers; the same one again changes nothing."""
    try:
        release = Release.read(data, keys.root())
    except (SignatureError, ObjectError) as error:
        raise CommissionError(f"This release is not signed by our root: {error}") from None
    with transaction.atomic():
        installation = (
            Installation.objects.select_for_update(no_key=True)
            .filter(identifier=release.installation, retired_at=None)
            .first()
        )
        if installation is None or installation.release_nonce != release.nonce:
            raise CommissionError("The release is for no lock that is in service here")
        order = LockOrder.objects.filter(installation=installation, done_at=None).first()
        if order is None:
            order = LockOrder.objects.create(
                installation=installation,
                kind=LockOrder.Kind.RELEASE,
                release=data,
                created_at=now,
            )
            _record(Verb.RELEASE_ORDER, installation, actor, now)
    return order


def complete(data: bytes, *, installer: Employee, actor: str, now: datetime) -> Installation:
    """Take the new label of a unit that was let go; its old installation is retired.

    The same again changes nothing. Raises CommissionError, SignatureError or ObjectError.
    """
    claimed = Label.claimed(data)
    with transaction.atomic():
        turns.alone(Turn.GRANTS)
        order = (
            LockOrder.objects.select_for_update(of=("self",), no_key=True)
            .select_related("installation__lock_unit")
            .filter(installation__identifier=claimed.installation)
            .last()
        )
        if order is None:
            raise CommissionError("Nobody has ordered that this lock be let go: ask your planner")
        installation = order.installation
        label = Label.read(data, key=installation.signing_key)
        if label.municipality != keys.root().municipality:
            raise ForeignRecordError("The label is of another municipality")
        if not actions_commission.is_installer(installer, installation.lock_unit):
            raise NotInstallerError("Only an appointed installer may let this unit go")
        if order.done_at is None:
            order.done_at = now
            order.new_label = labels.seal(label.printed, installation.identifier)
            order.save(update_fields=["done_at", "new_label"])
            _record(Verb.LOCK_RELEASE, installation, actor, now)
            actions_commission.end(installation, reason=_MOVED, actor=actor, now=now)
    return installation


def show_label(lock: str, *, actor: str, now: datetime) -> str:
    """Give the text of the QR code of the unit that was let go on `lock`, for printing it."""
    with transaction.atomic():
        order = (
            LockOrder.objects.select_related("installation__lock_unit")
            .filter(installation__lock_unit__external_id=lock, new_label__isnull=False)
            .last()
        )
        if order is None or order.new_label is None:
            raise CommissionError(f"No label of a released unit is kept for {lock}")
        try:
            printed = labels.unseal(bytes(order.new_label), order.installation.identifier)
        except labels.LabelError as error:
            raise CommissionError(str(error)) from None
        _record(Verb.LABEL_SHOW, order.installation, actor, now)
    return printed.text()


def _in_service(lock: str) -> Installation:
    found = Installation.objects.filter(lock_unit__external_id=lock, retired_at=None).first()
    if found is None:
        raise CommissionError(f"No unit is in service on lock {lock}")
    return found


def _record(verb: Verb, installation: Installation, actor: str, now: datetime) -> None:
    deed = audit.Deed(
        verb,
        f"lock:{installation.lock_unit.external_id}",
        details={"installation": installation.identifier.hex()},
    )
    audit.record([deed], actor=actor, now=now)
