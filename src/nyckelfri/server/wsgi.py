"""What a WSGI server (gunicorn) loads: `nyckelfri.server.wsgi:application`."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from nyckelfri.server import start

start.set_up()

application = get_wsgi_application()
