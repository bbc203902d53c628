"""RFC 9529 chapter 3, value for value, through the real API, and its invalid messages."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from nyckelfri import cbor
from nyckelfri.edhoc import (
    Credential,
    EdhocError,
    ErrorCode,
    IdCred,
    Initiator,
    InitiatorDone,
    Responder,
    ResponderDone,
    Suite,
    crypto,
    read_error,
    schedule,
)
from nyckelfri.edhoc import initiator as initiator_module
from nyckelfri.edhoc import responder as responder_module
from nyckelfri.edhoc.schedule import Stage2

FILE = json.loads(
    (Path(__file__).parents[2] / "vectors" / "edhoc-rfc9529-static-dh.json").read_text("utf-8")
)
CHAPTER = {
    section: {entry["name"]: bytes.fromhex(entry["hex"]) for entry in entries}
    for section, entries in FILE["chapter3"].items()
}
# What this package does not do: the X25519 of suite 6 in the first message_1, and key update.
APPLICABLE = [name for name in CHAPTER if name not in {"message_1 (first time)", "Key Update"}]
FLAT = {name: value for section in APPLICABLE for name, value in CHAPTER[section].items()}
ROLES = ("initiator", "responder")


def _raw(name: str) -> bytes:
    for suffix in (" (Raw Value)", " (Raw Value) (ECDH shared secret)", " (CBOR Sequence)"):
        if name + suffix in FLAT:
            return FLAT[name + suffix]
    return FLAT[name]


def _private(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(_raw(name), "big"), ec.SECP256R1())


X = _private("Initiator's ephemeral private key X")
Y = _private("Responder's ephemeral private key Y")
SK_I = _private("Initiator's private authentication key SK_I")
SK_R = _private("Responder's private authentication key SK_R")
C_I = _raw("Connection identifier chosen by Initiator C_I")
C_R = FLAT["Connection identifier chosen by Responder C_R (raw value)"]
CRED_I = Credential(
    IdCred.kid(b"\x2b"),
    FLAT["CRED_I (CBOR Data Item)"],
    _raw("Initiator's public authentication key, 'x'-coordinate"),
)
CRED_R = Credential(
    IdCred.kid(b"\x32"),
    FLAT["CRED_R (CBOR Data Item)"],
    _raw("Responder's public authentication key, 'x'-coordinate"),
)
INITIATOR = Initiator(static_key=SK_I, credential=CRED_I, suites=(6, Suite.S2), selected=Suite.S2)
RESPONDER = Responder(static_key=SK_R, credential=CRED_R, suites=(Suite.S2,))


@dataclass
class Trace:
    """What one role put into the primitives, and what came out. Nothing is replaced."""

    expanded: dict[bytes, bytes] = field(default_factory=dict)
    extracted: dict[tuple[bytes, ...], bytes] = field(default_factory=dict)
    digested: dict[tuple[bytes, ...], bytes] = field(default_factory=dict)
    shared: list[bytes] = field(default_factory=list)
    sealed: dict[bytes, tuple[bytes, ...]] = field(default_factory=dict)

    def blobs(self) -> Iterator[bytes]:
        for table in (self.expanded.items(), self.shared):
            for entry in table:
                yield from entry if isinstance(entry, tuple) else (entry,)
        for inputs, output in (*self.extracted.items(), *self.digested.items()):
            yield from (*inputs, output)
        for ciphertext, rest in self.sealed.items():
            yield from (ciphertext, *rest)


class Run(NamedTuple):
    traces: dict[str, Trace]
    messages: tuple[bytes, bytes, bytes, bytes]
    initiator: InitiatorDone
    responder: ResponderDone


class Spy:
    """Listens at the primitives while one role after the other works."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.traces = {role: Trace() for role in ROLES}
        self.role = "initiator"
        spy = self

        class ListeningExpand:
            def __init__(self, algorithm: Any, length: int, info: bytes) -> None:
                self._info = info
                self._real = HKDFExpand(algorithm, length, info)

            def derive(self, prk: bytes) -> bytes:
                output = self._real.derive(prk)
                spy.traces[spy.role].expanded[self._info] = output
                return output

        def record(table: str, function: Callable[..., bytes]) -> Callable[..., bytes]:
            def listening(*inputs: bytes) -> bytes:
                output = function(*inputs)
                getattr(self.traces[self.role], table)[inputs] = output
                return output

            return listening

        def shared(*inputs: Any) -> bytes:
            output = crypto.shared(*inputs)
            self.traces[self.role].shared.append(output)
            return output

        def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes, tag: int) -> bytes:
            ciphertext = crypto.seal(key, nonce, plaintext, aad, tag)
            self.traces[self.role].sealed[ciphertext] = (key, nonce, plaintext, aad)
            return ciphertext

        def unseal(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes, tag: int) -> bytes:
            plaintext = crypto.unseal(key, nonce, ciphertext, aad, tag)
            self.traces[self.role].sealed[ciphertext] = (key, nonce, plaintext, aad)
            return plaintext

        patch.setattr(crypto, "HKDFExpand", ListeningExpand)
        patch.setattr(schedule, "extract", record("extracted", crypto.extract))
        patch.setattr(schedule, "digest", record("digested", crypto.digest))
        patch.setattr(schedule, "seal", seal)
        patch.setattr(schedule, "unseal", unseal)
        patch.setattr(initiator_module, "shared", shared)
        patch.setattr(responder_module, "shared", shared)


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with pytest.MonkeyPatch.context() as patch:
        spy = Spy(patch)
        message_1, awaiting_2 = INITIATOR.message_1(C_I, ephemeral=X)
        spy.role = "responder"
        message_2, awaiting_3 = RESPONDER.message_1(message_1).message_2(C_R, ephemeral=Y)
        spy.role = "initiator"
        ready = awaiting_2.message_2(message_2).verify(CRED_R)
        message_3, awaiting_4 = ready.message_3()
        spy.role = "responder"
        done_r = awaiting_3.message_3(message_3).verify(CRED_I)
        message_4 = done_r.message_4()
        done_r.exporter(0, b"", 16)
        done_r.exporter(1, b"", 8)
        spy.role = "initiator"
        done_i = awaiting_4.message_4(message_4)
        done_i.exporter(0, b"", 16)
        done_i.exporter(1, b"", 8)
        yield Run(spy.traces, (message_1, message_2, message_3, message_4), done_i, done_r)


def test_all_four_messages_are_the_published_ones(run: Run) -> None:
    assert run.messages == (
        CHAPTER["message_1 (second time)"]["message_1 (CBOR Sequence)"],
        FLAT["message_2 (CBOR Sequence)"],
        FLAT["message_3 (CBOR Sequence)"],
        FLAT["message_4 (CBOR Sequence)"],
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "name", [name[9:].split(" (")[0] for name in FLAT if name.startswith("info for ")]
)
def test_each_info_expands_to_the_published_key(run: Run, role: str, name: str) -> None:
    assert run.traces[role].expanded[_raw(f"info for {name}")] == _raw(name)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("prk", "salt", "secret"),
    [
        ("PRK_2e", "TH_2", "G_XY"),
        ("PRK_3e2m", "SALT_3e2m", "G_RX"),
        ("PRK_4e3m", "SALT_4e3m", "G_IY"),
    ],
)
def test_each_secret_extracts_to_the_published_prk(
    run: Run, role: str, prk: str, salt: str, secret: str
) -> None:
    trace = run.traces[role]
    assert _raw(secret) in trace.shared
    assert trace.extracted[_raw(salt), _raw(secret)] == _raw(prk)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["TH_2", "TH_3", "TH_4"])
def test_each_transcript_hash_is_the_published_one(run: Run, role: str, name: str) -> None:
    trace = run.traces[role]
    assert trace.digested[(_raw(f"Input to calculate {name}"),)] == _raw(name)
    assert trace.digested[(run.messages[0],)] == _raw("H(message_1)")


@pytest.mark.parametrize("role", ROLES)
def test_aead_inputs_and_outputs_are_the_published_ones(run: Run, role: str) -> None:
    sealed = run.traces[role].sealed
    assert sealed[_raw("CIPHERTEXT_3")] == (
        _raw("K_3"),
        _raw("IV_3"),
        _raw("PLAINTEXT_3"),
        FLAT["A_3 (CBOR Data Item)"],
    )
    assert sealed[_raw("CIPHERTEXT_4")] == (
        _raw("K_4"),
        _raw("IV_4"),
        b"",
        FLAT["A_4 (CBOR Data Item)"],
    )


def test_exported_keys_are_the_published_ones(run: Run) -> None:
    for done in (run.initiator, run.responder):
        assert done.exporter(0, b"", 16) == _raw("OSCORE Master Secret")
        assert done.exporter(1, b"", 8) == _raw("OSCORE Master Salt")


@pytest.mark.parametrize("section", APPLICABLE)
def test_every_published_value_occurs_somewhere(run: Run, section: str) -> None:
    seen = b"".join(
        blob + b"|" for trace in run.traces.values() for blob in (*trace.blobs(), *run.messages)
    )
    points = [key.public_key().public_numbers() for key in (X, Y, SK_I, SK_R)]
    known = {_raw("PLAINTEXT_2"), CHAPTER["error"]["error (CBOR Sequence)"]}
    known |= {key.private_numbers().private_value.to_bytes(32, "big") for key in (X, Y, SK_I, SK_R)}
    known |= {point.y.to_bytes(32, "big") for point in points}
    for name, value in CHAPTER[section].items():
        if "y'-coordinate" in name and value not in known:
            x = next(v for n, v in CHAPTER[section].items() if "x'-coordinate" in n)
            assert crypto.on_curve(x, value), name
        else:
            assert value in seen or value in known, name


def test_plaintext_2_meets_its_keystream(run: Run) -> None:
    assert crypto.xor(_raw("PLAINTEXT_2"), _raw("KEYSTREAM_2")) == _raw("CIPHERTEXT_2")
    assert run.messages[1].endswith(_raw("CIPHERTEXT_2"))


def test_first_message_1_is_answered_with_the_published_error() -> None:
    first = CHAPTER["message_1 (first time)"]["message_1 (CBOR Sequence)"]
    with pytest.raises(EdhocError) as caught:
        RESPONDER.message_1(first)
    assert caught.value.message() == CHAPTER["error"]["error (CBOR Sequence)"]
    error = read_error(caught.value.message())
    assert error is not None
    assert (error.code, error.suites_r) == (ErrorCode.WRONG_SUITE, (2,))


REASONS = {
    "Surplus array encoding of message": "method 3",
    "Surplus bstr encoding of connection identifier": "one short form",
    "Surplus array encoding of ciphersuite": "SUITES_I",
    "Text string encoding of ephemeral key": "G_X",
    "Wrong number of CBOR sequence elements": "after the CBOR item",
    "Surplus map encoding of ID_CRED field": "of a kind that is not used",
    "Surplus bstr encoding of ID_CRED field": "one short form",
    "Error in length of ephemeral key": "cipher suite",  # and its suite 24 skips our suite 2
    "Error in elliptic curve representation": "not a point",
    "Error in elliptic curve point": "not a point",
    "Curve point of low order": "cipher suite",  # a point of suite 0
    "Error in length of MAC": "as long as the cipher suite",
    "Error in elliptic curve encoding": "G_X",
    "Unnecessary long encoding": "shortest form",
    "Indefinite-length array encoding": "indefinite",
}


@pytest.mark.threat(13)
@pytest.mark.threat(14)
@pytest.mark.parametrize("invalid", FILE["invalid"], ids=lambda invalid: str(invalid["case"]))
def test_invalid_message_is_refused_for_its_reason(invalid: dict[str, str]) -> None:
    data = bytes.fromhex(invalid["hex"])
    _, awaiting_2 = INITIATOR.message_1(C_I, ephemeral=X)
    receive: dict[str, Callable[[bytes], object]] = {
        "message_1": RESPONDER.message_1,
        "message_2": awaiting_2.message_2,
        "PLAINTEXT_2": lambda plaintext: awaiting_2.message_2(_message_2_with(plaintext)),
    }
    with pytest.raises(EdhocError, match=REASONS[invalid["case"]]):
        receive[invalid["item"]](data)


def _message_2_with(plaintext: bytes) -> bytes:
    """Encrypt a plaintext of our choice as the Responder would."""
    message_1, _ = INITIATOR.message_1(C_I, ephemeral=X)
    g_y = crypto.x_of(Y)
    stage = Stage2.begin(Suite.S2, message_1, g_y, crypto.shared(Y, X.public_key()))
    return cbor.encode(g_y + stage.crypt(plaintext))


def test_the_crafting_helper_makes_the_published_message_2() -> None:
    assert _message_2_with(_raw("PLAINTEXT_2")) == FLAT["message_2 (CBOR Sequence)"]
