"""Reads TOML, and explains in plain words why a text isn't TOML."""

import re
import tomllib
from typing import Any

from matchmaker.roster.positions import Path, line_numbers

_CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a«»"  # word processors write these
_QUOTE_IT = 'Put text in straight quotes: name = "2026-12-support".'
_CLOSE_IT = 'Close it: ["a", "b"].'
_ONE_EACH = "Write one name = value on a line. Only a # comment can follow it."

# A pattern for the message of `tomllib`, a pattern for the line, what is wrong, and what to do. The
# first entry in which both match applies. `{0}` and so on are the groups of the line's pattern.
_EXPLAINED = (
    (
        "",
        r"\[trainee\]|\[\[trainee\]\]",
        "single and double brackets around trainee are mixed, or there are two [trainee]",
        "Write [[trainee]], in two brackets, above each trainee.",
    ),
    (
        r"twice|namespace|[Oo]verwrite|[Rr]edefine|[Mm]utate",
        r"(\[+[^\]]*\]*)",
        "`{0}` appears twice",
        "Put all of it below one heading.",
    ),
    (
        r"[Oo]verwrite|[Dd]uplicate|[Mm]utate|twice",
        r"([^=]+?)\s*=",
        "`{0}` is set twice",
        "Remove one of the two.",
    ),
    (
        "Expected '='",
        r"([\w-]+|\"[^\"]*\")\s*:",
        "there is a colon between a name and its value",
        'Write = there: {0} = "…".',
    ),
    (
        "table decl|array decl",
        "",
        "a heading's brackets do not match",
        "Write [session], [answers], [[trainee]].",
    ),
    ("Expected '='", "", "there is no = between a name and its value", 'Write name = "value".'),
    (
        "Invalid value|Expected newline|Invalid statement|Expected",
        f".*[{_CURLY}]",
        "the quotes are curly",
        'Type straight quotes: "…".',
    ),
    (
        "Invalid value|inline table|initial character",
        r".*\{[^}]*(,\s*\}.*)?$",
        "a value in braces is not closed on its line",
        'Write it on one line, without a comma at its end: {env = "DD_API_KEY"}.',
    ),
    ("Invalid value", r"[^=]+=\s*\[[^\]]*$", "a list's closing bracket is missing", _CLOSE_IT),
    ("Invalid value", r"[^=]*=\s*(#|$)", "there is no value", "Write one, or remove the line."),
    (
        "Invalid value",
        r"[^=]*=\s*(?i:true|false|yes|no|on|off|y|n)\b",
        "this is not how TOML says yes or no",
        "Write true or false, in lowercase and without quotes.",
    ),
    (
        "Invalid value",
        r"[^=]*=\s*(?i:none|null|nil)\b",
        "there is no such value",
        "Remove the line to leave the answer out.",
    ),
    (
        "Expected newline",
        r"[^=]*=\s*[+-]?0\d",
        "a number begins with 0",
        "Write it without the 0.",
    ),
    (
        "Expected newline",
        r"[^=]*=\s*[^\s\"'\[{,#]*,",
        "there are two values on one line",
        _ONE_EACH,
    ),
    ("Expected newline", r"[^=]*=\s*'", "a ' ends the text early", 'Put the text in " quotes.'),
    ("Expected newline", r"[^=]*=\s*[\"\[{]", "there is more on the line", _ONE_EACH),
    ("Invalid value|Expected newline|Invalid date", "", "text needs quotes", _QUOTE_IT),
    (
        r"Unescaped|Escaped|hex value",
        "",
        "a backslash has a special meaning in a text",
        "Write \\\\ for a backslash, or put the text in ' quotes.",
    ),
    (
        r"Unterminated|Illegal character '\\\\?n'|Expected '\"|Expected \"'",
        "",
        "a text's closing quote is missing",
        "Close the text on the line on which it begins.",
    ),
    ("[Aa]rray", "", "a list's closing bracket is missing", _CLOSE_IT),
    (
        "Invalid statement",
        r"[-{<]",
        "this looks like another format",
        "`matchmaker new roster.toml` writes a roster to fill in.",
    ),
    ("[Cc]haracter", "", "a control character is here", "Remove it, or type the line again."),
)
_OTHERWISE = (
    "it makes no sense from here on",
    "Compare it with what `matchmaker new roster.toml` writes.",
)


class NotToml(Exception):
    """The text isn't TOML. It has what is wrong, the remedy, and the line."""

    def __init__(self, what: str, remedy: str, line: int) -> None:
        super().__init__(what, remedy, line)
        self.what = what
        self.remedy = remedy
        self.line = line


def read_toml(text: str) -> tuple[dict[str, Any], dict[Path, int]]:
    """The values of a text, and the line of each. Raises NotToml."""
    text = text.replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")  # old Macs ended lines so, and Excel on a Mac still does
    try:
        return tomllib.loads(text), line_numbers(text)
    except tomllib.TOMLDecodeError as error:
        # Python 3.14 has the line as an attribute. Older versions have it only in the message.
        message = str(error)
        digits = message.rpartition("(at line ")[2].partition(",")[0]
        lines = text.rstrip("\n").split("\n")
        line = int(digits) if digits.isdigit() else len(lines)
        what, remedy = _explained(message, lines[min(line, len(lines)) - 1].strip())
        raise NotToml(f"This is not TOML: {what}.", remedy, line) from error
    except (ValueError, RecursionError) as error:  # thousands of digits, or of brackets
        what = "A number in it is too long, or a list is too deep."
        raise NotToml(what, "No roster needs either.", 1) from error


def _explained(message: str, line: str) -> tuple[str, str]:
    for error, shape, what, remedy in _EXPLAINED:
        match = re.match(shape, line) if re.search(error, message) else None
        if match:
            parts = [part or "" for part in match.groups()]
            return what.format(*parts), remedy.format(*parts) if "{0}" in remedy else remedy
    return _OTHERWISE
