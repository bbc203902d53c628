"""Talking to the server: JSON over HTTPS, with limits on size and time (phone API, version 1).

House rules: plain HTTP only to this machine itself; certificates are checked; no redirect is
followed and no proxy asked, because a request carries the device token. A request that fails has
changed nothing on the phone.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

PREFIX: Final = "/api/phone/v1/"
MAX_ANSWER: Final = 8 * 1024 * 1024
TIMEOUT: Final = 20.0
"""Seconds for a whole request, unless the caller is in a hurry."""
_PIECE: Final = 65_536


class ServerError(Exception):
    """The server could not be asked; the text says what to do."""


class UnreachableError(ServerError):
    """No answer in time: no coverage, or the server is away. Try again later."""


class RefusedError(ServerError):
    """The server said no, with a code of its closed list and a text that says what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class BlockedError(RefusedError):
    """This phone is blocked: its key and everything it holds must go at once."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is: scheme checked, prefix without a slash at the end."""

    secure: bool
    host: str
    port: int
    path: str

    @classmethod
    def read(cls, url: str) -> Address:
        """The address in `url`; ValueError says what is wrong with it."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("give the server as https://host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("the server's address has host, port and path, and nothing else")
        secure = parts.scheme == "https"
        if not secure and not _is_this_machine(parts.hostname):
            raise ValueError("plain http is only for this machine itself: use https")
        port = parts.port or (443 if secure else 80)
        return cls(secure, parts.hostname, port, parts.path.rstrip("/"))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Client:
    """The phone's calls. `token` is the device's, `session` that of who is signed in."""

    address: Address
    token: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)

    def call(self, name: str, body: dict[str, Any], *, timeout: float = TIMEOUT) -> dict[str, Any]:
        """The answer to one call; `timeout` in seconds. Raises a ServerError."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.session is not None:
            headers["Nyckelfri-Session"] = self.session
        end = time.monotonic() + timeout
        connection = self._connect(timeout)
        try:
            path = f"{self.address.path}{PREFIX}{name}"
            connection.request("POST", path, json.dumps(body), headers)
            with connection.getresponse() as response:
                data = _read(connection, response, end)
        except (OSError, http.client.HTTPException) as error:
            why = type(error).__name__
            raise UnreachableError(
                f"the server does not answer ({why}): try again where there is coverage"
            ) from None
        finally:
            connection.close()
        return judge(response.status, data)

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        host, port = self.address.host, self.address.port
        if not self.address.secure:
            return http.client.HTTPConnection(host, port, timeout=timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)


def _read(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, end: float
) -> bytes:
    """The whole body before `end`, however slowly it drips."""
    data = bytearray()
    while True:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = response.read1(_PIECE)
        if not piece:
            return bytes(data)
        data += piece
        if len(data) > MAX_ANSWER:
            raise ServerError("the server's answer is too long: report this to support")


def judge(status: int, data: bytes) -> dict[str, Any]:
    """The answer in a response; a ServerError of the kind that its status says."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise ServerError(f"this is not a Nyckelfri server (status {status}): check the address")
    if status == http.HTTPStatus.OK:
        return answer
    code, message = str(answer.get("code", "unknown")), str(answer.get("message", "refused"))
    if status == http.HTTPStatus.FORBIDDEN and code == "phone_blocked":
        raise BlockedError(status, code, message)
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UnreachableError(f"the server has a problem (status {status}): try again later")
    raise RefusedError(status, code, message)
