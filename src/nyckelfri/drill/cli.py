"""`nyckelfri drill`: what can go wrong goes wrong, on a test installation of its own.

A server, three locks and work phones, each a process of its own in a folder that the drill makes.
Each scene says what will happen, breaks it, has the operator put it right with the commands of
every day, and proves from the logs what happened. A real installation is never touched.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from nyckelfri.demo import cast
from nyckelfri.demo.processes import Backstage, Clockwork, DemoError
from nyckelfri.drill import record
from nyckelfri.drill.ground import Ground, GroundError
from nyckelfri.drill.operator import AtKeyboard, Automatic, DrillError, Operator
from nyckelfri.drill.report import Language, Report
from nyckelfri.drill.scenes import SCENES
from nyckelfri.drill.stage import Stage
from nyckelfri.drill.town import CARER, UNITS, Town


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `nyckelfri drill`."""
    parser.add_argument(
        "scene", nargs="*", metavar="SCENE", help=f"which ({', '.join(SCENES)}; all)"
    )
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument(
        "--yes", action="store_true", help="do not wait for Enter; the commands are yours to type"
    )
    alone.add_argument(
        "--check", action="store_true", help="go by itself: status 0 if every proof held"
    )
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="a new folder, kept afterwards (a passing one)"
    )
    parser.add_argument("--language", choices=("sv", "en"), help="of the texts (the terminal's)")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="for the records: .html to read, or .json"
    )


def run(args: argparse.Namespace) -> int:
    """Hold the drill; 0 if every proof held, 1 if not, 2 for a call that is wrong."""
    console = Console(highlight=False, width=None if Console().is_terminal else 120)
    unknown = [name for name in args.scene if name not in SCENES]
    if unknown:
        console.print(f"Unknown: {', '.join(unknown)}. Scenes: {', '.join(SCENES)}")
        return 2
    if args.report is not None and args.report.suffix not in record.WRITERS:
        console.print(f"--report: end the name with {' or '.join(record.WRITERS)}")
        return 2
    report = Report(console, args.language or _language())
    with tempfile.TemporaryDirectory(prefix="nyckelfri-drill-") as passing:
        try:
            ground = Ground.make(args.folder or Path(passing))
        except (GroundError, OSError) as error:
            console.print(f"nyckelfri drill: {error}", markup=False)
            return 2
        _hold(args, ground, report)
    if args.report is not None:
        record.write(report, args.report)
    return 0 if report.good else 1


def _hold(args: argparse.Namespace, ground: Ground, report: Report) -> None:
    begun = time.monotonic()
    _welcome(ground, report)
    town: Town | None = None
    names = [name for name in SCENES if name in args.scene or not args.scene]
    with Backstage(ground.folder, Clockwork(ground.folder / "clock")) as backstage:
        try:
            with report.console.status(report.pick(("Ställer i ordning …", "Setting up …"))):
                town = _town(ground, backstage)
        except DemoError as error:
            report.broken = str(error)
        else:
            operator = _operator(args, town, report)
            for name in names:
                if not _play(name, town, operator, report):
                    break
    report.facts = {
        "held_at": datetime.now().astimezone().isoformat(sep=" ", timespec="minutes"),
        "scenes": names,
        "seconds": round(time.monotonic() - begun, 1),
        "installations": town.installations() if town is not None else {},
        "openings": [asdict(truth) for truth in town.truths] if town is not None else [],
    }
    report.summary()


def _town(ground: Ground, backstage: Backstage) -> Town:
    """A municipality at work: root, key set, a month of files, three locks, a carer."""
    town = Town.build(ground, backstage)
    town.let_it_be(23, "06:30")
    backstage.call("root", "root", "new", ground.folder / "root", "--insecure-demo")
    asked, signed = ground.folder / "first.request", ground.folder / town.in_force
    town.server.do("init", "--root", ground.folder / "root" / "root.cbor", "-o", asked)
    parts = [word for n in (1, 3) for word in ("--part", ground.folder / f"root/holder-{n}.pem")]
    backstage.call("root", "root", "sign", asked, *parts, "--yes", "-o", signed)
    town.server.do("install-key-set", signed)
    backstage.call("import", "import", cast.DATA, "--json")
    town.serve()
    town.install()
    town.join(CARER)
    town.let_it_be(23, "07:00")
    if set(town.visits(CARER, *((unit, "open") for unit in UNITS))) != {"granted"}:
        raise DemoError(f"the doors do not open\n{backstage.last_words('asking')}")
    town.phones[CARER].do("sync")
    return town


def _operator(args: argparse.Namespace, town: Town, report: Report) -> Operator:
    if args.check:
        return Automatic(town, report)
    return AtKeyboard(town, report, waits=not args.yes)


def _play(name: str, town: Town, operator: Operator, report: Report) -> bool:
    """One scene; whether the drill can go on."""
    scene = SCENES[name]
    town.let_it_be(*scene.begins)
    with report.scene(name, scene.title, town.now) as told:
        try:
            scene.play(Stage(town, operator, report, told))
        except (DemoError, DrillError, GroundError) as error:
            told.broken = str(error)
            report.say(f"Scenen avbröts: {error}", f"The scene broke off: {error}", "bold red")
            return False
    return True


def _welcome(ground: Ground, report: Report) -> None:
    title = report.pick(("övning för avbrott", "the outage drill"))
    where = report.pick(("på en egen testinstallation", "on a test installation of its own"))
    only = report.pick(("inget annat rörs", "nothing else is touched"))
    words = f"[bold]Nyckelfri[/bold]: {title}\n[dim]{where}: {ground.folder}; {only}[/dim]"
    report.console.print(Panel(words, border_style="cyan", expand=False))


def _language() -> Language:
    local = os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "sv" if local.startswith("sv") else "en"
