"""Finds code that today's tracer or database library no longer supports, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

AUTO = "`import ddtrace.auto`, as the file's first import"

MODULES = {
    "ddtrace.contrib.flask": AUTO,
    "ddtrace.contrib.redis": AUTO,
    "ddtrace.contrib.sqlite3": AUTO,
    "ddtrace.contrib.psycopg": AUTO,
    "ddtrace.context": "ddtrace.trace",
    "ddtrace.filters": "ddtrace.trace",
    "ddtrace.opentracer": "ddtrace.opentelemetry",
    "ddtrace.provider": "ddtrace.trace",
    "ddtrace.sampler": "the variable DD_TRACE_SAMPLING_RULES",
    "ddtrace.span": "ddtrace.trace",
    "ddtrace.tracer": "ddtrace.trace",
}
NAMES_OF_DDTRACE = {
    "Pin": "the variable DD_SERVICE, or that of one library, such as DD_REDIS_SERVICE",
    "Span": "`from ddtrace.trace import Span`",
    "Tracer": "`from ddtrace.trace import Tracer`",
}
CALLS = {
    "TraceMiddleware": f"{AUTO}; the service's name is the variable DD_SERVICE",
    "set_meta": "`span.set_tag(key, value)`",
    "set_metas": "`span.set_tags(tags)`",
    "set_service_info": "the variable DD_SERVICE",
}
CONFIGURE = {
    "debug": "the variable DD_TRACE_DEBUG=true",
    "enabled": "the variable DD_TRACE_ENABLED",
    "hostname": "the variable DD_AGENT_HOST, or DD_TRACE_AGENT_URL",
    "port": "the variable DD_TRACE_AGENT_URL",
    "priority_sampling": "nothing: it is always on",
    "sampler": "the variable DD_TRACE_SAMPLING_RULES",
    "settings": "`trace_processors=[…]`, or variables",
    "uds_path": "the variable DD_TRACE_AGENT_URL=unix://…",
}
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

    The tracer ignores what was created before the import. Raises SyntaxError.
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
    if module == "ddtrace" and name in NAMES_OF_DDTRACE:
        yield OldUse(line, f"{name} from ddtrace", NAMES_OF_DDTRACE[name])


def _call(line: int, func: ast.expr, keywords: list[str]) -> Iterator[OldUse]:
    name = _name(func)
    if name in CALLS:
        yield OldUse(line, f"{name}()", CALLS[name])
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
