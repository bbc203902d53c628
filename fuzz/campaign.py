"""Runs targets under libFuzzer, each in a process of its own, and says what came of it.

House rules: nothing that a target does ends the campaign; memory and time of each are bounded;
what was learnt stays in build/fuzz/, so that the next run goes on from there. An input that breaks
a target is written to fuzz/regressions/, where the tests find it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fuzz import CORPUS, REGRESSIONS, ROOT
from fuzz.scratch import PREFIX, parent
from fuzz.target import Target

WORK: Final = ROOT / "build" / "fuzz"
MEMORY: Final = 1024
"""Megabytes that a target may take."""
LEAST: Final = 5
"""Seconds that a target gets, however little time there is."""
GRACE: Final = 60
"""Seconds after its time at which a process that does not end is ended, and counts as hung."""

_STATUS: Final = re.compile(
    rb"^#(\d+)\s+[A-Za-z]+\s+cov: (\d+) ft: (\d+) corp: (\d+)", re.MULTILINE
)
_WRITTEN: Final = re.compile(rb"Test unit written to (\S+)")


@dataclass(frozen=True, slots=True)
class Result:
    """What one target's run came to; `crashes` are files with inputs, relative to the project."""

    name: str
    seconds: float
    executions: int
    coverage: int
    features: int
    fresh: int
    crashes: tuple[str, ...] = ()
    note: str = ""

    @property
    def broken(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.crashes or self.note)


@dataclass(slots=True)
class Campaign:
    """All runs of one call; `stop` ends them early, and what was done until then counts."""

    seconds: Mapping[str, int]
    jobs: int
    tell: Callable[[Result], None]
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _stopped: bool = False

    def run(self, targets: Mapping[str, tuple[str, Target]]) -> list[Result]:
        """Fuzz them, the longest first; results in the order of `targets`."""
        order = sorted(targets, key=lambda name: -self.seconds[name])
        found: dict[str, Result] = {}
        with ThreadPoolExecutor(self.jobs) as pool, _signals(self.stop):
            futures = [pool.submit(self._one, *targets[name]) for name in order]
            for future in as_completed(futures):
                result = future.result()
                if result is not None:
                    found[result.name] = result
                    self.tell(result)
        return [found[name] for name in targets if name in found]

    def stop(self) -> None:
        """End the running targets and begin no more."""
        self._stopped = True
        for process in list(self._running):
            process.terminate()

    def _one(self, module: str, target: Target) -> Result | None:
        if self._stopped:
            return None
        folder = WORK / target.name
        artifacts = REGRESSIONS / target.name
        for path in (folder / "corpus", artifacts):
            path.mkdir(parents=True, exist_ok=True)
        before = len(list((folder / "corpus").iterdir()))
        log = folder / "log.txt"
        began = time.monotonic()
        note = self._process(_command(module, target, self.seconds[target.name]), log)
        seconds = time.monotonic() - began
        with suppress(OSError):
            artifacts.rmdir()  # if it is empty
        fresh = len(list((folder / "corpus").iterdir())) - before
        return read_log(log.read_bytes(), target.name, seconds=seconds, fresh=fresh, note=note)

    def _process(self, command: Sequence[str], log: Path) -> str:
        """Run it to its end; what was wrong with that, if anything."""
        limit = self.seconds[command[4]] + GRACE
        # libFuzzer leaves a process without tidying up, so that is done here.
        with (
            log.open("wb") as out,
            tempfile.TemporaryDirectory(dir=parent(), prefix=PREFIX) as place,
        ):
            process = subprocess.Popen(  # noqa: S603 -- ourselves
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**_environment(), "TMPDIR": place},
            )
            self._running.add(process)
            try:
                status = process.wait(limit)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return f"did not end in time: see {log.relative_to(ROOT)}"
            finally:
                self._running.discard(process)
        if status == 0 or self._stopped:
            return ""
        return f"ended with status {status}: see {log.relative_to(ROOT)}"


def shares(
    targets: Mapping[str, tuple[str, Target]], *, minutes: float, jobs: int
) -> dict[str, int]:
    """Seconds for each target, so that all together take `minutes` on `jobs` processes."""
    total = sum(target.share for _, target in targets.values())
    return {
        name: max(LEAST, int(minutes * 60 * min(jobs, len(targets)) * target.share / total))
        for name, (_, target) in targets.items()
    }


def read_log(log: bytes, name: str, *, seconds: float, fresh: int, note: str) -> Result:
    """What libFuzzer said of a run."""
    told = _STATUS.findall(log)
    executions, coverage, features, _ = map(int, told[-1]) if told else (0, 0, 0, 0)
    crashes = tuple(
        os.path.relpath(path.decode(), ROOT) if path.startswith(b"/") else path.decode()
        for path in _WRITTEN.findall(log)
    )
    if not told and not note:
        note = "said nothing: see its log"
    return Result(name, round(seconds, 1), executions, coverage, features, fresh, crashes, note)


def _command(module: str, target: Target, seconds: int) -> list[str]:
    corpora = [str(WORK / target.name / "corpus")]
    corpora += [str(path) for path in (CORPUS / target.name,) if path.is_dir()]
    return [
        *(sys.executable, "-m", "fuzz.child", module, target.name),
        f"-max_total_time={seconds}",
        f"-max_len={target.longest}",
        f"-timeout={target.slow}",
        f"-rss_limit_mb={MEMORY}",
        f"-artifact_prefix={REGRESSIONS.relative_to(ROOT)}/{target.name}/",
        # Long inputs from the beginning: a story needs its length.
        "-len_control=0",
        "-print_final_stats=1",
        *corpora,
    ]


def _environment() -> dict[str, str]:
    """Ours, without a declared clock; the same order of sets in each run."""
    kept = {name: value for name, value in os.environ.items() if name != "NYCKELFRI_CLOCK"}
    return {
        **kept,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")]),
    }


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and a polite kill end the campaign with a report."""
    held = {
        number: signal.signal(number, lambda *_: stop())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
