"""The phone that must always be served."""

from __future__ import annotations

import asyncio
from typing import Protocol

from lockworld import PipeEnd, pipe

from fuzz.house import Attempt
from fuzz.target import hold
from fuzz.town import PHONES, Town
from nyckelfri.door import courier as records
from nyckelfri.door.courier import Courier
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import Decision, DoorRecord, NotAcceptedError, PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.radio.link import LinkError

_PATIENCE = 5.0
_LONGEST = 65_535


class Server(Protocol):
    """Whatever serves links."""

    async def serve(self, link: PipeEnd) -> None:
        """One link to its end."""
        ...


class Place(Protocol):
    """A lock, or a unit that is one now."""

    attempt: Attempt | None

    @property
    def controller(self) -> Server:
        """What serves its links."""
        ...


class Visit:
    """One honest opening, from message 1 to the last record."""

    def __init__(self, place: Place, town: Town, door: DoorRecord, command: Command) -> None:
        paper = town.paper(scope=command.scope)
        self.attempt = Attempt(paper, command, -50, genuine=True)
        place.attempt = self.attempt
        lock_end, self.link = pipe(-50)
        self._phone = PhoneOpening(door, PHONES[0], paper.data)
        self._served = asyncio.ensure_future(place.controller.serve(lock_end))
        self.courier: Courier

    async def decision(
        self, command: Command, *, key_set: bytes | None = None, bulletin: bytes | None = None
    ) -> Decision:
        """Messages 1 to 4; NotAcceptedError."""
        message_1, waiting = self._phone.message_1()
        await self.link.send(message_1)
        proven = waiting.message_2(await self.link.receive(_PATIENCE, 1000))
        message_3, after = proven.message_3(command, key_set=key_set, bulletin=bulletin)
        await self.link.send(message_3)
        found, self.courier = after.message_4(await self.link.receive(_PATIENCE, 1000))
        return found

    async def next(self) -> records.Record:
        """The next record of the lock."""
        return self.courier.open(await self.link.receive(_PATIENCE, _LONGEST))

    async def ask(self, record: records.Record) -> records.Record:
        """The lock's answer to a record."""
        await self.link.send(self.courier.seal(record))
        return await self.next()

    async def end(self) -> None:
        """Say goodbye if there is somebody, and see that the lock is done with the link."""
        if hasattr(self, "courier"):
            await self.link.send(self.courier.seal(records.End()))
        await asyncio.wait({self._served}, timeout=60)
        hold(self._served.done(), "a lock ends an ended link")
        self._served.result()
        await self.link.close()


async def opens(place: Place, town: Town, door: DoorRecord) -> None:
    """An honest phone, online, opens in at most four tries, whatever was before."""
    try:
        for turn in range(4):
            if await _try(place, town, door, heal=turn > 0):
                return
    except LinkError as error:
        hold(condition=False, what=f"an honest phone is answered ({error})")
    hold(condition=False, what="an honest phone is served")


async def _try(place: Place, town: Town, door: DoorRecord, *, heal: bool) -> bool:
    visit = Visit(place, town, door, Command.UNLOCK)
    key_set, bulletin = (town.key_sets[town.stage][1], town.bulletin()) if heal else (None, None)
    try:
        decision = await visit.decision(Command.UNLOCK, key_set=key_set, bulletin=bulletin)
    except NotAcceptedError:
        await visit.end()
        return False
    status = await visit.next()
    granted = decision.reason is Reason.GRANTED
    if granted:
        hold(visit.attempt.started, "what is granted moves")
        hold(isinstance(await visit.next(), records.OutcomeRecord), "its outcome is told")
    elif isinstance(status, records.Status):
        await visit.ask(records.TimeRecord(town.time_token(status.nonce)))
    await visit.end()
    return granted
