"""Rules that hold for every table alike: references, periods, values taken by others.

House rules: a rule reads rows and notes faults; it looks only at columns that are
right in themselves, so that no fault is reported twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nyckelfri.server.importer import localtime, values

if TYPE_CHECKING:
    from nyckelfri.server.importer.faults import Faults
    from nyckelfri.server.importer.rows import Files

_LOCAL_PERIODS = {"arbetspass", "planerade_besok"}


@dataclass(frozen=True, slots=True)
class Registered:
    """What is stored already: keys by table, and who has each unique value.

    `owners` maps (table, column) to {value: key of its row}.
    """

    keys: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)


def check_references(files: Files, registered: Registered, faults: Faults) -> None:
    """Note each value that is a key neither of the file it refers to nor in the register."""
    for rows in files.values():
        for column in rows.table.columns:
            target = files.get(column.refers_to)
            if target is None or not target.trusted:
                continue
            known = {key[0] for key in target.keys} | registered.keys.get(column.refers_to, set())
            for row in rows.rows:
                value = row.values.get(column.name)
                if value is not None and value not in known:
                    row.bad.add(column.name)
                    del row.values[column.name]
                    # An organisation number is no personal data, and looks like one.
                    named = value if target.table.name == "utforare" else values.shown(value)
                    faults.add(
                        rows.table.file,
                        row.line,
                        column.name,
                        "unknown_reference",
                        value=named,
                        file=target.table.file,
                    )


def check_owners(files: Files, registered: Registered, faults: Faults) -> None:
    """Note each unique value that belongs to a registered row which the file left out."""
    for (name, column), owners in registered.owners.items():
        if name not in files:
            continue
        in_file = {key[0] for key in files[name].keys}
        for row in files[name].rows:
            owner = owners.get(row.values.get(column) or "")
            if owner is not None and owner not in in_file:
                file = files[name].table.file
                faults.add(file, row.line, column, "taken_value", owner=owner)


def settle_periods(files: Files, faults: Faults) -> None:
    """Note each period that ends before it starts; turn local times of the others to UTC."""
    for rows in files.values():
        if rows.table.in_order is None:
            continue
        first, last = rows.table.in_order
        for row in rows.rows:
            if not row.filled(first, last):
                continue
            start, end = row.values[first], row.values[last]
            if rows.table.name in _LOCAL_PERIODS:
                found = localtime.period(start, end)
            else:
                found = (start, end) if start <= end else None
            if found is not None:
                row.values[first], row.values[last] = found
            else:
                row.bad.add(last)
                del row.values[last]
                faults.add(rows.table.file, row.line, last, "ends_before_start")
