"""`nyckelfri server derive, revoke, commission, retire-lock`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict

from nyckelfri.door.fields import ObjectError
from nyckelfri.door.signed import SignatureError
from nyckelfri.server.cli_words import ACTOR, Failed, read, say, tell
from nyckelfri.server.keys import actions_issue, actions_revoke
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.locks.actions_commission import CommissionError


def _derive(args: argparse.Namespace) -> int:
    try:
        done = actions_issue.derive_and_issue(args.now)
    except KeysError as error:
        raise Failed(str(error)) from None
    if args.json:
        say(json.dumps(asdict(done)))
    else:
        tell(f"{done.minted} grants issued, {done.kept} stand, {done.revoked} revoked")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    try:
        actions_revoke.revoke(args.serial, reason=args.why, actor=ACTOR, now=args.now)
    except KeysError as error:
        raise Failed(str(error)) from None
    tell("Revoked: it stands in the bulletin from now on")
    return 0


def _commission(args: argparse.Namespace) -> int:
    try:
        done = actions_commission.commission(
            args.lock, read(args.record), installer=None, actor=ACTOR, now=args.now
        )
    except (CommissionError, KeysError, SignatureError, ObjectError) as error:
        raise Failed(str(error)) from None
    say(done.identifier.hex())
    return 0


def _retire_lock(args: argparse.Namespace) -> int:
    try:
        actions_commission.retire(args.lock, reason=args.why, actor=ACTOR, now=args.now)
    except CommissionError as error:
        raise Failed(str(error)) from None
    tell("Retired: no grant is issued for it any more")
    return 0


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "derive": _derive,
    "revoke": _revoke,
    "commission": _commission,
    "retire-lock": _retire_lock,
}
