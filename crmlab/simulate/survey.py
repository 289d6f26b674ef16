"""The survey: which benefits customers seek, who answers, and what they answer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.clock import clock
from crmlab.simulate.columns import CHANNELS, DAY, times, words
from crmlab.simulate.encounters import seconds_of
from crmlab.simulate.moments import mood_of
from crmlab.simulate.sales import by_record, rounded

__all__ = ["ITEMS", "Benefits", "benefits", "survey"]

ITEMS = tuple(f"benefit_{number:02}" for number in range(1, 13))
_LEAST, _MOST = 1, 7


@dataclass(frozen=True)
class Benefits:
    """What customers seek, in customer order."""

    names: tuple  # of the classes
    place: np.ndarray  # class of each customer
    prior: np.ndarray  # (customers, classes): what sex and age alone tell
    profile: np.ndarray  # (classes, items): mean answers before any style
    style: np.ndarray  # by how much each customer answers higher than others would


def benefits(block, persons):
    """Give each customer a benefit class.

    Parameters
    ----------
    block : Block
    persons : pandas.DataFrame

    Returns
    -------
    Benefits

    Notes
    -----
    Benefit segments: Haley 1968. A class's share is tilted by sex and age, by `tie` at
    most and so that the shares over all stay as asked: demographics tell next to nothing.
    `overlap` draws the classes' means together: 0 leaves them apart, 1 makes them one.
    Response style, the habit of answering high or low whatever is asked: Baumgartner &
    Steenkamp 2001.
    """
    spec, n = block.spec["survey"], block.size
    classes = spec["classes"]
    share = np.array([one["share"] for one in classes.values()], float)
    share /= share.sum()
    woman, old = (np.array([one[name] for one in classes.values()], float) for name in ("women", "older"))
    tilt = np.outer(_woman(block, persons), woman - share @ woman) + np.outer(
        _rank_by_age(block, persons), old - share @ old
    )
    prior = rounded(share * (1 + spec["tie"] * tilt))
    ends = np.cumsum(prior[:, :-1], axis=1)
    place = (block.draw("survey", "class").random(n)[:, None] >= ends).sum(axis=1)
    means = np.array([one["items"] for one in classes.values()], float)
    middle = share @ means
    profile = rounded(middle + (1 - spec["overlap"]) * (means - middle))
    style = rounded(block.draw("survey", "style").standard_normal(n) * spec["style"])
    return Benefits(tuple(classes), place, prior, profile, style)


def survey(block, records, joined, left, agreed, sought, lives, cycle):
    """Ask customers in waves what they seek and how content they are.

    Parameters
    ----------
    block : Block
    records : Records
    joined : Acquisition
    left : ndarray of int64
        The second the firm knows each customer to have left, or the end of the history.
    agreed : dict of str to ndarray
    sought : Benefits
    lives : Lived
    cycle : LifeCycle

    Returns
    -------
    tables : dict
        survey.
    truth : dict
        benefits: the class of each person, what the best reader of sex, age and answers
        could know of it (p_class_1 …), and the person's own mean of each item.

    Notes
    -----
    Who is asked is drawn by lot, some channels more than others; `weight` makes that
    good. Who answers of those asked is no lot: it depends on the class, the state of the
    life cycle and the last experience, and no weight makes it good.
    """
    spec = block.spec["survey"]
    asked, asked_on_average = _asked(block, joined)
    owner, wave, second, mood = _answered(block, asked, joined, left, agreed, sought, lives, cycle)
    sheet = sought.profile[sought.place[owner]] + sought.style[owner, None]
    noise = block.draw("survey", "items").standard_normal((len(owner), len(ITEMS))) * spec["noise"]
    answers = np.clip(np.rint(rounded(sheet + noise)), _LEAST, _MOST).astype(np.int64)
    tone = mood + cycle.at(owner, second) - (len(cycle.names) - 1) / 2
    tone = rounded(tone[:, None] + block.draw("survey", "tone").standard_normal((len(owner), 3)))
    record = records.of(owner, second)
    row = by_record(record)
    table = {
        "record_id": record[row],
        "wave": wave[row],
        "ts": times(second[row]),
        **{item: answers[row, place] for place, item in enumerate(ITEMS)},
        "nps": np.clip(np.rint(7.4 + 1.5 * tone[row, 0]), 0, 10).astype(np.int64),
        "csat": np.clip(np.rint(3.7 + 0.7 * tone[row, 1]), 1, 5).astype(np.int64),
        "ces": np.clip(np.rint(4.8 + 0.9 * tone[row, 2]), 1, 7).astype(np.int64),
        "weight": rounded(asked_on_average / asked[owner[row]]),
    }
    return {"survey": pd.DataFrame(table, copy=False)}, {"benefits": _truth(block, sought, owner, answers)}


def _asked(block, joined):
    """Each customer's chance of being asked in a wave, and what it is on average."""
    spec = block.spec["survey"]
    opened = block.spec["acquisition"]["channels"]
    chance = np.array([spec["asked"] * spec["asked_more"].get(name, 1.0) for name in CHANNELS])
    weight = np.array([opened.get(name, 0) for name in CHANNELS])
    return chance[joined.channel], chance @ weight / weight.sum()


def _answered(block, asked, joined, left, agreed, sought, lives, cycle):
    """Who answered which wave when, and in what mood, in customer order."""
    spec, plan, n = block.spec["survey"], block.plan, block.size
    starts = np.array(sorted(plan.last_day - days for days in spec["days_before"]))
    starts = starts[starts >= plan.first_day]
    owner, wave = (place.ravel() for place in np.indices((n, len(starts))))
    day = starts[wave] + np.minimum(block.draw("survey", "day").geometric(0.3, len(owner)) - 1, 13)
    second = np.minimum(day * DAY + clock(block, len(owner), "customers", "survey"), block.end_second - 1)
    is_there = (joined.second[owner] <= second) & (left[owner] > second) & agreed["consent_email"][owner]
    is_asked = is_there & (block.draw("survey", "asked").random(len(owner)) < asked[owner])
    row = np.flatnonzero(is_asked)
    owner, wave, second = owner[row], wave[row], second[row]
    mood = mood_of(block, lives, owner, second)
    ready = np.array([one["answers"] for one in spec["classes"].values()])[sought.place[owner]]
    ready = ready * np.array(spec["answers_by_state"])[cycle.at(owner, second)]
    ready = (
        ready * np.where(np.abs(mood) > 1, spec["answers_if_moved"], 1) * np.where(cycle.gone[owner] <= second, 0.2, 1)
    )
    height = block.draw("survey", "answers").random(len(is_asked))[row]
    answers = height < rounded(spec["answers"] * ready)
    return owner[answers], wave[answers] + 1, second[answers], mood[answers]


def _truth(block, sought, owner, answers):
    """Classes, item means, and the chance of each class given sex, age and all answers (Bayes)."""
    spec, n, items = block.spec["survey"], block.size, len(ITEMS)
    sheets = np.bincount(owner, minlength=n)
    told = np.flatnonzero(sheets)
    sums = np.stack([np.bincount(owner, answers[:, item], n)[told] for item in range(items)], axis=1)
    sheets = sheets[told, None]
    off = (sums / sheets)[:, None] - sought.profile
    own = (spec["noise"] ** 2 + 1 / 12) / sheets  # rounding to whole answers adds a twelfth
    style = spec["style"] ** 2
    distance = (off**2).sum(axis=2) / own - style * off.sum(axis=2) ** 2 / (own * (own + items * style))
    ready = np.array([one["answers"] for one in spec["classes"].values()])
    known = sheets * np.log(ready) - distance / 2
    chance = sought.prior.copy()
    chance[told] *= np.exp(known - known.max(axis=1, keepdims=True))
    chance = np.rint(chance / chance.sum(axis=1, keepdims=True) * 1e6) / 1e6
    means = np.clip(sought.profile[sought.place] + sought.style[:, None], _LEAST, _MOST)
    columns = {
        "person_id": block.person + 1,
        "benefit_class": words(sought.place, sought.names),
        **{f"p_class_{number + 1}": chance[:, number] for number in range(len(sought.names))},
        **{f"mean_{number:02}": means[:, number - 1] for number in range(1, items + 1)},
    }
    return pd.DataFrame(columns, copy=False)


def _woman(block, persons):
    """1 for women, -1 for men, made to be 0 on average."""
    is_woman = (persons["gender"] == "female").to_numpy()
    return is_woman - block.spec["people"]["women"]


def _rank_by_age(block, persons):
    """Where each person's age stands among all ages of the spec: -1 youngest, 0 middle, 1 oldest."""
    youngest, oldest, weight = np.array(block.spec["people"]["ages"], float).T
    age = (block.plan.first_day - seconds_of(persons["birth_date"]) // DAY) / 365.25
    share = np.concatenate([[0], np.cumsum(weight) / weight.sum()])
    return rounded(2 * np.interp(age, [*youngest, oldest[-1]], share) - 1)
