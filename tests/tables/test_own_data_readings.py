"""However people write a date, an amount or an id, the same one comes back."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.tables import CustomerBase, checksum, from_export
from crmlab.tables.own_data.column import Column
from crmlab.tables.own_data.dates import read_dates
from crmlab.tables.own_data.encoding import decode
from crmlab.tables.own_data.ids import read_ids
from crmlab.tables.own_data.money import read_amounts, read_measures
from crmlab.tables.own_data.text import find_delimiter, lines_of, records
from crmlab.tables.own_data.words import fold, plain_name

quick = settings(deadline=None, max_examples=30)


def column(texts, numbers=None):
    return Column("orders.csv, column 'x'", pa.array(texts, pa.large_string()), np.arange(len(texts)), numbers)


# Dates

DAYS = st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31))
MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2069, 12, 31, 23, 59, 59)).map(
    lambda moment: moment.replace(microsecond=0)
)
DATE_STYLES = {
    "31.12.2025": "{d:02d}.{m:02d}.{y}",
    "31.12.2025.": "{d}.{m}.{y}.",
    "31. 12. 2025.": "{d}. {m}. {y}.",
    "31.12.25": "{d:02d}.{m:02d}.{yy:02d}",
    "31/12/2025": "{d:02d}/{m:02d}/{y}",
    "12/31/2025": "{m}/{d}/{y}",
    "12/31/25": "{m}/{d}/{yy:02d}",
    "31-12-2025": "{d:02d}-{m:02d}-{y}",
    "2025-12-31": "{y}-{m:02d}-{d:02d}",
    "2025/12/31": "{y}/{m}/{d}",
    "2025.12.31.": "{y}.{m}.{d}.",
    "20251231": "{y}{m:02d}{d:02d}",
    "31. prosinca 2025.": "{d}. {hr} {y}.",
    "31-DEC-25": "{d:02d}-{en3}-{yy:02d}",
    "December 31, 2025": "{en} {d}, {y}",
    "31. Dezember 2025": "{d}. {de} {y}",
    "Excel": "{serial}",
}
HR = "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca"
DE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
EN = "January February March April May June July August September October November December"


def written(day, style):
    return DATE_STYLES[style].format(
        d=day.day,
        m=day.month,
        y=day.year,
        yy=day.year % 100,
        hr=HR.split()[day.month - 1],
        de=DE.split()[day.month - 1],
        en=EN.split()[day.month - 1],
        en3=EN.split()[day.month - 1][:3].upper(),
        serial=(day - dt.date(1899, 12, 30)).days,
    )


@quick
@given(st.sampled_from(list(DATE_STYLES)), st.lists(DAYS, min_size=1, max_size=8))
def test_a_date_comes_back_from_every_style(style, days):
    clear = dt.date(2025, 12, 31)  # one value that can only be read one way
    texts = [written(day, style) for day in [*days, clear]]
    reading = read_dates(column(texts))
    assert not reading.unreadable.any()
    assert reading.series.dt.date.tolist() == [*days, clear]


CLOCKS = {
    " 14:05:09": lambda at: f" {at:%H:%M:%S}",
    "T14:05:09Z": lambda at: f"T{at:%H:%M:%S}Z",
    ", 14:05:09": lambda at: f", {at:%H:%M:%S}",
    " u 14:05:09 h": lambda at: f" u {at:%H:%M:%S} h",
    " 02:05:09 PM": lambda at: f" {(at.hour + 11) % 12 + 1:02d}:{at:%M:%S} {'PM' if at.hour > 11 else 'AM'}",
    " 2.05.09.000000 pm": lambda at: f" {(at.hour + 11) % 12 + 1}.{at:%M.%S}.000000 {'pm' if at.hour > 11 else 'am'}",
    "+02:00": lambda at: f"T{at + dt.timedelta(hours=2):%H:%M:%S}+02:00",
    "-0330": lambda at: f"T{at - dt.timedelta(hours=3, minutes=30):%H:%M:%S}-0330",
}


@quick
@given(st.sampled_from(list(CLOCKS)), st.sampled_from(["31.12.2025.", "2025-12-31", "31/12/2025"]), MOMENTS)
def test_a_moment_comes_back_from_every_clock(clock, style, moment):
    shift = {"+02:00": dt.timedelta(hours=2), "-0330": -dt.timedelta(hours=3, minutes=30)}.get(clock, dt.timedelta())
    texts = [written((at + shift).date(), style) + CLOCKS[clock](at) for at in (moment, dt.datetime(2025, 12, 31, 12))]
    assert read_dates(column(texts)).series[0] == pd.Timestamp(moment, tz="UTC")


@quick
@given(MOMENTS)
def test_a_naive_moment_is_taken_where_it_was_written(moment):
    there = pd.Timestamp(moment, tz="UTC").tz_convert("America/New_York")
    text = there.strftime("%Y-%m-%d %H:%M:%S")
    back = read_dates(column([text]), timezone="America/New_York").series[0]
    assert back.tz_convert("America/New_York").strftime("%Y-%m-%d %H:%M:%S") == text
    assert back in (pd.Timestamp(moment, tz="UTC"), pd.Timestamp(moment, tz="UTC") + pd.Timedelta(hours=1))


def test_a_format_told_with_a_zone_is_not_moved_again():
    texts = ["25/12/31 10:00 +0100", "2025-12-31T10:00:00Z", "45658"]
    for timezone in ("UTC", "Europe/Zagreb"):
        got = read_dates(column(texts), date_format="%y/%m/%d %H:%M %z", timezone=timezone).series
        assert got.dt.strftime("%Y-%m-%d %H:%M").tolist()[:2] == ["2025-12-31 09:00", "2025-12-31 10:00"]
    there = read_dates(column(["31.12.25 10:00"]), date_format="%d.%m.%y %H:%M", timezone="Europe/Zagreb")
    assert there.series[0] == pd.Timestamp("2025-12-31 09:00", tz="UTC")
    assert there.how == "as told (%d.%m.%y %H:%M); time zone taken as Europe/Zagreb"


def test_hours_that_come_twice_or_never_are_settled_and_not_lost():
    texts = ["2025-10-26 02:30", "2025-03-30 02:30"]
    got = read_dates(column(texts), timezone="Europe/Zagreb").series.dt.strftime("%d.%m. %H:%M").tolist()
    assert got == ["26.10. 01:30", "30.03. 01:00"]


@pytest.mark.parametrize(
    "text", ["32.1.2025", "29.2.2025", "0.1.2025", "2025-13-01", "1.1.2025 24:30", "1.1.2025 13:05 PM", "soon", "12:30"]
)
def test_a_day_that_is_not_in_the_calendar_cannot_be_read(text):
    reading = read_dates(column([text, "31.12.2025"]))
    assert reading.unreadable.tolist() == [True, False]
    assert reading.series.isna().tolist() == [True, False]


def test_a_calendar_day_stays_that_day_in_every_time_zone():
    reading = read_dates(column(["11.5.45", "1980-05-11T23:00:00+05:00"]), kind="date", timezone="Europe/Zagreb")
    assert reading.series.dt.strftime("%Y-%m-%d %H:%M").tolist() == ["1945-05-11 00:00", "1980-05-11 00:00"]


def test_open_ends_far_away_stay_as_they_are():
    assert read_dates(column(["31.12.9999"])).series[0].year == 9999


# Amounts

CENTS = st.integers(-10_000_000_000, 10_000_000_000)
MARKS = [(",", "."), (".", ","), (",", " "), (".", "'"), (",", "\u00a0"), (",", "\u202f"), (",", ""), (".", "")]
SIGNED = {
    "-7": lambda body, less: "-" + body if less else body,
    "7-": lambda body, less: body + "-" if less else body,
    "(7)": lambda body, less: f"({body})" if less else body,
    "−7": lambda body, less: "−" + body if less else "+" + body,
}
MONEY = ["{}", "{} €", "€{}", "{}\u00a0EUR", "EUR {}"]


def money(cents, decimal, thousands, places=2):
    whole, part = divmod(abs(cents), 100)
    groups = f"{whole:,}".replace(",", thousands)
    part = f"{part:02d}"[:places] if places < 2 else f"{part:02d}" + "0" * (places - 2)
    return groups + (decimal + part if part else "")


@quick
@given(st.lists(CENTS, max_size=8), st.sampled_from(MARKS), st.sampled_from(list(SIGNED)), st.sampled_from(MONEY))
def test_an_amount_comes_back_from_every_style(amounts, marks, sign, sum_of_money):
    texts = [sum_of_money.format(SIGNED[sign](money(cents, *marks), cents < 0)) for cents in amounts]
    reading = read_amounts(column(texts))
    assert reading.series.tolist() == amounts
    assert not reading.unreadable.any() and not reading.cautions


@quick
@given(
    st.lists(CENTS.map(lambda cents: cents * 100), min_size=1, max_size=8), st.sampled_from([(",", "."), (".", ",")])
)
def test_whole_amounts_come_back_once_the_decimal_is_told(amounts, marks):
    texts = [("-" if cents < 0 else "") + money(cents, *marks, places=0) for cents in amounts]
    assert read_amounts(column(texts), decimal=marks[0]).series.tolist() == amounts


@quick
@given(st.lists(st.decimals("-1e10", "1e10", places=4), min_size=1, max_size=8))
def test_parts_of_a_cent_are_rounded_away_from_nothing_at_the_half_and_said(amounts):
    reading = read_amounts(column([f"{amount:f}" for amount in amounts]))
    expected = [int((amount * 100).quantize(Decimal(1), rounding="ROUND_HALF_UP")) for amount in amounts]
    assert reading.series.tolist() == expected
    assert bool(reading.cautions) == any(amount * 100 % 1 != 0 for amount in amounts)


@settings(quick, max_examples=15)
@given(st.lists(CENTS, min_size=1, max_size=8))
def test_typed_amounts_are_exact_to_the_cent(amounts):
    log = pd.DataFrame({"customer": 1, "date": "2025-01-01", "total": [cents / 100 for cents in amounts]})
    assert from_export(transactions=log).transactions["amount_cents"].tolist() == amounts


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12,-", 1200),
        ("12,– kn", 1200),
        ("12.", 1200),
        (".5", 50),
        (",05", 5),
        ("-€12,50", -1250),
        ("€ -12,50", -1250),
        ("12,50- EUR", -1250),
        ("(7,10) €", -710),
        ("$(7.10)", -710),
        ("kn 7", 700),
        ("1.234.567", 123456700),
        ("1 234 567,8", 123456780),
        ("0,000", 0),
        ("+3", 300),
    ],
)
def test_rarer_ways_to_write_an_amount_are_read(text, cents):
    assert read_amounts(column([text])).series.tolist() == [cents]


@pytest.mark.parametrize(
    "text",
    [
        "12 kom",
        "1.2.3",
        "--5",
        "-(5)",
        "(5",
        "5)",
        "1,2,3",
        "12 34",
        "1 23 456",
        "1e5",
        "€",
        "-",
        "9" * 16,
        "12:30",
        "5%",
    ],
)
def test_what_is_no_amount_is_never_taken_for_one(text):
    reading = read_amounts(column([text, "1,00"]))
    assert reading.series.tolist() == [pd.NA, 100]
    assert reading.unreadable[0] == (text != "-")


def test_typed_numbers_say_nothing_of_how_texts_are_written():
    texts, numbers = ["1.234", "1,5", "12.345"], np.array([True, False, True])
    assert read_amounts(column(texts, numbers)).series.tolist() == [123, 150, 1235]


@quick
@given(st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), max_size=6), st.integers(1, 3))
def test_measures_come_back_with_their_decimals(values, places):
    texts = [None if value is None else f"{value / 10**places:.{places}f}".replace(".", ",") for value in values]
    got = read_measures(column(texts), decimal=",").series
    assert [None if pd.isna(value) else round(value * 10**places) for value in got] == values


# Ids


@quick
@given(st.lists(st.integers(0, 10**18 - 1), min_size=1, max_size=8))
def test_plain_whole_numbers_become_whole_numbers(ids):
    for style in ("{}", "{}.0", "{},00"):
        assert read_ids(column([style.format(number) for number in ids])).series.tolist() == ids


@quick
@given(st.lists(st.integers(0, 999), min_size=1, max_size=8), st.sampled_from(["0017", "A-17", "9" * 19, "-5", "1/2"]))
def test_one_id_that_is_no_plain_number_keeps_all_as_text(ids, odd):
    texts = [str(number) for number in ids] + [odd]
    reading = read_ids(column(texts))
    assert reading.series.tolist() == texts and reading.how.startswith("text")


# Encodings and the shape of files

LETTERS = "č ć š ž đ Č Ć Š Ž Đ Šime Đurić Čakovec"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with a mark (BOM)"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"),
     ("utf-16-be", "UTF-16"), ("cp1250", "Windows-1250")],
)  # fmt: skip
def test_letters_of_croatia_come_back_from_every_encoding(tmp_path, encoding, name):
    text = f"Kupac;Datum;Iznos;Ime\r\nŠ-1;1.1.2025;1,50;{LETTERS}\r\n" + "Đ-2;1.1.2025;2,50;plain\r\n" * 20
    (tmp_path / "orders.csv").write_bytes(text.encode(encoding))
    base = from_export(transactions=tmp_path / "orders.csv")
    assert base.transactions["Ime"][0] == LETTERS
    assert base.transactions["record_id"].unique().tolist() == ["Š-1", "Đ-2"]
    assert base.import_report.tables[0].facts[0].startswith(name)
    assert any("read as Windows-1250" in text for text in base.import_report.tables[0].cautions) == (
        encoding == "cp1250"
    )


def test_an_encoding_told_is_used_and_a_wrong_one_refused(tmp_path):
    (tmp_path / "orders.csv").write_bytes(f"Kupac;Datum;Iznos;Ime\n1;1.1.2025;1;{LETTERS}\n".encode("cp852"))
    assert from_export(transactions=tmp_path / "orders.csv", encoding="cp852").transactions["Ime"][0] == LETTERS
    with pytest.raises(ValueError, match="the file is not in the encoding told, utf-8"):
        from_export(transactions=tmp_path / "orders.csv", encoding="utf-8")


def test_a_few_broken_letters_do_not_change_the_encoding_of_all():
    content = ("Čakovec\n" * 50).encode() + b"Po\xe8etak\n" + "žito\n".encode()
    text, name, caution = decode(content, None, "x.csv")
    assert name == "UTF-8" and text.count("Č") == 50
    assert caution == "1 letter not in UTF-8, shown as \ufffd (line 51)."


CELLS = st.lists(
    st.text(st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"]), max_size=6),
    min_size=2,
    max_size=4,
)


@quick
@given(st.data(), st.sampled_from(";,\t|"), st.sampled_from(["\r\n", "\n", "\r"]))
def test_quoted_records_come_back_whatever_they_hold(data, delimiter, end):
    width = data.draw(st.integers(2, 4))
    cell = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=6)
    table = data.draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=5))
    text = "".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + end for row in table)
    mended = []
    got = [row for _, rows in records(lines_of(text), delimiter, mended) for row in rows]
    assert got == table and mended == []


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_told_by_the_names_and_not_by_decimal_commas(delimiter):
    body = ["1,5", "2,5", "3,5"] if delimiter != "," else ['"1,5"', '"2,5"', '"3,5"']
    lines = [delimiter.join(row) + "\n" for row in (["Kupac", "Neto", "Bruto"], body, body, body)]
    assert find_delimiter(lines, lambda cells: len(cells) > 1 and cells[0] == "Kupac", "x.csv") == delimiter


@quick
@given(st.text(max_size=8))
def test_names_are_compared_without_marks_and_letter_case(name):
    assert plain_name(plain_name(name)) == plain_name(name)
    assert fold(fold(name)) == fold(name)


# A base that goes through the door again


def test_the_tables_of_a_base_go_through_the_door_unchanged():
    times = pd.to_datetime(["2025-01-01 10:00:00", "2025-07-01 00:00:00"], utc=True)
    given_tables = {
        "customers": pd.DataFrame(
            {
                "record_id": [1, 2],
                "created_at": times,
                "last_name": pd.Categorical(["Đurić", None]),
                "birth_date": pd.to_datetime(["1980-01-01", None], utc=True),
                "consent_email": pd.array([True, None], dtype="boolean"),
            }
        ),
        "transactions": pd.DataFrame(
            {
                "transaction_id": [11, 12],
                "record_id": [1, 2],
                "ts": times,
                "amount_cents": [1234, -50],
                "margin_cents": pd.array([None, 7], dtype="Int64"),
                "channel": pd.Categorical(["web", "app"]),
            }
        ),
        "contracts": pd.DataFrame({"record_id": [1], "start": times[:1], "end": times[1:], "price_cents": [990]}),
        "touchpoints": pd.DataFrame(
            {
                "record_id": [2],
                "ts": times[:1],
                "seq": [0],
                "channel": ["web"],
                "duration_s": [12.5],
                "resolved": [True],
            }
        ),
    }
    before = {name: frame.copy() for name, frame in given_tables.items()}
    base = from_export(**given_tables)
    for name, frame in given_tables.items():
        assert checksum(base[name]) == checksum(frame), name
        pd.testing.assert_frame_equal(frame, before[name])
    assert isinstance(base, CustomerBase)
    assert set(base.import_report.mapping["how"]) == {"named"}
