"""Words about who can open a door, and why somebody cannot."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "who_now": ("Vem kan låsa upp just nu?", "Who can open right now?"),
    "who_then": ("Vem kan låsa upp då?", "Who can open then?"),
    "who_past": ("Vem kunde låsa upp då?", "Who could open then?"),
    "nobody": ("Ingen.", "Nobody."),
    "nobody_hint": (
        "Det är vanligt: dörren går att låsa upp bara när någon som har rätt till det är i tjänst.",
        "That is usual: the door opens only while somebody who may is on duty.",
    ),
    "count_one": ("En person.", "One person."),
    "count_many": ("{count} personer.", "{count} people."),
    "only_without_phone": (
        "{count} har rätt till det men ingen telefon i bruk, och kan inte öppna än.",
        "{count} may, but have no phone in use and cannot open yet.",
    ),
    "without_phone": (
        "{count} till har rätt till det men ingen telefon i bruk, och kan inte öppna än.",
        "{count} more may, but have no phone in use and cannot open yet.",
    ),
    "no_lock": ("Dörren har inget lås i drift", "The door has no lock in service"),
    "no_lock_hint": (
        "Ingen kan låsa upp med telefon. Kommunens reservväg gäller.",
        "Nobody can open by phone. The municipality's reserve way applies.",
    ),
    "other_moment": ("Välj en annan tidpunkt", "Choose another moment"),
    "day": ("Dag", "Day"),
    "clock_time": ("Klockan", "Time"),
    "back_to_now": ("Tillbaka till nu", "Back to now"),
    "wrong_moment": (
        "Skriv en dag och ett klockslag, till exempel 2026-11-23 och 14:00.",
        "Write a day and a time, such as 2026-11-23 and 14:00.",
    ),
    "past_hint": (
        (
            "Så här gav reglerna tillgång enligt planerna som de är sparade nu. "
            "Kolumnen Nyckel visar "
            "vad som då var utfärdat: det är beviset."
        ),
        (
            "This is what the rules gave, by the plans as they are stored now. The "
            "column Key shows "
            "what was issued then: that is the evidence."
        ),
    ),
    "coming_hint": (
        "Så här ger reglerna tillgång enligt planerna som de är sparade nu.",
        "This is what the rules give, by the plans as they are stored now.",
    ),
    "why_not": ("Varför kan någon inte öppna?", "Why can somebody not open?"),
    "employee_number": ("Anställningsnummer", "Employee number"),
    "ask_why": ("Visa varför", "Show why"),
    "on_shift": ("Arbetspass", "Shift"),
    "can_until": ("Till", "Until"),
    "phone": ("Telefon", "Phone"),
    "key": ("Nyckel", "Key"),
    "phone_in_use": ("i bruk", "in use"),
    "phone_none": ("ingen i bruk", "none in use"),
    "phone_blocked": ("spärrad", "blocked"),
    "key_held": ("finns i telefonen", "is in the phone"),
    "key_next_sync": ("kommer när telefonen synkar", "comes when the phone syncs"),
    "key_no_phone": ("väntar på telefon", "waits for a phone"),
    "key_none_then": ("var inte utfärdad", "was not issued"),
    "key_not_yet": ("är inte utfärdad än", "is not issued yet"),
    "by_hand": ("tillagt för hand", "added by hand"),
    "visit_at": ("besök {start}–{end}", "visit {start}–{end}"),
    "others": (
        "{count} hos {provider}",
        "{count} at {provider}",
    ),
    "others_hint": (
        "Namn visas bara för din egen personal.",
        "Names are shown for your own staff only.",
    ),
    "rule_chosen_team": ("Hemtjänst: {team}", "Home care: {team}"),
    "rule_planned_visit": ("Planerade besök av {team}", "Planned visits by {team}"),
    "rule_night_patrol": ("Natt: {team}", "Night: {team}"),
    "rule_alarm_group": ("Larm: {team}", "Alarm: {team}"),
    "rule_alarm": ("Larm: {team}, efter larm", "Alarm: {team}, after an alarm"),
    "rule_assigned_visit": ("Vikarie med besök", "Substitute with a visit"),
    "rule_health_visit": ("Legitimerad personal med besök", "Licensed staff with a visit"),
    "rule_assigned_client": (
        "Legitimerad personal som är tilldelad kunden",
        "Licensed staff assigned to the client",
    ),
    "because_chosen_team": (
        "Kunden har valt {provider} för {service} sedan {choice} och har beslut ({decision}).",
        "The client has {provider} for {service} since {choice} and a decision ({decision}).",
    ),
    "because_night_patrol": (
        "Nattpatrullen går till alla i området som har beslut om {service} ({decision}).",
        "The night patrol goes to all in the area with a decision on {service} ({decision}).",
    ),
    "because_alarm_group": (
        "Larmgruppen går till alla i området som har beslut om {service} ({decision}).",
        "The alarm group goes to all in the area with a decision on {service} ({decision}).",
    ),
    "because_visit": (
        "De har ett planerat besök och kunden har beslut om {service} ({decision}).",
        "They have a planned visit and the client has a decision on {service} ({decision}).",
    ),
    "because_health": (
        "Hälso- och sjukvård i hemmet vilar inte på något biståndsbeslut.",
        "Health care at home rests on no care decision.",
    ),
    "because_entrance": (
        "Porten öppnas för den som ska till någon av dörrarna innanför.",
        "The entrance opens for whoever is bound for one of the doors behind it.",
    ),
    "left": ("Indragna nycklar som kan ligga kvar", "Withdrawn keys that may still lie in a phone"),
    "left_hint": (
        (
            "Låset nekar dem så snart det hört av indragningen från någon telefon. "
            "Senast vid den tid "
            "som står här slutar de att fungera av sig själva."
        ),
        (
            "The lock refuses them as soon as it hears of it from any phone. At the "
            "latest at the time "
            "shown here they stop working by themselves."
        ),
    ),
    "left_withdrawn": ("indragen {at}", "withdrawn {at}"),
    "left_not_yet": ("dras in vid nästa genomgång", "is withdrawn at the next round"),
    "at_latest": ("Senast till", "At the latest until"),
    "can_open": ("{name} kan låsa upp.", "{name} can open."),
    "could_not": ("{name} kan inte låsa upp.", "{name} cannot open."),
    "each_stops": (
        "Varje rad räcker för att dörren ska vara stängd.",
        "Each line is enough to keep the door shut.",
    ),
    "no_such_employee": (
        "Ingen i personalen har det numret. Se på telefonen eller tjänstelegitimationen.",
        "Nobody of the staff has that number. Look at the phone or the identification.",
    ),
    "not_absent": ("Frånvarande, till {at}", "Absent, until {at}"),
    "not_withdrawn": ("Tillgången är indragen: {reason}", "Access is withdrawn: {reason}"),
    "not_not_their_client": (
        "Är anställd för vissa kunder, och det här är ingen av dem",
        "Is employed for certain clients, and this is none of them",
    ),
    "not_other_provider_chosen": (
        "Kunden har valt en annan utförare: {provider}",
        "The client has chosen another provider: {provider}",
    ),
    "not_other_team": (
        "En annan grupp hos samma utförare har kunden: {team}",
        "Another team of the same provider has the client: {team}",
    ),
    "not_other_area": ("Gruppen arbetar i ett annat område", "The team works in another area"),
    "not_no_choice": (
        "Kunden har inte valt utförare för insatsen",
        "The client has chosen no provider for the service",
    ),
    "not_choice_not_yet": (
        "Kundens val av utföraren börjar {at}",
        "The client's choice of the provider begins {at}",
    ),
    "not_choice_ended": (
        "Kundens val av utföraren slutade {at}",
        "The client's choice of the provider ended {at}",
    ),
    "not_no_decision": (
        "Kunden har inget beslut om insatsen",
        "The client has no decision on the service",
    ),
    "not_decision_not_yet": ("Beslutet börjar {at}", "The decision begins {at}"),
    "not_decision_ended": ("Beslutet slutade {at}", "The decision ended {at}"),
    "not_no_alarm": ("Kunden har inte larmat", "The client has raised no alarm"),
    "not_alarm_ended": ("Larmet är över sedan {at}", "The alarm has been over since {at}"),
    "not_no_visit": ("Har inget planerat besök hos kunden", "Has no planned visit to the client"),
    "not_visit_not_now": (
        "Har besök hos kunden vid en annan tid: {visit}",
        "Has a visit to the client at another time: {visit}",
    ),
    "not_visit_outside_shift": (
        "Besöket {visit} ligger utanför arbetspasset",
        "The visit {visit} lies outside the shift",
    ),
    "not_visit_for_other_service": (
        "Besöket gäller en insats som inte öppnar dörren",
        "The visit is for a service that opens no door",
    ),
    "not_no_assignment": ("Är inte tilldelad kunden", "Is not assigned to the client"),
    "not_assignment_not_yet": ("Tilldelningen börjar {at}", "The assignment begins {at}"),
    "not_assignment_ended": ("Tilldelningen slutade {at}", "The assignment ended {at}"),
    "not_night_is_the_patrols": (
        "Nattetid går nattpatrullen, inte hemtjänstgruppen",
        "At night the night patrol goes, not the home care team",
    ),
    "not_day_is_not_the_patrols": (
        "Dagtid går hemtjänstgruppen, inte nattpatrullen",
        "By day the home care team goes, not the night patrol",
    ),
    "not_no_shift": ("Har inget arbetspass vid den tiden", "Has no shift at that time"),
    "not_shift_not_yet": ("Arbetspasset börjar {at}", "The shift begins {at}"),
    "not_shift_ended": ("Arbetspasset slutade {at}", "The shift ended {at}"),
    "not_no_team": ("Är inte med i någon grupp", "Is in no team"),
    "not_role_opens_nothing": ("Yrkesrollen öppnar inga dörrar", "The role opens no doors"),
    "not_not_employed_yet": ("Anställningen börjar {at}", "The employment begins {at}"),
    "not_no_longer_employed": ("Anställningen slutade {at}", "The employment ended {at}"),
    "not_no_phone": ("Har ingen telefon i bruk", "Has no phone in use"),
    "not_phone_blocked": ("Telefonen är spärrad", "The phone is blocked"),
    "not_no_lock": ("Dörren har inget lås i drift", "The door has no lock in service"),
    "not_no_such_employee": ("Finns inte i personalen", "Is not among the staff"),
    "not_no_such_client": ("Kunden finns inte", "There is no such client"),
}
