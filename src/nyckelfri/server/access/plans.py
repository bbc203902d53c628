"""What a planner may put right by hand, and what stands in the way of it.

House rules: pure functions of values and `now`. What is added by hand mends a day: it
begins within 24 hours, lasts at most 24, and says why. Every problem is a member of one
closed enum, so that pages can say it in two languages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nyckelfri.care.world import LONGEST_AD_HOC
from nyckelfri.server.access.errors import MAX_REASON, reason_or
from nyckelfri.server.people.models import LICENSED, Employee, Role

AHEAD: Final = timedelta(hours=24)
"""How far ahead something added by hand may begin; later than that the rota has time."""
BACK: Final = timedelta(hours=1)
"""How long ago it may have begun: whoever is there already."""
LONGEST_ABSENCE: Final = timedelta(days=366)
LATE_REPORT: Final = timedelta(days=7)
"""How long ago an absence that is reported now may have begun."""


class Problem(StrEnum):
    """Why something was not done."""

    NOT_ALLOWED = "not_allowed"
    NOT_YOURS = "not_yours"
    NO_REASON = "no_reason"
    LONG_REASON = "long_reason"
    WRONG_ORDER = "wrong_order"
    TOO_LONG = "too_long"
    TOO_EARLY = "too_early"
    TOO_FAR_AHEAD = "too_far_ahead"
    OVER = "over"
    NOT_EMPLOYED = "not_employed"
    AWAY = "away"
    BUSY = "busy"
    NO_SERVICE = "no_service"
    SAME_PERSON = "same_person"
    NOT_BY_HAND = "not_by_hand"
    DONE_ALREADY = "done_already"
    NOT_THEIR_VISIT = "not_their_visit"
    COULD_NOT_OPEN = "could_not_open"
    NO_SHIFT = "no_shift"
    NO_VISITS = "no_visits"
    BAD_NUMBER = "bad_number"
    TOO_MANY = "too_many"


_WHAT_TO_DO: Final = {
    Problem.NOT_ALLOWED: "Your role may not do this: ask your planner",
    Problem.NOT_YOURS: "This person is not among yours: choose another",
    Problem.NO_REASON: "Say why, in a few words",
    Problem.LONG_REASON: f"Say why in at most {MAX_REASON} characters",
    Problem.WRONG_ORDER: "The end must come after the start: correct the times",
    Problem.TOO_LONG: "It lasts too long: 24 hours at most for what is added by hand",
    Problem.TOO_EARLY: "It began too long ago: choose a later start",
    Problem.TOO_FAR_AHEAD: "It begins more than 24 hours from now: put it in the rota instead",
    Problem.OVER: "It is over already: there is nothing to change",
    Problem.NOT_EMPLOYED: "They are not employed then: choose somebody else",
    Problem.AWAY: "They are reported absent then: end the absence first, or choose somebody else",
    Problem.BUSY: "They have something else at that time: confirm that this is meant",
    Problem.NO_SERVICE: "Choose what the visit is for",
    Problem.SAME_PERSON: "Choose somebody else: this is the same person",
    Problem.NOT_BY_HAND: "This comes from the rota: change it there, or report an absence",
    Problem.DONE_ALREADY: "Somebody has done this already: look again",
    Problem.NOT_THEIR_VISIT: "The visit is no longer theirs: look again",
    Problem.COULD_NOT_OPEN: "They could not open this door: choose a substitute or one of the team",
    Problem.NO_SHIFT: "They are not at work then: add a shift as well",
    Problem.NO_VISITS: "Choose at least one visit, and who makes it",
    Problem.BAD_NUMBER: "Write the number as it stands on the card, and how long it is valid",
    Problem.TOO_MANY: "Too many at once: choose fewer",
}


class PlanError(Exception):
    """The plan was not changed; `problem` says why, the text what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(_WHAT_TO_DO[problem])
        self.problem = problem


def reason_of(text: str) -> str:
    """Give the reason without what nobody meant to write; PlanError without one."""
    return reason_or(text, PlanError(Problem.NO_REASON), PlanError(Problem.LONG_REASON))


def require_ad_hoc(start: datetime, end: datetime, now: datetime) -> None:
    """Raise PlanError unless this is a time that something may be added for by hand."""
    if end <= start:
        raise PlanError(Problem.WRONG_ORDER)
    if end - start > LONGEST_AD_HOC:
        raise PlanError(Problem.TOO_LONG)
    if end <= now:
        raise PlanError(Problem.OVER)
    if start < now - BACK:
        raise PlanError(Problem.TOO_EARLY)
    if start > now + AHEAD:
        raise PlanError(Problem.TOO_FAR_AHEAD)


def require_absence(start: datetime, end: datetime, now: datetime) -> None:
    """Raise PlanError unless somebody can be reported absent for this time."""
    if end <= start:
        raise PlanError(Problem.WRONG_ORDER)
    if end <= now:
        raise PlanError(Problem.OVER)
    if end - start > LONGEST_ABSENCE:
        raise PlanError(Problem.TOO_LONG)
    if start < now - LATE_REPORT:
        raise PlanError(Problem.TOO_EARLY)


def can_step_in(substitute: Employee, instead_of: Employee) -> bool:
    """Whether the rules let this person in by a visit that was the other's.

    A substitute by each visit; a colleague of the same team through the team; licensed
    health staff for licensed health staff.
    """
    if substitute.role == Role.SUBSTITUTE:
        return instead_of.role not in LICENSED
    if substitute.role in LICENSED or instead_of.role in LICENSED:
        return substitute.role in LICENSED and instead_of.role in LICENSED
    return (
        substitute.care_team_id is not None and substitute.care_team_id == instead_of.care_team_id
    )
