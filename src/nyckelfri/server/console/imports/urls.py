"""The addresses of imports."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.imports import views

urlpatterns = [
    path("", views.show_list, name="import"),
    path("<int:number>/", views.show_job, name="import_job"),
]
