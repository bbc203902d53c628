"""The latest openings of a client's front door, as the page shows them.

House rules: plain values in the reader's language; whoever works for one provider sees the
openings by that provider's staff.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from nyckelfri.care import visits as care
from nyckelfri.care.visits import LockEvent, Movement
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients.openers import Named, named
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.questions import Blank, Question, Row, Values
from nyckelfri.server.visits.models import DoorEvent

LATEST = 20
_UNLOCK = DoorEvent.Command.UNLOCK


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of the client's front door; `stay` is how long one was that began there."""

    at: datetime
    who: Named
    what: str
    result: str
    state: str
    stay: str


@Question
def _by_anybody() -> Values:
    return _latest()


@Question
def _by_their_own() -> Values:
    return _latest(employee__care_team__provider=Blank("provider"))


def _latest(**limits: Blank) -> Values:
    here = DoorEvent.objects.filter(installation__door_id=Blank("front_door"), **limits)
    # What is shown of them is looked up for the latest only, not for all that there are.
    rows = DoorEvent.objects.filter(pk__in=here.order_by("-at", "-id").values("pk")[:LATEST])
    return rows.order_by().values_list(
        "at",
        "id",
        "installation_id",
        "number",
        "command",
        "result",
        "employee__number",
        "employee__name",
    )


def question(viewer: Viewer) -> Question:
    """What to ask for `openings`, with the blanks `front_door` and `provider`."""
    return _by_anybody if viewer.whole_municipality else _by_their_own


def openings(rows: Iterable[Row], viewer: Viewer) -> list[Opening]:
    """Put the answer to the `question` into words, newest first."""
    events = [_Event(*row) for row in sorted(rows, reverse=True)]
    lengths = _stays(events)
    return [_opening(event, viewer, lengths.get(event.id, "")) for event in events]


class _Event(NamedTuple):
    at: datetime
    id: int
    installation: int
    number: int
    command: int
    result: str
    employee: str | None
    name: str


def _stays(events: Iterable[_Event]) -> dict[int, str]:
    """By event: how long the stay was that began there."""
    done = [each for each in events if each.result == DoorEvent.Result.DONE and each.employee]
    began = {
        (str(each.installation), each.employee, each.at): each.id
        for each in done
        if each.command == _UNLOCK
    }
    found = {}
    for stay in care.stays(_movement(each) for each in done):
        event = began.get((stay.lock_id, stay.employee_id, stay.entry))
        if event is not None and stay.duration is not None:
            minutes = round(stay.duration / timedelta(minutes=1))
            found[event] = text("minutes", count=minutes)
    return found


def _movement(event: _Event) -> LockEvent:
    return LockEvent(
        lock_id=str(event.installation),
        number=event.number,
        employee_id=event.employee or "",
        movement=Movement.UNLOCKED if event.command == _UNLOCK else Movement.LOCKED,
        at=event.at,
        entrance=False,  # a front door
    )


def _opening(event: _Event, viewer: Viewer, stay: str) -> Opening:
    refused = event.result == DoorEvent.Result.REFUSED
    unknown = Named("", text("unknown_person"), "")
    return Opening(
        at=event.at,
        who=named(event.employee, event.name, viewer) if event.employee else unknown,
        what=text(f"{'asked' if refused else 'command'}_{event.command}"),
        result=text(f"result_{event.result}"),
        state=event.result,
        stay=stay,
    )
