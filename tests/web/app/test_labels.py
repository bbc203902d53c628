"""Labels in homes: the app with Chromium's own NFC events, and with addresses that open it.

House rule: the phone finds the visit and sends every reading; what a reading proves is read here
where the server keeps it.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from appworld import VISIT, Morning, WorkPhone
from labelworld import Chip
from nyckelfri.demo import cast

SHIM: Final = Path(__file__).parents[1] / "nfcshim.js"
LABEL, OTHERS = "E0077", "E0113"
"""Of the next client, and of the one after."""
LATER: Final = "V004565"
CHIPS: Final[Iterator[int]] = itertools.count(0x04A1B2C3D4E500)


@pytest.fixture
def carer(here: Morning, phone: Any) -> WorkPhone:
    """The carer at the next visit, with a phone that reads labels."""
    made: WorkPhone = phone()
    made.context.add_init_script(path=SHIM)
    made.page.reload()
    made.enrol(here.code(made.label, cast.CARER.number))
    made.sign_in(cast.CARER.number, here.secret(cast.CARER.number))
    made.go(f"#/besok/{VISIT}")
    return made


@pytest.fixture
def chip(here: Morning) -> Callable[[str], Chip]:
    """`chip(label)`: the chip that has just been written for this label."""

    def written(label: str) -> Chip:
        uid = f"{next(CHIPS):014X}"
        told = here.server.do("nfc-label", label, "--uid", uid, "--host", "omsorg.example").text
        meta, file = (bytes.fromhex(found) for found in re.findall(r"key [12]\s+(\S+)", told))
        return Chip(bytes.fromhex(uid), meta, file)

    return written


def address(phone: WorkPhone, label: str, tap: dict[str, str] | None = None) -> str:
    """What stands on a label of this server."""
    proof = f"?p={tap['picc']}&c={tap['mac']}" if tap else ""
    return f"{phone.address}/telefon/etikett/{label}{proof}"


def listen(phone: WorkPhone) -> None:
    """Ask the app to read."""
    phone.page.get_by_role("button", name="Läs etiketten").click()
    phone.page.get_by_text("Håll telefonen mot etiketten").wait_for()


def hold(phone: WorkPhone, url: str) -> None:
    """A label comes near."""
    record = {"recordType": "url", "data": url}
    assert phone.page.evaluate("records => holdLabel(records)", [record]) == 1


def said(phone: WorkPhone, words: str) -> None:
    """The app says so."""
    expect(phone.page.locator(".said")).to_have_text(words)


def readings(here: Morning, label: str) -> list[tuple[str, str]]:
    """What the server made of the readings of a label: use and verdict, in order."""
    path = here.backstage.folder / "server" / "nyckelfri.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        rows = base.execute(
            "SELECT detail, verdict FROM visits_phoneentry WHERE kind = 'tap' ORDER BY id"
        ).fetchall()
    taps = [(json.loads(detail), verdict) for detail, verdict in rows]
    return [(told["use"], verdict) for told, verdict in taps if told["label"] == label]


@pytest.mark.sentence(65)
@pytest.mark.sentence(66)
def test_a_label_begins_the_visit_and_ends_it_with_what_was_done(
    here: Morning, carer: WorkPhone
) -> None:
    before = len(readings(here, LABEL))
    listen(carer)
    hold(carer, address(carer, LABEL))
    said(carer, "Besöket har börjat")
    expect(carer.page.get_by_text(re.compile("Började .*, etiketten"))).to_be_visible()
    hold(carer, address(carer, LABEL))
    sheet = carer.page.get_by_role("dialog")
    expect(sheet.get_by_label("Omvårdnad")).to_be_checked()
    assert sheet.get_by_text("Varför för hand?").count() == 0
    sheet.get_by_role("button", name="Avsluta besöket").click()
    said(carer, "Besöket är avslutat")
    expect(carer.page.get_by_text(re.compile("Slutade .*, etiketten"))).to_be_visible()
    carer.until_all_is_sent()
    assert [use for use, _ in readings(here, LABEL)[before:]] == ["start", "end"]
    assert carer.complaints == []


@pytest.mark.sentence(65)
def test_a_label_of_another_client_leads_there(carer: WorkPhone) -> None:
    listen(carer)
    hold(carer, address(carer, OTHERS))
    carer.page.wait_for_url(f"**/#/besok/{LATER}")
    expect(carer.page.locator(".chip", has_text="Pågår")).to_be_visible()
    carer.go(f"#/besok/{VISIT}")
    expect(carer.page.locator(".chip", has_text="Pågår")).to_have_count(0)


def test_what_is_no_label_of_a_client_is_told_and_begins_nothing(
    here: Morning, carer: WorkPhone
) -> None:
    listen(carer)
    for url, words in (
        (address(carer, "E9999"), "Etiketten hör inte till någon av dina kunder."),
        (f"https://omsorg.example/telefon/etikett/{LABEL}", "Det är ingen besöksetikett."),
        (f"{carer.address}/telefon/", "Det är ingen besöksetikett."),
    ):
        hold(carer, url)
        said(carer, words)
    carer.page.evaluate("holdNoise()")
    said(carer, "Etiketten gick inte att läsa. Håll telefonen still mot den.")
    carer.until_all_is_sent()
    assert readings(here, "E9999")[-1] == ("open", "unknown")
    expect(carer.page.get_by_role("button", name="Börja för hand")).to_be_visible()


@pytest.mark.sentence(65)
@pytest.mark.parametrize("signed", [False, True])
def test_a_label_opens_the_app_which_asks_for_the_pin_and_goes_on(
    here: Morning, carer: WorkPhone, chip: Any, signed: bool
) -> None:
    carer.dies()
    carer.page = carer.context.new_page()
    tap = chip(LABEL).tap() if signed else None
    carer.page.goto(address(carer, LABEL, tap))
    carer.page.get_by_text("Etiketten är läst. Skriv din pinkod så fortsätter vi.").wait_for()
    assert "etikett" not in carer.page.url
    carer.type_pin()
    carer.page.wait_for_url(f"**/#/besok/{VISIT}")
    expect(carer.page.get_by_text(re.compile("Började .*, etiketten"))).to_be_visible()
    assert carer.page.url == f"{carer.address}/telefon/#/besok/{VISIT}"
    carer.until_all_is_sent()
    assert not signed or readings(here, LABEL)[-1] == ("start", "signed")


@pytest.mark.sentence(67)
@pytest.mark.threat(60)
def test_whether_a_reading_is_genuine_the_server_tells(
    here: Morning, carer: WorkPhone, chip: Any
) -> None:
    made = chip(LABEL)
    genuine = made.tap()
    forged = {**genuine, "mac": "0" * 16}
    before = len(readings(here, LABEL))
    listen(carer)
    hold(carer, address(carer, LABEL, genuine))
    said(carer, "Besöket har börjat")
    carer.until_all_is_sent()
    # The phone takes a copy and a forgery as it takes any other: it could not know.
    for tap in (genuine, forged):
        hold(carer, address(carer, LABEL, tap))
        sheet = carer.page.get_by_role("dialog")
        sheet.get_by_role("button", name="Avbryt").click()
        carer.until_all_is_sent()
    found = readings(here, LABEL)[before:]
    assert found == [("start", "signed"), ("end", "replayed"), ("end", "forged")]
