"""Looks at persons' records, as a page of the console records them: one line each.

House rules: recorded before the page is made, so that nothing is shown unlogged. Each look
is one row, also of the same person a minute later. A list is one row that says which list
and how many records; of a search its kind ("name"), never the words: they may be a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from nyckelfri.server.audit import actions
from nyckelfri.server.audit.actions import Deed
from nyckelfri.server.audit.verbs import Verb


class _Viewer(Protocol):
    @property
    def actor(self) -> str: ...
    @property
    def employee(self) -> Any: ...


class Seen(Protocol):
    """A request of somebody known: the console's own, or a phone's sync (`OnPhone`)."""

    @property
    def viewer(self) -> _Viewer:
        """Who looks: `actor`, and the `employee` whose team is the unit."""

    @property
    def now(self) -> datetime:
        """When."""


_OF_KIND = {
    "client": Verb.CLIENT_LOOK,
    "employee": Verb.EMPLOYEE_LOOK,
    "phone": Verb.PHONE_LOOK,
}


def at(request: Seen, *object_ids: str, why: str = "", revealed: bool = False) -> None:
    """One row for each person's record shown: `client:B0001`, `employee:10001`, `phone:<id>`.

    `revealed` where their names and addresses are shown too, and are under protected identity.
    """
    seen = [(_OF_KIND[each.partition(":")[0]], each, why) for each in object_ids]
    seen += [(Verb.IDENTITY_LOOK, each, "") for each in object_ids if revealed]
    _look(request, seen)


def revealed(request: Seen, object_id: str, why: str = "") -> None:
    """One row for a name and address under protected identity that was shown."""
    _look(request, [(Verb.IDENTITY_LOOK, object_id, why)])


def at_list(request: Seen, name: str, count: int, search: str = "") -> None:
    """One row for a page that lists `count` records; `search` is the kind of query."""
    said = {"count": count, **({"search": search} if search else {})}
    _look(request, [(Verb.LIST_LOOK, f"list:{name}", "")], said)


def at_log(request: Seen, count: int, asked: dict[str, Any]) -> None:
    """One row for a page of the audit log itself; `asked` are the numbers and days asked for."""
    _look(request, [(Verb.AUDIT_LOOK, "audit", "")], {"count": count, **asked})


def exported(request: Seen, name: str, count: int) -> None:
    """One row for a file of `count` records that left the system."""
    _look(request, [(Verb.LIST_EXPORT, f"list:{name}", "")], {"count": count})


@dataclass(frozen=True, slots=True)
class OnPhone:
    """Somebody whose phone is given persons' records: a viewer, and a request, for this room."""

    employee: Any
    now: datetime

    @property
    def viewer(self) -> _Viewer:
        """Themselves."""
        return self

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return f"employee:{self.employee.number}"


def _look(
    request: Seen, seen: Iterable[tuple[Verb, str, str]], details: Mapping[str, Any] | None = None
) -> None:
    """Record what is seen (verb, object, why) all at once."""
    viewer = request.viewer
    team = viewer.employee.care_team
    unit = "municipality" if team is None else f"team:{team.external_id}"
    said = {"unit": unit, **(details or {})}
    deeds = [Deed(verb, object_id, why, said) for verb, object_id, why in seen]
    actions.looks(deeds, actor=viewer.actor, now=request.now)
