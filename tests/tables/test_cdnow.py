"""The real CDNOW log comes through the door with nothing said, and adds up to the published totals."""

from pathlib import Path

import pytest

from crmlab.tables import CustomerBase, checksum, from_export

LOG = Path(__file__).parents[2] / "data" / "cdnow" / "cdnow.csv"


@pytest.fixture(scope="module")
def base():
    return from_export(transactions=LOG)


def test_the_totals_are_the_published_ones(base):
    log = base.transactions
    assert (len(log), log["record_id"].nunique(), log["amount_cents"].sum()) == (6_919, 2_357, 24_409_194)
    assert (f"{log['ts'].min():%Y-%m-%d}", f"{log['ts'].max():%Y-%m-%d}") == ("1997-01-01", "1998-06-30")


def test_the_first_customer_keeps_his_zeros_and_his_cents(base):
    first = base.transactions[base.transactions["record_id"] == "00004"]
    assert first["amount_cents"].tolist() == [2933, 2973, 1496, 2648]
    assert first["ts"].dt.strftime("%Y%m%d").tolist() == ["19970101", "19970118", "19970802", "19971212"]


def test_the_report_says_what_was_guessed_and_that_nothing_was_dropped(base):
    assert str(base.import_report).splitlines() == [
        "transactions from cdnow.csv: 6,919 rows read, all kept.",
        "  read as  : UTF-8, comma, names in line 1",
        "  record_id    <- customer_id  named    text, for 993 values have leading zeros",
        "  ts           <- date         guessed  yyyymmdd; 1997-01-01 to 1998-06-30",
        "  amount_cents <- dollars      guessed  decimal point; sum 244,091.94",
        "  as text  : sample_id, cds",
        "  look     : 21 exact repeats of another row, kept.",
        'Is a guess wrong? Say columns={"their name": "crmlab\'s name"}.',
    ]


def test_the_base_is_named_and_dated_by_its_file(base):
    assert (base.name, base.currency, str(base.as_of)) == ("cdnow", "USD", "1998-07-01 00:00:00+00:00")


def test_the_log_survives_being_saved(base, tmp_path):
    again = CustomerBase.load(base.save(tmp_path / "cdnow"))
    in_order = base.transactions.sort_values(["record_id", "ts"], kind="stable", ignore_index=True)
    assert checksum(again.transactions) == checksum(in_order)
