"""From pairs to customers: connected records, weak bridges cut, ids that stay when new records come."""

import html

import numpy as np
import pandas as pd

from crmlab.dedupe.given import checked_clusters, checked_pairs, checked_records, checked_share, column_faults
from crmlab.dedupe.graph import strongest_tree
from crmlab.dedupe.joining import AGAINST_BITS, joined
from crmlab.dedupe.lasting_ids import CHANGES, kept_ids
from crmlab.errors import CrmlabError, message

__all__ = ["Clusters", "cluster"]

_NONE_RETIRED = pd.Series([], index=pd.Index([], dtype="int64", name="retired"), dtype="Int64", name="customer_id")


class Clusters:
    """See which records are one customer, what was cut, and what changed since last time.

    Made by :func:`cluster`; shows itself in words.

    Parameters
    ----------
    customer_id : pandas.Series of int64
        Indexed by record_id: the customer each record belongs to.
    cut : pandas.DataFrame
        One row per cut link, strongest first: record_id_a, record_id_b, probability, the records on either side when
        it was weighed (records_a, records_b), what speaks for and against it in bits (for_bits, against_bits), why.
    doubtful : pandas.DataFrame
        One row per customer with several records, the most doubtful first: customer_id, records, and the weakest link
        that is needed to hold it together: probability, record_id_a, record_id_b.
    changes : pandas.DataFrame
        What happened since last time, one row per event: what (joined, new, merged, split, gone), customer_id,
        customers_before, record_ids, words.
    retired : pandas.Series of Int64
        Indexed by a customer_id no longer used: the customer most of its records went to, empty if it has none.
        A number is never used again.

    Examples
    --------
    >>> pairs = pd.DataFrame({"record_id_a": [1, 2], "record_id_b": [2, 5], "probability": [0.99, 0.95]})
    >>> cluster([1, 2, 3, 5], pairs)
    4 records are 2 customers.
    1 customer has more than one record, at most 3.
    No link was cut.
    """

    def __init__(self, customer_id, cut, doubtful, changes, retired):
        self.customer_id = customer_id
        self.cut = cut
        self.doubtful = doubtful
        self.changes = changes
        self.retired = retired

    @property
    def sizes(self):
        """Customers by number of records: customers and the records they hold."""
        sizes = self.customer_id.value_counts().value_counts().sort_index()
        return pd.DataFrame({"customers": sizes, "records": sizes * sizes.index}).rename_axis("records_each")

    def _lines(self):
        n = self.customer_id.value_counts()
        several = int((n > 1).sum())
        most = f", at most {n.max():,}" if several else ""
        yield f"{_count(len(self.customer_id), 'record')} {_are(len(self.customer_id))} {_count(len(n), 'customer')}."
        yield f"{_count(several, 'customer')} {'has' if several == 1 else 'have'} more than one record{most}."
        cut = len(self.cut)
        yield f"{_count(cut, 'link')} {'was' if cut == 1 else 'were'} cut." if cut else "No link was cut."
        if len(self.changes):
            events = self.changes.drop_duplicates(["what", "customers_before", "record_ids"])
            kinds = events["what"].value_counts()
            records = events["record_ids"].map(len).groupby(events["what"]).sum()
            said = [f"{_count(int(records.get(kind, 0)), 'record')} {words}" for kind, words in _RECORDS.items()]
            torn = self.changes.loc[self.changes["what"] == "split", "customers_before"].nunique()
            said += [f"{_count(int(kinds.get('merged', 0)), 'merge')}", f"{_count(torn, 'split')}"]
            yield f"Since last time: {', '.join(said)}."

    def __repr__(self):
        return "\n".join(self._lines())

    def _repr_html_(self):
        words = "<br>".join(html.escape(line) for line in self._lines())
        return f"<p>{words}</p>{self.sizes.to_html(border=0)}"


_RECORDS = {"joined": "joined a known customer", "new": "of new customers"}


def cluster(record_ids, pairs, *, threshold=0.5, before=None, apart=None):
    """Join records into customers: every record gets a customer_id, and no weak link holds two groups together.

    Records that are linked, directly or through others, are one customer, with one exception. A **bridge** is a link
    that alone joins two groups of a and b records; the other a · b − 1 pairs between the groups are not linked, and
    each of them counts one bit against it. A bridge whose own bits, log2(p / (1 − p)), are fewer is **weak**: it is cut
    and reported. The strongest bridges are weighed first. The order of rows plays no part.

    Parameters
    ----------
    record_ids : array-like
        Every record, linked or not, each once.
    pairs : pandas.DataFrame of shape (n_pairs, 3 or more)
        record_id_a, record_id_b, probability (0 to 1).
    threshold : float, default=0.5
        Pairs at least this probable are links.
    before : Clusters or pandas.Series, optional
        The clusters of last time, or their customer_id by record_id. A customer keeps the number that most of its
        records had; what joined, merged or split is in ``changes``.
    apart : pandas.DataFrame, optional
        record_id_a, record_id_b: pairs that somebody has said are not the same customer (``Merged.apart``). They never
        come together again, whatever links them.

    Returns
    -------
    Clusters

    Raises
    ------
    CrmlabError
        When records, pairs or the threshold break their form; all faults together.

    References
    ----------
    Bridges: R. E. Tarjan, *Information Processing Letters* 2(6), 1974. Weighing a link against the pairs that are not
    linked: N. Bansal, A. Blum & S. Chawla, Correlation clustering, *Machine Learning* 56, 2004.

    Examples
    --------
    Two families of three and one doubtful link between them:

    >>> pairs = pd.DataFrame({
    ...     "record_id_a": [1, 1, 2, 4, 4, 5, 3],
    ...     "record_id_b": [2, 3, 3, 5, 6, 6, 4],
    ...     "probability": [0.99, 0.99, 0.99, 0.99, 0.99, 0.99, 0.7],
    ... })
    >>> clusters = cluster([1, 2, 3, 4, 5, 6], pairs)
    >>> clusters.customer_id.tolist()
    [1, 1, 1, 2, 2, 2]
    >>> clusters.cut["why"].item()
    'alone between 3 and 3 records: 1.2 bits for it, 8.0 against'
    """
    threshold = checked_share(threshold, "threshold", "0.5 is the usual choice; found.threshold(...) works one out.")
    records = checked_records(record_ids).sort_values()
    left, right, probability = checked_pairs(pairs, records)
    linked = probability >= threshold
    left, right, probability = left[linked], right[linked], probability[linked]
    with np.errstate(divide="ignore"):
        bits = np.log2(probability) - np.log2(1 - probability)
    group, cut, sizes, is_told = joined(len(records), left, right, bits, _apart(apart, records))
    report = _report(records, (left[cut], right[cut], probability[cut], bits[cut]), sizes, is_told)
    if before is None:
        customer_id, changes, retired = group + 1, pd.DataFrame(columns=CHANGES), _NONE_RETIRED
    else:
        retired = getattr(before, "retired", _NONE_RETIRED)
        numbers = checked_clusters(before, "before")
        if not pd.api.types.is_integer_dtype(numbers):
            next_step = "number the customers, for instance with pd.factorize, and keep the numbers."
            raise CrmlabError(message("before: customer_id", "found texts.", allowed="whole numbers", next=next_step))
        customer_id, changes, retired = kept_ids(records, group, numbers, retired)
    customer_id = pd.Series(customer_id, index=records.rename("record_id"), name="customer_id", dtype="int64")
    doubtful = _doubtful(customer_id, records, left, right, probability)
    return Clusters(customer_id, report, doubtful, changes, retired)


def _doubtful(customer_id, records, left, right, probability):
    customer = customer_id.to_numpy()
    inside = np.flatnonzero(customer[left] == customer[right])
    inside = inside[strongest_tree(len(records), left[inside], right[inside], probability[inside])]
    held = pd.DataFrame({"customer_id": customer[left[inside]], "probability": probability[inside], "link": inside})
    held = held.sort_values(["probability", "customer_id", "link"]).drop_duplicates("customer_id", ignore_index=True)
    link = held.pop("link").to_numpy()
    n = customer_id.value_counts().reindex(held["customer_id"]).to_numpy()
    held.insert(1, "records", n)
    return held.assign(record_id_a=records[left[link]], record_id_b=records[right[link]])


def _apart(apart, records):
    """Turn pairs to be kept apart into places; records that are not there any more need no keeping."""
    if apart is None:
        return ()
    columns = ["record_id_a", "record_id_b"]
    if faults := column_faults("apart", apart, columns, "pass merged.apart."):
        raise CrmlabError(*faults)
    one, other = (records.get_indexer(apart[column]).tolist() for column in columns)
    return sorted({(min(a, b), max(a, b)) for a, b in zip(one, other, strict=True) if min(a, b) >= 0 and a != b})


def _report(records, links, sizes, is_told):
    left, right, probability, bits = links
    against = AGAINST_BITS * (sizes.prod(axis=1) - 1)
    why = [
        "somebody said that two of these records are not the same"
        if told
        else f"alone between {a:,} and {b:,} records: {for_it:.1f} bits for it, {no:.1f} against"
        for (a, b), for_it, no, told in zip(sizes.tolist(), bits, against, is_told, strict=True)
    ]
    return pd.DataFrame(
        {
            "record_id_a": records[left],
            "record_id_b": records[right],
            "probability": probability,
            "records_a": sizes[:, 0],
            "records_b": sizes[:, 1],
            "for_bits": bits,
            "against_bits": against,
            "why": pd.Series(why, dtype="str"),
        }
    )


def _count(n, noun):
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _are(n):
    return "is" if n == 1 else "are"
