"""What some employees are due on their phones: derived from the plans, and signed.

House rules: reads and signs, and writes nothing; whoever asks has taken the turn and the locks
(`actions_issue`). It is the same for one who syncs and for a whole morning. A right that is
signed for the phone already, for the same reasons, is not signed again.
"""

from __future__ import annotations

import math
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from django.db.models import QuerySet

from nyckelfri.care.grants import AccessGrant
from nyckelfri.door import grants
from nyckelfri.door.fields import ID_BYTES
from nyckelfri.door.grants import Grant, Scope
from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.server.access import rights
from nyckelfri.server.access.values import InService
from nyckelfri.server.keys import orders, queries
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.keys.orders import ServiceRight
from nyckelfri.server.people.models import Employee

Right: TypeAlias = AccessGrant | ServiceRight
Placed: TypeAlias = tuple[Right, InService]
"""A right, and the installation that it is for."""


class Holder(NamedTuple):
    """An employee, their number at the locks, and the phone that they are signed in on.

    `key` and `phone` are primary keys, `device` is what the audit log calls the phone.
    """

    employee: Employee
    key: int
    subject: bytes
    phone: int
    device: bytes
    public_key: bytes
    thumbprint: bytes


class Held(NamedTuple):
    """A grant that was issued and may still open."""

    pk: int
    serial: bytes
    employee: int
    thumbprint: bytes
    kid: bytes
    installation: int
    scope: int
    not_before: datetime
    not_after: datetime
    reasons: list[dict[str, str]]


_HELD: Final = (
    *("pk", "serial", "employee_id", "thumbprint", "kid", "installation_id", "scope"),
    *("not_before", "not_after", "reasons"),
)


class Minted(NamedTuple):
    """A grant that is signed and not stored yet, by the names that `Issued` has for it."""

    serial: bytes
    employee: int
    phone: int
    thumbprint: bytes
    installation: int
    kid: bytes
    scope: int
    not_before: datetime
    not_after: datetime
    reasons: Sequence[Any]
    issued_at: datetime
    data: bytes


class Due(NamedTuple):
    """What is new, what stands as it is, and what nobody derives any more."""

    minted: list[Minted]
    kept: list[Held]
    gone: list[Held]


def of_staff(staff: Sequence[Employee], now: datetime) -> list[Placed]:
    """Derive what some employees may open, or service."""
    return [*rights.placed(staff, now), *in_service(orders.of_staff(staff, now))]


def in_service(found: Collection[Right]) -> list[Placed]:
    """Those of these rights whose lock is in service: nothing is signed for another."""
    doors = rights.current_installations(right.lock_id for right in found) if found else {}
    return [(right, doors[right.lock_id]) for right in found if right.lock_id in doors]


def held(rows: QuerySet[Issued]) -> list[Held]:
    """These grants as values."""
    return [Held(*row) for row in rows.order_by("pk").values_list(*_HELD)]


def due_to(holders: Sequence[Holder], standing: Sequence[Held], now: datetime) -> Due:
    """What these are due until the horizon; `standing` is every live grant of theirs.

    NotReadyError without keys.
    """
    key_set = queries.key_set()
    kid = queries.our_signer().kid(Purpose.GRANT, key_set)
    by_number = {holder.employee.number: holder for holder in holders}
    due = of_staff([holder.employee for holder in holders], now)
    gone = uncovered(standing, due, {one.key: number for number, one in by_number.items()})
    signed = _Signed(standing, kid, gone)
    kept, fresh = [], []
    for right, door in due:
        holder = by_number[right.employee_id]
        stands = signed.find(holder, door, right) if standing else None
        if stands is None:
            fresh.append((holder, door, right))
        else:
            kept.append(stands)
    return Due(_minted(fresh, kid, key_set, now), kept, gone)


def uncovered(
    standing: Sequence[Held], due: Iterable[Placed], numbers: Mapping[int, str]
) -> list[Held]:
    """List the grants that reach beyond what is due; `numbers` are their holders', by key.

    At a lock that is no longer in service nothing is due.
    """
    if not standing:
        return []
    by_door: defaultdict[tuple[str, int, int], list[Right]] = defaultdict(list)
    for right, door in due:
        by_door[right.employee_id, door.pk, _scope(right)].append(right)
    return [
        row
        for row in standing
        if not any(
            right.not_before <= row.not_before and row.not_after <= right.not_after
            for right in by_door.get((numbers[row.employee], row.installation, row.scope), ())
        )
    ]


class _Signed:
    """What stands and is signed with the key that signs now, found by what it says."""

    def __init__(self, standing: Iterable[Held], kid: bytes, gone: Iterable[Held]) -> None:
        ended = {row.pk for row in gone}
        self._rows: defaultdict[tuple[Any, ...], list[Held]] = defaultdict(list)
        for row in standing:
            if row.kid == kid and row.pk not in ended:
                says = row.installation, row.scope, row.not_before, row.not_after
                self._rows[row.employee, row.thumbprint, *says].append(row)

    def find(self, holder: Holder, door: InService, right: Right) -> Held | None:
        """The grant of this right on this phone, for the same reasons."""
        says = door.pk, _scope(right), right.not_before, right.not_after
        rows = self._rows.get((holder.key, holder.thumbprint, *says), ())
        reasons = reasons_of(right) if rows else []
        return next((row for row in rows if row.reasons == reasons), None)


def reasons_of(right: Right | Minted) -> list[dict[str, str]]:
    """Why, as it is stored."""
    return [reason.as_data() for reason in right.reasons]


def _scope(right: Right) -> Scope:
    return Scope.SERVICE if isinstance(right, ServiceRight) else grants.CARE


def _minted(
    fresh: Sequence[tuple[Holder, InService, Right]], kid: bytes, key_set: KeySet, now: datetime
) -> list[Minted]:
    serials = secrets.token_bytes(ID_BYTES * len(fresh))
    issued = math.floor(now.timestamp())
    claims = [
        Grant(
            subject=holder.subject,
            installation=door.identifier,
            not_before=math.ceil(right.not_before.timestamp()),
            not_after=math.floor(right.not_after.timestamp()),
            issued=issued,
            serial=serials[ID_BYTES * at : ID_BYTES * (at + 1)],
            phone=holder.public_key,
            scope=_scope(right),
        )
        for at, (holder, door, right) in enumerate(fresh)
    ]
    signed = queries.our_signer().mint(claims, key_set)
    return [
        Minted(
            claim.serial,
            holder.key,
            holder.phone,
            holder.thumbprint,
            door.pk,
            kid,
            int(claim.scope),
            right.not_before,
            right.not_after,
            right.reasons,
            now,
            data,
        )
        for (holder, door, right), claim, data in zip(fresh, claims, signed, strict=True)
    ]
