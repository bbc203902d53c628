"""The drill on paper: a page to read and to keep, or JSON.

House rules: one file without anything from elsewhere; written beside and put into place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any, Final

from nyckelfri import __version__
from nyckelfri.drill.report import Proof, Report, SceneReport, Step, Text, failures, hours, show

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top;
padding: .3rem .6rem; border-bottom: 1px solid #ccc } .good { color: #06612f }
.bad { color: #a4000f; font-weight: bold } time { color: #595959 }
code { background: #f2f2f2; padding: 0 .3rem }
li { margin: .2rem 0 } @media print { body { margin: 0 } }
"""


def as_json(report: Report) -> str:
    """Everything, for machines."""
    scenes = [
        {
            "name": scene.name,
            "title": scene.title,
            "good": scene.good,
            "broken": scene.broken,
            "silence_seconds": scene.silence,
            "steps": [{**asdict(step), "good": step.good} for step in scene.steps],
            "proofs": [_proof(proof) for proof in scene.proofs],
            "lessons": scene.lessons,
        }
        for scene in report.scenes
    ]
    content = {**report.facts, "good": report.good, "broken": report.broken, "played": scenes}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _proof(proof: Proof) -> dict[str, Any]:
    finding = proof.finding
    said = {"claim": proof.claim, "held": finding.held, "count": finding.count}
    return {**said, "faults": list(finding.faults)}


def as_html(report: Report) -> str:
    """A page for the file of the exercise, in the drill's language."""

    def say(*text: str) -> str:
        return escape(report.pick((text[0], text[1])))

    title = say("Övning för avbrott", "The outage drill")
    held = say("Genomförd", "Held")
    who = say("Deltagare", "Participants")
    after = say("Åtgärder efter övningen", "What is to be done after it")
    where = say(
        "På en testinstallation, vars klocka ställdes", "On a test installation, its clock set"
    )
    moments = [step.at for scene in report.scenes for step in scene.steps] or [0]
    first, last = (show(at, report.language) for at in (min(moments), max(moments)))
    verdict = (
        say("Allt gick att bevisa ur loggarna.", "The logs prove all of it.")
        if report.good
        else say("Allt gick inte att bevisa.", "Not all of it could be proven.")
    )
    head = (
        f'<!doctype html>\n<html lang="{report.language}">\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n<h1>{title}</h1>\n"
        f"<p>{held} {escape(report.facts.get('held_at', ''))}, nyckelfri {__version__}. "
        f"{where} {first} – {last}.</p>\n<p>{who}:</p>\n<p>{after}:</p>\n"
        f"<p class={'good' if report.good else 'bad'}>{verdict} {escape(report.broken)}</p>\n"
    )
    scenes = [_scene(scene, number, report) for number, scene in enumerate(report.scenes, 1)]
    return head + "".join(scenes) + "</html>\n"


def _scene(scene: SceneReport, number: int, report: Report) -> str:
    def say(text: Text) -> str:
        return escape(report.pick(text))

    rows = "".join(
        f"<tr><td class={'good' if proof.finding.held else 'bad'}>"
        f"{'✓' if proof.finding.held else '✗'}<td>{proof.finding.count}<td>{say(proof.claim)}"
        f"{''.join(f'<br><code>{escape(fault)}</code>' for fault in proof.finding.faults)}\n"
        for proof in scene.proofs
    )
    steps = "".join(_step(step, report) for step in scene.steps)
    silence = ", ".join(f"{lock} {hours(s)}" for lock, s in sorted(scene.silence.items()))
    lessons = "".join(f"<li>{say(text)}\n" for text in scene.lessons)
    wrong = "".join(
        f"<p class=bad>{escape(words)}</p>\n" for words in failures(scene, report.language)
    )
    headings = (("", ""), ("prövat", "looked at"), ("bevis", "proof"))
    return (
        f"<h2>{number}. {say(scene.title)}</h2>\n{wrong}<ol>\n{steps}</ol>\n<table><tr>"
        f"{''.join(f'<th>{say(heading)}' for heading in headings)}\n{rows}</table>\n"
        f"<p>{say(('Längst utan nyheter', 'Longest without news'))}: {escape(silence) or '–'}</p>\n"
        f"<ul>\n{lessons}</ul>\n"
    )


def _step(step: Step, report: Report) -> str:
    what = escape(report.pick(step.what))
    if step.kind == "told":
        return f"<li><em>{what}</em>\n"
    said = f"<code>{what}</code>" if step.kind == "command" else what
    outcome = report.outcome(step.came_back)
    came_back = f" – {escape(outcome)}" if outcome else ""
    style = "" if step.good else " class=bad"
    mark = "⚡ " if step.kind == "broken" else ""
    return f"<li{style}><time>{show(step.at, report.language)}</time> {mark}{said}{came_back}\n"


WRITERS: Final[dict[str, Callable[[Report], str]]] = {".html": as_html, ".json": as_json}


def write(report: Report, path: Path) -> None:
    """Write it in the form that the name's end asks for."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(WRITERS[path.suffix](report), "utf-8")
    fresh.replace(path)
