"""A client as a page may show them: the one place that decides on name and address.

House rules: a template never gets a `Client`; whoever may not see a protected person gets
their number and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import looks
from nyckelfri.server.console.links import href
from nyckelfri.server.console.texts import text
from nyckelfri.server.homes.models import Client


@dataclass(frozen=True, slots=True)
class ShownClient:
    """What may be shown; `name` says that the identity is protected where `hidden`."""

    number: str
    name: str
    address: str
    protected: bool
    hidden: bool
    href: str
    """Their page; empty for a viewer who may not see clients at all."""

    def __str__(self) -> str:
        return self.number


def shown(client: Client, viewer: Viewer) -> ShownClient:
    """This client as this viewer may see them."""
    sees = viewer.sees(client)
    place = f"{client.address} {client.apartment}".strip()
    return ShownClient(
        number=client.external_id,
        name=client.name if sees else text("protected"),
        address=place if sees else "",
        protected=client.protected_identity,
        hidden=not sees,
        href=href("client", client.external_id) if viewer.may(Permission.SEE_CLIENTS) else "",
    )


def note(request: looks.Seen, people: Iterable[ShownClient], why: str = "") -> None:
    """Log each protected identity that is about to be shown; call it before it is."""
    for number in sorted({one.number for one in people if one.protected and not one.hidden}):
        looks.revealed(request, f"client:{number}", why)
