"""The trainees' passwords: one for each, which stays the same from run to run.

We keep them in `passwords.csv`, which only the user can read. The cluster gets their hashes.
"""

import base64
import csv
import hashlib
import io
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from matchmaker.problem import Problem

# What people read off a card: nothing that looks like something else, and no vowels, so no words.
_LETTERS = "bcdfghjkmnpqrstvwxz23456789"
_GROUPS, _LONG = 3, 4
_SHORTEST = 8

# An attacker who has the hashes has to try 27^12 passwords, at 4 MiB and some 20 ms each. More
# would only make the hub slow when everybody signs in at once.
_N, _R, _P = 2**12, 8, 1
_HASHED = re.compile(r"scrypt\$\d+\$\d+\$\d+\$([A-Za-z0-9+/=]+)\$[A-Za-z0-9+/=]+")
ANY_HASH = "x" * len(f"scrypt${_N}${_R}${_P}$" + 24 * "=" + "$" + 44 * "=")
"""Something as long as a hash."""
_COLUMNS = ["slug", "password"]


def new_password() -> str:
    """A random password of 57 bits, such as `k7mw-2xqd-p9rt`."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_LONG)) for _ in range(_GROUPS))
    return "-".join(groups)


def hashed(password: str, like: str = "") -> str:
    """The hash of a password: `scrypt$N$r$p$salt$hash`, with salt and hash in base64.

    `like` is an earlier hash. If it is of the same password, the result is the same.
    """
    earlier = _HASHED.fullmatch(like)
    salt = base64.b64decode(earlier[1]) if earlier else secrets.token_bytes(16)
    found = hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)
    parts = (base64.b64encode(part).decode() for part in (salt, found))
    return "$".join(("scrypt", str(_N), str(_R), str(_P), *parts))


def with_new(slugs: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """A password for each slug: the known one, or a new one.

    Those of others come last. They may come back.
    """
    found = {slug: known.get(slug) or new_password() for slug in slugs}
    return {**found, **{slug: one for slug, one in known.items() if slug not in found}}


def read(path: Path) -> tuple[dict[str, str], list[Problem]]:
    """The passwords in a file, by slug, and what is wrong with it. Empty if there is no file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        what = f"{path} cannot be read, and it has everybody's passwords: {error}."
        return {}, [Problem(what, "Repair it. Or move it away, and everybody gets a new one.")]
    found: dict[str, str] = {}
    problems = []
    rows = csv.reader(io.StringIO(text))
    for row in rows:
        where = f"{path}:{rows.line_num}"
        if row in ([], _COLUMNS):
            continue
        if len(row) != len(_COLUMNS) or row[1] != row[1].strip() or not row[1].isprintable():
            what = "This line is not a slug and a password."
            problems.append(Problem(what, "Write slug,password, or delete the line.", where))
        elif len(row[1]) < _SHORTEST:
            what = f"The password of {row[0]} has fewer than {_SHORTEST} characters."
            remedy = "Write a longer one. Or delete the line, and the next run makes one."
            problems.append(Problem(what, remedy, where))
        elif row[0] in found:
            what = f"{row[0]} has two passwords."
            problems.append(Problem(what, "Delete one of the lines.", where))
        elif row[1] in found.values():
            what = f"{row[0]} has the same password as somebody else."
            problems.append(Problem(what, "Delete one of the lines.", where))
        found.setdefault(*row[:2]) if len(row) > 1 else None
    return found, problems


def as_csv(passwords: Mapping[str, str]) -> str:
    """The file with the passwords."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows(passwords.items())
    return written.getvalue()
