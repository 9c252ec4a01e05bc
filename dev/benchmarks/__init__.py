"""Measures what the README claims; every number is a ratio within one run."""
