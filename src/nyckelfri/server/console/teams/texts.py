"""Words of the pages of teams."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "teams_lead": (
        "Vilka grupper det finns, och hur många som är på plats just nu.",
        "Which teams there are, and how many are at work right now.",
    ),
    "team_name": ("Grupp", "Team"),
    "provider": ("Utförare", "Provider"),
    "area": ("Område", "Area"),
    "whole_town": ("Hela kommunen", "The whole municipality"),
    "kind": ("Slag", "Kind"),
    "kind_home_care": ("Hemtjänst", "Home care"),
    "kind_night_patrol": ("Nattpatrull", "Night patrol"),
    "kind_alarm_group": ("Larmgrupp", "Alarm group"),
    "people": ("Anställda", "Employees"),
    "at_work": ("På plats", "At work"),
    "away": ("Borta", "Away"),
    "none": ("Inga grupper finns än.", "There are no teams yet."),
    "none_hint": (
        "De kommer med filen grupper.csv när du importerar.",
        "They come with the file grupper.csv when you import.",
    ),
    "week": ("Vecka", "Week"),
    "week_before": ("Förra veckan", "Week before"),
    "week_after": ("Nästa vecka", "Week after"),
    "this_week": ("Den här veckan", "This week"),
    "who": ("Vem", "Who"),
    "today": ("i dag", "today"),
    "day_mon": ("Måndag", "Monday"),
    "day_tue": ("Tisdag", "Tuesday"),
    "day_wed": ("Onsdag", "Wednesday"),
    "day_thu": ("Torsdag", "Thursday"),
    "day_fri": ("Fredag", "Friday"),
    "day_sat": ("Lördag", "Saturday"),
    "day_sun": ("Söndag", "Sunday"),
    "nobody_there": ("Ingen på plats", "Nobody there"),
    "always_somebody": (
        "Någon är på plats alla gruppens timmar den här veckan.",
        "Somebody is there in all the team's hours this week.",
    ),
    "free": ("ledig", "free"),
    "by_hand": ("för hand", "by hand"),
    "take_back": ("Ta bort", "Take back"),
    "no_members": ("Ingen är anställd i gruppen den här veckan.", "Nobody is employed here then."),
    "no_members_hint": (
        "Grupp står på varje person i personalfilen.",
        "The team stands with each person in the staff file.",
    ),
    "uncovered": ("Besök som ingen gör", "Visits that nobody makes"),
    "uncovered_lead": (
        "Till och med i morgon, för att någon är borta.",
        "Until tomorrow, because somebody is away.",
    ),
    "when": ("När", "When"),
    "instead_of": ("Skulle gjorts av", "Was to be made by"),
    "find_somebody": ("Ge till någon", "Give to somebody"),
    "plan_hint": (
        "Välj en person för att anmäla frånvaro eller lägga till ett pass.",
        "Choose a person to report absence or add a shift.",
    ),
}

text: Final = Words(TEXTS)
