"""A wrong roster: everything that is wrong at once, each with its line and what to do."""

import csv
import io
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.problem import Problem, Problems
from matchmaker.repositories.clones import scratch
from matchmaker.roster.keys import KeyRing
from matchmaker.roster.positions import line_numbers
from matchmaker.roster.read import read_roster
from matchmaker.roster.validation import validate
from tests.conftest import git
from tests.matchmaker.conftest import KEY, Here, Session

SESSION = '[session]\nname = "spring"\n'
NO_KEYS = KeyRing(Path(), [])
ADA = '[[trainee]]\ntrainee_name = "Ada"\n'


def problems_of(path: Path, text: str) -> list[Problem]:
    """What is wrong with the form of a roster."""
    path.write_text(text, encoding="utf-8", newline="")
    try:
        return list(read_roster(path).problems)
    except Problems as found:
        return list(found.problems)


def line_of(problem: Problem) -> int:
    return int(problem.where.rpartition(":")[2])


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("[session]\nname = spring\n", 2, "This is not TOML"),
        ('[session]\nname = "a"\nname = "b"\n', 3, "This is not TOML"),
        (f"x = {'9' * 5000}\n", 1, "is too long"),
        (f"x = {'[' * 3000}{']' * 3000}\n", 1, "too deep"),
        (SESSION, 1, "There are no trainees."),
        (ADA, 1, "The session has no name."),
        (SESSION + "[[trainee]]\nstep = 2\n", 3, "This trainee has no name."),
        (SESSION + "[trainee]\n", 3, "The trainees are not a list."),
        ("session = 1\n" + ADA, 1, "`session` is not a table."),
        (SESSION + "answers = 3\n" + ADA, 3, "[session] has no `answers`."),
        ("colour = 1\n" + SESSION + ADA, 1, "`colour` is not a part of a roster."),
        (SESSION + "title = 'x'\n" + ADA, 3, "[session] has no `title`."),
        (SESSION + "version = 1.2\n" + ADA, 3, "`version` is not text."),
        (SESSION + "ports = 'all'\n" + ADA, 3, "`ports` can only be distinct."),
        (SESSION + "ports = 5\n" + ADA, 3, "`ports` is not text."),
        (SESSION + "[answers]\nsession = 'x'\n" + ADA, 4, "`session` cannot be answered here."),
        (SESSION + "[answers]\ntrainee_name = 'x'\n" + ADA, 4, "cannot be the same for everyone."),
        (SESSION + ADA + "session = 'x'\n", 5, "`session` cannot be answered here."),
        (SESSION + ADA + f"dd_api_key = '{KEY}'\n", 5, "`dd_api_key` cannot be answered here."),
        (SESSION + f"api_key = '{KEY}'\n" + ADA, 3, "An API key does not belong in the roster"),
        (SESSION + f"api_key = {{env = '{KEY}'}}\n" + ADA, 3, "An API key does not belong in"),
        (SESSION + f"api_key = {{command = ['a', 'b={KEY}']}}\n" + ADA, 3, "An API key does not"),
        (SESSION + "api_key = {}\n" + ADA, 3, "This does not say where the API key comes from."),
        (SESSION + "api_key = {env = 3}\n" + ADA, 3, "does not say where the API key comes from"),
        (SESSION + "api_key = {command = []}\n" + ADA, 3, "does not say where the API key comes"),
        (SESSION + "create = 5\n" + ADA, 3, "`create` is not text."),
        (SESSION + f"invite = 'x {KEY}'\n" + ADA, 3, "`invite` has what looks like an API key"),
        (SESSION + ADA + "notes = 'x'\n", 5, "`notes` is not a table."),
        (SESSION + ADA + "notes = {team = 3}\n", 5, "The note `team` is not text."),
        (SESSION + ADA + f"[trainee.notes]\nx = 'a={KEY}'\n", 6, "A note has what looks like an"),
        (SESSION + ADA + f"notes = {{{KEY} = 'x'}}\n", 5, "A note has what looks like an API key"),
        (SESSION + ADA + "[trainee.api_key]\nvault = 'x'\n", 5, "does not say where the API key"),
    ],
)
def test_wrong_forms(tmp_path: Path, text: str, line: int, sentence: str) -> None:
    found = problems_of(tmp_path / "roster.toml", text)
    problem = next(p for p in found if sentence in p.what)
    assert line_of(problem) == line
    assert problem.remedy
    assert KEY not in "".join(p.what + p.remedy for p in found)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 1, "There is no column with names"),
        ("step\n1\n", 1, "There is no column with names"),
        ("trainee_name,step\n", 1, "There are no trainees."),
        ("trainee_name,step\nAda,1,2\n", 2, "This line has 3 fields, and the first line names 2."),
        ('trainee_name,step\n"A\nda",1\nBob\n', 4, "This line has 1 field, and"),
        ("trainee_name,step\n,1\n", 2, "This row has no name."),
        ("trainee_name,trainee_name\nAda,Bob\n", 1, "Two columns are called `trainee_name`."),
        ("trainee_name,dd_api_key\nAda,0\n", 1, "The column `dd_api_key` cannot be here."),
        ('trainee_name\n"Ada"x\n', 2, "This is not CSV"),
    ],
)
def test_wrong_csv_files(tmp_path: Path, text: str, line: int, sentence: str) -> None:
    found = problems_of(tmp_path / "roster.csv", text)
    problem = next(p for p in found if sentence in p.what)
    assert line_of(problem) == line
    assert problem.remedy


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(Problems, match="cannot be read"):
            read_roster(path)
    (tmp_path / "latin.toml").write_bytes(SESSION.encode() + "# Zoë".encode("latin-1"))
    with pytest.raises(Problems, match="not UTF-8") as found:
        read_roster(tmp_path / "latin.toml")
    assert line_of(found.value.problems[0]) == 3


def test_values_for_everyone_and_for_one(tmp_path: Path) -> None:
    path = tmp_path / "roster.toml"
    path.write_text(
        SESSION
        + "ports = 'distinct'\n[answers]\nstep = 2\n"
        + ADA
        + "[[trainee]]\ntrainee_name='B'\nstep=3"
    )
    roster = read_roster(path)
    ada, bob = roster.entries
    assert (roster.name, roster.distinct_ports, roster.version) == ("spring", True, "")
    assert ada.answers == {"step": 2, "trainee_name": "Ada"}
    assert bob.answers == {"step": 3, "trainee_name": "B"}
    assert (ada.line, ada.line_of("step"), bob.line_of("step")) == (6, 5, 10)


# What the template says against answers

WRONG_ANSWERS: list[tuple[dict[str, Any], str, str]] = [
    ({"step": 0}, "`step` cannot be 0.", "Write one of 1, 2, 3, 4, 5, 6, 7, 8, 9"),
    ({"step": "3"}, '`step` cannot be "3".', "Write a whole number, without quotes."),
    ({"step": True}, "`step` cannot be true.", "Write a whole number, without quotes."),
    ({"step": 3.7}, "`step` cannot be 3.7.", "Write a whole number, without quotes."),
    ({"log_to_stdout": "maybe"}, '`log_to_stdout` cannot be "maybe".', "Write true or false"),
    ({"inject_errors": 1}, "`inject_errors` cannot be 1.", "Write true or false"),
    ({"trainee_slug": "Ada"}, '`trainee_slug` cannot be "Ada".', "a-z, 0-9, and single hyphens."),
    (
        {"trainee_slug": "../ada"},
        '`trainee_slug` cannot be "../ada".',
        "a-z, 0-9, and single hyphens.",
    ),
    ({"trainee_slug": "session.json"}, "`trainee_slug` cannot be", "a-z, 0-9, and single hyphens."),
    ({"trainee_slug": ""}, '`trainee_slug` cannot be "".', "a-z, 0-9, and single hyphens."),
    (
        {"trainee_name": "A\nda"},
        '`trainee_name` cannot be "A\\nda".',
        "No control character (U+000A).",
    ),
    ({"trainee_name": 7}, "`trainee_name` cannot be 7.", "Write text, in quotes."),
    ({"backend": "nowhere"}, '`backend` cannot be "nowhere".', "Write one of 'local', 'datadog'."),
    (
        {"backend": "datadog", "dd_site": "x.com"},
        '`dd_site` cannot be "x.com".',
        "Write one of 'datadoghq.com', ",
    ),
    ({"port_offset": 60000}, "`port_offset` cannot be 60000.", "Type a number from 0 to"),
    ({"port_offset": -1}, "`port_offset` cannot be -1.", "Type a number from 0 to"),
    ({"setp": 3}, "The template has no question `setp`.", "Did you mean step?"),
    ({"colour": "red"}, "The template has no question `colour`.", "Its questions are trainee_name"),
]


def problems_with(session: Session) -> list[Problem]:
    """What is wrong with the answers of a session's roster."""
    roster = read_roster(session.roster)
    with scratch():
        try:
            validate(roster, str(session.template), NO_KEYS, Here())
        except Problems as found:
            return list(found.problems)
    return []


def test_all_wrong_answers_at_once_each_on_its_line(session: Session) -> None:
    trainees = [
        {"trainee_name": f"Trainee {index}", **answers}
        for index, (answers, _, _) in enumerate(WRONG_ANSWERS)
    ]
    session.write(*trainees)
    found = problems_with(session)
    lines = session.roster.read_text().splitlines()
    for answers, what, remedy in WRONG_ANSWERS:
        matching = [p for p in found if what in p.what and remedy in p.remedy]
        assert matching, what
        wrong = list(answers)[-1]
        assert any(lines[line_of(p) - 1].startswith(f"{wrong} = ") for p in matching), what
    needless = [p for p in found if not any(what in p.what for _, what, _ in WRONG_ANSWERS)]
    assert [p.what for p in needless] == [
        "trainee-13's traces go to Datadog, but no API key is named."
    ] or not needless


def test_what_is_wrong_for_everyone_is_said_once(session: Session) -> None:
    session.write("Ada", "Bob", step=12)
    (problem,) = problems_with(session)
    assert session.roster.read_text().splitlines()[line_of(problem) - 1] == "step = 12"


def test_a_wrong_name_of_the_session(session: Session) -> None:
    session.write("Ada")
    session.roster.write_text(session.roster.read_text().replace("spring", "Spring!"))
    (problem,) = problems_with(session)
    assert "`session` cannot be" in problem.what
    assert line_of(problem) == 2


def test_the_same_slug_twice(session: Session) -> None:
    session.write("Ada", "Bob", "ADA", {"trainee_name": "B", "trainee_slug": "bob"})
    first, second = problems_with(session)
    lines = session.roster.read_text().splitlines()
    ada = lines.index('trainee_name = "Ada"')
    assert f"`ada` is also the slug of the trainee on line {ada}." in first.what
    assert lines[line_of(first)] == 'trainee_name = "ADA"'
    assert lines[line_of(second) - 1] == 'trainee_slug = "bob"'


def test_ports_that_overlap(session: Session) -> None:
    trainees = [
        {"trainee_name": "Ada", "port_offset": 0},
        {"trainee_name": "Bob", "port_offset": 3000},  # his web on her console
        {"trainee_name": "Cy", "port_offset": 100},
    ]
    session.write(*trainees, session='ports = "distinct"')
    (problem,) = problems_with(session)
    assert problem.what == "Port 8000 would belong to bob and to ada."
    session.write(*trainees)  # each has a machine of their own
    assert problems_with(session) == []


def test_the_command_says_it_all_and_writes_nothing(session: Session) -> None:
    session.write({"trainee_name": "Ada", "step": 0}, {"trainee_name": "Ada", "setp": 1})
    ran = session.run()
    assert ran.code == 1
    assert f"{session.roster}:7: `step` cannot be 0." in ran.err
    assert f"{session.roster}:10: The template has no question `setp`." in ran.err
    assert "Traceback" not in ran.err
    assert not session.out.exists()


def test_all_kinds_of_problems_are_said_at_once(session: Session) -> None:
    session.write(
        "Ada",
        {"step": 2},
        {"trainee_name": "Ada", "step": 99},
        {"trainee_name": "Bob", "port_offset": 0, "colour": "red"},
        {"trainee_name": "Cy", "port_offset": 0, "backend": "datadog", "setp": 1},
        session='title = "Spring"\nports = "distinct"',
    )
    session.roster.write_text(session.roster.read_text().replace('"spring"', '"Spring!"'))
    ran = session.run()
    assert ran.code == 1
    said = [line for line in ran.err.splitlines() if not line.startswith("    ")]
    where = f"{session.roster}:"
    assert [line.removeprefix(where) for line in said] == [
        '2: `session` cannot be "Spring!".',
        "4: [session] has no `title`.",
        "9: This trainee has no name.",
        "11: `ada` is also the slug of the trainee on line 7.",
        "13: `step` cannot be 99.",
        "17: The template has no question `colour`.",
        "18: cy's traces go to Datadog, but no API key is named.",
        "20: Port 5000 would belong to cy and to bob.",
        "22: The template has no question `setp`.",
    ], ran.err


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('version = "v9.9.9"', "has no version v9.9.9."),
        ('version = "--help"', "has no version --help."),
    ],
)
def test_a_version_that_is_not_there(session: Session, setting: str, sentence: str) -> None:
    session.write("Ada", session=setting)
    ran = session.run()
    assert ran.code == 1
    assert f"{session.roster}:4: " in ran.err
    assert sentence in ran.err
    assert "It has v1.0.0." in ran.err


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("nowhere", "There is no template"),
        ("empty", "is not a template of this workshop"),
        ("new", "has no commits"),
        ("broken", "has a copier.yml that Copier cannot read"),
        ("file:///nowhere/matchmaker", "say so: git+file:///nowhere/matchmaker"),
        ("bare", "is not in git"),
        ("dirty", "has changes that are not committed"),
        ("file:///nowhere/matchmaker.git", "is not available"),
        ("https://user:secret@localhost/t.git", "a user name or a password in it"),
        ("git+https://secret@localhost/t.git", "a user name or a password in it"),
    ],
)
def test_a_template_that_cannot_be_used(
    session: Session, own_template: Path, bare_template: Path, source: str, sentence: str
) -> None:
    if source in ("empty", "new", "broken"):
        session.template = session.folder / source
        session.template.mkdir()
        git(session.template, "init", "--quiet")
        if source == "broken":
            (session.template / "copier.yml").write_text("step: [\n")
            git(session.template, "add", ".")
        if source != "new":
            git(session.template, "commit", "--quiet", "--allow-empty", "--message", source)
    elif source == "bare":
        session.template = bare_template
    elif source == "dirty":
        session.template = own_template
        git(own_template, "tag", "--delete", "v1.0.0")
        (own_template / "new.txt").write_text("new")
    else:
        session.template = source  # type: ignore[assignment]
    session.write("Ada")
    ran = session.run()
    assert ran.code == 1
    assert f"{session.roster}:3: " in ran.err
    assert sentence in ran.err
    assert "secret" not in ran.err
    assert ran.err.startswith(str(session.roster)), "Copier's own words come first"
    assert not session.out.exists()


# By Hypothesis

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    texts
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def toml(value: Any) -> str:
    """Write a value as TOML, inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    return json.dumps(text).replace("\x7f", "\\u007f") if text.isascii() else _escaped(text)


def _escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08X}" for character in text) + '"'


names = st.sampled_from(["name", "template", "version", "ports", "api_key", "x"]) | texts
tables = st.dictionaries(names, values, max_size=4)
answers = st.dictionaries(
    st.sampled_from(["trainee_name", "step", "backend", "api_key", "port_offset"]) | texts,
    values,
    max_size=4,
)


def is_explained(path: Path) -> None:
    """Either the roster can be read, or every problem has a line of the file and a remedy."""
    count = len(re.findall(rb"\r\n|\r|\n", path.read_bytes())) + 1
    try:
        problems = read_roster(path).problems
    except Problems as found:
        problems = found.problems
    for problem in problems:
        assert 1 <= line_of(problem) <= count
        assert problem.what
        assert problem.remedy


HARDLY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@HARDLY
@given(text=st.text() | st.text("[]{}=\"'\n ,.abc#\\1t"), kind=st.sampled_from(["toml", "csv"]))
def test_any_text_is_read_or_explained(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / f"any.{kind}"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    is_explained(path)


@HARDLY
@given(session=tables, everyone=answers, trainees=st.lists(answers, max_size=3))
def test_any_roster_is_read_or_explained(
    tmp_path: Path, session: dict[str, Any], everyone: dict[str, Any], trainees: list[Any]
) -> None:
    def table(heading: str, content: dict[str, Any]) -> str:
        return "\n".join([heading, *(f"{quoted(k)} = {toml(v)}" for k, v in content.items()), ""])

    text = table("[session]", session) + table("[answers]", everyone)
    text += "".join(table("[[trainee]]", trainee) for trainee in trainees)
    path = tmp_path / "any.toml"
    path.write_text(text, encoding="utf-8")
    is_explained(path)


@HARDLY
@given(rows=st.lists(st.lists(texts, min_size=1, max_size=3), max_size=4))
def test_any_csv_file_is_read_or_explained(tmp_path: Path, rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["trainee_name", "step"], *rows])
    path = tmp_path / "any.csv"
    path.write_text(written.getvalue(), encoding="utf-8", newline="")
    is_explained(path)


@HARDLY
@given(content=st.dictionaries(texts, values, max_size=5), entries=st.lists(tables, max_size=3))
def test_every_value_has_a_line(content: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    content = {f"k{k}": v for k, v in content.items()}
    lines = [f"{quoted(name)} = {toml(value)}" for name, value in content.items()]
    expected: dict[tuple[Any, ...], int] = {(n,): i for i, n in enumerate(content, start=1)}
    for index, entry in enumerate(entries):
        lines.append("[[trainee]]  # one more")
        expected["trainee", index] = len(lines)
        for name, value in entry.items():
            lines += ["", f'{quoted(name)} = [\n"""\n[[trainee]]\n""", {toml(value)}]']
            expected["trainee", index, name] = len("\n".join(lines[:-1]).split("\n")) + 1
            lines = "\n".join(lines).split("\n")
    text = "\n".join(lines)
    tomllib.loads(text)
    found = line_numbers(text)
    assert {path: found.get(path) for path in expected} == expected


def test_any_answer_is_taken_or_explained(session: Session) -> None:
    session.write("Ada")
    roster = read_roster(session.roster)
    with scratch():

        @settings(max_examples=60, deadline=None)
        @given(given_answers=st.lists(answers, min_size=1, max_size=2))
        def check(given_answers: list[dict[str, Any]]) -> None:
            entry = roster.entries[0]
            entries = tuple(
                replace(entry, answers={"trainee_name": "Ada", **a}) for a in given_answers
            )
            try:
                ready = validate(
                    replace(roster, entries=entries), str(session.template), NO_KEYS, Here()
                ).trainees
                problems: tuple[Problem, ...] = ()
            except Problems as found:
                ready, problems = [], found.problems
            assert all(problem.remedy and problem.where for problem in problems)
            assert len({trainee.slug for trainee in ready}) == len(ready)
            assert bool(ready) != bool(problems)

        check()
