"""Words of the pages of rules."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "lead": (
        (
            "Reglerna säger vem som kan få tillgång till en dörr och när. De ändras med nya regler "
            "från en senare dag, aldrig bakåt."
        ),
        (
            "The rules say who can get access to a door and when. They change by new rules from a "
            "later day, never backwards."
        ),
    ),
    "fallback_link": ("När ett lås inte fungerar", "When a lock fails"),
    "in_force": ("Gäller nu", "In force now"),
    "since": ("Sedan {day}", "Since {day}"),
    "from_the_start": ("Från början, tills något annat antecknas", "From the start, until changed"),
    "coming": ("Kommer", "To come"),
    "earlier": ("Tidigare", "Earlier"),
    "from_day": ("Från {day}", "From {day}"),
    "nothing_coming": ("Inga nya regler är på väg.", "No new rules are on their way."),
    "differs": ("Skiljer sig från det som gäller nu", "Differs from what is in force"),
    "all_the_same": ("Samma regler som nu.", "The same rules as now."),
    "change": ("Nya regler", "New rules"),
    "cancel_rules": ("Ta tillbaka", "Take back"),
    "cancel_heading": ("Ta tillbaka reglerna från {day}", "Take back the rules from {day}"),
    "cancel_effect": (
        "De här reglerna börjar aldrig gälla. Det som gäller dagen före fortsätter.",
        "These rules never begin. What holds the day before goes on.",
    ),
    "cancelled": ("Reglerna från {day} är tillbakatagna.", "The rules from {day} are taken back."),
    "change_lead": (
        (
            "Ange hur det ska vara från och med en dag. Reglerna börjar gälla vid midnatt av sig "
            "själva. Först visas vad som händer."
        ),
        (
            "Say how it shall be from a day on. The rules begin at "
            "midnight by themselves. What will "
            "happen is shown first."
        ),
    ),
    "field_valid_from": ("Från och med", "From"),
    "field_scope": ("Vilka som kommer in på dagen", "Who gets in by day"),
    "field_night_starts": ("Natten börjar", "Night begins"),
    "field_night_ends": ("Natten slutar", "Night ends"),
    "field_before_shift": ("Före arbetspass", "Before a shift"),
    "field_after_shift": ("Efter arbetspass", "After a shift"),
    "field_before_visit": ("Före besök", "Before a visit"),
    "field_after_visit": ("Efter besök", "After a visit"),
    "field_before_health_visit": ("Före vårdbesök", "Before a health visit"),
    "field_after_health_visit": ("Efter vårdbesök", "After a health visit"),
    "field_alarm_group_standing": (
        "Larmgruppen har tillgång under hela arbetspass",
        "The alarm group has access for whole shifts",
    ),
    "field_alarm_access": (
        "Från larmet, om ingen avslutar det",
        "From the alarm, unless it is ended",
    ),
    "field_after_alarm": ("Efter larmets slut", "After the alarm's end"),
    "field_horizon": ("Så långt i förväg lämnas nycklar ut", "How far ahead keys are handed out"),
    "field_longest_grant": ("Längsta nyckel", "Longest key"),
    "field_reason": ("Skäl", "Reason"),
    "hint_scope": ("Natt- och larmgrupp gäller oavsett.", "Night and alarm are not affected."),
    "hint_alarm_group_standing": (
        "Annars bara vid larm. Larm tas inte emot här än, så då kommer larmgruppen inte in alls.",
        "Otherwise only at an alarm. Alarms are not received here yet: the group would not get in.",
    ),
    "hint_horizon": (
        "Timmar. Så länge klarar sig telefonerna utan servern.",
        "Hours. For so long the phones do without the server.",
    ),
    "hint_reason": ("Till exempel vilket beslut.", "For example which decision."),
    "hint_minutes": ("Minuter.", "Minutes."),
    "hint_hours": ("Timmar.", "Hours."),
    "group_day": ("På dagen", "By day"),
    "group_night": ("På natten", "At night"),
    "group_visits": ("När planerade besök styr", "Where planned visits decide"),
    "group_health": ("Legitimerad personal", "Licensed staff"),
    "group_alarm": ("Larmgruppen", "The alarm group"),
    "group_keys": ("Nycklar i telefonerna", "Keys in the phones"),
    "scope_team": ("Hela den grupp som kunden har valt", "The whole team that the client chose"),
    "scope_visits": (
        "Bara den i gruppen som har ett planerat besök, vid besöket",
        "Only those of the team with a planned visit, at the visit",
    ),
    "scope_area": (
        "Utförarens alla grupper i kundens område",
        "All the provider's teams in the client's area",
    ),
    "minutes": ("{count} min", "{count} min"),
    "hours": ("{count} tim", "{count} h"),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "preview": ("Se vad som händer", "See what will happen"),
    "state_working": ("Räknas", "Being worked out"),
    "state_ready": ("Väntar på ditt beslut", "Waits for your decision"),
    "state_stale": ("Behöver räknas igen", "Needs to be worked out again"),
    "state_failed": ("Gick inte", "Failed"),
    "state_withdrawing": ("Bestämt", "Decided"),
    "state_recorded": ("Bestämt", "Decided"),
    "lead_working": (
        "Vi räknar ut vem som får och förlorar tillgång. Inget ändras. Du kan lämna sidan.",
        "Who gains and loses access is being worked out. Nothing changes. You may leave the page.",
    ),
    "lead_ready": (
        "Så här skulle det bli. Inget är bestämt än.",
        "This is how it would be. Nothing is decided yet.",
    ),
    "lead_stale": (
        "Någon har bestämt andra regler sedan det räknades ut. Låt räkna igen och se efter.",
        "Somebody has decided on other rules since. Have it worked out again, and look.",
    ),
    "lead_failed": (
        "Något gick fel hos oss. Inget är bestämt. Försök igen, och säg till om det inte hjälper.",
        "Something went wrong here. Nothing is decided. Try again; tell us if it does not help.",
    ),
    "lead_withdrawing": (
        "Reglerna är bestämda. Nycklar i telefonerna som inte längre ska finnas dras nu in.",
        "The rules are decided. Keys in the phones that shall no longer be are being withdrawn.",
    ),
    "lead_recorded": (
        "Reglerna är bestämda, och nycklar som inte längre ska finnas är indragna.",
        "The rules are decided, and keys that shall no longer be are withdrawn.",
    ),
    "lead_late": (
        "Reglerna är bestämda. Alla nycklar kunde inte dras in. Det görs om inom en kvart.",
        "The rules are decided. Not all keys could be withdrawn. That is tried within 15 minutes.",
    ),
    "step_plans": ("Läser planerna", "Reading the plans"),
    "step_before": ("Räknar med reglerna som gäller", "Working out with the rules in force"),
    "step_after": ("Räknar med de nya reglerna", "Working out with the new rules"),
    "step_compare": ("Jämför", "Comparing"),
    "step_withdraw": ("Drar in nycklar, grupp för grupp", "Withdrawing keys, team by team"),
    "work_out_again": ("Räkna igen", "Work it out again"),
    "to_rules": ("Till reglerna", "To the rules"),
    "moved_on": (
        "Det har redan gått vidare. Så här är läget nu.",
        "It has already gone on. This is where it is now.",
    ),
    "preview_heading": ("Nya regler från {day}", "New rules from {day}"),
    "edit_again": ("Ändra uppgifterna", "Change the details"),
    "confirm": ("Låt reglerna gälla", "Let the rules hold"),
    "setting": ("Regel", "Rule"),
    "before": ("Nu", "Now"),
    "after": ("Sedan", "Then"),
    "keys_now": ("Nycklar nu", "Keys now"),
    "keys_then": ("Nycklar sedan", "Keys then"),
    "doors_fewer": ("Dörrar där någon förlorar tid", "Doors where somebody loses time"),
    "doors_more": ("Dörrar där någon får mer tid", "Doors where somebody gains time"),
    "from_planned": (
        "Räknat på passen som är planerade från den dagen.",
        "Counted on the shifts that are planned from that day.",
    ),
    "from_now": (
        "Inga pass är planerade så långt fram, så det är räknat på passen just nu.",
        "No shifts are planned so far ahead, so it is counted on the shifts of now.",
    ),
    "nobody_affected": ("Ingen får eller förlorar tillgång.", "Nobody gains or loses access."),
    "affected": ("{count} personer påverkas", "{count} people are affected"),
    "only_first": ("De {count} som påverkas mest visas.", "The {count} most affected are shown."),
    "person": ("Namn", "Name"),
    "loses": ("Förlorar", "Loses"),
    "gains": ("Får", "Gains"),
    "doors_and_time": ("{doors} dörrar, {hours} tim", "{doors} doors, {hours} h"),
    "recorded": (
        "Reglerna gäller från {day}.",
        "The rules hold from {day}.",
    ),
    "stale": (
        "Någon annan har ändrat reglerna under tiden. Se efter hur det är nu.",
        "Somebody else has changed the rules meanwhile. Look how it is now.",
    ),
    "wrong_rules": ("Reglerna kan inte vara så: {why}", "The rules cannot be like that: {why}"),
    "refused_past_day": ("Dagen har varit.", "The day has passed."),
    "refused_far_day": ("Dagen ligger mer än två år fram.", "More than two years ahead."),
    "refused_taken_day": (
        "Regler började gälla just i dag. Välj en senare dag.",
        "Rules began this very day. Choose a later day.",
    ),
    "refused_no_reason": ("Skriv ett skäl.", "Write a reason."),
    "refused_long_reason": ("Högst 200 tecken.", "At most 200 characters."),
    "refused_already_begun": ("De har redan börjat gälla.", "They have begun already."),
    "refused_already_ended": ("De är redan tillbakatagna.", "They are taken back already."),
    "refused_not_allowed": ("Din roll får inte göra det här.", "Your role may not do this."),
}
text: Final = Words(TEXTS)
