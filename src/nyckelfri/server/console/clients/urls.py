"""The addresses of the pages of clients."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.clients import (
    views,
    views_change,
    views_decisions,
    views_staff,
    views_who,
)

urlpatterns = [
    path("", views.show_list, name="clients"),
    path("<str:number>/", views.show_client, name="client"),
    path("<str:number>/vem/", views_who.who_then, name="client_when"),
    path("<str:number>/varfor-inte/", views_who.why_not, name="client_why_not"),
    path("<str:number>/utforare/", views_change.change, name="client_change"),
    path("<str:number>/utforare/<int:pk>/angra/", views_change.undo, name="client_change_undo"),
    path("<str:number>/beslut/", views_decisions.decide, name="client_decide"),
    path(
        "<str:number>/beslut/<str:decision>/avsluta/",
        views_decisions.end,
        name="client_decision_end",
    ),
    path("<str:number>/namngivna/", views_staff.name, name="client_name"),
    path("<str:number>/namngivna/<int:pk>/avsluta/", views_staff.unname, name="client_unname"),
    path("<str:number>/legitimerade/", views_staff.assign, name="client_assign"),
    path(
        "<str:number>/legitimerade/<int:pk>/avsluta/", views_staff.unassign, name="client_unassign"
    ),
    path("<str:number>/indragen/", views_staff.withdraw, name="client_withdraw"),
    path("<str:number>/indragen/<int:pk>/hav/", views_staff.give_back, name="client_give_back"),
]
