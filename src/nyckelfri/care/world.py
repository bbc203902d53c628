"""What access is derived from: the municipality's plans, as plain values.

House rules: only what a rule reads is here. No name, address or mark of protected
identity: a protected client's door follows the same rules as any other. Ids are
opaque strings, unique within their kind. Cancelled rows are left out by the caller.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from nyckelfri.care.times import require_aware

if TYPE_CHECKING:
    from datetime import datetime

    from nyckelfri.care.times import DateRange


class Service(enum.Enum):
    """What a care decision can grant (insats)."""

    CARE = "care"
    HOUSEHOLD = "household"
    ALARM = "alarm"
    MEALS = "meals"
    DAY_ACTIVITY = "day_activity"


LONGEST_STRETCH = timedelta(hours=48)
"""No shift or visit is longer; a row that says so is a slip of the pen."""

HOME_CARE = frozenset({Service.CARE, Service.HOUSEHOLD})


class TeamKind(enum.Enum):
    """What a care team is there for."""

    HOME_CARE = "home_care"
    NIGHT_PATROL = "night_patrol"
    ALARM_GROUP = "alarm_group"


class Role(enum.Enum):
    """How an employee may come by a door."""

    CARER = "carer"
    """Through the team they belong to."""
    SUBSTITUTE = "substitute"
    """Through the visits assigned to them, inside their shifts."""
    HEALTH = "health"
    """Licensed health staff: through their planned visits."""
    OTHER = "other"
    """Never."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """An entrance door of a building; `lock_id` of its unit, None without one."""

    id: str
    lock_id: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """A home's front-door lock, and the entrance and area it lies in."""

    id: str
    area: str
    lock_id: str | None
    entrance_id: str | None = None


@dataclass(frozen=True, slots=True)
class CareDecision:
    """A service granted to a client on these dates."""

    id: str
    client_id: str
    service: Service
    dates: DateRange


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """Who gives a client a service; without a team, the provider's in the client's area."""

    id: str
    client_id: str
    service: Service
    provider_id: str
    dates: DateRange
    team_id: str | None = None


@dataclass(frozen=True, slots=True)
class CareTeam:
    """A provider's team; no `area` means the whole municipality."""

    id: str
    kind: TeamKind
    provider_id: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who works on these dates; substitutes and health staff need no team."""

    id: str
    role: Role
    employed: DateRange
    team_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Planned work from `start` to `end`, aware; ValueError if it is no stretch of time."""

    id: str
    employee_id: str
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        _require_stretch(f"shift {self.id}", self.start, self.end)


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit by one employee, or two, from `start` to `end`, aware."""

    id: str
    client_id: str
    employee_ids: tuple[str, ...]
    start: datetime
    end: datetime
    services: frozenset[Service] = frozenset()

    def __post_init__(self) -> None:
        _require_stretch(f"visit {self.id}", self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that the derivation reads, and nothing else."""

    mounted_locks: frozenset[str] = frozenset()
    entrances: tuple[Entrance, ...] = ()
    clients: tuple[Client, ...] = ()
    decisions: tuple[CareDecision, ...] = ()
    choices: tuple[ProviderChoice, ...] = ()
    teams: tuple[CareTeam, ...] = ()
    employees: tuple[Employee, ...] = ()
    shifts: tuple[Shift, ...] = ()
    visits: tuple[PlannedVisit, ...] = ()


def _require_stretch(what: str, start: datetime, end: datetime) -> None:
    require_aware(f"start of {what}", start)
    require_aware(f"end of {what}", end)
    if end <= start:
        raise ValueError(f"{what} must end after it starts; correct its times")
    if end - start > LONGEST_STRETCH:
        raise ValueError(f"{what} is longer than {LONGEST_STRETCH}; correct its times")
