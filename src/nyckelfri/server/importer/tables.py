"""What each file holds, declared: columns, types, lengths, references, keys.

House rules: this is the only place that knows a file's columns; nothing here runs
on rows. A table's order in `TABLES` is the order in which rows are stored, so that
what is referred to comes first. File names are without `.csv`.
"""

from __future__ import annotations

from nyckelfri.server.importer import values, words
from nyckelfri.server.importer.table import Column, Table

_id = values.identifier
_date = values.calendar_date
_moment = values.moment


def _optional(name: str, parse: values.Parser, refers_to: str = "") -> Column:
    return Column(name, parse, required=False, refers_to=refers_to)


def _id_of(table: str, name: str) -> Column:
    return Column(name, _id, refers_to=table)


_ORG = Column("org_nr", values.org_number, refers_to="utforare")
_CLIENT = _id_of("brukare", "brukare_id")
_EMPLOYEE = _id_of("personal", "anst_nr")
_FROM = Column("fran", _date)
_TILL = _optional("till", _date)
_PERIOD = ("fran", "till")
_START = Column("start", values.local_time)
_END = Column("slut", values.local_time)
_TELEPHONE = _optional("telefon", values.text(32))
_RECEIVED = Column("mottagen", _moment)

TABLES: tuple[Table, ...] = (
    Table(
        "utforare",
        (
            Column("org_nr", values.org_number),
            Column("namn", values.text(120)),
            Column("typ", values.one_of(words.PROVIDER_KINDS)),
            Column("tjanster", values.several_of(words.PROVIDED)),
            _TELEPHONE,
            _optional("epost", values.text(254)),
            _optional("beskrivning", values.text(1000)),
        ),
        key=("org_nr",),
    ),
    Table(
        "grupper",
        (
            Column("grupp_id", _id),
            Column("namn", values.text(120)),
            _ORG,
            Column("typ", values.one_of(words.TEAM_KINDS)),
            _optional("omrade", values.text(64)),
        ),
        key=("grupp_id",),
    ),
    Table(
        "personal",
        (
            Column("anst_nr", _id),
            Column("namn", values.text(120)),
            _optional("grupp_id", _id, refers_to="grupper"),
            Column("roll", values.one_of(words.ROLES)),
            _TELEPHONE,
            _FROM,
            _TILL,
        ),
        key=("anst_nr",),
        in_order=_PERIOD,
    ),
    Table(
        "fastigheter",
        (
            Column("fastighet_id", _id),
            Column("beteckning", values.text(120)),
            Column("adress", values.text(120)),
            Column("postnr", values.text(6)),
            Column("ort", values.text(64)),
            Column("omrade", values.text(64)),
            _optional("agare_org_nr", values.org_number),
            Column("agare_namn", values.text(120)),
            Column("agare_typ", values.one_of(words.OWNER_KINDS)),
        ),
        key=("fastighet_id",),
    ),
    Table(
        "portar",
        (
            Column("port_id", _id),
            _id_of("fastigheter", "fastighet_id"),
            Column("adress", values.text(120)),
            Column("strom", values.one_of(words.POWER)),
            Column("medgivande", values.one_of(words.CONSENT)),
        ),
        key=("port_id",),
    ),
    Table(
        "las",
        (
            Column("las_id", _id),
            Column("typ", values.one_of(words.LOCK_KINDS)),
            _optional("modell", values.text(32)),
            _optional("serienr", values.text(32)),
            Column("adress", values.text(120)),
            _optional("lgh", values.text(8)),
            _optional("port_id", _id, refers_to="portar"),
            Column("status", values.one_of(words.LOCK_STATUS)),
        ),
        key=("las_id",),
        unique=("serienr",),
    ),
    Table(
        "brukare",
        (
            Column("brukare_id", _id),
            Column("personnummer", values.personal_number),
            Column("namn", values.text(120)),
            Column("adress", values.text(120)),
            _optional("lgh", values.text(8)),
            _optional("fastighet_id", _id, refers_to="fastigheter"),
            _optional("port_id", _id, refers_to="portar"),
            _optional("las_id", _id, refers_to="las"),
            Column("omrade", values.text(64)),
            _TELEPHONE,
            Column("skyddad", values.yes_no),
            Column("trygghetslarm", values.yes_no),
            Column("civilstand", values.one_of(words.CIVIL_STATUS)),
            _optional("partner_id", _id, refers_to="brukare"),
            _optional("instruktion", values.text(500)),
        ),
        key=("brukare_id",),
        unique=("personnummer",),
    ),
    Table(
        "etiketter",
        (
            Column("etikett_id", _id),
            _CLIENT,
            Column("plats", values.text(64)),
            Column("typ", values.one_of(words.LABEL_KINDS)),
        ),
        key=("etikett_id",),
    ),
    Table(
        "beslut",
        (
            Column("beslut_id", _id),
            _CLIENT,
            Column("insats", values.one_of(words.SERVICES)),
            Column("omfattning", values.amount),
            Column("enhet", values.one_of(words.UNITS)),
            Column("grund", values.one_of(words.GROUNDS)),
            _FROM,
            _TILL,
        ),
        key=("beslut_id",),
        in_order=_PERIOD,
    ),
    Table(
        "val",
        (
            _CLIENT,
            Column("tjanst", values.one_of(words.SERVICES)),
            _ORG,
            _optional("grupp_id", _id, refers_to="grupper"),
            _FROM,
            _TILL,
        ),
        key=("brukare_id", "tjanst", "fran"),
        in_order=_PERIOD,
    ),
    Table(
        "arbetspass",
        (Column("pass_id", _id), _EMPLOYEE, _START, _END),
        key=("pass_id",),
        in_order=("start", "slut"),
    ),
    Table(
        "planerade_besok",
        (
            Column("besok_id", _id),
            _CLIENT,
            _EMPLOYEE,
            _START,
            _END,
            Column("insatser", values.several_of(words.SERVICES)),
            _optional("dubbel", _id, refers_to="personal"),
        ),
        key=("besok_id",),
        in_order=("start", "slut"),
    ),
    Table(
        "avgiftsunderlag",
        (
            _CLIENT,
            Column("nettoinkomst", values.amount),
            Column("bostadstillagg", values.amount),
            Column("boendekostnad", values.amount),
            _optional("partner_nettoinkomst", values.amount),
            _FROM,
        ),
        key=("brukare_id", "fran"),
    ),
    Table(
        "taxa",
        (
            Column("artikel", values.one_of(words.ARTICLES)),
            Column("benamning", values.text(120)),
            Column("pris", values.amount),
            Column("enhet", values.one_of(words.PRICE_UNITS)),
            _FROM,
            _TILL,
        ),
        key=("artikel", "fran"),
        in_order=_PERIOD,
    ),
    Table(
        "ersattning",
        (
            Column("tjanst", values.one_of(words.SERVICES)),
            _optional("omrade", values.text(64)),
            Column("pris", values.amount),
            Column("enhet", values.one_of(words.PAY_UNITS)),
            Column(
                "grund",
                values.one_of(words.PAY_GROUNDS),
            ),
            _FROM,
            _TILL,
        ),
        key=("tjanst", "omrade", "grund", "fran"),
        in_order=_PERIOD,
    ),
    Table(
        "handelser",
        (
            Column("handelse_id", _id),
            _id_of("las", "las_id"),
            Column("lopnr", values.whole(0, 2**32 - 1)),
            Column("tid", _moment),
            _optional("anst_nr", _id, refers_to="personal"),
            Column(
                "handelse",
                values.one_of(words.DOOR_EVENTS),
            ),
            _optional(
                "orsak",
                values.one_of(words.DOOR_REASONS),
            ),
            _optional("batteri", values.whole(0, 100)),
            _RECEIVED,
        ),
        key=("handelse_id",),
        required=False,
    ),
    Table(
        "avlasningar",
        (
            Column("avlasning_id", _id),
            _id_of("etiketter", "etikett_id"),
            _EMPLOYEE,
            Column("tid", _moment),
            _optional("raknare", values.whole(0, 2**24 - 1)),
            Column("signatur", values.one_of(words.SIGNATURES)),
            _RECEIVED,
        ),
        key=("avlasning_id",),
        required=False,
    ),
    Table(
        "manuella",
        (
            Column("post_id", _id),
            _id_of("planerade_besok", "besok_id"),
            _EMPLOYEE,
            Column("in", _moment),
            Column("ut", _moment),
            Column(
                "skal",
                values.one_of(words.BY_HAND),
            ),
            _RECEIVED,
        ),
        key=("post_id",),
        required=False,
        in_order=("in", "ut"),
    ),
    Table(
        "leveranser",
        (_CLIENT, Column("datum", _date), Column("antal", values.whole(0, 99))),
        key=("brukare_id", "datum"),
        required=False,
    ),
    Table(
        "franvaro",
        (
            _CLIENT,
            _FROM,
            _TILL,
            Column("orsak", values.one_of(words.AWAY)),
        ),
        key=("brukare_id", "fran"),
        required=False,
        in_order=_PERIOD,
    ),
    Table(
        "larm",
        (
            Column("larm_id", _id),
            _CLIENT,
            Column("tid", _moment),
            _optional("kvitterad_av", _id, refers_to="personal"),
            _optional("kvitterad", _moment),
            _optional("pa_plats", _moment),
        ),
        key=("larm_id",),
        required=False,
    ),
)
BY_NAME = {table.name: table for table in TABLES}
