"""The two tables that say what is shown are true."""

from __future__ import annotations

import pytest
from doctables import NONE_YET, TABLES, column, filled, marked_tests, rows

CLAIMED = {
    "sentence": [
        *range(1, 17), *range(18, 25), 35, *range(39, 43), *range(46, 49), *range(65, 81),
        85, 87, *range(91, 96),
    ],
    "threat": [
        1, *range(5, 12), 13, 14, *range(19, 25), 26, 27, *range(29, 43), *range(50, 58),
        *range(59, 62), *range(64, 68),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_the_tests_column_is_what_the_marks_say(kind: str) -> None:
    text = TABLES[kind].read_text("utf-8")
    assert text == filled(kind, text), "stale: run `make docs`"


@pytest.mark.parametrize(("kind", "rows_wanted"), [("sentence", 97), ("threat", 67)])
def test_every_number_has_its_row_and_every_mark_its_number(kind: str, rows_wanted: int) -> None:
    table = rows(TABLES[kind].read_text("utf-8"))
    assert list(table) == list(range(1, rows_wanted + 1))
    assert set(marked_tests()[kind]) <= set(table)


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, number) for kind in CLAIMED for number in CLAIMED[kind]]
)
def test_what_this_version_claims_has_a_test(kind: str, number: int) -> None:
    text = TABLES[kind].read_text("utf-8")
    assert rows(text)[number][column(text)] != NONE_YET
