"""From a scanned label to a lock that the server knows, as far as coverage goes.

House rules: the signed record is kept before the unit becomes the lock; the server hears of it when
the unit has said that it is that lock, or is heard on the air as that lock. The server is told
while the link is still up, so that it can tell the new lock the exact time; without coverage both
wait for the next sync.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import advert
from nyckelfri.door.commissioning import InstallationRecord, Printed
from nyckelfri.door.opening import NotAcceptedError
from nyckelfri.phone import airtime, wire
from nyckelfri.phone.client import BlockedError, Client, ServerError
from nyckelfri.phone.commission import CommissioningError, UnsureError, commission
from nyckelfri.phone.errand import TIME_WITHIN, Errand, Load, Result
from nyckelfri.phone.outbox import Outbox, Unsure
from nyckelfri.phone.steps import Progress, Stage
from nyckelfri.phone.store import Store
from nyckelfri.phone.values import Trusted
from nyckelfri.phone.visit import SEARCH, Radio
from nyckelfri.radio.link import FramedLink, LinkError

_TRIES: Final = 3
_HEARD: Final = "the link was lost as the unit became a lock; it was heard as one"


@dataclass(frozen=True, slots=True)
class Installation:
    """A unit that has become a lock, and what the courier did."""

    record: InstallationRecord
    errand: Result


class Installing:
    """Commissions one unit with what a phone holds."""

    def __init__(
        self,
        store: Store,
        radio: Radio,
        progress: Progress,
        *,
        client: Client,
        clock: Callable[[], int],
        new_key: Callable[[], ec.EllipticCurvePrivateKey] = lambda: ec.generate_private_key(
            ec.SECP256R1()
        ),
    ) -> None:
        self._store = store
        self._radio = radio
        self._progress = progress
        self._client = client
        self._clock = clock
        self._new_key = new_key
        self._outbox = Outbox(store)
        self._lock = ""
        self._blocked: BlockedError | None = None

    async def run(self, unit: Printed, lock: str, *, search: float = SEARCH) -> Installation | None:
        """Make `unit` the lock with this inventory number; None when no unit is in its window.

        Raises CommissioningError or BlockedError. After an UnsureError the same call again finds
        out what the unit is now.
        """
        self._lock = lock
        trouble = "no unit of this label in its window: press the button on the unit"
        for _ in range(_TRIES):
            self._progress.tell(Stage.SEARCHING)
            unsure = self._outbox.unsure(unit.key)
            found = await self._radio.find(self._payloads(unsure), search)
            if found is None:
                break
            self._progress.tell(Stage.FOUND)
            if unsure is not None and found.payload != advert.FACTORY:
                return self._became(unit, unsure)
            try:
                return await self._once(unit, await self._radio.connect(found))
            except (NotAcceptedError, LinkError) as error:
                trouble = str(error)
                self._progress.tell(Stage.RETRYING)
        if self._outbox.unsure(unit.key) is not None:
            raise UnsureError
        if found is None:
            return None
        raise CommissioningError(trouble)

    def _payloads(self, unsure: Unsure | None) -> set[bytes]:
        """What the unit says if it is factory-new, and if it became the lock of its record."""
        if unsure is None:
            return {advert.FACTORY}
        radio_key = InstallationRecord.read(unsure.data).radio_key
        now = self._clock() + self._store.offset
        return {advert.FACTORY} | airtime.of_new_lock(radio_key, unsure.since, now)

    def _became(self, unit: Printed, unsure: Unsure) -> Installation:
        """It is on the air under a key that only this record and that lock hold."""
        self._outbox.keep_installation(unit.key, self._lock)
        self._progress.tell(Stage.ENDED)
        return Installation(InstallationRecord.read(unsure.data), Result(stopped=_HEARD))

    async def _once(self, unit: Printed, link: FramedLink) -> Installation:
        metered = self._progress.meter(link)
        self._progress.tell(Stage.CONNECTED)
        trusted = self._store.trusted()
        try:
            record, courier = await commission(
                metered,
                unit,
                trusted,
                self._new_key(),
                self._progress,
                keep=lambda data: self._keep(unit, trusted, data),
            )
            self._outbox.keep_installation(unit.key, self._lock)
            errand = Errand(
                metered,
                courier,
                self._progress,
                ask_time=lambda nonce: self._tell_server(record.installation, nonce),
                keep=lambda _data: None,
            )
            load = Load(trusted, None, 0, None, self._clock() + self._store.offset)
            result = await errand.run(load, moves=False, fetches=False)
            if self._blocked is not None:
                raise self._blocked
            return Installation(record, result)
        finally:
            await metered.close()
            self._progress.tell(Stage.ENDED)

    def _keep(self, unit: Printed, trusted: Trusted, data: bytes) -> None:
        since = trusted.bulletin.issued if trusted.bulletin is not None else 0
        self._outbox.keep_unsure(unit.key, Unsure(self._lock, data, since))

    async def _tell_server(self, installation: bytes, nonce: bytes) -> bytes | None:
        """Register the new lock, then ask for its time; None when the server is out of reach."""
        try:
            for parcel in self._outbox.installations():
                body: dict[str, Any] = {"lock": parcel.lock, "record": wire.encode(parcel.data)}
                await asyncio.to_thread(
                    self._client.call, "installations", body, timeout=TIME_WITHIN
                )
                self._outbox.tick_off(installations=[parcel.row])
            body = {"installation": installation.hex(), "nonce": wire.encode(nonce)}
            answer = await asyncio.to_thread(self._client.call, "time", body, timeout=TIME_WITHIN)
            return wire.decode(answer.get("token"))
        except BlockedError as error:
            self._store.destroy(outbox=False)
            self._blocked = error
        except ServerError:
            pass
        return None
