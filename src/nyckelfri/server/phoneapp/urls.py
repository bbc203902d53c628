"""The addresses of the staff phone app; the gate of log-ins lets them all pass."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.phoneapp import views

urlpatterns: list[URLPattern] = [
    path("", views.shell, name="app"),
    path("etikett/<str:label>", views.shell, name="app_label"),
    path("sw.js", views.worker, name="app_worker"),
    path("manifest.webmanifest", views.manifest, name="app_manifest"),
    path("f/<slug:version>/<path:path>", views.file, name="app_file"),
]
