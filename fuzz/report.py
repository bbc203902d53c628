"""The report of `make fuzz`, and the table that its page shows."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from fuzz import HOME, ROOT
from fuzz.campaign import Result

FILE: Final = HOME / "report.json"
PAGE: Final = ROOT / "docs" / "subsystems" / "fuzzing.md"
BEGIN, END = "<!-- fuzz -->", "<!-- /fuzz -->"

Report = dict[str, Any]


def make(results: Iterable[Result], *, minutes: float, jobs: int) -> Report:
    """What there is to say about a run; the date is UTC, the commit what was checked out."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "minutes": round(minutes, 1),
        "processes": jobs,
        "python": platform.python_version(),
        "atheris": metadata.version("atheris"),
        "targets": [
            {
                "name": result.name,
                "seconds": result.seconds,
                "executions": result.executions,
                "per_second": round(result.executions / max(result.seconds, 0.1)),
                "coverage": result.coverage,
                "features": result.features,
                "fresh": result.fresh,
                "crashes": [*result.crashes, *([result.note] if result.note else [])],
            }
            for result in results
        ],
    }


def write(report: Mapping[str, Any], path: Path = FILE) -> None:
    """Write it."""
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


def add(part: Mapping[str, Any], order: Iterable[str], path: Path = FILE) -> None:
    """Put a run of some targets into the report, each with its own day and commit."""
    whole = read(path)
    rows = {row["name"]: row for row in whole["targets"]}
    for row in part["targets"]:
        rows[row["name"]] = {**row, "date": part["date"], "commit": part["commit"]}
    write({**whole, "targets": [rows[name] for name in order if name in rows]}, path)


def read(path: Path = FILE) -> Report:
    """The last report."""
    found: Report = json.loads(path.read_text("utf-8"))
    return found


def table(report: Mapping[str, Any]) -> str:
    """The report as Markdown between its markers."""
    rows = report["targets"]
    total = sum(row["executions"] for row in rows)
    broken = sum(len(row["crashes"]) for row in rows)
    crashes = f"{broken or 'no'} {'crash' if broken == 1 else 'crashes'}"
    summary = (
        f"{report['date']}, commit {report['commit']}, {report['minutes']:g} minutes on "
        f"{report['processes']} processes, Python {report['python']}, "
        f"atheris {report['atheris']}: {_thousands(total)} executions, {crashes}."
    )
    lines = [
        BEGIN,
        summary,
        "",
        "| target | seconds | executions | a second | branches reached | features | crashes |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {_name(row)} | {row['seconds']:.0f} | {_thousands(row['executions'])} "
        f"| {_thousands(row['per_second'])} | {row['coverage']} | {row['features']} "
        f"| {len(row['crashes'])} |"
        for row in rows
    ]
    return "\n".join([*lines, END])


def _name(row: Mapping[str, Any]) -> str:
    """A target, and when it ran where it ran alone."""
    return f"{row['name']} ({row['date']}, {row['commit']})" if "date" in row else row["name"]


def fill(text: str, report: Mapping[str, Any]) -> str:
    """The text with the table between its markers made anew; ValueError without markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no place for the table: put {BEGIN} and {END} into it")
    return before + table(report) + after


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 -- whichever git there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"
