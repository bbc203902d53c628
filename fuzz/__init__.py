"""Fuzzing of everything that reads bytes from outside, and of a lock's whole session.

python -m fuzz --help; `make fuzz`; docs/subsystems/fuzzing.md.

House rules: a target is a function of bytes that returns, or fails an invariant; it depends on
nothing else, so that an input fails the same way each time. Invariants are the documented errors,
and that what is accepted is written back as the same bytes. Keys, doors and links are the tests'
own (tests/doorworld.py and its neighbours).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

HOME: Final = Path(__file__).parent
ROOT: Final = HOME.parent
CORPUS: Final = HOME / "corpus"
REGRESSIONS: Final = HOME / "regressions"

# First, so that what is fuzzed is this tree's and not an installed one.
sys.path[:0] = [path for path in (str(ROOT / "src"), str(ROOT / "tests")) if path not in sys.path]
