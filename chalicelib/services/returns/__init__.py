"""What the bank sends back: matched, posted, and what it does to mandates."""
