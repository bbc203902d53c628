"""A strict reader of SIE 4I, written from the format's description and not from our writer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

_FIELD = re.compile(r'"((?:[^"\\]|\\")*)"|\{([^{}]*)\}|([^\s"{}]+)')
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")


class SieFaultError(Exception):
    """The file is not one that a finance system would take."""


@dataclass
class ReadVoucher:
    """A voucher as it was read."""

    series: str
    number: str
    day: date
    text: str
    entries: list[tuple[str, dict[str, str], Decimal]] = field(default_factory=list)


@dataclass
class ReadFile:
    """All that a file says."""

    labels: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    dimensions: dict[str, str] = field(default_factory=dict)
    objects: dict[tuple[str, str], str] = field(default_factory=dict)
    vouchers: list[ReadVoucher] = field(default_factory=list)


def read(data: bytes) -> ReadFile:
    """What the file says; SieFaultError for whatever the format does not allow."""
    text = data.decode("cp437")
    if any(ord(each) < 32 for each in text.replace("\r\n", "")):
        raise SieFaultError("a control character")
    if not text.endswith("\r\n"):
        raise SieFaultError("the last line does not end")
    found, inside = ReadFile(), False
    for row in text.removesuffix("\r\n").split("\r\n"):
        if row in {"{", "}"}:
            if inside is (row == "{"):
                raise SieFaultError(f"a brace at {row}")
            if row == "}":
                _balanced(found.vouchers[-1])
            inside = row == "{"
            continue
        label, fields = _fields(row)
        if inside is not (label == "#TRANS"):
            raise SieFaultError(f"{label} in the wrong place")
        _put(found, label, fields)
    if inside:
        raise SieFaultError("a voucher that does not end")
    _whole(found)
    return found


def _fields(row: str) -> tuple[str, list[str]]:
    found, place = [], 0
    while place < len(row):
        match = _FIELD.match(row, place)
        if not match:
            raise SieFaultError(f"no field: {row[place:]!r}")
        quoted, objects, plain = match.groups()
        found.append(
            quoted.replace('\\"', '"')
            if quoted is not None
            else objects
            if plain is None
            else plain
        )
        place = match.end()
        if place < len(row):
            if row[place] != " ":
                raise SieFaultError(f"no space after a field: {row!r}")
            place += 1
    return found[0], found[1:]


def _put(found: ReadFile, label: str, fields: list[str]) -> None:
    match label, fields:
        case "#KONTO", [account, name] if account.isdigit():
            found.accounts[account] = name
        case "#DIM", [number, name]:
            found.dimensions[number] = name
        case "#OBJEKT", [dimension, code, name] if dimension in found.dimensions:
            found.objects[dimension, code] = name
        case "#VER", [series, number, day, text]:
            moment = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 - a day
            found.vouchers.append(ReadVoucher(series, number, moment, text))
        case "#TRANS", [account, objects, amount]:
            found.vouchers[-1].entries.append(_entry(found, account, objects, amount))
        case ("#FLAGGA" | "#PROGRAM" | "#FORMAT" | "#GEN" | "#SIETYP" | "#ORGNR" | "#FNAMN", _):
            if label in found.labels or found.vouchers:
                raise SieFaultError(f"{label} twice or late")
            found.labels[label] = fields
        case _:
            raise SieFaultError(f"not allowed: {label} {fields}")


def _entry(
    found: ReadFile, account: str, objects: str, amount: str
) -> tuple[str, dict[str, str], Decimal]:
    if account not in found.accounts or not _AMOUNT.fullmatch(amount):
        raise SieFaultError(f"no account or no amount: {account} {amount}")
    named: dict[str, str] = {}
    if objects:
        dimension, (code,) = _fields(objects)
        named[dimension] = code
    if not all(each in found.objects for each in named.items()):
        raise SieFaultError(f"an object that is not declared: {named}")
    return account, named, Decimal(amount)


def _balanced(voucher: ReadVoucher) -> None:
    if not voucher.entries or sum((amount for _, _, amount in voucher.entries), Decimal(0)):
        raise SieFaultError(f"{voucher.text} does not come to zero")


def _whole(found: ReadFile) -> None:
    wanted = ["#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#ORGNR", "#FNAMN"]
    if list(found.labels) != wanted:
        raise SieFaultError(f"labels: {list(found.labels)}")
    if found.labels["#FORMAT"] != ["PC8"] or found.labels["#SIETYP"] != ["4"]:
        raise SieFaultError("not SIE 4 in PC8")
    if found.labels["#FLAGGA"] != ["0"]:
        raise SieFaultError("imported before")
