"""Many batches in one transaction are what they were one by one, whatever comes and however."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery, Intent, Lost, MotorResult, Outcome, Refusal
from nyckelfri.door.reasons import Reason
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.visits import actions, journals
from nyckelfri.server.visits.actions import Status, ingest, ingest_all, take_in
from nyckelfri.server.visits.actions_openings import Opening
from nyckelfri.server.visits.models import (
    BatteryLevel,
    DoorEvent,
    Kept,
    LostStretch,
    OpeningRecord,
    SaidLost,
    StoredEntry,
)
from serverworld import Handset, Lock, record_opening

TABLES: dict[type[Any], tuple[str, ...]] = {
    StoredEntry: ("installation", "number", "salt", "body", "leaf", "head", "received_from"),
    DoorEvent: (
        "installation",
        "number",
        "at",
        "mark",
        "command",
        "result",
        "reason",
        "employee",
        "issued",
        "serial",
        "received_from",
        "judgement",
    ),
    BatteryLevel: ("installation", "number", "at", "percent"),
    Kept: ("reason", "claimed", "first", "last", "number", "times", "resolved_at"),
    LostStretch: ("installation", "first", "last", "head"),
    SaidLost: ("installation", "number", "first", "last", "exact"),
    OpeningRecord: ("phone", "uuid", "installation", "number"),
}


def everything() -> dict[str, list[str]]:
    """All that is stored of journals, but for what a row is called."""
    return {
        table.__name__: sorted(map(repr, rows))
        for table, columns in TABLES.items()
        for rows in [table.objects.order_by().values_list(*columns)]
    }


def fate(work: Callable[[], Sequence[Any]]) -> tuple[Any, ...]:
    """What the work answers, and what is stored after it; nothing of it stays."""
    with transaction.atomic():
        found = work(), everything()
        transaction.set_rollback(True)
    return found


@pytest.fixture
def grant(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> Issued:
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    return next(row for row in rows if row.installation == locks.at_home)


@pytest.fixture
def two(locks: Any, grant: Issued) -> list[Lock]:
    """A front door that has lost entries, and another under grants of the first."""
    home, other = locks.home, locks.other_home
    for _ in range(2):
        home.use(grant, after=60)
        home.use(grant, Command.LOCK, after=600)
    subject = grant.employee.subject.identifier
    home.write(Refusal(Reason.EXPIRED, grant.serial, subject, grant.thumbprint, Command.UNLOCK))
    home.write(Battery(80), after=5)
    home.use(grant, after=60, result=None)
    home.write(Lost(5, 7), after=5)
    for percent in (90, 85):
        other.write(Battery(percent), after=60)
        other.write(Intent(b"a strang", subject, grant.thumbprint, Command.UNLOCK), after=5)
        other.write(Outcome(len(other.entries), MotorResult.JAMMED), after=5)
    return [home, other]


def pieces(data: st.DataObject, lock: Lock) -> list[tuple[int, int]]:
    """Stretches of a journal, some more than once, some perhaps never."""
    last = len(lock.entries)
    cuts = sorted({1, last + 1, *data.draw(st.sets(st.integers(2, last), max_size=4))})
    whole = [(first, after - 1) for first, after in pairwise(cuts)]
    ends = st.tuples(st.integers(1, last), st.integers(1, last))
    some = ends.map(lambda pair: (min(pair), max(pair)))
    missing = data.draw(st.sets(st.sampled_from(whole), max_size=1))
    return [each for each in whole if each not in missing] + data.draw(st.lists(some, max_size=4))


@pytest.mark.threat(54)
@pytest.mark.threat(55)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), most=st.sampled_from([1, 5, 2_000]))
def test_all_at_once_is_what_it_is_one_by_one(
    data: st.DataObject, most: int, two: list[Lock], alices_phone: Handset, moment: datetime
) -> None:
    batches = data.draw(
        st.permutations([lock.batch(*each) for lock in two for each in pieces(data, lock)])
    )
    bad = data.draw(st.sampled_from([b"", b"rubbish", two[0].batch()[:-1]]))
    batches.insert(data.draw(st.integers(0, len(batches))), bad)
    phone = alices_phone.row
    alone = fate(lambda: [ingest(batch, phone=phone, now=moment) for batch in batches])
    before, actions.MOST = actions.MOST, most  # type: ignore[misc]
    try:
        together = fate(lambda: ingest_all(batches, phone=phone, now=moment))
    finally:
        actions.MOST = before  # type: ignore[misc]
    assert together == alone


def opening(lock: Lock, number: int, name: int, head: bytes | None = None) -> Opening:
    return Opening(
        uuid=UUID(int=name),
        claimed=lock.installation,
        serial=bytes(8),
        command=1,
        reason=0,
        number=number,
        head=head or lock.head(min(number, len(lock.entries)))[:8],
        phone_time=lock.clock,
    )


@pytest.mark.threat(54)
@pytest.mark.threat(55)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_opening_records_at_once_are_what_they_are_one_by_one_before_and_after_the_journal(
    data: st.DataObject, two: list[Lock], alices_phone: Handset, moment: datetime
) -> None:
    stranger = Lock.make("never seen", _root(), 1)
    said = data.draw(
        st.lists(
            st.builds(
                opening,
                st.sampled_from([*two, stranger]),
                st.integers(1, 20),
                st.integers(1, 5),
                st.sampled_from([None, b"not this"]),
            ),
            min_size=1,
            max_size=12,
        )
    )
    batches = [two[0].batch(1, 6), two[1].batch()]
    phone, cut = alices_phone.row, data.draw(st.integers(0, len(said)))

    def one_by_one() -> list[str]:
        first = [record_opening(each, phone=phone, now=moment) for each in said[:cut]]
        for batch in batches:
            ingest(batch, phone=phone, now=moment)
        return first + [record_opening(each, phone=phone, now=moment) for each in said[cut:]]

    def at_once() -> list[str]:
        first = take_in([], said[:cut], phone=phone, now=moment).openings
        return first + take_in(batches, said[cut:], phone=phone, now=moment).openings

    alone = fate(one_by_one)
    for most in (1, 2_000):
        with pytest.MonkeyPatch.context() as change:
            change.setattr(actions, "MOST", most)
            assert fate(at_once) == alone


def _root() -> Any:
    from nyckelfri.server.keys import queries as keys

    return keys.root()


@pytest.mark.threat(54)
def test_of_two_outcomes_of_one_intent_the_first_stands_in_one_batch_or_in_two(
    locks: Any, grant: Issued, alices_phone: Handset, moment: datetime
) -> None:
    """Only a lock that lies tells two; how they travel decides nothing."""
    lock: Lock = locks.home
    intent = lock.use(grant, result=MotorResult.JAMMED)
    lock.write(Outcome(intent, MotorResult.DONE), after=2)
    phone = alices_phone.row
    whole, parts = [lock.batch()], [lock.batch(1, 3), lock.batch(4)]
    for batches in (whole, parts):
        _, stored = fate(lambda: ingest_all(batches, phone=phone, now=moment))  # noqa: B023
        assert "'jammed'" in stored["DoorEvent"][0]


@pytest.mark.threat(58)
def test_questions_to_the_database_do_not_grow_with_the_batches(
    locks: Any, grant: Issued, alices_phone: Handset, moment: datetime
) -> None:
    lock: Lock = locks.home
    for _ in range(40):
        lock.use(grant, after=60)
    last = len(lock.entries)
    phone = alices_phone.row
    asked = []
    for batches in (
        [lock.batch(1, 2)],
        [lock.batch(at, min(at + 1, last)) for at in range(3, last + 1, 2)],
    ):
        with CaptureQueriesContext(connection) as found:
            done = ingest_all(batches, phone=phone, now=moment + timedelta(hours=1))
        assert {each.status for each in done} == {Status.STORED}
        asked.append(len(found))
    assert asked[1] <= asked[0] + 2, asked
    assert journals.one(locks.at_home).number == last


@pytest.mark.threat(58)
def test_questions_to_the_database_do_not_grow_with_the_opening_records(
    locks: Any, grant: Issued, alices_phone: Handset, moment: datetime
) -> None:
    lock: Lock = locks.home
    seen = [lock.use(grant, after=60) for _ in range(60)]
    said = [opening(lock, number, number) for number in seen]
    phone = alices_phone.row
    take_in([], said[:3], phone=phone, now=moment)
    asked = []
    for batch, first, last in ((lock.batch(1, seen[4]), 3, 5), (lock.batch(seen[4] + 1), 5, 60)):
        with CaptureQueriesContext(connection) as found:
            done = take_in([batch], said[first:last], phone=phone, now=moment)
        assert done.openings == ["stored"] * (last - first)
        asked.append(len(found))
    assert asked[1] <= asked[0], asked
    assert not Kept.objects.exists()
    again = take_in([lock.batch()], said, phone=phone, now=moment)
    assert again.openings == ["known"] * 60
