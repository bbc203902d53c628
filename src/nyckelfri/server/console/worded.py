"""A form whose labels, hints and errors are the words of its area.

House rules: values in, values out. Times are local; one that a change of clocks makes doubtful
is refused by Django's own field.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from nyckelfri.server.console.texts import Words

_FORMAT = "%Y-%m-%dT%H:%M"


def moment(*, required: bool = True) -> forms.DateTimeField:
    """A field of a local date and time."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_FORMAT)
    formats = [_FORMAT, f"{_FORMAT}:%S"]
    return forms.DateTimeField(widget=widget, input_formats=formats, required=required)


class Worded(forms.Form):
    """A form with its words: `field_name` is a label, `hint_name` a hint if it is in `hints`.

    The area says what is wrong as `missing`, `too_long` or `unusable`.
    """

    words: ClassVar[Words]
    hints: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = self.words
        for name, field in self.fields.items():
            field.label = text(f"field_{name}")
            if name in self.hints:
                field.help_text = text(f"hint_{name}")
            field.error_messages = {
                **dict.fromkeys(field.error_messages, text("unusable")),
                "required": text("missing"),
                "max_length": text("too_long"),
            }
