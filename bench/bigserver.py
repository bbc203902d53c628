"""The console on PostgreSQL with a generated municipality: queries, time, and growth.

House rules: a page is asked for through all of Django (sessions, gate, middlewares, template)
in one process, turn and turn about with a page that shows nothing, and in two databases: after
a month of openings and after a year. What it costs is processor time, of this process and of
the database's that serves it: what else the machine does meanwhile is no cost of the page.
Which pages there are is the URL map's to say.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench import apart
from bench.apart import row

_TESTS = Path(__file__).parents[1] / "tests"
CLIENTS, DAYS = "NYCKELFRI_BENCH_CLIENTS", "NYCKELFRI_BENCH_DAYS"
_TOWNS: Final = ("small", "month", "year")
"""The databases, and the data directories beside each other."""
_SMALL: Final = 150
_AGAIN: Final = 8
_MONTH: Final = 30
_MOST_QUERIES: Final = 12
_NOT_A_QUERY: Final = re.compile(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK|SET)\b")
MORE: Final = {
    "openings": (
        "?fran=2026-11-16&till=2026-11-22",
        "?kund=X000007",
        "?kund=X000007&fran=2026-10-25&till=2026-11-23",
        "?personal=X1000010&fran=2026-10-25&till=2026-11-23",
        "?grupp=XG00&fran=2026-11-01&till=2026-11-23",
        "?utfall=jammed&fran=2026-10-25&till=2026-11-23",
        "?fran=2026-11-22&till=2026-11-22&avvikande=1",
        "?fran=2026-10-25&till=2026-11-23&avvikande=1",
        "?grupp=XG00&fran=2026-10-25&till=2026-11-23&avvikande=1",
    ),
}
"""Questions that a page is asked beside the plain one, by the name of its address."""
OF_THE_TOWN: Final = {"client": ["X000007"], "team": ["XG00"], "employee": ["X1000010"]}
"""Examples out of what is generated, beside those of Björkvik."""


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report, measured in a process of their own.

    NYCKELFRI_BENCH_CLIENTS (3000) and NYCKELFRI_BENCH_DAYS (365) say how large the
    municipality is; 15 000 clients and a year take ten minutes to make, and 15 GB.
    """
    clients = int(os.environ.get(CLIENTS, "600" if quick else "3000"))
    days = int(os.environ.get(DAYS, "60" if quick else "365"))
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        cluster = stack.enter_context(apart.cluster())
        here = Path(directory)
        _call(["small", str(_SMALL), str(days)], here / "small", cluster.create("small"))
        _call(["large", str(clients), str(_MONTH)], here / "month", cluster.create("month"))
        year = cluster.create("year", template="month")
        shutil.copytree(here / "month", here / "year")
        _call(["longer", str(days)], here / "year", year)
        urls = [cluster.url(name) for name in _TOWNS]
        turns = "5" if quick else "9"
        said = _call(["measure", turns, str(clients), str(days), *urls], here / "year", year)
    yield from json.loads(said)


def _call(words: list[str], directory: Path, url: str) -> bytes:
    directory.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "NYCKELFRI_DATA": str(directory),
        "NYCKELFRI_HOSTS": "testserver",
        "NYCKELFRI_HTTPS": "0",
        "DATABASE_URL": url,
        "PYTHONPATH": os.pathsep.join([*sys.path, str(_TESTS)]),
    }
    command = [sys.executable, "-m", "bench.bigserver", *words]
    return subprocess.run(  # noqa: S603 -- ourselves
        command, env=environment, check=True, stdout=subprocess.PIPE
    ).stdout


def _small(clients: str, days: str) -> None:
    _set_up()
    from bench.bigtown import make  # noqa: PLC0415 -- needs Django

    make.build(make.Size(int(clients), int(days)))


def _large(clients: str, days: str) -> None:
    """Björkvik with all that its pages need, and as many more as make it this large."""
    _set_up()
    import webtown  # noqa: PLC0415 -- the tests' own

    webtown.build(Path(os.environ["NYCKELFRI_DATA"]))
    from bench.bigtown import make  # noqa: PLC0415 -- needs Django

    make.build(make.Size(int(clients) - _there(), int(days)))


def _longer(days: str) -> None:
    _set_up()
    from bench.bigtown import make  # noqa: PLC0415 -- needs Django
    from nyckelfri.server.homes.models import Client  # noqa: PLC0415 -- the same

    made = Client.objects.filter(external_id__startswith="X").count()
    make.extend(make.Size(made, int(days)), _MONTH)


def _there() -> int:
    from nyckelfri.server.homes.models import Client  # noqa: PLC0415 -- needs Django

    return Client.objects.count()


def _set_up() -> None:
    import webtown  # noqa: PLC0415 -- the tests' own

    os.environ["NYCKELFRI_CLOCK"] = webtown.CLOCK
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in this process only

    start.set_up()
    start.bring_tables_up_to_date()


@dataclass
class Seen:
    """What was measured of one page: queries, and milliseconds of each turn by database.

    `empty` are those of the empty page, before each turn. The cheapest turn counts.
    """

    name: str
    path: str
    queries: int = 0
    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    empty: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def ratio(self) -> float:
        """Its time with a year of openings, in times of the empty page."""
        return min(self.spent["year"]) / min(self.empty["year"])

    def growth(self) -> float:
        """Its time with a year of openings, in times of its time with a month."""
        return min(self.spent["year"]) / min(self.spent["month"])


def _measure(turns: str, clients: str, days: str, *urls: str) -> list[dict[str, Any]]:
    _set_up()
    from django.conf import settings  # noqa: PLC0415 -- needs Django

    settings.ROOT_URLCONF = "bench.bigtown.urls"
    small, month, year = urls
    here = Path(os.environ["NYCKELFRI_DATA"]).parent
    _DIRECTORIES.update({url: here / name for url, name in zip(urls, _TOWNS, strict=True)})
    size = f"{int(clients):,} clients".replace(",", " ")
    found = _pages(int(turns), {"month": month, "year": year})
    explained = _explained(int(turns) * 4, small, year)
    return [*_rows(found, explained, size, f"{days} days"), _judged(year, size)]


def _pages(turns: int, urls: dict[str, str]) -> list[Seen]:
    import webtown  # noqa: PLC0415 -- the tests' own

    facts = {}
    for when, url in urls.items():
        _use(url)
        facts[when] = webtown.facts(_DIRECTORIES[url])
    sessions = {when: said["sessions"] for when, said in facts.items()}
    examples = facts["year"]["examples"]
    for name, args in OF_THE_TOWN.items():
        examples[name].append(args)
    roles = dict(_roles(examples))
    seen = [Seen(name, path) for name, path in _addresses(examples)]
    for page in seen:
        for when, url in urls.items():
            _use(url)
            role = roles[page.name]
            _look(page, _browser(sessions[when].get(role, "")), logged_in=bool(role))

    def take_turns(pages: Iterable[Seen], times: int) -> None:
        for page in pages:
            role = roles[page.name]
            for _ in range(times):
                for when, url in urls.items():
                    _use(url)
                    _take_turn(page, when, _browser(sessions[when].get(role, "")), bool(role))

    take_turns(seen, turns)
    # The worst of so many is often only the one that was disturbed most: those again.
    for worst in (Seen.ratio, Seen.growth):
        take_turns(sorted(seen, key=worst, reverse=True)[:_AGAIN], 3 * turns)
    return seen


class _Some(dict[str, Any]):
    """Examples by name; an address that has none yet is left out."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> list[Any]:
        return []


def _addresses(examples: dict[str, Any]) -> Iterator[tuple[str, str]]:
    import webpages  # noqa: PLC0415 -- the tests' own

    for address in webpages.every(_Some(examples)):
        yield address.name, address.path
        for question in MORE.get(address.name, ()):
            yield address.name, address.path + question


def _roles(examples: dict[str, Any]) -> Iterator[tuple[str, str]]:
    import webpages  # noqa: PLC0415 -- the tests' own

    for address in webpages.every(_Some(examples)):
        yield address.name, address.role


@functools.cache
def _browser(session: str) -> Any:
    """A browser of its own for each session, since a new one loads the middlewares anew."""
    from django.conf import settings  # noqa: PLC0415 -- needs Django
    from django.test import Client  # noqa: PLC0415 -- the same

    browser = Client()
    if session:
        browser.cookies[settings.SESSION_COOKIE_NAME] = session
    return browser


def _look(page: Seen, browser: Any, *, logged_in: bool) -> None:
    """Count the queries, which warms everything up too."""
    from django.db import connection  # noqa: PLC0415 -- needs Django
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- the same

    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(page.path)
    # A page that says no is a page too, to whoever is not logged in.
    if answer.status_code != 200 and logged_in:
        raise RuntimeError(f"{page.path} answers {answer.status_code}")
    queries = [each for each in asked if not _NOT_A_QUERY.match(each["sql"])]
    page.queries = max(page.queries, len(queries))


def _take_turn(page: Seen, when: str, browser: Any, logged_in: bool) -> None:  # noqa: FBT001 -- ours
    blank = "/empty/" if logged_in else "/empty-to-all/"
    page.empty[when].append(_processor_milliseconds(lambda: browser.get(blank)))
    page.spent[when].append(_processor_milliseconds(lambda: browser.get(page.path)))


def _explained(turns: int, small: str, large: str) -> tuple[float, float]:
    """Milliseconds for who can open a client's doors and why: in the large, in the small."""
    from bench.bigtown.sql import MOMENT  # noqa: PLC0415 -- the same
    from nyckelfri.server.access import explain  # noqa: PLC0415 -- needs Django
    from nyckelfri.server.homes.models import Client  # noqa: PLC0415 -- the same

    spent: dict[str, list[float]] = {small: [], large: []}
    for turn in range(turns):
        for url, times in spent.items():
            _use(url)
            # The same client's neighbourhood in both.
            client = Client.objects.get(external_id=f"X{turn * 7 % 140:06}")
            times.append(
                _milliseconds(lambda: explain.who_can_open(client, MOMENT, MOMENT))  # noqa: B023 -- called here
            )
    return min(spent[large][2:]), min(spent[small][2:])


def _judged(url: str, size: str) -> dict[str, Any]:
    """What the round costs that judges two weeks of openings again, when nothing has changed."""
    from bench.bigtown.sql import MOMENT  # noqa: PLC0415 -- needs Django
    from nyckelfri.server.visits import actions_judge  # noqa: PLC0415 -- the same

    _use(url)
    actions_judge.judge_again(MOMENT)  # what was made here is no judgement
    spent = _milliseconds(lambda: actions_judge.judge_again(MOMENT))
    return row(
        f"two weeks of openings judged again, beside the pages, {size} / a minute",
        spent / 1000,
        60,
        "s",
        target="≤ 1",
        note="PostgreSQL; four times a day",
    )


def _rows(
    seen: list[Seen], explained: tuple[float, float], size: str, days: str
) -> Iterator[dict[str, Any]]:
    yield row(
        f"who can open a client's doors and why, {size} / {_SMALL} clients",
        *explained,
        "ms",
        target="≤ 2",
        note="PostgreSQL; each with a year of openings",
    )
    for page in seen:
        sys.stderr.write(
            f"{page.queries:4} queries {page.ratio():5.1f} × empty {page.growth():5.2f} × a month"
            f" {min(page.spent['year']):7.1f} ms {page.path}\n"
        )
    asked = sorted(seen, key=lambda page: -page.queries)
    yield row(
        f"queries of the console page with the most / {_MOST_QUERIES}",
        asked[0].queries,
        _MOST_QUERIES,
        "queries",
        target="≤ 1",
        note=_list(asked, lambda page: f"{page.queries}"),
    )
    slow = sorted(seen, key=lambda page: -page.ratio())
    yield row(
        f"the slowest console page / an empty page, {size}, {days} of openings",
        min(slow[0].spent["year"]),
        min(slow[0].empty["year"]),
        "ms of processor",
        target="≤ 5",
        note=_list(slow, lambda page: f"{page.ratio():.1f}"),
    )
    grown = sorted(seen, key=lambda page: -page.growth())
    yield row(
        f"the console page that grows most, {days} / {_MONTH} days of openings, {size}",
        min(grown[0].spent["year"]),
        min(grown[0].spent["month"]),
        "ms of processor",
        target="≤ 1.5",
        note=_list(grown, lambda page: f"{page.growth():.2f}"),
    )


def _list(pages: list[Seen], what: Callable[[Seen], str]) -> str:
    first = "; ".join(f"{page.path} {what(page)}" for page in pages[:5])
    return f"of {len(pages)} pages: {first}"


def _use(url: str) -> None:
    """Have Django use this database from now on."""
    from django.conf import settings as django_settings  # noqa: PLC0415 -- needs Django
    from django.db import connections  # noqa: PLC0415 -- the same

    from nyckelfri.server import database  # noqa: PLC0415 -- the same

    django_settings.DATA = _DIRECTORIES[url]
    if url not in _CONNECTIONS:
        chosen = {"default": database.from_url(url, _DIRECTORIES[url])}
        connections.settings["default"] = connections.configure_settings(chosen)["default"]
        _CONNECTIONS[url] = connections.create_connection("default")
    connections["default"] = _CONNECTIONS[url]


_DIRECTORIES: Final[dict[str, Path]] = {}
_CONNECTIONS: Final[dict[str, Any]] = {}


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _processor_milliseconds(call: Callable[[], object]) -> float:
    """What a call costs this process, and the one that the database has for it."""
    begun = time.process_time() + _database_seconds()
    call()
    return (time.process_time() + _database_seconds() - begun) * 1000


def _database_seconds() -> float:
    from django.db import connection  # noqa: PLC0415 -- needs Django

    process = connection.connection.info.backend_pid
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


_DEEDS: Final[dict[str, Callable[..., Any]]] = {
    "small": _small,
    "large": _large,
    "longer": _longer,
    "measure": _measure,
}

if __name__ == "__main__":
    done = _DEEDS[sys.argv[1]](*sys.argv[2:])
    sys.stdout.write(json.dumps(done))
