"""The addresses of the pages for staff: each area brings its own.

House rules: addresses are short and Swedish, and hold external ids, numbers and dates:
never a name, a birth number, a secret or words that somebody searched for.
"""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

AREAS: Final = (
    ("", "start"),
    ("", "account"),
    ("kunder/", "clients"),
    ("besok/", "performed"),
    ("oppningar/", "openings"),
    ("att-granska/", "review"),
    ("fran-telefonerna/", "entries"),
    ("granskning/", "log_reviews"),
    ("logg/", "audit"),
    ("personal/", "staff"),
    ("grupper/", "teams"),
    ("telefoner/", "phones"),
    ("planering/", "plan"),
    ("statistik/", "statistics"),
    ("regler/reservrutin/", "fallback"),
    ("regler/avgifter/", "fees"),
    ("regler/", "rules"),
    ("fakturor/", "invoices"),
    ("import/", "imports"),
    ("ersattning/", "pay"),
    ("brev/", "letters"),
)
"""Where each area's addresses begin, and its package."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("sprak/", require_POST(set_language), name="set_language"),
    *(
        path(prefix, include(f"nyckelfri.server.console.{package}.urls"))
        for prefix, package in AREAS
    ),
]
