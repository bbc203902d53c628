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
    (tmp_path / "app.html").write_text("<script src='f/__VERSION__/app/main.js'></script>")
    (tmp_path / "sw.js").write_text("const V = '__VERSION__', F = JSON.parse('__FILES__');")
    (tmp_path / "manifest.webmanifest").write_text("{}")
    (tmp_path / "app" / "main.js").write_text("export {};")
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
            "reasons",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_each_address_says_what_it_is_and_how_long_it_holds_and_sets_no_cookie(
    browser: Browser, address: str, kind: str, keep: str
) -> None:
    answer = browser.get(of_app(files.REASONS) if address == "reasons" else address)
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
    plain = browser.get(of_app(files.REASONS))
    packed = browser.get(of_app(files.REASONS), headers={"accept-encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content)
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))


@pytest.mark.parametrize(
    "path",
    [
        "/telefon/f/0123456789abcdef/texts/reasons.js",
        "app.html",
        "sw.js",
        "nowhere.js",
        "../server/settings.py",
        "..%2f..%2fserver/settings.py",
        "texts/../texts/reasons.js",
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
    assert of_app(files.REASONS) in addresses
    for address in addresses:
        assert browser.get(address).status_code == 200, address


def test_shell_names_every_module_that_the_app_begins_with_so_that_none_waits_for_another(
    folder: Path,
) -> None:
    main = folder / "app" / "main.js"
    main.write_text("import {\n  a,\n} from './a.js';\nconst lazy = () => import('./late.js');\n")
    (folder / "app" / "a.js").write_text("import './main.js';\nexport * from '../b.js';\n")
    (folder / "app" / "late.js").write_text("export {};")
    (folder / "b.js").write_text("export const b = 1;")
    shell = folder / "app.html"
    shell.write_text("<!-- __MODULES__ -->")
    app = files.load(folder)
    named = re.findall(r'href="(\S+)"', app.shell.content.decode())
    assert named == [f"/telefon/f/{app.version}/{name}" for name in ("app/a.js", "b.js")]
    (folder / "b.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"b\.js is missing"):
        files.load(folder)


def test_version_changes_with_any_file_and_with_nothing_else(folder: Path) -> None:
    first = files.load(folder)
    assert files.load(folder) == first
    assert set(first.files) == {"app/main.js", files.REASONS}
    assert f"f/{first.version}/app/main.js" in first.shell.content.decode()
    (folder / "README.md").write_text("changed")
    assert files.load(folder).version == first.version
    for name in ("app.html", "sw.js", "manifest.webmanifest", "app/main.js"):
        before = files.load(folder).version
        path = folder / name
        path.write_text(path.read_text() + " ")
        assert files.load(folder).version != before
    (folder / "app" / "more.js").write_text("export {};")
    moved = files.load(folder).version
    (folder / "app" / "more.js").rename(folder / "app" / "other.js")
    assert files.load(folder).version != moved


def test_app_that_is_not_whole_says_what_is_missing(folder: Path) -> None:
    (folder / "sw.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"sw\.js is missing"):
        files.load(folder)


def test_reasons_are_those_of_the_door(browser: Browser) -> None:
    text = browser.get(of_app(files.REASONS)).content.decode()
    found: Any = json.loads(text[text.index("= ") + 2 : text.rindex(";")])
    assert {int(number) for number in found} == {int(reason) for reason in Reason}
    assert found["6"] == {"sv": Reason.TOO_FAR.text("sv"), "en": Reason.TOO_FAR.text("en")}
