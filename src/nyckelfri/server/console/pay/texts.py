"""The words of the pages of months and statements; Swedish first."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.pay.texts_received import RECEIVED
from nyckelfri.server.console.pay.texts_rules import RULES
from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **RECEIVED,
    **RULES,
    "months_lead": (
        (
            "Varje utförare får ett underlag i månaden: vad som ersätts, rad för rad, och vilka "
            "besök varje krona vilar på. Underlagen görs när månaden är stängd."
        ),
        (
            "Each provider gets a statement a month: what is paid, line by line, and which visits "
            "each krona rests on. Statements are made once the month is closed."
        ),
    ),
    "own_lead": (
        (
            "Här är era underlag: vad kommunen ersätter, rad för rad, och vilka besök varje krona "
            "vilar på. Underlagen görs när månaden är stängd."
        ),
        (
            "Here are your statements: what the municipality pays, line by line, and which visits "
            "each krona rests on. They are made once the month is closed."
        ),
    ),
    "month": ("Månad", "Month"),
    "months": ("Månader", "Months"),
    "state": ("Läge", "State"),
    "statement_count": ("Underlag", "Statements"),
    "left_count": ("Utan underlag", "Without a statement"),
    "sum": ("Summa", "Sum"),
    "no_months": ("Ingen månad är stängd än.", "No month is closed yet."),
    "no_months_hint": (
        "När besöken är granskade och månaden är stängd görs underlagen här.",
        "Once visits are reviewed and the month is closed, statements are made here.",
    ),
    "no_own": ("Ni har inga underlag än.", "You have no statements yet."),
    "no_own_hint": (
        "Det första kommer när kommunen har stängt månaden.",
        "The first comes when the municipality has closed the month.",
    ),
    "close_month": ("Stäng en månad", "Close a month"),
    "month_making": ("Görs nu", "Being made"),
    "month_stopped": ("Avbruten", "Stopped"),
    "month_open": ("Inte stängd", "Not closed"),
    "month_reopened": ("Öppnad igen", "Opened again"),
    "month_partly": ("Någon saknar underlag", "Somebody has none"),
    "month_made": ("Underlag finns", "Statements are made"),
    "month_closed": ("Underlag ska göras", "Statements are to be made"),
    "pay_of": ("Ersättning för {month}", "Pay for {month}"),
    "month_is_open": (
        "Månaden är inte stängd, så besöken kan ännu ändras.",
        "The month is not closed, so visits can still change.",
    ),
    "making": ("Gör underlag, en utförare i taget", "Making statements, a provider at a time"),
    "was_stopped": (
        (
            "Arbetet avbröts innan alla utförare var klara. Det som är gjort står kvar; fortsätt "
            "så görs resten."
        ),
        (
            "The work stopped before all providers were done. What is made stands; go on, and the "
            "rest is made."
        ),
    ),
    "go_on_run": ("Fortsätt", "Go on"),
    "begin_make": ("Gör underlag", "Make statements"),
    "begin_anew": ("Räkna om underlagen", "Reckon the statements anew"),
    "statements": ("Underlag", "Statements"),
    "provider": ("Utförare", "Provider"),
    "number": ("Nummer", "Number"),
    "version": ("Version", "Version"),
    "made_at": ("Gjort", "Made"),
    "internal": ("kommunens egen", "the municipality's own"),
    "no_statements": ("Inga underlag än.", "No statements yet."),
    "no_statements_hint": (
        "Gör underlagen, så räknas varje utförares besök ihop.",
        "Make the statements, and each provider's visits are reckoned up.",
    ),
    "without": ("Utan underlag, och varför", "Without a statement, and why"),
    "without_lead": (
        "De andras underlag är gjorda. Rätta det som står här och räkna sedan om.",
        "The others' statements are made. Put this right, then reckon anew.",
    ),
    "of_nobody": (
        (
            "Besök som ingen utförare får ersättning för, eftersom det inte går att se vems de är: "
            "{count}. Lägg personalen i en grupp i personalfilen och härled månaden igen."
        ),
        (
            "Visits that no provider is paid for, since it cannot be told whose they are: {count}. "
            "Give the staff a team in the staff file, and derive the month again."
        ),
    ),
    "why": ("Varför", "Why"),
    "todo": ("Gör så här", "What to do"),
    "why_not_reviewed": (
        "Besök som inte är granskade: {visits}",
        "Visits that are not reviewed: {visits}",
    ),
    "todo_not_reviewed": ("Granska besöken", "Review the visits"),
    "why_no_price": (
        "Pris saknas: {service}, {area}, {ground}, {day}",
        "No price: {service}, {area}, {ground}, {day}",
    ),
    "todo_no_price": (
        "Se priserna; det som saknas läses in från filen ersattning.csv",
        "See the prices; what is missing comes with the file ersattning.csv",
    ),
    "why_two_prices": (
        "Två priser samma dag: {service}, {area}, {ground}, {day}",
        "Two prices on one day: {service}, {area}, {ground}, {day}",
    ),
    "todo_two_prices": (
        "Se priserna; avsluta ett av dem i filen ersattning.csv",
        "See the prices; end one of them in the file ersattning.csv",
    ),
    "why_wrong_visit": (
        "Ett besök går inte att räkna: {text}",
        "A visit cannot be reckoned: {text}",
    ),
    "todo_wrong_visit": (
        "Öppna månaden och rätta besöket",
        "Open the month and correct the visit",
    ),
    "whole_municipality": ("hela kommunen", "the whole municipality"),
    "ask_make": ("Gör underlag för {month}?", "Make the statements of {month}?"),
    "do_make": ("Gör underlag", "Make statements"),
    "do_make_anew": ("Räkna om", "Reckon anew"),
    "effect_make": (
        (
            "Varje utförare som har besök i månaden får ett underlag, räknat på de godkända "
            "besöken. Det tar några sekunder för varje utförare."
        ),
        (
            "Each provider with visits in the month gets a statement, reckoned from the approved "
            "visits. It takes some seconds for each."
        ),
    ),
    "effect_anew": (
        (
            "{count} utförare har redan underlag. Den vars underlag blir annorlunda får en ny "
            "version, som ersätter den gamla helt. För de andra händer ingenting."
        ),
        (
            "{count} providers have statements already. Whoever's comes out differently gets a new "
            "version, which replaces the old one altogether. For the others nothing happens."
        ),
    ),
    "effect_stands": (
        "Ett underlag som är gjort ändras aldrig.",
        "A statement that is made never changes.",
    ),
    "effect_left_out": (
        "Den som har besök utan granskning eller utan pris får inget underlag, och skälet visas.",
        "Whoever has visits without review or price gets none, and the reason is shown.",
    ),
    "made_begins": (
        "Underlagen görs nu. Sidan visar hur långt det har kommit.",
        "Statements are being made. The page shows how far it has come.",
    ),
    "run_goes_on": ("Arbetet fortsätter.", "The work goes on."),
    "run_moved_on": (
        "Arbetet hann bli klart. Se vad det blev.",
        "The work has ended meanwhile. See what came of it.",
    ),
    "snag_not_allowed": ("Din roll får inte göra detta.", "Your role may not do this."),
    "snag_month_open": (
        "Stäng månaden först, så att besöken står fast.",
        "Close the month first, so that its visits stand.",
    ),
    "snag_running": (
        "Underlagen görs redan. Vänta tills det är klart.",
        "The statements are being made already. Wait until that is done.",
    ),
    "name_statement": ("Underlag {number}", "Statement {number}"),
    "statement_of": ("Underlag {number}: {provider}", "Statement {number}: {provider}"),
    "newer": ("Det här underlaget är ersatt av", "This statement is replaced by"),
    "see_changes": (
        "Se vad som skiljer från versionen före",
        "See what differs from the version before",
    ),
    "pdf_sv": ("PDF", "PDF in Swedish"),
    "pdf_en": ("PDF på engelska", "PDF in English"),
    "as_csv": ("Besöken som CSV", "The visits as CSV"),
    "as_excel": ("Besöken som Excel", "The visits as Excel"),
    "unpaid_visits": ("Besök som inte ersätts", "Visits that are not paid"),
    "see_unpaid": ("Se besöken", "See the visits"),
    "versions": ("Versioner", "Versions"),
    "shown_here": ("visas här", "shown here"),
    "line_of": ("Rad {number}: {what}", "Line {number}: {what}"),
    "line_visits": ("Besöken som raden vilar på", "The visits that the line rests on"),
    "ground": ("Varför", "Why"),
    "area": ("Område", "Area"),
    "quantity": ("Hur mycket", "How much"),
    "price": ("Pris", "Price"),
    "amount": ("Kronor", "Kronor"),
    "visit_count": ("Besök", "Visits"),
    "day": ("Dag", "Day"),
    "made_time": ("På plats", "Present"),
    "planned_time": ("Planerat", "Planned"),
    "counts": ("Räknas", "Counts"),
    "proof": ("Det här visar besöket", "What shows the visit"),
    "changed_since": ("ändrat sedan dess", "changed since then"),
    "visit": ("Besök", "Visit"),
    "see_visit": ("Se besöket", "See the visit"),
    "seconds_hint": (
        (
            "Sekunderna läggs ihop och raden avrundas till hela minuter: {quantity}. Har ett besök "
            "flera tjänster delas tiden mellan dem."
        ),
        (
            "Seconds are added up and the line is rounded to whole minutes: {quantity}. Where a "
            "visit has several services, its time is divided between them."
        ),
    ),
    "grade_door_and_label": ("Dörr och etikett", "Door and label"),
    "grade_door": ("Dörr", "Door"),
    "grade_label": ("Etikett", "Label"),
    "grade_by_hand": ("Personalens uppgift", "Staff's own word"),
    "grade_none": ("Ingenting", "Nothing"),
    "corrected": ("{proof}; rättat vid granskning", "{proof}; corrected in review"),
    "changes_of": ("Ändringar i underlag {number}", "Changes in statement {number}"),
    "before": ("Före", "Before"),
    "after": ("Efter", "After"),
    "difference": ("Skillnad", "Difference"),
    "changed_lines": ("Rader som skiljer", "Lines that differ"),
    "changed_visits": ("Besök som skiljer", "Visits that differ"),
    "no_changed_visits": ("Samma besök, med samma tider.", "The same visits, with the same times."),
    "more_changed": ("Och {count} till.", "And {count} more."),
    "line_amount": ("{amount} ({quantity})", "{amount} ({quantity})"),
    "brings": ("{service}, {ground}: {time}", "{service}, {ground}: {time}"),
    "not_there": ("fanns inte", "was not there"),
    "service": ("Tjänst", "Service"),
    "no_pdf": ("PDF-filen kunde inte göras", "The PDF could not be made"),
    "no_pdf_hint": (
        "Försök igen. Hjälper det inte, anmäl underlagets nummer till systemansvarig.",
        "Try again. If that does not help, tell the system manager the statement's number.",
    ),
    "column_line": ("Rad", "Line"),
    "column_service": ("Tjänst", "Service"),
    "column_area": ("Område", "Area"),
    "column_ground": ("Varför", "Why"),
    "column_day": ("Dag", "Day"),
    "column_client_number": ("Kundnummer", "Client number"),
    "column_made": ("På plats", "Present"),
    "column_planned": ("Planerat", "Planned"),
    "column_seconds": ("Sekunder som räknas", "Seconds that count"),
    "column_price": ("Pris", "Price"),
    "column_percent": ("Procent av priset", "Percent of the price"),
    "column_proof": ("Det här visar besöket", "What shows the visit"),
}
text: Final = Words(TEXTS)
