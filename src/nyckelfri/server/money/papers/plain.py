"""Text of people as one line that every kind of paper can carry.

House rules: what is not printable (control characters, line ends, marks that turn the reading
direction, halves of surrogate pairs) becomes a space, and spaces become one. Nothing else of a
text is changed here; what a file format lacks is replaced where that format is written.
"""

from __future__ import annotations


def line(text: str) -> str:
    """The text as one line without control characters; the same again for its own result."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def require(what: str, text: str) -> None:
    """ValueError unless something can be read in the text."""
    if not line(text):
        raise ValueError(f"{what} is missing: a paper has to say it")
