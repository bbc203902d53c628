"""What a phone is told of the doors that it opens.

House rules: the name of a client never goes to a phone. Where somebody with protected
identity lives behind a door, its address goes only to the phones of staff who are named
for them; others get the client's number, and come by the door all the same. Whoever
shares the home shares the protection, and so does an entrance that is opened for such
homes only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from nyckelfri.server.access.models import NamedStaff
from nyckelfri.server.homes.models import Client
from nyckelfri.server.locks.models import Door, Installation
from nyckelfri.server.people.models import Employee


@dataclass(frozen=True, slots=True)
class ShownDoor:
    """What people call a door, and where it is; no address where it must not be told."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Hiding:
    """Which clients are a number and nothing more to somebody: they, and who shares their home."""

    people: frozenset[int]
    homes: frozenset[int]

    @classmethod
    def of(
        cls, employee: Employee | None, people: Iterable[tuple[int, int | None, bool]]
    ) -> Hiding:
        """Read who is named; `people` are primary key, front door and whether protected."""
        named = set(
            NamedStaff.objects.filter(employee=employee, ended_at=None).values_list(
                "client_id", flat=True
            )
        )
        hidden = [(pk, home) for pk, home, protected in people if protected and pk not in named]
        return cls(
            frozenset(pk for pk, _ in hidden),
            frozenset(home for _, home in hidden if home is not None),
        )

    def hides(self, pk: int, home: int | None) -> bool:
        """Whether this client, behind this front door, is hidden."""
        return pk in self.people or home in self.homes


@dataclass(frozen=True, slots=True)
class _Behind:
    """A client behind a door: their number, their own front door, and whether to hide them."""

    number: str
    front_door: int | None
    hidden: bool


def shown(installations: Sequence[Installation], employee: Employee | None) -> list[ShownDoor]:
    """What this employee's phone may be told of each door, in the same order."""
    doors = [installation.door for installation in installations]
    behind = _behind(doors, employee)
    mine = {door.pk for door in doors}
    return [_shown(door, behind[door.pk], mine) for door in doors]


def _shown(door: Door, behind: Iterable[_Behind], mine: set[int]) -> ShownDoor:
    here = sorted(behind, key=lambda row: row.number)
    if door.kind == Door.Kind.FRONT_DOOR:
        hide = any(row.hidden for row in here)
        numbers = [row.number for row in here]
    else:
        numbers = [row.number for row in here if row.hidden]
        hide = bool(numbers) and not any(row.front_door in mine for row in here if not row.hidden)
    if not hide:
        return ShownDoor(door.label, door.address)
    prefix = "" if door.kind == Door.Kind.FRONT_DOOR else "Port "
    return ShownDoor(prefix + ", ".join(numbers), "")


def _behind(doors: Sequence[Door], employee: Employee | None) -> dict[int, list[_Behind]]:
    """By door: the clients who live behind it."""
    entrances = {door.entrance_id: door.pk for door in doors if door.entrance_id is not None}
    ids = [door.pk for door in doors]
    rows = Client.objects.filter(Q(front_door_id__in=ids) | Q(entrance_id__in=list(entrances)))
    people = list(
        rows.order_by().values_list(
            "pk", "external_id", "front_door_id", "entrance_id", "protected_identity"
        )
    )
    hiding = Hiding.of(employee, ((pk, home, hide) for pk, _, home, _, hide in people))
    found: defaultdict[int, list[_Behind]] = defaultdict(list)
    for pk, number, home, entrance, _ in people:
        row = _Behind(number, home, hiding.hides(pk, home))
        if home is not None:
            found[home].append(row)
        if entrance in entrances:
            found[entrances[entrance]].append(row)
    return found
