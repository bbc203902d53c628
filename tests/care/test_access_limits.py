"""What takes access away whatever gives it: withdrawals, blocked phones, a relative's own clients.

And what makes no difference: whether somebody's identity is protected.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from nyckelfri.care.access import derive
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import FOREVER, DateRange, stretch
from nyckelfri.care.world import (
    Assignment,
    CareDecision,
    Client,
    PhoneStanding,
    PlannedVisit,
    ProviderChoice,
    Role,
    Service,
    Shift,
    Withdrawal,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nyckelfri.care.grants import AccessGrant
    from nyckelfri.care.world import Employee

    At = Callable[[str], datetime]
    Shown = Callable[[list[AccessGrant]], list[str]]

ALWAYS = DateRange(date(2026, 1, 1))
POLICY = Policy()
MORNING = "2026-11-23 06:00"


def everybody_works(world: World, at: At) -> World:
    """Every employee on a day shift, with a visit to everybody and every client assigned."""
    staff = [row.id for row in world.employees]
    return replace(
        world,
        shifts=tuple(
            Shift(f"shift-{who}", who, at("2026-11-23 07:00"), at("2026-11-23 15:00"))
            for who in staff
        ),
        visits=tuple(
            PlannedVisit(
                f"visit-{who}-{client.id}",
                client.id,
                (who,),
                at("2026-11-23 09:00"),
                at("2026-11-23 10:00"),
                frozenset(Service),
            )
            for who in staff
            for client in world.clients
        ),
        assignments=tuple(
            Assignment(f"{who}-{client.id}", who, client.id, ALWAYS)
            for who in staff
            for client in world.clients
        ),
    )


def with_employee(world: World, employee_id: str, **changed: object) -> World:
    """The world with one employee's row changed."""

    def row(employee: Employee) -> Employee:
        return replace(employee, **changed) if employee.id == employee_id else employee  # type: ignore[arg-type]

    return replace(world, employees=tuple(row(employee) for employee in world.employees))


def withdrawn(
    world: World, at: At, who: str, client: str | None, start: str, end: str | None
) -> World:
    """The world with one withdrawal, on 2026-11-23 or until further notice."""
    window = stretch(at(f"2026-11-23 {start}"), at(f"2026-11-23 {end}") if end else FOREVER)
    return replace(world, withdrawals=(Withdrawal("w", who, client, window),))


def of(who: str, lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(who)]


@pytest.mark.parametrize(
    ("client", "start", "end", "expected"),
    [
        (
            "ada",
            "10:00",
            "11:00",
            [
                "tove lock-ada 23 07:00-23 10:00",
                "tove lock-ada 23 11:00-23 15:30",
                "tove lock-entrance 23 07:00-23 10:00",
                "tove lock-entrance 23 11:00-23 15:30",
            ],
        ),
        (
            None,
            "10:00",
            None,
            ["tove lock-ada 23 07:00-23 10:00", "tove lock-entrance 23 07:00-23 10:00"],
        ),
        (
            "ada",
            "06:00",
            "07:30",
            ["tove lock-ada 23 07:30-23 15:30", "tove lock-entrance 23 07:30-23 15:30"],
        ),
        ("ada", "06:00", None, []),
        (None, "06:00", "15:30", []),
        (
            "bo",
            "06:00",
            None,
            ["tove lock-ada 23 07:00-23 15:30", "tove lock-entrance 23 07:00-23 15:30"],
        ),
    ],
)
def test_a_withdrawal_cuts_exactly_its_time_out_of_the_shift(
    village: World,
    at: At,
    shown: Shown,
    *,
    client: str | None,
    start: str,
    end: str | None,
    expected: list[str],
) -> None:
    world = withdrawn(everybody_works(village, at), at, "tove", client, start, end)
    lines = shown(derive(world, POLICY, at(MORNING)))
    assert of("tove", lines) == expected
    without = shown(derive(everybody_works(village, at), POLICY, at(MORNING)))
    assert [line for line in lines if line not in of("tove", lines)] == [
        line for line in without if line not in of("tove", without)
    ]


def test_after_a_withdrawal_from_one_home_the_entrance_still_opens_for_the_neighbours(
    village: World, at: At, shown: Shown
) -> None:
    world = withdrawn(everybody_works(village, at), at, "vera", "ada", "06:00", None)
    assert of("vera", shown(derive(world, POLICY, at(MORNING)))) == [
        "vera lock-bo 23 07:00-23 15:30",
        "vera lock-entrance 23 07:00-23 15:30",
    ]


def test_a_withdrawal_from_one_partner_is_from_the_door_that_both_live_behind(
    village: World, at: At
) -> None:
    world = replace(
        village,
        clients=(*village.clients, Client("alf", "north", "lock-ada", "entrance")),
        decisions=(*village.decisions, CareDecision("care-alf", "alf", Service.CARE, ALWAYS)),
        choices=(*village.choices, ProviderChoice("alf-town", "alf", Service.CARE, "town", ALWAYS)),
    )
    world = withdrawn(everybody_works(world, at), at, "tove", "ada", "06:00", None)
    assert "tove" not in {each.employee_id for each in derive(world, POLICY, at(MORNING))}


@pytest.mark.parametrize("who", ["tove", "nils", "lars", "vera", "siri"])
@pytest.mark.parametrize("client", ["everything", "one"])
def test_a_withdrawal_holds_against_every_rule(
    village: World, at: At, who: str, client: str
) -> None:
    night = Shift("night", "nils", at("2026-11-23 21:30"), at("2026-11-24 07:15"))
    world = everybody_works(village, at)
    world = replace(world, shifts=(*world.shifts, night))
    before = {
        each.lock_id for each in derive(world, POLICY, at(MORNING)) if each.employee_id == who
    }
    assert before
    home = next(lock for lock in sorted(before) if lock != "lock-entrance")
    whose = {row.lock_id: row.id for row in village.clients}
    taken = whose[home] if client == "one" else None
    world = withdrawn(world, at, who, taken, "00:00", None)
    after = {each.lock_id for each in derive(world, POLICY, at(MORNING)) if each.employee_id == who}
    assert home not in after
    assert after <= before
    if client == "everything":
        assert not after


@pytest.mark.parametrize("now", ["2026-11-23 06:00", "2026-11-23 10:30", "2026-11-23 14:00"])
def test_what_a_withdrawal_leaves_is_the_same_whenever_it_is_derived(
    village: World, at: At, shown: Shown, now: str
) -> None:
    world = withdrawn(everybody_works(village, at), at, "tove", "ada", "10:00", "11:00")
    lines = of("tove lock-ada", shown(derive(world, POLICY, at(now))))
    assert lines[-1] == "tove lock-ada 23 11:00-23 15:30"


@pytest.mark.threat(59)
def test_whoever_has_only_blocked_phones_is_granted_nothing_and_everybody_else_keeps_theirs(
    village: World, at: At
) -> None:
    world = everybody_works(village, at)
    every = derive(world, POLICY, at(MORNING))
    for row in village.employees:
        blocked = with_employee(world, row.id, phone=PhoneStanding.BLOCKED)
        assert derive(blocked, POLICY, at(MORNING)) == [
            grant for grant in every if grant.employee_id != row.id
        ]


def test_whoever_has_no_phone_yet_is_due_the_same_doors_as_with_one(village: World, at: At) -> None:
    world = everybody_works(village, at)
    waiting = with_employee(world, "tove", phone=PhoneStanding.NONE)
    assert derive(waiting, POLICY, at(MORNING)) == derive(world, POLICY, at(MORNING))


@pytest.mark.threat(59)
@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("role", [Role.CARER, Role.SUBSTITUTE, Role.HEALTH])
def test_a_relative_employed_for_one_client_opens_no_other_clients_door_by_any_rule(
    village: World, at: At, scope: Scope, role: Role
) -> None:
    policy = Policy(scope=scope)
    world = replace(
        village,
        decisions=tuple(
            CareDecision(f"care-{row.id}", row.id, Service.CARE, ALWAYS) for row in village.clients
        ),
        choices=tuple(
            ProviderChoice(f"{row.id}-town", row.id, Service.CARE, "town", ALWAYS)
            for row in village.clients
        ),
    )
    world = everybody_works(with_employee(world, "tove", role=role), at)
    relative = with_employee(world, "tove", only_clients=frozenset({"ada"}))

    def doors(world: World) -> set[str]:
        grants = derive(world, policy, at(MORNING))
        return {grant.lock_id for grant in grants if grant.employee_id == "tove"}

    assert doors(world) == {"lock-ada", "lock-bo", "lock-cia", "lock-entrance"}
    assert doors(relative) == {"lock-ada", "lock-entrance"}
    assert not doors(with_employee(world, "tove", only_clients=frozenset()))


def test_a_relatives_own_client_opens_nothing_that_the_rules_do_not(village: World, at: At) -> None:
    world = with_employee(everybody_works(village, at), "tove", only_clients=frozenset({"bo"}))
    assert "tove" not in {grant.employee_id for grant in derive(world, POLICY, at(MORNING))}


def test_no_rule_can_read_whether_an_identity_is_protected() -> None:
    # Their doors follow the same rules, so that no absence in a list gives them away.
    assert {field.name for field in fields(Client)} == {"id", "area", "lock_id", "entrance_id"}


def test_a_withdrawal_that_ends_before_it_starts_or_has_no_zone_is_refused(at: At) -> None:
    start = at(MORNING)
    with pytest.raises(ValueError, match="withdrawal w must end after it starts"):
        Withdrawal("w", "tove", None, stretch(start, start))
    naive = stretch(start, start + timedelta(hours=1))._replace(start=start.replace(tzinfo=None))
    with pytest.raises(ValueError, match="start of withdrawal w has no time zone"):
        Withdrawal("w", "tove", None, naive)
