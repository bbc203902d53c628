"""Files of the ceremony: who may read them, and that none is ever written over."""

from __future__ import annotations

import os
import resource
import signal
import stat
from pathlib import Path

import pytest

from nyckelfri.root import files
from nyckelfri.root.errors import RootError


def test_a_private_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files.write(tmp_path / "part.pem", b"secret", private=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "part.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o620])
def test_a_private_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "part.pem"
    path.write_bytes(b"secret")
    path.chmod(mode)
    with pytest.raises(RootError, match="chmod 600"):
        files.read_private(path)
    path.chmod(0o600)
    assert files.read_private(path) == b"secret"


def test_a_link_to_a_private_file_is_refused(tmp_path: Path) -> None:
    files.write(tmp_path / "part.pem", b"secret", private=True)
    (tmp_path / "link.pem").symlink_to(tmp_path / "part.pem")
    with pytest.raises(RootError, match="is a link"):
        files.read_private(tmp_path / "link.pem")


@pytest.mark.parametrize("read", [files.read, files.read_private])
def test_what_is_no_plain_file_is_refused_and_not_waited_for(tmp_path: Path, read: object) -> None:
    assert callable(read)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(RootError, match="no plain file"):
        read(tmp_path / "pipe")
    with pytest.raises(RootError, match=r"plain file|cannot read"):
        read(tmp_path)
    with pytest.raises(RootError, match="cannot read"):
        read(tmp_path / "nothing")


def test_a_file_over_the_limit_is_refused_and_one_at_it_read(tmp_path: Path) -> None:
    path = tmp_path / "request"
    path.write_bytes(bytes(files.MAX_FILE))
    assert len(files.read(path)) == files.MAX_FILE
    path.write_bytes(bytes(files.MAX_FILE + 1))
    with pytest.raises(RootError, match="too large"):
        files.read(path)


def test_nothing_is_written_over_not_even_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (kept, tmp_path / "link"):
        with pytest.raises(RootError, match="exists"):
            files.write(path, b"other")
    assert kept.read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere").exists()


def test_files_that_belong_together_are_all_written_or_none(tmp_path: Path) -> None:
    first, last = tmp_path / "first", tmp_path / "no folder" / "last"
    with pytest.raises(RootError, match=r"cannot write .*last"):
        files.write_all({first: b"1", last: b"2"}, private={first})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.threat(24)
def test_a_write_that_is_cut_leaves_no_half_a_file(tmp_path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
    try:
        with pytest.raises(RootError, match="cannot write"):
            files.write_all({tmp_path / "a": bytes(50), tmp_path / "b": bytes(500)}, private=set())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(tmp_path.iterdir()) == []
