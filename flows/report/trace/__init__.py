"""What a trace found, for people and programs."""
