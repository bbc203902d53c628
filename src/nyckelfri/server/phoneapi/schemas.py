"""The bodies of the phone API, with every limit.

House rules: unknown fields are refused; byte strings are base64url without padding in
their one canonical form, identifiers lower-case hex. Of a sync the form comes first; what it
carries, by far the most of it, is read where there is a place for it (`backlog`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from nyckelfri.door.bulletin import NONCE_BYTES
from nyckelfri.door.delivery import MAX_BATCH
from nyckelfri.door.fields import MAX_TIME
from nyckelfri.server.phoneapi.errors import invalid
from nyckelfri.server.phones.actions_signin import MAX_NAME, MAX_PASSWORD

MAX_REQUEST = 3 * 1024 * 1024
MAX_BATCHES = 64
MAX_OPENINGS = 1_500
MAX_ENTRIES = 500
MAX_RECORD = 1024

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
NO_NUL = r"^[^\x00]*$"


def encode(data: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: object) -> bytes:
    """Read base64url without padding; ValueError for any other form."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise ValueError("must be base64url without padding")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("must be base64url without padding") from None
    if encode(data) != text:
        raise ValueError("must be base64url in its one canonical form")
    return data


def _hex(text: object) -> bytes:
    try:
        data = bytes.fromhex(text)  # type: ignore[arg-type]  # TypeError
    except (TypeError, ValueError):
        data = None
    # Capitals and spaces are read too.
    if data is None or data.hex() != text:
        raise ValueError("must be lower-case hex")
    return data


def _sized(read: Callable[[object], bytes], least: int, most: int) -> Any:
    def check(value: object) -> bytes:
        # Before decoding: no form is longer than twice its bytes.
        if isinstance(value, str) and len(value) > 2 * most:
            raise ValueError(f"must be at most {most} bytes")
        data = read(value)
        if not least <= len(data) <= most:
            raise ValueError(
                f"must be {least} bytes" if least == most else f"must be {least} to {most} bytes"
            )
        return data

    return BeforeValidator(check)


Id = Annotated[bytes, _sized(_hex, 8, 8)]
PublicKey = Annotated[bytes, _sized(decode, 32, 32)]
Nonce = Annotated[bytes, _sized(decode, NONCE_BYTES, NONCE_BYTES)]
BatchBytes = Annotated[bytes, _sized(decode, 1, MAX_BATCH)]
RecordBytes = Annotated[bytes, _sized(decode, 1, MAX_RECORD)]
Number = Annotated[int, Field(strict=True, ge=0, le=MAX_TIME)]
Small = Annotated[int, Field(strict=True, ge=0, le=255)]


class Body(BaseModel):
    """A request: nothing but what is named here.

    No `ninja.Schema`: it wraps each value in Python, which takes ten times as long.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, from_attributes=True)


class EnrolIn(Body):
    """POST enrol."""

    code: Annotated[str, Field(min_length=1, max_length=32)]
    public_key: PublicKey
    model: Annotated[str, Field(max_length=64, pattern=NO_NUL)] = ""


class SignInIn(Body):
    """POST sign-in."""

    username: Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=NO_NUL)]
    password: Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD, repr=False)]


class OpeningIn(Body):
    """What the phone noted of one opening."""

    id: UUID
    installation: Id
    serial: Id
    command: Small
    reason: Small
    number: Number | None = None
    head: Id | None = None
    phone_time: Number


class SyncIn(Body):
    """POST sync: its form; how much it carries, and not yet what (`Carried`).

    `day` is the digest of the day that the phone holds, empty where it holds none; without it
    no day is asked for.
    """

    batches: Annotated[list[Any], Field(max_length=MAX_BATCHES, default_factory=list)]
    openings: Annotated[list[Any], Field(max_length=MAX_OPENINGS, default_factory=list)]
    entries: Annotated[list[Any], Field(max_length=MAX_ENTRIES, default_factory=list)]
    day: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{32})?$")] | None = None


class Carried(Body):
    """What a sync carries, read; each of its entries is read by itself (`phoneapi.entries`)."""

    batches: list[BatchBytes] = []
    openings: list[OpeningIn] = []
    entries: list[Any] = []

    @classmethod
    def of(cls, body: SyncIn) -> Carried:
        """What this sync carries; ApiError for what does not read."""
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise invalid(first["loc"], first["msg"]) from None


class TimeIn(Body):
    """POST time."""

    installation: Id
    nonce: Nonce


class LabelIn(Body):
    """POST installations/label."""

    label: RecordBytes


class InstallationIn(Body):
    """POST installations."""

    lock: Annotated[str, Field(min_length=1, max_length=32, pattern=NO_NUL)]
    record: RecordBytes
