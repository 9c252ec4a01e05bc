"""Moves between steps, and keeps or saves what the trainee wrote."""
