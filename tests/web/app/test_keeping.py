"""The app on the phone: installed, without coverage, and when a new version comes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

import nyckelfri
from appworld import VISIT, Morning, WorkPhone
from nyckelfri.demo import cast

CARER: Final = cast.CARER.number
TICK: Final = 60_000
"""Milliseconds within which the app looks whether a new version waits; it looks every 20 s."""
CONTROLLED: Final = "async () => (await navigator.serviceWorker.ready) && true"
UPDATED: Final = """async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    while (!registration.waiting) await new Promise(done => setTimeout(done, 50));
    return true;
}"""

HELD: Final = """{
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function held(...given) {
        const request = {};
        self.letGo = () => {
            const real = open.apply(this, given);
            for (const name of ['upgradeneeded', 'blocked', 'error', 'success']) {
                real[`on${name}`] = (event) => {
                    request.result = real.result;
                    request[`on${name}`]?.(event);
                };
            }
        };
        return request;
    };
}"""
"""Opens no database until `letGo()`."""


def version(phone: WorkPhone) -> str:
    """Which version of the app stands there."""
    return phone.page.get_attribute("body", "data-version") or ""


def test_the_app_can_be_installed(phone: Any) -> None:
    new = phone()
    new.page.evaluate(CONTROLLED)
    talk = new.context.new_cdp_session(new.page)
    told = talk.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A browser that keeps nothing after the test says so; that is the test's doing.
    assert [one for one in told if one["errorId"] != "in-incognito"] == []
    manifest = talk.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"start_url": "/telefon/"' in manifest["data"]


@pytest.mark.threat(36)
def test_the_app_starts_again_without_coverage(here: Morning, phone: Any) -> None:
    carer = phone(CARER)
    carer.page.evaluate(CONTROLLED)
    carer.context.set_offline(True)
    here.server.take_away()
    try:
        carer.page.reload()
        carer.type_pin()
        expect(carer.page.locator(".next")).to_contain_text("Hassan Magnusson")
        carer.page.goto(f"{carer.address}/telefon/?utm=1#/besok/{VISIT}")
        carer.type_pin()
        expect(carer.big).to_have_text("Lås upp porten")
    finally:
        carer.context.set_offline(False)
        here.server.start()
    assert carer.complaints == []


def test_the_pad_stands_there_before_the_database_is_open(phone: Any) -> None:
    carer = phone(CARER)
    carer.page.add_init_script(HELD)
    carer.page.reload()
    carer.type_pin()
    carer.page.evaluate("letGo()")
    expect(carer.page.locator(".next")).to_contain_text("Hassan Magnusson")
    assert carer.complaints == []


def test_a_pad_that_was_expected_gives_way_to_what_is_true(phone: Any) -> None:
    new = phone()
    new.page.evaluate("localStorage.setItem('nyckelfri locked', 'yes')")
    new.page.add_init_script(HELD)
    new.page.reload()
    expect(new.page.locator(".pad")).to_be_visible()
    new.page.evaluate("letGo()")
    expect(new.page.get_by_label("Engångskod")).to_be_visible()
    assert new.page.evaluate("localStorage.getItem('nyckelfri locked')") == "no"
    assert new.complaints == []


@pytest.mark.sentence(5)
@pytest.mark.threat(40)
def test_an_app_that_was_installed_anew_must_be_enrolled_anew(here: Morning, phone: Any) -> None:
    phone(CARER)
    after = phone()
    for place in ("/telefon/", f"/telefon/#/besok/{VISIT}", "/telefon/etikett/E0077"):
        after.page.goto(here.server.url + place)
        expect(after.page.get_by_label("Engångskod")).to_be_visible()
        assert "Hassan" not in after.page.locator("main").inner_text()
    after.enrol(here.code(after.label, CARER))
    after.sign_in(CARER, here.secret(CARER))
    expect(after.page.locator(".next")).to_contain_text("Hassan Magnusson")


@pytest.fixture
def newer(here: Morning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the program in which one file of the app has changed."""
    source = Path(nyckelfri.__file__).parent
    copy = shutil.copytree(
        source, tmp_path / "nyckelfri", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (copy / "web/app/signal.js").open("a", encoding="utf-8") as changed:
        changed.write("void 'a later version';\n")
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        yield copy
    here.server.take_away()
    here.server.start()


@pytest.mark.usefixtures("newer")
def test_a_new_version_waits_until_nobody_is_at_a_door(here: Morning, phone: Any) -> None:
    carer = phone(CARER)
    carer.page.evaluate(CONTROLLED)
    old = version(carer)
    here.server.take_away()
    here.server.start()
    assert carer.page.evaluate(UPDATED)
    carer.go("#/meny")
    carer.page.get_by_text("Den tas i bruk när appen låses.").wait_for(timeout=TICK)
    carer.go(f"#/besok/{VISIT}")
    assert carer.taps("Lås upp porten") == "Porten är upplåst"
    assert version(carer) == old
    carer.go("#/meny")
    carer.page.get_by_role("button", name="Lås appen").click()
    expect(carer.page.locator("body")).not_to_have_attribute("data-version", old, timeout=TICK)
    carer.type_pin()
    carer.go(f"#/besok/{VISIT}")
    expect(carer.big).to_have_text("Lås upp dörren")  # the entrance is known to be open
    assert carer.taps("Lås upp dörren") == "Dörren är upplåst"
    carer.until_all_is_sent()
    assert carer.complaints == []
