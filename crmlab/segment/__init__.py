"""Group customers: tiers by value, segments by the benefits they seek, and whether these hold."""

from crmlab.segment.best_worst import best_worst
from crmlab.segment.class_solutions import ClassSolutions, class_solutions
from crmlab.segment.conjoint import Conjoint, conjoint
from crmlab.segment.described import Description, described
from crmlab.segment.latent_classes import LatentClasses
from crmlab.segment.mosaic import Mosaic, mosaic
from crmlab.segment.potential_grid import PotentialGrid, potential_grid
from crmlab.segment.profile import Profile, profile
from crmlab.segment.recovered import recovered
from crmlab.segment.response_style import ipsatise
from crmlab.segment.solutions import Solutions, solutions
from crmlab.segment.stability import Stability, stability
from crmlab.segment.target import Targets, targets
from crmlab.segment.tiers import ValueTiers

__all__ = [
    "ClassSolutions",
    "Conjoint",
    "Description",
    "LatentClasses",
    "Mosaic",
    "PotentialGrid",
    "Profile",
    "Solutions",
    "Stability",
    "Targets",
    "ValueTiers",
    "best_worst",
    "class_solutions",
    "conjoint",
    "described",
    "ipsatise",
    "mosaic",
    "potential_grid",
    "profile",
    "recovered",
    "solutions",
    "stability",
    "targets",
]
