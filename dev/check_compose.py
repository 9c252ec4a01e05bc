"""Checks the template's compose.yaml against Compose's schema, with each answer that changes it."""

import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

from dev.checkout import render


def main() -> None:
    """Raise SystemExit if a file breaks the schema. The checker prints what is wrong, and where."""
    answers = itertools.product(("local", "datadog"), ("sqlite", "postgresql"), (False, True))
    with tempfile.TemporaryDirectory() as folder:
        for backend, database, faults in answers:
            name = f"{backend}-{database}-{'faults' if faults else 'no-faults'}"
            render(
                Path(folder, name),
                only="compose.yaml",
                backend=backend,
                database=database,
                inject_errors=faults,
            )
        files = sorted(map(str, Path(folder).glob("*/compose.yaml")))
        checker = str(Path(sys.executable).parent / "check-jsonschema")
        schema = ["--builtin-schema", "vendor.compose-spec"]
        done = subprocess.run([checker, "--quiet", *schema, *files], check=False)
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
