"""October 2026 in a generated municipality as visits: planned, and as deriving leaves them.

House rules: as `make`. A client has two or three visits a day, the evening's sometimes at night;
of twenty one is not made, of a hundred one has no plan, and of fifty one is corrected.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from bench.bigtown.make import BASE, WHO
from bench.bigtown.sql import MOMENT, fill, indexes_rest, moment, run, sequences, unhindered
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.visits.models import Correction, ForeignAlarm, Visit, VisitDay

FIRST: Final = date(2026, 10, 1)
NOW: Final = datetime(2026, 11, 10, 8, tzinfo=UTC)
_DAY: Final = (FIRST - MOMENT.date()).days
_LAST: Final = _DAY + 30
_VISITS: Final = f"""
    generate_series({_DAY - 3}, {_LAST + 3}) d
    CROSS JOIN (SELECT * FROM homes_client WHERE id >= {BASE} ORDER BY id) c
    CROSS JOIN generate_series(0, 2) v
    WHERE (v < 2 OR (c.id + d) % 2 = 0)
"""  # noqa: S608 -- numbers of our own
"""The month's days and those of its weeks."""
_KEY: Final = "c.id || '/' || d || '/' || v"
_PLAN: Final = f"(c.id - {BASE}) * 300 + (d + 100) * 3 + v + 1"
_BEGINS: Final = "6 + 7 * v + (c.id % 24) / 12.0"
_LATE: Final = "(c.id * 7 + d * 13 + v * 5) % 25 / 60.0"
_MADE: Final = "(c.id * 31 + d * 17 + v * 7) % 20 <> 0"
_EXTRA: Final = "(c.id * 31 + d * 17 + v * 7) % 100 = 1"


def build() -> None:
    """Add the month to the municipality that `make.build` made."""
    with unhindered(), indexes_rest("visits_visit", "homes_plannedvisit"):
        run(
            "UPDATE homes_client SET personal_number = '19350101-' || lpad((id - %s)::text, 4, '0')"
            " WHERE id >= %s",
            [BASE, BASE],
        )
        run("DELETE FROM homes_plannedvisit")
        fill(
            PlannedVisit,
            _VISITS,
            id=_PLAN,
            external_id=f"'XO' || {_KEY}",
            client_id="c.id",
            employee_id=WHO,
            start=moment("d", _BEGINS),
            end=moment("d", f"{_BEGINS} + 0.5"),
            services="""'["care"]'::jsonb""",
        )
        team = f"(SELECT care_team_id FROM people_employee WHERE id = {WHO})"  # noqa: S608 -- numbers of our own
        fill(
            Visit,
            _VISITS,
            id=_PLAN,
            key=_KEY,
            day=f"({moment('d', '12')})::date",
            client_id="c.id",
            employee_id=WHO,
            planned_id=f"CASE WHEN {_EXTRA} THEN NULL ELSE {_PLAN} END",
            care_team_id=team,
            provider_id=f"(SELECT provider_id FROM homes_careteam WHERE id = {team})",  # noqa: S608 -- the same
            outcome=f"CASE WHEN {_MADE} THEN 'performed' ELSE 'not_made' END",
            grade=f"CASE WHEN {_MADE} THEN 'door_and_label' ELSE 'none' END",
            entry=f"CASE WHEN {_MADE} THEN {moment('d', f'{_BEGINS} + {_LATE}')} END",
            exit=f"CASE WHEN {_MADE} THEN {moment('d', f'{_BEGINS} + {_LATE} + 0.4')} END",
            services="""'["care"]'::jsonb""",
        )
        _corrections()
        fill(VisitDay, f"generate_series({_DAY}, {_LAST}) d", day=f"({moment('d', '12')})::date",
             derived_at=moment("0", "0"))  # fmt: skip
        fill(
            ForeignAlarm,
            f"{_VISITS} AND v = 0 AND (c.id + d) % 60 = 0",
            external_id=f"'XL' || {_KEY}",
            client_id="c.id",
            at=moment("d", "12"),
            employee_id=WHO,
            on_site_at=moment("d", f"12.2 + {_LATE}"),
        )
        sequences()
    # One a statement: VACUUM is no part of a transaction.
    run("VACUUM ANALYZE")


def _corrections() -> None:
    fill(
        Correction,
        "visits_visit w WHERE w.outcome = 'performed' AND w.id % 50 = 0",
        id="w.id",
        visit_id="w.id",
        outcome="'performed'",
        entry="w.entry",
        exit="w.exit + interval '5 minutes'",
        services="w.services",
        reason="'x'",
        corrected_at=moment("0", "0"),
        corrected_by_id="w.employee_id",
    )
    run("UPDATE visits_visit SET correction_id = id WHERE outcome = 'performed' AND id % 50 = 0")
