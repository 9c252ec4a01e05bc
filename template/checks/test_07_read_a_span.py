"""Does the app write its logs to standard output, and each finished span, too?"""

import re
import time
from urllib.parse import urlsplit

import pytest

from workshop.check.requirement import after, require
from workshop.check.stack import DEADLINE_SECONDS, Look, Stack, pairing
from workshop.traces.tree import Span, is_framework_span

WAIT_SECONDS = 3.0
LOGGED = f"{pairing('wheat')}&log"
NOT_SENT = (
    "Did you forget that a processor passes the spans on? The client sends what it returns. "
    "`tracer.configure` takes a list of processors."
)


def printed(stack: Stack, *texts: str) -> str:
    """What `web` printed, as soon as it contains these texts, or after a while."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        output = stack.output.read_text(encoding="utf-8", errors="replace")
        if all(text in output for text in texts) or time.monotonic() > deadline:
            return output
        time.sleep(0.05)


def of_web(look: Look) -> list[Span]:
    """The spans that `web` sent, without the framework's own."""
    require(
        look.trace,
        expected="the spans of a pairing at the agent, as before",
        seen=look.describe(),
        hint=NOT_SENT,
    )
    assert look.trace
    below = {id(s) for t in look.trace.spans() if t.service == "taster" for s in t.walk()}
    return [s for s in look.trace.spans() if id(s) not in below and not is_framework_span(s.name)]


def blocks(output: str, span: Span) -> list[str]:
    """The paragraphs of the output that contain the span's ID, in any format."""
    wanted = re.compile(rf"(?<![0-9a-f])(?:{span.id}|0*{span.id:x})(?![0-9a-f])")
    return [block for block in re.split(r"\n\s*\n", output) if wanted.search(block)]


@pytest.fixture(scope="session")
def line(stack: Stack) -> str:
    """The log line of a request on standard output. Empty if there is none."""
    stack.get(LOGGED)
    return line_of(stack, LOGGED)


def line_of(stack: Stack, path: str) -> str:
    """The line about a request among what `web` printed, as soon as it's there."""
    request = f"GET {path} HTTP/"
    return next((one for one in printed(stack, request).splitlines() if request in one), "")


def test_logs_are_on_stdout(stack: Stack, line: str) -> None:
    """The app's log lines are on standard output"""
    errors = (stack.settings.run_dir / "web.log").read_text(encoding="utf-8", errors="replace")
    is_on_stderr = f"GET {LOGGED} HTTP/" in errors
    require(
        line,
        expected="a log line for each request on standard output, such as `… GET /pair/beer …`",
        seen="it is on standard error" if is_on_stderr else "no such line",
        hint="Did you forget to choose the stream for the logs? By default, they go to stderr."
        if is_on_stderr
        else "Did you forget to set up logging before the line that creates the app?",
    )


def test_log_lines_have_ids(stack: Stack, line: str, look: Look) -> None:
    """The log line of a request has the IDs of its trace and of a span"""
    after(test_logs_are_on_stdout, stack, line)
    after(test_spans_are_still_sent, look)
    root = of_web(look)[0]
    assert look.trace
    address = urlsplit(root.meta.get("http.url", ""))
    found = line_of(stack, f"{address.path}?{address.query}")
    words = set(re.findall(r"[0-9a-f]+", found))
    # The server writes this line while one of the framework's own spans is the current one.
    has_span = any(forms(span.id) & words for span in look.trace.spans())
    require(
        forms(look.trace.id) & words and has_span,
        expected="the dd.trace_id of a pairing and the dd.span_id of one of its spans in its line",
        seen=f"{found[:200]}, but the trace is {look.trace.hex_id}" if found else "no such line",
        hint="Did you forget that each request has its own IDs? The client fills them in where the "
        "format of the lines has %(dd.trace_id)s and %(dd.span_id)s."
        if "trace_id" in found
        else "Did you forget the IDs in the format of the log lines? The client calls them "
        "dd.trace_id and dd.span_id.",
    )


def forms(number: int) -> set[str]:
    """What an ID can look like in a log: whole or its lower half, hexadecimal or decimal."""
    low = number % 2**64
    return {f"{number:032x}", f"{low:016x}", str(number), str(low)}


def test_lines_need_no_trace(stack: Stack, line: str) -> None:
    """While tracing is off, the app writes its log lines, too"""
    after(test_logs_are_on_stdout, stack, line)
    with stack.another_web(DD_TRACE_ENABLED="false") as untraced:
        untraced.get(LOGGED)
        found = line_of(untraced, LOGGED)
        errors = (untraced.settings.run_dir / "web.log").read_text(encoding="utf-8")
    failed = re.search(r"ValueError: (Formatting field not found in record: \S+)", errors)
    require(
        found,
        expected="a log line for each request, even without a trace",
        seen=failed[1] if failed else "no such line",
        hint="Did you forget the defaults? While tracing is off, the client fills nothing in. "
        "`logging.Formatter` can have a default for each value.",
    )


def test_spans_are_still_sent(look: Look) -> None:
    """The agent gets the spans of a pairing, as before"""
    spans = of_web(look)
    names = {span.name for span in spans}
    require(
        {"flask.request", "requests.request"} <= names and look.view,
        expected=f"the spans of a pairing at the agent within {DEADLINE_SECONDS:.0f} seconds",
        seen=look.describe(),
        hint=NOT_SENT,
    )


def test_spans_are_on_stdout(stack: Stack, look: Look) -> None:
    """Each finished span of `web` is on standard output, too"""
    spans = of_web(look)
    output = printed(stack, *(str(span.id) for span in spans))
    missing = [span.name for span in spans if not blocks(output, span)]
    require(
        not missing,
        expected=f"{len(spans)} spans of a pairing, each with its ID",
        seen=f"{len(spans) - len(missing)} of them; without {', '.join(sorted(set(missing))[:3])}"
        + stack.said(),
        hint="Did you forget to give the tracer a processor that prints them? spans.py has one, "
        "and `tracer.configure` takes a list of processors.",
    )


def test_a_printed_span_says_what_it_is(stack: Stack, look: Look) -> None:
    """A printed span shows its name, service, resource, and tags"""
    after(test_spans_are_on_stdout, stack, look)
    root = of_web(look)[0]
    text = "\n".join(blocks(printed(stack), root))
    wanted = [root.name, root.service, root.resource, "http.status_code"]
    missing = [word for word in wanted if word not in text]
    require(
        not missing,
        expected="the name, service, resource, and http.status_code of the root next to its ID",
        seen=f"no {', no '.join(missing)} next to the ID {root.id}",
        hint="Did you forget a field? SpanPrinter prints all of them.",
    )
