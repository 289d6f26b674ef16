"""Figures: the finding is the data's own, drawn the same each time, told apart by everyone."""

import numpy as np
import pandas as pd
import pytest

from crmlab import report, segment, value
from crmlab.chart import ACCENT, SHADES
from crmlab.errors import CrmlabError

CENTS = pd.Series([900, 500, 300, 200, 100])
SUMMARY = segment.ValueTiers(shares=(0.5, 0.8)).fit(CENTS).summary(CENTS)
SCORES = pd.DataFrame({"r": [5, 5, 4, 1, 1], "f": [5, 4, 1, 1, 1], "m": [5, 4, 3, 2, 1]})
LOG = pd.DataFrame({"channel": ["web", "web", "branch", "call_centre", "web"]})
RECORDS = pd.DataFrame({"name": list("abcd"), "email": ["e", None, None, None], "phone": ["p", None, "p", "p"]})
FIGURES = {
    "touchpoints": lambda: report.touchpoints_figure(LOG, {"branch": "sales", "call_centre": "care"}),
    "filled": lambda: report.filled_figure(RECORDS, {"sign-up": ["name", "phone"], "the shop": ["email"]}),
    "lorenz": lambda: report.lorenz_figure(CENTS),
    "whale": lambda: report.whale_figure([900, 500, -100]),
    "tiers": lambda: report.tiers_figure(SUMMARY),
    "rfm": lambda: report.rfm_figure(SCORES),
}


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("touchpoints", "Nobody answers for 60% of the 5 touch points, most of all for web."),
        ("filled", "2 of 3 columns are filled in fewer than 90% of records, email least: 25%."),
        ("lorenz", "The best 20% of customers bring 45% of the value."),
        ("whale", "33% of customers cost money: profit would be 7.7% higher without them."),
        ("tiers", "Tier 0 is 40% of customers and brings 70% of the value."),
        ("rfm", "40% of customers score at the top both in how lately and how often they bought."),
    ],
)
def test_the_title_says_what_a_hand_calculation_finds(name, finding):
    figure = FIGURES[name]()
    assert figure.finding == finding
    assert figure.axes[0].get_title(loc="left").replace("\n", " ") == finding


@pytest.mark.parametrize("name", FIGURES)
def test_axes_carry_names_with_units_and_words_say_how_to_read(name):
    figure = FIGURES[name]()
    axes = figure.axes[0]
    assert "(" in axes.get_xlabel()
    assert axes.get_ylabel() or axes.get_yticklabels()[0].get_text().startswith("tier")
    assert len(figure.words) > 80


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_data_give_the_same_picture(name):
    assert FIGURES[name]().svg() == FIGURES[name]().svg()
    assert FIGURES[name]()._repr_png_() == FIGURES[name]()._repr_png_()


def test_a_base_without_losses_is_said_to_have_none():
    assert report.whale_figure([5, 4, 0]).finding == "No customer costs money: the curve never falls."


def test_where_each_channel_has_an_owner_the_largest_is_named():
    owners = {"web": "marketing", "branch": "sales", "call_centre": "marketing"}
    assert report.touchpoints_figure(LOG, owners).finding == "Of 5 touch points most are with marketing: 80%."


def test_where_all_columns_are_filled_it_is_said():
    finding = report.filled_figure(RECORDS, {"sign-up": ["name"]}).finding
    assert finding == "Every column is filled in 90% of records or more."


def test_a_large_base_is_drawn_with_few_points_that_keep_the_peak():
    profit = np.append(np.arange(1, 50_001), [-1_000_000])
    figure = report.whale_figure(profit)
    drawn = figure.axes[0].lines[1].get_ydata()
    assert len(drawn) < 500
    assert drawn.max() == value.whale_curve(profit)["share_of_profit"].max()


def _lightness(colour):
    """CIE L* of an sRGB colour: what a grey print keeps of it."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16


def test_colours_stay_apart_in_grey_print():
    steps = np.diff([_lightness(shade) for shade in SHADES])
    assert (steps > 12).all()
    assert abs(_lightness(ACCENT) - _lightness(SHADES[0])) > 30


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: report.tiers_figure(CENTS), "pass what ValueTiers"),
        (lambda: report.tiers_figure(SUMMARY.drop(columns="share_of_value")), "no column 'share_of_value'"),
        (lambda: report.rfm_figure(SCORES.drop(columns="f")), "no column 'f'"),
        (lambda: report.touchpoints_figure(RECORDS, {}), "no column 'channel'"),
        (lambda: report.touchpoints_figure(LOG.head(0), {}), "there is no contact"),
        (lambda: report.touchpoints_figure(LOG, {"wbe": "sales"}), "where no contact happened"),
        (lambda: report.filled_figure(RECORDS, {"sign-up": ["emial"]}), "Did you mean 'email'"),
        (lambda: report.filled_figure(RECORDS, {}), "no column is named"),
        (lambda: report.lorenz_figure([0, 0]), "every value is 0"),
        (lambda: report.whale_figure([-5]), "a total above 0"),
    ],
)
def test_bad_input_gets_its_message(call, words):
    with pytest.raises(CrmlabError, match=words):
        call()
