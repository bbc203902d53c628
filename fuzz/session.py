"""Target: a commissioned lock through several links, clocks, power cuts and key rotations.

House rule: whatever happens in between, at the end an honest phone is served, the journal is
whole and says what happened, and nothing but the ends of links was raised on the way.
"""

from __future__ import annotations

from typing import Final

from fuzz import honest, virtual
from fuzz.choices import Choices
from fuzz.house import House, template
from fuzz.scratch import copy_of
from fuzz.target import Seeds, Target
from fuzz.town import DOOR, Town
from fuzz.visitor import Visitor
from nyckelfri.door.commissioning import Kind
from nyckelfri.lock.adapters.simulated import SimulatedMotor

_STEPS: Final = 8
"""Most steps of one input: enough for a rotation, a power cut and a few links."""


def session(data: bytes) -> None:
    """One life of a lock."""
    virtual.run(_story(Choices(data)))


async def _story(choices: Choices) -> None:
    kind = choices.one_of((Kind.THUMB_TURN, Kind.ENTRANCE_UNIT))
    with copy_of(template(kind)) as path:
        house = House(kind, path)
        try:
            await _life(choices, house)
        finally:
            await house.power_off()
            if house.fault is not None:
                raise house.fault


async def _life(choices: Choices, house: House) -> None:
    town = Town(lambda: house.true_now)
    visitor = Visitor(house, town, choices)
    for _ in range(_STEPS):
        if not choices:
            break
        await _step(choices, house, town, visitor)
        house.check()
    house.battery.charge = 100
    _mend(house)
    await house.controller.finish()
    await honest.opens(house, town, DOOR.record)
    await house.controller.finish()
    house.check()
    house.read_journal()


async def _step(choices: Choices, house: House, town: Town, visitor: Visitor) -> None:
    match choices.below(8):
        case 0 | 1 | 2 | 3:
            await visitor.visit()
        case 4:
            house.wait(choices.number(3))
        case 5:
            await _power_cut(choices, house)
        case 6:
            town.advance()
        case _:
            _trouble(choices, house)


async def _power_cut(choices: Choices, house: House) -> None:
    """Off for a while, and on again with a clock chip that is right, gone or wrong."""
    await house.power_off()
    house.wait(choices.number(3))
    now, wrong = house.true_now, choices.number(3)
    house.power_on(choices.one_of((now, None, now - wrong, now + wrong % 604_800, 0)))


def _trouble(choices: Choices, house: House) -> None:
    """Battery, bolt, and the hourly chores."""
    what = choices.below(6)
    if isinstance(house.motor.inner, SimulatedMotor):
        house.motor.inner.jammed = what == 1
        house.motor.inner.stalled = what == 2
    house.motor.inner.powered = what != 3
    if what == 4:
        house.battery.charge = choices.below(101)
        house.memory.note_battery(house.battery.charge)
    if what == 5:
        house.memory.checkpoint()


def _mend(house: House) -> None:
    house.motor.inner.powered = True
    if isinstance(house.motor.inner, SimulatedMotor):
        house.motor.inner.jammed = house.motor.inner.stalled = False


# Seeds: the bytes of a story, in the order in which `Visitor` and `Errands` ask.


def _visit(
    *,
    strength: int = 0,
    paper: bytes = b"\x00",
    first: bytes = b"\x00\x00",
    items: bytes = b"\x00\x00",
    objects: bytes = b"",
    third: bytes = b"\x00\x00",
    errands: bytes = b"",
) -> bytes:
    return b"\x00" + bytes([strength]) + paper + first + items + objects + third + errands


_SAID: Final = b"\x00\x00"
"""A record that goes as it is."""


def _seeds() -> Seeds:
    unlock, lock = _visit(errands=b"\x01\x00\x00" + _SAID + b"\x00"), _visit(items=b"\x00\x01")
    service = _visit(paper=b"\x0e", items=b"\x00\x02", errands=b"\x04\x01" + _SAID + b"\x00")
    wait, rotate = b"\x04\x00\x0e\x10", b"\x06"
    yield "nothing", b""
    yield "unlock-fetch-lock", b"\x00" + unlock + wait + lock
    yield "entrance-unit", b"\x01" + unlock + lock
    yield "service-and-receipt", b"\x00" + unlock + service
    yield (
        "time-token",
        b"\x00" + _visit(errands=b"\x05\x00\x00" + _SAID + b"\x05\x02ab\x00" + _SAID),
    )
    yield (
        "bulletins",
        b"\x00" + _visit(errands=b"\x03\x00" + _SAID + b"\x03\x06\x00\x04\x01" + _SAID),
    )
    yield "rotation", b"\x00" + rotate + unlock + _visit(items=b"\x18\x00", objects=b"\x01\x02")
    yield (
        "new-epoch",
        b"\x00"
        + rotate
        + rotate
        + _visit(errands=b"\x02\x02\x00" + _SAID)
        + _visit(items=b"\x18\x00", objects=b"\x02\x02"),
    )
    yield (
        "lost-clock",
        b"\x00\x05\x00\x10\x00\x00\x00\x00\x01"
        + unlock
        + _visit(items=b"\x10\x00", objects=b"\x02"),
    )
    yield "clock-ahead", b"\x00\x05\x00\x10\x00\x01\x00\x00\x03" + unlock
    yield "power-cut-while-it-moves", b"\x00" + _visit(errands=b"\x0e\x05") + lock
    yield "jammed", b"\x00\x07\x01" + unlock + b"\x07\x02" + lock + b"\x07\x03" + unlock
    yield "replayed", b"\x00" + unlock + _visit(first=b"\x09\x00\x00\x01\x00") + unlock
    yield (
        "flipped",
        b"\x00" + _visit(third=b"\x06\x00\x20\x03\x00") + _visit(first=b"\x06\x00\x05\x01\x00"),
    )
    yield "cut", b"\x00" + _visit(third=b"\x07\x00\x40\x00") + _visit(first=b"\x00\x01")
    yield "sent-twice", b"\x00" + _visit(first=b"\x00\x04") + _visit(third=b"\x00\x04")
    yield "too-far", b"\x00" + _visit(strength=2) + _visit(strength=3)
    for number, name in enumerate(
        ("expired", "early", "elsewhere", "revoked", "blocked", "forged")
    ):
        paper = (
            bytes([3 + number]) + (b"\x00\x10", b"\x03\x00\x00", b"", b"", b"\x01", b"\x00")[number]
        )
        bulletin = _visit(paper=paper, items=b"\x10\x00", objects=b"\x02")
        yield name, b"\x00" + bulletin + _visit(paper=paper)
    yield "stolen-grant", b"\x00" + _visit(paper=b"\x0c")
    yield "odd-items", b"\x00" + b"".join(_visit(items=bytes([how, 0])) for how in (1, 3, 4))
    yield "raw-records", b"\x00" + _visit(errands=b"\x06\x03\x06\x18\x2a" + b"\x07\x02hi")
    fetch, receipt = b"\x01\x00\x00" + _SAID, b"\x04\x00" + _SAID
    forged = b"\x04\x03\x01" + _SAID
    yield "receipts", b"\x00" + _visit(errands=fetch + receipt + fetch + forged) + lock
    yield "forged-receipts", b"\x00" + _visit(errands=forged + b"\x04\x02\x00\x00\x00\x05" + _SAID)
    objects = b"\x02\x01\x00" + _SAID + b"\x03\x00" + _SAID
    yield "objects-in-records", b"\x00" + rotate + _visit(errands=objects)
    yield (
        "release",
        b"\x00"
        + _visit(paper=b"\x0e", items=b"\x00\x02", errands=b"\x0a\x00" + _SAID + b"\x0b" + _SAID),
    )


TARGETS = (Target("session", session, _seeds, longest=400, share=6.0, tries=100, slow=20),)
