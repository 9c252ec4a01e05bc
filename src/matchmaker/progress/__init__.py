"""Reads how far each trainee is, and shows it."""
