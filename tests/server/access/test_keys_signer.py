"""The private keys: where they are, what they sign, and who sees them."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from doorworld import identifier

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import keyset, sealing, signed
from nyckelfri.door.delivery import Receipt, open_receipt
from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.door.sealing import SealError
from nyckelfri.door.signed import SignatureError
from nyckelfri.server.keys import actions_bulletin, actions_keyset, queries
from nyckelfri.server.keys.errors import KeysError, NotReadyError
from nyckelfri.server.keys.models import PinnedRoot, SignedKeySet
from nyckelfri.server.keys.signer import Signer
from serverworld import Holders


def test_private_keys_are_one_file_a_purpose_and_only_their_owner_reads_them(keys: Any) -> None:
    files = sorted(keys.directory.glob("*.pem"))
    assert [file.name for file in files] == [
        "bulletin-02.pem",
        "grant-01.pem",
        "receipt-03.pem",
        "sealing-04.pem",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(keys.directory.stat().st_mode) == 0o700


def test_signer_shows_no_key(keys: Any) -> None:
    signer = Signer(keys.directory)
    signer.public_keys()
    secret = (keys.directory / "grant-01.pem").read_text().splitlines()[1]
    assert secret not in repr(signer)
    assert "PrivateKey" not in repr(signer)


def test_key_file_that_others_can_read_is_refused(keys: Any) -> None:
    path = keys.directory / "receipt-03.pem"
    path.chmod(0o640)
    with pytest.raises(NotReadyError, match="chmod 600"):
        Signer(keys.directory).kid(Purpose.RECEIPT, keys.key_set)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nSECRET\n", b"\xff" * 99])
def test_damaged_key_file_is_named_and_not_quoted(keys: Any, content: bytes) -> None:
    (keys.directory / "grant-01.pem").write_bytes(content)
    with pytest.raises(NotReadyError, match=r"grant-01\.pem is damaged") as caught:
        Signer(keys.directory).kid(Purpose.GRANT, keys.key_set)
    assert "SECRET" not in str(caught.value)


def test_key_that_the_key_set_does_not_list_signs_nothing(keys: Any, tmp_path: Path) -> None:
    stranger = Signer(tmp_path / "other")
    for purpose in actions_keyset.PURPOSES:
        stranger.create(purpose)
    with pytest.raises(NotReadyError, match="restore the key files"):
        stranger.kid(Purpose.GRANT, keys.key_set)


def test_each_object_is_signed_by_the_key_of_its_purpose(keys: Any, moment: datetime) -> None:
    lock = identifier("lock")
    receipt = Receipt(keys.key_set.municipality, lock, 3, bytes(32))
    data = queries.our_signer().receipt(receipt, keys.key_set)
    assert open_receipt(data, keys.key_set, installation=lock) == receipt
    token = actions_bulletin.time_token(lock, bytes(16), moment)
    with pytest.raises(SignatureError):
        open_receipt(token, keys.key_set, installation=lock)
    time = bulletins.read_time(token, keys.key_set, installation=lock, nonce=bytes(16))
    assert time == int(moment.timestamp())


def test_key_ids_are_never_used_again(tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    kids = [signer.create(Purpose.GRANT, taken=[b"\x02"]).kid for _ in range(3)]
    assert kids == [b"\x01", b"\x03", b"\x04"]


def test_another_root_is_not_believed_once_one_is_pinned(keys: Any, moment: datetime) -> None:
    other = Holders.make(seed=750)
    with pytest.raises(KeysError, match="Another root"):
        actions_keyset.pin_root(other.root.encoded, actor="test", now=moment)
    assert PinnedRoot.objects.count() == 1


def _request(moment: datetime, **asked: Any) -> KeySet:
    return actions_keyset.request(**asked, actor="test", now=moment)


@pytest.mark.threat(8)
def test_key_set_of_another_root_is_refused(keys: Any, moment: datetime) -> None:
    other = Holders.make(seed=750)
    request = _request(moment, new=[Purpose.RECEIPT])
    theirs = other.sign(replace(request, municipality=other.root.municipality))
    # Their tool would not sign what is ours; somebody who wrote his own would.
    parts = [
        signed.sign_part(request.payload, key=other.keys[i], typ=keyset.TYP, index=i)
        for i in range(2)
    ]
    for data in (theirs, keyset.join(request, parts)):
        with pytest.raises(KeysError, match="not signed by our root"):
            actions_keyset.install(data, actor="test", now=moment)
    assert SignedKeySet.objects.count() == 1


def test_key_set_with_an_old_number_is_refused_and_the_same_one_changes_nothing(
    keys: Any, moment: datetime
) -> None:
    first = bytes(SignedKeySet.objects.get().data)
    newer = keys.holders.sign(_request(moment, new=[Purpose.RECEIPT]))
    rival = keys.holders.sign(_request(moment, new=[Purpose.BULLETIN]))
    assert actions_keyset.install(newer, actor="test", now=moment).number == 2
    assert actions_keyset.install(newer, actor="test", now=moment).number == 2
    for old in (first, rival):
        with pytest.raises(KeysError, match="higher number"):
            actions_keyset.install(old, actor="test", now=moment)
    assert queries.key_set().number == 2


def test_key_set_without_our_keys_is_not_installed(keys: Any, moment: datetime) -> None:
    request = _request(moment, new=[Purpose.GRANT], drop=[b"\x01"])
    for path in keys.directory.glob("grant-*.pem"):
        path.unlink()
    fresh = Signer(keys.directory)
    assert Purpose.GRANT not in {key.purpose for key in fresh.public_keys()}
    queries.our_signer()._loaded.clear()
    with pytest.raises(NotReadyError):
        actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)


def test_key_set_whose_journals_could_not_be_opened_here_is_not_installed(
    keys: Any, moment: datetime
) -> None:
    """The lock takes the highest id, so every sealing key of the set must be here."""
    request = _request(moment, new=[Purpose.SEALING])
    (keys.directory / "sealing-05.pem").unlink()
    queries.our_signer()._loaded.clear()
    with pytest.raises(NotReadyError, match=r"sealing-05\.pem is missing"):
        actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)


def test_sealing_key_opens_what_was_sealed_to_it_also_when_the_key_set_has_dropped_it(
    keys: Any, moment: datetime
) -> None:
    lock, content = identifier("lock"), bytes(range(16))
    old = sealing.sealing_key(keys.key_set)
    wrapped = sealing.wrap(content, to=old.point, installation=lock)
    request = _request(moment, new=[Purpose.SEALING], drop=[old.kid])
    actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)
    fresh = Signer(keys.directory)
    assert fresh.unwrap(old.kid, wrapped, lock) == content
    with pytest.raises(SealError):
        fresh.unwrap(sealing.sealing_key(queries.key_set()).kid, wrapped, lock)
    with pytest.raises(SealError, match=r"sealing-77\.pem is missing"):
        fresh.unwrap(b"\x77", wrapped, lock)
    (keys.directory / "sealing-04.pem").chmod(0o644)
    with pytest.raises(SealError, match="chmod 600"):
        Signer(keys.directory).unwrap(old.kid, wrapped, lock)


def test_request_cannot_leave_a_purpose_without_a_key(keys: Any, moment: datetime) -> None:
    with pytest.raises(KeysError, match="no key for receipt"):
        _request(moment, drop=[b"\x03"])
    with pytest.raises(KeysError, match="no key 09"):
        _request(moment, drop=[b"\x09"])
