"""`nyckelfri phone`: the reference phone.

House rules: exit status 0 it worked (the door is open), 1 it was refused or did not work, 2 the
call is wrong, 3 no lock was found or the link was lost. PIN and password never come from the
command line.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nyckelfri.door.reasons import Language
from nyckelfri.phone import desk
from nyckelfri.phone.account import SignInError, WipedError
from nyckelfri.phone.client import RefusedError, ServerError
from nyckelfri.phone.commission import CommissioningError, UnsureError
from nyckelfri.phone.context import PASSWORD_VARIABLE, PIN_VARIABLE, Context, UsageError
from nyckelfri.phone.luggage import NoGrantError
from nyckelfri.phone.release import ReleaseError
from nyckelfri.phone.screen import Screen
from nyckelfri.phone.store import Store, StoreError
from nyckelfri.phone.vault import VaultError, WrongPinError
from nyckelfri.phone.words import problem
from nyckelfri.radio.link import LinkError

REFUSED: Final = 1
USAGE: Final = 2
NO_LOCK: Final = 3
STATE: Final = Path("~/.nyckelfri-phone")

_EPILOG: Final = f"""\
PIN: prompt, --pin-file or {PIN_VARIABLE}. Password: prompt, --password-file or
{PASSWORD_VARIABLE}. Ten wrong PINs in a row wipe the phone: its key, keys to doors and addresses
are destroyed, and it must be enrolled again. Exit status: 0 done or door open, 1 refused, 2 wrong
call, 3 no lock found or link lost."""

_DOORSIDE: Final = "nyckelfri.phone.doorside"
_DESK: Final[dict[str, Callable[[Context], int]]] = {
    "enrol": desk.enrol,
    "sign-in": desk.sign_in,
    "sign-out": desk.sign_out,
    "sync": desk.sync,
    "list": desk.doors,
    "status": desk.status,
    "wipe": desk.wipe,
}
_AT_THE_DOOR: Final = {
    "open": "unlock",
    "lock": "lock",
    "carry": "carry",
    "commission": "commission",
    "release": "release",
}
_DID_NOT_WORK: Final = (
    CommissioningError,
    NoGrantError,
    ReleaseError,
    ServerError,
    SignInError,
    StoreError,
    VaultError,
    WipedError,
    WrongPinError,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `nyckelfri phone`."""
    parser.epilog = _EPILOG
    parser.allow_abbrev = False  # so that nobody's PIN is taken for the name of its file
    _common(parser, suppress=False)
    shared = argparse.ArgumentParser(add_help=False)
    _common(shared, suppress=True)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, what: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=what, description=what, parents=[shared], allow_abbrev=False
        )

    enrol = command("enrol", "make this phone one of the municipality's")
    enrol.add_argument("--server", required=True, metavar="URL", help="https://…")
    enrol.add_argument("--code", required=True, help="the one-time code")
    sign_in = command("sign-in", "say who holds the phone, and sync")
    sign_in.add_argument("username")
    sign_in.add_argument("--password-file", type=Path, metavar="FILE")
    command("sign-out", "deliver what waits, and forget the person and their keys")
    command("sync", "deliver journals, fetch keys and news")
    command("list", "doors that may be opened, now or next")
    for name, what in (("open", "unlock a door"), ("lock", "lock a door")):
        at = command(name, what)
        at.add_argument("door", help="label or installation id, or an unmistakable part")
        _radio(at)
    carry = command("carry", "bring news to locks of ours that are near, without opening")
    carry.add_argument("--seconds", type=float, default=30.0, help="how long to look (30)")
    _radio(carry)
    install = command("commission", "make a factory-new unit a lock (installers)")
    install.add_argument(
        "--unit",
        required=True,
        help="text of the label, NYCKELFRI:1:…, or - to read it from standard input",
    )
    install.add_argument("--as", required=True, dest="lock", metavar="LAS_ID")
    _radio(install)
    release = command("release", "let a unit go, so that it can be commissioned anew (installers)")
    release.add_argument("door", help="label or installation id, or an unmistakable part")
    release.add_argument(
        "--order", type=Path, metavar="FILE", help="root-signed release (the server's order)"
    )
    release.add_argument(
        "--gone",
        action="store_true",
        help="the link was lost at the end, and the unit no longer answers: its new label counts",
    )
    _radio(release)
    command("status", "how this phone is; needs no PIN")
    wipe = command("wipe", "destroy everything on this phone")
    wipe.add_argument("--yes", action="store_true", help="really")


def _common(parser: argparse.ArgumentParser, *, suppress: bool) -> None:
    """Options that may stand before or after the command."""

    def default(value: object) -> object:
        return argparse.SUPPRESS if suppress else value

    parser.add_argument(
        "--state", type=Path, default=default(STATE), metavar="DIR", help="folder of this phone"
    )
    parser.add_argument(
        "--pin-file", type=Path, default=default(None), metavar="FILE", help="where the PIN stands"
    )
    parser.add_argument("--lang", choices=("sv", "en"), default=default(None), help="language")
    parser.add_argument(
        "--json", action="store_true", default=default(value=False), help="JSON lines for machines"
    )
    parser.add_argument(
        "--verbose", action="store_true", default=default(value=False), help="log to stderr"
    )


def _radio(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--transport", default="usb:0", help="Bluetooth controller, as Bumble names it (usb:0)"
    )
    parser.add_argument(
        "--search", type=float, default=10.0, metavar="SECONDS", help="how long to look (10)"
    )


def run(args: argparse.Namespace) -> int:
    """One command; the exit status."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if args.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    language = _language(args.lang)
    screen = Screen(language, machine=args.json)
    try:
        with Store(args.state.expanduser()) as store:
            return _handler(args.command)(Context(args, store, screen))
    except UsageError as error:
        screen.problem(str(error), exit=USAGE)
        return USAGE
    except UnsureError as error:
        screen.problem(problem(error, language), exit=NO_LOCK, error=type(error).__name__)
        return NO_LOCK
    except _DID_NOT_WORK as error:
        code = {"code": error.code} if isinstance(error, RefusedError) else {}
        screen.problem(problem(error, language), exit=REFUSED, error=type(error).__name__, **code)
        return REFUSED
    except LinkError as error:
        screen.problem(str(error), exit=NO_LOCK)
        return NO_LOCK


def _language(wanted: str | None) -> Language:
    local = wanted or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "sv" if local.startswith("sv") else "en"


def _handler(command: str) -> Callable[[Context], int]:
    """The command's function; the radio is loaded only by those that use it."""
    if command in _DESK:
        return _DESK[command]
    doorside = importlib.import_module(_DOORSIDE)
    chosen: Callable[[Context], int] = getattr(doorside, _AT_THE_DOOR[command])
    return chosen
