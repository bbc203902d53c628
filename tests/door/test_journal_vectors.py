"""vectors/journal.json says what this code says, and this code reads what it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import Municipality, private_key

from nyckelfri.door import delivery, journal, sealing, signed
from nyckelfri.door.journal import JournalError
from nyckelfri.door.sealing import SealError
from sealworld import read_batch
from vectors_journal import ENTRIES, INSTALLATION, journal_vectors

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "journal.json").read_text("utf-8"))


def _without_signatures(vectors: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(vectors))
    for part in ("batch", "full_batch", "receipt"):
        del copied[part]["signed"]
    return copied


def test_the_file_is_what_the_code_makes_but_for_its_signatures() -> None:
    assert _without_signatures(VECTORS) == _without_signatures(journal_vectors())


def test_every_entry_of_the_file_reads_as_described() -> None:
    for described, entry in zip(VECTORS["entries"], ENTRIES, strict=True):
        assert journal.decode_entry(bytes.fromhex(described["encoded"])) == entry


@pytest.mark.threat(13)
@pytest.mark.parametrize("refused", VECTORS["refused"], ids=lambda refused: refused["why"])
def test_every_refused_entry_of_the_file_is_refused(refused: dict[str, str]) -> None:
    with pytest.raises(JournalError):
        journal.decode_entry(bytes.fromhex(refused["entry"]))


def test_the_chain_of_the_file_holds_link_by_link() -> None:
    head = journal.genesis(INSTALLATION)
    assert head.hex() == VECTORS["genesis"]
    for link in VECTORS["chain"]:
        leaf = journal.leaf(bytes.fromhex(link["salt"]), bytes.fromhex(link["entry"]))
        head = journal.next_head(head, leaf)
        assert (leaf.hex(), head.hex()) == (link["leaf"], link["head"])


def _private_keys() -> dict[bytes, ec.EllipticCurvePrivateKey]:
    return {
        bytes.fromhex(key["kid"]): ec.derive_private_key(int(key["scalar"], 16), ec.SECP256R1())
        for key in VECTORS["sealing"]["private_keys"]
    }


@pytest.mark.parametrize("name", ["batch", "full_batch"])
def test_the_signed_batches_of_the_file_verify_and_open_with_its_private_keys(name: str) -> None:
    stored = VECTORS[name]
    data = bytes.fromhex(stored["signed"])
    assert signed.unverified_payload(data).hex() == stored["payload"]
    batch = read_batch(
        data,
        key=bytes.fromhex(stored["signing_key"]),
        installation=INSTALLATION,
        keys=_private_keys(),
    )
    assert (batch.first, batch.last) == (stored["first"], stored["last"])
    if name == "batch":
        assert batch.heads[-1].hex() == VECTORS["chain"][-1]["head"]
    else:
        assert len(batch.entries) == delivery.MAX_BATCH_ENTRIES


def test_the_segments_of_the_file_open_to_its_chain() -> None:
    chain = {link["number"]: link for link in VECTORS["chain"]}
    opened = 0
    for segment in VECTORS["sealing"]["segments"]:
        content_key = sealing.unwrap(
            bytes.fromhex(segment["wrapped"]),
            key=_private_keys()[bytes.fromhex(segment["kid"])],
            installation=INSTALLATION,
        )
        assert content_key.hex() == segment["content_key"]
        for number, item in enumerate(segment["sealed"], segment["first"]):
            salt, body = sealing.Opener(content_key).open(number, bytes.fromhex(item))
            assert (salt.hex(), body.hex()) == (chain[number]["salt"], chain[number]["entry"])
            opened += 1
    assert opened == len(chain)


def test_every_sealed_entry_of_the_file_opens_alone_and_under_its_number_only() -> None:
    for case in VECTORS["sealing"]["entries"]:
        opener = sealing.Opener(bytes.fromhex(case["content_key"]))
        sealed = bytes.fromhex(case["sealed"])
        salt, body = opener.open(case["number"], sealed)
        assert (salt.hex(), body.hex()) == (case["salt"], case["entry"])
        with pytest.raises(SealError):
            opener.open(case["number"] + 1, sealed)


@pytest.mark.threat(13)
@pytest.mark.parametrize("refused", VECTORS["refused_batches"], ids=lambda refused: refused["why"])
def test_every_refused_batch_of_the_file_is_refused_though_signed(refused: dict[str, str]) -> None:
    key = private_key(701)
    data = signed.sign(bytes.fromhex(refused["payload"]), key=key, typ=delivery.TYP, kid=None)
    point = signed.compressed(key.public_key())
    with pytest.raises(JournalError):
        delivery.verify_batch(data, key=point, installation=INSTALLATION)


def test_the_signed_receipt_of_the_file_is_for_that_chain(municipality: Municipality) -> None:
    stored = VECTORS["receipt"]
    receipt = delivery.open_receipt(
        bytes.fromhex(stored["signed"]), municipality.key_set, installation=INSTALLATION
    )
    assert (receipt.number, receipt.head.hex()) == (stored["number"], stored["head"])
    assert receipt.head.hex() == VECTORS["chain"][-1]["head"]
