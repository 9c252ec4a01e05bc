"""`make docs` and `make docs-serve`."""

import signal
import subprocess
import sys
from pathlib import Path

from watchfiles import watch
from workshop.problem import Problem

from dev.checkout import REPOSITORY
from dev.docs.site import BUILD, CONFIG, DOCS, build_site, write_pages

ADDRESS = "127.0.0.1:8100"
SOURCES = (DOCS, *(REPOSITORY / name for name in ("template", "extensions", "src")))


def serve() -> None:
    """Show the site, and build its pages again each time somebody saves a file.

    Raises SystemExit if the server ends, for example because another program uses its port.
    """
    zensical = str(Path(sys.executable).parent / "zensical")
    command = [zensical, "serve", "--config-file", CONFIG, "--dev-addr", ADDRESS]
    with subprocess.Popen(command, cwd=BUILD) as server:
        try:
            for saved in watch(*SOURCES, rust_timeout=1000, yield_on_timeout=True):
                if server.poll() is not None:
                    raise SystemExit(f"The server at {ADDRESS} has ended. Its output is above.")
                if saved:
                    # A new process imports the saved files, and reports its own errors.
                    subprocess.run([sys.executable, "-m", "dev.docs", "pages"], cwd=REPOSITORY)
        except KeyboardInterrupt:
            pass
        finally:
            server.terminate()


def main() -> None:
    """Build the site. `pages` only writes its pages, and `serve` also shows it.

    Raises SystemExit if a page is wrong.
    """
    wanted = sys.argv[1:]
    try:
        write_pages()
        if "pages" in wanted:
            return
        build_site()
    except Problem as problem:
        raise SystemExit(str(problem)) from problem
    print(f"The site is in {(BUILD / 'site' / 'index.html').relative_to(REPOSITORY)}.")
    if "serve" in wanted:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server ends, too
        serve()


if __name__ == "__main__":
    main()
