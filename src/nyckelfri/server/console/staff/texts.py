"""Words of the pages of staff."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "staff_lead": (
        "Alla som arbetar här, med grupp, telefon och tjänstelegitimation.",
        "Everybody who works here, with team, phone and service identification.",
    ),
    "search_staff": ("Namn eller anställningsnummer", "Name or employee number"),
    "employee_name": ("Namn", "Name"),
    "number": ("Nummer", "Number"),
    "role": ("Roll", "Role"),
    "every_role": ("Alla roller", "All roles"),
    "team": ("Grupp", "Team"),
    "every_team": ("Alla grupper", "All teams"),
    "no_team": ("Ingen grupp", "No team"),
    "card": ("Tjänstelegitimation", "Service identification"),
    "every_card": ("Alla", "All"),
    "card_missing": ("Saknas", "Missing"),
    "card_over": ("Har gått ut", "Has run out"),
    "card_soon": ("Går ut snart", "Runs out soon"),
    "card_good": ("Gäller", "Valid"),
    "whom": ("Vilka", "Whom"),
    "those_who_work": ("De som arbetar här", "Those who work here"),
    "those_who_left": ("Även de som slutat", "Also those who have left"),
    "day": ("Dag", "Day"),
    "facts": ("Uppgifter", "Facts"),
    "phone": ("Telefon", "Phone"),
    "has_phone": ("I bruk", "In use"),
    "no_phone": ("Ingen", "None"),
    "away": ("Borta", "Away"),
    "left": ("Har slutat", "Has left"),
    "none": ("Ingen personal här.", "No staff here."),
    "none_hint": (
        "Ändra urvalet, eller importera personalfilen.",
        "Change the selection, or import the staff file.",
    ),
    "shown_part": (
        "Fler än så träffades. Skriv mer för att hitta rätt.",
        "There were more hits than these. Write more to find the right one.",
    ),
    "provider": ("Utförare", "Provider"),
    "employed": ("Anställd", "Employed"),
    "until_further": ("tills vidare", "until further notice"),
    "user_of": ("Inloggningsnamn", "User name"),
    "no_user": ("Har ingen inloggning", "Has no log-in"),
    "give_code": ("Ge en kod för inloggning", "Give a code for signing in"),
    "state_registered": ("Väntar på kod", "Waiting for a code"),
    "state_enrolled": ("I bruk", "In use"),
    "state_blocked": ("Spärrad", "Blocked"),
    "state_retired": ("Ur bruk", "Out of use"),
    "signed_in_here": ("inloggad", "signed in"),
    "own": ("Bara för vissa kunder", "For certain clients only"),
    "withdrawn": ("Indragen behörighet", "Access withdrawn"),
    "every_door": ("alla dörrar", "every door"),
    "withdraw": ("Dra in tillgången till alla dörrar", "Withdraw access to every door"),
    "give_back": ("Häv", "Lift"),
    "nothing_withdrawn": ("Ingen", "None"),
    "ask_withdraw": (
        "Dra in tillgången till alla dörrar för {name}?",
        "Withdraw {name}’s access to every door?",
    ),
    "effect_withdraw": (
        (
            "Personen kommer inte in hos någon kund från och med nu, inte heller under sitt pass. "
            "Nycklar i telefonen återkallas genast. Planerade besök ligger kvar och behöver någon "
            "annan."
        ),
        (
            "The person gets in at no client from now on, not during their shift either. Keys in "
            "the phone are revoked at once. Planned visits stay and need somebody else."
        ),
    ),
    "do_withdraw": ("Dra in tillgången", "Withdraw the access"),
    "withdraw_end": ("Till", "Until"),
    "withdraw_end_hint": (
        "Tomt betyder tills någon häver det.",
        "Empty means until somebody lifts it.",
    ),
    "withdrawn_done": (
        "{name} kommer inte längre in någonstans.",
        "{name} no longer gets in anywhere.",
    ),
    "ask_give_back": ("Häva indragningen för {name}?", "Lift the withdrawal for {name}?"),
    "effect_give_back": (
        (
            "Reglerna avgör igen vilka dörrar personen kommer in genom. Det ger inget utöver dem, "
            "och en indragning hos en viss kund gäller fortfarande."
        ),
        (
            "The rules decide again which doors the person gets through. It gives nothing beyond "
            "them, and a withdrawal at a certain client still holds."
        ),
    ),
    "do_give_back": ("Häv indragningen", "Lift the withdrawal"),
    "given_back": ("Indragningen för {name} är hävd.", "The withdrawal for {name} is lifted."),
    "refused_no_reason": ("Skriv ett skäl.", "Write a reason."),
    "refused_long_reason": ("Högst 200 tecken.", "At most 200 characters."),
    "refused_wrong_order": ("Tiden har varit.", "That time has passed."),
    "refused_already_given": (
        "Tillgången till alla dörrar är redan indragen så länge.",
        "Access to every door is withdrawn for that long already.",
    ),
    "refused_not_employed": ("Personen arbetar inte här.", "The person does not work here."),
    "refused_already_ended": ("Den är redan hävd eller över.", "It is lifted or over already."),
    "refused_not_allowed": ("Din roll får inte göra det här.", "Your role may not do this."),
    "absences": ("Frånvaro", "Absence"),
    "is_back": ("Tillbaka", "Is back"),
    "who_covers": ("Vem gör besöken?", "Who makes the visits?"),
    "shifts_this_week": ("Pass den här veckan", "Shifts this week"),
    "no_shifts": ("Inga pass den här veckan.", "No shifts this week."),
    "visits_today": ("Besök i dag", "Visits today"),
    "no_visits": ("Inga planerade besök i dag.", "No planned visits today."),
    "by_hand": ("Tillagt för hand", "Added by hand"),
    "nobody": ("Ingen gör det", "Nobody makes it"),
    "taken_over": ("Övertaget", "Taken over"),
    "take_back": ("Ta bort", "Take back"),
    "add_shift": ("Lägg till pass", "Add a shift"),
    "add_visit": ("Lägg till besök", "Add a visit"),
    "report_absence": ("Anmäl frånvaro", "Report absence"),
    "record_card": ("Ändra legitimation", "Change the card"),
    "limit_clients": ("Begränsa till vissa kunder", "Limit to certain clients"),
    "when": ("När", "When"),
    "begins": ("Börjar", "Begins"),
    "ends": ("Slutar", "Ends"),
    "ask_card": ("{name}s tjänstelegitimation", "The service identification of {name}"),
    "effect_card": (
        (
            "Numret gör att servicecenter kan bekräfta vem som står vid dörren. Lämna "
            "tomt om kortet "
            "är återlämnat."
        ),
        (
            "With the number the service centre can confirm who stands at the door. Leave empty if "
            "the card has been given back."
        ),
    ),
    "do_card": ("Anteckna", "Record"),
    "card_number": ("Kortets nummer", "Number on the card"),
    "card_number_hint": ("Som det står på kortet.", "As it stands on the card."),
    "card_till": ("Gäller till och med", "Valid until"),
    "card_recorded": ("Legitimationen är antecknad.", "The card is recorded."),
    "bad_moment": ("Skriv datum och tid.", "Give date and time."),
    "bad_date": ("Skriv ett datum.", "Give a date."),
    "stale": (
        "Någon annan har ändrat det här under tiden. Ladda om sidan och titta igen.",
        "Somebody else has changed this meanwhile. Load the page again and look.",
    ),
    "ask_own": ("Vilka kunder är {name} anställd för?", "Which clients is {name} employed for?"),
    "effect_own": (
        (
            "För en anhörig som arbetar. Personen ser och öppnar bara hos de här kunderna, när "
            "reglerna släpper in personen där. Det ger ingen ny behörighet."
        ),
        (
            "For a relative who works. The person sees and opens only at these clients, when the "
            "rules let them in there. It gives no new access."
        ),
    ),
    "do_own": ("Begränsa", "Limit"),
    "own_numbers": ("Kundernas nummer", "The clients' numbers"),
    "own_numbers_hint": (
        "Ett på varje rad. Tomt betyder alla, som för andra.",
        "One on each line. Empty means all, as for others.",
    ),
    "own_recorded": ("Det gäller genast för {name}.", "It holds at once for {name}."),
    "reason_hint": ("Läses i ändringsloggen.", "Is read in the audit log."),
    "missing": ("Fyll i fältet.", "Fill this in."),
}

text: Final = Words(TEXTS)
