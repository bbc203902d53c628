"""Work beside the pages: what is queued is done, rounds come round, trouble is seen."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django_tasks import TaskResultStatus, task

from nyckelfri.server.jobs import rounds, worker
from nyckelfri.server.jobs.models import Beat
from nyckelfri.server.jobs.rounds import Round

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
done: list[int] = []


@task()
def note(number: int) -> None:
    if number < 0:
        raise ValueError("a task that fails")
    done.append(number)


def failing(_: datetime) -> None:
    raise OSError("the disk is full")


@pytest.mark.django_db
def test_a_round_is_due_when_its_time_has_come_and_not_before() -> None:
    seen: list[datetime] = []
    some = (Round("some", QUARTER, seen.append),)
    assert rounds.due(NOW, some)
    assert rounds.run(some[0], NOW)
    assert not rounds.due(NOW + QUARTER - timedelta(seconds=1), some)
    assert rounds.due(NOW + QUARTER, some)
    assert seen == [NOW]


@pytest.mark.django_db
def test_a_clock_that_was_set_back_does_not_stop_the_rounds() -> None:
    some = (Round("some", QUARTER, lambda _: None),)
    rounds.run(some[0], NOW)
    assert rounds.due(NOW - timedelta(days=3), some)


@pytest.mark.django_db
def test_a_round_that_fails_is_seen_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    some = (Round("some", QUARTER, failing),)
    assert not rounds.run(some[0], NOW)
    assert Beat.objects.get().trouble == "OSError"
    assert "round some failed" in caplog.text
    assert rounds.late(NOW, some) == ["some"]
    assert rounds.due(NOW + QUARTER, some)
    rounds.run(Round("some", QUARTER, lambda _: None), NOW + QUARTER)
    assert Beat.objects.get().trouble == ""
    assert rounds.late(NOW + QUARTER, some) == []
    assert rounds.late(NOW + 5 * QUARTER, some) == ["some"]


@pytest.mark.django_db
def test_every_round_runs_on_an_empty_database_and_on_a_town(bjorkvik: None) -> None:
    for each in rounds.ROUNDS:
        assert rounds.run(each, NOW), each.name


@pytest.mark.django_db
def test_sessions_that_have_run_out_are_forgotten() -> None:
    for key, end in (("old", NOW - timedelta(minutes=1)), ("new", NOW + timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=end)
    rounds.run(next(each for each in rounds.ROUNDS if each.name == "sessions"), NOW)
    assert [session.session_key for session in Session.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_queued_tasks_are_done_in_order_and_one_that_fails_stops_no_other() -> None:
    done.clear()
    results = [note.enqueue(number) for number in (1, -1, 2)]
    worker.do_tasks()
    assert done == [1, 2]
    found = [note.get_result(result.id).status for result in results]
    assert found == [
        TaskResultStatus.SUCCESSFUL,
        TaskResultStatus.FAILED,
        TaskResultStatus.SUCCESSFUL,
    ]


@pytest.mark.django_db(transaction=True)
def test_it_works_until_it_is_told_to_stop_and_ends_with_its_parent() -> None:
    done.clear()
    note.enqueue(3)
    stop = threading.Event()

    def run() -> None:
        worker.work(stop, lambda: NOW)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(lambda: done == [3])
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    worker.work(threading.Event(), lambda: NOW, alone=lambda: os.getppid() > 0)


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
