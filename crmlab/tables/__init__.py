"""What a table promises: models, customer bases, files, and the door for an own export."""

from crmlab.tables.base import CustomerBase
from crmlab.tables.checksum import checksum
from crmlab.tables.own_data import from_export
from crmlab.tables.promise import check, describe

__all__ = ["CustomerBase", "check", "checksum", "describe", "from_export"]
