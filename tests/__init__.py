"""Tests mirror the rooms of `flows/`; those that need several rooms are at the top."""
