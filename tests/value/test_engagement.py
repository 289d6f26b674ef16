"""Referral, influencer, knowledge and engagement value: by hand, and no cent credited twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import simulate, value
from crmlab.errors import CrmlabError

# Ana brought Ivo and Mia; Ivo brought Jan; Jan brought Eva; nobody brought Leo
WORTH = pd.Series({"Ana": 100_00, "Ivo": 80_00, "Mia": 50_00, "Jan": 40_00, "Eva": -20_00, "Leo": 10_00})
BROUGHT = pd.DataFrame({"record_id": ["Ivo", "Mia", "Jan", "Eva"], "referred_by": ["Ana", "Ana", "Ivo", "Jan"]})


def test_referral_value_counts_who_was_won_whole_and_who_would_have_come_by_the_cost_saved():
    anyway = {"Ivo": 0, "Mia": 1, "Jan": 0.25, "Eva": 0}
    got = value.referral_value(BROUGHT, WORTH, would_have_joined=anyway, acquisition_cents=15_00)
    assert got["won_cents"].to_dict() == {"Ana": 80_00, "Ivo": 30_00, "Mia": 0, "Jan": -20_00, "Eva": 0, "Leo": 0}
    assert got["saved_cents"].to_dict() == {"Ana": 30_00, "Ivo": 15_00, "Mia": 0, "Jan": 15_00, "Eva": 0, "Leo": 0}
    assert got["referral_value_cents"]["Ana"] == 110_00
    assert got["n_brought"].tolist() == [2, 1, 0, 1, 0, 0]


def test_influence_reaches_down_the_chain_and_halves_at_each_step():
    got = value.influencer_value(BROUGHT, WORTH, share=0.5)
    assert got["n_downstream"].tolist() == [4, 2, 0, 1, 0, 0]
    assert got["downstream_value_cents"].tolist() == [150_00, 20_00, 0, -20_00, 0, 0]
    # Ana gets a half of Ivo and Mia, a quarter of Jan, an eighth of Eva
    assert got["influencer_value_cents"]["Ana"] == 40_00 + 25_00 + 10_00 - 2_50
    assert got["own_cents"].to_dict() == {
        "Ana": 100_00,
        "Ivo": 40_00,
        "Mia": 25_00,
        "Jan": 20_00,
        "Eva": -10_00,
        "Leo": 10_00,
    }
    assert got["credited_cents"].sum() == WORTH.sum()


def test_engagement_value_is_right_by_hand():
    anyway = {"Ivo": 0, "Mia": 1, "Jan": 0.5, "Eva": 0}
    learned = pd.Series({"Leo": 7_00, "Ana": 3_00})
    got = value.engagement_value(
        WORTH, BROUGHT, share=0.5, would_have_joined=anyway, acquisition_cents=2_00, knowledge_cents=learned
    )
    # passed on: Ivo 50 %, Mia nothing, Jan 25 %, Eva 50 %
    assert got["purchase_cents"].tolist() == [100_00, 40_00, 50_00, 30_00, -10_00, 10_00]
    assert got["referral_cents"].tolist() == [40_00 + 4_00, 5_00 + 2_00, 0, -7_50 + 2_00, 0, 0]
    assert got["influencer_cents"].tolist() == [5_00 - 1_25, -2_50 + 1_25, 0, 0, 0, 0]
    assert got["knowledge_cents"].tolist() == [3_00, 0, 0, 0, 0, 7_00]
    assert got["engagement_value_cents"].sum() == WORTH.sum() + 4 * 2_00 + 10_00


@st.composite
def forests(draw):
    n = draw(st.integers(1, 25))
    # everybody is brought by somebody named later, or by nobody: no circle can be
    by = [draw(st.integers(k, n - 1)) for k in range(n)]
    names = draw(st.permutations(range(n)))
    rows = [(names[k], names[b]) for k, b in enumerate(by) if b != k]
    cents = draw(st.lists(st.integers(-(10**6), 10**9), min_size=n, max_size=n))
    return pd.DataFrame(rows, columns=["record_id", "referred_by"], dtype="int64"), pd.Series(cents)


@settings(max_examples=60, deadline=None)
@given(forests(), st.floats(0, 1), st.floats(0, 1), st.integers(0, 5000), st.randoms(use_true_random=False))
def test_every_cent_is_credited_once_whatever_the_shares_and_the_order(forest, share, anyway, saved, random):
    links, worth = forest
    learned = pd.Series([17], index=worth.index[:1])
    options = {"share": share, "would_have_joined": anyway, "acquisition_cents": saved, "knowledge_cents": learned}
    got = value.engagement_value(worth, links, **options)
    assert got["engagement_value_cents"].sum() == worth.sum() + saved * len(links) + 17
    parts = ["purchase_cents", "referral_cents", "influencer_cents", "knowledge_cents"]
    assert (got[parts].sum(axis=1) == got["engagement_value_cents"]).all()
    reach = value.influencer_value(links, worth, share=share)
    assert reach["credited_cents"].sum() == worth.sum()
    order = list(range(len(links)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(value.engagement_value(worth[::-1], links.iloc[order], **options)[::-1], got)


def test_with_nothing_passed_on_everybody_keeps_their_own():
    got = value.engagement_value(WORTH, BROUGHT, share=0, would_have_joined=0)
    assert got["engagement_value_cents"].to_dict() == WORTH.to_dict()
    same = value.engagement_value(WORTH, BROUGHT, share=1, would_have_joined=1)
    pd.testing.assert_frame_equal(got, same)


def test_with_everything_passed_on_the_first_of_a_chain_has_it_all():
    got = value.influencer_value(BROUGHT, WORTH, share=1)
    assert got["credited_cents"].to_dict() == {"Ana": 250_00, "Ivo": 0, "Mia": 0, "Jan": 0, "Eva": 0, "Leo": 10_00}


def test_a_chain_of_ten_thousand_is_followed_to_its_end():
    n = 10_000
    chain = pd.DataFrame({"record_id": np.arange(1, n), "referred_by": np.arange(n - 1)})
    got = value.influencer_value(chain, pd.Series(100, index=range(n)), share=0.5)
    assert got["n_downstream"].tolist() == list(range(n - 1, -1, -1))
    assert got["credited_cents"].sum() == 100 * n


def test_of_a_merged_base_both_ends_of_a_referral_are_customers():
    merged = pd.DataFrame(
        {"record_id": [12, 13], "referred_by": [3, 2], "customer_id": [2, 3], "referred_by_customer": [1, 2]}
    )
    worth = pd.Series({1: 100, 2: 80, 3: 40})  # records 2 and 3 are not customers 2 and 3
    plain = pd.DataFrame({"record_id": [2, 3], "referred_by": [1, 2]})
    pd.testing.assert_frame_equal(
        value.influencer_value(merged, worth, share=0.5), value.influencer_value(plain, worth, share=0.5)
    )
    with pytest.raises(CrmlabError, match="who brought them by referred_by alone"):
        value.influencer_value(merged.drop(columns="referred_by_customer"), worth, share=0.5)
    named = plain.rename(columns={"record_id": "customer_id"})
    assert value.influencer_value(named, worth, share=0.5).loc[1, "n_downstream"] == 2


def contacts(rows):
    frame = pd.DataFrame(rows, columns=["record_id", "type", "direction"])
    return frame.astype({"type": "category", "direction": "category"})


CONTACTS = contacts(
    [(1, "inquiry", "in"), (1, "complaint", "in"), (2, "inquiry", "in"), (2, "inquiry", "out"), (3, "visit", "in")]
)
POSTS = pd.DataFrame({"record_id": [4, 4, None, 2], "reply_to": [None, 99, None, None]}).astype("Int64")


def test_knowledge_is_shared_by_what_each_customer_began_to_tell():
    got = value.knowledge_value(CONTACTS, POSTS, worth_cents=100)
    assert got.index.tolist() == [1, 2, 4]
    assert got[["n_inquiries", "n_complaints", "n_posts"]].to_numpy().tolist() == [[1, 1, 0], [1, 0, 1], [0, 0, 1]]
    assert got["knowledge_value_cents"].tolist() == [40, 40, 20]
    assert value.knowledge_value(CONTACTS, POSTS, worth_cents=101)["knowledge_value_cents"].tolist() == [41, 40, 20]
    assert value.knowledge_value(CONTACTS, worth_cents=0)["knowledge_value_cents"].tolist() == [0, 0]


def test_a_whole_base_adds_up_to_the_cent():
    base = simulate.company("telco", customers=300, seed=1)
    profit = value.customer_profit(base.transactions, base.touchpoints)["profit_cents"]
    people = [*base.referrals["record_id"], *base.referrals["referred_by"]]
    learned = value.knowledge_value(base.touchpoints, base.mentions, worth_cents=10_000_01)["knowledge_value_cents"]
    everybody = profit.index.union(pd.unique(pd.Series(people))).union(learned.index)
    worth = profit.reindex(everybody, fill_value=0)
    options = {"share": 0.5, "would_have_joined": 0.3, "acquisition_cents": 40_00, "knowledge_cents": learned}
    got = value.engagement_value(worth, base.referrals, **options)
    assert learned.sum() == 10_000_01
    assert got["engagement_value_cents"].sum() == profit.sum() + 40_00 * len(base.referrals) + 10_000_01


def circle(*pairs):
    return pd.DataFrame(pairs, columns=["record_id", "referred_by"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: value.influencer_value(circle(("Ivo", "Ana"), ("Ana", "Ivo")), WORTH, share=0.5), "circle: Ana, Ivo"),
        (lambda: value.influencer_value(circle(("Ivo", "Ivo")), WORTH, share=0.5), "brought themselves"),
        (lambda: value.influencer_value(circle(("Ivo", "Ana"), ("Ivo", "Mia")), WORTH, share=0.5), "once: Ivo"),
        (lambda: value.influencer_value(circle(("Zoe", "Ana")), WORTH, share=0.5), "no value for customers Zoe"),
        (lambda: value.influencer_value(BROUGHT, WORTH, share=50), "write 0.3 for 30 %"),
        (lambda: value.influencer_value(BROUGHT, WORTH.tolist(), share=0.5), "it has no customers' names"),
        (lambda: value.influencer_value(BROUGHT, pd.concat([WORTH, WORTH]), share=0.5), "stands in it twice"),
        (lambda: value.influencer_value(BROUGHT[["record_id"]], WORTH, share=0.5), "no column 'referred_by'"),
        (
            lambda: value.referral_value(BROUGHT, WORTH, would_have_joined={"Ivo": 1}, acquisition_cents=1),
            "some brought customers have none",
        ),
        (
            lambda: value.referral_value(BROUGHT, WORTH, would_have_joined=[0.1] * len(BROUGHT), acquisition_cents=1),
            r"found a list(.|\n)*with the customers' names",
        ),
        (lambda: value.influencer_value(BROUGHT, WORTH, share=np.full(len(BROUGHT), 0.1)), "found a ndarray"),
        (
            lambda: value.knowledge_value(CONTACTS, POSTS.assign(record_id=["x9", None, None, None]), worth_cents=1),
            "mentions.record_id: customers are named otherwise than in touchpoints, for instance x9",
        ),
        (
            lambda: value.referral_value(BROUGHT, WORTH, would_have_joined=0.5, acquisition_cents=0.5),
            "acquisition_cents: found 0.5",
        ),
        (
            lambda: value.referral_value(BROUGHT, WORTH, would_have_joined=0.5, acquisition_cents=-15_00),
            r"acquisition_cents: found -1500\.(.|\n)*0 or more",
        ),
        (
            lambda: value.engagement_value(WORTH, BROUGHT, share=0.5, would_have_joined=0, acquisition_cents=-15_00),
            r"acquisition_cents: found -1500\.(.|\n)*0 or more",
        ),
        (
            lambda: value.engagement_value(
                WORTH, BROUGHT, share=0.5, would_have_joined=0, knowledge_cents=pd.Series({"Zoe": 1})
            ),
            "customers without a value, or twice: Zoe",
        ),
        (lambda: value.knowledge_value(CONTACTS[4:], worth_cents=100), "no customer began an inquiry"),
        (
            lambda: value.knowledge_value(CONTACTS.rename(columns={"record_id": "customer_id"}), POSTS, worth_cents=1),
            "touchpoints name the customer by customer_id, mentions by record_id",
        ),
        (lambda: value.knowledge_value(CONTACTS, worth_cents=-1), "0 or more"),
        (lambda: value.knowledge_value(CONTACTS.drop(columns="type"), worth_cents=1), "no column 'type'"),
    ],
)
def test_what_cannot_be_credited_gets_its_message(call, words):
    with pytest.raises(CrmlabError, match=words) as refused:
        call()
    assert "  next    : " in str(refused.value)
