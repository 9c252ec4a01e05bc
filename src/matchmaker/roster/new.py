"""Writes a commented roster to start from, and the schema that an editor completes it by."""

from importlib import resources
from pathlib import Path

from matchmaker.problem import Problem, Problems

SCHEMA = "roster.schema.json"


def write_roster(path: Path) -> None:
    """Write the roster, and the schema beside it. Raises Problems if a roster is there already.

    It is TOML, and `generate` goes by the name: it refuses another one.
    """
    if path.suffix.lower() != ".toml":
        what = f"{path} is not a name for a TOML file, which this writes."
        raise Problems([Problem(what, "Let it end in .toml.")])
    package = resources.files("matchmaker.roster")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write((package / "new.toml").read_text(encoding="utf-8"))
        schema = path.parent / SCHEMA
        if not schema.exists():
            schema.write_text((package / SCHEMA).read_text(encoding="utf-8"), encoding="utf-8")
    except FileExistsError as error:
        problem = Problem(f"{path} is there already.", "Name another file; it is not overwritten.")
        raise Problems([problem]) from error
    except OSError as error:
        problem = Problem(f"{path} cannot be written: {error.strerror}.", "Name another place.")
        raise Problems([problem]) from error
