"""What is told of an unwise plan that is stored all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from townworld import Town

# file, row to add, line and column of the remark's file, code
CASES = [
    ("arbetspass", "P9;10003;2028-01-03 07:00;2028-01-03 15:00", "anst_nr", "not_employed"),
    ("arbetspass", "P9;10001;2026-11-23 22:00;2026-11-24 02:00", "start", "short_rest"),
    (
        "planerade_besok",
        "V9;B1;10002;2026-11-26 08:00;2026-11-26 08:30;omvardnad;",
        "anst_nr",
        "visit_outside_shift",
    ),
    (
        "planerade_besok",
        "V9;B3;10004;2026-11-23 21:45;2026-11-23 22:15;omvardnad;",
        "slut",
        "visit_crosses_night",
    ),
    (
        "planerade_besok",
        "V9;B1;10003;2026-11-23 11:00;2026-11-23 11:10;omvardnad;",
        "anst_nr",
        "visit_by_other_team",
    ),
    (
        "planerade_besok",
        "V9;B1;10004;2026-11-23 23:30;2026-11-24 00:00;omvardnad;",
        "insatser",
        "more_than_granted",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case[3] for case in CASES])
def test_unwise_plan_is_remarked_on_its_line_and_is_no_fault(
    town: Town, case: tuple[str, str, str, str]
) -> None:
    name, row, column, code = case
    line = town.add(name, row)
    checked = town.check()
    assert not checked.faults
    found = [(each.file, each.line, each.column, each.code) for each in checked.remarks]
    assert (f"{name}.csv", line, column, code) in found


def test_week_over_forty_hours_is_remarked_once_it_passes(town: Town) -> None:
    for day in range(24, 28):
        town.add("arbetspass", f"W{day};10006;2026-11-{day} 07:00;2026-11-{day} 17:00")
    assert not town.check().remarks
    line = town.add("arbetspass", "W28;10006;2026-11-28 07:00;2026-11-28 08:00")
    (remark,) = town.check().remarks
    assert (remark.line, remark.code) == (line, "long_week")


def test_substitute_may_visit_any_client(town: Town) -> None:
    town.add("arbetspass", "P9;10006;2026-11-26 07:00;2026-11-26 15:00")
    town.add("planerade_besok", "V9;B1;10006;2026-11-26 08:00;2026-11-26 08:30;omvardnad;")
    assert not town.check().remarks


def test_double_staffing_counts_twice(town: Town) -> None:
    row = "V9;B2;10001;2026-11-24 10:00;2026-11-24 10:35;omvardnad;"
    town.add("arbetspass", "P9;10006;2026-11-24 07:00;2026-11-24 15:00")
    town.add("planerade_besok", row)
    assert not town.check().remarks
    town.files["planerade_besok"] = town.files["planerade_besok"].replace(row, row + "10006")
    (remark,) = town.check().remarks
    assert remark.values == {"service": "care", "planned": 70, "granted": 60}


def test_change_of_provider_is_followed_to_the_day(town: Town) -> None:
    town.add("arbetspass", "P8;10003;2026-11-25 07:00;2026-11-25 15:00")
    town.add("arbetspass", "P9;10003;2026-11-26 07:00;2026-11-26 15:00")
    town.add("planerade_besok", "V8;B3;10003;2026-11-25 08:00;2026-11-25 08:30;omvardnad;")
    assert not town.check().remarks
    town.add("planerade_besok", "V9;B3;10003;2026-11-26 08:00;2026-11-26 08:30;omvardnad;")
    assert [remark.code for remark in town.check().remarks] == ["visit_by_other_team"]
