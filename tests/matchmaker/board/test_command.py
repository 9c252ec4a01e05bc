"""`matchmaker board` as an instructor runs it: with the real records, in a process of its own."""

import signal
import socket

import psutil
import requests
from workshop.record import form

from tests.matchmaker.board import made
from tests.matchmaker.board.running import running
from tests.matchmaker.conftest import Session
from tests.stack import until
from tests.workshop.conftest import free_port


def test_the_command(session: Session) -> None:
    session.write("Ada", "Bob", "Cara")
    session.run()
    form.write(session.out / "ada" / ".workshop", made.record("ada", 2, standing="red", hints=1))
    (session.out / "bob" / ".workshop").mkdir(exist_ok=True)
    (session.out / "bob" / ".workshop" / form.FILE).write_text("<script>")
    port = free_port()
    words = (str(session.roster), "--out", str(session.out), "--port", str(port))
    with running(*words, folder=session.folder) as (process, link):
        assert link.startswith(f"http://127.0.0.1:{port}/?token=")
        browser = requests.Session()
        assert "app.js" in browser.get(link, timeout=30).text
        for path in ("/static/app.js", "/template/workshop/console/static/console.css"):
            assert browser.get(f"http://127.0.0.1:{port}{path}", timeout=30).status_code == 200

        def people() -> dict[str, str]:
            said = browser.get(f"http://127.0.0.1:{port}/api/board", timeout=30).json()
            return {
                one["name"]: one["standing"] for one in (said["state"] or {"people": []})["people"]
            }

        until(lambda: people() != {}, "the first records")
        assert people() == {"Ada": "red", "Bob": "unknown", "Cara": "waiting"}
        # Nobody from another machine can reach it.
        listening = psutil.Process(process.pid).net_connections(kind="inet")
        assert {one.laddr.ip for one in listening if one.status == psutil.CONN_LISTEN} == {
            "127.0.0.1"
        }
        # It reads the records again by itself.
        form.write(session.out / "cara" / ".workshop", made.record("cara", 1, standing="green"))
        until(lambda: people()["Cara"] == "green", "Cara's record")

        second = session.command(
            "board", str(session.roster), "--out", str(session.out), "--port", str(port)
        )
        assert second.code == 1
        assert f"Port {port} is taken" in second.err
        assert f"--port {port + 1}" in second.err

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert "GET" not in out  # no log with the token


def test_what_the_command_refuses(session: Session) -> None:
    session.write("Ada")
    blocked = session.run("--port", "6000", command="board")
    assert blocked.code == 1
    assert "Browsers refuse port 6000." in blocked.err
    assert session.run("--port", "0", command="board").code == 2
    session.roster.write_text("[session]\nname = 1\n")
    wrong = session.run("--port", str(free_port()), command="board")
    assert wrong.code == 1
    assert "roster.toml:2" in wrong.err


def test_a_port_that_is_taken(session: Session) -> None:
    session.write("Ada")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = session.run("--port", str(port), command="board")
    assert taken.code == 1
    assert f"Port {port} is taken" in taken.err
