"""Runs the check of a step on the code on disk, and reports the result."""
