"""Imports by the console: uploaded, shown, decided; nothing is stored that was not shown."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from pytest_django import Settings

from nyckelfri.door.commissioning import Kind
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client, ProviderChoice, Shift
from nyckelfri.server.importer import actions_jobs, uploads
from nyckelfri.server.importer.models import ImportJob
from nyckelfri.server.jobs.worker import do_tasks
from nyckelfri.server.locks.models import LockUnit
from nyckelfri.server.people.models import Role
from serverworld import Holders, Lock
from townworld import NOW, Town

LogIn = Callable[..., Browser]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path / "data"


@pytest.fixture
def manager(log_in: LogIn) -> Browser:
    return log_in(Role.SYSTEM_MANAGER)


def packed(town: Town) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{name}.csv", text.encode()) for name, text in town.files.items()]


def upload(browser: Browser, files: list[SimpleUploadedFile]) -> ImportJob:
    answer = browser.post("/import/", {"files": files})
    assert answer.status_code == 302, answer.content.decode()
    job = ImportJob.objects.latest("pk")
    assert answer["Location"] == f"/import/{job.pk}/"
    return job


def seen(browser: Browser, job: ImportJob) -> str:
    answer = browser.get(f"/import/{job.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def decide(browser: Browser, job: ImportJob, do: str, status: int = 302, **more: str) -> str:
    answer = browser.post(f"/import/{job.pk}/", {"do": do, **more})
    assert answer.status_code == status
    return answer.content.decode()


def bring_in(browser: Browser, town: Town) -> ImportJob:
    job = upload(browser, packed(town))
    do_tasks()
    decide(browser, job, "store")
    do_tasks()
    job.refresh_from_db()
    assert job.state == ImportJob.State.STORED
    return job


def test_files_are_checked_shown_confirmed_and_then_stored(manager: Browser, town: Town) -> None:
    job = upload(manager, packed(town))
    assert "Väntar på att börja" in seen(manager, job)
    do_tasks()
    preview = seen(manager, job)
    assert "Väntar på ditt beslut" in preview
    assert "brukare.csv" in preview
    assert not Client.objects.exists(), "nothing is stored before somebody has decided"
    decide(manager, job, "store")
    assert "Införs" in seen(manager, job)
    do_tasks()
    assert "Allt är infört" in seen(manager, job)
    assert Client.objects.count() == 4
    assert not uploads.directory(job.token).exists(), "the files do not stay"
    ran = AuditEvent.objects.filter(verb=Verb.IMPORT_RUN.value).get()
    assert ran.actor.startswith("employee:")


def put_locks_in_service() -> None:
    holders = Holders.make()
    holders.install_first(NOW)
    for unit in LockUnit.objects.filter(status=LockUnit.Status.MOUNTED):
        kind = Kind.ENTRANCE_UNIT if unit.kind == LockUnit.Kind.ENTRANCE_UNIT else Kind.THUMB_TURN
        lock = Lock.make(unit.external_id, holders.root, int(NOW.timestamp()), kind)
        lock.put_in_service(unit, NOW)


def test_the_preview_says_who_gains_and_who_loses_access(manager: Browser, town: Town) -> None:
    bring_in(manager, town)
    put_locks_in_service()
    town.change("val", "B3;omvardnad;559992-4429;;2025-05-24;2026-11-25\n", "")
    town.change(
        "val", "B3;omvardnad;212999-2083;;2026-11-26;", "B3;omvardnad;212999-2083;;2026-11-20;"
    )
    town.change("val", "B3;service;559992-4429;;2025-05-24;", "B3;service;212999-2083;;2025-05-24;")
    job = upload(manager, packed(town))
    do_tasks()
    preview = seen(manager, job)
    job.refresh_from_db()
    assert job.result["people"] == [["10003", 0, 1], ["10001", 1, 0]]
    assert "Cia Ali" in preview


def test_faults_are_listed_with_their_line_and_nothing_is_stored(
    manager: Browser, town: Town
) -> None:
    town.change("beslut", "D3;B3;omvardnad", "D3;B9;omvardnad")
    job = upload(manager, packed(town))
    do_tasks()
    shown = seen(manager, job)
    assert "Har fel" in shown
    assert "beslut.csv" in shown
    assert ">4<" in shown
    decide(manager, job, "store")
    do_tasks()
    assert not Client.objects.exists()


def test_a_file_that_was_cut_off_is_stored_only_when_somebody_says_so(
    manager: Browser, town: Town
) -> None:
    bring_in(manager, town)
    town.files["val"] = town.files["val"].splitlines(keepends=True)[0]
    job = upload(manager, packed(town))
    do_tasks()
    assert "Ovanligt många rader" in seen(manager, job)
    assert "Kryssa i" in decide(manager, job, "store", status=422)
    do_tasks()
    assert ProviderChoice.objects.filter(withdrawn_at=None).exists()
    decide(manager, job, "store", accept="yes")
    do_tasks()
    assert not ProviderChoice.objects.filter(withdrawn_at=None).exists()


def test_another_import_between_preview_and_decision_asks_for_a_new_preview(
    manager: Browser, town: Town
) -> None:
    first, second = (upload(manager, packed(town)) for _ in range(2))
    do_tasks()
    decide(manager, first, "store")
    do_tasks()
    decide(manager, second, "store")
    do_tasks()
    assert "En annan import har kommit emellan" in seen(manager, second)
    decide(manager, second, "check")
    do_tasks()
    decide(manager, second, "store")
    do_tasks()
    assert "Allt är infört" in seen(manager, second)


def test_two_people_decide_and_it_is_stored_once(
    manager: Browser, log_in: LogIn, town: Town
) -> None:
    job = upload(manager, packed(town))
    do_tasks()
    other = log_in(Role.SYSTEM_MANAGER)
    decide(manager, job, "store")
    decide(other, job, "drop")
    assert "redan gått vidare" in seen(other, job)
    decide(other, job, "store")
    do_tasks()
    assert AuditEvent.objects.filter(verb=Verb.IMPORT_RUN.value).count() == 1


def test_cancelled_files_are_gone(manager: Browser, town: Town) -> None:
    job = upload(manager, packed(town))
    do_tasks()
    decide(manager, job, "drop")
    assert "Filerna är borttagna" in seen(manager, job)
    assert not uploads.directory(job.token).exists()
    decide(manager, job, "store")
    do_tasks()
    assert not Client.objects.exists()


def test_files_that_nobody_decides_about_are_gone_after_a_day(manager: Browser, town: Town) -> None:
    job = upload(manager, packed(town))
    do_tasks()
    actions_jobs.forget_old(NOW + timedelta(hours=23))
    assert uploads.directory(job.token).exists()
    actions_jobs.forget_old(NOW + timedelta(hours=25))
    assert not uploads.directory(job.token).exists()


def test_an_error_of_ours_says_so_and_can_be_tried_again(
    manager: Browser, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk")

    job = upload(manager, packed(town))
    with monkeypatch.context() as change:
        change.setattr(actions_jobs, "import_files", broken)
        do_tasks()
    assert "Något gick fel hos oss" in seen(manager, job)
    decide(manager, job, "check")
    do_tasks()
    assert "Väntar på ditt beslut" in seen(manager, job)


def test_a_worker_that_died_half_way_has_stored_nothing_and_can_be_started_again(
    manager: Browser, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    job = upload(manager, packed(town))
    do_tasks()
    decide(manager, job, "store")
    ImportJob.objects.filter(pk=job.pk).update(changed_at=NOW - timedelta(minutes=5))
    assert "Inget har hänt på en stund" in seen(manager, job)
    decide(manager, job, "store")
    do_tasks()
    assert "Allt är infört" in seen(manager, job)
    assert Shift.objects.count() == 5


def test_a_zip_of_the_files_will_do(manager: Browser, town: Town) -> None:
    packet = BytesIO()
    with zipfile.ZipFile(packet, "w") as packed_files:
        for name, text in town.files.items():
            packed_files.writestr(f"export/{name}.csv", text)
        packed_files.writestr("__MACOSX/export/._brukare.csv", "x")
    job = upload(manager, [SimpleUploadedFile("Export 2026.ZIP", packet.getvalue())])
    do_tasks()
    assert "Väntar på ditt beslut" in seen(manager, job)


def zipped(*entries: tuple[str, bytes]) -> bytes:
    packet = BytesIO()
    with zipfile.ZipFile(packet, "w", zipfile.ZIP_DEFLATED) as packed_files:
        for name, content in entries:
            packed_files.writestr(name, content)
    return packet.getvalue()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "Välj minst en fil"),
        ([("hemligt.csv", b"x")], "hemligt.csv känns inte igen"),
        ([("../../brukare.csv.exe", b"x")], "känns inte igen"),
        ([("val.csv", b"x"), ("val.csv", b"y")], "kom två gånger"),
        ([("a.zip", b"not a zip")], "ZIP-filen går inte att öppna"),
        ([("a.zip", zipped(("../../../etc/passwd", b"x")))], "passwd känns inte igen"),
        ([("a.zip", zipped(("val.csv", b"\0" * (129 * 1024 * 1024))))], "för stora tillsammans"),
        ([("a.zip", zipped())], "Välj minst en fil"),
    ],
    ids=["none", "unknown", "path", "twice", "no zip", "zip slip", "zip bomb", "empty zip"],
)
def test_what_is_no_export_is_refused_and_leaves_nothing(
    manager: Browser, settings: Settings, files: list[tuple[str, bytes]], said: str
) -> None:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    answer = manager.post("/import/", {"files": sent})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ImportJob.objects.exists()
    kept = settings.DATA / "imports"
    assert not kept.exists() or not any(kept.iterdir())


def test_the_page_asks_again_by_itself_while_work_goes_on(manager: Browser, town: Town) -> None:
    job = upload(manager, packed(town))
    part = manager.get(f"/import/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 1s"' in part
    do_tasks()
    assert "every 1s" not in seen(manager, job)


@pytest.mark.parametrize("role", [Role.PLANNER, Role.AUDITOR, Role.CARE_ASSESSOR])
def test_others_may_not_import(log_in: LogIn, role: Role, town: Town) -> None:
    browser = log_in(role)
    assert browser.get("/import/").status_code == 403
    assert browser.post("/import/", {"files": packed(town)}).status_code == 403
    assert not ImportJob.objects.exists()
