"""What bare SQL needs for the month: visits paired from events, and lines summed from them.

House rules: as somebody writes it by hand who knows PostgreSQL well, for this one question:
no doubt, no grade, no trace, nothing frozen. Both tables are written anew, without a log.
"""

from __future__ import annotations

from typing import Final

from bench.bigtown.sql import run
from django.db import connection

_SETTINGS: Final = ("work_mem = '256MB'", "enable_nestloop = off")
"""What it is fastest with: nothing is sorted on disk, and no join is looked up row by row."""
_MONTH: Final = "'2026-10-01 00:00 Europe/Stockholm' AND '2026-11-01 00:00 Europe/Stockholm'"
_PAIR: Final = f"""
    CREATE UNLOGGED TABLE bare_visit AS
    WITH events AS (
        SELECT c.id AS client_id, e.employee_id, e.at, e.command
        FROM visits_doorevent e
        JOIN locks_installation i ON i.id = e.installation_id
        JOIN homes_client c ON c.front_door_id = i.door_id
        WHERE e.at BETWEEN {_MONTH} AND e.result = 'done' AND e.command IN (1, 2)
            AND e.employee_id IS NOT NULL
        UNION ALL
        SELECT l.client_id, e.employee_id, e.at, 0
        FROM visits_phoneentry e JOIN locks_nfclabel l ON l.id = e.label_id
        WHERE e.at BETWEEN {_MONTH} AND e.verdict IN ('signed', 'plain')
    ), numbered AS (
        SELECT *, count(*) FILTER (WHERE command = 1)
            OVER (PARTITION BY client_id, employee_id ORDER BY at) AS nth
        FROM events
    ), stays AS (
        SELECT client_id, employee_id, min(at) FILTER (WHERE command = 1) AS entry,
            max(at) FILTER (WHERE command = 2) AS exit,
            min(at) FILTER (WHERE command = 0) AS first_tap,
            max(at) FILTER (WHERE command = 0) AS last_tap
        FROM numbered GROUP BY client_id, employee_id, nth
    )
    SELECT s.*, (s.entry AT TIME ZONE 'Europe/Stockholm')::date AS day, p.id AS planned_id,
        p.services
    FROM stays s
    JOIN homes_plannedvisit p ON p.client_id = s.client_id AND p.employee_id = s.employee_id
        AND (p.start AT TIME ZONE 'Europe/Stockholm')::date
            = (s.entry AT TIME ZONE 'Europe/Stockholm')::date
        AND s.entry BETWEEN p.start - interval '2 hours' AND p.start + interval '2 hours'
        AND p.withdrawn_at IS NULL
    WHERE s.exit IS NOT NULL
"""
_SUM: Final = """
    CREATE UNLOGGED TABLE bare_line AS
    WITH parts AS (
        SELECT v.client_id, s.service, v.day,
            extract(epoch FROM v.exit - v.entry) / jsonb_array_length(v.services) AS seconds
        FROM bare_visit v CROSS JOIN LATERAL jsonb_array_elements_text(v.services) s(service)
    ), lines AS (
        SELECT n.client_id, n.service, p.price, floor(sum(n.seconds) / 60) AS minutes,
            count(*) AS visits, min(n.day) AS first, max(n.day) AS last
        FROM parts n
        JOIN money_tariffprice p ON p.article = n.service AND n.day >= p.valid_from
            AND (p.valid_till IS NULL OR n.day <= p.valid_till)
        GROUP BY n.client_id, n.service, p.price
    )
    SELECT client_id, service, price, minutes, visits, first, last,
        trunc(price * minutes / 60, 2) AS amount
    FROM lines
"""


def work() -> None:
    """Pair and sum, and write both."""
    run("DROP TABLE IF EXISTS bare_visit, bare_line")
    for setting in _SETTINGS:
        run(f"SET {setting}")
    run(_PAIR)
    run(_SUM)
    for setting in _SETTINGS:
        run(f"RESET {setting.partition(' ')[0]}")


def counted() -> tuple[int, int]:
    """How many visits and lines there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM bare_visit), (SELECT count(*) FROM bare_line)")
        visits, lines = cursor.fetchone()
    return visits, lines
