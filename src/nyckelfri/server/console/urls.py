"""The addresses of the pages for staff."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from nyckelfri.server.console import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.front, name="front"),
    path("logga-in/", views.LogIn.as_view(), name="login"),
    path("logga-ut/", LogoutView.as_view(next_page="login"), name="logout"),
    path("sprak/", set_language, name="set_language"),
    path("oppningar/", views.show_openings, name="openings"),
    path("att-granska/", views.show_review, name="review"),
    path("stil.css", views.style, name="style"),
]
