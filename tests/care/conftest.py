"""Worlds to derive access in: a small village, and the Björkvik municipality.

House rules: every moment is written out, none is read from a clock. Tests change
the village with `dataclasses.replace`, so that each shows what it depends on.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

import nyckelfri.demo
from nyckelfri.care.times import DateRange
from nyckelfri.care.visits import LockEvent, Movement
from nyckelfri.care.world import (
    CareDecision,
    CareTeam,
    Client,
    Employee,
    Entrance,
    PlannedVisit,
    ProviderChoice,
    Role,
    Service,
    Shift,
    TeamKind,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nyckelfri.care.grants import AccessGrant

BJORKVIK = Path(nyckelfri.demo.__file__).parent / "data" / "bjorkvik"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
ALWAYS = DateRange(date(2026, 1, 1))

SERVICES = {
    "omvardnad": Service.CARE,
    "service": Service.HOUSEHOLD,
    "trygghetslarm": Service.ALARM,
    "matlada": Service.MEALS,
    "dagverksamhet": Service.DAY_ACTIVITY,
}
TEAMS = {
    "hemtjanst": TeamKind.HOME_CARE,
    "nattpatrull": TeamKind.NIGHT_PATROL,
    "larmgrupp": TeamKind.ALARM_GROUP,
}
ROLES = {
    "underskoterska": Role.CARER,
    "vardbitrade": Role.CARER,
    "vikarie": Role.SUBSTITUTE,
    "sjukskoterska": Role.HEALTH,
}


@pytest.fixture
def village() -> World:
    """Three homes, one entrance, one employee of each kind; nobody on shift.

    Ada (care, the municipality's team) and Bo (service, Blom's team) live behind
    the entrance; Cia has an alarm only and a house of her own.
    """
    return World(
        mounted_locks=frozenset({"lock-ada", "lock-bo", "lock-cia", "lock-entrance"}),
        entrances=(Entrance("entrance", "lock-entrance"),),
        clients=(
            Client("ada", "north", "lock-ada", "entrance"),
            Client("bo", "north", "lock-bo", "entrance"),
            Client("cia", "north", "lock-cia"),
        ),
        decisions=(
            CareDecision("care-ada", "ada", Service.CARE, ALWAYS),
            CareDecision("service-bo", "bo", Service.HOUSEHOLD, ALWAYS),
            CareDecision("alarm-cia", "cia", Service.ALARM, ALWAYS),
        ),
        choices=(
            ProviderChoice("ada-town", "ada", Service.CARE, "town", ALWAYS),
            ProviderChoice("bo-blom", "bo", Service.HOUSEHOLD, "blom", ALWAYS),
        ),
        teams=(
            CareTeam("town-north", TeamKind.HOME_CARE, "town", "north"),
            CareTeam("town-south", TeamKind.HOME_CARE, "town", "south"),
            CareTeam("blom-north", TeamKind.HOME_CARE, "blom", "north"),
            CareTeam("night", TeamKind.NIGHT_PATROL, "town"),
            CareTeam("alarm", TeamKind.ALARM_GROUP, "town"),
        ),
        employees=(
            Employee("tove", Role.CARER, ALWAYS, "town-north"),
            Employee("bodil", Role.CARER, ALWAYS, "blom-north"),
            Employee("sune", Role.CARER, ALWAYS, "town-south"),
            Employee("nils", Role.CARER, ALWAYS, "night"),
            Employee("lars", Role.CARER, ALWAYS, "alarm"),
            Employee("vera", Role.SUBSTITUTE, ALWAYS),
            Employee("siri", Role.HEALTH, ALWAYS),
            Employee("pia", Role.OTHER, ALWAYS, "town-north"),
        ),
    )


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """Swedish local time `2026-11-23 07:00` as an aware datetime."""

    def read(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)

    return read


@pytest.fixture
def shown() -> Callable[[list[AccessGrant]], list[str]]:
    """Grants as lines `employee lock from till`, in Swedish local time."""

    def line(grant: AccessGrant) -> str:
        start, end = (
            moment.astimezone(STOCKHOLM).strftime("%d %H:%M")
            for moment in (grant.not_before, grant.not_after)
        )
        return f"{grant.employee_id} {grant.lock_id} {start}-{end}"

    return lambda grants: [line(grant) for grant in grants]


@pytest.fixture(scope="session")
def bjorkvik() -> World:
    """The whole Björkvik municipality of the demonstration."""
    return read_world(BJORKVIK)


@pytest.fixture(scope="session")
def bjorkvik_movements() -> list[LockEvent]:
    """Every locking and unlocking in the Björkvik evidence."""
    return read_movements(BJORKVIK)


def read_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """Rows of a municipality file, by column name."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def read_dates(row: dict[str, str]) -> DateRange:
    last = date.fromisoformat(row["till"]) if row["till"] else None
    return DateRange(date.fromisoformat(row["fran"]), last)


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def read_world(folder: Path) -> World:
    """The plan files of a municipality as a world."""
    locks = read_rows(folder, "las")
    unit_of = {lock["port_id"]: lock["las_id"] for lock in locks if lock["typ"] == "port"}
    return World(
        mounted_locks=frozenset(row["las_id"] for row in locks if row["status"] == "monterad"),
        entrances=tuple(
            Entrance(row["port_id"], unit_of.get(row["port_id"]))
            for row in read_rows(folder, "portar")
        ),
        clients=tuple(
            Client(row["brukare_id"], row["omrade"], row["las_id"] or None, row["port_id"] or None)
            for row in read_rows(folder, "brukare")
        ),
        decisions=tuple(
            CareDecision(
                row["beslut_id"], row["brukare_id"], SERVICES[row["insats"]], read_dates(row)
            )
            for row in read_rows(folder, "beslut")
        ),
        choices=tuple(
            ProviderChoice(
                f"val-{number}",
                row["brukare_id"],
                SERVICES[row["tjanst"]],
                row["org_nr"],
                read_dates(row),
                row["grupp_id"] or None,
            )
            for number, row in enumerate(read_rows(folder, "val"), start=2)
        ),
        teams=tuple(
            CareTeam(row["grupp_id"], TEAMS[row["typ"]], row["org_nr"], row["omrade"] or None)
            for row in read_rows(folder, "grupper")
        ),
        employees=tuple(
            Employee(
                row["anst_nr"],
                ROLES.get(row["roll"], Role.OTHER),
                read_dates(row),
                row["grupp_id"] or None,
            )
            for row in read_rows(folder, "personal")
        ),
        shifts=tuple(
            Shift(
                row["pass_id"],
                row["anst_nr"],
                read_moment(row["start"]),
                read_moment(row["slut"]),
            )
            for row in read_rows(folder, "arbetspass")
        ),
        visits=tuple(
            PlannedVisit(
                row["besok_id"],
                row["brukare_id"],
                tuple(filter(None, (row["anst_nr"], row["dubbel"]))),
                read_moment(row["start"]),
                read_moment(row["slut"]),
                frozenset(SERVICES[name] for name in row["insatser"].split(",")),
            )
            for row in read_rows(folder, "planerade_besok")
        ),
    )


def read_movements(folder: Path) -> list[LockEvent]:
    """The motors' movements in a municipality's evidence."""
    entrances = {row["las_id"] for row in read_rows(folder, "las") if row["typ"] == "port"}
    movements = {"upplast": Movement.UNLOCKED, "last": Movement.LOCKED}
    return [
        LockEvent(
            row["las_id"],
            int(row["lopnr"]),
            row["anst_nr"],
            movements[row["handelse"]],
            datetime.fromisoformat(row["tid"]),
            row["las_id"] in entrances,
        )
        for row in read_rows(folder, "handelser")
        if row["handelse"] in movements
    ]
