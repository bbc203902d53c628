"""Issuing grants: what the rules derive, signed for the phone that an employee holds.

House rules: nobody is given a grant by hand, and nothing is signed for a phone before somebody
signs in on it. A grant whose right has gone is revoked in the same transaction. Care grants
unlock and lock, nothing more; service grants, for installers with an order, do neither. One
who syncs is issued for as many at once are, by the same code.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from nyckelfri.door import grants
from nyckelfri.server import bulk, turns
from nyckelfri.server.access import rights
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_revoke, minting, queries
from nyckelfri.server.keys.minting import Due, Held, Holder, Minted, Placed
from nyckelfri.server.keys.models import Issued, Subject
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.errors import PhoneStateError
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.turns import Turn

_GONE = "no longer derived"


@dataclass(frozen=True, slots=True)
class Derived:
    """How many grants were minted, kept as they were, and revoked."""

    minted: int
    kept: int
    revoked: int


class Asked(NamedTuple):
    """For whom grants are asked for, on which phone, and in which session where it is in one."""

    employee: Employee
    phone: int
    session: int | None


def issue_for(
    employee: Employee, phone: Phone, *, session: PersonalSession | None = None, now: datetime
) -> list[Issued]:
    """Give every grant that `employee` is due on `phone` until the horizon, soonest first.

    None where they ask in a `session` that has just been closed: somebody else has the phone.
    Raises PhoneStateError for a phone that is not in use, NotReadyError without keys.
    """
    asked = Asked(employee, phone.pk, None if session is None else session.pk)
    with transaction.atomic():
        due = _issue([asked], now)
        serials = [*(row.serial for row in due.kept), *(row.serial for row in due.minted)]
        rows = list(Issued.objects.filter(serial__in=serials).order_by("not_before", "serial"))
        units = Installation.objects.select_related("lock_unit", "door")
        doors = units.in_bulk({row.installation_id for row in rows})
        for row in rows:  # many are of one door, which is read once
            row.installation = doors[row.installation_id]
        return rows


def signed_in(now: datetime) -> list[list[Asked]]:
    """Who is signed in on a phone in use, colleagues together, a list a transaction."""
    sessions = PersonalSession.objects.filter(
        closed_at=None, until__gt=now, phone__state=PhoneState.ENROLLED
    )
    where = {who: also for who, *also in sessions.values_list("employee_id", "phone_id", "pk")}
    staff = Employee.objects.filter(pk__in=sessions.values("employee_id"))
    return [
        [Asked(one, *where[one.pk]) for one in group if one.pk in where]
        for group in rights.in_turn(staff.prefetch_related("care_team"))
    ]


def derive_and_issue(now: datetime) -> Derived:
    """Bring every open session's grants up to date, and revoke what nobody derives any more."""
    minted = kept = 0
    done: set[int] = set()
    with bulk.unsearched():
        for group in signed_in(now):
            try:
                with transaction.atomic():
                    due = _issue(group, now)
            except PhoneStateError:
                # Blocked meanwhile, all of them: the others' access does not wait for that.
                continue
            minted += len(due.minted)
            kept += len(due.kept)
            done.update(row.employee for row in due.minted)
            done.update(row.employee for row in due.kept)
    return Derived(minted, kept, withdraw(now, done=done))


def withdraw(
    now: datetime,
    progress: Callable[[int, int], None] = lambda *_: None,
    *,
    done: Container[int] = (),
) -> int:
    """Revoke every live grant that nobody derives any more; how many.

    Called after the commit of what has changed, and outside any transaction. Some employees
    at a time, in a short transaction of their own, however large the municipality is;
    `progress` is told how many such steps are over, of how many. Whoever (by key) is among
    those `done` has just been seen to.
    """
    # Before it is asked who holds anything: somebody may be given their first grant just now.
    turns.after_all(Turn.GRANTS)
    holders = Employee.objects.filter(pk__in=queries.live(now).values("employee_id"))
    rest = (one for one in holders.prefetch_related("care_team") if one.pk not in done)
    groups = rights.in_turn(rest)
    count = 0
    for over, group in enumerate(groups):
        progress(over, len(groups))
        count += _withdraw_from(group, now)
    return count


def withdraw_at(client: Client, now: datetime) -> int:
    """Do so at one client's doors only: what a change of this client's care can have ended."""
    held = queries.live(now).filter(_at_doors_of(client), scope=int(grants.CARE))
    return _withdraw(held, lambda: minting.in_service(rights.of_client(client, now)), now)


def withdraw_from(employee: Employee, now: datetime) -> int:
    """Do so for one employee only: what a change of their own can have ended."""
    return _withdraw_from([employee], now)


def store(minted: Iterable[Minted]) -> None:
    """Keep grants as they were signed; in a transaction of the caller's, with its audit rows."""
    rows = (row._replace(reasons=bulk.as_json(minting.reasons_of(row))) for row in minted)
    bulk.insert(Issued, Minted._fields, rows)


def _withdraw_from(staff: Sequence[Employee], now: datetime) -> int:
    held = queries.live(now).filter(employee__in=staff)
    return _withdraw(held, lambda: minting.of_staff(staff, now), now)


def _at_doors_of(client: Client) -> Q:
    doors = Q(installation__door=client.front_door_id)
    if client.entrance_id is not None:
        doors |= Q(installation__door__entrance=client.entrance_id)
    return doors


def _withdraw(live: QuerySet[Issued], due: Callable[[], Sequence[Placed]], now: datetime) -> int:
    # Whoever reads the plans from now on sees the change; wait for those who read before.
    turns.after_all(Turn.GRANTS)
    with transaction.atomic():
        turns.together(Turn.GRANTS)
        # First what is held: a grant that is minted meanwhile rests on plans newer than ours.
        held = minting.held(live)
        staff = Employee.objects.filter(pk__in={row.employee for row in held})
        numbers = dict(staff.values_list("pk", "number"))
        return _revoke(minting.uncovered(held, due(), numbers), now)


def _revoke(gone: Iterable[Held], now: datetime) -> int:
    rows = _locked(row.pk for row in gone)
    actions_revoke.revoke_all(rows, reason=_GONE, actor="system:derive", now=now)
    return len(rows)


def _issue(asked: Sequence[Asked], now: datetime) -> Due:
    """Issue for all of these in our transaction; PhoneStateError where none has a phone in use."""
    turns.together(Turn.GRANTS)
    holders = _holders(asked)
    due = minting.due_to(holders, _live([holder.key for holder in holders], now), now)
    _revoke(due.gone, now)
    store(due.minted)
    _record(holders, due.minted, now)
    return due


def _holders(asked: Sequence[Asked]) -> list[Holder]:
    """Those whose phone is in use and whose session is open, and stay so until we are done."""
    phones = _phones({each.phone for each in asked})
    if not phones:
        raise PhoneStateError("The phone is not in use: enrol it first")
    sessions = _open({each.session for each in asked if each.session is not None})
    present = [
        (each.employee, phones[each.phone])
        for each in asked
        if each.phone in phones and (each.session is None or each.session in sessions)
    ]
    subjects = _subjects([employee.pk for employee, _ in present])
    return [
        Holder(employee, employee.pk, subjects[employee.pk], *phone) for employee, phone in present
    ]


def _phones(keys: Collection[int]) -> dict[int, tuple[int, bytes, bytes, bytes]]:
    """Lock these phones, in one order, as all do; those in use, as a `Holder` has them."""
    rows = Phone.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    found = rows.values_list("state", "pk", "identifier", "public_key_x", "thumbprint")
    return {
        pk: (pk, bytes(device), bytes(key or b""), bytes(thumbprint or b""))
        for state, pk, device, key, thumbprint in found
        if state == PhoneState.ENROLLED
    }


def _open(keys: Collection[int]) -> set[int]:
    """Lock these sessions; those that are open. Whoever closes one waits for us, or we see it."""
    rows = PersonalSession.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    return {pk for pk, closed in rows.values_list("pk", "closed_at") if closed is None}


def _live(staff: Collection[int], now: datetime) -> list[Held]:
    rows = queries.live(now).filter(employee__in=staff)
    return minting.held(rows.select_for_update(no_key=True))


def _locked(keys: Iterable[int]) -> list[Issued]:
    """Lock those that nobody has revoked meanwhile, a thousand at a time."""
    found: list[Issued] = []
    wanted = sorted(keys)
    for at in range(0, len(wanted), 1000):
        rows = Issued.objects.filter(pk__in=wanted[at : at + 1000], revoked_at=None)
        found += rows.select_for_update(no_key=True)
    return found


def _subjects(staff: Collection[int]) -> dict[int, bytes]:
    """By employee: their number at the locks, made for those who have none."""
    found = _numbers(staff)
    missing = [pk for pk in staff if pk not in found]
    if not missing:
        return found
    new = [Subject(employee_id=pk, identifier=secrets.token_bytes(8)) for pk in missing]
    # Somebody else may make them just now: then theirs count.
    Subject.objects.bulk_create(new, ignore_conflicts=True)
    return _numbers(staff)


def _numbers(staff: Collection[int]) -> dict[int, bytes]:
    rows = Subject.objects.filter(employee__in=staff).values_list("employee_id", "identifier")
    return {pk: bytes(number) for pk, number in rows}


def _record(holders: Iterable[Holder], minted: Iterable[Minted], now: datetime) -> None:
    """Note who was given which serials, a row a phone."""
    serials: dict[int, list[str]] = {}
    for row in minted:
        serials.setdefault(row.employee, []).append(row.serial.hex())
    deeds = [
        (
            f"employee:{holder.employee.number}",
            audit.Deed(
                Verb.GRANT_ISSUE,
                f"phone:{holder.device.hex()}",
                details={"serials": serials[holder.key]},
            ),
        )
        for holder in holders
        if holder.key in serials
    ]
    audit.record_each(deeds, now=now)
