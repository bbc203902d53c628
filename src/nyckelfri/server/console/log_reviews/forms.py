"""Forms of log review.

House rules: values in, values out; words follow the language of the request.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django import forms

from nyckelfri.care.times import ZONE, local_moment
from nyckelfri.server.console.log_reviews.texts import text
from nyckelfri.server.visits.actions_reviews import MAX_NOTE
from nyckelfri.server.visits.models import Draw, Review

LONGEST: Final = 93
"""Days."""


class CloseForm(forms.Form):
    """What came of looking at it."""

    verdict = forms.ChoiceField(widget=forms.RadioSelect)
    note = forms.CharField(
        max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdict: Any = self.fields["verdict"]
        verdict.label = text("verdict")
        verdict.choices = [(each, text(f"verdict_{each}")) for each in Review.Verdict.values]
        verdict.error_messages["required"] = text("choose_verdict")
        verdict.error_messages["invalid_choice"] = text("choose_verdict")
        note = self.fields["note"]
        note.label, note.help_text = text("note"), text("note_hint")
        note.error_messages["max_length"] = text("too_long")

    def clean(self) -> dict[str, Any]:
        """Ask for a note of every deviation."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("verdict") == Review.Verdict.DEVIATION and not said.get("note"):
            self.add_error("note", text("note_missing"))
        return said


class DrawForm(forms.Form):
    """Which sample to draw: from what, of which local days, how large a share."""

    kind = forms.ChoiceField()
    first = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    share = forms.DecimalField(
        min_value=Decimal("0.0001"), max_value=Decimal(100), decimal_places=4, localize=True
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        kind: Any = self.fields["kind"]
        kind.choices = [(each, text(f"kind_{each}")) for each in Draw.Kind.values]
        words = {"kind": "kind", "first": "from", "last": "till", "share": "share"}
        for name, word in words.items():
            field = self.fields[name]
            field.label = text(word)
            field.error_messages["required"] = text("missing")
        for name in ("first", "last"):
            self.fields[name].error_messages["invalid"] = text("wrong_day")
        share: Any = self.fields["share"]
        share.help_text = text("share_hint")
        for validator in share.validators:
            validator.message = text("wrong_share")
        share.error_messages["invalid"] = text("wrong_share")

    def clean(self) -> dict[str, Any]:
        """Refuse days that have not been, and more days than can be worked out at once."""
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if first is None or last is None:
            return said
        today = self.now.astimezone(ZONE).date()
        if not first <= last <= today:
            self.add_error("last", text("wrong_order"))
        elif (last - first).days >= LONGEST:
            self.add_error("last", text("too_many_days", count=LONGEST))
        return said

    @property
    def sample(self) -> Draw:
        """The sample that is asked for, not drawn."""
        said = self.cleaned_data
        after = local_moment(said["last"] + timedelta(days=1), time.min)
        return Draw(
            kind=said["kind"],
            start=local_moment(said["first"], time.min),
            end=min(after, self.now),
            drawn_at=self.now,
        )

    @property
    def portion(self) -> Fraction:
        """The share, above 0 and at most 1."""
        return Fraction(self.cleaned_data["share"]) / 100
