"""Hands out the repositories: as files, by git push, and on cards."""
