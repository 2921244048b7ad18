"""Scores and rules in Chinese sentences."""
