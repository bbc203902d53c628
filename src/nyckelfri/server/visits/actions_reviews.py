"""Drawing samples of the log, and saying what came of looking at them.

House rules: nobody chooses what is drawn, since the seed is made by chance and kept; nobody
reviews what they did themselves; a verdict is given once. An empty draw is kept too: it
proves that the log was looked at.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from fractions import Fraction

from django.db import transaction

from nyckelfri.care.review import SEED, size
from nyckelfri.server import turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import actions_judge
from nyckelfri.server.visits import queries_reviews as queries
from nyckelfri.server.visits.models import Draw, Review
from nyckelfri.server.visits.queries_reviews import MILLION

SYSTEM = "system:review"
MOST = 2000
"""Reviews of one draw: more than people can look at is no review."""
MAX_NOTE = 1000
_JUDGED_FIRST = 5000
"""Openings: what comes in between two rounds, and no more than somebody waits for."""


class ReviewError(Exception):
    """The deed was not done; the text says why and what to do."""


class NotJudgedError(ReviewError):
    """Of some openings it is not known yet whether they stand out."""


class OwnReviewError(ReviewError):
    """Somebody would review what they did themselves."""


class ReviewClosedError(ReviewError):
    """Somebody else has given the verdict."""


def draw(
    kind: Draw.Kind,
    start: datetime,
    end: datetime,
    *,
    share: Fraction,
    by: Viewer | None,
    now: datetime,
    seed: bytes | None = None,
    once: bool = False,
) -> Draw:
    """Draw a share of what happened from `start` until `end`; `by` None: the server itself.

    The seed is made by chance unless given. With `once`, what the server has drawn of this
    period already is given instead. NotJudgedError where what stands out is not known yet,
    ReviewError for an impossible period or share, a period that is not over, too large a
    sample, or without permission.
    """
    _require(by)
    parts = int(share * MILLION)
    if not 0 < parts <= MILLION or not start < end <= now:
        raise ReviewError("Draw a share above 0, at most all, of a period that is over")
    made = Draw(
        kind=kind,
        start=start,
        end=end,
        share=parts,
        seed=secrets.token_bytes(SEED) if seed is None else seed,
        drawn_at=now,
        drawn_by=None if by is None else by.employee,
    )
    if kind == Draw.Kind.OUTSIDE:
        actions_judge.judge_waiting(most=_JUDGED_FIRST)
        if queries.not_judged(start, end).filter(received_at__lte=now).exists():
            raise NotJudgedError("Openings of these days are still being judged: draw later")
    made.population = queries.population(made)
    if (drawn := size(made.population, queries.share_of(made))) > MOST:
        raise ReviewError(f"That would be {drawn} to review: draw at most {MOST}")
    keys = queries.sample(made)
    with transaction.atomic():
        if once and (earlier := _turn_for(made)):
            return earlier
        made.save()
        whys = _whys(made, keys)
        Review.objects.bulk_create([_review(made, int(key), whys) for key in keys])
        details = {"kind": str(kind), "drawn": len(keys), "population": made.population}
        deed = audit.Deed(Verb.REVIEW_DRAW, f"draw:{made.pk}", details=details)
        audit.record([deed], actor=SYSTEM if by is None else by.actor, now=now)
    return made


def close(
    review: Review, *, verdict: Review.Verdict, note: str, by: Viewer, now: datetime
) -> Review:
    """Say what came of looking at it. A deviation needs a note.

    Raises OwnReviewError, ReviewClosedError or ReviewError.
    """
    _require(by)
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise ReviewError(f"The note is too long: use at most {MAX_NOTE} characters")
    if verdict == Review.Verdict.DEVIATION and not note:
        raise ReviewError("Say in the note what the deviation is")
    with transaction.atomic():
        rows = Review.objects.select_for_update(of=("self",), no_key=True)
        review = rows.select_related("door_event").get(pk=review.pk)
        if queries.is_own(review, by.employee):
            raise OwnReviewError("Nobody reviews what they did themselves: let a colleague do it")
        if review.reviewed_at is not None:
            raise ReviewClosedError("This has been reviewed already: nothing was changed")
        review.reviewed_by, review.reviewed_at = by.employee, now
        review.verdict, review.note = verdict, note
        review.save(update_fields=["reviewed_by", "reviewed_at", "verdict", "note"])
        deed = audit.Deed(Verb.REVIEW_CLOSE, f"review:{review.pk}", details={"verdict": verdict})
        audit.record([deed], actor=by.actor, now=now)
    return review


def _turn_for(made: Draw) -> Draw | None:
    """Wait for our turn; what the server has drawn of this period meanwhile."""
    turns.alone(Turn.SAMPLES)
    return queries.drawn_by_itself(made.kind, made.start, made.end)


def _whys(made: Draw, keys: list[str]) -> dict[int, str]:
    if made.kind != Draw.Kind.OUTSIDE:
        return {}
    rows = queries.standing_out(made).filter(pk__in=[int(key) for key in keys])
    return dict(rows.values_list("pk", "judgement"))


def _review(made: Draw, key: int, whys: dict[int, str]) -> Review:
    if made.kind == Draw.Kind.LOOKS:
        return Review(draw=made, look=key, why=Review.Why.RANDOM)
    why = Review.Why(whys.get(key, Review.Why.RANDOM))
    return Review(draw=made, door_event_id=key, why=why)


def _require(by: Viewer | None) -> None:
    if by is not None and not by.may(Permission.REVIEW_LOG):
        raise ReviewError("Only those who review the log may do this")
