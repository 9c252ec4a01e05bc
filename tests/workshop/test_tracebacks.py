"""The error in what a program printed: found however much there is besides, and the right one."""

import subprocess
import sys
from pathlib import Path

import pytest
from workshop.stack.tracebacks import LONGEST_TEXT, Tracebacks, mark, since, telling

# What a program does, and how its error is told.
PROGRAMS = {
    "one": ("def f(): oops\nf()", "NameError: name 'oops' is not defined, in app.py line 1"),
    "a chain": (
        "try:\n  {}['x']\nexcept KeyError as e:\n  raise RuntimeError('no pair') from e",
        "RuntimeError: no pair, in app.py line 4; it began with KeyError: 'x', in app.py line 2",
    ),
    "another on the way": (
        "try:\n  {}['x']\nexcept KeyError:\n  raise RuntimeError('no pair')",
        "RuntimeError: no pair, in app.py line 4; it began with KeyError: 'x', in app.py line 2",
    ),
    "a cause that the message repeats": (
        "try:\n  {}['x']\nexcept KeyError as e:\n  raise RuntimeError(f'no pair for {e}') from e",
        "RuntimeError: no pair for 'x', in app.py line 4",
    ),
    "a group": (
        "def f():\n  found = []\n  try:\n    int('z')\n  except ValueError as e:\n"
        "    found.append(e)\n  raise ExceptionGroup('some', [*found, TypeError('t')])\nf()",
        "ExceptionGroup: some (2 sub-exceptions), in app.py line 7; it began with ValueError: "
        "invalid literal for int() with base 10: 'z', in app.py line 4",
    ),
    "a group in a group": (
        "raise ExceptionGroup('a', [ExceptionGroup('b', [ValueError('c')])])",
        "ExceptionGroup: a (1 sub-exception), in app.py line 1; it began with ValueError: c",
    ),
    "no Python": ("def pair()\n  pass", "SyntaxError: expected ':', in app.py line 1"),
    "a module that is no Python": (
        "open('mine.py', 'w').write('x = (')\nimport mine",
        "SyntaxError: '(' was never closed, in mine.py line 1",
    ),
    "no end": (
        "def f(n): return f(n + 1)\nf(0)",
        "RecursionError: maximum recursion depth exceeded, in app.py line 1",
    ),
    "without a message": (
        "class Oops(Exception): pass\nraise Oops",
        "Oops, in app.py line 2",
    ),
    "several lines of message": (
        "raise ValueError('a\\nb: c\\nError: d')",
        "ValueError: a, in app.py line 1",
    ),
    "a library's": (
        "import json\njson.loads('{')",
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1), in app.py line 2",
    ),
    "the word alone": (
        "print('Traceback (most recent call last):\\nTraceback \\n hello')\noops",
        "NameError: name 'oops' is not defined, in app.py line 2",
    ),
    "no text": (
        "import sys; sys.stderr.buffer.write(b'\\xff\\xfe\\n'); oops",
        "NameError: name 'oops' is not defined, in app.py line 1",
    ),
    "long lines": (
        "print('x' * 1_000_000); raise ValueError('y' * 100_000)",
        f"ValueError: {'y' * (LONGEST_TEXT - 12)}…, in app.py line 1",
    ),
    "much afterwards": (
        "import atexit\natexit.register(lambda: print('tag: value\\n' * 100_000))\noops",
        "NameError: name 'oops' is not defined, in app.py line 3",
    ),
    "in colour": (
        "import sys\nprint('\\x1b[31mTraceback (most recent call last):\\x1b[0m\\n"
        '  File \\x1b[35m"/lib/x.py"\\x1b[0m, line \\x1b[35m3\\x1b[0m, in f\\n'
        "\\x1b[1;31mKeyError\\x1b[0m: \\x1b[35m1\\x1b[0m')",
        "KeyError: 1, in x.py line 3",
    ),
}


@pytest.mark.parametrize(("program", "told"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_python_prints(tmp_path: Path, program: str, told: str) -> None:
    (tmp_path / "app.py").write_text(program)
    log = tmp_path / "web.log"
    with log.open("w") as output:
        output.write("an old line\n")
        output.flush()
        begin = mark(log)
        subprocess.run(
            [sys.executable, "app.py"], cwd=tmp_path, stdout=output, stderr=output, check=False
        )
    found = telling(since(log, begin, tmp_path))
    assert found
    assert found.sentence == told


def printed(*parts: str) -> Tracebacks:
    """What is found in some parts of an output, in the folder /mine."""
    found = Tracebacks(Path("/mine"))
    for line in "\n".join(parts).splitlines():
        found.feed(line)
    return found


def raised(name: str, path: str = "/mine/app.py", line: int = 1) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "{path}", line {line}, in f\n    f()\n{name}: no'
    )


LIBRARY = "/mine/.venv/lib/site-packages/ddtrace/internal/writer.py"
ACCESS = '127.0.0.1 - - [25/Nov/2026 16:15:35] "GET /ping HTTP/1.1" 200 -'


def test_the_one_of_this_request_is_told() -> None:
    found = printed(
        f"Exception on /pair/beer [GET]\n{raised('KeyError')}",
        f"Exception on /beers [GET]\n{raised('TypeError')}",
        f"failed to send\n{raised('OSError', LIBRARY)}",
    ).found
    one = telling(list(found), "/pair/beer")
    assert one
    assert one.text == "KeyError: no"
    assert one.is_handled
    assert telling([found[-1]]) is None  # the client's own affair


def test_lines_of_others_in_the_middle() -> None:
    first, last = raised("KeyError", line=7).split("    f()\n")
    (one,) = printed(first.rstrip("\n"), ACCESS, "INFO: hello", "", f"    f()\n{last}").found
    assert one.sentence == "KeyError: no, in app.py line 7"
    assert not printed(first, *[ACCESS] * 100, last).found  # that is none any more


def test_an_exception_on_the_way_through_a_library_is_no_cause() -> None:
    during = "\nDuring handling of the above exception, another exception occurred:\n"
    (one,) = printed(raised("StopIteration", LIBRARY), during, raised("TypeError")).found
    assert one.sentence == "TypeError: no, in app.py line 1"


@pytest.mark.parametrize("place", ["workshop/cli.py", ".venv/lib/x.py", "checks/test_1.py"])
def test_the_line_is_in_a_file_of_the_trainees(place: str) -> None:
    text = raised("KeyError", line=3).replace(
        "    f()\n", f'    f()\n  File "/mine/{place}", line 9, in g\n    g()\n'
    )
    (one,) = printed(text).found
    assert one.place == "app.py line 3"


def test_a_log_that_is_emptied_made_anew_or_gone(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    assert since(log, mark(log), tmp_path) == []
    log.write_text(f"{raised('OSError')}\n" + "x\n" * 1000)
    begin = mark(log)
    assert since(log, begin, tmp_path) == []  # that was before
    log.write_text(raised("KeyError"))
    assert len(since(log, begin, tmp_path)) == 1
    fresh = tmp_path / "new"
    fresh.write_text(raised("KeyError") + "\n" + "x\n" * 2000)
    fresh.replace(log)
    assert len(since(log, begin, tmp_path)) == 1
    log.unlink()
    assert since(log, begin, tmp_path) == []
