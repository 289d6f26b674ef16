"""Mess: every kind of error that records have, named, dosed, logged and testable alone."""

from crmlab.simulate.mess.edits import mess
from crmlab.simulate.mess.habits import Habits
from crmlab.simulate.mess.kinds import KINDS
from crmlab.simulate.mess.presets import PRESETS, doses

__all__ = ["KINDS", "PRESETS", "Habits", "doses", "mess"]
