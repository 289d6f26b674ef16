"""The truth behind a simulated base, and how hard it makes the finding of duplicates."""

import unicodedata

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.tables.by_name import Tables

__all__ = ["Truth"]

_TEXTS = ("first_name", "last_name", "street", "house_number", "postcode", "city", "email", "phone", "oib", "iban")
_KEYS = (
    *(("phone",), ("email",), ("oib",), ("iban",), ("low_name", "high_name", "city")),
    *(("low_name", "birth"), ("high_name", "birth")),
    *(("last_name", "street", "house"), ("first_name", "street", "house")),
)
_MOST_ALIKE = 200  # records that share a key; beyond, the key tells too little
_UNKNOWN, _DIFFERS, _NEAR, _SAME = range(4)


class Truth(Tables):
    """The truth tables of a simulated base, by name.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        The truth tables.
    name : str
        What the whole is called in messages.
    customers : pandas.DataFrame, optional
        The records as the firm sees them.

    Examples
    --------
    >>> truth = Truth({"links": pd.DataFrame({"record_id": [1], "person_id": [1]})}, "truth of shop")
    >>> truth.links.shape
    (1, 2)
    """

    def __init__(self, tables, name, customers=None):
        super().__init__(tables, name)
        self._customers = customers

    def __reduce__(self):
        return type(self), (self._tables, self.name, self._customers)

    def difficulty(self):
        """Say what the best matcher could reach on these records, told the true odds.

        Every pair of records that shares something (a phone number, a name and a town,
        a surname and an address ...) is compared: first name, surname, address, day of
        birth, phone or e-mail, identity number or account are the same, near, different
        or unknown. The oracle knows, for each pattern of answers, how many of its pairs
        are one person. It takes patterns in the order of these odds, down to where F1 is
        highest. A matcher that judges pairs by such answers cannot do better: no order
        beats that of the likelihood ratio.

        Returns
        -------
        pandas.Series
            duplicate_pairs (pairs of records of one person), out_of_reach (share of them
            that share nothing), precision, recall and f1 of the oracle (empty where there
            are no such pairs), and rivals: pairs of different persons that it takes for
            one, since they look like duplicates.

        Raises
        ------
        CrmlabError
            When the base has no records or no links.

        Notes
        -----
        The order of pairs: Fellegi & Sunter 1969, A theory for record linkage, by the
        lemma of Neyman and Pearson. The odds are those of this very base, so with few
        duplicates the figure flatters. A matcher that looks further (at purchases, or
        letter by letter) may pass it.

        Examples
        --------
        >>> records = pd.DataFrame({"record_id": [1, 2, 3], "phone": ["5", "5", "6"], "city": ["Split"] * 3})
        >>> links = pd.DataFrame({"record_id": [1, 2, 3], "person_id": [1, 1, 2]})
        >>> Truth({"links": links}, "truth", records).difficulty()["f1"]
        1.0
        """
        if self._customers is None or "links" not in self:
            raise CrmlabError(
                message(self.name, "there are no records to compare.", next="load a base with customers and links.")
            )
        person = self["links"].set_index("record_id")["person_id"].reindex(self._customers["record_id"]).to_numpy()
        seen = _folded(self._customers)
        left, right = _pairs(seen)
        pattern = _pattern(seen, left, right)
        counts = pd.DataFrame({"pattern": pattern, "one": person[left] == person[right]}).groupby("pattern")["one"]
        one, all_of = counts.sum().to_numpy(), counts.size().to_numpy()
        size = pd.Series(person).value_counts().to_numpy()
        return _best(one, all_of, int((size * (size - 1) // 2).sum()))


def _best(one, all_of, pairs):
    """Take patterns by falling odds, down to the highest F1."""
    order = np.argsort(-one / np.maximum(all_of, 1), kind="stable")
    right, taken = np.cumsum(one[order]), np.cumsum(all_of[order])
    out = {"duplicate_pairs": pairs, "out_of_reach": np.nan, "precision": np.nan, "recall": np.nan, "f1": np.nan}
    if pairs == 0:
        return pd.Series({**out, "rivals": 0}, name="difficulty", dtype=object)
    f1 = 2 * right / (taken + pairs)
    at = int(f1.argmax()) if len(f1) else -1
    found, chosen = (int(right[at]), int(taken[at])) if at >= 0 else (0, 0)
    out |= {"out_of_reach": 1 - one.sum().item() / pairs, "recall": found / pairs, "rivals": chosen - found}
    out |= {"precision": found / chosen if chosen else np.nan, "f1": f1[at].item() if at >= 0 else 0.0}
    return pd.Series(out, name="difficulty", dtype=object)


def _folded(customers):
    """Each field as a number per record: equal where the texts are, but for case, marks and signs; -1 if unknown."""
    out, nothing = {}, pd.Series(None, index=customers.index, dtype="str")
    texts = {name: _plainly(customers[name]) if name in customers else nothing for name in _TEXTS}
    texts["phone"] = texts["phone"].str[-7:]
    texts["street"] = texts["street"].str[-6:]
    born = customers["birth_date"].dt.strftime("%Y%m%d") if "birth_date" in customers else nothing
    for name, text in (*texts.items(), ("birth", born)):
        out[name] = pd.factorize(text)[0]
    names = pd.concat([texts["first_name"], texts["last_name"]])
    first, last = np.split(pd.factorize(names)[0], 2)
    out["low_name"], out["high_name"] = np.minimum(first, last), np.maximum(first, last)
    out["house"] = pd.factorize(texts["house_number"].str.extract(r"(\d+)", expand=False))[0]
    for name in ("first_name", "last_name"):
        out[f"{name}_head"], out[f"{name}_tail"] = (
            pd.factorize(part)[0] for part in (texts[name].str[:3], texts[name].str[-3:])
        )
    out["year"], out["day"] = (pd.factorize(part)[0] for part in (born.str[:4], born.map(_sorted, na_action="ignore")))
    return out


def _plainly(values):
    """Texts without case, marks and signs."""
    codes, words = pd.factorize(values.astype("str"))
    plain = pd.Series([_plain(word) for word in words] or [None], dtype="str")
    return pd.Series(plain.reindex(codes).to_numpy(), index=values.index, dtype="str")


def _plain(text):
    spelled = text.lower().replace("đ", "d").replace("dj", "d").replace("ß", "ss")
    return "".join(letter for letter in unicodedata.normalize("NFD", spelled) if letter.isalnum())


def _sorted(text):
    return "".join(sorted(text))


def _pairs(seen):
    """Pairs of records that share a key, each once."""
    n = len(seen["city"])
    found = [np.zeros(0, np.int64)]
    for key in _KEYS:
        known = np.flatnonzero(np.logical_and.reduce([seen[name] >= 0 for name in key]))
        group = pd.DataFrame({name: seen[name][known] for name in key}).groupby(list(key), sort=False).ngroup()
        group = group.to_numpy()
        sizes = np.bincount(group, minlength=1)
        order = known[np.argsort(group, kind="stable")]
        start = np.cumsum(sizes) - sizes
        for size in np.unique(sizes[(sizes > 1) & (sizes <= _MOST_ALIKE)]):
            rows = order[start[sizes == size][:, None] + np.arange(size)]
            first, second = np.triu_indices(size, 1)
            a, b = rows[:, first].ravel(), rows[:, second].ravel()
            found.append(np.minimum(a, b) * n + np.maximum(a, b))
    return np.divmod(np.unique(np.concatenate(found)), max(n, 1))


def _pattern(seen, left, right):
    """The answers of each pair, as one number."""

    def same(*names):
        known = np.logical_and.reduce([(seen[name][left] >= 0) & (seen[name][right] >= 0) for name in names])
        equal = np.logical_and.reduce([seen[name][left] == seen[name][right] for name in names])
        return np.where(known, np.where(equal, _SAME, _DIFFERS), _UNKNOWN)

    def near(level, *others):
        is_near = np.logical_or.reduce([same(other) == _SAME for other in others])
        return np.where((level == _DIFFERS) & is_near, _NEAR, level)

    swapped = same("low_name", "high_name") == _SAME
    answers = []
    for name in ("first_name", "last_name"):
        answers.append(np.where(swapped, _SAME, near(same(name), f"{name}_head", f"{name}_tail")))
    answers.append(near(same("street", "house"), "street", "postcode"))
    answers.append(near(same("birth"), "year", "day"))
    answers.append(np.maximum(same("phone"), same("email")))
    answers.append(np.maximum(same("oib"), same("iban")))
    return sum(answer * 4**place for place, answer in enumerate(answers))
