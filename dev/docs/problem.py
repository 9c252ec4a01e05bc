"""What is wrong with a page, for the person who wrote it."""


class Problem(Exception):
    """A page cannot be made; the text says why."""
