"""The app's label reader in a real page, with labels that a script holds to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

import webworld
from webradio import RADIOS, StepError, read, served

SHIM = Path(__file__).parent / "nfcshim.js"
LABEL = "https://omsorg.example/telefon/etikett/E0001"
SIGNED = f"{LABEL}?p=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086"


@pytest.fixture(scope="module")
def reader(driver: Playwright) -> Iterator[Browser]:
    with webworld.chromium(driver, *RADIOS) as running:
        yield running


@pytest.fixture
def page(reader: Browser) -> Iterator[Page]:
    context = reader.new_context()
    context.add_init_script(path=SHIM)
    with served() as address:
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("self.step")
        yield page
        context.close()


def step(page: Page, name: str) -> Any:
    return read(page.evaluate("name => step(name, [])", name))


def hold(page: Page, *records: dict[str, str]) -> None:
    assert page.evaluate("records => holdLabel(records)", list(records)) == 1


@pytest.mark.parametrize("url", [LABEL, SIGNED])
def test_a_label_gives_its_address_as_it_stands(page: Page, url: str) -> None:
    step(page, "scan")
    hold(page, {"recordType": "url", "data": url})
    assert step(page, "seen") == [url]


def test_what_is_no_label_of_ours_is_told_and_the_next_one_is_read(page: Page) -> None:
    url = {"recordType": "url", "data": LABEL}
    step(page, "scan")
    hold(page, {"recordType": "text", "data": LABEL})
    hold(page, url, url)
    hold(page, {"recordType": "url", "data": LABEL + "?" + "x" * 300})
    page.evaluate("holdNoise()")
    hold(page, url)
    assert step(page, "seen") == ["strange"] * 3 + ["unreadable", LABEL]


def test_after_the_end_nothing_is_read(page: Page) -> None:
    step(page, "scan")
    step(page, "stopScan")
    assert page.evaluate("holdLabel([])") == 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("NotAllowedError", "denied"),
        ("NotSupportedError", "missing"),
        ("NotReadableError", "off"),
        ("UnknownError", "failed"),
    ],
)
def test_a_phone_that_cannot_read_labels_says_why(page: Page, error: str, kind: str) -> None:
    page.evaluate("error => { self.nfcFails = error; }", error)
    with pytest.raises(StepError) as caught:
        step(page, "scan")
    assert (caught.value.name, caught.value.kind) == ("RadioError", kind)


def test_the_state_tells_whether_the_first_scan_will_ask(page: Page) -> None:
    assert step(page, "labelState") in {"ask", "denied"}  # a headless browser asks nobody
