"""Entries go to the bank: batched, transmitted, acknowledged, released."""
