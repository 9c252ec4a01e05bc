"""Lists of people as other programs export them: who is in them, and the roster made of them."""

import csv
import io
import json
import os
import pty
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extensions.trainee import name_problem, slug_problem, slugify
from matchmaker.problem import Problem, Problems
from matchmaker.roster.encodings import garbled, likely
from matchmaker.roster.entries import Entry
from matchmaker.roster.name_columns import candidates, is_full_name, kind_of
from matchmaker.roster.names import clean
from matchmaker.roster.read import Roster, Told, read_roster
from matchmaker.roster.slugs import is_slug, proposals, session_name, slug_of, with_slugs
from matchmaker.roster.text_file import Text, read_text
from matchmaker.roster.words import whole_number, yes_or_no
from matchmaker.roster.write import toml_of
from tests.conftest import git
from tests.matchmaker.conftest import MATCHMAKER, Installed, Session

Known = dict[str, dict[str, Any]]


def read(
    folder: Path, content: str | bytes, told: Told | None = None, name: str = "people.csv"
) -> Roster:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(path, told)


def people(roster: Roster) -> list[tuple[str, dict[str, str]]]:
    assert roster.problems == ()
    return [(str(one.answers["trainee_name"]), dict(one.notes)) for one in roster.entries]


def slugs(roster: Roster, known: Known | None = None) -> list[str]:
    """Each trainee's slug: the one that we say, or the template's own."""
    found = with_slugs(roster, known or {})
    assert found.problems == ()
    return [
        str(one.answers.get("trainee_slug") or slugify(str(one.answers["trainee_name"])))
        for one in found.entries
    ]


# Where the names are


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("Full Name;Other", "Zoë Müller;x", "Zoë Müller"),
        ("FULL_NAME;Other", "Zoë Müller;x", "Zoë Müller"),
        ("Other;First Name;Last Name", "x;Zoë;Müller", "Zoë Müller"),
        ("last_name;first_name", "Müller;Zoë", "Zoë Müller"),
        ("First;Last", "Zoë;Müller", "Zoë Müller"),
        ("Name;Vorname", "Müller;Zoë", "Zoë Müller"),
        ("Vorname;NACHNAME;Firma", "Zoë;Müller;x", "Zoë Müller"),
        ("Name, Vorname;x", "Müller, Zoë;1", "Zoë Müller"),
        ("Vor- und Nachname;x", "Zoë Müller;1", "Zoë Müller"),
        ("Teilnehmer/in;x", "Zoë Müller;1", "Zoë Müller"),
        ("Wie heißen Sie?;x", "Zoë Müller;1", "Zoë Müller"),
        ("Prénom;Nom", "Zoë;Müller", "Zoë Müller"),
        ("Prenom;Nom de famille", "Zoë;Müller", "Zoë Müller"),
        ("Nom et prénom;x", "Zoë Müller;1", "Zoë Müller"),
        ("Nombre;Apellido(s)", "Zoë;Müller", "Zoë Müller"),
        ("Nombre;Primer apellido;Segundo apellido", "José;García;Márquez", "José García Márquez"),
        ("Nome;Cognome", "Zoë;Müller", "Zoë Müller"),
        ("Voornaam;Achternaam", "Zoë;Müller", "Zoë Müller"),
        ("Nome completo;x", "Zoë Müller;1", "Zoë Müller"),
        ("Imię;Nazwisko", "Łukasz;Żak", "Łukasz Żak"),
        ("Имя;Фамилия", "Иван;Щукин", "Иван Щукин"),
        ("姓;名", "李;雷", "李雷"),
        ("氏名;x", "山田 太郎;1", "山田 太郎"),
        ("What's your full name?;x", "Zoë Müller;1", "Zoë Müller"),
        ("Name;First Name", "Zoë Müller;Zoë", "Zoë Müller"),
        ("Name;First Name;Last Name", "zm;Zoë;Müller", "Zoë Müller"),
        ("Display Name;First Name;Last Name", "zm;Zoë;Müller", "Zoë Müller"),
        ("Name;Full name", "zm;Zoë Müller", "Zoë Müller"),
        ("Name;Wie heißt du?", ";Zoë Müller", "Zoë Müller"),
        ("Attendee;Name", "4711;Zoë Müller", "Zoë Müller"),
        ("Username;Company name;Name", "zm;ACME;Zoë Müller", "Zoë Müller"),
        ("Name;x", "  Zo\u00eb\u00a0\u200fM\u00fcller ;1", "Zoë Müller"),
        ('Name;x', '"Zoë\r\nMüller";1', "Zoë Müller"),
    ],
)  # fmt: skip
def test_where_names_are(tmp_path: Path, header: str, row: str, name: str) -> None:
    ((found, _),) = people(read(tmp_path, f"{header}\r\n{row}\r\n"))
    assert found == name


@pytest.mark.parametrize(
    "column",
    [
        "user name",
        "File name",
        "Company",
        "Team name",
        "Name der Firma",
        "Nickname",
        "E-Mail",
        "ID",
    ],
)
def test_columns_that_are_no_names(column: str) -> None:
    assert kind_of(column) == ""
    assert candidates([column, "Step"]) == []


def test_names_of_people_in_words_of_other_tools() -> None:
    assert all(map(is_full_name, ["Name", "Student Name", "studentName", "Trainee", "Nom"]))
    assert not any(map(is_full_name, ["First Name", "Surname", "identifier", "github_username"]))


def test_last_names_that_come_first_are_turned_only_together(tmp_path: Path) -> None:
    turned = read(tmp_path, 'Name\n"Lovelace, Ada"\n\n"van der Berg,Jan"\n')
    assert [name for name, _ in people(turned)] == ["Ada Lovelace", "Jan van der Berg"]
    mixed = read(tmp_path, 'Name\n"Lovelace, Ada"\nBob Ray\n')
    assert [name for name, _ in people(mixed)] == ["Lovelace, Ada", "Bob Ray"]
    assert any("stay as they are" in remark and "line 2" in remark for remark in mixed.remarks)
    titles = read(tmp_path, 'Name\n"Ada Lovelace, PhD"\n"Bob Ray, Jr."\n')
    assert [name for name, _ in people(titles)] == ["Ada Lovelace, PhD", "Bob Ray, Jr."]


def test_somebody_says_where_the_names_are(tmp_path: Path) -> None:
    asked = []

    def ask(columns: Any) -> list[int]:
        asked.append(columns)
        return [1]

    text = "Team,Wer\nBlau,Ada\nRot,Bob\n"
    expected = [("Ada", {"team": "Blau"}), ("Bob", {"team": "Rot"})]
    assert people(read(tmp_path, text, Told(ask=ask))) == expected
    assert asked == [[("Team", "Blau"), ("Wer", "Ada")]]
    assert people(read(tmp_path, text, Told(name_columns=("wer",)))) == expected
    two = Told(name_columns=("Wer", "Team"))
    assert people(read(tmp_path, text, two)) == [("Ada Blau", {}), ("Bob Rot", {})]
    (problem,) = read(tmp_path, text, Told(name_columns=("Who",))).problems
    assert (problem.what, "`Team`, `Wer`" in problem.remedy) == ("There is no column `Who`.", True)
    (problem,) = read(tmp_path, text).problems
    assert "`Team`, `Wer`" in problem.what
    assert '--name-column "Team"' in problem.remedy


def test_the_installed_command_asks_in_a_terminal(installed: Installed) -> None:
    (installed.folder / "people.csv").write_text("Team,Wer\nBlau,Ada\n")
    terminal, inside = pty.openpty()
    os.write(terminal, b"7\n2\n")
    done = subprocess.run(
        [MATCHMAKER, "roster", "people.csv"],
        cwd=installed.folder,
        env={**os.environ, **installed.environment},
        stdin=inside,
        stderr=inside,
        stdout=subprocess.PIPE,
    )
    shown = os.read(terminal, 1 << 16).decode()
    os.close(inside)
    os.close(terminal)
    assert done.returncode == 0, shown
    assert "2  Wer: Ada" in shown
    assert "Type a number from 1 to 2." in shown
    (trainee,) = tomllib.loads(done.stdout.decode())["trainee"]
    assert trainee == {"trainee_name": "Ada", "notes": {"team": "Blau"}}


# What is around them

ZOOM = """Attendee Report
Report Generated:,11/26/2026 9:00
Topic,Webinar ID
Workshop,123 456
Attended,User Name (Original Name),First Name,Last Name,Email,Registration Time
Yes,zoe,Zoë,Müller,z@x.com,2026-11-01 09:00
No,bob,Bob,Ray,b@x.com,2026-11-02 10:00
"""


def test_lines_above_the_table_and_sums_below_it(tmp_path: Path) -> None:
    roster = read(tmp_path, ZOOM + "Total,2,,,,\n,,,,,\n")
    assert [name for name, _ in people(roster)] == ["Zoë Müller", "Bob Ray"]
    assert roster.entries[0].line == 6
    assert "Left out, above the table: lines 1 to 4." in roster.remarks
    assert "Left out, because they aren't people: line 8." in roster.remarks
    called_so = read(tmp_path, "Name,Step\nSuma,3\nTotal Recall,2\n")
    assert [name for name, _ in people(called_so)] == ["Suma", "Total Recall"]


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ("E-Mail-Adresse,Team Name,GitHub", ["email", "team_name", "github"]),
        ("Adresse de courriel,x,y", ["email", "x", "y"]),
        ("Konto,Email,Email", ["konto", "email", "email_2"]),
        ("Contact,Wer?,電話", ["email", "wer", "電話"]),
        ('"What is\nyour e-mail?",A,a', ["email", "a", "a_2"]),
    ],
)
def test_what_is_kept_as_notes(tmp_path: Path, columns: str, names: list[str]) -> None:
    values = ["x@example.com" if name.startswith("email") else "=1+1" for name in names]
    roster = read(tmp_path, f"Name,{columns}\nAda,{','.join(values)}\n")
    assert people(roster) == [("Ada", dict(zip(names, values, strict=True)))]
    assert roster.entries[0].answers == {"trainee_name": "Ada"}


@pytest.mark.parametrize(
    ("columns", "row", "answers", "notes"),
    [
        ("STEP", "3", {"step": "3"}, {}),
        ("Level", "3,Level", {"step": "3"}, {}),
        ("Level", "Beginner", {}, {"level": "Beginner"}),
        ("Datadog Site", "datadoghq.eu", {"dd_site": "datadoghq.eu"}, {}),
        ("Site", "Berlin", {}, {"site": "Berlin"}),
        ("Key", "room 12", {}, {"key": "room 12"}),
        ("STEM", "yes", {}, {"stem": "yes"}),
        ("Short name", "ada-l", {"trainee_slug": "ada-l"}, {}),
        ("Trainer name", "Bob", {}, {"trainer_name": "Bob"}),
    ],
)
def test_which_columns_are_answers(
    tmp_path: Path, columns: str, row: str, answers: dict[str, str], notes: dict[str, str]
) -> None:
    row = row.partition(",")[0]
    (entry,) = read(tmp_path, f"Name,{columns}\nAda,{row}\n").entries
    assert entry.answers == {"trainee_name": "Ada", **answers}
    assert entry.notes == notes


@pytest.mark.parametrize(
    ("column", "value", "meant"),
    [("setp", "3", "step"), ("Bakend", "local", "backend"), ("port_ofset", "10", "port_offset")],
)
def test_a_near_miss_is_no_note(tmp_path: Path, column: str, value: str, meant: str) -> None:
    (problem,) = read(tmp_path, f"Name,{column}\nAda,{value}\nBob,?\n").problems
    assert problem.what == f"The template has no question `{column}`."
    assert problem.remedy.startswith(f"Did you mean {meant}?")


@pytest.mark.parametrize(
    ("text", "value"),
    [("WAHR", True), ("ja", True), ("Sí", True), ("vrai", True), ("VERDADERO", True), ("да", True),
     ("FALSCH", False), ("nein", False), ("Não", False), ("faux", False), ("maybe", None)],
)  # fmt: skip
def test_yes_and_no(text: str, value: bool | None) -> None:
    assert yes_or_no(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("3.0", 3), ("3,00", 3), (" 3 ", 3), ("-1", -1), ("3.5", None), ("x", None),
     ("", None), ("9" * 5000, None)],
)  # fmt: skip
def test_whole_numbers(text: str, value: int | None) -> None:
    assert whole_number(text) == value


# Encodings


@pytest.mark.parametrize(
    ("names", "encoding", "line", "read", "meant"),
    [
        ("Eva Novák,Jan Dvořák,Jiří Kučera", "cp1250", 3, "Dvoøák", "Dvořák"),
        ("Ana,Ivan Kovačić", "cp1250", 3, "Kovaèiæ", "Kovačić"),
        ("Erzsébet Győri", "cp1250", 2, "Gyõri", "Győri"),
        ("Adam Kamiński", "cp1250", 2, "Kamiñski", "Kamiński"),
        ("Ionuţ Păun,Mădălina Ion", "cp1250", 2, "Ionuþ", "Ionuţ"),
        ("Ayşe Y\u0131lmaz,İbrahim Çelik", "cp1254", 2, "Ayþe", "Ayşe"),
        ("IŞIL,Özgür Öz", "cp1254", 2, "IÞIL", "IŞIL"),
        ("Rūta Kazlauskienė", "cp1257", 2, "Rûta", "Rūta"),
    ],
)
def test_letters_of_another_region(
    tmp_path: Path, names: str, encoding: str, line: int, read: str, meant: str
) -> None:
    path = tmp_path / "people.csv"
    text = "\r\n".join(["Name;Step", *(f"{name};1" for name in names.split(","))])
    path.write_bytes(text.encode(encoding))
    with pytest.raises(Problems) as found:
        read_text(path)
    (problem,) = found.value.problems
    assert problem.where == f"{path}:{line}"
    assert f"In Windows-1252, it would say `{read}`, and in {encoding} `{meant}`." in problem.what
    assert f"--encoding {encoding} or --encoding cp1252." in problem.remedy
    assert meant in read_text(path, encoding).text
    assert read in read_text(path, "cp1252").text


@pytest.mark.parametrize(
    "names",
    [
        "Hélène Lefèvre,Benoît Dupré,Zoë",
        "Søren Kjær,Øivind Bøe,Åse",
        "Håkan Åkesson,Björn Ågren",
        "João Guimarães,Conceição Simões",
        "Iñaki Muñoz,Núria Peña",
        "Niccolò Foà,Noè",
        "Guðrún Þórsdóttir,Sigríður",
        "Jürgen Groß,Françoise Çelik,Søren Åberg,Iñaki Muñoz,João Magalhães,Niccolò",
        "Novák,René,Müller",
    ],
)
def test_western_letters(tmp_path: Path, names: str) -> None:
    path = tmp_path / "people.csv"
    text = "\n".join(["Name", *names.split(","), ""])
    path.write_bytes(text.encode("cp1252"))
    assert read_text(path) == Text(text, "Windows-1252")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Łukasz Żółć;Łódź", "cp1250"),
        ("Иван Щукин;Москва", "cp1251"),
        ("Γιώργος;Αθήνα", "cp1253"),
        ("משה כהן;ירושלים", "cp1255"),
        ("山田太郎;東京", "shift_jis"),
        ("王小明;北京", "gb18030"),
        ("Zoë Müller;Köln", "mac_roman"),
    ],
)
def test_what_is_not_western_is_not_taken_for_it(text: str, encoding: str) -> None:
    content = f"Name;Ort\n{text}\n".encode(encoding)
    assert garbled(content.decode("cp1252", errors="replace"))
    assert encoding in [name for name, _ in likely(content)][:3]


def test_a_western_table_is_read_and_said_to_be_one(tmp_path: Path) -> None:
    odd = "„12 €“, N° 5, André\u2013Luc, ½, O\u2019Brien"
    text = f"Name;Anmerkung\nZoë Müller;{odd}\nJosé Ibáñez;«ça»\n"
    roster = read(tmp_path, text.encode("cp1252"))
    assert [name for name, _ in people(roster)] == ["Zoë Müller", "José Ibáñez"]
    assert "not UTF-8, so it was read as Windows-1252: Zoë, Müller" in roster.remarks[0]
    told = read(tmp_path, "Name\nŁukasz\n".encode("cp1250"), Told(encoding="cp1250"))
    assert people(told) == [("Łukasz", {})]
    same = read(tmp_path, "Name\nŁukasz\n".encode("utf-16"), Told(encoding="utf-16"))
    assert people(same) == [("Łukasz", {})]
    for encoding, sentence in (("rot13", "no encoding `rot13`"), ("utf-8", "is not utf-8")):
        with pytest.raises(Problems, match=sentence):
            read(tmp_path, b"Name\nZo\xeb\n", Told(encoding=encoding))


# Slugs


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("李雷", "li-lei"),
        ("王小明", "wang-xiao-ming"),
        ("김철수", "gim-cheol-su"),
        ("やまだ たろう", "yamada-tarou"),
        ("สมชาย", "smchay"),
        ("محمد علي", "mhmd-ly"),
        ("דוד כהן", "dvd-khhn"),
        ("Иван Щукин", "ivan-shchukin"),
        ("李 Smith", "li-smith"),
        ("🦊", "fox"),
        ("Łukasz", "lukasz"),
        ("O\u2019Brien, Zoë", "obrien-zoe"),
    ],
)
def test_readable_slugs(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=60) | st.text("Aß é-'\u2019.1", max_size=60))
def test_a_slug_is_right_or_said(name: str) -> None:
    """Where we don't say a slug, the template makes the same one; what we say, it takes."""
    name = clean(name)
    if name_problem(name):
        return
    entry_of = read_roster_of(name)
    (entry,) = with_slugs(entry_of, {}).entries
    said = entry.answers.get("trainee_slug")
    assert slug_problem(said or slugify(name)) == ""
    assert said is None or is_slug(said)
    if said is None:
        assert slugify(name) == slug_of(name)


def read_roster_of(name: str) -> Roster:
    """The roster of a table with one trainee."""
    return Roster(Path("p.csv"), "p", (Entry({"trainee_name": name}, 2, {}),), is_text=True)


def test_the_second_of_a_name(tmp_path: Path) -> None:
    text = "Name\nJohn Smith\njohn  smith\nJosé\nJose\nJOHN SMITH\n" + "x" * 40 + "\n" + "x" * 50
    found = slugs(read(tmp_path, text))
    assert found[:5] == ["john-smith", "john-smith-2", "jose", "jose-2", "john-smith-3"]
    assert found[5:] == ["x" * 30, "x" * 28 + "-2"]
    assert slugs(read(tmp_path, text)) == found
    assert slugs(read(tmp_path, "Name,Slug\nJohn Smith,\nAda,john-smith\n"))[0] == "john-smith-2"


def test_nobody_gets_the_slug_of_another(tmp_path: Path) -> None:
    john = {"name": "John Smith", "notes": {"email": "john@x.com"}}
    other = {"name": "John Smith", "notes": {"email": "two@x.com"}}
    head = "Name,E-Mail\n"
    above = read(tmp_path, head + "John Smith,new@x.com\nJohn Smith,john@x.com\n")
    assert slugs(above, {"john-smith": john}) == ["john-smith-2", "john-smith"]
    left = read(tmp_path, head + "John Smith,two@x.com\n")
    assert slugs(left, {"john-smith": john, "john-smith-2": other}) == ["john-smith-2"]
    renamed = read(tmp_path, head + "John Miller,john@x.com\n")
    assert slugs(renamed, {"john-smith": john}) == ["john-smith"]
    moved = read(tmp_path, head + "John Smith,john@y.com\n")
    assert slugs(moved, {"john-smith": john}) == ["john-smith"]
    newcomer = read(tmp_path, "Name\nJosé\n")
    assert slugs(newcomer, {"jose": {"name": "Jose"}}) == ["jose-2"]
    before = read(tmp_path, "Name\n李雷\n")
    assert slugs(before, {"trainee-abc123": {"name": "李雷"}}) == ["trainee-abc123"]
    broken: Known = {"john-smith": {"notes": 3}, "a": {"name": None, "notes": {"email": 1}}}
    assert slugs(renamed, broken) == ["john-miller"]


def test_who_is_left_of_two_is_for_somebody_to_say(tmp_path: Path) -> None:
    roster = read(tmp_path, "Name\nJohn Smith\n")
    known: Known = {"john-smith-2": {"name": "John Smith"}, "john-smith": {"name": "John Smith"}}
    (problem,) = with_slugs(roster, known).problems
    assert problem.what.startswith("There were 2 trainees called John Smith")
    assert problem.remedy.endswith("john-smith or john-smith-2.")
    said = read(tmp_path, "Name,Slug\nJohn Smith,john-smith-2\n")
    assert slugs(said, known) == ["john-smith-2"]


# The session


def test_the_name_of_the_session(tmp_path: Path) -> None:
    named = read(tmp_path, "Name\nAda\n", name="People 2026-12.csv")
    assert named.name == "people-2026-12"
    assert "The session is called people-2026-12, after People 2026-12.csv" in named.remarks[0]
    assert read(tmp_path, "Name\nAda\n", name="spring.csv").remarks == ("Names are from `Name`.",)
    assert session_name("名单") == "ming-dan"
    assert session_name("!!") == "session"
    told = read(tmp_path, "Name\nAda\n", Told("tuesday", "/t", "v1.0.0"), name="A B.csv")
    assert (told.name, told.template, told.version) == ("tuesday", "/t", "v1.0.0")
    (problem,) = read(tmp_path, "Name\nAda\n", Told("Spring!")).problems
    assert problem.remedy.endswith("such as --session spring.")
    with pytest.raises(Problems, match="says for itself what --session and --version would say"):
        read(tmp_path, "[session]\n", Told(session="a", version="v1"), name="r.toml")


# The roster that is written


def written(roster: Roster) -> tuple[str, Roster]:
    """The text of a roster, and what is read from it."""
    text = toml_of(with_slugs(roster, {}))
    path = roster.path.with_suffix(".toml")
    path.write_text(text, encoding="utf-8", newline="")
    return text, read_roster(path)


def test_a_roster_is_written(tmp_path: Path) -> None:
    table = (
        "Name,Step,Log to stdout,API key,E-Mail,Team\n"
        'Ada,"3,0",WAHR,later,ada@x.com,Blau\n李雷,2.0,ja,later,,\nAda,1,1,later,,Rot\n'
    )
    text, back = written(read(tmp_path, table, Told("tuesday", "/t", "v1")))
    assert back.problems == ()
    content = tomllib.loads(text)
    assert content == {
        "session": {"name": "tuesday", "template": "/t", "version": "v1", "api_key": "later"},
        "answers": {"log_to_stdout": True},
        "trainee": [
            {
                "trainee_name": "Ada",
                "step": 3,
                "notes": {"email": "ada@x.com", "team": "Blau"},
            },
            {"trainee_name": "李雷", "step": 2, "trainee_slug": "li-lei"},
            {"trainee_name": "Ada", "step": 1, "trainee_slug": "ada-2", "notes": {"team": "Rot"}},
        ],
    }
    assert back.entries[0].notes == {"email": "ada@x.com", "team": "Blau"}
    assert proposals(with_slugs(back, {})) == [("李雷", "li-lei"), ("Ada", "ada-2")]


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ['"""', "'''", '"\n[[trainee]]\ntrainee_name = "x', "\\", "=1+1", "\x1b[31m", "]]", "\x7f", "#"]
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), min_size=1, max_size=4), header=HOSTILE)
def test_whatever_is_in_a_table_is_text_in_the_roster(
    tmp_path: Path, rows: list[tuple[str, str, str]], header: str
) -> None:
    text = io.StringIO()
    cells = [(f"N{name}", mail, other) for name, mail, other in rows]
    csv.writer(text).writerows([["trainee_name", "E-Mail", f"x {header}"], *cells])
    roster = read(tmp_path, text.getvalue().replace("\0", ""))
    try:
        text_of, back = written(roster)
    except Problems as found:
        _are_explained(found.problems)
        return
    assert back.problems == ()
    assert len(tomllib.loads(text_of)["trainee"]) == len(roster.entries)
    for before, after in zip(roster.entries, back.entries, strict=True):
        assert after.answers["trainee_name"] == before.answers["trainee_name"]
        assert after.notes == before.notes


def _are_explained(problems: Sequence[Problem]) -> None:
    assert all(problem.where and problem.remedy for problem in problems)


def test_what_cannot_be_written(tmp_path: Path) -> None:
    text = f"Name,Step,Slug\nAda,77,A_B\nBob,78,\n{'x' * 81},1,\n"
    with pytest.raises(Problems) as found:
        toml_of(read(tmp_path, text, Told(template="https://me:secret@x.com/t.git")))
    said = [(problem.line, problem.what[:30]) for problem in found.value.problems]
    assert [line for line, _ in said] == [0, 2, 2, 3, 4]
    assert "secret" not in str(found.value)


def test_the_installed_command_writes_a_roster_that_generates(installed: Installed) -> None:
    table = (
        "Nachname;Vorname;E-Mail\r\nMüller;Zoë;zoe@x.com\r\nLee;Bo;bo@x.com\r\nLee;Bo;b2@x.com\r\n"
    )
    people = installed.folder / "Teilnehmer.csv"
    people.write_bytes(table.encode("cp1252"))
    ran = installed.run("roster", str(people), "--session", "tuesday", LC_ALL="C", PYTHONUTF8="0")
    assert ran.code == 0, ran
    assert "Windows-1252" in ran.err
    assert "bo-lee-2" in ran.err
    roster = installed.folder / "tuesday.toml"
    roster.write_bytes(ran.out.encode())
    assert tomllib.loads(ran.out)["trainee"][0]["trainee_name"] == "Zoë Müller"
    for file in ([str(roster)], [str(people), "--session", "tuesday"]):
        done = installed.run("generate", *file, "--dry-run")
        assert done.code == 0, done
        assert "bo-lee-2" in done.out
    refused = installed.run("roster", str(roster))
    assert (refused.code, refused.out) == (1, "")
    assert "is a roster already" in refused.err


def test_a_table_keeps_its_slugs_and_its_notes(session: Session) -> None:
    session.file = "spring.csv"
    options = ("--template", str(session.template))
    session.roster.write_text("Name,E-Mail\nBo Lee,bo@x.com\n李雷,l@x.com\n")
    ran = session.run(*options)
    assert ran.code == 0, ran
    session.roster.write_text("Name,E-Mail\nBo Lee,b2@x.com\nBo Lee,bo@x.com\n李雷,l@x.com\n")
    ran = session.run(*options)
    assert ran.code == 0, ran
    assert session.did() == {
        "bo-lee-2": "created",
        "bo-lee": "unchanged",
        "li-lei": "unchanged",
    }
    answers = (session.out / "li-lei" / ".copier-answers.yml").read_text()
    assert "l@x.com" not in answers


def test_a_question_of_another_template_is_an_answer(session: Session, own_template: Path) -> None:
    copier = own_template / "copier.yml"
    question = "\nshare_progress:\n  type: bool\n  default: false\n"
    question += "\ncolor:\n  type: str\n  default: red\n"
    copier.write_text(copier.read_text() + question)
    git(own_template, "commit", "--all", "--quiet", "--message", "Ask more")
    git(own_template, "tag", "v2.0.0")
    session.file = "spring.csv"
    session.roster.write_text("Name,Color,Team\nAda,blue,x\n")
    ran = session.run("--template", str(own_template), "--version", "v2.0.0")
    assert ran.code == 0, ran
    asked = json.loads((session.out / "session.json").read_text())["trainees"]["ada"]["asked"]
    assert asked == {
        **{"session": "spring", "trainee_name": "Ada"},
        **{"color": "blue", "share_progress": True},
    }
