"""THE RULES: plain Python, no I/O, no clock, no framework."""
