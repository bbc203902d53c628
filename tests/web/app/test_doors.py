"""Doors: the page in Chromium, over its Web Bluetooth, at real lock processes of a real server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from appworld import ENTRANCE, FAR, FLAT, NEAR, VISIT, Morning, WorkPhone
from nyckelfri.demo import cast
from nyckelfri.door.reasons import Reason

CARER, COLLEAGUE, NIGHT = cast.CARER.number, cast.COLLEAGUE.number, cast.NIGHT.number


@pytest.fixture
def carer(phone: Any) -> WorkPhone:
    """The carer, on the page of the visit behind the front door."""
    made: WorkPhone = phone(CARER)
    made.go(f"#/besok/{VISIT}")
    return made


def end(phone: WorkPhone) -> None:
    """What was done is said."""
    phone.page.get_by_role("dialog").get_by_role("button", name="Avsluta besöket").click()
    phone.page.get_by_text("Besöket är avslutat").wait_for()


@pytest.mark.sentence(1)
@pytest.mark.sentence(19)
@pytest.mark.sentence(20)
def test_one_tap_a_door_and_every_opening_comes_home(here: Morning, carer: WorkPhone) -> None:
    since = here.now
    assert carer.taps("Lås upp porten") == "Porten är upplåst"
    assert carer.taps("Lås upp dörren") == "Dörren är upplåst"
    expect(carer.page.get_by_text(re.compile("Började .*, dörren"))).to_be_visible()
    assert carer.taps("Lås dörren") == "Dörren är låst"
    end(carer)
    carer.until_all_is_sent()
    assert here.moved_by(CARER, since, 3) == [
        ("unlock", ENTRANCE.lock),
        ("unlock", FLAT.lock),
        ("lock", FLAT.lock),
    ]
    assert carer.complaints == []


def test_a_lock_that_was_met_needs_no_choosing_again(carer: WorkPhone) -> None:
    carer.taps("Lås upp porten")
    carer.bridge.drain()
    choosers = _choosers(carer)
    carer.tell("answer nobody")  # a chooser that opened now would end the tap
    carer.page.get_by_role("button", name="Porten", exact=True).click()
    expect(carer.result).to_have_text("Porten är upplåst")
    assert _choosers(carer) == choosers


_TAPS_AT_ONCE = """() => new Promise((done) => {
  const look = () => {
    const result = document.querySelector('.door .result');
    const button = document.querySelector('#go');
    if (!result || button?.innerText.trim() !== 'Lås dörren') return requestAnimationFrame(look);
    button.click();
    done(result.innerText.trim());
  };
  look();
})"""


def test_the_next_tap_may_come_while_the_courier_of_the_one_before_goes_on(
    carer: WorkPhone,
) -> None:
    carer.taps("Lås upp porten")
    carer.page.get_by_role("button", name="Lås upp dörren", exact=True).click()
    assert carer.page.evaluate(_TAPS_AT_ONCE) == "Dörren är upplåst"
    expect(carer.result).to_have_text("Dörren är låst")


def _choosers(phone: WorkPhone) -> int:
    phone.bridge.drain()
    return sum(event["what"] == "chooser" for event in phone.bridge.events)


@pytest.mark.sentence(7)
def test_too_far_away_is_refused_in_the_words_of_the_one_list(
    here: Morning, carer: WorkPhone
) -> None:
    here.move(FAR)
    assert carer.taps("Lås upp porten") == Reason.TOO_FAR.text("sv")
    here.move(NEAR)
    assert carer.taps("Försök igen") == "Porten är upplåst"


@pytest.mark.sentence(10)
@pytest.mark.sentence(11)
def test_a_shift_that_is_over_opens_nothing_more(here: Morning, phone: Any) -> None:
    night = phone(NIGHT)
    here.let_it_be("07:25")
    night.go("#/kund/B0077")
    night.page.get_by_role("button", name="Lås upp porten").click()
    dialog = night.page.get_by_role("dialog")
    dialog.get_by_label("Jag är orolig för kunden").check()
    dialog.get_by_role("button", name="Fortsätt till dörren").click()
    # The grant of the night that is over is gone, and that of the next does not hold yet.
    expect(night.result).to_have_text(Reason.NOT_YET_VALID.text("sv"))


def test_a_client_outside_the_visits_is_found_and_a_reason_is_asked(phone: Any) -> None:
    colleague = phone(COLLEAGUE)
    colleague.page.get_by_role("button", name="Sök kund").click()
    colleague.page.get_by_label("Namn, adress eller nummer").fill("hass")
    colleague.page.get_by_role("link", name=re.compile("Hassan Magnusson")).click()
    colleague.page.get_by_role("button", name="Lås upp porten").click()
    dialog = colleague.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Fortsätt till dörren").click()
    dialog.get_by_text("Välj något i listan.").wait_for()
    dialog.get_by_label("Jag hjälper en kollega").check()
    dialog.get_by_role("button", name="Fortsätt till dörren").click()
    expect(colleague.result).to_have_text("Porten är upplåst")


def test_a_lock_that_says_nothing_is_told_within_five_seconds(carer: WorkPhone) -> None:
    carer.tell("mute on")
    try:
        carer.big.click()
        carer.page.locator(".going").get_by_text("Kontrollerar").wait_for()
        told = carer.page.get_by_text("Låset svarar inte än.").or_(carer.result)
        told.first.wait_for(timeout=5000)
        carer.result.wait_for()
        assert "Gå närmare" in carer.result.inner_text() or "bröts" in carer.result.inner_text()
    finally:
        carer.tell("mute off")


@pytest.mark.parametrize(
    ("mishap", "words"),
    [
        ("bluetooth absent", "Bluetooth är avstängt."),
        ("answer nobody", "Inget lås valdes."),
    ],
)
def test_what_the_phone_itself_refuses_is_told_with_what_to_do(
    carer: WorkPhone, mishap: str, words: str
) -> None:
    carer.tell(mishap)
    try:
        assert carer.taps("Lås upp porten").startswith(words)
        assert carer.page.get_by_role("button", name="Visa alla lås i närheten").is_visible()
    finally:
        carer.tell("bluetooth on")
        carer.tell("answer first")
    assert carer.taps("Försök igen") == "Porten är upplåst"


@pytest.mark.sentence(9)
@pytest.mark.threat(36)
@pytest.mark.threat(48)
def test_a_whole_visit_without_server_or_coverage_comes_home_once(
    here: Morning, carer: WorkPhone
) -> None:
    since = here.now
    carer.until_all_is_sent()
    here.server.take_away()
    try:
        carer.context.set_offline(True)
        carer.again()  # the app is closed and opened without coverage
        carer.type_pin()
        expect(carer.page.get_by_role("heading", name="Mina besök")).to_be_visible()
        carer.go(f"#/besok/{VISIT}")
        for step, done in (
            ("Lås upp porten", "Porten är upplåst"),
            ("Lås upp dörren", "Dörren är upplåst"),
            ("Lås dörren", "Dörren är låst"),
        ):
            assert carer.taps(step) == done
        end(carer)
        assert carer.waits() >= 5
        carer.page.locator("#waiting").click()
        carer.page.get_by_role("button", name="Skicka nu").click()
        carer.page.get_by_text("Ingen täckning. Appen försöker igen av sig själv.").wait_for()
    finally:
        here.server.start()
        carer.context.set_offline(False)
    carer.page.get_by_role("button", name="Skicka nu").click()
    carer.until_all_is_sent()
    for _ in range(2):
        commands = [command for command, _ in here.moved_by(CARER, since, 3)]
        assert commands == ["unlock", "unlock", "lock"]
        carer.page.get_by_role("button", name="Skicka nu").click()
        carer.until_all_is_sent()


@pytest.mark.threat(38)
def test_a_phone_that_dies_in_the_middle_of_an_opening_has_lost_nothing(
    here: Morning, carer: WorkPhone
) -> None:
    carer.until_all_is_sent()
    since = here.now
    carer.context.set_offline(True)
    assert carer.taps("Lås upp porten") == "Porten är upplåst"  # the courier still goes on
    carer.dies()
    carer.context.set_offline(False)
    carer.again()
    carer.type_pin()
    expect(carer.page.get_by_role("heading", name="Mina besök")).to_be_visible()
    carer.go(f"#/besok/{VISIT}")
    carer.page.get_by_role("button", name="Porten", exact=True).click()
    expect(carer.result).to_have_text("Porten är upplåst")
    carer.until_all_is_sent()
    # What this phone could not fetch any more comes with the next visit, and nothing comes twice.
    assert here.moved_by(CARER, since, 2) == [("unlock", ENTRANCE.lock)] * 2


def test_two_phones_at_one_door_come_one_after_the_other(phone: Any) -> None:
    first, second = phone(CARER), phone(COLLEAGUE, radio="other")
    first.go(f"#/besok/{VISIT}")
    second.go("#/kund/B0077")
    second.page.get_by_role("button", name="Lås upp porten").click()
    second.page.get_by_role("dialog").get_by_label("Jag hjälper en kollega").check()
    first.page.get_by_role("button", name="Lås upp porten").click()
    second.page.get_by_role("button", name="Fortsätt till dörren").click()
    for each in (first, second):
        expect(each.result).to_have_text("Porten är upplåst")


@pytest.mark.sentence(13)
def test_after_signing_out_nothing_opens(carer: WorkPhone) -> None:
    carer.go("#/meny")
    carer.page.get_by_role("button", name="Logga ut").click()
    carer.page.get_by_role("dialog").get_by_role("button", name="Logga ut").click()
    carer.page.get_by_role("heading", name="Logga in").wait_for()
    carer.go(f"#/besok/{VISIT}")
    assert carer.page.locator("#go").count() == 0
