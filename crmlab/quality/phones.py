"""Whether a phone number lies in a range its country gives out."""

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, country_code_for_region

__all__ = ["are_in_use", "is_in_use"]

_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "uan", "personal_number")


def are_in_use(numbers, home):
    """Tell of many numbers whether each lies in a range its country gives out.

    Parameters
    ----------
    numbers : list of str or None
        As for :func:`is_in_use`.
    home : str
        The country most of them are from, two capital letters: these are looked at all at once.

    Returns
    -------
    ndarray of bool
        True for None: nothing is out of range.

    Examples
    --------
    >>> are_in_use(["+385911234567", "+385931234567", "+4915112345678", None], "HR").tolist()
    [True, False, True, True]
    """
    code = country_code_for_region(home)
    texts = pa.array(numbers, pa.large_string())
    fits = pc.match_substring_regex(texts, rf"^\+{code}(?:{_ranges(code).pattern})$").fill_null(True)
    fits = fits.to_numpy(zero_copy_only=False).copy()
    for place in np.flatnonzero(
        ~(fits | pc.starts_with(texts, f"+{code}").fill_null(True).to_numpy(zero_copy_only=False))
    ):
        fits[place] = is_in_use(numbers[place])
    return fits


def is_in_use(number):
    """Tell whether a number lies in a range its country gives out.

    Parameters
    ----------
    number : str
        In international form, digits only, such as ``"+385911234567"``.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_in_use("+385911234567"), is_in_use("+385931234567")
    (True, False)
    """
    for size in (1, 2, 3):
        code, national = number[1 : 1 + size], number[1 + size :]
        if code.isdecimal() and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            return _ranges(int(code)).fullmatch(national) is not None
    return False


@lru_cache
def _ranges(code):
    found = [PhoneMetadata.metadata_for_region(region, None) for region in COUNTRY_CODE_TO_REGION_CODE[code]]
    kinds = [getattr(country, kind) for country in found if country is not None for kind in _KINDS]
    patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
