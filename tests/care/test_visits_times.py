"""When a visit began and ended, and what proves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from nyckelfri.care.derive import derive
from nyckelfri.care.performed import Registers, VisitPolicy
from visitworld import MUCH_LATER, Town

PLAN = "plan P1 eva ada 08:00-08:30"
IN, OUT = "eva 08:01 unlock ada", "eva 08:29 lock ada"
TAP_IN, TAP_OUT = "eva 08:02 tap ada", "eva 08:28 tap ada"


@pytest.mark.sentence(20)
@pytest.mark.sentence(21)
@pytest.mark.sentence(66)
@pytest.mark.sentence(67)
@pytest.mark.sentence(68)
@pytest.mark.parametrize(
    ("signs", "seen"),
    [
        ([IN, TAP_IN, TAP_OUT, OUT], "P1 eva ada 08:01-08:29 door_and_label"),
        ([IN, OUT], "P1 eva ada 08:01-08:29 door"),
        ([TAP_IN, TAP_OUT], "P1 eva ada 08:02-08:28 label !no_door"),
        (["eva 08:02 tap ada 7", "eva 08:28 tap ada 8"], "P1 eva ada 08:02-08:28 label"),
        ([IN, TAP_IN, OUT], "P1 eva ada 08:01-08:29 door_and_label"),
        ([IN, TAP_OUT, OUT], "P1 eva ada 08:01-08:29 door_and_label"),
        # The client let her in, and she locked behind her.
        ([TAP_IN, TAP_OUT, OUT], "P1 eva ada 08:02-08:29 door_and_label"),
        ([TAP_IN, OUT], "P1 eva ada 08:02-08:29 door_and_label"),
        # The client locked behind her.
        ([IN, TAP_IN, TAP_OUT], "P1 eva ada 08:01-08:28 door_and_label"),
        ([IN, TAP_OUT], "P1 eva ada 08:01-08:28 door_and_label"),
        # The label hangs outside the door, or was read once more to be sure.
        (["eva 08:00 tap ada", IN, OUT, "eva 08:30 tap ada"],
         "P1 eva ada 08:00-08:30 door_and_label"),
        ([TAP_IN, "eva 08:03 tap ada", IN, TAP_OUT, OUT], "P1 eva ada 08:01-08:29 door_and_label"),
        (["eva says visit ada 08:00-08:30 P1 glömt"], "P1 eva ada 08:00-08:30 by_hand (glömt)"),
    ],
)  # fmt: skip
def test_what_there_is_to_go_on_gives_times_and_grade(signs: list[str], seen: str) -> None:
    assert Town().seen(PLAN, *signs) == [seen]


@pytest.mark.parametrize(
    ("registers", "seen"),
    [
        (Registers.DOOR, "08:01-08:29"),
        (Registers.LABEL, "08:02-08:28"),
        (Registers.BOTH, "08:01-08:29"),
    ],
)
def test_municipality_decides_what_registers(registers: Registers, seen: str) -> None:
    town = Town(policy=VisitPolicy(registers=registers))
    assert town.seen(PLAN, IN, TAP_IN, TAP_OUT, OUT) == [f"P1 eva ada {seen} door_and_label"]


@pytest.mark.parametrize(
    ("registers", "signs", "seen"),
    [
        (Registers.DOOR, [TAP_IN, TAP_OUT, OUT], "08:02-08:29 door_and_label"),
        (Registers.LABEL, [IN, TAP_IN, OUT], "08:02-08:29 door_and_label"),
        (Registers.LABEL, [IN, OUT], "08:01-08:29 door"),
    ],
)
def test_where_what_registers_is_silent_the_other_tells(
    registers: Registers, signs: list[str], seen: str
) -> None:
    town = Town(policy=VisitPolicy(registers=registers))
    assert town.seen(PLAN, *signs) == [f"P1 eva ada {seen}"]


@pytest.mark.parametrize(
    ("signs", "seen"),
    [
        ([IN], "P1 eva ada 08:01-08:31 door rule !no_exit"),
        ([IN, TAP_IN], "P1 eva ada 08:01-08:31 door_and_label rule !no_exit"),
        (["eva 08:02 tap ada 7"], "P1 eva ada 08:02-08:32 label rule !no_exit"),
        # She was elsewhere before the planned length was over.
        ([IN, "eva 08:20 unlock eli"], "P1 eva ada 08:01-08:20 door rule !no_exit"),
        ([IN, "eva 08:20 enter eli"], "P1 eva ada 08:01-08:20 door rule !no_exit"),
        # Only her locking is known; and where she was before.
        (
            ["eva 08:10 unlock eli", "eva 08:20 lock eli", OUT],
            "P1 eva ada 08:20-08:29 door rule !no_exit",
        ),
        ([OUT], "P1 eva ada 07:59-08:29 door rule !no_exit"),
    ],
)
def test_missing_end_is_closed_by_rule_and_marked(signs: list[str], seen: str) -> None:
    assert Town().seen(PLAN, *signs)[0] == seen


def test_missing_end_of_what_nobody_planned_counts_as_little() -> None:
    seen = Town().seen("eva 08:01 unlock ada", "eva 08:02 tap ada")
    assert seen == ["-- eva ada 08:01-08:06 door_and_label rule !no_exit !unplanned"]


def test_somebody_s_word_gives_an_end_that_no_sign_tells() -> None:
    said = "eva says visit ada 08:01-08:25 P1 glömt"
    assert Town().seen(PLAN, IN, TAP_IN, said) == ["P1 eva ada 08:01-08:25 door_and_label (glömt)"]


def test_what_has_not_come_home_is_waited_for() -> None:
    town = Town()
    assert town.seen(PLAN, IN, now="08:10") == ["P1 eva ada 08:01-- door waiting"]
    assert town.seen(PLAN, now="08:10") == ["P1 eva ada waiting"]
    assert town.seen(PLAN, now="12:00", told="08:44") == ["P1 eva ada waiting"]
    assert town.seen(PLAN, now="12:00", told="08:46") == ["P1 eva ada not_made !not_made"]
    assert town.seen(PLAN, now="26T08:29") == ["P1 eva ada waiting"]
    assert town.seen(PLAN, now="26T08:31") == ["P1 eva ada not_made !not_made"]


def test_visit_across_midnight_is_one() -> None:
    seen = Town().seen(
        "plan P1 eva ada 23:45-24T00:15", "eva 23:50 unlock ada", "eva 24T00:10 lock ada"
    )
    assert seen == ["P1 eva ada 23:50-00:10 door"]


@pytest.mark.parametrize(
    ("day", "begin", "end", "hours"),
    [
        (date(2026, 3, 29), "01:30", "03:30", 1),
        (date(2026, 10, 25), "01:30", "03:30", 3),
        (date(2026, 10, 25), "02:30", "02:30*", 1),
    ],
)
def test_both_changes_of_summer_time_are_counted_as_they_were(
    day: date, begin: str, end: str, hours: int
) -> None:
    town = Town(first=day)
    found = town.derive(
        f"plan P1 eva ada {begin}-{end}", f"eva {begin} unlock ada", f"eva {end} lock ada"
    )
    (visit,) = found.visits
    assert visit.entry
    assert visit.exit
    assert not visit.flags
    assert (visit.exit - visit.entry).total_seconds() == hours * 3600


def test_going_out_for_a_moment_does_not_end_a_visit() -> None:
    seen = Town().seen(PLAN, IN, "eva 08:10 lock ada", "eva 08:15 unlock ada", OUT)
    assert seen == ["P1 eva ada 08:01-08:29 door"]


def test_two_visits_to_one_home_the_same_day_are_two() -> None:
    seen = Town().seen(
        PLAN, "plan P2 eva ada 12:00-12:30", IN, OUT, "eva 12:02 unlock ada", "eva 12:25 lock ada"
    )
    assert seen == ["P1 eva ada 08:01-08:29 door", "P2 eva ada 12:02-12:25 door"]


def test_end_that_was_forgotten_does_not_reach_to_the_next_visit() -> None:
    seen = Town().seen(
        PLAN, "plan P2 eva ada 12:00-12:30", IN, TAP_IN,
        "eva 09:00 tap dan", "eva 09:20 tap dan",
        "eva 12:02 tap ada 7", "eva 12:25 tap ada 8",
    )  # fmt: skip
    assert seen == [
        "P1 eva ada 08:01-08:31 door_and_label rule !no_exit",
        "-- eva dan 09:00-09:20 label !unplanned",
        "P2 eva ada 12:02-12:25 label",
    ]


@pytest.mark.sentence(68)
def test_services_are_the_planned_ones_or_what_was_said() -> None:
    town = Town()
    plan = f"{PLAN} care cleaning"
    (visit,) = town.derive(plan, IN, OUT).visits
    assert visit.services == ("care", "cleaning")
    signs = town.signs(plan, IN, OUT, "eva says visit ada 08:00-08:30 P1")
    by_hand = [signs.by_hand[0]._replace(services=("care",))]
    (visit,) = derive(replace(signs, by_hand=by_hand), town.policy, MUCH_LATER).visits
    assert visit.services == ("care",)


@pytest.mark.parametrize(
    ("signs", "seen"),
    [
        # Locked, and unlocked at once: still there.
        ([IN, "eva 08:10 lock ada", "eva 08:12 unlock ada", OUT], ["08:01-08:29 door"]),
        ([IN, "eva 08:10 lock ada", "eva 08:13 unlock ada", OUT],
         ["08:01-08:10 door", "08:13-08:29 door"]),
        # Unlocked again after an hour: another stay, and nobody knows when the first ended.
        ([IN, "eva 09:02 unlock ada", "eva 09:20 lock ada"],
         ["08:01-08:06 door", "09:02-09:20 door"]),
        # The label hangs outside.
        (["eva 07:57 tap ada", IN, OUT], ["07:57-08:29 door_and_label"]),
        ([IN, OUT, "eva 08:34 tap ada"], ["08:01-08:34 door_and_label"]),
        # Signed out, and in again: another visit, though nobody locked between.
        ([IN, TAP_IN, TAP_OUT, "eva 08:50 unlock ada", "eva 08:51 tap ada", "eva 09:10 tap ada"],
         ["08:01-08:28 door_and_label", "08:50-09:10 door_and_label"]),
        # Read once more on the way.
        ([IN, TAP_IN, "eva 08:20 tap ada", TAP_OUT, OUT], ["08:01-08:29 door_and_label"]),
        # Signed out, and stayed to talk before locking; after that it is another's locking.
        ([IN, TAP_IN, TAP_OUT, "eva 09:28 lock ada"], ["08:01-09:28 door_and_label"]),
        ([IN, TAP_IN, TAP_OUT, "eva 09:29 lock ada"],
         ["08:01-08:28 door_and_label", "loose 09:29"]),
        # A label alone, and elsewhere before somebody locked.
        ([TAP_IN, "eva 09:00 unlock eli", "eva 09:20 lock eli", "eva 09:40 lock ada"],
         ["08:02-08:07 label", "09:00-09:20 door", "loose 09:40"]),
        # Two pairs of readings are two visits.
        (["eva 08:02 tap dan", "eva 08:10 tap dan", "eva 08:20 tap dan", "eva 08:28 tap dan"],
         ["08:02-08:10 label", "08:20-08:28 label"]),
        # Another entrance was passed: the second reading is no way out.
        (["eva 08:02 tap dan", "eva 08:30 enter eli", "eva 09:30 tap dan"],
         ["08:02-08:07 label", "09:30-09:35 label", "loose 08:30"]),
        # Nothing is known for too long.
        (["eva 08:02 tap dan", "eva 14:03 tap dan"], ["08:02-08:07 label", "14:03-14:08 label"]),
        # Only the way out was read.
        (["eva 08:27 tap ada", OUT], ["08:24-08:29 door_and_label"]),
        # Read twice to be sure, and no way out.
        (["eva 08:02 tap dan", "eva 08:03 tap dan"], ["08:02-08:07 label"]),
        # Still in by the door's word, though labels say elsewhere for more than an hour.
        ([IN, TAP_IN, "eva 08:05 tap dan", "eva 09:40 tap dan", "eva 09:50 tap ada",
          "eva 09:51 lock ada"],
         ["08:01-09:51 door_and_label", "08:05-09:40 label"]),
        # The way out was forgotten, and the next visit begins at a label outside.
        ([IN, TAP_IN, "eva 09:00 tap dan", "eva 09:20 tap dan", "eva 12:00 tap ada",
          "eva 12:01 unlock ada", "eva 12:29 lock ada"],
         ["08:01-08:06 door_and_label", "09:00-09:20 label", "12:00-12:29 door_and_label"]),
    ],
)  # fmt: skip
def test_what_is_one_stay(signs: list[str], seen: list[str]) -> None:
    lines = [line.split() for line in Town().seen(*signs)]
    assert [" ".join(line[:2] if line[0] == "loose" else line[3:5]) for line in lines] == seen


@pytest.mark.parametrize(
    ("plan", "signs", "seen"),
    [
        # The door was to tell when she went, and does not.
        (PLAN, [IN, "eva says visit ada -@08:24"], "P1 eva ada 08:01-08:24 door !no_exit"),
        (PLAN, [IN, "eva says visit ada -@08:24", OUT], "P1 eva ada 08:01-08:29 door"),
        (PLAN, ["eva says visit ada @08:03-", OUT], "P1 eva ada 08:03-08:29 door !no_exit"),
        # Long after the last sign, and nobody planned it.
        (None, [IN, TAP_IN, "eva says visit ada @08:02-", "eva says visit ada -@08:24"],
         "-- eva ada 08:01-08:24 door_and_label !no_exit !unplanned"),
        # She came in by an open door, and read the label on her way out.
        (None, ["eva says visit ada @08:02- larm", "eva 08:30 tap ada", "eva 08:31 lock ada"],
         "-- eva ada 08:02-08:31 door_and_label (larm) !no_exit"),
        # She was elsewhere since: it was entered too late to tell of that end.
        (None, [IN, "eva 08:20 unlock eli", "eva says visit ada -@08:50"],
         "-- eva ada 08:01-08:06 door rule !no_exit !unplanned"),
    ],
)  # fmt: skip
def test_when_it_was_entered_counts_where_nothing_else_tells(
    plan: str | None, signs: list[str], seen: str
) -> None:
    assert Town().seen(*filter(None, [plan]), *signs)[0] == seen


def test_end_that_was_entered_waits_for_what_the_door_still_tells() -> None:
    lines = PLAN, IN, "eva says visit ada -@08:24"
    assert Town().seen(*lines, now="09:00", told="08:30") == ["P1 eva ada 08:01-- door waiting"]
    told = Town().seen(*lines, now="09:00", told="08:40")
    assert told == ["P1 eva ada 08:01-08:24 door !no_exit"]


def test_end_by_rule_is_not_asked_about_as_too_short() -> None:
    seen = Town().seen(PLAN, IN, "eva 08:05 unlock eli")
    assert seen[0] == "P1 eva ada 08:01-08:05 door rule !no_exit"


def test_reading_after_the_locking_does_not_undo_it() -> None:
    town = Town(policy=VisitPolicy(registers=Registers.DOOR))
    assert town.seen(PLAN, IN, OUT, "eva 08:40 tap ada") == [
        "P1 eva ada 08:01-08:29 door_and_label"
    ]


def test_door_that_tells_only_of_the_middle_is_no_beginning_and_no_end() -> None:
    town = Town(policy=VisitPolicy(registers=Registers.DOOR))
    after = town.seen(PLAN, OUT, "eva 08:31 tap ada", "eva 08:34 tap ada")
    assert after == ["P1 eva ada 08:31-08:31 door_and_label !too_short"]
    back = town.seen(
        PLAN, TAP_IN, "eva 08:20 lock ada", "eva 08:22 unlock ada", "eva 08:30 tap ada"
    )
    assert back == ["P1 eva ada 08:02-08:30 door_and_label"]
