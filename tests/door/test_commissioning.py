"""Commissioning: who holds the label and stands at the unit, and nobody else, gives it an owner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Door, Municipality, identifier, private_key
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door import commissioning, signed
from nyckelfri.door.commissioning import FactoryUnit, InstallationRecord, Installer, Kind, Printed
from nyckelfri.door.courier import Commission, Commissioned, Courier
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.opening import LockOpening, NotAcceptedError
from nyckelfri.door.signed import SignatureError

SECRET = bytes(range(100, 116))
FACTORY_KEY = private_key(900)
INSTALLER_KEY = private_key(901)
LABEL = Printed(Kind.THUMB_TURN, signed.coordinate(FACTORY_KEY.public_key()), SECRET)


def session(
    label: Printed = LABEL, factory_key: ec.EllipticCurvePrivateKey = FACTORY_KEY
) -> tuple[Courier, Courier]:
    """The record layers of installer's phone and unit after the four messages."""
    message_1, waiting = Installer(label, INSTALLER_KEY).message_1()
    message_2, unit = FactoryUnit(factory_key).message_1(message_1)
    message_3, welcome = waiting.message_2(message_2)
    message_4, unit_courier = unit.message_3(message_3)
    return welcome.message_4(message_4), unit_courier


def offer(municipality: Municipality, phone: Courier, secret: bytes = SECRET) -> Commission:
    return Commission(
        commissioning.proof(secret, phone.exporter),
        municipality.root.encoded,
        municipality.signed_key_set,
        municipality.bulletin(),
    )


def installation(municipality: Municipality, door: Door) -> InstallationRecord:
    return InstallationRecord(
        municipality.key_set.municipality,
        door.installation,
        Kind.THUMB_TURN,
        signed.coordinate(door.key.public_key()),
        signed.compressed(door.signing_key.public_key()),
        bytes(range(50, 66)),
        bytes(range(70, 86)),
    )


def test_a_unit_takes_its_municipality_from_who_holds_the_label(
    municipality: Municipality, door: Door
) -> None:
    phone, unit = session()
    received = unit.open(phone.seal(offer(municipality, phone)))
    assert isinstance(received, Commission)
    root, key_set, bulletin = commissioning.check(received, secret=SECRET, exporter=unit.exporter)
    assert (root, key_set) == (municipality.root, municipality.key_set)
    assert bulletin.issued == NOON - 3600

    made = installation(municipality, door)
    answer = phone.open(unit.seal(Commissioned(made.sign(door.signing_key))))
    assert isinstance(answer, Commissioned)
    assert InstallationRecord.read(answer.data) == made


@pytest.mark.threat(17)
@given(guess=st.binary(min_size=16, max_size=16).filter(lambda guess: guess != SECRET))
def test_another_secret_proves_nothing(municipality: Municipality, guess: bytes) -> None:
    phone, unit = session()
    with pytest.raises(NotAcceptedError, match="not proven"):
        commissioning.check(
            offer(municipality, phone, guess), secret=SECRET, exporter=unit.exporter
        )


@pytest.mark.threat(10)
@pytest.mark.threat(62)
def test_a_proof_serves_one_session_so_an_overheard_or_kept_one_is_void(
    municipality: Municipality,
) -> None:
    phone, _ = session()
    kept = offer(municipality, phone)
    _, later = session()
    with pytest.raises(NotAcceptedError, match="not proven"):
        commissioning.check(kept, secret=SECRET, exporter=later.exporter)


@pytest.mark.threat(62)
def test_the_label_is_worth_nothing_once_the_lock_has_its_own_key(door: Door) -> None:
    """The commissioned lock proves another key, and another name, than the label's."""
    message_1, waiting = Installer(LABEL, INSTALLER_KEY).message_1()
    message_2, _ = LockOpening(door.installation, door.key).message_1(message_1)
    with pytest.raises(NotAcceptedError, match="not the unit of this code"):
        waiting.message_2(message_2)
    own_label = replace(LABEL, key=signed.coordinate(door.key.public_key()))
    message_1, waiting = Installer(own_label, INSTALLER_KEY).message_1()
    message_2, _ = LockOpening(door.installation, door.key).message_1(message_1)
    with pytest.raises(NotAcceptedError):
        waiting.message_2(message_2)


@pytest.mark.threat(4)
@pytest.mark.threat(28)
def test_a_unit_that_does_not_hold_the_labels_key_hears_nothing() -> None:
    with pytest.raises(NotAcceptedError, match="not the unit of this code"):
        session(factory_key=private_key(902))


@pytest.mark.threat(8)
def test_key_set_and_bulletin_must_belong_to_the_root_that_comes_with_them(
    municipality: Municipality,
) -> None:
    phone, unit = session()
    good, other = offer(municipality, phone), Municipality.make(seed=500)
    for bad in (
        replace(good, root=other.root.encoded),
        replace(good, key_set=other.signed_key_set),
        replace(good, bulletin=other.bulletin()),
        replace(good, root=b""),
        replace(good, key_set=b""),
        replace(good, bulletin=b""),
        replace(good, key_set=municipality.sign_key_set(municipality.key_set, (1,))),
        replace(good, bulletin=municipality.bulletin(epoch=2)),
    ):
        with pytest.raises((SignatureError, ObjectError)):
            commissioning.check(bad, secret=SECRET, exporter=unit.exporter)
    with pytest.raises(NotAcceptedError):
        commissioning.check(replace(good, proof=b""), secret=SECRET, exporter=unit.exporter)


@given(key=st.binary(min_size=32, max_size=32), secret=st.binary(min_size=16, max_size=16))
def test_a_label_is_read_as_it_was_printed(key: bytes, secret: bytes) -> None:
    for kind in Kind:
        printed = Printed(kind, key, secret)
        assert Printed.read(printed.text()) == printed
        assert Printed.read(f"  {printed.text()}\n") == printed
        assert printed.text().startswith("NYCKELFRI:1:")
        assert "=" not in printed.text()


@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "NYCKELFRI:1:",
        LABEL.text()[:-1],
        LABEL.text() + "A",
        LABEL.text() + "=",
        LABEL.text().lower(),
        LABEL.text().removeprefix("NYCKELFRI:1:"),
        LABEL.text().replace("NYCKELFRI:1:", "NYCKELFRI:2:"),
        LABEL.text()[:-1] + "7",
        LABEL.text().replace("A", "1"),
        LABEL.text().replace("A", "å"),
        "NYCKELFRI:1:" + "A" * 79,
        "https://example.com",
    ],
)
def test_another_code_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(ObjectError, match="scan the label on the unit itself"):
        Printed.read(text)


def test_an_installation_record_is_signed_by_the_key_it_names(
    municipality: Municipality, door: Door
) -> None:
    made = installation(municipality, door)
    with pytest.raises(SignatureError, match="does not hold"):
        InstallationRecord.read(made.sign(private_key(3)))
    for wrong in (
        replace(made, lock_key=b"\xff" * 32),
        replace(made, lock_key=bytes(31)),
        replace(made, signing_key=b"\x02" + b"\xff" * 32),
        replace(made, radio_key=bytes(15)),
        replace(made, installation=identifier("x")[:7]),
        replace(made, kind=3),  # type: ignore[arg-type]
        replace(made, kind=0),  # type: ignore[arg-type]
    ):
        with pytest.raises((SignatureError, ObjectError)):
            InstallationRecord.read(wrong.sign(door.signing_key))


def test_a_journal_batch_or_a_key_id_does_not_make_an_installation(
    municipality: Municipality, door: Door
) -> None:
    made = installation(municipality, door)
    payload = signed.unverified_payload(made.sign(door.signing_key))
    for typ, kid in (("nyckelfri/journal", None), (None, None), (commissioning.TYP, b"\x01")):
        data = signed.sign(payload, key=door.signing_key, typ=typ, kid=kid)
        with pytest.raises(SignatureError, match="something else"):
            InstallationRecord.read(data)


@pytest.mark.threat(64)
def test_secrets_do_not_show_in_reprs(municipality: Municipality, door: Door) -> None:
    made = installation(municipality, door)
    for secret, holder in ((SECRET, LABEL), (made.radio_key, made)):
        assert repr(secret)[2:-1] not in repr(holder)
        assert secret.hex() not in repr(holder)


@pytest.mark.threat(13)
@given(junk=st.binary(max_size=120))
def test_junk_from_the_radio_is_refused_by_unit_and_phone(junk: bytes) -> None:
    unit = FactoryUnit(FACTORY_KEY)
    with pytest.raises(NotAcceptedError):
        unit.message_1(junk)
    message_1, waiting = Installer(LABEL, INSTALLER_KEY).message_1()
    _, awaiting = unit.message_1(message_1)
    with pytest.raises(NotAcceptedError):
        awaiting.message_3(junk)
    with pytest.raises(NotAcceptedError):
        waiting.message_2(junk)
