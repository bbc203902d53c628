"""Words of the first page."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "now": ("Läget just nu", "How things stand"),
    "all_calm": ("Allt är lugnt", "All is calm"),
    "all_calm_hint": (
        "Inget väntar på dig. När något gör det syns det här.",
        "Nothing waits for you. When something does, it shows here.",
    ),
    "find_client": ("Sök kund", "Find a client"),
    "find_client_hint": ("Nummer, namn eller adress", "Number, name or address"),
    "waits": ("Väntar på någon", "Waits for somebody"),
    "exposed": ("Spärrade telefoner", "Blocked phones"),
    "hint_exposed": (
        "Ett lås som inte hunnit få beskedet kan ännu öppna för dem.",
        "A lock that has not had the news may still open for them.",
    ),
    "lock_faults": ("Felanmälda lås", "Reported locks"),
    "hint_lock_faults": (
        "Personal har anmält att låset inte fungerar. Reservrutinen gäller tills det är lagat.",
        "Staff have reported that the lock fails. The fallback holds until it is repaired.",
    ),
    "batteries": ("Batterier att byta", "Batteries to change"),
    "hint_batteries": (
        "Låsen har högst 20 % kvar. Personal byter och registrerar bytet i telefonen.",
        "The locks have 20 % left at most. Staff change them and record it on the phone.",
    ),
    "day_batteries": ("Låset sade till", "The lock said so"),
    "battery_at": ("Lås {lock}", "Lock {lock}"),
    "flawed": ("Att se över från telefonerna", "To look into from phones"),
    "hint_flawed": (
        "Det kom, men kan inte stämma eller gick inte att läsa.",
        "It came, but cannot be right or could not be read.",
    ),
    "deliveries": ("Leveranser som inte kunde godtas", "Deliveries that could not be accepted"),
    "hint_deliveries": (
        "Lås och telefoner har lämnat något som behöver ses över.",
        "Locks and phones delivered something to look into.",
    ),
    "questions": ("Frågor om fakturor", "Questions about invoices"),
    "hint_questions": (
        "Kunder undrar över en rad och väntar på svar.",
        "Clients question a line and wait for an answer.",
    ),
    "rounds": ("Servern klarade inte något", "The server did not manage something"),
    "hint_rounds": (
        "Den försöker igen av sig själv. Står det kvar säger serverns egen logg var det tog stopp.",
        "It tries again by itself. If it stays: the server's own log says where it stopped.",
    ),
    "day_rounds": ("Senaste försöket", "Tried last"),
    "round_withdraw": ("Dra in tillgång som upphört", "Withdrawing access that has ended"),
    "round_sessions": ("Glömma gamla inloggningar", "Forgetting old sessions"),
    "round_drafts": ("Glömma gamla utkast", "Forgetting old drafts"),
    "round_uploads": ("Glömma gamla filer för import", "Forgetting old files to import"),
    "round_judge": ("Hålla öppningar mot planen", "Holding openings against the plan"),
    "round_judge_again": (
        "Hålla öppningar mot planen igen",
        "Holding openings against the plan again",
    ),
    "round_visits": ("Räkna fram besök", "Deriving visits"),
    "round_statistics": ("Räkna fram statistik", "Measuring statistics"),
    "round_samples": ("Dra stickprov", "Drawing samples"),
    "round_copies": ("Kopiera loggen till en annan disk", "Copying the log to another disk"),
    "round_room": ("Plats på disken: frigör utrymme", "Room on the disk: free some space"),
    "round_proof": ("Pröva loggen", "Proving the log"),
    "reviews": ("Stickprov att granska", "Samples to review"),
    "hint_reviews": (
        "Öppningar och läsningar som har dragits ut till loggkontroll.",
        "Openings and looks that were drawn for log review.",
    ),
    "look_at": ("Besök att titta på", "Visits to look at"),
    "hint_look_at": (
        "Något sticker ut, eller så har nya uppgifter kommit. Gäller dagarna före i dag.",
        "Something stands out, or new evidence has come. Of the days before today.",
    ),
    "cards_over": ("Tjänstelegitimationer som gått ut", "Service identifications that ran out"),
    "hint_cards_over": ("De som bär dem behöver nya.", "Those who carry them need new ones."),
    "cards_soon": (
        "Tjänstelegitimationer som snart går ut",
        "Service identifications that run out soon",
    ),
    "hint_cards_soon": ("Beställ nya i tid.", "Order new ones in time."),
    "without_time": (
        "Öppningar där låset inte visste tiden",
        "Openings where the lock did not know the time",
    ),
    "hint_without_time": (
        "De kom in det senaste dygnet. Nästa telefon ställer klockan; annars är låset trasigt.",
        "They came in the last day. The next phone sets the clock; if not, the lock is broken.",
    ),
    "day_without_time": ("Kom in", "Came in"),
    "silent": ("Telefoner som inte hörts av på tre dygn", "Phones not heard of for three days"),
    "hint_silent": (
        "De ligger kanske i en låda. Är någon borta ska den spärras.",
        "They may lie in a drawer. A lost one must be blocked.",
    ),
    "accounts": ("Konton utan ett andra steg", "Accounts without a second step"),
    "hint_accounts": (
        "De kommer inte in förrän de har skaffat det.",
        "They get no further before they have set it up.",
    ),
    "decisions": ("Beslut som slutar inom 14 dagar", "Decisions that end within 14 days"),
    "hint_decisions": (
        "Utan nytt beslut förlorar personalen tillgången till dörren då.",
        "Without a new decision staff lose access to the door then.",
    ),
    "changes": ("Byten av utförare på väg", "Changes of provider to come"),
    "hint_changes": (
        "Den nya utförarens personal får tillgång den dagen, och den gamlas förlorar den.",
        "The new provider's staff get access that day, and the former's lose it.",
    ),
    "visits_by_hand": ("Besök som lagts till för hand", "Visits added by hand"),
    "hint_visits_by_hand": (
        "Det senaste dygnet och framåt, utanför schemat.",
        "In the last day and to come, outside the rota.",
    ),
    "shifts_by_hand": ("Pass som lagts till för hand", "Shifts added by hand"),
    "hint_shifts_by_hand": (
        "Det senaste dygnet och framåt, utanför schemat.",
        "In the last day and to come, outside the rota.",
    ),
    "day_decisions": ("Sista dag", "Last day"),
    "day_changes": ("Första dag", "First day"),
    "day_visits_by_hand": ("Börjar", "Begins"),
    "day_shifts_by_hand": ("Börjar", "Begins"),
    "day_accounts": ("Dag", "Day"),
    "day_silent": ("Hördes av", "Heard of"),
    "who": ("Vem", "Who"),
    "what": ("Vad", "What"),
    "to_provider": ("{service} till {provider}", "{service} to {provider}"),
    "visit_at": ("Hos kund {number}. {reason}", "At client {number}. {reason}"),
    "nothing": ("Inget väntar längre", "Nothing waits any more"),
    "nothing_hint": ("Någon har redan tagit hand om det.", "Somebody has seen to it already."),
}
text: Final = Words(TEXTS)
