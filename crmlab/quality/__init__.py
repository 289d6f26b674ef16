"""How good the data are, and how they should be entered: scorecard, entry standard, normal forms, privacy."""
