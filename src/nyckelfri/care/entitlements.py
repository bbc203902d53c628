"""Which team is entitled to which client's door, and when.

House rules: an entitlement rests on a care decision, and by day on a choice of
provider too; it holds where their dates overlap. Every lookup is by key, so that
the work grows with the number of rows and not with its square.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.policy import Scope
from nyckelfri.care.world import HOME_CARE, Service, TeamKind

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from nyckelfri.care.policy import Policy
    from nyckelfri.care.times import Window
    from nyckelfri.care.world import CareTeam, Client, ProviderChoice, World


class Entitlement(NamedTuple):
    """A client whose door is due to somebody in `window`, and the rows it rests on."""

    client_id: str
    window: Window
    rule: Rule
    service: Service
    decision_id: str
    choice_id: str | None = None

    def reason(
        self, team_id: str | None, shift_id: str | None = None, *, ad_hoc: bool = False
    ) -> Reason:
        """Why a carer of the team is let in to the home."""
        return Reason(
            self.rule,
            self.client_id,
            None,
            team_id,
            shift_id,
            None,
            self.decision_id,
            self.choice_id,
            ad_hoc=ad_hoc,
        )


class Decided:
    """The care decisions of a world, found by client and service."""

    def __init__(self, world: World) -> None:
        self._windows: defaultdict[tuple[str, Service], list[tuple[str, Window]]]
        self._windows = defaultdict(list)
        for decision in world.decisions:
            key = decision.client_id, decision.service
            self._windows[key].append((decision.id, decision.dates.window()))

    def of(
        self, client_id: str, services: Container[Service]
    ) -> Iterator[tuple[Service, str, Window]]:
        """Service, decision id and window of each of the client's decisions on `services`."""
        # In the order of the enum: a set's own order differs from run to run.
        for service in Service:
            if service in services:
                for decision_id, window in self.on(client_id, service):
                    yield service, decision_id, window

    def on(self, client_id: str, service: Service) -> Iterable[tuple[str, Window]]:
        """Id and window of each of the client's decisions on one service."""
        return self._windows.get((client_id, service), ())


class HomeCareTeams:
    """The home-care teams, found by id and by provider and area."""

    def __init__(self, teams: Iterable[CareTeam], scope: Scope) -> None:
        self._scope = scope
        self._provider: dict[str, str] = {}
        self._in_area: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
        for team in teams:
            if team.kind is TeamKind.HOME_CARE:
                self._provider[team.id] = team.provider_id
                self._in_area[team.provider_id, team.area].append(team.id)

    def chosen(self, choice: ProviderChoice, client: Client) -> list[str]:
        """Ids of the teams that the choice points to; none where it contradicts itself."""
        named = choice.team_id
        if choice.service not in HOME_CARE:
            return []
        if named is None:
            return self._of_area(choice.provider_id, client.area)
        if self.contradicts(choice):
            return []
        if self._scope is not Scope.AREA:
            return [named]
        return list(dict.fromkeys([named, *self._of_area(choice.provider_id, client.area)]))

    def contradicts(self, choice: ProviderChoice) -> bool:
        """Whether the choice names a team that its provider does not have."""
        named = choice.team_id
        return named is not None and self._provider.get(named) != choice.provider_id

    def _of_area(self, provider_id: str, area: str) -> list[str]:
        # A team for the whole municipality stands in where the area has none.
        return self._in_area.get((provider_id, area)) or self._in_area.get((provider_id, None), [])


class OtherTeams:
    """What a choice of provider gives that provider's other teams: visits by hand.

    Only clients with such a visit are looked at. Whose team comes by the door anyway
    is not lent to it.
    """

    def __init__(self, world: World, decided: Decided, home_care: HomeCareTeams) -> None:
        self._decided = decided
        self._choices: defaultdict[str, list[tuple[ProviderChoice, frozenset[str]]]]
        self._choices = defaultdict(list)
        by_hand = {visit.client_id for visit in world.visits if visit.ad_hoc}
        clients = {client.id: client for client in world.clients if client.id in by_hand}
        for choice in world.choices:
            client = clients.get(choice.client_id)
            if client is None or choice.service not in HOME_CARE or home_care.contradicts(choice):
                continue
            patrols = (
                team.id
                for team in world.teams
                if team.kind is TeamKind.NIGHT_PATROL and team.area in {None, client.area}
            )
            anyway = frozenset((*home_care.chosen(choice, client), *patrols))
            self._choices[client.id].append((choice, anyway))

    def choices(self, team: CareTeam, client_id: str) -> list[ProviderChoice]:
        """The client's choices of the team's provider that point to others of its teams."""
        return [
            choice
            for choice, anyway in self._choices.get(client_id, ())
            if choice.provider_id == team.provider_id and team.id not in anyway
        ]

    def dues(self, team: CareTeam, client_id: str) -> Iterator[Entitlement]:
        """Give what such choices entitle a carer of the team to, who has a visit by hand."""
        for choice in self.choices(team, client_id):
            yield from _by_choice(choice, Rule.PLANNED_VISIT, self._decided)


def rule_of(kind: TeamKind, policy: Policy) -> Rule:
    """By which rule a team of this kind comes by a door."""
    if kind is TeamKind.NIGHT_PATROL:
        return Rule.NIGHT_PATROL
    if kind is TeamKind.ALARM_GROUP:
        return Rule.ALARM_GROUP if policy.alarm_group_standing else Rule.ALARM
    return Rule.PLANNED_VISIT if policy.scope is Scope.VISITS else Rule.CHOSEN_TEAM


def services_of(kind: TeamKind) -> frozenset[Service]:
    """A decision on one of these lets a team of this kind in."""
    return frozenset({Service.ALARM}) if kind is TeamKind.ALARM_GROUP else HOME_CARE


def by_team(
    world: World, policy: Policy, decided: Decided, home_care: HomeCareTeams
) -> dict[str, list[Entitlement]]:
    """Every team's entitlements, by team id."""
    found: defaultdict[str, list[Entitlement]] = defaultdict(list)
    clients = {client.id: client for client in world.clients}
    by_day = rule_of(TeamKind.HOME_CARE, policy)
    for choice in world.choices:
        client = clients.get(choice.client_id)
        for team_id in home_care.chosen(choice, client) if client is not None else ():
            found[team_id].extend(_by_choice(choice, by_day, decided))
    for team in world.teams:
        if team.kind is not TeamKind.HOME_CARE:
            rule, services = rule_of(team.kind, policy), services_of(team.kind)
            found[team.id].extend(
                Entitlement(client.id, window, rule, service, decision_id)
                for client in world.clients
                if team.area in {None, client.area}
                for service, decision_id, window in decided.of(client.id, services)
            )
    return dict(found)


def _by_choice(choice: ProviderChoice, rule: Rule, decided: Decided) -> Iterator[Entitlement]:
    chosen = choice.dates.window()
    for decision_id, window in decided.on(choice.client_id, choice.service):
        both = window.overlap(chosen)
        if both is not None:
            yield Entitlement(choice.client_id, both, rule, choice.service, decision_id, choice.id)
