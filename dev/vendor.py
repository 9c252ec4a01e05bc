"""Fetch the browser libraries that the console and the docs serve: `make vendor`.

They are in the repository, since neither a trainee nor a build of the docs needs npm or a network.
This writes them anew, from packages of exactly these versions and contents; a test holds what is
there to the same sums.
"""

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dev.checkout import REPOSITORY


@dataclass(frozen=True)
class File:
    """One file of a package; `target` is its place here, `checksum` is in the form of npm's."""

    source: str
    target: str
    checksum: str


@dataclass(frozen=True)
class Package:
    """A package of npm, of exactly this version and content."""

    name: str
    integrity: str
    files: tuple[File, ...]


PACKAGES = (
    # The console's charts.
    Package(
        "uplot@1.6.32",
        (
            "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabj"
            "LgSLMasNuGGzQm/ep3tOkyTxpiQIw=="
        ),
        (
            File(
                "package/dist/uPlot.iife.min.js",
                "template/workshop/console/static/vendor/uplot/uPlot.iife.min.js",
                (
                    "sha512-jfm4wrxgq73ZXFzyYPRmgfQd7yYjtsH57SzfgjpieX4rgnfHAMAZJgQ1Y"
                    "LTsc6HOX+1tnGjnkFuerbc8oI2mJg=="
                ),
            ),
            File(
                "package/dist/uPlot.min.css",
                "template/workshop/console/static/vendor/uplot/uPlot.min.css",
                (
                    "sha512-xXYYvGoPqOjhMwkpkxWTDv7HvlyrkyEqzc4USFr/ZtBYC7eklE3DNBDcc"
                    "qiMj2VzRKSffZzeqVRckdYzJx9qfQ=="
                ),
            ),
            File(
                "package/LICENSE",
                "template/workshop/console/static/vendor/uplot/LICENSE",
                (
                    "sha512-Jq1RNLJNonsKli9o1tenKiBqppxMs3bElPMv2IfNU0bXwymuiMyRl4UQg"
                    "H45VJTBR1OXaDEt3+Q+WPH1O+DNVQ=="
                ),
            ),
        ),
    ),
    # The search of the docs, in pages that are opened from a file.
    Package(
        "iframe-worker@1.0.4",
        (
            "sha512-roeaaI+Lg1LJNfgpCjoRe/+WzEjy9+Z08LoEvu85MCPbBjwm+qXz8Ag5U"
            "05lHa6V1CysZyGzE0SOkAtSUA5q7Q=="
        ),
        (
            File(
                "package/shim/index.js",
                "docs/assets/vendor/iframe-worker/index.js",
                (
                    "sha512-YZ2dsDo3BnK6aslXIQEErK/14Tm9T7PWzF0aIF3rxX1a5dV6qsRbCp7sI"
                    "cmb3/0DumycpVy27KYVJKiOQ674MQ=="
                ),
            ),
            File(
                "package/LICENSE",
                "docs/assets/vendor/iframe-worker/LICENSE",
                (
                    "sha512-fBOlW1333Hy1MiBBQiWRoslK224gPBb4WEk8+Ay7ggAPy98Mc7wnSNe9t"
                    "/i0G2x1MRfAt/J3+rDu/IDjrAy7vA=="
                ),
            ),
        ),
    ),
)


def sum_of(content: bytes) -> str:
    """The sum in the form in which npm writes it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def fetch(package: Package) -> None:
    """Write a package's files; raises SystemExit when it is another than the pinned one."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", package.name, "--json", "--pack-destination", folder],
            check=True,
            capture_output=True,
            text=True,
        )
        packed = Path(folder, json.loads(done.stdout)[0]["filename"])
        if (found := sum_of(packed.read_bytes())) != package.integrity:
            raise SystemExit(f"{package.name} has the sum {found}, not the pinned one.")
        with tarfile.open(packed) as archive:
            for file in package.files:
                content = archive.extractfile(file.source)
                assert content
                path = REPOSITORY / file.target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
                print(file.target)


if __name__ == "__main__":
    for package in PACKAGES:
        fetch(package)
