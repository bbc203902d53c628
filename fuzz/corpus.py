"""The corpus: seeds that the targets make themselves, and what a campaign found worth keeping.

House rule: small enough to be read in a review. Seeds have names; what was found is called
found-…, is short, and only what adds coverage is kept.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fuzz import CORPUS, REGRESSIONS, ROOT
from fuzz.campaign import WORK
from fuzz.scratch import PREFIX, parent
from fuzz.target import Target

MAX_BYTES: Final = 1_000_000
"""Of the whole corpus."""
KEPT: Final = 8
"""Inputs kept of what a campaign finds for a target."""
KEPT_BYTES: Final = 600
"""Of each of them."""
_FOUND: Final = "found-"


def inputs(target: Target) -> Iterator[tuple[Path, bytes]]:
    """The committed inputs of a target: corpus, then regressions."""
    for folder in (CORPUS / target.name, REGRESSIONS / target.name):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                yield path, path.read_bytes()


def seeds(target: Target) -> dict[str, bytes]:
    """What a target's seed files hold, by file name; equal ones once."""
    named: dict[str, bytes] = {}
    for name, data in target.seeds():
        if data not in named.values() and len(data) <= target.longest:
            free = name
            while free in named:
                free += "-"
            named[free] = data
    return named


def write_seeds(target: Target) -> int:
    """Make the seed files of a target what they should be; their number."""
    folder = CORPUS / target.name
    folder.mkdir(parents=True, exist_ok=True)
    wanted = seeds(target)
    for path in folder.iterdir():
        if path.name not in wanted and not path.name.startswith(_FOUND):
            path.unlink()
    for name, data in wanted.items():
        (folder / name).write_bytes(data)
    return len(wanted)


def keep(module: str, target: Target) -> int:
    """Keep the shortest inputs that reach what seeds do not; how many."""
    found = WORK / target.name / "corpus"
    folder = CORPUS / target.name
    if not found.is_dir():
        return 0
    for path in folder.glob(f"{_FOUND}*"):
        path.unlink()
    with TemporaryDirectory(dir=parent(), prefix=PREFIX) as place:
        merged, temporary = Path(place, "merged"), Path(place, "temporary")
        merged.mkdir()
        temporary.mkdir()
        for name, data in seeds(target).items():
            (merged / name).write_bytes(data)
        known = {path.name for path in merged.iterdir()}
        command = [sys.executable, "-m", "fuzz.child", module, target.name, "-merge=1"]
        subprocess.run(  # noqa: S603 -- ourselves
            [*command, f"-max_len={KEPT_BYTES}", str(merged), str(found)],
            env={**os.environ, "TMPDIR": str(temporary)},
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        fresh = [path.read_bytes() for path in merged.iterdir() if path.name not in known]
    chosen = sorted((data for data in fresh if len(data) <= KEPT_BYTES), key=lambda d: (len(d), d))
    for data in chosen[:: max(1, len(chosen) // KEPT)][:KEPT]:
        name = _FOUND + hashlib.sha256(data).hexdigest()[:12]
        (folder / name).write_bytes(data)
    return min(len(chosen), KEPT)
