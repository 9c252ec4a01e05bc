"""Looks for what is wrong with this machine and this stack."""
