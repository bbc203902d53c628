"""Björkvik in a week in which the clocks change, on the server and for the second opinion.

House rules: both hear of the same changes; what they say of every door is compared as windows
in whole seconds. Nothing is mounted by hand here but installations, which rules read as a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import nyckelfri.demo
from nyckelfri.server.access import rights as server
from nyckelfri.server.importer.actions import import_files
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.simulate import town as towns
from nyckelfri.simulate.rights import Rights
from nyckelfri.simulate.town import SWEDEN, Town

BJORKVIK = Path(nyckelfri.demo.__file__).parent / "data" / "bjorkvik"
SUNDAYS = {-5: date(2026, 10, 25), 17: date(2027, 3, 28)}
"""By how many weeks the files are moved: the Sunday on which the clocks then change."""
AHEAD = 35 * 3600
"""So far ahead both are asked; the server derives shifts that begin within 36 hours."""

Pair = tuple[str, str]
Windows = dict[Pair, list[tuple[float, float]]]


def moment(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock, SWEDEN).timestamp())


def put_in_service(at: datetime) -> None:
    """An installation for every mounted unit: what the rules read of one is that it is there."""
    units = LockUnit.objects.filter(status=LockUnit.Status.MOUNTED)
    Installation.objects.bulk_create(
        Installation(
            identifier=unit.pk.to_bytes(8, "big"),
            lock_unit=unit,
            door=unit.door,
            lock_key_x=bytes(32),
            signing_key=bytes(33),
            radio_key=bytes(16),
            commissioned_at=at,
        )
        for unit in units
    )


def moved(folder: Path, weeks: int) -> Town:
    """Björkvik's plan, some weeks from November 2026."""
    towns.move(BJORKVIK, folder, weeks)
    return towns.read(folder)


def bring_in(folder: Path, at: float) -> None:
    """The server reads the files, and every lock is in service."""
    now = datetime.fromtimestamp(at, UTC)
    report = import_files(folder, actor="system:test", now=now)
    assert report.stored, report.faults
    put_in_service(now)


def labels(town: Town) -> dict[str, str]:
    """A phone for everybody in a team; labels by number."""
    return {carer.number: f"P{carer.number}" for carer in town.carers if carer.team}


def phones(town: Town) -> dict[str, str]:
    """Whose they are, by label."""
    return {label: number for number, label in labels(town).items()}


def give_phones(town: Town) -> None:
    """Those phones, in use."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    staff = {row.number: row for row in Employee.objects.all()}
    Phone.objects.bulk_create(
        Phone(
            identifier=staff[number].pk.to_bytes(8, "big"),
            label=label,
            state=PhoneState.ENROLLED,
            holder=staff[number],
            public_key_x=staff[number].pk.to_bytes(32, "big"),
            thumbprint=staff[number].pk.to_bytes(8, "big"),
            device_token_hash=staff[number].pk.to_bytes(32, "big"),
            registered_at=long_ago,
            enrolled_at=long_ago,
        )
        for number, label in labels(town).items()
    )


def of_server(at: float) -> Windows:
    """What the server derives at a moment, as whole windows of [at, at + AHEAD)."""
    found: Windows = defaultdict(list)
    for right in server.of_all(datetime.fromtimestamp(at, UTC)):
        start, end = right.not_before.timestamp(), right.not_after.timestamp()
        windows = found[right.employee_id, right.lock_id]
        if windows and windows[-1][1] == start:  # a long one was cut in two
            start, _ = windows.pop()
        windows.append((start, end))
    return within(found, at, at + AHEAD)


def within(windows: Windows, since: float, until: float) -> Windows:
    """What of them lies in [since, until)."""
    found: Windows = {}
    for pair, stretches in windows.items():
        cut = [(max(since, start), min(until, end)) for start, end in stretches]
        left = [(start, end) for start, end in cut if start < end]
        if left:
            found[pair] = left
    return found


@dataclass(frozen=True)
class Difference:
    """A door at which the two do not say the same."""

    carer: str
    lock: str
    server: list[tuple[float, float]]
    opinion: list[tuple[float, float]]

    def __str__(self) -> str:
        said = (
            ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in windows) or "never"
            for windows in (self.server, self.opinion)
        )
        return f"{self.carer} at {self.lock}: server {' | opinion '.join(said)}"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, SWEDEN).strftime("%a %H:%M:%S%z")


def pairs_of(town: Town) -> list[Pair]:
    return [(carer.number, lock) for carer in town.carers for lock, _ in town.locks]


def differences(
    opinion: Rights, pairs: Iterable[Pair], at: float, derived: Windows | None = None
) -> list[Difference]:
    """Where server (`derived`, or what it derives now) and opinion differ in what is ahead."""
    derived = of_server(at) if derived is None else derived
    found = []
    for carer, lock in pairs:
        mine = opinion.windows(carer, lock, at, at + AHEAD)
        theirs = derived.get((carer, lock), [])
        if mine != theirs:
            found.append(Difference(carer, lock, theirs, mine))
    return found
