"""A directory of files in, rows and faults out; nothing is stored here.

House rules: every check runs on whatever could be read, so that one import shows all
faults at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nyckelfri.server.importer import reading, remarks, rules, rules_homes, rules_money, rules_plans
from nyckelfri.server.importer import rows as rows_module
from nyckelfri.server.importer.faults import Faults
from nyckelfri.server.importer.rows import Files
from nyckelfri.server.importer.tables import BY_NAME, TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from nyckelfri.server.importer.rules import Registered
    from nyckelfri.server.importer.table import Table

Progress = Callable[[str], None]


@dataclass(slots=True)
class Checked:
    """What was read: rows by table, faults that stop, remarks that do not, digests of files."""

    files: Files = field(default_factory=Files)
    faults: Faults = field(default_factory=Faults)
    remarks: Faults = field(default_factory=Faults)
    digests: dict[str, str] = field(default_factory=dict)


def _quiet(_: str) -> None:
    """Tell nobody how far the work has come."""


def _printable(path: Path) -> str:
    """Name a file so that any terminal can write it, whatever bytes its name has."""
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return "".join(letter for letter in name if letter.isprintable())


def _check_file(table: Table, path: Path, checked: Checked) -> None:
    """Read one file and check what can be checked without the others."""
    if not path.exists():
        if table.required:
            checked.faults.add(table.file, 0, "", "missing_file")
        return
    content = reading.read_bytes(path, checked.faults)
    if content is None:
        return
    checked.digests[table.file] = hashlib.sha256(content).hexdigest()
    raw = reading.parse(table.file, content, checked.faults)
    if raw is not None:
        checked.files[table.name] = rows_module.check(table, raw, checked.faults, checked.remarks)


def check(directory: Path, registered: Registered, progress: Progress = _quiet) -> Checked:
    """Read and check every file in `directory` against itself, the others and the register."""
    checked = Checked()
    try:
        paths = sorted(directory.iterdir())
    except OSError:
        checked.faults.add(_printable(directory), 0, "", "no_directory")
        return checked
    for path in paths:
        if path.stem not in BY_NAME or path.suffix != ".csv":
            checked.remarks.add(_printable(path), 0, "", "unknown_file")
    for table in TABLES:
        progress(table.file)
        _check_file(table, directory / table.file, checked)
    rules.check_references(checked.files, registered, checked.faults)
    rules.check_owners(checked.files, registered, checked.faults)
    rules.settle_periods(checked.files, checked.faults)
    for rule in (*rules_homes.RULES, *rules_plans.RULES, *rules_money.RULES):
        rule(checked.files, checked.faults)
    if not checked.faults:
        for remark in remarks.REMARKS:
            remark(checked.files, checked.remarks)
    return checked
