"""A bank's statement of an account, in BAI2 or camt.053: what moved on which day."""
