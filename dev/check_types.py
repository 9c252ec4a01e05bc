"""Checks the types in a workshop's `checks/`, rendered with each answer that changes them."""

import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import copier

from dev.checkout import REPOSITORY, copy_files
from extensions.steps import STEPS


def render(template: Path, folder: Path) -> list[Path]:
    """Write `checks/` for each step, with and without faults; return a folder for each variant."""
    kinds: dict[tuple[bytes, ...], Path] = {}
    for step, faults in itertools.product(STEPS, (True, False)):
        workshop = folder / f"step_{step.number}{'' if faults else '_without_faults'}"
        copier.run_copy(
            str(template),
            workshop,
            data={"step": step.number, "inject_errors": faults},
            defaults=True,
            unsafe=True,
            quiet=True,
            exclude=["*", "!checks/*.py", "checks/reference"],
            skip_tasks=True,
        )
        files = sorted((workshop / "checks").glob("*.py"))
        assert files, f"{workshop.name} has no checks"
        kinds.setdefault(tuple(path.read_bytes() for path in files), workshop)
    return list(kinds.values())


def main() -> None:
    """Raise SystemExit if mypy finds an error. mypy prints the error and its place."""
    with tempfile.TemporaryDirectory(prefix="matchmaker-types-") as folder:
        # Copier renders a template without git several times faster.
        template, rendered = Path(folder, "template"), Path(folder, "rendered")
        copy_files(template, "copier.yml", "extensions", "template")
        # Leave out `checks/reference/`, the code of the exercise, which doesn't need types.
        files = [path for kind in render(template, rendered) for path in kind.glob("checks/*.py")]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", "--no-error-summary"),
                *("--config-file", str(REPOSITORY / "pyproject.toml")),
                *("--cache-dir", str(REPOSITORY / ".mypy_cache" / "checks")),
                "--follow-imports=silent",
                *sorted(str(path.relative_to(rendered)) for path in files),
            ],
            cwd=rendered,
            env={**os.environ, "MYPYPATH": str(REPOSITORY / "template")},
            check=False,
        )
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
