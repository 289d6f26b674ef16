"""Group customers: tiers by value, segments by the benefits they seek, and whether these hold."""

from crmlab.segment.recovered import recovered
from crmlab.segment.response_style import ipsatise
from crmlab.segment.solutions import Solutions, solutions
from crmlab.segment.stability import Stability, stability
from crmlab.segment.tiers import ValueTiers

__all__ = ["Solutions", "Stability", "ValueTiers", "ipsatise", "recovered", "solutions", "stability"]
