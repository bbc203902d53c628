"""vectors/opening.json: each side, fed the other's messages, sends what is written there."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from nyckelfri import cbor
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import commissioning, keyset, opening
from nyckelfri.door.commissioning import FactoryUnit, InstallationRecord, Installer, Printed
from nyckelfri.door.courier import Applied, Commission, Commissioned, Confirm, Courier, Side
from nyckelfri.door.grants import Command
from nyckelfri.door.keyset import Root
from nyckelfri.door.opening import (
    Decision,
    DoorRecord,
    LockOpening,
    NotAcceptedError,
    PhoneOpening,
    Unproven,
)
from nyckelfri.door.reasons import Reason

FILE = json.loads((Path(__file__).parents[2] / "vectors" / "opening.json").read_text("utf-8"))
GIVEN = FILE["given"]
ROOT = Root.read(bytes.fromhex(GIVEN["root"]))
KEY_SET = keyset.read(bytes.fromhex(GIVEN["key_set"]), ROOT)
KEYS = {
    name: ec.derive_private_key(int(scalar, 16), ec.SECP256R1())
    for name, scalar in GIVEN["private_keys"].items()
}
INSTALLATION = bytes.fromhex(GIVEN["installation"])
DOOR = DoorRecord(
    INSTALLATION, bytes.fromhex(GIVEN["lock_key_x"]), bytes.fromhex(GIVEN["radio_key"])
)

Case = dict[str, Any]


def of_kind(kind: str) -> pytest.MarkDecorator:
    cases = [case for case in FILE["cases"] if case["kind"] == kind]
    return pytest.mark.parametrize("case", cases, ids=lambda case: case["name"])


def blob(value: str | None) -> bytes | None:
    return None if value is None else bytes.fromhex(value)


def messages(case: Case) -> list[bytes]:
    return [bytes.fromhex(message) for message in case["messages"]]


def unproven(case: Case) -> Unproven:
    message_1, message_2, message_3, *_ = messages(case)
    lock = LockOpening(INSTALLATION, KEYS["lock"])
    made, awaiting = lock.message_1(message_1, ephemeral=KEYS["lock_ephemeral"])
    assert made == message_2
    return awaiting.message_3(message_3)


def decision(case: Case) -> Decision:
    said = case["decision"]
    return Decision(Reason[said["reason"].upper()], said["number"], bytes.fromhex(said["head"]))


@of_kind("opening")
def test_a_lock_answers_as_written(case: Case) -> None:
    shown = unproven(case)
    assert (shown.key_set, shown.bulletin) == (blob(case["key_set"]), blob(case["bulletin"]))
    newest = keyset.read(shown.key_set, ROOT) if shown.key_set else KEY_SET
    if shown.bulletin:
        assert bulletins.read(shown.bulletin, newest).epoch == newest.epoch
    presented = shown.prove(newest)
    assert int(presented.command) == case["command"]
    assert presented.answer(decision(case)) == messages(case)[3]
    records_match(case, presented.courier(), "lock")


@of_kind("opening")
def test_a_phone_sends_and_understands_what_is_written(case: Case) -> None:
    message_1, message_2, message_3, message_4 = messages(case)
    start = PhoneOpening(DOOR, KEYS["phone"], bytes.fromhex(case["grant"]))
    made, waiting = start.message_1(ephemeral=KEYS["phone_ephemeral"])
    assert made == message_1
    made, deciding = waiting.message_2(message_2).message_3(
        Command(case["command"]), key_set=blob(case["key_set"]), bulletin=blob(case["bulletin"])
    )
    assert made == message_3
    said, courier = deciding.message_4(message_4)
    assert said == decision(case)
    records_match(case, courier, "phone")


@of_kind("refused_by_error")
def test_a_lock_refuses_with_the_one_error(case: Case) -> None:
    with pytest.raises(NotAcceptedError):
        unproven(case).prove(KEY_SET)
    assert bytes.fromhex(case["error"]) == opening.REFUSAL


def plain(record: Case) -> bytes:
    """The record's plaintext, after docs/protocol.md section 9."""
    values = [
        bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
        for value in record["fields"]
    ]
    return b"".join(cbor.encode(part) for part in (record["type"], *values))


def records_match(case: Case, courier: Courier, side: str) -> None:
    """Every record is what AES-CCM makes of its fields, and our courier makes and reads it."""
    counters = {"lock": 0, "phone": 0}
    for record in case["records"]:
        sender, data = record["from"], bytes.fromhex(record["hex"])
        name = "lock_to_phone" if sender == "lock" else "phone_to_lock"
        material = bytes.fromhex(case["exported"][name])
        label = 32769 if sender == "lock" else 32768
        assert courier.exporter(label, b"", 29) == material
        nonce = int.from_bytes(material[16:], "big") ^ counters[sender]
        counters[sender] += 1
        cipher = AESCCM(material[:16], tag_length=16)
        assert cipher.encrypt(nonce.to_bytes(13, "big"), plain(record), None) == data
        if sender != side:
            assert record["type"] == courier.open(data).TYPE


@of_kind("commissioning")
def test_a_commissioning_runs_as_written(case: Case) -> None:
    message_1, message_2, message_3, message_4 = messages(case)
    label = Printed.read(case["label"])
    assert label.secret.hex() == case["secret"]

    made, waiting = Installer(label, KEYS["installer"]).message_1(ephemeral=KEYS["phone_ephemeral"])
    assert made == message_1
    made, unit = FactoryUnit(KEYS["factory"]).message_1(message_1, ephemeral=KEYS["lock_ephemeral"])
    assert made == message_2
    made, welcome = waiting.message_2(message_2)
    assert made == message_3
    made, lock = unit.message_3(message_3)
    assert made == message_4
    phone = welcome.message_4(message_4)

    session = phone.exporter(32770, b"", 32)
    assert session.hex() == case["exported"]["proof"]
    proof = hmac.digest(label.secret, b"nyckelfri/commission" + session, "sha256")
    assert proof.hex() == case["proof"]

    offer = lock.open(bytes.fromhex(case["records"][0]["hex"]))
    assert isinstance(offer, Commission)
    root, key_set, _ = commissioning.check(offer, secret=label.secret, exporter=lock.exporter)
    assert (root, key_set) == (ROOT, KEY_SET)
    answer = phone.open(bytes.fromhex(case["records"][1]["hex"]))
    assert isinstance(answer, Commissioned)
    record = InstallationRecord.read(answer.data)
    assert (record.installation, record.lock_key) == (INSTALLATION, DOOR.lock_key)
    records_match(case, Courier(Side.PHONE, phone.exporter), "phone")
    assert lock.open(bytes.fromhex(case["records"][2]["hex"])) == Confirm()
    assert phone.open(bytes.fromhex(case["records"][3]["hex"])) == Applied(10, 0)
