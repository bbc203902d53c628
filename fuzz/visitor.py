"""A phone under fuzzing: honest where the fuzzer's bytes say nothing, and hostile where they do.

House rule: its keys are real, and it knows everything a phone may know; what it cannot have is a
signature that nobody gave it.
"""

from __future__ import annotations

import asyncio
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import HOUR, identifier
from lockworld import PipeEnd, pipe

from fuzz.choices import Choices
from fuzz.errands import Errands
from fuzz.house import Attempt, House
from fuzz.target import hold
from fuzz.town import DOOR, PHONES, Paper, Town, phone_x
from fuzz.wire import Gone, Wire
from nyckelfri import edhoc
from nyckelfri.door import grants, opening
from nyckelfri.door.courier import Courier, CourierError
from nyckelfri.door.grants import Scope
from nyckelfri.door.opening import NotAcceptedError
from nyckelfri.radio.link import LinkError

_STRENGTHS: Final = (-50, -70, -71, None, -128)
_PATIENCE: Final = 20.0
"""Virtual seconds that the phone waits for an answer; longer than the lock ever takes."""


class StolenGrant:
    """A key that belongs to another grant than the one that is shown."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        """As the real key would."""
        return self._key.exchange(algorithm, peer_public_key)


class Visitor:
    """One phone's links to one house, driven by `choices`."""

    def __init__(self, house: House, town: Town, choices: Choices) -> None:
        self.house = house
        self.town = town
        self.choices = choices
        self._wire = Wire(house, choices)
        self._papers: list[Paper] = []

    async def visit(self) -> None:
        """One link, from connecting to its end on either side."""
        strength = self.choices.one_of(_STRENGTHS)
        lock_end, link = pipe(strength)
        served = asyncio.ensure_future(self.house.controller.serve(lock_end))
        paper, key = self._paper()
        self.house.attempt = attempt = Attempt(paper, 0, strength)
        try:
            courier = await self._open(link, attempt, key)
            await Errands(self.house, self.town, self._wire, link, courier).run()
        except (LinkError, NotAcceptedError, CourierError, Gone):
            pass
        finally:
            await link.close()
        self._check_silence(lock_end, attempt)
        await self._end(served, lock_end)

    async def _end(self, served: asyncio.Task[None], lock_end: PipeEnd) -> None:
        if not served.done():
            await asyncio.wait({served}, timeout=60)
        if served.cancelled():
            return  # the power went
        hold(served.done(), "a lock ends a link whose phone is gone")
        served.result()
        await lock_end.close()
        self.house.check()

    def _check_silence(self, lock_end: PipeEnd, attempt: Attempt) -> None:
        """Before a grant is proven a lock says message 2, one refusal, and nothing else."""
        said = lock_end.sent
        self._wire.heard += said[:2]
        if attempt.genuine:
            return
        answers = [message for message in said if message != opening.REFUSAL]
        hold(len(answers) <= 1, "nothing but message 2 is said to a phone that proved nothing")
        hold(len(said) <= 2, "a refusal is said once, and last")
        hold(all(len(message) == 53 for message in answers), "message 2 tells nothing")

    # The opening

    async def _open(self, link: PipeEnd, attempt: Attempt, key: edhoc.StaticKey) -> Courier:
        paper = attempt.paper
        # Not `kcwt`, which would refuse a grant that is none.
        named = edhoc.IdCred(edhoc.IdKind.KCWT, paper.data)
        credential = edhoc.Credential(named, paper.data, paper.grant.phone)
        initiator = edhoc.Initiator(suites=opening.SUITES, static_key=key, credential=credential)
        message_1, waiting = initiator.message_1(c_i=opening.C_I)
        clean = await self._wire.send(link, message_1)
        message_2 = await link.receive(_PATIENCE, 1000)
        proven = opening.AwaitingLock(DOOR.record, waiting).message_2(message_2)
        items, command = self._items()
        message_3, after = proven._state.message_3(items)
        attempt.command = command
        # Known before it is sent, since the lock acts while it is.
        message_3, changed = self._wire.changed(message_3)
        attempt.genuine = (
            clean and not changed and paper.signer is not None and command > 0
        ) and self._right(key, paper)
        await self._wire.transmit(link, message_3)
        message_4 = await link.receive(_PATIENCE, 1000)
        done = opening.AwaitingDecision(after)
        decision, courier = done.message_4(message_4)
        hold(attempt.genuine, "only a proven grant is answered")
        hold(decision.number >= 1, "a decision names its entry")
        return courier

    def _right(self, key: edhoc.StaticKey, paper: Paper) -> bool:
        return (
            any(
                key is mine and paper.grant.phone == phone_x(phone)
                for phone, mine in enumerate(PHONES)
            )
            and paper.grant.installation == self.house.memory.installation
        )

    def _paper(self) -> tuple[Paper, edhoc.StaticKey]:  # noqa: C901, PLR0912 -- a table of cases
        """A grant, and the key that is used with it."""
        choices, town = self.choices, self.town
        key: edhoc.StaticKey = PHONES[0]
        match choices.below(16):
            case 0 | 1 | 2:
                paper = town.paper()
            case 3:
                paper = town.paper(begins=-8 * HOUR, ends=-choices.number(2))
            case 4:
                begins = choices.number(3) % (48 * HOUR)
                paper = town.paper(begins=begins, ends=begins + 8 * HOUR)
            case 5:
                paper = town.paper(installation=identifier("another door"))
            case 6:
                paper = town.paper(serial=identifier("revoked"))
                town.revoked.add(paper.grant.serial)
            case 7:
                key = PHONES[1]
                paper = town.paper(phone=1)
                if choices.byte() & 1:
                    town.blocked.add(paper.grant.phone_thumbprint)
            case 8:
                paper = town.forged(town.paper(), choices.byte())
            case 9:
                paper = town.paper(begins=-HOUR, ends=15 * HOUR + choices.below(3) * 1800)
            case 10:
                paper = town.paper(scope=Scope(1 + choices.below(7)))
            case 11:
                paper = town.paper(signer=choices.below(3))
            case 12:
                key = StolenGrant(PHONES[1])
                paper = town.paper()
            case 13 if self._papers:
                paper = choices.one_of(self._papers)
                key = PHONES[int(paper.grant.phone == phone_x(1))]
            case 14:
                paper = town.paper(scope=Scope.SERVICE | grants.CARE)
            case _:
                whole = town.paper()
                data, changed = self._wire.changed(whole.data)
                paper = Paper(whole.grant, data, None if changed else whole.signer)
        self._papers.append(paper)
        return paper, key

    def _items(self) -> tuple[list[edhoc.EadItem], int]:  # noqa: C901 -- a table of cases
        """EAD_3, and the command that a strict reader finds in it (0: none)."""
        choices = self.choices
        how, command = choices.below(32), 1 + choices.below(3)
        critical = how != 1
        value = bytes([command])
        if how == 2:
            value, command = choices.chunk(), 0
            if len(value) == 1 and 1 <= value[0] <= 3:
                command = value[0]
        items = [edhoc.EadItem(opening.COMMAND, value, critical=critical)]
        if how == 1:
            command = 0
        if how == 3:
            items, command = [], 0
        if how == 4:
            items, command = items * 2, 0
        if how == 5:
            items.append(edhoc.EadItem(choices.number(2), choices.chunk()))
            if items[-1].label == opening.COMMAND:
                command = 0
        if how == 6:
            items.append(edhoc.EadItem(1 + choices.number(2) % 32000, critical=True))
            command = 0
        if how & 8:
            items.append(edhoc.EadItem(opening.KEY_SET, self._object(opening.KEY_SET)))
        if how & 16:
            items.append(edhoc.EadItem(opening.BULLETIN, self._object(opening.BULLETIN)))
        labels = [item.label for item in items]
        if len(labels) != len(set(labels) - {0}) + labels.count(0):
            command = 0
        return items, command

    def _object(self, label: int) -> bytes:
        how = self.choices.below(8)
        if label == opening.KEY_SET:
            made = self.town.key_sets[how % (self.town.stage + 1)][1]
        elif how < 2 and self.town.bulletins:
            made = self.choices.one_of(self.town.bulletins)
        else:
            made = self.town.bulletin()
        return self._wire.changed(made)[0] if how == 7 else made
