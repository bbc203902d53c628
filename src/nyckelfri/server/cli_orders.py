"""`nyckelfri server order-release, install-order, label`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from nyckelfri.server.cli_words import ACTOR, Failed, read, say, tell
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.locks import actions_orders
from nyckelfri.server.locks.actions_commission import CommissionError


def _order_release(args: argparse.Namespace) -> int:
    try:
        asked = actions_orders.request(args.lock, actor=ACTOR, now=args.now)
    except (CommissionError, KeysError) as error:
        raise Failed(str(error)) from None
    args.output.write_bytes(asked.payload)
    tell(f"Release of {args.lock}: have it signed by the holders of the root:")
    tell(f"  nyckelfri root sign {args.output} …")
    tell("  nyckelfri server install-order SIGNED")
    return 0


def _install_order(args: argparse.Namespace) -> int:
    try:
        order = actions_orders.install(read(args.signed), actor=ACTOR, now=args.now)
    except (CommissionError, KeysError) as error:
        raise Failed(str(error)) from None
    lock = order.installation.lock_unit.external_id
    tell(f"Installers can let the unit on {lock} go after their next sync")
    return 0


def _label(args: argparse.Namespace) -> int:
    try:
        say(actions_orders.show_label(args.lock, actor=ACTOR, now=args.now))
    except CommissionError as error:
        raise Failed(str(error)) from None
    return 0


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "order-release": _order_release,
    "install-order": _install_order,
    "label": _label,
}
