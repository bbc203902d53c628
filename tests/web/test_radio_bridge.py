"""The app's radio in a real page, over Web Bluetooth, against real lock processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from doorworld import NOON, Municipality
from playwright.sync_api import Playwright

from nyckelfri.demo.processes import Backstage, Clockwork
from nyckelfri.door import advert
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import MotorResult
from nyckelfri.door.reasons import Reason
from webradio import Handset, Phone, RealDoor, StepError, Street, heard, street

pytestmark = pytest.mark.slow

FLAT = RealDoor.make("flat", 400)
ENTRANCE = RealDoor.make("entrance", 410)
SHED = RealDoor.make("shed", 420)


@pytest.fixture(scope="module")
def municipality() -> Municipality:
    return Municipality.make()


@pytest.fixture(scope="module")
def here(
    driver: Playwright, municipality: Municipality, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Street]:
    """A street with a lock at two doors, and radios for more."""
    folder = tmp_path_factory.mktemp("street")
    clockwork = Clockwork(folder / "clock")
    clockwork.set(NOON)
    radios = ("flat", "entrance", "shed", "echo", "phone", "other")
    with Backstage(folder, clockwork) as backstage, street(driver, backstage, *radios) as built:
        for name, door in (("flat", FLAT), ("entrance", ENTRANCE)):
            built.lock(name, door, municipality)
        yield built


@pytest.fixture(scope="module")
def handset(here: Street) -> Handset:
    return here.handset("phone")


@pytest.fixture
def phone(here: Street, handset: Handset) -> Iterator[Phone]:
    here.tell(do="strength", between=["phone", "flat"], dbm=-50)
    with handset.page() as shown:
        yield shown


def payloads(door: RealDoor, hour: int = 0) -> list[str]:
    """What the door's lock says around that many hours after noon."""
    radio_key, hours = door.record.radio_key, (NOON // 3600 + hour + n for n in (-1, 0, 1))
    return [advert.pseudonym(radio_key, each).hex() for each in (None, *hours)]


def connect(phone: Phone, name: str, door: RealDoor) -> None:
    phone.step("choose", name, payloads(door))
    phone.step("connect", name)


def unlock(phone: Phone, name: str, door: RealDoor, municipality: Municipality) -> Reason:
    """A whole visit to the lock that was chosen last."""
    done = phone.step("visit", name, door.for_page(municipality), Command.UNLOCK)
    return Reason(done["reason"])


def fails(end: Callable[[], Any]) -> tuple[str, str | None]:
    """The name and kind of the error that a step of the page ends with."""
    with pytest.raises(StepError) as caught:
        end()
    return caught.value.name, caught.value.kind


@pytest.mark.sentence(92)
def test_a_page_opens_a_real_door(phone: Phone, municipality: Municipality) -> None:
    assert phone.step("state") == "ready"
    assert phone.step("payloads", FLAT.record.radio_key.hex(), NOON) == payloads(FLAT)
    phone.step("choose", "flat", payloads(FLAT))
    done = phone.step("visit", "flat", FLAT.for_page(municipality), Command.UNLOCK)
    assert (done["reason"], done["result"]) == (Reason.GRANTED, MotorResult.DONE)
    assert done["sizes"][:3] == [37, 53, 214]


def test_the_chooser_shows_the_one_lock_that_is_meant(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
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
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    phone.step("choose", "flat", payloads(FLAT))
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED
    phone.tell("answer nobody")
    for _ in range(3):
        assert phone.step("known", "flat", payloads(FLAT))
        assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED
    assert not phone.step("known", "flat", payloads(FLAT, hour=1))
    assert not phone.step("known", "entrance", payloads(ENTRANCE))


@pytest.mark.sentence(92)
def test_messages_of_every_length_pass_whole(here: Street, phone: Phone) -> None:
    echo = here.echo("echo")
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
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    lock = here.lock("shed", SHED, municipality)
    connect(phone, "shed", SHED)
    waiting = phone.begin("receive", "shed", 20_000)
    here.tell(do="drop", radio="phone")
    assert fails(waiting) == ("LinkClosed", None)
    assert phone.step("closed", "shed")

    here.tell(do="drop", radio="phone", after=12)
    opening = phone.begin("enter", "shed", SHED.for_page(municipality), Command.UNLOCK)
    assert fails(opening) == ("LinkClosed", None)

    assert unlock(phone, "shed", SHED, municipality) is Reason.GRANTED
    heard(lock, "granted")
    heard(lock, "outcome")

    phone.step("connect", "shed")
    waiting = phone.begin("receive", "shed", 20_000)
    lock.kill()
    assert fails(waiting) == ("LinkClosed", None)


def test_a_lock_that_does_not_answer_costs_no_more_than_the_limit(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    phone.step("choose", "flat", payloads(FLAT))
    phone.tell("mute on")
    door = FLAT.for_page(municipality)
    opening = phone.begin("enter", "flat", door, Command.UNLOCK, 300)
    assert fails(opening) == ("LinkTimeout", None)
    phone.step("close", "flat")
    phone.tell("mute off")
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_a_lock_out_of_reach_is_told_and_must_be_chosen_anew(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    phone.step("choose", "flat", payloads(FLAT))
    here.tell(do="strength", between=["phone", "flat"], dbm=-100)
    tries = 0
    while phone.step("known", "flat", payloads(FLAT)):
        assert fails(phone.begin("connect", "flat"))[0] in {"LinkClosed", "LinkTimeout"}
        tries += 1
    assert 1 <= tries <= 2
    here.tell(do="strength", between=["phone", "flat"], dbm=-50)
    phone.step("choose", "flat", payloads(FLAT))
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_who_waits_for_a_lock_may_give_up(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
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
    phone.step("choose", "flat", payloads(FLAT))
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_bluetooth_that_is_switched_off_is_told(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
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
    phone.step("choose", "flat", payloads(FLAT))
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_a_page_that_may_not_use_bluetooth_says_so(handset: Handset) -> None:
    with handset.page("/denied/") as phone:
        choosing = phone.begin("choose", "flat", payloads(FLAT))
        assert fails(choosing) == ("RadioError", "denied")


def test_two_phones_at_two_doors_and_then_at_one(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    with here.handset("other").page() as other:

        def visits(*at: tuple[Phone, str, RealDoor]) -> list[int]:
            ends = []
            for who, name, door in at:
                who.step("choose", name, payloads(door))
            for who, name, door in at:
                ends += [who.begin("visit", name, door.for_page(municipality), Command.UNLOCK)]
                who.hears("connected")  # of two that begin at once one fails: the air is like that
            return [end()["reason"] for end in ends]

        assert visits((phone, "flat", FLAT), (other, "entrance", ENTRANCE)) == [0, 0]
        assert visits((phone, "flat", FLAT), (other, "flat", FLAT)) == [0, 0]


def test_one_phone_holds_links_to_two_doors(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    for name, door in (("entrance", ENTRANCE), ("flat", FLAT)):
        phone.step("choose", name, payloads(door))
        done = phone.step("enter", name, door.for_page(municipality), Command.UNLOCK)
        assert done["reason"] == Reason.GRANTED
    phone.step("close", "entrance")
    phone.step("close", "flat")
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


@pytest.mark.sentence(4)
def test_a_phone_that_is_too_far_away_is_refused(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    here.tell(do="strength", between=["phone", "flat"], dbm=-90)
    phone.step("choose", "flat", payloads(FLAT))
    assert unlock(phone, "flat", FLAT, municipality) is Reason.TOO_FAR


def test_a_page_that_goes_away_frees_the_lock_for_the_next_one(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    connect(phone, "flat", FLAT)
    phone.page.goto("about:blank")
    phone.hears("parted")
    phone.load(here.address)
    assert not phone.step("known", "flat", payloads(FLAT))
    phone.step("choose", "flat", payloads(FLAT))
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED


def test_in_the_next_hour_a_lock_has_another_address_and_is_chosen_anew(
    here: Street, phone: Phone, municipality: Municipality
) -> None:
    phone.step("choose", "flat", payloads(FLAT))
    before = phone.hears("chosen")["lock"]
    here.backstage.clockwork.set(NOON + 3600)
    assert not phone.step("known", "flat", payloads(FLAT, hour=1))
    phone.tell("answer nothing")
    # What was chosen an hour ago is still in the browser's list, and is nobody any more.
    choosing = phone.begin("choose", "flat", payloads(FLAT, hour=1))
    while not (others := set(phone.hears("chooser")["locks"]) - {before}):
        pass
    phone.tell(f"choose {others.pop()}")
    choosing()
    assert unlock(phone, "flat", FLAT, municipality) is Reason.GRANTED
