"""What bare SQL needs for the month: visits paired from events, and lines summed from them.

House rules: as somebody writes it by hand who knows PostgreSQL well, for this one question:
no doubt, no grade, no trace, nothing frozen. Both tables are written anew, without log, key or
index. Of the ways that were tried this is the fastest: an unlocking is paired with the next
locking of the same lock and person, a reading with the next of the same label and person, and
both are joined to the plan.
"""

from __future__ import annotations

from typing import Final

from bench.bigtown.sql import run

_SETTINGS: Final = ("work_mem = '256MB'", "enable_nestloop = off")
"""What it is fastest with: nothing is sorted on disk, and no join is looked up row by row."""
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
        SELECT c.id AS client_id, m.employee_id, m.entry, m.exit
        FROM moves m
        JOIN locks_installation i ON i.id = m.installation_id
        JOIN homes_client c ON c.front_door_id = i.door_id
        WHERE m.command = 1 AND m.next = 2 AND m.exit - m.entry < interval '4 hours'
    ), readings AS (
        SELECT label_id, employee_id, at, lag(at) OVER w AS before, lead(at) OVER w AS after
        FROM visits_phoneentry
        WHERE at BETWEEN {_MONTH} AND verdict IN ('signed', 'plain')
        WINDOW w AS (PARTITION BY label_id, employee_id ORDER BY at)
    ), taps AS (
        SELECT l.client_id, r.employee_id, r.at AS first_tap,
            CASE WHEN r.after - r.at < interval '4 hours' THEN r.after END AS last_tap
        FROM readings r JOIN locks_nfclabel l ON l.id = r.label_id
        WHERE r.before IS NULL OR r.at - r.before >= interval '4 hours'
    )
    SELECT s.*, t.first_tap, t.last_tap, (s.entry AT TIME ZONE 'Europe/Stockholm')::date AS day,
        p.id AS planned_id, p.services
    FROM stays s
    JOIN homes_plannedvisit p ON p.client_id = s.client_id AND p.employee_id = s.employee_id
        AND p.start BETWEEN s.entry - interval '2 hours' AND s.entry + interval '2 hours'
        AND p.withdrawn_at IS NULL
    LEFT JOIN taps t ON t.client_id = s.client_id AND t.employee_id = s.employee_id
        AND t.first_tap BETWEEN s.entry - interval '15 minutes' AND s.exit + interval '15 minutes'
"""  # noqa: S608 -- numbers of our own
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
_REFERS: Final = {
    "client_id": "homes_client",
    "employee_id": "people_employee",
    "planned_id": "homes_plannedvisit",
}
_KEEP: Final = """
    INSERT INTO bare_kept (key, day, client_id, employee_id, planned_id, outcome, grade, entry,
        exit, closed_by_rule, services, flags, signs, reason)
    SELECT planned_id || '/1', day, client_id, employee_id, planned_id, 'performed',
        'door_and_label', entry, exit, false, services, '[]', '[]', ''
    FROM bare_visit
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


def keep() -> None:
    """Keep the paired visits as the program's table does: logged, with its keys and indexes."""
    run("DROP TABLE IF EXISTS bare_kept")
    run("CREATE TABLE bare_kept (LIKE visits_visit INCLUDING ALL)")
    for column, table in _REFERS.items():
        run(
            f"ALTER TABLE bare_kept ADD FOREIGN KEY ({column}) REFERENCES {table} "
            "DEFERRABLE INITIALLY DEFERRED"
        )
    run(_KEEP)
