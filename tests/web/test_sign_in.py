"""Signing in as people do it: code from a manager, app, passkey, the municipality's account.

House rules: the browser's authenticator is Chromium's own virtual one; the app is the
secret on the page and RFC 6238; nothing is logged in past the pages.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

import providerworld
import webworld
from providerworld import MFA
from webworld import Site, Visitor

PASSWORD = "correct horse battery staple"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASK = """async rules => (await axe.run({runOnly: rules, resultTypes: ["violations"]}))
    .violations.map(each => each.id + ": " + each.nodes.map(node => node.html).slice(0, 3))"""


@pytest.fixture
def here(site: Site) -> Site:
    """The server by a name: passkeys belong to names and not to numbers."""
    return replace(site, address=site.address.replace("127.0.0.1", "localhost"))


@pytest.fixture
def somebody(site: Site) -> str:
    """The number of a planner who has no account yet."""
    return planner_without_account(site.directory)


def planner_without_account(directory: Path) -> str:
    with closing(sqlite3.connect(directory / "nyckelfri.sqlite3")) as database:
        found = database.execute(
            "SELECT number FROM people_employee WHERE user_id IS NULL AND role IN"
            " ('planner', 'auditor', 'care_assessor', 'service_centre') ORDER BY number"
        ).fetchall()
    return str(found[-1][0])


def code_for(directory: Path, number: str) -> str:
    """What `nyckelfri server account-code` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "nyckelfri.cli", "server", "account-code", number],
        env=webworld._environment(directory),
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.strip()


def activate(page: Page, site: Site, number: str) -> None:
    page.goto(f"{site.address}/logga-in/")
    page.get_by_role("link", name="Aktivera ditt konto").click()
    page.get_by_label("Användarnamn").fill(number)
    page.get_by_label("Aktiveringskod").fill(code_for(site.directory, number))
    page.get_by_label("Nytt lösenord").fill(PASSWORD)
    page.get_by_label("Samma lösenord igen").fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skaffa ett andra steg")


def log_in(page: Page, number: str) -> None:
    page.get_by_label("Användarnamn").fill(number)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Visa att det är du")


def is_well_made(seen: Visitor, heading: str) -> None:
    """The page with this heading is accessible, wide and light, narrow and dark."""
    expect(seen.page.get_by_role("heading", level=1)).to_have_text(heading)
    seen.page.evaluate(webworld.axe())
    for width, scheme in ((webworld.WIDE, "light"), (webworld.NARROW, "dark")):
        seen.page.set_viewport_size({"width": width, "height": 900})
        seen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert seen.sideways() <= 0, heading
        assert seen.page.evaluate(ASK, RULES) == [], heading
    seen.page.set_viewport_size({"width": webworld.WIDE, "height": 900})
    seen.page.emulate_media(color_scheme="light")


def is_in(page: Page) -> None:
    page.wait_for_url(re.compile(r"/$"))
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible()


def code_of(secret: str, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + ahead))


def test_with_an_app_and_recovery_codes(browser: Browser, here: Site, somebody: str) -> None:
    with webworld.visitor(browser, here) as seen:
        page = seen.page
        activate(page, here, somebody)
        is_well_made(seen, "Skaffa ett andra steg")
        page.get_by_role("link", name="Koppla en app").click()
        is_well_made(seen, "Koppla en app")
        page.get_by_label("Kod").fill(code_of(page.locator("main code").inner_text()))
        secret = page.locator("main code").inner_text()
        page.get_by_role("button", name="Koppla en app").click()
        is_well_made(seen, "Reservkoder")
        codes = page.locator(".codes code").all_inner_texts()
        assert len(codes) == 10
        page.get_by_role("link", name="Fortsätt").click()
        is_well_made(seen, "Mitt konto")
        for path, heading in (
            ("/konto/app/ta-bort/", "Ta bort appen"),
            ("/konto/reservkoder/nya/", "Gör nya reservkoder"),
            ("/konto/reservkoder/", "Reservkoder"),
            ("/konto/igen/kod/", "Visa igen att det är du"),
        ):
            page.goto(here.address + path)
            is_well_made(seen, heading)
        page.get_by_role("button", name="Logga ut").click()
        log_in(page, somebody)
        is_well_made(seen, "Visa att det är du")
        page.get_by_label("Kod").fill("000000")
        page.get_by_role("button", name="Använd koden").click()
        expect(page.get_by_role("alert")).to_contain_text("Koden stämmer inte")
        page.get_by_label("Kod").fill(code_of(secret, 1))
        page.get_by_role("button", name="Använd koden").click()
        is_in(page)
        page.get_by_role("button", name="Logga ut").click()
        log_in(page, somebody)
        page.get_by_label("Kod").fill(codes[0])
        page.get_by_role("button", name="Använd koden").click()
        is_in(page)
        assert [each for each in seen.complaints if "422" not in each] == []


def test_with_a_passkey_alone_and_after_the_password(
    browser: Browser, here: Site, somebody: str
) -> None:
    with webworld.visitor(browser, here) as seen:
        page = seen.page
        _authenticator(seen)
        activate(page, here, somebody)
        page.get_by_role("link", name="Lägg till en nyckel").click()
        page.get_by_label("Namn på nyckeln").fill("Jobbmobilen")
        page.get_by_role("button", name="Lägg till en nyckel").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Reservkoder")
        page.get_by_role("link", name="Fortsätt").click()
        expect(page.get_by_text("Nyckel: Jobbmobilen")).to_be_visible()
        page.get_by_role("button", name="Logga ut").click()
        page.get_by_role("button", name="Logga in med nyckel").click()
        is_in(page)
        page.goto(f"{here.address}/konto/nyckel/")
        is_well_made(seen, "Lägg till en nyckel")
        page.goto(f"{here.address}/konto/igen/nyckel/")
        is_well_made(seen, "Visa igen att det är du")
        page.get_by_role("button", name="Logga ut").click()
        log_in(page, somebody)
        is_well_made(seen, "Visa att det är du")
        page.get_by_role("button", name="Använd nyckel").click()
        is_in(page)
        assert seen.complaints == []


def test_a_browser_without_the_passkey_says_so_and_leaves_the_password(
    browser: Browser, here: Site
) -> None:
    with webworld.visitor(browser, here) as seen:
        _authenticator(seen, isUserVerified=False)
        seen.page.goto(f"{here.address}/logga-in/")
        seen.page.get_by_role("button", name="Logga in med nyckel").click()
        expect(seen.page.get_by_role("alert")).to_contain_text("Det avbröts")
        expect(seen.page.get_by_label("Lösenord")).to_be_visible()


@pytest.fixture
def signed_on(town: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server that trusts a provider, which runs too."""
    with providerworld.running("http://localhost:1/logga-in/kommunen/svar/") as provider:
        for name, value in {
            "ISSUER": provider.issuer,
            "CLIENT_ID": "nyckelfri",
            "CLIENT_SECRET": "not a real secret",
            "SECOND_STEP": MFA,
        }.items():
            monkeypatch.setenv(f"NYCKELFRI_OIDC_{name}", value)
        with webworld.running(town) as running:
            yield running


def test_with_the_municipality_s_account(browser: Browser, signed_on: Site, somebody: str) -> None:
    code_for(signed_on.directory, somebody)  # makes the account
    with webworld.visitor(browser, signed_on) as seen:
        page = seen.page
        page.goto(f"{signed_on.address}/oppningar/")
        page.get_by_role("link", name="Logga in med kommunens konto").click()
        page.get_by_label("Name").fill(somebody)
        page.get_by_label("How").fill(MFA)
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url(re.compile(r"/oppningar/"))
        expect(page.get_by_role("button", name="Logga ut")).to_be_visible()


def _authenticator(seen: Visitor, **options: Any) -> None:
    """Give the browser an authenticator: a phone or computer with a PIN."""
    talk = seen.context.new_cdp_session(seen.page)
    talk.send("WebAuthn.enable")
    talk.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, **options}})
