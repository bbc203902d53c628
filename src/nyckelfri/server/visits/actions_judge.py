"""Noting beside each opening whether it stands out, by the plans.

House rules: the rule is `care.review`, and nothing else says what stands out. Plans are read
as they are when an opening is judged: soon after it came in, and again for as long as plans
are put right. What a journal that is coming in holds is left for the next time, so that it
waits for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from nyckelfri.server.visits import queries_plans as plans
from nyckelfri.server.visits.models import OPENING, DoorEvent
from nyckelfri.server.visits.queries_plans import Opening

AGAIN: Final = timedelta(days=14)
"""How long openings are judged again, since their plans may still be put right."""
MOST: Final = 100_000
"""Openings judged at once; a year of them waits when the column is new."""
_SOME: Final = 2000
_DAY: Final = timedelta(days=1)
_ROW: Final = ("pk", "at", "employee_id", "installation__door_id", "issued__reasons", "judgement")


def judge_waiting(*, most: int = MOST) -> int:
    """Judge `most` openings that have not been, or some more, the newest first; how many."""
    waiting = DoorEvent.objects.filter(OPENING, judgement="")
    done = 0
    while done < most and (newest := waiting.first()):
        judged = _judge(waiting.filter(at__gt=newest.at - _DAY)[:_SOME])
        if not judged:
            break
        done += judged
    return done


def judge_again(now: datetime) -> int:
    """Judge the openings of the last two weeks by the plans as they are now; how many changed."""
    openings = DoorEvent.objects.filter(OPENING)
    first = now - AGAIN
    days = [first + at * _DAY for at in range(AGAIN // _DAY)]
    return sum(_judge(openings.filter(at__gte=day, at__lt=day + _DAY)) for day in days)


def _judge(rows: QuerySet[DoorEvent]) -> int:
    """Judge openings of one day; how many have another judgement now than before."""
    found = [(Opening(*row), before) for *row, before in rows.values_list(*_ROW)]
    if not found:
        return 0
    judged = plans.judgements(opening for opening, _ in found)
    changed: dict[str, list[int]] = {}
    for opening, before in found:
        if (now := judged[opening.pk]) != before:
            changed.setdefault(now, []).append(opening.pk)
    return sum(_note(keys, judgement) for judgement, keys in changed.items())


def _note(keys: Sequence[int], judgement: str) -> int:
    done = 0
    for at in range(0, len(keys), _SOME):
        with transaction.atomic():
            rows = DoorEvent.objects.select_for_update(no_key=True, skip_locked=True).order_by()
            free = rows.filter(pk__in=keys[at : at + _SOME]).values_list("pk", flat=True)
            done += DoorEvent.objects.filter(pk__in=list(free)).update(judgement=judgement)
    return done
