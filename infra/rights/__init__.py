"""Rights, both ways: what each function does, what its policy lets it do, and what none may do."""
