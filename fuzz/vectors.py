"""Seeds from the project's own vectors (vectors/*.json)."""

from __future__ import annotations

import json
from typing import Any

from fuzz import ROOT
from fuzz.target import slug
from nyckelfri import cbor


def read(name: str) -> dict[str, Any]:
    """One file of vectors."""
    contents: dict[str, Any] = json.loads((ROOT / "vectors" / f"{name}.json").read_text("utf-8"))
    return contents


def signed(kind: str) -> list[tuple[str, bytes]]:
    """Of each case of this kind the object as it stands, and its payload alone."""
    found = []
    for case in read("signed")["cases"]:
        if case["object"] == kind:
            data = bytes.fromhex(case["hex"])
            found.append((slug(case["name"]), data))
            found += [(f"payload-{slug(case['name'])}", part) for part in _payload(data)]
    return found


def _payload(data: bytes) -> list[bytes]:
    try:
        match cbor.decode(data):
            case [_, _, bytes(payload), _]:
                return [payload]
    except cbor.CborError:
        pass
    return []
