"""Local times of shifts and visits survive both changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.importer import localtime

if TYPE_CHECKING:
    from townworld import Town


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "expected_start", "expected_end"),
    [
        # winter, summer
        ("2026-11-23 07:00", "2026-11-23 15:00", "2026-11-23 06:00", "2026-11-23 14:00"),
        ("2026-06-23 07:00", "2026-06-23 15:00", "2026-06-23 05:00", "2026-06-23 13:00"),
        # the night of 2026-03-29 has no 02:00-02:59: nine hours and a quarter on paper, 8.75 real
        ("2026-03-28 21:30", "2026-03-29 07:15", "2026-03-28 20:30", "2026-03-29 05:15"),
        ("2026-03-29 01:45", "2026-03-29 03:15", "2026-03-29 00:45", "2026-03-29 01:15"),
        # the night of 2026-10-25 has 02:00-02:59 twice
        ("2026-10-24 21:30", "2026-10-25 07:15", "2026-10-24 19:30", "2026-10-25 06:15"),
        ("2026-10-24 22:00", "2026-10-25 02:30", "2026-10-24 20:00", "2026-10-25 00:30"),
        ("2026-10-25 02:30", "2026-10-25 06:00", "2026-10-25 00:30", "2026-10-25 05:00"),
        ("2026-10-25 02:00", "2026-10-25 02:20", "2026-10-25 00:00", "2026-10-25 00:20"),
        ("2026-10-25 02:45", "2026-10-25 02:15", "2026-10-25 00:45", "2026-10-25 01:15"),
        ("2026-10-25 01:50", "2026-10-25 03:00", "2026-10-24 23:50", "2026-10-25 02:00"),
    ],
)
def test_period_is_read_as_early_as_it_can_start_and_ends_after_it(
    start: str, end: str, expected_start: str, expected_end: str
) -> None:
    found = localtime.period(datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert found == (_utc(expected_start), _utc(expected_end))


def test_period_that_ends_before_it_starts_is_none() -> None:
    eight, seven = datetime(2026, 11, 23, 8), datetime(2026, 11, 23, 7)  # noqa: DTZ001 -- local
    assert localtime.period(eight, seven) is None
    assert localtime.period(eight, eight) is None


def test_time_that_the_clocks_skip_is_a_fault(town: Town) -> None:
    line = town.add("arbetspass", "P9;10002;2026-03-28 21:30;2026-03-29 02:30")
    (fault,) = town.check().faults
    assert (fault.line, fault.column, fault.code) == (line, "slut", "nonexistent_time")


@pytest.mark.django_db
@pytest.mark.threat(32)
def test_shifts_and_visits_are_stored_right_through_both_changes(town: Town) -> None:
    town.add("arbetspass", "S1;10004;2026-03-28 21:30;2026-03-29 07:15")
    town.add("planerade_besok", "S2;B1;10004;2026-03-29 01:45;2026-03-29 03:15;omvardnad;")
    town.add("arbetspass", "H1;10004;2026-10-24 21:30;2026-10-25 07:15")
    town.add("planerade_besok", "H2;B1;10004;2026-10-25 02:45;2026-10-25 02:15;omvardnad;")
    assert town.bring_in().stored
    spring, autumn = (Shift.objects.get(external_id=key) for key in ("S1", "H1"))
    assert (spring.end - spring.start).total_seconds() == 8.75 * 3600
    assert (autumn.end - autumn.start).total_seconds() == 10.75 * 3600
    for key in ("S2", "H2"):
        visit = PlannedVisit.objects.get(external_id=key)
        assert (visit.end - visit.start).total_seconds() == 1800


def test_adjacent_shifts_that_meet_in_the_doubled_hour_do_not_overlap(town: Town) -> None:
    town.add("arbetspass", "H1;10004;2026-10-24 21:30;2026-10-25 02:30")
    town.add("arbetspass", "H2;10004;2026-10-25 02:30;2026-10-25 07:15")
    assert not town.check().faults
