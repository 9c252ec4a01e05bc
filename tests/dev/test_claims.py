"""What we say about products: each claim is still on its page, and each page has its claims."""

import ast
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from workshop.problem import Problem

from dev import claims
from dev.claims import Claim, page_of
from tests.conftest import REPOSITORY

CLAIMS = claims.claims()
PAGES = [
    *sorted((REPOSITORY / "template").glob("*.md.jinja")),
    *sorted((REPOSITORY / "template" / "steps").glob("*.md*")),
    *sorted((REPOSITORY / "docs" / "session").glob("*.md")),
]
TEXTS = [
    *PAGES,
    REPOSITORY / "README.md",
    REPOSITORY / "docs" / "index.md",
    *sorted((REPOSITORY / "src").rglob("*.jinja")),
    *sorted((REPOSITORY / "extensions").rglob("*.py")),
    *sorted((REPOSITORY / "src").rglob("*.py")),
    *(
        path
        for path in sorted((REPOSITORY / "template").rglob("*"))
        if path.suffix in (".py", ".toml", ".jinja", ".js") and "vendor" not in path.parts
    ),
]
"""Our texts that can link to a product's documentation, except the guide for contributors."""
DATADOG = "docs.datadoghq.com"
PLATFORMS = (
    *("docs.github.com", "coder.com/docs", "jupyterhub.readthedocs.io", "kubernetes.io/docs"),
    *("code.visualstudio.com/docs", "cloud.google.com", "docs.digitalocean.com"),
)
"""Where the platforms that host a workshop document what they do."""
NAMED = re.compile(r"Datadog|\b(tracing|the) client\b|Codespaces|\bCoder\b|JupyterHub|Kubernetes")
ENTRY = (
    '[[claim]]\nsays = "x"\nwhere = ["README.md"]\nsource = "https://x.org"\nas_of = 2026-11-26\n'
)


def relative(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


# The claims of this checkout


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.area}: {claim.says[:40]}")
def test_a_claim_is_still_there_and_can_be_confirmed(claim: Claim) -> None:
    for name in claim.where:
        text = claims.packed((REPOSITORY / name).read_text(encoding="utf-8"))
        assert claim.says in text, f"{name} no longer says this: correct docs/write-a-step/claims"
    assert claim.where
    assert not claim.source or re.fullmatch(r"https://[\w.-]+/\S+", claim.source)
    assert not claim.test or has_test(claim.test), f"there is no test {claim.test}"
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # some time zones are ahead
    assert date(2026, 1, 1) <= claim.as_of <= tomorrow


def has_test(node: str) -> bool:
    """Whether pytest would find a test by this name, without importing its file."""
    file, *names = node.partition("[")[0].split("::")
    path = REPOSITORY / file
    if not path.is_file() or not path.name.startswith("test_") or not names:
        return False
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for name in names:
        found = [one for one in body if getattr(one, "name", "") == name]
        if not found:
            return False
        body = getattr(found[0], "body", [])
    return names[-1].startswith("test_")


def test_no_claim_is_listed_twice() -> None:
    listed = [(name, claim.says) for claim in CLAIMS for name in claim.where]
    assert sorted(listed) == sorted(set(listed))


@pytest.mark.parametrize(("places", "at_least"), [([DATADOG], 15), (PLATFORMS, 12)])
def test_each_page_of_a_product_that_we_link_to_is_the_source_of_a_claim(
    places: Sequence[str], at_least: int
) -> None:
    here = "|".join(map(re.escape, places))
    link_there = re.compile(rf"https://(?:{here})[^\s)\"'`>\]]*")
    sources = {page_of(claim.source) for claim in CLAIMS}
    links = {
        (page_of(link), relative(path))
        for path in TEXTS
        for link in link_there.findall(path.read_text(encoding="utf-8"))
    }
    assert len(links) >= at_least
    assert [(page, name) for page, name in sorted(links) if page not in sources] == []


def test_each_page_that_names_a_product_has_a_claim() -> None:
    claimed = {name for claim in CLAIMS for name in claim.where}
    naming = [
        path
        for path in PAGES
        if NAMED.search(re.sub(r"\{[{%].*?[%}]\}", "", path.read_text(encoding="utf-8")))
    ]
    assert len(naming) >= 10
    assert {*map(relative, naming)} - claimed == set()


# The files, and what is printed from them


def read(tmp_path: Path, text: str) -> list[Claim]:
    (tmp_path / "area.toml").write_text(text)
    return claims.claims(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (ENTRY, "claims = 1", "no list of claims"),
        (ENTRY, "[[claim]", "no list of claims"),
        ("says =", "say =", "claim 1: unknown or missing: say, says"),
        ("source =", "sauce =", "claim 1: unknown or missing: sauce"),
        ('source = "https://x.org"\n', "", "claim 1: it needs a source, a test, or both"),
        ("2026-11-26", '"2026-11-26"', "claim 1: as_of is a date"),
        ("2026-11-26", "2026-11-26T10:00:00", "claim 1: as_of is a date"),
    ],
)
def test_what_is_no_claim_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert len(read(tmp_path, ENTRY)) == 1
    with pytest.raises(Problem, match=re.escape(says)):
        read(tmp_path, ENTRY.replace(old, new))


def test_the_checklist_has_each_page_once_and_the_oldest_first(tmp_path: Path) -> None:
    def entry(says: str, source: str, as_of: str) -> str:
        return f'[[claim]]\nsays = "{says}"\nwhere = ["README.md"]\n{source}\nas_of = {as_of}\n'

    listed = read(
        tmp_path,
        entry("new", 'source = "https://x.org/a/"', "2026-03-01")
        + entry("tested", 'test = "tests/x.py::test_x"', "2026-01-01")
        + entry("old", 'source = "https://x.org/b"', "2026-02-01")
        + entry("also", 'source = "https://x.org/a?tab=b#c"', "2026-04-01"),
    )
    told = claims.checklist(listed)
    places = [
        told.index(f"[ ] area: {says}\n    README.md") for says in ("old", "new", "also", "tested")
    ]
    assert places == sorted(places)
    assert re.findall(r"^(\d of 2), confirmed (\S+): (\S+)$", told, re.MULTILINE) == [
        ("1 of 2", "2026-02-01", "https://x.org/b"),
        ("2 of 2", "2026-03-01", "https://x.org/a"),
    ]
    assert told.endswith("\n.venv/bin/pytest tests/x.py::test_x")


def test_the_table_has_every_claim_and_no_broken_link() -> None:
    told = claims.table()
    rows = [line for line in told.splitlines() if re.search(r"\| \d{4}-\d\d-\d\d \|$", line)]
    assert len(rows) == len(CLAIMS)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert not re.findall(r"\]\((?!https://)", told)
