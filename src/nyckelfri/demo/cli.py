"""`nyckelfri demo`: watch the main job from import to log, in separate processes.

Everything runs on this machine: a server, a virtual radio, an entrance unit, a front-door lock
and work phones, under one declared clock (a Monday morning in the example municipality).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.panel import Panel

from nyckelfri.demo.afterwards import Afterwards
from nyckelfri.demo.processes import Backstage, Clockwork, DemoError
from nyckelfri.demo.report import Report
from nyckelfri.demo.story import Story

REPORT: Final = Path("demo-report.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `nyckelfri demo`."""
    parser.add_argument(
        "--check", action="store_true", help="end after the story: status 0 if all came out right"
    )
    parser.add_argument(
        "--phone", action="store_true", help="afterwards open the staff app in a window of Chromium"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="of the declared clock (1)")
    parser.add_argument("--report", type=Path, default=REPORT, metavar="FILE", help=f"({REPORT})")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep everybody's files and logs in DIR"
    )


def run(args: argparse.Namespace) -> int:
    """Tell the story; 0 if everything came out as it must."""
    console = Console(highlight=False, width=None if Console().is_terminal else 120)
    if not 0.1 <= args.speed <= 3600:
        console.print("--speed: give 0.1 to 3600")
        return 2
    with tempfile.TemporaryDirectory(prefix="nyckelfri-demo-") as folder:
        if args.keep is None:
            return _tell(args, Path(folder), console)
        args.keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(args.keep.iterdir()):
            console.print(f"{args.keep} is not empty: name a new folder")
            return 2
        return _tell(args, args.keep.resolve(), console)


def _tell(args: argparse.Namespace, folder: Path, console: Console) -> int:
    report = Report(console)
    begun = time.monotonic()
    console.print(
        Panel(
            "[bold]Nyckelfri[/bold]: a Monday morning in Björkvik\n"
            "[dim]server, virtual radio, entrance unit, door locks, seven phones and a "
            "staff app, each a process of its own[/dim]",
            border_style="cyan",
            expand=False,
        )
    )
    clockwork = Clockwork(folder / "clock", args.speed)
    with Backstage(folder, clockwork) as backstage:
        try:
            story = Story.set_up(backstage, report)
            story.tell()
        except DemoError as error:
            console.print(f"\n[bold red]The story broke off.[/bold red] {error}", markup=True)
            report.broken = str(error)
            report.write(args.report)
            return 1
        report.facts["seconds"] = round(time.monotonic() - begun, 1)
        report.summary()
        report.write(args.report)
        console.print(f"[dim]{args.report} holds every step; {report.facts['seconds']} s[/dim]")
        if not args.check:
            Afterwards(story, console, args.phone).stay()
    return 0 if report.good else 1
