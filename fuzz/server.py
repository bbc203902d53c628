"""Targets: what the server reads: bodies of the phone API, and a municipality's files."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.apps import apps

import providerinvoice
from fuzz import ROOT
from fuzz.scratch import scratch
from fuzz.target import Seeds, Target, hold

if not apps.ready:
    # Nothing is kept; the settings want a place all the same.
    os.environ["NYCKELFRI_DATA"] = str(scratch() / "server")
    from nyckelfri.server.start import set_up

    set_up()

# Django must be there before these are.
from nyckelfri.server.importer import reading
from nyckelfri.server.importer import rows as rows_module
from nyckelfri.server.importer.faults import Faults
from nyckelfri.server.importer.messages import Language
from nyckelfri.server.importer.reading import RawTable
from nyckelfri.server.importer.table import Table
from nyckelfri.server.importer.tables import TABLES
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.received import SAID, InvoiceFaultError
from nyckelfri.server.money.papers.received_claim import claim
from nyckelfri.server.money.papers.received_xml import read_invoice
from nyckelfri.server.phoneapi import schemas
from nyckelfri.server.phoneapi.errors import ApiError
from nyckelfri.server.phoneapi.limits import strict_object

_BODIES: Final = (
    schemas.EnrolIn,
    schemas.SignInIn,
    schemas.SyncIn,
    schemas.TimeIn,
    schemas.InstallationIn,
)


def phone_api(data: bytes) -> None:
    """A body for each call: ValueError, or exactly what stands there."""
    kind = _BODIES[data[0] % len(_BODIES)] if data else schemas.SyncIn
    try:
        found = strict_object(data[1:])
        body = kind.model_validate(found)
        carried = schemas.Carried.of(body) if isinstance(body, schemas.SyncIn) else None
    except (ValueError, ApiError):
        return
    _same(found, dict(body) | dict(carried or ()))


def _same(sent: Mapping[str, Any], understood: Mapping[str, Any]) -> None:
    """Everything that was sent is understood as it was written."""
    for name, text in sent.items():
        value = understood[name]
        if isinstance(value, list):
            for piece, item in zip(text, value, strict=True):
                if isinstance(item, bytes):
                    _same({"item": piece}, {"item": item})
                else:
                    _same(piece, dict(item))
        elif isinstance(value, bytes):
            hold(text in {value.hex(), schemas.encode(value)}, "bytes have one form")
        elif isinstance(value, UUID):
            hold(isinstance(text, str), "a UUID is text")
        else:
            hold(type(text) is type(value) and text == value, "a value stands for itself")


def import_file(data: bytes) -> None:
    """One file of an import: rows, or faults on lines that it has; each with its sentence."""
    table = TABLES[data[0] % len(TABLES)] if data else TABLES[0]
    content = data[1:]
    faults, remarks = Faults(), Faults()
    raw = reading.parse(table.file, content, faults)
    if raw is not None:
        header, lines = list(raw.header), list(raw.rows)
        rows = rows_module.check(table, raw, faults, remarks)
        if not faults:
            _read_back(table, RawTable(header, lines))
            hold(len(rows.rows) == len(lines), "without a fault every row is there")
            hold(all(row.good(*table.key) for row in rows.rows), "and has its key")
    else:
        hold(bool(faults), "a file that is not used has a fault")
    last = content.count(b"\n") + content.count(b"\r") + 1
    for fault in (*faults, *remarks):
        hold(0 <= fault.line <= last, "a fault is on a line of the file")
        hold(all(fault.message(language) for language in Language), "a fault has its sentence")


def _read_back(table: Table, raw: RawTable) -> None:
    """Written and read again, a file says the same."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(raw.header)
    writer.writerows(fields for _, fields in raw.rows)
    faults = Faults()
    again = reading.parse(table.file, text.getvalue().encode(), faults)
    hold(again is not None and not faults, "what was read can be written and read")
    if again is not None:
        hold(again.header == raw.header, "the header is the same")
        hold([row for _, row in again.rows] == [row for _, row in raw.rows], "so are the rows")


def received_invoice(data: bytes) -> None:
    """A provider's invoice: faults that say where, or one that agrees with itself."""
    try:
        found = read_invoice(data)
        claim(found)
    except InvoiceFaultError as error:
        hold(error.faults, "a refusal has its reason")
        hold(all(fault.what in SAID for fault in error.faults), "which has its sentence")
        return
    totals = found.totals
    hold(checkdigits.fits(found.supplier_org), "somebody sent it")
    hold(totals.lines == sum(line.amount for line in found.lines), "lines are their sum")
    hold(
        totals.payable == totals.with_vat - totals.prepaid + totals.rounding,
        "what is to be paid is what the sums say",
    )


def _bodies() -> Seeds:
    batch = b'"' + schemas.encode(bytes(40)).encode() + b'"'
    opening = (
        b'{"id":"01890000-0000-7000-8000-000000000000","installation":"0011223344556677",'
        b'"serial":"8899aabbccddeeff","command":1,"reason":0,"number":7,'
        b'"head":"0001020304050607","phone_time":1794222000}'
    )
    key = schemas.encode(bytes(range(32))).encode()
    yield "enrol", b'\x00{"code":"K7PM-2XQ4","public_key":"' + key + b'","model":"X"}'
    yield "sign-in", b'\x01{"username":"anna","password":"correct horse"}'
    yield "sync", b'\x02{"batches":[' + batch + b'],"openings":[' + opening + b"]}"
    yield "sync-nothing", b"\x02{}"
    nonce = schemas.encode(bytes(16)).encode()
    yield "time", b'\x03{"installation":"0011223344556677","nonce":"' + nonce + b'"}'
    yield "installations", b'\x04{"lock":"L-17","record":"' + key + b'"}'
    yield "twice", b'\x01{"username":"a","username":"b","password":"c"}'
    yield "deep", b"\x02" + b"[" * 1000
    yield "not-a-number", b'\x02{"openings":[{"command":NaN}]}'


def _files() -> Seeds:
    folders = {
        "whole": ROOT / "src/nyckelfri/demo/data/bjorkvik",
        "broken": ROOT / "tests/data/broken",
    }
    for number, table in enumerate(TABLES):
        for name, folder in folders.items():
            path = folder / table.file
            if path.exists():
                head = b"".join(path.read_bytes().splitlines(keepends=True)[:4])
                yield f"{table.name}-{name}", bytes([number]) + head
        if number == 0 and path.exists():
            text = head.decode("utf-8-sig", "replace")
            yield "windows-1252", bytes([number]) + text.encode("cp1252", "replace")


def _invoices() -> Seeds:
    yield "whole", providerinvoice.DATA
    yield "short", b"".join(each.strip() for each in providerinvoice.DATA.splitlines(keepends=True))
    yield "doctype", providerinvoice.XML.replace("?>", "?><!DOCTYPE x>", 1).encode()


TARGETS = (
    Target("phone_api", phone_api, _bodies, longest=4096, tries=200),
    Target("import_file", import_file, _files, longest=2048, share=2.0, tries=150),
    Target("received_invoice", received_invoice, _invoices, longest=8192, tries=150),
)
