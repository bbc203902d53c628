"""Somebody who does not play by the phone's rules: what the demonstration's doors must refuse.

    python -m nyckelfri.demo.intruder TRICK --state DIR --door INSTALLATION --transport T

It has copied a phone (`--state`, with its PIN) and speaks the protocol itself, so nothing but
the lock's own judgement stands in its way. One JSON line says what came back.

    as-is           shows the copied grant for this door, whatever its window or the phone's state
    other-door      shows a copied grant for another door
    stolen-grant    shows the copied grant with a key of its own
    replay          records an opening up to message 3, and sends the recording again
    old-bulletin    shows the copied grant and brings an older bulletin (`--bulletin FILE`)
    forged-grant    shows a grant of its own, signed with a stolen grant key (`--key FILE`)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import clock
from nyckelfri.door import grants, signed
from nyckelfri.door.grants import CARE, Command, Grant
from nyckelfri.door.opening import Decision, DoorRecord, NotAcceptedError, PhoneOpening
from nyckelfri.phone import account
from nyckelfri.phone.airtime import pseudonyms
from nyckelfri.phone.book import Book
from nyckelfri.phone.opening import Ask, Carried, ask_lock
from nyckelfri.phone.radio import PhoneLink, PhoneRadio
from nyckelfri.phone.steps import MeteredLink, Progress
from nyckelfri.phone.store import Store
from nyckelfri.phone.values import Door, HeldGrant
from nyckelfri.phone.vault import Secrets

TRICKS: Final = ("as-is", "other-door", "stolen-grant", "replay", "old-bulletin", "forged-grant")
_SEARCH: Final = 20.0
_ANSWER: Final = 256
_WITHIN: Final = 6.0
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied from a phone."""

    store: Store
    secrets: Secrets
    door: Door

    def grant(self, *, for_this_door: bool = True) -> HeldGrant:
        """A grant for the door, or for some other one."""
        held = Book(self.store, self.secrets.data_key).grants()
        for grant in held:
            if (grant.installation == self.door.installation) is for_this_door:
                return grant
        raise LookupError("the copied phone holds no such grant")

    def ask(self) -> Ask:
        """An honest unlock with what was copied."""
        return Ask(self.door.record, Command.UNLOCK, self.grant(), self.secrets.key)


async def dial(radio: PhoneRadio, door: DoorRecord) -> PhoneLink:
    """A link to the lock, wherever it stands; LookupError."""
    wanted = pseudonyms([(door.installation, door.radio_key)], clock.now_seconds())
    found = await radio.find(wanted, _SEARCH)
    if found is None:
        raise LookupError("no such lock on the air")
    return await radio.connect(found)


async def show(radio: PhoneRadio, ask: Ask) -> dict[str, Any]:
    """Ask once, over the four messages, and report the lock's answer."""
    link = MeteredLink(await dial(radio, ask.door))
    begun = time.perf_counter()
    entry = None
    try:
        decision, _ = await ask_lock(
            link, ask, Progress(lambda _step: None, time.monotonic), on_decision=_ignore
        )
    except NotAcceptedError as error:
        reason, note = "not_accepted", str(error)
    else:
        reason, note, entry = decision.reason.name.lower(), "", decision.number
    finally:
        await link.close()
    return {
        "reason": reason,
        "note": note,
        "entry": entry,
        "ms": round((time.perf_counter() - begun) * 1000, 2),
        "bytes": link.traffic.total,
        "messages": link.traffic.messages_sent + link.traffic.messages_received,
    }


def _ignore(_decision: Decision) -> None:
    """An intruder writes nothing down."""


async def replay(radio: PhoneRadio, copy: Copy) -> dict[str, Any]:
    """Record messages 1 and 3 of a genuine handshake, cut the link, and send them again."""
    ask = copy.ask()
    message_1, awaiting = PhoneOpening(ask.door, ask.key, ask.grant.data).message_1()
    link = await dial(radio, ask.door)
    await link.send(message_1)
    proven = awaiting.message_2(await link.receive(_WITHIN, _ANSWER))
    message_3, _ = proven.message_3(ask.command)
    await link.close()

    begun = time.perf_counter()
    second = MeteredLink(await dial(radio, ask.door))
    await second.send(message_1)
    await second.receive(_WITHIN, _ANSWER)
    await second.send(message_3)
    answer = await second.receive(_WITHIN, _ANSWER)
    await second.close()
    try:
        awaiting.message_2(answer)
    except (NotAcceptedError, RuntimeError):
        reason = "not_accepted"
    else:
        reason = "granted"
    return {
        "reason": reason,
        "note": "the recording was answered like any stranger",
        "ms": round((time.perf_counter() - begun) * 1000, 2),
        "bytes": second.traffic.total,
        "messages": second.traffic.messages_sent + second.traffic.messages_received,
    }


async def attempt(args: argparse.Namespace) -> dict[str, Any]:
    """One trick at one door."""
    with Store(args.state) as store:
        secrets = account.unlock(store, args.pin_file.read_text("utf-8").strip())
        wanted = bytes.fromhex(args.door)
        doors = Book(store, secrets.data_key).doors()
        door = next((door for door in doors if door.installation == wanted), None)
        if door is None:
            raise LookupError("the copied phone does not know this door")
        copy = Copy(store, secrets, door)
        async with PhoneRadio(args.transport) as radio:
            if args.trick == "replay":
                return await replay(radio, copy)
            return await show(radio, _asks(args, copy))


def _asks(args: argparse.Namespace, copy: Copy) -> Ask:
    match args.trick:
        case "other-door":
            return replace(copy.ask(), grant=copy.grant(for_this_door=False))
        case "stolen-grant":
            return replace(copy.ask(), key=ec.generate_private_key(ec.SECP256R1()))
        case "old-bulletin":
            return replace(copy.ask(), carried=Carried(None, args.bulletin.read_bytes()))
        case "forged-grant":
            return _forged(args.key, copy)
    return copy.ask()


def _forged(stolen: Path, copy: Copy) -> Ask:
    """A thief's own phone key and grant; the server names key files `purpose-kid.pem`."""
    signing = serialization.load_pem_private_key(stolen.read_bytes(), None)
    if not isinstance(signing, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{stolen} holds no grant key")
    own, now = ec.generate_private_key(ec.SECP256R1()), clock.now_seconds()
    window = now - _HOUR, now + _HOUR
    phone = signed.coordinate(own.public_key())
    claims = Grant(
        os.urandom(8), copy.door.installation, *window, now - _HOUR, os.urandom(8), phone, CARE
    )
    kid = bytes.fromhex(stolen.stem.partition("-")[2])
    data = grants.mint(claims, key=signing, kid=kid)
    grant = HeldGrant(data, claims.serial, claims.installation, *window, claims.scope)
    return Ask(copy.door.record, Command.UNLOCK, grant, own)


def main(arguments: Sequence[str] | None = None) -> int:
    """One attempt; exit status 0 whatever the lock answered."""
    parser = argparse.ArgumentParser(prog="nyckelfri.demo.intruder", description=__doc__)
    parser.add_argument("trick", choices=TRICKS)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--pin-file", type=Path, required=True)
    parser.add_argument("--door", required=True, help="installation id in hex")
    parser.add_argument("--transport", required=True)
    parser.add_argument("--bulletin", type=Path, help="an older signed bulletin")
    parser.add_argument("--key", type=Path, help="a stolen grant key, grant-KID.pem")
    result = asyncio.run(attempt(parser.parse_args(arguments)))
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
