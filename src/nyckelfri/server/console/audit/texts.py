"""Words of the audit log."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.audit.texts_deeds import DETAILS, THINGS, VERBS
from nyckelfri.server.console.audit.texts_money import MONEY
from nyckelfri.server.console.audit.texts_visits import VISITS
from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "label_readings": ("Etiketter som inte stämmer", "Labels that do not fit"),
    "day": ("Dagens kunder i telefonen", "The day's clients on the phone"),
    **VERBS,
    **THINGS,
    **DETAILS,
    **MONEY,
    "kind_money": ("Avgifter och pengar", "Fees and money"),
    **VISITS,
    "lead": (
        "Vem som ändrade eller läste vad, när, varifrån och varför. Inget här går att ta bort.",
        "Who changed or read what, when, from where and why. Nothing here can be taken out.",
    ),
    "choose": ("Välj händelser", "Choose events"),
    "kind": ("Slag", "Kind"),
    "all_kinds": ("Alla slag", "All kinds"),
    "kind_access": ("Tillgång", "Access"),
    "kind_phones": ("Telefoner", "Phones"),
    "kind_plans": ("Pass och besök", "Shifts and visits"),
    "kind_decisions": ("Beslut och val", "Decisions and choices"),
    "kind_import": ("Import", "Import"),
    "kind_looks": ("Läsningar", "Looks"),
    "kind_keys": ("Nycklar", "Keys"),
    "kind_locks": ("Lås och leveranser", "Locks and deliveries"),
    "kind_sign_in": ("Inloggning", "Sign-in"),
    "kind_log": ("Loggen själv", "The log itself"),
    "actor_field": ("Vem, anställningsnummer", "Who, employee number"),
    "object_field": ("Om vem eller vad, nummer", "About whom or what, number"),
    "clear": ("Rensa valen", "Clear the choices"),
    "wrong_days": (
        "Ange två datum, det första först, högst {count} dagar emellan.",
        "Give two dates, the first one first, at most {count} days apart.",
    ),
    "wrong_number": (
        "Skriv ett nummer, inte ett namn eller personnummer. Numret står på personens sida.",
        "Write a number, not a name or a birth number. The number stands on the person’s page.",
    ),
    "when": ("När", "When"),
    "who": ("Vem", "Who"),
    "what": ("Vad", "What"),
    "about": ("Om", "About"),
    "where": ("Varifrån", "From where"),
    "why": ("Varför", "Why"),
    "details": ("Uppgifter", "Details"),
    "row_number": ("Rad", "Row"),
    "none": ("Inget sådant har hänt de här dagarna", "Nothing like that in these days"),
    "none_hint": ("Ändra valen eller dagarna.", "Change the choices or the days."),
    "as_file": ("Ta ut som fil", "Take out as a file"),
    "as_file_hint": (
        "Filen får samma rader som sidan, högst {count}. Att den tas ut antecknas.",
        "The file has the same rows as the page, at most {count}. That it is taken is noted.",
    ),
    "as_csv": ("CSV-fil", "CSV file"),
    "as_excel": ("Excel-fil", "Excel file"),
    "too_many_rows": (
        "Det är för mycket för en fil (högst {count} rader). Välj färre dagar eller ett slag.",
        "That is too much for a file (at most {count} rows). Choose fewer days or one kind.",
    ),
    "verb_code": ("Händelsens kod", "Code of the event"),
    "actor_phone": ("Telefon {name}", "Phone {name}"),
    "actor_login": ("Konto utan anställning", "Account without employment"),
    "actor_unknown": ("Okänd", "Unknown"),
    "actor_system": ("Servern själv", "The server itself"),
    "system_import": ("Importen", "The import"),
    "system_command_line": ("Kommandoraden", "The command line"),
    "where_web": ("Webbläsare {address}", "Browser {address}"),
    "where_session": ("inloggning {session}", "session {session}"),
    "where_phone": ("Telefon {name}", "Phone {name}"),
    "where_terminal": ("Terminal {name}", "Terminal {name}"),
    "where_server": ("Servern", "The server"),
    "yes": ("ja", "yes"),
    "no": ("nej", "no"),
    "unit_municipality": ("kommunen", "the municipality"),
    "looks_at_client": ("Vem har läst om kund {number}?", "Who has looked at client {number}?"),
    "looks_at_employee": (
        "Vem har läst om medarbetare {number}?",
        "Who has looked at member of staff {number}?",
    ),
    "looks_at_phone": ("Vem har läst om telefon {number}?", "Who has looked at phone {number}?"),
    "looks_lead": (
        (
            "Varje gång någon öppnat en sida om just den här posten. Listor där den också stod med "
            "antecknas som listor."
        ),
        (
            "Each time somebody opened a page about this very record. Lists in which it also stood "
            "are noted as lists."
        ),
    ),
    "nobody_looked": ("Ingen har läst", "Nobody has looked"),
    "nobody_looked_hint": (
        "När någon öppnar sidan om posten antecknas det här innan den visas.",
        "When somebody opens the record’s page, it is noted here before it is shown.",
    ),
    "unit": ("Enhet", "Unit"),
    "chain": ("Är loggen hel?", "Is the log whole?"),
    "chain_lead": (
        (
            "Varje rad hänger ihop med den före genom ett fingeravtryck. Den som ändrar, lägger in "
            "eller tar bort en rad bryter kedjan, och kontrollen hittar var."
        ),
        (
            "Each row hangs together with the one before it by a fingerprint. Who changes, adds or "
            "takes out a row breaks the chain, and the proof finds where."
        ),
    ),
    "chain_never": ("Loggen har inte kontrollerats än.", "The log has not been verified yet."),
    "chain_whole": ("Loggen är hel.", "The log is whole."),
    "chain_broken": (
        "Loggen är bruten vid rad {number}.",
        "The log is broken at row {number}.",
    ),
    "chain_failed": ("Kontrollen gick inte att göra.", "The log could not be verified."),
    "chain_rows": ("{count} rader, till och med rad {number}", "{count} rows, up to {number}"),
    "chain_noted": (
        "{count} huvud som antecknats utanför databasen stämmer",
        "{count} heads noted outside the database agree",
    ),
    "chain_no_note": (
        "Inget huvud var antecknat utanför databasen",
        "No head was noted outside the database",
    ),
    "wrong_missing": ("Rader saknas.", "Rows are missing."),
    "wrong_edited": (
        "Raden säger något annat än när den skrevs.",
        "The row does not say what it said when it was written.",
    ),
    "wrong_inserted": ("Raden har lagts in i efterhand.", "The row was put in afterwards."),
    "wrong_reordered": ("Rader har bytt plats.", "Rows have changed places."),
    "wrong_rewritten": (
        "Rader har skrivits om, eller en rad före har tagits bort.",
        "Rows were rewritten, or a row before was taken out.",
    ),
    "wrong_cut_tail": (
        "Slutet av loggen saknas: ett huvud som antecknats finns inte i den.",
        "The tail of the log is missing: a head that was noted is not in it.",
    ),
    "wrong_unexplained_cut": (
        "Rader är borttagna utan att loggen säger varför.",
        "Rows were taken out, and the log does not say why.",
    ),
    "wrong_note": (
        "Anteckningen utanför databasen går inte att läsa. Kör nyckelfri audit verify på servern.",
        "The note outside the database cannot be read. Run nyckelfri audit verify on the server.",
    ),
    "wrong_error": (
        "Något gick fel hos oss. Försök igen, och säg till systemansvarig om det inte hjälper.",
        "Something went wrong here. Try again, and tell the system manager if it does not help.",
    ),
    "broken_do": (
        (
            "Ändra inget. Spara en kopia av databasen, kör nyckelfri audit verify på servern "
            "och jämför med en säkerhetskopia."
        ),
        (
            "Change nothing. Save a copy of the database, run nyckelfri audit verify on the "
            "server, and compare with a backup."
        ),
    ),
    "verified_by": ("Senast kontrollerad", "Last verified"),
    "by_whom": ("Av", "By"),
    "head": ("Huvud", "Head"),
    "notes": ("Antecknade huvuden", "Noted heads"),
    "verify_now": ("Kontrollera nu", "Verify now"),
    "verify_more": ("Om kontrollen", "About the proof"),
    "verify_began": ("Kontrollen är begärd.", "The proof has been asked for."),
    "walking": ("Loggen gås igenom rad för rad", "The log is read row by row"),
    "how": ("Kontrollera själv", "Verify it yourself"),
    "how_text": (
        (
            "Den som sköter databasen kan göra om hela kedjan, men inte det som antecknats "
            "någon annanstans. Anteckna huvudet då och då, på papper eller hos en revisor, och "
            "håll det mot loggen:"
        ),
        (
            "Whoever runs the database can make the whole chain anew, but not what was noted "
            "elsewhere. Note the head now and then, on paper or with an auditor, and hold it "
            "against the log:"
        ),
    ),
    "earlier": ("Tidigare kontroller", "Earlier proofs"),
    "result": ("Utfall", "Result"),
    "state_walking": ("Pågår", "Going on"),
    "state_whole": ("Hel", "Whole"),
    "state_broken": ("Bruten", "Broken"),
    "state_failed": ("Gick inte", "Failed"),
}
text: Final = Words(TEXTS)
