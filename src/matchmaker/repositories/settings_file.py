"""Reads a file of git's settings that has nothing unusual in it, without starting git."""

import re

_SECTION = re.compile(rb'\[([A-Za-z0-9-]+)(?: "([^"\\\0-\x1f]*)")?\]')
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9-]*")
# Comments, quotes, and whatever ends a line or continues it.
_UNUSUAL = re.compile(rb'[\0-\x1f\x7f"\\;#]')


def settings(content: bytes) -> dict[str, str] | None:
    """Each setting's last value, as `git config --list` names it, without what others include.

    None if git has to say, or if git would refuse the file.
    """
    found, section = {}, b""
    for line in content.split(b"\n"):
        text = line.strip(b" \t")
        if head := _SECTION.fullmatch(text):
            section = head[1].lower() + (b"" if head[2] is None else b"." + head[2]) + b"."
            continue
        name, equals, value = (part.strip(b" \t") for part in text.partition(b"="))
        if not text:
            continue
        if not (section and equals and _NAME.fullmatch(name)) or _UNUSUAL.search(value):
            return None
        full = (section + name.lower()).decode("utf-8", "surrogateescape")
        found[full] = value.decode("utf-8", "surrogateescape")
    return found
