"""Signing in with password and second step."""

from __future__ import annotations

from typing import Any


def test_whole_way(pia: Any, surfer: Any) -> None:
    said = {"login": "20001", "password": pia.password}
    assert surfer.leads("/logga-in/", **said) == "/logga-in/steg-2/"
    assert surfer.leads("/logga-in/steg-2/", code=pia.code()) == "/"
    assert "20001" in surfer.says("/konto/")
