"""The programs of the demonstration, each in its own process, with what they are told to do.

House rule: only the commands that a user has are used here, but for the intruder.
"""

from __future__ import annotations

import json
import secrets
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from nyckelfri.demo.cast import Person, Unit
from nyckelfri.demo.processes import Answer, Backstage, DemoError, Program
from nyckelfri.door.keyset import Purpose
from nyckelfri.lock.store import Store as LockStore
from nyckelfri.phone import account
from nyckelfri.phone.book import Book
from nyckelfri.phone.store import Store

PIN: Final = "471193"
_FAST: Final = 30
"""Milliseconds between two advertisements: a demonstration has batteries to spare."""


@dataclass(slots=True)
class Server:
    """The municipality's server, which can be taken away and brought back."""

    backstage: Backstage
    port: int = field(default_factory=lambda: free_port())  # noqa: PLW0108 - defined below
    program: Program | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def do(self, *arguments: str | Path) -> Answer:
        """One deed of `nyckelfri server`."""
        return self.backstage.call("server", "server", *arguments)

    def phone_code(self, label: str, person: Person) -> str:
        """A one-time code for a new phone of this person."""
        return self.do("phone-code", label, "--holder", person.number).text.strip()

    def start(self) -> None:
        """Serve, and wait until it answers."""
        listen = f"127.0.0.1:{self.port}"
        self.program = self.backstage.start("server", "server", "run", "--listen", listen)
        wait_for_http(self.url, self.backstage)

    def take_away(self) -> None:
        """Stop it as a power cut does."""
        if self.program is not None:
            self.program.kill()
            self.program = None


@dataclass(frozen=True, slots=True)
class Login:
    """What somebody needs to begin on a work phone."""

    number: str
    password: str = field(repr=False)
    code: str = field(repr=False)

    @classmethod
    def make(cls, server: Server, person: Person, label: str) -> Self:
        """A one-time code for a new phone, and a new password for whoever gets it."""
        code = server.phone_code(label, person)
        secret = password()
        file = _password_file(server.backstage, person)
        file.write_text(secret)
        server.do("set-password", person.number, "--password-file", file)
        return cls(person.number, secret, code)


def _password_file(backstage: Backstage, person: Person) -> Path:
    return backstage.folder / f"password-{person.number}"


@dataclass(slots=True)
class Phone:
    """One work phone."""

    backstage: Backstage
    person: Person
    transport: str

    @property
    def state(self) -> Path:
        """Its folder."""
        return self.backstage.folder / f"phone-{self.person.number}"

    @property
    def pin_file(self) -> Path:
        """Where its PIN stands."""
        return self.backstage.folder / "pin"

    def do(self, *arguments: str | Path, expected: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """One command of `nyckelfri phone`; its result, with the milliseconds of the process."""
        common = ("--state", self.state, "--pin-file", self.pin_file, "--json")
        answer = self.backstage.call(
            self.state.name, "phone", *common, *arguments, expected=expected
        )
        if not answer.said:
            raise DemoError(f"{self.person.phone} said nothing")
        return {**answer.said[-1], "process_ms": answer.milliseconds, "steps": answer.said[:-1]}

    def join(self, server: Server) -> None:
        """Become a phone of the municipality, with its person signed in."""
        login = Login.make(server, self.person, self.person.phone)
        self.do("enrol", "--server", server.url, "--code", login.code)
        self.sign_in()

    def sign_in(self) -> dict[str, Any]:
        """Its person's shift begins."""
        secret = _password_file(self.backstage, self.person)
        return self.do("sign-in", self.person.number, "--password-file", secret)

    def at_door(self, command: str, installation: str) -> dict[str, Any]:
        """`open` or `lock` at a door; refusals are answers."""
        where = ("--transport", self.transport, "--search", "20")
        return self.do(command, *where, installation, expected=(0, 1, 3))

    def serial(self, installation: str) -> bytes:
        """The serial of the grant it holds for a door."""
        wanted = bytes.fromhex(installation)
        with Store(self.state) as store:
            secrets_ = account.unlock(store, PIN)
            return Book(store, secrets_.data_key).grants(wanted)[0].serial

    def grant_key_id(self) -> bytes:
        """The id of the grant key in the key set it holds."""
        with Store(self.state) as store:
            key_set = store.trusted().key_set
        keys = key_set.keys if key_set is not None else ()
        return next(key.kid for key in keys if key.purpose is Purpose.GRANT)

    def bulletin(self) -> bytes:
        """The signed bulletin it holds."""
        with Store(self.state) as store:
            return store.trusted().signed_bulletin or b""

    def intrude(self, trick: str, installation: str, *more: str | Path) -> dict[str, Any]:
        """What comes back when somebody who has copied this phone tries a trick."""
        program = self.backstage.start(
            "intruder", trick, "--state", self.state, "--pin-file", self.pin_file,
            "--door", installation, "--transport", self.transport, *more,
            module="nyckelfri.demo.intruder",
        )  # fmt: skip
        answer = program.wait_for(trick, lambda event: "reason" in event)
        program.stop()
        return answer


@dataclass(slots=True)
class Holders:
    """Those who hold the parts of the municipal root: three, of whom two sign."""

    server: Server

    @property
    def root(self) -> Path:
        """Their folder."""
        return self.server.backstage.folder / "root"

    def signed(self, name: str) -> Path:
        """Where what two of them have signed stands."""
        return self._file(name, "signed")

    def make(self) -> Answer:
        """The root begins."""
        new = ("root", "new", self.root, "--parts", "3", "--threshold", "2", "--insecure-demo")
        return self.server.backstage.call("root", *new)

    def ask(self, name: str, *deed: str | Path) -> Answer:
        """The server asks for a signature."""
        return self.server.do(*deed, "--output", self._file(name, "request"))

    def sign(self, name: str) -> Answer:
        """Two of three sign what was asked."""
        parts = [word for n in (1, 3) for word in ("--part", self.root / f"holder-{n}.pem")]
        request = self._file(name, "request")
        sign = ("root", "sign", request, *parts, "--yes", "--output", self.signed(name))
        return self.server.backstage.call("root", *sign)

    def _file(self, name: str, state: str) -> Path:
        return self.server.backstage.folder / f"{name}-{state}.cbor"


@dataclass(slots=True)
class Lock:
    """One unit: its folder, its process and its label."""

    backstage: Backstage
    unit: Unit
    transport: str
    label: str = ""
    installation: str = ""
    program: Program | None = None

    @property
    def folder(self) -> Path:
        """Where its configuration and store stand."""
        return self.backstage.folder / f"lock-{self.unit.radio}"

    @property
    def log(self) -> str:
        """The name of its log."""
        return self.folder.name

    def make(self) -> Answer:
        """Leave the factory."""
        self.folder.mkdir()
        self.configure()
        made = self.backstage.call(
            self.log, "lock", "--config", self.folder / "lock.toml", "--factory", self.unit.kind
        )
        self.label = made.text.strip()
        return made

    def configure(self, **simulated: object) -> None:
        """Write lock.toml."""
        settings = {"bolt": "bolt.txt", "pulse": 0.5, "battery": 64, **simulated}
        lines = [
            'store = "lock.db"',
            f'transport = "{self.transport}"',
            f"advertising_interval = {_FAST}",
            "[simulated]",
            *(f"{name} = {json.dumps(value)}" for name, value in settings.items()),
        ]
        (self.folder / "lock.toml").write_text("\n".join(lines) + "\n", "utf-8")

    def start(self) -> None:
        """Power on."""
        config = self.folder / "lock.toml"
        self.program = self.backstage.start(
            self.log, "lock", "--config", config, "--events", "--console"
        )
        self.program.wait_for("running", lambda event: event["what"] == "running")

    def press_button(self) -> None:
        """The button on the inside."""
        if self.program is not None:
            self.program.tell("press")
            self.program.wait_for("window", lambda event: event["what"] == "window")

    def cut_power(self) -> None:
        """Batteries out."""
        if self.program is not None:
            self.program.kill()
            self.program = None

    def entries(self) -> tuple[int, int]:
        """Entries it has made, and those it knows to be with the server. Ends the program."""
        if self.program is not None:
            self.program.stop()
            self.program = None
        with LockStore.open(self.folder / "lock.db") as store:
            tip = store.state.running.tip
        return tip.number, tip.acknowledged

    def last_note(self) -> str:
        """What the lock told its own maintainers about the last stranger."""
        if self.program is None:
            return ""
        self.program.drain()
        notes = [event["note"] for event in self.program.events if event["what"] == "not_accepted"]
        return str(notes[-1]) if notes else ""


def password() -> str:
    """A password that nobody has used before."""
    return secrets.token_urlsafe(12)


def free_port() -> int:
    """A TCP port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_http(url: str, backstage: Backstage) -> None:
    """Until a server answers anything at all; DemoError."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise DemoError(f"the server does not answer\n{backstage.last_words('server')}")
