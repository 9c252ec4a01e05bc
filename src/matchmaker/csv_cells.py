"""Makes text from other people safe to open in a spreadsheet."""

import re

# A spreadsheet takes such a cell for a formula, which could run a program or send data away. It can
# also come to a new cell at a separator, or after a quotation mark, if it reads the file in another
# way than we wrote it: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"(^|[\"';,|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")

# Digits with a sign can compute a number, but not call anything. A phone number stays readable.
_NUMBER = re.compile(r"[+-]?[0-9(][0-9 ()./-]*")

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def harmless(value: str) -> str:
    """A value that no spreadsheet takes for a formula, on one line.

    An apostrophe goes before what could be one. Numbers stay as they are.
    """
    text = _BREAKS.sub(" ", value).strip()
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1\2'", text)
