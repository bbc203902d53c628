"""The page that tells what came of a simulation: the verdict first, each seed after it.

House rules: one file that needs nothing else, not even a network; the console's own style, so that
it reads light and dark, wide and narrow, and on paper. The template gets words, no numbers: Django
is not set up where this is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from nyckelfri.simulate import score
from nyckelfri.simulate.history import Happening
from nyckelfri.simulate.invariant import ALWAYS
from nyckelfri.simulate.lived import Lived
from nyckelfri.simulate.mishaps import ALL as MISHAPS
from nyckelfri.simulate.shrink import Cut
from nyckelfri.simulate.weeks import Weeks, counted

_PAGE: Final = Path(__file__).parent / "page"
_CONSOLE: Final = Path(__file__).parents[1] / "server/console/static/console/console.css"
_AROUND: Final = 150
"""Lines of a failed seed's history that are shown before its end."""
_OPEN: Final = 3
"""With more seeds than these, those that held are folded together."""


def write(weeks: Weeks) -> str:
    """The page as HTML."""
    style = _CONSOLE.read_text("utf-8") + (_PAGE / "page.css").read_text("utf-8")
    template = Engine(dirs=[str(_PAGE)]).get_template("page.html")
    return template.render(Context({"style": mark_safe(style), **_told(weeks)}))  # noqa: S308 - ours


def _told(weeks: Weeks) -> dict[str, Any]:
    lived = weeks.ordered
    return {
        "good": weeks.good,
        "headline": weeks.verdict,
        "stopped": weeks.stopped,
        "lead": _lead(weeks),
        "figures": _figures(weeks),
        "failures": [_failure(weeks, each) for each in weeks.failed],
        "rules": list(_rules(weeks)),
        "mishaps": list(_mishaps(weeks)),
        "decisions": _by_kind(lived),
        "overview": score.of_all(lived) if len(lived) > 1 else None,
        "seeds": [_seed(weeks, each) for each in lived],
    }


def _lead(weeks: Weeks) -> str:
    if not weeks.lived:
        return "No seed came to its end."
    some = weeks.ordered[0]
    return (
        f"A municipality with {some.doors} doors and {some.phones} work phones lived through "
        f"{counted(len(weeks.lived), 'stretch', 'stretches')} of "
        f"{counted(some.task.stretch.days, 'day')}: the real code of locks, phones and server "
        "under one virtual clock, and whatever can go wrong."
    )


def _figures(weeks: Weeks) -> list[tuple[str, str]]:
    lived = weeks.ordered
    held = len(lived) - len(weeks.failed)
    past = sum(s.samples[-1].at - s.task.stretch.begins for s in lived if s.samples)
    spent = sum(s.spent for s in lived)
    counts: Counter[str] = sum((Counter(each.counts) for each in lived), Counter())
    return [
        (f"{held} of {len(weeks.tasks)}", "seeds held"),
        (f"{past / 86_400:.1f}", "days simulated"),
        (_grouped(sum(each.openings for each in lived)), "motor starts"),
        (_grouped(counts["in"]), "visits"),
        (_grouped(counts["synced"]), "syncs"),
        (_grouped(weeks.mishaps.total()), "mishaps"),
        (_grouped(weeks.checked.total()), "checks"),
        (_long(spent), "of one processor"),
    ]


def _failure(weeks: Weeks, lived: Lived) -> dict[str, str]:
    assert lived.broken is not None  # noqa: S101 - only failed ones come here
    return {
        "seed": str(lived.task.seed),
        "rule": lived.broken.rule,
        "text": lived.broken.text,
        "at": score.moment(lived.broken.at),
        "cut": _cut_said(weeks.cuts.get(lived.task.seed)),
    }


def _cut_said(cut: Cut | None) -> str:
    if cut is None:
        return ""
    said = (
        f"{len(cut.lived.items)} of {cut.items} happenings are enough, found in {cut.tries} tries"
    )
    return said if cut.whole else f"{said}; there was no time to look for fewer"


def _rules(weeks: Weeks) -> Iterator[dict[str, Any]]:
    from nyckelfri.simulate.invariants import ALL  # noqa: PLC0415 - they know the world

    texts = {rule.name: rule.text for rule in ALL} | ALWAYS
    broken: dict[str, list[str]] = {}
    for lived in weeks.failed:
        assert lived.broken is not None  # noqa: S101 - only failed ones are there
        broken.setdefault(lived.broken.rule, []).append(str(lived.task.seed))
    for name in {**texts, **weeks.checked, **broken}:
        checked = weeks.checked.get(name, 0)
        yield {
            "name": name,
            "text": texts.get(name, ""),
            "checked": "always" if name in ALWAYS else _grouped(checked),
            "broken": broken.get(name, []),
            "idle": not checked and name not in ALWAYS,
        }


def _mishaps(weeks: Weeks) -> Iterator[dict[str, str]]:
    most = max(weeks.mishaps.values(), default=1)
    for each in MISHAPS:
        times = weeks.mishaps.get(each.name, 0)
        yield {
            "name": each.name,
            "text": each.text,
            "threats": " ".join(f"T{threat}" for threat in each.threats),
            "times": _grouped(times),
            "share": f"{100 * times / most:.1f}",
        }


def _by_kind(all_lived: Sequence[Lived]) -> list[tuple[str, str]]:
    found = Counter(item.id.partition(":")[0] for lived in all_lived for item in lived.decided)
    return [(name, _grouped(times)) for name, times in sorted(found.items())]


def _seed(weeks: Weeks, lived: Lived) -> dict[str, Any]:
    task, broken = lived.task, lived.broken
    cut = weeks.cuts.get(task.seed)
    hours = (lived.samples[-1].at - task.stretch.begins) / 3600 if lived.samples else 0
    return {
        "seed": str(task.seed),
        "first": f"{task.stretch.first:%a} {task.stretch.first.day} {task.stretch.first:%b %Y}",
        "moved": f"moved {task.stretch.weeks:+d} weeks".replace("-", "−")
        if task.stretch.weeks
        else "as in the files",
        "starts": _grouped(lived.openings),
        "visits": _grouped(lived.counts.get("in", 0)),
        "syncs": _grouped(lived.counts.get("synced", 0)),
        "mishaps": _grouped(len(lived.happened)),
        "decisions": _grouped(len(lived.decided)),
        "checks": _grouped(sum(lived.checked.values())),
        "speed": f"{hours * 60 / lived.spent:.0f}" if lived.spent else "",
        "held": broken is None,
        "open": broken is not None or len(weeks.lived) <= _OPEN,
        "digest": lived.digest[:16],
        "score": score.of_one(lived),
        "failure": _failure(weeks, lived) if broken is not None else None,
        "lines": _lines(lived.lines[-_AROUND:]),
        "hidden": _grouped(max(0, len(lived.lines) - _AROUND)),
        "replay": weeks.replay(task),
        "cut": None
        if cut is None
        else {
            "lines": _lines(cut.lived.lines[-_AROUND:]),
            "hidden": _grouped(max(0, len(cut.lived.lines) - _AROUND)),
            "items": [(item.id, score.moment(item.at)) for item in cut.lived.items],
            "replay": weeks.replay(cut.lived.task),
        },
    }


def _lines(lines: Sequence[Happening]) -> list[dict[str, str]]:
    return [
        {
            "at": score.second(line.at / 1000),
            "who": line.who,
            "what": line.what,
            "more": line.more,
            "kind": "bad" if line.what == "violation" else "",
        }
        for line in lines
    ]


def _grouped(number: int) -> str:
    """With thin spaces between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def _long(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
