"""What access is derived from: the municipality's plans, as plain values.

House rules: only what a rule reads is here. No name, address or mark of protected
identity: a protected client's door follows the same rules as any other. Ids are
opaque strings, unique within their kind. Cancelled rows are left out by the caller.
Whoever is sick has their shifts taken away: absence is no row of its own.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from nyckelfri.care.times import require_aware, stretch

if TYPE_CHECKING:
    from datetime import datetime

    from nyckelfri.care.times import DateRange, Window


class Service(enum.Enum):
    """What a care decision can grant (insats)."""

    CARE = "care"
    HOUSEHOLD = "household"
    ALARM = "alarm"
    MEALS = "meals"
    DAY_ACTIVITY = "day_activity"
    PREVENTIVE_VISIT = "preventive_visit"
    AIDS = "aids"
    SHORT_TERM = "short_term"
    REHABILITATION = "rehabilitation"
    HEALTH_CARE = "health_care"


LONGEST_STRETCH = timedelta(hours=48)
"""No shift or visit is longer; a row that says so is a slip of the pen."""

LONGEST_AD_HOC = timedelta(hours=24)
"""What a planner adds by hand mends a day; more than a day is a rota."""

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
    """Licensed health staff: through their planned visits and their assigned clients."""
    OTHER = "other"
    """Never."""


class PhoneStanding(enum.Enum):
    """Whether an employee has a service phone to open with."""

    NONE = "none"
    """Access is derived all the same, and waits for a phone."""
    IN_USE = "in_use"
    BLOCKED = "blocked"
    """Every phone that they have had is blocked: nothing is derived."""


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
    """Somebody who works on these dates; substitutes and health staff need no team.

    `only_clients` are those that a person is employed for and nobody else, such as
    a relative who works as a carer; None for all that the rules lead to.
    """

    id: str
    role: Role
    employed: DateRange
    team_id: str | None = None
    phone: PhoneStanding = PhoneStanding.IN_USE
    only_clients: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Planned work from `start` to `end`, aware; ValueError if it is no stretch of time.

    `ad_hoc`: a planner added it by hand, 24 hours at most.
    """

    id: str
    employee_id: str
    start: datetime
    end: datetime
    ad_hoc: bool = False
    hours: Window = field(init=False, repr=False, compare=False)
    """The same in UTC, as rules compare it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hours", _hours_of("shift", self))


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit by one employee, or two, from `start` to `end`, aware.

    `ad_hoc`: a planner added it by hand, 24 hours at most.
    """

    id: str
    client_id: str
    employee_ids: tuple[str, ...]
    start: datetime
    end: datetime
    services: frozenset[Service] = frozenset()
    ad_hoc: bool = False
    hours: Window = field(init=False, repr=False, compare=False)
    """The same in UTC, as rules compare it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hours", _hours_of("visit", self))


@dataclass(frozen=True, slots=True)
class Assignment:
    """A client whom a licensed health professional is assigned to on these dates."""

    id: str
    employee_id: str
    client_id: str
    dates: DateRange


@dataclass(frozen=True, slots=True)
class Alarm:
    """A client's alarm from `start`, aware, to `end` or until it is ended."""

    id: str
    client_id: str
    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(f"start of alarm {self.id}", self.start)
        if self.end is not None:
            require_aware(f"end of alarm {self.id}", self.end)
            if self.end < self.start:
                raise ValueError(f"alarm {self.id} ends before it starts; correct its times")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Access that an administrator took away from an employee in `window`.

    To one client's front door, whoever else lives behind it, or to every door
    where `client_id` is None. It only takes away: whatever a rule gives, and
    whoever asks, the door stays shut. `window.end` is `times.FOREVER` until
    further notice.
    """

    id: str
    employee_id: str
    client_id: str | None
    window: Window

    def __post_init__(self) -> None:
        require_aware(f"start of withdrawal {self.id}", self.window.start)
        require_aware(f"end of withdrawal {self.id}", self.window.end)
        if self.window.end <= self.window.start:
            raise ValueError(f"withdrawal {self.id} must end after it starts; correct its times")


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
    assignments: tuple[Assignment, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()


def _hours_of(kind: str, row: Shift | PlannedVisit) -> Window:
    """The hours of planned work in UTC; ValueError if they are no stretch of time."""
    start, end = row.start, row.end
    if start.tzinfo is None or end.tzinfo is None:
        require_aware(f"start of {kind} {row.id}", start)
        require_aware(f"end of {kind} {row.id}", end)
    hours = stretch(start, end)
    if hours.end <= hours.start:
        raise ValueError(f"{kind} {row.id} must end after it starts; correct its times")
    longest = LONGEST_AD_HOC if row.ad_hoc else LONGEST_STRETCH
    if hours.end - hours.start > longest:
        raise ValueError(f"{kind} {row.id} is longer than {longest}; correct its times")
    return hours
