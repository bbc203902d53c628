"""The command `nyckelfri`.

House rules: each room brings its own subcommand in a `cli.py` with `add_arguments(parser)` and
`run(args) -> int`; only the chosen room is loaded, so a lock never loads the server.
Exit status: 0 done, 1 it did not work, 2 the input or the call is wrong.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nyckelfri import __version__


@dataclass(frozen=True, slots=True)
class Subcommand:
    """Where a subcommand lives, what it does, and the extra that it needs ("" for none)."""

    module: str
    help: str
    extra: str


SUBCOMMANDS: Final = {
    "demo": Subcommand("nyckelfri.demo.cli", "watch an opening from import to log", "server,lock"),
    "drill": Subcommand(
        "nyckelfri.drill.cli", "drill outages on a test installation", "server,lock"
    ),
    "import": Subcommand(
        "nyckelfri.server.importer.cli", "import a municipality's files", "server"
    ),
    "server": Subcommand("nyckelfri.server.cli", "set up and run the server", "server"),
    "audit": Subcommand(
        "nyckelfri.server.cli_audit", "prove, read and review the audit log", "server"
    ),
    "simulate": Subcommand(
        "nyckelfri.simulate.cli",
        "let a municipality live through weeks with every fault",
        "server,lock",
    ),
    "root": Subcommand("nyckelfri.root.cli", "make and use the municipal root", ""),
    "lock": Subcommand("nyckelfri.lock.cli", "run a lock or an entrance unit", "lock"),
    "phone": Subcommand("nyckelfri.phone.cli", "the reference phone", "phone"),
}


def parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """The whole parser; only the subcommand `chosen` gets its arguments."""
    top = argparse.ArgumentParser(
        prog="nyckelfri", description="Open software for keyless home care."
    )
    top.add_argument("--version", action="version", version=f"nyckelfri {__version__}")
    rooms = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, subcommand in SUBCOMMANDS.items():
        room = rooms.add_parser(name, help=subcommand.help, description=subcommand.help)
        if name == chosen:
            module = importlib.import_module(subcommand.module)
            module.add_arguments(room)
            room.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    chosen = arguments[0] if arguments and arguments[0] in SUBCOMMANDS else None
    try:
        call = parser(chosen).parse_args(arguments)
    except ModuleNotFoundError as missing:
        if chosen is None or (missing.name or "").startswith("nyckelfri"):
            raise
        extra = SUBCOMMANDS[chosen].extra
        package = f"nyckelfri[{extra}]" if extra else "nyckelfri"
        print(  # noqa: T201 - the terminal is where this speaks
            f"nyckelfri {chosen}: {missing.name} is not installed; "
            f"install nyckelfri with what it needs: pip install '{package}'",
            file=sys.stderr,
        )
        return 1
    try:
        status: int = call.run(call)
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
