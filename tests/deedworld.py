"""One deed of a simulated server, in a process of its own, killed where a test says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nyckelfri.phone.client import UnreachableError
from nyckelfri.simulate.server import Kill, Server, set_up

ROWS = 3


def begin(folder: Path) -> Callable[[Kill], int]:
    """What is asked is a kill; what is answered, how many of the deed's rows it has left."""
    data = folder / "data"
    data.mkdir()
    set_up(data)
    from django.db import connection, transaction

    server = Server(data)

    def deed() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for row in range(ROWS):
                cursor.execute("INSERT INTO deed VALUES (%s)", [row])

    def left(kill: Kill) -> int:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE deed (row)")
        server.work("deed", deed)  # from now on it is known how many steps it has
        server.kills["deed"] = kill
        with pytest.raises(UnreachableError):
            server.work("deed", deed)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM deed")
            [found] = cursor.fetchone()
            cursor.execute("DROP TABLE deed")
        return int(found) - ROWS

    return left
