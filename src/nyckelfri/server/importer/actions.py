"""The one change of state of this room: a directory of files becomes the register.

House rules: check → change → audit row, in one transaction; a fault anywhere, or an
exception at any write, leaves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from nyckelfri.server import turns
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.importer import check, doors, gone, queries, store
from nyckelfri.server.importer.faults import Fault, Faults
from nyckelfri.server.importer.store import Outcome
from nyckelfri.server.importer.tables import TABLES
from nyckelfri.server.importer.targets import TARGETS
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import touched

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from nyckelfri.server.importer.check import Checked, Progress
    from nyckelfri.server.importer.rows import Files, Rows

_REFERRED_TO = {column.refers_to for table in TABLES for column in table.columns} - {""}

EVIDENCE = {
    "planerade_besok": "start",
    "handelser": "tid",
    "avlasningar": "tid",
    "manuella": "in",
    "larm": "tid",
}
"""Files that visits are derived from, and the column that tells when."""


@dataclass(slots=True)
class Report:
    """What an import did, or would have done: counts by file, faults, remarks."""

    stored: bool = False
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    """One import while it is being stored."""

    now: datetime
    accept_withdrawals: bool
    faults: Faults = field(default_factory=Faults)
    remarks: Faults = field(default_factory=Faults)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    deeds: list[audit.Deed] = field(default_factory=list)
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    doors: dict[str, int] = field(default_factory=dict)


def import_files(
    directory: Path,
    *,
    actor: str,
    now: datetime,
    dry_run: bool = False,
    accept_withdrawals: bool = False,
    progress: Progress = lambda _: None,
    look: Callable[[], None] = lambda: None,
) -> Report:
    """Check every file in `directory` and store all of it, or nothing and say why.

    `dry_run` does all but keep it. `accept_withdrawals` lets files take back far more
    than plans usually lose. `progress` is told each file's name as work begins on it.
    `look` is called when all is stored, before that is kept or undone.
    """
    checked = check.check(directory, queries.registered(), progress)
    run = _Run(now, accept_withdrawals)
    run.remarks.extend(checked.remarks)
    if checked.faults:
        return Report(faults=list(checked.faults), remarks=list(run.remarks))
    with transaction.atomic():
        turns.alone(Turn.FILES)
        for table in TABLES:
            if table.name in checked.files and not run.faults:
                progress(table.file)
                _store(run, table.name, checked.files)
        if not run.faults:
            _write_audit(run, checked, actor)
            look()
        transaction.set_rollback(dry_run or bool(run.faults))
    if run.faults:
        return Report(faults=list(run.faults), remarks=list(run.remarks))
    return Report(
        stored=not dry_run,
        counts={name: outcome.counts() for name, outcome in run.outcomes.items()},
        remarks=list(run.remarks),
    )


def _store(run: _Run, name: str, files: Files) -> None:
    """Store one file, in the order of `TABLES`."""
    rows, target = files[name], TARGETS[name]
    if name == "las":
        run.doors, renamed = doors.settle(rows.rows, run.faults)
        run.deeds += [_change(f"door:{door}", ["address"]) for door in renamed]
    if run.faults:
        return
    wanted = _wanted(run, rows)
    outcome = run.outcomes[name] = store.upsert(target, wanted)
    if name in _REFERRED_TO:
        run.ids[name] = queries.ids(target)
    if name == "brukare":
        _marry(rows, run.ids[name], outcome)
    in_force = gone.withdraw(target, rows, wanted, outcome, run.now)
    if gone.is_suspicious(outcome, in_force) and not run.accept_withdrawals:
        count = len(outcome.withdrawn)
        run.faults.add(rows.table.file, 0, "", "too_many_withdrawn", count=count, total=in_force)
    if outcome.gone:
        run.remarks.add(rows.table.file, 0, "", "gone_from_file", count=outcome.gone)
    if outcome.otherwise:
        run.remarks.add(rows.table.file, 0, "", "decided_otherwise", count=outcome.otherwise)
    _touch(rows, outcome)
    for key, names in outcome.changed.items():
        run.deeds.append(_change(target.name_of(key), names))
    run.deeds += [
        audit.Deed(Verb.IMPORT_WITHDRAW, target.name_of(key)) for key in outcome.withdrawn
    ]


def _touch(rows: Rows, outcome: Outcome) -> None:
    """Let the days be derived again for which this file brings evidence or a plan."""
    when = EVIDENCE.get(rows.table.name)
    if when is None or not (outcome.created or outcome.changed or outcome.withdrawn):
        return
    moved = outcome.created | outcome.changed.keys()
    (key,) = rows.table.key
    touched.note(row.values[when] for row in rows.rows if (row.values[key],) in moved)


def _change(object_id: str, names: list[str]) -> audit.Deed:
    return audit.Deed(Verb.IMPORT_CHANGE, object_id, details={"attributes": sorted(names)})


def _wanted(run: _Run, rows: Rows) -> list[dict[str, Any]]:
    """Give the rows as attributes, with the doors that follow from las.csv."""
    target = TARGETS[rows.table.name]
    found = [store.attributes_of(row, rows, target, run.ids) for row in rows.rows]
    if rows.table.name == "las":
        for row, each in zip(rows.rows, found, strict=True):
            each["door_id"] = run.doors[row.values["las_id"]]
    if rows.table.name == "brukare":
        known = queries.doors_of_units()
        for row, each in zip(rows.rows, found, strict=True):
            each["front_door_id"] = known.get(row.values["las_id"])
    return found


def _marry(rows: Rows, ids: dict[str, int], outcome: Outcome) -> None:
    """Set partners once every client is there."""
    wanted = {
        row.values["brukare_id"]: ids.get(row.values["partner_id"] or "") for row in rows.rows
    }
    moved = [
        client
        for batch in store.batches(wanted)
        for client in Client.objects.filter(external_id__in=batch)
        if client.partner_id != wanted[client.external_id]
    ]
    for client in moved:
        client.partner_id = wanted[client.external_id]
        key = (client.external_id,)
        if key not in outcome.created:
            outcome.changed.setdefault(key, []).append("partner_id")
    Client.objects.bulk_update(moved, ["partner_id"], batch_size=store.BATCH)


def _write_audit(run: _Run, checked: Checked, actor: str) -> None:
    files = {
        f"{name}.csv": {"sha256": checked.digests[f"{name}.csv"], **outcome.counts()}
        for name, outcome in run.outcomes.items()
    }
    quiet = not run.deeds and not any(outcome.created for outcome in run.outcomes.values())
    ran = audit.Deed(
        Verb.IMPORT_RUN, "files", "no change" if quiet else "", details={"files": files}
    )
    audit.record([*run.deeds, ran], actor=actor, now=run.now)
