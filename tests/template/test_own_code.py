"""The exercise is the trainee's own: it runs without the tool."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workshop.traces.tree import is_framework_span

from tests.conftest import REPOSITORY, Render

NAMES = [
    "flask.request",
    "flask.dispatch_request",
    "flask_sqlalchemy.query",
    "flask",
    "sqlite.query",
    "sqlite.connection.commit",
    "postgres.connection.rollback",
    "__main__.pair",
    "my.flask.request",
    "flask.request.inner",
]
PRINTS = """
import os, sys
from spans import SpanPrinter
from ddtrace.trace import tracer
everything, *names = sys.argv[1:]
for name in names:
    span = tracer.start_span(name)
    span.set_tag("beer", "ipa")
    span.set_metric("donuts", 4.0)
    span.finish()
    SpanPrinter(everything=everything == "yes").process_trace([span])
os._exit(0)  # no agent takes these spans in, for which the tracer would wait
"""


def test_no_module_of_the_trainee_s_imports_the_tool() -> None:
    template = REPOSITORY / "template"
    modules = [path for path in template.iterdir() if ".py" in path.name and path.is_file()]
    modules += [*(template / "checks" / "reference").iterdir()]
    assert len(modules) > 8
    imports = re.compile(r"^\s*(from|import) workshop\b", re.MULTILINE)
    assert [p.name for p in modules if imports.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("everything", ["yes", "no"])
def test_spans_are_printed_without_the_tool(
    render: Render, tmp_path: Path, everything: str
) -> None:
    shutil.copy(render(step=8) / "spans.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PRINTS, everything, *NAMES],
        cwd=tmp_path,
        env={**os.environ, "DD_TRACE_ENABLED": "true", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    blocks = done.stdout.strip().split("\n\n")
    shown = [block.split()[1] for block in blocks]
    # The same ones that `workshop traces` leaves out.
    assert shown == [n for n in NAMES if everything == "yes" or not is_framework_span(n)]
    tags = [line.strip() for line in blocks[0].partition("tags")[2].splitlines()]
    assert {"beer:ipa", "donuts:4"} < set(tags)
    assert not [tag for tag in tags if tag.startswith(("_sampling", "process_id"))]
