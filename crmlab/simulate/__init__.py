"""Make a customer base whose truth is known."""

from crmlab.simulate.asked import COMPANIES
from crmlab.simulate.base import block, company
from crmlab.simulate.recovery import service_recovery
from crmlab.simulate.vocabulary import LOCALES
from crmlab.simulate.writing import join, write

__all__ = ["COMPANIES", "LOCALES", "block", "company", "join", "service_recovery", "write"]
