"""A client changes provider: one step by one person, and everything follows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from deciding import decider
from nyckelfri.door import bulletin as bulletins
from nyckelfri.server.access import actions_care, asif, explain, versions
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import CareTeam, Client, Provider, ProviderChoice, Shift
from nyckelfri.server.keys import actions_bulletin, actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import Role
from nyckelfri.server.stale import StaleError
from serverworld import Handset

HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 23)
SOON = date(2026, 12, 7)
DAY = timedelta(days=1)


@pytest.fixture
def assessor(cast: Any) -> Viewer:
    return decider(Role.CARE_ASSESSOR)


def change(
    who: Viewer, client: Client, provider: Provider, first: date, now: datetime, **other: Any
) -> ProviderChoice:
    asked = {"service": "care", "team": None, "reason": "kundens val", **other}
    asked.setdefault("seen", versions.of_choices(client, asked["service"]))
    return actions_care.change_provider(
        who, client, provider=provider, first_day=first, now=now, **asked
    )


def told(caught: pytest.ExceptionInfo[AccessError]) -> Refusal:
    return caught.value.refusal


def history(client: Client, service: str = "care") -> list[tuple[str, date, date | None]]:
    rows = ProviderChoice.objects.filter(client=client, service=service, withdrawn_at=None)
    return list(rows.values_list("provider__org_number", "valid_from", "valid_till"))


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
@pytest.mark.sentence(48)
def test_change_of_today_moves_every_door_at_once_and_leaves_the_lock_alone(
    cast: Any,
    keys: Any,
    locks: Any,
    assessor: Viewer,
    alices_phone: Handset,
    charlies_phone: Handset,
    moment: datetime,
) -> None:
    unit = list(LockUnit.objects.order_by("pk").values())
    installed = list(Installation.objects.order_by("pk").values())
    held = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    change(assessor, cast.client, cast.company, TODAY, moment + HOUR)
    said = bulletins.read(actions_bulletin.current(moment + HOUR), keys.key_set)
    assert said.serials == {row.serial for row in held}
    assert actions_issue.withdraw(moment + HOUR) == 0, "nothing was overlooked elsewhere"
    theirs = actions_issue.issue_for(cast.charlie, charlies_phone.row, now=moment + HOUR)
    assert locks.at_home in {row.installation for row in theirs}
    assert list(LockUnit.objects.order_by("pk").values()) == unit
    assert list(Installation.objects.order_by("pk").values()) == installed


@pytest.mark.sentence(46)
def test_change_ahead_ends_the_former_choice_the_day_before_and_keeps_today(
    cast: Any, locks: Any, assessor: Viewer, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    change(assessor, cast.client, cast.company, SOON, moment)
    assert history(cast.client) == [
        ("212999-2083", date(2024, 1, 1), SOON - DAY),
        ("559992-4429", SOON, None),
    ]
    assert not Issued.objects.exclude(revoked_at=None).exists()


@pytest.mark.sentence(79)
def test_care_and_service_are_chosen_separately(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    change(assessor, cast.client, cast.company, SOON, moment, service="household")
    assert history(cast.client) == [("212999-2083", date(2024, 1, 1), None)]
    assert history(cast.client, "household") == [("559992-4429", SOON, None)]


@pytest.mark.sentence(80)
def test_only_a_provider_who_offers_the_service_can_be_chosen(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    with pytest.raises(AccessError) as caught:
        change(assessor, cast.client, cast.company, SOON, moment, service="meals")
    assert told(caught) is Refusal.NOT_OFFERED


def test_provider_needs_a_team_for_the_client_and_the_team_must_be_its_own(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    with pytest.raises(AccessError) as caught:
        change(assessor, cast.client, cast.company, SOON, moment, team=cast.team)
    assert told(caught) is Refusal.TEAM_OF_OTHER
    CareTeam.objects.filter(pk=cast.other_team.pk).update(area="Norr")
    with pytest.raises(AccessError) as caught:
        change(assessor, cast.client, cast.company, SOON, moment)
    assert told(caught) is Refusal.NO_TEAM_THERE
    change(assessor, cast.client, cast.company, SOON, moment, team=cast.other_team)


def test_nobody_changes_yesterday(cast: Any, assessor: Viewer, moment: datetime) -> None:
    with pytest.raises(AccessError) as caught:
        change(assessor, cast.client, cast.company, TODAY - DAY, moment)
    assert told(caught) is Refusal.PAST_DAY


def test_change_replaces_one_that_has_not_begun(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    change(assessor, cast.client, cast.company, SOON, moment)
    later = change(assessor, cast.client, cast.municipality, SOON + 7 * DAY, moment)
    assert history(cast.client)[1:] == [
        ("559992-4429", SOON, SOON + 6 * DAY),
        ("212999-2083", SOON + 7 * DAY, None),
    ]
    change(assessor, cast.client, cast.company, SOON + DAY, moment, team=cast.other_team)
    assert history(cast.client)[1:] == [
        ("559992-4429", SOON, SOON),
        ("559992-4429", SOON + DAY, None),
    ]
    later.refresh_from_db()
    assert later.withdrawn_at == moment


def test_two_changes_to_the_same_day_leave_the_later_one(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    change(assessor, cast.client, cast.company, SOON, moment)
    change(assessor, cast.client, cast.municipality, SOON, moment, team=cast.team)
    assert history(cast.client)[1:] == [("212999-2083", SOON, None)]


def test_change_that_changes_nothing_is_refused(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    with pytest.raises(AccessError) as caught:
        change(assessor, cast.client, cast.municipality, SOON, moment)
    assert told(caught) is Refusal.SAME_CHOICE


def test_choice_that_began_today_is_not_overwritten_today(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    change(assessor, cast.client, cast.company, TODAY, moment)
    with pytest.raises(AccessError) as caught:
        change(assessor, cast.client, cast.municipality, TODAY, moment)
    assert told(caught) is Refusal.TAKEN_DAY
    change(assessor, cast.client, cast.municipality, TODAY + DAY, moment)


def test_of_two_administrators_the_second_is_told_and_nothing_is_overwritten(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    seen = versions.of_choices(cast.client, "care")
    change(assessor, cast.client, cast.company, SOON, moment, seen=seen)
    with pytest.raises(StaleError):
        change(assessor, cast.client, cast.company, SOON + DAY, moment, seen=seen)
    assert len(history(cast.client)) == 2


def test_undo_before_the_day_lets_the_former_choice_go_on(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    before = history(cast.client)
    choice = change(assessor, cast.client, cast.company, SOON, moment)
    seen = versions.of_choices(cast.client, "care")
    actions_care.cancel_change(assessor, choice, reason="ångrat sig", seen=seen, now=moment)
    assert history(cast.client) == before
    with pytest.raises(AccessError) as caught:
        actions_care.cancel_change(
            assessor,
            choice,
            reason="igen",
            seen=versions.of_choices(cast.client, "care"),
            now=moment,
        )
    assert told(caught) is Refusal.ALREADY_ENDED


def test_change_that_has_begun_is_not_undone(cast: Any, assessor: Viewer, moment: datetime) -> None:
    choice = change(assessor, cast.client, cast.company, TODAY, moment)
    seen = versions.of_choices(cast.client, "care")
    with pytest.raises(AccessError) as caught:
        actions_care.cancel_change(assessor, choice, reason="fel", seen=seen, now=moment)
    assert told(caught) is Refusal.ALREADY_BEGUN


@pytest.mark.parametrize("role", [Role.PLANNER, Role.SYSTEM_MANAGER, Role.AUDITOR])
def test_others_than_the_care_assessor_may_not_change_a_client_s_provider(
    cast: Any, moment: datetime, role: Role
) -> None:
    with pytest.raises(AccessError) as caught:
        change(decider(role), cast.client, cast.company, SOON, moment)
    assert told(caught) is Refusal.NOT_ALLOWED


def test_change_is_told_in_the_log_with_who_why_and_what_it_ended(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    change(assessor, cast.client, cast.company, SOON, moment)
    (row,) = audit.of_kind(Verb.CHOICE_CHANGE)
    assert (row.actor, row.object_id, row.reason) == (
        assessor.actor,
        "client:B0001",
        "kundens val",
    )
    assert row.details["ended"] == ["212999-2083"]


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_preview_tells_who_gains_and_who_loses_before_any_rota_reaches_so_far(
    cast: Any, locks: Any, moment: datetime
) -> None:
    seen = asif.provider_change(cast.client, "care", cast.company, None, SOON, now=moment)
    assert [one.person.name for one in seen.lost] == ["Alice", "Bob"]
    assert [one.person.name for one in seen.gained] == ["Charlie"]
    assert (seen.opens, seen.closes, seen.stay) == ((), (), ())
    assert not seen.soon
    assert history(cast.client) == [("212999-2083", date(2024, 1, 1), None)]


def test_preview_of_a_change_within_the_rota_tells_the_doors_and_times_too(
    cast: Any, locks: Any, moment: datetime
) -> None:
    now = moment + HOUR
    seen = asif.provider_change(cast.client, "care", cast.company, None, TODAY, now=now)
    assert seen.soon
    assert {(one.person.name, one.entrance, one.start) for one in seen.closes} == {
        (name, entrance, now) for name in ("Alice", "Bob") for entrance in (False, True)
    }
    assert {(one.person.name, one.end) for one in seen.opens} == {("Charlie", moment + 8.5 * HOUR)}


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_what_the_preview_said_is_what_happens(
    cast: Any, locks: Any, assessor: Viewer, moment: datetime
) -> None:
    later = moment + timedelta(days=14)
    Shift.objects.update(start=later, end=later + 8 * HOUR)
    seen = asif.provider_change(cast.client, "care", cast.company, None, SOON, now=moment)
    change(assessor, cast.client, cast.company, SOON, moment)
    then = explain.who_can_open(cast.client, later + HOUR, moment).home
    assert then is not None
    assert [one.person for one in then.can] == [one.person for one in seen.gained]
