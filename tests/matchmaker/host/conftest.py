"""A roster with `[host]`, and what `matchmaker host` makes of it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from matchmaker import cli
from tests.matchmaker.conftest import Ran, Session

PUSH = "https://git.example.com/team/{slug}.git"
HOST: dict[str, Any] = {"domain": "workshop.example.com", "image": "registry.example.com/tracing:1"}
OIDC = {**HOST, "sign_in": "oidc"}
DATADOG: dict[str, Any] = {"backend": "datadog", "dd_site": "datadoghq.eu"}


@dataclass
class Desk:
    """A roster, and the command to run on it in this process."""

    session: Session

    @property
    def folder(self) -> Path:
        """Where the command writes without --out."""
        return self.session.folder / "spring" / "_cluster"

    def write(
        self,
        *trainees: str | dict[str, Any],
        host: dict[str, Any] | None = None,
        push: str = PUSH,
        session: str = "",
        **answers: Any,
    ) -> None:
        """Write the roster."""
        session = f"{session}\npush = {json.dumps(push)}" if push else session
        table = HOST if host is None else host
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in table.items()
        ]
        table_ = ["[host]", *lines] if lines else []
        self.session.write(*trainees, session="\n".join([session, *table_]).strip(), **answers)

    def run(self, *words: str, file: Path | None = None) -> Ran:
        """Run the command."""
        result = CliRunner().invoke(
            cli.app, ["host", str(file or self.session.roster), *words], color=False
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    def made(self, *words: str) -> dict[str, bytes]:
        """Run it, and read all files that it wrote."""
        ran = self.run(*words)
        assert ran.code == 0, ran.err
        return files_in(self.folder)

    def values(self) -> Any:
        """The chart's settings, merged as Helm does."""
        return merged(self.read("values.yaml"), self.read("hub.yaml"))

    def read(self, name: str) -> Any:
        """One file in YAML."""
        return yaml.safe_load((self.folder / name).read_bytes())


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def files_in(folder: Path) -> dict[str, bytes]:
    """All files in a folder, by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def merged(one: Any, other: Any) -> Any:
    """Two settings, as Helm merges them: tables key by key, and everything else from the second."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            key: merged(one[key], other[key])
            if key in one and key in other
            else other.get(key, one.get(key))
            for key in [*one, *(key for key in other if key not in one)]
        }
    return other
