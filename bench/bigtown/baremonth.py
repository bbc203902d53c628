"""What bare SQL needs for the month: visits paired from events, and lines summed from them.

House rules: as somebody writes it by hand who knows PostgreSQL well, for this one question:
no doubt, no grade, no trace, nothing frozen. Both tables are written anew, without a log.
"""

from __future__ import annotations

from typing import Final

from bench.bigtown.sql import run
from django.db import connection

_MONTH: Final = "'2026-10-01 00:00 Europe/Stockholm' AND '2026-11-01 00:00 Europe/Stockholm'"
_PAIR: Final = f"""
    CREATE UNLOGGED TABLE bare_visit AS
    WITH moves AS (
        SELECT installation_id, employee_id, command, at AS entry,
            lead(at) OVER w AS exit, lead(command) OVER w AS next
        FROM visits_doorevent
        WHERE at BETWEEN {_MONTH} AND result = 'done' AND command IN (1, 2)
            AND employee_id IS NOT NULL
        WINDOW w AS (PARTITION BY installation_id, employee_id ORDER BY at)
    ), stays AS (
        SELECT c.id AS client_id, m.employee_id, m.entry, m.exit,
            (m.entry AT TIME ZONE 'Europe/Stockholm')::date AS day
        FROM moves m
        JOIN locks_installation i ON i.id = m.installation_id
        JOIN homes_client c ON c.front_door_id = i.door_id
        WHERE m.command = 1 AND m.next = 2 AND m.exit - m.entry < interval '4 hours'
    ), taps AS (
        SELECT l.client_id, e.employee_id, e.at,
            (e.at AT TIME ZONE 'Europe/Stockholm')::date AS day
        FROM visits_phoneentry e JOIN locks_nfclabel l ON l.id = e.label_id
        WHERE e.at BETWEEN {_MONTH} AND e.verdict IN ('signed', 'plain')
    ), tapped AS (
        SELECT s.client_id, s.employee_id, s.day, s.entry, s.exit,
            min(t.at) AS first_tap, max(t.at) AS last_tap
        FROM stays s
        LEFT JOIN taps t ON t.client_id = s.client_id AND t.employee_id = s.employee_id
            AND t.day = s.day AND t.at BETWEEN s.entry - interval '15 minutes'
                AND s.exit + interval '15 minutes'
        GROUP BY s.client_id, s.employee_id, s.day, s.entry, s.exit
    )
    SELECT v.client_id, v.employee_id, v.day, v.entry, v.exit, v.first_tap, v.last_tap,
        p.id AS planned_id, p.services
    FROM tapped v
    JOIN homes_plannedvisit p ON p.client_id = v.client_id AND p.employee_id = v.employee_id
        AND (p.start AT TIME ZONE 'Europe/Stockholm')::date = v.day AND p.withdrawn_at IS NULL
        AND v.entry BETWEEN p.start - interval '2 hours' AND p.start + interval '2 hours'
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
    run(_PAIR)
    run(_SUM)


def counted() -> tuple[int, int]:
    """How many visits and lines there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM bare_visit), (SELECT count(*) FROM bare_line)")
        visits, lines = cursor.fetchone()
    return visits, lines
