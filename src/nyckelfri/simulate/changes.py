"""What an office decides while a municipality lives, as plain values.

House rules: only what the server really has an action for, or a file that it reads. Moments are
Unix seconds, `at` is when it is decided; clients, carers, visits and shifts go by their ids in
the files, phones by their labels, and what is added by hand by a name that the plan gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TakeOver:
    """`substitute` makes these visits of `instead_of`, with a shift by hand where there is none."""

    at: float
    visits: tuple[str, ...]
    substitute: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A carer is reported away, [start, end)."""

    at: float
    carer: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AbsenceEnd:
    """The first absence of theirs that is not over ends now."""

    at: float
    carer: str


@dataclass(frozen=True, slots=True)
class VisitByHand:
    """A visit that the rota lacks, [start, end)."""

    at: float
    name: str
    client: str
    carer: str
    start: int
    end: int
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShiftByHand:
    """A shift that the rota lacks, [start, end)."""

    at: float
    name: str
    carer: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ByHandCancelled:
    """A visit or shift by hand is taken back."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """Another provider gives the client a service from the local day `first` on."""

    at: float
    client: str
    service: str
    provider: str
    team: str | None
    first: date


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A carer's access to a client's door, or to every door, is withdrawn; `until` None: open."""

    at: float
    carer: str
    client: str | None
    until: int | None


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What was withdrawn until further notice is given back: the rules decide again."""

    at: float
    carer: str
    client: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A carer may see the name and address of a protected client; it opens nothing."""

    at: float
    client: str
    carer: str


@dataclass(frozen=True, slots=True)
class PhoneBlock:
    """A phone is lost."""

    at: float
    phone: str


@dataclass(frozen=True, slots=True)
class PhoneUnblock:
    """A blocked phone is found again; it waits to be enrolled anew."""

    at: float
    phone: str


@dataclass(frozen=True, slots=True)
class PhoneHandOver:
    """A phone gets another holder; it waits to be enrolled anew."""

    at: float
    phone: str
    carer: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A carer signs in on a phone: the world's doing, but access can follow from it."""

    at: float
    carer: str
    phone: str
    until: float


@dataclass(frozen=True, slots=True)
class SignOut:
    """A carer signs out of a phone."""

    at: float
    carer: str
    phone: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A client presses the alarm at `at`; the moments of what the alarm group did.

    The server hears of alarms from the next files only (`larm.csv`), and derives no door from
    them: the alarm group's stand open to it for whole shifts.
    """

    at: float
    name: str
    client: str
    carer: str
    accepted: int
    on_site: int
    ended: int


@dataclass(frozen=True, slots=True)
class ShiftGone:
    """A shift that has not begun is no longer in the rota."""

    shift: str


@dataclass(frozen=True, slots=True)
class ShiftMoved:
    """A shift has other hours."""

    shift: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class VisitGiven:
    """A planned visit is somebody else's."""

    visit: str
    carer: str


@dataclass(frozen=True, slots=True)
class EmploymentEnd:
    """An employee works until this local day."""

    carer: str
    last: date


@dataclass(frozen=True, slots=True)
class ClientAway:
    """A client is in hospital on these local days; nobody's access follows from that."""

    client: str
    first: date
    last: date


Edit: TypeAlias = ShiftGone | ShiftMoved | VisitGiven | EmploymentEnd | ClientAway


@dataclass(frozen=True, slots=True)
class NewerFiles:
    """The care system's files come anew, with these edits and the alarms until now."""

    at: float
    edits: tuple[Edit, ...]


Change: TypeAlias = (
    TakeOver
    | Absence
    | AbsenceEnd
    | VisitByHand
    | ShiftByHand
    | ByHandCancelled
    | ProviderChange
    | Withdrawal
    | GivenBack
    | Named
    | PhoneBlock
    | PhoneUnblock
    | PhoneHandOver
    | SignIn
    | SignOut
    | Alarm
    | NewerFiles
)
