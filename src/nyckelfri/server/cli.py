"""`nyckelfri server`: set the server up, run it, and do what cannot wait for a page.

House rules: the terminal is a face: it asks the time once and calls actions. A
password or code is never taken from the command line's arguments.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nyckelfri import clock
from nyckelfri.server import cli_audit, start

if TYPE_CHECKING:
    # The only name that argparse has for what add_subparsers gives.
    _Deeds: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 -- above


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare every deed."""
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)
    _add_set_up(deeds)
    _add_backup(deeds)
    _add_phones(deeds)
    _add_access(deeds)
    _add_log(deeds)
    _add_visits(deeds)
    cli_audit.add_arguments(_deed(deeds, "audit", "prove, read and review the audit log"))


def run(args: argparse.Namespace) -> int:
    """Do it; 0 done, 1 not done."""
    start.set_up()
    from nyckelfri.server import (  # noqa: PLC0415 -- need Django
        cli_access,
        cli_backup,
        cli_labels,
        cli_log,
        cli_orders,
        cli_phones,
        cli_set_up,
        cli_visits,
        outages,
    )
    from nyckelfri.server.audit import origins  # noqa: PLC0415 -- the same
    from nyckelfri.server.cli_words import Failed  # noqa: PLC0415 -- the same

    deeds: dict[str, Callable[[argparse.Namespace], int]] = {
        **cli_set_up.DEEDS,
        **cli_backup.DEEDS,
        **cli_phones.DEEDS,
        **cli_access.DEEDS,
        **cli_orders.DEEDS,
        **cli_labels.DEEDS,
        **cli_log.DEEDS,
        **cli_visits.DEEDS,
        "audit": cli_audit.perform,
    }
    args.now = clock.now()
    try:
        if args.deed != cli_backup.RESTORE:  # what stands there may be damaged, or nothing
            _bring_tables_up_to_date()
        with origins.coming_from(origins.terminal()):
            return deeds[args.deed](args)
    except Failed as failed:
        why = str(failed)
    except Exception as error:
        if not (why := outages.advice(error)):
            raise
        if not isinstance(error, outages.StandingError):
            # What the database says of itself names no row.
            why = f"{why}\n{error}"
    print(f"nyckelfri server {args.deed}: {why}", file=sys.stderr)  # noqa: T201 - terminal
    return 1


def _bring_tables_up_to_date() -> None:
    from django.db import DatabaseError, connection  # noqa: PLC0415 -- needs Django

    from nyckelfri.server.cli_words import Failed  # noqa: PLC0415 -- the same

    try:
        start.bring_tables_up_to_date()
    except DatabaseError as error:
        if connection.vendor != "sqlite":  # its errors name addresses, and it has its own backups
            raise
        raise Failed(
            f"the database cannot be used ({error}): if it is damaged, stop the server and put a "
            "backup in its place with `nyckelfri server restore`"
        ) from None


def _deed(deeds: _Deeds, name: str, text: str) -> argparse.ArgumentParser:
    parser = deeds.add_parser(name, help=text, description=text)
    parser.set_defaults(deed=name)
    return parser


def _add_set_up(deeds: _Deeds) -> None:
    init = _deed(deeds, "init", "make the data directory, tables and purpose keys")
    init.add_argument("--root", type=Path, required=True, metavar="FILE", help="public root")
    init.add_argument(
        "-o", "--output", type=Path, required=True, metavar="REQUEST", help="for the root to sign"
    )
    request = _deed(deeds, "request", "ask for the next key set: rotate a key, begin a new epoch")
    request.add_argument(
        "--new", action="append", default=[], choices=("grant", "bulletin", "receipt", "sealing")
    )
    request.add_argument("--drop", action="append", default=[], metavar="KID", type=bytes.fromhex)
    request.add_argument("--new-epoch", action="store_true", help="after a restored backup")
    request.add_argument("--number", type=int, help="number of the key set (the next one)")
    request.add_argument("-o", "--output", type=Path, required=True, metavar="REQUEST")
    install = _deed(deeds, "install-key-set", "put a root-signed key set in force")
    install.add_argument("signed", type=Path, metavar="SIGNED")
    runs = _deed(deeds, "run", "serve, in the production form")
    runs.add_argument("--listen", default="127.0.0.1:8000", metavar="HOST:PORT")
    runs.add_argument("--workers", type=int, default=2, help="processes (2)")
    runs.add_argument("--threads", type=int, default=4, help="threads of each (4)")
    runs.add_argument(
        "--no-work", action="store_true", help="leave what is queued to `nyckelfri server work`"
    )
    works = _deed(deeds, "work", "do what is queued and what comes round (`run` starts it too)")
    works.add_argument("--beside", type=int, metavar="PID", help="end when this parent has ended")
    _deed(deeds, "check", "say whether database, standby and disks are as they should be")
    _deed(deeds, "status", "say what is in force and what waits for somebody")


def _add_backup(deeds: _Deeds) -> None:
    backup = _deed(deeds, "backup", "write the database to a file, while the server goes on")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file")
    restore = _deed(deeds, "restore", "put a backup in the database's place, the server stopped")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--why", required=True, help="stands in the audit log")


def _add_phones(deeds: _Deeds) -> None:
    code = _deed(deeds, "phone-code", "give an enrolment code; a new label makes a new phone")
    code.add_argument("label", help="what stands on the phone")
    code.add_argument("--holder", metavar="NUMBER", help="employee who answers for a new phone")
    for name, text in (
        ("block-phone", "block a lost phone at once"),
        ("unblock-phone", "let a blocked phone be enrolled again"),
        ("retire-phone", "take a phone out of use for good"),
    ):
        parser = _deed(deeds, name, text)
        parser.add_argument("label", help="what stands on the phone, or its id")
        parser.add_argument("--why", required=True, help="stands in the audit log")
    account = _deed(deeds, "account-code", "give somebody a code to activate their account with")
    account.add_argument("number", help="employee number")
    account.add_argument("--username", default="", help="user name of a new account (the number)")
    account.add_argument(
        "--why", default="", help="close the old password, second step and log-ins now, and why"
    )
    password = _deed(deeds, "set-password", "give an employee a password for the phone")
    password.add_argument("number", help="employee number")
    password.add_argument("--username", default="", help="user name (the number)")
    password.add_argument(
        "--password-file", type=Path, metavar="FILE", help="instead of asking for it"
    )


def _add_access(deeds: _Deeds) -> None:
    derive = _deed(deeds, "derive", "issue what is due to phones in use, revoke what no longer is")
    derive.add_argument("--json", action="store_true")
    revoke = _deed(deeds, "revoke", "take one grant back")
    revoke.add_argument("serial", type=bytes.fromhex)
    revoke.add_argument("--why", required=True, help="stands in the audit log")
    commission = _deed(deeds, "commission", "take a unit into service by its signed record")
    commission.add_argument("lock", metavar="LAS_ID")
    commission.add_argument("record", type=Path, metavar="FILE")
    retire = _deed(deeds, "retire-lock", "a unit was stolen, moved or taken down")
    retire.add_argument("lock", metavar="LAS_ID")
    retire.add_argument("--why", required=True, help="stands in the audit log")
    order = _deed(deeds, "order-release", "ask the root to let a unit go, to move it")
    order.add_argument("lock", metavar="LAS_ID")
    order.add_argument("-o", "--output", type=Path, required=True, metavar="REQUEST")
    install = _deed(deeds, "install-order", "give a root-signed release to the installers")
    install.add_argument("signed", type=Path, metavar="SIGNED")
    label = _deed(deeds, "label", "show the new label of a unit that was let go, to print it")
    label.add_argument("lock", metavar="LAS_ID")
    tag = _deed(deeds, "nfc-label", "give a visit label its chip, and show what to write to it")
    tag.add_argument("label", metavar="ETIKETT_ID")
    tag.add_argument("--uid", required=True, type=bytes.fromhex, help="the chip's own number, hex")
    tag.add_argument("--host", required=True, help="host name that phones find this server under")


def _add_log(deeds: _Deeds) -> None:
    openings = _deed(deeds, "openings", "who opened which door, newest first")
    openings.add_argument("--most", type=int, default=50, help="rows (50)")
    openings.add_argument("--json", action="store_true")
    journals = _deed(deeds, "journals", "how far each lock's journal has come home")
    journals.add_argument("--json", action="store_true")


def _add_visits(deeds: _Deeds) -> None:
    visits = _deed(deeds, "visits", "let visits follow from the evidence once more, day by day")
    visits.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    visits.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    visits.add_argument("--json", action="store_true")
