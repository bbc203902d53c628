"""Somebody's access to every door is withdrawn, and given back: two decisions, each asked for.

House rules: nobody is given a door here: to give back means that the rules decide again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.server.access import actions_withdraw
from nyckelfri.server.access.errors import MAX_REASON, AccessError, Refusal
from nyckelfri.server.access.models import Withdrawal
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console.asking import ask, of_employee
from nyckelfri.server.console.page import PageRequest, done, page
from nyckelfri.server.console.staff.texts import text


class GiveBackForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = text("reason")
        self.fields["reason"].help_text = text("reason_hint")
        self.fields["reason"].error_messages["required"] = text("missing")

    def does(self, deed: Callable[[dict[str, Any]], object]) -> bool:
        """Do it with what was typed; where the action refuses, say so beside the field."""
        if not self.is_valid():
            return False
        try:
            deed(self.cleaned_data)
        except AccessError as error:
            self.add_error(self._beside(error.refusal), text(f"refused_{error.refusal.value}"))
            return False
        return True

    def _beside(self, refusal: Refusal) -> str | None:
        if refusal in {Refusal.NO_REASON, Refusal.LONG_REASON}:
            return "reason"
        return "end" if refusal is Refusal.WRONG_ORDER else None


class WithdrawForm(GiveBackForm):
    """Until when, and why."""

    end = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    field_order = ("end", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["end"].label = text("withdraw_end")
        self.fields["end"].help_text = text("withdraw_end_hint")
        self.fields["end"].error_messages["invalid"] = text("bad_moment")


@page(Permission.WITHDRAW, "GET", "POST")
def withdraw(request: PageRequest, number: str) -> HttpResponse:
    """Withdraw somebody's access to every door."""
    employee = get_object_or_404(request.viewer.staff(), number=number)
    form = WithdrawForm(request.POST or None)
    made: list[Withdrawal] = []

    def deed(said: dict[str, Any]) -> None:
        made.append(
            actions_withdraw.withdraw(
                request.viewer,
                employee,
                None,
                end=said["end"],
                reason=said["reason"],
                now=request.now,
            )
        )

    if form.does(deed):
        undo = reverse("employee_give_back", args=[number, made[0].pk])
        done(request, text("withdrawn_done", name=employee.name), undo=undo)
        return redirect("employee", number=number)
    return ask(request, of_employee(employee), "withdraw", form, words=text)


@page(Permission.WITHDRAW, "GET", "POST")
def give_back(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Lift a withdrawal of every door."""
    rows = Withdrawal.objects.filter(
        client=None, ended_at=None, employee__in=request.viewer.staff().filter(number=number)
    )
    row = get_object_or_404(rows.select_related("employee"), pk=pk)
    form = GiveBackForm(request.POST or None)

    def deed(said: dict[str, Any]) -> None:
        actions_withdraw.give_back(request.viewer, row, reason=said["reason"], now=request.now)

    if form.does(deed):
        done(request, text("given_back", name=row.employee.name))
        return redirect("employee", number=number)
    return ask(request, of_employee(row.employee), "give_back", form, words=text, harm="primary")
