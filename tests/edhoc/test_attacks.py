"""Attacks by number (docs/threat-model.md), as far as the key exchange meets them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.edhoc import (
    AwaitingMessage2,
    AwaitingMessage3,
    AwaitingMessage4,
    Credential,
    EadItem,
    EdhocError,
    ErrorCode,
    IdCred,
    Initiator,
    ReadyForMessage3,
    Responder,
    Suite,
    ccs_credential,
    crypto,
)

LABEL = 40_000
GOOD_X = crypto.x_of(ec.derive_private_key(7, ec.SECP256R1()))
OFF_CURVE = bytes.fromhex("a04e73601df544a70ba7ea1e57030f7d4b4eb7f673924e58d54ca77a5e7d4d4a")


class Chip:
    """A key holder that says nothing about its public key, so that it may lie."""

    def __init__(self, key: Any) -> None:
        self._key = key

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        shared: bytes = self._key.exchange(algorithm, peer_public_key)
        return shared


def until_message_3(
    initiator: Initiator, responder: Responder
) -> tuple[ReadyForMessage3, AwaitingMessage3]:
    message_1, awaiting_2 = initiator.message_1()
    message_2, awaiting_3 = responder.message_1(message_1).message_2()
    return awaiting_2.message_2(message_2).verify(responder.credential), awaiting_3


def sealed_message_3(ready: ReadyForMessage3, plaintext: bytes) -> bytes:
    """What a peer that took part in this handshake can send as message_3."""
    return cbor.encode(ready._stage.seal(plaintext))


@pytest.mark.threat(1)
def test_replay_of_a_recorded_handshake_is_refused(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    message_1, message_2, message_3, _ = handshake(initiator, responder).messages
    fresh_message_2, awaiting_3 = responder.message_1(message_1).message_2()
    assert fresh_message_2 != message_2
    with pytest.raises(EdhocError, match="does not decrypt"):
        awaiting_3.message_3(message_3)


@pytest.mark.threat(2)
def test_replay_of_message_3_to_a_responder_that_restarted_is_refused(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    recorded = handshake(initiator, responder).messages
    restarted = Responder(static_key=responder.static_key, credential=responder.credential)
    challenges = set()
    for _ in range(20):
        message_2, awaiting_3 = restarted.message_1(recorded[0]).message_2()
        challenges.add(message_2)
        with pytest.raises(EdhocError, match="does not decrypt"):
            awaiting_3.message_3(recorded[2])
    assert len(challenges) == 20


EAD = [EadItem(LABEL, b"command", critical=True)]


def exchange(
    initiator: Initiator, responder: Responder, wire: Callable[[int, bytes], bytes]
) -> None:
    """Run a whole handshake in which `wire` passes on each numbered message."""
    message_1, awaiting_2 = initiator.message_1(ead_1=EAD)
    received_1 = responder.message_1(wire(1, message_1), {LABEL})
    message_2, awaiting_3 = received_1.message_2(ead_2=EAD)
    received_2 = awaiting_2.message_2(wire(2, message_2), {LABEL})
    message_3, awaiting_4 = received_2.verify(responder.credential).message_3(EAD)
    received_3 = awaiting_3.message_3(wire(3, message_3), {LABEL})
    message_4 = received_3.verify(initiator.credential).message_4(EAD)
    awaiting_4.message_4(wire(4, message_4), {LABEL})


@pytest.mark.threat(4)
@pytest.mark.threat(14)
@pytest.mark.parametrize("which", [1, 2, 3, 4])
def test_every_single_bit_flipped_in_any_message_ends_the_handshake(
    which: int, initiator: Initiator, responder: Responder
) -> None:
    lengths: dict[int, int] = {}

    def honest(number: int, message: bytes) -> bytes:
        lengths[number] = len(message)
        return message

    exchange(initiator, responder, honest)

    def flipping(bit: int) -> Callable[[int, bytes], bytes]:
        def wire(number: int, message: bytes) -> bytes:
            changed = bytearray(message)
            if number == which:
                changed[bit // 8] ^= 1 << bit % 8
            return bytes(changed)

        return wire

    for bit in range(lengths[which] * 8):
        with pytest.raises(EdhocError):
            exchange(initiator, responder, flipping(bit))


@pytest.mark.threat(4)
def test_ead_2_changed_on_the_way_is_readable_but_never_authenticated(
    initiator: Initiator, responder: Responder
) -> None:
    message_1, awaiting_2 = initiator.message_1()
    message_2, _ = responder.message_1(message_1).message_2(ead_2=[EadItem(LABEL, b"\x00")])
    changed = message_2[:-1] + bytes((message_2[-1] ^ 1,))
    received = awaiting_2.message_2(changed, {LABEL})
    assert received.ead_2 == (EadItem(LABEL, b"\x01"),)
    with pytest.raises(EdhocError, match="MAC_2"):
        received.verify(responder.credential)


@pytest.mark.threat(6)
@pytest.mark.parametrize("method", [0, 1, 2, 4, 23, 24, -1, True, b"\x03", "3", None, [3]])
def test_any_method_but_static_diffie_hellman_is_refused(
    method: Any, initiator: Initiator, responder: Responder
) -> None:
    message_1, _ = initiator.message_1()
    with pytest.raises(EdhocError, match="method 3"):
        responder.message_1(cbor.encode(method) + message_1[1:])


@pytest.mark.threat(6)
@pytest.mark.parametrize("length", [0, 8, 15, 17, 32, 64])
def test_a_mac_as_short_as_another_suite_or_as_long_as_a_signature_is_refused(
    length: int, initiator: Initiator, responder: Responder
) -> None:
    ready, awaiting_3 = until_message_3(initiator, responder)
    plaintext = initiator.credential.id_cred.compact + cbor.encode(bytes(length))
    with pytest.raises(EdhocError, match="as long as the cipher suite"):
        awaiting_3.message_3(sealed_message_3(ready, plaintext))


@pytest.mark.threat(9)
def test_a_credential_without_its_private_key_proves_nothing(
    initiator: Initiator, responder: Responder
) -> None:
    thief = replace(initiator, static_key=Chip(crypto.generate()))
    ready, awaiting_3 = until_message_3(thief, responder)
    received = awaiting_3.message_3(ready.message_3([EadItem(LABEL)])[0], {LABEL})
    with pytest.raises(EdhocError, match="MAC_3"):
        received.verify(initiator.credential)


@pytest.mark.threat(9)
def test_a_responder_without_the_private_key_is_noticed_before_the_initiator_says_who_it_is(
    initiator: Initiator, responder: Responder
) -> None:
    imposter = replace(responder, static_key=Chip(crypto.generate()))
    message_1, awaiting_2 = initiator.message_1()
    message_2, _ = imposter.message_1(message_1).message_2()
    with pytest.raises(EdhocError, match="MAC_2"):
        awaiting_2.message_2(message_2).verify(responder.credential)


@pytest.mark.threat(10)
def test_a_proof_made_in_another_session_is_refused(
    initiator: Initiator, responder: Responder
) -> None:
    """The attacker is a peer in both sessions: it sees the proof bare, and can seal it anew."""
    attacker_key = crypto.generate()
    attacker = Responder(
        static_key=attacker_key,
        credential=ccs_credential(crypto.x_of(attacker_key), kid=b"\x01"),
    )
    victims_ready, attackers_awaiting_3 = until_message_3(initiator, attacker)
    received = attackers_awaiting_3.message_3(victims_ready.message_3()[0])
    stolen_proof = received._content.raw

    own = Initiator(
        static_key=attacker_key,
        credential=ccs_credential(crypto.x_of(attacker_key), kid=b"\x01"),
    )
    ready, awaiting_3 = until_message_3(own, responder)
    forged = awaiting_3.message_3(sealed_message_3(ready, stolen_proof))
    assert forged.id_cred_i == initiator.credential.id_cred
    with pytest.raises(EdhocError, match="MAC_3"):
        forged.verify(initiator.credential)


@pytest.mark.threat(15)
def test_messages_of_two_interleaved_sessions_never_mix(
    initiator: Initiator, responder: Responder
) -> None:
    for crossed in (2, 3, 4):
        sessions = []
        for _ in range(2):
            message_1, awaiting_2 = initiator.message_1()
            message_2, awaiting_3 = responder.message_1(message_1).message_2()
            sessions.append((awaiting_2, message_2, awaiting_3))
        (awaiting_2, message_2, awaiting_3), (_, other_2, _) = sessions
        if crossed == 2:
            with pytest.raises(EdhocError):
                awaiting_2.message_2(other_2).verify(responder.credential)
            continue
        other_ready = sessions[1][0].message_2(other_2).verify(responder.credential)
        other_3, _ = other_ready.message_3()
        if crossed == 3:
            with pytest.raises(EdhocError, match="does not decrypt"):
                awaiting_3.message_3(other_3)
            continue
        other_4 = sessions[1][2].message_3(other_3).verify(initiator.credential).message_4()
        ready = awaiting_2.message_2(message_2).verify(responder.credential)
        _, awaiting_4 = ready.message_3()
        with pytest.raises(EdhocError, match="does not decrypt"):
            awaiting_4.message_4(other_4)


@pytest.mark.threat(19)
def test_a_message_in_the_wrong_place_is_refused(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    messages = handshake(initiator, responder).messages

    def awaiting(number: int) -> AwaitingMessage2 | AwaitingMessage3 | AwaitingMessage4 | Responder:
        message_1, awaiting_2 = initiator.message_1()
        message_2, awaiting_3 = responder.message_1(message_1).message_2()
        if number < 4:
            return (responder, awaiting_2, awaiting_3)[number - 1]
        return awaiting_2.message_2(message_2).verify(responder.credential).message_3()[1]

    def receive(place: int, message: bytes) -> None:
        result = getattr(awaiting(place), f"message_{place}")(message)
        # A message_2 from elsewhere may decrypt to something; it never verifies.
        result.verify(responder.credential)

    for place in (1, 2, 3, 4):
        for number, message in enumerate(messages, 1):
            if (place, number) != (1, 1):
                with pytest.raises(EdhocError):
                    receive(place, message)


def test_a_reflected_handshake_is_refused(responder: Responder) -> None:
    mirror = Initiator(static_key=responder.static_key, credential=responder.credential)
    message_1, awaiting_2 = mirror.message_1()
    message_2, _ = responder.message_1(message_1).message_2()
    with pytest.raises(EdhocError, match="our own key"):
        awaiting_2.message_2(message_2).verify(responder.credential)


def test_only_the_credential_that_was_named_is_verified(
    initiator: Initiator, responder: Responder
) -> None:
    ready, awaiting_3 = until_message_3(initiator, responder)
    received = awaiting_3.message_3(ready.message_3()[0])
    with pytest.raises(EdhocError, match="another credential") as caught:
        received.verify(ccs_credential(initiator.credential.public_x, kid=b"\x2c"))
    assert caught.value.code is ErrorCode.UNKNOWN_CREDENTIAL


def test_the_proof_covers_the_whole_credential_and_not_only_its_name(
    initiator: Initiator, responder: Responder
) -> None:
    true = initiator.credential
    for other in (replace(true, cred=true.cred + b"\x00"), replace(true, public_x=GOOD_X)):
        ready, awaiting_3 = until_message_3(initiator, responder)
        received = awaiting_3.message_3(ready.message_3()[0])
        with pytest.raises(EdhocError, match="MAC_3"):
            received.verify(other)


def test_a_credential_whose_key_is_not_on_the_curve_is_refused(
    initiator: Initiator, responder: Responder
) -> None:
    ready, awaiting_3 = until_message_3(initiator, responder)
    received = awaiting_3.message_3(ready.message_3()[0])
    with pytest.raises(EdhocError, match="not a point"):
        received.verify(replace(initiator.credential, public_x=OFF_CURVE))
    with pytest.raises(ValueError, match="32-byte"):
        Credential(IdCred.kid(b"\x01"), b"\xa0", GOOD_X[:31])


@pytest.mark.parametrize("x", [OFF_CURVE, b"\xff" * 32, GOOD_X[:31], GOOD_X + b"\x00", b""])
def test_an_ephemeral_key_that_is_no_point_is_refused_by_both_ends(
    x: bytes, initiator: Initiator, responder: Responder
) -> None:
    message_1, awaiting_2 = initiator.message_1()
    with pytest.raises(EdhocError, match=r"not a point|G_X"):
        responder.message_1(message_1[:2] + cbor.encode(x) + b"\x00")
    with pytest.raises(EdhocError):
        awaiting_2.message_2(cbor.encode(x + bytes(21)))


def test_suite_3_is_what_both_ends_speak_unless_told_otherwise(
    initiator: Initiator, responder: Responder
) -> None:
    assert initiator.suites == responder.suites == (Suite.S3,)
