"""The first page: what waits for whom, and that each count leads to its list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.door.clock import Mark
from nyckelfri.server.access import actions_plan
from nyckelfri.server.console.start.lists import LISTS
from nyckelfri.server.console.start.texts import TEXTS, text
from nyckelfri.server.console.start.waiting import KINDS
from nyckelfri.server.homes.models import CareDecision, Client, ProviderChoice, Service
from nyckelfri.server.jobs.models import Beat
from nyckelfri.server.jobs.rounds import ROUNDS
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee, Phone, Role
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.visits.models import DoorEvent


def counts(browser: Browser, read: Any) -> dict[str, int]:
    """What the page counts, by the address it leads to."""
    shown = read(browser, "/")
    found = re.findall(r'<a href="([^"]+)"><span class="count">(\d+)</span>', shown)
    return {address: int(count) for address, count in found}


def test_calm_page_says_that_nothing_waits(cast: Any, log_in: Any, read: Any) -> None:
    assert "Allt är lugnt" in read(log_in(Role.SERVICE_CENTRE), "/")
    assert "Sök kund" in read(log_in(Role.SERVICE_CENTRE), "/")


def test_deliveries_and_locks_without_time_wait_for_a_planner(
    planner: Browser, visited: None, read: Any
) -> None:
    assert "/vantar/utan-tid/" not in counts(planner, read)
    DoorEvent.objects.update(mark=int(Mark.LOST))
    found = counts(planner, read)
    assert found["/att-granska/"] == 2
    assert found["/vantar/utan-tid/"] == 6
    assert "LB0001" in read(planner, "/vantar/utan-tid/")


def test_blocked_phone_waits_until_the_last_lock_refuses_it(
    cast: Any, locks: Any, alices_phone: Any, moment: Any, log_in: Any, read: Any, set_clock: Any
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    phones.block(alices_phone.row, reason="Borta", actor="test", now=moment)
    centre = log_in(Role.SERVICE_CENTRE)
    assert counts(centre, read) == {"/telefoner/?lage=blocked": 1}
    set_clock(moment + timedelta(days=3))
    assert counts(log_in(Role.SERVICE_CENTRE), read) == {}


def test_phone_in_use_that_is_silent_for_three_days_waits(
    cast: Any, alices_phone: Any, moment: Any, log_in: Any, read: Any
) -> None:
    browser = log_in()
    assert "/vantar/tysta-telefoner/" not in counts(browser, read)
    Phone.objects.update(synced_at=moment - timedelta(days=3, hours=1))
    assert counts(browser, read)["/vantar/tysta-telefoner/"] == 1
    assert "A" in read(browser, "/vantar/tysta-telefoner/")


@pytest.mark.sentence(94)
def test_service_identification_that_runs_out_waits_for_who_records_it(
    cast: Any, moment: Any, log_in: Any, read: Any
) -> None:
    def till(days: int) -> dict[str, int]:
        Employee.objects.filter(pk=cast.alice.pk).update(
            identification="T1", identification_till=moment.date() + timedelta(days=days)
        )
        return counts(browser, read)

    browser = log_in(Role.PROVIDER_MANAGER, team=cast.team)
    assert till(10)["/personal/?leg=soon"] == 1
    assert till(-1)["/personal/?leg=over"] == 1
    assert not {"/personal/?leg=soon", "/personal/?leg=over"} & till(300).keys()
    till(10)
    assert "/personal/?leg=soon" not in counts(log_in(), read)


def test_decision_that_ends_waits_unless_another_takes_over(
    planner: Browser, cast: Any, moment: Any, read: Any
) -> None:
    last = moment.date() + timedelta(days=14)
    CareDecision.objects.filter(client=cast.client).update(valid_till=last)
    assert counts(planner, read)["/vantar/beslut/"] == 1
    shown = read(planner, "/vantar/beslut/")
    assert "B0001" in shown
    assert last.isoformat() in shown
    CareDecision.objects.create(
        external_id="D2",
        client=cast.client,
        service=Service.CARE,
        amount=60,
        unit=CareDecision.Unit.MINUTES_A_DAY,
        ground=CareDecision.Ground.DECISION,
        valid_from=last + timedelta(days=1),
    )
    assert "/vantar/beslut/" not in counts(planner, read)


def test_provider_change_to_come_waits_with_a_protected_client_as_a_number(
    planner: Browser, cast: Any, moment: Any, read: Any
) -> None:
    ProviderChoice.objects.create(
        client=cast.client,
        service=Service.CARE,
        provider=cast.company,
        valid_from=moment.date() + timedelta(days=8),
    )
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True, name="Berit Zett")
    assert counts(planner, read)["/vantar/byten/"] == 1
    shown = read(planner, "/vantar/byten/")
    assert "Omtanke AB" in shown
    assert "B0001" in shown
    assert "Berit" not in shown


def test_visits_and_shifts_added_by_hand_wait_for_those_who_plan(
    cast: Any, moment: Any, log_in: Any, read: Any, viewer_of: Any
) -> None:
    browser = log_in(team=cast.team)
    reach = {"start": moment, "end": moment + timedelta(hours=1), "now": moment, "busy_too": True}
    planner = viewer_of("Planerare")
    actions_plan.add_visit(
        planner, cast.client, cast.alice, services=["care"], reason="Glömd", **reach
    )
    actions_plan.add_shift(planner, cast.bob, reason="Extra", **reach)
    found = counts(browser, read)
    assert found["/vantar/besok/"] == 1
    assert found["/vantar/pass/"] == 1
    assert "Glömd" in read(browser, "/vantar/besok/")
    assert "Bob" in read(browser, "/vantar/pass/")
    theirs = log_in(team=cast.other_team)
    assert not counts(theirs, read).keys() & found.keys()
    assert "Bob" not in read(theirs, "/vantar/pass/")


def test_account_without_a_second_step_waits(cast: Any, log_in: Any, read: Any) -> None:
    browser = log_in(Role.SYSTEM_MANAGER)
    log_in(Role.PLANNER, name="Ny Planerare")
    assert counts(browser, read)["/vantar/konton/"] == 2
    assert "Ny Planerare" in read(browser, "/vantar/konton/")


def test_list_of_another_role_does_not_exist(cast: Any, log_in: Any, read: Any) -> None:
    centre = log_in(Role.SERVICE_CENTRE)
    for what in ("beslut", "konton", "tysta-telefoner", "deliveries", "nonsense"):
        read(centre, f"/vantar/{what}/", status=404)


def test_page_asks_the_database_a_fixed_number_of_times(
    cast: Any, visited: None, log_in: Any, django_assert_max_num_queries: Any
) -> None:
    for role in (Role.PLANNER, Role.SYSTEM_MANAGER, Role.AUDITOR):
        browser = log_in(role)
        with django_assert_max_num_queries(12):
            browser.get("/")


@pytest.mark.threat(49)
def test_round_that_failed_is_told_to_the_system_manager_until_it_is_done(
    cast: Any, moment: Any, log_in: Any, read: Any
) -> None:
    browser = log_in(Role.SYSTEM_MANAGER)
    assert "/vantar/av-sig-sjalv/" not in counts(browser, read)
    beat = Beat.objects.create(name="copies", began_at=moment, trouble="FileNotFoundError")
    assert counts(browser, read)["/vantar/av-sig-sjalv/"] == 1
    shown = read(browser, "/vantar/av-sig-sjalv/")
    assert "Kopiera loggen till en annan disk" in shown
    assert "FileNotFoundError" in shown
    beat.trouble = ""
    beat.save()
    assert "/vantar/av-sig-sjalv/" not in counts(browser, read)


def test_every_round_has_words() -> None:
    assert all(text[f"round_{each.name}"] for each in ROUNDS)


def test_every_kind_has_words_and_a_page() -> None:
    for kind in KINDS:
        assert text[kind.name]
        assert f"hint_{kind.name}" in TEXTS
        assert kind.page or kind.name in LISTS
    assert all(text[f"service_{service.value}"] for service in Service)
