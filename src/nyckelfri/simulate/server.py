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
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Never, TypeVar

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
_CHEAP: Final = 8
"""KiB for a password's hash: to hash one is slow on purpose, and costs a simulation only time."""
_STATUS: Final = 3
_MOST_PAGES: Final = 4_294_967_294
_T = TypeVar("_T")


class ServerKilled(BaseException):
    """SIGKILL: nothing of the server's after this line runs."""


def set_up(data: Path) -> None:
    """Make this process a server process with its data in `data`; once a process.

    Copies of the log go to a folder beside it, which stands for another machine.
    """
    copies = data.with_name("copies")
    copies.mkdir(exist_ok=True)
    os.environ.update(_SETTINGS, NYCKELFRI_DATA=str(data), NYCKELFRI_COPIES=str(copies))
    start.set_up()
    from django.db import connections  # noqa: PLC0415 - needs Django set up

    from nyckelfri.server.accounts.hashers import OneLane  # noqa: PLC0415 - the same

    OneLane.memory_cost = _CHEAP

    # In a loop every task would have a connection of its own; this server is one thread with one.
    connections._connections = threading.local()  # type: ignore[attr-defined]  # noqa: SLF001
    for each in connections.all():
        each.settings_dict["CONN_MAX_AGE"] = None


@dataclass(frozen=True, slots=True)
class Kill:
    """The next piece of work of this `name` is cut at this `share`, [0, 1), of its steps.

    Steps are statements and commits; with `commits` only what lies before and behind commits
    counts. One step more than there are is the answer that gets lost behind the last commit.
    """

    name: str
    share: float
    commits: bool = False


@dataclass(slots=True)
class _Steps:
    """How far one piece of work has come: statements and commits, and the sides of commits."""

    all: int = 0
    of_commits: int = 0

    def counted(self, kill: Kill) -> int:
        return self.of_commits if kill.commits else self.all


@dataclass(slots=True)
class Server:
    """The server whose data lies in `data`; phones reach it while it is `reached`."""

    data: Path
    kills: dict[str, Kill] = field(default_factory=dict)
    """By the name of the work in which it will be killed."""
    full: bool = False
    """Whether its disk has no room for more."""
    deaf: set[str] = field(default_factory=set)
    """Phones to which the next answer does not come through."""
    astray: frozenset[str] = frozenset()
    """Phones that are led to a primary of before, which is alone: it reads and cannot commit."""
    on_answer: Callable[[str, str, dict[str, Any]], None] = lambda _phone, _call, _answer: None
    """Hears of every answer that reaches a phone: its label, the call, the answer."""
    on_kill: Callable[[Kill, int], None] = lambda _kill, _step: None
    """Hears before which step it was killed."""
    committed: int = 0
    """Commits of the last piece of work, up to its end or its being killed."""
    _away: int = 0
    _usual: dict[str, _Steps] = field(default_factory=dict)
    """What such a piece of work took the last time."""
    _application: Any = None

    @property
    def reached(self) -> bool:
        """Whether anybody reaches it."""
        return self._away == 0

    @property
    def up(self) -> bool:
        """Whether people can get something done: it is reached, and has room for it."""
        return self.reached and not self.full

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody reaches it while this lasts."""
        self._away += 1
        try:
            yield
        finally:
            self._away -= 1

    def call(
        self, phone: str, name: str, body: dict[str, Any], headers: dict[str, str]
    ) -> dict[str, Any]:
        """One call of a phone. Raises a ServerError as the phone's own client does."""
        sent = json.dumps(body).encode()
        with self._led_astray() if phone in self.astray else nullcontext():
            status, data = self.work(name, lambda: self._wsgi(name, sent, headers))
        if phone in self.deaf:
            self.deaf.remove(phone)
            raise UnreachableError("the answer did not come through")
        answer = judge(status, data)
        self.on_answer(phone, name, answer)
        return answer

    def work(self, name: str, do: Callable[[], _T]) -> _T:
        """Do something as the server, step by step. UnreachableError: it was killed, or is away."""
        from django.db import OperationalError  # noqa: PLC0415 - needs Django set up

        if not self.reached:
            raise UnreachableError("the server is away")
        killed = False

        def die() -> None:
            nonlocal killed
            killed = True

        try:
            with self._counted(name, die):
                return do()
        except ServerKilled:
            raise UnreachableError("the server was killed") from None
        except OperationalError:
            if not self.full:
                raise
            raise UnreachableError("the server's disk is full") from None
        finally:
            if killed:  # whatever it may have sent before
                self.restart()

    def restart(self) -> None:
        """A new process: no connection, nothing remembered."""
        from django.db import connections  # noqa: PLC0415 - needs Django set up

        from nyckelfri.server.keys import signer  # noqa: PLC0415 - the same

        connections.close_all()
        signer.of.cache_clear()
        self._application = None

    def mend(self) -> None:
        """Nothing more happens to it."""
        self.full, self.astray, self._away = False, frozenset(), 0
        self.kills.clear()
        self.deaf.clear()

    @property
    def backup(self) -> Path:
        """Where the newest backup lies, on another machine."""
        return self.data.with_name("backup.sqlite3")

    def back_up(self) -> None:
        """Copy the database as it stands."""
        self._copy(self.backup)

    def restore(self) -> None:
        """Put the backup in the place of the database; all since then is gone."""
        self.restart()
        # A file of its own: whoever still has the old one open has nothing to do with this one.
        for suffix in ("", "-wal", "-shm"):
            self._database.with_name(self._database.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.backup, self._database)

    @contextmanager
    def split(self, phones: Iterable[str]) -> Iterator[None]:
        """A copy of the database as of now goes on beside it, and these phones are led there.

        Both machines have the same key files. What the copy has stored is thrown away.
        """
        self._copy(self._old)
        self.astray = frozenset(phones)
        try:
            yield
        finally:
            self.astray = frozenset()
            self._old.unlink()

    @property
    def _database(self) -> Path:
        return self.data / "nyckelfri.sqlite3"

    @property
    def _old(self) -> Path:
        return self.data.with_name("old-primary.sqlite3")

    def _copy(self, target: Path) -> None:
        with closing(sqlite3.connect(self._database)) as source:
            target.unlink(missing_ok=True)
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)

    @contextmanager
    def _led_astray(self) -> Iterator[None]:
        """Work on the old primary: nothing can be committed without the standby that has left."""
        from django.db import OperationalError, connection  # noqa: PLC0415 - needs Django set up

        def alone() -> None:
            raise OperationalError("the standby does not answer")

        def read_only(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            if not connection.in_atomic_block and not sql.startswith(("SELECT", "BEGIN")):
                alone()
            return execute(sql, params, many, context)

        home = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = str(self._old)
        connection.commit = alone  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(read_only):
                yield
        finally:
            del connection.commit
            connection.close()
            connection.settings_dict["NAME"] = home

    @contextmanager
    def _counted(self, name: str, die: Callable[[], None]) -> Iterator[None]:
        """Count the steps of one piece of work, and be killed before the one that is chosen."""
        from django.db import connection  # noqa: PLC0415 - needs Django set up

        done = _Steps()
        kill = self.kills.pop(name, None)
        end = self.committed = 0
        if kill is not None:
            end = 1 + int(kill.share * (1 + self._usual.get(name, done).counted(kill)))

        def killed(kill: Kill) -> Never:
            self.on_kill(kill, end)
            die()
            # On its way out Django turns autocommit on, and with that sqlite3 commits.
            if connection.connection is not None:
                connection.connection.rollback()
            raise ServerKilled

        def step(*, of_commits: bool) -> None:
            done.all += 1
            done.of_commits += of_commits
            if kill is not None and kill.commits <= of_commits and done.counted(kill) == end:
                killed(kill)

        def statement(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            step(of_commits=False)
            return execute(sql, params, many, context)

        def committed() -> None:
            step(of_commits=True)
            commit()
            self.committed += 1
            step(of_commits=True)

        commit = connection.commit
        connection.commit = committed  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(statement), self._room(connection):
                yield
            if kill is not None and done.counted(kill) < end:
                killed(kill)
            self._usual[name] = done
        finally:
            connection.commit = commit  # type: ignore[method-assign]

    @contextmanager
    def _room(self, connection: Any) -> Iterator[None]:
        """Let the database not grow while the disk is full; the error is SQLite's own."""
        if not self.full:
            yield
            return
        connection.ensure_connection()
        connection.connection.execute("PRAGMA max_page_count = 1")  # as many as there are
        try:
            yield
        finally:
            if connection.connection is not None:
                connection.connection.execute(f"PRAGMA max_page_count = {_MOST_PAGES}")

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
