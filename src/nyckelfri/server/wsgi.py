"""What a WSGI server (gunicorn) loads: `nyckelfri.server.wsgi:application`."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Final

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from nyckelfri.server import start

SWITCH: Final = 0.001
"""Seconds for which a thread that computes keeps the others waiting, a fifth of Python's own.

A phone at a door asks the database some sixty questions, and after each its thread waits for
this long where another thread takes in a backlog.
"""

sys.setswitchinterval(SWITCH)
start.set_up()

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)
# All that is loaded stays as long as the process: each search for cycles would walk through it.
gc.collect()
gc.freeze()
