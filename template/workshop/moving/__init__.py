"""Moves between steps, and keeps or saves the trainee's work."""
