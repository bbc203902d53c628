"""A factory-new unit: the window its button opens, and how it becomes a lock.

House rules: outside the window the unit is silent; without the printed secret nothing changes;
keys are made here, in the unit, and never leave it. See docs/protocol.md, section 10.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import clock, commissioning, fields, opening, ownership, signed
from nyckelfri.door import courier as records
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.commissioning import FactoryUnit, InstallationRecord, Kind
from nyckelfri.door.courier import Courier, CourierError
from nyckelfri.door.keyset import KeySet, Root
from nyckelfri.door.opening import NotAcceptedError
from nyckelfri.lock import ports
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_state import Factory, Identity, SavedClock, private_key, scalar

log = logging.getLogger(__name__)

_SAMPLES: Final = 5
_WITHIN: Final = 10.0
_CURVE: Final = ec.SECP256R1()


def make_factory(
    kind: Kind, *, random: Callable[[int], bytes] = os.urandom
) -> tuple[Factory, commissioning.Printed]:
    """The state of a new unit, and what is printed on its label."""
    key = ec.generate_private_key(_CURVE)
    secret = random(16)
    printed = commissioning.Printed(kind, signed.coordinate(key.public_key()), secret)
    return Factory(kind, scalar(key), secret), printed


class Installing:
    """Serves links of a unit that belongs to nobody yet."""

    def __init__(
        self,
        store: Store,
        *,
        ticks: Callable[[], float],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._store = store
        self._ticks = ticks
        self._random = random

    async def serve(self, link: ports.Link) -> Courier | None:
        """One installer's link: the session to go on with if the unit is a lock now, else None."""
        try:
            courier = await self._handshake(link)
            offer = courier.open(await link.receive(_WITHIN, records.MAX_RECORD))
            record = await self._accept(link, courier, offer)
            await link.send(courier.seal(records.Commissioned(record)))
        except (NotAcceptedError, CourierError, signed.SignatureError, fields.ObjectError) as error:
            log.warning("not commissioned: %s", error)
            return None
        except ports.LinkError as error:
            log.info("link ended while commissioning: %s", error)
            return None
        return courier

    async def _handshake(self, link: ports.Link) -> Courier:
        factory = self._store.state.factory
        unit = FactoryUnit(private_key(factory.static_key))
        message_2, awaiting = unit.message_1(await link.receive(_WITHIN, opening.MAX_MESSAGE_1))
        await link.send(message_2)
        message_4, courier = awaiting.message_3(await link.receive(_WITHIN, opening.MAX_MESSAGE_3))
        await link.send(message_4)
        return courier

    async def _accept(self, link: ports.Link, courier: Courier, offer: records.Record) -> bytes:
        secret = self._store.state.factory.secret
        if not isinstance(offer, records.Commission) or secret is None:
            raise CourierError("only commissioning is possible here")
        root, key_set, bulletin = commissioning.check(
            offer, secret=secret, exporter=courier.exporter
        )
        threshold = await _learn_threshold(link)
        return self._become(root, key_set, bulletin, threshold)

    def _become(self, root: Root, key_set: KeySet, bulletin: Bulletin, threshold: int) -> bytes:
        """Make keys, commit, and sign what the server shall know."""
        dh_key, signing_key = ec.generate_private_key(_CURVE), ec.generate_private_key(_CURVE)
        installation, radio_key = self._random(fields.ID_BYTES), self._random(16)
        release_nonce = self._random(ownership.NONCE_BYTES)
        ticks = int(self._ticks())
        now = clock.factory(ticks).with_bulletin(bulletin.issued, ticks)
        self._store.commission(
            Identity(
                root=root.encoded,
                installation=installation,
                dh_key=scalar(dh_key),
                signing_key=scalar(signing_key),
                radio_key=radio_key,
                release_nonce=release_nonce,
                threshold=threshold,
            ),
            key_set=(key_set.number, key_set.payload),
            bulletin=bulletin.payload,
            clock=SavedClock(now.floor, now.estimate(ticks), now.mark),
        )
        record = InstallationRecord(
            municipality=root.municipality,
            installation=installation,
            kind=Kind(self._store.state.factory.kind),
            lock_key=signed.coordinate(dh_key.public_key()),
            signing_key=signed.compressed(signing_key.public_key()),
            radio_key=radio_key,
            release_nonce=release_nonce,
        )
        return record.sign(signing_key)


async def _learn_threshold(link: ports.Link) -> int:
    """Decibels below which a phone is too far away: what is measured now, less the margin."""
    measured = []
    for _ in range(_SAMPLES):
        strength = await link.strength()
        if strength is None:
            raise NotAcceptedError("the signal strength of this link cannot be measured")
        measured.append(strength)
        await asyncio.sleep(0.02)
    return int(statistics.median_low(measured)) - commissioning.MARGIN
