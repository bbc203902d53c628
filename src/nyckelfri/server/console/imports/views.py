"""The pages of imports."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.beside import MovedOnError
from nyckelfri.server.console import shell
from nyckelfri.server.console.imports import rows
from nyckelfri.server.console.imports.texts import text
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.importer import actions_jobs, uploads
from nyckelfri.server.importer.models import ImportJob

_SHOWN: Final = 30
_MEGABYTE: Final = 1024 * 1024
_State = ImportJob.State


@page(Permission.IMPORT, "GET", "POST")
def show_list(request: PageRequest) -> HttpResponse:
    """Earlier imports, and a form for the next."""
    problem = ""
    if request.method == "POST":
        try:
            job = actions_jobs.begin(
                request.FILES.getlist("files"), by=request.viewer.employee, now=request.now
            )
        except uploads.UploadError as error:
            problem = text(f"upload_{error.code}", name=error.name)
        else:
            done(request, text("began"))
            return redirect("import_job", number=job.pk)
    jobs = ImportJob.objects.select_related("uploaded_by")[:_SHOWN]
    context = {
        "jobs": [rows.line(job) for job in jobs],
        "problem": problem,
        "most": uploads.MAX_BYTES // _MEGABYTE,
    }
    status = 422 if problem else 200
    return show(request, "console/imports/list.html", "import", context, words=text, status=status)


@page(Permission.IMPORT, "GET", "POST")
def show_job(request: PageRequest, number: int) -> HttpResponse:
    """One import: how far it has come, what it would change, and what to do with it."""
    job = get_object_or_404(ImportJob.objects.select_related("uploaded_by"), pk=number)
    problem = ""
    if request.method == "POST":
        try:
            problem = _decide(request, job)
        except MovedOnError:
            not_done(request, text("moved_on"))
        if not problem:
            return redirect("import_job", number=number)
    return show(
        request,
        "console/imports/job.html",
        "import",
        {**_shown(request, job), "problem": problem},
        words=text,
        heading=text("one_import", number=number),
        trail=[shell.Step(reverse("import"), text["import"])],
        piece="console/imports/_job.html",
        status=422 if problem else 200,
    )


def _decide(request: PageRequest, job: ImportJob) -> str:
    """Do what was asked; what is wrong with it, or nothing."""
    asked = request.POST.get("do")
    who, now = request.viewer.employee, request.now
    if asked == "store":
        accepted = request.POST.get("accept") == "yes"
        if job.result.get("suspicious") and not accepted:
            return text("accept_first")
        actions_jobs.confirm(job, accept_withdrawals=accepted, by=who, now=now)
    elif asked == "drop":
        actions_jobs.cancel(job, by=who, now=now)
        done(request, text("dropped"))
    elif asked == "check":
        actions_jobs.check_again(job, now=now)
    return ""


def _shown(request: PageRequest, job: ImportJob) -> dict[str, Any]:
    result = job.result
    people = rows.people(job, request.viewer)
    faults, remarks = (rows.fault_lines(job, kind) for kind in ("faults", "remarks"))
    working = job.state in {_State.CHECKING, _State.STORING}
    previewed = job.state in {_State.READY, _State.STORED}
    return {
        "job": rows.line(job),
        "state": job.state,
        "lead": text(f"lead_{job.state}"),
        "work": rows.work(job, request.now) if working else None,
        "counts": rows.counts(job) if previewed else [],
        "access": previewed and "people_count" in result,
        "gained": result.get("gained", 0),
        "lost": result.get("lost", 0),
        "people": people,
        "more_people": result.get("people_count", 0) - len(people),
        "suspicious": result.get("suspicious", []),
        "faults": faults if job.state == _State.FAULTY else [],
        "more_faults": result.get("fault_count", 0) - len(faults),
        "remarks": remarks if not working else [],
        "more_remarks": result.get("remark_count", 0) - len(remarks),
        "can_store": job.state == _State.READY,
        "can_drop": job.state in {_State.READY, _State.FAULTY, _State.STALE, _State.FAILED},
        "can_check": job.state in {_State.STALE, _State.FAILED},
    }
