"""A day of visits: planned beside performed, what stands out, all that fit approved at once."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nyckelfri.care.performed import Flag, Grade, Outcome
from nyckelfri.server.access.models import NamedStaff
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.performed.texts import TEXTS
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import queries_review
from nyckelfri.server.visits.errors import Obstacle
from nyckelfri.server.visits.models import Correction, LooseSign, Month, Visit
from nyckelfri.server.visits.queries_review import OF, Standing
from performedworld import loose_sign_of, not_made, performed, planned, questions

PAGE = "/besok/"
DAY = f"{PAGE}?dag=2026-11-23"
ALL = f"{DAY}&visa=alla"
APPROVE = f"{PAGE}godkann/?dag=2026-11-23"
HOUR = timedelta(hours=1)
MONDAY = date(2026, 11, 23)


@pytest.fixture
def day(cast: Any, moment: datetime) -> dict[str, Visit]:
    """Monday: one that fits, one with two flags, one not made, and one of the company's."""
    noon = moment + 5 * HOUR
    return {
        "fits": performed(cast.visit),
        "short": performed(
            planned(cast.client, cast.alice, noon, services=["care", "household"]),
            length=5, flags=["too_short", "no_exit"], closed_by_rule=True,
        ),
        "not_made": not_made(planned(cast.client, cast.bob, noon + HOUR)),
        "company": performed(planned(cast.other_client, cast.charlie, noon)),
    }  # fmt: skip


def numbers(shown: str) -> list[int]:
    """Which visits a page lists, by their own links, in order."""
    found = [each.partition("/?")[0] for each in shown.split('href="/besok/')[1:]]
    return [int(each) for each in found if each.isdigit()]


@pytest.mark.sentence(68)
@pytest.mark.sentence(70)
@pytest.mark.sentence(21)
def test_day_shows_planned_beside_performed_what_was_done_and_what_proves_it(
    planner: Browser, day: dict[str, Visit], read: Any
) -> None:
    shown = read(planner, ALL)
    for words in (
        "07:30–08:00", "07:32–08:00", "28 av 30 min", "12:02–12:07", "5 av 30 min", "Alice",
        "B0001", "Omvårdnad, Service", "Dörr", "Stämmer", "Inte utfört", "Mycket kort",
        "Slut saknas",
    ):  # fmt: skip
        assert words in shown, words
    assert numbers(shown) == [day[name].pk for name in ("fits", "short", "company", "not_made")]
    assert " h 00 min" not in shown, "time is added up for a team only"
    shown = read(planner, f"{ALL}&grupp=G1")
    assert "planerade, 1 h 30 min" in shown
    assert "utförda, 33 min" in shown


@pytest.mark.threat(60)
def test_what_stands_out_is_what_somebody_is_asked_to_look_at(
    planner: Browser, day: dict[str, Visit], read: Any
) -> None:
    assert numbers(read(planner, DAY)) == [day["short"].pk, day["not_made"].pk]
    assert numbers(read(planner, f"{DAY}&visa=stammer")) == [day["fits"].pk, day["company"].pk]
    assert "Inga sådana besök" in read(planner, f"{DAY}&visa=vantar")
    shown = read(planner, DAY)
    assert "0 av 4 besök är granskade" in shown
    assert "Godkänn 2 som stämmer" in shown


@pytest.mark.threat(60)
def test_all_that_fit_are_approved_at_once_and_what_stands_out_is_not(
    planner: Browser, day: dict[str, Visit], read: Any
) -> None:
    assert "Godkänn 2 besök" in read(planner, APPROVE)
    assert not Visit.objects.exclude(approved_at=None).exists(), "asked, not done"
    answer = planner.post(APPROVE)
    assert answer.headers["Location"] == f"{DAY}&visa=se-over"
    shown = read(planner, DAY)
    assert "2 besök är godkända" in shown
    assert "2 av 4 besök är granskade" in shown
    approved = Visit.objects.exclude(approved_at=None).order_by("pk")
    assert list(approved) == [day["fits"], day["company"]]
    noted = AuditEvent.objects.get(verb=Verb.VISITS_APPROVE)
    assert (noted.object_id, noted.details) == ("visits:2026-11-23", {"count": 2})
    assert "Godkänn 2 som stämmer" not in shown
    assert "Inget mer att godkänna" in read(planner, APPROVE)


def test_one_team_s_day_is_approved_alone(
    planner: Browser, cast: Any, day: dict[str, Visit], read: Any
) -> None:
    assert "Godkänn 1 besök" in read(planner, f"{APPROVE}&grupp=G2")
    planner.post(f"{APPROVE}&grupp=G2")
    assert list(Visit.objects.exclude(approved_at=None)) == [day["company"]]
    assert planner.get(f"{APPROVE}&grupp=G9").status_code == 404


def test_no_day_is_approved_that_was_not_named(planner: Browser, day: dict[str, Visit]) -> None:
    answer = planner.post(f"{PAGE}godkann/")
    assert answer.headers["Location"].startswith(f"{PAGE}godkann/?dag=2026-11-22")
    assert planner.post(f"{PAGE}godkann/?dag=i-morgon").status_code == 404
    assert not Visit.objects.exclude(approved_at=None).exists()


@pytest.mark.threat(50)
def test_a_provider_s_planner_sees_and_approves_their_own_visits_only(
    cast: Any, day: dict[str, Visit], log_in: Any, read: Any
) -> None:
    own = log_in(Role.PLANNER, cast.other_team)
    assert numbers(read(own, ALL)) == [day["company"].pk]
    assert "0 av 1 besök är granskade" in read(own, DAY)
    assert own.get(f"{APPROVE}&grupp=G1").status_code == 404
    own.post(APPROVE)
    assert list(Visit.objects.exclude(approved_at=None)) == [day["company"]]


def test_whoever_may_only_look_is_shown_no_way_to_approve(
    day: dict[str, Visit], log_in: Any, read: Any
) -> None:
    auditor = log_in(Role.AUDITOR)
    assert "Godkänn" not in read(auditor, DAY).replace("Godkända", "")
    assert auditor.post(APPROVE).status_code == 403


@pytest.mark.threat(61)
def test_the_list_is_noted_in_the_log_and_a_protected_identity_by_itself(
    cast: Any, day: dict[str, Visit], planner: Browser, log_in: Any, read: Any, moment: datetime
) -> None:
    cast.client.protected_identity = True
    cast.client.save()
    shown = read(planner, ALL)
    assert "Skyddad identitet" in shown
    assert shown.count("Test Person") == 1, "the company's client"
    noted = AuditEvent.objects.get(verb=Verb.LIST_LOOK)
    assert (noted.object_id, noted.details["count"]) == ("list:visits", 4)
    assert not AuditEvent.objects.filter(verb=Verb.IDENTITY_LOOK).exists()
    named = log_in(name="Namngiven")
    NamedStaff.objects.create(
        employee=Employee.objects.get(name="Namngiven"), client=cast.client, reason="x",
        recorded_at=moment,
    )  # fmt: skip
    assert read(named, ALL).count("Test Person") == 4
    assert AuditEvent.objects.get(verb=Verb.IDENTITY_LOOK).object_id == "client:B0001"


def test_the_two_of_a_doubled_visit_stand_together(
    planner: Browser, cast: Any, day: dict[str, Visit], read: Any, moment: datetime
) -> None:
    start = moment + 5 * HOUR
    plan = planned(cast.client, cast.alice, start, second_employee=cast.bob)
    second = performed(plan, employee=cast.bob, late=20)
    first = performed(plan)
    shown = read(planner, ALL)
    order = numbers(shown)
    assert abs(order.index(first.pk) - order.index(second.pk)) == 1
    assert shown.count('class="twin"') == 1
    assert "med Alice" in shown
    assert "med Bob" in shown


def test_day_without_visits_says_so_and_one_that_is_not_put_together_yet(
    planner: Browser, cast: Any, day: dict[str, Visit], read: Any
) -> None:
    assert "inte sammanställda än" in read(planner, f"{PAGE}?dag=2026-11-21")
    assert "Inga besök den här dagen" in read(planner, f"{DAY}&grupp=G9")
    Visit.objects.update(flags=[])
    assert "Inget att titta på" in read(planner, DAY)
    assert "inte sammanställda än" in read(planner, PAGE), "yesterday, where no day is asked for"
    assert "Ange ett datum." in read(planner, f"{PAGE}?dag=i-morgon", 422)


def test_long_day_is_shown_in_parts_with_no_more_questions(
    planner: Browser, cast: Any, day: dict[str, Visit], read: Any, moment: datetime
) -> None:
    def asked() -> int:
        planner.get(ALL)
        with CaptureQueriesContext(connection) as found:
            planner.get(ALL)
        return questions(found)

    few = asked()
    for at in range(40):
        performed(planned(cast.client, cast.bob, moment + HOUR + at * timedelta(minutes=10)))
    assert asked() == few
    assert few <= 12
    first = read(planner, ALL)
    (following,) = [each.partition('"')[0] for each in first.split("efter=")[1:]]
    rest = read(planner, f"{ALL}&efter={following}")
    assert len(set(numbers(first) + numbers(rest))) == 44


def test_a_month_that_is_closed_is_shown_and_nothing_of_it_approved(
    planner: Browser, day: dict[str, Visit], read: Any, moment: datetime, cast: Any
) -> None:
    Month.objects.create(
        first="2026-11-01", lock_date="2026-12-05", closed_at=moment, closed_by=cast.bob
    )
    shown = read(planner, DAY)
    assert "Månaden är stängd" in shown
    assert "Godkänn 2 som stämmer" not in shown
    answer = planner.post(APPROVE, follow=True)
    assert "Månaden är stängd. Be ekonomen" in answer.content.decode()
    assert not Visit.objects.exclude(approved_at=None).exists()


# What belongs to no visit.


@pytest.mark.threat(59)
def test_signs_of_no_visit_are_shown_until_somebody_has_dealt_with_them(
    planner: Browser, cast: Any, read: Any, moment: datetime
) -> None:
    sign = loose_sign_of(cast.alice, moment)
    path = f"{PAGE}utan-besok/{sign.pk}/"
    assert path in read(planner, DAY)
    assert "Fel dörr" in read(planner, path)
    assert "Fyll i fältet." in read(planner, path, 422, reason=" ")
    assert planner.post(path, {"reason": "Gick fel i trapphuset"}).status_code == 302
    assert path not in read(planner, DAY)
    assert "Gick fel i trapphuset" in read(planner, ALL)
    noted = AuditEvent.objects.get(verb=Verb.SIGN_SETTLE)
    assert (noted.object_id, noted.reason) == (f"loose-sign:{sign.key}", "Gick fel i trapphuset")
    assert "Någon annan har redan gjort det" in read(planner, path, 422, reason="Igen")


@pytest.mark.threat(50)
def test_another_provider_s_signs_do_not_exist(
    cast: Any, log_in: Any, read: Any, moment: datetime
) -> None:
    sign = loose_sign_of(cast.alice, moment)
    theirs = LooseSign.objects.create(
        key="x", day=MONDAY, flag="unplanned", client=cast.other_client, at=moment
    )
    own = log_in(Role.PLANNER, cast.other_team)
    shown = read(own, ALL)
    assert f"utan-besok/{sign.pk}/" not in shown
    assert f"utan-besok/{theirs.pk}/" in shown, "nobody's, at their own client's"
    assert own.post(f"{PAGE}utan-besok/{sign.pk}/", {"reason": "x"}).status_code == 404


# Words and standings.


def test_everything_that_can_be_stored_has_words() -> None:
    wanted = [f"{kind}_{flag.value}" for flag in Flag for kind in ("flag", "why", "do")]
    wanted += [f"outcome_{each.value}" for each in Outcome]
    wanted += [f"grade_{each.value}" for each in Grade]
    wanted += [f"standing_{each}" for each in Standing]
    wanted += [f"obstacle_{each}" for each in Obstacle]
    assert [key for key in wanted if key not in TEXTS] == []


def test_each_visit_has_one_standing_whatever_has_become_of_it(cast: Any, moment: datetime) -> None:
    said = itertools.product(
        (None, moment), ("performed", "waiting"), ([], ["no_exit"]),
        (None, {"outcome": "declined"}, {"outcome": "declined", "kept": True}), (False, True),
    )  # fmt: skip
    for at, (approved, outcome, flags, newer, corrected) in enumerate(said):
        visit = performed(
            planned(cast.client, cast.alice, moment + at * HOUR), day=MONDAY, outcome=outcome,
            flags=flags, newer=newer, approved_at=approved,
            approved_by=cast.bob if approved else None,
        )  # fmt: skip
        if corrected:
            visit.correction = Correction.objects.create(
                visit=visit, outcome="declined", reason="x", corrected_at=moment,
                corrected_by=cast.bob,
            )  # fmt: skip
            visit.save()
    for row in queries_review.standing(Visit.objects.all()):
        of = [each for each in Standing if Visit.objects.filter(OF[each], pk=row.pk).exists()]
        assert of == [row.standing], row.__dict__
    totals, counts = (
        queries_review.totals(Visit.objects.all(), with_time=False),
        queries_review.by_day(Visit.objects.all()),
    )
    assert totals.all == 48
    assert totals.look + totals.waiting + totals.fits + totals.approved == 48
    assert counts[MONDAY].approved == totals.approved == 16
    assert (counts[MONDAY].look, counts[MONDAY].undecided) == (totals.look, 32)
