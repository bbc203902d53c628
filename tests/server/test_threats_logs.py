"""The server's own log and its error pages tell where something broke, and nothing about anybody.

Every way out is driven with an error whose text quotes a client's row, as a database does.
"""

from __future__ import annotations

import json
import logging
import logging.config
import os
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from typing import Any, NoReturn

import pytest
from django.conf import settings as chosen
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from pytest_django import Settings

import permissionrows as table
import permissionworld
from nyckelfri.server.console.openings import rows
from nyckelfri.server.homes.models import Client
from nyckelfri.server.importer import actions_jobs
from nyckelfri.server.jobs import rounds, worker
from nyckelfri.server.jobs.rounds import Round
from nyckelfri.server.log_lines import Formatter
from nyckelfri.server.phoneapi import sync
from serverfixtures import alices_phone, keys, password_hash, passwords, set_clock
from serverworld import PASSWORD, Handset, b64
from townworld import Town

__all__ = ["alices_phone", "keys", "password_hash", "passwords", "set_clock"]
pytestmark = pytest.mark.threat(64)
NAME, BIRTH_NUMBER, ADDRESS = "Test Person", "19341123-2394", "Kyrkogatan 1"


class BrokenError(Exception):
    """Something of ours that fails, and says too much."""


def fail(*_: Any, **__: Any) -> NoReturn:
    """Fail as a database does on a row that is there already, and then once more."""
    try:
        with transaction.atomic():
            client = Client.objects.get(external_id="B0001")
            client.pk, client.external_id = None, "B9"
            client.save(force_insert=True)
    except IntegrityError as error:
        raise BrokenError(f"{NAME}, {BIRTH_NUMBER}, {ADDRESS}: {error}") from error
    raise AssertionError("the database let a birth number stand twice")


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the server writes to its log, formatted as it is in use."""
    configurator = logging.config.DictConfigurator(deepcopy(chosen.LOGGING))
    handler = logging.StreamHandler(written := StringIO())
    handler.setFormatter(
        configurator.configure_formatter(configurator.config["formatters"]["line"])
    )
    loggers = [logging.getLogger(name) for name in (None, "django", "django_tasks")]
    for each in loggers:
        each.addHandler(handler)
    yield written
    for each in loggers:
        each.removeHandler(handler)


@pytest.fixture
def browser(cast: Any, moment: Any, set_clock: Any, settings: Settings) -> Browser:
    """A planner's, which shows the error page instead of raising."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    browser = permissionworld.browser_of(table.PLANNER, permissionworld.World(cast, moment))
    browser.raise_request_exception = False
    return browser


def says_nothing(*written: str) -> None:
    for text in written:
        for secret in (NAME, BIRTH_NUMBER, BIRTH_NUMBER[2:], ADDRESS, PASSWORD, "B9"):
            assert secret not in text


def test_page_that_breaks_says_where_in_the_log_and_nothing_to_the_reader(
    browser: Browser, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "lines", fail)
    answer = browser.get("/oppningar/?kund=B0001")
    assert answer.status_code == 500
    written = log.getvalue()
    assert "Internal Server Error: /oppningar/" in written
    assert "test_threats_logs.BrokenError" in written
    assert "line" in written
    says_nothing(written, answer.content.decode())
    assert "kund=B0001" not in written


def test_phone_call_that_breaks_gives_nothing_away(
    log: StringIO, cast: Any, alices_phone: Handset, passwords: None, set_clock: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(sync, "run", fail)
    phone = Browser(raise_request_exception=False)
    answer = phone.post(
        "/api/phone/v1/sync",
        json.dumps({"batches": [], "openings": []}),
        content_type="application/json",
        headers={"authorization": f"Bearer {b64(alices_phone.token)}"},
    )
    assert answer.status_code == 500
    assert "test_threats_logs.BrokenError" in log.getvalue()
    says_nothing(log.getvalue(), answer.content.decode())
    assert b64(alices_phone.token) not in log.getvalue()


@pytest.mark.django_db(transaction=True)
def test_work_beside_the_pages_that_breaks_gives_nothing_away(
    log: StringIO, cast: Any, town: Town, moment: Any, settings: Settings, tmp_path: Any,
    set_clock: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings.DATA = tmp_path / "data"
    files = [SimpleUploadedFile(f"{name}.csv", text.encode()) for name, text in town.files.items()]
    monkeypatch.setattr(actions_jobs, "import_files", fail)
    actions_jobs.begin(files, by=cast.bob, now=moment)
    worker.do_tasks()
    assert not rounds.run(Round("failing", moment - moment, fail), moment)
    assert "round failing failed" in log.getvalue()
    says_nothing(log.getvalue())


@pytest.mark.parametrize(
    ("path", "posted", "status"),
    [
        (f"/kunder/{BIRTH_NUMBER}/", None, 404),
        (f"/{NAME}/{ADDRESS}", None, 404),
        ("/oppningar/", {"kund": NAME}, 200),
        ("/logg/", {"om": BIRTH_NUMBER}, 403),
        ("/logga-in/", {"login": NAME, "password": PASSWORD}, 302),
        ("/api/phone/v1/sign-in", {"username": NAME, "password": PASSWORD}, 401),
        ("/api/phone/v1/enrol", {"code": PASSWORD, "public_key": NAME}, 400),
    ],
)
def test_what_somebody_sent_in_error_is_not_in_the_log(
    browser: Browser, log: StringIO, path: str, posted: dict[str, str] | None, status: int
) -> None:
    answer = browser.get(path) if posted is None else browser.post(path, posted)
    assert answer.status_code == status
    says_nothing(log.getvalue())


def test_form_without_its_token_and_a_forged_host_are_logged_without_what_was_sent(
    browser: Browser, log: StringIO
) -> None:
    strict = Browser(enforce_csrf_checks=True)
    answer = strict.post("/logga-in/", {"login": NAME, "password": PASSWORD})
    assert answer.status_code == 403
    forged = browser.get("/oppningar/", {"q": NAME}, headers={"host": "elsewhere.example"})
    assert forged.status_code == 400
    says_nothing(log.getvalue(), answer.content.decode(), forged.content.decode())


def test_exception_handed_over_as_an_argument_is_named_only() -> None:
    record = logging.LogRecord(
        "x", logging.ERROR, "", 1, "it broke: %s", (BrokenError(NAME),), None
    )
    line = Formatter("%(message)s").format(record)
    assert "BrokenError" in line
    says_nothing(line)


def test_gunicorn_writes_what_breaks_while_a_file_is_sent_in_the_same_way(tmp_path: Any) -> None:
    code = f"""
from nyckelfri.server import start
start.set_up()
from gunicorn.config import Config
from gunicorn.glogging import Logger
from nyckelfri.server import cli_set_up
config = Config()
config.set("logconfig_dict", cli_set_up._logging())
log = Logger(config)
try:
    raise ValueError({NAME!r})
except ValueError:
    log.exception("Error handling request /oppningar/oppningar.csv")
"""
    environment = {**os.environ, "NYCKELFRI_DATA": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert "Error handling request" in ran.stderr
    assert "ValueError" in ran.stderr
    says_nothing(ran.stderr, ran.stdout)
