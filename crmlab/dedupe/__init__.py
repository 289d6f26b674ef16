"""Which records are the same customer: find them, explain it, merge them, and undo a merge."""

from crmlab.dedupe.clusters import Clusters, cluster
from crmlab.dedupe.entry_index import Candidates, EntryIndex
from crmlab.dedupe.evaluation import Evaluation, evaluate
from crmlab.dedupe.found import Found, find
from crmlab.dedupe.golden import Merged
from crmlab.dedupe.merging import merge
from crmlab.dedupe.review import Review
from crmlab.dedupe.sharing import pairs_sharing

__all__ = [
    "Candidates",
    "Clusters",
    "EntryIndex",
    "Evaluation",
    "Found",
    "Merged",
    "Review",
    "cluster",
    "evaluate",
    "find",
    "merge",
    "pairs_sharing",
]
