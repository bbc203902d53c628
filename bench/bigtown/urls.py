"""The server's addresses, and two pages that show nothing: what every page costs before its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from nyckelfri.server.console import shell
from nyckelfri.server.console.page import PageRequest, page, show


@page(None)
def empty(request: PageRequest) -> HttpResponse:
    """A page for staff with everything around it and nothing in it."""
    return show(request, "console/base.html", "start", {})


def empty_to_all(request: HttpRequest) -> HttpResponse:
    """The same for who is not logged in."""
    return render(request, "console/base.html", shell.common(request, None, "start"))


urlpatterns = [
    path("empty/", empty),
    path("empty-to-all/", empty_to_all),
    path("", include("nyckelfri.server.urls")),
]
