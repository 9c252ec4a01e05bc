"""Fetch the browser libraries that the console serves: `make vendor`.

They are in the repository, since a trainee has no npm. This writes them anew, from the package of
exactly this version and content; a test holds what is there to the same sums.
"""

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VENDOR = REPOSITORY / "template" / "workshop" / "console" / "static" / "vendor"

PACKAGE = "uplot@1.6.32"
INTEGRITY = (
    "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMas"
    "NuGGzQm/ep3tOkyTxpiQIw=="
)
FILES = {
    "package/dist/uPlot.iife.min.js": "uplot/uPlot.iife.min.js",
    "package/dist/uPlot.min.css": "uplot/uPlot.min.css",
    "package/LICENSE": "uplot/LICENSE",
}


def main() -> None:
    """Write the files; raises SystemExit when the package is another than the pinned one."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", PACKAGE, "--json", "--pack-destination", folder],
            check=True,
            capture_output=True,
            text=True,
        )
        package = Path(folder, json.loads(done.stdout)[0]["filename"])
        digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != INTEGRITY:
            raise SystemExit(f"{PACKAGE} has the sum sha512-{digest}, not the pinned one.")
        with tarfile.open(package) as archive:
            for source, target in FILES.items():
                content = archive.extractfile(source)
                assert content
                path = VENDOR / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
                print(path.relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
