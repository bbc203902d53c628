"""What a door is called to whoever looks: by its address only where they may know it.

House rules: the address of somebody with protected identity is for the staff named for
them; of another provider's client, for nobody else. What is left is the lock's number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from nyckelfri.server.access import worlds
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.texts import text
from nyckelfri.server.locks.models import Door, Installation


def names(viewer: Viewer, installations: Iterable[Installation], now: datetime) -> dict[int, str]:
    """By primary key of the installation: what its door is called to this viewer.

    The installations come with `door` and `lock_unit`; one question for all.
    """
    rows = list(installations)
    homes = {row.door_id for row in rows if row.door.entrance_id is None}
    behind: defaultdict[int, list[Any]] = defaultdict(list)
    mine = viewer.clients(now).filter(front_door__in=homes)
    for client in mine.only("pk", "external_id", "protected_identity", "front_door"):
        behind[client.front_door_id or 0].append(client)
    return {
        row.pk: _name(viewer, row.door, behind.get(row.door_id, []))
        or f"{text('lock')} {row.lock_unit.external_id}"
        for row in rows
    }


def names_of_locks(viewer: Viewer, locks: Iterable[str], now: datetime) -> dict[str, str]:
    """By lock id, of these that are in service: what its door is called to this viewer."""
    rows = list(
        worlds.in_service()
        .filter(lock_unit__external_id__in=set(locks))
        .select_related("door", "lock_unit")
    )
    called = names(viewer, rows, now)
    return {row.lock_unit.external_id: called[row.pk] for row in rows}


def _name(viewer: Viewer, door: Door, people: list[Any]) -> str:
    for client in people:
        if not viewer.sees(client):
            return f"{text('protected')} {client.external_id}"
    known = people or door.entrance_id is not None or viewer.whole_municipality
    return door.label if known else ""
