"""What an import does to the register: only what the files say, all of it or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db.models import QuerySet

from nyckelfri.server.audit.models import AuditEvent, AuditLink
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import (
    CareDecision,
    Client,
    ClientAbsence,
    PlannedVisit,
    Provider,
    ProviderChoice,
    Shift,
)
from nyckelfri.server.locks.models import Door, Installation, LockUnit
from nyckelfri.server.money.models import FeeBasis
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import ForeignDoorEvent, TouchedDay

if TYPE_CHECKING:
    from nyckelfri.server.importer.actions import Report
    from townworld import Town

pytestmark = pytest.mark.django_db
LABELS = {"audit", "people", "homes", "locks", "visits", "money"}


def _everything() -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        # The chain grows with each row of the audit log and has tests of its own, as have days
        # to derive.
        if model._meta.app_label in LABELS and model not in {AuditLink, TouchedDay}
    }


def _totals(report: Report) -> dict[str, int]:
    names = ("created", "changed", "withdrawn")
    return {name: sum(counts[name] for counts in report.counts.values()) for name in names}


def test_every_row_of_every_file_is_stored(town: Town) -> None:
    report = town.bring_in()
    assert report.stored
    assert not report.remarks
    rows = sum(text.count("\n") - 1 for text in town.files.values())
    assert _totals(report) == {"created": rows, "changed": 0, "withdrawn": 0}
    first = Client.objects.get(external_id="B1")
    assert first.partner == Client.objects.get(external_id="B2")
    assert first.front_door == LockUnit.objects.get(external_id="L2").door
    assert first.entrance is not None
    assert first.entrance.door == LockUnit.objects.get(external_id="L1").door
    assert Provider.objects.get(org_number="559992-4429").services == ["care", "household"]
    assert PlannedVisit.objects.get(external_id="V3").services == ["care", "household"]


def test_what_visits_and_money_rest_on_has_rooms_of_its_own(town: Town) -> None:
    town.bring_in()
    basis = FeeBasis.objects.get()
    assert (basis.housing_cost, basis.valid_from) == (Decimal(6652), date(2026, 1, 1))
    refused = ForeignDoorEvent.objects.get(external_id="H2")
    assert (refused.what, refused.number) == ("refused", 8)
    assert refused.at == datetime(2026, 11, 22, 7, 30, 5, tzinfo=UTC)
    assert ClientAbsence.objects.get().valid_till is None


def test_second_import_changes_nothing_and_leaves_one_audit_row(town: Town) -> None:
    town.bring_in()
    before = _everything()
    report = town.bring_in()
    assert _totals(report) == {"created": 0, "changed": 0, "withdrawn": 0}
    after = _everything()
    (ran,) = after["AuditEvent"][len(before["AuditEvent"]) :]
    assert (ran["verb"], ran["reason"]) == (Verb.IMPORT_RUN, "no change")
    del before["AuditEvent"], after["AuditEvent"]
    assert after == before


def test_changed_file_changes_only_what_differs_and_the_audit_log_says_what(town: Town) -> None:
    town.bring_in()
    before = _everything()
    town.change("planerade_besok", "2026-11-24 08:30", "2026-11-24 08:45")
    assert _totals(town.bring_in()) == {"created": 0, "changed": 1, "withdrawn": 0}
    after = _everything()
    changed, _ = AuditEvent.objects.order_by("-pk")[:2][::-1]
    assert (changed.verb, changed.object_id) == (Verb.IMPORT_CHANGE, "plannedvisit:V5")
    assert changed.details == {"attributes": ["end"]}
    (row,) = [row for row in before["PlannedVisit"] if row["external_id"] == "V5"]
    row["end"] = datetime(2026, 11, 24, 7, 45, tzinfo=UTC)
    del before["AuditEvent"], after["AuditEvent"]
    assert after == before


def test_dry_run_counts_and_keeps_nothing(town: Town) -> None:
    before = _everything()
    report = town.bring_in(dry_run=True)
    assert not report.stored
    assert report.counts["brukare"]["created"] == 4
    assert _everything() == before


def test_no_name_or_personal_identity_number_reaches_the_audit_log(town: Town) -> None:
    town.bring_in()
    town.change("brukare", "Ida Öman", "Ida Åman")
    town.bring_in()
    # Not the row's own number, which any four digits of a birth year are sooner or later.
    said = AuditEvent.objects.values("actor", "origin", "verb", "object_id", "reason", "details")
    text = str(list(said))
    for secret in ("Karl", "Öman", "Åman", "1934", "Kyrkogatan"):
        assert secret not in text


def test_two_locks_can_swap_serials_and_two_clients_identity_numbers(town: Town) -> None:
    town.bring_in()
    for name, one, two in (
        ("las", "SN2", "SN3"),
        ("brukare", "19341123-2394", "19491023-2380"),
    ):
        swapped = town.files[name].replace(one, "?").replace(two, one).replace("?", two)
        town.files[name] = swapped
    assert _totals(town.bring_in())["changed"] == 4
    assert LockUnit.objects.get(external_id="L2").serial == "SN3"
    assert Client.objects.get(external_id="B3").personal_number == "19341123-2394"


def test_new_row_may_take_a_value_that_another_gave_up(town: Town) -> None:
    town.bring_in()
    town.change("las", "V-1;SN3;Storgatan 3;;;monterad", "V-1;;Storgatan 3;;;avbojd")
    town.add("las", "L5;vred;V-1;SN3;Nygatan 5;;;monterad")
    assert town.bring_in().stored
    assert LockUnit.objects.get(serial="SN3").external_id == "L5"


def test_identity_number_of_a_registered_client_who_left_the_file_is_a_fault(town: Town) -> None:
    town.bring_in()
    before = _everything()
    town.change("brukare", "B4;", "B9;")
    (fault,) = town.bring_in().faults
    assert (fault.file, fault.line, fault.code) == ("brukare.csv", 5, "taken_value")
    assert fault.values["owner"] == "B4"
    assert _everything() == before


def test_rows_may_refer_to_what_is_registered_and_left_out_of_the_file(town: Town) -> None:
    town.bring_in()
    town.drop("personal", "10005")
    report = town.bring_in()
    assert report.stored
    (remark,) = report.remarks
    assert (remark.file, remark.code, remark.values) == (
        "personal.csv",
        "gone_from_file",
        {"count": 1},
    )
    assert Employee.objects.filter(number="10005").exists()


def test_planned_visit_and_shift_gone_from_a_newer_file_are_withdrawn(town: Town) -> None:
    town.bring_in()
    town.drop("arbetspass", "P2")
    town.drop("planerade_besok", "V5")
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert _totals(town.bring_in(now))["withdrawn"] == 2
    assert Shift.objects.get(external_id="P2").withdrawn_at == now
    assert PlannedVisit.objects.get(external_id="V5").withdrawn_at == now
    assert AuditEvent.objects.filter(verb=Verb.IMPORT_WITHDRAW).count() == 2
    # and once more: it is not withdrawn again
    assert _totals(town.bring_in(now))["withdrawn"] == 0


def test_visit_that_has_begun_is_not_withdrawn(town: Town) -> None:
    town.bring_in()
    town.drop("planerade_besok", "V3")
    assert _totals(town.bring_in(datetime(2026, 11, 23, 8, 0, tzinfo=UTC)))["withdrawn"] == 0
    assert PlannedVisit.objects.get(external_id="V3").withdrawn_at is None


def test_plan_outside_the_period_of_the_newer_file_stays(town: Town) -> None:
    town.bring_in()
    for key in ("V4", "V5", "V6"):
        town.drop("planerade_besok", key)
    assert _totals(town.bring_in())["withdrawn"] == 0


def test_plan_before_the_first_day_of_the_newer_file_stays(town: Town) -> None:
    town.bring_in()
    for key in ("V1", "V2"):
        town.drop("planerade_besok", key)
    assert _totals(town.bring_in(datetime(2026, 11, 22, 6, 0, tzinfo=UTC)))["withdrawn"] == 0


def test_withdrawn_visit_that_comes_back_holds_again(town: Town) -> None:
    town.bring_in()
    whole = town.files["planerade_besok"]
    town.drop("planerade_besok", "V5")
    town.bring_in()
    town.files["planerade_besok"] = whole
    assert _totals(town.bring_in()) == {"created": 0, "changed": 1, "withdrawn": 0}
    assert PlannedVisit.objects.get(external_id="V5").withdrawn_at is None


def test_choice_and_decision_gone_from_a_newer_file_no_longer_hold(town: Town) -> None:
    town.bring_in()
    town.change("val", "B3;service;559992-4429;;2025-05-24", "B3;service;212999-2083;;2025-06-01")
    town.drop("beslut", "D4")
    town.bring_in()
    former, present = ProviderChoice.objects.filter(service="household").order_by("valid_from")
    assert former.withdrawn_at is not None
    assert present.withdrawn_at is None
    assert CareDecision.objects.get(external_id="D4").withdrawn_at is not None


def test_decision_that_has_ended_stays_as_it_was_when_a_file_leaves_it_out(town: Town) -> None:
    town.bring_in()
    town.drop("beslut", "D2")
    town.bring_in(datetime(2026, 12, 1, 6, 0, tzinfo=UTC))
    assert CareDecision.objects.get(external_id="D2").withdrawn_at is None


def test_cut_off_export_does_not_take_everyones_access(town: Town) -> None:
    for number in range(30):
        town.add("beslut", f"X{number};B4;matlada;1;st/vecka;beslut;2026-01-01;")
    town.bring_in()
    before = _everything()
    town.files["beslut"] = "".join(town.files["beslut"].splitlines(keepends=True)[:8])
    (fault,) = town.bring_in().faults
    assert (fault.file, fault.code) == ("beslut.csv", "too_many_withdrawn")
    assert fault.values == {"count": 28, "total": 35}
    assert _everything() == before
    assert town.bring_in(accept_withdrawals=True).counts["beslut"]["withdrawn"] == 28


def test_emptied_file_withdraws_nothing_unless_that_is_meant(town: Town) -> None:
    town.bring_in()
    town.files["val"] = town.files["val"].splitlines(keepends=True)[0]
    (fault,) = town.bring_in().faults
    assert (fault.file, fault.code) == ("val.csv", "too_many_withdrawn")
    assert not ProviderChoice.objects.exclude(withdrawn_at=None).exists()


def test_plan_whose_ids_were_all_renumbered_is_taken_in(town: Town) -> None:
    for number in range(30):
        day = f"2026-12-{number + 1:02}"
        town.add("arbetspass", f"N{number};10006;{day} 08:00;{day} 09:00")
    town.bring_in()
    town.files["arbetspass"] = town.files["arbetspass"].replace("\nN", "\nM")
    assert town.bring_in().counts["arbetspass"]["withdrawn"] == 30


def _commission(unit: str) -> Installation:
    lock = LockUnit.objects.get(external_id=unit)
    return Installation.objects.create(
        identifier=bytes(8),
        lock_unit=lock,
        door=lock.door,
        lock_key_x=bytes(32),
        signing_key=bytes(33),
        radio_key=bytes(16),
        commissioned_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def test_new_spelling_of_an_address_does_not_part_a_commissioned_lock_from_its_door(
    town: Town,
) -> None:
    town.bring_in()
    installation = _commission("L3")
    doors = Door.objects.count()
    for name in ("las", "brukare"):
        town.change(name, "Storgatan 3", "Stora gatan 3")
    town.bring_in()
    door = LockUnit.objects.get(external_id="L3").door
    assert door == installation.door
    assert door.address == "Stora gatan 3"
    assert Client.objects.get(external_id="B3").front_door == door
    assert Door.objects.count() == doors
    assert AuditEvent.objects.filter(object_id=f"door:{door.pk}").exists()


def test_commissioned_lock_stays_mounted_though_the_file_still_says_planned(town: Town) -> None:
    town.bring_in()
    LockUnit.objects.filter(external_id="L4").update(status=LockUnit.Status.MOUNTED)
    _commission("L4")
    town.bring_in()
    assert LockUnit.objects.get(external_id="L4").status == LockUnit.Status.MOUNTED


def test_commissioned_lock_cannot_move_to_another_door_before_it_is_released(town: Town) -> None:
    town.bring_in()
    installation = _commission("L3")
    town.change(
        "las", "L4;vred;V-2;;Parkvägen 2;1201;;planerad", "L4;vred;V-2;;Nygatan 9;;;planerad"
    )
    town.change("las", "SN3;Storgatan 3;", "SN3;Parkvägen 2;1201")
    town.files["las"] = town.files["las"].replace("1201;;;monterad", "1201;;monterad")
    (fault,) = town.bring_in().faults
    assert (fault.file, fault.line, fault.code) == ("las.csv", 4, "installed_elsewhere")
    installation.retired_at = datetime(2026, 11, 20, tzinfo=UTC)
    installation.save()
    assert town.bring_in().stored
    moved = LockUnit.objects.get(external_id="L3")
    assert (moved.door.address, moved.door.apartment) == ("Parkvägen 2", "1201")


def test_failure_at_any_write_leaves_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail at the k-th bulk write for every k until the import comes through."""
    empty = _everything()
    real = QuerySet.bulk_create
    writes, failing = 0, 0

    def bulk_create(self: Any, objects: Any, **options: Any) -> Any:
        nonlocal writes
        writes += 1
        if writes == failing:
            raise OSError("the disk is full")
        return real(self, objects, **options)

    monkeypatch.setattr(QuerySet, "bulk_create", bulk_create)
    for failing in range(1, 100):  # noqa: B007 -- read by the failing write
        writes = 0
        try:
            report = town.bring_in()
        except OSError:
            assert _everything() == empty
        else:
            break
    assert report.stored
    assert failing > 20


@pytest.mark.slow
def test_bjorkvik_twice_changes_nothing_the_second_time(
    bjorkvik: None, bjorkvik_files: Any, moment: datetime
) -> None:
    from nyckelfri.server.importer import actions

    assert Client.objects.count() == 120
    assert PlannedVisit.objects.count() == 6167
    assert ForeignDoorEvent.objects.count() == 11320
    report = actions.import_files(bjorkvik_files, actor="system:test", now=moment)
    assert _totals(report) == {"created": 0, "changed": 0, "withdrawn": 0}
    assert report.remarks == []
