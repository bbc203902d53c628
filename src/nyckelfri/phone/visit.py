"""A visit to a door: find it, ask it, run the courier, and once more where that heals.

House rules: the phone never refuses because of its own clock, the lock judges. What the lock
answered and every batch are stored at once. The server is asked for the time only after the lock
has answered, and never waited for long.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from nyckelfri.door.fields import MAX_TIME
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import Decision, NotAcceptedError
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken
from nyckelfri.phone import airtime, wire
from nyckelfri.phone.airtime import Pseudonym
from nyckelfri.phone.book import Book
from nyckelfri.phone.client import BlockedError, Client, ServerError
from nyckelfri.phone.errand import TIME_WITHIN, Errand, Last, Result
from nyckelfri.phone.luggage import Luggage
from nyckelfri.phone.opening import Ask, Carried, ask_lock
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.steps import Progress, Stage, Traffic
from nyckelfri.phone.store import Store
from nyckelfri.phone.values import Door, HeldGrant, OpeningRecord, Stay
from nyckelfri.phone.vault import Secrets
from nyckelfri.radio.link import FramedLink, LinkError

SEARCH: Final = 10.0
"""Seconds to look for a door."""
_OF_ANOTHER_TIME: Final = frozenset({Reason.EXPIRED, Reason.NOT_YET_VALID})
_NEAR_SHARE: Final = 0.5
"""Share of the search for which only the protocol's three hours are listened for."""


class Found(Protocol):
    """A device on the air that said one of the payloads asked for."""

    @property
    def payload(self) -> bytes:
        """What it said."""
        ...


class Radio(Protocol):
    """What a visit needs of a radio; `phone.radio.PhoneRadio` is one."""

    async def find(self, payloads: Collection[bytes], timeout: float) -> Any:  # noqa: ASYNC109 - "nobody there" is an answer
        """A Found, or None after `timeout` seconds."""
        ...

    async def connect(self, found: Any) -> FramedLink:
        """A link that is ready for messages; LinkError."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of a visit. Without a `reason` no lock was found, or the link was lost."""

    installation: bytes
    command: Command
    reason: Reason | None = None
    number: int | None = None
    milliseconds: float = 0.0
    """Until the lock had answered."""
    opening: Traffic = field(default_factory=Traffic)
    """Of the link on which it answered, up to its answer."""
    errand: Result | None = None
    tries: int = 0
    trouble: str = ""


class Visitor:
    """Visits doors with what one phone holds.

    `clock`: own Unix seconds; `then`: what an errand ends with behind a granted command.
    """

    def __init__(
        self,
        store: Store,
        secrets: Secrets,
        radio: Radio,
        progress: Progress,
        *,
        clock: Callable[[], int],
        client: Client | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        then: Last | None = None,
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._radio = radio
        self._progress = progress
        self._clock = clock
        self._client = client
        self._new_id = new_id
        self._then = then
        self._book = Book(store, secrets.data_key)
        self._luggage = Luggage(store, self._book)
        self._outbox = Outbox(store)
        self._blocked: BlockedError | None = None

    @property
    def now(self) -> int:
        """Server-corrected Unix seconds."""
        return self._clock() + self._store.offset

    async def command(self, door: Door, command: Command, *, search: float = SEARCH) -> Visit:
        """Unlock, lock or service one door. Raises NoGrantError, BlockedError, RadioError."""
        self._progress.tell(Stage.SEARCHING)
        grant = self._luggage.grant(door, command, self.now)
        found = await self._find([door], search)
        if found is None:
            return Visit(door.installation, command, trouble="no lock found")
        return await self._until_settled(door, command, grant, found, search)

    async def carry(self, *, seconds: float) -> list[Visit]:
        """Bring news to every lock of ours that comes near within `seconds`, moving nothing."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        doors = {d.installation: d for d in self._book.doors() if self._luggage.has_news(d)}
        visits: list[Visit] = []
        while doors and (left := end - loop.time()) > 0:
            self._progress.tell(Stage.SEARCHING)
            found = await self._find(list(doors.values()), left)
            if found is None:
                break
            door = doors.pop(found[1].installation)
            grant = self._luggage.grant(door, Command.SERVICE, self.now)
            again = min(SEARCH, max(1.0, end - loop.time()))
            visits.append(await self._until_settled(door, Command.SERVICE, grant, found, again))
        return visits

    async def _until_settled(
        self,
        door: Door,
        command: Command,
        grant: HeldGrant,
        found: tuple[Any, Pseudonym],
        search: float,
    ) -> Visit:
        """Ask until nothing is left to try: once more after a lost link, once more to heal."""
        visit = Visit(door.installation, command)
        carried = Carried()
        may_relink = may_heal = True
        may_choose = 2  # the lock's clock may have been wrong too, and set right meanwhile
        while True:
            device, pseudonym = found
            if pseudonym.lost and carried == Carried():
                carried = self._luggage.for_lost(door.installation)
            visit = replace(visit, tries=visit.tries + 1)
            ask = Ask(door.record, command, grant, self._secrets.key, carried)
            visit = await self._once(visit, device, ask)
            if visit.reason is None and may_relink:
                may_relink = False
            elif may_choose and (other := self._by_its_clock(door, grant, visit)):
                may_choose -= 1
                grant = other
            elif may_heal and self._heals(visit, carried):
                may_heal = False
                if not _has_delivered(visit):
                    carried = self._luggage.everything()
            else:
                return visit
            self._progress.tell(Stage.RETRYING)
            again = await self._find([door], search)
            if again is None:
                return visit
            found = again

    def _by_its_clock(self, door: Door, grant: HeldGrant, visit: Visit) -> HeldGrant | None:
        """Another grant, for the time that the lock has told: ours may be wrong."""
        status = visit.errand.status if visit.errand is not None else None
        if status is None or visit.reason not in _OF_ANOTHER_TIME:
            return None
        other = self._luggage.grant(door, visit.command, status.estimate)
        return other if other.serial != grant.serial else None

    def _heals(self, visit: Visit, carried: Carried) -> bool:
        """Whether asking again may give another answer."""
        if visit.reason in _OF_ANOTHER_TIME and _was_set_right(visit):
            return True
        if visit.reason is None or not visit.reason.heals_at_the_door:
            return False
        if visit.errand is not None and visit.errand.complete:
            return _has_delivered(visit)
        return carried != self._luggage.everything()

    # Finding.

    async def _find(self, doors: list[Door], seconds: float) -> tuple[Any, Pseudonym] | None:
        keys = [(door.installation, door.record.radio_key) for door in doors]
        for reach, share in ((airtime.NEAR, _NEAR_SHARE), (airtime.WIDE, 1 - _NEAR_SHARE)):
            payloads = airtime.pseudonyms(keys, self.now, reach)
            found = await self._radio.find(payloads, seconds * share)
            if found is not None:
                pseudonym = payloads[bytes(found.payload)]
                self._progress.tell(Stage.FOUND, lost_clock=int(pseudonym.lost))
                return found, pseudonym
        return None

    # One link.

    async def _once(self, visit: Visit, device: Any, ask: Ask) -> Visit:
        """One link from connecting to its end; an answer that was heard is never lost."""
        try:
            link = await self._radio.connect(device)
        except LinkError as error:
            return replace(visit, reason=None, trouble=str(error))
        metered = self._progress.meter(link)
        self._progress.tell(Stage.CONNECTED)
        try:
            decision, courier = await ask_lock(
                metered, ask, self._progress, on_decision=lambda d: self._on_decision(ask, d)
            )
            visit = replace(
                visit,
                reason=decision.reason,
                number=decision.number,
                milliseconds=self._progress.milliseconds,
                opening=metered.traffic,
            )
            errand = Errand(
                metered,
                courier,
                self._progress,
                ask_time=lambda nonce: self._ask_time(ask.door.installation, nonce),
                keep=self._keep_batch,
            )
            granted = decision.reason is Reason.GRANTED
            result = await errand.run(
                self._luggage.load(ask.door.installation, self.now),
                moves=granted,
                fetches=granted and not self._outbox.full,
                then=self._then if granted else None,
            )
            visit = replace(visit, errand=result)
        except NotAcceptedError as error:
            visit = replace(visit, reason=Reason.NOT_ACCEPTED, trouble=str(error))
        except LinkError as error:
            visit = replace(visit, reason=None, trouble=str(error))
        finally:
            await metered.close()
        if self._blocked is not None:
            raise self._blocked
        if visit.errand is not None:
            self._luggage.remember(visit.installation, visit.errand)
        self._progress.tell(Stage.ENDED)
        return visit

    def _on_decision(self, ask: Ask, decision: Decision) -> None:
        """What the lock has answered, on stable storage before anything else."""
        installation, serial = ask.door.installation, ask.grant.serial
        record = OpeningRecord(
            self._new_id(),
            installation,
            serial,
            ask.command,
            decision.reason,
            decision.number if decision.number <= MAX_TIME else 0,
            decision.head,
            self.now,
        )
        self._outbox.keep_opening(record)
        if decision.reason is Reason.GRANTED and ask.command is Command.UNLOCK:
            self._book.keep_stay(Stay(installation, serial, self.now))

    def _keep_batch(self, data: bytes) -> None:
        if self._blocked is None:
            self._outbox.keep_batch(data)

    async def _ask_time(self, installation: bytes, nonce: bytes) -> bytes | None:
        if self._client is None:
            return None
        body = {"installation": installation.hex(), "nonce": wire.encode(nonce)}
        try:
            answer = await asyncio.to_thread(self._client.call, "time", body, timeout=TIME_WITHIN)
            return wire.decode(answer.get("token"))
        except BlockedError as error:
            self._store.destroy(outbox=False)
            self._blocked = error
        except ServerError:
            pass
        return None


def _was_set_right(visit: Visit) -> bool:
    """Whether the lock has the server's time since it answered."""
    return visit.errand is not None and visit.errand.delivered.get("time") is Taken.TAKEN


def _has_delivered(visit: Visit) -> bool:
    """Whether the lock knows more now than when it answered."""
    return visit.errand is not None and Taken.TAKEN in visit.errand.delivered.values()
