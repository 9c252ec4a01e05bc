"""Guesses in which of the older encodings a table is, by whether its words look like words."""

import re
import unicodedata
from collections.abc import Iterator

WESTERN = "cp1252"
"""The encoding of Excel's CSV files in Western Europe and America."""

# What Excel writes elsewhere, and on a Mac. Most texts are wrong in the first ones.
_OTHERS = (
    *("shift_jis", "gb18030", "big5", "euc_kr", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255"),
    *("cp1256", "cp1257", "cp1258", "mac_roman"),
)
_MISPLACED = re.compile(r"[a-zß-ÿ][À-ÞŠŽŸŒ]|[^\W\d_][À-ÞŠŽŸŒ][a-zß-ÿ]")
_MOST = 0.6
"""How many of the words make sense in a likely encoding."""
_AROUND = (
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u2022\u00a0"
    "«»\u2039\u203a·¡¿°ºª®™©:!?*#+&"
)
"""What can stand before and after a word."""


def garbled(text: str) -> str:
    """A word that makes no sense, because the text has another encoding; empty if all do."""
    return next((word for word in _foreign_words(text) if not _is_word(word)), "")


def likely(content: bytes) -> list[tuple[str, str]]:
    """The encodings in which most words make sense, each with the first word that depends on it."""
    found = []
    for encoding in _OTHERS:
        try:
            words = list(_foreign_words(content.decode(encoding)))
        except UnicodeDecodeError:
            continue
        possible = [word for word in words if _is_word(word, may_be_crowded=True)]
        if possible and len(possible) > len(words) * _MOST:
            found.append((sum(map(_is_word, words)) / len(words), encoding, possible[0]))
    found.sort(key=lambda one: -one[0])
    return [(encoding, word) for _, encoding, word in found]


def _foreign_words(text: str) -> Iterator[str]:
    """The words with letters that are not in ASCII."""
    return (word for word in re.findall(r"[^\s,;|\"]+", text) if not word.isascii())


def _is_word(word: str, *, may_be_crowded: bool = False) -> bool:
    """Whether a word is plausible, or has no letters.

    A plausible word is of one script. If that is Latin, it has no capital with an accent between
    other letters, and unless it `may_be_crowded`, accents are on few of them.
    """
    if "\ufffd" in word:
        return False
    parts = re.split(r"[-\u2013'\u2019.@/_()\d]", word.strip(_AROUND))
    return all(_is_plausible(part, may_be_crowded) for part in parts)


def _is_plausible(part: str, may_be_crowded: bool) -> bool:
    foreign = [one for one in part if not one.isascii()]
    letters = [one for one in part if one.isalpha()]
    if not foreign or not letters:
        return not any(unicodedata.category(one) in ("Cc", "Cn", "Co") for one in foreign)
    if any(unicodedata.category(one)[0] not in "LM" for one in foreign):
        return False
    latin = sum("LATIN" in unicodedata.name(one, "") for one in letters)
    if latin:
        is_crowded = len(foreign) > 1 and len(foreign) > len(part) / 2
        is_crowded = is_crowded and not may_be_crowded
        return latin == len(letters) and not is_crowded and not _MISPLACED.search(part)
    return True
