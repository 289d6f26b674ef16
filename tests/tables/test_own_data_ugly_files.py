"""Truly ugly exports come in exactly, and what is left out is named with its line."""

import datetime as dt
import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from crmlab.tables import from_export


@pytest.fixture
def loaded(tmp_path):
    """Write an export as bytes or as sheets of a workbook, and load it."""

    def load(content, file="orders.csv", table="transactions", **told):
        path = tmp_path / file
        if isinstance(content, dict):
            book = openpyxl.Workbook()
            book.remove(book.active)
            for sheet, rows in content.items():
                page = book.create_sheet(sheet)
                for row in rows:
                    page.append(row)
            book.save(path)
        else:
            path.write_bytes(content)
        return from_export(**{table: path}, **told)

    return load


def rows(base):
    """Record, moment and cents of each transaction, as plain values."""
    log = base.transactions
    return list(zip(log["record_id"], log["ts"].dt.strftime("%Y-%m-%d %H:%M:%S"), log["amount_cents"], strict=True))


def dropped(base):
    """Line, reason and text of each row left out, as plain values."""
    return list(base.import_report.dropped[["line", "reason", "text"]].itertuples(index=False, name=None))


def reading(base, column):
    """How a column was mapped and read."""
    mapping = base.import_report.mapping.set_index("column")
    return mapping.loc[column, "how"], mapping.loc[column, "read_as"]


def test_a_page_by_page_report_of_an_accounting_system(loaded):
    text = (
        "Izvještaj prodaje za 2025.;;;\r\n"
        "Razdoblje: 01.01.2025 - 31.12.2025;;;\r\n"
        "\r\n"
        "Šifra kupca;Datum računa;Iznos;Napomena\r\n"
        '00017;31.12.2025;1.234,50-;"dugi\r\ntekst; s točkom"\r\n'
        "\r\n"
        "00018;01.02.2025;12,00;\r\n"
        "Međuzbroj;;1.246,50;\r\n"
        "Šifra kupca;Datum računa;Iznos;Napomena\r\n"
        "00019;02.02.2025;3,5;žuti čaj\r\n"
        "UKUPNO:;;1.250,00;\r\n"
        "Ispisano 01.01.2026. u 10:05;;;\r\n"
    )
    base = loaded(text.encode("cp1250"))
    assert rows(base) == [
        ("00017", "2025-12-31 00:00:00", -123450),
        ("00018", "2025-02-01 00:00:00", 1200),
        ("00019", "2025-02-02 00:00:00", 350),
    ]
    assert base.transactions["Napomena"].tolist()[::2] == ["dugi\r\ntekst; s točkom", "žuti čaj"]
    assert dropped(base) == [
        (1, "above the names", "Izvještaj prodaje za 2025."),
        (2, "above the names", "Razdoblje: 01.01.2025 - 31.12.2025"),
        (3, "blank line", ""),
        (7, "blank line", ""),
        (9, "total row", "Međuzbroj;;1.246,50;"),
        (10, "names repeated", "Šifra kupca;Datum računa;Iznos;Napomena"),
        (12, "total row", "UKUPNO:;;1.250,00;"),
        (13, "no date", "Ispisano 01.01.2026. u 10:05;;;"),
    ]
    assert str(base.import_report).splitlines()[:2] == [
        "transactions from orders.csv: 11 rows read, 8 dropped, 3 kept.",
        "  read as  : Windows-1250, semicolon, names in line 4",
    ]


def test_an_excel_csv_with_its_mark_its_separator_line_and_zeros_kept_by_a_trick(loaded):
    text = 'sep=;\r\nKupac;Datum;Iznos (EUR)\r\n="00012";31. 12. 2025.;1 234,5 €\r\n="00013";1.1.26;"-7,10 €"\r\n'
    base = loaded(text.encode("utf-8-sig"))
    assert rows(base) == [("00012", "2025-12-31 00:00:00", 123450), ("00013", "2026-01-01 00:00:00", -710)]
    assert dropped(base) == [(1, "above the names", "sep=")]
    assert base.currency == "EUR"
    assert base.import_report.tables[0].facts == ["UTF-8 with a mark (BOM)", "semicolon", "names in line 2"]
    assert reading(base, "ts")[1] == (
        "31.12.2025, day first (1 can be nothing else); two-digit years as 1970 to 2069; 2025-12-31 to 2026-01-01"
    )


def test_an_american_export_with_quotes_month_first_and_brackets_for_losses(loaded):
    text = (
        '"Customer ID","Order Date","Order Total","Ship City"\n'
        '"1001","12/31/2025 2:05 PM","$1,234.50","Austin, TX"\n'
        '"1002","1/2/2026 12:00 AM","($7.10)","New\nYork"\n'
        '"1003","1/3/2026 11:59:59 pm","$0.99",""\n'
    )
    base = loaded(text.encode())
    assert rows(base) == [
        (1001, "2025-12-31 14:05:00", 123450),
        (1002, "2026-01-02 00:00:00", -710),
        (1003, "2026-01-03 23:59:59", 99),
    ]
    assert base.transactions["Ship City"].tolist()[:2] == ["Austin, TX", "New\nYork"]
    assert base.currency == "USD" and dropped(base) == []
    assert reading(base, "ts")[1].startswith("12/31/2025, month first (1 can be nothing else); time zone taken as UTC")


def test_unicode_text_from_a_spreadsheet_with_tabs_and_swiss_thousands(loaded):
    text = "Kundennummer\tRechnungsdatum\tBetrag in CHF\r\nZ-1\t31.12.25\t1'234.50\r\nZ-2\t01.01.26\t12.–\r\n"
    base = loaded(text.encode("utf-16"), file="umsatz.txt")
    assert rows(base) == [("Z-1", "2025-12-31 00:00:00", 123450), ("Z-2", "2026-01-01 00:00:00", 1200)]
    assert base.import_report.tables[0].facts == ["UTF-16", "tab", "names in line 1"]
    assert base.currency == "CHF"


def test_a_quotation_mark_never_closed_swallows_no_row(loaded):
    text = 'Kupac;Datum;Iznos;Opis\n1;1.1.2025;1,50;"5 kom\n2;2.1.2025;2,50;b\n3;3.1.2025;3,50;"c;d"\n4;4.1.2025;4;"\n'
    base = loaded(text.encode())
    assert [cents for _, _, cents in rows(base)] == [150, 250, 350, 400]
    assert base.transactions["Opis"].tolist() == ['"5 kom', "b", "c;d", '"']
    assert "look     : A quotation mark is opened and never closed (line 2, 5); taken as a letter." in str(
        base.import_report
    )


def test_a_workbook_with_title_blank_rows_mixed_cells_and_a_total(loaded):
    base = loaded(
        {
            "Prazno": [],
            "Prodaja": [
                ["Prodaja po kupcima", None, None, None],
                [],
                ["Kupac", "Datum", "Iznos\n(EUR)", None],
                ["00012", dt.datetime(2025, 12, 31, 14, 5), 0.1 + 0.2],
                ["00013", "1.2.2025.", "1.234,50 €"],
                [14, 45658, 100],
                [15.0, 45658.75, -12.345],
                [],
                ["Ukupno", None, 9999],
            ],
            "Pivot": [["a", 1]],
        },
        file="book.xlsx",
    )
    assert rows(base) == [
        ("00012", "2025-12-31 14:05:00", 30),
        ("00013", "2025-02-01 00:00:00", 123450),
        ("14", "2025-01-01 00:00:00", 10000),
        ("15", "2025-01-01 18:00:00", -1235),
    ]
    assert dropped(base) == [
        (1, "above the names", "Prodaja po kupcima"),
        (2, "blank line", ""),
        (8, "blank line", ""),
        (9, "total row", "Ukupno |  | 9999"),
    ]
    assert base.import_report.tables[0].facts == ["sheet 'Prodaja'", "names in line 3"]
    assert base.import_report.tables[0].cautions == [
        "Only sheet 'Prodaja' was read, not Pivot; choose with sheet=\"Pivot\".",
        "1 amount had parts of a cent, rounded (-12.345 is now -1235 cents).",
    ]
    assert list(base.transactions) == ["record_id", "ts", "amount_cents"]


def test_an_order_list_repeats_the_order_number_which_stays_as_text(loaded):
    text = (
        "Broj računa|Šifra kupca|Datum|Iznos|Iznos PDV|Kanal\n"
        "R-1|7|2025-02-03T10:00:00Z|10,00|2,50|web\n"
        "R-1|7|2025-02-03T10:00:00Z|10,00|2,50|web\n"
        "R-2|8|2025-02-03T10:00:00+01:00|20,00|5,00|\n"
    )
    base = loaded(text.encode())
    assert rows(base) == [
        (7, "2025-02-03 10:00:00", 1000),
        (7, "2025-02-03 10:00:00", 1000),
        (8, "2025-02-03 09:00:00", 2000),
    ]
    assert base.transactions["record_id"].dtype == "int64"
    assert base.transactions["Broj računa"].tolist() == ["R-1", "R-1", "R-2"]
    assert base.transactions["channel"].isna().tolist() == [False, False, True]
    assert base.import_report.tables[0].cautions == [
        "'Broj računa' was kept as text and not as transaction_id, for it repeats (1 row).",
        "1 exact repeat of another row, kept.",
    ]


def test_rows_that_cannot_be_used_are_left_out_each_with_its_reason(loaded):
    text = (
        "Kupac;Datum;Iznos\n"
        "1;1.1.2025;1,00\n"
        ";2.1.2025;2,00\n"
        "3;;3,00\n"
        "4;31.2.2025;4,00\n"
        "5;5.1.2025;\n"
        "6;6.1.2025;6,00 kom\n"
        "7;7.1.2025;7,00;višak\n"
        ";;28,00\n"
        "8;8.1.2025;8,00;;;\n"
        "9;9.1.2025;NULL\n" + "".join(f"{n};10.1.2025;1,00\n" for n in range(10, 20))
    )
    base = loaded(text.encode())
    assert dropped(base) == [
        (3, "no customer", ";2.1.2025;2,00"),
        (4, "no date", "3;;3,00"),
        (5, "date not readable", "4;31.2.2025;4,00"),
        (6, "no amount", "5;5.1.2025;"),
        (7, "amount not readable", "6;6.1.2025;6,00 kom"),
        (8, "more values than names", "7;7.1.2025;7,00;višak"),
        (9, "no customer and no date", ";;28,00"),
        (11, "no amount", "9;9.1.2025;NULL"),
    ]
    assert base.transactions["record_id"].tolist() == [1, 8, *range(10, 20)]
    report = base.import_report.tables[0]
    assert (report.read, report.kept) == (20, 12)


def test_short_rows_old_line_ends_and_nothing_words(loaded):
    text = "Kupac;Datum;Iznos;Marža;Grupa\r1;1.1.2025;5\r2;2.1.2025;6;n/a;-\r3;3.1.2025;7;1,25;Čaj\r"
    base = loaded(text.encode())
    assert [cents for _, _, cents in rows(base)] == [500, 600, 700]
    assert base.transactions["margin_cents"].tolist() == [pd.NA, pd.NA, 125]
    assert base.transactions["product_group"].tolist()[1:] == ["-", "Čaj"]


def test_a_column_twice_with_the_same_values_is_one_column(loaded):
    text = "customer_id,date,amount,customer_id\n001,2025-01-01,5.5,001\n002,2025-01-02,6,002\n"
    base = loaded(text.encode())
    assert base.transactions["record_id"].tolist() == ["001", "002"]
    assert list(base.transactions)[3:] == ["customer_id (2)"]
    assert "The name 'customer_id' stands over more than one column." in base.import_report.tables[0].cautions


def test_a_customer_list_with_letters_of_croatia_and_cells_nobody_can_use(loaded):
    text = (
        "ID;Ime;Prezime;E-mail;Telefon;Mobitel;Datum rođenja;Newsletter;Poštanski broj;Grad\r\n"
        "1;Šime;Đurić;sime@example.hr;;091;11.5.45;da;01000;Žabno\r\n"
        "2;Ana;Čop;;;;30.2.1980;možda;21000;Split\r\n"
        "2;Ana;Čop;;;;1.2.1980;ne;21000;Split\r\n"
        "3;Ljerka;Ćuk;;;;1.2.2001.;NE;10000;\r\n"
        "Ukupno: 3;;;;;;;;;\r\n"
    )
    base = loaded(text.encode("cp1250"), file="kupci.csv", table="customers")
    people = base.customers
    assert people["record_id"].tolist() == [1, 2, 3]
    assert people["last_name"].tolist() == ["Đurić", "Čop", "Ćuk"]
    assert people["birth_date"].dt.strftime("%Y-%m-%d").fillna("").tolist() == ["1945-05-11", "", "2001-02-01"]
    assert people["consent_email"].tolist() == [True, pd.NA, False]
    assert people["postcode"].tolist() == ["01000", "21000", "10000"]
    assert people["Mobitel"].tolist()[0] == "091"
    assert dropped(base) == [
        (4, "customer number again", "2;Ana;Čop;;;;1.2.1980;ne;21000;Split"),
        (6, "total row", "Ukupno: 3;;;;;;;;;"),
    ]
    assert base.import_report.emptied.to_dict("records") == [
        {"table": "customers", "line": 3, "column": "birth_date", "value": "30.2.1980"},
        {"table": "customers", "line": 3, "column": "consent_email", "value": "možda"},
    ]


def test_contracts_of_a_telco_with_open_ends_and_a_free_one(loaded):
    text = (
        "Broj ugovora,Kupac,Paket,Početak,Kraj,Mjesečna cijena,Dan obnove\n"
        'U1,1,Start,"1. siječnja 2024.",,"25,90 €",1\n'
        "U2,2,Max,15-FEB-24,31-DEC-24,30,45\n"
        'U3,3,Max,"5. ožujka 2024.",,besplatno,15\n'
    )
    base = loaded(text.encode(), table="contracts")
    assert base.contracts["start"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-02-15"]
    assert base.contracts["end"].dt.strftime("%Y-%m-%d").fillna("").tolist() == ["", "2024-12-31"]
    assert base.contracts["price_cents"].tolist() == [2590, 3000]
    assert base.contracts["renewal_day"].tolist() == [1, pd.NA]
    assert dropped(base) == [(4, "price not readable", "U3,3,Max,5. ožujka 2024.,,besplatno,15")]


def test_a_touch_point_log_from_two_time_zones(loaded):
    text = "ID;Kupac;Datum i vrijeme;Kanal;Smjer;Trajanje s;Riješeno;Trošak\n1;7;26.10.2025. 02:30;web;in;3,5;da;1,5\n"
    base = loaded(text.encode(), table="touchpoints", timezone="Europe/Zagreb")
    contact = base.touchpoints.iloc[0]
    assert contact["ts"] == pd.Timestamp("2025-10-26 01:30", tz="UTC")
    assert (contact["duration_s"], contact["cost_cents"], contact["resolved"]) == (3.5, 150, True)


def test_real_dates_whose_day_and_month_a_spreadsheet_swapped_are_pointed_out(loaded):
    days = [dt.date(2025, month, day) for month, day in zip(range(1, 13), range(12, 0, -1), strict=True)]
    swapped = [dt.datetime(day.year, day.day, day.month) for day in days]
    texts = [f"{day}/04/2025" for day in (13, 20, 30)]
    rows_of = [["Kupac", "Datum", "Iznos"], *([1, when, 5] for when in [*swapped, *texts])]
    (caution,) = loaded({"A": rows_of}, file="book.xlsx").import_report.tables[0].cautions
    assert caution.startswith(
        "All 12 real dates fall on days 1 to 12 and all 3 written ones later: a spreadsheet seems"
    )
    one_clear = [*rows_of, [1, dt.datetime(2025, 1, 13), 5]]
    assert loaded({"A": one_clear}, file="book.xlsx").import_report.tables[0].cautions == []


def test_a_sheet_of_libreoffice_is_read_too(loaded):
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="{}"><text:p>x</text:p></table:table-cell>'
    lines = [[cell.format(name) for name in ("Kupac", "Datum", "Iznos")]]
    lines += [[cell.format("007"), cell.format("1.2.2025."), number.format(12.5)]]
    table = "".join(f"<table:table-row>{''.join(line)}</table:table-row>" for line in lines)
    space = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0".format
    names = "".join(f' xmlns:{name}="{space(name)}"' for name in ("office", "table", "text"))
    manifest = space("manifest")
    sheet = f'<office:spreadsheet><table:table table:name="Prodaja">{table}</table:table></office:spreadsheet>'
    content = f"<office:document-content{names}><office:body>{sheet}</office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f'<m:file-entry m:full-path="/" m:media-type="{kind}"/>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{manifest}">{entry}</m:manifest>')
        archive.writestr("content.xml", content)
    assert rows(loaded(packed.getvalue(), file="prodaja.ods")) == [("007", "2025-02-01 00:00:00", 1250)]


def test_several_files_become_one_base_and_customers_only_orders_name_are_kept(loaded, tmp_path):
    (tmp_path / "kupci.csv").write_text("Šifra;Ime\n001;Šime\n002;Ana\n003;Iva\n", encoding="utf-8")
    orders = "Kupac;Datum;Iznos\n001;1.1.2025;1\n002;1.1.2025;2\n009;1.1.2025;3\n"
    base = loaded(orders.encode(), customers=tmp_path / "kupci.csv")
    assert base.customers["record_id"].tolist() == ["001", "002", "003", "009"]
    assert base.customers["first_name"].isna().tolist() == [False, False, False, True]
    assert base.check() is base and base.name == "orders"
    assert "1 customer named only in transactions (009) got a record with the number alone." in str(base.import_report)


def test_every_quotation_mark_never_closed_costs_its_own_line_and_no_other(loaded):
    lines = [
        "Kupac;Datum;Iznos;Opis",
        '1;1.2.2025.;5,00;"a',
        "2;2.2.2025.;6,00;x",
        '3;3.2.2025.;7,00;"b',
        "4;4.2.2025.;8,00;",
    ]
    base = loaded("\n".join(lines).encode())
    assert [(record, cents) for record, _, cents in rows(base)] == [(1, 500), (2, 600), (3, 700), (4, 800)]
    assert "(line 2, 4)" in repr(base.import_report)


def test_a_line_of_200_000_letters_is_read_like_any_other(loaded):
    lines = ["Kupac;Datum;Iznos;Opis", "1;1.2.2025.;5,00;" + "x" * 200_000, "2;2.2.2025.;6,00;y"]
    base = loaded("\n".join(lines).encode())
    assert [record for record, *_ in rows(base)] == [1, 2]
    assert "quotation mark" not in repr(base.import_report)
