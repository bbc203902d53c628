"""Rules between choices, shifts and visits that cannot both be true.

House rules: contradictions are faults and stop the import; a plan that is only
unwise or late is a remark (`remarks`), since a municipality must be able to import
it. Times are UTC here.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from nyckelfri.server.homes.models import CareTeam, Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nyckelfri.server.importer.faults import Faults
    from nyckelfri.server.importer.rows import Files

LONGEST_SHIFT = timedelta(hours=36)
_TEAM_SERVICES = {Service.CARE.value, Service.HOUSEHOLD.value}

Span = tuple[datetime, datetime, int]


def choices_do_not_overlap(files: Files, faults: Faults) -> None:
    """A client has one choice for a service on each day."""
    chosen: dict[tuple[str, str], list[tuple[date, date, int]]] = defaultdict(list)
    for row in files.rows("val"):
        if row.good("brukare_id", "tjanst", "fran", "till"):
            end = row.values["till"] or date.max
            key = (row.values["brukare_id"], row.values["tjanst"])
            chosen[key].append((row.values["fran"], end, row.line))
    for spans in chosen.values():
        first, reached, before = date.min, date.min, 0
        for start, end, line in sorted(spans):
            # Two from the same day are one row twice, which is its own fault.
            if first < start <= reached:
                late, early = max(line, before), min(line, before)
                faults.add("val.csv", late, "fran", "overlapping_choices", line=early)
            if end >= reached:
                first, reached, before = start, end, line


def chosen_team_exists(files: Files, faults: Faults) -> None:
    """The provider offers the service, and the named team is its, or it has one in the area."""
    providers, teams = files.by_key("utforare"), files.by_key("grupper")
    clients = files.by_key("brukare")
    in_area: dict[tuple[str, str], int] = defaultdict(int)
    for team in teams.values():
        if team.filled("org_nr", "omrade") and team.values.get("typ") == CareTeam.Kind.HOME_CARE:
            in_area[team.values["org_nr"], team.values["omrade"]] += 1
    for row in files.rows("val"):
        provider = providers.get(row.values.get("org_nr", ""))
        if provider is None or not row.good("tjanst", "grupp_id", "brukare_id"):
            continue
        service, named = row.values["tjanst"], row.values["grupp_id"]
        offered = provider.values.get("tjanster")
        client = clients.get(row.values["brukare_id"])
        if offered is not None and service not in offered:
            faults.add("val.csv", row.line, "tjanst", "service_not_offered")
        elif named is not None:
            team_org = teams[named].values.get("org_nr") if named in teams else None
            if team_org is not None and team_org != row.values["org_nr"]:
                faults.add("val.csv", row.line, "grupp_id", "team_of_other_provider")
        elif service in _TEAM_SERVICES and client is not None and client.good("omrade"):
            count = in_area[row.values["org_nr"], client.values["omrade"]]
            if count != 1:
                faults.add("val.csv", row.line, "grupp_id", "no_team_in_area", count=count)


def shifts_are_short_enough(files: Files, faults: Faults) -> None:
    """A shift lasts at most 36 hours: a longer one is a slip of the pen that opens doors."""
    for row in files.rows("arbetspass"):
        too_long = row.good("start", "slut") and (
            row.values["slut"] - row.values["start"] > LONGEST_SHIFT
        )
        if too_long:
            hours = int(LONGEST_SHIFT / timedelta(hours=1))
            faults.add("arbetspass.csv", row.line, "slut", "shift_too_long", limit=hours)


def _overlaps(spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """Give (line, line before it) for each span that begins before an earlier one ends."""
    reached: Span | None = None
    for span in sorted(spans):
        if reached is not None and span[0] < reached[1]:
            yield max(span[2], reached[2]), min(span[2], reached[2])
        if reached is None or span[1] > reached[1]:
            reached = span


def _no_overlap(files: Files, faults: Faults, name: str, people: tuple[str, ...]) -> None:
    """Nobody named in a column of `people` is in two rows of file `name` at once."""
    spans: dict[str, set[Span]] = defaultdict(set)
    for row in files.rows(name):
        if row.good("start", "slut"):
            for person in people:
                if row.filled(person):
                    spans[row.values[person]].add(
                        (row.values["start"], row.values["slut"], row.line)
                    )
    code = "overlapping_shifts" if name == "arbetspass" else "overlapping_visits"
    found = {pair for taken in spans.values() for pair in _overlaps(taken)}
    for line, other in sorted(found):
        faults.add(f"{name}.csv", line, "start", code, line=other)


def shifts_do_not_overlap(files: Files, faults: Faults) -> None:
    """No employee has two shifts at once."""
    _no_overlap(files, faults, "arbetspass", ("anst_nr",))


def visits_do_not_overlap(files: Files, faults: Faults) -> None:
    """No employee is at two visits at once, also not as the second employee."""
    _no_overlap(files, faults, "planerade_besok", ("anst_nr", "dubbel"))


def second_employee_is_another(files: Files, faults: Faults) -> None:
    """A visit by two employees is by two employees."""
    for row in files.rows("planerade_besok"):
        if row.filled("anst_nr", "dubbel") and row.values["anst_nr"] == row.values["dubbel"]:
            faults.add("planerade_besok.csv", row.line, "dubbel", "same_employee_twice")


RULES = (
    choices_do_not_overlap,
    chosen_team_exists,
    shifts_are_short_enough,
    shifts_do_not_overlap,
    visits_do_not_overlap,
    second_employee_is_another,
)
