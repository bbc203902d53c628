"""An import by the console: uploaded, checked and shown, then stored or dropped.

House rules: nothing is stored that somebody has not seen the preview of; if another
import came between, there is a new preview first. What takes long is done beside the
pages, and may be done again: an import that was cut has stored nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django_tasks import task

from nyckelfri import clock
from nyckelfri.care import asif
from nyckelfri.care.grants import AccessGrant
from nyckelfri.server import beside
from nyckelfri.server.access import rights
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.importer import results, uploads
from nyckelfri.server.importer.actions import Report, import_files
from nyckelfri.server.importer.faults import Fault
from nyckelfri.server.importer.models import ImportJob
from nyckelfri.server.importer.tables import TABLES
from nyckelfri.server.keys.actions_issue import withdraw
from nyckelfri.server.people.models import Employee

KEPT: Final = timedelta(days=1)
"""How long uploaded files wait for somebody's decision."""
_FILES: Final = [table.file for table in TABLES]
_State = ImportJob.State
_UNDECIDED: Final = (_State.CHECKING, _State.READY, _State.FAULTY, _State.STALE, _State.FAILED)


def begin(files: Iterable[UploadedFile[Any]], *, by: Employee, now: datetime) -> ImportJob:
    """Take uploaded files and have them checked; UploadError if they are not fit for it."""
    token = uploads.receive(files)
    try:
        with transaction.atomic():
            job = ImportJob.objects.create(
                token=token, uploaded_by=by, uploaded_at=now, changed_at=now
            )
            _record(Verb.IMPORT_UPLOAD, job, by, now)
            transaction.on_commit(lambda: check.enqueue(job.pk))
    except BaseException:
        uploads.forget(token)
        raise
    return job


def check_again(job: ImportJob, *, now: datetime) -> None:
    """Have the files checked once more: something changed, or the work was cut."""
    beside.move(job, _UNDECIDED, _State.CHECKING, now)
    check.enqueue(job.pk)


def confirm(job: ImportJob, *, accept_withdrawals: bool, by: Employee, now: datetime) -> None:
    """Have the files stored as the preview showed; MovedOnError unless a preview is there."""
    with transaction.atomic():
        beside.move(
            job,
            (_State.READY, _State.STORING),
            _State.STORING,
            now,
            accept_withdrawals=accept_withdrawals,
        )
        _record(Verb.IMPORT_CONFIRM, job, by, now)
        transaction.on_commit(lambda: store.enqueue(job.pk, by.number))


def cancel(job: ImportJob, *, by: Employee, now: datetime) -> None:
    """Drop the files; MovedOnError if they are being stored or have been."""
    with transaction.atomic():
        beside.move(job, _UNDECIDED, _State.CANCELLED, now)
        _record(Verb.IMPORT_CANCEL, job, by, now)
        transaction.on_commit(lambda: uploads.forget(job.token))


def forget_old(now: datetime) -> None:
    """Drop the files that nobody has decided about for a day; a round calls it."""
    old = ImportJob.objects.filter(state__in=_UNDECIDED, changed_at__lt=now - KEPT)
    for job in old:
        uploads.forget(job.token)
        beside.end(job, (job.state,), _State.CANCELLED, now)


@task()
def check(pk: int) -> None:
    """Check the files of a job and work out what would change, storing nothing."""
    job = ImportJob.objects.filter(pk=pk, state=_State.CHECKING).first()
    if job is None:
        return
    now = clock.now()
    try:
        seen = _last_import()
        report, access, suspicious = _preview(job, now)
    except Exception:
        _end(job, _State.CHECKING, _State.FAILED, {}, now)
        raise
    result = {**results.of_report(report), **access, "suspicious": suspicious}
    state = _State.FAULTY if report.faults else _State.READY
    _end(job, _State.CHECKING, state, result, now, seen=seen)


@task()
def store(pk: int, number: str) -> None:
    """Store the files of a job that somebody has confirmed."""
    job = ImportJob.objects.filter(pk=pk, state=_State.STORING).first()
    if job is None:
        return
    now = clock.now()
    if _last_import() != job.seen:
        _end(job, _State.STORING, _State.STALE, job.result, now)
        return
    try:
        report = import_files(
            uploads.directory(job.token),
            actor=f"employee:{number}",
            now=now,
            accept_withdrawals=job.accept_withdrawals,
            progress=lambda file: _working_on(job, file),
        )
    except Exception:
        _end(job, _State.STORING, _State.FAILED, {}, now)
        raise
    if report.stored:
        withdraw(clock.now())
    result = {**job.result, **results.of_report(report)}
    _end(job, _State.STORING, _State.STORED if report.stored else _State.FAULTY, result, now)
    if report.stored:
        uploads.forget(job.token)


def _preview(
    job: ImportJob, now: datetime
) -> tuple[Report, dict[str, Any], list[dict[str, object]]]:
    """The report of a dry run, the access it would change, and files that look cut off."""
    before = rights.of_all(now)
    after: list[AccessGrant] = []

    def dry(*, accept: bool) -> Report:
        return import_files(
            uploads.directory(job.token),
            actor="system:import",
            now=now,
            dry_run=True,
            accept_withdrawals=accept,
            progress=lambda file: _working_on(job, file),
            look=lambda: after.extend(rights.of_all(now)),
        )

    report = dry(accept=False)
    suspicious = _suspicious(report.faults)
    if suspicious:
        report = dry(accept=True)
    access = {} if report.faults else results.of_access(asif.compare(before, after))
    return report, access, suspicious


def _suspicious(faults: Sequence[Fault]) -> list[dict[str, object]]:
    """The files that look cut off, if nothing else is wrong."""
    if any(fault.code != "too_many_withdrawn" for fault in faults):
        return []
    return [{"file": fault.file, **fault.values} for fault in faults]


def _last_import() -> int:
    found = AuditEvent.objects.filter(verb=Verb.IMPORT_RUN.value).order_by("-pk").first()
    return found.pk if found is not None else 0


def _working_on(job: ImportJob, file: str) -> None:
    beside.tell(job, _FILES.index(file) + 1, len(_FILES), file)


def _end(
    job: ImportJob, state: str, new: str, result: dict[str, Any], now: datetime, **more: Any
) -> None:
    """Leave a state that work was going on in, unless somebody has cancelled meanwhile."""
    beside.end(job, (state,), new, now, result=result, **more)
    beside.forget(job)


def _record(verb: Verb, job: ImportJob, by: Employee, now: datetime) -> None:
    audit.record([audit.Deed(verb, f"import:{job.pk}")], actor=f"employee:{by.number}", now=now)
