"""`nyckelfri server nfc-label`: what somebody needs who writes a visit label.

House rules: keys go to the terminal and nowhere else.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from nyckelfri.server.cli_words import ACTOR, Failed, say, tell
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.locks import actions_labels
from nyckelfri.server.locks.actions_labels import LabelError

_BEFORE: Final = 7
"""Bytes of the chip's file before the address: length (2), record (4), `https://` (1)."""


def template(host: str, label: str) -> str:
    """The address that is written to the chip, without its scheme; the chip fills in the zeros."""
    return f"{host}/telefon/etikett/{label}?p={'0' * 32}&c={'0' * 16}"


def _nfc_label(args: argparse.Namespace) -> int:
    try:
        keys = actions_labels.assign_chip(args.label, args.uid, actor=ACTOR, now=args.now)
    except (LabelError, KeysError) as error:
        raise Failed(str(error)) from None
    address = template(args.host, args.label)
    picc, mac = (_BEFORE + address.index(part) + len(part) for part in ("?p=", "&c="))
    say(f"URL             https://{address}")
    say(f"key 0           {keys.application.hex().upper()}  (changes the settings)")
    say(f"key 1           {keys.meta.hex().upper()}  (SDM meta read)")
    say(f"key 2           {keys.file.hex().upper()}  (SDM file read)")
    say(f"PICC data       mirror UID and counter, encrypted, ASCII, offset {picc}")
    say(f"MAC             offset {mac}, input offset {mac}")
    tell(
        f"Chip {args.uid.hex().upper()} is label {args.label} now. Write all of this to it, close "
        "its file for writing, and clear the screen: whoever has the keys can forge its readings."
    )
    return 0


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {"nfc-label": _nfc_label}
