"""Proofs of the books, each of one piece that fits into one function (I2, I3)."""
