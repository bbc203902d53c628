"""Visits follow from what locks, labels and people tell, and stand once they are approved."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from evidenceworld import DAY, LATER, Evidence, at, clerk, derive, only, plan
from nyckelfri.care.performed import Outcome
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.homes.models import ClientAbsence, PlannedVisit
from nyckelfri.server.jobs import rounds
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits import actions_derive, actions_review, evidence
from nyckelfri.server.visits.actions_review import Corrected, version
from nyckelfri.server.visits.models import (
    DoorEvent,
    PhoneEntry,
    TouchedDay,
    Visit,
    VisitDay,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(cast: Any) -> Evidence:
    PlannedVisit.objects.all().delete()
    return Evidence(cast.client, cast.front_door, cast.label)


@pytest.fixture
def planner() -> Viewer:
    return clerk(Role.PLANNER)


def _all() -> list[dict[str, Any]]:
    rows: Any = Visit.objects.order_by("key").values()
    return list(rows)


@pytest.mark.sentence(20)
@pytest.mark.sentence(21)
@pytest.mark.sentence(70)
def test_a_planned_visit_is_what_door_and_label_tell(cast: Any, home: Evidence) -> None:
    planned = plan(cast.client, cast.alice, "07:00", "07:30", services=("care", "household"))
    home.door(cast.alice, "07:02")
    home.tap(cast.alice, "07:03")
    home.tap(cast.alice, "07:29")
    home.door(cast.alice, "07:31", lock=True)
    derive()
    visit = only()
    assert (visit.planned, visit.employee, visit.client) == (planned, cast.alice, cast.client)
    assert (visit.outcome, visit.grade, visit.flags) == ("performed", "door_and_label", [])
    assert visit.entry is not None
    assert at("07:02") <= visit.entry <= at("07:03")
    assert visit.exit is not None
    assert at("07:29") <= visit.exit <= at("07:31")
    assert visit.services == ["care", "household"]
    assert (visit.provider, visit.care_team) == (cast.municipality, cast.team)
    signs = evidence.signs(visit.signs)
    assert [sign.what for sign in signs] == ["u", "t", "t", "l"]
    rows = evidence.rows(sign.ref for sign in signs)
    assert {type(row) for row in rows.values()} == {DoorEvent, PhoneEntry}


@pytest.mark.sentence(68)
def test_services_ticked_on_the_phone_are_what_was_done(cast: Any, home: Evidence) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30", services=("care", "household"))
    home.stay(cast.alice, "07:00", "07:30")
    home.entry(
        cast.alice,
        PhoneEntry.Kind.VISIT_END,
        "07:30",
        detail={"how": "door", "services": ["household"]},
    )
    derive()
    assert only().services == ["household"]


def test_to_derive_again_changes_nothing(cast: Any, home: Evidence) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    plan(cast.client, cast.alice, "16:00", "16:30")
    home.stay(cast.alice, "07:02", "07:31")
    assert derive().made == 2
    before = _all()
    found = derive()
    assert (found.made, found.changed, found.gone, found.contested) == (0, 0, 0, 0)
    assert _all() == before


@pytest.mark.threat(55)
def test_the_order_in_which_evidence_comes_does_not_matter(cast: Any, home: Evidence) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    told: tuple[Callable[[], object], ...] = (
        lambda: home.door(cast.alice, "07:02"),
        lambda: home.tap(cast.alice, "07:03"),
        lambda: home.door(cast.alice, "07:31", lock=True),
    )
    seen = set()
    for order in itertools.permutations(told):
        for tell in order:
            tell()
            derive()
        visit = only()
        seen.add((visit.entry, visit.exit, visit.grade, tuple(visit.flags)))
        DoorEvent.objects.all().delete()
        PhoneEntry.objects.all().delete()
        derive()
    assert len(seen) == 1


def test_a_phone_that_syncs_on_thursday_touches_its_own_day_only(cast: Any, home: Evidence) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    derive()
    assert only().outcome == "not_made"
    home.stay(cast.alice, "07:02", "07:31")
    touched = set(TouchedDay.objects.values_list("day", flat=True))
    assert touched == {DAY - timedelta(days=1), DAY}
    DoorEvent.objects.update(received_at=at("07:00") + timedelta(days=3, hours=6))
    actions_derive.derive_waiting(LATER)
    assert only().outcome == "performed"
    assert "late_sync" in only().flags
    assert not TouchedDay.objects.exists()


@pytest.mark.usefixtures("home")
def test_who_waits_is_concluded_however_long_nothing_has_come_round(cast: Any) -> None:
    plan(cast.client, cast.alice, "19:30", "20:00")
    actions_derive.derive_waiting(at("18:00"))
    assert only().outcome == "waiting"
    actions_derive.derive_waiting(at("18:00") + timedelta(days=9))
    assert only().outcome == "not_made"
    derived = VisitDay.objects.get(day=DAY).derived_at
    actions_derive.derive_waiting(at("18:00") + timedelta(days=10))
    assert VisitDay.objects.get(day=DAY).derived_at == derived


def test_what_is_approved_stands_and_newer_evidence_waits_beside_it(
    cast: Any, home: Evidence, planner: Viewer
) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    home.stay(cast.alice, "07:02", "07:31")
    derive()
    assert actions_review.approve_fitting(planner, DAY, now=LATER) == 1
    stood = only()
    home.door(cast.alice, "07:40")
    home.door(cast.alice, "07:50", lock=True)
    DoorEvent.objects.filter(at=at("07:31")).delete()
    assert derive().contested == 1
    visit = only()
    assert (visit.entry, visit.exit) == (stood.entry, stood.exit)
    assert visit.newer is not None
    assert derive().contested == 0
    actions_review.keep(planner, visit, reason="Har frågat Alice", seen=version(visit), now=LATER)
    derive()
    visit = only()
    assert visit.newer is not None
    assert visit.newer["kept"]
    actions_review.take_newer(
        planner, visit, reason="Hon gick tillbaka", seen=version(visit), now=LATER
    )
    visit = only()
    assert (visit.approved_at, visit.newer) == (None, None)
    assert visit.exit != stood.exit
    assert derive().changed == 0


def test_a_correction_stands_beside_what_the_evidence_says(
    cast: Any, home: Evidence, planner: Viewer
) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    home.stay(cast.alice, "07:02", "07:05")
    derive()
    visit = only()
    assert visit.flags == ["too_short"]
    said = Corrected(Outcome.PERFORMED, at("07:02"), at("07:32"), ("care",))
    actions_review.correct(
        planner, visit, said, reason="Dörren låstes av kunden", seen=version(visit), now=LATER
    )
    visit = only()
    assert (visit.exit, visit.counted.exit) == (at("07:05"), at("07:32"))
    actions_review.undo(planner, visit, reason="Fel besök", seen=version(visit), now=LATER)
    visit = only()
    assert visit.counted is visit
    assert visit.corrections.get().undone_why == "Fel besök"


def test_a_client_who_is_away_has_no_visit_to_pay_for(cast: Any, home: Evidence) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    ClientAbsence.objects.create(client=cast.client, valid_from=DAY, why="hospital")
    derive()
    assert (only().outcome, only().flags) == ("away", [])


def test_until_the_journals_are_home_a_planned_visit_is_waited_for(
    cast: Any, home: Evidence
) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    derive(now=at("08:00"))
    assert only().outcome == "waiting"


@pytest.mark.threat(60)
def test_a_label_read_where_no_door_knows_of_anybody_is_asked_about(
    cast: Any, home: Evidence
) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    home.tap(cast.alice, "07:01")
    home.tap(cast.alice, "07:29")
    home.stay(cast.bob, "16:00", "16:20")
    derive()
    visit = Visit.objects.get(employee=cast.alice)
    assert (visit.grade, visit.flags) == ("label", ["no_door"])


def test_the_round_derives_what_is_waiting(cast: Any, home: Evidence) -> None:
    plan(cast.client, cast.alice, "07:00", "07:30")
    home.stay(cast.alice, "07:02", "07:31")
    (each,) = [one for one in rounds.ROUNDS if one.name == "visits"]
    assert rounds.run(each, LATER)
    assert only().outcome == "performed"
    assert VisitDay.objects.get(day=DAY).derived_at == LATER


def test_a_substitute_s_visit_is_that_of_whom_the_client_has_chosen(
    cast: Any, home: Evidence
) -> None:
    substitute = clerk(Role.PLANNER, number="V1").employee
    substitute.role = Role.SUBSTITUTE
    substitute.save()
    plan(cast.client, substitute, "07:00", "07:30")
    home.stay(substitute, "07:02", "07:31")
    derive()
    assert only().provider == cast.municipality


def test_a_plan_that_was_moved_takes_its_visit_along(cast: Any, home: Evidence) -> None:
    planned = plan(cast.client, cast.alice, "07:00", "07:30")
    home.stay(cast.alice, "07:02", "07:31")
    derive()
    key = only().key
    PlannedVisit.objects.filter(pk=planned.pk).update(
        start=planned.start + timedelta(days=1), end=planned.end + timedelta(days=1)
    )
    derive(DAY + timedelta(days=1))
    assert [(row.key, row.day, row.outcome) for row in Visit.objects.all()] == [
        (key, DAY + timedelta(days=1), "not_made")
    ]
    derive()
    assert Visit.objects.count() == 2
    assert Visit.objects.exclude(key=key).get().flags == ["unplanned"]


@pytest.mark.threat(60)
def test_the_same_deviation_at_a_home_for_the_third_time_is_a_pattern(
    cast: Any, home: Evidence
) -> None:
    days = [DAY + timedelta(days=number) for number in (0, 3, 6, 40)]
    for day in days:
        plan(cast.client, cast.alice, "07:00", "07:30", day=day)
        home.door(cast.alice, "07:02", day=day)
        home.door(cast.alice, "07:05", lock=True, day=day)
    now = LATER + timedelta(days=60)
    for order in (days, reversed(days), days):
        found = actions_derive.derive_days(order, now=now)
    assert (found.made, found.changed, found.contested) == (0, 0, 0)
    flags = Visit.objects.order_by("day").values_list("flags", flat=True)
    assert list(flags) == [
        ["too_short"], ["too_short"], ["too_short", "pattern"], ["too_short"]
    ]  # fmt: skip
