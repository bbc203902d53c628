"""Words of the pages of clients."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.clients import texts_doors, texts_forms
from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **texts_doors.TEXTS,
    **texts_forms.TEXTS,
    "fee_and_invoices": ("Avgift och fakturor", "Fee and invoices"),
    "lead": (
        (
            "Kunder med hemtjänst eller trygghetslarm. Välj en kund för att se vem "
            "som kan låsa upp "
            "hos kunden, och varför."
        ),
        (
            "Clients with home care or a safety alarm. Choose one to see who can open their door, "
            "and why."
        ),
    ),
    "choose": ("Välj kunder", "Choose clients"),
    "search_field": ("Nummer, namn eller adress", "Number, name or address"),
    "search_hint": (
        "Den som har skyddad identitet hittas bara på sitt nummer.",
        "Who has protected identity is found by number only.",
    ),
    "area": ("Område", "Area"),
    "all_areas": ("Alla områden", "All areas"),
    "provider": ("Utförare", "Provider"),
    "all_providers": ("Alla utförare", "All providers"),
    "clear": ("Rensa valen", "Clear the choices"),
    "number": ("Nummer", "Number"),
    "person": ("Namn", "Name"),
    "home": ("Adress", "Address"),
    "alarm": ("Trygghetslarm", "Safety alarm"),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "none_found": ("Ingen kund passar", "No client fits"),
    "none_found_hint": (
        "Pröva med kundens nummer, eller rensa valen.",
        "Try the client's number, or clear the choices.",
    ),
    "more_found": (
        "Det finns fler som passar. Skriv mer.",
        "There are more that fit. Write more.",
    ),
    "telephone": ("Telefon", "Telephone"),
    "lives_with": ("Delar hem med", "Shares the home with"),
    "look_logged": (
        "Att du öppnade sidan antecknas i loggen.",
        "That you opened this page is noted in the log.",
    ),
    "hidden_hint": (
        "Namn och adress visas bara för namngiven personal.",
        "Name and address are shown to named staff only.",
    ),
    "letter": ("Brev till kunden", "Letter to the client"),
    "providers": ("Utförare", "Providers"),
    "no_choices": ("Kunden har inte valt någon utförare", "The client has chosen no provider"),
    "no_choices_hint": (
        (
            "Utan val kommer ingen hemtjänstgrupp in. Nattpatrull och larmgrupp kan "
            "ändå ha rätt till "
            "det."
        ),
        "Without a choice no home care team gets in. Night patrol and alarm group still may.",
    ),
    "change": ("Byt utförare", "Change provider"),
    "service": ("Insats", "Service"),
    "team": ("Grupp", "Team"),
    "team_of_area": ("gruppen i kundens område", "the team in the client's area"),
    "now_or_when": ("Läge", "Standing"),
    "standing_now": ("Gäller nu", "In force"),
    "standing_coming": ("Kommer", "Coming"),
    "standing_past": ("Har slutat", "Over"),
    "recorded_here": ("antecknat här", "recorded here"),
    "decisions": ("Beslut", "Decisions"),
    "no_decisions": ("Inget beslut är antecknat", "No decision is recorded"),
    "no_decisions_hint": (
        "Utan beslut om omvårdnad, service eller larm kommer ingen in, utom legitimerad personal.",
        "Without a decision on care, service or alarm nobody gets in but licensed staff.",
    ),
    "decide": ("Nytt beslut", "New decision"),
    "end": ("Avsluta", "End"),
    "extent": ("Omfattning", "Extent"),
    "unit_minutes_a_day": ("{amount} min om dagen", "{amount} min a day"),
    "unit_hours_a_week": ("{amount} tim i veckan", "{amount} h a week"),
    "unit_items_a_week": ("{amount} st i veckan", "{amount} a week"),
    "unit_month": ("varje månad", "every month"),
    "ground_decision": ("beslut", "decision"),
    "ground_own_request": ("egen anmälan", "own request"),
    "door": ("Dörren", "The door"),
    "no_door": ("Ingen dörr är kopplad till kunden", "No door is linked to the client"),
    "no_door_hint": (
        "Låset läggs in med filen las.csv, eller när det monteras.",
        "The lock comes with the file las.csv, or when it is mounted.",
    ),
    "unit": ("Enhet", "Unit"),
    "model": ("Modell", "Model"),
    "since": ("I drift sedan", "In service since"),
    "not_in_service": ("inte i drift", "not in service"),
    "status_planned": ("Planerad", "Planned"),
    "status_mounted": ("Monterad", "Mounted"),
    "status_declined": ("Avböjd av kunden", "Declined by the client"),
    "status_does_not_fit": ("Passar inte dörren", "Does not fit the door"),
    "entrance": ("Port", "Entrance"),
    "labels": ("Klisteretiketter", "NFC labels"),
    "label_424": ("räknande", "counting"),
    "label_simple": ("enkel", "simple"),
    "latest": ("Senaste öppningar", "Latest openings"),
    "no_openings": ("Ingen öppning har kommit in", "No opening has come in"),
    "no_openings_hint": (
        "Låsets journal kommer med nästa telefon som varit vid dörren.",
        "The lock's journal comes with the next phone that has been at the door.",
    ),
    "all_openings": ("Alla öppningar", "All openings"),
    "when": ("När", "When"),
    "who": ("Vem", "Who"),
    "what": ("Vad", "What"),
    "how_long": ("Hur länge", "How long"),
    "entrusted": ("Särskilt utsedda", "Specially appointed"),
    "named": ("Får se namn och adress", "May see name and address"),
    "nobody_named": (
        "Ingen är namngiven. Namn och adress visas inte för någon.",
        "Nobody is named. Name and address are shown to nobody.",
    ),
    "name_staff": ("Namnge personal", "Name staff"),
    "assigned": ("Legitimerad personal", "Licensed staff"),
    "nobody_assigned": ("Ingen är tilldelad kunden.", "Nobody is assigned to the client."),
    "assign": ("Tilldela legitimerad personal", "Assign licensed staff"),
    "withdrawn": ("Indragen tillgång", "Withdrawn access"),
    "nobody_withdrawn": ("Ingen tillgång är indragen.", "No access is withdrawn."),
    "withdraw": ("Dra in någons tillgång", "Withdraw somebody's access"),
    "give_back": ("Häv", "Lift"),
    "until_further": ("tills vidare", "until further notice"),
}
text: Final = Words(TEXTS)
