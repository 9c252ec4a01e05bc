"""A real terminal: types into it, and waits for the prompt to come back."""

import subprocess
import time
import uuid
from pathlib import Path

SECONDS = 180.0
"""How long to wait for a command, at most: much longer than it ever takes."""

# The number of the command and the exit code of the one before it: `[7:0]$ `.
PROMPT = r"[\#:$?]$ "


class Terminal:
    """A shell in tmux, in a folder."""

    def __init__(self, folder: Path, variables: dict[str, str], columns: int = 100) -> None:
        self._socket = f"test-{uuid.uuid4().hex}"
        settings = [f"{name}={value}" for name, value in {**variables, "PS1": PROMPT}.items()]
        shell = ["env", *settings, "bash", "--norc", "--noprofile", "+H"]
        size = ["-x", str(columns), "-y", "50"]
        self._tmux("new-session", "-d", *size, "-c", str(folder), *shell)
        self._tmux("set-option", "history-limit", "50000")
        self._commands = 1
        self.wait()

    def run(self, command: str) -> int:
        """Type a command, and wait for its end; gives its exit code."""
        self.begin(command)
        return self.wait()

    def begin(self, command: str) -> None:
        """Type a command that does not end by itself, or text of several lines."""
        self._tmux("load-buffer", "-b", "typed", "-", typed=command)
        self._tmux("paste-buffer", "-d", "-b", "typed")
        self._tmux("send-keys", "Enter")
        self._commands += 1

    def reply(self, prompt: str, answer: str) -> None:
        """Wait until a command asks, and type the answer."""
        deadline = time.monotonic() + SECONDS
        while self.screen().rstrip().rpartition("\n")[2].rstrip() != prompt:
            assert time.monotonic() < deadline, f"nobody asks {prompt!r}:\n{self.screen()}"
            time.sleep(0.1)
        self._tmux("send-keys", answer, "Enter")

    def interrupt(self) -> None:
        """Press Ctrl-C, and wait for what runs to end."""
        self._tmux("send-keys", "C-c")
        self.wait()

    def screen(self) -> str:
        """All that is and was to be seen."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-")

    def printed(self) -> str:
        """What the last command printed, once the prompt is back."""
        lines = self.screen().rstrip().splitlines()[:-1]
        typed = [n for n, line in enumerate(lines) if line.startswith(f"[{self._commands - 1}:")]
        return "".join(f"{line}\n" for line in lines[typed[-1] + 1 :])

    def close(self) -> None:
        """End the shell, and what runs in it."""
        self._tmux("kill-server")

    def wait(self) -> int:
        """Wait for the end of a command that was begun; gives its exit code."""
        begin = f"[{self._commands}:"

        def code() -> str | None:
            lines = self._tmux("capture-pane", "-p", "-J").rstrip().splitlines()
            last = lines[-1] if lines else ""
            ended = last.startswith(begin) and last.endswith("]$")
            return last[len(begin) : -2] if ended else None

        pause, deadline = 0.05, time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if found := code():
                return int(found)
            # Each look is a process of its own, and takes from what it waits for.
            time.sleep(pause)
            pause = min(0.3, pause * 1.2)
        raise AssertionError(f"no prompt within {SECONDS} seconds:\n{self.screen()}")

    def _tmux(self, *arguments: str, typed: str | None = None) -> str:
        command = ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments]
        done = subprocess.run(command, input=typed, capture_output=True, text=True, check=True)
        return done.stdout
