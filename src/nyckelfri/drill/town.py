"""A small municipality on the drill's ground: server, doors and phones as real processes.

House rule: staff do what staff do; what each door answered is remembered as the truth that the
logs are held against.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from nyckelfri.demo import cast
from nyckelfri.demo.cast import ENTRANCE, FLAT, Person, Unit
from nyckelfri.demo.crew import PIN, Lock, Phone, Server, password, wait_for_http
from nyckelfri.demo.processes import Backstage, DemoError
from nyckelfri.door import grants, signed
from nyckelfri.drill import readings
from nyckelfri.drill.ground import Ground
from nyckelfri.drill.proofs import Made, Truth
from nyckelfri.phone import account
from nyckelfri.phone.book import Book
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.store import Store

OTHER: Final = Unit("another front door", "L0023", "thumb-turn")
UNITS: Final = (ENTRANCE, FLAT, OTHER)
CARER: Final = Person("Telefon 1", "10007")
"""On duty in every scene."""
_INSTALLERS: Final = {
    ENTRANCE: cast.ENTRANCE_INSTALLER,
    FLAT: cast.DOOR_INSTALLER,
    OTHER: cast.DOOR_INSTALLER,
}
_PHONE_RADIO: Final = "phone"
_SEARCH: Final = "20"
_SEARCH_IN_VAIN: Final = "3"
Try = tuple[Unit, str]
"""A door, and `open` or `lock`."""
_SWEDEN: Final = ZoneInfo("Europe/Stockholm")


def moment(day: int, clock: str) -> float:
    """Unix seconds of a day of November 2026 at `clock` in Sweden, such as 07:30."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=_SWEDEN).timestamp()


@dataclass(slots=True)
class Town:
    """Everything on stage, and what has happened there."""

    ground: Ground
    backstage: Backstage
    server: Server
    transports: dict[str, str]
    locks: dict[Unit, Lock]
    phones: dict[Person, Phone] = field(default_factory=dict)
    truths: list[Truth] = field(default_factory=list)
    news: dict[Unit, int] = field(default_factory=dict)
    """When the newest bulletin that each lock has was issued."""
    silence: dict[str, float] = field(default_factory=dict)
    """For each lock, how old its newest bulletin was at most when it got a newer one."""
    in_force: str = "first.signed"
    """The file of the signed key set that is in force."""
    nameless: set[str] = field(default_factory=set)
    """Employee numbers of those whose deeds a restored log cannot name."""

    @classmethod
    def build(cls, ground: Ground, backstage: Backstage) -> Town:
        """The virtual air, units that have left the factory, and a server that is off."""
        radios = [_PHONE_RADIO, *(unit.radio for unit in UNITS)]
        ports = [word for name in radios for word in ("--port", f"{name}=0")]
        airwaves = backstage.start("air", *ports, module="nyckelfri.demo.air")
        up = airwaves.wait_for("ports", lambda event: "ports" in event)
        transports = {name: f"tcp-client:127.0.0.1:{port}" for name, port in up["ports"].items()}
        (backstage.folder / "pin").write_text(PIN)
        locks = {unit: Lock(backstage, unit, transports[unit.radio]) for unit in UNITS}
        return cls(ground, backstage, Server(backstage), transports, locks)

    # Time.

    @property
    def now(self) -> float:
        """What time it is here, Unix seconds."""
        return self.backstage.clockwork.now

    def let_it_be(self, day: int, clock: str) -> None:
        """Time passes for everybody at once, never back."""
        wound = self.backstage.clockwork
        wound.set(max(moment(day, clock), wound.now + 1 if wound.path.exists() else 0))

    def serve(self) -> None:
        """Start the server: one worker, and nothing beside it, are enough here."""
        less = ("--workers", "1", "--no-work")
        listen = ("--listen", f"127.0.0.1:{self.server.port}")
        self.server.program = self.backstage.start("server", "server", "run", *listen, *less)
        wait_for_http(self.server.url, self.backstage)

    # People.

    def join(self, *people: Person) -> None:
        """People get work phones, and sign in."""
        codes = [("server", "phone-code", who.phone, "--holder", who.number) for who in people]
        passwords = []
        for who in people:
            file = self.backstage.folder / f"password-{who.number}"
            file.write_text(password())
            passwords.append(("server", "set-password", who.number, "--password-file", file))
        said = readings.asked(self.backstage, *codes, *passwords)
        for who, code in zip(people, said, strict=False):
            phone = Phone(self.backstage, who, self.transports[_PHONE_RADIO])
            phone.do("enrol", "--server", self.server.url, "--code", code.strip())
            phone.sign_in()
            self.phones[who] = phone

    def install(self) -> None:
        """Three units become locks."""
        self.join(*set(_INSTALLERS.values()))
        for unit, person in _INSTALLERS.items():
            installer, lock = self.phones[person], self.locks[unit]
            lock.make()
            lock.start()
            lock.press_button()
            result = installer.do(
                "commission", "--unit", lock.label, "--as", unit.lock,
                "--transport", installer.transport, "--search", _SEARCH,
            )  # fmt: skip
            lock.installation = result["installation"]
            self.news[unit] = 0

    def visits(self, person: Person, *tries: Try, there: bool = True) -> list[str]:
        """Somebody at doors, one after the other; for each the lock's reason, or what was wrong."""
        phone, search = self.phones[person], _SEARCH if there else _SEARCH_IN_VAIN
        common = ("--state", phone.state, "--pin-file", phone.pin_file, "--json")
        where = ("--transport", phone.transport, "--search", search)
        at = self.now
        said = readings.asked(
            self.backstage,
            *(
                ("phone", *common, command, *where, self.locks[unit].installation)
                for unit, command in tries
            ),
        )
        if not all(said):
            raise DemoError(f"{person.phone} said nothing\n{self.backstage.last_words('asking')}")
        results = [json.loads(text.splitlines()[-1]) for text in said]
        for (unit, _), result in zip(tries, results, strict=True):
            self._remember(unit, person.number, result, at)
        return [
            str(result.get("reason") or result.get("trouble") or result.get("error"))
            for result in results
        ]

    def intrude(
        self, copied: Person, unit: Unit, trick: str, *more: str, number: str | None
    ) -> str:
        """Somebody with a copy of a phone shows the lock what it must judge, in whose name."""
        at = self.now
        answer = self.phones[copied].intrude(trick, self.locks[unit].installation, *more)
        self._remember(unit, number, {**answer, "command": "unlock"}, at)
        return str(answer["reason"])

    def _remember(self, unit: Unit, number: str | None, result: dict[str, Any], at: float) -> None:
        if result.get("entry"):
            reason = None if result["reason"] == "granted" else result["reason"]
            command, tries = result["command"], result.get("tries", 1)
            truth = Truth(
                unit.lock, result["entry"], number, command, at, reason, tries, until=self.now
            )
            self.truths.append(truth)
        if self.locks[unit].program is not None:
            self._listen(unit, readings.lock(self.locks[unit]))

    def _listen(self, unit: Unit, made: Made) -> None:
        """How long the door had heard nothing, when it hears something new."""
        before, self.news[unit] = self.news[unit], made.bulletin
        if 0 < before < made.bulletin:
            age = self.now - before
            self.silence[unit.lock] = max(age, self.silence.get(unit.lock, 0))

    # What is there.

    def installations(self) -> dict[str, str]:
        """Inventory number of each lock, and what it is on the air."""
        return {unit.lock: lock.installation for unit, lock in self.locks.items()}

    def made(self) -> dict[str, Made]:
        """By installation, what each lock itself says."""
        return {lock.installation: readings.lock(lock) for lock in self.locks.values()}

    def waiting(self) -> dict[str, int]:
        """By name of each phone in use, what it holds for the server.

        One that was emptied keeps what nobody takes from it any more.
        """
        found = {}
        for person, phone in self.phones.items():
            with Store(phone.state) as store:
                if store.enrolled:
                    waiting = Outbox(store).waiting()
                    found[person.phone] = waiting.total
        return found

    def serials(self, since: float = 0) -> frozenset[str]:
        """Serials of the grants on every phone that were issued `since` then, Unix seconds."""
        found: set[str] = set()
        for phone in self.phones.values():
            with Store(phone.state) as store:
                if store.enrolled:
                    secrets = account.unlock(store, PIN)
                    for held in Book(store, secrets.data_key).grants():
                        claims = grants.from_payload(signed.unverified_payload(held.data))
                        if claims.issued >= since:
                            found.add(claims.serial.hex())
        return frozenset(found)
