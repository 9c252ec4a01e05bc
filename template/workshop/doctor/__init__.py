"""Looks for problems with this machine and this stack."""
