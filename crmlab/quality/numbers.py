"""Identity, VAT and account numbers: their normal form, and whether their check digits are right."""

import re

import pandas as pd
from stdnum import iban as _iban
from stdnum.eu import vat as _vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError
from stdnum.hr import oib as _oib

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.quality.uniques import each_once

__all__ = ["check_number", "number_fault", "number_form"]

_SIGNS, _DIGIT = re.compile(r"[\W_]+"), re.compile(r"\d")
_CHECKS = {"oib": _oib, "iban": _iban, "vat": _vat}
_WHY = {
    InvalidChecksum: "check digit is wrong",
    InvalidLength: "too long or too short",
    InvalidFormat: "has signs it cannot have",
    InvalidComponent: "begins with a country or part that does not exist",
}


def number_form(text, locale=None):
    """Bring an identity or account number to its normal form: letters large, no blanks or signs.

    Parameters
    ----------
    text : str
    locale : None
        Not used; here so that all normal forms are called alike.

    Returns
    -------
    text : str or None
    kinds : tuple of str

    Examples
    --------
    >>> number_form("hr12 1001 0051 8630 0016 0")
    ('HR1210010051863000160', ('number',))
    """
    new = _SIGNS.sub("", text.upper())
    if not _DIGIT.search(new):
        return None, ("nothing",)
    return new, () if new == text else ("number",)


def check_number(numbers, kind):
    """Tell for each number whether it can be right, and if not, why.

    Parameters
    ----------
    numbers : pandas.Series or list of str
    kind : str
        ``"oib"`` (Croatian identity number, ISO 7064), ``"iban"`` (ISO 13616) or
        ``"vat"`` (VAT number of a country of the European Union).

    Returns
    -------
    pandas.Series of str
        "right", or why not; the caller's index is kept; NA where there is no number.

    Raises
    ------
    CrmlabError
        When the kind is not known.

    Examples
    --------
    >>> check_number(["12345678903", "12345678901", "1234567890", None], "oib").tolist()
    ['right', 'check digit is wrong', 'too long or too short', nan]
    """
    if kind not in _CHECKS:
        found = f"found {kind!r}.{did_you_mean(kind, _CHECKS)}"
        next_step = "name the kind of number the column holds."
        raise CrmlabError(message("kind", found, allowed=", ".join(_CHECKS), next=next_step))

    def judged(one):
        new = number_form(one)[0]
        return pd.NA if new is None else number_fault(new, kind) or "right"

    return each_once(numbers, judged)


def number_fault(text, kind):
    """Tell what is wrong with one number.

    Parameters
    ----------
    text : str
        A number in its normal form.
    kind : str
        As in :func:`check_number`.

    Returns
    -------
    str
        Empty when it can be right.

    Examples
    --------
    >>> number_fault("12345678903", "oib"), number_fault("12345678901", "oib")
    ('', 'check digit is wrong')
    """
    try:
        _CHECKS[kind].validate(text)
    except ValidationError as error:
        return next(why for fault, why in _WHY.items() if isinstance(error, fault))
    return ""
