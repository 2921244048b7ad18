"""The scheme as one would print it."""
