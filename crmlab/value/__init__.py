"""What a customer is worth: recency, frequency, value, who carries the base, and what customers will still buy."""

from crmlab.value.bgbb import BGBB
from crmlab.value.bgnbd import BGNBD, MBGNBD
from crmlab.value.churn import churn_by, contract_value
from crmlab.value.cohorts import contract_cohorts, purchase_cohorts
from crmlab.value.concentration import abc_classes, gini, lorenz, top_share, whale_curve
from crmlab.value.engagement import engagement_value, knowledge_value
from crmlab.value.gaps import servqual
from crmlab.value.holdout import holdout_report
from crmlab.value.lifetime import lifetime_value
from crmlab.value.markov import MarkovValue
from crmlab.value.migration import tier_migration
from crmlab.value.paretonbd import ParetoNBD
from crmlab.value.profit import customer_profit, unprofitable
from crmlab.value.recency import rfm
from crmlab.value.referrals import influencer_value, referral_value
from crmlab.value.renewal import BetaDiscreteWeibull, ShiftedBetaGeometric
from crmlab.value.spend import GammaGamma
from crmlab.value.summary import purchase_summary
from crmlab.value.survival import kaplan_meier
from crmlab.value.to_customer import ces, csat, nps
from crmlab.value.value_matrix import value_matrix

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "GammaGamma",
    "MarkovValue",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "abc_classes",
    "ces",
    "churn_by",
    "contract_cohorts",
    "contract_value",
    "csat",
    "customer_profit",
    "engagement_value",
    "gini",
    "holdout_report",
    "influencer_value",
    "kaplan_meier",
    "knowledge_value",
    "lifetime_value",
    "lorenz",
    "nps",
    "purchase_cohorts",
    "purchase_summary",
    "referral_value",
    "rfm",
    "servqual",
    "tier_migration",
    "top_share",
    "unprofitable",
    "value_matrix",
    "whale_curve",
]
