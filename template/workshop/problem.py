"""What went wrong, in the words of the person who has to put it right."""


class Problem(Exception):
    """A failure that its reader can mend: what is wrong, what to do next, and where it is.

    `where` is a file, with `:` and a line behind it if there is one; empty if it is no file's.
    `kind` is the same for problems that have the same remedy; empty for one that has no like.
    """

    def __init__(self, what: str, remedy: str = "", where: str = "", kind: str = "") -> None:
        super().__init__(what, remedy, where, kind)  # what a copy in another process is made from
        self.what = what
        self.remedy = remedy
        self.where = where
        self.kind = kind

    def __str__(self) -> str:
        return self.what

    @property
    def line(self) -> int:
        """The line in `where`; 0 if there is none."""
        line = self.where.rpartition(":")[2]
        return int(line) if line.isdecimal() else 0
