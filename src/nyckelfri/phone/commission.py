"""An installer's phone makes a factory-new unit a lock (docs/protocol.md, 10).

House rules: the unit proves itself first; the printed secret is never sent; the signed record is
on stable storage before the unit is told to become that lock, because it cannot be asked twice.
Whether it did is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import commissioning, fields, signed
from nyckelfri.door import courier as records
from nyckelfri.door.commissioning import InstallationRecord, Installer, Printed
from nyckelfri.door.courier import Courier, CourierError
from nyckelfri.door.trust import Taken
from nyckelfri.phone.steps import MeteredLink, Progress, Stage
from nyckelfri.phone.values import Trusted

_WITHIN: Final = 10.0
_MAX_ANSWER: Final = 256


class CommissioningError(Exception):
    """The unit did not become a lock of ours; the text says what to do."""


class UnsureError(CommissioningError):
    """The link was lost at the very end: nobody here knows what the unit is now."""

    def __init__(self) -> None:
        super().__init__(
            "the link was lost at the very end: the unit may be a lock or not. Stay with it, press"
            " its button, and give the same command again"
        )


async def commission(
    link: MeteredLink,
    unit: Printed,
    trusted: Trusted,
    key: ec.EllipticCurvePrivateKey,
    progress: Progress,
    *,
    keep: Callable[[bytes], None],
) -> tuple[InstallationRecord, Courier]:
    """Make the unit a lock of this municipality; returns when the unit has said that it is one.

    `keep` stores its signed record durably before the unit is told to go on; after that every
    error leaves open whether it did. `key` is fresh for this session. Raises NotAcceptedError
    (another unit, or outside its window), CommissioningError or a LinkError.
    """
    if trusted.signed_key_set is None or trusted.signed_bulletin is None:
        raise CommissioningError("this phone has no key set and bulletin yet: sync first")
    courier = await _handshake(link, unit, key, progress)
    offer = records.Commission(
        commissioning.proof(unit.secret, courier.exporter),
        trusted.root.encoded,
        trusted.signed_key_set,
        trusted.signed_bulletin,
    )
    await link.send(courier.seal(offer))
    data = await _welcome(link, courier)
    try:
        record = InstallationRecord.read(data)
    except (signed.SignatureError, fields.ObjectError) as error:
        raise CommissioningError(f"the unit's record does not hold ({error})") from None
    if (record.municipality, record.kind) != (trusted.root.municipality, unit.kind):
        raise CommissioningError("the unit's record is not what its label says: send the unit back")
    keep(data)
    await link.send(courier.seal(records.Confirm()))
    if not await _is_lock(link, courier):
        raise UnsureError
    progress.tell(Stage.DELIVERED, what="commission", taken="taken")
    return record, courier


async def _handshake(
    link: MeteredLink, unit: Printed, key: ec.EllipticCurvePrivateKey, progress: Progress
) -> Courier:
    message_1, awaiting_unit = Installer(unit, key).message_1()
    await link.send(message_1)
    message_3, awaiting_welcome = awaiting_unit.message_2(await link.receive(_WITHIN, _MAX_ANSWER))
    progress.tell(Stage.LOCK_PROVEN)
    await link.send(message_3)
    return awaiting_welcome.message_4(await link.receive(_WITHIN, _MAX_ANSWER))


async def _welcome(link: MeteredLink, courier: Courier) -> bytes:
    data = await link.receive(_WITHIN, records.MAX_RECORD)
    try:
        record = courier.open(data)
    except CourierError as error:
        raise CommissioningError(f"the unit's answer does not read ({error})") from None
    if not isinstance(record, records.Commissioned):
        raise CommissioningError("the unit did not become a lock: press its button and try again")
    return record.data


async def _is_lock(link: MeteredLink, courier: Courier) -> bool:
    """Whether the unit says that it is a lock now."""
    data = await link.receive(_WITHIN, records.MAX_RECORD)
    try:
        return courier.open(data) == records.Applied(records.Confirm.TYPE, Taken.TAKEN)
    except CourierError:
        return False
