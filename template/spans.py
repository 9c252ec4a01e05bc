"""Prints each finished span to the terminal, as a block that's easy to read."""

import re
from collections.abc import Mapping

from ddtrace.trace import Span, TraceFilter

# Flask reports every stage of a request as its own span, and a database driver reports every call.
# Of these, only the request itself and the queries belong to the application.
FRAMEWORK_SPANS = re.compile(
    r"flask\.(?!request$)|flask_sqlalchemy\.|(sqlite|postgres|psycopg|mysql)\.connection\."
)


class SpanPrinter(TraceFilter):
    """Prints the spans that the tracer is about to send, and doesn't change them.

    The tracer sends the framework's own spans like all the others, but this class prints them only
    with `everything=True`.
    """

    def __init__(self, everything: bool = False) -> None:
        self.everything = everything

    def process_trace(self, trace: list[Span]) -> list[Span]:
        """Print the part of a trace that this process finished. The tracer calls this method."""
        for span in trace:
            if self.everything or not FRAMEWORK_SPANS.match(span.name):
                print(describe(span), flush=True)
        return trace


def describe(span: Span) -> str:
    """Format a span as one line for each field, and one line for each tag."""
    duration = span.duration or 0.0
    fields = {
        "name": span.name,
        "id": span.span_id,
        "trace_id": f"{span.trace_id:032x}",  # the format that `workshop traces` and Datadog use
        "parent_id": span.parent_id,
        "service": span.service,
        "resource": span.resource,
        "type": span.span_type,
        "start": f"{span.start:.6f}",
        "end": f"{span.start + duration:.6f}",
        "duration": f"{duration:.6f}s",
        "error": span.error,
        "tags": "",
    }
    lines = [f"{field:>10} {value}".rstrip() for field, value in fields.items()]
    tags = {**span.get_tags(), **_numbers(span.get_metrics())}
    lines += [f"{'':>11}{tag}:{value}" for tag, value in sorted(tags.items())]
    return "\n".join(lines) + "\n"


def _numbers(metrics: Mapping[str, float]) -> dict[str, str]:
    """The tags with numbers, which a span keeps separately, without the tracer's own tags."""
    return {
        name: f"{value:.15g}"
        for name, value in metrics.items()
        if not name.startswith("_") and name != "process_id"
    }
