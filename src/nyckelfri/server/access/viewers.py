"""Who looks, and which rows they may see.

House rules: every page and export asks its rows of the viewer, never of a model, so that
what somebody must not see is never read. Protected identity: name and address are for
the staff named for that client, and for nobody else whatever their role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Value

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import permissions
from nyckelfri.server.access.models import NamedStaff, OwnClient
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.homes.models import Client, ProviderChoice
from nyckelfri.server.locks.models import Door
from nyckelfri.server.people.models import Employee, Phone, Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody at a screen; `provider` (a primary key) limits them to that provider's own.

    `named` are primary keys of clients with protected identity that this employee may see.
    """

    employee: Employee
    may_do: frozenset[Permission]
    provider: int | None
    named: frozenset[int]
    only: frozenset[int] | None
    """The clients they are employed for, where they are employed for certain ones only."""

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return f"employee:{self.employee.number}"

    @property
    def whole_municipality(self) -> bool:
        """Whether they see every provider's clients and staff."""
        return self.provider is None

    def may(self, permission: Permission) -> bool:
        """Whether they may do this at all; on which rows, the querysets tell."""
        return permission in self.may_do

    def clients(self, now: datetime) -> QuerySet[Client]:
        """Clients they may see: all, or those who have chosen their provider, now or to come."""
        rows = Client.objects.all()
        if self.provider is not None:
            today = now.astimezone(ZONE).date()
            chosen = ProviderChoice.objects.filter(
                Q(valid_till=None) | Q(valid_till__gte=today),
                provider_id=self.provider,
                withdrawn_at=None,
            )
            rows = rows.filter(pk__in=chosen.values("client_id"))
        if self.only is not None:
            rows = rows.filter(pk__in=self.only)
        return rows

    def search(self, rows: QuerySet[Client], words: str) -> QuerySet[Client]:
        """Of `rows`, those whose number, name or address has these words.

        Somebody protected is found by number only, unless the viewer is named for them.
        """
        if not words:
            return rows
        text = Q(name__icontains=words) | Q(address__icontains=words)
        open_to_me = Q(protected_identity=False) | Q(pk__in=self.named)
        return rows.filter(Q(external_id__iexact=words) | (text & open_to_me))

    def staff(self) -> QuerySet[Employee]:
        """Employees they may see: all, or those of their own provider."""
        rows = Employee.objects.all()
        return rows if self.provider is None else rows.filter(care_team__provider=self.provider)

    def phones(self) -> QuerySet[Phone]:
        """Phones they may see: all, or those that their own provider's staff hold."""
        rows = Phone.objects.all()
        if self.provider is None:
            return rows
        return rows.filter(holder__care_team__provider=self.provider)

    def sees(self, client: Client) -> bool:
        """Whether this client's name and address may be shown to them."""
        return not client.protected_identity or client.pk in self.named

    def hidden_doors(self) -> QuerySet[Door]:
        """Front doors whose address must not be shown to them."""
        return Door.objects.filter(clients__protected_identity=True).exclude(
            clients__pk__in=self.named
        )


def viewer(employee: Employee | None) -> Viewer | None:
    """What this employee may see and do; None for nothing at all.

    A provider's manager without a team belongs to nobody and sees nothing.
    """
    if employee is None:
        return None
    team = employee.care_team
    if team is None and employee.role == Role.PROVIDER_MANAGER:
        return None
    provider = None if team is None else team.provider_id
    allowed = permissions.of(employee.role, whole_municipality=provider is None)
    if not allowed:
        return None
    named, own = _their_clients(employee)
    return Viewer(
        employee=employee,
        may_do=allowed,
        provider=provider,
        named=named,
        only=own or None,
    )


def _their_clients(employee: Employee) -> tuple[frozenset[int], frozenset[int]]:
    """Clients whom they are named for, and those they are employed for, in one query."""
    named = NamedStaff.objects.filter(employee=employee, ended_at=None).order_by()
    own = OwnClient.objects.filter(employee=employee, ended_at=None).order_by()
    rows = named.values_list("client_id", Value(0)).union(own.values_list("client_id", Value(1)))
    found: tuple[set[int], set[int]] = set(), set()
    for client, kind in rows:
        found[kind].add(client)
    return frozenset(found[0]), frozenset(found[1])
