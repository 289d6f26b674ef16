"""What a customer is worth: recency, frequency, monetary value, and who carries the base."""

from crmlab.value.concentration import gini, lorenz, top_share, whale_curve
from crmlab.value.recency import rfm

__all__ = ["gini", "lorenz", "rfm", "top_share", "whale_curve"]
