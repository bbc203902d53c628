"""How the deeds of `nyckelfri root` speak and ask.

House rules: a passphrase is asked for on the terminal, never shown, never an argument;
silence and everything but a clear yes mean no.
"""

from __future__ import annotations

import contextlib
import getpass
import unicodedata
import warnings
from pathlib import Path
from typing import Final

from nyckelfri.root import files
from nyckelfri.root.errors import RootError

MIN_PASSPHRASE: Final = 12
"""Characters."""
_YES: Final = frozenset({"ja", "yes"})


class Desk:
    """The holder in front of this machine; `now` is its clock in Unix seconds."""

    def __init__(
        self, now: int, *, passphrase_file: Path | None = None, sure: bool = False
    ) -> None:
        self.now = now
        self._file = passphrase_file
        self._sure = sure

    def say(self, text: str) -> None:
        """Tell the holder something."""
        print(text)  # noqa: T201 - the terminal is where this speaks

    def confirm(self, question: str) -> None:
        """Raise RootError unless the holder says yes."""
        if self._sure:
            return
        try:
            answer = input(f"{question} Skriv ja / type yes [nej/no]: ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in _YES:
            raise RootError("Nothing was signed")

    def pause(self, prompt: str) -> None:
        """Wait for the Enter key."""
        with contextlib.suppress(EOFError):
            input(prompt)

    def new_passphrase(self, name: str) -> bytes:
        """Ask twice for a new passphrase; RootError if it is short or they differ."""
        if self._file is not None:
            return self._from_file(self._file)
        first = _clean(_ask(f"Passphrase for {name}, at least {MIN_PASSPHRASE} characters: "))
        if len(first) < MIN_PASSPHRASE:
            raise RootError(f"Choose a passphrase of at least {MIN_PASSPHRASE} characters")
        if _clean(_ask("The same once more: ")) != first:
            raise RootError("The passphrases differ: start again")
        return first.encode()

    def passphrase(self, name: str) -> bytes:
        """Ask for the passphrase of a part."""
        if self._file is not None:
            return self._from_file(self._file)
        return _clean(_ask(f"Passphrase for {name}: ")).encode()

    def _from_file(self, path: Path) -> bytes:
        try:
            text = _clean(files.read_private(path).decode())
        except UnicodeDecodeError:
            raise RootError(f"{path} is no text in UTF-8") from None
        if len(text) < MIN_PASSPHRASE:
            raise RootError(
                f"{path}: the passphrase must have at least {MIN_PASSPHRASE} characters"
            )
        return text.encode()


def _ask(prompt: str) -> str:
    try:
        with warnings.catch_warnings():
            # Without a terminal getpass would show what is typed.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except getpass.GetPassWarning:
        raise RootError("There is no terminal to ask for a passphrase at") from None
    except EOFError:
        raise RootError("No passphrase was given") from None


def _clean(text: str) -> str:
    # One keyboard writes å as one sign, another as two: the same passphrase all the same.
    return unicodedata.normalize("NFC", text.strip())
