"""The app's radio in a real page, over Web Bluetooth, against real lock processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doorworld import NOON, Municipality
from playwright.sync_api import Playwright

from nyckelfri.demo.processes import Backstage, Clockwork
from nyckelfri.door import advert
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import MotorResult
from nyckelfri.door.reasons import Reason
from webradio import Phone, RealDoor, StepError, Street, heard, street

FLAT = RealDoor.make("flat", 400)
ENTRANCE = RealDoor.make("entrance", 410)


@pytest.fixture
def backstage(tmp_path: Path) -> Iterator[Backstage]:
    clockwork = Clockwork(tmp_path / "clock")
    clockwork.set(NOON)
    with Backstage(tmp_path, clockwork) as programs:
        yield programs


@pytest.fixture
def here(driver: Playwright, backstage: Backstage) -> Iterator[Street]:
    with street(driver, backstage, "flat", "entrance", "phone", "other") as built:
        yield built


@pytest.fixture(scope="module")
def municipality() -> Municipality:
    return Municipality.make()


def payloads(door: RealDoor, hour: int = 0) -> list[str]:
    """What the door's lock says around that many hours after noon."""
    radio_key, hours = door.record.radio_key, (NOON // 3600 + hour + n for n in (-1, 0, 1))
    return [advert.pseudonym(radio_key, each).hex() for each in (None, *hours)]


def connect(phone: Phone, name: str, door: RealDoor) -> None:
    phone.step("choose", name, payloads(door))
    phone.step("connect", name)


def unlock(phone: Phone, name: str, door: RealDoor, municipality: Municipality) -> Reason:
    done = phone.step("open", name, door.for_page(municipality), Command.UNLOCK)
    phone.step("close", name)
    return Reason(done["reason"])


def fails(end: Callable[[], Any]) -> tuple[str, str | None]:
    """The name and kind of the error that a step of the page ends with."""
    with pytest.raises(StepError) as caught:
        end()
    return caught.value.name, caught.value.kind


@pytest.mark.sentence(92)
def test_a_page_opens_a_real_door(here: Street, municipality: Municipality) -> None:
    lock = here.lock("flat", FLAT, municipality)
    phone = here.phone()
    assert phone.step("state") == "ready"
    assert phone.step("payloads", FLAT.record.radio_key.hex(), NOON) == payloads(FLAT)
    connect(phone, "flat", FLAT)
    done = phone.step("open", "flat", FLAT.for_page(municipality), Command.UNLOCK)
    assert (done["reason"], done["result"]) == (Reason.GRANTED, MotorResult.DONE)
    assert done["sizes"][:3] == [37, 53, 214]
    heard(lock, "granted")


def test_the_chooser_shows_the_one_lock_that_is_meant(
    here: Street, municipality: Municipality
) -> None:
    here.lock("flat", FLAT, municipality)
    here.lock("entrance", ENTRANCE, municipality)
    phone = here.phone()
    phone.tell("answer nothing")

    def shown(wanted: list[str], **options: bool) -> int:
        choosing = phone.begin("choose", "any", wanted, options)
        for _ in "flat", "entrance":
            phone.hears("heard")
        phone.tell("cancel")
        assert fails(choosing) == ("ChooserCancelled", None)
        rows = [event["locks"] for event in phone.bridge.events if event["what"] == "chooser"]
        phone.bridge.events.clear()
        return len(rows[-1])

    assert shown(payloads(FLAT)) == 1
    assert shown(payloads(FLAT, hour=3)) == 0
    assert shown(payloads(FLAT, hour=3), wide=True) == 2


def test_the_next_opening_within_the_hour_needs_no_chooser(
    here: Street, municipality: Municipality
) -> None:
    here.lock("flat", FLAT, municipality)
    phone = here.phone()
    connect(phone, "flat", FLAT)
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED
    phone.tell("answer nobody")
    for _ in range(3):
        assert phone.step("known", "flat", payloads(FLAT))
        phone.step("connect", "flat")
        assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED
    assert not phone.step("known", "flat", payloads(FLAT, hour=1))
    assert not phone.step("known", "entrance", payloads(ENTRANCE))


@pytest.mark.sentence(92)
def test_messages_of_every_length_pass_whole(here: Street) -> None:
    echo = here.echo("flat")
    phone = here.phone()
    phone.step("choose", "echo", [echo])
    phone.step("connect", "echo")
    for size in (1, 242, 243, 40_000):
        assert phone.step("ask", "echo", asked(size)) == "00" * size
    assert phone.step("ask", "echo", asked(1, of=40_000)) == "00"
    assert fails(lambda: phone.step("connect", "echo")) == ("LinkClosed", None)
    assert phone.step("ask", "echo", asked(5)) == "00" * 5


def asked(size: int, of: int = 4) -> str:
    """A message of `of` bytes that the echo answers with `size` zeros."""
    return (size.to_bytes(2) + b"\x00\x01" + bytes(of - 4)).hex()


@pytest.mark.threat(38)
def test_a_link_that_is_lost_in_the_middle_is_told_and_the_next_one_works(
    here: Street, municipality: Municipality
) -> None:
    lock = here.lock("flat", FLAT, municipality)
    phone = here.phone()
    connect(phone, "flat", FLAT)
    waiting = phone.begin("receive", "flat", 20_000)
    here.tell(do="drop", radio="phone")
    assert fails(waiting) == ("LinkClosed", None)
    assert phone.step("closed", "flat")

    phone.step("connect", "flat")
    here.tell(do="drop", radio="phone", after=3)
    opening = phone.begin("open", "flat", FLAT.for_page(municipality), Command.UNLOCK)
    assert fails(opening) == ("LinkClosed", None)

    phone.step("connect", "flat")
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED
    heard(lock, "granted")

    phone.step("connect", "flat")
    waiting = phone.begin("receive", "flat", 20_000)
    lock.kill()
    assert fails(waiting) == ("LinkClosed", None)


def test_a_lock_that_does_not_answer_costs_no_more_than_the_limit(
    here: Street, municipality: Municipality
) -> None:
    here.lock("flat", FLAT, municipality)
    phone = here.phone()
    connect(phone, "flat", FLAT)
    phone.tell("mute on")
    door = FLAT.for_page(municipality)
    opening = phone.begin("open", "flat", door, Command.UNLOCK, 300)
    assert fails(opening) == ("LinkTimeout", None)
    phone.step("close", "flat")
    phone.tell("mute off")
    phone.step("connect", "flat")
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_a_lock_out_of_reach_is_told_and_must_be_chosen_anew(
    here: Street, municipality: Municipality
) -> None:
    here.lock("flat", FLAT, municipality)
    phone = here.phone()
    phone.step("choose", "flat", payloads(FLAT))
    here.tell(do="strength", between=["phone", "flat"], dbm=-100)
    connecting = phone.begin("connect", "flat")
    assert fails(connecting) == ("LinkClosed", None)
    assert not phone.step("known", "flat", payloads(FLAT))
    here.tell(do="strength", between=["phone", "flat"], dbm=-50)
    connect(phone, "flat", FLAT)
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_who_waits_for_a_lock_may_give_up(here: Street, municipality: Municipality) -> None:
    here.lock("flat", FLAT, municipality)
    phone = here.phone()
    phone.tell("answer nothing")
    choosing = phone.begin("choose", "flat", payloads(FLAT))
    phone.hears("heard")
    phone.step("giveUp")
    assert fails(choosing) == ("RadioError", "given_up")
    phone.tell("cancel")

    phone.tell("answer first")
    phone.step("choose", "flat", payloads(FLAT))
    here.tell(do="jam", radio="flat", on=True)
    connecting = phone.begin("connect", "flat")
    phone.step("giveUp")
    assert fails(connecting) == ("LinkClosed", None)
    here.tell(do="jam", radio="flat", on=False)
    connect(phone, "flat", FLAT)
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_bluetooth_that_is_switched_off_is_told(here: Street, municipality: Municipality) -> None:
    here.lock("flat", FLAT, municipality)
    phone = here.phone()
    connect(phone, "flat", FLAT)
    waiting = phone.begin("receive", "flat", 20_000)
    phone.tell("bluetooth off")
    assert fails(waiting) == ("LinkClosed", None)
    assert fails(lambda: phone.step("connect", "flat")) == ("LinkClosed", None)
    phone.tell("bluetooth absent")
    assert phone.step("state") == "off"
    choosing = phone.begin("choose", "flat", payloads(FLAT))
    assert fails(choosing) == ("RadioError", "off")
    phone.tell("bluetooth on")
    assert phone.step("state") == "ready"
    connect(phone, "flat", FLAT)
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_a_page_that_may_not_use_bluetooth_says_so(here: Street) -> None:
    phone = here.phone(path="/denied/")
    assert fails(lambda: phone.step("choose", "flat", payloads(FLAT))) == ("RadioError", "denied")


def test_two_phones_at_two_doors_and_then_at_one(here: Street, municipality: Municipality) -> None:
    here.lock("flat", FLAT, municipality)
    here.lock("entrance", ENTRANCE, municipality)
    one, other = here.phone("phone"), here.phone("other")
    connect(one, "flat", FLAT)
    connect(other, "entrance", ENTRANCE)
    ends = [
        one.begin("open", "flat", FLAT.for_page(municipality), Command.UNLOCK),
        other.begin("open", "entrance", ENTRANCE.for_page(municipality), Command.UNLOCK),
    ]
    assert [end()["reason"] for end in ends] == [Reason.GRANTED, Reason.GRANTED]
    one.step("close", "flat")
    other.step("close", "entrance")

    connect(one, "flat", FLAT)
    connect(other, "flat", FLAT)
    ends = [
        each.begin("open", "flat", FLAT.for_page(municipality), Command.UNLOCK)
        for each in (one, other)
    ]
    assert ends[0]()["reason"] == Reason.GRANTED
    one.step("close", "flat")
    assert ends[1]()["reason"] == Reason.GRANTED


def test_one_phone_holds_links_to_two_doors(here: Street, municipality: Municipality) -> None:
    here.lock("flat", FLAT, municipality)
    here.lock("entrance", ENTRANCE, municipality)
    phone = here.phone()
    connect(phone, "entrance", ENTRANCE)
    phone.step("open", "entrance", ENTRANCE.for_page(municipality), Command.UNLOCK)
    connect(phone, "flat", FLAT)
    phone.step("close", "entrance")
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


@pytest.mark.sentence(4)
def test_a_phone_that_is_too_far_away_is_refused(here: Street, municipality: Municipality) -> None:
    here.lock("flat", FLAT, municipality)
    phone = here.phone()
    here.tell(do="strength", between=["phone", "flat"], dbm=-90)
    connect(phone, "flat", FLAT)
    assert unlock(phone, "flat", FLAT, municipality) is Reason.TOO_FAR


def test_a_page_that_goes_away_frees_the_lock_for_the_next_one(
    here: Street, municipality: Municipality
) -> None:
    here.lock("flat", FLAT, municipality)
    phone = here.phone()
    connect(phone, "flat", FLAT)
    phone.page.goto("about:blank")
    phone.hears("parted")
    phone.page.goto(here.address)
    phone.page.wait_for_function("self.step")
    assert not phone.step("known", "flat", payloads(FLAT))
    connect(phone, "flat", FLAT)
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED
