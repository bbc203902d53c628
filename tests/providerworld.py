"""A certified OpenID Connect provider (npm's oidc-provider), run by the tests on loopback.

House rules: the program is `npm/provider.mjs`; what is missing is an error that says how to
get it.
"""

from __future__ import annotations

import http.cookiejar
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from webworld import MissingError

NPM: Final = Path(__file__).parent / "npm"
MFA: Final = "https://refeds.org/profile/mfa"


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows the provider's own steps, and stops where it sends somebody away."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if urllib.parse.urlsplit(newurl).path == "/logga-in/kommunen/svar/":
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass
class Provider:
    """The running provider, and somebody's browser in front of it."""

    issuer: str
    _jar: Any = field(default_factory=http.cookiejar.CookieJar)

    def lies(self, what: str = "") -> None:
        """Let its answers be false in one way; nothing for the truth."""
        self._open(f"{self.issuer}/lie", {"what": what})

    def says_yes(self, address: str, login: str, acr: str = "") -> str:
        """Go to where we were sent, sign in there; give the path that it leads back to."""
        return self._answers(address, {"login": login, "acr": acr, "answer": "yes"})

    def says_no(self, address: str) -> str:
        """Go there, and break off."""
        return self._answers(address, {"answer": "no"})

    def _answers(self, address: str, said: dict[str, str]) -> str:
        self._jar.clear()
        form, _ = self._open(address)
        _, back = self._open(form, said)
        parts = urllib.parse.urlsplit(back)
        return f"{parts.path}?{parts.query}"

    def _open(self, address: str, said: dict[str, str] | None = None) -> tuple[str, str]:
        """The address where it ends, and where it would lead on."""
        opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._jar), _Stays()
        )
        data = urllib.parse.urlencode(said).encode() if said is not None else None
        try:
            with opener.open(address, data, timeout=20) as answer:
                return str(answer.url), ""
        except urllib.error.HTTPError as error:
            if error.code not in {302, 303}:
                raise AssertionError(f"{error.code}: {error.read().decode()[:500]}") from None
            return str(error.url), str(error.headers["Location"])


@contextmanager
def running(*redirects: str) -> Iterator[Provider]:
    """Serve until the end of the block."""
    if not (NPM / "node_modules" / "oidc-provider").exists():
        raise MissingError("oidc-provider is missing: run `npm ci` in tests/npm")
    process = subprocess.Popen(
        ["node", "provider.mjs", *redirects],
        cwd=NPM,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        if not issuer.startswith("http://localhost:"):
            raise MissingError("the provider does not start: run `node provider.mjs` in tests/npm")
        yield Provider(issuer)
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()
