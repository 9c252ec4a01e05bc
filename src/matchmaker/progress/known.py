"""What is known about how far one trainee is."""

from dataclasses import dataclass
from typing import Literal

from workshop.record.form import Record


@dataclass(frozen=True)
class Known:
    """One trainee of the roster, with the newest record that we could get.

    The record comes from the trainee's machine. It is whole, and it is the trainee's own, but it
    can say anything about how far they are. The name is the roster's.
    """

    slug: str
    """Empty if the roster's trainee has no repository yet."""
    name: str
    record: Record | None = None
    source: Literal["folder", "remote", ""] = ""
    """Where the record is from."""
    problem: str = ""
    """What is wrong, such as why the record is an old one, in a sentence.

    Empty if all is well, and also if there is no record because the trainee hasn't begun.
    """

    namesake: bool = False
    """Whether somebody else on the roster has the same name."""

    @property
    def shown(self) -> str:
        """The name for people, which tells two of the same name apart by their slugs."""
        return f"{self.name} ({self.slug})" if self.namesake and self.slug else self.name

    @property
    def finished(self) -> str:
        """When the trainee ran `workshop finish` last (ISO 8601). Empty if they haven't."""
        if self.record is None:
            return ""
        # In version 1, only `workshop finish` wrote a record.
        return self.record.finished or (self.record.at if self.record.version == 1 else "")
