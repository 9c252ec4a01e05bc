"""What a cluster can't do is told at once, with its line, and nothing is written."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from matchmaker.host.addresses import address_problems
from matchmaker.host.settings import hosting
from matchmaker.report.session_file import HandedOut, Memory
from matchmaker.repositories.output import Output
from matchmaker.roster.read import read_roster
from tests.matchmaker.conftest import KEY, Installed
from tests.matchmaker.host.conftest import HOST, OIDC, PUSH, Desk

DOMAINS = [
    ("https://workshop.example.com", "is not a domain"),
    ("workshop.example.com:8443", "is not a domain"),
    ("workshop.example.com/x", "is not a domain"),
    ("Workshop.example.com", "is not a domain"),
    ("localhost", "is not a domain"),
    ("10.0.0.1", "is not a domain"),
    ("*.example.com", "begins with *."),
    ("bücher.example", "certificates"),
    ("a b.example.com", "is not a domain"),
    ("", "is not a domain"),
    (".".join(["x" * 60] * 4), "characters"),
    ('x.example.com"\nevil: true', "control character"),
]
IMAGES = [
    ("registry.example.com/tracing", "has no tag"),
    ("registry.example.com:5000/tracing", "has no tag"),
    ("registry.example.com/tracing:", "is not the name of an image"),
    ("registry.example.com/tracing@sha256:" + "0" * 64, "by its contents"),
    ("tracing:1", "names no registry"),
    ("registry.example.com/Tracing:1", "is not the name of an image"),
    ("https://registry.example.com/tracing:1", "is not the name of an image"),
    ("registry.example.com/tra{{cing}}:1", "is not the name of an image"),
    ("", "has no tag"),
]
PUSHES = [
    ("", "doesn't say where the repositories are"),
    ("/srv/git/{slug}.git", "is a folder on this machine"),
    ("remotes/{slug}.git", "is a folder on this machine"),
    ("file:///srv/git/{slug}.git", "is a folder on this machine"),
    ("http://localhost:3000/team/{slug}.git", "is on this machine"),
    ("https://127.0.0.1/team/{slug}.git", "is on this machine"),
    ("ssh://ada@git.example.com:2222/~/{slug}.git", "no ssh key"),
    ("ada@git.example.com:team/{slug}.git", "no ssh key"),
    ("https://user:secret@git.example.com/{slug}.git", "a user name or a password in it"),
]


def faults(path: Path) -> list[tuple[int, str, str]]:
    """The lines of the mistakes in a roster, with what is wrong and what to do."""
    roster = read_roster(path)
    found = [*roster.problems, *hosting(roster)[1]]
    return [(problem.line, problem.what, problem.remedy) for problem in found]


def line_of(path: Path, text: str) -> int:
    lines = path.read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.startswith(text))


@pytest.mark.parametrize(("domain", "what"), DOMAINS, ids=str)
def test_a_bad_domain(desk: Desk, domain: str, what: str) -> None:
    desk.write("Ada", host={**HOST, "domain": domain})
    found = faults(desk.session.roster)
    assert [line for line, _, _ in found][:1] == [line_of(desk.session.roster, "domain")]
    assert what in found[0][1]


@pytest.mark.parametrize(("image", "what"), IMAGES, ids=str)
def test_a_bad_image(desk: Desk, image: str, what: str) -> None:
    desk.write("Ada", host={**HOST, "image": image})
    ((line, said, remedy),) = faults(desk.session.roster)
    assert line == line_of(desk.session.roster, "image")
    assert what in said
    assert "registry.example.com/tracing:1" in remedy


@pytest.mark.parametrize(
    "image",
    ["registry.example.com:5000/team/tracing:2026-12.1", "team/tracing:1", "a.io/b/c_d--e:v1_x"],
)
def test_a_good_image(desk: Desk, image: str) -> None:
    desk.write("Ada", host={**HOST, "image": image})
    found, problems = hosting(read_roster(desk.session.roster))
    assert not problems
    assert found
    assert f"{found.image}:{found.tag}" == image


@pytest.mark.parametrize(
    ("host", "line", "what", "remedy"),
    [
        ({}, 1, "has no [host]", "domain = "),
        ({"image": HOST["image"]}, "[host]", "has no `domain`.", 'domain = "workshop'),
        ({"domain": HOST["domain"]}, "[host]", "has no `image`.", 'image = "registry'),
        ({**HOST, "sign_in": "odic"}, "sign_in", "no sign_in `odic`", "mean oidc?"),
        ({**HOST, "sign_in": "none"}, "sign_in", "no sign_in `none`", "Write password or oidc"),
        ({"domains": HOST["domain"], "image": HOST["image"]}, "domains", "no `domains`", "domain?"),
        ({**HOST, "replicas": 3}, "replicas", "no `replicas`", "domain, image, sign_in"),
        ({**HOST, "push": "x"}, 'push = "x', "no `push`", "below [session]"),
        ({**HOST, "domain": 7}, "domain", "is not text", "in quotes"),
    ],
)
def test_a_bad_table(
    desk: Desk, host: dict[str, Any], line: str | int, what: str, remedy: str
) -> None:
    desk.write("Ada", host=host)
    first = faults(desk.session.roster)[0]
    roster = desk.session.roster
    assert first[0] == (line if isinstance(line, int) else line_of(roster, line))
    assert what in first[1]
    assert remedy in first[2]


def test_company_sign_in_needs_an_address_for_each(desk: Desk) -> None:
    desk.write(
        {"trainee_name": "Ada", "notes": {"email": "ada@example.com"}},
        {"trainee_name": "Bob"},
        {"trainee_name": "Eve", "notes": {"email": "ADA@example.com"}},
        {"trainee_name": "Zoe", "notes": {"email": "zoe at example.com"}},
        host=OIDC,
    )
    found = [what for _, what, _ in faults(desk.session.roster)]
    assert len(found) == 3
    assert "has no e-mail address" in found[0]
    assert "has the same e-mail address" in found[1]
    assert "`zoe at example.com` is not" in found[2]


@pytest.mark.parametrize(("push", "what"), PUSHES, ids=str)
def test_a_server_could_not_clone_from_there(desk: Desk, push: str, what: str) -> None:
    desk.write("Ada", push=push)
    roster = read_roster(desk.session.roster)
    (problem,) = address_problems(roster, Output(desk.folder), Memory())
    assert what in problem.what
    assert "secret" not in str(problem)


def test_everything_is_told_at_once(installed: Installed) -> None:
    roster = installed.folder / "wrong.toml"
    roster.write_text(
        '[session]\nname = "wrong"\nports = "distinct"\npush = "/srv/{slug}.git"\n'
        '[host]\ndomain = "https://x"\nimage = "tracing"\nsign_in = "oidc"\n'
        '[[trainee]]\ntrainee_name = "Ada"\nstep = 99\ndatabase = "postgresql"\n'
        '[[trainee]]\ntrainee_name = "Bob"\nshared_host = true\nnotes = {email = "b@example.com"}\n'
    )
    ran = installed.run("host", "wrong.toml", DD_API_KEY=KEY)
    assert ran.code == 1
    lines = [one.split(":")[1] for one in ran.err.splitlines() if one.startswith("wrong.toml:")]
    assert sorted(map(int, lines)) == [3, 4, 6, 7, 9, 11, 12, 15], ran.err
    assert "Traceback" not in ran.err
    assert [path.name for path in installed.folder.iterdir()] == ["wrong.toml"]


def test_a_csv_file_has_no_cluster(desk: Desk, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("trainee_name\nAda\n")
    ran = desk.run(file=people)
    assert ran.code == 1
    assert "A roster in CSV cannot say where the session is hosted." in ran.err


def test_where_it_was_pushed_counts_and_not_what_the_roster_says_now(desk: Desk) -> None:
    desk.write("Ada", "Bob", push=PUSH)
    out = desk.folder.parent
    out.mkdir()
    write_session(out, "git@other.example.com:team/ada.git")
    assert desk.run().code == 0
    text = (desk.folder / "hub.yaml").read_text()
    # A server has no ssh key.
    assert '"https://other.example.com/team/ada.git"' in text
    assert '"https://git.example.com/team/bob.git"' in text

    write_session(out, "/srv/ada.git")
    ran = desk.run()
    assert ran.code == 1
    assert f"{out / 'session.json'}: /srv/ada.git is a folder on this machine" in ran.err


def write_session(out: Path, url: str) -> None:
    """What `generate` writes if it pushes Ada's repository somewhere."""
    pushed = {"push": asdict(HandedOut("push", "c", "t", url))}
    trainees = {"ada": {"name": "Ada", "handed_out": pushed}}
    (out / "session.json").write_text(json.dumps({"session": "spring", "trainees": trainees}))


def test_one_agent_has_one_site(desk: Desk) -> None:
    desk.write(
        "Ada",
        {"trainee_name": "Bob", "dd_site": "us3.datadoghq.com"},
        {"trainee_name": "Eve", "backend": "local"},
        session='api_key = "later"',
        backend="datadog",
    )
    ran = desk.run()
    assert ran.code == 1
    assert "The traces of bob go to us3.datadoghq.com, and those of ada go to data" in ran.err
    assert "The traces of eve stay in the workshop" in ran.err
    assert not desk.folder.exists()


def test_broken_passwords_are_not_replaced(desk: Desk) -> None:
    desk.write("Ada", "Bob")
    desk.folder.mkdir(parents=True)
    (desk.folder / ".written.json").write_text("{}")
    file = desk.folder / "passwords.csv"
    text = (
        "slug,password\nada,k7mw-2xqd-p9rt\nada,k7mw-2xqd-p9rx\nbob,k7mw-2xqd-p9rt\neve,short\nx\n"
    )
    file.write_text(text)
    ran = desk.run()
    assert ran.code == 1
    for line, what in [
        (3, "ada has two passwords"),
        (4, "bob has the same password"),
        (5, "eve has fewer than 8"),
        (6, "is not a slug and a password"),
    ]:
        assert any(
            one.startswith(f"{file}:{line}: ") and what in one for one in ran.err.splitlines()
        ), ran.err
    assert file.read_text() == text
