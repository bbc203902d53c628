"""Addresses of the audit log."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from nyckelfri.server.console.audit import views

urlpatterns: list[URLPattern] = [
    path("", views.show_log, name="audit"),
    path("kedja/", views.show_proofs, name="audit_proofs"),
    path("om/<str:kind>/<str:number>/", views.show_looks, name="looks_at"),
    re_path(r"^logg\.(?P<form>csv|xlsx)$", views.export_log, name="audit_export"),
]
