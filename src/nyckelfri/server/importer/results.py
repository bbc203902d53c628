"""What a preview or an import came to, as plain data to keep and to show.

House rules: sentences in both languages, made while the files are there; numbers and ids,
never a name or a value from a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from nyckelfri.care.asif import Changes
from nyckelfri.server.importer.actions import Report
from nyckelfri.server.importer.faults import Fault
from nyckelfri.server.importer.messages import Language

MOST: Final = 200
"""Faults, remarks and people that are kept; the rest is counted."""


def of_report(report: Report) -> dict[str, Any]:
    """Counts by file, faults and remarks."""
    return {
        "counts": report.counts,
        "faults": _lines(report.faults),
        "fault_count": len(report.faults),
        "remarks": _lines(report.remarks),
        "remark_count": len(report.remarks),
    }


def of_access(changes: Changes) -> dict[str, Any]:
    """Doors gained and lost by employee number, those who lose most first."""
    gained, lost = _doors(changes.gained), _doors(changes.lost)
    people = sorted(
        gained.keys() | lost.keys(), key=lambda each: (-lost[each], -gained[each], each)
    )
    return {
        "gained": sum(gained.values()),
        "lost": sum(lost.values()),
        "people": [[each, gained[each], lost[each]] for each in people[:MOST]],
        "people_count": len(people),
    }


def _doors(held: Iterable[Any]) -> Counter[str]:
    return Counter(employee for employee, _ in {(each.employee_id, each.lock_id) for each in held})


def _lines(faults: list[Fault]) -> list[dict[str, Any]]:
    return [
        {
            "file": fault.file,
            "line": fault.line,
            "column": fault.column,
            "sv": fault.message(Language.SWEDISH),
            "en": fault.message(Language.ENGLISH),
        }
        for fault in faults[:MOST]
    ]
