"""Rules made of rules."""
