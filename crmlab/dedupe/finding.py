"""From a customers table to scored pairs: columns, blocking, comparison, model."""

import numpy as np
import pandas as pd

from crmlab.dedupe.blocking import blocked, codes_of
from crmlab.dedupe.columns import FIELDS, derived
from crmlab.dedupe.comparisons import asked
from crmlab.dedupe.engine import compared, frame_of
from crmlab.dedupe.model import TELLS_ALONE, learnt, patterns_of
from crmlab.errors import CrmlabError, few, message
from crmlab.quality.letters import checked_locale

__all__ = ["Search", "searched"]

_BLIND_PAIRS = 300_000
_COPIES = 10  # records of the very same values; beyond, one stands for all
_CALLED = {"birth": "day of birth", "region": "country or region"}
_SOURCES = (
    *("first_name", "last_name", "company_name", "street", "house_number", "postcode", "city", "country", "email"),
    *("phone", "birth_date", "oib", "iban"),
)


class Search:
    """All that one search for duplicates made, for the answers that Found gives."""

    def __init__(self, records, order, frame, blocks, patterns, place, counts, outside, model):
        self.records, self.order, self.frame, self.blocks = records, order, frame, blocks
        self.patterns, self.place, self.counts, self.outside, self.model = patterns, place, counts, outside, model
        self.chance = model.chances(patterns)

    @property
    def probability(self):
        """Chance of each candidate pair."""
        return self.chance[self.place]


def searched(customers, locale):
    """Compare what may be the same, and learn the odds.

    Parameters
    ----------
    customers : pandas.DataFrame
        record_id and any other columns of the customers table.
    locale : str

    Returns
    -------
    Search

    Raises
    ------
    CrmlabError
        When there is no record, or nothing to compare.
    """
    checked_locale(locale)
    records = pd.Index(customers["record_id"])
    if len(records) < 2:
        found = "there is only one record." if len(records) else "there is no record."
        raise CrmlabError(message("customers", found, next="pass at least two records: one alone has no duplicate."))
    order = np.argsort(records, kind="stable")
    records = records[order]
    fields = derived(customers.iloc[order], locale)
    codes = codes_of(fields)
    questions = asked(fields)
    if not questions:
        raise CrmlabError(_nothing_to_compare(customers, fields))
    if len({one.name for one in questions} - {"postcode"}) == 1 and questions[0].name not in TELLS_ALONE:
        raise CrmlabError(_too_little(customers, questions[0].name))
    stands_for = _stands_for(codes)
    kept = np.flatnonzero(stands_for == np.arange(len(records)))
    frame = frame_of(fields.iloc[kept].reset_index(drop=True), {name: code[kept] for name, code in codes.items()})
    blocks = blocked({name: code[kept] for name, code in codes.items()})
    left, right = _blind(len(kept), blocks)
    copied = np.unique(stands_for[stands_for != np.arange(len(records))])
    themselves = np.searchsorted(kept, copied)
    sides = (np.concatenate([side, blind, themselves]) for side, blind in ((blocks.left, left), (blocks.right, right)))
    answers = compared(frame, questions, *sides)
    n, n_blind = len(blocks.left), len(left)
    candidates, outside = answers[:n], answers[n : n + n_blind]
    patterns, _, counts = patterns_of(candidates)
    model = learnt(questions, patterns, counts, outside, len(kept) * (len(kept) - 1) / 2)
    blocks, candidates = _with_copies(blocks, kept, stands_for, candidates, copied, answers[n + n_blind :])
    patterns, place, counts = patterns_of(candidates)
    frame = frame.iloc[np.searchsorted(kept, stands_for)].assign(unique_id=np.arange(len(records)))
    return Search(records, order, frame, blocks, patterns, place, counts, outside, model)


def _stands_for(codes):
    """For each record the first one of the same values in every field, where there are very many of them."""
    value = np.zeros(len(codes["first"]), np.uint64)
    for name in FIELDS:
        value = (value ^ codes[name].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(31)
    _, first, place, size = np.unique(value, return_index=True, return_inverse=True, return_counts=True)
    return np.where(size[place] > _COPIES, first[place], np.arange(len(value)))


def _with_copies(blocks, kept, stands_for, candidates, copied, answers):
    """Add to the pairs each copy with the record that stands for it, and with the next copy."""
    blocks.left, blocks.right = kept[blocks.left], kept[blocks.right]
    copies = np.flatnonzero(stands_for != np.arange(len(stands_for)))
    if not len(copies):
        return blocks, candidates
    copies = copies[np.argsort(stands_for[copies], kind="stable")]
    first = stands_for[copies]
    goes_on = first[1:] == first[:-1]
    left = np.concatenate([blocks.left, first, copies[:-1][goes_on]])
    right = np.concatenate([blocks.right, copies, copies[1:][goes_on]])
    added = len(left) - len(blocks.left)
    blocks.report.loc["copies of one row"] = [added, int(np.bincount(stands_for).max()), 0, added]
    bit = np.full(added, 1 << (len(blocks.report) - 1), blocks.keys.dtype)
    answers = answers[np.searchsorted(copied, np.append(first, first[1:][goes_on]))]
    order = np.lexsort((right, left))
    blocks.left, blocks.right, blocks.keys = left[order], right[order], np.append(blocks.keys, bit)[order]
    return blocks, np.vstack([candidates, answers])[order]


def _nothing_to_compare(customers, fields):
    there = [name for name in _SOURCES if name in customers]
    if not there:
        return message(
            "customers",
            "there is no column to compare.",
            it_has=few(customers.columns),
            allowed=few(_SOURCES, most=len(_SOURCES)),
            next='name the columns so, for instance customers.rename(columns={"surname": "last_name"}).',
        )
    return message(
        "customers",
        f"all {len(fields):,} records hold the same values, or none, in every column that is compared.",
        columns=few(there, most=len(there)),
        next="look at the export: drop_duplicates() if the same row came many times.",
    )


def _too_little(customers, name):
    told = _CALLED.get(name, name)
    return message(
        "customers",
        f"only the {told} can be compared; other columns are not there, empty or the same for all.",
        it_has=few(customers.columns),
        allowed="two different fields, or one of phone, email, oib, iban",
        next="add columns from the export; dedupe.pairs_sharing lists the records that share a value.",
    )


def _blind(n, blocks):
    """Pairs drawn blindly among those that are no candidates; the same for the same records."""
    total = n * (n - 1) // 2
    if total <= _BLIND_PAIRS:
        left, right = np.triu_indices(n, 1)
    else:
        draw = np.random.default_rng(0).integers(0, n, (2, _BLIND_PAIRS))
        left, right = draw.min(axis=0), draw.max(axis=0)
    code = np.unique((left * n + right)[left < right])
    candidates = blocks.left * n + blocks.right
    at = np.minimum(np.searchsorted(candidates, code), max(len(candidates) - 1, 0))
    code = code[candidates[at] != code] if len(candidates) else code
    return np.divmod(code, n)
