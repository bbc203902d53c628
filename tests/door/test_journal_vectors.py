"""vectors/journal.json says what this code says, and this code reads what it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doorworld import Municipality

from nyckelfri.door import delivery, journal, signed
from nyckelfri.door.journal import JournalError
from vectors_journal import ENTRIES, INSTALLATION, journal_vectors

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "journal.json").read_text("utf-8"))


def _without_signatures(vectors: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(vectors))
    for part in ("batch", "receipt"):
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


def test_the_signed_batch_of_the_file_is_of_that_chain() -> None:
    stored = VECTORS["batch"]
    data = bytes.fromhex(stored["signed"])
    assert signed.unverified_payload(data).hex() == stored["payload"]
    batch = delivery.open_batch(
        data, key=bytes.fromhex(stored["signing_key"]), installation=INSTALLATION
    )
    assert (batch.first, batch.last) == (stored["first"], stored["last"])
    assert batch.heads[-1].hex() == VECTORS["chain"][-1]["head"]


def test_the_signed_receipt_of_the_file_is_for_that_chain(municipality: Municipality) -> None:
    stored = VECTORS["receipt"]
    receipt = delivery.open_receipt(
        bytes.fromhex(stored["signed"]), municipality.key_set, installation=INSTALLATION
    )
    assert (receipt.number, receipt.head.hex()) == (stored["number"], stored["head"])
    assert receipt.head.hex() == VECTORS["chain"][-1]["head"]
