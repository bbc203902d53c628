"""Words of the pages that put a plan right."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "field_start": ("Börjar", "Begins"),
    "field_end": ("Slutar", "Ends"),
    "field_reason": ("Skäl", "Reason"),
    "field_busy_too": ("Ja, samtidigt som något annat", "Yes, at the same time as something else"),
    "field_client": ("Kundens nummer", "The client's number"),
    "field_services": ("Vad besöket gäller", "What the visit is for"),
    "field_second": ("Vid dubbelbemanning: den andras nummer", "If doubled: the other's number"),
    "field_visits": ("Besök", "Visits"),
    "field_substitute": ("Vem gör dem?", "Who makes them?"),
    "field_with_shifts": (
        "Lägg till ett arbetspass om det saknas",
        "Add a shift if there is none",
    ),
    "hint_reason": (
        "Kunden kan läsa det. Skriv kort, och nämn ingen vid namn.",
        "The client can read it. Be brief, and name nobody.",
    ),
    "hint_absence_reason": (
        "Skriv bara att personen är borta, inte vad det beror på.",
        "Write only that the person is away, not what of.",
    ),
    "hint_client": ("Till exempel B0001.", "Such as B0001."),
    "hint_second": ("Lämna tomt om besöket görs av en.", "Leave empty for a visit by one."),
    "hint_with_shifts": (
        "Från första besökets början till sista besökets slut. Utan arbetspass öppnas ingen dörr.",
        "From the first visit's start to the last one's end. Without a shift no door opens.",
    ),
    "choose": ("Välj någon", "Choose somebody"),
    "at_work": ("på plats", "at work"),
    "not_at_work": ("inte på plats", "not at work"),
    "missing": ("Fyll i fältet.", "Fill this in."),
    "too_long": ("Skriv kortare.", "Write less."),
    "unusable": ("Det går inte att läsa. Rätta och försök igen.", "Cannot be read. Correct it."),
    "ask_add_shift": ("Lägg till ett arbetspass för {name}", "Add a shift for {name}"),
    "effect_add_shift": (
        (
            "Passet ger samma nycklar som ett pass i schemat, och bara så länge det "
            "varar. Det börjar "
            "inom ett dygn och är högst ett dygn långt. Kunderna kan se att det lagts till."
        ),
        (
            "The shift gives the same keys as one in the rota, and only while it lasts. It begins "
            "within a day and lasts a day at most. Clients can see that it was added."
        ),
    ),
    "do_add_shift": ("Lägg till passet", "Add the shift"),
    "shift_added": ("{name} har ett pass till.", "{name} has one more shift."),
    "ask_add_visit": ("Lägg till ett besök för {name}", "Add a visit for {name}"),
    "effect_add_visit": (
        (
            "Besöket öppnar dörren för den som reglerna släpper in på ett besök, och bara under "
            "arbetspasset. Kunden kan se att det lagts till, och varför."
        ),
        (
            "The visit opens the door to whom the rules let in by a visit, and only "
            "during a shift. "
            "The client can see that it was added, and why."
        ),
    ),
    "do_add_visit": ("Lägg till besöket", "Add the visit"),
    "visit_added": ("{name} har ett besök till.", "{name} has one more visit."),
    "ask_cancel_shift": ("Ta bort {name}s tillagda pass?", "Take back the added shift of {name}?"),
    "effect_cancel_shift": (
        "De nycklar som passet gav spärras genast.",
        "The keys that the shift gave are revoked at once.",
    ),
    "do_cancel_shift": ("Ta bort passet", "Take the shift back"),
    "after_cancel_shift": ("Passet är borttaget.", "The shift is taken back."),
    "ask_cancel_visit": ("Ta bort {name}s tillagda besök?", "Take back the added visit of {name}?"),
    "effect_cancel_visit": (
        "De nycklar som besöket gav spärras genast.",
        "The keys that the visit gave are revoked at once.",
    ),
    "do_cancel_visit": ("Ta bort besöket", "Take the visit back"),
    "after_cancel_visit": ("Besöket är borttaget.", "The visit is taken back."),
    "ask_absence": ("Anmäl att {name} är borta", "Report {name} absent"),
    "effect_absence": (
        (
            "Den som är borta öppnar inga dörrar under tiden. Besöken kan du ge till andra i nästa "
            "steg."
        ),
        (
            "Whoever is away opens no doors meanwhile. In the next step you can give the visits to "
            "others."
        ),
    ),
    "do_absence": ("Anmäl frånvaron", "Report the absence"),
    "see_effect": ("Visa vad det innebär", "Show what it means"),
    "absence_reported": (
        "{name} är anmäld borta. Vem gör besöken?",
        "{name} is reported absent. Who makes the visits?",
    ),
    "would_take": ("Det här händer", "This is what happens"),
    "visits_left": ("besök står utan någon", "visits are left without anybody"),
    "doors_lost": ("dörrar går inte längre att öppna", "doors can no longer be opened"),
    "loses_nothing": (
        "Inga nycklar som är utlämnade eller ska lämnas ut de närmaste 36 timmarna berörs.",
        "No keys that are given out, or will be in the next 36 hours, are affected.",
    ),
    "door": ("Dörr", "Door"),
    "ask_end_absence": ("Är {name} tillbaka?", "Is {name} back?"),
    "effect_end_absence": (
        "Schemat gäller igen. Besök som andra har tagit över behåller de.",
        "The rota holds again. Visits that others have taken over stay theirs.",
    ),
    "do_end_absence": ("Ja, tillbaka", "Yes, back"),
    "absence_ended": ("{name} är tillbaka.", "{name} is back."),
    "ask_cover": ("Vem gör {name}s besök?", "Who makes the visits of {name}?"),
    "effect_cover": (
        "Välj besök och vem som gör dem. Den som tar över öppnar just de besökens dörrar.",
        "Choose visits and who makes them. Whoever takes over opens the doors of those visits.",
    ),
    "do_cover": ("Ge besöken", "Give the visits"),
    "progress": ("{taken} av {all} besök har någon.", "{taken} of {all} visits have somebody."),
    "all_covered": ("Alla besök har någon.", "All visits have somebody."),
    "no_visits": (
        "Inga planerade besök berörs den närmaste veckan.",
        "No planned visits are affected in the next week.",
    ),
    "no_visits_hint": (
        "Om frånvaron räcker längre kan du komma tillbaka hit.",
        "If the absence lasts longer you can come back here.",
    ),
    "who_takes": ("Tas av", "Taken by"),
    "visit": ("Besök", "Visit"),
    "taken_already": ("Redan ordnat", "Settled already"),
    "would_give": ("{name} kommer att öppna", "{name} will open"),
    "gains_nothing": (
        (
            "Inga nya dörrar: antingen öppnar personen dem redan, eller så är det längre "
            "bort än 36 "
            "timmar."
        ),
        "No new doors: either the person opens them already, or it is more than 36 hours ahead.",
    ),
    "shift_too": (
        "Ett arbetspass läggs till för de tider som saknas.",
        "A shift is added for the times that lack one.",
    ),
    "no_shift_too": (
        "Personen är inte på plats då, och inget arbetspass läggs till.",
        "The person is not at work then, and no shift is added.",
    ),
    "taken_over": ("{name} gör {count} besök.", "{name} makes {count} visits."),
    "ask_give_back": ("Ta tillbaka besöket från {name}?", "Take the visit back from {name}?"),
    "effect_give_back": (
        "Nycklarna för besöket spärras genast. Besöket är åter den planerades, eller utan någon.",
        (
            "The keys for the visit are revoked at once. The visit is again whoever's "
            "it was planned "
            "to be, or nobody's."
        ),
    ),
    "do_give_back": ("Ta tillbaka besöket", "Take the visit back"),
    "given_back": ("Besöket är taget tillbaka.", "The visit is taken back."),
    "change": ("Ändra", "Change"),
    "was_reason": ("Skäl då", "Reason then"),
    "problem_not_allowed": (
        "Din roll får inte göra det här. Be en samordnare.",
        "Your role may not do this. Ask a planner.",
    ),
    "problem_not_yours": (
        "Det finns ingen med det numret bland dina.",
        "Nobody with that number is among yours.",
    ),
    "problem_no_reason": ("Skriv varför, med några ord.", "Say why, in a few words."),
    "problem_long_reason": ("Skriv kortare, högst 200 tecken.", "Write less, at most 200 letters."),
    "problem_wrong_order": (
        "Slutet måste komma efter början.",
        "The end must come after the start.",
    ),
    "problem_too_long": ("Det är för lång tid.", "That is too long."),
    "problem_too_early": (
        "Det började för länge sedan. Välj en senare början.",
        "That began too long ago. Choose a later start.",
    ),
    "problem_too_far_ahead": (
        "Det är mer än ett dygn bort. Lägg det i schemat i stället.",
        "That is more than a day ahead. Put it in the rota instead.",
    ),
    "problem_over": ("Det är redan slut.", "It is over already."),
    "problem_not_employed": (
        "Personen är inte anställd då. Välj någon annan.",
        "The person is not employed then. Choose somebody else.",
    ),
    "problem_away": (
        "Personen är anmäld borta då. Välj någon annan, eller avsluta frånvaron först.",
        "The person is reported absent then. Choose somebody else, or end the absence first.",
    ),
    "problem_busy": (
        "Personen har något annat då. Kryssa i att det är meningen, eller välj en annan tid.",
        "The person has something else then. Tick that it is meant, or choose another time.",
    ),
    "problem_no_service": ("Välj vad besöket gäller.", "Choose what the visit is for."),
    "problem_same_person": (
        "Det är samma person, eller någon som redan är med på besöket.",
        "That is the same person, or somebody who is on the visit already.",
    ),
    "problem_not_by_hand": (
        "Det kommer från schemat. Ändra det där, eller anmäl frånvaro.",
        "It comes from the rota. Change it there, or report an absence.",
    ),
    "problem_done_already": (
        "Någon har redan gjort det. Titta igen.",
        "Somebody has done this already. Look again.",
    ),
    "problem_not_their_visit": (
        "Ett av besöken är inte längre personens. Titta igen.",
        "One of the visits is no longer theirs. Look again.",
    ),
    "problem_could_not_open": (
        "Reglerna skulle inte släppa in den personen. Välj en vikarie eller någon i gruppen.",
        "The rules would not let that person in. Choose a substitute or one of the team.",
    ),
    "problem_no_shift": (
        "Personen är inte på plats då. Kryssa i att ett arbetspass läggs till.",
        "The person is not at work then. Tick that a shift is added.",
    ),
    "problem_no_visits": ("Välj minst ett besök.", "Choose at least one visit."),
    "problem_bad_number": (
        "Skriv numret som det står på kortet, och hur länge det gäller.",
        "Write the number as it stands on the card, and how long it is valid.",
    ),
    "problem_too_many": ("För många på en gång.", "Too many at once."),
}

text: Final = Words(TEXTS)
