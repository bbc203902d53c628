"""Somebody of the municipality at a browser: pages, forms, and the code of their app.

House rule: only what a person sees and sends; a form's hidden fields go back as they came.
"""

from __future__ import annotations

import html
import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b32decode
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from nyckelfri.demo.processes import DemoError

PERIOD: Final = 30
"""Seconds that a code of the app is shown (RFC 6238)."""
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_SECRET: Final = re.compile(r"<code>([A-Z2-7 ]+)</code>")


@dataclass(slots=True)
class Authenticator:
    """The app on their telephone that shows a new code every half minute."""

    secret: str = field(repr=False)

    def code(self) -> str:
        """The code of this moment."""
        key = b32decode(self.secret + "=" * (-len(self.secret) % 8))
        return TOTP(key, 6, SHA1(), PERIOD, enforce_key_length=False).generate(time.time()).decode()  # noqa: S303 -- what every such app uses

    def fresh(self) -> str:
        """A code that has not been used: waits for the next one."""
        used = self.code()
        while (code := self.code()) == used:
            time.sleep(0.5)
        return code


class Browser:
    """A browser with its cookies, at one server."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.page = ""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self._opener.addheaders = [("Accept-Language", "sv")]

    def get(self, path: str, *, text: bool = True) -> str:
        """A page, or a file of Latin-1 without `text`; DemoError if there is none for them."""
        return self._ask(path, None, "utf-8" if text else "latin-1")

    def post(self, path: str, **fields: str) -> str:
        """Fill in the form of the page that is shown, and send it; the page that follows."""
        hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(self.page)}
        return self._ask(path, urllib.parse.urlencode({**hidden, **fields}).encode())

    def _ask(self, path: str, data: bytes | None, encoding: str = "utf-8") -> str:
        request = urllib.request.Request(  # noqa: S310 - our own loopback
            self.server + path, data, {"Origin": self.server, "Referer": self.server + path}
        )
        try:
            with self._opener.open(request, timeout=30) as answer:
                self.page = answer.read().decode(encoding)
        except urllib.error.HTTPError as error:
            said = re.sub(r"<[^>]+>|\s+", " ", error.read().decode())
            raise DemoError(f"{path} answers {error.code}: {said.strip()[:400]}") from None
        return self.page

    def activate(self, number: str, code: str, password: str) -> Authenticator:
        """Make an account one's own: a password, then an app for the second step."""
        self.get("/aktivera/")
        self.post("/aktivera/", username=number, code=code, new=password, again=password)
        found = _SECRET.search(self.get("/konto/app/"))
        if found is None:
            raise DemoError("the page for the app shows no secret")
        app = Authenticator(found[1].replace(" ", ""))
        self.post("/konto/app/", code=app.code())
        return app
