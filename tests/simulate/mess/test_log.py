"""The log of edits is the whole truth about what was done to the records."""

import pandas as pd
import pytest

from crmlab.simulate.mess import KINDS

_EDIT = ["record_id", "operation", "before", "after"]


def as_text(values):
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.strftime("%Y-%m-%d")
    return values.astype("str")


@pytest.mark.parametrize(("company", "locale"), [("retail", "hr"), ("telco", "en"), ("b2b", "de")])
def test_clean_values_with_the_edits_done_to_them_are_the_records(made, company, locale):
    done = made(company=company, locale=locale, preset="dirty", gaps=True, size=5_000)
    links, table = done.records.links.set_index("record_id"), done.table.set_index("record_id")
    assert links.index.tolist() == table.index.tolist()
    clean = done.persons.set_index("person_id").loc[links["person_id"]].set_axis(table.index)
    for column in dict.fromkeys(column for kind in KINDS.values() for group in kind.groups for column in group):
        cells, seen = as_text(clean[column]).to_dict(), as_text(table[column])
        edits = done.edits[done.edits["column"] == column]
        gaps = set(seen.index[seen.isna()])
        for number, operation, before, after in edits[_EDIT].itertuples(index=False):
            if before != cells[number] and not (pd.isna(before) and pd.isna(cells[number])):
                assert pd.isna(before)
                assert operation == "default_birth_date"  # this fills what was not known
            cells[number] = after
        wrong = [n for n in seen.index if n not in gaps and cells[n] != seen[n]]
        assert not wrong, (column, wrong[:3])
        assert not gaps & set(edits["record_id"])


def test_an_edit_changes_something_and_says_who_did_it(made):
    done = made(preset="dirty")
    merged = done.edits["operation"] == "wrong_merge"
    assert (done.edits.loc[merged, "source"] == "cleaning").all()
    edits = done.edits[~merged].reset_index(drop=True)
    assert len(edits) > 10_000
    assert (edits["before"].isna() | (edits["before"] != edits["after"])).all()
    assert edits[["record_id", "column", "operation", "after", "source", "block"]].notna().all(axis=None)
    assert edits["record_id"].is_monotonic_increasing
    assert set(done.edits["operation"]) == {kind for kind in KINDS if kind != "company_form"}
    source = done.table.set_index("record_id")["source"].astype(str)
    assert (edits["source"].astype(str).str.rsplit(n=2).str[0] == source[edits["record_id"]].to_numpy()).all()
    clerk = done.table.set_index("record_id")["clerk_id"][edits["record_id"]].reset_index(drop=True)
    named = edits["source"].astype(str).str.extract(r"clerk (\d+)$")[0]
    assert named.notna().equals(clerk.notna())
    assert (named.dropna().astype(int) == clerk.dropna() % 1_000).all()


def test_one_person_has_one_maiden_name_and_one_household_one_old_address(made):
    done = made(duplicates=0.6, maiden_surname=1.0, stale_address=1.0)
    links = done.records.links.merge(done.persons[["person_id", "household_id", "gender"]], on="person_id")
    edits = done.edits.merge(links, on="record_id")
    maiden = edits[edits["operation"] == "maiden_surname"]
    assert set(maiden["gender"]) == {"female"}
    assert maiden.groupby("person_id")["after"].nunique().max() == 1
    moved = edits[(edits["operation"] == "stale_address") & (edits["column"] == "street")]
    assert moved.groupby("household_id")["after"].nunique().max() == 1
    assert moved["after"].nunique() > 50


def test_more_duplicates_or_other_errors_leave_first_records_and_their_errors_alone(made):
    few = made(misspell=0.1, duplicates=0.0)
    many = made(misspell=0.1, duplicates=0.5, upper_case=0.0)
    first = many.table[many.table["record_id"].isin(few.table["record_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, few.table, check_categorical=False)
    kept = many.edits[many.edits["record_id"].isin(few.table["record_id"])].reset_index(drop=True)
    assert kept.astype(str).equals(few.edits.astype(str))


def test_the_first_persons_of_a_larger_base_have_the_same_records_and_errors(made):
    small, large = made(preset="dirty", size=3_001), made(preset="dirty", size=6_000)
    kept = large.records.links.loc[large.records.links["person_id"] <= 3_001, "record_id"]
    table = large.table[large.table["record_id"].isin(kept)].reset_index(drop=True)
    assert table.astype(str).equals(small.table.astype(str))
    edits = large.edits[large.edits["record_id"].isin(kept)].reset_index(drop=True)
    assert edits.astype(str).equals(small.edits.astype(str))
