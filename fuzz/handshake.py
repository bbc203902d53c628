"""Targets: EDHOC, each message as it comes, and each plaintext as if its keys were known.

House rule: the states that a message meets are made once and set back for each input; a step is
spent by being tried, and here it is tried for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from doorworld import Door, identifier, private_key

from fuzz import vectors
from fuzz.choices import Choices
from fuzz.target import Seeds, Target, hold, slug
from nyckelfri import cbor, edhoc
from nyckelfri.door import opening, signed
from nyckelfri.door.reasons import Reason
from nyckelfri.edhoc import messages
from nyckelfri.edhoc.ead import EadItem, decode_ead, encode_ead
from nyckelfri.edhoc.errors import EdhocError
from nyckelfri.edhoc.identifiers import encode_identifier
from nyckelfri.edhoc.suites import Suite

DOOR: Final = Door(identifier("front door"), private_key(200), private_key(201))
LABELS: Final = frozenset({opening.COMMAND, opening.KEY_SET, opening.BULLETIN, opening.DECISION})
_PHONE: Final = private_key(300)
_LOCK_ONCE, _PHONE_ONCE = private_key(301), private_key(302)


def _initiator() -> edhoc.Initiator:
    claims = cbor.encode({8: {1: {1: 2, -1: 1, -2: signed.coordinate(_PHONE.public_key())}}})
    return edhoc.Initiator(static_key=_PHONE, credential=edhoc.kccs_credential(claims))


def _responder() -> edhoc.Responder:
    credential = opening.lock_credential(DOOR.installation, DOOR.record.lock_key)
    return edhoc.Responder(static_key=DOOR.key, credential=credential)


class _Honest:
    """One honest handshake, every state of it kept."""

    def __init__(self) -> None:
        self.message_1, self.phone_1 = _initiator().message_1(ephemeral=_PHONE_ONCE)
        received = _responder().message_1(self.message_1)
        self.message_2, self.lock_2 = received.message_2(ephemeral=_LOCK_ONCE)
        self.phone_2 = self.phone_1.message_2(self.message_2)
        self.ready = self.phone_2.verify(_responder().credential)
        item = EadItem(opening.COMMAND, b"\x01", critical=True)
        self.message_3, self.phone_3 = self.ready.message_3([item])
        self.lock_3 = self.lock_2.message_3(self.message_3, LABELS)
        done = self.lock_3.verify(edhoc.kccs_credential(self.lock_3.id_cred_i.value))
        self.message_4 = done.message_4([EadItem(opening.DECISION, b"\x00\x02\x48" + bytes(8))])


_RUN: Final = _Honest()


@contextmanager
def _again(step: Any) -> Iterator[Any]:
    step._spent = False
    try:
        yield step
    except EdhocError:
        return
    finally:
        step._spent = False


def error(data: bytes) -> None:
    """read_error: None, or an error that says no more than its code."""
    found = edhoc.read_error(data)
    if found is not None:
        hold(edhoc.read_error(found.message()) is not None, "an error that is read can be told on")
        if found.code != 1:
            hold(found.message() == data, "an error has one form")


def message_1(data: bytes) -> None:
    """A lock's answer to any message 1: EdhocError, or a message 2 over exactly these bytes."""
    try:
        read = messages.read_message_1(data, (Suite.S3,), LABELS)
        received = _responder().message_1(data, LABELS)
    except EdhocError:
        return
    hold((received.c_i, received.ead_1) == (read.c_i, read.ead_1), "two readers see one message")
    _ead_is_written_back(data, read.ead_1)
    answer, _ = received.message_2(ephemeral=_LOCK_ONCE)
    hold(len(answer) == len(_RUN.message_2), "message 2 tells nothing of message 1")


def message_2(data: bytes) -> None:
    """A phone that is answered: as bytes, and as a plaintext under the right keys."""
    with _again(_RUN.phone_1) as phone:
        got = phone.message_2(data, LABELS)
        got.verify(_responder().credential)
        hold(data == _RUN.message_2, "only the lock's own message 2 verifies")
    _plaintext(messages.read_plaintext_2, messages.compose_plaintext_2, data)


def message_3(data: bytes) -> None:
    """A lock that is answered: as bytes, and as a plaintext under the right keys."""
    with _again(_RUN.lock_2) as lock:
        lock.message_3(data, LABELS)
        hold(data == _RUN.message_3, "only what the phone sealed opens")

    def compose(_: bytes, *parts: Any) -> bytes:
        return messages.compose_plaintext_3(*parts)

    _plaintext(messages.read_plaintext_3, compose, data)
    _RUN.ready._spent = False
    sealed = cbor.encode(_RUN.ready._stage.seal(data))
    with _again(_RUN.lock_2) as lock:
        received = lock.message_3(sealed, LABELS)
        if received.id_cred_i.kind is edhoc.IdKind.KCCS:
            received.verify(edhoc.kccs_credential(received.id_cred_i.value))
            hold(received._content.raw == _RUN.lock_3._content.raw, "MAC 3 covers everything")


def message_4(data: bytes) -> None:
    """A phone that is decided about: as bytes, and as a plaintext under the right keys."""
    with _again(_RUN.phone_3) as phone:
        phone.message_4(data, LABELS)
        hold(data == _RUN.message_4, "only what the lock sealed opens")
    _RUN.phone_3._spent = False
    waiting = opening.AwaitingDecision(_RUN.phone_3)
    try:
        decision, _ = waiting.message_4(cbor.encode(_RUN.phone_3._stage.seal(data)))
    except opening.NotAcceptedError:
        return
    finally:
        _RUN.phone_3._spent = False
    value = b"".join(
        cbor.encode(part) for part in (int(decision.reason), decision.number, decision.head)
    )
    hold(value in data or int(decision.reason) == Reason.UNKNOWN, "a decision has one form")


def _plaintext(read: Callable[..., messages.Plaintext], compose: Any, data: bytes) -> None:
    try:
        found = read(data, Suite.S3, LABELS)
    except EdhocError:
        return
    hold(found.raw == data, "the plaintext is kept as it was read")
    written = compose(found.c_r, found.id_cred, found.mac, found.ead)
    hold(written == data, "what is understood is written back")
    _ead_is_written_back(data, found.items)


def _ead_is_written_back(data: bytes, items: tuple[EadItem, ...]) -> None:
    for item in items:
        hold(encode_ead([item]) in data, "an item is written back")
    hold(decode_ead(encode_ead(items), LABELS) == items, "items are read back")


def credential(data: bytes) -> None:
    """kccs_credential: EdhocError, or the bytes as they are."""
    choices = Choices(data)
    x = choices.chunk() if choices.byte() & 1 else signed.coordinate(_PHONE.public_key())
    claims = choices.rest().replace(b"\x58\x20KEY", b"\x58\x20" + x)
    try:
        found = edhoc.kccs_credential(claims)
    except EdhocError:
        return
    hold(found.cred == claims, "a credential is covered as it came")
    hold(found.public_x in claims, "the key is the one that stands there")


# Seeds


def _seeds_1() -> Seeds:
    yield "honest", _RUN.message_1
    for case in _handshakes():
        yield slug(case["name"]), bytes.fromhex(case["message_1"])


def _seeds_2() -> Seeds:
    yield "honest", _RUN.message_2
    yield "plaintext", _RUN.phone_2._content.raw
    for case in _handshakes():
        parts = (encode_identifier(bytes.fromhex(case["c_r"])), _named(case["id_cred_r"]), _MAC)
        yield slug(case["name"]), b"".join(parts) + _items(case["ead_2"])


def _seeds_3() -> Seeds:
    yield "honest", _RUN.message_3
    yield "plaintext", _RUN.lock_3._content.raw
    for case in _handshakes():
        yield slug(case["name"]), _named(case["id_cred_i"]) + _MAC + _items(case["ead_3"])
    command = encode_ead([EadItem(opening.COMMAND, b"\x01", critical=True)])
    grant = dict(vectors.signed("grant"))["a-care-worker-s-shift"]
    yield "grant", b"\xa1\x0d" + grant + _MAC + command


def _named(id_cred: str) -> bytes:
    """ID_CRED as a plaintext holds it."""
    raw = bytes.fromhex(id_cred)
    match cbor.decode(raw):
        case {4: bytes(kid)}:
            return encode_identifier(kid)
    return raw


def _items(rows: list[dict[str, Any]]) -> bytes:
    return encode_ead(
        EadItem(
            row["label"],
            None if row["value"] is None else bytes.fromhex(row["value"]),
            row["critical"],
        )
        for row in rows
    )


_MAC: Final = cbor.encode(bytes(16))


def _seeds_4() -> Seeds:
    decision = EadItem(opening.DECISION, b"\x00\x02\x48" + bytes(8))
    yield "decision", encode_ead([decision])
    yield "critical", encode_ead([EadItem(opening.DECISION, decision.value, critical=True)])
    yield "twice", encode_ead([decision, decision])
    yield "unknown-reason", encode_ead([EadItem(opening.DECISION, b"\x18\x63\x02\x48" + bytes(8))])
    yield "padding", encode_ead([EadItem(0, bytes(9)), decision])


def _handshakes() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = vectors.read("edhoc-suite3")["handshakes"]
    return [case for case in found if len(case["message_3"]) < 2000]


def _errors() -> Seeds:
    yield "unspecified", opening.REFUSAL
    yield "suites", cbor.encode(2) + cbor.encode([2, 3])
    yield "suite", cbor.encode(2) + cbor.encode(3)
    yield "credential", cbor.encode(3) + cbor.encode(value=True)


def _credentials() -> Seeds:
    key: dict[int, cbor.Encodable] = {1: 2, -1: 1, -2: b"KEY" + bytes(29)}
    named: dict[str, cbor.Encodable] = {
        "plain": {8: {1: key}},
        "kid": {8: {1: {1: 2, 2: b"\x07", -1: 1, -2: bytes(32)}}},
        "sub": {2: "factory", 8: {1: key}},
        "odd": {8: {1: {**key, -3: True}}},
    }
    for name, claims in named.items():
        raw = cbor.encode(claims)
        yield name, b"\x00" + raw.replace(b"KEY" + bytes(29), b"KEY")


TARGETS = (
    Target("edhoc_message_1", message_1, _seeds_1, longest=512, tries=100),
    Target("edhoc_message_2", message_2, _seeds_2, longest=512, tries=100),
    Target("edhoc_message_3", message_3, _seeds_3, tries=150),
    Target("edhoc_message_4", message_4, _seeds_4, longest=512, tries=150),
    Target("edhoc_error", error, _errors, longest=300, share=0.5),
    Target("edhoc_credential", credential, _credentials, longest=512, share=0.5),
)
