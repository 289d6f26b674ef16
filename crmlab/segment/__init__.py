"""Group customers: tiers by value."""

from crmlab.segment.tiers import ValueTiers

__all__ = ["ValueTiers"]
