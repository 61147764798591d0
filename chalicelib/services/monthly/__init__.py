"""The month of a mandate: charges, notices, the 22nd, and what members change."""
