"""Many transactions at once: one chain, no gap, no fork, and nobody waits for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from databases import Stores
from nyckelfri.server.audit import actions, verify
from nyckelfri.server.audit.models import AuditLink
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits.models import Kept

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
WRITERS, EACH = 4, 9


def _record(name: str) -> None:
    deed = actions.Deed(Verb.PHONE_BLOCK, name)
    actions.record([deed], actor="employee:10001", now=NOW)


def _in_thread(work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return run


@pytest.fixture(autouse=True)
def file_of_its_own(
    stores: Stores, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Threads cannot share the database that other tests have in memory."""
    with django_db_blocker.unblock(), stores.in_this_process(tmp_path):
        yield


def _write(writer: int) -> None:
    for turn in range(EACH):
        with transaction.atomic():
            _record(f"{writer}:{turn}:a")
            with transaction.atomic():
                _record(f"{writer}:{turn}:b")
            if turn % 3 == 0:
                transaction.set_rollback(True)


@pytest.mark.threat(61)
def test_writers_at_the_same_time_make_one_chain_without_gap_or_fork() -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        done = [pool.submit(_in_thread(partial(_write, writer))) for writer in range(WRITERS)]
    for future in done:
        future.result()
    proof = verify.prove()
    kept = [turn for turn in range(EACH) if turn % 3]
    assert (proof.fault, proof.first) == (None, 1)
    assert proof.last == AuditLink.objects.count() == WRITERS * len(kept) * 2
    for writer in range(WRITERS):
        own = [name for name in _in_order() if name.startswith(f"{writer}:")]
        assert own == [f"{writer}:{turn}:{part}" for turn in kept for part in "ab"]


def _in_order() -> list[str]:
    return list(AuditLink.objects.order_by("number").values_list("event__object_id", flat=True))


@pytest.mark.threat(61)
def test_nobody_waits_for_a_row_while_others_wait_for_the_chain() -> None:
    """T1 has recorded and refers to a phone; T2 has that phone, and records only then."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    phone = Phone.objects.create(identifier=b"8 bytes!", label="1", registered_at=NOW)

    def refer() -> None:
        with transaction.atomic():
            _record("first")
            Kept.objects.create(
                reason=Kept.Reason.GAP, phone=phone, digest=bytes(32), data=b"", received_at=NOW
            )

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Phone.objects.select_for_update().get(pk=phone.pk)
            other = pool.submit(_in_thread(refer))
            _until_somebody_waits(other)
            _record("second")
        other.result(timeout=10)
    assert _in_order() == ["second", "first"]
    assert verify.prove().fault is None


def _until_somebody_waits(other: Future[None]) -> None:
    until = time.monotonic() + 10
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            (count,) = cursor.fetchone()
        if count:
            return
        assert not other.done()
        time.sleep(0.01)
    raise AssertionError("the other transaction does not wait for the phone")


@pytest.mark.threat(61)
def test_transaction_that_is_given_up_leaves_neither_row_nor_number() -> None:
    with transaction.atomic():
        _record("kept")
    with transaction.atomic():
        _record("lost")
        transaction.set_rollback(True)
    with transaction.atomic():
        _record("kept too")
    assert _in_order() == ["kept", "kept too"]
    assert list(AuditLink.objects.values_list("number", flat=True)) == [1, 2]
