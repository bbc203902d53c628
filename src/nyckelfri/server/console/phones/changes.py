"""Pages that change something about a phone: each asks first, and says what it will do.

House rules: the change itself is an action of `phones`; a page writes nothing. A code is
shown once, in the answer to the request that made it, and stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from nyckelfri.server.access.exposure import exposure
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console.asking import Record, ask
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.console.phones import rows
from nyckelfri.server.console.phones.forms import (
    BlockForm,
    HandOverForm,
    ReasonForm,
    RegisterForm,
)
from nyckelfri.server.console.phones.texts import text
from nyckelfri.server.console.phones.views import found, trail
from nyckelfri.server.console.shell import Step
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.phones import actions, codes
from nyckelfri.server.phones.errors import PhoneStateError
from nyckelfri.server.phones.queries import is_employed


@page(Permission.BLOCK_PHONE, "GET", "POST")
def block(request: PageRequest, phone: str) -> HttpResponse:
    """Block a phone at once; before it is done, what it can still open is shown."""
    row = found(request, phone)
    form = BlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wrong = _try(
            form,
            lambda: actions.block(
                row, reason=form.reason, actor=request.viewer.actor, now=request.now
            ),
        )
        if not wrong:
            done(request, text("is_blocked", label=row.label))
            return redirect("phone", phone=phone)
    left = rows.left(request.viewer, exposure(row, request.now), request.now)
    more = {"left": left, "holder": row.holder}
    return _ask(request, row, form, "block", more, template="console/phones/block.html")


@page(Permission.MANAGE_PHONES, "GET", "POST")
def unblock(request: PageRequest, phone: str) -> HttpResponse:
    """Let a blocked phone be enrolled again."""
    return _with_reason(request, phone, "unblock", actions.unblock)


@page(Permission.MANAGE_PHONES, "GET", "POST")
def take_back(request: PageRequest, phone: str) -> HttpResponse:
    """Note that a phone has come back."""
    return _with_reason(request, phone, "take_back", actions.take_back)


@page(Permission.MANAGE_PHONES, "GET", "POST")
def retire(request: PageRequest, phone: str) -> HttpResponse:
    """Take a phone out of use for good."""
    return _with_reason(request, phone, "retire", actions.retire)


@page(Permission.MANAGE_PHONES, "GET", "POST")
def hand_over(request: PageRequest, phone: str) -> HttpResponse:
    """Give a phone to somebody else."""
    row = found(request, phone)
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        holder = _holder(request, form)
        if holder is not None and not _try(
            form,
            lambda: actions.hand_over(
                row,
                holder,
                reason=form.cleaned_data["reason"],
                actor=request.viewer.actor,
                now=request.now,
            ),
        ):
            done(request, text("is_handed_over", name=holder.name))
            return redirect("phone", phone=phone)
    return _ask(request, row, form, "hand_over")


@page(Permission.MANAGE_PHONES, "GET", "POST")
def invite(request: PageRequest, phone: str) -> HttpResponse:
    """Make an enrolment code and show it, once."""
    row = found(request, phone)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            code = actions.invite(row, actor=request.viewer.actor, now=request.now)
        except PhoneStateError:
            form.add_error(None, text("state_in_the_way"))
        else:
            context = {
                "code": codes.show(code),
                "until": request.now + codes.LIFETIME,
                "back": reverse("phone", args=[phone]),
            }
            heading = text("code_for", label=row.label)
            return show(
                request,
                "console/phones/code.html",
                "phones",
                context,
                words=text,
                heading=heading,
                trail=trail(row),
            )
    return _ask(request, row, form, "invite", harm="primary")


@page(Permission.MANAGE_PHONES, "GET", "POST")
def register(request: PageRequest) -> HttpResponse:
    """Make a phone known."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        holder = _holder(request, form)
        if holder is not None:
            row = actions.register(
                label=form.cleaned_data["label"],
                holder=holder,
                actor=request.viewer.actor,
                now=request.now,
            )
            done(request, text("is_registered", label=row.label))
            return redirect("phone", phone=row.identifier.hex())
    return show(
        request,
        "console/phones/new.html",
        "phones",
        {"form": form, "back": reverse("phones")},
        words=text,
        heading=text("new_phone"),
        trail=[Step(reverse("phones"), text["phones"])],
        status=422 if form.errors else 200,
    )


_Deed = Callable[..., Phone]


def _with_reason(request: PageRequest, phone: str, what: str, deed: _Deed) -> HttpResponse:
    row = found(request, phone)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wrong = _try(
            form,
            lambda: deed(
                row,
                reason=form.cleaned_data["reason"],
                actor=request.viewer.actor,
                now=request.now,
            ),
        )
        if not wrong:
            done(request, text(f"after_{what}", label=row.label))
            return redirect("phone", phone=phone)
    return _ask(request, row, form, what)


def _try(form: forms.Form, deed: Callable[[], object]) -> bool:
    """Do it; True when the phone's state is in the way, which the form then says."""
    try:
        deed()
    except PhoneStateError:
        form.add_error(None, text("state_in_the_way"))
        return True
    return False


def _holder(request: PageRequest, form: forms.Form) -> Employee | None:
    """The employee whose number was given; None where there is none who works here now."""
    number = form.cleaned_data["holder"].strip()
    row = request.viewer.staff().filter(number=number).first()
    if row is None or not is_employed(row, request.now):
        form.add_error("holder", text("no_such_employee"))
        return None
    return row


def _ask(
    request: PageRequest,
    row: Phone,
    form: forms.Form,
    what: str,
    more: dict[str, Any] | None = None,
    **frame: Any,
) -> HttpResponse:
    record = Record(f"phone:{row.identifier.hex()}", "phones", trail(row))
    return ask(request, record, what, form, more, words=text, **frame)
