"""Check what is asked for, and say kindly what cannot be made."""

import numbers
import tomllib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.simulate.plan import Plan
from crmlab.simulate.vocabulary import LOCALES

__all__ = ["COMPANIES", "asked", "spec"]

_FOLDER = Path(__file__).parent / "companies"
COMPANIES = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
_MOST_MONTHS = 600
_EARLIEST, _LATEST = 1950, 2150


@lru_cache
def spec(company):
    """Read the spec of a company."""
    return tomllib.loads((_FOLDER / f"{company}.toml").read_text(encoding="utf-8"))


def asked(company, *, customers, seed, locale="hr", months=None, as_of=None, workers=1):
    """Turn what was asked for into a plan, or say all that is wrong with it at once.

    Parameters
    ----------
    company, customers, seed, locale, months, as_of, workers
        As in :func:`crmlab.simulate.company`.

    Returns
    -------
    Plan

    Raises
    ------
    CrmlabError
        Naming each argument that cannot be used.

    Examples
    --------
    >>> asked("retial", customers=100, seed=1)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: company: there is no company 'retial'. Did you mean 'retail'?
      it has  : retail, telco
      next    : choose one of these; crmlab.simulate.company('retail', customers=2_000, seed=7) is a whole call.
    """
    faults = [
        *_unknown("company", company, COMPANIES, did_you_mean(company, COMPANIES)),
        *_unknown("locale", locale, LOCALES, ""),
        *_not_whole("customers", customers, least=1, example="customers=2_000"),
        *_not_whole("seed", seed, least=0, example="seed=7"),
        *_not_whole("workers", workers, least=1, example="workers=2"),
        *([] if months is None else _not_whole("months", months, least=1, most=_MOST_MONTHS, example="months=24")),
    ]
    day, fault = (None, []) if as_of is None else _day(as_of)
    if faults or fault:
        raise CrmlabError(*faults, *fault)
    known = spec(company)
    day = _day(known["as_of"])[0] if day is None else day
    months = known["months"] if months is None else int(months)
    return Plan(company, known, locale, int(customers), int(seed), months, day)


def _unknown(where, name, names, hint):
    if isinstance(name, str) and name in names:
        return []
    next_step = "choose one of these; crmlab.simulate.company('retail', customers=2_000, seed=7) is a whole call."
    return [message(where, f"there is no {where} {name!r}.{hint}", it_has=", ".join(names), next=next_step)]


def _not_whole(where, number, *, least, most=None, example):
    is_whole = isinstance(number, numbers.Integral) and not isinstance(number, bool)
    if is_whole and number >= least and (most is None or number <= most):
        return []
    allowed = f"a whole number, {least} or more" if most is None else f"a whole number from {least} to {most}"
    return [message(where, f"found {number!r}.", allowed=allowed, next=f"give such a number, for instance {example}.")]


def _day(as_of):
    """Read a day; a text must be written year first, so that nobody guesses which number is the month."""
    moment = pd.NaT
    try:
        if isinstance(as_of, str):
            moment = pd.Timestamp(datetime.fromisoformat(as_of.strip()))
        elif isinstance(as_of, (date, np.datetime64)):
            moment = pd.Timestamp(as_of)
    except ValueError:
        pass
    if not pd.isna(moment):
        moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
        if moment == moment.normalize() and _EARLIEST <= moment.year <= _LATEST:
            return moment, []
    allowed = f"a day between {_EARLIEST} and {_LATEST}, written year first, such as '2026-01-01'"
    return None, [
        message(
            "as_of",
            f"found {as_of!r}.",
            allowed=allowed,
            next="give the day the base is to describe, or leave as_of out.",
        )
    ]
