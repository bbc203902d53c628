"""Openings by a phone or a lock that keeps to EDHOC but not to the door protocol."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import Door, Municipality

from nyckelfri import cbor, edhoc
from nyckelfri.door import grants, opening, signed
from nyckelfri.door.commissioning import Installer, Kind, Printed
from nyckelfri.door.grants import Grant
from nyckelfri.door.opening import (
    BULLETIN,
    COMMAND,
    DECISION,
    KEY_SET,
    AwaitingDecision,
    Decision,
    LockOpening,
    NotAcceptedError,
    PhoneOpening,
    Presented,
)
from nyckelfri.door.reasons import Reason

UNLOCK = edhoc.EadItem(COMMAND, b"\x01", critical=True)
Items = list[edhoc.EadItem]


@dataclass(frozen=True)
class FreePhone:
    """A phone that puts whatever it likes in message 3."""

    municipality: Municipality
    door: Door
    key: ec.EllipticCurvePrivateKey
    grant: bytes

    def show(self, items: Items, credential: edhoc.Credential | None = None) -> Presented:
        x = signed.coordinate(self.key.public_key())
        own = credential or opening.grant_credential(self.grant, x)
        phone = edhoc.Initiator(suites=opening.SUITES, static_key=self.key, credential=own)
        message_1, waiting = phone.message_1()
        message_2, lock = LockOpening(self.door.installation, self.door.key).message_1(message_1)
        known = opening.lock_credential(
            self.door.installation, signed.coordinate(self.door.key.public_key())
        )
        message_3, _ = waiting.message_2(message_2).verify(known).message_3(items)
        return lock.message_3(message_3).prove(self.municipality.key_set)


@pytest.fixture
def phone(
    municipality: Municipality, door: Door, phone_key: ec.EllipticCurvePrivateKey, grant: Grant
) -> FreePhone:
    return FreePhone(municipality, door, phone_key, municipality.mint(grant))


def test_one_critical_command_is_what_a_lock_takes(phone: FreePhone) -> None:
    for command in grants.Command:
        item = edhoc.EadItem(COMMAND, bytes([command]), critical=True)
        assert phone.show([item]).command is command


def test_unknown_items_that_are_not_critical_are_passed_over(phone: FreePhone) -> None:
    more = [edhoc.EadItem(40_000, b"later"), edhoc.EadItem(40_001)]
    assert phone.show([more[0], UNLOCK, more[1]]).command is grants.Command.UNLOCK


@pytest.mark.threat(11)
@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "items",
    [
        [],
        [edhoc.EadItem(COMMAND, b"\x01")],
        [edhoc.EadItem(COMMAND, critical=True)],
        [edhoc.EadItem(COMMAND, b"", critical=True)],
        [edhoc.EadItem(COMMAND, b"\x00", critical=True)],
        [edhoc.EadItem(COMMAND, b"\x04", critical=True)],
        [edhoc.EadItem(COMMAND, b"\x01\x01", critical=True)],
        [UNLOCK, UNLOCK],
        [UNLOCK, edhoc.EadItem(COMMAND, b"\x02", critical=True)],
        [UNLOCK, edhoc.EadItem(KEY_SET, b"a"), edhoc.EadItem(KEY_SET, b"b")],
        [UNLOCK, edhoc.EadItem(BULLETIN, b"a"), edhoc.EadItem(BULLETIN, b"b")],
        [UNLOCK, edhoc.EadItem(DECISION, b"\x00", critical=True)],
        [UNLOCK, edhoc.EadItem(40_000, critical=True)],
    ],
    ids=lambda items: " ".join(f"{'-' * i.critical}{i.label}" for i in items),
)
def test_no_command_two_commands_and_unknown_ones_are_refused(
    phone: FreePhone, items: Items
) -> None:
    with pytest.raises(NotAcceptedError):
        phone.show(items)


@pytest.mark.threat(9)
def test_a_bare_key_or_key_id_in_the_grants_place_is_refused(phone: FreePhone) -> None:
    x = signed.coordinate(phone.key.public_key())
    bare = edhoc.kccs_credential(cbor.encode({8: {1: {1: 2, -1: 1, -2: x}}}))
    for credential in (bare, edhoc.ccs_credential(x, kid=b"\x05")):
        with pytest.raises(NotAcceptedError, match="shows no grant"):
            phone.show([UNLOCK], credential)


@pytest.mark.threat(9)
def test_a_grant_for_a_coordinate_off_the_curve_is_refused_and_crashes_nothing(
    phone: FreePhone, grant: Grant
) -> None:
    off = phone.municipality.mint(replace(grant, phone=b"\xff" * 32))
    x = signed.coordinate(phone.key.public_key())
    with pytest.raises(NotAcceptedError):
        phone.show([UNLOCK], opening.grant_credential(off, x))


@pytest.mark.threat(6)
def test_a_signed_object_that_is_no_grant_proves_nothing(phone: FreePhone) -> None:
    x = signed.coordinate(phone.key.public_key())
    for other in (
        phone.municipality.bulletin(),
        signed.sign(b"", key=phone.key, typ=None, kid=b"\x01"),
    ):
        with pytest.raises(NotAcceptedError):
            phone.show([UNLOCK], opening.grant_credential(other, x))


def answered(
    door: Door, phone_key: ec.EllipticCurvePrivateKey, grant: bytes, items: Items
) -> Decision:
    """What a phone makes of message 4 with these items."""
    message_1, waiting = PhoneOpening(door.record, phone_key, grant).message_1()
    x = signed.coordinate(door.key.public_key())
    lock = edhoc.Responder(
        suites=opening.SUITES,
        static_key=door.key,
        credential=opening.lock_credential(door.installation, x),
    )
    message_2, lock_waiting = lock.message_1(message_1).message_2()
    message_3, phone_waiting = waiting.message_2(message_2).message_3(grants.Command.UNLOCK)
    received = lock_waiting.message_3(message_3, known_labels=frozenset({COMMAND}))
    phone_x = signed.coordinate(phone_key.public_key())
    done = received.verify(opening.grant_credential(received.id_cred_i.value, phone_x))
    return _decision(phone_waiting, done.message_4(items))


def _decision(waiting: AwaitingDecision, message_4: bytes) -> Decision:
    return waiting.message_4(message_4)[0]


def decision(*parts: cbor.Encodable) -> edhoc.EadItem:
    return edhoc.EadItem(DECISION, b"".join(cbor.encode(part) for part in parts))


HEAD = bytes(8)


def test_a_reason_from_a_newer_lock_is_a_refusal(phone: FreePhone) -> None:
    for number in (11, 200, 255, 2**32):
        item = decision(number, 5, HEAD)
        found = answered(phone.door, phone.key, phone.grant, [item])
        assert found == Decision(Reason.UNKNOWN, 5, HEAD)


@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "items",
    [
        [],
        [edhoc.EadItem(DECISION)],
        [decision()],
        [decision(0)],
        [decision(0, 1)],
        [decision(0, 1, HEAD, 0)],
        [decision(0, 1, HEAD[1:])],
        [decision(0, 1, HEAD + b"\x00")],
        [decision(False, 1, HEAD)],
        [decision(0, True, HEAD)],
        [decision(-1, 1, HEAD)],
        [decision(0, -1, HEAD)],
        [decision("granted", 1, HEAD)],
        [decision([0, 1, HEAD])],
        [decision(0, 1, HEAD), decision(0, 1, HEAD)],
        [edhoc.EadItem(DECISION, b"\x18\x00\x01\x48" + HEAD)],
        [decision(0, 1, HEAD), edhoc.EadItem(40_000, critical=True)],
    ],
)
def test_a_malformed_decision_is_no_decision(phone: FreePhone, items: Items) -> None:
    with pytest.raises(NotAcceptedError):
        answered(phone.door, phone.key, phone.grant, items)


def test_an_edhoc_error_in_place_of_any_answer_is_a_refusal(phone: FreePhone) -> None:
    start = PhoneOpening(phone.door.record, phone.key, phone.grant)
    _, waiting = start.message_1()
    with pytest.raises(NotAcceptedError, match="the lock refused"):
        waiting.message_2(opening.REFUSAL)
    message_1, waiting = start.message_1()
    message_2, _ = LockOpening(phone.door.installation, phone.door.key).message_1(message_1)
    _, deciding = waiting.message_2(message_2).message_3(grants.Command.UNLOCK)
    with pytest.raises(NotAcceptedError, match="the lock refused"):
        deciding.message_4(opening.REFUSAL)
    assert opening.REFUSAL == b"\x01\x67refused"


@pytest.mark.threat(62)
def test_an_installer_who_kept_the_secret_finds_a_lock_that_speaks_only_openings(
    phone: FreePhone,
) -> None:
    """The commissioned lock has another key than the label, and takes no bare key."""
    label = Printed(Kind.THUMB_TURN, signed.coordinate(ec_key(5).public_key()), bytes(16))
    message_1, waiting = Installer(label, phone.key).message_1()
    message_2, _ = LockOpening(phone.door.installation, phone.door.key).message_1(message_1)
    with pytest.raises(NotAcceptedError, match="not the unit of this code"):
        waiting.message_2(message_2)


def ec_key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


@pytest.mark.threat(28)
def test_nothing_of_a_dumped_lock_answers_for_another_door(phone: FreePhone) -> None:
    """Its key with the neighbour's installation, or the reverse, is not the neighbour's lock."""
    own, neighbour = phone.door, Door(b"neighbor", ec_key(6), ec_key(7))
    for pretending in (
        LockOpening(neighbour.installation, own.key),
        LockOpening(own.installation, own.key),
    ):
        message_1, waiting = PhoneOpening(neighbour.record, phone.key, phone.grant).message_1()
        message_2, _ = pretending.message_1(message_1)
        with pytest.raises(NotAcceptedError, match="not the lock of this door"):
            waiting.message_2(message_2)


@pytest.mark.threat(29)
def test_the_largest_bulletin_and_key_set_fit_one_message_3(phone: FreePhone) -> None:
    """Else a lock with a lost clock could not be healed on just the days with most to revoke."""
    keys = phone.municipality.key_set
    bulletin = phone.municipality.bulletin(
        serials=frozenset(n.to_bytes(8, "big") for n in range(3_000))
    )
    many = tuple(replace(keys.keys[0], kid=bytes([n])) for n in range(32))
    key_set = phone.municipality.sign_key_set(replace(keys, number=2, keys=many), (0, 1, 2))
    start = PhoneOpening(phone.door.record, phone.key, phone.grant)
    message_1, waiting = start.message_1()
    message_2, lock = LockOpening(phone.door.installation, phone.door.key).message_1(message_1)
    message_3, _ = waiting.message_2(message_2).message_3(
        grants.Command.UNLOCK, key_set=key_set, bulletin=bulletin
    )
    assert len(message_3) <= opening.MAX_MESSAGE_3 == edhoc.MAX_MESSAGE
    shown = lock.message_3(message_3)
    assert (shown.key_set, shown.bulletin) == (key_set, bulletin)


def test_secrets_do_not_show_in_reprs(phone: FreePhone) -> None:
    assert phone.door.record.radio_key.hex() not in repr(phone.door.record)
    assert repr(phone.door.record.radio_key)[2:-1] not in repr(phone.door.record)
