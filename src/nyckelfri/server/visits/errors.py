"""Why a visit was not approved, corrected, entered or closed.

House rules: an error carries a closed code, so that a page can say it in the reader's language;
the text says what to do and names nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Obstacle(StrEnum):
    """Why nothing was changed."""

    NOT_YOURS = "not_yours"
    NO_REASON = "no_reason"
    LONG_REASON = "long_reason"
    STILL_WAITING = "still_waiting"
    NEWER = "newer"
    FLAGGED = "flagged"
    APPROVED = "approved"
    NOT_APPROVED = "not_approved"
    INVOICED = "invoiced"
    MONTH_CLOSED = "month_closed"
    MONTH_OPEN = "month_open"
    MONTH_INVOICED = "month_invoiced"
    PAST_LOCK = "past_lock"
    WRONG_TIMES = "wrong_times"
    NO_SERVICE = "no_service"
    NOT_CORRECTED = "not_corrected"
    NOTHING_NEWER = "nothing_newer"
    ALREADY = "already"
    FUTURE = "future"
    NOT_OVER = "not_over"


_TEXTS: Final = {
    Obstacle.NOT_YOURS: "Your role does not allow this, or the visit is another provider's",
    Obstacle.NO_REASON: "Give a reason: it stands beside the visit",
    Obstacle.LONG_REASON: "The reason is too long: say it in 200 characters",
    Obstacle.STILL_WAITING: "The journals have not come home yet: wait, or enter the visit",
    Obstacle.NEWER: "Evidence has come since: look at it first",
    Obstacle.FLAGGED: "Something about the visit is to be looked at: approve it with a reason",
    Obstacle.APPROVED: "The visit is approved: take the approval back first",
    Obstacle.NOT_APPROVED: "The visit is not approved",
    Obstacle.INVOICED: "The visit stands on an invoice: credit that first",
    Obstacle.MONTH_CLOSED: "The month is closed",
    Obstacle.MONTH_OPEN: "The month is open",
    Obstacle.MONTH_INVOICED: "Invoices of the month have been issued: credit them instead",
    Obstacle.PAST_LOCK: "The day for providers' own corrections has passed: ask the municipality",
    Obstacle.WRONG_TIMES: "The end must come after the start, within 24 hours",
    Obstacle.NO_SERVICE: "Say what was done: at least one service",
    Obstacle.NOT_CORRECTED: "The visit is not corrected",
    Obstacle.NOTHING_NEWER: "Nothing newer is known of the visit",
    Obstacle.ALREADY: "Somebody has done that already",
    Obstacle.FUTURE: "The visit lies ahead: it cannot be entered yet",
    Obstacle.NOT_OVER: "The month is not over",
}


class VisitError(Exception):
    """Nothing was changed; `obstacle` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(_TEXTS[obstacle])
        self.obstacle = obstacle
