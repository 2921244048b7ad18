"""Commands about the course of a year: where units stand within it, and its close."""
