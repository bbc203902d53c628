"""The app's radio in a real page, over Web Bluetooth, against real lock processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from doorworld import NOON, Municipality

from nyckelfri.demo import air
from nyckelfri.demo.processes import Backstage, Clockwork
from nyckelfri.door.grants import Command
from nyckelfri.door.reasons import Reason
from webradio import RealDoor, StepError, Street, heard, street

FLAT = RealDoor.make("flat", 400)
ENTRANCE = RealDoor.make("entrance", 410)


@pytest.fixture
def backstage(tmp_path: Path) -> Iterator[Backstage]:
    clockwork = Clockwork(tmp_path / "clock")
    clockwork.set(NOON)
    with Backstage(tmp_path, clockwork) as programs:
        yield programs


@pytest.fixture
def here(backstage: Backstage) -> Iterator[Street]:
    with street(backstage, "flat", "entrance", "phone", "other") as built:
        yield built


@pytest.fixture(scope="module")
def municipality() -> Municipality:
    return Municipality.make()


def test_a_page_opens_a_real_door(here: Street, municipality: Municipality) -> None:
    lock = here.lock("flat", FLAT, municipality)
    phone = here.phone()
    payloads = phone.step("payloads", FLAT.record.radio_key.hex(), NOON)
    phone.step("choose", "flat", payloads)
    phone.step("connect", "flat")
    done = phone.step("open", "flat", FLAT.for_page(municipality), Command.UNLOCK)
    assert done["reason"] == Reason.GRANTED
    assert done["result"] == 1
    assert done["sizes"][:3] == [37, 53, 214]
    heard(lock, "granted")
    phone.step("close", "flat")
    phone.hears("parted")
