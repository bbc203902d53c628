"""`nyckelfri` with one rule more: in seed 2, two particular mishaps must not both come.

In seed 3 the rule itself has a defect.

Processes of a simulation begin with the modules of the one that starts them, and so with this.
"""

from __future__ import annotations

import sys

from nyckelfri.cli import main
from nyckelfri.simulate import invariants
from nyckelfri.simulate.invariant import Invariant

SEED = 2
BOTH = frozenset({"bit_flips:0", "power_cut:2"})


class NeverBoth(Invariant):
    name = "never_both"
    text = "These two never come in one week"

    def hourly(self) -> None:
        self.checked += 1
        if self.world.week.seed == SEED + 1:
            raise RuntimeError("nobody expects this")
        if self.world.week.seed == SEED and set(self.world.begun) >= BOTH:
            raise self.broken("both have come")


if __name__ in {"__main__", "__mp_main__"}:
    invariants.ALL = (*invariants.ALL, NeverBoth)  # type: ignore[misc]

if __name__ == "__main__":
    sys.exit(main())
