"""What each field of a company spec may be."""

import inspect
import numbers
from dataclasses import dataclass, replace
from datetime import date, datetime

from crmlab.simulate.columns import CHANNELS
from crmlab.simulate.mess.presets import PRESETS, doses
from crmlab.simulate.purchase_times import PROCESSES
from crmlab.simulate.touchpoints import DIRECTIONS, TYPES

__all__ = ["ALWAYS", "FIELDS", "PROCESSES", "STANDS_ON", "TOGETHER", "Field", "Listed", "like"]


@dataclass(frozen=True)
class Field:
    """One kind of value: what is allowed, in words and as a check; whether it may be left out."""

    allowed: str
    is_right: object
    optional: bool = False


@dataclass(frozen=True)
class Listed:
    """A list of entries that all have the same fields."""

    entry: dict


def like(values):
    """Say what a section may hold from how the companies' own specs fill it.

    Parameters
    ----------
    values : list
        The same section, or field, of several specs.

    Returns
    -------
    Field, Listed or dict

    Examples
    --------
    >>> like([{"wave": 4, "share": 0.3}, {"wave": 2}])["share"].optional
    True
    """
    if all(isinstance(value, dict) for value in values):
        found = {}
        for value in values:
            for name, one in value.items():
                found.setdefault(name, []).append(one)
        everywhere = {name: like(some) for name, some in found.items() if len(some) == len(values)}
        elsewhere = {name: some for name, some in found.items() if len(some) < len(values)}
        if any(isinstance(some[0], dict) for some in elsewhere.values()):  # names the author chose
            return everywhere | {"*": like([one for some in elsewhere.values() for one in some])}
        return everywhere | {name: _optional(like(some)) for name, some in elsewhere.items()}
    if all(isinstance(value, list) and value and isinstance(value[0], dict) for value in values):
        return Listed(like([entry for value in values for entry in value]))
    if all(isinstance(value, bool) for value in values):
        return FLAG
    if all(isinstance(value, str) for value in values):
        return TEXT
    if all(isinstance(value, numbers.Real) and value >= 0 for value in values):
        return NOT_NEGATIVE
    if all(isinstance(value, numbers.Real) for value in values):
        return _number()
    return Field("a list of values", lambda value: isinstance(value, list) and len(value) > 0)


def _number(least=None, most=None, above=None):
    def is_right(value):
        if not isinstance(value, numbers.Real) or isinstance(value, bool) or value != value:
            return False
        if (least is not None and value < least) or (most is not None and value > most):
            return False
        return value < float("inf") and (above is None or value > above)

    ends = f" above {above}" if above is not None else ""
    ends += f" from {least} to {most}" if most is not None and least is not None else ""
    ends += f", {least} or more" if least is not None and most is None else ""
    return Field(f"a number{ends}", is_right)


def _whole(least, most):
    def is_right(value):
        return isinstance(value, numbers.Integral) and not isinstance(value, bool) and least <= value <= most

    return Field(f"a whole number from {least:,} to {most:,}", is_right)


def _text(*choices):
    if choices:
        return Field(f"one of {', '.join(choices)}", lambda value: value in choices)
    return Field("a text", lambda value: isinstance(value, str) and value != "")


def _optional(rule):
    return replace(rule, optional=True) if isinstance(rule, Field) else rule


def _is_band(value):
    youngest, oldest, weight = value
    return 0 <= youngest < oldest <= 120 and WEIGHT.is_right(weight)


def _is_group(value):
    weight, margin = value
    return WEIGHT.is_right(weight) and _whole(-9_000, 9_500).is_right(margin)


def _is_day(value):
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return isinstance(value, date)


def _are_hours(value):
    soonest, latest = value
    return isinstance(value, list) and -8_760 <= soonest <= latest <= 8_760


def _is_rhythm(value):
    return isinstance(value, list) and len(value) == 24 and all(map(WEIGHT.is_right, value)) and sum(value) > 0


def _are_channels(value):
    return value == "same" or (set(value) <= set(CHANNELS) and all(map(WEIGHT.is_right, value.values())))


def _are_ages(value):
    return isinstance(value, list) and all(map(_is_band, value)) and sum(band[2] for band in value) > 0


def _process(name):
    """The parameters of a process of purchases."""
    special = {"regularity": _whole(1, 100), "every_days": _whole(1, 366)}
    taken = inspect.signature(PROCESSES[name]).parameters.values()
    names = [one.name for one in taken if one.kind is inspect.Parameter.KEYWORD_ONLY]
    return {"process": _optional(_text(*PROCESSES)), **{part: special.get(part, ABOVE) for part in names}}


def _are_for_states(value):
    return isinstance(value, list) and len(value) > 1 and all(map(NOT_NEGATIVE.is_right, value)) and sum(value) > 0


def _are_days_before(value):
    return isinstance(value, list) and len(value) > 0 and all(map(_whole(1, 20_000).is_right, value))


def _are_items(value):
    return isinstance(value, list) and len(value) == 12 and all(map(_number(1, 7).is_right, value))


def _are_week(value):
    return isinstance(value, list) and len(value) == 7 and all(map(WEIGHT.is_right, value)) and sum(value) > 0


SHARE, ABOVE, NOT_NEGATIVE = _number(0, 1), _number(above=0), _number(0)
WEIGHT, TEXT = _whole(0, 60_000), _text()
FLAG = Field("true or false", lambda value: isinstance(value, bool))
_RHYTHM = Field("24 whole weights, one for each hour of the day, not all 0", _is_rhythm)
_WEIGHTS_BY_CHANNEL = {channel: _optional(WEIGHT) for channel in CHANNELS}
_CONTACT = {
    "name": TEXT,
    "type": _text(*TYPES),
    "direction": _text(*DIRECTIONS),
    "channels": Field('whole weights by channel, or "same"', _are_channels),
    "with": _optional(TEXT),
    "only": _optional(Field("a list of channels", lambda value: bool(value) and set(value) <= set(CHANNELS))),
    "chance": _optional(SHARE),
    "hours": _optional(Field("two numbers of hours, the earlier first", _are_hours)),
    "per_year": _optional(_number(0, 1_000)),
    "needs": _optional(_text("consent_email", "consent_phone", "consent_profiling")),
    "minutes": _optional(NOT_NEGATIVE),
    "resolved": _optional(SHARE),
    "branching": _optional(_number(0, 0.9)),
    "branching_hours": _optional(ABOVE),
}
_CHANNEL = {"clerks": _whole(0, 999), "cost": NOT_NEGATIVE, "cost_per_minute": NOT_NEGATIVE}

_FOR_STATES = Field("a list of numbers, 0 or more, one for each state of the life cycle", _are_for_states)
_SMALL, _DAYS_BEFORE = _number(0, 9), _whole(0, 20_000)
_BY_WORD = {"*": WEIGHT}
_EXPERIENCE = {
    "moments": {
        "types": Field("a list of types of contact", lambda value: bool(value) and set(value) <= set(TYPES)),
        **{name: _number(1, 9) for name in ("level", "zone_shape")},
        **{name: _SMALL for name in ("level_spread", "start_spread", "noise", "zone", "failure_depth", "recovery")},
        **{name: _SMALL for name in ("slope", "loss_aversion", "feeling_noise", "answer_noise")},
        **{name: SHARE for name in ("learning", "rated")},
        "failures": _number(0, 0.5),
        "complaint_days": _whole(0, 3_650),
        "leaving": _number(1, 100),
    },
    "lifecycle": {
        "states": {"*": {name: SHARE for name in ("start", "rise", "fall")}},
        "moves": {name: SHARE for name in ("delight", "failure", "recovery")},
    },
    "survey": {
        "days_before": Field("a list of whole numbers of days", _are_days_before),
        "asked": SHARE,
        "asked_more": {channel: _optional(_number(0, 100)) for channel in CHANNELS},
        "answers": SHARE,
        "answers_by_state": _FOR_STATES,
        **{name: _SMALL for name in ("answers_if_moved", "answers_once_gone", "style")},
        "noise": _number(0.01, 9),
        "overlap": SHARE,
        "tie": _number(0, 0.3),
        "classes": {
            "*": {
                "share": ABOVE,
                "women": _number(-1, 1),
                "older": _number(-1, 1),
                "answers": _number(0.01, 9),
                "items": Field("12 numbers from 1 to 7", _are_items),
            }
        },
    },
    "mentions": {
        "per_year": _number(0, 1_000),
        "shape_customers": ABOVE,
        "branching": _number(0, 0.9),
        "hours": ABOVE,
        **{name: SHARE for name in ("same_author", "replies", "agrees", "own_language", "linked", "tool_right")},
        "strangers": _whole(1, 1_000_000),
        "negative_below": _number(-9, 9),
        "positive_above": _number(-9, 9),
        "topics": {name: _optional(WEIGHT) for name in ("price", "delivery", "service", "quality", "network")},
        "platforms": _BY_WORD,
    },
    "product": {
        **{name: SHARE for name in ("users", "logs_in", "scans", "logs_in_after_scan", "two_devices")},
        "shape_customers": ABOVE,
        "sessions_by_state": _FOR_STATES,
        "days": Field("7 whole weights, from Monday to Sunday, not all 0", _are_week),
        "screens_per_session": _number(1, 50),
        "seconds_per_screen": _number(1, 3_600),
        "codes": _whole(1, 1_000_000),
        "screens": _BY_WORD,
    },
    "campaigns": {
        "holdout": SHARE,
        "days": _whole(1, 365),
        "revenue": ABOVE,
        "revenue_shape": ABOVE,
        "states": {"*": {"usual": SHARE, "uplift": _number(-1, 1)}},
        "uplift_by_class": {"*": _number(-1, 1)},
        "sent": Listed(
            {
                "name": TEXT,
                "days_before": _DAYS_BEFORE,
                "channel": _text(*CHANNELS),
                "needs": _text("consent_email", "consent_phone", "consent_profiling"),
                "minutes": _optional(NOT_NEGATIVE),
            }
        ),
    },
    "referrals": {"share": SHARE, "shape_customers": ABOVE, "most_ready": ABOVE, "by_state": _FOR_STATES},
}

# Section by section; "*" stands for any name. A section that is not here is held to what the companies' own specs say:
# the same names, the same kinds of value.
FIELDS = {
    "title": TEXT,
    "as_of": Field("a day written year first, such as '2026-01-01'", _is_day),
    "months": _whole(1, 600),
    "holdout_weeks": _whole(1, 520),
    "acquisition": {"channels": _WEIGHTS_BY_CHANNEL},
    "records": {
        "updated": SHARE,
        "known": {field: SHARE for field in ("email", "phone", "birth_date", "oib", "iban")},
        "consents": {field: SHARE for field in ("consent_email", "consent_phone", "consent_profiling")},
    },
    "people": {"women": SHARE, "ages": Field("bands of age: [from, to, whole weight], in years", _are_ages)},
    "mess": {name: SHARE for name in doses(PRESETS[0])},
    "purchases": {name: _process(name) for name in PROCESSES},
    "spend": {"p": ABOVE, "q": ABOVE, "gamma": ABOVE, "with_rate": _optional(_number(-2, 2))},
    "product_groups": {"*": Field("[whole weight, margin in parts of ten thousand]", _is_group)},
    "contracts": {"alpha": ABOVE, "beta": ABOVE, "prepaid": SHARE},
    "plans": Listed({"product": TEXT, "group": TEXT, "weight": WEIGHT, "price": NOT_NEGATIVE}),
    "cards": Listed({"product": TEXT, "group": TEXT, "share": SHARE, "price": NOT_NEGATIVE, "months": NOT_NEGATIVE}),
    "balances": {"mean": ABOVE, "shape": ABOVE, "interest": SHARE},
    "outages": {"per_year": _number(0, 366), "hours": ABOVE, "reach": SHARE, "felt_as_months": _whole(0, 120)},
    "branches": {"number": _whole(1, 999), **{name: SHARE for name in ("home", "opened", "closed")}},
    "usage": {"mean": ABOVE, "shape_customers": ABOVE, "shape_months": ABOVE},
    "margins": {"*": _whole(-10_000, 10_000)},
    "end_reasons": {"*": WEIGHT},
    "payments": {"channels": _WEIGHTS_BY_CHANNEL},
    "accounts": Listed({"name": TEXT, "weight": WEIGHT, "times": ABOVE, "contacts": _number(1, 40)}),
    "invoices": {"late": SHARE, "late_days": ABOVE, "days": {"*": WEIGHT}},
    "habits": {"same_channel": SHARE, "contact_habit": ABOVE},
    "hours": {"customers": _RHYTHM, "firm": _RHYTHM, "payments": _optional(_RHYTHM)},
    "channels": {"*": _CHANNEL},
    "contacts": Listed(_CONTACT),
    **_EXPERIENCE,
}
ALWAYS = ("as_of", "months", "holdout_weeks", "acquisition", "records", "people", "habits", "hours", "channels")
ALWAYS += ("contacts",)
# Sections that stand on another one.
STANDS_ON = {
    "lifecycle": "moments",
    **dict.fromkeys(("survey", "mentions", "product", "referrals"), "lifecycle"),
    "campaigns": "survey",
}
TOGETHER = {
    "purchases": ("spend", "product_groups"),
    "contracts": ("plans", "usage", "margins", "end_reasons", "payments"),
}
