"""What a rule can give at all, before any figure exists."""
