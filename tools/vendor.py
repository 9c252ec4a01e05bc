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
SUMS = {
    "uplot/uPlot.iife.min.js": (
        "sha512-jfm4wrxgq73ZXFzyYPRmgfQd7yYjtsH57SzfgjpieX4rgnfHAMAZJ"
        "gQ1YLTsc6HOX+1tnGjnkFuerbc8oI2mJg=="
    ),
    "uplot/uPlot.min.css": (
        "sha512-xXYYvGoPqOjhMwkpkxWTDv7HvlyrkyEqzc4USFr/ZtBYC7eklE3DN"
        "BDccqiMj2VzRKSffZzeqVRckdYzJx9qfQ=="
    ),
    "uplot/LICENSE": (
        "sha512-Jq1RNLJNonsKli9o1tenKiBqppxMs3bElPMv2IfNU0bXwymuiMyRl"
        "4UQgH45VJTBR1OXaDEt3+Q+WPH1O+DNVQ=="
    ),
}
"""Of the files, as they are in that package."""


def sum_of(content: bytes) -> str:
    """The sum in the form in which npm writes it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


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
        if (found := sum_of(package.read_bytes())) != INTEGRITY:
            raise SystemExit(f"{PACKAGE} has the sum {found}, not the pinned one.")
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
