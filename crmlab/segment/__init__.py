"""Group customers: tiers by value, segments by the benefits they seek, and whether these hold."""

from crmlab.segment.class_solutions import ClassSolutions, class_solutions
from crmlab.segment.latent_classes import LatentClasses
from crmlab.segment.recovered import recovered
from crmlab.segment.response_style import ipsatise
from crmlab.segment.solutions import Solutions, solutions
from crmlab.segment.stability import Stability, stability
from crmlab.segment.tiers import ValueTiers

__all__ = [
    "ClassSolutions",
    "LatentClasses",
    "Solutions",
    "Stability",
    "ValueTiers",
    "class_solutions",
    "ipsatise",
    "recovered",
    "solutions",
    "stability",
]
