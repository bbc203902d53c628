"""Log review: what is drawn, who may look at it, and what stays of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from auditworld import settle
from nyckelfri.door.grants import Command
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import looks
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits import actions_judge, actions_reviews, queries_reviews
from nyckelfri.server.visits.actions import ingest
from nyckelfri.server.visits.actions_reviews import (
    NotJudgedError,
    OwnReviewError,
    ReviewClosedError,
    ReviewError,
)
from nyckelfri.server.visits.models import DoorEvent, Draw, Review
from serverworld import Handset

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ALL = Fraction(1)


def who(employee: Employee, *permissions: Permission) -> Viewer:
    return Viewer(employee, frozenset(permissions), None, frozenset(), None)


@pytest.fixture
def auditor(cast: Any) -> Viewer:
    return who(cast.charlie, Permission.REVIEW_LOG)


@pytest.fixture
def openings(
    cast: Any, locks: Any, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> list[DoorEvent]:
    """Alice opens for her visit and again two hours after it; then Bob, who has none."""
    for phone, employee, times in ((alices_phone, cast.alice, 2), (bobs_phone, cast.bob, 1)):
        rows = actions_issue.issue_for(employee, phone.row, now=moment)
        grant = next(row for row in rows if row.installation == locks.at_home)
        for _ in range(times):
            locks.home.use(
                grant,
                Command.UNLOCK,
                after=60 if locks.home.clock < moment.timestamp() + 60 else 9000,
            )
            locks.home.use(grant, Command.LOCK, after=600)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment + DAY / 2)
    return list(DoorEvent.objects.filter(command=DoorEvent.Command.UNLOCK).order_by("number"))


def drawn(draw: Draw) -> list[tuple[int | None, str]]:
    return list(draw.reviews.order_by("door_event").values_list("door_event", "why"))


@pytest.mark.threat(59)
def test_openings_outside_the_planned_visit_are_drawn_with_their_reason(
    openings: list[DoorEvent], moment: datetime
) -> None:
    now = moment + DAY
    draw = actions_reviews.draw(Draw.Kind.OUTSIDE, moment, now, share=ALL, by=None, now=now)
    _, again, bob = openings
    assert drawn(draw) == [(again.pk, "outside_plan"), (bob.pk, "outside_plan")]
    assert draw.population == 2


@pytest.mark.threat(59)
def test_second_seat_of_a_double_visit_is_planned(
    cast: Any, openings: list[DoorEvent], moment: datetime
) -> None:
    bob = openings[2]
    PlannedVisit.objects.create(
        external_id="V2",
        client=cast.client,
        employee=cast.charlie,
        second_employee=cast.bob,
        start=bob.at,
        end=bob.at + timedelta(minutes=5),
    )
    now = moment + DAY
    draw = actions_reviews.draw(Draw.Kind.OUTSIDE, moment, now, share=ALL, by=None, now=now)
    assert drawn(draw) == [(openings[1].pk, "outside_plan")]


@pytest.mark.threat(59)
def test_former_employee_stands_out_and_comes_before_the_plan(
    cast: Any, openings: list[DoorEvent], moment: datetime
) -> None:
    cast.bob.employed_till = (moment - DAY).date()
    cast.bob.save()
    now = moment + DAY
    draw = actions_reviews.draw(Draw.Kind.OUTSIDE, moment, now, share=ALL, by=None, now=now)
    assert drawn(draw)[1] == (openings[2].pk, "outside_employment")


def test_what_stands_out_is_drawn_when_all_of_it_is_known(
    openings: list[DoorEvent], moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_reviews, "_JUDGED_FIRST", 0)
    now = moment + DAY
    with pytest.raises(NotJudgedError, match="draw later"):
        actions_reviews.draw(Draw.Kind.OUTSIDE, moment, now, share=ALL, by=None, now=now)
    actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=ALL, by=None, now=now)
    actions_judge.judge_waiting()
    late = openings[0]
    late.pk, late.number, late.received_at = None, 999, now + DAY
    late.save()
    draw = actions_reviews.draw(Draw.Kind.OUTSIDE, moment, now, share=ALL, by=None, now=now)
    assert draw.population == 2


def test_random_sample_can_be_drawn_again_from_what_was_known_then(
    openings: list[DoorEvent], auditor: Viewer, moment: datetime
) -> None:
    now = moment + DAY
    half = Fraction(1, 2)
    draw = actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=half, by=auditor, now=now)
    assert (draw.population, draw.reviews.count()) == (3, 2)
    assert queries_reviews.can_be_repeated(draw)
    other = actions_reviews.draw(
        Draw.Kind.OPENINGS, moment, now, share=half, by=auditor, now=now, seed=bytes(draw.seed)
    )
    assert drawn(other) == drawn(draw)
    late = openings[0]
    late.pk, late.number, late.received_at = None, 999, now + DAY
    late.save()
    assert queries_reviews.can_be_repeated(draw)
    draw.reviews.filter(pk=draw.reviews.earliest("pk").pk).delete()
    assert not queries_reviews.can_be_repeated(draw)


def test_seed_is_made_by_chance_and_kept(auditor: Viewer, moment: datetime) -> None:
    made = [
        actions_reviews.draw(
            Draw.Kind.OPENINGS, moment - DAY, moment, share=ALL, by=auditor, now=moment
        )
        for _ in range(2)
    ]
    assert bytes(made[0].seed) != bytes(made[1].seed)
    assert [row.details["drawn"] for row in audit.of_kind(Verb.REVIEW_DRAW)] == [0, 0]


def test_nobody_reviews_their_own_opening(
    cast: Any, openings: list[DoorEvent], auditor: Viewer, moment: datetime
) -> None:
    now = moment + DAY
    draw = actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=ALL, by=auditor, now=now)
    review = draw.reviews.get(door_event=openings[2])
    with pytest.raises(OwnReviewError, match="let a colleague"):
        actions_reviews.close(
            review,
            verdict=Review.Verdict.IN_ORDER,
            note="",
            by=who(cast.bob, Permission.REVIEW_LOG),
            now=now,
        )
    closed = actions_reviews.close(
        review, verdict=Review.Verdict.DEVIATION, note="no visit", by=auditor, now=now
    )
    assert (closed.reviewed_by, closed.reviewed_at) == (cast.charlie, now)
    assert review not in queries_reviews.open_reviews()
    assert list(queries_reviews.closed_reviews()) == [review]
    (row,) = audit.of_kind(Verb.REVIEW_CLOSE)
    assert (row.actor, row.details) == ("employee:10003", {"verdict": "deviation"})


def test_nobody_reviews_their_own_look(cast: Any, auditor: Viewer, moment: datetime) -> None:
    request: Any = SimpleNamespace(viewer=who(cast.bob), now=moment)
    looks.at(request, "client:B0001")
    looks.at_list(SimpleNamespace(viewer=auditor, now=moment), "clients", 2)
    settle()
    now = moment + DAY
    draw = actions_reviews.draw(Draw.Kind.LOOKS, moment, now, share=ALL, by=auditor, now=now)
    assert draw.population == 2
    assert queries_reviews.can_be_repeated(draw)
    for review in draw.reviews.all():
        look = queries_reviews.look_of(review)
        assert look is not None
        assert queries_reviews.is_own(review, auditor.employee) == (look.actor == auditor.actor)
    own = next(one for one in draw.reviews.all() if queries_reviews.is_own(one, cast.charlie))
    with pytest.raises(OwnReviewError):
        actions_reviews.close(own, verdict=Review.Verdict.IN_ORDER, note="", by=auditor, now=now)


def test_verdict_is_given_once_and_a_deviation_is_explained(
    openings: list[DoorEvent], auditor: Viewer, moment: datetime
) -> None:
    now = moment + DAY
    draw = actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=ALL, by=auditor, now=now)
    review = draw.reviews.earliest("pk")
    with pytest.raises(ReviewError, match="what the deviation is"):
        actions_reviews.close(
            review, verdict=Review.Verdict.DEVIATION, note=" \n", by=auditor, now=now
        )
    with pytest.raises(ReviewError, match="1000 characters"):
        actions_reviews.close(
            review, verdict=Review.Verdict.IN_ORDER, note="x" * 1001, by=auditor, now=now
        )
    actions_reviews.close(review, verdict=Review.Verdict.IN_ORDER, note="", by=auditor, now=now)
    with pytest.raises(ReviewClosedError, match="nothing was changed"):
        actions_reviews.close(
            review, verdict=Review.Verdict.DEVIATION, note="other", by=auditor, now=now
        )
    review.refresh_from_db()
    assert review.verdict == Review.Verdict.IN_ORDER


def test_without_permission_nothing_is_drawn_or_closed(
    cast: Any, openings: list[DoorEvent], moment: datetime
) -> None:
    now = moment + DAY
    alice = who(cast.alice, Permission.SEE_AUDIT)
    with pytest.raises(ReviewError, match="who review the log"):
        actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=ALL, by=alice, now=now)
    draw = actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=ALL, by=None, now=now)
    with pytest.raises(ReviewError, match="who review the log"):
        actions_reviews.close(
            draw.reviews.earliest("pk"),
            verdict=Review.Verdict.IN_ORDER,
            note="",
            by=alice,
            now=now,
        )


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [(0, 2, ALL), (1, 1, ALL), (1, 0, ALL), (0, 1, Fraction(0)), (0, 1, Fraction(2))],
)
def test_period_that_is_not_over_or_a_share_that_is_none_is_refused(
    start: int, end: int, share: Fraction, moment: datetime
) -> None:
    with pytest.raises(ReviewError, match="a period that is over"):
        actions_reviews.draw(
            Draw.Kind.OPENINGS,
            moment + start * DAY,
            moment + end * DAY,
            share=share,
            by=None,
            now=moment + DAY,
        )


def test_more_than_people_can_look_at_is_refused(
    openings: list[DoorEvent], moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_reviews, "MOST", 2)
    now = moment + DAY
    with pytest.raises(ReviewError, match="3 to review"):
        actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=ALL, by=None, now=now)
    assert not Draw.objects.exists()


def test_database_refuses_a_verdict_without_a_reviewer(
    openings: list[DoorEvent], moment: datetime
) -> None:
    now = moment + DAY
    draw = actions_reviews.draw(Draw.Kind.OPENINGS, moment, now, share=ALL, by=None, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        draw.reviews.update(verdict="in_order")


@pytest.mark.threat(65)
def test_planned_work_is_never_drawn_but_by_chance(
    openings: list[DoorEvent], moment: datetime
) -> None:
    now = moment + DAY
    actions_reviews.draw(Draw.Kind.OUTSIDE, moment, now, share=ALL, by=None, now=now)
    assert openings[0].pk not in set(Review.objects.values_list("door_event", flat=True))
