"""An installer's phone under fuzzing: it may know the printed secret, and may not."""

from __future__ import annotations

from typing import Final

from doorworld import private_key
from lockworld import PipeEnd

from fuzz.town import ELSEWHERE, HERE, Town
from fuzz.wire import Gone, Wire
from nyckelfri.door import commissioning
from nyckelfri.door import courier as records
from nyckelfri.door.commissioning import InstallationRecord, Printed
from nyckelfri.door.courier import Courier, CourierError

_KEY: Final = private_key(340)
_PATIENCE: Final = 20.0


class Installer:
    """One phone; `genuine` tells whether its last offer was as it must be."""

    def __init__(self, wire: Wire, town: Town) -> None:
        self._wire = wire
        self._choices = wire.choices
        self._town = town
        self._proofs: list[bytes] = [bytes(32)]
        self.genuine = False

    async def run(self, link: PipeEnd, label: Printed) -> InstallationRecord:
        """The record of the new lock; LinkError, NotAcceptedError, CourierError or Gone."""
        self.genuine = False
        phone = commissioning.Installer(label, _KEY)
        message_1, waiting = phone.message_1()
        clean_1 = await self._wire.send(link, message_1)
        message_3, after = waiting.message_2(await link.receive(_PATIENCE, 1000))
        clean_3 = await self._wire.send(link, message_3)
        courier = after.message_4(await link.receive(_PATIENCE, 1000))
        offer, right = self._offer(label, courier)
        sealed, changed = self._wire.changed(courier.seal(offer))
        self.genuine = clean_1 and clean_3 and right and not changed
        await self._wire.transmit(link, sealed)
        if self._choices.byte() == 1:
            raise Gone
        answer = courier.open(await link.receive(_PATIENCE, 65_535))
        if not isinstance(answer, records.Commissioned):
            raise CourierError("no record of a new lock")
        record = InstallationRecord.read(answer.data)
        await link.send(courier.seal(records.End()))
        return record

    def _offer(self, label: Printed, courier: Courier) -> tuple[records.Record, bool]:
        """What is offered, and whether a unit must take it."""
        how = self._choices.below(10)
        proof = commissioning.proof(label.secret, courier.exporter)
        used, root, bulletin = proof, HERE.root.encoded, self._town.bulletin()
        key_set = self._town.key_sets[self._town.stage][1]
        match how:
            case 1:
                used = self._choices.one_of(self._proofs)
            case 2:
                root = ELSEWHERE.root.encoded
            case 3:
                key_set = ELSEWHERE.signed_key_set
            case 4:
                bulletin = ELSEWHERE.bulletin()
            case 5:
                root = self._wire.changed(root)[0]
            case 6:
                key_set = self._wire.changed(key_set)[0]
            case 7:
                bulletin = self._wire.changed(bulletin)[0]
            case 8:
                return records.Fetch(0), False
            case 9:
                return records.ReleaseRecord(self._choices.chunk()), False
        honest = (
            used == proof,
            root == HERE.root.encoded,
            key_set == self._town.key_sets[self._town.stage][1],
            bulletin == self._town.bulletins[-1],
        )
        self._proofs.append(proof)
        return records.Commission(used, root, key_set, bulletin), all(honest)
