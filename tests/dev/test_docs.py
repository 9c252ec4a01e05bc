"""The site: what is wrong on a page is noticed, and the references are complete.

That the pages themselves are right, `make docs` finds out, which `make test` runs before.
"""

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest
import typer
import yaml
from workshop.problem import Problem

from dev import prose
from dev.docs import __main__ as docs_command
from dev.docs import reference, site, structure
from dev.docs import scratch as scratch_folder
from dev.docs.sample import Sample
from dev.docs.scratch import HOME, Scratch
from dev.docs.shortcodes import Shortcodes
from dev.prose_rules import TRANSLATED, Rule
from tests.conftest import REPOSITORY

CONFIG = """
[project]
site_name = "A site"
docs_dir = "docs"
site_dir = "site"
[project.theme]
font = false
"""

HOUSES = ("src/matchmaker", "template", "template/workshop", "tests/across/docker")
# Not there before something ran.
WRITTEN_LATER = {
    *(".workshop/", "../workshop/DOCKER.md", "session.json", "workshop/template.bundle"),
}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def shortcodes(scratch: Scratch) -> Shortcodes:
    sample = Sample.__new__(Sample)  # no page here asks for the sample trainee's
    return Shortcodes(Path("write-a-step/page.md"), scratch, sample)


def page(tmp_path: Path, shortcodes: Shortcodes, text: str) -> str:
    path = tmp_path / "page.md"
    path.write_text(text)
    return site.rendered(path, shortcodes.all())


# What a page asks for


def test_a_command_is_shown_with_what_it_prints(tmp_path: Path, shortcodes: Shortcodes) -> None:
    shown = page(
        tmp_path, shortcodes, """{{ run("echo hello > file") }}{{ console("cat file") }}"""
    )
    assert shown == "```console\n$ cat file\nhello\n```"
    assert HOME in page(tmp_path, shortcodes, '{{ console("pwd") }}')


def test_no_command_sees_a_key(
    tmp_path: Path, shortcodes: Shortcodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DD_API_KEY", "0" * 32)
    assert "KEY" not in page(tmp_path, shortcodes, '{{ console("env") }}')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{{ console("false") }}', "`false` ended with 1, not 0"),
        ('{{ console("true", exit_code=1) }}', "ended with 0, not 1"),
        ('{{ run("matchmaker generate none.toml") }}', "none.toml"),
        ('{{ konsole("true") }}', "'konsole' is undefined"),
        ('{{ listing("app.py") }}', "There is no file app.py"),
        ('{{ listing("Makefile", start="nobody writes this") }}', "No line of Makefile contains"),
        ('{{ step("fly") }}', "There is no step `fly`"),
        ('{{ commands("wrkshop") }}', "There is no command `wrkshop`"),
        ('{{ step("trace", 6) }}', "takes 2 positional arguments"),
        ("{{ console( }}", "page.md:1"),
    ],
)
def test_what_a_page_asks_for_in_vain(
    tmp_path: Path, shortcodes: Shortcodes, text: str, said: str
) -> None:
    with pytest.raises(Problem) as caught:
        page(tmp_path, shortcodes, text)
    assert "page.md" in str(caught.value)
    assert said in str(caught.value)


def test_a_command_that_does_not_end_is_named(
    tmp_path: Path, shortcodes: Shortcodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch_folder, "LIMIT_SECONDS", 0.1)
    with pytest.raises(Problem, match=r"page.md: `sleep 9` took more than 0.1 seconds"):
        page(tmp_path, shortcodes, '{{ console("sleep 9") }}')


def test_a_fault_of_ours_is_not_said_to_be_the_page_s(
    tmp_path: Path, shortcodes: Shortcodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "TYPES", None)
    with pytest.raises(TypeError):
        page(tmp_path, shortcodes, "{{ answers() }}")


# The site


def build(folder: Path, text: str, config: str = CONFIG) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(f"# A page\n\n{text}\n\n## A part\n")
    (folder / "zensical.toml").write_text(config)
    site.build_site(folder)
    return folder / "site"


def test_a_page_without_faults_is_built(tmp_path: Path) -> None:
    built = build(tmp_path, "[down](#a-part), [elsewhere](https://example.com)")
    assert "A part" in (built / "index.html").read_text()


@pytest.mark.parametrize(
    "text",
    ["[gone](gone.md)", "[gone](#gone)", "![gone](gone.png)", '<a href="gone.html">gone</a>'],
    ids=["page", "anchor", "picture", "html"],
)
def test_a_link_that_leads_nowhere_breaks_the_site(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problem, match="gone"):
        build(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("![elsewhere](https://example.com/x.png)", CONFIG),
        ("", CONFIG.replace("font = false", "")),
        ("", f"{CONFIG}\n[project.plugins.offline]\n"),
    ],
    ids=["picture", "fonts", "search"],
)
def test_nothing_is_loaded_from_outside(tmp_path: Path, text: str, config: str) -> None:
    with pytest.raises(Problem, match=r"from outside: <.*https://"):
        build(tmp_path, text, config)


def test_the_server_s_end_is_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, "")
    monkeypatch.setattr(docs_command, "BUILD", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setattr(docs_command, "ADDRESS", address)
        with pytest.raises(SystemExit, match=f"at {address} has ended"):
            docs_command.serve()


# What the pages say about the repository


def test_the_paths_that_pages_name_are_there() -> None:
    roots = [REPOSITORY, *(REPOSITORY / name for name in HOUSES)]
    pages = [REPOSITORY / "CONTRIBUTING.md", *(REPOSITORY / "docs" / "write-a-step").glob("*.md")]
    missing = {
        path
        for page in pages
        for path in re.findall(r"`([\w.-]+(?:/[\w.-]+)*(?:/|\.[a-z]+))`", page.read_text())
        if not any((root / f"{path}{end}").exists() for root in roots for end in ("", ".jinja"))
    }
    assert missing <= WRITTEN_LATER


# The tree of folders


def test_the_tree_has_every_folder_with_its_meaning() -> None:
    drawn = structure.tree()
    for name in structure.folders():
        assert f" {Path(name).name}/ " in drawn, name
    packed = " ".join(drawn.split())
    assert "└── docs/ Builds the site" in packed  # from its docstring
    assert "├── macros/ The parts that pages share, and commands" in packed
    assert {".ci", "src/matchmaker", "template/workshop/stack"} <= {*structure.folders()}


@pytest.mark.parametrize(
    ("listed", "docstring", "said"),
    [
        ({}, "", "Nothing says what `new` is for."),
        ({}, '""""""', "Nothing says what `new` is for."),
        ({"new": "Something", "old": "Gone"}, "", "`old` is listed, and there is no such folder."),
        ({"new": "Something"}, '"""Says it, too."""', "`new` is listed, and its docstring says"),
    ],
    ids=["extra", "empty docstring", "missing", "twice"],
)
def test_a_folder_without_one_meaning_is_named(
    tmp_path: Path, listed: dict[str, str], docstring: str, said: str
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "__init__.py").write_text(docstring)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    names = structure.folders(tmp_path)
    assert names == ["new"]
    with pytest.raises(Problem, match=re.escape(said)):
        structure.meanings(names, tmp_path, listed)


# The references


def test_every_question_is_in_the_reference_of_answers() -> None:
    told = reference.answers()
    questions = yaml.safe_load((REPOSITORY / "copier.yml").read_text())
    for name, question in questions.items():
        if not name.startswith("_"):
            asked = question["help"].partition("{{")[0].strip()
            assert f"### `{name}`\n\n{asked}" in told
    assert "(Otherwise, step 7 adds this.)" in told
    assert "- `8`: 8. Add tags and see an error" in told
    assert "- `datadoghq.eu`" in told


@pytest.mark.parametrize("program", reference.APPS)
def test_every_command_and_option_is_in_its_reference(program: str) -> None:
    told = reference.commands(program)
    group = typer.main.get_command(reference.APPS[program])
    assert all(f"`{option}`" in told for parameter in group.params for option in parameter.opts)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert f"## `{program} {name}`\n\n{command.help.splitlines()[0]}" in told
        for option in (one for p in command.params for one in p.opts if one.startswith("-")):
            assert f"`{option}`" in told, option


def test_every_key_is_in_the_reference_of_the_roster() -> None:
    told = reference.roster()
    schema = json.loads(
        (REPOSITORY / "src" / "matchmaker" / "roster" / "roster.schema.json").read_text()
    )
    for part in schema["properties"].values():
        for key, value in part.get("items", part)["properties"].items():
            (line, *_) = [line for line in told.splitlines() if line.startswith(f"| `{key}`")]
            assert value["description"].replace("|", "\\|") in line
    assert "&lt;slug>=… for one" in told


# The prose


@pytest.mark.parametrize(
    "text",
    [
        "This is simply done.",
        "Please start it.",
        "It works!",
        "Do it in order to win.",
        "Use a tool, e.g. this one.",
        "It should be noted here.",
        "Tags \u2014 and spans.",
        "All of the the spans.",
    ],
)
def test_what_is_not_in_our_voice_is_found(text: str) -> None:
    assert [line for line, _ in prose.findings(f"# A page\n\n{text}", prose.all_checks())] == [3]


@pytest.mark.parametrize("rule", TRANSLATED, ids=lambda rule: rule.name)
def test_a_rule_catches_its_example_and_passes_what_to_write_instead(rule: Rule) -> None:
    page = f"# A page\n\n{rule.caught}"
    ((line, message),) = prose.findings(page, (rule.check,))
    assert line == 3
    assert rule.instead in message
    instead = f"# A page\n\n{rule.instead}"
    assert list(prose.findings(instead, prose.all_checks())) == []


@pytest.mark.parametrize(
    "text",
    [
        "A path counts. What cannot be judged yet is left open.",
        "- Whatever is in the way is named.",
        "Everybody starts. Who is no longer on the roster is left alone.",
        "Where there is no Docker, the tests are skipped.",
        "The names from one folder over another one to the last.",
        "Nobody can read it but the owner.",
        "It is pinned by name and version alone.",
        "The last run is said to have failed.",
        "The address tells which site it is.",
        "The commit is not to be had any more.",
        "The operation that is to be timed has a name.",
        "A number may stand in the roster.",
        "Roots are held one by one against the answers.",
        "The token keeps the console from being opened.",
        "Whoever has a donut raises a hand.",
        "Mend the line, and save the file.",
        "The colour and the behaviour change.",
        "The key is in one file, and besides in the agent.",
        "The stack begins anew.",
        "Git goes by its own rules.",
        "The list is beside the roster.",
        "A question of one's own gets a tag.",
    ],
)
def test_what_reads_as_translated_is_found(text: str) -> None:
    """Sentences of the same kinds as the rules' own examples."""
    assert {line for line, _ in prose.findings(f"# A page\n\n{text}", prose.OURS)} == {3}


@pytest.mark.parametrize(
    "text",
    [
        "What do you change first? What you wrote is on a branch.",
        "Where do traces go? Where your traces go depends on one answer.",
        "Who is green? Ask who is done.",
        "The overhead is measured over time, from the first request to the last.",
        "Leave them alone. Leave that folder alone if somebody works in it.",
        "This tells you what to do. I can't tell which ratio is larger. Tell it who you are.",
        "A stand-in replaces the Agent. Two names stand for the ports.",
        "There is no roster, and there is none of them left.",
        "Keep the app running from the first step to the last.",
        "If you want to trace something, want nothing else, and need a test.",
        "It warns you: “Mend it and save the file.”",
        "Hold the key. Compare it with the one in the file.",
    ],
)
def test_good_sentences_pass(text: str) -> None:
    assert list(prose.findings(f"# A page\n\n{text}", prose.OURS)) == []


def test_code_is_no_prose() -> None:
    # Words that hold one of ours are others.
    assert list(prose.findings("Everything is adjusted, like a line.", prose.all_checks())) == []
    text = "# `a`\n\n`simply` [x](just.md)\n\n```sh\n! please\n```\n"
    assert list(prose.findings(text, prose.all_checks())) == []
    code = '"""Simply."""\n\nprint("It is simply not there.")\n'
    assert [line for line, _ in prose.findings(prose.sentences(code), prose.OURS)] == [3]
    assert list(prose.findings(prose.sentences('x = f"{a} simply {b} really"'), prose.OURS))
    code = '"""Simply call this function."""\n\ncall()  # simply\n'
    read = prose.sentences(code, to_read=True)
    assert [line for line, _ in prose.findings(read, prose.OURS)] == [1, 3]


def test_what_a_person_is_shown_is_read(tmp_path: Path) -> None:
    written = {
        "local/app.py": "# It simply works",
        "local/checks/test_x.py": 'hint = "Did you simply forget it?"',
        "datadog/.env.example": "# Simply\nX=",
        "datadog/compose.yaml": "init: true # simply",
    }
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    texts = {(REPOSITORY / name).resolve(): text for name, text in prose.texts(tmp_path)}
    for name in written:
        assert list(prose.findings(texts[tmp_path / name], prose.OURS)), name
    for path, part in (
        ("src/matchmaker/roster/new.toml", "Answers for everyone"),
        ("src/matchmaker/handout/cards.html.jinja", "In a second terminal"),
        ("template/workshop/console/static/views/controls.js", "The load stops by itself after"),
        ("template/workshop/console/static/views/latency.js", "Nothing to measure yet"),
        ("dev/docs/__init__.py", "Builds the site from"),  # a docstring
        ("dev/docs/site.py", "A browser loads these by itself"),  # a comment
    ):
        assert part in texts[REPOSITORY / path]
