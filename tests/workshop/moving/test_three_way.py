"""What only Copier can merge is left to it; all kinds that aren't are in test_updater.py."""

import pytest
from workshop.moving import three_way
from workshop.moving.git import run
from workshop.moving.three_way import File, Merged, Unusual

TEXT, OTHER = File(b"a\nb\nc\n"), File(b"a\nB\nc\n")


def merge(old: dict[str, File], yours: dict[str, File], new: dict[str, File]) -> Merged:
    return three_way.merge(
        old,
        yours,
        new,
        git=run,
        answers_file="answers",
        stays=lambda name: name == "mine",
        is_there=yours.__contains__,
        others=["notes/mine.md"],
    )


def test_a_side_that_did_not_change_gives_way() -> None:
    found = merge({"a": TEXT, "b": TEXT}, {"a": TEXT, "b": OTHER}, {"a": OTHER, "b": TEXT})
    assert found == Merged({"a": OTHER}, {})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"notes": TEXT}),
        ({"notes/mine.md/old": TEXT}, {}),
        ({"a": TEXT}, {"a/b": TEXT}),
        ({"a": File(b"a\r\n")}, {}),
        ({}, {"a": File(b"a\r\nb\n")}),
        ({}, {".gitattributes": File(b"*.md text eol=crlf\n")}),
        ({"in/.gitattributes": File(b"* filter=any\n")}, {}),
        ({}, {"a\nb": TEXT}),
        ({"a.rej": TEXT}, {}),
    ],
)
def test_what_works_in_another_way_in_copier_is_left_to_it(
    old: dict[str, File], new: dict[str, File]
) -> None:
    with pytest.raises(Unusual):
        merge(old, {}, new)
