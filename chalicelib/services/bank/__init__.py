"""Money reaches the bank, comes back, and is proved: use cases between us and the ODFI."""
