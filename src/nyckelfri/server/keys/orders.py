"""Who may service a lock: the installers of its kind, while the root's order for it is open.

House rules: reads only. Windows lie on fixed half days, so that the same order at the next sync is
the same right; nothing is due for a lock without an open order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from nyckelfri.server.locks import actions_commission
from nyckelfri.server.locks.models import LockOrder
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.phones.queries import is_employed

WINDOW = timedelta(hours=12)
_AHEAD = 2
"""Windows given at once: this half day and the next, for where there is no coverage."""


@dataclass(frozen=True, slots=True)
class OrderReason:
    """The order that a service right rests on."""

    order: int

    def as_data(self) -> dict[str, str]:
        """Plain data for storing and showing, as every reason has."""
        return {"rule": "lock_order", "order_id": str(self.order)}


@dataclass(frozen=True, slots=True)
class ServiceRight:
    """`employee_id` may service `lock_id` from `not_before` until `not_after`, aware UTC."""

    employee_id: str
    lock_id: str
    not_before: datetime
    not_after: datetime
    reasons: tuple[OrderReason, ...]


def of_staff(staff: Iterable[Employee], now: datetime) -> list[ServiceRight]:
    """Derive what the installers among some employees may service."""
    roles = set(actions_commission.INSTALLERS.values())
    return list(_rights([one for one in staff if Role(one.role) in roles], now))


def open_for(employee: Employee, now: datetime) -> list[LockOrder]:
    """List the orders that this employee may carry out now."""
    if not is_employed(employee, now):
        return []
    return [
        order
        for order in _open()
        if actions_commission.is_installer(employee, order.installation.lock_unit)
    ]


def _rights(staff: Iterable[Employee], now: datetime) -> Iterable[ServiceRight]:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + WINDOW * ((now - midnight) // WINDOW)
    for employee in staff:
        for order in open_for(employee, now):
            for number in range(_AHEAD):
                yield ServiceRight(
                    employee.number,
                    order.installation.lock_unit.external_id,
                    start + number * WINDOW,
                    start + (number + 1) * WINDOW,
                    (OrderReason(order.pk),),
                )


def _open() -> QuerySet[LockOrder]:
    return LockOrder.objects.filter(done_at=None, installation__retired_at=None).select_related(
        "installation__lock_unit"
    )
