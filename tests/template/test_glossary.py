"""The glossary: each word is used, and each use of one is explained."""

import re

from tests.conftest import REPOSITORY

STEPS = REPOSITORY / "template" / "steps"
GLOSSARY = (STEPS / "glossary.md").read_text()
ENTRIES = {
    word.lower().replace(" ", "-"): told
    for word, told in re.findall(r"(?ms)^## (.+?)\n\n(.+?)(?=\n## |\Z)", GLOSSARY)
}
LINKED = {
    path.name: re.findall(r"\]\(glossary\.md#([a-z-]+)\)", path.read_text())
    for path in sorted(STEPS.glob("*.md.jinja"))
}


def test_every_word_is_linked_from_a_step() -> None:
    assert {word for words in LINKED.values() for word in words} == set(ENTRIES)


def test_a_page_links_a_word_once() -> None:
    assert [page for page, words in LINKED.items() if len(words) != len(set(words))] == []


def test_the_words_are_in_order_with_two_sentences_each() -> None:
    assert list(ENTRIES) == sorted(ENTRIES)
    for word, told in ENTRIES.items():
        text = re.sub(r"`[^`]*`", "x", told)  # error.type is no end of a sentence
        assert len(re.findall(r"[.?](?=\s|$)", text)) == 2, word
