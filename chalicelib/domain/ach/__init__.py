"""Nacha's files, pure: what we write to the ODFI, and what it sends back."""
