"""Runs the stack: starts the services, restarts what changed or died, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

from workshop.problem import Problem
from workshop.settings import Settings, dotenv, load, version
from workshop.stack import ports, shell, supervisor_file
from workshop.stack.leashed import Leash
from workshop.stack.services import Service, services
from workshop.stack.supervisor_file import RunState
from workshop.stack.worker import (
    KILL_SECONDS,
    READY_SECONDS,
    Event,
    Exited,
    Late,
    Ready,
    Say,
    Silent,
    Worker,
)

BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
SELF_SECONDS = 1.0
GOOD_RUN_SECONDS = 20.0
"""If a service ran this long, its next death starts the back-off again from the beginning."""


@dataclass(frozen=True)
class Saved:
    """Files in the repository changed."""

    paths: frozenset[Path]


@dataclass(frozen=True)
class Stop:
    """A request to end the stack."""

    reason: str


class Supervisor:
    """Runs the four services of `settings`, or those in `stack`, from start to end.

    `file` is the name of the state file in `run_dir`.
    `say` gets every line from every service, and this object's own lines under the name `workshop`.
    """

    def __init__(
        self,
        settings: Settings,
        say: Say,
        *,
        detached: bool = False,
        stack: Sequence[Service] | None = None,
        file: str = supervisor_file.FILE,
    ) -> None:
        self.settings = settings
        self._file = file
        self._say = say
        self._state = supervisor_file.own(detached, version(settings.root))
        self._looked_after_self = 0.0
        self._is_outdated = False
        # Threads and signal handlers only put events here, and only `_loop` acts on them, so
        # nothing needs a lock. It is a SimpleQueue because a signal handler may interrupt its
        # `put` and call it again.
        self._events: SimpleQueue[Event | Saved | Stop] = SimpleQueue()
        self._stopped = threading.Event()
        self._restarts: dict[str, float] = {}
        self._deaths: dict[str, int] = {}
        self._last_end: dict[str, str] = {}
        """Why a service ended that came back by itself."""
        settings.run_dir.mkdir(parents=True, exist_ok=True)
        self._leash = Leash()
        self._workers = {
            service.name: Worker(
                service,
                settings.run_dir / f"{service.name}.log",
                say,
                self._events,  # type: ignore[arg-type]  # it only puts
                self._leash,
            )
            for service in (services(settings) if stack is None else stack)
        }

    @property
    def is_outdated(self) -> bool:
        """Whether the workshop's tool was updated while this ran."""
        return self._is_outdated

    @property
    def state(self) -> RunState:
        """What runs now."""
        services = {name: worker.state for name, worker in self._workers.items()}
        return replace(self._state, services=services)

    def request_stop(self, reason: str) -> None:
        """Make `run` end soon. Signal handlers and other threads may call this."""
        self._events.put(Stop(reason))

    def run(
        self,
        on_settled: Callable[[], None],
        *,
        on_begun: Callable[[], None] = lambda: None,
        watch: bool = True,
        parent: int | None = None,
    ) -> None:
        """Keep the stack running until `request_stop`, or until the process `parent` is gone.

        Calls `on_begun` when each process exists, and `on_settled` once, when each service is
        ready or has failed. With `watch`, restarts the services that a saved file affects.
        Raises Problem if a port is taken, or a service isn't ready in time. However it ends, it
        leaves nothing running.
        """
        self._check_ports()
        try:
            for worker in self._workers.values():
                if worker.state.state != "failed":
                    worker.start()
            on_begun()
            self._save()
            is_alone = not self._has_console() and not self.settings.container
            if "agent" in self._workers and is_alone:
                self._in_background(self._bound_traces)
            if watch:
                self._in_background(self._watch)
            self._loop(on_settled, parent)
        finally:
            self._stopped.set()
            # Tell all of them first, and then wait for each, so their grace periods overlap.
            for worker in self._workers.values():
                worker.let_go()
            for worker in self._workers.values():
                worker.stop()
            self._leash.close()
            supervisor_file.clear(self.settings.run_dir, self._file)

    def _loop(self, on_settled: Callable[[], None], parent: int | None) -> None:
        while True:
            try:
                event = self._events.get(timeout=0.2)
            except Empty:
                event = None
            match event:
                case Stop(reason=reason):
                    self._say("workshop", f"stopping: {reason}")
                    return
                case Saved(paths=paths):
                    self._saved(paths)
                # An event from an earlier run is about a process that we ended on purpose.
                case Ready() | Late() | Exited() | Silent() if event.run == event.worker.run:
                    self._changed(event)
            # If `uv run` is killed, it passes no signal on, but this process gets a new parent.
            if parent is not None and os.getppid() != parent:
                self._say("workshop", "stopping: the process that started this is gone")
                return
            self._start_what_is_due()
            if event or self._is_unknown():
                self._save()
            if not self._state.settled and self._all_settled():
                self._state.settled = True
                self._save()
                on_settled()

    def _is_unknown(self) -> bool:
        """Whether run.json is gone. Now and then, it also looks at the version and the leash."""
        if time.monotonic() < self._looked_after_self + SELF_SECONDS:
            return False
        self._looked_after_self = time.monotonic()
        self._leash.renew()
        if not self._is_outdated and self._state.version != version(self.settings.root):
            self._is_outdated = True
            if self.settings.container:  # see container.py
                self._events.put(Stop("the workshop was updated, so this starts again"))
                return False
            self._say("workshop", "The workshop was updated while this was running. To restart it,")
            self._say("workshop", "stop it, and run `workshop up` again.")
        return not (self.settings.run_dir / self._file).exists()

    def _all_settled(self) -> bool:
        return all(
            worker.state.state in ("ready", "failed")
            or (worker.service.is_optional and worker.state.state == "waiting")
            for worker in self._workers.values()
        )

    def _has_console(self) -> bool:
        """Whether the console runs. It reads all traces, and makes the agent forget old ones."""
        console = self._workers.get("console")
        return console is not None and console.state.state != "failed"

    def _changed(self, event: Event) -> None:
        worker = event.worker
        name = worker.service.name
        match event:
            case Ready():
                end = self._last_end.get(name)
                worker.set_state("ready", f"came back after this: {end}" if end else "")
                if self._state.settled:
                    self._say("workshop", f"{name} is ready again")
            case Late():
                late = f"{name} runs, but has not answered in {READY_SECONDS:.0f} seconds"
                is_start = not self._state.settled and not worker.service.is_optional
                if is_start and not self.settings.container:  # a container waits for a save
                    raise Problem(f"{late}.", f"Look for the reason in {self._shown(worker.log)}.")
                worker.set_state("failed", "does not answer")
                self._say("workshop", f"{late}; save a file to start it again")
            case Silent(why=why):
                worker.set_state("failed", why)
                self._say("workshop", f"{name} {why}")
            case Exited(code=code):
                self._died(worker, code)

    def _died(self, worker: Worker, code: int) -> None:
        name = worker.service.name
        error = worker.why_ended(code).rstrip(".")
        if worker.service.is_trainees_code and code >= 0 and not worker.became_ready:
            worker.set_state("failed", error)
            # No back-off for code that can't start: it keeps failing until somebody saves a file.
            self._say("workshop", f"{name} has died: {error}")
            if code == 0:
                self._say("workshop", "A server runs until something ends it. Is `app.run` gone?")
            self._say("workshop", f"Fix it and save: {name} starts again by itself.")
            return
        if time.time() - worker.state.since > GOOD_RUN_SECONDS:
            self._deaths[name] = 0
        deaths = self._deaths[name] = self._deaths.get(name, 0) + 1
        if not self._state.settled and deaths > 3 and not worker.service.is_optional:
            raise Problem(f"{name} does not start: {error}.", f"Look at {self._shown(worker.log)}.")
        delay = BACK_OFF_SECONDS[min(deaths, len(BACK_OFF_SECONDS)) - 1]
        self._last_end[name] = error
        worker.set_state("waiting", error)
        self._restarts[name] = time.monotonic() + delay
        self._say("workshop", f"{name} has died: {error}. It starts again in {delay:g} s.")

    def _start_what_is_due(self) -> None:
        for name, when in list(self._restarts.items()):
            if time.monotonic() >= when:
                del self._restarts[name]
                self._workers[name].start()

    def _saved(self, paths: frozenset[Path]) -> None:
        names = {path.name for path in paths}
        if self.settings.root / "workshop" / "settings.toml" in paths:
            self._reload()
        told_anew = {".env", "settings.toml"} & names
        if ".env" in names:
            with contextlib.suppress(Problem):  # unreadable; the start of a service reports it
                wrong = shell.wrong_names_in_dotenv(dotenv(self.settings.root))
                for what, remedy in wrong.items():
                    self._say("workshop", f"{what} {remedy}")
        for worker in self._workers.values():
            service = worker.service
            causes = {path.name for path in paths if service.is_concerned_by(path)}
            # Most edits of .env or settings.toml don't affect a service.
            if service.is_trainees_code and told_anew:
                with contextlib.suppress(Problem):
                    if worker.environment != service.environment():
                        causes |= told_anew
            if causes:
                self._say(
                    "workshop", f"{' and '.join(sorted(causes))} changed: restarting {service.name}"
                )
                for ended in (self._restarts, self._last_end):
                    ended.pop(service.name, None)
                worker.stop()
                worker.start()

    def _reload(self) -> None:
        """Apply what an update changed: the step, and the environment of the processes."""
        try:
            fresh = load(self.settings.root)
        except Problem as problem:
            self._say("workshop", f"{problem.what} {problem.remedy}")
            return
        self.settings = replace(self.settings, step=fresh.step, environment=fresh.environment)
        for service in services(self.settings):
            if service.name in self._workers:
                self._workers[service.name].keep_to(service)

    def _check_ports(self) -> None:
        # A killed supervisor leaves its run.json behind, and services that are still ending.
        patience = KILL_SECONDS if (self.settings.run_dir / self._file).exists() else 0.0
        deadline = time.monotonic() + patience
        while taken := [w.service for w in self._workers.values() if ports.is_taken(w.state.port)]:
            if time.monotonic() >= deadline:
                break
            time.sleep(0.1)
        if needed := [service for service in taken if not service.is_optional]:
            raise Problem(
                "\n".join(ports.explain_taken(service) for service in needed),
                ports.TAKEN_REMEDY,
            )
        for service in taken:
            self._workers[service.name].set_state("failed", ports.explain_taken(service))

    def _shown(self, path: Path) -> Path:
        """A path as people see it: below the repository, wherever that is in a container."""
        root = self.settings.root
        return path.relative_to(root) if self.settings.container else path

    def _save(self) -> None:
        supervisor_file.write(self.settings.run_dir, self.state, self._file)

    def _in_background(self, task: Callable[[], None]) -> None:
        threading.Thread(target=task, daemon=True).start()

    def _watch(self) -> None:
        import watchfiles  # a temporary stack doesn't watch

        root = self.settings.root
        for changes in watchfiles.watch(
            root,
            root / "workshop",
            watch_filter=lambda _, path: path.endswith((".py", "/.env", "/settings.toml")),
            recursive=False,
            stop_event=self._stopped,
            raise_interrupt=False,
        ):
            self._events.put(Saved(frozenset(Path(path) for _, path in changes)))

    def _bound_traces(self) -> None:
        from workshop.traces import agent  # a supervisor with a console doesn't need it

        agent.bound_traces(self.settings.url("agent"), self._stopped)


@contextlib.contextmanager
def temporary_stack(
    settings: Settings, say: Say = lambda *_: None, stack: Sequence[Service] | None = None
) -> Iterator[Supervisor]:
    """A stack for a `with` block: ready when the block begins, and gone when it ends.

    Give it its own ports and `run_dir`, and `stack` if you don't need all four services. It doesn't
    watch files. Raises Problem if a port is taken, or if a service doesn't get ready, with the
    service's last error.
    """
    with starting_stack(settings, say, stack) as starting:
        starting.wait()
        yield starting.supervisor


@contextlib.contextmanager
def starting_stack(
    settings: Settings, say: Say = lambda *_: None, stack: Sequence[Service] | None = None
) -> Iterator[Starting]:
    """The same, but when the block begins, the services' processes may not be ready yet."""
    starting = Starting(Supervisor(settings, say, stack=stack))
    thread = threading.Thread(target=starting.run)
    thread.start()
    try:
        starting.begun.wait()
        yield starting
    finally:
        starting.supervisor.request_stop("done")
        thread.join()


class Starting:
    """A stack whose services may not be ready yet."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.begun = threading.Event()
        """Whether each service's process exists, or could not be started."""
        self._settled = threading.Event()
        self._problem: Problem | None = None

    def run(self) -> None:
        """Keep the stack running until its end."""
        try:
            self.supervisor.run(self._settled.set, on_begun=self.begun.set, watch=False)
        except Problem as problem:
            self._problem = problem
        finally:
            self.begun.set()
            self._settled.set()

    def wait(self) -> None:
        """Return when all services are ready. Raises Problem if that doesn't happen."""
        self._settled.wait()
        if self._problem:
            raise self._problem
        for name, service in self.supervisor.state.services.items():
            if service.state == "failed":
                raise Problem(f"{name} does not start: {service.detail}.")
