"""Entries as a phone sends them, read one by one.

House rules: each entry is read by itself, so that one that the server cannot read hinders
neither the others nor the keys. Texts and lists have limits; unknown fields are refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import Field, ValidationError, model_validator

from nyckelfri.server.homes.models import Service
from nyckelfri.server.phoneapi.schemas import NO_NUL, Body, Number
from nyckelfri.server.visits.actions_entries import Said, Sent
from nyckelfri.server.visits.models import PhoneEntry

Text = Annotated[str, Field(max_length=300, pattern=NO_NUL)]
LongText = Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL)]
Key = Annotated[str, Field(min_length=1, max_length=32, pattern=NO_NUL)]
Lock = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Signature = Annotated[str, Field(max_length=64, pattern=NO_NUL)]
"""Whatever stood on the label: one of a wrong form proves nothing, and is no fault of the phone."""


class How(StrEnum):
    """What somebody did to begin or end a visit."""

    LABEL = "label"
    DOOR = "door"
    MANUAL = "manual"


class Manual(StrEnum):
    """Why a visit was begun or ended by hand."""

    LABEL_MISSING = "label_missing"
    LABEL_UNREADABLE = "label_unreadable"
    PHONE_WAS_OFF = "phone_was_off"
    LOCK_NOT_WORKING = "lock_not_working"
    FORGOT = "forgot"
    OUTSIDE_HOME = "outside_home"
    OTHER = "other"


class Missed(StrEnum):
    """Why nobody was visited."""

    NOT_HOME = "not_home"
    NO_ANSWER = "no_answer"
    HOSPITAL = "hospital"
    OTHER = "other"


class Deviates(StrEnum):
    """What was not as it should be."""

    FALL = "fall"
    MEDICINE = "medicine"
    HEALTH = "health"
    HOME = "home"
    LOCK = "lock"
    OTHER = "other"


class Unplanned(StrEnum):
    """Why somebody opens a door outside their visits."""

    ALARM = "alarm"
    ASKED = "asked"
    COVERING = "covering"
    SAFETY = "safety"
    OTHER = "other"


class Fault(StrEnum):
    """What a lock did wrong."""

    NO_ANSWER = "no_answer"
    JAMMED = "jammed"
    REFUSED = "refused"
    OTHER = "other"


class Use(StrEnum):
    """What a label was read for."""

    START = "start"
    END = "end"
    OPEN = "open"


class _Begun(Body):
    how: How
    reason: Manual | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _by_hand_for_a_reason(self) -> Self:
        if self.how is How.MANUAL and self.reason is None:
            raise ValueError("by hand, with a reason")
        return self


class _Ended(_Begun):
    services: Annotated[list[Service], Field(max_length=len(Service))]


class _Missed(Body):
    reason: Missed
    text: Text | None = None


class _Declined(Body):
    text: Text | None = None


class _Undo(Body):
    """What was missed or declined was not; the first entry stays."""


class _Note(Body):
    text: LongText


class _Deviation(Body):
    what: Deviates
    text: LongText


class _Unplanned(Body):
    reason: Unplanned
    text: Text | None = None


class _Batteries(Body):
    installation: Lock


class _LockFault(Body):
    installation: Lock
    what: Fault
    text: Text | None = None
    fallback: bool


class _Tap(Body):
    label: Key
    picc: Signature | None = None
    mac: Signature | None = None
    use: Use


_Kind = PhoneEntry.Kind
DETAILS: Final[dict[PhoneEntry.Kind, type[Body]]] = {
    _Kind.VISIT_START: _Begun,
    _Kind.VISIT_END: _Ended,
    _Kind.MISSED: _Missed,
    _Kind.DECLINED: _Declined,
    _Kind.UNDO: _Undo,
    _Kind.NOTE: _Note,
    _Kind.DEVIATION: _Deviation,
    _Kind.UNPLANNED: _Unplanned,
    _Kind.BATTERIES: _Batteries,
    _Kind.LOCK_FAULT: _LockFault,
    _Kind.TAP: _Tap,
}


class _EntryIn(Body):
    id: UUID
    kind: PhoneEntry.Kind
    at: Number
    employee: Key | None = None
    client: Key | None = None
    visit: Key | None = None
    detail: dict[str, Any]


def read(sent: Sequence[Any]) -> list[Sent]:
    """Read each entry; what cannot be read has nothing `said`."""
    return [_read(value) for value in sent]


def _read(value: Any) -> Sent:
    raw = _canonical(value)
    uuid = _uuid(value)
    try:
        entry = _EntryIn.model_validate(value)
        detail = DETAILS[entry.kind].model_validate(entry.detail)
    except ValidationError:
        return Sent(raw, uuid)
    return Sent(
        raw,
        uuid,
        Said(
            kind=entry.kind,
            at=entry.at,
            employee=entry.employee,
            client=entry.client,
            visit=entry.visit,
            detail=detail.model_dump(mode="json", exclude_none=True),
        ),
    )


def _canonical(value: Any) -> bytes:
    """The same bytes for the same entry, whatever the order of its fields."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
    except RecursionError:
        return b"nested too deep"


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value["id"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
