"""Customers that are firms: their names, their size, the people who act for them, the invoices they get."""

import numpy as np
import pandas as pd
import pyarrow as pa

from crmlab.simulate.columns import DAY, days, joined, texts, times, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.sales import SALE_BITS, by_record, rank_within, rounded
from crmlab.simulate.vocabulary import plain

__all__ = ["account_sizes", "contact_persons", "firm_names", "invoices", "size_factors"]

ROLES = ("purchasing", "finance", "technology", "management", "operations")
_ID_BITS = 22
_MOST_CONTACTS = 40
_OPEN_AT, _OPEN_FOR = 7 * 3_600, 8 * 3_600  # seconds of the day in which banks book


def firm_names(block):
    """Name the firms of a block: a surname, sometimes two, a trade, and a form such as d.o.o.

    Parameters
    ----------
    block : Block

    Returns
    -------
    pyarrow.Array
    """
    lists, n = block.vocabulary, block.size
    trades, forms = lists.firms["trades"], lists.firms["forms"]
    surnames, with_second = lists.last_names.arrow, block.draw("accounts", "second_name").random(n) < 0.12
    first, second = (lists.last_names.pick(block.draw("accounts", "name", nth), n) for nth in (1, 2))
    endings = pa.array([f" {trade} {form}" for trade in trades for form in forms], pa.large_string())
    trade = block.pick(lookup([1] * len(trades)), n, "accounts", "trade").astype(np.int64)
    form = block.pick(lookup(forms.values()), n, "accounts", "form")
    also = pa.array(["", *(f" i {name}" if lists.country == "HR" else f" & {name}" for name in lists.last_names.words)])
    second = np.where(with_second, second.astype(np.int64) + 1, 0)
    return joined(
        surnames.take(pa.array(first)),
        also.cast(pa.large_string()).take(pa.array(second)),
        endings.take(pa.array(trade * len(forms) + form)),
    )


def account_sizes(block):
    """Say how large each customer is: many small ones, a few large.

    Parameters
    ----------
    block : Block

    Returns
    -------
    ndarray of int
        Place among the ``[[accounts]]`` of the spec, one per customer.
    """
    weights = [size["weight"] for size in block.spec["accounts"]]
    return block.pick(lookup(weights), block.size, "accounts", "size")


def size_factors(block):
    """How many times the usual amount each customer spends."""
    if "accounts" not in block.spec:
        return np.ones(block.size)
    return np.array([float(size["times"]) for size in block.spec["accounts"]])[account_sizes(block)]


def contact_persons(block, persons, records):
    """Name the people who act for each firm, the one the record names first.

    Parameters
    ----------
    block : Block
    persons : pandas.DataFrame
        The clean values.
    records : Records

    Returns
    -------
    table : pandas.DataFrame
        In order of record: contact_id, record_id, first_name, last_name, role, email,
        is_main.
    misbooked : pandas.DataFrame
        The truth: see :meth:`Records.misbooked`.
    """
    lists, n = block.vocabulary, block.size
    mean = np.array([float(size["contacts"]) for size in block.spec["accounts"]])[account_sizes(block)]
    more = np.minimum(block.draw("accounts", "contacts").poisson(np.maximum(mean - 1, 0)), _MOST_CONTACTS - 1)
    owner, nth = np.repeat(np.arange(n), more + 1), rank_within(more + 1)
    is_main, rows = nth == 0, len(owner)
    is_woman = block.draw("accounts", "gender").random(rows) < block.spec["people"]["women"]
    faces = block.draw("accounts", "first_name").integers(0, 1 << 16, rows)
    born = block.plan.first_day - block.draw("accounts", "age").integers(25 * 365, 63 * 365, rows)
    first = lists.first_names(faces, is_woman, born).astype(np.int64)
    last = lists.last_names.pick(block.draw("accounts", "last_name"), rows).astype(np.int64)
    for column, drawn in (("first_name", first), ("last_name", last)):
        drawn[is_main] = persons[column].cat.codes.to_numpy()[owner[is_main]]
    number = owner * _MOST_CONTACTS + nth
    mail = _emails(block, first, last, owner)
    main = pa.array(persons["email"].to_numpy(dtype=object)[owner], pa.large_string())
    table = pd.DataFrame(
        {
            "contact_id": block.identities(number, _ID_BITS, "contact_persons"),
            "record_id": records.numbers[owner, 0],
            "first_name": words(first, lists.women.words),
            "last_name": words(last, lists.last_names.words),
            "role": words(block.draw("accounts", "role").integers(0, len(ROLES), rows), ROLES),
            "email": texts(pa.compute.if_else(pa.array(is_main), main, mail)),
            "is_main": is_main & ~records.is_merged[owner],
        }
    )
    row = by_record(table["record_id"].to_numpy())
    table = table.take(row).reset_index(drop=True)
    ids, record_id = (table[name].to_numpy() for name in ("contact_id", "record_id"))
    return table, records.misbooked("contact_persons", ids, record_id, owner, row)


def _emails(block, first, last, owner):
    """Addresses of a firm's people: all at the firm's one domain."""
    lists = block.vocabulary
    firsts, lasts = (pa.array([plain(name) for name in group.words]) for group in (lists.women, lists.last_names))
    domain = lists.email_domains.pick(block.draw("accounts", "domain"), block.size)[owner]
    return joined(
        firsts.cast(pa.large_string()).take(pa.array(first)),
        ".",
        lasts.cast(pa.large_string()).take(pa.array(last)),
        "@",
        lists.email_domains.arrow.take(pa.array(domain)),
    )


def invoices(block, transactions):
    """Send an invoice for each sale, and see when it is paid.

    Parameters
    ----------
    block : Block
    transactions : pandas.DataFrame
        The sales of the observed history.

    Returns
    -------
    pandas.DataFrame
        One row per sale, in their order: transaction_id, record_id, ts, due (a day),
        paid_at (empty while open), amount_cents.
    """
    spec = block.spec["invoices"]
    ts = transactions["ts"].dt.tz_localize(None).to_numpy().astype("M8[s]").astype(np.int64)
    sale = transactions["transaction_id"].to_numpy() - 1 - (block.number << SALE_BITS)
    heights = {
        what: block.dice.scramble(sale, SALE_BITS, "invoices", what) for what in ("days", "late", "late_days", "paid")
    }  # drawn by the sale itself, since rows come in order of record
    terms = np.array([int(days) for days in spec["days"]])
    allowed = terms[lookup(spec["days"].values())[heights["days"] >> SALE_BITS - 16]]
    is_late = heights["late"] < spec["late"] * 2**SALE_BITS
    waits = rounded(-np.log((heights["late_days"] + 0.5) / 2**SALE_BITS))
    later = np.ceil(waits * spec["late_days"]).astype(np.int64)
    day, due = ts // DAY, ts // DAY + allowed
    paid_day = np.where(is_late, due + later, day + 1 + (heights["paid"] * allowed >> SALE_BITS))
    paid = paid_day * DAY + _OPEN_AT + heights["paid"] % _OPEN_FOR
    columns = {
        "transaction_id": transactions["transaction_id"],
        "record_id": transactions["record_id"],
        "ts": transactions["ts"],
        "due": days(due),
        "paid_at": times(paid, paid >= block.end_second),
        "amount_cents": transactions["amount_cents"],
    }
    return pd.DataFrame(columns, copy=False)
