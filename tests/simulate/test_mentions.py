"""Mentions: posts bring posts as often as planted, and no handle gives its author away."""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab.simulate.asked import spec

HANDLE = re.compile(r"[a-z]{14,}\.example")


@pytest.fixture(scope="module", params=["retail", "telco"])
def known(request):
    """A base, its spec, and its posts with their parents and what is true of them."""
    base = request.getfixturevalue(request.param)
    causes = base.truth.causes[base.truth.causes["table"] == "mentions"].rename(columns={"event_id": "mention_id"})
    truth = base.truth.mentions.rename(columns={"topic": "true_topic", "sentiment": "true_sentiment"})
    posts = base.mentions.merge(causes[["mention_id", "parent_id"]], on="mention_id").merge(truth, on="mention_id")
    return base, spec(request.param)["mentions"], posts


def test_each_post_brings_as_many_others_as_planted(known):
    """Counted by their parents, for posts early enough for all they bring to be seen."""
    base, asked, posts = known
    early = posts[posts["ts"] < base.as_of - pd.Timedelta(days=20)]
    brought = posts["parent_id"].value_counts().reindex(early["mention_id"], fill_value=0)
    assert abs(brought.mean() - asked["branching"]) < 4 * brought.std() / np.sqrt(len(early))
    assert brought.var() == pytest.approx(asked["branching"], rel=0.1)  # Poisson


def test_posts_follow_their_parents_after_an_exponential_time(known):
    base, asked, posts = known
    parents = posts.set_index("mention_id").loc[posts["parent_id"].dropna()].reset_index()
    children = posts[posts["parent_id"].notna()].reset_index()
    hours = (children["ts"] - parents["ts"]).dt.total_seconds() / 3_600
    hours = hours[parents["ts"] < base.as_of - pd.Timedelta(days=20)]
    assert hours.min() > 0
    assert hours.mean() == pytest.approx(asked["hours"], rel=0.06)
    assert (hours < asked["hours"] * np.log(2)).mean() == pytest.approx(0.5, abs=0.03)
    for column in ("true_topic", "platform", "language", "person_id"):
        assert (children[column].astype(str) == parents[column].astype(str)).all(), column


def test_talks_begin_as_often_as_asked(known):
    base, asked, posts = known
    joined = base.customers.merge(base.truth.links, on="record_id").groupby("person_id")["created_at"].min()
    left = base.truth.value.set_index("person_id")["alive_until"]
    left = left.where(left < base.as_of, base.as_of).dt.normalize()
    years = (left - joined.dt.normalize() - pd.Timedelta(days=1)).dt.days.clip(lower=0) / 365.25
    begun = posts.loc[posts["parent_id"].isna(), "person_id"].value_counts().reindex(years.index, fill_value=0)
    assert abs(begun.sum() - asked["per_year"] * years.sum()) < 4 * begun.std() * np.sqrt(len(years))
    assert begun.var() > 1.5 * begun.mean()  # few begin most of them


def test_an_answer_names_the_post_that_brought_it(known):
    _, asked, posts = known
    children = posts[posts["parent_id"].notna()]
    answers = children[children["reply_to"].notna()]
    assert posts.loc[posts["parent_id"].isna(), "reply_to"].isna().all()
    assert (answers["reply_to"] == answers["parent_id"]).all()
    error = 4 * np.sqrt(asked["replies"] * (1 - asked["replies"]) / len(children))
    assert abs(len(answers) / len(children) - asked["replies"]) < error


def test_handles_are_made_up_and_tell_nothing(known):
    base, _, posts = known
    assert posts["handle"].map(HANDLE.fullmatch).notna().all()
    own = posts[posts["by_customer"]]
    assert own.groupby("handle")["person_id"].nunique().max() == 1
    assert own.groupby("person_id")["handle"].nunique().max() == 1
    authors = base.truth.authors.set_index("handle")["person_id"]
    assert (authors.reindex(own["handle"]).to_numpy() == own["person_id"].to_numpy()).all()
    strangers = posts.loc[~posts["by_customer"], "handle"]
    assert not strangers.isin(authors.index).any()
    lengths = [some.str.len() for some in (pd.Series(authors.index), strangers.drop_duplicates())]
    apart = abs(lengths[0].mean() - lengths[1].mean())
    assert apart < 4 * np.sqrt(sum(some.var() / len(some) for some in lengths))


def test_a_record_is_known_only_where_its_person_agreed_and_wrote(known):
    base, asked, posts = known
    linked = posts[posts["record_id"].notna()]
    agreed = base.customers.set_index("record_id")["consent_profiling"]
    assert linked["by_customer"].all()
    assert agreed.loc[linked["record_id"]].all()
    persons = base.truth.links.set_index("record_id")["person_id"]
    assert (persons.loc[linked["record_id"]].to_numpy() == linked["person_id"].to_numpy()).all()
    assert 0 < len(linked) < asked["linked"] * posts["by_customer"].sum()


def test_the_listening_tool_is_right_as_often_as_asked(known):
    _, asked, posts = known
    for column, choices in (("topic", len(asked["topics"])), ("sentiment", 3)):
        share = asked["tool_right"] + (1 - asked["tool_right"]) / choices
        found = (posts[column].astype(str) == posts[f"true_{column}"].astype(str)).mean()
        assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / len(posts)), column


def test_those_who_are_served_worse_speak_worse(known):
    base, _, posts = known
    served = base.truth.moments.groupby("person_id")["latent_perception"].mean()
    first = posts[posts["parent_id"].isna()].join(served, on="person_id").dropna(subset=["latent_perception"])
    bad = first["true_sentiment"] == "negative"
    worse = first["latent_perception"] < first["latent_perception"].median()
    error = np.sqrt(0.25 / worse.sum() + 0.25 / (~worse).sum())
    assert bad[worse].mean() > bad[~worse].mean() + 2 * error


@pytest.mark.parametrize("locale", ["hr", "en", "de"])
def test_texts_are_whole_sentences_of_their_language(base, locale):
    posts = base("telco", customers=2_000, seed=7, locale=locale).mentions
    assert posts["text"].str.fullmatch(r"[A-ZČĆĐŠŽÄÖÜ0-9].*[.?!]").all()
    assert not posts["text"].str.contains(r"[{}]").any()
    shares = posts["language"].value_counts(normalize=True)
    assert shares.idxmax() == locale
    assert set(posts["language"]) == {locale, "en"}
    letters = {"hr": "[čćđšž]", "de": "[äöüß]"}
    for language, letter in letters.items():
        has = posts.loc[posts["language"] == language, "text"].str.contains(letter)
        assert has.any() == (language == locale), language
        assert not posts.loc[posts["language"] == "en", "text"].str.contains(letter).any()
