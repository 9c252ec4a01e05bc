"""Writes a commented roster to start from, and the schema with which an editor completes it."""

from importlib import resources
from pathlib import Path

from matchmaker.problem import Problem, Problems

SCHEMA = "roster.schema.json"


def write_roster(path: Path) -> None:
    """Write the roster, and the schema next to it. Raises Problems if the roster already exists.

    The roster is TOML, and `generate` uses the extension to tell, so the name must end in .toml.
    """
    if path.suffix.lower() != ".toml":
        what = f"{path} is not a name for a TOML file, which this command writes."
        raise Problems([Problem(what, "Use a name that ends in .toml.")])
    package = resources.files("matchmaker.roster")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write((package / "new.toml").read_text(encoding="utf-8"))
        schema = path.parent / SCHEMA
        if not schema.exists():
            schema.write_text((package / SCHEMA).read_text(encoding="utf-8"), encoding="utf-8")
    except FileExistsError as error:
        problem = Problem(f"{path} already exists.", "Name another file. This one stays as it is.")
        raise Problems([problem]) from error
    except OSError as error:
        problem = Problem(f"{path} cannot be written: {error.strerror}.", "Name another place.")
        raise Problems([problem]) from error
