"""Premium Pay: members of a state health exchange pay their premiums from a bank account."""

__version__ = "0.1.0"
