"""Whatever bytes a file holds: clean, or faults on lines it has; never a traceback."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import Client, Provider
from nyckelfri.server.importer import actions
from nyckelfri.server.importer.messages import Language
from nyckelfri.server.importer.tables import BY_NAME
from nyckelfri.server.visits.models import ForeignDoorEvent

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PIECES = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        [b";", b'"', b"\n", b"\r\n", b"\r", b"\0", b"-", b"", b"\xef\xbb\xbf", b"\x81", b"0", b";;"]
    ),
)


@st.composite
def damage(draw: st.DrawFn) -> tuple[str, list[tuple[float, int, bytes]]]:
    """Choose a file and up to four places in it, each to lose some bytes and gain others."""
    name = draw(st.sampled_from(sorted(BY_NAME)))
    cut = st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES)
    return name, draw(st.lists(cut, min_size=1, max_size=4))


def _damaged(content: bytes, cuts: list[tuple[float, int, bytes]]) -> bytes:
    for place, lost, gained in cuts:
        at = int(place * len(content))
        content = content[:at] + gained + content[at + lost :]
    return content


@pytest.mark.django_db
@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(damage())
def test_damaged_bytes_are_a_clean_import_or_faults_on_real_lines(
    small: dict[str, str], case: tuple[str, list[tuple[float, int, bytes]]]
) -> None:
    name, cuts = case
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        for each, text in small.items():
            (directory / f"{each}.csv").write_bytes(text.encode())
        path = directory / f"{name}.csv"
        path.write_bytes(_damaged(path.read_bytes(), cuts))
        content = path.read_bytes()
        with transaction.atomic():
            report = actions.import_files(directory, actor="system:test", now=NOW)
            stored = Provider.objects.exists(), Client.objects.exists(), AuditEvent.objects.exists()
            kept = ForeignDoorEvent.objects.exists()
            transaction.set_rollback(True)
    assert report.stored is not bool(report.faults)
    assert set(stored) == {report.stored}
    assert report.stored or not kept
    lines = content.count(b"\n") + content.count(b"\r") + 1
    for fault in report.faults:
        assert fault.file in {f"{each}.csv" for each in small}
        if fault.file == f"{name}.csv":
            assert 0 <= fault.line <= lines
            assert fault.column == "" or fault.column in BY_NAME[name].by_name or fault.line == 1
        assert all(fault.message(language) for language in Language)
