"""Whatever arrives, the only thing that leaves is an EdhocError."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri import cbor
from nyckelfri.edhoc import (
    MAX_MESSAGE,
    EadItem,
    EdhocError,
    IdCred,
    Initiator,
    ReadyForMessage3,
    Responder,
    crypto,
    kccs_credential,
    read_error,
)
from nyckelfri.edhoc.schedule import Stage2

pytestmark = pytest.mark.threat(13)
# A busy machine is no failure.
STEADY = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
LABELS = {40_000}

ITEMS = st.recursive(
    st.integers(-70_000, 70_000) | st.binary(max_size=70) | st.text(max_size=9)
    | st.booleans() | st.none() | st.floats() | st.sampled_from([3, 13, 14, 4, -40_000, bytes(16)]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.integers(0, 20) | st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
SEQUENCES = st.lists(ITEMS.map(cbor2.dumps), max_size=6).map(b"".join)
BYTES = st.binary(max_size=200) | SEQUENCES
LIKE_A_PLAINTEXT = st.tuples(
    st.sampled_from([b"", b"\x00", b"\x41\x00", b"\x2b"]),
    st.sampled_from([b"\x2b", b"\x0a", b"\xa1\x0d\x84\x40\xa0\x40\x40", b"\xa1\x0e\xa0", b"\xf5"]),
    st.sampled_from([cbor.encode(bytes(16)), cbor.encode(bytes(8)), b"\x00"]),
    BYTES,
).map(b"".join)


@contextmanager
def nothing_but_edhoc_errors() -> Iterator[None]:
    try:
        yield
    except EdhocError as error:
        assert error.message()  # noqa: PT017 - an exception is allowed here, not required
        assert len(str(error)) < 160  # noqa: PT017 - the same


class Steps:
    """All places where bytes come in, each fresh."""

    def __init__(self, initiator: Initiator, responder: Responder) -> None:
        self.responder = responder
        self.message_1, self.awaiting_2 = initiator.message_1()
        self.message_2, self.awaiting_3 = responder.message_1(self.message_1).message_2()

    def ready(self) -> ReadyForMessage3:
        return self.awaiting_2.message_2(self.message_2).verify(self.responder.credential)


@STEADY
@given(BYTES)
def test_any_bytes_as_message_1(initiator: Initiator, responder: Responder, data: bytes) -> None:
    with nothing_but_edhoc_errors():
        responder.message_1(data, LABELS).message_2()


@STEADY
@given(BYTES)
def test_any_bytes_after_an_honest_beginning_of_message_1(
    initiator: Initiator, responder: Responder, data: bytes
) -> None:
    message_1, _ = initiator.message_1()
    for keep in (1, 2, 36, 37):
        with nothing_but_edhoc_errors():
            responder.message_1(message_1[:keep] + data, LABELS).message_2()


@STEADY
@given(BYTES | st.binary(max_size=120).map(cbor.encode))
def test_any_bytes_as_message_2_3_and_4(
    initiator: Initiator, responder: Responder, data: bytes
) -> None:
    steps = Steps(initiator, responder)
    _, awaiting_4 = steps.ready().message_3()
    fresh = Steps(initiator, responder)
    receive: list[Callable[[], object]] = [
        lambda: fresh.awaiting_2.message_2(data, LABELS).verify(responder.credential),
        lambda: fresh.awaiting_3.message_3(data, LABELS).verify(initiator.credential),
        lambda: awaiting_4.message_4(data, LABELS),
    ]
    for step in receive:
        with pytest.raises(EdhocError):
            step()


@STEADY
@given(LIKE_A_PLAINTEXT | BYTES)
def test_any_plaintext_2_from_whoever_answers(
    initiator: Initiator, responder: Responder, plaintext: bytes
) -> None:
    message_1, awaiting_2 = initiator.message_1()
    mine = crypto.generate()
    g_x = cbor.decode_sequence(message_1)[2]
    assert isinstance(g_x, bytes)
    g_xy = crypto.shared(mine, crypto.point(g_x))
    stage = Stage2.begin(responder.suites[0], message_1, crypto.x_of(mine), g_xy)
    message_2 = cbor.encode(crypto.x_of(mine) + stage.crypt(plaintext))
    with pytest.raises(EdhocError):
        awaiting_2.message_2(message_2, LABELS).verify(responder.credential)


@STEADY
@given(LIKE_A_PLAINTEXT | BYTES)
def test_any_plaintext_3_from_whoever_began(
    initiator: Initiator, responder: Responder, plaintext: bytes
) -> None:
    steps = Steps(initiator, responder)
    message_3 = cbor.encode(steps.ready()._stage.seal(plaintext))
    with pytest.raises(EdhocError):
        steps.awaiting_3.message_3(message_3, LABELS).verify(initiator.credential)


@STEADY
@given(BYTES)
def test_any_plaintext_4_from_an_authenticated_responder(
    initiator: Initiator, responder: Responder, plaintext: bytes
) -> None:
    steps = Steps(initiator, responder)
    _, awaiting_4 = steps.ready().message_3()
    with nothing_but_edhoc_errors():
        awaiting_4.message_4(cbor.encode(awaiting_4._stage.seal(plaintext)), LABELS)


@STEADY
@given(BYTES)
def test_any_bytes_as_credential_or_error_message(data: bytes) -> None:
    with nothing_but_edhoc_errors():
        kccs_credential(data)
    for make in (IdCred.kcwt, IdCred.kccs):
        with suppress(ValueError):
            make(data)
    assert read_error(data) is None or isinstance(read_error(data), EdhocError)


@pytest.mark.parametrize("size", [MAX_MESSAGE - 2, 65_535, 1 << 20])
def test_an_oversized_message_is_refused_before_any_cryptography(
    size: int, initiator: Initiator, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(initiator, responder)
    _, awaiting_4 = Steps(initiator, responder).ready().message_3()
    monkeypatch.setattr(crypto, "AESCCM", None)
    monkeypatch.setattr(crypto, "HKDFExpand", None)
    data = cbor.encode(bytes(size))
    assert len(data) > MAX_MESSAGE
    receive: list[Callable[[bytes], object]] = [
        responder.message_1,
        steps.awaiting_2.message_2,
        steps.awaiting_3.message_3,
        awaiting_4.message_4,
    ]
    for step in receive:
        with pytest.raises(EdhocError, match=f"more than {MAX_MESSAGE} bytes"):
            step(data)


@pytest.mark.parametrize("ciphertext_length", [0, 8_161, 10_000])
def test_a_message_2_that_no_keystream_fits_is_refused(
    ciphertext_length: int, initiator: Initiator, responder: Responder
) -> None:
    steps = Steps(initiator, responder)
    g_y = crypto.x_of(crypto.generate())
    with pytest.raises(EdhocError, match="too short or too long"):
        steps.awaiting_2.message_2(cbor.encode(g_y + bytes(ciphertext_length)))


def test_a_message_2_of_the_longest_keystream_is_read(
    initiator: Initiator, responder: Responder
) -> None:
    message_1, awaiting_2 = initiator.message_1()
    # 1 byte of C_R, 1 of the key id, 17 of the MAC, 3 of the label and 3 before the value
    padding = EadItem(40_000, bytes(8_160 - 1 - 1 - 17 - 3 - 3))
    message_2, _ = responder.message_1(message_1).message_2(ead_2=[padding])
    assert len(message_2) == 3 + 32 + 8_160
    awaiting_2.message_2(message_2).verify(responder.credential)


@pytest.mark.parametrize(
    "ead",
    [[b"value first"], [40_000, b"one", b"two"], [None], [40_000, None], ["text"], [True], [[]]],
    ids=repr,
)
def test_ead_that_is_not_labels_with_at_most_one_value_each_is_refused(
    ead: list[cbor.Encodable], initiator: Initiator, responder: Responder
) -> None:
    message_1, _ = initiator.message_1()
    with pytest.raises(EdhocError, match="sequence of labels"):
        responder.message_1(message_1 + b"".join(map(cbor.encode, ead)), LABELS)


def test_the_longest_message_that_is_composed_is_also_read(
    initiator: Initiator, responder: Responder
) -> None:
    steps = Steps(initiator, responder)
    # 1 byte of key id, 17 of the MAC, 3 of the label and 3 before the value
    item = EadItem(40_000, bytes(MAX_MESSAGE - 32 - 1 - 17 - 3 - 3))
    message_3, _ = steps.ready().message_3([item])
    received = steps.awaiting_3.message_3(message_3, LABELS)
    received.verify(initiator.credential)
    assert received.ead_3 == (item,)
