"""Words in the form in which we compare them, and yes, no, and numbers as people write them."""

import re
import unicodedata

_YES = {
    *("yes", "y", "true", "1", "on", "x", "ja", "j", "wahr", "oui", "vrai", "si", "verdadero"),
    *("sim", "verdadeiro", "vero", "waar", "tak", "prawda", "ano", "pravda", "kylla", "da"),
    *(
        "да",
        "истина",
        "так",
        "\u03bd\u03b1\u03b9",
        "はい",
        "是",
        "예",
        "true()",
        "✓",
        "✔",
        "☑",
        "evet",
    ),
}
_NO = {
    *("no", "n", "false", "0", "off", "nein", "falsch", "non", "faux", "falso", "nao", "nee"),
    *("onwaar", "nie", "falsz", "ne", "nepravda", "ei", "nej", "nei", "нет", "ложь", "ні", "οχι"),
    *("いいえ", "否", "아니요", "false()", "✗", "✘", "☐", "hayir", "niet"),
}
_UNDIVIDED = str.maketrans(
    "łøđı", "lodi"
)  # letters that Unicode doesn't divide into one and its accent
_LARGEST = 20
"""How many digits a number can have. No answer needs as many."""


def plain(name: str) -> str:
    """A name in lowercase letters and digits, with underscores between its words.

    It has no accents, and `studentName` is two words. Letters of other scripts stay as they are.
    """
    return lowered(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name))


def lowered(name: str) -> str:
    """The same, but a capital inside a word (`GitHub`) does not divide it."""
    return "_".join(re.findall(r"[^\W_]+", re.sub("['\u2019\u02bc]", "", _bare(name))))


def yes_or_no(text: str) -> bool | None:
    """The answer that a text gives, in one of many languages; None if it is neither."""
    word = _bare(text.strip())
    return True if word in _YES else False if word in _NO else None


def whole_number(text: str) -> int | None:
    """The number in a text, also if a spreadsheet wrote it (`3.0`, `3,0`); None if it isn't one."""
    match = re.fullmatch(r"([+-]?\d+)(?:[.,]0*)?", text.strip())
    return int(match[1]) if match and len(match[1]) < _LARGEST else None


def _bare(text: str) -> str:
    """A text in lowercase and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_UNDIVIDED))
    letters = (one for one in decomposed if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", "".join(letters))
