"""The survey: benefit classes come back from answers, not from demographics, and not all answer alike."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import OneHotEncoder

from crmlab import simulate
from crmlab.simulate.asked import spec
from crmlab.simulate.survey import ITEMS


@pytest.fixture(scope="module", params=["retail", "telco", "bank", "b2b"])
def known(request, large):
    """A base, its spec, and each answer sheet with the truth of its person."""
    base = large(request.param)
    sheets = base.survey.merge(base.truth.links, on="record_id").merge(base.truth.benefits, on="person_id")
    return base, spec(request.param)["survey"], sheets


def shares_of(classes, names):
    return classes.value_counts(normalize=True).reindex(names).to_numpy()


@pytest.mark.parametrize("half", [0, 1], ids=["early persons", "late persons"])
def test_classes_are_as_many_as_asked(known, half):
    base, asked, _ = known
    benefits = base.truth.benefits
    some = benefits[(benefits["person_id"] > 10_000) == half]
    share = np.array([one["share"] for one in asked["classes"].values()]) / 100
    found = shares_of(some["benefit_class"], list(asked["classes"]))
    assert (np.abs(found - share) < 4 * np.sqrt(share * (1 - share) / len(some))).all()


def test_a_mixture_fitted_to_the_answers_finds_the_classes(known):
    _, asked, sheets = known
    answers = sheets[list(ITEMS)].to_numpy(float)
    found = GaussianMixture(len(asked["classes"]), covariance_type="tied", n_init=5, random_state=1).fit(answers)
    present = np.sort(shares_of(sheets["benefit_class"], list(asked["classes"])))
    assert np.sort(found.weights_) == pytest.approx(present, abs=0.03)
    assert adjusted_rand_score(sheets["benefit_class"], found.predict(answers)) > 0.8


def test_mean_answers_are_those_of_the_truth(known):
    _, _, sheets = known
    for number, item in enumerate(ITEMS, start=1):
        latent = sheets[f"mean_{number:02}"]
        inner = latent.between(2.5, 5.5)  # nearer the ends answers are cut off
        assert abs((sheets[item] - latent)[inner].mean()) < 0.1, item
        assert (sheets[item] - latent)[inner].std() == pytest.approx(1.14, rel=0.06), item  # 1.1, and rounding


def test_people_answer_high_or_low_whatever_is_asked(known):
    _, asked, sheets = known
    rest = sheets[list(ITEMS)] - sheets.groupby("benefit_class", observed=True)[list(ITEMS)].transform("mean")
    first, second = rest[list(ITEMS[::2])].mean(axis=1), rest[list(ITEMS[1::2])].mean(axis=1)
    common = np.cov(first, second)[0, 1]
    assert np.sqrt(common) == pytest.approx(asked["style"], rel=0.2)


def test_demographics_hardly_tell_the_class_and_answers_do(known):
    base, asked, sheets = known
    persons = base.truth.persons.merge(base.truth.benefits[["person_id", "benefit_class"]], on="person_id").iloc[:4_000]
    age = (base.as_of - persons["birth_date"]).dt.days.to_numpy() / 365.25
    age = np.column_stack([age, age**2]) / [100, 10_000]
    seen = OneHotEncoder(max_categories=30, handle_unknown="ignore").fit_transform(persons[["gender", "city"]])
    guessed = cross_val_predict(
        LogisticRegression(max_iter=1_000), np.hstack([age, seen.toarray()]), persons["benefit_class"], cv=3
    )
    largest = max(one["share"] for one in asked["classes"].values()) / 100
    assert (guessed == persons["benefit_class"]).mean() < largest + 0.05
    read = cross_val_predict(LogisticRegression(max_iter=1_000), sheets[list(ITEMS)], sheets["benefit_class"], cv=3)
    assert (read == sheets["benefit_class"]).mean() > 0.85


def test_what_could_at_best_be_known_is_as_often_right_as_it_says(known):
    base, asked, sheets = known
    chances = [column for column in sheets if column.startswith("p_class_")]
    assert len(chances) == len(asked["classes"])
    for rows in (base.truth.benefits, sheets.drop_duplicates("person_id")):
        chance = rows[chances].to_numpy()
        assert chance.sum(axis=1) == pytest.approx(1, abs=1e-5)
        place = rows["benefit_class"].astype(str).map({name: n for n, name in enumerate(asked["classes"])})
        best = chance.max(axis=1)
        is_right = chance.argmax(axis=1) == place.to_numpy()
        assert abs(is_right.mean() - best.mean()) < 4 * np.sqrt((best * (1 - best)).sum()) / len(best) + 0.005
    assert is_right.mean() > 0.85


def test_who_answers_is_no_lot_and_no_weight_makes_it_good(known):
    base, asked, sheets = known
    names = list(asked["classes"])
    present = shares_of(base.truth.benefits["benefit_class"], names)
    answered = shares_of(sheets["benefit_class"], names)
    weighted = sheets.groupby("benefit_class", observed=True)["weight"].sum().reindex(names).to_numpy()
    weighted = weighted / weighted.sum()
    eager = np.array([one["answers"] for one in asked["classes"].values()])
    expected = present * eager / (present * eager).sum()
    assert answered == pytest.approx(expected, abs=0.035)
    most = eager.argmax()
    for share in (answered, weighted):
        assert share[most] - present[most] > 5 * np.sqrt(present[most] * (1 - present[most]) / len(sheets))


def test_weights_make_good_whom_the_lot_preferred(known):
    """Channels asked twice as often answer twice as often; weighted they are as many as there are."""
    base, asked, sheets = known
    opened = base.customers.set_index("record_id")["source"].astype(str)
    preferred = opened.isin([name for name, times in asked["asked_more"].items() if times > 1])
    may = base.customers.set_index("record_id")["consent_email"]
    present = preferred[may].mean()
    of_sheets = preferred.reindex(sheets["record_id"]).to_numpy()
    weighted = np.average(of_sheets, weights=sheets["weight"])
    assert of_sheets.mean() > present * 1.2
    assert abs(weighted - present) < abs(of_sheets.mean() - present) / 2
    assert sheets["weight"].mean() == pytest.approx(1, abs=0.05)


def test_only_those_who_may_be_written_to_answer_once_a_wave(known):
    base, asked, sheets = known
    may = base.customers.set_index("record_id")["consent_email"]
    assert may.reindex(sheets["record_id"]).all()
    assert not sheets.duplicated(["person_id", "wave"]).any()
    assert set(sheets["wave"]) == set(range(1, len(asked["days_before"]) + 1))
    assert (sheets["ts"] < base.as_of).all()


def test_content_customers_recommend(known):
    base, _, sheets = known
    states = base.truth.states.groupby("person_id")["state"].last()
    state = states.reindex(sheets["person_id"]).astype(str).to_numpy()
    for question in ("nps", "csat"):
        by_state = sheets.groupby(state)[question].mean()
        assert by_state["distant"] < by_state["occasional"] < by_state["close"], question
    assert sheets["ces"].corr(sheets["csat"]) > 0.1


@pytest.mark.parametrize(("overlap", "least", "most"), [(0.0, 3, 4), (0.5, 1.4, 2.1), (1.0, 0, 0)])
def test_the_dial_for_overlap_draws_classes_together(overlap, least, most):
    base = simulate.company("retail", customers=500, seed=3, survey__overlap=overlap)
    rows = base.truth.benefits.groupby("benefit_class", observed=True)[["mean_01", "mean_10"]].mean()
    apart = (rows.max() - rows.min()).mean()
    assert least - 0.3 <= apart <= most + 0.3


def test_tables_of_a_tiny_base_may_be_empty():
    base = simulate.company("telco", customers=1, seed=2, months=1).check()
    assert len(base.survey) == 0
    assert len(base.truth.benefits) == 1
    assert isinstance(base.survey["ts"].dtype, pd.DatetimeTZDtype)
