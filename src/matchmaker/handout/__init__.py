"""Hands repositories out: as files, by git push, on cards."""
