"""How many trainees fit on a shared host: the page's numbers are those of its formula and ours."""

import re

from matchmaker.host import sizes
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "session" / "in-the-browser.md").read_text(encoding="utf-8")
ROW = re.compile(r"\| (\d+) cores, (\d+) GiB \| (\d+) \| (\d+) \| (\d+) \|")
LEFT_FREE = 2
"""GiB for the system of a shared host."""


def test_the_formula_has_the_sizes_that_a_cluster_is_asked_for() -> None:
    assert f"(memory - {LEFT_FREE} GiB) / {sizes.REQUEST_MEMORY} MiB\n" in PAGE
    assert f"cores * 1000 / {sizes.REQUEST_CPU}\n" in PAGE
    assert "So count 512 MiB and a tenth of a core for each trainee" in PAGE


def test_the_table_is_what_the_formula_gives() -> None:
    rows = [tuple(map(int, row)) for row in ROW.findall(PAGE)]
    assert [memory for _, memory, *_ in rows] == [8, 16, 64]
    for cores, memory, by_memory, by_cores, fit in rows:
        assert by_memory == (memory - LEFT_FREE) * sizes.GIB // sizes.REQUEST_MEMORY
        assert by_cores == cores * 1000 // sizes.REQUEST_CPU
        assert fit == min(by_memory, by_cores)
        assert re.search(rf"\b{fit} (people )?with {memory}\b", PAGE)
