"""A training toolkit for CRM analytics, on customer bases whose truth is known.

The rooms, in order of work:

==========  =====================================================
tables      what a table promises; load an own export
simulate    make a customer base whose truth is known
quality     how good the data are, and how they should be entered
dedupe      which records are the same customer
value       what a customer is worth
segment     group customers
report      figures and the audit page
lesson      for notebooks only: questions, hints, progress
==========  =====================================================

Importing crmlab changes nothing in your session and loads nothing heavy: a room
is loaded when you first name it.

>>> import crmlab
>>> crmlab.ROOMS
('tables', 'simulate', 'quality', 'dedupe', 'value', 'segment', 'report', 'lesson')
"""

from importlib import import_module

__version__ = "0.1.0"
ROOMS = ("tables", "simulate", "quality", "dedupe", "value", "segment", "report", "lesson")
__all__ = ["ROOMS", "__version__"]


def __getattr__(name):
    if name in ROOMS:
        return import_module(f"crmlab.{name}")
    raise AttributeError(f"crmlab has no room '{name}'. It has: {', '.join(ROOMS)}.")


def __dir__():
    return sorted([*globals(), *ROOMS])
