"""What came and was not accepted."""

from __future__ import annotations

from django.http import HttpResponse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import keyset
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.review import rows
from nyckelfri.server.console.review.texts import text
from nyckelfri.server.visits import queries


@page(Permission.REVIEW_DELIVERIES)
def show_review(request: PageRequest) -> HttpResponse:
    """What came and was not accepted."""
    waiting = queries.unresolved().select_related("installation__lock_unit", "phone")
    part = keyset.part(waiting, keyset.asked(request))
    context = {"lines": rows.kept_lines(part.rows), "part": part, "waiting": rows.waiting()}
    return show(request, "console/review/list.html", "review", context, words=text)
