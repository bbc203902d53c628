"""The courier at the phone's end: news for the lock, its journal for the server (protocol.md, 9).

House rules: every batch is kept before the next is asked for; it may stop at any byte, and then
nothing is lost. Nothing here can make an opening fail that has happened. Each wait has an end,
and the whole errand ends well before the lock's own limit for a link.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from nyckelfri.door import courier as records
from nyckelfri.door import delivery, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.courier import Courier, CourierError, OutcomeRecord, Record, Status
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.journal import MotorResult
from nyckelfri.door.trust import Taken
from nyckelfri.phone.steps import MeteredLink, Progress, Stage
from nyckelfri.phone.values import Trusted
from nyckelfri.radio.link import LinkError

WHOLE: Final = 20.0
"""Seconds for a whole errand; a lock ends a link after 30."""
ANSWER_WITHIN: Final = 5.0
OUTCOME_WITHIN: Final = 10.0
FAR_OFF: Final = 60
"""Seconds by which a lock's set clock may differ before the server is asked for the time."""
TIME_WITHIN: Final = 3.0
MAX_BATCHES: Final = 64
_R = TypeVar("_R", bound=Record)


@dataclass(frozen=True, slots=True)
class Load:
    """What the phone brings to one lock, and from where it wants the journal.

    `receipt` is (number, signed bytes); `carried` the newest entry already fetched by this phone;
    `wanted` the first entry the server misses; `now` Unix seconds, server-corrected.
    """

    trusted: Trusted
    receipt: tuple[int, bytes] | None
    carried: int
    wanted: int | None
    now: int


@dataclass(slots=True)
class Result:
    """What became of an errand; it tells as much as was reached."""

    status: Status | None = None
    outcome: OutcomeRecord | None = None
    delivered: dict[str, Taken] = field(default_factory=dict)
    carried: int = 0
    batches: int = 0
    whole: bool = False
    """The journal was fetched to its end."""
    complete: bool = False
    stopped: str = ""


Last = Callable[["Errand"], Awaitable[None]]


class Errand:
    """One courier session. `ask_time` gets a time token for a nonce, or None; `keep` stores."""

    def __init__(
        self,
        link: MeteredLink,
        courier: Courier,
        progress: Progress,
        *,
        ask_time: Callable[[bytes], Awaitable[bytes | None]],
        keep: Callable[[bytes], None],
    ) -> None:
        self._link = link
        self._courier = courier
        self._progress = progress
        self._ask_time = ask_time
        self._keep = keep
        self._result = Result()

    @property
    def fetched_all(self) -> bool:
        """Whether the journal has come to its end."""
        return self._result.whole

    async def ask(self, record: records.FromPhone) -> Record:
        """The lock's answer to one record; LinkError or CourierError."""
        await self._send(record)
        return await self._answer()

    async def run(
        self, load: Load, *, moves: bool, fetches: bool, then: Last | None = None
    ) -> Result:
        """Deliver, wait for the motor if it `moves`, fetch if allowed. Raises nothing of a link.

        `then` is what comes last, and ends the link itself; whatever else it raises goes on.
        """
        result = self._result
        result.carried = load.carried
        try:
            async with asyncio.timeout(WHOLE):
                await self._run(load, moves=moves, fetches=fetches)
                await (then(self) if then is not None else self._send(records.End()))
            result.complete = True
        except (LinkError, CourierError) as error:
            result.stopped = str(error)
        except TimeoutError:
            result.stopped = f"the errand took over {WHOLE:g} s"
        return result

    async def _run(self, load: Load, *, moves: bool, fetches: bool) -> None:
        status = await self._expect(Status)
        self._result.status = status
        self._progress.tell(
            Stage.STATUS,
            battery=status.battery,
            clock=Mark(status.mark).name.lower() if status.mark <= Mark.LOST else "unknown",
            off_by=status.estimate - load.now,
        )
        time = asyncio.create_task(self._token(status, load.now))
        try:
            await self._deliver(load, status)
            if moves:
                await self._outcome()
            token = await time
            if token is not None:
                await self._offer("time", records.TimeRecord(token))
        finally:
            time.cancel()
        if fetches:
            await self._fetch(load, status)

    # Delivering.

    async def _deliver(self, load: Load, status: Status) -> None:
        trusted = load.trusted
        key_set, bulletin = trusted.key_set, trusted.bulletin
        if key_set is not None and trusted.signed_key_set and key_set.number > status.key_set:
            await self._offer("key_set", records.KeySetRecord(trusted.signed_key_set))
        if bulletin is not None and trusted.signed_bulletin:
            known = (status.epoch, status.bulletin)
            useful = status.mark == Mark.LOST and bulletin.number == known
            if bulletin.number > known or useful:
                await self._offer("bulletin", records.BulletinRecord(trusted.signed_bulletin))
        if load.receipt is not None and load.receipt[0] > status.acknowledged:
            await self._offer("receipt", records.ReceiptRecord(load.receipt[1]))

    async def _offer(self, name: str, record: records.FromPhone) -> None:
        await self._send(record)
        answer = await self._expect(records.Applied)
        if answer.record != record.TYPE:
            raise CourierError("the lock answered for another record")
        taken = Taken(answer.result) if answer.result <= Taken.REFUSED else Taken.REFUSED
        self._result.delivered[name] = taken
        self._progress.tell(Stage.DELIVERED, what=name, taken=taken.name.lower())

    async def _token(self, status: Status, now: int) -> bytes | None:
        """A time token for a lock whose clock needs it; None when the server is out of reach."""
        if status.mark == Mark.SET and abs(status.estimate - now) <= FAR_OFF:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TIME_WITHIN):
                return await self._ask_time(status.nonce)
        return None

    # The motor.

    async def _outcome(self) -> None:
        if self._result.outcome is None:
            with contextlib.suppress(LinkError):
                # A jammed motor may take long; the journal will tell what became of it.
                if not isinstance(await self._receive(OUTCOME_WITHIN), OutcomeRecord):
                    raise CourierError("the lock sent a record that was not asked for")

    def _note(self, outcome: OutcomeRecord) -> None:
        self._result.outcome = outcome
        known = outcome.result in set(MotorResult)
        result = MotorResult(outcome.result) if known else MotorResult.UNKNOWN
        self._progress.tell(Stage.MOVED, result=result.name.lower())

    # Fetching.

    async def _fetch(self, load: Load, status: Status) -> None:
        result = self._result
        first = _first_to_fetch(load, status)
        for _ in range(MAX_BATCHES):
            await self._send(records.Fetch(first))
            answer = await self._answer()
            if isinstance(answer, records.NoMore):
                result.whole = True
                break
            if not isinstance(answer, records.BatchRecord):
                raise CourierError("the lock answered with another record than it was asked for")
            if not 0 < len(answer.data) <= delivery.MAX_BATCH:
                raise CourierError("a batch of a size that no server takes")
            self._keep(answer.data)
            result.batches += 1
            last = _last_entry(answer.data)
            if last is None or last < first:
                raise CourierError("a batch that does not go on where it was asked to")
            result.carried = max(result.carried, last)
            first = last + 1
        if result.batches:
            self._progress.tell(Stage.FETCHED, batches=result.batches, until=result.carried)

    # Records.

    async def _send(self, record: records.FromPhone) -> None:
        await self._link.send(self._courier.seal(record))

    async def _receive(self, within: float = ANSWER_WITHIN) -> Record:
        data = await self._link.receive(within, records.MAX_RECORD)
        record = self._courier.open(data)
        if isinstance(record, OutcomeRecord):
            self._note(record)
        return record

    async def _answer(self) -> Record:
        """The next record that is not an outcome; an outcome may come between any two."""
        while isinstance(record := await self._receive(), OutcomeRecord):
            pass
        return record

    async def _expect(self, kind: type[_R]) -> _R:
        record = await self._answer()
        if not isinstance(record, kind):
            raise CourierError("the lock answered with another record than it was asked for")
        return record


def _first_to_fetch(load: Load, status: Status) -> int:
    """Where the phone begins: what the server misses, else what it has not fetched yet."""
    if load.wanted is not None:
        return load.wanted
    if status.acknowledged < load.carried < status.next_number:
        return load.carried + 1
    return 0


def _last_entry(batch: bytes) -> int | None:
    """The number of the last entry in a batch, as the batch says; the server will verify it."""
    try:
        return delivery.claimed(batch).last
    except (signed.SignatureError, ObjectError):
        return None
