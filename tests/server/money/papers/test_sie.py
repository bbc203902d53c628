"""Vouchers in the books: they come to zero, and the file says them to any finance system."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siereader
from nyckelfri.care.billing import NOTHING
from nyckelfri.server.money.papers import accounts as dated
from nyckelfri.server.money.papers import sie
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.papers.content import credit
from nyckelfri.server.money.papers.plain import line
from nyckelfri.server.money.papers.vouchers import Entry, Voucher, of_invoice, of_pay
from papersworld import BUYER, SELLER, TERMS, alarm, hours, invoice, meals

DAY = date(2026, 12, 3)
PLAIN = Accounts()
CENTRED = Accounts(cost_centre="7120")


def written(*vouchers: Voucher, accounts: Accounts = PLAIN, company: str = SELLER.name) -> bytes:
    return sie.write(
        vouchers,
        company=company,
        org_number=SELLER.org_number,
        accounts=accounts,
        generated=DAY,
        series="HT",
    )


def amounts(voucher: Voucher) -> dict[str, Decimal]:
    return {entry.account: entry.amount for entry in voucher.entries}


def test_an_invoice_is_a_receivable_against_income_less_what_was_taken_off() -> None:
    content = invoice(hours(60), hours(4, price="373.00"), alarm(), meals(), terms=TERMS)
    assert amounts(of_invoice(content, PLAIN)) == {
        "1510": Decimal("2486.00"),
        "3132": Decimal("-3946.66"),
        "3133": Decimal("-227.00"),
        "3026": Decimal("-816.00"),
        "3139": Decimal("2503.66"),
    }


def test_a_credit_is_the_invoice_the_other_way_around() -> None:
    content = invoice(hours(60), meals(), terms=TERMS)
    back = credit(content, number=1043, issued=date(2026, 12, 20), reason="Fel besök")
    there, again = (amounts(of_invoice(each, PLAIN)) for each in (content, back))
    assert again == {account: -amount for account, amount in there.items()}
    assert of_invoice(back, PLAIN).text == "Kreditfaktura 1043"


def test_ore_that_are_left_off_are_on_an_account_of_their_own() -> None:
    assert amounts(of_invoice(invoice(hours(6), whole=True), PLAIN)) == {
        "1510": Decimal("332.00"),
        "3132": Decimal("-332.50"),
        "3690": Decimal("0.50"),
    }


def test_a_month_without_anything_to_pay_is_still_in_the_books() -> None:
    content = invoice(hours(6), terms=TERMS[2:])
    assert amounts(of_invoice(content, PLAIN)) == {
        "3132": Decimal("-332.50"),
        "3139": Decimal("332.50"),
    }


@pytest.mark.sentence(76)
def test_pay_to_a_provider_is_a_purchase_against_what_is_owed() -> None:
    pay = {"care": Decimal("46400.00"), "household": Decimal("3820.50"), "meals": Decimal("-68.00")}
    voucher = of_pay(
        day=DAY,
        statement="2026-11/3",
        amounts=pay,
        accounts=Accounts(purchase={"meals": "4011"}),
    )
    assert amounts(voucher) == {
        "4630": Decimal("50220.50"),
        "4011": Decimal("-68.00"),
        "2510": Decimal("-50152.50"),
    }
    assert voucher.text == "Ersättning till utförare 2026-11/3"


@pytest.mark.parametrize(
    "figures",
    [
        [],
        ["1.00"],
        ["1.00", "-1.01"],
        ["1.00", "-1.00", "0.00"],
        ["1.0", "-1.0"],
        ["NaN", "1.00"],
        ["Infinity", "-Infinity"],
    ],
)
def test_a_voucher_that_does_not_come_to_zero_cannot_be_made(figures: list[str]) -> None:
    with pytest.raises(ValueError, match=r"zero"):
        Voucher(
            day=DAY,
            text="Fel",
            entries=tuple(Entry(account="1510", amount=Decimal(each)) for each in figures),
        )


def test_the_file_is_what_a_finance_system_expects_byte_for_byte() -> None:
    content = invoice(hours(60), alarm(), meals(), terms=TERMS)
    assert written(of_invoice(content, CENTRED), accounts=CENTRED).decode("cp437") == (
        "#FLAGGA 0\r\n"
        '#PROGRAM "Nyckelfri" "0.1.0"\r\n'
        "#FORMAT PC8\r\n"
        "#GEN 20261203\r\n"
        "#SIETYP 4\r\n"
        "#ORGNR 212999-2083\r\n"
        '#FNAMN "Björkviks kommun"\r\n'
        '#KONTO 1510 "Kundfordringar"\r\n'
        '#KONTO 3026 "Måltider, social omsorg"\r\n'
        '#KONTO 3132 "Avgifter, social omsorg"\r\n'
        '#KONTO 3133 "Avgifter, trygghetslarm"\r\n'
        '#KONTO 3139 "Nedsatta avgifter, social omsorg"\r\n'
        '#DIM 1 "Kostnadsställe"\r\n'
        '#OBJEKT 1 "7120" "7120"\r\n'
        '#VER "HT" "" 20261203 "Faktura 1042"\r\n'
        "{\r\n"
        "#TRANS 1510 {} 2486.00\r\n"
        '#TRANS 3132 {1 "7120"} -3325.00\r\n'
        '#TRANS 3133 {1 "7120"} -227.00\r\n'
        '#TRANS 3026 {1 "7120"} -816.00\r\n'
        '#TRANS 3139 {1 "7120"} 1882.00\r\n'
        "}\r\n"
    )
    assert b"Bj\x94rkviks" in written(of_invoice(content, PLAIN))


@settings(deadline=None)
@given(
    counts=st.lists(
        st.tuples(st.integers(1, 150), st.integers(1, 90), st.decimals(1, 900, places=2)),
        min_size=1,
        max_size=4,
    ),
    shown=st.booleans(),
)
def test_lines_voucher_and_file_come_to_the_same(
    counts: list[tuple[int, int, Decimal]], shown: bool
) -> None:
    lines = [hours(count, minutes, str(price)) for count, minutes, price in counts]
    content = invoice(*lines, meals(), terms=TERMS if shown else ())
    found = siereader.read(written(of_invoice(content, CENTRED), accounts=CENTRED))
    (voucher,) = found.vouchers
    booked = {account: amount for account, _, amount in voucher.entries}
    assert booked["1510"] == content.total
    income = sum((each.amount for each in content.lines), NOTHING)
    assert -booked["3132"] - booked["3026"] == income
    assert booked.get("3139", NOTHING) == income - content.total
    assert all(
        objects == ({"1": "7120"} if account.startswith("3") else {})
        for account, objects, _ in voucher.entries
    )


@pytest.mark.threat(53)
@settings(deadline=None)
@given(company=st.text(), text=st.text(), name=st.text())
def test_any_text_stays_in_its_field(company: str, text: str, name: str) -> None:
    accounts = Accounts(names={"1510": name})
    voucher = Voucher(
        day=DAY,
        text=text,
        entries=(
            Entry(account="1510", amount=Decimal("1.00")),
            Entry(account="3132", amount=Decimal("-1.00"), cost_centre="7120"),
        ),
    )
    found = siereader.read(written(voucher, accounts=accounts, company=company))
    (read,) = found.vouchers
    assert (read.day, read.series, read.number) == (DAY, "HT", "")
    for said, meant in (
        (found.labels["#FNAMN"], company),
        ([read.text], text),
        ([found.accounts["1510"]], name),
    ):
        assert [carried(meant)] == said


def carried(text: str) -> str:
    """The text, with what code page 437 lacks as the documentation says; for what it has, as is."""
    out = []
    for each in line(unicodedata.normalize("NFC", text)):
        try:
            each.encode("cp437")
            out.append("/" if each == "\\" else each)
        except UnicodeEncodeError:
            out.append(sie._carried(each))
            assert out[-1].encode("cp437")
    return "".join(out)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Åke Öström & Söner", "Åke Öström & Söner"),
        ("Zoë Ñandú-Šimić", "Zoë Ñandú-Simic"),
        ("Bjørn Łukasz", "Björn Lukasz"),
        ("王小明", "???"),
        ('Sven "Svenne" S', 'Sven "Svenne" S'),
        ("C:\\temp", "C:/temp"),
        ("\uff3c \uff02", '/ "'),
        ('x"\r\n#TRANS 1510 {} 1.00', 'x" #TRANS 1510 {} 1.00'),
        ("A\u0308ngen", "Ängen"),
        ("5 € – ok…", "5 EUR - ok..."),
        ("½ ß ª µ", "½ ß ª µ"),
    ],
)
def test_names_as_a_finance_system_shows_them(name: str, said: str) -> None:
    found = siereader.read(written(of_invoice(invoice(), PLAIN), company=name))
    assert found.labels["#FNAMN"] == [said]


@pytest.mark.threat(67)
def test_the_books_name_no_client() -> None:
    content = invoice()
    data = written(of_invoice(content, PLAIN)).decode("cp437")
    for word in (BUYER.name.split()[0], *BUYER.address, content.client_id):
        assert word not in data


def test_accounts_count_from_their_day() -> None:
    older, newer = Accounts(valid_from=date(2026, 1, 1)), Accounts(valid_from=date(2026, 7, 1))
    known = [newer, older]
    assert dated.on(date(2025, 12, 31), known) == Accounts()
    assert dated.on(date(2026, 6, 30), known) is older
    assert dated.on(date(2026, 7, 1), known) is newer


@pytest.mark.parametrize(
    "wrong", [{"receivable": "15"}, {"income": {"care": "31a"}}, {"names": {"": "x"}}]
)
def test_what_is_no_account_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="three to eight digits"):
        Accounts(**wrong)


@pytest.mark.threat(53)
@pytest.mark.parametrize("wrong", ['7120"', "71 20", "{", "x" * 17])
def test_what_is_no_cost_centre_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="cost centre"):
        Accounts(cost_centre=wrong)


def test_articles_without_an_account_of_their_own_go_to_the_common_one() -> None:
    assert [PLAIN.income_of(each) for each in ("alarm", "care", "aids")] == ["3133", "3132", "3132"]
    assert PLAIN.purchase_of("care") == "4630"


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("2486.00", "2486.01"),
        lambda text: text.replace("#TRANS 1510", "#TRANS 9999"),
        lambda text: text.replace("}\r\n", "", 1),
        lambda text: text.replace("PC8", "UTF8"),
        lambda text: text.replace('"Faktura 1042"', '"Faktura" 1042"'),
    ],
)
def test_the_reader_of_these_tests_refuses_a_broken_file(broken: Any) -> None:
    text = written(of_invoice(invoice(hours(60), meals(), terms=TERMS), PLAIN)).decode("cp437")
    with pytest.raises(siereader.SieFaultError):
        siereader.read(broken(text).encode("cp437"))


def test_a_file_of_thousands_is_in_the_order_given() -> None:
    content = invoice()
    vouchers = [
        replace(of_invoice(content, PLAIN), text=f"Faktura {number}") for number in range(5000)
    ]
    read = siereader.read(written(*vouchers))
    assert [each.text for each in read.vouchers] == [f"Faktura {n}" for n in range(5000)]
