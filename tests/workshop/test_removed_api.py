"""The tracer's removed APIs are found in code that is never run."""

import re
import subprocess
import sys

import pytest
from workshop.check.removed_api import MODULES, NAMES_OF_DDTRACE, late_instrumentation, old_uses


@pytest.mark.parametrize(
    ("source", "what", "replacement", "is_dead"),
    [
        ("from ddtrace.contrib.flask import TraceMiddleware", "contrib.flask", "auto", True),
        ("import ddtrace.contrib.flask", "contrib.flask", "auto", True),
        ("from ddtrace.contrib import flask", "contrib.flask", "auto", True),
        ('TraceMiddleware(app, tracer, service="matchmaker")', "Middleware", "DD_SERVICE", True),
        ('tracer.configure(hostname="agent")', "hostname", "DD_AGENT_HOST", True),
        ("ddtrace.tracer.configure(port=8126)", "port", "DD_TRACE_AGENT_URL", True),
        ("tracer.debug_logging = True", "debug_logging", "DD_TRACE_DEBUG", True),
        ('span.set_meta("beer", name)', "set_meta", "set_tag", True),
        ('tracer.current_span().set_meta("beer", name)', "set_meta", "set_tag", True),
        ("from ddtrace import Pin", "Pin", "DD_SERVICE", True),
        ("from ddtrace import Span", "Span", "ddtrace.trace", True),
        ("from ddtrace.filters import FilterRequestsOnUrl", "filters", "ddtrace.trace", True),
        ("from ddtrace import patch_all\npatch_all()", "patch_all", "auto", False),
        ("Beer.query.get(1)", "Beer.query", "select(Beer)", False),
        ('c["SQLALCHEMY_TRACK_MODIFICATIONS"] = False', "TRACK", "nothing", False),
    ],
)
def test_an_old_api_is_found_with_its_replacement(
    source: str, what: str, replacement: str, is_dead: bool
) -> None:
    (use,) = old_uses(f"# first\n\ndef f():\n    {source.replace(chr(10), chr(10) + '    ')}\n")
    assert what in use.what
    assert replacement in use.replacement
    assert use.is_dead is is_dead
    assert use.line == 4 + source.count("\n")


def test_a_replacement_that_is_an_import_can_be_imported() -> None:
    modules = {now for now in MODULES.values() if now.startswith("ddtrace")}
    lines = [re.match("`((from|import) .*?)`", now) for now in NAMES_OF_DDTRACE.values()]
    imports = [f"import {name}" for name in modules] + [line[1] for line in lines if line]
    # In a process of its own: the tracer would go on in this one.
    subprocess.run([sys.executable, "-c", "\n".join(imports)], check=True)
    assert len(imports) >= 4


@pytest.mark.parametrize(
    "source",
    [
        "import ddtrace.auto",
        "from ddtrace import tracer, patch\npatch(flask=True)",
        "from ddtrace.trace import Span, TraceFilter, tracer",
        "tracer.configure(trace_processors=[SpanPrinter()])",
        'span.set_tag("beer", name)',
        "# tracer.debug_logging = True",
        '"""patch_all() and span.set_meta(k, v) are gone"""',
        "window.configure(port=8126)",
        "request.query",
    ],
)
def test_todays_api_is_left_alone(source: str) -> None:
    assert old_uses(source) == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("import ddtrace.auto\nfrom flask import Flask\napp = Flask(__name__)", None),
        ("from flask import Flask\nimport ddtrace.auto\napp = Flask(__name__)", None),
        ("import flask\napp = flask.Flask(__name__)\nimport ddtrace.auto", 3),
        ("from flask import Flask\napp = Flask(__name__)\nfrom ddtrace import auto", 3),
        ("app = Flask(__name__)", None),
    ],
)
def test_instrumentation_after_the_app_is_too_late(source: str, line: int | None) -> None:
    assert late_instrumentation(source) == line
