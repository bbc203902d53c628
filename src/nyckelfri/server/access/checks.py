"""What every decision about access checks first.

House rules: AccessError with its code, or the value as it may be stored; rows are locked
for the rest of the transaction, and one that the viewer may not see is refused like one
that is not there.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.errors import AccessError, Refusal, reason_or
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.homes.models import Client
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phones.queries import is_employed

_FAR = timedelta(days=730)


def may(viewer: Viewer, permission: Permission) -> None:
    """Refuse whoever lacks the permission."""
    if not viewer.may(permission):
        raise AccessError(Refusal.NOT_ALLOWED)


def reason_of(text: str) -> str:
    """Give the reason as it is stored, one line of at most 200 characters."""
    return reason_or(text, AccessError(Refusal.NO_REASON), AccessError(Refusal.LONG_REASON))


def coming_day(day: date, now: datetime) -> date:
    """Give the day if it is today or later, and not so far that it is a slip of the pen."""
    today = now.astimezone(ZONE).date()
    if day < today:
        raise AccessError(Refusal.PAST_DAY)
    if day > today + _FAR:
        raise AccessError(Refusal.FAR_DAY)
    return day


def locked_client(viewer: Viewer, client: Client, now: datetime) -> Client:
    """The client's row, locked, if the viewer may see them."""
    row = viewer.clients(now).select_for_update(of=("self",), no_key=True).filter(pk=client.pk)
    found = row.first()
    if found is None:
        raise AccessError(Refusal.NOT_ALLOWED)
    return found


def locked_employee(viewer: Viewer, employee: Employee, now: datetime) -> Employee:
    """The employee's row, locked, if the viewer may see them and they still work here."""
    row = viewer.staff().select_for_update(of=("self",), no_key=True).filter(pk=employee.pk)
    found = row.first()
    if found is None:
        raise AccessError(Refusal.NOT_ALLOWED)
    if not is_employed(found, now):
        raise AccessError(Refusal.NOT_EMPLOYED)
    return found
