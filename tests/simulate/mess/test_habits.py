"""Errors and gaps come in clusters, and gaps for reasons."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare


def by_source(done, kind):
    """How many records of each clerk there are, and how many of them have the error."""
    wrong = set(done.edits.loc[done.edits["operation"] == kind, "record_id"])
    table = done.table[done.table["clerk_id"].notna()]
    return table.assign(wrong=table["record_id"].isin(wrong)).groupby("clerk_id")["wrong"].agg(["size", "sum"])


def spread(done, kind):
    counts = by_source(done, kind)
    rate = counts["sum"].sum() / counts["size"].sum()
    return chisquare(counts["sum"], counts["size"] * rate).pvalue


def test_clerks_have_habits_of_their_own(made):
    assert spread(made(upper_case=0.2), "upper_case") > 1e-3  # nobody differs
    assert spread(made(upper_case=0.2, habits=1.0), "upper_case") < 1e-12


def test_who_types_in_capitals_need_not_be_who_slips(made):
    done = made(upper_case=0.2, misspell=0.1, habits=1.0)
    rates = [by_source(done, kind).eval("sum / size") for kind in ("upper_case", "misspell")]
    assert abs(np.corrcoef(*rates)[0, 1]) < 4 / np.sqrt(len(rates[0]))


def test_batches_of_a_channel_without_clerks_differ_too(made):
    done = made(wrong_code_page=0.2, habits=1.0)
    source = done.edits["source"].astype(str)
    batches = done.edits.loc[source.str.startswith("web batch"), "record_id"].groupby(source).nunique()
    assert len(batches) == 12
    assert batches.max() > 4 * batches.min()


@pytest.mark.parametrize("company", ["retail", "telco"])
def test_the_asked_share_of_each_field_is_known_whoever_leaves_gaps(made, company):
    done = made(company=company, gaps=True, habits=1.0)
    for field, share in done.block.plan.spec["records"]["known"].items():
        for rows in (done.table[field], done.table[field].iloc[:6_000], done.table[field].iloc[6_000:]):
            assert abs(rows.notna().mean() - share) < 4 * np.sqrt(0.25 / len(rows)), field


def test_gaps_have_reasons(made):
    table = made(gaps=True, habits=1.0).table
    missing = table.groupby("source", observed=True)["email"].agg(lambda cells: cells.isna().mean())
    assert missing["web"] < 0.3 * missing["branch"]
    persons = made(gaps=True, habits=1.0).persons
    done = made(gaps=True, habits=1.0)
    born = done.records.links.merge(persons[["person_id", "birth_date"]], on="person_id")["birth_date"]
    old = born < pd.Timestamp("1955-01-01", tz="UTC")
    gap = table["email"].isna()
    assert gap[old.to_numpy()].mean() > 1.4 * gap[~old.to_numpy()].mean()
    gaps = table.loc[table["source"] == "branch", ["email", "phone"]].isna()
    lazy = gaps.groupby(table["clerk_id"]).mean()
    assert lazy.corr().iloc[0, 1] > 0.5  # a clerk who leaves one field empty leaves the others empty


def test_without_habits_clerks_leave_the_same_gaps(made):
    table = made(gaps=True, habits=0.0).table
    staffed = table[table["source"] == "branch"]
    counts = staffed.assign(gap=staffed["phone"].isna()).groupby("clerk_id")["gap"].agg(["size", "sum"])
    expected = counts["size"] * counts["sum"].sum() / counts["size"].sum()
    assert chisquare(counts["sum"], expected).pvalue > 1e-3
