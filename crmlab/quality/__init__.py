"""How good the data are, and how they should be entered: scorecard, entry standard, normal forms, privacy."""

from crmlab.quality.anonymity import KAnonymity, Suppressed, k_anonymity, suppress
from crmlab.quality.companies import company_key
from crmlab.quality.consent import Selection, select
from crmlab.quality.enrichment import Enrichment, enrichment
from crmlab.quality.entry_standard import EntryStandard
from crmlab.quality.letters import fold, name_key
from crmlab.quality.names import first_name_key
from crmlab.quality.normalise import Normalised, normalise
from crmlab.quality.numbers import check_number
from crmlab.quality.pairs import pairs, points
from crmlab.quality.pseudonyms import pseudonyms
from crmlab.quality.scorecard import Scorecard, scorecard
from crmlab.quality.separation import separation_figure
from crmlab.quality.streets import street_key

__all__ = [
    "Enrichment",
    "EntryStandard",
    "KAnonymity",
    "Normalised",
    "Scorecard",
    "Selection",
    "Suppressed",
    "check_number",
    "company_key",
    "enrichment",
    "first_name_key",
    "fold",
    "k_anonymity",
    "name_key",
    "normalise",
    "pairs",
    "points",
    "pseudonyms",
    "scorecard",
    "select",
    "separation_figure",
    "street_key",
    "suppress",
]
