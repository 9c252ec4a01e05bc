"""Reads a roster, and checks it against the template's questions."""
