"""Words of log review."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "lead": (
        (
            "Öppningar och läsningar som dragits för att någon ska titta på dem. Att sticka ut är "
            "en fråga att ställa, inget bevis."
        ),
        (
            "Openings and looks that were drawn for somebody to look at. To stand out is a "
            "question to ask, and proves nothing."
        ),
    ),
    "parts": ("Delar av loggkontrollen", "Parts of log review"),
    "waiting": ("Väntar", "Waiting"),
    "closed": ("Granskade", "Reviewed"),
    "draws": ("Urval", "Samples"),
    "none_waiting": ("Inget väntar på granskning", "Nothing waits for review"),
    "none_waiting_hint": (
        (
            "Den som har ansvar för uppgifter om andra ska kontrollera loggarna återkommande och "
            "dokumentera det (HSLF-FS 2016:40). Ett urval dras därför varje vecka av sig självt, "
            "och du kan dra ett nytt när du vill."
        ),
        (
            "Whoever answers for records of others shall check the logs again and again and "
            "document it (HSLF-FS 2016:40). So a sample is drawn each week by itself, and you can "
            "draw a new one when you like."
        ),
    ),
    "none_closed": ("Inget är granskat än", "Nothing has been reviewed yet"),
    "none_closed_hint": (
        "Öppna det som väntar, och skriv vad du kom fram till.",
        "Open what waits, and write what you found.",
    ),
    "none_drawn": ("Inget urval är draget än", "No sample has been drawn yet"),
    "none_drawn_hint": (
        "Servern drar ett varje onsdag ur veckan före. Du kan också dra ett nu.",
        "The server draws one each Wednesday from the week before. You can also draw one now.",
    ),
    "when": ("När", "When"),
    "who": ("Vem", "Who"),
    "what": ("Vad", "What"),
    "where": ("Var", "Where"),
    "why": ("Varför draget", "Why drawn"),
    "own": ("Din egen: en kollega granskar den", "Your own: a colleague reviews it"),
    "gone": ("Raden är gallrad", "The row has been deleted by retention"),
    "opening": ("Öppning", "Opening"),
    "look": ("Läsning", "Look"),
    "why_random": ("Slumpvis", "By chance"),
    "why_outside_employment": ("Utanför anställningen", "Outside the employment"),
    "why_outside_shift": ("Utanför arbetspasset", "Outside the shift"),
    "why_outside_plan": ("Utanför planerat besök", "Outside planned visits"),
    "review_of": ("Granskning {number}", "Review {number}"),
    "facts": ("Det som hände", "What happened"),
    "result": ("Utfall", "Result"),
    "stay": ("Hur länge", "How long"),
    "clock": ("Låsets klocka", "Lock’s clock"),
    "entrance": ("Port", "Entrance"),
    "plan": ("Vad planen sade", "What the plan said"),
    "plan_hint": (
        "Planen som den ser ut nu, fyra timmar före och efter.",
        "The plan as it is now, four hours before and after.",
    ),
    "shift": ("Arbetspass", "Shift"),
    "planned_visits": ("Planerade besök bakom dörren", "Planned visits behind the door"),
    "no_shift": ("Inget arbetspass", "No shift"),
    "no_visit": ("Inget planerat besök", "No planned visit"),
    "by_hand": ("tillagt för hand: {reason}", "added by hand: {reason}"),
    "reasons": ("Därför öppnade nyckeln", "Why the key opened"),
    "no_reasons": (
        "Ingen behörighet härifrån ligger bakom",
        "No grant from here lies behind it",
    ),
    "rule_chosen_team": ("Kundens valda grupp", "The client’s chosen team"),
    "rule_planned_visit": ("Planerat besök", "Planned visit"),
    "rule_night_patrol": ("Nattpatrullen", "Night patrol"),
    "rule_alarm_group": ("Larmgruppen", "Alarm group"),
    "rule_alarm": ("Larm", "Alarm"),
    "rule_assigned_visit": ("Vikarie med besök", "Substitute with a visit"),
    "rule_health_visit": ("Legitimerad med besök", "Licensed staff with a visit"),
    "rule_assigned_client": ("Legitimerad med tilldelad kund", "Licensed staff, assigned client"),
    "part_client": ("kund", "client"),
    "part_team": ("grupp", "team"),
    "part_shift": ("pass", "shift"),
    "part_visit": ("besök", "visit"),
    "part_decision": ("beslut", "decision"),
    "part_choice": ("val", "choice"),
    "reviewed_by": ("Granskad av", "Reviewed by"),
    "verdict": ("Bedömning", "Verdict"),
    "verdict_in_order": ("I sin ordning", "In order"),
    "verdict_deviation": ("Avvikelse", "Deviation"),
    "note": ("Anteckning", "Note"),
    "note_hint": (
        "Skriv vad du tittade på. Vid avvikelse: vad den består i. Inga namn på kunder.",
        "Write what you looked at. For a deviation: what it is. No names of clients.",
    ),
    "note_missing": ("Skriv vad avvikelsen består i.", "Write what the deviation is."),
    "choose_verdict": ("Välj en bedömning.", "Choose a verdict."),
    "too_long": ("Skriv högst 1000 tecken.", "Write at most 1000 characters."),
    "close_and_next": ("Spara och gå till nästa", "Save and go to the next"),
    "is_closed": ("Granskning {number} är sparad.", "Review {number} is saved."),
    "own_refused": (
        "Ingen granskar det de själva gjort. Låt en kollega göra det.",
        "Nobody reviews what they did themselves. Let a colleague do it.",
    ),
    "closed_already": (
        "Någon annan har redan granskat den. Inget ändrades.",
        "Somebody else has reviewed it already. Nothing was changed.",
    ),
    "new_draw": ("Dra ett nytt urval", "Draw a new sample"),
    "new_draw_lead": (
        "Slumpen väljer, och fröet sparas så att vem som helst kan dra om urvalet och se det.",
        "Chance chooses, and the seed is kept, so that anybody can draw it again and see.",
    ),
    "kind": ("Urval ur", "Drawn from"),
    "kind_openings": ("Öppningar", "Openings"),
    "kind_outside": ("Öppningar som sticker ut", "Openings that stand out"),
    "kind_looks": ("Läsningar av uppgifter", "Looks at records"),
    "share": ("Andel i procent", "Share in percent"),
    "share_hint": ("Till exempel 1 eller 0,5.", "For example 1 or 0.5."),
    "missing": ("Fyll i fältet.", "Fill in the field."),
    "wrong_day": ("Skriv ett datum.", "Write a date."),
    "wrong_order": (
        "Ange två datum som har varit, det första först.",
        "Give two days that have been, the first one first.",
    ),
    "too_many_days": ("Välj högst {count} dagar.", "Choose at most {count} days."),
    "wrong_share": ("Ange mer än 0 och högst 100 procent.", "Give more than 0, at most 100."),
    "too_many": (
        "Det blir {count} att granska. Dra högst {most}: minska andelen eller dagarna.",
        "That makes {count} to review. Draw at most {most}: lower the share or the days.",
    ),
    "not_judged": (
        "Det är inte klart än vilka öppningar som sticker ut de dagarna. Försök om en stund.",
        "It is not settled yet which openings of these days stand out. Try again in a while.",
    ),
    "preview": ("Visa hur många", "Show how many"),
    "would_draw": (
        "{count} av {population} skulle dras.",
        "{count} of {population} would be drawn.",
    ),
    "draw": ("Dra urvalet", "Draw the sample"),
    "is_drawn": ("{count} av {population} är dragna.", "{count} of {population} are drawn."),
    "drawn_at": ("Draget", "Drawn"),
    "period": ("Period", "Period"),
    "of": ("Dragna", "Drawn"),
    "left": ("Väntar", "Waiting"),
    "by": ("Av", "By"),
    "seed": ("Frö", "Seed"),
    "by_itself": ("Servern själv", "The server itself"),
    "count_of": ("{count} av {population}", "{count} of {population}"),
    "months": ("Månad för månad", "Month by month"),
    "months_hint": (
        "Efter när urvalet drogs. Siffrorna är om granskningen, aldrig om enskilda medarbetare.",
        "By when the sample was drawn. The figures are about the review, never about one person.",
    ),
    "month": ("Månad", "Month"),
    "drawn": ("Dragna", "Drawn"),
    "reviewed": ("Granskade", "Reviewed"),
    "deviations": ("Avvikelser", "Deviations"),
}
text: Final = Words(TEXTS)
