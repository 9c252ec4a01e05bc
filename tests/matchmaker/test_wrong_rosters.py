"""Rosters as people write them, given to the installed command, which writes nothing."""

import os
import pickle
import re
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from matchmaker.problem import Problem, Problems, condensed
from matchmaker.repositories.clones import scratch
from matchmaker.repositories.output import Output
from matchmaker.repositories.work import carry_out
from matchmaker.roster import validation
from matchmaker.roster.guesses import closest
from matchmaker.roster.keys import KeyRing, KeySource
from matchmaker.roster.known import known_columns
from matchmaker.roster.questions import Checked, Facts, Fault, WrongAnswers
from matchmaker.roster.read import Entry, Roster, read_roster
from matchmaker.roster.spreadsheet import Flaw
from matchmaker.roster.toml_text import NotToml, read_toml
from matchmaker.session import Trainee, Versions
from tests.matchmaker.conftest import KEY, Installed, Session

NAME = '[session]\nname = "spring"\n'
ADA = '[[trainee]]\ntrainee_name = "Ada"\n'
DATADOG = '[answers]\nbackend = "datadog"\n'
HEAD = "trainee_name,step\n"
# What stands in the file, on which line the first problem is, what is said, what to do, and how
# many problems there are.
TOML = [
    (NAME + 'prots = "distinct"\n' + ADA, 3, "[session] has no `prots`.", "mean ports?", 1),
    (NAME + "step = 3\n" + ADA, 3, "[session] has no `step`.", "below [answers]", 1),
    ('[sesion]\nname = "x"\n' + ADA, 1, "`sesion` is not a part", "mean [session]?", 1),
    (NAME + '[[students]]\ntrainee_name = "A"\n', 3, "`students` is not", "mean [[trainee]]?", 1),
    ('name = "spring"\n' + ADA, 1, "`name` is not a part", "Put name = … below [session].", 1),
    (NAME + '[[trainee]]\nname = "Ada"\n', 4, "no question `name`.", "mean trainee_name?", 1),
    (NAME + "[[trainee]]\nname = 1\n" * 9, 4, "no question `name`.", "lines 6, 8, 10, 12", 2),
    (NAME + "[[trainee]]\ntrainee_nam = 'Ada'\n", 4, "has no question", "mean trainee_name?", 1),
    (NAME + "[[trainee]]\ntrainees_name = 1\n" * 9, 4, "no question", "lines 6, 8, 10, 12", 1),
    (NAME + "[[trainee]]\ntrainee_nam = 'A'\n[[trainee]]\n", 5, "This trainee has no", "Add", 2),
    (NAME + 'apikey = {env = "X"}\n' + DATADOG + ADA, 3, "no `apikey`.", "mean api_key?", 1),
    (NAME + DATADOG + ADA + 'apikey = {env = "X"}\n', 7, "`apikey`.", "mean api_key?", 1),
    (NAME + ADA + "Step = 3\n", 5, "no question `Step`.", "mean step?", 1),
    (NAME + "ports = true\n" + ADA, 3, "`ports` is not text.", 'ports = "distinct"', 1),
    (NAME + "version = 1.2\n" + ADA, 3, "`version` is not text.", "in quotes", 1),
    (NAME + f"api_key = '{KEY}'\n" + ADA, 3, "An API key does not belong", "with a new one", 1),
    (NAME + ADA + f"key = '{KEY}'\n", 5, "no question `key`.", "mean api_key?", 1),
    (NAME + f"{KEY} = 1\n" + ADA, 3, "[session] has no `(a key)`.", "It has name", 1),
    (f"[session]\nname = '{KEY}'\n" + ADA, 2, '`session` cannot be "(a key)".', "At most 30", 1),
    (NAME + "api_key = {env = '$X'}\n" + ADA, 3, "`env` does not say", "without a $", 1),
    (NAME + "api_key = {command = 'op'}\n" + ADA, 3, "`command` does not", "a list of words", 1),
    (NAME + "api_key = {envv = 'X'}\n" + ADA, 3, "there is no `envv`", "mean env?", 1),
    (NAME + "[[trainee]]\n" * 30, 3, "This trainee has no name.", "lines 4 to 32.", 1),
    (NAME + "[trainee]\ntrainee_name = 'A'\n", 3, "The trainees are not a list.", "[[trainee]]", 1),
    ("trainee = []\n" + NAME, 1, "There are no trainees.", "Add [[trainee]]", 1),
    ("trainee = ['Ada']\n" + NAME, 1, "The trainees are not a list.", "[[trainee]]", 1),
    ("session = 1\n" + ADA, 1, "`session` is not a table.", "Write [session]", 1),
    ("[[session]]\nname = 'a'\n" + ADA, 1, "`session` is a list", "single brackets", 1),
    (NAME + ADA + "step = 2026-12-01\n", 5, "`step` cannot be 2026-12-01.", "whole number", 1),
    (NAME + ADA + "step = nan\n", 5, "`step` cannot be nan.", "whole number", 1),
    (NAME + ADA + "[trainee.step]\na = 1\n", 5, "`step` cannot be a table.", "whole number", 1),
    (NAME + "template = 'a\\u0000'\n".replace("'", '"') + ADA, 3, "control character", "again", 1),
    (NAME + "template = '~nobody-17/x'\n" + ADA, 3, "not available", "Check its URL or path.", 1),
    (NAME + f"template = '{'x' * 5000}'\n" + ADA, 3, "The template xxx", "Try another.", 1),
    (NAME + ADA.replace("[[", "[").replace("]]", "]") * 2, 5, "not TOML: ", "in two brackets", 1),
    ("", 1, "The session has no name.", "a name to [session]", 2),
]
CSV = [
    ("step,backend\n1,local\n", 1, "There is no column with names", "first line", 1),
    ("Ada Lovelace,1\nBob,2\n", 1, "The columns are `Ada Lovelace`, `1`.", "trainee_name,step", 1),
    ('"trainee_name,step"\n"Ada,1"\n', 1, "The first line is one long text", "without quotes", 1),
    ("trainee_nam,setp\nAda,1\n", 1, "no question `setp`.", "Did you mean step?", 2),
    ("Name,databse\nAda,sqlite\n", 1, "no question `databse`.", "Did you mean database?", 1),
    (HEAD + "Ada\nBob,2\n", 2, "This line has 1 field, and the first", "keep the comma", 1),
    (HEAD + "Lovelace, Ada,1\n", 2, "This line has 3 fields", "contains a comma", 1),
    (HEAD + "A,b,c\n" * 9, 2, "This line has 3 fields", "applies to lines 3 to 10.", 1),
    ("\n\n" + HEAD + "\nAda,77\n", 5, '`step` cannot be "77".', "Write one of 1, 2", 1),
    (f"sep=;\ntrainee_name;step\nAda;{'7' * 5000}\n", 3, "`step` cannot be", "whole number", 1),
    (HEAD + '"Ada,1\nBob,2\n', 2, "a quote opens on this line and never closes", "Double", 1),
    ('Name;Step\nAda;1\n=LINK("x";"B");2\n', 3, "something follows a closing quote", "Double", 1),
    (HEAD + '"A "B" C",2\n', 2, "something follows a closing quote", '"Ada ""Countess""', 1),
    ("trainee_name,,step\nAda,x,1\n", 1, "Column 2 has no name", "Name it, or remove it.", 1),
    ("trainee_name,step,step\nA,1,2\n", 1, "Two columns are called `step`.", "Remove one", 1),
    ("Name,Step,step\nA,1,2\n", 1, "Two columns have answers to `step`: `Step` and", "Remove", 1),
    (HEAD + ",1\n" * 30, 2, "30 rows have no name: lines 2 to 31.", "Fill in the names", 1),
    (HEAD + "Ada,1\n,1\n", 3, "This row has no name.", "remove the rows", 1),
    ("Name,Slug\nAda,a\nBob,a\n", 3, "`a` is also the slug of", "in a column trainee_slug.", 1),
    ("trainee_name,version\nAda,1\n", 1, "The column `version` cannot", "use --version", 1),
    ("trainee_name,session\nAda,1\n", 1, "The column `session` cannot", "with --session", 1),
    ("trainee_name,push\nAda,1\n", 1, "The column `push` cannot", "a roster in TOML", 1),
    (f"trainee_name,{KEY}\nAda,1\n", 1, "name of a column looks like an API key", "Remove", 1),
    (f"Name,Comment\nAda,x {KEY}.\nBob,\nC,{KEY}\n", 2, "lines 2 and 4", "a new one", 1),
    (
        "trainee_name,backend\n" + "A,datadog\nB,datadog\nC,datadog\nD,datadog\n",
        2,
        "a's",
        "3 to",
        1,
    ),
    ("Name,backend,apikey\nA,datadog,X\n", 2, "does not say where the API key", "env:DD_", 1),
    (HEAD, 1, "There are no trainees.", "Add a line for each.", 1),
    ("", 1, "There is no column with names, such as `trainee_name`.", "in the first line", 2),
]
FILES = [
    ("spring.xlsx", b"PK\x03\x04\x14\0\6\0", 1, "This is a workbook or a zip file", "CSV UTF-8"),
    ("spring.csv", b"PK\x03\x04\x14\0\6\0", 1, "This is a workbook or a zip file", "CSV UTF-8"),
    ("spring.xls", b"name", 1, "This is a workbook", "CSV UTF-8"),
    ("spring.toml", b"%PDF-1.7\n", 1, "This is a PDF", "a TOML or CSV file"),
    (
        "spring.yaml",
        b"session:\n",
        1,
        "ends in .toml, .csv, or .tsv, not in .yaml",
        "matchmaker new",
    ),
    ("roster.toml.txt", b"[session]\n", 1, "not in .txt", "Rename the file"),
    ("spring.csv", HEAD.encode() + "Łukasz,1\n".encode("cp1250"), 2, "`£ukasz`", "cp1250 (`Łuk"),
    ("spring.toml", NAME.encode() + "# Zoë".encode("cp1252"), 3, "not UTF-8", "as UTF-8"),
    ("spring.toml", NAME.encode() + b"\0", 3, "There is a NUL byte", "Save the file again"),
    ("spring.csv", b"\xff\xfet\0r\0a", 1, "This UTF-16 is damaged.", "CSV UTF-8"),
]


def is_refused(
    installed: Installed, path: Path, line: int, sentence: str, remedy: str, count: int = 0
) -> None:
    """Run the command on a file: it says what, where and what to do, and leaves all as it was."""
    before = sorted(path.parent.rglob("*"))
    ran = installed.run("generate", str(path))
    assert ran.code == 1, ran
    said = ran.out + ran.err
    assert "Traceback" not in said
    assert "BrokenProcessPool" not in said
    assert KEY not in said
    found = [line for line in ran.err.splitlines() if not line.startswith("    ")]
    assert any(one.startswith(f"{path}:{line}: ") and sentence in one for one in found), ran.err
    assert remedy in ran.err
    if count:
        assert sum(one.startswith(str(path)) for one in found) == count, ran.err
    assert sorted(path.parent.rglob("*")) == before


@pytest.mark.parametrize(("text", "line", "sentence", "remedy", "count"), TOML)
@pytest.mark.sample(6)
def test_wrong_toml(
    installed: Installed, text: str, line: int, sentence: str, remedy: str, count: int
) -> None:
    path = installed.folder / "roster.toml"
    path.write_text(text)
    is_refused(installed, path, line, sentence, remedy, count)


@pytest.mark.parametrize(("text", "line", "sentence", "remedy", "count"), CSV)
@pytest.mark.sample(6)
def test_wrong_csv(
    installed: Installed, text: str, line: int, sentence: str, remedy: str, count: int
) -> None:
    path = installed.folder / "spring.csv"
    path.write_text(text, newline="")
    is_refused(installed, path, line, sentence, remedy, count)


@pytest.mark.parametrize(("name", "content", "line", "sentence", "remedy"), FILES)
@pytest.mark.sample(3)
def test_wrong_files(
    installed: Installed, name: str, content: bytes, line: int, sentence: str, remedy: str
) -> None:
    path = installed.folder / name
    path.write_bytes(content)
    is_refused(installed, path, line, sentence, remedy, 1)


@pytest.mark.parametrize(
    ("name", "sentence", "remedy"),
    [
        ("rooster.toml", "there is no such file", "Did you mean"),
        ("none.csv", "there is no such file", "matchmaker new"),
        ("", "it is a folder", "roster.toml"),
        ("roster.toml/x.toml", "Not a directory", "by its path"),
    ],
)
def test_no_file_at_all(installed: Installed, name: str, sentence: str, remedy: str) -> None:
    (installed.folder / "roster.toml").touch()
    (installed.folder / "handout.csv").touch()
    for command in ("generate", "status"):
        ran = installed.run(command, str(installed.folder / name))
        assert ran.code == 1
        assert "Traceback" not in ran.out + ran.err
        assert f"cannot be read: {sentence}" in ran.err
        assert remedy in ran.err
        assert "handout.csv" not in ran.err


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(Problems, match="you have no permission") as found:
        read_roster(tmp_path / "roster.toml")
    assert "chmod u+r" in found.value.problems[0].remedy


def test_a_file_without_an_end() -> None:
    with pytest.raises(Problems, match="too large"):
        read_roster(Path("/dev/zero"))


WELL = "trainee_name,step\nZoë,2\n李雷,3\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", WELL.encode()),
        ("a.csv", WELL.encode("utf-8-sig")),
        ("a.csv", WELL.encode("utf-16")),
        ("a.csv", WELL.encode("utf-16-le")),
        ("a.csv", WELL.encode("utf-16-be")),
        ("a.csv", WELL.encode("utf-32")),
        ("a.csv", WELL.replace("step", '" Step\n"').replace("trainee_name", "Name").encode()),
        ("a.csv", WELL.replace("\n", "\r\n").encode()),
        ("a.csv", WELL.replace("\n", "\r").encode()),
        ("a.CSV", WELL.replace(",", ";").encode()),
        ("a.csv", WELL.replace(",", "|").encode()),
        ("a.csv", WELL.replace(",", "\t").encode("utf-16")),
        ("a.tsv", WELL.replace(",", "\t").replace("Zoë", "Zoë").encode()),
        ("a.csv", b"sep=;\r\n" + WELL.replace(",", ";").encode()),
        ("a.csv", b'"sep=,"\n' + WELL.encode()),
        ("a.csv", b"sep=\t\n" + WELL.replace(",", "\t").encode()),
        ("a.csv", WELL.replace("\n", ",,\n").encode() + b",,,\n,,,\n"),
        ("a.csv", WELL.replace("step\n", "step,,\n").encode()),
        ("a.csv", WELL.replace("2\n", "2,,\n").encode()),
        ("a.csv", WELL.replace(",", ",,").encode()),
        ("a.csv", b'"trainee_name";"step"\n"Zo\xc3\xab";"2"\n"\xe6\x9d\x8e\xe9\x9b\xb7";3\n'),
    ],
)
def test_tables_that_can_be_read_without_doubt(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    roster = read_roster(tmp_path / name)
    assert roster.problems == ()
    assert [dict(entry.answers) for entry in roster.entries] == [
        {"trainee_name": "Zoë", "step": "2"},
        {"trainee_name": "李雷", "step": "3"},
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("spring.csv", b"sep=;\r\n" + WELL.replace(",", ";").encode()),
        ("spring.csv", WELL.replace(",", "\t").encode("utf-16")),
        ("spring.toml", (NAME + ADA.replace("Ada", "Zoë")).encode("utf-16")),
    ],
)
def test_odd_files_that_are_right(installed: Installed, name: str, content: bytes) -> None:
    (installed.folder / name).write_bytes(content)
    ran = installed.run("generate", str(installed.folder / name), "--dry-run")
    assert ran.code == 0, ran
    assert "spring/zoe" in ran.out


def test_all_wrong_answers_through_workers(installed: Installed) -> None:
    rows = {
        "trainee_name = 7": "Write text, in quotes.",
        'trainee_name = " Ada"': "No spaces before or after it.",
        f'trainee_name = "{"x" * 81}"': "At most 80 characters, not 81.",
        'trainee_slug = "A_B"': "Type a-z, 0-9, and single hyphens.",
        'step = "3"': "Write a whole number, without quotes.",
        "step = 10": "Write one of 1, 2, 3, 4, 5, 6, 7, 8, 9.",
        "step = true": "Write a whole number, without quotes.",
        'log_to_stdout = "yes"': "Write true or false, unquoted.",
        "inject_errors = 1": "Write true or false, unquoted.",
        'database = "oracle"': "Write one of 'sqlite', 'postgresql'.",
        'backend = "Datadog"': "Write one of 'local', 'datadog'.",
        "backend = [1]": "Write text, in quotes.",
        "port_offset = -1": "Type a number from 0 to",
        "port_offset = 0.5": "Write a whole number, without quotes.",
        "setp = 1": "Did you mean step?",
    }
    trainees = [
        f"[[trainee]]\n{row}\n" + (f"trainee_name = 'T{index}'\n" if "_name" not in row else "")
        for index, row in enumerate(rows)
    ]
    path = installed.folder / "roster.toml"
    path.write_text(NAME + "".join(trainees))
    ran = installed.run("generate", str(path))
    assert ran.code == 1
    assert "Traceback" not in ran.out + ran.err
    lines = path.read_text().splitlines()
    for row, remedy in rows.items():
        where = f"{path}:{lines.index(row) + 1}: "
        said = re.search(rf"^{re.escape(where)}.*\n    (.*)$", ran.err, re.MULTILINE)
        assert said, where
        assert remedy in said[1]
    assert list(installed.folder.iterdir()) == [path]


# What people mean


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((name, "trainee_name") for name in ("name", "Name", "NAME", "Full Name", "full_name")),
        *((name, "trainee_name") for name in ("Student Name", "studentName", "Trainee", "Nom")),
        *(
            (name, "trainee_name")
            for name in ("First and Last Name", "traineename", "trainee name")
        ),
        *((name, "") for name in ("First Name", "Last Name", "user name", "file name", "Surname")),
        *((name, "") for name in ("identifier", "github_username", "github_id", "E-Mail", "Ada L")),
        ("Step", "step"),
        ("Datadog Site", "dd_site"),
        ("Slug", "trainee_slug"),
        ("apikey", "api_key"),
    ],
)
def test_which_column_is_meant(written: str, meant: str) -> None:
    assert closest(written, known_columns()) == meant


@pytest.mark.parametrize(
    ("line", "what", "remedy"),
    [
        ("name = spring", "text needs quotes", 'name = "'),
        ("name = 2026-12-support", "text needs quotes", 'name = "'),
        ("version = 1.2.0", "text needs quotes", 'name = "'),
        ("name = “spring”", "curly", "straight"),
        ('name: "spring"', "a colon", 'name = "…"'),
        ("name spring", "there is no =", 'name = "value"'),
        ("a =", "there is no value", "remove the line"),
        ("a = True", "yes or no", "true or false"),
        ("a = None", "no such value", "Remove"),
        ("a = 03", "begins with 0", "without the 0"),
        ('a = "x", b = 3', "more on the line", "one name = value"),
        ("a = 1, b = 3", "two values", "one name = value"),
        ("a = 'O'Brien'", "ends the text early", '"'),
        ('a = "x', "closing quote is missing", "Close"),
        ('a = "C:\\Users"', "backslash", "\\\\ for a backslash"),
        ("a = [1,", "closing bracket", "Close it"),
        ('a = {env = "X",}', "in braces", "on one line"),
        ("a = {", "in braces", "on one line"),
        ("b = 1\nb = 2", "`b` is set twice", "Remove one"),
        ("[session]", "`[session]` appears twice", "one heading"),
        ("[[trainee]", "brackets", "[[trainee]]"),
        ('{"session": 1}', "another format", "matchmaker new"),
        ("a = '\x01'", "control character", "Remove it"),
    ],
)
def test_what_is_not_toml(line: str, what: str, remedy: str) -> None:
    with pytest.raises(NotToml) as found:
        read_toml(f'[session]\nx = "y"\n{line}\n')
    assert what in found.value.what
    assert remedy in found.value.remedy
    assert found.value.line == 3 + line.count("\n")


def test_many_of_a_kind_are_one() -> None:
    def some(*lines: int, kind: str) -> list[Problem]:
        return [Problem(f"wrong {line}", "Mend it.", f"r.toml:{line}", kind) for line in lines]

    few = some(2, 4, 6, kind="few")
    assert list(condensed(few)) == few
    assert [p.what for p in condensed(some(2, 4, 6, 8, kind=""))] == [
        f"wrong {n}" for n in (2, 4, 6, 8)
    ]
    (one,) = condensed(some(2, 4, 5, 6, 9, kind="many"))
    assert (one.what, one.where) == ("wrong 2", "r.toml:2")
    assert one.remedy == "Mend it. The same applies to lines 4 to 6 and 9."


# What workers are given, and give


CHECKED = Checked(
    {}, {"trainee_slug": "ada"}, Facts("e", {"web": 5000}, "", "Explore", False), False
)
PICKLED = [
    Problem("what", "remedy", "where:3", "kind"),
    Problems([Problem("what", "remedy")]),
    WrongAnswers([Fault("step", "what", "remedy", True)], CHECKED),
    NotToml("what", "remedy", 3),
    CHECKED,
    Fault("step", "what", "remedy"),
    Flaw(1, "what", "remedy"),
    Entry({"step": 1}, 3, {"step": 4}, KeySource("env", "X")),
    Roster(Path("r.toml"), "spring", (), problems=(Problem("what", "remedy"),)),
    Trainee("ada", "Ada", 1, CHECKED.facts, {}).done("created", "detail", 1.5),
    Versions("source", "v1", "v1", {"v0": "gone"}),
]


@pytest.mark.parametrize("thing", PICKLED, ids=lambda thing: type(thing).__name__)
def test_what_crosses_to_another_process(thing: Any) -> None:
    copied = pickle.loads(pickle.dumps(thing))
    assert type(copied) is type(thing)
    assert str(copied) == str(thing)
    assert _told(copied) == _told(thing)


def _told(thing: Any) -> Any:
    """What a thing says of itself; problems are the same when they say the same."""
    if isinstance(thing, tuple | list):
        return [_told(one) for one in thing]
    if isinstance(thing, Exception | Roster):
        return {name: _told(value) for name, value in vars(thing).items()}
    return thing


def test_what_a_worker_that_is_started_anew_gets(tmp_path: Path) -> None:
    output = pickle.loads(pickle.dumps(Output(tmp_path)))
    assert output.root == tmp_path


def test_a_worker_that_is_killed_while_answers_are_checked(session: Session) -> None:
    session.write("Ada", "Bob")
    roster = read_roster(session.roster)
    with (
        scratch(),
        ProcessPoolExecutor(1, initializer=os._exit, initargs=(1,)) as pool,
        pytest.raises(Problems, match="was killed; did this machine run out of memory"),
    ):
        validation.validate(roster, str(session.template), KeyRing(Path(), []), pool)


def test_workers_that_are_killed_while_work_is_handed_out(tmp_path: Path) -> None:
    trainees = [Trainee(slug, slug, 1, CHECKED.facts, {}) for slug in ("ada", "bob")]
    with ProcessPoolExecutor(1, initializer=os._exit, initargs=(1,)) as pool:
        with pytest.raises(BrokenProcessPool):
            pool.submit(os.getpid).result()
        outcomes = list(carry_out(pool, trainees, Output(tmp_path), Versions("", None)))
    assert [(one.slug, one.did) for one in outcomes] == [("ada", "failed"), ("bob", "failed")]


class Unpicklable(Exception):
    """Made from two things, of which it tells one."""

    def __init__(self, one: str, _two: str) -> None:
        super().__init__(one)


def test_an_error_of_the_template_that_no_other_process_understands(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> Any:
        raise Unpicklable(f"no {KEY}", "")

    monkeypatch.setattr(validation, "check", failing)
    session.write("Ada")
    ran = session.run()
    assert ran.code == 1
    assert "cannot check these answers: Unpicklable: no (a key)" in ran.err
