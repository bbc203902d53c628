"""A factory-new unit: the window its button opens, and how it becomes a lock.

House rules: outside the window the unit is silent; without the printed secret nothing changes;
keys are made here, in the unit, and never leave it. Nothing is committed before the installer's
phone says that it has stored the record: a lock that nobody knows of could never be opened.
See docs/protocol.md, section 10.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import clock, commissioning, fields, opening, ownership, signed
from nyckelfri.door import courier as records
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.commissioning import FactoryUnit, InstallationRecord, Kind
from nyckelfri.door.courier import Courier, CourierError
from nyckelfri.door.keyset import KeySet
from nyckelfri.door.opening import NotAcceptedError
from nyckelfri.door.trust import Taken
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


@dataclass(frozen=True, slots=True)
class Prepared:
    """The lock that the unit will be once the phone confirms; until then in memory alone."""

    identity: Identity
    key_set: KeySet
    bulletin: Bulletin


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
            prepared = await self._prepare(link, courier, await _next(link, courier))
            record = courier.seal(records.Commissioned(self._record(prepared)))
            await link.send(record)
            await self._confirmed(link, courier)
            self._commit(prepared)
            await link.send(courier.seal(records.Applied(records.Confirm.TYPE, Taken.TAKEN)))
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

    async def _prepare(self, link: ports.Link, courier: Courier, offer: records.Record) -> Prepared:
        """Make keys for the municipality of a proven offer; nothing changes by that."""
        secret = self._store.state.factory.secret
        if not isinstance(offer, records.Commission) or secret is None:
            raise CourierError("only commissioning is possible here")
        root, key_set, bulletin = commissioning.check(
            offer, secret=secret, exporter=courier.exporter
        )
        identity = Identity(
            root=root.encoded,
            installation=self._random(fields.ID_BYTES),
            dh_key=scalar(ec.generate_private_key(_CURVE)),
            signing_key=scalar(ec.generate_private_key(_CURVE)),
            radio_key=self._random(16),
            release_nonce=self._random(ownership.NONCE_BYTES),
            threshold=await _learn_threshold(link),
        )
        return Prepared(identity, key_set, bulletin)

    def _record(self, prepared: Prepared) -> bytes:
        """What the server shall know, signed by the lock's own new key."""
        identity = prepared.identity
        signing_key = private_key(identity.signing_key)
        record = InstallationRecord(
            municipality=prepared.key_set.municipality,
            installation=identity.installation,
            kind=Kind(self._store.state.factory.kind),
            lock_key=signed.coordinate(private_key(identity.dh_key).public_key()),
            signing_key=signed.compressed(signing_key.public_key()),
            radio_key=identity.radio_key,
            release_nonce=identity.release_nonce,
        )
        return record.sign(signing_key)

    async def _confirmed(self, link: ports.Link, courier: Courier) -> None:
        """Until the phone has stored the record; CourierError if it says anything else."""
        if not isinstance(await _next(link, courier), records.Confirm):
            raise CourierError("the phone did not confirm that it has stored the record")

    def _commit(self, prepared: Prepared) -> None:
        ticks = int(self._ticks())
        now = clock.factory(ticks).with_bulletin(prepared.bulletin.issued, ticks)
        self._store.commission(
            prepared.identity,
            key_set=(prepared.key_set.number, prepared.key_set.payload),
            bulletin=prepared.bulletin.payload,
            clock=SavedClock(now.floor, now.estimate(ticks), now.mark),
        )


async def _next(link: ports.Link, courier: Courier) -> records.Record:
    return courier.open(await link.receive(_WITHIN, records.MAX_RECORD))


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
