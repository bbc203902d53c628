"""Why somebody cannot open a door: each fact alone, and the change that opens it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from nyckelfri.care.facts import Fact, WhyNot
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import FOREVER, DateRange, stretch
from nyckelfri.care.whynot import why_not
from nyckelfri.care.world import (
    Alarm,
    Assignment,
    CareDecision,
    CareTeam,
    Client,
    PhoneStanding,
    PlannedVisit,
    ProviderChoice,
    Role,
    Service,
    Shift,
    TeamKind,
    Withdrawal,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    At = Callable[[str], datetime]

ALWAYS = DateRange(date(2026, 1, 1))
PAST = DateRange(date(2026, 1, 1), date(2026, 11, 22))
FUTURE = DateRange(date(2026, 11, 24))
CARE = frozenset({Service.CARE})
DAY = "2026-11-23 10:00"
NIGHT = "2026-11-23 23:00"
BY_VISIT = Policy(scope=Scope.VISITS)
ON_ALARM = Policy(alarm_group_standing=False)


@pytest.fixture
def full(village: World, at: At) -> World:
    """The village with everybody on shift all day, a visit at ten and an alarm at ten."""
    ten = at("2026-11-23 09:45"), at("2026-11-23 10:30")
    return replace(
        village,
        shifts=tuple(
            Shift(f"s-{row.id}", row.id, at("2026-11-23 06:00"), at("2026-11-24 06:00"))
            for row in village.employees
        ),
        visits=tuple(
            PlannedVisit(f"v-{who}", client, (who,), *ten, CARE)
            for who, client in (("tove", "ada"), ("vera", "ada"), ("siri", "cia"))
        ),
        alarms=(Alarm("alarm-1", "cia", *ten),),
    )


def with_rows(world: World, kind: str, rows: tuple[Any, ...]) -> World:
    """The world with other rows of one kind."""
    values: dict[str, Any] = {kind: rows}
    return replace(world, **values)


def changed(world: World, kind: str, row_id: str, **values: Any) -> World:
    """The world with one row changed."""
    rows = getattr(world, kind)
    assert any(row.id == row_id for row in rows)
    new = tuple(replace(row, **values) if row.id == row_id else row for row in rows)
    return with_rows(world, kind, new)


def without(world: World, kind: str, row_id: str) -> World:
    """The world without one row."""
    rows = getattr(world, kind)
    assert any(row.id == row_id for row in rows)
    return with_rows(world, kind, tuple(row for row in rows if row.id != row_id))


def also(world: World, kind: str, row: object) -> World:
    """The world with one row more."""
    return with_rows(world, kind, (*getattr(world, kind), row))


def breaks(kind: str, row_id: str, **values: Any) -> Callable[[World], World]:
    """Change one row, or take it away where no value is given."""
    if not values:
        return lambda world: without(world, kind, row_id)
    return lambda world: changed(world, kind, row_id, **values)


def local(text: str) -> datetime:
    """Swedish winter time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=1)


MIDNIGHT_BEFORE = local("2026-11-23 00:00")
MIDNIGHT_AFTER = local("2026-11-24 00:00")
EARLY = {"start": local("2026-11-23 05:00"), "end": local("2026-11-23 05:30")}
LATE = {"start": local("2026-11-23 14:00"), "end": local("2026-11-23 14:30")}
TOVE = ("tove", "ada", DAY, Policy())
TOVE_BY_VISIT = ("tove", "ada", DAY, BY_VISIT)
NILS = ("nils", "ada", NIGHT, Policy())
LARS = ("lars", "cia", DAY, ON_ALARM)
VERA = ("vera", "ada", DAY, Policy())


@pytest.mark.threat(59)
@pytest.mark.parametrize(
    ("who", "change", "expected"),
    [
        (
            TOVE,
            lambda world: also(
                world,
                "withdrawals",
                Withdrawal("w", "tove", None, stretch(EARLY["start"], FOREVER)),
            ),
            WhyNot(Fact.WITHDRAWN, withdrawal_id="w"),
        ),
        (
            TOVE,
            lambda world: also(
                world,
                "withdrawals",
                Withdrawal("w", "tove", "ada", stretch(EARLY["start"], LATE["start"])),
            ),
            WhyNot(Fact.WITHDRAWN, at=LATE["start"], withdrawal_id="w"),
        ),
        (
            TOVE,
            breaks("employees", "tove", only_clients=frozenset({"bo"})),
            WhyNot(Fact.NOT_THEIR_CLIENT),
        ),
        (
            TOVE,
            breaks("choices", "ada-town", provider_id="blom"),
            WhyNot(Fact.OTHER_PROVIDER_CHOSEN, choice_id="ada-town", provider_id="blom"),
        ),
        (
            TOVE,
            breaks("choices", "ada-town", team_id="town-south"),
            WhyNot(Fact.OTHER_TEAM, choice_id="ada-town", team_id="town-south"),
        ),
        (
            TOVE,
            breaks("clients", "ada", area="south"),
            WhyNot(Fact.OTHER_AREA, choice_id="ada-town"),
        ),
        (
            NILS,
            breaks("teams", "night", area="south"),
            WhyNot(Fact.OTHER_AREA, team_id="night"),
        ),
        (TOVE, breaks("choices", "ada-town"), WhyNot(Fact.NO_CHOICE)),
        (
            TOVE,
            breaks("choices", "ada-town", dates=FUTURE),
            WhyNot(Fact.CHOICE_NOT_YET, at=MIDNIGHT_AFTER, choice_id="ada-town"),
        ),
        (
            TOVE,
            breaks("choices", "ada-town", dates=PAST),
            WhyNot(Fact.CHOICE_ENDED, at=MIDNIGHT_BEFORE, choice_id="ada-town"),
        ),
        (TOVE, breaks("decisions", "care-ada"), WhyNot(Fact.NO_DECISION)),
        (NILS, breaks("decisions", "care-ada"), WhyNot(Fact.NO_DECISION)),
        (VERA, breaks("decisions", "care-ada"), WhyNot(Fact.NO_DECISION)),
        (LARS, breaks("decisions", "alarm-cia"), WhyNot(Fact.NO_DECISION)),
        (
            TOVE,
            breaks("decisions", "care-ada", dates=FUTURE),
            WhyNot(Fact.DECISION_NOT_YET, at=MIDNIGHT_AFTER, decision_id="care-ada"),
        ),
        (
            NILS,
            breaks("decisions", "care-ada", dates=PAST),
            WhyNot(Fact.DECISION_ENDED, at=MIDNIGHT_BEFORE, decision_id="care-ada"),
        ),
        (LARS, breaks("alarms", "alarm-1"), WhyNot(Fact.NO_ALARM)),
        (
            LARS,
            breaks("alarms", "alarm-1", **EARLY),
            WhyNot(Fact.ALARM_ENDED, at=local("2026-11-23 06:00"), alarm_id="alarm-1"),
        ),
        (VERA, breaks("visits", "v-vera"), WhyNot(Fact.NO_VISIT)),
        (TOVE_BY_VISIT, breaks("visits", "v-tove"), WhyNot(Fact.NO_VISIT)),
        (
            VERA,
            breaks("visits", "v-vera", **EARLY),
            WhyNot(Fact.VISIT_NOT_NOW, at=EARLY["end"], visit_id="v-vera"),
        ),
        (
            TOVE_BY_VISIT,
            breaks("visits", "v-tove", **LATE),
            WhyNot(Fact.VISIT_NOT_NOW, at=local("2026-11-23 13:45"), visit_id="v-tove"),
        ),
        (
            VERA,
            lambda world: changed(
                changed(world, "shifts", "s-vera", start=local("2026-11-23 10:10")),
                "visits",
                "v-vera",
                end=local("2026-11-23 10:05"),
            ),
            WhyNot(Fact.VISIT_OUTSIDE_SHIFT, visit_id="v-vera"),
        ),
        (
            VERA,
            breaks("visits", "v-vera", services=frozenset({Service.MEALS})),
            WhyNot(Fact.VISIT_FOR_OTHER_SERVICE, visit_id="v-vera"),
        ),
        (
            TOVE_BY_VISIT,
            breaks("visits", "v-tove", services=frozenset({Service.HOUSEHOLD})),
            WhyNot(Fact.VISIT_FOR_OTHER_SERVICE, visit_id="v-tove"),
        ),
        (TOVE, breaks("shifts", "s-tove"), WhyNot(Fact.NO_SHIFT)),
        (
            VERA,
            breaks("shifts", "s-vera", **LATE),
            WhyNot(Fact.SHIFT_NOT_YET, at=local("2026-11-23 13:45"), shift_id="s-vera"),
        ),
        (
            LARS,
            breaks("shifts", "s-lars", **EARLY),
            WhyNot(Fact.SHIFT_ENDED, at=local("2026-11-23 06:00"), shift_id="s-lars"),
        ),
        (TOVE, breaks("employees", "tove", team_id=None), WhyNot(Fact.NO_TEAM)),
        (TOVE, breaks("employees", "tove", team_id="closed-down"), WhyNot(Fact.NO_TEAM)),
        (TOVE, breaks("employees", "tove", role=Role.OTHER), WhyNot(Fact.ROLE_OPENS_NOTHING)),
        (
            NILS,
            breaks("employees", "nils", employed=FUTURE),
            WhyNot(Fact.NOT_EMPLOYED_YET, at=MIDNIGHT_AFTER),
        ),
        (
            LARS,
            breaks("employees", "lars", employed=PAST),
            WhyNot(Fact.NO_LONGER_EMPLOYED, at=MIDNIGHT_BEFORE),
        ),
        (TOVE, breaks("employees", "tove", phone=PhoneStanding.NONE), WhyNot(Fact.NO_PHONE)),
        (
            TOVE,
            breaks("employees", "tove", phone=PhoneStanding.BLOCKED),
            WhyNot(Fact.PHONE_BLOCKED),
        ),
        (
            TOVE,
            lambda world: replace(world, mounted_locks=frozenset({"lock-bo"})),
            WhyNot(Fact.NO_LOCK),
        ),
        (TOVE, breaks("employees", "tove"), WhyNot(Fact.NO_SUCH_EMPLOYEE)),
        (TOVE, breaks("clients", "ada"), WhyNot(Fact.NO_SUCH_CLIENT)),
    ],
)
def test_the_door_opens_but_for_exactly_one_fact(
    full: World,
    at: At,
    *,
    who: tuple[str, str, str, Policy],
    change: Callable[[World], World],
    expected: WhyNot,
) -> None:
    employee, client, when, policy = who
    assert why_not(full, policy, employee, client, at(when)) == ()
    assert why_not(change(full), policy, employee, client, at(when)) == (expected,)


def facts(world: World, employee: str, client: str, moment: datetime) -> list[Fact]:
    return [row.fact for row in why_not(world, Policy(), employee, client, moment)]


@pytest.mark.sentence(3)
def test_day_and_night_are_whose_they_are(full: World, at: At) -> None:
    assert facts(full, "tove", "ada", at(NIGHT)) == [Fact.NIGHT_IS_THE_PATROLS]
    assert facts(full, "nils", "ada", at(DAY)) == [Fact.DAY_IS_NOT_THE_PATROLS]
    # A shift from seven gives the night patrol nothing before it, though it is night.
    seven = changed(full, "shifts", "s-nils", start=at("2026-11-23 07:00"))
    assert facts(seven, "nils", "ada", at("2026-11-23 06:50")) == [Fact.SHIFT_NOT_YET]


@pytest.mark.sentence(93)
def test_licensed_health_staff_lack_a_visit_and_an_assignment(full: World, at: At) -> None:
    now = at(DAY)
    assert not facts(full, "siri", "cia", now)
    assert facts(full, "siri", "ada", now) == [Fact.NO_VISIT, Fact.NO_ASSIGNMENT]
    assigned = also(full, "assignments", Assignment("as", "siri", "ada", ALWAYS))
    assert not facts(assigned, "siri", "ada", now)
    off = without(assigned, "shifts", "s-siri")
    assert facts(off, "siri", "ada", now) == [Fact.NO_VISIT, Fact.NO_SHIFT]
    for dates, fact in ((PAST, Fact.ASSIGNMENT_ENDED), (FUTURE, Fact.ASSIGNMENT_NOT_YET)):
        other = changed(assigned, "assignments", "as", dates=dates)
        assert facts(other, "siri", "ada", now) == [Fact.NO_VISIT, fact]


@pytest.mark.sentence(47)
def test_a_former_provider_is_told_who_has_the_client_and_when_it_ended(
    full: World, at: At
) -> None:
    world = also(
        changed(full, "choices", "ada-town", dates=PAST),
        "choices",
        ProviderChoice("ada-blom", "ada", Service.CARE, "blom", DateRange(date(2026, 11, 23))),
    )
    assert why_not(world, Policy(), "tove", "ada", at(DAY)) == (
        WhyNot(Fact.OTHER_PROVIDER_CHOSEN, choice_id="ada-blom", provider_id="blom"),
        WhyNot(Fact.CHOICE_ENDED, at=MIDNIGHT_BEFORE, choice_id="ada-town"),
    )


def test_facts_come_in_order_and_the_nearest_shift_is_told(full: World, at: At) -> None:
    world = changed(full, "shifts", "s-tove", **EARLY)
    world = also(
        world, "shifts", Shift("next", "tove", at("2026-11-24 07:00"), at("2026-11-24 08:00"))
    )
    world = changed(world, "employees", "tove", phone=PhoneStanding.BLOCKED)
    world = changed(world, "choices", "ada-town", provider_id="blom")
    found = why_not(world, Policy(), "tove", "ada", at(DAY))
    assert [row.as_data() for row in found] == [
        {"fact": "other_provider_chosen", "choice_id": "ada-town", "provider_id": "blom"},
        {"fact": "shift_ended", "at": "2026-11-23T05:00:00+00:00", "shift_id": "s-tove"},
        {"fact": "phone_blocked"},
    ]


def test_whoever_opens_for_one_partner_opens_for_the_other(full: World, at: At) -> None:
    world = also(full, "clients", Client("alf", "north", "lock-ada", "entrance"))
    assert facts(world, "tove", "alf", at(DAY)) == []
    assert facts(world, "bodil", "alf", at(DAY)) == [Fact.NO_CHOICE, Fact.NO_DECISION]
    waiting = changed(world, "employees", "tove", phone=PhoneStanding.NONE)
    assert facts(waiting, "tove", "alf", at(DAY)) == [Fact.NO_PHONE]


def test_a_team_for_the_whole_municipality_is_told_that_the_area_has_its_own(
    full: World, at: At
) -> None:
    world = also(full, "teams", CareTeam("town-all", TeamKind.HOME_CARE, "town"))
    world = changed(world, "employees", "sune", team_id="town-all")
    assert facts(world, "sune", "ada", at(DAY)) == [Fact.OTHER_AREA]


def test_a_decision_on_another_service_is_none_for_this_team(full: World, at: At) -> None:
    world = changed(full, "decisions", "care-ada", service=Service.HOUSEHOLD)
    assert facts(world, "tove", "ada", at(DAY)) == [Fact.NO_DECISION]
    other = CareDecision("lunch", "ada", Service.MEALS, ALWAYS)
    assert facts(also(full, "decisions", other), "tove", "ada", at(DAY)) == []


def test_a_moment_without_a_zone_is_refused(full: World) -> None:
    with pytest.raises(ValueError, match="moment has no time zone"):
        why_not(full, Policy(), "tove", "ada", datetime(2026, 11, 23, 10))  # noqa: DTZ001 - the naive time is the fault
