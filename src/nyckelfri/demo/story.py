"""The story: a Monday morning in Björkvik, told by programs that only meet over bytes.

House rule: an act says what is done and what must come back; how a program is driven stands in
`crew.py`, what is shown in `report.py`.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nyckelfri.demo import air, cast
from nyckelfri.demo.cast import ENTRANCE, FLAT, Person, Unit
from nyckelfri.demo.crew import PIN, Holders, Lock, Phone, Server
from nyckelfri.demo.november import November
from nyckelfri.demo.office import Desk, Office
from nyckelfri.demo.processes import Backstage, Program
from nyckelfri.demo.report import Journal, Report
from nyckelfri.demo.staffapp import StaffApp

NEAR: Final = -48
FAR: Final = -83
AT_ARMS_LENGTH: Final = -70
"""How a real radio hears a phone before the door; the app's lock may be put on the real air."""
APP_RADIO: Final = "app"
_DAY: Final = 86_400
_PHONE_RADIO: Final = "phone"


@dataclass(slots=True)
class Story:
    """Everybody on stage."""

    backstage: Backstage
    report: Report
    server: Server
    holders: Holders
    airwaves: Program
    control: int
    transports: dict[str, str]
    """By the name of the radio."""
    locks: dict[Unit, Lock]
    phones: dict[Person, Phone]
    moved: tuple[str, int] = ("", 0)
    """The installation that the front door's lock gave up, and the last entry of its journal."""
    december: tuple[Server, Desk] | None = None
    """The office of the last act, and its accountant's desk."""

    @classmethod
    def set_up(cls, backstage: Backstage, report: Report) -> Story:
        """The virtual air, and everybody in the wings."""
        radios = [_PHONE_RADIO, APP_RADIO, *(unit.radio for unit in (*cast.UNITS, cast.NEW_LOCK))]
        ports = [word for name in radios for word in ("--port", f"{name}=0")]
        airwaves = backstage.start("air", *ports, module="nyckelfri.demo.air")
        up = airwaves.wait_for("ports", lambda event: "ports" in event)
        transports = {name: f"tcp-client:127.0.0.1:{port}" for name, port in up["ports"].items()}
        people = [*cast.STAFF, *cast.INSTALLERS.values()]
        (backstage.folder / "pin").write_text(PIN)
        server = Server(backstage)
        return cls(
            backstage,
            report,
            server,
            Holders(server),
            airwaves,
            up["control"],
            transports,
            {unit: Lock(backstage, unit, transports[unit.radio]) for unit in cast.UNITS},
            {person: Phone(backstage, person, transports[_PHONE_RADIO]) for person in people},
        )

    def tell(self) -> None:
        """All acts, in order."""
        self.municipality()
        self.installation()
        self.morning()
        self.without_server()
        self.refusals()
        self.lost_clock()
        self.home_again()
        self.rotation()
        self.move()
        self.office_hours()
        self.staff_app()
        self.november()
        self.log()

    # The acts.

    def municipality(self) -> None:
        """Root, key set, a month of files."""
        self._act("The municipality", "06:30")
        made = self.holders.make()
        self._done("three people make the municipal root, two must sign", made.milliseconds)
        begun = self.holders.ask("key-set", "init", "--root", self.holders.root / "root.cbor")
        self._done("the server makes its purpose keys and asks for a key set", begun.milliseconds)
        signed = self.holders.sign("key-set")
        self._done("two of three sign the key set", signed.milliseconds)
        installed = self.server.do("install-key-set", self.holders.signed("key-set"))
        self._done("the key set is in force", installed.milliseconds)
        imported = self.backstage.call("import", "import", cast.DATA, "--json")
        counts = json.loads(imported.text)["files"]
        rows = {name: sum(count.values()) for name, count in counts.items()}
        self.report.facts["imported"] = rows
        self._done(f"{sum(rows.values())} rows of {len(rows)} files", imported.milliseconds)
        again = self.backstage.call("import", "import", cast.DATA, "--json")
        files = json.loads(again.text)["files"].values()
        changed = sum(count["created"] + count["changed"] for count in files)
        came_back = "nothing changed" if changed == 0 else f"{changed} changed"
        self.report.step(
            "the same files once more", came_back, again.milliseconds, expected="nothing changed"
        )

    def installation(self) -> None:
        """Two units become locks of this municipality."""
        self._act("Two units are installed", "06:35")
        self.server.start()
        for unit in cast.UNITS:
            installer = self.phones[cast.INSTALLERS[unit]]
            installer.join(self.server)
            self._install(unit, installer)
        self.report.tell("each lock made its own keys; the printed secrets are void")

    def morning(self) -> None:
        """Staff sign in, grants are derived; one is withdrawn, one phone is lost."""
        self._act("A morning's keys", "06:45")
        for person in cast.STAFF:
            phone = self.phones[person]
            phone.join(self.server)
            status = phone.do("status")
            self._done(
                f"{person.phone}: signed in, {status['grants']} grants", status["process_ms"]
            )
        self._old_bulletin.write_bytes(self.phones[cast.NIGHT].bulletin())
        self._let_it_be("06:50")
        night = self.phones[cast.NIGHT]
        self._open(night, FLAT, "the night patrol opens before its shift ends")
        self._lock(night, FLAT, "and locks behind itself")
        serial = self.phones[cast.COLLEAGUE].serial(self.locks[FLAT].installation)
        revoked = self.server.do("revoke", serial.hex(), "--why", "sick this morning")
        self._done("one grant of a colleague is withdrawn", revoked.milliseconds)
        blocked = self.server.do("block-phone", cast.LOST.phone, "--why", "left on the bus")
        self._done("a lost phone is blocked", blocked.milliseconds)
        result = self.phones[cast.CARER].do("sync")
        self._done("the carer's phone syncs, on the way", result["process_ms"])

    def without_server(self) -> None:
        """The main job, with nobody to ask."""
        self._act("No server, no coverage", "07:30")
        self.server.take_away()
        self.report.tell("the server is killed; the carer stands in the stairwell")
        carer = self.phones[cast.CARER]
        self._open(carer, ENTRANCE, "the carer opens the entrance", main=True)
        self._open(carer, FLAT, "the carer opens the front door", main=True)
        self._lock(carer, FLAT, "and locks when the visit is over")

    def refusals(self) -> None:
        """Everybody who must not get in."""
        self._act("Who does not get in", "07:40")
        phones = self.phones
        self._refused(phones[cast.NIGHT], "as-is", "the night patrol, its shift over", "expired")
        self._refused(
            phones[cast.EVENING], "as-is", "the evening carer, seven hours early", "not_yet_valid"
        )
        self._refused(phones[cast.COLLEAGUE], "as-is", "a withdrawn grant", "grant_revoked")
        self._refused(phones[cast.LOST], "as-is", "the lost, blocked phone", "phone_blocked")
        self._refused(
            phones[cast.LOST], "old-bulletin", "the same, with an older bulletin", "phone_blocked",
            "--bulletin", self._old_bulletin,
        )  # fmt: skip
        self._refused(phones[cast.CARER], "other-door", "a grant for another door", "not_accepted")
        self._refused(
            phones[cast.CARER], "stolen-grant", "a stolen grant without its key", "not_accepted"
        )
        self._refused(phones[cast.CARER], "replay", "a recorded opening, replayed", "not_accepted")
        self._move_phone(FAR)
        self._refused(phones[cast.CARER], "as-is", "the carer, from across the street", "too_far")
        self._move_phone(NEAR)

    def lost_clock(self) -> None:
        """The batteries were out, and somebody set the clock back."""
        self._act("A power cut, and a clock set back", "07:50")
        lock = self.locks[FLAT]
        lock.cut_power()
        self._look_into(lock)
        lock.configure(hardware_clock_offset=-_DAY)
        lock.start()
        self.report.tell("the lock does not believe its hardware clock: a bulletin comes first")
        night = self.phones[cast.NIGHT]
        self._refused(night, "as-is", "the night patrol tries its luck", "bulletin_needed")
        self._refused(
            night, "old-bulletin", "and brings the bulletin of 06:45", "bulletin_needed",
            "--bulletin", self._old_bulletin,
        )  # fmt: skip
        carer = self.phones[cast.CARER]
        self._open(carer, FLAT, "the carer opens: bulletin, then grant")
        self._lock(carer, FLAT, "and locks")

    def home_again(self) -> None:
        """The server is back, and the log comes home."""
        self._act("The server is back", "08:10")
        self.server.start()
        carer = self.phones[cast.CARER]
        synced = carer.do("sync")
        self._done(
            f"the carer's phone brings {synced['sent_batches']} journal batches home",
            synced["process_ms"],
        )
        for unit in cast.UNITS:
            self._open(carer, unit, f"next visit, {unit.name}: receipts reach the lock")
        self._lock(carer, FLAT, "and locks")
        self._done("the phone syncs once more", carer.do("sync")["process_ms"])

    def rotation(self) -> None:
        """The grant key is replaced: first beside the old one, then instead of it."""
        self._act("A key is rotated", "08:20")
        carer = self.phones[cast.CARER]
        old = carer.grant_key_id()
        self._new_key_set("a second grant key, beside the first", "--new", "grant")
        self._done("the carer's phone syncs", carer.do("sync")["process_ms"])
        self._open(carer, FLAT, "a grant by the new key: the phone brings the key set")
        evening = self.phones[cast.EVENING]
        tried = "a grant by the old key is still judged on its merits"
        self._refused(evening, "as-is", tried, "not_yet_valid")
        self._new_key_set("the first grant key is dropped", "--drop", old.hex())
        self._done("the carer's phone syncs", carer.do("sync")["process_ms"])
        self._lock(carer, FLAT, "and locks: the lock hears of it")
        self._refused(evening, "as-is", "grants by the old key are worth nothing", "not_accepted")

    def move(self) -> None:
        """The front door's lock is released by the root and moves to another home."""
        self._act("The lock moves to another home", "08:30")
        lock, installer = self.locks[FLAT], self.phones[cast.DOOR_INSTALLER]
        self.holders.ask("release", "order-release", FLAT.lock)
        signed = self.holders.sign("release")
        self._done("two of three holders sign the release", signed.milliseconds)
        installed = self.server.do("install-order", self.holders.signed("release"))
        self._done("the installers get the order", installed.milliseconds)
        self._done("the installer signs in and has it", installer.sign_in()["process_ms"])
        old, at_door = lock.installation, ("--transport", installer.transport, "--search", "20")
        result = installer.do("release", old, *at_door)
        self._done("the installer lets the lock go: its journal first", result["process_ms"])
        last = max(step["until"] for step in result["steps"] if step["stage"] == "fetched")
        self._done("the journal goes home", installer.do("sync")["process_ms"])
        self.report.tell(f"it is factory-new, with a new label: {result['label'][:24]}…")
        carer = self.phones[cast.CARER]
        gone = carer.do("open", old, "--transport", carer.transport, "--search", "3", expected=(3,))
        self.report.step(
            "the old home's grants find no lock", gone["trouble"], gone["process_ms"],
            expected="no lock found",
        )  # fmt: skip
        lock.press_button()
        home = ("--unit", result["label"], "--as", cast.NEW_HOME)
        done = installer.do("commission", *home, *at_door)
        lock.installation = done["installation"]
        self._done("commissioned behind another door, by the new label", done["process_ms"])
        self.moved = old, last
        neighbour = self.phones[cast.COLLEAGUE]
        self._done("a colleague's phone syncs", neighbour.do("sync")["process_ms"])
        self._open(neighbour, FLAT, "the colleague opens the new home")
        self._lock(neighbour, FLAT, "and locks")
        self._done("the journal of the new home goes home", neighbour.do("sync")["process_ms"])

    def office_hours(self) -> None:
        """People at their desks see who can open, and put an end to it."""
        self._act("The office", "08:40")
        office = Office(self.server, self.report)
        office.tell(self.phones[cast.COLLEAGUE], self.locks[FLAT].installation)

    def staff_app(self) -> None:
        """The carer's new phone is the staff app, at the old home's new lock."""
        self._act("The staff app", "11:50")
        unit, installer = cast.NEW_LOCK, self.phones[cast.DOOR_INSTALLER]
        self.locks[unit] = Lock(self.backstage, unit, self.transports[unit.radio])
        installer.sign_in()
        self._install(unit, installer, AT_ARMS_LENGTH)
        StaffApp(self.server, self.report, self.transports[APP_RADIO]).tell()

    def november(self) -> None:
        """Two weeks later: what the month cost, and to whom."""
        self.report.act("November is reckoned up", cast.show(cast.MONTH_OVER))
        november = November.open(self.backstage, self.report)
        self.december = november.office.server, november.tell()

    def log(self) -> None:
        """What stands in the log, against what the locks wrote."""
        stored = json.loads(self.server.do("journals", "--json").text)
        for unit, lock in self.locks.items():
            made, acknowledged = lock.entries()
            delivered = stored[lock.installation]["stored"]
            self.report.journals[unit.name] = Journal(made, delivered, acknowledged)
        old, last = self.moved
        name = "front door, before it moved"
        self.report.journals[name] = Journal(last, stored[old]["stored"], stored[old]["stored"])
        self.report.facts["openings"] = json.loads(self.server.do("openings", "--json").text)
        self.report.openings(self.report.facts["openings"])

    # How things are done.

    @property
    def _old_bulletin(self) -> Path:
        return self.backstage.folder / "bulletin-0645.cbor"

    def _act(self, title: str, clock: str) -> None:
        self._let_it_be(clock)
        self.report.act(title, cast.show(self.backstage.clockwork.now))

    def _let_it_be(self, clock: str) -> None:
        """Time passes for everybody at once; never back, however slow this machine is."""
        wound = self.backstage.clockwork
        wound.set(max(cast.at(clock), wound.now + 1 if wound.path.exists() else 0))

    def _look_into(self, lock: Lock) -> None:
        """Somebody has unscrewed the lock and reads its storage."""
        begun = time.perf_counter()
        serials = [phone.serial(lock.installation) for phone in self._holders()]
        disk = b"".join(path.read_bytes() for path in lock.folder.iterdir())
        found = sum(serial in disk for serial in serials)
        self.report.step(
            f"the lock's {len(disk):,} bytes are searched for who was here",
            "nothing" if found == 0 else f"{found} of them",
            (time.perf_counter() - begun) * 1000,
            expected="nothing",
            note="its journal is sealed to the server as it is written",
        )

    def _holders(self) -> list[Phone]:
        return [self.phones[person] for person in (cast.CARER, cast.NIGHT)]

    def _done(self, tried: str, milliseconds: float) -> None:
        self.report.step(tried, "done", milliseconds)

    def _new_key_set(self, tried: str, *change: str) -> None:
        name = f"key-set-{change[0].strip('-')}"
        self.holders.ask(name, "request", *change)
        self.holders.sign(name)
        installed = self.server.do("install-key-set", self.holders.signed(name))
        self._done(tried, installed.milliseconds)

    def _install(self, unit: Unit, phone: Phone, dbm: int = NEAR) -> None:
        """A unit is mounted and becomes a lock of this municipality."""
        lock = self.locks[unit]
        self._done(f"{unit.name}: a unit leaves the factory", lock.make().milliseconds)
        lock.start()
        lock.press_button()
        self._move_phone(dbm)
        result = phone.do(
            "commission", "--unit", lock.label, "--as", unit.lock,
            "--transport", phone.transport, "--search", "20",
        )  # fmt: skip
        lock.installation = result["installation"]
        self._done(f"{unit.name}: commissioned by its printed code", result["process_ms"])

    def _move_phone(self, dbm: int) -> None:
        for unit in self.locks:
            between = [_PHONE_RADIO, unit.radio]
            asyncio.run(air.tell(self.control, do="strength", between=between, dbm=dbm))

    def _open(self, phone: Phone, unit: Unit, tried: str, *, main: bool = False) -> None:
        self._at_door("open", phone, unit, tried, main=main)

    def _lock(self, phone: Phone, unit: Unit, tried: str) -> None:
        self._at_door("lock", phone, unit, tried)

    def _at_door(
        self, command: str, phone: Phone, unit: Unit, tried: str, *, main: bool = False
    ) -> None:
        result = phone.at_door(command, self.locks[unit].installation)
        self.report.step(
            tried,
            result["reason"] or result["trouble"],
            result["ms_to_answer"],
            expected="granted",
            bytes_=result["bytes_to_answer"],
            messages=result["messages_to_answer"],
        )
        if main:
            self.report.facts.setdefault("main_job", []).append(result)

    def _refused(
        self, phone: Phone, trick: str, tried: str, expected: str, *more: str | Path
    ) -> None:
        lock = self.locks[FLAT]
        answer = phone.intrude(trick, lock.installation, *more)
        self.report.step(
            tried,
            answer["reason"],
            answer["ms"],
            expected=expected,
            bytes_=answer["bytes"],
            messages=answer["messages"],
            note=f"the lock's own note: {lock.last_note()}" if expected == "not_accepted" else "",
        )
