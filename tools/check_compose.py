"""Checks the template's compose.yaml, for each answer that changes it, by Compose's own schema."""

import itertools
import tempfile
from pathlib import Path

import copier
import jsonschema
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

REPOSITORY = Path(__file__).parent.parent


def main() -> None:
    """Raise SystemExit, with the place and the rule, for a file that breaks one."""
    schema = get_builtin_schema("vendor.compose-spec")
    answers = itertools.product(("local", "datadog"), ("sqlite", "postgresql"), (False, True))
    with tempfile.TemporaryDirectory() as folder:
        for backend, database, faults in answers:
            data = {"backend": backend, "database": database, "inject_errors": faults}
            copier.run_copy(
                str(REPOSITORY),
                folder,
                data=data,
                vcs_ref="HEAD",
                exclude=["*", "!compose.yaml"],
                defaults=True,
                unsafe=True,
                quiet=True,
                overwrite=True,
                skip_tasks=True,
            )
            compose = yaml.safe_load((Path(folder) / "compose.yaml").read_text(encoding="utf-8"))
            try:
                jsonschema.validate(compose, schema)
            except jsonschema.ValidationError as error:
                where = ".".join(map(str, error.absolute_path))
                message = f"compose.yaml.jinja, {where}: {error.message} (answers: {data})"
                raise SystemExit(message) from error


if __name__ == "__main__":
    main()
