"""What stands out is noted beside each opening: soon, again, by the plans as they are."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Intent, Refusal
from nyckelfri.door.reasons import Reason
from nyckelfri.server.access.models import Takeover
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.jobs import rounds
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.visits import actions_judge
from nyckelfri.server.visits.actions import ingest
from nyckelfri.server.visits.models import DoorEvent
from serverworld import Handset

DAY = timedelta(days=1)


def opened(cast: Any, locks: Any, phone: Handset, moment: datetime) -> None:
    """Alice opens for her visit, is refused, and opens two hours after it; somebody unknown too."""
    rows = actions_issue.issue_for(cast.alice, phone.row, now=moment)
    grant = next(row for row in rows if row.installation == locks.at_home)
    locks.home.use(grant, Command.UNLOCK, after=60)
    locks.home.use(grant, Command.LOCK, after=600)
    subject = grant.employee.subject.identifier
    locks.home.write(
        Refusal(Reason.TOO_FAR, grant.serial, subject, grant.thumbprint, Command.UNLOCK), after=60
    )
    locks.home.write(Intent(bytes(8), bytes(8), bytes(8), Command.UNLOCK), after=60)
    locks.home.use(grant, Command.UNLOCK, after=9000)
    ingest(locks.home.batch(), phone=phone.row, now=moment + DAY / 2)


@pytest.fixture
def openings(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> list[DoorEvent]:
    """The two of Alice's that are judged."""
    opened(cast, locks, alices_phone, moment)
    known = DoorEvent.objects.filter(command=DoorEvent.Command.UNLOCK, employee=cast.alice)
    return list(known.exclude(result=DoorEvent.Result.REFUSED).order_by("number"))


def judged() -> list[str]:
    return list(DoorEvent.objects.order_by("number").values_list("judgement", flat=True))


def of(openings: list[DoorEvent]) -> list[str]:
    for row in openings:
        row.refresh_from_db()
    return [row.judgement for row in openings]


def run(name: str, now: datetime) -> None:
    (each,) = [each for each in rounds.ROUNDS if each.name == name]
    assert rounds.run(each, now)


@pytest.mark.django_db
@pytest.mark.sentence(22)
def test_openings_that_came_in_are_judged_and_nothing_else_is(
    openings: list[DoorEvent], moment: datetime
) -> None:
    assert of(openings) == ["", ""]
    run("judge", moment + DAY)
    assert of(openings) == ["as_planned", "outside_plan"]
    assert sorted(judged()) == ["", "", "", "as_planned", "outside_plan"]
    assert actions_judge.judge_waiting() == 0


@pytest.mark.django_db
@pytest.mark.threat(59)
def test_plan_that_is_put_right_later_is_what_counts_for_two_weeks(
    cast: Any, openings: list[DoorEvent], moment: datetime
) -> None:
    actions_judge.judge_waiting()
    PlannedVisit.objects.create(
        external_id="V2",
        client=cast.client,
        employee=cast.alice,
        start=openings[1].at,
        end=openings[1].at + timedelta(minutes=5),
    )
    actions_judge.judge_waiting()
    assert of(openings) == ["as_planned", "outside_plan"]
    run("judge_again", moment + DAY)
    assert of(openings) == ["as_planned", "as_planned"]
    cast.alice.employed_till = (moment - DAY).date()
    cast.alice.save()
    run("judge_again", openings[1].at + actions_judge.AGAIN + timedelta(minutes=1))
    assert of(openings) == ["as_planned", "as_planned"]
    run("judge_again", openings[1].at + actions_judge.AGAIN)
    assert of(openings) == ["as_planned", "outside_employment"]


@pytest.mark.django_db
@pytest.mark.threat(65)
def test_who_takes_over_a_visit_makes_it_as_planned_while_the_plan_names_the_other(
    cast: Any, openings: list[DoorEvent], moment: datetime
) -> None:
    visit = PlannedVisit.objects.create(
        external_id="V2",
        client=cast.client,
        employee=cast.bob,
        start=openings[1].at,
        end=openings[1].at + timedelta(minutes=5),
    )
    takeover = Takeover.objects.create(
        visit=visit, employee=cast.alice, instead_of=cast.bob, reason="sjuk", recorded_at=moment
    )
    actions_judge.judge_waiting()
    assert of(openings) == ["as_planned", "as_planned"]
    PlannedVisit.objects.filter(pk=visit.pk).update(employee=cast.charlie)
    actions_judge.judge_again(moment + DAY)
    assert of(openings)[1] == "outside_plan"
    PlannedVisit.objects.filter(pk=visit.pk).update(employee=cast.bob)
    Takeover.objects.filter(pk=takeover.pk).update(ended_at=moment)
    actions_judge.judge_again(moment + DAY)
    assert of(openings)[1] == "outside_plan"


@pytest.mark.django_db
def test_many_that_wait_are_judged_in_parts_the_newest_first(
    openings: list[DoorEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_judge, "_SOME", 1)
    lost = openings[0]
    lost.pk, lost.number, lost.at = None, 999, datetime.fromisoformat("1970-01-01T00:00:00Z")
    lost.save()
    assert actions_judge.judge_waiting(most=1) == 1
    assert (of(openings[1:]), of([lost])) == (["outside_plan"], [""])
    assert actions_judge.judge_waiting() == 2
    assert of([lost]) == ["outside_employment"]


@pytest.mark.django_db
def test_as_many_questions_for_many_openings_as_for_few(openings: list[DoorEvent]) -> None:
    def asked() -> int:
        DoorEvent.objects.update(judgement="")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            actions_judge.judge_waiting()
        return len(queries)

    few = asked()
    for at in range(30):
        row = openings[at % 2]
        row.pk, row.number = None, 1000 + at
        row.save()
    assert asked() == few


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="one writes at a time")
def test_journal_that_is_coming_in_is_not_waited_for_and_is_judged_the_next_time(
    openings: list[DoorEvent],
) -> None:
    def judge() -> None:
        try:
            found.append(actions_judge.judge_waiting())
        finally:
            connections.close_all()

    found: list[int] = []
    with transaction.atomic():
        DoorEvent.objects.filter(pk=openings[0].pk).update(result=DoorEvent.Result.JAMMED)
        thread = threading.Thread(target=judge)
        thread.start()
        thread.join(20)
        assert found == [1]
    assert of(openings) == ["", "outside_plan"]
    assert actions_judge.judge_waiting() == 1
    assert of(openings) == ["as_planned", "outside_plan"]
