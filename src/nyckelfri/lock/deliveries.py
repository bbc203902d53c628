"""The courier at the lock's end: what a phone brings and takes behind message 4.

House rules: the phone asks, the lock answers in order; the motor's outcome may come between.
Whatever ends the link loses nothing: what was taken is committed, what was not sent is kept.
A lock is let go in two steps, so that its new secret is never only in its own memory.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import courier as records
from nyckelfri.door import journal
from nyckelfri.door.courier import Courier, CourierError
from nyckelfri.door.opening import HEAD_BYTES
from nyckelfri.door.ownership import SECRET_BYTES
from nyckelfri.door.trust import Taken
from nyckelfri.lock import ports
from nyckelfri.lock.memory import Memory
from nyckelfri.lock.store import Written

IDLE: Final = 10.0
"""Seconds that a phone may take between two records."""

Outcome = asyncio.Task[tuple[journal.Outcome, Written]]


class Deliveries:
    """One session's exchange of records; `battery` in percent, None where unknown."""

    def __init__(
        self,
        memory: Memory,
        link: ports.Link,
        courier: Courier,
        *,
        battery: int | None,
        may_fetch: bool,
        may_release: bool = False,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._memory = memory
        self._link = link
        self._courier = courier
        self._battery = battery
        self._may_fetch = may_fetch
        self._may_release = may_release
        self._random = random
        self._nonce = random(bulletins.NONCE_BYTES)
        self._secret: bytes | None = None

    async def run(self, outcome: Outcome | None) -> None:
        """Until the phone ends; raises LinkError or CourierError when it does otherwise."""
        await self._send(self._status())
        asked = asyncio.ensure_future(self._link.receive(IDLE, records.MAX_RECORD))
        try:
            while True:
                waiting: set[asyncio.Future[Any]] = {asked}
                if outcome is not None:
                    waiting.add(outcome)
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if outcome is not None and outcome.done():
                    await self._send(_outcome_record(*outcome.result()))
                    outcome = None
                if not asked.done():
                    continue
                record = self._courier.open(asked.result())
                if isinstance(record, records.End):
                    return
                if isinstance(record, records.Confirm) and self._secret is not None:
                    await self._let_go(record, self._secret, outcome)
                    return
                await self._send(self._reply(record))
                asked = asyncio.ensure_future(self._link.receive(IDLE, records.MAX_RECORD))
        finally:
            asked.cancel()

    async def _send(self, record: records.FromLock) -> None:
        await self._link.send(self._courier.seal(record))

    async def _let_go(
        self, confirm: records.Confirm, secret: bytes, outcome: Outcome | None
    ) -> None:
        """The phone has the label: be factory-new, then say so."""
        if outcome is not None:
            await asyncio.wait({outcome})
        self._memory.release(secret)
        await self._send(records.Applied(confirm.TYPE, Taken.TAKEN))

    def _new_label(self, data: bytes) -> records.FromLock:
        """A label with a new secret, kept for this link alone: nothing has changed yet."""
        secret = self._random(SECRET_BYTES)
        label = self._memory.new_label(data, secret) if self._may_release else None
        if label is None:
            return records.Applied(records.ReleaseRecord.TYPE, Taken.REFUSED)
        self._secret = secret
        return records.Released(label)

    def _status(self) -> records.Status:
        trust, tip, now = self._memory.trust, self._memory.tip, self._memory.reading
        return records.Status(
            mark=now.mark,
            estimate=now.time,
            key_set=trust.key_set.number,
            epoch=trust.key_set.epoch,
            bulletin=trust.bulletin.issued if trust.bulletin else 0,
            next_number=tip.number + 1,
            acknowledged=tip.acknowledged,
            battery=self._battery,
            nonce=self._nonce,
        )

    def _reply(self, record: records.Record) -> records.FromLock:
        memory = self._memory
        match record:
            case records.KeySetRecord(data):
                taken = memory.take_key_set(data)
            case records.BulletinRecord(data):
                taken = memory.take_bulletin(data)
            case records.ReceiptRecord(data):
                taken = memory.take_receipt(data)
            case records.TimeRecord(data):
                taken = memory.take_time(data, self._nonce)
            case records.Fetch(first):
                batch = memory.batch(first) if self._may_fetch else None
                return records.NoMore() if batch is None else records.BatchRecord(batch)
            case records.ReleaseRecord(data):
                return self._new_label(data)
            case records.Confirm():
                taken = Taken.REFUSED
            case _:
                raise CourierError("a record that has no place in an opening")
        return records.Applied(record.TYPE, taken)


def _outcome_record(outcome: journal.Outcome, written: Written) -> records.OutcomeRecord:
    return records.OutcomeRecord(
        outcome.intent, outcome.result, written.number, written.head[:HEAD_BYTES]
    )
