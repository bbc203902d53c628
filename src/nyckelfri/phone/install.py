"""From a scanned label to a lock that the server knows, as far as coverage goes.

House rules: the signed record is kept first; the server is told while the link is still up, so
that it can tell the new lock the exact time; without coverage both wait for the next sync.
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
from nyckelfri.phone import wire
from nyckelfri.phone.client import BlockedError, Client, ServerError
from nyckelfri.phone.commission import CommissioningError, commission
from nyckelfri.phone.errand import TIME_WITHIN, Errand, Load, Result
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.steps import Progress, Stage
from nyckelfri.phone.store import Store
from nyckelfri.phone.visit import SEARCH, Radio
from nyckelfri.radio.link import FramedLink, LinkError

_TRIES: Final = 3


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

        Raises CommissioningError or BlockedError.
        """
        self._lock = lock
        trouble = "no unit of this label in its window: press the button on the unit"
        for _ in range(_TRIES):
            self._progress.tell(Stage.SEARCHING)
            found = await self._radio.find([advert.FACTORY], search)
            if found is None:
                return None
            self._progress.tell(Stage.FOUND)
            try:
                return await self._once(unit, await self._radio.connect(found))
            except (NotAcceptedError, LinkError) as error:
                trouble = str(error)
                self._progress.tell(Stage.RETRYING)
        raise CommissioningError(trouble)

    async def _once(self, unit: Printed, link: FramedLink) -> Installation:
        metered = self._progress.meter(link)
        self._progress.tell(Stage.CONNECTED)
        trusted = self._store.trusted()
        try:
            record, courier = await commission(
                metered, unit, trusted, self._new_key(), self._progress, keep=self._keep
            )
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

    def _keep(self, data: bytes) -> None:
        self._outbox.keep_installation(self._lock, data)

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
