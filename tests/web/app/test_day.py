"""The day on a real phone page: from a one-time code to the visits, as a carer does it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

import appworld
from appworld import VISIT, Morning
from nyckelfri.demo import cast

CARER, COLLEAGUE = cast.CARER.number, cast.COLLEAGUE.number
CLIENT = "Hassan Magnusson"


@pytest.mark.sentence(5)
@pytest.mark.sentence(6)
def test_a_phone_needs_code_name_password_and_a_pin_and_then_shows_the_day(
    here: Morning, phone: Any
) -> None:
    new = phone()
    new.page.get_by_label("Engångskod").fill("ABCDE-FGHJK")
    new.page.get_by_role("button", name="Koppla telefonen").click()
    new.page.get_by_text("Koden gäller inte.").wait_for()
    new.enrol(here.code(new.label, CARER))
    new.page.get_by_label("Användarnamn").fill(CARER)
    new.page.get_by_label("Lösenord", exact=True).fill("not the password")
    new.page.get_by_role("button", name="Logga in").click()
    new.page.get_by_text("Fel användarnamn eller lösenord.").wait_for()
    new.sign_in(CARER, here.secret(CARER))
    next_visit = new.page.locator(".next")
    assert "Nästa besök" in next_visit.inner_text()
    assert "07:30–08:00" in next_visit.inner_text()
    assert CLIENT in next_visit.inner_text()
    times = new.page.locator(".rows time").all_inner_texts()
    assert times == sorted(times)
    assert times[0] == "08:10"
    assert new.complaints == []


@pytest.mark.threat(50)
def test_who_may_not_be_named_is_a_number_on_the_phone(phone: Any) -> None:
    carer = phone(CARER)
    rows = carer.page.locator(".rows").inner_text()
    assert "B0014" in rows
    assert "Skyddade" not in rows
    carer.page.get_by_role("link", name=re.compile("B0014")).first.click()
    expect(carer.page.get_by_text("Skyddade uppgifter")).to_be_visible()


@pytest.mark.threat(41)
def test_a_colleague_takes_the_phone_over_and_sees_none_of_the_first_ones_clients(
    here: Morning, phone: Any
) -> None:
    shared = phone(CARER)
    shared.go(f"#/besok/{VISIT}")
    shared.page.get_by_role("button", name="Anteckning").click()
    shared.page.get_by_label("Vad vill du säga").fill("Katten är ute")
    shared.page.context.set_offline(True)  # so that it waits on the phone
    shared.page.get_by_role("button", name="Spara").click()
    shared.page.get_by_text("Sparat i telefonen").wait_for()
    shared.go("#/meny")
    shared.page.get_by_role("button", name="Lås appen").click()
    shared.page.get_by_role("button", name="Någon annan").click()
    shared.page.context.set_offline(False)
    evening = cast.EVENING.number
    shared.sign_in(evening, here.secret(evening), "902814")
    shared.until_all_is_sent()
    assert CLIENT not in shared.page.locator("main").inner_text()
    shared.go(f"#/besok/{VISIT}")
    assert CLIENT not in shared.page.locator("main").inner_text()
    kept = shared.page.evaluate(_EVERYTHING)
    assert not re.search("Hassan|Katten|Drottninggatan|Öztürk", kept)


_EVERYTHING = """async () => {
  const open = indexedDB.open('nyckelfri');
  const base = await new Promise(done => { open.onsuccess = () => done(open.result); });
  const all = [];
  for (const name of base.objectStoreNames) {
    const asked = base.transaction(name).objectStore(name).getAll();
    const rows = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
    all.push(JSON.stringify(rows, (_, value) => value instanceof Uint8Array
      ? new TextDecoder('latin1').decode(value) : value));
  }
  base.close();
  return all.join('\\n') + JSON.stringify(localStorage);
}"""


@pytest.mark.threat(37)
def test_what_lies_on_the_phone_shows_no_name_no_address_and_no_secret(
    here: Morning, phone: Any
) -> None:
    carer = phone(CARER)
    secret = (here.backstage.folder / f"password-{CARER}").read_text()
    kept = carer.page.evaluate(_EVERYTHING)
    assert len(kept) > 1000
    for word in ("Hassan", "Magnusson", "Drottninggatan", "Kristina", CARER, secret, appworld.PIN):
        assert word not in kept


@pytest.mark.threat(64)
def test_neither_title_nor_address_which_the_browser_keeps_names_a_client(phone: Any) -> None:
    carer = phone(CARER)
    carer.go(f"#/besok/{VISIT}")
    carer.page.get_by_role("heading", name=CLIENT).wait_for()
    assert carer.page.title() == "Nyckelfri"
    assert not re.search("Hassan|Magnusson|Drottninggatan", carer.page.url)


@pytest.mark.threat(37)
def test_ten_wrong_pins_empty_the_phone(here: Morning, phone: Any) -> None:
    lost = phone(CARER)
    lost.go("#/meny")
    lost.page.get_by_role("button", name="Lås appen").click()
    for left in range(9, 0, -1):
        lost.type_pin("135792")
        words = "Ett försök kvar" if left == 1 else f"{left} försök kvar"
        lost.page.get_by_text(words).wait_for()
    lost.type_pin("135792")
    lost.page.get_by_text("Telefonen är tömd efter för många fel.").wait_for()
    lost.again()
    assert lost.page.get_by_label("Engångskod").is_visible()
    assert "grants" not in lost.page.evaluate(_EVERYTHING)


@pytest.mark.sentence(12)
@pytest.mark.sentence(95)
@pytest.mark.threat(35)
def test_a_blocked_phone_empties_itself_when_it_hears(here: Morning, phone: Any) -> None:
    number = cast.LOST.number
    lost = phone(number)
    here.server.do("block-phone", lost.label, "--why", "left on the bus")
    lost.go("#/vantar")
    lost.page.get_by_role("button", name="Skicka nu").click()
    lost.page.get_by_role("heading", name="Telefonen är spärrad").wait_for()
    kept = lost.page.evaluate(_EVERYTHING)
    assert "sealed" not in kept
    lost.again()
    assert lost.page.get_by_label("Engångskod").is_visible()


def test_what_was_entered_by_mistake_is_taken_back(phone: Any) -> None:
    carer = phone(CARER)
    carer.go(f"#/besok/{VISIT}")
    carer.page.get_by_role("button", name="Ingen hemma").click()
    dialog = carer.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Registrera").click()
    dialog.get_by_text("Välj något i listan.").wait_for()
    dialog.get_by_label("Ingen svarar").check()
    dialog.get_by_role("button", name="Registrera").click()
    carer.page.get_by_text("Sparat i telefonen").wait_for()
    assert carer.page.locator(".whenline").get_by_text("Inte hemma").is_visible()
    carer.page.get_by_role("button", name="Ångra").click()
    carer.page.get_by_text("Ångrat").wait_for()
    assert carer.page.get_by_role("button", name="Ingen hemma").is_visible()


@pytest.mark.sentence(68)
def test_a_visit_by_hand_is_told_why_and_what_was_done(phone: Any) -> None:
    carer = phone(CARER)
    carer.go(f"#/besok/{VISIT}")
    carer.page.get_by_role("button", name="Börja för hand").click()
    dialog = carer.page.get_by_role("dialog")
    dialog.get_by_label("Låset fungerar inte").check()
    dialog.get_by_role("button", name="Börja för hand").click()
    carer.page.get_by_text("Besöket har börjat").wait_for()
    carer.page.get_by_role("button", name="Avsluta besöket").click()
    assert dialog.get_by_label("Omvårdnad").is_checked()
    dialog.get_by_label("Omvårdnad").uncheck()
    dialog.get_by_label("Jag glömde").check()
    dialog.get_by_role("button", name="Avsluta besöket").click()
    dialog.get_by_text("Kryssa i minst en insats").wait_for()
    dialog.get_by_label("Omvårdnad").check()
    dialog.get_by_role("button", name="Avsluta besöket").click()
    carer.page.get_by_text("Besöket är avslutat").wait_for()
    assert carer.page.locator(".whenline").get_by_text("Klart").is_visible()


@pytest.mark.sentence(18)
@pytest.mark.sentence(42)
def test_a_broken_lock_is_reported_and_colleagues_who_can_open_are_shown(phone: Any) -> None:
    carer = phone(CARER)
    carer.go("#/hjalp/B0077")
    assert carer.page.get_by_role("link", name="Ring Göran Björk").is_visible()
    carer.page.get_by_role("button", name="Felanmäl låset").click()
    dialog = carer.page.get_by_role("dialog")
    dialog.get_by_label("Låset kärvar").check()
    dialog.get_by_role("button", name="Jag använder reservvägen nu").click()
    carer.page.get_by_text("Felanmälan är sparad").wait_for()
    carer.until_all_is_sent()
