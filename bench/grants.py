"""Minting and verifying grants against bare ES256 and against python-cwt with the same claims.

House rule: both sides of a ratio take turns in short batches of one run, and the median of the
batch ratios counts; an absolute figure from a shared machine says little.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import cwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from nyckelfri.door import grants, signed
from nyckelfri.door.grants import Grant
from nyckelfri.door.keyset import Key, KeySet, Purpose

BATCHES = 40
"""Turns that each side of a comparison takes."""
CALLS = 250
"""Calls a turn."""

_START = 1_794_222_000


def rows(batches: int = BATCHES, calls: int = CALLS) -> Iterator[dict[str, Any]]:
    """The rows of the report; `ours` and `reference` are operations a second (medians)."""
    ours, raw, python_cwt = _minting()
    yield _compare("mint a grant / bare ES256 signature", ours, raw, batches, calls)
    yield _compare("mint a grant / python-cwt, same claims", ours, python_cwt, batches, calls)
    ours, raw, python_cwt = _verifying()
    yield _compare("verify a grant / bare ES256 verification", ours, raw, batches, calls)
    yield _compare("verify a grant / python-cwt, same claims", ours, python_cwt, batches, calls)


Call = Callable[[], object]


def _compare(name: str, ours: Call, reference: Call, batches: int, calls: int) -> dict[str, Any]:
    """One row: how many times as fast `ours` is as `reference`."""
    _seconds(ours, calls)
    _seconds(reference, calls)
    pairs = [(_seconds(ours, calls), _seconds(reference, calls)) for _ in range(batches)]
    return {
        "name": name,
        "ours": round(calls / statistics.median(our for our, _ in pairs)),
        "reference": round(calls / statistics.median(their for _, their in pairs)),
        "ratio": round(statistics.median(their / our for our, their in pairs), 3),
        "unit": "1/s",
    }


def _seconds(call: Call, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start


def _grant() -> Grant:
    phone = ec.derive_private_key(7, ec.SECP256R1())
    return Grant(
        subject=bytes(range(8)),
        installation=bytes(range(8, 16)),
        not_before=_START,
        not_after=_START + 8 * 3600,
        issued=_START - 3600,
        serial=bytes(range(16, 24)),
        phone=signed.coordinate(phone.public_key()),
        scope=grants.CARE,
    )


def _issuer() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1234, ec.SECP256R1())


def _cwt_key() -> Any:
    pem = _issuer().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return cwt.COSEKey.from_pem(pem, kid=b"\x01", alg="ES256")


def _minting() -> tuple[Call, Call, Call]:
    key, grant, algorithm = _issuer(), _grant(), ec.ECDSA(hashes.SHA256())
    message = grants.mint(grant, key=key, kid=b"\x01")
    cwt_key, claims = _cwt_key(), _cwt_claims(grant)

    def ours() -> bytes:
        return grants.mint(grant, key=key, kid=b"\x01")

    def raw() -> bytes:
        return key.sign(message, algorithm)

    def python_cwt() -> object:
        return cwt.encode_and_sign(claims, cwt_key)

    return ours, raw, python_cwt


def _verifying() -> tuple[Call, Call, Call]:
    key, algorithm = _issuer(), ec.ECDSA(hashes.SHA256())
    data = grants.mint(_grant(), key=key, kid=b"\x01")
    public, signature = key.public_key(), key.sign(data, algorithm)
    key_set = KeySet(bytes(8), 1, 1, 0, (Key(b"\x01", Purpose.GRANT, signed.compressed(public)),))
    cwt_key = _cwt_key()
    theirs = cwt.encode_and_sign(_cwt_claims(_grant()), cwt_key)

    def ours() -> Grant:
        return grants.verify(data, key_set)

    def raw() -> None:
        public.verify(signature, data, algorithm)

    def python_cwt() -> object:
        # no_verify leaves out only its look at the clock, which we do not take here either.
        return cwt.decode(theirs, cwt_key, no_verify=True)

    return ours, raw, python_cwt


def _cwt_claims(grant: Grant) -> dict[int, Any]:
    """The claims as python-cwt takes them: text of the same length for subject and audience."""
    return {
        2: grant.subject.decode("latin-1"),
        3: grant.installation.decode("latin-1"),
        4: grant.not_after,
        5: grant.not_before,
        6: grant.issued,
        7: grant.serial,
        8: {1: {1: 2, -1: 1, -2: grant.phone}},
        9: bytes([grant.scope]),
    }
