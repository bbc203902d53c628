"""Which door each lock unit is on, and the doors that are new or renamed.

House rules: a unit that is commissioned sits where it was commissioned until it is
released, so a new address in the file is then a new name for the same door, and its
keys go on working; and it is mounted, though the file may still say planned. A unit
that is not commissioned simply goes to the door of the address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nyckelfri.server.homes.models import Entrance
from nyckelfri.server.importer.store import BATCH
from nyckelfri.server.locks.models import Door, Installation, LockUnit

if TYPE_CHECKING:
    from nyckelfri.server.importer.faults import Faults
    from nyckelfri.server.importer.rows import Row

Place = tuple[int | None, str, str]
"""(entrance id, '', '') of an entrance door, (None, address, apartment) of a front door."""


def settle(rows: list[Row], faults: Faults) -> tuple[dict[str, int], list[int]]:
    """Give the door id of each unit in las.csv and the ids of the doors renamed for it.

    New doors are stored. A commissioned unit whose new address has another door is a fault.
    """
    entrances = dict(Entrance.objects.values_list("external_id", "pk"))
    stored = {door.pk: door for door in Door.objects.all()}
    doors = {_place_of(door): door for door in stored.values()}
    installed = {
        unit: stored[door]
        for unit, door in Installation.objects.filter(retired_at=None).values_list(
            "lock_unit__external_id", "lock_unit__door_id"
        )
    }
    chosen: dict[str, Door] = {}
    renamed: dict[int, Door] = {}
    for row in rows:
        unit, place = row.values["las_id"], _wanted(row, entrances)
        if unit not in installed:
            door = doors.setdefault(place, _new(place))
        else:
            if row.values["status"] == LockUnit.Status.PLANNED:
                row.values["status"] = LockUnit.Status.MOUNTED
            door = installed[unit]
            if _place_of(door) != place:
                # A front door may get a new name, unless that is the name of another door.
                if door.entrance_id is not None or place[0] is not None or place in doors:
                    column = "adress" if door.entrance_id is None else "port_id"
                    faults.add("las.csv", row.line, column, "installed_elsewhere")
                    continue
                doors[place] = doors.pop(_place_of(door))
        named = (row.values["adress"], place[2])
        if door.pk and (door.address, door.apartment) != named:
            renamed[door.pk] = door
        door.address, door.apartment = named
        chosen[unit] = door
    fresh = [door for door in doors.values() if door.pk is None]
    Door.objects.bulk_update(list(renamed.values()), ["address", "apartment"], batch_size=BATCH)
    Door.objects.bulk_create(fresh, batch_size=BATCH)
    return {unit: door.pk for unit, door in chosen.items()}, sorted(renamed)


def _place_of(door: Door) -> Place:
    if door.entrance_id is not None:
        return door.entrance_id, "", ""
    return None, door.address, door.apartment


def _wanted(row: Row, entrances: dict[str, int]) -> Place:
    if row.values["typ"] == LockUnit.Kind.ENTRANCE_UNIT:
        return entrances[row.values["port_id"]], "", ""
    return None, row.values["adress"], row.values["lgh"] or ""


def _new(place: Place) -> Door:
    kind = Door.Kind.FRONT_DOOR if place[0] is None else Door.Kind.ENTRANCE
    return Door(kind=kind, entrance_id=place[0], address=place[1], apartment=place[2])
