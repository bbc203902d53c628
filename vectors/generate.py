#!/usr/bin/env python3
"""Write the vectors of signed objects, openings, policy and clock anew: `generate.py [--check]`.

With --check nothing is written; the status is 1 when a file is not what would be written.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from generator import clock, opening, ownership, policy, signed

HERE = Path(__file__).parent
MODULES = {
    "signed": signed,
    "ownership": ownership,
    "opening": opening,
    "policy": policy,
    "clock": clock,
}


def text(contents: dict[str, Any]) -> str:
    """The file: readable heads, one case a line."""
    head = {key: value for key, value in contents.items() if key != "cases"}
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in contents["cases"])
    return (
        json.dumps(head, ensure_ascii=False, indent=1)[:-2] + f',\n "cases": [\n{lines}\n ]\n}}\n'
    )


def main(arguments: list[str]) -> int:
    """Write or compare every file; the number of files that differ, at most 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    differ = []
    for name, module in MODULES.items():
        path, wanted = HERE / f"{name}.json", text(module.contents())
        if path.exists() and path.read_text("utf-8") == wanted:
            continue
        differ.append(path.name)
        if not check:
            path.write_text(wanted, "utf-8")
    if differ:
        verb = "not what generate.py makes" if check else "written"
        sys.stdout.write(f"{verb}: {', '.join(differ)}\n")
    return int(check and bool(differ))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
