"""Times, as people read them."""

from datetime import UTC, datetime


def now() -> str:
    """This moment, in ISO 8601, for programs."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def local(at: str) -> str:
    """A time in ISO 8601 as the time on this machine, with its zone; the text if it isn't one."""
    try:
        read = datetime.fromisoformat(at)
        here = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone()
    except (ValueError, OverflowError):  # in the year 1 or 9999, another zone is in no year
        return at[:40]
    return f"{here:%Y-%m-%d %H:%M %Z}"
