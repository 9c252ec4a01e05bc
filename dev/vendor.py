"""Fetch the browser libraries that the console and the docs serve: `make vendor`.

They are in the repository, so that neither trainees nor builds of the docs need npm or a network.
This writes them again, from packages with exactly these versions and contents. A test compares the
files with the same checksums.
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
    """One file of a package. `target` is its path here, and `checksum` has npm's format."""

    source: str
    target: str
    checksum: str
    imports: tuple[str, str] | None = None
    """The name of a package that the file imports, and the path of that package here. A browser
    needs the path, because there is no build step, and the console's policy forbids import maps,
    which are inline scripts."""


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
    # The libraries for the console's views, in three modules: elements, hooks, and templates.
    Package(
        "preact@11.2.0",
        (
            "sha512-/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6"
            "oYuTGwId0nP7dqDU9OnLxMPZ7xBg=="
        ),
        (
            File(
                "package/dist/preact.mjs",
                "template/workshop/console/static/vendor/preact/preact.js",
                (
                    "sha512-selsyHt28hWSbutuuwWayUATzvsgvWiGTSbtDbhRaQTzzR+If5qsQOSwU+"
                    "EnFLQutrhV81YsTunVJK26fmvdDg=="
                ),
            ),
            File(
                "package/hooks/dist/hooks.mjs",
                "template/workshop/console/static/vendor/preact/hooks.js",
                (
                    "sha512-FFa6PeDbF0S2zCz1WrEKQ5QLenKKLY/O+yrRdyT9ZKDpTnVl/URL/hUGNc"
                    "QnSJsZzKA+byNJ11cAA2SEB715nQ=="
                ),
                imports=("preact", "./preact.js"),
            ),
            File(
                "package/LICENSE",
                "template/workshop/console/static/vendor/preact/LICENSE",
                (
                    "sha512-6my4RGF9+dbak8UWEHnlkBIgwR6jKLQkBXoEKfmw/mMa1rnyd24LpWRre5"
                    "YwAIj0Y/IDisBzjq4Piw/dP0fjcg=="
                ),
            ),
        ),
    ),
    Package(
        "htm@3.1.1",
        (
            "sha512-983Vyg8NwU"
            "E7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ=="
        ),
        (
            File(
                "package/dist/htm.module.js",
                "template/workshop/console/static/vendor/htm/htm.js",
                (
                    "sha512-TXdoWjmooMSasl6EfWdABy+fpJFGbmKVoodY2m2VlP46zlETWaHccFLQYX"
                    "kKyv8YPIY4nDRbRUnuzMDGqWfkSA=="
                ),
            ),
            File(
                "package/LICENSE",
                "template/workshop/console/static/vendor/htm/LICENSE",
                (
                    "sha512-nOQY1H1YoDXqFfdKX+s4eby128QDCZy8EGUG8dAQXvWwOqNhJx7cSN5J0D"
                    "RgDebIulyyxpBkM1xpUXpq+8+mVQ=="
                ),
            ),
        ),
    ),
    # The layout of the console's map of services.
    Package(
        "@dagrejs/dagre@3.1.1",
        (
            "sha512-zroZB1dFOFiGgv4Xcrn1DckB1o4aOikPqD2NDQPV0WM//CXGcS6xiD0rNk"
            "qHmw6FEg4tabt4nxPLwgCWT+Vb2A=="
        ),
        (
            File(
                "package/dist/dagre.esm.js",
                "template/workshop/console/static/vendor/dagre/dagre.js",
                (
                    "sha512-e0FLr0BZUlniJgt5bEfyFF6Zw5vHSB6D0OzKUriFHaPARbfGZEVJibs2OG"
                    "bqGP3nx0BlUlpmlEFlHLKyT6Wrbg=="
                ),
            ),
            File(
                "package/LICENSE",
                "template/workshop/console/static/vendor/dagre/LICENSE",
                (
                    "sha512-ANrOx0IU1LREpQxjRotUu+3psIjDca4RXFvdgxgW3VCM3TDAp838Xh8r9t"
                    "GXTsO2JPpElKwCcTvuLKRFtTFa5Q=="
                ),
            ),
        ),
    ),
    # The search of the docs, for pages that you open as files.
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
    """The checksum of a file, in npm's format."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def fetch(package: Package) -> None:
    """Write the files of a package. Raises SystemExit if it isn't the pinned one."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", package.name, "--json", "--pack-destination", folder],
            check=True,
            capture_output=True,
            text=True,
        )
        packed = Path(folder, json.loads(done.stdout)[0]["filename"])
        if (found := sum_of(packed.read_bytes())) != package.integrity:
            raise SystemExit(f"{package.name} has the checksum {found}, not the pinned one.")
        with tarfile.open(packed) as archive:
            for file in package.files:
                member = archive.extractfile(file.source)
                assert member
                content = member.read()
                if file.imports:
                    name, path = file.imports
                    content = content.replace(f'from"{name}"'.encode(), f'from"{path}"'.encode())
                target = REPOSITORY / file.target
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                print(file.target)


if __name__ == "__main__":
    for package in PACKAGES:
        fetch(package)
