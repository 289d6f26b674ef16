"""The audit page: right numbers, one file, nothing from outside, nothing half written."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from crmlab import report, tables
from crmlab.errors import CrmlabError


def base_of(rows, **more):
    log = pd.DataFrame(rows, columns=["record_id", "ts", "amount_cents"])
    log["ts"] = pd.to_datetime(log["ts"], utc=True)
    return tables.CustomerBase({"transactions": log, **more}, name="corner shop", about={"currency": "EUR"})


SHOP = [(1, "2025-03-01", 20_00), (2, "2025-03-09", 30_00), (2, "2025-03-08", 50_00), (3, "2025-03-02", -5_00)]


def test_the_sentences_are_right_on_a_hand_worked_base():
    # values 20, 80 and 0 (the return); 20% of three customers is 0.6 of the best: 48 of 100
    first, second, third = report.Audit(base_of(SHOP)).sentences()
    assert first == "corner shop: 3 customers, 4 transactions, EUR 100.00 in all, as of 2025-03-10."
    assert second == "The best 20% of customers bring 48% of the value (Gini 0.53)."
    assert third == "Tier 0 brings the first 50% of the value: 1 customer (33% of all), from EUR 80.00 upwards."


def test_profit_is_margin_less_cost_to_serve_before_the_day():
    log = pd.DataFrame({"record_id": [1, 2], "amount_cents": [100_00, 50_00], "margin_cents": [30_00, 10_00]})
    log["ts"] = pd.to_datetime("2025-03-01", utc=True)
    contacts = pd.DataFrame({"record_id": [2, 3, 1], "cost_cents": [15_00, 2_00, 99_00], "seq": 0})
    contacts["ts"] = pd.to_datetime(["2025-02-01", "2025-02-02", "2025-12-31"], utc=True)
    base = tables.CustomerBase({"transactions": log, "touchpoints": contacts}, name="shop")
    assert report.Audit(base, as_of="2025-04-01").profit_cents.to_dict() == {1: 30_00, 2: -5_00, 3: -2_00}


def test_without_margins_profit_is_not_made_up(tmp_path):
    audit = report.audit(base_of(SHOP), tmp_path)
    assert audit.profit_cents is None
    assert "The log has no margins" in audit.path.read_text(encoding="utf-8")


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        for name, target in attributes:
            is_link = name in ("src", "href", "data", "srcset", "action") or name.endswith(":href")
            if (is_link and not target.startswith("#")) or tag in ("script", "link", "iframe"):
                self.found.append((tag, name, target))


def test_the_page_asks_for_nothing_from_outside(tmp_path):
    page = report.audit(base_of(SHOP), tmp_path).path.read_text(encoding="utf-8")
    links = _Links()
    links.feed(page)
    assert links.found == []
    assert not re.search(r"url\((?!#)|@import", page)
    assert page.count("<svg") == len(report.Audit(base_of(SHOP)).figures()) == 3


def test_the_page_says_in_words_what_each_figure_shows(tmp_path):
    audit = report.audit(base_of(SHOP), tmp_path)
    page = audit.path.read_text(encoding="utf-8")
    for figure in audit.figures():
        assert figure.words in page
        assert f'aria-label="{figure.finding}"' in page


def test_the_same_base_gives_the_same_page(tmp_path):
    one = report.audit(base_of(SHOP), tmp_path / "one").path.read_bytes()
    assert one == report.audit(base_of(SHOP), tmp_path / "two").path.read_bytes()


def test_names_from_an_export_cannot_run_in_the_page(tmp_path):
    base = base_of(SHOP)
    base.name = "<script>alert(1)</script>"
    page = report.audit(base, tmp_path).path.read_text(encoding="utf-8")
    assert "<script" not in page


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path):
    folder = tmp_path / "out"
    folder.write_text("a file stands where the folder should be")
    with pytest.raises(CrmlabError, match="could not be written"):
        report.audit(base_of(SHOP), folder)
    assert folder.read_text() == "a file stands where the folder should be"


def test_a_broken_base_is_not_audited(tmp_path):
    customers = pd.DataFrame({"record_id": [1, 2]})
    with pytest.raises(CrmlabError, match=r"1 record not in the customers table"):
        report.audit(base_of(SHOP, customers=customers), tmp_path)
    assert not (tmp_path / "audit.html").exists()


def test_one_customer_is_enough_for_a_page(tmp_path):
    assert report.audit(base_of(SHOP[:1]), tmp_path).path.exists()
