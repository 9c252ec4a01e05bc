"""Builds the site from `docs/` and from what is generated."""
