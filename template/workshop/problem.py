"""What went wrong, in the words of the person who has to put it right."""


class Problem(Exception):
    """A failure that its reader can mend: one sentence on what is wrong, one on what to do next."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
