"""The address of the letter."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.letters import views

urlpatterns = [path("<str:number>/", views.show_letter, name="letter")]
