"""Check what is asked for, and say kindly what cannot be made."""

import numbers
from datetime import date, datetime

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.simulate.faker_words import words_of
from crmlab.simulate.plan import Plan
from crmlab.simulate.spec_check import spec_faults
from crmlab.simulate.specs import COMPANIES, source, spec
from crmlab.simulate.vocabulary import LOCALES

__all__ = ["COMPANIES", "asked", "spec"]

_MOST_MONTHS = 600
_EARLIEST, _LATEST = 1950, 2150


def asked(company, *, customers, seed, locale="hr", months=None, as_of=None, workers=1, **fields):
    """Turn what was asked for into a plan, or say all that is wrong with it at once.

    Parameters
    ----------
    company, customers, seed, locale, months, as_of, workers, **fields
        As in :func:`crmlab.simulate.company`.

    Returns
    -------
    Plan

    Raises
    ------
    CrmlabError
        Naming each argument and each field that cannot be used.

    Examples
    --------
    >>> asked("retial", customers=100, seed=1)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: company: there is no company 'retial'. Did you mean 'retail'?
      it has  : b2b, bank, retail, telco
      next    : choose one of these; crmlab.simulate.company('retail', customers=2_000, seed=7) is a whole call.
    >>> asked("retail", customers=100, seed=1, purchases__alhpa=3)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: purchases.alhpa: there is no such field. Did you mean 'purchases.alpha'?
      it has  : process, r, alpha, a, b
      next    : rename it, or leave it out.
    """
    known, faults = _spec(company, fields)
    faults += [
        *_locale(locale),
        *_not_whole("customers", customers, least=1, example="customers=2_000"),
        *_not_whole("seed", seed, least=0, example="seed=7"),
        *_not_whole("workers", workers, least=1, example="workers=2"),
        *([] if months is None else _not_whole("months", months, least=1, most=_MOST_MONTHS, example="months=24")),
    ]
    day, fault = (None, []) if as_of is None else _day(as_of)
    if not faults and not fault and day is None:
        day, fault = _day(known.fields["as_of"])
    if faults or fault:
        raise CrmlabError(*faults, *fault)
    months = known.fields["months"] if months is None else int(months)
    size = int(customers), int(seed), months, day
    return Plan(known.company, known.fields, locale, *size, known.name, known.changed)


def _spec(company, fields):
    """The spec and what is wrong with it."""
    try:
        known = source(company, fields)
    except CrmlabError as error:
        return None, list(error.messages)
    return known, spec_faults(known) if known.changed else []


def _locale(locale):
    """Say what is wrong with a locale; any of Faker's will do."""
    if isinstance(locale, str) and locale in LOCALES:
        return []
    if isinstance(locale, str):
        try:
            words_of(locale)
        except CrmlabError as error:
            return list(error.messages)
        return []
    next_step = "choose hr, en, de, or a locale of Faker such as 'fr_FR'."
    return [message("locale", f"found {locale!r}.", allowed="a text", next=next_step)]


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
