"""Leak audit: nothing that carries no meaning tells the person, the class, or the value."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

CUSTOMERS, SEED = 6_000, 23
BINS, DIVISORS = 8, (2, 3, 4, 5, 8, 10, 16)
ERROR = 1e-5  # chance of one false alarm in a whole audit


@pytest.fixture(scope="module", params=["retail", "telco", "bank", "b2b"])
def base(request, base):
    return base(request.param, customers=CUSTOMERS, seed=SEED)


def meaningless(base):
    """Of each record: what a system or a street gave it, which should carry no meaning."""
    people = base.customers
    out = {"record_id": people["record_id"], "row": pd.Series(range(len(people)))}
    for divisor in DIVISORS:
        out[f"record_id % {divisor}"] = people["record_id"] % divisor
    out["house_number"] = people["house_number"].str.extract(r"(\d+)")[0].astype("float")
    for column, width in (("phone", 4), ("oib", 4), ("iban", 4)):
        signs = people[column].astype("str").str.replace(r"\D", "", regex=True)
        out[f"{column}, end"] = pd.to_numeric(signs.str[-width:], errors="coerce")
    out["second opened"] = people["created_at"].dt.minute * 60 + people["created_at"].dt.second
    for table, frame in base.items():
        number = next((name for name in frame if name.endswith("_id") and name != "record_id"), None)
        if (
            number
            and "record_id" in frame
            and table not in ("customers", "campaigns")
            and frame["record_id"].notna().any()
        ):
            known = frame[frame["record_id"].notna()]
            one = known.groupby(known["record_id"].astype("int64"))[number].first().reindex(people["record_id"])
            out |= {f"{table}.{number}": one.reset_index(drop=True)}
            out |= {f"{table}.{number} % {d}": (one % d).reset_index(drop=True) for d in (2, 8, 10)}
    return pd.DataFrame(out).astype("float")


def secrets(base):
    """Of each record, as its person's truth has it."""
    truth = base.truth
    rows = truth.links.set_index("record_id")["person_id"].reindex(base.customers["record_id"])
    value = truth.value.set_index("person_id").reindex(rows)
    out = {
        "person": pd.qcut(rows.to_numpy(), BINS, labels=False),
        "value": pd.qcut(value["mean_spend_cents"], BINS, labels=False, duplicates="drop"),
        "alive": value["alive_at_end"].astype(int),
        "future": pd.qcut(value["future_value_cents"], BINS, labels=False, duplicates="drop"),
    }
    if "benefits" in truth:
        out["class"] = truth.benefits.set_index("person_id")["benefit_class"].reindex(rows).astype("category").cat.codes
    return pd.DataFrame({name: np.asarray(column) for name, column in out.items()}), rows.to_numpy()


def binned(values):
    """Eight parts of equal size, from 1; 0 for what is missing."""
    codes = pd.qcut(values.rank(method="average"), BINS, labels=False, duplicates="drop")
    return codes.fillna(-1).astype(int).to_numpy() + 1


def leaks(columns, hidden, persons):
    """Columns and pairs of columns that go with a secret, one line each.

    One record of each person is looked at, so that duplicates do not count as evidence.
    """
    first = ~pd.Series(persons).duplicated().to_numpy()
    bins = {name: binned(columns[name])[first] for name in columns}
    n_tests = (len(bins) + len(bins) * (len(bins) - 1) // 2) * hidden.shape[1]
    found = []
    singles = [((name,), code) for name, code in bins.items()]
    pairs = [
        ((a, b), (bins[a] * (BINS + 1) + bins[b]) * ((bins[a] > 0) & (bins[b] > 0))) for a, b in combinations(bins, 2)
    ]
    for secret in hidden:
        classes = np.unique(hidden[secret].to_numpy()[first], return_inverse=True)[1]
        for names, code in singles + pairs:
            if _goes_together(code, classes) < ERROR / n_tests:
                found.append(f"{' and '.join(names)} -> {secret}")
    return found


def _goes_together(one, other):
    """Chi-square p-value of a table of two codes; rows of few cases are put together, what is missing is left out."""
    one, other = one[one > 0], other[one > 0]
    if not len(one):
        return 1.0
    one = np.unique(one, return_inverse=True)[1]
    table = np.bincount(one * (other.max() + 1) + other, minlength=(one.max() + 1) * (other.max() + 1))
    table = table.reshape(one.max() + 1, -1)
    scarce = table.sum(axis=1) < 5 * table.shape[1]
    table = np.vstack([table[~scarce], table[scarce].sum(axis=0, keepdims=True)])
    table = table[table.sum(axis=1) >= 5 * table.shape[1]]
    if len(table) < 2:
        return 1.0
    wanted = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    kept = wanted[0] > 0
    statistic = ((table - wanted)[:, kept] ** 2 / wanted[:, kept]).sum()
    return chi2.sf(statistic, (len(table) - 1) * (kept.sum() - 1))


def test_no_column_and_no_pair_of_columns_without_meaning_goes_with_a_secret(base):
    columns = meaningless(base)
    hidden, persons = secrets(base)
    assert columns.shape[1] >= 15
    assert leaks(columns, hidden, persons) == []


def test_two_records_of_one_person_share_nothing_that_has_no_meaning(base):
    """Pairs of one person agree no more often than pairs of two persons do."""
    columns = meaningless(base).drop(columns="row").filter(regex="_id|second")
    _, persons = secrets(base)
    order = np.argsort(persons, kind="stable")
    same = np.flatnonzero(persons[order][1:] == persons[order][:-1])
    assert len(same) > 200
    for name in columns:
        codes = binned(columns[name])
        one, other = codes[order[same]], codes[order[same + 1]]
        known = (one > 0) & (other > 0)  # that one record has, say, a contract and the other none is no secret
        n = known.sum()
        shares = [np.bincount(part[known], minlength=BINS + 1) / max(n, 1) for part in (one, other)]
        agree, by_chance = (one == other)[known].sum(), n * (shares[0] * shares[1]).sum()
        assert abs(agree - by_chance) <= 4.5 * np.sqrt(max(by_chance, 1)), name


def test_the_audit_finds_a_leak_that_was_planted(base):
    columns = meaningless(base)
    hidden, persons = secrets(base)
    told = hidden["value"].to_numpy()
    noise = np.random.default_rng(1).integers(0, BINS, len(told))
    one = columns[["row"]].assign(serial=told + 4 * noise)
    assert "serial -> value" in leaks(one, hidden, persons)
    both = pd.DataFrame({"this": noise.astype(float), "that": ((told + noise) % BINS).astype(float)})
    found = leaks(both, hidden, persons)
    assert "this and that -> value" in found
    assert "this -> value" not in found
