"""What waits to be reviewed and what has been, as plain values.

House rules: reads only, a fixed number of queries for any number of rows. Figures are about
the review, never about a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth
from django.urls import reverse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.console.audit import rows as log
from nyckelfri.server.console.log_reviews.texts import text
from nyckelfri.server.console.openings import rows as openings
from nyckelfri.server.visits.models import DoorEvent, Draw, Review

_YEAR: Final = timedelta(days=366)
SHOWN: Final = 50
"""Samples on the page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One review."""

    number: int
    href: str
    what: str
    at: datetime | None
    who: str
    who_number: str
    where: str
    hidden: bool
    why: str
    stands_out: bool
    own: bool
    verdict: str
    deviation: bool
    note: str
    reviewed_by: str
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DrawLine:
    """One sample."""

    at: datetime
    kind: str
    first: datetime
    last: datetime
    drawn: int
    population: int
    left: int
    share: str
    by: str
    seed: str


@dataclass(frozen=True, slots=True)
class Month:
    """What was drawn in a month, and what came of it."""

    first: datetime
    drawn: int
    reviewed: int
    deviations: int


def lines(who: Viewer, reviews: Sequence[Review], now: datetime) -> list[Line]:
    """Put reviews into words."""
    asked = DoorEvent.objects.filter(pk__in=[each.door_event_id for each in reviews])
    events = list(openings.read(asked))
    doors = dict(zip((event.pk for event in events), openings.lines(who, events, now), strict=True))
    seen = _looks(who, [each.look for each in reviews if each.look is not None])
    return [
        line(who, each, doors.get(each.door_event_id or 0), seen.get(each.look or 0))
        for each in reviews
    ]


def opening(who: Viewer, review: Review, now: datetime) -> openings.Line | None:
    """The opening that a review is of, in words."""
    event = review.door_event
    return None if event is None else openings.lines(who, [event], now)[0]


def look(who: Viewer, review: Review) -> log.Line | None:
    """The look that a review is of, in words; None if retention took it away."""
    return None if review.look is None else _looks(who, [review.look]).get(review.look)


def _looks(who: Viewer, numbers: Sequence[int]) -> dict[int, log.Line]:
    """Rows of the audit log by number, in words."""
    if not numbers:
        return {}
    found = AuditEvent.objects.select_related("link").filter(link__number__in=numbers)
    said = log.lines(who, list(found))
    return {line.number: line for line in said if line.number is not None}


def line(who: Viewer, review: Review, of: openings.Line | None, seen: log.Line | None) -> Line:
    """Put one review into words, with what it is of."""
    said: tuple[datetime | None, str, str, str, bool]
    if of is not None:
        said = (of.at, of.person, of.staff.number, of.door, of.hidden)
    elif seen is not None:
        about = f"{seen.about.word} {seen.about.number}".strip()
        said = (seen.at, seen.who.word, seen.who.number, f"{seen.what}: {about}", False)
    else:
        said = (None, "", "", text("gone"), False)
    at, person, number, where, hidden = said
    return Line(
        number=review.pk,
        href=reverse("log_review", args=[review.pk]),
        what=text("look") if review.door_event_id is None else text("opening"),
        at=at,
        who=person,
        who_number=number,
        where=where,
        hidden=hidden,
        why=text(f"why_{review.why}"),
        stands_out=review.why != Review.Why.RANDOM,
        own=number == who.employee.number,
        verdict=text(f"verdict_{review.verdict}") if review.verdict else "",
        deviation=review.verdict == Review.Verdict.DEVIATION,
        note=review.note,
        reviewed_by=review.reviewed_by.name if review.reviewed_by else "",
        reviewed_at=review.reviewed_at,
    )


def draws() -> list[DrawLine]:
    """The newest samples."""
    waiting = Q(reviews__isnull=False, reviews__reviewed_at=None)
    rows = Draw.objects.select_related("drawn_by").annotate(
        drawn=Count("reviews"), left=Count("reviews", filter=waiting)
    )
    return [
        DrawLine(
            at=row.drawn_at,
            kind=text(f"kind_{row.kind}"),
            first=row.start.astimezone(ZONE),
            last=(row.end - timedelta(microseconds=1)).astimezone(ZONE),
            drawn=row.drawn,
            population=row.population,
            left=row.left,
            share=f"{row.share / 10_000:.4g}",
            by=row.drawn_by.name if row.drawn_by else text("by_itself"),
            seed=bytes(row.seed).hex(" ", 4),
        )
        for row in rows[:SHOWN]
    ]


def months(now: datetime) -> list[Month]:
    """The last year, month by month, newest first."""
    rows = (
        Review.objects.filter(draw__drawn_at__gte=now - _YEAR)
        .order_by()
        .values(month=TruncMonth(F("draw__drawn_at"), tzinfo=ZONE))
        .annotate(
            drawn=Count("pk"),
            reviewed=Count("reviewed_at"),
            deviations=Count("pk", filter=Q(verdict=Review.Verdict.DEVIATION)),
        )
        .order_by("-month")
    )
    return [Month(row["month"], row["drawn"], row["reviewed"], row["deviations"]) for row in rows]
