"""What a municipality chooses about single sign-on: values from the environment.

House rules: nothing is half chosen; what is wrong is said at start and not at the first
sign-in. The secret is in no repr and is read from a file where one is named.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

Match = Literal["number", "username"]
PREFIX = "NYCKELFRI_OIDC_"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ChoiceError(ValueError):
    """A setting cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """The municipality's own sign-in, by OpenID Connect.

    `claim` is what the provider says of a person, and `match` whether that is an employee
    number or a user name here. `second_step` are values of `acr` or `amr` (OpenID Connect
    Core 2) that say that the provider has asked for a second step itself; without them ours
    is asked for.
    """

    issuer: str
    client_id: str
    claim: str
    match: Match
    second_step: frozenset[str]
    scopes: tuple[str, ...]
    secret_text: str = field(repr=False)
    secret_file: Path | None = field(repr=False)

    def secret(self) -> str:
        """The client's secret; ChoiceError when its file cannot be read."""
        if self.secret_file is None:
            return self.secret_text
        try:
            return self.secret_file.read_text("utf-8").strip()
        except OSError:
            raise ChoiceError(
                f"{PREFIX}CLIENT_SECRET_FILE cannot be read: check its name and rights"
            ) from None


def single_sign_on(environment: Mapping[str, str] = os.environ) -> SingleSignOn | None:
    """What is chosen, None where there is no single sign-on; ChoiceError."""
    said = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in environment.items()
        if name.startswith(PREFIX) and value.strip()
    }
    if not said:
        return None
    for name in ("ISSUER", "CLIENT_ID"):
        if name not in said:
            raise ChoiceError(f"Set {PREFIX}{name} too, or none of {PREFIX}*")
    if "CLIENT_SECRET" not in said and "CLIENT_SECRET_FILE" not in said:
        raise ChoiceError(f"Set {PREFIX}CLIENT_SECRET_FILE (or {PREFIX}CLIENT_SECRET)")
    match = said.get("MATCH", "number")
    if match not in {"number", "username"}:
        raise ChoiceError(f"{PREFIX}MATCH must be number or username")
    file = said.get("CLIENT_SECRET_FILE")
    return SingleSignOn(
        issuer=_issuer(said["ISSUER"]),
        client_id=said["CLIENT_ID"],
        claim=said.get("CLAIM", "employee_number"),
        match=cast("Match", match),
        second_step=frozenset(said.get("SECOND_STEP", "").split()),
        scopes=tuple({"openid": 1, **dict.fromkeys(said.get("SCOPES", "").split())}),
        secret_text=said.get("CLIENT_SECRET", ""),
        secret_file=Path(file) if file else None,
    )


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.scheme == "https" or plain) or not parts.hostname or parts.query:
        raise ChoiceError(f"{PREFIX}ISSUER must be an https address, as the provider gives it")
    return text
