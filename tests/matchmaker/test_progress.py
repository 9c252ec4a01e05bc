"""Records from remotes and folders: what `status` makes of them, whatever they contain."""

import contextlib
import dataclasses
import json
import os
import pty
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from workshop.record import form
from workshop.record.form import StepRecord

from extensions.steps import STEPS
from matchmaker.progress import collect, remote
from matchmaker.progress.collect import Collector
from matchmaker.progress.following import Following
from matchmaker.progress.known import Known
from matchmaker.progress.reasons import BEFORE, SEEN, by_reason
from matchmaker.repositories.output import Output
from matchmaker.roster.read import read_roster
from matchmaker.urls import host_of
from tests import needs
from tests.conftest import git
from tests.matchmaker.conftest import MATCHMAKER, let_through
from tests.matchmaker.remotes import AT, REF, Class, put, record_of, stuck

EVIL = "<script>alert(1)</script>[red]"
LATER = "2026-11-24T11:30:00+01:00"


@pytest.fixture
def class_(tmp_path: Path) -> Class:
    return Class(tmp_path)


def collector(class_: Class, **options: object) -> Collector:
    return Collector(read_roster(class_.roster), Output(class_.out), **options)  # type: ignore[arg-type]


def be_a_link(class_: Class, slug: str) -> None:
    class_.push(slug, record_of(slug), mode="120000")


def claim_to_be_another(class_: Class, slug: str) -> None:
    class_.push(slug, record_of("ada"))


def be_of_another_session(class_: Class, slug: str) -> None:
    class_.push(slug, record_of(slug, session="summer"))


def write_much(class_: Class, slug: str) -> None:
    class_.push(slug, b" " * form.LARGEST + b"{}")


def write_noise(class_: Class, slug: str) -> None:
    """It can't be compressed, so the pack is larger than a file may be."""
    class_.push(slug, os.urandom(2 * remote.LARGEST))


def write_nothing_but_much(class_: Class, slug: str) -> None:
    """A small pack that becomes huge."""
    class_.push(slug, b"\0" * 100_000_000)


def write_bytes(class_: Class, slug: str) -> None:
    class_.push(slug, b"\xff\xfe{}")


def write_utf_16(class_: Class, slug: str) -> None:
    class_.push(slug, json.dumps(dataclasses.asdict(record_of(slug))).encode("utf-16"))


def point_to_a_blob(class_: Class, slug: str) -> None:
    bare = class_.create(slug)
    git(bare, "update-ref", REF, put(bare, b"hi", "hash-object", "-w", "--stdin"))


def lack_the_file(class_: Class, slug: str) -> None:
    class_.push(slug, record_of(slug), name="other.json")


def have_wrong_types(class_: Class, slug: str) -> None:
    content = {**dataclasses.asdict(record_of(slug)), "steps": {"explore": 1}}
    class_.push(slug, json.dumps(content).encode())


def be_missing(_class: Class, _slug: str) -> None:
    pass


HARM: dict[str, tuple[Callable[[Class, str], None], str]] = {
    "bea": (be_a_link, "record.json is not a plain file"),
    "cara": (claim_to_be_another, "it is the record of somebody else"),
    "dora": (be_of_another_session, "it is the record of somebody else"),
    "emma": (write_much, "it has more than 300,000 bytes"),
    "fay": (write_noise, "it sends more than a record can have"),
    "gia": (write_nothing_but_much, "it sends more than a record can have"),
    "hal": (write_bytes, "it isn't UTF-8"),
    "ian": (write_utf_16, "it isn't UTF-8"),
    "jo": (point_to_a_blob, "is not a commit with record.json"),
    "kim": (lack_the_file, "has no record.json"),
    "lea": (have_wrong_types, "it has unexpected entries"),
    "mo": (be_missing, "does not appear to be a git repository"),
}


def test_a_remote_spoils_only_its_own_row(class_: Class) -> None:
    class_.write("ada", "zoe", "tag", *HARM)
    class_.push("ada", record_of("ada", check=stuck("time-a-route", AT, EVIL)))
    commit = class_.push("tag", record_of("tag"))
    tag = f"object {commit}\ntype commit\ntag v1\ntagger x <x> 0 +0000\n\nx\n".encode()
    git(class_.remote("tag"), "update-ref", REF, put(class_.remote("tag"), tag, "mktag"))
    class_.push("zoe", record_of("zoe"))  # git also lists a reference that only ends like ours
    git(class_.remote("zoe"), "update-ref", f"refs/heads/{REF}", REF)
    git(class_.remote("zoe"), "update-ref", "-d", REF)
    for slug, (harm, _) in HARM.items():
        harm(class_, slug)

    said = class_.run("status", "--fetch", "--all")
    assert said.code == 0, said.err
    assert said.out.startswith("spring: 15 trainees, 2 with progress, 0 green at their step")
    (row,) = [line for line in said.out.splitlines() if line.startswith("Ada ")]
    assert f"2. Time a route: not done, 2026-11-24 10:00 CET, at: {EVIL}" in row
    data = json.loads(class_.run("status", "--fetch", "--json", "-").out)
    rows = {one["slug"]: one for one in data["trainees"]}
    assert list(rows) == ["ada", "zoe", "tag", *HARM]
    for slug in ("ada", "tag"):
        assert (rows[slug]["source"], rows[slug]["number"], rows[slug]["problem"]) == (
            "remote",
            2,
            "",
        )
    for slug, (_, why) in HARM.items():
        assert (rows[slug]["source"], rows[slug]["step"]) == ("", "")
        assert why in rows[slug]["problem"]
        assert why in said.out
    assert not any(class_.folder.glob("*/*.pack"))


def test_what_did_not_change_is_not_fetched_again(class_: Class) -> None:
    class_.write("ada", "bob", "cy")
    class_.push("ada", record_of("ada"))
    class_.push("bob", b"nonsense")
    class_.create("cy")
    first = collector(class_, fetch=True)
    first.collect_all(lambda _left: None)
    first.close()
    assert first.requests == 3  # with nothing known, one request each
    second = collector(class_, fetch=True)
    second.collect_all(lambda _left: None)
    assert second.requests == 3  # nothing is new
    second.close()
    class_.push("ada", record_of("ada", done=3))
    third = collector(class_, fetch=True)
    ada, bob, cy = third.collect_all(lambda _left: None)
    third.close()
    assert third.requests == 4
    assert ada.record
    assert ada.record.step == STEPS[3].slug
    assert "it isn't JSON" in bob.problem
    assert (cy.record, cy.problem) == (None, "not generated")


def test_the_network_goes_away_and_comes_back(class_: Class) -> None:
    """Over ssh: through a command of the instructor's, as in their git's settings."""
    class_.write("ada", "bob", "cy", "dee", push="git@host.example:{slug}.git")
    for slug in ("ada", "bob", "cy", "dee"):
        class_.push(slug, record_of(slug))
    ssh = class_.folder / "ssh"
    asked = class_.folder / "asked"
    up = (
        f'#!/bin/sh\necho "$@" >> {asked}\nfor c do :; done\ncd {class_.folder}/host && eval "$c"\n'
    )
    down = (
        f'#!/bin/sh\necho "$@" >> {asked}\n'
        'echo "ssh: connect to host host.example port 22: Connection refused" >&2\nexit 255\n'
    )
    ssh.write_text(up)
    ssh.chmod(0o755)
    variables = {"GIT_SSH_COMMAND": str(ssh)}
    there = class_.run("status", "--fetch", **variables)
    assert "4 trainees, 4 with progress" in there.out
    assert "BatchMode=yes" in asked.read_text()

    ssh.write_text(down)
    away = class_.run("status", "--fetch", **variables)
    assert away.code == 0
    assert "4 trainees, 4 with progress" in away.out
    (line,) = [line for line in away.out.splitlines() if "host.example" in line]
    assert line.startswith("Ada (20")
    assert "Dee (20" in line
    refused = "ssh: connect to host host.example port 22: Connection refused"
    assert line.endswith(f"host.example does not answer: {refused}")
    # Without asking, it's what we know.
    offline = class_.run("status", **variables)
    assert "4 with progress" in offline.out
    assert "host.example" not in offline.out

    ssh.write_text(up)
    class_.push("bob", record_of("bob", at=LATER, done=4))
    back = class_.run("status", "--fetch", "--only", "bob", "--json", "-", **variables)
    (bob,) = json.loads(back.out)["trainees"]
    assert (bob["number"], bob["problem"]) == (5, "")


def test_nobody_s_url_runs_a_program(class_: Class) -> None:
    class_.write("ada", push="ext::touch {slug}")
    said = class_.run("status", "--fetch", GIT_ALLOW_PROTOCOL="ext")
    assert "transport 'ext' not allowed" in said.out
    assert not list(class_.folder.glob("**/ada"))


def test_the_newest_record_counts(class_: Class) -> None:
    class_.write("ada", "bob")
    class_.hand_in("ada", record_of("ada", at=LATER, done=3))
    class_.push("ada", record_of("ada"))
    class_.hand_in("bob", record_of("bob"))
    class_.push("bob", record_of("bob", at=LATER, done=3))
    here = collector(class_, fetch=True)
    ada, bob = here.collect_all(lambda _left: None)
    assert [(one.source, one.record and one.record.step) for one in (ada, bob)] == [
        ("folder", STEPS[3].slug),
        ("remote", STEPS[3].slug),
    ]
    # A file that changes is read again.
    class_.hand_in("ada", record_of("ada", at=LATER, done=5))
    assert here.collect()[0].record == record_of("ada", at=LATER, done=5)
    here.close()


def test_a_slow_remote_does_not_delay_the_others(
    class_: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_.write("ada", "bob", push="git@host.example:{slug}.git")
    for slug in ("ada", "bob"):
        class_.push(slug, record_of(slug))
    ssh = class_.folder / "ssh"
    waiting = f"sleep 600.{os.getpid()}"  # which no other test on this machine does
    ssh.write_text(
        f'#!/bin/sh\nfor c do :; done\ncase "$c" in *ada*) {waiting};; esac\n'
        f'cd {class_.folder}/host && eval "$c"\n'
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    monkeypatch.setattr(remote, "SECONDS", 2)
    monkeypatch.setattr(collect, "PATIENCE", 0.2)
    here = collector(class_, fetch=True)
    while not (found := here.collect())[1].record:
        assert not found[0].problem or found[0].problem == "not generated"
    while "no answer within 2 seconds" not in here.collect()[0].problem:
        pass
    here.close()
    assert waiting not in subprocess.run(["ps", "ax"], capture_output=True, text=True).stdout


@pytest.mark.thorough
def test_a_remote_that_never_answers_is_given_up(class_: Class) -> None:
    class_.write("ada", push="git@host.example:{slug}.git")
    said = class_.run("status", "--fetch", GIT_SSH_COMMAND="sleep 600 #")
    assert "no answer within 20 seconds" in said.out


@needs.only_root
def test_the_folder_of_another_user_is_read_as_that_user(class_: Class) -> None:
    class_.write("ada", "bob", "cy", "dee")
    secret = class_.folder / "secret.json"
    secret.write_text(json.dumps(dataclasses.asdict(record_of("bob"))))
    secret.chmod(0o600)
    class_.hand_in("ada", record_of("ada"))
    for slug in ("bob", "cy", "dee"):
        (class_.out / slug / ".workshop").mkdir(parents=True)
    places = {slug: class_.out / slug / ".workshop" / form.FILE for slug in ("bob", "cy", "dee")}
    places["bob"].symlink_to(secret)
    os.link(secret, places["cy"])
    os.mkfifo(places["dee"])
    temporary = class_.folder / "tmp"
    temporary.mkdir()
    let_through(class_.out, temporary)
    for slug in ("ada", "bob", "cy", "dee"):
        for path in (class_.out / slug, *(class_.out / slug).rglob("*")):
            if path != places["cy"]:
                os.chown(path, 12345, 12345, follow_symlinks=False)
    data = json.loads(class_.run("status", "--json", "-", TMPDIR=str(temporary)).out)
    ada, bob, cy, dee = data["trainees"]
    assert (ada["number"], ada["problem"]) == (2, "")
    assert "is a symbolic link" in bob["problem"]
    assert "Permission denied" in cy["problem"]
    assert "is not a file" in dee["problem"]


def test_only_some_of_them(class_: Class) -> None:
    class_.write("ada", "bob", "cy")
    for slug in ("ada", "bob", "cy"):
        class_.push(slug, record_of(slug))
    said = class_.run("status", "--fetch", "--only", "bob", "--only", "ada", "--json", "-")
    assert [one["slug"] for one in json.loads(said.out)["trainees"]] == ["ada", "bob"]
    wrong = class_.run("status", "--only", "bobb", "--only", "x", "--only", "bobb")
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.err.count("Nobody on the roster has the slug") == 2
    assert "Did you mean bob?" in wrong.err


def test_many_do_not_scroll_by(class_: Class) -> None:
    slugs = [f"t{number}" for number in range(60)]
    class_.write(*slugs)
    for number, slug in enumerate(slugs[:50]):
        class_.hand_in(slug, record_of(slug, done=number % 3 + 1))
    said = class_.run("status")
    assert "60 trainees, 50 with progress" in said.out
    assert len(said.out.splitlines()) < 15
    assert said.out.splitlines()[-1].endswith("and 2 more: not generated")
    assert len(class_.run("status", "--all").out.splitlines()) > 60


def test_nothing_to_fetch(class_: Class) -> None:
    class_.write("ada")
    class_.roster.write_text(class_.roster.read_text().replace("push =", "# push ="))
    said = class_.run("status", "--fetch")
    assert said.code == 1
    assert "no trainee has a remote" in said.err


def test_watching_ends_with_ctrl_c_and_leaves_the_last_state(class_: Class) -> None:
    class_.write("ada")
    class_.hand_in("ada", record_of("ada"))
    piped = class_.run("status", "--watch")
    assert (piped.code, piped.out) == (1, "")
    assert "needs a terminal" in piped.err
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [MATCHMAKER, "status", class_.roster, "--watch"],
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(its)
    said = b""
    try:
        while b"1 with progress" not in said:
            said += read_some(ours)
        # It shows whoever comes late, and what is wrong while somebody edits the roster.
        right = class_.roster.read_text()
        class_.roster.write_text(right + "[[trainee")
        while b"cannot be used now" not in said:
            said += read_some(ours)
        class_.roster.write_text(f'{right}\n[[trainee]]\ntrainee_name = "Zora"\n')
        while b"Zora" not in said:
            said += read_some(ours)
        process.send_signal(signal.SIGINT)
        while chunk := read_some(ours):
            said += chunk
        assert process.wait() == 0
    finally:
        process.kill()
        os.close(ours)
    before, _, after = said.rpartition(
        b"\x1b[?1049l"
    )  # where the terminal shows its own text again
    assert b"\x1b[?1049h" in before
    assert b"1 with progress" in after


def read_some(terminal: int) -> bytes:
    """What a terminal shows next; empty if its program ended."""
    assert select.select([terminal], [], [], 120)[0]
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when nobody has it open anymore
        return b""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("git@github.com:team/ada.git", "github.com"),
        ("host:ada.git", "host"),
        ("ssh://git@github.com:22/team/ada.git", "github.com"),
        ("https://gitlab.example/team/ada.git", "gitlab.example"),
        ("file:///srv/ada.git", "file://"),
        ("/srv/ada:1.git", ""),
        ("https://[::1/ada.git", "https://[::1/ada.git"),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_step_that_only_they_know(class_: Class) -> None:
    class_.write("ada")
    class_.push("ada", record_of("ada", step=EVIL, steps=[StepRecord(EVIL)]))
    said = class_.run("status", "--fetch")
    assert "a step that is not in this version" in said.out


def test_a_network_that_ends_between_two_requests_loses_no_record(
    class_: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_.write("ada")
    class_.push("ada", record_of("ada"))
    with contextlib.closing(collector(class_, fetch=True)) as found:
        found.collect()
    class_.push("ada", record_of("ada", LATER, done=2))

    def get(_remotes: remote.Remotes, _url: str) -> remote.Found:
        raise remote.Unreached("no answer within 20 seconds")

    with contextlib.closing(collector(class_, fetch=True)) as found:
        with monkeypatch.context() as patch:
            patch.setattr(remote.Remotes, "get", get)
            (ada,) = found.collect()
        assert ada.record == record_of("ada")
        assert "no answer within 20 seconds; last seen at" in ada.problem
    with contextlib.closing(collector(class_, fetch=True)) as found:
        (ada,) = found.collect()
        assert (ada.record, ada.problem) == (record_of("ada", LATER, done=2), "")


# A new repository in the place of an earlier one


def test_the_record_of_an_earlier_repository(class_: Class) -> None:
    class_.write("ada", "bob", "cy")
    made = {slug: {"since": "2026-11-24T09:00:01+00:00"} for slug in ("ada", "bob")}
    odd = {"cy": {"since": "yesterday"}}
    (class_.out / "session.json").write_text(json.dumps({"trainees": {**made, **odd}}))
    class_.push("ada", record_of("ada", "2026-11-24T10:00:00+01:00", done=5))
    class_.push("bob", record_of("bob", "2026-11-24T10:00:01+01:00"))
    class_.push("cy", record_of("cy"))
    for fetch in (True, False):  # also what we remember isn't theirs
        with contextlib.closing(collector(class_, fetch=fetch)) as found:
            ada, bob, cy = found.collect_all(lambda _left: None)
        assert ada.record is None
        assert ada.problem.startswith(f"{BEFORE}2026-11-24 ")
        assert (bob.record, bob.problem) == (record_of("bob", "2026-11-24T10:00:01+01:00"), "")
        assert cy.record == record_of("cy")


# A roster with mistakes


def test_a_mistake_in_the_row_of_somebody_else(class_: Class) -> None:
    class_.write("ada", "bob")
    class_.push("ada", record_of("ada"))
    with class_.roster.open("a") as file:
        file.write('trainee_nam = "Bob"\nnotes = "late"\n[[trainee]]\nstep = 2\n')
    for fetch in ((), ("--fetch",)):
        ran = class_.run("status", "--only", "ada", *fetch)
        assert ran.code == 0, ran.err
        assert "Ada" in ran.out
        assert f"{class_.roster}:12: `notes` is not a table." in ran.err
        assert f"{class_.roster}:13: This trainee has no name." in ran.err
    for more in ((), ("--only", "bob")):
        ran = class_.run("status", *more)
        assert (ran.code, ran.out) == (1, "")
        assert "`notes` is not a table." in ran.err
        assert ran.err.count("This trainee has no name.") == (0 if more else 1)


# The roster of now


def following(class_: Class) -> Following:
    return Following(
        *(read_roster(class_.roster), Output(class_.out), True), lambda: read_roster(class_.roster)
    )


def test_somebody_comes_late_and_somebody_gets_another_name(class_: Class) -> None:
    class_.write("ada", "bob")
    for slug in ("ada", "bob", "cara"):
        class_.push(slug, record_of(slug))
    with contextlib.closing(following(class_)) as found:
        assert [one.name for one in found.collect()] == ["Ada", "Bob"]
        before = found._collector
        (class_.out / "session.json").write_text("{}")  # as `generate` writes it, again and again
        assert [one.name for one in found.collect()] == ["Ada", "Bob"]
        assert found._collector is before
        class_.write("ada", "bob", "cara")
        assert [one.record and one.record.slug for one in found.collect()] == ["ada", "bob", "cara"]
        right = class_.roster.read_text()
        class_.roster.write_text(f"{right}[[trainee\n")
        class_.push("bob", record_of("bob", LATER, done=2))
        for _ in range(2):  # the others go on, each time, until it's repaired
            assert [one.name for one in found.collect()] == ["Ada", "Bob", "Cara"]
            assert "The roster cannot be used now: " in found.trouble
            assert "is not TOML" in found.trouble
        class_.roster.write_text(f'{right}[[trainee]]\nfull_name = "Dan"\n')
        assert [one.name for one in found.collect()] == ["Ada", "Bob", "Cara", "Dan"]
        assert "spring.toml:15: The template has no question `full_name`." in found.trouble
        class_.roster.write_text(right.replace('"Bob"', '"Rob"'))
        assert [one.name for one in found.collect()] == ["Ada", "Rob", "Cara"]
        assert not found.trouble


def test_what_is_wrong_with_many_is_one_line() -> None:
    def away(slug: str) -> Known:
        why = f"its remote cannot be read: fatal: '/host/{slug}.git' is not there"
        return Known(slug, slug.capitalize(), problem=f"{why}{SEEN}10:0{len(slug)}")

    found = [away(slug) for slug in ("ada", "bo", "adaline")]
    (line,) = by_reason([(one, one.problem) for one in found])
    assert line.plain == (
        "Ada (10:03), Bo (10:02), Adaline (10:07): its remote cannot be read: fatal: "
        "'/host/{slug}.git' is not there"
    )
    (alone,) = by_reason([(found[0], found[0].problem)])
    assert alone.plain.endswith("'/host/ada.git' is not there")


def test_two_of_one_name_are_told_apart_by_their_slugs() -> None:
    names = [Known("ada", "Ada", namesake=True), Known("ada-2", "Ada", namesake=True)]
    assert [one.shown for one in [*names, Known("bob", "Bob")]] == [
        "Ada (ada)",
        "Ada (ada-2)",
        "Bob",
    ]
