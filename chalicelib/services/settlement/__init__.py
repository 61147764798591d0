"""What did not come back is paid, and how far each payment is."""
