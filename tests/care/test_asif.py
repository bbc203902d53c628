"""What would change if the plans did: exactly who gains and who loses which door, and when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from careworld import NOW, policies, worlds
from nyckelfri.care.access import derive
from nyckelfri.care.asif import (
    Changes,
    Held,
    compare,
    compare_entitled,
    with_choice,
    with_decision_ended,
    with_employment_ended,
    with_shift,
    with_visit,
    with_visits_taken_over,
    without_employee,
)
from nyckelfri.care.explain import entitled
from nyckelfri.care.grants import AccessGrant, Reason, Rule
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import DateRange, Window, stretch
from nyckelfri.care.world import (
    PlannedVisit,
    ProviderChoice,
    Service,
    Shift,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    At = Callable[[str], datetime]

ALWAYS = DateRange(date(2026, 1, 1))
CARE = frozenset({Service.CARE})
POLICY = Policy()


@pytest.fixture
def rota(village: World, at: At) -> World:
    """Homes only; Tove with four visits, Bodil and the night patrol at work, on 23 and 24 November.

    Three of the visits are to Ada and her neighbour Ann, the last to Al.
    """
    ada, bo, cia = village.clients
    homes = tuple(replace(ada, id=name, lock_id=f"lock-{name}") for name in ("ada", "al", "ann"))
    decision, *rest = village.decisions
    choice, bos = village.choices
    return replace(
        village,
        entrances=(),
        mounted_locks=village.mounted_locks | {"lock-al", "lock-ann"},
        clients=(*homes, bo, cia),
        decisions=(
            *(replace(decision, id=f"care-{row.id}", client_id=row.id) for row in homes),
            *rest,
        ),
        choices=(
            *(replace(choice, id=f"{row.id}-town", client_id=row.id) for row in homes),
            bos,
        ),
        shifts=(
            *(
                Shift(
                    f"{who}-{day}",
                    who,
                    at(f"2026-11-{day} 07:00"),
                    at(f"2026-11-{day} 15:00"),
                )
                for who in ("tove", "bodil")
                for day in (23, 24)
            ),
            Shift("nils", "nils", at("2026-11-23 21:30"), at("2026-11-24 07:00")),
        ),
        visits=tuple(
            PlannedVisit(
                f"visit-{number}",
                client,
                ("tove",),
                at(f"2026-11-23 {hour}:00"),
                at(f"2026-11-23 {hour}:30"),
                CARE,
            )
            for number, (client, hour) in enumerate(
                [("ada", "08"), ("ann", "09"), ("ada", "12"), ("al", "13")]
            )
        ),
    )


def told(at: At, rows: Iterable[Held]) -> list[str]:
    """Changes as lines `employee lock from-till`, in Swedish local time."""
    zone = at("2026-11-23 00:00").tzinfo
    return [
        f"{row.employee_id} {row.lock_id} "
        f"{row.window.start.astimezone(zone):%d %H:%M}-{row.window.end.astimezone(zone):%d %H:%M}"
        for row in rows
    ]


def changes(
    at: At, before: World, after: World, policy: Policy = POLICY, new: Policy | None = None
) -> tuple[list[str], list[str]]:
    now = at("2026-11-23 05:00")
    found = compare(derive(before, policy, now), derive(after, new or policy, now))
    return told(at, found.gained), told(at, found.lost)


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_another_provider_from_tomorrow_moves_exactly_that_home_to_their_team(
    rota: World, at: At
) -> None:
    choice = ProviderChoice("new", "ada", Service.CARE, "blom", DateRange(date(2026, 11, 24)))
    after = with_choice(rota, choice)
    assert changes(at, rota, after) == (
        ["bodil lock-ada 24 07:00-24 15:30"],
        ["tove lock-ada 24 07:00-24 15:30"],
    )
    days = [row.dates for row in after.choices if row.client_id == "ada"]
    assert days == [
        DateRange(date(2026, 1, 1), date(2026, 11, 23)),
        DateRange(date(2026, 11, 24)),
    ]


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_a_change_weeks_ahead_moves_the_entitlement_before_there_is_any_rota(rota: World) -> None:
    day = date(2027, 1, 1)
    after = with_choice(rota, ProviderChoice("new", "ada", Service.CARE, "blom", DateRange(day)))

    def entitlements(day: date) -> tuple[list[str], list[str]]:
        found = compare_entitled(
            entitled(rota, POLICY, "ada", day), entitled(after, POLICY, "ada", day)
        )
        return [row.employee_id for row in found.gained], [row.employee_id for row in found.lost]

    assert entitlements(day) == (["bodil"], ["tove"])
    assert entitlements(day - timedelta(days=1)) == ([], [])


def test_of_two_changes_to_one_day_the_later_made_holds(rota: World, at: At) -> None:
    day = DateRange(date(2026, 11, 24))
    first = with_choice(rota, ProviderChoice("new-1", "ada", Service.CARE, "blom", day))
    again = with_choice(first, ProviderChoice("new-2", "ada", Service.CARE, "town", day))
    assert changes(at, rota, again) == ([], [])
    assert [row.id for row in again.choices if row.client_id == "ada"] == ["ada-town", "new-2"]


def test_a_choice_leaves_other_services_and_what_had_ended_before_alone(rota: World) -> None:
    old = ProviderChoice(
        "old", "ada", Service.CARE, "blom", DateRange(date(2025, 1, 1), date(2025, 12, 31))
    )
    service = ProviderChoice("service", "ada", Service.HOUSEHOLD, "blom", ALWAYS)
    world = replace(rota, choices=(old, service))
    new = ProviderChoice("new", "ada", Service.CARE, "town", DateRange(date(2026, 11, 24)))
    assert with_choice(world, new).choices == (old, service, new)


@pytest.mark.sentence(14)
@pytest.mark.parametrize("policy", [Policy(), Policy(scope=Scope.VISITS)])
def test_a_substitute_who_takes_over_half_the_visits_gets_these_doors_and_the_sick_one_none(
    rota: World, at: At, policy: Policy
) -> None:
    day = stretch(at("2026-11-23 00:00"), at("2026-11-24 00:00"))
    after = with_visits_taken_over(rota, {"visit-0", "visit-1"}, "tove", "vera")
    after = without_employee(after, "tove", day)
    after = with_shift(
        after, Shift("vera", "vera", at("2026-11-23 07:00"), at("2026-11-23 12:00"), ad_hoc=True)
    )
    gained, lost = changes(at, rota, after, policy)
    if policy.scope is Scope.VISITS:
        assert gained == ["vera lock-ada 23 07:45-23 09:00", "vera lock-ann 23 08:45-23 10:00"]
        assert lost == [
            "tove lock-ada 23 07:45-23 09:00",
            "tove lock-ada 23 11:45-23 13:00",
            "tove lock-al 23 12:45-23 14:00",
            "tove lock-ann 23 08:45-23 10:00",
        ]
    else:
        assert gained == ["vera lock-ada 23 07:00-23 12:30", "vera lock-ann 23 07:00-23 12:30"]
        assert lost == [f"tove lock-{home} 23 07:00-23 15:30" for home in ("ada", "al", "ann")]


def test_somebody_who_goes_home_sick_at_ten_loses_what_is_left_of_the_day(
    rota: World, at: At
) -> None:
    rest = stretch(at("2026-11-23 10:00"), at("2026-11-24 00:00"))
    after = without_employee(rota, "tove", rest)
    # The margin after a shift is theirs whenever it ends.
    assert changes(at, rota, after) == (
        [],
        [f"tove lock-{home} 23 10:30-23 15:30" for home in ("ada", "al", "ann")],
    )
    assert [row.employee_ids for row in after.visits] == [("tove",), ("tove",), (), ()]


def test_two_hours_away_cut_a_shift_in_two(rota: World, at: At) -> None:
    away = stretch(at("2026-11-23 10:00"), at("2026-11-23 12:00"))
    after = without_employee(rota, "tove", away)
    own = [row for row in after.shifts if row.employee_id == "tove"]
    assert [row.id for row in own] == ["tove-23", "tove-23/2", "tove-24"]
    _, lost = changes(at, rota, after)
    assert lost == [f"tove lock-{home} 23 10:30-23 11:45" for home in ("ada", "al", "ann")]


def test_a_licensed_nurse_away_loses_the_visits_that_need_no_shift(rota: World, at: At) -> None:
    hours = at("2026-11-23 10:00"), at("2026-11-23 10:30")
    world = with_visit(rota, PlannedVisit("h", "cia", ("siri", "pia"), *hours))
    day = stretch(at("2026-11-23 00:00"), at("2026-11-24 00:00"))
    after = without_employee(world, "siri", day)
    assert changes(at, world, after) == ([], ["siri lock-cia 23 09:30-23 11:30"])
    assert after.visits[-1].employee_ids == ("pia",)


def test_a_decision_and_an_employment_that_end_close_at_midnight(rota: World, at: At) -> None:
    ended = with_decision_ended(rota, "care-ada", date(2026, 11, 23))
    assert changes(at, rota, ended) == (
        [],
        ["nils lock-ada 24 00:00-24 07:00", "tove lock-ada 24 07:00-24 15:30"],
    )
    left = with_employment_ended(rota, "nils", date(2026, 11, 23))
    _, lost = changes(at, rota, left)
    assert lost == [f"nils lock-{home} 24 00:00-24 07:00" for home in ("ada", "al", "ann", "bo")]


def test_an_end_before_the_beginning_leaves_nothing_and_a_later_end_changes_nothing(
    rota: World,
) -> None:
    assert "care-ada" not in {
        row.id for row in with_decision_ended(rota, "care-ada", date(2025, 12, 31)).decisions
    }
    assert "nils" not in {
        row.id for row in with_employment_ended(rota, "nils", date(2025, 12, 31)).employees
    }
    ended = with_decision_ended(rota, "care-ada", date(2026, 11, 23))
    assert with_decision_ended(ended, "care-ada", date(2026, 12, 24)) == ended


def test_a_stricter_policy_shows_what_everybody_would_lose(rota: World, at: At) -> None:
    gained, lost = changes(at, rota, rota, new=Policy(scope=Scope.VISITS))
    assert not gained
    assert lost[:3] == [
        "bodil lock-bo 23 07:00-23 15:30",
        "bodil lock-bo 24 07:00-24 15:30",
        "tove lock-ada 23 07:00-23 07:45",
    ]
    back, none = changes(at, rota, rota, policy=Policy(scope=Scope.VISITS), new=POLICY)
    assert (back, none) == (lost, [])


def test_a_shift_or_visit_with_a_known_id_takes_the_place_of_the_former(
    rota: World, at: At
) -> None:
    moved = Shift("tove-23", "tove", at("2026-11-23 12:00"), at("2026-11-23 15:00"))
    after = with_shift(rota, moved)
    assert len(after.shifts) == len(rota.shifts)
    _, lost = changes(at, rota, after)
    assert lost == [f"tove lock-{home} 23 07:00-23 11:45" for home in ("ada", "al", "ann")]
    visit = replace(rota.visits[0], client_id="bo")
    assert [row.client_id for row in with_visit(rota, visit).visits] == ["ann", "ada", "al", "bo"]


def test_what_nobody_knows_is_refused_by_name(rota: World, at: At) -> None:
    day = stretch(at("2026-11-23 00:00"), at("2026-11-24 00:00"))
    with pytest.raises(LookupError, match="no decision gone"):
        with_decision_ended(rota, "gone", date(2026, 11, 23))
    with pytest.raises(LookupError, match="no employee gone"):
        with_employment_ended(rota, "gone", date(2026, 11, 23))
    with pytest.raises(LookupError, match="no employee gone"):
        without_employee(rota, "gone", day)
    with pytest.raises(LookupError, match="no employee gone"):
        with_visits_taken_over(rota, {"visit-0"}, "tove", "gone")
    with pytest.raises(LookupError, match="no visit of bodil visit-0"):
        with_visits_taken_over(rota, {"visit-0"}, "bodil", "vera")


def test_where_grants_are_cut_makes_no_difference_and_reasons_are_kept(at: At) -> None:
    six, ten, noon = (at(f"2026-11-23 {hour}:00") for hour in ("06", "10", "12"))
    why, other = (Reason(Rule.CHOSEN_TEAM, shift_id=shift) for shift in ("a", "b"))
    whole = [AccessGrant("e", "l", six, noon, (why,))]
    cut = [AccessGrant("e", "l", ten, noon, (other,)), AccessGrant("e", "l", six, ten, (why,))]
    assert compare(whole, cut) == Changes((), ())
    assert compare([], cut) == Changes((Held("e", "l", Window(six, noon), (why, other)),), ())
    assert compare(whole, cut[:1]) == Changes((), (Held("e", "l", Window(six, ten), (why,)),))


@given(worlds(), worlds(), policies)
def test_what_is_gained_and_lost_is_the_whole_difference(
    before: World, after: World, policy: Policy
) -> None:
    old, new = derive(before, policy, NOW), derive(after, policy, NOW)
    found = compare(old, new)

    def minutes(
        rows: Iterable[tuple[str, str, datetime, datetime]],
    ) -> dict[tuple[str, str], set[int]]:
        held: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for who, lock, start, end in rows:
            first, last = ((moment - NOW) // timedelta(minutes=15) for moment in (start, end))
            held[who, lock] |= set(range(first, last))
        return {key: value for key, value in held.items() if value}

    def difference(
        one: list[AccessGrant], other: list[AccessGrant]
    ) -> dict[tuple[str, str], set[int]]:
        these, those = (minutes(grant[:4] for grant in grants) for grants in (one, other))
        left = {key: value - those.get(key, set()) for key, value in these.items()}
        return {key: value for key, value in left.items() if value}

    assert minutes(
        (row.employee_id, row.lock_id, *row.window) for row in found.gained
    ) == difference(new, old)
    assert minutes((row.employee_id, row.lock_id, *row.window) for row in found.lost) == difference(
        old, new
    )
