"""How right the matching is, where the truth is known: pairs, customers and what blocking lost, each counted apart."""

import html

import numpy as np
import pandas as pd

from crmlab.dedupe.clusters import cluster
from crmlab.dedupe.given import checked_clusters, checked_pairs, checked_records, checked_share, column_faults
from crmlab.errors import CrmlabError, few, message

__all__ = ["Evaluation", "evaluate"]


def evaluate(found, truth_links, *, threshold=0.5):
    """Count how many of all true pairs were found, and where the others were lost.

    Three steps are counted apart, each against *all* pairs of records of one person: what blocking let through to be
    compared, which pairs became links, and which records ended up as one customer.

    Parameters
    ----------
    found : Found, pandas.DataFrame, Clusters or pandas.Series
        What ``dedupe.find`` gave; or a table of scored pairs (record_id_a, record_id_b, probability), every pair that
        was compared; or only clusters, and then only customers are counted.
    truth_links : pandas.DataFrame
        record_id and person_id, each record once.
    threshold : float, default=0.5
        Pairs at least this probable are links.

    Returns
    -------
    Evaluation
        Shows itself as a table; ``.missed`` and ``.wrong`` list the pairs.

    Raises
    ------
    CrmlabError
        When the truth does not hold every record once, or pairs break their form.

    References
    ----------
    Counting against all true pairs: P. Christen, *Data Matching*, Springer 2012, chapter 7. B-cubed: A. Bagga &
    B. Baldwin, Entity-based cross-document coreferencing using the vector space model, 1998.

    Examples
    --------
    >>> truth = pd.DataFrame({"record_id": [1, 2, 3, 4, 5], "person_id": [1, 1, 1, 2, 2]})
    >>> pairs = pd.DataFrame({"record_id_a": [1, 2, 3], "record_id_b": [2, 3, 4], "probability": [0.9, 0.2, 0.6]})
    >>> evaluate(pairs, truth).steps
               right  wrong  missed  precision  recall        f1
    step
    compared       2      1       2        NaN    0.50       NaN
    linked         1      1       3        0.5    0.25  0.333333
    customers      1      1       3        0.5    0.25  0.333333
    """
    threshold = checked_share(threshold, "threshold", "take the one the links were made with.")
    if faults := column_faults("truth_links", truth_links, ["record_id", "person_id"], 'pass base.truth["links"].'):
        raise CrmlabError(*faults)
    records = checked_records(truth_links["record_id"], "truth_links.record_id")
    if truth_links["person_id"].isna().any():
        lone = few(records[truth_links["person_id"].isna()])
        raise CrmlabError(message("truth_links.person_id", "some are empty.", records=lone, next="name every person."))
    person = pd.factorize(truth_links["person_id"])[0]
    pairs = None
    if isinstance(found, pd.DataFrame) and "record_id_a" in found:
        pairs, clusters = found, cluster(records, found, threshold=threshold)
    elif hasattr(found, "pairs") and hasattr(found, "clusters"):
        pairs, clusters = found.pairs, found.clusters
    else:
        clusters = found
    customer = checked_clusters(clusters, "found").reindex(records)
    if customer.isna().any():
        next_step = "evaluate against the truth of the same records."
        lost = records[customer.isna()]
        raise CrmlabError(
            message("found", f"{len(lost):,} records are in no customer.", values=few(lost), next=next_step)
        )
    return Evaluation(records, person, pd.factorize(customer)[0], pairs, threshold)


class Evaluation:
    """Read how right a matching is, step by step.

    Made by :func:`evaluate`.

    Parameters
    ----------
    records : pandas.Index
        All records.
    person, customer : ndarray of int64
        The true person and the customer found of each record.
    pairs : pandas.DataFrame or None
        All pairs compared, with their probability.
    threshold : float
        From where on a pair is a link.

    Attributes
    ----------
    steps : pandas.DataFrame
        Indexed by step (compared, linked, customers): right, wrong and missed pairs, precision, recall, f1.
        Precision of *compared* is left out: to compare is no claim.
    persons : pandas.DataFrame
        Indexed by what became of a person (exactly right, split, mixed with others, split and mixed):
        persons, share; and of those with several records: persons_several, share_several.
    b_cubed : pandas.Series
        precision, recall and f1, averaged over records instead of pairs.
    missed : pandas.DataFrame
        Every true pair whose records are not one customer: record_id_a, record_id_b, probability, lost_at (blocking,
        threshold, clusters).
    wrong : pandas.DataFrame
        Every link between two persons: record_id_a, record_id_b, probability, is_one_customer.

    Examples
    --------
    >>> truth = pd.DataFrame({"record_id": [1, 2, 3], "person_id": [1, 1, 2]})
    >>> evaluate(pd.Series({1: 1, 2: 1, 3: 2}), truth).persons["persons"].to_dict()
    {'exactly right': 2, 'split': 0, 'mixed with others': 0, 'split and mixed': 0}
    """

    def __init__(self, records, person, customer, pairs, threshold):
        n = len(records)
        one, other = _pairs_within(person)
        true = one * n + other
        both = pd.factorize(person * np.int64(n) + customer)[0]
        steps = {}
        fate = np.full(len(true), "clusters", dtype=object)
        probability = np.full(len(true), np.nan)
        self.wrong = pd.DataFrame(columns=["record_id_a", "record_id_b", "probability", "is_one_customer"])
        if pairs is not None:
            left, right, p = checked_pairs(pairs, records)
            is_true = person[left] == person[right]
            key = left * n + right
            place = np.searchsorted(key, true)  # pairs come in order of left and right
            compared = np.zeros(len(true), dtype=bool)
            inside = place < len(key)
            compared[inside] = key[place[inside]] == true[inside]
            probability[compared] = p[place[compared]]
            linked = p >= threshold
            steps["compared"] = (is_true.sum(), (~is_true).sum(), len(true))
            steps["linked"] = ((is_true & linked).sum(), (~is_true & linked).sum(), len(true))
            fate[~compared] = "blocking"
            fate[compared & (probability < threshold)] = "threshold"
            bad = ~is_true & linked
            self.wrong = pd.DataFrame(
                {
                    "record_id_a": records[left[bad]],
                    "record_id_b": records[right[bad]],
                    "probability": p[bad],
                    "is_one_customer": customer[left[bad]] == customer[right[bad]],
                }
            ).sort_values("probability", ascending=False, ignore_index=True, kind="stable")
        kept = _n_pairs(both)
        steps["customers"] = (kept, _n_pairs(customer) - kept, len(true))
        self.steps = _steps(steps)
        lost = customer[one] != customer[other]
        self.missed = pd.DataFrame(
            {
                "record_id_a": records[one[lost]],
                "record_id_b": records[other[lost]],
                "probability": probability[lost],
                "lost_at": pd.Series(fate[lost], dtype="str"),
            }
        )
        self.persons = _persons(person, customer, both)
        self.b_cubed = _b_cubed(person, customer, both)

    def __repr__(self):
        with pd.option_context("display.width", 120, "display.float_format", "{:.4f}".format):
            return f"{self.steps}\n\n{self.persons}"

    def _repr_html_(self):
        words = html.escape("Pairs of records of one person, found or lost; and what became of persons.")
        shown = [
            table.to_html(border=0, float_format="{:.3f}".format, na_rep="") for table in (self.steps, self.persons)
        ]
        return f"<p>{words}</p>{''.join(shown)}"


def _pairs_within(groups):
    """Give every pair of rows of one group, the smaller row first."""
    order = np.argsort(groups, kind="stable")
    falls = groups[order]
    one, other = [np.zeros(0, dtype="int64")], [np.zeros(0, dtype="int64")]
    for lag in range(1, int(np.bincount(groups, minlength=1).max()) if len(groups) else 0):
        same = falls[lag:] == falls[:-lag]
        one.append(order[:-lag][same])
        other.append(order[lag:][same])
    one, other = np.concatenate(one), np.concatenate(other)
    return one, other


def _n_pairs(groups):
    sizes = np.bincount(groups).astype("int64") if len(groups) else np.zeros(1, dtype="int64")
    return int((sizes * (sizes - 1) // 2).sum())


def _steps(counts):
    table = pd.DataFrame.from_dict(counts, orient="index", columns=["right", "wrong", "true"]).rename_axis("step")
    table = table.astype("int64")
    precision = (table["right"] / (table["right"] + table["wrong"])).where(table.index != "compared")
    recall = table["right"] / table["true"]
    f1 = 2 * table["right"] / (table["right"] + table["wrong"] + table["true"])
    missed = table["true"] - table["right"]
    table = table[["right", "wrong"]].assign(missed=missed, precision=precision, recall=recall)
    return table.assign(f1=f1.where(table.index != "compared"))


def _persons(person, customer, both):
    n = pd.DataFrame({"person": person, "customer": customer, "both": both})
    n["strangers"] = n.groupby("customer")["both"].transform("nunique") > 1
    by = n.groupby("person").agg(split=("customer", "nunique"), mixed=("strangers", "any"), records=("both", "size"))
    is_split = by["split"] > 1
    kind = np.select(
        [is_split & by["mixed"], is_split, by["mixed"]],
        ["split and mixed", "split", "mixed with others"],
        "exactly right",
    )
    kinds = pd.Index(["exactly right", "split", "mixed with others", "split and mixed"], name="persons were")
    several = by["records"].to_numpy() > 1
    counts = [
        pd.Series(chosen, dtype="str").value_counts().reindex(kinds, fill_value=0) for chosen in (kind, kind[several])
    ]
    return pd.DataFrame(
        {
            "persons": counts[0],
            "share": counts[0] / max(len(by), 1),
            "persons_several": counts[1],
            "share_several": counts[1] / max(several.sum(), 1),
        }
    )


def _b_cubed(person, customer, both):
    if not len(person):
        return pd.Series({"precision": np.nan, "recall": np.nan, "f1": np.nan}, name="b_cubed")
    together = np.bincount(both)[both]
    precision = (together / np.bincount(customer)[customer]).mean()
    recall = (together / np.bincount(person)[person]).mean()
    return pd.Series(
        {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}, name="b_cubed"
    )
