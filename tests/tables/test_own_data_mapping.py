"""Which column is which is told, named or guessed in the open, and every guess can be overruled."""

import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.tables import CustomerBase, from_export
from crmlab.tables.models import MODELS
from crmlab.tables.own_data.synonyms import synonyms
from crmlab.tables.own_data.words import plain_name


def export(**columns):
    return pd.DataFrame({name.replace("__", " "): [value] for name, value in columns.items()})


ORDERS = export(Kupac="7", Datum="1.2.2025.", Iznos="2,50", Neto="2,00")


def mapped(*args, **told):
    base = from_export(*args, **told)
    mapping = base.import_report.mapping
    return {row["column"]: (row["from"], row["how"]) for row in mapping.to_dict("records")}


def refused(**told):
    with pytest.raises(CrmlabError) as caught:
        from_export(**told)
    return caught.value.messages


@pytest.mark.parametrize(
    "names",
    [
        ("customer_id", "ts", "amount_cents"),
        ("record_id", "date", "amount"),
        ("CustomerID", "OrderDate", "TotalAmount"),
        ("Client No.", "Purchase date", "Revenue (EUR)"),
        ("Šifra kupca", "Datum računa", "Iznos s PDV-om"),
        ("KUPAC", "DATUM", "UKUPNO"),
        ("Broj kartice", "Datum i vrijeme", "Vrijednost računa"),
        ("Kundennr.", "Rechnungsdatum", "Betrag in €"),
        ("kunde", "Buchungsdatum", "Umsatz"),
        ("klijent", "dan", "EUR"),
        ("Oznaka klijenta", "Datum zadnje kupnje", "Iznos kn"),
        ("Šifra subjekta", "Datum dok.", "Ukupno s PDV"),
    ],
)
def test_the_names_people_use_are_recognised(names):
    who, when, how_much = names
    given = pd.DataFrame({who: ["7"], when: ["1.2.2025."], how_much: ["2"]})
    found = {ours: theirs for ours, (theirs, _) in mapped(transactions=given).items()}
    assert found == {"record_id": who, "ts": when, "amount_cents": how_much}


def test_a_name_of_crmlab_is_named_and_any_other_is_a_guess_that_is_shown():
    base = from_export(transactions=export(customer_id="7", Datum="1.2.2025.", amount="2,50"))
    assert base.import_report.mapping["how"].tolist() == ["named", "guessed", "guessed"]
    assert "ts           <- Datum        guessed" in str(base.import_report)
    assert str(base.import_report).endswith('Is a guess wrong? Say columns={"their name": "crmlab\'s name"}.')


def test_a_guess_is_overruled_by_what_is_told():
    base = from_export(transactions=ORDERS, columns={"Neto": "amount_cents"})
    assert base.transactions["amount_cents"].tolist() == [200]
    assert base.transactions["Iznos"].tolist() == ["2,50"]
    assert mapped(transactions=ORDERS, columns={"Neto": "amount_cents"})["amount_cents"] == ("Neto", "told")


def test_none_leaves_a_column_as_text():
    given = ORDERS.assign(Kanal="web")
    assert mapped(transactions=given)["channel"] == ("Kanal", "guessed")
    assert mapped(transactions=given, columns={"Kanal": None})["Kanal"] == ("Kanal", "kept as text")
    taken = given.rename(columns={"Kanal": "channel"})
    base = from_export(transactions=taken, columns={"channel": None})
    assert base.transactions["channel_text"].tolist() == ["web"]


def test_every_other_column_is_kept_as_text_under_its_own_name():
    given = ORDERS.assign(ts="x", customer_id="y", Boja="plava", Visina=1.5)
    base = from_export(transactions=given, columns={"Datum": "ts", "Kupac": "record_id"})
    assert base.transactions.iloc[0].to_dict() == {
        "record_id": 7,
        "ts": pd.Timestamp("2025-02-01", tz="UTC"),
        "amount_cents": 250,
        "Neto": "2,00",
        "ts_text": "x",
        "customer_id_text": "y",
        "Boja": "plava",
        "Visina": "1.5",
    }


def test_two_columns_that_fit_equally_well_are_a_question():
    (fault,) = refused(transactions=ORDERS.assign(**{"Ukupno": "3"}))
    assert fault.splitlines() == [
        "the transactions DataFrame: 2 columns could be the amount (amount_cents): 'Iznos', 'Ukupno'.",
        '  next    : say which one it is: columns={"Iznos": "amount_cents"}.',
    ]


def test_two_columns_that_fit_an_unneeded_one_leave_it_out_and_say_so():
    base = from_export(transactions=ORDERS.assign(Marža="1,00", Zarada="2,00"))
    assert "margin_cents" not in base.transactions
    assert "'Marža' and 'Zarada' could both be margin_cents; columns= says which." in str(base.import_report)


@pytest.mark.parametrize(
    ("names", "amount"),
    [
        (("Iznos bez PDV-a", "Iznos s PDV-om", "Iznos PDV"), "Iznos s PDV-om"),
        (("Ukupno stavki", "Ukupan iznos", "Popust iznos"), "Ukupan iznos"),
        (("Unit price", "Quantity", "Order total"), "Order total"),
    ],
)
def test_taxes_discounts_and_counts_are_never_taken_for_the_amount(names, amount):
    given = pd.DataFrame({"Kupac": ["7"], "Datum": ["1.2.2025."], **{name: ["2"] for name in names}})
    assert mapped(transactions=given)["amount_cents"] == (amount, "guessed")


@pytest.mark.parametrize("name", ["Datum rođenja", "Due date", "Datum dospijeća", "Liefertermin", "Datum isporuke"])
def test_other_dates_are_never_taken_for_the_day_of_purchase(name):
    (fault,) = refused(transactions=pd.DataFrame({"Kupac": ["7"], name: ["1.2.2025."], "Iznos": ["2"]}))
    assert "no column for the date (ts) of transactions was recognised." in fault


def test_a_price_beside_a_quantity_is_not_the_amount():
    (fault,) = refused(transactions=export(CustomerID="7", InvoiceDate="2010-12-01", UnitPrice="2.55", Quantity="6"))
    assert "it is 'UnitPrice' times 'Quantity': add that column" in fault


def test_every_missing_column_is_named_with_what_there_is():
    faults = refused(transactions=export(a="1", b="2"))
    assert [fault.split(": ")[1].split(" of ")[0] for fault in faults] == [
        "no column for the customer (record_id)",
        "no column for the date (ts)",
        "no column for the amount (amount_cents)",
    ]
    assert all("  it has  : a, b\n" in fault and 'columns={"their name": "' in fault for fault in faults)


def test_names_the_wrong_way_round_are_turned():
    (fault,) = refused(transactions=ORDERS, columns={"amount_cents": "Iznos", "ts": "Datum"})
    assert fault.splitlines() == [
        "columns: the names are the wrong way round.",
        '  next    : turn them round: columns={"Iznos": "amount_cents", "Datum": "ts"}.',
    ]


def test_names_that_are_nowhere_are_met_with_the_nearest():
    theirs, ours = refused(transactions=ORDERS, columns={"iznos": "amount_cents", "Datum": "tss"})
    assert theirs.startswith(
        "the transactions DataFrame: no column 'iznos', which columns= names. Did you mean 'Iznos'?"
    )
    assert ours.startswith("columns: 'Datum' cannot become 'tss': transactions has no such column. Did you mean 'ts'?")
    assert "allowed : transaction_id, record_id, ts, amount_cents" in ours


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["Iznos"], "a dict"),
        ({}, "a dict"),
        ({"Iznos": "amount_cents", "Neto": "amount_cents"}, "'Iznos' and 'Neto' cannot both become 'amount_cents'"),
        ({"orders": {"Iznos": "amount_cents"}}, "no table 'orders' was given."),
    ],
)
def test_a_mapping_that_makes_no_sense_is_put_right(columns, words):
    assert words in refused(transactions=ORDERS, columns=columns)[0]


def test_what_is_told_goes_to_the_table_that_has_it():
    people = export(Kupac="7", Naziv="Čarapa d.o.o.", Telefon="01")
    for columns in (
        {"Neto": "amount_cents", "Naziv": "company_name"},
        {"transactions": {"Neto": "amount_cents"}, "customers": {"Naziv": "company_name"}},
    ):
        base = from_export(transactions=ORDERS, customers=people, columns=columns)
        assert base.transactions["amount_cents"].tolist() == [200]
        assert base.customers["company_name"].tolist() == ["Čarapa d.o.o."]


def test_columns_without_a_name_are_told_by_position():
    base = from_export(
        transactions=pd.DataFrame([["7", "1.2.2025", "2,50"]]), columns={0: "customer_id", 1: "ts", 2: "amount_cents"}
    )
    assert base.transactions.iloc[0].tolist() == [7, pd.Timestamp("2025-02-01", tz="UTC"), 250]


def test_a_told_name_finds_the_line_of_names(tmp_path):
    (tmp_path / "orders.csv").write_text("2024;2025;x\nA;B;2024\n7;1.2.2025;2,50\n", encoding="utf-8")
    base = from_export(
        transactions=tmp_path / "orders.csv", columns={"A": "record_id", "B": "ts", "2024": "amount_cents"}
    )
    assert base.transactions["amount_cents"].tolist() == [250]
    assert base.import_report.dropped["text"].tolist() == ["2024;2025;x"]


def test_a_guess_whose_values_cannot_be_read_stays_text_and_a_told_one_is_refused():
    given = pd.concat([ORDERS.assign(Marža="visoka")] * 3, ignore_index=True)
    base = from_export(transactions=given)
    assert base.transactions["Marža"].tolist() == ["visoka"] * 3
    assert (
        "'Marža' was kept as text and not as margin_cents, for most of its values cannot be read ('visoka' in line 0)."
        in str(base.import_report)
    )
    (fault,) = refused(transactions=given, columns={"Marža": "margin_cents"})
    assert "it cannot be margin_cents, for most of its values cannot be read" in fault


def test_customers_of_another_numbering_are_refused():
    orders = pd.concat([ORDERS.assign(Kupac=number) for number in ("001", "002")])
    (fault,) = refused(transactions=orders, customers=pd.DataFrame({"ID": [1, 2], "Ime": ["Šime", "Ana"]}))
    assert fault.splitlines()[:3] == [
        "transactions.record_id: most customers (2) are not in the customers table.",
        "  here    : 001, 002",
        "  customers: 1, 2",
    ]


def test_numbers_and_texts_of_the_same_customers_meet():
    orders = pd.DataFrame({"Kupac": [17, 18, 18], "Datum": "2025-01-01", "Iznos": 1})
    people = pd.DataFrame({"ID": ["17", "18", "X-1"], "Ime": ["Šime", "Ana", "Iva"]})
    base = from_export(transactions=orders, customers=people)
    assert base.transactions["record_id"].tolist() == ["17", "18", "18"]
    assert len(base.customers) == 3 and base.check() is base


@pytest.mark.parametrize("table", MODELS)
def test_every_synonym_is_written_plainly_and_means_one_column(table):
    owners = {}
    for ours in MODELS[table].columns:
        for rank, names in enumerate(synonyms(table, ours)):
            for name in names:
                assert name == plain_name(name)
                owners.setdefault((rank, name), []).append(ours)
    assert {key: owner for key, owner in owners.items() if len(owner) > 1} == {}


def test_the_report_accounts_for_every_row_and_goes_along_with_the_base(tmp_path):
    text = "Izvještaj\n\nKupac;Datum;Iznos\n1;1.1.2025;1\n;;2\nUkupno;;3\n\n2;2.1.2025;4\n"
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    report = from_export(transactions=tmp_path / "orders.csv").import_report
    part = report.tables[0]
    assert part.read == len(text.splitlines()) - 1 == part.kept + len(report.dropped)
    assert report.dropped["line"].is_monotonic_increasing
    page = report._repr_html_()
    assert "<b>transactions from orders.csv" in page and "Izvještaj" not in page and "above the names" in page


def test_a_page_never_trusts_what_stands_in_the_file(tmp_path):
    (tmp_path / "orders.csv").write_text("Kupac;Datum;Iznos;<b>x\n1;1.1.2025;1;2\n", encoding="utf-8")
    assert "<b>x" not in from_export(transactions=tmp_path / "orders.csv").import_report._repr_html_()


def test_a_frame_given_stays_as_it_was_whatever_its_types():
    given = pd.DataFrame(
        {
            "customer": pd.array([1, 2], dtype="int64[pyarrow]"),
            "date": pd.to_datetime(["2025-01-01 10:00", "2025-07-01 00:00"]).tz_localize("Europe/Zagreb"),
            "total": pd.array([1.25, 2], dtype="Float64"),
            "channel": pd.Categorical(["web", "app"]),
            "note": pd.array(["a", None], dtype=object),
        },
        index=[5, 5],
    )
    before = given.copy()
    base = from_export(transactions=given)
    pd.testing.assert_frame_equal(given, before)
    assert isinstance(base, CustomerBase)
    assert base.transactions["ts"].dt.strftime("%d.%m. %H:%M").tolist() == ["01.01. 09:00", "30.06. 22:00"]
    assert base.transactions["amount_cents"].tolist() == [125, 200]
    assert base.transactions["note"].isna().tolist() == [False, True]
