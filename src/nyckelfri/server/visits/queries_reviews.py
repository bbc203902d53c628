"""What is drawn for review, from what, and what came of it.

House rules: reads only. A sample's population is what the server knew when it was drawn, so
that it can be drawn again. Plans are read as they are now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from django.db.models import Exists, OuterRef, QuerySet

from nyckelfri.care import review as care
from nyckelfri.care.grants import Rule
from nyckelfri.care.review import Margins, Plans, Why
from nyckelfri.care.times import DateRange, Window
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import DoorEvent, Draw, Review

MILLION = 1_000_000
_DAY = timedelta(days=1)
_AROUND = timedelta(hours=4)
"""More than any margin."""
_BY_VISIT = frozenset(
    {
        Rule.CHOSEN_TEAM.value,
        Rule.PLANNED_VISIT.value,
        Rule.ASSIGNED_VISIT.value,
        Rule.HEALTH_VISIT.value,
    }
)
"""Who opens by these rules is expected to have a visit to make."""


def open_reviews() -> QuerySet[Review]:
    """What waits for somebody to look at it, oldest first."""
    return _shown().filter(reviewed_at=None)


def closed_reviews() -> QuerySet[Review]:
    """What has been looked at, newest first."""
    return _shown().exclude(reviewed_at=None).order_by("-reviewed_at", "-id")


def review() -> QuerySet[Review]:
    """Reviews with all that a page about one of them shows."""
    return _shown().select_related("door_event__issued")


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
    if draw.kind == Draw.Kind.OUTSIDE:
        return sum(1 for _ in suspicions(draw.start, draw.end, known_at=draw.drawn_at))
    return _openings(draw.start, draw.end, draw.drawn_at).count()


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


def suspicions(
    start: datetime, end: datetime, *, known_at: datetime, margins: Margins | None = None
) -> Iterator[tuple[int, Why]]:
    """Openings from `start` until `end` that stand out, by id, day by day."""
    margins = margins or Margins()
    day = start
    while day < end:
        until = min(day + _DAY, end)
        yield from _of_a_day(day, until, known_at, margins)
        day = until


def _keys(draw: Draw) -> Iterator[str]:
    if draw.kind == Draw.Kind.LOOKS:
        numbers = _looks(draw).values_list("link__number", flat=True)
        return (str(number) for number in numbers.iterator(chunk_size=5000))
    if draw.kind == Draw.Kind.OUTSIDE:
        found_ids = suspicions(draw.start, draw.end, known_at=draw.drawn_at)
        return (str(pk) for pk, _ in found_ids)
    rows = _openings(draw.start, draw.end, draw.drawn_at).values_list("pk", flat=True)
    return (str(pk) for pk in rows.iterator(chunk_size=5000))


def _looks(draw: Draw) -> QuerySet[AuditEvent]:
    return audit.looks(draw.start, draw.end).filter(at__lt=draw.drawn_at)


def _openings(start: datetime, end: datetime, known_at: datetime) -> QuerySet[DoorEvent]:
    """Unlockings that the lock let happen, by somebody known."""
    return DoorEvent.objects.filter(
        command=DoorEvent.Command.UNLOCK,
        employee__isnull=False,
        at__gte=start,
        at__lt=end,
        received_at__lte=known_at,
    ).exclude(result=DoorEvent.Result.REFUSED)


def _of_a_day(
    start: datetime, end: datetime, known_at: datetime, margins: Margins
) -> Iterator[tuple[int, Why]]:
    around = {"start__lt": end + _AROUND, "end__gt": start - _AROUND, "withdrawn_at": None}
    shifts: dict[int, list[Window]] = {}
    for who, begins, ends in Shift.objects.filter(**around).values_list(
        "employee_id", "start", "end"
    ):
        shifts.setdefault(who, []).append(Window(begins, ends))
    visits: dict[tuple[int, int], list[Window]] = {}
    for first, second, door, begins, ends in PlannedVisit.objects.filter(**around).values_list(
        "employee_id", "second_employee_id", "client__front_door_id", "start", "end"
    ):
        for one in (first, second):
            if one is not None and door is not None:
                visits.setdefault((one, door), []).append(Window(begins, ends))
    in_shifts = Exists(Shift.objects.filter(employee=OuterRef("employee"), withdrawn_at=None))
    rows = _openings(start, end, known_at).select_related("employee", "issued", "installation")
    for event in rows.annotate(in_shifts=in_shifts).order_by("pk").iterator(chunk_size=2000):
        employee = event.employee
        if employee is None:
            continue
        by_visit = _by_visit(event)
        plans = Plans(
            employed=DateRange(employee.employed_from, employee.employed_till).window(),
            shifts=tuple(shifts.get(employee.pk, ())),
            works_in_shifts=event.in_shifts,
            visits=tuple(visits.get((employee.pk, event.installation.door_id), ()))
            if by_visit
            else None,
        )
        why = care.suspicion(event.at, plans, margins)
        if why is not None:
            yield event.pk, why


def _by_visit(event: DoorEvent) -> bool:
    """Whether the grant that opened rests on visits only; an entrance's names no client."""
    reasons = event.issued.reasons if event.issued is not None else []
    of_homes = [reason for reason in reasons if "client_id" in reason]
    return bool(of_homes) and all(reason["rule"] in _BY_VISIT for reason in of_homes)


def _shown() -> QuerySet[Review]:
    return Review.objects.select_related(
        "draw",
        "door_event__employee__care_team",
        "door_event__installation__door",
        "door_event__installation__lock_unit",
        "door_event__received_from",
        "reviewed_by",
    )
