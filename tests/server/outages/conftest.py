"""A server whose commits are real, with keys, the cast's locks and phones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from carerworld import Carer
from outageworld import WsgiApi
from serverfixtures import (
    SetClock,
    alices_phone,
    bobs_phone,
    committed_db,
    keys,
    locks,
    password_hash,
    passwords,
    set_clock,
)
from serverworld import Handset

__all__ = [
    "alices_phone",
    "bobs_phone",
    "committed_db",
    "keys",
    "locks",
    "password_hash",
    "passwords",
    "set_clock",
]


@pytest.fixture
def api(set_clock: SetClock, alices_phone: Handset, passwords: None) -> WsgiApi:
    """Alice's phone at the API, nobody signed in."""
    return WsgiApi(alices_phone.token)


@pytest.fixture
def carer(
    api: WsgiApi, locks: Any, alices_phone: Handset, moment: datetime, set_clock: SetClock
) -> Carer:
    """Alice, signed in and synced once."""
    assert api.sign_in("10001").status == 200
    return Carer.begin(
        api,
        phone=alices_phone.row,
        lock=locks.home,
        client="B0001",
        now=moment,
        set_clock=set_clock,
    )
