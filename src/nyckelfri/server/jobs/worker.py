"""The process that does what is queued, and keeps the rounds.

House rules: one thread takes queued tasks in order, another keeps the rounds, so that a
long import holds up nothing else. It ends when it is told to, after the task at hand.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker

from nyckelfri.server.jobs import rounds

_log = logging.getLogger(__name__)
_LOOK_AGAIN: Final = 1.0
"""Seconds between looks at an empty queue, and at what has come due."""


def work(
    stop: threading.Event, now: Callable[[], datetime], *, alone: Callable[[], bool] = lambda: False
) -> None:
    """Do tasks and rounds until `stop` is set or we are `alone`; a task begun is finished."""
    keeper = threading.Thread(target=_keep_rounds, args=(stop, now), name="rounds")
    keeper.start()
    try:
        while not stop.is_set() and not alone():
            try:
                do_tasks()
            except Exception:  # noqa: BLE001 -- the database may be away for a while
                _log.exception("tasks stopped; looking again")
                connections.close_all()
            stop.wait(_LOOK_AGAIN)
    finally:
        stop.set()
        keeper.join()


def do_tasks() -> None:
    """Do all that is queued now, then return."""
    Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{os.uname().nodename[:48]}-{os.getpid()}",
    ).run()


def _keep_rounds(stop: threading.Event, now: Callable[[], datetime]) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            for each in rounds.due(now()):
                rounds.run(each, now())
        except Exception:  # noqa: BLE001 -- the same
            _log.exception("rounds stopped; looking again")
            connections.close_all()
        stop.wait(_LOOK_AGAIN)
    connections.close_all()
