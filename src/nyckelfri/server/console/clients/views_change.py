"""A client changes provider: what will happen, then that it shall, then that it did.

House rules: nothing is recorded before its effect has been shown; what was shown is told to
the action by its version, so that nobody decides on something else than they saw.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.server.access import actions_care, asif, versions
from nyckelfri.server.access.checks import coming_day
from nyckelfri.server.access.errors import AccessError
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import persons
from nyckelfri.server.console.clients.forms import ChangeForm, Reasoned
from nyckelfri.server.console.clients.preview import shown as preview
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.console.clients.views import address, steps, the_client
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.homes.models import Client, ProviderChoice
from nyckelfri.server.stale import StaleError


@page(Permission.CHANGE_PROVIDER, "GET", "POST")
def change(request: PageRequest, number: str) -> HttpResponse:
    """Choose, see what will happen, confirm."""
    client = the_client(request, number)
    if request.method != "POST":
        return _form(request, client, ChangeForm(initial={"service": "care"}))
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return _form(request, client, form, status=422)
    if "edit" in request.POST:
        return _form(request, client, ChangeForm(initial=request.POST.dict()))
    said = form.cleaned_data
    try:
        if "confirm" in request.POST:
            return _changed(request, client, said)
        return _preview(request, client, form)
    except AccessError as error:
        form.refuse(error)
        return _form(request, client, form, status=422)
    except StaleError:
        not_done(request, text("stale"))
        return redirect(address(number))


def _preview(request: PageRequest, client: Client, form: ChangeForm) -> HttpResponse:
    said = form.cleaned_data
    coming_day(said["first_day"], request.now)
    asked = {name: said[name] for name in ("service", "provider", "team", "first_day")}
    chosen = versions.chosen(client, said["service"])
    actions_care.require_change(client, chosen, **asked, now=request.now)
    found = asif.provider_change(client, *asked.values(), now=request.now)
    typed = {name: request.POST.get(name, "") for name in form.fields if name != "seen"}
    context = {
        "who": persons.shown(client, request.viewer),
        "preview": preview(found, request.viewer),
        "summary": text(
            "preview_change",
            service=text(f"service_{said['service']}"),
            provider=said["provider"].name,
            day=said["first_day"],
        ),
        "typed": {**typed, "seen": versions.of_choices(client, said["service"], chosen)},
        "reason": said["reason"],
    }
    return _shown(request, client, "console/clients/change_preview.html", context)


def _changed(request: PageRequest, client: Client, said: dict[str, Any]) -> HttpResponse:
    choice = actions_care.change_provider(
        request.viewer,
        client,
        service=said["service"],
        provider=said["provider"],
        team=said["team"],
        first_day=said["first_day"],
        reason=said["reason"],
        seen=said["seen"],
        now=request.now,
    )
    words = text("changed", provider=choice.provider.name, day=choice.valid_from)
    undo = reverse("client_change_undo", args=[client.external_id, choice.pk])
    done(request, words, undo=undo)
    return redirect(address(client.external_id))


@page(Permission.CHANGE_PROVIDER, "GET", "POST")
def undo(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Take back a change that has not begun."""
    client = the_client(request, number)
    rows = ProviderChoice.objects.filter(client=client, withdrawn_at=None)
    choice = get_object_or_404(rows.select_related("provider"), pk=pk)
    form = UndoForm(
        request.POST or None, initial={"seen": versions.of_choices(client, choice.service)}
    )
    if form.is_valid():
        try:
            actions_care.cancel_change(
                request.viewer,
                choice,
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                now=request.now,
            )
        except AccessError as error:
            form.refuse(error)
        except StaleError:
            not_done(request, text("stale"))
            return redirect(address(number))
        else:
            done(request, text("undone"))
            return redirect(address(number))
    context = {
        "form": form,
        "effect": text("undo_change_effect", provider=choice.provider.name, day=choice.valid_from),
        "confirm": text("undo_change"),
        "back": address(number),
    }
    return _shown(request, client, "console/confirm.html", context, heading="undo_change")


class UndoForm(Reasoned):
    """Why, and the version that was shown."""

    seen = ChangeForm.base_fields["seen"]


def _form(
    request: PageRequest, client: Client, form: ChangeForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "back": address(client.external_id)}
    return _shown(request, client, "console/clients/change.html", context, status=status)


def _shown(
    request: PageRequest,
    client: Client,
    template: str,
    context: dict[str, Any],
    *,
    heading: str = "change",
    status: int = 200,
) -> HttpResponse:
    form = context.get("form")
    return show(
        request,
        template,
        "clients",
        context,
        words=text,
        heading=text(heading) if heading == "undo_change" else text("change"),
        trail=steps(client),
        status=422 if form is not None and form.errors else status,
    )
