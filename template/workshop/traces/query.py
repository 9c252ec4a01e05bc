"""The language in which people search traces: `service:redis ZREVRANGE >200ms`.

It follows Datadog's span search, so what trainees learn here holds there
(https://docs.datadoghq.com/tracing/trace_explorer/query_syntax/): terms side by side or joined by
`AND` and `OR`, parentheses, `-` to exclude, `key:value`, `@tag:value`, quotation marks around a
value with spaces, `*` for any characters, `<`, `<=`, `>`, `>=`, and `[400 TO 499]`. A key doesn't
need its `@`, and a duration doesn't need its key: `>200ms`.

This module only reads a query. `workshop.traces.search` says what a query finds.
"""

from __future__ import annotations

import math
import re

from workshop.traces.terms import (
    Duration,
    Either,
    ErrorText,
    Every,
    Field,
    Identifier,
    Interval,
    Neither,
    Node,
    Number,
    Pattern,
    Status,
    Word,
    fold,
)

LONGEST = 1000
"""Of a query, in characters."""
MOST_TERMS = 50
DEEPEST = 10
"""How deeply parentheses can be nested."""

ALIASES = {
    "resource_name": "resource",
    "operation_name": "operation",
    "name": "operation",
    "span_type": "type",
}
IDS = ("trace_id", "span_id")
RESERVED = ("service", "resource", "operation", "type", "status", "error", "duration", *IDS)
"""The keys that aren't tags. `env` and `version` are tags."""
STATUS_CODE = "http.status_code"

UNITS = {
    "ns": 1.0,
    "us": 1e3,
    "µs": 1e3,
    "μs": 1e3,  # the Greek letter
    "ms": 1e6,
    "s": 1e9,
    "m": 60e9,
    "min": 60e9,
    "h": 3600e9,
}
"""In nanoseconds."""

KEY = re.compile(r"(@?)([^\W\d][\w.\-/]*):(?!//)")
_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*([^\W\d]*)")
_COMPARED = re.compile(r"([<>]=?)\s*(-?[0-9][^\s()]*|$|(?=\s|\)))")
_RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+([^\s\]]+)\s*\]")


class UnreadableQueryError(ValueError):
    """A query that can't be read. The text is a sentence for the person who typed it."""


def parse(text: str) -> Every:
    """Read a query. An empty one has no parts. Raises UnreadableQueryError."""
    if len(text) > LONGEST:
        raise UnreadableQueryError(f"A search can have at most {LONGEST:,} characters.")
    reader = _Reader(text)
    found = reader.either(depth=0)
    if reader.at < len(text):
        raise UnreadableQueryError("A `)` closes nothing. Remove it, or write `(` before it.")
    return found if isinstance(found, Every) else Every((found,))


def ids_in(text: str) -> frozenset[int]:
    """The IDs that a text might mean: hexadecimal with 16 or 32 digits or `0x`, or decimal."""
    found = set()
    if re.fullmatch(r"[0-9]{1,39}", text):
        found.add(int(text))
    if re.fullmatch(r"0x[0-9a-f]{1,32}|[0-9a-f]{16}|[0-9a-f]{32}", text):
        found.add(int(text, 16))
    return frozenset(found)


def is_known(key: str) -> bool:
    """Whether it can only be a key: `service`, `@beer`, or `http.url`, but not `localhost`."""
    name = fold(key)
    return key.startswith("@") or "." in name or name in RESERVED or name in ALIASES


def _names(key: str, typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys([STATUS_CODE if key == "status" else key, key, typed]))


class _Reader:
    """Reads a query from left to right. `at` is the position of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._terms = 0

    def either(self, depth: int, key: str = "") -> Node:
        parts = [self._every(depth, key)]
        while self._operator("OR"):
            parts.append(self._every(depth, key))
        if len(parts) > 1 and any(not part.parts for part in parts):
            raise UnreadableQueryError("Write something on each side of `OR`.")
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _every(self, depth: int, key: str) -> Every:
        parts: list[Node] = []
        while True:
            if self._operator("AND"):
                if not parts or self._is_at_end():
                    raise UnreadableQueryError("Write something on each side of `AND`.")
                continue
            if self._is_at_end():
                return Every(tuple(parts))
            parts.append(self._part(depth, key))

    def _is_at_end(self) -> bool:
        self._skip_spaces()
        if self.at == len(self.text) or self.text[self.at] == ")":
            return True
        return bool(re.compile(r"OR(?=[\s()]|$)").match(self.text, self.at))

    def _skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _operator(self, name: str) -> bool:
        self._skip_spaces()
        if found := re.compile(rf"{name}(?=[\s()]|$)").match(self.text, self.at):
            self.at = found.end()
        return bool(found)

    def _not(self) -> bool:
        if self._operator("NOT"):
            self._skip_spaces()
            return True
        return self._take("-")

    def _part(self, depth: int, key: str) -> Node:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise UnreadableQueryError(f"A search can have at most {MOST_TERMS} terms.")
        if self._not():
            if self.at == len(self.text) or re.match(r"[\s)]", self.text[self.at]):
                raise UnreadableQueryError("Write what to leave out right after `-`.")
            return Neither(self._part(depth, key))
        if self._take("("):
            return self._group(depth, key)
        return self._value(key) if key else self._term(depth)

    def _group(self, depth: int, key: str) -> Node:
        if depth == DEEPEST:
            raise UnreadableQueryError(f"Nest at most {DEEPEST} pairs of parentheses.")
        found = self.either(depth + 1, key)
        if not self._take(")"):
            raise UnreadableQueryError("A `(` isn't closed. Write `)` after its last term.")
        if found == Every(()):
            raise UnreadableQueryError("Write something between `(` and `)`.")
        return found

    def _take(self, sign: str) -> bool:
        is_next = self.text.startswith(sign, self.at)
        self.at += len(sign) if is_next else 0
        return is_next

    def _term(self, depth: int) -> Node:
        if found := _COMPARED.match(self.text, self.at):
            self.at = found.end()
            if not found[2]:
                raise UnreadableQueryError(
                    f"Write a duration after `{found[1]}`, such as `{found[1]}200ms`."
                )
            return Duration(_compared(found[1], found[2], found[0], is_duration=True))
        found = KEY.match(self.text, self.at)
        if found and not self._is_word(found):
            self.at = found.end()
            key = found[0][:-1]
            return self._group(depth, key) if self._take("(") else self._value(key)
        start = self.at
        pattern = self._pattern("")
        if not any(pattern.pieces):
            raise UnreadableQueryError(
                f"`{self.text[start : self.at]}` stands for anything. Write a word with it."
            )
        is_plain = len(pattern.pieces) == 1
        return Word(pattern, ids_in(pattern.pieces[0]) if is_plain else frozenset())

    def _is_word(self, found: re.Match[str]) -> bool:
        """Whether what looks like a key is a word, as in the text of an error: `ValueError: …`."""
        is_alone = found.end() == len(self.text) or self.text[found.end()].isspace()
        return is_alone and not is_known(found[0][:-1])

    def _value(self, typed_key: str) -> Node:
        """The term with this key."""
        before = f"{typed_key}:"
        name = fold(typed_key.removeprefix("@"))
        key = ALIASES.get(name, name)
        start = self.at
        if interval := self._interval(key, before):
            if key == "duration":
                return Duration(interval)
            return Number(_names(key, name), interval)
        if self.at == len(self.text) or re.match(r"[\s)]", self.text[self.at]):
            example = {"duration": ">200ms", "status": "error"}.get(key, "value")
            raise UnreadableQueryError(f"Write a value after `{before}`: `{before}{example}`.")
        is_quoted = self.text[self.at] == '"'
        pattern = self._pattern(before)
        plain = pattern.pieces[0] if len(pattern.pieces) == 1 else None
        typed = before + self.text[start : self.at]
        if key == "duration":
            raise UnreadableQueryError(
                f"`{typed}` isn't a duration to compare with. Write `{before}>200ms`."
            )
        if key in IDS:
            if plain is None or not ids_in(plain):
                raise UnreadableQueryError(
                    f"`{typed}` isn't a whole ID: 16 or 32 hexadecimal digits, or a decimal number."
                )
            return Identifier(key, ids_in(plain))
        if key == "status":
            if plain in ("error", "ok"):
                return Status(plain == "error")
            return Field(_names(key, name), pattern, typed=typed)
        if key == "error":
            if plain in ("true", "yes", "1") or not any(pattern.pieces):
                return Status(error=True)
            if plain in ("false", "no", "0"):
                return Status(error=False)
            return ErrorText(pattern)
        is_text = not (is_known(typed_key) or is_quoted or plain is None)
        word = Word(Pattern((fold(typed),))) if is_text else None
        return Field(_names(key, name), pattern, word, typed)

    def _interval(self, key: str, before: str) -> Interval | None:
        is_duration = key == "duration"
        if found := _RANGE.match(self.text, self.at):
            self.at = found.end()
            typed = before + found[0]
            low = -math.inf if found[1] == "*" else _number(found[1], typed, is_duration)
            high = math.inf if found[2] == "*" else _number(found[2], typed, is_duration)
            return Interval(low, high)
        if re.compile(r"\[\s*[^\s\]]+(\s+(T|TO|TO\s[^\]]*)?)?$").match(self.text, self.at):
            raise UnreadableQueryError(f"Write a range as in `{before}[400 TO 499]`.")
        # Not a value such as `<b>bold</b>`
        if found := re.compile(r"([<>]=?)(?![^\s()]*[<>])\s*([^\s()]*)").match(self.text, self.at):
            self.at = found.end()
            return _compared(found[1], found[2], before + found[0], is_duration=is_duration)
        return None

    def _pattern(self, before: str) -> Pattern:
        """Read a value, quoted or not."""
        pieces = [""]
        is_quoted = self._take('"')
        start = self.at
        depth = 0
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == '"' and is_quoted:
                self.at += 1
                break
            if not is_quoted:
                depth += {"(": 1, ")": -1}.get(sign, 0)
                if sign.isspace() or depth < 0:  # closes a group, not `count(*)`
                    break
            self.at += 1
            if sign == "\\" and self.at < len(self.text):
                pieces[-1] += self.text[self.at]
                self.at += 1
            elif sign == "*" and not is_quoted:
                pieces.append("")
            else:
                pieces[-1] += sign
        else:
            if is_quoted:
                opened = before + self.text[start - 1 :][:40]
                raise UnreadableQueryError(f'`{opened}` has no closing quotation mark. Write `"`.')
        return Pattern(tuple(map(fold, pieces)))


def _compared(sign: str, text: str, typed: str, *, is_duration: bool) -> Interval:
    number = _number(text, typed, is_duration)
    if sign.startswith(">"):
        return Interval(number, math.inf, with_low=sign == ">=")
    return Interval(-math.inf, number, with_high=sign == "<=")


def _number(text: str, typed: str, is_duration: bool) -> float:
    found = _NUMBER.fullmatch(text)
    if not is_duration:
        if not found or found[2]:
            raise UnreadableQueryError(f"`{typed}` needs a number, such as `500`.")
        return float(found[1])
    unit = UNITS.get(found[2].lower()) if found else None
    if not found or unit is None:
        raise UnreadableQueryError(
            f"`{typed}` needs a duration with a unit: ns, us, ms, s, m, or h, such as `200ms`."
        )
    return float(found[1]) * unit
