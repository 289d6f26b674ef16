"""What a customer is worth: recency, frequency, value, who carries the base, and what customers will still buy."""

from crmlab.value.bgbb import BGBB
from crmlab.value.bgnbd import BGNBD, MBGNBD
from crmlab.value.concentration import gini, lorenz, top_share, whale_curve
from crmlab.value.lifetime import lifetime_value
from crmlab.value.paretonbd import ParetoNBD
from crmlab.value.recency import rfm
from crmlab.value.renewal import BetaDiscreteWeibull, ShiftedBetaGeometric
from crmlab.value.spend import GammaGamma
from crmlab.value.summary import purchase_summary
from crmlab.value.survival import kaplan_meier

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "GammaGamma",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "gini",
    "kaplan_meier",
    "lifetime_value",
    "lorenz",
    "purchase_summary",
    "rfm",
    "top_share",
    "whale_curve",
]
