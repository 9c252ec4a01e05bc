"""People's names, from the way in which tables have them."""

import re
import unicodedata
from collections.abc import Sequence

# Invisible characters that are part of names in several scripts, and of many emoji.
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
_COMMA = re.compile(r"\s*[,\uff0c\u060c]\s*")
# What follows a comma in a name that isn't turned around.
_TITLES = re.compile(r"(?i)(jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|md|msc|bsc|ma|mba|dr|esq|dipl)\b.*")


def clean(name: str) -> str:
    """A name on one line, without characters that nobody sees, such as the marks of direction."""
    visible = (
        " " if unicodedata.category(one) in ("Cc", "Zs", "Zl", "Zp") else one
        for one in name
        if one in _JOINERS or unicodedata.category(one) not in ("Cf", "Co", "Cs")
    )
    return " ".join("".join(visible).split())


def are_turned(names: Sequence[str]) -> bool:
    """Whether all names are written as `Last, First`. If only some are, we can't say."""
    parts = [_COMMA.split(name) for name in names if name]
    return bool(parts) and all(
        len(two) == 2 and all(two) and not _TITLES.fullmatch(two[1]) for two in parts
    )


def turned(name: str) -> str:
    """A name whose parts are in their usual order, from one written as `Last, First`."""
    last, first = _COMMA.split(name)
    return joined([first, last])


def joined(parts: Sequence[str]) -> str:
    """A name from the first name and the last names, in the order in which people write it."""
    filled = [part for part in parts if part]
    first, *last = filled or [""]
    if filled and all(map(_is_east_asian, filled)):
        return "".join([*last, first])
    return " ".join(filled)


def _is_east_asian(part: str) -> bool:
    """Whether a part is Chinese, Japanese, or Korean, where the last name comes first."""
    names = (unicodedata.name(letter, "") for letter in part)
    return all(name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL")) for name in names)
