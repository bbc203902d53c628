"""Whom the server believes about where a request comes from."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accountsworld import Person, Surfer
from nyckelfri.server.proxies import address
from serverworld import PASSWORD


@pytest.mark.parametrize(
    ("header", "proxies", "found"),
    [
        ("192.0.2.1", 0, None),
        ("192.0.2.1", 1, "192.0.2.1"),
        ("10.0.0.1, 192.0.2.1", 1, "192.0.2.1"),  # the first was sent by whoever asked
        ("10.0.0.1, 192.0.2.1, 198.51.100.7", 2, "192.0.2.1"),
        ("192.0.2.1", 2, None),
        ("", 1, None),
        ("unknown", 1, None),
        ("2001:db8::1", 1, "2001:db8::1"),
        ("192.0.2.1\n", 1, "192.0.2.1"),
        ("<script>", 1, None),
    ],
)
def test_as_many_proxies_are_believed_as_are_said_to_stand_there(
    header: str, proxies: int, found: str | None
) -> None:
    assert address(header, proxies) == found


@pytest.mark.threat(51)
def test_a_forged_header_gives_nobody_new_tries(pia: Person, surfer: Surfer) -> None:
    for number in range(10):
        surfer.post(
            "/logga-in/",
            {"login": "20001", "password": "wrong"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        )
    answer = surfer.post(
        "/logga-in/",
        {"login": "20001", "password": PASSWORD},
        headers={"X-Forwarded-For": "192.0.2.99"},
    )
    assert "För många försök" in answer.content.decode()


@pytest.mark.threat(51)
def test_behind_a_proxy_one_guesser_locks_nobody_else_out(pia: Person, settings: Settings) -> None:
    settings.PROXIES = 1
    for number in range(55):
        Surfer().post(
            "/logga-in/",
            {"login": f"name {number}", "password": "wrong"},
            headers={"X-Forwarded-For": "192.0.2.66"},
        )
    answer = Surfer().post(
        "/logga-in/",
        {"login": "20001", "password": PASSWORD},
        headers={"X-Forwarded-For": "192.0.2.1"},
    )
    assert answer.headers["Location"] == "/logga-in/steg-2/"
