"""Many rows and many values in one statement."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from nyckelfri.server import bulk
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits.models import OpeningRecord

NAMES = ("phone", "number", "uuid", "received_at", "phone_time", "claimed", "serial")


def test_one_of_many_finds_rows_by_all_columns_together_and_by_one_statement(
    cast: object, moment: datetime
) -> None:
    phones = [
        Phone.objects.create(identifier=bytes([at]) * 8, registered_at=moment) for at in (1, 2)
    ]
    received = bulk.as_moment(moment)
    rows = [
        (phone.pk, at, UUID(int=10 * phone.pk + at), received, 0, b"\x00" * 8, bytes(8))
        for phone in phones
        for at in range(40)
    ]
    bulk.insert(OpeningRecord, (*NAMES, "command", "reason"), [(*row, 1, 0) for row in rows])
    wanted = [(phones[at % 2].pk, at) for at in range(40)]
    named = OpeningRecord.objects.filter(bulk.OneOf(("phone", "number"), wanted))
    assert sorted(named.values_list("phone", "number")) == sorted(wanted)
    assert set(OpeningRecord.objects.values_list("received_at", flat=True)) == {moment}
    by_uuid = bulk.OneOf(("uuid",), [(row[2],) for row in rows[:7]])
    assert OpeningRecord.objects.filter(by_uuid, phone=phones[0]).count() == 7
    with CaptureQueriesContext(connection) as asked:
        assert named.update(reason=2) == 40
    assert len(asked) == 1
    assert OpeningRecord.objects.filter(reason=2).count() == 40
    nobody = OpeningRecord.objects.filter(bulk.OneOf(("uuid",), []))
    assert not nobody.exists()
    assert not nobody.update(reason=3)
