"""Issuing grants: what the rules derive, signed for the phone that an employee holds.

House rules: nobody is given a grant by hand. A right that is still there is not
signed twice; a grant whose right has gone is revoked in the same transaction. Care
grants unlock and lock, nothing more; service grants, for installers with an order, do neither.
"""

from __future__ import annotations

import math
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from nyckelfri.care.grants import AccessGrant
from nyckelfri.door import grants
from nyckelfri.door.grants import Grant
from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.server import turns
from nyckelfri.server.access import rights
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_revoke, orders, queries
from nyckelfri.server.keys.models import Issued, Subject
from nyckelfri.server.keys.orders import ServiceRight
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.errors import PhoneStateError
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.turns import Turn

Right = AccessGrant | ServiceRight
_GONE = "no longer derived"


@dataclass(frozen=True, slots=True)
class Derived:
    """How many grants were minted, kept as they were, and revoked."""

    minted: int
    kept: int
    revoked: int


def issue_for(
    employee: Employee, phone: Phone, *, session: PersonalSession | None = None, now: datetime
) -> list[Issued]:
    """Give every grant that `employee` is due on `phone` until the horizon, soonest first.

    None where they ask in a `session` that has just been closed: somebody else has the phone.
    Raises PhoneStateError for a phone that is not in use, NotReadyError without keys.
    """
    return _issue(employee, phone, session, now)[0]


def derive_and_issue(now: datetime) -> Derived:
    """Bring every open session's grants up to date, and revoke what nobody derives any more."""
    minted = kept = 0
    sessions = PersonalSession.objects.filter(
        closed_at=None, until__gt=now, phone__state=PhoneState.ENROLLED
    ).select_related("employee__care_team", "phone")
    for session in sessions:
        try:
            given, new = _issue(session.employee, session.phone, session, now)
        except PhoneStateError:
            # Blocked meanwhile: the others' access does not wait for that.
            continue
        minted += new
        kept += len(given) - new
    return Derived(minted, kept, withdraw(now))


def withdraw(now: datetime, progress: Callable[[int, int], None] = lambda *_: None) -> int:
    """Revoke every live grant that nobody derives any more; how many.

    Called after the commit of what has changed, and outside any transaction. Team by team,
    each in a short transaction of its own, however large the municipality is; `progress` is
    told how many teams are done, of how many.
    """
    # Before it is asked who holds anything: somebody may be given their first grant just now.
    turns.after_all(Turn.GRANTS)
    holders = Employee.objects.filter(pk__in=queries.live(now).values("employee_id"))
    groups = rights.in_turn(holders.select_related("care_team"))
    count = 0
    for done, group in enumerate(groups):
        progress(done, len(groups))
        count += _withdraw_from(group, now)
    return count


def withdraw_at(client: Client, now: datetime) -> int:
    """Do so at one client's doors only: what a change of this client's care can have ended."""
    held = queries.live(now).filter(_at_doors_of(client), scope=int(grants.CARE))
    return _withdraw(held, lambda: rights.of_client(client, now), now)


def withdraw_from(employee: Employee, now: datetime) -> int:
    """Do so for one employee only: what a change of their own can have ended."""
    return _withdraw_from([employee], now)


def _withdraw_from(staff: Sequence[Employee], now: datetime) -> int:
    held = queries.live(now).filter(employee__in=staff)
    return _withdraw(held, lambda: [*rights.of_staff(staff, now), *orders.of_all(now)], now)


def _at_doors_of(client: Client) -> Q:
    doors = Q(installation__door=client.front_door_id)
    if client.entrance_id is not None:
        doors |= Q(installation__door__entrance=client.entrance_id)
    return doors


def _withdraw(live: QuerySet[Issued], due: Callable[[], Sequence[Right]], now: datetime) -> int:
    # Whoever reads the plans from now on sees the change; wait for those who read before.
    turns.after_all(Turn.GRANTS)
    with transaction.atomic():
        turns.together(Turn.GRANTS)
        # First what is held: a grant that is minted meanwhile rests on plans newer than ours.
        held = list(live.select_related("installation__lock_unit", "employee"))
        gone = _locked(row.pk for row in _uncovered(held, due()))
        actions_revoke.revoke_all(gone, reason=_GONE, actor="system:derive", now=now)
    return len(gone)


def _issue(
    employee: Employee, phone: Phone, session: PersonalSession | None, now: datetime
) -> tuple[list[Issued], int]:
    signer = queries.our_signer()
    with transaction.atomic():
        turns.together(Turn.GRANTS)
        phone = Phone.objects.select_for_update(no_key=True).get(pk=phone.pk)
        if phone.state != PhoneState.ENROLLED:
            raise PhoneStateError("The phone is not in use: enrol it first")
        if session is not None and not _is_open(session):
            return [], 0
        key_set = queries.key_set()
        holder = _Holder(employee, phone, signer.kid(Purpose.GRANT, key_set))
        held = _live(now, employee=employee)
        due: list[Right] = [
            *rights.of_employee(employee, now),
            *orders.of_employee(employee, now),
        ]
        gone = _uncovered(held, due)
        actions_revoke.revoke_all(gone, reason=_GONE, actor="system:derive", now=now)
        ours = {
            _identity(row): row
            for row in held
            if row.revoked_at is None
            and row.thumbprint == phone.thumbprint
            and row.kid == holder.kid
        }
        installations = rights.current_installations(right.lock_id for right in due)
        found = []
        minted = []
        subject = _subject(employee) if due else None
        for right in due:
            row = _row(right, holder, installations[right.lock_id], now)
            same = ours.get(_identity(row))
            if same is None and subject is not None:
                row.data = _mint(row, subject, key_set)
                minted.append(row)
            found.append(same or row)
        Issued.objects.bulk_create(minted, batch_size=200)
        if minted:
            _record(employee, phone, minted, now)
    return sorted(found, key=lambda row: (row.not_before, row.serial)), len(minted)


@dataclass(frozen=True, slots=True)
class _Holder:
    """What all grants of one issue share."""

    employee: Employee
    phone: Phone
    kid: bytes


def _is_open(session: PersonalSession) -> bool:
    return PersonalSession.objects.filter(pk=session.pk, closed_at=None).exists()


def _scope(right: Right) -> grants.Scope:
    return grants.Scope.SERVICE if isinstance(right, ServiceRight) else grants.CARE


def _row(right: Right, holder: _Holder, installation: Installation, now: datetime) -> Issued:
    return Issued(
        serial=secrets.token_bytes(8),
        employee=holder.employee,
        phone=holder.phone,
        thumbprint=holder.phone.thumbprint or b"",
        installation=installation,
        kid=holder.kid,
        scope=int(_scope(right)),
        not_before=right.not_before,
        not_after=right.not_after,
        reasons=[reason.as_data() for reason in right.reasons],
        issued_at=now,
    )


def _mint(row: Issued, subject: bytes, key_set: KeySet) -> bytes:
    grant = Grant(
        subject=subject,
        installation=row.installation.identifier,
        not_before=math.ceil(row.not_before.timestamp()),
        not_after=math.floor(row.not_after.timestamp()),
        issued=math.floor(row.issued_at.timestamp()),
        serial=row.serial,
        phone=row.phone.public_key_x or b"",
        scope=grants.Scope(row.scope),
    )
    return queries.our_signer().mint(grant, key_set)


def _identity(row: Issued) -> tuple[Any, ...]:
    """What makes two grants the same right for the same reasons."""
    reasons = tuple(tuple(sorted(reason.items())) for reason in row.reasons)
    return row.installation_id, row.not_before, row.not_after, row.scope, reasons


def _live(now: datetime, **only: Any) -> list[Issued]:
    rows = queries.live(now).filter(**only).select_for_update(of=("self",), no_key=True)
    return list(rows.select_related("installation__lock_unit", "employee"))


def _locked(keys: Iterable[int]) -> list[Issued]:
    """Lock those that nobody has revoked meanwhile, a thousand at a time."""
    found: list[Issued] = []
    wanted = sorted(keys)
    for at in range(0, len(wanted), 1000):
        rows = Issued.objects.filter(pk__in=wanted[at : at + 1000], revoked_at=None)
        found += rows.select_for_update(no_key=True)
    return found


def _uncovered(held: Iterable[Issued], due: Sequence[Right]) -> list[Issued]:
    """List the grants that reach beyond what is due now; of a retired lock nothing is due."""
    by_door = defaultdict(list)
    for right in due:
        by_door[right.employee_id, right.lock_id, int(_scope(right))].append(right)
    gone = []
    for row in held:
        key = row.employee.number, row.installation.lock_unit.external_id, row.scope
        covered = row.installation.retired_at is None and any(
            right.not_before <= row.not_before and row.not_after <= right.not_after
            for right in by_door[key]
        )
        if not covered:
            gone.append(row)
    return gone


def _subject(employee: Employee) -> bytes:
    row, _ = Subject.objects.get_or_create(
        employee=employee, defaults={"identifier": secrets.token_bytes(8)}
    )
    return bytes(row.identifier)


def _record(employee: Employee, phone: Phone, minted: Sequence[Issued], now: datetime) -> None:
    deed = audit.Deed(
        Verb.GRANT_ISSUE,
        f"phone:{phone.identifier.hex()}",
        details={"serials": [row.serial.hex() for row in minted]},
    )
    audit.record([deed], actor=f"employee:{employee.number}", now=now)
