"""Vouchers as a SIE file of type 4I, which finance systems of Sweden import.

House rules: bytes of code page 437, lines that end in CR LF. Text is one line (`plain.line`) and
always quoted. What the format or the code page cannot carry is replaced: a letter by the one it
is built on, else by the nearest that it has (`_NEAREST`), else by a question mark; a backslash by
a slash, since the format uses it for quotes and has no way to write it. A voucher has no number:
the finance system gives it one, and its text names the paper that it came from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Final

from nyckelfri import __version__
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.papers.plain import line
from nyckelfri.server.money.papers.vouchers import Entry, Voucher

_CODE_PAGE: Final = "cp437"
_COST_CENTRE: Final = 1
"""The number of the dimension, which the format has set aside for cost centres."""
_NEAREST: Final = {
    "\\": "/", "ø": "ö", "Ø": "Ö", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
    "þ": "th", "Þ": "Th", "œ": "oe", "Œ": "OE", "\u0131": "i", "ẞ": "ß", "€": "EUR", "×": "x",
    "–": "-", "—": "-", "−": "-", "…": "...", "’": "'", "\u2018": "'", "\u00b4": "'", "”": '"',
    "“": '"', "„": '"',
}  # fmt: skip


def write(
    vouchers: Iterable[Voucher],
    *,
    company: str,
    org_number: str,
    accounts: Accounts,
    generated: date,
    series: str = "",
) -> bytes:
    """The file of the vouchers; ValueError for an organisation number that is none.

    `series` is the voucher series that the finance system has for them; none leaves it to it.
    """
    vouchers = list(vouchers)
    digits = checkdigits.organisation(org_number)
    rows = [
        "#FLAGGA 0",
        f"#PROGRAM {_text('Nyckelfri')} {_text(__version__)}",
        "#FORMAT PC8",
        f"#GEN {generated:%Y%m%d}",
        "#SIETYP 4",
        f"#ORGNR {digits[:6]}-{digits[6:]}",
        f"#FNAMN {_text(company)}",
    ]
    used = dict.fromkeys(entry.account for each in vouchers for entry in each.entries)
    rows += [f"#KONTO {each} {_text(accounts.names.get(each, ''))}" for each in sorted(used)]
    centres = {entry.cost_centre for each in vouchers for entry in each.entries} - {""}
    if centres:
        rows.append(f"#DIM {_COST_CENTRE} {_text('Kostnadsställe')}")
        rows += [f"#OBJEKT {_COST_CENTRE} {_text(each)} {_text(each)}" for each in sorted(centres)]
    for voucher in vouchers:
        rows += [
            f'#VER {_text(series)} "" {voucher.day:%Y%m%d} {_text(voucher.text)}',
            "{",
            *(_entry(each) for each in voucher.entries),
            "}",
        ]
    return "".join(f"{row}\r\n" for row in rows).encode(_CODE_PAGE)


def _entry(entry: Entry) -> str:
    centre = f"{_COST_CENTRE} {_text(entry.cost_centre)}" if entry.cost_centre else ""
    return f"#TRANS {entry.account} {{{centre}}} {entry.amount}"


def _text(text: str) -> str:
    """The text in quotes, with nothing in it that code page 437 lacks."""
    carried = "".join(_carried(each) for each in line(unicodedata.normalize("NFC", text)))
    return '"' + carried.replace('"', '\\"') + '"'


def _carried(character: str) -> str:
    for each in (character, unicodedata.normalize("NFKD", character)[0]):
        if each in _NEAREST:
            return _NEAREST[each]
        if _has(each) and (each != " " or each == character):
            return each
    return "?"


def _has(character: str) -> bool:
    """Whether the code page has the character."""
    try:
        character.encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True
