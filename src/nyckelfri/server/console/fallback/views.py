"""The fallback: what holds, what comes, and a new one.

House rules: reads, and one action.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.errors import AccessError
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import shell
from nyckelfri.server.console.fallback.texts import text
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.locks import actions_fallback
from nyckelfri.server.locks.models import Fallback
from nyckelfri.server.visits import queries_upkeep

_EARLIER = 20


class FallbackForm(forms.Form):
    """A new one."""

    kind = forms.ChoiceField()
    text = forms.CharField(
        max_length=actions_fallback.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )
    telephone = forms.CharField(max_length=actions_fallback.MAX_TELEPHONE)
    valid_from = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for name, field in self.fields.items():
            field.label = text(f"field_{name}")
        self.fields["text"].help_text = text("field_text_hint")
        kinds: Any = self.fields["kind"]
        kinds.choices = [(each.value, text(f"kind_{each.value}")) for each in Fallback.Kind]


@page(Permission.SET_POLICY, "GET", "POST")
def show_fallback(request: PageRequest) -> HttpResponse:
    """What holds; what is posted holds from its own day on."""
    today = request.now.astimezone(ZONE).date()
    form = FallbackForm(request.POST or None, initial={"valid_from": today})
    if form.is_valid():
        try:
            row = actions_fallback.record_fallback(
                request.viewer, now=request.now, **form.cleaned_data
            )
        except AccessError as error:
            form.add_error("valid_from", text(f"refused_{error.refusal.value}"))
        else:
            done(request, text("recorded", day=row.valid_from))
            return redirect("fallback")
    held = queries_upkeep.fallback(request.now)
    earlier = Fallback.objects.filter(valid_from__lte=today).order_by("-valid_from", "-pk")
    context = {
        "held": held and _said(held),
        "coming": [_said(row) for row in Fallback.objects.filter(valid_from__gt=today)],
        "earlier": [_said(row) for row in earlier[1:_EARLIER]],
        "form": form,
    }
    return show(
        request,
        "console/fallback/page.html",
        "rules",
        context,
        words=text,
        heading=text("fallback"),
        trail=[shell.Step(reverse("rules"), text("rules"))],
        status=422 if form.errors else 200,
    )


def _said(row: Fallback) -> dict[str, Any]:
    return {
        "kind": text(f"kind_{row.kind}"),
        "text": row.text,
        "telephone": row.telephone,
        "day": row.valid_from,
    }
