"""What is asked about before money moves; and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nyckelfri.care.derive import derive
from nyckelfri.care.performed import Flag, VisitPolicy
from nyckelfri.care.times import Window
from visitworld import MUCH_LATER, Town, moment

PLAN = "plan P1 eva ada 08:00-08:30"
IN, OUT = "eva 08:01 unlock ada", "eva 08:29 lock ada"
KIM = "plan P2 kim ada 07:00-07:30"
TAP_IN, TAP_OUT = "eva 08:02 tap ada", "eva 08:28 tap ada"


@pytest.mark.threat(60)
@pytest.mark.parametrize(
    ("signs", "flags"),
    [
        # A label that can be copied, and a lock that knows of nobody.
        ([TAP_IN, TAP_OUT], ["no_door"]),
        # A chip cannot be copied: the client let her in.
        (["eva 08:02 tap ada 7", "eva 08:28 tap ada 8"], []),
        # One of the two who were to come opened.
        (["plan P1 kim+eva ada 08:00-08:30", "kim 08:01 unlock ada", "kim 08:29 lock ada",
          TAP_IN, TAP_OUT], []),
        # A signature that is wrong or missing proves nothing.
        (["eva 08:02 forged ada", "eva 08:28 forged ada"], ["not_made", "forged_tap"]),
        (["eva 08:02 unsigned ada"], ["not_made", "forged_tap"]),
        (["eva 08:02 unknown ada"], ["not_made", "forged_tap"]),
        ([IN, "eva 08:10 forged ada", OUT], ["forged_tap"]),
        # It was read again, and was good.
        ([IN, "eva 08:01 forged ada", TAP_IN, TAP_OUT, OUT], []),
        # Seen before, or lower than one that was there earlier.
        (["eva 08:02 replayed ada"], ["not_made", "replayed_tap"]),
        ([KIM, "kim 07:00 tap ada 9", "eva 08:02 tap ada 7", "eva 08:28 tap ada 8"],
         ["not_made", "replayed_tap"]),
        ([KIM, "kim 07:00 tap ada 7", "eva 08:02 tap ada 7"], ["not_made", "replayed_tap"]),
        # The door says that she was there all the same.
        ([KIM, "kim 07:00 tap ada 9", IN, "eva 08:02 tap ada 7", "eva 08:28 tap ada 8", OUT], []),
        # Clocks of two phones: within ten minutes no order is read.
        ([KIM, "kim 07:53 tap ada 8", "eva 08:02 tap ada 7", "eva 08:28 tap ada 9"], []),
        ([KIM, "kim 07:51 tap ada 8", "eva 08:02 tap ada 7", "eva 08:28 tap ada 9"],
         ["no_exit", "replayed_tap"]),
    ],
)  # fmt: skip
def test_reading_that_the_door_does_not_confirm(signs: list[str], flags: list[str]) -> None:
    plan = [] if any("eva ada 08:00-" in line for line in signs) else [PLAN]
    found = Town().derive(*plan, *signs)
    (visit,) = [one for one in found.visits if one.employee_id == "eva"]
    assert [flag.value for flag in visit.flags] == flags


@pytest.mark.threat(60)
def test_municipality_where_nobody_is_let_in_asks_about_signed_readings_too() -> None:
    town = Town(policy=VisitPolicy(signed_needs_door=True))
    seen = town.seen(PLAN, "eva 08:02 tap ada 7", "eva 08:28 tap ada 8")
    assert seen == ["P1 eva ada 08:02-08:28 label !no_door"]
    next_ = "plan P2 eva ada 08:30-09:00"
    assert town.seen(PLAN, next_, "eva 08:02 tap ada 7", "eva 08:58 tap ada 8") == [
        "P1 eva ada 08:02-08:30 label !no_door",
        "P2 eva ada 08:30-08:58 label !no_door",
    ]


@pytest.mark.threat(60)
def test_count_that_was_passed_before_these_signs_is_a_replay() -> None:
    town = Town()
    signs = replace(town.signs(PLAN, "eva 08:02 tap ada 7"), counts={"chip of ada": 7})
    (visit,) = derive(signs, town.policy, MUCH_LATER).visits
    assert visit.flags == (Flag.NOT_MADE, Flag.REPLAYED_TAP)


def test_door_that_has_not_told_yet_is_waited_for() -> None:
    town = Town()
    assert town.seen(PLAN, TAP_IN, TAP_OUT, now="12:00") == ["P1 eva ada 08:02-08:28 label"]
    told = town.seen(PLAN, TAP_IN, TAP_OUT, now="12:00", told="09:00")
    assert told == ["P1 eva ada 08:02-08:28 label !no_door"]


def test_home_without_a_lock_has_no_door_to_ask() -> None:
    seen = Town().seen("plan P1 eva dan 08:00-08:30", "eva 08:02 tap dan", "eva 08:28 tap dan")
    assert seen == ["P1 eva dan 08:02-08:28 label"]


@pytest.mark.threat(60)
@pytest.mark.parametrize(
    ("signs", "ada", "dan"),
    [
        # A label of another home, read inside this one: the weaker evidence is asked about.
        ([IN, TAP_IN, "eva 08:05 tap dan", "eva 08:20 tap dan", TAP_OUT, OUT], [], ["two_places"]),
        ([IN, "eva 08:05 tap dan", OUT], [], ["no_exit", "two_places"]),
        # On the way out of one and into the next nobody is in two places.
        ([IN, OUT, "eva 08:28 tap dan", "eva 08:50 tap dan"], [], []),
        (["eva 07:40 tap dan", "eva 08:02 tap dan", IN, OUT], [], []),
        # The label lies around the door, and is still the weaker.
        (["eva 08:00 tap dan", IN, OUT, "eva 08:32 tap dan"], [], ["two_places"]),
        # Both by label alone: what began while the other was not over.
        (["eva 08:00 tap ada 7", "eva 08:05 tap dan", "eva 08:20 tap dan", "eva 08:29 tap ada 8"],
         [], ["two_places"]),
    ],
)  # fmt: skip
def test_two_places_at_once(signs: list[str], ada: list[str], dan: list[str]) -> None:
    found = Town().derive(PLAN, "plan P2 eva dan 08:00-08:20", *signs)
    flags = {visit.client_id: [flag.value for flag in visit.flags] for visit in found.visits}
    assert flags == {"ada": ada, "dan": dan}


@pytest.mark.threat(60)
def test_two_places_are_seen_though_each_was_told_of_in_pieces() -> None:
    # The clock of the second lock is ten minutes behind, and the labels are read late.
    seen = Town().seen(
        "plan P1 eva ada 03:35-03:50", "plan P2 eva eli 03:50-04:05",
        "eva 03:34 unlock ada", "eva 03:45 unlock eli", "eva 03:49 tap ada", "eva 03:49 lock ada",
        "eva 03:55 tap eli", "eva 03:58 lock eli", "eva 04:08 tap eli",
    )  # fmt: skip
    assert [line for line in seen if "two_places" in line], seen


def test_one_person_s_key_at_two_doors() -> None:
    seen = Town().seen(
        PLAN, "plan P2 eva eli 08:00-08:30", IN, "eva 08:05 unlock eli", "eva 08:25 lock eli", OUT
    )
    assert seen == [
        "P1 eva ada 08:01-08:29 door",
        "P2 eva eli 08:05-08:25 door !two_places",
    ]


@pytest.mark.parametrize(
    ("out", "flags"), [("08:12", [Flag.TOO_SHORT]), ("08:13", []), ("08:35", [])]
)
def test_visit_is_too_short_below_the_part_that_the_policy_gives(
    out: str, flags: list[Flag]
) -> None:
    found = Town().derive(PLAN, IN, f"eva {out} lock ada")
    assert list(found.visits[0].flags) == flags


def test_wrong_door_is_opened_and_closed_at_once() -> None:
    seen = Town().seen("eva 08:00 unlock eli", "eva 08:01 lock eli", PLAN, "eva 08:04 unlock ada",
                       "eva 08:29 lock ada")  # fmt: skip
    assert seen == ["P1 eva ada 08:04-08:29 door", "-- eva eli 08:00-08:01 door !wrong_door"]


def test_wrong_door_is_nobody_else_s_visit() -> None:
    seen = Town().seen(PLAN, "kim 08:00 unlock ada", "kim 08:01 lock ada")
    assert seen == ["P1 eva ada not_made !not_made", "-- kim ada 08:00-08:01 door !wrong_door"]


@pytest.mark.threat(59)
def test_visit_that_nobody_planned_is_asked_about() -> None:
    assert Town().seen(IN, OUT) == ["-- eva ada 08:01-08:29 door !unplanned"]


@pytest.mark.threat(59)
@pytest.mark.parametrize(("begin", "asked"), [("08:00", False), ("08:10", True)])
def test_visit_without_the_right_to_be_there(begin: str, asked: bool) -> None:
    town = Town()
    signs = town.signs(PLAN, TAP_IN, TAP_OUT)
    right = {"eva": [Window(moment(begin), moment("09:00"))]}
    for rights, expected in (
        ({"h-ada": right}, asked),
        ({"h-ada": {}}, True),
        ({"another home": {}}, False),
    ):
        found = derive(replace(signs, rights=rights), town.policy, MUCH_LATER)
        assert (Flag.NO_GRANT in found.visits[0].flags) is expected
    opened = replace(town.signs(PLAN, IN, OUT), rights={"h-ada": {}})
    assert derive(opened, town.policy, MUCH_LATER).visits[0].flags == ()


@pytest.mark.parametrize(("late", "flags"), [("71h", []), ("73h", [Flag.LATE_SYNC])])
def test_evidence_that_came_late(late: str, flags: list[Flag]) -> None:
    found = Town().derive(PLAN, IN, f"{OUT} late={late}")
    assert list(found.visits[0].flags) == flags
    found = Town().derive(PLAN, f"{TAP_IN} late={late}", IN, OUT)
    assert list(found.visits[0].flags) == flags


def test_client_who_is_away() -> None:
    town = Town()
    away = "away ada 23..24 sjukhus"
    assert town.seen(PLAN, away) == ["P1 eva ada away (sjukhus)"]
    assert town.seen(PLAN, away, now="07:00") == ["P1 eva ada away (sjukhus)"]
    assert town.seen(PLAN, away, IN, OUT) == ["P1 eva ada 08:01-08:29 door !while_away"]
    assert town.seen(PLAN, "away ada 22..22 resa", IN, OUT) == ["P1 eva ada 08:01-08:29 door"]
    declined = "eva says declined ada 08:01-08:03 P1 avböjt"
    assert town.seen(PLAN, away, declined, IN, "eva 08:03 lock ada") == [
        "P1 eva ada 08:01-08:03 door declined (avböjt)"
    ]
    # A local date, though it is still yesterday in UTC.
    night = "plan P1 eva ada 25T00:15-25T00:30"
    assert town.seen(night, away) == ["P1 eva ada not_made !not_made"]


@pytest.mark.parametrize(
    ("other", "asked"),
    [
        # In the same home: the door cannot tell whom she helped, what she said of it can.
        (["eva 08:00 tap bo", "eva 08:01 unlock bo", "eva 09:00 tap bo", "eva 09:01 lock bo"], 1),
        (["eva says visit bo 08:00-09:00 glömt"], 1),
        (["eva says visit bo 08:00-08:22 glömt"], 0),
        (["kim says visit bo 08:00-09:00 glömt"], 0),
    ],
)
def test_words_of_a_time_that_was_somebody_else_s_are_asked_about(
    other: list[str], asked: int
) -> None:
    plans = "plan P1 eva bo 08:00-09:00", "plan P2 eva cia 10:00-10:30"
    seen = Town().seen(*plans, *other, "eva says visit cia 08:20-08:50 P2 glömt")
    assert [line.count("by_hand_against") for line in seen if line.startswith("P2")] == [asked]
    assert [line.count("by_hand_against") for line in seen if line.startswith("P1")] == [0]


def test_entrance_leads_to_a_visit_or_is_nothing_to_ask_about() -> None:
    town = Town()
    enter = "eva 07:59 enter ada,eli"
    (visit,) = town.derive(PLAN, enter, IN, OUT).visits
    assert visit.refs == (enter, IN, OUT)
    seen = town.seen(PLAN, "eva 07:30 enter ada,eli", IN, OUT)
    assert seen == ["P1 eva ada 08:01-08:29 door", "loose 07:30 in order"]


def test_door_that_nobody_lives_behind_and_a_locking_alone_are_loose() -> None:
    town = Town()
    assert town.seen("eva 08:00 unlock h-nowhere") == ["loose 08:00 unplanned"]
    assert town.seen("eva 08:00 lock ada") == ["loose 08:00 unplanned"]
    assert town.seen("eva 08:00 forged ada") == ["loose 08:00 forged_tap"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("around", timedelta(minutes=14)),
        ("around", timedelta(hours=7)),
        ("too_short", 1.0),
        ("missing_exit_minutes", 61),
        ("sync_within", timedelta(0)),
    ],
)
def test_impossible_policy_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        VisitPolicy(**{name: value})
