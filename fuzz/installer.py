"""An installer's phone under fuzzing: it may know the printed secret, and may not."""

from __future__ import annotations

from typing import Final

from doorworld import private_key
from lockworld import PipeEnd

from fuzz.target import hold
from fuzz.town import ELSEWHERE, HERE, Town
from fuzz.wire import Gone, Wire
from nyckelfri.door import commissioning
from nyckelfri.door import courier as records
from nyckelfri.door.commissioning import InstallationRecord, Printed
from nyckelfri.door.courier import Courier, CourierError

_KEY: Final = private_key(340)
_PATIENCE: Final = 20.0


class Installer:
    """One phone; `genuine` tells whether its last offer was as it must be, and confirmed.

    `kept` are the records it has stored, by installation: before it confirms, like a real phone.
    """

    def __init__(self, wire: Wire, town: Town) -> None:
        self._wire = wire
        self._choices = wire.choices
        self._town = town
        self._proofs: list[bytes] = [bytes(32)]
        self.genuine = False
        self.kept: dict[bytes, InstallationRecord] = {}

    async def run(self, link: PipeEnd, label: Printed) -> None:
        """Until the unit says that it is a lock.

        Raises LinkError, NotAcceptedError, CourierError or Gone.
        """
        self.genuine = False
        phone = commissioning.Installer(label, _KEY)
        message_1, waiting = phone.message_1()
        clean = await self._wire.send(link, message_1)
        message_3, after = waiting.message_2(await link.receive(_PATIENCE, 1000))
        clean &= await self._wire.send(link, message_3)
        courier = after.message_4(await link.receive(_PATIENCE, 1000))
        offer, right = self._offer(label, courier)
        clean &= right & await self._wire.send(link, courier.seal(offer))
        answer = courier.open(await link.receive(_PATIENCE, 65_535))
        if not isinstance(answer, records.Commissioned):
            raise CourierError("no record of a new lock")
        record = InstallationRecord.read(answer.data)
        hold(clean, "only the secret and the root make a lock")
        hold(record.municipality == HERE.root.municipality, "it is a lock of this municipality")
        self.kept[record.installation] = record
        await self._confirm(link, courier)
        await link.send(courier.seal(records.End()))

    async def _confirm(self, link: PipeEnd, courier: Courier) -> None:
        """Say that the record is stored, or something else, or nothing."""
        how = self._choices.below(8)
        if how == 1:
            raise Gone
        said: records.Record = records.Confirm()
        if how == 2:
            said = records.End()
        if how == 3:
            said = records.Fetch(0)
        sealed, changed = self._wire.changed(courier.seal(said))
        self.genuine = not changed and isinstance(said, records.Confirm)
        await self._wire.transmit(link, sealed)
        answer = courier.open(await link.receive(_PATIENCE, 65_535))
        hold(self.genuine, "nothing but the confirmation is answered")
        if answer != records.Applied(records.Confirm.TYPE, 0):
            raise CourierError("it does not say that it is a lock")

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
