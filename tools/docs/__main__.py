"""`make docs` and `make docs-serve`."""

import subprocess
import sys
from pathlib import Path

from watchfiles import watch

from tools.checkout import REPOSITORY
from tools.docs.problem import Problem
from tools.docs.site import BUILD, CONFIG, DOCS, build_site, write_pages

ADDRESS = "127.0.0.1:8100"
SOURCES = (DOCS, REPOSITORY / "template", REPOSITORY / "includes", REPOSITORY / "session")


def serve() -> None:
    """Show the site, and make it anew whenever a file of it is saved."""
    zensical = str(Path(sys.executable).parent / "zensical")
    command = [zensical, "serve", "--config-file", CONFIG, "--dev-addr", ADDRESS]
    with subprocess.Popen(command, cwd=BUILD) as server:
        try:
            for _ in watch(*SOURCES, raise_interrupt=True):
                try:
                    write_pages()
                except Problem as problem:
                    print(problem, file=sys.stderr)
        except KeyboardInterrupt:
            server.terminate()


def main() -> None:
    """Build the site, and with `serve` show it; raises SystemExit when a page is wrong."""
    try:
        write_pages()
        build_site()
    except Problem as problem:
        raise SystemExit(str(problem)) from problem
    print(f"The site is in {(BUILD / 'site' / 'index.html').relative_to(REPOSITORY)}.")
    if "serve" in sys.argv[1:]:
        serve()


if __name__ == "__main__":
    main()
