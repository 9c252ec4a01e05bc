"""What `matchmaker host` writes, and what it leaves alone."""

import base64
import csv
import hashlib
import io
import json
import re
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from matchmaker.host import limits
from matchmaker.host.command import _require_room
from matchmaker.host.passwords import ANY_HASH, hashed, new_password
from matchmaker.host.rendering import Cluster
from matchmaker.host.settings import Hosting
from matchmaker.host.trainees import HostedTrainee
from matchmaker.problem import Problems
from tests.matchmaker.conftest import KEY, Installed
from tests.matchmaker.host.conftest import DATADOG, HOST, OIDC, PUSH, Desk, files_in

SECRETS = {"hub.yaml", "passwords.csv", "handout.csv", "cards.html"}
HOSTILE = [
    'Eve {{ 7 * 7 }} {% raw %} {# "quoted" \\ #}',
    "yes: {evil: true} # & *x !!python/object",
    "<script>alert(1)</script> ${PATH} `id` $(id)",
    "李雷 \U0001f355 é",
    "---",
]


def passwords_of(desk: Desk) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO((desk.folder / "passwords.csv").read_text()))
    return {row["slug"]: row["password"] for row in rows}


def known_to_hub(desk: Desk) -> dict[str, dict[str, str]]:
    text = desk.read("hub.yaml")["hub"]["extraFiles"]["trainees.json"]["stringData"]
    found: dict[str, dict[str, str]] = json.loads(text)["trainees"]
    return found


def is_right(password: str, hash_: str) -> bool:
    kind, n, r, p, salt, found = hash_.split("$")
    made = hashlib.scrypt(
        password.encode(), salt=base64.b64decode(salt), n=int(n), r=int(r), p=int(p), dklen=32
    )
    return kind == "scrypt" and made == base64.b64decode(found)


def test_the_installed_command_writes_what_an_administrator_needs(
    installed: Installed, template: Path
) -> None:
    """Pushed with the installed command, too: the addresses are where `generate` pushed."""
    roster = installed.folder / "tuesday.toml"
    roster.write_text(
        '[session]\nname = "tuesday"\napi_key = {env = "DD_API_KEY"}\n'
        'push = "https://git.example.com/team/{slug}.git"\n'
        f'[host]\ndomain = "{HOST["domain"]}"\nimage = "{HOST["image"]}"\n'
        '[answers]\nbackend = "datadog"\ndd_site = "datadoghq.eu"\n'
        '[[trainee]]\ntrainee_name = "Ada"\n[[trainee]]\ntrainee_name = "Bob"\n'
    )
    # It has no use for the key, which may be on another machine.
    ran = installed.run("host", "tuesday.toml", DD_API_KEY="")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:4] == [
        "tuesday: 2 trainees",
        "For the cluster's administrator: tuesday/_cluster/README.md",
        "Cards to print: tuesday/_cluster/cards.html",
        "For a mail merge: tuesday/_cluster/handout.csv",
    ]
    assert "2 repositories not pushed yet." in ran.out
    folder = installed.folder / "tuesday" / "_cluster"
    names = set(files_in(folder))
    assert {
        *SECRETS,
        *("README.md", "namespace.yaml", "kustomization.yaml", "values.yaml"),
        *("datadog-agent.yaml", "image/Dockerfile", "image/start-workshop"),
    } <= names
    closed = {name for name in names if stat.S_IMODE((folder / name).stat().st_mode) == 0o600}
    assert closed >= SECRETS
    assert (folder / "image" / "start-workshop").stat().st_mode & 0o111
    packages = (template / "template" / "pyproject.toml").read_bytes()
    assert (folder / "image" / "pyproject.toml").read_bytes() == packages

    before = files_in(folder)
    ran = installed.run("host", "tuesday.toml", DD_API_KEY=KEY)
    assert (ran.code, ran.err) == (0, "")
    assert "0 new passwords." in ran.out
    assert files_in(folder) == before


def test_each_trainee_has_a_password_and_the_cluster_its_hash(desk: Desk) -> None:
    desk.write("Ada", "Bob", **DATADOG)
    made = desk.made()
    passwords = passwords_of(desk)
    assert list(passwords) == ["ada", "bob"]
    assert passwords["ada"] != passwords["bob"]
    known = known_to_hub(desk)
    assert {slug: one["repository"] for slug, one in known.items()} == {
        slug: f"https://git.example.com/team/{slug}.git" for slug in passwords
    }
    for slug, password in passwords.items():
        assert is_right(password, known[slug]["hash"])
        having = {name for name, content in made.items() if password.encode() in content}
        assert having == {"passwords.csv", "handout.csv", "cards.html"}
    rows = list(csv.DictReader(io.StringIO(made["handout.csv"].decode("utf-8-sig"))))
    assert [row["password"] for row in rows] == list(passwords.values())
    assert {row["link"] for row in rows} == {"https://workshop.example.com"}


def test_no_file_has_the_api_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD_API_KEY", KEY)
    desk.write("Ada", session='api_key = {env = "DD_API_KEY"}', **DATADOG)
    made = desk.made()
    assert not [name for name, content in made.items() if KEY.encode() in content]
    (agent,) = yaml.safe_load_all(made["datadog-agent.yaml"])
    (_, secret), *_ = agent["spec"]["global"]["credentials"].items()
    assert f"secret generic {secret['secretName']} " in made["README.md"].decode()
    assert f"{secret['keyName']}=/dev/stdin" in made["README.md"].decode()


def test_a_second_run_and_a_newcomer_change_nobodys_password(desk: Desk) -> None:
    desk.write("Ada", "Bob")
    before = desk.made()
    passwords, known = passwords_of(desk), known_to_hub(desk)
    assert desk.made() == before

    desk.write("Zoe", "Bob")  # Ada is ill today
    assert "1 new password." in desk.run().out
    assert list(known_to_hub(desk)) == ["zoe", "bob"]
    assert known_to_hub(desk)["bob"] == known["bob"]
    assert desk.read("hub.yaml")["hub"]["config"]["Authenticator"]["allowed_users"] == [
        "zoe",
        "bob",
    ]

    desk.write("Ada", "Bob")
    assert "0 new passwords." in desk.run().out
    assert passwords_of(desk).items() >= passwords.items()
    assert known_to_hub(desk)["ada"].keys() == {"hash", "repository"}
    assert is_right(passwords["ada"], known_to_hub(desk)["ada"]["hash"])


@pytest.mark.thorough
def test_somebody_chooses_a_password(desk: Desk) -> None:
    desk.write("Ada", "Bob")
    desk.made()
    (desk.folder / "passwords.csv").write_text("slug,password\nada,correct horse battery\n")
    assert "1 new password." in desk.run().out
    assert passwords_of(desk)["ada"] == "correct horse battery"
    assert is_right("correct horse battery", known_to_hub(desk)["ada"]["hash"])
    assert "correct horse battery" in (desk.folder / "cards.html").read_text()


def test_what_somebody_changed_is_kept(desk: Desk) -> None:
    desk.write("Ada")
    made = desk.made()
    values = desk.folder / "values.yaml"
    values.write_text(values.read_text() + "debug: {enabled: true}\n")
    (desk.folder / "notes.txt").write_text("mine")
    changed = values.read_bytes()
    out = desk.run().out
    (kept,) = (desk.folder / "_replaced").glob("*/values.yaml")
    assert kept.read_bytes() == changed
    assert f"Somebody had changed values.yaml. It is in {kept} now." in out
    assert values.read_bytes() == made["values.yaml"]
    assert (desk.folder / "notes.txt").read_text() == "mine"

    assert "Somebody" not in desk.run().out
    assert len(list((desk.folder / "_replaced").iterdir())) == 1


@pytest.mark.thorough
def test_what_is_no_longer_needed_goes_unless_somebody_changed_it(desk: Desk) -> None:
    desk.write("Ada", **DATADOG)
    desk.made()
    passwords = (desk.folder / "passwords.csv").read_bytes()
    (desk.folder / "datadog-agent.yaml").write_text("mine: yes\n")
    desk.write({"trainee_name": "Ada", "notes": {"email": "Ada@Example.com"}}, host=OIDC)
    made = desk.made()
    assert not {"cards.html", "handout.csv", "datadog-agent.yaml"} & set(made)
    (kept,) = (desk.folder / "_replaced").glob("*/*")
    assert (kept.name, kept.read_text()) == ("datadog-agent.yaml", "mine: yes\n")
    assert made["passwords.csv"] == passwords  # as who goes back to passwords would want


def test_out_is_a_folder_of_ours_or_the_sessions(desk: Desk, tmp_path: Path) -> None:
    desk.write("Ada")
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    assert desk.run("--out", str(cluster)).code == 0
    assert (cluster / "values.yaml").is_file()
    assert desk.run("--out", str(cluster)).code == 0

    out = tmp_path / "elsewhere"
    out.mkdir()
    (out / "session.json").write_text('{"session": "spring", "trainees": {}}')
    assert f"{out}/_cluster/README.md" in desk.run("--out", str(out)).out
    assert (out / "_cluster" / "values.yaml").is_file()
    assert not (out / "values.yaml").exists()


@pytest.mark.parametrize("is_file", [False, True])
def test_what_is_somebody_elses_stays(desk: Desk, tmp_path: Path, is_file: bool) -> None:
    desk.write("Ada")
    place = tmp_path / "theirs"
    if is_file:
        place.write_text("theirs")
    else:
        place.mkdir()
        (place / "values.yaml").write_text("theirs")
    ran = desk.run("--out", str(place))
    assert ran.code == 1
    assert str(place) in ran.err
    assert "with --out" in ran.err
    assert (place if is_file else place / "values.yaml").read_text() == "theirs"
    assert is_file or len(list(place.iterdir())) == 1


def test_a_hostile_name_is_only_a_name(desk: Desk) -> None:
    """All files are the same to the byte, except for those that show names, and for hashes."""

    def made(names: list[str]) -> dict[str, bytes]:
        desk.write(
            *({"trainee_name": n, "trainee_slug": f"t{i}"} for i, n in enumerate(names)), **DATADOG
        )
        return desk.made()

    tame = made([f"T{i}" for i in range(len(HOSTILE))])
    hostile = made(HOSTILE)
    differing = {name for name, content in hostile.items() if content != tame[name]}
    assert differing == {"cards.html", "handout.csv", ".written.json"}
    page = hostile["cards.html"].decode()
    assert "<script>" not in page
    assert "{{ 7 * 7 }}" in page
    rows = list(csv.DictReader(io.StringIO(hostile["handout.csv"].decode("utf-8-sig"))))
    assert [row["slug"] for row in rows] == [f"t{i}" for i in range(len(HOSTILE))]
    assert rows[0]["name"] == HOSTILE[0]


def test_the_commands_in_the_readme_are_five_and_shell(desk: Desk) -> None:
    desk.write("Ada", **DATADOG)
    text = desk.made()["README.md"].decode()
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert [line[4:6] for line in headings] == ["1.", "2.", "3.", "4.", "5."]
    blocks = [part.partition("```")[0] for part in text.split("```sh\n")[1:]]
    assert len(blocks) > 5
    for block in blocks:
        subprocess.run(["sh", "-n"], input=block, text=True, check=True)
    assert "{{" not in text
    assert "{%" not in text


def test_passwords_are_random_and_easy_to_read() -> None:
    made = {new_password() for _ in range(1000)}
    assert len(made) == 1000
    letters = set("".join(made))
    assert not letters & set("aeiou0o1lI")
    assert len(letters) == 28  # with the hyphen
    assert {len(one) for one in made} == {14}


def test_a_hash_has_a_salt_of_its_own_and_stays_the_same() -> None:
    one, other = hashed("k7mw-2xqd-p9rt"), hashed("k7mw-2xqd-p9rt")
    assert one != other
    assert hashed("k7mw-2xqd-p9rt", one) == one
    assert hashed("another", one) != one
    assert is_right("k7mw-2xqd-p9rt", one)
    assert not is_right("K7mw-2xqd-p9rt", one)
    assert is_right("new", hashed("new", "garbage"))


def cluster_of(count: int) -> Cluster:
    """A session with long names and addresses."""
    many = [
        HostedTrainee(
            "x" * 26 + f"{n:04}", f"https://git.example.com/{'team/' * 6}{n}.git", ANY_HASH
        )
        for n in range(count)
    ]
    return Cluster("spring", Hosting("example.com", "x/y", "1", "password"), many, {}, "")


def test_a_thousand_trainees_fit_into_a_secret() -> None:
    _require_room(cluster_of(1000))


@pytest.mark.parametrize(("count", "sessions"), [(3000, 2), (5000, 3)])
def test_too_many_trainees_for_one_hub(count: int, sessions: int) -> None:
    """Each of the sessions that it proposes fits."""
    with pytest.raises(Problems) as found:
        _require_room(cluster_of(count))
    (problem,) = found.value.problems
    assert re.search(rf"for {count:,} trainees have [12],\d{{3}},\d{{3}} bytes", problem.what)
    assert problem.remedy.startswith(f"Make {sessions} sessions of it")
    _require_room(cluster_of(-(-count // sessions)))


def test_too_many_trainees_leave_no_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST", 50_000)
    desk.write("Ada", "Bob")
    ran = desk.run()
    assert ran.code == 1
    assert "The hub's settings for 2 trainees have " in ran.err
    assert not desk.folder.parent.exists()


def test_a_hash_is_as_long_as_any() -> None:
    assert len(ANY_HASH) == len(hashed("k7mw-2xqd-p9rt"))


def test_two_runs_at_once_make_one_set_of_passwords(installed: Installed) -> None:
    roster = installed.folder / "spring.toml"
    lines = ["[session]", 'name = "spring"', f"push = {json.dumps(PUSH)}", "[host]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in HOST.items()]
    lines += [f'[[trainee]]\ntrainee_name = "T{n}"' for n in range(30)]
    roster.write_text("\n".join(lines) + "\n")
    with ThreadPoolExecutor() as pool:
        ran = list(pool.map(lambda _: installed.run("host", "spring.toml"), range(2)))
    assert [one.code for one in ran] == [0, 0], [one.err for one in ran]
    told = sorted(one.out.partition(" new passwords.")[0].split()[-1] for one in ran)
    assert told == ["0", "30"]


@pytest.mark.parametrize("name", ["passwords.csv", "hub.yaml", "cards.html", "image", ""])
def test_a_symbolic_link_is_not_followed(desk: Desk, tmp_path: Path, name: str) -> None:
    desk.write("Ada")
    desk.made()
    place = desk.folder / name if name else desk.folder
    elsewhere = place.rename(tmp_path / "elsewhere")
    place.symlink_to(elsewhere)
    before = elsewhere.read_bytes() if elsewhere.is_file() else files_in(elsewhere)
    desk.write("Ada", "Bob")
    ran = desk.run()
    assert ran.code == 1
    assert f"{place} is a symbolic link, and this command follows none." in ran.err
    assert before == (elsewhere.read_bytes() if elsewhere.is_file() else files_in(elsewhere))
    assert place.is_symlink()
