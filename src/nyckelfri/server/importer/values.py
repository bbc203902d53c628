"""What a column can hold: from the text of one field to one value.

House rules: strict, ASCII digits only, and no guessing; each parser takes non-empty
text and gives a value or raises WrongValueError. A sentence repeats at most 32
characters of a value, and only of columns that hold no personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from organisationsnummer import organisationsnummer
from organisationsnummer.organisationsnummer import OrganisationsnummerException
from personnummer import personnummer
from personnummer.personnummer import PersonnummerException

from nyckelfri.server.importer import localtime
from nyckelfri.server.importer.faults import WrongValueError

Parser = Callable[[str], Any]

# Both packages are untyped.
_parse_personal: Callable[[str], object] = personnummer.parse
_parse_org: Callable[[str], object] = organisationsnummer.parse

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ID = re.compile(r"[^\s|]{1,32}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_NUMBER = re.compile(r"-?[0-9]{1,9}(,[0-9]{1,2})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_PERSONAL_NUMBER = re.compile(r"[0-9]{8}-[0-9]{4}")
_ORG_NUMBER = re.compile(r"[0-9]{6}-[0-9]{4}")
_ANY_PERSONAL_NUMBER = re.compile(r"[0-9]{6,8}[-+]?[0-9]{4}")
_YEARS = range(1900, 2200)
_SHOWN = 32


def shown(text: str) -> str:
    """Give `text` as a sentence may repeat it: short, and no personal identity number."""
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return _ANY_PERSONAL_NUMBER.sub("******", short)


def check_characters(text: str) -> None:
    """Refuse text with control characters other than tab and line ends."""
    found = _CONTROL.search(text)
    if found is not None:
        raise WrongValueError("nul_byte" if found[0] == "\0" else "control_character")


def text(limit: int) -> Parser:
    """Parse text of at most `limit` characters."""

    def parse(value: str) -> str:
        if len(value) > limit:
            raise WrongValueError("too_long", limit=limit)
        return value

    return parse


def identifier(value: str) -> str:
    """Parse an id of the care system: at most 32 characters, no spaces."""
    if _ID.fullmatch(value) is None:
        raise WrongValueError("bad_id")
    return value


def one_of(words: Mapping[str, str]) -> Parser:
    """Parse one of the file's words and give what it stands for."""

    def parse(value: str) -> str:
        if value not in words:
            raise WrongValueError("not_in_list", value=shown(value), allowed=", ".join(words))
        return words[value]

    return parse


def several_of(words: Mapping[str, str]) -> Parser:
    """Parse the file's words with commas between, in order and each once."""
    one = one_of(words)

    def parse(value: str) -> list[str]:
        return list(dict.fromkeys(one(part.strip()) for part in value.split(",")))

    return parse


def yes_no(value: str) -> bool:
    """Parse ja or nej."""
    if value not in {"ja", "nej"}:
        raise WrongValueError("not_yes_no")
    return value == "ja"


def amount(value: str) -> Decimal:
    """Parse a number of zero or more with a decimal comma, at most 999 999,99."""
    if _NUMBER.fullmatch(value) is None:
        raise WrongValueError("not_a_number", value=shown(value))
    number = Decimal(value.replace(",", "."))
    if number < 0:
        raise WrongValueError("negative", value=shown(value))
    if number >= 1_000_000:
        raise WrongValueError("out_of_range", value=shown(value), low=0, high="999999,99")
    return number


def whole(low: int, high: int) -> Parser:
    """Parse a whole number from `low` to `high`."""

    def parse(value: str) -> int:
        if _WHOLE.fullmatch(value) is None:
            raise WrongValueError("not_whole", value=shown(value))
        number = int(value)
        if not low <= number <= high:
            raise WrongValueError("out_of_range", value=shown(value), low=low, high=high)
        return number

    return parse


def calendar_date(value: str) -> date:
    """Parse a date like 2026-11-23."""
    try:
        found = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise WrongValueError("not_a_date", value=shown(value))
    return found


def local_time(value: str) -> datetime:
    """Parse a local Swedish time like 2026-11-23 07:00 that exists; naive."""
    try:
        found = datetime.fromisoformat(value) if _LOCAL.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise WrongValueError("not_a_local_time", value=shown(value))
    if not localtime.readings(found):
        raise WrongValueError("nonexistent_time", value=shown(value))
    return found


def moment(value: str) -> datetime:
    """Parse a UTC moment like 2026-11-23T06:00:12Z."""
    try:
        found = datetime.fromisoformat(value) if _MOMENT.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise WrongValueError("not_a_moment", value=shown(value))
    return found.astimezone(UTC)


def personal_number(value: str) -> str:
    """Parse a personal identity or coordination number, YYYYMMDD-NNNN, check digit right."""
    try:
        if _PERSONAL_NUMBER.fullmatch(value):
            _parse_personal(value)
            return value
    except PersonnummerException:
        pass
    raise WrongValueError("personal_number")


def org_number(value: str) -> str:
    """Parse an organisation number, NNNNNN-NNNN, with the right check digit."""
    try:
        if _ORG_NUMBER.fullmatch(value):
            _parse_org(value)
            return value
    except OrganisationsnummerException:
        pass
    raise WrongValueError("org_number")
