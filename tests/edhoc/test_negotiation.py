"""Agreeing on a cipher suite, also when somebody in between would rather not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nyckelfri import cbor
from nyckelfri.edhoc import (
    EdhocError,
    ErrorCode,
    Initiator,
    Responder,
    Suite,
    read_error,
)

S2, S3 = Suite.S2, Suite.S3


def _refusal(responder: Responder, message_1: bytes) -> EdhocError:
    with pytest.raises(EdhocError) as caught:
        responder.message_1(message_1)
    error = read_error(caught.value.message())
    assert error is not None
    return error


@pytest.mark.parametrize(("first", "only"), [((S3, S2), S2), ((S2, S3), S3)])
def test_after_a_wrong_suite_the_initiator_retries_with_the_common_one(
    first: tuple[Suite, ...],
    only: Suite,
    initiator: Initiator,
    responder: Responder,
    handshake: Callable[..., Any],
) -> None:
    flexible, strict = replace(initiator, suites=first), replace(responder, suites=(only,))
    message_1, _ = flexible.message_1()
    assert cbor.decode_sequence(message_1)[1] == first[0]
    error = _refusal(strict, message_1)
    assert (error.code, error.suites_r) == (ErrorCode.WRONG_SUITE, (only,))
    again = flexible.retry(error)
    assert cbor.decode_sequence(again.message_1()[0])[1] == list(first)
    handshake(again, strict)


def test_the_first_choice_of_the_initiator_is_taken_when_both_have_it(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    both = replace(responder, suites=(S2, S3))
    done = handshake(replace(initiator, suites=(S3, S2)), both)
    assert len(done.messages[3]) == 1 + S3.mac_length
    done = handshake(replace(initiator, suites=(S2, S3)), both)
    assert len(done.messages[3]) == 1 + S2.mac_length


@pytest.mark.threat(5)
def test_downgrade_by_a_forged_error_is_refused_by_the_responder(
    initiator: Initiator, responder: Responder
) -> None:
    misled = replace(initiator, suites=(S3, S2)).retry(
        EdhocError("forged", code=ErrorCode.WRONG_SUITE, suites_r=(S2,))
    )
    error = _refusal(replace(responder, suites=(S3, S2)), misled.message_1()[0])
    assert error.suites_r == (S3, S2)
    assert misled.retry(error).selected == S3


@pytest.mark.threat(5)
def test_downgrade_by_rewriting_the_offer_is_noticed_by_the_initiator(
    initiator: Initiator, responder: Responder
) -> None:
    misled = replace(initiator, suites=(S3, S2), selected=S2)
    message_1, awaiting_2 = misled.message_1()
    offer = cbor.encode([int(S3), int(S2)])
    rewritten = message_1.replace(offer, cbor.encode(int(S2)), 1)
    assert rewritten != message_1
    both = replace(responder, suites=(S3, S2))
    message_2, _ = both.message_1(rewritten).message_2()
    with pytest.raises(EdhocError):
        awaiting_2.message_2(message_2).verify(responder.credential)


@pytest.mark.threat(5)
def test_the_doors_single_suite_is_never_traded_for_another(
    initiator: Initiator, responder: Responder
) -> None:
    error = EdhocError("forged", code=ErrorCode.WRONG_SUITE, suites_r=(S2,))
    with pytest.raises(EdhocError, match="no cipher suite in common"):
        initiator.retry(error)
    weak = replace(initiator, suites=(S2,))
    assert _refusal(responder, weak.message_1()[0]).suites_r == (S3,)


def test_a_retry_with_the_same_suite_is_refused_instead_of_looping(initiator: Initiator) -> None:
    error = EdhocError("confused", code=ErrorCode.WRONG_SUITE, suites_r=(S3, S2))
    with pytest.raises(EdhocError, match="says it supports"):
        replace(initiator, suites=(S3, S2)).retry(error)


def test_other_errors_are_not_worth_a_retry(initiator: Initiator) -> None:
    with pytest.raises(EdhocError, match="only a wrong cipher suite"):
        initiator.retry(EdhocError("no"))


@pytest.mark.parametrize(
    ("suites_i", "answer"),
    [
        (3, None),
        ([6, 3], None),
        ([0, 1, 6, 24, -20, 3], None),
        (2, "cipher suite"),
        ([3, 2], "cipher suite"),
        ([3, 24], "cipher suite"),
        ([3, 3], "cipher suite"),
        ([3], "SUITES_I"),
        ([], "SUITES_I"),
        ([True, 3], "SUITES_I"),
        ([b"\x03", 3], "SUITES_I"),
        ([*list(range(30, 46)), 3], "SUITES_I"),
        (True, "SUITES_I"),
        (None, "SUITES_I"),
        ("3", "SUITES_I"),
        ({3: 3}, "SUITES_I"),
    ],
    ids=repr,
)
def test_suites_i_is_read_strictly(
    suites_i: Any, answer: str | None, initiator: Initiator, responder: Responder
) -> None:
    message_1, _ = initiator.message_1()
    changed = message_1[:1] + cbor.encode(suites_i) + message_1[2:]
    if answer is None:
        responder.message_1(changed)
    else:
        with pytest.raises(EdhocError, match=answer):
            responder.message_1(changed)


@pytest.mark.parametrize(
    ("error", "encoded"),
    [
        (EdhocError("detail"), "0167726566757365 64".replace(" ", "")),
        (EdhocError("", code=ErrorCode.WRONG_SUITE, suites_r=(2,)), "0202"),
        (EdhocError("", code=ErrorCode.WRONG_SUITE, suites_r=(3, 2)), "02820302"),
        (EdhocError("", code=ErrorCode.UNKNOWN_CREDENTIAL), "03f5"),
    ],
    ids=["unspecified", "one suite", "two suites", "unknown credential"],
)
def test_error_messages_have_the_form_of_rfc_9528_section_6(
    error: EdhocError, encoded: str
) -> None:
    assert error.message().hex() == encoded
    received = read_error(bytes.fromhex(encoded))
    assert received is not None
    assert (received.code, received.suites_r) == (error.code, error.suites_r)


def test_the_error_that_is_sent_does_not_tell_which_check_failed() -> None:
    assert EdhocError("MAC_3 is wrong").message() == EdhocError("not CBOR").message()


@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x01",
        b"\x01\x01",
        b"\x02",
        b"\x02\x81\x02",
        b"\x02\x82\x02\xf5",
        b"\x02\x80",
        b"\x03",
        b"\x03\xf4",
        b"\x03\x01",
        b"\x04\xf5",
        b"\xf5`",
        b"\x03\xf5\xf5",
        b"\x18\x01`",
        b"\x01y\x01\x00" + b"a" * 256,
        b"@",
    ],
    ids=lambda data: data[:6].hex() or "empty",
)
def test_anything_else_is_not_taken_for_an_error_message(data: bytes) -> None:
    assert read_error(data) is None


def test_no_message_of_a_handshake_is_taken_for_an_error_message(
    initiator: Initiator, responder: Responder, handshake: Callable[..., Any]
) -> None:
    assert [read_error(message) for message in handshake(initiator, responder).messages] == [
        None
    ] * 4
