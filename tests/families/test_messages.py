"""One family of checks that every refusal of every room passes: where, what was found, what to do next, and no more.

A new way to be refused is one more line in CALLS.
"""

import re

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from crmlab import lesson, report, segment, simulate, tables, value
from crmlab.errors import CrmlabError
from crmlab.tables import CustomerBase

LONGEST_FAULT = 8
WIDEST_LINE = 200
NOT_FOR_LEARNERS = re.compile(r"Traceback|NoneType|<class|object at 0x|dtype\(|Errno|0x[0-9a-f]{6}")


def paid(**changes):
    columns = {
        "record_id": [1, 1, 2],
        "ts": ["2026-01-05", "2026-02-05", "2026-03-05"],
        "amount_cents": [500, 700, 900],
    }
    return pd.DataFrame(columns | changes)


def export(tmp, text, **asked):
    path = tmp / "orders.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return tables.from_export(transactions=path, **asked)


def broken_folder(tmp):
    folder = CustomerBase({"transactions": paid(transaction_id=[1, 2, 3])}, name="mine").save(tmp / "base")
    (folder / "transactions.parquet").write_bytes(b"damaged")
    return folder


def whole_folder(tmp):
    return CustomerBase({"transactions": paid(transaction_id=[1, 2, 3])}, name="mine").save(tmp / "base")


def terms(**changes):
    start = pd.to_datetime(["2025-01-05", "2025-02-05"], utc=True)
    end = pd.to_datetime(["2025-06-05", None], utc=True)
    return pd.DataFrame({"product": ["S", "L"], "start": start, "end": end, "price_cents": 1000} | changes)


CALLS = {
    # tables
    "describe an unknown table": lambda tmp: tables.describe("transaction"),
    "check an unknown table": lambda tmp: tables.check("orders", paid()),
    "check what is no table": lambda tmp: tables.check("transactions", [1, 2]),
    "check a table without its columns": lambda tmp: tables.check("transactions", pd.DataFrame({"amount_euro": [1]})),
    "check a table with wrong values": lambda tmp: tables.check("transactions", paid(record_id=[1, 1, None])),
    "check a table with wrong types": lambda tmp: tables.check("transactions", paid(ts=["5 January", "soon", "later"])),
    "ask a base for an unknown table": lambda tmp: CustomerBase.load(whole_folder(tmp))["transaction"],
    "ask a base for a table it lacks": lambda tmp: CustomerBase.load(whole_folder(tmp))["customers"],
    "ask an own base for its truth": lambda tmp: CustomerBase.load(whole_folder(tmp)).truth,
    "load a folder that is not there": lambda tmp: CustomerBase.load(tmp / "nowhere"),
    "load a folder that holds no base": lambda tmp: CustomerBase.load(tmp),
    "load a damaged folder": lambda tmp: CustomerBase.load(broken_folder(tmp)),
    "save over what is no base": lambda tmp: CustomerBase.load(whole_folder(tmp)).save(tmp),
    # own export
    "an export that is not there": lambda tmp: tables.from_export(transactions=tmp / "ordres.csv"),
    "an export that is a folder": lambda tmp: tables.from_export(transactions=tmp),
    "an export of another type": lambda tmp: tables.from_export(transactions=3),
    "no export at all": lambda tmp: tables.from_export(),
    "an unknown table of an export": lambda tmp: tables.from_export(orders=paid()),
    "an empty export": lambda tmp: export(tmp, ""),
    "a header without rows": lambda tmp: export(tmp, "customer;date;amount\n"),
    "a picture for an export": lambda tmp: export(tmp, b"\x89PNG\r\n\x1a\n" + bytes(200)),
    "dates that can be read two ways": lambda tmp: export(
        tmp, "customer;date;amount\n1;01/02/2026;5\n2;03/04/2026;6\n"
    ),
    "dates that must be read two ways": lambda tmp: export(
        tmp, "customer;date;amount\n1;31/02/2026;5\n2;03/31/2026;6\n"
    ),
    "amounts that can be read two ways": lambda tmp: export(
        tmp, "customer;date;amount\n1;2026-02-01;1,234\n2;2026-02-02;5,678\n"
    ),
    "a column nobody named": lambda tmp: export(tmp, "a;b;c\nx;y;z\n"),
    "a column mapped from nowhere": lambda tmp: export(
        tmp, "customer;date;amount\n1;2026-02-01;5\n", columns={"kupac": "record_id"}
    ),
    "a column mapped to nowhere": lambda tmp: export(
        tmp, "customer;date;amount\n1;2026-02-01;5\n", columns={"customer": "client"}
    ),
    "columns that are no dict": lambda tmp: export(
        tmp, "customer;date;amount\n1;2026-02-01;5\n", columns=["record_id"]
    ),
    # simulate
    "an unknown company": lambda tmp: simulate.company("shop", customers=10, seed=1),
    "a base of nobody": lambda tmp: simulate.company("retail", customers=0, seed=1),
    "a seed that is no number": lambda tmp: simulate.company("retail", customers=10, seed="seven"),
    "an unknown locale": lambda tmp: simulate.company("retail", customers=10, seed=1, locale="xx"),
    "no months": lambda tmp: simulate.company("retail", customers=10, seed=1, months=-3),
    "an end nobody can read": lambda tmp: simulate.company("retail", customers=10, seed=1, as_of="soon"),
    "a field nobody knows": lambda tmp: simulate.company("retail", customers=10, seed=1, purchases__alhpa=3),
    "a field out of range": lambda tmp: simulate.company("telco", customers=10, seed=1, people__women=3),
    "a spec that is not there": lambda tmp: simulate.company(tmp / "mine.toml", customers=10, seed=1),
    "a part of no whole": lambda tmp: simulate.write("retail", tmp / "shop", customers=10, seed=1, part="5/4"),
    "parts that are not there": lambda tmp: simulate.join(tmp / "shop"),
    "no workers": lambda tmp: simulate.company("retail", customers=10, seed=1, workers=0),
    "everything wrong at once": lambda tmp: simulate.company("shop", customers=0, seed=-1, locale="xx", months=0),
    "a block that is not there": lambda tmp: simulate.block("retail", 9, customers=10, seed=1),
    # value
    "RFM without a column": lambda tmp: value.rfm(paid().drop(columns="amount_cents")),
    "RFM before the first purchase": lambda tmp: value.rfm(paid(), as_of="2020-01-01"),
    "RFM as of no day": lambda tmp: value.rfm(paid(), as_of="yesterday"),
    "RFM with no scores": lambda tmp: value.rfm(paid(), scores=0),
    "value of nobody": lambda tmp: value.gini([]),
    "value that is missing": lambda tmp: value.lorenz([1.0, np.nan]),
    "value that is negative": lambda tmp: value.lorenz([100, -5]),
    "value that is text": lambda tmp: value.gini(["a", "b"]),
    "value with parts of a cent": lambda tmp: value.gini([1.5, 2.5]),
    "value that is nothing at all": lambda tmp: value.gini([0, 0]),
    "a share above one": lambda tmp: value.top_share([1, 2], share=20),
    "profits that are a loss": lambda tmp: value.whale_curve([-100, 50]),
    "RFM edges that fall": lambda tmp: value.rfm(paid(), edges={"frequency": [5, 2]}),
    "ABC of one share": lambda tmp: value.abc_classes([1, 2], shares=(0.8,)),
    "a curve of contracts that all run": lambda tmp: value.kaplan_meier(terms(), as_of="2025-03-01"),
    "a contract that ends before it starts": lambda tmp: value.kaplan_meier(
        terms(end=pd.Timestamp("2024-01-01", tz="UTC")), as_of="2026-01-01"
    ),
    "cohorts of no month": lambda tmp: value.contract_cohorts(terms(), as_of="2025-01-06"),
    "who is left of purchases": lambda tmp: value.purchase_cohorts(
        paid(ts=pd.to_datetime(["2026-01-05", "2026-02-05", "2026-02-28"], utc=True))
    ).survivors(),
    "churn by an unknown column": lambda tmp: value.churn_by(terms(), "produkt", as_of="2026-01-01"),
    "contracts valued with no model": lambda tmp: value.contract_value(
        terms(), None, as_of="2026-01-01", margin=40, rate=0.1, rate_period="Y"
    ),
    "lifetime value with no models": lambda tmp: value.lifetime_value(
        paid(), purchases=None, spend=None, margin=30, rate=0.1, rate_period="Y", seed=1
    ),
    "a holdout of no model": lambda tmp: value.holdout_report(paid(), None),
    "answers off the scale": lambda tmp: value.nps([11, 3]),
    "answers of nobody": lambda tmp: value.csat([None]),
    "weights below nothing and answers in words": lambda tmp: value.ces(["easy"], weight=[-1]),
    "gaps of other items": lambda tmp: value.servqual(pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
    "value both ways of nobody": lambda tmp: value.value_matrix(pd.Series({1: 5}), pd.Series({2: 5})),
    "tiers of nobody in common": lambda tmp: value.tier_migration(pd.Series({1: 0}), pd.Series({2: 0})),
    "a chain that leaks": lambda tmp: value.MarkovValue(pd.DataFrame([[0.5]]), {0: 1}, rate=0.1),
    "profit without margins": lambda tmp: value.customer_profit(
        paid(ts=pd.to_datetime(["2026-01-05"] * 3, utc=True)),
        pd.DataFrame({"record_id": [1], "ts": pd.to_datetime(["2026-01-05"], utc=True), "cost_cents": [5]}),
    ),
    "losses of another table": lambda tmp: value.unprofitable(paid()),
    "a circle of referrals": lambda tmp: value.influencer_value(
        pd.DataFrame({"record_id": [1, 2], "referred_by": [2, 1]}), pd.Series({1: 5, 2: 5}), share=0.5
    ),
    "knowledge of nobody": lambda tmp: value.knowledge_value(
        pd.DataFrame({"record_id": [1], "type": ["visit"], "direction": ["in"]}).astype({"type": "category"}),
        worth_cents=5,
    ),
    # segment
    "tiers that do not rise": lambda tmp: segment.ValueTiers(shares=(0.8, 0.5)).fit([1, 2, 3]),
    "tiers that are no numbers": lambda tmp: segment.ValueTiers(shares="ABC").fit([1, 2, 3]),
    "tiers of a loss": lambda tmp: segment.ValueTiers().fit([5, -1]),
    # report
    "a figure of another table": lambda tmp: report.tiers_figure(paid()),
    "an RFM figure of another table": lambda tmp: report.rfm_figure(paid()),
    "a figure of no value": lambda tmp: report.lorenz_figure([]),
    "an audit of no purchases": lambda tmp: report.audit(CustomerBase({"transactions": paid()[:0]}, name="mine"), tmp),
    # lesson
    "a lesson that is not there": lambda tmp: lesson.begin("99"),
    "a lesson of no number": lambda tmp: lesson.begin("seven"),
    "a lesson still being written": lambda tmp: lesson.begin("18"),
    "a seed of words": lambda tmp: lesson.choose_seed("mine"),
    "a role that is not there": lambda tmp: lesson.track("marketer"),
}


@pytest.fixture(params=CALLS)
def refusal(request, tmp_path):
    with pytest.raises(CrmlabError) as raised:
        CALLS[request.param](tmp_path)
    return raised.value


def test_every_fault_says_where_what_and_what_next_in_few_lines(refusal, tmp_path):
    assert refusal.messages and str(refusal) == "\n".join(refusal.messages)
    for fault in refusal.messages:
        first, *details = fault.splitlines()
        assert re.fullmatch(r"\S.*?: \S.*[.?)\]…]", first), fault
        assert all(re.match(r"  [\w ]+ *: \S|   +\S", line) for line in details), fault
        assert [line.split(":")[0].strip() for line in details].count("next") == 1, fault
        assert len(details) < LONGEST_FAULT, fault
        assert max(map(len, fault.replace(str(tmp_path), "…").splitlines())) <= WIDEST_LINE, fault
        assert not NOT_FOR_LEARNERS.search(fault), fault


def test_a_notebook_shows_the_message_and_no_trace_of_calls(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell("from crmlab import value\nvalue.top_share([1, 2], share=20)")
    shown = re.sub(r"\x1b\[[\d;]*m", "", "".join(capsys.readouterr())).strip()
    with pytest.raises(CrmlabError) as raised:
        value.top_share([1, 2], share=20)
    assert shown == str(raised.value)
