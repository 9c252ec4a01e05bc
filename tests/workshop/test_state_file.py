"""The lock of a file, on disks that have locks, and on those that don't."""

import errno
import fcntl
from pathlib import Path

import pytest
from workshop import state_file


def test_one_process_has_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    first = state_file.lock(path)
    assert first
    assert state_file.lock(path) is None
    first.close()
    again = state_file.lock(path)
    assert again
    again.close()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS])
def test_a_disk_without_locks_stops_nobody(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    for _ in range(2):
        lock = state_file.lock(tmp_path / "lock")
        assert lock
        lock.close()
