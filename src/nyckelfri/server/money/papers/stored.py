"""An invoice as the data that the database keeps, and the digest of that data.

House rules: plain JSON (amounts, days and moments as text), read strictly: what would not be
written the same again is not what was issued.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from nyckelfri.server.money.papers.content import FORMAT, InvoiceContent

Data = dict[str, Any]
_INVOICE: Final = TypeAdapter(InvoiceContent)
_SORTED: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class StoredError(ValueError):
    """What is stored is not an invoice that was issued here; the text says where, not what."""


def to_data(content: InvoiceContent) -> Data:
    """The invoice as plain JSON."""
    data: Data = _INVOICE.dump_python(content, mode="json")
    return data


def from_data(data: object) -> InvoiceContent:
    """The invoice that was stored; StoredError if it is not exactly one of `to_data`."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise StoredError(f"the stored invoice is not of format {FORMAT}: update the program")
    try:
        content = _INVOICE.validate_python(data)
    except ValidationError as error:
        places = {".".join(map(str, each["loc"])) or "the whole" for each in error.errors()}
        raise StoredError(f"the stored invoice is wrong at {', '.join(sorted(places))}") from None
    if to_data(content) != data:
        raise StoredError("the stored invoice says more or other than an issued one")
    return content


def to_text(content: InvoiceContent) -> tuple[str, bytes]:
    """The invoice as JSON text, and the digest of its data."""
    text = _SORTED.encode(to_data(content))
    return text, hashlib.sha256(text.encode()).digest()


def digest(data: Data) -> bytes:
    """SHA-256 of the data, in whatever order a database gives its keys back."""
    return hashlib.sha256(_SORTED.encode(data).encode()).digest()
