"""The municipality's access policy: as stored, and the one that is in force.

House rules: one place to ask; how a row keeps a policy stands in `dated_settings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from nyckelfri.care import policy as rules
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import FOREVER, ZONE, Window, local_moment
from nyckelfri.server import dated_settings
from nyckelfri.server.access.models import AccessPolicy, PolicyDraft
from nyckelfri.server.questions import Question, Row, Values, ask

DEFAULT = Policy()
"""What holds before anybody has recorded a policy."""
Known: TypeAlias = tuple[Policy, ...]
"""Policies, oldest first."""
_REACH = timedelta(days=4)
"""More than the longest shift, the longest grant and their margins together."""


def in_force(now: datetime) -> Policy:
    """The policy of this local day."""
    return on(now.astimezone(ZONE).date())


def on(day: date, known: Known | None = None) -> Policy:
    """The policy of a local day; the defaults before the first that is recorded."""
    return rules.policy_on(day, every() if known is None else known)


def near(now: datetime, known: Known | None = None) -> Known:
    """The policies in force from some days before now until past the horizon, oldest first.

    Nearly always one. What is derived now reaches from a shift that is just over to one
    that ends well after the horizon.
    """
    known = every() if known is None else known
    ahead = max(policy.horizon for policy in known)
    around = Window(now - _REACH, now + ahead + _REACH)
    return tuple(policy for policy, period in periods(known) if period.overlap(around))


def every() -> Known:
    """Every policy that is recorded, oldest first, after the defaults."""
    return of(*ask(recorded))


@Question
def recorded() -> Values:
    """Every policy, for `of` to read."""
    rows = AccessPolicy.objects.filter(cancelled_at=None)
    return rows.order_by().values_list("valid_from", "settings")


def of(rows: Iterable[Row]) -> Known:
    """The policies of what is `recorded`, after the defaults."""
    found = (read(AccessPolicy(valid_from=day, settings=said)) for day, said in rows)
    return (DEFAULT, *sorted(found, key=lambda policy: policy.valid_from))


def periods(policies: Sequence[Policy]) -> list[tuple[Policy, Window]]:
    """Each policy with the time in which it is the one in force; the last one forever."""
    starts = [local_moment(policy.valid_from, time.min) for policy in policies]
    ends = [*starts[1:], FOREVER]
    return [
        (policy, Window(start, end))
        for policy, start, end in zip(policies, starts, ends, strict=True)
    ]


def read(row: AccessPolicy | PolicyDraft) -> Policy:
    """The stored policy as the rules read it; ValueError if it cannot be."""
    try:
        return dated_settings.read(Policy, row.valid_from, row.settings)
    except ValueError as error:
        raise ValueError(f"{row}: {error}") from error


stored = dated_settings.stored
"""What a row keeps of a policy: the settings that differ from the defaults."""
