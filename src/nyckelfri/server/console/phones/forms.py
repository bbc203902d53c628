"""Forms about a phone.

House rules: values in, values out; words follow the language of the request. What can be
chosen is chosen, so that a phone is blocked in two clicks.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms

from nyckelfri.server.access.errors import MAX_REASON
from nyckelfri.server.console.phones.texts import TEXTS, text

BLOCK_REASONS: Final = ("lost", "stolen", "opened", "other")
MAX_LABEL: Final = 64


def _missing(form: forms.Form) -> None:
    for field in form.fields.values():
        field.error_messages = {
            **field.error_messages,
            "required": text("missing"),
            "max_length": text("too_long"),
            "invalid_choice": text("choose_one"),
        }


class ReasonForm(forms.Form):
    """Why, in the asker's own words."""

    reason = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = text("reason")
        self.fields["reason"].help_text = text("reason_hint")
        _missing(self)


class BlockForm(forms.Form):
    """Why a phone is blocked; something is chosen already, since it is urgent."""

    why = forms.ChoiceField(initial="lost")
    more = forms.CharField(max_length=MAX_REASON - 40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        why: Any = self.fields["why"]
        why.label, why.choices = text("block_why"), [(k, text(f"block_{k}")) for k in BLOCK_REASONS]
        self.fields["more"].label = text("block_more")
        self.fields["more"].help_text = text("reason_hint")
        _missing(self)

    @property
    def reason(self) -> str:
        """What stands in the audit log: Swedish, whatever language the page was read in."""
        said = TEXTS[f"block_{self.cleaned_data['why']}"][0]
        more = self.cleaned_data["more"].strip()
        return f"{said}: {more}" if more else said


class HandOverForm(ReasonForm):
    """Who has the phone from now on, by number."""

    holder = forms.CharField(max_length=32)
    field_order = ("holder", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].label = text("new_holder")
        self.fields["holder"].help_text = text("holder_hint")


class RegisterForm(forms.Form):
    """A phone that is new here, and who answers for it."""

    label = forms.CharField(max_length=MAX_LABEL)
    holder = forms.CharField(max_length=32)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].label = text("label")
        self.fields["label"].help_text = text("label_hint")
        self.fields["holder"].label = text("holder")
        self.fields["holder"].help_text = text("holder_hint")
        _missing(self)
