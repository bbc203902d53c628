"""Which invoices somebody asks for: numbers and a month, as an address holds them.

House rules: what cannot be read, or is nobody's number, is said and never reaches an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.invoices import common
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.money import queries_invoices as queries
from nyckelfri.server.money.models import Invoice

NUMBER, CLIENT, MONTH = "nummer", "kund", "manad"
"""Names in the address."""
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show; empty where anything will do. `problems` are for the reader."""

    number: str = ""
    client: str = ""
    month: str = ""
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Asked:
        """What an address or a form asks for."""
        number, client, month = (
            str(given.get(name, "")).replace("\x00", "").strip()[:_LONGEST]
            for name in (NUMBER, CLIENT, MONTH)
        )
        problems = []
        if number and not _NUMBER.fullmatch(number):
            number = ""
            problems.append(text["wrong_number"])
        if month:
            try:
                common.read_month(month)
            except ValueError:
                month = ""
                problems.append(text["wrong_month"])
        return cls(number, client, month, tuple(problems))

    def as_query(self) -> dict[str, str]:
        """What stands in the address of exactly this."""
        said = {NUMBER: self.number, CLIENT: self.client, MONTH: self.month}
        return {name: value for name, value in said.items() if value}


def settle(viewer: Viewer, asked: Asked, now: datetime) -> Asked:
    """The same with the client's number as the register has it, or said to be nobody's."""
    if not asked.client:
        return asked
    found = viewer.clients(now).filter(external_id__iexact=asked.client)
    number = found.values_list("external_id", flat=True).first()
    if number is None:
        said = (*asked.problems, text["no_such_client"])
        return replace(asked, client="", problems=said)
    return replace(asked, client=number)


def found(viewer: Viewer, asked: Asked) -> QuerySet[Invoice]:
    """The invoices, newest first."""
    rows = queries.mine(viewer).select_related("client", "month", "credited_by")
    rows = rows.defer("content", "credited_by__content")
    if asked.number:
        rows = rows.filter(number=int(asked.number))
    if asked.client:
        rows = rows.filter(client__external_id=asked.client)
    if asked.month:
        rows = rows.filter(month__first=common.read_month(asked.month))
    return rows.order_by("-number")
