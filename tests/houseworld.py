"""A real lock's program before the real server, one visit at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import Door
from lockworld import Lock as LockProgram
from lockworld import visit

from nyckelfri.door import courier as records
from nyckelfri.door.opening import NotAcceptedError
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.store import Store
from nyckelfri.server.keys import actions_bulletin, actions_issue, actions_keyset
from serverworld import Handset


def _no_time(_nonce: bytes) -> records.TimeRecord:
    raise NotImplementedError


@dataclass
class House:
    """A lock's program on its own disk, as the server knows it, and Alice before it."""

    store: Store
    door: Door
    phone: Handset
    forged_time: Callable[[bytes], records.TimeRecord] = _no_time
    """What a thief of the bulletin key answers to a nonce."""

    def knock(
        self,
        grant: bytes,
        now: datetime,
        *,
        carried: tuple[bytes, bytes] | None = None,
        deliver: tuple[records.FromPhone, ...] = (),
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> tuple[Reason, list[records.Record]]:
        """One visit after a restart of the program; what it said to each delivery."""
        return asyncio.run(self._knock(grant, now, carried, deliver, key or self.phone.key))

    async def _knock(
        self,
        grant: bytes,
        now: datetime,
        carried: tuple[bytes, bytes] | None,
        deliver: tuple[records.FromPhone, ...],
        key: ec.EllipticCurvePrivateKey,
    ) -> tuple[Reason, list[records.Record]]:
        lock = LockProgram(self.store, hardware=int(now.timestamp()))
        key_set, bulletin = carried or (None, None)
        try:
            come = await visit(lock, self.door, key, grant, key_set=key_set, bulletin=bulletin)
        except NotAcceptedError:
            return Reason.NOT_ACCEPTED, []
        answers: list[records.Record] = [await come.next()]
        for record in deliver:
            if isinstance(record, records.TimeRecord):
                status = answers[0]
                assert isinstance(status, records.Status)
                await come.link.send(come.courier.seal(self.forged_time(status.nonce)))
            else:
                await come.link.send(come.courier.seal(record))
            while isinstance(answer := await come.next(), records.OutcomeRecord):
                pass
            answers.append(answer)
        await come.link.close()
        await come.served
        await lock.controller.finish()
        lock.memory.checkpoint()
        return come.decision.reason, answers[1:]


def issued(house: House, cast: Any, now: datetime) -> bytes:
    """What Alice's next sync gives her for this door."""
    rows = actions_issue.issue_for(cast.alice, house.phone.row, now=now)
    (data,) = (
        bytes(row.data)
        for row in rows
        if row.installation.identifier == house.door.installation and row.not_before <= now
    )
    return data


def rotate(keys: Any, now: datetime, **what: Any) -> tuple[bytes, bytes]:
    """The next key set in force, and the first bulletin under it, as phones carry them."""
    request = actions_keyset.request(actor="test", now=now, **what)
    data = keys.holders.sign(request)
    actions_keyset.install(data, actor="test", now=now)
    return data, actions_bulletin.current(now)
