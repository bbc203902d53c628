"""Addresses of this area; a phone is named by its opaque id."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.phones import changes, views

urlpatterns: list[URLPattern] = [
    path("", views.show_list, name="phones"),
    path("ny/", changes.register, name="new_phone"),
    path("<str:phone>/", views.show_phone, name="phone"),
    path("<str:phone>/historik/", views.show_history, name="phone_history"),
    path("<str:phone>/sparra/", changes.block, name="block_phone"),
    path("<str:phone>/hav-sparr/", changes.unblock, name="unblock_phone"),
    path("<str:phone>/kod/", changes.invite, name="invite_phone"),
    path("<str:phone>/lamna-over/", changes.hand_over, name="hand_over_phone"),
    path("<str:phone>/ta-emot/", changes.take_back, name="take_back_phone"),
    path("<str:phone>/ta-ur-bruk/", changes.retire, name="retire_phone"),
]
