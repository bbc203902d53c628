"""The municipality's access policy: as stored, and the one that is in force.

House rules: one place to ask. A row holds only what differs from the defaults of
`care.policy.Policy`, so that a default means the same for every municipality; what
cannot be read is an error and never a guess.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from nyckelfri.care import policy as rules
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import FOREVER, ZONE, Window, local_moment
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
    known = {each.name: each.default for each in fields(Policy) if each.name != "valid_from"}
    strange = set(row.settings) - set(known)
    if strange:
        raise ValueError(f"{row} has settings that this version does not know: {sorted(strange)}")
    values = {name: _value(known[name], said) for name, said in row.settings.items()}
    return Policy(valid_from=row.valid_from, **values)


def stored(policy: Policy) -> dict[str, Any]:
    """What a row keeps of a policy: the settings that differ from the defaults."""
    names = [each.name for each in fields(Policy) if each.name != "valid_from"]
    return {
        name: _data(getattr(policy, name))
        for name in names
        if getattr(policy, name) != getattr(DEFAULT, name)
    }


def _data(value: Any) -> Any:
    """Seconds for a duration, HH:MM for a time of day, the value of an enum."""
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.value if isinstance(value, enum.Enum) else value


def _value(default: Any, said: Any) -> Any:
    """What `_data` was made of, told by the default of the same setting."""
    if default is MISSING:
        raise ValueError("a setting of the policy has no default")
    if isinstance(default, timedelta):
        return timedelta(seconds=int(said))
    if isinstance(default, time):
        return time.fromisoformat(said)
    if isinstance(default, rules.Scope):
        return rules.Scope(said)
    if type(said) is not type(default):
        raise ValueError("a setting of the policy has a value of another kind")
    return said
