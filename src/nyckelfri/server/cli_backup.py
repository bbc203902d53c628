"""`nyckelfri server backup, restore`: the database in a file, and back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final, TypeVar

from nyckelfri.server import actions_backup
from nyckelfri.server.actions_backup import BackupError
from nyckelfri.server.cli_words import ACTOR, Failed, say, tell

RESTORE: Final = "restore"
_NEXT: Final = """\
Nothing of the time after the backup is here. What now, in this order:
  1. nyckelfri server status                       whether it may sign, and if not, why
  2. nyckelfri server request --new-epoch -o …     signed by the root, then install-key-set
  3. nyckelfri audit accept --why …                the log's newest rows are only in the copies
  4. nyckelfri audit copy OTHER-DIRECTORY          the old copies stay as they are
  5. start the server; everybody signs in again, and the locks are asked for their journals"""
_T = TypeVar("_T")


def _backup(args: argparse.Namespace) -> int:
    made = _wrapped(lambda: actions_backup.make(args.file, actor=ACTOR, now=args.now))
    say(f"{made.path}: {made.size} bytes, audit log through row {made.number}")
    tell("No key is in it: copy the files of keys/ apart, each time a key set is installed")
    return 0


def _restore(args: argparse.Namespace) -> int:
    found, aside = _wrapped(
        lambda: actions_backup.restore(args.file, reason=args.why, actor=ACTOR, now=args.now)
    )
    say(f"{found.path} is in place, audit log through row {found.number}")
    if aside is not None:
        tell(f"What it replaced is kept as {aside}")
    tell(_NEXT)
    return 0


def _wrapped(deed: Callable[[], _T]) -> _T:
    try:
        return deed()
    except BackupError as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from None


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {"backup": _backup, RESTORE: _restore}
