"""The push of a record itself: which programs it runs, what it asks, and why it fails."""

import contextlib
import os
import shutil
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import psutil
import pytest
from workshop.record import push, share

from tests.conftest import git

SECRET = "hunter2hunter2"


def test_an_address_is_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for somebody whose own git allows it."""
    mark = tmp_path / "ran"
    config = tmp_path / "gitconfig"
    config.write_text('[protocol "ext"]\n\tallow = always\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    problem = push.push(b"{}", [f"ext::sh -c touch% {mark}"])
    assert "transport 'ext' not allowed" in problem
    assert not mark.exists()


def test_the_users_own_settings_say_how_to_get_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    bare, mark = tmp_path / "remote.git", tmp_path / "ran"
    config = tmp_path / "gitconfig"
    config.write_text(
        f'[url "{bare}"]\n\tinsteadOf = team:x\n'
        f'[core]\n\tsshCommand = "touch {mark}; false"\n\thooksPath = {tmp_path}/ran-hooks\n'
        "[push]\n\tgpgSign = true\n\tfollowTags = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert push.push(b"{}", ["team:x"]) == ""
    assert share.REF in git(bare, "for-each-ref")
    assert not mark.exists()
    assert push.push(b"{}", ["ssh://localhost:1/x.git"])
    assert mark.exists()


def test_nothing_is_asked_on_a_terminal_or_a_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "asked"
    program = tmp_path / "ask"
    program.write_text(f"#!/bin/sh\ntouch {mark}\necho x\n")
    program.chmod(0o755)
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.setenv(name, str(program))
    with site_with_password() as address:
        problem = push.push(b"{}", [address])
    assert problem == "origin asks who you are, and nobody can answer that in the background."
    assert not mark.exists()


def test_a_password_in_an_address_is_in_no_argument() -> None:
    given: list[str] = []
    with site_with_password(given) as address:
        for user in ("zoe", "z%C3%AB"):
            known = address.replace("://", f"://{user}:{SECRET}%21@")
            assert push.push(b"{}", [known]).startswith("origin asks who you are")
            login = [line for line in given if line.startswith("Basic ")][-1]
            said = b64decode(login.removeprefix("Basic ")).decode()
            assert said == f"{unquote(user)}:{SECRET}!"
    lines = [line for line in given if not line.startswith("Basic ")]
    assert any("remote-http" in line for line in lines)
    assert not any(SECRET in line for line in lines)


@contextlib.contextmanager
def site_with_password(heard: list[str] | None = None, status: int = 401) -> Iterator[str]:
    """A remote that answers 401, or another status, to everything.

    `heard` gets each login, and then what everyone could read about the processes that asked.
    """

    class Locked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if heard is not None and (login := self.headers.get("Authorization")):
                below = psutil.Process().children(recursive=True)
                heard.append(login)
                heard.extend(" ".join(one.cmdline()) for one in below)
            self.send_response(status)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Locked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/x.git"
        server.shutdown()


def test_somebody_who_may_only_read_is_told_whom_to_ask() -> None:
    with site_with_password(status=403) as address:
        problem = push.push(b"{}", [address])
    assert problem.startswith("origin doesn't let you write to it. Ask your instructor")
    with site_with_password(status=404) as address:
        assert "write" not in push.push(b"{}", [address])


def test_ssh_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = tmp_path / "said"
    program = tmp_path / "ssh"
    program.write_text(f'#!/bin/sh\necho "$@" >>{said}\nenv >>{said}\nfalse\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("SSH_ASKPASS", "/usr/bin/ask")
    assert push.push(b"{}", ["zoe@example.com:x.git"])
    lines = said.read_text().splitlines()
    assert "-oBatchMode=yes" in lines[0].split()
    assert {"SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=never"} <= {*lines}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("git@example.com: Permission denied (publickey).", "origin asks who you are"),
        ("Host key verification failed.", "ssh doesn't know the host of origin yet."),
        ("ERROR: Permission to team/x.git denied to zoe.", "origin doesn't let you write to it."),
        ("", "origin needs ssh, which isn't installed here."),
    ],
)
def test_what_ssh_says_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, reason: str
) -> None:
    for name in ("git", "sh"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    if said:
        (tmp_path / "ssh").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 255\n")
        (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert push.push(b"{}", ["git@example.com:x.git"]).startswith(reason)
