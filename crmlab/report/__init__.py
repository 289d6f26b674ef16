"""Say it: figures whose title is the finding, and the audit page of a base."""

from crmlab.report.answers import gaps_figure, scores_figure
from crmlab.report.audit import Audit, audit
from crmlab.report.figures import lorenz_figure, rfm_figure, tiers_figure, whale_figure
from crmlab.report.forecast import forecast_figure
from crmlab.report.inventory import filled_figure, touchpoints_figure
from crmlab.report.merging import merging_figure

__all__ = [
    "Audit",
    "audit",
    "filled_figure",
    "forecast_figure",
    "gaps_figure",
    "lorenz_figure",
    "merging_figure",
    "rfm_figure",
    "scores_figure",
    "tiers_figure",
    "touchpoints_figure",
    "whale_figure",
]
