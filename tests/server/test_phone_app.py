"""The staff phone app's files as a browser gets them."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.door.reasons import Reason
from nyckelfri.server.headers import CONTENT_SECURITY_POLICY
from nyckelfri.server.phoneapp import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An app small enough to read."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app.html").write_text("<script src='f/__VERSION__/app.js'></script>")
    (tmp_path / "sw.js").write_text("const V = '__VERSION__', F = JSON.parse('__FILES__');")
    (tmp_path / "manifest.webmanifest").write_text("{}")
    (tmp_path / "app" / "main.js").write_text("import { a } from './a.js';\nvoid a;\n")
    (tmp_path / "app" / "a.js").write_text("export const a = 1;\n")
    (tmp_path / "README.md").write_text("not served")
    (tmp_path / "base.d.ts").write_text("not served")
    return tmp_path


def of_app(path: str) -> str:
    return f"/telefon/f/{files.app().version}/{path}"


@pytest.mark.parametrize(
    ("address", "kind", "keep"),
    [
        ("/telefon/", "text/html; charset=utf-8", "no-cache"),
        ("/telefon/etikett/E0001?p=00&c=00", "text/html; charset=utf-8", "no-cache"),
        ("/telefon/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/telefon/manifest.webmanifest", "application/manifest+json", "no-cache"),
        (
            "app.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_each_address_says_what_it_is_and_how_long_it_holds_and_sets_no_cookie(
    browser: Browser, address: str, kind: str, keep: str
) -> None:
    answer = browser.get(address if address.startswith("/") else of_app(address))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"] == keep
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_label_leads_to_the_same_page_whatever_stands_behind_it(browser: Browser) -> None:
    shell = browser.get("/telefon/").content
    for label in ("E0001", "E9999", "%00", "<script>", "E0001?p=EF963F&c=94EE"):
        assert browser.get(f"/telefon/etikett/{label}").content == shell


def test_files_are_packed_once_for_those_who_unpack(browser: Browser) -> None:
    plain = browser.get(of_app(files.SCRIPT))
    packed = browser.get(of_app(files.SCRIPT), headers={"accept-encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content)
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))


@pytest.mark.parametrize(
    "path",
    [
        "/telefon/f/0123456789abcdef/app.js",
        "app/main.js",
        "texts/sv.js",
        "app.html",
        "sw.js",
        "nowhere.js",
        "../server/settings.py",
        "..%2f..%2fserver/settings.py",
        "texts/../app.js",
        "",
    ],
)
def test_nothing_else_is_served(browser: Browser, path: str) -> None:
    address = path if path.startswith("/") else of_app(path)
    assert browser.get(address).status_code == 404


def test_nobody_writes_to_it(browser: Browser) -> None:
    assert browser.post("/telefon/").status_code == 405
    assert browser.head("/telefon/").status_code == 200


def test_shell_names_only_addresses_that_are_there(browser: Browser) -> None:
    """Except for what is written in other rooms: the modules themselves."""
    text = browser.get("/telefon/").content.decode()
    assert "__" not in text
    assert files.app().version in text
    assert "http:" not in text
    assert "https:" not in text


def test_worker_lists_every_file_of_the_version(browser: Browser) -> None:
    text = browser.get("/telefon/sw.js").content.decode()
    (listed,) = re.findall(r"JSON\.parse\('(\[.*?\])'\)", text)
    addresses = json.loads(listed)
    assert addresses[0] == "/telefon/"
    assert of_app(files.SCRIPT) in addresses
    for address in addresses:
        assert browser.get(address).status_code == 200, address


def test_version_changes_with_any_file_and_with_nothing_else(folder: Path) -> None:
    first = files.load(folder)
    assert files.load(folder) == first
    assert set(first.files) == {files.SCRIPT}
    assert f"f/{first.version}/app.js" in first.shell.content.decode()
    (folder / "README.md").write_text("changed")
    assert files.load(folder).version == first.version
    for name in ("app.html", "sw.js", "manifest.webmanifest", "app/main.js", "app/a.js"):
        before = files.load(folder).version
        path = folder / name
        path.write_text(path.read_text() + " ")
        assert files.load(folder).version != before
    moved = files.load(folder).version
    (folder / "icon.svg").write_text("<svg/>")
    assert files.load(folder).version != moved


def test_app_that_is_not_whole_says_what_is_missing(folder: Path) -> None:
    (folder / "app" / "a.js").unlink()
    with pytest.raises(ValueError, match=r"app/main\.js > app/a\.js: there is no such module"):
        files.load(folder)
    (folder / "app" / "a.js").write_text("export const a = 1;\n")
    (folder / "sw.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"sw\.js is missing"):
        files.load(folder)


def test_reasons_are_those_of_the_door(browser: Browser) -> None:
    text = files.reasons()
    assert text[text.index("const ") :] in browser.get(of_app(files.SCRIPT)).content.decode()
    found: Any = json.loads(text[text.index("= ") + 2 : text.rindex(";")])
    assert {int(number) for number in found} == {int(reason) for reason in Reason}
    assert found["6"] == {"sv": Reason.TOO_FAR.text("sv"), "en": Reason.TOO_FAR.text("en")}
