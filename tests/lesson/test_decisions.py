"""Questions open to judgement are checked by their form and by the figure their reason stands on."""

import pytest

from crmlab.lesson import Decision
from crmlab.lesson.decision import figures_named

FIGURES = {"share of tier 0": 0.4831, "calls that may be made": 173, "value in euros": 12_345.6}
REASON = "they carry {} of the whole base and a call helps them find the plan that fits"


@pytest.fixture
def decision():
    return Decision(
        "7.8",
        choices=["call tier 0", "call everybody"],
        figures=FIGURES,
        praise="you can defend that.",
        slips={"call everybody": "the budget is for 400."},
        hints=["a", "b"],
        reveal="call tier 0",
        rubric="2 marks",
    )


@pytest.mark.parametrize(
    "answer", [(), (...,), ("call tier 0",), ("call tier 0", ...), (..., "because"), ("...", "...")]
)
def test_half_an_answer_is_not_yet(decision, answer):
    assert decision.check(*answer).verdict == "not yet"


@pytest.mark.parametrize(
    "written",
    ["48 %", "48%", "48,3 %", "0.48", "0,483", "48.31 %", "173", "12,346", "12.346", "12 345,6 → 12345.6", "12,345.60"],
)
def test_a_figure_counts_however_people_write_and_round_it(decision, written):
    assert decision.check("Call tier 0 ", REASON.format(written)).verdict == "correct"


@pytest.mark.parametrize("written", ["44 %", "0.40", "17", "1 730", "80 %"])
def test_a_number_that_is_none_of_the_figures_is_sent_back(decision, written):
    note = decision.check("call tier 0", REASON.format(written))
    assert note.verdict == "look again"
    assert "none of the numbers" in note.text
    assert "share of tier 0" in note.text


@pytest.mark.parametrize(
    ("choice", "because", "words"),
    [
        ("call everybody", REASON.format("48 %"), "the budget is for 400."),
        ("call tier 9", REASON.format("48 %"), "Did you mean 'call tier 0'?"),
        (3, REASON.format("48 %"), "the choice is a number. Choose one of"),
        ("call tier 0", REASON.format("half"), "a reason needs a figure. Name one you worked out: share of tier 0"),
        ("call tier 0", "48 %", "needs about 12 different words, yours has 0"),
        ("call tier 0", "very " * 40 + "good 48 %", "yours has 2"),
        ("call tier 0", 0.48, "a reason is a sentence in quotes. This is a number."),
        ("call tier 0", ["48 %"], "This is a list of 1 value"),
    ],
)
def test_what_is_missing_is_said(decision, choice, because, words):
    note = decision.check(choice, because)
    assert note.verdict == "look again"
    assert words in note.text


def test_a_figure_is_never_given_away(decision):
    said = [decision.check("call tier 0", REASON.format(written)).text for written in ("nothing", "99 %")]
    assert not any("48" in text or "173" in text for text in said)


def test_a_share_may_be_written_as_a_percentage_but_not_the_other_way_round():
    assert figures_named("61 %", {"share": 0.61, "customers": 61}) == ["share"]
    assert figures_named("61", {"share": 0.61, "customers": 61}) == ["customers"]
    assert figures_named("tier 0 before tier 1", {"share": 0.24, "rest": 0.76, "all": 1.0}) == ["all"]
