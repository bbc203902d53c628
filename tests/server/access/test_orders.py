"""Letting a unit go, at the server: the root orders, installers may, the old home is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doorworld import Municipality, private_key
from pytest_django import Settings

from nyckelfri.cli import main
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import grants, ownership, signed
from nyckelfri.door.commissioning import Kind, Printed
from nyckelfri.door.grants import Scope
from nyckelfri.door.ownership import Label, Release
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Shift
from nyckelfri.server.keys import actions_bulletin, actions_issue, labels, orders
from nyckelfri.server.keys import queries as keys_queries
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks import actions_commission, actions_orders
from nyckelfri.server.locks.actions_commission import CommissionError, NotInstallerError
from nyckelfri.server.locks.models import Installation, LockOrder
from nyckelfri.server.people.models import Employee, Role
from serverworld import Api, Handset, Lock, b64, unb64

SECRET = b"the next secret!"
FACTORY_X = signed.coordinate(private_key(77).public_key())
ONE = timedelta(seconds=1)


@pytest.fixture
def installer(cast: Any) -> Employee:
    """Alice is appointed to mount and take down thumb-turns; her team's doors are not hers now."""
    cast.alice.role = Role.DOOR_INSTALLER
    cast.alice.save()
    return cast.alice  # type: ignore[no-any-return]


def root_signed(keys: Any, release: Release, parts: int = 2) -> bytes:
    holders = keys.holders
    by_index = {
        holders.root.keys.index(signed.compressed(key.public_key())): key for key in holders.keys
    }
    return release.join(
        [
            signed.sign_part(release.payload, key=by_index[i], typ=ownership.RELEASE_TYP, index=i)
            for i in range(parts)
        ]
    )


def order(keys: Any, moment: datetime, lock: str = "LB0001") -> LockOrder:
    release = actions_orders.request(lock, actor="test", now=moment)
    return actions_orders.install(root_signed(keys, release), actor="test", now=moment)


def label_of(lock: Lock, **changes: Any) -> bytes:
    record = lock.record
    made = Label(record.municipality, record.installation, record.kind, FACTORY_X, SECRET)
    return replace(made, **changes).sign(lock.signing_key)


def test_the_release_that_the_root_signs_is_that_of_the_lock_in_service(
    keys: Any, locks: Any, moment: datetime
) -> None:
    release = actions_orders.request("LB0001", actor="test", now=moment)
    record = locks.home.record
    assert release.frees(installation=record.installation, nonce=record.release_nonce)
    assert release.municipality == keys.holders.root.municipality


def test_no_release_is_asked_for_of_a_lock_that_is_not_in_service(
    keys: Any, locks: Any, moment: datetime
) -> None:
    with pytest.raises(CommissionError, match="No unit is in service"):
        actions_orders.request("L9999", actor="test", now=moment)
    Installation.objects.filter(pk=locks.at_home.pk).update(release_nonce=None)
    with pytest.raises(CommissionError, match="replace it"):
        actions_orders.request("LB0001", actor="test", now=moment)


@pytest.mark.threat(8)
@pytest.mark.threat(61)
def test_only_what_the_root_has_signed_becomes_an_order(
    keys: Any, locks: Any, moment: datetime
) -> None:
    """Whoever rules the server alone can let nothing go."""
    release = actions_orders.request("LB0001", actor="test", now=moment)
    other = Municipality.make(seed=500)
    for wrong in (
        b"",
        release.payload,
        root_signed(keys, release, parts=1),
        other.sign_root(release.payload, ownership.RELEASE_TYP),
        root_signed(keys, replace(release, municipality=other.root.municipality)),
    ):
        with pytest.raises(CommissionError, match="not signed by our root"):
            actions_orders.install(wrong, actor="test", now=moment)
    for wrong in (
        root_signed(keys, replace(release, nonce=bytes(16))),
        root_signed(keys, replace(release, installation=bytes(8))),
    ):
        with pytest.raises(CommissionError, match="for no lock that is in service"):
            actions_orders.install(wrong, actor="test", now=moment)
    assert not LockOrder.objects.exists()


@pytest.mark.sentence(36)
@pytest.mark.threat(12)
def test_an_order_gives_installers_a_service_grant_for_that_lock_and_nobody_else_anything(
    keys: Any,
    cast: Any,
    locks: Any,
    installer: Employee,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    assert actions_issue.issue_for(installer, alices_phone.row, now=moment) == []
    made = order(keys, moment)
    rows = actions_issue.issue_for(installer, alices_phone.row, now=moment)
    assert {row.installation_id for row in rows} == {locks.at_home.pk}
    for row in rows:
        grant = grants.verify(bytes(row.data), keys.key_set)
        assert grant.scope is Scope.SERVICE
        assert grant.not_after - grant.not_before <= grants.MAX_WINDOW
        assert row.reasons == [{"rule": "lock_order", "order_id": str(made.pk)}]
    first = min(rows, key=lambda row: row.not_before)
    assert first.not_before <= moment < first.not_after
    again = actions_issue.issue_for(installer, alices_phone.row, now=moment + timedelta(hours=1))
    assert {row.serial for row in again} == {row.serial for row in rows}, "the same right"
    assert {row.scope for row in actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment)} == {
        int(grants.CARE)
    }
    issued = AuditEvent.objects.filter(verb=Verb.GRANT_ISSUE.value)
    assert {event.actor for event in issued} == {"employee:10001", "employee:10002"}


def test_an_installer_of_entrances_gets_nothing_at_a_front_door_and_the_other_way(
    keys: Any, locks: Any, installer: Employee, moment: datetime
) -> None:
    order(keys, moment, "L0001")
    assert orders.open_for(installer, moment) == []
    installer.role = Role.ENTRANCE_INSTALLER
    assert len(orders.open_for(installer, moment)) == 1


@pytest.mark.threat(59)
def test_an_installer_who_has_left_gets_no_order(
    keys: Any, locks: Any, installer: Employee, alices_phone: Handset, moment: datetime
) -> None:
    order(keys, moment)
    actions_issue.issue_for(installer, alices_phone.row, now=moment)
    installer.employed_till = moment.date() - timedelta(days=1)
    installer.save()
    assert orders.open_for(installer, moment) == []
    assert actions_issue.withdraw(moment) == 2


def test_deriving_for_everybody_leaves_service_grants_alone_while_the_order_is_open(
    keys: Any, locks: Any, installer: Employee, alices_phone: Handset, moment: datetime
) -> None:
    order(keys, moment)
    rows = actions_issue.issue_for(installer, alices_phone.row, now=moment)
    assert actions_issue.withdraw(moment) == 0
    actions_orders.complete(label_of(locks.home), installer=installer, actor="test", now=moment)
    assert not Issued.objects.filter(pk__in=[row.pk for row in rows], revoked_at=None).exists()


@pytest.mark.sentence(36)
@pytest.mark.threat(7)
def test_with_the_label_the_installation_is_retired_and_all_its_grants_are_revoked_at_once(
    keys: Any,
    cast: Any,
    locks: Any,
    installer: Employee,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    held = [
        row
        for row in actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment)
        if row.installation_id == locks.at_home.pk
    ]
    assert held
    order(keys, moment)
    for _ in range(2):
        actions_orders.complete(label_of(locks.home), installer=installer, actor="i", now=moment)
    locks.at_home.refresh_from_db()
    assert locks.at_home.retired_at == moment
    said = bulletins.read(actions_bulletin.current(moment), keys.key_set)
    assert said.serials == {row.serial for row in held}
    later = actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment + ONE)
    assert locks.at_home.pk not in {row.installation_id for row in later}
    deeds = list(AuditEvent.objects.filter(object_id="lock:LB0001").values_list("verb", flat=True))
    assert deeds[-2:] == [Verb.LOCK_RELEASE.value, Verb.LOCK_RETIRE.value]


def test_a_label_is_taken_of_the_lock_itself_by_its_installer_and_with_an_order(
    keys: Any, cast: Any, locks: Any, installer: Employee, moment: datetime
) -> None:
    def bring(data: bytes, who: Employee = installer) -> None:
        actions_orders.complete(data, installer=who, actor="i", now=moment)

    with pytest.raises(CommissionError, match="Nobody has ordered"):
        bring(label_of(locks.home))
    order(keys, moment)
    with pytest.raises(NotInstallerError):
        bring(label_of(locks.home), cast.bob)
    for wrong in (
        label_of(locks.home, municipality=bytes(8)),
        label_of(replace(locks.home, signing_key=locks.other_home.signing_key)),
        b"",
        label_of(locks.home)[:-1],
    ):
        with pytest.raises(Exception, match=r"municipality|hold|signed object"):
            bring(wrong)
    assert Installation.objects.get(pk=locks.at_home.pk).retired_at is None
    assert LockOrder.objects.get().done_at is None


@pytest.mark.threat(62)
@pytest.mark.threat(64)
def test_a_label_lies_sealed_and_goes_when_the_unit_is_commissioned_again(
    keys: Any,
    locks: Any,
    installer: Employee,
    moment: datetime,
    settings: Settings,
) -> None:
    order(keys, moment)
    actions_orders.complete(label_of(locks.home), installer=installer, actor="i", now=moment)
    row = LockOrder.objects.get()
    assert row.new_label is not None
    assert SECRET not in bytes(row.new_label)
    text = Printed(Kind.THUMB_TURN, FACTORY_X, SECRET).text()
    assert actions_orders.show_label("LB0001", actor="Eva", now=moment) == text
    for event in AuditEvent.objects.all():
        assert text not in f"{event.reason} {event.details} {event.object_id}"
        assert SECRET.hex() not in f"{event.reason} {event.details} {event.object_id}"
    shown = AuditEvent.objects.get(verb=Verb.LABEL_SHOW.value)
    assert (shown.actor, shown.object_id) == ("Eva", "lock:LB0001")
    with pytest.raises(labels.LabelError, match="secret-key file"):
        labels.unseal(bytes(row.new_label), bytes(8))
    again = Lock.make("new home", keys.holders.root, int(moment.timestamp()))
    again.put_in_service(locks.at_home.lock_unit, moment)
    assert LockOrder.objects.get().new_label is None
    with pytest.raises(CommissionError, match="No label"):
        actions_orders.show_label("LB0001", actor="Eva", now=moment)


def test_the_log_of_a_lock_that_was_let_go_still_comes_home(
    keys: Any, cast: Any, locks: Any, installer: Employee, api: Api, moment: datetime
) -> None:
    order(keys, moment)
    actions_orders.complete(label_of(locks.home), installer=installer, actor="i", now=moment)
    answer = api.post("sync", {"batches": [b64(locks.home.batch())], "openings": []})
    assert [row["status"] for row in answer.body["results"]["batches"]] == ["stored"]


@pytest.mark.threat(28)
def test_a_stolen_unit_is_retired_and_everything_follows(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, api: Api, moment: datetime
) -> None:
    """Grants revoked, bulletin, sync, open orders and audit."""
    api.sign_in("10001")
    before = api.post("sync").body
    at_home = locks.home.installation.hex()
    assert at_home in {grant["installation"] for grant in before["grants"]}
    made = order(keys, moment)
    actions_commission.retire("LB0001", reason="stolen", actor="Eva", now=moment)
    held = Issued.objects.filter(installation=locks.at_home)
    assert not held.filter(revoked_at=None).exists()
    body = api.post("sync").body
    assert at_home not in {door["installation"] for door in body["doors"]}
    assert at_home not in {grant["installation"] for grant in body["grants"]}
    said = bulletins.read(unb64(body["bulletin"]), keys.key_set)
    assert said.serials == {row.serial for row in held}
    made.refresh_from_db()
    assert made.done_at == moment
    retired = AuditEvent.objects.get(verb=Verb.LOCK_RETIRE.value)
    assert (retired.actor, retired.reason) == ("Eva", "stolen")
    nonce = {"installation": at_home, "nonce": b64(bytes(16))}
    assert api.post("time", nonce).status == 404
    with pytest.raises(CommissionError):
        actions_orders.request("LB0001", actor="Eva", now=moment)


def test_orders_and_labels_go_over_the_phone_api(
    keys: Any, cast: Any, locks: Any, installer: Employee, api: Api, moment: datetime
) -> None:
    made = order(keys, moment)
    assert api.post("sync").body["orders"] == [], "nobody is signed in"
    body = {"label": b64(label_of(locks.home))}
    assert api.post("installations/label", body).status == 401
    api.sign_in("10001")
    synced = api.post("sync").body
    assert synced["orders"] == [
        {"installation": locks.home.installation.hex(), "release": b64(bytes(made.release))}
    ]
    assert [door["installation"] for door in synced["doors"]] == [locks.home.installation.hex()]
    for wrong in ({}, {"label": ""}, {"label": "!"}, {"label": b64(bytes(2000))}):
        assert api.post("installations/label", wrong).status == 422
    for _ in range(2):
        answer = api.post("installations/label", body)
        assert (answer.status, answer.body) == (
            200,
            {"installation": locks.home.installation.hex()},
        )
    after = api.post("sync").body
    assert (after["orders"], after["grants"], after["doors"]) == ([], [], [])


def test_a_carer_sees_no_order_and_brings_no_label(
    keys: Any, cast: Any, locks: Any, api: Api, moment: datetime
) -> None:
    order(keys, moment)
    api.sign_in("10001")
    assert api.post("sync").body["orders"] == []
    answer = api.post("installations/label", {"label": b64(label_of(locks.home))})
    assert (answer.status, answer.code) == (403, "not_permitted")


def test_release_is_ordered_signed_and_installed_from_the_terminal(
    keys: Any,
    cast: Any,
    locks: Any,
    installer: Employee,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    moment: datetime,
) -> None:
    request, order_file = tmp_path / "request", tmp_path / "order"
    assert main(["server", "order-release", "LB0001", "-o", str(request)]) == 0
    release = Release.from_payload(request.read_bytes())
    order_file.write_bytes(request.read_bytes())
    assert main(["server", "install-order", str(order_file)]) == 1
    order_file.write_bytes(root_signed(keys, release))
    for _ in range(2):
        assert main(["server", "install-order", str(order_file)]) == 0
    assert LockOrder.objects.count() == 1
    assert main(["server", "label", "LB0001"]) == 1
    actions_orders.complete(label_of(locks.home), installer=installer, actor="i", now=moment)
    capsys.readouterr()
    assert main(["server", "label", "LB0001"]) == 0
    assert Printed.read(capsys.readouterr().out).secret == SECRET
    assert main(["server", "order-release", "LB0001", "-o", str(request)]) == 1
    assert keys_queries.root() == keys.holders.root
    assert Shift.objects.exists()
