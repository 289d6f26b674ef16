"""A customer base holds its tables by name and shows itself."""

import pickle

import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.tables import CustomerBase, checksum

TIMES = pd.to_datetime(["2025-01-01 10:00", "2025-03-31 23:59"], utc=True)


def shop(**about):
    log = pd.DataFrame({"customer_id": ["a", "b"], "ts": TIMES, "amount_cents": [1, 2]})
    return CustomerBase({"transactions": log}, name="shop", about=about)


def test_tables_are_reached_by_name_in_both_ways():
    base = shop()
    assert base["transactions"] is base.transactions
    assert list(base) == ["transactions"] and len(base) == 1 and "customers" not in base
    assert "transactions" in dir(base)


def test_a_customer_id_is_taken_as_the_record_and_the_frame_given_stays_as_it_was():
    log = pd.DataFrame({"customer_id": ["a"], "ts": TIMES[:1], "amount_cents": [1]})
    assert next(iter(CustomerBase({"transactions": log}, name="x").transactions)) == "record_id"
    assert next(iter(log)) == "customer_id"


def test_an_unknown_table_is_met_with_the_ones_there_are():
    for ask in (lambda: shop()["transaction"], lambda: shop().transaction):
        with pytest.raises((CrmlabError, AttributeError), match=r"no table 'transaction'. Did you mean 'transactions'"):
            ask()


def test_a_base_shows_rows_columns_and_period():
    assert str(shop(company="retail", locale="hr", seed=7, currency="EUR")) == (
        "shop (retail, hr, seed 7, EUR)\n"
        "table         rows  columns  period\n"
        "transactions     2        3  2025-01-01 to 2025-03-31"
    )


def test_a_base_shows_itself_as_a_page_without_trusting_its_name():
    page = CustomerBase({"transactions": shop().transactions}, name="<script>")._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "transactions" in page


def test_the_base_describes_the_midnight_after_its_last_event_unless_told():
    assert shop().as_of == pd.Timestamp("2025-04-01", tz="UTC")
    assert shop(as_of="2026-01-01T00:00:00+01:00").as_of == pd.Timestamp("2025-12-31 23:00", tz="UTC")


def test_without_any_time_the_moment_must_be_stated():
    base = CustomerBase({"customers": pd.DataFrame({"record_id": [1]})}, name="shop")
    with pytest.raises(CrmlabError, match=r"no table has a time(.|\n)*state as_of"):
        base.as_of  # noqa: B018 asking alone must refuse


def test_only_simulated_bases_know_the_truth():
    with pytest.raises(CrmlabError, match="this base has no truth"):
        shop().truth  # noqa: B018 asking alone must refuse


def test_a_base_survives_being_sent_to_another_process(tmp_path):
    told = CustomerBase(dict(shop()), name="shop", truth={"persons": pd.DataFrame({"person_id": [1]})})
    for base in (told, CustomerBase.load(told.save(tmp_path / "shop"))):
        again = pickle.loads(pickle.dumps(base))
        assert checksum(again.transactions) == checksum(base.transactions)
        assert len(again.truth.persons) == 1
