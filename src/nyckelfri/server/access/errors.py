"""Why a decision about access was not recorded.

House rules: an error carries a closed code, so that a page can say it in the reader's
language beside the right field; the text says what to do and names no client.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Refusal(StrEnum):
    """Why something was not recorded."""

    NOT_ALLOWED = "not_allowed"
    NO_REASON = "no_reason"
    LONG_REASON = "long_reason"
    PAST_DAY = "past_day"
    FAR_DAY = "far_day"
    WRONG_ORDER = "wrong_order"
    NOT_OFFERED = "not_offered"
    TEAM_OF_OTHER = "team_of_other"
    NO_TEAM_THERE = "no_team_there"
    SAME_CHOICE = "same_choice"
    TAKEN_DAY = "taken_day"
    ALREADY_BEGUN = "already_begun"
    ALREADY_ENDED = "already_ended"
    BAD_AMOUNT = "bad_amount"
    LONG_TIMING = "long_timing"
    ALREADY_GIVEN = "already_given"
    NOT_PROTECTED = "not_protected"
    NOT_LICENSED = "not_licensed"
    NOT_EMPLOYED = "not_employed"
    BAD_POLICY = "bad_policy"


_TEXTS: Final = {
    Refusal.NOT_ALLOWED: "Your role does not allow this, or the record is not yours to change",
    Refusal.NO_REASON: "Give a reason: it stands in the log",
    Refusal.LONG_REASON: "The reason is too long: say it in 200 characters",
    Refusal.PAST_DAY: "The day has passed: choose today or a later day",
    Refusal.FAR_DAY: "The day is more than two years away: choose an earlier one",
    Refusal.WRONG_ORDER: "The end comes before the start: correct the dates or times",
    Refusal.NOT_OFFERED: "The provider does not offer this service: choose another",
    Refusal.TEAM_OF_OTHER: "The team is not that provider's: choose one that is",
    Refusal.NO_TEAM_THERE: "The provider has no single team in the client's area: choose a team",
    Refusal.SAME_CHOICE: "The client has that provider and team already on that day",
    Refusal.TAKEN_DAY: "Another choice began that very day: choose the day after",
    Refusal.ALREADY_BEGUN: "It has begun already: record a new change instead",
    Refusal.ALREADY_ENDED: "It has ended already",
    Refusal.BAD_AMOUNT: "The extent must be a number above 0 with at most two decimals",
    Refusal.LONG_TIMING: "The note on when and how is too long: say it in 300 characters",
    Refusal.ALREADY_GIVEN: "It is recorded already",
    Refusal.NOT_PROTECTED: "The client has no protected identity: nobody need be named",
    Refusal.NOT_LICENSED: "Only licensed health staff have assigned clients",
    Refusal.NOT_EMPLOYED: "The employee does not work here any more",
    Refusal.BAD_POLICY: "The rules cannot be like that: correct the value",
}

MAX_REASON: Final = 200


class AccessError(Exception):
    """Nothing was recorded; `refusal` says why, `detail` more about it where there is more."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(": ".join(part for part in (_TEXTS[refusal], detail) if part))
        self.refusal = refusal
        self.detail = detail


def reason_or(text: str, missing: Exception, too_long: Exception) -> str:
    """Give a reason as it is stored: one line of at most 200 characters; else one of the errors."""
    reason = one_line(text)
    if not reason:
        raise missing
    if len(reason) > MAX_REASON:
        raise too_long
    return reason


def one_line(text: str) -> str:
    """Give what somebody typed as one line, without what nobody meant to write."""
    return " ".join(text.replace("\x00", " ").split())
