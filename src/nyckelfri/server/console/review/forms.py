"""The form that says what was done about a delivery."""

from __future__ import annotations

from typing import Any

from django import forms

from nyckelfri.server.console.review.texts import text
from nyckelfri.server.visits.actions_kept import MAX_REASON


class WhyForm(forms.Form):
    """One line of text."""

    why = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *given: Any, taken_up: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["why"]
        field.label = text("reason") if taken_up else text("settled_why")
        field.help_text = text("reopen_hint") if taken_up else text("settle_hint")
        field.error_messages["required"] = text("needed")
