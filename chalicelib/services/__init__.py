"""THE USE CASES: load, decide, keep."""
