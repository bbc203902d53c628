"""The server of a simulated town: the real application, called in process, with a life of its own.

House rules: phones reach it through the whole of its WSGI application. It can be away, be killed
at any step of its work at the database, lose its disk's room, and come back from a backup.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nyckelfri.phone.client import PREFIX, Address, Client, UnreachableError, judge
from nyckelfri.server import start

_SETTINGS: Final = {
    "NYCKELFRI_HTTPS": "0",
    "NYCKELFRI_HOSTS": "town.example",
    "DATABASE_URL": "",
    # One thread, one loop: nothing runs beside a call into the database.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
URL: Final = "https://town.example"
_STATUS: Final = 3


class ServerKilled(BaseException):
    """SIGKILL: nothing of the server's after this line runs."""


def set_up(data: Path) -> None:
    """Make this process a server process with its data in `data`; once a process."""
    os.environ.update(_SETTINGS, NYCKELFRI_DATA=str(data))
    start.set_up()
    from django.db import connections  # noqa: PLC0415 - needs Django set up

    for each in connections.all():
        each.settings_dict["CONN_MAX_AGE"] = None


@dataclass(slots=True)
class Server:
    """The server whose data lies in `data`. `up`: whether phones reach it at all."""

    data: Path
    up: bool = True
    calls: int = 0
    steps: int = 0
    """Statements and commits of the last call."""
    kill_at: int | None = None
    """The step of the next call before which it is killed; one past the last loses the answer."""
    on_answer: Callable[[str, str, dict[str, Any]], None] = lambda _phone, _call, _answer: None
    """Hears of every answer that reaches a phone: its label, the call, the answer."""
    _application: Any = None

    def call(
        self, phone: str, name: str, body: dict[str, Any], headers: dict[str, str]
    ) -> dict[str, Any]:
        """One call of a phone. Raises a ServerError as the phone's own client does."""
        if not self.up:
            raise UnreachableError("the server is away")
        self.calls += 1
        try:
            with self._counted():
                status, data = self._wsgi(name, json.dumps(body).encode(), headers)
        except ServerKilled:
            self.restart()
            raise UnreachableError("the server was killed") from None
        answer = judge(status, data)
        self.on_answer(phone, name, answer)
        return answer

    def restart(self) -> None:
        """A new process: no connection, nothing remembered."""
        from django.db import connections  # noqa: PLC0415 - needs Django set up

        from nyckelfri.server.keys import signer  # noqa: PLC0415 - the same

        connections.close_all()
        signer.of.cache_clear()
        self._application = None

    def back_up(self, path: Path) -> None:
        """Copy the database as it stands."""
        with sqlite3.connect(self._database) as source, sqlite3.connect(path) as target:
            source.backup(target)
        source.close()
        target.close()

    def restore(self, path: Path) -> None:
        """Put an earlier copy in the place of the database; all since then is gone."""
        self.restart()
        for suffix in ("-wal", "-shm"):
            self._database.with_name(self._database.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(path, self._database)

    @property
    def _database(self) -> Path:
        return self.data / "nyckelfri.sqlite3"

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count the steps of one call, and be killed before the one that is chosen."""
        from django.db import connection  # noqa: PLC0415 - needs Django set up

        self.steps = 0

        def step() -> None:
            self.steps += 1
            if self.steps == self.kill_at:
                raise ServerKilled

        def statement(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            step()
            return execute(sql, params, many, context)

        commit = connection.commit

        def committed() -> None:
            step()
            commit()

        connection.commit = committed  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(statement):
                yield
            if self.kill_at is not None and self.kill_at > self.steps:
                raise ServerKilled
        finally:
            self.kill_at = None
            del connection.commit

    def _wsgi(self, name: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._application is None:
            from nyckelfri.server.wsgi import application  # noqa: PLC0415 - needs Django set up

            self._application = application
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"{PREFIX}{name}",
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "town.example",
            "SERVER_PORT": "443",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            **{f"HTTP_{key.upper().replace('-', '_')}": value for key, value in headers.items()},
        }
        said: list[str] = []
        answer = self._application(environ, lambda status, *_: said.append(status))
        data = b"".join(answer)
        answer.close()
        return int(said[0][:_STATUS]), data


@dataclass(frozen=True, slots=True)
class Line(Client):
    """A phone's way to the server of the town; `covered` tells whether it has coverage now."""

    phone: str = ""
    server: Server | None = None
    covered: Callable[[], bool] = field(default=lambda: True)

    def call(self, name: str, body: dict[str, Any], *, timeout: float = 0.0) -> dict[str, Any]:
        """The answer to one call. Raises a ServerError."""
        del timeout
        if self.server is None or not self.covered():
            raise UnreachableError("no coverage")
        headers = {}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.session is not None:
            headers["Nyckelfri-Session"] = self.session
        return self.server.call(self.phone, name, body, headers)


def line(phone: str, server: Server, covered: Callable[[], bool]) -> Callable[[Address], Line]:
    """What the phone of this label is given to reach the server by."""
    return lambda address: Line(address, phone=phone, server=server, covered=covered)
