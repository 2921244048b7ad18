"""Facts and a scheme → points, places, grades."""
