"""What a lock process carries with it: distributions it loads, against those it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Any, Final

NEEDED: Final = frozenset(
    {
        "nyckelfri",
        "apsw",  # the store
        "bumble",  # the radio, with its events and their types
        "pyee",
        "typing_extensions",
        "cryptography",
        "cffi",  # cryptography's way to OpenSSL
    }
)
_SCRIPT: Final = "import json, sys, nyckelfri.lock.cli; print(json.dumps(list(sys.modules)))"
# What the interpreter loads before any program: the virtual environment's own hooks.
_BEFORE: Final = "import json, sys; print(json.dumps(list(sys.modules)))"


def rows() -> Iterator[dict[str, Any]]:
    """One row; a distribution too many is named in its note."""
    found = loaded()
    idle = sorted(found - NEEDED)
    yield {
        "name": "distributions that a lock process loads",
        "ours": len(found),
        "reference": len(NEEDED),
        "ratio": round(len(found) / len(NEEDED), 3),
        "unit": "packages",
        "target": "≤ 1",
        "note": f"not needed: {', '.join(idle) or 'none'}",
    }


def loaded() -> set[str]:
    """The distributions whose modules `nyckelfri lock` imports, by name."""
    names = _modules(_SCRIPT) - _modules(_BEFORE) - sys.stdlib_module_names
    of = metadata.packages_distributions()
    return {of.get(name, [name])[0].lower() for name in names if of.get(name) or name[:1] != "_"}


def _modules(script: str) -> set[str]:
    said = subprocess.run(  # noqa: S603 - our own interpreter, our own line
        [sys.executable, "-c", script], capture_output=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(said.stdout)}
