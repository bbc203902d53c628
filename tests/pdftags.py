"""What a screen reader finds in a PDF."""

from __future__ import annotations

from typing import Any


def structure(element: Any) -> list[str]:
    """Every tag of the document, in the order in which it is read."""
    element = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(element, list):
        return [tag for each in element for tag in structure(each)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/S"])] if "/S" in element else []
    return own + structure(element.get("/K", []))
