"""What two honest ends can rely on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.edhoc import (
    MAX_MESSAGE,
    Credential,
    EadItem,
    EdhocError,
    IdCred,
    IdKind,
    Initiator,
    Responder,
    StateError,
    Suite,
    ccs_credential,
    kccs_credential,
)
from nyckelfri.edhoc.crypto import generate, x_of

LABEL = 40_000
BOTH = (Suite.S3, Suite.S2)


def _cwt(payload_length: int) -> bytes:
    """Build the shape of a signed CWT; who signed it is not this package's question."""
    return cbor.encode([b"\xa1\x01\x26", {4: b"grant"}, bytes(payload_length), bytes(64)])


def _kcwt_initiator(initiator: Initiator, raw: bytes) -> Initiator:
    credential = Credential(IdCred.kcwt(raw), raw, initiator.credential.public_x)
    return replace(initiator, credential=credential)


@pytest.mark.parametrize("suite", BOTH)
def test_both_ends_finish_with_the_same_keys(
    suite: Suite, initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    done = handshake(replace(initiator, suites=(suite,)), replace(responder, suites=(suite,)))
    exported = done.initiator.exporter(LABEL, b"context", 32)
    assert exported == done.responder.exporter(LABEL, b"context", 32)
    sizes = {Suite.S2: [37, 45, 19, 9], Suite.S3: [37, 53, 36, 17]}  # suite 2 as in RFC 9529
    assert [len(message) for message in done.messages] == sizes[suite]


def test_every_handshake_makes_other_keys(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    first, second = handshake(initiator, responder), handshake(initiator, responder)
    assert first.initiator.exporter(LABEL, b"", 32) != second.initiator.exporter(LABEL, b"", 32)
    assert first.messages[0] != second.messages[0]
    assert first.messages[1] != second.messages[1]


def test_exported_keys_depend_on_label_context_and_length(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    done = handshake(initiator, responder).initiator
    keys = {
        done.exporter(label, context, length)[:16]
        for label in (0, 23, 24, 32_768, 65_535)
        for context in (b"", b"a", b"b" * 256)
        for length in (16, 32, 8_160)
    }
    assert len(keys) == 5 * 3 * 3
    for label, length in ((-1, 16), (65_536, 16), (0, 8_161), (0, 0), (0, -1)):
        with pytest.raises(ValueError, match=r"label|length"):
            done.exporter(label, b"", length)


def test_a_grant_by_value_and_a_command_fit_the_radio_budget(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    raw = _cwt(170 - len(_cwt(0)) - 1)
    assert len(raw) == 170
    command = EadItem(LABEL, b"\x01", critical=True)
    holder = _kcwt_initiator(initiator, raw)
    message_1, awaiting_2 = holder.message_1()
    message_2, awaiting_3 = responder.message_1(message_1).message_2()
    ready = awaiting_2.message_2(message_2).verify(responder.credential)
    message_3, awaiting_4 = ready.message_3([command])
    received = awaiting_3.message_3(message_3, {LABEL})
    assert received.id_cred_i == IdCred(IdKind.KCWT, raw)
    assert received.ead_3 == (command,)
    message_4 = received.verify(holder.credential).message_4([EadItem(LABEL + 1, bytes(4))])
    assert awaiting_4.message_4(message_4, {LABEL + 1}).ead_4 == (EadItem(LABEL + 1, bytes(4)),)
    assert sum(map(len, (message_1, message_2, message_3, message_4))) <= 344


@pytest.mark.parametrize("length", [0, 22, 23, 24, 255, 256, 4_000])
def test_credentials_by_value_of_any_length_arrive_whole(
    length: int, initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    handshake(_kcwt_initiator(initiator, _cwt(length)), responder)


def test_a_claims_set_by_value_carries_its_own_key(
    initiator: Initiator, responder: Responder
) -> None:
    raw = initiator.credential.cred
    by_value = replace(initiator, credential=kccs_credential(raw))
    message_1, awaiting_2 = by_value.message_1()
    message_2, awaiting_3 = responder.message_1(message_1).message_2()
    message_3, _ = awaiting_2.message_2(message_2).verify(responder.credential).message_3()
    received = awaiting_3.message_3(message_3)
    assert received.id_cred_i == IdCred.kccs(raw)
    received.verify(kccs_credential(received.id_cred_i.value))


@pytest.mark.parametrize(
    "identifier",
    [b"", b"\x00", b"\x17", b"\x18", b"\x20", b"\x37", b"\x38", b"\xff", b"\x00\x00", b"long" * 9],
    ids=bytes.hex,
)
def test_connection_and_key_identifiers_of_any_bytes_arrive(
    identifier: bytes, initiator: Initiator, responder: Responder
) -> None:
    renamed = replace(
        responder, credential=ccs_credential(responder.credential.public_x, kid=identifier)
    )
    message_1, awaiting_2 = initiator.message_1(identifier)
    received_1 = renamed.message_1(message_1)
    message_2, _ = received_1.message_2(identifier)
    received_2 = awaiting_2.message_2(message_2)
    received_2.verify(renamed.credential)
    assert (received_1.c_i, received_2.c_r) == (identifier, identifier)
    assert received_2.id_cred_r == IdCred.kid(identifier)


def _every_message(
    initiator: Initiator, responder: Responder, which: int, items: list[EadItem], known: set[int]
) -> tuple[EadItem, ...]:
    """Send `items` in message `which` only, and return what its receiver sees."""
    ead = [items if number == which else [] for number in range(1, 5)]
    message_1, awaiting_2 = initiator.message_1(ead_1=ead[0])
    received_1 = responder.message_1(message_1, known)
    message_2, awaiting_3 = received_1.message_2(ead_2=ead[1])
    received_2 = awaiting_2.message_2(message_2, known)
    message_3, awaiting_4 = received_2.verify(responder.credential).message_3(ead[2])
    received_3 = awaiting_3.message_3(message_3, known)
    message_4 = received_3.verify(initiator.credential).message_4(ead[3])
    done = awaiting_4.message_4(message_4, known)
    return (received_1.ead_1, received_2.ead_2, received_3.ead_3, done.ead_4)[which - 1]


@pytest.mark.parametrize("which", [1, 2, 3, 4])
def test_known_ead_items_arrive_in_order_and_padding_and_unknown_ones_do_not(
    which: int, initiator: Initiator, responder: Responder
) -> None:
    items = [
        EadItem(0, bytes(30)),
        EadItem(LABEL),
        EadItem(7, b"unknown"),
        EadItem(LABEL, b"", critical=True),
        EadItem(0),
        EadItem(65_535, bytes(256)),
    ]
    seen = _every_message(initiator, responder, which, items, {0, LABEL, 65_535})
    assert seen == (items[1], items[3], items[5])


@pytest.mark.parametrize("which", [1, 2, 3, 4])
def test_an_unknown_critical_ead_item_ends_the_handshake(
    which: int, initiator: Initiator, responder: Responder
) -> None:
    with pytest.raises(EdhocError, match="critical EAD item"):
        _every_message(initiator, responder, which, [EadItem(7, critical=True)], {LABEL})


@pytest.mark.parametrize("which", [1, 2, 3, 4])
@pytest.mark.parametrize("length", [0, 23, 24, 255, 256, 7_000])
def test_ead_values_of_boundary_lengths_arrive(
    which: int, length: int, initiator: Initiator, responder: Responder
) -> None:
    items = [EadItem(LABEL, bytes(length), critical=True)]
    assert _every_message(initiator, responder, which, items, {LABEL}) == tuple(items)


@pytest.mark.parametrize("which", [1, 2, 3, 4])
def test_more_ead_than_a_message_holds_is_an_error_before_anything_is_sent(
    which: int, initiator: Initiator, responder: Responder
) -> None:
    with pytest.raises(ValueError, match="send less EAD"):
        _every_message(initiator, responder, which, [EadItem(LABEL, bytes(MAX_MESSAGE))], {LABEL})


def test_seventeen_ead_items_are_refused(initiator: Initiator, responder: Responder) -> None:
    with pytest.raises(EdhocError, match="too many"):
        _every_message(initiator, responder, 3, [EadItem(LABEL)] * 17, {LABEL})


def test_ead_items_that_cannot_be_sent_cannot_be_made() -> None:
    for label, critical in ((-1, False), (65_536, False), (0, True)):
        with pytest.raises(ValueError, match="EAD label"):
            EadItem(label, critical=critical)


def test_a_hardware_key_that_only_exchanges_serves_both_roles(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    class Chip:
        def __init__(self, key: Any) -> None:
            self._key = key

        def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
            shared: bytes = self._key.exchange(algorithm, peer_public_key)
            return shared

    handshake(
        replace(initiator, static_key=Chip(initiator.static_key)),
        replace(responder, static_key=Chip(responder.static_key)),
    )


def test_a_credential_of_another_key_is_noticed_at_once(
    initiator: Initiator, responder: Responder
) -> None:
    with pytest.raises(ValueError, match="another key"):
        replace(initiator, credential=responder.credential)
    with pytest.raises(ValueError, match="another key"):
        replace(responder, credential=initiator.credential)


def test_ends_without_a_suite_they_can_run_are_not_made(
    initiator: Initiator, responder: Responder
) -> None:
    for suites in ((), (6,), (6, 2)):
        with pytest.raises(ValueError, match="suite"):
            replace(initiator, suites=suites)
    with pytest.raises(ValueError, match="suite"):
        replace(responder, suites=())
    with pytest.raises(ValueError, match="suite"):
        replace(initiator, selected=Suite.S2)


@pytest.mark.threat(19)
def test_no_step_can_be_taken_twice(initiator: Initiator, responder: Responder) -> None:
    message_1, awaiting_2 = initiator.message_1()
    received_1 = responder.message_1(message_1)
    message_2, awaiting_3 = received_1.message_2()
    received_2 = awaiting_2.message_2(message_2)
    ready = received_2.verify(responder.credential)
    message_3, awaiting_4 = ready.message_3()
    received_3 = awaiting_3.message_3(message_3)
    done_r = received_3.verify(initiator.credential)
    message_4 = done_r.message_4()
    awaiting_4.message_4(message_4)
    again: list[Callable[[], object]] = [
        received_1.message_2,
        lambda: awaiting_2.message_2(message_2),
        lambda: received_2.verify(responder.credential),
        ready.message_3,
        lambda: awaiting_3.message_3(message_3),
        lambda: received_3.verify(initiator.credential),
        done_r.message_4,
        lambda: awaiting_4.message_4(message_4),
    ]
    for step in again:
        with pytest.raises(StateError, match="begin a new handshake"):
            step()


@pytest.mark.threat(19)
def test_a_failed_step_is_spent_too(initiator: Initiator, responder: Responder) -> None:
    message_1, awaiting_2 = initiator.message_1()
    message_2, awaiting_3 = responder.message_1(message_1).message_2()
    for step in (awaiting_2.message_2, awaiting_3.message_3):
        with pytest.raises(EdhocError):
            step(b"\x40")
        with pytest.raises(StateError):
            step(message_2)


@pytest.mark.threat(64)
def test_nothing_that_can_be_printed_shows_a_secret(
    initiator: Initiator, responder: Responder
) -> None:
    ephemeral = generate()
    message_1, awaiting_2 = initiator.message_1(ephemeral=ephemeral)
    received_1 = responder.message_1(message_1)
    message_2, awaiting_3 = received_1.message_2()
    received_2 = awaiting_2.message_2(message_2)
    ready = received_2.verify(responder.credential)
    message_3, awaiting_4 = ready.message_3()
    received_3 = awaiting_3.message_3(message_3)
    done_r = received_3.verify(initiator.credential)
    done_i = awaiting_4.message_4(done_r.message_4())
    steps = [awaiting_2, received_1, received_2, ready, awaiting_3, awaiting_4, received_3, done_r]
    stages = [step._stage for step in (received_2, ready, awaiting_3, awaiting_4, done_i)]
    secrets = {
        getattr(stage, name)
        for stage in stages
        for name in ("prk_2e", "prk_3e2m", "prk_4e3m")
        if hasattr(stage, name)
    } | {key.private_numbers().private_value.to_bytes(32, "big") for key in (ephemeral,)}
    assert len(secrets) == 4
    for value in (*steps, *stages, done_i, initiator, responder):
        for secret in secrets:
            assert repr(secret) not in repr(value)
            assert secret.hex() not in repr(value)
        assert "PrivateKey" not in repr(value)
        assert repr(initiator.credential.public_x) not in repr(value)


def test_a_fresh_ephemeral_key_is_made_each_time_unless_given(initiator: Initiator) -> None:
    key = generate()
    given, _ = initiator.message_1(ephemeral=key)
    assert x_of(key) in given
    assert len({initiator.message_1()[0] for _ in range(5)}) == 5
