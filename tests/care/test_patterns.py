"""The same deviation again and again at one home."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nyckelfri.care.patterns import Deviation, repeated
from nyckelfri.care.performed import Flag

DAY = date(2026, 11, 2)


def _at(number: int, day: int, flag: Flag = Flag.NO_DOOR, home: str = "ada") -> Deviation:
    return Deviation(str(number), home, DAY + timedelta(days=day), (flag,))


@pytest.mark.parametrize(
    ("deviations", "expected"),
    [
        ([_at(1, 0), _at(2, 1)], set()),
        ([_at(1, 0), _at(2, 1), _at(3, 2)], {"3"}),
        ([_at(3, 2), _at(1, 0), _at(4, 3), _at(2, 1)], {"3", "4"}),
        ([_at(1, 0), _at(2, 1), _at(3, 30)], {"3"}),
        ([_at(1, 0), _at(2, 1), _at(3, 31)], set()),
        ([_at(1, 0), _at(2, 1), _at(3, 2, home="bo")], set()),
        ([_at(1, 0), _at(2, 1), _at(3, 2, Flag.TOO_SHORT)], set()),
        ([_at(number, number, Flag.LATE_SYNC) for number in range(5)], set()),
    ],
)
def test_a_pattern_is_three_of_a_kind_at_a_home_in_a_month(
    deviations: list[Deviation], expected: set[str]
) -> None:
    assert repeated(deviations) == expected
