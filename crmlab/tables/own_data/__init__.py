"""The door for an own export: read it as it is, ask where it could be misread, report what was left out."""

from crmlab.tables.own_data.door import from_export

__all__ = ["from_export"]
