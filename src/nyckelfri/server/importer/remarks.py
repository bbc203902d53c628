"""What is worth telling the planners of a plan that is stored all the same.

House rules: a remark never stops an import: the plan is the municipality's, and its
files are exported while it is still being mended. Times are UTC here; days and weeks
are Swedish. Remarks run only on files without faults.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from nyckelfri.server.homes.models import CareDecision, CareTeam
from nyckelfri.server.importer.localtime import STOCKHOLM
from nyckelfri.server.people.models import LICENSED, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nyckelfri.server.importer.faults import Faults
    from nyckelfri.server.importer.rows import Files, Row

REST = timedelta(hours=11)
WEEK = timedelta(hours=40)
DAY_BEGINS, NIGHT_BEGINS = time(7), time(22)
_MINUTE = timedelta(minutes=1)


def _local(moment: datetime) -> datetime:
    """Give the Swedish wall clock, naive."""
    return moment.astimezone(STOCKHOLM).replace(tzinfo=None)


def _shifts(files: Files) -> dict[str, list[Row]]:
    """Give the shifts of each employee in order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(files.rows("arbetspass"), key=lambda row: row.values["start"]):
        found[row.values["anst_nr"]].append(row)
    return found


def employed_that_day(files: Files, remarks: Faults) -> None:
    """Shifts begin while their employee is employed."""
    employees = files.by_key("personal")
    for row in files.rows("arbetspass"):
        employee = employees.get(row.values["anst_nr"])
        day = _local(row.values["start"]).date()
        if employee is not None and not (
            employee.values["fran"] <= day <= (employee.values["till"] or date.max)
        ):
            remarks.add("arbetspass.csv", row.line, "anst_nr", "not_employed")


def rest_between_shifts(files: Files, remarks: Faults) -> None:
    """Between two shifts lie 11 hours."""
    for shifts in _shifts(files).values():
        for before, after in itertools.pairwise(shifts):
            if after.values["start"] - before.values["slut"] < REST:
                remarks.add("arbetspass.csv", after.line, "start", "short_rest")


def hours_in_week(files: Files, remarks: Faults) -> None:
    """Nobody works more than 40 hours in an ISO week; a shift counts where it begins."""
    for shifts in _shifts(files).values():
        worked: dict[tuple[int, int], timedelta] = defaultdict(timedelta)
        for row in shifts:
            week = _local(row.values["start"]).isocalendar()[:2]
            worked[week] += row.values["slut"] - row.values["start"]
            if worked[week] > WEEK:
                remarks.add("arbetspass.csv", row.line, "start", "long_week")


def visits_lie_inside_shifts(files: Files, remarks: Faults) -> None:
    """Each visit lies inside a shift of each of its employees."""
    shifts = _shifts(files)
    starts = {number: [row.values["start"] for row in rows] for number, rows in shifts.items()}
    for row in files.rows("planerade_besok"):
        for column in ("anst_nr", "dubbel"):
            number = row.values[column]
            if number is None:
                continue
            at = bisect_right(starts.get(number, []), row.values["start"]) - 1
            if at < 0 or shifts[number][at].values["slut"] < row.values["slut"]:
                remarks.add("planerade_besok.csv", row.line, column, "visit_outside_shift")


def _is_night(moment: datetime) -> bool:
    return not DAY_BEGINS <= _local(moment).time() < NIGHT_BEGINS


def visits_keep_to_day_or_night(files: Files, remarks: Faults) -> None:
    """No visit crosses 22 or 07."""
    for row in files.rows("planerade_besok"):
        start, end = row.values["start"], row.values["slut"]
        last = end - _MINUTE
        if _is_night(start) != _is_night(last) or end - start > timedelta(hours=15):
            remarks.add("planerade_besok.csv", row.line, "slut", "visit_crosses_night")


def visits_by_the_chosen_team(files: Files, remarks: Faults) -> None:
    """By day the chosen team visits, by night the night patrol; substitutes and nurses may."""
    employees, teams = files.by_key("personal"), files.by_key("grupper")
    chosen: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for choice in files.rows("val"):
        chosen[choice.values["brukare_id"], choice.values["tjanst"]].append(choice)
    areas = {key: row.values["omrade"] for key, row in files.by_key("brukare").items()}
    for row in files.rows("planerade_besok"):
        day = _local(row.values["start"]).date()
        for column in ("anst_nr", "dubbel"):
            employee = employees.get(row.values[column] or "")
            if employee is None or employee.values["roll"] in {
                Role.SUBSTITUTE,
                *LICENSED,
            }:
                continue
            team = teams.get(employee.values["grupp_id"] or "")
            if _is_night(row.values["start"]):
                right = team is not None and team.values["typ"] == CareTeam.Kind.NIGHT_PATROL
            else:
                right = team is not None and all(
                    any(
                        _points_to(choice, team, areas.get(row.values["brukare_id"], ""), day)
                        for choice in chosen[row.values["brukare_id"], service]
                    )
                    for service in row.values["insatser"]
                )
            if not right:
                remarks.add("planerade_besok.csv", row.line, column, "visit_by_other_team")


def _points_to(choice: Row, team: Row, area: str, day: date) -> bool:
    """Tell whether `choice` points to `team` for a client in `area` on `day`."""
    in_force = choice.values["fran"] <= day <= (choice.values["till"] or date.max)
    named = choice.values["grupp_id"]
    if named is not None:
        return in_force and bool(named == team.values["grupp_id"])
    return (
        in_force
        and choice.values["org_nr"] == team.values["org_nr"]
        and bool(team.values["omrade"] == area)
    )


def planned_within_granted(files: Files, remarks: Faults) -> None:
    """Planned time is at most granted time, day by day or ISO week by week."""
    granted: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for decision in files.rows("beslut"):
        granted[decision.values["brukare_id"], decision.values["insats"]].append(decision)
    planned: dict[tuple[str, str, date], timedelta] = defaultdict(timedelta)
    for row in sorted(files.rows("planerade_besok"), key=lambda row: row.values["start"]):
        day = _local(row.values["start"]).date()
        staff = 2 if row.values["dubbel"] else 1
        length = (row.values["slut"] - row.values["start"]) * staff
        for service in row.values["insatser"]:
            key = (row.values["brukare_id"], service)
            for first, minutes in _limits(granted[key], day):
                planned[*key, first] += length
                if planned[*key, first] > minutes * _MINUTE:
                    remarks.add(
                        "planerade_besok.csv",
                        row.line,
                        "insatser",
                        "more_than_granted",
                        service=service,
                        planned=planned[*key, first] // _MINUTE,
                        granted=minutes,
                    )


def _limits(decisions: list[Row], day: date) -> Iterator[tuple[date, int]]:
    """Give the first day and the minutes of the period that limits time on `day`."""
    monday = day - timedelta(days=day.weekday())
    units = {decision.values["enhet"] for decision in decisions}
    if units == {CareDecision.Unit.MINUTES_A_DAY}:
        yield day, _minutes(decisions, day, 1)
    elif units == {CareDecision.Unit.HOURS_A_WEEK}:
        # A decision that shrinks in mid-week still allowed the larger amount before.
        week = (monday + timedelta(days=n) for n in range(7))
        yield monday, max(_minutes(decisions, each, 60) for each in week)
    elif not units:
        yield day, 0


def _minutes(decisions: list[Row], day: date, factor: int) -> int:
    """Sum the minutes of the decisions in force on `day`."""
    return sum(
        int(decision.values["omfattning"] * factor)
        for decision in decisions
        if decision.values["fran"] <= day <= (decision.values["till"] or date.max)
    )


REMARKS = (
    employed_that_day,
    rest_between_shifts,
    hours_in_week,
    visits_lie_inside_shifts,
    visits_keep_to_day_or_night,
    visits_by_the_chosen_team,
    planned_within_granted,
)
