"""Documents that can go stale, and the rules of the repository itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from nyckelfri import cli

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        if "/data/" in path.as_posix():
            continue
        try:
            found.append((path, path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("command", cli.SUBCOMMANDS)
def test_every_command_stands_in_the_readme_and_explains_itself(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"nyckelfri {command}" in README
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert cli.SUBCOMMANDS[command].help in capsys.readouterr().out


def test_every_setting_stands_in_the_readme() -> None:
    settings = set()
    for path, text in texts():
        if "src/" in path.as_posix():
            settings |= set(re.findall(r"\bNYCKELFRI_[A-Z_]+\b", text))
    assert settings
    missing = {name for name in settings if f"`{name}`" not in README}
    assert not missing


def test_every_make_target_stands_in_the_readme() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)
    assert {"demo", "test", "check", "bench", "help"} <= set(targets)
    assert [name for name in targets if f"make {name}" not in README] == []


def test_every_room_and_document_stands_on_the_map() -> None:
    text = (ROOT / "docs/map.md").read_text("utf-8")
    rooms = [
        path.name for path in (ROOT / "src/nyckelfri").iterdir() if (path / "__init__.py").exists()
    ]
    apps = [path.parent.name for path in (ROOT / "src/nyckelfri/server").glob("*/__init__.py")]
    documents = [path.name for path in (ROOT / "docs").rglob("*.md") if path.name != "map.md"]
    assert [name for name in (*rooms, *apps) if f"`{name}/`" not in text] == []
    assert [name for name in documents if name not in text] == []


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")):
                assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_no_file_names_a_package_registry_or_this_machine() -> None:
    hosts = "|".join(
        ["pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "--index" + "-url"]
    )
    machine = "/" + "work/"
    for path, text in texts():
        assert not re.search(hosts, text), path
        assert machine not in text, path


def test_requirements_are_pinned_with_hashes() -> None:
    text = (ROOT / "requirements/dev.txt").read_text("utf-8")
    names = re.findall(r"^[a-z0-9][^\n]*", text, re.MULTILINE)
    assert names
    assert all("==" in name for name in names)
    assert text.count("--hash=sha256:") >= len(names)
    assert "http" not in text


def test_files_can_be_read_in_one_sitting() -> None:
    sources = [
        (path.relative_to(ROOT).as_posix(), text.count("\n"))
        for path, text in texts()
        if path.suffix in {".py", ".js"} and "migrations" not in path.parts
    ]
    assert {name: n for name, n in sources if name.startswith("src/") and n > 400} == {}
