"""The tracer's removed APIs are found in code that is never run."""

import json
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from workshop.check.removed_api import (
    CONFIGURE,
    DEBUG_LOGGING,
    MODULES,
    NAMES,
    SPAN,
    TRACER,
    late_instrumentation,
    old_uses,
)

REPLACEMENTS = [
    *(now for table in (MODULES, NAMES, SPAN, TRACER, CONFIGURE) for now in table.values()),
    DEBUG_LOGGING,
]
# Prints each name of the tables that is still there.
STILL_THERE = """
import importlib, json, sys
from ddtrace.trace import Span, tracer

tables = json.load(sys.stdin)


def there(attempt):
    try:
        attempt()
    except (AttributeError, ImportError, TypeError):
        return False
    return True


for module in tables["modules"]:
    if there(lambda: importlib.import_module(module)):
        print("module", module)
for module, name in tables["names"]:
    if there(lambda: getattr(importlib.import_module(module), name)):
        print("name", module, name)
for name in tables["span"]:
    if there(lambda: getattr(Span("pair"), name)):
        print("span", name)
for name in tables["tracer"]:
    if there(lambda: getattr(tracer, name)):
        print("tracer", name)
for name in tables["configure"]:
    if there(lambda: tracer.configure(**{name: None})):
        print("configure", name)
if there(lambda: setattr(tracer, "debug_logging", True)):
    print("debug_logging")
"""
# An app whose instrumentation comes at one of three places. Prints the names of the spans.
PLACES = """
import sys
from flask import Flask

place = sys.argv[1]
app = Flask("donuts")
if place == "below the app":
    import ddtrace.auto
@app.route("/first")
def first():
    return ""
if place == "between the views":
    import ddtrace.auto
@app.route("/second")
def second():
    return ""
if place == "at the end":
    import ddtrace.auto

from ddtrace.trace import TraceFilter, tracer


class Printer(TraceFilter):
    def process_trace(self, trace):
        print(*(span.name for span in trace))


tracer.configure(trace_processors=[Printer()])
for path in ("/first", "/second"):
    app.test_client().get(path).get_data()
"""


def run(code: str, *arguments: str, stdin: str = "") -> list[str]:
    """Run code in a process of its own, because the tracer would go on in this one."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
        env={"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"},  # nothing listens there
    )
    return done.stdout.splitlines()


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
        ('span.set_tag_str("beer", name)', "set_tag_str", "span.set_tag(", True),
        ('span.set_struct_tag("beer", {})', "set_struct_tag", "span.set_tag(", True),
        ("tracer.sampler = RateSampler(0.5)", "tracer.sampler", "SAMPLING_RULES", True),
        ("print(ddtrace.tracer.sampler)", "tracer.sampler", "SAMPLING_RULES", True),
        ("tracer.on_start_span(tell)", "on_start_span", "TraceFilter", True),
        ("tracer.configure(https=True)", "https", "https://", True),
        ("tracer.configure(dogstatsd_url=url)", "dogstatsd_url", "DD_DOGSTATSD_URL", True),
        ("tracer.configure(writer=mine)", "writer", "DD_TRACE_WRITER_", True),
        ("from ddtrace import Pin", "Pin", "DD_SERVICE", True),
        ("from ddtrace.trace import Pin", "Pin", "DD_SERVICE", True),
        ("from ddtrace.pin import Pin", "ddtrace.pin", "DD_SERVICE", True),
        ("from ddtrace.settings import Config", "ddtrace.settings", "config", True),
        ("from ddtrace.settings.asm import config", "ddtrace.settings", "config", True),
        ("from ddtrace import monkey", "ddtrace.monkey", "import patch", True),
        ("from ddtrace.helpers import get_correlation_ids", "helpers", "log_correlation", True),
        ("ids = get_correlation_ids()", "get_correlation_ids", "log_correlation", True),
        ("from ddtrace.constants import FILTERS_KEY", "FILTERS_KEY", "TraceFilter", True),
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


def test_each_removed_name_fails_today() -> None:
    tables = {
        "modules": list(MODULES),
        "names": list(NAMES),
        "span": list(SPAN),
        "tracer": list(TRACER),
        "configure": list(CONFIGURE),
    }
    assert run(STILL_THERE, stdin=json.dumps(tables)) == []


def test_each_replacement_is_there_today() -> None:
    modules = {now for now in MODULES.values() if now.startswith("ddtrace")}
    imports = {line for now in REPLACEMENTS for line in re.findall("`((?:from|import) .*?)`", now)}
    calls = {call for now in REPLACEMENTS for call in re.findall(r"`((?:span|tracer)\.\w+)\(", now)}
    code = ["from ddtrace.trace import Span, tracer", "span = Span('pair')"]
    assert run("\n".join([*code, *(f"import {name}" for name in modules), *imports, *calls])) == []
    assert len(modules) + len(imports) + len(calls) >= 10


def test_each_variable_that_replaces_something_is_the_clients() -> None:
    settings = distribution("ddtrace").locate_file(
        "ddtrace/internal/settings/_supported_configurations.py"
    )
    known = set(re.findall(r'"(DD_\w+)"', Path(str(settings)).read_text()))
    named = {name for now in REPLACEMENTS for name in re.findall(r"DD_\w+", now)}
    for name in named:
        assert name in known or (name.endswith("_") and any(k.startswith(name) for k in known))
    assert len(named) >= 10


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
def test_instrumentation_after_the_app_is_late(source: str, line: int | None) -> None:
    assert late_instrumentation(source) == line


@pytest.mark.parametrize(
    ("place", "wrapped"),
    [("below the app", [1, 1]), ("between the views", [0, 1]), ("at the end", [0, 0])],
)
def test_only_a_view_from_before_the_instrumentation_has_no_span(
    place: str, wrapped: list[int]
) -> None:
    traces = run(PLACES, place)
    for trace in traces:
        assert "flask.request" in trace
    views = ("__main__.first", "__main__.second")
    assert [trace.split().count(v) for trace, v in zip(traces, views, strict=True)] == wrapped
