"""Generate a workshop, run it, and show one trace across all of its services: `make demo`.

Exits with 1 if the trace lacks Flask, SQL, Redis, or one of the two services.
"""

import json
import shlex
import shutil
import subprocess
import sys
from typing import Any

from dev.checkout import REPOSITORY, render

WORKSHOP = REPOSITORY / "build" / "demo"
STEP = 8
# A workshop that already runs on this machine uses other ports.
PORT_OFFSET = 20000

# What the trace of a pairing must contain: the service and name of a span, and what it shows.
EXPECTED = {
    ("matchmaker", "flask.request"): "web's Flask",
    ("taster", "flask.request"): "the taster's Flask",
    ("sqlite", "sqlite.query"): "SQL",
    ("redis", "redis.command"): "Redis",
}

MAKE_ONES_OWN = """
That was one pairing, across both services and both datastores. To take the workshop yourself:

    uvx --with copier-template-extensions copier copy --trust {template} my-workshop
"""


def workshop(*arguments: str, capture: bool = False) -> str:
    """Run the trainee's command in the generated repository. If it fails, the demo ends."""
    done = subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=WORKSHOP,
        text=True,
        stdout=subprocess.PIPE if capture else None,
    )
    if done.returncode:
        raise SystemExit(f"`workshop {' '.join(arguments)}` failed. Its output is above.")
    return done.stdout or ""


def latest_pairing() -> dict[str, Any]:
    """The newest trace of a pairing, from `workshop traces --json`."""
    printed = workshop("traces", "--limit", "100", "--json", capture=True)
    traces: list[dict[str, Any]] = json.loads(printed)
    pairings = [trace for trace in traces if trace["spans"][0]["resource"] == "GET /pair/beer"]
    if not pairings:
        raise SystemExit("There is no trace of a pairing.")
    return pairings[-1]


def main() -> None:
    """Run the demo. Raises SystemExit if something is missing."""
    print(f"A workshop for Ada Lovelace, at step {STEP}, in {WORKSHOP.relative_to(REPOSITORY)}:")
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    render(WORKSHOP, trainee_name="Ada Lovelace", step=STEP, port_offset=PORT_OFFSET)
    workshop("up", "--detach")
    try:
        workshop("traffic", "--seconds", "3")
        trace = latest_pairing()
        print()
        workshop("traces", "--id", trace["trace_id"])
    finally:
        workshop("down")
    found = {(span["service"], span["name"]) for span in trace["spans"]}
    if missing := [what for sought, what in EXPECTED.items() if sought not in found]:
        raise SystemExit(f"The trace has no span of {', '.join(missing)}.")
    print(MAKE_ONES_OWN.format(template=shlex.quote(str(REPOSITORY))))


if __name__ == "__main__":
    main()
