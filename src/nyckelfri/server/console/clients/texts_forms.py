"""Words of the forms about one client."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "field_service": ("Insats", "Service"),
    "field_team": ("Grupp", "Team"),
    "field_reason": ("Skäl", "Reason"),
    "field_employee": ("Anställningsnummer", "Employee number"),
    "change_lead": (
        (
            "Kunden väljer utförare för varje insats för sig. Bytet sker vid midnatt, "
            "av sig självt. "
            "Låset sitter kvar."
        ),
        (
            "The client chooses a provider for each service. The change happens at midnight, by "
            "itself. The lock stays."
        ),
    ),
    "field_provider": ("Ny utförare", "New provider"),
    "hint_team": (
        "Tomt betyder utförarens grupp i kundens område.",
        "Empty means the provider's team in the client's area.",
    ),
    "field_first_day": ("Första dag", "First day"),
    "hint_reason": (
        "Står i loggen. Skriv inga namn.",
        "Stands in the log. Write no names.",
    ),
    "preview": ("Se vad som händer", "See what will happen"),
    "edit_again": ("Ändra uppgifterna", "Change the details"),
    "preview_change": (
        "{service} från {provider}, från och med {day}",
        "{service} by {provider}, from {day} on",
    ),
    "before": ("Före", "Before"),
    "after": ("Efter", "After"),
    "get_access": ("Får tillgång ({count})", "Get access ({count})"),
    "lose_access": ("Förlorar tillgång ({count})", "Lose access ({count})"),
    "keep_access": ("Påverkas inte ({count})", "Not affected ({count})"),
    "nobody_gets": ("Ingen får tillgång.", "Nobody gets access."),
    "nobody_loses": ("Ingen förlorar tillgång.", "Nobody loses access."),
    "lock_stays": (
        (
            "Låset sitter kvar som det är. Ingen behöver komma hem till kunden, och inga nycklar "
            "behöver lämnas."
        ),
        "The lock stays as it is. Nobody needs to visit the client, and no keys change hands.",
    ),
    "soon": (
        "Det är mindre än två veckor dit. Hör efter att den nya utföraren är beredd.",
        "That is less than two weeks ahead. Make sure that the new provider is ready.",
    ),
    "in_the_rota": (
        "I de pass som redan är planerade från den dagen",
        "In the shifts that are already planned from that day",
    ),
    "no_rota": (
        "Inga pass är planerade så långt fram än. När de läggs in följer tillgången med.",
        "No shifts are planned so far ahead yet. When they are, access follows.",
    ),
    "can_then": ("Kan öppna", "Can open"),
    "cannot_then": ("Kan inte längre öppna", "Can no longer open"),
    "confirm_change": ("Byt utförare", "Change provider"),
    "changed": (
        "Bytet är antecknat: {provider} från och med {day}. Tillgången följer med av sig själv.",
        "The change is recorded: {provider} from {day} on. Access follows by itself.",
    ),
    "undo_change": ("Ångra bytet", "Undo the change"),
    "undo_change_effect": (
        "{provider} får inte insatsen {day}. Den utförare som finns före fortsätter.",
        "{provider} does not get the service on {day}. The provider before goes on.",
    ),
    "undone": ("Bytet är ångrat.", "The change is undone."),
    "decide_lead": (
        (
            "Beslutet ger rätt till insatsen. Dörren öppnas först när kunden valt "
            "utförare, eller av "
            "nattpatrull och larmgrupp."
        ),
        (
            "The decision grants the service. The door opens once the client has "
            "chosen a provider, or "
            "to night patrol and alarm group."
        ),
    ),
    "field_amount": ("Hur mycket", "How much"),
    "field_unit": ("Räknat i", "Counted in"),
    "count_minutes_a_day": ("minuter om dagen", "minutes a day"),
    "count_hours_a_week": ("timmar i veckan", "hours a week"),
    "count_items_a_week": ("stycken i veckan", "items a week"),
    "count_month": ("månader (fast)", "months (fixed)"),
    "field_ground": ("Grund", "Ground"),
    "field_timing": ("När och hur", "When and how"),
    "hint_timing": (
        "Kundens önskemål, till exempel: helst efter klockan nio.",
        "The client's wishes, for example: preferably after nine.",
    ),
    "field_last_day": ("Sista dag", "Last day"),
    "hint_last_day": ("Tomt betyder tills vidare.", "Empty means until further notice."),
    "decided": ("Beslutet är antecknat.", "The decision is recorded."),
    "end_decision": ("Avsluta beslutet", "End the decision"),
    "end_decision_lead": (
        "{service}, {extent}. Tillgång som vilar på beslutet upphör vid midnatt efter sista dagen.",
        "{service}, {extent}. Access that rests on it ends at midnight after the last day.",
    ),
    "ended": ("Beslutet slutar {day}.", "The decision ends {day}."),
    "lead_name_staff": (
        "Den som namnges ser namn och adress, här och i sin telefon. Det öppnar ingen dörr.",
        "Who is named sees name and address, here and in their phone. It opens no door.",
    ),
    "named_done": ("{name} får se namn och adress.", "{name} may see name and address."),
    "unname": ("Ta bort", "Remove"),
    "heading_unname": (
        "{name} ska inte längre se namn och adress",
        "{name} shall no longer see it",
    ),
    "effect_unname": (
        "Namn och adress visas inte längre, och försvinner ur telefonen vid nästa synk.",
        "Name and address are no longer shown, and leave the phone at its next sync.",
    ),
    "unnamed_done": ("{name} ser inte längre namn och adress.", "{name} no longer sees them."),
    "lead_assign": (
        "Den som tilldelas kan låsa upp under sina arbetspass, utan planerat besök.",
        "Who is assigned can open during their shifts, without a planned visit.",
    ),
    "assigned_done": ("{name} är tilldelad kunden.", "{name} is assigned to the client."),
    "heading_unassign": (
        "{name} ska inte längre vara tilldelad",
        "{name} shall be assigned no more",
    ),
    "effect_unassign": (
        "Tillgång som bara vilar på tilldelningen upphör genast.",
        "Access that rests on the assignment alone ends at once.",
    ),
    "unassigned_done": ("{name} är inte längre tilldelad.", "{name} is assigned no more."),
    "lead_withdraw": (
        (
            "Tillgången upphör genast på servern, och i låset så snart någon telefon har burit dit "
            "beskedet. Det går att häva; då avgör reglerna igen."
        ),
        (
            "Access ends at once at the server, and in the lock as soon as any phone "
            "has carried the "
            "word there. It can be lifted; then the rules decide again."
        ),
    ),
    "field_wide": ("Från vad", "From what"),
    "from_this_client": ("Bara den här kundens dörr", "This client's door only"),
    "from_all": ("Alla dörrar", "Every door"),
    "hint_end": (
        "Dag och klockslag. Tomt betyder tills vidare.",
        "Day and time. Empty means until further notice.",
    ),
    "field_end": ("Till", "Until"),
    "withdraw_confirm": ("Dra in tillgången", "Withdraw the access"),
    "withdrawn_done": ("Tillgången för {name} är indragen.", "Access of {name} is withdrawn."),
    "heading_lift": ("Häv indragningen för {name}", "Lift the withdrawal for {name}"),
    "effect_lift": (
        "Reglerna avgör igen vad {name} kan öppna. Ingen dörr ges här.",
        "The rules decide again what {name} can open. No door is given here.",
    ),
    "lifted_done": ("Indragningen för {name} är hävd.", "The withdrawal for {name} is lifted."),
    "stale": (
        (
            "Någon annan har ändrat det här under tiden. Sidan visar nu hur det är: se efter, och "
            "gör om om det behövs."
        ),
        (
            "Somebody else has changed this meanwhile. The page now shows how it is: "
            "look, and do it "
            "again if needed."
        ),
    ),
    "refused_not_allowed": ("Din roll får inte göra det här.", "Your role may not do this."),
    "refused_no_reason": ("Skriv ett skäl.", "Write a reason."),
    "refused_long_reason": ("Skälet får ha högst 200 tecken.", "At most 200 characters."),
    "refused_past_day": (
        "Dagen har varit. Välj i dag eller senare.",
        "The day has passed. Choose today or later.",
    ),
    "refused_far_day": (
        "Dagen ligger mer än två år fram. Välj en tidigare.",
        "The day is more than two years ahead. Choose an earlier one.",
    ),
    "refused_wrong_order": ("Slutet kommer före början.", "The end comes before the start."),
    "refused_not_offered": (
        "Utföraren erbjuder inte den insatsen. Välj en annan utförare.",
        "The provider does not offer that service. Choose another provider.",
    ),
    "refused_team_of_other": (
        "Gruppen hör inte till utföraren. Välj en av dess grupper.",
        "The team is not that provider's. Choose one of its teams.",
    ),
    "refused_no_team_there": (
        "Utföraren har ingen, eller flera, grupper i kundens område. Välj en grupp.",
        "The provider has no team, or several, in the client's area. Choose a team.",
    ),
    "refused_same_choice": (
        "Kunden har redan den utföraren och gruppen den dagen.",
        "The client has that provider and team already on that day.",
    ),
    "refused_taken_day": (
        "Ett annat val började just den dagen. Välj dagen efter.",
        "Another choice began that very day. Choose the day after.",
    ),
    "refused_already_begun": (
        "Det har redan börjat. Gör ett nytt byte i stället.",
        "It has begun already. Make a new change instead.",
    ),
    "refused_already_ended": ("Det har redan slutat.", "It has ended already."),
    "refused_bad_amount": (
        "Skriv ett tal större än 0, med högst två decimaler.",
        "Write a number above 0, with at most two decimals.",
    ),
    "refused_long_timing": ("Högst 300 tecken.", "At most 300 characters."),
    "refused_already_given": ("Det är redan antecknat.", "It is recorded already."),
    "refused_not_protected": (
        "Kunden har inte skyddad identitet: ingen behöver namnges.",
        "The client has no protected identity: nobody need be named.",
    ),
    "refused_not_licensed": (
        "Bara legitimerad personal kan tilldelas kunder.",
        "Only licensed staff can be assigned clients.",
    ),
    "refused_not_employed": ("Personen arbetar inte här.", "The person does not work here."),
    "refused_bad_policy": ("Reglerna kan inte vara så.", "The rules cannot be like that."),
}
