"""What a phone under fuzzing does behind message 4: any record, in any order, or no record."""

from __future__ import annotations

import asyncio
from typing import Final

from lockworld import RELEASE_NONCE, PipeEnd

from fuzz.house import House
from fuzz.objects import by_the_root
from fuzz.target import hold
from fuzz.town import HERE, Town
from fuzz.wire import Gone, Wire
from nyckelfri import cbor
from nyckelfri.door import courier as records
from nyckelfri.door import delivery
from nyckelfri.door.courier import Courier
from nyckelfri.radio.link import LinkTimeout

_MOST: Final = 12
"""Records in one visit."""
_A_MOMENT: Final = 0.05


class Errands:
    """The records of one session."""

    def __init__(
        self, house: House, town: Town, wire: Wire, link: PipeEnd, courier: Courier
    ) -> None:
        self.house = house
        self.town = town
        self.wire = wire
        self.choices = wire.choices
        self.link = link
        self.courier = courier
        self._status: records.Status | None = None
        self._last = (1, bytes(32))
        """Number and head of the last entry that has come; before that, a head that nobody has."""

    async def run(self) -> None:
        """Until the fuzzer has enough, or the link has."""
        await self._listen()
        for _ in range(_MOST):
            if not self.choices or not await self._errand(self.choices.below(16)):
                break
            await self._listen()
        await self._say(records.End())

    async def _listen(self) -> None:
        """Take what the lock says, for a moment."""
        while True:
            try:
                message = await self.link.receive(_A_MOMENT, records.MAX_RECORD)
            except LinkTimeout:
                return
            match self.courier.open(message):
                case records.Status() as status:
                    self._status = status
                case records.BatchRecord(data):
                    self._note(data)
                case records.Applied(result=result):
                    hold(result in {0, 1, 2}, "an answer is one of three")
            self.house.check()
            acknowledged = self.house.memory.tip.acknowledged
            hold(acknowledged in {0, *self.town.receipted}, "only a true head is acknowledged")

    def _note(self, data: bytes) -> None:
        claimed = delivery.claimed(data)
        hold(len(data) <= delivery.MAX_BATCH, "a batch is within its limit")
        tip = self.house.memory.tip
        if claimed.last == tip.number:
            self._last = (tip.number, tip.head)

    async def _say(self, record: records.Record) -> None:
        await self.wire.send(self.link, self.courier.seal(record))

    async def _errand(self, what: int) -> bool:  # noqa: C901, PLR0912 -- a table of cases
        """One record, or something else; False to end here."""
        choices = self.choices
        match what:
            case 0:
                return False
            case 1:
                await self._say(records.Fetch(choices.number(1 + choices.below(5))))
            case 2:
                stage = choices.below(self.town.stage + 1)
                data = self.wire.changed(self.town.key_sets[stage][1])[0]
                await self._say(records.KeySetRecord(data))
            case 3:
                await self._say(records.BulletinRecord(self.wire.changed(self.town.bulletin())[0]))
            case 4:
                await self._say(records.ReceiptRecord(self._receipt()))
            case 5:
                nonce = self._status.nonce if self._status else bytes(16)
                token = self.town.time_token(choices.chunk()[:16] or nonce)
                await self._say(records.TimeRecord(self.wire.changed(token)[0]))
            case 6:
                await self._plain(choices.chunk())
            case 7:
                await self.link.send(choices.chunk() or b"\x00")
            case 8:
                await self.link.send(choices.one_of(self.wire.heard))
            case 9:
                await self._say(records.Commission(bytes(32), HERE.root.encoded, b"", b""))
            case 10:
                await self._say(records.ReleaseRecord(self._release()))
            case 11:
                await self._say(records.Confirm())
            case 12:
                await asyncio.sleep(choices.byte() / 16)
            case 13:
                self.house.wait(choices.number(2))
            case 14:
                await self.wire.power_cut()
            case _:
                raise Gone
        return True

    async def _plain(self, plain: bytes) -> None:
        """Any bytes, well sealed."""
        direction = self.courier._sealing
        await self.link.send(direction.cipher.encrypt(direction.nonce(), plain, None))

    def _receipt(self) -> bytes:
        """Honest for what has come or is there, or of a number and a head that nobody has."""
        tip = self.house.memory.tip
        match self.choices.below(5):
            case 0:
                return self._honest_receipt(*self._last)
            case 1:
                return self._honest_receipt(tip.number, tip.head)
            case 2:
                return self.town.receipt(1 + self.choices.number(4) % 0xFFFFFFFF, bytes(32))
            case 3:
                return self.town.receipt(1 + self.choices.below(tip.number + 1), tip.head[::-1])
            case _:
                return self.wire.changed(self._honest_receipt(*self._last))[0]

    def _honest_receipt(self, number: int, head: bytes) -> bytes:
        if any(head):
            self.town.receipted.add(number)
        return self.town.receipt(number, head)

    def _release(self) -> bytes:
        """A release that the root signed for somebody else, or nobody signed at all."""
        match self.choices.below(3):
            case 0:
                installation, nonce = bytes(8), RELEASE_NONCE
            case 1:
                installation, nonce = self.town.installation, bytes(16)
            case _:
                return self.choices.chunk()
        payload = cbor.encode({1: HERE.root.municipality, 2: installation, 3: nonce})
        return by_the_root("nyckelfri/release")(payload)
