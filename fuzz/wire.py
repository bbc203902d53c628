"""What happens to bytes between a phone and a lock: nothing, or what the fuzzer likes."""

from __future__ import annotations

import asyncio
from typing import Protocol

from lockworld import PipeEnd

from fuzz.choices import Choices


class Gone(Exception):  # noqa: N818 -- no error: the phone goes away
    """This visit is over."""


class Powered(Protocol):
    """A unit with a plug and a time outside, in Unix seconds."""

    @property
    def true_now(self) -> int:
        """The time outside."""
        ...

    def wait(self, seconds: int) -> None:
        """Let time pass at once."""
        ...

    def power_on(self, hardware: int | None) -> None:
        """Start; the clock chip says `hardware`."""
        ...

    async def power_off(self) -> None:
        """Stop where it is."""
        ...


class Wire:
    """The air between them; `heard` are messages of this and earlier links, for replay."""

    def __init__(self, house: Powered, choices: Choices) -> None:
        self.house = house
        self.choices = choices
        self.heard: list[bytes] = [b"\x00"]

    async def send(self, link: PipeEnd, message: bytes) -> bool:
        """Send a message as it is or not; whether exactly it was sent."""
        sent, changed = self.changed(message)
        await self.transmit(link, sent)
        return not changed

    async def transmit(self, link: PipeEnd, message: bytes) -> None:
        """Send it, unless the phone dies; perhaps late, twice, behind noise, or into the dark."""
        how = self.choices.below(16)
        if how == 1:
            raise Gone
        if how == 2:
            await asyncio.sleep(self.choices.byte() / 16)
        if how == 3 and link.other is not None:
            link.other.push(self.choices.chunk())
        await link.send(message)
        self.heard.append(message)
        if how == 4:
            await link.send(message)
        if how == 5:
            await self.power_cut()

    def changed(self, message: bytes) -> tuple[bytes, bool]:
        """The message, or what the fuzzer makes of it; whether that differs."""
        choices = self.choices
        how = choices.below(12)
        data = bytearray(message)
        if how < 6:
            return message, False
        at = choices.number(2) % len(data)
        match how:
            case 6:
                data[at] ^= 1 << choices.below(8)
            case 7:
                del data[at:]
            case 8:
                data += choices.chunk()
            case 9:
                data = bytearray(choices.one_of(self.heard))
            case 10:
                data[at:] = choices.chunk()
            case _:
                del data[at : at + 1 + choices.below(4)]
        made = bytes(data) or b"\x00"
        return made, made != message

    async def power_cut(self) -> None:
        """The unit stops here, and starts again after a while."""
        await self.house.power_off()
        self.house.wait(self.choices.byte())
        self.house.power_on(self.house.true_now)
        raise Gone
