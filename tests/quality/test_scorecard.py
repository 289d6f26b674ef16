"""The scorecard against hand-worked tables, planted errors and its laws."""

import numpy as np
import pandas as pd
import pytest

from crmlab import quality, simulate
from crmlab.errors import CrmlabError

DIRTY = 8_000


@pytest.fixture(scope="module")
def base():
    return simulate.company("telco", customers=DIRTY, seed=11, locale="hr", mess="dirty")


@pytest.fixture(scope="module")
def card(base):
    return quality.scorecard(base.customers, as_of=base.as_of)


@pytest.fixture
def people():
    return pd.DataFrame(
        {
            "record_id": [1, 2, 3, 4, 5],
            "clerk_id": [7, 7, 7, 8, 8],
            "first_name": ["Ana", "IVAN", "Marko4", None, "nepoznato"],
            "city": ["Split", "Split", "Zadar", "Zadar", " "],
            "email": ["ana@posta.example", "ivan@posta", "nema@posta.example", None, "info@posta.example"],
            "phone": ["021 123 4567", "000000", "12", None, "+385 91 123 4567"],
            "birth_date": pd.to_datetime(["1980-05-17", "1970-01-01", None, "2031-01-01", "1850-01-01"], utc=True),
            "created_at": pd.to_datetime(
                ["2025-01-01", "2025-01-05", "2025-02-01", "2025-02-02", "2023-03-01"], utc=True
            ),
        }
    )


def _faults(card, dimension):
    listed = card.faults(dimension=dimension)
    return sorted(zip(listed["record_id"], listed["column"], listed["rule"], strict=True))


def test_every_fault_of_a_hand_worked_table_is_found_and_no_other(people):
    card = quality.scorecard(people, as_of="2026-01-01")
    assert _faults(card, "completeness") == [
        (2, "birth_date", "says_something"),
        (2, "phone", "says_something"),
        (3, "birth_date", "filled"),
        (3, "email", "says_something"),
        (4, "email", "filled"),
        (4, "first_name", "filled"),
        (4, "phone", "filled"),
        (5, "city", "filled"),
        (5, "first_name", "says_something"),
    ]
    assert _faults(card, "validity") == [
        (2, "email", "email_form"),
        (3, "first_name", "letters"),
        (3, "phone", "phone_form"),
        (4, "birth_date", "birth_range"),
        (5, "birth_date", "birth_range"),
    ]
    assert _faults(card, "consistency") == [
        (2, "first_name", "capitals"),
        (4, "birth_date", "born_before_opened"),
        (5, "birth_date", "born_before_opened"),
        (5, "email", "own_address"),
    ]
    assert _faults(card, "timeliness") == [(5, "created_at", "fresh")]


def test_the_scores_are_those_of_the_hand_worked_table(people):
    card = quality.scorecard(people, as_of="2026-01-01")
    # first_name, city, email, phone and birth_date are needed: 25 cells, nine of them empty or saying nothing
    assert card.dimensions.loc["completeness"].tolist() == [25, 9, 1 - 9 / 25]
    assert card.dimensions.loc["timeliness"].tolist() == [5, 1, 0.8]
    assert card.columns.loc["phone", ["filled", "says_nothing", "completeness"]].tolist() == [
        0.8,
        0.2,
        pytest.approx(0.6),
    ]
    assert card.columns.loc["phone", "validity"] == pytest.approx(2 / 3)


def test_faults_are_counted_by_clerk_and_month_on_a_hand_worked_table(people):
    card = quality.scorecard(people, as_of="2026-01-01")
    by_clerk = card.by("clerk", dimension="completeness")
    assert by_clerk["faults"].to_dict() == {7: 4, 8: 5}
    assert by_clerk["faults_per_100"].to_dict() == {7: pytest.approx(400 / 3), 8: 250}
    assert by_clerk["usual_per_100"].tolist() == [180, 180]
    assert not by_clerk["stands_out"].any()
    assert card.by("month", column="phone")["faults"].to_dict() == {"2023-03": 0, "2025-01": 1, "2025-02": 2}


@pytest.mark.parametrize(
    ("operations", "filters"),
    [
        (["default_birth_date"], {"column": "birth_date", "rule": "says_something"}),
        (["wrong_code_page", "utf8_twice"], {"rule": "whole_letters"}),
        (["upper_case"], {"rule": "capitals"}),
    ],
)
def test_the_share_of_planted_errors_is_the_share_the_card_finds(base, card, operations, filters):
    edits = base.truth["edits"]
    edits = edits[
        edits["operation"].isin(operations)
        & edits["column"].isin(["first_name", "last_name", "street", "city", "birth_date"])
    ]
    planted = edits.drop_duplicates(["record_id", "column"])
    found = card.faults(**filters)
    cells = set(zip(found["record_id"], found["column"], strict=True))
    hit = sum(cell in cells for cell in zip(planted["record_id"], planted["column"], strict=True))
    assert len(planted) > 100
    assert hit >= 0.9 * len(planted)  # later errors, such as a town typed into the postcode, hide some
    assert len(cells) <= 1.1 * len(planted)


@pytest.mark.parametrize(
    ("operations", "filters"),
    [
        (["default_birth_date"], {"column": "birth_date", "rule": "says_something"}),
        (["upper_case"], {"rule": "capitals"}),
        (["lost_marks", "confused_c"], {"rule": "spelling"}),
    ],
)
def test_the_clerks_with_the_worst_habits_come_out_on_top(base, card, operations, filters):
    records = base.customers.dropna(subset=["clerk_id"]).set_index("record_id")["clerk_id"]
    edits = base.truth["edits"]
    edits = edits[edits["operation"].isin(operations) & edits["record_id"].isin(records.index)]
    planted = (edits["record_id"].map(records).value_counts() / records.value_counts()).fillna(0)
    found = card.by("clerk", **filters)
    assert found["faults_per_100"].corr(planted.reindex(found.index), method="spearman") > 0.85
    worst = set(planted.nlargest(10).index)
    assert len(worst & set(found.index[:10])) >= 6
    assert found["stands_out"].sum() >= 3
    assert (planted[found.index[found["stands_out"]]] > planted.mean()).all()


def test_no_clerk_stands_out_where_all_work_alike():
    rng = np.random.default_rng(5)
    towns = np.where(rng.random(20_000) < 0.1, "xxx", "Split")
    people = pd.DataFrame({"clerk_id": rng.integers(0, 100, 20_000), "city": towns})
    found = quality.scorecard(people).by("clerk", column="city")
    assert found["stands_out"].sum() <= 1


def test_a_base_without_errors_breaks_hardly_a_rule():
    base = simulate.company("telco", customers=3_000, seed=4, locale="hr", mess="none")
    card = quality.scorecard(base.customers, as_of=base.as_of)
    rules = card.rules[card.rules["counted"] & card.rules["dimension"].isin(["validity", "consistency"])]
    assert rules["faults"].sum() <= 0.0005 * rules["cells"].sum()
    assert (card.rules[card.rules["rule"] == "says_something"]["faults"] == 0).all()


@pytest.mark.parametrize("locale", ["en", "de"])
def test_a_base_of_another_country_breaks_hardly_a_rule_of_its_own(locale):
    base = simulate.company("bank", customers=2_000, seed=4, locale=locale, mess="none")
    card = quality.scorecard(base.customers, as_of=base.as_of, locale=locale)
    rules = card.rules[card.rules["counted"] & card.rules["dimension"].isin(["validity", "consistency"])]
    assert rules["faults"].sum() <= 0.001 * rules["cells"].sum(), rules[rules["faults"] > 0]


def test_made_up_numbers_fail_their_check_digits_and_the_card_says_it_does_not_count_them(base, card):
    doubted = card.rules.set_index(["column", "rule"]).loc[[("oib", "oib_check_digit"), ("iban", "iban_check_digit")]]
    assert (doubted["share"] == 1).all() and not doubted["counted"].any()
    assert "oib oib_check_digit (100%)" in repr(card)
    assert card.columns.loc["oib", "validity"] == 1


def test_real_numbers_with_a_slip_are_counted():
    oibs = ["33392005961"] * 0 + ["33392005961", "94577403194", "33392005962"]
    card = quality.scorecard(pd.DataFrame({"oib": oibs}))
    assert card.rules.set_index("rule").loc["oib_check_digit", ["faults", "counted"]].tolist() == [1, True]
    assert card.faults(rule="oib_check_digit")["value"].tolist() == ["33392005962"]


def test_a_day_of_birth_far_too_common_is_a_habit_not_a_birthday():
    days = pd.date_range("1950-01-01", periods=400, freq="31D", tz="UTC")
    born = pd.Series([*days, *[pd.Timestamp("1980-06-15", tz="UTC")] * 40])
    card = quality.scorecard(pd.DataFrame({"birth_date": born}))
    assert card.faults(rule="says_something")["value"].unique().tolist() == ["1980-06-15"]


def test_the_order_of_rows_changes_nothing(base):
    some = base.customers.head(1_500)
    mixed = some.sample(frac=1, random_state=3)
    one, other = (quality.scorecard(frame, as_of=base.as_of) for frame in (some, mixed))
    pd.testing.assert_frame_equal(one.rules, other.rules)
    pd.testing.assert_frame_equal(one.by("clerk").sort_index(), other.by("clerk").sort_index())
    faults = [card.faults().sort_values(["record_id", "column", "rule"]) for card in (one, other)]
    pd.testing.assert_frame_equal(*faults)


def test_the_table_stays_as_it_was(base):
    some = base.customers.head(500)
    before = some.copy(deep=True)
    quality.scorecard(some).by("month")
    pd.testing.assert_frame_equal(some, before)


def test_text_categories_and_objects_are_scored_alike(people):
    as_object = people.assign(**{name: people[name].astype(object) for name in ("first_name", "city", "email")})
    as_category = people.assign(**{name: people[name].astype("category") for name in ("first_name", "city", "email")})
    first = quality.scorecard(people, as_of="2026-01-01").rules
    for frame in (as_object, as_category):
        pd.testing.assert_frame_equal(quality.scorecard(frame, as_of="2026-01-01").rules, first)


def test_dates_as_text_are_read_day_first_and_what_is_no_date_is_a_fault():
    people = pd.DataFrame({"record_id": [1, 2, 3, 4], "birth_date": ["17.5.1980.", "1980-05-17", "1.1.1970", "soon"]})
    card = quality.scorecard(people)
    assert _faults(card, "validity") == [(4, "birth_date", "date")]
    assert _faults(card, "completeness") == [(3, "birth_date", "says_something")]


def test_any_table_can_be_scored():
    log = pd.DataFrame({"record_id": [1, 1, 2], "amount_cents": [100, 2.5, 300], "ts": ["2025-01-01", "later", None]})
    card = quality.scorecard(log)
    assert sorted(zip(card.faults()["column"], card.faults()["rule"], strict=True)) == [
        ("amount_cents", "promise"),
        ("ts", "date"),
        ("ts", "filled"),
    ]
    strange = pd.DataFrame({"farbe": ["rot", None, "rot"], 5: [1, 2, 1], "list": [[1], [2], [1]]})
    card = quality.scorecard(strange)
    assert card.columns["completeness"].to_dict() == {"farbe": pytest.approx(2 / 3), "5": 1, "list": 1}
    assert card.faults(dimension="uniqueness").index.tolist() == [2]


@pytest.mark.parametrize("company", ["retail", "b2b"])
def test_every_table_of_every_company_can_be_scored(company):
    base = simulate.company(company, customers=200, seed=2, locale="hr")
    for name in base:
        card = quality.scorecard(base[name], as_of=base.as_of)
        rules = card.rules[card.rules["counted"] & (card.rules["dimension"] == "validity")]
        assert rules["faults"].sum() <= 0.03 * rules["cells"].sum(), name


@pytest.mark.parametrize(
    "column",
    [
        ["Ana", "Ana", "Ana"],
        [None, None, None],
        ["😀", "Ана", "安"],
        ["", " ", float("nan")],
        pd.Series([1.0, np.inf, np.nan]),
        pd.Series([True, False, None]),
    ],
    ids=["constant", "empty", "scripts", "blanks", "numbers", "flags"],
)
def test_odd_columns_are_scored_without_falling_over(column):
    names = ["first_name", "email", "phone", "birth_date", "oib", "iban", "postcode", "consent_email", "x"]
    card = quality.scorecard(pd.DataFrame(dict.fromkeys(names, column)))
    assert (card.rules["faults"] <= card.rules["cells"]).all()
    assert card._repr_html_().startswith("<p><b>3 rows, 9 columns")


def test_one_row_and_identical_rows_are_scored():
    one = pd.DataFrame({"record_id": [1], "first_name": ["Ana"], "city": ["Split"]})
    assert quality.scorecard(one).dimensions["score"].eq(1).all()
    same = pd.concat([one] * 4, ignore_index=True).assign(record_id=[1, 2, 3, 4])
    assert quality.scorecard(same).dimensions.loc["uniqueness"].tolist() == [4, 3, 0.25]


def test_the_record_opened_first_is_not_the_one_at_fault():
    people = pd.DataFrame(
        {
            "record_id": [1, 2],
            "oib": ["33392005961"] * 2,
            "created_at": pd.to_datetime(["2025-02-01", "2025-01-01"], utc=True),
        }
    )
    assert quality.scorecard(people).faults(column="oib", rule="once")["record_id"].tolist() == [1]


def test_firms_need_no_day_of_birth():
    people = pd.DataFrame({"company_name": ["Lipa d.o.o.", None], "birth_date": pd.to_datetime([None, None], utc=True)})
    assert quality.scorecard(people, required=["birth_date"]).dimensions.loc["completeness"].tolist() == [1, 1, 0]


def test_a_town_that_does_not_fit_its_postcode_is_found_where_the_table_knows_better():
    towns = pd.DataFrame({"postcode": ["21000"] * 30 + ["10000"] * 30, "city": ["Split"] * 29 + ["Zagreb"] * 31})
    assert quality.scorecard(towns).faults(rule="fits_town").index.tolist() == [29]
    few = towns.iloc[[27, 28, 29]]
    assert quality.scorecard(few).rules.set_index("rule").loc["fits_town", "cells"] == 0


def test_swapped_names_are_found_where_the_table_knows_which_is_which():
    people = pd.DataFrame({"first_name": ["Ana"] * 6 + ["Horvat"], "last_name": ["Horvat"] * 6 + ["Ana"]})
    assert quality.scorecard(people).faults(rule="own_field").index.tolist() == [6]


def test_an_address_with_neither_name_in_it_is_doubtful():
    people = pd.DataFrame(
        {
            "first_name": ["Ana", "Đurđica", "Ivo", "Eva"],
            "last_name": ["Kovač-Babić", "Perić", "Šimić", "Jurić"],
            "email": ["ababic@posta.example", "durdica5@posta.example", "simic@posta.example", "sunce77@posta.example"],
        }
    )
    assert quality.scorecard(people).faults(rule="fits_name").index.tolist() == [3]


def test_figures_carry_their_finding(card):
    figure = card.figure("clerk", rule="capitals")
    first = card.by("clerk", rule="capitals").index[0]
    assert figure.finding.startswith(f"clerk {first} stands out")
    assert "weakest column" in card.figure().finding
    assert all(chart.words for chart in (figure, card.figure(), card.figure("month"), card.figure("channel")))


def test_the_card_says_from_when_it_looks_and_an_entry_in_the_future_is_a_fault():
    people = pd.DataFrame({"updated_at": pd.to_datetime(["2025-05-01", "2099-01-01"], utc=True)})
    assert "seen from 2099-01-02" in repr(quality.scorecard(people))
    card = quality.scorecard(people, as_of="2026-01-01")
    assert "seen from 2026-01-01" in card._repr_html_()
    assert card.faults(rule="not_in_future")["value"].tolist() == ["2099-01-01"]


def test_habits_name_what_a_clerk_does_otherwise(base, card):
    clerk = card.by("clerk", rule="capitals").index[0]
    habits = card.habits(clerk)
    assert habits["stands_out"].iloc[0]
    assert "capitals" in set(habits[habits["stands_out"]].index.get_level_values("rule"))
    assert set(card.faults(clerk=clerk)["record_id"]) <= set(
        base.customers.loc[base.customers["clerk_id"] == int(clerk), "record_id"]
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quality.scorecard([1, 2]), "found a list"),
        (lambda: quality.scorecard(pd.DataFrame({"a": []})), "there is no row in it"),
        (lambda: quality.scorecard(pd.DataFrame(index=[1])), "there is no column in it"),
        (lambda: quality.scorecard(pd.DataFrame([[1, 2]], columns=["a", "a"])), "same name: a"),
        (lambda: quality.scorecard(pd.DataFrame({"city": ["x"]}), required=["ctiy"]), "Did you mean 'city'"),
        (lambda: quality.scorecard(pd.DataFrame({"city": ["x"]}), required="city"), "in a list"),
        (lambda: quality.scorecard(pd.DataFrame({"city": ["x"]}), fresh_days=0), "a whole number from 1"),
        (lambda: quality.scorecard(pd.DataFrame({"city": ["x"]}), locale="fr"), "hr, en, de"),
        (lambda: quality.scorecard(pd.DataFrame({"city": ["x"]}), as_of="soon"), "year-month-day"),
        (lambda: quality.scorecard(pd.DataFrame({"city": ["x"]})).by("clerk"), "no column 'clerk_id'"),
        (lambda: quality.scorecard(pd.DataFrame({"clerk_id": [1]})).by("klerk"), "allowed : channel, clerk, month"),
        (
            lambda: quality.scorecard(pd.DataFrame({"clerk_id": [1]})).by("clerk", rule="x"),
            "nothing was checked by the name",
        ),
        (lambda: quality.scorecard(pd.DataFrame({"clerk_id": [1]})).faults(clerk=2), "no records of clerk 2"),
        (lambda: quality.scorecard(pd.DataFrame({"clerk_id": [1], "city": [None]})).habits(2), "no records of clerk 2"),
    ],
)
def test_wrong_calls_get_a_message_that_helps(call, words):
    with pytest.raises(CrmlabError, match=words):
        call()
