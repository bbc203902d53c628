"""The samples that the server draws by itself: every week, once, never too many."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from nyckelfri.door.grants import Command
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.jobs import rounds
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.visits import actions_judge, actions_reviews, actions_weekly, queries_reviews
from nyckelfri.server.visits.actions import ingest
from nyckelfri.server.visits.models import Draw
from serverworld import Handset

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
at = datetime.fromisoformat
WEDNESDAY = at("2026-12-02T00:30:00+01:00")


@pytest.fixture
def opened(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> None:
    """Alice opens four times on Monday 23 November."""
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    grant = next(row for row in rows if row.installation == locks.at_home)
    for _ in range(4):
        locks.home.use(grant, Command.UNLOCK, after=60)
        locks.home.use(grant, Command.LOCK, after=60)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment + DAY)


def test_last_week_is_drawn_from_when_its_journals_have_had_two_days_to_come(opened: None) -> None:
    early = actions_weekly.draw_last_week(WEDNESDAY - timedelta(hours=1))
    assert {draw.start for draw in early} == {at("2026-11-16T00:00:00+01:00")}
    draws = actions_weekly.draw_last_week(WEDNESDAY)
    assert [draw.kind for draw in draws] == ["openings", "outside", "looks"]
    assert {draw.start for draw in draws} == {at("2026-11-23T00:00:00+01:00")}
    assert {draw.end for draw in draws} == {at("2026-11-30T00:00:00+01:00")}
    openings = draws[0]
    assert (openings.population, openings.reviews.count()) == (4, 1)
    assert queries_reviews.can_be_repeated(openings)
    actors = {row.actor for row in audit.of_kind(Verb.REVIEW_DRAW)}
    assert actors == {"system:review"}


def test_what_stands_out_is_drawn_by_a_later_round_where_it_is_not_known_yet(
    opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_reviews, "_JUDGED_FIRST", 0)
    kinds = [draw.kind for draw in actions_weekly.draw_last_week(WEDNESDAY)]
    assert kinds == ["openings", "looks"]
    actions_judge.judge_waiting()
    (late,) = actions_weekly.draw_last_week(WEDNESDAY + DAY)
    assert (late.kind, late.population) == ("outside", 0)


def test_a_week_is_drawn_once_however_often_the_round_comes(opened: None) -> None:
    (each,) = [one for one in rounds.ROUNDS if one.name == "samples"]
    for hours in (0, 6, 12, 24 * 6):
        assert rounds.run(each, WEDNESDAY + timedelta(hours=hours))
    assert Draw.objects.count() == 3
    assert rounds.run(each, WEDNESDAY + 7 * DAY)
    assert Draw.objects.count() == 6


def test_a_sample_is_no_larger_than_people_can_look_at(
    opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_weekly, "SHARES", dict.fromkeys(Draw.Kind, Fraction(1)))
    monkeypatch.setattr(actions_weekly, "MOST", 3)
    openings = actions_weekly.draw_last_week(WEDNESDAY)[0]
    assert (openings.population, openings.reviews.count()) == (4, 3)


def test_a_week_in_which_the_clocks_change_is_a_week(db: None) -> None:
    draw, *_ = actions_weekly.draw_last_week(at("2026-10-28T01:00:00+01:00"))
    assert (draw.start, draw.end) == (
        at("2026-10-19T00:00:00+02:00"),
        at("2026-10-26T00:00:00+01:00"),
    )


def test_two_servers_at_once_draw_a_week_once(
    opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, *_) = actions_weekly.draw_last_week(WEDNESDAY)
    answers = iter([None, first])
    monkeypatch.setattr(queries_reviews, "drawn_by_itself", lambda *_: next(answers, first))
    assert actions_weekly.draw_last_week(WEDNESDAY) == [first]
    assert Draw.objects.count() == 3
