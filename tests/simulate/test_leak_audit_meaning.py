"""Leak audit of what carries meaning: no column and no pair of columns tells more than it is meant to tell.

Each observed column becomes a code of a few levels, one for each customer. What is not declared below as an intended
signal of a secret must be independent of it: alone, with any other such column, and within any level of a column that
is an intended signal. What is declared may not tell more, alone or in pairs, than what it is a sign of.
"""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from sklearn.tree import DecisionTreeClassifier

CUSTOMERS, SEED, LEVELS = 4_000, 29, 5
ERROR = 1e-4  # chance of one false alarm in a whole audit
TIMES = r"customers\.(created_at|updated_at)|contracts\.start|invoices\.(due|paid_at)|\w+\.ts|survey\.wave"
LIFE = rf"{TIMES}|\w+ rows|campaigns\.campaign_id|contracts\.(balance_cents|end)"
PAID = (
    r"(transactions|invoices)\.(amount_cents|margin_cents)|contracts\.(price_cents|product)|transactions\.product_group"
)
# The intended signals of each secret, and why they are meant to tell of it.
INTENDED = {
    "person": {},  # its number: nothing
    "value": {  # what a purchase, or a month, is worth on average
        PAID: "what is paid is what the customer is worth",
        r"contacts|contact_persons rows": "large firms have more people and buy more",
    },
    "alive": {
        LIFE: "who joined long ago had longer to leave; who is there still is met more and later",
        r"survey\.(nps|csat|ces)": "who is badly served likes the firm less, and leaves",
    },
    "future": {
        LIFE: "the same, and who bought often will buy often",
        PAID: "what was paid will be paid",
    },
    "class": {r"survey\.benefit_\d\d": "the question asked", r"survey rows": "some classes answer more readily"},
    "state": {
        r"survey\.(nps|csat|ces)": "the near are content",
        r"moments\.\w+": "who expects and feels much good is moved nearer",
        r"product_events\.ts|\w+ rows": "the near use the product more, and buy",
        r"campaigns\.(responded|revenue_cents)": "the near buy without being asked",
    },
    "moved": {
        LIFE: "who has left is moved by nothing",
        r"campaigns\.(responded|revenue_cents)": "one of the two outcomes itself",
    },
}

# What tells nothing alone, but makes an intended signal clearer, and why.
MAY_WRITE = r"customers\.consent_\w+|campaigns\.channel|touchpoints\.(campaign_id|channel|type)"
CLEARER = {
    "alive": {
        MAY_WRITE: "a count of contacts means more beside whether the customer may be written to",
        r"transactions\.margin_cents": "interest on the balance is in the margin, and who has left has no balance",
    },
    "future": {MAY_WRITE: "the same"},
    "value": {r"contracts\.balance_cents": "interest on the balance is in the margin, beside what is paid"},
    "state": {TIMES: "a count means more beside the time it took"},
}


def is_intended(column, secret):
    return any(re.fullmatch(pattern, column) for pattern in INTENDED[secret])


def makes_clearer(column, secret):
    return any(re.fullmatch(pattern, column) for pattern in CLEARER.get(secret, ()))


def coded(values):
    """A few levels from 1; 0 for what is missing."""
    values = pd.Series(values).reset_index(drop=True)
    is_time = pd.api.types.is_datetime64_any_dtype(values)
    if is_time or (pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)):
        numbers = (values.astype("int64").where(values.notna()) if is_time else values).astype("float").rank()
        return pd.qcut(numbers, LEVELS, labels=False, duplicates="drop").fillna(-1).astype(int).to_numpy() + 1
    words = values.astype("str").where(values.notna())
    frequent = {word: place for place, word in enumerate(words.value_counts().index[: LEVELS - 1], start=1)}
    return words.map(frequent).fillna(LEVELS).where(words.notna(), 0).astype(int).to_numpy()


def is_text(column):
    if isinstance(column.dtype, pd.CategoricalDtype):
        return len(column.cat.categories) > 200
    return isinstance(column.dtype, pd.StringDtype) or column.dtype == object


def columns(base, records):
    """Every column of every table as one code for each record: that of its first row, and how many rows there are."""
    out = {}
    for table, frame in base.items():
        if "record_id" not in frame:
            continue
        known = frame[frame["record_id"].notna()]
        owner = known["record_id"].astype("int64")
        first = known[~owner.duplicated()].set_index(owner[~owner.duplicated()]).reindex(records)
        if table != "customers":
            out[f"{table} rows"] = coded(owner.value_counts().reindex(records).fillna(0))
        for name in first.columns.drop("record_id"):
            column = first[name]
            if pd.api.types.is_datetime64_any_dtype(column):
                out[f"{table}.{name} second"] = coded(column.dt.minute * 60.0 + column.dt.second)
            if is_text(column):
                column = column.astype("str").where(column.notna())
                out[f"{table}.{name} length"], out[f"{table}.{name} end"] = (
                    coded(column.str.len()),
                    coded(column.str[-1:]),
                )
            else:
                out[f"{table}.{name}"] = coded(column)
            if table == "customers" and column.isna().any():
                out[f"{table}.{name} missing"] = 1 + column.isna().to_numpy().astype(int)
    return {name: code for name, code in out.items() if len(np.unique(code[code > 0])) > 1}


def told(base):
    """One record of each household, and the secrets of its person; -1 where there is none."""
    truth = base.truth
    rows = truth.links.merge(truth.persons[["person_id", "household_id"]], on="person_id")
    rows = rows[~rows["household_id"].duplicated()]
    value = truth.value.set_index("person_id").reindex(rows["person_id"])
    states = truth.states[truth.states["state"] != "gone"].groupby("person_id")["state"].last()
    sent = truth.uplift.drop_duplicates("person_id", keep="last").set_index("person_id")
    both = 2 * sent["outcome_if_treated"] + sent["outcome_if_not"]

    def parts(values):
        return pd.qcut(values.rank(), 4, labels=False, duplicates="drop").to_numpy()

    secrets = {
        "person": parts(rows["person_id"]),
        "value": parts(value["mean_spend_cents"]),
        "alive": value["alive_at_end"].to_numpy(int),
        "future": parts(value["future_value_cents"]),
        "class": truth.benefits.set_index("person_id")["benefit_class"].cat.codes.reindex(rows["person_id"]).to_numpy(),
        "state": states.cat.codes.reindex(rows["person_id"]).to_numpy(),
        "moved": both.astype(float).reindex(rows["person_id"]).fillna(-1).to_numpy(int),
    }
    secrets = {name: pd.Series(levels).fillna(-1).to_numpy(int) for name, levels in secrets.items()}
    return rows, secrets


def counted(codes, secret):
    """How often each level of each column meets each level of each other and of the secret: (a, i, b, j, secret)."""
    n = codes.shape[1]
    shown = np.zeros((n, len(codes), LEVELS), np.float32)
    rows, names = np.nonzero(codes.T > 0)
    shown[rows, names, codes[names, rows] - 1] = 1
    shown = shown.reshape(n, -1)
    tables = [shown[secret == level].T @ shown[secret == level] for level in range(secret.max() + 1)]
    return np.stack(tables, axis=-1).reshape(len(codes), LEVELS, len(codes), LEVELS, -1)


def chance_of(table, given):
    """Chi-square p-value of each pair of columns with the secret: together, or within the levels of the first."""
    kinds = table.shape[-1]
    size = table.sum(axis=-1)
    kept = size >= 5 * kinds
    table, size = table * kept[..., None], size * kept
    over = (3,) if given else (1, 3)
    share = table.sum(axis=over, keepdims=True) / np.maximum(size.sum(axis=over, keepdims=True), 1)[..., None]
    wanted = share * size[..., None]
    statistic = ((table - wanted) ** 2 / np.maximum(wanted, 1e-9)).sum(axis=(1, 3, 4))
    strata = kept.any(axis=3).sum(axis=1) if given else kept.any(axis=(1, 3))
    seen = (share > 0).sum(axis=-1).max(axis=(1, 3))
    freedom = (kept.sum(axis=(1, 3)) - strata) * np.maximum(seen - 1, 0)
    return np.where(freedom > 0, chi2.sf(statistic, np.maximum(freedom, 1)), 1.0)


def leaks(codes, secrets):
    """What is no intended signal and yet goes with a secret: alone, in pairs, or beside an intended signal."""
    found, names = [], list(codes)
    stacked = np.stack(list(codes.values()))
    for secret, levels in secrets.items():
        known = levels >= 0
        table = counted(stacked[:, known], levels[known])
        meant = np.array([is_intended(name, secret) for name in names])
        n_tests = len(names) ** 2 * len(secrets)
        rest, given = np.flatnonzero(~meant), np.flatnonzero(meant)
        together = chance_of(table[np.ix_(rest, range(LEVELS), rest)], given=False) if len(rest) else np.ones((0, 0))
        for one, other in np.argwhere(np.triu(together < ERROR / n_tests)):
            found.append((secret, *sorted((names[rest[one]], names[rest[other]]))))
        if len(given):
            rest = np.array([u for u in rest if not makes_clearer(names[u], secret)])
            beside = chance_of(table[np.ix_(given, range(LEVELS), rest)], given=True)
            found += [(secret, names[given[d]], names[rest[u]]) for d, u in np.argwhere(beside < ERROR / n_tests)]
    return found


def hits(train, test, code, levels):
    """Share of the test half that the most frequent level of the training half gets right, for each code."""
    width = levels.max() + 1
    table = np.bincount(code[train] * width + levels[train], minlength=(code.max() + 1) * width).reshape(-1, width)
    guess = np.where(table.sum(axis=1) > 0, table.argmax(axis=1), table.sum(axis=0).argmax())
    return (guess[code[test]] == levels[test]).mean()


def behind(base, rows, secret):
    """What the intended signals of a secret are signs of, as numbers."""
    truth, person, record = base.truth, rows["person_id"], rows["record_id"]
    if secret == "class":
        chances = truth.benefits.set_index("person_id").filter(regex="p_class").reindex(person)
        return chances
    value = truth.value.set_index("person_id").reindex(person).select_dtypes(["number", "bool"])
    value = value.drop(
        columns=["future_purchases", "future_value_cents", *(["alive_at_end"] if secret == "alive" else [])]
    )
    sold = base.transactions.groupby("record_id")["ts"].agg(["size", "min", "max"]).reindex(record)
    used = base.product_events.groupby(base.product_events["record_id"])["ts"].agg(["size", "max"]).reindex(record)
    met = base.touchpoints.groupby("record_id")["ts"].agg(["size", "max"]).reindex(record)
    state = truth.states[truth.states["state"] != "gone"].groupby("person_id")["state"].last().cat.codes.reindex(person)
    parts = [value.reset_index(drop=True)]
    for frame in (sold, used, met):
        parts.append(frame.apply(lambda column: column.rank()).reset_index(drop=True).add_prefix(f"{len(parts)} "))
    if secret != "state":
        parts.append(pd.DataFrame({"state": state.to_numpy()}))
    if secret in ("state", "moved"):
        sheets = base.survey.drop_duplicates("record_id").set_index("record_id")[["nps", "csat", "ces"]].reindex(record)
        parts.append(sheets.reset_index(drop=True))
        answers = base.campaigns.drop_duplicates("record_id").set_index("record_id")[["responded", "revenue_cents"]]
        parts.append(answers.reindex(record).astype("float").reset_index(drop=True))
    if secret == "alive" and "contracts" in base:
        ended = base.contracts.drop_duplicates("record_id").set_index("record_id")["end"].notna().reindex(record)
        parts.append(ended.astype("float").reset_index(drop=True))
    return pd.concat(parts, axis=1).astype(float).fillna(-1)


def excess(base, rows, codes, secrets):
    """Intended signals, and pairs of them, that get a secret right more often than what they are signs of does."""
    found = []
    half = np.random.default_rng(1).random(len(rows)) < 0.5
    for secret, levels in secrets.items():
        meant = [name for name in codes if is_intended(name, secret)]
        if not meant:
            continue
        train, test = np.flatnonzero(half & (levels >= 0)), np.flatnonzero(~half & (levels >= 0))
        signs = behind(base, rows, secret).to_numpy()
        tree = DecisionTreeClassifier(max_depth=7, min_samples_leaf=20, random_state=1).fit(signs[train], levels[train])
        most = tree.score(signs[test], levels[test]) + 4.5 * np.sqrt(0.25 / len(test))
        for place, one in enumerate(meant):
            for other in meant[place:]:
                if hits(train, test, codes[one] * (LEVELS + 1) + codes[other], levels) > most:
                    found.append((secret, one, other))
    return found


@pytest.fixture(scope="module", params=["retail", "telco", "bank", "b2b"])
def audited(request, base):
    made = base(request.param, customers=CUSTOMERS, seed=SEED)
    rows, secrets = told(made)
    return made, rows, columns(made, rows["record_id"].to_numpy()), secrets


def test_only_intended_signals_go_with_a_secret(audited):
    _, rows, codes, secrets = audited
    assert len(codes) > 100
    assert len(rows) > 2_000
    assert leaks(codes, secrets) == []


def test_intended_signals_tell_no_more_than_what_they_are_signs_of(audited):
    assert excess(*audited) == []


def planted(codes, name, code):
    """Some of the columns, with one put in the place of what is there."""
    some = {other: codes[other] for other in codes if other.startswith(("customers", "survey"))}
    return some | {name: np.asarray(code) + 1}


def test_the_audit_finds_a_column_that_tells_a_secret(audited):
    """A serial number, a clerk, a house number that go with what only the truth knows, however weakly."""
    _, rows, codes, secrets = audited
    rng = np.random.default_rng(3)
    for secret, name in (("class", "customers.house_number end"), ("alive", "customers.clerk_id"), ("person", "new")):
        blurred = np.where(rng.random(len(rows)) < 0.2, secrets[secret], rng.integers(0, LEVELS, len(rows)))
        found = leaks(planted(codes, name, blurred), {secret: secrets[secret]})
        assert (secret, name, name) in found


def test_the_audit_finds_two_columns_that_tell_a_secret_only_together(audited):
    _, _, codes, secrets = audited
    noise = np.random.default_rng(4).integers(0, LEVELS, len(secrets["class"]))
    both = planted(planted(codes, "customers.this", noise), "customers.that", (secrets["class"] + noise) % LEVELS)
    found = leaks(both, {"class": secrets["class"]})
    assert ("class", "customers.that", "customers.this") in found
    assert ("class", "customers.that", "customers.that") not in found


def test_the_audit_finds_a_column_that_tells_a_secret_only_beside_an_intended_signal(audited):
    _, _, codes, secrets = audited
    sign = codes["survey.benefit_01"]
    both = planted(codes, "that", np.where(sign > 0, (secrets["class"] + sign) % LEVELS, 0))
    assert ("class", "survey.benefit_01", "that") in leaks(both, {"class": secrets["class"]})


def test_the_audit_finds_an_intended_signal_that_tells_too_much(audited):
    """The last change of a record may go with who left, but not give it away."""
    base, rows, codes, secrets = audited
    rng = np.random.default_rng(5)
    for secret, name in (("class", "survey.benefit_03"), ("future", "customers.updated_at")):
        told_outright = np.where(rng.random(len(rows)) < 0.99, secrets[secret], 0)
        found = excess(base, rows, planted(codes, name, told_outright), {secret: secrets[secret]})
        assert (secret, name, name) in found


# Where two records of one person may agree, and why; nowhere else.
SHARED = {
    r"customers\.(first_name|last_name|company_name|street|house_number|postcode|city|email|phone|birth_date|oib|iban)"
    r"( \w+)?": "who and where the person is",
    r"customers\.consent_\w+": "the person's own word",
    rf"{TIMES}|\w+ rows": "both were opened since the person joined",
    r"\w+\.(source|channel|clerk_id|cost_cents)( missing)?": "habits, a branch near home",
    rf"{PAID}|contracts\.(price_cents|product|renewal_day|prepaid)": "what the person spends",
    r"product_events\.device_id": "the person's own device",
    r"moments\.\w+|survey\.\w+": "what the person expects and seeks",
}


def agreements(codes, one, other):
    """Columns and pairs of columns, not meant to, on which two records agree more often than by chance."""
    rest = [name for name in codes if not any(re.fullmatch(pattern, name) for pattern in SHARED)]
    limit = chi2.isf(ERROR / len(rest) ** 2, 1)
    found = []
    for place, first in enumerate(rest):
        for second in rest[place:]:
            left, right = (codes[first][rows] * (LEVELS + 1) + codes[second][rows] for rows in (one, other))
            known = (codes[first][one] > 0) & (codes[first][other] > 0)
            known &= (codes[second][one] > 0) & (codes[second][other] > 0)
            n = known.sum()
            if n < 100:
                continue
            size = (LEVELS + 1) ** 2
            shares = [np.bincount(side[known], minlength=size) / n for side in (left, right)]
            chance, agree = shares[0] @ shares[1], (left == right)[known].sum()
            if agree > n * chance and (agree - n * chance) ** 2 > limit * max(n * chance * (1 - chance), 1):
                found.append((first, second))
    return found


@pytest.fixture(scope="module", params=["retail", "telco", "bank", "b2b"])
def twice(request, base):
    """All records, and the rows of two records of each person who has several."""
    made = base(request.param, customers=2_000, seed=SEED, mess="dirty")
    links = made.truth.links.sort_values(["person_id", "record_id"], ignore_index=True)
    later = np.flatnonzero(links["person_id"] == links["person_id"].shift())
    later = later[np.diff(later, prepend=-1) > 1]
    return columns(made, links["record_id"].to_numpy()), later - 1, later


def test_two_records_of_one_person_agree_only_where_that_is_meant(twice):
    codes, one, other = twice
    assert len(one) > 300
    assert agreements(codes, one, other) == []


def test_the_audit_finds_what_two_records_of_one_person_share_by_mistake(twice):
    codes, one, other = twice
    serial = np.random.default_rng(6).integers(1, LEVELS + 1, len(codes["customers.source"]))
    some = np.random.default_rng(7).random(len(one)) < 0.3
    serial[other[some]] = serial[one[some]]
    assert ("serial", "serial") in agreements(
        {"customers.source": codes["customers.source"], "serial": serial}, one, other
    )
