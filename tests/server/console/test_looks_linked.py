"""From a record to who has looked at it, for whoever may read the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.server.people.models import Role
from serverworld import Handset

LogIn = Callable[..., Browser]


@pytest.mark.threat(61)
def test_every_record_leads_to_who_has_looked_at_it_and_only_for_those_who_may(
    cast: Any, alices_phone: Handset, log_in: LogIn
) -> None:
    phone = alices_phone.row.identifier.hex()
    records = {
        f"/kunder/{cast.client.external_id}/": f"/logg/om/client/{cast.client.external_id}/",
        f"/personal/{cast.alice.number}/": f"/logg/om/employee/{cast.alice.number}/",
        f"/telefoner/{phone}/": f"/logg/om/phone/{phone}/",
    }
    reader, planner = log_in(Role.SYSTEM_MANAGER), log_in(Role.PLANNER)
    for record, looks in records.items():
        assert looks in reader.get(record).content.decode()
        assert reader.get(looks).status_code == 200
        assert looks not in planner.get(record).content.decode()
        assert planner.get(looks).status_code == 403
