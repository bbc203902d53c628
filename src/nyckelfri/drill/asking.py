"""Several commands of an operator in one process: each costs a second to begin.

    python -m nyckelfri.drill.asking '["server", "status"]' '["audit", "verify", "--json"]'

One JSON line holds what each of them wrote to standard output.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from nyckelfri import cli


def main() -> int:
    """Run them in order, and say what they said."""
    answers = []
    for words in sys.argv[1:]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            cli.main(json.loads(words))
        answers.append(said.getvalue())
    sys.stdout.write(json.dumps({"answers": answers}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
