"""A bank that takes files as an ODFI does.

It shares no code with chalicelib.domain.ach: both are written from the rule book, so that each
checks the other.
"""
