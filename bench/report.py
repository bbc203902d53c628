"""The report: its rows, the machine they come from, and the table that the README shows.

A row has a name, what was measured (`ours`, `reference`, both in `unit`), their `ratio`
(ours / reference), a `target` for the ratio such as "≤ 2" or None, whether it is `met` (None
without a target), and a `note` on how to read it.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("report.json")
README: Final = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
COLUMNS: Final = ("name", "ours", "reference", "ratio", "unit", "target", "met", "note")

_TARGET: Final = re.compile(r"([≤≥]) (\d+(?:\.\d+)?)")
_LIBRARIES: Final = ("apsw", "bumble", "cryptography", "cwt", "django")

# Rows that bring no target of their own.
_TARGETS: Final = {
    "mint a grant / bare ES256 signature": "≥ 0.6",
    "mint a grant / python-cwt, same claims": "≥ 1.3",
    "verify a grant / bare ES256 verification": "≥ 0.8",
}

Row = dict[str, Any]


class RowError(ValueError):
    """A module yields something that is no row; the text says what is wrong with it."""


def complete(row: Mapping[str, Any]) -> Row:
    """The row with every column, in order; RowError."""
    unknown = row.keys() - set(COLUMNS)
    missing = {"name", "ours", "reference", "ratio", "unit"} - row.keys()
    if unknown or missing:
        raise RowError(f"row {row.get('name')!r}: unknown {unknown}, missing {missing}")
    target = row.get("target", _TARGETS.get(row["name"]))
    full = {**row, "target": target, "met": met(row["ratio"], target), "note": row.get("note", "")}
    return {column: full[column] for column in COLUMNS}


def met(ratio: float | None, target: str | None) -> bool | None:
    """Whether a ratio reaches "≤ 2" or "≥ 0.6"; None where there is nothing to reach."""
    if target is None or ratio is None:
        return None
    found = _TARGET.fullmatch(target)
    if found is None:
        raise RowError(f"a target reads like '≤ 2' or '≥ 0.6', not {target!r}")
    sign, limit = found[1], float(found[2])
    return ratio <= limit if sign == "≤" else ratio >= limit


def machine() -> dict[str, Any]:
    """What the figures were measured on, and with which libraries."""
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def write(rows: Iterable[Row], path: Path = FILE, *, keep: bool = False) -> None:
    """Write the report; with `keep`, rows of other names stay in it as they are."""
    fresh = {row["name"]: row for row in rows}
    kept = {row["name"]: row for row in read(path)["rows"]} if keep and path.exists() else {}
    report = {"machine": machine(), "rows": list((kept | fresh).values())}
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


def read(path: Path = FILE) -> dict[str, Any]:
    """The report at `path`."""
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report


def table(report: Mapping[str, Any]) -> str:
    """The rows as a Markdown table between the markers, as the README carries it."""
    lines = [
        BEGIN,
        "| what | ours | reference | unit | ratio | target | met |",
        "|---|---:|---:|---|---:|---|---|",
    ]
    lines += [
        f"| {row['name']} | {row['ours']} | {row['reference']} | {row['unit']} | {row['ratio']} "
        f"| {row['target'] or '–'} | {says(met=row['met'])} |"
        for row in report["rows"]
    ]
    return "\n".join([*lines, END])


def says(*, met: bool | None) -> str:
    """One word for whether a target is met."""
    return "–" if met is None else "yes" if met else "no"


def fill(text: str, report: Mapping[str, Any]) -> str:
    """The text with the table between the markers made anew; RowError without markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise RowError(f"the text has no place for the table: put {BEGIN} and {END} into it")
    return before + table(report) + after


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
