"""`python -m workshop.cost.variant NAME`: serves the app with that instrumentation."""

from __future__ import annotations

import importlib
import os
import sys


def serve(name: str) -> None:
    """Serve one of result.VARIANTS on the port in the environment, forever."""
    if name.startswith("traced"):
        importlib.import_module("ddtrace.auto")  # before Flask, which the app imports
    app = importlib.import_module("app").app
    if name == "hand-timed":
        timed = importlib.import_module("timing").timing_decorator
        app.view_functions["beers"] = timed(app.view_functions["beers"])
    app.run(host=os.environ["MATCHMAKER_HOST"], port=int(os.environ["MATCHMAKER_PORT"]))


if __name__ == "__main__":
    serve(sys.argv[1])
