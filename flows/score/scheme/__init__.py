"""A year's scheme and targets as strict models."""
