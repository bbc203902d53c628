"""`nyckelfri simulate`: let a municipality live through weeks with every fault, seed by seed.

House rules: what is asked is looked at before anything runs; what comes of it goes to standard
output, progress to standard error. Status: 0 all held, 1 something did not, 2 the call or the
files are wrong.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import Final, Never

from rich.console import Console

from nyckelfri.simulate import answers, report, stretches, terminal
from nyckelfri.simulate import town as towns
from nyckelfri.simulate.lived import Task
from nyckelfri.simulate.mishaps import BY_NAME
from nyckelfri.simulate.progress import Watching
from nyckelfri.simulate.shrink import Cut
from nyckelfri.simulate.stretches import Stretch
from nyckelfri.simulate.town import TownError
from nyckelfri.simulate.weeks import Weeks
from nyckelfri.simulate.workers import WorkerError, Workers

EXAMPLE: Final = Path(__file__).parents[1] / "demo/data/bjorkvik"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_ROOM: Final = 512 * 1024 * 1024
"""Bytes that a process's towns may need."""
_ALL: Final = "all"
_STOPPED: Final = "stopped before the end"
_MOST_SEEDS: Final = 100_000
_MOST_DAYS: Final = 366
_MOST_JOBS: Final = 256
_MOST_MINUTES: Final = 24 * 60
_MOST_DIGITS: Final = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `nyckelfri simulate`."""
    parser.add_argument(
        "files",
        nargs="?",
        type=Path,
        default=EXAMPLE,
        metavar="DIR",
        help="a municipality's files (Björkvik, the example that comes with the package)",
    )
    add = parser.add_argument
    add("--days", type=_days, default=7.0, help="to live through, from a Monday (7)")
    seeds = parser.add_mutually_exclusive_group()
    seeds.add_argument("--seed", type=_seed, metavar="N", help="whose chances decide (0)")
    seeds.add_argument("--seeds", type=_seeds, metavar="A-B", help="one stretch for each seed")
    add(
        "--from",
        dest="first",
        type=_monday,
        metavar="DATE",
        help="a Monday in the files (default: a seed chooses an ordinary week, or one in which "
        "summer time begins or ends)",
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--only", type=_kinds, metavar="NAMES", help="mishaps that may happen, with commas"
    )
    kinds.add_argument(
        "--without", type=_kinds, metavar="NAMES", help="mishaps that may not; all: none happens"
    )
    add("--keep", type=_ids, metavar="IDS", help="of all that is planned only these happen")
    add("--until", type=_moment, metavar="WHEN", help='the end, such as "2026-11-24 15:00"')
    add("--jobs", type=_jobs, default=2, metavar="N", help="processes side by side (2)")
    add("--json", type=_new_file, metavar="FILE", help="write what came of it as data")
    add("--report", type=_new_file, metavar="FILE", help="write a page to read, as HTML")
    add("--no-shrink", action="store_true", help="do not cut a failing stretch down")
    add(
        "--shrink-minutes",
        type=_minutes,
        default=5.0,
        metavar="N",
        help="the most that cutting down one failure may take (5)",
    )
    add("--list", action="store_true", help="say what may happen and what must hold, and end")


def run(args: argparse.Namespace) -> int:
    """Live through it; 0 all held, 1 something did not, 2 the call or the files are wrong."""
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    if args.list:
        terminal.write_list(out)
        return 0
    try:
        town = towns.read(args.files)
        if args.first is None:
            choice = stretches.known(town, args.days)
        else:
            choice = [stretches.starting(town, args.first, args.days)]
        tasks = [_task(args, choice, seed) for seed in _asked(args)]
        weeks = _live(args, tasks)
    except TownError as error:
        _complain(str(error))
        return 2
    terminal.write_outcome(out, weeks)
    written = [
        _write(args.json, weeks.as_json),
        _write(args.report, lambda: report.write(weeks)),
    ]
    if weeks.stopped:
        _complain(weeks.stopped)
        return 130 if weeks.stopped == _STOPPED else 1
    return 0 if weeks.good and all(written) else 1


def _write(path: Path | None, text: Callable[[], str]) -> bool:
    """Write a file that was asked for; whether that went."""
    if path is not None:
        try:
            path.write_text(text(), encoding="utf-8")
        except OSError as error:
            _complain(f"{path} cannot be written: {error.strerror}")
            return False
    return True


def _complain(text: str) -> None:
    print(f"nyckelfri simulate: {text}", file=sys.stderr)  # noqa: T201 - the terminal


def _live(args: argparse.Namespace, tasks: Sequence[Task]) -> Weeks:
    """Every seed, and what is left of the first failure of each rule."""
    weeks = Weeks(args.files, args.first, tasks)
    with (
        _stopping_in_order(),
        _folder(args.jobs) as folder,
        Watching(Console(stderr=True), len(tasks)) as watching,
        Workers(args.files, folder, min(args.jobs, len(tasks)), news=watching.step) as workers,
    ):
        for task in tasks:
            workers.ask(answers.live, task)
        try:
            for answer in workers.answers():
                if isinstance(answer, Cut):
                    weeks.add_cut(answer)
                    continue
                first = weeks.add(answer)
                watching.ended(answer.task.seed, terminal.verdict(answer))
                if first and not args.no_shrink:
                    workers.ask(answers.cut_down, answer, args.shrink_minutes)
        except WorkerError as error:
            weeks.stopped = str(error)
        except KeyboardInterrupt:
            weeks.stopped = _STOPPED
    return weeks


def _task(args: argparse.Namespace, choice: Sequence[Stretch], seed: int) -> Task:
    stretch = stretches.chosen(choice, seed)
    if args.until is not None and not stretch.begins < args.until <= stretch.ends:
        raise TownError(f"--until is not within the days of seed {seed}, {stretch.first} on")
    mishaps = tuple(BY_NAME)
    if args.only is not None:
        mishaps = tuple(name for name in BY_NAME if name in args.only)
    elif args.without is not None:
        mishaps = tuple(name for name in BY_NAME if name not in args.without)
    return Task(seed, stretch, mishaps, args.keep, args.until)


def _asked(args: argparse.Namespace) -> Sequence[int]:
    """The seeds."""
    if args.seeds is not None:
        seeds: range = args.seeds
        return seeds
    return [args.seed or 0]


@contextmanager
def _folder(jobs: int) -> Iterator[Path]:
    """A folder of our own, in memory where there is room, gone afterwards."""
    try:
        roomy = shutil.disk_usage(_MEMORY).free >= jobs * _ROOM and os.access(_MEMORY, os.W_OK)
    except OSError:
        roomy = False
    kept = tempfile.TemporaryDirectory(
        prefix="nyckelfri-simulate-", dir=_MEMORY if roomy else None, ignore_cleanup_errors=True
    )
    with kept as folder:
        yield Path(folder)


@contextmanager
def _stopping_in_order() -> Iterator[None]:
    """Let whoever stops this process find the folder gone, as after Ctrl-C."""

    def stop(_signal: int, _frame: FrameType | None) -> Never:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


# What an argument may be.


def _between(text: str, low: float, high: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text!r}: give {what} from {low:g} to {high:g}")
    return number


def _days(text: str) -> float:
    return _between(text, 0.25, _MOST_DAYS, "days")


def _minutes(text: str) -> float:
    return _between(text, 0.01, _MOST_MINUTES, "minutes")


def _whole(text: str, low: int, high: int, what: str) -> int:
    short = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    if not short or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{text!r}: give {what} from {low} to {high}")
    return int(text)


def _jobs(text: str) -> int:
    return _whole(text, 1, _MOST_JOBS, "a number of processes")


def _seed(text: str) -> int:
    return _whole(text, 0, 2**63 - 1, "a whole number")


def _seeds(text: str) -> range:
    first, dash, last = text.partition("-")
    found = range(_seed(first), _seed(last) + 1) if dash else range(0)
    if not 0 < len(found) <= _MOST_SEEDS:
        raise argparse.ArgumentTypeError(
            f"{text!r}: give the first and the last of at most {_MOST_SEEDS} seeds, such as 1-100"
        )
    return found


def _monday(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: give a date such as 2026-11-23") from None
    if day.weekday():
        raise argparse.ArgumentTypeError(f"{text} is a {day:%A}: give a Monday")
    return day


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return towns.moment(text) if moment.tzinfo is None else int(moment.timestamp())
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f'{text!r}: give a local time such as "2026-11-24 15:00"'
        ) from None


def _kinds(text: str) -> frozenset[str]:
    names = frozenset(text.split(","))
    if names == {_ALL}:
        return frozenset(BY_NAME)
    unknown = sorted(names - set(BY_NAME))
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no mishap is called {', '.join(map(repr, unknown))}; --list names them all"
        )
    return names


def _ids(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))


def _new_file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: give the name of a file in a folder that exists")
    return path
