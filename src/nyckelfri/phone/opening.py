"""The four messages at a door, over any link (docs/protocol.md, 6).

House rules: nothing is said about the phone before the lock has proven itself. What the lock
answered is written down before anything else is done. No clock and no radio here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door.courier import Courier
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import Decision, DoorRecord, PhoneOpening
from nyckelfri.phone.steps import MeteredLink, Progress, Stage
from nyckelfri.phone.values import HeldGrant

MESSAGE_2_WITHIN: Final = 8.0
MESSAGE_4_WITHIN: Final = 6.0
"""Seconds; a lock answers in a fraction, unless another phone is before this one, or the motor
still finishes the last command."""
_MAX_ANSWER: Final = 256
"""Bytes of message 2 or 4 at most."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Signed objects that message 3 takes along for a lock that may lack them."""

    key_set: bytes | None = field(default=None, repr=False)
    bulletin: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """What the phone wants at which door, and what it shows for it."""

    door: DoorRecord
    command: Command
    grant: HeldGrant
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    carried: Carried = Carried()


async def ask_lock(
    link: MeteredLink,
    ask: Ask,
    progress: Progress,
    *,
    on_decision: Callable[[Decision], None],
) -> tuple[Decision, Courier]:
    """The lock's decision and the record layer behind it.

    `on_decision` is called with the decision before anything else happens. Raises
    NotAcceptedError (this is not the lock, or it will not talk) or a LinkError.
    """
    message_1, awaiting_lock = PhoneOpening(ask.door, ask.key, ask.grant.data).message_1()
    await link.send(message_1)
    proven = awaiting_lock.message_2(await link.receive(MESSAGE_2_WITHIN, _MAX_ANSWER))
    progress.tell(Stage.LOCK_PROVEN)
    message_3, awaiting_decision = proven.message_3(
        ask.command, key_set=ask.carried.key_set, bulletin=ask.carried.bulletin
    )
    await link.send(message_3)
    answer = await link.receive(MESSAGE_4_WITHIN, _MAX_ANSWER)
    decision, courier = awaiting_decision.message_4(answer)
    on_decision(decision)
    progress.tell(Stage.DECIDED, reason=decision.reason.name.lower(), number=decision.number)
    return decision, courier
