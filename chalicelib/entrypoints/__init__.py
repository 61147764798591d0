"""THE DOORS: parse, one service call, answer."""
