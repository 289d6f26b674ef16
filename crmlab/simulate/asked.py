"""Check what is asked for, and say kindly what cannot be made."""

import numbers
import tomllib
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.simulate.plan import Plan
from crmlab.simulate.vocabulary import LOCALES

__all__ = ["COMPANIES", "asked", "spec"]

_FOLDER = Path(__file__).parent / "companies"
COMPANIES = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
_MOST_MONTHS = 600
_NEXT = "for instance crmlab.simulate.company('retail', customers=2_000, seed=7)."


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
      next    : choose one of these, for instance crmlab.simulate.company('retail', customers=2_000, seed=7).
    """
    faults = [
        *_unknown("company", company, COMPANIES),
        *_unknown("locale", locale, LOCALES),
        *_not_whole("customers", customers, least=1),
        *_not_whole("seed", seed, least=0),
        *_not_whole("workers", workers, least=1),
        *([] if months is None else _not_whole("months", months, least=1, most=_MOST_MONTHS)),
    ]
    day, fault = _day(as_of if as_of is not None or faults else spec(company)["as_of"])
    if faults or fault:
        raise CrmlabError(*faults, *fault)
    known = spec(company)
    months = known["months"] if months is None else int(months)
    return Plan(company, known, locale, int(customers), int(seed), months, day)


def _unknown(where, name, names):
    if isinstance(name, str) and name in names:
        return []
    found = f"there is no {where} {name!r}.{did_you_mean(name, names)}"
    return [message(where, found, it_has=", ".join(names), next=f"choose one of these, {_NEXT}")]


def _not_whole(where, number, *, least, most=None):
    is_whole = isinstance(number, numbers.Integral) and not isinstance(number, bool)
    if is_whole and number >= least and (most is None or number <= most):
        return []
    allowed = f"a whole number, {least} or more" if most is None else f"a whole number from {least} to {most}"
    return [message(where, f"found {number!r}.", allowed=allowed, next=f"give such a number, {_NEXT}")]


def _day(as_of):
    if as_of is None:
        return None, []
    try:
        moment = pd.Timestamp(as_of)
        moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
        if moment == moment.normalize():
            return moment, []
    except (ValueError, TypeError):
        pass
    allowed = "a day, such as '2026-01-01'"
    return None, [message("as_of", f"found {as_of!r}.", allowed=allowed, next="give the day the base is to describe.")]
