"""Members are found, pay, and submit."""
