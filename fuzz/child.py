"""One target under libFuzzer: python -m fuzz.child MODULE TARGET [libFuzzer's arguments].

House rules: runs until libFuzzer ends it, in a process of its own. Our code is instrumented while
it is imported, so nothing of it may be imported before.
"""

from __future__ import annotations

import logging
import shlex
import sys

import atheris

import fuzz  # noqa: F401 -- finds the tests' worlds


def main(module: str, name: str, arguments: list[str]) -> None:
    """Fuzz; does not return."""
    with atheris.instrument_imports(include=["nyckelfri"], enable_loader_override=False):
        from fuzz import registry  # noqa: PLC0415 -- now, and not before

        (target,) = (target for target in registry.load(module) if target.name == name)
    logging.disable()  # what a target logs about an input is not news
    # To merge, libFuzzer starts itself again by its first argument, through a shell.
    again = shlex.join([sys.executable, "-m", "fuzz.child", module, name])
    atheris.Setup([again, *arguments], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
