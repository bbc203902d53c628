"""opening.json: whole openings and a commissioning, with every key fixed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from generator import world
from generator.signed import RECORD
from generator.world import BULLETIN, GRANT, KEY_SET, NOON, Case
from nyckelfri.door import commissioning, grants, opening
from nyckelfri.door.commissioning import FactoryUnit, Installer, Kind, Printed
from nyckelfri.door.courier import (
    Applied,
    Commission,
    Commissioned,
    Confirm,
    Courier,
    Fetch,
    Status,
)
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.opening import Decision, DoorRecord, LockOpening, PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken

HEAD: Final = bytes(range(0xA0, 0xA8))
DOOR: Final = DoorRecord(world.INSTALLATION, world.LOCK_KEY.x, world.RADIO_KEY)
STATUS: Final = Status(0, NOON, 1, 1, NOON - 3600, 8, 5, 80, world.NONCE)
LABEL: Final = Printed(Kind.THUMB_TURN, world.FACTORY_KEY.x, world.SECRET)
NEWER: Final = replace(
    KEY_SET,
    number=2,
    keys=(*KEY_SET.keys, Key(b"\x09", Purpose.GRANT, world.NEXT_GRANT_KEY.point)),
)


def contents() -> Case:
    """The whole file."""
    return {
        "version": 1,
        "about": "docs/protocol.md sections 6, 9 and 10: whole sessions with fixed keys. Each "
        "side can be replayed: feed it the other's messages and compare what it sends. kind "
        "opening: four messages, exported keys, first record each way. kind refused_by_error: "
        "message 3 must be answered with error. kind commissioning: the same with a label. "
        "Never use an ephemeral key twice outside vectors.",
        "given": {
            "root": world.ROOT.encoded.hex(),
            "key_set": world.sign_key_set(KEY_SET.payload).hex(),
            "installation": world.INSTALLATION.hex(),
            "radio_key": world.RADIO_KEY.hex(),
            "lock_key_x": world.LOCK_KEY.x.hex(),
            "nonce": world.NONCE.hex(),
            "private_keys": {
                "lock": world.LOCK_KEY.scalar.hex(),
                "lock_signing": world.LOCK_SIGNING_KEY.scalar.hex(),
                "lock_ephemeral": world.LOCK_EPHEMERAL.scalar.hex(),
                "phone": world.PHONE_KEY.scalar.hex(),
                "phone_ephemeral": world.PHONE_EPHEMERAL.scalar.hex(),
                "factory": world.FACTORY_KEY.scalar.hex(),
                "installer": world.INSTALLER_KEY.scalar.hex(),
            },
        },
        "cases": [*_openings(), *_errors(), _commissioning()],
    }


def _mint(grant: Grant = GRANT) -> bytes:
    return world.sign_grant(grants.payload(grant))


def _openings() -> list[Case]:
    late = replace(GRANT, not_before=NOON - 9 * 3600, not_after=NOON - 3600)
    rotated = grants.mint(GRANT, key=world.NEXT_GRANT_KEY.signer, kid=b"\x09")
    return [
        _opening("unlock, granted", _mint(), Command.UNLOCK, Decision(Reason.GRANTED, 7, HEAD)),
        _opening("lock, granted", _mint(), Command.LOCK, Decision(Reason.GRANTED, 300, HEAD)),
        _opening(
            "unlock, expired", _mint(late), Command.UNLOCK, Decision(Reason.EXPIRED, 70_000, HEAD)
        ),
        _opening(
            "retry with key set and bulletin, for a grant of a key that the lock did not know",
            rotated,
            Command.UNLOCK,
            Decision(Reason.GRANTED, 9, HEAD),
            key_set=world.sign_key_set(NEWER.payload),
            bulletin=world.sign_bulletin(BULLETIN.payload),
        ),
    ]


def _opening(
    name: str,
    grant: bytes,
    command: Command,
    decision: Decision,
    *,
    key_set: bytes | None = None,
    bulletin: bytes | None = None,
) -> Case:
    start = PhoneOpening(DOOR, world.PHONE_KEY.key, grant)
    message_1, waiting = start.message_1(ephemeral=world.PHONE_EPHEMERAL.key)
    lock = LockOpening(world.INSTALLATION, world.LOCK_KEY.key)
    message_2, awaiting = lock.message_1(message_1, ephemeral=world.LOCK_EPHEMERAL.key)
    proven = waiting.message_2(message_2)
    message_3, deciding = proven.message_3(command, key_set=key_set, bulletin=bulletin)
    presented = awaiting.message_3(message_3).prove(NEWER if key_set else KEY_SET)
    message_4 = presented.answer(decision)
    _, phone_courier = deciding.message_4(message_4)
    return {
        "kind": "opening",
        "name": name,
        "grant": grant.hex(),
        "command": int(command),
        "key_set": key_set.hex() if key_set else None,
        "bulletin": bulletin.hex() if bulletin else None,
        "decision": {
            "reason": decision.reason.name.lower(),
            "number": decision.number,
            "head": decision.head.hex(),
        },
        "messages": [m.hex() for m in (message_1, message_2, message_3, message_4)],
    } | _records(phone_courier, presented.courier())


def _records(phone: Courier, lock: Courier) -> Case:
    """Keys and first records; the lock speaks first."""
    status = lock.seal(STATUS)
    return {
        "exported": {
            "phone_to_lock": phone.exporter(32768, b"", 29).hex(),
            "lock_to_phone": phone.exporter(32769, b"", 29).hex(),
        },
        "records": [
            {
                "from": "lock",
                "type": STATUS.TYPE,
                "fields": [0, NOON, 1, 1, NOON - 3600, 8, 5, 80, {"hex": world.NONCE.hex()}],
                "hex": status.hex(),
            },
            {"from": "phone", "type": 6, "fields": [0], "hex": phone.seal(Fetch(0)).hex()},
            {
                "from": "phone",
                "type": 6,
                "fields": [65_535],
                "hex": phone.seal(Fetch(65_535)).hex(),
            },
        ],
    }


def _errors() -> list[Case]:
    elsewhere = replace(GRANT, installation=world.identifier("the neighbour"))
    stranger = grants.mint(GRANT, key=world.NEXT_GRANT_KEY.signer, kid=b"\x09")
    stolen = replace(GRANT, phone=world.INSTALLER_KEY.x)
    return [
        _error("a grant for another door", _mint(elsewhere)),
        _error("a grant of an unknown key", stranger),
        _error("a grant signed by the bulletin key under the grant key's id", _misnamed()),
        _error("a grant of another phone", _mint(stolen)),
    ]


def _misnamed() -> bytes:
    return grants.mint(GRANT, key=world.BULLETIN_KEY.signer, kid=b"\x01")


def _error(name: str, grant: bytes) -> Case:
    start = PhoneOpening(DOOR, world.PHONE_KEY.key, grant)
    message_1, waiting = start.message_1(ephemeral=world.PHONE_EPHEMERAL.key)
    lock = LockOpening(world.INSTALLATION, world.LOCK_KEY.key)
    message_2, _ = lock.message_1(message_1, ephemeral=world.LOCK_EPHEMERAL.key)
    message_3, _ = waiting.message_2(message_2).message_3(Command.UNLOCK)
    return {
        "kind": "refused_by_error",
        "name": name,
        "grant": grant.hex(),
        "command": int(Command.UNLOCK),
        "messages": [m.hex() for m in (message_1, message_2, message_3)],
        "error": opening.REFUSAL.hex(),
    }


def _commissioning() -> Case:
    installer = Installer(LABEL, world.INSTALLER_KEY.key)
    message_1, waiting = installer.message_1(ephemeral=world.PHONE_EPHEMERAL.key)
    factory = FactoryUnit(world.FACTORY_KEY.key)
    message_2, unit = factory.message_1(message_1, ephemeral=world.LOCK_EPHEMERAL.key)
    message_3, welcome = waiting.message_2(message_2)
    message_4, lock = unit.message_3(message_3)
    phone = welcome.message_4(message_4)
    proof = commissioning.proof(world.SECRET, phone.exporter)
    parts = (
        proof,
        world.ROOT.encoded,
        world.sign_key_set(KEY_SET.payload),
        world.sign_bulletin(BULLETIN.payload),
    )
    record = RECORD.sign(world.LOCK_SIGNING_KEY.signer)
    return {
        "kind": "commissioning",
        "name": "a thumb-turn becomes a lock",
        "label": LABEL.text(),
        "secret": world.SECRET.hex(),
        "messages": [m.hex() for m in (message_1, message_2, message_3, message_4)],
        "exported": {
            "phone_to_lock": phone.exporter(32768, b"", 29).hex(),
            "lock_to_phone": phone.exporter(32769, b"", 29).hex(),
            "proof": phone.exporter(32770, b"", 32).hex(),
        },
        "proof": proof.hex(),
        "records": [
            {
                "from": "phone",
                "type": 7,
                "fields": [{"hex": part.hex()} for part in parts],
                "hex": phone.seal(Commission(*parts)).hex(),
            },
            {
                "from": "lock",
                "type": 21,
                "fields": [{"hex": record.hex()}],
                "hex": lock.seal(Commissioned(record)).hex(),
            },
            {"from": "phone", "type": 10, "fields": [], "hex": phone.seal(Confirm()).hex()},
            {
                "from": "lock",
                "type": 18,
                "fields": [10, 0],
                "hex": lock.seal(Applied(Confirm.TYPE, Taken.TAKEN)).hex(),
            },
        ],
    }
