"""What is measured, and against what: `python -m bench` writes bench/report.json.

House rules: a figure from a shared machine says little, so every row is a ratio: ours and a named
reference take turns in one run. A reference is what somebody would write who does only that one
thing, with the same libraries. Nothing here decides whether a test passes; a missed target is
shown, never hidden. A module with a function `rows(*, quick: bool)` or `rows()` that yields rows is
found by itself.
"""
