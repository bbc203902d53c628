"""What is drawn for review, from what, and what came of it.

House rules: reads only. A sample's population is what the server knew when it was drawn, so
that it can be drawn again. What stands out was judged before (`actions_judge`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from django.db.models import QuerySet

from nyckelfri.care import review as care
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import OPENING, STANDS_OUT, DoorEvent, Draw, Review

MILLION = 1_000_000


def open_reviews() -> QuerySet[Review]:
    """What waits for somebody to look at it, oldest first."""
    return _listed().filter(reviewed_at=None)


def closed_reviews() -> QuerySet[Review]:
    """What has been looked at, newest first."""
    return _listed().exclude(reviewed_at=None).order_by("-reviewed_at", "-id")


def review() -> QuerySet[Review]:
    """Reviews with all that a page about one of them shows."""
    return Review.objects.select_related(
        "draw",
        "door_event__employee__care_team",
        "door_event__installation__door",
        "door_event__installation__lock_unit",
        "door_event__issued",
        "door_event__received_from",
        "reviewed_by",
    )


def draws() -> QuerySet[Draw]:
    """Every sample, newest first."""
    return Draw.objects.select_related("drawn_by")


def drawn_by_itself(kind: str, start: datetime, end: datetime) -> Draw | None:
    """Give what the server itself has drawn of a period."""
    return Draw.objects.filter(kind=kind, start=start, end=end, drawn_by=None).first()


def look_of(review: Review) -> AuditEvent | None:
    """Give the row of the audit log that a review is of; None if retention took it away."""
    return AuditEvent.objects.select_related("link").filter(link__number=review.look).first()


def is_own(review: Review, employee: Employee) -> bool:
    """Whether what is reviewed was done by this employee."""
    if review.door_event is not None:
        return review.door_event.employee_id == employee.pk
    look = look_of(review)
    return look is not None and look.actor == f"employee:{employee.number}"


def share_of(draw: Draw) -> Fraction:
    """Give the share of a sample as a fraction."""
    return Fraction(draw.share, MILLION)


def population(draw: Draw) -> int:
    """Count what a sample is drawn from."""
    if draw.kind == Draw.Kind.LOOKS:
        return _looks(draw).count()
    return _events(draw).count()


def sample(draw: Draw) -> list[str]:
    """Draw a sample, or draw it again: ids of openings, or numbers of looks."""
    return care.sample(_keys(draw), draw.population, share_of(draw), bytes(draw.seed))


def can_be_repeated(draw: Draw) -> bool:
    """Whether drawing again gives what was drawn; ValueError for what plans decide."""
    if draw.kind == Draw.Kind.OUTSIDE:
        raise ValueError("What stands out changes with the plans: only random samples repeat")
    rows = draw.reviews.values_list("door_event_id", "look")
    held = {str(opening or look) for opening, look in rows}
    return population(draw) == draw.population and set(sample(draw)) == held


def standing_out(draw: Draw) -> QuerySet[DoorEvent]:
    """Openings of a sample's period that stand out."""
    return _openings(draw).filter(STANDS_OUT)


def not_judged(start: datetime, end: datetime) -> QuerySet[DoorEvent]:
    """Openings from `start` until `end` of which it is not known yet whether they stand out."""
    return DoorEvent.objects.filter(OPENING, judgement="", at__gte=start, at__lt=end)


def _keys(draw: Draw) -> Iterator[str]:
    if draw.kind == Draw.Kind.LOOKS:
        numbers = _looks(draw).values_list("link__number", flat=True)
        return (str(number) for number in numbers.iterator(chunk_size=5000))
    rows = _events(draw).values_list("pk", flat=True)
    return (str(pk) for pk in rows.iterator(chunk_size=5000))


def _looks(draw: Draw) -> QuerySet[AuditEvent]:
    return audit.looks(draw.start, draw.end).filter(at__lt=draw.drawn_at)


def _events(draw: Draw) -> QuerySet[DoorEvent]:
    return standing_out(draw) if draw.kind == Draw.Kind.OUTSIDE else _openings(draw)


def _openings(draw: Draw) -> QuerySet[DoorEvent]:
    return DoorEvent.objects.filter(
        OPENING, at__gte=draw.start, at__lt=draw.end, received_at__lte=draw.drawn_at
    )


def _listed() -> QuerySet[Review]:
    return Review.objects.select_related("reviewed_by")
