"""November of ten clients of Björkvik, against figures worked out by hand.

The figures below are typed in from "Ten clients by hand" in docs/subsystems/fees.md. Time is what
the answer key says that each visit really took.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import nyckelfri.demo
from feeworld import LIMITS, NOVEMBER, POLICY
from nyckelfri.care.billing import Article, Limit, Unit
from nyckelfri.care.charges import ClientMonth, Decision, Delivery, Extent, VisitRow, charge
from nyckelfri.care.fees import Income, fee
from nyckelfri.care.performed import Outcome
from nyckelfri.care.tariff import Price, Tariff
from nyckelfri.care.times import ZONE, DateRange

if TYPE_CHECKING:
    from nyckelfri.care.billing import Fee

BJORKVIK = Path(nyckelfri.demo.__file__).parent / "data" / "bjorkvik"
KEY = Path(__file__).parent.parent / "data" / "bjorkvik"
SERVICES = {
    "omvardnad": "care",
    "service": "household",
    "trygghetslarm": "alarm",
    "matlada": "meals",
    "dagverksamhet": "day_activity",
}
EXTENTS = {
    "min/dag": Extent.MINUTES_A_DAY,
    "tim/vecka": Extent.HOURS_A_WEEK,
    "st/vecka": Extent.ITEMS_A_WEEK,
    "manad": Extent.MONTH,
}
UNITS = {"tim": Unit.HOUR, "manad": Unit.MONTH, "st": Unit.PIECE}
CLAIMS = {"kopierad_etikett", "raknare_ej_okande", "tva_platser"}
"""Nobody was there, whatever the readings say."""


class Expected(NamedTuple):
    """What a client pays: lines as `article minutes-days-or-pieces kronor`."""

    lines: str
    headroom: str
    limit: Limit
    reduction: str
    total: str


TEN = {
    "B0002": Expected(
        "care 1626 3604.30, alarm 30 227.00", "6079.09", Limit.CAP, "1171.25", "2660.05"
    ),
    "B0019": Expected(
        "care 510 1130.50, household 204 1268.20, meals 30 2040.00",
        "6626.09",
        Limit.TARIFF,
        "0.00",
        "4438.70",
    ),
    "B0028": Expected(
        "household 199 1237.11, alarm 30 227.00", "16706.94", Limit.TARIFF, "0.00", "1464.11"
    ),
    "B0033": Expected(
        "care 1669 3699.61, alarm 30 227.00", "6143.44", Limit.CAP, "1266.56", "2660.05"
    ),
    "B0036": Expected("alarm 30 227.00", "12039.09", Limit.TARIFF, "0.00", "227.00"),
    "B0042": Expected(
        "alarm 30 227.00, meals 20 1360.00", "0.00", Limit.HEADROOM, "227.00", "1360.00"
    ),
    "B0051": Expected(
        "household 325 2020.41, alarm 30 227.00", "2188.09", Limit.HEADROOM, "59.32", "2188.09"
    ),
    "B0069": Expected(
        "care 553 1225.81, alarm 30 227.00, meals 30 2040.00",
        "0.00",
        Limit.HEADROOM,
        "1452.81",
        "2040.00",
    ),
    "B0108": Expected(
        "care 229 507.61, household 115 714.91, alarm 30 227.00",
        "11723.09",
        Limit.TARIFF,
        "0.00",
        "1449.52",
    ),
    "B0115": Expected(
        "household 354 2200.70, alarm 30 227.00", "8957.09", Limit.TARIFF, "0.00", "2427.70"
    ),
}


@lru_cache
def rows(name: str, folder: Path = BJORKVIK) -> list[dict[str, str]]:
    """Rows of a municipality file, by column name."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.fixture(scope="module")
def fees() -> dict[str, Fee]:
    """The fee of every client of Björkvik."""
    tariff = Tariff(
        Price(
            Article(SERVICES[row["artikel"]]),
            row["benamning"],
            UNITS[row["enhet"]],
            amount(row["pris"]),
            *dates(row),
        )
        for row in rows("taxa")
    )
    found = {}
    for client, shown in incomes().items():
        lines = charge(client_month(client), tariff, POLICY)
        found[client] = fee(NOVEMBER, lines, incomes=[shown], limits=LIMITS, policy=POLICY)
    return found


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def dates(row: dict[str, str]) -> tuple[date, date | None]:
    return (
        date.fromisoformat(row["fran"]),
        date.fromisoformat(row["till"]) if row["till"] else None,
    )


def incomes() -> dict[str, Income]:
    cohabiting = {row["brukare_id"]: row["civilstand"] == "sammanboende" for row in rows("brukare")}
    return {
        row["brukare_id"]: Income(
            valid_from=date.fromisoformat(row["fran"]),
            cohabiting=cohabiting[row["brukare_id"]],
            net_income=amount(row["nettoinkomst"]),
            housing_supplement=amount(row["bostadstillagg"]),
            housing_cost=amount(row["boendekostnad"]),
            partner_net_income=amount(row["partner_nettoinkomst"])
            if row["partner_nettoinkomst"]
            else None,
        )
        for row in rows("avgiftsunderlag")
    }


def client_month(client: str) -> ClientMonth:
    def theirs(name: str) -> list[dict[str, str]]:
        return [row for row in rows(name) if row["brukare_id"] == client]

    planned = {
        row["besok_id"]: tuple(SERVICES[name] for name in row["insatser"].split(","))
        for row in theirs("planerade_besok")
    }
    return ClientMonth(
        month=NOVEMBER,
        visits=[
            as_visit(str(number), row, planned)
            for number, row in enumerate(rows("facit", KEY))
            if row["brukare_id"] == client and row["flagga"] not in CLAIMS | {"fel_dorr"}
        ],
        deliveries=[
            Delivery(
                f"{client} {row['datum']}", date.fromisoformat(row["datum"]), int(row["antal"])
            )
            for row in theirs("leveranser")
        ],
        decisions=[
            Decision(
                row["beslut_id"],
                SERVICES[row["insats"]],
                amount(row["omfattning"]),
                EXTENTS[row["enhet"]],
                DateRange(*dates(row)),
            )
            for row in theirs("beslut")
        ],
        away=[DateRange(*dates(row)) for row in theirs("franvaro")],
    )


def as_visit(ref: str, row: dict[str, str], planned: dict[str, tuple[str, ...]]) -> VisitRow:
    begin = datetime.fromisoformat(row["in"]) if row["in"] else None
    end = datetime.fromisoformat(row["ut"]) if row["ut"] else None
    outcome = Outcome.PERFORMED if begin else Outcome.NOT_MADE
    if row["flagga"] == "avbojt":
        outcome = Outcome.DECLINED
    day = begin.astimezone(ZONE).date() if begin else NOVEMBER
    visit = row["besok_id"] or None
    services = planned[visit] if visit else ()
    return VisitRow(
        ref, day, outcome, services, begin, end, row["bevis"], visit, is_alarm=visit is None
    )


@pytest.mark.sentence(71)
@pytest.mark.sentence(74)
@pytest.mark.sentence(75)
@pytest.mark.parametrize("client", TEN)
def test_november_of_ten_clients_is_what_was_worked_out_by_hand(
    fees: dict[str, Fee], client: str
) -> None:
    made = fees[client]
    assert made.cap == Decimal("2660.05")
    lines = ", ".join(f"{line.article} {line.quantity} {line.amount}" for line in made.lines)
    assert TEN[client] == Expected(
        lines, str(made.headroom), made.limit, str(made.reduction), str(made.total)
    )


def test_every_client_of_the_month_has_a_fee_within_their_limits(fees: dict[str, Fee]) -> None:
    assert len(fees) == 120
    for made in fees.values():
        assert made.headroom is not None
        assert made.total - made.free <= min(made.cap, made.headroom, made.capped)
    limits = [made.limit for made in fees.values()]
    assert {limit: limits.count(limit) for limit in Limit} == {
        Limit.TARIFF: 34,
        Limit.CAP: 52,
        Limit.HEADROOM: 34,
    }
