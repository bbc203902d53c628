"""How a scene is played: what is told, broken, typed, tried at a door, and proven.

House rule: a scene says what happens and what must come back; how stands here and in `town.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nyckelfri.demo.cast import Person, Unit
from nyckelfri.drill import proofs, readings
from nyckelfri.drill.operator import Operator
from nyckelfri.drill.proofs import Finding
from nyckelfri.drill.readings import Logs
from nyckelfri.drill.report import Proof, Report, SceneReport, Step, Text
from nyckelfri.drill.town import CARER, Town, Try

_DOES: Final = {"open": ("öppnar", "opens"), "lock": ("låser", "locks")}
_CARER: Final = ("undersköterskan", "the carer")
_TRIES: Final = ("prövar", "tries")
_DOORS: Final = {
    "L0021": ("porten", "the entrance"),
    "L0092": ("ytterdörren", "the front door"),
    "L0023": ("den andra dörren", "the other door"),
}


@dataclass(slots=True)
class Stage:
    """A scene that is being played."""

    town: Town
    operator: Operator
    report: Report
    scene: SceneReport

    def tell(self, swedish: str, english: str) -> None:
        """Say what will happen, and wait for the operator."""
        self._step(Step("told", (swedish, english), self.town.now))
        self.operator.ready()

    def breaks(self, swedish: str, english: str, deed: Callable[[], object]) -> None:
        """Break something, for real."""
        self.town.ground.require()
        if all(step.kind != "broken" for step in self.scene.steps):
            self.town.silence = {}
        deed()
        self._step(Step("broken", (swedish, english), self.town.now))

    def orders(self, line: str, *, why: Text | None = None, expected: int = 0) -> None:
        """Have the operator type a command, and say `why` in it; it must end with `expected`."""
        if why is not None:
            line = f'{line} --why "{self.report.pick(why)}"'
        status = self.operator.does(line, (expected,))
        ended = f"exit {expected}", f"exit {status}"
        self._step(Step("command", (line, line), self.town.now, *ended))

    def door(
        self,
        person: Person,
        unit: Unit,
        command: str,
        who: Text = _CARER,
        *,
        expected: str = "granted",
    ) -> None:
        """Somebody at a door."""
        verb = _DOES[command] if expected == "granted" else _TRIES
        there = expected != "no lock found"
        (came_back,) = self.town.visits(person, (unit, command), there=there)
        self._at_door((f"{who[0]} {verb[0]}", f"{who[1]} {verb[1]}"), unit, expected, came_back)

    def doors(self, person: Person, *tries: Try, who: Text = _CARER) -> None:
        """Somebody at doors that all open and lock."""
        for (unit, command), came_back in zip(tries, self.town.visits(person, *tries), strict=True):
            verb = _DOES[command]
            what = f"{who[0]} {verb[0]}", f"{who[1]} {verb[1]}"
            self._at_door(what, unit, "granted", came_back)

    def thief(self, unit: Unit, key: Path, *, expected: str) -> None:
        """A thief with a stolen grant key at a door."""
        forged = ("forged-grant", "--key", str(key))
        came_back = self.town.intrude(CARER, unit, *forged, number=None)
        who = ("tjuven prövar ett eget bevis på", "the thief tries a grant of their own at")
        self._at_door(who, unit, expected, came_back)

    def copy_of(self, person: Person, unit: Unit, *, expected: str) -> None:
        """Whoever has a lost phone gets round it, and shows what it held without asking it."""
        came_back = self.town.intrude(person, unit, "as-is", number=person.number)
        who = ("den som hittat telefonen går förbi appen vid", "the finder gets round the app at")
        self._at_door(who, unit, expected, came_back)

    def _at_door(self, who: Text, unit: Unit, expected: str, came_back: str) -> None:
        door = _DOORS[unit.lock]
        what = f"{who[0]} {door[0]}", f"{who[1]} {door[1]}"
        self._step(Step("done", what, self.town.now, expected, came_back))

    def phone(
        self, swedish: str, english: str, deed: Callable[[], dict[str, Any]], expected: str = "done"
    ) -> dict[str, Any]:
        """Somebody does something on a phone; `expected` is "done", an error's code or name."""
        result = deed()
        came_back = "done" if result.get("ok") else result.get("code") or result.get("error") or ""
        self._step(Step("done", (swedish, english), self.town.now, expected, str(came_back)))
        return result

    def proves(self, swedish: str, english: str, finding: Finding) -> None:
        """A claim, and what the logs say of it."""
        self.report.proof(self.scene, Proof((swedish, english), finding))

    def learns(self, swedish: str, english: str) -> None:
        """What cannot be had back, or must be done in earnest."""
        self.scene.lessons.append((swedish, english))
        self.report.say(f"→ {swedish}", f"→ {english}", "yellow")

    def proves_the_log(self) -> Logs:
        """What must hold after every scene: openings, journals, audit log, outboxes."""
        town = self.town
        logs = readings.logs(town.backstage)
        self.proves(
            "Allt vid dörrarna står i loggen, en gång, med rätt person och tid, och inget annat",
            "All that happened at doors is in the log, once, by whom and when, and nothing else",
            proofs.openings(town.truths, logs.openings, nameless=town.nameless),
        )
        self.proves(
            "Varje rad som låsen själva har skrivit är hos servern, ingen är förlorad",
            "Every entry that the locks themselves have written is at the server, none is lost",
            proofs.journals(town.made(), logs.journals),
        )
        self.proves(
            "Händelseloggen är hel, rad för rad (nyckelfri audit verify)",
            "The audit log is whole, row by row (nyckelfri audit verify)",
            proofs.log_whole(logs.proof),
        )
        self.proves(
            "Ingen telefon i bruk bär något som servern inte har",
            "No phone in use carries anything that the server has not got",
            proofs.nothing_waits(town.waiting()),
        )
        self.scene.silence, town.silence = dict(town.silence), {}
        return logs

    def sign(self, asked: str, signed: str, holders: Sequence[int] = (1, 3)) -> None:
        """Have the holders of the root sign a request, and see what it changes."""
        parts = " ".join(f"--part root/holder-{n}.pem" for n in holders)
        against = f"--against {self.town.in_force}"
        self.orders(f"nyckelfri root sign {asked} {parts} {against} -o {signed}")

    def changes_keys(self, name: str, change: str) -> None:
        """Have a key set asked for, signed by two holders and put in force."""
        asked, signed = f"{name}.request", f"{name}.signed"
        self.orders(f"nyckelfri server request {change} -o {asked}")
        self.sign(asked, signed)
        self.orders(f"nyckelfri server install-key-set {signed}")
        self.town.in_force = signed

    def file(self, name: str) -> Path:
        """A file on the drill's ground."""
        return self.town.backstage.folder / name

    def signs_in(self, person: Person) -> dict[str, Any]:
        """A shift begins."""
        return self.town.phones[person].sign_in()

    def sync(self, person: Person, *, expected: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """A phone syncs."""
        return self.town.phones[person].do("sync", expected=expected)

    def _step(self, step: Step) -> None:
        self.report.step(self.scene, step)
