"""A real browser for the board."""

from tests.workshop.console.conftest import new_page

__all__ = ["new_page"]
