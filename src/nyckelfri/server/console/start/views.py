"""The first page: what needs somebody's attention, each a way to its list.

House rules: reads only; a viewer sees what is theirs to act on.
"""

from __future__ import annotations

from django.http import HttpResponse

from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.start.texts import text


@page(None)
def show_start(request: PageRequest) -> HttpResponse:
    """What waits for this viewer."""
    return show(request, "console/start/page.html", "start", {"waiting": []}, words=text)
