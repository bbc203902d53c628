"""What the importer asks of the register.

House rules: reads only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nyckelfri.server.importer.rules import Registered
from nyckelfri.server.importer.tables import TABLES
from nyckelfri.server.importer.targets import TARGETS
from nyckelfri.server.locks.models import LockUnit

if TYPE_CHECKING:
    from nyckelfri.server.importer.targets import Target


def registered() -> Registered:
    """Give the keys that files may refer to, and who has each unique value."""
    found = Registered()
    referred_to = {column.refers_to for table in TABLES for column in table.columns}
    for table in TABLES:
        target = TARGETS[table.name]
        if table.name in referred_to:
            found.keys[table.name] = set(target.stored.values_list(target.lookup, flat=True))
        for column in table.unique:
            pairs = target.stored.values_list(target.attributes[column], target.lookup)
            found.owners[table.name, column] = {value: key for value, key in pairs if value}
    return found


def ids(target: Target) -> dict[str, int]:
    """Give the primary key of each row of `target` by its key."""
    return dict(target.stored.values_list(target.lookup, "pk"))


def doors_of_units() -> dict[str | None, int]:
    """Give the door of each lock unit by the unit's id."""
    return dict(LockUnit.objects.values_list("external_id", "door_id"))
