"""The lock: what happens between a phone that subscribes and a bolt that moves.

House rules: the intent is on stable storage before the motor starts; nothing that comes over
the radio can stop the lock from serving the next phone; until a phone has proven its grant it
hears one and the same answer. The order of steps is that of docs/protocol.md, section 6.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nyckelfri.door import journal, opening, policy
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.courier import CourierError
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import Decision, LockOpening, NotAcceptedError, Presented
from nyckelfri.door.policy import Stay
from nyckelfri.door.reasons import Reason
from nyckelfri.lock import ports
from nyckelfri.lock.deliveries import Deliveries
from nyckelfri.lock.memory import Memory
from nyckelfri.lock.store import Written
from nyckelfri.lock.store_file import StoreError, StoreFullError

log = logging.getLogger(__name__)

MESSAGE_1_WITHIN: Final = 1.0
MESSAGE_3_WITHIN: Final = 2.0
BYTES_A_SECOND: Final = 4096
"""A message 3 that carries key set and bulletin gets a second more for each so many bytes."""

_MOVES: Final = {
    Command.UNLOCK: ports.MotorCommand.UNLOCK,
    Command.LOCK: ports.MotorCommand.LOCK,
}
_RESULTS: Final = {
    ports.MotorResult.DONE: journal.MotorResult.DONE,
    ports.MotorResult.JAMMED: journal.MotorResult.JAMMED,
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a watcher of the lock (a log, the demonstration) may want to see.

    `what` is granted, refused, not_accepted or outcome; `note` is for people who maintain
    locks and holds no key material, name or address.
    """

    what: str
    reason: Reason | None = None
    number: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """A motor that runs; it outlives the link that asked for it."""

    intent: int
    written: asyncio.Task[tuple[journal.Outcome, Written]]


class Controller:
    """Serves one link at a time for a commissioned lock."""

    def __init__(
        self,
        memory: Memory,
        motor: ports.Motor,
        battery: ports.Battery,
        *,
        machine_seconds: Callable[[], float],
        watch: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._memory = memory
        self._motor = motor
        self._battery = battery
        self._machine_seconds = machine_seconds
        self._watch = watch
        self._movement: Movement | None = None

    async def serve(self, link: ports.Link) -> None:
        """One link from subscription to end; raises for nothing that a phone does."""
        try:
            presented, strength = await self._handshake(link)
            link.worth = ports.Worth.PROVEN
            await self._answer(link, presented, strength)
        except NotAcceptedError as error:
            self._watch(Event("not_accepted", Reason.NOT_ACCEPTED, note=str(error)))
            await _refuse(link)
        except CourierError as error:
            log.info("courier ended: %s", error)
        except ports.LinkError as error:
            log.info("link ended: %s", error)
        except StoreFullError as error:
            # The next phone may bring the receipts that make room.
            log.error("link ended: %s", error)  # noqa: TRY400

    async def finish(self) -> None:
        """Wait for a movement that still runs, so that its outcome is written.

        One that a full disk did not take is told of as unknown at the next start.
        """
        if self._movement is None:
            return
        intent, written = self._movement.intent, self._movement.written
        await asyncio.wait({written})
        self._movement = None
        if not written.cancelled() and isinstance(error := written.exception(), StoreFullError):
            log.error("what became of intent %s is not noted: %s", intent, error)

    async def _handshake(self, link: ports.Link) -> tuple[Presented, int | None]:
        strengths = [asyncio.ensure_future(link.strength())]
        try:
            lock = LockOpening(self._memory.installation, self._memory.key)
            message_1 = await link.receive(MESSAGE_1_WITHIN, opening.MAX_MESSAGE_1)
            strengths.append(asyncio.ensure_future(link.strength()))
            message_2, awaiting = lock.message_1(message_1)
            await link.send(message_2)
            asked = self._machine_seconds()
            message_3 = await link.receive(MESSAGE_3_WITHIN, opening.MAX_MESSAGE_3, BYTES_A_SECOND)
            strengths.append(asyncio.ensure_future(link.strength()))
            allowed = MESSAGE_3_WITHIN + len(message_3) / BYTES_A_SECOND
            if self._machine_seconds() - asked > allowed:
                raise NotAcceptedError("message 3 came too late")
            unproven = awaiting.message_3(message_3)
            if unproven.key_set is not None:
                self._memory.take_key_set(unproven.key_set)
            if unproven.bulletin is not None:
                self._memory.take_bulletin(unproven.bulletin)
            presented = unproven.prove(self._memory.trust.key_set)
            return presented, _median(await asyncio.gather(*strengths))
        finally:
            for measurement in strengths:
                measurement.cancel()

    async def _answer(self, link: ports.Link, presented: Presented, strength: int | None) -> None:
        await self.finish()
        reason = self._decide(presented, strength)
        try:
            written = self._commit(presented, reason)
        except StoreError as error:
            log.error("what cannot be written down is not done: %s", error)  # noqa: TRY400
            tip = self._memory.tip
            reason, written = Reason.LOCK_FAULT, Written(tip.number, tip.head)
        granted = reason is Reason.GRANTED
        if granted:
            link.worth = ports.Worth.GRANTED
            await self._start(presented.command, written.number)
        self._watch(Event("granted" if granted else "refused", reason, written.number))
        decision = Decision(reason, written.number, written.head)
        await link.send(presented.answer(decision))
        await self._deliveries(link, presented, granted=granted).run(
            self._movement.written if granted and self._movement else None
        )

    def _deliveries(self, link: ports.Link, presented: Presented, *, granted: bool) -> Deliveries:
        return Deliveries(
            self._memory,
            link,
            presented.courier(),
            battery=self._battery.percent(),
            may_fetch=granted,
            may_release=granted and presented.command is Command.SERVICE,
        )

    def _decide(self, presented: Presented, strength: int | None) -> Reason:
        """Policy, and what the machinery of this unit can do at all."""
        command = presented.command
        if self._memory.kind is Kind.ENTRANCE_UNIT and command is Command.LOCK:
            return Reason.NOT_PERMITTED
        reason = policy.decide(presented.grant, command, self._memory.situation(strength))
        if reason is Reason.GRANTED and command in _MOVES and not self._motor.ready():
            return Reason.LOCK_FAULT
        return reason

    def _commit(self, presented: Presented, reason: Reason) -> Written:
        """Intent or refusal, on stable storage when this returns."""
        grant = presented.grant
        who = (grant.serial, grant.subject, grant.phone_thumbprint, presented.command)
        if reason is not Reason.GRANTED:
            return self._memory.write(journal.Refusal(reason, *who))[0]
        stay = None
        if presented.command is Command.UNLOCK:
            stay = Stay.of(grant.serial, self._memory.reading.time)
        return self._memory.write(journal.Intent(*who), stay=stay)[0]

    async def _start(self, command: Command, intent: int) -> None:
        """Set the motor moving; its outcome is written whatever becomes of the link."""
        move = _MOVES.get(command)
        try:
            if move is not None:
                await self._motor.start(move)
        except ports.MotorFault:
            self._memory.write(journal.Fault(journal.FaultCode.MOTOR))
            finished = self._settle(intent, journal.MotorResult.JAMMED)
        else:
            finished = self._finish(intent) if move else self._serviced(intent)
        self._movement = Movement(intent, asyncio.ensure_future(finished))

    async def _finish(self, intent: int) -> tuple[journal.Outcome, Written]:
        return await self._settle(intent, _RESULTS[await self._motor.finished()])

    async def _serviced(self, intent: int) -> tuple[journal.Outcome, Written]:
        percent = self._battery.percent()
        if percent is not None:
            self._memory.write(journal.Battery(percent))
        return await self._settle(intent, journal.MotorResult.DONE)

    async def _settle(
        self, intent: int, result: journal.MotorResult
    ) -> tuple[journal.Outcome, Written]:
        outcome = journal.Outcome(intent, result)
        written = self._memory.write(outcome)[0]
        self._watch(Event("outcome", number=written.number, note=result.name.lower()))
        return outcome, written


async def _refuse(link: ports.Link) -> None:
    """The one answer to everything that went wrong before a grant was proven."""
    try:
        await link.send(opening.REFUSAL)
    except ports.LinkError as error:
        log.info("link ended before it could be refused: %s", error)


def _median(strengths: list[int | None]) -> int | None:
    """Decibels by which the distance is judged; None as soon as one could not be measured."""
    measured = [strength for strength in strengths if strength is not None]
    if len(measured) < len(strengths):
        return None
    return int(statistics.median_low(measured))
