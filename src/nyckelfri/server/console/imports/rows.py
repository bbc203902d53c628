"""What the pages of imports show, as plain values.

House rules: reads only; people are named by number, and by name only where the viewer may
see that employee.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console import work as works
from nyckelfri.server.console.imports.texts import text
from nyckelfri.server.console.texts import language
from nyckelfri.server.console.work import Work
from nyckelfri.server.importer.models import ImportJob
from nyckelfri.server.importer.tables import TABLES

_TONES: Final = {
    ImportJob.State.READY: "warn",
    ImportJob.State.STORED: "good",
    ImportJob.State.FAULTY: "bad",
    ImportJob.State.FAILED: "bad",
    ImportJob.State.STALE: "warn",
}


@dataclass(frozen=True, slots=True)
class JobLine:
    """One import in the list."""

    number: int
    uploaded_at: datetime
    by: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gains or loses doors."""

    name: str
    number: str
    gains: int
    loses: int


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A fault or a remark."""

    file: str
    line: int
    column: str
    message: str


def line(job: ImportJob) -> JobLine:
    """One row of the list."""
    state = ImportJob.State(job.state)
    return JobLine(
        number=job.pk,
        uploaded_at=job.uploaded_at,
        by=job.uploaded_by.name,
        state=text(f"state_{state.value}"),
        tone=_TONES.get(state, "calm"),
    )


def work(job: ImportJob, now: datetime) -> Work:
    """What is being done now."""
    path = reverse("import_job", args=[job.pk])
    return works.work(
        job, path, lambda told: text("working_on", file=told.at), since=job.changed_at, now=now
    )


def counts(job: ImportJob) -> list[tuple[str, dict[str, int]]]:
    """By file, in the order of the tables: what is new, changed, unchanged and taken back."""
    found = job.result.get("counts", {})
    return [(table.file, found[table.name]) for table in TABLES if table.name in found]


def fault_lines(job: ImportJob, kind: str) -> list[FaultLine]:
    """The `faults` or `remarks`, in the language of this request."""
    return [
        FaultLine(each["file"], each["line"], each["column"], each[language()])
        for each in job.result.get(kind, [])
    ]


def people(job: ImportJob, viewer: Viewer) -> list[Person]:
    """Who gains and loses doors, those who lose most first."""
    found: list[Any] = job.result.get("people", [])
    numbers = [number for number, _, _ in found]
    names = dict(viewer.staff().filter(number__in=numbers).values_list("number", "name"))
    return [Person(names.get(number, ""), number, gains, loses) for number, gains, loses in found]
