"""Where an export can be misread the reader is asked, in words that say what to do."""

import io

import openpyxl
import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.tables import from_export

GOOD = "Kupac;Datum;Iznos\n1;1.1.2025;1,50\n"


@pytest.fixture
def asked(tmp_path):
    """Write an export, have it refused, and give the faults."""

    def refuse(content, file="orders.csv", table="transactions", **told):
        (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        with pytest.raises(CrmlabError) as refused:
            from_export(**{table: tmp_path / file}, **told)
        return [fault.splitlines() for fault in refused.value.messages]

    return refuse


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet, rows in sheets.items():
        page = book.create_sheet(sheet)
        for row in rows:
            page.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def cents(base):
    return base.transactions["amount_cents"].tolist()


def days(base):
    return base.transactions["ts"].dt.strftime("%d.%m.%Y").tolist()


@pytest.fixture
def loaded(tmp_path):
    def load(text, **told):
        (tmp_path / "orders.csv").write_bytes(text.encode("utf-8"))
        return from_export(transactions=tmp_path / "orders.csv", **told)

    return load


SLASHES = "Kupac;Datum;Iznos\n1;03/04/2025;1,50\n2;05/05/2025;2,50\n3;06/07/2025;3,50\n"


def test_slashes_without_a_day_above_twelve_are_a_question(asked):
    assert asked(SLASHES) == [
        [
            "orders.csv, column 'Datum' (ts): these dates can be read two ways, and no value in the column decides.",
            "  values  : 03/04/2025 (line 2), 06/07/2025 (line 4)",
            "  readings: 3 April 2025 (day first) or 4 March 2025 (month first)",
            "  next    : say day_first=True if 03/04/2025 is 3 April 2025, or day_first=False if it is 4 March 2025.",
        ]
    ]


def test_the_answer_settles_day_and_month(loaded):
    assert days(loaded(SLASHES, day_first=True)) == ["03.04.2025", "05.05.2025", "06.07.2025"]
    assert days(loaded(SLASHES, day_first=False)) == ["04.03.2025", "05.05.2025", "07.06.2025"]
    assert days(loaded(SLASHES, date_format="%d/%m/%Y")) == ["03.04.2025", "05.05.2025", "06.07.2025"]


def test_one_value_decides_for_all_written_with_the_same_mark_and_only_for_those(loaded, asked):
    assert days(loaded(SLASHES + "4;13/07/2025;1\n"))[0] == "03.04.2025"
    assert days(loaded(SLASHES + "4;07/13/2025;1\n"))[0] == "04.03.2025"
    assert "can be read two ways" in asked(SLASHES + "4;13.07.2025;1\n")[0][0]
    assert "can be read two ways" in asked(SLASHES.replace("/", "-"))[0][0]


def test_dots_are_day_first_and_that_is_said(loaded):
    base = loaded(SLASHES.replace("/", "."))
    assert days(base)[0] == "03.04.2025"
    assert "(no value decides; dots mean day first)" in str(base.import_report)


def test_dates_that_are_the_same_both_ways_are_no_question(loaded):
    assert days(loaded("Kupac;Datum;Iznos\n1;05/05/2025;1\n")) == ["05.05.2025"]


def test_dates_that_must_be_both_are_refused_even_with_dots(asked):
    assert asked("Kupac;Datum;Iznos\n1;13.04.2025;1\n2;04.13.2025;2\n") == [
        [
            "orders.csv, column 'Datum' (ts): some of these dates must be day first and others month first.",
            "  must be : day first: 13.04.2025 (line 2); month first: 04.13.2025 (line 3)",
            "  next    : mend the file, for no order is safe for all; or say day_first=True (or False): "
            "what cannot be read that way is then left out and listed.",
        ]
    ]


def test_the_answer_to_mixed_dates_leaves_out_and_lists_the_rest(loaded):
    base = loaded("Kupac;Datum;Iznos\n1;13/04/2025;1\n2;04/13/2025;2\n3;01/02/2025;3\n", day_first=True)
    assert days(base) == ["13.04.2025", "01.02.2025"]
    assert base.import_report.dropped["reason"].tolist() == ["date not readable"]


THOUSANDS = "Kupac;Datum;Iznos\n1;1.1.2025;1.234 €\n2;1.2.2025;500\n"


def test_a_point_before_three_digits_is_a_question(asked):
    assert asked(THOUSANDS) == [
        [
            "orders.csv, column 'Iznos' (amount_cents): these numbers can be read two ways, and no value in the column "
            "decides.",
            "  values  : 1.234 € (line 2)",
            '  next    : say decimal="," if 1.234 is 1234, or decimal="." if it lies between 1 and 2.',
        ]
    ]
    assert (
        'say decimal="." if 1,234 is 1234, or decimal="," if it lies between 1 and 2.'
        in asked(THOUSANDS.replace("1.234", "1,234"))[0][-1]
    )


def test_the_answer_settles_decimal_and_thousands(loaded):
    assert cents(loaded(THOUSANDS, decimal=",")) == [123400, 50000]
    assert cents(loaded(THOUSANDS, decimal=".")) == [123, 50000]


def test_one_clear_amount_decides_for_the_column(loaded):
    assert cents(loaded(THOUSANDS.replace("500", "5,5"))) == [123400, 550]
    assert cents(loaded(THOUSANDS.replace("500", "5.5"))) == [123, 550]
    assert cents(loaded(THOUSANDS.replace("500", "1.234.567"))) == [123400, 123456700]
    assert cents(loaded(THOUSANDS.replace("1.234", "0.234"))) == [23, 50000]


def test_clear_amounts_of_both_styles_are_each_read_by_their_own_form(loaded):
    base = loaded("Kupac;Datum;Iznos\n1;1.1.2025;1.234,50\n2;1.2.2025;1,234.50\n3;1.2.2025;7.5\n")
    assert cents(base) == [123450, 123450, 750]
    assert "decimal comma and decimal point" in str(base.import_report)


def test_both_styles_and_one_that_can_be_either_are_a_question(asked):
    (fault,) = asked("Kupac;Datum;Iznos\n1;1.1.2025;1,50\n2;1.2.2025;1.50\n3;1.2.2025;1.500\n")
    assert fault[0].endswith("decimals are written both ways, so some of these numbers can be read two ways.")
    assert fault[1:4] == ["  values  : 1.500 (line 4)", "  commas  : 1,50 (line 2)", "  points  : 1.50 (line 3)"]


def test_all_questions_of_all_files_are_asked_at_once(asked, tmp_path):
    (tmp_path / "kupci.csv").write_text("Kupac;Datum rođenja\n1;01/02/1980\n", encoding="utf-8")
    faults = asked("Kupac;Datum;Iznos\n1;03/04/2025;1.234\n", customers=tmp_path / "kupci.csv")
    assert [fault[0].split(" (")[0] for fault in faults] == [
        "orders.csv, column 'Datum'",
        "orders.csv, column 'Iznos'",
        "kupci.csv, column 'Datum rođenja'",
    ]


def test_two_currencies_are_never_added_up(asked):
    (fault,) = asked("Kupac;Datum;Iznos\n1;1.1.2022;100 kn\n2;2.1.2023;20 €\n")
    assert fault == [
        "currency: amounts are in 2 currencies, EUR and HRK; their sum means nothing.",
        "  met in  : HRK in transactions, Iznos 100 kn (line 2); EUR in transactions, Iznos 20 € (line 3)",
        "  next    : turn them into one currency first, or load each currency as a base of its own.",
    ]
    assert "2 currencies" in asked("Kupac;Datum;Iznos;Valuta\n1;1.1.2025;1;EUR\n2;1.1.2025;1;USD\n")[0][0]
    assert "2 currencies" in asked("Kupac;Datum;Iznos (kn)\n1;1.1.2025;1 €\n")[0][0]
    assert "you said USD, but the file says EUR" in asked("Kupac;Datum;Iznos\n1;1.1.2025;1 €\n", currency="USD")[0][0]


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("Kupac;Datum;Iznos\n1;1.1.2025;1 €\n2;1.1.2025;2\n", "EUR"),
        ("Kupac;Datum;Iznos u kn\n1;1.1.2025;1\n", "HRK"),
        ("Kupac;Datum;Iznos;Valuta\n1;1.1.2025;1;eur\n2;1.1.2025;1;EUR\n", "EUR"),
        ("Kupac;Datum;Iznos;Valuta\n1;1.1.2025;1;978\n", ""),
        ("[Kupac];[Datum];[Iznos £]\n1;1.1.2025;1\n", "GBP"),
    ],
)
def test_one_currency_is_taken_over_from_sign_name_or_column(loaded, text, currency):
    assert loaded(text).currency == currency
    assert loaded(text, currency=currency or "EUR").currency == currency or "EUR"


def test_most_rows_failing_is_a_wrong_column_and_not_many_bad_rows(asked):
    assert asked("Kupac;Datum;Iznos\n1;abc;1,50\n2;x;2\n3;1.1.2025;3\n") == [
        [
            "orders.csv, column 'Datum' (ts): 2 of 3 rows have no date that can be read.",
            "  values  : abc (line 2), x (line 3)",
            "  decided : guessed",
            "  next    : map another column to it, or say how its dates are written, "
            'for instance date_format="%d.%m.%Y".',
        ]
    ]
    (fault,) = asked("Kupac;Datum;Iznos\n;1.1.2025;1,50\n;1.1.2025;2\n3;1.1.2025;3\n")
    assert fault[:2] == [
        "orders.csv, column 'Kupac' (record_id): 2 of 3 rows have no customer that can be read.",
        "  values  : empty",
    ]


def test_dates_without_any_mark_need_their_format_told(asked, loaded):
    text = "Kupac;Datum;Iznos\n1;31122025;1\n2;01022025;2\n"
    assert "have no date that can be read" in asked(text)[0][0]
    assert days(loaded(text, date_format="%d%m%Y")) == ["31.12.2025", "01.02.2025"]


def test_amounts_whose_name_says_cents_must_be_whole(asked, loaded):
    (fault,) = asked("customer_id,ts,amount_cents\n1,2025-01-01,12.50\n")
    assert fault[-1] == "  next    : its name says cents, so whole numbers are meant; rename it if these are not cents."
    base = loaded("customer_id,ts,total_cents\n1,2025-01-01,1250\n")
    assert cents(base) == [1250]
    assert "in cents already; sum 12.50" in str(base.import_report)


def test_ids_shortened_by_a_spreadsheet_are_refused_or_left_out(asked, loaded):
    (fault,) = asked("Kupac;Datum;Iznos\n3,85916E+12;1.1.2025;1\n3,85917E+12;1.1.2025;1\n")
    assert fault[-1] == "  next    : a spreadsheet has cut off digits; export again with this column formatted as text."
    base = loaded("Kupac;Datum;Iznos\n3,85916E+12;1.1.2025;1\n17;1.1.2025;1\n18;1.1.2025;1\n")
    assert base.transactions["record_id"].tolist() == [17, 18]
    assert base.import_report.dropped["reason"].tolist() == ["customer not readable"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "orders.csv: the file is empty."),
        (b" \r\n \r\n", "orders.csv: the file is empty."),
        (b"Kupac;Datum;Iznos\r\n", "orders.csv: it has a line of names and no rows below."),
        (b"Kupac;Datum;Iznos\r\n;;\r\n", "orders.csv: it has a line of names and no rows below."),
        (b"Kupac;Datum;Iznos\r\nUkupno;;7\r\n", "orders.csv: no row is left."),
        (bytes(range(256)) * 9, "orders.csv: this is no table of text; it holds bytes no text has."),
        (b"<html><table><tr><td>Kupac</td>", "orders.csv: this is a web page (HTML or XML), whatever its ending."),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', "orders.csv: this is a web page (HTML or XML), whatever its ending."),
        (b"%PDF-1.7 ...", "orders.csv: this is a PDF."),
        (b'[{"a": 1}]', "orders.csv: this is a JSON file."),
        (b"PAR1....", "orders.csv: this is a Parquet file."),
        (b"\x1f\x8b....", "orders.csv: this is a packed file (gzip)."),
        (b"PK\x03\x04junk", "orders.csv: this is no workbook, or a damaged one."),
        (b"\xd0\xcf\x11\xe0junk", "orders.csv: this is no workbook, or a damaged one."),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "orders.csv: the workbook is locked by a password.",
        ),
        (b"00004,0001,19970101,2,29.33\n00004,0001,19970118,2,29.73\n", "orders.csv: there is no line of names;"),
        (b"Kupac Datum Iznos\n1 1.1.2025 1,50\n", "orders.csv: no comma, semicolon, tab or bar cuts its lines"),
        (
            b"Kupac,Datum,Iznos\n1,1.1.2025,1,50\n",
            "orders.csv: most rows have more values than the 3 names",
        ),
        (workbook(A=[]), "orders.csv: every sheet is empty."),
    ],
)
def test_what_is_no_table_is_named(asked, content, words):
    (fault,) = asked(content)
    assert fault[0].startswith(words)
    assert fault[-1].startswith("  next    : ")


def test_a_sheet_that_is_not_there_or_empty_is_named(asked, loaded):
    book = workbook(Prodaja=[["Kupac", "Datum", "Iznos"], [1, "1.1.2025", 2]], Prazno=[])
    (fault,) = asked(book, file="book.xlsx", sheet="prodaja")
    assert fault == [
        "book.xlsx: no sheet 'prodaja'. Did you mean 'Prodaja'?",
        "  it has  : Prodaja, Prazno",
        "  next    : choose one of these with sheet=.",
    ]
    assert "no sheet 7." in asked(book, file="book.xlsx", sheet=7)[0][0]
    assert "sheet 'Prazno' is empty." in asked(book, file="book.xlsx", sheet="Prazno")[0][0]
    assert "this is no workbook" in asked(GOOD, sheet="Prodaja")[0][0]


def test_each_table_takes_its_own_sheet(tmp_path):
    (tmp_path / "book.xlsx").write_bytes(
        workbook(Kupci=[["ID", "Ime"], [1, "Šime"]], Prodaja=[["Kupac", "Datum", "Iznos"], [1, "1.1.2025", 2.5]])
    )
    both = {"transactions": tmp_path / "book.xlsx", "customers": tmp_path / "book.xlsx"}
    for sheet in ({"transactions": "Prodaja", "customers": "Kupci"}, {"transactions": 1, "customers": 0}):
        base = from_export(**both, sheet=sheet)
        assert (cents(base), base.customers["first_name"].tolist()) == ([250], ["Šime"])


def test_a_missing_file_a_folder_and_a_locked_file_are_told_apart(tmp_path, monkeypatch):
    (tmp_path / "orders.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(CrmlabError, match=r"order\.csv: there is no such file\. Did you mean 'orders\.csv'\?"):
        from_export(transactions=tmp_path / "order.csv")
    with pytest.raises(CrmlabError, match=r"this is a folder\.\n  it has  : orders\.csv\n"):
        from_export(transactions=str(tmp_path))
    with pytest.raises(CrmlabError, match=r"there is no such file\."):
        from_export(transactions=tmp_path / "nowhere" / "orders.csv")

    def locked(path):
        raise PermissionError(13, "in use")

    monkeypatch.setattr("pathlib.Path.read_bytes", locked)
    with pytest.raises(
        CrmlabError, match=r"may not be read; perhaps it is open in Excel\.\n  next    : close it there"
    ):
        from_export(transactions=tmp_path / "orders.csv")


def test_a_call_that_names_no_table_is_put_right():
    for call, words in (
        (lambda: from_export("orders.csv"), 'name it, for instance transactions="orders.csv".'),
        (lambda: from_export(transaction="orders.csv"), "no argument 'transaction'. Did you mean 'transactions'?"),
        (lambda: from_export(), "no source was given."),
        (lambda: from_export(transactions=["a.csv", "b.csv"]), "transactions: found a list."),
        (lambda: from_export(transactions=pd.DataFrame()), "the transactions DataFrame: it has no rows."),
    ):
        with pytest.raises(CrmlabError) as refused:
            call()
        assert words in str(refused.value)


def test_every_wrong_argument_is_named_at_once():
    with pytest.raises(CrmlabError) as refused:
        from_export(
            transactions="x.csv",
            day_first="yes",
            date_format="dd.mm.yyyy",
            decimal=";",
            encoding="rot13",
            delimiter=";;",
            timezone="Zagreb",
            currency="euro",
        )
    named = [fault.split(":")[0] for fault in refused.value.messages]
    assert named == [
        "day_first",
        "date_format",
        "decimal",
        "encoding",
        "delimiter",
        "timezone",
        "currency",
        "day_first, date_format",
    ]
