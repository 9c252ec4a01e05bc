"""What follows from the answers, without rendering anything."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extensions.trainee import (
    BLOCKED_PORTS,
    LARGEST_OFFSET,
    PORTS,
    SITES,
    SLUG_LENGTH,
    api_key_problem,
    name_problem,
    port_offset_problem,
    refuse_wrong,
    slug_problem,
    slugify,
    to_markdown,
    to_toml,
    trainee_of,
)

# Those of the Fetch standard's list that a workshop can come to.
BAD_PORTS = {5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ada Lovelace", "ada-lovelace"),
        ("Zoë", "zoe"),
        ("Łukasz Ørsted", "lukasz-orsted"),
        ("Straße", "strasse"),
        ('O\'Brien "Bob"', "obrien-bob"),
        ("Анна Юрьевна", "anna-yurevna"),
        ("Αθηνά", "athina"),
        ("{{ 7*7 }}", "7-7"),
        ("x" * 80, "x" * SLUG_LENGTH),
        ("a" * 29 + " bcd", "a" * 29),
    ],
)
def test_slug_of_a_name(name: str, slug: str) -> None:
    assert slugify(name) == slug


def test_slug_of_a_name_that_leaves_nothing_is_short_stable_and_its_own() -> None:
    assert slugify("李雷") == slugify("李雷") == "trainee-3a4732"
    assert slugify("韩梅梅") != slugify("李雷")


@given(st.text())
def test_every_name_gets_a_valid_slug(name: str) -> None:
    assert slug_problem(slugify(name)) == ""


@pytest.mark.parametrize(
    "name",
    [
        "Zoë",
        "李雷",
        'O\'Brien "Bob"',
        "{{ 7*7 }}",
        "a: b # c",
        "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "نگار‌بانو",
        "x" * 80,
        "e\u0301" * 80,
    ],
)
def test_names_of_people(name: str) -> None:
    assert name_problem(name) == ""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Type a name"),
        ("  ", "Type a name"),
        ("\u0301", "Type a name"),
        (" Ada", "No spaces before or after"),
        ("x" * 81, "At most 80 characters, not 81."),
        ("Ada\nLovelace", "(U+000A)"),
        ("Ada\u2028Lovelace", "(U+2028)"),
        ("Ada\x00", "No control character (U+0000)."),
        ("Ada\u202eecalevoL", "U+202E"),
        ("Ada\uffff", "U+FFFF"),
    ],
)
def test_names_that_are_none(name: str, sentence: str) -> None:
    assert sentence in name_problem(name)


@pytest.mark.parametrize("slug", ["a", "ada-lovelace", "2026-12-support", "x" * SLUG_LENGTH])
def test_slugs(slug: str) -> None:
    assert slug_problem(slug) == ""


@pytest.mark.parametrize("slug", ["", "Ada", "a b", "a_b", "-a", "a-", "a--b", "../a", "ä", "a\n"])
def test_slugs_that_are_none(slug: str) -> None:
    assert slug_problem(slug) == "Type a-z, 0-9, and single hyphens."


def test_a_slug_that_is_too_long() -> None:
    assert slug_problem("x" * 31) == "At most 30 characters, not 31."


# Datadog promises no form, so others than today's have to pass, too.
@pytest.mark.parametrize(
    "key",
    ["", "0123456789abcdef" * 2, "0123456789ABCDEF" * 2, "abc", "dd-2_" + "g" * 60, "01234" * 8],
)
def test_api_keys(key: str) -> None:
    assert api_key_problem(key) == ""


@pytest.mark.parametrize(
    ("key", "says"),
    [("0 1", "one word"), ("0" * 32 + "\n", "one word"), (" ", "one word"), ("é" * 32, "plain")],
)
def test_a_wrong_key_is_never_repeated(key: str, says: str) -> None:
    problem = api_key_problem(key)
    assert says in problem
    assert not key.strip() or key not in problem


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        *(
            ("trainee_name", name_problem(name))
            for name in ("", " Ada", "x" * 9999, "A\na", "A\U0010ffff")
        ),
        *((name, slug_problem(slug)) for name in ("trainee_slug", "session") for slug in ("", "A")),
        ("trainee_slug", slug_problem("x" * 9999)),
        ("dd_api_key", api_key_problem("0 1")),
        ("dd_api_key", api_key_problem("\x7f")),
        ("port_offset", port_offset_problem(-1)),
        ("port_offset", port_offset_problem(1000)),
    ],
)
def test_a_rule_fits_behind_what_copiers_prompt_says(question: str, problem: str) -> None:
    assert problem
    assert len(f"Validation error for question '{question}': {problem}") <= 80


WRONG_DATA = {
    "trainee_name": (" Ada", "No spaces before or after it."),
    "trainee_slug": ("A_B", "Type a-z, 0-9, and single hyphens."),
    "session": ("x" * 31, "At most 30 characters, not 31."),
    "step": ("ten", "Type one of 1, 2, 3, 4, 5, 6, 7, 8, 9."),
    "log_to_stdout": ("maybe", "Type yes or no."),
    "inject_errors": ("", "Type yes or no."),
    "database": ("oracle", "Type one of sqlite, postgresql."),
    "backend": ("Datadog", "Type one of local, datadog."),
    "dd_site": ("datadoghq.de", "Type one of datadoghq.com, us3."),
    "dd_api_key": ("01234 56789", "A key is one word, without spaces."),
    "port_offset": ("1.5", "Type a number from 0 to 57409."),
    "shared_host": ("perhaps", "Type yes or no."),
    "share_progress": ("some", "Type yes or no."),
}


def test_copiers_command_says_in_our_words_what_is_wrong(template: Path, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "copier"), "copy", "--trust", "--defaults"]
    data = [word for name, (value, _) in WRONG_DATA.items() for word in ("-d", f"{name}={value}")]
    done = subprocess.run(
        [*command, *data, str(template), str(tmp_path / "new")], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name, (_, sentence) in WRONG_DATA.items():
        assert f"{name}: {sentence}" in done.stderr
    assert "01234 56789" not in done.stderr
    assert not (tmp_path / "new").exists()


def test_every_question_has_its_rule_for_copiers_command(template: Path) -> None:
    questions = yaml.safe_load((template / "copier.yml").read_text(encoding="utf-8"))
    names = [name for name in questions if not name.startswith("_")]
    assert names == list(WRONG_DATA)
    for name in ("database", "backend"):
        choices = list(questions[name]["choices"].values())
        assert str(choices) in questions["trainee_name"]["ask"]


@pytest.mark.parametrize(
    "data",
    [
        {"port_offset": 100, "step": 3, "log_to_stdout": False, "_src_path": "/x", "now": print},
        {"port_offset": " 100 ", "step": "3", "log_to_stdout": "Yes", "dd_api_key": "", "old": 1},
    ],
)
def test_right_answers_are_let_through(data: dict[str, object]) -> None:
    assert refuse_wrong(data, {"step": [1, 2, 3]}) is True


@pytest.mark.parametrize("offset", [0, 100, 65535 - 8126])
def test_port_offsets(offset: int) -> None:
    assert port_offset_problem(offset) == ""
    assert max(trainee_of({"port_offset": offset}).ports.values()) <= 65535


@pytest.mark.parametrize("offset", [-1, 65535 - 8126 + 1, 10**9])
def test_port_offsets_that_are_none(offset: int) -> None:
    assert "from 0 to 57409" in port_offset_problem(offset)


@pytest.mark.parametrize(
    ("offset", "nearest", "port"),
    [(60, 58, 5060), (59, 58, 5060), (61, 62, 5061), (1000, 1001, 6000), (2080, 2079, 10080)],
)
def test_ports_that_browsers_refuse(offset: int, nearest: int, port: int) -> None:
    said = port_offset_problem(offset)
    assert said == f"Type {nearest}; browsers block {port}."
    assert port_offset_problem(nearest) == ""


def test_no_service_ever_has_a_port_that_browsers_refuse() -> None:
    refused = {o for o in range(LARGEST_OFFSET + 1) for p in PORTS.values() if p + o in BAD_PORTS}
    assert {o for o in range(LARGEST_OFFSET + 1) if port_offset_problem(o)} == refused
    assert BAD_PORTS <= BLOCKED_PORTS


def test_identity() -> None:
    trainee = trainee_of(
        {"trainee_name": "Zoë", "session": "monday", "port_offset": 100, "dd_site": "datadoghq.eu"}
    )
    assert trainee.env == "monday-zoe"
    assert trainee.project == "matchmaker-monday-zoe-100"  # Compose tells sessions apart by it
    assert trainee.tags == "trainee:zoe,session:monday"
    assert trainee.ports == {service: port + 100 for service, port in PORTS.items()}
    assert trainee.web_url == "http://localhost:5100"
    assert trainee.datadog_url == "https://app.datadoghq.eu"


def test_the_sites_are_those_of_datadogs_list() -> None:
    """https://docs.datadoghq.com/getting_started/site/, as of November 2026."""
    regions = {"us3", "us5", "ap1", "ap2", "uk1"}
    with_a_region = {f"{region}.datadoghq.com" for region in regions} | {"us2.ddog-gov.com"}
    without = {"datadoghq.com", "datadoghq.eu", "ddog-gov.com"}
    assert SITES == {site: f"https://{site}" for site in with_a_region} | {
        site: f"https://app.{site}" for site in without
    }


@pytest.mark.parametrize("answers", [{}, {"port_offset": "x", "dd_site": None}])
def test_answers_that_are_not_there_yet_do_not_fail(answers: dict[str, object]) -> None:
    trainee = trainee_of(answers)
    assert trainee.ports == PORTS
    assert trainee.datadog_url == SITES["datadoghq.com"]


def test_a_host_name_fits() -> None:
    longest = trainee_of({"session": "x" * SLUG_LENGTH, "trainee_slug": "y" * SLUG_LENGTH})
    assert len(longest.env) <= 63


def test_text_in_markdown_and_toml() -> None:
    assert to_markdown("*a* <b> [c](d) `e` | $f$") == r"\*a\* \<b\> \[c\](d) \`e\` \| \$f\$"
    assert to_toml('O\'Brien "Bob" \\ 李') == '"O\'Brien \\"Bob\\" \\\\ 李"'
