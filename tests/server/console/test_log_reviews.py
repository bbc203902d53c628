"""Log review on pages: what waits, what the plan said, the verdict, and drawing anew."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from auditworld import settle
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit import queries
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client, PlannedVisit
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import actions_reviews
from nyckelfri.server.visits.models import DoorEvent, Draw, Review

WAITING, CLOSED, DRAWS, NEW = (
    "/granskning/", "/granskning/klara/", "/granskning/urval/", "/granskning/urval/nytt/",
)  # fmt: skip
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path / "data"


@pytest.fixture
def auditor(cast: Any, log_in: Any, moment: datetime, set_clock: Any) -> Browser:
    set_clock(moment + DAY)
    browser: Browser = log_in(Role.AUDITOR, name="Granskare")
    return browser


@pytest.fixture
def drawn(visited: None, auditor: Browser, moment: datetime) -> Draw:
    """All openings of the morning, and all of them were drawn."""
    return drawn_of(Draw.Kind.OPENINGS, moment)


def drawn_of(kind: Draw.Kind, moment: datetime) -> Draw:
    return actions_reviews.draw(
        kind, moment, moment + DAY, share=Fraction(1), by=None, now=moment + DAY
    )


def of_home(draw: Draw) -> Review:
    review: Review = draw.reviews.get(door_event__installation__lock_unit__external_id="LB0001")
    return review


def test_empty_page_says_why_this_is_done(auditor: Browser, read: Any) -> None:
    assert "HSLF-FS 2016:40" in read(auditor, WAITING)
    assert "Inget är granskat än" in read(auditor, CLOSED)
    assert "onsdag" in read(auditor, DRAWS)


def test_waiting_opening_says_who_which_door_when_and_why_it_was_drawn(
    auditor: Browser, drawn: Draw, read: Any
) -> None:
    shown = read(auditor, WAITING)
    for words in ("Alice", "10001", "Kyrkogatan 1 1101", "Slumpvis", "Öppning"):
        assert words in shown
    settle()
    (row,) = queries.of_kind(Verb.LIST_LOOK)
    assert row.object_id == "list:log_reviews"


@pytest.mark.threat(59)
def test_review_shows_what_the_plan_said_and_why_the_key_opened(
    auditor: Browser, drawn: Draw, read: Any, cast: Any
) -> None:
    shown = read(auditor, f"/granskning/{of_home(drawn).pk}/")
    assert "Kundens valda grupp" in shown
    assert "grupp G1" in shown
    assert "40 min" in shown
    assert shown.count("B0001") >= 2, "the visit's client, and the door's"
    plan = shown.partition("Arbetspass")[2]
    assert re.search(r"2026-11-23 <b>07:00</b></time> – <time[^>]*>2026-11-23 <b>15:00", plan)
    assert re.search(r"<b>07:30</b></time> – <time[^>]*>2026-11-23 <b>08:00", plan)
    settle()
    seen = {row.object_id for row in queries.rows() if row.verb.endswith(":look")}
    assert {"client:B0001", "employee:10001"} <= seen


@pytest.mark.threat(59)
def test_opening_without_shift_or_visit_says_so(
    auditor: Browser, visited: None, cast: Any, moment: datetime, read: Any
) -> None:
    PlannedVisit.objects.all().delete()
    cast.alice.shifts.all().update(start=moment + 20 * DAY, end=moment + 21 * DAY)
    draw = drawn_of(Draw.Kind.OUTSIDE, moment)
    shown = read(auditor, f"/granskning/{of_home(draw).pk}/")
    for words in ("Utanför arbetspasset", "Inget arbetspass", "Inget planerat besök"):
        assert words in shown


def test_visit_added_by_hand_is_shown_with_its_reason(
    auditor: Browser, drawn: Draw, read: Any
) -> None:
    PlannedVisit.objects.update(ad_hoc=True, reason="Ramlat")
    assert "tillagt för hand: Ramlat" in read(auditor, f"/granskning/{of_home(drawn).pk}/")


def test_verdict_is_saved_and_the_next_one_comes(auditor: Browser, drawn: Draw, read: Any) -> None:
    first, second, *_ = drawn.reviews.order_by("pk")
    answer = auditor.post(f"/granskning/{first.pk}/", {"verdict": "in_order", "note": ""})
    assert (answer.status_code, answer["Location"]) == (302, f"/granskning/{second.pk}/")
    assert f"Granskning {first.pk} är sparad" in read(auditor, answer["Location"])
    answer = auditor.post(
        f"/granskning/{second.pk}/", {"verdict": "deviation", "note": "Inget besök planerat"}
    )
    assert answer["Location"] == WAITING
    shown = read(auditor, CLOSED)
    assert "Avvikelse" in shown
    assert "Inget besök planerat" in shown
    assert "Granskare" in shown
    assert "I sin ordning" in read(auditor, f"/granskning/{first.pk}/")


def test_deviation_without_a_note_is_asked_for_one_and_keeps_what_was_chosen(
    auditor: Browser, drawn: Draw, read: Any
) -> None:
    path = f"/granskning/{of_home(drawn).pk}/"
    shown = read(auditor, path, 422, verdict="deviation", note="  ")
    assert "Skriv vad avvikelsen består i." in shown
    assert 'role="alert"' in shown
    assert re.search(r'value="deviation"[^>]* checked', shown)
    assert "Välj en bedömning" in read(auditor, path, 422, verdict="", note="x")
    assert "högst 1000 tecken" in read(auditor, path, 422, verdict="in_order", note="x" * 1001)
    assert not Review.objects.exclude(reviewed_at=None).exists()


@pytest.mark.threat(59)
def test_nobody_reviews_their_own_opening_and_theirs_never_comes_next(
    drawn: Draw, log_in: Any, auditor: Browser, read: Any, cast: Any
) -> None:
    Employee.objects.filter(pk=cast.alice.pk).update(role=Role.AUDITOR, care_team=None)
    alice = log_in(number="10001")
    review = of_home(drawn)
    path = f"/granskning/{review.pk}/"
    assert "Ingen granskar det de själva gjort" in read(alice, path)
    assert "Din egen" in read(alice, WAITING)
    answer = alice.post(path, {"verdict": "in_order"})
    assert answer["Location"] == WAITING
    assert "Låt en kollega" in read(alice, WAITING)
    review.refresh_from_db()
    assert review.reviewed_at is None


def test_two_auditors_at_once_and_the_first_verdict_stays(
    auditor: Browser, drawn: Draw, log_in: Any, read: Any
) -> None:
    path = f"/granskning/{of_home(drawn).pk}/"
    other = log_in(Role.AUDITOR, name="Annan")
    auditor.post(path, {"verdict": "in_order"})
    answer = other.post(path, {"verdict": "deviation", "note": "x"})
    assert "redan granskat" in read(other, answer["Location"])
    assert "I sin ordning" in read(other, path)


def test_look_is_reviewed_with_who_looked_at_what(
    auditor: Browser, cast: Any, moment: datetime, read: Any
) -> None:
    with transaction.atomic():
        look = audit.Deed(Verb.CLIENT_LOOK, "client:B0001", "klagomål", {"unit": "team:G1"})
        audit.record([look], actor="employee:10002", now=moment)
    settle()
    (review,) = drawn_of(Draw.Kind.LOOKS, moment).reviews.all()
    assert "Bob" in read(auditor, WAITING)
    shown = read(auditor, f"/granskning/{review.pk}/")
    for words in ("Läste om en kund", "B0001", "klagomål", "G1"):
        assert words in shown
    Review.objects.update(look=999)
    assert "Raden är gallrad" in read(auditor, f"/granskning/{review.pk}/")


@pytest.mark.threat(67)
def test_protected_clients_address_is_not_in_a_review(
    auditor: Browser, drawn: Draw, cast: Any, read: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    review = of_home(drawn)
    for path in (WAITING, f"/granskning/{review.pk}/"):
        shown = read(auditor, path)
        home = shown.replace("Kyrkogatan 1 </", "")
        assert "Kyrkogatan 1 1101" not in home
        assert "Skyddad identitet" in shown


def test_new_sample_is_shown_in_number_before_it_is_drawn(
    auditor: Browser, visited: None, read: Any
) -> None:
    asked = {"kind": "openings", "first": "2026-11-23", "last": "2026-11-23", "share": "50"}
    shown = read(auditor, NEW, **asked, do="preview")
    assert "1 av 2 skulle dras" in shown
    assert not Draw.objects.exists()
    answer = auditor.post(NEW, {**asked, "do": "draw"})
    assert answer["Location"] == WAITING
    made = Draw.objects.get()
    assert (made.drawn_by.name, made.share, made.reviews.count()) == ("Granskare", 500_000, 1)  # type: ignore[union-attr]
    assert "1 av 2" in read(auditor, DRAWS)
    assert "0,5" not in read(auditor, DRAWS)


def test_sample_of_what_stands_out_is_put_off_until_all_is_judged(
    auditor: Browser, visited: None, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_reviews, "_JUDGED_FIRST", 0)
    asked = {"kind": "outside", "first": "2026-11-23", "last": "2026-11-23", "share": "1"}
    assert "Försök om en stund" in read(auditor, NEW, 422, **asked, do="draw")
    assert not Draw.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first": "2026-11-24", "last": "2026-11-23"}, "det första först"),
        ({"last": "2026-11-30"}, "datum som har varit"),
        ({"first": "2026-01-01"}, "högst 93 dagar"),
        ({"kind": "outside", "first": "2026-01-01"}, "högst 93 dagar"),
        ({"share": "0"}, "högst 100 procent"),
        ({"share": "101"}, "högst 100 procent"),
        ({"share": "x"}, "högst 100 procent"),
        ({"first": "x"}, "Skriv ett datum"),
        ({"share": ""}, "Fyll i fältet"),
    ],
)
def test_impossible_sample_is_refused_beside_the_field(
    auditor: Browser, visited: None, read: Any, wrong: dict[str, str], said: str
) -> None:
    asked = {"kind": "openings", "first": "2026-11-23", "last": "2026-11-23", "share": "1"}
    assert said in read(auditor, NEW, 422, **{**asked, **wrong}, do="draw")
    assert not Draw.objects.exists()


def test_percent_with_a_comma_is_read(auditor: Browser, visited: None, read: Any) -> None:
    asked = {"kind": "openings", "first": "2026-11-23", "last": "2026-11-23", "share": "0,5"}
    assert "1 av 2 skulle dras" in read(auditor, NEW, **asked)


def test_more_than_people_can_look_at_says_what_to_do(
    auditor: Browser, visited: None, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_reviews, "MOST", 1)
    asked = {"kind": "openings", "first": "2026-11-23", "last": "2026-11-23", "share": "100"}
    assert "minska andelen" in read(auditor, NEW, 422, **asked, do="draw")


@pytest.mark.threat(65)
def test_figures_are_about_the_review_and_name_nobody(
    auditor: Browser, drawn: Draw, read: Any
) -> None:
    first, *_ = drawn.reviews.order_by("pk")
    auditor.post(f"/granskning/{first.pk}/", {"verdict": "deviation", "note": "x"})
    shown = read(auditor, DRAWS)
    assert re.search(
        r'2026-11</th><td class="number">2</td><td class="number">1</td>'
        r'<td class="number">1</td>',
        shown,
    )
    assert "Alice" not in shown
    assert "10001" not in shown


@pytest.mark.threat(50)
def test_only_those_who_review_the_log_get_in(cast: Any, log_in: Any, drawn: Draw) -> None:
    review = of_home(drawn)
    for path in (WAITING, CLOSED, DRAWS, NEW, f"/granskning/{review.pk}/"):
        for role in (Role.PLANNER, Role.SYSTEM_MANAGER, Role.SERVICE_CENTRE):
            assert log_in(role).get(path).status_code == 403
        assert log_in(Role.AUDITOR, team=cast.other_team).get(path).status_code == 403


def test_long_list_asks_no_more_questions_than_a_short_one(
    auditor: Browser, drawn: Draw, read: Any
) -> None:
    event = DoorEvent.objects.filter(employee__isnull=False).earliest("pk")
    for number in range(500, 560):
        event.pk, event.number = None, number
        event.save()
        Review.objects.create(draw=drawn, door_event=event, why="random")
    for path in (WAITING, f"/granskning/{of_first(drawn)}/", DRAWS):
        with CaptureQueriesContext(connection) as asked:
            read(auditor, path)
        questions = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]
        assert len(questions) <= 12, questions


def of_first(draw: Draw) -> int:
    return int(draw.reviews.earliest("pk").pk)
