"""What the drill tells: to the operator on the terminal, and as a file for the records.

House rules: each text is said in Swedish and in English, side by side where it is used; a
scene is good only if every step came out as it must and every proof held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from nyckelfri.drill.proofs import Finding

Language = Literal["sv", "en"]
Text = tuple[str, str]
"""The same in Swedish and in English."""
_SWEDEN: Final = ZoneInfo("Europe/Stockholm")
_DAYS: Final = {
    "sv": ("mån", "tis", "ons", "tor", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_OUTCOMES: Final[dict[str, Text]] = {
    "done": ("", ""),
    "granted": ("", ""),
    "lock_fault": ("låset orkar inte", "the lock has no power to"),
    "no lock found": ("inget lås svarar", "no lock answers"),
    "phone_blocked": ("spärrad telefon", "blocked phone"),
    "not_accepted": ("låset godtar det inte", "the lock does not accept it"),
    "unknown_phone": ("okänd telefon", "unknown phone"),
    "UnreachableError": ("servern ger inget", "the server gives nothing"),
    "exit 0": ("", ""),
    "exit 1": ("vägras", "refused"),
}
"""What comes back, in words, where it is more than that it was done."""
_MARKS: Final = {"broken": (" ⚡ ", "bold red"), "command": (" $ ", "bold cyan")}
_WRONG: Final = (" ✗ ", "bold red")
_SHOWN_FAULTS: Final = 5


def show(moment: float, language: Language) -> str:
    """Day and clock in Sweden, for people."""
    there = datetime.fromtimestamp(moment, _SWEDEN)
    return f"{_DAYS[language][there.weekday()]} {there:%d/%m %H:%M}"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done or broken: what must come back, and what did."""

    kind: Literal["told", "broken", "command", "done"]
    what: Text
    at: float
    expected: str = ""
    came_back: str = ""

    @property
    def good(self) -> bool:
        """Whether it came out as it must."""
        return self.came_back == self.expected


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim, and what the logs say of it."""

    claim: Text
    finding: Finding


@dataclass(slots=True)
class SceneReport:
    """One scene: its steps, its proofs, and for each door its longest time without news."""

    name: str
    title: Text
    steps: list[Step] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    lessons: list[Text] = field(default_factory=list)
    """What cannot be had back, and what is to be done."""
    silence: dict[str, float] = field(default_factory=dict)
    """Seconds, by lock."""
    broken: str = ""
    """Why it broke off, if it did."""

    @property
    def good(self) -> bool:
        """Whether everything came out as it must and is proven."""
        proven = bool(self.proofs) and all(proof.finding.held for proof in self.proofs)
        return proven and not self.broken and all(step.good for step in self.steps)


@dataclass(slots=True)
class Report:
    """Grows with the drill, and speaks to the console as it does."""

    console: Console
    language: Language
    scenes: list[SceneReport] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    broken: str = ""
    """Why nothing could be drilled, if so."""

    def pick(self, text: Text) -> str:
        """The text in the language that was chosen."""
        return text[0] if self.language == "sv" else text[1]

    def outcome(self, came_back: str) -> str:
        """What came back in words; nothing where it was done."""
        return self.pick(_OUTCOMES.get(came_back, (came_back, came_back)))

    def say(self, swedish: str, english: str, style: str = "") -> None:
        """A paragraph for the operator."""
        words = Line(self.pick((swedish, english)), style)
        self.console.print(Padding(words, (0, 3)))

    @contextmanager
    def scene(self, name: str, title: Text, at: float) -> Iterator[SceneReport]:
        """A part of the drill, from its title to its end."""
        made = SceneReport(name, title)
        self.scenes.append(made)
        self.console.print()
        clock = show(at, self.language)
        number = f"{len(self.scenes)}. "
        self.console.rule(
            f"[bold]{number}{self.pick(title)}[/bold]  [dim]{clock}[/dim]",
            align="left",
            style="cyan",
        )
        yield made

    def step(self, scene: SceneReport, step: Step) -> None:
        """Something was done, or is told."""
        scene.steps.append(step)
        if step.kind == "told":
            self.say(*step.what)
            return
        loud = step.kind in _MARKS
        line = Line()
        line.append(*_MARKS.get(step.kind, (" ✓ ", "bold green")) if step.good else _WRONG)
        line.append(show(step.at, self.language)[-5:] + "  ", "dim")
        line.append(self.pick(step.what), "bold" if loud else "")
        if outcome := self.outcome(step.came_back):
            line.append(f"  {outcome}", "yellow")
        if not step.good:
            wanted = self.pick(("väntat", "expected"))
            line.append(f"  ({wanted}: {self.outcome(step.expected) or 'ok'})", "bold red")
        self.console.print(line, soft_wrap=True)

    def proof(self, scene: SceneReport, proof: Proof) -> None:
        """The logs were asked."""
        scene.proofs.append(proof)
        finding = proof.finding
        line = Line()
        line.append(*(" ■ ", "bold green") if finding.held else _WRONG)
        line.append(f"{finding.count:5}  ", "bold")
        line.append(self.pick(proof.claim))
        self.console.print(line, soft_wrap=True)
        for fault in finding.faults[:_SHOWN_FAULTS]:
            self.console.print(Line(f"          {fault}", "red"), soft_wrap=True)
        if len(finding.faults) > _SHOWN_FAULTS:
            self.console.print(Line(f"          … {len(finding.faults)}", "red"))

    @property
    def good(self) -> bool:
        """Whether every scene that was played is."""
        return bool(self.scenes) and not self.broken and all(scene.good for scene in self.scenes)

    def summary(self) -> None:
        """The end, as a table."""
        headings = (
            ("scen", "scene"), ("bevis", "proofs"), ("prövat", "looked at"),
            ("längst utan nyheter", "longest without news"), ("utfall", "outcome"),
        )  # fmt: skip
        table = Table(title=self.pick(("Övningen", "The drill")), title_justify="left")
        for heading in headings:
            table.add_column(self.pick(heading))
        for scene in self.scenes:
            held = sum(proof.finding.held for proof in scene.proofs)
            table.add_row(
                self.pick(scene.title),
                f"{held}/{len(scene.proofs)}",
                str(sum(proof.finding.count for proof in scene.proofs)),
                "\n".join(f"{lock} {hours(s)}" for lock, s in sorted(scene.silence.items())),
                Line("✓", "bold green") if scene.good else Line("✗", "bold red"),
            )
        self.console.print()
        self.console.print(table)
        if self.good:
            self.say("Allt gick att bevisa ur loggarna.", "The logs prove all of it.", "bold green")
        wrong = [words for scene in self.scenes for words in failures(scene, self.language)]
        for words in [*([self.broken] if self.broken else []), *wrong]:
            self.console.print(Line(f"   {words}", "bold red"), soft_wrap=True)


def failures(scene: SceneReport, language: Language) -> Iterator[str]:
    """What did not come out as it must, in words."""
    which = 0 if language == "sv" else 1
    if scene.broken:
        yield f"{scene.title[which]}: {scene.broken}"
    for step in scene.steps:
        if not step.good:
            yield f"{step.what[which]}: {step.came_back} ≠ {step.expected}"
    for proof in scene.proofs:
        if not proof.finding.held:
            yield f"{proof.claim[which]}: {'; '.join(proof.finding.faults) or '0'}"


def hours(seconds: float) -> str:
    """A length of time, for people."""
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min"
