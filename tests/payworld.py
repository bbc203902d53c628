"""What the tests of pay and statistics have in common: short visits, and November in Björkvik.

Björkvik's visits are read from the answer key, as if every one of them had been derived right
and approved.
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import nyckelfri.demo
from nyckelfri.care.pay import Ground, PayPolicy, PayVisit, Per, PriceRow
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Away, Grade, Outcome
from nyckelfri.care.statistics.facts import VisitFact

if TYPE_CHECKING:
    from collections.abc import Iterable

BJORKVIK = Path(nyckelfri.demo.__file__).parent / "data" / "bjorkvik"
FACIT = Path(__file__).parent / "data" / "bjorkvik" / "facit.csv"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOVEMBER = date(2026, 11, 1)
GRADES = {
    "dorr+etikett": Grade.DOOR_AND_LABEL,
    "dorr": Grade.DOOR,
    "etikett": Grade.LABEL,
    "manuell": Grade.BY_HAND,
    "ingen": Grade.NONE,
}
UNITS = {"tim": Per.HOUR, "st": Per.PIECE, "manad": Per.MONTH, "procent": Per.PERCENT}
GROUNDS = {
    "utford": Ground.PERFORMED,
    "avbojt": Ground.DECLINED,
    "franvaro_dag_1": Ground.ABSENCE_DAY_1,
    "franvaro_dag_2_5": Ground.ABSENCE_DAYS_2_5,
}
PLAIN = (PayPolicy(),)


class Made(NamedTuple):
    """A visit of the answer key, with what the plan and the registers know of it."""

    ref: str
    client_id: str
    employee_id: str
    team_id: str
    provider_id: str
    area: str
    services: tuple[str, ...]
    planned_id: str
    start: datetime | None
    finish: datetime | None
    entry: datetime | None
    exit: datetime | None
    outcome: Outcome
    grade: Grade
    flag: str


def rows(name: str) -> list[dict[str, str]]:
    """Rows of one of Björkvik's files."""
    return read(BJORKVIK / f"{name}.csv")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def local(text: str) -> datetime:
    """A local time of the plan, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def november() -> list[Made]:
    """Every visit of the answer key."""
    plans = {row["besok_id"]: row for row in rows("planerade_besok")}
    teams = {row["grupp_id"]: row["org_nr"] for row in rows("grupper")}
    team_of = {row["anst_nr"]: row["grupp_id"] for row in rows("personal")}
    areas = {row["brukare_id"]: row["omrade"] for row in rows("brukare")}
    by_day = {
        (row["org_nr"], row["omrade"]): row["grupp_id"]
        for row in rows("grupper")
        if row["typ"] == "hemtjanst"
    }
    chosen = {
        row["brukare_id"]: row["grupp_id"] or by_day[row["org_nr"], areas[row["brukare_id"]]]
        for row in rows("val")
        if row["tjanst"] == "omvardnad"
    }
    made = []
    for number, row in enumerate(read(FACIT), start=2):
        plan = plans.get(row["besok_id"])
        # A substitute has no team of their own: the one that the client chose sent for them.
        team = team_of[row["anst_nr"]] or chosen[row["brukare_id"]]
        made.append(
            Made(
                f"facit-{number}",
                row["brukare_id"],
                row["anst_nr"],
                team,
                teams[team],
                areas[row["brukare_id"]],
                tuple(plan["insatser"].split(",")) if plan else ("omvardnad",),
                row["besok_id"],
                local(plan["start"]) if plan else None,
                local(plan["slut"]) if plan else None,
                datetime.fromisoformat(row["in"]) if row["in"] else None,
                datetime.fromisoformat(row["ut"]) if row["ut"] else None,
                outcome(row),
                GRADES[row["bevis"]],
                row["flagga"],
            )
        )
    return made


def outcome(row: dict[str, str]) -> Outcome:
    """What became of a visit of the answer key."""
    if row["flagga"] == "avbojt":
        return Outcome.DECLINED
    if row["bevis"] != "ingen":
        return Outcome.PERFORMED
    return Outcome.NOT_MADE if row["flagga"] == "utebliven" else Outcome.AWAY


def paid(made: Iterable[Made]) -> list[PayVisit]:
    """Visits of the answer key as those that pay looks at, of November's days."""
    found = []
    for one in made:
        begins = one.entry or one.start
        assert begins is not None
        day = begins.astimezone(STOCKHOLM).date()
        planned = (
            int((one.finish - one.start).total_seconds()) // 60
            if one.start and one.finish
            else None
        )
        if (day.year, day.month) == (2026, 11):
            found.append(
                PayVisit(
                    one.ref,
                    one.client_id,
                    one.provider_id,
                    one.area,
                    day,
                    one.services,
                    one.entry,
                    one.exit,
                    planned,
                    one.outcome,
                    one.grade,
                    one.flag not in {"", "avbojt"},
                    one.planned_id,
                )
            )
    return found


def absences() -> list[Away]:
    """Who was away in Björkvik, and when."""
    return [
        Away(
            row["brukare_id"],
            date.fromisoformat(row["fran"]),
            date.fromisoformat(row["till"]) if row["till"] else None,
            row["orsak"],
        )
        for row in rows("franvaro")
    ]


def bjorkvik_prices() -> Prices:
    """Björkvik's prices, as in its file."""
    return Prices(
        PriceRow(
            service=row["tjanst"],
            area=row["omrade"],
            price=Decimal(row["pris"].replace(",", ".")),
            per=UNITS[row["enhet"]],
            ground=GROUNDS[row["grund"]],
            first=date.fromisoformat(row["fran"]),
            last=date.fromisoformat(row["till"]) if row["till"] else None,
        )
        for row in rows("ersattning")
    )


def hourly(service: str, price: str, **more: Any) -> PriceRow:
    """A price by the hour for what is performed, or what `more` says."""
    values: dict[str, Any] = {
        "area": "",
        "per": Per.HOUR,
        "ground": Ground.PERFORMED,
        "first": date(2026, 1, 1),
    } | more
    return PriceRow(service=service, price=Decimal(price), **values)


def percent(service: str, price: str, ground: Ground, **more: Any) -> PriceRow:
    """A price in percent of what is performed."""
    return hourly(service, price, per=Per.PERCENT, ground=ground, **more)


def visit(ref: str, day: int, minutes: float, **more: Any) -> PayVisit:
    """A visit of provider `p` on a day of November, from noon, as long as it was planned."""
    begin = datetime(2026, 11, day, 11, tzinfo=UTC)
    values: dict[str, Any] = {
        "client_id": "c",
        "provider_id": "p",
        "area": "Centrum",
        "day": date(2026, 11, day),
        "services": ("omvardnad",),
        "begin": begin,
        "end": begin + timedelta(minutes=minutes),
        "planned_minutes": int(minutes),
        "outcome": Outcome.PERFORMED,
        "grade": Grade.DOOR_AND_LABEL,
    } | more
    return PayVisit(ref=ref, **values)


def facts(made: Iterable[Made]) -> list[VisitFact]:
    """Visits of the answer key as those that statistics read; the alarm group's are for alarms."""
    homes = {row["brukare_id"]: row["las_id"] for row in rows("brukare")}
    return [
        VisitFact(
            client_id=one.client_id,
            home_id=homes[one.client_id] or one.client_id,
            team_id=one.team_id,
            employee_id=one.employee_id,
            planned_id=one.planned_id,
            services=one.services,
            outcome=one.outcome,
            grade=one.grade,
            start=one.start,
            finish=one.finish,
            entry=one.entry,
            exit=one.exit,
            alarm=one.team_id == "GL",
        )
        for one in made
    ]


def born() -> dict[str, date]:
    """Clients' birth dates, off their birth numbers (60 is added to a coordination number)."""
    found = {}
    for row in rows("brukare"):
        text = row["personnummer"]
        day = int(text[6:8])
        found[row["brukare_id"]] = date(int(text[:4]), int(text[4:6]), day - 60 * (day > 60))
    return found
