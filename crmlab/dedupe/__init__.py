"""Which records are the same customer: find them, explain it, merge them, and undo a merge."""
