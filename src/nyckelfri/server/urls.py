"""Every address the server answers; each app brings its own list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import include, path

from nyckelfri.server.phoneapi.api import api as phone_api

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

handler500 = "nyckelfri.server.uncaught.answer"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/phone/v1/", phone_api.urls),
    path("telefon/", include("nyckelfri.server.phoneapp.urls")),
    path("", include("nyckelfri.server.console.urls")),
]
