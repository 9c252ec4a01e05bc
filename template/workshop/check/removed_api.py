"""Finds code that today's tracer or database library no longer supports, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

AUTO = "`import ddtrace.auto`, as the file's first import"
RULES = "the variable DD_TRACE_SAMPLING_RULES"
PIN = "the variable DD_SERVICE, or that of one library, such as DD_REDIS_SERVICE"
TRACE_FILTER = "a `ddtrace.trace.TraceFilter`, in `tracer.configure(trace_processors=[…])`"

# Datadog lists what the last two major versions removed, and often what replaces it:
# https://docs.datadoghq.com/tracing/trace_collection/automatic_instrumentation/dd_libraries/migrate/python/v4
# A test tries each name of these tables on the installed version.
MODULES = {
    "ddtrace.contrib.flask": AUTO,
    "ddtrace.contrib.logging": AUTO,
    "ddtrace.contrib.redis": AUTO,
    "ddtrace.contrib.sqlite3": AUTO,
    "ddtrace.contrib.psycopg": AUTO,
    "ddtrace.context": "ddtrace.trace",
    "ddtrace.ext.errors": "ddtrace.constants",
    "ddtrace.ext.priority": "ddtrace.constants",
    "ddtrace.filters": "ddtrace.trace",
    "ddtrace.helpers": "`tracer.get_log_correlation_context()`",
    "ddtrace.monkey": "`from ddtrace import patch`",
    "ddtrace.opentracer": "ddtrace.opentelemetry",
    "ddtrace.pin": PIN,
    "ddtrace.provider": "ddtrace.trace",
    "ddtrace.sampler": RULES,
    "ddtrace.sampling_rule": RULES,
    "ddtrace.settings": "variables, or `from ddtrace import config`",
    "ddtrace.span": "ddtrace.trace",
    "ddtrace.tracer": "ddtrace.trace",
}
NAMES = {
    ("ddtrace", "Pin"): PIN,
    ("ddtrace", "Span"): "`from ddtrace.trace import Span`",
    ("ddtrace", "Tracer"): "`from ddtrace.trace import Tracer`",
    ("ddtrace.constants", "ANALYTICS_SAMPLE_RATE_KEY"): RULES,
    ("ddtrace.constants", "FILTERS_KEY"): TRACE_FILTER,
    ("ddtrace.trace", "Pin"): PIN,
}
"""What can't be imported from a module any more."""
SPAN = {
    "finish_with_ancestors": "`span.finish()`, for each span",
    "get_struct_tag": "`span.get_tag(key)`",
    "set_meta": "`span.set_tag(key, value)`",
    "set_metas": "`span.set_tags(tags)`",
    "set_struct_tag": "`span.set_tag(key, value)`, once for each value",
    "set_tag_str": "`span.set_tag(key, value)`",
}
"""Methods of a span. Nothing else in a workshop has a method with such a name."""
TRACER = {
    "deregister_on_start_span": "nothing: there is no such hook",
    "get_call_context": "`tracer.current_trace_context()`",
    "on_start_span": TRACE_FILTER,
    "priority_sampler": RULES,
    "sampler": RULES,
    "set_service_info": "the variable DD_SERVICE",
    "writer": "the variables that begin with DD_TRACE_WRITER_",
}
"""Methods and attributes of the tracer."""
CALLS = {
    "TraceMiddleware": f"{AUTO}; the service's name is the variable DD_SERVICE",
    "get_correlation_ids": "`tracer.get_log_correlation_context()`",
}
"""Functions and classes of modules that are gone."""
CONFIGURE = {
    "api_version": "the variable DD_TRACE_API_VERSION",
    "appsec_standalone_enabled": "`apm_tracing_disabled=…`",
    "collect_metrics": "the variable DD_RUNTIME_METRICS_ENABLED",
    "debug": "the variable DD_TRACE_DEBUG=true",
    "dogstatsd_host": "the variable DD_DOGSTATSD_HOST",
    "dogstatsd_port": "the variable DD_DOGSTATSD_PORT",
    "dogstatsd_url": "the variable DD_DOGSTATSD_URL",
    "enabled": "the variable DD_TRACE_ENABLED",
    "hostname": "the variable DD_AGENT_HOST, or DD_TRACE_AGENT_URL",
    "https": "the variable DD_TRACE_AGENT_URL=https://…",
    "partial_flush_enabled": "the variable DD_TRACE_PARTIAL_FLUSH_ENABLED",
    "partial_flush_min_spans": "the variable DD_TRACE_PARTIAL_FLUSH_MIN_SPANS",
    "port": "the variable DD_TRACE_AGENT_URL",
    "priority_sampling": "nothing: it is always on",
    "sampler": RULES,
    "settings": "`trace_processors=[…]`, or variables",
    "uds_path": "the variable DD_TRACE_AGENT_URL=unix://…",
    "wrap_executor": "a decorator of your own",
    "writer": "the variables that begin with DD_TRACE_WRITER_",
}
"""Arguments of `tracer.configure`."""
DEBUG_LOGGING = "the variable DD_TRACE_DEBUG=true, or the logger ddtrace._trace.tracer at DEBUG"


@dataclass(frozen=True)
class OldUse:
    """One place where code uses a removed API. If `is_dead` is false, it still works today."""

    line: int
    what: str
    replacement: str
    is_dead: bool = True

    @property
    def sentence(self) -> str:
        """What is wrong there."""
        if self.is_dead:
            return f"today's library has no {self.what}"
        return f"{self.what} is deprecated"


@dataclass(frozen=True)
class Scanned:
    """The findings in one file."""

    name: str
    uses: Sequence[OldUse] = ()
    late: int | None = None
    """See `late_instrumentation`."""
    error: Exception | None = None
    """Why the file isn't readable: SyntaxError, OSError, or ValueError. None if it is."""


def scan(root: Path) -> Iterator[Scanned]:
    """Scan all of the trainee's modules, in the order of their names."""
    for path in sorted(root.glob("*.py")):
        if path.exists() and not path.is_file():
            continue  # reading a pipe would hang
        try:
            source = path.read_text(encoding="utf-8")
            yield Scanned(path.name, old_uses(source), late_instrumentation(source))
        except (SyntaxError, OSError, ValueError) as error:
            yield Scanned(path.name, error=error)


def old_uses(source: str) -> list[OldUse]:
    """All uses of removed APIs, by line. Raises SyntaxError."""
    found = {use for node in ast.walk(ast.parse(source)) for use in _uses(node)}
    return sorted(found, key=lambda use: (use.line, use.what))


def late_instrumentation(source: str) -> int | None:
    """The line of an `import ddtrace.auto` that comes after the call of `Flask(…)`, or None.

    The traces of such a file can be whole. But a view that was registered before the import has no
    span of its own. Raises SyntaxError.
    """
    nodes = sorted(
        (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt | ast.Call)),
        key=lambda node: (node.lineno, node.col_offset),
    )
    flask_is_made = False
    for node in nodes:
        if isinstance(node, ast.Call) and _name(node.func) == "Flask":
            flask_is_made = True
        if flask_is_made and _imports_auto(node):
            return node.lineno
    return None


def _uses(node: ast.AST) -> Iterator[OldUse]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                yield from _module(node.lineno, alias.name)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            yield from _module(node.lineno, module)
            for alias in names:
                yield from _imported(node.lineno, module, alias.name)
        case ast.Call(func=func, keywords=keywords):
            yield from _call(node.lineno, func, [k.arg for k in keywords if k.arg])
        case ast.Assign(targets=targets):
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "debug_logging":
                    yield OldUse(node.lineno, "setting tracer.debug_logging", DEBUG_LOGGING)
        case ast.Attribute(value=value, attr=name) if _name(value) == "tracer" and name in TRACER:
            yield OldUse(node.lineno, f"tracer.{name}", TRACER[name])
        case ast.Attribute(value=ast.Name(id=model), attr="query") if model[:1].isupper():
            now = f"`db.session.scalars(db.select({model})…)`"
            yield OldUse(node.lineno, f"{model}.query", now, is_dead=False)
        case ast.Constant(value="SQLALCHEMY_TRACK_MODIFICATIONS"):
            what = "SQLALCHEMY_TRACK_MODIFICATIONS"
            yield OldUse(node.lineno, what, "nothing: it is off by itself", is_dead=False)


def _module(line: int, module: str) -> Iterator[OldUse]:
    for gone, now in MODULES.items():
        if module == gone or module.startswith(f"{gone}."):
            yield OldUse(line, f"the module {gone}", now)


def _imported(line: int, module: str, name: str) -> Iterator[OldUse]:
    if (module, name) != ("ddtrace", "tracer"):  # the tracer itself, not the old module
        yield from _module(line, f"{module}.{name}")
    if (module, name) in NAMES:
        yield OldUse(line, f"{name} in {module}", NAMES[module, name])


def _call(line: int, func: ast.expr, keywords: list[str]) -> Iterator[OldUse]:
    name = _name(func)
    if now := (CALLS | SPAN).get(name):
        yield OldUse(line, f"{name}()", now)
    if name == "patch_all":
        yield OldUse(line, "patch_all()", f"{AUTO}, or ddtrace.patch(flask=True, …)", False)
    if name == "configure" and isinstance(func, ast.Attribute) and _name(func.value) == "tracer":
        for keyword in keywords:
            if keyword in CONFIGURE:
                yield OldUse(line, f"tracer.configure({keyword}=…)", CONFIGURE[keyword])


def _imports_auto(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(alias.name == "ddtrace.auto" for alias in names)
        case ast.ImportFrom(module="ddtrace", names=names):
            return any(alias.name == "auto" for alias in names)
    return False


def _name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
