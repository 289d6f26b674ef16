"""A log in Parquet files gives the very same answers as the same log in memory, or is refused with the reason."""

import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.value.parquet_log import summed

OPTIONS = {
    "usual": {},
    "nine scores": {"scores": 9},
    "nested": {"nested": True},
    "edges": {"edges": {"recency_days": [3, 10, 30], "frequency": [1, 2], "monetary_cents": [-500, 0, 500]}},
    "as of": {"as_of": "2025-02-10 07:30"},
}


def tied_log(rows, customers, seed=3, step=7_000_000_003):
    """Few different days and amounts, so that most customers share their numbers with many others."""
    dice = np.random.default_rng(seed)
    days = pd.to_timedelta(dice.integers(0, 60, rows), unit="D") + pd.to_timedelta(dice.integers(0, 86_400, rows), "s")
    who = dice.integers(0, customers, rows) * step  # beyond 32 bits, unless told otherwise
    amounts = dice.integers(-1, 4, rows) * 500
    return pd.DataFrame({"record_id": who, "ts": pd.Timestamp("2025-01-01", tz="UTC") + days, "amount_cents": amounts})


def in_files(log, folder, parts=3):
    """The log in several files, one of them in a folder inside."""
    for place in range(parts):
        home = folder / "log" / ("" if place else "older")
        home.mkdir(parents=True, exist_ok=True)
        log.iloc[place::parts].to_parquet(home / f"{place}.parquet")
    return folder / "log"


@pytest.fixture(scope="module", params=[7_000_000_003, 2], ids=["far-apart", "running-numbers"])
def large(request, tmp_path_factory):
    """Several row groups of several files, and more customers than one vector holds."""
    log = tied_log(400_000, 90_000, step=request.param)
    return log, in_files(log, tmp_path_factory.mktemp("large"))


@pytest.mark.parametrize("name", OPTIONS)
def test_rfm_of_files_is_rfm_of_the_table_where_most_are_tied(large, name):
    log, folder = large
    pd.testing.assert_frame_equal(value.rfm(folder, **OPTIONS[name]), value.rfm(log, **OPTIONS[name]))


@pytest.mark.parametrize("kind", ["int8", "int32", "uint32", "uint64"])
def test_running_numbers_of_any_width_are_added_alike(tmp_path, kind):
    log = tied_log(300, 40, step=3).astype({"record_id": kind})
    log.loc[log["record_id"] == 9, "amount_cents"] = -700  # one who only returned
    got = value.rfm(in_files(log, tmp_path))
    pd.testing.assert_frame_equal(got, value.rfm(log))
    assert got["recency_days"].isna().sum() == 1


@pytest.mark.parametrize("limit", ["_MOST_PLACES", "_MOST_ROWS", "_SAFE"])
def test_what_is_too_much_for_running_numbers_is_grouped_with_the_same_answer(tmp_path, monkeypatch, limit):
    log = tied_log(300, 40, step=3)
    log.loc[log["record_id"] == 9, "amount_cents"] = -700
    folder = in_files(log, tmp_path)
    by_number, asked = value.rfm(folder), []
    monkeypatch.setattr(f"crmlab.value.numbered.{limit}", 100)
    monkeypatch.setattr("crmlab.value.recency.summed", lambda *given: asked.append(given) or summed(*given))
    pd.testing.assert_frame_equal(value.rfm(folder), by_number)
    assert len(asked) == 1


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("seed", range(4))
def test_rfm_of_files_is_rfm_of_the_table_where_few_customers_only_returned(tmp_path, name, seed):
    log = pd.concat([tied_log(40, 12, seed), tied_log(3, 1).assign(amount_cents=-500, record_id=-5)])
    pd.testing.assert_frame_equal(value.rfm(in_files(log, tmp_path), **OPTIONS[name]), value.rfm(log, **OPTIONS[name]))


def test_customers_by_name_come_in_the_order_of_a_table(tmp_path):
    log = tied_log(200, 6)
    names = np.array(["Đurđa", "Zoran", "Željka", "ana", "Ana", "Čedo"])
    log["customer_id"] = names[(log["record_id"] // 7_000_000_003).to_numpy()]
    got, table = value.rfm(in_files(log, tmp_path)), value.rfm(log)
    pd.testing.assert_frame_equal(got, table)
    assert got.index.name == "customer_id"


def test_amounts_beyond_what_a_float_holds_are_added_exactly(tmp_path):
    log = tied_log(5, 1).assign(amount_cents=[2**53, 1, 1, 1, -(2**53)])
    got = value.rfm(in_files(log, tmp_path))
    assert got["monetary_cents"].tolist() == [3]
    pd.testing.assert_frame_equal(got, value.rfm(log))


@pytest.mark.parametrize("unit", "DWMY")
@pytest.mark.parametrize("collapse", "DWMY")
def test_the_summary_of_files_is_the_summary_of_the_table(tmp_path, unit, collapse):
    log = tied_log(3_000, 400)
    given = {"unit": unit, "collapse": collapse, "split": "2025-02-03", "end": "2025-02-25"}
    files, table = value.purchase_summary(in_files(log, tmp_path), **given), value.purchase_summary(log, **given)
    pd.testing.assert_frame_equal(files, table)
    assert files.attrs == table.attrs


def test_the_summary_of_many_files_is_the_summary_of_the_table(large):
    log, folder = large
    pd.testing.assert_frame_equal(value.purchase_summary(folder), value.purchase_summary(log))


def spoilt(**changes):
    return lambda folder: in_files(tied_log(9, 3).assign(**changes), folder)


REFUSED = {
    "nothing there": (lambda folder: folder / "nowhere", "there are no Parquet files"),
    "an empty folder": (lambda folder: folder, "there are no Parquet files"),
    "no amount": (
        lambda folder: in_files(tied_log(9, 3).rename(columns={"amount_cents": "cents"}), folder),
        "no column",
    ),
    "parts of a cent": (
        spoilt(amount_cents=0.5),
        'amount_cents of type DOUBLE breaks the rule "a whole number of cents"',
    ),
    "a day in words": (spoilt(ts="2025-01-01"), 'ts of type VARCHAR breaks the rule "a point in time in UTC"'),
    "customers missing": (
        spoilt(record_id=pd.array([1, None] + [2] * 7, "Int64")),
        "in 1 place the customer, the time or the amount is missing",
    ),
    "no Parquet inside": (
        lambda folder: (folder / "a.parquet").write_bytes(b"damaged") and folder / "a.parquet",
        "the files cannot be read as one table",
    ),
}


@pytest.mark.parametrize("ask", [value.rfm, value.purchase_summary])
@pytest.mark.parametrize("name", REFUSED)
def test_files_that_break_the_promise_are_refused_with_the_reason(tmp_path, name, ask):
    make, words = REFUSED[name]
    with pytest.raises(CrmlabError, match=words) as caught:
        ask(make(tmp_path))
    assert "  next    : " in str(caught.value)


def test_rfm_of_files_says_when_nothing_was_booked_and_when_sums_are_too_large(tmp_path):
    folder = in_files(tied_log(9, 3), tmp_path)
    with pytest.raises(CrmlabError, match=r"(?s)nothing was booked before 2020-01-01.*transactions from 2025-01-"):
        value.rfm(folder, as_of="2020-01-01")
    folder = in_files(tied_log(3, 1).assign(amount_cents=2**62), tmp_path / "more")
    with pytest.raises(CrmlabError, match="more than can be summed exactly"):
        value.rfm(folder)


def test_missing_values_are_seen_where_the_files_do_not_say_so_themselves(tmp_path):
    log = tied_log(9, 3).assign(record_id=pd.array([1, None] + [2] * 7, "Int64"))
    log.to_parquet(tmp_path / "silent.parquet", write_statistics=False)
    with pytest.raises(CrmlabError, match="is missing"):
        value.rfm(tmp_path / "silent.parquet")


ASKS = pytest.mark.parametrize("ask", [value.rfm, value.purchase_summary])
OTHER = {
    "half cents": (lambda log: log.assign(amount_cents=log["amount_cents"] + 0.7), "amount_cents holds double here"),
    "amounts as texts": (lambda log: log.astype({"amount_cents": "str"}), "amount_cents holds texts here"),
    "names": (lambda log: log.astype({"record_id": "str"}), "record_id holds texts here, and whole numbers in a"),
    "times as texts": (lambda log: log.astype({"ts": "str"}), "ts holds texts here, and times in a"),
    "no amounts": (lambda log: log.drop(columns="amount_cents"), "amount_cents holds nothing here"),
    "customers": (lambda log: log.assign(customer_id=1), "customer_id is here, unlike in a"),
}


@ASKS
@pytest.mark.parametrize("name", OTHER)
def test_a_file_of_other_columns_than_the_first_is_named(tmp_path, name, ask):
    change, words = OTHER[name]
    log = tied_log(40, 9)
    log.to_parquet(tmp_path / "a.parquet")
    change(log).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(CrmlabError, match=f"b.parquet: {words}"):
        ask(tmp_path)


@ASKS
def test_whole_numbers_of_several_widths_are_one_table(tmp_path, ask):
    log = tied_log(40, 9, step=3)
    log.loc[20:, "amount_cents"] *= 10**9
    log[:20].astype({"amount_cents": "int32", "record_id": "int8"}).to_parquet(tmp_path / "a.parquet")
    log[20:].to_parquet(tmp_path / "b.parquet")
    pd.testing.assert_frame_equal(ask(tmp_path), ask(log))


@ASKS
def test_a_folder_may_be_called_as_it_likes(tmp_path, ask):
    log = tied_log(40, 9)
    home = tmp_path / "Ana's export [2025]"
    pd.testing.assert_frame_equal(ask(in_files(log, home)), ask(log))
    pd.testing.assert_frame_equal(ask(in_files(log, home, parts=1) / "older" / "0.parquet"), ask(log))


@ASKS
@pytest.mark.parametrize("ids", [lambda ids: ids * 1.0, lambda ids: ids.map(lambda one: [one])], ids=["float", "lists"])
def test_customers_in_files_are_named_by_whole_numbers_or_texts(tmp_path, ask, ids):
    log = tied_log(40, 9)
    log.assign(record_id=ids(log["record_id"])).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(CrmlabError, match="a whole number or a text, never empty"):
        ask(tmp_path)
