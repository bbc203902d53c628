"""A busy server: what phones carry waits for a place, what they get never does."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from nyckelfri.door.journal import Battery
from nyckelfri.server.phoneapi import backlog
from nyckelfri.server.visits import actions, journals
from nyckelfri.server.visits.models import Kept, OpeningRecord, StoredEntry
from serverworld import Api, b64

pytestmark = pytest.mark.threat(58)

NO_NUMBER = "openings.0.id: UUID input should be a string, bytes or UUID object"


@contextmanager
def taken(data: Path, places: int = 1) -> Iterator[None]:
    """All places are taken, by somebody else."""
    folder = data / "backlog"
    folder.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as held:
        for number in range(places):
            file = held.enter_context((folder / f"{number}.lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(autouse=True)
def one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BACKLOGS", 1)
    monkeypatch.setattr(backlog, "_queue", backlog._Queue())
    monkeypatch.setattr(backlog, "IN_LINE", 0.0)


@pytest.fixture
def carried(locks: Any) -> list[str]:
    """Ten batches of the front door's lock, of two entries each."""
    for percent in range(99, 80, -1):
        locks.home.write(Battery(percent), after=60)
    return [b64(locks.home.batch(first, first + 1)) for first in range(1, 21, 2)]


def opening(locks: Any, number: int) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=number)),
        "installation": locks.home.installation.hex(),
        "serial": "00" * 8,
        "command": 1,
        "reason": 0,
        "number": number,
        "head": locks.home.head(number)[:8].hex(),
        "phone_time": locks.home.clock,
    }


def test_a_busy_server_gives_everything_and_takes_in_nothing_of_a_backlog(
    api: Api, locks: Any, carried: list[str]
) -> None:
    api.sign_in("10001")
    body = {"batches": carried, "openings": [opening(locks, 3)]}
    with taken(Path(settings.DATA)):
        answer = api.post("sync", body)
    assert answer.status == 200
    assert 1 <= answer.body["later"] <= backlog.LONGEST
    assert answer.body["results"] == {"batches": [], "openings": [], "entries": []}
    assert len(answer.body["doors"]) == len(answer.body["grants"]) == 2
    assert answer.body["bulletin"]
    assert answer.body["key_set"]
    assert not StoredEntry.objects.exists()
    assert not OpeningRecord.objects.exists()
    assert not Kept.objects.exists()
    again = api.post("sync", body)
    assert again.body["later"] == 0
    assert [row["status"] for row in again.body["results"]["batches"]] == ["stored"] * 10
    assert journals.one(locks.at_home).number == 20


def test_a_backlog_is_put_off_before_it_is_read_and_the_phone_gets_keys_and_day_all_the_same(
    api: Api, locks: Any
) -> None:
    api.sign_in("10001")
    unread: dict[str, Any] = {
        "batches": ["no base64url"] * (backlog.SMALL_BATCHES + 1),
        "openings": [{"id": 1}],
        "day": "",
    }
    with taken(Path(settings.DATA)):
        answer = api.post("sync", unread)
        small = api.post("sync", {**unread, "batches": []})
        no_form = api.post("sync", {**unread, "unknown": 1})
    assert answer.status == 200
    assert answer.body["later"] > 0
    assert len(answer.body["grants"]) == 2
    assert answer.body["day"] is not None
    assert answer.body["day"] == api.post("sync", {"day": ""}).body["day"]
    assert (small.status, small.body["message"]) == (422, NO_NUMBER)
    assert (no_form.status, no_form.body["message"]) == (
        422,
        "unknown: Extra inputs are not permitted",
    )
    found = api.post("sync", unread)
    assert (found.status, found.code) == (422, "invalid")
    assert found.body["message"] == "batches.0: Value error, must be base64url without padding"
    assert not Kept.objects.exists()


def test_a_place_is_free_again_when_what_came_does_not_read(api: Api, carried: list[str]) -> None:
    assert api.post("sync", {"batches": [*carried, "=="]}).status == 422
    assert api.post("sync", {"batches": carried}).body["later"] == 0


def test_an_openings_own_sync_is_taken_in_however_busy_the_server_is(
    api: Api, locks: Any, carried: list[str]
) -> None:
    body: dict[str, list[Any]] = {
        "batches": carried[: backlog.SMALL_BATCHES],
        "openings": [opening(locks, number) for number in range(2, 2 + backlog.SMALL_OPENINGS)],
        "entries": [{}] * backlog.SMALL_ENTRIES,
    }
    with taken(Path(settings.DATA)):
        answer = api.post("sync", body)
        more = [
            api.post("sync", {**body, name: [*body[name], body[name][0]]}).body["later"]
            for name in body
        ]
    assert answer.body["later"] == 0
    assert len(answer.body["results"]["batches"]) == backlog.SMALL_BATCHES
    assert len(answer.body["results"]["openings"]) == backlog.SMALL_OPENINGS
    assert all(more), "one more of anything is a backlog"
    assert journals.one(locks.at_home).number == 2 * backlog.SMALL_BATCHES


def test_a_phone_that_sends_little_brings_all_of_it_home_to_a_server_that_is_always_busy(
    api: Api, locks: Any, carried: list[str]
) -> None:
    with taken(Path(settings.DATA)):
        for at in range(0, len(carried), backlog.SMALL_BATCHES):
            api.post("sync", {"batches": carried[at : at + backlog.SMALL_BATCHES]})
    assert journals.one(locks.at_home).number == 20


def test_any_free_place_is_taken_and_given_back(
    api: Api, carried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "BACKLOGS", 3)
    with taken(Path(settings.DATA), places=2):
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(3):
            assert api.post("sync", {"batches": carried}).body["later"] == 0
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    with taken(Path(settings.DATA), places=3):
        assert api.post("sync", {"batches": carried}).body["later"] > 0


def test_a_place_is_free_again_when_taking_in_has_failed(
    api: Api, carried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(actions, "take_in", fails)
        with pytest.raises(RuntimeError):
            api.post("sync", {"batches": carried})
    assert api.post("sync", {"batches": carried}).body["later"] == 0


def test_one_waits_in_line_for_a_place_that_becomes_free_and_the_next_is_told_to_come_again(
    api: Api, carried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "IN_LINE", 30.0)
    with ExitStack() as others, ExitStack() as held:
        others.enter_context(taken(Path(settings.DATA)))
        soon = threading.Timer(0.3, others.pop_all().close)
        soon.start()
        assert backlog._stand_in_line(held, 1)
        soon.join()
        with backlog._line:
            begun = time.monotonic()
            assert api.post("sync", {"batches": carried}).body["later"] > 0
            assert time.monotonic() - begun < 10
    assert api.post("sync", {"batches": carried}).body["later"] == 0


def test_whoever_waits_is_told_a_time_of_its_own_and_never_a_long_one() -> None:
    queue = backlog._Queue(seconds=2.0)
    assert [queue.later() for _ in range(4)] == [2, 4, 6, 8]
    assert {queue.later() for _ in range(1000)} >= {backlog.LONGEST}
    assert queue.later() == backlog.LONGEST


def test_times_are_as_far_apart_as_turns_of_this_process_whoever_else_has_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    queue = backlog._Queue()

    def turns(every: float) -> float:
        for _ in range(50):
            clock[0] += every
            queue.took(0.5)
        return queue.seconds

    assert turns(every=0.5) == pytest.approx(0.5, abs=0.01)
    assert turns(every=1.0) == pytest.approx(1.0, abs=0.01)  # another process has every second
    assert turns(every=0.125) == pytest.approx(0.125, abs=0.01)  # four places are ours
    assert turns(every=3600.0) == pytest.approx(2.0, abs=0.01)  # nobody else wants one


def test_computing_threads_let_others_on_after_a_millisecond_and_search_nothing_that_was_loaded(
    tmp_path: Path,
) -> None:
    """As gunicorn loads the program, in each of its processes."""
    asked = (
        "import gc, sys; from nyckelfri.server import wsgi;"
        "print(sys.getswitchinterval(), gc.get_freeze_count(), len(gc.get_objects()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "NYCKELFRI_DATA": str(tmp_path)},
        capture_output=True,
        check=True,
        text=True,
    )
    switch, spared, searched = done.stdout.split()
    assert float(switch) <= 0.001
    assert int(searched) < 1000
    assert int(spared) > 100_000
